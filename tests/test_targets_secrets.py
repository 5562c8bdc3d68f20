"""No spelling of a key gets past the masker, and the text around it stays."""

import base64
import json
import random
import re
import sys
import unicodedata
from pathlib import Path
from urllib.parse import quote

import pytest

from targets.masking import WITHHELD, Masker
from tests.spellings import (
    AROUND,
    BASE64,
    BETWEEN,
    BYTES,
    ESCAPES,
    KEY,
    LAYERS,
    NESTED,
    PART,
    WHOLE,
    WIDE,
    Spelling,
    in_base64,
    in_percent,
)

ROOT = Path(__file__).parent.parent
ODD = 'Zk"9/a+Q7&mnop=xyz%TUVW<r>'
"""Has what URLs, JSON and HTML escape."""


@pytest.mark.parametrize("key", [KEY, ODD], ids=["plain", "odd"])
@pytest.mark.parametrize("spelling", [*WHOLE, *PART])
def test_a_key_is_masked_in_every_spelling(spelling: str, key: str) -> None:
    """In text and in bytes, and what is before and after it stays."""
    masker, hidden = Masker({"THE_KEY": key}), {**WHOLE, **PART}[spelling](key)
    assert masker.mask(f"before |{hidden}| äfter") == "before |$THE_KEY| äfter"
    text = b"\xff |%b| \xfe" % hidden.encode()
    assert masker.mask_bytes(text) == b"\xff |$THE_KEY| \xfe"


