"""What a mirror has received, and when it has received enough."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from mirror import unsent
from mirror.behaviours import Fault
from mirror.head import NOTHING
from mirror.judging import Judge, Judgement, Reason, Verdict
from mirror.masking import Secrets, TooManyKeysError
from mirror.received import Received
from spec.contract import Contract
from spec.exchange import Exchange, Request, Response
from spec.strictjson import value_of
from spec.violation import HIDE

MOST_REQUESTS = 10_000
MOST_BYTES = 32 * 1024 * 1024
"""Requests, and bytes of them and their answers, after which a mirror has received enough."""
MOST_ANSWER = 16 * 1024
"""Bytes of an answer that are kept."""
_NOT_SHOWN = Judgement(
    Verdict.UNSPECIFIED,
    (Reason("it has more keys than can be hidden: it is not shown, and no other is judged"),),
)


class Log:
    """The requests, in the order in which they were answered; safe to read from any thread.

    It takes `limit` of them, where there is one. What it keeps has no key in it.
    `observe` is told of each request before it is answered.
    """

    def __init__(
        self,
        contract: Contract,
        secrets: Secrets,
        judge: Judge,
        observe: Callable[[Received], None],
    ) -> None:
        self.received: list[Received] = []
        self.limit: int | None = None
        self.turned_away = self.not_judged = 0
        self.troubles: list[str] = []
        self._contract, self._secrets, self._judge = contract, secrets, judge
        self._observe = observe
        self._seen: frozenset[str] = frozenset()
        self._has_too_many_keys = False
        self._started = self._last = time.monotonic()
        self._numbers = self._finished = self._active = self._bytes = 0
        self._changed = threading.Condition()

    @property
    def seconds(self) -> float:
        """Since the start."""
        return time.monotonic() - self._started

    @property
    def is_full(self) -> bool:
        """Whether no other request is taken."""
        most = MOST_REQUESTS if self.limit is None else min(self.limit, MOST_REQUESTS)
        return self._numbers >= most or self._bytes >= MOST_BYTES or self._has_too_many_keys

    @property
    def never_sent(self) -> tuple[str, ...]:
        """What no payload had, of all that a client may send."""
        features = unsent.features(self._contract)
        return tuple(each for each in features if each not in self._seen)

    def wait(self, requests: int | None = None, idle: float | None = None) -> None:
        """Wait until that many requests were answered, or the log is full, or no whole request came
        for `idle` seconds after the last one was answered.
        """
        with self._changed:
            while not self._is_enough(requests):
                left = None
                if idle is not None and not self._active:
                    left = idle - (time.monotonic() - self._last)
                    if left <= 0:
                        return
                self._changed.wait(left)

    def wait_until_judged(self) -> None:
        """Wait for the verdict on each request that is whole: a slow server may be asked first."""
        with self._changed:
            self._changed.wait_for(lambda: len(self.received) >= self._numbers or self.troubles)

    def trouble(self, words: str) -> None:
        """Keep what is wrong with the mirror itself."""
        self.troubles.append(words)
        self._notify()

    @contextmanager
    def active(self) -> Iterator[None]:
        """A client is being answered."""
        self._change(1)
        try:
            yield
        finally:
            self._change(-1)

    def number(self) -> int:
        """The number of a request that is whole now."""
        self._numbers += 1
        return self._numbers

    def receive(
        self,
        number: int,
        arrived: float,
        request: Request,
        response: Response | None,
        fault: Fault | None,
    ) -> Received:
        """Judge a request, and keep it."""
        if not self._can_be_hidden(request):
            return self._keep(number, arrived, NOTHING, None, _NOT_SHOWN, fault)
        payload = value_of(request.body)
        hide = HIDE.set(self._secrets.mask)
        try:
            judgement = self._judge.judge(Exchange(request, response, None, 0), payload)
        finally:
            HIDE.reset(hide)
        if payload is not None:
            self._seen |= unsent.features_of(self._contract, payload)
        return self._keep(number, arrived, request, response, judgement, fault)

    def refuse(
        self, arrived: float, request: Request, response: Response, why: str, clause: str
    ) -> Received:
        """Keep an incomplete request and the clause it breaks; one that is too long breaks none."""
        if not self._can_be_hidden(request):
            return self._keep(self.number(), arrived, NOTHING, None, _NOT_SHOWN, None)
        judgement = Judgement(Verdict.UNSPECIFIED, (Reason(why),))
        if clause:
            reason = Reason(why, "request.http", "MUST", clause=clause)
            judgement = Judgement(Verdict.INVALID, (reason,))
        return self._keep(self.number(), arrived, request, response, judgement, None)

    def _can_be_hidden(self, request: Request) -> bool:
        """Whether the keys of a request could be remembered; if not, it is the last one."""
        try:
            self._secrets.learn(request)
        except TooManyKeysError:
            self._has_too_many_keys = True
        return not self._has_too_many_keys

    def finish(self, received: Received, *, left: bool = False, at: float | None = None) -> None:
        """The answer to a request is over; `left` says that the client closed before, `at` when."""
        received.left = left
        received.finished = self.seconds if at is None else at
        self._finished += 1

    def _keep(
        self,
        number: int,
        arrived: float,
        request: Request,
        response: Response | None,
        judgement: Judgement,
        fault: Fault | None,
    ) -> Received:
        exchange = Exchange(request, response, None, 0)
        received = self._masked(Received(number, arrived, self.seconds, exchange, judgement, fault))
        kept = received.exchange.response
        self._bytes += len(request.body) + (len(kept.body) if kept else 0)
        self.received.append(received)
        self._observe(received)
        self._notify()
        return received

    def _notify(self) -> None:
        with self._changed:
            self._changed.notify_all()

    def mask_again(self) -> None:
        """Hide what is known of keys by now in the earlier requests, too."""
        self.received = [self._masked(each) for each in self.received]

    def _masked(self, received: Received) -> Received:
        mask, hidden = self._secrets.mask, self._secrets.hidden(received.exchange.request)
        response = received.exchange.response
        if response is not None:
            body = self._secrets.masker.mask_bytes(response.body)
            left_out = response.left_out + max(0, len(body) - MOST_ANSWER)
            response = replace(response, body=body[:MOST_ANSWER], left_out=left_out)
        reasons = tuple(
            replace(each, words=mask(each.words), at=mask(each.at))
            for each in received.judgement.reasons
        )
        return replace(
            received,
            exchange=Exchange(hidden, response, None, 0),
            judgement=replace(received.judgement, reasons=reasons),
        )

    def _change(self, active: int) -> None:
        with self._changed:
            self._active += active
            self._last = time.monotonic()
            self._changed.notify_all()

    def _is_enough(self, requests: int | None) -> bool:
        answered = requests is not None and self._finished >= requests
        return answered or (self.is_full and not self._active)
