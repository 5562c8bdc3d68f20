"""Dates that a description has in the future, or in the past, or so many days from the run."""

import re
from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from spec.prose.sentences import NUMBERS, description_at, of_words, sentences_of
from spec.reading import Narrowed
from spec.relations import Relations
from spec.schema.inlined import Schema


def with_times(
    related: Relations, valid: Schema, narrowed: Narrowed, gone: Collection[str]
) -> tuple[Relations, dict[str, str]]:
    """The relations where the description of a date says that it has to be in the future, or in the
    past, which is told; those of dates that today's reading has in the past stay. Of one that is
    soon, a day alone has to be accepted: each by its name. What is `gone` is not sent.
    """
    days: dict[str, str] = {}
    described = dict(valid.places)
    found: dict[bool, list[str]] = {True: [], False: []}
    for name, schema in valid.root.get("properties", {}).items():
        said = description_at(narrowed.request.document, described.get(("properties", name)))
        side = side_of(schema, said)
        past = {related.dates.earlier, related.dates.later, *gone}
        if name not in past and (day := soon(schema, said, related.due.created)):
            days[name], schema["enum"] = day, [day]
            narrowed.overruled.append(f"sent on {day[:10]} alone: {name}, as its description asks")
            continue
        known = {related.dates.earlier, related.dates.later, *([related.due.due] * (side is False))}
        if side is not None and name not in {*known, *gone}:
            found[side].append(name)
            where = "past" if side else "future"
            narrowed.overruled.append(f"not sent in the {where}: {name}, as its description says")
    due = replace(related.due, ahead=(*found[True],), past=(*found[False],), soon=(*days,))
    return replace(related, due=due), days


def soon(schema: dict[str, Any], description: str, created: str) -> str | None:
    """A date on a day that a description asks for, where it has an end: so many days from the run,
    and not from when the invoice was `created`.
    """
    kind = schema.get("format")
    days = None if created in re.findall(r"\w+", description) else days_in(description)
    if kind not in ("date", "date-time") or days is None:
        return None
    day = datetime.now(UTC) + timedelta(days)
    return f"{day:%Y-%m-%d}" if kind == "date" else f"{day:%Y-%m-%dT00:00:00Z}"


def days_in(description: str, *, ago: bool = False) -> int | None:
    """How many days from now, or `ago`, is in the middle of what a description allows; None where
    it tells no end of it.
    """
    lows: list[int] = []
    highs: list[int] = []
    for sentence in sentences_of(description):
        if bool(_AGO.search(sentence)) is not ago or not (ago or _FROM_NOW.search(sentence)):
            continue
        said, end = _RANGE.sub(r"\1 \2s and ", _SINGLE.sub(r"\1 1 \2", sentence)), 0
        for found, days in spans_in(said):
            before, end = said[end : found.start()], found.end()
            is_least = bool(_LEAST.search(before) or _OVER.search(before))
            is_exact = not (is_least or _MOST.search(before) or lows)
            is_least ^= _NEGATED.search(before) is not None
            lows += [days] * (is_least or is_exact)
            highs += [days] * (not is_least or is_exact)
    if not highs:
        return None
    least, most = max(lows, default=0), min(highs)
    return min(max(1, (least + most) // 2), max(1, most)) if least <= most else None


def spans_in(text: str) -> Iterator[tuple[re.Match[str], int]]:
    """Each span of time in a text, and how many days that is."""
    for found in _SPAN.finditer(text):
        number, unit = found[1].lower(), found[2].lower()
        count = int(number) if number.isdecimal() else NUMBERS.index(number)
        yield found, count * _DAYS[unit]


def side_of(schema: dict[str, Any], description: str) -> bool | None:
    """Whether a description asks for a date in the future, or in the past; None if for neither."""
    return side_in(description) if schema.get("format") in ("date", "date-time") else None


def side_in(description: str) -> bool | None:
    """The same of any description."""
    found = set()
    for sentence in sentences_of(description):
        for one in _SIDE.finditer(sentence):
            before = sentence[: one.start()]
            if one["ahead"] is None and _SPAN_BEFORE.search(before):
                continue  # so long in the past, at most or at least
            negated = bool(_NEGATED.search(before)) != bool(_REFUSED.search(sentence[one.end() :]))
            if negated or not _ADMITS.search(before):
                found.add((one["ahead"] is not None) != negated)
    return found.pop() if len(found) == 1 else None


_NOW = (
    r"(?:now|today|yesterday|tomorrow|(?:the )?(?:current|present)(?: (?:date|time|day|moment))?)"
)
_DAYS = {"day": 1, "week": 7, "month": 30, "year": 365}
_SPAN = re.compile(
    rf"\b([0-9]{{1,4}}|{'|'.join(NUMBERS)})(?:[ -][a-z]+)?[ -](day|week|month|year)s?\b",
    re.IGNORECASE,
)
_RANGE = re.compile(
    r"\b([0-9]{1,4}) ?(?:and|to|-|–) ?(?=[0-9]{1,4} (day|week|month|year)s?\b)", re.IGNORECASE
)
_SINGLE = re.compile(
    r"\b(last|past|next|coming|following|an?) (day|week|month|year)\b", re.IGNORECASE
)
_FROM_NOW = re.compile(
    rf"\b(?:(?:of|from|after|than|beyond|following) {_NOW}|(?:in|into) (?:the )?future|ahead"
    r"|in advance|(?:in|within|during) the (?:next|coming|following))\b",
    re.IGNORECASE,
)
_AGO = of_words("ago|last|past|old(?:er)?")
_LEAST = of_words("at least|minimum|min|earliest|between|from")
_OVER = of_words("more|later|older|longer|further|farther|greater|over|beyond|exceed(?:s|ing)?")
_MOST = of_words(
    "within|at most|up to|maximum|max|next|coming|following|latest|less|earlier|sooner|fewer|under"
    "|limited to|last|past|more|later|older|longer|further|greater|exceed(?:s|ing)?"
)
_SIDE = re.compile(
    rf"\b(?:(?P<ahead>(?:in|into)(?: the)? future|future dates?"
    rf"|(?:after|(?:later|greater|more) than|from) {_NOW}|{_NOW} or later)"
    r"|(?:in|into) the past(?! (?:[0-9]+ )?(?:day|week|month|year))|past dates?"
    rf"|(?:before|(?:earlier|older|less) than|prior to) {_NOW}"
    rf"|{_NOW} or earlier)\b",
    re.IGNORECASE,
)
_SPAN_BEFORE = re.compile(r"\b(?:day|week|month|year)s? $", re.IGNORECASE)
_NEGATED = re.compile(r"(?:\b(?:not|cannot|never|no|nor|neither)\b|n't\b)[^,]*$", re.IGNORECASE)
_REFUSED = re.compile(
    r"^[^,]*\b(?:not (?:be )?(?:allowed|accepted|permitted|valid)"
    r"|(?:invalid|refused|rejected|forbidden))\b",
    re.IGNORECASE,
)
_ADMITS = of_words(r"may|can|might|could|even|also|allowed")
"""Words by which a description says where a date has to be, or only where it may be."""
