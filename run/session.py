"""One run in progress: its plan, what it opened, and everything its tests and reports share."""

import os
import secrets
import shlex
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import pytest

from findings.waivers import Waiver
from reports import output, waive
from reports.escaping import one_line
from reports.exchange_json import Room
from reports.failure import Context
from reports.ledger import Counts, Entry, Ledger
from run.ending.silence import Silence
from run.ending.slow import SlowAnswers
from run.exit_status import Ending, counts
from run.explainer import MOST_IN_ALL, Explainer
from run.notes import notes_of
from run.options import PROFILES, Profile, limits
from run.plan import Plan
from spec.contract import DOCUMENT, READING, TargetFacts
from spec.diff.changes import notes
from spec.exchange import Exchange, HttpFault, ShortRepr
from spec.oracle import Oracle, Verdict
from spec.requirements import Level
from spec.security import KEY_HEADER
from spec.violation import HIDE
from strategies.invalid import unbroken
from strategies.invoice import usual_headers, usual_query
from strategies.packing import Packed
from strategies.parameters import unbroken_parameters
from strategies.too_large import out_of_reach
from targets import config, embedded
from targets.awake import awake
from targets.client import Client
from targets.config import Keys, Target
from targets.connection import trust
from targets.masking import Masker
from targets.pace import Pace, Turns
from targets.stamp import Stamper
from watch import clock


@dataclass(frozen=True, slots=True)
class Opened:
    """What all the workers of a run share: where it goes, with which keys, since when.

    `directory` holds the shared counts and is removed when the run ends.
    """

    base_url: str
    keys: Keys
    run_id: str
    started_at: datetime
    directory: Path

    def as_data(self) -> dict[str, Any]:
        """For the workers, which are other processes."""
        return {
            "base_url": self.base_url,
            "keys": [self.keys.key, self.keys.forbidden],
            "run_id": self.run_id,
            "started_at": self.started_at.isoformat(),
            "directory": str(self.directory),
        }

    @staticmethod
    def from_data(data: dict[str, Any]) -> "Opened":
        """What `as_data` was called on."""
        return Opened(
            data["base_url"],
            Keys(*data["keys"]),
            data["run_id"],
            datetime.fromisoformat(data["started_at"]),
            Path(data["directory"]),
        )


class OutageWatching(Protocol):
    """Looks at each verdict before it counts; `accepted` is whether the control was, at the start.
    `was_away` says whether the target was not there for a moment, once it is back, `is_blocked`
    whether it then answered nothing for long, and `may_be_for_a_moment` whether the key may be
    refused for that. Raises CannotTellError when nothing can be told or the `deadline` has passed.
    """

    accepted: bool
    is_blocked: bool
    deadline: datetime | None

    def __call__(self, verdict: Verdict) -> None: ...  # noqa: D102 # the class says it

    def was_away(self, shown: Exchange | None) -> bool: ...  # noqa: D102

    def may_be_for_a_moment(self, exchange: Exchange) -> bool: ...  # noqa: D102


