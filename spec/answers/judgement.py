"""What came of judging an answer."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from spec.contract import Contract, TargetFacts
from spec.coverage import Coverage
from spec.exchange import Exchange
from spec.expectation import Expected
from spec.paths import Json, Location, location_text, without_indices
from spec.requirements import Requirement
from spec.strictjson import Malformed, Text
from spec.violation import Category, Violation, Wrong, shortened


@dataclass(slots=True)
class Judgement:
    """What came of judging one exchange.

    `judged` names the requirements that it put to the test, kept or not. `text` is the response's
    body as JSON, or what is wrong with it.
    """

    contract: Contract
    facts: TargetFacts
    coverage: Coverage
    exchange: Exchange
    expected: Expected
    violations: list[Violation] = field(default_factory=list)
    judged: list[str] = field(default_factory=list)
    text: Text | Malformed | None = None

    @property
    def answer(self) -> Json:
        """The JSON value of the response's body; None where it has none."""
        return self.text.value if isinstance(self.text, Text) else None

    def judge(
        self,
        name: str,
        category: Category,
        wrong: Wrong | tuple[str, str] | None,
        at: Location = (),
    ) -> None:
        """Note that a requirement was judged and, given what was expected and what came, broken."""
        self.judged.append(name)
        if wrong is not None:
            self.blame(self.contract.named(name), category, wrong, at)

    def blame(
        self,
        requirement: Requirement,
        category: Category,
        wrong: Wrong | tuple[str, str],
        at: Location,
    ) -> None:
        """Note a violation."""
        told = Wrong(*wrong)
        if category is Category.ERROR_SHAPE and not told.about:
            told = told._replace(about=about(self.expected))
        self.violations.append(Violation(requirement, category, at, *told))


MOST_ABOUT, LONGEST_ABOUT = 8, 80
"""Properties that an error may be about that are told, and characters of the name of a field."""
_STAMP, _DIGITS = re.compile("IC-[0-9A-F]{8}(?:-[0-9A-F]{8})?", re.IGNORECASE), re.compile("[0-9]+")


def about(expected: Expected, named: Iterable[str] = ()) -> tuple[str, ...]:
    """What an error to such a request is about: the properties that are wrong, each with what it is
    `named` where that is wrong; the same in each run.
    """
    wrong = (
        without_indices(location_text(one.location)) if one.location else one.requirement.name
        for one in expected.breaches
    )
    found = [*dict.fromkeys(wrong)][:MOST_ABOUT] or ["any request"]
    fields = dict.fromkeys(_lasting(shortened(one, LONGEST_ABOUT)) for one in named)
    return tuple(
        f"{one} as {field}" if field else one for one in found for field in [*fields] or [""]
    )


def _lasting(field: str) -> str:
    return _DIGITS.sub("N", without_indices(_STAMP.sub("IC-...", field)))
