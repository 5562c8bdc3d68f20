"""Which violation follows from another one, as it was mostly seen in the same answers."""

from collections import Counter
from collections.abc import Mapping

from findings.finding import Finding, Occurrence
from spec.contract import Contract
from spec.requirements import Level, subject_and_keyword

MOSTLY = 0.75
"""The share of the answers with one fault that have another one too, for it to follow from that."""


def without_followers(
    contract: Contract, findings: list[Finding], together: Mapping[str, Counter[str]]
) -> list[Finding]:
    """The findings, those of answers whose fault comes with another one put together with it.

    An answer that is not JSON is not called JSON either, and a wrong amount makes a wrong sum.
    """
    order = {requirement.name: place for place, requirement in enumerate(contract.requirements)}

    def rank(name: str) -> tuple[bool, bool, bool, int]:
        requirement = contract.find(name)
        should = requirement is not None and requirement.level != Level.MUST
        _, keyword = subject_and_keyword(name)
        unique = keyword == "unique"  # also of ids that are none
        return should, unique, keyword != "echo", order.get(name, 0)

    leaders: dict[str, list[Finding]] = {}
    kept: list[Finding] = []
    for finding in sorted(findings, key=lambda finding: rank(finding.rows[0].requirement)):
        name = finding.rows[0].requirement
        counts = together.get(name, Counter())
        before = [
            leader
            for other, count in counts.items()
            if rank(other) < rank(name) and count >= MOSTLY * counts[name]
            for leader in leaders.get(other, ())
            if _leads(contract, leader.rows[0], finding.rows[0])
        ]
        before.sort(key=lambda leader: not _is_as(leader, finding))
        is_form = any(cause.of_answer for cause in finding.causes)
        leader = before[0] if before and is_form else None
        if leader is not None:
            leader.rows += finding.rows
            continue
        if finding.causes:
            leaders.setdefault(name, []).append(finding)
        kept.append(finding)
    return kept


def _is_as(one: Finding, other: Finding) -> bool:
    """Whether two findings have one difference, and answers of one status."""
    first, second = one.first, other.first
    return (first.status, first.difference) == (second.status, second.difference)


def _leads(contract: Contract, one: Occurrence, other: Occurrence) -> bool:
    """Whether the first violation can be why the other one is seen."""
    first, second = contract.named(one.requirement), contract.named(other.requirement)
    if second.keyword == "product":
        return first.keyword == "echo" and first.path[:-1] == second.path[:-1]
    return one.category == other.category or first.path == second.path


def comes_together(finding: Finding, other: Finding, together: Mapping[str, Counter[str]]) -> bool:
    """Whether the answers in which a finding was seen mostly had the fault of the other one too."""
    name = finding.rows[0].requirement
    counts = together.get(name, Counter())
    others = other.requirements - {name}
    return any(counts[each] >= MOSTLY * counts[name] > 0 for each in others)
