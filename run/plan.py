"""What a run goes by, known before anything is opened: the options, the contract, the target."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from findings.waivers import Waiver
from reports import waive
from run.notes import check_known
from run.options import Options, check_orders
from spec import probes
from spec.contract import DOCUMENT, Contract, TargetFacts, load
from spec.probes import Baseline, Probe, load_baseline
from strategies.acceptance.edges import order_id_edges
from strategies.invoice import check_valid
from targets import config, guard
from targets.config import Target
from watch.baseline import Watched
from watch.baseline import load as load_watched
from watch.corpus import Kept
from watch.corpus import load as load_kept

TARGETS = Path(__file__).parent.parent / "targets.toml"
CONCURRENCY = 8
"""Requests in flight where nobody says how many, and the target is not production."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is known before anything is opened: the options, the contract and the target.

    `waivers` are the target's, expired ones too; `baseline` is its accepted answers to `probes`,
    `watched` its accepted fingerprint, and `kept` the cases that are kept of it. At most
    `concurrency` requests are in flight, but for those of tests that want more.
    """

    options: Options
    contract: Contract
    target: Target
    order_ids: tuple[str, ...]
    order_created_at: datetime | None
    probes: tuple[Probe, ...]
    baseline: Baseline
    waivers: tuple[Waiver, ...]
    concurrency: int = 1
    watched: Watched | None = None
    kept: tuple[Kept, ...] = ()


def plan(options: Options) -> Plan:
    """Load and check all that the options name; TargetError or FileError, before any packet."""
    contract = load(options.document, options.reading)
    check_known(contract)
    targets = config.load_targets(TARGETS)
    if options.base_url is not None:
        target = config.from_base_url(options.base_url)
    else:
        target = config.find_target(targets, options.target, TARGETS)
    production = False
    if not target.embedded:
        # The servers of the vendor's document are guarded even where another document is given.
        known = load(DOCUMENT) if options.document != DOCUMENT else contract
        servers = (*contract.operation.servers, *known.operation.servers)
        guard.refuse_production(target.base_url, servers, options.allow_production)
        production = guard.is_production(target.base_url, servers)
        guard.refuse_plain_http(target.base_url, options.allow_http)
    order_ids = named = options.order_ids or target.order_ids
    if target.embedded:
        order_ids += tuple(i for i in order_id_edges(contract) if i not in named)
    contract = contract.given([name for name, _ in target.headers])
    created = options.order_created_at or target.order_created_at
    facts = TargetFacts(None, None, order_ids, created, datetime.now(UTC))
    check_orders(contract, facts, named)
    check_valid(contract, facts)
    all_probes = probes.load()
    baseline = load_baseline(target.name, {probe.name for probe in all_probes})
    waived = waive.of_target(contract, {*targets, target.name}, target.name, TARGETS)
    concurrency = options.concurrency or target.concurrency or (1 if production else CONCURRENCY)
    return Plan(
        options,
        contract,
        target,
        order_ids,
        created,
        all_probes,
        baseline,
        waived,
        concurrency,
        load_watched(target.name),
        load_kept(target.name),
    )
