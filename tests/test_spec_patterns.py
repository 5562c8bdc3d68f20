"""Patterns match what ECMA-262 says that they match, for the validator as for what is drawn."""

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema_rs import is_valid

from run.notes import notes_of
from spec.schema.patterns import drawable, read, unread, written
from spec.yamlfile import FileError
from strategies.scalars import plain_scalar, scalar
from tests.exchanges import Json, invoice
from tests.versions.edited import REMARKS, altered, broken

NAME = "remarks.pattern"
BEFORE_NO_END = r"^(?!\s)(?!.*\s$).+$"
MATCHES = {
    "a dot": (r"^.$", "a.é😀\x85\x0b\u2027", "\n\r\u2028\u2029"),
    "a dot after a lookahead": (r"^(?=.)(?!y).$", "a\x85", "y\n\r\u2028"),
    "a dot in a class": (r"^[.]$", ".", "a\\"),
    "an escaped dot": (r"^\.$", ".", "a\\"),
    "digits": (r"^\d$", "09", "a٠๓²"),
    "digits in a class": (r"^[\da]$", "09a", "b٠"),
    "no digits": (r"^\D$", "a٠\n", "09"),
    "no digits in a class": (r"^[\D1]$", "a1٠", "09"),
    "no digits after a lookahead": (r"^(?!x)\D$", "a٠", "0x"),
    "digits after a lookahead": (r"^(?!x)\d$", "0", "x٠"),
    "words": (r"^\w$", "aZ_0", "é\u017f\u212a- ٠"),
    "words after a lookahead": (r"^(?!x)\w$", "aZ_0", "xé\u017f\u212a"),
    "no words": (r"^\W$", "é- \u017f", "aZ_0"),
    "no words in a class": (r"^[^\W_]$", "aZ0", "_é"),
    "spaces": (
        r"^\s$",
        " \t\n\x0b\x0c\r\xa0\u1680\u2000\u2028\u3000\ufeff",
        "\x1c\x1f\x85\u200b\u180e",
    ),
    "spaces after a lookahead": (r"^(?!x)\s$", " \xa0\ufeff\u2029", "\x1c\x1d\x1e\x1f\x85x"),
    "no spaces": (r"^\S$", "a\x1c\x1f\x85\u200b", " \xa0\ufeff\u2028"),
    "no spaces in a class": (r"^[^\S\n]$", " \ufeff", "a\n\x85"),
    "the edge of a word": (r"^.\bx?$", "a0_", "é- "),
    "no edge of a word": (r"^.\B$", "é- ", "a0_"),
    "the end": (r"^a?$", "a", "\n\r"),
    "a name": (r"^(?<name>a|b)$", "ab", "cn"),
    "letters": (r"^\p{L}$", "aéßЖ語", "0 _٠"),
    "capitals": (r"^\p{Lu}$", "AÉЖ", "aéж0"),
    "letters by another name": (r"^\p{General_Category=Letter}$", "aé", "0 "),
    "letters and digits in a class": (r"^[\p{L}\p{Nd}-]$", "aé0٠-", "_ ²"),
    "no letters": (r"^\P{L}$", "0 _", "aé語"),
    "no letters in a class": (r"^[^\p{L}]$", "0 _", "aé語"),
    "marks of money": (r"^\p{Sc}$", "$€£", "a+"),
    "a script": (r"^\p{Script=Latin}$", "aé", "Ж0语"),
    "scripts in a class": (r"^[\p{sc=Cyrillic}\p{scx=Greek}]$", "Жα", "a0"),
    "no script": (r"^\P{Script=Latin}$", "Ж0", "aé"),
    "a group by its name": (r"^(?:(x)|(?<one>[a-z(])\k<one>)$", ["aa", "((", "x"], ["ab", "a"]),
    "a backspace": (r"^[\b]$", "\b", "b\\"),
}
"""By what is special: a pattern, characters that match and ones that do not, as by Node.js."""

DRAWN = ["no digits in a class", "the edge of a word", "a name", "letters", "no letters in a class"]
DRAWN += ["a script", "scripts in a class", "a group by its name"]
"""Of which a text is found; none is where all is white, or a lookahead leaves little."""

UNREAD = {
    r"^\p{Script=Elvish}+$": r"\p{Script=Elvish}",
    r"^(?<a>b)\k<c>$": r"\k<c>",
    r"^\P{Emoji}+$": r"\P{Emoji}",
    r"^[\p{Latin}]+$": r"\p{Latin}",
    r"^\pL+$": r"\p",
    r"\Aab\Z": r"\A",
    r"^a\z": r"\z",
}


