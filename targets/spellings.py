"""How a key may be spelled: what may be between its characters, and what may stand for them."""

import re
import string
from collections import defaultdict
from collections.abc import Iterable, Iterator
from html.entities import html5
from struct import unpack

FEWEST = 6
"""Characters of the shortest key, and so the fewest that a decoded text needs."""
FEWEST_IN_BASE64 = 11
"""Characters that eight make in Base64."""


Pattern = tuple[bytes, re.Pattern[bytes]]
"""A byte without which nothing matches, or none where that is any byte beyond ASCII; and the
pattern. It begins with a literal, because Python searches for those much faster. A possessive
repeat that holds another is atomic inside: before 3.11.5, Python goes on in the middle of what did
not match."""


def rows(of: bytes) -> bytes:
    """A table for `has_row`: which bytes a row may have."""
    return bytes(byte in of for byte in range(256))


def has_row(data: bytes, of: bytes, length: int) -> bool:
    """Whether the data may have what takes a row of such bytes; much faster than a pattern."""
    return b"\1" * length in data.translate(of)


def _any_of(words: Iterable[tuple[bytes, ...]]) -> bytes:
    """A pattern for these words, none of which begins another: each is a range of bytes for its
    first byte, one for its second, and so on.
    """
    rests: dict[bytes, dict[tuple[bytes, ...], None]] = defaultdict(dict)
    for first, *rest in words:
        rests[first][tuple(rest)] = None
    firsts: dict[bytes, bytes] = defaultdict(bytes)
    for first, after in rests.items():
        firsts[b"" if () in after else _any_of(after)] += first
    return b"(?:%b)" % b"|".join(b"[%b]%b" % (each, rest) for rest, each in firsts.items())


BLANK = bytes(range(0x21)) + b"\x7f"
BLANKS = re.compile(rb"[\x00-\x20\x7f]+")
LONG_BLANKS = re.compile(rb"[\x00-\x20\x7f]{32,}+")
OF_BLANKS = rows(BLANK)
IN_A_ROW = tuple(
    re.compile(each * (FEWEST - 1) + b"(?:%b)*+" % each)
    for each in (b"\1\0", b"\1\1\0", b"\1\1\1\0")
)
"""Single characters in a row with as many blanks between, in what OF_BLANKS makes of a text."""
SPREAD = re.compile(
    rb"[\x00-\x20\x7f](?:(?<=[\x00-\x20\x7f][^\x00-\x20\x7f].)[\x00-\x20\x7f]*+"
    rb"|(?<![\x00-\x20\x7f]{2})[\x00-\x20\x7f]*+(?=[^\x00-\x20\x7f](?![^\x00-\x20\x7f])))",
    re.DOTALL,
)
"""The blanks beside such a character."""

INVISIBLE = (
    *((0x80, 0xA0), (0x1680, 0x1680), (0x2000, 0x200A), (0x2028, 0x2029), (0x202F, 0x202F)),
    *((0x205F, 0x205F), (0x2800, 0x2800), (0x3000, 0x3000), (0xFFFC, 0xFFFC), (0x1D159, 0x1D159)),
    *((0xAD, 0xAD), (0x34F, 0x34F), (0x61C, 0x61C), (0x115F, 0x1160), (0x17B4, 0x17B5)),
    *((0x180B, 0x180F), (0x200B, 0x200F), (0x202A, 0x202E), (0x2060, 0x206F), (0x3164, 0x3164)),
    *((0xFE00, 0xFE0F), (0xFEFF, 0xFEFF), (0xFFA0, 0xFFA0), (0xFFF0, 0xFFFB)),
    *((0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF)),
)
"""The controls and blanks beyond ASCII, what looks like a blank, and the characters with Unicode's
property Default_Ignorable_Code_Point (and those of interlinear annotation), which `unicodedata`
does not know."""


def _as_utf_8(code_point: int) -> Iterator[bytes]:
    """A character in UTF-8, and as JSON's escapes of two halves make it."""
    character = chr(code_point)
    yield character.encode()
    if code_point > 0xFFFF:
        halves = unpack(">2H", character.encode("utf-16-be"))
        yield "".join(map(chr, halves)).encode("utf-8", "surrogatepass")


