"""Which requests get no answer as earlier ones got none: those that need not be sent, and those of
which something known says why.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from causes.explained import Control, Explained
from causes.sightings import Sighting
from run.ending.silence import ALMOST, SHORTEST_WAIT, Silence
from spec.contract import Contract
from spec.exchange import Exchange, Request


def is_waited_for(exchange: Exchange) -> bool:
    """Whether it took its time that no answer came."""
    return exchange.response is None and exchange.elapsed >= ALMOST * SHORTEST_WAIT


def is_foreseen(
    contract: Contract,
    control: Control,
    silence: Silence,
    known: Sequence[Explained],
    request: Request,
) -> bool:
    """Whether a known cause foresees it, where requests without an answer do not tell by what they
    have in common.
    """
    for one in _waited_for(known):
        shown = one.shown.exchange.request
        if not one.edits or silence.finds(shown, one.edits):
            continue  # what several have in common says more exactly which others are so
        alike = replace(shown, body=request.body)
        if _as_silent(contract, control, one, alike).brings(one, known):
            return True
    return False


def is_accounted_for(
    contract: Contract,
    control: Control,
    silence: Silence,
    known: Sequence[Explained],
    request: Request,
) -> bool:
    """Whether a known cause says why a request gets no answer; that others without an answer, which
    nothing is told of, have the same in them is no cause.
    """
    for one in _waited_for(known):
        sighting = _as_silent(contract, control, one, request)
        if one.ways <= sighting.ways and sighting.brings(one, known):
            return True
        if silence.hanging.are_alike(one.shown.exchange.request, request):
            return True
    return False


def _waited_for(known: Sequence[Explained]) -> Iterator[Explained]:
    """What is known to get no answer."""
    return (one for one in known if is_waited_for(one.shown.exchange))


def _as_silent(
    contract: Contract, control: Control, known: Explained, request: Request
) -> Sighting:
    """A request as if it had been sent, and got as little as the known one."""
    exchange = replace(known.shown.exchange, request=request)
    verdict = replace(known.shown, exchange=exchange)
    return Sighting(contract, control, known.symptom, verdict, "")
