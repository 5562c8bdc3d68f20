"""Which causes are the same: merges what several cases, tests and processes saw of one.

Two are one where the difference of one contains that of the other (`Cause.contains`), or where one
change is made of a property; two of which neither contains the other are two defects.
"""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import replace
from functools import partial
from itertools import chain

from causes.api_keys import TAKEN
from causes.cause import (
    CASE,
    CONCURRENT,
    EVERY,
    IN_ANOTHER,
    NOT_ALWAYS,
    SENT,
    SOMETIMES,
    UNKNOWN,
    Cause,
)
from causes.echo_change import ANOTHER, ITEMS_IN_ANOTHER_ORDER, ITEMS_NOT_ONCE, OF_A_TYPE, SAY_HOW
from causes.traits import LARGE_NUMBER, coarsely
from findings.finding import Finding, Occurrence
from findings.following import (
    comes_together,
    is_one_by_its_words,
    is_one_by_itself,
    without_followers,
    words_of,
)
from spec.contract import Contract
from spec.exchange import HttpFault
from spec.relations import Relations
from spec.requirements import echo_name, subject_and_keyword
from spec.violation import Category

MOST_ALIKE = 2
"""Findings with one answer that may differ only in what exactly is wrong."""
MOST_ANSWERS = 4
"""Findings with one answer."""
MOST_FORGOTTEN = 10
"""Findings that requirements are forgotten; of more the server checks nothing."""
OF_DOUBT = "unspecified"
"""The suite of the tests that ask what the documents leave open."""
NAMES = "4xx.details.names"
NO_BODY, ANY_BODY = "requestBody.required", "requestBody.json"
"""The requirements that there is a body, and that it is JSON."""
NOT_JSON = "json"
"""What is wrong with an answer that is no JSON."""
_UNEXPLAINED = ([CASE], [SOMETIMES], [CONCURRENT], [UNKNOWN])
_SHAPES = (ITEMS_IN_ANOTHER_ORDER, ITEMS_NOT_ONCE)


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
    found = _contained(_merged(found, _equal, 1))
    found = _merged(found, _alike_here, MOST_ALIKE)
    found = _merged(found, _alike, MOST_ALIKE)
    found = _merged(found, partial(_unchecked, contract.relations), MOST_ANSWERS)
    found = _merged(found, _one_answer, MOST_FORGOTTEN)
    return _joined(contract.relations, found, together)


Key = Callable[[Finding], Hashable]
"""What findings have in common that may be put together; they have a cause."""


def _one_answer(finding: Finding) -> Hashable:
    return _answered(finding.causes[0])


def _answered(cause: Cause) -> Hashable:
    """An answer that would be wrong to any request is one, whatever was asked; so is a page that
    something in front of the API answers, and what follows a request, whatever that is.
    """
    if cause.before:
        return cause.before
    if cause.front and not cause.of_answer:
        return cause.front
    if cause.category == Category.AUTHENTICATION and cause.status != TAKEN:
        return cause.category
    if cause.category == Category.WRONG_STATUS or _is_never_right(cause):
        return cause.status
    return cause.answer if cause.unusual else (cause.category, cause.answer)


def _is_never_right(cause: Cause) -> bool:
    """Whether the status is a success or a redirect that the documents do not know."""
    return cause.unusual and cause.status is not None and cause.status < 400


def _failed(finding: Finding) -> Hashable:
    """The answer; where what is invalid is accepted also the keyword that the server does not
    check: to forget one and to forget another are two defects, even if both show in a long text.
    What is refused in another item is not forgotten: the item is not checked.
    """
    cause, keyword = finding.causes[0], ""
    if cause.category == Category.ACCEPTED_INVALID and finding.rows:
        keyword = _refused(cause) or subject_and_keyword(finding.rows[0].requirement)[1]
    return _answered(cause), keyword


def _refused(cause: Cause) -> str:
    """What is refused although the server forgets it, where that says what it does not check: no
    item but one, or nothing that is long. A condition beside the fault does not say it.
    """
    return cause.fails if not cause.paths or cause.fails.startswith(IN_ANOTHER) else ""


