"""What the documents say of a payload: accept, reject for these reasons, or nothing at all."""

import json
from decimal import Decimal
from pathlib import Path

import pytest

from spec.coherence import respelled
from spec.exchange import Request
from spec.expectation import Expectation, expect
from spec.operation import PATH
from spec.paths import integers_in
from tests.exchanges import (
    CONTRACT,
    FACTS,
    HEADERS,
    INVOICE,
    Change,
    Json,
    altered,
    drop,
    encoded,
    expected,
    invoice,
    put,
    reasons,
)
from tests.versions.parts import Alteration, Parts

ACCEPT, REJECT, UNSPECIFIED = Expectation.ACCEPT, Expectation.REJECT, Expectation.UNSPECIFIED
VALID = json.dumps(INVOICE).encode()

LONG = "a" * 256
REQUIRED = ["due_date", "invoice_number", "items", "order_id", "paid_amount", "reference_id"]
OPTIONAL = ["status", "remarks", "url", "created_at", "updated_at"]
TEXTS = ["reference_id", "order_id", "invoice_number", "remarks"]
STRINGS = [*TEXTS, "due_date", "url", "created_at", "updated_at"]


NOT_DUE = put("due_date", value="2071-07-01T00:00:00Z")
"""What an invoice without a creation needs to be due after."""


@pytest.mark.parametrize(
    "payload",
    [
        altered(),
        *[altered(drop(name)) for name in OPTIONAL if name != "created_at"],
        altered(drop("created_at"), NOT_DUE),
        altered(*[drop(name) for name in OPTIONAL], NOT_DUE),
        *[altered(put(name, value="a" * 255)) for name in TEXTS],
        altered(put("remarks", value="😀a" * 127)),
        altered(put("remarks", value=" a  b ")),
        altered(put("items", 0, "sku", value="S-2")),
        altered(put("items", 0, "amount", value=0), put("total_amount", value=70), drop("status")),
        altered(put("paid_amount", value=0), put("status", value="PENDING")),
        altered(put("paid_amount", value=269.96), put("status", value="PAID")),
        altered(put("paid_amount", value=1e12), put("status", value="OVERPAID")),
        altered(put("url", value="http://a.b/" + "b" * 1989)),
        altered(put("due_date", value="2099-12-31T23:59:59.999-12:00")),
    ],
)
def test_a_valid_invoice_must_be_accepted(payload: Json) -> None:
    """Every subset of the optional properties and every edge of the reading: 201 alone will do."""
    said = expected(payload)
    assert (said.expectation, said.statuses, said.breaches, said.why) == (
        ACCEPT,
        frozenset({201}),
        (),
        (),
    )
    assert said.payload is not None


@pytest.mark.parametrize(
    "body",
    [
        json.dumps(INVOICE, indent=2).encode(),
        json.dumps(INVOICE, ensure_ascii=False).encode(),
        json.dumps(dict(reversed(INVOICE.items()))).encode(),
        b" \t\r\n" + VALID + b" \n",
        VALID.replace(b'"paid_amount": 100', b'"paid_amount": 100.0'),
        VALID.replace(b'"paid_amount": 100', b'"paid_amount": 1e2'),
        VALID.replace(b"269.96", b"2.6996E+2"),
        VALID.replace(b"269.96", b"269.9600"),
        VALID.replace(b"remarks", rb"\u0072emarks"),
    ],
)
def test_the_same_invoice_written_otherwise_must_be_accepted(body: bytes) -> None:
    """White space, order, escapes and how decimals are written are JSON's freedom."""
    assert expected(body).expectation is ACCEPT


VALUES: list[Json] = ["5", None, True, [], {}]
LISTED: list[Json] = [None, [], "x", 5]
STATUSES: list[Json] = ["paid", "Paid", " PAID", "PAID ", "", "LOST", None, 5, ["PAID"]]

