"""Valid invoices at the limits of document and reading; of the size of a body see `sizes`.

A limit that is one too strict only where a property is absent, or only in a large body, refuses one
of them: each kind of limit meets every level of every factor of `strategies.carriers`.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from itertools import cycle
from typing import Any

from covertable import make  # type: ignore[import-untyped] # it has no annotations

from spec.contract import DIGITS, PLACEHOLDER, Contract, TargetFacts
from spec.expectation import LARGEST_VALID
from spec.paths import ELEMENT, Json, Path, schema_at
from spec.relations import Relations
from strategies.carried import carrying, paid_as
from strategies.carriers import ITEM_COUNTS, LONG, NO_STATUS, Carrier, factors
from strategies.cases import Case, Crowd, sent_as
from strategies.extras.company import accepted_in_company, beside
from strategies.extras.writings import BY_LINES, FILLS, WRITINGS, Writing, filled_up
from strategies.invoice import encode
from strategies.relations import (
    as_written,
    consistent,
    json_number,
    must_be_accepted,
)
from strategies.too_large import MOST_VALID, text_fits
from strategies.wrong.converted import converted

Invoice = dict[str, Json]
Schema = dict[str, Any]


def invoices_at_limits(contract: Contract, facts: TargetFacts) -> tuple[Crowd, ...]:
    """For each kind of limit, valid invoices with as many values as possible at it.

    Many are as long as what they are read into may be; those of a hundred items have most lines.
    """
    cases = _cases(contract, facts)
    kinds = dict.fromkeys(case.kind for case in cases)
    return tuple(Crowd(kind, tuple(c for c in cases if c.kind == kind)) for kind in kinds)


_WRITTEN: tuple[Writing, ...] = (
    WRITINGS["amounts with zeros at the end"],
    WRITINGS["white space everywhere"],
    WRITINGS["amounts with an exponent"],
    lambda _contract, invoice: encode(invoice),
)
"""How invoices for hardly anything are written: a server may ask whether a text is nothing."""
_MOST = max(ITEM_COUNTS)


@cache
def _cases(contract: Contract, facts: TargetFacts) -> tuple[Case, ...]:
    cases: list[Case] = []
    ways, ways_to_write = accepted_in_company(contract), cycle(_WRITTEN)
    by_lines, fills = cycle(BY_LINES), cycle(FILLS)
    for row in make({**factors(contract), "limits": [*_KINDS]}, strength=2):
        kind = row.pop("limits")
        # With this number there are two items, 20 or 63; of long ones 100, as of those in very many
        # lines.
        carrier = Carrier(**row, number=8)
        is_many = kind == HIGHEST and carrier.items == _MOST and carrier.texts != LONG
        carrier = replace(carrier, number=0) if is_many else carrier
        payload = at_limits(contract, facts, carrier, kind)
        body = next(ways_to_write)(contract, payload) if kind in (FREE, CENTS) else encode(payload)
        other = next(by_lines)(contract, payload) if is_many else filled_up(body, next(fills))
        body = other if len(other) <= LARGEST_VALID else body
        if len(body) <= LARGEST_VALID and must_be_accepted(contract, facts, payload):
            case = sent_as(contract, facts, Case(f"{kind} ({carrier})", kind, body), carrier)
            # The first of a kind comes after bad requests, too.
            is_known = any(one.kind == kind for one in cases)
            cases.append(beside(case, next(ways)) if is_known else case)
    return tuple(cases)


def at_limits(contract: Contract, facts: TargetFacts, carrier: Carrier, kind: str) -> Invoice:
    """The carrier, with each value for which there is such a limit at it."""
    properties = contract.narrowed_schema["properties"]
    invoice, change = {**carrying(contract, facts, carrier)}, _KINDS[kind]
    relations = contract.relations
    order, items, paid = relations.order.order, relations.sum.items, relations.state.paid
    kept = {name: invoice[name] for name in (order,) if facts.order_ids and name in invoice}
    if items in invoice:
        elements = invoice[items] = [{**item} for item in invoice[items]]
        at = carrier.index(len(elements))
        inner = schema_at(contract.narrowed_schema, (items, ELEMENT)).get("properties", {})
        others = elements[:at] + elements[at + 1 :]
        change(relations, inner, elements[at], others, (items, ELEMENT))
    change(relations, properties, invoice, [], ())
    invoice = as_written(contract, {**invoice, **kept})
    payload = paid_as(contract, consistent(contract, invoice), carrier)
    amount = _paid(relations).get((kind, carrier.status))
    if amount is not None and paid in payload and relations.sum.total in payload:
        amount_paid = amount(as_number(payload[relations.sum.total]), properties[paid])
        payload = consistent(contract, as_written(contract, {**payload, paid: amount_paid}))
    return payload


def as_number(amount: Json) -> Json:
    """The amount as a number, where it is a text."""
    return json_number(converted(amount)) if isinstance(amount, str) else amount


# Each kind changes an object in place, with the properties of its schema; `others` are the other
# items beside it.


def _longest(
    relations: Relations, properties: Schema, value: Invoice, _others: list[Invoice], at: Path
) -> None:
    """Texts and addresses as long as they may be, and the highest amount."""
    names = _with_a_limit(properties, value)
    is_wide = not all(str(value[name]).isascii() for name in names)
    for name in names:
        longest, format_ = properties[name]["maxLength"], properties[name].get("format", "text")
        # All of them are in one invoice, half of which is for its items.
        if not text_fits("a", longest, MOST_VALID // 2 // len(names)):
            continue
        if format_ == "web-url":
            value[name] = value[name].ljust(longest, "a")
        elif format_ == "text":
            # The first characters are those of other invoices; some indexes hold no more. An index
            # of several columns has room for so many bytes in all.
            stamped = (*at, name) in relations.new.paths and longest >= len(PLACEHOLDER)
            letter, stamp = ("🪑", DIGITS) if is_wide else ("a", PLACEHOLDER)
            end = stamp if stamped else "a"
            value[name] = letter * (longest - len(end)) + end
    amount, quantity = relations.sum.amount, relations.sum.quantity
    if amount in value:
        value[amount] = properties.get(amount, {}).get("maximum", value[amount])
        value[quantity] = properties.get(quantity, {}).get("minimum", 1)


def highest(
    relations: Relations, properties: Schema, value: Invoice, others: list[Invoice], _at: Path
) -> None:
    """The highest quantity, and with it the highest total: all else is free."""
    amount, quantity = relations.sum.amount, relations.sum.quantity
    if {amount, quantity} <= value.keys():
        value[quantity] = properties.get(quantity, {}).get("maximum", value[quantity])
        value[amount] = MOST_IN_ALL // value[quantity]
        for other in others:
            other[amount] = 0


MOST_IN_ALL = 10**12
"""The highest total of the reading."""


def _shortest(
    relations: Relations, properties: Schema, value: Invoice, _others: list[Invoice], at: Path
) -> None:
    """The shortest texts, and the lowest amount and quantity."""
    for name in _with_a_limit(properties, value):
        if properties[name].get("format", "text") == "text":
            value[name] = PLACEHOLDER if (*at, name) in relations.new.paths else "0"
    for name in {relations.sum.amount, relations.sum.quantity} & value.keys():
        value[name] = properties.get(name, {}).get("minimum", value[name])


def _free(
    relations: Relations, properties: Schema, value: Invoice, others: list[Invoice], at: Path
) -> None:
    """Every item for nothing, and of one as many pieces as there may be; where there are other
    letters than those of ASCII, texts are as long as they may be.
    """
    if not all(str(text).isascii() for text in value.values()):
        _longest(relations, properties, value, others, at)
    for item in (value, *others) if at else ():
        item[relations.sum.amount] = 0
    quantity = relations.sum.quantity
    if quantity in value:
        value[quantity] = properties.get(quantity, {}).get("maximum", value[quantity])


_CENTS = 60
"""Items of a cent each at most, but for one more."""


def _cents(
    relations: Relations, _properties: Schema, value: Invoice, others: list[Invoice], at: Path
) -> None:
    """The smallest amounts, of one piece each, and all of one article. Of several one is for
    nothing, and of very many so many that they are less than one in all.
    """
    article = {
        name: text
        for name, text in value.items()
        if isinstance(text, str) and (*at, name) not in relations.new.paths
    }
    for item in (value, *others) if at else ():
        item.update(article)
        item[relations.sum.amount] = 0.01
        item[relations.sum.quantity] = 1
    for item in (*others[1:2], *others[_CENTS:]):
        item[relations.sum.amount] = 0


LONGEST, HIGHEST, SHORTEST = "the longest", "the highest total", "the shortest"
FREE, CENTS = "a total of 0", "a cent each"
_KINDS: dict[str, Callable[[Relations, Schema, Invoice, list[Invoice], Path], None]] = {
    LONGEST: _longest,
    HIGHEST: highest,
    SHORTEST: _shortest,
    FREE: _free,
    CENTS: _cents,
}


def _paid(relations: Relations) -> dict[tuple[str, str], Callable[[Json, Schema], Json]]:
    """What is paid, by the kind and the status; elsewhere it is as the carrier has it."""
    part, more = relations.state.part, relations.state.more
    return {
        (LONGEST, more): lambda total, limits: limits.get("maximum", total + 1),
        (LONGEST, NO_STATUS): lambda total, limits: limits.get("maximum", total),
        (HIGHEST, part): lambda total, _limits: round(total - 0.01, 2),
        (SHORTEST, NO_STATUS): lambda _total, limits: limits.get("minimum", 0),
        (FREE, NO_STATUS): lambda _total, _limits: 0,
        (CENTS, part): lambda _total, _limits: 0.01,
        (CENTS, more): lambda total, _limits: round(total + 0.01, 2),
        (CENTS, NO_STATUS): lambda _total, _limits: 0.01,
    }


def _with_a_limit(properties: Schema, value: Invoice) -> list[str]:
    """The texts of an object of which the length is limited."""
    return [
        name
        for name in value
        if "maxLength" in properties.get(name, {})
        and not {"enum", "pattern"} & properties[name].keys()
    ]
