"""Exchanges as HTTP Archive 1.2, which browsers and HTTP tools open."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from http.client import responses
from typing import Any
from urllib.parse import urlsplit

from reports import output
from reports.exchange_json import read_body
from reports.rows import ExchangeRow, MessageRow, Record, ResponseRow
from spec.violation import counted


def of_exchanges(record: Record) -> bytes:
    """The failing exchanges of a run: an entry for each, with its findings as a comment."""
    shown: dict[str, list[str]] = {}
    for occurrence in record["occurrences"]:
        shown.setdefault(occurrence["exchange"], []).append(occurrence["headline"])
    tests = {test["id"]: test["started"] for test in record["tests"]}
    entries = [
        entry(
            exchange,
            record["target"]["base_url"],
            tests[exchange["test"]],
            "; ".join(shown.get(exchange["id"], [exchange["test"]])),
        )
        for exchange in record["exchanges"]
    ]
    left_out = record["counts"].get("exchanges_left_out", 0)
    more = f"{left_out} more failing exchanges are left out: there are too many."
    return archive(entries, record["run"]["suite_version"], more if left_out else "")


def archive(entries: Sequence[dict[str, Any]], version: str, comment: str) -> bytes:
    """The file; `version` is that of its maker, and `comment` may be empty."""
    creator = {"name": "invoice-conformance", "version": version}
    log = {"version": "1.2", "creator": creator, "entries": entries}
    return output.as_json({"log": {**log, "comment": comment} if comment else log})


def entry(exchange: ExchangeRow, base_url: str, started: float, comment: str) -> dict[str, Any]:
    """The entry of a stored exchange that was started so many seconds after 1970."""
    request, response = exchange["request"], exchange["response"]
    moment = datetime.fromtimestamp(0).astimezone() + timedelta(seconds=started)
    server = urlsplit(base_url)
    return {
        "startedDateTime": moment.isoformat(timespec="milliseconds"),
        "time": exchange["milliseconds"],
        "request": {
            "method": request["method"],
            "url": f"{server.scheme}://{server.netloc}{request['path']}",
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": _headers(request),
            "queryString": [],
            "postData": {"mimeType": _type(request), **_part(request)},
            "headersSize": -1,
            "bodySize": _size(request),
        },
        "response": _response(response, exchange["fault"]),
        "cache": {},
        "timings": {"send": 0, "wait": exchange["milliseconds"], "receive": 0},
        "comment": comment,
    }


def _response(response: ResponseRow | None, fault: str | None) -> dict[str, Any]:
    """A response; status 0, as browsers write it, where something broke HTTP."""
    message: ResponseRow = response or {"status": 0, "headers": [], "text": ""}
    return {
        "status": message["status"],
        "statusText": responses.get(message["status"], ""),
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _headers(message),
        "content": {"size": _size(message), "mimeType": _type(message), **_part(message)},
        "redirectURL": "",
        "headersSize": -1,
        "bodySize": -1,
        **({"comment": fault} if fault else {}),
    }


def _headers(message: MessageRow) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in message["headers"]]


def _type(message: MessageRow) -> str:
    values = (value for name, value in message["headers"] if name.lower() == "content-type")
    return next(values, "")


def _part(message: MessageRow) -> dict[str, str]:
    """The body as far as it is stored, and a comment where that is not all of it."""
    if "bytes" not in message:
        return _text(message)
    kept = len(read_body(message))
    comment = (
        f"{kept} of {counted(message['bytes'], 'byte')} kept" if kept else "the body is left out"
    )
    return {**_text(message), "comment": comment}


def _text(message: MessageRow) -> dict[str, str]:
    if "base64" in message:
        return {"text": message["base64"], "encoding": "base64"}
    return {"text": message["text"]}


def _size(message: MessageRow) -> int:
    return int(message.get("bytes", len(read_body(message))))
