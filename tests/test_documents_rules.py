"""A version whose prose says more of today's properties than their schemas do: what need not be
accepted then.
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given

from run.notes import notes_of
from spec.expectation import Expectation
from spec.prose.times import soon
from strategies.acceptance.valid import valid
from strategies.invoice import plain_invoice, why_not_valid
from tests.exchanges import FACTS, Json, invoice
from tests.invoices import ANYWHERE, DRAWS
from tests.versions.edited import expected
from tests.versions.parts import Alteration, Parts, changed

RULES = (
    ("remarks", "HTML is not allowed", "a <b> b"),
    ("remarks", "Letters and digits only", "a-b"),
    ("remarks", "Must be in English", "Größe"),
    ("remarks", "Text. Must not contain line breaks or quotes", 'a "b"'),
    ("url", "Must use https", "http://shop.example.com/"),
    ("url", "Only hosts of the merchant are accepted", "https://a.example.com/1"),
    ("reference_id", "May contain only letters, digits, dashes and underscores", "a/b c"),
    ("reference_id", "Must start with INV-", "a-1"),
    ("invoice_number", "Only digits", "A-17"),
    ("invoice_number", "Must be alphanumeric and unique", "A 17"),
    ("reference_id", "10 to 40 characters, A-Z, 0-9 and - only", "a/b c"),
    ("order_id", "Must start with ORD-", "7f3a"),
    ("order_id", "ORD- followed by eight digits", "7f3a"),
    ("order_id", "Of the form ORD-NNNN", "7f3a"),
    ("order_id", "Id of an existing order: ORD- followed by eight digits", "7f3a"),
    ("paid_amount", "Must be a multiple of the deposit", 120),
    ("due_date", "At most 365 days after created_at", "2060-02-29T00:00:00Z"),
    ("due_date", "Has to be a business day", "2060-02-29T00:00:00Z"),
)


@pytest.mark.parametrize(("name", "description", "value"), RULES)
def test_what_a_rule_may_forbid_need_not_be_accepted(
    name: str, description: str, value: Json, tmp_path: Path
) -> None:
    """One value alone must be, which is told with the line; a server may be right to refuse."""
    loaded = changed(name, {"description": f"What it is. {description}."}).load(tmp_path)
    assert why_not_valid(loaded, FACTS) == ""
    told = [one for one in notes_of(loaded) if one.startswith(f"said otherwise: {name} (")]
    assert len([one for one in told if "; not judged: any but " in one]) == 1
    plain = plain_invoice(loaded, FACTS)
    assert expected(loaded, plain).expectation is Expectation.ACCEPT
    other = {one: each for one, each in plain.items() if one != "status"} | {name: value}
    assert expected(loaded, other).expectation is Expectation.UNSPECIFIED


@pytest.mark.parametrize(
    ("name", "description"),
    [
        ("due_date", "At most 365 days after created_at"),
        ("paid_amount", "Must be a multiple of the deposit"),
        ("order_id", "Must start with ORD-"),
        ("invoice_number", "Must start with INV-"),
    ],
)
def test_what_is_drawn_keeps_a_rule(name: str, description: str, tmp_path: Path) -> None:
    """Each invoice must be accepted, with the one value that is left."""
    loaded = changed(name, {"description": description}).load(tmp_path)

    @DRAWS
    @given(valid(loaded, FACTS))
    def holds(payload: Json) -> None:
        assert expected(loaded, payload).expectation is Expectation.ACCEPT

    holds()


LIMITS = (
    ("remarks", "At most 40 characters", "a" * 40, "a" * 41),
    ("remarks", "Must be at least 3 characters long", "abc", "ab"),
    ("remarks", "Text; max. 20 chars", "a" * 20, "a" * 21),
    ("remarks", "Maximum length: 20", "a" * 20, "a" * 21),
    ("reference_id", "Must be unique, and no longer than 64 characters", None, "R" * 65),
    ("paid_amount", "Up to 1,000", 1000, 1000.01),
    ("paid_amount", "Must be positive", 0.01, 0),
    ("paid_amount", "Must be greater than 2.50", 2.51, 2.5),
    ("paid_amount", "Between 1 and 99.5", 99.5, 99.51),
    ("paid_amount", "At most one decimal place", 1.5, 1.55),
)


@pytest.mark.parametrize(("name", "description", "right", "beyond"), LIMITS)
def test_a_limit_in_prose_is_one(
    name: str, description: str, right: Json, beyond: Json, tmp_path: Path
) -> None:
    """All up to it must be accepted, and what is beyond it need not be."""
    loaded = changed(name, {"description": description}).load(tmp_path)
    plain = plain_invoice(loaded, FACTS)
    plain = {one: each for one, each in plain.items() if one != "status"}
    assert any(": read as " in one and name in one for one in notes_of(loaded))
    assert not any("not judged: any but" in one for one in notes_of(loaded))
    for value, what in ((right, Expectation.ACCEPT), (beyond, Expectation.UNSPECIFIED)):
        sent = plain if value is None else plain | {name: value}
        assert expected(loaded, sent).expectation is what


@pytest.mark.parametrize(
    ("name", "description"),
    [
        ("remarks", "Free text, shown only to the customer."),
        ("remarks", "Must not be empty."),
        ("remarks", "Cannot be changed later"),
        ("reference_id", "Must be unique"),
        ("invoice_number", "Duplicates are rejected"),
        ("due_date", "An RFC 3339 date-time; must not be before created_at"),
        ("order_id", "Must be an existing order"),
        ("total_amount", "Must equal the sum of the items."),
        ("paid_amount", "Must not be negative."),
        ("url", "Where the invoice can be seen"),
        ("remarks", "May not be shown to the customer. Maximum length 255"),
        ("remarks", "Text (max. 255)"),
        ("invoice_number", "The unique number of the invoice, up to 255 characters"),
        ("due_date", "By when it must be paid, in ISO 8601"),
        ("status", "Must agree with the amounts"),
    ],
)
def test_prose_that_forbids_nothing_more_leaves_all_as_it_is(
    name: str, description: str, tmp_path: Path
) -> None:
    """What must be accepted keeps it anyway, so that nothing is lost."""
    loaded = changed(name, {"description": description}).load(tmp_path)
    same = changed(name, {"description": "What it is"}).load(tmp_path)
    assert loaded.narrowed_schema == same.narrowed_schema
    assert not any("said otherwise" in one for one in notes_of(loaded))


@pytest.mark.parametrize(
    ("description", "left"),
    [
        ("Must be PENDING or PAID", ["PAID", "PENDING"]),
        ("OVERPAID is rejected", ["PAID", "PENDING", "PARTIALLY_PAID"]),
    ],
)
def test_a_member_that_prose_forbids_is_not_sent(
    description: str, left: list[str], tmp_path: Path
) -> None:
    """Others have to be accepted."""
    loaded = changed("status", {"description": description}).load(tmp_path)
    assert loaded.narrowed_schema["properties"]["status"]["enum"] == left
    assert why_not_valid(loaded, FACTS) == ""


def test_a_rule_of_items_leaves_the_fewest(tmp_path: Path) -> None:
    """Of one item nothing can be twice."""

    def edit(parts: Parts) -> None:
        parts.item["properties"]["sku"]["description"] = "Must be unique within the invoice"

    loaded = Alteration(edit).load(tmp_path)
    assert len(plain_invoice(loaded, FACTS)["items"]) == 1
    assert why_not_valid(loaded, FACTS) == ""
    assert expected(loaded, invoice()).expectation is Expectation.UNSPECIFIED


def test_a_choice_that_one_property_tells_of_is_kept(tmp_path: Path) -> None:
    """Today's is always sent, as where the description of the whole says so."""

    def edit(parts: Parts) -> None:
        parts.request["required"].remove("due_date")
        said = "Either due_date or payment_terms_days must be given, not both"
        terms = {"type": "integer", "minimum": 0, "description": said}
        parts.add("payment_terms_days", terms, required=False)

    loaded = Alteration(edit).load(tmp_path)
    told = "sent in every valid invoice: due_date, as the description of payment_terms_days asks"
    assert told in notes_of(loaded)
    without = {name: each for name, each in invoice().items() if name != "due_date"}
    assert expected(loaded, without).expectation is Expectation.UNSPECIFIED
    assert expected(loaded, invoice()).expectation is Expectation.ACCEPT


