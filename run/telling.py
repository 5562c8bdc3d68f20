"""What a run leaves behind: its record, and the files made of it."""

import time
import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from reports import drift, har, history, junit, markdown, notes, record
from reports.page import Page
from reports.record import Record
from run.conduct import Conduct
from run.ending import Exit

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "reports" / "output"
"""Where reports go, unless another folder is named; the history of a target is read there."""
WORDS = {
    Exit.CONFORMS: "the server conforms",
    Exit.NONCONFORMANCE: "the server breaks requirements",
    Exit.INTERRUPTED: "interrupted",
    Exit.INTERNAL_ERROR: "the suite broke",
    Exit.USAGE: "wrong usage",
    Exit.NOTHING_RAN: "nothing ran",
    Exit.COULD_NOT_TELL: "could not tell",
}
NARROWING = ("keyword", "markexpr", "deselect", "lf", "stepwise")
"""The options of pytest that ask less than everything."""


def finished(conduct: Conduct) -> list[Page]:
    """The pages of all tests that were due, also of those that did not come to an end."""
    pages = {page.test: page for page in conduct.pages}
    return [pages.get(test) or Page(test) for test in conduct.due or pages]


def recorded(conduct: Conduct, config: pytest.Config, status: int, history_folder: Path) -> Record:
    """The record of the run, compared with those before it."""
    plan = conduct.plan
    content = record.record(
        _head(conduct, config, status),
        plan.contract,
        finished(conduct),
        conduct.total,
        plan.options.level,
        plan.waivers,
        conduct.today,
    )
    content["probes"] = list(drift.rows(conduct.total.answers, plan.probes, plan.baseline))
    content["waivers"] = list(notes.of_waivers(content))
    past = history.read(history.file(history_folder, plan.target.name, "runs"))
    content["history"] = history.compared(content, past)
    return content


def uncovered(conduct: Conduct, config: pytest.Config) -> list[str]:
    """What a run of everything has to say of requirements that nothing speaks for, in a sentence.

    A green one would claim them; so it could not tell.
    """
    whole = _whole(conduct, config)
    names = record.uncovered(conduct.plan.contract, conduct.total) if whole else []
    said = f"uncovered, for neither observed in this run nor proven before: {', '.join(names)}"
    return [said] if names else []


def write(content: Record, folder: Path) -> None:
    """Write every file that is made of the record, and remember a complete run."""
    folder.mkdir(parents=True, exist_ok=True)
    record.write(content, folder / "run.json")
    for name, text in (
        ("summary.md", markdown.summary(content)),
        ("requirements.junit.xml", junit.of_requirements(content)),
        ("failing.har", har.of_exchanges(content)),
    ):
        (folder / name).write_bytes(text.encode(errors="backslashreplace"))
    if content["run"]["complete"]:
        file = history.file(folder / "history", content["target"]["name"], "runs")
        history.append(file, history.read(file), content)


def _head(conduct: Conduct, config: pytest.Config, status: int) -> dict[str, Any]:
    plan, opened = conduct.plan, conduct.open
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    created = plan.order_created_at
    seconds = time.monotonic() - conduct.started
    return {
        "run": {
            "suite_version": project["version"],
            "stamp": f"IC-{opened.run_id}",
            "started": opened.started_at.isoformat(timespec="seconds"),
            "ended": (opened.started_at + timedelta(seconds=seconds)).isoformat(timespec="seconds"),
            "seconds": round(seconds, 1),
            "profile": plan.options.profile,
            "level": plan.options.level,
            "seed": config.getoption("--hypothesis-seed", None),
            "complete": _complete(conduct, config, status),
            "exit_status": status,
            "outcome": WORDS[Exit(status)],
            "doubts": list(dict.fromkeys(conduct.ending.doubts)),
        },
        "target": {
            "name": plan.target.name,
            "base_url": opened.base_url,
            "embedded": plan.target.embedded,
            "key_variable": plan.target.key_variable,
            "forbidden_key_variable": plan.target.forbidden_key_variable,
            "order_ids": list(plan.order_ids),
            "order_created_at": created.isoformat() if created else None,
        },
        "document": {
            "file": str(plan.options.document),
            "title": plan.contract.title,
            "version": plan.contract.version,
            "sha256": plan.contract.sha256,
        },
        "reading": {"sha256": plan.contract.reading_sha256},
    }


def _complete(conduct: Conduct, config: pytest.Config, status: int) -> bool:
    """Whether every test there is was run to its end and told, so that the run can be compared."""
    return status in (Exit.CONFORMS, Exit.NONCONFORMANCE) and _whole(conduct, config)


def _whole(conduct: Conduct, config: pytest.Config) -> bool:
    """Whether every test there is was run to its end."""
    narrowed = any(getattr(config.option, name, None) for name in NARROWING)
    partial = any("::" in arg or arg.endswith(".py") for arg in config.args)
    due = len(conduct.due)
    return not narrowed and not partial and 0 < due <= conduct.ending.reported
