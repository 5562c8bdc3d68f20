"""Values that break one requirement, drawn by Hypothesis, by keyword."""

from collections.abc import Callable
from decimal import Decimal
from functools import partial

from hypothesis import strategies as st

from spec.paths import Json
from spec.requirements import Requirement
from strategies.relations import repeated_to
from strategies.scalars import TEXT, json_type, of_other_types, size_limit, text_of_size
from strategies.too_large import MOST_INVALID, MOST_VALID, elements_fit, text_fits
from strategies.wrong.values import beyond, is_stamped

Strategy = st.SearchStrategy[Json]


def _drawn_types(requirement: Requirement, _value: Json) -> Strategy:
    return of_other_types(requirement.operand)


def _drawn_no_members(requirement: Requirement, _value: Json) -> Strategy:
    members = requirement.operand
    assert isinstance(members, list)  # checked when the document is loaded
    small_letters = st.sampled_from([str(member).lower() for member in members])
    types = tuple({json_type(member): None for member in members})
    return st.one_of(small_letters, TEXT, of_other_types(types))


def _drawn_too_long(requirement: Requirement, value: Json) -> Strategy:
    most = size_limit(requirement)
    longest = max(most + 1, min(most * 2 + 40, MOST_VALID))
    texts = TEXT if text_fits("😀", longest, MOST_INVALID) else st.sampled_from(("a", "b c"))
    return _texts(value, st.integers(most + 1, longest), texts)


def _drawn_too_short(requirement: Requirement, value: Json) -> Strategy:
    return _texts(value, st.integers(0, size_limit(requirement) - 1))


def _texts(
    value: Json, sizes: st.SearchStrategy[int], texts: st.SearchStrategy[str] = TEXT
) -> Strategy:
    return st.builds(partial(text_of_size, stamped=is_stamped(value)), texts, sizes)


def _drawn_out_of_bounds(requirement: Requirement, _value: Json) -> Strategy:
    numbers = st.integers(1, 10**9)
    distances = numbers.map(lambda drawn: Decimal(drawn) / 100) | numbers
    return distances.map(lambda distance: beyond(requirement, Decimal(distance)))


def _drawn_too_few(requirement: Requirement, value: Json) -> Strategy:
    return st.integers(0, size_limit(requirement) - 1).map(lambda size: repeated_to(value, size))


def _drawn_too_many(requirement: Requirement, value: Json) -> Strategy:
    most = size_limit(requirement)
    longest = most + 50 if elements_fit(value, most + 50, MOST_INVALID) else most + 1
    return st.integers(most + 1, longest).map(lambda size: repeated_to(value, size))


DRAWN: dict[str, Callable[[Requirement, Json], Strategy]] = {
    "type": _drawn_types,
    "enum": _drawn_no_members,
    "maxLength": _drawn_too_long,
    "minLength": _drawn_too_short,
    "minimum": _drawn_out_of_bounds,
    "maximum": _drawn_out_of_bounds,
    "exclusiveMinimum": _drawn_out_of_bounds,
    "exclusiveMaximum": _drawn_out_of_bounds,
    "minItems": _drawn_too_few,
    "maxItems": _drawn_too_many,
}
"""By keyword, like the listed values; of other keywords one of those is taken."""
