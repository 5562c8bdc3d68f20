"""Versions of the vendor's document that a vendor may publish next, each made by a few lines."""

import json
from collections.abc import Callable, Mapping
from copy import deepcopy

from spec.coherence import STATES
from tests.versions.parts import (
    CITY,
    TEXT,
    Alteration,
    Parts,
    Schema,
    added,
    answers,
    changed,
    formatted,
    header_field,
    in_items,
    of_3_1,
    parameter,
    renamed,
    statuses,
)

JOB = {"application/json": {"schema": {"type": "object", "properties": {"job": TEXT}}}}


def _moved(responses: Schema, status: str, to: str) -> None:
    responses[to] = responses.pop(status)


def _or_200(responses: Schema) -> None:
    """What is created gets 200 or 201; a server takes that which is listed first."""
    before = {**responses}
    responses.clear()
    responses.update({"200": before["201"], **before})


def _without_400(responses: Schema, instead: str) -> None:
    responses[instead] = responses.pop("400")


def _problem(responses: Schema) -> None:
    for status, each in responses.items():
        if status != "201":
            each["content"] = {"application/problem+json": each["content"]["application/json"]}


def _of_any_type(responses: Schema) -> None:
    for each in responses.values():
        each["content"] = {"*/*": each["content"]["application/json"]}


def _in_any_type(parts: Parts) -> None:
    content = parts.body["content"]
    content["*/*"] = content.pop("application/json")


def _rename(parts: Parts) -> None:
    text = json.dumps(parts.document).replace("dtos.InvoiceCreateRequest", "NewInvoice")
    text = text.replace("dtos.InvoiceItemCreateRequest", "NewItem").replace("errors.", "faults.")
    text = text.replace("dtos.InvoiceResponse", "Invoice").replace(
        "dtos.InvoiceItemResponse", "Line"
    )
    parts.document.clear()
    parts.document.update(json.loads(text))


def _inline(parts: Parts) -> None:
    body = parts.document["components"].pop("requestBodies")["dtos.InvoiceCreateRequest"]
    whole = parts.document["components"]["schemas"].pop("dtos.InvoiceCreateRequest")
    item = parts.document["components"]["schemas"].pop("dtos.InvoiceItemCreateRequest")
    whole["properties"]["items"]["items"] = item
    body["content"]["application/json"]["schema"] = whole
    parts.post["requestBody"] = body


def _referred(parts: Parts) -> None:
    for name in ("remarks", "url", "total_amount", "due_date"):
        parts.document["components"]["schemas"][f"Of.{name}"] = parts.property(name)
        parts.request["properties"][name] = {"$ref": f"#/components/schemas/Of.{name}"}


def _beside(parts: Parts) -> None:
    _referred(parts)
    parts.property("remarks")["maxLength"] = parts.schema("Of.remarks").pop("maxLength") - 155


def _without_dates(parts: Parts) -> None:
    for name in ("created_at", "updated_at"):
        parts.drop(name)


DECIMAL = {"type": "string", "format": "decimal"}
CENTS = {"type": "string", "pattern": r"^\d+\.\d{2}$"}


_AMOUNTS = ("total_amount", "paid_amount", "amount", "item_total")


def _amounts(
    schema: Schema,
    old: str = "",
    told: str = "",
    *,
    sent: bool = True,
    returned: bool = True,
    names: tuple[str, ...] = _AMOUNTS,
) -> Alteration:
    """Amounts of these names and of this schema: those that are sent, those that come back, or
    both.
    """

    def edit(parts: Parts) -> None:
        answers = parts.answer, parts.schema("dtos.InvoiceItemResponse")
        requests = parts.request, parts.item
        for one in (*(answers if returned else ()), *(requests if sent else ())):
            for name in names:
                if name in one["properties"]:
                    one["properties"][name] = deepcopy(schema)

    return Alteration(edit, old, told)


def _with_uuids(parts: Parts) -> None:
    uuid = {"format": "uuid", "pattern": "^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$"}
    parts.property("reference_id").update(uuid)
    parts.item["properties"]["reference_id"]["format"] = "uuid"


def _with_datetimes(parts: Parts) -> None:
    for name in ("due_date", "created_at", "updated_at"):
        parts.property(name)["format"] = "datetime"


def _composed(parts: Parts) -> None:
    whole = parts.request
    own = {"remarks": whole["properties"].pop("remarks"), "url": whole["properties"].pop("url")}
    parts.document["components"]["schemas"]["Base"] = deepcopy(whole)
    whole.clear()
    whole["allOf"] = [{"$ref": "#/components/schemas/Base"}, {"type": "object", "properties": own}]


def _composed_twice(parts: Parts) -> None:
    _composed(parts)
    own = {"sku": parts.item["properties"].pop("sku")}
    parts.item["required"].remove("sku")
    parts.document["components"]["schemas"]["BaseItem"] = deepcopy(parts.item)
    parts.item.clear()
    both = [{"$ref": "#/components/schemas/BaseItem"}, {"required": ["sku"], "properties": own}]
    parts.item["allOf"] = both


