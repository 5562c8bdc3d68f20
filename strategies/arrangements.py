"""Edges of a whole invoice: how many items and in which order, sums, states, what is absent.

Each hangs on the requirement that is nearest to it.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal

from spec.contract import Contract
from spec.derivation import dotted
from spec.formats import instant
from spec.requirements import Requirement
from strategies.bounds import limit
from strategies.coherence import (
    AMOUNT,
    CREATED,
    ITEMS,
    PAID,
    QUANTITY,
    STATUS,
    TOTAL,
    UPDATED,
    agreeing,
    apart,
    cents,
    grown,
    number,
)
from strategies.corpus import SUMS
from strategies.edge import Edge
from strategies.moments import spellings
from strategies.places import Json, at, lookup, places

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
        value = at(invoice, places(invoice, path)[0])
        others = tuple(other for other in beside if other != path)
        yield Edge(f"no {name}", requirement, drops=(path,))
        yield Edge(f"{name} alone of what is optional", requirement, ((path, value),), others)


def _optional(contract: Contract, path: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    schema = lookup(contract.sound_schema, path)
    required = schema.get("required", ())
    return tuple((*path, name) for name in schema.get("properties", {}) if name not in required)


def _limit(contract: Contract, invoice: Invoice, requirement: Requirement) -> Iterator[Edge]:
    path, size = requirement.path, limit(requirement)
    elements = grown(at(invoice, places(invoice, path)[0]), size)
    value = apart(elements, lookup(contract.sound_schema, path))
    yield Edge(f"{size} elements in {dotted(path)}", requirement, ((path, value),))


def _counts(contract: Contract, invoice: Invoice, requirement: Requirement) -> Iterator[Edge]:
    schema = contract.sound_schema["properties"][ITEMS]
    for count in sorted({schema.get("minItems", 1), 1, 2, 21, schema.get("maxItems", 100)}):
        yield _of_items(
            requirement, f"{count} in items", apart(grown(invoice[ITEMS], count), schema)
        )


def _fewest(contract: Contract, invoice: Invoice, requirement: Requirement) -> Iterator[Edge]:
    fewest = max(contract.sound_schema["properties"][ITEMS].get("minItems", 1), 1)
    yield _of_items(requirement, "the fewest items", invoice[ITEMS][:fewest])


def _orders(contract: Contract, invoice: Invoice, requirement: Requirement) -> Iterator[Edge]:
    items = invoice[ITEMS]
    first = items[0]
    yield _of_items(requirement, "items sorted by nothing", [*items[-1:], *items[:-1]])
    yield _of_items(requirement, "items in reverse", items[::-1])
    schema = contract.sound_schema["properties"][ITEMS]
    alike = apart(grown([first], len(items)), schema)
    yield _of_items(requirement, "items alike but for their reference", alike)
    for name in ("sku", "name", AMOUNT, QUANTITY):
        if name in first:
            shared = [first, *({**item, name: first[name]} for item in items[1:])]
            yield _of_items(requirement, f"lines of one {name}", shared)


def _sums(contract: Contract, invoice: Invoice, requirement: Requirement) -> Iterator[Edge]:
    schema = contract.sound_schema["properties"][ITEMS]
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
