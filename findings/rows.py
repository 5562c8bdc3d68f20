"""What is told of a finding: the difference, the answer, and the requirement it is filed under."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Literal, NotRequired, TypedDict

from causes.cause import (
    AFTER,
    ANY,
    ANY_INVOICE,
    CASE,
    CONCURRENT,
    CONNECTION,
    EVERY,
    LOST,
    MOST_EDITS,
    NOT_ALWAYS,
    NOTHING,
    NOW_AND_THEN,
    RARELY,
    SOME,
    SOMETIMES,
    UNKNOWN,
    Cause,
)
from causes.echo_change import ANOTHER, ANOTHER_MEMBER, ITEMS_NOT_ONCE
from findings.filing import RESPONSE, SEVERITY, clarity, filed, rank, simplicity, times_of, under
from findings.finding import NAMES, Finding, Occurrence
from findings.waivers import bounding, lasting
from spec.contract import Contract
from spec.paths import path_text
from spec.requirements import Level, subject_and_keyword
from spec.violation import Category, counted

FORMS = ("201.", "4xx.", "response.")
"""How the names of the requirements begin of which `forms` counts how often they were kept."""
OF_IDS = "unique"
"""The keyword of the requirements that no id was given before."""
HTTP = "response.http"
"""The requirement that what came is an answer."""
ANY_ANSWER = "201 or a 4xx"
"""What is expected of any request, whatever it is."""
STATUSES, NO_ANSWER = range(200, 600), 0
"""Those of answers, and what counts in their place where none came to a request at first."""
EACH_TIME, AFTER_ANOTHER, WITH_OTHERS = "each time", "after another", "with others"
NOT_EACH_TIME, OVER_ONE = "not always", "over one connection"
"""When the exchange of a finding shows it."""
SHOWS: dict[tuple[str, ...], str] = {
    (AFTER,): AFTER_ANOTHER,
    (CONCURRENT,): WITH_OTHERS,
    (SOMETIMES,): NOT_EACH_TIME,
    (RARELY,): NOT_EACH_TIME,
    (CONNECTION,): NOT_EACH_TIME,
    (SOME,): NOT_EACH_TIME,
    (LOST,): OVER_ONE,
}
OF_ANSWERS = (Category.ECHO, Category.ANSWER_SHAPE, Category.ERROR_SHAPE)
"""Categories of what is wrong with an answer, and not with the server's decision."""
_OF_A_NUMBER = re.compile(r"\S+ -?[0-9.]+")
"""A difference that is the number at one location."""
_NOT_ALWAYS = re.compile(r", not always: [0-9]+ of [0-9]+")
"""How what does not show each time is told of one case."""
What = Literal["place", "difference", "answer", "status", "code", "bound"]
"""What makes it this finding, and not another one."""


class FindingRow(TypedDict):
    """A finding (`findings` of run.schema.json)."""

    id: str
    requirement: str
    level: str
    category: str
    headline: str
    where: str
    file: str
    line: int
    expected: str
    got: str
    verdict: str
    difference: str
    alike: list[str]
    accepted: str
    refused: str
    answer: str
    answers: list[str]
    status: int | None
    code: str
    detail: str
    place: str
    also: list[str]
    tests: list[str]
    exchange: str
    shows: NotRequired[str]
    explained: NotRequired[bool]
    unknown: NotRequired[list[str]]
    about: NotRequired[list[str]]
    bound: NotRequired[str]
    times: int
    waived: bool


@lru_cache(maxsize=4096)
def form_key(name: str, status: int, *, kept: bool) -> str:
    """Under which key it is counted how often a requirement on answers was kept with a status."""
    return f"{name} {status} {'kept' if kept else 'broken'}"


def give_to_every(
    rows: Sequence[Occurrence], causes: Mapping[str, Cause], forms: Mapping[str, int]
) -> None:
    """Give what a case shows, of whose status no error has the right form, to the cause of what is
    as wrong with every other error: what the case is called, and how it is sent, is no matter. A
    worker that has seen no other error cannot tell.
    """
    every = {
        (row.requirement, causes[row.cause].answer): row.cause
        for row in rows
        if row.cause in causes and causes[row.cause].traits == [EVERY]
    }
    for row in rows:
        cause = causes.get(row.cause)
        if row.category == Category.ERROR_SHAPE and cause and cause.traits == [CASE]:
            kept, wrong = _statuses_of_form(row.requirement, forms)
            if cause.status in {*wrong} - {*kept}:
                row.cause = every.get((row.requirement, cause.answer), row.cause)


