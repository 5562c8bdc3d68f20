"""A version that requires what the reading says nothing of: a server that refuses the plain invoice
for it is not blamed, and one that refuses it for something else is.
"""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reference.refusal import Problem
from run.notes import notes_of
from spec.expectation import Expectation
from spec.yamlfile import FileError
from strategies.acceptance.valid import valid
from strategies.invoice import check_valid, plain_invoice
from tests.driven import steps_of
from tests.exchanges import FACTS, invoice
from tests.invoices import ANYWHERE, drawn
from tests.running import ORDER, server, suite
from tests.versions.edited import expected
from tests.versions.parts import Alteration, Parts, added, changed, parameter

ACCEPT, UNSPECIFIED = Expectation.ACCEPT, Expectation.UNSPECIFIED


def _with_tax(parts: Parts) -> None:
    for name, example in (("subtotal", 100), ("tax_amount", 18)):
        parts.add(name, {"type": "number", "example": example})


def _renamed(parts: Parts) -> None:
    parts.drop("invoice_number")
    parts.add("number", {"type": "string", "example": "N-1"})


def _of_tenants(parts: Parts) -> None:
    parameter("header", "X-Tenant", {"type": "string"}, example="acme").edit(parts)


OF_BOTH = "and the reading says nothing of subtotal, tax_amount: say in a reading of your own"
GONE = (
    "not in this document: invoice_number; if they are called otherwise there, say so in x-renamed"
)


@pytest.mark.parametrize(
    ("edit", "named", "status", "said"),
    [
        (_with_tax, "total_amount", 6, OF_BOTH),
        (_with_tax, "tax_amount", 6, OF_BOTH),
        (_with_tax, "", 6, OF_BOTH),
        (_with_tax, "remarks", 1, "left open  "),
        (_renamed, "number", 6, GONE),
        (_of_tenants, "X-Tenant", 6, "and the reading says nothing of header.X-Tenant: say in"),
        (_of_tenants, "remarks", 1, "broken  201.status"),
        (lambda _: None, "total_amount", 1, "broken  201.status"),
    ],
    ids=[
        *("the total", "the tax", "nothing", "the remarks", "another name"),
        *("a tenant", "no tenant", "of today"),
    ],
)
def test_a_refusal_may_be_right_where_nobody_knows_what_is_accepted(
    edit: object, named: str, status: int, said: str, tmp_path: Path
) -> None:
    """The sentence names it, and what may be called otherwise; details that name something else
    show a fault of the server, whose finding has it in a line.
    """
    version = Alteration(edit)  # type: ignore[arg-type] # one of the functions above
    path = version.write(tmp_path / "openapi.yaml")
    own = steps_of(version.document())
    refused = (Problem((named,) if named else (), "sum", "Does not fit"),)
    steps = replace(own, check=lambda payload: own.check(payload) or refused)
    with server(steps) as url:
        only = ("--hypothesis-profile", "smoke", "-k", "test_a_valid_invoice")
        to = ("--base-url", url, *ORDER, "--document", str(path), "--reports", str(tmp_path / "r"))
        ended = suite(*to, *only, place="suites/test_acceptance.py")
    assert ended.status == status
    assert said in ended.output


def test_no_date_is_due_before_another_that_a_version_requires(tmp_path: Path) -> None:
    """Nobody knows what the other one is; on that day, and after it, an invoice may fall due."""
    day = {"type": "string", "format": "date", "example": "2025-06-15"}
    loaded = Alteration(lambda parts: parts.add("issue_date", day)).load(tmp_path)
    payload = invoice() | {"issue_date": "2025-06-15", "created_at": "2025-01-01T00:00:00Z"}
    for day_due, right in ((14, UNSPECIFIED), (15, ACCEPT), (16, ACCEPT)):
        sent = payload | {"due_date": f"2025-06-{day_due}T00:00:00Z"}
        assert expected(loaded, sent).expectation is right
    optional = Alteration(lambda parts: parts.add("issue_date", day, required=False)).load(tmp_path)
    assert optional.relations.due.others == ()


