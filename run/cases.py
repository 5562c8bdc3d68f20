"""Where a test's cases come from: `@cases("case", SOURCE)` names the function that makes them."""

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from itertools import count, cycle
from pathlib import Path
from typing import Generic, Protocol, TypeVar

import pytest
from _pytest.compat import NOTSET
from hypothesis import settings

from reports.escaping import one_line
from reports.rows import CarriersRow
from spec import probes
from spec.contract import Contract, TargetFacts
from spec.paths import values_at
from spec.requirements import Requirement, subject_and_keyword
from spec.violation import counted
from strategies import invalid
from strategies.carried import carrying
from strategies.carriers import Row, crossed
from strategies.cases import Case, Crowd, Series
from strategies.extras.clients import ways_of_refused
from strategies.extras.company import refused_in_company
from strategies.invalid import PayloadCase, with_known_references
from strategies.packing import Packed, packs
from strategies.scalars import json_type
from strategies.unspecified.cases import Mixtures
from strategies.wrong.branches import Limits

_EARLY, _USUAL, _FURTHER, _LATE = range(4)
"""The turns of tests, one after the other."""

_FIRST = 2
"""Requirements of each keyword whose groups need not wait for those of others."""

_UNKNOWN, _UNKNOWN_USUAL = {"required": 1, "type": 3}, 2
"""One of so many near misses of a keyword has unknown properties beside it: of what is missing each
has, for another name is unknown itself; values of another type are many, and each is sent once.
"""

OWN_TESTS = Path(__file__).parent.parent / "tests"
Asked = TypeVar("Asked", PayloadCase, Packed, Case)
Test = TypeVar("Test", bound=Callable[..., None])


class Named(Protocol):
    """What one test is about; its name is the test's id."""

    @property
    def name(self) -> str: ...  # noqa: D102 # the class says it


Source = Callable[[Contract, TargetFacts], Sequence[Named]]
"""Makes the cases of a test for a contract and a target."""


@dataclass(frozen=True, slots=True)
class Group(Generic[Asked]):
    """The cases of one requirement, which one test asks."""

    requirement: Requirement
    cases: Sequence[Asked]

    def few(self, most: int | None) -> "Group[Asked]":
        """The same with so many cases at most: first those that break its requirement alone. Where
        that holds schemas, so many for each limit within them.
        """
        if most is None:
            return self
        broken: Counter[Limits] = Counter()
        kept = []
        for case in sorted(self.cases, key=self._is_blurred):
            limits: Limits = getattr(case, "limits", frozenset())
            broken[limits] += 1
            if broken[limits] <= most:
                kept.append(case)
        return replace(self, cases=kept)

    def _is_blurred(self, case: Asked) -> bool:
        """Whether a value that is no member of an enum has another type than the members, too."""
        members, payload = self.requirement.operand, getattr(case, "payload", None)
        if self.requirement.keyword != "enum" or not isinstance(members, list):
            return False
        types = {json_type(member) for member in members}
        values = [value for _, value in values_at(payload, self.requirement.path)]
        return not {json_type(value) for value in values} <= types

    @property
    def name(self) -> str:
        """The requirement's."""
        return self.requirement.name


def cases(argument: str, source: Source) -> Callable[[Test], Test]:
    """Run the test once for each case that the source makes; the case is passed as `argument`."""

    def mark(test: Test) -> Test:
        test.__dict__["cases"] = (argument, source)
        return test

    return mark


def draws(times: int = 1) -> Callable[[Test], Test]:
    """Mark a drawn test: it draws `times` as many cases as the profile gives a requirement.

    Where a requirement gets one, this test gets one too.
    """

    def mark(test: Test) -> Test:
        each = settings.get_profile(settings.get_current_profile_name()).max_examples
        examples = times * each if each > 1 else each
        test.planned = examples  # type: ignore[attr-defined] # read when the run is planned
        return settings(max_examples=examples)(test)

    return mark


def early(test: Test) -> Test:
    """Run the test before all that are not early: few requests, and each kind of fault in an error
    shows in the first of them.
    """
    test.__dict__["turn"] = _EARLY
    return test