def rows_of(
    contract: Contract, findings: Iterable[Finding], level: Level, forms: Mapping[str, int]
) -> list[FindingRow]:
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
        whole = _row(contract, finding, level, forms)
        rows.append(whole)
        for row in finding.rows:
            row.cause = whole["id"]
    return sorted(rows, key=_severity)


def _row(
    contract: Contract, finding: Finding, level: Level, forms: Mapping[str, int]
) -> FindingRow:
    told = finding.telling
    main = min(told.rows, key=lambda row: rank(contract, told, row, level))
    times = times_of(finding, main.requirement)
    causes = {one.id: one for one in told.causes}
    # What was expected and what is different are told of one and the same request.
    main = filed(contract, main, causes)
    rows = sorted(told.rows, key=lambda row: not _is_like(row, main))
    under_causes = (filed(contract, row, causes) for row in rows if row.cause in causes)
    odd = _comes_now_and_then(finding)
    # What is waived says nothing of what is not.
    telling = (row for row in under_causes if row.waived <= main.waived)
    alike = [row for row in telling if odd or _is_like(row, main)]
    main = min(alike, key=lambda row: clarity(contract, causes[row.cause], row), default=main)
    cause = causes.get(main.cause, min(told.causes, key=simplicity, default=None))
    if odd:
        of_any = cause is not None and cause.traits == [RARELY]
        main = under(contract, main, RESPONSE, ANY_ANSWER if of_any else "")
    names = dict.fromkeys(row.requirement for row in finding.rows)
    tests = dict.fromkeys(row.test for row in (main, *finding.rows))
    works, fails = (cause.works, cause.fails) if cause else ("", "")
    shows = SHOWS.get(tuple(cause.traits), EACH_TIME) if cause else EACH_TIME
    if cause and cause.of_answer and cause.traits == [EVERY]:
        works, fails = _told_of_form(main.requirement, forms, cause)
        kept, wrong = _statuses_of_form(main.requirement, forms)
        if main.requirement == NAMES and {*kept} & {*wrong}:
            works, fails = _told_of_names(finding, cause) or (works, fails)
        if main.keyword == OF_IDS and {*kept} & {*wrong}:
            shows = NOT_EACH_TIME
    is_every = cause is not None and cause.traits == [EVERY] and not cause.difference
    if cause and is_every and works and not cause.of_answer:
        shows = NOT_EACH_TIME  # invoices were accepted before it
    if cause and is_every and not works and not cause.of_answer:
        works, fails = _told_of_most(main, forms) or (works, fails)
    if cause and cause.traits == [RARELY]:
        # What was answered when it was sent once more has no row.
        silent = main.requirement == HTTP and cause.status is None
        more = forms.get(form_key(HTTP, NO_ANSWER, kept=False), 0) if silent else 0
        times_sent = counted(_answers(forms) + more, "request" if more else "answer")
        fails = f"{fails}: {_answers_of(finding) + more} of {times_sent}"
    whatever = main.category in (Category.REFUSED_VALID, Category.SERVER_ERROR, Category.PROTOCOL)
    if cause and cause.traits == [SOMETIMES] and len(tests) >= MOST_EDITS and whatever:
        # What one case is called has no part in it.
        works, fails = ANY, f"{ANY}, {NOW_AND_THEN}"
    elif cause and cause.traits == [SOMETIMES] and len(tests) >= MOST_EDITS:
        works, fails = _told_of_some(main, forms) or (works, fails)
    differences = sorted({one.text for one in finding.causes if _is_beside(one, cause)})
    row: FindingRow = {
        "id": "",
        "requirement": main.requirement,
        "level": main.level,
        "category": main.category,
        "headline": main.headline,
        "where": main.where,
        "file": main.file,
        "line": main.line,
        "expected": main.expected,
        "got": main.got,
        "difference": cause.text if cause else "",
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
        "explained": cause is not None and cause.is_explained,
        "shows": shows,
        "times": times,
        "waived": all(row.waived for row in finding.rows),
        "verdict": _verdict(finding, main, level),
    }
    _tell_more(contract, row, finding, forms)
    row["id"] = _id(row)
    return row


