"""Judges a response: status, media type, strict JSON and schema."""

from typing import Any

from spec import echo, refusal
from spec.constraints import broken
from spec.contract import Contract
from spec.departure import Category, Departure, brief, shortened
from spec.exchange import Exchange, Request, Response
from spec.expectation import Cause, Expectation, Expected, may_be_cut_off
from spec.requirements import Requirement
from spec.strictjson import Malformed, parse

UNREADABLE = frozenset({"depth", "lone surrogate"})
"""Oddities of texts that no validator takes."""


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
    request, response = exchange.request, exchange.response
    if response is None:
        if exchange.closed and may_be_cut_off(request.headers, request.body):
            return []
        http = contract.named("response.http")
        fault = exchange.fault or "no response"
        return [Departure(http, Category.PROTOCOL, (), "an HTTP response (RFC 9112)", fault)]
    found = _status(contract, response, expected, about or contract.named("201.status"))
    if response.status == 201 and expected.expectation is not Expectation.REJECT:
        found += _created(contract, response, expected, seen)
    elif 400 <= response.status < 500:
        found += _refused(contract, exchange, response, expected)
    found += refusal.secret(contract, exchange, response)
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
        category = Category.REFUSED_VALID if 400 <= status < 500 else _unasked(status)
        return [Departure(about, category, about.path, wanted, got)]
    if expected.expectation is Expectation.UNSPECIFIED:
        client_error = 400 <= status < 500
        requirement = contract.named("response.documented" if client_error else "response.status")
        return [Departure(requirement, _unasked(status), (), wanted, got)]
    key, *others = expected.causes
    if 401 in key.statuses and any(status in other.statuses for other in others):
        first = contract.named("security.first")
        return [Departure(first, Category.AUTHENTICATION, (), "401", got)]
    keyed = key.requirement.name.startswith("security.")
    if 400 <= status < 500 and 400 in expected.statuses and not keyed:
        # It is refused, and whatever breaks: the status alone is wrong.
        refused = contract.named("4xx.status")
        return [Departure(refused, Category.WRONG_STATUS, (), wanted, got)]
    blamed = expected.causes[:1] if 401 in key.statuses else expected.causes
    return [
        Departure(cause.requirement, _category(status, cause), cause.place, wanted, got)
        for cause in blamed
    ]


def _category(status: int, cause: Cause) -> Category:
    if status < 500 and cause.requirement.name.startswith("security."):
        return Category.AUTHENTICATION
    return Category.ACCEPTED_INVALID if 200 <= status < 300 else _unasked(status)


def _unasked(status: int) -> Category:
    return Category.SERVER_ERROR if status >= 500 else Category.WRONG_STATUS


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
    contract: Contract, response: Response, part: str, category: Category, expected: Expected
) -> tuple[list[Departure], Any]:
    found = []
    json, strict = contract.named(f"{part}.json"), "strict JSON"
    sent = response.header("content-type") or "none"
    if sent.partition(";")[0].strip().lower() != "application/json":
        kind = contract.named(f"{part}.mediaType")
        found.append(Departure(kind, category, (), "application/json", shortened(sent, 80)))
    try:
        text = parse(response.body)
    except Malformed as error:
        reason = f"a body that {error}: {brief(response.body[:200].decode(errors='replace'))}"
        return [*found, Departure(json, category, (), strict, reason)], None
    for oddity in text.oddities:
        got = f"JSON with {oddity}"
        if got not in expected.why:  # an answer may be as odd as what it repeats
            found.append(Departure(json, category, (), strict, got))
    judged = contract.answers.get(response.status) or contract.answers[400]
    if UNREADABLE.isdisjoint(text.oddities):
        for requirement, place, message in broken(judged, text.value):
            if requirement is not None:
                demand = _demand(requirement)
                found.append(
                    Departure(requirement, category, place, demand, shortened(message, 160))
                )
    return found, text.value


def _demand(requirement: Requirement) -> str:
    if requirement.keyword == "required":
        return "to be present"
    return f"{requirement.keyword} {requirement.operand}"


def _created(
    contract: Contract, response: Response, expected: Expected, seen: dict[str, object]
) -> list[Departure]:
    found, answer = _json(contract, response, "201", Category.ANSWER_SHAPE, expected)
    if not expected.payload or not isinstance(answer, dict):
        return found
    found = [
        departure
        for departure in found
        if departure.requirement.keyword != "enum"
        or not echo.came_back(expected.payload, answer, departure.place)
    ]
    if expected.expectation is Expectation.ACCEPT:
        found += echo.departures(contract, expected.payload, answer, seen)
    return found


def _refused(
    contract: Contract, exchange: Exchange, response: Response, expected: Expected
) -> list[Departure]:
    if not _is_documented(exchange.request, response.status):
        return refusal.departures(contract, exchange, response, expected, None)
    found, answer = _json(contract, response, "4xx", Category.ERROR_SHAPE, expected)
    return found + refusal.departures(contract, exchange, response, expected, answer)


def _is_documented(request: Request, status: int) -> bool:
    """Whether the document says what an error looks like: of no other method than POST, and not
    where a server in front of the application may have answered for it.
    """
    in_front = status in (413, 431) and may_be_cut_off(request.headers, request.body)
    return request.method == "POST" and not in_front
