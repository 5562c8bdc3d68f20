"""The red line of a failed test: what the documentation shows, with nothing said twice."""

import re
from typing import Any

import pytest

from reports.failure import Context, explain, pretty
from spec.oracle import Nonconformance
from tests.exchanges import (
    CONTRACT,
    GOOD,
    INVOICE,
    KEY,
    altered,
    answer_to,
    answered,
    judge,
    put,
    request,
    response,
)
from tests.running import ROOT

pytestmark = pytest.mark.quick

CONTEXT = Context("http://127.0.0.1:1", {"WIZCOMMERCE_API_KEY": KEY}, "--target mine")
ROWS = ("clause", "stands at", "at", "sent", "answer", "also", "cases", "again")
LONG = altered(put("items", 1, "sku", value="x" * 256))


def _red_line(payload: Any, status: int, answer: Any, names: tuple[str, ...] = ()) -> list[str]:
    verdict = judge(request(payload), response(status, answer))
    return explain(Nonconformance(verdict, names=names, asked=3), CONTEXT).splitlines()


def _rows(lines: list[str]) -> list[str]:
    return [line[2:12].strip() for line in lines[1:]]


def test_the_red_line_is_what_the_documentation_shows() -> None:
    """The example has the same rows, in the same order and columns."""
    text = (ROOT / "docs" / "report.md").read_text(encoding="utf-8")
    example = re.search(r"^\[Accepted invalid input\] .*?(?=\n```)", text, re.DOTALL | re.MULTILINE)
    assert example is not None
    shown = example[0].splitlines()
    lines = _red_line(LONG, 201, answer_to(LONG))
    assert lines[0] == shown[0]
    assert _rows(shown) == list(ROWS)
    assert _rows(lines) == [row for row in ROWS if row not in ("also", "cases")]
    assert lines[1:4] == [
        "  clause     maxLength: 255",
        f"  stands at  spec/openapi.yaml:285  #{CONTRACT.named('items[].sku.maxLength').pointer}",
        "  at         items[1].sku",
    ]
    assert '-H "X-API-Key: $WIZCOMMERCE_API_KEY"' in lines[-1]


def test_a_requirement_without_an_operand_has_no_null() -> None:
    """An echo has a keyword alone."""
    lines = _red_line(INVOICE, 201, answered(put("data", "remarks", value="else")))
    assert lines[0].startswith("[Echo mismatch] 201.data.remarks.echo (MUST): expected ")
    assert lines[1] == "  clause     echo"


def test_the_red_line_says_nothing_twice() -> None:
    """Equal headlines, of the same fault in several items, are one line."""
    payload = altered(
        put("items", 0, "sku", value="y" * 256), put("items", 1, "sku", value="z" * 256)
    )
    lines = _red_line(payload, 201, answer_to(payload))
    assert len(set(lines)) == len(lines)
    assert "also" not in _rows(lines)


def test_other_violations_and_failing_cases_are_named() -> None:
    """The rest of the exchange's violations are one line each, the failing cases one line."""
    answer = answered(put("data", "remarks", value="else"), put("data", "status", value="PAID"))
    lines = _red_line(INVOICE, 201, answer, names=("a short one", "a long one"))
    assert [row for row in _rows(lines) if row in ("also", "cases")] == ["also", "cases"]
    assert "  cases      2 of 3 fail: a short one; a long one" in lines


def test_a_value_on_several_lines_marks_the_location() -> None:
    """The remark is below the value, or below the object that lacks it."""
    assert pretty({"a": [1, 2]}, ("a", 1), "here").splitlines() == [
        "{",
        '  "a": [',
        "    1,",
        "    2",
        "    ^-- here",
        "  ]",
        "}",
    ]
    assert pretty(GOOD, ("data", "none"), "here").splitlines()[1:3] == [
        '  "data": {',
        "  ^-- here",
    ]
