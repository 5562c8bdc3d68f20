"""Servers that refuse a valid invoice for an empty header field, its day or its first byte, or fail
on what they make of it.
"""

import json
import re
from datetime import UTC, datetime, timedelta
from http.cookies import CookieError, SimpleCookie

from starlette.datastructures import Headers

from reference.instants import instant
from reference.mutants.mutant import mutant
from reference.mutants.operators import fails_to_read, refuses, refuses_headers, refuses_invoices
from reference.mutants.server import Json, Server
from reference.refusal import Refusal

REFUSED = ("request.accept", "request.fields", "201.status", "*.type")
STATES = ("*.type", "*.required", "status.enum", "items*", "*amount.*")


@mutant("acceptance", *REFUSED)
def an_accept_without_a_value_is_refused(server: Server) -> Server:
    """406 for a list without an element, which asks for nothing (RFC 9110, section 12.5.1)."""
    return refuses_headers(lambda headers: 406 if headers.get("accept") == "" else None)(server)


@mutant("acceptance", *REFUSED)
def an_accept_of_a_comma_is_an_internal_error(server: Server) -> Server:
    """Each element is taken apart at its slash, and an empty one has none (section 5.6.1)."""
    return refuses_headers(lambda headers: 500 if headers.get("accept") == "," else None)(server)


@mutant("acceptance", *REFUSED)
def an_accept_of_one_star_is_an_internal_error(server: Server) -> Server:
    """It has no slash either, and Java sends it by default."""

    def refusal(headers: Headers) -> int | None:
        ranges = (each.partition(";")[0].strip() for each in headers.get("accept", "").split(","))
        return 500 if "*" in ranges else None

    return refuses_headers(refusal)(server)


@mutant("acceptance", *REFUSED)
def a_language_without_a_value_is_an_internal_error(server: Server) -> Server:
    """`Locale.lookup(LanguageRange.parse(header))` fails on an empty text."""
    return refuses_headers(lambda headers: 500 if headers.get("accept-language") == "" else None)(
        server
    )


@mutant("acceptance", *REFUSED)
def a_name_of_a_request_without_a_value_is_refused(server: Server) -> Server:
    """X-Request-ID is there, so it has to be a name: 400."""
    return refuses_headers(lambda headers: 400 if headers.get("x-request-id") == "" else None)(
        server
    )


@mutant("acceptance", "*.type", "201.status")
def a_due_date_of_today_is_refused(server: Server) -> Server:
    """It has to be tomorrow or later, by the hour."""

    def is_soon(text: str) -> bool:
        left = instant(text) - datetime.now(UTC)
        return timedelta(0) < left < timedelta(days=1)

    return refuses(("due_date",), is_soon)(server)


@mutant("acceptance", "*.type", "201.status")
def an_invoice_of_this_day_is_of_the_future(server: Server) -> Server:
    """The server's clock has its own time zone, and dates have none: eight hours are missing."""

    def is_ahead(text: str) -> bool:
        return timedelta(0) < datetime.now(UTC) - instant(text) < timedelta(hours=8)

    return refuses(("updated_at",), is_ahead)(server)


@mutant("acceptance", "*.type", "201.status", "request*")
def a_body_that_begins_with_a_tab_is_no_json(server: Server) -> Server:
    """What it is, is seen by its first byte: a bracket, a space or a line break."""

    def parse(body: bytes) -> Json:
        if body.startswith(b"\t"):
            raise Refusal(400, "The body is no JSON.")
        return server.steps.parse(body)

    return server.with_steps(parse=parse)


@mutant("acceptance", "201.status", "*.type", "*.maxLength", "*.echo")
def an_update_is_compared_by_the_second(server: Server) -> Server:
    """What is left of its second after the order was created is not later."""

    def check(payload: Json, created: datetime) -> None:
        if "updated_at" in payload:
            updated = instant(payload["updated_at"]).replace(microsecond=0).isoformat()
            payload = {**payload, "updated_at": updated}
        server.steps.check_dates(payload, created)

    return server.with_steps(check_dates=check)


