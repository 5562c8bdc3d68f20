"""No spelling of a key gets past the masker, and the text around it stays."""

import base64
import html
import json
import quopri
import random
import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest

from targets.masking import Masker

ROOT = Path(__file__).parent.parent
KEY = "kQ7_vX2mZr-9LwTd4Hy6sBpC"
ODD = 'Zk"9/a+Q7&mnop=xyz%TUVW<r>'
"""Has what URLs, JSON and HTML escape."""

Spelling = Callable[[str], str]


def _each(form: str) -> Spelling:
    return lambda key: "".join(form.format(ord(character)) for character in key)


def _listed(form: str, separator: str) -> Spelling:
    return lambda key: separator.join(form.format(ord(character)) for character in key)


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _percent(text: str) -> str:
    return "".join(f"%{byte:02X}" for byte in text.encode())


def _quoted(text: str) -> str:
    return quopri.encodestring(text.encode(), quotetabs=True).decode()


WHOLE: dict[str, Spelling] = {
    "plain": str,
    "other case": str.swapcase,
    "title": str.title,
    "hexadecimal": _each("{:02x}"),
    "hexadecimal in capitals": _each("{:02X}"),
    "hexadecimal with colons": _listed("{:02x}", ":"),
    "hexadecimal with blanks": _listed("{:02X}", " "),
    "hexadecimal with dashes": _listed("{:02x}", "-"),
    "hexadecimal in groups": lambda key: " ".join(
        key.encode().hex()[at : at + 4] for at in range(0, 2 * len(key), 4)
    ),
    "hexadecimal numbers": _listed("{:02x}", ", 0x"),
    "hexadecimal with a backslash": _each("\\x{:02x}"),
    "octal": _each("\\{:03o}"),
    "octal numbers": _listed("{:03o}", " "),
    "decimal numbers": _listed("{}", ", "),
    "percent": _percent,
    "percent, small": lambda key: _percent(key).lower(),
    "percent twice": lambda key: _percent(_percent(key)),
    "percent only where needed, twice": lambda key: quote(quote(key, safe=""), safe=""),
    "percent three times": lambda key: quote(quote(quote(key, safe=""), safe=""), safe=""),
    "references": _each("&#{};"),
    "padded references": _each("&#{:07};"),
    "padded hexadecimal references": _each("&#x{:06X};"),
    "references without an end": _each("&#{:03}"),
    "HTML": html.escape,
    "HTML twice": lambda key: html.escape(html.escape(key)),
    "JSON": lambda key: json.dumps(key)[1:-1],
    "JSON in JSON": lambda key: json.dumps(json.dumps(key))[3:-3],
    "JSON numbers": _each("\\u{:04x}"),
    "JSON numbers in JSON": _each("\\\\u{:04X}"),
    "JSON with slashes": lambda key: key.replace("/", "\\/"),
    "JavaScript": _each("\\u{{{:x}}}"),
    "C": _each("\\U{:08x}"),
    "HTML in JSON": lambda key: html.escape(key).replace("&", "\\u0026"),
    "JSON in a URL": lambda key: quote("".join(f"\\u{ord(c):04x}" for c in key), safe=""),
    "quoted-printable": _each("={:02X}"),
    "quoted-printable lines": lambda key: f"{key[:9]}=\n{key[9:]}",
    "quoted-printable where needed": lambda key: _quoted(key).strip(),
    "lines": lambda key: f"{key[:5]}\n{key[5:]}",
    "many lines": "\r\n".join,
    "lines of pytest": lambda key: f"{key[:4]}\nE         {key[4:9]}\nE    {key[9:]}",
    "lines in JSON": lambda key: f"{key[:4]}\\nE         {key[4:9]}\\r\\n  {key[9:]}",
    "a line that goes on": lambda key: f"{key[:6]}\\\n    {key[6:]}",
    "blanks": " ".join,
    "tabs": "\t".join,
    "colours": lambda key: f"{key[:6]}\x1b[0m\x1b[94m{key[6:]}",
    "colours in JUnit": lambda key: f"{key[:6]}#x1B[39;49;00m{key[6:]}",
    "no width": "\u200b".join,
    "soft hyphens": "\u00ad".join,
    "places to break": "<wbr>".join,
    "UTF-16": lambda key: key.encode("utf-16-le").decode()[:-1],
    "UTF-16, escaped": lambda key: repr(key.encode("utf-16-be"))[6:-1],
    "UTF-16 in JSON": "\\u0000".join,
}
"""Each hides a whole key, which `$NAME` replaces without a rest."""

