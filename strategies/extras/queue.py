"""Extras that wait: of those of a path the one comes next that has met least of a carrier."""

from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Levels:
    """The levels of a carrier, a bit for each, that of its status, and more than there can be."""

    all: int
    status: int
    most: int


def levels_of(contract: Contract, carrier: Carrier) -> Levels:
    """Those of a carrier, by which carriers of one contract can be compared."""
    bits = _bits(contract)
    mask = sum(bits[factor, getattr(carrier, factor)] for factor in FACTORS)
    return Levels(mask, bits["status", carrier.status], len(FACTORS) + 1)


@cache
def _bits(contract: Contract) -> dict[tuple[str, Any], int]:
    each = ((name, level) for name, levels in factors(contract).items() for level in levels)
    return {one: 1 << place for place, one in enumerate(each)}


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

    def __post_init__(self) -> None:
        self.order = (0, self.path is not None)

    def take(self, met: Met, levels: Levels, fits: Callable[[Edge], bool]) -> Edge | None:
        """Of those that have waited longest and fit, the one that has met least of a carrier with
        these levels, its status above all.
        """
        first = [*islice(self.waiting, _NEXT)]
        room: dict[tuple[Path, ...], bool] = {}
        least, fewest = None, levels.most
        for n, edge in enumerate(first):
            paths = edge.paths
            if paths not in room:  # as there is for the last of them
                room[paths] = fits(next(each for each in reversed(first) if each.paths == paths))
            if room[paths]:
                known = met[edge.name] & levels.all
                count = known.bit_count() if known else 0
                count += levels.most if known & levels.status else 0
                if least is None or count < fewest:
                    least, fewest = n, count
                if not count:
                    break
        if least is None:
            return None
        edge = first[least]
        del self.waiting[least]
        self.taken += 1
        if self.path is not None:  # pairs are taken away
            waiting = len(self.waiting)
            self.waiting.insert(waiting // 2 if edge.name in self.own else waiting, edge)
            self.order = (self.taken / len(self.waiting), True)
        return edge
