"""The same valid invoice in other encodings, requests and connections, and with other methods."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from functools import partial
from itertools import cycle
from typing import Any

from spec.contract import Contract, TargetFacts
from spec.paths import Json
from strategies import invalid
from strategies.carriers import EVERYTHING, NO_STATUS, Carrier, carried_body, few, rotation, sent_as
from strategies.cases import Case, Series, free_text, lettered
from strategies.invalid import invalid_body
from strategies.invoice import base, encode, encoded
from strategies.parameters import with_query
from strategies.scalars import main_type

_IN_A_SERIES = 3
"""Requests over one connection, or over as many connections."""

_METHODS = ("PUT", "PATCH", "DELETE")

_FIELDS, _ACCEPT, _QUERY = "request.fields", "request.accept", "request.query"
"""What a refusal of an unusual request counts against; HTTP allows it, so they are SHOULDs."""

_TIMES = {"no User-Agent": 4, "an unknown query": 4}
"""How often some ways are sent: those unlike any other, so that they meet many carriers."""

_OF_FRAMEWORKS = {
    "page": "2",
    "limit": "1",
    "offset": "1",
    "per_page": "1",
    "size": "1",
    "$top": "1",
    "fields": "id",
    "select": "id",
    "$select": "id",
    "include": "id",
    "exclude": "items",
    "fields[invoice]": "id",
    "page[size]": "1",
    "expand": "items",
    "sort": "-name",
    "format": "xml",
    "$format": "xml",
    "pretty": "true",
    "callback": "read",
    "envelope": "true",
    "id": "7",
    "locale": "de_DE",
    "lang": "tr",
    "tz": "Asia/Tokyo",
    "currency": "JPY",
}
"""What frameworks read of a query by themselves: pages, parts, formats, places and languages."""

_VALID, _INVALID = 2, 3
"""Turns of the lists of this module (`carriers.rotation`)."""

_PADDED = 63 * 1024
"""Bytes of a padded body: nearly as many as the reading allows, and more than most buffers hold."""

Fields = tuple[tuple[str, str | None], ...]
"""Header fields that replace the usual ones of the same name; None for none."""

_REQUIRED: dict[str, Fields] = {
    "charset=utf-8": (("Content-Type", "application/json; charset=utf-8"),),
    'charset="UTF-8" in quotes': (("Content-Type", 'application/json;charset="UTF-8"'),),
    "Application/JSON": (("Content-Type", "Application/JSON"),),
    "no Accept": (("Accept", None),),
    "Accept: */*": (("Accept", "*/*"),),
    "no Accept-Encoding": (("Accept-Encoding", None),),
    "Expect: 100-continue": (("Expect", "100-continue"),),
}
"""Header fields of which HTTP itself says that they change nothing."""

_COOKIES = "_ga=GA1.1.1234567890.1700000000; sessionid=7f3a; JSESSIONID=1A2B; PHPSESSID=9c"
"""What a browser has of other pages of the same host."""

_OF_CLIENTS: dict[str, tuple[str, Fields]] = {
    "the Accept of axios": (_ACCEPT, (("Accept", "application/json, text/plain, */*"),)),
    "the Accept of a browser": (
        _ACCEPT,
        (("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"),),
    ),
    "an Accept with weights": (_ACCEPT, (("Accept", "text/plain;q=0.5, Application/JSON;q=0.9"),)),
    "an Accept of a range": (_ACCEPT, (("Accept", "application/*"),)),
    "no User-Agent": (_FIELDS, (("User-Agent", None),)),
    "the User-Agent of curl": (_FIELDS, (("User-Agent", "curl/8.5.0"),)),
    "traceparent": (
        _FIELDS,
        (
            ("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
            ("tracestate", "vendor=00f067aa0ba902b7"),
            ("baggage", "release=2.14.0,environment=test"),
        ),
    ),
    # In Turkish the small letter of I is another one, and amounts have a comma.
    "Accept-Language": (_FIELDS, (("Accept-Language", "tr, de-DE;q=0.9, *;q=0.5"),)),
    "the fields of a proxy": (
        _FIELDS,
        (
            ("X-Forwarded-For", "203.0.113.7, 10.0.0.2"),
            ("X-Forwarded-Proto", "https"),
            ("Forwarded", 'for="[2001:db8::17]:4711";proto=https'),
            ("Via", "1.1 proxy"),
            ("X-Request-ID", "req-7f3a91c2.1"),
            ("X-Amzn-Trace-Id", "Root=1-67891233-abcdef012345678912345678"),
        ),
    ),
    "the fields of a browser": (
        _FIELDS,
        (
            (
                "User-Agent",
                "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
            ),
            ("Cookie", f"{_COOKIES}; theme=dark; consent={'1' * 4096}"),
            ("Cache-Control", "no-cache"),
            ("Pragma", "no-cache"),
            ("Connection", "keep-alive"),
            ("DNT", "1"),
            ("Priority", "u=1, i"),
            ("Sec-Fetch-Dest", "empty"),
            ("Sec-Fetch-Mode", "cors"),
            ("X-Requested-With", "XMLHttpRequest"),
        ),
    ),
    # RFC 9110, sections 13.1.3 and 14.2: to be ignored with a POST.
    "fields for other methods": (
        _FIELDS,
        (
            ("Range", "bytes=0-9"),
            ("If-Modified-Since", "Wed, 01 Jan 2020 00:00:00 GMT"),
            ("Max-Forwards", "10"),
            ("Upgrade-Insecure-Requests", "1"),
        ),
    ),
    "Connection: close": (_FIELDS, (("Connection", "close"),)),
    "48 fields more": (_FIELDS, tuple((f"X-Field-{number}", "1") for number in range(1, 49))),
    "no gzip": (_FIELDS, (("Accept-Encoding", "gzip;q=0, identity"),)),
}
"""What clients and proxies send, with what a refusal counts against."""


_RIDING: tuple[tuple[str, Fields], ...] = (
    *_OF_CLIENTS.values(),
    *(
        (_FIELDS, (("Accept-Language", language),))
        for language in (
            "de",
            "fr-CH, fr;q=0.9",
            "ar-EG",
            "fa-IR",
            "th-TH",
            "zh-Hant-TW",
            "en-US,en",
            "*",
        )
    ),
    *(
        (_FIELDS, (("Accept-Encoding", coding),))
        for coding in (
            *("identity", "gzip;q=1.0, identity;q=0.5", "GZIP", "gzip, *;q=0.1"),
            "identity, *;q=0",
        )
    ),
    *(
        (_ACCEPT, (("Accept", accepted),))
        for accepted in (
            "application/json;charset=utf-8",
            "application/json, */*;q=0.1",
            "application/json;q=0.5",
            "application/problem+json, application/json",
            "image/png, */*",
        )
    ),
    *(
        (_FIELDS, (("User-Agent", agent),))
        for agent in (
            *("python-requests/2.32.3", "okhttp/4.12.0", "Java/17.0.12", "Go-http-client/1.1"),
            *("Apache-HttpClient/5.3 (Java/21)", "PostmanRuntime/7.42.0", "Wget/1.24", "x"),
        )
    ),
    (_FIELDS, (("Expect", "100-continue"),)),
    (_FIELDS, (("Accept-Charset", "iso-8859-1, utf-8;q=0.5"),)),
    (_FIELDS, (("TE", "trailers"), ("Connection", "TE"))),
    (_FIELDS, (("Keep-Alive", "timeout=5, max=100"), ("Connection", "keep-alive"))),
    (_FIELDS, (("Referer", "https://erp.example.com/orders?id=1"), ("From", "erp@example.com"))),
    (_FIELDS, (("X-Correlation-ID", "c0ffee00-0000-4000-8000-000000000001"), ("X-Tenant", "1"))),
    (_FIELDS, (("Cookie", 'session=e30.e30; note="a, b"; empty=; alone'),)),
    (_FIELDS, (("Prefer", "return=minimal, respond-async"),)),
    (_FIELDS, (("Content-Language", "de"), ("Date", "Thu, 01 Jan 2026 00:00:00 GMT"))),
    (_FIELDS, (("X-Timezone", "Asia/Tokyo"), ("X-Locale", "tr_TR"), ("X-Currency", "JPY"))),
    (_FIELDS, (("X-Forwarded-Host", "erp.example.com"), ("X-Forwarded-Port", "8443"))),
    (_FIELDS, (("X-Real-IP", "203.0.113.9"), ("CDN-Loop", "cdn"), ("X-Debug", "1"))),
    (_FIELDS, (("If-None-Match", '"7f3a"'), ("Save-Data", "on"), ("Sec-GPC", "1"))),
    (_FIELDS, (("X-B3-TraceId", "80f198ee56343ba864fe8b2a57d3eff7"), ("X-B3-Sampled", "1"))),
    (_FIELDS, (("Sec-CH-UA", '"Chromium";v="130"'), ("Sec-Fetch-Site", "same-origin"))),
)
"""Header fields that change no answer (RFC 9110, section 5.1), with what a refusal counts against:
they ride in requests that are sent for their bodies.
"""


def riding(contract: Contract) -> tuple[tuple[str, Fields], ...]:
    """Header fields that change no answer, and what a refusal counts against."""
    return tuple((about, _undocumented(contract, fields)) for about, fields in _RIDING)


def _undocumented(contract: Contract, fields: Fields) -> Fields:
    """The header fields without those that are parameters of the document: these do mean
    something.
    """
    known = {one.parameter.field for one in contract.parameters}
    return tuple(each for each in fields if each[0].lower() not in known)


def equivalent_bodies(contract: Contract, facts: TargetFacts) -> tuple[Case, ...]:
    """A valid invoice in other JSON texts of the same value (RFC 8259)."""
    invoice = lettered(contract, base(contract, facts), "Größe 鍵 😀 </b>")
    body = encode(invoice)
    bodies = {
        "white space everywhere": _spaced(invoice),
        "properties in reverse order": encode(_reversed(invoice)),
        "properties in the order of the alphabet": _dumped(invoice, sort_keys=True),
        "all beyond ASCII escaped": _dumped(invoice, ensure_ascii=True),
        "every character escaped": _escaped(body),
        "slashes and first letters of names escaped": re.sub(
            rb'"([a-z])(\w*":)', _escaped_letter, body.replace(b"/", b"\\/")
        ),
        **{name: _with_numbers(contract, invoice, write) for name, write in _NUMBERS.items()},
    }
    return tuple(Case(name, "encoding", sent) for name, sent in bodies.items())


def equivalent_requests(contract: Contract, facts: TargetFacts) -> tuple[Case, ...]:
    """A valid invoice in each way of sending."""
    body = partial(carried_body, contract, facts)
    return tuple(in_each_way(contract, facts, body, facts.key, _VALID))


def equivalent_errors(contract: Contract, facts: TargetFacts) -> tuple[Case, ...]:
    """An invalid invoice in each way of sending."""
    body = partial(invalid_body, contract, facts)
    return tuple(in_each_way(contract, facts, body, facts.key, _INVALID))


def unknown_orders(contract: Contract, facts: TargetFacts) -> tuple[Case, ...]:
    """An invoice for each id that no order has, with header fields that change no answer."""
    pairs = zip(invalid.unknown_orders(contract, facts), cycle(riding(contract)), strict=False)
    return tuple(_with_fields(case, fields, about) for case, (about, fields) in pairs)


def _with_fields(case: Case, fields: Fields, about: str) -> Case:
    replaced = {name.lower() for name, _ in fields}
    kept = (field for field in case.headers if field[0].lower() not in replaced)
    return replace(case, headers=(*kept, *fields), about=about)


def in_each_way(
    contract: Contract,
    facts: TargetFacts,
    body_of: Callable[[Carrier], bytes],
    key: str | None,
    turn: int,
    times: Mapping[str, int] = _TIMES,
) -> Iterator[Case]:
    """A body with this key, or none, in each way that means the same, and in carriers in turn.

    With the header fields of other clients (RFC 9110), in chunks (RFC 9112, section 7.1), with much
    white space (RFC 8259, section 2), and with a query that the document does not have. A case is
    of the kind `request.fields` or `request.query` where that alone is unusual; `times` says which
    ways are sent more than once.
    """
    used = rotation(contract, turn)
    bodies = map(body_of, used)
    header = contract.key_header
    usual: Fields = ((header, key),) if header else ()
    for name, fields in _REQUIRED.items():
        yield Case(name, "request", next(bodies), (*usual, *fields))
    yield Case("in chunks", "request", next(bodies), usual, chunked=True)
    body = body_of(replace(next(used), items=1))
    padded = body[:1] + b" " * (_PADDED - len(body)) + body[1:]
    yield Case("padded to 63 KiB", "request", padded, usual)
    body = next(bodies)
    in_small_letters: Fields = (
        *((header.lower(), key) for header in (header,) if header),
        ("user-agent", "undici"),
        ("accept", "application/json"),
        ("accept-encoding", "gzip"),
        ("content-type", "application/json"),
        ("content-length", str(len(body))),
    )
    yield Case("names in small letters", "request", body, in_small_letters, about=_FIELDS)
    for name, (about, fields) in {**_OF_CLIENTS, "an unknown query": (_QUERY, ())}.items():
        for time in range(times.get(name, 1)):
            carrier = next(used)
            if about == _QUERY and time == 1:
                carrier = replace(carrier, absent=EVERYTHING, status=NO_STATUS)
            again = f" ({carrier})" if time else ""
            body = body_of(carrier)
            sent = with_query(contract, _query(contract, facts, body)) if about == _QUERY else None
            known = (*usual, *_undocumented(contract, fields))
            case = Case(f"{name}{again}", about, body, known, sent, about=about)
            yield sent_as(contract, facts, case, carrier)


def _query(contract: Contract, facts: TargetFacts, body: bytes) -> str:
    """A query with what frameworks read by themselves, another free text, a valid value of the text
    that the body lacks, and an invalid one of each other property that may be left out.

    A framework that puts query and body together takes the value of a property from here.
    """
    sent, schema = json.loads(body), contract.narrowed_schema
    names = [name for name in schema["properties"] if name not in sent]
    required = schema.get("required", ())
    usual = {name: base(contract, facts).get(name) for name in names if name in required}
    lacked = {name: text for name, text in usual.items() if isinstance(text, str)}
    optional = {name: "7" for name in names if name not in required}
    text = {free_text(contract) or "lang": "query"}
    return encoded({**_OF_FRAMEWORKS, **optional, **lacked, **text})


def connections(contract: Contract, facts: TargetFacts) -> tuple[Series, ...]:
    """Valid invoices over one connection, and each over its own connection."""
    body = encode(base(contract, facts))
    return tuple(
        Series(
            name,
            "connections",
            tuple(Case(f"invoice {n + 1}", name, body, fresh=fresh) for n in range(_IN_A_SERIES)),
        )
        for name, fresh in (("one connection", False), ("a connection each", True))
    )


def methods(contract: Contract, facts: TargetFacts) -> tuple[Case, ...]:
    """A valid invoice with a method that is not in the document."""
    cases: list[Case] = []
    others = [method for method in _METHODS if method not in contract.operation.methods]
    for carrier, method in zip(few(contract, _VALID), cycle(others), strict=False):
        again = "" if len(cases) < len(others) else f" ({carrier})"
        body = carried_body(contract, facts, carrier)
        case = Case(f"{method}{again}", "another method", body, method=method)
        cases.append(sent_as(contract, facts, case, carrier))
    return tuple(cases)


def _scientific(number: Decimal) -> str:
    return f"{number:E}"


def _scaled(number: Decimal) -> str:
    """19.99 as 199900e-4."""
    return f"{int(number * 10_000)}e-4"


def _padded(number: Decimal) -> str:
    return f"{number:.4f}"


def _long(number: Decimal) -> str:
    return f"{number:.40f}"


_NUMBERS: dict[str, Callable[[Decimal], str]] = {
    "amounts with an exponent": _scientific,
    "amounts with a negative exponent": _scaled,
    "amounts with zeros at the end": _padded,
    "amounts of forty decimals": _long,
}
"""Only for amounts: not every reader takes a number with an exponent for an integer."""


def _dumped(invoice: Json, **options: Any) -> bytes:
    return json.dumps(invoice, **{"ensure_ascii": False, **options}).encode()


def _spaced(invoice: Json) -> bytes:
    text = json.dumps(invoice, ensure_ascii=False, indent="\t", separators=(" \r,", " : "))
    return f"\r\n\t {text} \n\n".encode()


def _reversed(value: Json) -> Json:
    """The value with the properties of every object in reverse; arrays keep their order."""
    match value:
        case dict():
            return {name: _reversed(value[name]) for name in reversed(value)}
        case list():
            return [_reversed(element) for element in value]
    return value


def _escaped(body: bytes) -> bytes:
    r"""The body with every character of every string and name as `\u` escapes in UTF-16."""

    def escape(text: re.Match[str]) -> str:
        units = json.loads(text[0]).encode("utf-16-be")
        return '"' + re.sub("(....)", r"\\u\1", units.hex()) + '"'

    return re.sub(r'"(?:[^"\\]|\\.)*"', escape, body.decode()).encode()


def _escaped_letter(name: re.Match[bytes]) -> bytes:
    return b'"\\u%04x%b' % (ord(name[1]), name[2])


def _with_numbers(contract: Contract, invoice: Json, write: Callable[[Decimal], str]) -> bytes:
    """The invoice with every amount as `write` gives it."""
    marked = encode(_marked(contract.narrowed_schema, invoice, write))
    return re.sub(rb'"<number (.*?)>"', rb"\1", marked)


def _marked(schema: Json, value: Json, write: Callable[[Decimal], str]) -> Json:
    """The value with the text `<number ...>` for each number that need not be an integer."""
    match value:
        case dict():
            inner = schema.get("properties", {})
            return {name: _marked(inner.get(name, {}), each, write) for name, each in value.items()}
        case list():
            return [_marked(schema.get("items", {}), each, write) for each in value]
        case int() | float() if main_type(schema) == "number":
            return f"<number {write(Decimal(repr(value)))}>"
    return value
