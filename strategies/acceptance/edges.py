"""The edges of each requirement: valid values, and whole invoices, that just keep it."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import ROUND_CEILING, ROUND_DOWN, Decimal
from typing import Any

import jsonschema_rs

from spec.coherence import SumOfProducts
from spec.contract import DIGITS, PLACEHOLDER, Contract, TargetFacts, own
from spec.paths import (
    ELEMENT,
    Json,
    Location,
    Path,
    locate,
    path_text,
    present,
    remove,
    schema_at,
    with_copies,
)
from spec.relations import Relations
from spec.requirements import Requirement
from spec.schema.amounts import is_written, meant, written
from spec.schema.choices import branches
from spec.schema.formats import FORMATS
from spec.schema.keywords import type_names
from spec.violation import counted
from strategies.acceptance.arrangements import Arrangement, arrangements
from strategies.dates import LAST_DATE
from strategies.invoice import encode, plain, plain_invoice
from strategies.objects import excluded, other_names, others_of
from strategies.relations import as_written, consistent, json_number, must_be_accepted
from strategies.scalars import (
    CHARACTER_WIDTHS,
    json_type,
    limits,
    main_type,
    plain_scalar,
    size_limit,
    text_of_size,
    valid_text,
)
from strategies.too_large import MOST_VALID, text_fits
from strategies.values import (
    AMOUNTS,
    DATES,
    LATE_DATES,
    NOTATIONS,
    TRICKY_TEXTS,
    URLS,
    WHOLE_NUMBERS,
    WORDS,
    NamedValue,
)
from strategies.wrong.changes import schema_before
from strategies.wrong.values import LISTED

Puts = tuple[tuple[Path, Json], ...]
"""Values to put at paths."""


@dataclass(frozen=True, slots=True)
class Edge:
    """A valid change of an invoice: values to put at paths, and paths to remove.

    `[]` in a path is one element, whichever. `name` says what is special, `requirement` is the one
    that a server breaks when it handles this edge wrongly.
    """

    name: str
    requirement: Requirement
    puts: Puts = ()
    removes: tuple[Path, ...] = ()
    paths: tuple[Path, ...] = field(init=False, repr=False)
    """All paths of the edge; edges with overlapping paths cannot share an invoice."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "paths", (*(path for path, _ in self.puts), *self.removes))


def edges(contract: Contract, facts: TargetFacts, requirement: Requirement) -> tuple[Edge, ...]:
    """The edges of a requirement that are valid at this target; some requirements have none."""
    invoice = plain_invoice(contract, facts)

    def is_valid(edge: Edge) -> bool:
        return all(present(invoice, around(path)) for path in edge.paths) and must_be_accepted(
            contract, facts, with_its_sums(contract, with_edges(invoice, [edge], element=0), [edge])
        )

    def arranged(each: Arrangement) -> Edge | None:
        less = tuple(put for put in each.puts if put[0] != each.unless_taken)
        some = (Edge(each.name, requirement, puts, each.removes) for puts in (each.puts, less))
        return next(filter(is_valid, some), None)

    found = map(arranged, arrangements(contract, invoice, requirement))
    return (*filter(is_valid, _value_edges(contract, requirement)), *filter(None, found))


def around(path: Path) -> Path:
    """What has to be there before a value can be put at a path; of an element, another one."""
    return path if path[-1:] == (ELEMENT,) else path[:-1]


def order_id_edges(contract: Contract) -> tuple[str, ...]:
    """The order ids among the edges, for a target that can be told which orders exist."""
    values = (
        value
        for requirement in contract.body_requirements
        if requirement.path == (contract.relations.order.order,)
        for edge in edges(contract, ANY_TARGET, requirement)
        for _, value in edge.puts
    )
    return tuple(dict.fromkeys(values))


def with_edges(invoice: dict[str, Json], edges: Iterable[Edge], element: int) -> dict[str, Json]:
    """A copy of the invoice with these edges, not yet consistent.

    `[]` in their paths is the element of this index, or the last one if there are fewer.
    """
    return with_placed_edges(invoice, [(edge, element) for edge in edges])


