"""How a request ends that makes no invoice."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One wrong field: where it stands from the payload's root, what kind of fault, and why.

    `where` is () for the body as a whole, ("items", 0, "sku") for the first item's sku. `kind` is
    pydantic's name of the fault ("missing", "string_too_long") or one of this package's own.
    """

    where: tuple[str | int, ...]
    kind: str
    reason: str

    @property
    def field(self) -> str:
        """The name a client reads: `items[0].sku`, or `body` for the whole."""
        steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in self.where)
        return "".join(steps).removeprefix(".") or "body"


class Refusal(Exception):
    """Ends a request with a 4xx status, a message for people, and the problems found."""

    def __init__(self, status: int, message: str, problems: tuple[Problem, ...] = ()) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.problems = problems


class SetupError(ValueError):
    """The service cannot start as asked; the text is one sentence for the person who asked."""
