"""What else another version of the document may say: null, formats, no key, other notations."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from spec.exchange import Request
from spec.expectation import Expectation, expect
from spec.operation import PATH
from tests.altering import (
    ANSWERED_REMARKS,
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
from tests.exchanges import FACTS, HEADERS, KEY, answer_to, drop, encoded, found, invoice, put


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
    """OpenAPI 3.0 wants null among the members; a document that forgot it still means it."""
    enum = "          enum:\n            - PAID\n            - PENDING\n"
    loaded = altered(tmp_path, (enum, "          nullable: true\n" + enum))
    assert broken(loaded, invoice() | {"status": None}) == []
    assert broken(loaded, invoice() | {"status": "LOST"}) == ["status.enum"]


def test_a_nullable_integer_with_a_fraction_of_zero_is_unspecified(tmp_path: Path) -> None:
    """1.0 is an integer in some dialects only, nullable or not."""
    loaded = altered(tmp_path, (QUANTITY, QUANTITY + "          nullable: true\n"))
    body = encoded(invoice()).replace(b'"quantity": 4', b'"quantity": 4.0')
    assert (
        expect(loaded, FACTS, Request("POST", PATH, HEADERS, body)).expectation
        is Expectation.UNSPECIFIED
    )


def test_a_documents_format_bounds_what_is_sent_but_not_an_answer(
    tmp_path: Path,
) -> None:
    """`format: date-time` in an answer does not forbid microseconds."""
    field = "        paid_at:\n          type: string\n          format: date-time\n"
    loaded = altered(
        tmp_path, (REMARKS, REMARKS + field), (ANSWERED_REMARKS, ANSWERED_REMARKS + field)
    )
    assert not [
        r for r in loaded.requirements if r.path[-1:] == ("paid_at",) and "format" in r.name
    ]
    assert expected(loaded, invoice() | {"paid_at": "soon"}).expectation is Expectation.UNSPECIFIED
    payload = invoice() | {"paid_at": "2025-01-01T00:00:00Z"}
    # The reading says nothing of it, so that it may be refused.
    assert expected(loaded, payload).expectation is Expectation.UNSPECIFIED
    answer = answer_to(payload)
    put("data", "paid_at", value="2025-01-01T00:00:00.000000+00:00")(answer)
    assert found(judged(loaded, payload, answer)) == []


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
