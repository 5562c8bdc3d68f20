"""Why one finding says no more than another one, so that both are told as one."""

from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, replace

from causes.cause import (
    AFTER,
    ANOTHER_QUERY,
    CASE,
    CONCURRENT,
    EVERY,
    LOST,
    NOT_ALWAYS,
    PLACE,
    SENT,
    SOMETIMES,
    UNKNOWN,
    Cause,
)
from causes.echo_change import ANOTHER, ANOTHER_MEMBER, ITEMS_NOT_ONCE, OF_A_TYPE, SAY_HOW, are_two
from causes.kinds.api_keys import UNCHECKED
from causes.kinds.ways import is_another_field, is_queried
from causes.symptoms import NOT_JSON
from causes.traits import ESCAPES, LARGE_NUMBER, LENGTH, OF_WRITING
from findings.finding import NAMES, Finding, is_mixed
from findings.following import comes_together
from findings.likeness import (
    alike,
    are_after_two,
    are_by_as_much,
    are_errors_now_and_then,
    are_one_otherwise,
    breaks_apart,
    in_other_letters,
    is_for_what_is_refused,
    is_of_items,
    is_of_one_before,
    refused,
    shows_alone,
)
from spec.exchange import HttpFault
from spec.paths import names, without_indices
from spec.relations import Relations
from spec.requirements import echo_name
from spec.violation import Category

MANY = 4
"""Requirements that are forgotten for one reason; of fewer, each may have its own."""
MOST_FORGOTTEN = 10
"""Findings that requirements are forgotten; of more the server checks nothing."""
UNSPECIFIED_SUITE = "unspecified"
"""The suite of the tests that ask what the documents leave open."""
NO_BODY, ANY_BODY = "requestBody.required", "requestBody.json"
"""The requirements that there is a body, and that it is JSON."""
UNEXPLAINED = ([CASE], [SOMETIMES], [CONCURRENT], [UNKNOWN])


@dataclass(frozen=True, slots=True)
class Pair:
    """A finding, and another one that may say the same; how often requirements were violated
    `together`.
    """

    finding: Finding
    other: Finding
    relations: Relations
    together: Mapping[str, Counter[str]]

    @property
    def first(self) -> Cause:
        """The first cause of the finding."""
        return self.finding.first

    @property
    def second(self) -> Cause:
        """That of the other one."""
        return self.other.first

    @property
    def both(self) -> tuple[Finding, Finding]:
        """The finding and the other one."""
        return self.finding, self.other

    @property
    def are_forgotten(self) -> bool:
        """Whether both accept what is invalid."""
        return self.first.category == self.second.category == Category.ACCEPTED_INVALID

    @property
    def is_no_more(self) -> bool:
        """Whether the finding is explained by the other one."""
        return any(rule(self) for rule in self._rules)

    @property
    def _rules(self) -> "Sequence[Rule]":
        """The reasons that there may be."""
        if self.are_forgotten:
            return *_OF_ANY, *_OF_FORGOTTEN
        if self.first.category != self.second.category:
            return *_OF_ANY, *_OF_ANSWERS, *_OF_TWO
        return *_OF_ANY, *_OF_ANSWERS, *_OF_ONE.get(self.first.category, _OF_OTHERS)


Rule = Callable[[Pair], bool]


def _is_one_by_itself(pair: Pair) -> bool:
    """Whether two causes are one, whatever the answers are."""
    rules = (_are_one, are_one_otherwise)
    return any(is_one(pair.first, each) for each in pair.other.causes for is_one in rules)


