"""One sound invoice before all others, which tells whether the target can be judged at all."""

from run.conduct import Conduct
from strategies.encoding import encode
from strategies.example import base


class RefusedError(Exception):
    """The key is refused; one sentence says what to do."""


def ask(conduct: Conduct) -> None:
    """Send it. Raises RefusedError or UnreachableError; any other answer is for the suites."""
    client = conduct.client()
    try:
        exchange = client.send(encode(base(conduct.plan.contract, conduct.facts)))
    finally:
        client.close()
    response = exchange.response
    conduct.total.requests += 1
    conduct.total.created += response is not None and response.status == 201
    if response is not None and response.status in (401, 403):
        variable = conduct.plan.target.key_variable
        raise RefusedError(
            f"{conduct.plan.target.name} refuses the key in {variable} with {response.status}: "
            "set one that may create invoices there."
        )
