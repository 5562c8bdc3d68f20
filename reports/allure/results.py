"""Allure's result files: one for each test, in the report's words, and without any key.

They take the place of allure-pytest's file logger, where all bytes pass on their way to disk."""

import hashlib
import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import uuid4

import allure_commons
from allure_commons.logger import AllureFileLogger
from allure_commons.model2 import TestResult

from reports.ledger import KNOWN_PREFIX, Entry, Outcome
from targets.masking import Masker

EPIC = "POST /v1/invoices"
STATUS = {
    Outcome.PASSED: "passed",
    Outcome.FAILED: "failed",
    Outcome.BROKEN: "broken",
    Outcome.SKIPPED: "skipped",
    Outcome.DOUBT: "unknown",
    Outcome.UNFINISHED: "unknown",
}
"""Allure has a colour for each: what could not be told is neither red nor green."""
SEVERITY = {"MUST": "critical", "SHOULD": "normal"}
VENDOR = {"type": "link", "name": "vendor's documentation", "url": "https://docs.wizcommerce.com"}
_STAMP = re.compile(r"IC-[0-9A-F]{8}-[0-9A-F]{8}")


def result_of(entry: Entry, account: str) -> dict[str, Any]:
    """The result of a page, but for its uuid and attachments; `account` describes a failure."""
    return {
        **_identity(entry),
        "status": "failed" if entry.known else STATUS[entry.outcome],
        "statusDetails": _details(entry),
        "stage": "finished",
        "description": "\n\n".join(filter(None, [entry.title, account or _counts(entry)])),
        "labels": [{"name": name, "value": value} for name, value in _labels(entry)],
        "links": [*_clause(entry), VENDOR],
        "start": round(entry.started * 1000),
        "stop": round((entry.started + entry.seconds) * 1000),
    }


def http_attachment(exchange: dict[str, Any]) -> dict[str, Any]:
    """A stored exchange as Allure's viewer of HTTP reads it."""
    request, response = exchange["request"], exchange["response"]
    content: dict[str, Any] = {
        "request": {"method": request["method"], "url": request["path"], **_message(request)}
    }
    if response is not None:
        content["response"] = {"status": response["status"], **_message(response)}
    if exchange["fault"]:
        content["error"] = {"name": "Protocol", "message": exchange["fault"]}
    return content


def _message(message: dict[str, Any]) -> dict[str, Any]:
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


def _identity(entry: Entry) -> dict[str, Any]:
    """Name and ids of a test: the same in every run, whatever its parameters hold."""
    digest = hashlib.md5(entry.test.encode(), usedforsecurity=False).hexdigest()
    suite, sentence, case = _parts(entry)
    return {
        "name": f"{sentence}: {case}" if case else sentence,
        "fullName": entry.test,
        "testCaseId": digest,
        "historyId": digest,
        "titlePath": [EPIC, suite, entry.requirement or sentence],
    }


def _parts(entry: Entry) -> tuple[str, str, str]:
    """The suite, what the test says, and the case: `Rejection`, `A near miss is refused`, `sku`."""
    function, _, case = entry.test.removesuffix("]").partition("[")
    file, _, name = function.partition("::")
    words = name.removeprefix("test_").replace("_", " ")
    return Path(file).stem.removeprefix("test_").capitalize(), words.capitalize(), case


def _labels(entry: Entry) -> Iterator[tuple[str, str]]:
    """In one order, so that two runs can be compared."""
    suite, sentence, _ = _parts(entry)
    found = entry.counts.findings.values()
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
        finding = next(each for each in entry.counts.findings.values() if each.waived)
        return {"known": True, "message": KNOWN_PREFIX + finding.headline.partition("] ")[2]}
    first, _, rest = entry.message.partition("\n")
    details = {"message": _STAMP.sub("IC-...", first), "trace": rest}
    for finding in entry.counts.findings.values():
        if finding.headline == first and entry.outcome is Outcome.FAILED:
            details |= {"expected": finding.expected, "actual": finding.got}
            break
    return {name: text for name, text in details.items() if text}


def _counts(entry: Entry) -> str:
    """What a test that found nothing asked."""
    asked = [f"{count} {name}" for name, count in sorted(entry.counts.expectations.items())]
    return f"{entry.counts.requests} requests: {', '.join(asked)}." if asked else ""


