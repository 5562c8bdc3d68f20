"""Whether another service answers in the place of the API, such as one that says of itself that it
is well, whatever it is asked.
"""

from collections.abc import Callable

from causes.symptoms import described
from reports.escaping import one_line
from spec.exchange import Exchange
from spec.violation import opening
from targets.stamp import stamp_in

_OPENING = 60
"""Bytes of an answer that are told."""


def another_service(exchange: Exchange, unacceptable: Callable[[], Exchange]) -> str:
    """What the plain invoice and what no server may accept get alike, in words, where that is a
    success and has nothing of the invoice; empty where the API may have answered.
    """
    response = exchange.response
    stamp = stamp_in(exchange.request.body)
    if response is None or stamp is None or stamp.lower().encode() in response.body.lower():
        return ""
    other, told = unacceptable().response, described(response)
    if other is None or described(other) != told:
        return ""
    body = one_line(opening(response.body, _OPENING)) or "no body"
    return (
        f"the plain invoice, and an empty object without a key, get {told}, "
        f"which has nothing of the invoice ({body}); is the address right?"
    )
