"""A schema of the document as one plain JSON Schema that knows where each part of it is from."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from spec.paths import join, within
from spec.yamlfile import FileError, YamlFile

SchemaPath = tuple[str, ...]
"""Where something is in a schema: keywords and property names from its root."""


class NotRead(FileError):
    """What a schema says and the suite does not understand: `what` and `place` tell it apart."""

    def __init__(self, document: YamlFile, pointer: str, what: str, sentence: str) -> None:
        super().__init__(str(document.error(pointer, sentence)))
        self.what, self.place = what, document.place(pointer)


def not_a_schema(document: YamlFile, pointer: str, node: Any) -> FileError:
    """What is said of a node that is no object: of a flag, as 3.1 has them, that it is not read."""
    if not isinstance(node, bool):
        return document.error(pointer, "is not a schema.")
    flag = f"{str(node).lower()} alone"
    return NotRead(document, pointer, flag, f"{flag} is not a schema read here.")


@dataclass(frozen=True, slots=True)
class Schema:
    """An inlined schema; `sources` maps each schema path to its JSON pointer in the document.

    `places` has the schema path and the pointer of each schema that was written into it, `examples`
    the first example at each schema path, `unreturned` those of the properties that are only sent,
    `holders` the pointer of the reference, if any, by which a place without properties was reached.
    `unread` are the properties with something that the suite does not understand, as which any
    value counts, each with what that is; `within_itself` are the places of schemas inside
    themselves, where nothing is written, each with the pointer of what refers to them.
    """

    root: dict[str, Any]
    sources: dict[SchemaPath, str] = field(default_factory=dict)
    places: list[tuple[SchemaPath, str]] = field(default_factory=list)
    examples: dict[SchemaPath, Any] = field(default_factory=dict)
    unreturned: set[SchemaPath] = field(default_factory=set)
    holders: dict[tuple[SchemaPath, str], str] = field(default_factory=dict)
    unread: dict[SchemaPath, "NotRead"] = field(default_factory=dict)
    within_itself: dict[SchemaPath, str] = field(default_factory=dict)

    def take_flag(
        self, out: dict[str, Any], path: SchemaPath, pointer: str, *, allows: bool
    ) -> None:
        """Write a flag in the place of a schema: false, which nothing keeps, as an empty `enum`."""
        self.places.append((path, pointer))
        if not allows:
            out["enum"] = []
            self.sources.setdefault((*path, "enum"), pointer)

    def example_of(self, path: SchemaPath, outer: Sequence[Any] = ()) -> Any:
        """The example of what is at a schema path: its own, or what one of the nearest schema
        around has there, or one of the `outer`, which are of the whole; None without any.
        """
        around = [(self.examples.get(path[:end]), end) for end in range(len(path), -1, -1)]
        found = (within(each, path[end:]) for each, end in (*around, *((one, 0) for one in outer)))
        return next((each for each in found if each is not None), None)


def children(
    out: dict[str, Any], path: SchemaPath, here: str, name: str, value: Any
) -> Iterator[tuple[dict[str, Any], SchemaPath, str]]:
    """Each schema that a keyword holds: where it is written, its schema path, its pointer."""
    if name == "items":
        yield out.setdefault("items", {}), (*path, "items"), here
    elif name == "properties":
        for child in value:
            written = out.setdefault("properties", {}).setdefault(child, {})
            yield written, (*path, "properties", child), join(here, child)
    else:  # allOf is merged into the schema that has it
        for index in range(len(value)):
            yield out, path, join(here, index)
