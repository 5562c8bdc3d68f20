"""A validator that knows the formats says what an exact one says, also where it is quicker."""

from typing import Any

import pytest
from jsonschema_rs import Draft202012Validator

from spec.schema.formats import FORMATS
from spec.schema.validators import LONG_TEXT, FormatValidator

FITS = {name: each.fits for name, each in FORMATS.items()}
TEXT = {"type": "string", "format": "text", "maxLength": 600}
INVOICE = {
    "type": "object",
    "properties": {
        "name": TEXT,
        "day": {"type": "string", "format": "date"},
        "id": {"type": "string", "format": "uuid"},
        "items": {"type": "array", "items": {"type": "object", "properties": {"sku": TEXT}}},
        "either": {"anyOf": [{"type": "null"}, {"minLength": 2}], "format": "text"},
        "listed": {"enum": [{"format": "text"}]},
    },
}
ID = "7f3a91c2-0b1d-4e5f-8a6b-1c2d3e4f5a6b"
TEXTS = [
    *(ID, ID.upper(), f"{ID}\n", f" {ID}", ID[1:], ID.replace("-", ""), ID.replace("7", "７")),
    *("", " ", "a", "7", " a ", "-", "~!", "a~", "Größe", "鍵", "…", "a\n", "\na", "a\t", "a\x7f"),
    *(
        "a\x00",
        "a\u200b",
        "\ue000a",
        "\u0378a",
        "a" * 512,
        "a" * 513,
        "-" * 600,
        "é" * 600,
        "\r\na",
        "\x9fa",
        "\xa0",
        "\xad",
        "鍵\x80",
        "\u4dff\u4e00\u9fa5\u9fa6",
        "\U0001f600",
        "\U0001f5ff a \U0001f650",
    ),
]


def told(errors: Any) -> list[tuple[str, list[Any], list[Any]]]:
    """What a person is told of each error, and where it is."""
    return [(each.message, each.schema_path, each.instance_path) for each in errors]


@pytest.mark.parametrize("text", TEXTS, ids=ascii)
def test_a_text_has_the_format_that_it_has_for_an_exact_validator(text: str) -> None:
    """Wherever it is, and with the same words and places where it has not."""
    exact = Draft202012Validator(INVOICE, validate_formats=True, formats=FITS)
    quick = FormatValidator(INVOICE, FITS)
    for value in (
        {"name": text},
        {"id": text},
        {"items": [{"sku": "a"}, {"sku": text}]},
        {"name": text, "items": [{"sku": text}], "day": text},
        {"either": text},
        {"listed": {"format": text}},
    ):
        assert quick.is_valid(value) == exact.is_valid(value)
        assert told(quick.iter_errors(value)) == told(exact.iter_errors(value))


def test_what_is_told_of_a_long_text_does_not_repeat_it() -> None:
    """Where it is and what is wrong are the same; copies of it would be most of a run's memory."""
    exact = Draft202012Validator(INVOICE, validate_formats=True, formats=FITS)
    value = {"name": "x" * (LONG_TEXT + 1)}
    (brief,) = told(FormatValidator(INVOICE, FITS).iter_errors(value))
    (whole,) = told(exact.iter_errors(value))
    assert brief[0] == "what is sent is longer than 600 characters"
    assert whole[0] == f'"{value["name"]}" is longer than 600 characters'
    assert brief[1:] == whole[1:]


def test_a_plain_text_is_left_to_the_pattern() -> None:
    """The function of a format is asked of no text that is plainly one."""
    asked: list[str] = []

    def fits(text: str) -> bool:
        asked.append(text)
        return True

    quick = FormatValidator(INVOICE, {**FITS, "text": fits})
    assert quick.is_valid({"name": "Ring binder A4", "items": [{"sku": "鍵"}, {"sku": "ключ"}]})
    assert asked == ["ключ"]


def test_each_character_of_the_pattern_of_texts_is_one_by_this_python() -> None:
    """A later version of Unicode takes none of them back, so no validator asks a function of it."""
    quick = FormatValidator(TEXT, {**FITS, "text": lambda _: False})
    known = [each for each in map(chr, range(0x110000)) if each.isprintable() or each > "~"]
    letters = [each for each in known if not "\ud800" <= each <= "\udfff" and quick.is_valid(each)]
    shown = [
        each for each in known if not "\ud800" <= each <= "\udfff" and quick.is_valid(f"a{each}")
    ]
    assert all(map(FITS["text"], letters))
    assert all(FITS["text"](f"a{each}") for each in shown)
    assert (len(letters), len(shown)) == (62 + 20902, 95 + 96 + 20902 + 80)
