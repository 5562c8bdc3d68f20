"""Runs that ask a server and explain what it answers: what tests of findings share."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from findings import grouping
from findings.rows import FindingRow, rows_of
from reference.refusal import Problem
from reference.service import Steps
from reports.ledger import Counts, Ledger
from run.explainer import Explainer
from spec.contract import TargetFacts
from spec.oracle import Oracle, Verdict
from spec.requirements import Level
from strategies.invoice import encode, plain_invoice
from targets.client import Client
from targets.pace import Pace
from targets.stamp import Stamper
from tests.exchanges import CONTRACT
from tests.exchanges import ORDERS as OTHERS
from tests.running import KEY

VALID = Steps()


ORDERS = replace(OTHERS, key=KEY)


Json = Any


@dataclass(slots=True)
class Asking:
    """A run against a server: what was asked, and what explains it."""

    client: Client
    found: Explainer
    oracle: Oracle
    sent: list[bytes] = field(default_factory=list)

    def ask(self, payload: Json, name: str = "the case", **how: Any) -> Verdict:
        """Send a payload, judge the answer and explain it; the verdict that shows it best."""
        body = payload if isinstance(payload, bytes) else encode(payload)
        verdict = self.oracle.judge(self.client.send(body, **how))
        return self.found.explain(self.client, verdict, name) if verdict.violations else verdict

    @property
    def rows(self) -> list[FindingRow]:
        """The findings, as the record has them."""
        counts = self.found.ledger.counts
        groups = grouping.grouped(
            CONTRACT, counts.occurrences.values(), counts.causes, counts.together
        )
        return rows_of(CONTRACT, groups, Level.SHOULD, counts.forms)

    @property
    def only(self) -> FindingRow:
        """The one finding that there is."""
        (row,) = self.rows
        return row


@contextmanager
def asking_of(
    url: str,
    folder: Path,
    in_flight: int = 1,
    was_away: Callable[[], bool] = lambda: False,
    facts: TargetFacts = ORDERS,
    **how: Any,
) -> Iterator[Asking]:
    """Such a run against the server at an address."""
    client = Client(url, CONTRACT.path, "X-API-Key", KEY, Stamper("7E577E57"), Pace(folder), **how)
    ledger = Ledger(CONTRACT)
    ledger.begin("tests/test_a.py::test_b[c]")
    oracle = Oracle(CONTRACT, facts, observe=ledger.observe)
    found = Explainer(CONTRACT, facts, oracle, ledger, in_flight=in_flight, was_away=was_away)
    yield Asking(client, found, oracle)
    client.close()


def invoice(**edits: Json) -> dict[str, Json]:
    """The plain invoice, with many properties changed that nobody minds, and these."""
    unlike = {"due_date": "2031-01-01T00:00:00Z", "url": "https://shop.example/a"}
    return {**plain_invoice(CONTRACT, ORDERS), **unlike, **edits}


def of_items(items: list[Json]) -> dict[str, Json]:
    """Such an invoice of these items."""
    total = round(sum(item["quantity"] * item["amount"] for item in items), 2)
    return invoice(items=items, total_amount=total)


def refuses(location: tuple[str | int, ...], wrong: Callable[[Json], bool]) -> dict[str, Any]:
    """A server that refuses payloads of which this is so, and names that location."""

    def check(payload: Json) -> tuple[Problem, ...]:
        told = (Problem(location, "wrong", "is wrong"),) if wrong(payload) else ()
        return VALID.check(payload) or told

    return {"check": check}


def counts_of(against: Any, *payloads: Json, **steps: Any) -> Counts:
    """What a run counts that asks these of the reference with some steps changed."""
    with against(**steps) as asking:
        for payload in payloads:
            asking.ask(payload)
        counts: Counts = asking.found.ledger.counts
        return counts
