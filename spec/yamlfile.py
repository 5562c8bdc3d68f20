"""Reads a YAML file together with the line on which each of its nodes stands."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from spec.errors import SpecError


@dataclass(frozen=True, slots=True)
class YamlFile:
    """A YAML file's content, and the line (from 1) of each node by JSON pointer (RFC 6901)."""

    name: str
    content: Any
    lines: dict[str, int]
    raw: bytes

    def line(self, pointer: str) -> int:
        """The line of the node, or of its nearest ancestor that the file spells out."""
        while pointer and pointer not in self.lines:
            pointer = pointer.rpartition("/")[0]
        return self.lines.get(pointer, 1)

    def place(self, pointer: str) -> str:
        """File, line and pointer of a node, as an error message begins."""
        return f"{self.name}:{self.line(pointer)}: #{pointer}"


def read(path: Path) -> YamlFile:
    """The file's content; SpecError names the file and the line of what is wrong with it."""
    try:
        raw = path.read_bytes()
        text = raw.decode()
    except OSError as error:
        raise SpecError(f"{shown(path)}: cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise SpecError(f"{shown(path)}: is not UTF-8 text at byte {error.start}.") from error
    try:
        node = yaml.compose(text, Loader=yaml.CSafeLoader)
        lines: dict[str, int] = {}
        if node is None:
            raise SpecError(f"{shown(path)}: is empty.")
        _walk(node, "", lines, path, frozenset())
        content = yaml.load(text, Loader=yaml.CSafeLoader)  # it is the safe loader
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise SpecError(f"{shown(path)}:{line}: is no YAML: {error.problem}.") from error
    except (yaml.YAMLError, ValueError) as error:
        if isinstance(error, SpecError):
            raise
        raise SpecError(f"{shown(path)}: is no YAML: {' '.join(str(error).split())}.") from error
    except RecursionError as error:
        raise SpecError(f"{shown(path)}: is nested too deeply.") from error
    return YamlFile(shown(path), content, lines, raw)


def shown(path: Path) -> str:
    """The path as a person would type it from here."""
    here = Path.cwd()
    absolute = path.absolute()
    return str(absolute.relative_to(here) if absolute.is_relative_to(here) else path)


def join(pointer: str, key: str | int) -> str:
    """The pointer of a child (RFC 6901, section 4)."""
    return f"{pointer}/{str(key).replace('~', '~0').replace('/', '~1')}"


def _walk(
    node: yaml.Node, pointer: str, lines: dict[str, int], path: Path, above: frozenset[int]
) -> None:
    line = node.start_mark.line + 1
    if id(node) in above or len(lines) > 200_000:
        raise SpecError(f"{shown(path)}:{line}: has aliases that repeat without end.")
    lines.setdefault(pointer, line)
    above |= {id(node)}
    if isinstance(node, yaml.MappingNode):
        seen = set()
        for key, value in node.value:
            if not isinstance(key, yaml.ScalarNode):
                raise SpecError(
                    f"{shown(path)}:{key.start_mark.line + 1}: a key must be a plain word."
                )
            if key.value in seen:
                where = key.start_mark.line + 1
                raise SpecError(f"{shown(path)}:{where}: the key {key.value!r} stands twice.")
            seen.add(key.value)
            child = join(pointer, key.value)
            lines[child] = key.start_mark.line + 1
            _walk(value, child, lines, path, above)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            _walk(value, join(pointer, index), lines, path, above)
