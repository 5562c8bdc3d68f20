"""Near misses: the values just outside each constraint that servers are known to let through."""

from collections.abc import Callable, Collection, Iterator
from decimal import Decimal

from spec.requirements import Requirement
from strategies.bounds import FILLS, breaks_alone, filled, limit, outwards
from strategies.coherence import grown, number
from strategies.encoding import encode
from strategies.kinds import kind
from strategies.places import Json

Miss = tuple[str, Json]
"""What is wrong, in words, and the value that is."""

_LOOKALIKES = str.maketrans("ABCEHIKMOPTXY", "АВСЕНІКМОРТХУ")
"""Latin capitals to the Cyrillic ones that look the same."""


def misses(requirement: Requirement, schema: dict[str, Json], value: Json) -> Iterator[Miss]:
    """Values that break this one requirement of a schema; a telling one comes first.

    `value` is a sound one to start from.
    """
    breaks = breaks_alone(requirement, schema)
    for name, miss in MISSES[requirement.keyword](requirement, value):
        if breaks(miss):
            yield name, miss


def respelled(key: str, known: Collection[str]) -> tuple[str, ...]:
    """The key as a careless server would still read it, as far as no other property is named so."""
    first, *rest = key.split("_")
    camel = first + "".join(word.capitalize() for word in rest)
    others = dict.fromkeys((camel, key.capitalize(), key.upper(), f"{key} "))
    return tuple(other for other in others if other not in known)


def _type(_requirement: Requirement, value: Json) -> Iterator[Miss]:
    quoted = ("the value in quotes", encode(value).decode())
    scalar = kind(value) not in ("array", "object")
    yield from [
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
        *([("its first element alone", value[0])] if kind(value) == "array" and value else []),
        ("seconds since 1970", 1714642200),
        *([] if scalar else [quoted]),
    ]


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


def _beyond(requirement: Requirement, _value: Json) -> Iterator[Miss]:
    sign = outwards(requirement)
    for step in ("0.01", "1", "1e9", "1e-10"):
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


MISSES: dict[str, Callable[[Requirement, Json], Iterator[Miss]]] = {
    "type": _type,
    "enum": _enum,
    "maxLength": _max_length,
    "minLength": _min_length,
    "minimum": _beyond,
    "maximum": _beyond,
    "minItems": _min_items,
    "maxItems": _max_items,
}
"""By keyword. `required` is not among them: it is broken by what is absent."""
