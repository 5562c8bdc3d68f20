"""Conditional mutants: derived mutants that are wrong only under a condition.

They are sampled: for each kind of mutant a covering array lets every mutant meet every family of
conditions, and every condition meet the kind. What makes no sense is left out by rule.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import islice, pairwise

from covertable import make  # type: ignore[import-untyped] # it has no annotations

from reference.mutants.conditions import (
    CARRIER,
    CONDITIONS,
    RIGHT_HEAD,
    SIZE,
    WITHOUT_ACCEPT,
    Condition,
)
from reference.mutants.mutant import Mutant
from spec.contract import Contract
from spec.paths import ELEMENT
from spec.requirements import Requirement, subject_and_keyword
from spec.violation import Category, Violation

KINDS = {
    "rejection": "forgets a requirement",
    "acceptance": "is too strict",
    "acceptance/echo": "breaks an echo",
    "acceptance/answers": "breaks a 201",
    "rejection/errors": "breaks an error",
    "authentication": "checks keys wrongly",
}
"""The kind of a derived mutant by its topic."""
OTHERS = "forgets a clause on requests"
"""The kind of all others: on orders, bodies, methods and what is unspecified."""

STATUS, TOTAL, PAID, ITEMS = "status", "total_amount", "paid_amount", "items"


@dataclass(frozen=True, slots=True)
class Conditional:
    """A mutant, and the condition under which it is one."""

    mutant: Mutant
    condition: Condition

    @property
    def kind(self) -> str:
        """The kind of the mutant."""
        return kind_of(self.mutant)

    @property
    def name(self) -> str:
        """The name of both together."""
        return f"{self.mutant.name} {self.condition.name}"

    def is_shown_by(self, violation: Violation) -> bool:
        """Whether a violation shows what is broken.

        A mutant that is too strict, with invoices or with ways of sending, shows in any valid
        invoice that it refuses. Why it was refused, the suite finds out by sending others, which
        cannot be replayed.
        """
        subject, _ = subject_and_keyword(self.mutant.breaks[0])
        too_strict = self.kind == KINDS["acceptance"] or subject == "request"
        refused = too_strict and violation.category is Category.REFUSED_VALID
        return refused or self.mutant.is_named_by(violation.requirement.name)


def kind_of(mutant: Mutant) -> str:
    """The kind of a derived mutant."""
    return KINDS.get(mutant.topic, OTHERS)


def conditionals(contract: Contract, derived: Iterable[Mutant]) -> tuple[Conditional, ...]:
    """The sample, kind by kind, of those mutants that need no socket; the same each time."""
    kinds: dict[str, dict[str, Mutant]] = {}
    for mutant in derived:
        if not mutant.wire:
            kinds.setdefault(kind_of(mutant), {})[mutant.name] = mutant
    return tuple(
        Conditional(mutants[name], condition)
        for mutants in kinds.values()
        for name, condition in _covering(contract, mutants)
    )


def _covering(contract: Contract, mutants: dict[str, Mutant]) -> list[tuple[str, Condition]]:
    """Pairs in which each mutant meets each family, and each condition some mutant, where that
    makes sense.
    """
    families: dict[str, list[Condition]] = {}
    for condition in CONDITIONS:
        families.setdefault(condition.family, []).append(condition)
    most = max(map(len, families.values()))
    order = {name: place for place, name in enumerate(mutants)}
    paired: set[tuple[str, Condition]] = set()
    for row in make({"mutant": [*mutants], "family": [*families], "turn": [*range(most)]}):
        name, conditions = row["mutant"], families[row["family"]]
        # Most rows have the first turn: counted from the mutant's place, turns are even.
        first = row["turn"] + order[name]
        turned = (conditions[(first + step) % len(conditions)] for step in range(len(conditions)))
        fitting = (
            condition for condition in turned if why_not(contract, mutants[name], condition) is None
        )
        paired.update((name, condition) for condition in islice(fitting, 1))
    for condition in {*CONDITIONS} - {condition for _, condition in paired}:
        fits = (name for name in mutants if why_not(contract, mutants[name], condition) is None)
        paired.update((name, condition) for name in islice(fits, 1))
    return sorted(paired, key=lambda pair: (order[pair[0]], CONDITIONS.index(pair[1])))


def why_not(contract: Contract, mutant: Mutant, condition: Condition) -> str | None:
    """Why a mutant is as the reference where this condition holds; None where it can be told."""
    pair = _Pair(mutant, contract.named(mutant.breaks[0]), condition)
    return next((reason for reason, holds in _REASONS.items() if holds(pair)), None)


@dataclass(frozen=True, slots=True)
class _Pair:
    """A mutant with the first requirement that it breaks, and a condition."""

    mutant: Mutant
    requirement: Requirement
    condition: Condition

    @property
    def about(self) -> str:
        """The property of an invoice that the mutant is wrong about; empty where it is none."""
        path = self.requirement.path
        return next((step for step in path if step not in ("data", ELEMENT)), "")

    @property
    def keyword(self) -> str:
        """The keyword that the mutant is wrong about."""
        refused = self.mutant.refuses
        return refused.keyword if refused else self.requirement.keyword

    @property
    def forgets(self) -> bool:
        """Whether the mutant accepts what is invalid."""
        return self.mutant.topic == "rejection"

    @property
    def in_items(self) -> bool:
        """Whether the mutant is wrong about a property of an item."""
        return (ITEMS, ELEMENT) in pairwise(self.requirement.path)

    @property
    def on_items(self) -> bool:
        """Whether the condition is one on the list of items."""
        return self.condition.about == ITEMS

    @property
    def wants_absent(self) -> bool:
        """Whether the condition wants the property absent that the mutant is wrong about."""
        return self._fixed and self.condition.value is None

    @property
    def wants_value(self) -> bool:
        """Whether the condition fixes the value that the mutant is wrong about."""
        return self._fixed and self.condition.value is not None

    @property
    def _fixed(self) -> bool:
        return bool(self.about) and self.condition.about == self.about and not self.on_items

    @property
    def shows_without_value(self) -> bool:
        """Whether the mutant still demands what is absent, or answers one that was not sent."""
        answers = self.requirement.part == "201" and self.requirement.keyword != "echo"
        refused = self.mutant.refuses
        return answers or (refused is not None and refused.keyword == "required")

    @property
    def refuses_member(self) -> object:
        """The member of an enumeration that the mutant refuses; None for any other mutant."""
        refused = self.mutant.refuses
        return refused.value if refused is not None and refused.keyword == "enum" else None

    @property
    def refuses_never(self) -> bool:
        """Whether no valid invoice of the condition's status has the amount that is refused."""
        refused, status = self.mutant.refuses, self.condition.value
        if refused is None or self.condition.about != STATUS:
            return False
        amount = "zero" if refused.value == 0 else refused.keyword
        return status in _NEVER.get((self.about, amount), ())


