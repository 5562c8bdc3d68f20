"""The plain valid invoice from which listed cases are made, its bytes, and what every request has
beside it.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from functools import cache
from itertools import chain
from typing import Any
from urllib.parse import quote, urlencode

from spec.contract import (
    DIGITS,
    HEX_PLACEHOLDER,
    PLACEHOLDER,
    UUID_PLACEHOLDER,
    Contract,
    TargetFacts,
    own,
)
from spec.exchange import Request
from spec.expectation import Expected, broken, expect
from spec.operation import JSON
from spec.parameters import COOKIE, HEADER, QUERY, Parameter
from spec.paths import (
    CHOICES,
    ELEMENT,
    Json,
    Path,
    copied,
    location_text,
    path_text,
    properties_within,
    put,
    remove,
    schema_at,
    values_at,
)
from spec.relations import Relations
from spec.schema.alternatives import is_other
from spec.schema.amounts import is_written, written
from spec.schema.choices import branches
from spec.schema.formats import instant_or_start_of_day
from spec.schema.presence import fitted
from spec.violation import with_article
from spec.yamlfile import FileError, place
from strategies.dates import MINUTE, date_time_texts, update_window
from strategies.objects import properties_of
from strategies.relations import (
    as_written,
    consistent,
    json_number,
    repeated_to,
    with_distinct_references,
    with_status,
)
from strategies.scalars import keeps, limits, main_type, plain_scalar, stamp_alone
from strategies.values import EXAMPLES, ITEM_EXAMPLES

_OF_SEVERAL = (
    "the body is one of several schemas that nothing required tells apart: leave the one to send "
    "in a copy of the document"
)
Pairs = tuple[tuple[str, str], ...]
"""Names and values, in order."""


def _example(relations: Relations) -> dict[str, Json]:
    """The value of each property, if the document's schema allows it."""
    (reference,), (number,), (items, _, of_item) = relations.new.paths
    state, dates, amount, quantity = (
        *(relations.state, relations.dates),
        *(relations.sum.amount, relations.sum.quantity),
    )
    return {
        **EXAMPLES,
        reference: f"REF-{PLACEHOLDER}",
        relations.order.order: relations.order.alone or "ORD-20250101",
        number: f"INV-{PLACEHOLDER}",
        state.paid: 500,
        state.status: state.part,
        relations.due.due: "2024-07-31T00:00:00Z",
        dates.earlier: "2024-05-02T09:30:00Z",
        dates.later: "2024-05-03T14:05:30Z",
        items: [
            {**one, of_item: f"ITEM-{n}-{PLACEHOLDER}", quantity: count, amount: price}
            for n, (one, count, price) in enumerate(ITEM_EXAMPLES, 1)
        ],
    }


def complete_invoice(contract: Contract) -> dict[str, Json]:
    """A fixed invoice with every property and three items, whatever the target; also with such as
    may not stand together.
    """
    payload: dict[str, Json] = copied(_complete_invoice(contract))
    return payload


@cache
def _complete_invoice(contract: Contract) -> dict[str, Json]:
    payload: dict[str, Json] = whole_of(
        contract, contract.narrowed_schema, _example(contract.relations)
    )
    for one in contract.unread:
        schema = schema_at(contract.narrowed_schema, one.path)
        if one.example is not None:
            # An object may lack what is optional, in a list as well, and has to have it here.
            filled = whole_of(contract, schema, one.example)
            whole, fits = keeps(schema, one.example), keeps(schema, fitted(schema, filled))
            parts = any(path[-1] != ELEMENT for path, _ in properties_within(schema))
            value = one.example if whole and not (parts and fits) else filled
            for location, _ in values_at(payload, one.path):
                payload = put(payload, location, value)
    name = contract.relations.state.status
    payload, status = _within_its_total(contract, payload), payload.get(name)
    sent = name in payload
    complete = with_status(contract, consistent(contract, payload, fixed=(name,)), status)
    # No amount paid agrees with a state that another document adds.
    return {**complete, name: complete.get(name, status)} if sent else complete


