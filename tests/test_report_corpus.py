"""Cases that are kept: found by a drawn payload, asked in every later run until they have held."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from reports import accept
from reports.keeping import kept_after
from run.cases import limited
from spec.contract import PLACEHOLDER
from spec.yamlfile import FileError
from strategies.cases import kept
from tests.exchanges import CONTRACT, FACTS
from watch import corpus
from watch.corpus import LARGEST, MOST, Kept

pytestmark = pytest.mark.quick

DRAWN, LISTED = "suites/test_a.py::test_drawn", "suites/test_a.py::test_listed"
KEPT = Kept('{"sku": "IC-RUNSTAMP-########"}', "items[].sku.type", "2026-03-01")


def _exchange(name: str, test: str, body: str, **more: Any) -> dict[str, Any]:
    return {"id": name, "test": test, "request": {"text": body}, "not_replayable": None, **more}


def _record(*exchanges: dict[str, Any], day: str = "2026-04-01", **outcomes: str) -> Any:
    tests = [{"id": DRAWN, "drawn": True, "outcome": "failed"}]
    tests += [{"id": LISTED, "drawn": False, "outcome": "failed"}]
    tests += [{"id": f"a::b[{KEPT.name}]", "outcome": each} for each in outcomes.values()]
    return {
        "run": {"started": f"{day}T03:00:00+00:00"},
        "target": {"name": "staging"},
        "tests": tests,
        "occurrences": [
            {"exchange": e["id"], "requirement": "url.type", "test": e["test"], "waived": False}
            for e in exchanges
        ],
        "exchanges": list(exchanges),
    }


def test_what_a_drawn_payload_found_is_kept() -> None:
    """With the placeholder of the stamp in the place of the run's; once, and small."""
    found = _record(
        _exchange("1", DRAWN, '{"a": "IC-7F3A91C2-01000123"}'),
        _exchange("2", LISTED, '{"b": 1}'),
        _exchange("3", DRAWN, '{"c": 1}', not_replayable="its key is masked"),
        _exchange("4", DRAWN, '{"a": "IC-7F3A91C2-01000124"}'),
        _exchange("5", DRAWN, "x" * (LARGEST + 1)),
    )
    (case,) = kept_after(found, [])
    assert case == Kept(f'{{"a": "{PLACEHOLDER}"}}', "url.type", "2026-04-01")
    many = _record(*(_exchange(str(n), DRAWN, f"[{n}]") for n in range(2 * MOST)))
    assert len(kept_after(many, [case])) == MOST


@pytest.mark.parametrize(
    ("held", "outcome", "day", "after"),
    [
        (None, "failed", "2026-04-01", None),
        (None, "passed", "2026-04-01", "2026-04-01"),
        ("2026-03-20", "passed", "2026-04-01", "2026-03-20"),
        ("2026-03-20", "failed", "2026-04-01", None),
        ("2026-03-20", "skipped", "2026-05-01", "2026-03-20"),
        ("2026-03-20", "passed", "2026-04-18", "2026-03-20"),
        ("2026-03-20", "passed", "2026-04-19", "gone"),
    ],
)
def test_a_kept_case_is_asked_until_it_has_held_for_a_month(
    held: str | None, outcome: str, day: str, after: str | None
) -> None:
    """A month without a failure, counted anew after each."""
    case = replace(KEPT, holds_since=held)
    left = kept_after(_record(day=day, kept=outcome), [case])
    assert [each.holds_since for each in left] == ([] if after == "gone" else [after])


def test_the_command_keeps_and_forgets(tmp_path: Path) -> None:
    """It says which cases are new and which are gone."""
    record = _record(_exchange("1", DRAWN, '{"a": 1}'))
    (line,) = accept.keep(record, tmp_path)
    (case,) = corpus.load("staging", tmp_path)
    assert line == f"{case.name}: every later run asks it\n"
    assert accept.keep(record, tmp_path) == []
    held = replace(case, holds_since="2026-01-01")
    corpus.folder_of("staging", tmp_path).joinpath(f"{case.id}.json").write_text(held.as_json())
    later = _record(day="2026-05-01")
    later["tests"].append({"id": f"a::b[{case.name}]", "outcome": "passed"})
    assert accept.keep(later, tmp_path) == [f"{case.name}: it has passed, and is no longer asked\n"]
    assert corpus.load("staging", tmp_path) == ()


def test_every_profile_asks_each_kept_case() -> None:
    """The smallest profile takes one case of a kind, and each is of a kind of its own."""
    two = (KEPT, replace(KEPT, body="{}"))
    facts = replace(FACTS, kept=tuple((each.name, each.body.encode()) for each in two))
    cases = kept(CONTRACT, facts)
    assert [case.name for case in limited(cases, 1)] == [each.name for each in two]
    assert cases[0].body == KEPT.body.encode()
    assert kept(CONTRACT, FACTS) == ()


def test_what_is_no_kept_case_is_refused(tmp_path: Path) -> None:
    """In one sentence that names the file; a target without a name has none."""
    folder = corpus.folder_of("staging", tmp_path)
    folder.mkdir()
    half = '{"body": "\\ud800", "broke": "a", "found": "b"}'
    for text in ("[]", "{}", '{"body": 1, "broke": "a", "found": "b"}', half, "{", "[" * 9000):
        (folder / "a.json").write_text(text)
        with pytest.raises(FileError, match=r"a\.json: is not a case that was kept"):
            corpus.load("staging", tmp_path)
    assert corpus.load("http://127.0.0.1", tmp_path) == ()
    assert corpus.load("nobody", tmp_path) == ()