@mutant("acceptance", *REFUSED)
def another_scheme_beside_the_key_is_refused(server: Server) -> Server:
    """A filter for tokens comes first, and a token that it does not know is 401."""

    def refused(headers: Headers) -> int | None:
        return 401 if headers.get("authorization", "").startswith("Bearer ") else None

    return refuses_headers(refused)(server)


@mutant("acceptance", *REFUSED)
def what_came_to_a_proxy_without_tls_is_sent_elsewhere(server: Server) -> Server:
    """Rails' force_ssl goes by X-Forwarded-Proto."""
    return refuses_headers(
        lambda headers: 301 if headers.get("x-forwarded-proto") == "http" else None
    )(server)


@mutant("acceptance", *REFUSED)
def a_library_of_python_is_taken_for_a_robot(server: Server) -> Server:
    """A rule of a firewall against what reads pages: Python-urllib is 403."""
    return refuses_headers(
        lambda headers: 403 if headers.get("user-agent", "").startswith("Python-urllib") else None
    )(server)


@mutant("acceptance", "url.*", "201.status")
def addresses_of_a_company_are_refused(server: Server) -> Server:
    """A server that looks links up must not look up these, so it refuses them."""
    return refuses(("url",), lambda url: ".internal/" in url)(server)


@mutant("acceptance", *REFUSED)
def an_origin_of_no_host_is_an_internal_error(server: Server) -> Server:
    """`urlparse(origin).hostname.endswith(...)`: a page from a file has the origin null."""
    return refuses_headers(lambda headers: 500 if headers.get("origin") == "null" else None)(server)


@mutant("acceptance", *REFUSED)
def an_offer_of_another_protocol_is_refused(server: Server) -> Server:
    """Java's client offers HTTP/2 in each request; who has it not leaves that aside."""
    return refuses_headers(lambda headers: 400 if headers.get("upgrade") else None)(server)


@mutant("acceptance", *REFUSED)
def a_key_of_idempotency_has_to_be_a_uuid(server: Server) -> Server:
    """`UUID.fromString(header)`, though clients take the number of an invoice."""
    return refuses_headers(
        lambda headers: 400 if len(headers.get("idempotency-key", "-" * 36)) != 36 else None
    )(server)


@mutant("acceptance", *REFUSED)
def a_cookie_of_another_name_is_an_internal_error(server: Server) -> Server:
    """Python's reader of cookies takes no slash in a name, though other pages of a domain do."""

    def unread(headers: Headers) -> int | None:
        try:
            SimpleCookie(headers.get("cookie", ""))
        except CookieError:
            return 500
        return None

    return refuses_headers(unread)(server)


@mutant("acceptance", *REFUSED)
def a_version_by_a_day_is_unknown(server: Server) -> Server:
    """The router takes X-API-Version for one of its own."""
    return refuses_headers(lambda headers: 404 if headers.get("x-api-version") else None)(server)


@mutant("acceptance", "*.type", "201.status")
def a_due_date_is_compared_with_now_by_its_own_clock(server: Server) -> Server:
    """What is due in some hours is past by the clock of who wrote it, if that is far behind."""

    def written(payload: Json) -> str:
        return f"{payload['due_date'][: len('2031-01-02T03:04:05')]}Z"

    def is_past(payload: Json) -> bool:
        due, by_its_clock = (instant(text) for text in (payload["due_date"], written(payload)))
        return "created_at" not in payload and by_its_clock < datetime.now(UTC) <= due

    return refuses_invoices(is_past, "due_date")(server)


@mutant("acceptance", *STATES, "201.status")
def a_status_before_what_was_paid_is_refused(server: Server) -> Server:
    """It is checked while the invoice is being read: nothing is paid so far."""

    def is_early(payload: Json) -> bool:
        names = [*payload]
        if payload.get("status") != "PAID" or not payload["paid_amount"]:
            return False
        return names.index("status") < names.index("paid_amount")

    return refuses_invoices(is_early, "status")(server)


@mutant("acceptance", *STATES, "201.status")
def items_before_their_order_are_refused(server: Server) -> Server:
    """An XML reader's habit: each item is written as soon as it is read."""

    def is_early(payload: Json) -> bool:
        names = [*payload]
        return names.index("items") < names.index("order_id")

    return refuses_invoices(is_early, "items")(server)