def _equal(finding: Finding) -> Hashable:
    cause = finding.causes[0]
    if cause.of_answer and cause.traits == [EVERY]:
        return cause.id
    one = cause.category == Category.WRONG_STATUS or _answered(cause) == cause.category
    page = cause.front and not cause.of_answer
    if one or page or cause.before or _is_never_right(cause) or cause.answer in _SHAPES:
        return _answered(cause)
    return _failed(finding), *cause.traits


def _alike(finding: Finding) -> Hashable:
    cause = finding.causes[0]
    forgotten = cause.category == Category.ACCEPTED_INVALID
    return _failed(finding), *(cause.paths if forgotten else cause.kinds)


def _alike_here(finding: Finding) -> Hashable:
    """At one property there are fewer defects than at several ones."""
    return _alike(finding), *finding.causes[0].paths


def _unchecked(relations: Relations, finding: Finding) -> Hashable:
    """What is not checked at all is one; a requirement that is forgotten is one by itself."""
    cause = finding.causes[0]
    if cause.category != Category.ACCEPTED_INVALID:
        return _failed(finding)
    if _is_of_items(relations, cause):
        return _answered(cause), relations.sum.items
    return _failed(finding), *cause.paths


def _is_of_items(relations: Relations, cause: Cause) -> bool:
    """Whether all that differs is the items, or in them."""
    items = relations.sum.items
    return bool(cause.paths) and all(path.startswith(items) for path in cause.paths)


def _merged(findings: list[Finding], key: Key, most: int) -> list[Finding]:
    """The findings, those of one key put together where an answer has more than `most` of them."""
    counts = Counter(_one_answer(finding) for finding in findings if finding.causes)
    kept: dict[Hashable, Finding] = {}
    for number, finding in enumerate(findings):
        many = bool(finding.causes) and counts[_one_answer(finding)] > most
        first = kept.setdefault((key(finding),) if many else number, finding)
        if first is not finding:
            first.add(finding)
    return [*kept.values()]


def _has_more(one: Finding, more: Finding) -> bool:
    if not one.causes or not more.causes or _failed(one) != _failed(more):
        return False
    first, other = one.causes[0], more.causes[0]
    return other.traits not in _UNEXPLAINED and other.contains(first, anywhere=True)


