"""What names a case, so that the same one is found in another run or at another target."""

from dataclasses import replace

import pytest

from tests.exchanges import FACTS, INVOICE, request
from watch.features import case_of

HERE = replace(FACTS, key="here-key-0001", order_ids=("SO-1042", "WEB-7"))
THERE = replace(FACTS, key="there-key-2", order_ids=("4711", "AB.12"))


@pytest.mark.parametrize("like", ["%s", "%s0", "x%s", "%s%%"])
@pytest.mark.parametrize("number", [0, 1])
def test_an_order_id_like_a_known_one_is_the_same_case_at_another_target(
    number: int, like: str
) -> None:
    """Each target has its own first and second order."""
    here, there = (
        case_of(request(INVOICE | {"order_id": like % facts.order_ids[number]}), facts)
        for facts in (HERE, THERE)
    )
    assert here == there


def test_ids_like_the_first_order_and_like_the_second_are_two_cases() -> None:
    """One may be found, and the other not."""
    first, second = (request(INVOICE | {"order_id": f"{each}0"}) for each in HERE.order_ids)
    assert case_of(first, HERE) != case_of(second, HERE)


def test_another_method_is_another_case() -> None:
    """What is asked is part of what names a case."""
    sent = request(INVOICE)
    assert case_of(sent, HERE) != case_of(replace(sent, method="PUT"), HERE)
