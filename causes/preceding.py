"""What is particular about a request that has to go before another one, or after one."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import takewhile

from causes.cause import shortly
from causes.difference import LONGEST_SHOWN, Edit, applied, differences, edits_within
from causes.halving import Part, smallest
from causes.kinds.ways import lessened, ways_text
from causes.sightings import Sighting, payload_of
from causes.traits import MANY, of_few_properties, path_of
from spec.contract import PLACEHOLDER, Contract, unstamped
from spec.exchange import Before, Request
from spec.expectation import LARGEST_VALID
from spec.paths import location_text
from spec.violation import Special, Violation, shortened
from strategies.invoice import encode
from targets.stamp import have_one_stamp, stamp_in, unstamped_body

MOST_OF_ITS_STAMP = 6
"""Requests of one stamp that are tried, those with it that went right before."""
MOST_IN_A_ROW, CREATED = 12, 201
"""Requests that are sent in a row, of which one may have left something behind; how some were
answered.
"""
Shows = Callable[[Request], bool | None]
"""Whether it shows after a request; None when nothing more may be asked."""


def left_behind(violation: Violation) -> str:
    """What the request before had that the answer has still; empty where that is not said."""
    if violation.special is Special.OF_THE_INVOICE_BEFORE:
        return f"the invoice before it had {location_text(violation.location[1:])}"
    if violation.special is Special.OF_THE_REQUEST_BEFORE:
        return f"the request before it had {location_text(violation.location)} wrong"
    return ""


def stamp_after(sent: Request, *, same: bool) -> str:
    """The stamp of a request behind one that was `sent`: the `same`, or one of its own."""
    return (stamp_in(sent.body) if same else None) or PLACEHOLDER


def sent_alike(sighting: Sighting, before: Request) -> Request | None:
    """The plain invoice, sent as a request before was; None if that was sent as usual, or is it."""
    plain = sighting.control.verdict.exchange.request
    body = unstamped_body(plain.body)
    if before.method != plain.method or unstamped_body(before.body) == body:
        return None
    return replace(before, body=body) if sighting.ways_of(before) else None


def in_a_row(
    sighting: Sighting, befores: Sequence[Before], accepted: Iterable[Request]
) -> Sequence[Before]:
    """Requests that are sent in a row: some before, and accepted ones that were sent otherwise."""
    others = [*{sighting.ways_of(each): each for each in accepted}.values()]
    sample = others[:: max(1, len(others) // MOST_IN_A_ROW)]
    many = [*befores, *(Before(each, CREATED) for each in sample)]
    return [each for each in many if len(each.request.body) <= LARGEST_VALID][:MOST_IN_A_ROW]


def of_its_stamp(
    sighting: Sighting, accepted: Iterable[Request], own: Sequence[Before]
) -> Iterator[Before]:
    """Accepted requests of the stamp of this one that were sent before it, the last of them first,
    each with a reference, of any name, or a header field with the stamp, in common with it that
    none before has, nor any of its `own` that was accepted, which went right before it.
    """
    mine = _references(sighting.contract, sighting.request)
    kept = [each for each in own if each.status == CREATED]
    tried = [_references(sighting.contract, each.request) for each in kept]
    for each in reversed([*takewhile(lambda one: one != sighting.request, accepted)]):
        shared = _references(sighting.contract, each) & mine
        is_other = shared and not any(shared <= references for references in tried)
        if is_other and have_one_stamp(each, sighting.request) and len(tried) < MOST_OF_ITS_STAMP:
            tried.append(shared)
            yield Before(each, CREATED)


def _references(contract: Contract, request: Request) -> frozenset[str]:
    payload = payload_of(request.body)
    found = contract.relations.new.of(payload if isinstance(payload, dict) else None)
    return frozenset(text for _, text in found | stamped_fields(request))


def stamped_fields(request: Request) -> frozenset[tuple[str, str]]:
    """The header fields of a request that have a stamp, with the placeholder for it."""
    fields = ((name.lower(), unstamped(value)) for name, value in request.headers)
    return frozenset((name, value) for name, value in fields if PLACEHOLDER in value)


def one_of_many(many: Sequence[Part], shows: Callable[[Sequence[Part]], bool]) -> Part:
    """The one of many requests in a row after which it shows, found by halving."""
    while len(many) > 1:
        half = many[len(many) // 2 :]
        many = half if shows(half) else many[: len(many) // 2]
    return many[0]


def preceding(sighting: Sighting, before: Request, shows: Shows) -> tuple[str, Request]:
    """In words, what of the request before is to blame; of an invoice the fewest differences from
    the control, and of how it was sent those from a usual request. And a request with no more.
    """
    payload = payload_of(before.body)
    if not isinstance(payload, dict):
        text = shortened(before.body.decode(errors="replace"), LONGEST_SHOWN)
        return f"the body {text}", before
    contract, control = sighting.contract, sighting.control
    usual, edits = control.verdict.exchange.request, differences(contract, control.payload, payload)

    def with_only(some: Sequence[Edit]) -> Request:
        fixed = [str(edit.location[0]) for edit in some if edit.location]
        return replace(before, body=encode(applied(contract, control.payload, some, fixed)))

    def shown(some: Sequence[Edit]) -> bool | None:
        return shows(with_only(some))

    is_sent = bool(sighting.ways_of(before)) and shown(())
    # What is paid says less than the status that follows from it.
    status = (contract.relations.state.status,)
    edits = sorted(edits, key=lambda edit: edit.location != status)
    suspects = sum(edit.location == status for edit in edits)
    new = _of_references(contract, edits)
    if 0 < len(new) < len(edits) and not is_sent and shown(new):
        edits, suspects = new, 0
    if len(edits) > MANY and not is_sent:
        edits = [*(of_few_properties(edits, shown, suspects) or edits)]
    some = None if is_sent or len(edits) == 1 else smallest(edits, shown, suspects)
    if not (is_sent or some or shown(edits)) and shows(before):
        return _written(before.body), before
    found = () if is_sent else edits_within(contract, control.payload, some or edits)
    less = replace(before, body=unstamped_body(with_only(found).body))
    if sighting.ways_of(before):
        as_usual = replace(usual, body=less.body)
        less = as_usual if shows(as_usual) else lessened(usual, less, shows)
    ways = ways_text(sighting.ways_of(less), usual, less)
    told = (str(edit).replace(PLACEHOLDER, "IC-...") for edit in found)
    return shortly([*ways, *told]), less


def with_its_references_alone(sighting: Sighting, before: Request, shows: Shows) -> Request:
    """The plain invoice with the references of the request before, sent as it was as far as that
    matters.
    """
    payload, contract, control = payload_of(before.body), sighting.contract, sighting.control
    if not isinstance(payload, dict):
        return before
    usual, edits = control.verdict.exchange.request, differences(contract, control.payload, payload)
    body = encode(applied(contract, control.payload, _of_references(contract, edits)))
    less, as_usual = replace(before, body=body), replace(usual, body=body)
    return as_usual if shows(as_usual) else lessened(usual, less, shows)


def _of_references(contract: Contract, edits: Sequence[Edit]) -> list[Edit]:
    return [edit for edit in edits if path_of(edit.location) in contract.relations.new.paths]


def _written(body: bytes) -> str:
    """How the JSON of a body is written, where that is to blame and not what it says."""
    if body != body.rstrip():
        return "a body with blanks behind its JSON"
    if body != body.lstrip():
        return "a body with blanks before its JSON"
    return "a body with escapes" if b"\\u" in body else "a body that is written otherwise"
