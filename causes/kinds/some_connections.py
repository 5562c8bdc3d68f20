"""Whether it shows over some connections alone, each time, as one of several servers has it."""

from collections.abc import Callable

from causes.cause import SOME
from causes.explained import Control
from causes.repetition import Resend, Unsteady
from spec.contract import PLACEHOLDER
from spec.oracle import Verdict

CONNECTIONS = 8
"""Connections of which one at least has to show it, and not all."""
AGAIN = 2
"""Times that it has to show again over each that shows it, and not over one of the others."""


def of_some_connections(
    control: Control,
    apart: Callable[[], None],
    resend: Resend,
    shows: Callable[[Verdict | None], bool],
) -> Unsteady | None:
    """That the control shows it over some of several new connections; None if not."""
    request, shown, well = control.verdict.exchange.request, list[Verdict](), 0
    for _ in range(CONNECTIONS):
        apart()
        verdict = resend(request, PLACEHOLDER)
        if verdict is None:
            return None
        failing = shows(verdict)
        more = AGAIN if failing or not well else 0
        if any(shows(resend(request, PLACEHOLDER)) is not failing for _ in range(more)):
            return None
        well += not failing
        shown += [verdict] if failing else []
    if not (shown and well):
        return None
    works = f"{control.name}, over {well} of {CONNECTIONS} connections"
    fails = f"{control.name}, over {len(shown)} of {CONNECTIONS} connections, each time"
    return Unsteady(SOME, [SOME], works, fails, shown[0])
