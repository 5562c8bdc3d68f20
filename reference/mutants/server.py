"""A server about to be bent: its steps, and layers around the application they make."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp

from reference.refusal import Problem, Refusal
from reference.server import serving
from reference.service import Steps, create_app
from reference.store import Store

Json = Any
"""A JSON value as Python has it."""
Layer = Callable[[ASGIApp], ASGIApp]
"""What an application is wrapped in."""
Host = Callable[[ASGIApp], AbstractContextManager[str]]
"""What puts an application behind a base URL for a while."""


@dataclass(frozen=True, slots=True)
class Server:
    """Bent by making others from it; each method changes one thing and keeps the rest.

    A payload is changed in place or replaced by what a function returns; so are answers.
    """

    steps: Steps = field(default_factory=Steps)
    layers: tuple[Layer, ...] = ()
    host: Host = serving

    def app(self, store: Store) -> ASGIApp:
        """The application, its layers around it, the first one innermost."""
        app: ASGIApp = create_app(self.steps, store)
        for layer in self.layers:
            app = layer(app)
        return app

    def wrapped(self, *layers: Layer) -> "Server":
        """With these layers outside all others."""
        return replace(self, layers=(*self.layers, *layers))

    def hosted(self, host: Host) -> "Server":
        """Behind another HTTP server."""
        return replace(self, host=host)

    def mutant(self, **steps: Callable[..., Any]) -> "Server":
        """With these steps instead; `Steps` names and describes them."""
        return replace(self, steps=replace(self.steps, **steps))

    def parsed(self, change: Callable[[Json], Json]) -> "Server":
        """With every parsed body changed before it is checked."""
        parse = self.steps.parse
        return self.mutant(parse=lambda body: change(parse(body)))

    def checked(
        self, judge: Callable[[Json, tuple[Problem, ...]], tuple[Problem, ...]]
    ) -> "Server":
        """With the problems of a payload judged again; what comes back are those that count."""
        check = self.steps.check
        return self.mutant(check=lambda payload: judge(payload, check(payload)))

    def rendered(self, change: Callable[[dict[str, Json], Json], Json]) -> "Server":
        """With the answer's `data` changed; the second argument is the payload.

        Nothing is kept any more: the store would not take an invoice without its id, or one twice.
        """
        render = self.steps.render
        return self.mutant(
            render=lambda payload: change(render(payload), payload), keep=lambda *_: None
        )

    def explained(self, change: Callable[[dict[str, Json], Refusal], Json]) -> "Server":
        """With the answer to a refusal changed."""
        explain = self.steps.explain
        return self.mutant(explain=lambda refusal: change(explain(refusal), refusal))

    def responded(
        self, change: Callable[[int, Mapping[str, Json], Callable[..., Response]], Response]
    ) -> "Server":
        """With the response made from status and answer by a function that is given the usual way
        of making it.
        """
        respond = self.steps.respond
        return self.mutant(respond=lambda status, answer: change(status, answer, respond))

    def admitted(self, admit: Callable[[Headers, Callable[[Headers], None]], None]) -> "Server":
        """With the key checked by a function that is given the usual check."""
        authenticate = self.steps.authenticate
        return self.mutant(
            authenticate=lambda headers, store: admit(
                headers, lambda shown: authenticate(shown, store)
            )
        )

    @contextmanager
    def serving(self, store: Store) -> Iterator[str]:
        """On a free port of the loopback address; yields the base URL."""
        with self.host(self.app(store)) as url:
            yield url
