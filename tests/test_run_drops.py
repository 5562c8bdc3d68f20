"""Requests on which a kept connection is closed are sent again, and told all the same."""

import socket
import threading
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import pytest

from causes.cause import CASE, RARELY, Cause
from findings.finding import Occurrence
from findings.rows import HTTP
from reports import summary
from reports.formats import markdown
from reports.ledger import IDLE, Counts, Ledger
from run.ending.drops import SOON, TIMES, closed_as_idle, repeated_drops
from spec.exchange import Drop, Exchange, HttpFault
from spec.oracle import Oracle
from strategies.invoice import encode
from tests.asking import invoice
from tests.causes import a_cause
from tests.clients import client
from tests.exchanges import CONTRACT, FACTS
from tests.hostile import PLAIN, Behaviour, closes, sends, serving
from tests.records import record
from tests.running import KEY, application
from tests.test_run_lost_connections import CLOSE, DROP, KEEP, keeping

pytestmark = pytest.mark.quick
"""But for those that start whole runs."""


def _of(
    *found: tuple[float, ...],
    requests: int = 2_000,
    idle: Mapping[str, int] = MappingProxyType({}),
) -> Counts:
    return Counts(
        requests=requests,
        drops=[Drop(at, idle, int(n), *since) for at, idle, n, *since in found],
        idle=Counter(idle),
    )


REGULAR = [(float(second), 0.1, second) for second in range(6)]
"""One a second, soon after an answer but not at once."""


def _keeps() -> None:
    """What a server says that keeps idle connections."""


def _each_third() -> Behaviour:
    """Over each connection two requests are answered, and the third is read and dropped."""
    seen: dict[socket.socket, int] = {}

    def behave(connection: socket.socket, request: bytes, stop: threading.Event) -> None:
        seen[connection] = seen.get(connection, 0) + 1
        (closes() if seen[connection] == 3 else sends(PLAIN))(connection, request, stop)

    return behave


def test_how_a_request_was_dropped_is_known_of_its_exchange(tmp_path: Path) -> None:
    """How many exchanges the connection had carried, and that it was not idle for long."""
    with serving(_each_third()) as server, client(server.base_url, tmp_path) as it:
        found = [it.send(b"{}") for _ in range(5)]
    assert all(exchange.response for exchange in found)
    assert [each.drop and each.drop.carried for each in found] == [None, None, 2, None, 2]
    assert all(each.drop is None or 0 <= each.drop.idle < 0.8 for each in found)


def test_what_is_closed_after_an_answer_is_no_drop(tmp_path: Path) -> None:
    """The client sees it before it sends more, but for what it sends at the same moment."""
    with serving(closes(PLAIN)) as server, client(server.base_url, tmp_path) as it:
        drops = [it.send(b"{}").drop for _ in range(5)]
    assert [drop for drop in drops if drop is not None and drop.idle >= SOON] == []


def test_a_request_without_any_answer_was_not_sent_twice(tmp_path: Path) -> None:
    """That the server closes the connection on it each time is a finding, and no doubt as well."""

    def behave(connection: socket.socket, request: bytes, stop: threading.Event) -> None:
        (closes() if request.endswith(b"[]") else sends(PLAIN))(connection, request, stop)

    ledger = Ledger(CONTRACT, facts=FACTS)
    ledger.begin("test")
    oracle = Oracle(CONTRACT, FACTS, observe=ledger.observe)
    with serving(behave) as server, client(server.base_url, tmp_path) as it:
        for body in (b"{}", b"[]", b"[]", b"{}"):
            shown = oracle.judge(it.send(body))
            assert (shown.exchange.response is None) == (body == b"[]")
    assert shown.exchange.drop is None
    assert ledger.counts.drops == []
    assert any(row.requirement == HTTP for row in ledger.counts.occurrences.values())


@pytest.mark.parametrize(
    "total",
    [
        _of(*REGULAR[:4]),
        _of(*REGULAR, requests=9_000),
        _of(*((1.5, 0.1, n) for n in range(9))),
        _of(*((at, 0.001, n) for at, _, n in REGULAR)),
        _of(*((at, 5.0, n) for at, _, n in REGULAR)),
        _of(*REGULAR, idle={"0": 1_000, "60": 300, "101": 20}),
    ],
    ids=[
        *("a few", "seldom", "at one moment", "at once after an answer", "idle ones"),
        "those that are idle for as long as no other",
    ],
)
def test_what_may_be_chance_or_a_restart_leaves_no_doubt(total: Counts) -> None:
    """A server may close a connection at any time."""
    assert repeated_drops(total, _keeps) == []


def test_what_is_dropped_again_and_again_leaves_a_doubt() -> None:
    """Nobody knows what became of it, so no run is green."""
    (doubt,) = repeated_drops(_of(*REGULAR, (9.0, 5.0, 1)), _keeps)
    assert doubt.startswith(
        "the server closed a kept connection without an answer on 6 of 2000 requests"
    )


