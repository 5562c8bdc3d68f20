"""Servers that need no key of whom they take for one of their own."""

from collections.abc import Callable, Mapping
from contextvars import ContextVar
from datetime import datetime
from functools import partial
from http import HTTPStatus
from typing import Any

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from reference.mutants.mutant import mutant
from reference.mutants.operators import notes_query
from reference.mutants.server import CheckKey, Json, Mutation, Respond, Server
from reference.orders import DEMO
from reference.refusal import Refusal
from reference.server import serving
from reference.store import Store

KEY = "security.key"


def _trusts(trusted: Callable[[Headers], bool]) -> Mutation:
    """The server needs no key where the header fields are such."""

    def check_key(headers: Headers, check: CheckKey) -> None:
        if not trusted(headers):
            check(headers)

    return lambda server: server.with_key_check(check_key)


@mutant("authentication", KEY)
def an_address_of_the_cluster_needs_no_key(server: Server) -> Server:
    """The address is read from X-Forwarded-For, which anybody can send."""
    return _trusts(lambda headers: headers.get("x-forwarded-for", "").startswith("10."))(server)


@mutant("authentication", KEY)
def an_address_of_the_company_at_the_end_needs_no_key(server: Server) -> Server:
    """The last hop counts, as it should behind a proxy; but there is none, or it adds nothing."""
    return _trusts(
        lambda headers: headers.get("x-forwarded-for", "").split(", ")[-1].startswith("192.168.")
    )(server)


@mutant("authentication", KEY)
def localhost_in_version_6_needs_no_key_where_there_is_none(server: Server) -> Server:
    """A wrong key is refused, but who has none and comes from ::1 is a job of the machine."""
    return _trusts(
        lambda headers: "x-api-key" not in headers and headers.get("x-real-ip") == "::1"
    )(server)


@mutant("authentication", KEY)
def the_load_balancer_needs_no_key(server: Server) -> Server:
    """By its User-Agent, at the start of the field."""
    return _trusts(lambda headers: headers.get("user-agent", "").startswith("ELB-HealthChecker"))(
        server
    )


@mutant("authentication", KEY)
def a_verified_certificate_stands_for_the_key(server: Server) -> Server:
    """The proxy that verifies it is gone, and its field is read as before."""
    return _trusts(lambda headers: headers.get("x-ssl-client-verify") == "SUCCESS")(server)


@mutant("authentication", KEY)
def a_query_of_the_inside_needs_no_key(server: Server) -> Server:
    """`?internal=true`, for the first weeks of the service."""
    inside: list[bool] = []

    def check_key(headers: Headers, check: CheckKey) -> None:
        if not any(inside):
            check(headers)

    return server.with_key_check(check_key).with_layers(notes_query(b"internal=true", inside))


@mutant("authentication", "security.key")
def a_body_that_is_known_needs_no_right_key(server: Server) -> Server:
    """A cache before the check of keys, by the body: who knows an invoice gets it with any key."""
    known: set[bytes] = set()
    stores: list[Store] = []

    def authenticate(headers: Headers, store: Store) -> None:
        stores[:] = [store]
        if "x-api-key" not in headers:
            server.steps.authenticate(headers, store)

    async def read(request: Request) -> bytes:
        body = await server.steps.read(request)
        if body not in known:
            server.steps.authenticate(request.headers, *stores)
        known.add(body)
        return body

    return server.with_steps(authenticate=authenticate, read=read)


@mutant("authentication", KEY)
def the_pages_that_document_it_need_no_key(server: Server) -> Server:
    """Who tries a request out there has none yet, and Origin says where it comes from."""
    return _trusts(lambda headers: "://docs." in headers.get("origin", ""))(server)


@mutant("authentication", KEY)
def a_path_of_health_in_the_query_needs_no_key(server: Server) -> Server:
    """The target of a request is searched for the paths that are open to all."""
    asked: list[bool] = []

    def check_key(headers: Headers, check: CheckKey) -> None:
        if not any(asked):
            check(headers)

    return server.with_key_check(check_key).with_layers(notes_query(b"/health", asked))


@mutant("authentication", KEY)
def the_path_that_a_gateway_hands_on_needs_no_key(server: Server) -> Server:
    """The check of keys asks for the path that a client used, and takes it from the client."""
    return _trusts(lambda headers: headers.get("x-forwarded-uri", "").startswith("/metrics"))(
        server
    )


