"""Another version of the vendor's document is judged by what it says, with no change of code."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from spec import contract
from spec.contract import DOCUMENT, READING, Contract
from spec.exchange import Exchange
from spec.expectation import Expectation, Expected, expect
from spec.oracle import Oracle, Verdict
from tests.exchanges import (
    ANSWERED,
    CONTRACT,
    FACTS,
    HEADERS,
    KEY,
    Bend,
    Json,
    created,
    drop,
    encoded,
    found,
    invoice,
    put,
    request,
    response,
)

Edit = tuple[str, str]

TEXT = DOCUMENT.read_text()
REMARKS = """        remarks:
          type: string
          maxLength: 255
          x-order: '10'
          example: Remarks
"""
ANSWERED_REMARKS = """        remarks:
          type: string
          x-order: '9'
          example: Remarks
"""
QUANTITY = """        quantity:
          type: integer
          x-order: '3'
"""
PAID = """        paid_amount:
          type: number
          minimum: 0
          x-order: '6'
"""
ITEMS = """            $ref: '#/components/schemas/dtos.InvoiceItemCreateRequest'
          x-order: '14'
"""
STATUS = "            - OVERPAID\n"
SECURITY = "      security:\n        - ApiKeyAuth: []\n"


def altered(folder: Path, *edits: Edit) -> Contract:
    """The contract of the document with each piece of text, which it has once, replaced."""
    text = TEXT
    for old, new in edits:
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times"
        text = text.replace(old, new)
    path = folder / "altered.yaml"
    path.write_text(text)
    return contract.load(path, READING)


def changes(loaded: Contract) -> tuple[set[str], set[str]]:
    """The names of requirements that an altered document has more, and less."""
    before = {requirement.name for requirement in CONTRACT.requirements}
    after = {requirement.name for requirement in loaded.requirements}
    return after - before, before - after


def expected(loaded: Contract, payload: Json) -> Expected:
    """What the altered documents say of a payload."""
    return expect(loaded, FACTS, "POST", HEADERS, encoded(payload))


def broken(loaded: Contract, payload: Json) -> list[str]:
    """The names of the requirements that a payload breaks."""
    return [cause.requirement.name for cause in expected(loaded, payload).causes]


def judged(loaded: Contract, payload: Json, answer: Json) -> Verdict:
    """The verdict on a 201 with that answer."""
    exchange = Exchange(request(payload), response(201, answer, ANSWERED), None, 0.01)
    return Oracle(loaded, FACTS).judge(exchange)


def test_an_added_optional_field_is_tested_like_any_other(tmp_path: Path) -> None:
    """Type and length are requirements, it may be absent, and it must be text to be accepted."""
    currency = "        currency:\n          type: string\n          maxLength: 3\n"
    loaded = altered(tmp_path, (REMARKS, REMARKS + currency))
    assert changes(loaded) == ({"currency.type", "currency.maxLength"}, set())
    assert broken(loaded, invoice() | {"currency": 5}) == ["currency.type"]
    assert broken(loaded, invoice() | {"currency": "EURO"}) == ["currency.maxLength"]
    assert expected(loaded, invoice()).expectation is Expectation.ACCEPT
    assert expected(loaded, invoice() | {"currency": "EUR"}).expectation is Expectation.ACCEPT
    assert expected(loaded, invoice() | {"currency": "\0"}).expectation is Expectation.UNSPECIFIED
    line = loaded.named("currency.maxLength").line
    assert (tmp_path / "altered.yaml").read_text().splitlines()[line - 1].strip() == "maxLength: 3"


def test_an_added_required_field_that_the_answer_has_too_must_come_back(tmp_path: Path) -> None:
    """Required and echo are requirements of the new field as well."""
    field = "        currency:\n          type: string\n          maxLength: 3\n"
    loaded = altered(
        tmp_path,
        (REMARKS, REMARKS + field),
        (ANSWERED_REMARKS, ANSWERED_REMARKS + field),
        ("        - due_date\n", "        - due_date\n        - currency\n"),
    )
    assert changes(loaded) == (
        {
            "currency.required",
            "currency.type",
            "currency.maxLength",
            "201.data.currency.type",
            "201.data.currency.maxLength",
            "201.data.currency.echo",
        },
        set(),
    )
    assert broken(loaded, invoice()) == ["currency.required"]
    payload = invoice() | {"currency": "EUR"}
    assert found(judged(loaded, payload, created(payload))) == []
    answer = created(payload)
    put("data", "currency", value="USD")(answer)
    assert found(judged(loaded, payload, answer)) == [("201.data.currency.echo", "Echo mismatch")]


@pytest.mark.parametrize(
    ("kind", "sound", "unspecified"),
    [
        ("string", "a" * 300, "\0"),
        ("number", 12.34, 1e300),
        ("number", 0, -1),
        ("number", 0, 0.001),
        ("integer", 5, 10**9),
        ("integer", 5, 0),
    ],
)
def test_the_reading_bounds_an_added_field_by_its_type(
    kind: str, sound: Json, unspecified: Json, tmp_path: Path
) -> None:
    """What nobody said of the new field is no duty: no control characters, no huge numbers."""
    loaded = altered(tmp_path, (REMARKS, REMARKS + f"        extra:\n          type: {kind}\n"))
    assert expected(loaded, invoice() | {"extra": sound}).expectation is Expectation.ACCEPT
    odd = expected(loaded, invoice() | {"extra": unspecified})
    assert odd.expectation is Expectation.UNSPECIFIED


def test_nested_objects_and_lists_come_back_too(tmp_path: Path) -> None:
    """Echo holds for each property of an object and each element of a list."""
    fields = (
        "        buyer:\n          type: object\n          properties:\n"
        "            city:\n              type: string\n              maxLength: 9\n"
        "        tags:\n          type: array\n          items:\n            type: string\n"
    )
    loaded = altered(
        tmp_path, (REMARKS, REMARKS + fields), (ANSWERED_REMARKS, ANSWERED_REMARKS + fields)
    )
    payload = invoice() | {"buyer": {"city": "Rome"}, "tags": ["a", "b"]}
    answer = created(payload)
    assert found(judged(loaded, payload, answer)) == []
    put("data", "buyer", "city", value="Oslo")(answer)
    put("data", "tags", value=["b", "a"])(answer)
    assert [name for name, _ in found(judged(loaded, payload, answer))] == [
        "201.data.buyer.city.echo",
        "201.data.tags.echo",
    ]


@pytest.mark.parametrize(
    ("edit", "bend", "name", "operand"),
    [
        (
            (REMARKS, REMARKS.replace("255", "100")),
            put("remarks", value="a" * 101),
            "remarks.maxLength",
            100,
        ),
        (
            (REMARKS, REMARKS.replace("max", "minLength: 5\n          max")),
            put("remarks", value="abcd"),
            "remarks.minLength",
            5,
        ),
        (
            (PAID, PAID.replace("minimum: 0", "minimum: 1")),
            put("paid_amount", value=0),
            "paid_amount.minimum",
            1,
        ),
        (
            (QUANTITY, QUANTITY + "          maximum: 100\n"),
            put("items", 1, "quantity", value=101),
            "items[].quantity.maximum",
            100,
        ),
        (
            (ITEMS, ITEMS + "          maxItems: 1\n"),
            put("remarks", value="x"),
            "items.maxItems",
            1,
        ),
        (
            (ITEMS, ITEMS + "          minItems: 3\n"),
            put("remarks", value="x"),
            "items.minItems",
            3,
        ),
    ],
)
def test_a_stricter_limit_stands_where_the_reading_is_looser(
    edit: Edit, bend: Bend, name: str, operand: int, tmp_path: Path
) -> None:
    """The changed limit is the requirement's operand and what a payload is judged by."""
    loaded = altered(tmp_path, edit)
    payload = invoice()
    bend(payload)
    assert loaded.named(name).operand == operand
    assert broken(loaded, payload) == [name]


