"""Reads a YAML file as JSON values, with the line of each node.

OpenAPI 3.0 allows only what the JSON ruleset of YAML 1.2 gives (OpenAPI 3.0.0, "Format"): words
such as `no` and dates such as 2025-01-01 are strings here, and every key is one.
"""

import errno
import math
import os
import re
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import takewhile
from pathlib import Path
from typing import Any

import yaml

from spec.paths import join
from spec.schema.absent import without_empty, without_nevers

DEEPEST = 100
LARGEST = 100_000
LONGEST_KEY = 1000
MOST_POINTERS = 32 * 1024 * 1024
LARGEST_FILE = 4 * 1024 * 1024
"""Limits on levels, nodes, the characters of a key and of all JSON pointers, and the bytes of a
file: far beyond any honest file, and soon reached by a hostile one."""

_MOST_TAGS = 10
"""Directives that define a tag; the parser compares each with all before it."""
_JOINERS = dict.fromkeys(map(ord, "\u200c\u200d"))
"""They do not show, but many languages are written with them between letters."""
_PAIR = re.compile(
    r"(?<!\\)((?:\\\\)*+)\\u(d[89ab][0-9a-f]{2})\\u(d[c-f][0-9a-f]{2})", re.IGNORECASE
)
"""Two escapes of JSON for one character, if the backslash itself is not escaped."""
_STARTS = ("openapi:", '"openapi":', "'openapi':")
"""What a document in YAML begins with."""
_FENCE = re.compile(r"([ \t>]{0,40}+(?:(?:[-*+]|[0-9]{1,9}[.)])[ \t]{1,9}+)?)(`{3,40}|~{3,40})")
"""The first line of a block of code in a page, also in a quote or in an entry of a list."""
_MATTER = "---"
"""The line before what a page says of itself, and after it."""
_NAMED = re.compile(r'[ \t]{0,40}+\{?[ \t]{0,40}+"openapi"')
_SHOWN = 80
"""Characters of a key or a value that a sentence shows."""


class FileError(ValueError):
    """A file that the suite judges by cannot be used; one sentence says where and why."""


@dataclass(frozen=True, slots=True, eq=False)
class YamlFile:
    """A YAML file's content, and the line (from 1) of each node by JSON pointer (RFC 6901).

    `renamed` has what a reading says of a document: new names of properties, by those of today.
    `body` is the pointer of the schema of what is sent, where the body is one of several. Of what
    is `only_compared` nothing is sent.
    """

    name: str
    content: Any
    lines: dict[str, int]
    raw: bytes
    renamed: dict[str, str] = field(default_factory=dict)
    body: str = ""
    only_compared: bool = False

    def line(self, pointer: str) -> int:
        """The line of the node, or of its nearest ancestor that is in the file."""
        return self.lines.get(self._nearest(pointer), 1)

    def error(self, pointer: str, what: str) -> FileError:
        """The error about a node; `what` completes a sentence that starts with file, line and
        pointer of the node, or of its nearest ancestor that is in the file.
        """
        return FileError(f"{self.place(pointer)}: {what}")

    def at(self, pointer: str) -> str:
        """File and line of the node, as a table or a sentence in passing has them."""
        return place(self.name, self.line(pointer), "")

    def clause(self, pointer: str) -> tuple[str, int, str]:
        """Pointer, line and file, as a requirement has them."""
        return pointer, self.line(pointer), self.name

    def place(self, pointer: str) -> str:
        """File, line and pointer of the node, or of its nearest ancestor that is in the file."""
        return place(self.name, self.line(pointer), self._nearest(pointer))

    def _nearest(self, pointer: str) -> str:
        while pointer and pointer not in self.lines:
            pointer = pointer.rpartition("/")[0]
        return pointer


def place(name: str, line: int, pointer: str) -> str:
    """Where a node is, as sentences begin; the whole of a file has no pointer."""
    return f"{name}:{line}: #{pointer}" if pointer else f"{name}:{line}"


