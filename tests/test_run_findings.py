"""Findings: the smallest difference between a request that is answered well and one that is not."""

import asyncio
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from causes import explaining, grouping
from causes.cause import Cause
from causes.finding import rows_of
from proof.in_process import AppTransport
from reference.refusal import Problem, Refusal
from reference.server import serving
from reference.service import Steps
from reference.store import Store
from reports import waive
from reports.ledger import Counts, Ledger, Occurrence
from run.findings import Findings
from spec.contract import PLACEHOLDER
from spec.oracle import Oracle, Verdict
from spec.requirements import Level
from spec.violation import Category
from spec.waivers import Found, Waiver
from strategies.invoice import base, encode
from targets.client import Client
from targets.errors import UnreachableError
from targets.pace import Pace
from targets.stamp import Stamper
from tests.exchanges import CONTRACT
from tests.exchanges import ORDERS as OTHERS
from tests.fronts import error, fronted
from tests.running import KEY, application, server

VALID = Steps()
ORDERS = replace(OTHERS, key=KEY)
Json = Any


@dataclass(slots=True)
class Asking:
    """A run against a server: what was asked, and what explains it."""

    client: Client
    found: Findings
    oracle: Oracle
    sent: list[bytes] = field(default_factory=list)

    def ask(self, payload: Json, name: str = "the case", **how: Any) -> Verdict:
        """Send a payload, judge the answer and explain it; the verdict that shows it best."""
        body = payload if isinstance(payload, bytes) else encode(payload)
        verdict = self.oracle.judge(self.client.send(body, **how))
        return self.found.explain(self.client, verdict, name) if verdict.violations else verdict

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The findings, as the record has them."""
        counts = self.found.ledger.counts
        groups = grouping.grouped(
            CONTRACT, counts.occurrences.values(), counts.causes, counts.together
        )
        return rows_of(CONTRACT, groups, Level.SHOULD, counts.forms)

    @property
    def only(self) -> dict[str, Any]:
        """The one finding that there is."""
        (row,) = self.rows
        return row


@pytest.fixture
def against(tmp_path: Path) -> Callable[..., Any]:
    """Opens a run against the reference with some steps changed."""

    @contextmanager
    def opened(**steps: Any) -> Iterator[Asking]:
        with (
            application(replace(VALID, **steps)) as app,
            _asking("http://reference.test", tmp_path, transport=AppTransport(app)) as asking,
        ):
            yield asking

    return opened


@contextmanager
def _asking(url: str, folder: Path, in_flight: int = 1, **how: Any) -> Iterator[Asking]:
    client = Client(url, CONTRACT.path, "X-API-Key", KEY, Stamper("7E577E57"), Pace(folder), **how)
    ledger = Ledger(CONTRACT)
    ledger.begin("tests/test_a.py::test_b[c]")
    oracle = Oracle(CONTRACT, ORDERS, observe=ledger.observe)
    found = Findings(CONTRACT, ORDERS, oracle, ledger, in_flight=in_flight)
    yield Asking(client, found, oracle)
    client.close()


def _invoice(**edits: Json) -> dict[str, Json]:
    """The plain invoice, with many properties changed that nobody minds, and these."""
    unlike = {"due_date": "2031-01-01T00:00:00Z", "url": "https://shop.example/a"}
    return {**base(CONTRACT, ORDERS), **unlike, **edits}


def _of_items(items: list[Json]) -> dict[str, Json]:
    """Such an invoice of these items."""
    total = round(sum(item["quantity"] * item["amount"] for item in items), 2)
    return _invoice(items=items, total_amount=total)


def _refuses(location: tuple[str | int, ...], wrong: Callable[[Json], bool]) -> dict[str, Any]:
    """A server that refuses payloads of which this is so, and names that location."""

    def check(payload: Json) -> tuple[Problem, ...]:
        told = (Problem(location, "wrong", "is wrong"),) if wrong(payload) else ()
        return VALID.check(payload) or told

    return {"check": check}


def test_a_refusal_is_the_one_property_that_is_refused(against: Any) -> None:
    """Of all that differs from the plain invoice; the server's own words are told."""
    server = _refuses(("paid_amount",), lambda it: it["paid_amount"] == 0)
    with against(**server) as asking:
        asking.ask(_invoice(paid_amount=0, status="PENDING"))
        row = asking.only
        assert row["requirement"] == "paid_amount.minimum"
        assert row["category"] == "Refused valid input"
        assert (row["difference"], row["accepted"]) == ("paid_amount 0", "the plain invoice")
        assert row["refused"] == "the same with paid_amount 0"
        assert (row["status"], row["code"]) == (400, "BAD_REQUEST")
        assert row["detail"] == "paid_amount: is wrong"


def test_what_a_known_cause_explains_is_not_asked_again(against: Any) -> None:
    """The same difference in another invoice is the same finding, seen once more."""
    server = _refuses(("paid_amount",), lambda it: it["paid_amount"] == 0)
    with against(**server) as asking:
        asking.ask(_invoice(paid_amount=0, status="PENDING"))
        left = asking.found.left
        asking.ask(_invoice(paid_amount=0, status="PENDING", remarks="Another one"))
        assert asking.found.left == left
        assert asking.only["times"] == 2


def test_the_status_is_told_where_it_is_refused_and_not_the_amount(against: Any) -> None:
    """The two go together, so one more request tells them apart."""
    server = _refuses(("status",), lambda it: it.get("status") == "OVERPAID")
    with against(**server) as asking:
        asking.ask(_invoice(paid_amount=10**6, status="OVERPAID"))
        assert asking.only["difference"] == 'status "OVERPAID"'


@pytest.mark.parametrize(
    ("amount", "times", "difference"),
    [
        (13.5, 3, 'status "OVERPAID" and paid_amount 3701.85'),
        (0.25, 4, 'status "OVERPAID" and paid_amount 4935.8'),
    ],
)
def test_a_payment_is_told_with_the_status_where_it_takes_both(
    against: Any, amount: float, times: int, difference: str
) -> None:
    """In proportion to the plain total, so that the items have no part in it."""

    def wrong(payload: Json) -> bool:
        paid, total = payload["paid_amount"], payload["total_amount"]
        return payload.get("status") == "OVERPAID" and bool(paid > 2 * total)

    payload = _of_items(
        [
            {**item, "reference_id": f"R-{n}-{PLACEHOLDER}", "quantity": 1, "amount": amount}
            for n, item in enumerate(base(CONTRACT, ORDERS)["items"] * 2)
        ]
    )
    paid = {"paid_amount": payload["total_amount"] * times, "status": "OVERPAID"}
    with against(**_refuses(("paid_amount",), wrong)) as asking:
        asking.ask({**payload, **paid}, "a drawn invoice")
        row = asking.only
        assert (row["requirement"], row["difference"]) == ("201.status", difference)


