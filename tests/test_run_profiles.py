"""How much each profile asks."""

import re

import pytest

from tests.running import suite


@pytest.mark.parametrize(
    ("profile", "least", "most"),
    [("smoke", 130, 170), ("gate", 1_000, 2_000), ("deep", 20_000, 25_000)],
)
def test_a_profile_plans_as_many_requests_as_it_promises(
    profile: str, least: int, most: int
) -> None:
    """As the header says before the first test: a few, all that is enumerated, and far more."""
    result = suite("--collect-only", "-q", "--hypothesis-profile", profile)
    planned = re.search(r"requests planned: about (\d+)", result.output)
    assert planned is not None, result.output
    assert least <= int(planned[1]) <= most
