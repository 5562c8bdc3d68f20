"""What a run asked, so that what an earlier one had found can be seen to be mended or not."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from reports.rows import OccurrenceRow, Record
from watch.fingerprint import unfold

FIRST = "suites/test_acceptance.py::test_the_first_invoice_is_accepted_and_echoed"
"""Stands for a test in the ledger, and for nothing in a record unless it found something: it is the
preflight's exchange, which each run has.
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a run asked, by test: the tests that passed, the cases that have an answer, the rows of
    what it found.
    """

    passed: Collection[str]
    cases: Mapping[str, Mapping[str, object]]
    rows: Mapping[str, Sequence[OccurrenceRow]]

    def shown(self, test: str, cases: Collection[str]) -> Iterator[set[str]]:
        """The findings that each of these cases of a test, by which an earlier run had found
        something, shows of those that were asked again.
        """
        if test in self.passed:
            yield set()
            return
        asked, rows = self.cases.get(test, {}), self.rows.get(test, ())
        for case in (each for each in cases if each in asked):
            yield {each["finding"] for each in rows if case in each.get("cases", (case,))}


def asked_in(content: Record) -> Asked:
    """What a run asked, from its record."""
    passed = {test["id"] for test in content["tests"] if test["outcome"] == "passed"}
    cases = unfold(content["fingerprint"]) if content.get("fingerprint") else {}
    rows = defaultdict[str, list[OccurrenceRow]](list)
    for row in content["occurrences"]:
        rows[row["test"]].append(row)
    return Asked(passed | {FIRST}, cases, rows)


def is_well_again(shown: Sequence[Sequence[set[str]]], new: Collection[str]) -> bool:
    """Whether what cases had shown, by test, is mended: of each test some were asked again, one at
    least is answered well, and the others so or as wrongly as before, and not by what is `new`.
    """
    found = [each for of_test in shown for each in of_test]
    return all(shown) and set() in found and all(map({*new}.isdisjoint, found))
