"""The suite of acceptance kills servers that get a kind of value, or a large body, wrong."""

import html
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit, urlunsplit
from zoneinfo import ZoneInfo

import pytest
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from reference.refusal import Refusal
from reference.service import Steps
from tests.mutants import Change, broken, failed, mutant_server, suite

PLACE = "suites/test_acceptance.py"
VALID = Steps()
ASKED = "edge and type and not (order_id or reference_id or invoice_number or amount)"


def _rendering(change: Callable[[dict[str, Any]], dict[str, Any]]) -> Change:
    """Changes what comes back of an invoice."""

    def mutate(steps: Steps) -> Steps:
        return replace(steps, render=lambda payload: change(steps.render(payload)))

    return mutate


def _changed(name: str, change: Callable[[str], str]) -> Change:
    """Changes the text of a property that comes back."""
    return _rendering(lambda data: {**data, name: change(data[name])} if name in data else data)


def _failing(on: Callable[[dict[str, Any]], bool]) -> Change:
    """Answers 500 to an invoice of which this is so."""

    def mutate(steps: Steps) -> Steps:
        def render(payload: Any) -> dict[str, Any]:
            if on(payload):
                raise Refusal(500, "Unexpected")
            return steps.render(payload)

        return replace(steps, render=render)

    return mutate


def _wall_clock(name: str, zone: str, fold: int = 0) -> Change:
    """Keeps the wall-clock time of a zone, and takes the one of this fold where clocks go back."""

    def kept(text: str) -> str:
        moment = datetime.fromisoformat(text).astimezone(ZoneInfo(zone))
        return moment.replace(fold=fold).astimezone(UTC).isoformat()

    return _changed(name, kept)


def _skipped_hour(zone: str) -> Change:
    """Writes UTC into a column whose session has the clocks of a zone."""

    def skipped(payload: dict[str, Any]) -> bool:
        if "created_at" not in payload:
            return False
        utc = datetime.fromisoformat(payload["created_at"]).astimezone(UTC).replace(tzinfo=None)
        there = utc.replace(tzinfo=ZoneInfo(zone))
        return there.astimezone(UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None) != utc

    return _failing(skipped)


def _as_yaml(text: str) -> str:
    """What a reader of YAML 1.1 makes of it."""
    if re.fullmatch(r"(?i)yes|no|on|off|null|~", text):
        return {"yes": "true", "on": "true", "null": ""}.get(text.lower(), "false")
    if re.fullmatch(r"\d+:[0-5]\d", text):
        hours, minutes = text.split(":")
        return str(int(hours) * 60 + int(minutes))
    return text.replace("_", "") if re.fullmatch(r"\d[\d_]*", text) else text


def _products(key: Callable[[str], str]) -> Change:
    """Looks the product of an item up, and answers with the name that it has there."""

    def mutate(steps: Steps) -> Steps:
        def render(payload: Any) -> dict[str, Any]:
            known: dict[str, str] = {}
            data = steps.render(payload)
            for item, answered in zip(payload["items"], data["items"], strict=True):
                answered["name"] = known.setdefault(key(item["sku"]), item["name"])
            return data

        return replace(steps, render=render)

    return mutate


def _merged(key: Callable[[dict[str, Any]], object]) -> Change:
    """Makes one item of those that are the same to it."""
    return _rendering(
        lambda data: {**data, "items": list({key(item): item for item in data["items"]}.values())}
    )


def _reading(change: Callable[[bytes], bytes]) -> Change:
    """Changes a body once it is read."""

    async def read(request: Request) -> bytes:
        return change(await VALID.read(request))

    return lambda steps: replace(steps, read=read)


def _in_blocks(size: int) -> Change:
    """Decodes each block of a body by itself."""

    def decoded(body: bytes) -> bytes:
        starts = range(0, len(body), size)
        return "".join(body[at : at + size].decode(errors="replace") for at in starts).encode()

    return _reading(decoded)


def _host_in_small_letters(url: str) -> str:
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.lower()))


def _cleaned(text: str) -> str:
    return html.escape(html.unescape(text)) if "<b>" in text else text


