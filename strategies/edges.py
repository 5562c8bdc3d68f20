"""The edges of each requirement: valid values, and whole invoices, that just keep it."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

from spec.contract import PLACEHOLDER, Contract, TargetFacts
from spec.formats import instant
from spec.paths import (
    ELEMENT,
    Json,
    Path,
    locate,
    locations,
    path_text,
    put,
    remove,
    schema_at,
    value_at,
)
from spec.requirements import Requirement
from strategies.coherence import (
    AMOUNT,
    CREATED,
    DUE,
    ITEMS,
    ORDER,
    PAID,
    QUANTITY,
    STAMPED,
    STATUS,
    TOTAL,
    UPDATED,
    cents,
    consistent,
    consistent_statuses,
    json_number,
    must_be_accepted,
    repeated_to,
    with_distinct_references,
)
from strategies.invoice import base
from strategies.reach import MOST_VALID, elements_fit, text_fits
from strategies.scalars import LAST_DATE, date_time_texts, main_type, type_names, valid_text
from strategies.values import (
    ALIKE_TEXTS,
    AMOUNTS,
    CLOCK_DATES,
    DATES,
    LATE_DATES,
    NOTATIONS,
    SUMS,
    TRICKY_TEXTS,
    URLS,
    WHOLE_NUMBERS,
    WORDS,
)

CHARACTER_WIDTHS = {"ASCII": "a", "two-byte": "é", "three-byte": "語", "astral": "😀"}
"""A character of each width in UTF-8; the astral one also takes two code units in UTF-16."""

NamedValue = tuple[str, Json]
"""What is special about a value, in words, and the value."""


@dataclass(frozen=True, slots=True)
class Edge:
    """A valid change of an invoice: values to put at paths, and paths to remove.

    `[]` in a path is one element, whichever. `name` says what is special, `requirement` is the one
    that a server breaks when it handles this edge wrongly.
    """

    name: str
    requirement: Requirement
    puts: tuple[tuple[Path, Json], ...] = ()
    removes: tuple[Path, ...] = ()

    @property
    def paths(self) -> tuple[Path, ...]:
        """All paths of the edge; edges with overlapping paths cannot share an invoice."""
        return (*(path for path, _ in self.puts), *self.removes)


def edges(contract: Contract, facts: TargetFacts, requirement: Requirement) -> tuple[Edge, ...]:
    """The edges of a requirement that are valid at this target; some requirements have none."""
    invoice = base(contract, facts)
    candidates = (
        *_value_edges(contract, requirement),
        *_invoice_edges(contract, invoice, requirement),
    )
    return tuple(
        edge
        for edge in candidates
        if must_be_accepted(
            contract, facts, consistent(contract, with_edges(invoice, [edge], element=0))
        )
    )


def order_id_edges(contract: Contract) -> tuple[str, ...]:
    """The order ids among the edges, for a target that can be told which orders exist."""
    values = (
        value
        for requirement in contract.body_requirements
        if requirement.path == (ORDER,)
        for edge in edges(contract, _ANY_TARGET, requirement)
        for _, value in edge.puts
    )
    return tuple(dict.fromkeys(values))


def with_edges(invoice: dict[str, Json], edges: Iterable[Edge], element: int) -> dict[str, Json]:
    """A copy of the invoice with these edges, not yet consistent.

    `[]` in their paths is the element of this index, or the last one if there are fewer.
    """

    def choose(size: int) -> int:
        return min(element, size - 1)

    for edge in edges:
        for path, value in edge.puts:
            invoice = put(invoice, locate(invoice, path, choose), value)
        for path in edge.removes:
            invoice = remove(invoice, locate(invoice, path, choose))
    return invoice


def size_limit(requirement: Requirement) -> int:
    """The operand of a keyword that limits a length or a number of items."""
    assert isinstance(requirement.operand, int)  # checked when the document is loaded
    return requirement.operand


def text_of_size(path: Path, characters: str, size: int) -> str:
    """A text of exactly that many code points, with the stamp where the property carries one."""
    stamp = PLACEHOLDER if path in STAMPED and size >= len(PLACEHOLDER) else ""
    return stamp + (characters * size)[: size - len(stamp)]


_ANY_TARGET = TargetFacts(None, None, (), None, LAST_DATE + timedelta(days=1))
"""A target of which nothing is known."""


# Edges that are one value.

_DERIVED = ((TOTAL,), (STATUS,))
"""Paths whose values follow from others, so that no value can be put there on its own; a total only
where there are items."""

_COMPANIONS: dict[Path, tuple[tuple[tuple[Path, Json], ...], tuple[Path, ...]]] = {
    (DUE,): ((((CREATED,), "2000-01-01T00:00:00Z"),), ()),
    (CREATED,): ((), ((UPDATED,),)),
    (UPDATED,): ((), ((CREATED,),)),
    (ITEMS, ELEMENT, AMOUNT): ((((ITEMS, ELEMENT, QUANTITY), 3),), ()),
    (ITEMS, ELEMENT, QUANTITY): ((((ITEMS, ELEMENT, AMOUNT), 0.05),), ()),
}
"""What a value at a path also puts and removes, so that dates and totals stay valid."""


def _value_edges(contract: Contract, requirement: Requirement) -> Iterator[Edge]:
    path = requirement.path
    properties = contract.narrowed_schema["properties"]
    is_derived = path in _DERIVED and (path != (TOTAL,) or ITEMS in properties)
    if is_derived or requirement.keyword not in _VALUES:
        return
    puts, removes = _COMPANIONS.get(path, ((), ()))
    values = _VALUES[requirement.keyword](requirement, schema_at(contract.narrowed_schema, path))
    for name, value in values:
        yield Edge(f"{name} in {path_text(path)}", requirement, ((path, value), *puts), removes)


def _type_values(requirement: Requirement, schema: dict[str, Any]) -> Iterator[NamedValue]:
    types = type_names(requirement.operand)
    if "number" in types:
        yield from ((f"{amount}", amount) for amount in AMOUNTS)
    elif "integer" in types:
        yield from ((f"{number}", number) for number in WHOLE_NUMBERS)
    elif "boolean" in types:
        yield from (("true", True), ("false", False))
    elif "string" in types:
        format_ = schema.get("format", "text")
        texts = TRICKY_TEXTS
        if requirement.path not in STAMPED:  # beside a stamp a word is not the whole value
            texts = texts | WORDS | ({} if requirement.path == (ORDER,) else NOTATIONS)
        values = {"date-time": DATES | LATE_DATES, "web-url": URLS}.get(format_, texts)
        for name, value in values.items():
            yield name, _stamped(requirement, value)


def _required_values(requirement: Requirement, schema: dict[str, Any]) -> Iterator[NamedValue]:
    """The least value, which some servers take for a missing one."""
    match main_type(schema):
        case "string":
            least = "2000-01-01T00:00:00Z" if schema.get("format") == "date-time" else "0"
            yield f"the least text, {least}", _stamped(requirement, least)
        case "number" | "integer":
            least = max(0, schema.get("minimum", 0))
            yield f"the least number, {least}", least
        case "boolean":
            yield "false", False


def _enum_values(requirement: Requirement, _schema: dict[str, Any]) -> Iterator[NamedValue]:
    assert isinstance(requirement.operand, list)  # checked when the document is loaded
    yield from ((f"the text {member}", member) for member in requirement.operand)


def _length_values(requirement: Requirement, _schema: dict[str, Any]) -> Iterator[NamedValue]:
    size = size_limit(requirement)
    kinds = {f"{name} characters": one for name, one in reversed(CHARACTER_WIDTHS.items())}
    for kind, one in {**kinds, "characters that HTML escapes": "&<"}.items():
        if text_fits(one, size, MOST_VALID):
            yield f"{size} {kind}", valid_text(text_of_size(requirement.path, one, size))


def _bound_values(requirement: Requirement, _schema: dict[str, Any]) -> Iterator[NamedValue]:
    yield f"{requirement.operand}", requirement.operand


def _stamped(requirement: Requirement, text: str) -> str:
    """The text before and after the stamp where the property carries one."""
    return f"{text}{PLACEHOLDER}{text}" if requirement.path in STAMPED else text


_VALUES: dict[str, Callable[[Requirement, dict[str, Any]], Iterator[NamedValue]]] = {
    "type": _type_values,
    "required": _required_values,
    "enum": _enum_values,
    "maxLength": _length_values,
    "minLength": _length_values,
    "minimum": _bound_values,
    "maximum": _bound_values,
}
"""By keyword; a value keeps the requirement, but perhaps not the rest of the schema."""


# Edges that are a whole invoice.

Invoice = dict[str, Json]


def _invoice_edges(
    contract: Contract, invoice: Invoice, requirement: Requirement
) -> Iterator[Edge]:
    """Candidates for a base invoice: subsets of properties, sizes of arrays, and named ones."""
    if requirement.keyword in ("type", "enum"):
        yield from _subsets(contract, invoice, requirement)
    if requirement.keyword in ("minItems", "maxItems"):
        yield from _array_limit(contract, invoice, requirement)
    if requirement.name in _BY_REQUIREMENT and requirement.path[0] in invoice:
        yield from _BY_REQUIREMENT[requirement.name](contract, invoice, requirement)


def _subsets(contract: Contract, invoice: Invoice, requirement: Requirement) -> Iterator[Edge]:
    """An object without optional properties; one without, or with only, one of them."""
    path, name = requirement.path, path_text(requirement.path) or "body"
    inside = _optional(contract, path)
    if inside:
        yield Edge(f"{name} with required properties only", requirement, removes=inside)
    beside = _optional(contract, path[:-1]) if path else ()
    if path in beside and (len(path) > 1 or path[0] in invoice):
        value = value_at(invoice, locations(invoice, path)[0])
        others = tuple(other for other in beside if other != path)
        yield Edge(f"no {name}", requirement, removes=(path,))
        yield Edge(f"{name} as the only optional property", requirement, ((path, value),), others)


def _optional(contract: Contract, path: Path) -> tuple[Path, ...]:
    """The paths of the optional properties of an object."""
    schema = schema_at(contract.narrowed_schema, path)
    required = schema.get("required", ())
    return tuple((*path, name) for name in schema.get("properties", {}) if name not in required)


def _array_limit(contract: Contract, invoice: Invoice, requirement: Requirement) -> Iterator[Edge]:
    path, size = requirement.path, size_limit(requirement)
    elements = value_at(invoice, locations(invoice, path)[0])
    if not elements_fit(elements, size, MOST_VALID):
        return
    elements = repeated_to(elements, size)
    value = with_distinct_references(elements, schema_at(contract.narrowed_schema, path))
    yield Edge(f"{size} elements in {path_text(path)}", requirement, ((path, value),))


def _item_counts(contract: Contract, invoice: Invoice, requirement: Requirement) -> Iterator[Edge]:
    schema = contract.narrowed_schema["properties"][ITEMS]
    for count in sorted({schema.get("minItems", 1), 1, 2, 21, schema.get("maxItems", 100)}):
        items = with_distinct_references(repeated_to(invoice[ITEMS], count), schema)
        yield _item_edge(requirement, f"{count} in items", items)


def _fewest_items(contract: Contract, invoice: Invoice, requirement: Requirement) -> Iterator[Edge]:
    fewest = max(contract.narrowed_schema["properties"][ITEMS].get("minItems", 1), 1)
    yield _item_edge(requirement, "the fewest items", invoice[ITEMS][:fewest])


def _item_orders(contract: Contract, invoice: Invoice, requirement: Requirement) -> Iterator[Edge]:
    """Items in orders that sorting would change, and items that are nearly equal."""
    items = invoice[ITEMS]
    first = items[0]
    yield _item_edge(requirement, "the last item first", [*items[-1:], *items[:-1]])
    yield _item_edge(requirement, "items in reverse", items[::-1])
    schema = contract.narrowed_schema["properties"][ITEMS]
    equal = with_distinct_references(repeated_to([first], len(items)), schema)
    yield _item_edge(requirement, "items equal except for their reference", equal)
    for name in ("sku", "name", AMOUNT, QUANTITY):
        if name in first:
            shared = [first, *({**item, name: first[name]} for item in items[1:])]
            yield _item_edge(requirement, f"items of the same {name}", shared)
    for name in (name for name in ("sku", "name") if name in first):
        yield from _alike_items(contract, requirement, first, name)


def _alike_items(
    contract: Contract, requirement: Requirement, item: Invoice, name: str
) -> Iterator[Edge]:
    """Items whose texts of that name are alike but unequal, all else equal or all different."""
    schema = contract.narrowed_schema["properties"][ITEMS]
    most = schema["items"]["properties"][name].get("maxLength", 255)
    texts = [text for text in ALIKE_TEXTS if len(text) <= most][: schema.get("maxItems", 100)]
    alike = with_distinct_references([{**item, name: text} for text in texts], schema)
    yield _item_edge(requirement, f"items that differ in a {name} that is nearly the same", alike)
    others = [other for other in ("sku", "name") if other in item and other != name]
    numbered = [
        {**one, AMOUNT: number, **{other: f"{item[other]} {number}" for other in others}}
        for number, one in enumerate(alike, 1)
    ]
    yield _item_edge(requirement, f"different items whose {name} is nearly the same", numbered)


def _totals(contract: Contract, invoice: Invoice, requirement: Requirement) -> Iterator[Edge]:
    if ITEMS not in invoice:
        return
    schema = contract.narrowed_schema["properties"][ITEMS]
    for name, lines in SUMS.items():
        items = with_distinct_references(repeated_to(invoice[ITEMS], len(lines)), schema)
        priced = [
            {**item, AMOUNT: amount, QUANTITY: quantity}
            for item, (amount, quantity) in zip(items, lines, strict=True)
        ]
        yield _item_edge(requirement, f"a total of {name}", priced)


def _least_total(_: Contract, invoice: Invoice, requirement: Requirement) -> Iterator[Edge]:
    if ITEMS in invoice:
        puts = (((ITEMS,), _free(invoice)), ((PAID,), 0))
        yield Edge("the least total, 0", requirement, puts)


def _statuses(contract: Contract, invoice: Invoice, requirement: Requirement) -> Iterator[Edge]:
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
        yield Edge(f"no status, {words}", requirement, puts, removes=((STATUS,),))
        for status in consistent_statuses(contract, {**invoice, **amounts}):
            yield Edge(f"{status}, {words}", requirement, (*puts, ((STATUS,), status)))


def _clock_dates(_: Contract, invoice: Invoice, requirement: Requirement) -> Iterator[Edge]:
    """The same date in every property that is one, for fewer requests.

    Where the order is newer than the dates, the invoice keeps its own time of update.
    """
    dated = [each for each in (DUE, CREATED, UPDATED) if each in invoice]
    if UPDATED in dated and instant(invoice[UPDATED]) > LAST_DATE:
        dated.remove(UPDATED)
    for name, date in CLOCK_DATES.items():
        yield Edge(f"{name} in every date", requirement, tuple(((each,), date) for each in dated))


def _offsets(_: Contract, invoice: Invoice, requirement: Requirement) -> Iterator[Edge]:
    """Two dates at offsets that make them sort wrongly as texts; one date in every format."""
    moment = instant(invoice[UPDATED])
    for name, created in (
        ("at the instant of", moment),
        ("a second after", moment - timedelta(seconds=1)),
    ):
        puts = (((CREATED,), date_time_texts(created)[4]), ((UPDATED,), date_time_texts(moment)[5]))
        yield Edge(f"updated {name} creation, at another offset", requirement, puts)
    for text in date_time_texts(moment):
        yield Edge(f"{text} in {UPDATED}", requirement, (((UPDATED,), text),), ((CREATED,),))


def _free(invoice: Invoice) -> list[Json]:
    """The items at an amount of 0."""
    return [{**item, AMOUNT: 0} for item in invoice[ITEMS]]


def _from_cents(amount: int) -> int | float:
    return json_number(Decimal(amount) / 100)


def _item_edge(requirement: Requirement, name: str, items: list[Json]) -> Edge:
    return Edge(name, requirement, (((ITEMS,), items),))


_BY_REQUIREMENT: dict[str, Callable[[Contract, Invoice, Requirement], Iterator[Edge]]] = {
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
