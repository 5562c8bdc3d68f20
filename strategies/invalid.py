"""Invoices that break exactly one requirement: the known near misses, and drawn ones."""

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache, lru_cache
from itertools import chain, combinations, count, cycle
from zlib import crc32

import jsonschema_rs
from hypothesis import strategies as st

from spec.coherence import StateFromAmounts
from spec.contract import Contract, TargetFacts
from spec.expectation import surely_broken
from spec.paths import (
    ELEMENT,
    Json,
    Location,
    Path,
    locate,
    location_text,
    locations,
    present,
    remove,
)
from spec.requirements import Requirement
from strategies.acceptance.limits import FREE, at_limits
from strategies.acceptance.valid import valid
from strategies.carried import carrying, for_known_order, for_nothing, paid_as, partly_for_nothing
from strategies.carriers import (
    NO_STATUS,
    PLACES,
    Carrier,
    few,
    fewest,
    in_state,
    rotation,
    spread,
)
from strategies.cases import Case, Crowd, sent_as
from strategies.dates import FIRST_DATE, date_time_texts
from strategies.extras.clients import Way
from strategies.extras.unknown import as_credit_note, with_unknown
from strategies.invoice import complete_invoice, encode, plain_invoice
from strategies.relations import consistent
from strategies.too_large import out_of_reach
from strategies.wrong.branches import Limits, limits_broken
from strategies.wrong.changes import (
    changed,
    changes_at,
    drawn_changes,
    has_allowed_total,
    schema_before,
    with_subject,
)
from strategies.wrong.converted import converted
from strategies.wrong.drawn import Strategy
from strategies.wrong.texts import WITHOUT_DEBT
from strategies.wrong.values import BOUNDS, tried_once

_TO_THE_SECOND = len("2024-05-03T14:05:30")
_UNKNOWN, _EARLY = 0, 1
"""Turns of the lists of this module (`carriers.rotation`)."""

UNKNOWN_ELSEWHERE = 1
"""How many of the ids that no order has are sent in a series alone: the last one. The first is sent
in a crowd, too: a server may keep what it was asked for.
"""

_DRAWN = 3
"""Which part of what is drawn has no unknown properties."""

_PAYMENTS = 4
"""What a status may say is paid: nothing, a part, all or more."""


@dataclass(frozen=True, slots=True)
class PayloadCase:
    """A payload to send and what carries it; `name` says what is special about it, and the `way` is
    an extra. With a number of `unknown`, so are unknown properties (`extras.unknown`).

    `limits` are those that it breaks within the schemas that its requirement holds. One that is
    `known` has the references of the run's first invoice, where that was accepted.
    """

    name: str
    payload: Json
    carrier: Carrier | None = None
    limits: Limits = frozenset()
    way: Way | None = None
    unknown: int | None = None
    known: bool = False

    @property
    def body(self) -> bytes:
        """Its bytes, which are made when it is sent: a run has thousands of cases."""
        return encode(self.payload)


@cache
def invalid(contract: Contract, facts: TargetFacts, requirement: Requirement) -> Strategy:
    """Drawn valid invoices in which this one requirement is broken, in any element of an array."""
    changes = drawn_changes(contract, requirement)
    invoices = valid(contract, facts)

    return _invalid_invoices(contract, requirement, changes, invoices)


@st.composite
def _invalid_invoices(
    draw: st.DrawFn,
    contract: Contract,
    requirement: Requirement,
    changes: Strategy,
    invoices: Strategy,
) -> Json:
    change = draw(changes)
    payload = with_subject(contract, requirement, draw(invoices))
    location = locate(payload, requirement.path, lambda size: draw(st.integers(0, size - 1)))
    payload = changed(contract, requirement, payload, location, change)
    number = crc32(encode(payload))
    if number % _DRAWN == 0:
        return payload
    return with_unknown(contract, payload, number, lambda size: number % size)


