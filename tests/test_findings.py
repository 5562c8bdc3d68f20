"""Which causes are one finding, and under which requirement it is told."""

from pathlib import Path
from typing import Any

import pytest

from causes.echo_change import ITEMS_NOT_ONCE
from causes.symptoms import OF_ANOTHER_INVOICE, symptoms
from findings.rows import HTTP, NO_ANSWER, form_key
from reference.refusal import Problem
from reports.ledger import Counts
from spec.exchange import Exchange
from spec.oracle import Oracle
from spec.paths import ELEMENT, path_text
from spec.violation import Category
from strategies.invoice import complete_invoice, plain_invoice
from tests.asking import ORDERS, VALID, Json, invoice, of_items
from tests.causes import AN_ECHO, a_cause, merged
from tests.exchanges import CONTRACT, FACTS, request, response
from tests.versions.catalogue import ALTERATIONS


def test_equal_causes_of_two_workers_are_one_finding() -> None:
    """Under the requirement whose location the difference is at; the others are listed."""
    names = ("201.status", "remarks.type", "paid_amount.minimum")
    (row,) = merged(*((a_cause(limits=["paid_amount.minimum"]), name) for name in names))
    assert row["requirement"] == "paid_amount.minimum"
    assert row["also"] == ["201.status", "remarks.type"]
    assert row["tests"][0] == "test of paid_amount.minimum"


def test_the_same_at_another_property_is_the_same_finding() -> None:
    """Zero is refused in two amounts."""
    other = a_cause(paths=["total_amount"], difference=["total_amount 0"])
    (row,) = merged((a_cause(), "paid_amount.minimum"), (other, "total_amount.type"))
    assert (row["requirement"], row["difference"]) == ("total_amount.required", "total_amount 0")
    assert row["alike"] == ["paid_amount 0"]


def test_what_the_server_names_whatever_is_changed_is_what_the_finding_is_about() -> None:
    """An amount that makes the total smaller than what is paid is not to blame for that, even if
    what is required of it was asked as well.
    """
    told = {"field": "paid_amount", "names": "it"}
    less = a_cause(paths=["items[].amount"], difference=["items[0].amount 0"], **told)
    more = a_cause(traits=["fraction"], difference=["paid_amount 1243.95"], **told)
    (row,) = merged((less, "items[].amount.required"), (more, "paid_amount.type"))
    assert (row["requirement"], row["difference"]) == ("paid_amount.type", "paid_amount 1243.95")


def test_what_only_a_case_is_called_is_not_told_beside_a_difference() -> None:
    """It may have no part in it; neither is told what has too many parts to be read."""
    many = [f"remarks {n}" for n in range(9)]
    (row,) = merged(
        (a_cause(), "201.status"),
        (a_cause(traits=["case"], difference=["brackets in order_id"], paths=[]), "201.status"),
        (a_cause(difference=[*many, "paid_amount 0"]), "201.status"),
    )
    assert (row["difference"], row["alike"]) == ("paid_amount 0", [])


def test_the_error_to_the_request_before_is_one_finding_whatever_it_names() -> None:
    """A server that gives it to the next request refuses a valid one, and names in an invalid one
    what only the one before had wrong; where valid ones are accepted, that is a finding itself.
    """

    def after(words: str, **fields: Any) -> Any:
        at = {"traits": ["after another"], "paths": [], "code": "BAD", "before": words}
        return a_cause(**at, difference=[words], **fields)

    refused = after("the request before it over the connection was answered 400", field="due_date")
    words = "the request before it had items[2].sku wrong"
    shape = {"category": "Error shape", "of_answer": True}
    named = after(words, **shape, field="items[].sku"), "4xx.details.names"
    (row,) = merged((refused, "201.status"), named)
    assert (row["requirement"], row["also"]) == ("201.status", ["4xx.details.names"])
    other = after("the request before it over the connection was answered 201")
    assert len(merged((other, "201.status"), named)) == 2


def test_members_in_other_letters_are_one_finding_whatever_is_paid() -> None:
    """A server that ignores case takes them where the amounts agree with what it reads."""

    def taken(status: str, *others: str) -> tuple[Any, str]:
        words = {"category": "Accepted invalid input", "symptom": "201", "status": 201}
        at = {"traits": ["enum", status], "kinds": ["enum"], "paths": [*others, "status"]}
        difference = [f"status {status}", *(f"{each} 1" for each in others)]
        return a_cause(**words, **at, difference=difference), "status.enum"

    plain, paid = taken("Partially_paid"), taken("overpaıd", "paid_amount")
    (row,) = merged(plain, paid, taken("paid", "items", "paid_amount", "total_amount"))
    assert row["difference"] == "status Partially_paid"


