"""Judges a response: status, media type, strict JSON, schema, and what an error has to say."""

import re

from spec.answers import echo
from spec.answers.disclosure import leak
from spec.answers.errors import judge_details
from spec.answers.judgement import Judgement
from spec.answers.keys import tells_key
from spec.contract import CLIENT_ERRORS, TargetFacts
from spec.coverage import Coverage
from spec.exchange import Exchange, HttpFault, Response
from spec.expectation import (
    LARGEST_VALID,
    Breach,
    Expectation,
    Expected,
    broken,
    broken_by,
    is_answered_by_http,
    may_be_cut_off,
)
from spec.operation import is_of_type
from spec.paths import Json, Location, find
from spec.requirements import Level, Requirement, subject_and_keyword
from spec.schema.formats import is_date_time
from spec.strictjson import Malformed, Text, parse
from spec.violation import MISSING, Category, Wrong, brief, demand, opening, shortened

MOST_ELEMENTS = 1000
"""Elements of an array that are judged by a schema; an invoice has a hundred items."""
ANSWER = "an HTTP response (RFC 9112)"
"""What is expected of a server, whatever it was sent."""
READABLE = "an answer of a usual length"
"""What is expected of an answer that is too long to be read: it may be HTTP as it should be."""
_WITHIN = re.compile(r"(?<=within )\S{1,20} s\b")
UNREADABLE = frozenset({"depth", "lone surrogate"})  # oddities of JSON that no validator takes


def judge(
    coverage: Coverage,
    facts: TargetFacts,
    exchange: Exchange,
    expected: Expected,
    seen: set[int],
    about: Requirement | None = None,
) -> Judgement:
    """Judge the response to a request of which this is expected; `seen` are hashes of ids.

    A refusal of a valid request is put down to `about`, the requirement that the request is at
    the edge of, where there is one. Where that is a SHOULD, it is about how the request was sent,
    and the shape of such a refusal is not judged.
    """
    contract, response = coverage.contract, exchange.response
    judgement = Judgement(contract, facts, coverage, exchange, expected)
    if expected.elsewhere:
        _judge_elsewhere(judgement)
        return judgement
    if response is None:
        request = exchange.request
        if not (
            exchange.broken is HttpFault.CLOSED and may_be_cut_off(request.headers, request.body)
        ):
            judgement.judge("response.http", Category.PROTOCOL, _no_answer(exchange))
        return judgement
    judgement.judge("response.http", Category.PROTOCOL, None)
    try:
        judgement.text = parse(response.body)
    except Malformed as error:
        judgement.text = error
    way = about if about is not None and about.level is Level.SHOULD else None
    refused = way is not None and _refuses_the_way(judgement, way, response)
    if not refused:
        accepted = contract.named("201.status")
        _judge_status(judgement, response, accepted if way or about is None else about)
    has_invoice = contract.operation.has_invoice(response.status)
    if has_invoice and expected.expectation is not Expectation.REJECT:
        _judge_created(judgement, response, seen)
    elif 400 <= response.status < 500:
        _judge_error(judgement, response, documented=not refused)
    _judge_head(judgement, response)
    _judge_coding(judgement, response)
    _judge_fields(judgement, response)
    if contract.key_header is not None:
        known = judgement.facts.key or ""
        told = tells_key(exchange.request, response, contract.key_header, known)
        wrong = ("an answer without the key", "the key, or a part of it") if told else None
        judgement.judge("response.secret", Category.AUTHENTICATION, wrong)
    return judgement


def _judge_elsewhere(judgement: Judgement) -> None:
    """Judge whether an invoice was created of what was sent to another path: nothing else of the
    answer is judged, if there is one.
    """
    contract, expected = judgement.contract, judgement.expected
    response, breach = judgement.exchange.response, expected.breaches[0]
    if response is None or not 200 <= response.status < 300:
        return
    try:
        judgement.text = parse(response.body)
    except Malformed as error:
        judgement.text = error
    answer, new = judgement.answer, contract.relations.new
    wrapped = contract.wrapper.unwrapped(answer) if isinstance(answer, dict | list) else None
    came = new.of(find(wrapped, ("data",))) & new.of(expected.payload)
    if came or (response.status not in expected.statuses and not response.is_markup):
        created = contract.operation.creates(response)
        wrong = Wrong("a 4xx", f"{response.status}{_told(judgement)}", got_201=created)
        judgement.judged.append(breach.requirement.name)
        judgement.blame(breach.requirement, Category.AUTHENTICATION, wrong, ())


