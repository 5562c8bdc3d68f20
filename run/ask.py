"""How the tests ask: one `Api` for each test sends its cases, judges the answers and fails it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from run.cases import Group
from run.session import Run
from spec import probes
from spec.contract import Contract, ShortRepr, TargetFacts
from spec.exchange import Request
from spec.oracle import Nonconformance, Oracle, Verdict
from spec.paths import Json
from spec.probes import Probe
from spec.requirements import Level, Requirement
from strategies.carriers import CHUNKED, header_fields
from strategies.cases import Case, Crowd, Series
from strategies.invalid import PayloadCase
from strategies.invoice import encode
from strategies.packing import Packed, unpacked
from strategies.unspecified import probe_body
from targets.client import Client

SMALLER = 60
"""Requests that one test may spend on making its failure smaller; most need 12 to 45."""

Judged = tuple[str, Verdict]
"""The name of a case, and its verdict."""


@dataclass(slots=True, repr=False)
class Api(ShortRepr):
    """The endpoint, as one test sees it.

    Every method raises Nonconformance, with all that failed, once everything was sent: one failure
    never hides another.
    """

    run: Run
    client: Client
    _failed: dict[bytes, Verdict] = field(default_factory=dict)
    _smaller: int = 0

    @property
    def contract(self) -> Contract:
        """What the endpoint is judged by."""
        return self.run.plan.contract

    @property
    def facts(self) -> TargetFacts:
        """What is known of the target."""
        return self.run.facts

    @property
    def oracle(self) -> Oracle:
        """The oracle of the run."""
        return self.run.oracle

    def ask(self, payload: Json) -> None:
        """Ask one drawn payload, or drawn bytes.

        Hypothesis runs a failing example again and again. One that failed is not sent again, so a
        server that fails only sometimes is still found, and at most `SMALLER` others are sent.
        """
        __tracebackhide__ = True
        body = payload if isinstance(payload, bytes) else encode(payload)
        if body not in self._failed:
            self._smaller += bool(self._failed)
            if self._smaller > SMALLER:
                return
            verdict = self.oracle.judge(self.client.send(body))
            if not verdict.failing:
                return
            self._failed[body] = verdict
        self._failed[body].enforce()

    def ask_one(self, case: Case, about: str | None = None) -> None:
        """Ask one case; a refusal counts against the requirement of this name."""
        __tracebackhide__ = True
        self._send(case, self.contract.named(about) if about else None).enforce()

    def ask_with_key(self, payload: Json, key: str) -> None:
        """Ask a payload with this key in the place of the usual one."""
        __tracebackhide__ = True
        self.oracle.judge(self.client.send(encode(payload), key=key)).enforce()

    def ask_each(self, group: Group[PayloadCase]) -> None:
        """Ask every case of a group."""
        __tracebackhide__ = True
        _enforce([(case.name, self._judge(case)) for case in group.cases])

    def ask_edges(self, group: Group[Packed]) -> None:
        """Ask every invoice of a group; where one fails, each of its edges by itself."""
        __tracebackhide__ = True
        packs = [(pack, self._judge(pack, group.requirement)) for pack in group.cases]
        alones = [
            unpacked(self.contract, self.facts, edge, element)
            for pack, verdict in packs
            if verdict.failing
            for edge, element in zip(pack.edges, pack.elements, strict=True)
        ]
        edges = [(case.name, self._judge(case, group.requirement)) for case in alones]
        _enforce(edges, asked=sum(len(pack.edges) for pack in group.cases))
        # Where no edge fails by itself, it takes several together.
        _enforce([(pack.name, verdict) for pack, verdict in packs])

    def ask_in_turn(self, series: Series | Crowd) -> None:
        """Ask the cases one after the other; nothing of one may come back with the next."""
        __tracebackhide__ = True
        judged: list[Judged] = []
        before: Request | None = None
        for case in series.cases:
            verdict = self._send(case, before=before)
            before = verdict.exchange.request
            judged.append((case.name, verdict))
        _enforce(judged)

    def ask_at_once(self, crowd: Crowd, connections: int) -> None:
        """Ask the cases over so many connections at once."""
        __tracebackhide__ = True
        exchanges = self.client.send_concurrently([case.body for case in crowd.cases], connections)
        verdicts = map(self.oracle.judge, exchanges)
        _enforce([(case.name, each) for case, each in zip(crowd.cases, verdicts, strict=True)])

    def ask_probe(self, probe: Probe) -> None:
        """Ask a probe, record its answer, and compare it with the accepted one."""
        __tracebackhide__ = True
        body = self.client.stamper.write(probe_body(self.contract, self.facts, probe))
        for _ in range(probe.send):
            verdict = self.oracle.judge(self.client.send(body))
            verdict.enforce()
        given = probes.answer_of(verdict.exchange.response, verdict.answer)
        self.run.ledger.counts.answers[probe.name] = given
        violation = probes.drift(self.run.plan.baseline, probe.name, given)
        if violation is not None:
            counts = self.run.plan.options.level is Level.SHOULD
            failing = (violation,) if counts else ()
            drifted = replace(verdict, violations=(violation,), failing=failing)
            self.run.ledger.add_findings(drifted)
            drifted.enforce()

    def _judge(self, case: PayloadCase | Packed, about: Requirement | None = None) -> Verdict:
        """Send a case as its carrier is sent."""
        carrier = case.carrier
        if carrier is None:
            return self.oracle.judge(self.client.send(case.body), about)
        headers = header_fields(self.contract, self.facts, carrier)
        chunked = carrier.sending == CHUNKED
        return self.oracle.judge(
            self.client.send(case.body, headers=headers, chunked=chunked), about
        )

    def _send(
        self, case: Case, about: Requirement | None = None, before: Request | None = None
    ) -> Verdict:
        exchange = self.client.send(
            case.body,
            method=case.method,
            headers=case.headers,
            query=case.query,
            chunked=case.chunked,
            fresh_connection=case.fresh,
        )
        return self.oracle.judge(exchange, about, before)


def _enforce(judged: Iterable[Judged], asked: int | None = None) -> None:
    """Raise Nonconformance that has the verdicts and names of all cases that fail."""
    __tracebackhide__ = True
    everything: Sequence[Judged] = list(judged)
    failed = [(name, verdict) for name, verdict in everything if verdict.failing]
    if failed:
        raise Nonconformance(
            *(verdict for _, verdict in failed),
            names=tuple(name for name, _ in failed),
            asked=len(everything) if asked is None else asked,
        )
