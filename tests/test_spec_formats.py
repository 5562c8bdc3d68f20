"""The formats of the reading take what every server must take, and nothing that one may refuse."""

from datetime import UTC, datetime

import pytest

from spec.schema.formats import (
    instant,
    is_date_time,
    is_instant,
    is_text,
    is_uuid,
    is_web_url,
)


@pytest.mark.parametrize(
    "value",
    [
        "a",
        "0",
        " a ",
        "  a  b  ",
        "<script>alert('x')</script>",
        "Robert'); DROP TABLE invoices;--",
        "%s%n\\+/&\"'`",
        "é",
        "e\u0301",
        "ß ﬁ Å Å",
        "中文",
        "שלום",
        "مرحبا",
        "\u0e2a\u0e27\u0e31\u0e2a\u0e14\u0e35",
        "𝒜",
        "٣",
        "ʰ",
        "ǅ",
        "²a",
        "1½",
        "a👩‍👩‍👧",
        "a\u200d\u200b\u200e\u202e\ufeff",
        "a\u00a0\u2028\u2029\u3000",
        "null",
        "ſ",
    ],
)
def test_text_has_a_letter_or_digit(value: str) -> None:
    """Any script, spaces, joiners, format characters and punctuation are in."""
    assert is_text(value)


@pytest.mark.parametrize(
    "value",
    [
        "",
        " ",
        "   ",
        "\u00a0",
        "---",
        "👍",
        "½",
        "²",
        "①",
        "Ⅷ",
        "〇",
        "\u0301",
        "\u200b",
        "a\0",
        "a\n",
        "a\t",
        "a\x7f",
        "a\x85",
        "a\ud800",
        "a\ue000",
        "a\U000f0000",
        "a\uffff",
        "a\U0010ffff",
        "a\u0378",
    ],
)
def test_text_is_not_blank_and_has_no_unusual_character(value: str) -> None:
    """Control, surrogate, private-use and unassigned characters are out."""
    assert not is_text(value)


@pytest.mark.parametrize(
    "value",
    [
        "2025-01-01T00:00:00Z",
        "2000-01-01T00:00:00Z",
        "2099-12-31T23:59:59Z",
        "2024-02-29T12:00:00Z",
        "2000-02-29T12:00:00Z",
        "2025-01-01T00:00:00.1Z",
        "2025-01-01T00:00:00.12Z",
        "2025-01-01T00:00:00.999Z",
        "2025-01-01T00:00:00+14:00",
        "2025-01-01T00:00:00-12:00",
        "2025-01-01T00:00:00+05:45",
        "2025-01-01T00:00:00+00:00",
    ],
)
def test_an_instant_is_a_date_time_that_every_reader_takes(value: str) -> None:
    """Leap days, offsets with minutes and up to three fraction digits are in."""
    assert is_instant(value)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "2025-01-01",
        "2025-01-01T00:00:00",
        "2025-01-01T00:00Z",
        "2025-01-01 00:00:00Z",
        "2025-01-01t00:00:00z",
        "2025-01-01T00:00:00z",
        "20250101T000000Z",
        "2025-W01-1T00:00:00Z",
        "2025-001T00:00:00Z",
        "2025-1-1T00:00:00Z",
        "2025-02-29T00:00:00Z",
        "1900-02-29T00:00:00Z",
        "2025-02-30T00:00:00Z",
        "2025-13-01T00:00:00Z",
        "2025-00-01T00:00:00Z",
        "2025-01-00T00:00:00Z",
        "2025-01-01T24:00:00Z",
        "2025-01-01T23:60:00Z",
        "2016-12-31T23:59:60Z",
        "2025-01-01T00:00:00.Z",
        "2025-01-01T00:00:00,5Z",
        "2025-01-01T00:00:00.1234Z",
        "2025-01-01T00:00:00+14:01",
        "2025-01-01T00:00:00+15:00",
        "2025-01-01T00:00:00-12:01",
        "2025-01-01T00:00:00+0100",
        "2025-01-01T00:00:00+01",
        "2025-01-01T00:00:00+01:60",
        "1999-12-31T23:59:59Z",
        "2100-01-01T00:00:00Z",
        "+2025-01-01T00:00:00Z",
        "２０２５-01-01T00:00:00Z",
        " 2025-01-01T00:00:00Z",
        "2025-01-01T00:00:00Z\n",
        "now",
        "1735689600",
    ],
)
def test_a_date_time_that_a_reader_may_refuse_is_not_an_instant(value: str) -> None:
    """Other forms of ISO 8601, leap seconds, far offsets and far years are out."""
    assert not is_instant(value)


@pytest.mark.parametrize(
    ("value", "moment"),
    [
        ("2025-01-01T00:00:00Z", datetime(2025, 1, 1, tzinfo=UTC)),
        ("2025-01-01t00:00:00z", datetime(2025, 1, 1, tzinfo=UTC)),
        ("2025-01-01 00:00:00+00:00", datetime(2025, 1, 1, tzinfo=UTC)),
        ("2025-01-01T02:00:00+02:00", datetime(2025, 1, 1, tzinfo=UTC)),
        ("2024-12-31T19:00:00-05:00", datetime(2025, 1, 1, tzinfo=UTC)),
        ("2025-01-01T00:00:00.5Z", datetime(2025, 1, 1, microsecond=500_000, tzinfo=UTC)),
        ("2025-01-01T00:00:00.1234567891Z", datetime(2025, 1, 1, microsecond=123_456, tzinfo=UTC)),
    ],
)
def test_each_form_of_a_moment_is_that_moment(value: str, moment: datetime) -> None:
    """An echo may be written in another form."""
    assert instant(value) == moment


