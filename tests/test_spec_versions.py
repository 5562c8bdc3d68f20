"""What else another version of the document may say: null, formats, no key, other notations."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from spec.exchange import Request
from spec.expectation import Expectation, expect
from spec.operation import PATH
from spec.requirements import Level
from spec.yamlfile import FileError
from strategies.invoice import complete_invoice
from tests.exchanges import FACTS, HEADERS, KEY, answer_to, drop, encoded, found, invoice, put
from tests.versions.edited import (
    ANSWERED_REMARKS,
    PAID,
    QUANTITY,
    REMARKS,
    SECURITY,
    Edit,
    altered,
    broken,
    changes,
    expected,
    judged,
)


def test_a_nullable_property_may_be_null(tmp_path: Path) -> None:
    """Null is valid, and is echoed as null or by absence."""
    loaded = altered(tmp_path, (REMARKS, REMARKS + "          nullable: true\n"))
    payload = invoice() | {"remarks": None}
    assert expected(loaded, payload).expectation is Expectation.ACCEPT
    assert broken(loaded, invoice() | {"remarks": 5}) == ["remarks.type"]
    answer = answer_to(payload)
    drop("data", "remarks")(answer)
    assert found(judged(loaded, payload, answer)) == []
    put("data", "remarks", value="null")(answer)
    assert found(judged(loaded, payload, answer)) == [("201.data.remarks.echo", "Echo mismatch")]


def test_a_nullable_enum_may_be_null(tmp_path: Path) -> None:
    """OpenAPI 3.0 wants null among the members; a document that forgot it may mean it still."""
    enum = "          enum:\n            - PAID\n            - PENDING\n"
    loaded = altered(tmp_path, (enum, "          nullable: true\n" + enum))
    assert expected(loaded, invoice() | {"status": None}).expectation is Expectation.UNSPECIFIED
    assert broken(loaded, invoice() | {"status": "LOST"}) == ["status.enum"]


def test_a_nullable_integer_with_a_fraction_of_zero_is_unspecified(tmp_path: Path) -> None:
    """1.0 is an integer in some dialects only, nullable or not."""
    loaded = altered(tmp_path, (QUANTITY, QUANTITY + "          nullable: true\n"))
    body = encoded(invoice()).replace(b'"quantity": 4', b'"quantity": 4.0')
    assert (
        expect(loaded, FACTS, Request("POST", PATH, HEADERS, body)).expectation
        is Expectation.UNSPECIFIED
    )


def test_a_documents_format_is_a_should_of_an_answer_and_forbids_no_microseconds(
    tmp_path: Path,
) -> None:
    """What is sent has it more narrowly: so that every reader takes it."""
    field = "        paid_at:\n          type: string\n          format: date-time\n"
    loaded = altered(
        tmp_path, (REMARKS, REMARKS + field), (ANSWERED_REMARKS, ANSWERED_REMARKS + field)
    )
    assert loaded.named("201.data.paid_at.format").level is Level.SHOULD
    assert expected(loaded, invoice() | {"paid_at": "soon"}).expectation is Expectation.UNSPECIFIED
    payload = invoice() | {"paid_at": "2025-01-01T00:00:00Z"}
    # The reading says nothing of it, so that it may be refused.
    assert expected(loaded, payload).expectation is Expectation.UNSPECIFIED
    answer = answer_to(payload)
    put("data", "paid_at", value="2025-01-01T00:00:00.000000+00:00")(answer)
    assert found(judged(loaded, payload, answer)) == []
    put("data", "paid_at", value="soon")(answer)
    assert found(judged(loaded, payload, answer)) == [("201.data.paid_at.echo", "Echo mismatch")]
    filled_in = [name for name, _ in found(judged(loaded, invoice(), answer))]
    assert filled_in == ["201.data.paid_at.format"]


UUID = "7f3a91c2-0b1d-4e5f-8a6b-1c2d3e4f5a6b"
OF_FORMATS = {
    "uuid": ((UUID, UUID.upper()), ("no-1", f"{{{UUID}}}")),
    "date-time": (("1999-01-01t00:00:00.1234567z",), ("2025-01-01", "2025-01-01T00:00:00")),
    "date": (("1999-01-31", "1999-01-31T00:00:00Z"), ("31.01.1999", "2025-02-30")),
    "time": (("09:30:00.5Z",), ("half past nine",)),
    "uri": (("https://example.com/ö", "/invoices/1", "urn:a:b"), ("not a link",)),
    "email": (("Ada@Example.COM",), ("ada", "ada@")),
    "hostname": (("Example", "a_b.example"), ("a b", "http://a")),
    "ipv4": (("10.0.0.1",), ("10.0.0", "::1")),
    "byte": (("SW52b2ljZXM=", "SW52b2lj\nZXM_"), ("in, voice",)),
    "double": (("anything",), ()),
    "iban": (("anything",), ()),
}
"""Texts of an answer that have a format, and such as have not."""


@pytest.mark.parametrize("name", OF_FORMATS)
def test_what_a_server_fills_in_has_the_format_that_the_document_says(
    name: str, tmp_path: Path
) -> None:
    """Widely read, and an empty text says nothing of a property that may be absent."""
    field = f"        seal:\n          type: string\n          format: {name}\n"
    loaded = altered(tmp_path, (ANSWERED_REMARKS, ANSWERED_REMARKS + field))
    right, wrong = OF_FORMATS[name]
    for text in (*right, "", *wrong):
        answer = answer_to(invoice())
        put("data", "seal", value=text)(answer)
        blamed = [name for name, _ in found(judged(loaded, invoice(), answer))]
        assert blamed == ["201.data.seal.format"] * (text in wrong), text


@pytest.mark.parametrize("written", ["", "          format: uuid\n"])
def test_an_id_is_a_uuid_whoever_says_it(written: str, tmp_path: Path) -> None:
    """A version that writes the format of the reading takes no check away."""
    said = "    dtos.InvoiceResponse:\n      type: object\n      properties:\n        id:\n"
    loaded = altered(tmp_path, (said, said + written))
    assert loaded.named("201.data.id.format").level is Level.SHOULD
    for wrong in ("no-1", ""):
        answer = answer_to(invoice())
        put("data", "id", value=wrong)(answer)
        assert [name for name, _ in found(judged(loaded, invoice(), answer))] == [
            "201.data.id.format"
        ]


def test_what_was_sent_may_come_back_without_the_format_of_the_answer(tmp_path: Path) -> None:
    """Where the request has no such format, its text comes back; another one may not."""
    url = "        url:\n          type: string\n          x-order: '10'\n"
    loaded = altered(tmp_path, (url, url + "          format: uuid\n"))
    payload = invoice() | {"url": "https://example.com/1"}
    assert found(judged(loaded, payload, answer_to(payload))) == []


def test_a_document_without_security_asks_for_no_key(tmp_path: Path) -> None:
    """No requirement is about a key, and a request without one is valid."""
    loaded = altered(tmp_path, (SECURITY, ""))
    assert changes(loaded) == (set(), {"security.key", "security.first", "security.right"})
    assert loaded.key_header is None
    headers = (("Content-Type", "application/json"),)
    valid = expect(loaded, FACTS, Request("POST", PATH, headers, encoded(invoice())))
    assert valid.expectation is Expectation.ACCEPT


def test_a_body_that_is_not_required_may_be_left_out(tmp_path: Path) -> None:
    """Then an empty body is unspecified."""
    loaded = altered(tmp_path, ("      description: Invoice\n      required: true\n", ""))
    assert changes(loaded) == (set(), {"requestBody.required"})
    assert expected(loaded, b"").expectation is Expectation.UNSPECIFIED


def test_another_media_type_of_the_document_is_unspecified(tmp_path: Path) -> None:
    """Where the document takes XML too, JSON sent as XML is not a fault of the body."""
    content = "            $ref: '#/components/schemas/dtos.InvoiceCreateRequest'\n"
    loaded = altered(tmp_path, (content, content + "        application/xml: {}\n"))
    headers = (("Content-Type", "application/xml"), ("X-API-Key", KEY))
    judgement = expect(loaded, FACTS, Request("POST", PATH, headers, encoded(invoice())))
    assert judgement.expectation is Expectation.UNSPECIFIED


@pytest.mark.parametrize(
    "edits",
    [
        [(f"'{status}':", f"{status}:") for status in (201, 400, 401, 403, 404, 500)],
        [("openapi: 3.0.0", "openapi: 3.0.3")],
        [("security: []\n", "x-extra: {anything: [1]}\n")],
        [("        '400':\n", "        x-note: hello\n        '400':\n")],
        [
            (
                "$ref: '#/components/schemas/dtos.InvoiceItemCreateRequest'",
                "$ref: '#/components/schemas/dtos%2EInvoiceItemCreateRequest'",
            )
        ],
    ],
    ids=["plain statuses", "3.0.3", "extension", "response extension", "percent-encoded"],
)
def test_a_document_written_in_another_way_says_the_same(
    edits: Sequence[Edit], tmp_path: Path
) -> None:
    """A notation that YAML and OpenAPI leave free changes no requirement."""
    assert changes(altered(tmp_path, *edits)) == (set(), set())


def test_an_alias_shares_only_its_text(tmp_path: Path) -> None:
    """What the reading adds at one place stays there, and the other requirements do not change."""
    loaded = altered(
        tmp_path,
        (ANSWERED_REMARKS, "        remarks: &text {type: string, maxLength: 255}\n"),
        (REMARKS, "        remarks: *text\n"),
    )
    assert loaded.narrowed_schema["properties"]["remarks"]["minLength"] == 1
    assert changes(loaded) == ({"201.data.remarks.maxLength"}, set())
    created = loaded.answered(201)
    assert created is not None
    assert "minLength" not in str(created.schema["properties"]["data"])


@pytest.mark.parametrize("length", ["20.0", "2.0e+1", "20"])
def test_a_length_may_be_written_with_a_fraction_of_zero(tmp_path: Path, length: str) -> None:
    """It is a whole number to JSON Schema, so what it demands is the same."""
    loaded = altered(tmp_path, (REMARKS, REMARKS.replace("255", length)))
    assert loaded.named("remarks.maxLength").operand == 20
    assert broken(loaded, invoice() | {"remarks": "r" * 20}) == []
    assert broken(loaded, invoice() | {"remarks": "r" * 21}) == ["remarks.maxLength"]


@pytest.mark.parametrize("keyword", ["exclusiveMinimum", "exclusiveMaximum", "nullable"])
@pytest.mark.parametrize("flag", ["true", "false"])
def test_a_flag_of_3_0_is_refused_in_3_1(tmp_path: Path, keyword: str, flag: str) -> None:
    """There it is a bound, or means nothing: nobody knows what the vendor meant by it."""
    flagged = (PAID, f"{PAID}          {keyword}: {flag}\n")
    assert altered(tmp_path, flagged).find("paid_amount.type")
    sentence = f"/paid_amount/{keyword}: '{keyword}' may be a boolean only in OpenAPI 3.0"
    with pytest.raises(FileError, match=r"altered.yaml:[0-9]+: #/components/.*" + sentence):
        altered(tmp_path, ("openapi: 3.0.0", "openapi: 3.1.0"), flagged)


def test_a_member_of_another_type_is_none(tmp_path: Path) -> None:
    """YAML reads an unquoted `false` as a flag, which no text is."""
    members = "          enum: [false, 'YES', 5, null]\n"
    loaded = altered(tmp_path, (REMARKS, REMARKS + members))
    assert loaded.named("remarks.enum").operand == ["YES"]
    assert broken(loaded, invoice() | {"remarks": "YES"}) == []
    assert broken(loaded, invoice() | {"remarks": False}) == ["remarks.enum"]
    assert complete_invoice(loaded)["remarks"] == "YES"


@pytest.mark.parametrize("instead", ["'4XX'", "default", "'409'"])
def test_a_key_without_the_right_is_refused_in_either_way_where_403_is_not_listed(
    instead: str, tmp_path: Path
) -> None:
    """A server may tell it from an unknown key, or not."""
    loaded = altered(tmp_path, ("        '403':\n", f"        {instead}:\n"))
    facts = replace(FACTS, forbidden_key="forbidden")
    for key, statuses in (("forbidden", {401, 403}), ("unknown", {401})):
        headers = (("Content-Type", "application/json"), ("X-API-Key", key))
        said = expect(loaded, facts, Request("POST", PATH, headers, encoded(invoice())))
        assert said.statuses == statuses
        assert [one.requirement.name for one in said.breaches] == ["security.key"]