def test_a_looser_limit_makes_longer_text_sound(tmp_path: Path) -> None:
    """What the document newly allows and the reading does not speak of must be accepted."""
    loaded = altered(tmp_path, (REMARKS, REMARKS.replace("255", "300")))
    assert expected(loaded, invoice() | {"remarks": "a" * 300}).expectation is Expectation.ACCEPT
    assert broken(loaded, invoice() | {"remarks": "a" * 301}) == ["remarks.maxLength"]


def test_a_dropped_required_leaves_one_requirement_less(tmp_path: Path) -> None:
    """An invoice without the property is sound then."""
    loaded = altered(tmp_path, ("        - due_date\n", ""))
    assert changes(loaded) == (set(), {"due_date.required"})
    payload = invoice()
    drop("due_date")(payload)
    assert expected(loaded, payload).expectation is Expectation.ACCEPT


def test_an_added_enum_member_may_come_back_but_not_of_itself(tmp_path: Path) -> None:
    """Nothing says with which sums it agrees, so it is unspecified; its echo is no wrong status."""
    loaded = altered(tmp_path, (STATUS, STATUS + "            - REFUNDED\n"))
    assert changes(loaded) == (set(), set())
    payload = invoice() | {"status": "REFUNDED"}
    assert broken(loaded, payload) == []
    assert expected(loaded, payload).expectation is Expectation.UNSPECIFIED
    assert found(judged(loaded, payload, created(payload))) == []
    assert broken(loaded, invoice() | {"status": "LOST"}) == ["status.enum"]
    unasked = invoice()
    drop("status")(unasked)
    answer = created(unasked)
    put("data", "status", value="LOST")(answer)
    assert found(judged(loaded, unasked, answer)) == [("201.data.status.enum", "Answer shape")]


