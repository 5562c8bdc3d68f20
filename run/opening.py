"""Opens a run: loads the documents, chooses the target, finds the keys, starts the reference."""

import os
import secrets
import tempfile
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from run.options import Options
from spec import baselines, probes, waivers
from spec import contract as contracts
from spec.baselines import Baseline
from spec.contract import Contract
from spec.errors import SpecError
from spec.facts import Facts
from spec.probes import Probe
from spec.waivers import Waiver
from strategies.edges import order_id_edges
from targets import embedded, guard, table
from targets.client import Client
from targets.errors import TargetError
from targets.keys import Keys, read_keys
from targets.masking import Masker
from targets.pace import Pace
from targets.sockets import trust
from targets.stamp import Stamper

TARGETS = Path(__file__).parent.parent / "targets.toml"


@dataclass(frozen=True, slots=True)
class Opened:
    """What all the workers of a run share: where it goes, with which keys, since when.

    `directory` holds the shared counts and is gone when the run ends.
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
        """What `as_data` gave."""
        return Opened(
            data["base_url"],
            Keys(*data["keys"]),
            data["run_id"],
            datetime.fromisoformat(data["started_at"]),
            Path(data["directory"]),
        )


@dataclass(frozen=True, slots=True)
class Plan:
    """What is known before anything is opened: the options, the contract and the target.

    `waivers` are the target's, expired ones too, `baseline` its accepted answers to `probes`.
    """

    options: Options
    contract: Contract
    target: table.Target
    order_ids: tuple[str, ...]
    order_created_at: datetime | None
    probes: tuple[Probe, ...]
    baseline: Baseline
    waivers: tuple[Waiver, ...]


def plan(options: Options) -> Plan:
    """Load and check all that the options name; TargetError or SpecError, before any packet."""
    contract = contracts.load(options.document)
    targets = table.load(TARGETS)
    if options.base_url is not None:
        target = table.from_base_url(options.base_url)
    else:
        target = table.chosen(targets, options.target, TARGETS)
    if not target.embedded:
        # A document that is given may add servers; none of the vendor's loses its guard by it.
        known = contracts.load(contracts.DOCUMENT).servers
        hosts = guard.production_hosts((*contract.servers, *known))
        guard.refuse_production(target.base_url, hosts, options.allow_production)
    order_ids = options.order_ids or target.order_ids
    if target.embedded:
        order_ids += tuple(i for i in order_id_edges(contract) if i not in order_ids)
    created = options.order_created_at or target.order_created_at
    if created is not None and not order_ids:
        raise TargetError(
            "When orders were created is given, but no order: add --order-id, or order_ids to the "
            "target."
        )
    asked = probes.load()
    baseline = baselines.load(target.name, {probe.name for probe in asked})
    waived = _waivers(contract, {*targets, target.name}, target.name)
    return Plan(options, contract, target, order_ids, created, asked, baseline, waived)


def _waivers(contract: Contract, targets: set[str], target: str) -> tuple[Waiver, ...]:
    found = waivers.load({requirement.name for requirement in contract.requirements})
    for waiver in found:
        if waiver.target not in targets and "://" not in waiver.target:
            raise SpecError(
                f"{waiver.file}:{waiver.line}: there is no target {waiver.target!r} in {TARGETS}."
            )
    return tuple(waiver for waiver in found if waiver.target == target)


def open_run(planned: Plan, stack: ExitStack) -> Opened:
    """Find the keys and, for the reference, start it; the stack closes what was opened."""
    directory = Path(
        stack.enter_context(tempfile.TemporaryDirectory(prefix="invoice-conformance-"))
    )
    started_at = datetime.now(UTC)
    run_id = secrets.token_hex(4).upper()
    if planned.target.embedded:
        made = planned.order_created_at or started_at - timedelta(days=1)
        orders = dict.fromkeys(planned.order_ids, made)
        reference = stack.enter_context(embedded.started(directory, orders))
        return Opened(reference.base_url, reference.keys, run_id, started_at, directory)
    keys = read_keys(planned.target, os.environ)
    return Opened(planned.target.base_url, keys, run_id, started_at, directory)


def facts(planned: Plan, opened: Opened | None) -> Facts:
    """What the oracle and the strategies know of the target; nothing open, no key is known."""
    return Facts(
        key=opened.keys.key if opened else None,
        forbidden_key=opened.keys.forbidden if opened else None,
        order_ids=planned.order_ids,
        order_created_at=planned.order_created_at,
        started_at=opened.started_at if opened else datetime.now(UTC),
    )


def client(planned: Plan, opened: Opened, worker: int) -> Client:
    """A client for one worker; worker 0 is the one that runs alone or leads the others."""
    options, target = planned.options, planned.target
    pace = Pace(
        opened.directory,
        options.rate or target.rate_limit,
        options.max_requests or target.max_requests,
    )
    return Client(
        opened.base_url,
        planned.contract.path,
        planned.contract.key_header or "X-API-Key",
        opened.keys.key,
        Stamper(opened.run_id, worker),
        pace,
        tls=trust(opened.base_url, options.ca_file or target.ca_file),
        timeout=options.request_timeout,
    )


def variables(planned: Plan, opened: Opened) -> dict[str, str]:
    """Each key by the name of the environment variable that stands for it in every output."""
    keys = {planned.target.key_variable: opened.keys.key}
    if opened.keys.forbidden is not None:
        keys[planned.target.forbidden_key_variable] = opened.keys.forbidden
    return keys


def masker(planned: Plan, opened: Opened) -> Masker:
    """Hides the keys of this run."""
    return Masker(variables(planned, opened))