def _tell_more(
    contract: Contract, row: FindingRow, finding: Finding, forms: Mapping[str, int]
) -> None:
    """What only some findings have: what the document does not say, and what an error is about."""
    bound = _bound(finding, row)
    if bound:
        row["bound"] = bound
    about = contract.find(row["requirement"])
    listed = [about.path] if about and about.path in contract.listed else []
    unread = [one.path for one in contract.unread if one.required]
    unknown = [path_text(path) for path in (*unread, *listed)]
    if unknown and row["category"] == Category.REFUSED_VALID:
        row["unknown"] = unknown
    kept, wrong = _statuses_of_form(row["requirement"], forms)
    if finding.about and {*kept} & {*wrong}:  # else no error of its kind is right
        row["about"] = finding.about


def _bound(finding: Finding, row: FindingRow) -> str:
    """What is refused of the kind of value that is accepted though it is invalid; `NOTHING` where
    one of its causes says so, empty where that is not known.
    """
    own = {one.cause for one in finding.rows if one.requirement == row["requirement"]}
    bounds = {one.bound for one in finding.causes if one.id in own and one.bound}
    if row["category"] != Category.ACCEPTED_INVALID or not bounds:
        return ""
    return NOTHING if NOTHING in bounds else min(bounds, key=lambda each: (len(each), each))


def _is_beside(cause: Cause, main: Cause | None) -> bool:
    """Whether the difference of a cause is told beside the main one: if it is another one, of no
    more parts, and was seen to be one.

    What only a case is called may have no part in it.
    """
    most = min(len(main.difference), MOST_EDITS) if main is not None else 0
    if main is None or not cause.sure or not 0 < len(cause.difference) <= most:
        return False
    return cause.text != main.text and cause.traits not in ([CASE], [UNKNOWN])


def _is_like(row: Occurrence, main: Occurrence) -> bool:
    """Whether a row is of the same requirement and category as the main one."""
    return (row.requirement, row.category) == (main.requirement, main.category)


def _comes_now_and_then(finding: Finding) -> bool:
    """Whether answers that no request may get come only now and then, whatever is asked."""
    traits = [one.traits for one in finding.causes if one.unusual and one.status]
    odd = any(each in NOT_ALWAYS for each in traits) and len(traits) == len(finding.causes)
    return odd and all(each in (*NOT_ALWAYS, [UNKNOWN]) for each in traits)


def _verdict(finding: Finding, main: Occurrence, level: Level) -> str:
    if main.category == Category.DRIFT:
        return "drift"
    if all(row.waived for row in finding.rows):
        return "known"
    return "noted" if level is Level.MUST and main.level == Level.SHOULD else "broken"


def _statuses_of_form(name: str, forms: Mapping[str, int]) -> tuple[list[int], list[int]]:
    """The statuses of the answers in the right form, and of those in the wrong one."""
    return (
        [each for each in STATUSES if forms.get(form_key(name, each, kept=True))],
        [each for each in STATUSES if forms.get(form_key(name, each, kept=False))],
    )


def _told_of_form(name: str, forms: Mapping[str, int], cause: Cause) -> tuple[str, str]:
    """Which answers have the right form, and which the wrong one, such as that to a case; where the
    control shows it each time, in what.
    """
    kept, wrong = _statuses_of_form(name, forms)
    if not kept and wrong[1:]:
        return "", "every error" if wrong[0] >= 400 else "every answer"
    if not kept:
        return "", f"every {wrong[0]}" if wrong else "every answer"
    right = " and ".join(f"{'other' if each in wrong else 'every'} {each}" for each in kept)
    keyword = subject_and_keyword(name)[1]
    if {*kept} & {*wrong} and keyword == OF_IDS:  # which ids were given is no matter of it
        return right, " and ".join(f"some {each}" for each in wrong)
    if wrong == [201] == [*{*kept} & {*wrong}] and cause.each_time:
        return cause.works or right, cause.fails
    if {*kept} & {*wrong}:
        told = " and ".join(f"{'some' if each in kept else 'every'} {each}" for each in wrong)
        return right, f"{told}, such as to {cause.fails}"
    return right, " and ".join(f"every {each}" for each in wrong)


