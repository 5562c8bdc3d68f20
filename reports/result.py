"""One Allure result: what a page says, in Allure's terms."""

import hashlib
import os
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from reports.page import KNOWN_PREFIX, Outcome, Page

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


def of(page: Page, account: str) -> dict[str, Any]:
    """The result of a page, but for its uuid and attachments; `account` describes a failure."""
    return {
        **_identity(page),
        "status": "failed" if page.known else STATUS[page.outcome],
        "statusDetails": _details(page),
        "stage": "finished",
        "description": "\n\n".join(filter(None, [page.title, account or _counts(page)])),
        "labels": [{"name": name, "value": value} for name, value in _labels(page)],
        "links": [*_clause(page), VENDOR],
        "start": round(page.started * 1000),
        "stop": round((page.started + page.seconds) * 1000),
    }


def http(exchange: dict[str, Any]) -> dict[str, Any]:
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


def _identity(page: Page) -> dict[str, Any]:
    """Name and ids of a test: the same in every run, whatever its parameters hold."""
    digest = hashlib.md5(page.test.encode(), usedforsecurity=False).hexdigest()
    suite, sentence, case = _parts(page)
    return {
        "name": f"{sentence}: {case}" if case else sentence,
        "fullName": page.test,
        "testCaseId": digest,
        "historyId": digest,
        "titlePath": [EPIC, suite, page.requirement or sentence],
    }


def _parts(page: Page) -> tuple[str, str, str]:
    """The suite, what the test says, and the case: `Rejection`, `A near miss is refused`, `sku`."""
    function, _, case = page.test.removesuffix("]").partition("[")
    file, _, name = function.partition("::")
    words = name.removeprefix("test_").replace("_", " ")
    return Path(file).stem.removeprefix("test_").capitalize(), words.capitalize(), case


def _labels(page: Page) -> Iterator[tuple[str, str]]:
    """In one order, so that two runs can be compared."""
    suite, sentence, _ = _parts(page)
    found = page.tally.findings.values()
    level = "SHOULD" if {each.level for each in found} == {"SHOULD"} else page.level
    yield "epic", EPIC
    yield "feature", suite
    yield "story", page.requirement or sentence
    yield "severity", SEVERITY[level]
    for tag in [level, *sorted({each.category for each in found})]:
        yield "tag", tag


def _details(page: Page) -> dict[str, Any]:
    """The message in one line that equal faults share, so that Allure can fold them."""
    if page.known:
        finding = next(each for each in page.tally.findings.values() if each.waived)
        return {"known": True, "message": KNOWN_PREFIX + finding.headline.partition("] ")[2]}
    first, _, rest = page.message.partition("\n")
    details = {"message": _STAMP.sub("IC-...", first), "trace": rest}
    for finding in page.tally.findings.values():
        if finding.headline == first and page.outcome is Outcome.FAILED:
            details |= {"expected": finding.expected, "actual": finding.got}
            break
    return {name: text for name, text in details.items() if text}


def _counts(page: Page) -> str:
    """What a test that found nothing asked."""
    asked = [f"{count} {name}" for name, count in sorted(page.tally.expectations.items())]
    return f"{page.tally.requests} requests: {', '.join(asked)}." if asked else ""


def _clause(page: Page) -> Iterator[dict[str, str]]:
    """A link to the clause: in CI to the repository's page, else to the file on this disk."""
    if not page.clause:
        return
    file, _, line = page.clause.rpartition(":")
    environment = os.environ
    server, repository = environment.get("GITHUB_SERVER_URL"), environment.get("GITHUB_REPOSITORY")
    if server and repository and not Path(file).is_absolute():
        commit = environment.get("GITHUB_SHA", "HEAD")
        url = f"{server}/{repository}/blob/{commit}/{file}#L{line}"
    else:
        url = Path(file).absolute().as_uri() + f"#L{line}"
    yield {"type": "link", "name": page.clause, "url": url}
