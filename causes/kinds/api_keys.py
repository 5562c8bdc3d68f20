"""Kinds of wrong keys that a server takes, or refuses in a wrong way, and their names."""

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import takewhile
from string import ascii_letters, digits

from causes.halving import least
from causes.kinds.ways import with_field
from spec.contract import Contract, TargetFacts
from spec.exchange import Request
from spec.violation import counted
from strategies.wrong.keys import name_of_key


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of key: what it is called, and whether a key that was `sent` in the place of the right
    `key` is of it. A server that takes one of them takes all.
    """

    name: str
    has: Callable[[str, str | None], bool]


def _by(compared: Callable[[str], str]) -> Callable[[str, str | None], bool]:
    """Whether two keys are one to a server that compares no more than this of them."""
    return lambda key, sent: sent is not None and compared(sent) == compared(key)


def _without_dashes(key: str) -> str:
    return re.sub("[-_]", "", key)


def _without_punctuation(key: str) -> str:
    return re.sub(r"[\W_]", "", key)


WITHOUT_THE_RIGHT = "the key without the right"
"""What the key is called that is known, and whose holder may not create invoices."""
TAKEN = 201
"""The status of the answer to a key that is taken."""
NONE = Kind("no key", lambda _, sent: not (sent or "").strip())
_ANY, WRONG_KEY = "a wrong key", "a-wrong-key"
"""What a key is called of which nothing else is known, and one that is like no right one."""
_FILLERS = (*ascii_letters, *digits, "?")
UNCHECKED = frozenset({NONE.name, _ANY})
"""The names of keys that are accepted where no key is checked."""
_CARELESS: tuple[tuple[Kind, Callable[[str], str]], ...] = (
    (Kind("the key without its dashes", _by(_without_dashes)), _without_dashes),
    (Kind("the key without its punctuation", _by(_without_punctuation)), _without_punctuation),
    (Kind("the key in another letter case", _by(str.casefold)), str.swapcase),
    (
        Kind("a letter and the key", lambda key, sent: (sent or "").endswith(key)),
        lambda key: f"x{key}",
    ),
)
"""Kinds of keys that a careless comparison takes as well, and how one is made of the right key."""
Fails = Callable[[Request], bool | None]


def lacks_right(contract: Contract, facts: TargetFacts | None, request: Request) -> bool:
    """Whether a request has the key that is known not to have the right."""
    sent = request.header(contract.key_header or "")
    if sent is None or facts is None or facts.forbidden_key is None:
        return False
    return contract.operation.key_in(sent) == facts.forbidden_key


def with_key_alone(usual: Request, request: Request, header: str) -> Request:
    """The usual request with no more sent otherwise than the key, which is as in the request."""
    name = header.lower()
    others = [field for field in usual.headers if field[0].lower() != name]
    own = [field for field in request.headers if field[0].lower() == name]
    return replace(request, method=usual.method, path=usual.path, headers=(*others, *own))


def without_key(
    usual: Request, request: Request, header: str, *, lacks_right: bool = False
) -> tuple[str, Request]:
    """The usual request without a key, with a wrong one or with the one that `lacks_right`, as the
    request is; and what that is called.
    """
    sent = request.header(header)
    if lacks_right and sent is not None:
        return WITHOUT_THE_RIGHT, with_field(usual, header, sent)
    if request.header(header) is not None:
        return _ANY, with_field(usual, header, WRONG_KEY)
    others = tuple(field for field in usual.headers if field[0].lower() != header.lower())
    return NONE.name, replace(usual, headers=others)


def with_plainest_key(
    usual: Request, request: Request, header: str, fails: Fails, *, lacks_right: bool = False
) -> tuple[Request, Kind | None]:
    """The request with the plainest key that fails as well, and what kind of key that is; it may be
    one that a careless comparison takes for the right one, or the one that `lacks_right`.
    """
    key, sent = usual.header(header), request.header(header)
    if key is None or sent in (None, key):
        return request, None if sent == key else NONE
    assert sent is not None
    of_its_length = (WRONG_KEY + "x" * len(key))[: len(key)]
    right_length = Kind(
        f"{_ANY} of the right length", lambda key, sent: len(sent or "") == len(key)
    )
    plain = [(Kind(_ANY, lambda _, sent: bool(sent)), WRONG_KEY), (right_length, of_its_length)]
    if not sent.isascii():
        beyond = Kind("a key beyond ASCII", lambda _, sent: not (sent or "").isascii())
        plain.append((beyond, f"{WRONG_KEY}-\u00e9"))
    careless = ((kind, made(key)) for kind, made in _CARELESS if kind.has(key, sent))
    for kind, other in (*plain, *careless):
        tried = with_field(request, header, other)
        if other == sent or (other != key and fails(tried)):
            return tried, kind
    if lacks_right:
        return request, Kind(WITHOUT_THE_RIGHT, lambda _, other: other == sent)
    long = _that_is_long(key, sent, lambda other: fails(with_field(request, header, other)))
    if long is not None:
        return with_field(request, header, long[1]), long[0]
    begins = _that_begins(key, sent, lambda other: fails(with_field(request, header, other)))
    if begins is not None:
        return with_field(request, header, begins[1]), begins[0]
    name = name_of_key(key, sent) or _of_one_character(key, sent) or _ANY
    return request, Kind(name, lambda key, other: _is_like(key, sent, other))


def _that_is_long(
    key: str, sent: str, fails: Callable[[str], bool | None]
) -> tuple[Kind, str] | None:
    """The kind of key that has so many characters or more, whatever they are, where that is to
    blame; and one with as few of them as will do.
    """

    def made(size: int) -> str:
        return WRONG_KEY.ljust(size, "x")

    low = max(len(key), len(WRONG_KEY))
    if len(sent) <= low or not fails(made(len(sent))):
        return None
    size = least(low, len(sent), lambda size: fails(made(size)))
    name = f"a key of {counted(size, 'character')}"
    return Kind(name, lambda _, other: len(other or "") >= size), made(size)


def _that_begins(
    key: str, sent: str, fails: Callable[[str], bool | None]
) -> tuple[Kind, str] | None:
    """The kind of key that begins as the right one does, with as few characters as will do, where
    no more is looked at than these and perhaps the length; and one of them.
    """
    same = len(sent) == len(key)
    filler: str = next(each for each in _FILLERS if each not in key)

    def made(size: int) -> str:
        return key[:size] + filler * (len(key) - size if same else 1 + len(key))

    most = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(key, sent, strict=False)))
    if not most or not fails(made(most)):
        return None
    size = least(0, most, lambda size: fails(made(size)))
    name = f"only the first {counted(size, 'character')} of the key right"
    if size == len(key):
        name = "the key and more"
    return Kind(
        name,
        lambda key, sent: (
            (sent or "")[:size] == key[:size] and (not same or len(sent or "") == len(key))
        ),
    ), made(size)


def _is_like(key: str, one: str, other: str | None) -> bool:
    """Whether two wrong keys are so in one way: equal, around the right one, its beginning, or it
    but for one character.
    """
    if other is None or one == other:
        return one == other
    if (key in one and key in other) or (key.startswith(one) and key.startswith(other)):
        return True
    return bool(_of_one_character(key, one) and _of_one_character(key, other))


def _of_one_character(key: str, sent: str) -> str:
    """Which character is wrong, if only one is."""
    if len(key) != len(sent):
        return ""
    wrong = [place for place, pair in enumerate(zip(key, sent, strict=True), 1) if len({*pair}) > 1]
    return f"only character {wrong[0]} of the key wrong" if not wrong[1:] else ""
