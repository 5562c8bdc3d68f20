"""What a key is called that is wrong, and taken for the right one or refused in a wrong way."""

import re
from collections.abc import Callable
from dataclasses import replace

from causes.ways import with_field
from spec.exchange import Request
from strategies.authentication import name_of_key


def _without_dashes(key: str) -> str:
    return re.sub("[-_]", "", key)


def _without_punctuation(key: str) -> str:
    return re.sub(r"[\W_]", "", key)


_CARELESS: tuple[tuple[str, Callable[[str], str], Callable[[str], str]], ...] = (
    ("the key without its dashes", _without_dashes, _without_dashes),
    ("the key without its punctuation", _without_punctuation, _without_punctuation),
    ("the key in another case", str.casefold, str.swapcase),
)
"""Ways to compare keys carelessly: what another key is called that would be taken as well, what is
compared, and how that other key is made of the right one.
"""

_ANY, _WRONG = "a wrong key", "a-wrong-key"
"""What a key is called of which nothing else is known, and one that is like no right one."""
Fails = Callable[[Request], bool | None]


def with_key_alone(usual: Request, request: Request, header: str) -> Request:
    """The usual request with no more sent otherwise than the key, which is as in the request."""
    name = header.lower()
    others = [field for field in usual.headers if field[0].lower() != name]
    own = [field for field in request.headers if field[0].lower() == name]
    return replace(request, method=usual.method, path=usual.path, headers=(*others, *own))


def with_plainest_key(
    usual: Request, request: Request, header: str, fails: Fails
) -> tuple[Request, str]:
    """The request with the plainest key that fails as well, and what that is called; it may be one
    that a careless comparison takes for the right one.
    """
    key, sent = usual.header(header), request.header(header)
    if key is None or sent is None or sent == key:
        return request, "no key" if sent is None else ""
    of_its_length = (_WRONG + "x" * len(key))[: len(key)]
    plain = [(_ANY, _WRONG), (f"{_ANY} of the right length", of_its_length)]
    if not sent.isascii():
        plain.append(("a key beyond ASCII", f"{_WRONG}-\u00e9"))
    careless = (
        (name, made(key)) for name, compared, made in _CARELESS if compared(sent) == compared(key)
    )
    for name, other in (*plain, *careless):
        tried = with_field(request, header, other)
        if other not in (key, sent) and fails(tried):
            return tried, name
    return request, name_of_key(key, sent) or _of_one_character(key, sent) or _ANY


def _of_one_character(key: str, sent: str) -> str:
    """Which character is wrong, if only one is."""
    if len(key) != len(sent):
        return ""
    wrong = [place for place, pair in enumerate(zip(key, sent, strict=True), 1) if len({*pair}) > 1]
    return f"only character {wrong[0]} of the key wrong" if not wrong[1:] else ""
