"""Watches a run for an outage: what was accepted before is refused or not answered any more.

Then nothing that is found says anything of the API, and the run ends. Whether it is one is asked of
the control, so that a server that breaks down at some invoices is a finding and no outage. A server
that answers as if all invoices were invalid from then on is wrong: that is a finding, and the last.
"""

import re
import shlex
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from causes.symptoms import described, is_documented, is_of_the_answer, is_page
from reports.ledger import Counts, Entry
from run.notes import nothing_said
from run.options import limits
from run.preflight import BEHIND, KEY_REFUSED, control
from run.session import Run
from spec.contract import Contract
from spec.exchange import Exchange, HttpFault, Request
from spec.oracle import Verdict
from spec.violation import counted
from targets.awake import awake
from targets.errors import DeadlineError, OutageError, UnreachableError
from targets.stamp import unstamped_body

PAUSES = (0.0, 0.5, 1.0, 2.0, 4.0)
"""Seconds before each time that the control is asked; a server that restarts is back by then."""
AGAIN = 5
"""Exchanges in a row that look like an outage, after which the control is asked once more."""
NO_MORE = "What was found before that is reported, and nothing after it."
MOST_IN_VAIN = 5
"""How often we check, at most, whether the target is away, although the control is answered."""
MOST_ASKED = 20
"""How often we check, at most, whether the control is refused too."""
MOST_REFUSED = 1
"""How often the right key may be refused for a moment; what comes again is the server's fault."""
MOST_PAUSES = 1
"""How often nothing at all may be answered for as long as a request is waited for."""
LONG_AGO = 100
"""Requests after one with a wrong key in which a server that is locked by that would show it."""


_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_SENT_AGAIN = "were sent again"
"""Is in all that is told of a target that was away, whatever was seen of it meanwhile."""


@dataclass(slots=True)
class ToldOnce:
    """Has what several processes tell of one moment told once: each of them sees an outage after
    other requests, and for about as long.
    """

    _told: list[tuple[str, float, float]] = field(default_factory=list)

    def keep(self, entry: Entry) -> None:
        """Leave out of the entry of a test what one that ran at the same time has told."""
        began, ended = entry.started, entry.started + entry.seconds
        kinds = [(each, _kind_of(each)) for each in entry.counts.outages]
        known = {kind for kind, since, until in self._told if since < ended and began < until}
        entry.counts.outages = [sentence for sentence, kind in kinds if kind not in known]
        self._told += [(kind, began, ended) for _, kind in kinds]


def _kind_of(sentence: str) -> str:
    return _SENT_AGAIN if _SENT_AGAIN in sentence else _NUMBER.sub("", sentence)


def is_like_an_outage(contract: Contract, exchange: Exchange) -> bool:
    """Whether an exchange has no answer, or one that refuses whatever was asked, or one that no API
    gives: a page for people, another success, a redirect.
    """
    response = exchange.response
    if response is None or response.status in KEY_REFUSED or response.status >= 500:
        return True
    return is_in_front(contract, exchange)


def is_in_front(contract: Contract, exchange: Exchange) -> bool:
    """Whether an answer is one that no API gives, but what may stand in front of it for a moment: a
    page for people, another success, a redirect. What refuses a key may be a lock for a wrong one.
    """
    response = exchange.response
    if response is None or response.status in KEY_REFUSED or response.status >= 500:
        return False
    return is_page(response) or (response.status < 400 and not contract.operation.creates(response))


def may_be_away(contract: Contract, exchange: Exchange) -> bool:
    """Whether nothing answered, or something else than the API, as while that is not there, or
    cannot look up keys.
    """
    is_refused = _status(exchange) in KEY_REFUSED
    return is_absent(exchange) or is_refused or is_in_front(contract, exchange)


