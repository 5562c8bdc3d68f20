"""Invoices that break the document are refused with an error that says where."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from run.ask import Api
from run.cases import Group, body_requirements, cases, draws, early, late, near_misses
from spec.requirements import Requirement
from strategies import http
from strategies.cases import Case, Crowd
from strategies.invalid import PayloadCase, before_its_order, invalid
from strategies.several import several_faults


@early
@cases("case", http.unknown_orders)
def test_an_unknown_order_is_not_found(api: Api, case: Case) -> None:
    """An invoice for an order that does not exist gets 404, where the orders are known."""
    if not api.facts.order_ids:
        pytest.skip("needs --order-id: an order that exists at this target")
    api.ask_one(case)


@early
@cases("crowd", before_its_order)
def test_an_update_before_the_order_is_refused(api: Api, crowd: Crowd) -> None:
    """An `updated_at` that is not later than the order's creation gets 400 (document's prose)."""
    if api.facts.order_created_at is None:
        pytest.skip("needs --order-created-at: when the orders were created")
    api.ask_in_turn(crowd)


@cases("group", near_misses)
def test_a_near_miss_is_refused(api: Api, group: Group[PayloadCase]) -> None:
    """Each known way to break this one requirement gets 400 and an HttpError that names it."""
    api.ask_each(group)


@late
@draws()
@cases("requirement", body_requirements)
@given(data=st.data())
def test_a_broken_requirement_is_refused(
    api: Api, requirement: Requirement, data: st.DataObject
) -> None:
    """Any invoice that breaks this one requirement gets 400 and an HttpError that names it."""
    payloads = invalid(api.contract, api.facts, requirement)
    api.ask(data.draw(payloads, label=f"breaks {requirement}"))


@late
@cases("case", several_faults)
def test_several_faults_are_refused(api: Api, case: Case) -> None:
    """An invoice with more than one fault gets 400 and an HttpError that names one of them."""
    api.ask_one(case)
