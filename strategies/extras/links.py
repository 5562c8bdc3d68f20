"""Valid URLs that servers change, or cut where a column ends."""

from collections.abc import Iterator

SITE = "https://billing.example.com"
_QUERY = "no=1&lang=de&x=%C3%A9&y=a+b&z=1;2&u=https://a.example/?b=c&m=a@b.example&t=~'!()*,$:-_."
_ENDS = (
    *(
        "?",
        "?no",
        "?no=",
        "?no=1&",
        "?&no=1",
        "?no=1&&a=2",
        "?a=1;b=2",
        "?a=b:c",
        "?a=b/c",
        "?a=@b",
    ),
    *(
        "?a=%5B1%5D",
        "?a=1&a=2&a=1",
        "?A=1&a=2",
        "?b=2&a=1",
        "?a=%00",
        "?a=%0A",
        "?a=%25",
        "?a=%3Cb%3E",
    ),
    *("?a=%22b%22", "?a=%27b", "?a=%E2%82%AC", "?a=%F0%9F%98%80", "?a=%FF", "?a=javascript:b"),
    *("?amp;a=1", "?a=1&amp;b=2", "?sig=a%2Fb%3D%3D&X-Amz-Expires=60", "?token=a&password=b&key=c"),
    *(
        "?redirect=//a.example",
        "?a={}".replace("{}", "%7B%7D"),
        "?a=..%2F..",
        "?a=1%20OR%201",
        "?-a",
    ),
    *(
        "#",
        "#a",
        "#!/a",
        "#/a?b=c",
        "#a=b&c=d",
        "#:~:text=a",
        "?a=1#b",
        "?#",
        "/#",
        "#a?b",
        "?a#b/c",
    ),
    *(
        "/a.php",
        "/a.html",
        "/a.exe",
        "/A.PDF",
        "/index.php/a",
        "/a/index.html",
        "/a.",
        "/.a",
        "/a-",
    ),
    *(
        "/a//",
        "//a",
        "/a/../b",
        "/./a",
        "/%2e%2e/a",
        "/a%2Fb",
        "/%E9",
        "/a%2fb",
        "/a%5Cb",
        "/%41%42",
        "/a%7Eb",
    ),
    *("/a;jsessionid=1A2B3C", "/a;v=1.2/b;c=d,e", ";a=b", "/a;", "/;a/b?c=d;e=f"),
    *("/$a", "/@a/b", "/a:b", "/a=b", "/a&b", "/a,b;c", "/(a)", "/a'b", "/*", "/!a", "/~a", "/a+b"),
    *(
        "/2024/01/02/a",
        "/7f3a91c2-0b1d-4e5f-8a6b-1c2d3e4f5a6b",
        "/YWI=",
        "/a_b",
        "/A/b/C",
        "/1",
        "/0",
    ),
)
_PLACES = (
    *(":8080/a", ":1/a", ":65535/a", ":8443", ":8443?a=1", ":8443#a", ":443", ":443/", ":080/a"),
)
_STARTS = (
    *(
        "http://billing.example.com:80",
        "http://billing.example.com:443/",
        "Https://billing.example.com/",
    ),
    *("https://www.example.com/a", "https://a.b.c.d.e.f.example.com/a", "https://1.example.com/a"),
    *(f"https://{'a' * 63}.example/a", "https://3com.example/a", "https://a--b.example.com/a"),
    *("https://BILLING.EXAMPLE.COM/A", "http://8.8.4.4:8080/a?b=c", "https://example.museum/a"),
    *(
        "https://xn--e1afmkfd.xn--p1ai/7",
        "https://xn--fiqs8s.xn--55qx5d",
        "https://a.travelersinsurance",
    ),
    *(
        "https://example.photography",
        "https://example.co.uk/a",
        "https://example.com.au",
        "https://a.io",
    ),
    *(
        "https://sub.example.gov.br/",
        "https://b.xyz?a",
        "https://c.dev#a",
        "https://9.example.app/1",
    ),
    *("https://docs.example.org/d/1/edit#gid=0", "https://a.co/1", "https://a.example/b?c#d"),
)
_MORE_ENDS = (
    # Escapes of what a path, a query or another reader gives a meaning, and of other letters.
    *("/%F0%9F%98%80", "/%C3%BC/%E9%8D%B5", "/a%20", "/a%3Fb=c", "/a%23b", "/a%26b", "/%2525"),
    *("/%61%2e%70%64%66", "?a=b%20&c=%2B1+2", "?%61=%C3%BC&b=100%25", "?a%3D1=%26", "?a.b=1&c-d=2"),
    # Files, routes of applications, and paths of many parts or of dots.
    *("/a.json", "/a.pdf?download=1", "/a.tar.gz", "/.well-known/a", "/a..b", "/a...", "/a/."),
    *(
        "/a/..",
        "/-",
        "/a/b/c/d/e/f/g/h/i/j/k/l/m/n",
        "/new",
        "/api/v1/invoices/7",
        "/v1/invoices/7",
    ),
    # Parameters that readers of logs, trackers and signed links take out or sort.
    *("?utm_source=a&a=1", "?a=1&fbclid=b", "?v=2&_=1700000000", "?sv=2022&sig=a%2Bb%3D"),
    *("?" + "&".join(f"p{n}={n}" for n in range(30)), "?a=" + "%20" * 60, "#" + "a" * 300),
)
_HOSTS = (
    *(f"https://{'a' * 60}.{'b' * 60}.example.com/", f"https://{'a-b.' * 40}example.com/a"),
    *(
        "https://1a.example.com/",
        "https://a.b-c.example.com/a?b",
        "https://xn--mnchen-3ya.example/a",
    ),
    *("https://example.com:9/", "HTTP://A.EXAMPLE", "https://example.international/a"),
    # Names that are known in a company alone, and those of services that shorten or send on.
    *("https://billing.corp.internal/i", "https://erp.local/i", "http://nas.lan:8080/i"),
    *("https://portal.intranet/i", "https://a.corp/i", "https://books.home.arpa/i"),
    "https://bit.ly/3aB",
)
_LONG_URL = f"{SITE}:8443/Invoices/a.b/c%20d/{{}}?{_QUERY}&{{}}#page=2&zoom=1/{{}}"
"""A place for more in the path, in the query and in the fragment."""

_URL_SIZES = (
    129,
    192,
    255,
    256,
    300,
    499,
    511,
    512,
    768,
    1000,
    1023,
    1024,
    1025,
    1280,
    1536,
    1999,
    2000,
)


def _long_urls() -> Iterator[str]:
    """URLs of lengths that columns have, long in the path, in the query and in the fragment."""
    bare = len(_LONG_URL.format("", "", ""))
    for size in _URL_SIZES:
        for place in range(3):
            more = ["", "", ""]
            more[place] = ("a/b-c.d=1&" * 200)[: size - bare]
            if size > bare or not place:
                yield _LONG_URL.format(*more) if size > bare else f"{SITE}?a#".ljust(size, "b")


LINKS = (
    *(f"{SITE}{end}" for end in (*_ENDS, *_PLACES)),
    *_STARTS,
    *_long_urls(),
    *(f"{SITE}{end}" for end in _MORE_ENDS),
    *_HOSTS,
)
