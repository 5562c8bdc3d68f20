"""Mutants that break a clause of the operation itself: key, body, media type, statuses, HTTP."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from proof.derived.answers import answered, dropped, put
from proof.derived.paths import Json
from reference.mutants.mutant import Change, Mutant
from reference.mutants.raw import head, raw
from reference.mutants.server import Server
from reference.refusal import Refusal
from spec.contract import Contract, TargetFacts
from spec.strictjson import Malformed, parse
from strategies.invoice import base, encode

Ways = dict[str, tuple[str, dict[str, Change], bool]]
"""By requirement: the area, the ways to break it in words, and whether a socket is needed."""


def of_requests(valid: bytes) -> Ways:
    """Ways to break what is demanded of a request beside its payload; `valid` is a valid body."""

    def read(replaced: Callable[[bytes], bool]) -> Change:
        return lambda server: server.mutant(
            parse=lambda body: server.steps.parse(valid if replaced(body) else body)
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
                "reads what is no UTF-8 as Latin-1": lambda server: server.mutant(
                    parse=lambda body: server.steps.parse(latin(body))
                )
            },
            False,
        ),
        "requestBody.mediaType": (
            "bodies",
            {"takes any media type": lambda server: server.mutant(check_media_type=lambda _: None)},
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
                "asks for no key": lambda server: server.mutant(authenticate=lambda *_: None),
                "takes any key": lambda server: server.admitted(_any_key),
            },
            False,
        ),
        "security.first": ("keys", {"checks the body before the key": _body_first}, False),
        "security.right": ("keys", {"takes a key without the right": _any_right}, False),
        "order_id.known": ("orders", {"knows every order": _knows_orders}, False),
        "updated_at.order": (
            "orders",
            {"compares no dates": lambda server: server.mutant(check_dates=lambda *_: None)},
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

    return server.mutant(authenticate=lambda shown, _: headers.append(shown), find_order=later)


def _knows_orders(server: Server) -> Server:
    return server.mutant(find_order=lambda *_: datetime(2000, 1, 1, tzinfo=UTC))


TRACE = 'Traceback (most recent call last):\n  File "/srv/app/views.py", line 41, in create'


def of_answers() -> Ways:
    """Ways to break what is demanded of every answer."""
    refusals, created = range(400, 500), range(201, 202)
    return {
        "response.http": (
            "http",
            {
                "stops in the middle of an answer": lambda server: server.hosted(
                    raw(lambda answer: [head(answer) + answer.body[:-9]], closes=True)
                )
            },
            True,
        ),
        "response.status": (
            "open",
            {"fails on what is unspecified": lambda server: server.mutant(parse=_failing(server))},
            False,
        ),
        "response.documented": (
            "open",
            {"answers 422 to what is unspecified": lambda server: _relabelled(server, 400, 422)},
            False,
        ),
        "response.secret": ("keys", {"repeats the key in a header": _tells_key}, False),
        "201.status": ("success", {"answers 200": lambda s: _relabelled(s, 201, 200)}, False),
        "4xx.status": ("errors", {"answers 422": lambda s: _relabelled(s, 400, 422)}, False),
        "201.mediaType": ("success", {"text/plain": _typed(created)}, False),
        "4xx.mediaType": ("errors", {"text/plain": _typed(refusals)}, False),
        "201.json": ("success", {"a comma too much": _malformed(created)}, False),
        "4xx.json": ("errors", {"a comma too much": _malformed(refusals)}, False),
        "4xx.details.names": (
            "errors",
            {
                "names another field": answered(
                    put(("details", "[]", "field"), "customer"), refusals
                ),
                "gives no details": answered(dropped(("details",)), refusals),
            },
            False,
        ),
        "4xx.leak": (
            "errors",
            {"tells a stack trace": answered(put(("message",), TRACE), refusals)},
            False,
        ),
    }


def _failing(server: Server) -> Callable[[bytes], Json]:
    def parsed(body: bytes) -> Json:
        try:
            payload = server.steps.parse(body)
        except Refusal as refusal:
            raise Refusal(500, "Unexpected") from refusal
        if isinstance(payload, dict) and payload.get("remarks") == " ":
            raise Refusal(500, "Unexpected")
        return payload

    return parsed


def _relabelled(server: Server, status: int, other: int) -> Server:
    def respond(given: int, answer: Mapping[str, Json], usual: Callable[..., Response]) -> Response:
        return usual(other if given == status else given, answer)

    return server.responded(respond)


def _typed(statuses: range) -> Change:
    def respond(
        status: int, answer: Mapping[str, Json], usual: Callable[..., Response]
    ) -> Response:
        response = usual(status, answer)
        if status in statuses:
            response.headers["content-type"] = "text/plain; charset=utf-8"
        return response

    return lambda server: server.responded(respond)


def _malformed(statuses: range) -> Change:
    def respond(
        status: int, answer: Mapping[str, Json], usual: Callable[..., Response]
    ) -> Response:
        response = usual(status, answer)
        if status not in statuses:
            return response
        body = bytes(response.body)[:-1] + b",}"
        return Response(body, status, media_type="application/json")

    return lambda server: server.responded(respond)


def _tells_key(server: Server) -> Server:
    def layer(app: ASGIApp) -> ASGIApp:
        async def call(scope: Scope, receive: Receive, send: Send) -> None:
            keys = [value for name, value in scope["headers"] if name == b"x-api-key"]

            async def telling(message: Message) -> None:
                if message["type"] == "http.response.start" and keys:
                    message["headers"] = [*message["headers"], (b"x-seen-key", keys[0])]
                await send(message)

            await app(scope, receive, telling)

        return call

    return server.wrapped(layer)


def clauses(contract: Contract, facts: TargetFacts) -> Iterator[Mutant]:
    """For each clause a server for each way to break it."""
    ways = {**of_requests(encode(base(contract, facts))), **of_answers()}
    for requirement in contract.requirements:
        area, bends, wire = ways.get(requirement.name, ("", {}, False))
        for words, bend in bends.items():
            yield Mutant(
                f"{words} ({requirement})",
                area,
                (requirement.name,),
                f"Breaks {requirement}: {words}.",
                bend,
                wire,
            )
