"""Findings: violations with one cause, each under the requirement that says most about it."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from causes.alteration import ANOTHER
from causes.cause import (
    AFTER,
    ANOTHER_QUERY,
    ANOTHER_TYPE,
    CASE,
    CHUNKED,
    CONCURRENT,
    CONNECTION,
    EVERY,
    LONG,
    MOST_EDITS,
    NOT_ALWAYS,
    PLACE,
    RARELY,
    SENT,
    SOMETIMES,
    UNKNOWN,
    Cause,
)
from spec.contract import Contract
from spec.paths import Path, path_text
from spec.requirements import Level, Requirement
from spec.violation import Category, counted
from spec.waivers import lasting, without_indices


@dataclass(slots=True)
class Finding:
    """Causes that are one, and the rows of the record that they explain."""

    causes: list[Cause] = field(default_factory=list)
    rows: list[Any] = field(default_factory=list)

    def add(self, other: "Finding") -> None:
        """Take over another finding."""
        self.causes += other.causes
        self.rows += other.rows


def form_key(name: str, status: int, *, kept: bool) -> str:
    """Under which key it is counted how often a requirement on answers was kept with a status."""
    return f"{name} {status} {'kept' if kept else 'broken'}"


def rows_of(
    contract: Contract, findings: Iterable[Finding], level: Level, forms: Mapping[str, int]
) -> list[dict[str, Any]]:
    """The findings as the record has them (`findings` of run.schema.json), the worst first.

    `forms` counts how often requirements on answers were kept and broken (`form_key`).
    """
    found: dict[str, Finding] = {}
    for finding in findings:
        same = found.setdefault(_row(contract, finding, level, forms)["id"], finding)
        if same is not finding:
            same.add(finding)
    rows = []
    for finding in found.values():
        told = _row(contract, finding, level, forms)
        rows.append(told)
        for row in finding.rows:
            row.cause = told["id"]
    return sorted(rows, key=_severity)


def _row(
    contract: Contract, finding: Finding, level: Level, forms: Mapping[str, int]
) -> dict[str, Any]:
    main = min(finding.rows, key=lambda row: _rank(contract, finding, row, level))
    times = _times(finding, main.requirement)
    causes = {one.id: one for one in finding.causes}
    # What was expected and what is different are told of one and the same request.
    main = _filed(contract, main, causes)
    rows = sorted(finding.rows, key=lambda row: not _is_like(row, main))
    filed = [_filed(contract, row, causes) for row in rows if row.cause in causes]
    alike = [row for row in filed if _is_like(row, main)]
    main = min(alike, key=lambda row: _clarity(contract, causes[row.cause], row), default=main)
    cause = causes.get(main.cause, min(finding.causes, key=_simplicity, default=None))
    if _is_odd(finding):
        main = _under(contract, main, RESPONSE)
    names = dict.fromkeys(row.requirement for row in finding.rows)
    tests = dict.fromkeys(row.test for row in (main, *finding.rows))
    works, fails = (cause.works, cause.fails) if cause else ("", "")
    if cause and cause.of_answer and cause.traits == [EVERY]:
        works, fails = _told_of_form(main.requirement, forms, cause.fails)
    if cause and cause.traits == [RARELY]:
        fails = f"{fails}: {_answers_of(finding)} of {counted(_answers(forms), 'answer')}"
    differences = sorted({one.told for one in finding.causes if _is_told_beside(one, cause)})
    told = {
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
        "alike": differences,
        "accepted": works,
        "refused": fails,
        "answer": cause.answer if cause else "",
        "answers": sorted(
            {one.answer for one in finding.causes if cause and one.answer != cause.answer}
        ),
        "status": cause.status if cause else None,
        "code": cause.code if cause else "",
        "detail": cause.detail if cause else "",
        "place": main.place,
        "also": [name for name in names if name != main.requirement],
        "tests": [*tests],
        "exchange": main.exchange,
        "shows": SHOWS.get(tuple(cause.traits), EACH_TIME) if cause else EACH_TIME,
        "times": times,
        "waived": all(row.waived for row in finding.rows),
        "verdict": _verdict(finding, main, level),
    }
    return {"id": _id(told), **told}


def _is_told_beside(cause: Cause, main: Cause | None) -> bool:
    """Whether the difference of a cause is told beside the main one: if it is one, can be read, and
    is not the same and more.

    What only a case is called may have no part in it.
    """
    if main is None or not 0 < len(cause.difference) <= MOST_EDITS:
        return False
    if cause.told == main.told or {*main.difference} < {*cause.difference}:
        return False
    return cause.traits not in ([CASE], [UNKNOWN]) or main.traits in ([CASE], [UNKNOWN])


def _is_like(row: Any, main: Any) -> bool:
    """Whether a row is of the same requirement and category as the main one."""
    return (row.requirement, row.category) == (main.requirement, main.category)


def _is_odd(finding: Finding) -> bool:
    """Whether answers that no request may get come only now and then, whatever is asked."""
    traits = [one.traits for one in finding.causes if one.unusual and one.status]
    odd = any(each in NOT_ALWAYS for each in traits) and len(traits) == len(finding.causes)
    return odd and all(each in (*NOT_ALWAYS, [UNKNOWN]) for each in traits)


def _filed(contract: Contract, row: Any, causes: Mapping[str, Cause]) -> Any:
    """The row, filed where its cause says, if that is about the same decision."""
    cause = causes.get(row.cause)
    if cause and row.category in _OF_DECISIONS and cause.category in (row.category, _LATER):
        return _where_it_differs(contract, row, cause)
    return row


def _where_it_differs(contract: Contract, row: Any, cause: Cause) -> Any:
    """The row of a valid request, filed under the requirement that it was refused for. The test
    that saw it may be about another requirement on the same property, or about another property.
    """
    places, requirement = {*cause.paths}, contract.find(row.requirement)
    sent = SENT in cause.traits
    own = requirement is not None and requirement.part != "body"
    typed = ANOTHER_TYPE in cause.traits and LONG not in cause.traits and not places
    if typed and row.expected.startswith("201"):
        return _under(contract, row, MEDIA_TYPE)
    if row.requirement == RESPONSE or (sent and (places or own)):
        return row
    if (sent or cause.traits in OF_BODIES) and not row.expected.startswith("201"):
        return _under(contract, row, RESPONSE)
    if sent or cause.traits in ([EVERY], *OF_BODIES, *NOT_ALWAYS):
        return _under(contract, row, ACCEPTED)
    if not places or (len(places) > 1 and _in_request(contract, row) in places):
        return row
    if len(places) > 1:
        return _under(contract, row, ACCEPTED)
    at = [each for each in contract.body_requirements if path_text(each.path) in places]
    # A zero, or what is left out, is taken for absent; all else has to be more than there.
    absent = bool({"left out", "zero"} & {*cause.traits})
    at.sort(key=lambda each: (each.keyword == "required") is not absent)
    names = *cause.limits, *(each.name for each in at), row.requirement
    return _under(contract, row, names[0])


def _under(contract: Contract, row: Any, name: str) -> Any:
    """The row as one of a requirement of that name, if there is one."""
    requirement = contract.find(name)
    if requirement is None or name == row.requirement:
        return row
    told = f"expected {row.expected}, got {row.got}"
    return replace(
        row,
        requirement=name,
        level=requirement.level,
        headline=f"[{row.category}] {name} ({requirement.level}): {told}",
        where=f"{requirement.file}:{requirement.line}  #{requirement.pointer}",
        file=requirement.file,
        line=requirement.line,
        place="",
    )


def _verdict(finding: Finding, main: Any, level: Level) -> str:
    if main.category == Category.DRIFT:
        return "drift"
    if all(row.waived for row in finding.rows):
        return "known"
    return "noted" if level is Level.MUST and main.level == Level.SHOULD else "broken"


def _clarity(contract: Contract, cause: Cause, row: Any) -> tuple[Any, ...]:
    """How well a row with this cause describes the finding; the smallest is shown."""
    elsewhere = _in_request(contract, row) not in cause.paths
    return *_vagueness(cause), len(cause.paths), elsewhere, *_simplicity(cause), not row.exchange


def _simplicity(cause: Cause) -> tuple[Any, ...]:
    """How simple a cause is; of those with a difference the one with the fewest edits is."""
    told = cause.difference
    return *_vagueness(cause), len(cause.paths), len(told), sum(map(len, told)), told


def _vagueness(cause: Cause) -> tuple[bool, ...]:
    """How little is known of a cause: nothing more of what always shows."""
    alone = cause.traits in ([CASE], [UNKNOWN])
    return cause.traits != [EVERY], not cause.difference, not cause.paths, alone


def _told_of_form(name: str, forms: Mapping[str, int], case: str) -> tuple[str, str]:
    """Which answers have the right form, and which the wrong one, such as that to a case."""
    kept, wrong = (
        [each for each in STATUSES if forms.get(form_key(name, each, kept=right))]
        for right in (True, False)
    )
    if not kept and wrong[1:]:
        return "", "every error" if wrong[0] >= 400 else "every answer"
    if not kept:
        return "", f"every {wrong[0]}" if wrong else "every answer"
    right = " and ".join(f"{'other' if each in wrong else 'every'} {each}" for each in kept)
    if {*kept} & {*wrong}:
        return right, f"{' and '.join(f'some {each}' for each in wrong)}, such as to {case}"
    return right, " and ".join(f"every {each}" for each in wrong)


def _answers_of(finding: Finding) -> int:
    """How many answers show it, of which one may violate several requirements at once."""
    most: Counter[str] = Counter()
    for row in finding.rows:
        most[row.test] = max(most[row.test], row.times)
    return most.total()


def _answers(forms: Mapping[str, int]) -> int:
    """How many answers there were."""
    return sum(forms.get(form_key(HTTP, each, kept=True), 0) for each in STATUSES)


def _id(told: Mapping[str, Any]) -> str:
    """The same in each run that finds the same, whatever else it finds."""
    names = identity(told)
    # A request that need not be accepted shows a breakdown under a requirement of its own.
    under = () if names[0] == "difference" else (told["requirement"],)
    what = [*under, told["category"], *(lasting(str(told[name])) for name in names)]
    return hashlib.sha256(repr(what).encode(errors="backslashreplace")).hexdigest()[:8]


def identity(told: Mapping[str, Any]) -> tuple[str, ...]:
    """The names of what makes it this finding, in each run that has it, with workers or without.

    What is wrong with an answer says more than the request that showed it first, unless it is just
    another value. An error of another shape has the status of that request only if others are
    right.
    """
    if told["category"] == Category.ACCEPTED_INVALID:
        # Which wrong value is accepted says less than which requirement is forgotten.
        return "place", "answer", "status"
    if told["category"] == Category.ERROR_SHAPE and not told["accepted"]:
        return "place", "answer"
    if told["difference"] and told["category"] not in OF_ANSWERS:
        return "difference", "status", "code"
    if told["answer"] == ANOTHER and told["refused"] == f"the same with {told['difference']}":
        return "place", "difference", "answer", "status", "code"
    return "place", "answer", "status", "code"


def _rank(contract: Contract, finding: Finding, row: Any, level: Level) -> tuple[Any, ...]:
    """How much a requirement says of the cause; the least says most."""
    cause, requirement = (
        finding.causes[0] if finding.causes else None,
        contract.find(row.requirement),
    )
    counts = not row.waived and (level is Level.SHOULD or row.level == Level.MUST)
    if cause is None or requirement is None:
        return (not counts,)
    path, place = _path(requirement), _in_request(contract, row)
    simple = [one for one in finding.causes if len(one.paths) == 1]
    paths = {each for one in simple or finding.causes for each in one.paths}
    always = {one.id for one in finding.causes if one.traits == [EVERY]}
    odd = all(one.traits in NOT_ALWAYS for one in finding.causes)
    # What comes in chunks has no requirement of its own.
    sent = any(SENT in one.traits and CHUNKED not in one.traits for one in finding.causes)
    queried = any(ANOTHER_QUERY in one.traits for one in finding.causes)
    # Of what any invoice may show, the status says most, or what is about how it is sent.
    shown = sent or len({each.requirement for each in finding.rows}) > MOST_EDITS
    vague = sent or (
        not simple
        and (
            shown or any(one.traits in ([EVERY], *OF_BODIES, *NOT_ALWAYS) for one in finding.causes)
        )
    )
    paths = set() if vague else paths & {_in_request(contract, each) for each in finding.rows}
    own = next((one for one in finding.causes if one.id == row.cause), cause)
    shapes = {each.requirement.rpartition(".")[0] for each in finding.rows if _is_shape(each)}
    # An answer that is sent again is so to whoever asks for it.
    given = cause.traits == [AFTER] and row.got.startswith("201")
    unasked = row.category == Category.AUTHENTICATION
    return (
        not counts,
        not (unasked and given),
        # A valid request that is refused says more than one that is refused for the wrong reason.
        unasked,
        # An id that is none is not a new one either.
        requirement.keyword == "unique",
        # A value that no answer may have is more than another one than what was sent.
        requirement.keyword == "echo" and requirement.name.rpartition(".")[0] in shapes,
        # What it takes no more for than how a request is sent says most of that.
        sent and bool(own.paths),
        # What shows only now and then may be any mixture.
        0 if odd and cause.traits != [AFTER] else SEVERITY.index(row.category),
        bool(always) and row.cause not in always,
        place not in paths,
        bool(paths) and place not in own.paths,
        any(one.front for one in finding.causes) and requirement.part != "201",
        # That a key is needed, and an order known, says nothing of how a request is sent.
        sent and not requirement.name.startswith("request"),
        sent and (requirement.keyword == "query") is not queried,
        row.level != Level.MUST,
        row.requirement not in own.limits,
        vague and not cause.of_answer and requirement.name != ACCEPTED,
        not paths and requirement.part != "201",
        -len(path) if paths else -_times(finding, row.requirement) if _is_often(cause) else 0,
        contract.requirements.index(requirement),
    )


def _is_shape(row: Any) -> bool:
    shape = row.category == Category.ANSWER_SHAPE
    return bool(shape and row.requirement.endswith((".type", ".enum")))


def _path(requirement: Requirement) -> Path:
    """Where in a request what a requirement is about is sent."""
    return requirement.path[1:] if requirement.path[:1] == ("data",) else requirement.path


def _in_request(contract: Contract, row: Any) -> str:
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


def _times(finding: Finding, name: str) -> int:
    return int(sum(row.times for row in finding.rows if row.requirement == name))


FORMS = ("201.", "4xx.", "response.")
"""How the names of the requirements begin of which `forms` counts how often they were kept."""
STATUSES = range(200, 600)
ACCEPTED, RESPONSE, HTTP = "201.status", "response.status", "response.http"
MEDIA_TYPE = "requestBody.mediaType"
"""The requirements on whether what is valid is accepted, that nothing breaks down, that what came
is an answer, and which media type a body has.
"""
OF_BODIES = ([LONG], [PLACE])
"""Traits of what has to do with a body as a whole."""
_OF_DECISIONS = (Category.REFUSED_VALID, Category.SERVER_ERROR)
"""Categories of what a valid request gets that is answered otherwise than with 201."""
_LATER = Category.WRONG_STATUS
"""That of the same, where the request need not be accepted."""
EACH_TIME, AFTER_ANOTHER, WITH_OTHERS = "each time", "after another", "with others"
NOT_EACH_TIME = "not always"
"""When the exchange of a finding shows it."""
SHOWS: dict[tuple[str, ...], str] = {
    (AFTER,): AFTER_ANOTHER,
    (CONCURRENT,): WITH_OTHERS,
    (SOMETIMES,): NOT_EACH_TIME,
    (RARELY,): NOT_EACH_TIME,
    (CONNECTION,): NOT_EACH_TIME,
}
OF_ANSWERS = (Category.ECHO, Category.ANSWER_SHAPE, Category.ERROR_SHAPE)
"""Categories of what is wrong with an answer, and not with the server's decision."""
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
