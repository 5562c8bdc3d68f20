"""The record of a run: all that its reports tell, as JSON (`run.schema.json` documents it)."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from reports.ledger import Counts, Entry, Finding
from spec.contract import Contract
from spec.probes import Baseline, Probe
from spec.requirements import Level, Requirement
from spec.waivers import Waiver

VERSION = 1
"""Of the format; it changes when a reader of the record has to."""
SCHEMA = Path(__file__).parent / "run.schema.json"
PROVEN = Path(__file__).parent.parent / "proof" / "result.json"
VERDICTS = ("broken", "noted", "known", "holds", "not observed")
"""`noted` are broken SHOULDs of a run that only MUSTs fail; `known` are waived."""

Record = dict[str, Any]


def record(
    head: Mapping[str, Any],
    contract: Contract,
    entries: Sequence[Entry],
    total: Counts,
    level: Level,
    waivers: Iterable[Waiver],
    today: date,
) -> Record:
    """The record of a run. `head` says what was run: `run`, `target`, `document`, `reading`.

    `waivers` are those of the target, expired ones too.
    """
    waived = {waiver.requirement: _waiver(waiver, today) for waiver in waivers}
    by_requirement: dict[str, list[Finding]] = {}
    for finding in total.findings.values():
        by_requirement.setdefault(finding.requirement, []).append(finding)
    proven = _proven()
    requirements = [
        _requirement(requirement, by_requirement.get(requirement.name, []), total, level)
        | {"proven": proven.get(requirement.name), "waiver": waived.get(requirement.name)}
        for requirement in contract.requirements
    ]
    return {
        "format": {"name": "invoice-conformance-run", "version": VERSION},
        **head,
        "counts": {
            "requests": total.requests,
            "created": total.created,
            "expectations": dict(sorted(total.expectations.items())),
        },
        "requirements": requirements,
        "findings": [_finding(finding) for finding in total.findings.values()],
        "answers": total.answers,
        "tests": [_test(entry) for entry in entries],
        "exchanges": [kept for entry in entries for kept in entry.exchanges.values()],
    }


def probe_rows(
    answers: Mapping[str, str], probes: Iterable[Probe], baseline: Baseline
) -> Iterator[dict[str, Any]]:
    """Each probe that was answered (`probes` of run.schema.json), in the order of the file."""
    for probe in probes:
        if probe.name not in answers:
            continue
        given, accepted = answers[probe.name], baseline.answers.get(probe.name)
        state = "as accepted" if given == accepted else "drift" if accepted else "new"
        yield {
            "name": probe.name,
            "requirement": f"probe: {probe.name}",
            "question": probe.question,
            "answer": given,
            "accepted": accepted,
            "state": state,
        }


def uncovered(contract: Contract, total: Counts) -> list[str]:
    """The requirements that the run did not observe and that no proof speaks for either."""
    spoken_for = {name for name, caught in _proven().items() if caught}
    spoken_for |= set(+total.observed) | {found.requirement for found in total.findings.values()}
    return [r.name for r in contract.requirements if r.name not in spoken_for]


def write(content: Record, path: Path) -> None:
    """Write it so that a reader finds the old record or the new, never half of one."""
    draft = path.with_suffix(".part")
    text = json.dumps(content, ensure_ascii=False, indent=1) + "\n"
    draft.write_bytes(
        text.encode(errors="backslashreplace")
    )  # half a character, as JSON escapes it
    draft.replace(path)


def read(path: Path) -> Record:
    """Read a record. Raises ValueError, with one sentence, for what is none of this version."""
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
        version = content["format"]["version"]
    except OSError as error:
        raise ValueError(f"{path}: {error.strerror}; run the suite first.") from None
    except (ValueError, KeyError, TypeError):
        raise ValueError(f"{path} is no record of a run.") from None
    if version != VERSION:
        raise ValueError(f"{path} is of version {version}; this suite reads version {VERSION}.")
    return dict(content)


def _requirement(
    requirement: Requirement, found: Sequence[Finding], total: Counts, level: Level
) -> Record:
    observed = total.observed[requirement.name]
    if not found:
        verdict = "holds" if observed else "not observed"
    elif found[0].waived:
        verdict = "known"
    elif level is Level.MUST and requirement.level is Level.SHOULD:
        verdict = "noted"
    else:
        verdict = "broken"
    return {
        "name": requirement.name,
        "level": requirement.level,
        "part": requirement.part,
        "keyword": requirement.keyword,
        "operand": json.loads(json.dumps(requirement.operand, default=str)),
        "file": requirement.file,
        "line": requirement.line,
        "pointer": requirement.pointer,
        "verdict": verdict,
        "observed": observed,
        "edges": total.edges[requirement.name],
    }


def _waiver(waiver: Waiver, today: date) -> Record:
    expired = waiver.expired(today)
    return {
        "reason": waiver.reason,
        "link": waiver.link,
        "owner": waiver.owner,
        "expires": waiver.expires.isoformat(),
        "expired": expired,
        "place": f"{waiver.file}:{waiver.line}",
    }


def _finding(finding: Finding) -> Record:
    return {name: getattr(finding, name) for name in Finding.__slots__}


def _test(entry: Entry) -> Record:
    return {
        "id": entry.test,
        "title": entry.title,
        "requirement": entry.requirement,
        "outcome": entry.outcome,
        "message": entry.message,
        "started": round(entry.started, 3),
        "seconds": round(entry.seconds, 3),
        "requests": entry.counts.requests,
    }


def _proven() -> dict[str, Any]:
    """Whether the seeded defects of each requirement are caught, from the proof's last result."""
    try:
        content = json.loads(PROVEN.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    return {name: bool(proven) for name, proven in content.get("requirements", {}).items()}