ALIKE = "different items whose sku is nearly the same"
SERVERS: tuple[dict[str, tuple[Change, str]], ...] = (
    {
        "repeats, second in every date": (_wall_clock("due_date", "Europe/Berlin"), "due_date"),
        "that New York repeats, second": (
            _wall_clock("created_at", "America/New_York"),
            "created_at",
        ),
        "that Sydney repeats, first": (
            _wall_clock("updated_at", "Australia/Sydney", fold=1),
            "updated_at",
        ),
        "placeholders": (_changed("remarks", lambda one: one.replace("[terms]", "")), "remarks"),
        "default port of https": (
            _changed("url", lambda one: re.sub(r":(443|80)\b", "", one)),
            "url",
        ),
        "empty fragment": (_changed("url", lambda one: one.partition("#")[0]), "url"),
        ALIKE: (_products(str.casefold), "items[].name"),
    },
    {
        "Santiago repeats, second": (_wall_clock("due_date", "America/Santiago"), "due_date"),
        "offset -03:30": (
            _changed("created_at", lambda one: re.sub("-03:30$", "-02:30", one)),
            "created_at",
        ),
        "offset -00:30": (
            _changed("updated_at", lambda one: one.replace("-00:", "+00:")),
            "updated_at",
        ),
        "underscore in a number": (_changed("remarks", _as_yaml), "remarks"),
        "capitals in host": (_changed("url", _host_in_small_letters), "url"),
        "dot segments": (_changed("url", lambda one: one.replace("/./", "/")), "url"),
        ALIKE: (_products(lambda sku: sku.lstrip("0")), "items[].name"),
    },
    {
        "tag and ampersand": (_changed("remarks", _cleaned), "remarks"),
        "links and addresses": (
            _changed("remarks", lambda one: re.sub(r"(\S+@\S+)", r"<a>\1</a>", one)),
            "remarks",
        ),
        "dashes": (_changed("remarks", lambda one: re.sub("[‐-―]", "-", one)), "remarks"),
        ALIKE: (_products(lambda sku: sku[:32]), "items[].name"),
        "items that differ in a name": (
            _merged(lambda item: (item["name"][:191], item["amount"], item["quantity"])),
            "items",
        ),
    },
)
"""Servers with several faults each: the edge that shows one, the fault, and what is not echoed."""


@pytest.mark.parametrize("number", range(len(SERVERS)))
def test_a_server_that_changes_some_kinds_of_values_is_killed(number: int) -> None:
    """The echo of each property that is changed is broken, and the edge is named that shows it."""
    faults = SERVERS[number]

    def change(steps: Steps) -> Steps:
        for fault, _ in faults.values():
            steps = fault(steps)
        return steps

    with mutant_server(change) as url:
        result = suite(url, "-k", ASKED, place=PLACE)
    assert result.status == 1
    assert broken(result) >= {f"201.data.{name}.echo" for _, name in faults.values()}
    assert [name for name in faults if name not in result.output] == []


@pytest.mark.parametrize("zone", ["America/New_York", "Europe/Berlin", "Europe/London"])
def test_a_server_that_fails_in_an_hour_that_a_clock_skips_is_killed(zone: str) -> None:
    """The hour is one like any other in UTC, so a 500 refuses what is valid."""
    objects = {"constructor", "toString", "hasOwnProperty", "__proto__"}
    by_name = _failing(lambda payload: any(item["sku"] in objects for item in payload["items"]))
    with mutant_server(lambda steps: by_name(_skipped_hour(zone)(steps))) as url:
        result = suite(url, "-k", "edge and (due_date or sku)", place=PLACE)
    told = {each["requirement"]: each["difference"] for each in result.record["findings"]}
    assert (result.status, {*told}) == (1, {"created_at.type", "items[].sku.type"})
    assert told["items[].sku.type"].removeprefix('items[2].sku "')[:-1] in objects
    city = zone.partition("/")[2].replace("_", " ")
    assert f"hour that {city} skips in every date" in result.output
    assert all(f"{name} in items[].sku" in result.output for name in ("constructor", "toString"))