def test_different_values_with_one_answer_are_two_findings_and_many_are_one() -> None:
    """Two may be two faults; many are told as one."""
    kinds = [
        (a_cause(traits=[trait], difference=[f"paid_amount {trait}"]), "paid_amount.type")
        for trait in ("zero", "large number", "fraction")
    ]
    assert len(merged(*kinds[:2])) == 2
    assert len(merged(*kinds)) == 1


def test_what_was_answered_when_it_was_sent_once_more_counts_too() -> None:
    """A dropped request was one, although another connection had its answer."""
    words: dict[str, Any] = {"category": "Protocol", "status": None, "unusual": True, "paths": []}
    cause = a_cause(**words, traits=["rarely"], difference=[], fails="any request, now and then")
    forms = {"response.http 201 kept": 100, form_key(HTTP, NO_ANSWER, kept=False): 11}
    (row,) = merged((cause, "response.http"), forms=forms)
    assert row["refused"] == "any request, now and then: 12 of 111 requests"


def test_an_echo_that_is_wrong_now_and_then_is_told_by_how_many_answers_are() -> None:
    """And by no case: what the one is called that was seen first has no part in it."""
    name, once = "201.data.remarks.echo", {"traits": ["sometimes"], "kinds": ["sometimes"]}
    cases = [
        (a_cause(**once, **AN_ECHO, paths=[], difference=[], fails=f"case {n}, not always"), name)
        for n in range(4)
    ]
    forms = {form_key(name, 201, kept=True): 657, form_key(name, 201, kept=False): 17}
    (row,) = merged(*cases, test="test #", forms=forms)
    assert row["accepted"] == "any invoice"
    assert row["refused"] == "any invoice, now and then: 17 of 674 answers"


def test_a_difference_from_another_invoice_is_told_and_not_that_the_plain_one_shows_it() -> None:
    """It was not asked of each property what makes the difference."""
    shown = {**AN_ECHO, "symptom": "rounded"}
    plain = {"traits": ["every"], "kinds": ["every"], "paths": [], "works": ""}
    every = a_cause(**shown, **plain, difference=[], fails="every one")
    other = "an invoice with nothing optional"
    usual = a_cause(
        **shown, usual=True, paths=["total_amount"], difference=["total_amount 0.01"], works=other
    )
    total, paid = "201.data.total_amount.echo", "201.data.paid_amount.echo"
    for pairs in ([(every, paid), (usual, total)], [(usual, total), (every, paid)]):
        forms = {form_key(paid, 201, kept=each): 100 for each in (True, False)}
        (row,) = merged(*pairs, forms=forms)
        assert (row["requirement"], row["accepted"]) == (total, other)
        assert (row["difference"], row["also"]) == ("total_amount 0.01", [paid])


def test_what_is_not_explained_joins_what_is() -> None:
    """One answer, of which one case was explained and another one was not."""
    case = a_cause(traits=["case"], kinds=["case"], paths=[], difference=["a case"])
    told = a_cause(names="it")
    (row,) = merged((case, "201.status"), (told, "paid_amount.type"))
    assert row["difference"] == "paid_amount 0"


def test_what_follows_another_request_says_more_than_a_case() -> None:
    """Which is shorter to say; and so it is sent again after that request."""
    words = {"category": "Echo mismatch", "symptom": "another", "of_answer": True, "paths": []}
    case = a_cause(**words, traits=["case"], difference=["invoice 2"])
    after = a_cause(
        **words,
        traits=["after another"],
        before="400",
        difference=["the request before it was answered 400"],
    )
    name = "201.data.invoice_number.echo"
    (row,) = merged((case, name), (case, name), (after, name))
    assert row["difference"] == after.text
    assert row["shows"] == "after another"


def test_what_follows_any_request_in_the_same_words_is_one_finding() -> None:
    """Such as bytes of a longer body before; a refusal in other words is another."""

    def after(status: int, detail: str) -> Any:
        words = f"the request before it over the connection was answered {status}"
        told: dict[str, Any] = {"before": words, "difference": [words], "detail": detail}
        return a_cause(traits=["after another"], kinds=["after another"], paths=[], **told)

    first = after(201, "data at column 17"), "201.status"
    assert len(merged(first, (after(400, "data at column 9"), "items.type"))) == 1
    assert len(merged(first, (after(400, "The order is unknown."), "items.type"))) == 2


