"""Two runs compared by their records: what is new, fixed, still there, not asked, answered anew."""

import html
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from causes.cause import NOTHING as NOTHING_REFUSED
from reference.refusal import Problem
from reference.service import Steps
from reports import compare, history
from reports.fixed import answers_probe
from spec import probes
from tests.records import case, cause, occurrence, record, requirement, run
from tests.reporting import reported
from tests.running import ORDER, python, server
from watch import baseline
from watch.features import together
from watch.fingerprint import fold
from watch.normalizing import LONGEST

pytestmark = pytest.mark.quick
"""But for those that start whole runs."""

SKU, REMARKS = "items[].sku.maxLength", "remarks.echo"


def _cause(name: str, status: int = 201, category: str = "Echo mismatch") -> Any:
    headline = f"[{category}] {name}"
    return cause(name, category=category, answer=str(status), status=status, headline=headline)


def _record(*causes: dict[str, Any], **parts: Any) -> Any:
    found = {each["requirement"] for each in causes}
    verdicts = {name: "broken" if name in found else "holds" for name in (SKU, REMARKS)}
    ended = {name: "failed" if name in found else "passed" for name in verdicts}
    tests = [case(f"test of {name}", outcome) for name, outcome in ended.items()]
    known: dict[str, Any] = {
        "requirements": [requirement(name, verdict) for name, verdict in verdicts.items()],
        "findings": list(causes),
        "answers": {"no items": "400 BAD"},
        "tests": tests,
    }
    return record(**{**known, **parts})


NOTHING = _record()
BROKEN = _record(_cause(SKU))
OTHERWISE = _record(answers={"no items": "201"})
BLOCKED = _record(
    _cause(REMARKS),
    requirements=[requirement(SKU, "blocked"), requirement(REMARKS, "broken")],
)
ONE, OTHER = (
    _record(fingerprint=fold({"a": {case: {"status": "201"}}}), times={}) for case in ("1", "2")
)


