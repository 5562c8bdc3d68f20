"""A part of a document that is malformed or missing is one sentence; what is unusual is read."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from run.cases import cases_of
from run.options import check_orders
from spec.diff.changes import changes
from spec.yamlfile import FileError
from strategies.invoice import check_valid, plain_invoice
from tests.exchanges import CONTRACT, FACTS
from tests.invoices import RECENT_ORDERS
from tests.test_versions import TESTS
from tests.versions.parts import TEXT, Alteration, Parts, in_items, of_3_1, parameter

Json = Any
Edit = Callable[[Parts], object]


def of(name: str, change: dict[str, Json], *gone: str) -> Edit:
    """Other keywords of a property, without some."""

    def edit(parts: Parts) -> None:
        for each in gone:
            parts.property(name).pop(each)
        parts.property(name).update(change)

    return edit


def required(name: str, change: dict[str, Json]) -> Edit:
    """The same, of one that is required."""
    return lambda parts: (of(name, change)(parts), parts.request["required"].append(name))


def choice(discriminator: Json) -> Edit:
    """A new property that is one of two, by a discriminator."""
    card = {"type": "object", "properties": {"kind": {"type": "string"}}}

    def edit(parts: Parts) -> None:
        parts.document["components"]["schemas"] |= {"Card": card, "Cash": card}
        found = [{"$ref": f"#/components/schemas/{name}"} for name in ("Card", "Cash")]
        parts.add("payment", {"oneOf": found, "discriminator": discriminator})

    return edit


def json_of(parts: Parts, status: str) -> dict[str, Json]:
    """The JSON content of an answer."""
    content: dict[str, Json] = parts.post["responses"][status]["content"]["application/json"]
    return content


NO_ITEMS = "is an array without 'items', which OpenAPI 3.0 demands (Schema Object)."
NULL = {"enum": [None], "nullable": True}
MALFORMED: dict[str, tuple[Edit, str, str]] = {
    "an array of anything": (
        lambda parts: parts.property("items").pop("items"),
        "/dtos.InvoiceCreateRequest/properties/items",
        NO_ITEMS,
    ),
    "an array of anything in an answer": (
        lambda parts: parts.answer["properties"]["items"].pop("items"),
        "/dtos.InvoiceResponse/properties/items",
        NO_ITEMS,
    ),
    "an array of anything in an error": (
        lambda parts: parts.schema("errors.HttpError")["properties"]["details"].pop("items"),
        "/errors.HttpError/properties/details",
        NO_ITEMS,
    ),
    "a new array of anything": (
        lambda parts: parts.add("tags", {"type": "array"}, required=False),
        "/properties/tags",
        NO_ITEMS,
    ),
    "an array in an array": (
        lambda parts: parts.add("tags", {"type": "array", "items": {"type": "array"}}),
        "/properties/tags/items",
        NO_ITEMS,
    ),
    "an array in a map": (
        lambda parts: parts.add(
            "tags", {"type": "object", "additionalProperties": {"type": "array"}}
        ),
        "/properties/tags/additionalProperties",
        NO_ITEMS,
    ),
    "an array as a choice": (
        lambda parts: parts.add("tags", {"oneOf": [TEXT, {"type": "array"}]}),
        "/properties/tags/oneOf/1",
        NO_ITEMS,
    ),
    "a body that is an array": (
        lambda parts: parts.body["content"]["application/json"].update(schema={"type": "array"}),
        "/content/application~1json/schema",
        NO_ITEMS,
    ),
    "a body without a schema": (
        lambda parts: parts.body["content"]["application/json"].pop("schema"),
        "/content/application~1json",
        "/content/application~1json/schema.",
    ),
    "an answer without a schema": (
        lambda parts: json_of(parts, "201").pop("schema"),
        "/responses/201/content/application~1json",
        "/content/application~1json/schema.",
    ),
    "elements of null": (
        of("items", {"items": None}),
        "/properties/items/items",
        "is not a schema.",
    ),
    "elements in a list": (
        of("items", {"items": [{"type": "object"}]}),
        "/properties/items/items",
        "is not a schema.",
    ),
    "a property of null": (
        lambda parts: parts.request["properties"].update(remarks=None),
        "/properties/remarks",
        "is not a schema.",
    ),
    "a part of null": (
        lambda parts: parts.request.update(allOf=[None]),
        "/allOf/0",
        "is not a schema.",
    ),
    "a choice of texts": (
        of("remarks", {"oneOf": ["string", "number"]}),
        "/properties/remarks/oneOf/0",
        "is not a schema.",
    ),
    "properties in a list": (
        lambda parts: parts.item.update(properties=[{"name": "sku"}]),
        "/dtos.InvoiceItemCreateRequest/properties",
        "is not a valid value for 'properties'.",
    ),
    "a discriminator without a property": (
        choice({"mapping": {}}),
        "/properties/payment/discriminator",
        "is not a valid value for 'discriminator'.",
    ),
    "a discriminator with a list": (
        choice({"propertyName": "kind", "mapping": ["Card"]}),
        "/properties/payment/discriminator",
        "is not a valid value for 'discriminator'.",
    ),
    "a discriminator with a number": (
        choice({"propertyName": "kind", "mapping": {"card": 5}}),
        "/properties/payment/discriminator",
        "is not a valid value for 'discriminator'.",
    ),
    "a discriminator of a schema that is not there": (
        choice({"propertyName": "kind", "mapping": {"card": "#/components/schemas/Lost"}}),
        "/properties/payment/discriminator/mapping/card",
        "the schema that it is mapped to is not in the document.",
    ),
    "a discriminator of a name that is not there": (
        choice({"propertyName": "kind", "mapping": {"a": "dtos.InvoiceResponse", "b/c": "Lost"}}),
        "/properties/payment/discriminator/mapping/b~1c",
        "the schema that it is mapped to is not in the document.",
    ),
    "a flag in words": (
        of("remarks", {"readOnly": "yes"}),
        "/properties/remarks/readOnly",
        "'yes' is not a valid value for 'readOnly'.",
    ),
    "a format in numbers": (
        of("remarks", {"format": 5}),
        "/properties/remarks/format",
        "5 is not a valid value for 'format'.",
    ),
    "a bound of 3.1 in 3.0": (
        of("paid_amount", {"exclusiveMinimum": 0}, "minimum"),
        "/properties/paid_amount/exclusiveMinimum",
        "'exclusiveMinimum' may be a number only in OpenAPI 3.1, and this document is of 3.0.",
    ),
    "another bound of 3.1 in 3.0": (
        in_items("quantity", {"exclusiveMaximum": 9.5}).edit,
        "/properties/quantity/exclusiveMaximum",
        "'exclusiveMaximum' may be a number only in OpenAPI 3.1, and this document is of 3.0.",
    ),
    "a bound of 3.1 in an answer of 3.0": (
        lambda parts: parts.answer["properties"]["url"].update(exclusiveMinimum=5),
        "/dtos.InvoiceResponse/properties/url/exclusiveMinimum",
        "'exclusiveMinimum' may be a number only in OpenAPI 3.1, and this document is of 3.0.",
    ),
    "a flag of 3.0 in 3.1": (
        of_3_1(of("paid_amount", {"exclusiveMinimum": True})).edit,
        "/properties/paid_amount/exclusiveMinimum",
        "'exclusiveMinimum' may be a boolean only in OpenAPI 3.0, and this document is of 3.1.",
    ),
    "another flag of 3.0 in 3.1": (
        of_3_1(of("paid_amount", {"exclusiveMaximum": False})).edit,
        "/properties/paid_amount/exclusiveMaximum",
        "'exclusiveMaximum' may be a boolean only in OpenAPI 3.0, and this document is of 3.1.",
    ),
    "a state of the wrong type": (
        of("status", {"enum": [None]}),
        "/properties/status/enum",
        "no member is of the type 'string'.",
    ),
    "a required state that is null alone": (
        required("status", NULL),
        "/properties/status/enum",
        "status is null alone, where the suite needs a string.",
    ),
    "an order that is null alone": (
        of("order_id", NULL),
        "/properties/order_id/enum",
        "order_id is null alone, where the suite needs a string.",
    ),
    "a number of an invoice that is null alone": (
        of("invoice_number", NULL),
        "/properties/invoice_number/enum",
        "invoice_number is null alone, where the suite needs a string.",
    ),
    "a quantity that is null alone": (
        in_items("quantity", NULL).edit,
        "/properties/quantity/enum",
        "items[].quantity is null alone, where the suite needs a number.",
    ),
    "elements of which nothing is said": (
        of("items", {"items": {}}),
        "/dtos.InvoiceCreateRequest/properties/items/type",
        "items[] is not an object, as the suite needs.",
    ),
    "elements of which nothing is said (3.1)": (
        of_3_1(lambda p: p.property("items").pop("items")).edit,
        "/dtos.InvoiceCreateRequest/properties/items/type",
        "items[] is not an object, as the suite needs.",
    ),
    "a list that has to be empty": (
        lambda parts: parts.add("tags", {"type": "array", "maxItems": 0, "items": TEXT}),
        "/properties/tags/type",
        "tags has to be empty, and the suite needs elements there.",
    ),
    "items that have to be empty": (
        of("items", {"maxItems": 0}),
        "/properties/items/type",
        "items has to be empty, and the suite needs elements there.",
    ),
    "dates of other words": (
        of("updated_at", {"enum": ["today", "yesterday"]}),
        "/properties/updated_at/enum",
        "updated_at is today, where the suite needs a date.",
    ),
    "dates by a pattern of other words": (
        of("created_at", {"pattern": "^day$"}),
        "/properties/created_at/",
        "where the suite needs a date.",
    ),
    "a parameter that is null alone": (
        parameter("query", "q", {"type": "string", **NULL}).edit,
        "/post/parameters/0/schema",
        "'q' allows only null, which a parameter cannot express.",
    ),
    "a parameter with a number that no invoice has": (
        parameter("query", "q", {"type": "string", "minLength": 9, "maxLength": 5}).edit,
        "/post/parameters/0/schema/",
        "what is sent beside it breaks query.q.maxLength.",
    ),
}
"""What is wrong, the end of its pointer or what is in it, and the end of the sentence."""


@pytest.mark.parametrize("name", MALFORMED)
def test_what_is_malformed_is_one_sentence_with_file_line_and_pointer(
    name: str, tmp_path: Path
) -> None:
    """Before anything is sent."""
    edit, pointer, words = MALFORMED[name]
    with pytest.raises(FileError) as raised:
        check_valid(Alteration(edit).load(tmp_path), FACTS)
    sentence = str(raised.value)
    place, _, _ = sentence.partition(": ")
    assert place.startswith(f"{tmp_path / 'openapi.yaml'}:")
    assert f"{pointer}" in sentence.split(": ")[1]
    assert sentence.endswith(words)
    assert "\n" not in sentence


UNUSUAL: dict[str, Edit] = {
    "a new array of anything (3.1)": of_3_1(lambda p: p.add("tags", {"type": "array"})).edit,
    "elements of which nothing is said but that they are objects": of(
        "items", {"items": {"type": "object"}}
    ),
    "an optional object of items with a number": lambda parts: parts.item["properties"].update(
        tax={"type": "object", "required": ["rate"], "properties": {"rate": {"type": "integer"}}}
    ),
    "elements without a quantity": lambda parts: (
        parts.item["properties"].pop("quantity"),
        parts.item["required"].remove("quantity"),
    ),
    "remarks that are null alone": required("remarks", NULL),
    "a state that is null alone": of("status", NULL),
    "a state that is null alone (3.1)": of_3_1(
        lambda parts: parts.request["properties"].update(status={"const": None})
    ).edit,
    "a new property that is null alone": lambda parts: parts.add("none", {**NULL}),
    "an answer of anything": lambda parts: json_of(parts, "201").update(schema={}),
    "an error of anything": lambda parts: json_of(parts, "400").update(schema={}),
    "a parameter with null among its values": parameter(
        "query", "q", {"type": "string", "nullable": True, "enum": [None, "a"]}
    ).edit,
}
"""What a document may say, though few do."""


def several(*names: str) -> Edit:
    """All of these at once."""
    return lambda parts: [UNUSUAL[name](parts) for name in names]


TOGETHER = (
    ("a new array of anything (3.1)", "a state that is null alone (3.1)"),
    ("elements of which nothing is said but that they are objects", "an error of anything"),
    (
        "an optional object of items with a number",
        "a state that is null alone",
        "a parameter with null among its values",
    ),
    (
        "elements without a quantity",
        "remarks that are null alone",
        "a new property that is null alone",
        "an answer of anything",
    ),
)
"""What is of different parts of a document is in one: to make all cases takes seconds."""


def test_each_that_is_unusual_is_in_a_document() -> None:
    """In one of those that have several."""
    assert sorted(name for names in TOGETHER for name in names) == sorted(UNUSUAL)


@pytest.mark.parametrize("name", UNUSUAL)
def test_what_is_unusual_has_a_valid_invoice(name: str, tmp_path: Path) -> None:
    """With that alone in its document, which can be compared with today's."""
    loaded = Alteration(UNUSUAL[name]).load(tmp_path)
    check_valid(loaded, FACTS)
    assert plain_invoice(loaded, FACTS)
    assert isinstance(changes(CONTRACT, loaded), tuple)


