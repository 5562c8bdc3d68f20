"""What to make of requests on which the server closed a kept connection, so that they were sent
again.

A server may close one at any time (RFC 9112, section 9.5), and cannot know that a request comes.
But what it closes after an answer, or as idle, is known to be closed soon; and what many
connections lose at one moment is a restart.
"""

from reports.ledger import Counts
from spec.violation import counted

SOON = 0.02
"""Seconds after an answer, by which a connection that was closed then is not used any more."""
FEWEST, MOST_EACH = 5, 500
"""Moments at which requests are dropped, and how many requests there may be for each, to say that
it goes on.
"""


def doubts(total: Counts) -> list[str]:
    """A sentence where requests are dropped again and again: nobody knows what comes of them."""
    moments = {int(drop.at) for drop in total.resent if drop.idle >= SOON}
    if len(moments) < FEWEST or len(moments) * MOST_EACH < total.requests:
        return []
    times = f"{len(total.resent)} of {counted(total.requests, 'request')}"
    told = (
        f"the server closed a kept connection without an answer on {times}, which were sent again"
    )
    return [f"{told}: find out whether the server or something in front of it closes them"]
