"""Conditional mutants: derived mutants that are wrong only under a condition.

They are sampled: for each kind of mutant a covering array lets every mutant meet every family of
conditions, and every condition meet the kind. What makes no sense is left out by rule.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice, pairwise

from covertable import make  # type: ignore[import-untyped] # it has no annotations

from reference.mutants.conditions import CARRIER, CONDITIONS, SIZE, Condition
from reference.mutants.mutant import Mutant
from spec.contract import Contract
from spec.paths import ELEMENT
from spec.requirements import Requirement
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
        too_strict = self.kind == KINDS["acceptance"] or self.mutant.breaks[0].startswith(
            "request."
        )
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
    requirement = contract.named(mutant.breaks[0])
    return next(_reasons(mutant, requirement, condition), None)


NO_INVOICE = ("requestBody.required", "requestBody.json", "requestBody.utf8", "body.type")
"""Requirements that are only broken by a body that is not an invoice."""


def _reasons(mutant: Mutant, requirement: Requirement, condition: Condition) -> Iterator[str]:
    name, path = requirement.name, requirement.path
    about = next((str(step) for step in path if step not in ("data", ELEMENT)), "")
    in_items = (ITEMS, ELEMENT) in pairwise(path)
    if condition.spares and not in_items:
        yield "It is about no item."
    if condition.area == CARRIER and name in NO_INVOICE:
        yield "It is broken by a body that is not an invoice."
    forgets = mutant.topic == "rejection"
    if forgets and condition.about == ITEMS and name in ("items.required", "items.type"):
        yield "It is broken by an invoice without a list of items."
    if condition.about == ITEMS and "minItems" in mutant.name:
        yield "It is about a list of one item."
    if condition.area == SIZE and name == "requestBody.required":
        yield "It is about an empty body."
    if condition.name == "without Accept" and name == "request.accept":
        yield "It is about an Accept that is sent."
    if condition.name == "for a key with the right head" and name == "security.right":
        yield "Another key has another head."
    if condition.about and condition.about == about and condition.about != ITEMS:
        yield from _about_the_same(mutant, requirement, condition)
    if condition.family == "status" and mutant.topic == "acceptance":
        yield from _disagreeing(mutant, about, condition.name.rpartition(" ")[2])


def _about_the_same(
    mutant: Mutant, requirement: Requirement, condition: Condition
) -> Iterator[str]:
    """Where the condition fixes the property that the mutant is wrong about."""
    if condition.name.endswith("absent"):
        # A mutant may still demand it, or answer one that was not sent.
        answers = requirement.part == "201" and requirement.keyword != "echo"
        if not answers and not mutant.name.startswith("requires "):
            yield "It is about a value that is not there."
    elif requirement.name == "status.enum" and not mutant.name.startswith("refuses"):
        yield "The condition wants a status that is right."
    elif (
        mutant.name.startswith("refuses") and condition.name.split()[-1] not in mutant.name.split()
    ):
        yield "It is about another member."
    elif "previous" in mutant.name:
        yield "The previous invoice has the same status."


def _disagreeing(mutant: Mutant, about: str, status: str) -> Iterator[str]:
    """Where no valid invoice of this status has the amount that the mutant refuses."""
    zero, most = "0 in" in mutant.name.replace("000 in", ""), "maximum" in mutant.name
    never = {
        (PAID, "zero"): ("PARTIALLY_PAID", "OVERPAID"),
        (PAID, "most"): ("PENDING", "PARTIALLY_PAID"),
        (PAID, "cents"): ("PENDING",),
        (TOTAL, "zero"): ("PARTIALLY_PAID",),
        (TOTAL, "most"): ("OVERPAID",),
    }
    amount = "zero" if zero else "most" if most else "cents"
    if status in never.get((about, amount), ()):
        yield "No valid invoice of this status has such an amount."
