"""What is sent in a map, in a choice and in their elements comes back, though no part of them has
a requirement of its own."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from spec.contract import Contract
from tests.exchanges import answer_to, invoice
from tests.versions.edited import judged
from tests.versions.parts import Alteration, Parts

_TEXT = {"type": "string"}
_MAP = {"type": "object", "additionalProperties": _TEXT}
_NET = {"type": "object", "required": ["days"], "properties": {"days": {"type": "integer"}}}
_LATER = {
    "type": "object",
    "required": ["at"],
    "properties": {"at": {"type": "string", "format": "date-time"}, "labels": _MAP},
}
_CHOICE = {"oneOf": [_NET, _LATER]}


def _edit(parts: Parts) -> None:
    parts.add("labels", _MAP)
    parts.add("terms", _CHOICE)
    parts.add("rates", {"type": "array", "items": _CHOICE})
    parts.add("free", {"type": "object"})


SENT: dict[str, Any] = {
    "labels": {"One": "a", "two": "b"},
    "terms": {"at": "2025-06-01T12:00:00Z", "labels": {"One": "a"}, "other": 1},
    "rates": [{"days": 5}, {"days": 6}],
    "free": {"a": 1},
}


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Contract:
    """A version with maps and choices."""
    return Alteration(_edit).load(tmp_path_factory.mktemp("parts"))


def _violations(loaded: Contract, **returned: Any) -> list[tuple[str, tuple[object, ...]]]:
    payload = invoice() | deepcopy(SENT)
    answer = answer_to(payload)
    answer["data"] |= returned
    found = judged(loaded, payload, answer).violations
    return [(each.requirement.name, each.location[2:]) for each in found]


@pytest.mark.parametrize(
    "returned",
    [
        {},
        {"labels": {"One": "a", "two": "b", "three": "c"}},
        {"terms": {"at": "2025-06-01T14:00:00+02:00", "labels": {"One": "a"}}},
        {"free": {}},
    ],
    ids=["as sent", "more", "another spelling of a moment", "nothing is said of it"],
)
def test_what_is_as_it_was_sent_is_no_violation(loaded: Contract, returned: Any) -> None:
    """What a server adds is fine, and what the answer's schema does not name need not be there."""
    assert _violations(loaded, **returned) == []


@pytest.mark.parametrize(
    ("name", "returned", "at"),
    [
        ("labels", {"One": "a"}, ("two",)),
        ("labels", {"one": "a", "two": "b"}, ("One",)),
        ("labels", {"One": "a", "two": "B"}, ("two",)),
        ("terms", {"days": 5}, ("at",)),
        ("terms", {"at": "2025-06-01T12:00:01Z", "labels": {"One": "a"}}, ("at",)),
        ("terms", {"at": "2025-06-01T12:00:00Z", "labels": {"One": "b"}}, ("labels", "One")),
        ("rates", [{"days": 6}, {"days": 5}], (0, "days")),
    ],
)
def test_what_is_lost_or_changed_is_named(
    loaded: Contract, name: str, returned: Any, at: tuple[object, ...]
) -> None:
    """By the property around it, and where in it."""
    assert (f"201.data.{name}.echo", at) in _violations(loaded, **{name: returned})


@pytest.mark.parametrize(
    ("labels", "told"),
    [
        ({"One": "a"}, [('"b"', "nothing (absent)")]),
        ({"One": "a", "two": "B"}, [('"b"', '"B"')]),
        ({"One": "A", "two": "b"}, []),
    ],
)
def test_what_is_lost_or_changed_is_told_unless_it_is_unspecified(
    loaded: Contract, labels: dict[str, str], told: list[tuple[str, str]]
) -> None:
    """With what was sent; half a character may be lost."""
    payload = invoice() | {"labels": {"One": "a\ud800", "two": "b"}}
    answer = answer_to(payload)
    answer["data"]["labels"] = labels
    found = judged(loaded, payload | {n: SENT[n] for n in SENT if n != "labels"}, answer)
    echoed = [one for one in found.violations if one.requirement.name == "201.data.labels.echo"]
    assert [(one.expected, one.got) for one in echoed] == told


def test_what_the_schema_refuses_is_no_violation_of_the_echo(loaded: Contract) -> None:
    """It is one of the schema."""
    names = {name for name, _ in _violations(loaded, labels={"One": "a", "two": 5})}
    assert names == {"201.data.labels.additionalProperties"}


def test_a_choice_that_is_lost_is_named(tmp_path: Path) -> None:
    """Also where its schema has no type."""
    loaded = Alteration(lambda parts: parts.add("terms", _CHOICE)).load(tmp_path)
    payload = invoice() | {"terms": {"days": 5}}
    answer = answer_to(payload)
    del answer["data"]["terms"]
    found = judged(loaded, payload, answer).violations
    assert [each.requirement.name for each in found] == ["201.data.terms.echo"]


def test_1_is_not_true_in_a_map(tmp_path: Path) -> None:
    """Although the two are equal in Python, by which what came back is compared first."""
    either = {"oneOf": [{"type": "boolean"}, {"type": "integer"}]}
    loose = {"type": "object", "additionalProperties": either}
    loaded = Alteration(lambda parts: parts.add("flags", loose)).load(tmp_path)
    payload = invoice() | {"flags": {"a": True}}
    answer = answer_to(payload)
    assert judged(loaded, payload, answer).violations == ()
    answer["data"]["flags"] = {"a": 1}
    found = judged(loaded, payload, answer).violations
    assert [each.requirement.name for each in found] == ["201.data.flags.echo"]
