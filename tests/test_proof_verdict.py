"""A mutant is killed only by a test of its suite that names what it breaks."""

import json
import re

import pytest

from proof.conditional import Conditional, conditionals
from proof.derived import derived_mutants
from proof.mutants import chosen_servers, every_server
from proof.replay import Replay, Replayed
from proof.result import ENOUGH, RESULT, enough, matrix, proven_requirements, summary
from proof.trial import Judgement, Kill, Outcome, Trial, judge
from reference.mutants.conditions import CONDITIONS, Condition
from reference.mutants.mutant import Mutant
from reference.mutants.server import Server
from tests.exchanges import CONTRACT, ORDERS
from tests.running import ROOT


def nothing(server: Server) -> Server:
    """Changes nothing."""
    return server


MUTANT = Mutant("forgets a sku", "rejection", ("items[].sku.*",), "Why.", nothing)
CONFORMING = Mutant("json is pretty", "conforming", (), "Why.", nothing, wire=True)
HERE = "suites/test_rejection.py::test_a_near_miss_is_refused[items[].sku.type]"
ELSEWHERE = "suites/test_bodies.py::test_x"


def trial(*kills: Kill, troubles: tuple[str, ...] = ()) -> Trial:
    """A trial with these failing tests."""
    return Trial(kills, 7, 100, 0.4, troubles)


@pytest.mark.parametrize(
    ("mutant", "result", "outcome"),
    [
        (MUTANT, trial(Kill(HERE, ("items[].sku.type",))), Outcome.KILLED),
        (MUTANT, trial(Kill(HERE, ("url.type", "items[].sku.maxLength"))), Outcome.KILLED),
        (MUTANT, trial(Kill(ELSEWHERE, ("items[].sku.type",))), Outcome.ELSEWHERE),
        (MUTANT, trial(Kill(HERE, ("items[].skulduggery",))), Outcome.MISNAMED),
        (
            MUTANT,
            trial(Kill(HERE, ("url.type",)), Kill(ELSEWHERE, ("items[].sku.type",))),
            Outcome.ELSEWHERE,
        ),
        (MUTANT, trial(), Outcome.SURVIVED),
        (MUTANT, trial(Kill(HERE, ("items[].sku.type",)), troubles=("why",)), Outcome.BROKE),
        (CONFORMING, trial(), Outcome.GREEN),
        (CONFORMING, trial(Kill(HERE, ("url.type",))), Outcome.FALSE_ALARM),
        (CONFORMING, trial(troubles=("why",)), Outcome.BROKE),
    ],
)
def test_each_trial_has_its_outcome(mutant: Mutant, result: Trial, outcome: Outcome) -> None:
    """Two outcomes are good; any other fails the proof."""
    assert judge(mutant, result).outcome is outcome
    assert outcome.good is (outcome in (Outcome.KILLED, Outcome.GREEN))


def test_a_second_word_of_a_topic_does_not_change_the_suite() -> None:
    """Mutants of `rejection/errors` must be killed by the suite of rejection."""
    mutant = Mutant("errors are empty", "rejection/errors", ("4xx.json",), "Why.", nothing)
    assert judge(mutant, trial(Kill(HERE, ("4xx.json",)))).outcome is Outcome.KILLED
    assert judge(mutant, trial(Kill(ELSEWHERE, ("4xx.json",)))).outcome is Outcome.ELSEWHERE


def test_the_matrix_has_survivors_first() -> None:
    """Bad outcomes come before good ones."""
    judged = [judge(MUTANT, trial(Kill(HERE, ("items[].sku.type",)))), judge(MUTANT, trial())]
    text = "\n".join(matrix([[*judged, judge(CONFORMING, trial())]]))
    assert "kills 1 of 2 mutants" in text
    assert "passes 1 of 1 conforming server" in text
    assert text.index("| survived |") < text.index("| killed |") < text.index("| green |")
    assert "| rejection: a_near_miss_is_refused[items[].sku.type] | items[].sku.type | 7 |" in text


def replayed(condition: Condition, first: int | None, other: str = "") -> Replayed:
    """A conditional mutant, killed by a request of this number or not at all."""
    replay = Replay(first, HERE, "items[].sku.type", other, 12, 0.1)
    return Replayed(Conditional(MUTANT, condition), replay)


def test_the_result_has_the_conditional_mutants_of_each_guard() -> None:
    """Conditions without any are left out; survivors are listed by name."""
    one, other = CONDITIONS[:2]
    replays = [replayed(one, 7), replayed(one, None), replayed(other, None, "url.type")]
    assert summary(CONTRACT, [[]], replays)["conditional"] == {
        "mutants": 3,
        "killed": 1,
        "conditions": {
            one.name: {"mutants": 2, "killed": 1},
            other.name: {"mutants": 1, "killed": 0},
        },
        "survivors": [f"forgets a sku {one.name}", f"forgets a sku {other.name}"],
    }