def test_a_nullable_property_may_be_null(tmp_path: Path) -> None:
    """Null is sound, and is echoed as null or by absence."""
    loaded = altered(tmp_path, (REMARKS, REMARKS + "          nullable: true\n"))
    payload = invoice() | {"remarks": None}
    assert expected(loaded, payload).expectation is Expectation.ACCEPT
    assert broken(loaded, invoice() | {"remarks": 5}) == ["remarks.type"]
    answer = created(payload)
    drop("data", "remarks")(answer)
    assert found(judged(loaded, payload, answer)) == []
    put("data", "remarks", value="null")(answer)
    assert found(judged(loaded, payload, answer)) == [("201.data.remarks.echo", "Echo mismatch")]


def test_a_nullable_integer_with_a_fraction_of_zero_is_unspecified(tmp_path: Path) -> None:
    """1.0 is an integer in some dialects only, nullable or not."""
    loaded = altered(tmp_path, (QUANTITY, QUANTITY + "          nullable: true\n"))
    body = encoded(invoice()).replace(b'"quantity": 4', b'"quantity": 4.0')
    assert expect(loaded, FACTS, "POST", HEADERS, body).expectation is Expectation.UNSPECIFIED


def test_a_documents_format_bounds_what_is_sent_and_is_no_duty_of_an_answer(
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
    assert expected(loaded, payload).expectation is Expectation.ACCEPT
    answer = created(payload)
    put("data", "paid_at", value="2025-01-01T00:00:00.000000+00:00")(answer)
    assert found(judged(loaded, payload, answer)) == []


def test_a_document_without_security_asks_for_no_key(tmp_path: Path) -> None:
    """No requirement speaks of a key, and a request without one is sound."""
    loaded = altered(tmp_path, (SECURITY, ""))
    assert changes(loaded) == (set(), {"security.key", "security.first", "security.right"})
    assert loaded.key_header is None
    headers = (("Content-Type", "application/json"),)
    sound = expect(loaded, FACTS, "POST", headers, encoded(invoice()))
    assert sound.expectation is Expectation.ACCEPT


def test_a_body_that_is_not_required_may_be_left_out(tmp_path: Path) -> None:
    """Then nobody knows what an empty body is."""
    loaded = altered(tmp_path, ("      description: Invoice\n      required: true\n", ""))
    assert changes(loaded) == (set(), {"requestBody.required"})
    assert expected(loaded, b"").expectation is Expectation.UNSPECIFIED


def test_another_media_type_of_the_document_is_unspecified(tmp_path: Path) -> None:
    """JSON sent as XML is no fault of JSON's where the document takes XML too."""
    content = "            $ref: '#/components/schemas/dtos.InvoiceCreateRequest'\n"
    loaded = altered(tmp_path, (content, content + "        application/xml: {}\n"))
    headers = (("Content-Type", "application/xml"), ("X-API-Key", KEY))
    judgement = expect(loaded, FACTS, "POST", headers, encoded(invoice()))
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
def test_the_same_document_otherwise_written_says_the_same(
    edits: Sequence[Edit], tmp_path: Path
) -> None:
    """Spelling that YAML and OpenAPI leave free changes no requirement."""
    assert changes(altered(tmp_path, *edits)) == (set(), set())


def test_an_alias_shares_no_more_than_its_text(tmp_path: Path) -> None:
    """What the reading adds at one place stays there, and the clause stays the document's."""
    loaded = altered(
        tmp_path,
        (ANSWERED_REMARKS, "        remarks: &text {type: string, maxLength: 255}\n"),
        (REMARKS, "        remarks: *text\n"),
    )
    assert loaded.sound_schema["properties"]["remarks"]["minLength"] == 1
    assert changes(loaded) == ({"201.data.remarks.maxLength"}, set())
    assert "minLength" not in str(loaded.answers[201].schema["properties"]["data"])
