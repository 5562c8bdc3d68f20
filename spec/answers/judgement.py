"""What came of judging an answer."""

from dataclasses import dataclass, field

from spec.contract import Contract, TargetFacts
from spec.coverage import Coverage
from spec.exchange import Exchange
from spec.expectation import Expected
from spec.paths import Json, Location
from spec.requirements import Requirement
from spec.strictjson import Malformed, Text
from spec.violation import Category, Violation, Wrong


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
        self.violations.append(Violation(requirement, category, at, *Wrong(*wrong)))
