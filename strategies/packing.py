"""Several edges in one invoice, where they do not overlap: each meets others, and every status."""

from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import accumulate, count, cycle
from operator import attrgetter

from spec.contract import Contract, TargetFacts
from spec.expectation import LARGEST_VALID
from spec.paths import ELEMENT, Json, Path, find
from spec.requirements import Requirement
from spec.violation import counted
from strategies.acceptance.edges import (
    Edge,
    edges,
    with_edges,
    with_its_sums,
    with_placed_edges,
)
from strategies.carried import carrying, paid_as
from strategies.carriers import EVERYTHING, LONG, NOTHING, PLAIN, Carrier, spread
from strategies.extras.clients import Way
from strategies.extras.company import accepted_in_company
from strategies.extras.edges import Extra, agreeing, due_soon, extra_edges, extra_pairs
from strategies.extras.lines import shared, with_shared
from strategies.extras.queue import Met, Queue, levels_of
from strategies.extras.room import EdgeSet, Room, is_of_an_item
from strategies.extras.sweep import invoice_edges, item_edge
from strategies.extras.unknown import with_unknown
from strategies.invalid import PayloadCase
from strategies.invoice import encode, plain_invoice
from strategies.relations import must_be_accepted, repeated_to, with_distinct_references

_PLACES = 12
"""Items of an invoice that get extras."""

_MAX_BYTES = 58 * 1024
"""Of a packed body; the reading allows 64 KiB, and another encoding may take more bytes."""


@dataclass(frozen=True, slots=True, eq=False)
class Packed:
    """One valid body with several edges; `elements` has the index of the item each one is in.

    `extras` may be in it as well: edges of other paths or other items. The `way` has header fields,
    a query or another way to write the body. `sweep` has the numbers in the sweep of the invoice
    and of its first item, until that is in it.
    """

    name: str
    payload: Json
    edges: tuple[Edge, ...]
    elements: tuple[int, ...]
    carrier: Carrier | None
    extras: tuple[Extra, ...] = ()
    way: Way | None = None
    sweep: tuple[int, int] | None = None
    encoded: bytes | None = None

    @property
    def body(self) -> bytes:
        """Its bytes, which are kept only where it is about to be sent."""
        return self.encoded or encode(self.payload)


_PAIRED = 2
"""How often a pair is taken."""


def packs(
    contract: Contract, facts: TargetFacts
) -> tuple[tuple[Requirement, tuple[Packed, ...]], ...]:
    """The edges of each requirement in few invoices, with those of other paths as extras.

    So each edge meets other statuses, edges and carriers than where it is asked for.
    """
    inside = {one: edges(contract, facts, one) for one in contract.body_requirements}
    ways = accepted_in_company(contract)
    queues = _queues(
        contract,
        (edge for some in inside.values() for edge in some),
        (edge for one in inside for edge in extra_edges(contract, facts, one)),
    )
    pairs = [pair for one in inside for pair in extra_pairs(contract, facts, one)]
    queues.append(Queue(None, deque(pairs * _PAIRED), is_of_an_item=False))
    cases = {
        requirement: packed(contract, facts, some, turn, len(inside))
        for turn, (requirement, some) in enumerate(inside.items())
    }
    met: Met = defaultdict(int)
    for case in (case for some in cases.values() for case in some):
        if case.carrier is not None:
            here = levels_of(contract, case.carrier)
            for edge in case.edges:
                met[edge.name] |= here
    turns = count()
    full = {
        requirement: [
            replace(
                case, extras=_extras_of(contract, case, next(turns), queues, met), way=next(ways)
            )
            for case in some
        ]
        for requirement, some in cases.items()
    }
    every = enumerate(case for some in full.values() for case in some)
    # What lines share is not swept, so that what they would have had comes next.
    free = (0 if shared(contract, n) else len(_free(contract, case)) for n, case in every)
    sweep = enumerate(accumulate(free, initial=0))
    return tuple(
        (requirement, tuple(replace(case, sweep=next(sweep)) for case in some))
        for requirement, some in full.items()
    )