def _in_one_part(parts: Parts) -> None:
    (*_, own) = parts.post["responses"]["201"]["content"]["application/json"]["schema"]["allOf"]
    parts.post["responses"]["201"]["content"]["application/json"]["schema"] = own


def _with_path(parts: Parts) -> None:
    parts.document["paths"] = {"/invoices": parts.document["paths"]["/v1/invoices"]}
    for server in parts.document["servers"]:
        server["url"] += "/v1"


def _with_path_of_its_own(parts: Parts) -> None:
    parts.document["paths"] = {"/invoices": parts.document["paths"]["/v1/invoices"]}
    (post,) = (each["post"] for each in parts.document["paths"].values())
    post["servers"] = [{"url": "https://invoices.wizcommerce.com/v1"}]


RATE = {
    "type": "object",
    "required": ["rate"],
    "properties": {"rate": {"type": "integer", "enum": [0, 7, 19]}},
}


_HOLDING_ONE: Schema = {
    "codes": {"type": "array", "items": TEXT, "contains": {"const": "A"}},
    "size": {"type": "integer"},
}


def _either(parts: Parts) -> None:
    parts.add("quote_id", {"type": "string", "maxLength": 255}, required=False)
    parts.request["required"].remove("order_id")
    parts.request["anyOf"] = [{"required": ["order_id"]}, {"required": ["quote_id"]}]


QUOTE = {"type": "string", "maxLength": 255, "example": "QUO-1"}


def _just_one(parts: Parts) -> None:
    parts.add("quote_id", {**QUOTE}, required=False)
    parts.request["required"].remove("order_id")
    parts.request["oneOf"] = [{"required": ["order_id"]}, {"required": ["quote_id"]}]


def _not_both(parts: Parts) -> None:
    parts.add("quote_id", {**QUOTE}, required=False)
    parts.request["not"] = {"required": ["quote_id", "url"]}


def _reasoned(parts: Parts) -> None:
    parts.add("discount_amount", {"type": "number", "minimum": 0, "example": 5}, required=False)
    parts.add("discount_reason", {**TEXT}, required=False)
    parts.request["dependentRequired"] = {"discount_amount": ["discount_reason"]}


def _with_terms(parts: Parts) -> None:
    parts.add("terms", {"type": "string", "maxLength": 30, "example": "NET 30"}, required=False)
    parts.request["dependentRequired"] = {"due_date": ["terms"]}


def _of_all_parts(parts: Parts) -> None:
    _composed(parts)
    parts.request["unevaluatedProperties"] = False


def _date_or_terms(parts: Parts) -> None:
    _net_terms(parts)
    parts.request["anyOf"] = [{"required": ["due_date"]}, {"required": ["payment_terms"]}]


def _terms_alone(parts: Parts) -> None:
    _net_terms(parts)
    parts.request["oneOf"] = [{"required": ["due_date"]}, {"required": ["payment_terms"]}]


def _currency_alone(parts: Parts) -> None:
    """A currency beside which neither an address nor remarks may stand."""
    parts.add("currency", {"type": "string", "enum": ["EUR", "USD"]}, required=False)
    pairs = [{"required": ["currency", name]} for name in ("url", "remarks")]
    parts.request["not"] = {"anyOf": pairs}


def _prefixed(parts: Parts) -> None:
    for schema in (parts.answer, parts.schema("dtos.InvoiceItemResponse")):
        schema["properties"]["id"] = {"type": "string", "pattern": "^[0-9a-f-]{30,40}$"}


def _key_as_a_parameter(parts: Parts) -> None:
    parts.post.pop("security")
    parts.document.pop("security", None)
    parts.post["parameters"] = [
        {"name": "X-API-Key", "in": "header", "required": True, "schema": {"type": "string"}}
    ]


def _payment(keyword: str, *, discriminated: bool) -> Alteration:
    """A new property that is one of two objects."""
    card = {"type": "object", "required": ["card"], "properties": {"card": TEXT}}
    iban = {"type": "object", "required": ["iban"], "properties": {"iban": TEXT}}

    def edit(parts: Parts) -> None:
        parts.document["components"]["schemas"] |= {"Card": card, "Transfer": iban}
        choice: Schema = {
            keyword: [{"$ref": f"#/components/schemas/{name}"} for name in ("Card", "Transfer")]
        }
        if discriminated:
            for each in (card, iban):
                each["properties"]["kind"] = {"type": "string"}  # type: ignore[index] # of any depth
                each["required"] = ["kind", *each["required"]]
            choice["discriminator"] = {"propertyName": "kind"}
        parts.add("payment", choice)

    return Alteration(edit, "payment.")


