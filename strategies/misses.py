"""Near misses: the values just outside each constraint that servers are known to let through."""

from collections.abc import Callable, Collection, Iterator
from decimal import Decimal

from spec.requirements import Requirement
from spec.stamp import PLACEHOLDER
from strategies.coherence import STAMPED, grown, number
from strategies.encoding import encode
from strategies.kinds import is_of, kind, named
from strategies.places import Json, Path

Miss = tuple[str, Json]
"""What is wrong, in words, and the value that is."""

FILLS = {"ASCII": "a", "two-byte": "é", "three-byte": "語", "astral": "😀"}
"""A character of each length in UTF-8; the astral one has two units in UTF-16."""

_LOOKALIKES = str.maketrans("ABCEHIKMOPTXY", "АВСЕНІКМОРТХУ")
"""Latin capitals to the Cyrillic ones that look the same."""


def filled(path: Path, fill: str, size: int) -> str:
    """Text of exactly that many code points, with the stamp where the property carries one."""
    head = PLACEHOLDER if path and path[0] in STAMPED and size >= len(PLACEHOLDER) else ""
    return head + (fill * size)[: size - len(head)]


def misses(requirement: Requirement, value: Json, types: object) -> Iterator[Miss]:
    """Values of the given types, or the wrong ones, that break a requirement; telling ones first.

    `value` is a sound one to start from.
    """
    if requirement.keyword in BOUNDS:
        return _beyond(requirement, types, BOUNDS[requirement.keyword])
    return MISSES[requirement.keyword](requirement, value)


def respelled(key: str, known: Collection[str]) -> tuple[str, ...]:
    """The key as a careless server would still read it, as far as no other property is named so."""
    first, *rest = key.split("_")
    camel = first + "".join(word.capitalize() for word in rest)
    others = dict.fromkeys((camel, key.capitalize(), key.upper(), f"{key} "))
    return tuple(other for other in others if other not in known)


def _type(requirement: Requirement, value: Json) -> Iterator[Miss]:
    quoted = ("the value in quotes", encode(value).decode())
    scalar = kind(value) not in ("array", "object")
    wrong: list[Miss] = [
        *([quoted] if scalar else []),
        ("null", None),
        ("empty text", ""),
        ('the text "1"', "1"),
        ('the text "12.5"', "12.5"),
        ('the text " 1 "', " 1 "),
        ("true", True),
        ("false", False),
        ("0", 0),
        ("1.5", 1.5),
        ("a half more", value + 0.5 if kind(value) == "integer" else 2.5),
        ("an empty array", []),
        ("an empty object", {}),
        ("the value in an array", [value]),
        ("the value in an object", {"0": value}),
        ("seconds since 1970", 1714642200),
        *([] if scalar else [quoted]),
    ]
    return (miss for miss in wrong if not is_of(miss[1], requirement.operand))


def _enum(requirement: Requirement, value: Json) -> Iterator[Miss]:
    members = requirement.operand
    assert isinstance(members, list)  # the document's loader has seen to it
    agreed = str(value)
    wrong: list[Miss] = [
        ("small letters", agreed.lower()),
        ("a capital and small letters", agreed.capitalize()),
        ("a leading space", f" {agreed}"),
        ("a trailing space", f"{agreed} "),
        ("a trailing line break", f"{agreed}\n"),
        ("empty text", ""),
        ("a prefix of it", agreed[:-1]),
        ("more after it", f"{agreed}_"),
        ("look-alike letters", agreed.translate(_LOOKALIKES)),
        ("quotes around it", f'"{agreed}"'),
        ("a hyphen for the underscore", agreed.replace("_", "-")),
        *((f"the text {other}", other) for other in _OTHER_STATES),
        *((f"the text {str(one).lower()}", str(one).lower()) for one in members),
        ("its ordinal", members.index(value) if value in members else 0),
        ("its ordinal as text", "1"),
        ("null", None),
        ("true", True),
        ("1.5", 1.5),
        ("an empty array", []),
        ("an empty object", {}),
        ("the value in an array", [value]),
        ("the value in an object", {"0": value}),
    ]
    seen: list[Json] = list(members)
    for name, miss in wrong:
        if not any(miss == one and kind(miss) == kind(one) for one in seen):
            seen.append(miss)
            yield name, miss


_OTHER_STATES = ("CANCELLED", "VOID", "UNPAID", "DRAFT", "REFUNDED")


def _max_length(requirement: Requirement, _value: Json) -> Iterator[Miss]:
    path, most = requirement.path, limit(requirement)
    for name, fill in FILLS.items():
        yield f"{most + 1} {name} characters", filled(path, fill, most + 1)
    yield "a space past the limit", filled(path, "a", most) + " "
    yield "spaces past the limit", filled(path, "a", most // 2).ljust(most + 1)
    for name, fill in FILLS.items():
        yield f"{most * 20} {name} characters", filled(path, fill, most * 20)


def _min_length(requirement: Requirement, _value: Json) -> Iterator[Miss]:
    short = limit(requirement) - 1
    for name, fill in FILLS.items():
        yield f"{short} {name} characters", filled(requirement.path, fill, short)
    yield "empty text", ""


def _beyond(requirement: Requirement, types: object, sign: int) -> Iterator[Miss]:
    steps = ("0.01", "1", "1e9", "1e-10") if "number" in named(types) else ("1", "1e9")
    for step in steps:
        amount = number(Decimal(str(requirement.operand)) + sign * Decimal(step))
        yield f"{amount}", amount


def _min_items(requirement: Requirement, value: Json) -> Iterator[Miss]:
    short = limit(requirement) - 1
    yield f"{short} items", grown(value, short)
    if short:
        yield "no items", []


def _max_items(requirement: Requirement, value: Json) -> Iterator[Miss]:
    most = limit(requirement)
    yield f"{most + 1} items", grown(value, most + 1)
    yield f"{most * 2 + 1} items", grown(value, most * 2 + 1)


def limit(requirement: Requirement) -> int:
    """The operand of a keyword that counts."""
    assert isinstance(requirement.operand, int)  # the document's loader has seen to it
    return requirement.operand


BOUNDS = {"minimum": -1, "maximum": 1}
"""The keywords that bound a number, and which way is out."""

MISSES: dict[str, Callable[[Requirement, Json], Iterator[Miss]]] = {
    "type": _type,
    "enum": _enum,
    "maxLength": _max_length,
    "minLength": _min_length,
    "minItems": _min_items,
    "maxItems": _max_items,
}
"""By keyword. `required` is not among them: it is broken by what is absent."""
