"""Each body that is sent gets its own stamp, and keeps its length."""

import json
import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from spec.contract import DIGITS, PLACEHOLDER, UUID_DIGITS, unstamped
from strategies.wrong.coded import CODED
from targets.stamp import Stamper, restamped, stamp_in, unstamped_body
from targets.waiting import Waiting


def test_stamps_are_unique_and_as_long_as_the_placeholder() -> None:
    """Sixteen threads that share a stamper never get the same stamp."""
    stamper = Stamper("7F3A91C2", 3)
    with ThreadPoolExecutor(16) as pool:
        stamps = list(pool.map(lambda _: stamper.stamp(), range(4000)))
    assert len(set(stamps)) == 4000
    assert {len(stamp) for stamp in stamps} == {len(PLACEHOLDER)}
    assert all(re.fullmatch("IC-7F3A91C2-03[0-9A-F]{6}", stamp) for stamp in stamps)


def test_workers_do_not_share_stamps() -> None:
    """A stamp contains the number of its worker."""
    assert Stamper("7F3A91C2", 0).stamp() != Stamper("7F3A91C2", 1).stamp()


def test_all_placeholders_of_a_body_get_one_fresh_stamp() -> None:
    """An invoice has one stamp; the same payload sent twice makes two invoices."""
    stamper = Stamper("7F3A91C2")
    body = f'{{"a":"{PLACEHOLDER}","b":"INV {PLACEHOLDER}","c":"x"}}'.encode()
    first, second = stamper.write(body), stamper.write(body)
    assert first == body.replace(PLACEHOLDER.encode(), b"IC-7F3A91C2-00000000")
    assert second == body.replace(PLACEHOLDER.encode(), b"IC-7F3A91C2-00000001")


@pytest.mark.parametrize("digits", ["x", "X"])
def test_an_escaped_placeholder_gets_an_escaped_stamp(digits: str) -> None:
    """A body in which every character is escaped gets its stamp too."""
    escaped = "".join(f"\\u{ord(character):04{digits}}" for character in PLACEHOLDER)
    body = f'{{"a":"{escaped}"}}'.encode()
    written = Stamper("7F3A91C2").write(body)
    assert json.loads(written) == {"a": "IC-7F3A91C2-00000000"}
    assert len(written) == len(body)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-16"])
def test_a_body_in_utf_16_is_stamped(encoding: str) -> None:
    """Each UTF-16 body, sent to be refused, gets its own stamp, encoded as the body is."""
    written = Stamper("7F3A91C2").write(f'"{PLACEHOLDER}"'.encode(encoding))
    assert written.decode(encoding) == '"IC-7F3A91C2-00000000"'


def test_a_value_of_digits_gets_a_number_of_its_own() -> None:
    """It is as long as its placeholder, differs at each send, and a double holds it exactly."""
    stamper = Stamper("7F3A91C2", 3)
    body = f'{{"a":"{DIGITS}","b":"{PLACEHOLDER}"}}'.encode()
    written = [json.loads(stamper.write(body)) for _ in range(500)]
    digits = {one["a"] for one in written}
    assert len(digits) == 500
    assert {len(one) for one in digits} == {len(DIGITS)}
    assert all(one.isdecimal() and int(float(one)) == int(one) for one in digits)
    assert {one["b"][:11] for one in written} == {"IC-7F3A91C2"}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le"])
def test_an_amount_with_many_zeros_is_sent_as_it_is(encoding: str) -> None:
    """Else 15999.47 would be some other amount in each run, and not in cents."""
    amount = "15999.47" + "0" * 60
    body = f'{{"a":"{PLACEHOLDER}","amount":{amount},"b":"{DIGITS}"}}'.encode(encoding)
    written = json.loads(Stamper("7F3A91C2").write(body), parse_float=str)
    assert written["amount"] == amount
    assert written["b"] != DIGITS


def test_a_stamp_in_digits_behind_an_escape_is_found() -> None:
    """The last digit of the escape is no part of the number."""
    body = rf'{{"a":"\u2116{DIGITS}","b":"{PLACEHOLDER}"}}'.encode()
    written = Stamper("7F3A91C2", 3).write(body)
    assert written != body
    assert unstamped_body(written) == body
    assert unstamped(written.decode()) == body.decode()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "escaped"])
@pytest.mark.parametrize(
    "text", [f"00{DIGITS}", f"{DIGITS}.50", f"{UUID_DIGITS}ab-cdef01234567", f"{DIGITS}E3 1"]
)
def test_a_stamp_in_digits_is_written_however_a_body_is_encoded(text: str, encoding: str) -> None:
    """Alone, with decimals or as the start of a UUID: each request has its own, and a body that is
    sent again in another run gets one of that run.
    """
    body = f'{{"a":"{text}","b":"{PLACEHOLDER}"}}'.encode(encoding.replace("escaped", "utf-8"))
    if encoding == "escaped":
        body = re.sub(rb"[^{}:,\"]", lambda one: b"\\u%04x" % ord(one[0]), body)
    stamper = Stamper("7F3A91C2", 3)
    first, second = stamper.write(body), stamper.write(body)
    assert len({body, first, second, restamped(first, "7F3A91C2", "0000000A")}) == 4
    assert len(first) == len(body)
    assert unstamped_body(first) == unstamped_body(restamped(first, "7F3A91C2", "0000000A")) == body
    if encoding == "utf-8":
        assert unstamped(first.decode()) == body.decode()


