"""Waivers in a run: what is known, new, expired or stale; and how a waiver is written."""

import json
import re
import shutil
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from findings import waivers
from findings.waivers import Found, Waiver, lasting
from reference.refusal import Problem
from reference.service import Steps
from reports import waive
from reports.history import past_of
from reports.ledger import Counts, Ledger
from reports.record import found_findings
from spec.exchange import Exchange, Request, Response
from spec.oracle import Oracle
from spec.requirements import Level
from spec.schema.formats import instant
from spec.violation import Category
from spec.yamlfile import FileError
from tests.copying import add_target, copied
from tests.exchanges import (
    ANSWERED,
    CONTRACT,
    FACTS,
    HEADERS,
    Change,
    altered,
    encoded,
    put,
    refusal,
    request,
)
from tests.faulty import SUBTLE, takes_any_sku
from tests.records import case, cause, record, requirement, run
from tests.reporting import Reported
from tests.running import ROOT, python, server
from tests.waiving import waived, waiver_of

pytestmark = pytest.mark.quick
"""But for those that start whole runs."""

LONG = replace(Steps(), check=takes_any_sku)
"""The reference, but it accepts a sku of any length."""
SKU = "items[].sku.maxLength"
TODAY = date(2027, 1, 1)
GOOD = f"""waivers:
  - requirement: {SKU}
    target: staging
    reason: Longer ones are cut off until the migration.
    link: https://tracker.example/1
    owner: Ada
    expires: 2027-03-31
"""
NARROW = f"{GOOD}    difference: items[].sku of 256 characters\n    status: 201\n"
LONGER = Found(SKU, "items[2].sku", "items[59].sku of 256 characters", status=201)


def _load(tmp_path: Path, text: str) -> tuple[Waiver, ...]:
    file = tmp_path / "waivers.yaml"
    file.write_text(text, encoding="utf-8")
    return waivers.load({requirement.name for requirement in CONTRACT.requirements}, file)


def test_a_waiver_holds_through_its_last_day(tmp_path: Path) -> None:
    """It warns two weeks before, and ends on the day after."""
    (waiver,) = _load(tmp_path, GOOD)
    assert (waiver.requirement, waiver.owner, waiver.line) == (SKU, "Ada", 2)
    assert not waiver.expired(date(2027, 3, 31))
    assert waiver.expired(date(2027, 4, 1))
    assert not waiver.ends_soon(date(2027, 3, 16))
    assert waiver.ends_soon(date(2027, 3, 17))
    assert not waiver.ends_soon(date(2027, 4, 1))


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("waiver: []", 1, "needs a list 'waivers'"),
        (
            GOOD.replace("    owner: Ada\n", ""),
            2,
            "Missing here: owner.",
        ),
        (GOOD + "    stauts: 201\n", 2, "no field 'stauts' (did you mean status?)"),
        (GOOD + "    status: '201'\n", 8, "'status' is the number of an answer"),
        (GOOD + "    place: ''\n", 8, "'place' is text"),
        (GOOD.replace("Ada", "''"), 6, "'owner' is text"),
        (GOOD.replace("https:", "mailto:"), 5, "'link' is an http(s) address"),
        (GOOD.replace("2027-03-31", "31 March"), 7, "'expires' is a date such as 2027-03-31"),
        (
            GOOD.replace(SKU, "items[].sku.maxlenght"),
            2,
            f"there is no requirement 'items[].sku.maxlenght' (did you mean {SKU}?)",
        ),
        (GOOD.replace(SKU, "x"), 2, "there is no requirement 'x'; reports"),
        (f"{GOOD}    shows: always\n", 8, "'shows' is 'now and then', or is left out."),
        (GOOD + GOOD.partition("\n")[2], 8, "is already waived for staging on line 2"),
    ],
)
def test_a_malformed_waiver_is_one_sentence(
    tmp_path: Path, text: str, line: int, words: str
) -> None:
    """File, line and what to do."""
    with pytest.raises(FileError) as refused:
        _load(tmp_path, text)
    sentence = str(refused.value)
    assert f"waivers.yaml:{line}: " in sentence
    assert words in sentence
    assert sentence.count("\n") == 0