def test_of_a_new_name_beside_an_old_one_the_old_one_is_sent(tmp_path: Path) -> None:
    """One of both has to be there, and of the new one nobody knows what it takes."""

    def edit(parts: Parts) -> None:
        parts.request["required"].remove("invoice_number")
        said = "Deprecated. Exactly one of number and invoice_number must be sent"
        parts.property("invoice_number").update(deprecated=True, description=said)
        parts.add("number", {"type": "string", "maxLength": 40}, required=False)

    loaded = Alteration(edit).load(tmp_path)
    assert why_not_valid(loaded, FACTS) == ""
    sent = plain_invoice(loaded, FACTS)
    assert "invoice_number" in sent
    assert "number" not in sent


@pytest.mark.parametrize(
    ("description", "days"),
    [
        ("Must be within 90 days of today", 45),
        ("At most 90 days in the future", 45),
        ("Must be in the future, no more than 90 days ahead", 45),
        ("Cannot be later than 30 days after today", 15),
        ("Between 1 and 90 days from today", 45),
        ("No earlier than 2 days and no later than 4 weeks from now", 15),
        ("Must fall within the next three months", 45),
        ("Must be exactly 30 days from the current date", 30),
        ("Within one day of today", 1),
    ],
)
def test_a_date_that_has_to_be_soon_is_on_one_day(
    description: str, days: int, tmp_path: Path
) -> None:
    """So many days from the run; today's example is of the past by then."""
    loaded = changed("due_date", {"description": f"When it is due. {description}."}).load(tmp_path)
    day = datetime.now(UTC) + timedelta(days)
    plain = plain_invoice(loaded, FACTS)
    assert plain["due_date"] == f"{day:%Y-%m-%dT00:00:00Z}"
    assert expected(loaded, plain).expectation is Expectation.ACCEPT
    far = plain | {"due_date": "2060-02-29T00:00:00Z"}
    assert expected(loaded, far).expectation is Expectation.UNSPECIFIED
    told = f"sent on {day:%Y-%m-%d} alone: due_date, as its description asks"
    assert told in notes_of(loaded)


