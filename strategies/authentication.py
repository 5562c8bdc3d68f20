"""Requests without the right key, and requests with it in a header name of another case."""

from collections.abc import Iterator
from urllib.parse import quote

from spec.contract import Contract, TargetFacts
from strategies.cases import Case
from strategies.invalid import invalid_body
from strategies.invoice import base, encode

_NO_KEY_YET = "key"
"""Stands for the key while tests are only collected, so that the cases have the same names."""

_MISSING, _WRONG, _ELSEWHERE = "missing", "wrong", "elsewhere"

_BLANK = "\u00a0 \u00a0"
"""A space between no-break spaces; HTTP removes plain spaces at the ends of a value."""

_BEYOND_ASCII = "schlüssel-ключ-鍵"
_LATIN_1 = "schl\udcfcssel-caf\udce9-\udca3"
"""The bytes of `schlüssel-café-£` in Latin-1; a surrogate stands for a byte that is not UTF-8."""

_SQL = "' OR '1'='1' UNION SELECT key FROM keys; --\""

_Way = tuple[str, str, tuple[tuple[str, str | None], ...], str]
"""Name, kind, headers and query."""


def unauthorised(contract: Contract, facts: TargetFacts) -> tuple[Case, ...]:
    """Every way to lack the right key, each with a valid invoice, an invalid one and no body.

    A server that checks the key late, or only for some bodies, accepts one of them.
    """
    if contract.key_header is None:
        return ()
    bodies = (
        ("a valid invoice", encode(base(contract, facts))),
        ("an invalid invoice", invalid_body(contract, facts)),
        ("no body", b""),
    )
    return tuple(
        # Without any key each body is a kind: some servers parse the body first.
        Case(
            f"{name}, {sent}",
            f"{kind}, {sent}" if kind == _MISSING else kind,
            body,
            headers,
            query,
        )
        for name, kind, headers, query in _ways(contract.key_header, facts.key or _NO_KEY_YET)
        for sent, body in bodies
    )


def header_names(contract: Contract, facts: TargetFacts) -> tuple[Case, ...]:
    """A valid invoice with the right key in a header whose name is in another case."""
    usual = contract.key_header
    if usual is None:
        return ()
    mixed = "".join(c.upper() if i % 2 else c.lower() for i, c in enumerate(usual))
    names = dict.fromkeys((usual.lower(), usual.upper(), mixed))
    body = encode(base(contract, facts))
    return tuple(
        Case(name, "another case", body, ((name, facts.key),)) for name in names if name != usual
    )


def _ways(header: str, key: str) -> Iterator[_Way]:
    yield "no key", _MISSING, ((header, None),), ""
    yield "an empty key", _MISSING, ((header, ""),), ""
    yield "a blank key", _MISSING, ((header, _BLANK),), ""
    for name, value in _wrong_keys(key):
        if value != key:
            yield name, _WRONG, ((header, value),), ""
    moved: tuple[str, str | None] = (header, None)
    escaped = quote(key, safe="")
    yield "the key in the query", _ELSEWHERE, (moved,), f"{header}={escaped}&api_key={escaped}"
    yield "the key as bearer token", _ELSEWHERE, (moved, ("Authorization", f"Bearer {key}")), ""
    yield "the key in a cookie", _ELSEWHERE, (moved, ("Cookie", f"{header}={key}")), ""


def _wrong_keys(key: str) -> Iterator[tuple[str, str]]:
    yield "another key", "".join(_next(character) for character in key)
    yield "the key's first half", key[: len(key) // 2]
    yield "the key and a letter more", f"{key}x"
    yield "the key in another case", key.swapcase()
    yield "the word null", "null"
    yield "the word undefined", "undefined"
    yield "a key of 4 KiB", "k" * 4096
    yield "a key beyond ASCII in UTF-8", _BEYOND_ASCII
    yield "a key beyond ASCII in Latin-1", _LATIN_1
    yield "a key of quotes and SQL", _SQL


def _next(character: str) -> str:
    """The next letter or digit, so that the wrong key looks like the right one."""
    if not (character.isascii() and character.isalnum()):
        return character
    return {"z": "a", "Z": "A", "9": "0"}.get(character, chr(ord(character) + 1))
