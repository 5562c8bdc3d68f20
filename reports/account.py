"""The account of a failing test in Markdown: what the document says, what was sent, what came."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from reports.clause import quoted
from reports.explain import LONGEST_CURL, spelled, where
from reports.markdown import code, plain
from reports.pretty import pretty
from spec.departure import Departure, shortened
from spec.exchange import Request, Response
from spec.oracle import Verdict
from spec.strictjson import Malformed, parse
from targets.curl import curl
from targets.masking import Masker

MOST_HEADERS = 30
LONGEST_TEXT = 2000
"""Characters of a body that is no JSON."""


@dataclass(frozen=True, slots=True)
class Teller:
    """Tells of the verdicts of one run; `keys` are by variable name, `rerun` is the command."""

    base_url: str
    keys: Mapping[str, str]
    masker: Masker
    rerun: str

    def account(self, verdict: Verdict, test: str, cases: str = "") -> str:
        """The account of a verdict's first failing departure, without any key."""
        return self.masker.mask("\n".join(self._lines(verdict, test, cases)))

    def _lines(self, verdict: Verdict, test: str, cases: str) -> Iterator[str]:
        first, *others = verdict.failing or verdict.departures
        request, response = verdict.exchange.request, verdict.exchange.response
        yield "### What the document says\n"
        yield f"{code(str(first.requirement))}, {plain(where(first))}\n"
        yield fenced(quoted(first.requirement), "yaml")
        yield "\n### What was sent\n"
        yield fenced(_sent(verdict, first), "json")
        yield "\n### What was expected, and what came\n"
        yield "| | expected | came |\n| --- | --- | --- |"
        for departure in [first, *others[:9]]:
            at = spelled(departure.place) or "the answer"
            yield f"| {code(at)} | {plain(departure.expected)} | {plain(departure.got)} |"
        if cases:
            yield f"\n{plain(cases)}"
        yield "\n### The exchange\n"
        above = verdict.expected.payload is not None
        yield fenced("\n".join(_request(request, above=above)), "http")
        yield (
            fenced("\n".join(_response(response)), "http")
            if response
            else plain(verdict.exchange.fault or "")
        )
        yield "\n### See it again\n\nThis one request:\n"
        command = curl(request, self.base_url, self.keys)
        if len(command) > LONGEST_CURL:
            command = f"# the request is too long for a line: {len(command)} characters"
        yield fenced(command, "sh")
        yield "\nThis one case, and all its exchanges without Hypothesis:\n"
        test = f"'{test}'"
        yield fenced(f"pytest {test} {self.rerun}\npython -m run.replay --last {test}", "sh")


def fenced(text: str, language: str = "") -> str:
    """The text as a block of code that nothing in it can end."""
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}{language}\n{text}\n{fence}"


def _sent(verdict: Verdict, departure: Departure) -> str:
    payload = verdict.expected.payload
    if payload is None:
        body = verdict.exchange.request.body
        return shortened(body[:8192].decode(errors="backslashreplace"), LONGEST_TEXT)
    place = departure.place[1:] if departure.place[:1] == ("data",) else departure.place
    return pretty(payload, place or None, str(departure.requirement))


def _request(request: Request, *, above: bool) -> Iterator[str]:
    yield f"{request.method} {request.path}"
    yield from _headers(request.headers)
    yield ""
    yield "(the body above)" if above else _body(request.body)


def _response(response: Response) -> Iterator[str]:
    yield str(response.status)
    yield from _headers(response.headers)
    yield ""
    yield _body(response.body)


def _headers(headers: tuple[tuple[str, str], ...]) -> Iterator[str]:
    for name, value in headers[:MOST_HEADERS]:
        yield f"{name}: {shortened(value, 300)}"


def _body(body: bytes) -> str:
    try:
        value: Any = parse(body).value
    except Malformed:
        return shortened(body[:8192].decode(errors="backslashreplace"), LONGEST_TEXT)
    return pretty(value)
