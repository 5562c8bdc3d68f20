"""The same invoice otherwise spelled and otherwise sent is the same invoice."""

import pytest

from run.ask import in_turn, send
from run.session import Run
from spec.oracle import Oracle
from strategies.cases import Series, Variant
from targets.client import Client


def test_an_invoice_otherwise_spelled_is_accepted_and_echoed(
    target: Client, oracle: Oracle, spelling: Variant
) -> None:
    """White space, order, escapes and exponents change nothing: 201, and the same echo."""
    oracle.judge(send(target, spelling)).enforce()


def test_an_invoice_otherwise_sent_is_accepted_and_echoed(
    target: Client, oracle: Oracle, sending: Variant
) -> None:
    """Neither the headers that HTTP leaves to the client nor chunks change anything."""
    oracle.judge(send(target, sending)).enforce()


def test_an_invoice_is_accepted_over_any_connection(
    target: Client, oracle: Oracle, connections: Series
) -> None:
    """Whether requests share a connection or have each their own changes nothing."""
    in_turn(target, oracle, connections.cases)


def test_another_method_is_refused(
    run: Run, target: Client, oracle: Oracle, method: Variant
) -> None:
    """PUT, PATCH and DELETE get a 4xx; sent only where nothing can come of it."""
    if not run.plan.target.other_methods:
        pytest.skip("a live server might obey: other_methods in targets.toml allows it")
    oracle.judge(send(target, method)).enforce()
