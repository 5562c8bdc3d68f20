"""Servers that refuse a valid invoice for an empty header field, its day or its first byte."""

from datetime import UTC, datetime, timedelta

from starlette.datastructures import Headers

from reference.instants import instant
from reference.mutants.mutant import mutant
from reference.mutants.operators import refuses, refuses_headers
from reference.mutants.server import Json, Server
from reference.refusal import Refusal

REFUSED = ("request.accept", "request.fields", "201.status", "*.type")


@mutant("acceptance", *REFUSED)
def an_accept_without_a_value_is_refused(server: Server) -> Server:
    """406 for a list without an element, which asks for nothing (RFC 9110, section 12.5.1)."""
    return refuses_headers(lambda headers: 406 if headers.get("accept") == "" else None)(server)


@mutant("acceptance", *REFUSED)
def an_accept_of_a_comma_is_an_internal_error(server: Server) -> Server:
    """Each element is taken apart at its slash, and an empty one has none (section 5.6.1)."""
    return refuses_headers(lambda headers: 500 if headers.get("accept") == "," else None)(server)


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
