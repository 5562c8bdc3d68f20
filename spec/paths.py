"""Finds and changes values in JSON: by path, location or JSON pointer.

A path names all values of a kind, with `[]` for each element of an array. A location is one
concrete place in a payload, which others write in many ways.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

Json = Any
"""Any JSON value: None, bool, int, float, str, list or dict."""

Location = tuple[str | int, ...]
"""Where a value is: property names and array indices from the root, which is `()`."""

Path = tuple[str, ...]
"""Where all values of a kind are, as a requirement names it: `[]` for every element."""

ELEMENT = "[]"
CHOICES = ("oneOf", "anyOf")
"""Keywords of a schema that list schemas, of which a value has to fit one."""
_INDEX = re.compile(r"\[[0-9]+\]")

Tree = dict[str, Any]
"""Several paths by their steps."""


def type_of(value: Json) -> str:
    """The JSON type of a value, as people call it."""
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int() | float() | Decimal():
            return "number"
        case str():
            return "text"
        case list():
            return "array"
    return "object"


def path_text(path: Path) -> str:
    """A path as people write it: `items[].sku`; empty for the root."""
    return ".".join(path).replace(".[]", "[]")


def location_text(location: Location) -> str:
    """A location, or a path, as people write it: `items[2].sku`, or `body` for the root."""
    steps = (
        step if step == ELEMENT else f"[{step}]" if isinstance(step, int) else f".{step}"
        for step in location
    )
    return "".join(steps).removeprefix(".") or "body"


def without_indices(text: str) -> str:
    """A location, or words with locations in them, without the numbers of items: `items[].sku`."""
    return _INDEX.sub(ELEMENT, text)


def value_at(value: Json, location: Location) -> Json:
    """The value at a location. Raises LookupError where there is none."""
    for step in location:
        value = value[step]
    return value


def find(value: Json, location: Location) -> Json:
    """The value at a location; None where there is none: a text has no elements."""
    for step in location:
        if isinstance(value, str):
            return None
        try:
            value = value[step]
        except (LookupError, TypeError):
            return None
    return value


def values_at(value: Json, path: Path) -> list[tuple[Location, Json]]:
    """Each location of a path that has a value, and that value."""
    reached: list[tuple[Location, Json]] = [((), value)]
    for step in path:
        if step == ELEMENT:
            reached = [
                ((*location, index), element)
                for location, value in reached
                if isinstance(value, list)
                for index, element in enumerate(value)
            ]
        else:
            reached = [
                ((*location, step), value[step])
                for location, value in reached
                if isinstance(value, dict) and step in value
            ]
    return reached


def all_at(value: Json, path: Path) -> list[Json]:
    """The values that there are at a path."""
    reached = [value]
    for step in path:
        if step == ELEMENT:
            reached = [each for held in reached if isinstance(held, list) for each in held]
        else:
            reached = [held[step] for held in reached if isinstance(held, dict) and step in held]
    return reached


def tree_of(paths: Iterable[Path]) -> Tree:
    """The paths by their steps, those that begin alike together."""
    tree: Tree = {}
    for path in paths:
        below = tree
        for step in path:
            below = below.setdefault(step, {})
    return tree


def agree(tree: Tree, one: Json, other: Json) -> bool:
    """Whether two values are alike in all that the first has at the paths of a tree."""
    if isinstance(one, list) and isinstance(other, list) and ELEMENT in tree:
        below = tree[ELEMENT]
        return len(one) == len(other) and all(
            agree(below, *pair) for pair in zip(one, other, strict=True)
        )
    if not (isinstance(one, dict) and isinstance(other, dict)):
        return bool(one == other)
    for name, below in tree.items():
        if name in one:
            if name not in other:
                return False
            here, there = one[name], other[name]
            if here != there and not (below and agree(below, here, there)):
                return False
    return True


def locations(payload: Json, path: Path) -> tuple[Location, ...]:
    """The locations of a path in the last element of each array, and then in the first.

    The last comes first because it shows a server that checks no item, or only the first one.
    """
    if not path:
        return ((),)
    step, rest = path[0], path[1:]
    if step != ELEMENT:
        below = payload.get(step) if isinstance(payload, dict) else None
        return tuple((step, *tail) for tail in locations(below, rest))
    ends = sorted({0, len(payload) - 1}, reverse=True) if payload else ()
    return tuple((end, *tail) for end in ends for tail in locations(payload[end], rest))


def locate(payload: Json, path: Path, choose: Callable[[int], int]) -> Location:
    """One location of a path; `choose` gets an array's length and gives the index to take."""
    if path[1:2] == (ELEMENT,) and path.count(ELEMENT) == 1:  # as nearly all: sooner found
        return (path[0], choose(len(payload[path[0]])), *path[2:])
    found: Location = ()
    for step in path:
        elements = value_at(payload, found) if step == ELEMENT else ()
        found += (choose(len(elements)) if elements else step,)
    return found


