"""What holds for a request alone, or for an answer alone, where one schema serves both."""

from collections.abc import Callable
from pathlib import Path

import pytest

from run.notes import notes_of
from spec.expectation import Expectation
from spec.violation import Category
from strategies.invoice import plain_invoice
from tests.exchanges import CONTRACT, answer_to, found, invoice, put
from tests.invoices import ANYWHERE
from tests.versions.catalogue import ALTERATIONS
from tests.versions.edited import ANSWERED_REMARKS, REMARKS, altered, changes, expected, judged
from tests.versions.parts import CITY, Alteration, Parts, Schema, in_items


def one_schema(parts: Parts) -> None:
    """The answer is what was sent, by reference."""
    parts.request["properties"]["id"] = {"type": "string", "readOnly": True}
    answer = parts.post["responses"]["201"]["content"]["application/json"]["schema"]["allOf"][1]
    answer["properties"]["data"] = {"$ref": SENT}
    for gone in ("dtos.InvoiceResponse", "dtos.InvoiceItemResponse"):
        del parts.document["components"]["schemas"][gone]


def one_schema_and_more(parts: Parts) -> None:
    """The answer is what was sent, and an id."""
    more = {"type": "object", "properties": {"id": {"type": "string"}}}
    parts.document["components"]["schemas"]["dtos.InvoiceResponse"] = {
        "allOf": [{"$ref": SENT}, more]
    }


SENT = "#/components/schemas/dtos.InvoiceCreateRequest"


@pytest.mark.parametrize("edit", [one_schema, one_schema_and_more])
def test_what_must_be_accepted_is_not_asked_of_an_answer_of_the_same_schema(
    edit: Callable[[Parts], None], tmp_path: Path
) -> None:
    """The reading narrows the request alone; the document's own limits hold for both."""
    loaded = Alteration(edit).load(tmp_path)
    assert loaded.narrowed_schema == CONTRACT.narrowed_schema
    payload = invoice() | {"items": [], "total_amount": 0, "remarks": ""}
    assert expected(loaded, payload).expectation is Expectation.UNSPECIFIED
    answer = answer_to(payload) | {"extra": 1}
    assert found(judged(loaded, payload, answer)) == []
    answer = answer_to(invoice())
    for item in answer["data"]["items"]:
        item |= {"sku": "A-1", "unknown": 1}
    broken_ones = [name for name, _ in found(judged(loaded, invoice(), answer))]
    assert {name.rpartition(".")[2] for name in broken_ones} <= {"echo"}
    put("data", "remarks", value="x" * 256)(answer)
    assert "201.data.remarks.maxLength" in {
        name for name, _ in found(judged(loaded, invoice(), answer))
    }


def test_what_an_answer_should_have_is_not_asked_of_a_request_of_the_same_schema(
    tmp_path: Path,
) -> None:
    """An id is given by the server; a client has none to send."""

    def edit(parts: Parts) -> None:
        one_schema(parts)
        del parts.property("id")["readOnly"]

    loaded = Alteration(edit).load(tmp_path)
    assert loaded.find("201.data.id.required") is not None
    assert loaded.find("201.data.id.format") is not None
    assert loaded.find("id.required") is None
    assert "id" not in loaded.narrowed_schema["required"]


def test_what_was_in_a_part_of_an_answer_is_found_in_the_whole(tmp_path: Path) -> None:
    """The reading wants its `data`, which a part of an `allOf` has today."""
    loaded = ALTERATIONS["an answer in one part"].load(tmp_path)
    assert loaded.passed_over == ()
    assert loaded.find("201.data.required") is not None


def test_what_only_answers_list_is_not_sent(tmp_path: Path) -> None:
    """Though the reading has limits for the property, as it is today."""

    def edit(parts: Parts) -> None:
        parts.property("url").update(readOnly=True, enum=["A", "B"])

    loaded = Alteration(edit).load(tmp_path)
    assert "url" not in loaded.narrowed_schema["properties"]
    payload = {name: value for name, value in invoice().items() if name != "url"}
    assert expected(loaded, payload).expectation is Expectation.ACCEPT


def test_a_property_for_one_direction_is_neither_sent_nor_demanded(tmp_path: Path) -> None:
    """`readOnly` in a request, `writeOnly` in an answer."""
    loaded = altered(
        tmp_path,
        (REMARKS, REMARKS + "        number: {type: string, readOnly: true}\n"),
        ("        - due_date\n", "        - due_date\n        - number\n"),
        (
            ANSWERED_REMARKS,
            ANSWERED_REMARKS.replace("x-order", "writeOnly: true\n          x-order"),
        ),
    )
    added, gone = changes(loaded)
    assert added == set()
    assert gone == {"201.data.remarks.type", "201.data.remarks.echo"}
    assert "number" not in plain_invoice(loaded, ANYWHERE)
    assert expected(loaded, invoice()).expectation is Expectation.ACCEPT


