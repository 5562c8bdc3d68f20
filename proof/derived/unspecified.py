"""Mutants that fail on what the document leaves open."""

from collections.abc import Iterator
from dataclasses import replace

from proof.derived.clauses import Clauses, clause_mutants
from proof.derived.responses import answers_status
from reference.mutants.mutant import Mutant
from reference.mutants.server import Json, Server
from reference.refusal import Refusal
from spec.contract import Contract


def mutants(contract: Contract) -> Iterator[Mutant]:
    """Mutants that answer with a status that is never allowed, or is not documented."""
    clauses: Clauses = {
        "response.status": {"fails on what is unspecified": _fails},
        "response.documented": {"answers 422 to what is unspecified": answers_status(400, 422)},
    }
    for mutant in clause_mutants(contract, "unspecified", clauses):
        # Who answers 422 to what is unspecified does so to what is invalid too.
        also = ("4xx.status",) if "response.documented" in mutant.breaks else ()
        yield replace(mutant, breaks=(*mutant.breaks, *also))


def _fails(server: Server) -> Server:
    def parse(body: bytes) -> Json:
        payload = server.steps.parse(body)
        if isinstance(payload, dict) and payload.get("remarks") == " ":
            raise Refusal(500, "Unexpected")
        return payload

    return server.with_steps(parse=parse)
