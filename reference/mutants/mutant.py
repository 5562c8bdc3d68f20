"""One way in which the reference is changed, what is known of it, and how it is listed."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from reference.mutants.server import Server

Change = Callable[[Server], Server]
"""Makes a bent server; whatever it remembers between requests is made anew each time."""

CONFORMING = "oddity"


@dataclass(frozen=True, slots=True)
class Mutant:
    """A defect or, in the area `oddity`, a server that is odd and yet right.

    `breaks` are the names of the requirements that a defect breaks, `*` for any characters; a
    finding that names one of them has found it. `wire` ones mean nothing without a real socket.
    """

    name: str
    area: str
    breaks: tuple[str, ...]
    story: str
    bend: Change
    wire: bool = False

    @property
    def conforms(self) -> bool:
        """Whether it is an oddity."""
        return self.area == CONFORMING

    def is_named_by(self, requirement: str) -> bool:
        """Whether a finding on this requirement names what is broken here."""
        return any(
            re.fullmatch(re.escape(name).replace(r"\*", ".*"), requirement) for name in self.breaks
        )


LISTED: dict[str, Mutant] = {}
"""By name, in the order of definition."""


def mutant(area: str, *breaks: str, wire: bool = False) -> Callable[[Change], Change]:
    """List the function as a defect that breaks these requirements (`Bent.breaks`)."""
    return _listed(area, breaks, wire=wire)


def conforming(*, wire: bool = False) -> Callable[[Change], Change]:
    """List the function as a conforming oddity."""
    return _listed(CONFORMING, (), wire=wire)


def _listed(area: str, breaks: tuple[str, ...], *, wire: bool) -> Callable[[Change], Change]:
    def enter(bend: Change) -> Change:
        name = bend.__name__.replace("_", " ")
        if name in LISTED:
            raise ValueError(f"two entries of the catalogue are called {name!r}")
        story = " ".join((bend.__doc__ or "").split())
        LISTED[name] = Mutant(name, area, breaks, story, bend, wire)
        return bend

    return enter
