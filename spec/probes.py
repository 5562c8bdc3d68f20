"""Reads the probes: named questions on which the document is silent, each made from the base invoice."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from spec import yamlfile
from spec.errors import SpecError
from spec.yamlfile import YamlFile, join

PROBES = Path(__file__).parent / "probes.yaml"

ACTIONS = {
    "set": ({"set", "to"}, {"set", "verbatim"}),
    "remove": ({"remove"},),
    "repeat": ({"repeat", "times"},),
    "prefix": ({"prefix"},),
}
"""The fields that go with each action, one of these sets exactly."""


@dataclass(frozen=True, slots=True)
class Change:
    """One action on the base invoice.

    `at` is the place as keys and indices, empty for `prefix`; `value` is what the action takes:
    a JSON value to set, JSON text to set verbatim, a number of elements, or bytes.
    """

    action: str
    at: tuple[str, ...]
    value: Any
    verbatim: bool = False


@dataclass(frozen=True, slots=True)
class Probe:
    """A question in one sentence, and how its body is made; it is sent `send` times, one stamp."""

    name: str
    question: str
    changes: tuple[Change, ...]
    send: int
    file: str
    line: int


def load(path: Path = PROBES) -> tuple[Probe, ...]:
    """The probes of a file; SpecError names file and line of one that is malformed."""
    ...
