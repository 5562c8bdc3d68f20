"""Explains the violations of a run as it goes on: each is traced to its cause, the smallest
difference between a request that is answered well and one that is not.
"""

import json
from collections import Counter
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import InitVar, dataclass, field, replace

from causes.cause import BEFORE_IT
from causes.explained import Control, Explained
from causes.explaining import Explaining
from causes.kinds.api_keys import WRONG_KEY
from causes.kinds.ways import with_field
from causes.making import of_every
from causes.repetition import Asking
from causes.sightings import REFUSAL, STRANGER, Sighting
from causes.symptoms import is_of_its_end, symptoms
from causes.trying import MOST_FOR_ONE, TO_SHORTEN
from findings.grouping import MOST_ANSWERS
from reports.ledger import Ledger
from run.connections import Connections
from run.ending.foreseen import Silent, is_accounted_for, is_foreseen, is_waited_for
from run.ending.questions import Questions, is_late
from run.ending.silence import Silence, is_too_long
from spec.contract import Contract, TargetFacts
from spec.exchange import Before, Request, ShortRepr
from spec.oracle import Oracle, Verdict
from spec.paths import Json
from strategies.invalid import invalid_body
from strategies.invoice import encode, plain_invoice
from strategies.relations import smallest_of, with_status
from targets.client import Client, Outgoing
from targets.stamp import unstamped_body

MOST_IN_ALL = 500
"""Requests of a run that explain causes; its workers share them."""
MOST_OF_A_KIND = 2 * (MOST_FOR_ONE + TO_SHORTEN)
"""Of these, those that explain what is answered alike, so that something is left for any other
fault: what a finding is told as does not depend on what else is broken.
"""
MOST_AGAIN = 150
"""Of all, those beside that which only ask whether it is known to show now and then."""
MOST_SEEN = 32
"""Verdicts of which what they show is kept: about those of one test, as each may be long."""
SERVERS = 4
"""Connections over which the plain invoice is asked where it is refused."""
PLAIN = "the plain invoice"
SMALLER = "a smaller invoice"
BARE = "an invoice with nothing optional"


