"""Whether an error's `field` names a place in the payload, in whatever spelling."""

import re

SEPARATORS = re.compile(r"[^\w]+")


def names(field: str, place: tuple[str | int, ...]) -> bool:
    """`items[0].sku`, `/items/0/sku`, `body.items.0.sku`, `sku`, `Request.Items[0].SKU` and the
    like name ("items", 0, "sku"): case and punctuation do not count. A position that is given
    must be the right one.
    """
    words = [word for word in SEPARATORS.split(field) if word]
    positions = [int(word) for word in words if word.isdecimal() and len(word) < 9]
    indexes = [step for step in place if isinstance(step, int)]
    if positions and positions != indexes[: len(positions)]:
        return False
    names_only = [_plain(word) for word in words if not word.isdecimal()]
    wanted = [_plain(step) for step in place if isinstance(step, str)]
    if not names_only or not wanted:
        return False
    return names_only[-1] == wanted[-1] or "".join(names_only).endswith("".join(wanted))


def _plain(word: str) -> str:
    return "".join(character for character in word.casefold() if character.isalnum())
