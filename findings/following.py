"""Which violation follows from another one: what was mostly seen in the same answers, or is one
with it by itself.
"""

from collections import Counter
from collections.abc import Hashable, Mapping

from causes.api_keys import TAKEN, UNCHECKED
from causes.cause import AFTER, ANOTHER_QUERY, CASE, PLACE, SENT, Cause
from causes.echo_change import ANOTHER
from causes.ways import FIELD, QUERY
from findings.finding import Finding, Occurrence
from findings.waivers import without_indices
from spec.contract import Contract
from spec.paths import names
from spec.relations import Relations
from spec.requirements import Level, subject_and_keyword
from spec.violation import Category

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
    first, second = one.causes[0], other.causes[0]
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
    others = {row.requirement for row in other.rows} - {name}
    return any(counts[each] >= MOSTLY * counts[name] > 0 for each in others)


def is_one_by_itself(first: Cause, second: Cause) -> bool:
    """Whether two causes are one, whatever the answers are: one page in front of the API, one way
    of sending that it does not know what to do with, or a key that is known from another request.
    """
    one, other = {*first.traits}, {*second.traits}
    same = first.traits == second.traits
    if SENT in one & other and (one <= other or other <= one):
        return True  # what it takes to be sent otherwise for the one is among that of the other
    if PLACE in one & other and same:
        return True  # a character that is cut
    if _are_of_no_use(one | other) and first.answer == second.answer:
        return first.category == second.category  # the names of one and the same thing
    if first.category == second.category == Category.AUTHENTICATION:
        if (same and first.traits == [AFTER]) or (one & UNCHECKED and other & UNCHECKED):
            return True
        if second.status == TAKEN and first.contains(second):
            return True  # who is let in is told what else is wrong
    if same and first.traits == [CASE] and first.difference == second.difference:
        return first.category == second.category  # all that is wrong with the answer to one case
    return bool(first.front) and first.front == second.front


def _are_of_no_use(traits: set[str]) -> bool:
    """Whether it takes header fields alone that the endpoint has no use for, or queries."""
    ways = traits - {SENT, ANOTHER_QUERY}
    return (
        SENT in traits
        and bool(ways)
        and any(all(way.startswith(kind) for way in ways) for kind in (FIELD, QUERY))
    )


def is_one_by_its_words(relations: Relations, first: Cause, second: Cause) -> bool:
    """Whether two causes are one by what the server says: the same of several members of a choice,
    or the same of two properties, of which it names one for both.
    """
    if first.category != second.category or first.of_answer or second.of_answer:
        return False
    status, one = [relations.state.status], first.answer == second.answer != ANOTHER
    if one and first.paths == second.paths == status:
        return True
    named = {
        path
        for one in (first, second)
        for path in one.paths
        if one.field and names(one.field, (path,))
    }
    return first.detail == second.detail and len(named) == 1 and first.paths != second.paths


def words_of(cause: Cause) -> Hashable:
    """What two causes have in common that are one, although only one of them is explained."""
    if cause.unusual:
        return cause.answer
    if cause.category == Category.ERROR_SHAPE:
        return cause.category, cause.answer, cause.status
    if cause.of_answer or cause.status is None or cause.status < 400:
        return cause.category, cause.answer
    return cause.symptom, without_indices(cause.field)