def with_placed_edges(
    invoice: dict[str, Json], placed: Iterable[tuple[Edge, int]]
) -> dict[str, Json]:
    """The same for edges that each have an element of their own.

    What they are in is copied once, however many there are.
    """
    copies: dict[Location, Json] = {}
    for edge, element in placed:

        def choose(size: int, element: int = element) -> int:
            return min(element, size - 1)

        for path, value in edge.puts:
            location = locate(invoice, path, choose) if ELEMENT in path else path
            above = location[:-1]
            if above not in copies:
                invoice = with_copies(invoice, above, copies)
            copies[above][location[-1]] = value
            if location in copies:  # no more: something else is there
                copies = {at: one for at, one in copies.items() if at[: len(location)] != location}
        for path in edge.removes:
            invoice = remove(invoice, locate(invoice, path, choose))
            copies = {}
    return invoice


def with_its_sums(
    contract: Contract, invoice: dict[str, Json], edges: Iterable[Edge]
) -> dict[str, Json]:
    """The invoice with these edges, made consistent; an amount paid that is an edge stays."""
    paid = contract.relations.state.paid
    kept = (paid,) if any((paid,) in edge.paths for edge in edges) else ()
    return consistent(contract, as_written(contract, invoice), kept)


ANY_TARGET = TargetFacts(None, None, (), None, LAST_DATE + timedelta(days=1))
"""A target of which nothing is known."""


# Edges that are one value.


def _derived(contract: Contract) -> tuple[Path, ...]:
    """Paths whose values follow from others, so that no value can be put there on its own; a total
    only where there are items.
    """
    relations = contract.relations
    has_items = relations.sum.items in contract.narrowed_schema["properties"]
    return ((relations.state.status,), *([(relations.sum.total,)] if has_items else []))


def companions(relations: Relations) -> dict[Path, tuple[Puts, tuple[Path, ...]]]:
    """What a value at a path also puts and removes, so that dates and totals stay valid."""
    dates, priced = relations.dates, relations.sum
    amount, quantity = ((priced.items, ELEMENT, name) for name in (priced.amount, priced.quantity))
    return {
        (relations.due.due,): ((((relations.due.created,), "2000-01-01T00:00:00Z"),), ()),
        (dates.earlier,): ((), ((dates.later,),)),
        (dates.later,): ((), ((dates.earlier,),)),
        amount: (((quantity, 3),), ()),
        quantity: (((amount, 0.05),), ()),
    }


def _value_edges(contract: Contract, requirement: Requirement) -> Iterator[Edge]:
    path, schema = requirement.path, schema_at(contract.narrowed_schema, requirement.path)
    puts, removes = companions(contract.relations).get(path, ((), ()))
    values = [*_new_values(contract, requirement, schema)]
    if not path:
        return  # a whole invoice is no value: each is an arrangement
    if requirement.keyword in VALUES:
        values += VALUES[requirement.keyword](requirement, schema, contract)
    invoice = plain_invoice(contract, ANY_TARGET)
    removes = (*removes, *excluded(contract.narrowed_schema, invoice, path))
    for name, value in values:
        if path not in _derived(contract) or value is None:  # of null nothing follows
            together = ((path, value), *puts, *_bought_for(contract, path, value))
            yield Edge(f"{name} in {path_text(path)}", requirement, together, removes)


def _bought_for(contract: Contract, path: Path, value: Json) -> Puts:
    """What has to be bought for so much to be paid, where the document has no state for more than
    the total; where it has none for a part of it either, as much.
    """
    state, priced = contract.relations.state, contract.relations.sum
    if path != (state.paid,) or not state.leaves_none(Decimal(2), Decimal(1)):
        return ()
    value = meant(value)
    if json_type(value) not in ("integer", "fraction") or value < 0:
        return ()
    paid = Decimal(str(value))
    quantity = max(1, int((paid / _DEAREST).to_integral_value(ROUND_CEILING)))
    if state.leaves_none(Decimal(1), Decimal(2)):
        amount = (paid / quantity).quantize(_CENT, ROUND_DOWN)
        rest = paid - amount * quantity
        lines = [(quantity, amount), *([(1, rest)] if rest else [])]
        items = plain_invoice(contract, ANY_TARGET).get(priced.items, [])
        pairs = zip(items, lines, strict=False)
        bought = [{**one, **_priced(priced, *line)} for one, line in pairs]
        return (((priced.items,), bought),)
    if not paid:
        return ()
    line = _priced(priced, quantity, (paid / quantity).quantize(_CENT, ROUND_CEILING))
    return tuple(((priced.items, ELEMENT, name), line[name]) for name in line)


