"""The patterns of spellings mean the same in each Python."""

import re
from collections.abc import Iterator
from importlib import import_module

import pytest

PARSER = import_module("re._parser")
MODULES = ("targets.spellings", "targets.masking", "mirror.masking", "spec.yamlfile")


def compiled(value: object) -> Iterator[re.Pattern[bytes] | re.Pattern[str]]:
    """The patterns in a value, also in tuples and tables."""
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, dict):
        yield from compiled(tuple(value.values()))
    elif isinstance(value, tuple):
        for part in value:
            yield from compiled(part)


def possessive(parsed: object) -> Iterator[object]:
    """The body of each possessive repeat that holds another, and is not atomic."""
    if isinstance(parsed, PARSER.SubPattern):
        parsed = tuple(parsed)
    if isinstance(parsed, list | tuple):
        for part in parsed:
            yield from possessive(part)
        match parsed:
            case (PARSER.POSSESSIVE_REPEAT, (_, _, body)):
                inside = str(tuple(body))
                if "POSSESSIVE_REPEAT" in inside and not inside.startswith("((ATOMIC_GROUP,"):
                    yield body


@pytest.mark.parametrize("module", MODULES)
def test_a_possessive_repeat_of_another_is_atomic(module: str) -> None:
    """Before Python 3.11.5, such a repeat goes on in the middle of what it did not match."""
    for pattern in compiled(tuple(vars(import_module(module)).values())):
        assert not list(possessive(PARSER.parse(pattern.pattern, pattern.flags))), pattern.pattern


@pytest.mark.parametrize("body", [b"(?:a|b[cd]{1,3}+){2,}+", b"x(?:a(?:bc){0,9}+)*+"])
def test_a_repeat_that_some_pythons_match_wrongly_is_found(body: bytes) -> None:
    """The search for such repeats finds one."""
    assert list(possessive(PARSER.parse(body)))
