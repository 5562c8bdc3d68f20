"""What a version shows by examples stands for what nobody knows of its properties."""

import json
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path

import pytest

from run.notes import notes_of
from spec.expectation import Expectation
from spec.yamlfile import FileError
from strategies.invoice import check_valid, plain_invoice, why_not_valid
from tests.exchanges import Json
from tests.invoices import ANYWHERE
from tests.running import suite
from tests.versions.catalogue import ALTERATIONS
from tests.versions.edited import REMARKS, altered, expected
from tests.versions.parts import Alteration, Parts


def test_a_property_of_an_unknown_format_is_left_out(tmp_path: Path) -> None:
    """Nobody knows what is right, also of one that the reading knows."""
    text = REMARKS.replace("type: string", "type: string\n          format: rich-text")
    loaded = altered(tmp_path, (REMARKS, text))
    assert [(one.path, one.why) for one in loaded.unread] == [
        (("remarks",), "of the unknown format rich-text")
    ]
    assert "remarks" not in plain_invoice(loaded, ANYWHERE)


def test_a_required_property_of_an_unknown_format_is_the_documents_example(
    tmp_path: Path,
) -> None:
    """Any other text may be refused, and no other is called valid."""
    loaded = ALTERATIONS["a required property of an unknown format"].load(tmp_path)
    payload = plain_invoice(loaded, ANYWHERE)
    assert payload["a_vat-number"] == "GB123456789"
    assert why_not_valid(loaded, ANYWHERE) == ""
    check_valid(loaded, ANYWHERE)
    assert expected(loaded, payload).expectation is Expectation.ACCEPT
    another = payload | {"a_vat-number": "0"}
    assert expected(loaded, another).expectation is Expectation.UNSPECIFIED
    assert "sent only as the document's example: a_vat-number" in " ".join(notes_of(loaded))


BANK: Json = {
    "type": "object",
    "required": ["accounts"],
    "properties": {
        "accounts": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["iban"],
                "properties": {"iban": {"type": "string", "format": "iban"}},
            },
        }
    },
}
SHOWN: Json = {"accounts": [{}, {"iban": "DE89"}]}
SHOWING: dict[str, Callable[[Parts], object]] = {
    "the object": lambda parts: parts.property("bank").update(example=SHOWN),
    "the list": lambda parts: parts.property("bank")["properties"]["accounts"].update(
        example=SHOWN["accounts"]
    ),
    "the item": lambda parts: parts.property("bank")["properties"]["accounts"]["items"].update(
        example={"iban": "DE89"}
    ),
    "the invoice": lambda parts: parts.request.update(example={"bank": SHOWN}),
    "the media type": lambda parts: parts.body["content"]["application/json"].update(
        example={"bank": SHOWN}
    ),
    "the second of the media type": lambda parts: parts.body["content"]["application/json"].update(
        examples={"without": {"value": {}}, "with": {"value": {"bank": SHOWN}}}
    ),
    "a reference of the media type": lambda parts: (
        parts.document["components"].update(examples={"with": {"value": {"bank": SHOWN}}}),
        parts.body["content"]["application/json"].update(
            examples={"one": {"$ref": "#/components/examples/with"}}
        ),
    ),
    "the nearest": lambda parts: (
        parts.request.update(example={"bank": {"accounts": [{"iban": "far"}]}}),
        parts.property("bank").update(example=SHOWN),
    ),
}
"""Where a document may have an example of what is deep in an invoice."""


@pytest.mark.parametrize("place", SHOWING)
def test_an_example_may_stand_at_what_is_around(place: str, tmp_path: Path) -> None:
    """It is the same as if it stood at the property, whose format nobody knows."""

    def edit(parts: Parts) -> None:
        parts.add("bank", deepcopy(BANK), comes_back=False)
        SHOWING[place](parts)

    loaded = Alteration(edit).load(tmp_path)
    check_valid(loaded, ANYWHERE)
    payload = plain_invoice(loaded, ANYWHERE)
    assert payload["bank"].keys() == {"accounts"}
    assert {json.dumps(each) for each in payload["bank"]["accounts"]} == {'{"iban": "DE89"}'}
    assert expected(loaded, payload).expectation is Expectation.ACCEPT
    other = payload | {"bank": {"accounts": [{"iban": "DE88"}]}}
    assert expected(loaded, other).expectation is Expectation.UNSPECIFIED


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (
            {"format": "iban"},
            "properties/one/type: no invoice .*: one is of the unknown format iban",
        ),
        ({"format": "iban", "example": 5}, "without a valid example"),
        ({"minLength": 9, "maxLength": 5}, "properties/one/maxLength: .* one breaks one.maxLength"),
    ],
)
def test_why_no_invoice_can_be_made_is_told_with_line_and_pointer(
    change: dict[str, Json], words: str, tmp_path: Path
) -> None:
    """Those of the clause that none keeps."""
    alteration = Alteration(lambda parts: parts.add("one", {"type": "string", **change}))
    with pytest.raises(FileError, match=rf"\.yaml:[0-9]+: #/components/.*{words}"):
        check_valid(alteration.load(tmp_path), ANYWHERE)


def test_an_example_of_the_document_stands_for_what_the_reading_does_not_know(
    tmp_path: Path,
) -> None:
    """A required property of any text is sent as the document shows it, and in no other way: a
    server may know no other. Without an example, or with an invalid one, any text will do.
    """
    field = "        currency:\n          type: string\n          example: EUR\n"
    loaded = altered(
        tmp_path,
        (REMARKS, REMARKS + field),
        ("        - due_date\n", "        - due_date\n        - currency\n"),
    )
    assert plain_invoice(loaded, ANYWHERE)["currency"] == "EUR"
    assert loaded.left_out == ()
    assert "sent only as the document's example: currency (not in the reading)" in notes_of(loaded)
    another = plain_invoice(loaded, ANYWHERE) | {"currency": "USD"}
    assert expected(loaded, another).expectation is Expectation.UNSPECIFIED


THREE = "        currency:\n          type: string\n          maxLength: 3\n"


@pytest.mark.parametrize("example", ["", "          example: EURO\n"])
def test_what_no_valid_example_shows_is_sent_as_any_value(tmp_path: Path, example: str) -> None:
    """A server must take any then: nothing else would be known of a required property."""
    loaded = altered(
        tmp_path,
        (
            REMARKS,
            f"{REMARKS}{THREE}{example}",
        ),
        ("        - due_date\n", "        - due_date\n        - currency\n"),
    )
    assert "sent as any value: currency (not in the reading)" in notes_of(loaded)
    payload = plain_invoice(loaded, ANYWHERE) | {"currency": "USD"}
    assert expected(loaded, payload).expectation is Expectation.ACCEPT


def test_a_document_without_a_valid_invoice_is_one_sentence(tmp_path: Path) -> None:
    """A run by it would be green whatever the server does; the sentence names the property."""
    loaded = altered(
        tmp_path,
        ("            - PAID\n", "            - OPEN\n"),
        ("            - PENDING\n            - PARTIALLY_PAID\n            - OVERPAID\n", ""),
        ("        - total_amount\n      p", "        - total_amount\n        - status\n      p"),
    )
    assert why_not_valid(loaded, ANYWHERE).startswith("status is OPEN")
    run = suite("--document", str(tmp_path / "altered.yaml"), "--collect-only")
    assert run.status == 4
    assert "no invoice can be made that every server must accept" in run.output
    assert "without a run): status is OPEN" in run.output