@pytest.mark.parametrize(
    ("old", "new", "status", "words"),
    [
        (NOTHING, NOTHING, 0, ["nothing changed"]),
        (NOTHING, BROKEN, 1, ["new (1)", f"[Echo mismatch] {SKU}"]),
        (BROKEN, NOTHING, 0, ["fixed (1)", f"[Echo mismatch] {SKU}"]),
        (BROKEN, BROKEN, 0, ["still broken (1)", "nothing changed"]),
        (BROKEN, _record(_cause(SKU, 400)), 1, ["new (1)", "blocked by what is found now"]),
        (
            BROKEN,
            BLOCKED,
            1,
            ["new (1)", "blocked by what is found now, so it could not be told (1)"],
        ),
        (BROKEN, _record(tests=[]), 0, ["not asked this time (1)"]),
        (NOTHING, OTHERWISE, 7, ["answers changed (1)", "no items: 400 BAD, now 201"]),
        (NOTHING, _record(_cause(SKU), answers={"no items": "201"}), 1, ["answers changed (1)"]),
        (NOTHING, _record(answers={}), 0, ["nothing changed"]),
        (ONE, ONE, 0, ["nothing changed"]),
        (ONE, OTHER, 6, ["could not tell what changed: no case was asked both times"]),
        (
            NOTHING,
            {**OTHERWISE, "run": run("smoke", "MUST")},
            0,
            ["differ in their profile: gate, smoke", "differ in their level: SHOULD, MUST"],
        ),
    ],
)
def test_two_runs_are_compared(
    old: dict[str, Any],
    new: dict[str, Any],
    status: int,
    words: list[str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Another status under the same requirement is another finding; drift is not a finding."""
    for name, content in (("old.json", old), ("new.json", new)):
        (tmp_path / name).write_text(json.dumps(content), encoding="utf-8")
    assert compare.main([str(tmp_path / "old.json"), str(tmp_path / "new.json")]) == status
    printed = capsys.readouterr().out
    for each in words:
        assert each in printed


REFUSED = {"status": "400", "code": "BAD"}
NAMES, QTY, PAID = "4xx.details.names", "items[].quantity as qty", "paid_amount as paid"


def _of_names(*about: str, **ended: str) -> Any:
    """The record of a run in which errors about these properties name another one; how the tests
    of each ended.
    """
    tests = {QTY: "of quantity", PAID: "of paid_amount"}
    named = {test: each.split(" as ")[each in about] for each, test in tests.items()}
    refused = {test: {"1": {**REFUSED, "fields": name}} for test, name in named.items()}
    found = {**_cause(NAMES, 400, "Error shape"), "about": [*about], "answer": "names"}
    seen = [occurrence(NAMES, tests[each], about=[each], finding=found["id"]) for each in about]
    cases = [
        {**case(test, "failed" if each in about else "passed"), "findings": [found["id"]]}
        for each, test in tests.items()
    ]
    return record(
        requirements=[requirement(NAMES, "broken")],
        findings=[{**found, "tests": [tests[each] for each in about]}],
        occurrences=seen,
        tests=[{**one, "outcome": ended.get(str(one["id"])[3:], one["outcome"])} for one in cases],
        fingerprint=fold(refused),
        times={},
    )


@pytest.mark.parametrize(
    ("old", "new", "status", "told"),
    [
        (_of_names(QTY), _of_names(QTY), 0, {"still broken"}),
        (_of_names(QTY), _of_names(PAID), 1, {"new", "fixed"}),
        (_of_names(QTY), _of_names(QTY, PAID), 1, {"new", "still broken"}),
        (_of_names(QTY, PAID), _of_names(PAID), 0, {"fixed", "still broken"}),
        (_of_names(QTY), _of_names(PAID, quantity="skipped"), 1, {"new", "not asked this time"}),
    ],
)
def test_each_wrong_name_of_one_finding_is_compared_by_itself(
    old: Any, new: Any, status: int, told: set[str], tmp_path: Path, capsys: Any
) -> None:
    """One is mended and another comes, in a finding that has one id: no change of names beside."""
    for name, content in (("old.json", old), ("new.json", new)):
        (tmp_path / name).write_text(json.dumps(content), encoding="utf-8")
    assert compare.main([str(tmp_path / "old.json"), str(tmp_path / "new.json")]) == status
    printed = capsys.readouterr().out
    titles = {line.partition(" (")[0] for line in printed.splitlines() if line[0] != " "}
    assert titles - {"nothing changed"} == told
    if len(old["findings"][0]["about"]) > 1:
        assert f"an error about {QTY}" in printed


def test_two_differences_under_one_requirement_are_two_findings(tmp_path: Path) -> None:
    """One is gone and another has come; the same one may be told among those that are alike."""

    def of(difference: str, *alike: str) -> Any:
        told = {"difference": difference, "alike": [*alike], "explained": True}
        return _record({**_cause(SKU, 400, "Refused valid input"), **told})

    zero, many = of("paid_amount 0"), of("51 items")
    for old, new, status in ((zero, many, 1), (zero, of("status", "paid_amount 0"), 0)):
        for name, content in (("old.json", old), ("new.json", new)):
            (tmp_path / name).write_text(json.dumps(content), encoding="utf-8")
        assert compare.main([str(tmp_path / "old.json"), str(tmp_path / "new.json")]) == status


IN_PART, IN_ANOTHER = "the same in items[0]", "the same in items[1]"


def _forgotten(bound: str) -> Any:
    """The record of a run on a server that accepts a sku that is too long, but refuses this."""
    told = {"bound": bound} if bound else {}
    return _record({**_cause(SKU, 201, "Accepted invalid input"), **told})


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (IN_PART, IN_PART, {"still broken"}),
        (IN_PART, NOTHING_REFUSED, {"new"}),
        (IN_PART, IN_ANOTHER, {"new", "blocked by what is found now, so it could not be told"}),
        (NOTHING_REFUSED, IN_PART, {"still broken"}),
        (NOTHING_REFUSED, NOTHING_REFUSED, {"still broken"}),
        ("", NOTHING_REFUSED, {"still broken"}),
        (NOTHING_REFUSED, "", {"still broken"}),
    ],
)
def test_a_requirement_that_is_forgotten_further_is_newly_broken(
    old: str, new: str, told: set[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What was forgotten altogether is still forgotten in part, and what is not known may be so."""
    before, after = _forgotten(old), _forgotten(new)
    for name, content in (("old.json", before), ("new.json", after)):
        (tmp_path / name).write_text(json.dumps(content), encoding="utf-8")
    status = compare.main([str(tmp_path / "old.json"), str(tmp_path / "new.json")])
    printed = capsys.readouterr().out
    titles = {line.partition(" (")[0] for line in printed.splitlines() if line[0] != " "}
    assert titles - {"nothing changed"} == told
    assert status == ("new" in told)
    (finding,) = after["findings"]
    assert history.past_of(before).has(finding) is ("new" not in told)


SHOWN = occurrence(SKU, "test of both", finding="00000001", cases=["a", "b"])
OTHER_FOUND = {**_cause(SKU, 400), "id": "00000002", "tests": ["test of both"]}


@pytest.mark.parametrize(
    ("wrong", "asked", "first", "is_fixed"),
    [
        (["c"], "abc", ["c"], True),
        (["b", "c"], "abc", ["c"], True),
        (["c"], "ac", ["c"], True),
        (["a", "b", "c"], "abc", ["c"], False),
        (["c"], "c", ["c"], False),
        (None, "abc", ["c"], False),
        (["b", "c"], "abc", None, False),
    ],
)
def test_what_its_own_cases_show_no_more_is_fixed(
    wrong: list[str] | None, asked: str, first: list[str] | None, *, is_fixed: bool
) -> None:
    """Though the requirement is still broken by another finding, which its test finds as well: that
    may be why one of its cases is wrong, unless it is new; what was not asked says nothing.
    """
    other = occurrence(SKU, "test of both", finding="00000002")
    mine = {**_cause(SKU), "id": "00000001", "tests": ["test of both"]}
    ended = [case("test of both", "failed")]
    known = [OTHER_FOUND] if first else []
    seen = [{**other, "cases": first}] if first else []
    before = _record(mine, *known, tests=ended, occurrences=[SHOWN, *seen])
    answered = fold({"test of both": {each: {"status": "201"} for each in asked}})
    later = {**other, "cases": wrong} if wrong else other
    after = _record(OTHER_FOUND, tests=ended, occurrences=[later], fingerprint=answered, times={})
    compared = compare.compare(before, after)
    assert compared.fixed == (mine["headline"],) * is_fixed
    assert compared.blocked == (mine["headline"],) * (not is_fixed)


def _answered(sku: dict[str, str], others: dict[str, str], *causes: dict[str, Any]) -> Any:
    """The record of a run, in which one case of a test on SKU and one of another were answered
    so.
    """
    tests = [case(test, "failed" if causes else "passed") for test in ("on SKU", "another")]
    answered = {"on SKU": {"1": sku}, "another": {"1": others}}
    return _record(*causes, tests=tests, fingerprint=fold(answered), times={})


CREATED = {"status": "201", "header x": "sent"}
NAMED = {**REFUSED, "fields": "paid_amount"}


@pytest.mark.parametrize(
    ("category", "old", "new", "status"),
    [
        ("Refused valid input", (REFUSED, CREATED), (CREATED, CREATED), 0),
        ("Echo mismatch", ({**CREATED, "spelling data.a": "1"}, CREATED), (CREATED, CREATED), 0),
        ("Echo mismatch", (REFUSED, CREATED), (CREATED, CREATED), 7),
        ("Refused valid input", (REFUSED, CREATED), (CREATED, REFUSED), 7),
        ("Refused valid input", (REFUSED, REFUSED), (CREATED, {**REFUSED, "code": "NO"}), 7),
        ("Refused valid input", (CREATED, CREATED), ({**CREATED, "body": "empty"}, CREATED), 7),
        ("Refused valid input", (NAMED, NAMED), (CREATED, CREATED), 0),
        ("Refused valid input", (NAMED, {**NAMED, "fields": "url"}), (CREATED, CREATED), 7),
        ("Refused valid input", (NAMED, NAMED), (CREATED, {**NAMED, "code": "NO"}), 7),
        ("Refused valid input", (REFUSED, REFUSED), (CREATED, CREATED), 7),
        ("Echo mismatch", (NAMED, NAMED), (CREATED, CREATED), 7),
    ],
)
def test_what_is_only_fixed_is_no_drift(
    category: str, old: Any, new: Any, status: int, tmp_path: Path
) -> None:
    """The test that found it has other answers now, of the kind that was wrong; all else counts."""
    before = _answered(*old, {**_cause(SKU, 400, category), "tests": ["on SKU"]})
    for name, content in (("old.json", before), ("new.json", _answered(*new))):
        (tmp_path / name).write_text(json.dumps(content), encoding="utf-8")
    assert compare.main([str(tmp_path / "old.json"), str(tmp_path / "new.json")]) == status


@pytest.mark.parametrize(
    ("others", "changes"), [(CREATED, 0), ({**CREATED, "spelling data.b": "1"}, 1)]
)
def test_what_is_new_and_broken_is_not_told_once_more_as_a_change(
    others: dict[str, str], changes: int, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """The other answers of the test that found it are its own; another test's change is told."""
    found = {**_cause(SKU, 201, "Echo mismatch"), "tests": ["on SKU"]}
    broken = _answered({**CREATED, "spelling data.a": "1"}, others, found)
    for name, content in (("old.json", _answered(CREATED, CREATED)), ("new.json", broken)):
        (tmp_path / name).write_text(json.dumps(content), encoding="utf-8")
    assert compare.main([str(tmp_path / "old.json"), str(tmp_path / "new.json")]) == 1
    told = capsys.readouterr().out
    assert "new (1)" in told
    assert told.count("spelling of data.") == changes


OFTEN = "any request, now and then: 9 of 2139 answers"
BROKE_DOWN = {"status": "500", "code": "INTERNAL"}


@pytest.mark.parametrize(
    ("answers", "probe", "refused", "status"),
    [
        ((BROKE_DOWN, CREATED), "500 INTERNAL", OFTEN, 0),
        ((CREATED, together([CREATED, BROKE_DOWN])), "400 BAD", OFTEN, 0),
        ((CREATED, BROKE_DOWN), "400 BAD", OFTEN, 0),
        ((CREATED, {**BROKE_DOWN, "code": "OTHER"}), "400 BAD", OFTEN, 7),
        ((CREATED, {**CREATED, "header x": "no more"}), "400 BAD", OFTEN, 7),
        ((CREATED, CREATED), "500 OTHER", OFTEN, 7),
        ((BROKE_DOWN, CREATED), "400 BAD", "the plain invoice", 7),
    ],
)
def test_which_requests_are_met_by_what_comes_now_and_then_is_no_change(
    answers: Any, probe: str, refused: str, status: int
) -> None:
    """It is still there, and was met by others before; another answer is a change."""
    told = {"code": "INTERNAL", "refused": refused, "tests": ["on SKU"], "shows": "not always"}
    found = {**_cause("response.status", 500, "Server error"), **told}
    before = _answered(CREATED, CREATED, found)
    after: Any = {**_answered(*answers, found), "answers": {"no items": probe}}
    compared = compare.compare(before, after)
    assert (compared.status, compared.still) == (status, (found["headline"],))


def test_what_is_fixed_and_what_is_new_in_one_case_are_no_changes(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """The one test found both, each in its run: neither is told as a change."""
    for name, subject in (("old.json", "url"), ("new.json", "due_date")):
        found = _cause(f"201.data.{subject}.echo", 201, "Echo mismatch")
        sent = {**CREATED, f"spelling data.{subject}": "other text"}
        content = _answered(sent, CREATED, {**found, "tests": ["on SKU"]})
        (tmp_path / name).write_text(json.dumps(content), encoding="utf-8")
    assert compare.main([str(tmp_path / "old.json"), str(tmp_path / "new.json")]) == 1
    told = capsys.readouterr().out
    assert "201.data.due_date.echo" in told
    assert "spelling of" not in told


REFUSED_VALID, SHAPE, MESSAGE = "Refused valid input", "Error shape", "4xx.message.minLength"
BOTH, DUE, URL = {"fields": "due_date, items[3].sku"}, {"fields": "due_date"}, {"fields": "url"}
OF_SKU, ONCE, AGAIN = {"fields": "sku"}, {"reasons": "at most 254"}, {"reasons": "at most 255"}
BAD, NO, SAID = {"code": "BAD"}, {"code": "NO"}, {"message": "No"}
LONG_ITEMS, WITHOUT, WITH = (
    {"fields": ", ".join(names)[:LONGEST]}
    for names in (
        [f"items[{number}].sku" for number in range(100, 110)],
        ["created_at", "due_date", "items[2].amount", "items[2].name"],
        ["created_at", "due_date", "items[2].amount", "items[2].name", "items[2].sku"],
    )
)
ITEM = [f"items[2].{name}" for name in ("amount", "name", "quantity", "reference_id")]
FULL, FULL_TOO, OTHERWISE_FULL = (
    {"fields": ", ".join(names)[:LONGEST]}
    for names in (
        ["created_at", *ITEM, "payment_of_the_invoice"],
        ["created_at", *ITEM, "items[2].sku", "payment_of_the_invoice"],
        ["a", *ITEM, "items[2].sku", "payment_of_the_invoice"],
    )
)


@pytest.mark.parametrize(
    ("name", "category", "old", "new", "status"),
    [
        (SKU, REFUSED_VALID, BOTH, DUE, 0),
        (SKU, REFUSED_VALID, OF_SKU, DUE, 0),
        (SKU, REFUSED_VALID, URL, DUE, 7),
        (SKU, REFUSED_VALID, {"fields": "due_date, url"}, DUE, 7),
        (SKU, REFUSED_VALID, {**OF_SKU, **ONCE}, {**OF_SKU, **AGAIN}, 0),
        (SKU, REFUSED_VALID, {**URL, **ONCE}, {**URL, **AGAIN}, 7),
        (SKU, REFUSED_VALID, {**OF_SKU, **BAD}, {**OF_SKU, **NO}, 7),
        (SKU, REFUSED_VALID, {"fields": "total_amount"}, LONG_ITEMS, 0),
        (SKU, REFUSED_VALID, {"fields": "due_date"}, LONG_ITEMS, 0),
        (SKU, REFUSED_VALID, WITHOUT, WITH, 0),
        (SKU, REFUSED_VALID, FULL, FULL_TOO, 0),
        (SKU, REFUSED_VALID, FULL, OTHERWISE_FULL, 7),
        (SKU, REFUSED_VALID, WITHOUT, {"fields": f"{WITH['fields']}, x"}, 7),
        (MESSAGE, SHAPE, BAD, {**BAD, **SAID}, 0),
        (MESSAGE, SHAPE, BAD, {**NO, **SAID}, 7),
        ("4xx.json", SHAPE, {"body": "<html>"}, BAD, 0),
        ("4xx.json", SHAPE, {"header x": "sent"}, {}, 7),
    ],
)
def test_what_follows_from_a_fix_is_no_drift_either(
    name: str,
    category: str,
    old: dict[str, str],
    new: dict[str, str],
    status: int,
    tmp_path: Path,
) -> None:
    """Refusals of other tests name other fields or give another reason by the same fix."""
    refused = {"status": "400"}
    found = {**_cause(name, 400, category), "tests": ["on SKU"]}
    before = _answered(CREATED, {**refused, **old}, found)
    later = _answered(CREATED, {**refused, **new})
    later["requirements"] = [requirement(name, "holds")]
    for file, content in (("old.json", before), ("new.json", later)):
        (tmp_path / file).write_text(json.dumps(content), encoding="utf-8")
    assert compare.main([str(tmp_path / "old.json"), str(tmp_path / "new.json")]) == status


@pytest.mark.whole_runs
def test_a_fix_alone_ends_with_0(tmp_path: Path) -> None:
    """A server that took too short a name for too long is mended: nothing else has changed."""
    mended: list[bool] = []

    def check(payload: Any) -> tuple[Problem, ...]:
        items = payload.get("items") if isinstance(payload, dict) else None
        names = [item.get("name") for item in items or () if isinstance(item, dict)]
        found = (
            Problem(("items", index, "name"), "string_too_long", "at most 254 characters")
            for index, name in enumerate(names)
            if isinstance(name, str) and len(name) == 255 and not mended
        )
        return (*Steps().check(payload), *found)

    asked = (*ORDER, "-k", "faults or items[].name")
    with server(replace(Steps(), check=check)) as url:
        old = reported(tmp_path / "old", "--base-url", url, *asked)
        mended.append(True)
        new = reported(tmp_path / "new", "--base-url", url, *asked)
    assert (old.status, new.status) == (1, 0), old.output + new.output
    told = python("-m", "reports.compare", *(str(x.folder / "run.json") for x in (old, new)))
    assert (told.status, "fixed (1)" in told.output) == (0, True), told.output


@pytest.mark.whole_runs
def test_one_of_two_findings_under_a_requirement_is_fixed(tmp_path: Path) -> None:
    """Remarks are no longer trimmed, and still escaped: the same tests find that."""
    changes: list[Callable[[str], str]] = [str.strip, html.escape]

    def render(payload: Any) -> dict[str, Any]:
        data = Steps().render(payload)
        for change in changes if "remarks" in data else ():
            data = {**data, "remarks": change(data["remarks"])}
        return data

    asked = (*ORDER, "-k", "remarks")
    with server(replace(Steps(), render=render)) as url:
        old = reported(tmp_path / "old", "--base-url", url, *asked)
        del changes[0]
        new = reported(tmp_path / "new", "--base-url", url, *asked)
    compared = compare.compare(old.record, new.record)
    assert [each["answer"] for each in new.record["findings"]] == ["escaped or unescaped"]
    assert (len(compared.fixed), len(compared.still)) == (1, 1), compared
    assert (compared.new, compared.blocked, compared.not_asked) == ((), (), ())


def test_a_probe_that_was_answered_wrong_and_is_mended_has_no_other_answer(tmp_path: Path) -> None:
    """A 500 was a finding."""
    test, name = "suites/test_a.py::test_b[no items]", "response.status"
    crash = cause(name, category="Server error", status=500, tests=[test])
    parts = {"tests": [case(test, "passed")], "requirements": [requirement(name, "holds")]}
    before = _record(crash, answers={"no items": "500"})
    for file, content in (("old.json", before), ("new.json", _record(**parts))):
        (tmp_path / file).write_text(json.dumps(content), encoding="utf-8")
    assert compare.main([str(tmp_path / "old.json"), str(tmp_path / "new.json")]) == 0


def test_an_answer_that_a_finding_on_a_property_inside_gave_goes_with_it() -> None:
    """A probe that sends whole items sends what is in them; other properties say nothing of it."""
    (probe,) = (one for one in probes.load() if one.name == "the document's example")
    for name, is_its in (("items[].quantity.type", True), ("items[].product_id.type", False)):
        finding = cause(name, category="Refused valid input", status=400, tests=[])
        assert answers_probe(finding, probe, "400 BAD_REQUEST") is is_its


def test_drift_in_a_record_is_no_finding(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """Its answers say the same."""
    drifted = _record(_cause("probe: no items", 201, "Drift"))
    (tmp_path / "old.json").write_text(json.dumps(NOTHING), encoding="utf-8")
    (tmp_path / "new.json").write_text(json.dumps(drifted), encoding="utf-8")
    assert compare.main([str(tmp_path / "old.json"), str(tmp_path / "new.json")]) == 0
    assert capsys.readouterr().out == "nothing changed\n"


def test_what_is_no_record_is_wrong_usage(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One sentence, and status 4."""
    with pytest.raises(SystemExit) as ended:
        compare.main([str(tmp_path / "no.json"), str(tmp_path / "no.json")])
    assert ended.value.code == 4
    assert "no.json: No such file or directory; run the suite first." in capsys.readouterr().err


ANSWERED = {
    "usual": {"201": {"status": "201"}},
    "forms": {"201 a": {"header x": "there"}},
    "tests": {"test_a": {"one": "201: c1 c2; 201 a: c3"}},
}
TIMES = {"ACCEPT": {"answers": 50, "median": 10.0, "p95": 12.0}}
MALFORMED: dict[str, dict[str, Any]] = {
    "a feature without a kind": {"fingerprint": {**ANSWERED, "forms": {"201 a": {"": ""}}}},
    "an unknown kind": {"fingerprint": {**ANSWERED, "forms": {"201 a": {"colour x": "red"}}}},
    "a form without its status": {
        "fingerprint": {**ANSWERED, "forms": {"201 a": {"status": None}}}
    },
    "a status without features": {"fingerprint": {**ANSWERED, "usual": {"201": {}}}},
    "a form of no status": {"fingerprint": {**ANSWERED, "forms": {"": {}}}},
    "an unknown form": {"fingerprint": {**ANSWERED, "tests": {"test_a": {"": "no form"}}}},
    "times of nothing": {"times": {"ACCEPT": {"answers": 50, "median": 0, "p95": 0}}},
}


@pytest.mark.parametrize("name", MALFORMED)
@pytest.mark.parametrize("place", ["old", "new", "baseline"])
def test_answers_that_no_run_gave_are_one_sentence(
    name: str, place: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where the schema leaves open what a fingerprint or times say, and in a baseline."""
    sound = record(fingerprint=ANSWERED, times=TIMES)
    wrong = record(**{"fingerprint": ANSWERED, "times": TIMES, **MALFORMED[name]})
    if place == "baseline":
        wrong = {
            "format": {"name": baseline.FORMAT, "version": baseline.VERSION},
            "target": "here",
            "started": "2025-01-01T00:00:00Z",
            "noise": [],
            **{part: wrong[part] for part in ("fingerprint", "times")},
        }
    contents = (sound, wrong) if place == "new" else (wrong, sound)
    files = [str(tmp_path / each) for each in ("old.json", "new.json")]
    for file, content in zip(files, contents, strict=True):
        Path(file).write_text(json.dumps(content))
    with pytest.raises(SystemExit) as stopped:
        compare.main(files)
    assert stopped.value.code == 4
    error = capsys.readouterr().err
    assert error.startswith("python -m reports.compare: ")
    assert error.count("\n") == 1
