"""The catalogue of mutants and conforming servers: every entry has a story and is a server."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from starlette.types import ASGIApp

from proof.mutants import SUITES
from reference import mutants
from reference.mutants import catalogue
from reference.mutants import mutant as decorators
from reference.mutants.asgi import RawResponse, call
from reference.mutants.mutant import CONFORMING, Mutant
from reference.mutants.server import Server
from reference.store import Store
from strategies.invoice import complete_invoice, encode
from tests.exchanges import CONTRACT, KEY

CATALOGUE = catalogue()
PATH = "/v1/invoices"
HEADERS = [(b"x-api-key", KEY.encode()), (b"content-type", b"application/json")]
INVOICE = encode(complete_invoice(CONTRACT))


@contextmanager
def app_of(mutant: Mutant) -> Iterator[ASGIApp]:
    """The application of this server, which knows the order of the invoice."""
    store = Store({KEY: True}, {"ORD-20250101": datetime(2020, 1, 1, tzinfo=UTC)})
    yield mutant.mutate(Server()).app(store)
    store.close()


def answered(app: ASGIApp, body: bytes = INVOICE) -> RawResponse:
    """The response to an invoice."""
    return call(app, "POST", PATH, HEADERS, body)


def test_the_catalogue_has_mutants_for_every_suite() -> None:
    """At least 350 mutants, five or more of each topic, and 65 conforming servers."""
    topics = Counter(mutant.topic for mutant in CATALOGUE)
    assert topics.pop(CONFORMING) >= 65
    assert sum(topics.values()) >= 350
    assert min(topics.values()) >= 5
    assert {mutant.suite for mutant in CATALOGUE} == {*SUITES, CONFORMING}


def test_every_module_is_in_the_catalogue() -> None:
    """Each mutant stands in a module named after its topic, so that it is easy to find."""
    for mutant in CATALOGUE:
        module = mutant.mutate.__module__.rpartition(".")[2]
        assert module.startswith(mutant.topic.replace("/", "_")), mutant.name
    files = {path.stem for path in Path(*mutants.__path__).glob("*.py")}
    listing = {mutant.mutate.__module__.rpartition(".")[2] for mutant in CATALOGUE}
    shared = {
        "__init__",
        "asgi",
        "operators",
        "codings",
        "conditions",
        "mutant",
        "raw",
        "server",
    }
    assert files - shared == listing


@pytest.mark.parametrize("mutant", CATALOGUE, ids=lambda mutant: mutant.name)
def test_each_entry_has_a_story(mutant: Mutant) -> None:
    """A mutant names requirements that exist; a conforming server breaks none."""
    names = [requirement.name for requirement in CONTRACT.requirements]
    assert len(mutant.story) > 10
    assert mutant.story.endswith((".", "!", "?"))
    if mutant.conforms:
        assert not mutant.breaks
    else:
        assert mutant.breaks
        for pattern in mutant.breaks:
            alone = Mutant(mutant.name, mutant.topic, (pattern,), "", mutant.mutate)
            assert any(map(alone.is_named_by, names)), pattern
        assert not all(map(mutant.is_named_by, names))


@pytest.mark.parametrize(
    "mutant", [mutant for mutant in CATALOGUE if not mutant.wire], ids=lambda mutant: mutant.name
)
def test_each_entry_answers_without_a_socket(mutant: Mutant) -> None:
    """Valid, invalid and empty bodies get a status, whatever is wrong with the server."""
    with app_of(mutant) as app:
        for body in (INVOICE, INVOICE.replace(b"500", b'"500"'), INVOICE[:-1], b"", b"[]"):
            assert 100 <= answered(app, body).status < 600


def test_what_a_server_remembers_is_its_own() -> None:
    """A mutation applied twice gives two servers, each with its own memory."""
    mutant = next(
        mutant for mutant in CATALOGUE if mutant.name == "every seventh invoice is unavailable"
    )
    with app_of(mutant) as first, app_of(mutant) as second:
        assert [answered(first).status for _ in range(7)] == [201] * 6 + [503]
        assert answered(second).status == 201


def test_an_application_that_waits_is_refused() -> None:
    """It would need an event loop, which a direct call does not have."""

    async def waiting(*_: object) -> None:
        await asyncio.sleep(0)

    with pytest.raises(RuntimeError, match="serve it over a socket"):
        answered(waiting)


def test_two_entries_of_one_name_are_refused() -> None:
    """A name says which server is meant."""

    def strings(server: Server) -> Server:
        """Changes nothing."""
        return server

    strings.__name__ = CATALOGUE[0].name.replace(" ", "_")
    with pytest.raises(ValueError, match="two entries"):
        decorators.mutant("acceptance/echo", "body.type")(strings)
