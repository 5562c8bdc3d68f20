"""Values that break one requirement: the known near misses, by keyword."""

from collections.abc import Callable, Iterator
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from functools import partial
from itertools import islice

from spec.contract import PLACEHOLDER
from spec.paths import Json
from spec.relations import ARABIC_DIGITS, FULL_WIDTH, LOOKALIKES
from spec.requirements import Requirement
from spec.schema.amounts import meant
from spec.schema.formats import instant, is_date_time
from spec.violation import counted
from strategies.dates import date_time_texts
from strategies.invoice import encode
from strategies.relations import json_number, repeated_to
from strategies.scalars import CHARACTER_WIDTHS, json_type, plain_scalar, size_limit, text_of_size
from strategies.too_large import MOST_INVALID, MOST_VALID, elements_fit, properties_fit, text_fits
from strategies.values import NamedValue
from strategies.wrong.near import near_texts
from strategies.wrong.serialised import (
    held,
    in_arrays,
    in_parts,
    is_instant,
    is_number,
    nothing_held,
    number_words,
    serialised,
)
from strategies.wrong.texts import (
    MARKED,
    OF_OBJECTS,
    OTHER_STATUSES,
    REPEATED,
    SHRINKING,
    SIGNS,
)

# Listed values. Each function takes a requirement and a valid value to start from.


_COMMON = (
    *("the value in quotes", "null", "empty text", "true", "0", "a half more"),
    *('the text "1"', 'the text "12.50"', "half of one"),
)
"""Ways to break a type that servers let through most: in a list they are tried at two places."""


def tried_once(requirement: Requirement, way: str) -> bool:
    """Whether a way is tried at one place of a list alone, this one or that in turn."""
    if requirement.keyword == "type":
        return way not in _COMMON
    if requirement.keyword == "maxLength":  # a limit is one: how long a text is differs
        return not way.endswith(
            ("ASCII character", "ASCII characters", "digits", "once normalised")
        )
    return requirement.keyword == "required" and way != ""


def _wrong_types(requirement: Requirement, value: Json) -> Iterator[NamedValue]:
    quoted = ("the value in quotes", encode(value).decode())
    is_scalar = json_type(value) not in ("array", "object")
    yield from [
        *([quoted] if is_scalar else []),
        *([("the number in it", json_number(meant(value)))] if _is_amount(value) else []),
        ("null", None),
        ("empty text", ""),
        ('the text "1"', "1"),
        *([('the text "12.50"', "12.50"), ('the text " 1 "', " 1 ")] if is_number(value) else []),
        *[*REPEATED.items()][: None if is_scalar else 1],
        ("true", True),
        ("false", False),
        ("0", 0),
        in_parts(requirement, value),
        *in_arrays(requirement, value),
        *(
            [
                ("a half more", value + 0.5),
                ("hardly more", value + 1e-10),
                ("half of one", 0.5),
                ("half of one less than nothing", -0.5),
                ("a million and a half", 1000000.5),
            ]
            if json_type(value) == "integer"
            else [("milliseconds since 1970", 1714642200000)]
            if is_instant(value)
            else []
        ),
        ("an empty array", []),
        nothing_held(requirement),
        ("the value in an array", [value]),
        ("the value in an object", held(requirement, value)),
        *([("its first element alone", value[0])] if json_type(value) == "array" and value else []),
        *([("seconds since 1970", 1714642200)] if is_scalar else []),
        *serialised(requirement, value),
        *((f"the text {encode(word).decode()}", word) for word in number_words(requirement, value)),
        *([] if is_scalar else [quoted]),
    ]


def _is_amount(value: Json) -> bool:
    """Whether it is a number as a text, as amounts may be."""
    return isinstance(value, str) and meant(value) != value


