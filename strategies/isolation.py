"""Invoices sent again or at once: no answer may depend on another request."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import replace
from functools import partial
from itertools import cycle
from unicodedata import normalize

from spec.contract import PLACEHOLDER, Contract, TargetFacts
from spec.paths import Json, find, put, schema_at, values_at
from spec.relations import FULL_WIDTH
from strategies.acceptance.arrangements import texts_of_items
from strategies.cases import Case, Crowd, lettered
from strategies.extras.clients import undocumented
from strategies.extras.proxies import Fields
from strategies.invalid import invalid_body, lacking
from strategies.invoice import encode, plain_invoice
from strategies.relations import (
    as_written,
    consistent,
    must_be_accepted,
    repeated_to,
    with_distinct_references,
)
from strategies.scalars import keeps, main_type

AT_ONCE = 32
"""Invoices to send at once: two for each connection, so that connections are also reused."""

_TIMES = 2
"""How often the same invoice is sent; what fails only at times also fails in other tests."""

_WAYS: tuple[Fields, ...] = (
    (),
    (("Accept-Language", "de"),),
    (("Accept-Encoding", "identity"),),
    (("Accept-Language", "tr, en;q=0.5"), ("Accept-Encoding", "gzip")),
    (("Accept-Encoding", None),),
)
"""What a client asks for, which is nobody else's concern."""
_TEXT = "Größe 鍵 😀 "
_CUT = 12
"""Bytes that are left of a body that is no JSON."""

_PAYMENTS = (500, 0, 10**6)
"""A part, nothing, and more than the total: three different statuses."""


