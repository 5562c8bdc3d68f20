"""Whether a request is answered otherwise while others are in flight, and well alone."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from spec.exchange import Request
from spec.oracle import Verdict

ROUNDS = 3
"""Times that requests are sent together; in each of them some have to fail."""
ALONE = 16
"""Times that a request is answered well alone which fails only together with others: as many as
are together in two rounds, so that what fails now and then is not taken for it.
"""
OTHERS = "other requests in flight"


@dataclass(slots=True)
class InFlight:
    """Asks for it: `together` sends a `width` of requests at once, and `asked` one alone; `shows`
    says whether a verdict has what is looked for, and `shown` is the last that has it.
    """

    together: Callable[[Sequence[Request]], Sequence[Verdict]]
    width: int
    asked: Callable[[Request], Verdict | None]
    shows: Callable[[Verdict | None], bool]
    shown: Verdict

    def is_to_blame(self, request: Request, beside: Sequence[Request]) -> bool:
        """Whether it takes others in flight, like it or `beside` it; not if it shows alone, or not
        each time that several are sent.
        """
        both = [request, *beside]
        if not self._shows(both):
            return False
        for _ in range(ALONE):
            verdict = self.asked(request)
            if verdict is None or self.shows(verdict):
                return False
        return all(self._shows(both) for _ in range(ROUNDS - 1))

    def _shows(self, both: Sequence[Request]) -> bool:
        """Whether one of several requests shows it that are sent at once, these in turn."""
        verdicts = self.together(([*both] * self.width)[: self.width])
        shown = [verdict for verdict in verdicts if self.shows(verdict)]
        self.shown = shown[0] if shown else self.shown
        return bool(shown)
