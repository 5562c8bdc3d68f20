"""Requests without the right key, and requests with it in a header name of another case."""

from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from itertools import cycle
from urllib.parse import quote

from spec.contract import Contract, TargetFacts
from strategies.bodies import TOO_DEEP, TOO_LONG
from strategies.carriers import Carrier, carried_body, carrying, factors, few, rotation
from strategies.cases import Case, Crowd, sent_as
from strategies.extras.clients import Fields
from strategies.http import in_each_way
from strategies.invalid import invalid_body
from strategies.invoice import encode, plain_invoice
from strategies.parameters import with_query

_NO_KEY_YET = "a-key-of-usual-length"
"""Stands for the key while tests are only collected, so that there are the same cases."""
_NONE = "no key"
_MISSING, _WRONG, _WORD, _ELSEWHERE = "missing", "wrong", "a word", "elsewhere"
_NEARLY_RIGHT, _TRUST = "nearly right", "trust"
_ASIDE = ("request.fields", "request.query")
"""Kinds of ways of sending that change nothing in how a request is read."""
_BLANK = "\u00a0 \u00a0"
"""A space between no-break spaces; HTTP removes plain spaces at the ends of a value."""
_BEYOND_ASCII = "schlüssel-ключ-鍵-🔑"
_LATIN_1 = "schl\udcfcssel-caf\udce9-\udca3"
"""The bytes of `schlüssel-café-£` in Latin-1; a surrogate stands for a byte that is not UTF-8."""
_SQL = "' OR '1'='1' UNION SELECT key FROM keys; --\""

_TRUSTED: dict[str, Fields] = {
    "X-Forwarded-For: 127.0.0.1": (("X-Forwarded-For", "127.0.0.1"),),
    "X-Real-IP: 127.0.0.1": (("X-Real-IP", "127.0.0.1"),),
    "Forwarded: for=127.0.0.1": (("Forwarded", "for=127.0.0.1"),),
    "X-Original-URL: /health": (("X-Original-URL", "/health"), ("X-Rewrite-URL", "/health")),
    "X-HTTP-Method-Override: GET": (("X-HTTP-Method-Override", "GET"),),
    "the address of a proxy": tuple(
        (name, "127.0.0.1")
        for name in (
            *("X-Client-IP", "True-Client-IP", "CF-Connecting-IP", "X-Cluster-Client-IP"),
            *("X-Originating-IP", "X-Remote-IP", "X-Remote-Addr", "Client-IP", "Fastly-Client-IP"),
        )
    ),
    "the name of a user": tuple(
        (name, "admin")
        for name in (
            *("X-Remote-User", "Remote-User", "X-Forwarded-User", "X-Authenticated-User"),
            *("X-Consumer-Username", "X-Auth-Request-User", "X-User", "X-User-ID", "X-User-Role"),
        )
    ),
    "a mark of a service": tuple(
        (name, "true")
        for name in (
            *("X-Internal", "X-Internal-Request", "X-Debug", "X-Test", "X-Admin", "X-Trusted"),
            *("X-Service", "X-Health-Check", "X-Skip-Auth", "X-Authenticated", "X-Cron"),
        )
    ),
    "the mark of a framework's own request": (
        ("X-Middleware-Subrequest", ":".join(["middleware"] * 5)),
        *((name, "1") for name in ("X-Middleware-Next", "X-Middleware-Prefetch", "Purpose")),
        *(
            (name, "/health")
            for name in ("X-Matched-Path", "X-Invoke-Path", "X-Envoy-Original-Path")
        ),
    ),
    "the User-Agent of health checks": (
        ("User-Agent", "kube-probe/1.30 ELB-HealthChecker/2.0 GoogleHC/1.0 Prometheus/2.53"),
    ),
    "Authorization: Basic": (("Authorization", "Basic YWRtaW46YWRtaW4="),),
}
"""Header fields by which a server may take anybody for itself, its proxy or a health check."""

_OTHER_PLACES = ("API-Key", "ApiKey", "X-Auth-Token", "X-Access-Token", "X-API-Token", "Token")
"""Header fields in which other services look for a key."""