def _priced(priced: SumOfProducts, quantity: int, amount: Decimal) -> dict[str, Json]:
    """How many of an item there are, and what one costs."""
    return {priced.quantity: quantity, priced.amount: json_number(amount)}


_CENT = Decimal("0.01")
_DEAREST = 10**9
"""The highest amount of an item."""


def _new_values(
    contract: Contract, requirement: Requirement, schema: dict[str, Any]
) -> Iterator[NamedValue]:
    """What the document that the suite was written for forbids and this version allows: a server
    that still lives by that one refuses it.
    """
    before = schema_before(contract, requirement.path)
    if before is None or not requirement.path or requirement.keyword not in ("type", "enum"):
        return  # a whole invoice is no value: what it may lack now is an arrangement
    for one in own().body_requirements:
        if contract.path_of(one.path) == requirement.path and one.keyword in LISTED:
            for name, value in LISTED[one.keyword](one, plain(contract, schema)):
                is_new = not jsonschema_rs.is_valid(before, value)
                is_small = len(encode(value)) <= MOST_VALID
                if is_new and is_small and jsonschema_rs.is_valid(schema, value):
                    yield f"{name}, which another version forbids,", value


def _type_values(
    requirement: Requirement, schema: dict[str, Any], contract: Contract
) -> Iterator[NamedValue]:
    types = type_names(requirement.operand)
    if "number" in types:
        yield from ((f"{amount}", amount) for amount in AMOUNTS)
    elif "integer" in types:
        yield from ((f"{number}", number) for number in WHOLE_NUMBERS)
    elif "boolean" in types:
        yield from (("true", True), ("false", False))
    elif is_written(schema):
        numbers = WHOLE_NUMBERS if schema["multipleOf"] == 1 else AMOUNTS
        yield from ((text, text) for text in (written(schema, number) for number in numbers))
    elif "string" in types:
        format_, stamped = (
            schema.get("format", "text"),
            requirement.path in contract.relations.new.paths,
        )
        texts = TRICKY_TEXTS
        if not stamped:  # beside a stamp a word is not the whole value
            is_order = requirement.path == (contract.relations.order.order,)
            texts = texts | WORDS | ({} if is_order else NOTATIONS)
        samples = {one: one for one in FORMATS[format_].samples} if format_ in FORMATS else {}
        known = {"date-time": DATES | LATE_DATES, "web-url": URLS, "uri": URLS}
        for name, value in known.get(format_, samples or texts).items():
            yield name, _stamped(value) if stamped else value
        if stamped:
            yield "digits alone", DIGITS
            yield "zeros and digits", f"00{DIGITS}"
    if "null" in types:
        yield "null", None


def _required_values(
    requirement: Requirement, schema: dict[str, Any], contract: Contract
) -> Iterator[NamedValue]:
    """The least value, which some servers take for a missing one."""
    match main_type(schema):
        case "string" if is_written(schema):
            least = written(schema, schema["minimum"])
            yield f"the least amount, {least}", least
        case "string":
            least = "2000-01-01T00:00:00Z" if schema.get("format") == "date-time" else "0"
            stamped = requirement.path in contract.relations.new.paths
            yield f"the least text, {least}", _stamped(least) if stamped else least
        case "number" | "integer":
            least = max(0, schema.get("minimum", 0))
            yield f"the least number, {least}", least
        case "boolean":
            yield "false", False


def _enum_values(
    requirement: Requirement, _schema: dict[str, Any], _: Contract
) -> Iterator[NamedValue]:
    assert isinstance(requirement.operand, list)  # checked when the document is loaded
    yield from ((f"the text {member}", member) for member in requirement.operand)


