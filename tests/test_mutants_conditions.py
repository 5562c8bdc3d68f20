"""A conditional server is the mutant where its condition holds, and the reference elsewhere."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import pytest
from starlette.types import ASGIApp

from proof.derived import derived_mutants
from reference.mutants.asgi import RawResponse, call
from reference.mutants.conditions import CONDITIONS, Condition, Memory, Seen, only_under
from reference.mutants.mutant import Mutant
from reference.mutants.server import Server
from reference.store import Store
from tests.exchanges import CONTRACT, FORBIDDEN, KEY, ORDERS, invoice

NAMED = {condition.name: condition for condition in CONDITIONS}
DERIVED = {mutant.name: mutant for mutant in derived_mutants(CONTRACT, ORDERS)}
USUAL = (
    (b"X-API-Key", KEY.encode()),
    (b"Accept", b"application/json"),
    (b"Content-Type", b"application/json"),
    (b"Content-Length", b"2"),
)
ITEM = invoice()["items"][0]


def seen(payload: object = None, *changes: tuple[bytes, bytes | None]) -> Seen:
    """An invoice as sent in the usual way, apart from these header fields; None removes one."""
    body = payload if isinstance(payload, bytes) else json.dumps(payload or invoice()).encode()
    changed = {name.lower(): (name, value) for name, value in (*USUAL, *changes)}
    return Seen(tuple((n, v) for n, v in changed.values() if v is not None), body)


def altered(**changes: Any) -> dict[str, Any]:
    """An invoice with other values of these properties; None removes one."""
    whole = {**invoice(), **changes}
    return {name: value for name, value in whole.items() if value is not None}


def memory(*statuses: int, connection: object = None) -> Memory:
    """That of a server which gave these answers to usual requests."""
    remembered = Memory()
    for status in statuses:
        remembered.note(Seen(USUAL, b"", connection), status)
    return remembered


PLAIN = altered(remarks="Twelve chairs")
EACH: dict[str, tuple[Seen, Seen]] = {
    "where status is PENDING": (seen(altered(status="PENDING")), seen()),
    "where status is PARTIALLY_PAID": (seen(), seen(altered(status="PAID"))),
    "where status is absent": (seen(altered(status=None)), seen(b"no JSON")),
    "where url is absent": (seen(altered(url=None)), seen()),
    "with more than 1 item": (seen(), seen(altered(items=[ITEM]))),
    "with more than 4 items": (seen(altered(items=[ITEM] * 5)), seen(altered(items=[ITEM] * 4))),
    "in items from index 4 on": (seen(altered(items=[ITEM] * 5)), seen(altered(items=[ITEM] * 4))),
    "where a text is not ASCII": (seen(), seen(PLAIN)),
    "where a date has another offset than Z": (
        seen(altered(due_date="2025-07-01T00:00:00-03:30")),
        seen(),
    ),
    "when chunked": (
        seen(None, (b"Transfer-Encoding", b"chunked"), (b"Content-Length", None)),
        seen(),
    ),
    "with a charset": (seen(None, (b"Content-Type", b"application/json; Charset=UTF-8")), seen()),
    "with header names in lower case": (seen(None, (b"x-api-key", KEY.encode())), seen()),
    "without Accept": (seen(None, (b"Accept", None)), seen()),
    "in bodies over 8 KiB": (seen(b" " * 8193), seen(b" " * 8192)),
}


@pytest.mark.parametrize("name", EACH)
def test_a_guard_holds_for_some_requests_only(name: str) -> None:
    """Each looks at one thing."""
    for_this, not_for_that = EACH[name]
    assert NAMED[name].holds(for_this, Memory())
    assert not NAMED[name].holds(not_for_that, Memory())


def test_guards_on_keys_hold_for_keys_like_the_right_one() -> None:
    """The right one is the first that was not refused."""
    knows = memory(201)
    same_length, same_head = f"{KEY[:-1]}x".encode(), KEY.encode() + b"-and-more"
    length, head = NAMED["for a key of the right length"], NAMED["for a key with the right head"]
    for shown, results in (
        (KEY.encode(), (True, True)),
        (same_length, (True, True)),
        (b"x" * len(KEY), (True, False)),
        (same_head, (False, True)),
        (None, (False, False)),
    ):
        request = seen(None, (b"X-API-Key", shown))
        assert (length.holds(request, knows), head.holds(request, knows)) == results
        assert not length.holds(request, memory(401))


def test_guards_on_order_look_at_the_requests_before() -> None:
    """On the same connection, of the whole server, and how the last one ended."""
    later, third, after = (
        NAMED["from the second request of a connection on"],
        NAMED["every third time"],
        NAMED["right after a refused request"],
    )
    assert [later.holds(seen(), memory(*[201] * n)) for n in range(3)] == [False, True, True]
    assert not later.holds(seen(), memory(201, connection="another"))
    assert [third.holds(seen(), memory(*[201] * n)) for n in range(6)] == [False, False, True] * 2
    assert after.holds(seen(), memory(201, 400))
    assert not after.holds(seen(), memory(400, 201))
    assert not after.holds(seen(), memory())


def test_guards_have_names_and_families_of_their_own() -> None:
    """The names tell them apart; a family has two or more of them, of one area."""
    assert len(NAMED) == len(CONDITIONS)
    families: dict[str, list[Condition]] = {}
    for condition in CONDITIONS:
        families.setdefault(condition.family, []).append(condition)
    assert all(len(conditions) > 1 for conditions in families.values())
    assert all(
        len({condition.area for condition in conditions}) == 1 for conditions in families.values()
    )


@contextmanager
def app_of(mutant: Mutant) -> Iterator[ASGIApp]:
    """The application of this server."""
    orders = dict.fromkeys(ORDERS.order_ids, datetime(2020, 1, 1, tzinfo=UTC))
    store = Store({KEY: True, FORBIDDEN: False}, orders)
    yield mutant.mutate(Server()).app(store)
    store.close()


def answered(app: ASGIApp, payload: object, connection: int = 1) -> RawResponse:
    """The response to an invoice that is sent in the usual way."""
    body = json.dumps(payload).encode()
    return call(app, "POST", "/v1/invoices", USUAL, body, connection)


def test_a_conditional_server_forgets_a_requirement_only_where_the_condition_holds() -> None:
    """Long remarks pass where status is PENDING, and only there."""
    mutant = only_under(DERIVED["forgets remarks.maxLength"], NAMED["where status is PENDING"])
    assert mutant.name == "forgets remarks.maxLength where status is PENDING"
    pending = altered(status="PENDING", paid_amount=0)
    with app_of(mutant) as app:
        assert answered(app, pending | {"remarks": "x" * 256}).status == 201
        assert answered(app, altered(remarks="x" * 256)).status == 400
        assert answered(app, pending).status == answered(app, invoice()).status == 201


def test_a_conditional_server_remembers_what_it_answered() -> None:
    """It refuses the second request of each connection: the client's port tells them apart."""
    later = NAMED["from the second request of a connection on"]
    with app_of(only_under(DERIVED["refuses hundredths in total_amount"], later)) as app:
        connections = (1, 1, 2, 1, 2)
        statuses = [answered(app, invoice(), number).status for number in connections]
    assert statuses == [201, 400, 201, 400, 400]


