"""Things that are shown by their name alone."""

from typing import Any


class Discreet:
    """Hypothesis writes out the arguments of a failing test field by field: keys, and whole
    documents. What a test shares with others tells its reader nothing, so it keeps to its name.
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    def _repr_pretty_(self, printer: Any, _cycle: bool) -> None:  # noqa: FBT001 # IPython's protocol
        printer.text(repr(self))