def test_a_field_that_is_too_long_is_one_finding_with_a_wrong_key_too() -> None:
    """The key is the field there; in other words it is another finding."""

    def by(field: str, detail: str, category: str = "Refused valid input") -> Any:
        more: dict[str, Any] = {"traits": [field, "sent otherwise"], "kinds": ["sent otherwise"]}
        return a_cause(**more, paths=[], difference=[field], category=category, detail=detail)

    key = by("a long key", "Header too large", "Authentication")
    cookie, other = by("a Cookie", "Header too large"), by("a Cookie", "Cookies are not welcome")
    assert len(merged((key, "security.key"), (cookie, "request.fields"))) == 1
    assert len(merged((key, "security.key"), (other, "request.fields"))) == 2


def test_a_rule_of_its_own_status_is_one_finding() -> None:
    """A conflict where a valid invoice is due, and where an invalid one is, have one cause."""
    words = {"symptom": "409 CONFLICT", "status": 409, "traits": ["sometimes"]}
    valid = a_cause(**words)
    invalid = a_cause(**words, category="Wrong status", difference=["another"])
    (row,) = merged((invalid, "4xx.status"), (valid, "201.status"))
    assert row["requirement"] == "201.status"


def test_what_is_told_is_of_the_request_that_is_shown() -> None:
    """The difference with the fewest edits, and what was expected of that very request."""
    words = {"symptom": "403 FORBIDDEN", "status": 403, "traits": ["sent otherwise"], "paths": []}
    plain = a_cause(**words, difference=["a cookie"])
    more = a_cause(**words, category="Wrong status", difference=["a cookie", "another key"])
    (row,) = merged((more, "4xx.status"), (plain, "201.status"))
    assert (row["requirement"], row["difference"]) == ("201.status", "a cookie")


def test_a_cause_is_the_same_after_a_journey_between_processes() -> None:
    """Workers send theirs as JSON; what is told of a row is found by its cause."""
    counts = Counts(causes={"a": a_cause(category=Category.ECHO)})
    (cause,) = Counts.from_json(counts.as_json()).causes.values()
    assert cause.id == a_cause(category=Category.ECHO).id


def test_an_invalid_value_that_is_taken_and_then_refused_is_one_finding() -> None:
    """A text that is too long is accepted, or there is no such order: no length is checked."""
    kind = {"traits": ["length", "maxLength"], "kinds": ["maxLength"]}
    taken = a_cause(category="Accepted invalid input", status=201, paths=["remarks"], **kind)
    unknown = a_cause(category="Wrong status", status=404, paths=["order_id"], **kind)
    rows = (
        (taken, "remarks.maxLength"),
        (taken, "invoice_number.maxLength"),
        (unknown, "4xx.status"),
    )
    (row,) = merged(*rows)
    assert row["requirement"] == "remarks.maxLength"


def test_a_request_that_is_refused_for_what_valid_ones_are_is_one_finding() -> None:
    """Another status was due, but the server does not come so far."""
    refused = a_cause(traits=["beyond ASCII"])
    unknown = a_cause(category="Wrong status", traits=["beyond ASCII", "known"], paths=["order_id"])
    (row,) = merged((unknown, "order_id.known"), (refused, "paid_amount.type"))
    assert row["requirement"] == "paid_amount.type"


@pytest.mark.parametrize(("field", "findings"), [("paid_amount", 1), ("order_id", 2)])
def test_a_request_that_is_refused_in_the_words_for_valid_ones_is_one_finding(
    field: str, findings: int
) -> None:
    """Whatever it takes, unless they are on that for which another status is due."""
    words: Any = {"code": "BAD_REQUEST", "field": field, "detail": f"{field}: is wrong"}
    refused = a_cause(traits=["fraction"], names="it", paths=[field], **words)
    # Another value: what is refused for the same one, in the same words, is the same.
    words["difference"] = ['order_id "x-y"']
    unknown = a_cause(
        category="Wrong status", traits=["'-'", "known"], paths=["order_id"], names=field, **words
    )
    rows = merged(*[(refused, f"{field}.type")] * 2, (unknown, "order_id.known"))
    assert len(rows) == findings


