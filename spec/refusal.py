"""What an error has to tell, and what no answer may give away."""

import json
import re
from collections.abc import Iterator
from itertools import chain
from typing import Any
from urllib.parse import parse_qsl, quote

from spec.constraints import broken
from spec.contract import Contract
from spec.departure import Category, Departure, brief
from spec.exchange import Exchange, Request, Response
from spec.expectation import LARGEST_SOUND, Expected, values_of
from spec.naming import names

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


def departures(
    contract: Contract, exchange: Exchange, response: Response, expected: Expected, answer: Any
) -> list[Departure]:
    """Whether an error, parsed as `answer`, names the wrong field and keeps its insides."""
    request = exchange.request
    fields = "\n".join(value for _, value in request.headers)
    sent = request.body + _raw(fields)
    found = _leak(contract, sent, response.body)
    read = len(request.body) <= LARGEST_SOUND  # a longer one may be refused for its length alone
    if response.status == 400 and isinstance(answer, dict) and read:
        found += _details(contract, expected, answer)
    return found


def secret(contract: Contract, exchange: Exchange, response: Response) -> list[Departure]:
    """The key that was sent, in an answer's body or headers, however that spells it."""
    if contract.key_header is None:
        return []
    request, told = exchange.request, [value for _, value in response.headers]
    where = [response.body, *(value.encode("latin-1", "replace") for value in told)]
    for key in _keys(request, contract.key_header):
        texts = _spelled(key)
        known = len(key) < SHORTEST_KEY or any(text in request.body for text in texts)
        if not known and any(text in place for text in texts for place in where):
            requirement = contract.named("response.secret")
            expected = "an answer without the key"
            return [Departure(requirement, Category.AUTHENTICATION, (), expected, "the key sent")]
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


def _leak(contract: Contract, sent: bytes, told: bytes) -> list[Departure]:
    # JSON's escapes of what parts words: a trace in a message has them, one on a page has not.
    sent, told = (one.replace(rb"\n", b"\n").replace(rb"\"", b'"') for one in (sent, told))
    for leak in LEAK.finditer(told):
        if leak.group() not in sent:
            got = brief(leak.group().decode(errors="replace"))
            expected = "nothing of the server's insides"
            requirement = contract.named("4xx.leak")
            return [Departure(requirement, Category.ERROR_SHAPE, (), expected, got)]
    return []


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
    # A server that stops at the first fault may stop at one that only the reading knows.
    doubtful = (place for _, place, _ in broken(contract.sound, expected.payload))
    places = chain((cause.place for cause in fields), doubtful)
    if any(names(field, place) for place in places for field in given):
        return []
    wanted = ".".join(map(str, fields[0].place))
    got = f"details that name {brief(given)}" if given else "no detail with a field"
    requirement = contract.named("4xx.details.names")
    return [Departure(requirement, Category.ERROR_SHAPE, ("details",), f"{wanted} named", got)]
