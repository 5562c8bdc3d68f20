"""Allure's result files: one for each test, in the words of the report and without any key.

`Results` takes the place of allure-pytest's file logger, through which all bytes go to the disk.
"""

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import allure_commons
from allure_commons.logger import AllureFileLogger
from allure_commons.model2 import TestResult

from findings.rows import FindingRow
from reports import output
from reports.escaping import code, one_line
from reports.ledger import KNOWN_PREFIX, Entry, Outcome
from reports.rows import ExchangeRow, MessageRow, Record, RunRow
from reports.summary import between
from spec.contract import unstamped
from spec.requirements import Level
from spec.violation import counted, in_words
from spec.yamlfile import read_regular
from targets.masking import Masker
from watch.changes import ChangeRow
from watch.fingerprint import node_parts

EPIC = "POST /v1/invoices"
FINDINGS = "Findings"
"""What the tests that found something are under, in the place of the endpoint."""
CHANGES = "Changed answers"
"""What has changed since the target's answers were accepted is under this."""
BLOCKED_PREFIX, CHANGED_PREFIX = "[Blocked] ", "[Changed] "
STATUS = {
    Outcome.PASSED: "passed",
    Outcome.FAILED: "failed",
    Outcome.SUITE_ERROR: "broken",
    Outcome.SKIPPED: "skipped",
    Outcome.DOUBT: "unknown",
    Outcome.UNFINISHED: "unknown",
}
"""Allure has a colour for each; a run that could not tell is neither red nor green."""
SEVERITY = {"MUST": "critical", "SHOULD": "normal"}
VENDOR = {"type": "link", "name": "vendor's documentation", "url": "https://docs.wizcommerce.com"}
HTTP = "application/vnd.allure.http+json"


class Results:
    """The folder of results. What is written of a test is what its entry says.

    A test is announced by `start_test`; `describe` adds what only a person needs. `suite_errors`
    says what could not be written, so that a full disk ends no test.
    """

    def __init__(self, folder: Path, masker: Masker) -> None:
        self.folder = folder
        self.masker = masker
        self.entry = Entry("")
        self.description = ""
        self.exchange: ExchangeRow | None = None
        self.suite_errors: list[str] = []
        folder.mkdir(parents=True, exist_ok=True)

    def start_test(self, entry: Entry) -> None:
        """A test starts. It counts as unfinished until its entry has an outcome."""
        self.entry, self.description, self.exchange = entry, "", None

    def describe(self, description: str, exchange: ExchangeRow | None) -> None:
        """The description of a failure in Markdown, and the stored exchange to attach."""
        self.description, self.exchange = description, exchange

    @allure_commons.hookimpl
    def report_result(self, result: TestResult) -> None:
        """Write the result of the test that ran."""
        attached = [
            {"name": each.name, "source": each.source, "type": each.type}
            for each in result.attachments
        ]
        if self.exchange is not None:
            name = f"{uuid4()}{output.ATTACHMENT}.json"
            self.put_json(name, http_attachment(self.exchange))
            attached.append({"name": "Exchange", "source": name, "type": HTTP})
        self.write(self.entry, {"attachments": attached})

    @allure_commons.hookimpl
    def report_container(self, container: object) -> None:
        """Leave out the fixtures; what one says when it fails is in its test's message."""

    @allure_commons.hookimpl
    def report_attached_data(self, body: bytes | str, file_name: str) -> None:
        """Write an attachment."""
        self.put(file_name, body)

    @allure_commons.hookimpl
    def report_attached_file(self, source: str, file_name: str) -> None:
        """Write a copy of an attached file."""
        self.put(file_name, Path(source).read_bytes())

    def write(self, entry: Entry, more: dict[str, Any] | None = None) -> None:
        """Write the result of an entry."""
        uuid = str(uuid4())
        content = {"uuid": uuid, **result_of(entry, self.description), **(more or {})}
        self.put_json(f"{uuid}{output.RESULT}", content)

    def group(self, record: Record) -> None:
        """Put each test that found something under its finding, once all findings are known."""
        findings = {finding["id"]: finding for finding in record["findings"]}
        tests = {test["id"]: test for test in record["tests"] if test["findings"]}
        for file in self.folder.glob(f"*{output.RESULT}") if tests else ():
            result = json.loads(file.read_text(encoding="utf-8"))
            test = tests.get(result["fullName"])
            if test is not None:
                found = findings[test["findings"][0]]
                self.put_json(file.name, under(result, found, blocked=test["blocked"]))

    def take_over(self, other: Path, record: Record) -> None:
        """Copy the results of the record's tests from another folder, with what they attach.

        The folder may come from anybody: raises ValueError, with one sentence, for a file that is
        no result.
        """
        tests = {test["id"] for test in record["tests"]}
        for file in other.glob(f"*{output.RESULT}"):
            try:
                result = json.loads(read_regular(file))
                test, attached = result["fullName"], result.get("attachments", [])
                names = [file.name, *(Path(each["source"]).name for each in attached)]
                for name in names if test in tests else ():
                    self.put(name, read_regular(other / name))
            except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
                raise ValueError(
                    f"{file} is not a result of Allure: give the whole folder."
                ) from None

    def tell_changes(self, record: Record) -> None:
        """Write a result for each thing that has changed."""
        for change in changes(record):
            uuid = str(uuid4())
            self.put_json(f"{uuid}{output.RESULT}", {"uuid": uuid, **change})

    def put_json(self, name: str, content: dict[str, Any]) -> None:
        """Write a JSON file of the folder; each text in it is masked before it is escaped."""
        masked = _masked(content, self.masker)
        self.put(name, json.dumps(masked, ensure_ascii=False))

    def put(self, name: str, data: str | bytes) -> None:
        """Write a file of the folder without any key: all files go through here."""
        try:
            output.write(self.folder / name, data, self.masker)
        except OSError as error:
            self.suite_errors = [output.not_written(error)]


