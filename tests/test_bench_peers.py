"""The comparison with another tool: what it catches and this suite misses stands first."""

import re

from bench.peers.asking import Asked
from bench.peers.comparison import Both, page
from reference.mutants.mutant import Mutant
from reference.mutants.server import Server
from tests.running import ROOT


def _nothing(server: Server) -> Server:
    return server


def _both(name: str, ours: tuple[str, ...], theirs: tuple[str, ...]) -> Both:
    area = "oddity" if name.startswith("odd") else "rejection"
    breaks = () if area == "oddity" else ("url.type",)
    return Both(
        Mutant(name, area, breaks, "Why.", _nothing),
        Asked(ours, 100, 2.0, 90.0),
        Asked(theirs, 300, 8.0, 110.0),
    )


RESULTS = (
    _both("seen by both", ("url.type",), ("API accepted schema-violating request",)),
    _both("seen by us", ("url.type", "sku.type"), ()),
    _both("seen by them", ("sku.type",), ("Server error",)),
    _both("odd but right", (), ("Server error", "Undocumented status")),
)


def test_what_only_the_other_tool_catches_stands_first() -> None:
    """A wrong name is no catch, and what is found without any defect is none either."""
    text = "\n".join(page(RESULTS, ("Undocumented status",), 652, "4.0"))
    missed, figures = text.index("missed by this suite"), text.index("## Figures")
    assert "- seen by them: Server error" in text[missed:figures]
    assert "seen by us" not in text[missed:figures]
    assert "| defects caught | 2 of 3 | 2 of 3 |" in text
    assert "| false alarms | 0 of 1 | 1 of 1 |" in text
    assert "| requests, median | 100.0 | 300.0 |" in text
    assert "| oddity | odd but right | - | Server error |" in text


def test_nothing_missed_is_said() -> None:
    """An empty list would look like a table that was forgotten."""
    text = "\n".join(page(RESULTS[:2], (), 652, "4.0"))
    assert "missed by this suite\n\nNone." in text


def test_the_readme_tells_the_figures_of_the_committed_comparison() -> None:
    """How many defects each tool caught, out of how many."""
    committed = (ROOT / "docs" / "peers.md").read_text(encoding="utf-8")
    found = re.search(r"\| defects caught \| (\d+) of (\d+) \| (\d+) of \2 \|", committed)
    assert found is not None
    ours, all_of_them, theirs = found.groups()
    told = " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())
    assert f"it catches {theirs} of {all_of_them} defects, this suite {ours}." in told