@dataclass(slots=True, repr=False)
class Explainer(ShortRepr):
    """Explains the violations of one run, as far as one process sees them.

    It sends as many as `most` requests, so many of them `in_flight` at once. `was_away` waits for a
    target that cannot be reached to be back, and says whether it is; `questions` sends them.
    """

    contract: Contract
    facts: TargetFacts
    oracle: Oracle
    ledger: Ledger
    silence: Silence = field(default_factory=Silence)
    in_flight: int = 1
    most: InitVar[int] = MOST_IN_ALL
    was_away: InitVar[Callable[[], bool]] = lambda: False
    known: list[Explained] = field(default_factory=list)
    _spent: Counter[Hashable] = field(default_factory=Counter)
    _again: Counter[Hashable] = field(default_factory=Counter)
    _controls: dict[str, Control] = field(default_factory=dict)
    _seen: dict[int, tuple[Verdict, list[Sighting]]] = field(default_factory=dict)
    _connections: Connections = field(init=False)
    questions: Questions = field(init=False)

    def __post_init__(self, most: int, was_away: Callable[[], bool]) -> None:
        self.questions = Questions(self.oracle, self.ledger, self.silence, most, was_away)
        self._connections = Connections(self.contract, self.oracle)

    def explain(
        self, client: Client, verdict: Verdict, name: str, group: str = "", *, at_once: int = 1
    ) -> Verdict:
        """Put each violation of a verdict down to a cause; `name` is what its case is called, and
        `group` what the cases are that were sent with it, so many `at_once`.

        Returns the verdict on a smaller request that shows the same, if one is known.
        """
        self.questions.may_be_busy |= is_late(verdict.exchange)
        control = self.control(client)
        shown = verdict
        for sighting in self._sightings(control, verdict, name, group):
            known = next(self._explaining(sighting), None)
            if known is None:
                known = self._explained(client, sighting, at_once)
            alone = [*self._alone(client, known, name, group)] or [known]
            for violation in sighting.symptom.violations:
                told = [(each.told, each.best(verdict, violation)) for each in alone]
                self.ledger.attribute(violation, told, verdict)
            shown = known.shown if shown is verdict else shown
        return shown

    def explain_concurrent(
        self, client: Client, verdict: Verdict, name: str, group: str = ""
    ) -> Verdict:
        """Put down to its cause what was answered as it should be when it was asked alone."""
        self.questions.may_be_busy |= is_late(verdict.exchange)
        control = self.control(client)
        for symptom in control.shown_by(self.contract, verdict) if control else ():
            assert control is not None
            sighting = Sighting(self.contract, control, symptom, verdict, name, group)
            after = (one for one in self.known if one.after is not None and sighting.has(one, ()))
            known = next(after, None)
            if known is None:
                explaining = self._explaining_with(client, sighting, self.in_flight, well=1)
                known = self._kept(self._with_what_it_follows(client, explaining.not_always()))
            for violation in symptom.violations:
                self.ledger.attribute(violation, [(known.told, known.shown)], verdict)
        return verdict

    def knows(self, verdict: Verdict, name: str = "", group: str = "") -> bool:
        """Whether all that a verdict violates is explained by what is known."""
        control = self._controls.get(SMALLER) or self._controls.get(PLAIN)
        if not verdict.violations or control is None:
            return not verdict.violations
        seen = self._sightings(control, verdict, name, group)
        return all(any(self._explaining(sighting)) for sighting in seen)

    def says_all(self, verdict: Verdict) -> bool:
        """Whether an answer speaks for all that was sent: an invoice was created, and what is wrong
        with it is known, and wrong with the control as well.
        """
        control = self._controls.get(PLAIN)
        if control is None or not self.contract.operation.creates(verdict.exchange.response):
            return False
        usual = {each.requirement.name for each in control.verdict.violations}
        names = {each.requirement.name for each in verdict.violations}
        return names <= usual and self.knows(verdict)

    def _sightings(
        self, control: Control | None, verdict: Verdict, name: str, group: str
    ) -> list[Sighting]:
        """What a verdict shows, called so: it is asked of one verdict several times, and most of
        the work is to compare it with the control. Nothing without a control.
        """
        known, seen = self._seen.get(id(verdict), (None, []))
        if control is None:
            return []
        if known is not verdict or any(each.control is not control for each in seen):
            found = control.shown_by(self.contract, verdict)
            seen = [Sighting(self.contract, control, each, verdict, name, group) for each in found]
            if len(self._seen) >= MOST_SEEN:
                self._seen.clear()
            self._seen[id(verdict)] = verdict, seen
        for each in seen:
            each.call(name, group)
        return seen

    def tell_refused(self, verdict: Verdict, works: str, fails: str) -> None:
        """Tell that the plain invoice, which was accepted, is refused by now."""
        for symptom in symptoms(self.contract, verdict):
            control = Control(PLAIN, plain_invoice(self.contract, self.facts), verdict)
            sighting = Sighting(self.contract, control, symptom, verdict, PLAIN)
            cause = of_every(sighting, works, fails).cause
            self.ledger.add_occurrences(replace(verdict, violations=symptom.violations))
            for violation in symptom.violations:
                self.ledger.attribute(violation, [(cause, verdict)], verdict)

    def lost(
        self, client: Client, verdicts: Sequence[Verdict], rest: Callable[[], None]
    ) -> Iterator[tuple[str, Verdict]]:
        """What shows that a kept connection is lost after each request of a kind, by name, where
        one was lost; `rest` waits until nothing else is in flight.
        """
        if not any(verdict.exchange.drop for verdict in verdicts):
            return
        rest()
        control = self.control(client)
        if control is None or not control.is_accepted:
            return

        def send(request: Request) -> Verdict | None:
            return self._send(client, unstamped_body(request.body), request)

        for request in self._connections.suspects(control, verdicts):
            found = self._connections.told(client, send, control, request)
            if found is not None:
                self.known.insert(0, found)
                self.ledger.add_occurrences(found.shown)
                yield found.cause.fails, found.shown

    def foresees(self, client: Client, outgoing: Outgoing) -> bool:
        """Whether a similar request is known to get no answer."""
        if not self.silence.begun:
            return False
        request = client.request(outgoing)
        known = bool(self.known)
        return self.silence.foresees(request) or (known and is_foreseen(self._silent, request))

    def accounts_for(self, request: Request) -> bool:
        """Whether a known cause says why a request gets no answer."""
        return bool(self.known) and is_accounted_for(self._silent, request)

    @property
    def _silent(self) -> Silent:
        """What is known of requests that get no answer."""
        control = self._controls.get(SMALLER) or self._controls[PLAIN]
        return Silent(self.contract, self.facts, control, self.silence, self.known)

    def control(self, client: Client) -> Control | None:
        """An invoice that is accepted: the plain one or, where that is refused, a smaller one.

        None when nothing may be sent any more.
        """
        if PLAIN in self._controls:
            return self._controls.get(SMALLER) or self._controls[PLAIN]
        payload = plain_invoice(self.contract, self.facts)
        plain = self._once(client, PLAIN, payload, encode(payload))
        if plain is None or plain.is_accepted:
            return plain
        payload = smallest_of(self.contract, payload)
        control = self._once(client, SMALLER, payload, encode(payload))
        for _ in range(SERVERS):
            # What was sent before it may be to blame, such as the same invoice, or the connection,
            # which may lead to a broken one of several servers.
            del self._controls[PLAIN]
            again = self._once(client, PLAIN, plain.payload, encode(plain.payload))
            if again is not None and again.is_accepted:
                self._controls.pop(SMALLER, None)
                return again
            self._controls[PLAIN] = plain
            client.disconnect()
        if control is None or not control.is_accepted:
            self._controls.pop(SMALLER, None)
            return plain
        for symptom in symptoms(self.contract, plain.verdict):
            if not symptom.of_answer:
                refused = Sighting(self.contract, control, symptom, plain.verdict, PLAIN)
                self._explained(client, refused)
        return control

    def _explaining(self, sighting: Sighting) -> Iterator[Explained]:
        """The known causes that explain it; the first of many with one answer, too many to tell."""
        called = sighting.name, sighting.group
        if sighting.explained is not None and sighting.explained[0] == called:
            yield sighting.explained[1]
            return
        for known in self.known:
            if sighting.has(known, self.known):
                sighting.explained = called, known
                yield known
        if not sighting.symptom.of_answer:
            alike = [known for known in self.known if _is_one_of_many(known, sighting)]
            yield from alike[:1] if len(alike) > MOST_ANSWERS else ()

    def _explained(self, client: Client, sighting: Sighting, width: int = 1) -> Explained:
        kind = sighting.symptom.kind
        spent = self._spent[kind]
        explained = self._explaining_with(client, sighting, width).explained()
        if any(each is explained for each in self.known) and self._again[kind] < MOST_AGAIN:
            # It was only asked whether it is known to show now and then.
            self._again[kind] += self._spent[kind] - spent
            self._spent[kind] = spent
        return self._kept(self._with_what_it_follows(client, explained))

    def _alone(self, client: Client, both: Explained, *called: str) -> Iterator[Explained]:
        """What explains each of two changes of one property, where both are in what is known."""
        for verdict in both.alone:
            for sighting in self._sightings(self.control(client), verdict, *called):
                if not sighting.symptom.names.isdisjoint(both.symptom.names):
                    known = next(self._explaining(sighting), None)
                    yield known or self._explained(client, sighting)

    def _with_what_it_follows(self, client: Client, explained: Explained) -> Explained:
        """The same, with the cause of what is wrong with the end of the answer before, if it is:
        what is left of that is taken for the next one.
        """
        first = explained.first
        if first is None or explained.shown.exchange.response is not None:
            return explained
        for symptom in symptoms(self.contract, first):
            if any(map(is_of_its_end, symptom.violations)):
                control = self.control(client)
                assert control is not None
                sighting = Sighting(self.contract, control, symptom, first, BEFORE_IT)
                known = next(self._explaining(sighting), None)
                found = known or self._explained(client, sighting)
                if found.cause.is_explained:
                    explained.follows = found.cause
        return explained

    def _kept(self, explained: Explained) -> Explained:
        if all(each is not explained for each in self.known):
            self.known.append(explained)
        return explained

    def _explaining_with(
        self, client: Client, sighting: Sighting, width: int, well: int = 0
    ) -> Explaining:
        symptom, exchange = sighting.symptom, sighting.verdict.exchange
        kind, unanswered = symptom.kind, exchange.response is None
        hurried = unanswered and not is_too_long(exchange)

        def send(body: bytes, like: Request | None) -> Verdict | None:
            if self._spent[kind] >= MOST_OF_A_KIND:
                return None
            if unanswered and not self.questions.is_patient:
                return None
            self._spent[kind] += 1
            verdict = self._send(client, body, like, hurried=hurried)
            waited = verdict is not None and is_waited_for(verdict.exchange)
            self.questions.waited += waited
            return verdict

        asking = Asking(
            send,
            lambda: self._refusal(client),
            self.facts,
            lambda: self._stranger(client),
            lambda requests: self._together(client, requests),
            lambda: self._befores(client, sighting.control),
            client.disconnect,
            lambda: self._others(client),
            lambda: self.ledger.accepted,
            width,
        )
        return Explaining(sighting, asking, self.known, well)

    def _befores(self, client: Client, control: Control) -> list[Before]:
        """The control, the plain invalid invoice, and requests with each other status."""
        refusal = self._refusal(client)
        plain = [_before(each) for each in (control.verdict, refusal) if each is not None]
        statuses = {each.status for each in plain}
        refused = self.ledger.refused.values()
        return [*plain, *(each for each in refused if each.status not in statuses)]

    def _others(self, client: Client) -> list[Control]:
        """The plain invoice with each other status, and one with nothing optional, which are sent
        once in a run.
        """
        plain = plain_invoice(self.contract, self.facts)
        status = self.contract.relations.state.status
        schema = self.contract.narrowed_schema["properties"].get(status, {})
        others = {
            f'the plain invoice with {status} "{each}"': with_status(self.contract, plain, each)
            for each in (schema.get("enum", ()) if status in plain else ())
            if each != plain[status]
        }
        others[BARE] = smallest_of(self.contract, plain)
        sent = (self._once(client, name, each, encode(each)) for name, each in others.items())
        return [each for each in sent if each is not None]

    def _together(self, client: Client, requests: Sequence[Request]) -> list[Verdict]:
        """The verdicts on requests that are sent again at once."""
        return self.questions.together(client, requests) if self._is_back(client) else []

    def _refusal(self, client: Client) -> Verdict | None:
        """The verdict on the plain invalid invoice, which is sent once in a run."""
        body = invalid_body(self.contract, self.facts)
        refusal = self._once(client, REFUSAL, json.loads(body), body)
        return None if refusal is None else refusal.verdict

    def _stranger(self, client: Client) -> Verdict | None:
        """The verdict on the plain invoice with a wrong key, which is sent once in a run."""
        header, usual = self.contract.key_header, self._controls[PLAIN]
        if header is None:
            return None
        body, like = encode(usual.payload), usual.verdict.exchange.request
        client.disconnect()  # it may be known by an earlier key
        found = self._once(client, STRANGER, None, body, with_field(like, header, WRONG_KEY))
        return None if found is None else found.verdict

    def _once(
        self, client: Client, name: str, payload: Json, body: bytes, like: Request | None = None
    ) -> Control | None:
        if name not in self._controls:
            verdict = self._send(client, body, like)
            if verdict is None:
                return None
            self._controls[name] = Control(name, payload, verdict)
        return self._controls[name]

    def _send(
        self, client: Client, body: bytes, like: Request | None = None, *, hurried: bool = False
    ) -> Verdict | None:
        """The quiet verdict on a body, sent as usual or `like` a request.

        `hurried` does not wait long for an answer, and nothing does once one did not come.
        """
        if not self._is_back(client):
            return None
        return self.questions.send(client, body, like, hurried=hurried)

    def _is_back(self, client: Client) -> bool:
        """Whether a server answers that may be busy with what it gave no answer to; it is not asked
        where nothing is known that gets one.
        """
        usual = self._controls.get(SMALLER) or self._controls.get(PLAIN)
        if usual is not None and usual.verdict.exchange.response is None:
            return True
        payload = plain_invoice(self.contract, self.facts) if usual is None else usual.payload
        return self.questions.is_answered(client, encode(payload)) or usual is None


def _before(verdict: Verdict) -> Before:
    response = verdict.exchange.response
    return Before(verdict.exchange.request, response.status if response else None)


def _is_one_of_many(known: Explained, sighting: Sighting) -> bool:
    """Whether both have the same answer; where what is invalid was accepted, to the same fault."""
    one, other = known.symptom, sighting.symptom
    return one.is_like(other) and not one.forgets_another(other)
