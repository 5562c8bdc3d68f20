"""What the next tests are going to ask, so that it can be sent ahead (`targets/prefetch.py`).

A test is rehearsed: it is run with an endpoint that takes note of what is asked and answers
nothing. A drawn test draws the same when it is rehearsed and when it is run.
"""

from collections.abc import Generator, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import islice

import pytest
from typing_extensions import override

from reports.ledger import Counts
from run.ask import Api
from run.session import Run
from run.verdicts import Verdicts
from spec.exchange import Exchange, Request
from spec.probes import Probe
from spec.requirements import Requirement
from strategies.cases import Crowd, Series, is_ordered
from strategies.packing import Packed, with_extras
from strategies.unspecified.cases import Mixtures
from targets.client import Outgoing
from targets.prefetch import Prefetch


@dataclass(slots=True, repr=False)
class Notes(Verdicts):
    """Notes what may be asked ahead, and sends nothing."""

    noted: list[Outgoing] = field(default_factory=list)

    @override
    def of(
        self,
        outgoing: Outgoing,
        about: Requirement | None = None,
        before: Request | None = None,
        probe: Probe | None = None,
    ) -> None:
        """Note a request; there is no verdict."""
        del about, before, probe
        self.noted.append(outgoing)


@dataclass(slots=True, repr=False)
class Rehearsal(Api):
    """The endpoint, as a test sees it that is rehearsed; `noted` is what may be asked ahead."""

    noted: list[Outgoing] = field(default_factory=list)

    @override
    def __post_init__(self) -> None:
        self._verdicts = Notes(self.run, self.client, self.prefetch, noted=self.noted)

    @override
    def _filled(self, pack: Packed) -> Packed:
        """The pack with its extras, which is kept until the test itself asks it."""
        filled = self.run.filled[pack] = with_extras(self.contract, self.facts, pack)
        return filled

    @override
    def ask_mixtures(self, mixtures: Mixtures) -> None:
        """Note the mixtures; what is asked after them depends on the answers."""
        for mixed in mixtures.cases:
            self._judge(mixed)

    @override
    def ask_in_turn(self, series: Series | Crowd) -> None:
        """Note the requests of a crowd that may come in any order."""
        for case in () if is_ordered(series) else series.cases:
            self._send(case)

    @override
    def ask_at_once(self, crowd: Crowd, connections: int) -> None:
        """Note nothing: these have their own connections."""


class Lookahead:
    """A plugin of pytest that has what the next tests ask sent ahead."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.prefetch: Prefetch | None = None
        self.coming: Sequence[pytest.Item] = ()
        self.places: dict[str, int] = {}

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        """Remember the order of the tests."""
        self.coming = session.items
        self.places = {item.nodeid: place for place, item in enumerate(session.items)}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(
        self, item: pytest.Item, nextitem: pytest.Item | None
    ) -> Generator[None, object, object]:
        """Remember the next test, which is all that a worker of pytest-xdist knows."""
        if self.run.worker is not None:
            self.coming = [each for each in (item, nextitem) if each is not None]
            self.places = {item.nodeid: 0}
        return (yield)

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        """Plan what this test and the next ones are going to ask."""
        api = item.funcargs.get("api") if isinstance(item, pytest.Function) else None
        if not isinstance(api, Api):
            return
        prefetch = self.prefetch = api.prefetch
        for each in islice(self.coming, self.places[item.nodeid], None):
            if each is not item and not prefetch.is_short:
                break
            if not prefetch.knows(each.nodeid):
                prefetch.plan(each.nodeid, rehearsed(each, api))
        prefetch.begin(item.nodeid)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_teardown(self) -> None:
        """Count what was sent for this test and not asked by it, as where it failed early."""
        if self.prefetch is not None:
            count_unasked(self.run, self.run.ledger.counts, self.prefetch.end())

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self) -> None:
        """Count what was sent for tests that never ran."""
        if self.prefetch is not None:
            count_unasked(self.run, self.run.total, self.prefetch.close())


def rehearsed(item: pytest.Item, api: Api) -> list[Outgoing]:
    """What a test is going to ask; nothing where that cannot be known, or if it is skipped."""
    if not isinstance(item, pytest.Function):
        return []
    given = {**(item.callspec.params if hasattr(item, "callspec") else {}), "api": None}
    rehearsal = given["api"] = Rehearsal(api.run, api.client, api.prefetch)
    names = item._fixtureinfo.argnames  # noqa: SLF001 - as pytest's own caller of tests does
    if not given.keys() >= {*names}:
        return []
    try:
        item.obj(**{name: given[name] for name in names})
    except (Exception, pytest.skip.Exception):  # noqa: BLE001 # the test itself will show it
        return []
    return rehearsal.noted


def count_unasked(run: Run, counts: Counts, exchanges: Iterable[Exchange]) -> None:
    """Count requests on which there is no verdict."""
    for exchange in exchanges:
        counts.requests += 1
        counts.created += run.plan.contract.operation.creates(exchange.response)
