"""A version whose prose says what may stand together: what need not be accepted then."""

from pathlib import Path

import pytest
from hypothesis import given

from run.notes import notes_of
from spec.expectation import Expectation
from strategies.acceptance.edges import edges
from strategies.acceptance.valid import valid
from strategies.invoice import plain_invoice, why_not_valid
from tests.exchanges import FACTS, Json, invoice
from tests.invoices import DRAWS
from tests.versions.edited import expected
from tests.versions.parts import Alteration, Parts, added, changed


def _without(*names: str) -> Json:
    return {name: value for name, value in invoice().items() if name not in names}


def _of_whole(description: str, *, optional: str = "order_id") -> Alteration:
    """A version whose body has this description, a new id, and one of today's that is optional."""

    def edit(parts: Parts) -> None:
        parts.request["description"] = description
        parts.request["required"].remove(optional)
        parts.add("customer_id", {"type": "string", "maxLength": 50}, required=False)

    return Alteration(edit)


@pytest.mark.parametrize(
    "description",
    [
        "Either order_id or customer_id must be given.",
        "At least one of customer_id and order_id is required",
        "An invoice. order_id is required unless customer_id is set",
    ],
)
def test_one_of_several_that_the_whole_demands_is_always_sent(
    description: str, tmp_path: Path
) -> None:
    """That of today: without it an invoice may be refused."""
    loaded = _of_whole(description).load(tmp_path)
    assert why_not_valid(loaded, FACTS) == ""
    assert "order_id" in plain_invoice(loaded, FACTS)
    assert expected(loaded, _without("order_id")).expectation is Expectation.UNSPECIFIED
    told = "sent in every valid invoice: order_id, as the description of the whole asks"
    assert told in notes_of(loaded)
    assert expected(loaded, invoice()).expectation is Expectation.ACCEPT


def test_another_description_of_the_whole_demands_nothing(tmp_path: Path) -> None:
    """An optional property need not be there."""
    loaded = _of_whole("An invoice for an order_id or a customer_id.").load(tmp_path)
    assert expected(loaded, _without("order_id")).expectation is Expectation.ACCEPT


@pytest.mark.parametrize(
    "description",
    [
        "remarks and url cannot both be sent.",
        "Send remarks or url, not both",
        "Only one of url, remarks",
    ],
)
def test_of_several_that_exclude_each_other_one_is_sent(description: str, tmp_path: Path) -> None:
    """Both together may be refused."""
    loaded = Alteration(lambda parts: parts.request.update(description=description)).load(tmp_path)
    assert why_not_valid(loaded, FACTS) == ""
    assert len({"remarks", "url"} & plain_invoice(loaded, FACTS).keys()) == 1
    both = invoice() | {"remarks": "Text", "url": "https://shop.example.com/"}
    assert expected(loaded, both).expectation is Expectation.UNSPECIFIED


@pytest.mark.parametrize(
    "description",
    [
        "At most total_amount",
        "Must not exceed the total_amount.",
        "Up to total_amount",
        "<= total_amount",
    ],
)
def test_more_than_the_total_need_not_be_accepted_where_prose_says_so(
    description: str, tmp_path: Path
) -> None:
    """With its state and without; all of it has to be."""
    edit = Alteration(lambda parts: parts.property("paid_amount").update(description=description))
    loaded = edit.load(tmp_path)
    assert "not sent: status OVERPAID, as paid_amount says" in notes_of(loaded)
    total = invoice()["total_amount"]
    more = _without("status") | {"paid_amount": total + 1}
    assert expected(loaded, more).expectation is Expectation.UNSPECIFIED
    assert expected(loaded, more | {"status": "OVERPAID"}).expectation is Expectation.UNSPECIFIED
    whole = more | {"paid_amount": total, "status": "PAID"}
    assert expected(loaded, whole).expectation is Expectation.ACCEPT


def test_a_state_that_asks_for_another_property_is_not_sent(tmp_path: Path) -> None:
    """Nobody knows whether what it asks for has to be there alone."""
    told = {"description": "How much is paid. OVERPAID requires remarks."}
    loaded = Alteration(lambda parts: parts.property("status").update(told)).load(tmp_path)
    assert "not sent: status OVERPAID, which asks for another property" in notes_of(loaded)
    total = invoice()["total_amount"]
    more = invoice() | {"paid_amount": total + 1, "status": "OVERPAID"}
    assert expected(loaded, more).expectation is Expectation.UNSPECIFIED
    paid = invoice() | {"paid_amount": total, "status": "PAID"}
    assert expected(loaded, paid).expectation is Expectation.ACCEPT


AHEAD = (
    "Must be in the future",
    "must not be in the past.",
    "The day. Can't be before today",
    "Past dates are refused",
    "A future date, not earlier than today",
)
BEHIND = ("must be in the past", "Cannot be a future date", "No later than today")
OPEN = ("May be in the past", "Not past the end of the month", "When it falls due", "Can be today")


@pytest.mark.parametrize("description", AHEAD)
def test_a_due_date_that_has_to_be_ahead_is_sent_so_alone(description: str, tmp_path: Path) -> None:
    """A server that refuses another one is right, and one that takes it, too; which is told."""
    loaded = changed("due_date", {"description": description}).load(tmp_path)
    assert why_not_valid(loaded, FACTS) == ""
    past = invoice() | {"created_at": "2024-01-01T00:00:00Z", "due_date": "2024-01-01T00:00:00Z"}
    ahead = past | {"due_date": "2060-02-29T00:00:00Z"}
    assert expected(loaded, past).expectation is Expectation.UNSPECIFIED
    assert expected(loaded, ahead).expectation is Expectation.ACCEPT
    assert "not sent in the past: due_date, as its description says" in notes_of(loaded)
    assert len(edges(loaded, FACTS, loaded.named("due_date.type"))) > 20

    @DRAWS
    @given(valid(loaded, FACTS))
    def holds(payload: Json) -> None:
        assert payload["due_date"] > "2050"

    holds()


@pytest.mark.parametrize(
    ("description", "side"), [*((one, ">") for one in AHEAD), *((one, "<") for one in BEHIND)]
)
@pytest.mark.parametrize("format_", ["date", "date-time"])
def test_a_new_date_is_on_its_side_of_the_run(
    description: str, side: str, format_: str, tmp_path: Path
) -> None:
    """Whatever its example is, which may be over."""
    schema = {"type": "string", "format": format_, "description": description}
    schema |= {"example": "2024-01-01" if format_ == "date" else "2024-01-01T00:00:00Z"}
    loaded = added(schema, name="delivery_date").load(tmp_path)
    assert why_not_valid(loaded, FACTS) == ""
    sent = plain_invoice(loaded, FACTS)["delivery_date"]
    assert sent > "2050" if side == ">" else sent < "2020"


@pytest.mark.parametrize("description", OPEN)
def test_another_description_of_a_date_demands_nothing(description: str, tmp_path: Path) -> None:
    """It says where the date may be."""
    loaded = changed("due_date", {"description": description}).load(tmp_path)
    past = invoice() | {"created_at": "2024-01-01T00:00:00Z", "due_date": "2024-01-01T00:00:00Z"}
    assert expected(loaded, past).expectation is Expectation.ACCEPT
