"""Under which requirement a finding is told, and what is told of it."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from findings.rows import form_key
from reports.summary import block
from spec.contract import load
from spec.violation import Category
from tests.causes import AN_ECHO, a_cause, merged
from tests.records import cause, record
from tests.versions.catalogue import ALTERATIONS


def test_what_a_valid_request_is_refused_for_is_told_under_its_own_requirement() -> None:
    """The test may have been about another property; of several the status is told."""
    (row,) = merged((a_cause(paths=["items[].name"], traits=["blank"]), "order_id.type"))
    assert row["requirement"] == "items[].name.type"
    (row,) = merged((a_cause(paths=["items[].name", "remarks"]), "order_id.type"))
    assert row["requirement"] == "201.status"


def test_of_several_properties_the_one_that_the_server_names_is_told() -> None:
    """As requirement and as place, whatever the test was about that saw it."""
    dates: Any = {"traits": ["day"], "paths": ["updated_at", "created_at"]}
    for name in ("status.enum", "created_at.type"):
        (row,) = merged((a_cause(**dates, field="updated_at"), name))
        assert (row["requirement"], row["place"]) == ("updated_at.type", "updated_at")
    (row,) = merged((a_cause(**dates, field="status"), "status.enum"))
    assert (row["requirement"], row["place"]) == ("201.status", "")


def test_a_difference_is_told_before_a_case_of_which_no_more_is_known() -> None:
    """Whatever the tests are about that saw it."""
    case = a_cause(traits=["case"], paths=[], difference=["a name"], field="updated_at")
    dates = a_cause(paths=["updated_at", "created_at"], field="updated_at")
    names = ("reference_id.type", "reference_id.maxLength", "url.type", "items.type")
    rows = merged(*((case, name) for name in names * 2), (dates, "updated_at.type"))
    assert [row["requirement"] for row in rows] == ["updated_at.type"]
    assert rows[0]["difference"] == "paid_amount 0"


def test_what_comes_back_of_an_invoice_before_is_told_by_what_both_have() -> None:
    """A difference from the plain invoice was only seen after that one, and holds nowhere else."""
    same = "the same items[].sku as in an invoice before it"
    after = a_cause(**AN_ECHO, traits=["after another"], paths=[], difference=[same])
    edits = ['items[2].name "a"', 'items[2].sku "a"']
    paths = ["items[].name", "items[].sku"]
    edited = a_cause(**AN_ECHO, traits=["text"], paths=paths, difference=edits)
    (row,) = merged(*((each, "201.data.items[].name.echo") for each in (edited, after)))
    assert (row["difference"], row["alike"], row["shows"]) == (same, [], "after another")


def test_what_is_waived_is_told_as_known_beside_what_is_found_with_it() -> None:
    """It is one finding that has both, unless one of them alone has a waiver."""
    plain = a_cause(**AN_ECHO, traits=["blank"], paths=["remarks"], difference=['remarks " "'])
    part = ["remarks", "blank"]
    one, more = (
        replace(plain, symptom=words, parts=parts, difference=told)
        for words, parts, told in (
            ("trimmed", [part], ['remarks " "']),
            ("another value", [part, ["url", "path"]], ['remarks " "', 'url "http://a.b/c"']),
        )
    )
    found = [(each, "201.data.remarks.echo") for each in (one, more)]
    told = [merged(*found, waived=waived) for waived in (0, 1, 2)]
    assert [[(row["answer"], row["verdict"]) for row in rows] for rows in told] == [
        [("trimmed", "broken")],
        [("trimmed", "known"), ("another value", "broken")],
        [("trimmed", "known")],
    ]


def test_a_way_of_sending_is_told_under_the_requirement_on_it() -> None:
    """Also where that is a SHOULD, and whatever else was sent in this way."""
    sent = a_cause(
        traits=["sent otherwise", "no User-Agent"], paths=[], difference=["no User-Agent"]
    )
    (row,) = merged((sent, "remarks.type"), (sent, "request.fields"))
    assert row["requirement"] == "request.fields"


def test_two_header_fields_with_one_answer_are_one_finding() -> None:
    """Both are names of what it takes for an idempotency key; another answer is another finding."""
    words: dict[str, Any] = {**AN_ECHO, "symptom": "the answer of another invoice", "paths": []}
    names = ("X-Request-ID", "X-Correlation-ID")
    causes = [
        a_cause(**words, traits=["sent otherwise", f"a header field {name}"], difference=[name])
        for name in names
    ]
    found = [(cause, "201.data.remarks.echo") for cause in causes]
    (row,) = merged(*found)
    assert {row["difference"], *row["alike"]} == {*names}
    other = replace(causes[1], symptom="in capitals")
    assert len(merged(found[0], (other, "201.data.remarks.echo"))) == 2


def test_a_breakdown_for_a_header_field_says_nothing_of_the_key() -> None:
    """Whether or not the request has one."""
    traits = ["sent otherwise", "a header field DNT"]
    words = {"category": "Server error", "status": 500, "symptom": "500", "unusual": True}
    dnt = a_cause(**words, traits=traits, paths=[], difference=["a header field DNT"])
    names = ("security.key", "order_id.known", "201.status", "remarks.type")
    (row,) = merged(*((dnt, name) for name in names))
    assert row["requirement"] == "201.status"


@pytest.mark.parametrize(
    ("way", "name"), [("no Accept", "request.fields"), ("another query", "request.query")]
)
def test_only_another_query_is_told_under_the_requirement_on_it(way: str, name: str) -> None:
    """What is asked with a query may be refused for a header field."""
    sent = a_cause(traits=["sent otherwise", way], paths=[], difference=[way])
    queries = [(sent, "request.query")] * 2
    (row,) = merged(*queries, (sent, "request.fields"))
    assert row["requirement"] == name


@pytest.mark.parametrize(
    ("wrong", "kept", "told"),
    [
        ((201,), (400, 401), ("every 201", "every 400 and every 401")),
        ((201,), (), ("every 201", "")),
        ((400, 401), (), ("every error", "")),
        ((201, 400), (), ("every answer", "")),
    ],
)
def test_a_form_is_told_of_the_answers_that_have_it(
    wrong: tuple[int, ...], kept: tuple[int, ...], told: tuple[str, str]
) -> None:
    """Every answer is said only where no status has the right one."""
    name = "response.coding"
    forms = {form_key(name, status, kept=False): 1 for status in wrong}
    forms |= {form_key(name, status, kept=True): 1 for status in kept}
    every = a_cause(category="Protocol", traits=["every"], difference=[], of_answer=True)
    (row,) = merged((every, name), forms=forms)
    assert (row["refused"], row["accepted"]) == told


@pytest.mark.parametrize(
    ("name", "status", "kept", "told"),
    [
        ("4xx.code.required", 415, (), [""]),
        ("4xx.code.required", 415, (415,), ["", "text/plain"]),
        ("4xx.code.required", 400, (), ["", "text/plain"]),
        ("4xx.message.required", 415, (), ["", "text/plain"]),
    ],
    ids=["all of them", "others are right", "another status", "another property"],
)
def test_a_case_is_not_told_where_every_error_is_as_wrong(
    name: str, status: int, kept: tuple[int, ...], told: list[str]
) -> None:
    """A worker that has seen no other error takes what it asked for the difference."""
    form: Any = {"category": Category.ERROR_SHAPE, "of_answer": True, "symptom": "required"}
    every = a_cause(**form, traits=["every"], difference=[], paths=[], status=401)
    case = a_cause(
        **form,
        traits=["case"],
        difference=["text/plain"],
        fails="text/plain",
        paths=[],
        status=status,
    )
    code = "4xx.code.required"
    forms = {form_key(code, 401, kept=False): 9, form_key(name, 415, kept=False): 1}
    forms |= {form_key(name, each, kept=True): 1 for each in kept}
    rows = merged((every, code), (case, name), forms=forms)
    assert sorted(row["difference"] for row in rows) == told


@pytest.mark.parametrize(
    ("name", "category", "unknown"),
    [
        ("a required text", Category.REFUSED_VALID, ["extra_field"]),
        ("a required text", Category.ACCEPTED_INVALID, None),
        ("an optional text", Category.REFUSED_VALID, None),
        ("shorter remarks", Category.REFUSED_VALID, None),
    ],
)
def test_refused_valid_invoices_point_to_values_that_nobody_knows(
    name: str, category: Category, unknown: list[str] | None, tmp_path: Path
) -> None:
    """Of required properties, which are in each; what is accepted wrongly has nothing to do with
    them, and an optional one is not sent.
    """
    other = load(ALTERATIONS[name].write(tmp_path / "new.yaml"))
    (row,) = merged((a_cause(category=category), "201.status"), contract=other)
    assert row.get("unknown") == unknown
    (same,) = merged((a_cause(category=category), "201.status"))
    assert "unknown" not in same


def test_a_refused_value_of_a_new_enumeration_may_ask_for_more(tmp_path: Path) -> None:
    """A credit note may need what only prose says; another refusal has nothing to do with it."""
    other = load(ALTERATIONS["an optional enum"].write(tmp_path / "new.yaml"))
    refused = a_cause(category=Category.REFUSED_VALID)
    of_it = {"paths": ["extra_field"], "difference": ["extra_field USD"]}
    value = a_cause(category=Category.REFUSED_VALID, **of_it)
    (row,) = merged((value, "extra_field.enum"), contract=other)
    assert row["unknown"] == ["extra_field"]
    (row,) = merged((refused, "201.status"), contract=other)
    assert "unknown" not in row


def test_what_nobody_knows_is_a_line_of_the_block() -> None:
    """And none where all values are known."""
    row = cause("201.status", unknown=["tax", "a", "b", "c"])
    lines = [*block(record(findings=[row]), row)]
    known = [*block(record(findings=[row]), cause("201.status"))]
    (told,) = (line for line in lines if line not in known)
    assert told.split()[:2] == ["left", "open"]
    assert "does not say what else a server asks of tax, a, b, ..." in told


def test_of_texts_that_fail_alike_the_plainest_is_told() -> None:
    """One of ASCII, even where it is longer."""
    edits = ('order_id "\uff21"', 'order_id "ORD-1x"')
    causes = [a_cause(paths=["order_id"], traits=["text"], difference=[each]) for each in edits]
    (row,) = merged(*((each, "order_id.type") for each in causes))
    assert (row["difference"], row["alike"]) == ('order_id "ORD-1x"', ['order_id "\uff21"'])