def late(test: Test) -> Test:
    """Run the test after all that are not late: it sends many requests and finds little."""
    test.__dict__["turn"] = _LATE
    return test


def in_turn(items: Sequence[pytest.Item]) -> list[pytest.Item]:
    """The same, the likeliest to fail first: what is wrong with a keyword nearly always shows in
    the first two requirements that have it, so the groups of all others come after these.
    """
    before: Counter[tuple[object, str]] = Counter()
    turns = {}
    for item in items:
        test = getattr(item, "function", None)
        turn = getattr(test, "__dict__", {}).get("turn", _USUAL)
        group = next((each for each in _arguments(item) if isinstance(each, Group)), None)
        if group is not None:
            of_its_keyword = test, group.requirement.keyword
            before[of_its_keyword] += 1
            turn = _USUAL if before[of_its_keyword] <= _FIRST else max(turn, _FURTHER)
        turns[item] = turn
    return sorted(items, key=turns.__getitem__)


def _arguments(item: pytest.Item | pytest.Collector) -> Collection[object]:
    callspec = getattr(item, "callspec", None)
    return callspec.params.values() if callspec is not None else ()


def cases_of(
    test: Callable[..., None], contract: Contract, facts: TargetFacts, most: int | None
) -> tuple[str, list[Named]] | None:
    """The argument and the cases of a test, no more of a kind than `most`; None if it has none."""
    marked = test.__dict__.get("cases")
    if marked is None:
        return None
    argument, source = marked
    return argument, limited(source(contract, facts), most)


def near_misses(contract: Contract, facts: TargetFacts) -> list[Group[PayloadCase]]:
    """For each requirement on the payload every known way to just break it, sent with what other
    clients send besides: an error is the same for all of them.
    """
    alone, together = cycle(ways_of_refused(contract)), refused_in_company(contract)
    numbers, groups = count(), []
    for requirement in contract.body_requirements:
        known, step = set[str](), _UNKNOWN.get(requirement.keyword, _UNKNOWN_USUAL)
        sent: list[PayloadCase] = []
        for case in invalid.near_misses(contract, facts, requirement):
            # Servers refuse unknown properties too: each mistake is sent without any, but for some.
            mistake = _mistake(case)
            is_open = case.carrier is not None and not case.carrier.is_large and bool(sent)
            is_beside = is_open and (mistake in known or (1 + len(sent)) % step == 0)
            known.add(mistake)
            number = next(numbers) if is_beside else None
            # The first one, which says most, has few extras.
            sent.append(replace(case, way=next(together if sent else alone), unknown=number))
        groups.append(Group(requirement, _with_a_known_one(contract, facts, requirement, sent)))
    return [group for group in groups if group.cases]


def _mistake(case: PayloadCase) -> str:
    """What is wrong in a near miss, wherever it is."""
    return case.name.partition(" in ")[0]


def _with_a_known_one(
    contract: Contract, facts: TargetFacts, requirement: Requirement, sent: list[PayloadCase]
) -> tuple[PayloadCase, ...]:
    """The same, one of them with the references of an accepted invoice: what changes an invoice may
    be checked by other rules than what makes one. It is the last of a kind that is there twice, if
    one is, as a server may well refuse it for its references.
    """
    kinds = Counter(map(_mistake, sent))
    again = [case for case in sent if kinds[_mistake(case)] > 1]
    # A text or a number rather than either in a list, which a parser refuses.
    plain = [case for case in again if not case.name.startswith(("the value in a", "null"))]
    some = [case for case in (plain or again or sent[2:]) if isinstance(case.payload, dict)]
    if not some:
        return tuple(sent)
    payload = with_known_references(contract, facts, some[-1].payload, requirement.path)
    one = replace(some[-1], payload=payload, known=True)
    return tuple(one if case is some[-1] else case for case in sent)


def edge_values(contract: Contract, facts: TargetFacts) -> list[Group[Packed]]:
    """For each requirement on the payload what sits just inside it, several in one invoice."""
    return [Group(requirement, inside) for requirement, inside in packs(contract, facts) if inside]


