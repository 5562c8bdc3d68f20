"""What a client did next after an answer: whether it sent the invoice again, and how."""

import json
from bisect import bisect_right
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from mirror.received import Received
from spec.paths import Json
from spec.relations import RELATIONS
from spec.strictjson import value_of

REFERENCES = tuple(path[0] for path in RELATIONS.new.paths if not path[1:])
"""By what an invoice is known."""
ESSENCE = (
    *(RELATIONS.order.order, RELATIONS.sum.total),
    *(RELATIONS.state.paid, RELATIONS.sum.items),
)
"""What stays the same where a client writes an invoice anew: dates and texts need not."""
MOST_NAMES = 5
"""Changed properties that are named."""
SAME = "the same invoice"
SAME_BODY = "the same body"
TWICE = "the invoice now exists twice"
NEEDLESS = "though the invoice was created"
NOTICED = 0.1
"""Seconds in which the mirror notices that a client has stopped waiting."""


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
    """What was done after each answer that was not a plain 201, or was followed by the same.

    What a client sends again is the next request with the same body or references. Where none
    follows, and no 201 had come back for these references, it is the next one with the same
    contents that was the first under its own, and began when the client no longer waited.
    """
    invoices = [_invoice(each.exchange.request.body) for each in received]
    pairs = list(zip(received, invoices, strict=True))
    created = {invoice.references for each, invoice in pairs if each.created}
    known = {invoice.references for each, invoice in pairs if each.is_answered_well}
    every, first = _Lookup(received), _Lookup(received)
    for index, invoice in enumerate(invoices):
        if not every.has(invoice.references):
            first.add(index, invoice)
        every.add(index, invoice)
    copies: set[int] = set()
    for index, (each, invoice) in enumerate(pairs):
        if not invoice.body.strip():
            continue  # nothing in it could be sent again
        later = [(i, _how(invoice, invoices[i])) for i in every.next_to(index, invoice)]
        later = [(i, how) for i, how in later if not how.new]
        if not later and invoice.references not in known:
            new_ones = first.next_to(index, invoice, each.heard_at - NOTICED, copies)
            later = [(i, _how(invoice, invoices[i])) for i in new_ones]
            copies.update(i for i, _ in later[:1])
        if later:
            again, how = later[0]
            copied = {invoice.references, invoices[again].references} <= created
            yield _again(each, received[again], how.words, twice=copied and how.new)
        elif not each.is_answered_well:
            yield Reaction(each.number, each.answer)


class _Lookup:
    """Requests by all that they may be recognised by, in order."""

    def __init__(self, received: Sequence[Received]) -> None:
        self._received = received
        self._indices: dict[object, list[int]] = {}

    def has(self, key: object) -> bool:
        """Whether a request has this."""
        return key in self._indices

    def add(self, index: int, invoice: _Invoice) -> None:
        """Add a request, later than all others."""
        for key in _keys(invoice):
            self._indices.setdefault(key, []).append(index)

    def next_to(
        self, index: int, invoice: _Invoice, since: float = 0.0, but: Container[int] = ()
    ) -> list[int]:
        """The next requests after this one that began since then: one for each thing that they
        have in common with it.
        """
        found = set()
        for key in _keys(invoice):
            indices = self._indices.get(key, [])
            for place in range(bisect_right(indices, index), len(indices)):
                if self._received[indices[place]].arrived >= since and indices[place] not in but:
                    found.add(indices[place])
                    break
        return sorted(found)


def _again(first: Received, second: Received, how: str, *, twice: bool) -> Reaction:
    after = max(0.0, second.arrived - first.heard_at)
    warning = ""
    if twice:
        warning = TWICE
    elif first.asked_to_wait is not None and round(after, 2) < first.asked_to_wait:
        warning = f"sooner than the {first.asked_to_wait:g} s of Retry-After"
    elif first.is_answered_well:
        warning = NEEDLESS
    return Reaction(first.number, first.answer, second.number, after, how, warning)


class _How(NamedTuple):
    """How a later request repeats an earlier one, in words; and whether under new references."""

    words: str
    new: bool = False


def _how(first: _Invoice, later: _Invoice) -> _How:
    """How a later request repeats an earlier one."""
    if first.body == later.body:
        return _How(SAME if first.contents or first.references else SAME_BODY)
    new = [name for name, value in later.references if (name, value) not in first.references]
    if not new:
        changed = _changed(first.payload, later.payload)
        return _How(f"the same references{changed}" if changed else SAME)
    words = f"under a new {' and '.join(new)}{_changed(first.contents, later.contents)}"
    return _How(words, new=True)


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
    payload = value_of(body)
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