def _within_its_total(contract: Contract, payload: dict[str, Json]) -> dict[str, Json]:
    """The payload with prices so low that also the most items keep the limit of the total."""
    whole, schema = contract.relations.sum, contract.narrowed_schema
    prices = schema_at(schema, (whole.items, ELEMENT, whole.amount))
    items, total = payload.get(whole.items), schema_at(schema, (whole.total,))
    is_amount = is_written(total) or main_type(total) in ("number", "integer")
    if not items or not prices or not is_amount:
        return payload
    room = limits(total)[1] / schema_at(schema, (whole.items,)).get("maxItems", len(items))
    dearest = consistent(contract, payload, (contract.relations.state.status,))[whole.total]
    if Decimal(str(dearest)) <= room * len(items):
        return payload
    least, most, unit = limits(prices)
    cheaper = []
    for item in items:
        price = room / Decimal(str(item.get(whole.quantity, 1)))
        price = max(least, min(most, price - price % unit))
        cheaper.append({**item, whole.amount: json_number(price)})
    return as_written(contract, {**payload, whole.items: cheaper})


def plain_invoice(contract: Contract, facts: TargetFacts) -> dict[str, Json]:
    """The plain invoice: the complete one, changed as far as it must be to be valid at a target."""
    payload: dict[str, Json] = copied(shared_plain_invoice(contract, facts))
    return payload


@cache
def shared_plain_invoice(contract: Contract, facts: TargetFacts) -> dict[str, Json]:
    """The same, shared, so never to be changed."""
    payload = complete_invoice(contract)
    for path in contract.left_out:
        for location, _ in values_at(payload, path):
            payload = remove(payload, location)
    payload = fitted(contract.narrowed.schema, payload)
    order, dates = contract.relations.order.order, contract.relations.dates
    if facts.order_ids and order in payload:
        payload[order] = facts.order_ids[0]
    if dates.later in payload:
        window = update_window(facts)
        if window is None:
            del payload[dates.later]
        elif not window[0] <= instant_or_start_of_day(payload[dates.later]) <= window[1]:
            listed = contract.narrowed_schema["properties"]
            free = {
                name for name in (dates.earlier, dates.later) if "enum" not in listed.get(name, {})
            }
            for name in free & set(payload):
                text = date_time_texts(window[0] + MINUTE / 2)[0]
                payload[name] = text[: len(payload[name])]  # of a date only the day
    return consistent(contract, payload)


def check_valid(contract: Contract, facts: TargetFacts) -> None:
    """Raise FileError where no invoice can be made that must be accepted: a run would be green
    whatever the server does.
    """
    path, unread = why_not_read(contract, facts)
    why = unread or why_not_valid(contract, facts)
    if why:
        at = _place_of(contract, path) if unread else _where(contract, facts)
        what = "no invoice can be made that every server must accept"
        what += " (python -m spec.diff tells what the version changes, without a run)"
        raise FileError(
            f"{at or contract.source.place(contract.operation.request)}: {what}: {why}."
        )


def _where(contract: Contract, facts: TargetFacts) -> str | None:
    """File, line and pointer of the first clause that the plain invoice breaks, as far as they are
    known.
    """
    payload = plain_invoice(contract, facts)
    clauses = [clause for clause, _, _ in broken(contract.request, payload)]
    clauses += [each.requirement for each in _plainest(contract, facts).breaches]
    for clause in clauses:
        if clause is not None:
            return place(clause.file, clause.line, clause.pointer)
    found = contract.narrowed.validator.iter_errors(payload)
    places = (contract.read_at.get(tuple(map(str, each.schema_path))) for each in found)
    return next(filter(None, places), None)


def _place_of(contract: Contract, path: Path) -> str | None:
    """File, line and pointer of the schema of a property, as far as they are known."""
    said = [one for one in contract.body_requirements if one.keyword != "required"]
    said.sort(key=lambda one: (one.path != path, one.keyword not in ("enum", "type")))
    around = (path[:end] for end in range(len(path), 0, -1))
    found = (one for each in around for one in said if one.path[: len(each)] == each)
    clause = next(found, None)
    return place(clause.file, clause.line, clause.pointer) if clause else None


def why_not_read(contract: Contract, facts: TargetFacts) -> tuple[Path, str]:
    """Why the suite cannot make an invoice of the document at all, and the property that is to
    blame; empty if it can.

    It knows some properties by their names, and as what they are in today's document.
    """
    schema = contract.narrowed_schema
    if main_type(schema) != "object" or contract.find("body.type") is None:
        several = not {*CHOICES}.isdisjoint(contract.request_schema)
        return (), _OF_SEVERAL if several else "the body is not said to be an object"
    if told := next(chain(_of_another_kind(contract), _without_value(contract)), None):
        return told
    for name, one in schema.get("properties", {}).items():
        if _has_an_invoice(contract, one):
            return (name,), f"an invoice is in {name}, where the suite needs it to be the body"
    return (), "" if plain_invoice(contract, facts) else "no property of it has known values"