def test_the_matrix_has_the_conditional_mutants_by_condition_and_by_kind() -> None:
    """With the share that is killed, and what survivors seemed to break."""
    one, other = CONDITIONS[:2]
    replays = [replayed(one, 7), replayed(one, 9), replayed(other, None, "url.type")]
    text = "\n".join(matrix([[]], replays))
    assert "2 of 3 are killed (66.7 %; at least 99 % must be)" in text
    assert f"| {one.name} | 2 | 2 | 0 |" in text
    assert f"| {other.name} | 1 | 0 | 1 |" in text
    assert "| forgets a requirement | 3 | 2 | 1 |" in text
    assert f"| forgets a sku {other.name} | killed under another name (url.type) | 12 |" in text


@pytest.mark.parametrize(("survivors", "verdict"), [(0, True), (1, True), (2, False)])
def test_nearly_all_conditional_mutants_must_be_killed(survivors: int, verdict: bool) -> None:  # noqa: FBT001 # a table
    """At least 99 of 100."""
    numbers = [None] * survivors + [1] * (100 - survivors)
    assert enough([replayed(CONDITIONS[0], number) for number in numbers]) is verdict
    assert enough([])


def test_the_matrix_says_after_how_many_requests_mutants_are_detected() -> None:
    """The median and the 90th percentile of those that are."""
    first = [1, *range(10, 20), None]
    trials = [Trial((), number, 100, 0.4, ()) for number in first]
    judged = [Judgement(MUTANT, one, Outcome.KILLED, ()) for one in trials]
    text = "\n".join(matrix([judged], [replayed(CONDITIONS[0], 5)]))
    assert "| unconditional | 11 | 14 | 18 | 19 |" in text
    assert "| conditional | 1 | 5 | 5 | 5 |" in text


def test_a_requirement_is_proven_when_all_its_mutants_are_killed() -> None:
    """One survivor is enough to leave it unproven; patterns prove no requirement."""
    exact = Mutant("a", "rejection", ("url.type",), "Why.", nothing)
    good = Judgement(exact, trial(), Outcome.KILLED, ())
    bad = Judgement(exact, trial(), Outcome.ELSEWHERE, ())
    loose = Judgement(MUTANT, trial(), Outcome.SURVIVED, ())
    assert proven_requirements(CONTRACT, [good, loose]) == {"url.type": True}
    assert proven_requirements(CONTRACT, [good, bad]) == {"url.type": False}


def test_outcomes_that_differ_between_seeds_are_shown() -> None:
    """The result and the matrix say whether the seeds agree."""
    good, bad = (Judgement(MUTANT, trial(), o, ()) for o in (Outcome.KILLED, Outcome.SURVIVED))
    assert summary(CONTRACT, [[good], [good]], [])["same_verdicts"] is True
    assert summary(CONTRACT, [[good], [bad]], [])["same_verdicts"] is False
    assert "With 2 seeds, the outcomes are the same." in "\n".join(matrix([[good], [good]]))
    assert "With 2 seeds, the outcomes are not the same." in "\n".join(matrix([[good], [bad]]))


def test_servers_are_chosen_by_parts_of_their_names_and_by_suite() -> None:
    """With both, only servers that fit both."""
    errors = Mutant("errors are empty", "rejection/errors", ("4xx.json",), "Why.", nothing)
    servers = (MUTANT, errors, CONFORMING)
    assert chosen_servers(servers, (), None) == servers
    assert chosen_servers(servers, ("SKU", "pretty"), None) == (MUTANT, CONFORMING)
    assert chosen_servers(servers, ("sku",), "conforming") == ()
    assert chosen_servers(servers, (), "rejection") == (MUTANT, errors)


def test_the_committed_result_has_every_server() -> None:
    """A mutant that was added but not proven, or removed but left in the result, is named."""
    proven = set(json.loads(RESULT.read_text(encoding="utf-8"))["servers"])
    servers = {mutant.name for mutant in every_server(CONTRACT, ORDERS)}
    assert servers == proven, "proof/result.json is out of date: run `tox run -e proof`"


def test_the_committed_result_proves_every_requirement_of_this_document() -> None:
    """Every mutant is killed by its suite and every conforming server is green, with each seed."""
    result = json.loads(RESULT.read_text(encoding="utf-8"))
    assert result["document"] == CONTRACT.sha256
    assert result["requirements"] == {r.name: True for r in CONTRACT.requirements}
    assert set(result["outcomes"]) == {Outcome.KILLED, Outcome.GREEN}
    assert result["same_verdicts"]


def test_the_committed_result_has_the_conditional_mutants_of_today() -> None:
    """At least 1,500, of which nearly all are killed."""
    found = json.loads(RESULT.read_text(encoding="utf-8"))["conditional"]
    sampled = conditionals(CONTRACT, derived_mutants(CONTRACT, ORDERS))
    assert found["mutants"] == len(sampled) >= 1500
    assert found["killed"] >= ENOUGH * found["mutants"]
    assert set(found["survivors"]) <= {one.name for one in sampled}


def test_the_readme_has_the_figures_of_the_committed_result() -> None:
    """How many mutants are killed and how many conforming servers are green, of how many."""
    outcomes = json.loads(RESULT.read_text(encoding="utf-8"))["outcomes"]
    readme = " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())
    killed, green = outcomes["killed"], outcomes["green"]
    assert f"kills {killed} of {killed} mutants" in readme
    assert re.search(rf"no false alarm on {green} [a-z ]*conforming servers", readme)
