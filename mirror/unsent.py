"""What a client never sent: optional properties, states, and kinds of values."""

import unicodedata
from collections.abc import Iterator
from decimal import Decimal

from spec.contract import Contract
from spec.paths import ELEMENT, Json, path_text, schemas_within
from spec.schema.formats import ANY_INSTANT, IN_UTC


def features(contract: Contract) -> tuple[str, ...]:
    """Everything that a client may send or not, in words and in the document's order."""
    found = [
        each
        for path, schema in schemas_within(contract.narrowed_schema)
        for each in _of_schema(path_text(path), schema)
    ]
    return (*dict.fromkeys(found), *(words for words, _ in _VALUES))


def features_of(contract: Contract, payload: Json) -> frozenset[str]:
    """Those of the features that a payload has."""
    found = set()
    stack: list[tuple[dict[str, Json], Json, tuple[str, ...]]] = [
        (contract.narrowed_schema, payload, ())
    ]
    while stack:
        schema, value, path = stack.pop()
        found |= {words for words, has in _VALUES if has(value)}
        if isinstance(value, str) and value in schema.get("enum", ()):
            found.add(_member(path_text(path), value))
        if isinstance(value, dict):
            for name, child in schema.get("properties", {}).items():
                if name in value:
                    found.add(_optional(path_text((*path, name))))
                    stack.append((child, value[name], (*path, name)))
        elif isinstance(value, list):
            if len(value) > 1:
                found.add(_several(path_text(path)))
            below = schema.get("items", {})
            stack += [(below, element, (*path, ELEMENT)) for element in value]
    return frozenset(found)


def _of_schema(path: str, schema: dict[str, Json]) -> Iterator[str]:
    required = schema.get("required", ())
    for name in schema.get("properties", {}):
        if name not in required:
            yield _optional(f"{path}.{name}" if path else name)
    yield from (_member(path, value) for value in schema.get("enum", ()))
    if "items" in schema:
        yield _several(path)


def _optional(path: str) -> str:
    return f"the optional property {path}"


def _member(path: str, value: Json) -> str:
    return f"{path} {value}"


def _several(path: str) -> str:
    return f"more than one of {path}"


def _has_fraction(value: Json) -> bool:
    return isinstance(value, Decimal) and value != value.to_integral_value()


def _has_offset(value: Json) -> bool:
    found = ANY_INSTANT.fullmatch(value) if isinstance(value, str) else None
    return found is not None and found[4] not in IN_UTC


def _has_other_script(value: Json) -> bool:
    return (
        isinstance(value, str)
        and not value.isascii()
        and any(
            each.isalpha() and not unicodedata.name(each, "").startswith("LATIN") for each in value
        )
    )


_VALUES = (
    ("an amount with cents", _has_fraction),
    ("a date with an offset other than Z", _has_offset),
    ("a text in another script than Latin", _has_other_script),
)
"""What any value may be, in words, and whether one is."""
