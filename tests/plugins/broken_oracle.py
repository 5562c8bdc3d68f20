"""An oracle with a bug."""

from spec.exchange import Exchange
from spec.oracle import Oracle
from spec.requirements import Requirement


def _judge(_self: Oracle, _exchange: Exchange, _about: Requirement | None = None) -> None:
    raise RuntimeError("the oracle has a bug")


Oracle.judge = _judge  # type: ignore[method-assign,assignment] # that is the bug
