"""Servers in which something of an invoice, taken or refused, affects the answer to another."""

import json
import threading
from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, datetime
from itertools import count
from uuid import NAMESPACE_OID, uuid5

from starlette.datastructures import Headers

from reference.mutants.mutant import mutant
from reference.mutants.operators import OPTIONAL, keeps_answers
from reference.mutants.server import CheckKey, Json, Mutation, Server
from reference.refusal import Problem, Refusal
from reference.store import Store

ECHO = "201.data.*"
PAUSE = 0.003
"""Seconds in which other requests can come in."""
HELD = 0.03
"""The same, for a busy machine."""


@mutant("isolation", "201.data.*.echo")
def an_order_is_answered_from_the_cache(server: Server) -> Server:
    """Cached by order: a second invoice of an order comes back as the first."""
    cache: dict[str, Json] = {}

    def cached(data: Json, payload: Json) -> Json:
        return deepcopy(cache.setdefault(payload["order_id"], data))

    return server.with_data(cached)


@mutant("isolation", "201.status", "response.documented")
def an_order_can_have_only_one_invoice(server: Server) -> Server:
    """UNIQUE (order_id): partial deliveries cannot be invoiced one by one."""
    known: set[str] = set()

    def find(payload: Json, store: Store) -> Json:
        found = server.steps.find_order(payload, store)
        if payload["order_id"] in known:
            raise Refusal(409, "The order has its invoice")
        known.add(payload["order_id"])
        return found

    return server.with_steps(find_order=find)


def _reuses(names: tuple[str, ...]) -> Mutation:
    def mutate(server: Server) -> Server:
        pooled: dict[str, Json] = {}

        def reused(data: Json, payload: Json) -> Json:
            left = {name: value for name, value in pooled.items() if name not in payload}
            pooled.update({name: payload[name] for name in names if name in payload})
            return {**data, **left}

        return server.with_data(reused)

    return mutate


@mutant("isolation", "201.data.*.echo")
def structures_are_reused_without_a_reset(server: Server) -> Server:
    """sync.Pool in Go: properties of the previous invoice come back where this one has none."""
    return _reuses(OPTIONAL)(server)


@mutant("isolation", "201.data.remarks.echo")
def remarks_of_the_previous_invoice_come_back(server: Server) -> Server:
    """A mutable default argument, or a class attribute instead of an instance's."""
    return _reuses(("remarks",))(server)


@mutant("isolation", "201.status")
def a_refused_invoice_breaks_the_next(server: Server) -> Server:
    """The transaction of a refused invoice stays open, and the next one fails in it: 'current
    transaction is aborted'.
    """
    broken: list[bool] = [False]

    def check(payload: Json) -> Json:
        if broken[0]:
            broken[0] = False
            raise Refusal(500, "Internal Server Error")
        problems = server.steps.check(payload)
        broken[0] = bool(problems)
        return problems

    return server.with_steps(check=check)


