"""Servers that refuse a valid invoice because a header field beside it is empty."""

from reference.mutants.mutant import mutant
from reference.mutants.operators import refuses_headers
from reference.mutants.server import Server

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
