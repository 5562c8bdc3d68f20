"""How the tests ask: one `Api` for each test sends its cases, judges the answers and fails it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import pytest

from run.cases import Group
from run.session import Run
from run.verdicts import Verdicts, severity
from spec import probes
from spec.answers.errors import named_in
from spec.contract import PLACEHOLDER, Contract, TargetFacts
from spec.exchange import Exchange, Request, ShortRepr
from spec.oracle import Nonconformance, Oracle, Verdict
from spec.paths import Json
from spec.probes import Probe
from spec.requirements import Level, Requirement
from spec.yamlfile import FileError
from strategies.cases import Case, Crowd, Series, header_fields, in_session, is_ordered
from strategies.extras.clients import Way
from strategies.extras.company import parts, way_of_drawn
from strategies.invalid import PayloadCase
from strategies.invoice import encode
from strategies.packing import Packed, unpacked, with_extras, written
from strategies.unspecified.cases import Mixture, Mixtures, mixture
from strategies.unspecified.probes import probe_body
from strategies.unspecified.unusual import Unusual
from targets.client import Client, Outgoing
from targets.prefetch import Prefetch
from targets.resend import send_within

Judged = tuple[str, Verdict]  # the name of a case, and its verdict


@dataclass(slots=True, repr=False)
class Api(ShortRepr):
    """The endpoint, as one test sees it.

    Every method raises Nonconformance, with all that failed, once everything was sent: one failure
    never hides another.
    """

    run: Run
    client: Client
    prefetch: Prefetch
    _failed: dict[bytes, Verdict] = field(default_factory=dict)
    _verdicts: Verdicts = field(init=False)

    def __post_init__(self) -> None:
        self._verdicts = Verdicts(self.run, self.client, self.prefetch)

    @property
    def is_all_asked(self) -> bool:
        """Whether the answer to each case was waited for; a test is blocked that only passes
        because it was not.
        """
        return not self._verdicts.unjudged

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

        Hypothesis runs a failing example again. One that failed is not sent again, so a server that
        fails only sometimes is still found; what is raised is a smaller one that fails alike.
        """
        __tracebackhide__ = True
        body = payload if isinstance(payload, bytes) else encode(payload)
        if body not in self._failed:
            way = way_of_drawn(self.contract, body)
            verdict = self._verdicts.of(Outgoing(body, headers=way.fields, query=way.query or None))
            if verdict is None:
                return
            smaller = self._explain("a drawn invoice", verdict)
            if not self.run.fails(verdict):
                return
            self._failed[body] = smaller if smaller.failing else verdict
        self._failed[body].enforce()

    def ask_one(self, case: Case) -> None:
        """Ask one case, and what hides behind another fault also in the plain invoice."""
        __tracebackhide__ = True
        verdict = self._send(case)
        again = map(self._send, self._verdicts.hidden(case, verdict))
        self._conclude(_answered((case.name, each) for each in (verdict, *again)))

    def ask_each(self, group: Group[PayloadCase]) -> None:
        """Ask every case of a group."""
        __tracebackhide__ = True
        judged = _answered(
            (case.name, self._judge(case, self._subject(case))) for case in group.cases
        )
        self._conclude(judged, about=group.name)

    def ask_edges(self, group: Group[Packed]) -> None:
        """Ask every invoice of a group; where one fails, each of its edges by itself.

        An extra that fails is asked by itself in the test of its own requirement.
        """
        __tracebackhide__ = True
        packs = [
            (pack, _telling(self._judge_pack(pack, group.requirement))) for pack in group.cases
        ]
        alones = [
            unpacked(self.contract, self.facts, edge, element)
            for pack, verdicts in packs
            if verdicts is None or (verdicts and self._leaves_open(verdicts[0]))
            for edge, element in zip(pack.edges, pack.elements, strict=True)
        ]
        edges = _answered((case.name, self._judge(case, group.requirement)) for case in alones)
        # Where no edge fails by itself, it takes several together.
        together = [(pack.name, each) for pack, verdicts in packs for each in verdicts or ()]
        asked = sum(len(pack.edges) for pack in group.cases)
        self._conclude(edges, together, asked=asked, about=group.name)

    def ask_mixtures(self, mixtures: Mixtures) -> None:
        """Ask every mixture; what its answer does not speak for is asked again, value by value.

        A 201 speaks for all values, and an error for those that its details name.
        """
        __tracebackhide__ = True
        together: list[tuple[str, Verdict | None]] = []
        alone: list[tuple[str, Verdict | None]] = []
        left: Sequence[Mixture] = mixtures.cases
        while left:
            judged = [(mixed, self._judge(mixed)) for mixed in left]
            for mixed, verdict in judged:
                (together if mixed.values[1:] else alone).append((mixed.name, verdict))
            left = [one for each in judged for one in self._left(*each)]
            self.prefetch.add(map(self._outgoing, left))
        # Where no value fails by itself, it takes several together.
        asked = sum(len(mixed.values) for mixed in mixtures.cases)
        self._conclude(_answered(alone), _answered(together), asked=asked)

    def ask_in_turn(self, series: Series | Crowd) -> None:
        """Ask the cases one after the other; in a series nothing of one comes back with the next.

        The invoices of a crowd have nothing to do with each other: what a server fills in may well
        be what the one before had.
        """
        __tracebackhide__ = True
        judged: list[Judged] = []
        before: Request | None = None
        if is_ordered(series):
            self.prefetch.rest()
        for case in self._stamped(series):
            verdict = self._send(case, before)
            if verdict is None:
                break
            before = verdict.exchange.request if isinstance(series, Series) else None
            judged.append((case.name, verdict))
        self._conclude(judged, called=series.name)

    def ask_at_once(self, crowd: Crowd, connections: int) -> None:
        """Ask the cases over so many connections at once."""
        __tracebackhide__ = True
        self.prefetch.rest()

        def send(several: Sequence[Outgoing]) -> list[Exchange]:
            if crowd.within and len(several) == 2:
                return send_within(self.client, *several)
            return self.client.send_concurrently(several, connections)

        exchanges = self._verdicts.at_once(
            lambda: [_outgoing(case, case.body) for case in self._stamped(crowd)], send
        )
        judged: list[Judged] = []
        for case, exchange in zip(crowd.cases, exchanges, strict=True):
            if exchange is None:
                continue
            test, took = self.run.ledger.test, exchange.elapsed / connections
            if self.run.silence.is_judged(self.client, exchange, test, took):
                judged.append((case.name, self.oracle.judge(exchange, rival=crowd.one_stamp)))
            else:
                self._verdicts.leave(exchange.request)
        self._conclude(judged, called=crowd.name, at_once=connections)

    def ask_probe(self, probe: Probe) -> None:
        """Ask a probe, record its answer, and compare it with the accepted one."""
        __tracebackhide__ = True
        try:
            body = probe_body(self.contract, self.facts, probe)
        except FileError:
            if self.contract.own:
                raise
            pytest.skip("this version of the document has no place for it")
        left = probe.send
        while True:
            left -= 1
            verdict = self._verdicts.of(Outgoing(body), probe=None if left else probe)
            if verdict is None:
                return
            self._conclude([(probe.name, verdict)])
            if not left:
                break
            body = verdict.exchange.request.body  # the next one has the same stamp
        given = probes.answer_of(verdict.exchange.response, verdict.answer)
        self.run.ledger.counts.answers[probe.name] = given
        violation = self._verdicts.drift(probe, verdict)
        if violation is not None:
            counts = self.run.plan.options.level is Level.SHOULD
            failing = (violation,) if counts else ()
            drifted = replace(verdict, violations=(violation,), failing=failing)
            self.run.ledger.add_occurrences(drifted)
            drifted.enforce()

    def _conclude(
        self,
        judged: Sequence[Judged],
        otherwise: Sequence[Judged] = (),
        asked: int | None = None,
        called: str = "",
        about: str = "",
        *,
        at_once: int = 1,
    ) -> None:
        """Explain every violation, and raise Nonconformance that has all verdicts that fail.

        Those of `otherwise` count where no other one fails. `called` names the cases together,
        `about` the requirement that they are about; so many were sent `at_once`.
        """
        __tracebackhide__ = True
        verdicts = [verdict for _, verdict in (*judged, *otherwise)]
        lost = self.run.explainer.lost(self.client, verdicts, self.prefetch.rest)
        judged = [*judged, *lost]
        smaller = {
            id(verdict): self._explain(name, verdict, called, at_once=at_once)
            for name, verdict in (*judged, *otherwise)
        }
        for each in (judged, otherwise):
            failed = [(name, verdict) for name, verdict in each if self.run.fails(verdict)]
            failed.sort(key=lambda judged: severity(judged[1], about))  # the first is shown
            if failed:
                verdicts = [verdict for _, verdict in failed]
                first = smaller[id(verdicts[0])]
                named = {violation.requirement for violation in first.failing}
                if verdicts[0].failing[0].requirement in named:
                    verdicts[0] = first
                raise Nonconformance(
                    *verdicts,
                    names=tuple(name for name, _ in failed) if judged[1:] or asked else (),
                    asked=len(each) if asked is None or each is otherwise else asked,
                )

    def _explain(
        self, name: str, verdict: Verdict, group: str = "", *, at_once: int = 1
    ) -> Verdict:
        """Put what a verdict violates down to its causes; the verdict that shows the first best."""
        if not verdict.violations:
            return verdict
        explainer = self.run.explainer
        if any(each is verdict for each in self._verdicts.concurrent):
            with self._verdicts.alone(verdict):
                return explainer.explain_concurrent(self.client, verdict, name, group)
        if explainer.knows(verdict, name, group):
            return explainer.explain(self.client, verdict, name, group, at_once=at_once)
        self.prefetch.rest()
        with self._verdicts.alone(verdict):
            return explainer.explain(self.client, verdict, name, group, at_once=at_once)

    def _leaves_open(self, verdict: Verdict) -> bool:
        """Whether something in a request that failed may be answered otherwise by itself."""
        return bool(verdict.failing) and not self.run.explainer.says_all(verdict)

    def _left(self, mixed: Mixture, verdict: Verdict | None) -> Iterator[Mixture]:
        """What is to be asked of a mixture after this verdict on it."""
        unanswered = _unanswered(mixed, verdict)
        is_told = verdict is not None and verdict.failing and not self._leaves_open(verdict)
        if is_told or not mixed.values[1:]:
            return
        if 0 < len(unanswered) < len(mixed.values):
            yield mixture(self.contract, self.facts, unanswered, mixed.carrier)
            return
        for value in unanswered:
            yield mixture(self.contract, self.facts, (value,), None)

    def _judge(
        self, case: PayloadCase | Packed | Mixture, about: Requirement | None = None
    ) -> Verdict | None:
        """Send a case as its carrier is sent; None where its answer is not waited for."""
        verdict = self._verdicts.of(self._outgoing(case), about)
        if verdict is not None and case.carrier is not None:
            self.run.ledger.counts.carriers.add(case.carrier.row)
        return verdict

    def _judge_pack(self, pack: Packed, about: Requirement) -> list[Verdict] | None:
        """Send a pack with all its extras, or less where that fails: the first verdict says most.

        One extra alone is refused for what it is itself about. None where it is known to get no
        answer without them, too, and its edges are to be sent alone.
        """
        whole = self._filled(pack)
        pack = replace(pack, extras=(), sweep=None)
        usual = replace(pack, way=None)
        less = (whole, pack, usual)
        sent = next((each for each in less if not self._is_foreseen(each)), None)
        if sent is None:
            return None
        verdict = self._judge(sent, about)
        if verdict is None or sent is not whole:
            return [verdict] if verdict is not None else []
        failing = [verdict]

        def fails(some: Packed, about: Requirement = about) -> bool:
            again = self._judge(with_extras(self.contract, self.facts, some), about)
            if again is not None and again.failing:
                failing.insert(0, again)
            return failing[0] is again

        if not verdict.failing or self.run.explainer.knows(verdict):
            return failing
        if fails(usual):
            return failing
        tried = [whole.extras] if whole.extras else []
        while tried:
            extras = tried.pop(0)
            own = about if extras[1:] else extras[0][0].requirement
            if fails(replace(usual, extras=extras), own):
                half = len(extras) // 2
                tried = [extras[:half], extras[half:]] if half else []
        if not failing[1:] and pack.way is not None:
            alone = (replace(pack, way=way) for way in parts(pack.way))
            next((one for one in alone if fails(one, self._subject(one) or about)), None)
        return failing

    def _filled(self, pack: Packed) -> Packed:
        """The pack with its extras, as it was made when its test was rehearsed, if it was."""
        return self.run.filled.pop(pack, None) or with_extras(self.contract, self.facts, pack)

    def _subject(self, case: PayloadCase | Packed) -> Requirement | None:
        """The requirement that a refusal of its way counts against, if that has one of its own."""
        return case.way and case.way.subject(self.contract)

    def _is_foreseen(self, pack: Packed) -> bool:
        """Whether similar requests are known to get no answer, as none are until one got none."""
        return self.run.silence.begun and self._verdicts.foresees(self._outgoing(pack))

    def _outgoing(self, case: PayloadCase | Packed | Mixture) -> Outgoing:
        carrier = case.carrier
        if carrier is None:
            return Outgoing(case.body)
        body = case.body if isinstance(case, Mixture) else written(self.contract, case)
        way = case.way or Way("")
        if isinstance(case, PayloadCase) and case.known:
            body = self._known(body)
        headers = (*way.fields, *header_fields(self.contract, self.facts, carrier))
        return Outgoing(body, "POST", headers, way.query or None, carrier.is_chunked)

    def _send(self, case: Case, before: Request | None = None) -> Verdict | None:
        body = self._known(case.body) if case.known else case.body
        outgoing = _outgoing(in_session(self.contract, case, self.run.session), body)
        about = self.contract.named(case.about) if case.about else None
        return self._verdicts.of(outgoing, about, before)

    def _known(self, body: bytes) -> bytes:
        """The body with the stamp of the run's first invoice, where that was accepted."""
        return body.replace(PLACEHOLDER.encode(), (self.run.known or PLACEHOLDER).encode())

    def _stamped(self, several: Series | Crowd) -> tuple[Case, ...]:
        """The cases, with one stamp in all of them where they have one in common."""
        if not several.one_stamp:
            return several.cases
        stamp = self.client.stamper.stamp().encode()
        return tuple(
            replace(case, short=case.body.replace(PLACEHOLDER.encode(), stamp))
            for case in several.cases
        )


def _outgoing(case: Case, body: bytes) -> Outgoing:
    headers, query = case.headers, case.query
    return Outgoing(body, case.method, headers, query, case.chunked, case.fresh, case.path)


def _answered(judged: Iterable[tuple[str, Verdict | None]]) -> list[Judged]:
    """Those whose answers were waited for."""
    return [(name, verdict) for name, verdict in judged if verdict is not None]


def _telling(verdicts: list[Verdict] | None) -> list[Verdict] | None:
    """Without those of which nothing is told: a test may have a hundred of them, with much each."""
    return verdicts and [each for each in verdicts if each.violations or each.exchange.drop]


def _unanswered(mixed: Mixture, verdict: Verdict | None) -> tuple[Unusual, ...]:
    """The values of which a good answer does not say whether they are refused or taken."""
    response = verdict.exchange.response if verdict is not None else None
    if verdict is None or response is None or verdict.failing:
        return mixed.values
    if response.status < 300:
        return ()
    told = named_in(verdict.answer, mixed.locations) if response.status == 400 else set()
    pairs = zip(mixed.values, mixed.locations, strict=True)
    return tuple(value for value, place in pairs if place not in told)
