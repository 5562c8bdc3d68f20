"""Bodies that are not an invoice, and invoices that are said to be something else."""

from run.ask import Api
from run.cases import cases
from strategies import bodies
from strategies.cases import Case


@cases("case", bodies.non_invoices)
def test_a_body_that_is_no_invoice_is_refused(api: Api, case: Case) -> None:
    """It gets 400, or 413 where it is too large; what JSON readers differ on, also 201."""
    api.ask_one(case)


@cases("case", bodies.media_types)
def test_another_media_type_is_refused(api: Api, case: Case) -> None:
    """A valid invoice that is not said to be JSON gets 400 or 415; with nothing said or of a
    charset also 201.
    """
    api.ask_one(case)
