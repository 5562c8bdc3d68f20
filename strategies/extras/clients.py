"""What other clients send besides the body: header fields and queries that change no answer.

They are extras of requests that are sent for their bodies, and cost none.
"""

import json
from functools import cache
from typing import NamedTuple
from urllib.parse import parse_qsl

from spec.contract import PLACEHOLDER, Contract, TargetFacts
from spec.parameters import HEADER
from spec.parameters import QUERY as IN_QUERY
from spec.requirements import Requirement
from strategies.cases import free_text
from strategies.extras.proxies import (
    FROM_A_PROXY,
    NO_SITE,
    ORIGINS,
    OTHER_SITES,
    PREFLIGHT,
    QUERIES,
    SPELLINGS,
    UNASKED,
    Fields,
)
from strategies.extras.writings import MORE_WRITINGS, WRITINGS, Writing
from strategies.invoice import encoded, plain_invoice
from strategies.parameters import with_query
from strategies.scalars import main_type

FIELDS, ACCEPT, QUERY = "request.fields", "request.accept", "request.query"
"""What a refusal of an unusual request counts against; HTTP allows it, so they are SHOULDs."""


class Way(NamedTuple):
    """Header fields, a query or another way to write the body, with what a refusal of them counts
    against; nothing where it counts against what the body is about.
    """

    about: str
    fields: Fields = ()
    query: str = ""
    write: Writing | None = None

    def subject(self, contract: Contract) -> Requirement | None:
        """The requirement that a refusal of it counts against, if it has one of its own."""
        return contract.named(self.about) if self.about else None


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
    "_method": "PUT",
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

_COOKIES = "_ga=GA1.1.1234567890.1700000000; sessionid=7f3a; JSESSIONID=1A2B; PHPSESSID=9c"
"""What a browser has of other pages of the same host."""