def _contained(findings: list[Finding]) -> list[Finding]:
    """The findings, those put together of which one takes all that the other takes and more."""
    kept: list[Finding] = []
    for finding in sorted(
        findings, key=lambda each: sum(map(len, each.causes[0].parts)) if each.causes else 0
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
        said = (other for other in others if _says_no_more(relations, finding, other, together))
        other = next(chain((each for each in others if _has_all_of(finding, each)), said), None)
        if other is None:
            kept.append(finding)
        else:
            other.add(finding)
    return kept


def _has_all_of(finding: Finding, other: Finding) -> bool:
    """Whether a request of each cause has all that some cause of the other finding takes."""
    return _failed(finding) == _failed(other) and all(
        any(more.contains(less) for less in other.causes) for more in finding.causes
    )


def _vagueness(finding: Finding) -> tuple[bool, bool, bool, int]:
    """How little a finding explains; what always shows explains most, and that an error names
    another field explains nothing else.
    """
    always = any(cause.traits == [EVERY] for cause in finding.causes)
    named = all(row.requirement == NAMES for row in finding.rows)
    return named, _is_unexplained(finding), not always, -len(finding.rows)


def _is_unexplained(finding: Finding) -> bool:
    """Whether no difference, or no small one, was found for any of its causes."""
    return all(cause.traits in _UNEXPLAINED or len(cause.paths) > 1 for cause in finding.causes)


def _says_no_more(
    relations: Relations, finding: Finding, other: Finding, together: Mapping[str, Counter[str]]
) -> bool:
    """Whether a finding is explained by another one."""
    first, second = finding.causes[0], other.causes[0]
    if any(is_one_by_itself(first, each) for each in other.causes) or is_one_by_its_words(
        relations, first, second
    ):
        return True
    if _is_unasked(finding, other) and comes_together(finding, other, together):
        return True
    if first.category == second.category == Category.ACCEPTED_INVALID:
        return (
            _is_in_an_unchecked_item(relations, finding, other)
            or _is_one_of_many(finding, other)
            or _is_no_json_either(finding, other)
        )
    if words_of(first) in map(words_of, other.causes) and (
        _is_unexplained(finding) or first.status not in (201, 400, *range(500, 600), None)
    ):
        return True
    if second.answer == NOT_JSON and (
        first.answer == NOT_JSON or first.broken == HttpFault.FRAMING
    ):
        return True  # framing that is broken breaks what is in it
    if _is_odd(finding) and _is_odd(other) and _functions(finding) <= _functions(other):
        return True  # such as answers that are mixed up
    if first.category != second.category:
        return _follows(finding, other) or _lies_in_an_unchecked_item(relations, finding, other)
    if first.category == Category.ECHO:
        return _comes_back_with(relations, finding, other)
    if first.category == Category.ERROR_SHAPE:
        return comes_together(finding, replace(other, rows=other.rows[:1]), together)
    same = first.unusual and _alike(finding) == _alike(other)
    here = same and not _paths(finding).isdisjoint(_paths(other))
    return here or _is_of_one_property(finding, other)


def _follows(finding: Finding, other: Finding) -> bool:
    """Whether an error is wrong only because the decision was, which is another finding."""
    first, second = finding.causes[0], other.causes[0]
    if {row.requirement for row in finding.rows} == {NAMES}:
        errs_alike = (first.status, first.field) == (second.status, second.field)
        return not second.of_answer and errs_alike
    if SENT in first.traits and SENT in second.traits and first.answer == second.answer:
        return bool({*first.traits} & {*second.traits} - {SENT})
    if first.category != Category.WRONG_STATUS or not first.paths:
        return False
    if second.category == Category.ACCEPTED_INVALID:
        # What is invalid is taken for valid, and then refused for another reason.
        return _kinds(finding) <= _kinds(other)
    # What is to be refused is so, but for what is refused in valid requests too.
    return first.answer == second.answer and all(
        any(coarsely(less.traits) <= coarsely(more.traits) for less in other.causes)
        for more in finding.causes
    )


def _is_odd(finding: Finding) -> bool:
    """Whether none of its causes shows each time."""
    return all(cause.traits in NOT_ALWAYS for cause in finding.causes)


def _functions(finding: Finding) -> set[str]:
    """The test functions that see it."""
    return {row.parts.whole for row in finding.rows}


def _is_unasked(finding: Finding, other: Finding) -> bool:
    """Whether nothing more could be asked about a finding, but about the other one."""
    unasked, asked = (
        all(cause.traits == [UNKNOWN] for cause in each.causes) for each in (finding, other)
    )
    return unasked and not asked and finding.causes[0].category == other.causes[0].category


def _is_in_an_unchecked_item(relations: Relations, finding: Finding, other: Finding) -> bool:
    """Whether all is accepted in an item of which several requirements are not checked, although
    they are in another one.
    """
    checked_elsewhere = any(map(_refused, other.causes))
    several = len(_keywords(other)) > 1
    in_items = all(_is_of_items(relations, cause) for cause in finding.causes)
    return checked_elsewhere and several and in_items


def _lies_in_an_unchecked_item(relations: Relations, finding: Finding, other: Finding) -> bool:
    """Whether only items with an unspecified value are mixed up, and items are not checked."""
    mixed, accepted = finding.causes[0].answer, other.causes[0].category
    if (mixed, accepted) != (ITEMS_NOT_ONCE, Category.ACCEPTED_INVALID):
        return False
    asked = [cause for cause in finding.causes if cause.traits != [UNKNOWN]]
    of_items = bool(asked) and all(_is_of_items(relations, cause) for cause in asked)
    in_doubt = all(row.parts.suite == OF_DOUBT for row in finding.rows)
    several = len(_keywords(other)) > 1
    unchecked = several and all(_is_of_items(relations, cause) for cause in other.causes)
    return of_items and in_doubt and unchecked


def _is_one_of_many(finding: Finding, other: Finding) -> bool:
    """Whether no difference explains why some requirements are forgotten, but one why many are."""
    unexplained = all(cause.traits in ([CASE], [UNKNOWN]) for cause in finding.causes)
    many = len({row.requirement for row in other.rows}) > MOST_ANSWERS
    return unexplained and many and _keywords(finding) <= _keywords(other)


def _is_no_json_either(finding: Finding, other: Finding) -> bool:
    """Whether a request without a body is accepted as all is that is no JSON."""
    names, others = ({row.requirement for row in each.rows} for each in (finding, other))
    return names == {NO_BODY} and ANY_BODY in others and len(other.rows) > MOST_FORGOTTEN


def _keywords(finding: Finding) -> set[str]:
    return {subject_and_keyword(row.requirement)[1] for row in finding.rows}


def _comes_back_with(relations: Relations, finding: Finding, other: Finding) -> bool:
    """Whether what comes back wrong does so because something else does."""
    first, second = finding.causes[0], other.causes[0]
    names = {row.requirement for row in finding.rows}
    others = {row.requirement for row in other.rows}
    if any(
        each.traits == [EVERY] or each.usual or first.contains(each)
        for each in _that_mix_up_items(relations, other)
    ):
        items = f"201.data.{relations.sum.items}"
        return all(name == f"{items}.echo" or name.startswith(f"{items}[].") for name in names)
    more = any(first.contains(each) for each in other.causes)
    if second.traits == [EVERY] and first.answer == second.answer in OF_A_TYPE:
        return True  # the plain invoice has a value that shows it, but not in each property
    one = more or any(first.answer == each.answer in SAY_HOW for each in other.causes)
    if first.traits == second.traits and _is_by_texts(finding, other):
        vague = ANOTHER in (first.answer, second.answer)
    else:
        vague = first.answer == ANOTHER and not _is_by_texts(finding, other)
    return names <= others and (one or vague or _is_by_large_numbers(finding, other))


def _that_mix_up_items(relations: Relations, finding: Finding) -> list[Cause]:
    """The causes by which nobody can say any more which item is which."""
    reference = f"201.data.{relations.sum.items}[].{relations.distinct.reference}.echo"
    changed = {row.cause for row in finding.rows if row.requirement == reference}
    return [each for each in finding.causes if each.answer == ITEMS_NOT_ONCE or each.id in changed]


def _is_of_one_property(finding: Finding, other: Finding) -> bool:
    """Whether what is sent in one property makes one property of the answer wrong, in any way."""
    wrong, others = (
        {row.requirement.rpartition(".")[0] for row in each.rows} for each in (finding, other)
    )
    is_shape = finding.causes[0].category == Category.ANSWER_SHAPE
    one = len(wrong) == 1 == len(_paths(finding) | _paths(other))
    return is_shape and one and wrong == others


def _is_by_large_numbers(*findings: Finding) -> bool:
    """Whether each is brought about by a large number: what does not fit comes back in any way."""
    return all(any(LARGE_NUMBER in each.traits for each in one.causes) for one in findings)


def _is_by_texts(*findings: Finding) -> bool:
    """Whether each is brought about by a text, which is what comes back wrong."""
    return all(
        cause.kinds == ["text"] and [*map(echo_name, cause.paths)] == [row.requirement]
        for finding in findings
        for cause in finding.causes
        for row in finding.rows
    )


def _kinds(finding: Finding) -> set[tuple[str, ...]]:
    return {tuple(cause.kinds) for cause in finding.causes}


def _paths(finding: Finding) -> set[str]:
    return {path for cause in finding.causes for path in cause.paths}