BROKEN = [
    *[(drop(name), [f"{name}.required"], (name,)) for name in [*REQUIRED, "total_amount"]],
    *[(put(name, value=5), [f"{name}.type"], (name,)) for name in STRINGS],
    *[(put(name, value=None), [f"{name}.type"], (name,)) for name in [*STRINGS, "items"]],
    *[(put(name, value=LONG), [f"{name}.maxLength"], (name,)) for name in TEXTS],
    *[
        (put(name, value=value), [f"{name}.type"], (name,))
        for name in ("total_amount", "paid_amount")
        for value in VALUES
    ],
    (put("remarks", value=["a"]), ["remarks.type"], ("remarks",)),
    (put("remarks", value={}), ["remarks.type"], ("remarks",)),
    (put("remarks", value="é" * 256), ["remarks.maxLength"], ("remarks",)),
    (put("paid_amount", value=-0.01), ["paid_amount.minimum"], ("paid_amount",)),
    (put("paid_amount", value=-1), ["paid_amount.minimum"], ("paid_amount",)),
    *[(put("status", value=value), ["status.enum"], ("status",)) for value in STATUSES],
    (put("items", value={}), ["items.type"], ("items",)),
    (put("items", value="[]"), ["items.type"], ("items",)),
    *[(put("items", 1, value=value), ["items[].type"], ("items", 1)) for value in LISTED],
    *[
        (drop("items", 1, name), [f"items[].{name}.required"], ("items", 1, name))
        for name in ("amount", "name", "quantity", "reference_id", "sku")
    ],
    *[
        (put("items", 1, name, value=LONG), [f"items[].{name}.maxLength"], ("items", 1, name))
        for name in ("name", "reference_id", "sku")
    ],
    *[
        (put("items", 0, name, value=None), [f"items[].{name}.type"], ("items", 0, name))
        for name in ("amount", "name", "quantity", "reference_id", "sku")
    ],
    (put("items", 0, "quantity", value=1.5), ["items[].quantity.type"], ("items", 0, "quantity")),
    (put("items", 0, "quantity", value="1"), ["items[].quantity.type"], ("items", 0, "quantity")),
    (put("items", 0, "quantity", value=True), ["items[].quantity.type"], ("items", 0, "quantity")),
    (put("items", 0, "amount", value="1.5"), ["items[].amount.type"], ("items", 0, "amount")),
]


@pytest.mark.parametrize(
    ("change", "names", "location"),
    BROKEN,
    ids=[f"{n}-{row[1][0]}" for n, row in enumerate(BROKEN)],
)
def test_a_broken_requirement_is_refused_with_400(
    change: Change, names: list[str], location: tuple[str | int, ...]
) -> None:
    """Each requirement that a payload can break is named, with the place where it is broken."""
    said = expected(altered(change))
    assert (said.expectation, reasons(said)) == (REJECT, names)
    assert said.breaches[0].location == location
    assert said.statuses == {400}


def test_the_table_breaks_every_requirement_of_a_body() -> None:
    """None is left out but the one that a body which is no object breaks."""
    names = {name for _, names, _ in BROKEN for name in names}
    assert names | {"body.type"} == {r.name for r in CONTRACT.body_requirements}


def test_of_a_map_and_of_an_object_that_is_empty_one_requirement_is_broken(tmp_path: Path) -> None:
    """What is wrong in a map is the map's, and what is missing makes no object too small."""
    text = {"type": "string", "maxLength": 3}
    deep = {"type": "object", "additionalProperties": text}

    def edit(parts: Parts) -> None:
        parts.add("map", deep)
        parts.add("maps", {"type": "object", "additionalProperties": deep})
        sized = {"type": "object", "required": ["a"], "minProperties": 1, "properties": {"a": text}}
        parts.add("small", sized)

    loaded = Alteration(edit).load(tmp_path)
    payload = {"map": {"b": "long"}, "maps": {"b": {"c": "long"}}, "small": {}}
    said = expect(loaded, FACTS, Request("POST", PATH, HEADERS, encoded(invoice() | payload)))
    assert {(str(breach.requirement), breach.location) for breach in said.breaches} == {
        ("map.additionalProperties", ("map", "b")),
        ("maps.additionalProperties", ("maps", "b", "c")),
        ("small.a.required", ("small", "a")),
    }


def test_several_broken_requirements_are_all_named() -> None:
    """Each with its own place."""
    said = expected(
        altered(drop("due_date"), put("items", 1, "sku", value=5), put("status", value=1))
    )
    assert {(str(breach.requirement), breach.location) for breach in said.breaches} == {
        ("due_date.required", ("due_date",)),
        ("items[].sku.type", ("items", 1, "sku")),
        ("status.enum", ("status",)),
    }


