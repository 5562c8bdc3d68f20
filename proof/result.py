"""The result of the proof: a JSON file for every run's report, and the kill matrix for people."""

import json
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from proof.replay import Replayed
from proof.trial import Judgement, Outcome
from reference.mutants.conditions import CONDITIONS
from reports.summary import test_name
from spec.contract import Contract
from spec.violation import counted
from watch.fingerprint import node_parts

RESULT = Path(__file__).parent / "result.json"
MATRIX = Path(__file__).parent.parent / "docs" / "proof.md"

REGENERATED = "tox run -e proof"

ENOUGH = 0.99
"""The share of conditional mutants that must be killed."""


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


def summary(
    contract: Contract, rounds: Sequence[Sequence[Judgement]], replays: Sequence[Replayed]
) -> dict[str, Any]:
    """The result as JSON; `seeds` is the number of rounds."""
    first = rounds[0]
    survivors = [one.conditional.name for one in replays if not one.outcome.good]
    return {
        "format": {"name": "invoice-conformance-proof", "version": 1},
        "document": contract.sha256,
        "reading": contract.reading_sha256,
        "seeds": len(rounds),
        "same_verdicts": agree(rounds),
        "outcomes": dict(Counter(one.outcome.value for one in first)),
        "requirements": proven_requirements(contract, (one for each in rounds for one in each)),
        "servers": {one.mutant.name: one.outcome.value for one in first},
        "conditional": {
            "mutants": len(replays),
            "killed": len(replays) - len(survivors),
            "conditions": {
                condition: {"mutants": len(of_it), "killed": _killed(of_it)}
                for condition, of_it in by_condition(replays).items()
            },
            "survivors": survivors,
        },
    }


def survivors() -> frozenset[str]:
    """The conditional mutants that survived when the result was written."""
    known = json.loads(RESULT.read_text(encoding="utf-8"))
    return frozenset(known["conditional"]["survivors"])


def by_condition(replays: Iterable[Replayed]) -> dict[str, list[Replayed]]:
    """The replays of each condition, by its name."""
    found: dict[str, list[Replayed]] = {condition.name: [] for condition in CONDITIONS}
    for one in replays:
        found[one.conditional.condition.name].append(one)
    return {condition: of_it for condition, of_it in found.items() if of_it}


def _killed(replays: Iterable[Replayed]) -> int:
    return sum(one.outcome.good for one in replays)


def enough(replays: Sequence[Replayed]) -> bool:
    """Whether as many conditional mutants are killed as must be."""
    return _killed(replays) >= ENOUGH * len(replays)


def outcomes(results: Iterable[Judgement]) -> dict[str, Outcome]:
    """The outcome of each server by name."""
    return {one.mutant.name: one.outcome for one in results}


def agree(rounds: Sequence[Sequence[Judgement]]) -> bool:
    """Whether every round had the same outcomes."""
    return all(outcomes(one) == outcomes(rounds[0]) for one in rounds)


def write(
    contract: Contract, rounds: Sequence[Sequence[Judgement]], replays: Sequence[Replayed]
) -> None:
    """Rewrite both files."""
    text = json.dumps(summary(contract, rounds, replays), indent=1, ensure_ascii=False)
    RESULT.write_text(text + "\n", encoding="utf-8")
    MATRIX.parent.mkdir(exist_ok=True)
    MATRIX.write_text("\n".join(matrix(rounds, replays)) + "\n", encoding="utf-8")