def result_of(entry: Entry, description: str) -> dict[str, Any]:
    """The result of an entry, except its uuid and attachments; a failure has a `description`."""
    return {
        **_identity(entry),
        "status": "failed" if entry.known else STATUS[entry.outcome],
        "statusDetails": _details(entry),
        "stage": "finished",
        "description": "\n\n".join(filter(None, [entry.title, description or _counts(entry)])),
        "labels": [{"name": name, "value": value} for name, value in _labels(entry)],
        "links": [*_clause(entry), VENDOR],
        "start": round(entry.started * 1000),
        "stop": round((entry.started + entry.seconds) * 1000),
    }


def under(result: dict[str, Any], finding: FindingRow, *, blocked: bool) -> dict[str, Any]:
    """The result of a test under the finding that explains it.

    A test is blocked that tells nothing but what another one found. A result that is under a
    finding already, as one part of a run saw it, is put under that of the whole.
    """
    again = result["titlePath"][0] == FINDINGS
    headline = unstamped(one_line(finding["headline"]), "IC-...")
    told = {"epic": FINDINGS, "feature": headline, "story": result["titlePath"][2 if again else 1]}
    details = {**result["statusDetails"], "message": headline}
    status = "failed" if again and result["status"] == "skipped" else result["status"]
    if details.get("known"):
        details["message"] = unstamped(f"{KNOWN_PREFIX}{one_line(_words_of(finding))}", "IC-...")
    elif blocked:
        status, details["message"] = "skipped", f"{BLOCKED_PREFIX}{headline}"
    return {
        **result,
        "status": status,
        "statusDetails": details,
        "titlePath": [*told.values()],
        "labels": [
            {**label, "value": told.get(label["name"], label["value"])}
            for label in result["labels"]
        ],
    }


def _words_of(finding: FindingRow) -> str:
    """What is wrong, without the category."""
    return in_words(finding["requirement"], finding["level"], finding["expected"], finding["got"])


def changes(record: Record) -> list[dict[str, Any]]:
    """The result of each thing that a vendor changed, or in which two targets differ, under what it
    means for a client. It has failed where it counts.
    """
    compared = [(CHANGES, record.get("news")), ("", record.get("against"))]
    return [
        _of_change(epic or one_line(between(news["baseline"])), change, record["run"])
        for epic, news in compared
        if news
        for change in news["changes"]
    ]


def http_attachment(exchange: ExchangeRow) -> dict[str, Any]:
    """A stored exchange in the format of Allure's HTTP viewer."""
    request, response = exchange["request"], exchange["response"]
    content: dict[str, Any] = {
        "request": {"method": request["method"], "url": request["path"], **_message(request)}
    }
    if response is not None:
        content["response"] = {"status": response["status"], **_message(response)}
    if exchange["fault"]:
        content["error"] = {"name": "Protocol", "message": exchange["fault"]}
    return content


def tests(folder: Path) -> list[str]:
    """The node ids of the results in a folder."""
    files = folder.glob(f"*{output.RESULT}")
    return [str(json.loads(file.read_text(encoding="utf-8"))["fullName"]) for file in files]


@contextmanager
def installed(folder: Path, masker: Masker) -> Iterator[Results]:
    """Ours in the place of allure-pytest's file logger, which is put back in the end."""
    manager = allure_commons.plugin_manager
    stock = [each for each in manager.get_plugins() if isinstance(each, AllureFileLogger)]
    for plugin in stock:
        manager.unregister(plugin)
    ours = Results(folder, masker)
    manager.register(ours)
    try:
        yield ours
    finally:
        manager.unregister(ours)
        for plugin in stock:
            manager.register(plugin)


