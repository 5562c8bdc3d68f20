"""Mutants that accept another method, or whose responses break HTTP."""

from collections.abc import Iterator
from dataclasses import replace

from starlette.types import ASGIApp, Receive, Scope, Send

from proof.derived.clauses import Clauses, clause_mutants
from reference.mutants.calling import RawResponse
from reference.mutants.mutant import Mutant
from reference.mutants.raw import head, writes
from spec.contract import Contract


def mutants(contract: Contract) -> Iterator[Mutant]:
    """Mutants that accept any method or break a rule of HTTP; the latter need a socket."""
    methods: Clauses = {
        "request.method": {"takes any method": lambda server: server.with_layers(_any_method)}
    }
    yield from clause_mutants(contract, "http", methods)
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
            )
        },
    }
    yield from clause_mutants(contract, "http", responses, wire=True)


def _any_method(app: ASGIApp) -> ASGIApp:
    async def call(scope: Scope, receive: Receive, send: Send) -> None:
        await app({**scope, "method": "POST"}, receive, send)

    return call


def _chunk(response: RawResponse) -> bytes:
    return b"%x\r\n%b\r\n0\r\n\r\n" % (len(response.body), response.body)


def _without_allow(response: RawResponse) -> RawResponse:
    headers = tuple((name, value) for name, value in response.headers if name != "allow")
    return replace(response, headers=headers)
