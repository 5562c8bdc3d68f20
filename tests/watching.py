"""A target as the watch sees it: the reference, changed or not, asked in this process."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from starlette.responses import Response

from proof.in_process import AppTransport
from reference.mutants.server import Json, Mutation, Respond, Server
from reference.store import Store
from reports.ledger import Ledger
from run import cases
from spec.contract import TargetFacts
from spec.oracle import Oracle
from strategies import bodies, invalid
from tests.clients import KEY, client
from tests.exchanges import CONTRACT
from watch import timing
from watch.baseline import Watched
from watch.features import together

CREATED = datetime(2020, 1, 1, tzinfo=UTC)
FACTS = TargetFacts(KEY, None, ("ORD-1",), CREATED, datetime(2026, 3, 1, tzinfo=UTC))
STARTED = "2026-03-01T00:00:00+00:00"
Asked = tuple[str, list[bytes]]
"""A test and the bodies that it asks."""


@cache
def asked(most: int = 2) -> tuple[Asked, ...]:
    """What is asked of a server, made when it is."""
    return tuple(_asked(most))


def _asked(most: int) -> Iterator[Asked]:
    """What the gate asks, of each requirement at most so many near misses and edges."""
    for group in cases.near_misses(CONTRACT, FACTS):
        bodies_of = [case.body for case in group.cases[:most]]
        yield f"suites/test_rejection.py::test_a_near_miss_is_refused[{group.name}]", bodies_of
    for packs in cases.edge_values(CONTRACT, FACTS):
        bodies_of = [pack.body for pack in packs.cases[:most]]
        yield f"suites/test_acceptance.py::test_a_value_at_the_edge[{packs.name}]", bodies_of
    for case in bodies.non_invoices(CONTRACT, FACTS)[:most]:
        yield f"suites/test_bodies.py::test_a_body[{case.name}]", [case.body]
    for case in invalid.unknown_orders(CONTRACT, FACTS)[:most]:
        yield f"suites/test_rejection.py::test_an_unknown_order[{case.name}]", [case.body]


def unchanged(server: Server) -> Server:
    """The reference as it is."""
    return server


def watched(
    mutate: Mutation = unchanged,
    *,
    name: str = "staging",
    started: str = STARTED,
    seconds: float = 0.1,
    some: slice = slice(None),
) -> Watched:
    """What a server answers to all that is asked, or some of it, each time within the seconds."""
    found: dict[str, dict[str, dict[str, str]]] = {}
    ledger = Ledger(CONTRACT, facts=FACTS)
    oracle = Oracle(CONTRACT, FACTS, observe=ledger.observe)
    times: dict[str, int] = {}
    with TemporaryDirectory() as folder, closing(Store({KEY: True}, {"ORD-1": CREATED})) as store:
        transport = AppTransport(mutate(Server()).app(store))
        with client("http://127.0.0.1", Path(folder), transport=transport) as sender:
            for test, sent in asked()[some]:
                ledger.begin(test)
                for body in sent:
                    oracle.judge(replace(sender.send(body), elapsed=seconds))
                found[test] = {case: together(each) for case, each in ledger.counts.cases.items()}
                for key, count in ledger.counts.times.items():
                    times[key] = times.get(key, 0) + count
    return Watched(name, started, found, timing.summary(times))


def responds(change: Callable[[Response], object]) -> Mutation:
    """The server changes each response on its way out."""

    def respond(status: int, answer: Mapping[str, Json], usual: Respond) -> Response:
        response = usual(status, answer)
        change(response)
        return response

    return lambda server: server.with_response(respond)


def without(name: str) -> Mutation:
    """The server leaves a property out of each invoice."""
    return lambda server: server.with_data(
        lambda data, _: {key: value for key, value in data.items() if key != name}
    )
