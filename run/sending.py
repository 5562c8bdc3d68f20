"""How variants of the usual request are sent: alone, or in turn on what came before."""

from spec.exchange import Exchange
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
