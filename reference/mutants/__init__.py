"""The reference, changed in one way: mutants that a suite must kill, and conforming servers.

A mutant breaks the vendor's page in one way that real services do. A conforming server differs
from the reference only where the page leaves the choice open, so no test may fail on it. Each is
one function that changes a `Server`; its docstring is its story. The modules are named after their
topics, and importing a module lists what it holds. They import the reference and nothing of the
suite that judges it.
"""

from reference.mutants import (
    acceptance,
    acceptance_answers,
    acceptance_echo_charsets,
    acceptance_echo_dates,
    acceptance_echo_escapes,
    acceptance_echo_numbers,
    acceptance_echo_structure,
    acceptance_echo_text,
    acceptance_numbers,
    acceptance_sending,
    authentication,
    authentication_trust,
    bodies,
    bodies_coded,
    conforming,
    conforming_errors,
    conforming_http,
    conforming_rules,
    http,
    isolation,
    isolation_connections,
    isolation_references,
    rejection,
    rejection_beside,
    rejection_errors,
    rejection_known,
    rejection_objects,
    rejection_orders,
    rejection_together,
    unspecified,
)
from reference.mutants.mutant import LISTED, Mutant


def catalogue() -> tuple[Mutant, ...]:
    """Every server of this package, in the order of its modules and their lines."""
    return tuple(LISTED.values())
