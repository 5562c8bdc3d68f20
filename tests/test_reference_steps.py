"""The reference shares nothing with the suite, and each of its steps can be replaced."""

import ast
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.types import Message, Receive, Scope, Send

import reference
from reference.answer import respond
from reference.instants import instant
from reference.invoice import check
from reference.server import serving
from reference.service import Steps, create_app
from reference.store import Store
from tests.reference_process import KEY, PATH, encoded, invoice, speaking_to

FOLDER = Path(*reference.__path__)
OURS = {path.name for path in FOLDER.parent.iterdir() if path.is_dir()} | {"conftest"}


def imported(file: Path) -> Iterator[str]:
    """The top-level package of each import in a file."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield "." if node.level > 1 else (node.module or "").partition(".")[0]


@pytest.mark.parametrize("file", sorted(FOLDER.rglob("*.py")), ids=lambda file: file.name)
def test_the_reference_imports_nothing_of_the_suite(file: Path) -> None:
    """The endpoint was written from the page, so that no mistake in reading it can hide in both."""
    assert {"spec", "strategies", "targets", "suites", "reports"} <= OURS
    assert not (set(imported(file)) & (OURS - {"reference"} | {".", "importlib"}))


@contextmanager
def changed(**steps: Any) -> Iterator[httpx.Client]:
    """A client of a reference in this process with these steps replaced."""
    store = Store({KEY: True}, {"ORD-20250101": instant("2020-01-01T00:00:00Z")})
    app = create_app(replace(Steps(), **steps), store)
    with serving(app) as url, speaking_to(url) as client:
        yield client
    store.close()


def test_a_check_that_forgets_lets_the_payload_through() -> None:
    """A check that leaves one problem out forgets a requirement, and nothing else."""

    def forgetful(payload: Any) -> Any:
        return tuple(each for each in check(payload) if each.field != "paid_amount")

    with changed(check=forgetful) as client:
        answer = client.post(PATH, content=encoded(invoice(paid_amount=-1)))
    assert (answer.status_code, answer.json()["data"]["paid_amount"]) == (201, -1)


def test_an_answer_can_be_changed() -> None:
    """The response step gets every answer, refusals too."""
    with changed(
        respond=lambda status, answer: respond(status, {**answer, "more": True})
    ) as client:
        answers = [client.post(PATH, content=body).json() for body in (b"", encoded(invoice()))]
    assert [answer["more"] for answer in answers] == [True, True]


def test_bytes_can_be_changed() -> None:
    """The application is plain ASGI, so a layer can change what it sends."""
    store = Store({KEY: True}, {"ORD-20250101": instant("2020-01-01T00:00:00Z")})
    app = create_app(Steps(), store)

    async def in_capitals(scope: Scope, receive: Receive, send: Send) -> None:
        async def send_capitals(message: Message) -> None:
            await send({**message, "body": message.get("body", b"").upper()})

        await app(scope, receive, send_capitals)

    with serving(in_capitals) as url, speaking_to(url) as client:
        assert b'"ORDER_ID"' in client.post(PATH, content=encoded(invoice())).content
    store.close()


def test_a_database_that_fails_is_the_documented_500() -> None:
    """A fault of the service also has the shape of HttpError, and no details of the fault."""

    def failing(*_: object) -> None:
        raise sqlite3.OperationalError("disk I/O error in /var/lib")

    with changed(keep=failing) as client:
        answer = client.post(PATH, content=encoded(invoice()))
    assert answer.status_code == 500
    assert answer.json() == {
        "code": "INTERNAL_SERVER_ERROR",
        "message": "The invoice could not be kept.",
        "details": [],
    }
