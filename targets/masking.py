"""Keeps the keys out of every output: finds a key by its value, however it is encoded."""

import base64
import html
import json
import re
from collections.abc import Iterator, Mapping
from urllib.parse import quote

from targets.errors import TargetError

SHORTEST = 6
"""Characters of the shortest key; masking a shorter one would also mask much of the other text."""
_FRAGMENT = 8
"""Characters of a key that are masked where an abbreviated text cuts off the rest."""
_CUT = re.compile(r"""\n|(?:\.\.\.|…|\*\*\*+)(?:b?["'`]|\])*""")
"""Where a text may be abbreviated."""
_QUOTES = "\"'`["
_MARGIN = 4
"""Quotes that may stand between a fragment of a key and the cut."""
_BETWEEN = r"(?:\s*\n[\sE>|+-]*|\x00|\\x00|\\u0000)?"
"""What may separate two characters of a key: a line break with indentation, or UTF-16."""


class Masker:
    """Replaces each key with `$NAME`, the environment variable that it comes from.

    `keys` are values by variable name. Raises TargetError for a key that is too short to mask.
    """

    def __init__(self, keys: Mapping[str, str]) -> None:
        for name, key in keys.items():
            if len(key) < SHORTEST:
                raise TargetError(
                    f"The key in {name} has fewer than {SHORTEST} characters, too few to keep it "
                    "out of the reports: use a longer one."
                )
        self._keys = dict(sorted(keys.items(), key=lambda item: -len(item[1])))
        groups = (f"({_pattern(key)})" for key in self._keys.values())
        self._keys_in_full = re.compile("|".join(groups) or "(?!)")
        self._names = tuple(self._keys)

    def mask(self, text: str) -> str:
        """The text without any key, in full or abbreviated."""
        text = self._keys_in_full.sub(
            lambda found: f"${self._names[(found.lastindex or 1) - 1]}", text
        )
        for name, key in self._keys.items():
            text = _without_fragments(text, key, f"${name}")
        return text

    def mask_bytes(self, data: bytes) -> bytes:
        """The bytes without any key."""
        text = data.decode("utf-8", "surrogateescape")
        return self.mask(text).encode("utf-8", "surrogateescape")


def _pattern(key: str) -> str:
    """A regular expression for a key in any encoding, and for its first half."""
    in_full = _BETWEEN.join(_any_encoding(character) for character in key)
    patterns = [in_full, *map(re.escape, _encoded(key.encode()))]
    if len(key) >= 2 * _FRAGMENT:
        # The suite sends half a key as a wrong one, and half a key is half a secret.
        half = key[: len(key) // 2]
        patterns.append("".join(f"[{re.escape(c.lower() + c.upper())}]" for c in half))
    return "|".join(patterns)


def _any_encoding(character: str) -> str:
    """One character in either case: plain, percent-encoded, or escaped as in JSON, C or HTML."""
    encodings = set()
    for each in {character, character.lower(), character.upper()}:
        encodings |= {each, f"\\{each}", f"&#{ord(each)};", html.escape(each), quote(each, safe="")}
        encodings.add(json.dumps(each)[1:-1])
        for digits in "xX":
            encodings.add("".join(f"%{byte:02{digits}}" for byte in each.encode()))
            code = f"{ord(each):{digits}}"
            encodings |= {f"\\u{code:0>4}", f"\\x{code:0>2}", f"&#x{code};"}
    # Longest first: `\x` is an escaped x only where it is not the start of `\x78`.
    return f"(?:{'|'.join(map(re.escape, sorted(encodings, key=len, reverse=True)))})"


def _encoded(key: bytes) -> set[str]:
    """The key in hexadecimal, and in Base64 at each alignment inside a longer text."""
    texts = {key.hex()}
    for before in range(3):
        whole = base64.b64encode(bytes(before) + key).decode().rstrip("=")
        # The characters at either end also encode bits of the text before and after the key.
        start, end = (before * 8 + 5) // 6, (before + len(key)) * 8 // 6
        texts |= {whole[start:end], whole[start:end].translate(str.maketrans("+/", "-_"))}
    return texts


def _without_fragments(text: str, key: str, instead: str) -> str:
    key, done, parts = key.lower(), 0, []
    for start, end in _fragments(text, key):
        parts += [text[done:start], instead]
        done = end
    return "".join([*parts, text[done:]])


def _fragments(text: str, key: str) -> Iterator[tuple[int, int]]:
    """Start and end of each fragment, `_FRAGMENT` characters or more of the key at a cut."""
    done, size = 0, len(text)
    cuts = [(cut.start(), cut.end()) for cut in _CUT.finditer(text)]
    for start, end in [(0, 0), *cuts, (size, size)]:
        before = text[max(done, start - len(key) - _MARGIN) : start]
        bare = before.rstrip(_QUOTES)
        left = _longest(bare[::-1].lower(), key[::-1])
        if left >= _FRAGMENT:
            done = start - (len(before) - len(bare))
            yield done - left, done
        right = _longest(text[end : end + len(key)].lower(), key)
        if right >= _FRAGMENT:
            done = end + right
            yield end, done


def _longest(view: str, key: str) -> int:
    """The length of the longest start of the view that occurs in the key."""
    length = _FRAGMENT if view[:_FRAGMENT] in key else 0
    while 0 < length < len(view) and view[: length + 1] in key:
        length += 1
    return min(length, len(view))
