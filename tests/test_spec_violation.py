"""What a violation says of values: in one line, cut in the middle, and without a secret."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from spec.exchange import Exchange, Response
from spec.oracle import Oracle
from spec.violation import HIDE, beginning, brief, counted, demand, opening, shortened
from tests.exchanges import (
    ANSWERED,
    CONTRACT,
    FACTS,
    altered,
    drop,
    encoded,
    invoice,
    put,
    refusal,
    request,
)

SECRET = "s3cret-key"  # noqa: S105 # of nobody


@pytest.fixture
def _hiding() -> Iterator[None]:
    """A run that has a secret."""
    before = HIDE.set(lambda text: text.replace(SECRET, "***"))
    yield
    HIDE.reset(before)


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (1, "1"),
        (Decimal("1.50"), "1.50"),
        (True, "true"),
        (None, "null"),
        ("ü\n", '"ü\\n"'),
        ("\ud800", '"\\ud800"'),
        ({"a": [Decimal("1.50")]}, '{"a": ["1.50"]}'),
        ("x" * 78, f'"{"x" * 78}"'),
        ("x" * 79, f'"{"x" * 39} ...(1 more)... {"x" * 39}"'),
    ],
)
def test_a_value_is_told_in_a_line(value: Any, told: str) -> None:
    """As JSON; a number has all its digits, and of more than 80 characters there are the ends."""
    assert brief(value) == told


def test_a_number_has_its_noun() -> None:
    """There is one of a kind, or some."""
    assert [counted(number, "finding") for number in (0, 1, 2)] == [
        "0 findings",
        "1 finding",
        "2 findings",
    ]
    assert [counted(number, "entry", "entries") for number in (1, 2)] == ["1 entry", "2 entries"]


def test_a_long_text_has_its_two_ends() -> None:
    """A text of just the limit is whole, and of a longer one as much is left as is said."""
    assert shortened("abcdefghij", 10) == "abcdefghij"
    assert shortened("abcdefghijk", 10) == "abcde ...(1 more)... ghijk"


def test_a_long_text_is_cut_at_words() -> None:
    """No word is cut, but one that has most of what is left; what is left out is counted."""
    text = "expected an HTTP response, got none: the method is REQUEST, and malformed"
    assert shortened(text, 40) == "expected an HTTP ...(44 more)... and malformed"
    assert shortened(text, 50) == "expected an HTTP ...(32 more)... is REQUEST, and malformed"
    assert shortened(f"a {'b' * 20} c", 16) == f"a {'b' * 6} ...(8 more)... {'b' * 6} c"


@pytest.mark.usefixtures("_hiding")
@pytest.mark.parametrize("between", [30, 9000])
def test_a_secret_at_an_end_of_a_cut_is_hidden(between: int) -> None:
    """It is looked for before the text is cut, however long that is."""
    text = f"xxx{SECRET}{'y' * between}{SECRET}zzz"
    assert shortened(text, 10) == f"xxx** ...({between + 16} more)... **zzz"


@pytest.mark.usefixtures("_hiding")
@pytest.mark.parametrize("after", [0, 9000])
def test_a_secret_at_the_end_of_a_beginning_is_hidden(after: int) -> None:
    """Half of it would not be found any more."""
    text = f"{'x' * 8}{SECRET}{'y' * after}"
    assert beginning(text, 10) == "xxxxxxxx**"
    assert opening(text.encode(), 10) == "xxxxxxxx**"


def test_a_body_that_is_no_text_is_told_in_escapes() -> None:
    """Whatever its bytes are."""
    assert opening(b"a\xff", 10) == "a\\xff"


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("201.data.status.enum", 'enum ["PAID", "PENDING", "PARTIALLY_PAID", "OVERPAID"]'),
        ("201.data.status.type", "type string"),
        ("remarks.maxLength", "maxLength 255"),
    ],
)
def test_a_demand_is_told_as_the_document_has_it(name: str, told: str) -> None:
    """And not as Python writes it."""
    assert demand(CONTRACT.named(name)) == told


@pytest.mark.parametrize(
    ("payload", "status", "flags"),
    [
        (invoice(), 400, (True, False)),
        (invoice(), 500, (True, False)),
        (altered(drop("items")), 201, (False, True)),
        (altered(drop("items")), 500, (False, False)),
        (altered(put("total_amount", value=10**400)), 500, (True, False)),
    ],
)
def test_a_wrong_status_says_whether_201_was_expected_and_came(
    payload: Any, status: int, flags: tuple[bool, bool]
) -> None:
    """As flags, so that nobody takes the sentence apart."""
    answer = Response(status, ANSWERED, encoded(refusal()))
    verdict = Oracle(CONTRACT, FACTS).judge(Exchange(request(payload), answer, None, 0.0))
    wrong = next(each for each in verdict.violations if str(status) in each.got)
    assert (wrong.expects_201, wrong.got_201) == flags
    assert wrong.expected.startswith("201") is flags[0]


def test_an_error_that_names_another_field_says_which_one_it_had_to_name() -> None:
    """As a location."""
    answer = Response(400, ANSWERED, encoded(refusal("remarks")))
    sent = request(altered(drop("total_amount")))
    verdict = Oracle(CONTRACT, FACTS).judge(Exchange(sent, answer, None, 0.0))
    assert [each.to_name for each in verdict.violations] == [("total_amount",)]
