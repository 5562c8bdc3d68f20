"""Dates that a description has in the future, or in the past."""

import re
from collections.abc import Collection
from dataclasses import replace
from typing import Any

from spec.prose.sentences import description_at, of_words, sentences_of
from spec.reading import Narrowed
from spec.relations import Relations
from spec.schema.inlined import Schema


def with_times(
    related: Relations, valid: Schema, narrowed: Narrowed, gone: Collection[str]
) -> Relations:
    """The relations where the description of a date says that it has to be in the future, or in the
    past, which is told; those of dates that today's reading has in the past stay. What is `gone` is
    not sent.
    """
    described = dict(valid.places)
    found: dict[bool, list[str]] = {True: [], False: []}
    for name, schema in valid.root.get("properties", {}).items():
        said = description_at(narrowed.request.document, described.get(("properties", name)))
        side = side_of(schema, said)
        known = {related.dates.earlier, related.dates.later, *([related.due.due] * (side is False))}
        if side is not None and name not in {*known, *gone}:
            found[side].append(name)
            where = "past" if side else "future"
            narrowed.overruled.append(f"not sent in the {where}: {name}, as its description says")
    due = replace(related.due, ahead=(*found[True],), past=(*found[False],))
    return replace(related, due=due)


def side_of(schema: dict[str, Any], description: str) -> bool | None:
    """Whether a description asks for a date in the future, or in the past; None if for neither."""
    return side_in(description) if schema.get("format") in ("date", "date-time") else None


def side_in(description: str) -> bool | None:
    """The same of any description."""
    found = set()
    for sentence in sentences_of(description):
        for one in _SIDE.finditer(sentence):
            before = sentence[: one.start()]
            negated = bool(_NEGATED.search(before)) != bool(_REFUSED.search(sentence[one.end() :]))
            if negated or not _ADMITS.search(before):
                found.add((one["ahead"] is not None) != negated)
    return found.pop() if len(found) == 1 else None


_NOW = (
    r"(?:now|today|yesterday|tomorrow|(?:the )?(?:current|present)(?: (?:date|time|day|moment))?)"
)
_SIDE = re.compile(
    rf"\b(?:(?P<ahead>(?:in|into)(?: the)? future|future dates?"
    rf"|(?:after|(?:later|greater|more) than|from) {_NOW}|{_NOW} or later)"
    rf"|(?:in|into) the past|past dates?|(?:before|(?:earlier|older|less) than|prior to) {_NOW}"
    rf"|{_NOW} or earlier)\b",
    re.IGNORECASE,
)
_NEGATED = re.compile(r"(?:\b(?:not|cannot|never|no|nor|neither)\b|n't\b)[^,]*$", re.IGNORECASE)
_REFUSED = re.compile(
    r"^[^,]*\b(?:not (?:be )?(?:allowed|accepted|permitted|valid)"
    r"|(?:invalid|refused|rejected|forbidden))\b",
    re.IGNORECASE,
)
_ADMITS = of_words(r"may|can|might|could|even|also|allowed")
"""Words by which a description says where a date has to be, or only where it may be."""