def _referred(parts: Parts) -> None:
    """The flag stands at what a reference refers to."""
    parts.document["components"]["schemas"]["Pin"] = parts.property("remarks") | {"writeOnly": True}
    parts.request["properties"]["remarks"] = {"$ref": "#/components/schemas/Pin"}


ONLY_SENT = {
    "a text": lambda parts: parts.property("remarks").update(writeOnly=True),
    "a reference": _referred,
    "a text beside a reference (3.1)": lambda parts: (
        parts.document.update(openapi="3.1.0"),
        parts.document["components"]["schemas"].update(Pin=parts.property("remarks")),
        parts.request["properties"].update(
            remarks={"$ref": "#/components/schemas/Pin", "writeOnly": True}
        ),
    ),
}


@pytest.mark.parametrize("form", ONLY_SENT)
def test_what_is_only_sent_need_not_come_back(form: str, tmp_path: Path) -> None:
    """Though the answer has it in its schema: it may be absent, or hidden."""
    loaded = Alteration(ONLY_SENT[form]).load(tmp_path)
    assert loaded.find("201.data.remarks.type") is not None
    assert loaded.find("201.data.remarks.echo") is None
    answer = answer_to(invoice())
    for remarks in ("Remarks", "***", None):
        answer["data"] = {**answer["data"], "remarks": remarks}
        if remarks is None:
            del answer["data"]["remarks"]
        assert judged(loaded, invoice() | {"remarks": "Remarks"}, answer).violations == ()


def test_what_is_only_sent_of_an_item_need_not_come_back(tmp_path: Path) -> None:
    """All else of the item has to."""
    edit = in_items("name", {"writeOnly": True})
    names = {one.name for one in edit.load(tmp_path).requirements}
    assert "201.data.items[].name.echo" not in names
    assert {"201.data.items[].amount.echo", "201.data.items.echo"} <= names


def test_nothing_of_an_object_that_is_only_sent_has_to_come_back(tmp_path: Path) -> None:
    """Its parts are not asked for either."""
    edit = Alteration(lambda parts: parts.add("buyer", {**CITY, "writeOnly": True}))
    loaded = Alteration(
        lambda parts: (edit.edit(parts), parts.answer["properties"]["buyer"].pop("writeOnly"))
    ).load(tmp_path)
    assert loaded.find("201.data.buyer.city.type") is not None
    assert loaded.find("201.data.buyer.city.echo") is None


def wrapped_in(*steps: str | int) -> Callable[[Parts], None]:
    """The invoice of an answer is there instead of in its `data`; `0` is a list."""

    def edit(parts: Parts) -> None:
        schema: Schema = {"$ref": "#/components/schemas/dtos.InvoiceResponse"}
        for step in reversed(steps):
            inner = {"type": "array", "items": schema}
            schema = (
                {"type": "object", "properties": {"status": {"type": "string"}, step: schema}}
                if isinstance(step, str)
                else inner
            )
        parts.post["responses"]["201"]["content"]["application/json"]["schema"] = schema

    return edit


def _wrapped(invoice: object, *steps: str | int) -> object:
    """An answer with the invoice there."""
    for step in reversed(steps):
        invoice = {step: invoice} if isinstance(step, str) else [invoice]
    return invoice


@pytest.mark.parametrize(
    "steps", [(), ("invoice",), ("data", "invoice"), ("data", 0), (0,), ("result", "invoices", 0)]
)
def test_an_invoice_comes_back_wherever_the_answer_has_it(
    steps: tuple[str | int, ...], tmp_path: Path
) -> None:
    """The answer itself, another property or a list: a server that loses values is found there."""
    loaded = Alteration(wrapped_in(*steps)).load(tmp_path)
    echoes = {one.name for one in loaded.requirements if one.keyword == "echo"}
    assert echoes == {one.name for one in CONTRACT.requirements if one.keyword == "echo"}
    right = answer_to(invoice())["data"]
    verdict = judged(loaded, invoice(), _wrapped(right, *steps))
    assert verdict.violations == ()
    assert echoes & {*verdict.judged} == {
        name for name in echoes if name != "201.data.items[].sku.echo"
    }
    lost = [{}, {name: value for name, value in right.items() if name != "remarks"}]
    for each, names in zip(lost, (None, ["201.data.remarks.echo"]), strict=True):
        wrong = judged(loaded, invoice(), _wrapped(each, *steps))
        told = [one.requirement.name for one in wrong.violations if one.category == Category.ECHO]
        assert told == names if names else len(told) > 5
    if steps:
        nothing = judged(loaded, invoice(), _wrapped([], *steps[:-1]) if steps[-1] == 0 else {})
        assert any(one.category == Category.ECHO for one in nothing.violations)