def test_a_misspelled_target_gets_the_nearest_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a misspelled requirement does."""
    found = _load(tmp_path, GOOD.replace("staging", "stagin"))
    monkeypatch.setattr(waivers, "load", lambda _: found)
    with pytest.raises(FileError, match=r"'stagin' in targets.toml \(did you mean staging\?\)"):
        waive.of_target(CONTRACT, {"staging", "mine"}, "staging", Path("targets.toml"))


def test_two_findings_under_one_requirement_have_a_waiver_each(tmp_path: Path) -> None:
    """They differ in what makes each this finding."""
    first, second = _load(tmp_path, NARROW + GOOD.partition("\n")[2] + "    status: 400\n")
    assert (first.status, second.status) == (201, 400)


@pytest.mark.parametrize(
    ("found", "waived"),
    [
        (LONGER, True),
        (replace(LONGER, requirement="201.status"), True),
        (replace(LONGER, status=500), False),
        (replace(LONGER, difference="items[2].sku of 255 characters"), False),
        (replace(LONGER, difference=""), False),
    ],
)
def test_a_waiver_is_for_one_finding(tmp_path: Path, found: Found, *, waived: bool) -> None:
    """The number of an item does not count, and one fault shows under several requirements."""
    (waiver,) = _load(tmp_path, NARROW)
    assert not waiver.whole
    assert waiver.waives(found) is waived


EMOJI = "items[].sku of 234 characters, some beyond U+FFFF"
REFUSED_TEXT = Found("items[].sku.type", "items[0].sku", EMOJI, "400", 400)


@pytest.mark.parametrize(
    ("difference", "edits", "waived"),
    [
        (EMOJI, (), True),
        (EMOJI.replace("234", "255"), (), True),
        ("two", ('order_id "X"', EMOJI.replace("234", "1000").replace("[]", "[7]")), True),
        (EMOJI.replace("234", "233"), (), False),
        (EMOJI.replace("U+FFFF", "ASCII"), (), False),
        (EMOJI.replace("sku", "name"), (), False),
    ],
)
def test_a_waiver_of_a_text_that_is_refused_is_for_a_longer_one_too(
    tmp_path: Path, difference: str, edits: tuple[str, ...], *, waived: bool
) -> None:
    """Which length is told depends on the case; that a shorter one is refused is new, and so is
    that a longer one is accepted.
    """
    (waiver,) = _load(tmp_path, f"{GOOD}    difference: {EMOJI}\n")
    found = replace(REFUSED_TEXT, difference=difference, edits=edits)
    assert waiver.waives(found) is waived
    accepted = replace(found, status=201)
    assert waiver.waives(accepted) is (EMOJI in {difference, *edits})


AT = '{} "2024-05-02T{}:30:00+{}", the same moment'
TWO = (AT.format("due_date", "09", "00:00"), AT.format("created_at", "09", "00:00"))


@pytest.mark.parametrize(
    ("told", "difference", "waived"),
    [
        (TWO[:1], AT.format("due_date", "23", "00:00"), True),
        (TWO[:1], AT.format("due_date", "10", "01:00"), False),
        (TWO[:1], AT.format("created_at", "09", "00:00"), False),
        (TWO, AT.format("updated_at", "11", "00:00"), True),
        (TWO, AT.format("updated_at", "10", "01:00"), False),
        (TWO, "updated_at null", False),
        (("url null", "remarks null"), "status null", True),
        (("4 items", "5 items"), "6 items", False),
    ],
)
def test_a_waiver_of_two_properties_is_for_any_that_is_refused_for_the_same(
    tmp_path: Path, told: tuple[str, ...], difference: str, *, waived: bool
) -> None:
    """Which two are met first depends on the run, and no third one is asked further then; another
    value is new, and so is what is accepted at a third one.
    """
    (waiver,) = _load(tmp_path, f"{GOOD}    difference: {json.dumps(told)}\n")
    found = replace(REFUSED_TEXT, difference=difference)
    assert waiver.waives(found) is waived
    assert waiver.waives(replace(found, status=201)) is (waived and told[1:] == ())


def test_a_place_narrows_within_a_requirement(tmp_path: Path) -> None:
    """Without a difference the requirement has to be the same."""
    (waiver,) = _load(tmp_path, GOOD + "    place: items[].sku\n    code: OK\n")
    found = replace(LONGER, code="OK")
    assert waiver.waives(found)
    assert not waiver.waives(replace(found, place="items"))
    assert not waiver.waives(replace(found, code="BAD"))
    assert not waiver.waives(replace(found, requirement="201.status"))


STATUS = Found("201.data.status.echo", "data.status", 'status "PENDING"', "another value", 201)


@pytest.mark.parametrize(
    ("found", "waived"),
    [
        (STATUS, True),
        (replace(STATUS, difference='status "OVERPAID"'), False),
        (replace(STATUS, difference="two", edits=("no url", 'status "PENDING"')), True),
        (replace(STATUS, difference="two", edits=("no url", 'status "OVERPAID"')), False),
        (replace(STATUS, place="data.remarks"), False),
        (replace(STATUS, answer="left out"), False),
        (replace(STATUS, requirement="201.data.remarks.echo", place="data.remarks"), False),
    ],
)
def test_a_value_that_comes_back_wrong_is_waived_where_it_was_sent(
    tmp_path: Path, found: Found, *, waived: bool
) -> None:
    """Another value that comes back as wrongly is another finding."""
    told: Any = {
        "category": "Echo mismatch",
        "accepted": "the plain invoice",
        "refused": "the same with this",
        "alike": [],
        "answers": [],
        "explained": True,
        "also": [],
        **{name: getattr(STATUS, name) for name in ("place", "difference", "answer", "status")},
        "code": "",
    }
    fields = waive.narrowed(told)
    text = GOOD.replace(SKU, STATUS.requirement) + "".join(
        f"    {name}: {json.dumps(value)}\n" for name, value in fields.items() if value
    )
    (waiver,) = _load(tmp_path, text)
    assert waiver.waives(found) is waived


def test_a_waiver_has_no_answer_by_which_another_finding_is_told() -> None:
    """At the same place; what is found beside it and told by nothing else belongs to it."""
    answers: Any = {"id": "1", "answer": "trimmed", "answers": ["normalised", "with other blanks"]}
    usual: Any = {"category": "Echo mismatch", "accepted": "the plain invoice", "alike": []}
    place: Any = {"requirement": STATUS.requirement, "place": "data.remarks", "status": 201}
    one: Any = {
        **usual,
        **place,
        **answers,
        "code": "",
        "difference": "",
        "refused": "",
        "also": [],
    }
    other: Any = {**one, "id": "2", "answer": "normalised", "answers": ["trimmed"]}
    both = [one, other]
    assert waive.narrowed(one, both)["answer"] == ["trimmed", "with other blanks"]
    assert waive.narrowed(other, both)["answer"] == "normalised"
    elsewhere: Any = {**other, "place": "data.url"}
    assert waive.narrowed(one, [one, elsewhere])["answer"] == [
        answers["answer"],
        *answers["answers"],
    ]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ('remarks "x😀"', 'remarks "😀"', True),
        ('items[2].name "Größe 1"', 'items[0].name "öß"', True),
        ('items[2].name "Größe 1"', 'items[0].sku "öß"', False),
        ('status "PENDING"', 'status "OVERPAID"', False),
        ("a body of 31416 bytes", "a body of 32912 bytes", True),
        ("a body of 31416 bytes", "Transfer-Encoding: chunked", False),
        ("a header field Cookie that is empty", "a header field Cookie", True),
        ("a header field Accept-Language: *", "a header field Accept-Language: tr, *;q=0.5", True),
        ("a header field Cookie: a=1 and status", "a header field Cookie that is empty", False),
        ("a header field Cookie: a=1", "a header field Via: a=1", False),
        ('due_date "2030-01-01T00:00:00Z"', 'due_date "2031-01-01T00:00:00Z"', False),
        (
            'due_date "2026-11-30T02:15:00Z", 3 hours after the run began',
            'due_date "2026-12-01T05:15:09+02:00", 1 hour after the run began and no url',
            False,
        ),
        (
            'due_date "2026-11-30T02:15:00Z", 3 hours after the run began',
            'due_date "2026-12-01T05:15:09+02:00", 1 hour after the run began',
            True,
        ),
        (
            'due_date "2026-11-30T02:15:00+02:00", the same moment',
            'due_date "2026-11-30T02:15:00+02:00"',
            False,
        ),
        (
            'due_date "2026-11-30T02:15:00Z", 3 hours after the run began',
            'due_date "2026-11-29T02:15:00Z", 3 hours before the run began',
            False,
        ),
    ],
)
def test_a_difference_lasts_whatever_case_shows_it_first(
    one: str, other: str, *, same: bool
) -> None:
    """Letters beside the character that is to blame do not count, nor how long a body was."""
    assert (lasting(one) == lasting(other)) is same


def _refused(*sent: tuple[Change, dict[str, Any]]) -> Counts:
    """What a run counts of invoices that are changed so and refused so."""
    total = Counts()
    for number, (change, error) in enumerate(sent):
        ledger = Ledger(CONTRACT)
        ledger.begin(f"suites/test_rejection.py::test_a_near_miss_is_refused[{number}]")
        answer = Response(400, ANSWERED, encoded(error))
        exchange = Exchange(request(altered(change)), answer, None, 0.0)
        Oracle(CONTRACT, FACTS, observe=ledger.observe).judge(exchange)
        total.add(ledger.counts)
    return total


RIGHT = (put("remarks", value=1), refusal("remarks"))
QUANTITY = put("items", 1, "quantity", value="x")
QTY = (QUANTITY, refusal("items[1].qty"))
PAID = (put("paid_amount", value=-1), refusal("paid"))
STATE = (put("status", value="x"), refusal("state"))
NO_CODE, NO_CODE_EITHER = (
    (put(name, value=1), {**refusal(name), "code": 400}) for name in ("url", "status")
)


def test_a_waiver_of_wrong_names_is_for_these_properties_and_these_names(tmp_path: Path) -> None:
    """Another property with a wrong name is a new defect, and so is another name of the same."""
    waiver = waiver_of(_refused(RIGHT, QTY, STATE), tmp_path)
    assert waiver.about == ("items[].quantity as items[].qty", "status as state")
    first = (put("items", 0, "quantity", value="x"), refusal("items[0].qty", "note"))
    for known in ([QTY], [STATE], [first, STATE]):
        assert waived(_refused(RIGHT, *known), waiver) == [True]
    for new in (PAID, (QUANTITY, refusal("sum")), (QUANTITY, refusal())):
        assert waived(_refused(RIGHT, QTY, new, STATE), waiver) == [False]


def test_a_waiver_of_an_error_of_another_shape_is_for_what_it_is_about(tmp_path: Path) -> None:
    """Errors about other properties are right, so one that becomes wrong is a new defect."""
    waiver = waiver_of(_refused(RIGHT, NO_CODE), tmp_path)
    assert waiver.about == ("url",)
    assert waived(_refused(RIGHT, NO_CODE), waiver) == [True]
    assert waived(_refused(RIGHT, NO_CODE_EITHER), waiver) == [False]


def test_a_waiver_of_what_each_error_has_says_not_what_they_are_about(tmp_path: Path) -> None:
    """A run that asks more finds the same defect at more properties."""
    waiver = waiver_of(_refused(NO_CODE), tmp_path)
    assert waiver.about == ()
    assert waived(_refused(NO_CODE_EITHER), waiver) == [True]


def test_an_older_waiver_of_a_name_says_that_it_is_wider_than_one_of_today(tmp_path: Path) -> None:
    """It holds as it did, with a sentence on what it hides."""
    counts = _refused(RIGHT, QTY, PAID)
    old = replace(waiver_of(counts, tmp_path), about=())
    assert waived(counts, old) == [True]
    content = record(findings=found_findings(CONTRACT, counts, Level.SHOULD))
    seen = [found for each in counts.occurrences.values() for found in waive.found_of(counts, each)]
    (note,) = waive.notes([old], seen, content, TODAY)
    assert note["note"].startswith("its waiver is for an error about any property, so it hides new")


@pytest.mark.parametrize(
    ("bound", "more", "note"),
    [
        ("the same in items[0]", "", 'add refused: "the same in items[0]"'),
        ("the same in items[0]", "    refused: the same in items[0]\n", ""),
        ("the same in items[0]", "    status: 400\n", ""),
        ("nothing", "", ""),
        ("", "", ""),
    ],
)
def test_an_older_waiver_of_what_is_accepted_says_what_to_add(
    bound: str, more: str, note: str, tmp_path: Path
) -> None:
    """Without what is still refused it hides that more is accepted; not where nothing is refused,
    or nobody knows what, nor where it is for another finding.
    """
    (old,) = _load(tmp_path, f"{GOOD}    answer: created\n{more}")
    told = {"category": Category.ACCEPTED_INVALID, "answer": "created", "waived": True}
    finding = cause(SKU, **told, **({"bound": bound} if bound else {}))
    found = Found(SKU, answer="created", status=201, bound=bound)
    seen = [found, replace(found, status=400)]
    notes = [*waive.notes([old], seen, record(findings=[finding]), TODAY)]
    assert [note in each["note"] for each in notes] == [True] * bool(note)


def test_an_older_waiver_is_for_its_whole_requirement(tmp_path: Path) -> None:
    """It has none of the newer fields."""
    (waiver,) = _load(tmp_path, GOOD)
    assert waiver.whole
    assert waiver.waives(replace(LONGER, status=500, difference="anything"))
    assert not waiver.waives(replace(LONGER, requirement="201.status"))


@pytest.mark.parametrize(
    ("text", "found", "today", "whole_run", "note"),
    [
        (NARROW, [LONGER], TODAY, True, ""),
        (NARROW, [LONGER], date(2027, 3, 20), True, "its waiver ends on 2027-03-31: ask Ada"),
        (NARROW, [LONGER], date(2027, 5, 1), True, "its waiver ended on 2027-03-31, so it counts"),
        (NARROW, [], TODAY, True, "its waiver matches nothing any more, so remove it"),
        (NARROW, [replace(LONGER, status=500)], TODAY, True, "its waiver matches nothing any more"),
        (NARROW, [], TODAY, False, ""),
        (GOOD, [LONGER], TODAY, False, "its waiver is for the whole requirement, so it hides new"),
    ],
)
def test_a_waiver_is_mentioned_when_somebody_has_to_act(
    tmp_path: Path, text: str, found: list[Found], today: date, *, whole_run: bool, note: str
) -> None:
    """It ends soon, has ended, matches nothing, or is wider than it has to be."""
    content: Any = {"run": {"complete": whole_run, "profile": "gate"}, "findings": []}
    notes = list(waive.notes(_load(tmp_path, text), found, content, today))
    assert [each["requirement"] for each in notes] == [SKU] * bool(note)
    assert all(each["note"].startswith(note) for each in notes)
    assert all(each["note"].endswith("waivers.yaml:2)") for each in notes)


@pytest.mark.parametrize(
    ("told", "note"),
    [
        ("place: items[].sk", "no finding has the place 'items[].sk' (did you mean items[].sku?)"),
        (
            "answer: anothr value",
            "no finding has the answer 'anothr value' (did you mean another value?)",
        ),
        ("place: items[0].sku", ""),
        ("status: 500", ""),
    ],
)
def test_a_misspelled_place_or_answer_gets_the_nearest_one(
    tmp_path: Path, told: str, note: str
) -> None:
    """In a smoke run, too: the finding that is meant is there."""
    content: Any = {"run": {"complete": True, "profile": "smoke"}, "findings": []}
    found = [Found(SKU, "items[2].sku", answer="another value", status=201)]
    notes = list(waive.notes(_load(tmp_path, f"{GOOD}    {told}\n"), found, content, TODAY))
    hints = [each["note"] for each in notes if "did you mean" in each["note"]]
    assert [note in each for each in hints] == [True] * bool(note)


def test_a_smoke_run_calls_no_waiver_stale(tmp_path: Path) -> None:
    """It asks one case of many, so what it does not find may be there."""
    content: Any = {"run": {"complete": True, "profile": "smoke"}, "findings": []}
    assert list(waive.notes(_load(tmp_path, NARROW), [], content, TODAY)) == []


@pytest.mark.parametrize(
    ("outcome", "answer", "is_stale"),
    [("passed", "trimmed", True), ("failed", "trimmed", False), ("passed", "in capitals", False)],
)
def test_a_run_that_asks_again_what_had_found_it_calls_a_waiver_stale(
    tmp_path: Path, outcome: str, answer: str, *, is_stale: bool
) -> None:
    """A smoke run, too, and one of a few tests: those that had found it passed."""
    (waiver,) = _load(tmp_path, GOOD + "    place: items[].sku\n    answer: trimmed\n")
    old = record(
        run={**run("smoke"), "complete": True},
        findings=[cause(SKU, answer=answer)],
        requirements=[requirement(SKU, "broken")],
        occurrences=[{"requirement": SKU, "test": "test of it"}],
    )
    now = record(run=run("smoke"), tests=[case("test of it", outcome), case("another", "passed")])
    notes = [*waive.notes([waiver], [], now, TODAY, [past_of(old)])]
    assert [each["requirement"] for each in notes] == [SKU] * is_stale
    assert all("matches nothing any more, so remove it" in each["note"] for each in notes)


@pytest.mark.parametrize(
    ("outcomes", "verdict", "profile", "is_told"),
    [
        (("passed", "passed"), "holds", "gate", True),
        (("passed", ""), "holds", "gate", False),
        (("passed", "failed"), "holds", "gate", False),
        (("passed", "passed"), "blocked", "gate", False),
        (("passed", "passed"), "holds", "smoke", False),
        (("", ""), "not observed", "gate", False),
    ],
)
@pytest.mark.parametrize("name", ["items[].name.maxLength", "201.data.items[].name.echo"])
def test_a_waiver_is_told_that_no_test_of_its_property_needs_where_all_of_them_ran(
    tmp_path: Path,
    name: str,
    outcomes: tuple[str, ...],
    verdict: str,
    profile: str,
    *,
    is_told: bool,
) -> None:
    """As `-k name` has it; what is left out has no outcome."""
    (waiver,) = _load(tmp_path, GOOD.replace(SKU, name))
    asked = ("items[].name.maxLength", "items[].name.required")
    own = [f"suites/test_a.py::test_a[{each}]" for each in asked]
    content = record(
        run={**run(profile), "complete": False},
        requirements=[requirement(each, verdict) for each in {*asked, name}],
        tests=[case(*each) for each in zip(own, outcomes, strict=True) if each[1]],
    )
    collected = [*own, "suites/test_a.py::test_a[items[].sku.type]", "suites/test_a.py::test_c"]
    notes = [*waive.notes([waiver], [], content, TODAY, (), collected)]
    assert [each["requirement"] for each in notes] == [name] * is_told
    assert all("no test of its property needs its waiver" in each["note"] for each in notes)
    assert [*waive.notes([waiver], [], content, TODAY)] == []


def test_a_waived_requirement_fails_no_verdict() -> None:
    """The oracle still reports the violation but does not enforce it."""
    request = Request("POST", CONTRACT.path, HEADERS, b"[]")
    exchange = Exchange(request, Response(201, ANSWERED, b"{}"), None, 0.0)
    names = {d.requirement.name for d in Oracle(CONTRACT, FACTS).judge(exchange).failing}
    waived = Oracle(CONTRACT, FACTS, waived=frozenset(names)).judge(exchange)
    assert names
    assert waived.violations
    assert waived.failing == ()
    waived.enforce()


TARGET = """base_url = "{url}"
order_ids = ["ORD-1"]
order_created_at = 2020-01-01T00:00:00Z"""
SAID = (
    *("--reason", 'It is "cut off" until the migration: é.', "--owner", "Ada"),
    *("--link", "https://tracker.example/1", "--expires", "9999-12-31"),
)


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """A copy of the suite, whose waivers and baselines a test may change."""
    return copied(tmp_path / "suite")


def _run(here: Path, *words: str) -> tuple[int, str]:
    done = python(*words, here=here)
    return done.status, done.output


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ("--expires", "31.03.2027", "--expires: '31.03.2027' is not a date: write one such as"),
        ("--expires", "2020-03-31", "--expires: 2020-03-31 is over already: name a later day."),
        ("--link", "INV-1", "--link: 'INV-1' is not an address: begin with https:// or http://."),
        ("--owner", "", "a waiver also needs --owner."),
    ],
)
def test_what_a_person_says_wrong_of_a_waiver_is_named_by_its_option(
    option: str, value: str, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One sentence, status 4, and no file is written."""
    run, file = tmp_path / "run.json", tmp_path / "waivers.yaml"
    run.write_text(json.dumps(record(findings=[cause("a.b")])), encoding="utf-8")
    with pytest.raises(SystemExit) as ended:
        waive.main([str(run), "--file", str(file), *SAID, option, value])
    assert ended.value.code == 4
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"python -m reports.waive: {words}")
    assert not file.exists()


