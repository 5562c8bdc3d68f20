"""The symptoms of an answer: its violations, taken apart by what one cause can explain."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from causes.alteration import ANOTHER, alteration
from causes.grouping import ITEMS_IN_ANOTHER_ORDER, ITEMS_NOT_ONCE
from spec import echo
from spec.oracle import Verdict
from spec.paths import find
from spec.violation import Category, Violation, shortened

OF_ANOTHER_INVOICE = "the answer of another invoice"

_OF_THE_ANSWER = frozenset({Category.ECHO, Category.ANSWER_SHAPE, Category.ERROR_SHAPE})
_ALSO_OF_THE_ANSWER = frozenset(
    {"response.secret", "response.framing", "response.fields", "4xx.allow"}
)
_FEW = 3
"""Properties that may be wrong before an answer is taken for that of another invoice."""
_INDEX = re.compile(r"\[\d+\]|(?<=[./])\d+(?=[./]|$)")
_LONGEST = 400
"""Characters of a code, and of the name of a field, that are looked at."""
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class Symptom:
    """Violations of one answer that go together, and what other answers of this kind share.

    `field` is the first one that an error's details name, without the index of an item.
    `of_answer` says that a part of the answer is wrong, and not whether the request is accepted.
    """

    category: Category
    answer: str
    field: str
    violations: tuple[Violation, ...]
    of_answer: bool

    @property
    def names(self) -> frozenset[str]:
        """The names of the violated requirements."""
        return frozenset(violation.requirement.name for violation in self.violations)

    @property
    def is_form(self) -> bool:
        """Whether it is the form of an answer that is wrong, and not what comes back in it."""
        return self.of_answer and not any(
            violation.requirement.keyword == "echo" for violation in self.violations
        )

    def is_like(self, other: "Symptom") -> bool:
        """Whether both may have the same cause, going by the answer alone."""
        if (self.answer, self.of_answer) != (other.answer, other.of_answer):
            return False
        if self.of_answer:
            return self.category == other.category and not self.names.isdisjoint(other.names)
        # The documents know no request that gets such an answer, so it is wrong in one way.
        return self.category == other.category or is_unusual(self.answer)


def symptoms(verdict: Verdict) -> tuple[Symptom, ...]:
    """The symptoms of a verdict; none of one without violations."""
    of_status: list[Violation] = []
    others: dict[tuple[str, str], list[Violation]] = {}
    changed = {violation: _changed(verdict, violation) for violation in verdict.violations}
    another = _is_another_invoice(changed)
    for violation in verdict.violations:
        requirement = violation.requirement
        if violation.category == Category.DRIFT:
            continue
        if not is_of_the_answer(violation):
            of_status.append(violation)
        elif another and requirement.keyword in ("echo", "product"):
            others.setdefault((OF_ANOTHER_INVOICE, ""), []).append(violation)
        elif changed[violation]:
            others.setdefault((changed[violation], requirement.name), []).append(violation)
        else:
            others.setdefault((requirement.keyword, requirement.name), []).append(violation)
    found = []
    if of_status:
        category = of_status[0].category
        found.append(Symptom(category, *answered(verdict), tuple(of_status), of_answer=False))
    for (answer, _), violations in others.items():
        found.append(Symptom(violations[0].category, answer, "", tuple(violations), of_answer=True))
    return tuple(found)


def is_unusual(answer: str) -> bool:
    """Whether an answer to any request would be wrong: a 5xx, a redirect, no answer at all."""
    return not answer.startswith(("201", "4"))


def is_of_the_answer(violation: Violation) -> bool:
    """Whether a part of the answer is wrong, and not whether the request is accepted."""
    if violation.requirement.name in _ALSO_OF_THE_ANSWER:
        return True
    return violation.category in _OF_THE_ANSWER


def answered(verdict: Verdict) -> tuple[str, str]:
    """What equal answers share, whatever they repeat of the request; and the first field that the
    details of an error name.
    """
    response = verdict.exchange.response
    if response is None:
        fault = verdict.exchange.fault or "no answer"
        kind = fault.partition(";")[0].partition(":")[0]  # what follows quotes the server
        return _NUMBER.sub("N", kind), ""
    code = find(verdict.answer, ("code",))
    kind = (response.header("content-type") or "no media type").partition(";")[0].strip().lower()
    words = (str(response.status), _short(code), kind)
    field = _INDEX.sub("", _short(find(verdict.answer, ("details", 0, "field"))))
    return " ".join(filter(None, words)), field


def _short(said: Any) -> str:
    """A text of the server, no longer than a code or the name of a field can be."""
    return shortened(said, _LONGEST) if isinstance(said, str) else ""


def _changed(verdict: Verdict, violation: Violation) -> str:
    """How what an echo is about came back; empty where the requirement is no echo."""
    if violation.requirement.keyword != "echo":
        return ""
    if violation.expected == echo.ALL_ITEMS:
        in_order = violation.got == echo.ANOTHER_ORDER
        return ITEMS_IN_ANOTHER_ORDER if in_order else ITEMS_NOT_ONCE
    location = violation.location
    sent = find(verdict.expected.payload, location[1:])
    if sent is None:
        return "what was not sent"
    if isinstance(sent, list):
        return ITEMS_NOT_ONCE
    return alteration(sent, find(verdict.answer, location))


def _is_another_invoice(changed: dict[Violation, str]) -> bool:
    """Whether nothing of the answer has to do with what was sent, its reference least of all."""
    others = [violation.requirement.name for violation, how in changed.items() if how == ANOTHER]
    return "201.data.reference_id.echo" in others and len({*others}) >= _FEW


def told(verdict: Verdict) -> Iterator[str]:
    """What the server says of an error in its own words: the first detail, or the message."""
    detail = find(verdict.answer, ("details", 0))
    words = [find(detail, (name,)) for name in ("field", "reason")]
    if any(isinstance(word, str) and word for word in words):
        yield ": ".join(word for word in words if isinstance(word, str) and word)
        return
    message = find(verdict.answer, ("message",))
    if isinstance(message, str):
        yield message
