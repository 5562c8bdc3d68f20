"""Waivers and baselines in a run: what is known, what expired, what drifted and is accepted."""

import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from reference.service import Steps
from reports import record
from reports.ledger import Counts, Finding
from spec import waivers
from spec.exchange import Exchange, Request, Response
from spec.oracle import Oracle
from spec.requirements import Level
from spec.waivers import Waiver
from spec.yamlfile import SpecError
from tests.exchanges import ANSWERED, CONTRACT, FACTS, HEADERS
from tests.faulty import takes_any_sku
from tests.reporting import Reported
from tests.running import ROOT, python, server

LONG = replace(Steps(), check=takes_any_sku)
"""The reference, but it accepts a sku of any length."""
SKU = "items[].sku.maxLength"
GOOD = f"""waivers:
  - requirement: {SKU}
    target: staging
    reason: Longer ones are cut off until the migration.
    link: https://tracker.example/1
    owner: Ada
    expires: 2027-03-31
"""


def _load(tmp_path: Path, text: str) -> tuple[Waiver, ...]:
    file = tmp_path / "waivers.yaml"
    file.write_text(text, encoding="utf-8")
    return waivers.load({requirement.name for requirement in CONTRACT.requirements}, file)


def test_a_waiver_holds_through_its_last_day(tmp_path: Path) -> None:
    """It ends on the day after."""
    (waiver,) = _load(tmp_path, GOOD)
    assert (waiver.requirement, waiver.owner, waiver.line) == (SKU, "Ada", 2)
    assert not waiver.expired(date(2027, 3, 31))
    assert waiver.expired(date(2027, 4, 1))


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("waiver: []", 1, "needs a list 'waivers'"),
        (
            GOOD.replace("    owner: Ada\n", ""),
            2,
            "a waiver has exactly these fields: requirement, target",
        ),
        (GOOD.replace("Ada", "''"), 6, "'owner' is text"),
        (GOOD.replace("https:", "mailto:"), 5, "'link' is an http(s) address"),
        (GOOD.replace("2027-03-31", "31 March"), 7, "'expires' is a date such as 2027-03-31"),
        (GOOD.replace(SKU, "items[].sku.length"), 2, "there is no requirement 'items[].sku.len"),
        (GOOD + GOOD.partition("\n")[2], 8, "is already waived for staging on line 2"),
    ],
)
def test_a_malformed_waiver_is_one_sentence(
    tmp_path: Path, text: str, line: int, words: str
) -> None:
    """File, line and what to do."""
    with pytest.raises(SpecError) as refused:
        _load(tmp_path, text)
    sentence = str(refused.value)
    assert f"waivers.yaml:{line}: " in sentence
    assert words in sentence
    assert sentence.count("\n") == 0


def _recorded(tmp_path: Path, *, broken: bool, today: date) -> record.Record:
    found = Finding(
        requirement=SKU,
        level="MUST",
        category="Accepted invalid input",
        where="a:1  #/a",
        file="a",
        line=1,
        place="",
        expected="400",
        got="201",
        headline="headline",
        test="test",
        waived=today <= date(2027, 3, 31),
    )
    total = Counts(findings={"key": found} if broken else {})
    total.observed[SKU] = 1
    head: dict[str, object] = {"run": {}, "target": {}, "document": {}, "reading": {}}
    content = record.record(head, CONTRACT, [], total, Level.SHOULD, _load(tmp_path, GOOD), today)
    return content | {"waivers": list(record.waiver_rows(content))}


@pytest.mark.parametrize(
    ("broken", "today", "verdict", "note"),
    [
        (True, date(2027, 1, 1), "known", None),
        (True, date(2027, 5, 1), "broken", "its waiver ended on 2027-03-31, so it counts again"),
        (False, date(2027, 1, 1), "holds", "it holds, so remove its waiver"),
    ],
)
def test_a_waiver_is_mentioned_when_somebody_has_to_act(
    tmp_path: Path, *, broken: bool, today: date, verdict: str, note: str | None
) -> None:
    """The requirement is known, counts again once the waiver ends, or holds again."""
    content = _recorded(tmp_path, broken=broken, today=today)
    (row,) = (r for r in content["requirements"] if r["name"] == SKU)
    assert row["verdict"] == verdict
    assert row["waiver"]["owner"] == "Ada"
    assert [each["note"].startswith(str(note)) for each in content["waivers"]] == [True] * bool(
        note
    )


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


TARGET = """
[mine]
base_url = "{url}"
order_ids = ["ORD-1"]
order_created_at = 2020-01-01T00:00:00Z
"""
WAIVED = GOOD.replace("staging", "mine").replace("2027-03-31", "9999-12-31")


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """A copy of the suite, whose waivers and baselines a test may change."""
    here = tmp_path / "suite"
    for name in ("reference", "reports", "run", "spec", "strategies", "suites", "targets"):
        left = shutil.ignore_patterns("node_modules", "output", "__pycache__", "mutants")
        shutil.copytree(ROOT / name, here / name, ignore=left)
    for name in ("conftest.py", "pyproject.toml", "targets.toml"):
        shutil.copy(ROOT / name, here / name)
    return here


def _run(here: Path, *words: str) -> tuple[int, str]:
    done = python(*words, here=here)
    return done.status, done.output


def test_a_waiver_passes_drift_fails_and_accepting_it_passes(elsewhere: Path) -> None:
    """From start to end: a waiver, an accepted answer that changes, and the new one accepted."""
    out = elsewhere / "reports" / "output"
    pytest_ = ("-m", "pytest", "suites", "--target", "mine", "--reports", str(out), "-q")
    allure = ("--alluredir", str(out / "allure-results"))
    asked = (*pytest_, *allure, "-k", "(sku and maxLength and miss) or items]")
    with (elsewhere / "targets.toml").open("a", encoding="utf-8") as file, server(LONG) as url:
        file.write(TARGET.format(url=url))
        file.close()
        (elsewhere / "spec" / "waivers.yaml").write_text(WAIVED, encoding="utf-8")
        baseline = elsewhere / "spec" / "baselines" / "mine.yaml"
        baseline.write_text('answers: {"no items": "400 BAD"}\n', encoding="utf-8")

        status, output = _run(elsewhere, *asked)
        assert status == 1, output
        assert "[Drift] probe: no items (SHOULD): expected 400 BAD, got 201" in output
        assert f"known  {SKU} (MUST)" in output
        run = Reported(status, output, out)
        known = [r for r in run.results if r["statusDetails"].get("known")]
        assert [r["status"] for r in known] == ["failed"]
        assert known[0]["statusDetails"]["message"].startswith("[Known (waived)] " + SKU)
        assert [p["state"] for p in run.record["probes"]] == ["drift", "new"]

        status, output = _run(elsewhere, "-m", "run.replay", "--last")
        assert status == 1, output
        assert f"known     [Accepted invalid input] {SKU}" in output
        assert "still     [Drift] probe: no items" in output

        status, output = _run(elsewhere, "-m", "reports.accept")
        assert (status, '+  "no items": "201"' in output) == (0, True)
        status, output = _run(elsewhere, *asked)
        assert status == 0, output
        assert f"known  {SKU} (MUST)" in output
        assert "Drift" not in output
