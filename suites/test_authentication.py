"""Who may create invoices: nobody without the right key, in the right place."""

import pytest

from run.ask import send
from spec.contract import Contract, TargetFacts
from spec.oracle import Oracle
from strategies.cases import Variant
from strategies.invoice import base, encode
from targets.client import Client


def test_a_request_without_the_right_key_is_refused(
    target: Client, oracle: Oracle, unauthorised: Variant
) -> None:
    """Whatever its body, it gets 401 and an HttpError, neither the key back nor a redirect."""
    oracle.judge(send(target, unauthorised)).enforce()


def test_the_key_header_counts_in_any_case(
    target: Client, oracle: Oracle, contract: Contract, key_header: Variant
) -> None:
    """The right key is found whatever the case of its header's name (RFC 9110, section 5.1)."""
    oracle.judge(send(target, key_header), contract.named("security.key")).enforce()


def test_a_key_without_the_right_is_refused(
    target: Client, oracle: Oracle, contract: Contract, facts: TargetFacts
) -> None:
    """A key whose holder may not create invoices gets 403."""
    if facts.forbidden_key is None:
        pytest.skip("no key without the right to create is known: its variable is not set")
    body = encode(base(contract, facts))
    oracle.judge(target.send(body, key=facts.forbidden_key)).enforce()
