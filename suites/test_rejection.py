"""Invoices that break the document are refused with an error that says where."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from run import ask
from run.ask import Explorer
from run.cases import Group
from run.options import draws
from spec.contract import Contract, TargetFacts
from spec.oracle import Oracle
from spec.requirements import Requirement
from strategies.invalid import Payload, invalid
from strategies.invoice import base, encode
from targets.client import Client


def test_a_near_miss_is_refused(
    target: Client, oracle: Oracle, near_misses: Group[Payload]
) -> None:
    """Each known way to break this one requirement gets 400 and an HttpError that names it."""
    failed = ask.each(target, oracle, near_misses.cases)
    ask.enforce(failed, len(near_misses.cases), oracle)


@draws()
@given(data=st.data())
def test_a_broken_requirement_is_refused(
    explorer: Explorer,
    contract: Contract,
    facts: TargetFacts,
    requirement: Requirement,
    data: st.DataObject,
) -> None:
    """Any invoice that breaks this one requirement gets 400 and an HttpError that names it."""
    payload = data.draw(invalid(contract, facts, requirement), label=f"breaks {requirement}")
    explorer.ask(encode(payload))


def test_an_unknown_order_is_not_found(
    target: Client, oracle: Oracle, contract: Contract, facts: TargetFacts
) -> None:
    """An invoice for an order that does not exist gets 404, where the orders are known."""
    if not facts.order_ids:
        pytest.skip("no order of this target is known: --order-id names one")
    payload = {**base(contract, facts), "order_id": facts.unknown_order_id}
    oracle.judge(target.send(encode(payload))).enforce()


def test_an_update_before_the_order_is_refused(
    target: Client, oracle: Oracle, contract: Contract, facts: TargetFacts
) -> None:
    """An `updated_at` that is not later than the order's creation gets 400 (document's prose)."""
    if facts.order_created_at is None:
        pytest.skip("when the orders were created is not known: --order-created-at says it")
    moment = facts.order_created_at.isoformat()
    payload = {**base(contract, facts), "created_at": moment, "updated_at": moment}
    oracle.judge(target.send(encode(payload))).enforce()
