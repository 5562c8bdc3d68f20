"""What findings have in common that may be one: the answer, and how much of the difference."""

import re
from collections.abc import Callable, Hashable

from causes.cause import (
    AFTER,
    CONCURRENT,
    EVERY,
    LONG,
    NOT_ALWAYS,
    NOTHING,
    RARELY,
    SENT,
    SOMETIMES,
    UNKNOWN,
    Cause,
)
from causes.echo_change import BY_SIZE, ITEMS_IN_ANOTHER_ORDER, ITEMS_NOT_ONCE
from causes.traits import coarsely
from findings.finding import Finding, is_mixed
from spec.exchange import HttpFault
from spec.paths import names, without_indices
from spec.relations import Relations
from spec.requirements import subject_and_keyword
from spec.violation import Category

_SHAPES = (ITEMS_IN_ANOTHER_ORDER, ITEMS_NOT_ONCE)
"""Answers that show one fault of items, whatever brings it about."""
_TWO = 2
_MANY_TESTS = 3
"""Tests in which a request gets an error now and then, whatever it is."""
_WHATEVER = ([SOMETIMES], [RARELY], [CONCURRENT])
"""Traits of a cause that has nothing to do with what is sent."""
_LONG = re.compile(r"(?<= of )\d+ characters\b")
"""How long a text is said to be."""
_STATUS, _NUMBER = re.compile(r"(?<=was answered )\d{3}"), re.compile(r"\d+")
"""How a request before was answered; a number, such as a column, in a server's words."""
Likeness = Callable[[Finding], Hashable]
"""What of a finding with a cause is equal in those that may be put together."""


def _whatever_was_asked(cause: Cause) -> Hashable:
    """What is one fault whatever was asked: what follows a request, a page that something in front
    of the API answers, how keys are refused, a status that is wrong. None of other answers.
    """
    if cause.before:
        return cause.before
    if cause.front and not cause.of_answer:
        return cause.front
    if cause.category == Category.AUTHENTICATION and not cause.is_taken:
        return cause.category
    # A success or a redirect that the documents do not know is right for no request.
    unknown = cause.unusual and cause.status is not None and cause.status < 400
    return cause.status if unknown or cause.category == Category.WRONG_STATUS else None


def answered(cause: Cause) -> Hashable:
    """The answer; what would be wrong to any request is one whatever is wrong with it."""
    own = cause.answer if cause.unusual else (cause.category, cause.answer)
    return _whatever_was_asked(cause) or own


def one_answer(finding: Finding) -> Hashable:
    """The answer alone."""
    return answered(finding.first)


def failed(finding: Finding) -> Hashable:
    """The answer; where what is invalid is accepted also the keyword that the server does not
    check: to forget one and to forget another are two faults, even if both show in a long text.
    Where it is refused in another item, it is that item which is not checked.
    """
    cause, keyword = finding.first, ""
    if cause.category == Category.ACCEPTED_INVALID and finding.rows:
        keyword = refused(cause) or subject_and_keyword(finding.rows[0].requirement)[1]
    return answered(cause), keyword


def refused(cause: Cause) -> str:
    """What is refused although the server forgets it, where that says what it does not check: no
    item but one, or nothing that is long. A condition beside the fault does not say it.
    """
    return cause.fails if not cause.paths or cause.in_another else ""


def equal(finding: Finding) -> Hashable:
    """The answer and the whole difference, at any place; for some answers the answer alone."""
    cause = finding.first
    if cause.of_answer and cause.traits == [EVERY]:
        return cause.id
    if cause.answer in _SHAPES:
        return answered(cause), _is_of_a_number(cause)
    if _whatever_was_asked(cause):
        return answered(cause)
    return failed(finding), *cause.traits, cause.least


def _is_of_a_number(cause: Cause) -> bool:
    """Whether items are lost for a number that one of them has, and not for how many there are or
    how alike.
    """
    lost = cause.answer == ITEMS_NOT_ONCE and cause.sure and cause.kinds == ["number"]
    return lost and len(cause.difference) == 1


def have_two_limits(first: Cause, second: Cause) -> bool:
    """Whether large numbers are refused from two different ones on, and not for one sum."""
    apart = first.least and second.least and first.paths != second.paths
    return bool(apart) and first.least != second.least and (first.by_itself or second.by_itself)