def _no_answer(exchange: Exchange) -> tuple[str, str]:
    """What is expected where no answer came, and why it did not: no RFC says how soon it has to."""
    fault = exchange.fault or "no answer"
    is_name = fault[1:2].isupper()  # such as TLS
    got = f"none: {fault[0] if is_name else fault[0].lower()}{fault[1:]}"
    if exchange.broken is HttpFault.TOO_LONG:
        return READABLE, got.replace("none", "one that is too long", 1)
    if exchange.broken is not HttpFault.LATE:
        return ANSWER, got
    return "an answer", _WITHIN.sub(r"\g<0> (--request-timeout)", got, count=1)


REFUSALS_OF_A_WAY = frozenset({401, 403, 404, 405, 406, 411, 412, 415, 416, 417, 426, 428, 431})
"""Statuses about how a request was sent, whatever its body; the first three only where none of them
is expected.
"""


def _refuses_the_way(judgement: Judgement, way: Requirement, response: Response) -> bool:
    """Judge whether a request is refused for how it was sent, which `way` is about."""
    expected, wrong = judgement.expected, _wrong_status(judgement, response)
    status, valid = response.status, expected.expectation is Expectation.ACCEPT
    lowest = 401 if expected.statuses.isdisjoint({401, 403, 404}) else 405
    of_way = 400 <= status < 500 if valid else status in REFUSALS_OF_A_WAY and status >= lowest
    refused = wrong is not None and of_way
    if refused or wrong is None:
        category = Category.REFUSED_VALID if valid else Category.WRONG_STATUS
        judgement.judge(way.name, category, wrong)
    return refused


def _wrong_status(judgement: Judgement, response: Response) -> Wrong | None:
    """What statuses were expected and which one came, unless it is one of them."""
    statuses, status = judgement.expected.statuses, response.status
    if status in statuses:
        return None
    refused = statuses >= CLIENT_ERRORS
    wanted = "a 4xx" if refused else " or ".join(map(str, sorted(statuses)))
    got = f"{status}{_told(judgement)}"
    created = judgement.contract.operation.successes
    return Wrong(wanted, got, not refused and bool(created & statuses), status in created)


def _judge_status(judgement: Judgement, response: Response, about: Requirement) -> None:
    expected, status = judgement.expected, response.status
    wrong = _wrong_status(judgement, response)
    client_error = 400 <= status < 500
    if expected.expectation is Expectation.ACCEPT:
        judgement.judged.append("201.status")
        if wrong is not None:
            category = Category.REFUSED_VALID if client_error else _unexpected(status)
            judgement.blame(about, category, wrong, about.path)
    elif expected.expectation is Expectation.UNSPECIFIED:
        documented = client_error or status in judgement.contract.operation.successes
        judgement.judge("response.status", _unexpected(status), None if documented else wrong)
        if documented:
            judgement.judge("response.documented", _unexpected(status), wrong)
    else:
        _judge_refusal(judgement, status, wrong)


def _judge_refusal(judgement: Judgement, status: int, wrong: Wrong | None) -> None:
    """Judge the status of an answer to a request that breaks something."""
    breaches, statuses = judgement.expected.breaches, judgement.expected.statuses
    first, *others = breaches
    needs_key = 401 in first.statuses
    if needs_key and others:
        judgement.judged.append("security.first")
    elif not others:
        judgement.judged.append(first.requirement.name)
    particular = not (
        statuses.isdisjoint(judgement.contract.refusals)
        or statuses >= CLIENT_ERRORS
        or _is_about_a_key(first)
    )
    if particular and 400 <= status < 500:
        # Refused all the same: only the status may be wrong, whatever the request breaks.
        judgement.judge("4xx.status", Category.WRONG_STATUS, wrong)
    elif wrong is None:
        pass
    elif needs_key and any(status in other.statuses for other in others):
        wrong = wrong._replace(expected="401", expects_201=False)
        judgement.judge("security.first", Category.AUTHENTICATION, wrong)
    else:
        for breach in breaches[:1] if needs_key else breaches:
            category = _category(judgement, status, breach)
            judgement.blame(breach.requirement, category, wrong, breach.location)


