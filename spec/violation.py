"""One way in which an exchange departs from what the documents say."""

import json
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from spec.requirements import Requirement

SHORT = 80


class Category(StrEnum):
    """What kind of violation it is, in the words of the report."""

    SERVER_ERROR = "Server error"
    ACCEPTED_INVALID = "Accepted invalid input"
    REFUSED_VALID = "Refused valid input"
    WRONG_STATUS = "Wrong status"
    ECHO = "Echo mismatch"
    ANSWER_SHAPE = "Answer shape"
    ERROR_SHAPE = "Error shape"
    AUTHENTICATION = "Authentication"
    PROTOCOL = "Protocol"
    DRIFT = "Drift"


@dataclass(frozen=True, slots=True)
class Violation:
    """The requirement that is not kept, and at which instance path; expected and got, in words."""

    requirement: Requirement
    category: Category
    location: tuple[str | int, ...]
    expected: str
    got: str


def brief(value: Any) -> str:
    """A JSON value as a person reads it in one line, shortened in the middle where it is long."""
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        text = str(value)
    else:
        text = json.dumps(value, ensure_ascii=False, default=str)
    return shortened(text.encode("utf-8", "backslashreplace").decode(), SHORT)


def shortened(text: str, limit: int) -> str:
    """The text, or its two ends with the count of characters left out between them."""
    if len(text) <= limit:
        return text
    half = limit // 2
    return f"{text[:half]} ...({len(text) - 2 * half} more)... {text[-half:]}"
