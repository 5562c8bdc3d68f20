"""A version with lists of objects, within each other, that have required and optional properties:
whatever its examples leave out, an invoice has all of it, and each requirement can be broken.
"""

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from run.cases import edge_values
from spec.expectation import Expectation
from spec.paths import present
from strategies.invalid import near_misses, unbroken
from strategies.invoice import check_valid, complete_invoice, plain_invoice
from strategies.packing import packs, with_extras
from strategies.unspecified.unread import unread_values
from tests.exchanges import FACTS
from tests.versions.edited import broken, expected
from tests.versions.parts import Alteration, Parts, Schema

RATE: Schema = {"type": "number", "minimum": 0, "example": 20}
NOTE: Schema = {"type": "string", "maxLength": 20}
FLAG: Schema = {"type": "boolean"}
KIND: Schema = {"type": "string", "enum": ["A", "B"]}


def _object(*required: str, **properties: Schema) -> Schema:
    needed = {"required": [*required]} if required else {}
    return {"type": "object", **needed, "properties": properties}


def _list(element: Schema, **more: Any) -> Schema:
    return {"type": "array", "items": element, **more}


LISTS: dict[str, Schema] = {
    "an optional text": _list(_object("rate", rate=RATE, note=NOTE)),
    "an optional flag": _list(_object("rate", rate=RATE, note=FLAG)),
    "an optional word": _list(_object("rate", rate=RATE, kind=KIND)),
    "an example of less": _list(_object("rate", rate=RATE, note=NOTE), example=[{"rate": 1}]),
    "an example of nothing": _list(_object("rate", rate=RATE, note=NOTE), example=[]),
    "an example of an empty object": _list(_object(rate=RATE, note=NOTE), example=[{}]),
    "no other property": _list(
        _object("rate", rate=RATE, note=NOTE) | {"additionalProperties": False}
    ),
    "a list in a list": _list(_object("a", a=RATE, sub=_list(_object("b", b=KIND, c=NOTE)))),
    "a list in an object": _object(a=RATE, sub=_list(_object("b", b=RATE, c=NOTE, d=FLAG))),
    "three lists": _list(
        _object(a=RATE, sub=_list(_object(b=RATE, deep=_list(_object(c=KIND, d=FLAG)))))
    ),
    "one of two": _list(
        _object(a=RATE, b=NOTE) | {"anyOf": [{"required": ["a"]}, {"required": ["b"]}]}
    ),
}


def _version(name: str, *, in_items: bool, required: bool) -> Alteration:
    def edit(parts: Parts) -> None:
        if not in_items:
            parts.add("taxes", deepcopy(LISTS[name]), required=required)
            return
        parts.item["properties"]["taxes"] = deepcopy(LISTS[name])
        parts.item["required"] += ["taxes"] * required

    return Alteration(edit)


@pytest.mark.parametrize("required", [True, False], ids=["required", "optional"])
@pytest.mark.parametrize("in_items", [True, False], ids=["of items", "of the invoice"])
@pytest.mark.parametrize("name", LISTS)
def test_a_complete_invoice_has_what_an_example_leaves_out(
    name: str, *, in_items: bool, required: bool, tmp_path: Path
) -> None:
    """In each list, so that each requirement has a place to be broken at."""
    loaded = _version(name, in_items=in_items, required=required).load(tmp_path)
    check_valid(loaded, FACTS)
    complete = complete_invoice(loaded)
    assert [one.name for one in loaded.body_requirements if not present(complete, one.path)] == []
    assert {path for path, _, _ in unread_values(loaded)} == {*loaded.left_out}
    assert [one.name for one in unbroken(loaded) if "taxes" in one.path] == []
    new = [one for one in loaded.body_requirements if "taxes" in one.path]
    for one in new[::3]:
        for miss in near_misses(loaded, FACTS, one)[:2]:
            assert one.name in broken(loaded, miss.payload)


