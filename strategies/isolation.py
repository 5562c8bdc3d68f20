"""Invoices sent in turn or at once: no answer may depend on another request."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from itertools import cycle

from spec.contract import PLACEHOLDER, Contract, TargetFacts
from spec.paths import Json, Path, find, path_text, put, values_at
from strategies.acceptance.arrangements import texts_of_items
from strategies.acceptance.limits import invoices_at_limits
from strategies.bodies import TOO_DEEP
from strategies.carriers import factors
from strategies.cases import Case, Crowd, Series, lettered
from strategies.dates import date_time_texts
from strategies.extras.clients import OF_CLIENTS, undocumented
from strategies.invalid import invalid_body, lacking, near_misses
from strategies.invoice import encode, plain_invoice
from strategies.relations import as_written, consistent, repeated_to, with_distinct_references
from strategies.scalars import main_type
from strategies.wrong_keys import with_one_wrong

AT_ONCE = 32
"""Invoices to send at once: two for each connection, so that connections are also reused."""

_TIMES = 2
"""How often the same invoice is sent; what fails only at times also fails in other tests."""

_REFUSED = 4711
"""The number in the texts of invoices that are refused."""
_NUMBER = 4021
"""The reference of an item, as far as a list is numbered."""

_WRONG_KEY = "a-wrong-key"

_INVALID, _LAST_ITEM, _NO_KEY = "an invalid invoice", "an invalid last item", "no key"
_SENT_TWICE = (_INVALID, _LAST_ITEM, _NO_KEY)
"""What a server may take the second time."""
_WIDE = "Größe 鍵"
"""Letters of two and of three bytes."""
_LATIN_1, _SWAPPED = "a charset of Latin-1", "a status with swapped letters"

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
    cases = []
    for number, invoice in enumerate(invoices, 1):
        case = Case(f"invoice {number}", "crowd", encode(invoice))
        if number > half:
            turn = number % 4
            if turn == 0 and contract.key_header is not None:
                lacks = ((contract.key_header, None),)
                case = replace(case, name=f"invoice {number} without a key", headers=lacks)
            elif turn % 2 == 0:
                name, body = f"an invalid invoice {number}", lacking(contract, invoice)
                case = Case(name, "crowd", body)
            elif turn == 1:
                case = replace(case, short=encode(_with_many_items(contract, invoice)))
        cases.append(case)
    return (Crowd(f"{AT_ONCE} at once", tuple(cases)),)


def _with_many_items(contract: Contract, invoice: dict[str, Json]) -> dict[str, Json]:
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


def omissions(contract: Contract, facts: TargetFacts) -> tuple[Series, ...]:
    """For each optional property two invoices of one order: with it and without it."""
    schema = contract.narrowed_schema
    first, second = (distinct_invoice(contract, facts, number) for number in (0, 1))
    optional = [name for name in schema["properties"] if name not in schema.get("required", ())]
    without = {f"without {name}": {name} for name in optional if name in first}
    if len(without) > 1:
        without["without any optional property"] = set().union(*without.values())
    series = []
    for name, absent in without.items():
        lacking = {name: value for name, value in second.items() if name not in absent}
        lacking = consistent(contract, lacking)
        cases = (
            Case("the invoice before", name, encode(first)),
            Case(f"the invoice {name}", name, encode(lacking)),
        )
        series.append(Series(name, "omission", cases))
    return tuple(series)


def same_order(contract: Contract, facts: TargetFacts) -> tuple[Series, ...]:
    """Two invoices of one order that differ in everything else."""
    cases = tuple(
        Case(name, "order", encode(distinct_invoice(contract, facts, number)))
        for number, name in ((1, "the first invoice"), (2, "the second invoice"))
    )
    return (Series("one order twice", "order", cases),)


def recoveries(contract: Contract, facts: TargetFacts) -> tuple[Series, ...]:
    """A bad request and then a valid invoice, over the same connection.

    With values at their limits, which a server may take for others after the bad request.
    """
    invoice = plain_invoice(contract, facts)
    plain = Case("a valid invoice", "valid", encode(invoice))
    wide = Case("a valid invoice", "valid", encode(lettered(contract, invoice, _WIDE)))
    valid = [
        plain,
        *(case for crowd in invoices_at_limits(contract, facts) for case in crowd.cases[:1]),
    ]
    about, fields = OF_CLIENTS["traceparent"]
    traced = undocumented(contract, fields)
    series = []
    for one, valid_one in zip(_bad(contract, facts), cycle(valid), strict=False):
        good = replace(valid_one, headers=(), chunked=False)
        if not one.body:
            good = replace(good, headers=traced, about=about if traced else None)
        if one.name == _LATIN_1:  # as which a server may read the next body, too
            good = wide
        # Corrected, the wrong status is as long, and all else is as it was.
        corrected = one.name == _SWAPPED
        pair = (one, plain if corrected else good)
        series.append(Series(f"after {one.name}", "recovery", pair, one_stamp=corrected))
    return tuple(series)


def refusals(contract: Contract, facts: TargetFacts) -> tuple[Series, ...]:
    """Invoices that each lack another required property, one after the other."""
    invoice = plain_invoice(contract, facts)
    required = [name for name in contract.narrowed_schema.get("required", ()) if name in invoice]
    cases = tuple(
        Case(f"no {name}", "bad", encode({k: v for k, v in invoice.items() if k != name}))
        for name in required[:2]
    )
    return (Series("two refusals", "refusal", cases),) if len(cases) > 1 else ()


def corrections(contract: Contract, facts: TargetFacts) -> tuple[Series, ...]:
    """A request that is refused, some of them again, and then corrected, all with one reference.

    The corrected invoice leaves out what is optional, so that nothing of the refused one may come
    back with it; all but the status, which a server may fill in with any.
    """
    needed = (*contract.narrowed_schema.get("required", ()), contract.relations.state.status)
    whole = plain_invoice(contract, facts)
    corrected = consistent(contract, {name: whole[name] for name in whole if name in needed})
    bodies = [encode(corrected)]
    series = []
    for number, one in enumerate((*_refused(contract, facts), *_refused_late(contract, facts))):
        # Of the first not all at once: a server may have kept a number for one reference.
        each = bodies if number else [*map(encode, _apart(contract, corrected))]
        after = (Case("the corrected invoice", "valid", body) for body in each)
        is_read = one.name in _SENT_TWICE
        again = (replace(one, name=f"{one.name} again"),) if is_read else ()
        series.append(
            Series(f"{one.name} corrected", "correction", (one, *again, *after), one_stamp=True)
        )
    return tuple(series)


def _apart(contract: Contract, invoice: dict[str, Json]) -> Iterator[Json]:
    """The invoice with its number but other references, and with its references but another
    number.
    """
    number = contract.relations.new.paths[1]
    others = [path for path in contract.relations.new.paths if path != number]
    for changed in (others, [number]):
        yield _with_other_references(invoice, changed)


def _with_other_references(invoice: Json, paths: Iterable[Path], number: int = 2) -> Json:
    for path in paths:
        for location, text in values_at(invoice, path):
            if PLACEHOLDER in text:
                invoice = put(invoice, location, f"{number}{text[1:]}")
    return invoice


def known_references(contract: Contract, facts: TargetFacts) -> tuple[Series, ...]:
    """A valid invoice, and then others with its references: unauthorised, invalid, different."""
    first = distinct_invoice(contract, facts, 1)
    body = encode(first)
    accepted = Case("the first invoice", "valid", body)
    after: list[Case] = []
    if contract.key_header is not None:
        keys = {"without a key": None, "with a wrong key": _WRONG_KEY}
        after += [
            Case(f"the same {name}", "bad", body, ((contract.key_header, key),))
            for name, key in keys.items()
        ]
    after += [
        Case("an invalid one with its references", "bad", invalid_body(contract, facts)),
        *_refused_late(contract, facts),
        *_differing(contract, facts, first),
        Case("the first again", "open", body),
    ]
    sharing = [
        Case(f"a different one with its {path_text(path)}", "open", encode(shared))
        for path, shared in _sharing(contract, facts, first)
    ]
    # Each by itself: what changes an invoice may be checked by other rules than what makes one.
    # But for types, which are read before an invoice is looked for.
    wrong = [
        Case(f"{one.name}, with its references", "bad", one.body)
        for requirement in contract.body_requirements
        for one in near_misses(contract, facts, requirement)[:1]
        if requirement.keyword != "type"
    ]
    return (
        Series("all references in common", "known", (accepted, *after), one_stamp=True),
        Series("one reference in common", "known", (accepted, *sharing), one_stamp=True),
        Series(
            "near misses, all references in common", "known", (accepted, *wrong), one_stamp=True
        ),
    )


def _differing(contract: Contract, facts: TargetFacts, first: dict[str, Json]) -> Iterator[Case]:
    """Invoices with the references of the first one that differ in part of the rest, for a server
    may take what they have in common for the same invoice: in texts, dates and the order of items,
    for the same amounts, and then in these.
    """
    relations, other = contract.relations, distinct_invoice(contract, facts, 3)
    items, state = relations.sum.items, relations.state
    amounts = {relations.sum.total, state.paid, state.status, items}
    references = {path[0] for path in relations.new.paths}
    texts = {**first, **{name: other[name] for name in other if name not in amounts | references}}
    if items in first:
        texts[items] = first[items][::-1]
    yield Case("one with other texts and its references", "open", encode(texts))
    paid = {**first, **{name: other[name] for name in other if name in amounts}}
    yield Case("one with other amounts and its references", "open", encode(paid))


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


def _bad(contract: Contract, facts: TargetFacts) -> Iterator[Case]:
    """Requests of which a parser, a validator or a connection may keep something, other than those
    that are corrected.
    """
    invoice = distinct_invoice(contract, facts, _REFUSED)
    valid, items = encode(invoice), contract.relations.sum.items
    no_item = {**invoice, items: [*invoice.get(items, ()), None]}
    yield Case("two faults at once", "bad", lacking(contract, no_item))
    yield Case("UTF-16 in chunks", "bad", valid.decode().encode("utf-16"), chunked=True)
    yield Case(_LATIN_1, "open", valid, (("Content-Type", "application/json; charset=latin1"),))
    if contract.key_header is not None:
        key = facts.key or _WRONG_KEY
        nearly = with_one_wrong(key, len(key) - 1)
        yield Case("a nearly right key", "bad", valid, ((contract.key_header, nearly),))
    status, plain = contract.relations.state.status, plain_invoice(contract, facts)
    known = str(plain.get(status, ""))
    swapped = f"{known[1:2]}{known[:1]}{known[2:]}"
    if swapped not in ("", *factors(contract)["status"]):
        yield Case(_SWAPPED, "bad", encode({**plain, status: swapped}))
    yield Case("no body", "bad", b"")
    yield Case("arrays without end", "bad", b"[" * TOO_DEEP)


def _refused(contract: Contract, facts: TargetFacts) -> Iterator[Case]:
    """Requests that are refused before an invoice is looked at, or while it is."""
    # Its texts are nobody's usual ones, so what comes back of it is no default.
    invoice = distinct_invoice(contract, facts, _REFUSED)
    valid = encode(invoice)
    yield Case(_INVALID, "bad", lacking(contract, invoice))
    wide = encode(lettered(contract, invoice, _WIDE))
    inside = wide.find(_WIDE.encode()) + len(_WIDE.encode()) - 1
    half = wide[:inside] if _WIDE.encode() in wide else valid[: len(valid) // 2]
    yield Case("half an invoice", "bad", half)
    yield Case("another media type", "bad", valid, (("Content-Type", "text/plain"),))
    if contract.key_header is not None:
        yield Case(_NO_KEY, "bad", valid, ((contract.key_header, None),))
        # In chunks: a server that does not read them reads them as the next request.
        wrong = ((contract.key_header, _WRONG_KEY),)
        yield Case("a wrong key", "bad", valid, wrong, chunked=True)


def _refused_late(contract: Contract, facts: TargetFacts) -> Iterator[Case]:
    """Requests that a server may have begun to store before it refuses them."""
    relations, invoice = contract.relations, distinct_invoice(contract, facts, _REFUSED)
    items, order, dates = relations.sum.items, relations.order, relations.dates
    if invoice.get(items):
        # The items are those of the corrected invoice, which are taken if they are stored.
        broken = {**invoice, items: [*plain_invoice(contract, facts)[items][:-1], {}]}
        yield Case(_LAST_ITEM, "bad", encode(broken))
    if facts.order_ids and contract.find(order.requirement):
        unknown = {**invoice, order.order: facts.unknown_order_ids[0]}
        yield Case("an unknown order", "bad", encode(unknown))
    if facts.order_created_at is not None and relations.update.updated in invoice:
        text, names = date_time_texts(facts.order_created_at)[0], (dates.earlier, dates.later)
        early = {**invoice, **{name: text for name in names if name in invoice}}
        yield Case("an update at the order's creation", "bad", encode(consistent(contract, early)))


def _sharing(
    contract: Contract, facts: TargetFacts, first: Json
) -> Iterator[tuple[Path, dict[str, Json]]]:
    """For each kind of reference a different invoice that has only this one in common.

    Where that is not an item's, all items but the first are numbered downwards: JavaScript puts
    short numbers first, and by size. Without a stamp, so that they may have been used before.
    """
    stamped = contract.relations.new.paths
    for number, kept in enumerate(stamped, 2):
        invoice: Json = distinct_invoice(contract, facts, number)
        for path in stamped:
            for location, text in values_at(invoice, path):
                other = f"{number}{text[1:]}" if PLACEHOLDER in text else text
                if path == kept:
                    other = find(first, location) or text
                invoice = put(invoice, location, other)
        numbered = values_at(invoice, stamped[-1])[1:] if kept != stamped[-1] else []
        for place, (location, text) in enumerate(numbered):
            invoice = put(invoice, location, str(_NUMBER - place) if PLACEHOLDER in text else text)
        if any(PLACEHOLDER in text for _, text in values_at(invoice, kept)):
            yield kept, invoice


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
            text = f"{value} {number}"
            return text[-schema.get("maxLength", len(text)) :]
        case str() if schema.get("format") == "web-url":
            return f"{value}?number={number}"
        case int() if main_type(schema) == "integer":
            return min(value + number, schema.get("maximum", value + number))
    return value
