"""Every body that leaves is another invoice, easy to find and of the length that was meant."""

import json
import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from spec.contract import PLACEHOLDER
from targets.client import Stamper


def test_stamps_are_unique_and_as_long_as_the_placeholder() -> None:
    """Sixteen threads that share a stamper never get the same stamp."""
    stamper = Stamper("7F3A91C2", 3)
    with ThreadPoolExecutor(16) as pool:
        stamps = list(pool.map(lambda _: stamper.stamp(), range(4000)))
    assert len(set(stamps)) == 4000
    assert {len(stamp) for stamp in stamps} == {len(PLACEHOLDER)}
    assert all(re.fullmatch("IC-7F3A91C2-03[0-9A-F]{6}", stamp) for stamp in stamps)


def test_workers_do_not_share_stamps() -> None:
    """The number of the worker is part of the stamp."""
    assert Stamper("7F3A91C2", 0).stamp() != Stamper("7F3A91C2", 1).stamp()


def test_all_places_of_a_body_get_one_fresh_stamp() -> None:
    """An invoice bears one stamp; the same payload sent twice is two invoices."""
    stamper = Stamper("7F3A91C2")
    body = f'{{"a":"{PLACEHOLDER}","b":"INV {PLACEHOLDER}","c":"x"}}'.encode()
    first, second = stamper.write(body), stamper.write(body)
    assert first == body.replace(PLACEHOLDER.encode(), b"IC-7F3A91C2-00000000")
    assert second == body.replace(PLACEHOLDER.encode(), b"IC-7F3A91C2-00000001")


@pytest.mark.parametrize("digits", ["x", "X"])
def test_a_placeholder_in_escapes_is_stamped_in_escapes(digits: str) -> None:
    """A body in which every character is an escape keeps its length and gets its stamp."""
    escaped = "".join(f"\\u{ord(character):04{digits}}" for character in PLACEHOLDER)
    body = f'{{"a":"{escaped}"}}'.encode()
    written = Stamper("7F3A91C2").write(body)
    assert json.loads(written) == {"a": "IC-7F3A91C2-00000000"}
    assert len(written) == len(body)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-16"])
def test_a_body_in_utf_16_is_stamped(encoding: str) -> None:
    """UTF-16 bodies are sent to see them refused, and would else all bear the same mark."""
    written = Stamper("7F3A91C2").write(f'"{PLACEHOLDER}"'.encode(encoding))
    assert written.decode(encoding) == '"IC-7F3A91C2-00000000"'


@pytest.mark.parametrize("body", [b"", b"{}", b"\xff\x00IC-RUNSTAMP-", b"IC-runstamp"])
def test_a_body_without_placeholder_stays_as_it_is(body: bytes) -> None:
    """Nothing but the placeholder is touched."""
    assert Stamper("7F3A91C2").write(body) == body


@pytest.mark.parametrize(("run_id", "worker"), [("short", 0), ("7F3A91C2", 256), ("7F3A91C2", -1)])
def test_a_stamp_that_would_not_fit_is_refused(run_id: str, worker: int) -> None:
    """A stamp of another length would move a value off its limit."""
    with pytest.raises(ValueError, match="no stamps"):
        Stamper(run_id, worker)
