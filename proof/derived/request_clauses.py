"""Ways to break the clauses on a request beside its payload: body, method, key, order."""

from collections.abc import Callable
from datetime import UTC, datetime

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from proof.derived.spots import Json
from proof.derived.ways import Ways
from reference.defects.bent import Bend
from reference.defects.server import Server
from reference.refusal import Refusal
from spec.strictjson import Malformed, parse


def of_requests(sound: bytes) -> Ways:
    """Ways to break what is demanded of a request beside its payload; `sound` is a sound body."""

    def read(replaced: Callable[[bytes], bool]) -> Bend:
        return lambda server: server.bent(
            parse=lambda body: server.steps.parse(sound if replaced(body) else body)
        )

    def malformed(body: bytes) -> bool:
        try:
            parse(body)
        except Malformed as error:
            return not error.encoding
        return False

    def latin(body: bytes) -> bytes:
        try:
            body.decode()
        except UnicodeDecodeError:
            return body.decode("latin-1").encode()
        return body

    return {
        "requestBody.required": (
            "bodies",
            {"takes an empty body": read(lambda body: not body.strip())},
            False,
        ),
        "requestBody.json": ("bodies", {"takes what is no JSON": read(malformed)}, False),
        "requestBody.utf8": (
            "bodies",
            {
                "reads what is no UTF-8 as Latin-1": lambda server: server.bent(
                    parse=lambda body: server.steps.parse(latin(body))
                )
            },
            False,
        ),
        "requestBody.mediaType": (
            "bodies",
            {"takes any media type": lambda server: server.bent(check_media_type=lambda _: None)},
            False,
        ),
        "request.method": (
            "http",
            {"takes any method": lambda server: server.wrapped(_any_method)},
            False,
        ),
        "security.key": (
            "keys",
            {
                "asks for no key": lambda server: server.bent(authenticate=lambda *_: None),
                "takes any key": lambda server: server.admitted(_any_key),
            },
            False,
        ),
        "security.first": ("keys", {"checks the body before the key": _body_first}, False),
        "security.right": ("keys", {"takes a key without the right": _any_right}, False),
        "order_id.known": ("orders", {"knows every order": _knows_orders}, False),
        "updated_at.order": (
            "orders",
            {"compares no dates": lambda server: server.bent(check_dates=lambda *_: None)},
            False,
        ),
    }


def _any_method(app: ASGIApp) -> ASGIApp:
    async def call(scope: Scope, receive: Receive, send: Send) -> None:
        await app({**scope, "method": "POST"}, receive, send)

    return call


def _any_key(headers: Headers, check: Callable[[Headers], None]) -> None:
    if "x-api-key" not in headers:
        check(headers)


def _any_right(server: Server) -> Server:
    def admit(headers: Headers, check: Callable[[Headers], None]) -> None:
        try:
            check(headers)
        except Refusal as refusal:
            if refusal.status != 403:
                raise

    return server.admitted(admit)


def _body_first(server: Server) -> Server:
    """The key waits until the order is looked for, which is after all checks of the payload."""
    headers: list[Headers] = []
    authenticate, find_order = server.steps.authenticate, server.steps.find_order

    def later(payload: Json, store: object) -> datetime:
        authenticate(headers[-1], store)  # type: ignore[arg-type] # the store it is
        return find_order(payload, store)  # type: ignore[arg-type] # the store it is

    return server.bent(authenticate=lambda shown, _: headers.append(shown), find_order=later)


def _knows_orders(server: Server) -> Server:
    return server.bent(find_order=lambda *_: datetime(2000, 1, 1, tzinfo=UTC))
