"""The suite of isolation fails servers in which one request shows in the answer to another."""

import asyncio
import json
import uuid
from dataclasses import replace
from typing import Any

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from reference.refusal import Problem, Refusal
from reference.store import Store
from tests.mutants import Change, Layer, broken, failed, found, mutant_server, suite
from tests.remembering import (
    OPTIONAL,
    VALID,
    few_at_once,
    half_stored,
    holding_keys_against_a_reference,
    ids_of_orders,
    merging,
    one_answer_an_order,
    one_buffer,
    one_record,
    one_request_each,
    racing,
    replaying,
    resentful,
    reserving,
    tired,
    unique,
    worn_down,
)

PLACE, REJECTION = "suites/test_isolation.py", "suites/test_rejection.py"
NO_KEY = "after no key and an invalid invoice"
LATE = "after a long text in the last item and half an invoice"
UNREAD = "after an unknown order and a nearly right key with a large body"
UTF_16 = "after UTF-16 in chunks and a wrong type"
EMPTY = "after no body and a fraction of a piece"
CUT = "after an invoice without its last brace and an item that lacks a text"
AS_LONG = "after a status with swapped letters"
CHECKED = {NO_KEY, LATE, UTF_16, EMPTY, CUT, AS_LONG}
"""What is refused once it was parsed and its key was right."""
CORRECTED = {*CHECKED, UNREAD}
OMITTED = "one property less each time"


def _echoes(*names: str) -> set[str]:
    return {f"201.data.{name}.echo" for name in names}


ITEM = ("amount", "name", "quantity", "reference_id", "sku")
SHARED = "references in common"
SHARING = {SHARED, "one number at once"}
SERIES: dict[str, tuple[Change | None, Layer | None, set[str], set[str]]] = {
    "reserving": (
        reserving,
        None,
        {"4xx.status", "order_id.known", "201.status", "response.documented"},
        {*CORRECTED, *SHARING},
    ),
    "half stored": (
        half_stored,
        None,
        {"order_id.known", "4xx.status", "201.status", "response.documented"},
        {UNREAD},
    ),
    "worn down": (
        worn_down,
        None,
        {"due_date.required", *(f"items[].{name}.required" for name in ITEM)},
        {NO_KEY},
    ),
    "replaying refusals": (
        None,
        replaying(of=lambda status: status >= 400),
        {"201.status", "4xx.status", "4xx.details.names", "response.documented", "order_id.known"},
        CORRECTED,
    ),
    "holding keys against a reference": (
        None,
        holding_keys_against_a_reference,
        # Its 401 comes to the unknown order, too, which is asked for again after a wrong key.
        {"201.status", "4xx.status", "response.documented", "order_id.known"},
        {UNREAD},
    ),
    "unique number": (unique("invoice_number"), None, {"response.status"}, SHARING),
    "unique reference": (unique("reference_id"), None, {"response.status"}, SHARING),
    "unique items": (unique("items"), None, {"response.status"}, SHARING),
    "racing": (
        racing,
        None,
        {"201.status", "response.status"},
        {UNREAD, "one number at once"},
    ),
}


@pytest.mark.parametrize("name", SERIES)
def test_a_server_that_minds_a_reference_it_knows_is_caught(name: str) -> None:
    """What it gets wrong is named, in the series that shows it and in no other."""
    change, layer, requirements, cases = SERIES[name]
    with mutant_server(change, layer) as url:
        result = suite(url, "-k", "after or known or number", place=PLACE)
    assert (result.status, failed(result)) == (1, cases)
    assert set() < broken(result) <= requirements


def test_a_server_that_answers_a_known_reference_before_it_checks_is_caught() -> None:
    """Who has seen a reference gets the invoice without a key, or with any contents."""
    answered = replaying(of=lambda status: status == 201, keyed=False)
    named = "near_miss or without_the_right_key or known_reference"
    with mutant_server(layer=answered) as url:
        result = suite(url, "-k", named)
    assert result.status == 1
    assert failed(result) >= {
        *("no key, a valid invoice", "the word null, a valid invoice", SHARED),
        *("due_date.required", "remarks.maxLength", "paid_amount.minimum", "status.enum"),
    }
    words = "the request before it was answered 201, and has the same references"
    assert words in {row["difference"] for row in result.record["findings"]}