def _of_two_bodies(keyword: str, *, discriminated: bool) -> Alteration:
    """A body that is an invoice of today, or one for a customer without an order."""

    def edit(parts: Parts) -> None:
        schemas = parts.document["components"]["schemas"]
        ordered, direct = deepcopy(parts.request), deepcopy(parts.request)
        direct["properties"]["customer_id"] = direct["properties"].pop("order_id")
        direct["required"][direct["required"].index("order_id")] = "customer_id"
        direct["properties"]["remarks"]["maxLength"] = 300
        choice: Schema = {
            keyword: [{"$ref": f"#/components/schemas/{name}"} for name in ("Direct", "Ordered")]
        }
        if discriminated:
            direct = deepcopy(ordered)
            for each in (ordered, direct):
                each["properties"]["kind"] = {"type": "string"}
                each["required"].append("kind")
            mapping = {"direct": "#/components/schemas/Direct", "ordered": "Ordered"}
            choice["discriminator"] = {"propertyName": "kind", "mapping": mapping}
            parts.answer["properties"]["kind"] = {"type": "string"}
        parts.answer["properties"]["customer_id"] = {"type": "string"}
        schemas |= {"Ordered": ordered, "Direct": direct}
        parts.body["content"]["application/json"]["schema"] = choice

    return Alteration(edit, "kind." if discriminated else "")


def _of_items(name: str, schema: Schema, old: str, *, required: bool = False) -> Alteration:
    """A property of the items, which comes back, or another schema of one."""

    def edit(parts: Parts) -> None:
        for item in (parts.item, parts.schema("dtos.InvoiceItemResponse")):
            item["properties"][name] = deepcopy(schema)
        parts.item["required"] += [name] * required

    return Alteration(edit, f"items[].{name}.{old}")


def _any_state(parts: Parts) -> None:
    parts.property("status").pop("enum")
    parts.request["required"].append("status")


def _net_terms(parts: Parts) -> None:
    terms = {"type": "string", "enum": ["NET_15", "NET_30", "NET_60"], "default": "NET_30"}
    parts.add("payment_terms", terms, required=False)
    parts.request["required"].remove("due_date")


def _in_cents(parts: Parts) -> None:
    cents = {"type": "integer", "minimum": 0, "description": "In cents", "example": 10000}
    returned = parts.answer, parts.schema("dtos.InvoiceItemResponse")
    for one in (parts.request, parts.item, *returned):
        for name in ("total_amount", "paid_amount", "amount", "item_total"):
            if name in one["properties"]:
                one["properties"][name] = {**cents}
    parts.item["properties"]["quantity"]["minimum"] = 1


def _errors_of_their_own(responses: Schema) -> None:
    """Errors as many APIs have them, with the wrong parameter."""
    texts = {name: {"type": "string"} for name in ("code", "param", "message")}
    kinds = {"type": "string", "enum": ["invalid_request", "authentication", "internal"]}
    error = {
        "type": "object",
        "required": ["type", "message"],
        "properties": texts | {"type": kinds},
    }
    whole = {"type": "object", "required": ["error"], "properties": {"error": error}}
    for status, each in responses.items():
        if status != "201":
            each["content"] = {"application/json": {"schema": deepcopy(whole)}}


ADDRESS = {
    "type": "object",
    "required": ["line1", "country"],
    "properties": {
        "line1": {"type": "string", "maxLength": 100, "example": "1 Main St"},
        "line2": {"type": "string", "nullable": True},
        "postal_code": {"type": "string", "pattern": "^[A-Z0-9 -]{3,10}$"},
        "country": {"type": "string", "pattern": "^[A-Z]{2}$", "example": "US"},
    },
}


def _read_only(parts: Parts) -> None:
    parts.add("number", {"type": "string", "readOnly": True})
    parts.add("pin", {"type": "string", "maxLength": 4, "example": "1234"}, required=False)
    parts.answer["properties"]["pin"]["writeOnly"] = True
    parts.answer["required"] = ["pin"]


def _key_in(name: str) -> Callable[[Parts], object]:
    def edit(parts: Parts) -> None:
        parts.document["components"]["securitySchemes"]["ApiKeyAuth"]["name"] = name

    return edit


def _or_null(schema: Schema) -> Schema:
    """As OpenAPI 3.1 says that a schema may be null."""
    return {"anyOf": [schema, {"type": "null"}]}


def _by_default(parts: Parts) -> None:
    parts.property("remarks").update(minLength=0, nullable=False, readOnly=False)
    parts.property("items").update(minItems=0, uniqueItems=False)
    parts.property("status")["enum"].reverse()
    parts.request.update(minProperties=0, additionalProperties=True)
    parts.item.update(additionalProperties={})


def _of_one_cheap_item(parts: Parts) -> None:
    parts.property("items")["maxItems"] = 1
    parts.item["properties"]["quantity"].update(minimum=1, maximum=1)
    parts.item["properties"]["amount"].update(minimum=0.01, maximum=10)
    parts.property("total_amount")["maximum"] = 10


