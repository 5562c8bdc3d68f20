"""Under which requirement a finding is filed: the one that says most about its causes."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from causes.cause import (
    AFTER,
    ANOTHER_QUERY,
    ANOTHER_TYPE,
    AS_BEFORE,
    CASE,
    CHUNKED,
    CONCURRENT,
    EVERY,
    HEADER_NAME,
    LONG,
    MOST_EDITS,
    NOT_ALWAYS,
    PLACE,
    SENT,
    UNKNOWN,
    Cause,
)
from findings.finding import Finding, Occurrence, is_mixed
from spec.contract import Contract
from spec.exchange import HttpFault
from spec.paths import ELEMENT, Path, names, path_text, without_indices
from spec.requirements import Level, Requirement
from spec.violation import Category, headline

ACCEPTED, RESPONSE = "201.status", "response.status"
MEDIA_TYPE, KEY = "requestBody.mediaType", "security.key"
"""The requirements on whether what is valid is accepted, that nothing breaks down, which media type
a body has, and that a key is needed, and found where it is.
"""
OF_BODIES = ([LONG], [PLACE])
"""Traits of what has to do with a body as a whole."""
_ALWAYS = ([EVERY], [CONCURRENT])
"""Traits of what explains all that is found with it, whatever else was different there."""
_UNTOLD = ([CASE], [UNKNOWN])
"""Traits of what no difference explains."""
_OF_DECISIONS = (Category.REFUSED_VALID, Category.SERVER_ERROR)
"""Categories of what a valid request gets that is answered otherwise than with 201."""
_LATER = Category.WRONG_STATUS
"""That of the same, where the request need not be accepted."""
_OF_REFUSALS = (_LATER, Category.AUTHENTICATION)
"""Categories of what a request gets that is refused for the wrong reason."""
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


def rank(contract: Contract, finding: Finding, row: Occurrence, level: Level) -> tuple[Any, ...]:
    """How much a requirement says of the cause; the least says most."""
    cause, requirement = (
        finding.causes[0] if finding.causes else None,
        contract.find(row.requirement),
    )
    counts = not row.waived and (level is Level.SHOULD or row.level == Level.MUST)
    if cause is None or requirement is None:
        return (not counts,)
    path, place = _path(requirement), _in_request(contract, row)
    mixed = any(one.traits == [CONCURRENT] for one in finding.causes)
    simple = [one for one in finding.causes if len(one.paths) == 1 and not mixed]
    paths = {each for one in simple or finding.causes for each in one.paths}
    paths = _named_by_all(finding, paths) or paths
    mixes = [one for one in finding.causes if is_mixed(one)]
    always = {one.id for one in mixes or finding.causes if one.traits in _ALWAYS}
    odd = all(one.traits in NOT_ALWAYS for one in finding.causes)
    # What comes in chunks has no requirement of its own.
    sent = any(SENT in one.traits and CHUNKED not in one.traits for one in finding.causes)
    queried = any(ANOTHER_QUERY in one.traits for one in finding.causes)
    typed_otherwise = any(ANOTHER_TYPE in one.traits for one in finding.causes)
    # Of what any invoice may show, the status says most, or what is about how it is sent.
    shown = sent or len({each.requirement for each in finding.rows}) > MOST_EDITS
    vague = sent or (
        not simple
        and (
            shown or any(one.traits in ([EVERY], *OF_BODIES, *NOT_ALWAYS) for one in finding.causes)
        )
    )
    seen = {_in_request(contract, each) for each in finding.rows}
    paths = set() if vague or mixed else paths & seen
    own = next((one for one in finding.causes if one.id == row.cause), cause)
    shapes = {each.subject for each in finding.rows if _is_shape(each)}
    # An answer that is sent again is so to whoever asks for it.
    given = cause.traits == [AFTER] and row.got_201
    unasked = row.category == Category.AUTHENTICATION
    cut = {one.category for one in finding.causes if PLACE in one.traits}
    typed = any(each.keyword == "type" for each in finding.rows)
    follows = (Category.ECHO in cut and row.category == Category.REFUSED_VALID) or any(
        own.contains(less) and not less.contains(own) for less in finding.causes
    )
    # A case of which no more is known may be about another property than the one that is refused.
    untold = own.traits in _UNTOLD and any(one.paths and one.sure for one in finding.causes)
    # What is taken for the next answer is left of one that is wrong, or was not asked for.
    unasked_for = any(one.broken == HttpFault.UNASKED for one in finding.causes)
    follows = follows or (row.category == Category.PROTOCOL != own.category)
    follows = follows or (unasked_for and row.category != Category.PROTOCOL)
    return (
        not counts,
        # Where answers get mixed up, any one may be wrong in any way.
        mixed and row.cause not in always,
        not (unasked and given),
        # A valid request that is refused says more than one that is refused for the wrong reason.
        unasked,
        # What is refused once a text came in changed says less than what came back of that.
        follows,
        # No member is what has another type: that says more.
        requirement.keyword == "enum" and row.category == Category.ACCEPTED_INVALID and typed,
        # An id that is none is not a new one either.
        requirement.keyword == "unique",
        # A value that no answer may have is more than another one than what was sent.
        requirement.keyword == "echo" and row.subject in shapes,
        # What it takes no more for than how a request is sent says most of that.
        sent and bool(own.paths),
        # What shows only now and then may be any mixture.
        0 if odd and cause.traits != [AFTER] else SEVERITY.index(row.category),
        bool(always) and row.cause not in always,
        untold and row.category in _OF_DECISIONS,
        place not in paths,
        bool(paths) and place not in own.paths,
        any(one.front for one in finding.causes) and requirement.part != "201",
        # What no request may get is never only something that should not be.
        sent and row.category == Category.SERVER_ERROR and row.level != Level.MUST,
        # That a key is needed, an order known and a body JSON says nothing of how one is sent.
        sent and not _is_of_sending(requirement, typed=typed_otherwise),
        sent and (requirement.keyword == "query") is not queried,
        row.level != Level.MUST,
        row.requirement not in own.limits,
        vague and not cause.of_answer and requirement.name != ACCEPTED,
        not paths and requirement.part != "201",
        -len(path) if paths else -times_of(finding, row.requirement) if _is_often(cause) else 0,
        contract.requirements.index(requirement),
    )


def _named_by_all(finding: Finding, paths: set[str]) -> set[str]:
    """The one of the properties that the server names whichever of them is changed; none where that
    is not so. What else was changed only makes that one wrong.
    """
    named = {each for each in paths if all(_is_of(one, each) for one in finding.causes)}
    return named if len(named) == 1 else set()


def _is_of(cause: Cause, path: str) -> bool:
    """Whether the server refuses something and names that property."""
    return bool(not cause.of_answer and cause.field) and names(cause.field, (path,))


def _is_of_sending(requirement: Requirement, *, typed: bool) -> bool:
    """Whether it is about how a request is sent, and not about another kind of request; that about
    its media type is where this is `typed` otherwise.
    """
    own = requirement.name.startswith("request.") and requirement.keyword != "method"
    return own or (typed and requirement.name == MEDIA_TYPE)


def _is_about_another(row: Occurrence, requirement: Requirement | None, cause: Cause) -> bool:
    """Whether a requirement is about another kind of request than the valid one that is told: about
    a key, an order or a media type of which nothing is different there.
    """
    if requirement is None or requirement.part != "request" or not row.expects_201:
        return False
    if requirement.keyword == "query":
        return ANOTHER_QUERY not in cause.traits
    return not _is_of_sending(requirement, typed=ANOTHER_TYPE in cause.traits)


def _is_shape(row: Occurrence) -> bool:
    shape = row.category == Category.ANSWER_SHAPE
    return bool(shape and row.keyword in ("type", "enum"))


def _path(requirement: Requirement) -> Path:
    """Where in a request what a requirement is about is sent."""
    return requirement.path[1:] if requirement.path[:1] == ("data",) else requirement.path


def _in_request(contract: Contract, row: Occurrence) -> str:
    """Where in a request what a row is about is sent, as a path, if it is at one place."""
    requirement = contract.find(row.requirement)
    if requirement is None or requirement.part == "request":
        return without_indices(row.place)
    return path_text(_path(requirement))


def _is_often(cause: Cause) -> bool:
    """Whether the requirement that is violated most often says most: of errors of another shape,
    and of what no difference explains.
    """
    return cause.category == Category.ERROR_SHAPE or not cause.of_answer


def times_of(finding: Finding, name: str) -> int:
    """How often a requirement was violated by what is one finding."""
    return sum(row.times for row in finding.rows if row.requirement == name)


def clarity(contract: Contract, cause: Cause, row: Occurrence) -> tuple[Any, ...]:
    """How well a row with this cause describes the finding; the smallest is shown."""
    elsewhere = _in_request(contract, row) not in cause.paths
    other = cause.expected not in ("", row.expected)  # of another request
    return (
        *_vagueness(cause),
        other,
        len(cause.paths),
        elsewhere,
        *simplicity(cause),
        not row.exchange,
    )


def simplicity(cause: Cause) -> tuple[Any, ...]:
    """How simple a cause is; of those with a difference the one with the fewest edits is, and of
    those the one that has nothing but ASCII in it.
    """
    told = cause.difference
    unusual = not all(each.isascii() for each in told)
    return *_vagueness(cause), len(cause.paths), len(told), unusual, sum(map(len, told)), told


def _vagueness(cause: Cause) -> tuple[bool, ...]:
    """How little is known of a cause: nothing more of what shows always, or as soon as others are
    in flight. What a valid request shows says more than what one does that need not be accepted,
    unless it is too much to be told. Where an invoice before it is to blame, a difference from the
    plain invoice, which was asked after that one too, holds nowhere else.
    """
    alone = cause.traits in _UNTOLD
    unsure = cause.unspecified or len(cause.difference) > MOST_EDITS
    nowhere = not cause.paths and not any(one.endswith(AS_BEFORE) for one in cause.difference)
    vague = nowhere and LONG not in cause.traits
    return cause.traits not in _ALWAYS, not cause.difference, vague, alone, unsure, nowhere


def filed(contract: Contract, row: Occurrence, causes: Mapping[str, Cause]) -> Occurrence:
    """The row, filed where its cause says, if that is about the same decision."""
    cause = causes.get(row.cause)
    refused = cause and not cause.unspecified and cause.status in range(400, 500)
    if refused and row.category in _OF_REFUSALS and row.expects_201:
        # What was refused for the wrong reason is so too if it is valid, as what is told.
        row = under(contract, replace(row, category=Category.REFUSED_VALID), ACCEPTED)
    if cause and row.category in _OF_DECISIONS and cause.category in (row.category, _LATER):
        return _where_it_differs(contract, row, cause)
    about = contract.find(row.requirement)
    if cause and cause.unusual and row.category == _LATER and about and row.expects_201:
        # Another request may be told, in which nothing is wrong that this is about.
        elsewhere = about.part == "body" or _is_about_another(row, about, cause)
        return _where_it_differs(contract, row, cause) if elsewhere else row
    return row


def _where_it_differs(contract: Contract, row: Occurrence, cause: Cause) -> Occurrence:
    """The row of a valid request, filed under the requirement that it was refused for. The test
    that saw it may be about another requirement on the same property, or about another property.
    """
    places, requirement = {*cause.paths}, contract.find(row.requirement)
    sent = SENT in cause.traits
    astray = _is_about_another(row, requirement, cause)
    own = requirement is not None and requirement.part != "body" and not astray
    about = _told_by_its_field(contract, cause)
    if about and row.expects_201:
        return under(contract, row, about)
    if row.requirement == RESPONSE or (sent and not astray and (places or own)):
        return row
    if own and not row.expects_201 and places == {row.place} and not cause.limits:
        return row  # that no order is known by it says more than what kind of value it is
    if (sent or cause.traits in OF_BODIES) and not row.expects_201:
        return under(contract, row, RESPONSE)
    if sent or cause.traits in ([EVERY], *OF_BODIES, *NOT_ALWAYS):
        return under(contract, row, ACCEPTED)
    named = _named(contract, cause) if cause.traits in _UNTOLD else None
    if named is not None and named.path != (requirement and _path(requirement)):
        return under(contract, row, named.name)
    told = {each for each in places if cause.field and names(cause.field, (each,))}
    if len(told) == 1:  # of what takes several properties the server names one
        places = told
    if not astray and (not places or (len(places) > 1 and _in_request(contract, row) in places)):
        return row
    if len(places) != 1:
        return under(contract, row, ACCEPTED)
    at = [each for each in contract.body_requirements if path_text(each.path) in places]
    # A zero, or what is left out, is taken for absent; all else has to be more than there.
    absent = bool({"left out", "zero"} & {*cause.traits})
    at.sort(key=lambda each: (each.keyword == "required") is not absent)
    reached = [each for each in at if each.name in cause.limits]
    found = under(contract, row, next((each.name for each in (*reached, *at)), row.requirement))
    (place,) = places
    return found if found.place or ELEMENT in place else replace(found, place=place)


def _told_by_its_field(contract: Contract, cause: Cause) -> str | None:
    """The requirement that is about the header field in which all of the difference is, if one is:
    the media type in other words, or the name of the field of the key in another letter case.
    """
    if ANOTHER_TYPE in cause.traits and LONG not in cause.traits and not cause.paths:
        return MEDIA_TYPE
    told = [each.lower() for each in cause.difference]
    return KEY if told == [f"{HEADER_NAME}{contract.key_header}".lower()] else None


def _named(contract: Contract, cause: Cause) -> Requirement | None:
    """The requirement on the property that the server's error names, if it names one."""
    at = (each for each in contract.body_requirements if each.keyword == "type" and each.path)
    name = without_indices(cause.field)
    return next((each for each in at if path_text(each.path) == name), None)


def under(contract: Contract, row: Occurrence, name: str, expected: str = "") -> Occurrence:
    """The row as one of a requirement of that name, if there is one, and with what else is
    `expected` if another request is told.
    """
    requirement, expected = contract.find(name), expected or row.expected
    if requirement is None or (name, expected) == (row.requirement, row.expected):
        return row
    return replace(
        row,
        requirement=name,
        level=requirement.level,
        expected=expected,
        headline=headline(row.category, name, requirement.level, expected, row.got),
        where=requirement.clause,
        file=requirement.file,
        line=requirement.line,
        place="",
    )