def test_a_server_that_fills_in_from_a_refused_invoice_is_caught() -> None:
    """The corrected invoice leaves out what the refused one had, and gets none of it back."""
    with mutant_server(merging) as url:
        result = suite(url, "-k", "after", place=PLACE)
    assert result.status == 1
    assert failed(result) >= {UTF_16, EMPTY, CUT}
    assert set() < broken(result) <= _echoes(*OPTIONAL)


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_server_that_wants_each_reference_once_is_left_alone(when: str) -> None:
    """It refuses the second with 400, in turn and at once, whatever is wrong with it besides."""
    seen: set[tuple[str, object]] = set()

    def refuse_what_is_known(payload: Any) -> None:
        names = ("reference_id", "invoice_number")
        own = [(name, str(payload.get(name))) for name in names if isinstance(payload, dict)]
        known = [each for each in own if each in seen]
        if known:
            problem = Problem((known[0][0],), "taken", "Is in use")
            raise Refusal(400, "The reference is in use.", (problem,))

    def check(payload: Any) -> tuple[Problem, ...]:
        if when == "before":
            refuse_what_is_known(payload)
        return VALID.check(payload)

    def render(payload: Any) -> dict[str, Any]:
        refuse_what_is_known(payload)
        seen.update((name, payload[name]) for name in ("reference_id", "invoice_number"))
        return VALID.render(payload)

    with mutant_server(lambda steps: replace(steps, check=check, render=render)) as url:
        results = [
            suite(url, *options, place=place)
            for place, *options in ((PLACE,), (REJECTION, "-k", "near_miss"))
        ]
    for result in results:
        assert (result.status, broken(result)) == (0, set())


def test_a_server_that_answers_the_same_invoice_as_before_is_left_alone() -> None:
    """So does one that keeps its answers to repeat them, if it looks at key and contents."""
    known: dict[str, Any] = {}

    def render(payload: Any) -> dict[str, Any]:
        return dict(known.setdefault(json.dumps(payload, sort_keys=True), VALID.render(payload)))

    def keep(_store: Store, _data: Any) -> None:
        """Keeps none, for the second would be refused."""

    with mutant_server(lambda steps: replace(steps, render=render, keep=keep)) as url:
        result = suite(url, place=PLACE)
    assert (result.status, broken(result)) == (0, set())


CAUGHT: dict[str, tuple[Change | None, Layer | None, set[str], set[str]]] = {
    "left out": (one_record, None, _echoes(*OPTIONAL), {OMITTED}),
    "every fortieth": (tired, None, {"201.status", "response.status"}, set()),
    "few at once": (
        None,
        few_at_once,
        {"201.status", "response.status", "due_date.required", "security.key"},
        {"32 at once"},
    ),
    "resentful": (
        None,
        resentful,
        {"201.status", "4xx.status", "response.status"},
        {AS_LONG, LATE, NO_KEY, UTF_16, UNREAD},
    ),
}


@pytest.mark.parametrize("name", CAUGHT)
def test_a_server_that_remembers_is_caught(name: str) -> None:
    """What it gets wrong is named, and found where it shows."""
    change, layer, requirements, cases = CAUGHT[name]
    with mutant_server(change, layer) as url:
        result = suite(url, "-k", "not common and not number", place=PLACE)
    assert result.status == 1
    assert set() < found(result) <= requirements
    assert failed(result) >= cases


def test_a_server_that_fails_on_a_used_connection_is_caught() -> None:
    """What goes wrong with the second request on a connection is found with that connection."""
    with mutant_server(layer=one_request_each) as url:
        result = suite(url, "-k", "left_out", place=PLACE)
    (row,) = result.record["findings"]
    assert (result.status, row["requirement"]) == (1, "201.status")


@pytest.mark.parametrize(
    ("change", "requirements", "case"),
    [
        (one_buffer, _echoes("reference_id", "remarks", "total_amount"), "32 at once"),
        (one_answer_an_order, _echoes("reference_id", "remarks", "items"), OMITTED),
        (ids_of_orders, {"201.data.id.unique"}, "32 at once"),
    ],
    ids=["one buffer", "one answer an order", "ids of orders"],
)
def test_a_server_that_mixes_invoices_up_is_caught(
    change: Change, requirements: set[str], case: str
) -> None:
    """The echo of what is different between the two, or the id, is named."""
    with mutant_server(change) as url:
        result = suite(url, place=PLACE)
    assert result.status == 1
    assert not broken(result).isdisjoint(requirements)
    assert case in failed(result)


def test_a_server_that_takes_turns_and_fills_in_is_left_alone() -> None:
    """One invoice at a time, and a value of its own for what is left out, are both fine."""
    turn = asyncio.Lock()

    def layer(app: ASGIApp) -> ASGIApp:
        async def queued(scope: Scope, receive: Receive, send: Send) -> None:
            async with turn:
                await app(scope, receive, send)

        return queued

    def render(payload: Any) -> dict[str, Any]:
        own = {
            "remarks": "",
            "url": f"https://invoices.example.com/{uuid.uuid4()}",
            "status": "PENDING",
            "created_at": "2026-01-01T00:00:00Z",
            "updated_at": "2026-01-01T00:00:00Z",
        }
        return {**own, **VALID.render(payload)}

    with mutant_server(lambda steps: replace(steps, render=render), layer) as url:
        result = suite(url, place=PLACE)
    assert (result.status, broken(result)) == (0, set())


def test_smoke_sends_one_invoice_at_a_time() -> None:
    """What takes many requests is left to the other profiles, with a reason."""
    with mutant_server() as url:
        result = suite(url, "--hypothesis-profile", "smoke", place=PLACE)
    assert (result.status, broken(result)) == (0, set())
    assert "this profile sends one invoice at a time" in result.output
