"""Mutants that accept another method, or whose responses break HTTP."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from starlette.types import ASGIApp, Receive, Scope, Send

from proof.derived.clauses import Clauses, clause_mutants
from reference.answer import respond
from reference.mutants.asgi import RawResponse
from reference.mutants.codings import zipped
from reference.mutants.mutant import Mutant
from reference.mutants.raw import head, writes
from reference.mutants.server import Mutation, layer
from spec.contract import Contract


def mutants(contract: Contract) -> Iterator[Mutant]:
    """Mutants that accept any method, refuse a client, or break a rule of HTTP; the last need a
    socket.
    """
    requests: Clauses = {
        "request.method": {"takes any method": lambda server: server.with_layers(_any_method)},
        "request.fields": {
            "refuses a request without a User-Agent": _refusing(
                403, lambda scope: b"user-agent" not in dict(scope["headers"])
            ),
            "refuses a header field that it does not know": _refusing(
                400, lambda scope: b"traceparent" in dict(scope["headers"])
            ),
        },
        "request.accept": {
            "refuses a list of media types": _refusing(
                406, lambda scope: b"," in dict(scope["headers"]).get(b"accept", b"")
            )
        },
        "request.query": {
            "refuses a query": _refusing(404, lambda scope: bool(scope["query_string"]))
        },
    }
    yield from clause_mutants(contract, "http", requests)
    responses: Clauses = {
        "response.http": {
            "stops in the middle of a response": writes(
                lambda response: [head(response) + response.body[:-9]], closes=True
            )
        },
        "response.framing": {
            "ends lines without CR": writes(
                lambda response: [head(response).replace(b"\r\n", b"\n") + response.body]
            ),
            "sends a length with chunks": writes(
                lambda response: [head(response, "transfer-encoding: chunked") + _chunk(response)]
            ),
        },
        "response.fields": {
            "sends two media types": writes(
                lambda response: [head(response, "content-type: text/plain") + response.body]
            )
        },
        "4xx.allow": {
            "does not say which method is allowed": writes(
                lambda response: [head(_without_allow(response)) + response.body]
            ),
            "says that only another method is allowed": writes(
                lambda response: [head(_without_allow(response), "allow: GET") + response.body]
            ),
        },
    }
    yield from clause_mutants(contract, "http", responses, wire=True)
    codings: Clauses = {
        "response.coding": {
            # As some frameworks do: they look for the word, and not for its weight.
            "compresses where gzip is named, be it to refuse it": lambda server: server.with_layers(
                zipped(lambda accepted: "gzip" in (accepted or "gzip"))
            ),
            "compresses every answer": lambda server: server.with_layers(
                zipped(lambda accepted: True)  # noqa: ARG005 - whatever is accepted
            ),
        }
    }
    yield from clause_mutants(contract, "http", codings)


def _refusing(status: int, refused: Callable[[Scope], bool]) -> Mutation:
    """Refuses the requests of which this is true, with this status and an HttpError."""

    @layer
    async def call(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
        refusal = respond(status, {"code": "REFUSED", "message": "Not for this client."})
        await (refusal if refused(scope) else app)(scope, receive, send)

    return lambda server: server.with_layers(call)


@layer
async def _any_method(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    await app({**scope, "method": "POST"}, receive, send)


def _chunk(response: RawResponse) -> bytes:
    return b"%x\r\n%b\r\n0\r\n\r\n" % (len(response.body), response.body)


def _without_allow(response: RawResponse) -> RawResponse:
    headers = tuple((name, value) for name, value in response.headers if name != "allow")
    return replace(response, headers=headers)
