"""What Allure shows around the results: the environment, who ran it, the summary, and the tables of
all requirements and probes."""

import os
import re
import time
from collections.abc import Iterable, Iterator, Mapping
from html import escape
from uuid import uuid4

from reports import output, summary
from reports.allure.results import Results
from reports.formats import markdown
from reports.ledger import PREFIX, Outcome
from reports.record import VERDICTS, has_name
from reports.rows import ProbeRow, Record, RequirementRow, WaiverRow
from spec.paths import Json
from spec.violation import brief

STYLE = """
body { font: 13px/1.4 system-ui, sans-serif; margin: 1.2em; color: #1d2430; background: #fff }
h1 { font-size: 1.4em; margin: 0 0 .2em } p { margin: .3em 0 1em; color: #4a5568 }
table { border-collapse: collapse; width: 100% }
th { text-align: left; border-bottom: 2px solid #a0aec0; padding: .35em .6em }
td { border-bottom: 1px solid #e2e8f0; padding: .35em .6em; vertical-align: top }
td.n { text-align: right; font-variant-numeric: tabular-nums }
code { font: 12px ui-monospace, monospace } small { color: #4a5568 }
td:nth-child(2) { max-width: 12em; overflow-wrap: break-word }
.broken, .drift { background: #fde2e1 } .known, .noted, .new { background: #fdf3d1 }
.missing, .blocked { background: #e8eaf0 }
b.broken, b.drift, b.known, b.noted, b.new, b.missing, b.blocked
{ padding: .05em .4em; border-radius: .3em }
"""
PROVEN = {True: "yes", False: "no", None: ""}
CLASSES = {"not observed": "missing", "as accepted": "holds"}
"""The class of a verdict where that is another word."""
STATES = ("drift", "new", "as accepted")


def write(record: Record, results: Results, environment: Mapping[str, str] = os.environ) -> None:
    """Write all of it into the folder of results."""
    lines = [f"{_escaped(name)} = {_escaped(value)}" for name, value in facts(record)]
    results.put(output.ENVIRONMENT, "\n".join(lines) + "\n")
    ran_by = executor(environment)
    if ran_by is not None:
        results.put_json(output.EXECUTOR, dict(ran_by))
    attachments = []
    for name, kind, ending, text in (
        ("Summary", "text/markdown", "md", markdown.summary(record)),
        ("Requirements", "text/html", "html", requirements(record)),
        ("Probes", "text/html", "html", probes(record)),
    ):
        source = f"{uuid4()}{output.ATTACHMENT}.{ending}"
        results.put(source, text)
        attachments.append(
            {"name": name, "source": source, "type": kind, "timestamp": round(time.time() * 1000)}
        )
    doubts = [PREFIX[Outcome.DOUBT] + doubt for doubt in record["run"]["doubts"]]
    content = {"attachments": attachments, "errors": [{"message": doubt} for doubt in doubts]}
    results.put_json(f"{uuid4()}{output.GLOBALS}", content)


def requirements(record: Record) -> str:
    """The table of requirements as one HTML document, what fails first."""
    rows = sorted(record["requirements"], key=lambda each: VERDICTS.index(each["verdict"]))
    columns = ("requirement", "value", "level", "verdict", "observed", "at edge", "proven")
    about = (
        f"{escape(summary.counts_line(record))}. <i>Observed</i> counts the exchanges that put the "
        "requirement to the test: a payload that broke it alone, or an answer that contains what "
        "it is about. <i>At edge</i> counts the valid payloads that reached its limit. "
        "<i>Proven</i> says whether the suite kills every mutant of the reference that breaks it."
    )
    return _document("Requirements", about, columns, ([*_requirement(each)] for each in rows))


def probes(record: Record) -> str:
    """The table of probes as one HTML document, what drifted first."""
    rows = sorted(record["probes"], key=lambda each: STATES.index(each["state"]))
    columns = ("probe", "question", "answer today", "accepted answer", "state")
    about = (
        "Named questions on which the document is silent. A 201 and a documented 4xx are both "
        "fine; an answer other than the accepted one is drift. "
        "<code>python -m reports.accept</code> accepts the answers of the last run."
    )
    return _document("Probes", about, columns, ([*_probe(each)] for each in rows))