def _has_an_invoice(contract: Contract, schema: dict[str, Any]) -> bool:
    """Whether a property has most of what an invoice must have today."""
    required = [contract.path_of((name,))[-1] for name in own().narrowed_schema["required"]]
    within = schema.get("items", schema).get("properties", {})
    return len(within.keys() & {*required}) * 2 > len(required)


def _of_another_kind(contract: Contract) -> Iterator[tuple[Path, str]]:
    """What the suite knows by its name and is something else in this document."""
    relations, schema = contract.relations, contract.narrowed_schema
    for known, kind in () if contract.own else _kinds(own().narrowed_schema):
        path = contract.path_of(known)
        found = schema_at(schema, path)
        known_by_name = path and {path[-1], *path[-2:-1]} & relations.all_names
        unsaid = path[-1:] == (ELEMENT,) and not found and schema_at(schema, path[:-1])
        if known_by_name and path not in contract.left_out and (unsaid or is_other(found, kind)):
            what = f"not {with_article(kind)}, as the suite needs"
            if found.get("enum") == [None]:
                what = f"null alone, where the suite needs {with_article(kind)}"
            elif (kind, main_type(found)) == ("number", "string"):
                what = "a text, and no format, pattern or example says that 12.50 may be one"
            yield path, f"{path_text(path)} is {what}"


def _without_value(contract: Contract) -> Iterator[tuple[Path, str]]:
    """What has no value that the suite can send."""
    schema, relations = contract.narrowed_schema, contract.relations
    for path, found in properties_within(schema):
        if found.get("maxItems") == 0:
            yield path, f"{path_text(path)} has to be empty, and the suite needs elements there"
    for name in (relations.dates.earlier, relations.dates.later, relations.due.due):
        value = plain(contract, schema_at(schema, (name,)), _example(relations).get(name))
        sent = name in schema.get("properties", {}) and (name,) not in contract.left_out
        if sent and not _is_moment(value):
            yield (name,), f"{name} is {text_of(value)}, where the suite needs a date"
    for one in contract.unread:
        fits = one.example is not None and keeps(schema_at(schema, one.path), one.example)
        if one.alone and not fits:
            yield one.path, f"{path_text(one.path)} is {one.why}, without a valid example"


def _kinds(schema: dict[str, Any], path: Path = ()) -> Iterator[tuple[Path, str]]:
    """The path and the type of everything within a schema; every integer is a number."""
    yield path, main_type(schema).replace("integer", "number")
    for name, child in schema.get("properties", {}).items():
        yield from _kinds(child, (*path, name))
    if "items" in schema:
        yield from _kinds(schema["items"], (*path, ELEMENT))


def _is_moment(value: Json) -> bool:
    try:
        instant_or_start_of_day(value)
    except (TypeError, ValueError):
        return False
    return True


def why_not_valid(contract: Contract, facts: TargetFacts) -> str:
    """Why the plain invoice need not be accepted, with the property that is to blame; empty if it
    has to be.
    """
    if unread := why_not_read(contract, facts)[1]:
        return unread
    said = _plainest(contract, facts)
    blamed = (
        (one.requirement, location_text(one.location))
        if one.requirement.part == "body"
        else (one.requirement, "what is sent beside it")
        for one in said.breaches
    )
    breaks = [f"{subject} breaks {requirement}" for requirement, subject in blamed]
    why = next(iter((*breaks, *said.why)), "").rstrip(".")
    alone = {path_text(one.path): one.why for one in contract.unread if one.alone}
    name = re.split("[: ]", why, maxsplit=1)[0]
    agrees = "and its example does not agree with the rest of the invoice"
    return f"{name} is {alone[name]}, {agrees}" if name in alone else why