@dataclass(slots=True)
class OutageWatch:
    """What one process of a run watches.

    `accepted` is whether the control was at the start.
    """

    run: Run
    accepted: bool
    deadline: datetime | None = None
    in_a_row: int = 0
    in_vain: Counter[bool] = field(default_factory=Counter)
    refused_for_a_moment: int = 0
    pauses: int = 0
    is_blocked: bool = False
    """Whether it was away as it answered nothing, for longer than a request is waited for."""
    paused: tuple[Request, str] | None = None
    """What got no answer then, and what was told of it."""
    asked: int = 0
    status: int | None = None
    """Of the answer to the control that showed the outage."""
    refused: Exchange | None = None
    """The control and that answer."""

    def __call__(self, verdict: Verdict) -> None:
        """Look at a verdict before it counts. Raises OutageError or DeadlineError."""
        now = moment(self.run)
        if self.deadline is not None and now > self.deadline:
            hours = _hours(now - self.run.open.started_at)
            raise DeadlineError(
                f"The run has taken {hours}, the most that one of this size may take: find out "
                "what slows the target down, or choose a smaller --hypothesis-profile."
            )
        if not self.accepted:
            return
        if not self._is_like_an_outage(verdict.exchange):
            self.in_a_row = 0
            if self._may_be_refused_alike(verdict):
                self._look_for_refusal(self._number(verdict.exchange.number))
            return
        if not verdict.violations:
            return  # it was asked without the right key
        self.in_a_row += 1
        if self.in_a_row % AGAIN == 1:
            reason = self._refusal(self._number(verdict.exchange.number))
            if reason:
                if self.is_apart(verdict.exchange):
                    self.run.ledger.observe(verdict)
                raise OutageError(f"{reason.rstrip('.')}. {NO_MORE}")

    def _may_be_refused_alike(self, verdict: Verdict) -> bool:
        """Whether an error is the wrong answer, and nothing that is known explains it."""
        decided = not all(map(is_of_the_answer, verdict.violations))
        wrong = decided and 400 <= (_status(verdict.exchange) or 0) < 500
        return wrong and not self.run.explainer.knows(verdict)

    def _number(self, number: int) -> str:
        """Which request of the run it was, in the order of sending; with others in flight, or
        other workers, about so.
        """
        others = self.run.turns.others
        about = "about " * (self.run.in_flight > 1 or others > 0)
        return f"{about}request {number + others}"

    def _first(self, shown: Exchange | None) -> int:
        """The number of the first request that an absent target did not answer: others were sent
        ahead of the one that shows it, or it was sent ahead of those that were answered.
        """
        after = self.run.stamper.answered + 1
        return after if shown is None else min(shown.number, after)

    def _look_for_refusal(self, number: str) -> None:
        """Ask the control, and tell that it is refused by now. Raises OutageError if it is."""
        if self.asked >= MOST_ASKED:
            return
        self.asked += 1
        creates = self.run.plan.contract.operation.creates
        with self.run.turns.alone():  # or what another worker sent may be to blame
            reason = self._refusal(number, lambda exchange: not creates(exchange.response))
        if not reason or self.refused is None:
            return
        created = self.run.total.created + self.run.ledger.counts.created
        try:
            self.run.explainer.tell_refused(
                self.run.oracle.judge(self.refused, quiet=True),
                f"{counted(created, 'invoice')} before {number}",
                f"every one since {number}, the plain invoice too",
            )
        except Exception as error:  # noqa: BLE001 # it is a fault of the suite, which is told
            self.run.ending.unexplained(error)
        raise OutageError(f"{reason.rstrip('.')}. {NO_MORE}")

    def may_be_for_a_moment(self, exchange: Exchange) -> bool:
        """Whether a key may be refused as it cannot be looked up, and not for one that was wrong:
        that is a lock, which says something of the server.
        """
        apart = exchange.number - self.run.stamper.stranger
        is_rare = self.refused_for_a_moment < MOST_REFUSED
        return _status(exchange) in KEY_REFUSED and abs(apart) > LONG_AGO and is_rare

    def is_apart(self, exchange: Exchange) -> bool:
        """Whether an answer is no part of the outage: a breakdown, and then the key is refused."""
        refused = self.status in KEY_REFUSED
        return refused and _status(exchange) not in (None, *KEY_REFUSED)

    def was_away(self, shown: Exchange | None) -> bool:
        """Whether the target was not there for a moment, such as for a restart, and is again; what
        shows it is an exchange, or that there was no connection.

        Then a request that it did not answer is to be sent again: nothing in it was to blame.
        Raises OutageError where the target does not come back.
        """
        self.look_back(shown)
        answered = shown is not None and not is_absent(shown)
        if not self.accepted or self.in_vain[answered] >= MOST_IN_VAIN:
            return False
        started, away, seen = time.monotonic(), "", [shown]
        first = self._first(shown)
        since, others = f"since {self._number(first)}", self.run.unanswered()
        for found in self._answers(since):
            if isinstance(found, str):
                away = found
                seen.append(None)
            elif may_be_away(self.run.plan.contract, found):
                away = self._reason(found, since)
                seen.append(found)
            elif not away:
                self.in_vain[answered] += 1
                if shown is None or not shown.still or self.pauses >= MOST_PAUSES:
                    return False
                self._tell_pause(shown.request, first - 1)
                return True
            else:
                self.refused_for_a_moment += shown is not None and _status(shown) in KEY_REFUSED
                self.is_blocked |= any(map(_is_late, seen[1:]))
                self._tell_outage(time.monotonic() - started, seen, first - 1)
                return True
        silent = all(each is None or each.response is None for each in seen)
        here = self._here(others) if silent else ""
        raise OutageError(" ".join(filter(None, (f"{away.rstrip('.')}.", here, NO_MORE))))

    def _tell_pause(self, request: Request, last: int) -> None:
        self.pauses += 1
        limit = self.run.plan.options.request_timeout
        told = (
            f"After {self._number(last)} nothing was answered for {limit:g} s, whatever was asked: "
            f"unanswered requests {_SENT_AGAIN}"
        )
        self.paused = request, told
        self.run.ledger.counts.outages.append(told)

    def look_back(self, exchange: Exchange | None) -> None:
        """Take back that nothing was answered, where the same request gets no answer once more, as
        where all that was in flight is never answered.
        """
        if self.paused is None or exchange is None or exchange.response is not None:
            return
        (request, told), outages = self.paused, self.run.ledger.counts.outages
        again = exchange.request
        if unstamped_body(request.body) == unstamped_body(again.body) and told in outages:
            outages.remove(told)
            self.paused = None

    def _here(self, others: Sequence[str]) -> str:
        """Which tests have asked, for a server that a request of theirs may have ended, and how to
        see.
        """
        tests = dict.fromkeys((self.run.ledger.test, *others))
        words = ["pytest", *tests, *shlex.split(self.run.rerun)]
        asked = "these tests, which asked at once," if len(tests) > 1 else "this test"
        return (
            f"If it always goes down here, a request of {asked} may make it crash; to see, run "
            f"{shlex.join(words)} --concurrency 1."
        )

    def _tell_outage(self, seconds: float, seen: Sequence[Exchange | None], last: int) -> None:
        """Tell what was seen meanwhile: answers of a gateway, or none."""
        counts = self.run.ledger.counts
        after = f"after {self._number(last)}"
        answers = [each.response for each in seen if each is not None and each.response is not None]
        what = "answered nothing" if any(map(_is_late, seen)) else "was unreachable"
        told = f"The target {what} for {seconds:.1f} s {after}: unanswered requests {_SENT_AGAIN}"
        if len(answers) == len(seen):
            told = (
                f"For {seconds:.1f} s {after}, requests were answered {described(answers[-1])} "
                f"(at least {counted(len(answers), 'time')}), and {_SENT_AGAIN}"
            )
        counts.outages.append(told)

    def _is_like_an_outage(self, exchange: Exchange) -> bool:
        return is_like_an_outage(self.run.plan.contract, exchange)

    def _refusal(self, number: str, is_bad: Callable[[Exchange], bool] | None = None) -> str:
        """Why the control is not accepted any more, in words; empty if it is, or if its answer
        is not bad.

        `number` is that of the first request of this process that was not answered well.
        """
        reason, since, is_bad = "", f"since {number}", is_bad or self._is_like_an_outage
        for found in self._answers(since):
            if isinstance(found, str):
                reason = found
            elif not is_bad(found):
                return ""
            else:
                reason, self.status = self._reason(found, since), _status(found)
                self.refused = found
        return reason

    def _answers(self, since: str) -> Iterator[Exchange | str]:
        """The control, asked after each pause over a connection of its own, as one of several
        servers may be broken: its exchange, or why the target is unreachable.
        """
        with closing(self.run.client()) as client:
            for pause in PAUSES:
                time.sleep(pause)
                client.disconnect()
                try:
                    exchange = client.send(control(self.run))
                except UnreachableError as error:
                    yield f"The target has been unreachable {since}. {error}"
                    continue
                take_note(self.run, self.run.ledger.counts, exchange)
                yield exchange

    def _reason(self, exchange: Exchange, since: str) -> str:
        response = exchange.response
        if response is None:
            return f"The target has not answered the plain invoice {since}. {exchange.fault}"
        told, wait = described(response), response.header("retry-after") or ""
        told += f", Retry-After: {wait}" * (wait.isascii() and wait.isdecimal() and len(wait) < 10)
        page = is_page(response) and response.status < 500
        if response.status not in KEY_REFUSED and not page:
            said = nothing_said(self.run.plan.contract) if 400 <= response.status < 500 else ""
            what = f", and {said}" if said else ""
            return f"The target has answered the plain invoice with {told} {since}{what}"
        if is_documented(response):
            variable = self.run.plan.target.key_variable
            return f"The key in {variable} has been refused {since} ({told})"
        return f"Something in front of the API has answered {since} ({told})"