def test_a_text_without_its_stamps_has_the_placeholders_again() -> None:
    """Of both kinds; an amount, a longer number and the time are none."""
    written = Stamper("7F3A91C2").write(f"{PLACEHOLDER} 00{DIGITS}".encode()).decode()
    assert unstamped(written) == f"{PLACEHOLDER} 00{DIGITS}"
    for text in ("1470000000000000", "47000000000000001", "0.4700000000000001", "1790000000"):
        assert unstamped(text) == text


@pytest.mark.parametrize("body", [b"", b"{}", b"\xff\x00IC-RUNSTAMP-", b"IC-runstamp"])
def test_a_body_without_placeholder_stays_as_it_is(body: bytes) -> None:
    """Only the placeholder is replaced."""
    assert Stamper("7F3A91C2").write(body) == body


@pytest.mark.parametrize(("run_id", "worker"), [("short", 0), ("7F3A91C2", 256), ("7F3A91C2", -1)])
def test_a_stamp_of_another_length_is_refused(run_id: str, worker: int) -> None:
    """It would move a value away from its length limit."""
    with pytest.raises(ValueError, match="A stamp needs a run id of 8 characters"):
        Stamper(run_id, worker)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be", "escaped"])
def test_a_stamp_is_found_and_taken_out_however_it_is_encoded(encoding: str) -> None:
    """What is sent again is a new invoice, or has the references that it had."""
    text = f'{{"reference_id": "{PLACEHOLDER}", "n": 1}}'
    escaped = text.replace(PLACEHOLDER, "".join(f"\\u{ord(each):04x}" for each in PLACEHOLDER))
    body = escaped.encode() if encoding == "escaped" else text.encode(encoding)
    written = Stamper("7F3A91C2").write(body)
    assert stamp_in(written) == "IC-7F3A91C2-00000000"
    assert stamp_in(body) is None
    assert unstamped_body(written) == body
    assert stamp_in(unstamped_body(written, "IC-7F3A91C2-0000000F")) == "IC-7F3A91C2-0000000F"


@pytest.mark.parametrize("coding", CODED)
def test_a_coded_body_has_a_stamp_of_its_own(coding: str) -> None:
    """As gzip, in Base64 or otherwise: a server that unpacks it gets a new invoice, and a replay
    another one.
    """
    code, stamper = CODED[coding], Stamper("7F3A91C2")
    text = json.dumps({"reference_id": f"REF-{PLACEHOLDER}", "remarks": "a" * 99}).encode()
    stamped, other = (
        code(text.replace(PLACEHOLDER.encode(), each))
        for each in (b"IC-7F3A91C2-00000000", b"IC-01234567-00000000")
    )
    assert stamper.write(code(text)) == stamped
    assert stamp_in(stamped) == "IC-7F3A91C2-00000000"
    assert restamped(stamped, "7F3A91C2", "01234567") == other
    assert unstamped_body(stamped) == code(text)


Step = tuple[float, str, bool | None]
"""At which second, of which request, and whether it is answered; None where it is sent."""


def _still(monkeypatch: pytest.MonkeyPatch, steps: list[Step], limit: float) -> dict[str, bool]:
    """Of each request whether nothing was answered while it waited, as is found when it ends."""
    waiting, waits, still, now = Waiting(), dict[str, Any](), dict[str, bool](), [0.0]
    monkeypatch.setattr("targets.waiting.awake", lambda: now[0])
    for now[0], name, answered in steps:
        if answered is None:
            waits[name] = waiting.begin(limit)
        else:
            still[name] = waiting.end(waits[name], answered=answered)
    return still


SENT: list[Step] = [(0.0, "before", None), (0.1, "it", None), (0.2, "after", None)]


@pytest.mark.parametrize(
    ("then", "is_still"),
    [
        ([], True),
        ([(0.3, "before", True)], True),
        ([(0.3, "after", True)], True),
        ([(0.3, "before", True), (0.3, "after", True)], False),
        ([(5.0, "before", True)], False),
        ([(5.0, "late", None), (5.1, "late", True)], False),
        ([(10.0, "before", False), (10.0, "late", None), (10.0, "late", True)], True),
    ],
    ids=[
        *("nothing is answered", "what came before it", "what overtook it", "it alone has none"),
        *("an answer meanwhile", "one to what was sent later", "one when it is over"),
    ],
)
def test_whether_others_had_an_answer_meanwhile_is_known_when_a_request_ends(
    monkeypatch: pytest.MonkeyPatch, then: list[Step], *, is_still: bool
) -> None:
    """Who looks later, or in which order threads are told of it, makes no difference."""
    steps = [*SENT, *then, (10.1, "it", False)]
    assert _still(monkeypatch, steps, 10.0)["it"] is is_still


def test_a_request_that_waits_alone_says_nothing_of_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nor does one with what was sent long after it."""
    steps: list[Step] = [(0.0, "it", None), (5.0, "late", None), (10.0, "it", False)]
    assert not _still(monkeypatch, steps, 10.0)["it"]


def test_what_has_ended_keeps_no_other_request() -> None:
    """A run has thousands, each of them beside the next ones."""
    waiting = Waiting()
    one, other = waiting.begin(1.0), waiting.begin(1.0)
    assert (one.beside, other.beside) == ([other], [one])
    waiting.end(one, answered=True)
    assert one.beside == []