def test_other_characters_beyond_ascii_are_refused_for_the_same() -> None:
    """Whichever of them stands in the name of an order that does not exist."""
    refused = a_cause(traits=["beyond U+FFFF"])
    traits = ["'-'", "invisible character", "known"]
    unknown = a_cause(category="Wrong status", traits=traits, paths=["order_id"])
    (row,) = merged((unknown, "order_id.known"), (refused, "paid_amount.type"))
    assert row["requirement"] == "paid_amount.type"


def test_what_has_a_difference_says_more_than_what_has_none() -> None:
    """One answer, of which one case was explained and another one was only counted."""
    words = {"symptom": "406", "status": 406, "paths": []}
    counted = a_cause(**words, traits=["sometimes"], difference=[], fails="not always")
    told = a_cause(**words, traits=["sent otherwise", "no Accept"], difference=["no Accept"])
    (row,) = merged((counted, "201.status"), (told, "request.accept"))
    assert (row["requirement"], row["difference"]) == ("request.accept", "no Accept")


def test_answers_that_are_mixed_up_now_and_then_are_one_finding() -> None:
    """Whatever they are instead: the same tests see them, and never twice."""
    once = {"traits": ["sometimes"], "kinds": ["sometimes"], "paths": []}
    causes = (
        a_cause(**once, **AN_ECHO, symptom="another value"),
        a_cause(**once, symptom="400"),
        a_cause(**once, category="Accepted invalid input", status=201),
    )
    names = ("201.data.remarks.echo", "201.status", "remarks.type")
    rows = merged(*zip(causes, names, strict=True), test="test_at_once[32]")
    assert [row["requirement"] for row in rows] == ["201.status"]


def test_items_that_cannot_be_told_apart_are_one_finding() -> None:
    """Where they never come back once each, nothing that comes back of one says more."""
    lost = a_cause(**AN_ECHO, symptom=ITEMS_NOT_ONCE, traits=["every"], difference=[])
    name = a_cause(**AN_ECHO, symptom="another value", difference=["name"], paths=["items[].name"])
    (row,) = merged((name, "201.data.items[].name.echo"), (lost, "201.data.items.echo"))
    assert row["requirement"] == "201.data.items.echo"
    assert row["also"] == ["201.data.items[].name.echo"]


def test_items_of_another_name_are_told_as_items_are(tmp_path: Path) -> None:
    """What they are called in this version of the document, and the reference of an invoice too."""
    loaded = ALTERATIONS["other names of everything"].load(tmp_path)
    items, name = (
        path_text(loaded.path_of(path)) for path in (("items",), ("items", ELEMENT, "name"))
    )
    assert items != "items"
    lost = a_cause(**AN_ECHO, symptom=ITEMS_NOT_ONCE, traits=["every"], difference=[])
    other = a_cause(**AN_ECHO, symptom="another value", difference=["name"], paths=[name])
    found = ((other, f"201.data.{name}.echo"), (lost, f"201.data.{items}.echo"))
    (row,) = merged(*found, contract=loaded)
    assert row["requirement"] == f"201.data.{items}.echo"
    payload = complete_invoice(loaded)
    answer = {each: [] if each == items else "Quux" for each in payload}
    exchange = Exchange(request(payload), response(201, {"data": answer}), None, 0.01)
    seen = symptoms(loaded, Oracle(loaded, FACTS).judge(exchange))
    assert OF_ANOTHER_INVOICE in [symptom.answer for symptom in seen]


@pytest.mark.parametrize("trait", ["sometimes", "concurrent"])
def test_answers_that_change_places_explain_what_shows_not_always(trait: str) -> None:
    """Any answer may come to any request; what shows each time is a defect of its own."""
    others = {"difference": ["other requests in flight"], "paths": []}
    mixed = a_cause(**AN_ECHO, symptom=OF_ANOTHER_INVOICE, traits=["concurrent"], **others)
    status = a_cause(**AN_ECHO, symptom=OF_ANOTHER_INVOICE, traits=["PAID"], paths=["status"])
    taken = {"category": "Accepted invalid input", "status": 201, "symptom": "201", "paths": []}
    once = a_cause(**taken, traits=[trait], difference=[])
    seen = (status, "201.data.status.echo"), (once, "due_date.required")
    row, *no_more = merged(*seen, (mixed, "201.data.remarks.echo"))
    assert not no_more
    assert (row["requirement"], row["difference"]) == (
        "201.data.remarks.echo",
        "other requests in flight",
    )
    case = a_cause(**taken, traits=["case"], difference=["NaN in remarks"])
    assert len(merged((mixed, "201.data.remarks.echo"), (case, "requestBody.json"))) == 2