@mutant("acceptance", *STATES, "201.status")
def a_body_that_fills_its_buffer_is_not_read(server: Server) -> Server:
    """What has been read is as long as it may be, so the rest is waited for, and there is none."""

    def parse(body: bytes) -> Json:
        if len(body) in (1024, 2048, 4096, 8192):
            raise Refusal(400, "The body is not complete")
        return server.steps.parse(body)

    return server.with_steps(parse=parse)


@mutant("acceptance", "201.status", "*.maxLength", "items*")
def a_queue_has_no_room_for_what_is_escaped(server: Server) -> Server:
    """An invoice is handed on as Go writes JSON, with six characters for each `<`, `>` and `&`, and
    a message has 256 KiB at most.
    """

    def is_too_large(payload: dict[str, Json]) -> bool:
        text = json.dumps(payload)
        return len(text) + 5 * sum(map(text.count, "<>&")) > 256 * 1024

    return fails_to_read(is_too_large)(server)


@mutant("acceptance", *REFUSED)
def what_asks_like_a_preflight_is_answered_as_one(server: Server) -> Server:
    """204 by the header fields alone, whatever the method (Fetch, section 3.2.2)."""
    return refuses_headers(
        lambda headers: 204 if "access-control-request-headers" in headers else None
    )(server)


@mutant("acceptance", "201.status", "*.type", "*.maxLength", "request*")
def whole_pages_lose_their_last_byte(server: Server) -> Server:
    """A body is read page by page, and the last page ends before its end: a blank is no loss."""

    def parse(body: bytes) -> Json:
        return server.steps.parse(body if len(body) % 4096 else body[:-1])

    return server.with_steps(parse=parse)


@mutant("acceptance", "201.status", "*.type", "*.maxLength", "items*", "request*")
def a_body_has_a_thousand_lines_at_most(server: Server) -> Server:
    """A firewall looks through so many lines of a body, and lets no other pass."""

    def parse(body: bytes) -> Json:
        if body.count(b"\n") >= 1000:
            raise Refusal(400, "The body has too many lines.")
        return server.steps.parse(body)

    return server.with_steps(parse=parse)


@mutant("acceptance", *REFUSED)
def an_origin_of_no_web_page_is_an_internal_error(server: Server) -> Server:
    """`{"http": 80, "https": 443}[urlsplit(origin).scheme]`: an app or an extension has another."""

    def refused(headers: Headers) -> int | None:
        origin = headers.get("origin", "null")
        return None if origin.startswith(("null", "http:", "https:")) else 500

    return refuses_headers(refused)(server)


@mutant("acceptance", *REFUSED)
def an_origin_with_a_port_is_a_bad_request(server: Server) -> Server:
    """`^https?://[a-z0-9.-]+$` was meant to find what is no origin."""

    def refused(headers: Headers) -> int | None:
        origin = headers.get("origin", "null")
        return 400 if re.fullmatch(r"https?://[^/]*:\d+", origin) else None

    return refuses_headers(refused)(server)


@mutant("acceptance", *REFUSED)
def what_no_page_asked_for_is_refused(server: Server) -> Server:
    """`!= "same-origin"`: who typed an address in says `none`, as tools and extensions do."""

    def refused(headers: Headers) -> int | None:
        return 403 if headers.get("sec-fetch-site", "same-origin") != "same-origin" else None

    return refuses_headers(refused)(server)


@mutant("acceptance", *REFUSED)
def pages_of_the_same_site_are_an_internal_error(server: Server) -> Server:
    """`{"same-origin": True, "none": True, "cross-site": False}[site]`: one value is missing."""
    return refuses_headers(
        lambda headers: 500 if headers.get("sec-fetch-site") == "same-site" else None
    )(server)


@mutant("acceptance", *REFUSED)
def pages_of_other_sites_are_a_bad_request(server: Server) -> Server:
    """A filter against forged requests, whose exception is 400."""
    return refuses_headers(
        lambda headers: 400 if headers.get("sec-fetch-site") == "cross-site" else None
    )(server)
