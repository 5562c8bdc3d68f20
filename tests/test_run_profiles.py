"""How much each profile sends."""

import re

import pytest

from tests.running import suite


@pytest.mark.parametrize(
    ("profile", "least", "most"),
    [("smoke", 130, 180), ("gate", 2_000, 2_200), ("deep", 15_000, 20_000)],
)
def test_a_profile_plans_as_many_requests_as_documented(
    profile: str, least: int, most: int
) -> None:
    """The header says how many before the first test: a few, all enumerated cases, or far more."""
    result = suite("--collect-only", "-q", "--hypothesis-profile", profile)
    planned = re.search(r"requests planned: about (\d+)", result.output)
    assert planned is not None, result.output
    assert least <= int(planned[1]) <= most


def test_tests_that_find_much_come_first_and_those_of_many_requests_that_find_little_last() -> None:
    """A server that is wrong in all errors is red at once, one that is wrong at an edge later."""
    result = suite("--collect-only", "-q")
    ids = [line for line in result.output.splitlines() if line.startswith("suites/")]
    functions = [*dict.fromkeys(re.split(r"::|\[", each)[1] for each in ids)]
    assert functions[:3] == [
        "test_an_unknown_order_is_not_found",
        "test_an_update_before_the_order_is_refused",
        "test_a_valid_invoice_is_accepted_and_echoed",
    ]
    assert functions[-7:] == [
        "test_the_key_is_needed_however_a_request_is_sent",
        "test_an_invalid_invoice_sent_otherwise_is_refused",
        "test_an_invoice_is_accepted_every_time",
        "test_a_broken_requirement_is_refused",
        "test_several_faults_are_refused",
        "test_an_unusual_value_is_answered_in_good_order",
        "test_a_payload_between_document_and_reading_is_answered_in_good_order",
    ]


def test_the_first_two_requirements_of_each_keyword_come_before_the_others() -> None:
    """What is wrong with a keyword nearly always shows in these, so that the rest can wait."""
    result = suite("--collect-only", "-q")
    asked = [
        (found[1], found[2])
        for found in re.finditer(r"(near_miss|at_the_edge)_is_\w+\[.*\.(\w+)\]", result.output)
    ]
    nth = [asked[:index].count(each) for index, each in enumerate(asked)]
    others = next(index for index, before in enumerate(nth) if before >= 2)
    assert all(before < 2 for before in nth[:others])
    assert all(before >= 2 for before in nth[others:])
    last = [test for test, _ in asked[others:]]
    assert last == sorted(last, reverse=True), "near misses come before edges"