def read(path: Path) -> YamlFile:
    """The file's content; FileError names the file and the line of what is wrong with it."""
    name = shown(path)
    try:
        raw = read_regular(path)
        text = _yaml_of(raw.decode(), name)
    except OSError as error:
        raise FileError(f"{name}: cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise FileError(f"{name}: is not UTF-8 text at byte {error.start}.") from error
    try:
        _check_size(text, name)
        node = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise FileError(f"{name}:{line}: is not valid YAML: {error.problem}.") from error
    except yaml.YAMLError as error:
        raise FileError(f"{name}: is not valid YAML: {' '.join(str(error).split())}.") from error
    if node is None:
        raise FileError(f"{name}: is empty.")
    found = _Found(name)
    content = _value(node, "", found)
    if isinstance(content, dict) and "openapi" in content:
        content = without_empty(content)
        without_nevers(content, found.lines)
    return YamlFile(name, content, found.lines, raw)


def _yaml_of(text: str, name: str) -> str:
    """The OpenAPI document in a page of Markdown, at the same lines; any other text as it is, but
    JSON as YAML has it, which knows no pairs of escapes for one character (RFC 8259, 7).
    """
    if text.lstrip().startswith("{"):
        return _PAIR.sub(_character, text)
    lines = text.splitlines(keepends=True)
    if lines and lines[0].rstrip() == _MATTER:
        end = next((n for n in range(1, len(lines)) if lines[n].rstrip() == _MATTER), 0)
        lines[: end + 1] = ["\n"] * (end + 1)
    found = [*_blocks(lines)]
    for at, block in found[1:]:
        if block != found[0][1]:
            what = f"has OpenAPI documents in the blocks of lines {found[0][0]} and {at}: keep one"
            raise FileError(f"{name}: {what} of them.")
    return "\n" * found[0][0] + _yaml_of(found[0][1], name) if found else text


def _blocks(lines: list[str]) -> Iterator[tuple[int, str]]:
    """The line, from 1, of each block of a page that is a document, and what is in it."""
    starts = [n for n, line in enumerate(lines) if line.startswith(_STARTS)]
    at, is_page = starts[0] - 1 if starts else 0, not starts
    while 0 <= at < len(lines) - 1:
        fence = _FENCE.match(lines[at])
        inside = _fenced(lines, at + 1, *fence.groups()) if fence else []
        if inside and (inside[0].startswith(_STARTS) or any(map(_NAMED.match, inside))):
            is_page = True
            yield at + 1, "".join(inside)
        if not is_page:
            break
        at += 1 + len(inside)


def _fenced(lines: list[str], start: int, margin: str, marks: str) -> list[str]:
    """The lines of a block that may be a document, without the margin that a list or a quote has;
    none where it begins as nothing of the kind.
    """
    margin = re.sub("[^ \t>]", " ", margin)
    if not lines[start].removeprefix(margin).startswith(("{", *_STARTS)):
        return []
    rest = (lines[n] for n in range(start, len(lines)))
    blank = margin.strip()  # a line of a quote may have no more
    plain = ("\n" if margin and one.strip() == blank else one.removeprefix(margin) for one in rest)
    return list(takewhile(lambda line: line.rstrip() != marks, plain))


def _character(pair: re.Match[str]) -> str:
    before, high, low = pair.groups()
    return before + bytes.fromhex(high + low).decode("utf-16-be")


def read_regular(path: Path, most: int = LARGEST_FILE) -> bytes:
    """The bytes of a file; OSError for more than `most`, and for what is not a regular file: to
    read a FIFO or a device might never end.
    """
    mode = path.stat().st_mode
    if stat.S_ISDIR(mode):
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    if not stat.S_ISREG(mode):
        raise OSError(errno.EINVAL, "Not a regular file")
    with path.open("rb") as file:
        data = file.read(most + 1)
    if len(data) > most:
        size = f"{most >> 20} MiB" if most >= 1 << 20 else f"{most >> 10} KiB"
        raise OSError(errno.EFBIG, f"Larger than {size}")
    return data


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


def _check_size(text: str, name: str) -> None:
    """Refuse a file that is too deep or too large before the composer, which is recursive C and
    keeps every node, reads it.
    """
    if text.count("%TAG") > _MOST_TAGS:
        raise FileError(f"{name}: defines more than {_MOST_TAGS} tags.")
    depth = nodes = 0
    for event in yaml.parse(text, Loader=_Loader):
        nodes += isinstance(event, yaml.NodeEvent)
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        line = event.start_mark.line + 1 if event.start_mark else 1
        if depth > DEEPEST:
            raise FileError(f"{name}:{line}: is nested deeper than {DEEPEST} levels.")
        if nodes > 2 * LARGEST:  # a key is a node too
            raise FileError(f"{name}:{line}: is too large.")


@dataclass(slots=True)
class _Found:
    """What has been read so far of the file of that name."""

    name: str
    lines: dict[str, int] = field(default_factory=dict)
    characters: int = 0

    def put(self, pointer: str, line: int) -> None:
        """Note the line of a node."""
        if pointer not in self.lines:
            self.lines[pointer] = line
            self.characters += len(pointer)
        if (
            len(self.lines) > LARGEST
            or self.characters > MOST_POINTERS
            or pointer.count("/") > DEEPEST
        ):
            what = "is too large, or has an alias that repeats without end."
            raise self.error(line, pointer[:_SHOWN], what)

    def error(self, line: int, pointer: str, what: str) -> FileError:
        """The error about a node, as `YamlFile.error` has it."""
        return FileError(f"{place(self.name, line, pointer)}: {what}")


def _value(node: yaml.Node, pointer: str, found: _Found) -> Any:
    """The JSON value of a node. What an alias repeats is built anew: no two places share it."""
    line = node.start_mark.line + 1
    found.put(pointer, line)
    if isinstance(node, yaml.SequenceNode):
        return [
            _value(child, join(pointer, index), found) for index, child in enumerate(node.value)
        ]
    if isinstance(node, yaml.MappingNode):
        mapping: dict[str, Any] = {}
        for key, child in node.value:
            name, of_key = _key(key, pointer, found), key.start_mark.line + 1
            if name in mapping:
                raise found.error(of_key, pointer, f"the key {name[:_SHOWN]!r} appears twice.")
            below = join(pointer, name)
            found.put(below, of_key)
            mapping[name] = _value(child, below, found)
        return mapping
    try:
        return _scalar(node.tag.removeprefix("tag:yaml.org,2002:"), node.value)
    except ValueError as error:
        what = f"{node.value[:_SHOWN]!r} is not a JSON value."
        raise found.error(line, pointer, what) from error


def _key(node: yaml.Node, pointer: str, found: _Found) -> str:
    line, what = node.start_mark.line + 1, ""
    if not isinstance(node, yaml.ScalarNode):
        what = "a key must be a plain word."
    elif len(node.value) > LONGEST_KEY:
        what = f"a key has more than {LONGEST_KEY} characters."
    elif not node.value.translate(_JOINERS).isprintable():  # reports and terminals show it
        what = f"the key {node.value[:_SHOWN]!r} has characters that do not show."
    if what:
        raise found.error(line, pointer, what)
    return str(node.value)


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