@pytest.mark.parametrize(
    "description",
    [
        "At least one day from now",
        "Must be at least 30 days after today",
        "Must not be in the past",
        "At most 365 days after created_at",
        "Must be within the last 30 days",
        "Payment is due within 30 days",
    ],
)
def test_a_date_without_an_end_is_on_no_day_near_the_run(description: str) -> None:
    """Far in the future, or counted from another day."""
    assert soon({"format": "date-time"}, description, "created_at") is None


@pytest.mark.parametrize(
    ("description", "days"),
    [
        ("Must be within the last 30 days", 15),
        ("Must not be older than 90 days", 45),
        ("Cannot be more than one year ago", 182),
        ("Has to be in the past year", 182),
        ("Must not be more than one year in the past", 182),
        ("At most 30 days in the past", 15),
        ("Must be between 2 and 6 days ago", 4),
        ("Must be the current date", 0),
        ("Must be today or yesterday", 0),
    ],
)
@pytest.mark.parametrize("name", ["created_at", "updated_at"])
def test_a_date_that_has_to_be_of_late_is_on_one_day(
    name: str, description: str, days: int, tmp_path: Path
) -> None:
    """So many days before the run; an update is not before the creation, so it is then too."""
    loaded = changed(name, {"description": f"{description}."}).load(tmp_path)
    now = datetime.now(UTC)
    facts = replace(ANYWHERE, started_at=now)
    plain = plain_invoice(loaded, facts)
    day = f"{now - timedelta(days):%Y-%m-%dT00:00:00Z}"
    assert {plain[name], plain["updated_at"]} == {day}
    assert why_not_valid(loaded, facts) == ""
    assert f'; not judged: any but "{day}"' in " ".join(notes_of(loaded))


def test_a_date_that_has_to_be_old_is_the_documents(tmp_path: Path) -> None:
    """Its example is more than a week ago; so is that of the update."""
    said = {"description": "Must be at least 7 days old."}
    loaded = changed("created_at", said).load(tmp_path)
    plain = plain_invoice(loaded, FACTS)
    assert plain["created_at"] == plain["updated_at"] == "2025-01-01T00:00:00Z"
    assert why_not_valid(loaded, FACTS) == ""