def _is_about_a_key(breach: Breach) -> bool:
    return subject_and_keyword(breach.requirement.name)[0] == "security"


def _category(judgement: Judgement, status: int, breach: Breach) -> Category:
    if status < 500 and _is_about_a_key(breach):
        return Category.AUTHENTICATION
    response = judgement.exchange.response
    created = judgement.contract.operation.creates(response)
    taken = created or (200 <= status < 300 and response is not None and not response.is_markup)
    return Category.ACCEPTED_INVALID if taken else _unexpected(status)


def _unexpected(status: int) -> Category:
    return Category.SERVER_ERROR if status >= 500 else Category.WRONG_STATUS


def _told(judgement: Judgement) -> str:
    """What an answer says of itself, for a message that two equal faults share."""
    response = judgement.exchange.response
    if response is not None and 300 <= response.status < 400:
        return f" (a redirect to {shortened(response.header('location') or 'nowhere', 100)})"
    message = find(judgement.answer, ("message",))
    return f" ({shortened(message, 100)})" if isinstance(message, str) and message else ""


def _judge_head(judgement: Judgement, response: Response) -> None:
    """Judge what HTTP itself asks of an answer's head, where its bytes were seen."""
    if not response.head:
        return
    names = [name for name, _ in response.headers]
    framing = None
    if b"\n" in response.head.replace(b"\r\n", b""):
        framing = ("lines that end in CR LF", "a bare line feed in the head")
    elif {"content-length", "transfer-encoding"} <= set(names):
        framing = ("one way to say where the body ends", "Content-Length and Transfer-Encoding")
    judgement.judge("response.framing", Category.PROTOCOL, framing)
    kinds = names.count("content-type")
    fields = ("one Content-Type", f"{kinds} of them") if kinds > 1 else None
    judgement.judge("response.fields", Category.PROTOCOL, fields)
    if response.status == 405:
        allow = ",".join(text for name, text in response.headers if name == "allow")
        lists = "POST" in (each.strip() for each in allow.split(","))
        wrong = None if lists else ("an Allow header field that lists POST", brief(allow or "none"))
        judgement.judge("4xx.allow", Category.PROTOCOL, wrong)


def _judge_coding(judgement: Judgement, response: Response) -> None:
    """Judge whether the request allows the content codings of its answer."""
    request, listed = judgement.exchange.request, response.header("content-encoding") or ""
    codings = [word for word in re.split(r"[\s,]+", listed.lower()) if word not in ("", "identity")]
    refused = " and ".join(word for word in codings if request.refuses_coding(word))
    wrong = ("no content coding that the request refuses", shortened(refused, 80))
    judgement.judge("response.coding", Category.PROTOCOL, wrong if refused else None)


def _judge_fields(judgement: Judgement, response: Response) -> None:
    """Judge the header fields that the document describes of this answer."""
    for one in judgement.contract.fields_of(response.status):
        if is_answered_by_http(judgement.exchange.request, response.status):
            return
        category = Category.ERROR_SHAPE if response.status >= 400 else Category.ANSWER_SHAPE
        name, texts = one.parameter.name, one.parameter.values_of(response)
        if one.required is not None:
            wrong = None if texts else (f"a header field {name}", "none")
            judgement.judge(one.required.name, category, wrong)
        for text in texts:
            found = broken_by(one, text)
            for each in one.requirements:
                wrong = (f"{name} of {demand(each)}", shortened(text, 80))
                judgement.judge(each.name, category, wrong if each in found else None)


