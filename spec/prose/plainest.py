"""What is sent of a property of which prose has a rule that nobody reads: one value alone."""

import json
import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from jsonschema_rs import is_valid

from spec.paths import ELEMENT, Path, schema_at
from spec.prose.sentences import of_words
from spec.prose.times import days_in, spans_in
from spec.relations import Relations
from spec.schema.inlined import Schema, SchemaPath
from spec.schema.keywords import type_names

_STARTS = of_words("starts?|begins?|prefix(?:ed)?|form|format|pattern")
_IN_DIGITS = of_words("digits?|numeric|alphanumerics?|letters|lower[ -]?case|A-Z|0-9")
_DASHES = re.compile(r"\b(?:dash(?:es)?|hyphens?|minus)\b|(?<!\w)-(?!\w)", re.IGNORECASE)
_DIFFERENT = of_words("unique|uniquely|distinct|duplicates?|differ(?:ent)?|twice|same")
_STAMP = "IC-[0-9A-Z]{8}-[0-9A-F#]{8}(?:-[0-9]+)?"
"""What matches the placeholder of a stamp, each stamp, and one with a number."""
_CREATED = datetime(2024, 5, 2, tzinfo=UTC)
_LEAST = of_words("at least|more than|no (?:less|earlier|sooner) than|minimum")
_USUAL_DAYS = 90
_TODAY = re.compile(r"\b(?:today|(?:current|present|same) (?:date|day|time))\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Property:
    """A property of what must be accepted: its path, its schema, and where that is."""

    path: Path
    schema: dict[str, Any]
    place: SchemaPath


def narrow_to_one(
    said: Property, rule: str, related: Relations, valid: Schema, stamp: str
) -> tuple[Relations, str]:
    """Have what must be accepted have one value of a property, as far as that may be; the relations
    then, and that value in words, if it is so.
    """
    sums = related.sum
    items = schema_at(valid.root, (sums.items,))
    types = type_names(said.schema.get("type", ()))
    if said.path in related.new.paths:
        return related, _stamped(said, rule, valid, stamp)
    if said.path == (related.order.order,):
        shown = valid.example_of(said.place)
        return replace(related, order=replace(related.order, alone=shown)), json.dumps(shown)
    if said.path[:1] == (sums.items,) and ("array" in types or _DIFFERENT.search(rule)):
        items["maxItems"] = max(1, items.get("minItems", 0))
        return related, "the fewest items"
    if said.path == (sums.total,):
        items["maxItems"] = max(1, items.get("minItems", 0))
        for each in (sums.amount, sums.quantity):
            one = schema_at(items, (ELEMENT, each))
            one["enum"] = [_example(Property((), one, ()), valid)]
        return related, "that of the fewest items"
    if said.path == (related.due.due,):
        return related, _dated(rule, related, valid)
    value = _lately(said.schema, rule) if said.path in _past(related) else None
    value = _example(said, valid) if value is None else value
    if value is None or {"array", "object"} & {*types}:
        return related, ""
    said.schema["enum"] = [value]
    if said.path == (related.dates.earlier,):
        later = schema_at(valid.root, (related.dates.later,))
        if later and "enum" not in later and is_valid(later, value):
            later["enum"] = [value]  # no update comes before it
    return related, json.dumps(value, ensure_ascii=False)


def _past(related: Relations) -> tuple[Path, ...]:
    """The dates that are in the past."""
    return (related.dates.earlier,), (related.dates.later,)


def _lately(schema: dict[str, Any], rule: str) -> str | None:
    """A day so long before the run as a rule has it, or that of the run; None if it has none."""
    days = 0 if _TODAY.search(rule) else days_in(rule, ago=True)
    if days is None:
        return None
    text = f"{datetime.now(UTC) - timedelta(days=days):%Y-%m-%dT00:00:00Z}"
    return next((one for one in (text, text[:10]) if is_valid(schema, one)), None)


def _example(said: Property, valid: Schema) -> Any:
    """The document's example, if it is valid, or the plainest value."""
    shown = valid.example_of(said.place) if said.place else None
    found = (one for one in (shown, "Text", 1, 0) if one is not None)
    return next((one for one in found if is_valid(said.schema, one)), None)


def _stamped(said: Property, rule: str, valid: Schema, stamp: str) -> str:
    """Have a reference be the run's stamp alone, of digits or after the letters of the example
    where the rule may ask for these; what that is in words.
    """
    if "pattern" in said.schema:
        return ""  # the document says what it looks like
    if _IN_DIGITS.search(rule) and not _DASHES.search(rule):
        said.schema["pattern"] = "^47[0-9]{14,20}$"
        return "the run's stamp in digits"
    shown = re.match(r"\A[A-Za-z]+[-_/]", str(valid.example_of(said.place) or ""))
    letters = shown[0] if shown and _STARTS.search(rule) else ""
    said.schema.update(pattern=f"^{letters}{_STAMP}$", examples=[f"{letters}{stamp}"])
    return "the run's stamp" + f" after {letters}" * bool(letters)


def _dated(rule: str, related: Relations, valid: Schema) -> str:
    """Have the due date and that of the invoice, which then is always sent, be so many days apart
    that a span in the rule is kept; the due date in words.
    """
    days = [days for _, days in spans_in(rule)]
    gap = (days[0] * 2 if _LEAST.search(rule) else days[0] // 2) if days else _USUAL_DAYS
    told = ""
    for name, moment in (
        (related.due.created, _CREATED),
        (related.due.due, _CREATED + timedelta(days=gap)),
    ):
        schema = schema_at(valid.root, (name,))
        text = f"{moment:%Y-%m-%dT%H:%M:%SZ}"[: 10 if schema.get("format") == "date" else None]
        if schema and is_valid(schema, text):
            schema["enum"], told = [text], text
            required = valid.root.get("required", [])
            valid.root["required"] = [*required, *[name] * (name not in required)]
    return told
