"""Which causes are the same: merges what several cases, tests and processes saw of one.

Two are one where the difference of one contains that of the other (`Cause.contains`), or where one
change is made of a property; two of which neither contains the other are two faults, unless many
requests get that answer.
"""

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from functools import partial
from itertools import chain

from causes.cause import EVERY, Cause
from findings.finding import NAMES, Finding, Occurrence
from findings.following import without_followers
from findings.joining import MOST_FORGOTTEN, UNEXPLAINED, Pair, is_unexplained
from findings.likeness import (
    Likeness,
    alike,
    alike_here,
    equal,
    failed,
    have_two_bounds,
    have_two_limits,
    one_answer,
    unchecked,
)
from spec.contract import Contract
from spec.relations import Relations
from spec.violation import Category

MOST_ALIKE = 2
"""Findings with one answer that may differ only in what exactly is wrong."""
MOST_ANSWERS = 4
"""Findings with one answer."""


def grouped(
    contract: Contract,
    rows: Iterable[Occurrence],
    causes: Mapping[str, Cause],
    together: Mapping[str, Counter[str]],
) -> list[Finding]:
    """The findings of a run, from its rows and the causes by their id.

    `together` counts for each requirement in how many of the answers that violated it each other
    one was violated too.
    """
    findings: dict[str, Finding] = {}
    unexplained = []
    for row in rows:
        if row.cause in causes:
            findings.setdefault(row.cause, Finding([causes[row.cause]])).rows.append(row)
        else:
            unexplained.append(row)
    for row in unexplained:  # such as drift, and what was seen before anything could be explained
        same = (
            finding
            for finding in findings.values()
            if any(
                (one.requirement, one.category) == (row.requirement, row.category)
                for one in finding.rows
            )
        )
        finding = next(same, None)
        if finding is None:
            finding = findings.setdefault(f"{row.category} {row.requirement}", Finding())
        finding.rows.append(row)
    found = without_followers(contract, [*findings.values()], together)
    found = _contained(_merged(found, equal, 1))
    found = _merged(found, alike_here, MOST_ALIKE)
    found = _merged(found, alike, MOST_ALIKE)
    found = _merged(found, partial(unchecked, contract.relations), MOST_ANSWERS)
    found = _merged(found, one_answer, MOST_FORGOTTEN)
    found = _joined(contract.relations, found, together)
    return [part for finding in found for part in _apart(finding)]


def _apart(finding: Finding) -> list[Finding]:
    """What is waived of a finding, which is known, and what is not, each by itself: that another
    fault may be the same one changes nothing of the first.
    """
    names = {row.cause for row in finding.rows if row.waived}
    names -= {row.cause for row in finding.rows if not row.waived}
    known = Finding(
        [one for one in finding.causes if one.id in names],
        [row for row in finding.rows if row.cause in names],
    )
    rest = Finding(
        [one for one in finding.causes if one.id not in names],
        [row for row in finding.rows if row.cause not in names],
    )
    return [known, rest] if known.causes and rest.causes and rest.rows else [finding]


def _merged(findings: list[Finding], key: Likeness, most: int) -> list[Finding]:
    """The findings, those of one key put together where an answer has more than `most` of them."""
    counts = Counter(one_answer(finding) for finding in findings if finding.causes)
    kept: dict[Hashable, list[Finding]] = {}
    for number, finding in enumerate(findings):
        many = bool(finding.causes) and counts[one_answer(finding)] > most
        alike = kept.setdefault((key(finding),) if many else number, [])
        same = (each for each in alike if not have_two_bounds(each, finding))
        first = next(same, None)
        if first is None:
            alike.append(finding)
        else:
            first.add(finding)
    return [*chain(*kept.values())]


def _has_more(one: Finding, more: Finding) -> bool:
    if not one.causes or not more.causes or failed(one) != failed(more):
        return False
    first, other = one.first, more.first
    if have_two_limits(first, other) or have_two_bounds(one, more):
        return False
    return other.traits not in UNEXPLAINED and other.contains(first, anywhere=True)


def _contained(findings: list[Finding]) -> list[Finding]:
    """The findings, those put together of which one takes all that the other takes and more."""
    kept: list[Finding] = []
    for finding in sorted(
        findings, key=lambda each: sum(map(len, each.first.parts)) if each.causes else 0
    ):
        first = next((other for other in kept if _has_more(other, finding)), None)
        if first is None:
            kept.append(finding)
        else:
            first.add(finding)
    return kept


def _joined(
    relations: Relations, findings: list[Finding], together: Mapping[str, Counter[str]]
) -> list[Finding]:
    """The findings, each that says no more than another one put together with that, the larger one
    staying.
    """
    kept: list[Finding] = []
    for finding in sorted(findings, key=_vagueness):
        others = [other for other in kept if finding.causes and other.causes]
        likely = sorted(others, key=lambda each: not _comes_back_alike(finding, each))
        said = (each for each in likely if Pair(finding, each, relations, together).is_no_more)
        other = next(chain((each for each in others if _has_all_of(finding, each)), said), None)
        if other is None:
            kept.append(finding)
        else:
            other.add(finding)
    return kept


def _comes_back_alike(finding: Finding, other: Finding) -> bool:
    """Whether what comes back is changed in the same way: such a case shows that defect, and no
    other one that a part of it would show as well.
    """
    same = finding.first.answer == other.first.answer
    return same and finding.first.category == other.first.category == Category.ECHO


def _has_all_of(finding: Finding, other: Finding) -> bool:
    """Whether a request of each cause has all that some cause of the other finding takes."""
    return failed(finding) == failed(other) and all(
        any(more.contains(less) for less in other.causes) for more in finding.causes
    )


def _vagueness(finding: Finding) -> tuple[bool, bool, bool, int]:
    """How little a finding explains; what always shows explains most, and that an error names
    another field explains nothing else.
    """
    always = any(cause.traits == [EVERY] for cause in finding.causes)
    named = finding.requirements == {NAMES}
    return named, is_unexplained(finding), not always, -len(finding.rows)
