"""Reads a YAML file as JSON values, with the line of each node.

OpenAPI 3.0 allows only what the JSON ruleset of YAML 1.2 gives (OpenAPI 3.0.0, "Format"): words
such as `no` and dates such as 2025-01-01 are strings here, and every key is one.
"""

import math
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from spec.paths import join

DEEPEST = 100
LARGEST = 100_000
"""Limits on levels and nodes: far beyond any honest file, and soon reached by a hostile one."""


class SpecError(ValueError):
    """A file that the suite judges by cannot be used; one sentence says where and why."""


@dataclass(frozen=True, slots=True)
class YamlFile:
    """A YAML file's content, and the line (from 1) of each node by JSON pointer (RFC 6901)."""

    name: str
    content: Any
    lines: dict[str, int]
    raw: bytes

    def line(self, pointer: str) -> int:
        """The line of the node, or of its nearest ancestor that is in the file."""
        while pointer and pointer not in self.lines:
            pointer = pointer.rpartition("/")[0]
        return self.lines.get(pointer, 1)

    def error(self, pointer: str, what: str) -> SpecError:
        """The error about a node; `what` completes a sentence that starts with file and line."""
        return SpecError(f"{self.name}:{self.line(pointer)}: {what}")


def read(path: Path) -> YamlFile:
    """The file's content; SpecError names the file and the line of what is wrong with it."""
    name = shown(path)
    try:
        raw = path.read_bytes()
        text = raw.decode()
    except OSError as error:
        raise SpecError(f"{name}: cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise SpecError(f"{name}: is not UTF-8 text at byte {error.start}.") from error
    try:
        _check_depth(text, name)
        node = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise SpecError(f"{name}:{line}: is not valid YAML: {error.problem}.") from error
    except yaml.YAMLError as error:
        raise SpecError(f"{name}: is not valid YAML: {' '.join(str(error).split())}.") from error
    if node is None:
        raise SpecError(f"{name}: is empty.")
    lines: dict[str, int] = {}
    content = _value(node, "", lines, name)
    return YamlFile(name, content, lines, raw)


def shown(path: Path) -> str:
    """The path as a person would type it from here."""
    here = Path.cwd()
    absolute = path.absolute()
    return str(absolute.relative_to(here) if absolute.is_relative_to(here) else path)


class _Loader(yaml.CSafeLoader):
    """Resolves plain words as YAML 1.2 says (section 10.3)."""


_Loader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?[0-9]+", list("-+0123456789")),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", list("-+.0123456789")),
):
    _Loader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_tag}", re.compile(rf"(?:{_pattern})\Z"), _first
    )


def _check_depth(text: str, name: str) -> None:
    """Refuse a file that is too deep before the composer, which is recursive C, reads it."""
    depth = 0
    for event in yaml.parse(text, Loader=_Loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > DEEPEST:
            line = event.start_mark.line + 1 if event.start_mark else 1
            raise SpecError(f"{name}:{line}: is nested deeper than {DEEPEST} levels.")


def _value(node: yaml.Node, pointer: str, lines: dict[str, int], name: str) -> Any:
    """The JSON value of a node. What an alias repeats is built anew: no two places share it."""
    line = node.start_mark.line + 1
    lines.setdefault(pointer, line)
    if len(lines) > LARGEST or pointer.count("/") > DEEPEST:
        raise SpecError(f"{name}:{line}: is too large, or has an alias that repeats without end.")
    if isinstance(node, yaml.SequenceNode):
        return [
            _value(child, join(pointer, index), lines, name)
            for index, child in enumerate(node.value)
        ]
    if isinstance(node, yaml.MappingNode):
        mapping: dict[str, Any] = {}
        for key, child in node.value:
            line = key.start_mark.line + 1
            if not isinstance(key, yaml.ScalarNode):
                raise SpecError(f"{name}:{line}: a key must be a plain word.")
            if key.value in mapping:
                raise SpecError(f"{name}:{line}: the key {key.value!r} appears twice.")
            below = join(pointer, key.value)
            lines[below] = line
            mapping[key.value] = _value(child, below, lines, name)
        return mapping
    try:
        return _scalar(node.tag.removeprefix("tag:yaml.org,2002:"), node.value)
    except ValueError as error:
        raise SpecError(f"{name}:{line}: {node.value[:80]!r} is not a JSON value.") from error


def _scalar(tag: str, text: str) -> str | float | bool | None:
    """The JSON value of a scalar; ValueError where there is none."""
    match tag:
        case "str":
            return text
        case "null":
            return None
        case "bool":
            return text.lower() == "true"
        case "int":
            return int(text)
        case "float" if math.isfinite(number := float(text)):
            return number
    raise ValueError(tag)
