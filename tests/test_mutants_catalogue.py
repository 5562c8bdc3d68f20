"""The catalogue of defects and oddities: long, told, and each entry a server that runs."""

import asyncio
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from starlette.types import ASGIApp

from proof.mutants import AREAS
from reference.mutants import catalogue
from reference.mutants.calling import Called, call
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
    """The application of a bent server that knows the invoice's order."""
    store = Store({KEY: True}, {"ORD-20250101": datetime(2020, 1, 1, tzinfo=UTC)})
    yield mutant.bend(Server()).app(store)
    store.close()


def answered(app: ASGIApp, body: bytes = INVOICE) -> Called:
    """The answer to an invoice."""
    return call(app, "POST", PATH, HEADERS, body)


def test_the_catalogue_is_long_and_wide() -> None:
    """At least 120 defects over every area, and 25 oddities."""
    areas = Counter(mutant.area for mutant in CATALOGUE)
    assert areas.pop(CONFORMING) >= 25
    assert sum(areas.values()) >= 120
    assert set(areas) == set(AREAS)
    assert min(areas.values()) >= 5


@pytest.mark.parametrize("mutant", CATALOGUE, ids=lambda mutant: mutant.name)
def test_each_entry_tells_its_story(mutant: Mutant) -> None:
    """A defect names requirements that exist; an oddity breaks none."""
    names = [requirement.name for requirement in CONTRACT.requirements]
    assert len(mutant.story) > 10
    assert mutant.story.endswith((".", "!", "?"))
    if mutant.conforms:
        assert not mutant.breaks
    else:
        assert mutant.breaks
        for pattern in mutant.breaks:
            alone = Mutant(mutant.name, mutant.area, (pattern,), "", mutant.bend)
            assert any(map(alone.is_named_by, names)), pattern
        assert not all(map(mutant.is_named_by, names))


@pytest.mark.parametrize(
    "mutant", [mutant for mutant in CATALOGUE if not mutant.wire], ids=lambda mutant: mutant.name
)
def test_each_entry_answers_without_a_socket(mutant: Mutant) -> None:
    """Whatever is wrong with it, it is a server: valid, broken and empty bodies get a status."""
    with app_of(mutant) as app:
        for body in (INVOICE, INVOICE.replace(b"500", b'"500"'), INVOICE[:-1], b"", b"[]"):
            assert 100 <= answered(app, body).status < 600


def test_what_a_server_remembers_is_its_own() -> None:
    """Bending twice gives two servers, each with a memory of its own."""
    mutant = next(
        mutant for mutant in CATALOGUE if mutant.name == "every seventh invoice is unavailable"
    )
    with app_of(mutant) as first, app_of(mutant) as second:
        assert [answered(first).status for _ in range(7)] == [201] * 6 + [503]
        assert answered(second).status == 201


def test_an_application_that_waits_is_refused() -> None:
    """It would need an event loop, which a call has not."""

    async def waiting(*_: object) -> None:
        await asyncio.sleep(0)

    with pytest.raises(RuntimeError, match="serve it over a socket"):
        answered(waiting)


def test_two_entries_of_one_name_are_refused() -> None:
    """Each is asked for by its name."""
    from reference.mutants.mutant import mutant  # noqa: PLC0415 # what is under test

    def strings(server: Server) -> Server:
        """Nothing."""
        return server

    strings.__name__ = CATALOGUE[0].name.replace(" ", "_")
    with pytest.raises(ValueError, match="two entries"):
        mutant("echo", "body.type")(strings)