@pytest.mark.parametrize(
    ("description", "is_left_out"),
    [
        ("Other than USD needs exchange_rate", True),
        ("EUR is accepted only for customers in Europe.", True),
        ("Must be that of the order", True),
        ("The currency of the invoice (ISO 4217)", False),
        ("Needless to say, a currency", False),
        (None, False),
    ],
)
@pytest.mark.parametrize(
    "schema",
    [{"type": "string", "enum": ["USD", "EUR"]}, {"type": "boolean"}],
    ids=["enum", "flag"],
)
def test_what_is_listed_with_a_condition_in_prose_need_not_be_accepted(
    schema: dict[str, Any], description: str | None, *, is_left_out: bool, tmp_path: Path
) -> None:
    """Nobody reads the condition; what the schema itself refuses is wrong all the same."""
    told = {"description": description} if description else {}
    loaded = added({**schema, **told}, required=False, name="extra").load(tmp_path)
    assert any("extra (its description has a condition)" in one for one in notes_of(loaded)) is (
        is_left_out
    )
    value = True if schema["type"] == "boolean" else "EUR"
    sent = expected(loaded, invoice() | {"extra": value})
    assert (sent.expectation is Expectation.UNSPECIFIED) is is_left_out
    assert expected(loaded, invoice() | {"extra": "JPY"}).expectation is Expectation.REJECT


DEMANDS: dict[str, tuple[dict[str, Any], str, Any]] = {
    "a moment": (
        {"type": "string", "format": "date-time", "example": "2025-01-01T00:00:00Z"},
        "When it was paid. Required if status is PAID",
        "2025-01-01T00:00:00Z",
    ),
    "a text": ({"type": "string", "example": "a"}, "Mandatory for invoices of partners", "a"),
    "a word": ({"type": "string", "enum": ["USD", "EUR"]}, "Must be given when abroad.", "USD"),
    "a flag": ({"type": "boolean"}, "Needed unless it is a draft", True),
    "no example": ({"type": "string"}, "Required if status is PAID", None),
    "a negation": ({"type": "string", "example": "a"}, "Not required if status is PAID", None),
    "only": ({"type": "string", "example": "a"}, "Only if status is PAID", None),
    "two sentences": ({"type": "string", "example": "a"}, "Required by law. For partners", None),
    "no condition": ({"type": "string", "example": "a"}, "The required colour", None),
}
"""By what it is: a schema, its description and the value that every valid invoice has."""


@pytest.mark.parametrize("name", DEMANDS)
def test_what_prose_requires_of_some_invoices_is_in_all_of_them(name: str, tmp_path: Path) -> None:
    """As the plain example alone; where there is none, or no such words, in none of them."""
    schema, description, value = DEMANDS[name]
    told = {**schema, "description": description}
    loaded = added(told, required=False, name="extra").load(tmp_path)
    (note,) = (one for one in notes_of(loaded) if "extra (" in one)
    without = expected(loaded, invoice()).expectation
    if value is None:
        assert note.startswith("left out of valid invoices")
        assert without is ACCEPT
    else:
        assert note.startswith("sent only as the document's example")
        assert "its description says when it is required" in note
        assert without is UNSPECIFIED
        assert expected(loaded, invoice() | {"extra": value}).expectation is ACCEPT
        assert plain_invoice(loaded, FACTS)["extra"] == value
    assert not any(one.name == "extra.required" for one in loaded.requirements)


def test_a_known_property_that_prose_requires_of_some_invoices_is_in_all_of_them(
    tmp_path: Path,
) -> None:
    """With any value: what it means is known."""
    told = {"description": "Mandatory if the invoice is overpaid"}
    loaded = changed("remarks", told).load(tmp_path)
    without = {name: each for name, each in invoice().items() if name != "remarks"}
    assert expected(loaded, without).expectation is UNSPECIFIED
    assert expected(loaded, without | {"remarks": "Any"}).expectation is ACCEPT
    assert "remarks" in plain_invoice(loaded, FACTS)


@pytest.mark.parametrize("is_list", [False, True])
def test_an_invoice_in_a_property_of_the_body_is_one_sentence(
    *, is_list: bool, tmp_path: Path
) -> None:
    """Nothing would be known of what is in it, and a server that loses all of it be green."""

    def edit(parts: Parts) -> None:
        content = parts.body["content"]["application/json"]
        within = {"type": "array", "items": content["schema"]} if is_list else content["schema"]
        whole = {"type": "object", "required": ["invoice"]}
        content["schema"] = whole | {"properties": {"invoice": within}}

    with pytest.raises(FileError, match="an invoice is in invoice, where the suite needs it to be"):
        check_valid(Alteration(edit).load(tmp_path), ANYWHERE)


