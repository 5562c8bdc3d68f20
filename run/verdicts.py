"""How a request of a test gets its verdict: sent now or ahead, alone or with others in flight."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from functools import partial

from causes.symptoms import Symptom, symptoms
from causes.used_references import is_held
from findings.filing import SEVERITY
from run.ending.again import all_answered_by, answered_by, was_away
from run.ending.outage import kept, may_be_away, take_note
from run.ending.questions import is_late
from run.preflight import control
from run.session import Run
from spec import probes
from spec.exchange import Exchange, Request, ShortRepr
from spec.oracle import Oracle, Verdict
from spec.probes import Probe
from spec.requirements import Requirement
from spec.violation import Violation
from strategies.cases import Case
from targets.client import Client, Outgoing
from targets.errors import CannotTellError
from targets.prefetch import Prefetch


@dataclass(slots=True, repr=False)
class Verdicts(ShortRepr):
    """The verdicts on what one test sends.

    `concurrent` are those that only show with other requests in flight; `unjudged` counts the
    requests whose answers were not waited for.
    """

    run: Run
    client: Client
    prefetch: Prefetch
    concurrent: list[Verdict] = field(default_factory=list)
    unjudged: int = 0
    _confirmed: list[Symptom] = field(default_factory=list)

    @property
    def oracle(self) -> Oracle:
        """The oracle of the run."""
        return self.run.oracle

    def of(
        self,
        outgoing: Outgoing,
        about: Requirement | None = None,
        before: Request | None = None,
        probe: Probe | None = None,
    ) -> Verdict | None:
        """The verdict on a request; None where its answer is not waited for.

        `probe` is the one that it answers, if it does.
        """
        silence, test = self.run.silence, self.run.ledger.test
        if silence.is_certain(test) or self.foresees(outgoing):
            self.leave(self.client.request(outgoing))
            return None
        ahead = self.prefetch.take(outgoing)
        if ahead is None:
            return self._sent(outgoing, about, before)
        if is_late(ahead):
            self.prefetch.rest()  # the control is not to wait behind what is in flight
        if was_away(self.run, ahead):
            self._forget()
            return self.of(outgoing, about, before, probe)
        if ahead.response is not None:
            silence.is_judged(self.client, ahead, test, 0.0)  # it was noted that the run waited
        verdict = self.oracle.judge(ahead, about, before, quiet=True)
        drifted = probe is not None and self.drift(probe, verdict) is not None
        if drifted or not (self.run.explainer.knows(verdict) or self._is_confirmed(verdict)):
            return self._asked_alone(outgoing, verdict, about, before)
        if ahead.response is None and not silence.is_judged(self.client, ahead, test):
            self.leave(ahead.request)
            return None
        self.oracle.observe(verdict)
        return verdict

    def at_once(
        self,
        make: Callable[[], Sequence[Outgoing]],
        send: Callable[[Sequence[Outgoing]], Sequence[Exchange]],
    ) -> list[Exchange | None]:
        """The exchanges of requests that are made anew each time that they are sent at once: once
        more where the target was away for a moment meanwhile. None for what is known to get no
        answer, and is not sent.
        """
        every: list[tuple[Outgoing, bool]] = []

        def asked() -> Sequence[Exchange]:
            every[:] = [(each, self.foresees(each)) for each in make()]
            return send([each for each, is_known in every if not is_known])

        answers = iter(all_answered_by(self.run, asked))
        found = [None if is_known else next(answers) for _, is_known in every]
        for each, is_known in every:
            if is_known:
                self.leave(self.client.request(each))
        return found

    def leave(self, request: Request) -> None:
        """Take note of a request whose answer is not waited for; there is no verdict."""
        self.unjudged += 1
        explains = self.run.explainer.accounts_for
        self.run.silence.leave(self.run.ledger.test, request, explains)

    def hidden(self, case: Case, verdict: Verdict | None) -> Iterator[Case]:
        """The case in the plain invoice, where a known fault of some value may be why it was not
        accepted in another: it is answered as that is, whatever else is wrong with it.
        """
        contract = self.run.plan.contract
        answer = verdict.exchange.response if verdict is not None else None
        if verdict is None or answer is None or contract.operation.creates(answer):
            return
        shown = [one for one in symptoms(contract, verdict) if not one.of_answer]
        of_values = [known.symptom for known in self.run.explainer.known if known.edits]
        if case.alone and any(known.is_like(each) for known in of_values for each in shown):
            yield case.alone

    def foresees(self, outgoing: Outgoing) -> bool:
        """Whether a similar request is known to get no answer."""
        return self.run.explainer.foresees(self.client, outgoing)

    def _forget(self) -> None:
        """What was sent ahead and got no answer of the API, while that was away, is to be sent
        again. One request may keep a server from all others: from then on none is sent ahead.
        """
        if self.run.outages is not None and self.run.outages.is_blocked:
            self.prefetch.calm()
        self.prefetch.forget(partial(may_be_away, self.run.plan.contract))

    def _sent(
        self,
        outgoing: Outgoing,
        about: Requirement | None,
        before: Request | None,
        waited: Exchange | None = None,
    ) -> Verdict | None:
        """The verdict on a request that is sent now; None where its answer is not waited for.

        Where it had been `waited` for in vain already, little is waited this time: if that is in
        vain as well, the first time is what counts.
        """
        silence, hurry = self.run.silence, waited is not None and not self.run.silence.shortened
        with silence.hurried(self.client) if hurry else nullcontext():
            exchange = answered_by(self.run, lambda: self.client.ask(outgoing), self._forget)
        if waited is not None and exchange.response is None:
            exchange = waited
        elif waited is not None:
            silence.count(self.client)
        may_be_hidden = exchange.response is None and self.run.waivers and not self.run.is_late_told
        if may_be_hidden and silence.deserves_its_time(self.client, exchange):
            with silence.patient(self.client):
                exchange = answered_by(self.run, lambda: self.client.ask(outgoing), self._forget)
                silence.learn(exchange, self.client.timeout)
        elif not silence.is_judged(self.client, exchange, self.run.ledger.test):
            self.leave(exchange.request)
            return None
        return self.oracle.judge(exchange, about, before)

    def _asked_alone(
        self,
        outgoing: Outgoing,
        verdict: Verdict,
        about: Requirement | None,
        before: Request | None,
    ) -> Verdict | None:
        """The verdict on the same request with nothing else in flight.

        Returns the earlier verdict if the lone request is answered well: that the server answers
        otherwise while it has other requests to answer is a finding too.
        """
        self.prefetch.alone()
        first = verdict.exchange
        waited = first if self.run.silence.is_silent(self.client, first) else None
        with kept(self.run, verdict):
            alone = self._sent(outgoing, about, before, waited)
        if alone is None or alone.violations or not verdict.violations:
            self.run.ledger.note(verdict)
            self._confirmed += symptoms(self.oracle.contract, alone) if alone is not None else ()
            return alone
        self.oracle.observe(verdict)
        if not is_held(self.oracle.contract, verdict, alone):
            self.prefetch.distrust()
            self.concurrent.append(verdict)
        return verdict

    @contextmanager
    def alone(self, verdict: Verdict) -> Iterator[None]:
        """Keep other workers from sending anything, and what they sent from being the request
        before the next one. What gets no answer takes its time, and they do not wait for that.
        """
        if verdict.exchange.response is None or not self.run.turns.are_shared:
            yield
            return
        with self.run.turns.alone():
            with suppress(CannotTellError):
                take_note(self.run, self.run.ledger.counts, self.client.send(control(self.run)))
            yield

    def _is_confirmed(self, verdict: Verdict) -> bool:
        """Whether this test has asked alone what was answered as wrongly."""
        known = self._confirmed
        return all(
            any(map(symptom.is_like, known)) for symptom in symptoms(self.oracle.contract, verdict)
        )

    def drift(self, probe: Probe, verdict: Verdict) -> Violation | None:
        """How the answer to a probe differs from the accepted one."""
        given = probes.answer_of(verdict.exchange.response, verdict.answer)
        return probes.drift(self.run.plan.baseline, probe.name, given)


def severity(verdict: Verdict, about: str) -> tuple[bool, int]:
    """What comes first in a report: what a test is about, then the worst.

    A server error may come from anything, such as the invoice around a near miss.
    """
    ranks = {violation: SEVERITY.index(violation.category) for violation in verdict.failing}
    own = any(each.requirement.name == about and rank for each, rank in ranks.items())
    return not own, min(ranks.values())