def _judge_created(judgement: Judgement, response: Response, seen: set[int]) -> None:
    contract, expected, answer = judgement.contract, judgement.expected, judgement.answer
    invoice = contract.wrapper.unwrapped(answer) if isinstance(answer, dict | list) else None
    sent = expected.payload if isinstance(invoice, dict) else None
    _judge_json(judgement, response, "201", Category.ANSWER_SHAPE, sent)
    if expected.payload and isinstance(answer, dict):
        judgement.violations = [
            violation
            for violation in judgement.violations
            if not echo.is_of_what_was_sent(contract, expected.payload, answer, violation)
            and not echo.follows_from_unspecified(contract, expected, violation)
        ]
    if sent is not None and isinstance(invoice, dict):
        _judge_filled_in(judgement, sent, invoice)
        judgement.violations += echo.violations(contract, expected, invoice, seen)


def _judge_filled_in(judgement: Judgement, sent: Json, invoice: Json) -> None:
    """Whether a date that the server filled in looks like those of the document's examples."""
    for requirement in judgement.contract.requirements:
        if requirement.keyword != "date-time" or find(sent, requirement.path[1:]) is not None:
            continue
        value = find(invoice, requirement.path)
        if isinstance(value, str) and not echo.is_of(sent, value):
            wrong = None if is_date_time(value) else ("an RFC 3339 date-time", brief(value))
            judgement.judge(requirement.name, Category.ANSWER_SHAPE, wrong, requirement.path)


def _judge_error(judgement: Judgement, response: Response, *, documented: bool) -> None:
    request = judgement.exchange.request
    documented = documented and not judgement.expected.under_a_used_key
    if documented and not is_answered_by_http(request, response.status):
        _judge_json(judgement, response, "4xx", Category.ERROR_SHAPE, None)
    told = leak(request, response)
    wrong = None if told is None else ("no internals of the server", brief(told))
    judgement.judge("4xx.leak", Category.ERROR_SHAPE, wrong)
    read = len(request.body) <= LARGEST_VALID  # a longer one may be refused for its length alone
    invalid = response.status in judgement.contract.refusals
    if invalid and isinstance(judgement.answer, dict) and read:
        judge_details(judgement)


def _judge_json(
    judgement: Judgement, response: Response, part: str, category: Category, sent: Json
) -> None:
    """Judge media type, JSON and schema; `sent` is the payload whose echo is judged as well."""
    contract = judgement.contract
    judged = contract.answered(response.status)
    if judged is None:
        return  # the document has no content there
    kind = response.header("content-type") or "none"
    types = contract.media_types_of(response.status)
    told = (" or ".join(sorted(types)), shortened(kind, 80))
    wrong = None if is_of_type(kind, types) else told
    judgement.judge(f"{part}.mediaType", category, wrong)
    text, json = judgement.text, f"{part}.json"
    if not isinstance(text, Text):
        body = brief(opening(response.body, 200))
        judgement.judge(json, category, ("strict JSON", f"a body that {text}: {body}"))
        return
    judgement.judge(json, category, None)
    for oddity in text.oddities:
        got = f"JSON with {oddity}"
        if got not in judgement.expected.why:  # an answer may be as odd as what it repeats
            judgement.judge(json, category, ("strict JSON", got))
    if not UNREADABLE.isdisjoint(text.oddities):
        return
    for requirement, location, _ in broken(judged, _first(text.value)):
        value = find(text.value, location)
        if requirement is not None and not echo.says_nothing(contract, requirement, value):
            judgement.blame(requirement, category, _shape(requirement, location, text), location)
    judgement.judged += judgement.coverage.judged(part, text.value, sent)


def _shape(requirement: Requirement, location: Location, text: Text) -> tuple[str, str]:
    """What a schema demands at a location, and what stands there."""
    if requirement.keyword == "required":
        return str(requirement.path[-1]), MISSING
    return demand(requirement), brief(find(text.value, location))


def _first(value: Json, depth: int = 3) -> Json:
    """The value with the first elements of long arrays, where schemas have arrays.

    A validator makes an object of each error, and a hostile answer would have a million.
    """
    if isinstance(value, dict) and depth:
        return {name: _first(each, depth - 1) for name, each in value.items()}
    return value[:MOST_ELEMENTS] if isinstance(value, list) else value
