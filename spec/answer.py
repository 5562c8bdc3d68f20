"""Judges a response: status, media type, strict JSON, schema, and what errors must tell."""

import re
from typing import Any

from spec import echo
from spec.contract import Contract
from spec.departure import Category, Departure, brief, shortened
from spec.exchange import Exchange, Response
from spec.expectation import Cause, Expectation, Expected, broken
from spec.expectation import values_of as header_values
from spec.naming import names
from spec.requirements import Requirement
from spec.strictjson import Malformed, parse

SHORTEST_KEY = 8

LEAK = re.compile(
    rb"Traceback \(most recent call last\)|\bpanic: |goroutine \d+ \[|SQLSTATE|\bORA-\d{5}"
    rb"|\bpq: |syntax error at or near|\.go:\d+|\.java:\d+\)|\.py\", line \d+|\.js:\d+:\d+"
    rb"|\bat [\w.$<>]+\([\w.]+:\d+\)|\bSELECT\b.{1,80}\bFROM\b|\bINSERT INTO\b",
    re.DOTALL,
)


def departures(
    contract: Contract,
    exchange: Exchange,
    expected: Expected,
    seen: dict[str, object],
    about: Requirement | None = None,
) -> list[Departure]:
    """Each way in which the exchange departs from its expectation; empty when it conforms.

    A refusal of a sound request is put down to `about`, the requirement that the request is at
    the edge of, where there is one.
    """
    response = exchange.response
    if response is None:
        http = contract.named("response.http")
        fault = exchange.fault or "no response"
        return [Departure(http, Category.PROTOCOL, (), "an HTTP response (RFC 9112)", fault)]
    found = _status(contract, response, expected, about or contract.named("201.status"))
    if response.status == 201 and expected.expectation is not Expectation.REJECT:
        found += _created(contract, response, expected, seen)
    elif 400 <= response.status < 500:
        found += _refused(contract, exchange, response, expected)
    found += _secret(contract, exchange, response)
    return found


def _status(
    contract: Contract, response: Response, expected: Expected, about: Requirement
) -> list[Departure]:
    status = response.status
    if status in expected.statuses:
        return []
    wanted = " or ".join(map(str, sorted(expected.statuses)))
    if len(expected.statuses) > 10:
        wanted = "a 4xx"
    got = f"{status}{_told(response)}"
    if expected.expectation is Expectation.ACCEPT:
        category = Category.SERVER_ERROR if status >= 500 else Category.REFUSED_VALID
        return [Departure(about, category, about.path, wanted, got)]
    if expected.expectation is Expectation.UNSPECIFIED:
        client_error = 400 <= status < 500
        requirement = contract.named("response.documented" if client_error else "response.status")
        category = Category.SERVER_ERROR if status >= 500 else Category.WRONG_STATUS
        return [Departure(requirement, category, (), wanted, got)]
    key, *others = expected.causes
    if 401 in key.statuses and any(status in other.statuses for other in others):
        first = contract.named("security.first")
        return [Departure(first, Category.AUTHENTICATION, (), "401", got)]
    blamed = expected.causes[:1] if 401 in key.statuses else expected.causes
    return [
        Departure(cause.requirement, _category(status, cause), cause.place, wanted, got)
        for cause in blamed
    ]


def _category(status: int, cause: Cause) -> Category:
    if status >= 500:
        return Category.SERVER_ERROR
    if cause.requirement.name.startswith("security."):
        return Category.AUTHENTICATION
    return Category.ACCEPTED_INVALID if status < 300 else Category.WRONG_STATUS


def _told(response: Response) -> str:
    """What an answer says of itself, for a message that two equal faults share."""
    if 300 <= response.status < 400:
        return f" (a redirect to {shortened(response.header('location') or 'nowhere', 100)})"
    try:
        value = parse(response.body).value
    except Malformed:
        return ""
    message = value.get("message") if isinstance(value, dict) else None
    return f" ({shortened(message, 100)})" if isinstance(message, str) and message else ""


