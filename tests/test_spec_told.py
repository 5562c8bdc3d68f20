"""What of another version nobody can judge, or the reading says otherwise, is told before a run."""

import json
from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import pytest

from run.notes import notes_of
from spec.coherence import STATES
from spec.contract import DOCUMENT, READING, Contract, load
from spec.expectation import Expectation
from spec.yamlfile import FileError
from strategies.acceptance.edges import edges
from strategies.invalid import near_misses
from strategies.invoice import check_valid
from strategies.relations import with_status
from tests.exchanges import CONTRACT, invoice
from tests.invoices import ANYWHERE
from tests.versions.edited import expected
from tests.versions.parts import Alteration, Parts, changed, in_items, of_3_1, statuses

CANCELLED = statuses(*STATES, "CANCELLED")


def told_of(loaded: Contract) -> list[str]:
    """What is told of a version, but for what is told of all that list errors as today."""
    return [note for note in notes_of(loaded) if "client error that this document" not in note]


def states(tmp_path: Path, agreeing: Mapping[str, list[str]]) -> Contract:
    """A version with another state, and a reading that says when it agrees."""
    return Alteration(CANCELLED.edit, agreeing=agreeing).load(tmp_path)


def test_a_state_that_agrees_with_no_amounts_is_named(tmp_path: Path) -> None:
    """It is in no valid invoice, and a person is told how to change that."""
    loaded = states(tmp_path, {})
    said = "not sent: status CANCELLED, whose amounts the suite does not know; say in a reading"
    assert any(note.startswith(said) for note in notes_of(loaded))
    assert expected(loaded, invoice() | {"status": "CANCELLED"}).expectation is (
        Expectation.UNSPECIFIED
    )
    assert notes_of(CONTRACT) == []


@pytest.mark.parametrize("required", [True, False])
def test_a_new_enumeration_is_named(tmp_path: Path, *, required: bool) -> None:
    """A CREDIT_NOTE may need what nobody knows, and is sent all the same."""
    kind = {"type": "string", "enum": ["INVOICE", "CREDIT_NOTE"]}
    edit = Alteration(lambda parts: parts.add("invoice_type", kind, required=required))
    said = "sent with each value that the document lists: invoice_type (not in the reading; "
    assert any(note.startswith(said) for note in notes_of(edit.load(tmp_path)))


def test_names_that_are_gone_may_be_new_ones(tmp_path: Path) -> None:
    """A reading can say so, and a line says how; without new properties there is nothing to say."""

    def rename(parts: Parts) -> None:
        parts.drop("total_amount")
        parts.add("grand_total", {"type": "number", "example": 100})

    said = "not in this document: total_amount; if they are called otherwise there, say so in x-ren"
    assert any(note.startswith(said) for note in notes_of(Alteration(rename).load(tmp_path)))
    without = Alteration(lambda parts: parts.drop("total_amount")).load(tmp_path)
    assert not any(note.startswith("not in this document") for note in notes_of(without))


def test_a_reference_leads_to_a_definition_in_a_schema(tmp_path: Path) -> None:
    """`$defs` of OpenAPI 3.1: what it holds is judged where it is used."""

    def define(parts: Parts) -> None:
        parts.request["$defs"] = {"reference": {"type": "string", "maxLength": 64}}
        at = "#/components/schemas/dtos.InvoiceCreateRequest/$defs/reference"
        parts.request["properties"]["reference_id"] = {"$ref": at}

    loaded = of_3_1(define).load(tmp_path)
    check_valid(loaded, ANYWHERE)
    assert loaded.named("reference_id.maxLength").operand == 64
    assert expected(loaded, invoice() | {"reference_id": "x" * 65}).expectation is (
        Expectation.REJECT
    )


