"""One invoice never shows in the answer to another, whatever goes on at the same time or before."""

import pytest

from run.ask import Api
from run.cases import cases, late
from strategies import isolation
from strategies.cases import Crowd, Series
from strategies.series import corrections, known_references, omissions

CONNECTIONS = 16


@cases("crowd", isolation.concurrent)
def test_invoices_in_flight_are_kept_apart(api: Api, crowd: Crowd) -> None:
    """Each of many invoices sent at once comes back as sent, with ids that no other has."""
    if len(crowd.cases) < CONNECTIONS:
        pytest.skip("this profile sends one invoice at a time")
    api.ask_at_once(crowd, CONNECTIONS)


@cases("series", omissions)
def test_a_property_left_out_is_not_that_of_the_invoice_before(api: Api, series: Series) -> None:
    """An optional property is echoed, then left out, and does not come back unasked; an order can
    have many invoices, whose references differ little, over any connection.
    """
    api.ask_in_turn(series)


@cases("series", corrections)
def test_a_refused_invoice_can_be_corrected(api: Api, series: Series) -> None:
    """What was wrong with it is forgotten with the next request: another fault is told by itself,
    and a good invoice with its references is accepted.
    """
    api.ask_in_turn(series)


@cases("series", known_references)
def test_a_known_reference_changes_no_check(api: Api, series: Series) -> None:
    """What has references of an accepted invoice, or nearly those, is checked as ever: no 5xx."""
    api.ask_in_turn(series)


@cases("crowd", isolation.rivals)
def test_invoices_of_one_number_in_flight_at_once_are_answered(api: Api, crowd: Crowd) -> None:
    """Each is accepted and comes back as sent, or gets a 4xx: never a 5xx."""
    if len(crowd.cases) == 1:
        pytest.skip("this profile sends one invoice at a time")
    api.ask_at_once(crowd, len(crowd.cases))


@cases("crowd", isolation.keys_within)
def test_a_key_counts_for_its_own_request_alone(api: Api, crowd: Crowd) -> None:
    """Between head and body of a request another one is answered: each is judged by its own key."""
    if len(crowd.cases) == 1:
        pytest.skip("this profile sends one invoice at a time")
    api.ask_at_once(crowd, len(crowd.cases))


@late
@cases("crowd", isolation.repeated)
def test_an_invoice_is_accepted_every_time(api: Api, crowd: Crowd) -> None:
    """A valid invoice sent again and again, with a new reference each time, always gets 201."""
    api.ask_in_turn(crowd)