def present(payload: Json, path: Path) -> bool:
    """Whether there is a value at the path in every element, and no array on the way is empty."""
    if not path:
        return True
    if path[0] == ELEMENT:
        rest = path[1:]
        return bool(payload) and (not rest or all(present(element, rest) for element in payload))
    if type(payload) is not dict:  # an element may be none
        return False
    return path[0] in payload and (not path[1:] or present(payload[path[0]], path[1:]))


def copied(value: Json) -> Json:
    """A copy of a JSON value, also of all in it; `copy.deepcopy` takes several times as long."""
    if type(value) is dict:
        return {name: copied(each) for name, each in value.items()}
    return [*map(copied, value)] if type(value) is list else value


def with_copies(payload: Json, location: Location, copies: dict[Location, Json]) -> Json:
    """The payload with what is at a location and around it copied, as far as it is not yet."""
    if () not in copies:
        copies[()] = payload.copy()
    holder = copies[()]
    for depth, step in enumerate(location, 1):
        if location[:depth] not in copies:
            holder[step] = copies[location[:depth]] = holder[step].copy()
        holder = holder[step]
    return copies[()]


def put(payload: Json, location: Location, value: Json) -> Json:
    """A copy of the payload with the value at the location, whose parents must exist."""
    if not location:
        return value
    copy = payload.copy()
    below = copy[location[0]] if location[1:] else None
    copy[location[0]] = put(below, location[1:], value)
    return copy


def changed_at(payload: Json, path: Path, change: Callable[[Json], Json]) -> Json:
    """A copy of the payload with each value at a path changed."""
    if not path:
        return change(payload)
    step, rest = path[0], path[1:]
    if step == ELEMENT:
        is_list = isinstance(payload, list)
        return [changed_at(one, rest, change) for one in payload] if is_list else payload
    if isinstance(payload, dict) and step in payload:
        return {**payload, step: changed_at(payload[step], rest, change)}
    return payload


def remove(payload: Json, location: Location) -> Json:
    """A copy of the payload without the value at the location; the payload if there is none."""
    *parents, last = location
    parent = value_at(payload, tuple(parents))
    if isinstance(parent, dict) and last not in parent:
        return payload
    shorter = parent.copy()
    del shorter[last]
    return put(payload, tuple(parents), shorter)


def schema_at(schema: Json, path: Path) -> Json:
    """The part of a schema that a path leads to; empty where the schema says nothing."""
    for step in path:
        if step == ELEMENT:
            schema = schema.get("items", {})
        else:
            schema = schema.get("properties", {}).get(step, {})
    return schema


def place_of(path: Path) -> tuple[str, ...]:
    """The schema path of what is at a path, with no choice around it."""
    steps = (("items",) if step == ELEMENT else ("properties", step) for step in path)
    return tuple(key for step in steps for key in step)


def part_at(schema: Any, path: Sequence[str]) -> Any:
    """The part of a schema at a schema path."""
    for key in path:
        schema = schema[int(key) if isinstance(schema, list) else key]
    return schema


def schemas_within(
    schema: dict[str, Any], path: Path = ()
) -> Iterator[tuple[Path, dict[str, Any]]]:
    """A schema and each in it by its path, those around others first."""
    yield path, schema
    for name, child in schema.get("properties", {}).items():
        yield from schemas_within(child, (*path, name))
    if "items" in schema:
        yield from schemas_within(schema["items"], (*path, ELEMENT))


def properties_within(
    schema: dict[str, Any], path: Path = ()
) -> Iterator[tuple[Path, dict[str, Any]]]:
    """Each property of a schema, by its path."""
    for name, child in schema.get("properties", {}).items():
        yield (*path, name), child
        yield from properties_within(child, (*path, name))
    if "items" in schema:
        yield from properties_within(schema["items"], (*path, ELEMENT))


def scalar_paths(schema: dict[str, Any], path: Path = ()) -> Iterator[tuple[Path, dict[str, Any]]]:
    """The path and the schema of each scalar within a schema."""
    if "properties" in schema:
        for name, child in schema["properties"].items():
            yield from scalar_paths(child, (*path, name))
    elif "items" in schema:
        yield from scalar_paths(schema["items"], (*path, ELEMENT))
    else:
        yield path, schema


def integers_in(schema: dict[str, Any], path: Path = ()) -> Iterator[Path]:
    """The paths at which a schema has an integer, the last one first."""
    if "items" in schema:
        yield from integers_in(schema["items"], (*path, ELEMENT))
    for name, child in reversed(schema.get("properties", {}).items()):
        yield from integers_in(child, (*path, name))
    if "integer" in schema.get("type", ()):
        yield path


