"""Invoices that keep the document and our reading are accepted, and come back as sent."""

from hypothesis import given
from hypothesis import strategies as st

from run.ask import Api
from run.cases import Group, cases, draws, edge_values, late
from strategies.acceptance.limits import invoices_at_limits
from strategies.acceptance.sizes import large_invoices
from strategies.acceptance.valid import valid
from strategies.cases import Case, Crowd
from strategies.packing import Packed


@draws(times=3)
@given(data=st.data())
def test_a_valid_invoice_is_accepted_and_echoed(api: Api, data: st.DataObject) -> None:
    """Any invoice that keeps the document and the reading gets 201 and comes back as sent."""
    api.ask(data.draw(valid(api.contract, api.facts), label="valid invoice"))


@late
@cases("edges", edge_values)
def test_a_value_at_the_edge_is_accepted_and_echoed(api: Api, edges: Group[Packed]) -> None:
    """Each value just inside what the requirement allows is accepted and comes back as sent."""
    api.ask_edges(edges)


@late
@cases("crowd", invoices_at_limits)
def test_an_invoice_at_its_limits_is_accepted_and_echoed(api: Api, crowd: Crowd) -> None:
    """Many values at their limits at once, whatever else is in the invoice, come back as sent."""
    api.ask_in_turn(crowd)


@late
@cases("case", large_invoices)
def test_a_large_invoice_is_accepted_and_echoed(api: Api, case: Case) -> None:
    """An invoice of up to 64 KiB, with every text at its limit, comes back as sent."""
    api.ask_one(case)