@pytest.mark.parametrize(
    "value",
    [
        "",
        "2025-01-01",
        "2025-01-01T00:00:00",
        "2025-02-30T00:00:00Z",
        "0000-01-01T00:00:00Z",
        "2025-01-01T24:00:00Z",
        "2025-01-01T00:00:60Z",
        "2025-01-01T00:00:00+99:99",
        "2025-01-01T00:00:00+24:00",
        "x",
    ],
)
def test_text_that_is_not_a_moment_is_a_value_error(value: str) -> None:
    """Nothing else is raised, whatever the text."""
    with pytest.raises(ValueError, match=r".+"):
        instant(value)


@pytest.mark.parametrize(
    "value",
    [
        "http://a.b",
        "https://example.com",
        "HTTPS://Example.COM/Path",
        "https://example.com/",
        "https://example.com/a/b.pdf?x=1&y=%C3%A9#top",
        "https://example.com?x=1",
        "https://example.com#top",
        "https://example.com:8443/a",
        "https://a-b.example.co.uk/~user/(x)/*;v=1,2'@!$+",
        "https://8.8.8.8/a",
        "https://example.com:65535/",
        f"https://{'a' * 63}.example",
    ],
)
def test_a_web_url_is_a_plain_absolute_address(value: str) -> None:
    """Http or https, a plain host name, any path, query and fragment in ASCII."""
    assert is_web_url(value)


@pytest.mark.parametrize(
    "value",
    [
        "",
        "example.com",
        "//example.com",
        "/invoice/1",
        "ftp://example.com",
        "mailto:a@example.com",
        "javascript:alert(1)",
        "https://",
        "https:///a",
        "https:/example.com",
        "https://user:password@example.com",
        "https://user@example.com",
        "https://example..com",
        "https://.example.com",
        "https://-a.example",
        "https://a-.example",
        "https://a_b.example",
        f"https://{'a' * 64}.example",
        f"https://{'a.' * 127}example",
        "https://exämple.com",
        "https://example.com/ä",
        "https://example.com/a b",
        "https://example.com/%",
        "https://example.com/%G0",
        "https://example.com/<a>",
        "https://example.com/a\\b",
        'https://example.com/"',
        "https://example.com:x/",
        "https://example.com:65536/",
        "https://example.com:0/",
        "https://[::1]/",
        "https://127.0.0.1/a",
        "https://10.0.0.5/a",
        "https://169.254.169.254/a",
        "https://example.1/a",
        "http://localhost/",
        "http://billing/",
        "https://example.com/\n",
        " https://example.com",
    ],
)
def test_a_url_that_a_reader_may_refuse_is_not_a_web_url(value: str) -> None:
    """A user, another scheme, an unusual or private host and what must be escaped are out."""
    assert not is_web_url(value)


@pytest.mark.parametrize(
    ("value", "fits"),
    [
        ("01f5d171-d3e3-4b2b-bd57-0727194b5bed", True),
        ("01F5D171-D3E3-4B2B-BD57-0727194B5BED", True),
        ("00000000-0000-0000-0000-000000000000", True),
        ("018f6d7c-1c00-7000-8000-000000000000", True),
        ("01f5d171d3e34b2bbd570727194b5bed", False),
        ("{01f5d171-d3e3-4b2b-bd57-0727194b5bed}", False),
        ("urn:uuid:01f5d171-d3e3-4b2b-bd57-0727194b5bed", False),
        ("01f5d171-d3e3-4b2b-bd57-0727194b5be", False),
        ("01f5d171-d3e3-4b2b-bd57-0727194b5bedd", False),
        ("g1f5d171-d3e3-4b2b-bd57-0727194b5bed", False),
        ("01f5d171-d3e3-4b2b-bd57-0727194b5bed\n", False),
        ("12345", False),
        ("", False),
    ],
)
def test_a_uuid_has_its_hyphenated_form(value: str, *, fits: bool) -> None:
    """Any version and either case (RFC 9562, section 4)."""
    assert is_uuid(value) is fits


def test_a_long_text_is_one_as_a_short_one_is() -> None:
    """Of a long one it is only not remembered."""
    assert is_text("\u00e9" * 600)
    assert not is_text("\u00e9" * 600 + "\x00")


def test_a_date_time_may_be_of_any_year() -> None:
    """What is none is told as such."""
    assert is_date_time("0001-01-01t00:00:00.1234567z")
    assert not is_date_time("noon")
    with pytest.raises(ValueError, match="'noon' is not an RFC 3339 date-time"):
        instant("noon")


def test_each_port_but_zero_is_one() -> None:
    """From 1 to 65535."""
    assert is_web_url("https://example.com:1/")
    assert not is_web_url("https://example.com:0/")
