"""What a server says is shown in one line, and nothing of it is a command."""

import json

import pytest

from reports import output
from reports.escaping import one_line, safe_lines

pytestmark = pytest.mark.quick


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("two\nlines\r\n", r"two\nlines\r\n"),
        ("\x1b[31mred\x1b[0m\x07", r"\x1b[31mred\x1b[0m\x07"),
        ("a\u202eb\u2066c\u200f", r"a\u202eb\u2066c\u200f"),
        ("a\u2028b\u2029c\x85d", r"a\u2028b\u2029c\x85d"),
        ("a\u00a0b\u3000c", r"a\xa0b\u3000c"),
        ("\ud800", r"\ud800"),
        ("::error::x", r":\:error::x"),
        ("  ::error::x", r"  :\:error::x"),
        ("std::vector<int> a::b", "std::vector<int> a::b"),
        ("a ##[error]x ##vso[b]", r"a #\#[error]x #\#vso[b]"),
        ("##vso[task.complete]", r"#\#vso[task.complete]"),
        ("##[error]x", r"#\#[error]x"),
        ("Größe 鍵 👨\u200d👩\u200d👧", "Größe 鍵 👨\u200d👩\u200d👧"),
        ("می\u200cخواهم क्\u200dष 🏳️\u200d🌈", "می\u200cخواهم क्\u200dष 🏳️\u200d🌈"),
        ("a\u2800b\u3164c\uffa0d\u115f\u034f\u17b4", r"a\u2800b\u3164c\uffa0d\u115f\u034f\u17b4"),
        ("a\U0001d159b\ufffcc", r"a\U0001d159b\ufffcc"),
        ("a\ufe0f\ufe0f \ufe0f\U000e0100b", "a\ufe0f" + r"\ufe0f \ufe0f\U000e0100b"),
        (
            "1\ufe0f\u20e3 \u845b\U000e0100 \u1820\u180b",
            "1\ufe0f\u20e3 \u845b\U000e0100 \u1820\u180b",
        ),
        ("a\tb", r"a\tb"),
        ("\u200da b\u200c c\u200c\u200dd", r"\u200da b\u200c c\u200c\u200dd"),
        ("\u200c::error::x", r"\u200c::error::x"),
    ],
)
def test_a_text_is_one_safe_line(text: str, shown: str) -> None:
    """Controls, bidi marks and separators are escaped, the marks of CI commands broken."""
    assert one_line(text) == shown
    assert all(each.isprintable() or each in "\u200c\u200d" for each in one_line(text))
    assert one_line(shown) == shown


def test_the_lines_of_ours_stay_lines() -> None:
    """The id of a test keeps its colons; a line that begins with them does not."""
    assert safe_lines("suites/test_a.py::test_b\n::error::x") == (
        "suites/test_a.py::test_b\n:\\:error::x"
    )


def test_a_tab_and_a_blank_letter_do_not_stay_in_lines() -> None:
    """Neither shows where a column of ours begins."""
    assert safe_lines("a\tb\nc\u3164d") == "a\\tb\nc\\u3164d"


def test_a_terminal_obeys_nothing_in_a_record_that_is_shown_as_it_is() -> None:
    """Controls and directions are escaped as JSON escapes them, other text is left alone."""
    value = {"a\x9b": "\u202eb\x7f \u2066 \x1b Größe \ud800"}
    written = output.as_json(value)
    assert written.decode().split("\n")[1] == (
        r' "a\u009b": "\u202eb\u007f \u2066 \u001b Größe \ud800"'
    )
    assert json.loads(written) == value
