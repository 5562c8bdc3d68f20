"""Header fields and queries by which a server may take anybody for one of its own."""

from collections.abc import Iterator, Sequence
from functools import cache
from itertools import count, cycle, islice
from urllib.parse import urlsplit

from spec.contract import Contract
from strategies.extras.proxies import PREFLIGHT

Fields = tuple[tuple[str, str | None], ...]

TRUSTED: dict[str, Fields] = {
    "X-Forwarded-For: 127.0.0.1": (("X-Forwarded-For", "127.0.0.1"),),
    "X-Real-IP: 127.0.0.1": (("X-Real-IP", "127.0.0.1"),),
    "Forwarded: for=127.0.0.1": (("Forwarded", "for=127.0.0.1"),),
    "X-Original-URL: /health": (("X-Original-URL", "/health"), ("X-Rewrite-URL", "/health")),
    "X-HTTP-Method-Override: GET": (("X-HTTP-Method-Override", "GET"),),
    "X-HTTP-Method-Override: OPTIONS": (("X-HTTP-Method-Override", "OPTIONS"),),
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
            "X-Envoy-Internal",
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

_ADDRESSES = (
    *("10.1.20.7", "192.168.1.20", "172.16.0.9", "172.17.0.1", "::1", "localhost", "127.0.0.1"),
    *("10.0.0.3, 203.0.113.7", "203.0.113.7, 192.168.0.4", "127.0.0.1, 203.0.113.7", "fd00::1"),
    *("169.254.169.254", "100.64.0.1", "fe80::1", "::ffff:127.0.0.1", "127.0.1.1"),
    *("203.0.113.7, 127.0.0.1", "10.0.0.1:51234", "10.255.255.254"),
)
"""Addresses within a cluster, a company or a machine, alone and in chains."""

_OF_ADDRESSES = (
    *("X-Forwarded-For", "X-Real-IP", "X-Client-IP", "True-Client-IP", "CF-Connecting-IP"),
    *("X-Cluster-Client-IP", "X-Original-Forwarded-For", "X-Remote-IP", "X-Remote-Addr"),
    *("X-Envoy-External-Address", "X-Originating-IP", "Fastly-Client-IP", "Client-IP"),
)

_AGENTS = (
    *("ELB-HealthChecker/2.0", "kube-probe/1.30", "GoogleHC/1.0", "Prometheus/2.53.0"),
    *("Amazon-Route53-Health-Check-Service (ref a)", "UptimeRobot/2.0", "Consul Health Check"),
    *("Pingdom.com_bot_version_1.4_(http://www.pingdom.com/)", "Envoy/HC", "HAProxy", "monit/5"),
    *("billing-worker/1.0 (internal)", "AppEngine-Google", "Blackbox Exporter/0.25", "k6/0.52"),
)
"""Programs that ask whether a service is well, or belong to it."""

_IDENTITIES: tuple[Fields, ...] = (
    (("X-SSL-Client-Verify", "SUCCESS"), ("X-SSL-Client-S-DN", "CN=admin")),
    (("SSL-Client-Verify", "SUCCESS"), ("X-Client-Cert-Verified", "true")),
    (("X-Forwarded-Client-Cert", "By=spiffe://a/b;URI=spiffe://a/admin"),),
    (("X-MS-Client-Principal-Name", "admin@example.com"), ("X-Amzn-Oidc-Identity", "admin")),
    (
        ("X-Goog-Authenticated-User-Email", "accounts.google.com:admin@example.com"),
        # An unsigned JSON Web Token.
        ("Authorization", "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiJ9."),
    ),
    (("X-Apigateway-Api-Userinfo", "eyJzdWIiOiJhZG1pbiJ9"), ("X-Consumer-ID", "1")),
    (("X-Internal-Service", "billing"), ("X-Internal-Token", "1"), ("X-Source", "internal")),
    (("X-Request-Source", "internal"), ("X-Origin", "internal"), ("X-Client", "internal")),
    (("X-Env", "test"), ("X-Test-Mode", "true"), ("X-Sandbox", "true"), ("X-Mock", "true")),
    (("Cookie", "admin=true; role=admin; logged_in=1; authenticated=1"),),
    (("Authorization", "Bearer null"),),
    (("Authorization", "Negotiate YII="),),
    # What a preflight asks, of no page.
    (("Referer", "http://localhost/admin"), ("X-Forwarded-Server", "localhost"), *PREFLIGHT),
    (("X-Appengine-Cron", "true"), ("X-Vercel-Cron", "1"), ("X-CloudScheduler", "true")),
    (("X-Role", "admin"), ("X-Roles", "admin"), ("X-Tenant-ID", "1"), ("X-Account-ID", "1")),
)
"""Who a gateway says that a caller is, once it has found out."""

_OPEN = (
    # Of health, of documents, of what a page loads, and of who has no key yet.
    *("/health", "/ping", "/docs", "/metrics", "/login", "/public/", "/swagger", "/favicon.ico"),
    *("/healthz", "/status", "/ready", "/live", "/openapi.json", "/robots.txt", "/version", "/"),
    *("/auth/token", "/oauth/token", "/register", "/webhooks/a", "/callback", "/graphql", "/redoc"),
    *("/static/a.js", "/assets/a.css", "/.well-known/a", "/actuator/health", "/api-docs", "/error"),
    *("/internal/", "/admin/", "/a.png", "/test", "/v2/api-docs", "/users/sign_in", "/_health"),
)
"""Paths that need no key: a careless server looks for one anywhere in a request."""
_APART = 9
"""From one path of a request to the next, so that few requests have all."""

_OF_PATHS = (
    *("X-Original-URI", "X-Forwarded-URI", "X-Forwarded-Path", "X-Request-URI", "X-Replaced-Path"),
    *("X-Envoy-Original-Path", "X-Matched-Path", "X-Invoke-Path", "X-Auth-Request-Redirect"),
)
"""Header fields in which a gateway hands on the path that it was asked for. Those by which some
frameworks let a client ask for another path are sent once (`TRUSTED`).
"""

_QUERIES = (
    *("internal=true", "debug=1&test=1", "admin=1&role=admin", "skip_auth=1&noauth=1"),
    *("healthcheck=1&ping=1", "preview=true&dry_run=1", "source=cron", "access_token=a&token=b"),
    *("swagger&docs", "anonymous=true&public=1"),
)


def _paths(number: int, known: Sequence[str]) -> Iterator[str]:
    """The paths from one on, over and over, each some places after the one before."""
    return (known[(number + step) % len(known)] for step in count(0, _APART))


def _asked_for(number: int) -> Fields:
    """A path in each field that has one, as of a client that is let in without a key. There are as
    many as addresses, so that each field has each of them once.
    """
    known = _OPEN[: len(_ADDRESSES)]
    fields = tuple(zip(_OF_PATHS, _paths(number, known), strict=False))
    # The first callers are pages with a Referer of their own: the last paths go there.
    referer = ("Referer", f"https://localhost{known[number - len(_SITES) - 1]}")
    return (*fields, referer, ("X-Forwarded-Method", "GET"))


def _with_paths(query: str, number: int) -> str:
    """A query that begins with one of the paths, has others in it, and ends with another one."""
    first, second, third, last = islice(_paths(number, _OPEN), 4)
    return f"{first}&{query}&next={second}&path={third}&url={last}"


def _hop(address: str) -> str:
    host = address if address.count(":") < len("::") else f"[{address}]"
    return f'for="{host}"'


def _of(address: str) -> Fields:
    """All fields that say where a request comes from, with this address."""
    fields = tuple((name, address) for name in _OF_ADDRESSES)
    if address.isalpha():  # RFC 7239, section 6, has no names of hosts
        return fields
    return (*fields, ("Forwarded", ", ".join(map(_hop, address.split(", ")))))


@cache
def marks(contract: Contract) -> tuple[tuple[Fields, str], ...]:
    """Each address with a program, an identity, a path and a query: extras of requests without a
    key.
    """
    identities = (*_pages(contract), *_IDENTITIES)
    each = zip(_ADDRESSES, cycle(_AGENTS), cycle(identities), cycle(_QUERIES), strict=False)
    return tuple(
        (
            # What says who a caller is goes before the path that was asked for.
            _once((*_asked_for(number), *_of(address), ("User-Agent", agent), *identity)),
            _with_paths(query, number),
        )
        for number, (address, agent, identity, query) in enumerate(each)
    )


def _once(fields: Fields) -> Fields:
    """The fields, of each name the last one."""
    return tuple({name.lower(): (name, value) for name, value in fields}.values())


def _pages(contract: Contract) -> Iterator[Fields]:
    """The vendor's own pages, from which its users may try a request out; three of four also with
    what a browser asks before it sends the key.
    """
    asked = cycle(_ASKED_BEFORE)
    for url, _ in contract.operation.servers[:1]:
        host = urlsplit(url).hostname or ""
        first, _, domain = host.partition(".")
        for name in (*_SITES, first) if "." in domain else (first,):
            site = f"https://{name}.{domain}".rstrip(".")
            referer = ("Referer", f"{site}/reference/create-invoice")
            own = (("Origin", site), referer, ("Sec-Fetch-Site", "same-origin"))
            yield (*own, *next(asked))


_ASKED_BEFORE: tuple[Fields, ...] = (
    PREFLIGHT[:1],
    PREFLIGHT,
    PREFLIGHT[1:],
    (),
)
"""What a preflight is known by: either field or both of them."""
_SITES = ("docs", "developer", "app")
"""Where the pages of a vendor are, beside its API."""


_WORDS_OF_A_SERVICE: Fields = (
    *(
        field
        for fields in ("a mark of a service", "the name of a user")
        for field in TRUSTED[fields]
    ),
    *(("X-Internal-Service", "billing"), ("X-Source", "internal"), ("X-Origin", "migration")),
    *(("X-Env", "test"), ("X-Test-Mode", "true"), ("X-Sandbox", "true"), ("X-Mock", "true")),
    *(("X-Skip-Validation", "true"), ("X-Validate", "false"), ("X-Strict", "false")),
    *(("X-Dry-Run", "true"), ("X-Import", "true"), ("X-Batch", "true"), ("X-Bulk", "true")),
    *(("X-Force", "true"), ("X-Preview", "true"), ("X-Draft", "true"), ("X-Partial", "true")),
    *(("X-Role", "admin"), ("X-Tenant-ID", "1"), ("X-Account-ID", "1"), ("X-Legacy", "true")),
    *(("X-Retry-Count", "1"), ("X-Replay", "true"), ("X-Migration", "true"), ("X-Async", "true")),
    *(("X-Feature-Flags", "lenient"), ("X-Beta", "true"), ("X-Client", "mobile")),
)

WITHIN: tuple[Fields, ...] = (
    *((field,) for field in _WORDS_OF_A_SERVICE),
    *((field,) for field in zip(cycle(_OF_ADDRESSES), _ADDRESSES, strict=False)),
    *((("User-Agent", agent),) for agent in _AGENTS),
)
"""What says that a request comes from within, each by itself: extras of invalid invoices, which a
server may check less then.
"""
