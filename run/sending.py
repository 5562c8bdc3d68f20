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
    """Send them one after the other; raise Nonconformance that names each that fails."""
    __tracebackhide__ = True
    verdicts = [(variant, oracle.judge(send(target, variant))) for variant in variants]
    failed = [(variant, verdict) for variant, verdict in verdicts if verdict.failing]
    asking.enforce(failed, len(variants), oracle)
