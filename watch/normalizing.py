"""What differs by itself in a text of a server, and is no feature: ids, times, the run's stamp."""

import re
from functools import lru_cache

from spec.schema.formats import ANY_INSTANT
from spec.violation import beginning

LONGEST = 100
"""Characters of a text that are kept."""

_MONTH = "(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]{0,6}"
_DIFFERS_BY_ITSELF = (
    (re.compile(r"IC-[0-9A-F]{8}-[0-9A-F]{8}", re.IGNORECASE), "STAMP"),
    (re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE), "UUID"),
    (ANY_INSTANT, "TIME"),
    # Asking twice on one day does not show these:
    (re.compile(r"\b[0-9]{4}-[0-9]{2}-[0-9]{2}\b"), "DATE"),
    (re.compile(r"\b(?:[0-9]{1,2}([/.])[0-9]{1,2}\1[0-9]{4}|[0-9]{4}/[0-9]{2}/[0-9]{2})\b"), "DAY"),
    (
        re.compile(rf"\b(?:[0-9]{{1,2}} {_MONTH}|{_MONTH} [0-9]{{1,2}},?) [0-9]{{4}}\b"),
        "DATE IN WORDS",
    ),
    (
        re.compile(r"\b(?:Mon|Tues?|Wed(?:nes)?|Thu(?:rs)?|Fri|Sat(?:ur)?|Sun)(?:day)?\b,?"),
        "WEEKDAY",
    ),
    (re.compile(r"\b[0-9]{2}:[0-9]{2}(?::[0-9]{2})?\b"), "CLOCK"),
    (re.compile(r"\b(?=[A-Za-z_-]*[0-9])[0-9A-Za-z_-]{16,}\b"), "ID"),
    (re.compile(r"[0-9]{6,}"), "NUMBER"),
    (re.compile(r"\b[0-9]+(?:\.[0-9]+)? ?(?:ns|µs|us|ms|s|sec|seconds?)\b"), "SECONDS"),
)
_NUMBERED = (
    (re.compile(r"\b[0-9a-f]*NUMBER[0-9a-f]*\b"), "ID"),
    (re.compile(r"\b(?=[0-9a-f]*[0-9])[0-9a-f]{6,}\b", re.IGNORECASE), "ID"),
    (re.compile(r"[0-9]+"), "0"),
)
"""What differs in names that a server makes up, such as `inv_1204`."""
_SHORT_ID = re.compile(r"\b(?=[0-9a-f]*[0-9])(?=[0-9]*[a-f])[0-9a-f]{6,}\b")
"""In what a server fills in, such as `api-7d9c5b`: it may be another one after each restart, which
asking twice does not show. In capitals it may be a code."""


def normalized(text: str) -> str:
    """The beginning of a text, without what differs from run to run."""
    return _normalized(beginning(text, 4 * LONGEST) if len(text) > LONGEST else text)


@lru_cache(maxsize=1024)
def _normalized(text: str) -> str:
    """Cached, because most answers have the same header fields, messages and amounts."""
    for pattern, name in _DIFFERS_BY_ITSELF:
        text = pattern.sub(name, text)
    return text[:LONGEST].encode(errors="backslashreplace").decode()


def numbered(name: str) -> str:
    """A name without the numbers in it."""
    return _without_numbers(normalized(name))


@lru_cache(maxsize=1024)
def _without_numbers(name: str) -> str:
    for pattern, instead in _NUMBERED:
        name = pattern.sub(instead, name)
    return name


def without_short_ids(text: str) -> str:
    """What a server fills in, without what may be another id after each restart."""
    return _SHORT_ID.sub("ID", text)
