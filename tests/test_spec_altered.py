"""Another version of the vendor's document is judged by what it says, without a change of code."""

import json
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path

import pytest
import yaml

from spec import contract
from spec.contract import DOCUMENT, READING
from spec.expectation import Expectation
from spec.operation import is_of_type
from spec.yamlfile import FileError
from strategies.invoice import check_valid, plain_invoice, why_not_valid
from tests.exchanges import CONTRACT, Change, Json, answer_to, drop, found, invoice, put
from tests.invoices import ANYWHERE
from tests.running import suite
from tests.versions.catalogue import ALTERATIONS
from tests.versions.edited import (
    ANSWERED_REMARKS,
    ITEMS,
    PAID,
    QUANTITY,
    REMARKS,
    STATUS,
    TEXT,
    URL,
    Edit,
    altered,
    broken,
    changes,
    expected,
    judged,
    sentence_of,
)
from tests.versions.parts import Alteration, Parts


def test_an_added_optional_field_has_requirements_and_need_not_be_accepted(tmp_path: Path) -> None:
    """Type and length are requirements; of what else a server asks the reading says nothing."""
    currency = "        currency:\n          type: string\n          maxLength: 3\n"
    loaded = altered(tmp_path, (REMARKS, REMARKS + currency))
    assert changes(loaded) == ({"currency.type", "currency.maxLength"}, set())
    assert broken(loaded, invoice() | {"currency": 5}) == ["currency.type"]
    assert broken(loaded, invoice() | {"currency": "EURO"}) == ["currency.maxLength"]
    assert expected(loaded, invoice()).expectation is Expectation.ACCEPT
    assert loaded.left_out == (("currency",),)
    sent = expected(loaded, invoice() | {"currency": "EUR"})
    assert sent.expectation is Expectation.UNSPECIFIED
    assert sent.unspecified == frozenset()
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
    assert found(judged(loaded, payload, answer_to(payload))) == []
    answer = answer_to(payload)
    put("data", "currency", value="USD")(answer)
    assert found(judged(loaded, payload, answer)) == [("201.data.currency.echo", "Echo mismatch")]


@pytest.mark.parametrize(
    ("kind", "valid", "unspecified"),
    [
        ("string", "a" * 300, "\0"),
        ("number", 12.34, 1e300),
        ("number", 0, -1),
        ("number", 0, 0.001),
        ("integer", 5, 10**9),
        ("integer", 5, 0),
    ],
)
def test_the_reading_bounds_an_added_required_field_by_its_type(
    kind: str, valid: Json, unspecified: Json, tmp_path: Path
) -> None:
    """Nobody has promised control characters or huge numbers in the new field: unspecified."""
    loaded = altered(
        tmp_path,
        (REMARKS, REMARKS + f"        extra:\n          type: {kind}\n"),
        ("        - due_date\n", "        - due_date\n        - extra\n"),
    )
    assert expected(loaded, invoice() | {"extra": valid}).expectation is Expectation.ACCEPT
    unusual = expected(loaded, invoice() | {"extra": unspecified})
    assert unusual.expectation is Expectation.UNSPECIFIED


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
    answer = answer_to(payload)
    assert found(judged(loaded, payload, answer)) == []
    put("data", "buyer", "city", value="Oslo")(answer)
    put("data", "tags", value=["b", "a"])(answer)
    assert [name for name, _ in found(judged(loaded, payload, answer))] == [
        "201.data.buyer.city.echo",
        "201.data.tags.echo",
    ]