def _between(first: int, last: int) -> Iterator[tuple[bytes, ...]]:
    """The characters from one to another, as `_any_of` takes them: of 64 that begin alike, the last
    bytes are a range.
    """
    for start in range(first & ~0x3F, last + 1, 0x40):
        ends = map(_as_utf_8, (max(first, start), min(last, start + 0x3F)))
        for (*alike, least), (*_, most) in zip(*ends, strict=True):
            yield (*(b"\\x%02x" % byte for byte in alike), b"\\x%02x-\\x%02x" % (least, most))


STRINGS = (
    (b"\x1b", re.compile(rb"\x1b[]PX^_][^\x07\x1b\n]*+(?:\x07|\x1b\\|\xc2\x9c)")),
    (b"\xc2", re.compile(rb"\xc2[\x90\x98\x9d-\x9f][^\x07\x1b\n\xc2]*+(?:\x07|\x1b\\|\xc2\x9c)")),
)
"""Links, titles and the like that a terminal is told (ECMA-48)."""
_SEQUENCES = (
    (b"\x1b", re.compile(rb"\x1b(?:\[[0-?]*+[ -/]*+[@-~]|[ -/]*+[0-~])")),
    (b"\xc2", re.compile(rb"\xc2\x9b[0-?]++[ -/]*+[@-~]")),
)
"""What else it obeys: colours, sets of characters and the rest; some are also one control."""
WRITTEN = (
    # Soft line breaks of quoted-printable; controls, and soft hyphens in Python; in caret notation;
    # colours and lines of an error as pytest writes them.
    (b"=", re.compile(rb"=[ \t]*+(?:\r?\n|(?:\\r)?\\n)")),
    (
        b"\\",
        re.compile(
            rb"\\(?:nE(?:   |\t)|[abfnrtv]|0(?![0-7]{2})|e(?:\[[0-?]*+[ -/]*+[@-~])?|x[aA][dD]"
            rb"|\r?\n)"
        ),
    ),
    (b"^", re.compile(rb"\^(?:\[(?:\[[0-?]*+[ -/]*+[@-~])?|[?-Z\\\]^_])")),
    (b"#", re.compile(rb"#x1B\[[0-?]*+[ -/]*+[@-~]")),
    (b"\n", re.compile(rb"\nE(?:   |\t)")),
)
"""What is written for something that does not show."""
UNSEEN = (
    *WRITTEN,
    (
        b"",
        re.compile(_any_of(word for first, last in INVISIBLE for word in _between(first, last))),
    ),
)
BREAKS_IN_STRINGS = (*_SEQUENCES, *UNSEEN)
BREAKS = (*STRINGS, *BREAKS_IN_STRINGS)
"""What may break a word in two, blanks aside; and the same where it is inside of a string."""
_ANOTHER = rb"(?=.{0,32}?(?:\x1b|\xc2[\x90-\x9f]))"
OBEYED = (
    (b"\x1b", re.compile(rb"\x1b(?!\[)" + _ANOTHER, re.DOTALL)),
    (b"\xc2", re.compile(rb"\xc2[\x90-\x9f]" + _ANOTHER, re.DOTALL)),
)
"""What may take a part of a word with it, if it is taken for more than a control."""
TAGS = (
    (b"]", re.compile(rb"\]\]>")),
    (
        b"<",
        re.compile(
            rb"<(?:!\[CDATA\[|!--[^<]*?-->|\?[^<]*?\?>|[A-Za-z/!](?:(?>[^<>\"']++|\"[^<\"]*+\"|'[^<']*+'))*+>"
            rb"|[A-Za-z/!?][^<>]*+>)",
        ),
    ),
)
"""Tags, comments and the like, which may break one too; but one may be a word in brackets."""