@pytest.mark.parametrize(
    "element",
    [
        {"type": "string", "minLength": 2, "maxLength": 10},
        {"type": "string", "pattern": "^[A-Z]{2}[0-9]{3}$", "example": "AB123"},
        {"type": "string", "enum": ["one", "two", "three", "four", "five"]},
        {"type": "string", "format": "uuid"},
        {"type": "integer", "minimum": 1, "maximum": 5, "example": 5},
        {"type": "number", "multipleOf": 0.5, "maximum": 10, "example": 10},
        _object("kind", "rate", kind=KIND, rate=RATE),
    ],
)
def test_a_list_of_different_elements_is_too_long_by_one_that_is_right(
    element: Schema, tmp_path: Path
) -> None:
    """It is wrong for its length alone, so that a server which forgets that takes it."""
    tags = _list(element, uniqueItems=True, minItems=1, maxItems=3)
    loaded = Alteration(lambda parts: parts.add("tags", tags)).load(tmp_path)
    cases = near_misses(loaded, FACTS, loaded.named("tags.maxItems"))
    assert any(broken(loaded, case.payload) == ["tags.maxItems"] for case in cases)


def test_of_two_properties_that_no_object_may_have_at_once_each_is_wrong_alone(
    tmp_path: Path,
) -> None:
    """What is wrong takes the place of the other, so that the server can blame nothing else."""
    pair = _object(a=RATE, b=NOTE) | {"maxProperties": 1, "example": {"a": 1}}
    version = Alteration(lambda parts: parts.add("pairs", _list(pair), required=False))
    loaded = version.load(tmp_path)
    check_valid(loaded, FACTS)
    wrong = [one for one in loaded.body_requirements if one.path[-1:] in (("a",), ("b",))]
    assert {one.path[-1] for one in wrong} == {"a", "b"}
    for one in wrong:
        cases = near_misses(loaded, FACTS, one)
        assert all(broken(loaded, case.payload) == [one.name] for case in cases[:5])
        assert cases


ONE_OF: dict[str, tuple[list[list[str]], dict[str, Schema]]] = {
    "a word": ([["due_date"], ["terms"]], {"terms": KIND}),
    "a text": ([["due_date"], ["terms"]], {"terms": NOTE}),
    "two": ([["due_date"], ["terms", "flag"]], {"terms": KIND, "flag": FLAG}),
    "three": ([["due_date"], ["terms"], ["flag"]], {"terms": KIND, "flag": FLAG}),
    "no known one": ([["terms"], ["flag"]], {"terms": KIND, "flag": FLAG}),
    "a list": ([["due_date"], ["terms"]], {"terms": _list(_object("rate", rate=RATE, note=FLAG))}),
}


def _one_of(name: str, keyword: str) -> Alteration:
    choices, properties = ONE_OF[name]

    def edit(parts: Parts) -> None:
        for each, schema in properties.items():
            parts.add(each, deepcopy(schema), required=False)
        parts.request["required"].remove("due_date")
        parts.request[keyword] = [{"required": names} for names in choices]

    return Alteration(edit)


@pytest.mark.parametrize("name", ONE_OF)
def test_an_invoice_may_require_one_of_several_properties(name: str, tmp_path: Path) -> None:
    """What has none of them is refused; valid invoices at the limits of all others are made."""
    loaded = _one_of(name, "anyOf").load(tmp_path)
    check_valid(loaded, FACTS)
    payload = plain_invoice(loaded, FACTS)
    assert expected(loaded, payload).expectation is Expectation.ACCEPT
    names = {each for some in ONE_OF[name][0] for each in some}
    without = {each: value for each, value in payload.items() if each not in names}
    assert broken(loaded, without) == ["body.anyOf"]
    sent = [case.payload for group in edge_values(loaded, FACTS) for case in group.cases]
    assert sent
    assert all(names & one.keys() for one in sent)


def test_extras_go_where_the_list_is_that_they_are_in(tmp_path: Path) -> None:
    """Not into an item whose optional list a carrier does not have: the run broke."""
    tax = _object("code", code=NOTE, rate=RATE, exempt=FLAG)
    discount = _object("kind", kind=KIND, rate=RATE)

    def edit(parts: Parts) -> None:
        parts.item["properties"]["taxes"] = _list(tax)
        parts.add("discount", deepcopy(discount), required=False)

    loaded = Alteration(edit).load(tmp_path)
    every = [case for _, cases in packs(loaded, FACTS) for case in cases]
    assert all(with_extras(loaded, FACTS, case) for case in every)