def have_two_bounds(finding: Finding, other: Finding) -> bool:
    """Whether texts of two properties are accepted that are equally too long, and what is refused
    beyond that is not the same: each has a limit of its own, or none.
    """
    first, second = finding.first, other.first
    too_long = first.kinds == second.kinds == ["maxLength"] and first.paths != second.paths
    known = all(each.sure and each.bound and not refused(each) for each in (first, second))
    if not (too_long and known) or NOTHING == first.bound == second.bound:
        return False
    sizes = [[*map(_size_in, (*each.difference, each.bound))] for each in (first, second)]
    return sizes[0] != sizes[1] and sizes[0][:-1] == sizes[1][:-1]


def _size_in(words: str) -> str:
    """How long a text is, of words that say it without its characters; empty for others."""
    found = _LONG.search(words)
    return found[0] if found else ""


def _is_one_limit(first: Cause, second: Cause) -> bool:
    """Whether large numbers are answered alike, maybe for one sum that they make."""
    limits = bool(first.least and second.least) and not have_two_limits(first, second)
    same = (first.category, first.traits) == (second.category, second.traits)
    return limits and same and first.answer == second.answer


def alike(finding: Finding) -> Hashable:
    """The answer, and of which kind the difference is."""
    cause = finding.first
    forgotten = cause.category == Category.ACCEPTED_INVALID
    return failed(finding), *(cause.paths if forgotten else cause.kinds)


def alike_here(finding: Finding) -> Hashable:
    """The same, at the same properties: at one there are fewer faults than at several."""
    return alike(finding), *finding.first.paths


def unchecked(relations: Relations, finding: Finding) -> Hashable:
    """What is not checked at all is one; a requirement that is forgotten is one by itself."""
    cause = finding.first
    if cause.category != Category.ACCEPTED_INVALID:
        return failed(finding)
    if is_of_items(relations, cause):
        return answered(cause), relations.sum.items
    return failed(finding), *cause.paths


def is_of_items(relations: Relations, cause: Cause) -> bool:
    """Whether all that differs is the items, or in them."""
    items = relations.sum.items
    return bool(cause.paths) and all(path.startswith(items) for path in cause.paths)


def are_by_as_much(finding: Finding, other: Finding) -> bool:
    """Whether a property comes back changed now and then, and by as much after another request."""
    odd = finding.is_all(lambda cause: cause.traits == [SOMETIMES])
    after = [each.symptom for each in other.causes if each.traits == [AFTER]]
    alike = any({finding.first.symptom, each} <= both for each in after for both in BY_SIZE)
    return odd and alike and finding.requirements <= other.requirements


def are_after_two(first: Cause, second: Cause) -> bool:
    """Whether each takes a difference of its own for an answer of its own, and the one of them at
    least a request before it: neither is why the other one is seen.
    """
    if first.answer == second.answer:
        return False
    if first.before and second.before:
        return first.before != second.before
    one, other = (first, second) if first.before else (second, first)
    return bool(one.before and one.broken is None and other.is_explained)


def _is_read_once(first: Cause, second: Cause) -> bool:
    """Whether both are one answer to one kind of difference, of which the server's words could be
    read for the one of them alone; for the other one maybe because of the request before it.
    """
    said = [bool(each.code or each.detail) for each in (first, second)]
    same = (first.category, first.status) == (second.category, second.status)
    if first.of_answer or not first.status or not same or said[0] is said[1]:
        return False
    read, unread = (first, second) if said[0] else (second, first)
    if unread.traits == [AFTER]:
        return any(each in unread.fails for each in read.difference)
    return bool(read.paths) and (read.kinds, read.paths) == (unread.kinds, unread.paths)


def _came_unasked(first: Cause, second: Cause) -> bool:
    """Whether the one is that answers are sent that were not asked for, and the other one that a
    request is refused now and then, as such an answer came just after it was sent.
    """
    unasked = [each.broken == HttpFault.UNASKED for each in (first, second)]
    odd = second if unasked[0] else first
    is_odd = odd.traits in (*NOT_ALWAYS, [UNKNOWN]) and 400 <= (odd.status or 0) < 500
    return unasked[0] is not unasked[1] and is_odd


def _is_as_long(first: Cause, second: Cause) -> bool:
    """Whether a body that is too long is refused alike, with the right key and with another one."""
    one, other = {*first.traits}, {*second.traits}
    refused = first.status == second.status and (first.status or 0) >= 400
    alike = refused and first.answer == second.answer
    return alike and LONG in one & other and (one <= other or other <= one)


