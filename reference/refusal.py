"""How a request ends that creates no invoice."""

from dataclasses import dataclass

Location = tuple[str | int, ...]
"""Names and indices from the root of a payload."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One wrong field: its location in the payload, the kind of problem, and the reason for people.

    `location` is () for the whole body and ("items", 0, "sku") for the first item's sku. `kind` is
    pydantic's name ("missing", "string_too_long") or one of this package's own.
    """

    location: Location
    kind: str
    reason: str

    @property
    def field(self) -> str:
        """The name that a client reads: `items[0].sku`, or `body` for the whole body."""
        steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in self.location)
        return "".join(steps).removeprefix(".") or "body"


class Refusal(Exception):
    """Ends a request with a 4xx status, a message for people, and the problems found."""

    def __init__(self, status: int, message: str, problems: tuple[Problem, ...] = ()) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.problems = problems


class SetupError(ValueError):
    """The service cannot start with these options; the text is one sentence for the user."""
