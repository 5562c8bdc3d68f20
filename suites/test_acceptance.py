"""Invoices that keep the document and our reading are accepted, and come back as sent."""

from hypothesis import given
from hypothesis import strategies as st

from run import ask
from run.ask import Explorer
from run.cases import Group
from run.options import draws
from spec.contract import Contract, TargetFacts
from spec.oracle import Oracle
from strategies.invoice import encode
from strategies.packing import Packed, alone
from strategies.valid import valid
from targets.client import Client


@draws(times=12)
@given(data=st.data())
def test_a_valid_invoice_is_accepted_and_echoed(
    explorer: Explorer, contract: Contract, facts: TargetFacts, data: st.DataObject
) -> None:
    """Any invoice that keeps the document and the reading gets 201 and comes back as sent."""
    payload = data.draw(valid(contract, facts), label="valid invoice")
    explorer.ask(encode(payload))


def test_a_value_at_the_edge_is_accepted_and_echoed(
    target: Client, oracle: Oracle, contract: Contract, facts: TargetFacts, edges: Group[Packed]
) -> None:
    """Each value just inside what the requirement allows is accepted and comes back as sent."""
    packs = ask.each(target, oracle, edges.cases, edges.requirement)
    values = [
        alone(contract, facts, edge, element)
        for pack, _ in packs
        for edge, element in zip(pack.edges, pack.elements, strict=True)
    ]
    failed = ask.each(target, oracle, values, edges.requirement)
    ask.enforce(failed, sum(len(pack.edges) for pack in edges.cases), oracle)
    # Where no single value fails, it takes them together.
    ask.enforce(packs, len(edges.cases), oracle)