def _is_after_any(first: Cause, second: Cause) -> bool:
    """Whether a request is refused in the same words after another one over its connection,
    whichever status that was answered with.
    """
    both = (first, second)
    befores = [_STATUS.sub("", each.before) for each in both]
    same = (first.category, first.answer) == (second.category, second.answer)
    words = [_NUMBER.sub("", each.detail) for each in both]
    one = befores[0] == befores[1] and words[0] == words[1] != ""
    return all(each.traits == [AFTER] for each in both) and same and one


def _is_by_a_field(first: Cause, second: Cause) -> bool:
    """Whether both are refused in the same words for header fields, the one for its key, which is
    a wrong one beside that.
    """
    both = (first, second)
    keys = [each.category == Category.AUTHENTICATION for each in both]
    refused = all(SENT in each.traits and 400 <= (each.status or 0) < 500 for each in both)
    words = [(each.symptom, each.detail) for each in both]
    return refused and keys[0] is not keys[1] and words[0] == words[1] and bool(first.detail)


def _are_too_long(first: Cause, second: Cause) -> bool:
    """Whether both answers are too long to be read: that may be all that several requests have in
    common, such as that each is refused.
    """
    return first.broken == second.broken == HttpFault.TOO_LONG


def are_one_otherwise(first: Cause, second: Cause) -> bool:
    """Whether both are one although what was asked, or the answers, are not."""
    rules = (
        _is_read_once,
        _came_unasked,
        _is_as_long,
        _is_one_limit,
        _is_after_any,
        _is_by_a_field,
        _are_too_long,
    )
    return any(is_one(first, second) for is_one in rules)


def is_of_one_before(named: Cause, refused: Cause) -> bool:
    """Whether an error names what the request before had wrong, and a valid one is refused after
    such a request: each gets the answer to the one before, whatever that names.
    """
    same = named.traits == refused.traits == [AFTER] and named.code == refused.code
    answered = f"answered {named.status}"
    return same and refused.category == Category.REFUSED_VALID and answered in refused.before


def in_other_letters(relations: Relations, *causes: Cause) -> bool:
    """Whether each is a status that is one of the document's but for its letters, such as `paıd`,
    whatever else makes the amounts with which a reader without case has it agree.
    """
    state = relations.state
    known = {each.upper() for each in state.listed}
    return all(
        state.status in cause.paths
        and any(each not in state.listed and each.upper() in known for each in cause.traits)
        for cause in causes
    )


def shows_alone(finding: Finding, other: Finding) -> bool:
    """Whether the finding takes other requests in flight, which get no answers of one another, and
    the other one no more than what is sent.
    """
    beside = finding.is_all(lambda cause: cause.traits == [CONCURRENT] and not is_mixed(cause))
    return beside and other.is_all(lambda cause: cause.sure and len(cause.paths) == 1)


def breaks_apart(finding: Finding, other: Finding) -> bool:
    """Whether a server breaks down at two properties together, and at another one alone."""
    first, at, one = finding.first, {*finding.first.paths}, {*other.first.paths}
    sure = all(each.is_all(lambda cause: cause.sure) for each in (finding, other))
    broken = first.category == Category.SERVER_ERROR and not first.of_answer
    return broken and sure and len(at) == _TWO and len(one) == 1 and not at & one


def is_for_what_is_refused(finding: Finding, other: Finding) -> bool:
    """Whether what is to be refused is so, but for what is refused in valid requests too: it takes
    the same, or is told in the same words of a property that the requirement is not about.
    """
    first, second = finding.first, other.first
    if first.answer == second.answer and all(
        any(coarsely(less.traits) <= coarsely(more.traits) for less in other.causes)
        for more in finding.causes
    ):
        return True
    of_it = second.category == Category.REFUSED_VALID and second.names == "it"
    own = any(names(second.field, (subject,)) for subject in finding.subjects)
    return of_it and not own and finding.is_all(lambda cause: _told(cause) == _told(second))


def _told(cause: Cause) -> Hashable:
    """How a server refuses a request, wherever in it."""
    return cause.status, cause.code, *map(without_indices, (cause.field, cause.detail))


def are_errors_now_and_then(*both: Finding) -> bool:
    """Whether requests get an error now and then in many tests, whatever they are, and the others
    one as well: it may be that of any request.
    """
    many = any(len({row.test for row in each.rows}) >= _MANY_TESTS for each in both)
    return many and all(each.is_all(_is_an_error_now_and_then) for each in both)


def _is_an_error_now_and_then(cause: Cause) -> bool:
    return cause.traits in _WHATEVER and cause.status in range(400, 500)
