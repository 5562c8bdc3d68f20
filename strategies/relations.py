"""Keeps relations when a part of an invoice changes: sum, status, due date, distinct references."""

import json
from collections.abc import Collection, Iterator
from decimal import Decimal, localcontext
from functools import lru_cache, partial
from string import ascii_lowercase, ascii_uppercase, digits
from typing import Any

from jsonschema_rs import is_valid, validator_for

from spec.coherence import EXACT, NotBefore, StateFromAmounts, SumOfProducts, same_reference
from spec.contract import DIGITS, PLACEHOLDER, Contract, TargetFacts
from spec.paths import ELEMENT, Json, Location, Path, changed_at, find, put, schema_at
from spec.schema.amounts import written
from spec.schema.formats import instant_or_start_of_day, is_uuid
from strategies.dates import on_the_side
from strategies.wrong.converted import converted

Invoice = dict[str, Any]

_LATER, LEAP = 56, 4
"""Years; multiples of four, so that a leap day stays one until 2099."""
_TRIES = 1000
"""Numbers that are tried at the end of a reference, for a pattern may leave few."""
_FUTURE = 2050
"""A year after any run of this suite."""


def consistent(
    contract: Contract, payload: Invoice, fixed: Collection[str] = (), years: int = _LATER
) -> Invoice:
    """A copy whose total, status and due date agree with the rest, except for `fixed` properties.

    A status is removed when none can agree, so that a server has no second reason to refuse. Where
    it is required, another amount is paid. A due date that is too early is so many `years` later,
    or a multiple of them.
    """
    relations = contract.relations
    result = _with_sum(contract, relations.sum, dict(payload), fixed)
    result = _with_state(contract, relations.state, result, fixed)
    return _with_due_date(relations.due, result, fixed, years)


def smallest_of(contract: Contract, payload: Invoice) -> Invoice:
    """What is required of a valid invoice, with one item."""
    required = contract.request_schema.get("required", ())
    less = {name: value for name, value in payload.items() if name in required}
    items = contract.relations.sum.items
    if isinstance(less.get(items), list):
        less[items] = less[items][:1]
    return consistent(contract, less)


def as_written(contract: Contract, payload: Invoice) -> Invoice:
    """The payload with each amount that is a number as a text, where the document has texts."""
    for path in contract.relations.texts:
        schema = schema_at(contract.narrowed_schema, path)
        payload = changed_at(payload, path, partial(written, schema))
    return payload


def amount_at(contract: Contract, path: Path, amount: Decimal) -> Json:
    """An amount of money as the document has it at a path: a number, or a text."""
    number = json_number(amount)
    if path not in contract.relations.texts:
        return number
    return written(schema_at(contract.narrowed_schema, path), number)


def total_of(contract: Contract, items: list[Json]) -> Json:
    """The total that agrees with these items."""
    relation = contract.relations.sum
    return amount_at(contract, (relation.total,), _sum(relation, items))


# Each of these keeps a relation in a payload, which it may change.


def _with_sum(
    contract: Contract, relation: SumOfProducts, payload: Invoice, fixed: Collection[str]
) -> Invoice:
    if relation.items in payload and relation.total in payload and relation.total not in fixed:
        payload[relation.total] = total_of(contract, _as_list(payload[relation.items]))
    return payload


def _as_list(items: Json) -> list[Json]:
    """The items that a server which converts types reads: of nothing none."""
    if isinstance(items, str) and items.startswith("["):
        return _as_list(_read(items))
    if isinstance(items, dict):
        inside = [*items.values()]
        if all(isinstance(each, dict) for each in inside):
            return inside
        lists = [each for each in inside if isinstance(each, list)]
        return _as_list(lists[0]) if lists else [items]
    return items if isinstance(items, list) else []