@lru_cache(maxsize=128)
def near_misses(
    contract: Contract, facts: TargetFacts, requirement: Requirement
) -> tuple[PayloadCase, ...]:
    """Each known way to break just this requirement, spread over the carriers.

    In an array each common way is tried in the first element and in a later one. Null is tried
    twice, and for a status with each amount that a status has: servers take it for what is absent.
    What they take for an amount of nothing goes where nothing is paid: the status agrees. Where all
    is paid there is nothing to pay, so that any amount may do. The most common mistake comes
    first. There are none for a requirement that is out of reach. Cached: some are sent twice.
    """
    if requirement in unbroken(contract):
        return ()
    turn = contract.body_requirements.index(requirement), len(contract.body_requirements)
    before = schema_before(contract, requirement.path)
    cases: list[PayloadCase] = []
    left: dict[tuple[str, bool], int] = defaultdict(int)
    places = (False, True) if ELEMENT in requirement.path else (False,)
    state = contract.relations.state
    more: dict[Path, int] = {(state.status,): _PAYMENTS - 2, (state.paid,): 1, (state.total,): 1}
    again = {"": 3 - len(places), "null": 3 - len(places) + more.get(requirement.path, 0)}
    met: set[tuple[int, str]] = set()
    turns = count()
    for one in chain(spread(contract, *turn), spread(contract, *turn)):
        if len(cases) >= fewest(contract, *turn) and max(left.values()) <= 0:
            break
        carrier = _at_another_place(one, met) if len(places) == 2 else one
        # Without a status of its own an invoice is paid in part, which is an amount of its own.
        is_part = requirement.path == (state.status,) and one.status == NO_STATUS
        used = in_state(contract, carrier, state.part) if is_part else carrier
        invoice = with_subject(contract, requirement, carrying(contract, facts, used))
        location = locate(invoice, requirement.path, carrier.index)
        # Of an array many servers check the first element alone, or all but that.
        is_later = any(isinstance(step, int) and step > 0 for step in location)
        invoice = partly_for_nothing(contract, requirement, invoice, carrier, location, turns)
        # Some ways are open in some carriers only: a hyphen for an underscore.
        ways = changes_at(contract, requirement, invoice, location)
        allowed = _allowed(before, ways)
        for number, way in enumerate(ways):
            # What a server may still take comes first, also where only one is sent.
            former = ways[way] in requirement.former
            times = _PAYMENTS if former else again.get(way, 1)
            times += way in allowed
            once = tried_once(requirement, way)
            here = places[number % len(places) :][:1] if once else places
            left.update({(way, place): times for place in here if (way, place) not in left})
        # What has to be there is left out twice, once where there is nothing else to leave out.
        waits = len(places) == 1 and left["", is_later] == 1 and not carrier.is_bare
        others = [way for way in ways if way or not waits] or [*ways]
        wanted = [way for way in others if left[way, is_later] > 0]
        if not ways or (not wanted and len(cases) >= fewest(contract, *turn)):
            continue  # such as more items of a large carrier than there is room for
        fitting = _fitting(contract, requirement, carrier, ways, cases)
        way = max(
            wanted or others,
            key=lambda each: (each in allowed, fitting[each], left[each, is_later]),
        )
        if carrier.is_large and len(cases) < fewest(contract, *turn):
            # What is in the place of the list may be as large as the list.
            way = max(ways, key=lambda one: (len(str(ways[one])), left[one, is_later] > 0))
        left[way, is_later] -= 1
        name = _name(requirement, way, location)
        payload = _changed(contract, requirement, (invoice, carrier), location, ways[way])
        if any(name == case.name for case in cases):
            name = f"{name} ({carrier})"
        limits = limits_broken(contract, requirement, ways[way])
        cases.append(PayloadCase(name, payload, carrier, limits))
    is_bound = requirement.keyword in BOUNDS and not contract.find(f"{state.status}.required")
    if requirement.path == (state.paid,) and is_bound:
        cases += _without_status(contract, tuple(cases))
        cases += _paid_back(contract, requirement, cases[0])
    return tuple(cases)


def _at_another_place(carrier: Carrier, met: set[tuple[int, str]]) -> Carrier:
    """The carrier, at a place in so many items that has not been met, while there is one."""
    free = (each for each in (carrier.place, *reversed(PLACES)) if (carrier.items, each) not in met)
    place = next(free, carrier.place)
    met.add((carrier.items, place))
    return replace(carrier, place=place)


def _allowed(before: dict[str, Json] | None, ways: dict[str, Json]) -> set[str]:
    """The ways that another version of the document allows."""
    if before is None:
        return set()
    return {way for way in ways if jsonschema_rs.is_valid(before, ways[way])}


def _changed(
    contract: Contract,
    requirement: Requirement,
    carried: tuple[dict[str, Json], Carrier],
    location: Location,
    change: Json,
) -> Json:
    """The invoice with the change; where that is in its items, paid as the carrier says."""
    invoice, carrier = carried
    if requirement.path == (contract.relations.state.status,) and change in WITHOUT_DEBT:
        invoice = for_nothing(contract, invoice)
    payload = changed(contract, requirement, invoice, location, change)
    if requirement.path[:1] != (contract.relations.sum.items,):
        return payload
    paid = paid_as(contract, payload, carrier)
    return paid if has_allowed_total(contract, paid) else payload