@pytest.mark.parametrize(
    "schema", [{}, {"type": "object", "properties": {"id": {"type": "string"}}}]
)
def test_an_answer_without_anything_of_the_invoice_is_told(schema: Schema, tmp_path: Path) -> None:
    """Nobody could notice a server that loses it, so a line above the run says so, and where."""

    def whole(parts: Parts) -> None:
        parts.document["components"]["schemas"]["dtos.InvoiceResponse"] = schema

    edit = Alteration(whole)
    (note,) = [one for one in notes_of(edit.load(tmp_path)) if "what comes back" in one]
    assert note.startswith("not judged: what comes back")
    assert "#/paths/~1v1~1invoices/post/responses/201)" in note
    assert not any("what comes back" in one for one in notes_of(CONTRACT))


def test_a_date_that_comes_back_by_another_name_is_not_filled_in(tmp_path: Path) -> None:
    """It is as it was sent, however that was written."""

    def edit(parts: Parts) -> None:
        dates = parts.answer["properties"]
        dates["dueDate"] = dates.pop("due_date")

    loaded = Alteration(edit).load(tmp_path)
    sent = invoice() | {"due_date": "2025-01-01t00:00:00"}
    right = answer_to(sent)
    right["data"]["dueDate"] = right["data"].pop("due_date")
    assert judged(loaded, sent, right).violations == ()
    right["data"]["dueDate"] = "1 January 2025"
    (violation,) = judged(loaded, sent, right).violations
    assert violation.requirement.name == "201.data.dueDate.date-time"


@pytest.mark.parametrize(
    ("nullable", "came", "broken"),
    [
        (False, "filled in", []),
        (False, "null", ["201.data.remarks.echo"]),
        (False, None, ["201.data.remarks.type"]),
        (True, None, []),
        (True, "filled in", ["201.data.remarks.echo"]),
    ],
)
def test_null_comes_back_where_the_answer_may_have_it(
    nullable: bool,  # noqa: FBT001 - a column of the table
    came: str | None,
    broken: list[str],
    tmp_path: Path,
) -> None:
    """Otherwise a server has to fill in what it answers."""

    def edit(parts: Parts) -> None:
        parts.request["properties"]["remarks"]["nullable"] = True
        parts.answer["properties"]["remarks"]["nullable"] = nullable

    payload = invoice() | {"remarks": None}
    answer = answer_to(payload)
    answer["data"]["remarks"] = came
    verdict = judged(Alteration(edit).load(tmp_path), payload, answer)
    assert verdict.expected.expectation is Expectation.ACCEPT
    assert [one.requirement.name for one in verdict.violations] == broken


@pytest.mark.parametrize(
    ("sent", "came", "is_same"),
    [
        ("2031-01-01T12:00:00Z", "2031-01-01", True),
        ("2031-01-01T23:30:00-05:00", "2031-01-01", True),
        ("2031-01-01T23:30:00-05:00", "2031-01-02", True),
        ("2031-01-01T12:00:00Z", "2031-01-01T13:00:00+01:00", True),
        ("2031-01-01T12:00:00Z", "2031-01-02", False),
        ("2031-01-01T12:00:00Z", "2031-01-01T12:00:01Z", False),
        ("2031-01-01T12:00:00Z", "", False),
        ("2031-01-01T12:00:00Z", "1 January 2031", False),
        ("2031-01-01T12:00:00Z", "202-01-01", False),
    ],
)
def test_a_moment_comes_back_as_a_day_where_the_answer_has_days(
    sent: str,
    came: str,
    is_same: bool,  # noqa: FBT001 - a column of the table
    tmp_path: Path,
) -> None:
    """By `format: date` of the answer; the day is that where it was written, or that in UTC."""
    edit = Alteration(lambda parts: parts.answer["properties"]["due_date"].update(format="date"))
    payload = invoice() | {"due_date": sent}
    right = answer_to(payload)
    right["data"]["due_date"] = came
    for loaded in (edit.load(tmp_path), CONTRACT):
        found = [one.requirement.name for one in judged(loaded, payload, right).violations]
        allowed = is_same and (loaded is not CONTRACT or len(came) > 10)
        assert found == ([] if allowed else ["201.data.due_date.echo"])