class Changing:
    """The checks of a server that changes in the course of a story."""

    def __init__(self) -> None:
        self.forgets_limit, self.refuses_edge = True, False

    def check(self, payload: Any) -> tuple[Problem, ...]:
        """Accepts any sku, or refuses one of 255 characters, or both, or neither."""
        problems = takes_any_sku(payload) if self.forgets_limit else Steps().check(payload)
        items = payload.get("items") if isinstance(payload, dict) else None
        for index, item in enumerate(items if isinstance(items, list) else ()):
            sku = item.get("sku") if isinstance(item, dict) else None
            if self.refuses_edge and isinstance(sku, str) and len(sku) == 255:
                problems += (Problem(("items", index, "sku"), "too_long", "Too long"),)
        return problems


@pytest.mark.whole_runs
def test_a_finding_is_waived_until_it_is_mended_and_a_new_one_is_not(elsewhere: Path) -> None:
    """Red, waived, green; red again for a new defect under the same requirement; mended, stale."""
    out = elsewhere / "reports" / "output"
    everything = ("-m", "pytest", "suites", "--target", "mine", "--reports", str(out), "-q")
    asked = (*everything, "-k", "sku and maxLength and not broken")
    story = Changing()
    with server(replace(Steps(), check=story.check)) as url:
        add_target(elsewhere, "mine", TARGET.format(url=url))
        status, output = _run(elsewhere, *asked)
        assert status == 1, output

        status, output = _run(elsewhere, "-m", "reports.waive")
        assert status == 4, output
        assert "a waiver also needs --reason, --owner, --link, --expires." in output
        status, output = _run(elsewhere, "-m", "reports.waive", *SAID)
        assert status == 0, output
        assert f'requirement: "{SKU}"' in output
        status, output = _run(elsewhere, *asked)
        assert status == 0, output
        run = Reported(status, output, out)
        assert [row["verdict"] for row in run.record["requirements"] if row["name"] == SKU] == [
            "known"
        ]
        status, output = _run(elsewhere, "-m", "reports.waive", *SAID)
        assert (status, "no finding to waive" in output) == (5, True)

        story.refuses_edge = True
        status, output = _run(elsewhere, *asked)
        assert status == 1, output
        found = Reported(status, output, out).record["findings"]
        assert {(each["requirement"], each["waived"]) for each in found} == {
            (SKU, True),
            (SKU, False),
        }

        story.forgets_limit = story.refuses_edge = False
        status, output = _run(elsewhere, *everything)
        assert status == 0, output
        assert f"{SKU}: its waiver matches nothing any more, so remove it (" in output


