"""Servers that check the key wrongly, late or not always."""

import re
from base64 import b64decode, b64encode
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, unquote

from starlette.datastructures import Headers
from starlette.requests import Request, cookie_parser
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from reference.mutants.mutant import mutant
from reference.mutants.raw import head, writes
from reference.mutants.server import CheckKey, Json, Layer, Server, layer
from reference.refusal import Refusal
from reference.service import PATH
from reference.store import Store

KEY = "security.key"


def _accepts(server: Server, accepted: Callable[[str, list[str]], bool]) -> Server:
    """The server also accepts some keys, which it may compare with those that were right before."""
    right: list[str] = []

    def check_key(headers: Headers, check: CheckKey) -> None:
        shown = headers.get("x-api-key", "")
        if right and accepted(shown, right):
            return
        check(headers)
        right.append(shown)

    return server.with_key_check(check_key)


def _refuses_with(server: Server, status: int, other: int) -> Server:
    """The server refuses keys with another status, where the reference does so with `status`."""

    def check_key(headers: Headers, check: CheckKey) -> None:
        try:
            check(headers)
        except Refusal as refusal:
            changed = other if refusal.status == status else refusal.status
            raise Refusal(changed, refusal.message) from refusal

    return server.with_key_check(check_key)


@mutant("authentication", KEY)
def half_a_key_is_enough(server: Server) -> Server:
    """`stored.startsWith(given)`: the start of the key is enough and can be guessed letter by
    letter.
    """
    return _accepts(server, lambda shown, right: bool(shown) and right[0].startswith(shown))


@mutant("authentication", KEY)
def what_follows_the_key_is_ignored(server: Server) -> Server:
    """Strncmp with the stored key's length, or bcrypt, which stops after 72 bytes."""
    return _accepts(server, lambda shown, right: shown.startswith(right[0]))


@mutant("authentication", KEY)
def what_follows_a_key_after_72_bytes_is_ignored(server: Server) -> Server:
    """A longer one is cut, and then the padding is taken off."""
    return _accepts(
        server, lambda shown, right: len(shown) > 72 and shown[:72].startswith(right[0])
    )


@mutant("authentication", KEY)
def the_letter_o_is_a_zero_in_a_key(server: Server) -> Server:
    """As in Douglas Crockford's digits, characters that people confuse are one."""
    alike = str.maketrans("OoIlSB", "001158")
    return _accepts(
        server, lambda shown, right: shown.translate(alike) == right[0].translate(alike)
    )


@mutant("authentication", KEY)
def only_the_first_eight_characters_of_a_key_count(server: Server) -> Server:
    """The prefix by which a key is looked up is all of it that is compared."""
    return _accepts(server, lambda shown, right: shown[:8] == right[0][:8])


@mutant("authentication", KEY)
def the_first_eight_characters_are_a_key(server: Server) -> Server:
    """A column for the prefix of a key, by which it is found, is taken for the key."""
    return _accepts(server, lambda shown, right: shown == right[0][:8])


@mutant("authentication", KEY)
def an_asterisk_ends_a_key(server: Server) -> Server:
    """Keys are looked up in a cache by a pattern: KEYS abc*."""

    def found(shown: str, right: list[str]) -> bool:
        return shown.endswith("*") and right[0].startswith(shown[:-1])

    return _accepts(server, found)


@mutant("authentication", KEY)
def a_key_in_hexadecimal_is_decoded(server: Server) -> Server:
    """The key is stored as bytes, and both ways to write them are taken."""
    return _accepts(server, lambda shown, right: shown == right[0].encode().hex())


@mutant("authentication", KEY)
def quotes_around_the_key_are_removed(server: Server) -> Server:
    """The key is read as a quoted string (RFC 9110, section 5.6.4), which its field is not."""
    return _accepts(server, lambda shown, right: shown.strip('"') == right[0])


@mutant("authentication", KEY)
def a_scheme_before_the_key_is_removed(server: Server) -> Server:
    """One function reads the key's field and Authorization."""
    return _accepts(server, lambda shown, right: shown.removeprefix("Bearer ") == right[0])


@mutant("authentication", KEY)
def dashes_in_a_key_do_not_count(server: Server) -> Server:
    """The key is read as a GUID, whose dashes are decoration."""
    return _accepts(
        server, lambda shown, right: shown.replace("-", "") == right[0].replace("-", "")
    )


@mutant("authentication", KEY)
def an_escaped_key_is_unescaped(server: Server) -> Server:
    """One function reads the key's field and the query."""
    return _accepts(server, lambda shown, right: unquote(shown) == right[0])