def test_a_reading_says_with_what_amounts_a_state_agrees(tmp_path: Path) -> None:
    """Then it has to be accepted with them, and no others, and every run sends it."""
    loaded = states(tmp_path, {"CANCELLED": ["PENDING", "PAID"]})
    assert told_of(loaded) == []
    state, total = loaded.relations.state, Decimal(100)
    assert "CANCELLED" in state.agreeing(Decimal(0), total)
    assert "CANCELLED" in state.agreeing(total, total)
    assert "CANCELLED" not in state.agreeing(Decimal(5), total)
    made = with_status(loaded, invoice(), "CANCELLED")
    assert made["status"] == "CANCELLED"
    assert expected(loaded, made).expectation is Expectation.ACCEPT
    sent = edges(loaded, ANYWHERE, loaded.named("status.enum"))
    assert any("CANCELLED" in str(each) for each in sent)


def test_an_answer_may_have_each_state_that_a_request_may(tmp_path: Path) -> None:
    """The reading means so, whatever states a version has."""
    loaded = states(tmp_path, {})
    operand = loaded.named("201.data.status.enum").operand
    assert operand == ["PAID", "PENDING", "PARTIALLY_PAID", "OVERPAID", "CANCELLED"]


@pytest.mark.parametrize(
    ("said", "words"),
    [
        ("{CANCELED: [PAID]}", "the document has no new state 'CANCELED'."),
        ("{PAID: [PENDING]}", "the document has no new state 'PAID'."),
        ("{CANCELLED: [VOID]}", "x-agreeing maps each new state to a list of some of PENDING"),
        ("{CANCELLED: []}", "x-agreeing maps each new state"),
        ("{CANCELLED: PAID}", "x-agreeing maps each new state"),
        ("[CANCELLED]", "x-agreeing maps each new state"),
    ],
)
def test_a_wrong_state_is_one_sentence_with_its_line(said: str, words: str, tmp_path: Path) -> None:
    """A misspelled one would be left out, and nobody would know."""
    path, text = tmp_path / "reading.yaml", READING.read_text()
    path.write_text(f"{text}x-agreeing: {said}\n")
    with pytest.raises(FileError) as raised:
        load(CANCELLED.write(tmp_path / "openapi.yaml"), path)
    assert str(raised.value).startswith(f"{path}:{len(text.splitlines()) + 1}: ")
    assert words in str(raised.value)


@pytest.mark.parametrize(
    ("alteration", "said"),
    [
        (changed("paid_amount", {"minimum": -100}), "paid_amount.minimum: -100 ("),
        (changed("url", {"maxLength": 3000}), "url.maxLength: 3000 ("),
        (changed("items", {"maxItems": 200}), "items.maxItems: 200 ("),
        (in_items("quantity", {"maximum": 2 * 10**6}), "items[].quantity.maximum: 2000000 ("),
    ],
)
def test_a_limit_that_the_reading_hides_is_told(
    alteration: Alteration, said: str, tmp_path: Path
) -> None:
    """What the document allows beyond it need not be accepted, and so is not asked."""
    loaded = alteration.load(tmp_path)
    (note,) = told_of(loaded)
    assert note.startswith(f"the reading overrides {said}{tmp_path}/openapi.yaml:")
    assert f" there ({tmp_path}/reading.yaml:" in note
    name = said.partition(":")[0]
    one = loaded.named(name)
    assert (one.level, one.file) == ("MUST", f"{tmp_path}/openapi.yaml")
    assert near_misses(loaded, ANYWHERE, one)


def test_a_stricter_limit_than_the_readings_is_not_told(tmp_path: Path) -> None:
    """It holds."""
    assert told_of(changed("url", {"maxLength": 300}).load(tmp_path)) == []