def packed(
    contract: Contract, facts: TargetFacts, edges: Iterable[Edge], turn: int, turns: int
) -> tuple[Packed, ...]:
    """All the edges in few invoices; those of items are in one long list of items, side by side.

    The invoices are carriers, spread as for the `turn`-th of so many subjects.
    """
    sets: list[EdgeSet] = []
    full: Counter[tuple[Path, ...]] = Counter()  # how many sets have an edge of these paths
    for edge in edges:
        paths = edge.paths
        while full[paths] < len(sets) and not sets[full[paths]].fits(edge):
            full[paths] += 1
        if full[paths] == len(sets):
            sets.append(EdgeSet())
        sets[full[paths]].add(edge)
        full[paths] += 1
    of_items = [one for one in sets if one.is_of_an_item(contract)]
    items = contract.relations.sum.items
    most = contract.narrowed_schema["properties"].get(items, {}).get("maxItems", 100)
    invoices = [[one] for one in sets if not one.is_of_an_item(contract)]
    invoices += [of_items[start : start + most] for start in range(0, len(of_items), most)]
    used = cycle(spread(contract, turn, turns))
    return tuple(
        case
        for sets, carrier in zip(invoices, used, strict=False)
        for case in _packed(contract, facts, sets, carrier)
    )


def with_extras(contract: Contract, facts: TargetFacts, case: Packed) -> Packed:
    """The case with its extras in it; without those with which it would not be valid."""
    if case.carrier is None:
        return case
    swept = (*_swept(contract, facts, case),)
    every = (*case.extras, *swept)
    if whole := _with_shared(contract, facts, case, every):
        return whole
    if swept and (whole := _with(contract, facts, case, every)):
        return whole
    fit = agreeing(contract, facts, _joined(contract, facts, case, every), every)
    if len(fit) < len(every) and (most := _with(contract, facts, case, fit)):
        return most
    # What does not fit is an extra as a rule, and is found sooner in an invoice without the rest.
    known = replace(case, extras=(), sweep=None)
    parts = [part for part in (swept, case.extras) if part]
    while parts:
        part = parts.pop()
        if more := _with(contract, facts, case, (*known.extras, *part)):
            known = more
        elif half := len(part) // 2:
            parts += (part[half:], part[:half])  # one of them does not fit
    return known


def _with_shared(
    contract: Contract, facts: TargetFacts, case: Packed, extras: tuple[Extra, ...]
) -> Packed | None:
    """The case with these extras and what its lines share; None where they share nothing."""
    if case.sweep is None:
        return None
    payload, others = with_shared(contract, case.sweep[0], case.payload, case.edges, extras)
    if payload is case.payload:
        return None
    case = replace(case, payload=payload)
    fit = agreeing(contract, facts, _joined(contract, facts, case, others), others)
    return _with(contract, facts, case, fit)


def _free(contract: Contract, case: Packed) -> list[int]:
    """The indexes of the items that no edge and no extra is about, from some number of items on."""
    name = contract.relations.sum.items
    items, edges = case.payload.get(name), (*case.edges, *(edge for edge, _ in case.extras))
    if case.carrier is None or case.carrier.is_large or not isinstance(items, list):
        return []
    if any(path in edge.paths for edge in edges for path in ((), (name,))):
        return []
    used = {*case.elements, *(place for _, place in case.extras)}
    return [place for place in range(len(items)) if place not in used][
        max(0, _PLACES - len(used)) :
    ]


def _swept(contract: Contract, facts: TargetFacts, case: Packed) -> Iterator[Extra]:
    """What the sweep has for that which no edge and no extra of the invoice is about."""
    if case.sweep is None or case.carrier is None:
        return
    taken = EdgeSet()
    for edge in (*case.edges, *(edge for edge, _ in case.extras)):
        if not is_of_an_item(contract, edge.paths[0]):
            taken.add(edge)
    number, first = case.sweep
    free = {name for name in case.payload if (name,) not in taken.paths | taken.above}
    created = (contract.relations.dates.earlier,)
    known = {path: value for edge in taken.edges for path, value in edge.puts}
    since = known.get(created, case.payload.get(created[0]))
    for edge in invoice_edges(contract, facts, free, number, since):
        if taken.fits(edge):
            yield edge, 0
    for n, place in enumerate(_free(contract, case), first):
        if item := item_edge(contract, n):
            yield item, place


