"""Servers whose refusals break one requirement on HttpError."""

from collections.abc import Iterator

from proof.derived.answers import answered, breaches
from reference.defects.bent import Bent
from spec.contract import Contract

REFUSALS = range(400, 500)


def misreporting(contract: Contract) -> Iterator[Bent]:
    """For each requirement on HttpError a server for each way to break it."""
    for requirement in contract.requirements:
        if requirement.part != "4xx":
            continue
        for words, change in breaches(requirement):
            yield Bent(
                f"reports {requirement} {words}",
                "errors",
                (requirement.name,),
                f"What {requirement} speaks of comes broken in every refusal: {words}.",
                answered(change, REFUSALS),
            )
