"""The findings of a run as it goes on: each violation is traced to its cause, the smallest
difference between a request that is answered well and one that is not.
"""

import json
import os
from collections import Counter
from collections.abc import Hashable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field, replace

from causes.explaining import MOST_FOR_ONE, Explaining
from causes.grouping import MOST_ANSWERS
from causes.sightings import Control, Explained, Sighting
from causes.symptoms import symptoms
from reports.ledger import Ledger
from run.silence import ALMOST, SHORTEST_WAIT, Silence
from spec.contract import (
    HEX_PLACEHOLDER,
    UUID_PLACEHOLDER,
    Contract,
    ShortRepr,
    TargetFacts,
    unstamped,
)
from spec.exchange import Exchange, Request
from spec.oracle import Oracle, Verdict
from spec.paths import Json
from spec.violation import Category
from strategies.coherence import consistent
from strategies.invalid import invalid_body
from strategies.invoice import base, encode
from targets.client import Client
from targets.errors import CannotTellError

MOST_IN_ALL = 300
"""Requests of a run that explain causes; its workers share them."""
MOST_OF_A_KIND = 2 * MOST_FOR_ONE
"""Of these, those that explain what is answered alike, so that something is left for any other
defect: what a finding is told as does not depend on what else is broken.
"""
PLAIN = "the plain invoice"
SMALLER = "a smaller invoice"
REFUSAL = "the plain invalid invoice"

_FRAMING = ("host", "content-length", "transfer-encoding")
"""Headers that the client computes."""
_USUAL = ("User-Agent", "Accept", "Accept-Encoding", "Content-Type")
"""Headers that the client adds unless they are removed."""


