"""One invoice never shows in the answer to another, whatever goes on at the same time or before."""

import pytest

from run.ask import at_once, in_turn
from spec.oracle import Oracle
from strategies.cases import Crowd, Series
from targets.client import Client

CONNECTIONS = 16


def test_invoices_in_flight_are_kept_apart(target: Client, oracle: Oracle, crowd: Crowd) -> None:
    """Each of many invoices sent at once comes back as sent, with ids that no other has."""
    if len(crowd.cases) < CONNECTIONS:
        pytest.skip("this profile sends one invoice at a time")
    at_once(target, oracle, crowd.cases, CONNECTIONS)


def test_a_property_left_out_is_not_that_of_the_invoice_before(
    target: Client, oracle: Oracle, omission: Series
) -> None:
    """An optional property is echoed, then left out, then echoed again; none comes back unasked."""
    in_turn(target, oracle, omission.cases)


def test_an_order_can_have_two_invoices(target: Client, oracle: Oracle, one_order: Series) -> None:
    """Two invoices for the same order, of different contents, each come back as sent."""
    in_turn(target, oracle, one_order.cases)


def test_a_good_invoice_is_accepted_after_a_bad_request(
    target: Client, oracle: Oracle, recovery: Series
) -> None:
    """What was wrong with one request is forgotten with the next on the same connection."""
    in_turn(target, oracle, recovery.cases)


def test_an_invoice_is_accepted_every_time(target: Client, oracle: Oracle, repeated: Crowd) -> None:
    """A valid invoice sent again and again, with a new reference each time, always gets 201."""
    in_turn(target, oracle, repeated.cases)
