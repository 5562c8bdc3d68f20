"""One way in which an exchange departs from what the documents say."""

import json
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from spec.paths import Location, location_text
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
    location: Location
    expected: str
    got: str

    @property
    def headline(self) -> str:
        """One line that two equal faults share: no ids, addresses or times of ours in it."""
        requirement = self.requirement
        return (
            f"[{self.category}] {requirement} ({requirement.level}): "
            f"expected {self.expected}, got {self.got}"
        )

    @property
    def at(self) -> str:
        """The location as people write it; empty where the violation is about the whole."""
        return location_text(self.location) if self.location else ""

    @property
    def clause(self) -> str:
        """Where the requirement stands: file, line and JSON pointer."""
        requirement = self.requirement
        return f"{requirement.file}:{requirement.line}  #{requirement.pointer}"


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
