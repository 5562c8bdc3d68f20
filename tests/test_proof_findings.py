"""A mutant is told as one finding, under a requirement that it breaks."""

import pytest

from proof.findings import figures, told_badly
from proof.trial import Judgement, Outcome, Trial
from tests.test_proof_verdict import CONFORMING, MUTANT

RIGHT, WRONG = "items[].sku.maxLength", "url.type"


def told_as(*findings: str) -> Judgement:
    """The mutant after a run that told it as these findings."""
    return Judgement(MUTANT, Trial((), 7, 100, 0.4, (), findings), Outcome.KILLED, ())


@pytest.mark.parametrize(
    ("findings", "line"),
    [
        ((RIGHT,), ""),
        ((WRONG,), "rejection: forgets a sku  url.type"),
        ((RIGHT, RIGHT), "rejection: forgets a sku  items[].sku.maxLength, items[].sku.maxLength"),
        ((), "rejection: forgets a sku  no finding"),
    ],
)
def test_a_mutant_that_is_told_badly_is_named(findings: tuple[str, ...], line: str) -> None:
    """With what it is told as, also where that is nothing."""
    assert told_badly(told_as(*findings)) == line


def test_a_conforming_server_has_no_findings_to_tell() -> None:
    """It is none of the mutants that are counted."""
    conforming = Judgement(CONFORMING, Trial((), None, 100, 0.4, ()), Outcome.GREEN, ())
    assert told_badly(conforming) == ""
    assert figures([conforming]) is None


@pytest.mark.parametrize(
    ("judged", "good"),
    [
        ([(RIGHT,)] * 49 + [(WRONG,)], True),
        ([(RIGHT,)] * 48 + [(WRONG,)] * 2, False),
        ([(RIGHT,)] * 95 + [(RIGHT,) * 5] * 5, True),
        ([(RIGHT,)] * 94 + [(RIGHT,) * 3] * 6, False),
        ([(RIGHT,)] * 99 + [(RIGHT,) * 6], False),
        ([(RIGHT,)] * 49 + [(RIGHT, RIGHT)] * 51, False),
    ],
)
def test_findings_are_few_and_under_a_right_requirement(
    judged: list[tuple[str, ...]],
    good: bool,  # noqa: FBT001 - a column of the table
) -> None:
    """Median 1, at most 2 of 95 in 100 mutants, never above 5, and 98 in 100 are right."""
    told = figures(told_as(*each) for each in judged)
    assert told is not None
    assert told.good is good, str(told)
