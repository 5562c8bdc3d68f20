"""A service as somebody writes it at first: each of its many faults is one finding."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from starlette.datastructures import Headers

from reference.refusal import Problem, Refusal
from reference.service import Steps
from strategies.invoice import encode
from tests.asking import asking_of, invoice
from tests.running import ORDER, server, suite

VALID = Steps()
OPTIONAL = ("status", "remarks", "url", "created_at")
AMOUNTS = ("total_amount", "paid_amount")


def _takes_any_json(headers: Headers) -> None:
    """Whatever has JSON in its media type."""
    if "json" not in headers.get("content-type", "json").lower():
        raise Refusal(415, "The body must be JSON.")


def _parse(body: bytes) -> Any:
    """As a lenient library does: with NaN, and in UTF-16."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise Refusal(400, "The body is not JSON.") from None


def _told(payload: dict[str, Any]) -> dict[str, Any]:
    """The payload as it is checked: null is taken for absent, and a text for the number in it."""
    kept = {name: it for name, it in payload.items() if name not in OPTIONAL or it is not None}
    for name in AMOUNTS:
        if isinstance(kept.get(name), str):
            kept[name] = _number(kept[name])
    return kept


def _number(text: str) -> Any:
    try:
        return float(text)
    except ValueError:
        return text


def _check(payload: Any) -> tuple[Problem, ...]:
    """References may have any length, a URL no more than 255 characters."""
    if not isinstance(payload, dict):
        return VALID.check(payload)
    long = tuple(
        problem
        for problem in VALID.check(_told(payload))
        if problem.kind != "string_too_long" or "reference_id" not in problem.location
    )
    if len(str(payload.get("url"))) > 255:
        long += (Problem(("url",), "string_too_long", "should have at most 255 characters"),)
    return long


def _render(payload: Any) -> dict[str, Any]:
    """Blanks at the end are cut off, offsets and fractions left out, and items in the order of a
    database, which takes no character beyond U+FFFF.
    """
    data = VALID.render(_told(payload))
    if any(character > "\uffff" for character in json.dumps(data, ensure_ascii=False)):
        raise Refusal(500, "Incorrect string value")
    data["items"].sort(key=lambda item: item["reference_id"])
    for name in ("remarks", "order_id"):
        if name in data:
            data[name] = data[name].rstrip(" ")
    for name in ("due_date", "created_at", "updated_at"):
        if name in data:
            data[name] = data[name][:19] + "Z"
    return data


NAIVE = replace(
    VALID,
    check_media_type=_takes_any_json,
    parse=_parse,
    check=_check,
    render=_render,
)

TOLD = {
    ("items[].name.type", 'items[0].name "x😀"'),
    ("items[].reference_id.maxLength", "items[0].reference_id of 256 characters"),
    ("total_amount.type", 'total_amount "5"'),
    ("remarks.type", "remarks null"),
    ("requestBody.mediaType", "Content-Type: json"),
    ("requestBody.json", "NaN in an unknown property"),
    ("requestBody.utf8", "UTF-16, the low byte first"),
    ("url.type", "url of 256 characters"),
    ("201.data.items.echo", "4 items"),
    ("201.data.due_date.echo", 'due_date "2024-07-31T00:00:00.5Z"'),
    ("201.data.remarks.echo", 'remarks "x "'),
}
"""What each fault is told as: the requirement, and the difference that a developer looks for. Both
faults in dates are one finding, which lists the offset too, and null in a choice is null.
"""


def _another_total(payload: Any) -> dict[str, Any]:
    data = VALID.render(payload)
    return {**data, "total_amount": data["total_amount"] + 1}


def _trimmed(payload: Any) -> dict[str, Any]:
    data = VALID.render(payload)
    return {**data, "remarks": data["remarks"].strip()}


@pytest.mark.parametrize(("render", "all_said"), [(_another_total, True), (_trimmed, False)])
def test_only_what_is_wrong_with_every_invoice_is_not_asked_again_of_each_edge(
    render: Callable[[Any], dict[str, Any]], tmp_path: Path, *, all_said: bool
) -> None:
    """Once it is known, an invoice that is created with it speaks for all that it has; what only
    some values bring about is asked of each of them.
    """
    with (
        server(replace(VALID, render=render)) as url,
        asking_of(url, tmp_path) as asking,
    ):
        asking.ask(invoice(remarks="x "))
        verdict = asking.oracle.judge(asking.client.send(encode(invoice(remarks="x "))))
        assert asking.found.knows(verdict)
        assert asking.found.says_all(verdict) is all_said
        assert asking.only["requirement"].endswith(".echo")


@pytest.mark.whole_runs
def test_each_of_many_faults_is_one_finding(tmp_path: Path) -> None:
    """Whatever else is wrong with the server."""
    with server(NAIVE) as url:
        result = suite("--base-url", url, *ORDER, "--reports", str(tmp_path))
    assert result.status == 1, result.output
    record = json.loads((tmp_path / "run.json").read_text(encoding="utf-8"))
    told = [(each["requirement"], each["difference"]) for each in record["findings"]]
    assert {*told} == TOLD
    assert len(told) == len(TOLD)
