"""How the tests ask: each of several cases, and drawn ones with a bound on shrinking."""

from collections.abc import Sequence

from spec.oracle import Nonconformance, Oracle, Verdict
from strategies.breaking import Case
from targets.client import Client


def each(target: Client, oracle: Oracle, cases: Sequence[Case]) -> list[tuple[Case, Verdict]]:
    """The cases that fail, with their verdicts; all of them are sent."""
    verdicts = [(case, oracle.judge(target.send(case.body))) for case in cases]
    return [(case, verdict) for case, verdict in verdicts if verdict.failing]


def enforce(failed: Sequence[tuple[Case, Verdict]], asked: int, oracle: Oracle) -> None:
    """Raise Nonconformance that names every failed case and explains the first."""
    __tracebackhide__ = True
    if failed:
        names = "; ".join(case.name for case, _ in failed[:20])
        more = f"; {len(failed) - 20} more" if len(failed) > 20 else ""
        verdict = failed[0][1]
        raise Nonconformance(
            f"{oracle.explain(verdict)}\n  cases      {len(failed)} of {asked} fail: {names}{more}",
            verdict,
        )
