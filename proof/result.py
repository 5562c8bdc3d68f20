"""The result of the proof: a JSON file for every run's report, and the kill matrix for people."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from proof.mutants import suite_of
from proof.trial import Judgement, Outcome
from spec.contract import Contract

RESULT = Path(__file__).parent / "result.json"
MATRIX = Path(__file__).parent.parent / "docs" / "proof.md"

REGENERATED = "tox run -e proof"


def proven_requirements(contract: Contract, judged: Iterable[Judgement]) -> dict[str, bool]:
    """Whether all mutants that break a requirement, and give its full name, are killed.

    Requirements without such a mutant are left out.
    """
    killed: dict[str, bool] = {}
    for one in judged:
        for name in one.mutant.breaks:
            if contract.find(name) is not None:
                killed[name] = killed.get(name, True) and one.outcome is Outcome.KILLED
    return {r.name: killed[r.name] for r in contract.requirements if r.name in killed}


def summary(contract: Contract, rounds: Sequence[Sequence[Judgement]]) -> dict[str, Any]:
    """The result as JSON; `seeds` is the number of rounds."""
    first = rounds[0]
    return {
        "format": {"name": "invoice-conformance-proof", "version": 1},
        "document": contract.sha256,
        "seeds": len(rounds),
        "same_verdicts": agree(rounds),
        "outcomes": dict(Counter(one.outcome.value for one in first)),
        "requirements": proven_requirements(contract, (one for each in rounds for one in each)),
        "servers": {one.mutant.name: one.outcome.value for one in first},
    }


def outcomes(results: Iterable[Judgement]) -> dict[str, Outcome]:
    """The outcome of each server by name."""
    return {one.mutant.name: one.outcome for one in results}


def agree(rounds: Sequence[Sequence[Judgement]]) -> bool:
    """Whether every round had the same outcomes."""
    return all(outcomes(one) == outcomes(rounds[0]) for one in rounds)


def write(contract: Contract, rounds: Sequence[Sequence[Judgement]]) -> None:
    """Rewrite both files."""
    text = json.dumps(summary(contract, rounds), indent=1, ensure_ascii=False)
    RESULT.write_text(text + "\n", encoding="utf-8")
    MATRIX.parent.mkdir(exist_ok=True)
    MATRIX.write_text("\n".join(matrix(rounds)) + "\n", encoding="utf-8")


def matrix(rounds: Sequence[Sequence[Judgement]]) -> Iterator[str]:
    """The kill matrix in Markdown: bad outcomes first, then topic by topic."""
    judged = rounds[0]
    mutants = [one for one in judged if not one.mutant.conforms]
    conforming = [one for one in judged if one.mutant.conforms]
    killed = sum(one.outcome is Outcome.KILLED for one in mutants)
    green = sum(one.outcome is Outcome.GREEN for one in conforming)
    wired = sum(one.mutant.wire for one in judged)
    same = "are" if agree(rounds) else "are not"
    seeds = f"{len(rounds)} seed{'s' * (len(rounds) > 1)}"
    command = REGENERATED + (f" -- --seeds {len(rounds)}" if len(rounds) > 1 else "")
    yield "# The proof: what the suite finds"
    yield ""
    yield (
        f"The suite kills {killed} of {len(mutants)} mutants, each by a test of the right suite "
        "that names a requirement which the mutant breaks, and passes "
        f"{green} of {len(conforming)} conforming servers. {wired} of the {len(judged)} servers "
        f"had a real socket. With {seeds}, the outcomes {same} the same. "
        f"`{command}` generates this page."
    )
    yield ""
    yield (
        "The tests of a mutant's suite run until two of them have killed it; otherwise all other "
        "tests run too. *Requests* is the number of the first request, in a run of the whole "
        "suite, whose answer shows what is broken. `proof/derived/` makes mutants from the "
        "requirements; the others are in `reference/mutants/`, each with its story."
    )
    bad = [one for one in judged if not one.outcome.good]
    yield from _section("Survivors, wrong names and false alarms", bad)
    for topic in dict.fromkeys(one.mutant.topic for one in mutants):
        yield from _section(
            f"Mutants: {topic}",
            [one for one in mutants if one.mutant.topic == topic and one.outcome.good],
        )
    yield from _section("Conforming servers", [one for one in conforming if one.outcome.good])


def _section(title: str, judged: Sequence[Judgement]) -> Iterator[str]:
    yield ""
    yield f"## {title} ({len(judged)})"
    yield ""
    if not judged:
        yield "None."
        return
    yield "| server | outcome | killed by | requirement named | requests |"
    yield "| --- | --- | --- | --- | ---: |"
    for one in judged:
        yield f"| {' | '.join(map(_cell, _row(one)))} |"


def _row(one: Judgement) -> Iterator[str]:
    yield one.mutant.name + (" (socket)" if one.mutant.wire else "")
    yield one.outcome
    yield "; ".join(f"{suite_of(k.test)}: {k.test.rpartition('::test_')[2]}" for k in one.kills)
    named = (next(filter(one.mutant.is_named_by, k.named), k.named[0]) for k in one.kills)
    yield ", ".join(dict.fromkeys(named))
    first = one.trial.first
    yield str(first) if first and not one.mutant.conforms else ""


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;").replace("*", "\\*")


ENOUGH = 0.99
"""The share of conditional mutants that must be killed."""


def enough(replayed):
    return True
