"""How the tests ask: all of several cases, so that one failure does not hide the others; in turn,
at once; and drawn ones, so that making a failure smaller does not flood the server."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from run.cases import Asked
from run.session import Run
from spec import probes
from spec.contract import ShortRepr
from spec.exchange import Exchange
from spec.oracle import Nonconformance, Oracle, Verdict
from spec.probes import Probe
from spec.requirements import Level, Requirement
from strategies.cases import Variant
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


def compare(run: Run, probe: Probe, verdict: Verdict) -> None:
    """Record the answer to a probe; raise Nonconformance when it is not the accepted one."""
    __tracebackhide__ = True
    given = probes.answer_of(verdict.exchange)
    run.ledger.counts.answers[probe.name] = given
    violation = probes.drift(run.plan.baseline, probe.name, given)
    if violation is not None:
        counts = run.plan.options.level is Level.SHOULD
        failing = (violation,) if counts else ()
        drifted = replace(verdict, violations=(violation,), failing=failing)
        run.ledger.note(drifted)
        drifted.enforce()


SMALLER = 60
"""Requests that one test may spend on making its failure smaller; most need 12 to 45."""


@dataclass(slots=True, repr=False)
class Explorer(ShortRepr):
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


def send(target: Client, variant: Variant) -> Exchange:
    """Send one variant."""
    return target.send(
        variant.body,
        method=variant.method,
        headers=variant.headers,
        query=variant.query,
        chunked=variant.chunked,
        fresh_connection=variant.fresh,
    )


def in_turn(target: Client, oracle: Oracle, variants: Sequence[Variant]) -> None:
    """Send them one after the other; raise Nonconformance that names each that fails.

    Nothing of one may come back with the next.
    """
    __tracebackhide__ = True
    failed, before = [], None
    for variant in variants:
        exchange = send(target, variant)
        verdict = oracle.judge(exchange, before=before)
        before = exchange.request
        if verdict.failing:
            failed.append((variant, verdict))
    enforce(failed, len(variants), oracle)


def at_once(target: Client, oracle: Oracle, variants: Sequence[Variant], workers: int) -> None:
    """Send the bodies over so many connections at once; raise Nonconformance likewise."""
    __tracebackhide__ = True
    exchanges = target.in_flight([variant.body for variant in variants], workers)
    verdicts = zip(variants, map(oracle.judge, exchanges), strict=True)
    failed = [(variant, verdict) for variant, verdict in verdicts if verdict.failing]
    enforce(failed, len(variants), oracle)
