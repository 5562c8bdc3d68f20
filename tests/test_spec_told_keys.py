"""A key is known in each encoding and place, and nothing else is taken for one."""

import pytest

from spec.answers.disclosure import leak
from spec.answers.keys import tells_key
from spec.exchange import Request, Response

HEADER = "X-API-Key"


def told(sent: tuple[str, str], body: bytes, path: str = "/v1/invoices") -> bool:
    """Whether an answer with that body tells a key of a request with that header field."""
    return tells_key(Request("POST", path, (sent,), b"{}"), Response(400, (), body), HEADER)


@pytest.mark.parametrize(
    ("key", "body", "tells"),
    [
        ("12345678", b"12345678", True),
        ("1234567", b"1234567", False),
        ("a/b/c/d/e", b"a%2Fb%2Fc%2Fd%2Fe", True),
        ('x"secret-key"y', rb"x\"secret-key\"y", True),
        ('x"secret-key"y', rb"\"secret-key\"y", False),
        ('x"secret-key"y', rb"x\"secret-key\"", False),
        ('\u00fc"secret-key', rb"\u00fc\"secret-key", True),
        ('\u00fc"secret-key', '\u00fc\\"secret-key'.encode(), True),
        ("abc\ud800defgh", b"abc?defgh", True),
    ],
)
def test_a_key_is_known_in_each_encoding(key: str, body: bytes, *, tells: bool) -> None:
    """From eight characters on, and only whole."""
    assert told((HEADER, key), body) is tells


@pytest.mark.parametrize(
    ("sent", "path", "body"),
    [
        (("Authorization", "Custom word secret-key-1"), "/", b"secret-key-1"),
        (("Cookie", "session=secret=key-1"), "/", b"secret=key-1"),
        (("A", "b"), "/?API_Key=secret-key?1", b"secret-key?1"),
    ],
)
def test_a_key_is_known_in_each_place(sent: tuple[str, str], path: str, body: bytes) -> None:
    """Where other services look for one."""
    assert told(sent, body, path)
    assert not told(sent, body[1:], path)


def test_a_header_field_of_any_character_is_looked_at() -> None:
    """Of an answer."""
    answer = Response(400, (("a", "\u4e2d"), ("b", "secret-key-1")), b"")
    assert tells_key(Request("POST", "/", ((HEADER, "secret-key-1"),), b""), answer, HEADER)


@pytest.mark.parametrize(
    ("sent", "body", "piece"),
    [
        (b"", b'relation "\xff" does not exist', 'relation "\\xff" does not exist'),
        (b"", rb"\u0027NoneType\u0027 object", "'NoneType' object"),
        (b"SQLSTATE", b"SQLSTATE SQLSTATE DEBUG = True", "DEBUG = True"),
        (b"SQLSTATE", b"SQLSTATE SQLSTATE", None),
    ],
)
def test_a_leak_is_told_in_its_words(sent: bytes, body: bytes, piece: str | None) -> None:
    """The first that was not sent."""
    assert leak(Request("POST", "/", (), sent), Response(400, (), body)) == piece


RIGHT = "a-key-of-24-characters-1"


@pytest.mark.parametrize(
    ("sent", "body", "tells"),
    [
        ("wrong-key-1", f"It begins with {RIGHT[:12]}.", True),
        ("wrong-key-1", f"It ends with {RIGHT[-12:]}.", True),
        ("wrong-key-1", f"It is {RIGHT}.", True),
        ("wrong-key-1", f"It begins with {RIGHT[:11]}.", False),
        (RIGHT[:-1] + "2", f"None begins with {RIGHT[:12]}, or is it?", False),
        (RIGHT[:12], f"It goes on with {RIGHT[12:]}.", True),
    ],
)
def test_half_of_the_right_key_that_was_not_sent_is_told(
    sent: str, body: str, *, tells: bool
) -> None:
    """Who has a wrong key is told no more of the right one than anyone may see of it."""
    request = Request("POST", "/v1/invoices", ((HEADER, sent),), b"{}")
    response = Response(401, (), body.encode())
    assert tells_key(request, response, HEADER, RIGHT) is tells
