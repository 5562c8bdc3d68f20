"""Judges kept connections that a server closes on requests: these are sent again, and a run says
whether anybody knows what became of the first ones.
"""

import time
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from functools import partial
from statistics import median

from causes.cause import LOST, RARELY
from reports.ledger import IDLE, MILLISECONDS, Counts
from run.ending.outage import is_absent, take_note
from run.preflight import control
from run.session import Run
from spec.exchange import Drop, Exchange, HttpFault
from spec.violation import counted
from targets.client import Client
from targets.errors import CannotTellError

SOON = 0.02
"""Seconds after an answer, by which a connection that was closed then is not used any more."""
FEWEST, MOST_EACH = 5, 500
"""Moments at which requests are dropped, and how many requests there may be for each, to say that
it goes on.
"""
TIMES = 3
"""How often it is asked whether a server closes idle connections."""
MANY, SHARE = 10, 10
"""Requests over one connection, or over kept ones, that say something; and of how many that were
answered one may have waited as long as those that were lost.
"""


def repeated_drops(total: Counts, limit_of_idle: Callable[[], float | None]) -> list[str]:
    """A sentence where a server closes kept connections on requests again and again.

    It may close one at any time (RFC 9112, section 9.5), and cannot know that a request comes. But
    what it closes after an answer, or as idle, is known to be closed soon; and what many
    connections lose at one moment is a restart. Such requests are sent again. Where a finding says
    after which requests they are lost, or that any may be, it tells more. A request that is lost
    otherwise was taken by a server that is at work, and nobody knows what became of it.
    `limit_of_idle` asks the server after how many seconds it closes a connection that is idle.
    """
    if any(cause.traits == [LOST] for cause in total.causes.values()) or _is_found(total):
        return []
    if _is_seldom(total, total.resent) or _are_idle(total):
        return []
    limit = limit_of_idle()
    if limit and _is_seldom(total, [drop for drop in total.resent if not _was_idle(drop, limit)]):
        total.outages.append(
            f"The server closes connections that are idle for {limit:.2g} s, as it may (RFC 9112, "
            "section 9.5): what was sent just then was sent again, and answered"
        )
        return []
    times = f"{len(total.resent)} of {counted(total.requests, 'request')}"
    told = (
        f"the server closed a kept connection without an answer on {times}, which were sent again"
    )
    carried = min(drop.carried for drop in total.resent)
    after = f", each time after {carried} or more over it" if carried >= MANY else ""
    return [f"{told}{after}: find out whether the server or something in front of it closes them"]


def _is_found(total: Counts) -> bool:
    """Whether a finding that counts is that any request may be so lost, now and then."""
    blamed = {row.cause for row in total.occurrences.values() if not row.waived}
    return any(
        cause.traits == [RARELY] and cause.broken == HttpFault.CLOSED and name in blamed
        for name, cause in total.causes.items()
    )


def _is_seldom(total: Counts, drops: Sequence[Drop]) -> bool:
    """Whether requests were dropped at a few moments only, or at once after an answer."""
    moments = {int(drop.at) for drop in drops if drop.idle >= SOON}
    return len(moments) < FEWEST or len(moments) * MOST_EACH < total.requests


def _was_idle(drop: Drop, limit: float) -> bool:
    """Whether a connection was closed after that time: from its last answer on, which came between
    its last request and when it was read, and took less.
    """
    return drop.since >= limit > drop.since - drop.idle


def closed_as_idle(client: Client, body: bytes, note: Callable[[Exchange], None]) -> float | None:
    """After how many seconds the server closes a connection on which nothing is sent, as it is
    asked a few times with a body that it accepts; None where it keeps one, or closes it at once,
    whatever is sent. Each exchange is to be taken `note` of.
    """
    after: list[float] = []
    with suppress(CannotTellError), closing(client):
        for _ in range(TIMES):
            exchange = client.send(body)
            note(exchange)
            began = time.monotonic()
            if is_absent(exchange) or not client.is_closed(within=IDLE):
                return None
            after.append(time.monotonic() - began)
    return min(after) if len(after) == TIMES and min(after) >= SOON else None


def idle_limit(run: Run) -> float | None:
    """The same, asked in a run."""
    return closed_as_idle(run.client(), control(run), partial(take_note, run, run.total))


def _are_idle(total: Counts) -> bool:
    """Whether a server closes connections that are idle for some time: nearly no request is
    answered over one that was idle for longer than those that are lost were.
    """
    middle = median(drop.idle for drop in total.resent) * MILLISECONDS
    longer = sum(times for idle, times in total.idle.items() if int(idle) >= middle)
    answered = total.idle.total()
    return answered >= MANY and longer * SHARE <= answered