def test_the_errors_of_other_requests_are_one_finding_whatever_was_asked() -> None:
    """An error that goes to another connection refuses what is valid there, names what was right,
    or is that of a wrong key; what an error says each time, or after another request, is more.
    """
    words: dict[str, Any] = {"status": 400, "paths": [], "difference": []}
    refused = a_cause(**words, traits=["sometimes"], symptom="refused")
    key = a_cause(**words, traits=["sometimes"], symptom="400", category="Authentication")
    names = [f"items[].{name}.type" for name in ("sku", "name", "quantity")]
    seen = [(refused, name) for name in names]
    assert len(merged(*seen, (key, "security.key"))) == 1
    assert len(merged(*seen[:1], (key, "security.key"))) == 2
    for traits in (["after another"], ["PAID"]):
        other = a_cause(**words, traits=traits, symptom="400", category="Authentication")
        assert len(merged(*seen, (other, "security.key"))) == 2


def test_unspecified_values_that_mix_up_items_follow_from_items_that_are_not_checked() -> None:
    """What nobody checks is kept in any way; what valid items are mixed up by is a defect."""
    taken: dict[str, Any] = {"category": "Accepted invalid input", "status": 201, "symptom": "201"}
    taken |= {"fails": "the same in items[2]", "in_another": True}
    type_, length = (
        a_cause(**taken, kinds=[kind], paths=["items[].sku"], difference=[kind]) for kind in "ab"
    )
    mixed = a_cause(**AN_ECHO, symptom=ITEMS_NOT_ONCE, paths=["items[].sku"], difference=[])
    forgotten = (type_, "items[].sku.type"), (length, "items[].sku.maxLength")
    echo = (mixed, "201.data.items.echo")
    unspecified, valid = (
        f"suites/test_{name}.py::test_a[b]" for name in ("unspecified", "acceptance")
    )
    names = [row["requirement"] for row in merged(*forgotten, echo, test=unspecified)]
    assert "201.data.items.echo" not in names
    names = [row["requirement"] for row in merged(*forgotten, echo, test=valid)]
    assert "201.data.items.echo" in names
    names = [row["requirement"] for row in merged(forgotten[0], echo, test=unspecified)]
    assert "201.data.items.echo" in names


def test_the_difference_is_told_of_the_requirement_that_is_named() -> None:
    """Although another one is simpler."""
    taken: dict[str, Any] = {"category": "Accepted invalid input", "status": 201, "symptom": "201"}
    long = a_cause(**taken, paths=["items[].sku"], limits=["items[].sku.maxLength"])
    null = a_cause(**taken, paths=["items[]"], difference=["items[0] 0"])
    rows = [
        (long, "items[].sku.maxLength"),
        (null, "items[].sku.maxLength"),
        (null, "items[].type"),
    ]
    (row,) = merged(*rows, *[(null, f"items[].{name}.type") for name in ("sku", "name")])
    assert (row["requirement"], row["difference"]) == ("items[].sku.maxLength", "paid_amount 0")
    few = a_cause(**AN_ECHO, symptom="in capitals", paths=["items"], difference=["11 items"])
    both = a_cause(
        **AN_ECHO, symptom="in capitals", paths=["items[].sku", "items"], difference=["a"]
    )
    (row,) = merged(*[(each, "201.data.items[].sku.echo") for each in (few, both)])
    assert row["difference"] == "11 items"


def test_two_ways_in_which_a_property_comes_back_wrong_are_two_findings() -> None:
    """Unless one of them is rare, or only says that the value is another one."""
    causes = [
        a_cause(**AN_ECHO, symptom=answer, traits=[answer]) for answer in ("trimmed", "in capitals")
    ]
    assert len(merged(*((cause, "201.data.remarks.echo") for cause in causes))) == 2
    parts = [["remarks", "blank"]], [["remarks", "beyond ASCII", "blank"]]
    for words in ("with another blank at an end", "normalised"):
        blanks = [
            a_cause(**AN_ECHO, symptom=answer, traits=["blank"], parts=each)
            for answer, each in zip(("trimmed", words), parts, strict=True)
        ]
        assert len(merged(*((cause, "201.data.remarks.echo") for cause in blanks))) == 2
    other = a_cause(**AN_ECHO, symptom="another value", traits=["length"])
    assert len(merged((causes[0], "201.data.remarks.echo"), (other, "201.data.remarks.echo"))) == 1


