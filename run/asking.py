"""How the tests ask: each of several cases, so that one failure does not hide the others; and
drawn ones, so that making a failure smaller does not flood the server.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from run.conduct import Conduct
from run.groups import Asked
from spec import baselines
from spec.discreet import Discreet
from spec.oracle import Nonconformance, Oracle, Verdict
from spec.probes import Probe
from spec.requirements import Level, Requirement
from targets.client import Client


def each(
    target: Client, oracle: Oracle, cases: Sequence[Asked], about: Requirement | None = None
) -> list[tuple[Asked, Verdict]]:
    """The cases that fail, with their verdicts; all of them are sent."""
    verdicts = [(case, oracle.judge(target.send(case.body), about)) for case in cases]
    return [(case, verdict) for case, verdict in verdicts if verdict.failing]


def enforce(failed: Sequence[tuple[Asked, Verdict]], asked: int, oracle: Oracle) -> None:
    """Raise Nonconformance that explains the first failed case and names them all."""
    __tracebackhide__ = True
    if failed:
        names = "; ".join(case.name for case, _ in failed[:20])
        more = f"; {len(failed) - 20} more" if len(failed) > 20 else ""
        verdict = failed[0][1]
        raise Nonconformance(
            f"{oracle.explain(verdict)}\n  cases      {len(failed)} of {asked} fail: {names}{more}",
            verdict,
            *(other for _, other in failed[1:]),
        )


def compare(conduct: Conduct, probe: Probe, verdict: Verdict) -> None:
    """Record the answer to a probe; raise Nonconformance when it is not the accepted one."""
    __tracebackhide__ = True
    given = baselines.answer(verdict.exchange)
    conduct.ledger.tally.answers[probe.name] = given
    departure = baselines.drift(conduct.plan.baseline, probe.name, given)
    if departure is not None:
        counts = conduct.plan.options.level is Level.SHOULD
        failing = (departure,) if counts else ()
        drifted = replace(verdict, departures=(departure,), failing=failing)
        conduct.ledger.note(drifted)
        drifted.enforce()


SMALLER = 60
"""Requests that one test may spend on making its failure smaller; most need 12 to 45."""


@dataclass(slots=True, repr=False)
class Explorer(Discreet):
    """Asks the drawn cases of one test, and remembers which failed.

    Hypothesis runs a failing case again and again. What failed once is not sent again, so a server
    that fails only sometimes is found all the same, and no more than `SMALLER` others are sent.
    """

    target: Client
    oracle: Oracle
    _failed: dict[bytes, Verdict] = field(default_factory=dict)
    _after: int = 0

    def ask(self, body: bytes) -> None:
        """Send a drawn body, unless that is known or enough, and enforce the verdict."""
        __tracebackhide__ = True
        if body not in self._failed:
            if self._failed:
                self._after += 1
            if self._after > SMALLER:
                return
            verdict = self.oracle.judge(self.target.send(body))
            if not verdict.failing:
                return
            self._failed[body] = verdict
        self._failed[body].enforce()
