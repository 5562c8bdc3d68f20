"""A server whose answers with 401 take nine seconds, by the client's clock alone."""

from typing import Any

from spec.exchange import Exchange
from targets import client


def _slow(request: Any, response: Any, fault: Any, elapsed: float, *more: Any, **rest: Any) -> Any:
    if response is not None and response.status == 401:
        elapsed = 9.0
    return Exchange(request, response, fault, elapsed, *more, **rest)


client.Exchange = _slow  # type: ignore[assignment,attr-defined] # nobody wants to wait for it
