"""Valid invoices as a whole: subsets of properties, lists of items, sums, payments, and dates."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from spec.coherence import same_reference
from spec.contract import PLACEHOLDER, Contract
from spec.paths import Json, Path, locations, path_text, present, schema_at, value_at
from spec.requirements import Requirement
from spec.schema.formats import moment_of
from strategies.coherence import (
    AMOUNT,
    CREATED,
    DUE,
    ITEMS,
    PAID,
    QUANTITY,
    REFERENCE,
    STATUS,
    TOTAL,
    UPDATED,
    cents,
    consistent_statuses,
    json_number,
    repeated_to,
    with_distinct_references,
)
from strategies.reach import MOST_VALID, elements_fit
from strategies.scalars import LAST_DATE, date_time_texts, size_limit
from strategies.values import ALIKE_TEXTS, CLOCK_DATES, SUMS

Invoice = dict[str, Json]


@dataclass(frozen=True, slots=True)
class Arrangement:
    """A change of an invoice: values to put at paths, and paths to remove."""

    name: str
    puts: tuple[tuple[Path, Json], ...] = ()
    removes: tuple[Path, ...] = ()


def arrangements(
    contract: Contract, invoice: Invoice, requirement: Requirement
) -> Iterator[Arrangement]:
    """Candidates for what just keeps a requirement, from a base invoice."""
    if requirement.keyword in ("type", "enum"):
        yield from _subsets(contract, invoice, requirement)
    if requirement.keyword in ("minItems", "maxItems") and present(invoice, requirement.path):
        yield from _array_limit(contract, invoice, requirement)
    if requirement.name in _BY_REQUIREMENT and requirement.path[0] in invoice:
        yield from _BY_REQUIREMENT[requirement.name](contract, invoice)


def _subsets(
    contract: Contract, invoice: Invoice, requirement: Requirement
) -> Iterator[Arrangement]:
    """An object without optional properties; one without, or with only, one of them."""
    path, name = requirement.path, path_text(requirement.path) or "body"
    inside = _optional(contract, path)
    if inside and present(invoice, path):
        yield Arrangement(f"{name} with required properties only", removes=inside)
    beside = _optional(contract, path[:-1]) if path else ()
    if path in beside and present(invoice, path):
        value = value_at(invoice, locations(invoice, path)[0])
        others = tuple(other for other in beside if other != path)
        yield Arrangement(f"no {name}", removes=(path,))
        yield Arrangement(f"{name} as the only optional property", ((path, value),), others)


def _optional(contract: Contract, path: Path) -> tuple[Path, ...]:
    """The paths of the optional properties of an object."""
    schema = schema_at(contract.narrowed_schema, path)
    required = schema.get("required", ())
    return tuple((*path, name) for name in schema.get("properties", {}) if name not in required)


def _array_limit(
    contract: Contract, invoice: Invoice, requirement: Requirement
) -> Iterator[Arrangement]:
    path, size = requirement.path, size_limit(requirement)
    elements = value_at(invoice, locations(invoice, path)[0])
    if not elements_fit(elements, size, MOST_VALID):
        return
    elements = repeated_to(elements, size)
    value = with_distinct_references(elements, schema_at(contract.narrowed_schema, path))
    yield Arrangement(f"{size} elements in {path_text(path)}", ((path, value),))


def _item_counts(contract: Contract, invoice: Invoice) -> Iterator[Arrangement]:
    schema = contract.narrowed_schema["properties"][ITEMS]
    for count in sorted({schema.get("minItems", 1), 1, 2, 21, schema.get("maxItems", 100)}):
        items = with_distinct_references(repeated_to(invoice[ITEMS], count), schema)
        yield _items_as(f"{count} in items", items)


def _fewest_items(contract: Contract, invoice: Invoice) -> Iterator[Arrangement]:
    fewest = max(contract.narrowed_schema["properties"][ITEMS].get("minItems", 1), 1)
    yield _items_as("the fewest items", invoice[ITEMS][:fewest])


def _item_orders(contract: Contract, invoice: Invoice) -> Iterator[Arrangement]:
    """Items in orders that sorting would change, and items that are nearly equal."""
    items = invoice[ITEMS]
    first = items[0]
    yield _items_as("the last item first", [*items[-1:], *items[:-1]])
    yield _items_as("items in reverse", items[::-1])
    schema = contract.narrowed_schema["properties"][ITEMS]
    equal = with_distinct_references(repeated_to([first], len(items)), schema)
    yield _items_as("items equal except for their reference", equal)
    for name in ("sku", "name", AMOUNT, QUANTITY):
        if name in first:
            shared = [first, *({**item, name: first[name]} for item in items[1:])]
            yield _items_as(f"items of the same {name}", shared)
    for name in (name for name in ("sku", "name") if name in first):
        yield from _alike_items(contract, first, name)
    if REFERENCE in first:
        alike = _alike_references(contract, items)
        yield _items_as("items whose references are nearly the same", alike)


def _alike_items(contract: Contract, item: Invoice, name: str) -> Iterator[Arrangement]:
    """Items whose texts of that name are alike but unequal, all else equal or all different."""
    schema = contract.narrowed_schema["properties"][ITEMS]
    most = schema["items"]["properties"][name].get("maxLength", 255)
    texts = [text for text in ALIKE_TEXTS if len(text) <= most][: schema.get("maxItems", 100)]
    alike = with_distinct_references([{**item, name: text} for text in texts], schema)
    yield _items_as(f"items that differ in a {name} that is nearly the same", alike)
    others = [other for other in ("sku", "name") if other in item and other != name]
    numbered = [
        {**one, AMOUNT: number, **{other: f"{item[other]} {number}" for other in others}}
        for number, one in enumerate(alike, 1)
    ]
    yield _items_as(f"different items whose {name} is nearly the same", numbered)


def _alike_references(contract: Contract, items: list[Json]) -> list[Json]:
    """Items whose references are nearly the same, and yet distinct by the reading."""
    schema = contract.narrowed_schema["properties"][ITEMS]
    longest = schema["items"]["properties"].get(REFERENCE, {}).get("maxLength", 255)
    written = {same_reference(text): f"{PLACEHOLDER} {text}" for text in ALIKE_TEXTS}
    fitting = [text for text in written.values() if len(text) <= longest]
    alike = repeated_to(items, min(len(fitting), schema.get("maxItems", len(fitting))))
    return [{**item, REFERENCE: text} for item, text in zip(alike, fitting, strict=False)]


def _totals(contract: Contract, invoice: Invoice) -> Iterator[Arrangement]:
    if ITEMS not in invoice:
        return
    schema = contract.narrowed_schema["properties"][ITEMS]
    for name, lines in SUMS.items():
        items = with_distinct_references(repeated_to(invoice[ITEMS], len(lines)), schema)
        priced = [
            {**item, AMOUNT: amount, QUANTITY: quantity}
            for item, (amount, quantity) in zip(items, lines, strict=True)
        ]
        yield _items_as(f"a total of {name}", priced)


def _least_total(_: Contract, invoice: Invoice) -> Iterator[Arrangement]:
    if ITEMS in invoice:
        puts = (((ITEMS,), _free(invoice)), ((PAID,), 0))
        yield Arrangement("the least total, 0", puts)


def _statuses(contract: Contract, invoice: Invoice) -> Iterator[Arrangement]:
    """Each payment without a status, and with each status that agrees with it."""
    if not {PAID, TOTAL} <= invoice.keys():
        return
    total = cents(invoice[TOTAL])
    payments = [
        (total, 0, "nothing paid"),
        (total, 1, "a cent paid"),
        (total, total - 1, "all but a cent paid"),
        (total, total, "all paid"),
        (total, total + 1, "a cent too much paid"),
        (total, 10**14, "far too much paid"),
        (0, 0, "nothing paid for nothing"),
        (0, 500, "something paid for nothing"),
    ]
    for due, paid, words in payments:
        amounts = {TOTAL: _from_cents(due), PAID: _from_cents(paid)}
        bought: tuple[Path, Json] = ((TOTAL,), amounts[TOTAL])
        if ITEMS in invoice:
            bought = ((ITEMS,), invoice[ITEMS] if due else _free(invoice))
        puts = (bought, ((PAID,), amounts[PAID]))
        yield Arrangement(f"no status, {words}", puts, removes=((STATUS,),))
        for status in consistent_statuses(contract, {**invoice, **amounts}):
            yield Arrangement(f"{status}, {words}", (*puts, ((STATUS,), status)))


def _clock_dates(_: Contract, invoice: Invoice) -> Iterator[Arrangement]:
    """The same date in every property that is one, for fewer requests.

    Where the order is newer than the dates, the invoice keeps its own time of update.
    """
    dated = [each for each in (DUE, CREATED, UPDATED) if each in invoice]
    if UPDATED in dated and moment_of(invoice[UPDATED]) > LAST_DATE:
        dated.remove(UPDATED)
    for name, date in CLOCK_DATES.items():
        yield Arrangement(f"{name} in every date", tuple(((each,), date) for each in dated))


def _offsets(_: Contract, invoice: Invoice) -> Iterator[Arrangement]:
    """Two dates at offsets that make them sort wrongly as texts; one date in every format."""
    moment = moment_of(invoice[UPDATED])
    second = f"{moment:%Y-%m-%dT%H:%M:%S}"
    for earlier, later in (("Z", ".5Z"), (".125Z", ".5Z")):
        puts = (((CREATED,), second + earlier), ((UPDATED,), second + later))
        yield Arrangement(f"created at {earlier}, updated at {later} of a second", puts)
    for name, created in (
        ("at the instant of", moment),
        ("a second after", moment - timedelta(seconds=1)),
    ):
        puts = (((CREATED,), date_time_texts(created)[4]), ((UPDATED,), date_time_texts(moment)[5]))
        yield Arrangement(f"updated {name} creation, at another offset", puts)
    for text in date_time_texts(moment):
        yield Arrangement(f"{text} in {UPDATED}", (((UPDATED,), text),), ((CREATED,),))


def _free(invoice: Invoice) -> list[Json]:
    """The items at an amount of 0."""
    return [{**item, AMOUNT: 0} for item in invoice[ITEMS]]


def _from_cents(amount: int) -> int | float:
    return json_number(Decimal(amount) / 100)


def _items_as(name: str, items: list[Json]) -> Arrangement:
    return Arrangement(name, (((ITEMS,), items),))


_BY_REQUIREMENT: dict[str, Callable[[Contract, Invoice], Iterator[Arrangement]]] = {
    "items.type": _item_counts,
    "items.required": _fewest_items,
    "items[].type": _item_orders,
    "total_amount.type": _totals,
    "total_amount.required": _least_total,
    "status.enum": _statuses,
    "status.required": _statuses,
    "due_date.type": _clock_dates,
    "updated_at.type": _offsets,
}
"""By the name of a requirement, which another document may not have."""
