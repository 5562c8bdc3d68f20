"""How the mirror answers when asked to: as an unusual server, or with a fault; and what it says of
what the client did next.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from threading import Event
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from mirror import behaviours
from mirror.behaviours import FAULTS, SERVERS, UnknownNameError
from mirror.mirror import Mirror
from mirror.reactions import reactions
from spec.contract import TargetFacts
from spec.exchange import Exchange
from spec.oracle import Oracle
from tests.invoices import CONTRACT, STARTED
from tests.mirrors import KEY, PATH, connected, invoice, mirror, raw, speaking
from tests.reference_process import encoded
from tests.running import PATIENCE

FACTS = TargetFacts(KEY, None, (), None, STARTED)


@pytest.mark.parametrize("name", [name for name in SERVERS if name != "slow"])
def test_a_conforming_server_conforms_through_the_mirror(name: str) -> None:
    """A valid invoice is created, and a broken one refused, with nothing wrong in either answer."""
    with mirror() as serving:
        serving.answer_as(name)
        with speaking(serving.url) as client:
            if not name.startswith("connections-close-without"):
                client.post(PATH, json=invoice(paid_amount=-1))
            client.post(PATH, json=invoice(2))
        *_, created = serving.received
        assert created.status == 201
        oracle = Oracle(CONTRACT, FACTS)
        for each in serving.received:
            headers = (("X-API-Key", KEY), ("Content-Type", "application/json"))
            request = type(each.exchange.request)("POST", PATH, headers, each.exchange.request.body)
            verdict = oracle.judge(Exchange(request, each.exchange.response, None, 0))
            assert verdict.violations == ()


def test_a_slow_server_is_slow() -> None:
    """A client with a shorter deadline gets nothing, and is said to have left."""
    with mirror() as serving:
        serving.answer_as("slow")
        with speaking(serving.url, timeout=0.2) as client, pytest.raises(httpx.ReadTimeout):
            client.post(PATH, json=invoice())
        serving.log.wait(requests=1)
        received = serving.received[0]
        assert received.answer == "left before the answer, created"
        assert received.heard_at < received.answered


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Event:
    """Set when the slow server was asked; it answers a moment later."""
    event, pause = Event(), asyncio.sleep

    async def sleep(_seconds: float) -> None:
        event.set()
        await pause(1)

    monkeypatch.setattr(behaviours, "asyncio", SimpleNamespace(sleep=sleep))
    return event


@pytest.mark.parametrize(("paid", "verdict"), [(100, "valid"), (-1, "invalid")])
def test_a_request_that_waits_when_the_mirror_ends_is_judged(
    asked: Event, paid: int, verdict: str
) -> None:
    """It came, and got no answer."""
    with mirror() as serving:
        serving.answer_as("slow")
        connection = connected(serving.url)
        connection.sendall(_request(invoice(paid_amount=paid)))
        assert asked.wait(PATIENCE)
    connection.close()
    (received,) = serving.received
    assert (str(received.verdict), received.answer) == (verdict, "no answer")


def test_a_check_waits_for_what_came(asked: Event) -> None:
    """The verdict is there before the client has its answer."""
    with mirror() as serving, connected(serving.url) as connection:
        serving.answer_as("slow")
        connection.sendall(_request(invoice()))
        assert asked.wait(PATIENCE)
        serving.check()
        assert len(serving.received) == 1


def test_what_comes_beside_the_last_request_is_counted(asked: Event) -> None:
    """On its own connection, and after the last one on the same."""
    with mirror() as serving, connected(serving.url) as connection:
        serving.log.limit = 1
        serving.answer_as("slow")
        connection.sendall(_request(invoice(1)))
        assert asked.wait(PATIENCE)
        connection.sendall(_request(invoice(2)))
        for number in (3, 4):
            with suppress(ConnectionError):
                assert raw(serving.url, _request(invoice(number))) == b""
        assert connection.recv(100).startswith(b"HTTP/1.1 201")
        while connection.recv(1000):
            pass
    assert (len(serving.received), serving.log.not_judged) == (1, 3)


def test_every_second_request_is_answered_as_the_server() -> None:
    """The others get the answer of the reference."""
    with mirror() as serving, speaking(serving.url) as client:
        serving.answer_as("the-envelope-has-additional-properties", 2)
        answers = [client.post(PATH, json=invoice(n)).json() for n in range(4)]
        assert ["trace" in each for each in answers] == [False, True, False, True]


@pytest.mark.parametrize("choose", [Mirror.answer_as, Mirror.fail])
def test_an_unknown_name_is_refused(choose: Callable[[Mirror, str], None]) -> None:
    """The sentence says where the names are."""
    with mirror() as serving, pytest.raises(UnknownNameError, match="--list has their names"):
        choose(serving, "no-such-name")


@pytest.mark.parametrize("every", [0, -1, True, 1.5, "x", None])
@pytest.mark.parametrize(("choose", "name"), [(Mirror.answer_as, "slow"), (Mirror.fail, "cut")])
def test_only_each_nth_request_can_be_chosen(choose: Any, name: str, every: Any) -> None:
    """Anything else is refused at once, and nothing is changed."""
    with mirror() as serving, speaking(serving.url) as client:
        with pytest.raises(ValueError, match="is not a whole number from 1 on"):
            choose(serving, name, every=every)
        assert client.post(PATH, json=invoice()).status_code == 201


@pytest.mark.parametrize(
    ("fault", "status", "created"),
    [
        ("throttled", 429, False),
        ("server-error", 500, False),
        ("bad-gateway", 502, False),
        ("duplicate", 400, False),
        ("timeout", httpx.ReadTimeout, True),
        ("cut", httpx.RemoteProtocolError, True),
    ],
)
def test_a_fault_is_what_it_says(
    fault: str, status: int | type[Exception], *, created: bool
) -> None:
    """The client gets the fault, and the invoice is created or not."""
    timeout = 0.5 if fault == "timeout" else PATIENCE
    with mirror() as serving, speaking(serving.url, timeout=timeout) as client:
        serving.fail(fault, 1)
        if isinstance(status, int):
            assert client.post(PATH, json=invoice()).status_code == status
        else:
            with pytest.raises(status):
                client.post(PATH, json=invoice())
        serving.log.wait(requests=1)
        assert serving.received[0].created == created
        assert not serving.received[0].is_answered_well
        assert serving.received[0].verdict == "valid"


def _request(payload: object) -> bytes:
    """A request with the right key."""
    body = encoded(payload)
    head = f"POST {PATH} HTTP/1.1\r\nhost: m\r\nx-api-key: {KEY}\r\n"
    typed = f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    return (head + typed).encode() + body


def _send(serving: Mirror, payload: object) -> None:
    """Send an invoice on a connection of its own, whatever becomes of it."""
    with speaking(serving.url, timeout=0.5) as client, suppress(httpx.HTTPError):
        client.post(PATH, json=payload)


def test_all_faults_come_in_turn() -> None:
    """Each n-th request meets the next one."""
    with mirror() as serving:
        serving.fail("all", 2)
        for number in range(2 * len(FAULTS) + 2):
            _send(serving, invoice(number))
        met = [each.fault.name if each.fault else "" for each in serving.received]
        assert met[1::2] == [*FAULTS, next(iter(FAULTS))]
        assert not any(met[::2])


def test_a_fault_that_creates_nothing_leaves_the_retry_valid() -> None:
    """The same invoice again is the first that the server has heard of it."""
    with mirror() as serving, speaking(serving.url) as client:
        serving.fail("server-error", 2)
        for number in (1, 2, 2):
            client.post(PATH, json=invoice(number))
        assert [each.verdict for each in serving.received] == ["valid"] * 3
        (reaction,) = serving.reactions
        assert (reaction.number, reaction.again, reaction.how) == (2, 3, "the same invoice")
        assert reaction.answer == "500"
        assert not reaction.warning


def test_a_retry_under_new_references_is_a_second_invoice() -> None:
    """The first was created, though its answer was lost."""
    with mirror() as serving:
        serving.fail("timeout", 2)
        for number in (1, 2, 3):
            _send(serving, invoice(number))
        (reaction,) = serving.reactions
        assert reaction.answer == "no answer, created"
        assert (reaction.number, reaction.again) == (2, 3)
        assert reaction.how == "under a new reference_id and invoice_number"
        assert reaction.warning == "the invoice now exists twice"


@pytest.mark.parametrize(
    ("changes", "how"),
    [
        (
            {"remarks": "Second try", "url": "https://example.com/2"},
            "under a new reference_id and invoice_number, with remarks, url changed",
        ),
        ({"reference_id": "REF-1"}, "under a new invoice_number"),
    ],
)
def test_a_second_invoice_is_known_by_what_it_is_of(changes: dict[str, str], how: str) -> None:
    """A client may write the texts anew, and keep one of the references."""
    with mirror() as serving:
        serving.fail("cut", 1)
        _send(serving, invoice(1))
        _send(serving, invoice(2, **changes))
        first, _ = serving.reactions
        assert (first.again, first.how) == (2, how)
        assert first.warning == "the invoice now exists twice"


def test_an_invoice_of_another_order_is_another() -> None:
    """The client gave the first one up."""
    with mirror() as serving:
        serving.fail("cut", 1)
        _send(serving, invoice(1))
        _send(serving, invoice(2, order_id="ORD-2"))
        assert [each.again for each in serving.reactions] == [None, None]


def test_a_client_that_takes_no_zipped_answer_gets_none() -> None:
    """As from any server; one that says nothing takes it."""
    with mirror() as serving, speaking(serving.url) as client:
        serving.answer_as("bodies-are-zipped-and-chunked")
        plain = client.post(PATH, json=invoice(1), headers={"Accept-Encoding": "identity"})
        assert "content-encoding" not in plain.headers
        assert plain.json()["data"]["invoice_number"] == "INV-1"
        assert client.post(PATH, json=invoice(2)).headers["content-encoding"] == "GZIP"


def test_a_retry_before_its_time_is_told() -> None:
    """The server asked for a second of patience."""
    with mirror() as serving:
        serving.fail("throttled", 2)
        for number in (1, 2, 2):
            _send(serving, invoice(number))
        (reaction,) = serving.reactions
        assert reaction.warning == "sooner than the 1 s of Retry-After"


def test_a_mended_invoice_is_told_by_what_is_changed() -> None:
    """After a 400, the same references with another amount."""
    with mirror() as serving:
        _send(serving, invoice(1, paid_amount=-1))
        _send(serving, invoice(1, remarks="Mended"))
        (reaction,) = serving.reactions
        assert reaction.how == "the same references, with paid_amount, remarks changed"


def test_an_invoice_that_was_created_is_not_sent_again() -> None:
    """Where it is, that is told; other invoices with the same contents are none of it."""
    with mirror() as serving:
        for number in (1, 2, 1):
            _send(serving, invoice(number))
        (reaction,) = serving.reactions
        assert (reaction.number, reaction.again) == (1, 3)
        assert reaction.warning == "though the invoice was created"


def test_what_is_given_up_is_told() -> None:
    """The client sent nothing of it again."""
    with mirror() as serving:
        serving.fail("bad-gateway", 1)
        _send(serving, invoice())
        (reaction,) = serving.reactions
        assert (reaction.again, reaction.how) == (None, "not sent again")


def test_a_request_without_an_invoice_is_not_the_same_invoice() -> None:
    """What has no body was not sent again by another that has none; a body is at least a body."""
    with mirror() as serving, speaking(serving.url) as client:
        for _ in range(2):
            client.get(PATH)
            client.post(PATH, content=b"{")
        (first, second) = serving.reactions
        assert (first.number, first.again, first.how) == (2, 4, "the same body")
        assert (second.number, second.how) == (4, "not sent again")


@pytest.mark.parametrize(
    ("arrived", "warning"),
    [(2.0, "sooner than the 1 s of Retry-After"), (2.5, ""), (2.4999, "")],
)
def test_the_pause_before_a_retry_ends_where_the_retry_begins(arrived: float, warning: str) -> None:
    """And begins where the answer was ready: a client cannot have heard of it before."""
    with mirror() as serving:
        serving.fail("throttled", 2)
        for number in (1, 2, 2):
            _send(serving, invoice(number))
        _, first, second = serving.received
        first.answered, first.finished = 1.5, 1.9
        second.arrived, second.answered, second.finished = arrived, 9.0, 9.1
        (reaction,) = reactions([first, second])
        assert reaction.after == pytest.approx(arrived - 1.5)
        assert reaction.warning == warning


def test_a_request_arrives_with_its_first_byte() -> None:
    """However long the rest of it takes."""
    body = encoded(invoice())
    head = f"POST {PATH} HTTP/1.1\r\nhost: m\r\nx-api-key: {KEY}\r\nexpect: 100-continue\r\n"
    with mirror() as serving, connected(serving.url) as connection:
        connection.sendall(f"{head}content-length: {len(body)}\r\n\r\n".encode())
        assert connection.recv(100).startswith(b"HTTP/1.1 100")
        begun = serving.log.seconds
        connection.sendall(body)
        connection.recv(100)
        assert serving.received[0].arrived < begun


def test_items_under_new_references_are_not_the_same_invoice() -> None:
    """Nor is one that has lost a reference."""
    with mirror() as serving:
        serving.fail("server-error", 1)
        _send(serving, invoice(1))
        _send(serving, invoice(1, items=invoice(2)["items"]))
        _send(serving, {name: each for name, each in invoice(1).items() if name != "reference_id"})
        first, second, _ = serving.reactions
        assert first.how == "the same references, with items changed"
        assert second.how == "the same references, with reference_id, items changed"
