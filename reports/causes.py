"""Findings: violations with one cause, each under the requirement that says most about it.

A process explains what it sees (`run/findings.py`). Here what several processes and tests saw of
one cause is put together.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from spec.contract import Contract
from spec.paths import path_text
from spec.requirements import Level
from spec.violation import Category
from targets.masking import Masker

EVERY, CASE, SOMETIMES, UNKNOWN = "every", "case", "sometimes", "unknown"
"""Traits of a cause without a difference: the control shows it too, only the case is known, it does
not show each time, nothing more could be asked."""
AND = " and "
"""Between the changes of a difference."""
MOST_CHANGES = 3
"""Changes of a difference that are told."""
MOST_ALIKE = 2
"""Findings with one answer that may differ only in what exactly is wrong."""
MOST_ANSWERS = 4
"""Findings with one answer."""
MOSTLY = 0.75
"""The share of the answers with one fault that have another one too, for it to follow from that."""


@dataclass(slots=True)
class Cause:
    """The smallest difference that explains a violation, as one process found it.

    `answer` and `traits` are what equal faults share: of the answer, and of the difference wherever
    it is; `kinds` are coarser traits. `paths` is where the difference is, `limits` names the
    requirements whose limit it reaches. `works` and `fails` are the two requests that it lies
    between. `status`, `code` and `detail` are the server's words. `of_answer` says that the form of
    the answer is wrong, `unusual` that no request may be answered so.
    """

    category: str
    answer: str
    traits: list[str]
    kinds: list[str]
    paths: list[str]
    limits: list[str]
    difference: str
    works: str
    fails: str
    status: int | None
    code: str
    detail: str
    of_answer: bool = False
    unusual: bool = False

    def mask(self, masker: Masker) -> None:
        """Hide the keys in all texts that may have come from a server, or been sent to it."""
        for name in ("answer", "difference", "works", "fails", "code", "detail"):
            setattr(self, name, masker.mask(getattr(self, name)))

    @property
    def told(self) -> str:
        """The difference as people read it."""
        return shortly(self.difference)

    @property
    def id(self) -> str:
        """The same for equal causes of two processes or runs."""
        what = (self.category, self.answer, self.traits, self.paths, self.difference)
        return hashlib.sha256(repr(what).encode(errors="backslashreplace")).hexdigest()[:8]


def shortly(words: str) -> str:
    """Words with a difference in them, which may be long."""
    changes = words.split(AND)
    more = len(changes) - MOST_CHANGES
    return AND.join(changes[:MOST_CHANGES]) + (f"{AND}{more} changes more" if more > 0 else "")


@dataclass(slots=True)
class Group:
    """Causes that are one, and the rows of the record that they explain."""

    causes: list[Cause] = field(default_factory=list)
    rows: list[Any] = field(default_factory=list)

    def add(self, other: "Group") -> None:
        """Take over another group."""
        self.causes += other.causes
        self.rows += other.rows


def grouped(
    contract: Contract,
    rows: Iterable[Any],
    causes: Mapping[str, Cause],
    together: Mapping[str, Counter[str]],
) -> list[Group]:
    """The findings of a run, from its rows (`reports.ledger.Finding`) and the causes by their id.

    `together` counts for each requirement in how many of the answers that violated it each other
    one was violated too.
    """
    groups: dict[str, Group] = {}
    unexplained = []
    for row in rows:
        if row.cause in causes:
            groups.setdefault(row.cause, Group([causes[row.cause]])).rows.append(row)
        else:
            unexplained.append(row)
    for row in unexplained:  # such as drift, and what was seen before anything could be explained
        same = (
            group
            for group in groups.values()
            if any(
                (one.requirement, one.category) == (row.requirement, row.category)
                for one in group.rows
            )
        )
        group = next(same, None)
        if group is None:
            group = groups.setdefault(f"{row.category} {row.requirement}", Group())
        group.rows.append(row)
    found = _without_followers(contract, [*groups.values()], together)
    found = _contained(_merged(found, _equal))
    return _merged(_merged(found, _alike), _answered)


def _without_followers(
    contract: Contract, groups: list[Group], together: Mapping[str, Counter[str]]
) -> list[Group]:
    """The groups, those of answers whose fault comes with another one put together with it.

    An answer that is not JSON is not called JSON either, and a wrong amount makes a wrong sum.
    """
    order = {requirement.name: place for place, requirement in enumerate(contract.requirements)}

    def rank(name: str) -> tuple[bool, bool, int]:
        requirement = contract.find(name)
        should = requirement is not None and requirement.level != Level.MUST
        return should, not name.endswith(".echo"), order.get(name, 0)

    leaders: dict[str, Group] = {}
    kept: list[Group] = []
    for group in sorted(groups, key=lambda group: rank(group.rows[0].requirement)):
        name = group.rows[0].requirement
        counts = together.get(name, Counter())
        before = (
            leaders[other]
            for other, count in counts.items()
            if other in leaders
            and rank(other) < rank(name)
            and count >= MOSTLY * counts[name]
            and _leads(contract, leaders[other].rows[0], group.rows[0])
        )
        is_form = any(cause.of_answer for cause in group.causes)
        leader = next(before, None) if is_form else None
        if leader is not None:
            leader.rows += group.rows
            continue
        if group.causes:
            leaders.setdefault(name, group)
        kept.append(group)
    return kept


def _leads(contract: Contract, one: Any, other: Any) -> bool:
    """Whether the first violation can be why the other one is seen."""
    first, second = contract.named(one.requirement), contract.named(other.requirement)
    if second.keyword == "product":
        return first.keyword == "echo" and first.path[:-1] == second.path[:-1]
    return one.category == other.category or first.path == second.path


Key = Callable[[Cause], Hashable]


def _answered(cause: Cause) -> Hashable:
    """An answer that would be wrong to any request is one, whatever was asked."""
    if cause.category == Category.AUTHENTICATION:
        return cause.category
    if _is_never_right(cause):
        return cause.status
    return cause.answer if cause.unusual else (cause.category, cause.answer)


def _is_never_right(cause: Cause) -> bool:
    """Whether the status is a success or a redirect that the documents do not know."""
    return cause.unusual and cause.status is not None and cause.status < 400


def _equal(cause: Cause) -> Hashable:
    if cause.of_answer and cause.traits == [EVERY]:
        return cause.id
    if cause.category == Category.AUTHENTICATION or _is_never_right(cause):
        return _answered(cause)
    return _answered(cause), *cause.traits


def _alike(cause: Cause) -> Hashable:
    return _answered(cause), *cause.kinds


MOST: dict[Key, int] = {_equal: 1, _alike: MOST_ALIKE, _answered: MOST_ANSWERS}
"""More groups than that of one answer are put together by the key."""


def _merged(groups: list[Group], key: Key) -> list[Group]:
    """The groups, those of one key put together where an answer has more of them than allowed."""
    counts = Counter(_answered(group.causes[0]) for group in groups if group.causes)
    kept: dict[Hashable, Group] = {}
    for number, group in enumerate(groups):
        cause = group.causes[0] if group.causes else None
        many = cause is not None and counts[_answered(cause)] > MOST[key]
        first = kept.setdefault(key(cause) if cause and many else number, group)
        if first is not group:
            first.add(group)
    return [*kept.values()]


def _has_more(first: Cause | None, other: Cause | None) -> bool:
    if first is None or other is None or not first.difference:
        return False
    if _answered(first) != _answered(other):
        return False
    changes = {*first.difference.split(AND)} < {*other.difference.split(AND)}
    return changes or {*first.traits} < {*other.traits}


def _contained(groups: list[Group]) -> list[Group]:
    """The groups, those put together of which one has all traits of the other and more."""
    kept: list[Group] = []
    for group in sorted(groups, key=lambda each: len(each.causes[0].traits) if each.causes else 0):
        cause = group.causes[0] if group.causes else None
        for other in kept if cause else ():
            first = other.causes[0] if other.causes else None
            if _has_more(first, cause):
                other.add(group)
                break
        else:
            kept.append(group)
    return kept


def form_key(name: str, status: int, *, kept: bool) -> str:
    """Under which key it is counted how often a requirement on errors was kept with a status."""
    return f"{name} {status} {'kept' if kept else 'broken'}"


def rows_of(
    contract: Contract, groups: Iterable[Group], level: Level, forms: Mapping[str, int]
) -> list[dict[str, Any]]:
    """The findings as the record has them (`causes` of run.schema.json), the worst first.

    `forms` counts how often requirements on errors were kept and broken (`form_key`).
    """
    return sorted((_row(contract, group, level, forms) for group in groups), key=_severity)


def _row(
    contract: Contract, group: Group, level: Level, forms: Mapping[str, int]
) -> dict[str, Any]:
    main = min(group.rows, key=lambda row: _rank(contract, group, row, level))
    # What is told is the cause that was found under this requirement, if it was.
    first = group.causes[0] if group.causes else None
    cause = next((one for one in group.causes if one.id == main.cause), first)
    known = _id(main.requirement, group)
    for row in group.rows:
        row.cause = known
    names = dict.fromkeys(row.requirement for row in group.rows)
    tests = dict.fromkeys(row.test for row in (main, *group.rows))
    works, fails = (cause.works, cause.fails) if cause else ("", "")
    if cause and cause.of_answer and cause.traits == [EVERY]:
        works, fails = _told_of_form(main.requirement, forms)
    differences = dict.fromkeys(one.told for one in group.causes if one.difference)
    return {
        "id": known,
        "requirement": main.requirement,
        "level": main.level,
        "category": main.category,
        "headline": main.headline,
        "where": main.where,
        "file": main.file,
        "line": main.line,
        "expected": main.expected,
        "got": main.got,
        "difference": cause.told if cause else "",
        "alike": [each for each in differences if cause and each != cause.told],
        "accepted": shortly(works),
        "refused": shortly(fails),
        "answer": cause.answer if cause else "",
        "status": cause.status if cause else None,
        "code": cause.code if cause else "",
        "detail": cause.detail if cause else "",
        "place": main.place,
        "also": [name for name in names if name != main.requirement],
        "tests": [*tests],
        "exchange": main.exchange,
        "times": _times(group, main.requirement),
        "waived": all(row.waived for row in group.rows),
        "verdict": _verdict(group, main, level),
    }


def _verdict(group: Group, main: Any, level: Level) -> str:
    if main.category == Category.DRIFT:
        return "drift"
    if all(row.waived for row in group.rows):
        return "known"
    return "noted" if level is Level.MUST and main.level == Level.SHOULD else "broken"


def _told_of_form(name: str, forms: Mapping[str, int]) -> tuple[str, str]:
    """Which answers have the right form, and which the wrong one."""
    kept, wrong = (
        [each for each in range(400, 500) if forms.get(form_key(name, each, kept=right))]
        for right in (True, False)
    )
    if not wrong:
        return "", "every answer"
    if not kept:
        return "", "every error"
    word = "some" if {*kept} & {*wrong} else "every"
    right = " and ".join(f"every {status}" for status in kept if status not in wrong)
    return right, " and ".join(f"{word} {status}" for status in wrong)


def _id(requirement: str, group: Group) -> str:
    """The same in each run that finds the same."""
    known = min((one.id for one in group.causes), default="")
    return hashlib.sha256(f"{requirement} {known}".encode()).hexdigest()[:8]


def _rank(contract: Contract, group: Group, row: Any, level: Level) -> tuple[Any, ...]:
    """How much a requirement says of the cause; the least says most."""
    cause, requirement = group.causes[0] if group.causes else None, contract.find(row.requirement)
    counts = not row.waived and (level is Level.SHOULD or row.level == Level.MUST)
    if cause is None or requirement is None:
        return (not counts,)
    path = requirement.path[1:] if requirement.path[:1] == ("data",) else requirement.path
    paths = {each for one in group.causes for each in one.paths}
    return (
        not counts,
        row.category != cause.category,
        not cause.of_answer and path_text(path) not in paths,
        row.level != Level.MUST,
        row.requirement not in cause.limits,
        0 if cause.of_answer else -len(path) if paths else -_times(group, row.requirement),
        contract.requirements.index(requirement),
    )


def _times(group: Group, name: str) -> int:
    return int(sum(row.times for row in group.rows if row.requirement == name))


SEVERITY = (
    Category.SERVER_ERROR,
    Category.ACCEPTED_INVALID,
    Category.AUTHENTICATION,
    Category.REFUSED_VALID,
    Category.ECHO,
    Category.WRONG_STATUS,
    Category.PROTOCOL,
    Category.ANSWER_SHAPE,
    Category.ERROR_SHAPE,
    Category.DRIFT,
)
"""The categories, the worst first."""


def _severity(row: dict[str, Any]) -> tuple[Any, ...]:
    return row["level"] != Level.MUST, SEVERITY.index(row["category"]), -row["times"]