def test_a_server_that_loses_a_value_in_one_status_only_is_killed() -> None:
    """A value at an edge meets the other statuses in the invoices of other edges."""
    members = re.compile("toString|constructor|hasOwnProperty|__proto__")

    def changed(data: dict[str, Any]) -> dict[str, Any]:
        status = data.get("status")
        if status is None and "-02-29T" in data["due_date"]:
            data = {**data, "due_date": data["due_date"].replace("-02-29T", "-02-28T")}
        if status == "PAID" and "url" in data:
            data = {**data, "url": data["url"].replace(":443", "")}
        if status == "OVERPAID":
            named = [{**item, "name": members.sub("", item["name"])} for item in data["items"]]
            data = {**data, "items": named}
        return data

    with mutant_server(_rendering(changed)) as url:
        result = suite(url, "-k", "edge", place=PLACE)
    assert result.status == 1
    assert broken(result) == {
        f"201.data.{name}.echo" for name in ("due_date", "url", "items[].name")
    }


def test_a_server_that_answers_by_what_a_client_says_of_itself_is_killed() -> None:
    """Header fields that change nothing are extras of requests that are sent for their bodies."""

    def localised(app: ASGIApp) -> ASGIApp:
        async def answer(scope: Scope, receive: Receive, send: Send) -> None:
            fields = Headers(scope=scope)
            if fields.get("accept-language", "").startswith("de"):
                await PlainTextResponse("Nicht verfügbar", 406)(scope, receive, send)
            elif fields.get("user-agent", "").startswith("python-requests"):
                await PlainTextResponse("Forbidden", 403)(scope, receive, send)
            else:
                await app(scope, receive, send)

        return answer

    with mutant_server(layer=localised) as url:
        result = suite(url, "-k", "edge and type", place=PLACE)
    assert result.status == 1
    assert "request.fields" in broken(result)
    assert "accept-language" in result.output.lower()
    assert "python-requests" in result.output


def test_a_server_that_takes_digits_for_a_number_is_killed() -> None:
    """A number of digits alone is sent where others have a stamp with letters."""
    digits = _changed("invoice_number", lambda text: int(text) if text.isdecimal() else text)  # type: ignore[arg-type,return-value] # that is the fault
    with mutant_server(digits) as url:
        result = suite(url, "-k", "edge and invoice_number.type", place=PLACE)
    assert (result.status, broken(result)) == (1, {"201.data.invoice_number.type"})


SIZES: dict[str, tuple[Change, set[str]]] = {
    "a body over 24 KiB is empty": (
        _reading(lambda body: b"" if len(body) > 24 * 1024 else body),
        {"32 KiB", "48 KiB", "64 KiB"},
    ),
    "a body over 60,000 bytes is cut off": (_reading(lambda body: body[:60_000]), {"64 KiB"}),
    "blocks of 4,096 bytes": (_in_blocks(4096), {"16 KiB", "24 KiB", "32 KiB", "48 KiB", "64 KiB"}),
    "blocks of 32 KiB": (_in_blocks(32 * 1024), {"48 KiB", "64 KiB"}),
}


@pytest.mark.parametrize("name", SIZES)
def test_a_server_that_gets_large_bodies_wrong_is_killed(name: str) -> None:
    """The failing cases are those of the sizes, and the alphabets, that it gets wrong: a cut inside
    a character shows where any is longer than a byte.
    """
    change, sizes = SIZES[name]
    with mutant_server(change) as url:
        result = suite(url, "-k", "large", place=PLACE)
    assert result.status == 1
    assert {" ".join(case.split()[:2]) for case in failed(result)} == sizes
    of_bytes = ("ASCII", "signs of HTML", "quotes and backslashes")
    is_shown = any(alphabet in case for case in failed(result) for alphabet in of_bytes)
    assert is_shown is ("body" in name)


def test_a_large_body_is_no_false_alarm() -> None:
    """The reference takes all sizes, and so would a server with a limit of 64 KiB."""

    def limited(body: bytes) -> bytes:
        if len(body) > 64 * 1024:
            raise Refusal(413, "The body must be no larger than 64 KiB.")
        return body

    with mutant_server(_reading(limited)) as url:
        result = suite(url, "-k", "large", place=PLACE)
    assert (result.status, broken(result)) == (0, set())
