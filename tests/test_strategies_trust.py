"""Requests without the right key say that they come from within, and fields may have no value."""

from collections.abc import Iterable
from urllib.parse import urlsplit

from strategies.authentication import unauthorised_in_each_way
from strategies.extras.clients import extra_ways, ways_of_refused
from strategies.extras.proxies import FROM_A_PROXY, NO_SITE, ORIGINS, OTHER_SITES
from strategies.extras.trust import marks
from strategies.packing import packs
from tests.invoices import ANYWHERE, CONTRACT

METHOD, HEADERS = "access-control-request-method", "access-control-request-headers"


def test_every_mark_of_a_trusted_caller_is_sent_without_a_key() -> None:
    """Each address, identity, program and query, in some way of sending, but for the few that a
    way has for itself.
    """
    cases = unauthorised_in_each_way(CONTRACT, ANYWHERE)
    sent, queries = set(), set()
    for case in cases:
        if case.name.startswith("no key, "):
            sent |= {(name.lower(), value) for name, value in case.headers}
            queries.add(case.query)
    known = {(name.lower(), value) for fields, _ in marks(CONTRACT) for name, value in fields}
    assert len(known) > 250
    assert ("origin", "https://docs.wizcommerce.com") in known & sent
    assert len(known - sent) <= 4
    assert {name for name, _ in known - sent} <= {"user-agent", "forwarded", "x-forwarded-for"}
    assert {query for _, query in marks(CONTRACT)} <= queries


def test_each_path_that_needs_no_key_is_named_where_none_is_sent() -> None:
    """Each somewhere in a query; the usual ones in each field in which a gateway hands one on."""
    cases = unauthorised_in_each_way(CONTRACT, ANYWHERE)
    without = [case for case in cases if case.name.startswith("no key, ")]
    queries = [case.query for case in without if case.query]
    for path in ("/health", "/docs", "/static/a.js", "/oauth/token", "/actuator/health", "/admin/"):
        assert any(path in query for query in queries)
    assert len({query.partition("&")[0] for query in queries}) >= 15
    sent = {field for case in without for field in case.headers}
    for path in ("/health", "/docs", "/metrics", "/login", "/swagger", "/status", "/favicon.ico"):
        assert ("X-Forwarded-URI", path) in sent
        assert ("X-Invoke-Path", path) in sent
        assert ("Referer", f"https://localhost{path}") in sent


def _of_a_preflight(fields: Iterable[tuple[str, str | None]]) -> frozenset[str]:
    names = {name.lower() for name, _ in fields}
    return frozenset(names & {"origin", METHOD, HEADERS})


def test_what_a_preflight_is_known_by_stands_for_no_key_and_changes_no_answer() -> None:
    """Origin, with either field or both, and both of them of no page, without a key; and with the
    right one in what is accepted and in what is refused.
    """
    cases = unauthorised_in_each_way(CONTRACT, ANYWHERE)
    without = {_of_a_preflight(one.headers) for one in cases if one.name.startswith("no key, ")}
    together = frozenset({"origin", METHOD, HEADERS})
    assert without >= {
        *(together, together - {HEADERS}, together - {METHOD}, together - {"origin"}),
        frozenset({"origin"}),
    }
    for ways in (extra_ways(CONTRACT), ways_of_refused(CONTRACT)):
        assert together in {_of_a_preflight(way.fields) for way in ways}


def test_an_origin_of_each_kind_and_what_proxies_hand_on_go_with_the_right_key() -> None:
    """Pages, apps, files and extensions, and the fields of gateways and CDNs, each with an invoice
    that must be accepted.
    """
    sent = {
        (name, value)
        for _, packed in packs(CONTRACT, ANYWHERE)
        for one in packed
        for name, value in (one.way.fields if one.way else ())
    }
    origins = {value for name, value in sent if name == "Origin"}
    assert origins == {"null", *ORIGINS}
    assert {urlsplit(origin).scheme for origin in ORIGINS} >= {"http", "https", "file"}
    assert sent >= {field for fields in FROM_A_PROXY for field in fields}


def test_each_site_goes_with_valid_and_with_invalid_invoices() -> None:
    """None and another one, of the same domain too, by a page and by who typed an address in."""
    for ways in (extra_ways(CONTRACT), ways_of_refused(CONTRACT)):
        sent = {value for way in ways for name, value in way.fields if name == "Sec-Fetch-Site"}
        assert sent == {"same-origin", "none", "cross-site", "same-site"}
    packed = {
        field
        for _, members in packs(CONTRACT, ANYWHERE)
        for one in members
        for field in (one.way.fields if one.way else ())
    }
    assert packed >= {field for fields in (*NO_SITE, *OTHER_SITES) for field in fields}


def test_marks_replace_nothing_and_make_no_field_twice() -> None:
    """A way of sending keeps what is special about it, and there are not too many fields."""
    for case in unauthorised_in_each_way(CONTRACT, ANYWHERE):
        names = [name.lower() for name, _ in case.headers]
        assert len(names) == len(set(names))
        assert len(names) <= 60
    (curl,) = (
        case
        for case in unauthorised_in_each_way(CONTRACT, ANYWHERE)
        if case.name == "no key, the User-Agent of curl"
    )
    assert ("User-Agent", "curl/8.5.0") in curl.headers


def test_fields_without_a_value_go_with_valid_and_with_invalid_invoices() -> None:
    """An Accept among them, which then asks for nothing (RFC 9110, section 12.5.1)."""
    for ways in (extra_ways(CONTRACT), ways_of_refused(CONTRACT)):
        empty = {name for way in ways for name, value in way.fields if value == ""}
        assert {"Accept", "Accept-Language", "User-Agent", "X-Request-ID", "Cookie"} <= empty
