"""The edges of each requirement: valid values, and whole invoices, that just keep it."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from spec.contract import DIGITS, PLACEHOLDER, Contract, TargetFacts
from spec.paths import (
    ELEMENT,
    Json,
    Path,
    locate,
    path_text,
    put,
    remove,
    schema_at,
)
from spec.requirements import Requirement
from strategies.arrangements import arrangements
from strategies.coherence import (
    AMOUNT,
    CREATED,
    DUE,
    ITEMS,
    ORDER,
    QUANTITY,
    STAMPED,
    STATUS,
    TOTAL,
    UPDATED,
    consistent,
    must_be_accepted,
)
from strategies.invoice import base
from strategies.reach import MOST_VALID, text_fits
from strategies.scalars import (
    CHARACTER_WIDTHS,
    LAST_DATE,
    main_type,
    size_limit,
    text_of_size,
    type_names,
    valid_text,
)
from strategies.values import (
    AMOUNTS,
    DATES,
    LATE_DATES,
    NOTATIONS,
    TRICKY_TEXTS,
    URLS,
    WHOLE_NUMBERS,
    WORDS,
)

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
        *(
            Edge(each.name, requirement, each.puts, each.removes)
            for each in arrangements(contract, invoice, requirement)
        ),
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
        if requirement.path in STAMPED:
            yield "digits alone", DIGITS
            yield "zeros and digits", f"00{DIGITS}"


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
    kinds |= {"characters that HTML escapes": "&<", "letters longer in another case": "ßİﬃ"}
    for kind, one in kinds.items():
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
