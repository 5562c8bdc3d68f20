"""The reference bent: defects that a suite must catch, oddities that it must leave alone.

A defect breaks the vendor's page in one way that real services do; an oddity does what the page
leaves open in a way of its own. Each is one function that bends a `Server`, with its whole story as
docstring. Importing a module lists what it holds. They import the reference and nothing of the
suite that judges it.
"""

from reference.defects import (
    acceptance,
    bodies,
    concurrency,
    echo_charsets,
    echo_dates,
    echo_escapes,
    echo_numbers,
    echo_structure,
    echo_text,
    errors,
    http,
    keys,
    oddities,
    oddities_http,
    orders,
    rejection,
    success,
    unspecified,
)
from reference.defects.bent import Bent
from reference.defects.listing import LISTED


def catalogue() -> tuple[Bent, ...]:
    """Every defect and oddity of this package, in the order of its modules and their lines."""
    return tuple(LISTED.values())