_WORDS = (
    *("null", "undefined", "test", "admin", "changeme", "api-key"),
    *("NULL", "None", "true", "0", "x", "%", "*", ".*", '{"$ne": ""}', "anonymous", "your-api-key"),
)
"""Keys of a server that was set up in a hurry, or of a client that had none."""

SHAPES = {
    "a UUID": "7f3a91c2-0b1d-4e5f-8a6b-1c2d3e4f5a6b",
    "64 hexadecimal digits": "0F1E2D3C4B5A69788796A5B4C3D2E1F0" * 2,
    "Base64": "c2VjcmV0L2tleSs/b2Y+bm9ib2R5+/8=",
    "the secret key of a payment service": "sk_live_4eC39HqLyjWDarjtT1zdp7dc",
    "an object of JSON": '{"key": "a", "admin": true}',
    "a URL": "https://a:b@keys.example/a?key=b&c=%41#d",
    "a bearer": "Bearer a.b.c",
    "a JSON Web Token": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
}
"""Wrong keys in the shapes that secrets have: a server that takes one apart may stumble over it."""
_HIDDEN = 8
"""Characters of a key, one after another, that no report shows (`targets.masking`)."""
_UNAUTHORISED, _WITHOUT_RIGHT, _IN_EACH_WAY, _TRUSTING = 4, 5, 6, 7
"""Turns of the lists of this module (`carriers.rotation`)."""

_Lack = tuple[str, str, Fields, str]
"""A way to lack the right key: name, kind, headers and query."""
_Request = tuple[str, Callable[[Carrier], bytes], Fields]
"""What is sent in such a way: name, body and other headers."""

