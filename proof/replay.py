"""Judges a conditional mutant by a recorded run: some hundred times cheaper than to run the tests.

Where its condition does not hold, it answers as the reference did, and that was right. So only the
requests for which the condition holds are sent, in the order of the run, until an answer shows what
is broken.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass

from proof.conditional import Conditional
from proof.in_process import Call
from proof.recording import Recorded
from proof.trial import Outcome
from reference.mutants.asgi import RawResponse
from reference.mutants.conditions import Memory, changed_server
from reference.mutants.server import Server
from reference.store import Store
from spec.answers import answer, echo
from spec.contract import TargetFacts
from spec.coverage import Coverage
from spec.exchange import Exchange, Response
from spec.violation import Violation


@dataclass(frozen=True, slots=True)
class Replay:
    """What a recorded run shows of a conditional mutant.

    `first` is the number of the first request whose answer shows what is broken, `test` the test
    that sent it and `named` the requirement. `other` is a requirement that the mutant is not known
    to break, but seemed to. `sent` counts the requests for which the condition held.
    """

    first: int | None
    test: str
    named: str
    other: str
    sent: int
    cpu_seconds: float

    @property
    def outcome(self) -> Outcome:
        """How it ended."""
        if self.first is not None:
            return Outcome.KILLED
        return Outcome.MISNAMED if self.other else Outcome.SURVIVED


@dataclass(frozen=True, slots=True)
class Replayed:
    """A conditional mutant and its replay."""

    conditional: Conditional
    replay: Replay

    @property
    def outcome(self) -> Outcome:
        """How it ended."""
        return self.replay.outcome


@dataclass(frozen=True, slots=True)
class Recording:
    """A run on the reference: what nobody judged, then what was judged, in this order."""

    coverage: Coverage
    facts: TargetFacts
    unjudged: Sequence[Call]
    judged: Sequence[Recorded]

    def replay(self, conditional: Conditional, store: Store) -> Replay:
        """Send what the condition holds for to the mutant, which uses this new store, until an
        answer shows what is broken.
        """
        started = time.process_time()
        mutant, condition = conditional.mutant, conditional.condition
        app = changed_server(Server(), mutant, condition).app(store)
        memory, seen_ids, sent = Memory(), set[int](), 0
        other = ""
        for made in self.unjudged:
            memory.note(made.seen, made.response.status)
        for number, judged in enumerate(self.judged, len(self.unjudged) + 1):
            made = judged.call
            if not condition.holds(made.seen, memory):
                memory.note(made.seen, made.response.status)
                continue
            sent += 1
            response = made.again(app)
            memory.note(made.seen, response.status)
            if response == made.response:
                continue
            for violation in self._violations(judged, response, seen_ids):
                name = violation.requirement.name
                if conditional.is_shown_by(violation):
                    spent = time.process_time() - started
                    return Replay(number, judged.test, name, other, sent, spent)
                other = other or name
        return Replay(None, "", "", other, sent, time.process_time() - started)

    def _violations(
        self, judged: Recorded, response: RawResponse, seen_ids: set[int]
    ) -> list[Violation]:
        """What is wrong with an answer; hashes of the ids of earlier ones are in `seen_ids`."""
        exchange = Exchange(
            judged.request, Response(response.status, response.headers, response.body), None, 0.0
        )
        judgement = answer.judge(
            self.coverage, self.facts, exchange, judged.expected, seen_ids, judged.about
        )
        found = list(judgement.violations)
        if judged.before is not None:
            found += echo.leftovers(
                self.coverage.contract, judged.before, judged.expected, judgement.answer
            )
        return found