@mutant("authentication", KEY)
def who_comes_from_the_documents_needs_no_key(server: Server) -> Server:
    """By Referer, where a page of the documents tries requests out."""
    return _trusts(lambda headers: headers.get("referer", "").endswith("/docs"))(server)


@mutant("authentication", "security.right")
def the_right_is_that_of_another_method(server: Server) -> Server:
    """The right is looked up by the method that a field says it is: a key that may read will do."""

    def check_key(headers: Headers, check: CheckKey) -> None:
        try:
            check(headers)
        except Refusal as refusal:
            reads = headers.get("x-http-method-override") in ("GET", "HEAD", "OPTIONS")
            if refusal.status != 403 or not reads:
                raise

    return server.with_key_check(check_key)


@mutant("authentication", KEY)
def what_is_said_to_be_a_preflight_needs_no_key(server: Server) -> Server:
    """A preflight has no key, and the filter looks for the method in a field."""
    return _trusts(lambda headers: headers.get("x-http-method-override") == "OPTIONS")(server)


@mutant("authentication", KEY)
def a_key_that_a_proxy_has_to_take_away_is_taken_for_checked(server: Server) -> Server:
    """The proxy takes away what Connection names, and what is behind it trusts the proxy where
    there is no key (RFC 9110, section 7.6.1).
    """

    def is_taken(headers: Headers) -> bool:
        named = map(str.strip, headers.get("connection", "").lower().split(","))
        return bool(headers.get("x-api-key")) and "x-api-key" in named

    return _trusts(is_taken)(server)


@mutant("authentication", KEY)
def keys_are_looked_up_in_an_object(server: Server) -> Server:
    """`if (!keys[key])`, where each object of JavaScript has a constructor."""
    inherited = ("constructor", "toString", "valueOf", "hasOwnProperty", "__proto__")
    return _trusts(lambda headers: headers.get("x-api-key") in inherited)(server)


def _checks_keys_of_one_order(server: Server, status: int) -> Server:
    """The server lets pass what it should refuse with a status, of any order but the first."""
    refused: ContextVar[Refusal | None] = ContextVar("refused", default=None)

    def check_key(headers: Headers, check: CheckKey) -> None:
        refused.set(None)
        try:
            check(headers)
        except Refusal as refusal:
            if refusal.status != status:
                raise
            refused.set(refusal)

    def find(payload: Json, store: Store) -> datetime:
        refusal = refused.get()
        if refusal is not None and payload["order_id"] == next(iter(DEMO)):
            raise refusal
        return server.steps.find_order(payload, store)

    return server.with_key_check(check_key).with_steps(find_order=find)


@mutant("authentication", "security.right")
def the_right_is_needed_for_the_first_order_alone(server: Server) -> Server:
    """Who may see an order may bill it, and nobody was told of the others."""
    return _checks_keys_of_one_order(server, 403)


@mutant("authentication", KEY)
def the_key_is_needed_for_the_first_order_alone(server: Server) -> Server:
    """The owner of an order is asked for, and an order without one is everybody's."""
    return _checks_keys_of_one_order(server, 401)


@mutant("authentication", KEY)
def a_session_stands_for_the_key(server: Server) -> Server:
    """Who has been let in gets a cookie, which is enough from then on."""
    session = "session=7f3a91c25e0b4d6a8b1f"

    def check(headers: Headers, check_key: CheckKey) -> None:
        if session not in headers.get("cookie", ""):
            check_key(headers)

    def respond(status: int, answer: Mapping[str, Any], usual: Respond) -> Response:
        response = usual(status, answer)
        if status == HTTPStatus.CREATED:
            response.headers["set-cookie"] = f"{session}; HttpOnly; Secure"
        return response

    return server.with_key_check(check).with_response(respond)


@mutant("authentication", KEY, wire=True)
def trailers_are_merged_into_the_header(server: Server) -> Server:
    """A field after the body counts as one before it, as in some HTTP servers: so does a key."""
    return server.with_host(partial(serving, protocol=HttpToolsProtocol))


@mutant("authentication", KEY)
def what_asks_like_a_preflight_needs_no_key(server: Server) -> Server:
    """A browser asks without a key first (Fetch, section 3.2.2), and is known by its header fields
    alone, whatever the method.
    """
    return _trusts(lambda headers: {"origin", "access-control-request-method"} <= {*headers})(
        server
    )
