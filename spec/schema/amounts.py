"""Amounts that are texts: how a document has them written, and the numbers that they mean."""

import re
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from functools import cache
from typing import Any

from jsonschema_rs import validator_for

from spec.schema.formats import AMOUNT, COUNT, MOST_PLACES
from spec.schema.keywords import type_names

_PLACES = (2, 0, 4, 3, 1, *range(5, MOST_PLACES + 1))
"""Decimal places, the usual ones first."""
CENT, ONE = Decimal("0.01"), Decimal(1)
"""What amounts of money are multiples of, and numbers of pieces."""
_SHOWN = ("0", "1", "12", "235", "1233", "99999", "449.5", "19.99", "1233.95")
"""Amounts by which it is seen how they are written."""
DECIMALS = frozenset({"decimal", "decimal128", "bigdecimal", "double", "float", "number"})
"""Formats of texts that are numbers."""
_NUMBER = re.compile(r"[+-]?[0-9]{1,400}(?:\.[0-9]{1,400})?")


def meant(value: Any) -> Any:
    """The number that a plain text means; the value itself where it is no such text."""
    is_text = isinstance(value, str) and _NUMBER.fullmatch(value) is not None
    return Decimal(value) if is_text else value


def is_written(schema: Mapping[str, Any]) -> bool:
    """Whether it is an amount or a quantity that is sent as a text."""
    return str(schema.get("format", "")).startswith((AMOUNT, COUNT))


def written(schema: dict[str, Any], number: Any) -> Any:
    """An amount as a schema has it: the number, or a text of as many places; of more where it is
    not exact otherwise. What is no number stays as it is.
    """
    if not is_written(schema) or type(number) not in (int, float, Decimal):
        return number
    return _text(_exact(number), places_of(schema))


def places_of(schema: dict[str, Any]) -> int:
    """The decimal places of such a text."""
    return int(schema["format"].rpartition(" ")[2])


def write(schema: dict[str, Any], example: Any, digits: int, unit: Decimal = CENT) -> bool:
    """Have a text of what must be accepted be a plain amount of at most so many digits before the
    point, as the example has it or as most are; False where it may be none, or where no format,
    pattern or example says that it is one.

    What the reading says of numbers is then said here as well: it is idle beside a text, and what
    makes numbers reads it.
    """
    if type_names(schema.get("type", ()))[:1] != ("string",) or "enum" in schema:
        return False
    if not ("pattern" in schema or schema.get("format") in DECIMALS or meant(example) != example):
        return False
    rest = {name: one for name, one in schema.items() if name != "format"}
    fits = cache(validator_for(rest).is_valid)
    own = _places_of(example) if fits(example) else None
    surely = own if "pattern" not in schema else None  # it may be in whole cents
    usual = _PLACES if unit < 1 else sorted(_PLACES)
    places = max(
        usual,
        key=lambda n: (n == surely, sum(map(fits, _shown(n, unit))), n == own, -usual.index(n)),
    )
    if not any(fits(text) for text in _shown(places, unit) if Decimal(text)):
        return False
    most = _most(places, digits, unit, fits)
    kind, nothing = (AMOUNT, Decimal(0)) if unit < 1 else (COUNT, ONE)
    unit = max(unit, ONE.scaleb(-places))
    least = next((one for one in (nothing, unit, ONE) if fits(_text(one, places))), ONE)
    schema |= {"format": f"{kind}{places}", "multipleOf": plain(unit)}
    schema |= {"minimum": plain(least), "maximum": plain(most)}
    schema["maxLength"] = min(schema.get("maxLength", 255), len(_text(most, places)))
    return True


def _most(places: int, digits: int, unit: Decimal, fits: Callable[[str], bool]) -> Decimal:
    """The greatest amount of nines that is valid; of a document that has none, of those shown."""
    nine = min(places, _places_of(unit))
    end = "." + "9" * nine + "0" * (places - nine) if places else ""
    nines = ("9" * count + end for count in range(digits, 0, -1))
    largest = next(filter(fits, nines), None)
    return Decimal(largest or max(filter(fits, _shown(places, unit)), key=Decimal))


def _shown(places: int, unit: Decimal) -> Iterator[str]:
    exact = (Decimal(each) for each in _SHOWN)
    fitting = (each for each in exact if each == round(each, places) and not each % unit)
    return (_text(each, places) for each in fitting)


def _text(number: Decimal, places: int) -> str:
    return f"{number:.{max(places, _places_of(f'{number.normalize():f}'))}f}"


def _places_of(text: Any) -> int:
    return len(str(text).partition(".")[2])


def _exact(number: Any) -> Decimal:
    return Decimal(repr(number)) if isinstance(number, float) else Decimal(number)


def plain(exact: Decimal) -> int | float:
    """The number as a schema has it."""
    return int(exact) if exact == exact.to_integral_value() else float(exact)
