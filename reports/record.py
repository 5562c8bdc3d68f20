"""The record of a run: all that its reports say, as JSON (`run.schema.json` documents it)."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema_rs import Draft202012Validator, Registry, ValidationError

from findings.finding import MOST_CASES, Finding, Occurrence
from findings.grouping import grouped
from findings.rows import FindingRow, give_to_every, rows_of
from findings.waivers import Waiver
from reports import output
from reports.failure import unexplained
from reports.ledger import UNANSWERED, Counts, Entry
from reports.rows import (
    HeadRow,
    OccurrenceRow,
    ProbeRow,
    Record,
    RequirementRow,
    TestRow,
    WaiverRow,
)
from spec.contract import Contract
from spec.probes import Baseline, Probe, requirement_name
from spec.requirements import Level, Requirement
from spec.violation import brief
from spec.yamlfile import read_regular
from targets.masking import Masker
from watch import certificate, timing
from watch.baseline import Watched, pace_of
from watch.fingerprint import unfold

VERSION = 2
"""Of the format; it changes when the readers of a record have to."""
LARGEST = 64 * 1024 * 1024
"""Bytes of a record that is read; the suite writes some 8 MB at most."""
SCHEMA = Path(__file__).parent / "run.schema.json"
PART = SCHEMA.with_name("part.schema.json")
_BASE = "json-schema:///"
"""Where the validator looks for schemas: nowhere but in its registry."""
PROVEN = Path(__file__).parent.parent / "proof" / "result.json"
VERDICTS = ("broken", "drift", "noted", "known", "blocked", "holds", "not observed")
"""`noted` is a broken SHOULD of a run that only MUSTs fail; `known` is waived; `blocked` is
violated, but a finding under another requirement explains it, or was not asked as similar requests
get no answer."""


def record(
    head: HeadRow,
    contract: Contract,
    entries: Sequence[Entry],
    total: Counts,
    level: Level,
    waivers: Iterable[Waiver],
    today: date,
    in_words: Callable[[Iterable[FindingRow]], str],
) -> Record:
    """The record of the run with this head. `waivers` are those of the target, expired ones too;
    `in_words` says how a run ended that found this.

    Its probes, its notes on waivers and its history are left empty, for those who know what was
    accepted and what was before.
    """
    waived = {waiver.requirement: _waiver(waiver, today) for waiver in waivers}
    run, doubts = head["run"], head["run"]["doubts"]
    try:
        found = found_findings(contract, total, level)
    except Exception as error:  # noqa: BLE001 # what was found is told, whatever breaks here
        doubts = [*doubts, unexplained(error)]
        found = _by_requirement(contract, total, level)
    unanswered = {each.requirement for each in entries if each.message == UNANSWERED}
    verdicts = {**{str(name): "blocked" for name in unanswered if name}, **_verdicts(found)}
    proven, first = _proven(contract), _first_tests(found)
    requirements = [
        _requirement(each, verdicts.get(each.name), total, proven.get(each.name), waived)
        for each in contract.requirements
    ]
    return {
        "format": {"name": "invoice-conformance-run", "version": VERSION},
        "run": {**run, "outcome": in_words(found), "doubts": doubts},
        "target": head["target"],
        "document": head["document"],
        "reading": head["reading"],
        "counts": {
            "requests": total.requests,
            "created": total.created,
            "expectations": dict(sorted(total.expectations.items())),
            "outages": total.outages,
            "resent": len(total.resent),
            "slow": timing.slow_told(total.slow, run.get("concurrency", 1), run["profile"]),
        },
        "requirements": requirements,
        "findings": found,
        "occurrences": [_occurrence(occurrence) for occurrence in total.occurrences.values()],
        "answers": total.answers,
        "tests": [_test(entry, found, first) for entry in entries],
        "exchanges": [stored for entry in entries for stored in entry.exchanges.values()],
        "probes": [],
        "waivers": [],
        "history": {"last_run": None, "new": [], "still": [], "fixed": [], "since": {}},
    }


def probe_rows(
    answers: Mapping[str, str], probes: Iterable[Probe], baseline: Baseline
) -> Iterator[ProbeRow]:
    """Each probe that was answered (`probes` of run.schema.json), in the order of the file."""
    for probe in probes:
        if probe.name not in answers:
            continue
        answer, accepted = answers[probe.name], baseline.answers.get(probe.name)
        state = "as accepted" if answer == accepted else "drift" if accepted else "new"
        yield {
            "name": probe.name,
            "requirement": requirement_name(probe.name),
            "question": probe.question,
            "answer": answer,
            "accepted": accepted,
            "state": state,
        }


def has_name(record: Record) -> bool:
    """Whether the target is a table of targets.toml; one given by its URL has no other name."""
    target = record["target"]
    return target["name"] != target["base_url"]


def watched(content: Record) -> Watched:
    """What a record says of its target. ValueError, with one sentence, if it says nothing."""
    folded = content.get("fingerprint")
    if not folded:
        raise ValueError("The run has no fingerprint: run the suite again.")
    run, news, ends = content["run"], content.get("news"), content.get("certificate")
    return Watched(
        content["target"]["name"],
        run["started"],
        unfold(folded),
        timing.checked(content.get("times", {})),
        news["noise"] if news else (),
        certificate.checked(ends["last_day"] if ends else ""),
        pace_of(run["profile"], run.get("concurrency")),
    )


def uncovered(contract: Contract, total: Counts) -> list[str]:
    """The requirements that the run did not observe and that the proof did not prove either.

    Of a document that nothing was proven with, only those on the payload and on parameters are sure
    to be observed: others need a certain target, or an answer that has what it need not have.
    """
    proven = _proven(contract)
    covered = {name for name, each in proven.items() if each}
    covered |= set(+total.observed) | {
        occurrence.requirement for occurrence in total.occurrences.values()
    }
    surely = (*contract.body_requirements, *contract.parameter_requirements)
    asked = contract.requirements if proven else surely
    return [r.name for r in asked if r.name not in covered]


def write(content: Record, path: Path, masker: Masker | None = None) -> None:
    """Write a record to a file."""
    output.write(path, output.as_json(content), masker)


def read(path: Path) -> Record:
    """Read a record. Raises ValueError, with one sentence, for a file that is not one.

    It may come from anybody, so what is read is as the schema says.
    """
    try:
        content = json.loads(read_regular(path, LARGEST))
        version = content["format"]["version"]
        known: Record = _renewed(content) if version == 1 else content
    except FileNotFoundError as error:
        raise ValueError(f"{path}: {error.strerror}; run the suite first.") from None
    except OSError as error:
        raise ValueError(f"{path}: cannot be read: {error.strerror}.") from None
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        raise ValueError(f"{path} is not the record of a run.") from None
    if version not in (1, VERSION):
        raise ValueError(
            f"{path} has version {brief(version)}; this suite reads versions 1 and {VERSION}."
        )
    found = wrong(known)
    if found:
        raise ValueError(
            f"{path} is not a record that this suite can read: {found}. If an older one wrote it, "
            "run the suite again."
        )
    return known


def _renewed(content: Any) -> Any:
    """A record of version 1 as one of today: it called findings `causes`, and occurrences
    `findings`.
    """
    return {
        **content,
        "format": {**content["format"], "version": VERSION},
        "findings": content["causes"],
        "occurrences": [
            {**{name: row[name] for name in row if name != "cause"}, "finding": row["cause"]}
            for row in content["findings"]
        ],
        "tests": [
            {**{name: row[name] for name in row if name != "causes"}, "findings": row["causes"]}
            for row in content["tests"]
        ],
    }


@cache
def _validator(schema: str) -> Draft202012Validator:
    known = [(_BASE + each.name, json.loads(each.read_text("utf-8"))) for each in (SCHEMA, PART)]
    return Draft202012Validator(
        {"$ref": _BASE + schema}, registry=Registry(known), validate_formats=True
    )


def mismatch(content: Any, schema: str) -> str:
    """How JSON from anybody is not as a schema beside this file says, in a few words; empty if it
    is.
    """
    # The validator takes no half of a surrogate pair, which the text of a server may have.
    plain = json.dumps(content, ensure_ascii=False).encode(errors="replace")
    try:
        _validator(schema).validate(json.loads(plain))
    except ValidationError as error:
        where = "/" + "/".join(map(str, error.instance_path))
        return f"{brief(where)} is not as {schema.partition('#')[0]} says"
    except (ValueError, RecursionError):
        return "it is too deep"
    return ""


def wrong(content: Record) -> str:
    """What is wrong with a record, in a few words; empty if nothing is."""
    unlike = mismatch(content, SCHEMA.name)
    if unlike:
        return unlike
    stored = {exchange["id"] for exchange in content["exchanges"]}
    missing = {finding["exchange"] for finding in content["findings"]} - stored - {""}
    return f"it has no exchange {brief(min(missing))}" if missing else ""


def found_findings(contract: Contract, total: Counts, level: Level) -> list[FindingRow]:
    """The findings of a run (`findings` of run.schema.json); each row of a violation gets the id of
    the one that it belongs to.
    """
    rows = [*total.occurrences.values()]
    give_to_every(rows, total.causes, total.forms)
    groups = grouped(contract, rows, total.causes, total.together)
    return rows_of(contract, groups, level, total.forms)


def _by_requirement(contract: Contract, total: Counts, level: Level) -> list[FindingRow]:
    """The same, one for each requirement and category, with nothing that explains them."""
    findings: dict[tuple[str, str], Finding] = {}
    for row in total.occurrences.values():
        row.cause = ""
        findings.setdefault((row.requirement, row.category), Finding()).rows.append(row)
    return rows_of(contract, findings.values(), level, total.forms)


def _verdicts(found: Iterable[FindingRow]) -> dict[str, str]:
    """The verdict on each requirement that is violated, the worst of its findings counting."""
    verdicts: dict[str, str] = {}
    for finding in found:
        for name in (finding["requirement"], *finding["also"]):
            verdict = finding["verdict"] if name == finding["requirement"] else "blocked"
            verdicts[name] = min(verdict, verdicts.get(name, verdict), key=VERDICTS.index)
    return verdicts


def _requirement(
    requirement: Requirement,
    violated: str | None,
    total: Counts,
    proven: bool | None,  # noqa: FBT001 - null where there is no mutant
    waived: Mapping[str, WaiverRow],
) -> RequirementRow:
    observed = total.observed[requirement.name]
    verdict = violated or ("holds" if observed else "not observed")
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
        "proven": proven,
        "waiver": waived.get(requirement.name),
    }


def _waiver(waiver: Waiver, today: date) -> WaiverRow:
    return {
        "reason": waiver.reason,
        "link": waiver.link,
        "owner": waiver.owner,
        "expires": waiver.expires.isoformat(),
        "expired": waiver.expired(today),
        "place": f"{waiver.file}:{waiver.line}",
    }


def _occurrence(occurrence: Occurrence) -> OccurrenceRow:
    row: OccurrenceRow = {
        "requirement": occurrence.requirement,
        "level": occurrence.level,
        "category": occurrence.category,
        "where": occurrence.where,
        "file": occurrence.file,
        "line": occurrence.line,
        "place": occurrence.place,
        "expected": occurrence.expected,
        "got": occurrence.got,
        "headline": occurrence.headline,
        "test": occurrence.test,
        "waived": occurrence.waived,
        "times": occurrence.times,
        "exchange": occurrence.exchange,
        "finding": occurrence.cause,
    }
    about = [*dict.fromkeys(each for group in occurrence.about for each in group)]
    if about:
        row["about"] = about
    if 0 < len(occurrence.cases) <= MOST_CASES:
        row["cases"] = occurrence.cases
    return row


def _first_tests(found: Iterable[FindingRow]) -> dict[str, str]:
    """The test of each finding that is told first of it, by its id: one of its own, if it has one;
    a test may be the first to find several.
    """
    first = dict[str, str]()
    for finding in sorted(found, key=lambda each: len(each["tests"])):
        tests = finding["tests"]
        taken = {*first.values()}
        first[finding["id"]] = next((test for test in tests if test not in taken), tests[0])
    return first


def _test(entry: Entry, found: Iterable[FindingRow], first: Mapping[str, str]) -> TestRow:
    def is_of(finding: FindingRow) -> bool:
        return entry.test == first[finding["id"]] or finding["requirement"] == entry.requirement

    mine = [finding for finding in found if entry.test in finding["tests"]]
    # What a test is about comes first, and what it was the first to find.
    mine.sort(key=lambda finding: not is_of(finding))
    return {
        "id": entry.test,
        "title": entry.title,
        "drawn": entry.drawn,
        "requirement": entry.requirement,
        "outcome": entry.outcome,
        "message": entry.message,
        "started": round(entry.started, 3),
        "seconds": round(entry.seconds, 3),
        "requests": entry.counts.requests,
        "findings": [finding["id"] for finding in mine],
        "blocked": bool(mine) and not any(map(is_of, mine)),
    }


def _proven(contract: Contract) -> dict[str, bool]:
    """For each requirement whether its mutants are killed, from the proof's last result.

    It speaks only for the document and the reading that it was made with.
    """
    try:
        content = json.loads(PROVEN.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    made_with = (content.get("document"), content.get("reading"))
    if made_with != (contract.sha256, contract.reading_sha256):
        return {}
    return {name: bool(proven) for name, proven in content.get("requirements", {}).items()}