@pytest.mark.parametrize("names", TOGETHER, ids=" and ".join)
def test_what_is_unusual_is_judged_by(names: tuple[str, ...], tmp_path: Path) -> None:
    """Each list of cases can be made."""
    loaded = Alteration(several(*names)).load(tmp_path)
    check_valid(loaded, FACTS)
    made = {test.__name__: cases_of(test, loaded, FACTS, 2) for test in TESTS}
    for told in (
        "test_a_near_miss_is_refused",
        "test_a_value_at_the_edge_is_accepted_and_echoed",
        "test_an_invoice_at_its_limits_is_accepted_and_echoed",
    ):
        found = made[told]
        assert found is not None
        assert found[1], told


def test_a_body_that_is_one_of_several_is_one_sentence_before_its_orders_are_looked_at(
    tmp_path: Path,
) -> None:
    """No invoice can be made of it, whatever the order."""

    def edit(parts: Parts) -> None:
        schema = parts.body["content"]["application/json"]["schema"]
        schemas = [schema, {"allOf": [schema, {"type": "object", "required": ["url"]}]}]
        parts.body["content"]["application/json"]["schema"] = {"oneOf": schemas}

    loaded = Alteration(edit).load(tmp_path)
    check_orders(loaded, RECENT_ORDERS, RECENT_ORDERS.order_ids)
    with pytest.raises(FileError, match="several schemas that nothing required tells apart"):
        check_valid(loaded, RECENT_ORDERS)


@pytest.mark.parametrize(
    ("mapping", "members"),
    [
        ({"card": "Card", "cash": "#/components/schemas/Cash"}, [["card"], ["cash"]]),
        ({"big": "BigCard", "card": "Card", "debit": "Card"}, [["card", "debit"], ["Cash"]]),
    ],
)
def test_a_discriminator_names_the_schemas_that_it_maps_to_alone(
    mapping: dict[str, str], members: list[list[str]], tmp_path: Path
) -> None:
    """A schema of which the name ends as that of another has none of its values."""

    def edit(parts: Parts) -> None:
        choice({"propertyName": "kind", "mapping": mapping})(parts)
        parts.document["components"]["schemas"]["BigCard"] = {"type": "object"}

    payment = Alteration(edit).load(tmp_path).request_schema["properties"]["payment"]
    found = [each["properties"]["kind"]["enum"] for each in payment["oneOf"]]
    assert found == members
