"""Strict JSON is RFC 8259 to the letter; numbers are exact; what readers differ on is named."""

from decimal import Decimal
from typing import Any

import pytest

from spec.strictjson import Malformed, parse

BOM = b"\xef\xbb\xbf"


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b"{}", {}),
        (b"[]", []),
        (b"null", None),
        (b"true", True),
        (b'""', ""),
        (b" \t\r\n{ } \t\r\n", {}),
        (b'{"a":[1,{"b":null}]}', {"a": [1, {"b": None}]}),
        (b'{"":0}', {"": 0}),
        ('"Zwölf 中文 😀"'.encode(), "Zwölf 中文 😀"),
        (rb'"\u00e9\ud83d\ude00\"\\\/\b\f\n\r\t"', 'é😀"\\/\b\f\n\r\t'),
        (rb'"\u0000"', "\0"),
        (b'"\x7f"', "\x7f"),
        ('"\u2028\ufeff\uffff"'.encode(), "\u2028\ufeff\uffff"),
        (b"0", 0),
        (b"-0", 0),
        (b"-1", -1),
        (b"9007199254740993", 9007199254740993),
        (b"1.10", Decimal("1.10")),
        (b"269.96", Decimal("269.96")),
        (b"1e2", Decimal(100)),
        (b"1E+2", Decimal(100)),
        (b"1e-2", Decimal("0.01")),
        (b"-0.0", Decimal(0)),
        (b"0e5", Decimal(0)),
        (b"0.1234567890123456789012345678901", Decimal("0.1234567890123456789012345678901")),
        (b"1e400", Decimal("1e400")),
        (b"9" * 400, 10**400 - 1),
    ],
)
def test_json_is_read_exactly(body: bytes, value: Any) -> None:
    """Each production of the grammar has its value, and readers agree on it."""
    text = parse(body)
    assert text.value == value
    assert type(text.value) is type(value)
    assert text.oddities == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"tru",
        b"True",
        b"nul",
        b"None",
        b"undefined",
        b"NaN",
        b"[NaN]",
        b"Infinity",
        b'{"a": -Infinity}',
        b"+1",
        b"- 1",
        b"-",
        b"01",
        b"-01",
        b"1.",
        b".5",
        b"1.e2",
        b"1e",
        b"0x1F",
        b"1_000",
        "１".encode(),
        b"'a'",
        b'"a',
        b'"\n"',
        b'"\t"',
        b'"\x00"',
        b'"\x1f"',
        rb'"\x41"',
        rb'"\u12"',
        rb'"\u12g4"',
        rb'"\u 123"',
        rb'"\u+123"',
        b'"\\',
        b"{a:1}",
        b"{'a':1}",
        b'{"a"}',
        b'{"a":}',
        b'{"a":1,}',
        b'{,"a":1}',
        b'{"a":1 "b":2}',
        b"{1:2}",
        b"[1,]",
        b"[,1]",
        b"[1 2]",
        b"[1",
        b"]",
        b"{} {}",
        b"{}x",
        b"{}]",
        b"// a\n{}",
        b"{} /* a */",
        b"# a\n{}",
        b"\x0b{}",
        b"\x0c{}",
        b"\xc2\xa0{}",
        BOM,
        BOM + BOM + b"{}",
        b"{}" + BOM,
        b"<html></html>",
        b"a=1&b=2",
    ],
)
def test_what_is_not_json_is_malformed(body: bytes) -> None:
    """RFC 8259 refuses it, even where lenient readers take it."""
    with pytest.raises(Malformed) as caught:
        parse(body)
    assert not caught.value.encoding


@pytest.mark.parametrize(
    "body",
    [
        b'"\xff"',
        b'"\xe9"',
        b'"\xc0\xaf"',
        b'"\xed\xa0\x80"',
        b'"\xf4\x90\x80\x80"',
        b'"\xe2\x82"',
        b"\x80",
        *['{"a": "é"}'.encode(name) for name in ("utf-16", "utf-16-le", "utf-16-be", "latin-1")],
        *['{"a": "é"}'.encode(name) for name in ("utf-32", "utf-32-le", "utf-32-be")],
    ],
)
def test_what_is_not_utf8_says_so(body: bytes) -> None:
    """Another encoding, marked or not, is distinguished from malformed JSON (RFC 8259, 8.1)."""
    with pytest.raises(Malformed) as caught:
        parse(body)
    assert caught.value.encoding