@pytest.mark.parametrize(
    ("body", "name"),
    [
        (b"", "requestBody.required"),
        (b" \r\n\t", "requestBody.required"),
        (b"null", "body.type"),
        (b"5", "body.type"),
        (b'"invoice"', "body.type"),
        (b"true", "body.type"),
        (b"[]", "body.type"),
        (b"[" + VALID + b"]", "body.type"),
        (b"[" * 100_000, "body.type"),
        (VALID[:-1], "requestBody.json"),
        (VALID[:100], "requestBody.json"),
        (VALID + b"x", "requestBody.json"),
        (VALID + VALID, "requestBody.json"),
        (VALID[:-1] + b",}", "requestBody.json"),
        (VALID.replace(b'"', b"'"), "requestBody.json"),
        (VALID.replace(b"100", b"NaN"), "requestBody.json"),
        (VALID.replace(b"100", b"0100"), "requestBody.json"),
        (b"reference_id=1", "requestBody.json"),
        (b"X", "requestBody.json"),
        (b"<invoice/>", "requestBody.json"),
        (VALID.replace(b"Zw", b"\xff"), "requestBody.utf8"),
        (VALID.replace(b"Zw", b"\xed\xa0\x80"), "requestBody.utf8"),
        (VALID.decode().encode("utf-16"), "requestBody.utf8"),
        (VALID.decode().encode("utf-16-le"), "requestBody.utf8"),
    ],
)
def test_a_body_that_is_no_json_object_is_refused_with_400(body: bytes, name: str) -> None:
    """No body, no JSON, no UTF-8 and no object are four requirements."""
    said = expected(body)
    assert (said.expectation, reasons(said)) == (REJECT, [name])
    assert 400 in said.statuses
    assert 201 not in said.statuses
    assert said.payload is None


def rewritten(old: str, new: str) -> bytes:
    """The valid invoice's bytes with something replaced."""
    assert VALID.count(old.encode()) == 1
    return VALID.replace(old.encode(), new.encode())


@pytest.mark.parametrize(
    ("body", "words"),
    [
        # What the reading leaves out, one line for each of its points.
        (altered(put("colour", value="red")), "colour"),
        (altered(put("items", 0, "colour", value="red")), "colour"),
        *[(altered(put(name, value=" ")), '"text"') for name in TEXTS],
        (altered(put("remarks", value="")), "shorter than 1"),
        (altered(put("remarks", value="a\0")), '"text"'),
        (altered(put("items", 0, "name", value="a\n")), '"text"'),
        (altered(put("items", 0, "sku", value="---")), '"text"'),
        (altered(put("due_date", value="2025-01-01")), "date-time"),
        (altered(put("due_date", value="")), "date-time"),
        (altered(put("created_at", value="2025-02-30T00:00:00Z")), "date-time"),
        (altered(put("updated_at", value="2025-06-02T12:00:00z")), "date-time"),
        (altered(put("created_at", value="2025-06-03T12:00:00Z")), "later than updated_at"),
        (altered(put("updated_at", value="2026-03-01T00:00:00Z")), "than a server's clock"),
        (altered(put("url", value="example.com")), "web-url"),
        (altered(put("url", value="")), "web-url"),
        (altered(put("url", value="http://a.b/" + "b" * 1990)), "longer than 2000"),
        (altered(put("items", value=[]), put("total_amount", value=0)), "items"),
        (altered(put("items", 1, "reference_id", value="I-1")), "share a reference_id"),
        (altered(put("items", 1, "reference_id", value="i-1")), "share a reference_id"),
        (altered(put("due_date", value="2025-06-01T11:59:59Z")), "before created_at"),
        (altered(drop("created_at")), "in the past"),
        (altered(put("items", 0, "quantity", value=0)), "minimum of 1"),
        (altered(put("items", 0, "quantity", value=-1)), "minimum of 1"),
        (altered(put("items", 0, "quantity", value=10**6 + 1)), "maximum of 1000000"),
        (altered(put("items", 0, "quantity", value=2**63)), "maximum of 1000000"),
        (altered(put("items", 0, "amount", value=-0.01)), "minimum of 0"),
        (altered(put("items", 0, "amount", value=0.001)), "multiple of 0.01"),
        (altered(put("items", 0, "amount", value=10**9 + 1)), "maximum of 1000000000"),
        (altered(put("total_amount", value=-1)), "minimum of 0"),
        (altered(put("total_amount", value=269.97)), "the items' sum 269.96"),
        (altered(put("total_amount", value=10**12 + 1)), "maximum of 1000000000000"),
        (altered(put("paid_amount", value=100.005)), "multiple of 0.01"),
        (altered(put("status", value="PAID")), "PARTIALLY_PAID"),
        (rewritten('"quantity": 4', '"quantity": 4.0'), "an integer written with a fraction"),
        (rewritten('"quantity": 4', '"quantity": 4e0'), "an integer written with a fraction"),
        # What readers of numbers differ on breaks nothing for sure.
        (rewritten('"paid_amount": 100', '"paid_amount": -1e-400'), "minimum of 0"),
        (rewritten('"quantity": 4', '"quantity": 4.00000000000000000001'), "quantity"),
        (rewritten('"paid_amount": 100', '"paid_amount": 1e400'), "maximum"),
        (rewritten('"paid_amount": 100', '"paid_amount": 1e99999999999999999999'), "maximum"),
        (rewritten('"quantity": 4', f'"quantity": {"9" * 5000}'), "maximum"),
        # What readers of JSON differ on.
        (b"\xef\xbb\xbf" + VALID, "byte order mark"),
        (VALID[:-1] + b', "remarks": "b"}', "duplicate names"),
        (rewritten("Zw\\u00f6lf", "a\\ud800"), "lone surrogate"),
        (VALID[:-1] + b', "a": ' + b"[" * 300 + b"]" * 300 + b"}", "depth"),
        (VALID[:-1] + b', "a": ' + b"[" * 60 + b"]" * 60 + b"}", "unexpected"),
        (b'{"a":' * 100_000, "depth"),
    ],
)
def test_what_lies_between_document_and_reading_is_unspecified(body: Json, words: str) -> None:
    """A 201 and the documented refusals will do, and the reason is said in words."""
    said = expected(body)
    assert (said.expectation, reasons(said)) == (UNSPECIFIED, [])
    assert {201, 400, 404} <= said.statuses
    assert not said.statuses & set(range(500, 600))
    assert any(words in why for why in said.why), said.why
    assert all(len(why) < 400 for why in said.why)


