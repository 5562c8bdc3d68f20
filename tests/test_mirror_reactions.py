"""What the mirror says of requests with equal contents: a retry, a copy or another invoice."""

import math
from dataclasses import dataclass

import pytest

from mirror.behaviours import FAULTS
from mirror.judging import Judgement, Verdict
from mirror.reactions import NEEDLESS, TWICE, reactions
from mirror.received import Received
from spec.exchange import Exchange, Request, Response
from tests.mirrors import PATH, invoice
from tests.reference_process import encoded

STATUSES = {"throttled": 429, "server-error": 500, "duplicate": 400}


@dataclass(frozen=True)
class Sent:
    """A request: its references, when it was sent, what it met, and how long the client waited."""

    references: int
    arrived: float
    fault: str = ""
    until: float = math.nan
    left: bool = False


def received(number: int, sent: Sent) -> Received:
    """The request as the mirror keeps it; without a fault it is answered in 0.01 seconds."""
    request = Request("POST", PATH, (), encoded(invoice(sent.references)))
    response = Response(STATUSES.get(sent.fault, 201), (), b"")
    answered = sent.arrived + 0.01
    return Received(
        number,
        sent.arrived,
        answered,
        Exchange(request, response, None, 0),
        Judgement(Verdict.VALID),
        FAULTS.get(sent.fault),
        None if sent.until == math.inf else answered if math.isnan(sent.until) else sent.until,
        left=sent.left,
    )


def lost(references: int, arrived: float, until: float) -> Sent:
    """An invoice that was created, with an answer that never came."""
    return Sent(references, arrived, "timeout", until)


@pytest.mark.parametrize(
    ("sent", "told"),
    [
        pytest.param(
            [lost(1, 0, 0.6), lost(2, 0.35, 0.95), lost(1, 0.7, 1.3), lost(2, 1.05, 1.65)],
            [(1, 3, ""), (2, 4, ""), (3, None, ""), (4, None, "")],
            id="two clients take turns, and get no answer",
        ),
        pytest.param(
            [lost(1, 0, 0.6), lost(2, 0.7, 1.3), lost(1, 1.4, 2), lost(2, 2.1, 2.7)],
            [(1, 3, ""), (2, 4, ""), (3, None, ""), (4, None, "")],
            id="two clients take turns, one after the other",
        ),
        pytest.param(
            [Sent(1, 0, "server-error"), Sent(2, 1, "server-error"), Sent(1, 2), Sent(2, 3)],
            [(1, 3, ""), (2, 4, "")],
            id="two clients take turns after an error",
        ),
        pytest.param(
            [lost(1, 0, 0.6), Sent(2, 0.35)],
            [(1, None, "")],
            id="another client began while the first one waited",
        ),
        pytest.param(
            [lost(1, 0, math.inf), Sent(2, 0.35)],
            [(1, None, "")],
            id="the first one waits to this moment",
        ),
        pytest.param(
            [Sent(1, 0, "cut"), Sent(2, 1)], [(1, 2, TWICE)], id="a copy of what was created"
        ),
        pytest.param(
            [lost(1, 0, 0.6), Sent(2, 0.59)],
            [(1, 2, TWICE)],
            id="a copy that comes a moment before the mirror notices that the client left",
        ),
        pytest.param(
            [Sent(1, 0, "", 0.5, left=True), Sent(2, 0.5)],
            [(1, 2, TWICE)],
            id="a copy of what a slow server created",
        ),
        pytest.param(
            [Sent(1, 0, "cut"), Sent(2, 1, "server-error"), Sent(2, 2)],
            [(1, 2, TWICE), (2, 3, "")],
            id="a copy that is created at the second attempt",
        ),
        pytest.param(
            [Sent(1, 0, "cut"), Sent(1, 1, "server-error"), Sent(2, 2)],
            [(1, 2, ""), (2, 3, TWICE)],
            id="a copy after two attempts",
        ),
        pytest.param(
            [Sent(1, 0, "cut"), Sent(2, 1, "cut"), Sent(3, 2)],
            [(1, 2, TWICE), (2, 3, TWICE)],
            id="a copy of a copy",
        ),
        pytest.param(
            [Sent(1, 0, "server-error"), Sent(2, 1)],
            [(1, 2, "")],
            id="new references for what was not created",
        ),
        pytest.param(
            [Sent(1, 0), Sent(1, 1, "duplicate"), Sent(2, 2)],
            [(1, 2, NEEDLESS), (2, None, "")],
            id="another invoice after one that is known to exist",
        ),
        pytest.param([Sent(1, 0), Sent(2, 1)], [], id="two invoices"),
        pytest.param(
            [lost(1, 0, 1), lost(2, 0.1, 1.1), Sent(3, 2)],
            [(1, 3, TWICE), (2, None, "")],
            id="one copy of two",
        ),
    ],
)
def test_a_copy_is_told_from_a_retry_and_from_another_invoice(
    sent: list[Sent], told: list[tuple[int, int | None, str]]
) -> None:
    """By the references and by the time; contents alone tell nothing."""
    found = reactions([received(number, each) for number, each in enumerate(sent, 1)])
    assert [(each.number, each.again, each.warning) for each in found] == told