ALTERATIONS: Mapping[str, Alteration] = {
    "nothing": Alteration(lambda _: None),
    **{
        f"a required property of format {name}": formatted(name)
        for name in (
            "uuid",
            "email",
            "date",
            "date-time",
            "time",
            "uri",
            "hostname",
            "ipv4",
            "byte",
            "duration",
            "decimal",
            "url",
            "uri-reference",
            "ipv6",
        )
    },
    "an optional property of format uuid": formatted("uuid", required=False),
    "a required property of an unknown format": added(
        {"type": "string", "format": "vat-number", "example": "GB123456789"}, name="a_vat-number"
    ),
    "an optional property of an unknown format": formatted("vat-number", required=False),
    "a required int32": added({"type": "integer", "format": "int32"}),
    "a required int64": added({"type": "integer", "format": "int64"}),
    "a required text of format decimal": added(
        {"type": "string", "format": "decimal", "example": "12.50"}, name="a_text_of_decimal"
    ),
    "a required integer of an unknown format": added(
        {"type": "integer", "format": "unix-time", "example": 1735689600}, name="a_unix-time"
    ),
    "a required number beyond the reading": added(
        {"type": "number", "minimum": 1e13, "example": 2e13}, name="a_number"
    ),
    "a required double": added({"type": "number", "format": "double"}),
    "a required text": added(TEXT),
    "an optional text": added(TEXT, required=False),
    "an optional customer_id": added(TEXT, required=False, name="customer_id"),
    "an optional tax": added({"type": "number", "minimum": 0}, required=False, name="tax"),
    "a required text with an example": added({"type": "string", "example": "EUR"}),
    "a required enum": added({"type": "string", "enum": ["EUR", "USD"]}),
    "an optional enum": added({"type": "string", "enum": ["EUR", "USD"]}, required=False),
    "an optional flag": added({"type": "boolean"}, required=False),
    "a required object": added(CITY),
    "an optional object": added(CITY, required=False),
    "a part that is not understood": of_3_1(
        added({"type": "object", "properties": _HOLDING_ONE}, required=False, name="node").edit,
        "node.",
    ),
    "a required list": added({"type": "array", "items": TEXT, "minItems": 1, "maxItems": 3}),
    "a list of different texts": added(
        {"type": "array", "items": TEXT, "minItems": 2, "uniqueItems": True}
    ),
    "a required property of items": Alteration(
        lambda parts: (
            parts.item["properties"].update(
                discount={"type": "integer", "minimum": 1, "maximum": 99}
            ),
            parts.item["required"].append("discount"),
        ),
        "items[].discount.",
    ),
    "an optional property of items": Alteration(
        lambda parts: parts.item["properties"].update(colour=TEXT), "items[].colour."
    ),
    "shorter remarks": changed("remarks", {"maxLength": 100}, "remarks.maxLength"),
    "longer remarks": changed("remarks", {"maxLength": 300}, "remarks.maxLength"),
    "a least length of remarks": changed("remarks", {"minLength": 5}, "remarks.minLength"),
    "a short sku": in_items("sku", {"maxLength": 12}, "items[].sku.maxLength"),
    "at least 1 paid": changed("paid_amount", {"minimum": 1}, "paid_amount.minimum"),
    "at most 100 of an item": in_items("quantity", {"maximum": 100}, "items[].quantity.maximum"),
    "at most 5 items": changed("items", {"maxItems": 5}, "items.maxItems"),
    "at least 2 items": changed("items", {"minItems": 2}, "items.minItems"),
    "one state less": statuses("PAID", "PENDING", "PARTIALLY_PAID"),
    "two of the states": statuses("PENDING", "PAID"),
    "one state more": statuses("PAID", "PENDING", "PARTIALLY_PAID", "OVERPAID", "REFUNDED", old=""),
    "one state more, which agrees with any amount": Alteration(
        statuses(*STATES, "CANCELLED").edit, "status.enum", agreeing={"CANCELLED": [*STATES]}
    ),
    "another name of a state": Alteration(
        statuses("PAID", "UNPAID", "PARTIALLY_PAID", "OVERPAID").edit,
        "status.enum",
        agreeing={"UNPAID": ["PENDING"]},
    ),
    "a state required": Alteration(
        lambda parts: parts.request["required"].append("status"), "status.required"
    ),
    "two states": statuses("PAID", "UNPAID"),
    "two states, required": statuses("PAID", "UNPAID", required=True, old="status."),
    "only unknown states": statuses("OPEN", "CLOSED"),
    "only unknown states, required": Alteration(
        statuses("OPEN", "CLOSED", required=True).edit, told="status"
    ),
    "no state": Alteration(lambda parts: parts.drop("status")),
    "a state of any words, required": Alteration(_any_state, "status.required"),
    "remarks required": Alteration(
        lambda parts: parts.request["required"].append("remarks"), "remarks.required"
    ),
    "due_date optional": Alteration(
        lambda parts: parts.request["required"].remove("due_date"), "due_date."
    ),
    "due_date of format date-time": changed("due_date", {"format": "date-time"}),
    "due_date of format date": changed("due_date", {"format": "date"}, "201.status"),
    "more than 0 paid (3.0)": changed(
        "paid_amount", {"exclusiveMinimum": True}, "paid_amount.exclusiveMinimum"
    ),
    "less than 50 of an item (3.0)": in_items(
        "quantity", {"maximum": 50, "exclusiveMaximum": True}, "items[].quantity.exclusiveMaximum"
    ),
    "remarks may be null": changed("remarks", {"nullable": True}, "remarks."),
    "remarks without a limit": Alteration(
        lambda parts: parts.property("remarks").pop("maxLength"), "remarks.type"
    ),
    "an sku without a limit": Alteration(
        lambda parts: parts.item["properties"]["sku"].pop("maxLength"), "items[].sku.type"
    ),
    "a status may be null": Alteration(
        lambda parts: parts.property("status").update(nullable=True, enum=[*STATES, None]),
        "status.enum",
    ),
    "amounts in steps of 0.05": in_items(
        "amount", {"multipleOf": 0.05}, "items[].amount.multipleOf"
    ),
    "quantities in fives": in_items("quantity", {"multipleOf": 5}, "items[].quantity.multipleOf"),
    "fives from 5 on": in_items(
        "quantity", {"minimum": 5, "multipleOf": 5}, "items[].quantity.minimum"
    ),
    "fives from 3 to 12": in_items(
        "quantity", {"minimum": 3, "maximum": 12, "multipleOf": 5}, "items[].quantity.m"
    ),
    "quarters paid, less than 1000.1 (3.1)": of_3_1(
        lambda parts: parts.property("paid_amount").update(
            exclusiveMaximum=1000.1, multipleOf=0.25
        ),
        "paid_amount.",
    ),
    "a limit that the reading hides": changed("paid_amount", {"minimum": -100}),
    "a longer url than the reading's": changed("url", {"maxLength": 3000}, "url.maxLength"),
    "what holds without it": Alteration(_by_default),
    "amounts as texts": _amounts(DECIMAL, "201.status"),
    "amounts as texts of a pattern": _amounts(CENTS, "201.status"),
    "amounts as texts of four places": _amounts(
        {"type": "string", "format": "decimal", "pattern": r"^-?\d{0,15}(?:\.\d{0,4})?$"},
        "201.status",
    ),
    "amounts as texts in whole cents": _amounts(
        {"type": "string", "pattern": "^(0|[1-9][0-9]*)$", "example": "26996"}, "201.status"
    ),
    "amounts as texts of few digits": _amounts(
        {"type": "string", "pattern": r"^\d{1,5}\.\d{2}$", "maxLength": 8}, "201.status"
    ),
    "amounts that are sent as texts": _amounts(CENTS, "201.status", returned=False),
    "a total as a text": _amounts(CENTS, "201.status", names=("total_amount",)),
    "an amount paid as a text": _amounts(CENTS, "201.status", names=("paid_amount",)),
    "quantities as texts": _amounts(
        {"type": "string", "pattern": r"^\d{1,6}(\.\d{1,3})?$"}, "201.status", names=("quantity",)
    ),
    "prices as texts": _amounts(CENTS, "201.status", names=("amount", "item_total")),
    "amounts in words": _amounts(
        {"type": "string", "pattern": "^[a-z -]+$"},
        told="is a text, and no format, pattern or example says",
    ),
    "amounts that come back as texts": _amounts(DECIMAL, "201.data.", sent=False),
    "a pattern of sku": in_items("sku", {"pattern": "^[A-Z0-9-]+$"}, "items[].sku.pattern"),
    "a pattern of references": changed(
        "reference_id", {"pattern": "^[A-Za-z0-9-]+$", "maxLength": 64}, "reference_id."
    ),
    "a pattern of numbers": changed(
        "invoice_number", {"pattern": "^INV-[0-9]{4,10}$"}, "invoice_number.pattern"
    ),
    "a short reference": changed("reference_id", {"maxLength": 12}, "reference_id.maxLength"),
    "at most 1000 items": changed("items", {"maxItems": 1000}),
    "references of items in digits": in_items(
        "reference_id", {"pattern": "^[0-9]{1,20}$"}, "items[].reference_id.pattern"
    ),
    "item references of eight digits": in_items(
        "reference_id", {"pattern": "^ITEM-[0-9]{8}$"}, "items[].reference_id.pattern"
    ),
    "amounts in threes": in_items("amount", {"multipleOf": 3}, "items[].amount.multipleOf"),
    "a total of at most 1000": changed("total_amount", {"maximum": 1000}, "total_amount.maximum"),
    "one item of at most 10": Alteration(_of_one_cheap_item, "items"),
    "whole amounts paid": changed("paid_amount", {"type": "integer"}, "paid_amount.type"),
    "a short created_at": changed("created_at", {"maxLength": 20}, "created_at.maxLength"),
    "a short url": changed("url", {"maxLength": 50}, "url.maxLength"),
    "a pattern of due_date": changed("due_date", {"pattern": "^[0-9]{4}-"}),
    "items may be null": changed("items", {"nullable": True}, "items.type"),
    "items of which nothing is said": changed("items", {"items": {"type": "object"}}, "201.status"),
    "nothing required": Alteration(lambda parts: parts.request.pop("required"), "order_id.type"),
    "at least 8 properties": Alteration(
        lambda parts: parts.request.update(minProperties=8), "body.minProperties"
    ),
    "one of two texts": changed(
        "remarks",
        {"oneOf": [{"type": "string", "maxLength": 5}, {"type": "string", "minLength": 3}]},
        "remarks.oneOf",
    ),
    "a pattern of remarks": changed("remarks", {"pattern": "^[^<>]*$"}, "remarks.pattern"),
    "items all different": changed("items", {"uniqueItems": True}, "items.uniqueItems"),
    "no other properties": Alteration(
        lambda parts: parts.request.update(additionalProperties=False), "body.additionalProperties"
    ),
    "no other properties of items": Alteration(
        lambda parts: parts.item.update(additionalProperties=False), "items[].additionalProperties"
    ),
    "a map of texts": added({"type": "object", "additionalProperties": TEXT}),
    "an object of two properties or more": added(
        {"type": "object", "minProperties": 2, "properties": {"a": TEXT, "b": TEXT, "c": TEXT}}
    ),
    "an object of one property or two": added(
        {
            "type": "object",
            "minProperties": 1,
            "maxProperties": 2,
            "properties": {"a": TEXT, "b": TEXT},
        }
    ),
    "one of two objects": _payment("oneOf", discriminated=False),
    "one of two objects by its kind": _payment("oneOf", discriminated=True),
    "one of two bodies": _of_two_bodies("oneOf", discriminated=False),
    "any of two bodies": _of_two_bodies("anyOf", discriminated=False),
    "one of two bodies by its kind": _of_two_bodies("oneOf", discriminated=True),
    "any of two bodies by its kind": _of_two_bodies("anyOf", discriminated=True),
    "either of two properties": Alteration(_either, "quote_id."),
    "an object of either property": added(
        {
            "type": "object",
            "properties": {"a": TEXT, "b": {"type": "string", "format": "email"}},
            "anyOf": [{"required": ["a"]}, {"required": ["b"]}],
        }
    ),
    "any of two objects": _payment("anyOf", discriminated=False),
    "one of two properties alone": Alteration(_just_one, "body.oneOf"),
    "two properties that exclude each other": Alteration(_not_both, "body.not"),
    "a property that needs another (3.1)": of_3_1(_reasoned, "body.dependentRequired"),
    "a due date that needs terms (3.1)": of_3_1(_with_terms, "body.dependentRequired"),
    "no properties but those of all parts (3.1)": of_3_1(
        _of_all_parts, "body.unevaluatedProperties"
    ),
    "a map with names of a pattern (3.1)": of_3_1(
        added(
            {
                "type": "object",
                "minProperties": 1,
                "propertyNames": {"pattern": "^[a-z]{2,8}_id$"},
                "additionalProperties": TEXT,
            },
            name="references",
        ).edit,
        "references.",
    ),
    "remarks that are no placeholder": changed(
        "remarks", {"not": {"enum": ["-", "N/A", "Please deliver before noon."]}}, "remarks.not"
    ),
    "a quantity that is not a dozen": in_items(
        "quantity", {"not": {"multipleOf": 12}}, "items[].quantity.not"
    ),
    "an object of one property alone": added(
        {
            "type": "object",
            "properties": {"a": TEXT, "b": TEXT, "c": TEXT},
            "oneOf": [{"required": ["a"]}, {"required": ["b"]}],
        }
    ),
    "a map of which not all is understood (3.1)": of_3_1(
        added(
            {"type": "object", "patternProperties": {"^x_": TEXT}}, required=False, name="metadata"
        ).edit
    ),
    "a due date or terms": Alteration(_date_or_terms, "payment_terms."),
    "terms in place of a due date": Alteration(_terms_alone, "body.oneOf"),
    "a currency in place of an address": Alteration(_currency_alone, "body.not"),
    "a due date by a choice of formats": changed(
        "due_date",
        {
            "oneOf": [
                {"type": "string", "format": "date"},
                {"type": "string", "format": "date-time"},
            ]
        },
    ),
    "ids of another form": Alteration(_prefixed),
    "a key that is a parameter": Alteration(_key_as_a_parameter),
    "a map of at least two numbers": added(
        {
            "type": "object",
            "minProperties": 2,
            "additionalProperties": {"type": "number", "minimum": 0},
        },
        name="rates",
    ),
    "an answer in one part": Alteration(_in_one_part),
    "references to scalars": Alteration(_referred),
    "an invoice of two parts": Alteration(_composed),
    "an invoice and items of two parts": Alteration(_composed_twice),
    "days that may be 0": added(
        {"type": "integer", "enum": [0, 15, 30]}, required=False, name="net_days"
    ),
    "other names of schemas": Alteration(_rename),
    "a request without components": Alteration(_inline),
    "properties for one direction": Alteration(_read_only, "pin."),
    "a property that does not come back": changed("remarks", {"writeOnly": True}),
    "an item of five properties or more": Alteration(
        lambda parts: parts.item.update(minProperties=5)
    ),
    "an optional object of items with a number": Alteration(
        lambda parts: parts.item["properties"].update(tax=RATE), "items[].tax."
    ),
    "an answer with more": Alteration(
        lambda parts: (
            parts.answer["properties"].update(currency={"type": "string"}),
            parts.answer.update(required=["currency"]),
        ),
        "201.data.currency.required",
    ),
    "an answer without remarks": Alteration(
        lambda parts: parts.answer["properties"].pop("remarks")
    ),
    "3.1": of_3_1(),
    "a text or null (3.2)": of_3_1(
        lambda parts: parts.add("channel", {"type": ["string", "null"], "maxLength": 8}),
        "channel.",
        "3.2.0",
    ),
    "references that are UUIDs": Alteration(_with_uuids, "reference_id."),
    "dates of format datetime": Alteration(_with_datetimes, ""),
    "an unknown state for one of today's": changed(
        "status", {"enum": ["PAID", "PENDING", "PARTIALLY_PAID", "VOID"]}, "status.enum"
    ),
    "a date that prose requires beside another": changed(
        "created_at", {"description": "Required if updated_at is sent"}
    ),
    "answers with other words for the states": Alteration(
        lambda parts: parts.answer["properties"]["status"].update(
            enum=["paid", "pending", "partially_paid", "overpaid"]
        )
    ),
    "a header field that asks for another answer": Alteration(
        parameter(
            "header",
            "Prefer",
            {"type": "string", "enum": ["return=minimal", "return=representation"]},
            required=False,
        ).edit
    ),
    "a list in the query that other APIs have": Alteration(
        parameter(
            "query", "expand", {"type": "array", "items": deepcopy(TEXT)}, required=False
        ).edit
    ),
    "a text or nothing at all (3.1)": of_3_1(
        lambda parts: parts.add("note", {"anyOf": [{"not": {}}, deepcopy(TEXT)]}), "note.maxLength"
    ),
    "a total of format bigdecimal": changed("total_amount", {"format": "bigdecimal"}),
    "remarks may be null (3.1)": of_3_1(
        lambda parts: parts.property("remarks").update(type=["string", "null"]), "remarks."
    ),
    "more than 0 paid (3.1)": of_3_1(
        lambda parts: (
            parts.property("paid_amount").pop("minimum"),
            parts.property("paid_amount").update(exclusiveMinimum=0),
        ),
        "paid_amount.exclusiveMinimum",
    ),
    "a constant (3.1)": of_3_1(lambda parts: parts.add("channel", {"const": "API"}), "channel."),
    "an address or null (3.1)": of_3_1(
        lambda parts: parts.add("address", _or_null(CITY)), "address."
    ),
    "a text or null (3.1)": of_3_1(
        lambda parts: parts.add("channel", {"oneOf": [{"type": "null"}, TEXT]}, required=False),
        "channel.",
    ),
    "a text, a number or null (3.1)": of_3_1(
        lambda parts: parts.add(
            "channel", {"anyOf": [TEXT, {"type": "null"}, {"type": "integer"}]}
        ),
        "channel.",
    ),
    "keywords beside a reference (3.1)": of_3_1(
        _beside,
        "remarks.maxLength",
    ),
    "422 for 400": answers(lambda listed: _without_400(listed, "422"), "4xx.status"),
    "200 for 201": answers(lambda listed: _moved(listed, "201", "200"), "201.status"),
    "202 for 201": answers(lambda listed: _moved(listed, "201", "202"), "201.status"),
    "200 or 201": answers(_or_200),
    "202 with a job, or 201": answers(
        lambda listed: listed.update({"202": {"description": "A job", "content": JOB}})
    ),
    "a conflict is 409": answers(lambda listed: listed.update({"409": listed["400"]})),
    "throttling is 429": answers(lambda listed: listed.update({"429": listed["400"]})),
    "any client error": answers(lambda listed: _without_400(listed, "4XX")),
    "any other status": answers(lambda listed: _without_400(listed, "default")),
    "errors as problems": answers(_problem, "4xx.mediaType"),
    "answers of any media type": answers(_of_any_type),
    "a 401 without content": answers(lambda listed: listed["401"].pop("content")),
    "a path at the server of the operation": Alteration(_with_path_of_its_own),
    "a path at the servers": Alteration(_with_path),
    "a required header field": parameter("header", "X-Tenant", TEXT, example="acme"),
    "an idempotency key": parameter("header", "Idempotency-Key", {"type": "string"}),
    "an idempotency key that is a UUID": parameter(
        "header", "Idempotency-Key", {"type": "string", "format": "uuid"}
    ),
    "a short idempotency key": parameter(
        "header", "Idempotency-Key", {"type": "string", "maxLength": 16}
    ),
    "an idempotency key by a pattern": parameter(
        "header", "Idempotency-Key", {"type": "string", "pattern": "^[a-f0-9]{32}$"}
    ),
    "a header field of few values": parameter(
        "header", "X-Channel", {"type": "string", "enum": ["WEB", "API"]}
    ),
    "a header field by a pattern": parameter(
        "header", "X-Tenant", {"type": "string", "pattern": "^[a-z]{3}-[0-9]{4}$"}
    ),
    "a parameter of the path": parameter("header", "X-Tenant", TEXT, of_path=True, example="acme"),
    "a required query": parameter("query", "tenant", TEXT, example="acme & co"),
    "a number in the query": parameter(
        "query", "version", {"type": "integer", "minimum": 1, "maximum": 3}
    ),
    "an optional flag in the query": parameter(
        "query", "dryRun", {"type": "boolean"}, required=False
    ),
    "an optional text in the query": Alteration(
        parameter("query", "note", TEXT, required=False).edit
    ),
    "a cookie": parameter("cookie", "session", {"type": "string", "minLength": 8}),
    "an answer with a header field": header_field("201", "X-Request-Id", TEXT),
    "an answer with a number in a header field": header_field(
        "201", "X-RateLimit-Remaining", {"type": "integer", "minimum": 0}
    ),
    "an error with a header field": header_field("400", "X-Request-Id", TEXT),
    "no key": Alteration(lambda parts: parts.post.update(security=[])),
    "another header for the key": Alteration(_key_in("X-Auth"), "refused"),
    "other names of amounts and items": renamed(
        {"total_amount": "grand_total", "items": "lines", "items[].amount": "unit_price"},
        "201.status",
    ),
    "other names of everything": renamed(
        {
            "reference_id": "external_id",
            "order_id": "order",
            "invoice_number": "number",
            "total_amount": "total",
            "paid_amount": "paid",
            "status": "state",
            "due_date": "due",
            "remarks": "note",
            "url": "link",
            "created_at": "created",
            "updated_at": "updated",
            "items": "positions",
            "items[].reference_id": "ref",
            "items[].sku": "article",
            "items[].quantity": "count",
            "items[].amount": "price",
            "items[].name": "title",
            "items[].item_total": "sum",
        },
        "201.status",
    ),
    "a tax of each item": _of_items(
        "tax_amount",
        {"type": "number", "minimum": 0, "description": "Counted into total_amount"},
        "",
    ),
    "a required tax rate of each item": _of_items(
        "tax_rate",
        {"type": "number", "minimum": 0, "maximum": 100, "example": 0},
        "required",
        required=True,
    ),
    "units of items": _of_items("unit", {"type": "string", "enum": ["EACH", "HOUR", "KG"]}, "enum"),
    "parts of a quantity": _of_items(
        "quantity", {"type": "number", "minimum": 0.001, "multipleOf": 0.001}, ""
    ),
    "a discount of two kinds": added(
        {
            "type": "object",
            "required": ["kind", "value"],
            "properties": {
                "kind": {"type": "string", "enum": ["PERCENT", "AMOUNT"]},
                "value": {"type": "number", "minimum": 0, "maximum": 100},
            },
        },
        required=False,
        name="discount",
    ),
    "a required customer_id": added(
        {"type": "string", "minLength": 1, "maxLength": 64, "example": "CUST-20250101"},
        name="customer_id",
    ),
    "net terms in place of a due date": Alteration(_net_terms, "payment_terms."),
    "a number of a purchase order": added(
        {"type": "string", "pattern": "^PO-[0-9]{6,10}$", "example": "PO-123456"},
        required=False,
        name="po_number",
    ),
    "at most 50 items": changed("items", {"maxItems": 50, "minItems": 1}, "items.maxItems"),
    "whole cents": Alteration(_in_cents, "total_amount.type"),
    "a total that the server computes": changed("total_amount", {"readOnly": True}, "201.status"),
    "errors of another shape": answers(_errors_of_their_own, "4xx.error.required"),
    "400 and 422": answers(lambda listed: listed.update({"422": listed["400"]})),
    "a required address": added(ADDRESS, name="billing_address"),
    "a map of metadata": added(
        {
            "type": "object",
            "maxProperties": 20,
            "additionalProperties": {"type": "string", "maxLength": 500},
        },
        required=False,
        name="metadata",
    ),
    "an answer with a Location": header_field("201", "Location", {"type": "string"}),
    "references in small letters": changed(
        "reference_id", {"pattern": "^[a-z0-9-]{1,40}$"}, "reference_id.pattern"
    ),
    "no order": Alteration(lambda parts: parts.drop("order_id"), "201.status"),
    "no dates of changes": Alteration(_without_dates),
    "remarks of any characters in a line": changed(
        "remarks", {"pattern": "^.{1,255}$"}, "remarks.pattern"
    ),
    "a name of letters of any script": added(
        {"type": "string", "maxLength": 40, "pattern": r"^\p{L}+$", "example": "Élan"},
        name="family_name",
    ),
    "a moment that prose requires of a state": added(
        {
            "type": "string",
            "format": "date-time",
            "example": "2025-01-01T00:00:00Z",
            "description": "When the invoice was paid. Required if status is PAID",
        },
        required=False,
        name="paid_at",
    ),
    "a header field that every client sends": Alteration(
        parameter("header", "User-Agent", {"type": "string"}, required=False).edit
    ),
    "a whole number without a sign": added(
        {"type": "integer", "format": "uint32", "minimum": 1, "example": 5}, name="line_count"
    ),
    "an invoice in any media type": Alteration(_in_any_type),
    "a day of issue, with an example": added(
        {"type": "string", "format": "date", "example": "2025-01-01"}, name="issue_date"
    ),
    "entries of which one part has an example": added(
        {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["rate"],
                "properties": {
                    "rate": {"type": "number", "minimum": 0, "example": 20},
                    "note": {"type": "string", "maxLength": 20},
                },
            },
        },
        required=False,
        name="tax_lines",
    ),
    "an amount of an unknown format": Alteration(
        changed("total_amount", {"format": "money", "example": 1000000}).edit,
        told="of the unknown format money",
    ),
}
"""By what is special about each."""
