"""A defect counts as caught only by a test of its own area and under its own name."""

import json

import pytest

from proof.mutants import AREAS, chosen_servers
from proof.result import RESULT, matrix, proven, summary
from proof.trial import Kill, Outcome, Proven, Trial, judge
from reference.mutants.mutant import Mutant
from reference.mutants.server import Server
from tests.exchanges import CONTRACT


def nothing(server: Server) -> Server:
    """Bends nothing."""
    return server


DEFECT = Mutant("forgets a sku", "rejection", ("items[].sku.*",), "Why.", nothing)
ODDITY = Mutant("json is pretty", "oddity", (), "Why.", nothing, wire=True)
HERE = "suites/test_rejection.py::test_a_near_miss_is_refused[items[].sku.type]"
ELSEWHERE = "suites/test_bodies.py::test_x"


def trial(*catches: Kill, troubles: tuple[str, ...] = ()) -> Trial:
    """A trial with these failing tests."""
    return Trial("x", catches, 7, 100, 0.5, 0.4, troubles)


@pytest.mark.parametrize(
    ("mutant", "result", "outcome"),
    [
        (DEFECT, trial(Kill(HERE, ("items[].sku.type",))), Outcome.CAUGHT),
        (DEFECT, trial(Kill(HERE, ("url.type", "items[].sku.maxLength"))), Outcome.CAUGHT),
        (DEFECT, trial(Kill(ELSEWHERE, ("items[].sku.type",))), Outcome.ELSEWHERE),
        (DEFECT, trial(Kill(HERE, ("items[].skulduggery",))), Outcome.MISNAMED),
        (
            DEFECT,
            trial(Kill(HERE, ("url.type",)), Kill(ELSEWHERE, ("items[].sku.type",))),
            Outcome.ELSEWHERE,
        ),
        (DEFECT, trial(), Outcome.SURVIVED),
        (DEFECT, trial(Kill(HERE, ("items[].sku.type",)), troubles=("why",)), Outcome.BROKE),
        (ODDITY, trial(), Outcome.GREEN),
        (ODDITY, trial(Kill(HERE, ("url.type",))), Outcome.FALSE_ALARM),
        (ODDITY, trial(troubles=("why",)), Outcome.BROKE),
    ],
)
def test_each_trial_has_its_outcome(mutant: Mutant, result: Trial, outcome: Outcome) -> None:
    """Two are as they should be; all others fail the proof."""
    assert judge(mutant, result).outcome is outcome
    assert outcome.good is (outcome in (Outcome.CAUGHT, Outcome.GREEN))


def test_the_matrix_has_survivors_first() -> None:
    """What went wrong stands above all that went well."""
    results = [judge(DEFECT, trial(Kill(HERE, ("items[].sku.type",)))), judge(DEFECT, trial())]
    text = "\n".join(matrix([[*results, judge(ODDITY, trial())]]))
    assert "1 of 2 defects are caught" in text
    assert "1 of 1 odd but conforming servers are green" in text
    assert text.index("| survived |") < text.index("| caught |") < text.index("| green |")
    assert "| rejection: a_near_miss_is_refused[items[].sku.type] | items[].sku.type | 7 |" in text


def test_a_requirement_is_proven_when_all_its_defects_are_caught() -> None:
    """One that survives is enough; patterns speak for no requirement of their own."""
    exact = Mutant("a", "rejection", ("url.type",), "Why.", nothing)
    good = Proven(exact, trial(), Outcome.CAUGHT, ())
    bad = Proven(exact, trial(), Outcome.ELSEWHERE, ())
    loose = Proven(DEFECT, trial(), Outcome.SURVIVED, ())
    assert proven(CONTRACT, [good, loose]) == {"url.type": True}
    assert proven(CONTRACT, [good, bad]) == {"url.type": False}


def test_verdicts_that_differ_from_seed_to_seed_are_told() -> None:
    """The summary says for how many seeds, and whether they agree."""
    good, bad = (Proven(DEFECT, trial(), o, ()) for o in (Outcome.CAUGHT, Outcome.SURVIVED))
    assert summary(CONTRACT, [[good], [good]])["same_verdicts"] is True
    assert summary(CONTRACT, [[good], [bad]])["same_verdicts"] is False


def test_servers_are_chosen_by_parts_of_their_names_and_by_area() -> None:
    """Both together narrow further."""
    servers = (DEFECT, ODDITY)
    assert chosen_servers(servers, (), None) == servers
    assert chosen_servers(servers, ("SKU", "pretty"), None) == servers
    assert chosen_servers(servers, ("sku",), "oddity") == ()
    assert chosen_servers(servers, (), "rejection") == (DEFECT,)


def test_the_committed_result_is_of_this_document_and_proves_every_requirement() -> None:
    """Every defect is caught where it should be, every oddity green, under each seed alike."""
    result = json.loads(RESULT.read_text(encoding="utf-8"))
    assert result["document"] == CONTRACT.sha256
    assert result["requirements"] == {r.name: True for r in CONTRACT.requirements}
    assert set(result["outcomes"]) == {Outcome.CAUGHT, Outcome.GREEN}
    assert result["same_verdicts"]


def test_the_readme_tells_the_figures_of_the_committed_result() -> None:
    """How many servers there were of each sort, and that all came out as they should."""
    outcomes = json.loads(RESULT.read_text(encoding="utf-8"))["outcomes"]
    told = " ".join((RESULT.parent.parent / "README.md").read_text(encoding="utf-8").split())
    assert "catches {0} of {0} servers".format(outcomes["caught"]) in told
    assert "leaves {0} of {0} alone".format(outcomes["green"]) in told


def test_every_area_has_its_suites() -> None:
    """And the suites exist."""
    suites = {path.stem for path in (RESULT.parent.parent / "suites").glob("test_*.py")}
    assert {f"test_{name}" for names in AREAS.values() for name in names} == suites