_NEVER = {
    (PAID, "zero"): ("PARTIALLY_PAID", "OVERPAID"),
    (PAID, "maximum"): ("PENDING", "PARTIALLY_PAID"),
    (PAID, "multipleOf"): ("PENDING",),
    (TOTAL, "zero"): ("PARTIALLY_PAID",),
    (TOTAL, "maximum"): ("OVERPAID",),
}
"""The statuses in which no valid invoice has this amount: zero, the largest, or one with cents."""

_NO_INVOICE = ("requestBody.required", "requestBody.json", "requestBody.utf8", "body.type")
"""Requirements that are only broken by a body that is not an invoice."""

_REASONS: dict[str, Callable[[_Pair], bool]] = {
    "It is about no item.": lambda pair: pair.condition.spares > 0 and not pair.in_items,
    "It is broken by a body that is not an invoice.": lambda pair: (
        pair.condition.area == CARRIER and pair.requirement.name in _NO_INVOICE
    ),
    "It is broken by an invoice without a list of items.": lambda pair: (
        pair.on_items and pair.forgets and pair.requirement.name in ("items.required", "items.type")
    ),
    "It is about a list of one item.": lambda pair: pair.on_items and pair.keyword == "minItems",
    "It is about an empty body.": lambda pair: (
        pair.condition.area == SIZE and pair.requirement.name == "requestBody.required"
    ),
    "It is about an Accept that is sent.": lambda pair: (
        pair.condition.holds is WITHOUT_ACCEPT.holds and pair.requirement.name == "request.accept"
    ),
    "Another key has another head.": lambda pair: (
        pair.condition.holds is RIGHT_HEAD.holds and pair.requirement.name == "security.right"
    ),
    "It is about a value that is not there.": lambda pair: (
        pair.wants_absent and not pair.shows_without_value
    ),
    "The condition wants a status that is right.": lambda pair: (
        pair.wants_value and pair.requirement.name == "status.enum" and pair.refuses_member is None
    ),
    "It is about another member.": lambda pair: (
        pair.wants_value and pair.refuses_member not in (None, pair.condition.value)
    ),
    "The previous invoice has the same status.": lambda pair: (
        pair.wants_value and pair.mutant.stale
    ),
    "No valid invoice of this status has such an amount.": lambda pair: pair.refuses_never,
}
"""Why a mutant is as the reference under a condition, and of which pairs that is true."""
