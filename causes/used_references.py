"""References of an earlier invoice: those that have no stamp, and those that are only alike."""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import product

from causes.cause import ALIKE, BEFORE_IT, CROSSED, REFERENCES
from causes.difference import LONGEST_SHOWN
from causes.explained import Edits
from causes.making import named_field
from causes.preceding import Shows, stamped_fields
from causes.sightings import Sighting, payload_of
from spec.contract import DIGITS, PLACEHOLDER, UUID_DIGITS, Contract
from spec.exchange import Request
from spec.oracle import Verdict
from spec.paths import Json, Location, find, path_text, put, values_at
from spec.violation import Category, brief
from targets.stamp import stamp_in, unstamped_body

UNKNOWN_ORDER = 404
ASKED_BEFORE = f"{BEFORE_IT} was answered {UNKNOWN_ORDER}, and has the same "
Sent = Callable[[Json], bool | None]
"""Whether the answer to a payload shows the symptom; None when nothing more may be asked."""
Answered = Callable[[Json], Verdict | None]
"""The verdict on a payload; None when nothing more may be asked."""


def used_text(sighting: Sighting, edits: Edits, sent: Sent) -> str:
    """In which invoice it shows that a reference was used before, for edits that have one without a
    stamp; empty where that is not to blame.

    Then another reference, which is new, does well at first as well.
    """
    blamed, plain = {edit.location for edit in edits}, sighting.control.payload
    places = [
        place
        for place in unstamped_references(sighting.contract, sighting.payload)
        if place in blamed and isinstance(find(plain, place), str)
    ]
    new = (stamp_in(sighting.request.body) or "").replace("-", "_")
    if not (places and new):
        return ""
    for name, payload in ((sighting.control.name, plain), (sighting.name, sighting.payload)):
        first, again = (_with_references(each, places, new) for each in (plain, payload))
        if sent(first) is False and sent(again):
            other = _with_references(payload, places, f"{new}x")
            return name if sent(other) is False else ""
        new = f"{new}y"
    return ""


_NEW = (PLACEHOLDER, DIGITS, UUID_DIGITS)


def unstamped_references(contract: Contract, payload: Json) -> Iterator[Location]:
    """Where a payload, with the placeholder in the place of stamps, has a reference without one."""
    for path in contract.relations.new.paths:
        for location, text in values_at(payload, path):
            if isinstance(text, str) and not any(each in text for each in _NEW):
                yield location


def in_common(
    sighting: Sighting, before: Request, request: Request, shown: Verdict, shows: Shows
) -> str:
    """How it is told that a request needs the references of the one before it: that they are the
    same, or else which of them are alike, of the field first that the error names. A header field
    is told that both have with their stamp, where it does not show without that.
    """
    for both, _ in sorted(stamped_fields(before) & stamped_fields(request)):
        kept = tuple(each for each in request.headers if each[0].lower() != both)
        if shows(replace(request, headers=kept)) is False:
            name = next(each for each, _ in request.headers if each.lower() == both)
            return f", and has the same {name}"
    had, has = (_references(sighting.contract, each) for each in (before, request))
    if had & has or not (had and has):
        return REFERENCES
    field = named_field(sighting, shown)
    pairs = sorted(product(had, has), key=lambda pair: (_unlike(field, *pair), pair))
    (place, text), (other, own) = pairs[0]
    then = "" if place == other else f"{other} "
    told = f"{place} {_shown(text)}, then {then}{_shown(own)}"
    return f"{CROSSED if text == own else ALIKE}{told.replace(PLACEHOLDER, 'IC-...')}"


Reference = tuple[str, str]


def _references(contract: Contract, request: Request) -> frozenset[Reference]:
    """The references of a request, with the placeholder for its stamp."""
    payload = payload_of(unstamped_body(request.body))
    paths = contract.relations.new.paths if isinstance(payload, dict) else ()
    found = ((path_text(path), text) for path in paths for _, text in values_at(payload, path))
    return frozenset((path, text) for path, text in found if isinstance(text, str))


def _unlike(field: str, one: Reference, other: Reference) -> tuple[bool, ...]:
    """How far two references are from being the same one, which it takes least for."""
    plain = [re.sub(r"[\W_]", "", text).casefold() for _, text in (one, other)]
    named = field in (one[0], other[0])
    return (
        one[1] != other[1],
        plain[0] != plain[1],
        one[0] != other[0],
        not named,
        field != other[0],
    )


def _shown(text: str) -> str:
    return brief(text, LONGEST_SHOWN)


def _with_references(payload: Json, places: Sequence[Location], text: str) -> Json:
    for number, place in enumerate(places):
        payload = put(payload, place, f"{text}{number}")
    return payload


def known_by_now(sighting: Sighting, edits: Edits, sent: Answered) -> bool:
    """Whether an order that is not known is so by now, as it was asked for before: a new one is
    refused at first, and then accepted.
    """
    order, stamp = sighting.contract.relations.order.order, stamp_in(sighting.request.body)
    if sighting.symptom.category != Category.ACCEPTED_INVALID or not stamp:
        return False
    if [edit.location for edit in edits] != [(order,)] or not isinstance(edits[0].value, str):
        return False
    payload = put(sighting.control.payload, (order,), f"{edits[0].value}-{stamp[-4:]}")
    answered = [sent(payload) for _ in range(2)]
    responses = [each.exchange.response if each else None for each in answered]
    is_unknown = responses[0] is not None and responses[0].status == UNKNOWN_ORDER
    return is_unknown and sighting.contract.operation.creates(responses[1])


def is_held(contract: Contract, first: Verdict, again: Verdict) -> bool:
    """Whether what was accepted is refused when it is sent again, as a reference of it has no stamp
    and may be held by now.
    """
    responses = [verdict.exchange.response for verdict in (first, again)]
    status = responses[1].status if responses[1] else None
    if not contract.operation.creates(responses[0]) or status not in contract.refusals:
        return False
    paths, payload = contract.relations.new.paths, first.expected.payload
    stamp = stamp_in(first.exchange.request.body)
    texts = [text for path in paths for _, text in values_at(payload, path)]
    return any(isinstance(text, str) and not (stamp and stamp in text) for text in texts)