@dataclass(repr=False)
class Run(ShortRepr):
    """The plan, what was opened for it, the node ids of the tests that this process `collected` and
    of those that are due, and what was seen.

    `worker` is the number of an xdist worker, from 1, and None in the process that leads.
    `announce` tells a person at once what holds up the run, and `clock` that the server's is
    another. `against` asks another target the same (`run.second_target`), and `other_keys` are its
    keys by name. `unheard` counts by test what was not waited for and no finding explains,
    `too_slow` says why where answers are that, `unanswered` has the tests of what was sent ahead in
    vain. What this process knows to be accepted has the stamp `known`, and set the cookies of
    `session`; `filled` are packs with the extras that they got when their test was rehearsed. It
    `begun` on the clock that stands still while we do.
    """

    plan: Plan
    worker: int | None = None
    opened: Opened | None = None
    total: Counts = field(default_factory=Counts)
    ending: Ending = field(default_factory=Ending)
    unheard: Counter[str] = field(default_factory=Counter)
    too_slow: list[str] = field(default_factory=list)
    collected: list[str] = field(default_factory=list)
    due: list[str] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    room: Room = field(default_factory=Room)
    outages: OutageWatching | None = None
    against: Callable[[Verdict], None] | None = None
    other_keys: dict[str, str] = field(default_factory=dict)
    unanswered: Callable[[], Sequence[str]] = tuple
    clock: str = ""
    known: str | None = None
    session: str = ""
    filled: dict[Packed, Packed] = field(default_factory=dict)
    announce: Callable[[str], None] = lambda _: None
    started: float = field(default_factory=time.monotonic)
    begun: float = field(default_factory=awake)
    today: date = field(default_factory=lambda: datetime.now(UTC).date())

    @property
    def open(self) -> Opened:
        """What was opened for the run."""
        assert self.opened is not None, "nothing is open while tests are only collected"
        return self.opened

    @property
    def profile(self) -> Profile:
        """How much is sent."""
        return PROFILES[self.plan.options.profile]

    @property
    def in_flight(self) -> int:
        """How many requests this process may have in flight: its share, but at least one."""
        return max(1, self.plan.concurrency // processes())

    @cached_property
    def facts(self) -> TargetFacts:
        """What is known of the target; the keys are not until it is open."""
        opened, keyed = self.opened, self.plan.contract.operation.keyed
        return TargetFacts(
            key=keyed(opened.keys.key) if opened else None,
            forbidden_key=keyed(opened.keys.forbidden) if opened else None,
            order_ids=self.plan.order_ids,
            order_created_at=self.plan.order_created_at,
            started_at=opened.started_at if opened else datetime.now(UTC),
            kept=tuple((each.name, each.body.encode()) for each in self.plan.kept),
        )

    @cached_property
    def waivers(self) -> tuple[Waiver, ...]:
        """The waivers of the target that have not expired."""
        return tuple(waiver for waiver in self.plan.waivers if not waiver.expired(self.today))

    @cached_property
    def waived(self) -> frozenset[str]:
        """The names of the requirements that are waived today, whatever is found under them."""
        return frozenset(waiver.requirement for waiver in self.waivers if waiver.whole)

    def fails(self, verdict: Verdict) -> bool:
        """Whether a verdict, whose violations are explained, has one that fails and no waiver."""
        if not verdict.failing or not self.waivers:
            return bool(verdict.failing)
        waive.mark_waived(self.ledger.counts, self.waivers)
        failing = {(each.requirement.name, each.category) for each in verdict.failing}
        rows = self.ledger.counts.occurrences.values()
        return any(not row.waived and (row.requirement, row.category) in failing for row in rows)

    @property
    def is_late_told(self) -> bool:
        """Whether a finding without a waiver says that an answer does not come, or has no end."""
        waive.mark_waived(self.ledger.counts, self.waivers)
        return any(
            counts(row, self.plan.options.level)
            and seen.causes[row.cause].broken in (HttpFault.LATE, HttpFault.TOO_LONG)
            for seen in (self.total, self.ledger.counts)
            for row in seen.occurrences.values()
            if row.cause in seen.causes
        )

    @cached_property
    def ledger(self) -> Ledger:
        """The ledger of this process."""
        return Ledger(self.plan.contract, self.waived, self.facts)

    @cached_property
    def oracle(self) -> Oracle:
        """The oracle of this process; the ledger observes its verdicts, which show no key."""
        return Oracle(
            self.plan.contract,
            self.facts,
            self.plan.options.level,
            self.waived,
            observe=self.observe,
        )

    def observe(self, verdict: Verdict) -> None:
        """Take a verdict into the ledger, unless whoever watches the run raises an error."""
        if self.outages is not None:
            self.outages(verdict)
        self.ledger.observe(verdict)
        if self.against is not None:
            self.against(verdict)

    @cached_property
    def stamper(self) -> Stamper:
        """Makes the stamps of this process: one for all its clients, so that none comes twice."""
        return Stamper(self.open.run_id, self.worker or 0)

    @cached_property
    def turns(self) -> Turns:
        """Whose turn it is of the workers, where there are several."""
        return Turns(self.open.directory if processes() > 1 else None)

    @cached_property
    def silence(self) -> Silence:
        """What this process knows of answers that do not come."""
        return Silence(slow=SlowAnswers(self.plan.options.request_timeout))

    @cached_property
    def explainer(self) -> Explainer:
        """What explains the violations that this process sees."""
        return Explainer(
            self.plan.contract,
            self.facts,
            self.oracle,
            self.ledger,
            self.silence,
            self.in_flight,
            MOST_IN_ALL // processes(),
            lambda: bool(self.outages and self.outages.was_away(None)),
        )

    @property
    def keys(self) -> dict[str, str]:
        """Each key by the name of its environment variable, which every output shows instead."""
        target, keys = self.plan.target, self.open.keys
        known = {**self.other_keys, target.key_variable: keys.key}
        if keys.forbidden is not None:
            known[target.forbidden_key_variable] = keys.forbidden
        return known

    @cached_property
    def masker(self) -> Masker:
        """Hides the keys of this run. Raises TargetError for a key that it cannot hide.

        Four gates use it. The terminal: `Plugin` masks pytest's reports and the summary, and
        `run.replay` its lines. Allure's folder: `Results.put` masks each file. The record:
        `Entry.mask`, `exchange_json.to_json`, and the doubts in its head. Every file of reports:
        `output.write`. What is cut before it comes there is masked where it is cut.
        """
        masker = Masker(self.keys)
        HIDE.set(masker.mask)
        return masker

    @property
    def context(self) -> Context:
        """What the explanation of a failure needs to know of the run."""
        return Context(self.open.base_url, self.keys, self.rerun)

    @property
    def rerun(self) -> str:
        """The options that send a test to the same place again, as a shell takes them."""
        options = self.plan.options
        created = options.order_created_at
        url, name = options.base_url, options.target
        given: list[tuple[str, object]] = [
            ("--base-url", url) if url else ("--target", name),
            *(("--order-id", order) for order in options.order_ids),
            ("--order-created-at", created and created.isoformat()),
            ("--allow-production", options.allow_production),
            ("--allow-http", options.allow_http),
            ("--ca-file", options.ca_file),
            ("--document", options.document if options.document != DOCUMENT else None),
            ("--reading", options.reading if options.reading != READING else None),
        ]
        return shlex.join(str(word) for name, value in given if value for word in (name, value))

    def client(self) -> Client:
        """A new client of this process."""
        opened = self.open
        return self.client_of(
            self.plan.target, opened.base_url, opened.keys.key, self.stamper, opened.directory
        )

    def client_of(
        self, target: Target, base_url: str, key: str | None, stamper: Stamper, directory: Path
    ) -> Client:
        """A new client of a target, whose limits are counted in the directory."""
        options = self.plan.options
        ca_file = options.ca_file or target.ca_file
        return Client(
            base_url,
            self.plan.contract.path,
            self.plan.contract.operation.optional_key_header or KEY_HEADER,
            self.plan.contract.operation.keyed(key),
            stamper,
            Pace(directory, *limits(options, target), self.announce, self.turns),
            tls=trust(base_url, ca_file, target.client_cert, target.client_key),
            timeout=options.request_timeout,
            masker=self.masker,
            proxy=target.proxy,
            headers=usual_headers(self.plan.contract),
            always=target.headers,
            query=usual_query(self.plan.contract),
        )

    def masked(self, text: str) -> str:
        """The text without any key; before the run is open there is none to hide."""
        return self.masker.mask(text) if self.opened else text

    def header(self) -> list[str]:
        """The lines above a run: where to, by what, how much."""
        contract, options = self.plan.contract, self.plan.options
        where = self.opened.base_url if self.opened else "not opened"
        stamp = f", stamp IC-{self.opened.run_id}" if self.opened else ""
        digest = f"sha256 {contract.sha256[:12]}"
        lines = [
            f"target: {named(self.plan.target.name, where)}",
            f"document: {contract.title} {contract.version} ({options.document.name}, {digest})",
            f"requirements: {len(contract.requirements)} on POST {contract.path}",
            f"profile: {options.profile}, {FAILS_AT[options.level]}{stamp}",
        ]
        if options.target_left_out:
            why = "is ignored, because --base-url is given"
            lines.append(f"--target {options.target_left_out} {why}")
        return [*map(one_line, lines), *self.unasked(), *map(one_line, notes(contract))]

    def unasked(self) -> list[str]:
        """Lines that say what is not asked, and what nobody knows of another document: a quiet run
        has them too.
        """
        contract, lines = self.plan.contract, []
        if self.facts.order_ids and self.facts.order_created_at is None:
            lines.append("updated_at is not sent: it is not known when the orders were created")
        if beyond := out_of_reach(contract):
            names = ", ".join(f"{each} ({each.operand})" for each in beyond)
            lines.append(f"not sent: requests that break {names}, because they would be too large")
        never = (*unbroken(contract), *unbroken_parameters(contract))
        if others := [str(each) for each in never if each not in beyond]:
            words = ", ".join(others)
            lines.append(f"not tested: the suite has no value that breaks {words}")
        lines += [self.clock] * bool(self.clock)
        return [one_line(line) for line in (*lines, *notes_of(contract))]

    def tell_clock(self) -> None:
        """Tell at the end, too, that the server's clock is another, and what may be for that."""
        if self.clock:
            why = clock.blamed(
                self.plan.contract, [one.requirement for one in self.total.occurrences.values()]
            )
            self.total.outages.insert(0, "; ".join(filter(None, (self.clock, why))))


FAILS_AT = {
    Level.MUST: "only a broken MUST fails the run",
    Level.SHOULD: "a broken MUST or SHOULD fails the run",
}
"""What the head of a run says of `--level`."""
RUN = pytest.StashKey[Run]()
"""Where pytest's configuration keeps the run in progress."""


def open_run(planned: Plan, stack: ExitStack) -> Opened:
    """Find the keys and, for the reference, start it; the stack closes what was opened."""
    directory = stack.enter_context(output.scratch())
    started_at = datetime.now(UTC)
    run_id = secrets.token_hex(4).upper()
    if planned.target.embedded:
        created = planned.order_created_at or started_at - timedelta(days=1)
        orders = dict.fromkeys(planned.order_ids, created)
        reference = stack.enter_context(embedded.started(directory, orders))
        return Opened(reference.base_url, reference.keys, run_id, started_at, directory)
    keys = config.read_keys(planned.target, os.environ)
    return Opened(planned.target.base_url, keys, run_id, started_at, directory)


def named(target: str, address: str) -> str:
    """A target with its address, which may be its name."""
    return target if target == address else f"{target} ({address})"


def processes() -> int:
    """How many workers pytest-xdist has started, of which this process is one."""
    return int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