@pytest.mark.parametrize(
    ("body", "oddities"),
    [
        (BOM + b"{}", ["byte order mark"]),
        (b'{"a":1,"a":1}', ["duplicate names"]),
        (b'[{"a":{"b":1,"b":2}}]', ["duplicate names"]),
        (b'{"a":1,"\\u0061":2}', ["duplicate names"]),
        (rb'"\ud800"', ["lone surrogate"]),
        (rb'"\uDFFF"', ["lone surrogate"]),
        (rb'["\ude00\ud83d"]', ["lone surrogate"]),
        (rb'{"a":{"\ud83d":1}}', ["lone surrogate"]),
        (
            BOM + rb'{"a":"\ud800","a":"\ud800"}',
            ["byte order mark", "duplicate names", "lone surrogate"],
        ),
        (b"[" * 201 + b"]" * 201, ["depth"]),
        (b'{"a":' * 100_000, ["depth"]),
        (b"[" * 200 + b"]" * 200, []),
        (b"[[]," + b"[" * 199 + b"]" * 200, []),
        (b"[[]," + b"[" * 200 + b"]" * 201, ["depth"]),
        (b"[" + b"[]," * 5_000 + b"[]]", []),
        (b'{"a":"' + b"[" * 5_000 + b'"}', []),
        (b'["' + rb"\"[" * 5_000 + b'"]', []),
        (rb'"\ud83d\ude00"', []),
        (rb'"\\ud800"', []),
        (b'{"a":1,"A":1}', []),
    ],
)
def test_what_readers_differ_on_is_named(body: bytes, oddities: list[str]) -> None:
    """The grammar allows it, but it does not mean the same to every reader."""
    assert parse(body).oddities == oddities


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b'{"a":' * 300, {}),
        (b" \n{" + b'"a":{' * 300, {}),
        (b"[" * 300, []),
        (b"\x0b" + b'{"a":' * 300, []),
        (b"X" + b'{"a":' * 300, []),
    ],
)
def test_a_deep_text_is_still_an_object_or_an_array(body: bytes, value: Any) -> None:
    """Only its first character is read."""
    assert parse(body).value == value


@pytest.mark.parametrize(
    ("spelling", "value"),
    [
        (b"1e99999999999999999999", Decimal("1E+999999")),
        (b"-1e99999999999999999999", Decimal("-1E+999999")),
        (b"1e-99999999999999999999", Decimal(0)),
        (b"-1e-99999999999999999999", Decimal(0)),
        (b"0e99999999999999999999", Decimal(0)),
        (b"0.0e-99999999999999999999", Decimal(0)),
        (b"9" * 5000, Decimal("1E+5000")),
        (b"-" + b"9" * 5000, Decimal("-1E+5000")),
        (b"1." + b"0" * 5000, Decimal(1)),
        (b"0." + b"0" * 5000 + b"1", Decimal("1E-5001")),
    ],
)
def test_a_number_beyond_all_use_is_still_a_number(spelling: bytes, value: Decimal) -> None:
    """Exponents of twenty digits and numbers of thousands are rounded, never refused."""
    text = parse(spelling)
    assert text.value == value
    assert isinstance(text.value, Decimal)
    assert text.oddities == []


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b'"\xff"', "is not UTF-8 at byte 1"),
        ("{}".encode("utf-16-le"), "is UTF-16 or UTF-32"),
        (b"[1 2]", "is not JSON: Expecting ',' delimiter at character 3"),
        (b"[NaN]", "is not JSON: NaN is not a JSON number at character 1"),
        (b'["NaN", -Infinity]', "is not JSON: -Infinity is not a JSON number at character 8"),
    ],
)
def test_what_is_no_json_is_told_with_its_place(body: bytes, reason: str) -> None:
    """A finding quotes it."""
    with pytest.raises(Malformed) as caught:
        parse(body)
    assert str(caught.value) == reason


@pytest.mark.parametrize(
    ("body", "repeated"),
    [
        (b'{"a":1,"b":2}', set()),
        (b'{"a":1,"a":2,"b":3}', {"a"}),
        (b'{"a":1,"a":2,"a":3}', {"a"}),
        (b'[{"a":1,"a":2},{"b":1,"b":2},{"c":1}]', {"a", "b"}),
    ],
)
def test_the_names_that_an_object_repeats_are_told(body: bytes, repeated: set[str]) -> None:
    """What they stand for is unspecified, and nothing else."""
    assert parse(body).repeated == repeated
