"""Bodies that are no invoice, and invoices that are said to be something else."""

from run.ask import send
from spec.oracle import Oracle
from strategies.cases import Variant
from targets.client import Client


def test_a_body_that_is_no_invoice_is_refused(
    target: Client, oracle: Oracle, no_invoice: Variant
) -> None:
    """It gets 400, or 413 where it is too large; what JSON readers differ on, also 201."""
    oracle.judge(send(target, no_invoice)).enforce()


def test_another_media_type_is_refused(target: Client, oracle: Oracle, media_type: Variant) -> None:
    """A valid invoice that is not said to be JSON gets 400 or 415; with nothing said, also 201."""
    oracle.judge(send(target, media_type)).enforce()