def _with(
    contract: Contract, facts: TargetFacts, case: Packed, extras: tuple[Extra, ...]
) -> Packed | None:
    """The case with these extras; None where it would not be valid."""
    payload = _joined(contract, facts, case, extras)
    body = encode(payload)
    if len(body) <= _MAX_BYTES and must_be_accepted(contract, facts, payload):
        # What an edge makes later, such as a due date, is no extra any more.
        kept = tuple((edge, place) for edge, place in extras if _is_sent(payload, edge))
        return replace(case, payload=payload, extras=kept, sweep=None, encoded=body)
    return None


def _joined(
    contract: Contract, facts: TargetFacts, case: Packed, extras: tuple[Extra, ...]
) -> dict[str, Json]:
    """The invoice with these extras, consistent where it can be."""
    assert case.carrier is not None  # else it has none
    payload = with_placed_edges(case.payload, extras)
    payload = with_its_sums(contract, payload, [*case.edges, *(edge for edge, _ in extras)])
    if not any(path in _of_the_status(contract) for edge in case.edges for path in edge.paths):
        payload = paid_as(contract, payload, case.carrier)
    return due_soon(contract, facts, payload, extras)


def _is_sent(payload: Json, edge: Edge) -> bool:
    """Whether what an edge has for the invoice itself is in it."""
    return all(find(payload, path) == value for path, value in edge.puts if ELEMENT not in path)


def written(contract: Contract, case: Packed | PayloadCase) -> bytes:
    """The body of the case as it is to be written, with its unknown properties; as usual where that
    would be too large.
    """
    write, payload = case.way.write if case.way is not None else None, case.payload
    if isinstance(case, PayloadCase) and case.unknown is not None and case.carrier is not None:
        payload = with_unknown(contract, payload, case.unknown, case.carrier.index)
    if write is None and payload is case.payload:
        return case.body
    body = encode(payload) if write is None else write(contract, payload)
    return body if len(body) <= LARGEST_VALID else case.body


def unpacked(contract: Contract, facts: TargetFacts, edge: Edge, element: int = 0) -> PayloadCase:
    """The plain invoice with one edge, in the item of this index or the last one."""
    invoice = with_edges(plain_invoice(contract, facts), [edge], element)
    payload = with_its_sums(contract, invoice, [edge])
    return PayloadCase(edge.name, payload)


def _of_the_status(contract: Contract) -> frozenset[Path]:
    """Paths of edges that bring a status of their own."""
    state = contract.relations.state
    return frozenset({(state.paid,), (state.status,)})


def _queues(contract: Contract, edges: Iterable[Edge], extras: Iterable[Edge]) -> list[Queue]:
    """The edges that are one value, of neither the status nor the amount that is paid; first those
    of the same paths that are never more than extras.
    """
    own: dict[Path, list[Edge]] = {}
    apart = _of_the_status(contract) | {(contract.relations.sum.items,)}
    for edge in edges:
        if edge.puts and not apart & {*edge.paths}:
            own.setdefault(edge.puts[0][0], []).append(edge)
    by_path: dict[Path, list[Edge]] = {path: [] for path in own}
    for edge in extras:
        by_path.get(edge.puts[0][0], []).append(edge)
    return [
        Queue(
            path,
            deque((*by_path[path], *own[path])),
            is_of_an_item(contract, path),
            frozenset(edge.name for edge in own[path]),
        )
        for path in own
    ]


