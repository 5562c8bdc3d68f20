"""Invoices that keep the document but not the reading: drawn ones, those with the unusual values
that are listed, and those of the probes.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial
from itertools import cycle
from typing import Any

from hypothesis import assume
from hypothesis import strategies as st

from spec.contract import PLACEHOLDER, Contract, TargetFacts
from spec.paths import (
    ELEMENT,
    Json,
    Location,
    Path,
    locate,
    path_text,
    present,
    put,
    schema_at,
)
from spec.schema.formats import has_letter_or_digit
from spec.schema.keywords import type_names
from spec.schema.presence import fitted, is_ruled
from spec.violation import shortened
from strategies.acceptance.valid import valid
from strategies.carried import carrying
from strategies.carriers import (
    NOTHING,
    OFFSETS,
    Carrier,
    carriers,
    enlarged,
    in_state,
)
from strategies.extras.clients import Way
from strategies.extras.company import open_in_company
from strategies.invoice import complete_invoice, encode, plain_invoice
from strategies.relations import consistent, must_be_accepted, repeated_to, with_distinct_references
from strategies.scalars import TEXT, json_type, keeps, main_type, of_other_types
from strategies.too_large import MOST_INVALID, elements_fit
from strategies.unspecified.arranged import arranged
from strategies.unspecified.elsewhere import BESIDE_INVOICES, BESIDE_ITEMS
from strategies.unspecified.unread import unread_values
from strategies.unspecified.unusual import Unusual, add_parted
from strategies.unspecified.values import (
    ANOTHER_HALF,
    ANYTHING,
    HALF_A_PAIR,
    KEPT,
    OBEYED,
    UNSPECIFIED_AMOUNTS,
    UNSPECIFIED_DATES,
    UNSPECIFIED_INTEGERS,
    UNSPECIFIED_KEYS,
    UNSPECIFIED_TEXTS,
    UNSPECIFIED_URLS,
)

Changes = st.SearchStrategy[tuple[Path, Json]]
"""A path in a payload, and the value to put there."""


@cache
def unspecified(contract: Contract, facts: TargetFacts) -> st.SearchStrategy[dict[str, Json]]:
    """Drawn valid invoices with one change that makes them unspecified."""
    invoices = valid(contract, facts)
    complete = complete_invoice(contract)
    changes = st.one_of([*_changes(contract, contract.narrowed_schema, (), complete)])

    @st.composite
    def unspecified_invoices(draw: st.DrawFn) -> dict[str, Json]:
        path, value = draw(changes)
        payload = draw(invoices)
        if not present(payload, path[:-1]):
            payload[path[0]] = complete[path[0]]
        location = locate(payload, path, lambda size: draw(st.integers(0, size - 1)))
        sent, judged = (
            consistent(contract, put(payload, location, one), path[:1])
            for one in (value, _readable(value))
        )
        assume(_is_open(contract, facts, judged, path, value))
        return sent

    return unspecified_invoices()


@dataclass(frozen=True, slots=True)
class Mixture:
    """A body with several unusual values, and the location of each."""

    name: str
    body: bytes
    values: tuple[Unusual, ...]
    locations: tuple[Location, ...]
    carrier: Carrier | None
    way: Way | None = None


@dataclass(frozen=True, slots=True)
class Mixtures:
    """Mixtures of one kind of values; a profile that lists few cases takes fewer."""

    name: str
    cases: tuple[Mixture, ...]


_INSTEAD = " in place of others"
_ARRANGED = "lists of items"
_VALUES, _DATES, _LARGE = "values", "dates", "blank texts in a large body"
_KNOWN_ELSEWHERE = "names that other systems know"
_ORDERS = "order ids"
_NO_ORDERS = ("", " ", "\x00", f"a{ANOTHER_HALF}b", f"a{HALF_A_PAIR}b")
"""Texts of which nothing may be left, or that may not be read."""
_WORDS = 8
"""Of these names that have a word beside them, such as a currency or a language, a second invoice
has as many: what is paid in whole may be written otherwise.
"""
_NEW = ("other values of new properties", "values of new properties")
"""Kinds of values of which the reading says nothing: others than the usual, and the usual."""


def unusual_values(contract: Contract, facts: TargetFacts) -> tuple[Mixtures, ...]:
    """Every unusual value of this suite at each property of its type, in few invoices.

    Properties of which servers refuse most unusual values have invoices of their own: there is
    nothing to see of the other values in an invoice that is refused.
    """
    plain = plain_invoice(contract, facts)
    counts = Counter[tuple[str, Path]]()
    rows: dict[str, dict[int, list[Unusual]]] = {}
    answered = schema_at(contract.created.schema, ("data",))
    listed = [
        (path, value, "")
        for path, value in _listed(contract.narrowed_schema, (), answered)
        # With the others there is a known one among `unknown_order_ids`.
        if value in _NO_ORDERS or _kind(contract, facts, path, value) != _ORDERS
    ]
    new = [(path, one, _NEW[is_usual]) for path, one, is_usual in unread_values(contract)]
    new += [((name,), one, _NEW[True]) for name, one in _excluded(contract, plain)]
    for path, value, of in (*listed, *new):
        if not present(plain, path[:-1]) or path[0] in contract.branch.names:
            continue
        kind = of or _kind(contract, facts, path, value)
        row, element = 0, 0
        is_alone = bool(of) and _may_exclude(contract, path)
        kind += _INSTEAD * is_alone
        # An item has one such text, so that what is beside it comes back, one name and one number:
        # two make too large a product.
        known = bool(schema_at(contract.narrowed_schema, path))
        one_of = (kind, path if of or ELEMENT not in path else path[:-1])
        if is_alone:
            one_of = (kind, ())
            row = counts[one_of]
        elif ELEMENT in path:
            array = schema_at(contract.narrowed_schema, path[: path.index(ELEMENT)])
            row, element = divmod(counts[one_of], array.get("maxItems", 100))
        elif known:
            row = counts[one_of]
        payload = put(plain, locate(plain, path, partial(_at_most, element)), _readable(value))
        payload = _in_place(contract, payload, path) if is_alone else payload
        payload = consistent(contract, payload, path[:1])
        fits = _is_possible(contract, facts, payload) if is_alone else False
        if fits or _is_open(contract, facts, payload, path, value):
            counts[one_of] += 1
            stamped = path in contract.relations.new.paths and has_letter_or_digit(value)
            sent = f"{value}{PLACEHOLDER}{value}" if stamped else value
            unusual = Unusual(_named(contract, path, value), path, sent, element)
            rows.setdefault(kind, {}).setdefault(row, []).append(unusual)
    rows |= {_ARRANGED: dict(enumerate(_arranged(contract, facts)))}
    blank = [one for row in rows.get(_VALUES, {}).values() for one in row if one.value == " "]
    rows |= {_LARGE: {0: blank}} if blank else {}
    texts = (rows.get(f"{_VALUES}{where}", {}).values() for where in ("", " in items"))
    if known_elsewhere := rows.get(_KNOWN_ELSEWHERE):
        named = (one for one in known_elsewhere[0] if not one.path[1:])
        words = [one for one in named if isinstance(one.value, str)][:_WORDS]
        known_elsewhere |= {1: words} if words else {}
    add_parted(rows.get(_DATES, {}).values(), *texts)
    used, state = cycle(carriers(contract)), contract.relations.state
    large = replace(enlarged(next(used)), offset=[*OFFSETS][-1])
    entire = replace(next(used), absent=NOTHING)
    only = {
        _LARGE: cycle([in_state(contract, large, state.more)]),
        _KNOWN_ELSEWHERE: cycle(
            in_state(contract, entire, status) for status in (state.part, state.whole)
        ),
    }
    mixed = ((kind, by.values(), only.get(kind, used)) for kind, by in rows.items())
    ways = cycle(open_in_company(contract))
    return tuple(
        Mixtures(
            kind,
            tuple(replace(mixture(contract, facts, row, next(on)), way=next(ways)) for row in each),
        )
        for kind, each, on in mixed
    )


def _arranged(contract: Contract, facts: TargetFacts) -> Iterator[list[Unusual]]:
    """Each list of items that is neither valid nor invalid, and no items that have a total."""
    plain, relation = plain_invoice(contract, facts), contract.relations.sum
    path = (relation.items,)
    for name, items in arranged(contract, facts):
        payload = consistent(contract, {**plain, relation.items: items}, path)
        if _is_open(contract, facts, payload, path, items):
            yield [Unusual(f"{name} in {relation.items}", path, items, 0)]
    if relation.items in plain and relation.total in plain:
        payload = consistent(contract, {**plain, relation.items: []}, (*path, relation.total))
        if _is_open(contract, facts, payload, path, []):
            yield [Unusual(f"no items of a total in {relation.items}", path, [], 0)]


def _is_open(
    contract: Contract, facts: TargetFacts, payload: dict[str, Json], path: Path, value: Json
) -> bool:
    """Whether a server may take the payload with that value, and may refuse it."""
    if not _is_possible(contract, facts, payload):
        return False
    return _is_1_0(contract, path, value) or not must_be_accepted(contract, facts, payload)


def _is_possible(contract: Contract, facts: TargetFacts, payload: dict[str, Json]) -> bool:
    """Whether a server may take the payload."""
    broken = contract.relations.update.is_broken(payload, facts)
    return not broken and contract.request.validator.is_valid(payload)


def _excluded(contract: Contract, plain: dict[str, Json]) -> Iterator[tuple[str, Json]]:
    """The properties that others of the plain invoice exclude, with a value."""
    for name, value in complete_invoice(contract).items():
        is_absent = name not in plain and (name,) not in contract.left_out
        if is_absent and _may_exclude(contract, (name,)):
            yield name, value


def _may_exclude(contract: Contract, path: Path) -> bool:
    """Whether the document says beside what the property, or one around it, may stand."""
    ends = range(1, len(path) + 1)
    return any(is_ruled(contract.narrowed_schema, path[:end]) for end in ends)


def _in_place(contract: Contract, payload: dict[str, Json], path: Path) -> dict[str, Json]:
    """The payload without what the document does not allow beside what is at the path."""
    required = contract.request_schema.get("required", ())
    fit: dict[str, Json] = fitted({**contract.narrowed_schema, "required": required}, payload, path)
    return fit


def _readable(value: Json) -> Json:
    """The value as a validator can read it, for which half of a pair is no text at all."""
    if not isinstance(value, str):
        return value
    return value.replace(HALF_A_PAIR, "\uffff").replace(ANOTHER_HALF, "\uffff")


def _is_1_0(contract: Contract, path: Path, value: Json) -> bool:
    """Whether it is 1.0 for an integer: the validator takes it, but not every dialect does."""
    return main_type(schema_at(contract.narrowed_schema, path)) == "integer" and isinstance(
        value, float
    )


def mixture(
    contract: Contract, facts: TargetFacts, values: Sequence[Unusual], carrier: Carrier | None
) -> Mixture:
    """Those values in one invoice, which is the carrier or, without one, the plain invoice."""
    payload, places = _mixed(contract, facts, values, carrier)
    others = f" and {len(values) - 1} more" if values[1:] else ""
    return Mixture(f"{values[0].name}{others}", encode(payload), tuple(values), places, carrier)


def _kind(contract: Contract, facts: TargetFacts, path: Path, value: Json) -> str:
    schema = schema_at(contract.narrowed_schema, path)
    where = " in items" if ELEMENT in path else ""
    if not schema and path[-1] in (BESIDE_ITEMS if where else BESIDE_INVOICES):
        return _KNOWN_ELSEWHERE
    if not schema:
        return f"names of properties{where}"
    if schema.get("format") == "date-time":
        return f"{_DATES}{where}"
    if path == (contract.relations.order.order,) and facts.order_ids:
        return _ORDERS
    if where and json_type(value) in ("integer", "fraction"):
        # A large number makes a total that is refused, and the error then names the total.
        large = abs(value) > schema.get("maximum", abs(value))
        return f"{'large ' if large else ''}numbers{where}"
    return f"{_VALUES}{where}"


def _named(contract: Contract, path: Path, value: Json) -> str:
    if not schema_at(contract.narrowed_schema, path):
        where = f" in {path_text(path[:-1])}" if path[1:] else ""
        return f"the property {shortened(repr(path[-1]), 60)}{where}"
    return f"{shortened(repr(value), 60)} in {path_text(path)}"


def _mixed(
    contract: Contract, facts: TargetFacts, values: Sequence[Unusual], carrier: Carrier | None
) -> tuple[dict[str, Json], tuple[Location, ...]]:
    """The invoice with those values, and their locations."""
    payload = {**carrying(contract, facts, carrier)} if carrier else plain_invoice(contract, facts)
    complete = complete_invoice(contract)
    for unusual in values:
        if not present(payload, unusual.path[:-1]):
            payload[unusual.path[0]] = complete[unusual.path[0]]
    if len(values) > 1:  # one alone can be in any element
        for name in {unusual.path[0] for unusual in values if unusual.path[1:2] == (ELEMENT,)}:
            size = 1 + max(one.element for one in values if one.path[0] == name)
            longer = repeated_to(payload[name], max(size, len(payload[name])))
            schema = contract.narrowed_schema["properties"][name]
            payload[name] = with_distinct_references(contract, longer, schema)
    places: list[Location] = []
    for unusual in values:
        places.append(locate(payload, unusual.path, partial(_at_most, unusual.element)))
        payload = put(payload, places[-1], unusual.value)
        if len(values) == 1:
            payload = _in_place(contract, payload, unusual.path)
    fixed = {unusual.path[0] for unusual in values}
    sums = contract.relations.sum
    if any(unusual.path == (sums.items,) and not unusual.value for unusual in values):
        fixed.add(sums.total)
    return consistent(contract, payload, fixed), tuple(places)


def _at_most(index: int, size: int) -> int:
    return min(index, size - 1)


def _listed(
    schema: dict[str, Any], path: Path, answered: dict[str, Any]
) -> Iterator[tuple[Path, Json]]:
    """Each unusual value and its path; for a property that is not in the document, its name.

    Among these are the ones that only answers have, by their schema `answered`, with a value of a
    wrong type or format: a server that keeps whatever it is sent would answer with it.
    """
    properties = schema.get("properties")
    if properties:
        of_answers = answered.get("properties", {})
        keys = [key for key in UNSPECIFIED_KEYS if key not in {**properties, **of_answers}]
        yield from (
            ((*path, key), value) for key, value in zip(keys, cycle(ANYTHING), strict=False)
        )
        others_of = BESIDE_ITEMS if ELEMENT in path else BESIDE_INVOICES
        usual: dict[str, Json] = {**OBEYED, **others_of}
        others = usual.keys() - properties.keys() - of_answers.keys()
        yield from (((*path, key), usual[key]) for key in usual if key in others)
        for key, answer in of_answers.items():
            wrong = [] if key in properties else [one for one in KEPT if not keeps(answer, one)]
            # An invoice has one such property, and many items.
            yield from (((*path, key), value) for value in wrong[: None if path else 1])
        for name, inner in properties.items():
            yield from _listed(inner, (*path, name), of_answers.get(name, {}))
    elif "items" in schema:
        yield from _listed(schema["items"], (*path, ELEMENT), answered.get("items", {}))
    elif "enum" not in schema:
        yield from ((path, value) for value in _unusual(schema))


def _changes(
    contract: Contract, schema: dict[str, Any], path: Path, value: Json
) -> Iterator[Changes]:
    """The changes to everything in a schema; `value` is a valid value of it."""
    properties = schema.get("properties")
    if properties:
        keys = [key for key in UNSPECIFIED_KEYS if key not in properties]
        any_value = of_other_types(())
        yield st.tuples(st.sampled_from(keys).map(lambda key: (*path, key)), any_value)
        for name in (name for name in properties if name in value):
            yield from _changes(contract, properties[name], (*path, name), value[name])
    elif "items" in schema:
        most = schema.get("maxItems", 100)
        too_many = st.integers(most + 1, most + 50).map(
            lambda size: with_distinct_references(contract, repeated_to(value, size), schema)
        )
        wrong: st.SearchStrategy[Json] = st.just([]) | st.just([*value, value[0]])
        if elements_fit(value, most + 50, MOST_INVALID):
            wrong |= too_many
        yield st.tuples(st.just(path), wrong)
        yield from _changes(contract, schema["items"], (*path, ELEMENT), value[0])
    else:
        values = _values(schema)
        if values is not None:
            yield st.tuples(st.just(path), values)


_EXCLUDED_CHARACTERS = st.text(st.characters(categories=["Cc", "Co", "Cn"]), min_size=1, max_size=3)


def _values(schema: dict[str, Any]) -> st.SearchStrategy[Json] | None:
    """Unusual values for a scalar schema, some of them valid; None for booleans."""
    types = type_names(schema.get("type", ()))
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    known = _unusual(schema)
    if not known:
        return None
    if "string" in types:
        in_a_format = schema.get("format") in ("date-time", "web-url")
        excluded = TEXT if in_a_format else st.builds(str.__add__, TEXT, _EXCLUDED_CHARACTERS)
        return st.sampled_from(known) | excluded
    thousandths = st.integers(-(10**9), 10**15).map(lambda drawn: drawn / 1000)
    numbers = st.integers(-(2**40), 0) if "integer" in types else thousandths
    return st.sampled_from(known) | numbers


def _unusual(schema: dict[str, Any]) -> tuple[Json, ...]:
    """The known unusual values for a scalar schema, some of them valid; none for booleans."""
    types = type_names(schema.get("type", ()))
    if "integer" in types:
        return UNSPECIFIED_INTEGERS
    if "number" in types:
        return UNSPECIFIED_AMOUNTS
    if "string" not in types:
        return ()
    by_format = {"date-time": UNSPECIFIED_DATES, "web-url": UNSPECIFIED_URLS}
    return by_format.get(schema.get("format", "text"), UNSPECIFIED_TEXTS)
