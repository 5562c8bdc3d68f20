"""Mutants that accept an invalid invoice, or refuse it with an error that does not fit."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from proof.derived.clauses import clause_mutants
from proof.derived.responses import (
    REFUSED,
    adds_a_comma,
    answers_plain_text,
    answers_status,
    changes,
    drop,
    put,
    schema_mutants,
)
from proof.derived.values import is_of, places, present
from reference.mutants.mutant import Mutant
from reference.mutants.server import Mutation, Server
from reference.refusal import Refusal
from reference.store import Store
from spec.contract import Contract, TargetFacts
from spec.paths import Json
from spec.requirements import Requirement
from strategies.invoice import plain_invoice

TRACE = 'Traceback (most recent call last):\n  File "/srv/app/views.py", line 41, in create'

BREAKS: dict[str, Callable[[Json, Json], bool]] = {
    "type": lambda value, operand: not is_of(value, operand),
    "enum": lambda value, operand: not is_of(value, "string") or value not in operand,
    "maxLength": lambda value, operand: isinstance(value, str) and len(value) > operand,
    "minLength": lambda value, operand: isinstance(value, str) and len(value) < operand,
    "maximum": lambda value, operand: is_of(value, "number") and value > operand,
    "minimum": lambda value, operand: is_of(value, "number") and value < operand,
    "maxItems": lambda value, operand: isinstance(value, list) and len(value) > operand,
    "minItems": lambda value, operand: isinstance(value, list) and len(value) < operand,
}
"""By keyword, whether a value that is present breaks it; an absent one breaks `required`."""


def mutants(contract: Contract, facts: TargetFacts) -> Iterator[Mutant]:
    """Mutants that forget a requirement on the payload, or break one on an error or an order."""
    for requirement in contract.body_requirements:
        yield Mutant(
            f"forgets {requirement}",
            "rejection",
            (requirement.name,),
            f"Does not check {requirement}: a value that breaks it is accepted, and a plain one "
            "stored in its place.",
            _forgets(requirement, plain_invoice(contract, facts)),
        )
    yield from schema_mutants(contract, "4xx", "rejection/errors", REFUSED)
    errors = {
        "4xx.status": {"answers 422": answers_status(400, 422)},
        "4xx.mediaType": {"answers text/plain": answers_plain_text(REFUSED)},
        "4xx.json": {"adds a comma": adds_a_comma(REFUSED)},
        "4xx.details.names": {
            "names another field": changes(put(("details", "[]", "field"), "customer"), REFUSED),
            "gives no details": changes(drop(("details",)), REFUSED),
        },
        "4xx.leak": {"shows a stack trace": changes(put(("message",), TRACE), REFUSED)},
    }
    yield from clause_mutants(contract, "rejection/errors", errors)
    orders: dict[str, dict[str, Mutation]] = {
        "order_id.known": {
            "knows every order": _knows_every_order,
        },
        "updated_at.order": {
            "compares no dates": lambda server: server.with_steps(check_dates=lambda *_: None)
        },
    }
    yield from clause_mutants(contract, "rejection/orders", orders)


def _knows_every_order(server: Server) -> Server:
    """Of the orders that exist it still knows when they were created."""
    known = server.steps.find_order

    def found(payload: Json, store: Store) -> datetime:
        try:
            return known(payload, store)
        except Refusal:
            return datetime(2000, 1, 1, tzinfo=UTC)

    return server.with_steps(find_order=found)


def _forgets(requirement: Requirement, valid: Json) -> Mutation:
    """The server replaces whatever breaks the requirement by what a valid invoice has there."""

    def corrected(payload: Json) -> Json:
        if not requirement.path:
            return payload if is_of(payload, requirement.operand) else valid
        stand_in = next(parent[key] for parent, key in places(valid, requirement.path))
        for place in places(payload, requirement.path):
            parent, key = place
            if requirement.keyword == "required":
                if not present(place):
                    parent[key] = stand_in
            elif present(place) and BREAKS[requirement.keyword](parent[key], requirement.operand):
                parent[key] = stand_in
        return payload

    return lambda server: server.with_payload(corrected)
