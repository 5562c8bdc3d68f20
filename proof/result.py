"""The proof's result: a JSON file that every run's report reads, and the kill matrix for people."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from proof.mutants import suite_of
from proof.trial import Outcome, Proven
from spec.contract import Contract

RESULT = Path(__file__).parent / "result.json"
MATRIX = Path(__file__).parent.parent / "docs" / "proof.md"

REGENERATED = "tox run -e proof"


def proven(contract: Contract, results: Iterable[Proven]) -> dict[str, bool]:
    """By requirement, whether all defects are caught that were made from it or name it alone.

    A requirement without any is not among them.
    """
    caught: dict[str, bool] = {}
    for one in results:
        for name in one.mutant.breaks:
            if contract.find(name) is not None:
                caught[name] = caught.get(name, True) and one.outcome is Outcome.CAUGHT
    return {r.name: caught[r.name] for r in contract.requirements if r.name in caught}


def summary(contract: Contract, rounds: Sequence[Sequence[Proven]]) -> dict[str, Any]:
    """The result as JSON has it; `seeds` is how many rounds had the same verdicts."""
    first = rounds[0]
    return {
        "format": {"name": "invoice-conformance-proof", "version": 1},
        "document": contract.sha256,
        "seeds": len(rounds),
        "same_verdicts": all(outcomes(one) == outcomes(first) for one in rounds),
        "outcomes": dict(Counter(one.outcome.value for one in first)),
        "requirements": proven(contract, (one for each in rounds for one in each)),
        "servers": {one.mutant.name: one.outcome.value for one in first},
    }


def outcomes(results: Iterable[Proven]) -> dict[str, Outcome]:
    """The outcome of each server by name."""
    return {one.mutant.name: one.outcome for one in results}


def write(contract: Contract, rounds: Sequence[Sequence[Proven]]) -> None:
    """Write both files anew."""
    text = json.dumps(summary(contract, rounds), indent=1, ensure_ascii=False)
    RESULT.write_text(text + "\n", encoding="utf-8")
    MATRIX.parent.mkdir(exist_ok=True)
    MATRIX.write_text("\n".join(matrix(rounds)) + "\n", encoding="utf-8")


def matrix(rounds: Sequence[Sequence[Proven]]) -> Iterator[str]:
    """The kill matrix in Markdown: what went wrong first, then area by area."""
    results = rounds[0]
    defects = [one for one in results if not one.mutant.conforms]
    oddities = [one for one in results if one.mutant.conforms]
    caught = sum(one.outcome is Outcome.CAUGHT for one in defects)
    green = sum(one.outcome is Outcome.GREEN for one in oddities)
    wired = sum(one.mutant.wire for one in results)
    command = REGENERATED + (f" -- --seeds {len(rounds)}" if len(rounds) > 1 else "")
    yield "# The proof: what the suite catches"
    yield ""
    yield (
        f"{caught} of {len(defects)} defects are caught, each by a test of the suite it belongs to "
        f"and under the name of a requirement that it breaks; {green} of {len(oddities)} odd but "
        f"conforming servers are green. {wired} of the {len(results)} servers stood behind a real "
        f"socket. Verdicts are the same under {len(rounds)} seed{'s' * (len(rounds) > 1)}. "
        f"`{command}` made this page and makes it again."
    )
    yield ""
    yield (
        "The tests of a defect's area are run until two have caught it, and all others if they "
        "have not. *Requests* is how many a run of the whole suite sends until the first that "
        "shows it. Derived defects are made from the requirements by `proof/derived/`; the others "
        "and their stories stand in `reference/defects/`."
    )
    wrong = [one for one in results if not one.outcome.good]
    yield from _section("Survivors, mis-attributions and false alarms", wrong)
    for area in dict.fromkeys(one.mutant.area for one in defects):
        yield from _section(
            f"Area: {area}",
            [one for one in defects if one.mutant.area == area and one.outcome.good],
        )
    yield from _section("Conforming oddities", [one for one in oddities if one.outcome.good])


def _section(title: str, results: Sequence[Proven]) -> Iterator[str]:
    yield ""
    yield f"## {title} ({len(results)})"
    yield ""
    if not results:
        yield "None."
        return
    yield "| server | outcome | caught by | requirement named | requests |"
    yield "| --- | --- | --- | --- | ---: |"
    for one in results:
        yield f"| {' | '.join(map(_cell, _row(one)))} |"


def _row(one: Proven) -> Iterator[str]:
    yield one.mutant.name + (" (socket)" if one.mutant.wire else "")
    yield one.outcome
    yield "; ".join(f"{suite_of(c.test)}: {c.test.rpartition('::test_')[2]}" for c in one.catches)
    named = (next(filter(one.mutant.is_named_by, c.named), c.named[0]) for c in one.catches)
    yield ", ".join(dict.fromkeys(named))
    first = one.trial.first
    yield str(first) if first and not one.mutant.conforms else ""


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;").replace("*", "\\*")
