"""What a schema says by keywords by which the suite cannot judge a value, so that a change of them
can be told: each with what it refers to, and without what demands nothing.
"""

import json
from collections.abc import Iterator
from typing import Any

from spec.document import COMPARED_ALONE, CONDITION, follow
from spec.paths import join
from spec.schema.keywords import KEYWORDS, Role
from spec.yamlfile import YamlFile

_MAPS = frozenset({"properties", "patternProperties", "dependentSchemas", "$defs"})
"""Keywords whose operand has names as its keys, no keywords."""
_VALUES = frozenset({"enum", "const", "default", "required", "dependentRequired"})
"""Keywords that hold no schema."""
_DEMANDING = frozenset({"format", "discriminator", "readOnly", "writeOnly"})
_IDLE = {name for name, one in KEYWORDS.items() if one.role is Role.ANNOTATION} - _DEMANDING
ITSELF = "itself"
"""What stands for a schema inside itself."""


def said_alone(document: YamlFile, pointer: str, node: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Each such keyword of the node at a pointer with its operand; a condition is one with what
    depends on it.
    """
    for name in COMPARED_ALONE:
        if name in node and name not in CONDITION:
            yield name, _said(document, join(pointer, name), name, node[name], ())
    if "if" in node and {"then", "else"} & node.keys():
        known = (name for name in CONDITION if name in node)
        yield "if", {each: _whole(document, join(pointer, each), node[each], ()) for each in known}


def together(known: Any, operand: Any) -> Any:
    """What two operands of a keyword say in one `allOf`, in whatever order they are there."""
    several = isinstance(known, dict) and known.keys() == {"allOf"}
    listed = [*(known["allOf"] if several else [known]), operand]
    every = {json.dumps(one, sort_keys=True, default=str): one for one in listed}
    return {"allOf": [every[one] for one in sorted(every)]} if len(every) > 1 else operand


def _said(document: YamlFile, pointer: str, name: str, operand: Any, above: tuple[str, ...]) -> Any:
    """The operand of a keyword, with the schemas in it whole."""
    if name in _VALUES or not isinstance(operand, dict | list):
        return operand
    if isinstance(operand, list):
        listed = enumerate(operand)
        return [_whole(document, join(pointer, index), one, above) for index, one in listed]
    if name in _MAPS:
        return {
            each: _whole(document, join(pointer, each), one, above) for each, one in operand.items()
        }
    return _whole(document, pointer, operand, above)


def _whole(document: YamlFile, pointer: str, node: Any, above: tuple[str, ...]) -> Any:
    """A schema with what it refers to in its place."""
    if not isinstance(node, dict):
        return node
    beside = {name: one for name, one in node.items() if name != "$ref"}
    if "$ref" in node:
        target, found = follow(document, pointer)
        if target in above:
            return ITSELF
        said = _whole(document, target, found, (*above, target))
        return said if not beside or not isinstance(said, dict) else {**said, **beside}
    above = (*above, pointer)
    return {
        name: _said(document, join(pointer, name), name, one, above)
        for name, one in node.items()
        if name not in _IDLE and not name.startswith("x-")
    }