@pytest.mark.parametrize(
    ("cause", "is_told"),
    [
        (a_cause(traits=[RARELY], broken=HttpFault.CLOSED), False),
        (a_cause(traits=[RARELY], broken=HttpFault.LATE), True),
        (a_cause(traits=[CASE], broken=HttpFault.CLOSED), True),
    ],
    ids=["any request, now and then", "one that is late", "one case"],
)
def test_what_a_finding_says_is_no_doubt_beside_it(cause: Cause, *, is_told: bool) -> None:
    """Requests are lost now and then, or nobody knows; of what is waived a doubt is left."""
    of = ("response.http", "MUST", cause.category, "", "", 1, "", "", "", "", "a")
    for waived in (False, True):
        total, row = _of(*REGULAR), Occurrence(*of, waived=waived, cause=cause.id)
        total.causes, total.occurrences = {cause.id: cause}, {"a": row}
        assert bool(repeated_drops(total, _keeps)) is (is_told or waived)


@pytest.mark.parametrize("idle", [{"0": 1_000, "150": 900}, {"0": 9}], ids=["longer", "none"])
def test_what_is_dropped_whether_it_is_idle_or_not_leaves_a_doubt(idle: dict[str, int]) -> None:
    """Others were answered over connections that had waited longer, or nobody knows."""
    assert repeated_drops(_of(*REGULAR, idle=idle), _keeps)


def test_after_how_many_requests_connections_are_lost_is_told() -> None:
    """Where each of them had carried many."""
    (doubt,) = repeated_drops(_of(*((at, idle, 29 + n) for at, idle, n in REGULAR)), _keeps)
    assert "which were sent again, each time after 29 or more over it: find out" in doubt


@pytest.mark.parametrize(
    ("idle", "since", "limit", "is_told"),
    [
        (0.04, 0.06, 0.05, False),
        (0.06, 0.07, 0.05, False),
        (0.04, 0.045, 0.05, True),
        (0.04, 0.10, 0.05, True),
        (0.06, 0.07, None, True),
    ],
    ids=["when it was read late", "as idle", "sooner", "as its last answer took long", "kept"],
)
def test_what_a_server_closes_as_idle_that_is_seen_to_close_idle_ones_is_no_doubt(
    idle: float, since: float, limit: float | None, *, is_told: bool
) -> None:
    """Every request was answered when it was sent again, and the run says why it was."""
    total = _of(*((at, idle, n, since) for at, _, n in REGULAR), idle={"0": 900, "80": 900})
    assert bool(repeated_drops(total, lambda: limit)) is is_told
    told = "The server closes connections that are idle for 0.05 s, as it may (RFC 9112, section 9"
    assert [each.startswith(told) for each in total.outages] == [True] * (not is_told)


@pytest.mark.parametrize(
    ("policy", "idle", "closes"),
    [(KEEP, 0.1, True), (KEEP, None, False), (CLOSE, None, False), (DROP, None, False)],
    ids=["idle ones", "none", "at once", "with the next request"],
)
def test_whether_a_server_closes_idle_connections_is_asked(
    policy: str, idle: float | None, tmp_path: Path, *, closes: bool
) -> None:
    """By requests that are counted as all are; one that drops requests is not taken for it."""
    asked: list[Exchange] = []
    with (
        application() as app,
        keeping(app, lambda _last: policy, idle) as url,
        client(url, tmp_path) as it,
    ):
        it.key = KEY
        limit = closed_as_idle(it, encode(invoice()), asked.append)
    assert (limit is not None and 0.05 < limit < IDLE) is closes
    assert len(asked) == (TIMES if closes or policy == CLOSE else 1)


def test_how_long_a_connection_was_idle_is_known_of_its_exchange(tmp_path: Path) -> None:
    """But for the first over it, and one that had no answer."""
    with serving(_each_third()) as server, client(server.base_url, tmp_path) as it:
        found = [it.send(b"{}").idle for _ in range(4)]
    assert [idle is None for idle in found] == [True, False, True, False]
    assert all(0 <= idle < 0.8 for idle in found if idle is not None)


def test_how_many_requests_were_sent_twice_is_told() -> None:
    """On the terminal and in the summary as Markdown; nothing of what an idle one explains."""
    content = record()
    content["history"]["not_asked"] = []
    assert not summary.on_the_way(content)
    content["counts"]["resent"] = len(_of(*REGULAR, (9.0, 5.0, 1)).resent)
    told = "6 requests were sent twice: the server closed a kept connection without an answer"
    assert told in summary.summary_lines(content)
    assert f"\n{told}.\n" in markdown.summary(content)