_UNREADABLE: dict[str, Callable[[bytes], bytes]] = {
    "half an invoice": lambda body: body[: len(body) // 2],
    "an array": lambda body: b"[%b]" % body,
    "bytes that are no UTF-8": lambda body: body[:-1] + b',"unread":"\xff"}',
    "arrays without end": lambda _body: b"[" * TOO_DEEP,
    "a text of 2 MiB": lambda body: body[:-1] + b',"unread":"%b"}' % (b"x" * TOO_LONG),
}
"""Bodies that only a server which reads them first stumbles over."""
_MEDIA_TYPE = "another media type"
_INVALID = "an invalid invoice"
_CHECKED = (_INVALID, _MEDIA_TYPE)
"""What a server refuses for itself that checks the key last."""
_OTHER_MEDIA_TYPE: Fields = (("Content-Type", "text/plain"),)


def unauthorised(contract: Contract, facts: TargetFacts) -> tuple[Case, ...]:
    """Every way to lack the right key, each with a valid invoice and another request; without any
    key with every other request, and a common word with none.

    A server that checks the key late, or only for some bodies, answers one of them otherwise.
    """
    if contract.key_header is None:
        return ()
    valid: _Request = ("a valid invoice", partial(carried_body, contract, facts), ())
    # Who asks without a key is told of no order whether it exists.
    order = {contract.relations.order.order: facts.unknown_order_ids[0]}
    others: tuple[_Request, ...] = (
        (_INVALID, partial(invalid_body, contract, facts), ()),
        ("no body", lambda _carrier: b"", ()),
        (
            "an unknown order",
            lambda carrier: encode({**carrying(contract, facts, carrier), **order}),
            (),
        ),
        (_MEDIA_TYPE, partial(carried_body, contract, facts), _OTHER_MEDIA_TYPE),
        ("no media type", partial(carried_body, contract, facts), (("Content-Type", None),)),
        *(
            (name, partial(_changed_body, contract, facts, change), ())
            for name, change in _UNREADABLE.items()
        ),
    )
    cases = []
    used = rotation(contract, _UNAUTHORISED)
    lacks = _lacks(contract.key_header, facts.key or _NO_KEY_YET)
    shapes = cycle(_shapes(facts.key or _NO_KEY_YET))
    statuses = cycle(factors(contract)["status"])
    for number, (name, kind, headers, query) in enumerate(lacks):
        one = number % len(others)
        some = others if name == _NONE else () if kind == _WORD else others[one : one + 1]
        for sent, body_of, fields in (valid, *some):
            # Without any key each body is a kind: some servers parse the body first.
            what = {**dict.fromkeys(_UNREADABLE, "no body"), "no media type": _MEDIA_TYPE}
            of_kind = f"{kind}, {what.get(sent, sent)}" if kind == _MISSING else kind
            carrier = next(used)
            if sent in _CHECKED:  # in each status in turn
                carrier = replace(carrier, status=next(statuses))
            called, lacking = name, headers
            if kind == _WRONG and body_of is not valid[1]:  # in the shape of some other secret
                called, shape = next(shapes)
                lacking = ((contract.key_header, shape),)
            case = Case(
                f"{called}, {sent}",
                of_kind,
                body_of(carrier),
                (*lacking, *fields),
                with_query(contract, query),
            )
            cases.append(sent_as(contract, facts, case, carrier))
    return tuple(cases)


def _changed_body(
    contract: Contract, facts: TargetFacts, change: Callable[[bytes], bytes], carrier: Carrier
) -> bytes:
    return change(carried_body(contract, facts, carrier))


def without_right(contract: Contract, facts: TargetFacts) -> tuple[Crowd, ...]:
    """Valid invoices with the key whose holder may not create any, as far as that is known."""
    if contract.key_header is None:
        return ()
    header = (contract.key_header, facts.forbidden_key or _NO_KEY_YET)
    cases = []
    for carrier in few(contract, _WITHOUT_RIGHT):
        body = carried_body(contract, facts, carrier)
        case = Case(f"a valid invoice ({carrier})", "without the right", body, (header,))
        cases.append(sent_as(contract, facts, case, carrier))
    return (Crowd("a key without the right", tuple(cases)),)


def nearly_right(contract: Contract, facts: TargetFacts) -> tuple[Case, ...]:
    """A valid invoice with a key that a careless comparison takes for the right one, or with the
    right one in a place where a careless server looks for it.
    """
    if contract.key_header is None:
        return ()
    header, key = contract.key_header, facts.key or _NO_KEY_YET
    body = encode(plain_invoice(contract, facts))
    keys = _nearly_right_keys(key)
    as_user = b64encode(f"{key}:".encode()).decode()
    places: dict[str, Fields] = {
        "the key as a user's name": (("Authorization", f"Basic {as_user}"),),
        "the key alone as authorization": (("Authorization", key),),
        "the key in a field with underscores": ((header.replace("-", "_"), key),),
        "the key in other fields": tuple((name, key) for name in _OTHER_PLACES),
    }
    return (
        *(
            Case(name, _NEARLY_RIGHT, body, ((header, value),))
            for name, value in keys.items()
            if value != facts.key
        ),
        *(
            # Where the document's own field is among them, it comes last and has no key.
            Case(name, _NEARLY_RIGHT, body, (*fields, (header, None)))
            for name, fields in places.items()
        ),
    )


def unauthorised_in_each_way(contract: Contract, facts: TargetFacts) -> tuple[Case, ...]:
    """A valid invoice without a key in each way of sending, and with each header field by which a
    server may trust its caller; with a wrong key where the way changes how a request is read.

    The wrong keys differ from the right one in one character, each time in another place.
    """
    header = contract.key_header
    if header is None:
        return ()
    key = facts.key or _NO_KEY_YET
    valid = partial(carried_body, contract, facts)
    ways = [*in_each_way(contract, facts, valid, None, _IN_EACH_WAY, times={})]
    used = rotation(contract, _TRUSTING)
    for (name, fields), carrier in zip(_TRUSTED.items(), used, strict=False):
        case = Case(name, _TRUST, valid(carrier), ((header, None), *fields))
        ways.append(sent_as(contract, facts, case, carrier))
    read = [way for way in ways if way.kind not in _ASIDE]
    cases = [_with_key(way, header, "no key", _MISSING, None) for way in ways]
    for index, way in enumerate(read):
        change = _in_another_case if index % 2 else _another
        wrong = _with_one_wrong(key, index * len(key) // len(read), change)
        cases.append(_with_key(way, header, "a wrong key", _WRONG, wrong))
    return tuple(cases)


def _shapes(key: str) -> list[tuple[str, str]]:
    """Wrong keys in the shapes of secrets, by their names."""
    return [(name, shape) for name, shape in SHAPES.items() if shape != key]


def _with_key(way: Case, header: str, name: str, kind: str, value: str | None) -> Case:
    """The way of sending with this in the field of the key, whatever the case of its name."""
    fields = tuple(
        (field, value if field.lower() == header.lower() else usual) for field, usual in way.headers
    )
    return replace(way, name=f"{name}, {way.name}", kind=f"{kind}, sent so", headers=fields)


def header_names(contract: Contract, facts: TargetFacts) -> tuple[Case, ...]:
    """A valid invoice with the right key in a header whose name is in another case."""
    usual = contract.key_header
    if usual is None:
        return ()
    mixed = "".join(c.upper() if i % 2 else c.lower() for i, c in enumerate(usual))
    names = dict.fromkeys((usual.lower(), usual.upper(), mixed))
    body = encode(plain_invoice(contract, facts))
    return tuple(
        Case(name, "another case", body, ((name, facts.key),), about="security.key")
        for name in names
        if name != usual
    )


def name_of_key(key: str, sent: str) -> str:
    """What a key is called that was sent in the place of the right one, so that it is clear that it
    is of a key; empty if it has no name.
    """
    words = ((f"the word {word}", word) for word in _WORDS)
    blank = (("an empty key", ""), ("a blank key", _BLANK))
    known = (*_wrong_keys(key), *_shapes(key))
    nearly = _nearly_right_keys(key)
    named = (*nearly.items(), *known, *blank, *words)
    name = next((name for name, value in named if value == sent), "")
    if not name or "key" in name.split() or "key's" in name:
        return name
    return f"{name} in the key" if name in nearly else f"{name} for a key"


def _nearly_right_keys(key: str) -> dict[str, str]:
    """Keys that a careless comparison takes for the right one, by their names."""
    half = len(key) // 2
    after = key.rfind(" ") + 1  # the word before a bearer token may be in any case
    letter = next((n for n, each in enumerate(key) if n >= after and each.isalpha()), 0)
    known = {
        "only the first character wrong": _with_one_wrong(key, 0),
        "only the middle character wrong": _with_one_wrong(key, half, _pattern),
        "only the last character wrong": _with_one_wrong(key, len(key) - 1),
        "only the first half right": key[:half] + "".join(map(_another, key[half:])),
        "only the case of a letter wrong": _with_one_wrong(key, letter, _in_another_case),
        "two characters exchanged": _with_two_exchanged(key),
        "an accent on a letter": _with_one_wrong(key, letter, lambda each: f"{each}\u0301"),
        "a letter of full width": _with_one_wrong(key, letter, _of_full_width),
        "the key's second half": key[half:],
        "a letter and the key": f"x{key}",
        "a dash within the key": f"{key[:half]}-{key[half:]}",
        "a list with the key in it": f"another, {key}",
        "the key in quotes": f'"{key}"',
        "the key as a bearer": f"Bearer {key}",
        "the key in escapes of a URL": "".join(f"%{ord(each):02x}" for each in key),
        "the key in Base64": b64encode(key.encode()).decode(),
        "the key and an attribute": f"{key}; v=1",
        "a list that begins with the key": f"{key}, another",
        "the key twice": f"{key},{key}",
        "the key and a word": f"{key} x",
        "the key and a no-break space": f"{key}\u00a0",
        "the key behind a name": f"key={key}",
        "the key behind a user": f"x:{key}",
        "the key before a secret": f"{key}:x",
        "the key before a signature": f"{key}.x",
        "the key in single quotes": f"'{key}'",
        "the key in angle brackets": f"<{key}>",
        "the key and a comma": f"{key},",
        "the key as a basic credential": f"Basic {b64encode(f'{key}:'.encode()).decode()}",
        "the key in hexadecimal": key.encode().hex(),
        "only the first eight characters right": f"{key[:_HIDDEN]}{'x' * len(key)}",
    }
    return known | (_parts(key) if len(key) > 2 * _HIDDEN else {})


def _parts(key: str) -> dict[str, str]:
    """Keys of which a part is missing, escaped or more; of a short one a report would show it."""
    half = len(key) // 2
    return {
        "the key's first eight characters": key[:_HIDDEN],
        "the key but its last character": key[:-1],
        "the key but its first character": key[1:],
        "the key but a character": key[:half] + key[half + 1 :],
        "the key with a character more": f"{key[:half]}x{key[half:]}",
        "the key with a space in it": f"{key[:half]} {key[half:]}",
        "the key with an escape of a URL": f"{key[:half]}%{ord(key[half]):02X}{key[half + 1 :]}",
        "the key with an entity": f"{key[:half]}&#{ord(key[half])};{key[half + 1 :]}",
        "the key with a backslash": f"{key[:half]}\\{key[half:]}",
        "the key's first half and a pattern": f"{key[:half]}%",
        "the key's first half and an asterisk": f"{key[:half]}*",
    }


def _lacks(header: str, key: str) -> Iterator[_Lack]:
    yield _NONE, _MISSING, ((header, None),), ""
    yield "an empty key", _MISSING, ((header, ""),), ""
    yield "a blank key", _MISSING, ((header, _BLANK),), ""
    for name, value in _wrong_keys(key):
        if value != key:
            yield name, _WRONG, ((header, value),), ""
    for word in _WORDS:
        if word != key:
            yield f"the word {word}", _WORD, ((header, word),), ""
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
    yield "a key of 4 KiB", "k" * 4096
    yield "a key beyond ASCII in UTF-8", _BEYOND_ASCII
    yield "a key beyond ASCII in Latin-1", _LATIN_1
    yield "a key of quotes and SQL", _SQL


def _with_one_wrong(key: str, index: int, change: Callable[[str], str] | None = None) -> str:
    """The key with another character at this index, or all others if it is short.

    Reports hide every run of eight characters of a key, so a wrong key must have one.
    """
    if len(key) <= _HIDDEN:
        return "".join(map(_another, key))
    if len(key) < 2 * _HIDDEN:
        index = 0 if index < len(key) // 2 else len(key) - 1
    return f"{key[:index]}{(change or _another)(key[index])}{key[index + 1 :]}"


def _with_two_exchanged(key: str) -> str:
    """The key with its first two characters that differ in each other's place, if it is long."""
    for index in range(len(key) - 1 if len(key) >= 2 * _HIDDEN else 0):
        one, other = key[index], key[index + 1]
        if one != other:
            return f"{key[:index]}{other}{one}{key[index + 2 :]}"
    return _with_one_wrong(key, 0)


def _in_another_case(character: str) -> str:
    """The same letter in the other case; of what has no case, another character."""
    other = character.swapcase()
    return other if other != character else _another(character)


def _of_full_width(character: str) -> str:
    """The same letter as wide as a Chinese one, which a reader may normalise (NFKC)."""
    return chr(ord(character) + 0xFEE0) if "!" <= character <= "~" else _another(character)


def _pattern(character: str) -> str:
    """What stands for any character where the key is looked up by SQL's LIKE."""
    return "_" if character != "_" else "%"


def _another(character: str) -> str:
    """Another character of the same kind; for one mark of punctuation another."""
    changed = _next(character)
    return changed if changed != character else "_" if character == "-" else "-"


def _next(character: str) -> str:
    """The next letter or digit, so that the wrong key looks like the right one."""
    if not (character.isascii() and character.isalnum()):
        return character
    return {"z": "a", "Z": "A", "9": "0"}.get(character, chr(ord(character) + 1))
