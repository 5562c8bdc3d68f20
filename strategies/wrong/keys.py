"""Keys that are not the right one, by their names: nearly right, wrong, common words, in the shapes
of other secrets."""

from base64 import b64encode
from collections.abc import Callable, Iterator

BLANK = "\u00a0 \u00a0"
"""A space between no-break spaces; HTTP removes plain spaces at the ends of a value."""
_BEYOND_ASCII = "schlüssel-ключ-鍵-🔑"
_LATIN_1 = "schl\udcfcssel-caf\udce9-\udca3"
"""The bytes of `schlüssel-café-£` in Latin-1; a surrogate stands for a byte that is not UTF-8."""
_SQL = "' OR '1'='1' UNION SELECT key FROM keys; --\""

WORDS = (
    *("null", "undefined", "test", "admin", "constructor"),
    *("NULL", "None", "true", "0", "%", "*", ".*"),
    *('{"$ne": ""}', "anonymous"),
)
"""Keys of a server that was set up in a hurry, or of a client that had none; in JavaScript each
object has something by the name of its constructor.
"""

SHAPES = {
    "a UUID": "7f3a91c2-0b1d-4e5f-8a6b-1c2d3e4f5a6b",
    "64 hexadecimal digits": "0F1E2D3C4B5A69788796A5B4C3D2E1F0" * 2,
    "Base64": "c2VjcmV0L2tleSs/b2Y+bm9ib2R5+/8=",
    "the secret key of a payment service": "sk_live_4eC39HqLyjWDarjtT1zdp7dc",
    "an object of JSON": '{"key": "a", "admin": true}',
    "a URL": "https://a:b@keys.example/a?key=b&c=%41#d",
    "a bearer": "Bearer a.b.c",
    "a JSON Web Token": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl",
}
"""Wrong keys in the shapes that secrets have: a server that takes one apart may stumble over it."""
_KEYS_BY_NAME = frozenset({"the secret key of a payment service"})
"""Those whose names say that they are keys."""
_HIDDEN = 8
"""Characters of a key, one after another, that no report shows (`targets.masking`)."""


def shapes(key: str) -> list[tuple[str, str]]:
    """Wrong keys in the shapes of secrets, by their names."""
    return [(name, shape) for name, shape in SHAPES.items() if shape != key]


def name_of_key(key: str, sent: str) -> str:
    """What a key is called that was sent in the place of the right one, so that it is clear that it
    is of a key; empty if it has no name.
    """
    nearly = (
        (f"{name} in the key" if name in _NOT_SAID_OF_A_KEY else name, value)
        for name, value in nearly_right_keys(key).items()
    )
    in_shapes = (
        (name if name in _KEYS_BY_NAME else f"{name} for a key", shape)
        for name, shape in shapes(key)
    )
    blank = (("an empty key", ""), ("a blank key", BLANK))
    words = ((f"the word {word} for a key", word) for word in WORDS)
    named = (*nearly, *wrong_keys(key), *in_shapes, *blank, *words)
    return next((name for name, value in named if value == sent), "")


_NOT_SAID_OF_A_KEY = frozenset(
    {
        *("only the first character wrong", "only the middle character wrong"),
        *("only the last character wrong", "only the first half right"),
        *("only the case of a letter wrong", "two characters exchanged"),
        *("an accent on a letter", "a letter of full width"),
        "only the first eight characters right",
    }
)
"""Names of nearly right keys which do not say that they are of a key."""


def nearly_right_keys(key: str) -> dict[str, str]:
    """Keys that a careless comparison takes for the right one, by their names."""
    half = len(key) // 2
    after = key.rfind(" ") + 1  # the word before a bearer token may be in any case
    letter = next((n for n, each in enumerate(key) if n >= after and each.isalpha()), 0)
    known = {
        "only the first character wrong": with_one_wrong(key, 0),
        "only the middle character wrong": with_one_wrong(key, half, _pattern),
        "only the last character wrong": with_one_wrong(key, len(key) - 1),
        "only the first half right": key[:half] + "".join(map(another, key[half:])),
        "only the case of a letter wrong": with_one_wrong(key, letter, in_another_case),
        "two characters exchanged": _with_two_exchanged(key),
        "an accent on a letter": with_one_wrong(key, letter, lambda each: f"{each}\u0301"),
        "a letter of full width": with_one_wrong(key, letter, _of_full_width),
        "the key's second half": key[half:],
        "a letter and the key": f"x{key}",
        "a dash within the key": f"{key[:half]}-{key[half:]}",
        "a list with the key in it": f"another, {key}",
        "the key in quotes": f'"{key}"',
        "the key as a bearer": f"Bearer {key}",
        "the key in escapes of a URL": "".join(f"%{ord(each):02x}" for each in key),
        "the key in Base64": b64encode(key.encode()).decode(),
        "the key and an attribute": f"{key}; v=1",
        "a list that begins with the key": f"{key}, another",
        "the key twice": f"{key},{key}",
        "the key and a word": f"{key} x",
        "the key and a comment": f"{key} # x",
        "the key and a no-break space": f"{key}\u00a0",
        "the key behind a name": f"key={key}",
        "the key behind a user": f"x:{key}",
        "the key before a secret": f"{key}:x",
        "the key before a signature": f"{key}.x",
        "the key in single quotes": f"'{key}'",
        "the key in angle brackets": f"<{key}>",
        "the key and many letters": key + "x" * 72,
        "the key and an equals sign": f"{key}=",
        "the key as a basic credential": f"Basic {b64encode(f'{key}:'.encode()).decode()}",
        "the key in hexadecimal": key.encode().hex(),
        "only the first eight characters right": f"{key[:_HIDDEN]}{'x' * len(key)}",
    }
    if alike := _with_a_look_alike(key):
        known["a look-alike of a character in the key"] = alike
    return known | (_parts(key) if len(key) > 2 * _HIDDEN else {})