def within(value: Json, path: tuple[str, ...]) -> Json:
    """What a value has at a path of its schema, of a list in the first element that has it; or
    None.
    """
    if not path:
        return value
    if path[0] == "items" and isinstance(value, list):
        found = (within(each, path[1:]) for each in value)
        return next((each for each in found if each is not None), None)
    if path[0] == "properties" and path[1:] and isinstance(value, dict):
        return within(value.get(path[1]), path[2:])
    return None


def join(pointer: str, key: str | int) -> str:
    """The JSON pointer of a child (RFC 6901, section 4)."""
    return f"{pointer}/{str(key).replace('~', '~0').replace('/', '~1')}"


def steps_of(pointer: str) -> tuple[str, ...]:
    """The keys and indices of a JSON pointer (RFC 6901, section 4)."""
    steps = pointer.split("/")[1:]
    if "~" not in pointer:
        return tuple(steps)
    return tuple(step.replace("~1", "/").replace("~0", "~") for step in steps)


SEPARATORS, BEFORE_A_NAME = re.compile(r"\W+"), re.compile(r"\W+(?![\W\d])")
MOST_NAMED, LONGEST_NAME = 1000, 200
"""Fields that are looked at in the details of an error, and the last characters of each."""


def names(field: str, location: Location) -> bool:
    """`items[0].sku`, `/items/0/sku`, `body.items.0.sku`, `sku`, `Request.Items[0].SKU` and the
    like name ("items", 0, "sku"): case and punctuation do not count. A position that is given
    must be the right one.
    """
    endings, named, positions = _read(field[-LONGEST_NAME:])
    if location and str(location[-1]).isdecimal() and isinstance(location[-1], str):
        return location[-1] in endings  # a property that is called 2024 is no position
    if "".join(map(_plain, map(str, location))) in endings and len(location) > 1:
        return True  # items_0_sku
    indexes = [step for step in location if isinstance(step, int)]
    if positions and positions != indexes[: len(positions)]:
        return False
    wanted = [_plain(step) for step in location if isinstance(step, str)]
    return bool(wanted) and not named.isdisjoint({wanted[-1], "".join(wanted)})


def ends_in(field: str, name: str) -> bool:
    """Whether its last words are this name, whatever the position: `items[0].sku` ends in `sku`."""
    return _plain(name) in _read(field[-LONGEST_NAME:])[1]


def names_within(field: str, location: Location) -> bool:
    """Whether it names what is in the value there: `payment.type` is in `payment`."""
    return any(names(field[: each.start()], location) for each in BEFORE_A_NAME.finditer(field))


@lru_cache(maxsize=MOST_NAMED)
def _read(field: str) -> tuple[set[str], set[str], list[int]]:
    """What the last words of a field say together, with and without its numbers, and those."""
    words = [_plain(word) for word in SEPARATORS.split(field)]
    positions = [int(word) for word in words if word.isdecimal() and len(word) < 9]
    return _endings(words), _endings([word for word in words if not word.isdecimal()]), positions


def _endings(words: list[str]) -> set[str]:
    """What the last words say together: `body.reference-id` ends in `referenceid`."""
    return {"".join(words[start:]) for start in range(len(words))}


def _plain(word: str) -> str:
    return "".join(character for character in word.casefold() if character.isalnum())


USUAL = ("data",)
"""Where in an answer the invoice stands."""
FEWEST_SHARED = 2
"""Properties of the request that an object must have to be the invoice that was made."""


@dataclass(frozen=True, slots=True)
class Wrapper:
    """Where in an answer the invoice stands, by this version of the document: it may be in another
    property or in a list, or be the answer itself. Requirements call it `data` all the same.
    """

    path: Path = USUAL

    @property
    def place(self) -> tuple[str, ...]:
        """The same as a path of the schema."""
        return place_of(self.path)

    def unwrapped(self, answer: Json) -> Json:
        """The answer as if the invoice, of several the first, were its `data`; empty without."""
        if self.path == USUAL:
            return answer
        found = values_at(answer, self.path)
        return {"data": found[0][1] if found else {}}


def wrapper_of(sent: Json, answered: Json) -> Wrapper:
    """The object that shares most properties with the request, by the schemas of both."""
    names = sent.get("properties", {}).keys()

    def shared(path: Path) -> int:
        return len(names & schema_at(answered, path).get("properties", {}).keys())

    best = max((USUAL, *(path for path, _ in schemas_within(answered))), key=shared)
    return Wrapper(best if shared(best) >= FEWEST_SHARED else USUAL)
