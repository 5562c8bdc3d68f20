"""How long a body is, or where in it a character stands, is told where that is to blame."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from causes.repetition import Asking
from causes.sightings import Sighting
from causes.symptoms import symptoms
from causes.trying import Trying
from reference.refusal import Refusal
from reference.server import serving
from reference.service import Steps
from spec.contract import PLACEHOLDER
from strategies.invoice import encode, plain_invoice
from targets.chunks import CHUNK
from tests.asking import ORDERS, VALID, Json, asking_of, invoice, of_items
from tests.exchanges import CONTRACT
from tests.fronts import error
from tests.running import application, server


def _decoded_in_pieces(is_cut: Callable[[Any, bytes], bool], size: int) -> Steps:
    """A server that decodes bodies piece by piece, each by itself, where that is so."""

    async def read(request: Any) -> bytes:
        body: bytes = await VALID.read(request)
        if not is_cut(request, body):
            return body
        pieces = (body[start : start + size] for start in range(0, len(body), size))
        return "".join(piece.decode(errors="replace") for piece in pieces).encode()

    return replace(VALID, read=read)


def _wide(size: int, **edits: Json) -> dict[str, Json]:
    """An invoice of many items with wide names, of so many characters each."""
    item = plain_invoice(CONTRACT, ORDERS)["items"][0]
    items = [
        {**item, "reference_id": f"R-{n}-{PLACEHOLDER}", "name": "鍵" * size} for n in range(30)
    ]
    return {**of_items(items), **edits}


def test_a_long_body_that_is_refused_before_the_key_is_looked_at_is_one_finding(
    tmp_path: Path,
) -> None:
    """It is refused with the right key as well, which says most."""

    def in_front(app: ASGIApp) -> ASGIApp:
        async def limited(scope: Scope, receive: Receive, send: Send) -> None:
            size = int(dict(scope["headers"]).get(b"content-length", 0))
            await (error(400) if size > 32_767 else app)(scope, receive, send)

        return limited

    long = encode(invoice()).ljust(40_000)
    with application() as app, serving(in_front(app)) as url, asking_of(url, tmp_path) as asking:
        asking.ask(long, "no key, a long body", key=None)
        asking.ask(long, "a wrong key, a long body", key="wrong")
        asking.ask(long, "a long body")
        row = asking.only
    assert row["requirement"] == "201.status"
    assert row["refused"] == "the same with a body of 32768 bytes, mostly blanks"


def _is_long(_: Any, body: bytes) -> bool:
    return len(body) > 16_384


def _is_chunked(request: Any, _: bytes) -> bool:
    return "transfer-encoding" in request.headers


def test_a_character_that_is_cut_is_told_by_its_place(tmp_path: Path) -> None:
    """Its bytes in the body are around the edge."""
    edge = 16_384
    with server(_decoded_in_pieces(_is_long, edge)) as url, asking_of(url, tmp_path) as asking:
        for shift in range(3):  # in one of them no character is cut
            asking.ask(_wide(250, remarks="x" * (9 + shift)))
        row = asking.only
    told = re.fullmatch(r'"鍵" in .* at bytes (\d+) to (\d+) of the body', row["difference"])
    assert told is not None
    first, last = int(told[1]) - 1, int(told[2]) - 1
    assert (last - first, last // edge - first // edge) == (2, 1)
    assert row["refused"] == f"the same with {row['difference']}, mostly blanks"
    assert row["requirement"] == "201.data.items[].name.echo"


@pytest.mark.parametrize(
    ("payload", "told"),
    [
        (_wide(250), '"é" in items[0].name'),
        (invoice(remarks="é" * 250), '"é" in remarks'),
        (invoice(remarks="Größe 鍵 😀 " * 20), '"é" in remarks'),
    ],
)
def test_a_character_that_the_end_of_a_chunk_cuts_is_told_as_that(
    tmp_path: Path, payload: Json, told: str
) -> None:
    """Not by the length of its text, nor by that of the body, whichever case shows it first."""
    with (
        server(_decoded_in_pieces(_is_chunked, CHUNK)) as url,
        asking_of(url, tmp_path) as asking,
    ):
        for blanks in range(6):  # in some of them no character is cut
            body = encode(payload)
            asking.ask(body[:1] + b" " * blanks + body[1:], chunked=True)
        row = asking.only
    assert row["difference"] == f"Transfer-Encoding: chunked and {told}, cut by the end of a chunk"
    assert row["refused"] == f"the same with {row['difference']}"


def test_a_text_that_is_too_long_once_a_character_is_cut_is_no_other_finding(
    tmp_path: Path,
) -> None:
    """It is told by the place of a character, and as what came back of that."""
    with server(_decoded_in_pieces(_is_long, 16_384)) as url, asking_of(url, tmp_path) as asking:
        for size in (249, 251, 255):
            asking.ask(_wide(size, remarks="x" * size))
        row = asking.only
    differences = (row["difference"], *row["alike"])
    assert any(each.startswith("items[2].name of 255 characters") for each in differences)
    assert all(" of the body" in each for each in differences)
    assert re.fullmatch('"鍵" in .* at bytes [0-9]+ to [0-9]+ of the body', row["difference"])
    assert row["requirement"] == "201.data.items[].name.echo"


def test_a_text_that_is_wrong_in_a_long_body_alone_is_told_with_its_length(
    tmp_path: Path,
) -> None:
    """Both are needed, and the many other texts are not."""

    async def read(request: Any) -> bytes:
        body: bytes = await VALID.read(request)
        return body.decode("latin-1").encode() if _is_long(request, body) else body

    with server(replace(VALID, read=read)) as url, asking_of(url, tmp_path) as asking:
        asking.ask(_wide(200))
        row = asking.only
    told = "items[0].name of 200 characters, some beyond ASCII and a body of 16385 bytes"
    assert row["difference"] == told
    assert row["requirement"] == "201.status"


def test_a_length_of_chunks_is_told_with_them(tmp_path: Path) -> None:
    """The last byte is lost, so that no blank may stand there; chunks have no other requirement."""

    async def read(request: Any) -> bytes:
        body: bytes = await VALID.read(request)
        return body[:-1] if _is_chunked(request, body) and len(body) > 1500 else body

    about = CONTRACT.named("request.fields")
    with server(replace(VALID, read=read)) as url, asking_of(url, tmp_path) as asking:
        exchange = asking.client.send(encode(_wide(9)), chunked=True)
        for requirement in (None, about):
            verdict = asking.oracle.judge(exchange, requirement)
            asking.found.explain(asking.client, verdict, "an edge")
        row = asking.only
    assert row["difference"] == "Transfer-Encoding: chunked and a body of 1501 bytes"
    assert row["requirement"] == "201.status"


def test_a_length_is_not_told_once_nothing_more_can_be_asked(tmp_path: Path) -> None:
    """That a shorter body is answered well was not seen, so it is not said."""

    def parse(body: bytes) -> Any:
        if len(body) < 10:
            raise Refusal(500, "Unexpected")
        return VALID.parse(body)

    with server(replace(VALID, parse=parse)) as url, asking_of(url, tmp_path) as asking:
        control = asking.found.control(asking.client)
        verdict = asking.oracle.judge(asking.client.send(b"{}"))
        assert control is not None
        (symptom, *_) = symptoms(CONTRACT, verdict)
        answers = iter([verdict])
        asked = Asking(lambda _body, _like: next(answers, None), lambda: None, ORDERS)
        trying = Trying(Sighting(CONTRACT, control, symptom, verdict, "a case"), asked)
        assert not trying.holds_afresh(b"{}", b"")


@pytest.mark.parametrize("size", [40, 250])
def test_a_character_is_told_however_long_the_body_that_showed_it(against: Any, size: int) -> None:
    """Neither its length nor its place is to blame, nor are emoji that are better known."""

    def render(payload: Json) -> Json:
        data = VALID.render(payload)
        for item in data["items"]:
            item["name"] = item["name"].replace("🪑", "")
        return data

    wide = _wide(size)
    for item in wide["items"]:
        item["name"] = "x" + "🪑🛋" * (size // 2)
    with against(render=render) as asking:
        asking.ask(wide, "emoji")
        row = asking.only
    assert row["difference"] == 'items[0].name "x🪑"'
    assert row["requirement"] == "201.data.items[].name.echo"


def test_an_answer_that_is_cut_is_told_by_the_fewest_plain_items(against: Any) -> None:
    """No text of the invoice has a part in it."""

    def respond(status: int, content: Any) -> Response:
        whole = VALID.respond(status, content)
        body = bytes(whole.body)[:8192]
        return Response(body, status, media_type="application/json")

    with against(respond=respond) as asking:
        asking.ask(_wide(255), "a large one")
        row = asking.only
    assert row["requirement"] == "201.json"
    assert re.match("the same with [0-9]+ items, and so total_amount ", row["refused"])


def test_an_invoice_that_is_too_large_once_written_anew_is_told_by_its_bytes(against: Any) -> None:
    """Blanks do not count there, and what the items are is no matter of it."""

    def check(payload: Json) -> Any:
        if len(json.dumps(payload)) > 30_000:
            raise Refusal(400, "The invoice could not be queued.")
        return VALID.check(payload)

    with against(check=check) as asking:
        for size in (40, 60):
            item = plain_invoice(CONTRACT, ORDERS)["items"][0]
            items = [
                {**item, "reference_id": f"R-{n}-{PLACEHOLDER}", "name": "é" * size, "sku": f"{n}"}
                for n in range(100)
            ]
            asking.ask(of_items(items), f"{size} each")
        row = asking.only
    assert re.fullmatch(
        r"the same with a body of \d{5} bytes, mostly letters beyond ASCII",
        row["refused"],
    )
    assert row["accepted"] == "the plain invoice"
