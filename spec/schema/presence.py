"""Which properties of an object may stand together: what its schema says of that, and no more."""

from collections.abc import Collection, Iterable, Mapping
from itertools import combinations
from typing import Any

from jsonschema_rs import is_valid

from spec.paths import CHOICES, ELEMENT, Path, part_at, schema_at
from spec.schema.inlined import Schema as Inlined
from spec.schema.inlined import SchemaPath
from spec.yamlfile import YamlFile

Schema = dict[str, Any]

_LISTS = (*CHOICES, "allOf")
"""Keywords that list schemas."""
_SPEAKING = frozenset({*_LISTS, "not", "dependentRequired"})
_MOST = 10
"""Properties of which all combinations are tried."""


def rules_of(schema: Any) -> Schema:
    """The keywords of a schema that speak of the presence of properties alone."""
    if not isinstance(schema, dict) or _SPEAKING.isdisjoint(schema):
        return {}
    rules = {name: one for name, one in schema.items() if name in (*_LISTS, "not")}
    found = {
        name: one
        for name, one in rules.items()
        if all(map(_is_of_presence, one if isinstance(one, list) else [one]))
    }
    if "dependentRequired" in schema:
        found["dependentRequired"] = schema["dependentRequired"]
    return found


def _is_of_presence(schema: Any) -> bool:
    """Whether it says which properties there are, and nothing of their values."""
    if not isinstance(schema, dict) or not schema.keys() - {"type"}:
        return False
    known = {"type", "required", "dependentRequired"}
    return schema.get("type", "object") == "object" and not (
        schema.keys() - known - rules_of(schema).keys()
    )


def named_by(rules: Any) -> list[str]:
    """The properties of which rules speak, in their order."""
    found: list[str] = []
    if isinstance(rules, list):
        return [*dict.fromkeys(name for each in rules for name in named_by(each))]
    for name, one in rules.items() if isinstance(rules, Mapping) else ():
        if name == "required":
            found += one
        elif name == "dependentRequired":
            found += [*one, *(each for names in one.values() for each in names)]
        else:
            found += named_by(one)
    return [*dict.fromkeys(found)]


def agree(rules: Schema, names: Iterable[str]) -> bool:
    """Whether an object of these properties keeps rules."""
    return not rules or is_valid(rules, dict.fromkeys(names))


def together(
    rules: Schema, needed: Collection[str], known: Collection[str], others: Collection[str]
) -> tuple[str, ...]:
    """The fewest properties that an object needs besides those `needed`, of the `known` ones if
    they do; none where nothing helps.
    """
    listed = [one for one in named_by(rules) if one not in needed and one in {*known, *others}]
    listed = sorted(listed, key=lambda one: one not in known)[:_MOST]
    found = [more for size in range(len(listed) + 1) for more in combinations(listed, size)]
    found.sort(key=lambda more: sum(one not in known for one in more))
    return next((more for more in found if agree(rules, (*needed, *more))), ())


def is_ruled(schema: Schema, path: Path) -> bool:
    """Whether the rules beside what is at a path speak of it."""
    return path[-1] in named_by(rules_of(schema_at(schema, path[:-1])))


def fitted(schema: Schema, value: Any, kept: Path = ()) -> Any:
    """A copy of a value of a schema without properties that may not stand beside others, or are too
    many, the last ones first; what is on the way to what is `kept` stays.
    """
    step, rest = (kept[0], kept[1:]) if kept else ("", ())
    if isinstance(value, list):
        items = schema.get("items", {})
        below = rest if step == ELEMENT else ()
        return [fitted(items, each, below) for each in value] if has_rules(items) else value
    if not isinstance(value, dict) or not has_rules(schema):
        return value
    parts = schema.get("properties", {})
    left = {
        name: fitted(parts.get(name, {}), each, rest if name == step else ())
        for name, each in value.items()
    }
    fixed = {*schema.get("required", ()), step}
    surplus = max(0, len(left) - schema.get("maxProperties", len(left)))
    for name in [name for name in reversed(left) if name not in fixed][:surplus]:
        del left[name]
    rules = rules_of(schema)
    if agree(rules, left):
        return left
    free = [name for name in reversed(named_by(rules)) if name in left and name not in fixed]
    for size in range(1, min(len(free), _MOST) + 1):
        for gone in combinations(free, size):
            if agree(rules, left.keys() - {*gone}):
                return {name: each for name, each in left.items() if name not in gone}
    return left


def has_rules(schema: Schema) -> bool:
    """Whether a schema, or one in it, says which properties may stand together, or how many."""
    count = len(schema.get("properties", ()))
    is_wide = count > schema.get("maxProperties", count)
    parts = [*schema.get("properties", {}).values()]
    parts += [schema["items"]] if "items" in schema else []
    return is_wide or bool(rules_of(schema)) or any(map(has_rules, parts))


def require_together(schema: Schema, familiar: Collection[Path], path: Path = ()) -> None:
    """Have a schema of what must be accepted require what its rules leave no choice about: the
    fewest properties, of `familiar` ones if they do.
    """
    parts = schema.get("properties", {})
    if rules := rules_of(schema):
        known = [name for name in parts if (*path, name) in familiar]
        required = schema.get("required", ())
        more = together(rules, required, known, parts)
        if more:
            schema["required"] = [*dict.fromkeys([*required, *more])]
    for name, child in parts.items():
        require_together(child, familiar, (*path, name))
    if "items" in schema:
        require_together(schema["items"], familiar, (*path, ELEMENT))


def check_required(document: YamlFile, schema: Inlined) -> None:
    """Refuse a schema that requires a property which it does not describe: nobody could send it."""
    for path, pointer in schema.sources.items():
        if path[-2:-1] != ("required",) or path[-3:-2] == ("properties",):
            continue  # the second is a property that is called `required`
        node, around = (part_at(schema.root, path[:end]) for end in (-2, -4))
        if path[-1] not in node.get("properties", {}):
            if _is_beside(schema.root, path):
                continue
            in_branch = {*CHOICES} & {*path[:-2]}
            where = " in the branch that requires it" if in_branch else ""
            what = f"the required property {path[-1]!r} is not described{where}"
            if in_branch and path[-1] in around.get("properties", {}):
                what += ", but beside it: require it, or another one, in a copy of the document"
            raise document.error(pointer, f"{what}.")


def _is_beside(schema: dict[str, Any], path: SchemaPath) -> bool:
    """Whether a property that a choice, or what may not be, requires is described around that."""
    for end in range(len(path) - 2):
        around = part_at(schema, path[:end])
        is_rule = path[end] in rules_of(around) and path[-1] in around.get("properties", {})
        if is_rule or (path[end] == "not" and path[end - 1 : end] != ("properties",)):
            return True
    return False