def test_what_is_waived_is_known_beside_what_may_be_the_same_fault() -> None:
    """A server that trims makes one blank of several, too: one finding, unless the one is waived,
    which is told as known, and is no part of the other.
    """
    causes = [
        a_cause(
            **AN_ECHO,
            symptom=answer,
            traits=["blank"],
            difference=[difference],
            parts=[["remarks", "blank", *more]],
        )
        for answer, difference, more in (
            ("trimmed", 'remarks "x "', []),
            ("with other blanks", 'remarks "x  x"', ["blanks"]),
        )
    ]
    found = [(cause, "201.data.remarks.echo") for cause in causes]
    assert len(merged(*found)) == 1
    rows = {row["difference"]: row for row in merged(*found, waived=1)}
    assert {each: row["waived"] for each, row in rows.items()} == {
        'remarks "x "': True,
        'remarks "x  x"': False,
    }
    assert rows['remarks "x  x"']["alike"] == []
    assert len(merged(*found, waived=2)) == 1


def test_a_change_that_two_findings_would_explain_is_the_one_that_is_told_alike() -> None:
    """What a blank is made of may be the work of who makes one of several, or of who normalises."""
    echo, part = "201.data.remarks.echo", ["remarks", "blank"]
    trimmed, blanks, both = (
        a_cause(**AN_ECHO, symptom=answer, paths=["remarks"], **told)
        for answer, told in (
            ("trimmed", {"traits": ["blank"], "parts": [part], "difference": ["one"]}),
            ("with other blanks", {"traits": ["a"], "parts": [["a"]], "difference": ["two"]}),
            ("with other blanks", {"traits": ["b"], "parts": [[*part, "b"]], "difference": ["x"]}),
        )
    )
    rows = merged((trimmed, echo), (trimmed, echo), (blanks, echo), (both, echo))
    assert {row["answer"]: row["answers"] for row in rows} == {
        "trimmed": [],
        "with other blanks": [],
    }


def test_a_total_that_is_refused_with_the_same_words_is_one_finding() -> None:
    """Whichever items make it; what is refused of itself is told apart, and so are other words."""
    named: dict[str, Any] = {"paths": ["total_amount"], "field": "total_amount"}
    causes = [
        a_cause(**named, difference=[text], traits=[text], kinds=[text], detail=detail)
        for text, detail in (
            ("total_amount 2467.9, which follows from 6 items", "does not match"),
            ("total_amount 201034, which follows from items[1].quantity 10000", "does not match"),
            ("total_amount 0.3, which follows from items[0].amount 0.1", "is too small"),
            ("total_amount 0", "does not match"),
        )
    ]
    assert len(merged(*((cause, "total_amount.type") for cause in causes[:2]))) == 1
    assert len(merged(*((cause, "total_amount.type") for cause in causes[1:3]))) == 2
    assert len(merged(*((cause, "total_amount.type") for cause in causes[::3]))) == 2


def test_a_difference_that_contains_another_one_is_no_finding_of_its_own() -> None:
    """It takes more for no more; what takes something else is another defect."""
    less = a_cause(parts=[["remarks", "blank"]], difference=["a"])
    more = a_cause(parts=[["remarks", "'.'", "blank"], ["status", "PAID"]], difference=["b"])
    other = a_cause(parts=[["remarks", "'.'"]], traits=["'.'"], difference=["c"])
    found = [(each, "remarks.type") for each in (more, less, other)]
    assert len(merged(*found[:2])) == 1
    assert len(merged(*found[1:])) == 2


def test_a_mixture_joins_the_finding_whose_difference_it_contains() -> None:
    """Of two with one answer; where it contains neither, that is not known."""
    zero = a_cause(parts=[["paid_amount", "zero"]])
    dot = a_cause(
        parts=[["remarks", "'.'"]],
        traits=["'.'"],
        kinds=["text"],
        paths=["remarks"],
        difference=["remarks"],
    )
    unknown = a_cause(
        parts=[["order_id", "blank"], ["remarks", "'.'", "blank"]], traits=["unknown"], kinds=["u"]
    )
    rows = merged(*[(zero, "a.type")] * 2, (dot, "remarks.type"), (unknown, "order_id.type"))
    (row,) = (each for each in rows if each["difference"] == "remarks")
    assert "order_id.type" in row["also"]


