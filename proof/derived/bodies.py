"""Mutants that accept a body that is not JSON."""

from collections.abc import Callable, Iterator

from proof.derived.clauses import Clauses, clause_mutants
from reference.mutants.mutant import Mutant
from reference.mutants.server import Mutation
from spec.contract import Contract, TargetFacts
from spec.strictjson import Malformed, parse
from strategies.invoice import encode, plain_invoice


def mutants(contract: Contract, facts: TargetFacts) -> Iterator[Mutant]:
    """Mutants that accept an empty body, invalid JSON or UTF-8, or another media type."""
    valid = encode(plain_invoice(contract, facts))
    clauses: Clauses = {
        "requestBody.required": {
            "takes an empty body": _reads(lambda body: body if body.strip() else valid)
        },
        "requestBody.json": {
            "takes invalid JSON": _reads(lambda body: valid if _is_malformed(body) else body)
        },
        "requestBody.utf8": {"reads invalid UTF-8 as Latin-1": _reads(_from_latin_1)},
        "requestBody.mediaType": {
            "takes any media type": lambda server: server.with_steps(
                check_media_type=lambda _: None
            )
        },
    }
    yield from clause_mutants(contract, "bodies", clauses)


def _reads(change: Callable[[bytes], bytes]) -> Mutation:
    """The server reads another body than was sent."""
    return lambda server: server.with_steps(parse=lambda body: server.steps.parse(change(body)))


def _is_malformed(body: bytes) -> bool:
    """Whether a body is valid UTF-8 but not valid JSON."""
    try:
        parse(body)
    except Malformed as error:
        return not error.encoding
    return False


def _from_latin_1(body: bytes) -> bytes:
    try:
        body.decode()
    except UnicodeDecodeError:
        return body.decode("latin-1").encode()
    return body
