"""Versions with values of a new property that have no type, or are no scalars: a run begins."""

from pathlib import Path

import pytest

from run.cases import near_misses
from run.notes import notes_of
from spec.expectation import Expectation
from strategies.acceptance.edges import edges
from strategies.invoice import plain_invoice, why_not_valid
from tests.exchanges import FACTS
from tests.versions.edited import expected
from tests.versions.parts import Schema, of_3_1

KINDS: dict[str, Schema] = {
    "a listed object": {"const": {"a": 1}},
    "one of two objects": {"enum": [{"a": 1}, {"a": 2}]},
    "one of two lists": {"enum": [[1], [2, 3]]},
    "a text or null, one of two limits": {
        "type": ["string", "null"],
        "oneOf": [{"maxLength": 5}, {"pattern": "^a"}],
    },
    "a pattern or a size": {"anyOf": [{"pattern": "^a"}, {"minLength": 3}]},
    "a pattern or a number": {"oneOf": [{"type": "integer"}, {"type": "string", "pattern": "^a"}]},
    "null, a size or a limit": {"oneOf": [{"type": "null"}, {"minLength": 2}, {"minimum": 3}]},
    "a list of texts of a pattern or none": {
        "oneOf": [{"items": {"pattern": "^a"}, "minItems": 1}, {"type": "boolean"}]
    },
}


@pytest.mark.parametrize("name", KINDS)
def test_a_run_by_it_has_all_that_it_sends(name: str, tmp_path: Path) -> None:
    """The plain invoice must be accepted, each near miss refused, and each edge accepted."""
    loaded = of_3_1(lambda parts: parts.add("extra_field", KINDS[name])).load(tmp_path)
    assert why_not_valid(loaded, FACTS) == ""
    assert expected(loaded, plain_invoice(loaded, FACTS)).expectation is Expectation.ACCEPT
    assert notes_of(loaded)
    for group in near_misses(loaded, FACTS):
        if group.name.startswith("extra_field"):
            assert group.cases
    for requirement in loaded.body_requirements:
        if requirement.path[:1] == ("extra_field",):
            edges(loaded, FACTS, requirement)
