"""The reference bent: defects that a suite must catch, oddities that it must leave alone.

A defect breaks the vendor's page in one way that real services do; an oddity does what the page
leaves open in a way of its own. Each is one function that bends a `Server`, with its whole story as
docstring. Importing a module lists what it holds. They import the reference and nothing of the
suite that judges it.
"""

from reference.mutants.mutant import LISTED, Mutant


def catalogue() -> tuple[Mutant, ...]:
    """Every defect and oddity of this package, in the order of its modules and their lines."""
    return tuple(LISTED.values())