def _extras_of(
    contract: Contract, case: Packed, number: int, queues: list[Queue], met: Met
) -> tuple[Extra, ...]:
    """An extra of each path that is still free, in the invoice and in some of its items.

    Where one leaves no room for another, it is of the path of which fewer have been taken. None is
    about what the lines of the invoice of this number share.
    """
    if case.carrier is None:
        return ()
    chosen, here, are_there = [], levels_of(contract, case.carrier), dict[Path, bool]()
    size = len(case.payload.get(contract.relations.sum.items) or ())
    is_free = len({*case.elements}) == 1  # else each item has an edge of its own
    for place in range(max(1, min(_PLACES, size))):
        together = EdgeSet(paths={path for path, _ in filter(None, [shared(contract, number)])})
        for own in case.edges:
            if place == 0 or not is_of_an_item(contract, own.paths[0]):
                together.add(own)

        # One pair is enough for an invoice.
        is_first = place == 0
        room = Room(contract, case.payload, together, is_free, is_first, are_there)
        for queue in sorted(queues, key=attrgetter("order")):
            wanted = room.in_item if queue.is_of_an_item else room.beside
            edge = queue.take(met, here, room.has_for) if wanted else None
            if edge is not None:
                together.add(edge)
                met[edge.name] |= here
                chosen.append((edge, (case.elements[0] + place) % max(1, size)))
    return tuple(chosen)


def _carrying(contract: Contract, facts: TargetFacts, carrier: Carrier) -> dict[str, Json]:
    """The carrier; every second one without anything optional has one such property, in turn."""
    invoice = carrying(contract, facts, carrier)
    if carrier.absent != EVERYTHING or carrier.choice % 2:
        return invoice
    whole = carrying(contract, facts, replace(carrier, absent=NOTHING))
    optional = [name for name in whole if name not in invoice]
    names = optional[carrier.choice // 2 % len(optional) :][:1] if optional else []
    return {**invoice, **{name: whole[name] for name in names}}


def _packed(
    contract: Contract, facts: TargetFacts, sets: list[EdgeSet], carrier: Carrier | None
) -> list[Packed]:
    """The sets in one invoice, each in an item of its own; halved if that would not be valid.

    Where a single set is not valid in its carrier, it is in the plain invoice.
    """
    edges = tuple(edge for edge_set in sets for edge in edge_set.edges)
    paths = [path for edge in edges for path in edge.paths]
    items = contract.relations.sum.items
    invoice = {
        **(_carrying(contract, facts, carrier) if carrier else plain_invoice(contract, facts))
    }
    # An edge inside of what the carrier leaves out needs it all the same.
    if needed := [path[0] for path in paths if path[1:] and path[0] not in invoice]:
        plain = plain_invoice(contract, facts)
        invoice |= {name: plain[name] for name in needed}
    start = 0
    if len(sets) > 1 and carrier and carrier.texts == LONG:
        # A hundred long items would not fit in one body.
        return _packed(contract, facts, sets, replace(carrier, texts=PLAIN))
    if len(sets) > 1:
        longer = repeated_to(invoice[items], len(sets))
        schema = contract.narrowed_schema["properties"][items]
        invoice[items] = with_distinct_references(contract, longer, schema)
    elif carrier and items in invoice:
        start = carrier.index(len(invoice[items]))
    for element, edge_set in enumerate(sets, start):
        invoice = with_edges(invoice, edge_set.edges, element)
    payload = with_its_sums(contract, invoice, edges)
    if carrier and not any(path in _of_the_status(contract) for path in paths):
        payload = paid_as(contract, payload, carrier)
    if len(encode(payload)) > _MAX_BYTES or not must_be_accepted(contract, facts, payload):
        half = len(sets) // 2
        if half:
            parts = (sets[:half], sets[half:])
            return [case for part in parts for case in _packed(contract, facts, part, carrier)]
        if carrier:
            return _packed(contract, facts, sets, None)
    elements = tuple(n for n, edge_set in enumerate(sets, start) for _ in edge_set.edges)
    name, more = edges[0].name, len(edges) - 1
    name = f"{name} and {counted(more, 'edge')} more" if more else name
    return [Packed(name, payload, edges, elements, carrier)]
