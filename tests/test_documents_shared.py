"""A version whose properties share a schema, or have theirs in a choice beside null: each is
narrowed by the reading as if it stood alone.
"""

from pathlib import Path
from typing import Any

import pytest

from spec.expectation import Expectation
from spec.paths import schema_at
from tests.exchanges import invoice
from tests.versions.edited import expected
from tests.versions.parts import Alteration, Parts

MONEY = {"$ref": "#/components/schemas/Money"}
URL = {"type": "string", "format": "uri", "maxLength": 2083, "minLength": 1}


def _url(schema: dict[str, Any], version: str) -> Alteration:
    """The URL of an invoice with another schema, which may refer to Link."""

    def edit(parts: Parts) -> None:
        parts.document["openapi"] = version
        parts.document["components"]["schemas"]["Link"] = URL
        parts.request["properties"]["url"] = schema

    return Alteration(edit)


@pytest.mark.parametrize("format_", ["uri", "url", "iri"])
@pytest.mark.parametrize(
    ("around", "version"),
    [
        (lambda one: {"anyOf": [one, {"type": "null"}]}, "3.1.0"),
        (lambda one: {"allOf": [one], "description": "A link"}, "3.0.3"),
        (lambda one: one, "3.0.3"),
        (lambda _: {"$ref": "#/components/schemas/Link"}, "3.0.3"),
        (lambda _: {"allOf": [{"$ref": "#/components/schemas/Link"}]}, "3.0.3"),
    ],
    ids=["beside null", "allOf", "itself", "reference", "reference in an allOf"],
)
def test_the_readings_url_takes_the_place_of_the_documents_uri(
    around: Any, version: str, format_: str, tmp_path: Path
) -> None:
    """It is narrower, so nothing is contradicted, wherever the document says its own."""
    loaded = _url(around({**URL, "format": format_}), version).load(tmp_path)
    found = schema_at(loaded.narrowed_schema, ("url",))
    assert (found["format"], found["maxLength"]) == ("web-url", 2000)
    assert expected(loaded, invoice()).expectation is Expectation.ACCEPT
    plain = invoice() | {"url": "urn:isbn:0451450523"}
    assert expected(loaded, plain).expectation is Expectation.UNSPECIFIED


@pytest.mark.parametrize("amount", [MONEY, {"allOf": [MONEY], "description": "Of a unit"}])
@pytest.mark.parametrize("total", [MONEY, {"allOf": [MONEY]}])
@pytest.mark.parametrize("moved", [False, True], ids=["as today", "called otherwise"])
@pytest.mark.parametrize(
    ("own", "limits"), [({}, (10**9, 10**12)), ({"maximum": 5000}, (5000, 5000))]
)
def test_properties_of_one_component_are_narrowed_each_by_itself(
    amount: dict[str, Any],
    total: dict[str, Any],
    moved: bool,  # noqa: FBT001 - a column of the table
    own: dict[str, Any],
    limits: tuple[int, int],
    tmp_path: Path,
) -> None:
    """The reading's limit of a unit's price is none of the total's; the document's is of both."""

    def edit(parts: Parts) -> None:
        schemas = parts.document["components"]["schemas"]
        schemas["Money"] = {"type": "number", **own}
        parts.request["properties"]["total_amount"] = total
        parts.item["properties"]["amount"] = amount
        if moved:
            schemas["Line"] = schemas.pop("dtos.InvoiceItemCreateRequest")
            parts.request["properties"]["items"]["items"] = {"$ref": "#/components/schemas/Line"}

    loaded = Alteration(edit).load(tmp_path)
    found = [
        schema_at(loaded.narrowed_schema, path)["maximum"]
        for path in (("items", "[]", "amount"), ("total_amount",))
    ]
    assert found == [*limits]
    assert expected(loaded, invoice()).expectation is Expectation.ACCEPT
