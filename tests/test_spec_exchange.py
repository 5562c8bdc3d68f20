"""An exchange: its header fields have no case, and a long answer is kept in its beginning."""

import pytest

from spec.exchange import MOST_KEPT, Exchange, Request, Response


@pytest.mark.parametrize(
    ("accepted", "coding", "refused"),
    [
        (None, "gzip", False),
        ("", "gzip", False),
        ("gzip", "gzip", False),
        ("gzip", "br", True),
        ("GZIP ; Q=1, br", "gzip", False),
        ("gzip;q=0", "gzip", True),
        ("gzip;q=0.000", "gzip", True),
        ("gzip;q=0.001", "gzip", False),
        ("x-gzip", "gzip", False),
        ("gzip", "x-gzip", False),
        ("*;q=0", "br", True),
        ("gzip;q=0, *", "br", False),
        ("gzip;q=0, *", "gzip", True),
    ],
)
def test_a_request_says_which_codings_it_refuses(
    accepted: str | None,
    coding: str,
    refused: bool,  # noqa: FBT001 # a table
) -> None:
    """By Accept-Encoding (RFC 9110, section 12.5.3); `x-gzip` is `gzip` (section 8.4.1.3)."""
    fields = () if accepted is None else (("Accept-Encoding", accepted),)
    assert Request("POST", "/", fields, b"").refuses_coding(coding) is refused


def test_the_first_of_equal_header_fields_counts() -> None:
    """In whatever case it is written and asked for."""
    fields = (("A", "0"), ("X-One", "1"), ("x-one", "2"))
    assert Request("POST", "/", fields, b"").header("x-ONE") == "1"
    assert Response(200, fields, b"").header("X-one") == "1"
    assert Response(200, fields, b"").header("x-two") is None


def test_of_a_long_answer_the_beginning_is_kept() -> None:
    """And how much was left out; all else stays."""
    sent = Request("POST", "/", (), b"{}")
    whole = Exchange(
        sent, Response(201, (("a", "b"),), b"x" * MOST_KEPT + b"end", b"head"), None, 1
    )
    assert whole.is_long
    kept = whole.shortened()
    assert not kept.is_long
    assert kept == Exchange(
        sent, Response(201, (("a", "b"),), b"x" * MOST_KEPT, b"head", left_out=3), None, 1
    )
