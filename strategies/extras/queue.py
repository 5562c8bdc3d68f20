"""Extras that wait: of those of a path the one comes next that has met least of a carrier."""

from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from itertools import islice
from typing import Any

from spec.contract import Contract
from spec.paths import Path
from strategies.acceptance.edges import Edge
from strategies.carriers import FACTORS, Carrier, factors

Met = defaultdict[str, int]
"""By the name of an edge: the levels of carriers that it has been in, a bit for each."""

_NEXT = 12
"""Extras among which the one is chosen that has met least of a carrier."""


def levels_of(contract: Contract, carrier: Carrier) -> int:
    """The levels of a carrier, by which carriers of one contract can be compared: a bit for each,
    and for its status more than there are others.
    """
    bits = _bits(contract)
    return sum(bits[factor, getattr(carrier, factor)] for factor in FACTORS)


@cache
def _bits(contract: Contract) -> dict[tuple[str, Any], int]:
    found, free = {}, 0
    for name, levels in factors(contract).items():
        size = len(FACTORS) + 2 if name == "status" else 1
        for level in levels:
            found[name, level] = ((1 << size) - 1) << free
            free += size
    return found


@dataclass(slots=True)
class Queue:
    """Edges of one path, of which the first has waited longest; and how often one was taken.

    Without a path they are pairs, which come first: they need room at two.
    """

    path: Path | None
    waiting: deque[Edge]
    is_of_an_item: bool
    own: frozenset[str] = frozenset()
    """Names of edges that are asked for in an invoice of their own: they wait half as long."""
    taken: int = 0
    order: tuple[float, bool] = (0, False)
    """How often each has been taken, pairs first; less for what is to be taken earlier."""
    _are_alike: bool = field(init=False)
    """Whether all of them have the same paths, so that there is room for each or none."""

    def __post_init__(self) -> None:
        self.order = (0, self.path is not None)
        self._are_alike = len({edge.paths for edge in self.waiting}) == 1

    def take(self, met: Met, levels: int, fits: Callable[[Edge], bool]) -> Edge | None:
        """Of those that have waited longest and fit, the one that has met least of a carrier with
        these levels, its status above all.
        """
        first = [*islice(self.waiting, _NEXT)]
        room: dict[tuple[Path, ...], bool] = {}
        for edge in first[:-2:-1] if self._are_alike else reversed(first):
            if edge.paths not in room:
                room[edge.paths] = fits(edge)
        if not any(room.values()):
            return None
        least, fewest = 0, levels.bit_count() + 1
        for n, edge in enumerate(first):
            if self._are_alike or room[edge.paths]:
                count = (met[edge.name] & levels).bit_count()
                if count < fewest:
                    least, fewest = n, count
                if not count:
                    break
        edge = first[least]
        del self.waiting[least]
        self.taken += 1
        if self.path is not None:  # pairs are taken away
            waiting = len(self.waiting)
            self.waiting.insert(waiting // 2 if edge.name in self.own else waiting, edge)
            self.order = (self.taken / len(self.waiting), True)
        return edge