def _clause(entry: Entry) -> Iterator[dict[str, str]]:
    """A link to the clause: in CI to the repository's page, else to the file on this disk."""
    if not entry.clause:
        return
    file, _, line = entry.clause.rpartition(":")
    environment = os.environ
    server, repository = environment.get("GITHUB_SERVER_URL"), environment.get("GITHUB_REPOSITORY")
    if server and repository and not Path(file).is_absolute():
        commit = environment.get("GITHUB_SHA", "HEAD")
        url = f"{server}/{repository}/blob/{commit}/{file}#L{line}"
    else:
        url = Path(file).absolute().as_uri() + f"#L{line}"
    yield {"type": "link", "name": entry.clause, "url": url}


OURS = (
    *("*-result.json", "*-container.json", "*-globals.json", "*-attachment*", "*.tmp"),
    *("environment.properties", "executor.json", "categories.json"),
)
"""What Allure's folder of results consists of."""
HTTP = "application/vnd.allure.http+json"


class Results:
    """The folder of results; what is written of a test is what its page says.

    `turn` sets the page of the test that starts, `tell` adds what only a person needs.
    """

    def __init__(self, folder: Path, masker: Masker) -> None:
        self.folder = folder
        self.masker = masker
        self.entry = Entry("")
        self.account = ""
        self.exchange: dict[str, Any] | None = None
        folder.mkdir(parents=True, exist_ok=True)

    def turn(self, entry: Entry) -> None:
        """A test starts; unless its page is told the end it counts as unfinished."""
        self.entry, self.account, self.exchange = entry, "", None

    def tell(self, account: str, exchange: dict[str, Any] | None) -> None:
        """The account of the failure, and the exchange to attach (`reports.stored`)."""
        self.account, self.exchange = account, exchange

    @allure_commons.hookimpl
    def report_result(self, result: TestResult) -> None:
        """Write the result of the test that ran, from its page."""
        attached = [
            {"name": each.name, "source": each.source, "type": each.type}
            for each in result.attachments
        ]
        if self.exchange is not None:
            name = f"{uuid4()}-attachment.json"
            self.put(name, json.dumps(http_attachment(self.exchange), ensure_ascii=False))
            attached.append({"name": "Exchange", "source": name, "type": HTTP})
        self.write(self.entry, {"attachments": attached})

    @allure_commons.hookimpl
    def report_container(self, container: object) -> None:
        """Leave out the fixtures: what one says when it fails is in its test's message."""

    @allure_commons.hookimpl
    def report_attached_data(self, body: bytes | str, file_name: str) -> None:
        """Write an attachment."""
        self.put(file_name, body)

    @allure_commons.hookimpl
    def report_attached_file(self, source: str, file_name: str) -> None:
        """Write an attachment that stands in a file."""
        self.put(file_name, Path(source).read_bytes())

    def write(self, entry: Entry, more: dict[str, Any] | None = None) -> None:
        """Write the result of a page."""
        uuid = str(uuid4())
        content = {"uuid": uuid, **result_of(entry, self.account), **(more or {})}
        self.put(f"{uuid}-result.json", json.dumps(content, ensure_ascii=False))

    def put(self, name: str, data: str | bytes) -> None:
        """Write a file of the folder, masked, whole or not at all."""
        raw = data.encode(errors="backslashreplace") if isinstance(data, str) else data
        draft = self.folder / f"{name}.tmp"
        draft.write_bytes(self.masker.mask_bytes(raw))
        os.replace(draft, self.folder / name)  # noqa: PTH105 - it is what replaces atomically


def tests(folder: Path) -> list[str]:
    """The node ids of the results that stand in a folder."""
    files = folder.glob("*-result.json")
    return [str(json.loads(file.read_text(encoding="utf-8"))["fullName"]) for file in files]


def emptied(folder: Path) -> None:
    """Take earlier results away: Allure would show them as retries, and hide failures with them."""
    for pattern in OURS:
        for file in folder.glob(pattern):
            file.unlink()


@contextmanager
def installed(folder: Path, masker: Masker) -> Iterator[Results]:
    """Ours in the place of allure-pytest's file logger, which it takes back itself in the end."""
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