def concurrent(contract: Contract, facts: TargetFacts) -> tuple[Crowd, ...]:
    """Invoices with different contents to send at once."""
    invoices = [distinct_invoice(contract, facts, number) for number in range(1, AT_ONCE + 1)]
    # In the first half each has the same articles as the next, in the opposite order: a server
    # that locks them one after the other may wait for itself.
    half = AT_ONCE // 2
    for number in range(0, half, 2):
        invoices[number + 1] = _with_articles_of(contract, invoices[number + 1], invoices[number])
    # In the second half every other is refused: what is wrong with one may come back with another,
    # or the right key of one may let another in. Of the others every other is large.
    refused = cycle(_refused(contract, facts))
    cases = []
    for number, invoice in enumerate(invoices, 1):
        various = _various(contract, facts, invoice, number)
        case = Case(f"invoice {number}", "crowd", encode(various))
        if number > half and number % 2 == 0:
            case = next(refused)(case, invoice)
        elif number > half and number % 4 == 1:
            case = replace(case, short=encode(with_many_items(contract, various)))
        # Of two in flight, none, one or both are sent in chunks, and few ask for the same.
        fields = (*case.headers, *undocumented(contract, _WAYS[(number - 1) % len(_WAYS)]))
        cases.append(replace(case, headers=fields, chunked=number // 2 % 2 == 1))
    return (Crowd(f"{AT_ONCE} at once", tuple(cases)),)


def _various(
    contract: Contract, facts: TargetFacts, invoice: dict[str, Json], number: int
) -> dict[str, Json]:
    """The invoice, of three one without what is optional and one with a long text in all scripts:
    each comes back with what it has, and in its own bytes.
    """
    other = invoice
    if number % 3 == 0:
        needed = contract.narrowed_schema.get("required", ())
        other = consistent(contract, {name: invoice[name] for name in needed if name in invoice})
    if number % 3 == 1:
        other = lettered(contract, invoice, _TEXT * number)
    return other if must_be_accepted(contract, facts, other) else invoice


def _refused(
    contract: Contract, facts: TargetFacts
) -> Iterator[Callable[[Case, dict[str, Json]], Case]]:
    """How to make something refused of a case and its invoice, for each way to refuse a request;
    several of them invalid or without a key.
    """

    def invalid(case: Case, invoice: dict[str, Json]) -> Case:
        name = case.name.replace("invoice", "an invalid invoice")
        return replace(case, name=name, short=lacking(contract, invoice))

    def with_key(called: str, key: str | None) -> Callable[[Case, dict[str, Json]], Case]:
        header = ((contract.key_header, key),) if contract.key_header else ()
        return lambda case, _: replace(case, name=f"{case.name} {called}", headers=header)

    def of_an_unknown_order(case: Case, invoice: dict[str, Json]) -> Case:
        unknown = {**invoice, order.order: facts.unknown_order_ids[0]}
        return replace(case, name=f"{case.name} of an unknown order", short=encode(unknown))

    def cut(case: Case, _: dict[str, Json]) -> Case:
        return replace(case, name=f"{case.name}, cut", short=case.body[:_CUT])

    order = contract.relations.order
    is_known = bool(facts.order_ids) and contract.find(order.requirement) is not None
    without = with_key("without a key", None) if contract.key_header else cut
    has_other = contract.key_header is not None and facts.forbidden_key is not None
    yield from (invalid, without)
    yield from (with_key("without the right", facts.forbidden_key) if has_other else cut, without)
    yield from (of_an_unknown_order if is_known else invalid, without)
    # The last one after all valid ones: what is wrong with it may come back with those.
    yield from (cut, invalid)


def with_many_items(contract: Contract, invoice: dict[str, Json]) -> dict[str, Json]:
    """The invoice with as many items as the reading allows, where there are items."""
    items = contract.relations.sum.items
    if not invoice.get(items):
        return invoice
    schema = contract.narrowed_schema["properties"][items]
    many = repeated_to(invoice[items], schema.get("maxItems", 100))
    return consistent(
        contract, {**invoice, items: with_distinct_references(contract, many, schema)}
    )


def repeated(contract: Contract, facts: TargetFacts) -> tuple[Crowd, ...]:
    """The same invoice again and again, each with a new stamp."""
    body = encode(plain_invoice(contract, facts))
    cases = tuple(Case(f"time {number}", "repeated", body) for number in range(1, _TIMES + 1))
    return (Crowd(f"{_TIMES} times", cases),)


def rivals(contract: Contract, facts: TargetFacts) -> tuple[Crowd, ...]:
    """An invoice twice, a different one and an invalid one, to send at once under one number."""
    first, other = (encode(distinct_invoice(contract, facts, number)) for number in (1, 2))
    cases = (
        Case("the invoice", "crowd", first),
        Case("the same", "crowd", first),
        Case("a different one", "crowd", other),
        Case("an invalid one", "crowd", invalid_body(contract, facts)),
    )
    return (Crowd("one number at once", cases, one_stamp=True),)


def keys_within(contract: Contract, facts: TargetFacts) -> tuple[Crowd, ...]:
    """A request that is answered between head and body of another one, of which one has the key and
    the other none: a server may keep what it has read of a key where the other one finds it.
    """
    if contract.key_header is None:
        return ()
    with_key, without = (
        Case(name, "crowd", encode(distinct_invoice(contract, facts, number)), headers)
        for name, number, headers in (
            ("one with the key", 1, ()),
            ("one without a key", 2, ((contract.key_header, None),)),
        )
    )
    both = ((without, with_key), (with_key, without))
    return tuple(
        Crowd(f"{outer.name} around {inner.name}", (outer, inner), within=True)
        for outer, inner in both
    )


def with_alike_references(
    contract: Contract, facts: TargetFacts, first: dict[str, Json]
) -> Iterator[Case]:
    """Other invoices whose references and number, and those of their first items, each differ from
    one of the first invoice in what an index of a database may not compare.
    """
    for name, number, *changes in _ALIKE:
        other: Json = distinct_invoice(contract, facts, number)
        is_alike = False
        for path, likened in zip(contract.relations.new.paths, changes, strict=True):
            schema = schema_at(contract.narrowed_schema, path)
            for (location, text), change in zip(values_at(first, path), likened, strict=False):
                alike = change(text)
                is_there = PLACEHOLDER in text and find(other, location) is not None
                if is_there and keeps(schema, alike):
                    other, is_alike = put(other, location, alike), True
        if is_alike:
            yield Case(name, "open", encode(other))


def _around_its_stamp(change: Callable[[str], str], text: str) -> str:
    return PLACEHOLDER.join(map(change, text.split(PLACEHOLDER)))


def _decomposed(text: str) -> str:
    return f"{text[:1]}\u0301{text[1:]}"


def _composed(text: str) -> str:
    return normalize("NFC", _decomposed(text))


_Changes = tuple[Callable[[str], str], ...]
_CASE = partial(_around_its_stamp, str.swapcase)
_WIDE = partial(_around_its_stamp, lambda text: text.translate(FULL_WIDTH))
_BLANK_BEHIND, _BLANK_BEFORE, _ZERO = "{} ".format, " {}".format, "0{}".format
_ALIKE: tuple[tuple[str, int, _Changes, _Changes, _Changes], ...] = (
    (
        "one with its reference in another letter case",
        6,
        (_CASE,),
        (_composed,),
        (_composed, _WIDE),
    ),
    (
        "one with a blank behind its reference",
        7,
        (_BLANK_BEHIND,),
        (_CASE,),
        (_decomposed, _BLANK_BEFORE),
    ),
    ("one with its reference in wide letters", 9, (_WIDE,), (_BLANK_BEHIND,), (_CASE, _ZERO)),
)
"""By what is done to the reference: the number of an invoice of two items or more, and what is done
to a reference, a number, and the references of the first items. What is composed and what is
decomposed differ in nothing but normalisation.
"""


def distinct_invoice(contract: Contract, facts: TargetFacts, number: int) -> dict[str, Json]:
    """The plain invoice with that number in its texts and quantities; the order stays the same.

    Two numbers that differ by 1 or 2 also differ in status and number of items.
    """
    relations = contract.relations
    payload: dict[str, Json] = _numbered(
        contract.narrowed_schema,
        plain_invoice(contract, facts),
        number,
        kept=(relations.order.order, *(path[0] for path in relations.new.paths if not path[1:])),
    )
    if relations.state.paid in payload:
        payload[relations.state.paid] = _PAYMENTS[number % len(_PAYMENTS)]
    return consistent(contract, as_written(contract, payload))


def _with_articles_of(
    contract: Contract, invoice: dict[str, Json], other: dict[str, Json]
) -> dict[str, Json]:
    """The invoice with the articles of the other one in the opposite order."""
    items = contract.relations.sum.items
    if not {items} <= invoice.keys() & other.keys():
        return invoice
    text = next(iter(texts_of_items(contract)), "")
    named = [item[text] for item in other[items] if text in item][::-1]
    elements = repeated_to(invoice[items], len(other[items]))
    shared = [{**item, text: article} for item, article in zip(elements, named, strict=False)]
    if not shared:
        return invoice
    schema = contract.narrowed_schema["properties"][items]
    distinct = with_distinct_references(contract, shared, schema)
    return consistent(contract, {**invoice, items: distinct})


def _numbered(schema: Json, value: Json, number: int, kept: Collection[str] = ()) -> Json:
    match value:
        case dict():
            inner = schema.get("properties", {})
            return {
                name: each if name in kept else _numbered(inner.get(name, {}), each, number)
                for name, each in value.items()
            }
        case list():
            fewer = len(value) - number % max(len(value), 1)
            elements = value[: max(fewer, schema.get("minItems", 1))]
            return [_numbered(schema.get("items", {}), each, number) for each in elements]
        case str() if schema.get("format") == "text" and "enum" not in schema:
            longer = (f"{value}{sign}{number}" for sign in (" ", "-", ""))
            fitting = (text[-schema.get("maxLength", len(text)) :] for text in longer)
            return next((text for text in fitting if keeps(schema, text)), value)
        case str() if schema.get("format") == "web-url":
            other = f"{value}?number={number}"
            return other if keeps(schema, other) else value
        case int() if main_type(schema) == "integer":
            return min(value + number, schema.get("maximum", value + number))
    return value
