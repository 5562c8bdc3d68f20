"""Who may create invoices: nobody without the right key, in the right place."""

import pytest

from run.ask import Api
from run.cases import cases, late
from strategies import authentication
from strategies.cases import Case, Crowd


@cases("case", authentication.unauthorised)
def test_a_request_without_the_right_key_is_refused(api: Api, case: Case) -> None:
    """Whatever its body, it gets 401 and an HttpError, neither the key back nor a redirect."""
    api.ask_one(case)


@cases("case", authentication.nearly_right)
def test_a_nearly_right_key_is_refused(api: Api, case: Case) -> None:
    """A key that is right but for a part gets 401, as any other wrong one does."""
    api.ask_one(case)


@late
@cases("case", authentication.unauthorised_in_each_way)
def test_the_key_is_needed_however_a_request_is_sent(api: Api, case: Case) -> None:
    """Neither the way of sending nor a header that a proxy may add stands for the right key."""
    api.ask_one(case)


@cases("case", authentication.elsewhere)
def test_no_other_path_creates_an_invoice_without_the_key(api: Api, case: Case) -> None:
    """What guards the endpoint guards each path that the router takes for it, or there is none."""
    api.ask_one(case)


@cases("case", authentication.as_other_methods)
def test_no_other_method_creates_an_invoice_without_the_key(api: Api, case: Case) -> None:
    """What a header field makes a POST of needs the key as a POST does, or is none; sent only where
    nothing can come of it.
    """
    if not api.run.plan.target.other_methods:
        pytest.skip(
            "not sent to a live server, which might obey: set other_methods in targets.toml"
        )
    api.ask_one(case)


@cases("case", authentication.header_names)
def test_the_key_header_counts_in_any_case(api: Api, case: Case) -> None:
    """The right key is found whatever the case of its header's name (RFC 9110, section 5.1)."""
    api.ask_one(case)


@cases("crowd", authentication.without_right)
def test_a_key_without_the_right_is_refused(api: Api, crowd: Crowd) -> None:
    """A key whose holder may not create invoices gets 403."""
    if api.facts.forbidden_key is None:
        variable = api.run.plan.target.forbidden_key_variable
        pytest.skip(f"needs a key that may not create invoices, in {variable}")
    api.ask_in_turn(crowd)
