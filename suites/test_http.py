"""The same invoice encoded differently and sent differently is the same invoice."""

import pytest

from run.ask import Api
from run.cases import cases, late
from strategies import http
from strategies.cases import Case, Series
from strategies.parameters import valid_parameters, wrong_parameters


@cases("case", http.equivalent_bodies)
def test_an_invoice_encoded_otherwise_is_accepted_and_echoed(api: Api, case: Case) -> None:
    """White space, order, escapes and exponents change nothing: 201, and the same echo."""
    api.ask_one(case)


@cases("case", http.equivalent_requests)
def test_an_invoice_sent_otherwise_is_accepted_and_echoed(api: Api, case: Case) -> None:
    """The headers of other clients, chunks, white space and an unknown query change nothing."""
    api.ask_one(case)


@late
@cases("case", http.equivalent_errors)
def test_an_invalid_invoice_sent_otherwise_is_refused(api: Api, case: Case) -> None:
    """It gets the same 400 and HttpError, whatever the client."""
    api.ask_one(case)


@cases("case", valid_parameters)
def test_a_parameter_at_an_edge_is_accepted(api: Api, case: Case) -> None:
    """A parameter may have each value that the document allows: 201, and the echo."""
    api.ask_one(case)


@cases("case", wrong_parameters)
def test_a_wrong_parameter_is_refused(api: Api, case: Case) -> None:
    """A parameter that is missing, or has a value that is not allowed, gets 400."""
    api.ask_one(case)


@cases("series", http.methods)
def test_another_method_is_refused(api: Api, series: Series) -> None:
    """PUT, PATCH, DELETE and PURGE get a 4xx, and what follows 201; sent only where nothing can
    come of it.
    """
    if not api.run.plan.target.other_methods:
        pytest.skip(
            "not sent to a live server, which might obey: set other_methods in targets.toml"
        )
    api.ask_in_turn(series)