def test_the_reason_of_a_doubt_is_cut_to_160_characters() -> None:
    """One that is longer by one has a character less, and says so."""
    start, end = "Additional properties are not allowed ('", "' was unexpected)"
    fill = "a" * (160 - len(start) - len(end))
    whole = f"{start}{fill}{end}"
    assert expected(altered(put(fill, value=1))).why == (f"body: {whole}",)
    cut = f"{whole[:80]} ...(1 more)... {whole[80:]}"
    assert expected(altered(put(f"{fill}a", value=1))).why == (f"body: {cut}",)


def test_an_integer_is_looked_for_where_the_schema_has_one() -> None:
    """What may be anything has none, nor has a list that is null."""
    schema = {"properties": {"any": {}, "list": {"items": {"type": "integer"}}}}
    for value in (Decimal(1), [Decimal(1)], {"list": Decimal(1)}):
        payload = {"any": value, "list": None, "more": value}
        assert respelled(integers_in(schema), payload) == []
    words = "list[1] is an integer written with a fraction or an exponent"
    assert respelled(integers_in(schema), {"list": [1, Decimal(2)]}) == [(("list", 1), words)]


def test_a_number_that_breaks_a_limit_for_every_reader_is_refused() -> None:
    """The smallest double below zero, and a double that is no integer."""
    for old, new, name in (
        ('"paid_amount": 100', '"paid_amount": -5e-324', "paid_amount.minimum"),
        ('"quantity": 4', '"quantity": 4.000000000000001', "items[].quantity.type"),
    ):
        assert reasons(expected(rewritten(old, new))) == [name]


def test_what_readers_of_json_differ_on_is_unspecified_wherever_it_is() -> None:
    """Each value of a repeated name, and each text with half a character."""
    odd = altered(
        put("remarks", value="first"),
        put("url", value="last"),
        put("items", 0, "sku", value="first"),
        put("items", 1, "name", value="last"),
        put("extra", value=[["last"], {"colour": "first"}, "twice"]),
    )
    text = json.dumps(odd).replace('"first"', r'"\ud800"').replace('"last"', r'"\udfff"')
    twice = text.replace('"twice"', '{"name": 1, "name": 2}')
    halves = {
        *(("remarks",), ("url",), ("items", 0, "sku"), ("items", 1, "name")),
        *(("extra", 0, 0), ("extra", 1, "colour")),
    }
    assert expected(text.encode()).unspecified == halves
    names = {("items", 0, "name"), ("items", 1, "name"), ("extra", 2, "name")}
    assert expected(twice.encode()).unspecified == halves | names
