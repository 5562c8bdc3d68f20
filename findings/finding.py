"""A finding: violations with one cause, and what a run keeps of each violation."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from causes.cause import CONCURRENT, EVERY, Cause
from causes.symptoms import OF_ANOTHER_INVOICE
from spec.requirements import subject_and_keyword
from watch.fingerprint import NodeParts, node_parts

NAMES = "4xx.details.names"
"""The requirement that an error names a wrong field."""
MOST_ABOUT = 100
"""Kinds of errors of one occurrence that are kept."""
MOST_CASES = 50
"""Cases that show one occurrence of which all are kept; of more, none are recorded."""


@dataclass(slots=True)
class Occurrence:
    """One violation of one requirement as one test saw it, the last (smallest) time it did.

    `file` and `line` are those of the clause, `where` both with the JSON pointer. `place` is the
    location in the payload or answer; `exchange` is the id of the stored exchange, if there is one,
    and `cause` that of what explains it. Where a status is wrong it says whether 201 was expected,
    and came; where an error names another field, `to_name` is the location it has to name;
    `about` has for each error of another kind what it is about, in words; `cases` names the cases
    that show it (`watch.features.case_of`), of a test that asks the same in each run.
    """

    requirement: str
    level: str
    category: str
    where: str
    file: str
    line: int
    place: str
    expected: str
    got: str
    headline: str
    test: str
    waived: bool
    times: int = 1
    exchange: str = ""
    cause: str = ""
    expects_201: bool = False
    got_201: bool = False
    to_name: str = ""
    about: list[list[str]] = field(default_factory=list)
    cases: list[str] = field(default_factory=list)

    @property
    def subject(self) -> str:
        """What the requirement is about: its name without the keyword."""
        return subject_and_keyword(self.requirement)[0]

    @property
    def keyword(self) -> str:
        """The keyword of the requirement."""
        return subject_and_keyword(self.requirement)[1]

    def add_about(self, about: Iterable[str]) -> None:
        """Keep what an error is about, once, and of no end of these the first."""
        told = [*about]
        if told and told not in self.about and len(self.about) < MOST_ABOUT:
            self.about.append(told)
            self.waived = False  # until a waiver is seen to be for this too

    def add_case(self, name: Callable[[], str]) -> None:
        """Keep the name of a case that shows it, unless these are too many by now."""
        if len(self.cases) <= MOST_CASES and (case := name()) not in ("", *self.cases):
            self.cases.append(case)

    @property
    def parts(self) -> NodeParts:
        """The parts of the name of the test that saw it."""
        return node_parts(self.test)


@dataclass(slots=True)
class Finding:
    """Causes that are one, and the violations that they explain."""

    causes: list[Cause] = field(default_factory=list)
    rows: list[Occurrence] = field(default_factory=list)

    def add(self, other: "Finding") -> None:
        """Take over another finding."""
        self.causes += other.causes
        self.rows += other.rows

    @property
    def first(self) -> Cause:
        """Its first cause, of those that have one."""
        return self.causes[0]

    @property
    def telling(self) -> "Finding":
        """The same without the causes of which no more is known than that the plain invoice shows
        them, too, where it is known of another one what makes that of an invoice that does not.
        """
        explained = any(one.usual and one.difference for one in self.causes)
        left_out = {
            one.id
            for one in self.causes
            if explained and not one.of_answer and one.traits == [EVERY] and not one.difference
        }
        causes = [one for one in self.causes if one.id not in left_out]
        return Finding(causes, [row for row in self.rows if row.cause not in left_out])

    @property
    def plainest(self) -> list[Cause]:
        """Of its causes those that take the fewest parts: one that takes more may be another's
        too.
        """
        fewest = min((len(cause.parts) for cause in self.causes), default=0)
        return [cause for cause in self.causes if len(cause.parts) == fewest]

    @property
    def about(self) -> list[str]:
        """What its errors are about: each property that one is about alone, and of several those of
        which none is told yet.
        """
        groups = sorted((each for row in self.rows for each in row.about), key=len)
        told: set[str] = set()
        for each in groups:
            if told.isdisjoint(each):
                told |= {*each}
        return sorted(told)

    @property
    def requirements(self) -> set[str]:
        """The names of the requirements that are violated."""
        return {row.requirement for row in self.rows}

    @property
    def keywords(self) -> set[str]:
        """The keywords of these."""
        return {row.keyword for row in self.rows}

    @property
    def subjects(self) -> set[str]:
        """What they are about."""
        return {row.subject for row in self.rows}

    @property
    def paths(self) -> set[str]:
        """Where its differences are."""
        return {path for cause in self.causes for path in cause.paths}

    def is_all(self, so: Callable[[Cause], bool]) -> bool:
        """Whether this is so of each of its causes."""
        return all(map(so, self.causes))


def is_mixed(cause: Cause) -> bool:
    """Whether answers go to other requests that are in flight."""
    return cause.traits == [CONCURRENT] and cause.symptom == OF_ANOTHER_INVOICE
