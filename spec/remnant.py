"""What an answer still has of the invoice before: a server that keeps state between requests."""

from collections.abc import Mapping
from typing import Any

from spec.contract import Contract
from spec.departure import Category, Departure, brief
from spec.echo import same
from spec.exchange import Exchange, Request
from spec.expectation import Expectation, Expected
from spec.sense import exact, statuses
from spec.strictjson import Malformed, parse


def departures(
    contract: Contract, before: Request, exchange: Exchange, expected: Expected
) -> list[Departure]:
    """Each text that the request before had, this one leaves out, and its answer gives back.

    A server may fill in what is left out, but not with what only another invoice says.
    """
    response, payload = exchange.response, expected.payload
    if response is None or payload is None or expected.expectation is not Expectation.ACCEPT:
        return []
    earlier, data = _object(before.body), _object(response.body).get("data")
    if not isinstance(data, dict):
        return []
    found = []
    for requirement in contract.requirements:
        if requirement.keyword != "echo" or len(requirement.path) != 2:
            continue
        name = requirement.path[1]
        old, returned = earlier.get(name), data.get(name)
        if name in payload or not (isinstance(old, str) and isinstance(returned, str)):
            continue
        if same(old, returned, dates=True) and not _may_fill_in(payload, name, returned):
            nothing, place = "nothing of the invoice before, which alone had it", requirement.path
            found.append(Departure(requirement, Category.ECHO, place, nothing, brief(returned)))
    return found


def _may_fill_in(payload: Mapping[str, Any], name: str, value: str) -> bool:
    """Whether a server can come to the value by this payload alone: it says so, or implies it."""
    if any(isinstance(sent, str) and same(sent, value, dates=True) for sent in payload.values()):
        return True
    if name != "status" or not {"paid_amount", "total_amount"} <= payload.keys():
        return False
    return value in statuses(exact(payload["paid_amount"]), exact(payload["total_amount"]))


def _object(body: bytes) -> dict[str, Any]:
    """The JSON object that a body is; an empty one if it is none."""
    try:
        value = parse(body).value
    except Malformed:
        return {}
    return value if isinstance(value, dict) else {}
