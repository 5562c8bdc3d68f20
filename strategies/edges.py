"""The edges of each requirement: what sits just inside it, in one value or a whole invoice."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

import jsonschema_rs

from spec.contract import PLACEHOLDER, Contract, TargetFacts
from spec.formats import instant
from spec.paths import ELEMENT, Json, Path, at, location, locations, lookup, put, remove
from spec.requirements import Requirement, dotted
from strategies.coherence import (
    AMOUNT,
    CREATED,
    ITEMS,
    ORDER,
    PAID,
    QUANTITY,
    STAMPED,
    STATUS,
    TOTAL,
    UPDATED,
    agreeing,
    apart,
    cents,
    grown,
    keeps_reading,
    number,
    settled,
)
from strategies.invoice import base
from strategies.scalars import LAST, legible, main_type, named, spellings
from strategies.values import AMOUNTS, DATES, LATE_DATES, MANGLED, SUMS, URLS, WHOLES

FILLS = {"ASCII": "a", "two-byte": "é", "three-byte": "語", "astral": "😀"}
"""A character of each length in UTF-8; the astral one has two units in UTF-16."""


def filled(path: Path, fill: str, size: int) -> str:
    """Text of exactly that many code points, with the stamp where the property carries one."""
    head = PLACEHOLDER if path and path[0] in STAMPED and size >= len(PLACEHOLDER) else ""
    return head + (fill * size)[: size - len(head)]


def limit(requirement: Requirement) -> int:
    """The operand of a keyword that counts."""
    assert isinstance(requirement.operand, int)  # the document's loader has seen to it
    return requirement.operand


def outwards(requirement: Requirement) -> int:
    """The sign of what leads out of a bound."""
    return -1 if requirement.keyword == "minimum" else 1


def breaks_alone(requirement: Requirement, schema: dict[str, Json]) -> Callable[[Json], bool]:
    """Whether a value breaks this requirement of a schema and no other one."""
    validator = jsonschema_rs.validator_for(schema)
    broken = {(requirement.keyword,)}
    # A wrong type breaks an enum twice for a validator, and once for a person.
    allowed = broken | ({("type",)} if requirement.keyword == "enum" else set())

    def breaks(value: Json) -> bool:
        found = {tuple(error.schema_path) for error in validator.iter_errors(value)}
        return broken <= found <= allowed

    return breaks


@dataclass(frozen=True, slots=True)
class Edge:
    """A valid peculiarity of an invoice: values put at paths, and paths that are left out.

    `[]` in a path stands for one element, whichever. `name` is what a person reads, `requirement`
    the one that a server forgets or overdoes when it gets this edge wrong.
    """

    name: str
    requirement: Requirement
    puts: tuple[tuple[Path, Json], ...] = ()
    drops: tuple[Path, ...] = ()

    @property
    def paths(self) -> tuple[Path, ...]:
        """All that the edge is about; edges that overlap in these cannot share an invoice."""
        return (*(path for path, _ in self.puts), *self.drops)


def applied(
    contract: Contract, invoice: dict[str, Json], edges: Iterable[Edge], element: int
) -> dict[str, Json]:
    """The invoice with these edges, sums in agreement.

    Those of an element go to the one of this index, or to the last if there are fewer.
    """
    return settled(contract, changed(invoice, edges, element))


def changed(invoice: dict[str, Json], edges: Iterable[Edge], element: int) -> dict[str, Json]:
    """The same, with the sums as they were."""

    def choose(size: int) -> int:
        return min(element, size - 1)

    for edge in edges:
        for path, value in edge.puts:
            invoice = put(invoice, location(invoice, path, choose), value)
        for path in edge.drops:
            invoice = remove(invoice, location(invoice, path, choose))
    return invoice


Value = tuple[str, Json]
"""What is particular about a value, in words, and the value."""


def inside(requirement: Requirement, schema: dict[str, Any]) -> Iterator[Value]:
    """Values at the edge of a requirement on a scalar of this valid schema.

    They are candidates: not every one keeps the schema's other constraints.
    """
    make = INSIDE.get(requirement.keyword)
    return make(requirement, schema) if make else iter(())


def _type_edges(requirement: Requirement, schema: dict[str, Any]) -> Iterator[Value]:
    types = named(requirement.operand)
    if "number" in types:
        yield from ((f"{amount}", amount) for amount in AMOUNTS)
    elif "integer" in types:
        yield from ((f"{whole}", whole) for whole in WHOLES)
    elif "boolean" in types:
        yield from (("true", True), ("false", False))
    elif "string" in types:
        format_ = schema.get("format", "text")
        values = {"date-time": DATES | LATE_DATES, "web-url": URLS}.get(format_, MANGLED)
        for name, value in values.items():
            yield name, _carrying(requirement, value)


def _required_edges(requirement: Requirement, schema: dict[str, Any]) -> Iterator[Value]:
    """The least value, which careless servers take for none at all."""
    match main_type(schema):
        case "string":
            least = "2000-01-01T00:00:00Z" if schema.get("format") == "date-time" else "0"
            yield f"the least text, {least}", _carrying(requirement, least)
        case "number" | "integer":
            least = max(0, schema.get("minimum", 0))
            yield f"the least number, {least}", least
        case "boolean":
            yield "false", False


def _enum_edges(requirement: Requirement, _schema: dict[str, Any]) -> Iterator[Value]:
    assert isinstance(requirement.operand, list)  # the document's loader has seen to it
    yield from ((f"the text {member}", member) for member in requirement.operand)


def _length_edges(requirement: Requirement, _schema: dict[str, Any]) -> Iterator[Value]:
    size = limit(requirement)
    for name, fill in reversed(FILLS.items()):
        yield f"{size} {name} characters", legible(filled(requirement.path, fill, size))
    yield f"{size} characters that HTML escapes", legible(filled(requirement.path, "&<", size))


def _bound_edges(requirement: Requirement, _schema: dict[str, Any]) -> Iterator[Value]:
    yield f"{requirement.operand}", requirement.operand


def _carrying(requirement: Requirement, text: str) -> str:
    """The text at both ends of the stamp where the property carries one."""
    if requirement.path[0] not in STAMPED:
        return text
    return f"{text}{PLACEHOLDER}{text}"


INSIDE: dict[str, Callable[[Requirement, dict[str, Any]], Iterator[Value]]] = {
    "type": _type_edges,
    "required": _required_edges,
    "enum": _enum_edges,
    "maxLength": _length_edges,
    "minLength": _length_edges,
    "minimum": _bound_edges,
    "maximum": _bound_edges,
}
"""By keyword; the edges of arrays and of whole invoices are arranged elsewhere."""


Invoice = dict[str, Json]


def arranged(contract: Contract, invoice: Invoice, requirement: Requirement) -> Iterator[Edge]:
    """The arrangements of this invoice, a base one, that hang on this requirement."""
    if requirement.keyword in ("type", "enum"):
        yield from _presence(contract, invoice, requirement)
    if requirement.keyword in ("minItems", "maxItems"):
        yield from _limit(contract, invoice, requirement)
    if requirement.name in ARRANGED and requirement.path[0] in invoice:
        yield from ARRANGED[requirement.name](contract, invoice, requirement)


def _presence(contract: Contract, invoice: Invoice, requirement: Requirement) -> Iterator[Edge]:
    """An object with its required properties only; an optional property alone absent or present."""
    path, name = requirement.path, dotted(requirement.path) or "body"
    within = _optional(contract, path)
    if within:
        yield Edge(f"{name} of required properties only", requirement, drops=within)
    beside = _optional(contract, path[:-1]) if path else ()
    if path in beside and (len(path) > 1 or path[0] in invoice):
        value = at(invoice, locations(invoice, path)[0])
        others = tuple(other for other in beside if other != path)
        yield Edge(f"no {name}", requirement, drops=(path,))
        yield Edge(f"{name} alone of what is optional", requirement, ((path, value),), others)


def _optional(contract: Contract, path: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    schema = lookup(contract.narrowed_schema, path)
    required = schema.get("required", ())
    return tuple((*path, name) for name in schema.get("properties", {}) if name not in required)


def _limit(contract: Contract, invoice: Invoice, requirement: Requirement) -> Iterator[Edge]:
    path, size = requirement.path, limit(requirement)
    elements = grown(at(invoice, locations(invoice, path)[0]), size)
    value = apart(elements, lookup(contract.narrowed_schema, path))
    yield Edge(f"{size} elements in {dotted(path)}", requirement, ((path, value),))


def _counts(contract: Contract, invoice: Invoice, requirement: Requirement) -> Iterator[Edge]:
    schema = contract.narrowed_schema["properties"][ITEMS]
    for count in sorted({schema.get("minItems", 1), 1, 2, 21, schema.get("maxItems", 100)}):
        yield _of_items(
            requirement, f"{count} in items", apart(grown(invoice[ITEMS], count), schema)
        )


def _fewest(contract: Contract, invoice: Invoice, requirement: Requirement) -> Iterator[Edge]:
    fewest = max(contract.narrowed_schema["properties"][ITEMS].get("minItems", 1), 1)
    yield _of_items(requirement, "the fewest items", invoice[ITEMS][:fewest])


def _orders(contract: Contract, invoice: Invoice, requirement: Requirement) -> Iterator[Edge]:
    items = invoice[ITEMS]
    first = items[0]
    yield _of_items(requirement, "items sorted by nothing", [*items[-1:], *items[:-1]])
    yield _of_items(requirement, "items in reverse", items[::-1])
    schema = contract.narrowed_schema["properties"][ITEMS]
    alike = apart(grown([first], len(items)), schema)
    yield _of_items(requirement, "items alike but for their reference", alike)
    for name in ("sku", "name", AMOUNT, QUANTITY):
        if name in first:
            shared = [first, *({**item, name: first[name]} for item in items[1:])]
            yield _of_items(requirement, f"lines of one {name}", shared)


def _sums(contract: Contract, invoice: Invoice, requirement: Requirement) -> Iterator[Edge]:
    schema = contract.narrowed_schema["properties"][ITEMS]
    for name, lines in SUMS.items():
        items = [
            {**item, AMOUNT: amount, QUANTITY: quantity}
            for item, (amount, quantity) in zip(
                apart(grown(invoice[ITEMS], len(lines)), schema), lines, strict=True
            )
        ]
        yield _of_items(requirement, f"a total of {name}", items)


def _nothing(_: Contract, invoice: Invoice, requirement: Requirement) -> Iterator[Edge]:
    puts = (((ITEMS,), _free(invoice)), ((PAID,), 0))
    yield Edge("the least total, 0", requirement, puts)


def _states(contract: Contract, invoice: Invoice, requirement: Requirement) -> Iterator[Edge]:
    """Each state with each share that agrees with it, and each share without a state."""
    items, total = invoice[ITEMS], cents(invoice[TOTAL])
    shares = [
        (items, 0, "nothing paid"),
        (items, 1, "a cent paid"),
        (items, total - 1, "all but a cent paid"),
        (items, total, "all paid"),
        (items, total + 1, "a cent too much paid"),
        (items, 10**14, "far too much paid"),
        (_free(invoice), 0, "nothing paid for nothing"),
        (_free(invoice), 500, "something paid for nothing"),
    ]
    for bought, share, words in shares:
        puts = (((ITEMS,), bought), ((PAID,), number(Decimal(share) / 100)))
        yield Edge(f"no status, {words}", requirement, puts, drops=((STATUS,),))
        sum_ = total if bought is items else 0
        paid = {**invoice, TOTAL: number(Decimal(sum_) / 100), PAID: puts[1][1]}
        for state in agreeing(contract, paid):
            yield Edge(f"{state}, {words}", requirement, (*puts, ((STATUS,), state)))


def _instants(_: Contract, invoice: Invoice, requirement: Requirement) -> Iterator[Edge]:
    """Two dates, spelled at offsets that make their letters disagree with their order."""
    moment = instant(invoice[UPDATED])
    for name, earlier in (
        ("the instant", moment),
        ("a second after", moment - timedelta(seconds=1)),
    ):
        ahead, behind = spellings(earlier)[4], spellings(moment)[5]
        puts = (((CREATED,), ahead), ((UPDATED,), behind))
        yield Edge(f"updated {name} of creation at another offset", requirement, puts)
    for spelling in spellings(moment):
        yield Edge(
            f"{spelling} in {UPDATED}", requirement, (((UPDATED,), spelling),), ((CREATED,),)
        )


def _free(invoice: Invoice) -> list[Json]:
    return [{**item, AMOUNT: 0} for item in invoice[ITEMS]]


def _of_items(requirement: Requirement, name: str, items: list[Json]) -> Edge:
    return Edge(name, requirement, (((ITEMS,), items),))


ARRANGED: dict[str, Callable[[Contract, Invoice, Requirement], Iterator[Edge]]] = {
    "items.type": _counts,
    "items.required": _fewest,
    "items[].type": _orders,
    "total_amount.type": _sums,
    "total_amount.required": _nothing,
    "status.enum": _states,
    "updated_at.type": _instants,
}
"""By the name of the requirement; a document without it has no use for the arrangement."""


ANY_TARGET = TargetFacts(None, None, (), None, LAST + timedelta(days=1))
"""A target of which nothing is known."""

_BESIDE: dict[Path, tuple[tuple[tuple[Path, Json], ...], tuple[Path, ...]]] = {
    (CREATED,): ((), ((UPDATED,),)),
    (UPDATED,): ((), ((CREATED,),)),
    (ITEMS, ELEMENT, AMOUNT): ((((ITEMS, ELEMENT, QUANTITY), 3),), ()),
    (ITEMS, ELEMENT, QUANTITY): ((((ITEMS, ELEMENT, AMOUNT), 0.05),), ()),
}
"""What an edge of a property puts and drops besides: so dates and products keep their bounds."""

_ARRANGED_ALONE = ((TOTAL,), (STATUS,))
"""Properties that follow from others, so that no value of theirs can be put there by itself."""


def edges(contract: Contract, facts: TargetFacts, requirement: Requirement) -> tuple[Edge, ...]:
    """The edges of a requirement that are valid at this target; none where nothing is near."""
    invoice = base(contract, facts)
    candidates = (*_values(contract, requirement), *arranged(contract, invoice, requirement))
    return tuple(
        edge
        for edge in candidates
        if keeps_reading(contract, facts, applied(contract, invoice, [edge], element=0))
    )


def order_id_edges(contract: Contract) -> tuple[str, ...]:
    """The order ids among the edges, for a target that can be given the orders it shall know."""
    values = (
        value
        for requirement in contract.body_requirements
        if requirement.path == (ORDER,)
        for edge in edges(contract, ANY_TARGET, requirement)
        for _, value in edge.puts
    )
    return tuple(dict.fromkeys(values))


def _values(contract: Contract, requirement: Requirement) -> Iterator[Edge]:
    path = requirement.path
    if path in _ARRANGED_ALONE:
        return
    puts, drops = _BESIDE.get(path, ((), ()))
    for name, value in inside(requirement, lookup(contract.narrowed_schema, path)):
        yield Edge(f"{name} in {dotted(path)}", requirement, ((path, value), *puts), drops)
