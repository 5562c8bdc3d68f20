"""What an error has to tell, and what no answer may give away."""

import json
import re
from typing import Any

from spec.contract import Contract
from spec.departure import Category, Departure, brief
from spec.exchange import Exchange, Response
from spec.expectation import Expected, values_of
from spec.naming import names

SHORTEST_KEY = 8

LEAK = re.compile(
    rb"Traceback \(most recent call last\)|\bpanic: |goroutine \d+ \[|SQLSTATE|\bORA-\d{5}"
    rb"|\bpq: |syntax error at or near|\.go:\d+|\.java:\d+\)|\.py\\?\", line \d+|\.js:\d+:\d+"
    rb"|\.rb:\d+:in |\.php(?::| on line )\d+|\.cs:line \d+"
    rb"|\bat [\w.$<>]+\([\w.]+:\d+\)|\bSELECT\b.{1,80}\bFROM\b|\bINSERT INTO\b",
    re.DOTALL,
)


def departures(
    contract: Contract, exchange: Exchange, response: Response, expected: Expected, answer: Any
) -> list[Departure]:
    """Whether an error, parsed as `answer`, names the wrong field and keeps its insides."""
    found = _leak(contract, exchange.request.body, response.body)
    if response.status == 400 and isinstance(answer, dict):
        found += _details(contract, expected, answer)
    return found


def secret(contract: Contract, exchange: Exchange, response: Response) -> list[Departure]:
    """The key that was sent, in an answer's body or headers, however JSON escapes it."""
    if contract.key_header is None:
        return []
    request, told = exchange.request, [value for _, value in response.headers]
    where = [response.body, *(value.encode(errors="replace") for value in told)]
    for key in values_of(request.headers, contract.key_header):
        spellings = {key, json.dumps(key)[1:-1], json.dumps(key, ensure_ascii=False)[1:-1]}
        texts = [spelling.encode(errors="replace") for spelling in spellings]
        known = len(key) < SHORTEST_KEY or any(text in request.body for text in texts)
        if not known and any(text in place for text in texts for place in where):
            requirement = contract.named("response.secret")
            expected = "an answer without the key"
            return [Departure(requirement, Category.AUTHENTICATION, (), expected, "the key sent")]
    return []


def _leak(contract: Contract, sent: bytes, told: bytes) -> list[Departure]:
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
    if any(names(field, cause.place) for field in given for cause in fields):
        return []
    wanted = ".".join(map(str, fields[0].place))
    got = f"details that name {brief(given)}" if given else "no detail with a field"
    requirement = contract.named("4xx.details.names")
    return [Departure(requirement, Category.ERROR_SHAPE, ("details",), f"{wanted} named", got)]