def body_requirements(contract: Contract, _: TargetFacts) -> Sequence[Requirement]:
    """Each requirement on the payload that can be broken without too large a request, in more ways
    than are listed: what is left out is.
    """
    beyond = invalid.unbroken(contract)
    every = [each for each in contract.body_requirements if each not in beyond]
    return [each for each in every if each.keyword != "required"] or every


def named_probes(_contract: Contract, _facts: TargetFacts) -> Sequence[probes.Probe]:
    """Each probe."""
    return probes.load()


def limited(found: Sequence[Named], most: int | None) -> list[Named]:
    """The same, with at most so many cases to a group or crowd, and at most so many of one kind."""
    kinds: Counter[str] = Counter()
    kept: list[Named] = []
    for one in found:
        match one:
            case Group():
                kept.append(one.few(most))
            case Crowd():
                kept.append(replace(one, cases=one.cases[:most]))
            case Mixtures():
                kept.append(replace(one, cases=one.cases[:most]))
            case Case() | Series() | Requirement() | probes.Probe():
                kind = _kind(one)
                kinds[kind] += 1
                if most is None or kinds[kind] <= most:
                    kept.append(one)
            case _:
                kept.append(one)
    return kept


def _kind(one: Case | Series | Requirement | probes.Probe) -> str:
    match one:
        case Requirement():
            return one.keyword
        case probes.Probe():
            return one.edits[0].action if one.edits else "nothing"
    return one.kind


def is_without_cases(item: pytest.Item | pytest.Collector) -> bool:
    """Whether it stands for a test without a single case, which pytest would show as skipped."""
    return NOTSET in _arguments(item)


def parameters_broken(item: pytest.Item, contract: Contract) -> set[str]:
    """The requirements on parameters that a test's case breaks, by which `-k` selects it: it is
    named by the place alone.
    """
    kinds = {each.kind for each in _arguments(item) if isinstance(each, Case)}
    return {each.name for each in contract.parameter_requirements if each.name in kinds}


def forget_cases(item: pytest.Item) -> None:
    """Let go of the cases of a test that is over."""
    callspec = getattr(item, "callspec", None)
    if callspec is not None:
        callspec.params.clear()


def forget_made() -> None:
    """Let go of what was kept to make all cases, once they are made."""
    invalid.near_misses.cache_clear()
    carrying.cache_clear()


def refuse_ambiguous(items: Sequence[pytest.Item]) -> None:
    """Raise pytest.UsageError for tests some of whose results Allure would hide.

    It shows two results of one test as one with a retry, and hides the first; and it shows a test
    with a skipped subtest as skipped, whatever the other subtests found. The suite's own tests are
    no part of a run.
    """
    counts = Counter(item.nodeid for item in items)
    twins = [test for test, count in counts.items() if count > 1]
    if twins:
        raise pytest.UsageError(
            f"{twins[0]} is asked for {counted(counts[twins[0]], 'time')}: once is enough."
        )
    for item in items:
        if item.path.is_relative_to(OWN_TESTS):
            raise pytest.UsageError(
                f"{item.nodeid} is a test of the suite itself: run these by themselves, with "
                "pytest tests."
            )
        if "subtests" in getattr(item, "fixturenames", ()):
            raise pytest.UsageError(
                f"{item.nodeid} uses subtests, and a skipped one would hide a failure: "
                "parametrise it instead."
            )


def nothing_selected(keyword: str, contract: Contract) -> str:
    """A sentence on a `-k` that selects no test, with the requirement that may be meant, or the
    place of one that no case breaks.
    """
    if not keyword:
        return ""
    near = get_close_matches(keyword, [each.name for each in contract.requirements], 1)
    meant = subject_and_keyword(keyword)[0] if keyword in near else "".join(near)
    hint = f" (did you mean {meant}?)" if meant else ""
    return one_line(f"-k {keyword!r}: no test has that in its name{hint}")


def carriers_row(contract: Contract, used: Collection[Row]) -> CarriersRow:
    """How many carriers cases were sent in, and how many pairs and triples of levels met."""
    pairs, triples = (crossed(contract, used, strength) for strength in (2, 3))
    return {
        "used": len(used),
        "pairs_met": pairs[0],
        "pairs": pairs[1],
        "triples_met": triples[0],
        "triples": triples[1],
    }
