"""Requests without the right key, and requests with it in a header name of another case."""

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import quote

from spec.contract import Contract, TargetFacts
from strategies.cases import Case
from strategies.http import in_each_way
from strategies.invalid import invalid_body
from strategies.invoice import base, encode

_NO_KEY_YET = "key"
"""Stands for the key while tests are only collected, so that the cases have the same names."""

_MISSING, _WRONG, _ELSEWHERE = "missing", "wrong", "elsewhere"
_NEARLY_RIGHT = "nearly right"

_BLANK = "\u00a0 \u00a0"
"""A space between no-break spaces; HTTP removes plain spaces at the ends of a value."""

_BEYOND_ASCII = "schlüssel-ключ-鍵"
_LATIN_1 = "schl\udcfcssel-caf\udce9-\udca3"
"""The bytes of `schlüssel-café-£` in Latin-1; a surrogate stands for a byte that is not UTF-8."""

_SQL = "' OR '1'='1' UNION SELECT key FROM keys; --\""

_TRUSTED = (
    ("X-Forwarded-For", "127.0.0.1"),
    ("X-Real-IP", "127.0.0.1"),
    ("Forwarded", "for=127.0.0.1"),
    ("X-Original-URL", "/health"),
    ("X-HTTP-Method-Override", "GET"),
    ("X-Client-IP", "127.0.0.1"),
    ("True-Client-IP", "127.0.0.1"),
    ("CF-Connecting-IP", "127.0.0.1"),
    ("X-Rewrite-URL", "/health"),
    ("X-Remote-User", "admin"),
    ("X-Forwarded-User", "admin"),
    ("X-Consumer-Username", "admin"),
    ("X-Internal-Request", "true"),
    ("X-Debug", "1"),
    ("Authorization", "Basic YWRtaW46YWRtaW4="),
    ("User-Agent", "kube-probe/1.30"),
)
"""Header fields by which a server may take anybody for itself, its proxy or a health check."""

_HIDDEN = 8
"""Characters of a key, one after another, that no report shows (`targets.masking`)."""

_Lack = tuple[str, str, tuple[tuple[str, str | None], ...], str]
"""A way to lack the right key: name, kind, headers and query."""


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
        for name, kind, headers, query in _lacks(contract.key_header, facts.key or _NO_KEY_YET)
        for sent, body in bodies
    )


def nearly_right(contract: Contract, facts: TargetFacts) -> tuple[Case, ...]:
    """A valid invoice with a key that a careless comparison takes for the right one."""
    if contract.key_header is None:
        return ()
    body, key = encode(base(contract, facts)), facts.key or _NO_KEY_YET
    half = len(key) // 2
    keys = {
        "only the first character wrong": _with_one_wrong(key, 0),
        "only the middle character wrong": _with_one_wrong(key, half),
        "only the last character wrong": _with_one_wrong(key, len(key) - 1),
        "only the first half right": key[:half] + "".join(map(_another, key[half:])),
        "the key's second half": key[half:],
        "a letter and the key": f"x{key}",
    }
    return tuple(
        Case(name, _NEARLY_RIGHT, body, ((contract.key_header, value),))
        for name, value in keys.items()
    )


def unauthorised_in_each_way(contract: Contract, facts: TargetFacts) -> tuple[Case, ...]:
    """A valid invoice without a key and with a wrong one, in each way of sending, and with each
    header field by which a server may trust its caller.

    The wrong keys differ from the right one in one character, each time in another place.
    """
    header = contract.key_header
    if header is None:
        return ()
    body, key = encode(base(contract, facts)), facts.key or _NO_KEY_YET
    ways = (
        *in_each_way(contract, body, None),
        *(
            Case(f"{name}: {value}", "", body, ((header, None), (name, value)))
            for name, value in _TRUSTED
        ),
    )
    cases = []
    for index, way in enumerate(ways):
        wrong = _with_one_wrong(key, index * len(key) // len(ways))
        for name, kind, value in (("no key", _MISSING, None), ("a wrong key", _WRONG, wrong)):
            fields = tuple(
                (field, value if field.lower() == header.lower() else usual)
                for field, usual in way.headers
            )
            cases.append(
                replace(way, name=f"{name}, {way.name}", kind=f"{kind}, sent so", headers=fields)
            )
    return tuple(cases)


def header_names(contract: Contract, facts: TargetFacts) -> tuple[Case, ...]:
    """A valid invoice with the right key in a header whose name is in another case."""
    usual = contract.key_header
    if usual is None:
        return ()
    mixed = "".join(c.upper() if i % 2 else c.lower() for i, c in enumerate(usual))
    names = dict.fromkeys((usual.lower(), usual.upper(), mixed))
    body = encode(base(contract, facts))
    return tuple(
        Case(name, "another case", body, ((name, facts.key),), about="security.key")
        for name in names
        if name != usual
    )


def _lacks(header: str, key: str) -> Iterator[_Lack]:
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


def _with_one_wrong(key: str, index: int) -> str:
    """The key with another character at this index, or all others if it is short.

    Reports hide every run of eight characters of a key, so a wrong key must have one.
    """
    if len(key) <= _HIDDEN:
        return "".join(map(_another, key))
    if len(key) < 2 * _HIDDEN:
        index = 0 if index < len(key) // 2 else len(key) - 1
    return f"{key[:index]}{_another(key[index])}{key[index + 1 :]}"


def _another(character: str) -> str:
    changed = _next(character)
    return "x" if changed == character else changed


def _next(character: str) -> str:
    """The next letter or digit, so that the wrong key looks like the right one."""
    if not (character.isascii() and character.isalnum()):
        return character
    return {"z": "a", "Z": "A", "9": "0"}.get(character, chr(ord(character) + 1))
