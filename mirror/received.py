"""What the mirror keeps of each request that it received."""

import math
from dataclasses import dataclass

from mirror.behaviours import Fault, Sent
from mirror.judging import Judgement, Reason, Verdict
from spec.exchange import Exchange

ANSWERS = {Sent.NOTHING: "no answer", Sent.HALF: "half an answer"}


@dataclass(slots=True)
class Received:
    """A request, the judgement on it, and how it was answered.

    `exchange` has the answer of the server, of which a `fault` may have kept something from the
    client. `arrived`, `answered` and `finished` are seconds since the mirror's start: when the
    first byte of the request came, when its answer was ready to be sent, and when that was over for
    the client, None as long as it is not. `left` says that
    the client closed the connection before.
    """

    number: int
    arrived: float
    answered: float
    exchange: Exchange
    judgement: Judgement
    fault: Fault | None = None
    finished: float | None = None
    left: bool = False

    @property
    def verdict(self) -> Verdict:
        """What the documents say of the request."""
        return self.judgement.verdict

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """Why it is not valid."""
        return self.judgement.reasons

    @property
    def status(self) -> int | None:
        """The status that the server answered, None where it did not."""
        return None if self.exchange.response is None else self.exchange.response.status

    @property
    def sent(self) -> Sent:
        """How much of its answer the client is to get."""
        return self.fault.sent if self.fault else Sent.WHOLE

    @property
    def created(self) -> bool:
        """Whether the server created the invoice, whatever the client has heard of it."""
        return self.status == 201

    @property
    def is_answered_well(self) -> bool:
        """Whether the client got the whole of a 201."""
        return self.created and self.sent is Sent.WHOLE and not self.left

    @property
    def answer(self) -> str:
        """What the client got, in a few words."""
        if self.status is None:
            return "no answer"
        kept = ANSWERS.get(self.sent) or ("left before the answer" if self.left else None)
        if kept is None:
            return str(self.status)
        return f"{kept}, created" if self.created else f"{kept} ({self.status})"

    @property
    def heard(self) -> str:
        """The same in a word, as far as it is known before the answer is sent."""
        known = "none" if self.status is None else str(self.status)
        return {Sent.NOTHING: "none", Sent.HALF: "half"}.get(self.sent, known)

    @property
    def heard_at(self) -> float:
        """When the client knew at the earliest what it would get: if nothing, when it gave up,
        which may be in the future.
        """
        if not self.left and self.heard != "none":
            return self.answered
        return math.inf if self.finished is None else self.finished

    @property
    def asked_to_wait(self) -> float | None:
        """The seconds of the answer's Retry-After, where it has them."""
        response = self.exchange.response
        try:
            return float((response and response.header("retry-after")) or "")
        except ValueError:
            return None