def facts(record: Record) -> Iterator[tuple[str, str]]:
    """The environment: what was judged, by what, how."""
    run, target, document = record["run"], record["target"], record["document"]
    yield "Outcome", f"{run['outcome']} (exit status {run['exit_status']})"
    url = target["base_url"]
    yield "Target", f"{target['name']} ({url})" if has_name(record) else url
    yield "Document", f"{document['title']} {document['version']}"
    yield "Requirements", summary.verdict_counts(record)
    yield "Requests", str(record["counts"]["requests"])
    yield "Invoices created", str(record["counts"]["created"])
    yield "Stamp", run["stamp"]
    yield "Profile", run["profile"]
    yield "Fails at", run["level"]
    yield "Seed", run["seed"] or "none: the same cases in every run"
    yield "Started", run["started"]
    yield "Suite version", run["suite_version"]
    yield "Document SHA-256", document["sha256"]
    yield "Reading SHA-256", record["reading"]["sha256"]


def executor(environment: Mapping[str, str]) -> dict[str, str] | None:
    """Which CI ran it, in the format of Allure's executor; None on a person's machine."""
    get = environment.get
    if get("GITHUB_ACTIONS"):
        server, repository = get("GITHUB_SERVER_URL", ""), get("GITHUB_REPOSITORY", "")
        url = f"{server}/{repository}/actions/runs/{get('GITHUB_RUN_ID', '')}"
        build = f"{get('GITHUB_WORKFLOW', '')} {get('GITHUB_RUN_NUMBER', '')}"
        return {"name": "GitHub Actions", "type": "github", "buildName": build, "buildUrl": url}
    if get("GITLAB_CI"):
        build, url = f"{get('CI_JOB_NAME', '')} {get('CI_JOB_ID', '')}", get("CI_JOB_URL", "")
        return {"name": "GitLab CI", "type": "gitlab", "buildName": build, "buildUrl": url}
    if get("JENKINS_URL"):
        build, url = get("BUILD_TAG", ""), get("BUILD_URL", "")
        return {"name": "Jenkins", "type": "jenkins", "buildName": build, "buildUrl": url}
    return {"name": "CI", "type": "ci", "buildName": "", "buildUrl": ""} if get("CI") else None


def _requirement(each: RequirementRow) -> Iterator[str]:
    clause = f"{each['file'].removeprefix('spec/')}:{each['line']}"
    yield f"<td><code>{escape(each['name'])}</code><br><small>{escape(clause)}</small></td>"
    yield f"<td>{_value(each['operand'])}</td>"
    yield f"<td>{each['level']}</td>"
    yield _verdict(each["verdict"], _waiver(each["waiver"]))
    yield f"<td class=n>{each['observed'] or ''}</td>"
    yield f"<td class=n>{each['edges'] or ''}</td>"
    yield f"<td>{PROVEN[each['proven']]}</td>"


def _value(operand: Json) -> str:
    """The operand of a keyword; nothing for a requirement that has none, such as an echo."""
    if operand is None:
        return ""
    return f"<code>{escape(operand if isinstance(operand, str) else brief(operand))}</code>"


def _waiver(waiver: WaiverRow | None) -> str:
    if waiver is None:
        return ""
    until = "ended" if waiver["expired"] else "until"
    words = f"{waiver['reason']} {waiver['owner']}, {until} {waiver['expires']}"
    return f'<br><a href="{escape(waiver["link"])}">{escape(words)}</a>'


def _probe(each: ProbeRow) -> Iterator[str]:
    yield f"<td><code>{escape(each['name'])}</code></td>"
    for text in (each["question"], each["answer"], each["accepted"] or ""):
        yield f"<td>{escape(text)}</td>"
    yield _verdict(each["state"])


def _verdict(word: str, more: str = "") -> str:
    return f'<td><b class="{CLASSES.get(word, word)}">{word}</b>{more}</td>'


def _document(title: str, about: str, columns: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    head = "".join(f"<th>{name}</th>" for name in columns)
    body = "\n".join(f"<tr>{''.join(cells)}</tr>" for cells in rows)
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f"<style>{STYLE}</style></head>\n<body><h1>{title}</h1><p>{about}</p>\n"
        f"<table><thead><tr>{head}</tr></thead><tbody>\n{body}\n</tbody></table></body></html>\n"
    )


def _escaped(text: str) -> str:
    """As Java's properties files want it."""
    return re.sub(r"([\\=:#! ])", r"\\\1", text.replace("\n", " "))
