"""What a trial says of the suite."""

from dataclasses import dataclass
from enum import StrEnum

from proof.trial import Catch, Trial, right
from reference.defects.bent import Bent


class Outcome(StrEnum):
    """How a trial ended; the first two are as they should be."""

    CAUGHT = "caught"
    GREEN = "green"
    SURVIVED = "survived"
    ELSEWHERE = "caught only elsewhere"
    MISNAMED = "caught under another name"
    FALSE_ALARM = "false alarm"
    BROKE = "the suite broke"

    @property
    def good(self) -> bool:
        """Whether the proof stands with it."""
        return self in (Outcome.CAUGHT, Outcome.GREEN)


@dataclass(frozen=True, slots=True)
class Proven:
    """A bent server and what came of it; `catches` are those that count."""

    bent: Bent
    trial: Trial
    outcome: Outcome
    catches: tuple[Catch, ...]


def judge(bent: Bent, trial: Trial) -> Proven:
    """The outcome of one trial.

    A defect is caught when a test of a suite of its area fails and names a requirement that the
    defect is known to break.
    """
    named = [catch for catch in trial.catches if any(map(bent.is_named_by, catch.named))]
    here = right(bent, trial.catches)
    if trial.troubles:
        outcome = Outcome.BROKE
    elif bent.conforms:
        outcome = Outcome.FALSE_ALARM if trial.catches else Outcome.GREEN
    elif here:
        outcome = Outcome.CAUGHT
    elif named:
        outcome = Outcome.ELSEWHERE
    else:
        outcome = Outcome.MISNAMED if trial.catches else Outcome.SURVIVED
    return Proven(bent, trial, outcome, tuple(here or named or trial.catches))