@pytest.mark.whole_runs
def test_a_waiver_of_a_date_near_the_run_holds_on_the_next_day(elsewhere: Path) -> None:
    """What is due within a day is refused: another date each day, and the same finding."""
    out, now = elsewhere / "reports" / "output", [datetime.now(UTC)]
    shutil.copy(ROOT / "tests" / "plugins" / "next_day.py", elsewhere)
    asked = ("-m", "pytest", "suites", "--target", "mine", "--reports", str(out), "-q")
    few = ("-k", "acceptance and created_at.type")

    def is_soon(payload: Any) -> bool:
        try:
            left = instant(payload["due_date"]) - now[0]
        except (ValueError, TypeError, KeyError):
            return False
        return timedelta() < left < timedelta(days=1)

    def check(payload: Any) -> tuple[Problem, ...]:
        soon = (Problem(("due_date",), "soon", "is too soon"),) if is_soon(payload) else ()
        return (*Steps().check(payload), *soon)

    with server(replace(Steps(), check=check)) as url:
        add_target(elsewhere, "mine", TARGET.format(url=url))
        ids: list[str] = []
        for _ in range(2):
            later = ("-p", "next_day") if ids else ()
            status, output = _run(elsewhere, *asked, *later, *few)
            assert status == (0 if ids else 1), output
            (found,) = Reported(status, output, out).record["findings"]
            assert found["difference"].endswith(" hours after the run began"), output
            ids.append(found["id"])
            if not ids[1:]:
                assert _run(elsewhere, "-m", "reports.waive", *SAID)[0] == 0
                now[0] += timedelta(days=1)
    assert ids[0] == ids[1]


