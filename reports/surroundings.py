"""What Allure shows around the results: the environment, who ran it, and pages of our own."""

import json
import os
import re
import time
from collections.abc import Iterator, Mapping
from uuid import uuid4

from reports import coverage, markdown, notes
from reports.record import Record
from reports.results import Results


def write(record: Record, results: Results, environment: Mapping[str, str] = os.environ) -> None:
    """Write them all into the folder of results."""
    lines = [f"{_escaped(name)} = {_escaped(value)}" for name, value in facts(record)]
    results.put("environment.properties", "\n".join(lines) + "\n")
    ran = executor(environment)
    if ran is not None:
        results.put("executor.json", json.dumps(ran))
    attachments = []
    for name, kind, text in (
        ("Summary", "text/markdown", markdown.summary(record)),
        ("Requirements", "text/html", coverage.requirements(record)),
        ("Probes", "text/html", coverage.probes(record)),
    ):
        source = f"{uuid4()}-attachment.{'md' if kind.endswith('markdown') else 'html'}"
        results.put(source, text)
        attachments.append(
            {"name": name, "source": source, "type": kind, "timestamp": round(time.time() * 1000)}
        )
    errors = [{"message": f"[Could not tell] {doubt}"} for doubt in record["run"]["doubts"]]
    results.put(
        f"{uuid4()}-globals.json", json.dumps({"attachments": attachments, "errors": errors})
    )


def facts(record: Record) -> Iterator[tuple[str, str]]:
    """The environment: what was judged, by what, how."""
    run, document = record["run"], record["document"]
    yield "Outcome", f"{run['outcome']} (exit status {run['exit_status']})"
    target = record["target"]
    named = target["name"] != target["base_url"]
    yield "Target", f"{target['name']} ({target['base_url']})" if named else target["base_url"]
    yield "Document", f"{document['title']} {document['version']}"
    yield "Requirements", notes.of_counts(record).partition(": ")[2]
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
    """Which CI ran it, as Allure's executor.json has it; None at a person's desk."""
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


def _escaped(text: str) -> str:
    """As the format of Java's properties wants it."""
    return re.sub(r"([\\=:#! ])", r"\\\1", text.replace("\n", " "))
