"""How many findings one mutant produces, and whether they name what it breaks."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil
from statistics import median

from typing_extensions import override

from proof.trial import Judgement
from spec.violation import counted

MEDIAN, MOST_OF_95, MOST, RIGHT = 1, 2, 5, 0.98
"""What is demanded: the median, the 95th percentile and the most findings of a mutant, and the
share of all findings that are under a requirement that their mutant breaks."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Findings by mutant, and how many of all findings are under a right requirement."""

    counts: tuple[int, ...]
    right: int

    @property
    def median(self) -> float:
        """Of the findings of a mutant."""
        return median(self.counts)

    @property
    def most_of_95(self) -> int:
        """How many findings 95 of 100 mutants have at most."""
        return sorted(self.counts)[ceil(0.95 * len(self.counts)) - 1]

    @property
    def share(self) -> float:
        """The part of all findings that are under a right requirement."""
        return self.right / max(1, sum(self.counts))

    @property
    def good(self) -> bool:
        """Whether they are what is demanded."""
        few = self.median <= MEDIAN and self.most_of_95 <= MOST_OF_95 and max(self.counts) <= MOST
        return few and self.share >= RIGHT

    @override
    def __str__(self) -> str:
        return (
            f"{counted(sum(self.counts), 'finding')} of {counted(len(self.counts), 'mutant')}: "
            f"median {self.median:g}, 95th percentile {self.most_of_95}, most {max(self.counts)}, "
            f"{self.share:.1%} under a right requirement"
        )


def figures(judged: Iterable[Judgement]) -> Figures | None:
    """The figures of all mutants that were run to their end; None if there are none."""
    counted = [one for one in judged if not one.mutant.conforms]
    right = sum(one.mutant.is_named_by(name) for one in counted for name in one.trial.findings)
    return Figures(tuple(len(one.trial.findings) for one in counted), right) if counted else None


def told_badly(one: Judgement) -> str:
    """What a mutant is told as, unless that is one finding that names what it breaks."""
    found = one.trial.findings
    well_told = len(found) == 1 and all(map(one.mutant.is_named_by, found))
    if one.mutant.conforms or well_told:
        return ""
    return f"{one.mutant.topic}: {one.mutant.name}  {', '.join(found) or 'no finding'}"