@pytest.mark.whole_runs
def test_a_waiver_of_one_forgotten_requirement_leaves_another(elsewhere: Path) -> None:
    """A sku of any length and any state are accepted: two findings, of which one is waived."""
    out = elsewhere / "reports" / "output"
    asked = ("-m", "pytest", "suites", "--target", "mine", "--reports", str(out), "-q")

    def check(payload: Any) -> tuple[Problem, ...]:
        state = payload.get("status") if isinstance(payload, dict) else None
        is_text = "\ud800" not in str(state)  # half a pair cannot be answered
        found = takes_any_sku(payload)
        return tuple(each for each in found if each.location != ("status",) or not is_text)

    with server(replace(Steps(), check=check)) as url:
        add_target(elsewhere, "mine", TARGET.format(url=url))
        status, output = _run(elsewhere, *asked)
        assert status == 1, output
        found = Reported(status, output, out).record["findings"]
        assert {each["requirement"] for each in found} == {SKU, "status.enum"}
        assert len(found) == 2
        (waived,) = (each["id"] for each in found if each["requirement"] == "status.enum")
        status, output = _run(elsewhere, "-m", "reports.waive", "--finding", waived, *SAID)
        assert status == 0, output
        status, output = _run(elsewhere, *asked)
        assert status == 1, output
        verdicts = [
            (each["requirement"], each["verdict"])
            for each in Reported(status, output, out).record["findings"]
        ]
        assert sorted(verdicts) == [(SKU, "broken"), ("status.enum", "known")]