def test_two_amounts_that_have_to_be_equal_are_told_so(against: Any) -> None:
    """Nobody could see it from the amounts, and all the items that make the total."""

    def render(payload: Json) -> Json:
        data = VALID.render(payload)
        full = "status" not in payload and payload["paid_amount"] == payload["total_amount"]
        return {**data, "status": "Paid"} if full else data

    items = [{**item, "reference_id": f"R-{n}"} for n, item in enumerate(_invoice()["items"] * 9)]
    total = round(sum(item["quantity"] * item["amount"] for item in items), 2)
    payload = _invoice(items=items, total_amount=total, paid_amount=total)
    del payload["status"]
    with against(render=render) as asking:
        asking.ask(payload)
        row = asking.only
        assert row["requirement"] == "201.data.status.enum"
        assert row["difference"] == "no status and paid_amount equal to total_amount"


@pytest.mark.parametrize(
    ("amount", "wrong", "difference"),
    [
        (57321, lambda number: number > 700, "items[0].quantity 1000"),
        (57321, lambda number: number == 57321, "items[0].quantity 57321"),
    ],
)
def test_a_number_is_made_plainer(
    against: Any, amount: int, wrong: Callable[[int], bool], difference: str
) -> None:
    """To a power of ten that is refused as well, so that each run tells the same."""
    items = _invoice()["items"]
    items[0]["quantity"] = amount
    total = round(sum(item["quantity"] * item["amount"] for item in items), 2)
    refusing = _refuses(("items", 0, "quantity"), lambda it: wrong(it["items"][0]["quantity"]))
    with against(**refusing) as asking:
        asking.ask(_invoice(items=items, total_amount=total))
        row = asking.only
        assert (row["requirement"], row["difference"]) == ("items[].quantity.type", difference)


@pytest.mark.parametrize(
    ("name", "value", "wrong", "difference"),
    [
        ("remarks", "Nice, isn't it", lambda text: "'" in text, 'remarks "x\'"'),
        ("remarks", "Long, isn't it " * 9, lambda text: "'" in text, 'remarks "x\'"'),
        ("remarks", "x y" * 80, lambda text: len(text) > 100, "remarks of 101 characters"),
        (
            "remarks",
            "é" * 200,
            lambda text: len(text.encode()) > 255,
            "remarks of 128 characters, some beyond ASCII",
        ),
        (
            "remarks",
            "x" + "😀" * 200,
            lambda text: len(text.encode("utf-16-le")) > 510,
            "remarks of 130 characters, some beyond U+FFFF",
        ),
        (
            "due_date",
            "2033-04-05T06:07:08.123+05:30",
            lambda text: not text.endswith("Z"),
            'due_date "2080-07-31T00:00:00+05:30"',
        ),
        (
            "url",
            "http://a.example:81/b?c=d#e",
            lambda text: "?" in text,
            'url "https://billing.example.com/invoices/2024-0117?c=d"',
        ),
        (
            "url",
            "http://a.example:81/b?label=first&label=second#e",
            lambda text: text.count("label=") > 1,
            'url "https://billing.example.com/invoices/2024-0117?label=first&label=second"',
        ),
        (
            "url",
            "http://a.example/" + "b" * 300,
            lambda text: len(text) > 200,
            "url of 201 characters",
        ),
    ],
)
def test_a_text_is_made_shorter(
    against: Any, name: str, value: str, wrong: Callable[[str], bool], difference: str
) -> None:
    """To what of it is refused: characters, one part of a date or of an address; its length only
    where that is to blame.
    """
    with against(**_refuses((name,), lambda it: wrong(it[name]))) as asking:
        asking.ask(_invoice(**{name: value}))
        assert asking.only["difference"] == difference


def test_a_sum_is_told_from_what_it_follows(against: Any) -> None:
    """It is no edit of its own; another sum like it needs no more requests."""
    server = _refuses(("total_amount",), lambda it: it["total_amount"] == 0)
    free = [{**item, "amount": 0} for item in base(CONTRACT, ORDERS)["items"]]
    paid = {"total_amount": 0, "paid_amount": 0, "status": "PAID"}
    with against(**server) as asking:
        asking.ask(_invoice(items=free[:1], **paid))
        left = asking.found.left
        asking.ask(_invoice(items=free, **paid))
        assert asking.found.left == left
        assert asking.only["difference"].startswith("total_amount 0, from ")
        assert "total_amount" not in asking.only["difference"].partition(", from ")[2]


def test_the_smallest_number_of_items_is_told(against: Any) -> None:
    """From how many items on their order is lost."""

    def render(payload: Json) -> Json:
        data = VALID.render(payload)
        return {**data, "items": data["items"][::-1]} if len(data["items"]) > 20 else data

    items = base(CONTRACT, ORDERS)["items"] * 20
    items = [{**item, "reference_id": f"R-{n}"} for n, item in enumerate(items)]
    with against(render=render) as asking:
        asking.ask(_of_items(items))
        row = asking.only
        assert row["requirement"] == "201.data.items.echo"
        assert row["got"] == "the same items in another order"
        assert row["difference"] == "21 items"


def _merging(merged: Callable[[int, Json], Any]) -> Callable[[Json], Json]:
    """Renders invoices of which only the first item comes back of those for which this is equal."""

    def render(payload: Json) -> Json:
        data = VALID.render(payload)
        first: dict[Any, Json] = {}
        for place, item in enumerate(payload["items"]):
            first.setdefault(merged(place, item), data["items"][place])
        return {**data, "items": [*first.values()]}

    return render


def _product(_: int, item: Json) -> Any:
    return item["sku"], item["name"], item["amount"]