@pytest.mark.parametrize(
    ("change", "keyword"),
    [
        ({"minimum": 5, "multipleOf": 5}, "minimum"),
        ({"minimum": 3, "maximum": 12, "multipleOf": 5}, "minimum"),
        ({"minimum": 3, "maximum": 12, "multipleOf": 5}, "maximum"),
        ({"minimum": 3, "maximum": 12, "multipleOf": 5}, "multipleOf"),
        ({"minimum": 7, "multipleOf": 7}, "multipleOf"),
    ],
)
def test_a_near_miss_of_a_bound_is_still_a_multiple(
    change: dict[str, int], keyword: str, tmp_path: Path
) -> None:
    """And the other way round, so that it breaks one requirement alone."""
    loaded = in_items("quantity", change).load(tmp_path)
    one = loaded.named(f"items[].quantity.{keyword}")
    cases = near_misses(loaded, ANYWHERE, one)
    assert cases
    for case in cases:
        assert expected_of(loaded, case.body) == [one.name], case.name


def expected_of(loaded: Contract, body: bytes) -> list[str]:
    """The names of the requirements that a body breaks."""
    return [breach.requirement.name for breach in expected(loaded, json.loads(body)).breaches]


NULL = {"type": "null"}
TEXT = {"type": "string", "maxLength": 9}


@pytest.mark.parametrize(
    ("schema", "valid", "invalid"),
    [
        ({"anyOf": [TEXT, NULL]}, [None, "a"], ["a" * 10, 5]),
        ({"oneOf": [NULL, TEXT]}, [None, "a"], ["a" * 10, 5]),
        ({"anyOf": [TEXT, {"const": None}]}, [None, "a"], [5]),
        ({"oneOf": [TEXT, NULL, {"type": "integer"}]}, [None, "a", 5], ["a" * 10, 1.5]),
        ({"anyOf": [{"type": "string", "enum": ["a"]}, NULL]}, [None, "a"], ["b", 5]),
    ],
)
def test_an_alternative_of_null_is_what_may_be_null(
    schema: dict[str, object], valid: list[object], invalid: list[object], tmp_path: Path
) -> None:
    """As OpenAPI 3.1 says it, for it has no `nullable`."""
    loaded = of_3_1(lambda parts: parts.add("extra", schema, required=False)).load(tmp_path)
    for value in valid:
        assert expected(loaded, invoice() | {"extra": value}).breaches == (), value
    for value in invalid:
        assert expected(loaded, invoice() | {"extra": value}).breaches, value
    check_valid(loaded, ANYWHERE)


@pytest.mark.parametrize(
    ("renamed", "words"),
    [
        ("{total_amount: paid_amount}", "'paid_amount' is what 'paid_amount' of the known"),
        ("{'items[].sku': name}", "'items[].name' is what 'items[].name' of the known"),
        ("{remarks: url, url: url}", "'url' is what 'url' of the known"),
    ],
)
def test_a_new_name_that_another_property_has_is_one_sentence(
    renamed: str, words: str, tmp_path: Path
) -> None:
    """A relation would take one property for two."""
    path, text = tmp_path / "reading.yaml", READING.read_text()
    path.write_text(f"{text}x-renamed: {renamed}\n")
    with pytest.raises(FileError) as raised:
        load(DOCUMENT, path)
    assert str(raised.value).startswith(f"{path}:{len(text.splitlines()) + 1}: ")
    assert words in str(raised.value)


def test_a_reading_that_allows_no_invoice_is_one_sentence_with_its_line(tmp_path: Path) -> None:
    """It says which line of the reading is to blame."""
    path, text = tmp_path / "reading.yaml", READING.read_text()
    target = "$.components.schemas['dtos.InvoiceCreateRequest'].properties.total_amount"
    action = f"  - target: {target}\n    description: Why.\n    update:\n      maximum: -1\n"
    path.write_text(text + action)
    with pytest.raises(FileError) as raised:
        check_valid(load(DOCUMENT, path), ANYWHERE)
    place = f"{path}:{len((text + action).splitlines())}: #/actions/"
    assert str(raised.value).startswith(place)
    assert "/update/maximum: no invoice" in str(raised.value)
    assert "total_amount" in str(raised.value)
