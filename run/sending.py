"""How variants of the usual request are sent: alone, in turn, and all at once."""

from collections.abc import Sequence

from run import asking
from spec.exchange import Exchange
from spec.oracle import Oracle
from strategies.variant import Variant
from targets.client import Client


def send(target: Client, variant: Variant) -> Exchange:
    """Send one variant."""
    return target.send(
        variant.body,
        method=variant.method,
        headers=variant.headers,
        query=variant.query,
        chunked=variant.chunked,
        fresh_connection=variant.fresh,
    )


def in_turn(target: Client, oracle: Oracle, variants: Sequence[Variant]) -> None:
    """Send them one after the other; raise Nonconformance that names each that fails.

    Nothing of one may come back with the next.
    """
    __tracebackhide__ = True
    failed, before = [], None
    for variant in variants:
        exchange = send(target, variant)
        verdict = oracle.judge(exchange, before=before)
        before = exchange.request
        if verdict.failing:
            failed.append((variant, verdict))
    asking.enforce(failed, len(variants), oracle)


def at_once(target: Client, oracle: Oracle, variants: Sequence[Variant], workers: int) -> None:
    """Send the bodies over so many connections at once; raise Nonconformance likewise."""
    __tracebackhide__ = True
    exchanges = target.in_flight([variant.body for variant in variants], workers)
    verdicts = zip(variants, map(oracle.judge, exchanges), strict=True)
    failed = [(variant, verdict) for variant, verdict in verdicts if verdict.failing]
    asking.enforce(failed, len(variants), oracle)
