"""What a server says is shown in one line, and nothing of it is a command."""

import pytest

from reports.escaping import one_line, safe_lines


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