def _no_members(requirement: Requirement, value: Json) -> Iterator[NamedValue]:
    members = requirement.operand
    assert isinstance(members, list)  # checked when the document is loaded
    text = str(value)
    candidates: list[NamedValue] = [
        *((f"{one}, which another version allows", one) for one in requirement.former),
        ("small letters", text.lower()),
        ("a capital and small letters", text.capitalize()),
        ("a leading space", f" {text}"),
        ("a trailing space", f"{text} "),
        ("a trailing line break", f"{text}\n"),
        ("empty text", ""),
        ("a prefix of it", text[:-1]),
        ("more after it", f"{text}_"),
        ("look-alike letters", text.translate(LOOKALIKES)),
        ("quotes around it", f'"{text}"'),
        ("a quote after it", f"{text}'"),
        ("NUL after it", f"{text}\0"),
        ("a soft hyphen in it", f"{text[:-1]}\u00ad{text[-1:]}"),
        ("full-width letters", text.translate(FULL_WIDTH)),
        ("a dotless i", text.lower().replace("i", "\u0131")),
        ("300 letters", f"{text}_" * 60),
        *((f"the text {other}", other) for one in members for other in _rewritten(str(one))),
        *((f"the text {other}", other) for other in OTHER_STATUSES),
        *((f"the text {other}", other) for other in OF_OBJECTS),
        *REPEATED.items(),
        *((f"the text {str(one).lower()}", str(one).lower()) for one in members),
        ("its ordinal", members.index(value) if value in members else 0),
        ("its ordinal as text", "1"),
        ("0", 0),
        ("3", 3),
        ("null", None),
        ("true", True),
        ("false", False),
        ("1.5", 1.5),
        ("an empty array", []),
        ("an empty object", {}),
        ("the value in an array", [value]),
        ("the value in an object", dict.fromkeys(("value", "name", "code"), value)),
        # A decoder of Rust takes it for the member.
        ("the value as a name", {text: None}),
    ]
    seen = {(json_type(one), repr(one)) for one in members}
    for name, wrong in candidates:
        written = json_type(wrong), repr(wrong)
        if written not in seen:
            seen.add(written)
            yield name, wrong


def _rewritten(member: str) -> Iterator[str]:
    """A member of several words with another separator, or with none."""
    words = member.split("_")
    if words[1:]:
        yield from (separator.join(words) for separator in (" ", "-", ""))
        yield "".join(word.capitalize() for word in words)
        yield words[0].lower() + "".join(word.capitalize() for word in words[1:])


def is_stamped(value: Json) -> bool:
    """Whether a valid value carries the run's stamp, so that what is in its place has to."""
    return isinstance(value, str) and PLACEHOLDER in value