@pytest.mark.parametrize("name", MATCHES)
def test_a_pattern_matches_what_it_does_by_ecma_262(name: str) -> None:
    """Both what it takes and what it does not."""
    pattern, taken, refused = MATCHES[name]
    said = {"pattern": read(pattern)}
    assert [one for one in taken if not is_valid(said, one)] == []
    assert [one for one in refused if is_valid(said, one)] == []


@pytest.mark.parametrize("name", DRAWN)
def test_a_text_of_a_pattern_is_found(name: str) -> None:
    """Python reads what it draws by, and the validator takes it."""
    pattern = read(MATCHES[name][0])
    re.compile(drawable(pattern), re.ASCII)
    text = plain_scalar({"type": "string", "pattern": pattern})
    assert is_valid({"pattern": pattern}, text)


@pytest.mark.parametrize("pattern", ["^[A-Z]{2}$", r"^a\.b$", r"^[^\n]$", "^(a|b)$", r"^\\p$"])
def test_a_pattern_that_all_read_alike_is_left_as_it_is(pattern: str) -> None:
    """So nothing changes for most documents."""
    assert read(pattern) == pattern == written(pattern)


@pytest.mark.parametrize("name", MATCHES)
def test_a_pattern_is_told_as_it_is_written(name: str) -> None:
    """In words a user sees the document's own."""
    assert written(read(MATCHES[name][0])) == MATCHES[name][0]


@settings(max_examples=30, deadline=None)
@given(st.text(st.sampled_from("\\pPdDwWsSbB{}L[](?<>.^n"), max_size=12))
def test_reading_a_pattern_never_fails(text: str) -> None:
    """Whether it is one is asked afterwards."""
    assert isinstance(read(text) + unread(text), str)
    assert isinstance(drawable(text) if not unread(text) else "", str)


def _of(pattern: str) -> tuple[str, str]:
    return REMARKS, REMARKS + f"          pattern: '{pattern}'\n"


@pytest.mark.parametrize(
    ("pattern", "text", "named"),
    [
        ("^.{1,255}$", "x\u2028x", [NAME]),
        ("^.{1,255}$", "x\rx", [NAME]),
        ("^.{1,255}$", "x\x85x", []),
        (BEFORE_NO_END, "x\u2028x", [NAME]),
        (BEFORE_NO_END, "x\ufeff", [NAME]),
        (BEFORE_NO_END, "x\x85", []),
        (r"^[\p{L}\p{N} ]+$", "Élan 5", []),
        (r"^[\p{L}\p{N} ]+$", "a_b", [NAME]),
    ],
)
def test_a_text_is_judged_by_the_pattern_of_a_version(
    pattern: str, text: str, named: list[str], tmp_path: Path
) -> None:
    """What such a server refuses is expected to be refused, and nothing else."""
    loaded = altered(tmp_path, _of(pattern))
    payload: Json = {**invoice(), "remarks": text}
    assert broken(loaded, payload) == named
    (said,) = (one for one in loaded.requirements if one.name == NAME)
    assert said.operand == pattern


@pytest.mark.parametrize("pattern", UNREAD)
def test_what_is_not_read_of_a_pattern_is_named(pattern: str, tmp_path: Path) -> None:
    """In one sentence, with the place, where a property that is required has it; in a line above
    the run where it is optional.
    """
    loaded = altered(tmp_path, _of(pattern))
    assert any(f"remarks ({UNREAD[pattern]} in its pattern" in one for one in notes_of(loaded))
    needed = ("        - due_date\n", "        - due_date\n        - remarks\n")
    with pytest.raises(FileError) as raised:
        altered(tmp_path, _of(pattern), needed)
    assert f"/pattern: the pattern has {UNREAD[pattern]}, which the suite does not" in str(
        raised.value
    )
    assert "\n" not in str(raised.value)


@settings(max_examples=20, deadline=None)
@given(st.data())
def test_a_listed_text_of_a_pattern_is_drawn(data: st.DataObject) -> None:
    """Also of one that Python does not read, such as an example that is sent alone."""
    schema = {"type": "string", "pattern": r"^\p{L}+$", "enum": ["Élan", "語", "a1"]}
    assert data.draw(st.composite(scalar(schema))()) in ("Élan", "語")
