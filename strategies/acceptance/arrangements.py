"""Valid invoices as a whole: subsets of properties, lists of items, sums, payments, and dates."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from spec.coherence import same_reference
from spec.contract import PLACEHOLDER, Contract
from spec.paths import ELEMENT, Json, Path, locations, path_text, present, schema_at, value_at
from spec.relations import (
    Relations,
)
from spec.requirements import Requirement
from spec.schema.formats import instant_or_start_of_day
from spec.violation import counted
from strategies.dates import date_time_texts
from strategies.relations import (
    cents,
    consistent_statuses,
    json_number,
    repeated_to,
    with_distinct_references,
)
from strategies.scalars import size_limit
from strategies.too_large import MOST_VALID, elements_fit
from strategies.values import ALIKE_TEXTS, CLOCK_DATES, SUMS

Invoice = dict[str, Json]


@dataclass(frozen=True, slots=True)
class Arrangement:
    """A change of an invoice: values to put at paths, and paths to remove.

    Where a target does not take it, what is at the path `unless_taken` stays as it is.
    """

    name: str
    puts: tuple[tuple[Path, Json], ...] = ()
    removes: tuple[Path, ...] = ()
    unless_taken: Path | None = None


def arrangements(
    contract: Contract, invoice: Invoice, requirement: Requirement
) -> Iterator[Arrangement]:
    """Candidates for what just keeps a requirement, from a plain invoice."""
    if requirement.keyword in ("type", "enum"):
        yield from _subsets(contract, invoice, requirement)
    if requirement.keyword in ("minItems", "maxItems") and present(invoice, requirement.path):
        yield from _array_limit(contract, invoice, requirement)
    special = _special(contract.relations)
    if requirement.name in special and requirement.path[0] in invoice:
        yield from special[requirement.name](contract, invoice)


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
    value = with_distinct_references(contract, elements, schema_at(contract.narrowed_schema, path))
    yield Arrangement(f"{counted(size, 'element')} in {path_text(path)}", ((path, value),))


def _item_counts(contract: Contract, invoice: Invoice) -> Iterator[Arrangement]:
    items = contract.relations.sum.items
    schema = contract.narrowed_schema["properties"][items]
    for count in sorted({schema.get("minItems", 1), 1, 2, 21, schema.get("maxItems", 100)}):
        elements = with_distinct_references(contract, repeated_to(invoice[items], count), schema)
        yield _items_as(contract, f"{count} in {items}", elements)


def texts_of_items(contract: Contract) -> tuple[str, ...]:
    """The names of the free texts of an item, but for its reference."""
    relation = contract.relations.distinct
    schema = contract.narrowed_schema["properties"].get(relation.items, {}).get("items", {})
    return tuple(
        name
        for name, each in schema.get("properties", {}).items()
        if each.get("format") == "text" and "enum" not in each and name != relation.reference
    )


def _fewest_items(contract: Contract, invoice: Invoice) -> Iterator[Arrangement]:
    items = contract.relations.sum.items
    fewest = max(contract.narrowed_schema["properties"][items].get("minItems", 1), 1)
    yield _items_as(contract, "the fewest items", invoice[items][:fewest])


def _item_orders(contract: Contract, invoice: Invoice) -> Iterator[Arrangement]:
    """Items in orders that sorting would change, and items that are nearly equal."""
    priced, reference = contract.relations.sum, contract.relations.distinct.reference
    items = invoice[priced.items]
    first = items[0]
    yield _items_as(contract, "the last item first", [*items[-1:], *items[:-1]])
    yield _items_as(contract, "items in reverse", items[::-1])
    schema = contract.narrowed_schema["properties"][priced.items]
    equal = with_distinct_references(contract, repeated_to([first], len(items)), schema)
    yield _items_as(contract, "items equal except for their reference", equal)
    texts = texts_of_items(contract)
    for name in (*texts, priced.amount, priced.quantity):
        if name in first:
            shared = [first, *({**item, name: first[name]} for item in items[1:])]
            yield _items_as(contract, f"items of the same {name}", shared)
    for name in (name for name in texts if name in first):
        yield from _alike_items(contract, first, name)
    if reference in first:
        alike = _alike_references(contract, items)
        yield _items_as(contract, "items whose references are nearly the same", alike)


def _alike_items(contract: Contract, item: Invoice, name: str) -> Iterator[Arrangement]:
    """Items whose texts of that name are alike but unequal, all else equal or all different."""
    priced = contract.relations.sum
    schema = contract.narrowed_schema["properties"][priced.items]
    most = schema_at(schema, (ELEMENT, name)).get("maxLength", 255)
    texts = [text for text in ALIKE_TEXTS if len(text) <= most][: schema.get("maxItems", 100)]
    alike = with_distinct_references(contract, [{**item, name: text} for text in texts], schema)
    yield _items_as(contract, f"items that differ in a {name} that is nearly the same", alike)
    others = [other for other in texts_of_items(contract) if other in item and other != name]
    numbered = [
        {**one, priced.amount: number, **{other: f"{item[other]} {number}" for other in others}}
        for number, one in enumerate(alike, 1)
    ]
    yield _items_as(contract, f"different items whose {name} is nearly the same", numbered)


def _alike_references(contract: Contract, items: list[Json]) -> list[Json]:
    """Items whose references are nearly the same, and yet distinct by the reading."""
    relation = contract.relations.distinct
    schema = contract.narrowed_schema["properties"][relation.items]
    longest = schema_at(schema, (ELEMENT, relation.reference)).get("maxLength", 255)
    written = {same_reference(text): f"{PLACEHOLDER} {text}" for text in ALIKE_TEXTS}
    fitting = [text for text in written.values() if len(text) <= longest]
    alike = repeated_to(items, min(len(fitting), schema.get("maxItems", len(fitting))))
    return [{**item, relation.reference: text} for item, text in zip(alike, fitting, strict=False)]


def _totals(contract: Contract, invoice: Invoice) -> Iterator[Arrangement]:
    relation = contract.relations.sum
    if relation.items not in invoice:
        return
    schema = contract.narrowed_schema["properties"][relation.items]
    for name, lines in SUMS.items():
        items = repeated_to(invoice[relation.items], len(lines))
        priced = [
            {**item, relation.amount: amount, relation.quantity: quantity}
            for item, (amount, quantity) in zip(
                with_distinct_references(contract, items, schema), lines, strict=True
            )
        ]
        yield _items_as(contract, f"a total of {name}", priced)


def _least_total(contract: Contract, invoice: Invoice) -> Iterator[Arrangement]:
    items, paid = contract.relations.sum.items, contract.relations.state.paid
    if items in invoice:
        puts = (((items,), _free(contract, invoice)), ((paid,), 0))
        yield Arrangement("the least total, 0", puts)


def _statuses(contract: Contract, invoice: Invoice) -> Iterator[Arrangement]:
    """Each payment without a status, and with each status that agrees with it."""
    relation, items = contract.relations.state, contract.relations.sum.items
    if not {relation.paid, relation.total} <= invoice.keys():
        return
    total = cents(invoice[relation.total])
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
        amounts = {relation.total: _from_cents(due), relation.paid: _from_cents(paid)}
        bought: tuple[Path, Json] = ((relation.total,), amounts[relation.total])
        if items in invoice:
            bought = ((items,), invoice[items] if due else _free(contract, invoice))
        puts = (bought, ((relation.paid,), amounts[relation.paid]))
        yield Arrangement(f"no status, {words}", puts, removes=((relation.status,),))
        for status in consistent_statuses(contract, {**invoice, **amounts}):
            yield Arrangement(f"{status}, {words}", (*puts, ((relation.status,), status)))


def _clock_dates(contract: Contract, invoice: Invoice) -> Iterator[Arrangement]:
    """The same date in every property that is one, for fewer requests.

    Where the order is newer than the date, the invoice keeps its own time of update.
    """
    created, updated = contract.relations.dates.earlier, contract.relations.dates.later
    dated = [each for each in (contract.relations.due.due, created, updated) if each in invoice]
    for name, date in CLOCK_DATES.items():
        puts = tuple(((each,), date) for each in dated)
        yield Arrangement(f"{name} in every date", puts, unless_taken=(updated,))


def _offsets(contract: Contract, invoice: Invoice) -> Iterator[Arrangement]:
    """Two dates at offsets that make them sort wrongly as texts; one date in every format; two of
    2000 that are still in 1999 in UTC.
    """
    created, updated = contract.relations.dates.earlier, contract.relations.dates.later
    dated = [each for each in (contract.relations.due.due, created) if each in invoice]
    early = tuple(((each,), "2000-01-01T04:30:00+05:30") for each in dated)
    yield Arrangement("still 1999 in UTC", early)
    moment = instant_or_start_of_day(invoice[updated])
    second = f"{moment:%Y-%m-%dT%H:%M:%S}"
    for earlier, later in (("Z", ".5Z"), (".125Z", ".5Z")):
        puts = (((created,), second + earlier), ((updated,), second + later))
        yield Arrangement(f"created at {earlier}, updated at {later} of a second", puts)
    for name, before in (
        ("at the instant of", moment),
        ("a second after", moment - timedelta(seconds=1)),
    ):
        puts = (((created,), date_time_texts(before)[4]), ((updated,), date_time_texts(moment)[5]))
        yield Arrangement(f"updated {name} creation, at another offset", puts)
    for text in date_time_texts(moment):
        yield Arrangement(f"{text} in {updated}", (((updated,), text),), ((created,),))


def _free(contract: Contract, invoice: Invoice) -> list[Json]:
    """The items at an amount of 0."""
    relation = contract.relations.sum
    return [{**item, relation.amount: 0} for item in invoice[relation.items]]


def _from_cents(amount: int) -> int | float:
    return json_number(Decimal(amount) / 100)


def _items_as(contract: Contract, name: str, items: list[Json]) -> Arrangement:
    return Arrangement(name, (((contract.relations.sum.items,), items),))


def _special(
    relations: Relations,
) -> dict[str, Callable[[Contract, Invoice], Iterator[Arrangement]]]:
    """By the name of a requirement, which another document may not have."""
    items, total = relations.sum.items, relations.sum.total
    status = relations.state.status
    return {
        f"{items}.type": _item_counts,
        f"{items}.required": _fewest_items,
        f"{items}[].type": _item_orders,
        f"{total}.type": _totals,
        f"{total}.required": _least_total,
        f"{status}.enum": _statuses,
        f"{status}.required": _statuses,
        f"{relations.due.due}.type": _clock_dates,
        f"{relations.dates.later}.type": _offsets,
    }