def _longest_run(text: str, key: str, times: int = 2) -> int:
    """The longest part of the key that is left in the text, or in Base64 in it."""
    key, folded = key.lower(), text.lower()
    parts = (key[at : at + size] for size in range(len(key), 0, -1) for at in range(len(key)))
    longest = next((len(part) for part in parts if part in folded), 0)
    for word in re.findall(r"[\w+/-]{4,}", text.replace("\n", ""), re.ASCII) if times else ():
        for at in range(4):
            piece = word.translate(str.maketrans("-_", "+/"))[at:]
            inside = base64.b64decode(piece[: len(piece) // 4 * 4]).decode("latin-1")
            longest = max(longest, _longest_run(inside, key, times - 1))
    return longest


@pytest.mark.parametrize("key", [KEY, ODD], ids=["plain", "odd"])
@pytest.mark.parametrize("spelling", BASE64)
def test_a_key_is_masked_in_base64(spelling: str, key: str) -> None:
    """Of the key at most two characters are left in text and bytes, and what is around it stays."""
    masker, hidden = Masker({"A_B": key}), BASE64[spelling](key)
    masked = masker.mask(f"before |{hidden}| äfter")
    assert masked.startswith("before |")
    assert masked.endswith("| äfter")
    assert "$A_B" in masked
    assert len(masked) < 50
    assert _longest_run(masked.replace("$A_B", "|"), key) <= 2
    assert masker.mask_bytes(f"before |{hidden}| äfter".encode()) == masked.encode()


@pytest.mark.parametrize("before", range(4))
@pytest.mark.parametrize("at", range(len(KEY) - 7))
def test_eight_characters_in_base64_are_masked(at: int, before: int) -> None:
    """At every alignment, and whatever is beside them."""
    part = KEY[at : at + 8]
    for text in ("#" * before + part, "#" * before + part + "#"):
        for hidden in (in_base64(text), in_base64(text).encode().hex()):
            masked = Masker({"A_B": KEY}).mask(f"before |{hidden}| after")
            assert "$A_B" in masked
            assert _longest_run(masked, part) < 5


def assert_hidden(hidden: str, most: int = 2) -> None:
    """Of a key in a spelling at most so many characters are left, and what is around it stays."""
    masked = Masker({"THE_KEY": KEY}).mask(f"a |{hidden}| b")
    assert masked.startswith("a |")
    assert masked.endswith("| b")
    assert "$THE_KEY" in masked
    assert len(masked.replace("$THE_KEY", "")) <= len("a || b") + most * len(hidden) / len(KEY)


@pytest.mark.parametrize("inner", LAYERS)
@pytest.mark.parametrize("outer", LAYERS)
def test_one_spelling_inside_another_is_masked(inner: str, outer: str) -> None:
    """Whatever the two are."""
    assert_hidden(LAYERS[outer](LAYERS[inner](KEY)))


@pytest.mark.parametrize("seed", range(60))
def test_a_chain_of_spellings_is_masked(seed: int) -> None:
    """Three or four, one inside another."""
    draw = random.Random(seed)  # noqa: S311 - not for secrets
    hidden = KEY
    for layer in draw.choices(list(LAYERS), k=draw.choice((3, 4))):
        hidden = LAYERS[layer](hidden)
    assert_hidden(hidden)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32-le"])
@pytest.mark.parametrize("outer", BYTES)
def test_utf_16_inside_another_spelling_is_masked(outer: str, encoding: str) -> None:
    """With a mark of the order of its bytes, which may be left, or without one."""
    assert_hidden(BYTES[outer](KEY.encode(encoding)), most=3)
    assert_hidden(in_base64(BYTES[outer](KEY.encode(encoding))), most=3)


@pytest.mark.parametrize("encoding", WIDE)
@pytest.mark.parametrize("inner", [*LAYERS, *BETWEEN])
def test_a_spelling_inside_utf_16_is_masked(inner: str, encoding: str) -> None:
    """As it is, and inside another one: what it takes for a character, NULs break."""
    wide = {**LAYERS, **BETWEEN}[inner](KEY).encode(encoding)
    assert b"$THE_KEY" in Masker({"THE_KEY": KEY}).mask_bytes(wide)
    assert_hidden(base64.b64encode(wide).decode(), most=6)
    assert_hidden(wide.hex(), most=6)


@pytest.mark.parametrize("inner", [*ESCAPES, "tags"])
@pytest.mark.parametrize("between", [" ", "\t", "  ", "\r\n", "   "])
def test_a_spelling_with_blanks_between_is_masked(inner: str, between: str) -> None:
    """Where each of its characters stands alone, or is one of Unicode's notation."""
    spelled = {**ESCAPES, **BETWEEN}[inner](KEY)
    assert_hidden(between.join(spelled))
    assert_hidden(between.join(f"U+{ord(character):04X}" for character in spelled))


STRINGS = {
    "a title": "\x1b]0;{}\x07",
    "a link": "\x1b]8;;http://a/{}\x1b\\x\x1b]8;;\x1b\\",
    "a string for the device": "\x1bP{}\x1b\\",
    "a string for a program": "\x1b_{}\x1b\\",
    "a private string": "\x1b^{}\x1b\\",
    "a string of one control": "\x9d0;{}\x9c",
}


@pytest.mark.parametrize(
    "between", [*BETWEEN.values(), *ESCAPES.values()], ids=[*BETWEEN, *ESCAPES]
)
@pytest.mark.parametrize("string", STRINGS)
def test_a_key_that_is_broken_inside_a_string_of_the_terminal_is_masked(
    string: str, between: Spelling
) -> None:
    """As it is, in JSON and in Base64: what is inside may be no less a key than what is outside."""
    text = STRINGS[string].format(between(KEY))
    for hidden in (text, json.dumps(text), in_base64(text)):
        assert "$THE_KEY" in Masker({"THE_KEY": KEY}).mask(hidden)


@pytest.mark.parametrize("by", [1, 2, 3])
@pytest.mark.parametrize("taking", ["\x9b", "\u200b\x1b", "\x1b\u200b", "\x90", "\x9d"])
def test_a_control_takes_no_part_of_a_key_with_it(taking: str, by: int) -> None:
    """Although a terminal would not show the character after it."""
    hidden = taking.join(KEY[at : at + by] for at in range(0, len(KEY), by))
    assert "$THE_KEY" in Masker({"THE_KEY": KEY}).mask(f"a |{hidden}| b")


INVISIBLE = [
    *map(chr, (*range(0x80, 0xA1), *range(0x2000, 0x200B), 0x1680, 0x2028, 0x2029, 0x202F, 0x205F)),
    *("\u2800", "\u3000", "\ufffc", "\U0001d159"),
    *("\ufe0f", "\U000e0100", "\u034f", "\u180b", "\u17b5", "\u115f", "\u3164", "\uffa0", "\u2065"),
]
SHOWN_FORMATS = {
    *map(chr, range(0x600, 0x606)),
    *("\u06dd", "\u070f", "\u0890", "\u0891", "\u08e2", "\U000110bd", "\U000110cd"),
    *map(chr, range(0x13430, 0x13440)),
}
"""Of category Cf, but each has a shape."""


def test_a_key_with_invisible_characters_inside_is_masked() -> None:
    """All that Unicode lets a program ignore, and blanks, as they are and in each escape."""
    every = map(chr, range(sys.maxunicode + 1))
    formats = [one for one in every if unicodedata.category(one) == "Cf"]
    for character in (*formats, *INVISIBLE):
        if character in SHOWN_FORMATS:
            continue
        assert_hidden(character.join(KEY))
        code = ord(character)
        forms = [f"&#{code};", f"&#x{code:x};", f"\\u{{{code:x}}}", quote(character)]
        forms += [f"\\u{code:04x}", f"\\\\u{code:04X}", f"%u{code:04x}"] if code < 0x10000 else []
        for form in forms:
            assert_hidden(form.join(KEY))


SEPARATORS = {
    "a colour": "\x1b[1;31m",
    "a colour of one control": "\x9b0m",
    "a colour, escaped": "\\u001b[0m",
    "a move": "\x1b[2K",
    "a link": "\x1b]8;;http://x.example/?a\x07",
    "a link's other end": "\x1b]8;;\x1b\\",
    "a link of one control": "\x9d8;;x\x9c",
    "a tag": "<b>",
    "tags": "</i><span title='a'>",
    "a tag that ends itself": "<br />",
    "a comment": "<!-- -->",
    "a long comment": f"<!-- {'x ' * 200}-->",
    "a named reference": "&shy;",
    "a long named reference": "&ZeroWidthSpace;",
    "a tag with an angle bracket": "<a title='>'>",
    "a comment with an angle bracket": "<!-- > -->",
    "an empty declaration": "<!>",
    "an instruction": "<?x?>",
    "a section of characters": "]]><![CDATA[",
    "a set of characters": "\x1b(B",
    "a saved place": "\x1b7",
    "a string for the device": "\x1bPq\x1b\\",
    "a string for a program": "\x1b_x\x1b\\",
    "a string of one control": "\x9fx\x9c",
    "a long colour": f"\x1b[{';0' * 40}m",
    "a backspace, escaped": "\\b",
    "a form feed, escaped": "\\f",
    "a tab, escaped": "\\v",
    "a soft line break with a blank": "= \n",
    "a blank that does not break": "\u00a0",
    "the same as a reference": "&nbsp;",
    "the same in a URL": "%C2%A0",
    "the same in JSON": "\\u00a0",
    "an em blank": "&emsp;",
    "a long gap": "\u200b" + " " * 600,
    "UTF-8 in Latin-1": "\u200b".encode().decode("latin-1"),
    "a NUL": "\0",
    "a NUL, escaped": "\\x00",
    "a soft hyphen in Python": "\\xad",
    "a soft hyphen of HTML without an end": "&shy",
    "a blank of HTML without an end": "&nbsp",
    "the same, escaped": "&ampnbsp;",
    "a blank of Latin-1 in a URL": "%A0",
    "a soft hyphen of Latin-1 in a URL": "%AD",
    "blanks of Latin-1 in quoted-printable": "=A0=A0",
    "a control of Latin-1 in octal": "\\205",
    "an escape as people write it": "\\e",
    "a colour as people write it": "\\e[1m",
    "a NUL as people write it": "\\0",
    "a colour in caret notation": "^[[1m",
    "the end of a line in caret notation": "^M",
    "a soft line break": "=\n",
    "a sequence of one byte": "\\x9b0m",
    "a sequence of one byte in a URL": "%9B0m",
    "a sequence of one byte in octal": "\\2330m",
    "a string of one byte": "\\x9d0;t\\x9c",
    "a set of characters in caret notation": "^[(B",
    "a mode in caret notation": "^[=",
    "a title in caret notation": "^[]0;t^G",
    "a set of characters as people write it": "\\e(B",
    "a saved place as people write it": "\\e7",
    "a title as people write it": "\\e]0;t\\a",
    "a title as C writes it": "\\x1b]0;t\\a",
    "a link as people write it": "\\e]8;;u\\e\\\\",
    "an instruction with an angle bracket": "<?x a > b ?>",
    "a declaration with an angle bracket": '<!ENTITY a "b>c">',
    "a tab as octal": "\\011",
    "a NUL as octal": "\\000",
    "a tab in Unicode's notation": "U+0009",
    "no width in Unicode's notation": "U+200B",
}


@pytest.mark.parametrize("separator", SEPARATORS)
def test_a_key_with_what_does_not_show_inside_is_masked(separator: str) -> None:
    """Between all its characters, and as JSON writes it."""
    inside = SEPARATORS[separator].join(KEY)
    assert_hidden(inside)
    assert_hidden(json.dumps(inside)[1:-1])
    assert_hidden(in_base64(inside))


@pytest.mark.parametrize("number", ["{}", "{:o}", "{:02x}"])
@pytest.mark.parametrize(
    "between",
    [
        *("<br>", "</td><td>", "</li>\n<li>", "&nbsp;", "\u00a0", "\u2009", "\\u00a0", "\\t"),
        *("\\n", "\\r\\n", "\x1b[0m", "\u200b"),
    ],
)
def test_numbers_with_what_does_not_show_between_are_masked(between: str, number: str) -> None:
    """Which keeps decimal and octal numbers apart, as they have no fixed length."""
    hidden = between.join(number.format(ord(character)) for character in KEY)
    assert "$THE_KEY" in Masker({"THE_KEY": KEY}).mask(f"a |{hidden}| b")


def test_utf_16_as_c_and_databases_print_it_is_masked() -> None:
    """A digit of the key may come after the digits of an escape."""
    hidden = "".join(f"{character}\\000" for character in KEY)
    assert_hidden(hidden, most=3)


@pytest.mark.parametrize("other", ["%{:02x}", "\\x{:02x}", "{:c}", "&#{};"])
def test_the_notation_of_unicode_may_alternate_with_another(other: str) -> None:
    """What comes next is no digit of it."""
    forms = ("U+{:04X}", other)
    hidden = "".join(forms[at % 2].format(ord(character)) for at, character in enumerate(KEY))
    assert "$THE_KEY" in Masker({"THE_KEY": KEY}).mask(hidden)


def test_a_soft_line_break_is_none_of_the_escapes_around_it() -> None:
    """Where a key has `=` and two digits, or such digits begin a line."""
    for key, hidden in (
        ("defABCDE01234567", "apikey=defA=\r\nBCDE0"),
        ("wz9K=ab7Q-pR=cdx", "wz9=\nK=ab7Q=\n-pR=cdx"),
    ):
        assert "$THE_KEY" in Masker({"THE_KEY": key}).mask(hidden)


def test_the_mark_of_a_line_is_no_letter_of_a_key() -> None:
    """It has more blanks after it than one."""
    masked = Masker({"THE_KEY": "STcQyeYE4pBELG7b"}).mask("x S\\nT\\nc\\nQ\\ny\\ne\\nY\\nE y")
    assert masked == "x $THE_KEY y"


@pytest.mark.parametrize("key", ["prod-Pay0-key-01", "pP0aP0bp0Pcp0Pd0"])
def test_a_digit_before_an_x_belongs_to_its_number(key: str) -> None:
    """`70x72` is two numbers, and none of them begins with `0x`."""
    for separator in ("x", "X", ", 0x", "h 0", "0x"):
        hidden = separator.join(f"{ord(character):02x}" for character in key)
        assert "$THE_KEY" in Masker({"THE_KEY": key}).mask(f"|{hidden}h|")


@pytest.mark.parametrize("seed", range(20))
def test_spellings_may_alternate_within_a_key(seed: int) -> None:
    """Each character may be escaped in another way, or not at all."""
    draw = random.Random(seed)  # noqa: S311 - not for secrets
    forms: list[Spelling] = [str, str, str.upper, *ESCAPES.values()]
    hidden = "".join(draw.choice(forms)(character) for character in KEY)
    assert Masker({"THE_KEY": KEY}).mask(f"|{hidden}|") == "|$THE_KEY|"


NOISE = [
    *("V", "a1E3X3ZYMm1a", "363336333633", "%255Cu006b", "97, 0141, 0, ", "<a><!-- -->", "\\u006b"),
    *("VmxaV1ZsWldWbFpX%25&amp;=3D\\u0056<b>", "k\u200b", "=56=6d<b>", "4d6d78 ", "Vm&#119;"),
]


@pytest.mark.parametrize("noise", NOISE)
def test_a_key_is_found_behind_much_that_can_be_decoded(noise: str) -> None:
    """In two spellings, one inside another, and in one that tags break."""
    masker = Masker({"THE_KEY": KEY})
    for number, layer in enumerate(LAYERS.values()):
        before = noise * ((20000 if number == 0 else 5000) // len(noise))
        for hidden in (layer(in_percent(KEY)), layer("<b>".join(KEY))):
            masked = masker.mask(f"{before} |{hidden}| after")
            assert "$THE_KEY" in masked
            assert len(masked) < len(before) + 40


def test_a_text_with_too_many_ways_to_decode_it_is_withheld() -> None:
    """A key must not hide behind them; but the file that has the text is not withheld."""
    draw = random.Random(1)  # noqa: S311 - not for secrets
    masker, before = Masker({"THE_KEY": KEY}), "".join(draw.choices(AROUND, k=8000))
    assert masker.mask(f"{before} {LAYERS['Base64'](in_percent(KEY))}") == WITHHELD
    masked = masker.mask_again(f"{before} {KEY}".encode(errors="surrogatepass"))
    assert masked == f"{before} $THE_KEY".encode(errors="surrogatepass")


@pytest.mark.parametrize("spelling", NESTED)
@pytest.mark.parametrize("between", ["", "y", "yz", ', "name": "', " says no. "])
def test_places_that_are_alike_once_decoded_are_all_masked(spelling: str, between: str) -> None:
    """What is between them moves the second to another place of a group of digits."""
    spelled = NESTED[spelling](KEY)
    text = between.join([spelled] * 4)
    middle = spelled[len(spelled) // 3 : -len(spelled) // 3]
    assert middle not in Masker({"WIZCOMMERCE_API_KEY": KEY}).mask(text)
