"""For tests of payloads: the contract, facts of targets, and an independent validator."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from decimal import Context, Decimal
from typing import Any
from urllib.parse import urlsplit

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend

from spec import contract
from spec.contract import TargetFacts

CONTRACT = contract.load(contract.DOCUMENT, contract.READING)

STARTED = datetime(2026, 3, 1, tzinfo=UTC)
ANYWHERE = TargetFacts("key", None, (), None, STARTED)
"""A target of which nothing is known."""
KNOWN_ORDERS = TargetFacts("key", None, ("ORD-1", "ORD-2"), None, STARTED)
"""A target with two known orders, created nobody knows when."""
RECENT_ORDERS = TargetFacts(
    "key", None, ("ORD-1",), datetime(2026, 2, 1, 12, 30, tzinfo=UTC), STARTED
)
"""A target with an order created after all fixed dates."""
FRESH_ORDERS = TargetFacts(
    "key", None, ("ORD-1",), datetime(2026, 2, 28, 23, 59, tzinfo=UTC), STARTED
)
"""A target whose order was created too shortly before the run for any `updated_at`."""
TARGETS = {
    "anywhere": ANYWHERE,
    "known orders": KNOWN_ORDERS,
    "recent orders": RECENT_ORDERS,
    "fresh orders": FRESH_ORDERS,
}

DRAWS = settings(
    derandomize=True, database=None, max_examples=60, deadline=None, phases=[Phase.generate]
)
"""Draws the same in every run, and does not shrink: a failing example is shown as drawn."""

SEARCH = settings(
    derandomize=True,
    database=None,
    max_examples=20_000,
    deadline=None,
    phases=(Phase.generate, Phase.shrink),
)
"""For `hypothesis.find`, which stops at the first example that fits and shrinks it."""


class _EnoughError(Exception):
    """All kinds that are wanted have been drawn."""


def drawn(
    strategy: st.SearchStrategy[Any], count: int, wanted: Iterable[Callable[[Any], bool]] = ()
) -> list[Any]:
    """The first payloads that a strategy draws, the same in every run; where kinds are wanted, no
    more than until each was drawn.
    """
    payloads: list[Any] = []
    missing = [*wanted]
    is_search = bool(missing)

    @settings(
        DRAWS,
        max_examples=count,
        suppress_health_check=list(HealthCheck),
        report_multiple_bugs=False,
    )
    @given(strategy)
    def collect(payload: Any) -> None:
        payloads.append(payload)
        missing[:] = [kind for kind in missing if not kind(payload)]
        if is_search and not missing:
            raise _EnoughError

    with suppress(_EnoughError):
        collect()
    return payloads


_FORMATS = FormatChecker(formats=())


@_FORMATS.checks("text")
def _text(value: object) -> bool:
    """Independent of `spec.schema.formats`, so that a mistake there shows."""
    categories = {unicodedata.category(one) for one in str(value)}
    known = {"Lu", "Ll", "Lt", "Lm", "Lo", "Nd"}
    return bool(categories & known) and not categories & {"Cc", "Cs", "Co", "Cn"}


@_FORMATS.checks("date-time", raises=ValueError)
def _date_time(value: object) -> bool:
    moment = datetime.fromisoformat(str(value))
    shape = r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?(Z|[+-]\d\d:\d\d)"
    offset = moment.utcoffset()
    return (
        re.fullmatch(shape, str(value), re.ASCII) is not None
        and offset is not None
        and -12 * 3600 <= offset.total_seconds() <= 14 * 3600
    )


@_FORMATS.checks("web-url", raises=ValueError)
def _web_url(value: object) -> bool:
    parts = urlsplit(str(value))
    host = re.fullmatch(r"[A-Za-z0-9.-]+(:\d{1,5})?", parts.netloc)
    return str(value).isascii() and parts.scheme in ("http", "https") and host is not None


_EXACT_CONTEXT = Context(prec=500)


def _exact_multiple(
    _validator: Any, unit: float, value: Any, _schema: Any
) -> Iterator[ValidationError]:
    is_number = isinstance(value, int | float | Decimal) and not isinstance(value, bool)
    if is_number and _EXACT_CONTEXT.remainder(Decimal(str(value)), Decimal(str(unit))):
        yield ValidationError(f"{value} is not a multiple of {unit}")


_FAULTLESS: set[tuple[int, str, str]] = set()
"""Elements of lists in which nothing was found, by what checks formats and by their schema: many
invoices have the same. They are texts, so that 1, 1.0 and true are three.
"""
_MOST_FAULTLESS = 50_000


def _items(validator: Any, schema: Any, value: Any, _schema: Any) -> Iterator[ValidationError]:
    by = (id(validator.format_checker), repr(schema))
    if len(_FAULTLESS) > _MOST_FAULTLESS:
        _FAULTLESS.clear()
    for index, element in enumerate(value if isinstance(value, list) else ()):
        known = (*by, repr(element))
        if known not in _FAULTLESS:
            found = list(validator.descend(element, schema, path=index))
            yield from found
            if not found and "$ref" not in by[1]:
                _FAULTLESS.add(known)


Exact = extend(  # type: ignore[no-untyped-call] # its stub has no types
    Draft202012Validator, {"multipleOf": _exact_multiple, "items": _items}
)


def complaints(schema: dict[str, Any], payload: object) -> list[ValidationError]:
    """The errors that an independent validator finds in a payload."""
    return list(Exact(schema, format_checker=_FORMATS).iter_errors(payload))


def broken(payload: object, document: contract.Contract = CONTRACT) -> set[str]:
    """The names of the document's requirements that a payload breaks, found independently."""
    return {
        name for error in complaints(document.request_schema, payload) for name in _named(error)
    }


def _named(error: Any) -> Iterator[str]:
    """The requirements that a validator's error is about, by instance path and keyword."""
    steps = ("[]" if isinstance(step, int) else f".{step}" for step in error.path)
    path = "".join(steps).lstrip(".")
    if error.validator == "required":
        for name in error.validator_value:
            if name not in error.instance:
                yield f"{path}.{name}.required".lstrip(".")
    else:
        implied = error.validator == "type" and "enum" in error.schema
        yield f"{path or 'body'}.{'enum' if implied else error.validator}"
