"""The properties of an object that its schema describes, other names, and what excludes what."""

import json
from contextlib import suppress
from functools import cache
from typing import Any

from hypothesis import find
from hypothesis import strategies as st
from hypothesis.errors import NoSuchExample, Unsatisfiable

from spec.paths import Json, Path, schema_at, values_at
from spec.schema.keywords import OTHER_PROPERTIES
from spec.schema.presence import fitted, is_ruled
from strategies.scalars import ALWAYS_THE_SAME, keeps, scalar

_TEXT = {"type": "string"}


def properties_of(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema of each property of an object; so many without a name that there are enough."""
    named, others = schema.get("properties", {}), others_of(schema)
    lacking = schema.get("minProperties", 0) - len(named) if isinstance(others, dict) else 0
    more = other_names(schema, lacking) if lacking > 0 else ()
    return {**named, **dict.fromkeys(more, others)}


def others_of(schema: dict[str, Any]) -> Any:
    """What a schema says of the properties that it does not describe: False, or a schema; None
    where it says nothing.
    """
    said = (schema[name] for name in OTHER_PROPERTIES if name in schema)
    return next(said, _TEXT if "propertyNames" in schema else None)


def other_names(schema: dict[str, Any], count: int, *known: str) -> list[str]:
    """So many names of properties that a schema does not describe, the `known` ones first; fewer
    where it allows no more.
    """
    listed = [*known, *(f"key{number}" for number in range(1, count + 1))]
    if "propertyNames" not in schema:
        return listed[:count]
    names = {**_TEXT, **schema["propertyNames"]}
    taken = schema.get("properties", {})
    found = [one for one in listed if one not in taken and keeps(names, one)]
    if len(found) < count:
        drawn = _names(json.dumps(names), count + len(taken))
        found += [one for one in drawn if one not in taken and one not in found]
    return found[:count]


@cache
def _names(schema: str, count: int) -> tuple[str, ...]:
    """So many different texts of a schema in JSON, or all if there are fewer."""
    names = st.composite(scalar(json.loads(schema)))()
    for size in range(count, 0, -1):
        lists = st.lists(names, min_size=size, max_size=size, unique=True)
        with suppress(NoSuchExample, Unsatisfiable):
            return tuple(find(lists, lambda _: True, settings=ALWAYS_THE_SAME))
    return ()


def excluded(schema: dict[str, Any], payload: Json, path: Path) -> tuple[Path, ...]:
    """What of a payload of a schema may not stand beside what is at a path, by the rules there."""
    above, name = path[:-1], path[-1]
    holder, values = schema_at(schema, above), [*values_at(payload, above)]
    if not values or not is_ruled(schema, path):
        return ()
    around = values[0][1]
    left = fitted(holder, {**around, name: None}, (name,))
    return tuple((*above, other) for other in around if other not in left)