OBJECT: dict[str, Any] = {
    "type": "object",
    "required": ["method"],
    "properties": {
        "method": {"type": "string", "enum": ["CARD", "CASH"]},
        "paid_on": {"type": "string", "format": "date", "example": "2025-01-01"},
        "note": {"type": "string"},
    },
}


def test_an_object_that_prose_requires_is_in_all_invoices(tmp_path: Path) -> None:
    """With the examples, and the first of the words, of its parts; without what has none."""
    told = {**OBJECT, "description": "Required if status is PAID"}
    loaded = added(told, required=False, name="payment").load(tmp_path)
    payload = plain_invoice(loaded, FACTS)
    assert payload["payment"]["method"] == "CARD"
    assert expected(loaded, payload).expectation is ACCEPT
    assert expected(loaded, invoice()).expectation is UNSPECIFIED
    for each in drawn(valid(loaded, ANYWHERE), 20):
        assert "payment" in each
    nameless = {**OBJECT, "required": ["note"], "description": "Required if status is PAID"}
    (note,) = (
        one
        for one in notes_of(added(nameless, required=False, name="payment").load(tmp_path))
        if "payment (" in one
    )
    assert note.startswith("left out of valid invoices")


@pytest.mark.parametrize(
    "description",
    [
        "Required if status is PAID, forbidden otherwise.",
        "Must be set when PAID; must not be sent in any other case",
        "Mandatory for PAID, and not allowed for PENDING",
    ],
)
def test_what_prose_requires_and_forbids_is_left_out_with_the_states_it_names(
    description: str, tmp_path: Path
) -> None:
    """Nobody knows what else it means: such a state may be refused without it."""
    moment = {"type": "string", "format": "date-time", "example": "2025-01-01T00:00:00Z"}
    loaded = added({**moment, "description": description}, required=False, name="at").load(tmp_path)
    (note,) = (one for one in notes_of(loaded) if "at (" in one and "left out" in one)
    assert note.startswith("left out of valid invoices")
    assert "PAID" in note
    check_valid(loaded, ANYWHERE)
    every = drawn(valid(loaded, ANYWHERE), 30)
    assert all("at" not in one and one.get("status") != "PAID" for one in every)
    paid = invoice() | {"status": "PAID", "paid_amount": invoice()["total_amount"]}
    assert expected(loaded, paid).expectation is UNSPECIFIED
    assert expected(loaded, {**paid, "status": "Paid"}).expectation is Expectation.REJECT


@pytest.mark.parametrize(
    "description",
    [
        "One of the currencies enabled for your account",
        "Has to be allowed by your plan",
        "Allowed for customers with a contract",
        "Available on the Enterprise plan",
        "Not allowed together with order_id",
        "Restricted to partners",
        "For accounts outside the US",
        "Use together with deposit_percentage",
        "Cannot be combined with items",
    ],
)
def test_a_condition_has_many_words(description: str, tmp_path: Path) -> None:
    """A flag with one need not be accepted; a flag with none is sent, and named above the run."""
    flag = {"type": "boolean"}
    loaded = added({**flag, "description": description}, required=False, name="x").load(tmp_path)
    assert expected(loaded, invoice() | {"x": True}).expectation is UNSPECIFIED
    plain = added({**flag, "description": "Whether it is express"}, required=False, name="x")
    notes = notes_of(plain.load(tmp_path))
    assert any(one.startswith("sent with each value that the document lists: x") for one in notes)


def test_a_known_property_that_prose_forbids_in_some_invoices_is_left_out(tmp_path: Path) -> None:
    """Of it as well nobody knows when."""
    loaded = changed("remarks", {"description": "Must not be sent when it is PAID"}).load(tmp_path)
    assert "remarks" not in plain_invoice(loaded, FACTS)
    assert expected(loaded, invoice() | {"remarks": "Any"}).expectation is UNSPECIFIED
