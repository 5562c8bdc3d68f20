"""How the tests ask each of several cases, so that one failure does not hide the others."""

from collections.abc import Sequence

from run.groups import Asked
from spec.oracle import Nonconformance, Oracle, Verdict
from spec.requirements import Requirement
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
        )
