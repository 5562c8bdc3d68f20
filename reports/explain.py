"""Says in words, to a person in a hurry, how an exchange departs from what the documents say."""

from collections.abc import Mapping
from typing import Any

from spec.departure import Category, Departure, brief, shortened
from spec.oracle import Verdict
from spec.strictjson import Malformed, parse
from targets.curl import curl
from targets.masking import Masker

MOST = 1500
DOUBT = "the server is wrong, or our reading of the document is: spec/reading.yaml"
LONGEST_CURL = 6000


def headline(departure: Departure) -> str:
    """One line that two equal faults share: no ids, addresses or times of ours in it."""
    requirement = departure.requirement
    return (
        f"[{departure.category}] {requirement} ({requirement.level}): "
        f"expected {departure.expected}, got {departure.got}"
    )


def where(departure: Departure) -> str:
    """The clause's place: file, line and JSON pointer."""
    requirement = departure.requirement
    return f"{requirement.file}:{requirement.line}  #{requirement.pointer}"


def explain(verdict: Verdict, base_url: str, keys: Mapping[str, str], masker: Masker) -> str:
    """The whole account of the first failing departure, the others named; without any key."""
    first, *others = verdict.failing
    requirement = first.requirement
    rows = [
        ("clause", f"{requirement.keyword}: {brief(requirement.operand)}"),
        ("stands at", where(first)),
        ("at", spelled(first.place)),
        ("expected", first.expected),
        ("got", first.got),
        ("mind", DOUBT if first.category is Category.REFUSED_VALID else ""),
        ("sent", _sent(verdict, first)),
        ("answer", _answer(verdict)),
    ]
    lines = [headline(first), *(f"  {name:<10} {text}" for name, text in rows if text)]
    lines += [f"  also       {headline(other)}" for other in others[:5]]
    if len(others) > 5:
        lines.append(f"  also       {len(others) - 5} more")
    command = curl(verdict.exchange.request, base_url, keys)
    if len(command) > LONGEST_CURL:
        command = f"(of {len(command)} characters, too long to show)"
    return masker.mask("\n".join([*lines, f"  again      {command}"]))


def spelled(place: tuple[str | int, ...]) -> str:
    """An instance path as a person writes it: `items[2].sku`."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in place).lstrip(
        "."
    )


def _sent(verdict: Verdict, departure: Departure) -> str:
    request = verdict.exchange.request
    payload = verdict.expected.payload
    if payload is None:
        return shortened(request.body[:4096].decode(errors="backslashreplace"), MOST)
    place = departure.place
    if place[:1] == ("data",):
        place = place[1:]
    return shortened(_json(_relevant(payload, place)), MOST)


def _relevant(payload: dict[str, Any], place: tuple[str | int, ...]) -> Any:
    """The payload with long lists cut down to the element at fault."""
    index = place[1] if len(place) > 1 and place[0] == "items" else None
    items = payload.get("items")
    if not isinstance(items, list) or len(items) <= 3:
        return payload
    kept = items[index] if isinstance(index, int) and index < len(items) else items[0]
    return {**payload, "items": [f"...{len(items)} items, one of them:", kept]}


def _json(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{brief(k)}: {_json(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_json, value[:20])) + ("]" if len(value) <= 20 else ", ...]")
    return brief(value)


def _answer(verdict: Verdict) -> str:
    response = verdict.exchange.response
    if response is None:
        return ""
    try:
        value = parse(response.body).value
        body = _json(value) if isinstance(value, dict | list) else brief(value)
    except (Malformed, RecursionError):
        body = response.body[:500].decode(errors="backslashreplace")
    return f"{response.status} {shortened(body, 600)}"
