"""What a server gets wrong only in escapes is told by the text that is right as it is."""

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

from strategies.acceptance.sizes import large_invoices
from tests.asking import ORDERS, VALID, Json, asking_of, invoice
from tests.exchanges import CONTRACT
from tests.running import server


async def _by_halves(request: Any) -> bytes:
    """The body, in which each half of a pair of escapes is read as a character of its own."""
    body: bytes = await VALID.read(request)
    return re.sub(rb"(?i)\\ud[89a-f][0-9a-f]{2}", b"?", body)


def _escaped(payload: Json) -> bytes:
    return json.dumps(payload).encode()


def test_a_character_that_is_wrong_only_in_escapes_is_told_so(tmp_path: Path) -> None:
    """Also where a text of as many as may be is then too long: it is one defect."""
    large = next(each for each in large_invoices(CONTRACT, ORDERS) if "in escapes" in each.name)
    with server(replace(VALID, read=_by_halves)) as url, asking_of(url, tmp_path) as asking:
        asking.ask(_escaped(invoice(remarks="gift \U0001f381 2")), "emoji in remarks")
        asking.ask(large.body, large.name, chunked=True)
        asking.ask(invoice(remarks="gift \U0001f381 2"))
        (row,) = asking.rows
    found = {row["difference"], *row["alike"]}
    assert 'remarks written "x\\ud83c\\udf81"' in found
    assert "reference_id of 255 characters, some beyond U+FFFF in escapes" in found


def test_the_same_text_as_it_is_stands_on_the_right_side(tmp_path: Path) -> None:
    """It was sent too."""
    with server(replace(VALID, read=_by_halves)) as url, asking_of(url, tmp_path) as asking:
        asking.ask(_escaped(invoice(remarks="gift \U0001f381 2")), "emoji in remarks")
        row = asking.only
    assert row["accepted"] == 'the plain invoice with remarks "x\U0001f381"'
    assert row["refused"] == 'the same with remarks written "x\\ud83c\\udf81"'