@pytest.mark.parametrize(
    ("edit", "change", "name", "operand"),
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
def test_a_stricter_limit_holds_where_the_reading_is_looser(
    edit: Edit, change: Change, name: str, operand: int, tmp_path: Path
) -> None:
    """The changed limit is the requirement's operand and what a payload is judged by."""
    loaded = altered(tmp_path, edit)
    payload = invoice()
    change(payload)
    assert loaded.named(name).operand == operand
    assert broken(loaded, payload) == [name]


def test_a_looser_limit_makes_longer_text_valid(tmp_path: Path) -> None:
    """What the document newly allows must be accepted unless the reading excludes it."""
    loaded = altered(tmp_path, (REMARKS, REMARKS.replace("255", "300")))
    assert expected(loaded, invoice() | {"remarks": "a" * 300}).expectation is Expectation.ACCEPT
    assert broken(loaded, invoice() | {"remarks": "a" * 301}) == ["remarks.maxLength"]


def test_a_property_that_is_no_longer_required_may_be_left_out(tmp_path: Path) -> None:
    """An invoice without it is valid, and a date that a server fills in is judged."""
    loaded = altered(tmp_path, ("        - due_date\n", ""))
    assert changes(loaded) == ({"201.data.due_date.date-time"}, {"due_date.required"})
    payload = invoice()
    drop("due_date")(payload)
    assert expected(loaded, payload).expectation is Expectation.ACCEPT


def test_an_added_enum_member_may_come_back_only_where_it_was_sent(tmp_path: Path) -> None:
    """Which amounts it agrees with is unspecified; its echo is not a violation."""
    loaded = altered(tmp_path, (STATUS, STATUS + "            - REFUNDED\n"))
    assert changes(loaded) == (set(), set())
    payload = invoice() | {"status": "REFUNDED"}
    assert broken(loaded, payload) == []
    assert expected(loaded, payload).expectation is Expectation.UNSPECIFIED
    assert found(judged(loaded, payload, answer_to(payload))) == []
    assert broken(loaded, invoice() | {"status": "LOST"}) == ["status.enum"]
    unasked = invoice()
    drop("status")(unasked)
    answer = answer_to(unasked)
    put("data", "status", value="LOST")(answer)
    assert found(judged(loaded, unasked, answer)) == [("201.data.status.enum", "Answer shape")]


@pytest.mark.parametrize(
    ("schema", "left_out"),
    [
        ("{type: boolean}", False),
        ("{type: string, enum: [EUR, USD]}", False),
        ("{type: number}", True),
        ("{type: string, format: uuid}", True),
        ("{type: object, properties: {city: {type: string}}}", True),
        ("{type: array, items: {type: string}}", True),
    ],
)
def test_a_new_optional_property_is_left_out_unless_its_values_are_listed(
    schema: str,
    left_out: bool,  # noqa: FBT001 - a column of the table
    tmp_path: Path,
) -> None:
    """A number may count into the total, a text may have to exist; a flag is what it is."""
    loaded = altered(tmp_path, (REMARKS, f"{REMARKS}        extra: {schema}\n"))
    assert (loaded.left_out == (("extra",),)) is left_out
    assert why_not_valid(loaded, ANYWHERE) == ""
    assert ("extra" in plain_invoice(loaded, ANYWHERE)) is not left_out


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
    assert "sent only as the document's example: a_vat-number" in " ".join(loaded.notes)


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
    assert "sent only as the document's example: currency (not in the reading)" in loaded.notes
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
    assert "sent as any value: currency (not in the reading)" in loaded.notes
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


def test_a_renamed_schema_is_narrowed_all_the_same(tmp_path: Path) -> None:
    """The reading finds it by what it is there for."""
    path = tmp_path / "altered.yaml"
    path.write_text(TEXT.replace("dtos.", "models.").replace("errors.HttpError", "Fault"))
    loaded = contract.load(path)
    assert loaded.passed_over == ()
    assert loaded.narrowed_schema == CONTRACT.narrowed_schema
    assert [one.name for one in loaded.requirements] == [one.name for one in CONTRACT.requirements]


def test_an_action_whose_subject_is_gone_is_passed_over_and_told(tmp_path: Path) -> None:
    """One that selects nothing in the vendor's own document either is a mistake."""
    loaded = altered(tmp_path, (URL, ""))
    (place,) = loaded.passed_over
    assert place.startswith("spec/reading.yaml:")
    reading = tmp_path / "reading.yaml"
    reading.write_text(READING.read_text().replace("properties.url", "properties.uri"))
    for document in (DOCUMENT, tmp_path / "altered.yaml"):
        with pytest.raises(FileError, match=r"properties\.uri selects nothing"):
            contract.load(document, reading)


@pytest.mark.parametrize(
    ("status", "instead", "refusals"),
    [("400", "422", {422}), ("400", "4XX", {400, 422}), ("400", "default", {400, 422})],
)
def test_another_status_for_what_is_invalid_is_expected_where_it_is_documented(
    status: str, instead: str, refusals: set[int], tmp_path: Path
) -> None:
    """422 for 400, or any client error."""
    loaded = altered(tmp_path, (f"        '{status}':\n", f"        '{instead}':\n"))
    assert loaded.refusals == refusals
    assert expected(loaded, []).statuses == refusals
    assert loaded.named("4xx.status").pointer.endswith(f"/{instead}")


@pytest.mark.parametrize(
    ("kind", "documented", "known"),
    [
        ("application/json", {"*/*"}, True),
        ("application/problem+json; charset=utf-8", {"application/*"}, True),
        ("Application/JSON;charset=utf-8", {"application/json"}, True),
        ("text/plain", {"application/*"}, False),
        ("application/problem+json", {"application/json"}, False),
        ("none", {"*/*"}, False),
    ],
)
def test_a_media_type_is_of_a_documented_range(
    kind: str, documented: set[str], *, known: bool
) -> None:
    """An answer that says none is of none."""
    assert is_of_type(kind, documented) is known


def test_answers_of_any_media_type_are_judged_as_json(tmp_path: Path) -> None:
    """As some frameworks document them; the schema is the same."""
    loaded = ALTERATIONS["answers of any media type"].load(tmp_path)
    assert changes(loaded) == (set(), set())
    answer = answer_to(invoice())
    assert judged(loaded, invoice(), answer).violations == ()
    del answer["data"]["remarks"]
    assert [one.requirement.name for one in judged(loaded, invoice(), answer).violations] == [
        "201.data.remarks.echo"
    ]


def test_a_path_of_the_servers_belongs_to_the_address(tmp_path: Path) -> None:
    """`/v1` and `/invoices` are `/v1/invoices`."""
    loaded = altered(
        tmp_path,
        ("  /v1/invoices:\n", "  /invoices:\n"),
        ("  - url: https://api.wizcommerce.com\n", "  - url: https://api.wizcommerce.com/v1/\n"),
    )
    assert loaded.path == "/v1/invoices"
    assert changes(loaded) == (set(), set())
    assert loaded.passed_over == ()


@pytest.mark.parametrize(
    ("path", "base", "sent"),
    [
        ("/v2/invoices", "", "/v2/invoices"),
        ("/invoices", "/v2", "/v2/invoices"),
        ("/v2/billing/invoices", "/api", "/v2/billing/invoices"),
    ],
)
def test_the_only_path_that_takes_invoices_is_the_one(
    path: str, base: str, sent: str, tmp_path: Path
) -> None:
    """A version in the servers' path is a part of it; the reading finds its subjects there."""
    server = f"  - url: https://api.wizcommerce.com{base}\n"
    loaded = altered(
        tmp_path,
        ("  /v1/invoices:\n", f"  {path}:\n"),
        ("  - url: https://api.wizcommerce.com\n", server),
    )
    assert loaded.path == sent
    assert changes(loaded) == (set(), set())
    assert loaded.notes[0].startswith(f"sent to {sent}")
    assert loaded.passed_over == ()


def test_of_two_paths_that_take_invoices_none_is_taken(tmp_path: Path) -> None:
    """A sentence says so, as where none is."""
    document = Alteration(lambda _: None).document()
    post = document["paths"].pop("/v1/invoices")
    document["paths"] = {"/v2/invoices": post, "/v2/bills": deepcopy(post)}
    path = tmp_path / "openapi.yaml"
    path.write_text(json.dumps(document))
    assert "does not document POST /v1/invoices, and has 2 others" in sentence_of(path)


def test_a_template_of_servers_lists_each_of_its_few_values(tmp_path: Path) -> None:
    """A variable without a list of values stays in its braces."""
    url = "  - url: https://{region}.wizcommerce.com/{base}\n    variables:\n"
    loaded = altered(
        tmp_path,
        (
            "servers:\n",
            f"servers:\n{url}      region: {{enum: [eu, us]}}\n      base: {{default: v1}}\n",
        ),
    )
    assert [url for url, _ in loaded.operation.servers[:2]] == [
        "https://eu.wizcommerce.com/{base}",
        "https://us.wizcommerce.com/{base}",
    ]


AS_JSON = json.dumps(yaml.safe_load(TEXT), indent=1)
PAGES = {
    "JSON": ("", "", AS_JSON),
    "JSON in one line": ("", "", json.dumps(yaml.safe_load(TEXT))),
    "a quote": ("> ", "> ", TEXT),
    "a quote without blanks": (">", ">", TEXT),
    "an indented block": ("    ", "    ", TEXT),
    "an entry of a list": ("1. ", "   ", TEXT),
    "an entry of another list": ("  - ", "    ", AS_JSON),
    "a tab": ("\t", "\t", TEXT),
    "a quoted key": ("", "", TEXT.replace("openapi:", '"openapi":', 1)),
}


@pytest.mark.parametrize("kind", PAGES)
def test_a_document_in_any_block_of_a_page_is_read(kind: str, tmp_path: Path) -> None:
    """After other blocks, at the lines of the page, whatever stands before each line of it."""
    first, margin, text = PAGES[kind]
    lines = [f"{margin}{line}".rstrip() if line else margin.rstrip() for line in text.splitlines()]
    head = ["# Page", "```json", '{"a": 1}', "```", "", "~~~", "openapi is not here", "~~~"]
    block = [f"{first}```yaml", *lines, f"{margin}```"]
    page = tmp_path / "page.md"
    page.write_text("\n".join([*head, *block, "", "More: text", ""]))
    loaded = contract.load(page)
    assert changes(loaded) == (set(), set())
    alone = tmp_path / "alone.yaml"
    alone.write_text(text)
    line = contract.load(alone).named("remarks.maxLength").line
    assert loaded.named("remarks.maxLength").line == line + len(head) + 1


def test_a_block_within_a_document_is_a_part_of_it(tmp_path: Path) -> None:
    """A description may show another document."""
    shown = "openapi: 3.0.0\ninfo:\n  x-shown: |-\n    ```yaml\n    openapi: 2\n    ```"
    path = tmp_path / "new.yaml"
    path.write_text(TEXT.replace("openapi: 3.0.0\ninfo:", shown, 1))
    assert changes(contract.load(path)) == (set(), set())


def test_the_page_of_the_vendor_is_a_document(tmp_path: Path) -> None:
    """Markdown with the YAML in it; the lines are those of the page."""
    head = "# Create Invoice\n\n> Create Invoice\n\n````yaml post /v1/invoices\n"
    page = tmp_path / "create-invoice.md"
    page.write_text(f"{head}{TEXT}````\n\nMore text: with a colon\n")
    loaded = contract.load(page)
    assert changes(loaded) == (set(), set())
    line = CONTRACT.named("remarks.maxLength").line + head.count("\n")
    assert loaded.named("remarks.maxLength").line == line