def _fits(value: Json, carrier: Carrier, state: StateFromAmounts) -> int:
    """Whether what is there for an amount may be taken for nothing, if nothing is paid; texts that
    are no number can wait.
    """
    is_unpaid = carrier.status == state.nothing
    if value is None or (value in ("", [], {}) or value is False) == is_unpaid:
        return 1 + (value is None or not isinstance(value, str) or not value)
    return int(isinstance(value, str) and not converted(value) and is_unpaid)


def _fitting(
    contract: Contract,
    requirement: Requirement,
    carrier: Carrier,
    ways: dict[str, Json],
    cases: Sequence[PayloadCase],
) -> dict[str, int]:
    """How well each way fits the carrier of an amount or a status. A null of others had better be
    in a new status, and of an amount where all is paid, nothing is, or nobody says so.
    """
    state = contract.relations.state
    is_status = requirement.path == (state.status,)
    is_amount = requirement.path in ((state.paid,), (state.total,))
    lost = ("",) if carrier.status == NO_STATUS else ("", None)
    fitting = {
        way: int(is_amount or (is_status and one in lost)) and _fits(one, carrier, state)
        for way, one in ways.items()
    }
    met = {each.carrier.status for each in cases if each.carrier and each.name.startswith("null ")}
    met |= {state.part, state.more} if is_amount else set()
    if "null" in ways and not is_status and carrier.status in met:
        fitting["null"] = -1
    return fitting


def _without_status(contract: Contract, cases: Sequence[PayloadCase]) -> Iterator[PayloadCase]:
    """Each amount without a status, which a server that rounds may find at fault alone."""
    paid, status = contract.relations.state.paid, contract.relations.state.status
    tried = {str(case.payload[paid]) for case in cases if status not in case.payload}
    for case in {str(case.payload[paid]): case for case in reversed(cases)}.values():
        if str(case.payload[paid]) not in tried and case.carrier is not None:
            payload = {name: value for name, value in case.payload.items() if name != status}
            carrier = replace(case.carrier, status=NO_STATUS)
            yield PayloadCase(f"{case.name} ({carrier})", payload, carrier)


def _paid_back(
    contract: Contract, requirement: Requirement, case: PayloadCase
) -> Iterator[PayloadCase]:
    """A credit that is paid back: all amounts are negative, where that breaks just this requirement
    on the amount paid.
    """
    sums, state = contract.relations.sum, contract.relations.state
    invoice, carrier = case.payload, case.carrier
    lines = invoice.get(sums.items, ())
    if carrier is None or sums.total not in invoice or not all(sums.amount in one for one in lines):
        return
    if sums.amount in sums.texts:
        return
    negative = [{**one, sums.amount: -one[sums.amount]} for one in lines]
    payload = {name: value for name, value in invoice.items() if name != state.status}
    payload = consistent(contract, {**payload, sums.items: negative})
    payload[state.paid] = payload[sums.total]
    if [one for one, _ in surely_broken(contract.request, payload)] == [requirement]:
        carrier = replace(carrier, status=NO_STATUS)
        yield PayloadCase("a credit that is paid back", as_credit_note(contract, payload), carrier)


@cache
def unbroken(contract: Contract) -> tuple[Requirement, ...]:
    """The requirements that no case breaks: out of reach, or kept by all that is tried."""
    complete, beyond = complete_invoice(contract), out_of_reach(contract)
    places = {one: locations(complete, one.path)[:1] for one in contract.body_requirements}
    return tuple(
        one
        for one, at in places.items()
        if one in beyond
        or not present(complete, one.path)
        or not any(changes_at(contract, one, complete, each) for each in at)
    )


def unknown_orders(contract: Contract, facts: TargetFacts) -> tuple[Case, ...]:
    """A valid invoice for each id that no order has; some match a known id as prefix or pattern.

    Some are sent elsewhere. Every fourth invoice is for nothing: a sample may have no order.
    """
    cases, name = [], contract.relations.order.order
    orders = facts.unknown_order_ids[: max(1, len(facts.unknown_order_ids) - UNKNOWN_ELSEWHERE)]
    used = rotation(contract, _UNKNOWN)
    for number, (order, carrier) in enumerate(zip(orders, used, strict=False)):
        invoice = carrying(contract, facts, carrier)
        if number % 4 == 1:
            invoice = at_limits(contract, facts, carrier, FREE)
        if number % 4 == 3:  # it may have been compared with an order that there is not
            dates = contract.relations.dates.earlier, contract.relations.dates.later
            invoice = {**invoice, **dict.fromkeys(dates, date_time_texts(FIRST_DATE)[0])}
        if is_known := number == 2:
            invoice = with_known_references(contract, facts, invoice, ())
        body = encode({**invoice, name: order})
        case = Case(order, "unknown order", body, known=is_known)
        cases.append(sent_as(contract, facts, case, carrier))
    return tuple(cases)