@pytest.mark.whole_runs
def test_every_kind_of_finding_can_be_waived(elsewhere: Path) -> None:
    """Each of five, by its id; then the run passes, with workers too, and shows them as known."""
    out = elsewhere / "reports" / "output"
    asked = ("-m", "pytest", "suites", "--target", "mine", "--reports", str(out), "-q")
    with server(SUBTLE) as url:
        add_target(elsewhere, "mine", TARGET.format(url=url))
        status, output = _run(elsewhere, *asked)
        assert status == 1, output
        found = Reported(status, output, out).record["findings"]
        for each in found:
            status, output = _run(elsewhere, "-m", "reports.waive", "--finding", each["id"], *SAID)
            assert status == 0, output
        for workers in ((), ("-n", "2")):
            status, output = _run(elsewhere, *asked, *workers)
            assert status == 0, output
            verdicts = [
                each["verdict"] for each in Reported(status, output, out).record["findings"]
            ]
            assert {*verdicts} == {"known"}
            headline = f"the server conforms, apart from {len(verdicts)} known findings"
            for told in (output, (out / "summary.md").read_text(encoding="utf-8")):
                assert headline in told


@pytest.mark.whole_runs
def test_a_waiver_passes_drift_fails_and_accepting_it_passes(elsewhere: Path) -> None:
    """From start to end: a waiver, an accepted answer that changes, and the new one accepted."""
    out = elsewhere / "reports" / "output"
    pytest_ = ("-m", "pytest", "suites", "--target", "mine", "--reports", str(out), "-q")
    allure = ("--alluredir", str(out / "allure-results"))
    asked = (*pytest_, *allure, "-k", "(sku and maxLength and miss) or items]")
    waived = GOOD.replace("staging", "mine").replace("2027-03-31", "9999-12-31")
    with server(LONG) as url:
        add_target(elsewhere, "mine", TARGET.format(url=url))
        (elsewhere / "spec" / "waivers.yaml").write_text(waived, encoding="utf-8")
        baseline = elsewhere / "spec" / "baselines" / "mine.yaml"
        baseline.write_text('answers: {"no items": "400 BAD"}\n', encoding="utf-8")

        status, output = _run(elsewhere, *asked)
        assert status == 7, output
        headline = "1 answer changed, nothing is broken, apart from 1 known finding"
        assert headline in output
        assert "probe: no items" in output
        assert "so it hides new findings too" in output
        run = Reported(status, output, out)
        known = [r for r in run.results if r["statusDetails"].get("known")]
        assert [r["status"] for r in known] == ["failed"]
        assert known[0]["statusDetails"]["message"].startswith("[Known (waived)] " + SKU)
        assert [p["state"] for p in run.record["probes"]] == ["drift", "new"]
        assert run.record["run"]["outcome"] == headline

        status, output = _run(elsewhere, *asked, "--level", "must")
        words = "the server conforms, apart from 1 known finding; 1 answer changed"
        assert (status, words in output) == (0, True)

        status, output = _run(elsewhere, *asked)
        assert status == 7, output
        status, output = _run(elsewhere, "-m", "run.replay", "--last")
        assert status == 7, output
        told = re.sub(r"\b\w{8}  ", "", output)
        assert f"known     [Accepted invalid input] {SKU}" in told
        assert "changed   [Drift] probe: no items" in told

        status, output = _run(elsewhere, "-m", "reports.accept")
        assert (status, '+  "no items": "201"' in output) == (0, True)
        status, output = _run(elsewhere, *asked)
        assert status == 0, output
        assert "Drift" not in output