def _masked(value: Any, masker: Masker) -> Any:
    """A JSON value with every text in it masked."""
    if isinstance(value, str):
        return masker.mask(value)
    if isinstance(value, dict):
        return {name: _masked(each, masker) for name, each in value.items()}
    if isinstance(value, list):
        return [_masked(each, masker) for each in value]
    return value


def _identity(entry: Entry) -> dict[str, Any]:
    """Name and ids of a test: the same in every run, whatever its parameters hold."""
    digest = hashlib.md5(entry.test.encode(), usedforsecurity=False).hexdigest()
    suite, sentence, case = _words(entry)
    return {
        "name": f"{sentence}: {case}" if case else sentence,
        "fullName": entry.test,
        "testCaseId": digest,
        "historyId": digest,
        "titlePath": [EPIC, suite, entry.requirement or sentence],
    }


def _words(entry: Entry) -> tuple[str, str, str]:
    """The suite, what the test says, and the case: `Rejection`, `A near miss is refused`, `sku`."""
    parts = node_parts(entry.test)
    words = parts.function.removeprefix("test_").replace("_", " ")
    return parts.suite.capitalize(), words.capitalize(), parts.case


def _of_change(epic: str, change: ChangeRow, run: RunRow) -> dict[str, Any]:
    what = f"{change['kind']} {change['subject']}: {change['before']}, now {change['after']}"
    name = one_line(f"{epic}: {what}")
    digest = hashlib.md5(name.encode(), usedforsecurity=False).hexdigest()
    text, group = one_line(change["text"]), f"{epic}: {change['means']}"
    at = round(datetime.fromisoformat(run["started"]).timestamp() * 1000)
    about = f"For a client: {change['means']}, because {change['why']}. Seen in:\n\n"
    return {
        "name": text,
        "fullName": name,
        "testCaseId": digest,
        "historyId": digest,
        "titlePath": [epic, group],
        "status": "failed" if run["level"] == Level.SHOULD else "skipped",
        "statusDetails": {"message": CHANGED_PREFIX + text},
        "stage": "finished",
        "description": about + "\n".join(f"- {code(test)}" for test in change["tests"]),
        "labels": [{"name": "epic", "value": epic}, {"name": "feature", "value": group}],
        "start": at,
        "stop": at,
    }


def _labels(entry: Entry) -> Iterator[tuple[str, str]]:
    """In one order, so that two runs can be compared."""
    suite, sentence, _ = _words(entry)
    found = entry.counts.occurrences.values()
    level = "SHOULD" if {each.level for each in found} == {"SHOULD"} else entry.level
    yield "epic", EPIC
    yield "feature", suite
    yield "story", entry.requirement or sentence
    yield "severity", SEVERITY[level]
    for tag in [level, *sorted({each.category for each in found})]:
        yield "tag", tag


def _details(entry: Entry) -> dict[str, Any]:
    """The message in one line that equal faults share, so that Allure can fold them."""
    if entry.known:
        occurrence = next(each for each in entry.counts.occurrences.values() if each.waived)
        what = (occurrence.requirement, occurrence.level, occurrence.expected, occurrence.got)
        return {"known": True, "message": f"{KNOWN_PREFIX}{in_words(*what)}"}
    headline, _, trace = entry.message.partition("\n")
    details = {
        "message": unstamped(headline, "IC-..."),
        "trace": trace,
        "expected": entry.expected,
        "actual": entry.got,
    }
    return {name: text for name, text in details.items() if text}


def _counts(entry: Entry) -> str:
    """What a test sent that found nothing."""
    sent = [f"{count} {name}" for name, count in sorted(entry.counts.expectations.items())]
    return f"{counted(entry.counts.requests, 'request')}: {', '.join(sent)}." if sent else ""


def _clause(entry: Entry) -> Iterator[dict[str, str]]:
    """A link to the clause in the repository, where the CI says which that is.

    Anywhere else a link would lead to a disk that the reader may not have.
    """
    environment = os.environ
    server, repository = environment.get("GITHUB_SERVER_URL"), environment.get("GITHUB_REPOSITORY")
    if not (entry.file and server and repository) or Path(entry.file).is_absolute():
        return
    commit = environment.get("GITHUB_SHA", "HEAD")
    url = f"{server}/{repository}/blob/{commit}/{entry.file}#L{entry.line}"
    yield {"type": "link", "name": f"{entry.file}:{entry.line}", "url": url}


def _message(message: MessageRow) -> dict[str, Any]:
    types = [value for name, value in message["headers"] if name.lower() == "content-type"]
    return {
        "headers": [{"name": name, "value": value} for name, value in message["headers"]],
        "body": {
            "contentType": types[0] if types else "text/plain",
            "encoding": "base64" if "base64" in message else "utf8",
            "value": message.get("base64", message.get("text")),
            "truncated": "bytes" in message,
        },
    }
