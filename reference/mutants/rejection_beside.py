"""Servers that forget a check where an invoice has an unknown property, or its request a field."""

from collections.abc import Callable
from decimal import Decimal

from reference.mutants.conditions import SENDING, Condition, ConditionalServer, Seen
from reference.mutants.mutant import mutant
from reference.mutants.operators import PROPERTIES, objects
from reference.mutants.server import Json, Mutation, Server
from reference.refusal import Problem

Forgotten = Callable[[Problem, Json], bool]
"""Whether a problem of a payload is forgotten."""


def _forgets(forgotten: Forgotten) -> Mutation:
    return lambda server: server.with_problems(
        lambda payload, problems: tuple(one for one in problems if not forgotten(one, payload))
    )


def _holder(payload: Json, problem: Problem) -> dict[str, Json]:
    """The invoice, or the item in which a problem is."""
    items = payload.get("items") if isinstance(payload, dict) else None
    if problem.location[:1] == ("items",) and len(problem.location) > 1 and isinstance(items, list):
        payload = items[int(problem.location[1])]
    return payload if isinstance(payload, dict) else {}


@mutant("rejection", "paid_amount.minimum")
def credit_notes_may_have_a_negative_amount(server: Server) -> Server:
    """`type` is that of another model; a credit note is the same one with its signs turned."""

    def forgotten(problem: Problem, payload: Json) -> bool:
        kind = _holder(payload, problem).get("type")
        credit = isinstance(kind, str) and kind.lower() in ("credit_note", "refund")
        return credit and problem.kind == "greater_than_equal"

    return _forgets(forgotten)(server)


@mutant("rejection", "*.required")
def drafts_need_only_some_properties(server: Server) -> Server:
    """What is required is a group of validations, which a draft leaves out."""

    def forgotten(problem: Problem, payload: Json) -> bool:
        is_draft = any(
            _holder(payload, problem).get(name) is True for name in ("draft", "is_draft")
        )
        return is_draft and problem.kind == "missing"

    return _forgets(forgotten)(server)


@mutant("rejection", "*.maxLength")
def an_unknown_property_makes_a_loose_invoice(server: Server) -> Server:
    """`anyOf` with a map as its second branch, which takes what has a name that the first has not;
    types are looked at afterwards, lengths are not.
    """

    def forgotten(problem: Problem, payload: Json) -> bool:
        names = {name for _, holder in objects(payload) for name in holder}
        return not names <= {*PROPERTIES} and problem.kind == "string_too_long"

    return _forgets(forgotten)(server)


@mutant("rejection", "items[].quantity.type")
def an_item_by_weight_may_have_any_quantity(server: Server) -> Server:
    """An item that has a unit is sold by that, in fractions; the stock knows whole ones."""

    def read(payload: Json) -> Json:
        for _, holder in objects(payload):
            if "unit" in holder and isinstance(holder.get("quantity"), float | Decimal):
                holder["quantity"] = max(1, int(holder["quantity"]))
        return payload

    return server.with_payload(read)


@mutant("rejection", "due_date.required", "*.enum")
def what_has_an_id_is_patched(server: Server) -> Server:
    """`save()` updates where there is an id, with the rules of PATCH: a date may be missing."""

    def forgotten(problem: Problem, payload: Json) -> bool:
        ids = _holder(payload, problem).keys() & {"id", "_id"}
        return bool(ids) and (problem.location == ("due_date",) or problem.kind == "enum")

    return _forgets(forgotten)(server)


def _for(name: str, holds: Callable[[Seen], bool], kinds: tuple[str, ...]) -> Mutation:
    """The server forgets problems of these kinds where a request is as said."""
    condition = Condition(name, "fields", SENDING, lambda seen, _: holds(seen))

    def mutate(server: Server) -> Server:
        changed = _forgets(lambda problem, _: problem.kind in kinds)(server)
        return ConditionalServer(
            server.steps, server.layers, server.host, changed=changed, condition=condition
        )

    return mutate


@mutant("rejection", "*.maxLength", "*.minimum", "*.enum")
def what_comes_from_within_is_checked_less(server: Server) -> Server:
    """The batch that moves old invoices says so, and they are as they are."""
    marks = (b"x-internal", b"x-internal-request", b"x-migration", b"x-import", b"x-batch")
    return _for(
        "from within",
        lambda seen: any(map(seen.header, marks)),
        ("string_too_long", "greater_than_equal", "enum"),
    )(server)


@mutant("rejection", "*.maxLength", "*.required")
def old_clients_are_checked_less(server: Server) -> Server:
    """Those of version 1 knew of no lengths, and are known by their User-Agent."""
    agents = (b"okhttp/", b"Apache-HttpClient/", b"PHP/", b"GuzzleHttp/")
    return _for(
        "for old clients",
        lambda seen: (seen.header(b"user-agent") or b"").startswith(agents),
        ("string_too_long", "missing"),
    )(server)


@mutant("rejection", "*.type")
def a_language_brings_its_own_numbers(server: Server) -> Server:
    """Where an Accept-Language is German or Turkish, amounts may be texts with a comma: what is no
    number is left to the formatter.
    """
    return _for(
        "in other languages",
        lambda seen: (seen.header(b"accept-language") or b"")[:2] in (b"de", b"tr"),
        ("decimal_type", "float_type", "int_type"),
    )(server)
