"""One way in which the reference is bent, and what is known of it."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from reference.defects.server import Server

Bend = Callable[[Server], Server]
"""Makes a bent server; whatever it remembers between requests is made anew each time."""

ODDITY = "oddity"


@dataclass(frozen=True, slots=True)
class Bent:
    """A defect or, in the area `oddity`, a server that is odd and yet right.

    `breaks` are the names of the requirements that a defect breaks, `*` for any characters; a
    finding that names one of them has found it. `wire` ones mean nothing without a real socket.
    """

    name: str
    area: str
    breaks: tuple[str, ...]
    story: str
    bend: Bend
    wire: bool = False

    @property
    def conforms(self) -> bool:
        """Whether it is an oddity."""
        return self.area == ODDITY

    def is_named_by(self, requirement: str) -> bool:
        """Whether a finding on this requirement names what is broken here."""
        return any(
            re.fullmatch(re.escape(name).replace(r"\*", ".*"), requirement) for name in self.breaks
        )
