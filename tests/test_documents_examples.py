"""An example that its own schema or format refuses is not taken for a valid value, and is told."""

from collections.abc import Callable
from pathlib import Path

import pytest

from run.notes import notes_of
from spec import contract
from spec.expectation import Expectation
from spec.schema.formats import FORMATS
from spec.yamlfile import FileError
from strategies.acceptance.valid import valid
from strategies.invoice import check_valid, complete_invoice, plain_invoice, usual_value
from tests.exchanges import FACTS
from tests.invoices import drawn
from tests.versions.edited import expected
from tests.versions.parts import Alteration, Parts, Schema, in_items, parameter

Edit = Callable[[Parts], object]
WRONG = {
    "uuid": "INV-20250101",
    "email": "ada",
    "date": "tomorrow",
    "date-time": "2025-01-01",
    "time": "noon",
    "uri": "example.com",
    "hostname": "-",
    "ipv4": "192.0.2",
    "byte": "?",
}
"""By format, what has it not."""


def _told(loaded: contract.Contract) -> list[str]:
    return [note for note in notes_of(loaded) if "no example of" in note]


@pytest.mark.parametrize("name", WRONG)
def test_an_example_without_its_format_is_not_sent(name: str, tmp_path: Path) -> None:
    """The plain invoice has another value, and the line above the run says where and why."""
    schema = {"type": "string", "format": name, "example": WRONG[name]}
    loaded = Alteration(lambda parts: parts.add("one", schema)).load(tmp_path)
    check_valid(loaded, FACTS)
    payload = plain_invoice(loaded, FACTS)
    assert FORMATS[name].fits(payload["one"])
    other = expected(loaded, payload | {"one": WRONG[name]})
    assert other.expectation is Expectation.UNSPECIFIED
    (note,) = _told(loaded)
    place, pointer, words = note.split(": ", 2)
    assert place.startswith(f"{tmp_path / 'openapi.yaml'}:")
    assert pointer.endswith("/properties/one")
    assert words == f"no example of one is taken from here: it is not {FORMATS[name].meaning}"


TOLD: dict[str, tuple[Edit, str]] = {
    "an optional property": (
        lambda parts: parts.add(
            "one", {"type": "string", "format": "uuid", "example": "1"}, required=False
        ),
        "no example of one is taken from here: it is not a UUID with hyphens",
    ),
    "a known property": (
        lambda parts: parts.property("order_id").update(format="uuid"),
        "no example of order_id is taken from here: it is not a UUID with hyphens",
    ),
    "a property of items": (
        in_items("sku", {"maxLength": 3}).edit,
        "no example of items[].sku is taken from here: it breaks maxLength 3",
    ),
    "an invoice beside its schema": (
        lambda parts: parts.body["content"]["application/json"].update(
            example={"items": [{"sku": 5}]}
        ),
        "no example of items[].sku is taken from here: it breaks type string",
    ),
    "a parameter": (
        parameter("query", "q", {"type": "string", "format": "uuid"}, example="x").edit,
        "no example of query.q is taken from here: it is not a UUID with hyphens",
    ),
    "other states": (
        lambda parts: parts.property("status").update(enum=["PENDING"]),
        'no example of status is taken from here: it breaks enum ["PENDING"]',
    ),
}


@pytest.mark.parametrize("name", TOLD)
def test_an_example_that_is_no_value_is_told(name: str, tmp_path: Path) -> None:
    """Once, with its place, by keyword or format."""
    edit, words = TOLD[name]
    (note,) = _told(Alteration(edit).load(tmp_path))
    assert note.endswith(words)


def test_the_example_of_a_parameter_without_its_format_is_not_sent(tmp_path: Path) -> None:
    """Another value is."""
    loaded = Alteration(TOLD["a parameter"][0]).load(tmp_path)
    (one,) = loaded.parameters
    assert FORMATS["uuid"].fits(usual_value(one.parameter))


RIGHT: dict[str, Edit] = {
    "today's": lambda _: None,
    "a uuid": lambda parts: parts.add(
        "one",
        {"type": "string", "format": "uuid", "example": "7f3a91c2-0b1d-4e5f-8a6b-1c2d3e4f5a6b"},
    ),
    "an unknown format": lambda parts: parts.add(
        "one", {"type": "string", "format": "iban", "example": "DE89"}
    ),
    "a part of an invoice": lambda parts: parts.request.update(example={"order_id": "ORD-1"}),
    "null where it may be": lambda parts: parts.property("remarks").update(
        nullable=True, example=None
    ),
}


@pytest.mark.parametrize("name", RIGHT)
def test_an_example_that_is_a_value_is_not_told(name: str, tmp_path: Path) -> None:
    """What an example lacks says nothing of what it has."""
    assert _told(Alteration(RIGHT[name]).load(tmp_path)) == []


