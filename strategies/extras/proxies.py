"""Header fields of proxies and clients, and queries, in many spellings: none has a use here."""

from spec.contract import PLACEHOLDER

Fields = tuple[tuple[str, str | None], ...]
"""Header fields that replace the usual ones of the same name; None for none."""

PREFLIGHT: Fields = (
    ("Access-Control-Request-Method", "POST"),
    ("Access-Control-Request-Headers", "content-type,x-api-key"),
)
"""What a browser asks before it sends the request of a page (Fetch, section 3.2.2), by OPTIONS and
without a key. With another method it is a field as any other.
"""

_OF_ONE_FIELD: dict[str, tuple[str, ...]] = {
    "X-Forwarded-For": (
        *("2001:db8::7", "2001:db8:0:0:0:0:0:7, 10.0.0.2", "[2001:db8::7]", "[2001:db8::7]:51234"),
        *("203.0.113.7:51234", "203.0.113.7:51234, 10.0.0.2:80", "::1", "::ffff:203.0.113.7"),
        *("fe80::1%eth0", "unknown", "_hidden", "203.0.113.7,10.0.0.2,10.0.0.3", '"[2001:db8::7]"'),
        *(
            "client.example.com",
            "203.0.113.7, , 10.0.0.2",
            "999.1.1.1",
            "-",
            "null",
            "203.0.113.7,",
        ),
        ", ".join(f"10.0.{n}.1" for n in range(40)),
    ),
    "X-Real-IP": ("2001:db8::9", "203.0.113.9:443", "[2001:db8::9]:443", "unknown"),
    "True-Client-IP": ("2001:db8::8", "203.0.113.8:1"),
    "Forwarded": (
        'for="[2001:db8::17]"',
        'For="[2001:db8:cafe::17]:4711"',
        "for=192.0.2.43, for=198.51.100.17",
        'for=unknown;by=_b;host="erp.example.com:8443";proto=https',
        "for=192.0.2.60;proto=https;by=203.0.113.43",
        'for="192.0.2.43:47011"',
        "for=_hidden, for=_SEVKISEK",
    ),
    "X-Forwarded-Proto": ("https,http", "HTTPS", "https, https"),
    "X-Forwarded-Host": (
        "erp.example.com:8443",
        "a.example, b.example",
        "[2001:db8::7]:443",
        "ERP",
    ),
    "X-Forwarded-Port": ("443,80", "443"),
    "Via": ("1.1 a:8080 (Apache/2.4), HTTP/2 [2001:db8::7]:443", "2 b", "HTTP/1.1 c.example"),
    "User-Agent": (
        f"Mozilla/5.0 ({'x' * 300})",
        "a" * 255,
        "a" * 256,
        f"Mozilla/5.0{' (a; b)' * 150}",
        "a/1; 'b' \"c\" <d> {e} \\f %g",
        "-",
        "(unclosed",
    ),
    "Referer": (
        f"https://erp.example.com/{'a' * 300}",
        f"https://erp.example.com/?{'a=b&' * 500}",
        "https://erp.example.com/a?b=%E9&c=%00#d",
        "about:blank",
        "/orders/1",
        "android-app://com.example.erp/",
        "https://xn--bcher-kva.example:8443/a?b=%22c%22",
    ),
    "Cookie": (
        "a",
        "a=b=c; =d; ;e=; f",
        '$Version="1"; a="b"; $Path="/"',
        "a=%E9; b=%00; c=%zz",
        "{f}=g; h/i=1; j@k=2; a[b]=1; a[c]=2; __Host-d=e",
        "; ".join(f"c{n}=v" for n in range(120)),
        "session=" + "x" * 3000,
        'a={"b":1,"c":[2]}',
        "lang=tr_TR; tz=Asia/Tokyo; PHPSESSID=../a; JSESSIONID=!1",
    ),
    "traceparent": (
        "none",
        "00-00000000000000000000000000000000-0000000000000000-00",
        "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00F067AA0BA902B7-01",
        "00-4bf92f35-00f067aa-01",
        "-",
    ),
    "tracestate": ("a=1,,b=2", "=", "a" * 600, "a=1,a=2"),
    "baggage": ("a=%E9,b", "a;b=c;d,e=f", ","),
    "X-Request-ID": (
        "a" * 300,
        "a b/c;d",
        "1",
        "{7f3a91c2-0b1d-4e5f-8a6b-1c2d3e4f5a6b}",
        "a.b:c=d",
    ),
    "X-Correlation-ID": ("not-a-uuid", "7F3A91C2-0B1D-4E5F-8A6B-1C2D3E4F5A6B", "0"),
    "X-B3-TraceId": ("1", "x"),
    "b3": ("80f198ee56343ba864fe8b2a57d3eff7-e457b5a2e4d86bd1-1-05e3ac9a4f6e3b90", "d", "a-b"),
    "X-Amzn-Trace-Id": ("Root=1-a;Parent=b;Sampled=?", "Self=1", "a"),
    "X-Cloud-Trace-Context": ("105445aa7843bc8bf206b12000100000/1;o=1", "a/b"),
    "sentry-trace": ("a", "-"),
    "Accept-Language": (
        *(
            "en_US",
            "en;q=1.0000",
            "en;q=2",
            "q=1",
            "xx-klingon-1",
            "*-US",
            "i-default",
            ",",
            "de,,en",
        ),
        *("zh-Hans-CN-x-private-1234567", "en-US,en;q=0.9,*;q=0", "EN", "tlh", "und", "a" * 200),
        ",".join(f"a{chr(97 + n % 26)};q=0.{n % 10}" for n in range(100)),
    ),
    "If-Modified-Since": (
        "yesterday",
        "2025-01-01T00:00:00Z",
        "Sat, 01 Jan 2050 00:00:00 GMT",
    ),
    "Range": ("bytes=abc", "items=0-9"),
    "Cache-Control": ("no-store, max-age=abc", "max-age=99999999999999999999", "=,"),
    "DNT": ("",),
    "Priority": ("u=9, i=?0",),
    "Save-Data": ("1", ""),
    "X-Timezone": ("Mars/Olympus", "+25:00", ""),
    "X-Requested-With": ("com.example.app", ""),
    "Keep-Alive": ("timeout=a", "300"),
    "Prefer": ("return=representation; a, wait=abc", "="),
    "X-Client-Version": ("1", "v2.14.0-rc.1+build", "a.b.c"),
    "X-Request-Start": ("t=abc", "1700000000.123"),
}
"""Values of known fields: most as their senders write them, some as they should not, which HTTP and
the makers of these fields have the reader ignore.
"""

