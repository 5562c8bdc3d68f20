"""Servers that look at the key wrongly, late, or not always."""

from collections.abc import Callable, Mapping
from http.cookies import SimpleCookie
from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from reference.mutants.mutant import mutant
from reference.mutants.server import Json, Server
from reference.refusal import Refusal
from reference.store import Store

KEY = "security.key"
Check = Callable[[Headers], None]


def _held(server: Server, change: Callable[[str, Store], str | None]) -> Server:
    """The server with the shown key changed before it is looked up; None asks for none."""

    def authenticate(headers: Headers, store: Store) -> None:
        key = change(headers.get("x-api-key", ""), store)
        if key is not None:
            server.steps.authenticate(MutableHeaders({"x-api-key": key}), store)

    return server.mutant(authenticate=authenticate)


def _seen(server: Server, allow: Callable[[str, list[str]], bool]) -> Server:
    """The server with keys also let in when they relate to one that was right before."""
    right: list[str] = []

    def admit(headers: Headers, check: Check) -> None:
        shown = headers.get("x-api-key", "")
        if right and allow(shown, right):
            return
        check(headers)
        right.append(shown)

    return server.admitted(admit)


def _refused_with(server: Server, statuses: Mapping[int, int]) -> Server:
    """The server with some statuses of a refused key changed for others."""

    def admit(headers: Headers, check: Check) -> None:
        try:
            check(headers)
        except Refusal as refusal:
            status = statuses.get(refusal.status, refusal.status)
            raise Refusal(status, refusal.message) from refusal

    return server.admitted(admit)


@mutant("keys", KEY)
def half_a_key_is_enough(server: Server) -> Server:
    """`stored.startsWith(given)`: a beginning will do, and it can be guessed letter by letter."""
    return _seen(server, lambda shown, right: bool(shown) and right[0].startswith(shown))


@mutant("keys", KEY)
def what_follows_the_key_is_ignored(server: Server) -> Server:
    """Strncmp with the stored key's length, or bcrypt, which stops after 72 bytes."""
    return _seen(server, lambda shown, right: shown.startswith(right[0]))


@mutant("keys", KEY)
def keys_know_no_case(server: Server) -> Server:
    """A column with a case-insensitive collation, MySQL's default."""
    return _seen(server, lambda shown, right: shown.casefold() == right[0].casefold())


@mutant("keys", KEY)
def an_empty_key_is_right(server: Server) -> Server:
    """The expected key comes from a variable that is not set: empty equals empty."""
    return _seen(server, lambda shown, _: not shown.strip())


@mutant("keys", KEY)
def the_word_null_is_a_key(server: Server) -> Server:
    """A row that some client made with its own missing key."""
    return _seen(server, lambda shown, _: shown in ("null", "undefined"))


@mutant("keys", KEY)
def quotes_open_every_door(server: Server) -> Server:
    """The key is pasted into SQL: ' OR '1'='1 is held by everybody."""
    return _seen(server, lambda shown, _: "' OR '1'='1" in shown)


@mutant("keys", KEY)
def a_long_key_is_not_looked_at(server: Server) -> Server:
    """The comparison fails over 4 KiB, and the error is taken for no objection."""
    return _seen(server, lambda shown, _: len(shown) > 1024)


@mutant("keys", KEY)
def a_key_beyond_ascii_is_not_looked_at(server: Server) -> Server:
    """hmac.compare_digest raises TypeError on text beyond ASCII, and somebody catches it."""
    return _seen(server, lambda shown, _: not shown.isascii())


@mutant("keys", KEY)
def any_key_of_the_right_length_will_do(server: Server) -> Server:
    """A check of the format stands where the check of the key was to come."""
    return _seen(server, lambda shown, right: len(shown) == len(right[0]))


@mutant("keys", KEY)
def a_key_beyond_ascii_is_an_internal_error(server: Server) -> Server:
    """Bytes that are no Latin-1 or UTF-8 raise before any check."""

    def admit(headers: Headers, check: Check) -> None:
        if not headers.get("x-api-key", "").isascii():
            raise Refusal(500, "Internal Server Error")
        check(headers)

    return server.admitted(admit)


@mutant("keys", KEY)
def no_key_is_an_internal_error(server: Server) -> Server:
    """KeyError: 'X-API-Key'."""

    def admit(headers: Headers, check: Check) -> None:
        if "x-api-key" not in headers:
            raise Refusal(500, "Internal Server Error")
        check(headers)

    return server.admitted(admit)


@mutant("keys", KEY)
def the_key_may_be_in_the_query(server: Server) -> Server:
    """Another place for the key, which then stands in every log."""
    return server.wrapped(_from_elsewhere(_in_query))


@mutant("keys", KEY)
def the_key_may_be_a_bearer_token(server: Server) -> Server:
    """Two schemes are read where the document has one."""
    return server.wrapped(
        _from_elsewhere(lambda scope: _header(scope, b"authorization").removeprefix(b"Bearer "))
    )


@mutant("keys", KEY)
def the_key_may_be_in_a_cookie(server: Server) -> Server:
    """A browser then sends it to the server from any page."""

    def crumb(scope: Scope) -> bytes:
        cookies = SimpleCookie(_header(scope, b"cookie").decode("latin-1"))
        return b"".join(morsel.value.encode() for morsel in cookies.values())

    return server.wrapped(_from_elsewhere(crumb))