def long_sku(index: int) -> dict[str, Any]:
    """Six items, one of which has a sku that is too long."""
    items = [{**ITEM, "reference_id": f"I-{number}"} for number in range(6)]
    items[index]["sku"] = "x" * 256
    return altered(items=items)


def test_a_guard_may_spare_the_first_items() -> None:
    """A requirement is forgotten, a limit too strict, and an echo wrong, from the fifth item on."""
    condition = NAMED["in items from index 4 on"]
    with app_of(only_under(DERIVED["forgets items[].sku.maxLength"], condition)) as app:
        assert [answered(app, long_sku(index)).status for index in (0, 3, 4, 5)] == [
            *(400, 400),
            *(201, 201),
        ]
    items = [{**ITEM, "reference_id": f"I-{number}"} for number in range(6)]
    dear = [{**item, "amount": 10**9} for item in items]
    mutant = only_under(DERIVED["refuses the maximum 1000000000 in items[].amount"], condition)
    with app_of(mutant) as app:
        assert answered(app, altered(items=[*dear[:4], *items[4:]])).status == 201
        assert answered(app, altered(items=[*items[:4], *dear[4:]])).status == 400
    with app_of(
        only_under(DERIVED["leaves it out (201.data.items[].name.echo)"], condition)
    ) as app:
        told = json.loads(answered(app, altered(items=items)).body)["data"]["items"]
    assert ["name" in item for item in told] == [True] * 4 + [False] * 2