@dataclass(slots=True, repr=False)
class Findings(ShortRepr):
    """Explains the violations of one run, as far as one process sees them.

    `left` is how many requests it may still send; they count for nothing else.
    """

    contract: Contract
    facts: TargetFacts
    oracle: Oracle
    ledger: Ledger
    silence: Silence = field(default_factory=Silence)
    left: int = field(default_factory=lambda: MOST_IN_ALL // processes())
    known: list[Explained] = field(default_factory=list)
    _spent: Counter[Hashable] = field(default_factory=Counter)
    concurrent: list[Explained] = field(default_factory=list)
    _controls: dict[str, Control] = field(default_factory=dict)

    def explain(self, client: Client, verdict: Verdict, name: str, group: str = "") -> Verdict:
        """Put each violation of a verdict down to a cause; `name` is what its case is called, and
        `group` what the cases are that were sent with it.

        Returns the verdict on a smaller request that shows the same, if one is known.
        """
        control = self.control(client)
        shown = verdict
        for symptom in symptoms(verdict) if control is not None else ():
            assert control is not None
            sighting = Sighting(self.contract, control, symptom, verdict, name, group)
            known = next(self._explaining(sighting), None)
            if known is None:
                known = self._explained(client, sighting)
            for violation in symptom.violations:
                self.ledger.attribute(violation, known.cause, known.shown)
            shown = known.shown if shown is verdict else shown
        return shown

    def knows(self, verdict: Verdict, name: str = "", group: str = "") -> bool:
        """Whether all that a verdict violates is explained by what is known."""
        control = self._controls.get(SMALLER) or self._controls.get(PLAIN)
        return not verdict.violations or (
            control is not None
            and all(
                any(
                    self._explaining(
                        Sighting(self.contract, control, symptom, verdict, name, group)
                    )
                )
                for symptom in symptoms(verdict)
            )
        )

    def explain_concurrent(
        self, client: Client, verdict: Verdict, name: str, group: str = ""
    ) -> Verdict:
        """Put each violation of a verdict down to the other requests that were in flight: asked
        alone, the same was answered as it should be.
        """
        control = self.control(client)
        for symptom in symptoms(verdict) if control is not None else ():
            assert control is not None
            sighting = Sighting(self.contract, control, symptom, verdict, name, group)
            known = next(
                (one for one in self.known if one.after is not None and sighting.has(one, ())),
                next((one for one in self.concurrent if one.symptom.is_like(symptom)), None),
            )
            if known is None:
                explainer = self._explainer(client, sighting)
                after = explainer.after_another()
                known = after or explainer.by_load()
                (self.known if after else self.concurrent).append(known)
            for violation in symptom.violations:
                self.ledger.attribute(violation, known.cause, known.shown)
        return verdict

    def foresees(self, body: bytes) -> bool:
        """Whether a request gets no answer, as is known from one like it."""
        for known in self.known:
            exchange = known.shown.exchange
            waited = exchange.response is None and exchange.elapsed >= ALMOST * SHORTEST_WAIT
            if not (waited and known.edits):
                continue
            # As if it had been sent, and got as little as the known one.
            request = replace(exchange.request, body=body)
            verdict = replace(known.shown, exchange=replace(exchange, request=request))
            control = self._controls[SMALLER if SMALLER in self._controls else PLAIN]
            sighting = Sighting(self.contract, control, known.symptom, verdict, "")
            if sighting.brings(known, self.known):
                return True
        return False

    def control(self, client: Client) -> Control | None:
        """An invoice that is accepted: the plain one or, where that is refused, a smaller one.

        None when nothing may be sent any more.
        """
        if PLAIN in self._controls:
            return self._controls.get(SMALLER) or self._controls[PLAIN]
        payload = base(self.contract, self.facts)
        plain = self._once(client, PLAIN, payload, encode(payload))
        if plain is None or plain.is_accepted:
            return plain
        # The request before it may be to blame.
        del self._controls[PLAIN]
        control = self._once(client, PLAIN, payload, encode(payload))
        if control is None or not control.is_accepted:
            self._controls[PLAIN] = plain
            payload = smaller(self.contract, payload)
            control = self._once(client, SMALLER, payload, encode(payload))
        if control is None or not control.is_accepted:
            self._controls.pop(SMALLER, None)
            return plain
        for symptom in symptoms(plain.verdict):
            if not symptom.of_answer:
                refused = Sighting(self.contract, control, symptom, plain.verdict, PLAIN)
                self._explained(client, refused)
        return control

    def _explaining(self, sighting: Sighting) -> Iterator[Explained]:
        """The known causes that explain it; the first of many with one answer, too many to tell."""
        yield from (known for known in self.known if sighting.has(known, self.known))
        if not sighting.symptom.of_answer:
            alike = [known for known in self.known if _is_one_of_many(known, sighting)]
            yield from alike[:1] if len(alike) > MOST_ANSWERS else ()

    def _explained(self, client: Client, sighting: Sighting) -> Explained:
        self.known.append(self._explainer(client, sighting).explained())
        return self.known[-1]

    def _explainer(self, client: Client, sighting: Sighting) -> Explaining:
        symptom, hurried = sighting.symptom, sighting.verdict.exchange.response is None
        kind = symptom.kind

        def send(body: bytes, like: Request | None) -> Verdict | None:
            if self._spent[kind] >= MOST_OF_A_KIND:
                return None
            self._spent[kind] += 1
            return self._send(client, body, like, hurried=hurried)

        return Explaining(
            sighting,
            send,
            lambda: self._refusal(client),
            orders=bool(self.facts.order_ids),
        )

    def _refusal(self, client: Client) -> Verdict | None:
        """The verdict on the plain invalid invoice, which is sent once in a run."""
        body = invalid_body(self.contract, self.facts)
        refusal = self._once(client, REFUSAL, json.loads(body), body)
        return None if refusal is None else refusal.verdict

    def _once(self, client: Client, name: str, payload: Json, body: bytes) -> Control | None:
        if name not in self._controls:
            verdict = self._send(client, body)
            if verdict is None:
                return None
            self._controls[name] = Control(name, payload, verdict)
        return self._controls[name]

    def _send(
        self, client: Client, body: bytes, like: Request | None = None, *, hurried: bool = False
    ) -> Verdict | None:
        """The quiet verdict on a body, sent as usual or `like` a request.

        `hurried` does not wait long for an answer.
        """
        if self.left <= 0:
            return None
        self.left -= 1
        try:
            with self.silence.hurried(client) if hurried else nullcontext():
                exchange = client.send(body) if like is None else again(client, like, body)
        except CannotTellError:
            self.left = 0
            return None
        verdict = self.oracle.judge(exchange, quiet=True)
        self.ledger.note(verdict)
        return verdict


def _is_one_of_many(known: Explained, sighting: Sighting) -> bool:
    """Whether both have the same answer; where what is invalid was accepted, to the same fault."""
    one, other = known.symptom, sighting.symptom
    forgotten = one.category == Category.ACCEPTED_INVALID and one.names.isdisjoint(other.names)
    return one.is_like(other) and not forgotten


def smaller(contract: Contract, payload: dict[str, Json]) -> dict[str, Json]:
    """What is required of a valid invoice, with one item."""
    required = contract.request_schema.get("required", ())
    less = {name: value for name, value in payload.items() if name in required}
    items = contract.relations.sum.items
    if isinstance(less.get(items), list):
        less[items] = less[items][:1]
    return consistent(contract, less)


def again(client: Client, request: Request, body: bytes) -> Exchange:
    """Send another body as a request was sent, with new stamps."""
    own = dict(client.headers)
    headers: list[tuple[str, str | None]] = [
        (
            name,
            own[name] if _is_new(own.get(name), value) else unstamped(value),
        )
        for name, value in request.headers
        if name.lower() not in _FRAMING
    ]
    headers += [(name, None) for name in (*_USUAL, *own) if request.header(name) is None]
    return client.send(
        body,
        method=request.method,
        key=None,
        headers=headers,
        query=unstamped(request.path.partition("?")[2]),
        chunked=request.header("transfer-encoding") is not None,
    )


def _is_new(own: str | None, value: str) -> bool:
    """Whether a header field has the UUID that the client writes into it for each request."""
    alike = len(value) == len(own or "") and {*value} <= {*"0123456789abcdef-"}
    return alike and own in (UUID_PLACEHOLDER, HEX_PLACEHOLDER)


def processes() -> int:
    """How many workers pytest-xdist has started, of which this process is one."""
    return int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
