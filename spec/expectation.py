"""What the documents say of a request, read from its bytes alone."""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Any

from spec.contract import Contract, Judged
from spec.facts import Facts
from spec.requirements import Requirement
from spec.sense import incoherences, precedes_order
from spec.strictjson import Malformed, Text, parse

LARGEST_SOUND = 64 * 1024
LARGEST_READ = 1024 * 1024
CLIENT_ERRORS = frozenset(range(400, 500))
UNDECIDED = frozenset({201, 400, 404})


class Expectation(StrEnum):
    """Law two: the three things the documents can say of a request."""

    ACCEPT = "ACCEPT"
    REJECT = "REJECT"
    UNSPECIFIED = "UNSPECIFIED"


@dataclass(frozen=True, slots=True)
class Cause:
    """One requirement that a request breaks, the instance path where, and the due statuses."""

    requirement: Requirement
    place: tuple[str | int, ...]
    statuses: frozenset[int]


@dataclass(frozen=True, slots=True)
class Expected:
    """The expectation, why, and the statuses that meet it.

    `payload` is the parsed body where it is a JSON object; `why` gives the reasons of an
    UNSPECIFIED request in words.
    """

    expectation: Expectation
    statuses: frozenset[int]
    causes: tuple[Cause, ...]
    why: tuple[str, ...]
    payload: dict[str, Any] | None


def expect(
    contract: Contract,
    facts: Facts,
    method: str,
    headers: tuple[tuple[str, str], ...],
    body: bytes,
) -> Expected:
    """Judge a request. Total: any bytes have an expectation."""
    if method != "POST":
        cause = Cause(contract.named("request.method"), (), CLIENT_ERRORS)
        return Expected(Expectation.REJECT, CLIENT_ERRORS, (cause,), (), None)
    causes, why, payload = _of_body(contract, facts, body)
    keyed = _of_key(contract, facts, headers)
    typed, untyped = _of_media_type(contract, headers)
    why += untyped
    if keyed is not None and 401 in keyed.statuses:
        return Expected(Expectation.REJECT, keyed.statuses, (keyed, *typed, *causes), (), payload)
    every = (*([keyed] if keyed else []), *typed, *causes)
    if every:
        statuses = frozenset().union(*(cause.statuses for cause in every))
        if len(body) > LARGEST_READ:
            statuses |= {413}
        return Expected(Expectation.REJECT, statuses, every, (), payload)
    if why:
        too_large = {413} if len(body) > LARGEST_SOUND else set()
        return Expected(Expectation.UNSPECIFIED, UNDECIDED | too_large, (), why, payload)
    return Expected(Expectation.ACCEPT, frozenset({201}), (), (), payload)


def values_of(headers: tuple[tuple[str, str], ...], name: str) -> list[str]:
    """The values of a header field, outer blanks taken off (RFC 9110, section 5.5)."""
    return [value.strip(" \t") for key, value in headers if key.lower() == name.lower()]


def _of_key(contract: Contract, facts: Facts, headers: tuple[tuple[str, str], ...]) -> Cause | None:
    if contract.key_header is None:
        return None
    sent = values_of(headers, contract.key_header)
    if sent == [facts.key]:
        return None
    if facts.forbidden_key is not None and sent == [facts.forbidden_key]:
        return Cause(contract.named("security.right"), (), frozenset({403}))
    return Cause(contract.named("security.key"), (), frozenset({401}))


def _of_media_type(
    contract: Contract, headers: tuple[tuple[str, str], ...]
) -> tuple[tuple[Cause, ...], tuple[str, ...]]:
    sent = values_of(headers, "content-type")
    if not sent:
        return (), ("the media type is missing",)
    essence, _, parameters = sent[0].partition(";")
    if essence.strip().lower() not in contract.media_types:
        cause = Cause(contract.named("requestBody.mediaType"), (), frozenset({400, 415}))
        return (cause,), ()
    charset = parameters.lower().replace(" ", "").replace('"', "")
    if "charset=" in charset and "charset=utf-8" not in charset:
        return (), ("the charset is another than UTF-8",)
    return (), ()


def _of_body(
    contract: Contract, facts: Facts, body: bytes
) -> tuple[tuple[Cause, ...], tuple[str, ...], dict[str, Any] | None]:
    refused = frozenset({400})
    if not body.strip(b" \t\r\n"):
        return (Cause(contract.named("requestBody.required"), (), refused),), (), None
    try:
        text = parse(body)
    except Malformed as error:
        name = "requestBody.utf8" if error.encoding else "requestBody.json"
        return (Cause(contract.named(name), (), refused),), (), None
    if not isinstance(text.value, dict):
        return (Cause(contract.named("body.type"), (), refused),), (), None
    if text.oddities:
        return (), tuple(f"JSON with {oddity}" for oddity in text.oddities), text.value
    return _of_payload(contract, facts, text, len(body))


def _of_payload(
    contract: Contract, facts: Facts, text: Text, size: int
) -> tuple[tuple[Cause, ...], tuple[str, ...], dict[str, Any]]:
    payload: dict[str, Any] = text.value
    found = [(r, place) for r, place, _ in broken(contract.request, payload) if r is not None]
    # A wrong type breaks an enum twice for a validator, and once for a person.
    causes = [Cause(r, place, frozenset({400})) for r, place in dict.fromkeys(found)]
    known, order = contract.find("order_id.known"), contract.find("updated_at.order")
    if known and facts.order_ids and payload.get("order_id") == facts.unknown_order_id:
        causes.append(Cause(known, ("order_id",), frozenset({404})))
    if order and not causes and precedes_order(payload, facts):
        causes.append(Cause(order, ("updated_at",), frozenset({400})))
    if causes:
        return tuple(causes), (), payload
    why = [
        f"{'.'.join(map(str, place)) or 'the payload'}: {message}"
        for _, place, message in broken(contract.sound, payload)
    ]
    if not why:
        why = [*incoherences(payload, facts), *_respelled(contract, payload)]
    if size > LARGEST_SOUND:
        why.append(f"the body has {size} bytes, more than {LARGEST_SOUND}")
    return (), tuple(why), payload


def broken(
    judged: Judged, value: Any
) -> list[tuple[Requirement | None, tuple[str | int, ...], str]]:
    """Each constraint of a schema that a value breaks: requirement, instance path, message.

    The requirement is None for what only the reading demands of a request.
    """
    found = []
    for error in judged.validator.iter_errors(value):
        path = tuple(map(str, error.schema_path))
        place = tuple(error.instance_path)
        if path and path[-1] == "required":
            missing = error.kind.as_dict()["property"]
            path, place = (*path, missing), (*place, missing)
        found.append((judged.names.get(path), place, error.message))
    return found


def _respelled(contract: Contract, payload: dict[str, Any]) -> list[str]:
    """Integers written with a fraction or exponent: dialects of JSON Schema differ on them."""
    found = []
    stack: list[tuple[dict[str, Any], Any, str]] = [(contract.sound_schema, payload, "")]
    while stack:
        schema, value, name = stack.pop()
        if isinstance(value, Decimal) and schema.get("type") == "integer":
            found.append(f"{name} is an integer written as {value}")
        elif isinstance(value, dict):
            for key, child in schema.get("properties", {}).items():
                if key in value:
                    stack.append((child, value[key], key))
        elif isinstance(value, list) and "items" in schema:
            stack.extend((schema["items"], element, name) for element in value)
    return found
