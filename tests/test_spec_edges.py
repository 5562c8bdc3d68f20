"""A valid invoice with a value at a limit reaches that limit."""

import pytest

from spec.coverage import exhausted
from spec.strictjson import parse
from tests.exchanges import CONTRACT, altered, encoded, put
from tests.exchanges import Json as Value


def at_edge(body: Value) -> set[str]:
    """The limits that an invoice reaches, as the oracle reads it."""
    return set(exhausted(CONTRACT, parse(encoded(body)).value))


@pytest.mark.parametrize(
    ("steps", "value", "name"),
    [
        (("remarks",), "x" * 255, "remarks.maxLength"),
        (("remarks",), "😀" * 255, "remarks.maxLength"),
        (("items", 1, "sku"), "x" * 255, "items[].sku.maxLength"),
        (("paid_amount",), 0, "paid_amount.minimum"),
        (("paid_amount",), 0.0, "paid_amount.minimum"),
    ],
)
def test_a_value_at_a_limit_reaches_it(
    steps: tuple[str | int, ...], value: Value, name: str
) -> None:
    """In any item, by code points, and however the number is written."""
    usual = at_edge(altered())
    assert name not in usual
    assert at_edge(altered(put(*steps, value=value))) == usual | {name}


@pytest.mark.parametrize(
    ("steps", "value"),
    [
        (("remarks",), "x" * 254),
        (("remarks",), "x" * 256),
        (("remarks",), None),
        (("items",), "x" * 255),
        (("paid_amount",), 0.01),
        (("paid_amount",), "0"),
    ],
)
def test_a_value_beside_a_limit_does_not_reach_it(
    steps: tuple[str | int, ...], value: Value
) -> None:
    """Neither one off the limit nor a value of another type does."""
    assert at_edge(altered(put(*steps, value=value))) <= {"status.enum"}


def test_every_limit_of_the_document_has_an_edge() -> None:
    """Every keyword but `type` and `required` has one."""
    edged = {r.name for r in CONTRACT.body_requirements if r.keyword not in ("type", "required")}
    full = altered(
        put("paid_amount", value=0),
        *(
            put(*r.path, value="x" * 255)
            for r in CONTRACT.body_requirements
            if r.keyword == "maxLength" and len(r.path) == 1
        ),
        *(put("items", 0, name, value="x" * 255) for name in ("reference_id", "sku", "name")),
    )
    assert at_edge(full) == edged
