"""No key in any output: keys are found by value, in whatever spelling they come back."""

import base64
import html
import json
import re
from collections.abc import Iterator, Mapping
from urllib.parse import quote

from targets.errors import TargetError

SHORTEST = 6
"""Characters; hiding anything shorter would hide half of every text."""
_FRAGMENT = 8
"""Characters of a key that are hidden where a shortened view cut the rest away."""
_CUT = re.compile(r"""\n|(?:\.\.\.|…|\*\*\*+)(?:b?["'`]|\])*""")
_QUOTES = "\"'`["
_MARGIN = 4
_BETWEEN = r"(?:\s*\n[\sE>|+-]*|\x00|\\x00|\\u0000)?"
"""What may stand between two characters of a key: a line break with its margin, or UTF-16."""


class Masker:
    """Replaces each key with `$NAME`, the environment variable that it came from.

    `keys` are values by variable name. Raises TargetError for one that is too short to hide.
    """

    def __init__(self, keys: Mapping[str, str]) -> None:
        for name, key in keys.items():
            if len(key) < SHORTEST:
                raise TargetError(
                    f"The key in {name} has fewer than {SHORTEST} characters "
                    "and could not be kept out of the reports: use a longer one."
                )
        self._keys = dict(sorted(keys.items(), key=lambda item: -len(item[1])))
        groups = (f"({_pattern(key)})" for key in self._keys.values())
        self._whole = re.compile("|".join(groups) or "(?!)")
        self._names = tuple(self._keys)

    def mask(self, text: str) -> str:
        """The text without any key, whole or cut short."""
        text = self._whole.sub(lambda found: f"${self._names[(found.lastindex or 1) - 1]}", text)
        for name, key in self._keys.items():
            text = _without_fragments(text, key, f"${name}")
        return text

    def mask_bytes(self, data: bytes) -> bytes:
        """The bytes without any key."""
        text = data.decode("utf-8", "surrogateescape")
        return self.mask(text).encode("utf-8", "surrogateescape")


def _pattern(key: str) -> str:
    spelled = _BETWEEN.join(_spelled(character) for character in key)
    # Half a key is sent on purpose, as a wrong one, and is half a secret.
    half = key[: len(key) // 2] if len(key) >= 2 * _FRAGMENT else ""
    halved = ["".join(f"[{re.escape(c.lower() + c.upper())}]" for c in half)] if half else []
    return "|".join([spelled, *map(re.escape, _encoded(key.encode())), *halved])


def _spelled(character: str) -> str:
    """One character in either case: plain, percent-encoded, escaped for a language, in HTML."""
    spellings = set()
    for each in {character, character.lower(), character.upper()}:
        spellings |= {each, f"\\{each}", f"&#{ord(each)};", html.escape(each), quote(each, safe="")}
        spellings.add(json.dumps(each)[1:-1])
        for digits in "xX":
            spellings.add("".join(f"%{byte:02{digits}}" for byte in each.encode()))
            code = f"{ord(each):{digits}}"
            spellings |= {f"\\u{code:0>4}", f"\\x{code:0>2}", f"&#x{code};"}
    # The longest first: `\x` is an escaped x only where it is not the start of `\x78`.
    return f"(?:{'|'.join(map(re.escape, sorted(spellings, key=len, reverse=True)))})"


def _encoded(key: bytes) -> set[str]:
    """The key in hexadecimal, and in Base64 as it looks at each place inside a longer text."""
    texts = {key.hex()}
    for before in range(3):
        whole = base64.b64encode(bytes(before) + key).decode().rstrip("=")
        # The characters at either end also hold bits of what stands before and after.
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
    """Where at least `_FRAGMENT` characters of the key stand at a cut, in order, disjoint."""
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
    """How many characters from the start of the view stand together in the key."""
    length = _FRAGMENT if view[:_FRAGMENT] in key else 0
    while 0 < length < len(view) and view[: length + 1] in key:
        length += 1
    return min(length, len(view))
