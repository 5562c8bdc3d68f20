"""What an error repeats and cuts is cut within a character of one of the texts that are sent."""

import pytest

from spec.relations import like_orders
from strategies.unspecified.values import UNSPECIFIED_DATES, UNSPECIFIED_KEYS, UNSPECIFIED_URLS
from strategies.wrong.texts import REPEATED

TEXTS = {
    "a wrong type or status": tuple(REPEATED.values()),
    "a date": UNSPECIFIED_DATES,
    "a url": UNSPECIFIED_URLS,
    "a name": UNSPECIFIED_KEYS,
    "an order": like_orders(("ORD-2024-A1", "ORD-20250101"), "ORD-NONE"),
}


def _is_within_a_character(text: str, cut: int, unit: str) -> bool:
    """Whether so many bytes, or units of UTF-16, end within a character."""
    size = {"utf-8": 1, "utf-16-le": 2}[unit]
    coded = text.encode(unit, "surrogatepass")[: cut * size]
    return bool(coded.decode(unit, "ignore").encode(unit) != coded) and not _has_half(text)


def _has_half(text: str) -> bool:
    return any("\ud800" <= one <= "\udfff" for one in text)


@pytest.mark.parametrize("unit", ["utf-8", "utf-16-le"])
@pytest.mark.parametrize("what", TEXTS)
def test_each_cut_is_within_a_character_of_a_text(what: str, unit: str) -> None:
    """By bytes and by units of UTF-16, wherever it is: one alignment alone has places without."""
    for cut in range(28, 150):
        assert any(_is_within_a_character(one, cut, unit) for one in TEXTS[what]), cut
