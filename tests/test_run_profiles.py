"""How much each profile sends."""

import re

import pytest

from tests.running import suite


@pytest.mark.parametrize(
    ("profile", "least", "most"),
    [("smoke", 130, 170), ("gate", 2_000, 2_200), ("deep", 20_000, 25_000)],
)
def test_a_profile_plans_as_many_requests_as_documented(
    profile: str, least: int, most: int
) -> None:
    """The header says how many before the first test: a few, all enumerated cases, or far more."""
    result = suite("--collect-only", "-q", "--hypothesis-profile", profile)
    planned = re.search(r"requests planned: about (\d+)", result.output)
    assert planned is not None, result.output
    assert least <= int(planned[1]) <= most
