"""A server about to be changed: its steps, and layers around the application they make."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from reference.refusal import Problem, Refusal
from reference.server import serving
from reference.service import Steps, create_app
from reference.store import Store

Json = Any
"""A JSON value as Python has it."""
Layer = Callable[[ASGIApp], ASGIApp]
"""What an application is wrapped in."""
Host = Callable[[ASGIApp], AbstractContextManager[str]]
"""Serves an application at a base URL for as long as the context lasts."""
Respond = Callable[[int, Json], Response]
"""Makes the response of a status and an answer."""
CheckKey = Callable[[Headers], None]
"""Raises a Refusal unless the headers hold a key that may create invoices."""


def layer(call: Callable[[ASGIApp, Scope, Receive, Send], Awaitable[None]]) -> Layer:
    """The layer that gives a function each request, and the application to give it on to."""

    def wrapped(app: ASGIApp) -> ASGIApp:
        async def called(scope: Scope, receive: Receive, send: Send) -> None:
            await call(app, scope, receive, send)

        return called

    return wrapped


@dataclass(frozen=True, slots=True)
class Server:
    """Each method returns another server, with one thing changed and all else as it was.

    Functions that are given a payload or an answer may change it in place; what counts is what
    they return.
    """

    steps: Steps = field(default_factory=Steps)
    layers: tuple[Layer, ...] = ()
    host: Host = serving

    def app(self, store: Store) -> ASGIApp:
        """The application with its layers, the first one innermost."""
        app: ASGIApp = create_app(self.steps, store)
        for layer in self.layers:
            app = layer(app)
        return app

    def with_steps(self, **steps: Callable[..., Any]) -> "Server":
        """Replace these steps; `Steps` names and describes them."""
        return replace(self, steps=replace(self.steps, **steps))

    def with_layers(self, *layers: Layer) -> "Server":
        """Wrap these layers around all others."""
        return replace(self, layers=(*self.layers, *layers))

    def with_host(self, host: Host) -> "Server":
        """Serve by another HTTP server."""
        return replace(self, host=host)

    def with_key_check(self, check: Callable[[Headers, CheckKey], None]) -> "Server":
        """Check the key by a function that is given the reference's check."""
        authenticate = self.steps.authenticate
        return self.with_steps(
            authenticate=lambda headers, store: check(
                headers, lambda shown: authenticate(shown, store)
            )
        )

    def with_payload(self, change: Callable[[Json], Json]) -> "Server":
        """Change each parsed body before it is checked."""
        parse = self.steps.parse
        return self.with_steps(parse=lambda body: change(parse(body)))

    def with_problems(
        self, judge: Callable[[Json, tuple[Problem, ...]], tuple[Problem, ...]]
    ) -> "Server":
        """Judge a payload by a function that is given it and its problems; it returns those that
        count.
        """
        check = self.steps.check
        return self.with_steps(check=lambda payload: judge(payload, check(payload)))

    def with_data(self, change: Callable[[dict[str, Json], Json], Json]) -> "Server":
        """Change the answer's `data`; the second argument is the payload.

        Invoices are no longer kept: the store would refuse one without an id or with a used one.
        """
        render = self.steps.render
        return self.with_steps(
            render=lambda payload: change(render(payload), payload), keep=lambda *_: None
        )

    def with_error(self, change: Callable[[dict[str, Json], Refusal], Json]) -> "Server":
        """Change the answer to a refusal."""
        explain = self.steps.explain
        return self.with_steps(explain=lambda refusal: change(explain(refusal), refusal))

    def with_response(
        self, change: Callable[[int, Mapping[str, Json], Respond], Response]
    ) -> "Server":
        """Make the response of status and answer by a function that is also given the way in which
        the reference makes it.
        """
        respond = self.steps.respond
        return self.with_steps(respond=lambda status, answer: change(status, answer, respond))

    @contextmanager
    def serving(self, store: Store) -> Iterator[str]:
        """Serve on a free port of the loopback address; yields the base URL."""
        with self.host(self.app(store)) as url:
            yield url


Mutation = Callable[[Server], Server]
"""Changes a server in one way."""
