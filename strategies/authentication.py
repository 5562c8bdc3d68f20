"""Requests without the right key, and with it under its header's other spellings."""

from collections.abc import Iterator
from urllib.parse import quote

from spec.contract import Contract, TargetFacts
from strategies.cases import Variant, invalid_body
from strategies.invoice import base, encode

OTHER_SCRIPTS = "schlüssel-ключ-鍵"
LATIN_1 = "schl\udcfcssel-caf\udce9-\udca3"
"""The bytes of `schlüssel-café-£` in Latin-1: surrogates stand for bytes that are not UTF-8."""
SQL = "' OR '1'='1' UNION SELECT key FROM keys; --\""
NO_KEY_YET = "key"
"""While tests are only collected: the same cases, under the same names."""
LONG = "k" * 4096
BLANK = "\u00a0 \u00a0"
"""Between no-break spaces, for HTTP takes plain ones off a value before any application sees it."""


def unauthorised(contract: Contract, facts: TargetFacts) -> tuple[Variant, ...]:
    """Each way not to have the right key, with a valid invoice, an invalid one and no body.

    A server that looks at the key late, or only for some bodies, lets one of them through.
    """
    if contract.key_header is None:
        return ()
    bodies = (
        ("a valid invoice", encode(base(contract, facts))),
        ("an invalid invoice", invalid_body(contract, facts)),
        ("no body", b""),
    )
    return tuple(
        Variant(f"{name}, {beside}", _kind(kind, beside), body, headers, query)
        for name, kind, headers, query in _ways(contract.key_header, facts.key or NO_KEY_YET)
        for beside, body in bodies
    )


def header_cases(contract: Contract, facts: TargetFacts) -> tuple[Variant, ...]:
    """A valid invoice with the right key in a header whose name is in another case."""
    usual = contract.key_header
    if usual is None:
        return ()
    mixed = "".join(c.upper() if i % 2 else c.lower() for i, c in enumerate(usual))
    names = dict.fromkeys((usual.lower(), usual.upper(), mixed))
    body = encode(base(contract, facts))
    return tuple(
        Variant(name, "another case", body, ((name, facts.key),)) for name in names if name != usual
    )


_MISSING, _WRONG, _ELSEWHERE = "missing", "wrong", "elsewhere"

Way = tuple[str, str, tuple[tuple[str, str | None], ...], str]
"""Name, kind, headers and query."""


def _ways(header: str, key: str) -> Iterator[Way]:
    yield "no key", _MISSING, ((header, None),), ""
    yield "an empty key", _MISSING, ((header, ""),), ""
    yield "a blank key", _MISSING, ((header, BLANK),), ""
    for name, value in _wrong(key):
        if value != key:
            yield name, _WRONG, ((header, value),), ""
    moved: tuple[str, str | None] = (header, None)
    escaped = quote(key, safe="")
    yield "the key in the query", _ELSEWHERE, (moved,), f"{header}={escaped}&api_key={escaped}"
    yield "the key as bearer token", _ELSEWHERE, (moved, ("Authorization", f"Bearer {key}")), ""
    yield "the key in a cookie", _ELSEWHERE, (moved, ("Cookie", f"{header}={key}")), ""


def _wrong(key: str) -> Iterator[tuple[str, str]]:
    yield "another key", "".join(_next(character) for character in key)
    yield "the key's first half", key[: len(key) // 2]
    yield "the key and a letter more", f"{key}x"
    yield "the key in another case", key.swapcase()
    yield "the word null", "null"
    yield "the word undefined", "undefined"
    yield "a key of 4 KiB", LONG
    yield "a key beyond ASCII in UTF-8", OTHER_SCRIPTS
    yield "a key beyond ASCII in Latin-1", LATIN_1
    yield "a key of quotes and SQL", SQL


def _next(character: str) -> str:
    """A letter or digit beside this one, so that the whole looks like a key of the same make."""
    if not (character.isascii() and character.isalnum()):
        return character
    return {"z": "a", "Z": "A", "9": "0"}.get(character, chr(ord(character) + 1))


def _kind(kind: str, beside: str) -> str:
    """Without any key each body is a kind of its own: the key may be looked at after the body."""
    return f"{kind}, {beside}" if kind == _MISSING else kind