def _escapes(octal: bytes, notation: bytes) -> tuple[Pattern, ...]:
    """The escapes that are known, with these digits where their number is not fixed."""
    return (
        (b"%", re.compile(rb"%(?:(?P<percent>[0-9a-fA-F]{2})|u(?P<wide>[0-9a-fA-F]{4}))")),
        (
            b"\\",
            re.compile(
                rb"\\(?:x(?P<hex>[0-9a-fA-F]{2})|u++(?P<short>[0-9a-fA-F]{4})"
                rb"|U(?P<long>[0-9a-fA-F]{8})|[ux]\{0*+(?P<braces>[0-9a-fA-F]{1,6})\}"
                rb"|o\{0*+(?P<in_octal>[0-7]{1,7})\}|" + octal + rb"(?P<octal>[0-3]?[0-7]{2})"
                rb"|(?P<control>[abefnrtv])|(?P<plain>[^0-9A-Za-z]))",
            ),
        ),
        (b"^", re.compile(rb"\^(?P<caret>[?-_])")),
        (b"`", re.compile(rb"`u\{0*+(?P<shell>[0-9a-fA-F]{1,6})\}")),
        (b"+", re.compile(rb"U\+(?P<notation>[0-9a-fA-F]{" + notation + rb"})")),
        (
            b"&",
            re.compile(
                rb"&(?:#[xX]0*+(?P<reference>[0-9a-fA-F]{1,6})|#0*+(?P<decimal>[0-9]{1,7})"
                rb"|(?P<name>[A-Za-z][0-9A-Za-z]{1,31}));?",
            ),
        ),
    )


ESCAPES = _escapes(octal=rb"0?", notation=rb"4,6")
SHORT_ESCAPES = _escapes(octal=rb"", notation=rb"4")
GOES_ON = re.compile(rb"\\0[0-7]{2}[0-7%&]|U\+[0-9a-fA-F]{4}[0-9a-fA-F\\%&]")
"""The escapes of URLs, of JSON, C, Java and Perl, of PowerShell, of Unicode's own notation, and of
HTML; controls as C and terminals write them. A digit may go on with an escape or come after it."""
QUOTED_PRINTABLE = ((b"=", re.compile(rb"=(?P<hex>[0-9A-Fa-f]{2})")),)
LATIN_1 = ((b"\xc3", re.compile(rb"(?P<latin>\xc3[\x82-\xb4](?:\xc2[\x80-\xbf]){1,3}+)")),)
"""What is UTF-8 again once it is written in Latin-1, as which the fields of a head are read."""
UNSEEN_IN_LATIN_1 = tuple(
    (b"", re.compile(first + rb"(?<![\x80-\xf4].)" + rest))
    for first, rest in (
        (rb"[\x90\x98\x9d-\x9f]", rb"[^\x07\x1b\n\x9c]*+(?:\x07|\x1b\\|\x9c)"),
        (rb"\x9b", rb"[0-?]++[ -/]*+[@-~]"),
        (rb"[\x80-\xa0\xad]", rb"[\x80-\xa0\xad]*+"),
    )
)
"""Bytes that are no UTF-8, but strings, sequences and what does not show in Latin-1."""
_BASE = {"decimal": 10, "in_octal": 8}
_CONTROLS = dict(zip(b"abefnrtv", b"\a\b\x1b\f\n\r\t\v", strict=True))
_OF_A_BYTE = {"percent": 16, "hex": 16, "octal": 8}
_NAMED = {
    name.removesuffix(";").encode(): character.encode()
    for name, character in html5.items()
    if len(character) == 1
}
_OPEN = frozenset(name.encode() for name in html5 if not name.endswith(";"))
"""The names of HTML that may go on as another word, without `;` between."""
_LONGEST_OPEN = max(map(len, _OPEN))

SPECIAL = (*BREAKS, *TAGS, *ESCAPES, *QUOTED_PRINTABLE, *LATIN_1)
"""Patterns that are tried on every text."""
PLAIN = bytes({*range(256)} - {*b"".join(begin for begin, _ in SPECIAL)})
"""What none of them needs."""

MANY_NULS = re.compile(rb"\0(?:[^\0]{0,40}+\0){%d}" % (FEWEST - 1))
"""As UTF-16 and UTF-32 have them."""
WIDE = tuple(
    (codec, re.compile(b"(?:%b(?:%b){0,16}){%d,}+" % (plain, other, FEWEST), re.DOTALL))
    for codec, plain, other in (
        ("utf-16-le", rb"[\x01-\x7f]\0", rb".[^\0]|[\x80-\xff]\0"),
        ("utf-16-be", rb"\0[\x01-\x7f]", rb"[^\0].|\0[\x80-\xff]"),
        ("utf-32-le", rb"[\x01-\x7f]\0\0\0", rb"(?![\x01-\x7f]\0\0)..[\0-\x10]\0"),
        ("utf-32-be", rb"\0\0\0[\x01-\x7f]", rb"\0[\0-\x10](?!\0[\x01-\x7f]).."),
    )
)
"""Texts in UTF-16 and UTF-32: characters of ASCII, and a few others between."""