SPELLINGS = tuple((name, value) for name, values in _OF_ONE_FIELD.items() for value in values)
"""Each field with each of its values."""

UNASKED: tuple[Fields, ...] = (
    # A scheme is for who asked for one; the key is what counts here.
    (("Authorization", "Bearer eyJhbGciOiJub25lIn0.e30."),),
    (("Authorization", "Basic YWRtaW46YWRtaW4="),),
    (("Authorization", ""),),
    # How a request came to a proxy is no reason to send it elsewhere.
    (("X-Forwarded-Proto", "http"),),
    (("CF-Visitor", '{"scheme":"http"}'), ("X-Forwarded-Scheme", "http")),
    (("X-Forwarded-Ssl", "off"), ("Front-End-Https", "off"), ("X-Forwarded-Port", "80")),
    (("X-API-Version", "2024-01-01"), ("Api-Version", "2024-01-01"), ("Accept-Version", "2")),
    # Where a page is from. A service may refuse one, but must not stumble over it.
    (("Origin", "null"),),
    # An offer that a proxy hands on, which is none any more (RFC 9110, section 7.8).
    (("Upgrade", "h2c"),),
    (("Idempotency-Key", PLACEHOLDER),),
)
"""What clients and proxies send though nobody asked for it."""

ORIGINS = (
    # A page of another host, one that is being made, and what is no page of the web.
    *("https://example.com", "http://localhost:3000", "file://"),
    "chrome-extension://aapbdbdomjkkjkaonfhkkikfgjllcleb",
)
"""Where a request with the right key may be from, each by itself; as with null, 403 is no fault."""


def _site(site: str, mode: str, kind: str) -> Fields:
    """What a browser says of a request (Fetch Metadata Request Headers, section 2)."""
    return (("Sec-Fetch-Site", site), ("Sec-Fetch-Mode", mode), ("Sec-Fetch-Dest", kind))


