"""What an answer leaves on its connection is told by the request that was answered so."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler
from itertools import count
from pathlib import Path
from threading import Event
from types import SimpleNamespace
from typing import Any

import pytest
from starlette.datastructures import Headers
from starlette.types import ASGIApp
from typing_extensions import override

from reference.mutants.asgi import RawResponse, call
from reference.refusal import Refusal
from reference.store import Store
from strategies.invoice import encode, plain_invoice
from tests.asking import ORDERS, VALID, asking_of, invoice, refuses
from tests.exchanges import CONTRACT
from tests.fronts import handled
from tests.running import application

PLAIN = plain_invoice(CONTRACT, ORDERS)
Written = Callable[[bytes, RawResponse, int], bytes | None]
"""The bytes that are sent in answer to a body, after a status that was sent over the connection, or
0; None for none, until the server is closed.
"""


def _whole(answer: RawResponse, length: int | None = None) -> bytes:
    """An answer that says that it is as long as it is, or of another length."""
    size = str(len(answer.body) if length is None else length)
    fields = [(name, value) for name, value in answer.headers if name.lower() != "content-length"]
    lines = [f"{name}: {value}\r\n" for name, value in (*fields, ("content-length", size))]
    return f"HTTP/1.1 {answer.status} X\r\n{''.join(lines)}\r\n".encode() + answer.body


@contextmanager
def _writing(app: ASGIApp, written: Written) -> Iterator[str]:
    """Serve an application whose answers are written so."""
    ends = Event()

    class Handler(BaseHTTPRequestHandler):
        protocol_version, disable_nagle_algorithm = "HTTP/1.1", True

        @override
        def log_message(self, *_: Any) -> None:
            """Write nothing."""

        @override
        def setup(self) -> None:
            super().setup()
            self.status = 0

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            sent = [(name.lower().encode(), value.encode()) for name, value in self.headers.items()]
            own = call(app, "POST", self.path, sent, body)
            answer, self.status = written(body, own, self.status), own.status
            if answer is None:
                self.close_connection = True
                ends.wait()
            else:
                self.wfile.write(answer)

    with handled(Handler) as url:
        try:
            yield url
        finally:
            ends.set()


@pytest.mark.parametrize("each", [1, 2])
def test_an_answer_that_is_sent_twice_is_told_by_the_request_that_gets_it(
    tmp_path: Path, each: int
) -> None:
    """Each time, or as often as the second one is there in time; the body is told that gets it."""
    numbers = count()

    def written(body: bytes, answer: RawResponse, _: int) -> bytes:
        twice = not body.startswith(b"{") and next(numbers) % each == 0
        return _whole(answer) * (2 if twice else 1)

    with application() as app, _writing(app, written) as url, asking_of(url, tmp_path) as asking:
        asking.found.control(asking.client)
        asking.client.send(b"[]")
        asking.ask(invoice(), "an invoice")
        row = asking.only
    words = "the request before it over the connection was answered 400, to the body []"
    assert (row["requirement"], row["difference"]) == ("response.http", words)
    assert row["accepted"] == "the plain invoice, sent alone"
    assert row["refused"] == f"the plain invoice; {words}"


def test_what_is_left_of_an_answer_is_no_finding_beside_that_answer(tmp_path: Path) -> None:
    """Its length counts characters: the error is cut, and the next answer begins with its end."""

    def written(body: bytes, answer: RawResponse, _: int) -> bytes:
        is_told = answer.status == 400 and not body.isascii()
        errors = (
            '{"code": "BAD", "message": "No.", "details": [{"field": "order_id", "reason": "éé"}]}'
        )
        if not is_told:
            return _whole(answer)
        return _whole(RawResponse(400, answer.headers, errors.encode()), len(errors))

    with application() as app, _writing(app, written) as url, asking_of(url, tmp_path) as asking:
        asking.found.control(asking.client)
        asking.client.send(encode({**PLAIN, "order_id": "é" * 256}))
        asking.ask(invoice(), "an invoice")
        asking.ask({**PLAIN, "order_id": "é" * 256, "remarks": "x"}, "256 characters")
        asking.ask(invoice(), "an invoice")
        row = asking.only
    assert (row["requirement"], row["also"]) == ("4xx.json", ["response.http"])
    assert row["difference"] == "order_id of 256 characters, some beyond ASCII"


def test_what_gets_no_answer_only_after_a_401_is_told_so(tmp_path: Path) -> None:
    """Over the same connection; sent alone, and after any other request, it has its answer."""

    def written(_: bytes, answer: RawResponse, before: int) -> bytes | None:
        return None if before == 401 else _whole(answer)

    with (
        application() as app,
        _writing(app, written) as url,
        asking_of(url, tmp_path, timeout=1.5) as asking,
    ):
        asking.found.control(asking.client)
        asking.client.send(encode(PLAIN), key=None)
        asking.ask(invoice(), "an invoice")
        row = asking.only
    assert row["requirement"] == "response.http"
    assert row["difference"] == "the request before it over the connection was answered 401"


@pytest.mark.parametrize("is_after", [False, True])
def test_errors_with_a_tail_of_another_are_a_finding_beside_an_answer_that_is_broken(
    tmp_path: Path, *, is_after: bool
) -> None:
    """Each has a request of its own that brings it about, the one before or another one."""

    def written(body: bytes, answer: RawResponse, before: int) -> bytes:
        if before == 401 and answer.status == 401:
            return _whole(RawResponse(401, answer.headers, answer.body + b'"}]}'))
        is_broken = before == 400 if is_after else b'"odd"' in body
        return b"HTTP/1.1 abc\r\n\r\n" if is_broken else _whole(answer)

    with application() as app, _writing(app, written) as url, asking_of(url, tmp_path) as asking:
        asking.found.control(asking.client)
        asking.ask(invoice(), "an invoice", key="wrong")
        asking.ask(invoice(), "an invoice", key="wrong too")
        asking.ask(invoice(paid_amount=-1), "a near miss")
        asking.ask(invoice(remarks="odd"), "an odd one")
        rows = asking.rows
    assert {row["requirement"]: row["also"] for row in rows} == {
        "response.http": [],
        "4xx.json": [],
    }
    (broken,) = (row for row in rows if row["requirement"] == "response.http")
    before = "the request before it over the connection was answered 400"
    assert broken["difference"] == (before if is_after else 'remarks "odd"')


def test_an_error_with_the_tail_of_a_longer_one_is_told_without_the_invoice_before(
    tmp_path: Path,
) -> None:
    """The key is to blame for the longer one, whatever the invoice was."""
    last = [False]

    def written(_: bytes, answer: RawResponse, before: int) -> bytes:
        longer, last[:] = last[0], [answer.status == 401 and b"missing" not in answer.body]
        tail = before == answer.status == 401 and longer
        return _whole(RawResponse(answer.status, answer.headers, answer.body + b"}" * tail))

    with application() as app, _writing(app, written) as url, asking_of(url, tmp_path) as asking:
        asking.found.control(asking.client)
        asking.ask(invoice(total_amount=899), "an invoice", key="wrong")
        asking.ask(invoice(), "an invoice", key=None)
        row = asking.only
    assert row["requirement"] == "4xx.json"
    assert "total_amount" not in row["difference"]


def test_an_error_of_another_status_with_a_tail_is_told_by_the_request_before(
    tmp_path: Path,
) -> None:
    """Sent alone it is well, so not each one of that status is wrong."""

    def written(_: bytes, answer: RawResponse, before: int) -> bytes:
        tail = before == 401 and answer.status == 415
        return _whole(RawResponse(answer.status, answer.headers, answer.body + b"}" * tail))

    with application() as app, _writing(app, written) as url, asking_of(url, tmp_path) as asking:
        asking.found.control(asking.client)
        asking.ask(invoice(), "an invoice", key=None)
        asking.ask(invoice(), "plain text", headers=[("Content-Type", "text/plain")])
        row = asking.only
    assert row["requirement"] == "4xx.json"
    assert row["difference"].startswith(
        "the request before it over the connection was answered 401"
    )


def test_what_is_wrong_after_another_is_told_by_the_part_of_it_that_has_to_be_there(
    tmp_path: Path,
) -> None:
    """No case is named: what else the invoice and its header fields are is of no matter."""

    def written(body: bytes, own: RawResponse, before: int) -> bytes:
        wide = "é".encode() in body and own.status == 201
        return _whole(_refused(own) if wide and before == 401 else own)

    with (
        application() as app,
        _writing(app, written) as url,
        asking_of(url, tmp_path) as asking,
    ):
        asking.found.control(asking.client)
        for number in range(2):
            asking.ask(invoice(url=f"https://a.example/{number}"), "no key", key=None)
            case = invoice(remarks="é", due_date="2030-02-01T00:00:00Z")
            asking.ask(case, "the case", headers=(("X-Extra", "1"),))
        row = asking.only
    told = 'the plain invoice with remarks "é"'
    assert row["accepted"] == f"{told}, sent alone"
    assert row["refused"] == (f"{told}; the request before it over the connection was answered 401")


def _refused(own: RawResponse) -> RawResponse:
    body = encode({"code": "BAD_REQUEST", "message": "It is no JSON.", "details": []})
    return RawResponse(400, own.headers, body)


def test_what_a_connection_keeps_of_an_early_request_is_told_by_that(tmp_path: Path) -> None:
    """It is not the one just before, and no invoice has it over a connection of its own."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version, disable_nagle_algorithm = "HTTP/1.1", True

        @override
        def log_message(self, *_: Any) -> None:
            """Write nothing."""

        @override
        def setup(self) -> None:
            super().setup()
            self.narrow = False

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            sent = [(name.lower().encode(), value.encode()) for name, value in self.headers.items()]
            self.narrow = self.narrow or self.headers["accept-language"] == "de"
            own = call(app, "POST", self.path, sent, body)
            wide = "é".encode() in own.body and own.status == 201 and self.narrow
            changed = own.body.replace("é".encode(), b"?") if wide else own.body
            self.wfile.write(_whole(RawResponse(own.status, own.headers, changed)))

    with application() as app, handled(Handler) as url, asking_of(url, tmp_path) as asking:
        asking.found.control(asking.client)
        german = (("Accept-Language", "de"), ("X-Extra", "1"))
        asking.ask(invoice(), "in German", headers=german)
        for number in range(4):
            asking.ask(invoice(url=f"https://a.example/{number}"), "a case")
        asking.ask(invoice(remarks="é"), "the case")
        row = asking.only
    assert row["accepted"] == 'the plain invoice with remarks "é", sent alone'
    assert row["refused"] == (
        'the plain invoice with remarks "é"; the request before it over the connection was'
        " answered 201, to a header field Accept-Language"
    )


def test_a_lock_after_a_wrong_key_is_told_although_it_is_over_in_a_moment(
    against: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever is sent meanwhile is refused, also over another connection."""
    now, until = 0.0, 0.0

    def sleep(seconds: float) -> None:
        nonlocal now
        now += seconds

    monkeypatch.setattr("causes.kinds.lockout.time", SimpleNamespace(sleep=sleep))

    def authenticate(headers: Headers, store: Store) -> None:
        nonlocal until
        if now < until:
            raise Refusal(401, "Too many wrong keys.")
        if headers.get("x-api-key") not in (None, ORDERS.key):
            until = now + 1
        VALID.authenticate(headers, store)

    refused = refuses(("remarks",), lambda it: it.get("remarks") == "no")
    with against(authenticate=authenticate, **refused) as asking:
        asking.ask(invoice(remarks="no"))
        asking.ask(PLAIN, "a wrong key", key="wrong")
        asking.ask(PLAIN, "no key", key=None)
        asking.ask(invoice(), "after a wrong key")
        row = next(each for each in asking.rows if each["status"] == 401)
    assert row["difference"] == "the request before it was answered 401, less than 2 s ago"
    assert row["accepted"] == "the plain invoice, sent alone"
