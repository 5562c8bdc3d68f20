"""One run in progress: everything that its tests and its reports share."""

import time
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import cached_property

import pytest

from reports.explain import explain
from reports.ledger import Ledger
from reports.page import Page
from reports.tally import Tally
from run import opening
from run.ending import Ending
from run.groups import GROUPS, Named, limited
from run.opening import Opened, Plan
from run.profiles import PROFILES, Profile
from spec.discreet import Discreet
from spec.facts import Facts
from spec.oracle import Oracle, Verdict
from targets.client import Client
from targets.masking import Masker


@dataclass(repr=False)
class Conduct(Discreet):
    """The plan, what was opened for it, the tests due by node id, and what came of it so far.

    `worker` is the number of an xdist worker, from 1, and None in the process that leads.
    """

    plan: Plan
    worker: int | None = None
    opened: Opened | None = None
    total: Tally = field(default_factory=Tally)
    ending: Ending = field(default_factory=Ending)
    due: list[str] = field(default_factory=list)
    pages: list[Page] = field(default_factory=list)
    started: float = field(default_factory=time.monotonic)
    today: date = field(default_factory=lambda: datetime.now(UTC).date())

    @cached_property
    def facts(self) -> Facts:
        """What is known of the target; while nothing is open, what will be but for the keys."""
        return opening.facts(self.plan, self.opened)

    @cached_property
    def waived(self) -> frozenset[str]:
        """The names of the requirements that have a waiver today."""
        return frozenset(w.requirement for w in self.plan.waivers if not w.expired(self.today))

    @property
    def profile(self) -> Profile:
        """How much is asked."""
        return PROFILES[self.plan.options.profile]

    @cached_property
    def masker(self) -> Masker:
        """Hides the keys of this run."""
        return Masker(opening.variables(self.plan, self.open))

    @cached_property
    def ledger(self) -> Ledger:
        """The ledger of this process."""
        return Ledger(self.plan.contract, self.waived)

    @cached_property
    def oracle(self) -> Oracle:
        """The oracle of this process; it tells the ledger."""
        return Oracle(
            self.plan.contract,
            self.facts,
            self.plan.options.level,
            self.waived,
            explain=self.explain,
            observe=self.ledger.observe,
        )

    def client(self) -> Client:
        """A new client of this process."""
        return opening.client(self.plan, self.open, self.worker or 0)

    def explain(self, verdict: Verdict) -> str:
        """The account of a failing verdict, without any key."""
        keys = opening.variables(self.plan, self.open)
        return explain(verdict, self.open.base_url, keys, self.masker)

    def masked(self, text: str) -> str:
        """The text without any key."""
        return self.masker.mask(text) if self.opened else text

    @property
    def again(self) -> str:
        """The options that send a test to the same place again."""
        options = self.plan.options
        if options.base_url is None:
            return f"--target {self.plan.target.name}"
        orders = [f"--order-id {order}" for order in options.order_ids]
        created = options.order_created_at
        dated = [f"--order-created-at {created.isoformat()}"] if created else []
        return " ".join([f"--base-url {options.base_url}", *orders, *dated])

    def header(self) -> list[str]:
        """The lines above a run: where to, by what, how much."""
        contract, options = self.plan.contract, self.plan.options
        where = self.opened.base_url if self.opened else "not opened"
        stamp = f", stamp IC-{self.opened.run_id}" if self.opened else ""
        digest = f"sha256 {contract.sha256[:12]}"
        lines = [
            f"target: {self.plan.target.name} ({where})",
            f"document: {contract.title} {contract.version} ({options.document.name}, {digest})",
            f"requirements: {len(contract.requirements)} on POST {contract.path}",
            f"profile: {options.profile}, failing at {options.level}{stamp}",
        ]
        if self.facts.order_ids and self.facts.order_created_at is None:
            lines.append("updated_at is not sent: when the orders were created is not known")
        return lines

    def groups(self, name: str) -> list[Named] | None:
        """What a test's argument of that name is parametrised with, if it is one of ours."""
        make = GROUPS.get(name)
        if make is None:
            return None
        return limited(make(self.plan.contract, self.facts), self.profile.listed)

    @property
    def open(self) -> Opened:
        """What was opened for the run."""
        assert self.opened is not None, "nothing is open while tests are only collected"
        return self.opened


CONDUCT = pytest.StashKey[Conduct]()
"""Where pytest's configuration keeps the run in progress."""
