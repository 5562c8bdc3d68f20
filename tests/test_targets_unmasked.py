"""What is no key, and what is around one, stays as it is."""

import json
import random
from pathlib import Path

import pytest

from targets.masking import Masker
from tests.spellings import (
    AROUND,
    BASE64,
    BYTES,
    KEY,
    PART,
    WHOLE,
)

ROOT = Path(__file__).parent.parent

HARMLESS = [
    "0101 0102 0103 0104 0105 0106",
    "allowed: 97, 100, 118, 45, 75, 101, 121 and 55",
    "141 144 166 055 113 145 171",
    "61:64:76:2d:4b:65:79",
    "0x61, 0x64, 0x76, 0x2d, 0x4b, 0x65, 0x79",
    "%61%64%76%2d%4b%65%79",
    "YWR2LUtleQ==",
    "set adv-Key to on; the Omega-5 file; advance your Keyboard 55d times",
    "550e8400-e29b-41d4-a716-446655440000",
    "a94a8fe5ccb19ba61c4c0873d391e987982fbbd3",
    "2025-01-31T08:00:00.123Z 2025-01-31T08:00:00+01:00",
    "1.50 12.5 0.01 1000000000 999999.99",
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJg",
    "می‌خواهم نامه‌ای 👩‍👩‍👧 Donau\u00addampf\u00adschiff \u202eabc",
    "<b>adv</b> <i>Key</i> &lt;7c1&gt; \\u0061\\u0064 \x1b[31mred\x1b[0m",
    "std::vector<int> a::b C:\\users\\new 50% off &amp; 100%25",
]
"""They have at most seven characters of the key one after another."""


@pytest.mark.parametrize("text", HARMLESS)
def test_what_is_no_key_stays(text: str) -> None:
    """Numbers, dates, pictures, digests and fewer than eight characters of a key."""
    masker = Masker({"ONE": "adv-Key-7c1e-Omega-55d0", "TWO": "ABCDEF-7Hq2Zx81", "SHORT": "q8Zt2k"})
    assert masker.mask(text) == text


@pytest.mark.parametrize("seed", range(3))
def test_random_bytes_stay(seed: int) -> None:
    """In Base64, in hexadecimal and as numbers they are no part of a key."""
    data = random.Random(seed).randbytes(20000)  # noqa: S311 - not for secrets
    masker = Masker({"ONE": KEY, "TWO": "0f9c2b71d4e8a6530f9c2b71d4e8a653", "SHORT": "q8Zt2k"})
    for spelling in BYTES.values():
        text = spelling(data)
        assert masker.mask(text) == text


@pytest.mark.parametrize("spelling", [*WHOLE, *PART])
def test_what_is_around_a_key_stays(spelling: str) -> None:
    """Whatever escapes, line breaks and stars it has, and however much of it there is."""
    masker, hidden = Masker({"THE_KEY": KEY}), {**WHOLE, **PART}[spelling](KEY)
    for seed in range(10):
        draw, most = random.Random(seed), 200 if seed == 0 else 30  # noqa: S311 - not for secrets
        before, after = ("".join(draw.choices(AROUND, k=draw.randint(0, most))) for _ in range(2))
        masked = masker.mask(f"{before}|{hidden}|{after}")
        assert masked == f"{before}|$THE_KEY|{after}", seed


@pytest.mark.parametrize("spelling", [*WHOLE, *BASE64])
def test_a_masked_text_is_not_masked_again(spelling: str) -> None:
    """Outputs are masked where text comes in and once more on their way to a file."""
    masker = Masker({"THE_KEY": KEY})
    once = masker.mask(f"before { ({**WHOLE, **BASE64}[spelling](KEY)) } after")
    assert masker.mask(once) == once


def test_masked_json_stays_json() -> None:
    """A mask takes the place of characters inside a string, and never of the quotes around it."""
    masker = Masker({"THE_KEY": KEY})
    for spelling in WHOLE.values():
        value = {
            "a": [spelling(KEY), f"x {spelling(KEY)}"],
            "b": [KEY[:6], KEY[6:12], KEY[12:18], KEY[18:]],
        }
        for ascii_only in (True, False):
            text = json.dumps(value, ensure_ascii=ascii_only)
            assert json.loads(masker.mask(text))["b"] == value["b"]


def test_ordinary_text_stays() -> None:
    """The suite's own files have every kind of escape and digits, and no key."""
    masker = Masker({"THE_KEY": KEY[::-1], "OTHER": "0f9c2b71d4e8a6530f9c2b71d4e8a653"})
    files = [
        *ROOT.glob("*.md"),
        *ROOT.glob("*/*.py"),
        *ROOT.glob("*/*.json"),
        *ROOT.glob("*/*.yaml"),
    ]
    texts = [file.read_bytes() for file in files if file.name != Path(__file__).name]
    assert len(texts) > 150
    assert [text for text in texts if masker.mask_bytes(text) != text] == []


def test_a_key_with_the_words_of_its_variable_leaves_the_variable_alone() -> None:
    """Otherwise a mask would be masked, and `$NAME` could not be filled in again."""
    masker = Masker({"WIZCOMMERCE_API_KEY": "wizcommerce-api-key-7Hq2Zx81"})
    assert masker.mask("$WIZCOMMERCE_API_KEY") == "$WIZCOMMERCE_API_KEY"
    assert masker.mask("x wizcommerce-api-key-7Hq2Zx81 y") == "x $WIZCOMMERCE_API_KEY y"
    masker = Masker({"WIZCOMMERCE_API_KEY": "1_WIZCOMMERCE_API_KEY_1"})
    assert masker.mask("1_WIZCOMMERCE_API_KEY_1") == "$WIZCOMMERCE_API_KEY"
    assert masker.mask("$WIZCOMMERCE_API_KEY") == "$WIZCOMMERCE_API_KEY"
