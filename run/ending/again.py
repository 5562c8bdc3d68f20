"""Sends again what was not answered while the target was away for a moment."""

import shlex
from collections.abc import Callable, Sequence
from dataclasses import replace

from run.ending.outage import OutageWatch, is_absent, is_in_front, may_be_away
from run.session import Run
from spec.exchange import Exchange
from targets.errors import UnreachableError
from targets.stamp import is_sent_again


def answered_by(run: Run, send: Callable[[], Exchange], forget: Callable[[], None]) -> Exchange:
    """The exchange; that of a second time where the target was away for a moment, of which what was
    sent ahead says as little: `forget` has the tests send that again, too.
    """
    try:
        exchange = send()
    except UnreachableError:
        if not was_away(run):
            raise
        forget()
        return send()
    if not was_away(run, exchange):
        return exchange
    forget()
    again = send()
    if isinstance(run.outages, OutageWatch):
        run.outages.look_back(again)
    return replace(again, twice=again.twice or is_sent_again(exchange.request, again.request))


def was_away(run: Run, shown: Exchange | None = None) -> bool:
    """Whether the target of a run that is watched was not there for a moment, as an exchange shows
    or that there was none, and is again. What else than the API answers shows it where it is wrong.
    """
    if run.outages is None:
        return False
    if shown is not None and not is_absent(shown):
        is_odd = is_in_front(run.plan.contract, shown) or run.outages.may_be_for_a_moment(shown)
        if not (is_odd and run.oracle.judge(shown, quiet=True).violations):
            return False
    return run.outages.was_away(shown)


def all_answered_by(run: Run, send: Callable[[], Sequence[Exchange]]) -> Sequence[Exchange]:
    """The exchanges of requests that are sent at once; those of a second time where the target was
    away for a moment. Raises OutageError where it was both times, and is back.
    """
    try:
        exchanges = send()
    except UnreachableError:
        if not was_away(run):
            raise
        return _a_second_time(run, send)
    shown = next((each for each in exchanges if _is_odd(run, each)), None)
    if shown is None or not was_away(run, shown):
        return exchanges
    again = _a_second_time(run, send)
    if isinstance(run.outages, OutageWatch):
        for each in again:
            run.outages.look_back(each)
    return again


def _a_second_time(run: Run, send: Callable[[], Sequence[Exchange]]) -> Sequence[Exchange]:
    try:
        return send()
    except UnreachableError:
        if not was_away(run):
            raise
        words = ["pytest", run.ledger.test, *shlex.split(run.rerun)]
        raise UnreachableError(
            "The target could not be reached, twice, after requests were sent at once, and answers "
            f"again: what {run.ledger.test} asks is not known. If it goes down there each time, "
            f"they may make it crash; to see, run {shlex.join(words)}."
        ) from None


def _is_odd(run: Run, exchange: Exchange) -> bool:
    """Whether an exchange is wrong as those are while a target is away."""
    may_be = may_be_away(run.plan.contract, exchange)
    return may_be and bool(run.oracle.judge(exchange, quiet=True).violations)
