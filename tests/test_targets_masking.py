"""A key is masked however it is encoded, and other text stays as it is."""

import base64
import html
import json
from urllib.parse import quote, quote_plus

import pytest

from targets.errors import TargetError
from targets.masking import Masker

KEY = 'Zk"9/a+Q7&mnop=xyz%TUVW<r>'
OTHER = "another-key-for-403"
MASKER = Masker({"WIZCOMMERCE_API_KEY": KEY, "WIZCOMMERCE_FORBIDDEN_API_KEY": OTHER})
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl-_x"


@pytest.mark.parametrize("key", [KEY, OTHER, JWT, "s3cret", "0123456789abcdef" * 4])
@pytest.mark.parametrize(
    "encoding",
    [
        str,
        str.upper,
        str.lower,
        str.swapcase,
        quote,
        quote_plus,
        lambda key: quote(key, safe=""),
        lambda key: "".join(f"%{byte:02x}" for byte in key.encode()),
        lambda key: json.dumps(key)[1:-1],
        lambda key: json.dumps(json.dumps(key)[1:-1])[1:-1].replace('\\\\\\"', '\\"'),
        lambda key: key.replace("/", "\\/"),
        lambda key: "".join(f"\\u{ord(character):04x}" for character in key),
        lambda key: "".join(f"\\u{ord(character):04X}" for character in key),
        lambda key: "".join(f"\\x{ord(character):02x}" for character in key),
        lambda key: "".join(f"&#{ord(character)};" for character in key),
        html.escape,
        lambda key: repr(key)[1:-1],
        lambda key: key.encode().hex(),
        lambda key: f"{key[:5]}\n{key[5:]}",
        lambda key: f"{key[:4]}\nE         {key[4:]}",
        lambda key: f"{key[:4]}\r\n    {key[4:]}",
        lambda key: key.encode("utf-16-le").decode()[:-1],
        lambda key: repr(key.encode("utf-16-le"))[2:-5],
    ],
)
def test_a_key_is_masked_in_every_encoding(key: str, encoding: object) -> None:
    """The variable's name replaces it, and the rest of the text stays."""
    assert callable(encoding)
    text = f"before <{encoding(key)}> after"
    assert Masker({"THE_KEY": key}).mask(text) == "before <$THE_KEY> after"


@pytest.mark.parametrize("before", ["", "a", "ab", "abc", "user:"])
@pytest.mark.parametrize("after", ["", "z", "zz", ":pass"])
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
@pytest.mark.parametrize("key", [KEY, OTHER])
def test_a_key_inside_base64_is_masked(before: str, after: str, encode: object, key: str) -> None:
    """At every alignment inside the encoded text, at most four bits of the key remain."""
    assert callable(encode)
    encoded = encode(f"{before}{key}{after}".encode()).decode()
    masked = MASKER.mask(f"Basic {encoded}.")
    assert "$WIZCOMMERCE_" in masked
    remains = masked.removeprefix("Basic ").replace("$WIZCOMMERCE_API_KEY", "")
    remains = remains.replace("$WIZCOMMERCE_FORBIDDEN_API_KEY", "")
    assert len(remains) <= 2 * len(before) + 2 * len(after) + 5


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        (f"key {KEY[:9]}...", "key $WIZCOMMERCE_API_KEY..."),
        (f"key {KEY[:9]}…", "key $WIZCOMMERCE_API_KEY…"),
        (f"...{KEY[-9:]} end", "...$WIZCOMMERCE_API_KEY end"),
        (f"...b'{KEY[-9:]}'", "...b'$WIZCOMMERCE_API_KEY'"),
        (f"'{KEY[3:14]}'... more", "'$WIZCOMMERCE_API_KEY'... more"),
        (f"ends {KEY[:12]}", "ends $WIZCOMMERCE_API_KEY"),
        (f"{KEY[5:]} begins", "$WIZCOMMERCE_API_KEY begins"),
        (f"one {KEY[:10]}\ntwo", "one $WIZCOMMERCE_API_KEY\ntwo"),
        (f"one\n{KEY[-10:]} two", "one\n$WIZCOMMERCE_API_KEY two"),
        (f"{KEY[:8]}***", "$WIZCOMMERCE_API_KEY***"),
        (f"sk: {KEY[:8].upper()}...", "sk: $WIZCOMMERCE_API_KEY..."),
        (f"half '{KEY[:13]}' sent", "half '$WIZCOMMERCE_API_KEY' sent"),
        (f"longer {KEY}x", "longer $WIZCOMMERCE_API_KEYx"),
        (f"{KEY}{OTHER}", "$WIZCOMMERCE_API_KEY$WIZCOMMERCE_FORBIDDEN_API_KEY"),
        (f"{KEY[:9]}...{KEY[-9:]}", "$WIZCOMMERCE_API_KEY"),
        (f"a sentence with {KEY[:8]} in it", "a sentence with $WIZCOMMERCE_API_KEY in it"),
    ],
)
def test_an_abbreviated_key_is_masked(text: str, masked: str) -> None:
    """The part of a key that an abbreviated text leaves is masked too."""
    assert MASKER.mask(text) == masked


@pytest.mark.parametrize(
    "text",
    [
        "",
        "No key at all.",
        f"only {KEY[:7]}... of it",
        "$WIZCOMMERCE_API_KEY",
        "naïve 😀 \ud800 text\n\n...\n",
        '{"items": [{"sku": "SKU-20250101"}]}',
    ],
)
def test_other_text_stays(text: str) -> None:
    """Text without a key, or with too little of one, does not change."""
    assert MASKER.mask(text) == text


def test_masking_again_changes_nothing() -> None:
    """Masked text may be masked again, as some outputs are."""
    once = MASKER.mask(f"{KEY} and {OTHER[:9]}...")
    assert MASKER.mask(once) == once


def test_bytes_are_masked_without_loss() -> None:
    """Bytes around a key that are not UTF-8 stay as they are."""
    masked = MASKER.mask_bytes(b"\xff\x00" + KEY.encode() + b"\xc3")
    assert masked == b"\xff\x00$WIZCOMMERCE_API_KEY\xc3"


def test_a_key_that_contains_another_is_masked_as_itself() -> None:
    """The longer key is searched for first."""
    masker = Masker({"SHORT": "abcdef", "LONG": "abcdefghijkl"})
    assert masker.mask("<abcdefghijkl> <abcdef>") == "<$LONG> <$SHORT>"


def test_without_keys_nothing_is_masked() -> None:
    """A masker without keys returns the text as it is."""
    assert Masker({}).mask("text...") == "text..."


def test_a_key_too_short_to_mask_is_refused() -> None:
    """Masking so few characters would mask other text too; the message does not show the key."""
    with pytest.raises(TargetError, match="The key in MY_KEY has fewer than 6") as error:
        Masker({"MY_KEY": "qqzzq"})
    assert "qqzzq" not in str(error.value)