@pytest.mark.parametrize(
    ("merged", "difference"),
    [
        (_product, "4 items and items[3] like items[0]"),
        (lambda place, _: min(place, 3), "5 items"),
    ],
)
def test_items_that_are_merged_are_told_by_which_ones_are_alike(
    against: Any, merged: Callable[[int, Json], Any], difference: str
) -> None:
    """Unless as many that are unlike are merged as well."""
    items = base(CONTRACT, ORDERS)["items"] * 3
    items = [{**item, "reference_id": f"R-{n}"} for n, item in enumerate(items)]
    with against(render=_merging(merged)) as asking:
        asking.ask(_of_items(items))
        row = asking.only
        assert (row["requirement"], row["difference"]) == ("201.data.items.echo", difference)


def test_an_item_that_is_merged_with_another_is_told_and_not_what_it_is_of(against: Any) -> None:
    """It takes all that the items have in common, which is no difference by itself."""
    items = base(CONTRACT, ORDERS)["items"]
    alike = {name: value for name, value in items[0].items() if name != "reference_id"}
    with against(render=_merging(_product)) as asking:
        asking.ask(_of_items([*items[:2], {**items[2], **alike, "quantity": 9}]))
        assert asking.only["refused"] == "the same with items[2] like items[0]"


def test_a_fault_that_is_accepted_in_one_item_is_tried_in_another(against: Any) -> None:
    """Where it is refused is told as well."""

    def check(payload: Json) -> tuple[Problem, ...]:
        problems = VALID.check(payload)
        return tuple(one for one in problems if one.location[:2] in (("items", 0), ("items", 1)))

    payload = _invoice()
    payload["items"][2]["sku"] = "x" * 256
    with against(check=check) as asking:
        asking.ask(payload)
        row = asking.only
        assert row["requirement"] == "items[].sku.maxLength"
        assert row["accepted"] == "the plain invoice with items[2].sku of 256 characters"
        assert row["refused"] == "the same in items[0]"


def test_a_refused_control_is_one_finding(against: Any) -> None:
    """It is explained by a smaller invoice, and explains all that has the same in it."""
    server = _refuses(("remarks",), lambda it: "." in it.get("remarks", ""))
    with against(**server) as asking:
        asking.ask(_invoice())
        left = asking.found.left
        asking.ask(_invoice(paid_amount=0, status="PENDING"))
        row = asking.only
        assert asking.found.left == left
        assert row["difference"] == 'remarks "x."'
        assert row["accepted"] == "a smaller invoice"
        assert row["times"] == 2


def test_every_error_in_another_shape_is_one_finding(against: Any) -> None:
    """All that is wrong with each of them is told together, and which ones it is."""

    def explain(refusal: Any) -> Json:
        return {"error": "no"} if refusal.status == 401 else VALID.explain(refusal)

    with against(explain=explain) as asking:
        asking.ask({"status": "PAID"})
        for key in ("wrong", "worse"):
            asking.ask(_invoice(), key=key)
        row = asking.only
        assert (row["requirement"], row["also"]) == (
            "4xx.code.required",
            ["4xx.message.required"],
        )
        assert (row["accepted"], row["refused"]) == ("every 400", "every 401")


def test_what_shows_only_once_is_told_as_such(against: Any) -> None:
    """The same request, sent again and again, was answered well."""
    calls = []

    def keep(_: Any, data: Any) -> None:
        calls.append(data)
        if len(calls) == 1:
            raise Refusal(500, "Internal Server Error")

    with against(keep=keep) as asking:
        asking.ask(base(CONTRACT, ORDERS), "time 1")
        row = asking.only
        assert row["category"] == "Server error"
        assert (row["accepted"], row["refused"]) == (
            "time 1, 7 of 8 times",
            "time 1, not always: 1 of 8 times",
        )


def _fails_each(number: int) -> Callable[[int, bytes], Response | None]:
    """A front that breaks down at each request of a number, whatever is in it."""
    return lambda count, _body: error(500) if count % number == 0 else None


def test_each_tenth_request_is_told_by_how_often_it_fails(tmp_path: Path) -> None:
    """With others in flight or not: those have no part in it, so they are not blamed."""
    with fronted(_fails_each(10)) as url, _asking(url, tmp_path, in_flight=8) as asking:
        verdicts = [asking.oracle.judge(asking.client.send(encode(_invoice()))) for _ in range(10)]
        asking.found.explain_concurrent(asking.client, verdicts[-1], "a drawn invoice")
        row = asking.only
    assert row["difference"] == ""
    told = re.fullmatch("a drawn invoice, not always: ([0-9]+) of ([0-9]+) times", row["refused"])
    assert told is not None
    wrong, times = told.groups()
    assert 1 <= int(wrong) < int(times)
    assert row["accepted"] == f"a drawn invoice, {int(times) - int(wrong)} of {times} times"


