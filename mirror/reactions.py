"""What a client did next after an answer: whether it sent the invoice again, and how."""

import json
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from mirror.received import Received
from spec.paths import Json
from spec.strictjson import Malformed, parse

REFERENCES = ("reference_id", "invoice_number")
"""By what an invoice is known."""
ESSENCE = ("order_id", "total_amount", "paid_amount", "items")
"""What stays the same where a client writes an invoice anew: dates and texts need not."""
MOST_NAMES = 5
"""Changed properties that are named."""
SAME = "the same invoice"
SAME_BODY = "the same body"
NEW = "under a new "
TWICE = "the invoice now exists twice"
NEEDLESS = "though the invoice was created"


@dataclass(frozen=True, slots=True)
class Reaction:
    """What a client did after the answer to a request: all in words.

    `number` is that request's, `again` the one's with which it was repeated, None where it was not;
    `after` are the seconds between them. A `warning` says what is wrong with that.
    """

    number: int
    answer: str
    again: int | None = None
    after: float | None = None
    how: str = "not sent again"
    warning: str = ""


@dataclass(frozen=True, slots=True)
class _Invoice:
    """What a request is recognised by when it comes again.

    All but `body` are empty where it has no payload. `contents` are its other properties as text,
    without the references of its items.
    """

    body: bytes
    payload: dict[str, Json]
    references: tuple[tuple[str, str], ...]
    contents: dict[str, str]

    @property
    def essence(self) -> tuple[str | None, ...]:
        """What it is an invoice of; empty where it has no payload."""
        found = tuple(map(self.contents.get, ESSENCE))
        return found if any(found) else ()


def reactions(received: Sequence[Received]) -> Iterator[Reaction]:
    """What was done after each answer that was not a plain 201, or was followed by the same."""
    invoices = [_invoice(each.exchange.request.body) for each in received]
    by_key: dict[object, list[int]] = {}
    for index, invoice in enumerate(invoices):
        for key in _keys(invoice):
            by_key.setdefault(key, []).append(index)
    for index, (each, invoice) in enumerate(zip(received, invoices, strict=True)):
        if not invoice.body.strip():
            continue  # nothing in it could be sent again
        next_ones = (_next(by_key[key], index) for key in _keys(invoice))
        later = sorted({i for i in next_ones if i is not None})
        found = [(i, how) for i in later if (how := _how(invoice, invoices[i], each))]
        # Its own references tell more than contents that are alike.
        own = [(i, how) for i, how in found if invoices[i].references == invoice.references]
        if found:
            position, how = (own or found)[0]
            yield _again(each, received[position], how)
        elif not each.is_answered_well:
            yield Reaction(each.number, each.answer)


def _next(indices: list[int], index: int) -> int | None:
    """The next of the sorted indices after this one."""
    position = bisect_right(indices, index)
    return indices[position] if position < len(indices) else None


def _again(first: Received, second: Received, how: str) -> Reaction:
    after = max(0.0, second.arrived - first.heard_at)
    warning = ""
    if first.asked_to_wait is not None and round(after, 2) < first.asked_to_wait:
        warning = f"sooner than the {first.asked_to_wait:g} s of Retry-After"
    elif first.created and second.created and how.startswith(NEW):
        warning = TWICE
    elif first.is_answered_well:
        warning = NEEDLESS
    return Reaction(first.number, first.answer, second.number, after, how, warning)


def _how(first: _Invoice, later: _Invoice, answered: Received) -> str:
    """How a later request repeats an earlier one; empty where it is another invoice."""
    if first.body == later.body:
        return SAME if first.contents or first.references else SAME_BODY
    new = [name for name, value in later.references if (name, value) not in first.references]
    if not new:
        changed = _changed(first.payload, later.payload)
        return f"the same references{changed}" if changed else SAME
    another = _changed(first.contents, later.contents)
    # Where the first was answered well, an invoice that is alike or shares a reference is a second.
    return "" if answered.is_answered_well else f"{NEW}{' and '.join(new)}{another}"


def _changed(first: Mapping[str, Json], later: Mapping[str, Json]) -> str:
    """The properties that are not the same in both, in words; empty where there are none."""
    names = dict.fromkeys((*first, *later))
    changed = [each for each in names if first.get(each) != later.get(each)]
    return f", with {', '.join(changed[:MOST_NAMES])} changed" if changed else ""


def _keys(invoice: _Invoice) -> Iterator[object]:
    """Under what a request is looked up: invoices without a common one are not the same."""
    if invoice.body.strip():
        yield invoice.body
    yield from invoice.references
    yield from (each for each in (invoice.references, invoice.essence) if each)


def _invoice(body: bytes) -> _Invoice:
    try:
        payload = parse(body).value
    except Malformed:
        payload = None
    if not isinstance(payload, dict):
        return _Invoice(body, {}, (), {})
    references = ((name, payload.get(name)) for name in REFERENCES)
    return _Invoice(
        body,
        payload,
        tuple((name, value) for name, value in references if isinstance(value, str)),
        {name: _contents(value) for name, value in payload.items() if name not in REFERENCES},
    )


def _contents(value: Json) -> str:
    """A value as text, without references of items; equal values have the same."""
    if isinstance(value, list):
        value = [
            {name: child for name, child in each.items() if name not in REFERENCES}
            if isinstance(each, dict)
            else each
            for each in value
        ]
    return json.dumps(value, sort_keys=True, default=float)
