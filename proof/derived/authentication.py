"""Mutants that break a requirement on the key."""

from collections.abc import Iterator
from datetime import datetime

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from proof.derived.clauses import Clauses, clause_mutants
from reference.mutants.mutant import Mutant
from reference.mutants.server import CheckKey, Json, Server, layer
from reference.refusal import Refusal
from reference.store import Store
from spec.contract import Contract


def mutants(contract: Contract) -> Iterator[Mutant]:
    """Mutants that need no key, or not the right one, check it too late, or repeat it."""
    clauses: Clauses = {
        "security.key": {
            "asks for no key": lambda server: server.with_steps(authenticate=lambda *_: None),
            "takes any key": lambda server: server.with_key_check(_any_key),
        },
        "security.first": {"checks the body before the key": _body_first},
        "security.right": {
            "takes a key without the right": lambda server: server.with_key_check(_any_right)
        },
        "response.secret": {
            "repeats the key in a header": lambda server: server.with_layers(_repeating_key)
        },
    }
    yield from clause_mutants(contract, "authentication", clauses)


def _any_key(headers: Headers, check: CheckKey) -> None:
    if "x-api-key" not in headers:
        check(headers)


def _any_right(headers: Headers, check: CheckKey) -> None:
    try:
        check(headers)
    except Refusal as refusal:
        if refusal.status != 403:
            raise


def _body_first(server: Server) -> Server:
    """The key is checked when the order is looked up, which is after all checks of the payload."""
    headers: list[Headers] = []
    authenticate, find_order = server.steps.authenticate, server.steps.find_order

    def later(payload: Json, store: Store) -> datetime:
        authenticate(headers[-1], store)
        return find_order(payload, store)

    return server.with_steps(authenticate=lambda shown, _: headers.append(shown), find_order=later)


@layer
async def _repeating_key(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    keys = [value for name, value in scope["headers"] if name == b"x-api-key"]

    async def send_key(message: Message) -> None:
        if message["type"] == "http.response.start" and keys:
            message["headers"] = [*message["headers"], (b"x-seen-key", keys[0])]
        await send(message)

    await app(scope, receive, send_key)