def _plainest(contract: Contract, facts: TargetFacts) -> Expected:
    """What is expected of the plain invoice, as it is usually sent."""
    key = ((contract.key_header, facts.key or ""),) if contract.key_header else ()
    facts = replace(facts, key=facts.key or "")
    headers = (("Content-Type", JSON), *key, *usual_headers(contract))
    query = usual_query(contract)
    path = f"{contract.path}?{query}" if query else contract.path
    request = Request("POST", path, headers, encode(plain_invoice(contract, facts)))
    return expect(contract, facts, request)


_COMPACT = json.JSONEncoder(
    check_circular=False, ensure_ascii=False, separators=(",", ":"), allow_nan=False
)


def encode(payload: Json) -> bytes:
    r"""The payload as compact JSON in UTF-8 with few escapes (RFC 8259, section 8.1).

    UTF-8 cannot encode lone surrogates, so all of a payload that has one is in `\u` escapes.
    Raises ValueError for NaN and infinities, which JSON does not have.
    """
    text = _COMPACT.encode(payload)
    try:
        return text.encode()
    except UnicodeEncodeError:
        return json.dumps(payload, separators=(",", ":"), allow_nan=False).encode()


def plain(contract: Contract, schema: dict[str, Any], example: Json = None) -> Json:
    """A value of the schema: the example where that is valid, plain values elsewhere."""
    return fitted(schema, whole_of(contract, schema, example))


def whole_of(contract: Contract, schema: dict[str, Any], example: Json) -> Json:
    """The same with all properties, even at odds, but for optional parts that may be anything."""
    if len(ways := branches(schema)) > 1:
        values = [plain(contract, way, example) for way in ways]
        return next((value for value in values if keeps(schema, value)), values[0])
    schema = ways[0]
    match main_type(schema):
        case "object":
            inner: dict[str, Json] = example if isinstance(example, dict) else {}
            kept = {*inner, *schema.get("required", ())}
            return {
                name: whole_of(contract, sub, inner.get(name))
                for name, sub in properties_of(schema).items()
                if sub or name in kept or schema is contract.narrowed_schema
            }
        case "array":
            known = example if isinstance(example, list) and example else [None]
            size = max(len(known), schema.get("minItems", 0))
            size = min(size, schema.get("maxItems", size))
            elements = [whole_of(contract, schema.get("items", {}), one) for one in known]
            return with_distinct_references(contract, repeated_to(elements, size), schema)
    example = written(schema, example)
    if example is not None and keeps(schema, example):
        return example
    if isinstance(example, str) and PLACEHOLDER in example and (stamp := stamp_alone(schema)):
        return stamp
    return plain_scalar(schema)


def text_of(value: Json) -> str:
    """A value as a parameter has it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


_NEW = (PLACEHOLDER, UUID_PLACEHOLDER, HEX_PLACEHOLDER, DIGITS)
"""Values that are new each time they are sent, of which a parameter gets the first it allows."""


@cache
def usual_value(parameter: Parameter) -> Json:
    """Its value in every request: the document's example or the plainest one, and a new one for
    each request where it tells them apart.
    """
    schema = parameter.narrowed.root
    known = [*_NEW] if parameter.is_new_each_time else []
    known += [parameter.example, "plain-text", "plain"]
    value = next((one for one in known if one is not None and keeps(schema, one)), None)
    return plain_scalar(schema) if value is None else value


def usual_pairs(contract: Contract, place: str) -> dict[str, str]:
    """The names and values of the parameters that every request has in this place."""
    listed = (one.parameter for one in contract.parameters if one.parameter.is_always_sent)
    return {one.name: text_of(usual_value(one)) for one in listed if one.place == place}


@cache
def usual_headers(contract: Contract) -> Pairs:
    """The header fields of every request that the document demands beside the key, cookies among
    them.
    """
    cookies = cookie_of(usual_pairs(contract, COOKIE))
    return (*usual_pairs(contract, HEADER).items(), *cookies)


def cookie_of(pairs: dict[str, str]) -> Pairs:
    """The header field of these cookies; none if there are none."""
    return (("Cookie", "; ".join(f"{n}={value}" for n, value in pairs.items())),) if pairs else ()


@cache
def usual_query(contract: Contract) -> str:
    """The query of every request; empty where the document demands none."""
    return encoded(usual_pairs(contract, QUERY))


def encoded(pairs: dict[str, str]) -> str:
    """These names and values as a query."""
    return urlencode(pairs, quote_via=quote, safe="#")  # the placeholder has it
