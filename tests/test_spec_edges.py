"""A valid invoice that exhausts a limit is seen to sit at its edge."""

import pytest

from spec.coverage import exhausted
from spec.strictjson import parse
from tests.exchanges import CONTRACT, bent, encoded, put
from tests.exchanges import Json as Value


def at_edge(body: Value) -> set[str]:
    """What is exhausted by an invoice as the oracle reads it."""
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
def test_a_value_at_a_limit_sits_at_its_edge(
    steps: tuple[str | int, ...], value: Value, name: str
) -> None:
    """In any item, by code points, and however the number is spelled."""
    usual = at_edge(bent())
    assert name not in usual
    assert at_edge(bent(put(*steps, value=value))) == usual | {name}


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
def test_a_value_beside_a_limit_does_not(steps: tuple[str | int, ...], value: Value) -> None:
    """One off is not at the edge, and neither is what is of another type."""
    assert at_edge(bent(put(*steps, value=value))) <= {"status.enum"}


def test_every_limit_of_the_document_has_an_edge() -> None:
    """Types and required properties have none; all other keywords are looked for."""
    edged = {r.name for r in CONTRACT.body_requirements if r.keyword not in ("type", "required")}
    full = bent(
        put("paid_amount", value=0),
        *(
            put(*r.path, value="x" * 255)
            for r in CONTRACT.body_requirements
            if r.keyword == "maxLength" and len(r.path) == 1
        ),
        *(put("items", 0, name, value="x" * 255) for name in ("reference_id", "sku", "name")),
    )
    assert at_edge(full) == edged