def _json(
    contract: Contract, response: Response, part: str, category: Category
) -> tuple[list[Departure], Any]:
    found = []
    sent = response.header("content-type") or "none"
    if sent.partition(";")[0].strip().lower() != "application/json":
        kind = contract.named(f"{part}.mediaType")
        found.append(Departure(kind, category, (), "application/json", shortened(sent, 80)))
    try:
        text = parse(response.body)
    except Malformed as error:
        reason = f"a body that {error}: {brief(response.body[:200].decode(errors='replace'))}"
        found.append(Departure(contract.named(f"{part}.json"), category, (), "strict JSON", reason))
        return found, None
    for oddity in text.oddities:
        got = f"JSON with {oddity}"
        found.append(Departure(contract.named(f"{part}.json"), category, (), "strict JSON", got))
    judged = contract.answers.get(response.status) or contract.answers.get(400)
    if judged is not None and "depth" not in text.oddities:
        for requirement, place, message in broken(judged, text.value):
            if requirement is not None:
                expected = _demand(requirement)
                found.append(
                    Departure(requirement, category, place, expected, shortened(message, 160))
                )
    return found, text.value


def _demand(requirement: Requirement) -> str:
    if requirement.keyword == "required":
        return "to be present"
    return f"{requirement.keyword} {requirement.operand}"


def _created(
    contract: Contract, response: Response, expected: Expected, seen: dict[str, object]
) -> list[Departure]:
    found, answer = _json(contract, response, "201", Category.ANSWER_SHAPE)
    accepted = expected.expectation is Expectation.ACCEPT
    if accepted and expected.payload and isinstance(answer, dict):
        found += echo.departures(contract, expected.payload, answer, seen)
    return found


def _refused(
    contract: Contract, exchange: Exchange, response: Response, expected: Expected
) -> list[Departure]:
    found, answer = _json(contract, response, "4xx", Category.ERROR_SHAPE)
    leak = LEAK.search(response.body)
    if leak and leak.group() not in exchange.request.body:
        got = brief(leak.group().decode(errors="replace"))
        requirement = contract.named("4xx.leak")
        found.append(
            Departure(requirement, Category.ERROR_SHAPE, (), "nothing of the server's insides", got)
        )
    if response.status == 400 and isinstance(answer, dict):
        found += _details(contract, expected, answer)
    return found


def _details(contract: Contract, expected: Expected, answer: dict[str, Any]) -> list[Departure]:
    fields = [
        cause for cause in expected.causes if cause.requirement.part == "body" and cause.place
    ]
    if not fields or len(fields) < len(expected.causes):
        return []
    details = answer.get("details")
    given = [
        detail["field"]
        for detail in (details if isinstance(details, list) else [])
        if isinstance(detail, dict) and isinstance(detail.get("field"), str)
    ]
    if any(names(field, cause.place) for field in given for cause in fields):
        return []
    wanted = ".".join(map(str, fields[0].place))
    got = f"details that name {brief(given)}" if given else "no detail with a field"
    requirement = contract.named("4xx.details.names")
    return [Departure(requirement, Category.ERROR_SHAPE, ("details",), f"{wanted} named", got)]


def _secret(contract: Contract, exchange: Exchange, response: Response) -> list[Departure]:
    if contract.key_header is None:
        return []
    sent = [
        key.encode("utf-8", "surrogateescape")
        for key in header_values(exchange.request.headers, contract.key_header)
        if len(key) >= SHORTEST_KEY
    ]
    where = [response.body, *(value.encode(errors="replace") for _, value in response.headers)]
    if any(key in text for key in sent for text in where):
        requirement = contract.named("response.secret")
        expected = "an answer without the key"
        return [Departure(requirement, Category.AUTHENTICATION, (), expected, "the key sent")]
    return []
