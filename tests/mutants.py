"""The reference changed in one way, and the suite run against it as a user runs it."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from starlette.types import ASGIApp

from reference.server import listen, serving, url
from reference.service import Steps
from tests import running
from tests.running import ORDER, Result
from watch.fingerprint import node_parts

Change = Callable[[Steps], Steps]
Layer = Callable[[ASGIApp], ASGIApp]
"""Wraps the application, to change what comes in or goes out."""
Rewrite = Callable[[bytes], bytes]
"""Changes bytes on their way to the server, piece by piece as they come."""


@contextmanager
def mutant_server(
    change: Change | None = None, layer: Layer | None = None, wire: Rewrite | None = None
) -> Iterator[str]:
    """The reference with changed steps, in a layer and with rewritten input; the base URL."""
    steps = change(Steps()) if change else None
    with ExitStack() as stack:
        app = stack.enter_context(running.application(steps))
        base_url = stack.enter_context(serving(layer(app) if layer else app))
        yield stack.enter_context(relay(base_url, wire)) if wire else base_url


def suite(base_url: str, *arguments: str, place: str = "suites") -> Result:
    """Run the suites, or those of one place, against a server that knows one order."""
    with TemporaryDirectory() as folder:
        options = ("--base-url", base_url, *ORDER, "-v", "--reports", folder, *arguments)
        done = running.suite(*options, place=place)
        file = Path(folder, "run.json")
        return replace(done, record=json.loads(file.read_bytes()) if file.exists() else {})


def broken(result: Result) -> set[str]:
    """The names of the requirements that a run found violated, so that it fails."""
    failing = [cause for cause in result.record["findings"] if cause["verdict"] == "broken"]
    return {name for cause in failing for name in (cause["requirement"], *cause["also"])}


def found(result: Result) -> set[str]:
    """The names of the requirements that a finding is told under, so that the run fails."""
    return {one["requirement"] for one in result.record["findings"] if one["verdict"] == "broken"}


def failed(result: Result) -> set[str]:
    """The cases that failed; a test without cases goes by its own name."""
    parts = [node_parts(t["id"]) for t in result.record["tests"] if t["outcome"] == "failed"]
    return {case or function for _, function, case in parts}


@contextmanager
def relay(base_url: str, rewrite: Rewrite) -> Iterator[str]:
    """A base URL that passes every connection on to the server, with rewritten input."""
    host, _, port = base_url.removeprefix("http://").partition(":")
    listener = listen("127.0.0.1", 0)

    def pass_on(source: socket.socket, sink: socket.socket, change: Rewrite) -> None:
        with source, sink:
            with suppress(OSError):
                while piece := source.recv(65536):
                    sink.sendall(change(piece))
            for end in (source, sink):
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)  # which also wakes the thread of the other way

    def accept() -> None:
        with suppress(OSError):
            while True:
                caller = listener.accept()[0]
                server = socket.create_connection((host, int(port)))
                for way in ((caller, server, rewrite), (server, caller, bytes)):
                    threading.Thread(target=pass_on, args=way, daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield url(listener)
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()
