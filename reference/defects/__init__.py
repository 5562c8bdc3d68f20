"""The reference bent: defects that a suite must catch, oddities that it must leave alone.

A defect breaks the vendor's page in one way that real services do; an oddity does what the page
leaves open in a way of its own. Each is one function that bends a `Server`, with its whole story as
docstring. They import the reference and nothing of the suite that judges it.
"""

from importlib import import_module
from pkgutil import iter_modules

from reference.defects.bent import Bent
from reference.defects.listing import LISTED


def catalogue() -> tuple[Bent, ...]:
    """Every defect and oddity of this package, in the order of its modules and their lines."""
    for module in sorted(found.name for found in iter_modules(__path__)):
        import_module(f"{__name__}.{module}")
    return tuple(LISTED.values())