def _length_values(
    requirement: Requirement, schema: dict[str, Any], contract: Contract
) -> Iterator[NamedValue]:
    size = size_limit(requirement)
    if is_written(schema):
        longest = written(schema, schema["maximum"])
        yield f"{counted(len(longest), 'character')} of an amount", longest
    elif "pattern" in schema and size <= MOST_VALID:
        yield f"{counted(size, 'character')} that match", (plain_scalar(schema) * size)[:size]
    kinds = {f"{name} characters": one for name, one in reversed(CHARACTER_WIDTHS.items())}
    kinds |= {
        "characters that JSON, HTML or SQL escape": "\"\\&<'%",
        "letters longer in another case": "ßİﬃ",
    }
    for kind, one in kinds.items():
        if text_fits(one, size, MOST_VALID):
            text = text_of_size(one, size, stamped=requirement.path in contract.relations.new.paths)
            yield f"{size} {kind}", valid_text(text)


def _bound_values(
    requirement: Requirement, schema: dict[str, Any], _: Contract
) -> Iterator[NamedValue]:
    yield f"{requirement.operand}", requirement.operand
    if requirement.operand == 0 and main_type(schema) == "number":
        yield "-0.0", -0.0


def _inside_values(
    _requirement: Requirement, schema: dict[str, Any], _: Contract
) -> Iterator[NamedValue]:
    """The first and the last number inside of limits that are excluded themselves."""
    least, most = limits(schema)[:2]
    yield from ((f"{json_number(one)}", json_number(one)) for one in (least, most))


def _multiples(
    _requirement: Requirement, schema: dict[str, Any], _: Contract
) -> Iterator[NamedValue]:
    least, most, unit = limits(schema)
    for number in (1, 2, 3, 7, 10, 100):
        if least <= unit * number <= most:
            yield f"{number} times {unit}", json_number(unit * number)


def _matches(
    _requirement: Requirement, schema: dict[str, Any], _: Contract
) -> Iterator[NamedValue]:
    yield f"the text {plain_scalar(schema)}", plain_scalar(schema)


def _map_values(
    _requirement: Requirement, schema: dict[str, Any], contract: Contract
) -> Iterator[NamedValue]:
    others = others_of(schema)
    if isinstance(others, dict):
        for name in other_names(schema, 3, "extra", "a b", "é"):
            yield f"the property {name}", {**plain(contract, schema), name: plain(contract, others)}


def _branch_values(
    _requirement: Requirement, schema: dict[str, Any], contract: Contract
) -> Iterator[NamedValue]:
    for number, branch in enumerate(branches(schema), 1):
        yield f"the schema number {number}", plain(contract, branch)


def _widths(
    requirement: Requirement, schema: dict[str, Any], contract: Contract
) -> Iterator[NamedValue]:
    """An object of exactly as many properties as the limit says."""
    size, whole, required = (
        size_limit(requirement),
        plain(contract, schema),
        schema.get("required", ()),
    )
    names = [*required, *(name for name in whole if name not in required)][:size]
    yield counted(size, "property", "properties"), {name: whole[name] for name in names}


def _stamped(text: str) -> str:
    """The text before and after the stamp."""
    return f"{text}{PLACEHOLDER}{text}"


VALUES: dict[str, Callable[[Requirement, dict[str, Any], Contract], Iterator[NamedValue]]] = {
    "type": _type_values,
    "required": _required_values,
    "enum": _enum_values,
    "maxLength": _length_values,
    "minLength": _length_values,
    "minimum": _bound_values,
    "maximum": _bound_values,
    "exclusiveMinimum": _inside_values,
    "exclusiveMaximum": _inside_values,
    "multipleOf": _multiples,
    "pattern": _matches,
    "minProperties": _widths,
    "maxProperties": _widths,
    "additionalProperties": _map_values,
    "unevaluatedProperties": _map_values,
    "propertyNames": _map_values,
    "oneOf": _branch_values,
    "anyOf": _branch_values,
}
"""By keyword; a value keeps the requirement, but perhaps not the rest of the schema."""
