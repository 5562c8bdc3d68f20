"""Whether an error's `field` names a place in the payload, in whatever spelling."""

import re

SEPARATORS = re.compile(r"[^\w]+")


def names(field: str, place: tuple[str | int, ...]) -> bool:
    """`items[0].sku`, `/items/0/sku`, `body.items.0.sku`, `sku`, `Request.Items[0].SKU` and the
    like name ("items", 0, "sku"): case and punctuation do not count. A position that is given
    must be the right one.
    """
    words = [_plain(word) for word in SEPARATORS.split(field)]
    if "".join(map(_plain, map(str, place))) in _endings(words) and len(place) > 1:
        return True  # items_0_sku
    positions = [int(word) for word in words if word.isdecimal() and len(word) < 9]
    indexes = [step for step in place if isinstance(step, int)]
    if positions and positions != indexes[: len(positions)]:
        return False
    wanted = [_plain(step) for step in place if isinstance(step, str)]
    named = _endings([word for word in words if not word.isdecimal()])
    return bool(wanted) and not named.isdisjoint({wanted[-1], "".join(wanted)})


def _endings(words: list[str]) -> set[str]:
    """What the last words say together: `body.reference-id` ends in `referenceid`."""
    return {"".join(words[start:]) for start in range(len(words))}


def _plain(word: str) -> str:
    return "".join(character for character in word.casefold() if character.isalnum())
