"""The comparison with another tool: what that kills and this suite misses stands first."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from bench.peers import kept
from bench.peers.comparison import Both, page
from bench.peers.tools import Asked
from reference.mutants.mutant import Mutant
from reference.mutants.server import Server
from tests.running import ROOT


def _nothing(server: Server) -> Server:
    return server


def _both(name: str, ours: tuple[str, ...], theirs: tuple[str, ...]) -> Both:
    topic = "conforming" if name.startswith("conforming") else "rejection/errors"
    breaks = () if topic == "conforming" else ("url.type",)
    return Both(
        Mutant(name, topic, breaks, "Why.", _nothing),
        Asked(ours, 100, 2.0, 90.0),
        Asked(theirs, 300, 8.0, 110.0),
    )


USUAL = ("Undocumented status",)
ROWS = tuple(
    one.row(USUAL)
    for one in (
        _both("seen by both", ("url.type",), ("API accepted schema-violating request",)),
        _both("seen by us", ("url.type", "sku.type"), ()),
        _both("seen by them", ("sku.type",), ("Server error",)),
        _both("conforming but unusual", (), ("Server error", "Undocumented status")),
    )
)


def test_what_only_the_other_tool_kills_stands_first() -> None:
    """A wrong name is not a kill, nor is what the other tool finds on its reference."""
    text = "\n".join(page(ROWS, USUAL, 652, "4.0"))
    missed, figures = text.index("not by this suite"), text.index("## Figures")
    assert "- seen by them: Server error" in text[missed:figures]
    assert "seen by us" not in text[missed:figures]
    assert "| mutants killed | 2 of 3 | 2 of 3 |" in text
    assert "| of those, rejection/errors | 2 of 3 | 2 of 3 |" in text
    assert "| false alarms | 0 of 1 | 1 of 1 |" in text
    assert "| requests, median | 100.0 | 300.0 |" in text
    assert "The medians are of" not in text
    assert "| conforming | conforming but unusual | - | Server error |" in text


def test_an_empty_list_says_none() -> None:
    """An empty section would look like a table that was forgotten."""
    text = "\n".join(page(ROWS[:2], (), 652, "4.0"))
    assert "not by this suite\n\nNone." in text


def test_a_server_that_was_asked_before_has_no_cost() -> None:
    """The page says how many the medians are of; with none there is no median."""
    before = [replace(row, costs=()) for row in ROWS]
    text = "\n".join(page([*before[:3], ROWS[3]], USUAL, 652, "4.0"))
    assert "| requests, median | 100.0 | 300.0 |" in text
    assert "The medians are of 1 server, asked last." in text
    assert "median" not in "\n".join(page(before, USUAL, 652, "4.0"))


def test_what_is_kept_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So only servers that are new are asked."""
    monkeypatch.setattr(kept, "FILE", tmp_path / "result.json")
    last = kept.Kept("4.0", 652, ("never asked", "seen by us"), ROWS)
    kept.write(last)
    assert kept.read() == last


def test_the_page_is_of_what_is_kept() -> None:
    """Each figure of the committed page follows from the committed rows."""
    found = kept.read()
    committed = (ROOT / "docs" / "peers.md").read_text(encoding="utf-8")
    assert committed == "\n".join(page(found.rows, (), found.servers, found.version)) + "\n"
    assert {row.name for row in found.rows} <= {*found.known}


def test_the_readme_has_the_figures_of_the_committed_comparison() -> None:
    """How many mutants each tool killed, of how many."""
    committed = (ROOT / "docs" / "peers.md").read_text(encoding="utf-8")
    found = re.search(r"\| mutants killed \| (\d+) of (\d+) \| (\d+) of \2 \|", committed)
    assert found is not None
    ours, mutants, theirs = found.groups()
    readme = " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())
    assert f"kills {theirs} of {mutants} mutants, this suite {ours}" in readme


TOPICS = {
    "accepts what the document forbids": "rejection",
    "refuses what the document allows": "acceptance",
    "gives back another value than it was sent": "acceptance/echo",
    "names the wrong field, or has errors of another shape": "rejection/errors",
    "takes a wrong key": "authentication",
    "mixes up requests": "isolation",
}
"""The rows of the README, and what docs/peers.md calls them."""


def test_the_rows_of_the_readme_add_up() -> None:
    """Each mutant is in one row, those of all other topics in the last one."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    table = readme.split("| a server that |")[1].split("\n\n")[0]
    rows = re.findall(r"\| (\d+) of (\d+) \| (\d+) of \2 \|", table)
    assert len(rows) == len(TOPICS) + 1
    ours, mutants, theirs = (sum(map(int, column)) for column in zip(*rows, strict=True))
    assert f"kills {theirs} of {mutants} mutants, this suite {ours}." in readme


@pytest.mark.parametrize("row", TOPICS)
def test_the_rows_of_the_readme_are_those_of_the_committed_comparison(row: str) -> None:
    """Each has the figures of both tools."""
    committed = (ROOT / "docs" / "peers.md").read_text(encoding="utf-8")
    figures = committed.split(f"| of those, {TOPICS[row]} |")[1].splitlines()[0]
    assert f"| {row} |{figures}\n" in (ROOT / "README.md").read_text(encoding="utf-8")
