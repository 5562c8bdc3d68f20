"""Sending ahead changes when a request is sent, and neither what is sent nor what is found."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from findings.rows import WITH_OTHERS
from proof.mutants import every_server
from reference.mutants.mutant import Mutant
from reference.mutants.server import Server
from reference.server import serving
from reference.store import Store
from spec import contract
from spec.contract import TargetFacts, unstamped
from strategies.series import omissions
from targets.prefetch import AHEAD, MOST_OTHERWISE
from tests.faulty import SUBTLE
from tests.mutants import failed, found, suite
from tests.running import FORBIDDEN, KEY, Result, application, server, untimed

CREATED = datetime(2020, 1, 1, tzinfo=UTC)
NEAR = "test_a_near_miss_is_refused"
OMITTED = "test_a_property_left_out"
EVERY = 53
"""Each such server of the proof is judged twice here: few, as each takes two runs."""

JUDGED = contract.load()
FACTS = TargetFacts(KEY, FORBIDDEN, ("ORD-1",), CREATED, datetime.now(UTC))


@dataclass(slots=True)
class Traffic:
    """What a server saw: how many requests there were at once at most, and each body with how many
    there were while it was answered.
    """

    here: int = 0
    most: int = 0
    seen: list[tuple[bytes, int]] = field(default_factory=list)


def _crowded(app: ASGIApp, traffic: Traffic, most: int, answer: Response | None) -> ASGIApp:
    """Gives this answer to a request that comes when there are so many others."""

    async def counted(scope: Scope, receive: Receive, send: Send) -> None:
        traffic.here += 1
        traffic.most = max(traffic.most, traffic.here)
        body, crowded = b"", traffic.here > most

        async def listening() -> Message:
            nonlocal body
            message = await receive()
            body += message.get("body", b"")
            return message

        await asyncio.sleep(0.005)  # as on a wire: what is in flight together meets here
        here = traffic.here
        if answer is not None and crowded:
            await answer(scope, receive, send)
        else:
            await app(scope, listening, send)
        traffic.seen.append((_unstamped(body), max(here, traffic.here)))
        traffic.here -= 1

    return counted


def _unstamped(body: bytes) -> bytes:
    return untimed(unstamped(body.decode("latin-1")).encode("latin-1"))


@contextmanager
def _traffic(most: int = 0, answer: Response | None = None) -> Iterator[tuple[str, Traffic]]:
    traffic = Traffic()
    with application() as app, serving(_crowded(app, traffic, most, answer)) as url:
        yield url, traffic


def _judged(url: str, concurrency: int, *options: str) -> Result:
    return suite(url, "--concurrency", str(concurrency), *options)


@pytest.mark.quick
def test_the_same_requests_are_sent_but_more_at_a_time() -> None:
    """At the smoke profile, byte for byte apart from the stamps."""
    sent = []
    for concurrency in (1, 8):
        with _traffic() as (url, traffic):
            result = _judged(url, concurrency, "--hypothesis-profile", "smoke")
        assert result.status == 0, result.output
        assert (traffic.most > 1) == (concurrency > 1)
        sent.append(sorted(body for body, _ in traffic.seen))
    assert sent[0] == sent[1]


def test_no_more_are_in_flight_than_asked_for() -> None:
    """Five, of the tests that need not be alone."""
    with _traffic() as (url, traffic):
        result = _judged(url, 5, "-k", NEAR)
    assert result.status == 0, result.output
    assert 1 < traffic.most <= 5


def test_a_test_of_order_runs_alone() -> None:
    """What comes before and after it is not in flight meanwhile."""
    (series,) = omissions(JUDGED, FACTS)
    bodies = {_unstamped(case.body) for case in series.cases if case.kind == "valid"}
    with _traffic() as (url, traffic):
        result = _judged(url, 8, "-k", f"{NEAR} or {OMITTED} or test_another_media_type")
    assert result.status == 0, result.output
    together = [here for body, here in traffic.seen if body in bodies]
    assert len(together) >= len(bodies)
    assert set(together) == {1}
    assert traffic.most > 1


def test_a_server_that_fails_under_load_is_a_finding() -> None:
    """It is told with the same request sent alone, to which the answer is as it should be."""
    with _traffic(1, Response(b"", 500)) as (url, _):
        result = _judged(url, 8, "-k", NEAR)
    assert result.status == 1, result.output
    (finding,) = [one for one in result.record["findings"] if one["verdict"] == "broken"]
    assert finding["status"] == 500
    assert finding["accepted"].endswith(", sent alone 16 times")
    assert finding["refused"].endswith(", with other requests in flight")
    # After a few such answers nothing more is sent ahead.
    assert finding["times"] <= MOST_OTHERWISE + AHEAD * 8


def test_a_server_that_takes_few_at_once_is_asked_more_slowly() -> None:
    """A 429 to what is too much is no finding: half as many are in flight from then on."""
    with _traffic(1, Response(b"", 429, {"retry-after": "0"})) as (url, traffic):
        result = _judged(url, 8, "-k", NEAR)
    assert result.status == 0, result.output
    assert traffic.most > 1


@pytest.mark.parametrize("options", [("-x",), ("-x", "-n", "2")], ids=["alone", "workers"])
def test_a_run_that_stops_early_has_sent_little_more(options: tuple[str, ...]) -> None:
    """With -x what was sent ahead of the tests is limited, and counted."""
    with server(SUBTLE) as url:
        result = _judged(url, 8, *options, "-k", NEAR)
        one = _judged(url, 1, *options, "-k", NEAR)
    assert (result.status, one.status) == (1, 1), result.output
    counts = [each.record["counts"]["requests"] for each in (result, one)]
    assert counts[0] <= counts[1] + 2 * AHEAD * 8 + 20


def test_the_budget_holds() -> None:
    """The server never sees more requests than --max-requests allows."""
    with _traffic() as (url, traffic):
        result = _judged(url, 8, "--max-requests", "50", "-k", NEAR)
    assert result.status == 6, result.output
    assert len(traffic.seen) <= 50


@pytest.mark.parametrize("mutant", every_server(JUDGED, FACTS)[::EVERY], ids=lambda it: it.name)
def test_the_verdicts_are_those_of_one_at_a_time(mutant: Mutant) -> None:
    """On a part of the servers of the proof, over sockets, by the suite that has to find it. Some
    end the run before a test, and one before there is a record.
    """
    one, many = _of_one_and_of_many(mutant)
    assert one.status == many.status, one.output + many.output
    assert (one.status == 0) == mutant.conforms, one.output
    assert bool(one.record) == bool(many.record)
    if one.record:
        assert found(one) == found(many)
        if not _shows_with_others(one):  # which ones are, differs
            assert failed(one) == failed(many)


@pytest.mark.whole_runs
def test_what_only_many_at_once_get_is_told_so_with_one_at_a_time() -> None:
    """As the test of many at once sends them in any case."""
    name = "one order is locked while it is written"
    (mutant,) = (each for each in every_server(JUDGED, FACTS) if each.name == name)
    one, many = _of_one_and_of_many(mutant)
    for result in (one, many):
        (finding,) = result.record["findings"]
        assert finding["requirement"] == "201.status"
        assert finding["accepted"] == "the plain invoice, sent alone 16 times"
        assert finding["refused"] == "the plain invoice, with other requests in flight"


def _of_one_and_of_many(mutant: Mutant) -> list[Result]:
    """Runs of the suite that has to find it with one request in flight and with 16."""
    place = "suites" if mutant.conforms else f"suites/test_{mutant.suite}.py"
    results = []
    for concurrency in ("1", "16"):
        store = Store({KEY: True, FORBIDDEN: False}, {"ORD-1": CREATED})
        with mutant.mutate(Server()).serving(store) as url:
            results.append(suite(url, "--concurrency", concurrency, place=place))
        store.close()
    return results


def _shows_with_others(result: Result) -> bool:
    """Whether what is found depends on what else is in flight."""
    return any(each["shows"] == WITH_OTHERS for each in result.record["findings"])
