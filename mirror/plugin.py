"""The fixture `mirror` for the tests of a client: pytest loads it wherever this is installed.

Nothing else of ours is imported until a test asks for it, and then under no name that a client's
own packages could have.
"""

import sys
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from types import ModuleType

    from mirror.mirror import Mirror

HOME = Path(__file__).parent.parent
"""The folder of our packages; installed, they are in one of their own."""
OURS = ("mirror", "reports", "findings", "causes", "watch", "targets", "reference", "spec")


@pytest.fixture
def mirror() -> Iterator["Mirror"]:
    """A mirror of this test alone: `url` and `key` are for the client, `check()` is for it."""
    with imported_apart("mirror.mirror").Mirror().serving() as serving:
        yield serving


def command() -> int:
    """Run `python -m mirror`, wherever that is installed; the exit status."""
    status: int = imported_apart("mirror.__main__").main(sys.argv[1:])
    return status


@cache
def imported_apart(name: str) -> "ModuleType":
    """A module of ours and all that it imports, of which no name stays.

    The names of our packages are common: somebody else's are found as before.
    """
    theirs = _taken_out()
    sys.path.insert(0, str(HOME))
    try:
        return import_module(name)
    finally:
        sys.path.remove(str(HOME))
        _taken_out()
        sys.modules.update(theirs)


def _taken_out() -> "dict[str, ModuleType]":
    """The modules that have names of ours, which nobody finds any more."""
    names = [name for name in sys.modules if name.partition(".")[0] in OURS]
    return {name: sys.modules.pop(name) for name in names}
