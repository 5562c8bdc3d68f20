"""One invoice never shows in the answer to another, whatever goes on at the same time or before."""

import pytest

from run.ask import Api
from run.cases import cases, late
from strategies import isolation
from strategies.cases import Crowd, Series

CONNECTIONS = 16


@cases("crowd", isolation.concurrent)
def test_invoices_in_flight_are_kept_apart(api: Api, crowd: Crowd) -> None:
    """Each of many invoices sent at once comes back as sent, with ids that no other has."""
    if len(crowd.cases) < CONNECTIONS:
        pytest.skip("this profile sends one invoice at a time")
    api.ask_at_once(crowd, CONNECTIONS)


@cases("series", isolation.omissions)
def test_a_property_left_out_is_not_that_of_the_invoice_before(api: Api, series: Series) -> None:
    """An optional property is echoed, then left out, then echoed again; none comes back unasked."""
    api.ask_in_turn(series)


@cases("series", isolation.same_order)
def test_an_order_can_have_two_invoices(api: Api, series: Series) -> None:
    """Two invoices for the same order, of different contents, each come back as sent."""
    api.ask_in_turn(series)


@cases("series", isolation.recoveries)
def test_a_good_invoice_is_accepted_after_a_bad_request(api: Api, series: Series) -> None:
    """What was wrong with one request is forgotten with the next on the same connection."""
    api.ask_in_turn(series)


@cases("series", isolation.refusals)
def test_a_refusal_is_about_its_own_request(api: Api, series: Series) -> None:
    """What was wrong with the request before is not told again."""
    api.ask_in_turn(series)


@cases("series", isolation.corrections)
def test_a_refused_invoice_can_be_corrected(api: Api, series: Series) -> None:
    """It is refused each time it is sent, and accepted under its reference once it is right."""
    api.ask_in_turn(series)


@cases("series", isolation.known_references)
def test_a_known_reference_changes_no_check(api: Api, series: Series) -> None:
    """What has the references of an accepted invoice is checked as ever, and never a 5xx."""
    api.ask_in_turn(series)


@cases("crowd", isolation.rivals)
def test_invoices_of_one_number_in_flight_at_once_are_answered(api: Api, crowd: Crowd) -> None:
    """Each is accepted and comes back as sent, or gets a 4xx: never a 5xx."""
    if len(crowd.cases) == 1:
        pytest.skip("this profile sends one invoice at a time")
    api.ask_at_once(crowd, len(crowd.cases))


@late
@cases("crowd", isolation.repeated)
def test_an_invoice_is_accepted_every_time(api: Api, crowd: Crowd) -> None:
    """A valid invoice sent again and again, with a new reference each time, always gets 201."""
    api.ask_in_turn(crowd)
