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
_CUT = re.compile(r"""\A|\Z|\r?\n|["'`\[]*(?:\.\.\.|…|\*\*\*+)(?:b?["'`]|\])*""")
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
        self._whole = re.compile("|".join(groups) or r"(?!)", re.IGNORECASE)
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
    spelled = _BETWEEN.join(_character(character) for character in key)
    encoded = [re.escape(text) for text in _encoded(key.encode())]
    # Half a key is sent on purpose, as a wrong one, and is half a secret.
    half = [re.escape(key[: len(key) // 2])] if len(key) >= 2 * _FRAGMENT else []
    return "|".join([spelled, *encoded, *half])


def _character(character: str) -> str:
    """One character plain, percent-encoded, escaped for JSON, Python or a shell, or in HTML."""
    code = f"{ord(character):x}"
    spellings = {
        character,
        "".join(f"%{byte:02x}" for byte in character.encode()),
        quote(character, safe=""),
        json.dumps(character)[1:-1],
        f"\\u{ord(character):04x}" if ord(character) < 0x10000 else character,
        f"\\x{ord(character):02x}",
        f"\\{character}",
        f"&#{ord(character)};",
        f"&#x{code};",
        html.escape(character),
    }
    return f"(?:{'|'.join(sorted(map(re.escape, spellings)))})"


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
    done = 0
    for cut in _CUT.finditer(text):
        left = right = 0
        while _inside(text[max(done, cut.start() - left - 1) : cut.start()], key, left):
            left += 1
        while _inside(text[cut.end() : cut.end() + right + 1], key, right):
            right += 1
        if left >= _FRAGMENT:
            yield cut.start() - left, cut.start()
        if right >= _FRAGMENT:
            done = cut.end() + right
            yield cut.end(), done


def _inside(run: str, key: str, shorter: int) -> bool:
    return len(run) > shorter and run.lower() in key
