"""Judges a response: status, media type, strict JSON, schema, what an error has to say, and what
no answer may give away."""

import json
import re
from collections.abc import Iterator
from itertools import chain
from typing import Any
from urllib.parse import parse_qsl, quote

from spec import echo
from spec.contract import Contract
from spec.exchange import Exchange, Request, Response
from spec.expectation import (
    LARGEST_VALID,
    Cause,
    Expectation,
    Expected,
    broken,
    may_be_cut_off,
    values_of,
)
from spec.requirements import Requirement
from spec.strictjson import Malformed, parse
from spec.violation import Category, Violation, brief, shortened

SEPARATORS = re.compile(r"[^\w]+")


def names(field: str, location: tuple[str | int, ...]) -> bool:
    """`items[0].sku`, `/items/0/sku`, `body.items.0.sku`, `sku`, `Request.Items[0].SKU` and the
    like name ("items", 0, "sku"): case and punctuation do not count. A position that is given
    must be the right one.
    """
    words = [_plain(word) for word in SEPARATORS.split(field)]
    if "".join(map(_plain, map(str, location))) in _endings(words) and len(location) > 1:
        return True  # items_0_sku
    positions = [int(word) for word in words if word.isdecimal() and len(word) < 9]
    indexes = [step for step in location if isinstance(step, int)]
    if positions and positions != indexes[: len(positions)]:
        return False
    wanted = [_plain(step) for step in location if isinstance(step, str)]
    named = _endings([word for word in words if not word.isdecimal()])
    return bool(wanted) and not named.isdisjoint({wanted[-1], "".join(wanted)})


def _endings(words: list[str]) -> set[str]:
    """What the last words say together: `body.reference-id` ends in `referenceid`."""
    return {"".join(words[start:]) for start in range(len(words))}


def _plain(word: str) -> str:
    return "".join(character for character in word.casefold() if character.isalnum())


SHORTEST_KEY = 8
NO_SECRETS = frozenset({"undefined"})
"""What a server may say of itself, though it was sent as a key."""

LEAK = re.compile(
    rb"Traceback \(most recent call last\)|\bpanic: |goroutine \d+ \[|SQLSTATE|\bORA-\d{5}"
    rb"|\bpq: |syntax error at or near|\.go:\d+|\.java:\d+\)|\.py\", line \d+|\.js:\d+:\d+"
    rb"|\.rb:\d+:in |\.php(?::| on line )\d+|\.cs:line \d+"
    rb"|\bat [\w.$<>]+\([\w.]+:\d+\)|\bSELECT\b.{1,80}\bFROM\b|\bINSERT INTO\b",
    re.DOTALL,
)


def _error_violations(
    contract: Contract, exchange: Exchange, response: Response, expected: Expected, answer: Any
) -> list[Violation]:
    """Whether an error, parsed as `answer`, names the wrong field and keeps its insides."""
    request = exchange.request
    fields = "\n".join(value for _, value in request.headers)
    sent = request.body + _raw(fields)
    found = _leak(contract, sent, response.body)
    read = len(request.body) <= LARGEST_VALID  # a longer one may be refused for its length alone
    if response.status == 400 and isinstance(answer, dict) and read:
        found += _details(contract, expected, answer)
    return found


def _secret(contract: Contract, exchange: Exchange, response: Response) -> list[Violation]:
    """The key that was sent, in an answer's body or headers, however that spells it."""
    if contract.key_header is None:
        return []
    request, told = exchange.request, [value for _, value in response.headers]
    where = [response.body, *(value.encode("latin-1", "replace") for value in told)]
    for key in _keys(request, contract.key_header):
        texts = _spelled(key)
        known = len(key) < SHORTEST_KEY or any(text in request.body for text in texts)
        if not known and any(text in location for text in texts for location in where):
            requirement = contract.named("response.secret")
            expected = "an answer without the key"
            return [Violation(requirement, Category.AUTHENTICATION, (), expected, "the key sent")]
    return []