def _read(text: str) -> Json:
    """What a text has in it as JSON, which may be nothing."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def _sum(relation: SumOfProducts, items: list[Json]) -> Decimal:
    with localcontext(EXACT):  # of a quantity and an amount that are both absurd, too
        return round(_added_up(relation, items), 2)


def _added_up(relation: SumOfProducts, items: list[Json]) -> Decimal:
    amount, quantity = relation.amount, relation.quantity
    try:  # as nearly always, and in one go: there may be a hundred
        products = map(
            _product, [item[amount] for item in items], [item[quantity] for item in items]
        )
        return sum(products, Decimal(0))
    except (KeyError, TypeError):  # an item lacks one, has a list or is none
        known = [item for item in items if type(item) is dict]
        # A server may take one piece where it is told of none.
        factors = ((converted(one.get(amount)), converted(one.get(quantity, 1))) for one in known)
        return sum((one * number for one, number in factors), Decimal(0))


def _with_state(
    contract: Contract, relation: StateFromAmounts, payload: Invoice, fixed: Collection[str]
) -> Invoice:
    if relation.status in fixed:
        return payload
    if payload.get(relation.status) is not None:
        statuses = consistent_statuses(contract, payload)
        if not statuses:
            return _paid_otherwise(contract, relation, payload, fixed)
        if payload[relation.status] not in statuses:
            payload[relation.status] = statuses[0]
    elif _is_left_open(relation, payload):
        return _paid_otherwise(contract, relation, payload, fixed)
    return payload


def _is_left_open(relation: StateFromAmounts, payload: Invoice) -> bool:
    """Whether the document has no state for the amounts."""
    if not {relation.paid, relation.total} <= payload.keys():
        return False
    return relation.leaves_none(
        converted(payload[relation.paid]), converted(payload[relation.total])
    )


def _with_due_date(
    relation: NotBefore, payload: Invoice, fixed: Collection[str], years: int
) -> Invoice:
    for name in {*relation.ahead, *relation.past} & payload.keys() - {*fixed}:
        payload[name] = on_the_side(payload[name], ahead=name in relation.ahead)
    if relation.due in payload and relation.due not in {*fixed, *relation.soon}:
        others = (payload[name] for name in relation.others if payload.get(name) is not None)
        for each in (payload.get(relation.created), *others):
            payload[relation.due] = _not_before(payload[relation.due], each, years)
    return payload


def _paid_otherwise(
    contract: Contract, relation: StateFromAmounts, payload: Invoice, fixed: Collection[str]
) -> Invoice:
    """The payload without its status or, where that is required or the document has none for the
    amounts, with another amount paid, with which one agrees.
    """
    schema, known = contract.narrowed_schema, {relation.paid, relation.total} <= payload.keys()
    is_needed = relation.status in schema.get("required", ())
    if not is_needed and not _is_left_open(relation, payload):
        return {name: value for name, value in payload.items() if name != relation.status}
    if relation.paid in fixed or not known:
        return payload
    total = converted(payload[relation.total])
    limits = schema["properties"].get(relation.paid, {})
    amounts = (total, Decimal(0), round(total / 2, 2), total + 10)
    for status in schema["properties"][relation.status].get("enum", ()):
        for paid in (one for one in amounts if status in relation.agreeing(one, total)):
            amount = amount_at(contract, (relation.paid,), paid)
            if is_valid(limits, amount):
                said = {relation.status: status} if relation.status in payload else {}
                return {**payload, **said, relation.paid: amount}
    return payload


def with_status(
    contract: Contract, payload: Invoice, status: str | None, fixed: Collection[str] = ()
) -> Invoice:
    """A copy with this status, or with none, and with an amount paid that agrees with it, which is
    consistent except for `fixed` properties.

    Where the total or the limits of the amount paid leave no such amount, the status follows.
    """
    relation = contract.relations.state
    result = dict(payload)
    if status is None:
        result.pop(relation.status, None)
    elif {relation.paid, relation.total} <= result.keys():
        total, paid = converted(result[relation.total]), converted(result[relation.paid])
        amounts = {
            relation.nothing: Decimal(0),
            relation.whole: total,
            relation.more: total + 10,
        }
        wanted = amounts.get(relation.like(status), min(paid, round(total / 2, 2)))
        schema = contract.narrowed_schema["properties"].get(relation.paid, {})
        least, most = bounds_of(schema, wanted, wanted)
        result[relation.status] = status
        amount = _in_steps(schema, max(least, min(wanted, most)), least)
        result[relation.paid] = amount_at(contract, (relation.paid,), amount)
    return consistent(contract, result, fixed)


def bounds_of(schema: dict[str, Any], least: Decimal, most: Decimal) -> tuple[Decimal, Decimal]:
    """The least and the largest amount that a schema allows; those given where it has no limit."""
    if "enum" in schema:  # of prose that nobody reads one amount is left
        only = converted(schema["enum"][0])
        return only, only
    cent = _unit(schema)
    least, most = (
        Decimal(str(schema.get(name, usual)))
        for name, usual in (("minimum", least), ("maximum", most))
    )
    if "exclusiveMinimum" in schema:
        least = Decimal(str(schema["exclusiveMinimum"])) + cent
    if "exclusiveMaximum" in schema:
        most = Decimal(str(schema["exclusiveMaximum"])) - cent
    return least, most


def _unit(schema: dict[str, Any]) -> Decimal:
    """What amounts are multiples of: of a cent, or of 1 where they are whole."""
    kinds = schema.get("type", ())
    whole = "integer" in ((kinds,) if isinstance(kinds, str) else kinds)
    unit = Decimal(str(schema.get("multipleOf", 1 if whole else "0.01")))
    return Decimal(unit.as_integer_ratio()[0]) if whole and unit % 1 else unit


def _in_steps(schema: dict[str, Any], amount: Decimal, least: Decimal) -> Decimal:
    """The amount, or one below or above it where only some may be paid."""
    step = _unit(schema)
    lower = amount - amount % step if step > Decimal("0.01") else amount
    return lower if lower >= least else lower + step


def consistent_statuses(contract: Contract, payload: Invoice) -> tuple[str, ...]:
    """The document's statuses, in its order, that agree with the payload's amounts."""
    relation = contract.relations.state
    if relation.paid not in payload or relation.total not in payload:
        return ()
    schema = contract.narrowed_schema["properties"].get(relation.status, {})
    paid, total = (converted(payload[name]) for name in (relation.paid, relation.total))
    agreeing = relation.agreeing(paid, total)
    return tuple(status for status in schema.get("enum", ()) if status in agreeing)


def with_distinct_references(
    contract: Contract, items: list[Json], schema: dict[str, Any]
) -> list[Json]:
    """The items of an array of this schema; a repeated reference gets a number at its end.

    Where the schema has the items differ and they have no references, another takes its place.
    """
    reference = contract.relations.distinct.reference
    named = schema.get("items", {}).get("properties", {}).get(reference)
    if named is None:
        return _distinct(items, schema.get("items", {})) if schema.get("uniqueItems") else items
    judged = validator_for(named) if "pattern" in named else None
    seen: set[str] = set()
    result, tries = [], _TRIES
    for position, item in enumerate(items, 1):
        if not isinstance(item.get(reference), str):
            result.append(item)
            continue
        wanted = name = item[reference]
        most = named.get("maxLength", 255)
        for number in range(position, position + tries):
            read = same_reference(name)
            if read not in seen:
                break
            ending = f"-{number}"
            name = wanted[: most - len(ending)] + ending
            if is_uuid(wanted):
                name = f"{wanted[:24]}{number:012x}"
            if judged is not None and not judged.is_valid(name):
                name = f"{number}0{DIGITS if DIGITS in wanted else wanted}"[:most]
                if not judged.is_valid(name) and not any(one in wanted for one in _STAMPS):
                    longer = f"{wanted}{number}"
                    fits = len(longer) <= most and judged.is_valid(longer)
                    name = longer if fits else _counted_on(named["pattern"], wanted, number)
        else:
            read, tries = same_reference(name), 1  # the pattern leaves no others
        seen.add(read)
        result.append({**item, reference: name})
    return result


def _counted_on(pattern: str, text: str, count: int) -> str:
    """The text so many further, as if what may be changed in it were a number."""
    result = [*text]
    for at, characters in reversed([*enumerate(_free(pattern, text))]):
        count, place = divmod(count, len(characters))
        result[at] = characters[place]
    return "".join(result)


@lru_cache(maxsize=1024)
def _free(pattern: str, text: str) -> tuple[str, ...]:
    """The characters that the pattern allows at each place of a text, its own first; a letter in
    one case alone, which a reader may not tell from the other.
    """
    judged = validator_for({"pattern": pattern})
    return tuple(
        own
        + "".join(
            one
            for one in (digits + (ascii_uppercase if own.isupper() else ascii_lowercase))
            if one != own and judged.is_valid(f"{text[:at]}{one}{text[at + 1 :]}")
        )
        for at, own in enumerate(text)
    )


_STAMPS = (PLACEHOLDER, DIGITS)


def _distinct(elements: list[Json], schema: dict[str, Any]) -> list[Json]:
    """The elements; each that was there before is another one of this schema, if there is one."""
    judged, result = validator_for(schema), list[Json]()
    for position, one in enumerate(elements):
        numbers = range(position, position + len(elements))
        others = (each for number in numbers for each in _others(one, number, schema))
        free = (each for each in others if each not in result and judged.is_valid(each))
        result.append(next(free, one) if one in result else one)
    return result


def _others(one: Json, number: int, schema: dict[str, Any]) -> Iterator[Json]:
    """What may stand beside an element and differ from it, by a number."""
    yield from schema.get("enum", ())
    if isinstance(one, str):
        ending = str(number)
        yield from (f"{one}{ending}", f"{one[: -len(ending)]}{ending}")
        yield f"{one[:24]}{number:012x}"  # of a UUID
        yield _counted_on(schema.get("pattern", ".*"), one, number)
    elif isinstance(one, bool):
        yield not one
    elif isinstance(one, int | float):
        step = number * schema.get("multipleOf", 1)
        yield from (one + step, one - step)
    elif isinstance(one, dict):
        for name, value in one.items():
            inside = schema.get("properties", {}).get(name, {})
            yield from ({**one, name: each} for each in _others(value, number, inside))


def repeated_to(elements: list[Json], size: int) -> list[Json]:
    """A list of that size: the elements over and over, or texts where there is none."""
    known = elements or ["text"]
    return [known[index % len(known)] for index in range(size)]


def grown(contract: Contract, payload: Json, path: Path, size: int) -> Json:
    """The payload with at least so many elements in each array of a path, as far as is valid."""
    for at in (at for at, step in enumerate(path) if step == ELEMENT):
        schema = schema_at(contract.narrowed_schema, path[:at])
        location = in_element(path[:at], size - 1)
        elements = find(payload, location)
        if elements and len(elements) < size <= schema.get("maxItems", size):
            longer = with_distinct_references(contract, repeated_to(elements, size), schema)
            payload = put(payload, location, longer)
    return payload


def in_element(path: Path, index: int) -> Location:
    """The location at a path, in the elements of this index."""
    return tuple(index if step == ELEMENT else step for step in path)


def must_be_accepted(contract: Contract, facts: TargetFacts, payload: Json) -> bool:
    """Whether the document and the reading oblige a server at this target to accept the payload."""
    return (
        contract.narrowed.validator.is_valid(payload)
        and not contract.relations.incoherences(payload, facts)
        and not contract.relations.update.is_broken(payload, facts)
    )


def cents(amount: float | Decimal | str) -> int:
    """An amount of money in whole cents; exact up to 1e12."""
    return round((converted(amount) if isinstance(amount, str) else amount) * 100)


def json_number(amount: Decimal) -> int | float:
    """An amount as a JSON number; whole amounts get no fraction."""
    return int(amount) if amount == amount.to_integral_value() else float(amount)


def _not_before(due: Json, created: Json, years: int) -> Json:
    """The due date, some years later if it is before the creation, or before a run without one."""
    try:
        while _is_early(due, created):
            due = f"{int(due[:4]) + years}{due[4:]}"
    except (TypeError, ValueError):
        return due
    return due


def _is_early(due: Json, created: Json) -> bool:
    moment = instant_or_start_of_day(due)
    return (
        moment < instant_or_start_of_day(created) if created is not None else moment.year < _FUTURE
    )


@lru_cache(maxsize=4096, typed=True)
def _product(amount: Json, quantity: Json) -> Decimal:
    """Cached, because invoices have the same amounts over and over."""
    return converted(amount) * converted(quantity)