@contextmanager
def kept(run: Run, verdict: Verdict) -> Iterator[None]:
    """Count a verdict that waits to be counted, if an outage that it is no part of ends the run."""
    try:
        yield
    except OutageError:
        watch = run.outages
        if isinstance(watch, OutageWatch) and watch.is_apart(verdict.exchange):
            run.ledger.observe(verdict)
        raise


def take_note(run: Run, counts: Counts, exchange: Exchange) -> None:
    """Count an exchange that only asks how the target is."""
    counts.requests += 1
    counts.created += run.plan.contract.operation.creates(exchange.response)


def _status(exchange: Exchange) -> int | None:
    return exchange.response.status if exchange.response is not None else None


def _is_late(exchange: Exchange | None) -> bool:
    return exchange is not None and exchange.broken is HttpFault.LATE


def is_absent(exchange: Exchange) -> bool:
    """Whether nothing answered, or only a gateway that says that no server is behind it."""
    return exchange.response is None or exchange.response.status in BEHIND


def deadline(run: Run, planned: int) -> datetime:
    """When a run of so many requests is over: it may take an hour, and for each request a second,
    or three times what its rate limit makes of it.
    """
    rate, _ = limits(run.plan.options, run.plan.target)
    each = rate.milliseconds / 1000 / rate.requests if rate else 0.0
    return run.open.started_at + timedelta(hours=1, seconds=planned * max(1.0, 3 * each))


def moment(run: Run) -> datetime:
    """When it is, but for the time in which the run stood still, as on a laptop that slept, and
    whatever the clock on the wall did meanwhile.
    """
    return run.open.started_at + timedelta(seconds=awake() - run.begun)


def _hours(duration: timedelta) -> str:
    return f"{duration.total_seconds() / 3600:.1f} hours"