_LOOK_ALIKES = str.maketrans("01oOlI58SB", "Ol0011SB58")
_MOST_ALIKE = frozenset("01oOlI")


def _with_a_look_alike(key: str) -> str:
    """The key with its last digit or letter that looks like another one as that, if it can an O or
    an l; empty if it has none: codes that people type are read so.
    """
    alike = [n for n in range(len(key) - 1, -1, -1) if ord(key[n]) in _LOOK_ALIKES]
    at = next((n for n in alike if key[n] in _MOST_ALIKE), next(iter(alike), None))
    return "" if at is None else with_one_wrong(key, at, lambda each: each.translate(_LOOK_ALIKES))


def _parts(key: str) -> dict[str, str]:
    """Keys of which a part is missing, escaped or more; of a short one a report would show it."""
    half = len(key) // 2
    return {
        "the key's first eight characters": key[:_HIDDEN],
        "the key but its last character": key[:-1],
        "the key but its first character": key[1:],
        "the key but a character": key[:half] + key[half + 1 :],
        "the key with a character more": f"{key[:half]}x{key[half:]}",
        "the key with a space in it": f"{key[:half]} {key[half:]}",
        "the key with an escape of a URL": f"{key[:half]}%{ord(key[half]):02X}{key[half + 1 :]}",
        "the key with an entity": f"{key[:half]}&#{ord(key[half])};{key[half + 1 :]}",
        "the key with a backslash": f"{key[:half]}\\{key[half:]}",
        "the key's first half and a pattern": f"{key[:half]}%",
        "the key's first half and an asterisk": f"{key[:half]}*",
    }


def wrong_keys(key: str) -> Iterator[tuple[str, str]]:
    """Keys that no comparison takes for the right one, by their names."""
    yield "another key", "".join(_next(character) for character in key)
    yield "the key's first half", key[: len(key) // 2]
    yield "the key and a letter more", f"{key}x"
    yield "the key in another case", key.swapcase()
    yield "a key of 4 KiB", "k" * 4096
    yield "a key beyond ASCII in UTF-8", _BEYOND_ASCII
    yield "a key beyond ASCII in Latin-1", _LATIN_1
    yield "a key of quotes and SQL", _SQL


def with_one_wrong(key: str, index: int, change: Callable[[str], str] | None = None) -> str:
    """The key with another character at this index, or all others if it is short.

    Reports hide every run of eight characters of a key, so a wrong key must have one.
    """
    if len(key) <= _HIDDEN:
        return "".join(map(another, key))
    if len(key) < 2 * _HIDDEN:
        index = 0 if index < len(key) // 2 else len(key) - 1
    return f"{key[:index]}{(change or another)(key[index])}{key[index + 1 :]}"


def _with_two_exchanged(key: str) -> str:
    """The key with its first two characters that differ in each other's place, if it is long."""
    for index in range(len(key) - 1 if len(key) >= 2 * _HIDDEN else 0):
        one, other = key[index], key[index + 1]
        if one != other:
            return f"{key[:index]}{other}{one}{key[index + 2 :]}"
    return with_one_wrong(key, 0)


def in_another_case(character: str) -> str:
    """The same letter in the other case; of what has no case, another character."""
    other = character.swapcase()
    return other if other != character else another(character)


def _of_full_width(character: str) -> str:
    """The same letter as wide as a Chinese one, which a reader may normalise (NFKC)."""
    return chr(ord(character) + 0xFEE0) if "!" <= character <= "~" else another(character)


def _pattern(character: str) -> str:
    """What stands for any character where the key is looked up by SQL's LIKE."""
    return "_" if character != "_" else "%"


def another(character: str) -> str:
    """Another character of the same kind; for one mark of punctuation another."""
    changed = _next(character)
    return changed if changed != character else "_" if character == "-" else "-"


def _next(character: str) -> str:
    """The next letter or digit, so that the wrong key looks like the right one."""
    if not (character.isascii() and character.isalnum()):
        return character
    return {"z": "a", "Z": "A", "9": "0"}.get(character, chr(ord(character) + 1))