def _told_of_some(main: Occurrence, forms: Mapping[str, int]) -> tuple[str, str] | None:
    """How many of all answers to invoices are wrong in what shows now and then, whatever they have;
    None of other answers.
    """
    kept, wrong = (
        forms.get(form_key(main.requirement, 201, kept=each), 0) for each in (True, False)
    )
    if not (kept and wrong and main.category in (Category.ECHO, Category.ANSWER_SHAPE)):
        return None
    times = f"{wrong} of {counted(kept + wrong, 'answer')}"
    return ANY_INVOICE, f"{ANY_INVOICE}, {NOW_AND_THEN}: {times}"


def _told_of_most(main: Occurrence, forms: Mapping[str, int]) -> tuple[str, str] | None:
    """How many answers to invoices are wrong in what the control shows; None if all of them are."""
    told = _told_of_some(main, forms)
    return told and ("other invoices", told[1].removeprefix(f"{ANY_INVOICE}, {NOW_AND_THEN}: "))


def _told_of_names(finding: Finding, cause: Cause) -> tuple[str, str] | None:
    """Which errors name the right field, and which another one, where those that do are all to name
    the same.
    """
    fields = {row.to_name for row in finding.rows if row.requirement == NAMES}
    if len(fields) != 1 or "" in fields:
        return None
    (field,) = fields
    return "errors about other properties", f"errors about {field}, such as to {cause.fails}"


def _answers_of(finding: Finding) -> int:
    """How many answers show it, of which one may violate several requirements at once."""
    most: Counter[str] = Counter()
    for row in finding.rows:
        most[row.test] = max(most[row.test], row.times)
    return most.total()


def _answers(forms: Mapping[str, int]) -> int:
    """How many answers there were."""
    return sum(forms.get(form_key(HTTP, each, kept=True), 0) for each in STATUSES)


def _id(row: FindingRow) -> str:
    """The same in each run that finds the same, whatever else it finds."""
    names = identity(row)
    # A request that need not be accepted shows a breakdown under a requirement of its own.
    under = () if names[0] == "difference" else (row["requirement"],)
    # A row that was filed elsewhere has the member itself, one of a worker no more than its words.
    what = [*under, str(row["category"]), *(_lasting(row, name) for name in names)]
    return hashlib.sha256(repr(what).encode(errors="backslashreplace")).hexdigest()[:8]


def _lasting(row: FindingRow, name: What) -> str:
    return bounding(row["bound"]) if name == "bound" else lasting(str(row[name]))


def identity(row: FindingRow) -> tuple[What, ...]:
    """The names of what makes it this finding, in each run that has it, with workers or without.

    What is wrong with an answer says more than the request that showed it first, unless it is just
    another value. An error of another shape has the status of that request only if others are
    right.
    """
    if row["category"] == Category.ACCEPTED_INVALID:
        # Which wrong value is accepted says less than which requirement is forgotten.
        # What of it is refused tells one that is forgotten in part from another one.
        is_told = row.get("bound", NOTHING) != NOTHING
        return ("place", "answer", "status", "bound") if is_told else ("place", "answer", "status")
    if row["category"] == Category.ERROR_SHAPE and not row["accepted"]:
        return "place", "answer"
    if row["difference"] and row["category"] not in OF_ANSWERS:
        return "difference", "status", "code"
    # Items that are lost for a number are not those that are too many.
    lost = row["answer"] == ITEMS_NOT_ONCE and _OF_A_NUMBER.fullmatch(row["difference"])
    if lost or (row["answer"] in (ANOTHER, ANOTHER_MEMBER) and row.get("explained", False)):
        return "place", "difference", "answer", "status", "code"
    return "place", "answer", "status", "code"


def comes_now_and_then(row: FindingRow) -> bool:
    """Whether any request may get such an answer now and then, so that which requirements it breaks
    is no matter of it; a breakdown also where few tests have met it.
    """
    of_any = row["refused"].startswith(f"{ANY}, {NOW_AND_THEN}")
    is_one = row["category"] in (Category.SERVER_ERROR, Category.PROTOCOL)
    return of_any or (is_one and _NOT_ALWAYS.search(row["refused"]) is not None)


def _severity(row: FindingRow) -> tuple[bool, int, int]:
    return row["level"] != Level.MUST, SEVERITY.index(row["category"]), -row["times"]