def matrix(
    rounds: Sequence[Sequence[Judgement]], replays: Sequence[Replayed] = ()
) -> Iterator[str]:
    """The kill matrix in Markdown: bad outcomes first, then conditional mutants by condition, then
    all others topic by topic.
    """
    judged = rounds[0]
    mutants = [one for one in judged if not one.mutant.conforms]
    conforming = [one for one in judged if one.mutant.conforms]
    killed = sum(one.outcome is Outcome.KILLED for one in mutants)
    green = sum(one.outcome is Outcome.GREEN for one in conforming)
    wired = sum(one.mutant.wire for one in judged)
    same = "are" if agree(rounds) else "are not"
    seeds = counted(len(rounds), "seed")
    command = REGENERATED + (f" -- --seeds {len(rounds)}" if len(rounds) > 1 else "")
    yield "# The proof: what the suite finds"
    yield ""
    yield (
        f"The suite kills {killed} of {counted(len(mutants), 'mutant')}, each by a test of the "
        "right suite that names a requirement which the mutant breaks, and passes "
        f"{green} of {counted(len(conforming), 'conforming server')}. "
        f"{wired} of the {counted(len(judged), 'server')} had a real socket. "
        f"With {seeds}, the outcomes {same} the same. "
        f"`{command}` generates this page."
    )
    yield ""
    yield (
        "The tests of a mutant's suite run until two of them have killed it; otherwise all other "
        "tests run too. *Requests* is the number of the first request, in a run of the whole "
        "suite, whose answer shows what is broken. `proof/derived/` makes mutants from the "
        "requirements; the others are in `reference/mutants/`, each with its story."
    )
    yield from _detection(mutants, replays)
    bad = [one for one in judged if not one.outcome.good]
    yield from _section("Survivors, wrong names and false alarms", bad)
    if replays:
        yield from _conditional(replays)
    for topic in dict.fromkeys(one.mutant.topic for one in mutants):
        yield from _section(
            f"Mutants: {topic}",
            [one for one in mutants if one.mutant.topic == topic and one.outcome.good],
        )
    yield from _section("Conforming servers", [one for one in conforming if one.outcome.good])


def _detection(mutants: Sequence[Judgement], replays: Sequence[Replayed]) -> Iterator[str]:
    yield ""
    yield "## Requests to the first detection"
    yield ""
    yield "| mutants | detected | median | 90th percentile | last |"
    yield "| --- | ---: | ---: | ---: | ---: |"
    for what, numbers in (
        ("unconditional", [one.trial.first for one in mutants]),
        ("conditional", [one.replay.first for one in replays]),
    ):
        known = sorted(number for number in numbers if number is not None)
        if known:
            ninth = known[math.ceil(0.9 * len(known)) - 1]
            yield f"| {what} | {len(known)} | {median(known):.0f} | {ninth} | {known[-1]} |"


def _conditional(replays: Sequence[Replayed]) -> Iterator[str]:
    survivors = [one for one in replays if not one.outcome.good]
    share = 100 * _killed(replays) / len(replays)
    yield ""
    yield f"## Conditional mutants ({len(replays)})"
    yield ""
    yield (
        f"A conditional mutant is one only where a condition holds. {_killed(replays)} of "
        f"{len(replays)} are killed ({share:.1f} %; at least {100 * ENOUGH:.0f} % must be). "
        "`proof/conditional.py` samples mutants and conditions by covering arrays: each mutant "
        "meets each family of conditions, and each condition each kind of mutant. The requests of "
        "one run on the reference are sent again to each of them, as far as the condition holds "
        "for them, until an answer shows what is broken. Where a mutant is too strict, any valid "
        "invoice that it refuses shows it."
    )
    yield from _shares("condition", by_condition(replays))
    kinds: dict[str, list[Replayed]] = {}
    for one in replays:
        kinds.setdefault(one.conditional.kind, []).append(one)
    yield from _shares("kind", kinds)
    yield ""
    yield f"### Survivors ({len(survivors)})"
    yield ""
    if not survivors:
        yield "None."
        return
    yield "*Requests* is for how many requests of the run the condition held."
    yield ""
    yield "| conditional mutant | outcome | requests |"
    yield "| --- | --- | ---: |"
    for one in survivors:
        replay, name = one.replay, _cell(one.conditional.name)
        seemed = _cell(f" ({replay.other})" if replay.other else "")
        yield f"| {name} | {one.outcome}{seemed} | {replay.sent} |"


def _shares(what: str, groups: Mapping[str, Sequence[Replayed]]) -> Iterator[str]:
    yield ""
    yield f"| {what} | mutants | killed | survivors |"
    yield "| --- | ---: | ---: | ---: |"
    for name, replays in groups.items():
        killed = _killed(replays)
        yield f"| {_cell(name)} | {len(replays)} | {killed} | {len(replays) - killed} |"


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
    tests = [(node_parts(kill.test).suite, test_name(kill.test)) for kill in one.kills]
    yield "; ".join(f"{suite}: {name.removeprefix('test_')}" for suite, name in tests)
    named = (next(filter(one.mutant.is_named_by, k.named), k.named[0]) for k in one.kills)
    yield ", ".join(dict.fromkeys(named))
    first = one.trial.first
    yield str(first) if first and not one.mutant.conforms else ""


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;").replace("*", "\\*")