@mutant("isolation", "201.status")
def items_of_a_refused_invoice_are_kept(server: Server) -> Server:
    """Each item is inserted as it is read, and nothing is rolled back when a later one is wrong."""
    taken: set[str] = set()

    def check(payload: Json) -> Json:
        problems = server.steps.check(payload)
        items = payload.get("items") if isinstance(payload, dict) else None
        read = [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
        references = {str(item["reference_id"]) for item in read if "reference_id" in item}
        if not problems and references & taken:
            raise Refusal(400, "An item of this reference exists.")
        taken.update(references if problems else ())
        return problems

    return server.with_steps(check=check)


@mutant("isolation", "201.data.*.echo")
def items_pile_up(server: Server) -> Server:
    """A list as a default argument: each invoice also has the items of earlier ones of its order,
    200 at most.
    """
    piles: dict[str, list[Json]] = {}

    def with_earlier(data: Json, payload: Json) -> Json:
        pile = piles.setdefault(payload["order_id"], [])
        pile += data["items"]
        del pile[:-200]
        return {**data, "items": [dict(item) for item in pile]}

    return server.with_data(with_earlier)


@mutant("isolation", "201.status")
def fifty_invoices_are_the_limit(server: Server) -> Server:
    """A quota that the document does not have, and 403 beyond it."""
    made = count(1)
    lock = threading.Lock()

    def find(payload: Json, store: Store) -> Json:
        with lock:
            if next(made) > 50:
                raise Refusal(403, "Quota exceeded")
        return server.steps.find_order(payload, store)

    return server.with_steps(find_order=find)


@mutant("isolation", "4xx.details.names")
def details_of_the_refusal_before_come_back(server: Server) -> Server:
    """A list as a default argument or in a shared validator: each error has the one before too."""
    before: list[Json] = []

    def change(error: dict[str, Json], _: Refusal) -> Json:
        own = error.get("details", [])
        both = [*before, *own]
        before[:] = own
        return {**error, "details": both}

    return server.with_error(change)


def _after(is_kept: Callable[[Problem], bool], *, least: int = 1) -> Mutation:
    """The request right after a refusal with so many such problems finds something left of it."""

    def mutate(server: Server) -> Server:
        left: list[Problem] = []

        def judge(_: Json, problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
            before, left[:] = [*left], [one for one in problems if is_kept(one)]
            if len(left) < least:
                left.clear()
            return problems or tuple(before)

        return server.with_problems(judge)

    return mutate


@mutant("isolation", "201.status")
def a_wrong_status_is_told_again(server: Server) -> Server:
    """The error of an enum's reader is an attribute of the reader."""
    return _after(lambda one: one.location == ("status",))(server)


@mutant("isolation", "201.status")
def errors_are_cleared_where_there_is_one(server: Server) -> Server:
    """`errors.pop()` instead of `errors.clear()`."""
    return _after(lambda _: True, least=2)(server)


@mutant("isolation", ECHO)
def an_invoice_of_the_same_amounts_is_the_same(server: Server) -> Server:
    """Idempotency by reference and total: the answer to the first is given again."""
    return _answers_again("reference_id", "total_amount")(server)


@mutant("isolation", ECHO)
def an_invoice_of_the_same_texts_is_the_same(server: Server) -> Server:
    """Idempotency by number and remarks: the answer to the first is given again."""
    return _answers_again("invoice_number", "remarks")(server)


@mutant("isolation", "security.key")
def an_answer_is_kept_under_a_key_of_its_own(server: Server) -> Server:
    """Who sends an Idempotency-Key again gets what was answered, before any key is looked at."""
    kept: set[str] = set()

    def check(headers: Headers, check_key: CheckKey) -> None:
        once = headers.get("idempotency-key")
        if once is None or once not in kept:
            check_key(headers)
            kept.update([once] if once else [])

    return server.with_key_check(check)


@mutant("isolation", "security.key")
def a_known_key_of_its_own_is_enough(server: Server) -> Server:
    """A key that is sent is checked; a known Idempotency-Key stands for one that is not."""
    kept: set[str] = set()

    def check(headers: Headers, check_key: CheckKey) -> None:
        once = headers.get("idempotency-key", "")
        if "x-api-key" in headers or once not in kept:
            check_key(headers)
            kept.update([once] if once else [])

    return server.with_key_check(check)


@mutant("isolation", "items[]*", "items*")
def an_answer_is_given_again_before_the_invoice_is_checked(server: Server) -> Server:
    """The right key and a known Idempotency-Key get the answer of the first, whatever is sent."""
    return keeps_answers(lambda first, _: first)(server)


@mutant("isolation", "order_id.known")
def what_is_asked_of_an_order_makes_it(server: Server) -> Server:
    """An order that is not found is kept as one to be fetched: the next time it is there."""
    asked: set[str] = set()

    def find(payload: Json, store: Store) -> datetime:
        order = payload["order_id"]
        if order in asked:
            return datetime(2000, 1, 1, tzinfo=UTC)
        try:
            return server.steps.find_order(payload, store)
        except Refusal:
            asked.add(order)
            raise

    return server.with_steps(find_order=find)


def _answers_again(*names: str) -> Mutation:
    def mutate(server: Server) -> Server:
        known: dict[str, Json] = {}

        def again(data: Json, payload: Json) -> Json:
            same = str([payload.get(name) for name in names])
            return deepcopy(known.setdefault(same, data))

        return server.with_data(again)

    return mutate


@mutant("isolation", "201.status")
def a_number_is_kept_for_its_reference(server: Server) -> Server:
    """A number is reserved for the reference of a request that is then refused."""
    kept: dict[str, Json] = {}

    def judge(payload: Json, problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
        is_invoice = isinstance(payload, dict)
        number, reference = (
            payload.get(name) if is_invoice else None for name in ("invoice_number", "reference_id")
        )
        if problems:
            kept.setdefault(str(number), reference)
        elif kept.get(str(number), reference) != reference:
            return (Problem(("invoice_number",), "taken", "Is in use"),)
        return problems

    return server.with_problems(judge)


@mutant("isolation", "201.status")
def a_refusal_is_cached_by_reference_and_length(server: Server) -> Server:
    """What is as long as an invoice that was refused under its reference is not read again."""
    refused: dict[tuple[str, int], tuple[Problem, ...]] = {}

    def judge(payload: Json, problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
        reference = str(payload.get("reference_id")) if isinstance(payload, dict) else ""
        place = reference, len(json.dumps(payload))
        return refused.setdefault(place, problems) if problems else refused.get(place, ())

    return server.with_problems(judge)


@mutant("isolation", "201.data.id.unique")
def ids_are_made_of_the_first_items_reference(server: Server) -> Server:
    """A name-based UUID of what is said to be new in each invoice."""

    def named(data: Json, payload: Json) -> Json:
        items = payload["items"]
        made = {"id": str(uuid5(NAMESPACE_OID, items[0]["reference_id"]))} if items else {}
        return {**data, **made}

    return server.with_data(named)


@mutant("isolation", "201.data.items.echo")
def items_are_kept_in_an_object_by_their_references(server: Server) -> Server:
    """JavaScript has short numbers first, and by size: Object.values(items)."""

    def is_index(text: str) -> bool:
        return text.isascii() and text.isdigit() and str(int(text)) == text and int(text) < 2**32

    def as_an_object(data: Json, _: Json) -> Json:
        indices = [item for item in data["items"] if is_index(item["reference_id"])]
        indices.sort(key=lambda item: int(item["reference_id"]))
        others = [item for item in data["items"] if not is_index(item["reference_id"])]
        return {**data, "items": [*indices, *others]}

    return server.with_data(as_an_object)


def _fills(fill: Callable[[Json, Json], Json]) -> Mutation:
    """The server reads an invoice with something of the one before it, if that was accepted."""

    def mutate(server: Server) -> Server:
        last: list[Json] = []

        def read(payload: Json) -> Json:
            return fill(payload, last[0]) if last and isinstance(payload, dict) else payload

        def judge(payload: Json, problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
            last[:] = [] if problems else [payload]
            return problems

        return server.with_payload(read).with_problems(judge)

    return mutate


@mutant("isolation", "*.required")
def what_an_invoice_lacks_is_that_of_the_accepted_one_before(server: Server) -> Server:
    """A decoder has one object for all; a refusal makes a new one."""
    needed = (
        *("reference_id", "order_id", "invoice_number", "due_date"),
        *("total_amount", "paid_amount", "items"),
    )
    return _fills(lambda sent, last: {**{name: last[name] for name in needed}, **sent})(server)


@mutant("isolation", "items[].*.required")
def what_an_item_lacks_is_that_of_the_accepted_one_before(server: Server) -> Server:
    """Go's decoder writes into the elements that a slice has."""

    def fill(sent: Json, last: Json) -> Json:
        items = sent.get("items")
        if not isinstance(items, list) or not all(isinstance(each, dict) for each in items):
            return sent
        known = [*last["items"], *[{}] * len(items)]
        both = zip(known, items, strict=False)
        return {**sent, "items": [{**before, **item} for before, item in both]}

    return _fills(fill)(server)