@mutant("authentication", KEY)
def a_key_in_base64_is_decoded(server: Server) -> Server:
    """One function reads the key's field and the user's name of Basic."""

    def decoded(shown: str, right: list[str]) -> bool:
        return shown == b64encode(right[0].encode()).decode()

    return _accepts(server, decoded)


@mutant("authentication", KEY)
def what_follows_a_semicolon_is_ignored(server: Server) -> Server:
    """One function reads every field, with the parameters that some have."""
    return _accepts(server, lambda shown, right: shown.partition(";")[0] == right[0])


@mutant("authentication", KEY)
def keys_ignore_case(server: Server) -> Server:
    """A column with a case-insensitive collation, MySQL's default."""
    return _accepts(server, lambda shown, right: shown.casefold() == right[0].casefold())


@mutant("authentication", KEY)
def the_key_is_a_pattern(server: Server) -> Server:
    """WHERE key LIKE ?: _ stands for any character, and % for any number of them."""

    def like(shown: str, right: list[str]) -> bool:
        pattern = re.escape(shown).replace("_", ".").replace("%", ".*")
        return re.fullmatch(pattern, right[0]) is not None

    return _accepts(server, like)


@mutant("authentication", KEY)
def an_empty_key_is_right(server: Server) -> Server:
    """The expected key comes from a variable that is not set: empty equals empty."""
    return _accepts(server, lambda shown, _: not shown.strip())


@mutant("authentication", KEY)
def the_word_null_is_a_key(server: Server) -> Server:
    """A row that a client created from its own missing key."""
    return _accepts(server, lambda shown, _: shown in ("null", "undefined"))


@mutant("authentication", KEY)
def sql_in_the_key_is_executed(server: Server) -> Server:
    """The key is pasted into SQL: ' OR '1'='1 matches every row."""
    return _accepts(server, lambda shown, _: "' OR '1'='1" in shown)


@mutant("authentication", KEY)
def a_long_key_is_not_checked(server: Server) -> Server:
    """The comparison fails on a key of several KiB, and the error counts as a match."""
    return _accepts(server, lambda shown, _: len(shown) > 1024)


@mutant("authentication", KEY)
def a_key_beyond_ascii_is_not_checked(server: Server) -> Server:
    """hmac.compare_digest raises TypeError on text beyond ASCII, and the error is ignored."""
    return _accepts(server, lambda shown, _: not shown.isascii())


@mutant("authentication", KEY)
def any_key_of_the_right_length_is_accepted(server: Server) -> Server:
    """The format of the key is checked, not the key."""
    return _accepts(server, lambda shown, right: len(shown) == len(right[0]))


@mutant("authentication", KEY)
def a_key_beyond_ascii_is_an_internal_error(server: Server) -> Server:
    """Decoding the header fails before any check."""

    def check_key(headers: Headers, check: CheckKey) -> None:
        if not headers.get("x-api-key", "").isascii():
            raise Refusal(500, "Internal Server Error")
        check(headers)

    return server.with_key_check(check_key)


@mutant("authentication", KEY)
def no_key_is_an_internal_error(server: Server) -> Server:
    """KeyError: 'X-API-Key'."""

    def check_key(headers: Headers, check: CheckKey) -> None:
        if "x-api-key" not in headers:
            raise Refusal(500, "Internal Server Error")
        check(headers)

    return server.with_key_check(check_key)


@mutant("authentication", KEY, "request.fields", wire=True)
def the_key_header_is_case_sensitive(server: Server) -> Server:
    """The headers are a dictionary with the names as they came: x-api-key is not X-API-Key."""
    return writes(lambda answer: [head(answer) + answer.body], exact=b"X-API-Key")(server)


@mutant("authentication", KEY)
def the_key_may_be_in_the_query(server: Server) -> Server:
    """Another place for the key, and one that ends up in every log."""
    return server.with_layers(_takes_key(_from_query))


@mutant("authentication", KEY)
def the_key_may_be_a_bearer_token(server: Server) -> Server:
    """The server reads two schemes, the document has one."""
    return server.with_layers(
        _takes_key(lambda scope: _header(scope, b"authorization").removeprefix(b"Bearer "))
    )


@mutant("authentication", KEY)
def the_key_may_be_a_password(server: Server) -> Server:
    """Basic authentication, of which the user counts for nothing."""

    def from_password(scope: Scope) -> bytes:
        scheme, _, given = _header(scope, b"authorization").partition(b" ")
        return b64decode(given + b"==").partition(b":")[2] if scheme == b"Basic" else b""

    return server.with_layers(_takes_key(from_password))