def test_two_ways_in_which_a_date_comes_back_wrong_are_two_findings() -> None:
    """However rare one is; what one line of code does to a property is one, whatever shows it."""
    words = {**AN_ECHO, "paths": ["due_date"]}
    ways = [
        *(("shifted", "offset"), ("with other fractions of a second", "fraction")),
        *(("cut short", "offset"), ("cut short", "fraction")),
    ]
    shifted, other, offset, fraction = (
        a_cause(**words, symptom=way, traits=[part], parts=[["due_date", part]], difference=[part])
        for way, part in ways
    )
    name = "201.data.due_date.echo"
    assert len(merged(*[(shifted, name)] * 9, (other, name))) == 2
    assert len(merged((offset, name), (fraction, name))) == 1


def test_a_forgotten_requirement_that_nothing_explains_is_one_of_many_that_something_does() -> None:
    """Names are read in any case, and of one of them no difference could be told."""
    taken: dict[str, Any] = {"category": "Accepted invalid input", "status": 201, "symptom": "201"}
    names = ("order_id", "due_date", "paid_amount", "invoice_number", "reference_id")
    told = [
        (a_cause(**taken, traits=["left out"], paths=[each], difference=[each]), f"{each}.required")
        for each in names
    ]
    case = a_cause(**taken, traits=["case"], paths=[], kinds=["case"], difference=["a case"])
    assert len(merged(*told[:1], (case, "total_amount.required"))) == 2
    rows = merged(*told, *told, (case, "total_amount.required"))
    assert "a case" not in [row["difference"] for row in rows]
    other = merged(*told, (case, "total_amount.type"))
    assert "a case" in [row["difference"] for row in other]


def test_large_numbers_that_come_back_wrong_in_any_way_are_one_finding() -> None:
    """An overflow is another sign, a rounding or any number; what else is rounded is another."""
    name, large = "201.data.paid_amount.echo", {"kinds": ["number"], "difference": "a"}
    ways = [a_cause(**AN_ECHO, **large, symptom=way, traits=["large number"]) for way in ("a", "b")]
    assert len(merged(*((way, name) for way in ways))) == 1
    cents = a_cause(**AN_ECHO, **large, symptom="rounded", traits=["fraction"])
    assert len(merged((ways[0], name), (cents, name))) == 2


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
    other = a_cause(symptom="403", status=403)
    assert len(merged((a_cause(), "paid_amount.type"), (other, "status.enum"))) == 2


def test_what_is_answered_alike_is_one_finding_although_the_words_were_read_once() -> None:
    """The other answer was followed by something else; other words are another finding."""
    name, words = "due_date.type", {"paths": ["due_date"], "status": 500}
    read = a_cause(**words, symptom="500 A", code="A", traits=["zero"], difference=["due_date 0"])
    unread = a_cause(**words, symptom="500", traits=["one"], difference=["due_date 1"])
    other = a_cause(**words, symptom="500 B", code="B", traits=["one"], difference=["due_date 1"])
    after = a_cause(
        symptom="500",
        status=500,
        traits=["after another"],
        before="after 400",
        fails="the plain invoice, due_date 0; after 400",
    )
    assert len(merged((read, name), (unread, name))) == 1
    assert len(merged((read, name), (after, "201.status"))) == 1
    assert len(merged((read, name), (other, name))) == 2


def test_an_answer_that_was_not_asked_for_is_one_finding_with_what_it_refuses() -> None:
    """It came just after the request was sent, which it seems to refuse."""
    words = {"category": "Protocol", "symptom": "unasked", "status": None, "broken": "unasked"}
    unasked = a_cause(**words, traits=["after another"], before="after chunks", paths=[])
    refused = a_cause(symptom="400 BAD", traits=["sometimes"], difference=[], paths=[])
    (row,) = merged((unasked, "response.http"), (refused, "201.status"))
    assert (row["requirement"], row["also"]) == ("response.http", ["201.status"])
    explained = a_cause(symptom="400 BAD")
    assert len(merged((unasked, "response.http"), (explained, "201.status"))) == 2