def _are_one(first: Cause, second: Cause) -> bool:
    """Whether both are one way of sending, one character that is cut, fields of no use, one fault
    of keys, one case, or one page in front of the API.
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
        if second.is_taken and (first.contains(second) or second.traits == [SOMETIMES]):
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
        and any(all(map(is_so, ways)) for is_so in (is_another_field, is_queried))
    )


def _is_one_by_its_words(pair: Pair) -> bool:
    """Whether two causes are one by what the server says: the same of several members of a choice,
    of one number that is written in two ways, of a total whichever items make it, or of two
    properties, of which it names one for both.
    """
    first, second = pair.first, pair.second
    if first.category != second.category or first.of_answer or second.of_answer:
        return False
    status, one = [pair.relations.state.status], first.answer == second.answer
    is_vague = first.answer in (ANOTHER, ANOTHER_MEMBER)
    in_letters = pair.are_forgotten and in_other_letters(pair.relations, first, second)
    if one and (in_letters or (not is_vague and first.paths == second.paths == status)):
        return True
    if one and first.detail == second.detail and first.paths == second.paths:
        both, total = (first, second), [pair.relations.sum.total]
        made = first.paths == total and all(each.follows for each in both)
        return made or all({*each.traits} <= OF_WRITING for each in both)
    named = {
        path
        for one in (first, second)
        for path in one.paths
        if one.field and names(one.field, (path,))
    }
    return first.detail == second.detail and len(named) == 1 and first.paths != second.paths


def _is_unasked(pair: Pair) -> bool:
    """Whether nothing more could be asked about a finding, but about the other one, which was
    mostly seen with it.
    """
    unasked, asked = (each.is_all(lambda cause: cause.traits == [UNKNOWN]) for each in pair.both)
    same = unasked and not asked and pair.first.category == pair.second.category
    return same and comes_together(pair.finding, pair.other, pair.together)


def _has_its_words(pair: Pair) -> bool:
    """Whether both are answered alike, and no small difference explains the finding, or the status
    says all there is to say.
    """
    told = pair.first.status not in (201, 400, *range(500, 600), None)
    alike = _words_of(pair.first) in map(_words_of, pair.other.causes)
    if told or not alike or not is_unexplained(pair.finding):
        return told and alike
    return not (shows_alone(*pair.both) or breaks_apart(*pair.both))


def _words_of(cause: Cause) -> Hashable:
    """What two causes have in common that are one, although only one of them is explained."""
    if cause.unusual:
        return cause.answer
    if cause.category == Category.ERROR_SHAPE:
        return cause.category, cause.answer, cause.status
    if cause.of_answer or cause.status is None or cause.status < 400:
        return cause.category, cause.answer
    return cause.symptom, without_indices(cause.field)


def is_unexplained(finding: Finding) -> bool:
    """Whether no difference, or no small one, was found for any of its causes."""
    return finding.is_all(lambda cause: cause.traits in UNEXPLAINED or len(cause.paths) > 1)


def _is_no_json(pair: Pair) -> bool:
    """Whether an answer is no JSON; framing that is broken breaks what is in it."""
    framing = pair.first.broken == HttpFault.FRAMING and not are_after_two(pair.first, pair.second)
    return pair.second.answer == NOT_JSON and (framing or pair.first.answer == NOT_JSON)


def _is_odd(pair: Pair) -> bool:
    """Whether neither shows each time, in the same tests, such as answers that are mixed up."""
    odd = all(each.is_all(lambda cause: cause.traits in NOT_ALWAYS) for each in pair.both)
    tests, others = ({row.parts.whole for row in each.rows} for each in pair.both)
    one = tests <= others or are_errors_now_and_then(*pair.both)
    return odd and one and not are_after_two(pair.first, pair.second)


def _is_of_a_lost_connection(pair: Pair) -> bool:
    """Whether the one is that kept connections are lost after some requests, and the other one that
    there is no answer now and then, as to what is not sent again.
    """
    lost, others = (
        each.is_all(lambda cause: cause.traits == [LOST]) for each in (pair.finding, pair.other)
    )
    odd = pair.other if lost else pair.finding
    return lost is not others and odd.is_all(
        lambda cause: cause.broken == HttpFault.CLOSED and cause.traits in (*NOT_ALWAYS, [UNKNOWN])
    )


def _is_of_another_request(pair: Pair) -> bool:
    """Whether no difference explains what does not show each time, or only beside others, and
    answers go to other requests that are in flight, so that any answer may come to any of them.
    """
    mixed = [any(map(is_mixed, each.causes)) for each in pair.both]
    other = pair.other if mixed[0] else pair.finding
    odd = any(each.traits in ([SOMETIMES], [CONCURRENT]) for each in other.causes)
    return any(mixed) and odd and other.is_all(lambda cause: cause.traits in UNEXPLAINED)


def _is_in_an_unchecked_item(pair: Pair) -> bool:
    """Whether all is accepted in an item of which several requirements are not checked, although
    they are in another one.
    """
    checked_elsewhere = any(map(refused, pair.other.causes))
    several = len(pair.other.keywords) > 1
    in_items = pair.finding.is_all(lambda cause: is_of_items(pair.relations, cause))
    return checked_elsewhere and several and in_items


def _is_one_of_many(pair: Pair) -> bool:
    """Whether no difference explains why some requirements are forgotten, but one why many are."""
    unexplained = pair.finding.is_all(lambda cause: cause.traits in ([CASE], [UNKNOWN]))
    many = len(pair.other.requirements) > MANY
    return unexplained and many and pair.finding.keywords <= pair.other.keywords


def _is_no_json_either(pair: Pair) -> bool:
    """Whether a request without a body is accepted as all is that is no JSON."""
    any_body = ANY_BODY in pair.other.requirements and len(pair.other.rows) > MOST_FORGOTTEN
    return any_body and pair.finding.requirements == {NO_BODY}


def _is_of_a_type_too(pair: Pair) -> bool:
    """Whether what is no member is accepted, such as null, and as no more than any value of that
    type is, which is none either at other properties.
    """

    def is_so(finding: Finding, other: Finding) -> bool:
        types = [{*each.traits} for each in other.causes if "type" in each.traits]
        return all(
            "enum" in each.traits and {*each.traits} - {"enum"} | {"type"} in types
            for each in finding.causes
        )

    return is_so(pair.finding, pair.other) or is_so(pair.other, pair.finding)


def _errs_alike(pair: Pair) -> bool:
    """Whether an error names another field only because the decision was wrong."""
    first, second = pair.first, pair.second
    if pair.finding.requirements != {NAMES} or second.of_answer or first.status != second.status:
        return False
    return first.field == second.field or is_of_one_before(first, second)


def _is_sent_alike(pair: Pair) -> bool:
    """Whether both are sent in one way that is answered alike."""
    if pair.finding.requirements == {NAMES} or pair.first.answer != pair.second.answer:
        return False
    return bool({*pair.first.traits} & {*pair.second.traits} - {SENT}) and all(
        SENT in each.traits for each in (pair.first, pair.second)
    )


def _is_written_alike(pair: Pair) -> bool:
    """Whether both take a text in escapes, whatever becomes of it: read otherwise than it is, it
    may also be too long.
    """
    return all(ESCAPES in cause.traits for each in pair.both for cause in each.plainest)


def _is_later(pair: Pair) -> bool:
    """Whether what is refused for the wrong reason is so only because of a wrong decision."""
    first, second = pair.first, pair.second
    if first.category != Category.WRONG_STATUS or not first.paths:
        return False
    if second.category == Category.ACCEPTED_INVALID:
        # What is invalid is taken for valid, and then refused for another reason.
        kinds, others = ({tuple(each.kinds) for each in one.causes} for one in pair.both)
        return kinds <= others
    return is_for_what_is_refused(*pair.both)


def _lies_in_an_unchecked_item(pair: Pair) -> bool:
    """Whether only items with an unspecified value are mixed up, and items are not checked."""

    def is_in_items(cause: Cause) -> bool:
        return is_of_items(pair.relations, cause)

    if (pair.first.answer, pair.second.category) != (ITEMS_NOT_ONCE, Category.ACCEPTED_INVALID):
        return False
    asked = [cause for cause in pair.finding.causes if cause.traits != [UNKNOWN]]
    of_items = bool(asked) and all(map(is_in_items, asked))
    unspecified = all(row.parts.suite == UNSPECIFIED_SUITE for row in pair.finding.rows)
    return (
        of_items and unspecified and len(pair.other.keywords) > 1 and pair.other.is_all(is_in_items)
    )


def _comes_back_with(pair: Pair) -> bool:
    """Whether what comes back wrong does so because something else does."""
    finding, other, first, second = pair.finding, pair.other, pair.first, pair.second
    if any(
        each.traits == [EVERY] or each.usual or first.contains(each)
        for each in _that_mix_up_items(pair.relations, other)
    ):
        items = f"201.data.{pair.relations.sum.items}"
        of_items = (f"{items}.echo", f"{items}[].")
        return all(name.startswith(of_items) for name in finding.requirements)
    pairs = [(one, each) for one in finding.plainest for each in other.causes]
    more = any(one.contains(each) and not are_two(one.answer, each.answer) for one, each in pairs)
    if second.traits == [EVERY] and first.answer == second.answer in OF_A_TYPE:
        return True  # the plain invoice has a value that shows it, but not in each property
    one = more or any(first.answer == each.answer in SAY_HOW for each in other.causes)
    texts = _is_by_texts(pair)
    if first.traits == second.traits and texts:
        vague = ANOTHER in (first.answer, second.answer)
    else:
        vague = first.answer == ANOTHER and not texts and not _is_elsewhere(first, other.plainest)
    same = finding.requirements <= other.requirements
    return same and (one or vague or _is_by_size(pair))


def _is_elsewhere(first: Cause, others: Sequence[Cause]) -> bool:
    """Whether it takes one property and the others another, and they say how a value is changed."""
    asked = all(cause.sure and len(cause.paths) == 1 for cause in (first, *others))
    apart = all(cause.paths != first.paths for cause in others)
    return asked and apart and any(cause.answer in OF_A_TYPE for cause in others)


def _that_mix_up_items(relations: Relations, finding: Finding) -> list[Cause]:
    """The causes by which nobody can say any more which item is which."""
    reference = f"201.data.{relations.sum.items}[].{relations.distinct.reference}.echo"
    changed = {row.cause for row in finding.rows if row.requirement == reference}
    return [each for each in finding.causes if each.answer == ITEMS_NOT_ONCE or each.id in changed]


def _is_by_size(pair: Pair) -> bool:
    """Whether each is brought about by a large number, or each by a long text: what does not fit
    comes back in any way, and a text that is cut just before its blanks as if it were trimmed.
    """
    return any(
        all(any(trait in each.traits for each in one.causes) for one in pair.both)
        for trait in (LARGE_NUMBER, LENGTH)
    )


def _is_by_texts(pair: Pair) -> bool:
    """Whether each is brought about by a text, which is what comes back wrong."""
    return all(
        cause.kinds == ["text"] and [*map(echo_name, cause.paths)] == [row.requirement]
        for finding in pair.both
        for cause in finding.causes
        for row in finding.rows
    )


def _comes_with_its_main_row(pair: Pair) -> bool:
    """Whether the form of an error is mostly wrong with what the other one is first about."""
    other = replace(pair.other, rows=pair.other.rows[:1])
    return comes_together(pair.finding, other, pair.together)


def _is_alike_here(pair: Pair) -> bool:
    """Whether both are answers that no request may get, to one kind of difference at a property."""
    same = pair.first.unusual and alike(pair.finding) == alike(pair.other)
    return same and not pair.finding.paths.isdisjoint(pair.other.paths)


def _is_of_one_property(pair: Pair) -> bool:
    """Whether what is sent in one property makes one property of the answer wrong, in any way."""
    wrong, others = (each.subjects for each in pair.both)
    is_shape = pair.first.category == Category.ANSWER_SHAPE
    one = len(wrong) == 1 == len(pair.finding.paths | pair.other.paths)
    return is_shape and one and wrong == others


_OF_ANY: Sequence[Rule] = (
    *(_is_one_by_itself, _is_one_by_its_words, _is_unasked, _is_of_another_request),
)
_OF_FORGOTTEN: Sequence[Rule] = (
    *(_is_in_an_unchecked_item, _is_one_of_many, _is_no_json_either, _is_of_a_type_too),
)
_OF_ANSWERS: Sequence[Rule] = (_has_its_words, _is_no_json, _is_odd, _is_of_a_lost_connection)
_OF_TWO: Sequence[Rule] = (
    *(_errs_alike, _is_sent_alike, _is_written_alike, _is_later, _lies_in_an_unchecked_item),
)
_OF_ONE: Mapping[str, Sequence[Rule]] = {
    Category.ECHO: (_comes_back_with, lambda pair: are_by_as_much(*pair.both)),
    Category.ERROR_SHAPE: (_comes_with_its_main_row,),
}
_OF_OTHERS: Sequence[Rule] = (_is_alike_here, _is_of_one_property)
"""Rules for any two findings; for two that requirements are forgotten; for all others; of these for
two categories, for one category, and for one of the others.
"""
