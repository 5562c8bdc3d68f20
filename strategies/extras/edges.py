"""Edges without an invoice of their own: they are extras of invoices for others."""

from collections.abc import Iterator, Sequence
from typing import Any

from spec.contract import DIGITS, PLACEHOLDER, UUID_DIGITS, Contract, TargetFacts
from spec.paths import ELEMENT, Json, Path, path_text, schema_at
from spec.requirements import Requirement
from spec.schema.formats import instant, is_date_time
from strategies.acceptance.edges import Edge, Puts, companions
from strategies.extras.dates import dates
from strategies.extras.guards import IDS, LINK_ENDS, NUMERALS, SENTENCES
from strategies.extras.links import LINKS, SITE
from strategies.extras.pairs import alike, in_order, mentioned
from strategies.extras.sweep import recent, soon
from strategies.extras.trade import (
    AROUND,
    DOCUMENTS,
    IN_ITEMS,
    MENTIONED,
    ORDERS,
    SPELLED_NUMBERS,
)
from strategies.extras.values import AT_ENDS, LONG_TEXTS, MARKS, PRICES, QUANTITIES, WHOLE
from strategies.invoice import shared_plain_invoice
from strategies.relations import in_element
from strategies.scalars import keeps, main_type

_PAST, _LAST = 2024, 2099
"""The first year with dates that may be later than an invoice is made, and the last of all."""
_SOON = "2049"
"""The last year in which an invoice without a date of its creation may be past due."""

_NUMBERS = (
    *("{}E3", "{}e-2", "{}E+04", "{}e0", "+{}", "-{}", "{}-", "({})", "{}L", "{}d", "{}f", "{}n"),
    *(
        "{}%",
        "{},5",
        "{}.50",
        "1,{}",
        "1 {}",
        "{}_0",
        "1_{}",
        "0x{}",
        "0X{}F",
        "0b{}",
        "0o{}",
        "#{}",
        "={}",
    ),
    *("${}", "\u20ac{}", "{}EUR", "{}:00", "1:{}", "1-{}", "{}-1", "{}/1", "1/{}", "{}T00", "{}Z"),
    *("{}ABCDEFABCDEFABCD", "{}abcdefab", "A{}", "{}A", "{}pm", "INF{}", "MAR{}", "{}==", "v{}"),
    *("2024-01-02 {}", "2024-01-02T{}", "01/02/{}", "12:30:{}", "{} 000", "{}TRUE", "{}null"),
)
"""Texts around digits that mean a number, a date or a hash, which readers write otherwise."""

_UUID_ENDS = ("ab-cdef01234567", "CD-EF0123456789")


def _long_and_stamped(most: int) -> Iterator[str]:
    """Texts at their limit that begin or end with the stamp, in turn."""
    size = most - len(PLACEHOLDER)
    longest = [text for text in LONG_TEXTS if len(text) > 250 and size > 0]
    for number, text in enumerate(longest):
        is_last = text.startswith(" ") or (number % 2 and not text.endswith(" "))
        yield text[:size] + PLACEHOLDER if is_last else PLACEHOLDER + text[-size:]


def extra_edges(
    contract: Contract, facts: TargetFacts, requirement: Requirement
) -> tuple[Edge, ...]:
    """The edges of a requirement on a type that are never more than extras, each one value."""
    if not _has_extras(contract, facts, requirement):
        return ()
    path, schema = requirement.path, schema_at(contract.narrowed_schema, requirement.path)
    puts, removes = companions(contract.relations).get(path, ((), ()))
    stamped = path in contract.relations.new.paths
    due = (contract.relations.due.due,)
    alone = (
        ((path, value), *(() if path == due and _is_ahead(facts, value) else puts))
        for value in _values(contract, facts, path, schema, stamped=stamped)
        if keeps(schema, value)
    )
    return tuple(_extra(requirement, n, each, removes) for n, each in enumerate(alone, 1))


def _is_ahead(facts: TargetFacts, due: str) -> bool:
    """Whether an invoice that does not say when it was created may be due then."""
    return due[:4] > _SOON or facts.started_at <= instant(due)


def extra_pairs(
    contract: Contract, facts: TargetFacts, requirement: Requirement
) -> tuple[Edge, ...]:
    """The same for two values that a server compares; the other one is elsewhere in the invoice."""
    if not _has_extras(contract, facts, requirement):
        return ()
    path = requirement.path
    pairs = (*in_order(contract, path), *alike(contract, facts, path))
    pairs += (*mentioned(contract, facts, path),)
    return tuple(_extra(requirement, n, each, (), "pair") for n, each in enumerate(pairs, 1))


def _has_extras(contract: Contract, facts: TargetFacts, requirement: Requirement) -> bool:
    updated, order = (contract.relations.update.updated,), (contract.relations.order.order,)
    narrow = bool(facts.order_ids or facts.order_created_at)
    return requirement.keyword == "type" and not (requirement.path in (order, updated) and narrow)


