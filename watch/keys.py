"""The keys of features, and what is read back out of them and of an order of names.

A key is a text, because files have it: a kind and, for some kinds, a subject, as in
`property data.id`. How it is written and how it is read
stand beside each other here, and nowhere else.
"""

from collections.abc import Iterable, Mapping

Features = Mapping[str, str]
"""Each feature by its key: a kind and, for some kinds, a subject."""

STATUS, MEDIA_TYPE, PARAMETERS, BODY = "status", "media type", "media type's parameters", "body"
CODE, MESSAGE, REASONS, FIELDS = "code", "message", "reasons", "fields"
HEADER, VALUE = "header", "value"
PROPERTY, DEFAULT, SPELLING, ORDER = "property", "default", "spelling", "order"
"""The kinds; those of the last two lines have a subject, such as `property data.id`. The value is
that of a header field."""
WHOLE = frozenset({STATUS, MEDIA_TYPE, PARAMETERS, BODY, CODE, MESSAGE, REASONS, FIELDS})
"""Kinds without a subject."""
OF_A_SUBJECT = frozenset({HEADER, VALUE, PROPERTY, DEFAULT, SPELLING, ORDER})

TOO_LONG = "long"
"""Of a body that is longer than what is looked at: nothing is known of it."""
LEFT_OUT = "left out"
"""Of a property that was sent and does not come back."""
IN_PLACE_OF = " in place of "
"""Between the type of what comes back and that of what was sent."""

_THE_ANSWER = "the answer"


_DOCUMENTED = frozenset({"", "data", "data.items[]", "details[]"})
"""The objects of an answer whose names are watched one by one."""


def holder(key: str) -> str:
    """The rule for all names of the object that a property is in; empty for other keys."""
    kind, parent = parts_of(key)[0], parent_of(key)
    of_object = kind in (PROPERTY, DEFAULT) and parent not in _DOCUMENTED
    return f"{kind} {parent}.*" if of_object else ""


def parent_of(key: str) -> str:
    """The path of the object that a property is in; the answer itself is at none."""
    return parts_of(key)[1].rpartition(".")[0]


def rule_in(key: str, status: str) -> str:
    """The rule for a feature of all answers of a status."""
    return f"{key} in {status}"


def key_of(kind: str, subject: str) -> str:
    """The key of a feature; some kinds have no subject."""
    return f"{kind} {subject}" if subject else kind


def parts_of(key: str) -> tuple[str, str]:
    """The kind and the subject of a feature's key."""
    if key in WHOLE:
        return key, ""
    kind, _, subject = key.partition(" ")
    return kind, subject


def is_key(text: str) -> bool:
    """Whether this is the key of a feature."""
    return text in WHOLE or text.partition(" ")[0] in OF_A_SUBJECT


def key_of_order(path: str) -> str:
    """The key of the order of names in the object at a path; the answer itself is at none."""
    return f"{ORDER} of {path or _THE_ANSWER}"


def object_of(subject: str) -> str:
    """The path of the object that the subject of an order is about."""
    path = subject.removeprefix("of ")
    return "" if path == _THE_ANSWER else path


def order_of(names: Iterable[str]) -> str:
    """Names in their order, as a feature has them."""
    return ", ".join(names)


def names_in(order: str) -> list[str]:
    """The names of an order."""
    return order.split(", ")
