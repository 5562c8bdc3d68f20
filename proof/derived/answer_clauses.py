"""Ways to break the clauses on every answer: status, media type, JSON, HTTP, secrets."""

from collections.abc import Callable, Mapping

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from proof.derived.answers import answered, dropped, put
from proof.derived.spots import Json
from proof.derived.ways import Ways
from reference.defects.bent import Bend
from reference.defects.raw import head, raw
from reference.defects.server import Server
from reference.refusal import Refusal

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
            {"fails on what is unspecified": lambda server: server.bent(parse=_failing(server))},
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


def _typed(statuses: range) -> Bend:
    def respond(
        status: int, answer: Mapping[str, Json], usual: Callable[..., Response]
    ) -> Response:
        response = usual(status, answer)
        if status in statuses:
            response.headers["content-type"] = "text/plain; charset=utf-8"
        return response

    return lambda server: server.responded(respond)


def _malformed(statuses: range) -> Bend:
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
