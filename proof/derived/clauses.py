"""Servers that break a clause of the operation itself: key, body, media type, statuses, HTTP."""

from collections.abc import Iterator

from proof.derived.answer_clauses import of_answers
from proof.derived.request_clauses import of_requests
from reference.defects.bent import Bent
from spec.contract import Contract
from spec.facts import Facts
from strategies.encoding import encode
from strategies.example import base


def clauses(contract: Contract, facts: Facts) -> Iterator[Bent]:
    """For each clause a server for each way to break it."""
    ways = {**of_requests(encode(base(contract, facts))), **of_answers()}
    for requirement in contract.requirements:
        area, bends, wire = ways.get(requirement.name, ("", {}, False))
        for words, bend in bends.items():
            yield Bent(
                f"{words} ({requirement})",
                area,
                (requirement.name,),
                f"Breaks {requirement}: {words}.",
                bend,
                wire,
            )