class Batches:
    """What waits a moment for more requests, and breaks down at more than one."""

    def __init__(self, app: ASGIApp) -> None:
        self.app, self.batch = app, [asyncio.Event()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, together with those that come meanwhile."""
        first = len(self.batch) == 1
        self.batch.append(asyncio.Event())
        if not first:
            self.batch[0].set()
        with suppress(TimeoutError):
            await asyncio.wait_for(self.batch[0].wait(), 0.05)
        alone = not self.batch[0].is_set()
        self.batch = [asyncio.Event()] if first else self.batch
        await (self.app if alone else error(500))(scope, receive, send)


def test_what_fails_only_together_is_told_by_the_other_requests(tmp_path: Path) -> None:
    """Alone it is answered well again and again; each time that several are sent one is not."""
    with (
        application() as app,
        serving(Batches(app)) as url,
        _asking(url, tmp_path, in_flight=4) as asking,
    ):
        bodies = [encode(_invoice())] * 4
        judged = map(asking.oracle.judge, asking.client.send_concurrently(bodies, 4))
        wrong = next(verdict for verdict in judged if verdict.violations)
        asking.found.explain_concurrent(asking.client, wrong, "an invoice")
        row = asking.only
    assert row["difference"] == "other requests in flight"
    assert row["accepted"] == "an invoice, sent alone 16 times"
    assert row["refused"] == "an invoice, with other requests in flight"


def test_what_follows_a_refusal_is_told_so_among_many_requests_too(tmp_path: Path) -> None:
    """The one before came over another connection, so one of its kind is sent again."""
    refused: list[Problem] = []

    def check(payload: Json) -> tuple[Problem, ...]:
        problems = VALID.check(payload)
        after = bool(refused) and not problems
        refused[:] = problems
        return (Problem(("reference_id",), "wrong", "the one before"),) if after else problems

    checking = replace(VALID, check=check)
    with server(checking) as url, _asking(url, tmp_path, in_flight=8) as asking:
        asking.client.send_concurrently([b"{}"], 1)
        verdict = asking.oracle.judge(asking.client.send(encode(_invoice())))
        assert verdict.exchange.before is None
        asking.found.explain_concurrent(asking.client, verdict, "one of many")
        row = asking.only
    assert row["difference"] == "the request before it was answered 400"
    assert row["accepted"] == "the plain invoice, sent alone"


def test_a_key_that_a_connection_remembers_is_told_by_the_request_before(tmp_path: Path) -> None:
    """No key is needed after a request with one; over a new connection it is."""
    known: set[Any] = set()

    def remembering(app: ASGIApp) -> ASGIApp:
        async def remembered(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] == "http":
                key = (b"x-api-key", KEY.encode())
                has = any(name == b"x-api-key" for name, _ in scope["headers"])
                peer = tuple(scope["client"])
                if not has and peer in known:
                    scope = {**scope, "headers": [*scope["headers"], key]}
                known.update({peer} if key in scope["headers"] else ())
            await app(scope, receive, send)

        return remembered

    with (
        application() as app,
        serving(remembering(app)) as url,
        _asking(url, tmp_path) as asking,
    ):
        asking.client.send(encode(_invoice()))
        asking.ask(_invoice(), "no key, a valid invoice", key=None)
        asking.client.disconnect()
        assert (
            asking.oracle.judge(asking.client.send(encode(_invoice()), key=None)).violations == ()
        )
        row = asking.only
    assert row["category"] == "Authentication"
    assert row["difference"] == "the request before it was answered 201"


def test_another_query_is_told_as_it_was_sent(against: Any) -> None:
    """Whatever else is sent otherwise has no part in it, nor has the invoice."""

    def render(payload: Json) -> Json:
        return (
            {**VALID.render(payload), "remarks": "query"} if queries[-1] else VALID.render(payload)
        )

    queries: list[str] = []

    async def read(request: Any) -> bytes:
        queries.append(request.query_params.get("remarks", ""))
        return await VALID.read(request)

    with against(render=render, read=read) as asking:
        how = {"query": "page=2&remarks=query", "headers": (("Accept", None),)}
        asking.ask(_invoice(remarks="Mine"), "an unknown query", **how)
        row = asking.only
        assert row["requirement"] == "201.data.remarks.echo"
        assert row["accepted"] == "the plain invoice"
        assert row["refused"] == "the same with the query remarks=query"


def test_a_header_field_and_a_text_that_take_each_other_are_told_both(against: Any) -> None:
    """Neither is wrong without the other one."""

    def check_media_type(headers: Any) -> None:
        charsets.append(headers.get("accept-charset", ""))

    charsets: list[str] = []

    def render(payload: Json) -> Json:
        name, data = payload["remarks"], VALID.render(payload)
        return {**data, "remarks": name.replace("é", "?")} if charsets[-1] else data

    with against(check_media_type=check_media_type, render=render) as asking:
        headers = (("Accept-Charset", "iso-8859-1"), ("Accept-Language", "fr"))
        asking.ask(_invoice(remarks="Café"), "an edge", headers=headers)
        assert asking.only["refused"] == (
            'the same with a header field Accept-Charset and remarks "é"'
        )


def test_some_errors_in_another_shape_are_told_by_a_case(against: Any) -> None:
    """Nobody could look for them by their status alone."""
    refused = []

    def explain(refusal: Any) -> Json:
        refused.append(refusal)
        return {"error": "no"} if len(refused) == 1 else VALID.explain(refusal)

    with against(explain=explain) as asking:
        asking.ask(_invoice(), "no key, a valid invoice", key=None)
        asking.ask(_invoice(), "a wrong key", key="wrong")
        row = asking.only
        assert row["accepted"] == "other 401"
        assert row["refused"] == "some 401, such as to no key, a valid invoice"


def test_a_long_body_is_told_by_its_length(against: Any) -> None:
    """Whatever is in it: blanks do as well, and another long one is not asked again."""

    async def read(request: Any) -> bytes:
        body = await VALID.read(request)
        if len(body) > 5000:
            raise Refusal(500, "Internal Server Error")
        return body

    items = [
        {**item, "reference_id": f"R-{n}-{PLACEHOLDER}", "sku": f"S-{n}"}
        for n, item in enumerate(base(CONTRACT, ORDERS)["items"][:1] * 70)
    ]
    with against(read=read) as asking:
        asking.ask(_of_items(items))
        row = asking.only
        assert row["difference"] == "a body of 5001 bytes"
        assert row["refused"] == "the same with a body of 5001 bytes, blanks for the most part"
        assert (row["requirement"], row["category"]) == ("201.status", "Server error")
        left = asking.found.left
        asking.ask(_of_items(items[:69]))
        assert (asking.found.left, asking.only["times"]) == (left, 2)


@pytest.mark.parametrize(
    ("body", "size"),
    [
        (lambda invoice: encode({**invoice, "remarks": "x" * 300_000}), 16_385),
        (lambda invoice: encode({**invoice, "status": 5, "more": ["x" * 20] * 2000}), 16_385),
        (lambda _: encode("x" * 70_000), 16_385),
        (lambda invoice: encode({**invoice, "remarks": "x" * 300_000}), 70_001),
    ],
)
def test_a_long_body_that_is_refused_wrongly_is_told_by_its_length(
    against: Any, body: Callable[[Json], bytes], size: int
) -> None:
    """Whatever its fault is: a small body with a fault is refused as it should be."""
    lengths: list[int] = []

    async def read(request: Any) -> bytes:
        body = await VALID.read(request)
        lengths.append(len(body))
        return body

    def check(payload: Json) -> tuple[Problem, ...]:
        problems = VALID.check(payload)
        if problems and lengths[-1] >= size:
            raise Refusal(500, "Internal Server Error")
        return problems

    with against(read=read, check=check) as asking:
        asking.ask(body(_invoice()))
        row = asking.only
        assert (row["requirement"], row["status"]) == ("response.status", 500)
        assert row["accepted"] == "the plain invalid invoice"
        assert row["refused"] == f"the same with a body of {size} bytes, blanks for the most part"


def test_what_is_left_of_the_invoice_before_is_told_by_what_that_had(against: Any) -> None:
    """The answer itself shows it, so nothing more is asked."""
    last: list[str] = []

    def render(payload: Json) -> Json:
        last.extend([payload["remarks"]] if "remarks" in payload else [])
        return {"remarks": last[-1], **VALID.render(payload)}

    with against(render=render) as asking:
        before = asking.client.send(encode(_invoice(remarks="left over"))).request
        bare = _invoice()
        del bare["remarks"]
        verdict = asking.oracle.judge(asking.client.send(encode(bare)), None, before)
        asking.found.explain(asking.client, verdict, "without remarks", "remarks or not")
        row = asking.only
        assert row["requirement"] == "201.data.remarks.echo"
        assert row["difference"] == "the invoice before it had remarks"
        assert row["accepted"] == ""
        name = "without remarks (remarks or not)"
        assert row["refused"] == f"{name}; the invoice before it had remarks"


@pytest.mark.parametrize(
    ("amount", "status", "keyword"), [(12, "PARTIALLY_PAID", "type"), (0, "PENDING", "minimum")]
)
def test_a_property_that_is_refused_as_it_is_has_to_be_more_than_there(
    against: Any, amount: int, status: str, keyword: str
) -> None:
    """Whatever the test was about; a value at a limit is told under the requirement on that."""
    with against(**_refuses(("paid_amount",), lambda it: it["paid_amount"] == amount)) as asking:
        about = CONTRACT.named("paid_amount.required")
        body = encode(_invoice(paid_amount=amount, status=status))
        verdict = asking.oracle.judge(asking.client.send(body), about)
        asking.found.explain(asking.client, verdict, "an edge")
        assert asking.only["requirement"] == f"paid_amount.{keyword}"


def test_two_values_that_come_back_as_others_are_two_findings(against: Any) -> None:
    """What comes back of one says nothing of the other, so neither waiver is for both."""
    others = {"PENDING": "PAID", "OVERPAID": "PENDING"}

    def render(payload: Json) -> Json:
        status = payload.get("status")
        return {**VALID.render(payload), "status": others.get(status, status)}

    with against(render=render) as asking:
        asking.ask(_invoice(paid_amount=0, status="PENDING"))
        asking.ask(_invoice(paid_amount=10**6, status="OVERPAID"))
        one, other = asking.rows
        assert one["requirement"] == other["requirement"] == "201.data.status.echo"
        assert one["id"] != other["id"]


@pytest.mark.parametrize(
    ("name", "refused", "others"),
    [
        ("remarks", lambda value: "😀" in value, ("Hi 😀 there", "A😀")),
        ("remarks", lambda value: "'" in value, ("Isn't it", "'s")),
        ("paid_amount", lambda value: value >= 700, (3_000_000, 50_000)),
        ("paid_amount", lambda value: value % 1 != 0, (12.25, 19.99)),
    ],
)
def test_a_finding_has_one_id_whichever_case_and_test_saw_it(
    against: Any, name: str, refused: Callable[[Any], bool], others: tuple[Json, Json]
) -> None:
    """Another profile sends another value for another requirement, and another server has another
    fault beside it: requirement, id and waiver are the same.
    """

    def breaks(_store: Any, invoice: Json) -> None:
        if refused(invoice[name]):
            raise Refusal(500, "Internal Server Error")

    other_fault = _refuses(("invoice_number",), lambda it: it["invoice_number"].endswith("Z"))
    found = []
    for value, about, beside in zip(others, ("type", "required"), (False, True), strict=True):
        with against(keep=breaks, **other_fault) as asking:
            if beside:
                asking.ask(_invoice(invoice_number=f"INV-{PLACEHOLDER}-Z"))
            given = {key: each for key, each in _invoice().items() if key != "status"}
            body = encode({**given, name: value})
            verdict = asking.oracle.judge(
                asking.client.send(body), CONTRACT.find(f"{name}.{about}")
            )
            asking.found.explain(asking.client, verdict, "an edge")
            rows = asking.rows
            assert len(rows) == 1 + beside
            found.append(next(row for row in rows if name in row["difference"]))
    one, other = found
    assert (one["id"], one["requirement"]) == (other["id"], other["requirement"])
    written = waive.narrowed(one)
    waiver = Waiver(
        requirement=one["requirement"],
        target="",
        reason="",
        link="",
        owner="",
        file="",
        line=1,
        expires=date(2027, 1, 1),
        difference=(written["difference"],),
        status=written["status"],
    )
    told = (other[each] for each in ("place", "difference", "answer", "status", "code"))
    assert waiver.waives(Found(other["requirement"], *told))


def test_a_breakdown_has_one_id_whether_or_not_the_request_is_valid(against: Any) -> None:
    """A text without any letter need not be accepted, so it is under another requirement."""

    def breaks(_store: Any, invoice: Json) -> None:
        if "😀" in invoice["remarks"]:
            raise Refusal(500, "Internal Server Error")

    found = []
    for value in ("A 😀", "😀"):
        with against(keep=breaks) as asking:
            asking.ask(_invoice(remarks=value))
            found.append(asking.only)
    assert [row["requirement"] for row in found] == ["remarks.type", "response.status"]
    assert found[0]["id"] == found[1]["id"]


def _after_404() -> Steps:
    """A server that answers 404 once more after each 404."""
    waiting: list[Json] = []

    def find_order(payload: Json, store: Store) -> Any:
        if waiting:
            waiting.clear()
            raise Refusal(404, "The order does not exist.")
        try:
            return VALID.find_order(payload, store)
        except Refusal:
            waiting.append(payload)
            raise

    return replace(VALID, find_order=find_order)


def test_what_follows_from_the_request_before_is_told_by_its_answer(against: Any) -> None:
    """The invoice has nothing to do with it, which the plain one shows."""
    steps = _after_404()
    with against(find_order=steps.find_order) as asking:
        unknown = _invoice(order_id="ORD-7")
        asking.ask(unknown)
        asking.ask(_invoice(remarks="x"), "another text")
        row = asking.only
        assert (row["requirement"], row["category"]) == ("201.status", "Refused valid input")
        assert row["difference"] == "the request before it was answered 404"
        assert row["accepted"] == "the plain invoice, sent alone"
        assert row["refused"] == "the plain invoice; the request before it was answered 404"
        left = asking.found.left
        asking.ask(unknown)
        asking.ask(_invoice(), "another invoice")
        assert (asking.found.left, asking.only["times"]) == (left, 2)


def test_what_follows_from_the_request_before_is_no_load(against: Any) -> None:
    """Among many requests in flight, it is that of the same connection that is to blame."""
    steps = _after_404()
    with against(find_order=steps.find_order) as asking:
        asking.client.send(encode(_invoice(order_id="ORD-7")))
        verdict = asking.oracle.judge(asking.client.send(encode(_invoice())))
        asking.found.explain_concurrent(asking.client, verdict, "one of many")
        assert asking.only["difference"] == "the request before it was answered 404"


def test_a_way_of_sending_is_told_by_what_is_sent_otherwise(against: Any) -> None:
    """Nothing of the invoice is to blame for it."""

    def check_media_type(headers: Any) -> None:
        if "charset" in headers["content-type"]:
            raise Refusal(415, "Unsupported Media Type")

    with against(check_media_type=check_media_type) as asking:
        headers = (("Content-Type", "application/json; charset=utf-8"),)
        less = {name: value for name, value in _invoice().items() if name != "order_id"}
        asking.ask(less, "without an order", headers=headers)
        asking.ask(_invoice(), "with a charset", headers=headers)
        row = asking.only
        assert row["difference"] == "Content-Type: application/json; charset=utf-8"
        assert (row["requirement"], row["also"]) == ("201.status", ["4xx.status"])


def test_a_way_of_sending_is_told_with_or_without_the_key(tmp_path: Path) -> None:
    """Where no key is due first, the same answer is wrong in another way."""

    def picky(app: ASGIApp) -> ASGIApp:
        async def answered(scope: Scope, receive: Receive, send: Send) -> None:
            several = b"," in dict(scope.get("headers", ())).get(b"accept", b"")
            await (error(406) if several else app)(scope, receive, send)

        return answered

    about = CONTRACT.named("request.accept")
    headers = (("Accept", "text/plain, */*"),)
    with application() as app, serving(picky(app)) as url, _asking(url, tmp_path) as asking:
        for key in (None, KEY):
            exchange = asking.client.send(encode(_invoice()), headers=headers, key=key)
            verdict = asking.oracle.judge(exchange, about)
            asking.found.explain(asking.client, verdict, f"several media types, {key}")
        row = asking.only
    assert (row["requirement"], row["difference"]) == ("request.accept", "Accept: text/plain, */*")
    assert row["shows"] == "each time"


@pytest.mark.parametrize(
    ("compared", "wrong", "called"),
    [
        (
            lambda key: key.replace("-", "").replace("_", ""),
            KEY[:9] + KEY[9:].replace("-", "_"),
            "the key without its dashes",
        ),
        (str.lower, KEY[:-1] + KEY[-1].upper(), "the key in another case"),
        (lambda key: key[:12], KEY[:15] + "?" + KEY[16:], "only character 16 of the key wrong"),
        (lambda key: key[:12], KEY + "x", "the key and a letter more"),
        (len, "?" * len(KEY), "a wrong key"),
    ],
)
def test_a_wrong_key_is_told_by_what_it_is(
    tmp_path: Path, compared: Callable[[str], Any], wrong: str, called: str
) -> None:
    """However else it was sent, which has no part in it."""

    def authenticate(headers: Any, _: Any) -> None:
        if compared(headers.get("x-api-key", "")) != compared(KEY):
            raise Refusal(401, "Unauthorized")

    with server(replace(VALID, authenticate=authenticate)) as url, _asking(url, tmp_path) as asking:
        headers = (("Accept", None), ("Accept-Language", "fr"))
        asking.ask(_invoice(remarks="x"), "a wrong key, no Accept", key=wrong, headers=headers)
        row = asking.only
    assert (row["requirement"], row["refused"]) == ("security.key", f"the same with {called}")


def test_a_key_that_is_needed_but_for_a_way_of_sending_is_told_with_it(against: Any) -> None:
    """The case names both."""

    def authenticate(headers: Any, store: Any) -> None:
        if "accept-language" not in headers:
            VALID.authenticate(headers, store)

    with against(authenticate=authenticate) as asking:
        headers = (("Accept-Language", "fr"),)
        asking.ask(_invoice(), "no key, in French", key=None, headers=headers)
        assert asking.only["refused"] == "the same with no key, in French"


def test_an_answer_that_is_sent_again_is_told_by_what_it_takes_least_for(tmp_path: Path) -> None:
    """Whatever else it was sent for: that what is invalid gets it as well says less."""
    answers: dict[str, tuple[int, bytes]] = {}

    def replaying(app: ASGIApp) -> ASGIApp:
        async def replayed(scope: Scope, receive: Receive, send: Send) -> None:
            name = dict(scope.get("headers", ())).get(b"x-request-id", b"").decode()
            if name in answers:
                status, body = answers[name]
                await Response(body, status, media_type="application/json")(scope, receive, send)
                return

            async def kept(message: Any) -> None:
                if message["type"] == "http.response.body" and name:
                    answers[name] = (201, message["body"])
                await send(message)

            await app(scope, receive, kept)

        return replayed

    headers = (("X-Request-ID", "one"),)
    with application() as app, serving(replaying(app)) as url, _asking(url, tmp_path) as asking:
        asking.ask(_invoice(), "the first", headers=headers)
        unknown = _invoice(order_id=ORDERS.unknown_order_id)
        asking.ask(unknown, "an unknown order", headers=(*headers, ("Via", "x")))
        asking.ask(_invoice(), "an edge", headers=headers)
        row = asking.only
    assert row["category"] == "Echo mismatch"
    assert row["refused"] == "the same with a header field X-Request-ID"
    assert "order_id.known" in row["also"]


def test_a_cause_takes_a_few_requests_and_a_run_some_hundred(against: Any) -> None:
    """What is known by then is told."""

    def wrong(payload: Json) -> bool:
        return len({json_of(item) for item in payload["items"]}) == len(payload["items"]) == 40

    items = [
        {**item, "reference_id": f"R-{n}-{PLACEHOLDER}", "sku": f"S-{n}"}
        for n, item in enumerate(base(CONTRACT, ORDERS)["items"][:1] * 40)
    ]
    payload = _of_items(items)
    with against(**_refuses(("items",), wrong)) as asking:
        before = asking.found.left
        asking.ask(payload)
        used = before - asking.found.left
        assert 1 < used <= explaining.MOST_FOR_ONE + 2
        asking.found.left = 0
        asking.found.known.clear()
        asking.ask(payload, "the last case")
        assert "the last case" in asking.only["alike"]


def json_of(item: Json) -> bytes:
    """An item without its reference, to compare it with others."""
    return encode({name: value for name, value in item.items() if name != "reference_id"})


def test_nothing_is_explained_once_nothing_can_be_sent(
    against: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The violations are told all the same."""
    with against(**_refuses(("remarks",), lambda it: it.get("remarks") == "x")) as asking:
        verdict = asking.oracle.judge(asking.client.send(encode(_invoice(remarks="x"))))

        def gone(*_: Any, **__: Any) -> None:
            raise UnreachableError("gone")

        monkeypatch.setattr(Client, "send", gone)
        assert asking.found.explain(asking.client, verdict, "a case") is verdict
        assert asking.only["requirement"] == "201.status"


def _cause(**fields: Any) -> Cause:
    usual: dict[str, Any] = {
        "category": "Refused valid input",
        "answer": "400",
        "traits": ["zero"],
        "kinds": ["number"],
        "paths": ["paid_amount"],
        "limits": [],
        "difference": "paid_amount 0",
        "works": "the plain invoice",
        "fails": "the same with paid_amount 0",
        "status": 400,
        "code": "",
        "detail": "",
    }
    return Cause(**{**usual, **fields})


def _merged(*found: tuple[Cause, str], test: str = "") -> list[dict[str, Any]]:
    """The findings of these causes, each seen under a requirement."""
    rows = [
        Occurrence(
            requirement=name,
            level="MUST",
            category=cause.category,
            where="",
            file="",
            line=1,
            place="",
            expected="201",
            got="400",
            headline=f"headline of {name}",
            test=test or f"test of {name}",
            waived=False,
            cause=cause.id,
        )
        for cause, name in found
    ]
    groups = grouping.grouped(CONTRACT, rows, {cause.id: cause for cause, _ in found}, {})
    return rows_of(CONTRACT, groups, Level.SHOULD, {})


def test_equal_causes_of_two_workers_are_one_finding() -> None:
    """Under the requirement whose location the difference is at; the others are listed."""
    names = ("201.status", "remarks.type", "paid_amount.minimum")
    (row,) = _merged(*((_cause(limits=["paid_amount.minimum"]), name) for name in names))
    assert row["requirement"] == "paid_amount.minimum"
    assert row["also"] == ["201.status", "remarks.type"]
    assert row["tests"][0] == "test of paid_amount.minimum"


def test_the_same_at_another_property_is_the_same_finding() -> None:
    """Zero is refused in two amounts."""
    other = _cause(paths=["total_amount"], difference="total_amount 0")
    (row,) = _merged((_cause(), "paid_amount.minimum"), (other, "total_amount.type"))
    assert (row["requirement"], row["difference"]) == ("total_amount.required", "total_amount 0")
    assert row["alike"] == ["paid_amount 0"]


def test_different_values_with_one_answer_are_two_findings_and_many_are_one() -> None:
    """Two may be two faults; many are told as one."""
    kinds = [
        (_cause(traits=[trait], difference=f"paid_amount {trait}"), "paid_amount.type")
        for trait in ("zero", "large number", "fraction")
    ]
    assert len(_merged(*kinds[:2])) == 2
    assert len(_merged(*kinds)) == 1


def test_what_is_not_explained_joins_what_is() -> None:
    """One answer, of which one case was explained and another one was not."""
    case = _cause(traits=["case"], kinds=["case"], paths=[], difference="a case")
    told = _cause(answer="400, which names it")
    (row,) = _merged((case, "201.status"), (told, "paid_amount.type"))
    assert row["difference"] == "paid_amount 0"


def test_a_rule_of_its_own_status_is_one_finding() -> None:
    """A conflict where a valid invoice is due, and where an invalid one is, have one cause."""
    words = {"answer": "409 CONFLICT", "status": 409, "traits": ["sometimes"]}
    valid = _cause(**words)
    invalid = _cause(**words, category="Wrong status", difference="another")
    (row,) = _merged((invalid, "4xx.status"), (valid, "201.status"))
    assert row["requirement"] == "201.status"


def test_what_is_told_is_of_the_request_that_is_shown() -> None:
    """The difference with the fewest edits, and what was expected of that very request."""
    words = {"answer": "403 FORBIDDEN", "status": 403, "traits": ["sent otherwise"], "paths": []}
    plain = _cause(**words, difference="a cookie")
    more = _cause(**words, category="Wrong status", difference="a cookie and another key")
    (row,) = _merged((more, "4xx.status"), (plain, "201.status"))
    assert (row["requirement"], row["difference"]) == ("201.status", "a cookie")


def test_a_cause_is_the_same_after_a_journey_between_processes() -> None:
    """Workers send theirs as JSON; what is told of a row is found by its cause."""
    counts = Counts(causes={"a": _cause(category=Category.ECHO)})
    (cause,) = Counts.from_json(counts.as_json()).causes.values()
    assert cause.id == _cause(category=Category.ECHO).id


def test_an_invalid_value_that_is_taken_and_then_refused_is_one_finding() -> None:
    """A text that is too long is accepted, or there is no such order: no length is checked."""
    kind = {"traits": ["length", "maxLength"], "kinds": ["maxLength"]}
    taken = _cause(category="Accepted invalid input", status=201, paths=["remarks"], **kind)
    unknown = _cause(category="Wrong status", status=404, paths=["order_id"], **kind)
    rows = (
        (taken, "remarks.maxLength"),
        (taken, "invoice_number.maxLength"),
        (unknown, "4xx.status"),
    )
    (row,) = _merged(*rows)
    assert row["requirement"] == "remarks.maxLength"


def test_a_request_that_is_refused_for_what_valid_ones_are_is_one_finding() -> None:
    """Another status was due, but the server does not come so far."""
    refused = _cause(traits=["beyond ASCII"])
    unknown = _cause(category="Wrong status", traits=["beyond ASCII", "known"], paths=["order_id"])
    (row,) = _merged((unknown, "order_id.known"), (refused, "paid_amount.type"))
    assert row["requirement"] == "paid_amount.type"


def test_other_characters_beyond_ascii_are_refused_for_the_same() -> None:
    """Whichever of them stands in the name of an order that does not exist."""
    refused = _cause(traits=["beyond U+FFFF"])
    traits = ["'-'", "invisible character", "known"]
    unknown = _cause(category="Wrong status", traits=traits, paths=["order_id"])
    (row,) = _merged((unknown, "order_id.known"), (refused, "paid_amount.type"))
    assert row["requirement"] == "paid_amount.type"


def test_what_has_a_difference_says_more_than_what_has_none() -> None:
    """One answer, of which one case was explained and another one was only counted."""
    words = {"answer": "406", "status": 406, "paths": []}
    counted = _cause(**words, traits=["sometimes"], difference="", fails="not always")
    told = _cause(**words, traits=["sent otherwise", "no Accept"], difference="no Accept")
    (row,) = _merged((counted, "201.status"), (told, "request.accept"))
    assert (row["requirement"], row["difference"]) == ("request.accept", "no Accept")


def test_answers_that_are_mixed_up_now_and_then_are_one_finding() -> None:
    """Whatever they are instead: the same tests see them, and never twice."""
    once = {"traits": ["sometimes"], "kinds": ["sometimes"], "paths": []}
    causes = (
        _cause(**once, **_ECHO, answer="another value"),
        _cause(**once, answer="400"),
        _cause(**once, category="Accepted invalid input", status=201),
    )
    names = ("201.data.remarks.echo", "201.status", "remarks.type")
    rows = _merged(*zip(causes, names, strict=True), test="test_at_once[32]")
    assert [row["requirement"] for row in rows] == ["201.status"]


def test_items_that_cannot_be_told_apart_are_one_finding() -> None:
    """Where they never come back once each, nothing that comes back of one says more."""
    lost = _cause(**_ECHO, answer=grouping.ITEMS_NOT_ONCE, traits=["every"], difference="")
    name = _cause(**_ECHO, answer="another value", difference="name", paths=["items[].name"])
    (row,) = _merged((name, "201.data.items[].name.echo"), (lost, "201.data.items.echo"))
    assert row["requirement"] == "201.data.items.echo"
    assert row["also"] == ["201.data.items[].name.echo"]


def test_two_ways_in_which_a_property_comes_back_wrong_are_two_findings() -> None:
    """Unless one of them is rare, or only says that the value is another one."""
    causes = [
        _cause(**_ECHO, answer=answer, traits=[answer]) for answer in ("trimmed", "in capitals")
    ]
    assert len(_merged(*((cause, "201.data.remarks.echo") for cause in causes))) == 2
    other = _cause(**_ECHO, answer="another value", traits=["length"])
    assert len(_merged((causes[0], "201.data.remarks.echo"), (other, "201.data.remarks.echo"))) == 1


_ECHO: dict[str, Any] = {"category": "Echo mismatch", "status": 201}


def test_a_forgotten_requirement_that_nothing_explains_is_one_of_many_that_something_does() -> None:
    """Names are read in any case, and of one of them no difference could be told."""
    taken: dict[str, Any] = {"category": "Accepted invalid input", "status": 201, "answer": "201"}
    names = ("order_id", "due_date", "paid_amount", "invoice_number", "reference_id")
    told = [
        (_cause(**taken, traits=["left out"], paths=[each], difference=each), f"{each}.required")
        for each in names
    ]
    case = _cause(**taken, traits=["case"], paths=[], kinds=["case"], difference="a case")
    assert len(_merged(*told[:1], (case, "total_amount.required"))) == 2
    merged = _merged(*told, *told, (case, "total_amount.required"))
    assert "a case" not in [row["difference"] for row in merged]
    other = _merged(*told, (case, "total_amount.type"))
    assert "a case" in [row["difference"] for row in other]


def test_large_numbers_that_come_back_wrong_in_any_way_are_one_finding() -> None:
    """An overflow is another sign, a rounding or any number; what else is rounded is another."""
    name, large = "201.data.paid_amount.echo", {"kinds": ["number"], "difference": "a"}
    ways = [_cause(**_ECHO, **large, answer=way, traits=["large number"]) for way in ("a", "b")]
    assert len(_merged(*((way, name) for way in ways))) == 1
    cents = _cause(**_ECHO, **large, answer="rounded", traits=["fraction"])
    assert len(_merged((ways[0], name), (cents, name))) == 2


def test_the_field_is_told_that_the_shown_answer_names(against: Any) -> None:
    """An invoice with two faults is told of the other one first, and the difference is in one."""

    def check(payload: Json) -> tuple[Problem, ...]:
        names = [each for each in ("total_amount", "paid_amount") if payload[each] >= 10**8]
        return VALID.check(payload) or tuple(Problem((n,), "wrong", "is wrong") for n in names)

    items = [{**item, "amount": 10**8} for item in base(CONTRACT, ORDERS)["items"]]
    with against(check=check) as asking:
        asking.ask({**_of_items(items), "paid_amount": 10**8, "status": "PARTIALLY_PAID"})
        asking.ask(_invoice(paid_amount=10**8, status="OVERPAID"))
        row = asking.only
    assert row["answer"].endswith("names it")


def test_different_answers_are_different_findings() -> None:
    """Even to the same difference."""
    other = _cause(answer="403", status=403)
    assert len(_merged((_cause(), "paid_amount.type"), (other, "status.enum"))) == 2


def test_what_a_valid_request_is_refused_for_is_told_under_its_own_requirement() -> None:
    """The test may have been about another property; of several the status is told."""
    (row,) = _merged((_cause(paths=["items[].name"], traits=["blank"]), "order_id.type"))
    assert row["requirement"] == "items[].name.type"
    (row,) = _merged((_cause(paths=["items[].name", "remarks"]), "order_id.type"))
    assert row["requirement"] == "201.status"


def test_a_way_of_sending_is_told_under_the_requirement_on_it() -> None:
    """Also where that is a SHOULD, and whatever else was sent in this way."""
    sent = _cause(traits=["sent otherwise", "no User-Agent"], paths=[], difference="no User-Agent")
    (row,) = _merged((sent, "remarks.type"), (sent, "request.fields"))
    assert row["requirement"] == "request.fields"


@pytest.mark.parametrize(
    ("way", "name"), [("no Accept", "request.fields"), ("another query", "request.query")]
)
def test_only_another_query_is_told_under_the_requirement_on_it(way: str, name: str) -> None:
    """What is asked with a query may be refused for a header field."""
    sent = _cause(traits=["sent otherwise", way], paths=[], difference=way)
    queries = [(sent, "request.query")] * 2
    (row,) = _merged(*queries, (sent, "request.fields"))
    assert row["requirement"] == name