AHEAD = r"^(?=.*\d)[A-Z0-9]{8}$"
"""A pattern that looks ahead, for which no text is found by drawing."""


def _looking_ahead(name: str, example: str) -> Alteration:
    return Alteration(lambda parts: parts.property(name).update(pattern=AHEAD, example=example))


@pytest.mark.parametrize("name", ["invoice_number", "order_id", "remarks"])
def test_the_documents_example_is_sent_where_no_other_text_of_a_pattern_is_found(
    name: str, tmp_path: Path
) -> None:
    """So the run begins, for a document that shows what it means."""
    loaded = _looking_ahead(name, "ABC12345").load(tmp_path)
    check_valid(loaded, FACTS)
    payload = complete_invoice(loaded)
    assert payload[name] == "ABC12345"
    assert expected(loaded, payload).expectation is Expectation.ACCEPT


@pytest.mark.parametrize("example", ["ABCDEFGH", "ABC"])
def test_an_example_that_breaks_the_pattern_is_not_sent(example: str, tmp_path: Path) -> None:
    """Nothing can be sent then that must be accepted, and the run does not begin."""
    loaded = _looking_ahead("invoice_number", example).load(tmp_path)
    with pytest.raises(FileError, match="no invoice can be made"):
        check_valid(loaded, FACTS)


DAYS: dict[str, Schema] = {
    "a pattern": {"pattern": r"^\d{4}-\d{2}-\d{2}$"},
    "a length": {"maxLength": 10},
}


@pytest.mark.parametrize("name", [*DAYS, "a pattern and a format"])
def test_a_date_that_takes_a_day_and_no_moment_is_a_day(name: str, tmp_path: Path) -> None:
    """Without a format, too: the reading has moments there, which nobody could send."""
    said = DAYS.get(name, DAYS["a pattern"] | {"format": "date"})

    def edit(parts: Parts) -> None:
        known = {"type": "string", "example": "2025-01-01"}
        parts.request["properties"]["due_date"] = known | said

    loaded = Alteration(edit).load(tmp_path)
    check_valid(loaded, FACTS)
    for payload in (plain_invoice(loaded, FACTS), *drawn(valid(loaded, FACTS), 20)):
        assert FORMATS["date"].fits(payload["due_date"])
    day, moment = (
        expected(loaded, plain_invoice(loaded, FACTS) | {"due_date": text})
        for text in ("2025-02-03", "2025-02-03T00:00:00Z")
    )
    assert day.expectation is Expectation.ACCEPT
    assert moment.expectation is Expectation.REJECT


@pytest.mark.parametrize("pattern", [r"^\d{4}-\d{2}-\d{2}T[\d:]{8}Z$", r"^\d{4}-", "^[0-9TZ:-]+$"])
def test_a_date_that_takes_a_moment_is_one(pattern: str, tmp_path: Path) -> None:
    """Whatever else its pattern takes."""
    edit = Alteration(lambda parts: parts.property("due_date").update(pattern=pattern))
    loaded = edit.load(tmp_path)
    check_valid(loaded, FACTS)
    for payload in (plain_invoice(loaded, FACTS), *drawn(valid(loaded, FACTS), 20)):
        assert FORMATS["date-time"].fits(payload["due_date"])


DATES: dict[str, Schema] = {
    "a day": {"type": "string", "format": "date", "example": "2025-01-01"},
    "a moment": {"type": "string", "format": "date-time", "example": "2025-01-01T00:00:00Z"},
}


@pytest.mark.parametrize("name", DATES)
def test_an_invoice_does_not_fall_due_before_the_example_of_another_date(
    name: str, tmp_path: Path
) -> None:
    """Which it must have, and of which nobody knows what it is: the run begins all the same."""
    loaded = Alteration(lambda parts: parts.add("issued", DATES[name])).load(tmp_path)
    check_valid(loaded, FACTS)
    for payload in (plain_invoice(loaded, FACTS), *drawn(valid(loaded, FACTS), 20)):
        assert expected(loaded, payload).expectation is Expectation.ACCEPT
    early = plain_invoice(loaded, FACTS) | {"due_date": "2024-07-31T00:00:00Z"}
    assert expected(loaded, early).expectation is Expectation.UNSPECIFIED


def test_a_pattern_says_how_many_places_a_decimal_has(tmp_path: Path) -> None:
    """The reading has two: no invoice could be made of a version with three."""
    schema = {"type": "string", "format": "decimal", "pattern": r"^\d{1,4}\.\d{3}$"}
    example = {"example": "1.250"}
    loaded = Alteration(lambda parts: parts.add("weight", schema | example)).load(tmp_path)
    check_valid(loaded, FACTS)
    assert plain_invoice(loaded, FACTS)["weight"] == "1.250"
    assert _told(loaded) == []