@mutant("authentication", KEY)
def the_key_may_be_a_token(server: Server) -> Server:
    """The scheme of Django's REST framework and of Rails, beside the document's."""
    return server.with_layers(
        _takes_key(lambda scope: _header(scope, b"authorization").removeprefix(b"Token "))
    )


@mutant("authentication", KEY)
def the_key_may_be_in_a_cookie(server: Server) -> Server:
    """A browser then sends it with requests from any site."""

    def from_cookies(scope: Scope) -> bytes:
        cookies = cookie_parser(_header(scope, b"cookie").decode("latin-1"))
        return cookies.get("api_key", "").encode()

    return server.with_layers(_takes_key(from_cookies))


@mutant("authentication", KEY)
def the_key_may_have_padding(server: Server) -> Server:
    """A key is read as Base64, which may end in equals signs."""

    def unpadded(headers: Headers, check: CheckKey) -> None:
        fields = headers.items()
        check(Headers({name: value.rstrip("=") for name, value in fields}))

    return server.with_key_check(unpadded)


def _takes_a_property(server: Server, name: str) -> Server:
    """Who has no key in the header may have it in the invoice, as in a form."""
    stores: list[Store] = []

    def authenticate(headers: Headers, store: Store) -> None:
        stores[:] = [store]
        if "x-api-key" in headers:
            server.steps.authenticate(headers, store)

    async def read(request: Request) -> bytes:
        body = await server.steps.read(request)
        if "x-api-key" not in request.headers:
            found = re.search(rb'"%b": ?"([^"]*)"' % name.encode(), body)
            key = found[1].decode("latin-1") if found else ""
            server.steps.authenticate(Headers({"x-api-key": key}), *stores)
        return body

    return server.with_steps(authenticate=authenticate, read=read)


@mutant("authentication", KEY)
def the_key_may_be_a_property(server: Server) -> Server:
    """Under the name that many APIs have for it."""
    return _takes_a_property(server, "api_key")


@mutant("authentication", KEY)
def the_key_may_be_a_property_of_the_name_of_its_field(server: Server) -> Server:
    """As a gateway that is told to look for keys in bodies, too, finds it there."""
    return _takes_a_property(server, "X-API-Key")


def _from_query(scope: Scope) -> bytes:
    query: bytes = scope["query_string"]
    return parse_qs(query.decode()).get("api_key", [""])[0].encode()


def _header(scope: Scope, wanted: bytes) -> bytes:
    headers: list[tuple[bytes, bytes]] = scope["headers"]
    return next((value for name, value in headers if name == wanted), b"")


