"""Which limits of a document the suite can reach: past a long one, a case would be too large.

A document may allow a text of any length. A valid invoice has at most 64 KiB, and an invalid one
some 256 KiB: what a longer case would ask is left out, and a run says of which requirements.
"""

from functools import cache

from spec.contract import Contract
from spec.paths import Json, values_at
from spec.requirements import Requirement
from strategies.invoice import complete_invoice, encode

MOST_VALID = 60 * 1024
"""Bytes of one value of a valid invoice; the reading allows 64 KiB for the whole."""
MOST_INVALID = 256 * 1024
"""Bytes of one value that breaks a limit."""


def text_fits(characters: str, size: int, most: int) -> bool:
    """Whether a text of so many of these characters has at most so many bytes in JSON."""
    return size * (len(encode(characters)) - len('""')) <= most * len(characters)


def elements_fit(elements: list[Json], size: int, most: int) -> bool:
    """Whether an array of that size, with such elements, has at most so many bytes."""
    return size * (len(encode(elements[:1])) - 1) <= most


def properties_fit(size: int) -> bool:
    """Whether an object of so many properties can be sent to break a limit."""
    return size * len('"property10000": "text",') <= MOST_INVALID


@cache
def out_of_reach(contract: Contract) -> tuple[Requirement, ...]:
    """The requirements on the payload that no case breaks, because it would be too large."""
    return tuple(one for one in contract.body_requirements if not _can_be_broken(contract, one))


def _can_be_broken(contract: Contract, requirement: Requirement) -> bool:
    if requirement.keyword not in ("maxLength", "maxItems", "maxProperties"):
        return True
    assert isinstance(requirement.operand, int)  # checked when the document is loaded
    size = requirement.operand + 1
    if requirement.keyword == "maxLength":
        return size <= MOST_INVALID
    if requirement.keyword == "maxProperties":
        return properties_fit(size)
    complete = complete_invoice(contract)
    found = [value for _, value in values_at(complete, requirement.path)]
    return all(elements_fit(each, size, MOST_INVALID) for each in found[-1:])
