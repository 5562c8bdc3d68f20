"""Which causes are one finding, and under which requirement it is told."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from causes.cause import Cause
from causes.echo_change import ITEMS_NOT_ONCE
from causes.symptoms import OF_ANOTHER_INVOICE, symptoms
from findings import grouping
from findings.finding import Occurrence
from findings.rows import HTTP, NO_ANSWER, FindingRow, form_key, rows_of
from reference.refusal import Problem
from reports.ledger import Counts
from reports.summary import block
from spec.contract import Contract, load
from spec.exchange import Exchange
from spec.oracle import Oracle
from spec.paths import ELEMENT, path_text
from spec.requirements import Level
from spec.violation import Category
from strategies.invoice import complete_invoice, plain_invoice
from tests.asking import ORDERS, VALID, Json, invoice, of_items
from tests.exchanges import CONTRACT, FACTS, request, response
from tests.records import cause, record
from tests.versions.catalogue import ALTERATIONS


def _cause(**fields: Any) -> Cause:
    usual: dict[str, Any] = {
        "category": "Refused valid input",
        "symptom": "400",
        "names": "",
        "traits": ["zero"],
        "kinds": ["number"],
        "paths": ["paid_amount"],
        "limits": [],
        "difference": ["paid_amount 0"],
        "works": "the plain invoice",
        "fails": "the same with paid_amount 0",
        "status": 400,
        "code": "",
        "detail": "",
        "field": "",
    }
    return Cause(**{**usual, **fields})


def _merged(
    *found: tuple[Cause, str], test: str = "", contract: Contract = CONTRACT, forms: Any = None
) -> list[FindingRow]:
    """The findings of these causes, each seen under a requirement."""
    rows = [
        Occurrence(
            requirement=name,
            level="MUST",
            category=cause.category,
            where="",
            file="",
            line=1,
            place="",
            expected="201",
            got="400",
            headline=f"headline of {name}",
            test=test or f"test of {name}",
            waived=False,
            cause=cause.id,
            expects_201=True,
        )
        for cause, name in found
    ]
    groups = grouping.grouped(contract, rows, {cause.id: cause for cause, _ in found}, {})
    return rows_of(contract, groups, Level.SHOULD, forms or {})


def test_equal_causes_of_two_workers_are_one_finding() -> None:
    """Under the requirement whose location the difference is at; the others are listed."""
    names = ("201.status", "remarks.type", "paid_amount.minimum")
    (row,) = _merged(*((_cause(limits=["paid_amount.minimum"]), name) for name in names))
    assert row["requirement"] == "paid_amount.minimum"
    assert row["also"] == ["201.status", "remarks.type"]
    assert row["tests"][0] == "test of paid_amount.minimum"


def test_the_same_at_another_property_is_the_same_finding() -> None:
    """Zero is refused in two amounts."""
    other = _cause(paths=["total_amount"], difference=["total_amount 0"])
    (row,) = _merged((_cause(), "paid_amount.minimum"), (other, "total_amount.type"))
    assert (row["requirement"], row["difference"]) == ("total_amount.required", "total_amount 0")
    assert row["alike"] == ["paid_amount 0"]


def test_what_only_a_case_is_called_is_not_told_beside_a_difference() -> None:
    """It may have no part in it; neither is told what has too many parts to be read."""
    many = [f"remarks {n}" for n in range(9)]
    (row,) = _merged(
        (_cause(), "201.status"),
        (_cause(traits=["case"], difference=["brackets in order_id"], paths=[]), "201.status"),
        (_cause(difference=[*many, "paid_amount 0"]), "201.status"),
    )
    assert (row["difference"], row["alike"]) == ("paid_amount 0", [])


def test_different_values_with_one_answer_are_two_findings_and_many_are_one() -> None:
    """Two may be two faults; many are told as one."""
    kinds = [
        (_cause(traits=[trait], difference=[f"paid_amount {trait}"]), "paid_amount.type")
        for trait in ("zero", "large number", "fraction")
    ]
    assert len(_merged(*kinds[:2])) == 2
    assert len(_merged(*kinds)) == 1


def test_what_was_answered_when_it_was_sent_once_more_counts_too() -> None:
    """A dropped request was one, although another connection had its answer."""
    words: dict[str, Any] = {"category": "Protocol", "status": None, "unusual": True, "paths": []}
    cause = _cause(**words, traits=["rarely"], difference=[], fails="any request, now and then")
    forms = {"response.http 201 kept": 100, form_key(HTTP, NO_ANSWER, kept=False): 11}
    (row,) = _merged((cause, "response.http"), forms=forms)
    assert row["refused"] == "any request, now and then: 12 of 111 requests"


def test_what_is_not_explained_joins_what_is() -> None:
    """One answer, of which one case was explained and another one was not."""
    case = _cause(traits=["case"], kinds=["case"], paths=[], difference=["a case"])
    told = _cause(names="it")
    (row,) = _merged((case, "201.status"), (told, "paid_amount.type"))
    assert row["difference"] == "paid_amount 0"


def test_what_follows_another_request_says_more_than_a_case() -> None:
    """Which is shorter to say; and so it is sent again after that request."""
    words = {"category": "Echo mismatch", "symptom": "another", "of_answer": True, "paths": []}
    case = _cause(**words, traits=["case"], difference=["invoice 2"])
    after = _cause(
        **words,
        traits=["after another"],
        before="400",
        difference=["the request before it was answered 400"],
    )
    name = "201.data.invoice_number.echo"
    (row,) = _merged((case, name), (case, name), (after, name))
    assert row["difference"] == after.text
    assert row["shows"] == "after another"


def test_a_rule_of_its_own_status_is_one_finding() -> None:
    """A conflict where a valid invoice is due, and where an invalid one is, have one cause."""
    words = {"symptom": "409 CONFLICT", "status": 409, "traits": ["sometimes"]}
    valid = _cause(**words)
    invalid = _cause(**words, category="Wrong status", difference=["another"])
    (row,) = _merged((invalid, "4xx.status"), (valid, "201.status"))
    assert row["requirement"] == "201.status"


def test_what_is_told_is_of_the_request_that_is_shown() -> None:
    """The difference with the fewest edits, and what was expected of that very request."""
    words = {"symptom": "403 FORBIDDEN", "status": 403, "traits": ["sent otherwise"], "paths": []}
    plain = _cause(**words, difference=["a cookie"])
    more = _cause(**words, category="Wrong status", difference=["a cookie", "another key"])
    (row,) = _merged((more, "4xx.status"), (plain, "201.status"))
    assert (row["requirement"], row["difference"]) == ("201.status", "a cookie")


def test_a_cause_is_the_same_after_a_journey_between_processes() -> None:
    """Workers send theirs as JSON; what is told of a row is found by its cause."""
    counts = Counts(causes={"a": _cause(category=Category.ECHO)})
    (cause,) = Counts.from_json(counts.as_json()).causes.values()
    assert cause.id == _cause(category=Category.ECHO).id


def test_an_invalid_value_that_is_taken_and_then_refused_is_one_finding() -> None:
    """A text that is too long is accepted, or there is no such order: no length is checked."""
    kind = {"traits": ["length", "maxLength"], "kinds": ["maxLength"]}
    taken = _cause(category="Accepted invalid input", status=201, paths=["remarks"], **kind)
    unknown = _cause(category="Wrong status", status=404, paths=["order_id"], **kind)
    rows = (
        (taken, "remarks.maxLength"),
        (taken, "invoice_number.maxLength"),
        (unknown, "4xx.status"),
    )
    (row,) = _merged(*rows)
    assert row["requirement"] == "remarks.maxLength"


def test_a_request_that_is_refused_for_what_valid_ones_are_is_one_finding() -> None:
    """Another status was due, but the server does not come so far."""
    refused = _cause(traits=["beyond ASCII"])
    unknown = _cause(category="Wrong status", traits=["beyond ASCII", "known"], paths=["order_id"])
    (row,) = _merged((unknown, "order_id.known"), (refused, "paid_amount.type"))
    assert row["requirement"] == "paid_amount.type"


def test_other_characters_beyond_ascii_are_refused_for_the_same() -> None:
    """Whichever of them stands in the name of an order that does not exist."""
    refused = _cause(traits=["beyond U+FFFF"])
    traits = ["'-'", "invisible character", "known"]
    unknown = _cause(category="Wrong status", traits=traits, paths=["order_id"])
    (row,) = _merged((unknown, "order_id.known"), (refused, "paid_amount.type"))
    assert row["requirement"] == "paid_amount.type"


def test_what_has_a_difference_says_more_than_what_has_none() -> None:
    """One answer, of which one case was explained and another one was only counted."""
    words = {"symptom": "406", "status": 406, "paths": []}
    counted = _cause(**words, traits=["sometimes"], difference=[], fails="not always")
    told = _cause(**words, traits=["sent otherwise", "no Accept"], difference=["no Accept"])
    (row,) = _merged((counted, "201.status"), (told, "request.accept"))
    assert (row["requirement"], row["difference"]) == ("request.accept", "no Accept")


def test_answers_that_are_mixed_up_now_and_then_are_one_finding() -> None:
    """Whatever they are instead: the same tests see them, and never twice."""
    once = {"traits": ["sometimes"], "kinds": ["sometimes"], "paths": []}
    causes = (
        _cause(**once, **_ECHO, symptom="another value"),
        _cause(**once, symptom="400"),
        _cause(**once, category="Accepted invalid input", status=201),
    )
    names = ("201.data.remarks.echo", "201.status", "remarks.type")
    rows = _merged(*zip(causes, names, strict=True), test="test_at_once[32]")
    assert [row["requirement"] for row in rows] == ["201.status"]


def test_items_that_cannot_be_told_apart_are_one_finding() -> None:
    """Where they never come back once each, nothing that comes back of one says more."""
    lost = _cause(**_ECHO, symptom=ITEMS_NOT_ONCE, traits=["every"], difference=[])
    name = _cause(**_ECHO, symptom="another value", difference=["name"], paths=["items[].name"])
    (row,) = _merged((name, "201.data.items[].name.echo"), (lost, "201.data.items.echo"))
    assert row["requirement"] == "201.data.items.echo"
    assert row["also"] == ["201.data.items[].name.echo"]


def test_items_of_another_name_are_told_as_items_are(tmp_path: Path) -> None:
    """What they are called in this version of the document, and the reference of an invoice too."""
    loaded = ALTERATIONS["other names of everything"].load(tmp_path)
    items, name = (
        path_text(loaded.path_of(path)) for path in (("items",), ("items", ELEMENT, "name"))
    )
    assert items != "items"
    lost = _cause(**_ECHO, symptom=ITEMS_NOT_ONCE, traits=["every"], difference=[])
    other = _cause(**_ECHO, symptom="another value", difference=["name"], paths=[name])
    found = ((other, f"201.data.{name}.echo"), (lost, f"201.data.{items}.echo"))
    (row,) = _merged(*found, contract=loaded)
    assert row["requirement"] == f"201.data.{items}.echo"
    payload = complete_invoice(loaded)
    answer = {each: [] if each == items else "Quux" for each in payload}
    exchange = Exchange(request(payload), response(201, {"data": answer}), None, 0.01)
    seen = symptoms(loaded, Oracle(loaded, FACTS).judge(exchange))
    assert OF_ANOTHER_INVOICE in [symptom.answer for symptom in seen]


def test_answers_that_change_places_explain_what_shows_not_always() -> None:
    """Any answer may come to any request; what shows each time is a defect of its own."""
    others = {"difference": ["other requests in flight"], "paths": []}
    mixed = _cause(**_ECHO, symptom=OF_ANOTHER_INVOICE, traits=["concurrent"], **others)
    status = _cause(**_ECHO, symptom=OF_ANOTHER_INVOICE, traits=["PAID"], paths=["status"])
    taken = {"category": "Accepted invalid input", "status": 201, "symptom": "201", "paths": []}
    once = _cause(**taken, traits=["sometimes"], difference=[])
    seen = (status, "201.data.status.echo"), (once, "due_date.required")
    row, *no_more = _merged(*seen, (mixed, "201.data.remarks.echo"))
    assert not no_more
    assert (row["requirement"], row["difference"]) == (
        "201.data.remarks.echo",
        "other requests in flight",
    )
    case = _cause(**taken, traits=["case"], difference=["NaN in remarks"])
    assert len(_merged((mixed, "201.data.remarks.echo"), (case, "requestBody.json"))) == 2


def test_unspecified_values_that_mix_up_items_follow_from_items_that_are_not_checked() -> None:
    """What nobody checks is kept in any way; what valid items are mixed up by is a defect."""
    taken: dict[str, Any] = {"category": "Accepted invalid input", "status": 201, "symptom": "201"}
    taken |= {"fails": "the same in items[2]", "in_another": True}
    type_, length = (
        _cause(**taken, kinds=[kind], paths=["items[].sku"], difference=[kind]) for kind in "ab"
    )
    mixed = _cause(**_ECHO, symptom=ITEMS_NOT_ONCE, paths=["items[].sku"], difference=[])
    forgotten = (type_, "items[].sku.type"), (length, "items[].sku.maxLength")
    echo = (mixed, "201.data.items.echo")
    unspecified, valid = (
        f"suites/test_{name}.py::test_a[b]" for name in ("unspecified", "acceptance")
    )
    names = [row["requirement"] for row in _merged(*forgotten, echo, test=unspecified)]
    assert "201.data.items.echo" not in names
    names = [row["requirement"] for row in _merged(*forgotten, echo, test=valid)]
    assert "201.data.items.echo" in names
    names = [row["requirement"] for row in _merged(forgotten[0], echo, test=unspecified)]
    assert "201.data.items.echo" in names


def test_the_difference_is_told_of_the_requirement_that_is_named() -> None:
    """Although another one is simpler."""
    taken: dict[str, Any] = {"category": "Accepted invalid input", "status": 201, "symptom": "201"}
    long = _cause(**taken, paths=["items[].sku"], limits=["items[].sku.maxLength"])
    null = _cause(**taken, paths=["items[]"], difference=["items[0] 0"])
    rows = [
        (long, "items[].sku.maxLength"),
        (null, "items[].sku.maxLength"),
        (null, "items[].type"),
    ]
    (row,) = _merged(*rows, *[(null, f"items[].{name}.type") for name in ("sku", "name")])
    assert (row["requirement"], row["difference"]) == ("items[].sku.maxLength", "paid_amount 0")
    few = _cause(**_ECHO, symptom="in capitals", paths=["items"], difference=["11 items"])
    both = _cause(**_ECHO, symptom="in capitals", paths=["items[].sku", "items"], difference=["a"])
    (row,) = _merged(*[(each, "201.data.items[].sku.echo") for each in (few, both)])
    assert row["difference"] == "11 items"


def test_two_ways_in_which_a_property_comes_back_wrong_are_two_findings() -> None:
    """Unless one of them is rare, or only says that the value is another one."""
    causes = [
        _cause(**_ECHO, symptom=answer, traits=[answer]) for answer in ("trimmed", "in capitals")
    ]
    assert len(_merged(*((cause, "201.data.remarks.echo") for cause in causes))) == 2
    other = _cause(**_ECHO, symptom="another value", traits=["length"])
    assert len(_merged((causes[0], "201.data.remarks.echo"), (other, "201.data.remarks.echo"))) == 1


def test_a_difference_that_contains_another_one_is_no_finding_of_its_own() -> None:
    """It takes more for no more; what takes something else is another defect."""
    less = _cause(parts=[["remarks", "blank"]], difference=["a"])
    more = _cause(parts=[["remarks", "'.'", "blank"], ["status", "PAID"]], difference=["b"])
    other = _cause(parts=[["remarks", "'.'"]], traits=["'.'"], difference=["c"])
    found = [(each, "remarks.type") for each in (more, less, other)]
    assert len(_merged(*found[:2])) == 1
    assert len(_merged(*found[1:])) == 2


def test_a_mixture_joins_the_finding_whose_difference_it_contains() -> None:
    """Of two with one answer; where it contains neither, that is not known."""
    zero = _cause(parts=[["paid_amount", "zero"]])
    dot = _cause(
        parts=[["remarks", "'.'"]],
        traits=["'.'"],
        kinds=["text"],
        paths=["remarks"],
        difference=["remarks"],
    )
    unknown = _cause(
        parts=[["order_id", "blank"], ["remarks", "'.'", "blank"]], traits=["unknown"], kinds=["u"]
    )
    rows = _merged(*[(zero, "a.type")] * 2, (dot, "remarks.type"), (unknown, "order_id.type"))
    (row,) = (each for each in rows if each["difference"] == "remarks")
    assert "order_id.type" in row["also"]


def test_two_ways_in_which_a_date_comes_back_wrong_are_two_findings() -> None:
    """However rare one is; what one line of code does to a property is one, whatever shows it."""
    words = {**_ECHO, "paths": ["due_date"]}
    ways = [
        *(("shifted", "offset"), ("with other fractions of a second", "fraction")),
        *(("cut short", "offset"), ("cut short", "fraction")),
    ]
    shifted, other, offset, fraction = (
        _cause(**words, symptom=way, traits=[part], parts=[["due_date", part]], difference=[part])
        for way, part in ways
    )
    name = "201.data.due_date.echo"
    assert len(_merged(*[(shifted, name)] * 9, (other, name))) == 2
    assert len(_merged((offset, name), (fraction, name))) == 1


_ECHO: dict[str, Any] = {"category": "Echo mismatch", "status": 201}


def test_a_forgotten_requirement_that_nothing_explains_is_one_of_many_that_something_does() -> None:
    """Names are read in any case, and of one of them no difference could be told."""
    taken: dict[str, Any] = {"category": "Accepted invalid input", "status": 201, "symptom": "201"}
    names = ("order_id", "due_date", "paid_amount", "invoice_number", "reference_id")
    told = [
        (_cause(**taken, traits=["left out"], paths=[each], difference=[each]), f"{each}.required")
        for each in names
    ]
    case = _cause(**taken, traits=["case"], paths=[], kinds=["case"], difference=["a case"])
    assert len(_merged(*told[:1], (case, "total_amount.required"))) == 2
    merged = _merged(*told, *told, (case, "total_amount.required"))
    assert "a case" not in [row["difference"] for row in merged]
    other = _merged(*told, (case, "total_amount.type"))
    assert "a case" in [row["difference"] for row in other]


def test_large_numbers_that_come_back_wrong_in_any_way_are_one_finding() -> None:
    """An overflow is another sign, a rounding or any number; what else is rounded is another."""
    name, large = "201.data.paid_amount.echo", {"kinds": ["number"], "difference": "a"}
    ways = [_cause(**_ECHO, **large, symptom=way, traits=["large number"]) for way in ("a", "b")]
    assert len(_merged(*((way, name) for way in ways))) == 1
    cents = _cause(**_ECHO, **large, symptom="rounded", traits=["fraction"])
    assert len(_merged((ways[0], name), (cents, name))) == 2


def test_the_field_is_told_that_the_shown_answer_names(against: Any) -> None:
    """An invoice with two faults is told of the other one first, and the difference is in one."""

    def check(payload: Json) -> tuple[Problem, ...]:
        names = [each for each in ("total_amount", "paid_amount") if payload[each] >= 10**8]
        return VALID.check(payload) or tuple(Problem((n,), "wrong", "is wrong") for n in names)

    items = [{**item, "amount": 10**8} for item in plain_invoice(CONTRACT, ORDERS)["items"]]
    with against(check=check) as asking:
        asking.ask({**of_items(items), "paid_amount": 10**8, "status": "PARTIALLY_PAID"})
        asking.ask(invoice(paid_amount=10**8, status="OVERPAID"))
        row = asking.only
    assert row["answer"].endswith("names it")


def test_different_answers_are_different_findings() -> None:
    """Even to the same difference."""
    other = _cause(symptom="403", status=403)
    assert len(_merged((_cause(), "paid_amount.type"), (other, "status.enum"))) == 2


def test_what_a_valid_request_is_refused_for_is_told_under_its_own_requirement() -> None:
    """The test may have been about another property; of several the status is told."""
    (row,) = _merged((_cause(paths=["items[].name"], traits=["blank"]), "order_id.type"))
    assert row["requirement"] == "items[].name.type"
    (row,) = _merged((_cause(paths=["items[].name", "remarks"]), "order_id.type"))
    assert row["requirement"] == "201.status"


def test_a_way_of_sending_is_told_under_the_requirement_on_it() -> None:
    """Also where that is a SHOULD, and whatever else was sent in this way."""
    sent = _cause(
        traits=["sent otherwise", "no User-Agent"], paths=[], difference=["no User-Agent"]
    )
    (row,) = _merged((sent, "remarks.type"), (sent, "request.fields"))
    assert row["requirement"] == "request.fields"


def test_two_header_fields_with_one_answer_are_one_finding() -> None:
    """Both are names of what it takes for an idempotency key; another answer is another finding."""
    words: dict[str, Any] = {**_ECHO, "symptom": "the answer of another invoice", "paths": []}
    names = ("X-Request-ID", "X-Correlation-ID")
    causes = [
        _cause(**words, traits=["sent otherwise", f"a header field {name}"], difference=[name])
        for name in names
    ]
    found = [(cause, "201.data.remarks.echo") for cause in causes]
    (row,) = _merged(*found)
    assert {row["difference"], *row["alike"]} == {*names}
    other = replace(causes[1], symptom="in capitals")
    assert len(_merged(found[0], (other, "201.data.remarks.echo"))) == 2


def test_a_breakdown_for_a_header_field_says_nothing_of_the_key() -> None:
    """Whether or not the request has one."""
    traits = ["sent otherwise", "a header field DNT"]
    words = {"category": "Server error", "status": 500, "symptom": "500", "unusual": True}
    dnt = _cause(**words, traits=traits, paths=[], difference=["a header field DNT"])
    names = ("security.key", "order_id.known", "201.status", "remarks.type")
    (row,) = _merged(*((dnt, name) for name in names))
    assert row["requirement"] == "201.status"


@pytest.mark.parametrize(
    ("way", "name"), [("no Accept", "request.fields"), ("another query", "request.query")]
)
def test_only_another_query_is_told_under_the_requirement_on_it(way: str, name: str) -> None:
    """What is asked with a query may be refused for a header field."""
    sent = _cause(traits=["sent otherwise", way], paths=[], difference=[way])
    queries = [(sent, "request.query")] * 2
    (row,) = _merged(*queries, (sent, "request.fields"))
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
    every = _cause(category="Protocol", traits=["every"], difference=[], of_answer=True)
    (row,) = _merged((every, name), forms=forms)
    assert (row["refused"], row["accepted"]) == told


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
    (row,) = _merged((_cause(category=category), "201.status"), contract=other)
    assert row.get("unknown") == unknown
    (same,) = _merged((_cause(category=category), "201.status"))
    assert "unknown" not in same


def test_a_refused_value_of_a_new_enumeration_may_ask_for_more(tmp_path: Path) -> None:
    """A credit note may need what only prose says; another refusal has nothing to do with it."""
    other = load(ALTERATIONS["an optional enum"].write(tmp_path / "new.yaml"))
    refused = _cause(category=Category.REFUSED_VALID)
    of_it = {"paths": ["extra_field"], "difference": ["extra_field USD"]}
    value = _cause(category=Category.REFUSED_VALID, **of_it)
    (row,) = _merged((value, "extra_field.enum"), contract=other)
    assert row["unknown"] == ["extra_field"]
    (row,) = _merged((refused, "201.status"), contract=other)
    assert "unknown" not in row


def test_what_nobody_knows_is_a_line_of_the_block() -> None:
    """And none where all values are known."""
    row = cause("201.status", unknown=["tax", "a", "b", "c"])
    lines = [*block(record(findings=[row]), row)]
    known = [*block(record(findings=[row]), cause("201.status"))]
    (told,) = (line for line in lines if line not in known)
    assert told.split()[:2] == ["left", "open"]
    assert "does not say what else a server asks of tax, a, b, ..." in told