def _in_query(scope: Scope) -> bytes:
    query: bytes = scope["query_string"]
    return parse_qs(query.decode()).get("api_key", [""])[0].encode()


def _header(scope: Scope, wanted: bytes) -> bytes:
    headers: list[tuple[bytes, bytes]] = scope["headers"]
    return next((value for name, value in headers if name == wanted), b"")


def _from_elsewhere(find: Callable[[Scope], bytes]) -> Callable[[ASGIApp], ASGIApp]:
    """Puts the key that is found elsewhere into its header, where that is missing."""

    def layer(app: ASGIApp) -> ASGIApp:
        async def call(scope: Scope, receive: Receive, send: Send) -> None:
            key = find(scope)
            if key and not _header(scope, b"x-api-key"):
                scope = {**scope, "headers": [*scope["headers"], (b"x-api-key", key)]}
            await app(scope, receive, send)

        return call

    return layer


@mutant("keys", KEY, "security.first")
def the_key_counts_for_good_bodies_alone(server: Server) -> Server:
    """The key is checked by the handler, behind the framework's reading and validating of bodies:
    whoever has no key still learns what a good invoice is.
    """
    waiting: list[tuple[Headers, Store]] = []
    authenticate, find_order = server.steps.authenticate, server.steps.find_order

    def later(payload: Json, store: Store) -> Json:
        authenticate(*waiting[-1])
        return find_order(payload, store)

    return server.mutant(
        authenticate=lambda headers, store: waiting.append((headers, store)), find_order=later
    )


@mutant("keys", KEY, "security.first")
def no_key_is_needed_for_an_empty_body(server: Server) -> Server:
    """The middleware passes what has no body, as it passes OPTIONS and health checks."""

    def admit(headers: Headers, check: Check) -> None:
        if headers.get("content-length") != "0":
            check(headers)

    return server.admitted(admit)


@mutant("keys", KEY)
def the_wrong_key_is_forbidden(server: Server) -> Server:
    """401 and 403 mixed up: Spring and AWS API Gateway answer 403 to a missing or wrong key."""
    return _refused_with(server, {401: 403})


@mutant("keys", KEY)
def the_wrong_key_is_a_bad_request(server: Server) -> Server:
    """Headers are validated like any field: 400."""
    return _refused_with(server, {401: 400})


@mutant("keys", "security.right")
def the_lack_of_a_right_is_401(server: Server) -> Server:
    """The key is right, the right is lacking, and the caller goes looking for another key."""
    return _refused_with(server, {403: 401})


@mutant("keys", KEY)
def the_wrong_key_is_sent_to_log_in(server: Server) -> Server:
    """A session framework in front: 302 to a page for people."""
    return _denied(server, lambda _: RedirectResponse("/login", 302))


@mutant("keys", KEY)
def the_wrong_key_gets_200_and_an_error(server: Server) -> Server:
    """Errors in the body, success in the status, as in GraphQL and SOAP."""
    return _denied(server, lambda usual: Response(usual.body, 200, media_type="application/json"))


@mutant("keys", "4xx.mediaType")
def the_gateway_refuses_keys_in_text(server: Server) -> Server:
    """Unauthorized, says a line of text: the gateway in front knows nothing of HttpError."""
    return _denied(server, lambda _: PlainTextResponse("Unauthorized\n", 401))


@mutant("keys", "4xx.*.required", "4xx.code.required")
def the_gateway_refuses_keys_in_its_own_shape(server: Server) -> Server:
    """{"message": "Unauthorized"}: AWS API Gateway, Kong."""
    return _denied(
        server,
        lambda _: Response(b'{"message":"Unauthorized"}', 401, media_type="application/json"),
    )


@mutant("keys", "4xx.json")
def the_wrong_key_gets_no_body(server: Server) -> Server:
    """`w.WriteHeader(401)` and nothing more."""
    return _denied(server, lambda _: Response(b"", 401, media_type="application/json"))


def _denied(server: Server, change: Callable[[Response], Response]) -> Server:
    return server.responded(
        lambda status, answer, usual: (
            change(usual(status, answer)) if status == 401 else usual(status, answer)
        )
    )


@mutant("keys", "response.secret")
def the_wrong_key_is_told_in_the_error(server: Server) -> Server:
    """Invalid API key: and then the key, which so comes into logs and screenshots."""

    def admit(headers: Headers, check: Check) -> None:
        try:
            check(headers)
        except Refusal as refusal:
            key = headers.get("x-api-key", "")
            raise Refusal(refusal.status, f"Invalid API key: {key}") from refusal

    return server.admitted(admit)


@mutant("keys", KEY, "4xx.*", wire=True)
def a_long_header_is_an_internal_error(server: Server) -> Server:
    """4 KiB of key overflow a buffer in front: 500."""

    def admit(headers: Headers, check: Check) -> None:
        if len(headers.get("x-api-key", "")) > 2048:
            raise Refusal(500, "Internal Server Error")
        check(headers)

    return server.admitted(admit)
