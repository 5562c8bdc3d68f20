"""Ways to spell a key, each a function by its name."""

import base64
import html
import json
import quopri
from collections.abc import Callable
from urllib.parse import quote

Spelling = Callable[[str], str]

KEY = "kQ7_vX2mZr-9LwTd4Hy6sBpC"
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
"""What may stand around a key, and is none of it."""


def each_as(form: str) -> Spelling:
    """Each character in this form."""
    return lambda key: "".join(form.format(ord(character)) for character in key)


def listed(form: str, separator: str) -> Spelling:
    """The characters in this form, with a separator between."""
    return lambda key: separator.join(form.format(ord(character)) for character in key)


def in_base64(text: str) -> str:
    """In Base64."""
    return base64.b64encode(text.encode()).decode()


def in_percent(text: str) -> str:
    """As a URL has what it does not allow."""
    return "".join(f"%{byte:02X}" for byte in text.encode())


def _quoted(text: str) -> str:
    return quopri.encodestring(text.encode(), quotetabs=True).decode()


WHOLE: dict[str, Spelling] = {
    "plain": str,
    "other case": str.swapcase,
    "title": str.title,
    "hexadecimal": each_as("{:02x}"),
    "hexadecimal in capitals": each_as("{:02X}"),
    "hexadecimal with colons": listed("{:02x}", ":"),
    "hexadecimal with blanks": listed("{:02X}", " "),
    "hexadecimal with dashes": listed("{:02x}", "-"),
    "hexadecimal in groups": lambda key: " ".join(
        key.encode().hex()[at : at + 4] for at in range(0, 2 * len(key), 4)
    ),
    "hexadecimal numbers": listed("{:02x}", ", 0x"),
    "hexadecimal with a backslash": each_as("\\x{:02x}"),
    "octal": each_as("\\{:03o}"),
    "octal numbers": listed("{:03o}", " "),
    "decimal numbers": listed("{}", ", "),
    "decimal numbers in lines": listed("{}", ",\n" + 20 * " "),
    "decimal numbers with bars": listed("{}", "|"),
    "octal numbers far apart": listed("{:03o}", 12 * " "),
    "hexadecimal with slashes": listed("{:02x}", "/"),
    "hexadecimal in quotes": listed("{:02x}", '", "'),
    "decimal numbers in quotes": listed("{}", "','"),
    "percent": in_percent,
    "percent, small": lambda key: in_percent(key).lower(),
    "percent twice": lambda key: in_percent(in_percent(key)),
    "percent only where needed, twice": lambda key: quote(quote(key, safe=""), safe=""),
    "percent three times": lambda key: quote(quote(quote(key, safe=""), safe=""), safe=""),
    "references": each_as("&#{};"),
    "padded references": each_as("&#{:07};"),
    "padded hexadecimal references": each_as("&#x{:06X};"),
    "references without an end": each_as("&#{:03}"),
    "HTML": html.escape,
    "HTML twice": lambda key: html.escape(html.escape(key)),
    "JSON": lambda key: json.dumps(key)[1:-1],
    "JSON in JSON": lambda key: json.dumps(json.dumps(key))[3:-3],
    "JSON numbers": each_as("\\u{:04x}"),
    "JSON numbers in JSON": each_as("\\\\u{:04X}"),
    "JSON with slashes": lambda key: key.replace("/", "\\/"),
    "JavaScript": each_as("\\u{{{:x}}}"),
    "C": each_as("\\U{:08x}"),
    "Java": each_as("\\uu{:04x}"),
    "Java far apart": listed("\\u{:04x}", 600 * " "),
    "Unicode": listed("U+{:04X}", " "),
    "Perl": each_as("\\o{{{:o}}}"),
    "PowerShell": each_as("`u{{{:x}}}"),
    "hexadecimal of assemblers": listed("{:02x}", "h, "),
    "HTML in JSON": lambda key: html.escape(key).replace("&", "\\u0026"),
    "JSON in a URL": lambda key: quote("".join(f"\\u{ord(c):04x}" for c in key), safe=""),
    "quoted-printable": each_as("={:02X}"),
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
    "hexadecimal with an x": listed("{:02x}", "x"),
    "UTF-16": lambda key: key.encode("utf-16-le").decode()[:-1],
    "UTF-16, escaped": lambda key: repr(key.encode("utf-16-be"))[6:-1],
    "UTF-16 in JSON": "\\u0000".join,
}
"""Each hides a whole key, which `$NAME` replaces without a rest."""

WIDE = ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")
"""Codings in which a character of ASCII has NULs beside it."""