def _extra(
    requirement: Requirement, n: int, puts: Puts, removes: tuple[Path, ...], kind: str = "extra"
) -> Edge:
    return Edge(f"{kind} {n} in {path_text(requirement.path)}", requirement, puts, removes)


def _values(
    contract: Contract,
    facts: TargetFacts,
    path: Path,
    schema: dict[str, Any],
    *,
    stamped: bool,
) -> Sequence[Json]:
    if "enum" in schema:
        return ()
    match main_type(schema), schema.get("format", "text"):
        case "string", "text":
            return _texts(contract, facts, path, schema, stamped=stamped)
        case "string", "web-url" | "uri":
            return (*LINKS, *(f"{SITE}{end}" for end in LINK_ENDS))
        case "string", "date-time" if path == (contract.relations.due.due,):
            return [*soon(facts), *dates(_LAST)]
        case "string", "date-time":
            return [*recent(facts), *dates(_PAST)]
        case "integer", _:
            return QUANTITIES
        case "number", _:
            return PRICES
    return ()


def _texts(
    contract: Contract,
    facts: TargetFacts,
    path: Path,
    schema: dict[str, Any],
    *,
    stamped: bool,
) -> Sequence[Json]:
    if not stamped:
        usual = (*MARKS, *MENTIONED, *LONG_TEXTS, *AT_ENDS, *WHOLE, *_several(SENTENCES, 6))
        order = contract.relations.order.order
        if ELEMENT in path:
            return (*usual, *IN_ITEMS)
        if path != (order,):
            return usual
        known = shared_plain_invoice(contract, facts).get(order)
        like = _like(known) if isinstance(known, str) else ()
        return (*like, *IDS, *ORDERS, *NUMERALS, *usual)
    # Beside a stamp no text is all there is.
    marked = [f"{text}{PLACEHOLDER}{text}" for text in (*MARKS, *AT_ENDS)]
    marked += _long_and_stamped(schema.get("maxLength", 255))
    # Of items there are many: what means something around a number is all there.
    new = contract.relations.new.paths
    more: Sequence[str] = AROUND[::3] if path == new[0] else DOCUMENTS[::2]
    if ELEMENT in path:
        more = (*DOCUMENTS, *AROUND)
        marked += [text.replace("{}", PLACEHOLDER) for text in SPELLED_NUMBERS]
        marked += [f"{text}{PLACEHOLDER}{text}" for text in MENTIONED]
    numbers = [text.replace("{}", DIGITS) for text in (*_NUMBERS, *more)]
    numbers += [UUID_DIGITS + end for end in _UUID_ENDS]
    # Not all references of an invoice are a number at the same time.
    early = path == contract.relations.new.paths[1]
    return [*numbers[::-1], *marked] if early else [*marked, *numbers]


def _like(known: str) -> Iterator[str]:
    """Ids that are written nearly as a known one: a server that takes an id apart, or writes all of
    them in one way, gives another one back.
    """
    head, _, number = known.rpartition("-")
    yield from (f"{head}-{known}", f"{head}-{head[::-1]}-{number}", number, known.lower())
    yield from (known.replace("-", sign) for sign in ("_", " ", "--", "/", "."))
    yield from (f"{head}-{end}" for end in ("7", "007", "-1", "1.0", "1e3", f"{number}-"))
    yield from (f"{known}{end}" for end in ("/", "/1", "%", "*", "?a=b", "#a"))
    yield from (f"{sign}{number}" for sign in ("#", "\u2116", "PO", "0"))


def _several(texts: Sequence[str], size: int) -> Iterator[str]:
    """The texts, so many in one."""
    count = -(-len(texts) // size)
    for place in range(count):
        yield "; ".join(texts[place::count])


# In an invoice.

Extra = tuple[Edge, int]
"""An edge in an invoice that is sent for others, and the index of its item."""


def agreeing(
    contract: Contract, facts: TargetFacts, invoice: Json, extras: Sequence[Extra]
) -> tuple[Extra, ...]:
    """The extras in an invoice without those that disagree with it; of two that disagree with each
    other, without the later one.
    """
    wrong = [{*each.locations} for each in contract.relations.incoherences(invoice, facts)]
    at = [{in_element(path, place) for path, _ in edge.puts} for edge, place in extras]
    last = {max((n for n, own in enumerate(at) if own & each), default=None) for each in wrong}
    return tuple(each for n, each in enumerate(extras) if n not in last)


def due_soon(
    contract: Contract, facts: TargetFacts, invoice: dict[str, Json], extras: Sequence[Extra]
) -> dict[str, Json]:
    """The invoice due when an extra says, where that is shortly after the run: what makes it
    consistent does not know when that is.
    """
    due = contract.relations.due.due
    for value in (value for edge, _ in extras for path, value in edge.puts if path == (due,)):
        if is_date_time(value) and instant(value) >= facts.started_at:
            invoice = {**invoice, due: value}
    return invoice