BASE64: dict[str, Spelling] = {
    "Base64": _base64,
    "Base64 for URLs": lambda key: base64.urlsafe_b64encode(key.encode()).decode(),
    "Base64 in small letters": lambda key: _base64(key).lower(),
    "Base64 in lines": lambda key: "\n".join(_base64(key)[at : at + 8] for at in range(0, 40, 8)),
    "Base64 in a URL": lambda key: quote(_base64(key), safe=""),
    "Base64 in JSON": lambda key: _base64(key).replace("/", "\\/"),
    "Basic": lambda key: _base64(f"user:{key}"),
    "Basic, no user": lambda key: _base64(f":{key}:"),
    "Base64 of JSON": lambda key: _base64(f'{{"the_key": "{key}"}}'),
    "Base64 of capitals": lambda key: _base64(key.upper()),
    "Base64 twice": lambda key: _base64(_base64(key)),
    "Base64 twice of more": lambda key: _base64("xy" + _base64(f"user:{key}")),
    "Base64 of hexadecimal in a URL": lambda key: _base64(key) + "%3D",
}
"""At either end of the key, a character of Base64 also has bits of its neighbours."""

PART: dict[str, Spelling] = {
    "all but the first": lambda key: key[1:],
    "all but the last": lambda key: key[:-1],
    "the first eight": lambda key: key[:8],
    "the last eight": lambda key: key[-8:],
    "eight of the middle": lambda key: key[7:15],
    "the first eight, hexadecimal": lambda key: key[:8].encode().hex("-").upper(),
    "the last nine, percent": lambda key: _percent(key[-9:]),
    "a half": lambda key: key[: len(key) // 2].lower(),
    "stars in the middle": lambda key: f"{key[:4]}****{key[-4:]}",
    "many stars": lambda key: f"{key[:7]}{'*' * 40}{key[-3:]}",
    "one star": lambda key: f"{key[:7]}*{key[8:]}",
    "dots in the middle": lambda key: f"{key[:6]}...{key[-6:]}",
    "an ellipsis": lambda key: f"{key[:5]}…{key[-5:]}",
    "bullets": lambda key: f"{key[:6]}••••••{key[-2:]}",
    "crosses": lambda key: f"{key[:6]}XXXXXX{key[-4:]}",
    "a cut in brackets": lambda key: f"{key[:6]}[...]{key[-6:]}",
    "a cut between quotes": lambda key: f"{key[:6]}'...'{key[-6:]}",
    "a cut between blanks": lambda key: f"{key[:6]} ... {key[-6:]}",
}
"""Each shows a part that is masked without a rest."""


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


ESCAPES: dict[str, Spelling] = {
    "percent": _percent,
    "JSON": _each("\\u{:04x}"),
    "C": _each("\\x{:02x}"),
    "octal": _each("\\{:03o}"),
    "reference": _each("&#{};"),
}


@pytest.mark.parametrize("inner", ESCAPES)
@pytest.mark.parametrize("outer", ESCAPES)
def test_one_escape_inside_another_is_masked(inner: str, outer: str) -> None:
    """Whatever the two are."""
    hidden = ESCAPES[outer](ESCAPES[inner](KEY))
    assert Masker({"THE_KEY": KEY}).mask(f"|{hidden}|") == "|$THE_KEY|"


@pytest.mark.parametrize("seed", range(20))
def test_spellings_may_alternate_within_a_key(seed: int) -> None:
    """Each character may be escaped in another way, or not at all."""
    draw = random.Random(seed)  # noqa: S311 - not for secrets
    forms: list[Spelling] = [str, str, str.upper, *ESCAPES.values()]
    hidden = "".join(draw.choice(forms)(character) for character in KEY)
    assert Masker({"THE_KEY": KEY}).mask(f"|{hidden}|") == "|$THE_KEY|"


AROUND = [
    *(
        "reference_id",
        "\n",
        "\\n",
        '\\"',
        "&amp;",
        "&#10;",
        "%20",
        "%2F",
        "=3D",
        "=\n",
        "***",
        "...",
    ),
    *("…", "x", "\0", "\x1b[0m", "E   ", "\nE   ", "0x", "{", '"', ": ", "[1,2]", "中文", "\u200b"),
    *("\\u0041", "\\x41", "\\\\", "IC-7F3A91C2-00000123", "\ud800", "aGVsbG8gd29ybGQgYWJj", "\t"),
]


@pytest.mark.parametrize("spelling", [*WHOLE, *PART])
def test_what_is_around_a_key_stays(spelling: str) -> None:
    """Whatever escapes, line breaks and stars it has, and however much of it there is."""
    masker, hidden = Masker({"THE_KEY": KEY}), {**WHOLE, **PART}[spelling](KEY)
    for seed in range(20):
        draw = random.Random(seed)  # noqa: S311 - not for secrets
        before, after = ("".join(draw.choices(AROUND, k=draw.randint(0, 400))) for _ in range(2))
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
    assert "7Hq2Zx81" not in masker.mask("x wizcommerce-api-key-7Hq2Zx81 y")