def _too_long(requirement: Requirement, value: Json) -> Iterator[NamedValue]:
    most, of_size = size_limit(requirement), partial(text_of_size, stamped=is_stamped(value))
    if not text_fits("a", most + 1, MOST_INVALID):
        return
    yield from _longer(value, most)
    if _is_amount(value):
        yield f"an amount of {counted(most + 1, 'character')}", value.rjust(most + 1, "1")
    for name, character in CHARACTER_WIDTHS.items():
        if text_fits(character, most + 1, MOST_INVALID):
            yield counted(most + 1, f"{name} character"), of_size(character, most + 1)
    if text_fits(SHRINKING, most + 1, MOST_INVALID):
        shrinking = of_size(SHRINKING, most + 1)
        yield f"{counted(most + 1, 'character')} that are fewer once normalised", shrinking
    signs = SIGNS if text_fits(SIGNS, most + 1, MOST_INVALID) else "a"
    yield "a space past the limit", of_size(signs, most) + " "
    yield "a line break past the limit", of_size(signs[::-1], most) + "\n"
    marked = MARKED if text_fits(MARKED, most + 1, MOST_INVALID) else "a"
    yield "marks and spaces past the limit", of_size(marked, most // 2).ljust(most + 1)
    # To what counts in 8 or 16 bits it is as long as the limit.
    if text_fits("1", size := most + 2**16, MOST_INVALID):
        yield counted(size, "digit"), of_size("1", size)
    if text_fits(astral := CHARACTER_WIDTHS["astral"], size := most * 20, MOST_VALID):
        # Cut after any number of bytes, this one or the one that is just too long ends within one.
        # A text of C ends with the NUL.
        named = f"{counted(size, 'astral character')} behind a NUL"
        yield named, "a\0" + of_size(astral, size)
    if not is_stamped(value):
        yield f"nothing but {counted(most + 1, 'space')}", " " * (most + 1)


def _longer(value: Json, most: int) -> Iterator[NamedValue]:
    """An address or a date of more characters: first, for a server may refuse whatever is none."""
    if isinstance(value, str) and "://" in value and text_fits("a", most + 1, MOST_INVALID):
        yield f"{counted(most + 1, 'character')} of an address", value.ljust(most + 1, "a")
    if isinstance(value, str) and is_date_time(value):
        dates = (text for text in date_time_texts(instant(value)) if len(text) > most)
        yield from ((f"the date {text}", text) for text in dates)


def _too_short(requirement: Requirement, value: Json) -> Iterator[NamedValue]:
    size = size_limit(requirement) - 1
    for name, character in CHARACTER_WIDTHS.items():
        yield (
            counted(size, f"{name} character"),
            text_of_size(character, size, stamped=is_stamped(value)),
        )
    yield "empty text", ""


def _out_of_bounds(requirement: Requirement, _value: Json) -> Iterator[NamedValue]:
    excluded = ("0",) if requirement.keyword.startswith("exclusive") else ()
    for distance in (*excluded, "0.01", "1", "4294967296", "1e-10"):
        amount = beyond(requirement, Decimal(distance))
        yield f"{amount}", amount


def _too_few(requirement: Requirement, value: Json) -> Iterator[NamedValue]:
    size = size_limit(requirement) - 1
    yield counted(size, "item"), repeated_to(value, size)
    if size:
        yield "no items", []


def _too_many(requirement: Requirement, value: Json) -> Iterator[NamedValue]:
    most = size_limit(requirement)
    for size in (most + 1, most * 2 + 1):
        if elements_fit(value, size, MOST_INVALID):
            yield counted(size, "item"), repeated_to(value, size)


def beyond(requirement: Requirement, distance: Decimal) -> int | float:
    """The number at this distance outside the requirement's bound."""
    sign = -1 if requirement.keyword in ("minimum", "exclusiveMinimum") else 1
    return json_number(Decimal(str(requirement.operand)) + sign * distance)


BOUNDS = frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"})


def next_multiples(requirement: Requirement, unit: float) -> Iterator[NamedValue]:
    """The numbers next beyond a bound that are what a property has to be a multiple of."""
    bound, step = Decimal(str(requirement.operand)), Decimal(str(unit))
    lower = requirement.keyword in ("minimum", "exclusiveMinimum")
    inside = (bound / step).to_integral_value(ROUND_CEILING if lower else ROUND_FLOOR) * step
    excluded = () if requirement.keyword in ("minimum", "maximum") else (0,)
    for count in (*excluded, 1, 2):
        amount = json_number(inside + (-count if lower else count) * step)
        yield f"{amount}", amount


def _no_multiples(requirement: Requirement, value: Json) -> Iterator[NamedValue]:
    unit = Decimal(str(requirement.operand))
    shares = [unit * Decimal(share) for share in ("0.5", "0.1", "0.01", "1.5")]
    for more in (*shares, Decimal(1), Decimal(2), Decimal(-1)):
        amount = json_number(Decimal(str(value)) + more)
        yield f"{amount}", amount


def _no_matches(_requirement: Requirement, value: Json) -> Iterator[NamedValue]:
    value = value if isinstance(value, str) else "text"  # another type keeps any pattern
    near = near_texts(value)
    yield from islice(near, 1)
    yield "a line break after it", f"{value}\n"  # which `$` takes in many dialects
    yield from near
    yield from [
        ("empty text", ""),
        ("a space after it", f"{value} "),
        ("a space before it", f" {value}"),
        ("more after it", f"{value}_"),
        ("text in a line before it", f"x\n{value}"),
        ("text in a line after it", f"{value}\nx"),
        ("a letter beyond ASCII", f"{value}é"),
        ("small letters", value.lower()),
        ("capitals", value.upper()),
        ("an exclamation mark", "!" * max(len(value), 1)),
        ("letters", "a" * max(len(value), 1)),
        ("digits", "0" * max(len(value), 1)),
        ("Arabic digits", value.translate(ARABIC_DIGITS)),
        *((f"the sign {sign} after it", f"{value}{sign}") for sign in "<>&'\"/\\;%$#@"),
        *((f"the amount {one}", one) for one in _otherwise(value)),
    ]


def _otherwise(value: str) -> Iterator[str]:
    """An amount as others write it, if it is one."""
    if _is_amount(value):
        whole, _, part = value.partition(".")
        yield from (whole, f"{whole}.{part}0", f"{whole}.{part[:1]}", f"{whole},{part}")
        yield from (f"{whole}.", f".{part}", f"-{value}", f"+{value}", f"0{value}", f"{value}e0")
        yield from (f"{int(whole):,}.{part}", f"1,{value}", f"{value} EUR", f"${value}", "NaN")


def _repeated(_requirement: Requirement, value: Json) -> Iterator[NamedValue]:
    yield "its first element twice", [*value, *value[:1]]
    yield "each element twice", [*value, *value]


def _other_properties(requirement: Requirement, value: Json) -> Iterator[NamedValue]:
    """Properties that are not documented; where others are allowed, ones of a wrong type."""
    for name in ("extra", "note", "x"):
        for what in ("text", 5, True, None, [1], {"a": 1}):
            if requirement.operand is False or name == "extra":
                yield f"the property {name} with {what}", {**value, name: what}


def _forbidden(requirement: Requirement, value: Json) -> Iterator[NamedValue]:
    """Values that keep what may not be; of properties that may not stand together, see
    `branches`.
    """
    schema = requirement.operand
    assert isinstance(schema, dict)  # checked when the document is loaded
    kind = {"integer": "number", "fraction": "number"}.get(json_type(value), json_type(value))
    for one in schema.get("enum", ()):
        yield f"the value {one!r}", one
    if kind in ("string", "number", "boolean"):
        least = plain_scalar({"type": kind, **schema})
        yield f"the value {least!r}", least
    yield from _no_matches(requirement, value) if kind == "string" else ()
    for one in (0, 1, -1, 10, 100, 0.5) if kind == "number" else ():
        yield f"{one}", one
    yield from [("null", None), ("true", True), ("false", False), ("an empty array", [])]
    yield "an empty object", {}


def _nothing_listed(_requirement: Requirement, _value: Json) -> Iterator[NamedValue]:
    """What is of several properties together needs the contract: see `branches`."""
    yield from ()


def _too_small(requirement: Requirement, value: Json) -> Iterator[NamedValue]:
    size = size_limit(requirement) - 1
    yield counted(size, "property", "properties"), dict([*value.items()][:size])
    yield (
        f"the last {counted(size, 'property', 'properties')}",
        dict([*value.items()][len(value) - size :]),
    )
    yield "an empty object", {}


def _too_wide(requirement: Requirement, value: Json) -> Iterator[NamedValue]:
    size = size_limit(requirement) + 1
    if not properties_fit(size):
        return
    more = {f"property{number}": "text" for number in range(size - len(value))}
    yield counted(size, "property", "properties"), {**value, **more}


def _of_no_branch(_requirement: Requirement, value: Json) -> Iterator[NamedValue]:
    """Values that keep none of several schemas, or more of them than they may."""
    if isinstance(value, dict):
        yield from ((f"no {name}", {k: v for k, v in value.items() if k != name}) for name in value)
        yield from ((f"{name} null", {**value, name: None}) for name in value)
        yield from ((f"{name} in an array", {**value, name: [value[name]]}) for name in value)
    yield from [
        ("an empty object", {}),
        ("an empty array", []),
        ("null", None),
        ("empty text", ""),
        ("text", "text"),
        ("1.5", 1.5),
        ("-1", -1),
        ("true", True),
        ("the value in an array", [value]),
        ("the value in an object", {"0": value}),
    ]


def of_another_length(requirement: Requirement, value: Json) -> Iterator[NamedValue]:
    """The value over and over, or its beginning: for texts that nothing else may be in."""
    size = size_limit(requirement) + (1 if requirement.keyword == "maxLength" else -1)
    if isinstance(value, str) and 0 <= size <= MOST_INVALID:
        yield f"{counted(size, 'character')} of the value", (value * size)[:size]


LISTED: dict[str, Callable[[Requirement, Json], Iterator[NamedValue]]] = {
    "type": _wrong_types,
    "enum": _no_members,
    "maxLength": _too_long,
    "minLength": _too_short,
    "minimum": _out_of_bounds,
    "maximum": _out_of_bounds,
    "exclusiveMinimum": _out_of_bounds,
    "exclusiveMaximum": _out_of_bounds,
    "multipleOf": _no_multiples,
    "pattern": _no_matches,
    "minItems": _too_few,
    "maxItems": _too_many,
    "uniqueItems": _repeated,
    "minProperties": _too_small,
    "maxProperties": _too_wide,
    "additionalProperties": _other_properties,
    "unevaluatedProperties": _other_properties,
    "propertyNames": _nothing_listed,
    "dependentRequired": _nothing_listed,
    "not": _forbidden,
    "oneOf": _of_no_branch,
    "anyOf": _of_no_branch,
}
"""By keyword; `required` is broken by a name instead."""
