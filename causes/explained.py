"""What is known of an explained violation, and the control that it is compared with."""

from collections.abc import Sequence
from dataclasses import dataclass

from causes.cause import CASE, RARELY, SOMETIMES, SUCCESSFUL, Cause
from causes.difference import Edit
from causes.kinds.api_keys import Kind
from causes.symptoms import Symptom, answered, is_documented, is_page, symptoms
from spec.contract import Contract
from spec.expectation import Expectation, Expected
from spec.oracle import Verdict
from spec.paths import Json, Path
from spec.violation import Violation

Edits = tuple[Edit, ...]


@dataclass(frozen=True, slots=True)
class Control:
    """What everything is compared with, what it is called, and its verdict."""

    name: str
    payload: Json
    verdict: Verdict

    @property
    def is_accepted(self) -> bool:
        """Whether the server creates it."""
        response, right = self.verdict.exchange.response, self.verdict.expected.statuses
        return response is not None and response.status in ({201} | (right & SUCCESSFUL))

    @property
    def success(self) -> str:
        """What the server answers that creates it with another success than it should; empty where
        it is accepted, or refused.
        """
        response = self.verdict.exchange.response
        if self.is_accepted or response is None or response.status not in SUCCESSFUL:
            return ""
        said_otherwise = is_page(response) or is_documented(response)
        return "" if said_otherwise else answered(self.verdict)[0]

    def shown_by(self, contract: Contract, verdict: Verdict | None) -> Sequence[Symptom]:
        """The symptoms of another verdict, beside this one."""
        return () if verdict is None else symptoms(contract, verdict, self.success)


@dataclass(slots=True)
class Explained:
    """A cause, the symptom and the group of cases it was found by, the edits that bring it about
    or the `ways` of sending that do, and the verdict that shows it best. `own` says that the server
    names what was changed, `after` to which status it shows in the next answer, and `size` from how
    many bytes of a body on. `control` is what it was compared with, if not with the usual one, and
    `key` the kind of key that was sent, if not the right one. What comes back is that of an
    invoice before that has the same in what the server `remembers` it by. `first` is the verdict on
    the request before, and `follows` the cause of a fault of its answer that this one follows from.
    It is `of_payload` if it was found by a payload, of which anything may be left out. Of two
    changes of one property `alone` are the verdicts on what shows each of them. `any_value` says
    that it takes a property at all, whatever value that has.
    """

    cause: Cause
    symptom: Symptom
    edits: Edits
    shown: Verdict
    group: str
    own: bool
    ways: frozenset[str] = frozenset()
    after: int | None = None
    size: int | None = None
    control: Control | None = None
    key: Kind | None = None
    remembers: tuple[Path, ...] = ()
    first: Verdict | None = None
    follows: Cause | None = None
    of_payload: bool = True
    alone: Sequence[Verdict] = ()
    any_value: bool = False

    @property
    def told(self) -> Cause:
        """The cause that a violation is put down to."""
        return self.follows or self.cause

    def best(self, verdict: Verdict, violation: Violation) -> Verdict:
        """The verdict that shows a violation best which this explains: its own `verdict`, where the
        other request is no smaller one or shows another violation. For a wrong decision it is the
        request that the finding names.
        """
        if self.cause.traits in ([SOMETIMES], [RARELY]):
            return verdict
        told = self.edits or self.ways or self.size or self.cause.traits == [CASE]
        if told and not self.symptom.of_answer:
            return self.shown
        same = any(
            each.category == violation.category
            and (each.requirement == violation.requirement or each.expected == violation.expected)
            for each in self.shown.violations
        )
        return self.shown if same or self.shown.exchange.response is None else verdict


def may_be_invalid(expected: Expected) -> bool:
    """Whether all that may be wrong with a request is its invoice: that is invalid, or may be so to
    a server.
    """
    valid = expected.expectation is Expectation.ACCEPT
    is_right = all(each.requirement.part == "body" for each in expected.breaches)
    return is_right and not valid