APART = (*BREAKS, *TAGS, (b"", re.compile(rb"[\x80-\xfe]++")))
"""What may be between decimal or octal numbers; a blank stands for it."""
OF_APART = bytes(
    1 if chr(byte) in string.digits else 2 if byte in b"=\\^#\x1b<" or byte > 0x7F else 0
    for byte in range(256)
)
"""A table in which digits before what may be apart are 1 and 2."""
SEPARATOR = BLANK + string.punctuation.encode()
BETWEEN_HEX = SEPARATOR + b"xXhH"
NO_PREFIX = re.compile(b"[%b]+" % re.escape(BETWEEN_HEX))
PREFIXES = tuple(
    (
        re.compile(only),
        re.compile(prefix),
        re.compile(b"%b|%b" % (prefix, NO_PREFIX.pattern), re.IGNORECASE),
    )
    for only, prefix in (
        (rb"0X", rb"0X(?![0-9A-F](?![0-9A-F]))"),
        (rb"H(?<=0[0-9A-F]{2}H)", rb"0(?=[0-9A-F]{2}H)"),
    )
)
"""What a text has where hexadecimal numbers begin with more than digits, with what they begin, and
what is then between their digits."""
X_BETWEEN = re.compile(rb"0X(?<=[0-9A-F]0X)[0-9A-F]{2}(?![0-9A-F])")
"""As in 70x72, where the digit before an x does not belong to it."""
HEX = re.compile(rb"[0-9A-F]{%d,}+" % (2 * FEWEST))
OF_HEX = rows(b"0123456789ABCDEF")
NUMBER = re.compile(rb"[0-9]{2,4}+|0(?![oO])")
NUMBERS = re.compile(
    rb"[0-9]{2,4}+(?:(?>(?:0[oO]|[%b])++(?:[0-9]{2,4}+|0))){%d,}+"
    % (re.escape(SEPARATOR), FEWEST - 1)
)
SHORTEST_LIST = 3 * FEWEST - 1
"""Bytes of two digits for each character, and one between."""
OF_NUMBERS = rows(SEPARATOR + b"0123456789oO")
BYTES_BY_NUMBER = tuple(
    {form % byte: bytes((byte,)) for form in forms for byte in range(256)}
    for forms in ((b"%o", b"%02o", b"%03o", b"%04o"), (b"%d", b"%02d", b"%03d"))
)
"""The byte that each octal number stands for, and each decimal one."""
OF_BASE64 = rows(b"+/-_" + string.ascii_letters.encode() + string.digits.encode())
BASE64 = re.compile(rb"[0-9A-Za-z+/_-]{%d,}+" % FEWEST_IN_BASE64)
TEXT = re.compile(rb"(?:(?>[\x00-\x7f]|[\xc2-\xf4][\x80-\xbf]{1,3}+)){%d,}+" % FEWEST)
"""What may be text, in UTF-8 or UTF-16, among bytes that are none."""


def unescaped(escape: re.Match[bytes]) -> bytes:
    """What an escape stands for; itself where that is no character."""
    kind = str(escape.lastgroup)
    found = escape[kind]
    if kind == "plain":
        return found
    if kind == "control":
        return bytes((_CONTROLS[found[0]],))
    if kind == "caret":
        return bytes((found[0] ^ 0x40,))
    if kind == "latin":
        return found.decode().encode("latin-1")
    if kind == "name":
        return _NAMED.get(found) or _named(found) or escape[0]
    if kind in _OF_A_BYTE:
        return bytes((int(found, _OF_A_BYTE[kind]),))
    code_point = int(found, _BASE.get(kind, 16))
    if code_point > 0x10FFFF:
        return escape[0]
    return chr(code_point).encode("utf-8", "surrogatepass")


def _named(text: bytes) -> bytes | None:
    """What a browser reads where the name of HTML is only the beginning of a text."""
    sizes = range(min(len(text), _LONGEST_OPEN), 1, -1)
    size = next((size for size in sizes if text[:size] in _OPEN), 0)
    return _NAMED[text[:size]] + text[size:] if size else None