def _keys(request: Request, header: str) -> Iterator[str]:
    """What travels as a key: in its header, or where other services look for one."""
    yield from (key for key in values_of(request.headers, header) if key not in NO_SECRETS)
    yield from (value.rpartition(" ")[2] for value in values_of(request.headers, "authorization"))
    yield from (value.partition("=")[2] for value in values_of(request.headers, "cookie"))
    yield from (value for _, value in parse_qsl(request.path.partition("?")[2]))


def _spelled(key: str) -> set[bytes]:
    """A key as sent, as JSON and URLs escape it, and as one who takes its bytes for Latin-1."""
    raw = _raw(key)
    misread = raw.decode("latin-1")
    texts = {misread, quote(raw, safe="")}
    for text in (key, misread):
        texts |= {json.dumps(text)[1:-1], json.dumps(text, ensure_ascii=False)[1:-1]}
    return {raw, *map(_raw, texts)}


def _raw(text: str) -> bytes:
    """The bytes that a header's text stands for; text that no header can have gets `?`."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace")


def _leak(contract: Contract, sent: bytes, told: bytes) -> list[Violation]:
    # JSON's escapes of what parts words: a trace in a message has them, one on a page has not.
    sent, told = (one.replace(rb"\n", b"\n").replace(rb"\"", b'"') for one in (sent, told))
    for leak in LEAK.finditer(told):
        if leak.group() not in sent:
            got = brief(leak.group().decode(errors="replace"))
            expected = "nothing of the server's insides"
            requirement = contract.named("4xx.leak")
            return [Violation(requirement, Category.ERROR_SHAPE, (), expected, got)]
    return []


def _details(contract: Contract, expected: Expected, answer: dict[str, Any]) -> list[Violation]:
    fields = [
        cause for cause in expected.causes if cause.requirement.part == "body" and cause.location
    ]
    if not fields or len(fields) < len(expected.causes):
        return []
    details = answer.get("details")
    given = [
        detail["field"]
        for detail in (details if isinstance(details, list) else [])
        if isinstance(detail, dict) and isinstance(detail.get("field"), str)
    ]
    # A server that stops at the first fault may stop at one that only the reading knows.
    doubtful = (location for _, location, _ in broken(contract.narrowed, expected.payload))
    locations = chain((cause.location for cause in fields), doubtful)
    if any(names(field, location) for location in locations for field in given):
        return []
    wanted = ".".join(map(str, fields[0].location))
    got = f"details that name {brief(given)}" if given else "no detail with a field"
    requirement = contract.named("4xx.details.names")
    return [Violation(requirement, Category.ERROR_SHAPE, ("details",), f"{wanted} named", got)]


UNREADABLE = frozenset({"depth", "lone surrogate"})
"""Oddities of texts that no validator takes."""


def violations(
    contract: Contract,
    exchange: Exchange,
    expected: Expected,
    seen: dict[str, object],
    about: Requirement | None = None,
) -> list[Violation]:
    """Each way in which the exchange departs from its expectation; empty when it conforms.

    A refusal of a valid request is put down to `about`, the requirement that the request is at
    the edge of, where there is one.
    """
    request, response = exchange.request, exchange.response
    if response is None:
        if exchange.closed and may_be_cut_off(request.headers, request.body):
            return []
        http = contract.named("response.http")
        fault = exchange.fault or "no response"
        return [Violation(http, Category.PROTOCOL, (), "an HTTP response (RFC 9112)", fault)]
    found = _status(contract, response, expected, about or contract.named("201.status"))
    if response.status == 201 and expected.expectation is not Expectation.REJECT:
        found += _created(contract, response, expected, seen)
    elif 400 <= response.status < 500:
        found += _refused(contract, exchange, response, expected)
    found += _secret(contract, exchange, response)
    return found


def _status(
    contract: Contract, response: Response, expected: Expected, about: Requirement
) -> list[Violation]:
    status = response.status
    if status in expected.statuses:
        return []
    wanted = " or ".join(map(str, sorted(expected.statuses)))
    if len(expected.statuses) > 10:
        wanted = "a 4xx"
    got = f"{status}{_told(response)}"
    if expected.expectation is Expectation.ACCEPT:
        category = Category.REFUSED_VALID if 400 <= status < 500 else _unasked(status)
        return [Violation(about, category, about.path, wanted, got)]
    if expected.expectation is Expectation.UNSPECIFIED:
        client_error = 400 <= status < 500
        requirement = contract.named("response.documented" if client_error else "response.status")
        return [Violation(requirement, _unasked(status), (), wanted, got)]
    key, *others = expected.causes
    if 401 in key.statuses and any(status in other.statuses for other in others):
        first = contract.named("security.first")
        return [Violation(first, Category.AUTHENTICATION, (), "401", got)]
    keyed = key.requirement.name.startswith("security.")
    if 400 <= status < 500 and 400 in expected.statuses and not keyed:
        # It is refused, and whatever breaks: the status alone is wrong.
        refused = contract.named("4xx.status")
        return [Violation(refused, Category.WRONG_STATUS, (), wanted, got)]
    blamed = expected.causes[:1] if 401 in key.statuses else expected.causes
    return [
        Violation(cause.requirement, _category(status, cause), cause.location, wanted, got)
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
) -> tuple[list[Violation], Any]:
    found = []
    json, strict = contract.named(f"{part}.json"), "strict JSON"
    sent = response.header("content-type") or "none"
    if sent.partition(";")[0].strip().lower() != "application/json":
        kind = contract.named(f"{part}.mediaType")
        found.append(Violation(kind, category, (), "application/json", shortened(sent, 80)))
    try:
        text = parse(response.body)
    except Malformed as error:
        reason = f"a body that {error}: {brief(response.body[:200].decode(errors='replace'))}"
        return [*found, Violation(json, category, (), strict, reason)], None
    for oddity in text.oddities:
        got = f"JSON with {oddity}"
        if got not in expected.why:  # an answer may be as odd as what it repeats
            found.append(Violation(json, category, (), strict, got))
    judged = contract.answers.get(response.status) or contract.answers[400]
    if UNREADABLE.isdisjoint(text.oddities):
        for requirement, location, message in broken(judged, text.value):
            if requirement is not None:
                demand = _demand(requirement)
                found.append(
                    Violation(requirement, category, location, demand, shortened(message, 160))
                )
    return found, text.value


def _demand(requirement: Requirement) -> str:
    if requirement.keyword == "required":
        return "to be present"
    return f"{requirement.keyword} {requirement.operand}"


def _created(
    contract: Contract, response: Response, expected: Expected, seen: dict[str, object]
) -> list[Violation]:
    found, answer = _json(contract, response, "201", Category.ANSWER_SHAPE, expected)
    if not expected.payload or not isinstance(answer, dict):
        return found
    found = [
        violation
        for violation in found
        if violation.requirement.keyword != "enum"
        or not echo.came_back(expected.payload, answer, violation.location)
    ]
    if expected.expectation is Expectation.ACCEPT:
        found += echo.violations(contract, expected.payload, answer, seen)
    return found


def _refused(
    contract: Contract, exchange: Exchange, response: Response, expected: Expected
) -> list[Violation]:
    if not _is_documented(exchange.request, response.status):
        return _error_violations(contract, exchange, response, expected, None)
    found, answer = _json(contract, response, "4xx", Category.ERROR_SHAPE, expected)
    return found + _error_violations(contract, exchange, response, expected, answer)


def _is_documented(request: Request, status: int) -> bool:
    """Whether the document says what an error looks like: of no other method than POST, and not
    where a server in front of the application may have answered for it.
    """
    in_front = status in (413, 431) and may_be_cut_off(request.headers, request.body)
    return request.method == "POST" and not in_front