def before_its_order(contract: Contract, facts: TargetFacts) -> tuple[Crowd, ...]:
    """Invoices updated when their order was created or just before, as far as that is known; each
    known order in turn.
    """
    cases, dates = [], contract.relations.dates
    texts = cycle(_texts_up_to(facts.order_created_at or FIRST_DATE))
    due = contract.relations.due.due
    for number, (carrier, text) in enumerate(zip(few(contract, _EARLY), texts, strict=False)):
        payload = {**carrying(contract, facts, carrier), dates.later: text}
        if dates.earlier in payload:
            # All of an invoice may be so old that a server takes it for an import.
            payload |= dict.fromkeys((dates.earlier, *([due] if number % 2 else ())), text)
        payload = for_known_order(contract, facts, payload, number)
        body = encode(consistent(contract, payload))
        case = Case(f"updated at its creation ({carrier})", "early", body)
        cases.append(sent_as(contract, facts, case, carrier))
    return (Crowd("updated when the order was created", tuple(cases)),)


def _texts_up_to(moment: datetime) -> Iterator[str]:
    """The moment at other offsets, every other time with a fraction of its second or the last."""
    earlier = date_time_texts(moment - timedelta(seconds=1))
    fractions = cycle(("", ".999", "", ".000"))
    for at, before, fraction in zip(date_time_texts(moment), earlier, fractions, strict=False):
        if "." not in at:
            text = before if fraction == ".999" else at
            yield f"{text[:_TO_THE_SECOND]}{fraction}{text[_TO_THE_SECOND:]}"


def with_known_references(
    contract: Contract, facts: TargetFacts, payload: dict[str, Json], but: Path
) -> dict[str, Json]:
    """The payload with the reference and the number of the plain invoice, but for what is at a
    path.
    """
    plain = plain_invoice(contract, facts)
    own = [path for path in contract.relations.new.paths if len(path) == 1 and path != but]
    known = {name: plain[name] for (name,) in own if name in plain}
    return {name: known.get(name, value) for name, value in payload.items()}


def invalid_body(contract: Contract, facts: TargetFacts, carrier: Carrier | None = None) -> bytes:
    """The body of an invoice that lacks a required property; no invoice where none is required."""
    return lacking(
        contract, carrying(contract, facts, carrier) if carrier else plain_invoice(contract, facts)
    )


def lacking(contract: Contract, invoice: dict[str, Json]) -> bytes:
    """The body of the invoice without a required property; no invoice where none is required."""
    for each in contract.body_requirements:
        if each.keyword == "required" and present(invoice, each.path):
            return encode(remove(invoice, locate(invoice, each.path, lambda _size: 0)))
    return b"[]"


def lacking_more(contract: Contract, facts: TargetFacts) -> Callable[[Carrier], bytes]:
    """Makes bodies of carriers: the first lacks one required property, those after it each two of
    them, as a service may do without both for one kind of document; one that lacks both amounts is
    of an unknown order. Once each pair was left out, the others lack one again, which a query can
    have.
    """
    relations = contract.relations
    subjects = [each for each in contract.body_requirements if each.keyword == "required"]
    pairs = combinations([each.path[0] for each in subjects if not each.path[1:]], 2)
    left_out = chain([()], pairs)

    def body(carrier: Carrier) -> bytes:
        names, payload = next(left_out, ()), carrying(contract, facts, carrier)
        if not names:
            return lacking(contract, payload)
        less = {name: payload[name] for name in payload if name not in names}
        if facts.order_ids and {*names} == {relations.state.paid, relations.sum.total}:
            less[relations.order.order] = facts.unknown_order_ids[0]
        return encode(less)

    return body


def _name(requirement: Requirement, way: str, location: Location) -> str:
    """The name of a case: what is changed how, and where."""
    where = location_text(location)
    if requirement.keyword == "required":
        return f"{where} named {way!r}" if way else f"no {where}"
    return f"{way} in {where}"