OF_CLIENTS: dict[str, tuple[str, Fields]] = {
    "the Accept of axios": (ACCEPT, (("Accept", "application/json, text/plain, */*"),)),
    "the Accept of a browser": (
        ACCEPT,
        (("Accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"),),
    ),
    "an Accept with weights": (ACCEPT, (("Accept", "text/plain;q=0.5, Application/JSON;q=0.9"),)),
    "an Accept of a range": (ACCEPT, (("Accept", "application/*"),)),
    "no User-Agent": (FIELDS, (("User-Agent", None),)),
    "the User-Agent of curl": (FIELDS, (("User-Agent", "curl/8.5.0"),)),
    "traceparent": (
        FIELDS,
        (
            ("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
            ("tracestate", "vendor=00f067aa0ba902b7"),
            ("baggage", "release=2.14.0,environment=test"),
        ),
    ),
    # In Turkish the small letter of I is another one, and amounts have a comma.
    "Accept-Language": (
        FIELDS,
        (
            ("Accept-Language", "tr, de-DE;q=0.9, *;q=0.5"),
            ("Accept-Charset", "iso-8859-1, utf-8;q=0.5"),
        ),
    ),
    "the fields of a proxy": (
        FIELDS,
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
        FIELDS,
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
        FIELDS,
        (
            ("Range", "bytes=0-9"),
            ("If-Modified-Since", "Wed, 01 Jan 2020 00:00:00 GMT"),
            ("Max-Forwards", "10"),
            ("Upgrade-Insecure-Requests", "1"),
        ),
    ),
    "Connection: close": (FIELDS, (("Connection", "close"),)),
    "48 fields more": (FIELDS, tuple((f"X-Field-{number}", "1") for number in range(1, 49))),
    "no gzip": (FIELDS, (("Accept-Encoding", "gzip;q=0, identity"),)),
}
"""What clients and proxies send, with what a refusal counts against."""


PROBLEM = "application/problem+json"
"""Errors as RFC 9457 has them."""

_MAY_BE_EMPTY = (
    *("User-Agent", "Accept-Language", "Accept-Encoding", "Accept-Charset", "Cookie", "Referer"),
    *("X-Request-ID", "X-Correlation-ID", "X-Forwarded-For", "Forwarded", "Via", "X-Real-IP"),
    *("Cache-Control", "Pragma", "traceparent", "tracestate", "baggage", "X-Forwarded-Proto"),
    *("If-Modified-Since", "Prefer", "X-Timezone", "X-Tenant", "Date"),
)
"""What clients send without a value where their own setting is empty."""

_EXTRA_FIELDS: tuple[tuple[str, Fields], ...] = (
    *OF_CLIENTS.values(),
    *(
        (FIELDS, (("Accept-Language", language),))
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
        (FIELDS, (("Accept-Encoding", coding),))
        for coding in (
            *("identity", "gzip;q=1.0, identity;q=0.5", "GZIP", "gzip, *;q=0.1"),
            "identity, *;q=0",
        )
    ),
    *(
        (ACCEPT, (("Accept", accepted),))
        for accepted in (
            "application/json;charset=utf-8",
            "application/json, */*;q=0.1",
            "application/json;q=0.5",
            f"{PROBLEM}, application/json",
            "image/png, */*",
            "application/json, text/javascript, */*; q=0.01",
            "application/json, text/event-stream",
            "*/*; q=0.5, application/xml",
            "application/vnd.wizcommerce.v1+json, */*;q=0.1",
            "application/json, application/*+json",
            "application/xml, application/json",
            "text/xml, */*",
            "application/hal+json, application/json;q=0.9",
            "application/vnd.api+json, application/json",
            "application/ld+json, application/json",
            "application/json;q=1.000, */*;q=0.001",
            f"application/json, {PROBLEM};q=0.9",
            f"application/json,{PROBLEM};q=0.1,*/*;q=0.01",
            "text/html;q=0.1, application/json",
            "*/*;q=0.1, application/json, text/csv;q=0.2",
            "application/json; profile=a, application/json",
            "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2",
        )
    ),
    *(
        (FIELDS, (("User-Agent", agent),))
        for agent in (
            *("python-requests/2.32.3", "okhttp/4.12.0", "Java/17.0.12", "Go-http-client/1.1"),
            *("Apache-HttpClient/5.3 (Java/21)", "PostmanRuntime/7.42.0", "Wget/1.24", "x"),
            *("GuzzleHttp/7", "Python-urllib/3.11", "Zapier", "node-fetch", "WooCommerce/8.9"),
        )
    ),
    # RFC 9110, sections 5.5 and 5.6.1: a list may have no element, and a field no value.
    *((ACCEPT, (("Accept", nothing),)) for nothing in ("", ",", "")),
    *((FIELDS, ((name, ""),)) for name in _MAY_BE_EMPTY),
    (FIELDS, tuple((name, "") for name in _MAY_BE_EMPTY)),
    # RFC 9110, section 5.3: a list may come in several lines.
    (ACCEPT, (("Accept", "application/json\ntext/plain;q=0.5"),)),
    (FIELDS, (("Accept-Language", "de\nen;q=0.5"),)),
    (FIELDS, (("X-Forwarded-For", "203.0.113.7\n10.0.0.2"),)),
    (FIELDS, (("Via", "1.1 a\n1.1 b"), ("Cache-Control", "no-cache\nmax-age=0"))),
    (FIELDS, (("Expect", "100-Continue"),)),
    (FIELDS, (("TE", "trailers"), ("Connection", "TE"))),
    (FIELDS, (("Keep-Alive", "timeout=5, max=100"), ("Connection", "keep-alive"))),
    (FIELDS, (("Referer", "https://erp.example.com/orders?id=1"), ("From", "erp@example.com"))),
    (FIELDS, (("X-Correlation-ID", "c0ffee00-0000-4000-8000-000000000001"), ("X-Tenant", "1"))),
    (FIELDS, (("Cookie", 'session=e30.e30; note="a, b"; empty=; alone; a=1; a=2'),)),
    (FIELDS, (("Prefer", "return=minimal, respond-async"),)),
    (FIELDS, (("Content-Language", "de"), ("Date", "Thu, 01 Jan 2026 00:00:00 GMT"))),
    (FIELDS, (("X-Timezone", "Asia/Tokyo"), ("X-Locale", "tr_TR"), ("X-Currency", "JPY"))),
    (FIELDS, (("X-Forwarded-Host", "erp.example.com"), ("X-Forwarded-Port", "8443"))),
    (FIELDS, (("X-Forwarded-For", "unknown, 10.0.0.1"), ("Forwarded", "for=_hidden"))),
    (FIELDS, (("X-Real-IP", "203.0.113.9"), ("CDN-Loop", "cdn"), ("X-Debug", "1"))),
    (FIELDS, (("If-None-Match", '"7f3a"'), ("Save-Data", "on"), ("Sec-GPC", "1"))),
    (FIELDS, (("X-B3-TraceId", "80f198ee56343ba864fe8b2a57d3eff7"), ("X-B3-Sampled", "1"))),
    *(
        (FIELDS, tuple((name, value) for name, value in fields.items()))
        for fields in (
            dict.fromkeys(("X-HTTP-Method-Override", "X-HTTP-Method"), "POST"),
            {"X-Method-Override": "POST", "X-Fields": "id", "X-Sort": "-name"},
            {"X-Forwarded-Prefix": "/api", "X-Forwarded-Ssl": "on", "Front-End-Https": "on"},
            {"X-CSRF-Token": "a1b2", "X-XSRF-TOKEN": "a1b2", "Cookie2": "$Version=1"},
            {"X-Datadog-Trace-Id": "123", "uber-trace-id": "3a:1:0:1", "newrelic": "e30="},
            {"sentry-trace": "d4cda95b652f4a1592b449d5929fda1b-6e0c63257de34c92-1", "b3": "0"},
            {"X-Client-Version": "2.14.0", "X-Platform": "ios", "X-Device-ID": "a-1"},
            {"X-Amz-Date": "20250101T000000Z", "X-Goog-Api-Client": "gl-java/17"},
            {"Viewport-Width": "1280", "DPR": "2.0", "Device-Memory": "8", "ECT": "4g"},
            {"MIME-Version": "1.0", "Content-Disposition": "inline", "X-Mailer": "a"},
            {"X-Request-Start": "t=1700000000", "X-Timer": "S1,VS0", "X-Session-ID": "s-1"},
            {"Warning": '199 - "a"', "Link": "<https://a.example>; rel=next", "Pragma": "a"},
            {"A-IM": "feed", "Want-Digest": "sha-256", "Translate": "f", "Max-Forwards": "0"},
            {"X-Note": "", "X-Long": "a" * 2000, "User-Agent": "axios/1.7.7"},
            {"CF-Ray": "7f3a91c2-FRA", "CF-Visitor": '{"scheme":"https"}', "CF-IPCountry": "DE"},
            {"CloudFront-Viewer-Country": "DE", "X-Scheme": "https", "X-Envoy-Attempt-Count": "2"},
            {"Proxy-Connection": "keep-alive", "User-Agent": "PHP/8.3", "X-User-ID": "7"},
        )
    ),
    (FIELDS, (("Sec-CH-UA", '"Chromium";v="130"'), ("Sec-Fetch-Site", "same-origin"))),
    *((FIELDS, fields) for fields in UNASKED),
    *((FIELDS, fields) for fields in NO_SITE),
    *((FIELDS, (spelling,)) for spelling in SPELLINGS),
    (FIELDS, (("Origin", "null"), *PREFLIGHT)),
    *((FIELDS, fields) for fields in FROM_A_PROXY),
    *((FIELDS, (("Origin", origin),)) for origin in ORIGINS),
    *((FIELDS, fields) for fields in OTHER_SITES),
)
"""Header fields that change no answer (RFC 9110, section 5.1), with what a refusal counts against:
they are extras of requests that are sent for their bodies.
"""


_QUERIES = (
    *("_method=PUT", "_method=DELETE&method=DELETE", "X-HTTP-Method-Override=PUT", "_method=get"),
    *("_format=xml&_locale=de", "format=csv", "jsonp=a&callback=a", "alt=media&prettyPrint=false"),
    *("debug=1&trace=1&verbose=true", "XDEBUG_SESSION_START=1", "_=1700000000&cb=1&nocache=1"),
    *("utm_source=a&utm_medium=b&gclid=c&fbclid=d", "PHPSESSID=1&jsessionid=2&sid=3", "wsdl"),
    *("filter=a&q=b&search=c&where=d&query=e", "order=asc&order_by=a&group=b&group_by=c&sort=d"),
    *(
        "cursor=a&after=b&before=c&count=1&skip=1",
        "$skip=1&$filter=a&$count=true&take=1",
    ),
    *(
        "embed=a&_embed=1&_fields=id&view=a&depth=0",
        "version=2&v=2&rev=1",
        "fields=id",
    ),
    *("timeout=1&async=true&wait=false", "action=delete&controller=a&cmd=b"),
    "ids=1,2&id=3&_id=4",
    *("a", "a=", "a=1&a=2&a=1", "a%5B%5D=1&a%5B%5D=2&b.c=1", "a=1;b=2", "a=%27%22%3Cb%3E%20%2B+-"),
    *(
        "a=..%2F..%2Fb",
        "a=%E9%8D%B5&%C3%A9=%F0%9F%98%80",
        "__proto__=1&constructor=b",
        "a=b=c&=d",
    ),
    f"a={'1' * 1500}",
    *QUERIES,
)
"""Queries that other APIs, frameworks and tools of marketing read, and ways to write one."""


@cache
def extra_ways(contract: Contract) -> tuple[Way, ...]:
    """What changes no answer: header fields, a query in every fourth request or so, and the other
    ways to write a body.
    """
    known = {one.parameter.name for one in contract.parameters if one.parameter.place == IN_QUERY}
    fields = [Way(about, undocumented(contract, fields)) for about, fields in _EXTRA_FIELDS]
    queries = [
        Way(QUERY, query=with_query(contract, query))
        for query in (*_QUERIES, _names(contract))
        if not known & dict(parse_qsl(query, keep_blank_values=True)).keys()
    ]
    queries += [Way("", write=write) for write in (*WRITINGS.values(), *MORE_WRITINGS)]
    ways: list[Way] = []
    for number, way in enumerate(fields):
        ways.append(way)
        if number % 3 == 2 and number // 3 < len(queries):
            ways.append(queries[number // 3])
    return (*ways, *queries[len(fields) // 3 :])


_RELAXING = (
    "validate=false&strict=0&dry_run=1&force=1&preview=true&test=true&mode=test&draft=true"
    "&partial=true&skip_validation=1&import=1"
)
"""What asks for fewer checks, where a service has a switch for it."""
_BETWEEN = 7
"""Ways between one such query and the next: each keyword and many properties meet it."""


def ways_of_refused(contract: Contract) -> tuple[Way, ...]:
    """The same for an invoice that is refused; without an Accept that asks for another kind of
    error than the document has, and often with a query that asks for fewer checks.
    """
    usual = [
        way
        for way in extra_ways(contract)
        if not (asks_for_other_errors(way) or is_kept_under_a_key(way))
    ]
    known = {one.parameter.name for one in contract.parameters if one.parameter.place == IN_QUERY}
    relaxing = (
        [Way(QUERY, query=with_query(contract, _RELAXING))]
        if known.isdisjoint(dict(parse_qsl(_RELAXING)))
        else []
    )
    starts = range(0, len(usual), _BETWEEN)
    return tuple(way for at in starts for way in (*usual[at : at + _BETWEEN], *relaxing))


def asks_for_other_errors(way: Way) -> bool:
    """Whether it asks for another kind of error than the document has no less than for that one."""
    asked = "".join(value or "" for _, value in way.fields)
    return PROBLEM in asked and f"{PROBLEM};q=" not in asked


def is_kept_under_a_key(way: Way) -> bool:
    """Whether a server may keep the answer to the request, and give it again: a refusal, too."""
    return any(PLACEHOLDER in (value or "") for _, value in way.fields)


def _names(contract: Contract) -> str:
    """The names of all properties that are one value, each with a value of its own."""
    properties = contract.narrowed_schema["properties"].items()
    return encoded({name: "7" for name, one in properties if main_type(one) not in ("array", "")})


def undocumented(contract: Contract, fields: Fields) -> Fields:
    """The header fields without those that are parameters of the document: these do mean
    something. So does any Accept where an invoice may come back as something else than JSON.
    """
    operation = contract.operation
    known = {one.field for one in operation.parameters}
    known |= {one.name.lower() for one in operation.unsent if one.place == HEADER}
    if not all(
        name.endswith("json") for name in contract.media_types_of(int(contract.operation.created))
    ):
        known.add("accept")
    return tuple(each for each in fields if each[0].lower() not in known)


def query_beside(contract: Contract, facts: TargetFacts, body: bytes) -> str:
    """A query with what frameworks read by themselves, another free text, a valid value of the text
    that the body lacks, and an invalid one of each other property that may be left out.

    A framework that puts query and body together takes the value of a property from here.
    """
    sent, schema = json.loads(body), contract.narrowed_schema
    names = [name for name in schema["properties"] if name not in sent]
    required = schema.get("required", ())
    usual = {name: plain_invoice(contract, facts).get(name) for name in names if name in required}
    lacked = {name: text for name, text in usual.items() if isinstance(text, str)}
    optional = {name: "7" for name in names if name not in required}
    text = {free_text(contract) or "lang": "query"}
    return encoded({**_OF_FRAMEWORKS, **optional, **lacked, **text})