BETWEEN: dict[str, Spelling] = {
    "tags": "<b>".join,
    "lines in JSON": "\\n".join,
    "colours": "\x1b[1m".join,
    "no width": "\u200b".join,
    "soft hyphens": "\xad".join,
    "variation selectors": "\ufe0f".join,
    "tags of Unicode": "\U000e0020".join,
    "marks of direction": "\u202e".join,
}
"""What does not show, between all characters."""

BASE64: dict[str, Spelling] = {
    "Base64": in_base64,
    "Base64 for URLs": lambda key: base64.urlsafe_b64encode(key.encode()).decode(),
    "Base64 in small letters": lambda key: in_base64(key).lower(),
    "Base64 in lines": lambda key: "\n".join(in_base64(key)[at : at + 8] for at in range(0, 40, 8)),
    "Base64 in a URL": lambda key: quote(in_base64(key), safe=""),
    "Base64 in JSON": lambda key: in_base64(key).replace("/", "\\/"),
    "Basic": lambda key: in_base64(f"user:{key}"),
    "Basic, no user": lambda key: in_base64(f":{key}:"),
    "Base64 of JSON": lambda key: in_base64(f'{{"the_key": "{key}"}}'),
    "Base64 of capitals": lambda key: in_base64(key.upper()),
    "Base64 with tabs": lambda key: "\t".join(in_base64(key)),
    "Base64 twice with blanks": lambda key: " ".join(in_base64(in_base64(key))),
    "Base64 twice": lambda key: in_base64(in_base64(key)),
    "Base64 twice of more": lambda key: in_base64("xy" + in_base64(f"user:{key}")),
    "Base64 of hexadecimal in a URL": lambda key: in_base64(key) + "%3D",
}
"""At either end of the key, a character of Base64 also has bits of its neighbours."""

PART: dict[str, Spelling] = {
    "all but the first": lambda key: key[1:],
    "all but the last": lambda key: key[:-1],
    "the first eight": lambda key: key[:8],
    "the last eight": lambda key: key[-8:],
    "eight of the middle": lambda key: key[7:15],
    "the first eight, hexadecimal": lambda key: key[:8].encode().hex("-").upper(),
    "the last nine, percent": lambda key: in_percent(key[-9:]),
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

ESCAPES: dict[str, Spelling] = {
    "percent": in_percent,
    "percent of 16 bits": each_as("%u{:04x}"),
    "JSON": each_as("\\u{:04x}"),
    "C": each_as("\\x{:02x}"),
    "octal": each_as("\\{:03o}"),
    "octal, 0 first": each_as("\\{:04o}"),
    "reference": each_as("&#{};"),
    "quoted-printable": each_as("={:02X}"),
}
LAYERS: dict[str, Spelling] = {
    **ESCAPES,
    "hexadecimal": each_as("{:02x}"),
    "hexadecimal in capitals, with colons": listed("{:02X}", ":"),
    "hexadecimal numbers": listed("{:#04x}", ", "),
    "octal numbers": listed("{:03o}", " "),
    "octal numbers, 0 first": listed("{:04o}", " "),
    "octal numbers of Python": listed("{:#o}", ", "),
    "decimal numbers": listed("{}", ", "),
    "Base64": in_base64,
    "Base64 for URLs": lambda text: base64.urlsafe_b64encode(text.encode()).decode().rstrip("="),
    "Base64 in lines": lambda text: base64.encodebytes(text.encode()).decode().strip(),
}
"""Each may be inside each of the others."""
NESTED: dict[str, Spelling] = {
    f"{inner} in {outer}": lambda key, inner=inner, outer=outer: LAYERS[outer](LAYERS[inner](key))  # type: ignore[misc]
    for inner, outer in (
        *(("hexadecimal", "Base64"), ("Base64", "hexadecimal"), ("percent", "Base64")),
        *(("Base64", "percent"), ("JSON", "Base64 for URLs"), ("reference", "hexadecimal")),
        *(("decimal numbers", "Base64"), ("octal, 0 first", "percent of 16 bits")),
    )
}
"""A few of them, for a whole run."""
BYTES: dict[str, Callable[[bytes], str]] = {
    "Base64": lambda data: base64.b64encode(data).decode(),
    "hexadecimal": bytes.hex,
    "hexadecimal with blanks": lambda data: data.hex(" ").upper(),
    "percent": lambda data: "".join(f"%{byte:02x}" for byte in data),
    "C": lambda data: "".join(f"\\x{byte:02x}" for byte in data),
    "octal": lambda data: "".join(f"\\{byte:03o}" for byte in data),
    "decimal numbers": lambda data: str([*data]),
    "bytes of Python": repr,
}
"""Whatever bytes they are."""