def _takes_key(find: Callable[[Scope], bytes]) -> Layer:
    """Where the header of the key is missing, a key found elsewhere is put into it."""

    @layer
    async def call(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        key = find(scope)
        if key and not _header(scope, b"x-api-key"):
            scope = {**scope, "headers": [*scope["headers"], (b"x-api-key", key)]}
        await app(scope, receive, send)

    return call


@mutant("authentication", KEY, "security.first")
def the_key_is_checked_after_the_body(server: Server) -> Server:
    """The key is checked by the handler, after the framework has read and validated the body:
    without a key one can still learn what a valid invoice is.
    """
    unchecked: list[tuple[Headers, Store]] = []
    authenticate, find_order = server.steps.authenticate, server.steps.find_order

    def later(payload: Json, store: Store) -> Json:
        authenticate(*unchecked[-1])
        return find_order(payload, store)

    return server.with_steps(
        authenticate=lambda headers, store: unchecked.append((headers, store)), find_order=later
    )


@mutant("authentication", KEY, "security.first")
def no_key_is_needed_for_an_empty_body(server: Server) -> Server:
    """The middleware lets requests without a body pass, such as OPTIONS and health checks."""

    def check_key(headers: Headers, check: CheckKey) -> None:
        if headers.get("content-length") != "0":
            check(headers)

    return server.with_key_check(check_key)


@mutant("authentication", KEY, "security.first")
def the_media_type_is_checked_before_the_key(server: Server) -> Server:
    """A router that finds its handler by the media type, before any handler looks at the key."""

    def check_key(headers: Headers, check: CheckKey) -> None:
        if not headers.get("content-type", "").lower().startswith("application/json"):
            raise Refusal(415, "Only application/json is understood")
        check(headers)

    return server.with_key_check(check_key)


@mutant("authentication", KEY)
def the_wrong_key_is_forbidden(server: Server) -> Server:
    """401 and 403 mixed up: Spring and AWS API Gateway answer 403 to a missing or wrong key."""
    return _refuses_with(server, 401, 403)


@mutant("authentication", KEY)
def the_wrong_key_is_a_bad_request(server: Server) -> Server:
    """The header is validated like any field: 400."""
    return _refuses_with(server, 401, 400)


@mutant("authentication", "security.right")
def a_key_without_the_right_is_401(server: Server) -> Server:
    """The key is right but may not create invoices, and the answer makes its owner look for
    another.
    """
    return _refuses_with(server, 403, 401)


@mutant("authentication", KEY)
def the_wrong_key_is_redirected_to_a_login(server: Server) -> Server:
    """A session framework in front: 302 to a login form for people."""
    return _answers_401(server, lambda _: RedirectResponse("/login", 302))


@mutant("authentication", KEY)
def the_wrong_key_gets_200_and_an_error(server: Server) -> Server:
    """An error in the body but success in the status, as in GraphQL and SOAP."""
    return _answers_401(
        server, lambda usual: Response(usual.body, 200, media_type="application/json")
    )


@mutant("authentication", "4xx.mediaType")
def the_gateway_refuses_keys_in_text(server: Server) -> Server:
    """One line of text, Unauthorized: the gateway in front does not know HttpError."""
    return _answers_401(server, lambda _: PlainTextResponse("Unauthorized\n", 401))


@mutant("authentication", "4xx.*.required", "4xx.code.required")
def the_gateway_refuses_keys_in_its_own_shape(server: Server) -> Server:
    """{"message": "Unauthorized"}: AWS API Gateway, Kong."""
    return _answers_401(
        server,
        lambda _: Response(b'{"message":"Unauthorized"}', 401, media_type="application/json"),
    )


@mutant("authentication", "4xx.json")
def the_wrong_key_gets_no_body(server: Server) -> Server:
    """`w.WriteHeader(401)` and nothing more."""
    return _answers_401(server, lambda _: Response(b"", 401, media_type="application/json"))


def _answers_401(server: Server, change: Callable[[Response], Response]) -> Server:
    return server.with_response(
        lambda status, answer, usual: (
            change(usual(status, answer)) if status == 401 else usual(status, answer)
        )
    )


@mutant("authentication", "response.secret")
def the_wrong_key_is_repeated_in_the_error(server: Server) -> Server:
    """Invalid API key, followed by the key, which so gets into logs and screenshots."""

    def check_key(headers: Headers, check: CheckKey) -> None:
        try:
            check(headers)
        except Refusal as refusal:
            key = headers.get("x-api-key", "")
            raise Refusal(refusal.status, f"Invalid API key: {key}") from refusal

    return server.with_key_check(check_key)


@mutant("authentication", "response.secret")
def a_wrong_key_is_told_how_the_right_one_begins(server: Server) -> Server:
    """The message is meant for the owner, who may have several keys, and others get it, too."""
    known: list[str] = []

    def check_key(headers: Headers, check: CheckKey) -> None:
        try:
            check(headers)
        except Refusal as refusal:
            begins = known[0][: len(known[0]) * 2 // 3] if known else ""
            raise Refusal(refusal.status, f"The active key begins with {begins}.") from refusal
        known.append(headers["x-api-key"])

    return server.with_key_check(check_key)


@mutant("authentication", KEY, "4xx.*", wire=True)
def a_long_header_is_an_internal_error(server: Server) -> Server:
    """A key of 4 KiB overflows a buffer in front: 500."""

    def check_key(headers: Headers, check: CheckKey) -> None:
        if len(headers.get("x-api-key", "")) > 2048:
            raise Refusal(500, "Internal Server Error")
        check(headers)

    return server.with_key_check(check_key)


@mutant("authentication", KEY, "security.first")
def a_key_in_three_parts_is_taken_apart(server: Server) -> Server:
    """It is decoded as a JSON Web Token before it is looked up; one that is none gets 400."""

    def check_key(headers: Headers, check: CheckKey) -> None:
        if headers.get("x-api-key", "").count(".") == 2:
            raise Refusal(400, "The token is malformed.")
        check(headers)

    return server.with_key_check(check_key)


@mutant("authentication", KEY, "security.first", "response.*")
def a_body_that_is_no_object_is_an_internal_error_before_the_key(server: Server) -> Server:
    """The log of requests has `body["reference_id"]`, and is written before the key is checked."""

    @layer
    async def call(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        message = await receive()
        unkeyed = not any(name == b"x-api-key" for name, _ in scope["headers"])
        if unkeyed and message.get("body", b"").startswith(b"["):
            await PlainTextResponse("Internal Server Error", 500)(scope, receive, send)
            return
        messages = [message]

        async def again() -> Any:
            return messages.pop() if messages else await receive()

        await app(scope, again, send)

    return server.with_layers(call)


@mutant("authentication", KEY)
def a_key_with_two_dots_is_read_as_a_token(server: Server) -> Server:
    """Its head is decoded before anything else, and a 500 where that is no JSON."""

    def check_key(headers: Headers, check: CheckKey) -> None:
        shown = headers.get("x-api-key", "")
        if shown.count(".") == 2 and not shown.startswith("eyJ"):
            raise Refusal(500, "Internal Server Error")
        check(headers)

    return server.with_key_check(check_key)


@mutant("authentication", KEY)
def a_log_of_refused_keys_has_a_short_column(server: Server) -> Server:
    """The program that a wrong key came from is kept in 255 characters, and a longer one is a 500:
    DataError, value too long for type character varying(255).
    """

    def check_key(headers: Headers, check: CheckKey) -> None:
        try:
            check(headers)
        except Refusal:
            if len(headers.get("user-agent", "")) > 255:
                raise Refusal(500, "Internal Server Error") from None
            raise

    return server.with_key_check(check_key)


def _guards_one_path_alone(server: Server, reads: Callable[[str], str]) -> Server:
    """The server asks for a key at the documented path alone, and finds the endpoint at what a
    function `reads` in any other path.
    """
    found: list[bool] = []

    def unguarded(app: ASGIApp) -> ASGIApp:
        async def routed(scope: Scope, receive: Receive, send: Send) -> None:
            sent = scope["raw_path"].decode("latin-1").partition("?")[0]
            found[:] = [sent != PATH and reads(sent) == PATH]
            path = PATH if found[0] else scope["path"]
            await app({**scope, "path": path}, receive, send)

        return routed

    def check_key(headers: Headers, check: CheckKey) -> None:
        if found != [True]:
            check(headers)

    return server.with_key_check(check_key).with_layers(unguarded)


@mutant("authentication", KEY)
def a_slash_after_the_path_needs_no_key(server: Server) -> Server:
    """`requestMatchers("/v1/invoices")`, while the router ignores a slash at the end, as Spring did
    before its version 6.
    """
    return _guards_one_path_alone(server, lambda path: path.removesuffix("/"))


@mutant("authentication", KEY)
def two_slashes_in_the_path_need_no_key(server: Server) -> Server:
    """The proxy guards `location = /v1/invoices`, and what is behind it merges slashes."""
    return _guards_one_path_alone(server, lambda path: re.sub("/+", "/", path))


@mutant("authentication", KEY)
def a_path_in_capitals_needs_no_key(server: Server) -> Server:
    """Express finds a route in any letter case; the guard compares the path itself."""
    return _guards_one_path_alone(server, str.lower)


@mutant("authentication", KEY)
def a_parameter_in_the_path_needs_no_key(server: Server) -> Server:
    """A servlet's path has no `;x=1` in it, the URI that the filter compares does."""
    return _guards_one_path_alone(server, lambda path: path.partition(";")[0])


@mutant("authentication", KEY)
def a_format_after_the_path_needs_no_key(server: Server) -> Server:
    """Rails' `(.:format)`, which the list of guarded paths does not have."""
    return _guards_one_path_alone(server, lambda path: path.removesuffix(".json"))


@mutant("authentication", KEY)
def a_dot_in_the_path_needs_no_key(server: Server) -> Server:
    """The guard sees the path before its dot segments are removed (RFC 3986, section 5.2.4)."""
    return _guards_one_path_alone(server, lambda path: path.replace("/./", "/"))


@mutant("authentication", KEY)
def an_escape_in_the_path_needs_no_key(server: Server) -> Server:
    """The guard sees the path before its escapes are read."""
    return _guards_one_path_alone(server, unquote)


@mutant("authentication", KEY)
def a_method_in_a_field_needs_no_key(server: Server) -> Server:
    """The guard is of the POST, and a layer within makes one of another method."""
    guarded: list[bool] = []

    def replacing(app: ASGIApp) -> ASGIApp:
        async def replaced(scope: Scope, receive: Receive, send: Send) -> None:
            said = Headers(scope=scope).get("x-http-method-override", scope["method"])
            guarded[:] = [scope["method"] == "POST"]
            await app({**scope, "method": said}, receive, send)

        return replaced

    def check_key(headers: Headers, check: CheckKey) -> None:
        if guarded != [False]:
            check(headers)

    return server.with_layers(replacing).with_key_check(check_key)