NO_SITE = (_site("none", "navigate", "document"), _site("none", "cors", "empty"))
"""An address that was typed in, or what an extension asks for: they make no difference."""
OTHER_SITES = (
    *(_site("cross-site", "cors", "empty"), _site("same-site", "cors", "empty")),
    *(_site("cross-site", "navigate", "document"), _site("same-site", "no-cors", "empty")),
)
"""A page of another site, or of another host of this one; as of an Origin, 403 is no fault."""

FROM_A_PROXY: tuple[Fields, ...] = (
    (
        *(("CF-Connecting-IP", "2001:db8::8"), ("X-Envoy-External-Address", "203.0.113.8")),
        *(("Fastly-Client-IP", "2001:db8::8"), ("X-Cluster-Client-IP", "203.0.113.8")),
        *(("X-Client-IP", "203.0.113.8"), ("X-Original-Forwarded-For", "2001:db8::8, 10.0.0.2")),
    ),
    (
        *(("X-Forwarded-URI", "/a/b?c=d%20e"), ("X-Forwarded-Method", "POST")),
        *(("X-Original-URI", "/a/b?c=d%20e"), ("X-Forwarded-Server", "gateway.example.com")),
    ),
)
"""What gateways and CDNs say of a request that they hand on: whose it was, and what was asked for.
Who they say that a caller is may count, so that is sent without the right key alone.
"""

QUERIES = (
    *(
        "q=caf%E9",
        "q=%C2%A0",
        "%C2%A0=1",
        "q=%A9",
        "%E9",
        "q=%C3",
        "q=%ED%A0%80",
        "q=%E2%82%AC",
        "q=%25u0041",
    ),
    *(
        "q=%25zz",
        "q=%252F",
        "q=%F0%9F%98%80",
        "q=%e9%8d",
        "q=%E2%80%AE",
        "q=%23%26%3D",
        "q=%7E",
        "q=%EF%BF%BF",
    ),
    *(
        ";",
        "&&",
        "=",
        "==",
        "&=&",
        "a&",
        "&a",
        "a=1&&b=2",
        "?",
        "??a",
        "a?b=c",
        "a=?",
        "/",
        "a/b",
        ":",
    ),
    *(
        "a%5B%5D=1",
        "a%5B%5D=1&a%5B%5D=2",
        "a%5Bb%5D=c",
        "a%5Bb%5D%5Bc%5D=d",
        "a%5B=1",
        "a%5D=1",
        "a%5B0%5D=1&a%5Bb%5D=2",
        "%5Ba%5D=1",
        "a=1&a%5Bb%5D=2",
    ),
    *(
        "a%5B__proto__%5D%5Bb%5D=1",
        "a.b.c=1",
        "a%5B%5D%5Bb%5D=1",
        "a%5B99999%5D=1",
        "%5B%5D=1",
        "%7Ba%7D=1",
        "a=%22b%22%7C",
    ),
    *(
        "fields=-id",
        "callback=x.y",
        "_method=",
        "debug=",
        "debug=0",
        "page=-1",
        "page=abc",
        "limit=abc",
    ),
    *("limit=-1", "size=99999999999999999999", "sort=a,desc&sort=b", "page=1&page=2", "$top=abc"),
    *(
        "$filter=a%20eq%20'b'",
        "filter%5Ba%5D=b",
        "include=../a",
        "format=",
        "lang=xx",
        "locale=%E9",
        "tz=abc",
    ),
    *(
        "version=abc",
        "v=1.0",
        "api-version=2099-01-01",
        "timestamp=1700000000&signature=a",
        "dry_run=1",
    ),
    *(
        "validate=false",
        "force=1",
        "test=true",
        "mode=test",
        "strict=0",
        "user=admin",
        "role=admin",
    ),
    *(
        "q=select+a+from+b",
        "q=1+or+1=1",
        "q=%3Cscript%3E",
        "q=../../a",
        "q=$%7Ba%7D",
        "q=%7B%7Ba%7D%7D",
    ),
    f"{'&'.join(f'a{n}={n}' for n in range(300))}",
    f"a={'%E9' * 400}",
    f"{'a' * 1200}=1",
)
"""Queries that a reader of forms, of bytes or of frameworks' parameters stumbles over; without
control characters and bytes that UTF-8 never has, which servers refuse (RFC 3986, section 7.3).
"""
