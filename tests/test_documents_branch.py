"""A version whose body is one of several schemas: it is read as the one whose invoices are sent."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from run.notes import notes_of
from spec import contract
from spec.contract import Contract
from spec.diff.changes import changes
from spec.diff.standing import comparable
from spec.expectation import Expectation
from spec.yamlfile import FileError
from strategies.invalid import near_misses
from strategies.invoice import check_valid, plain_invoice
from tests.exchanges import CONTRACT, FACTS, invoice
from tests.invoices import ANYWHERE
from tests.versions.catalogue import ALTERATIONS
from tests.versions.edited import broken, expected
from tests.versions.parts import Alteration, Parts, Schema

ACCEPT, UNSPECIFIED, REJECT = Expectation.ACCEPT, Expectation.UNSPECIFIED, Expectation.REJECT
NAMES = ["one of two bodies", "any of two bodies"]
BY_KIND = [f"{name} by its kind" for name in NAMES]


def _of(*schemas: Any, **beside: Any) -> Alteration:
    """A version with one of these bodies; a function makes its own of a copy of today's."""

    def edit(parts: Parts) -> None:
        listed = []
        for each in schemas:
            one = deepcopy(parts.request)
            listed.append(each(one) or one if callable(each) else each)
        parts.body["content"]["application/json"] |= {"schema": {"oneOf": listed, **beside}}

    return Alteration(edit)


def _same(_: Schema) -> None:
    """An invoice of today."""


def _for_customers(one: Schema) -> None:
    one["properties"]["customer_id"] = {"type": "string", "example": "C-1"}
    one["required"].append("customer_id")


def _loaded(alteration: Alteration, folder: Path) -> Contract:
    loaded = alteration.load(folder)
    check_valid(loaded, ANYWHERE)
    return loaded


@pytest.mark.parametrize("name", NAMES)
def test_an_invoice_of_the_branch_most_like_today_is_sent(name: str, tmp_path: Path) -> None:
    """With the requirements of today; the other branch is told, and what keeps it is not wrong."""
    loaded = _loaded(ALTERATIONS[name], tmp_path)
    assert {one.name for one in CONTRACT.body_requirements} <= {
        one.name for one in loaded.body_requirements
    }
    (told,) = (note for note in notes_of(loaded) if "schemas of the body" in note)
    assert told.startswith("only one of the 2 schemas of the body is sent and asked about: ")
    assert told.endswith(f"#/components/schemas/{'Ordered'}")
    assert expected(loaded, invoice()).expectation is ACCEPT
    direct = invoice() | {"customer_id": "C-1", "remarks": "x" * 300}
    del direct["order_id"]
    assert expected(loaded, direct).expectation is UNSPECIFIED
    assert expected(loaded, direct | {"remarks": "x" * 301}).expectation is REJECT
    assert broken(loaded, invoice() | {"remarks": "x" * 256}) == ["remarks.maxLength"]
    assert expected(loaded, []).expectation is REJECT


@pytest.mark.parametrize("name", BY_KIND)
def test_a_discriminator_has_the_name_of_the_branch_that_is_sent(name: str, tmp_path: Path) -> None:
    """It is required of an invoice, and another word is wrong."""
    loaded = _loaded(ALTERATIONS[name], tmp_path)
    sent = plain_invoice(loaded, FACTS)
    other = {"direct": "ordered", "ordered": "direct"}[sent["kind"]]
    assert expected(loaded, sent).expectation is ACCEPT
    assert expected(loaded, sent | {"kind": other}).expectation is UNSPECIFIED
    assert broken(loaded, sent | {"kind": "proforma"}) == ["kind.enum"]
    assert broken(loaded, {n: sent[n] for n in sent if n != "kind"}) == ["kind.required"]
    for requirement in loaded.body_requirements:
        assert near_misses(loaded, FACTS, requirement), requirement


def test_the_branch_of_an_example_is_sent_where_all_are_like_today(tmp_path: Path) -> None:
    """Of the others the first."""

    def named(word: str) -> Any:
        def edit(one: Schema) -> None:
            one["properties"]["kind"] = {"type": "string", "enum": [word]}
            one["required"].append("kind")

        return edit

    bodies = named("A"), named("B")
    assert plain_invoice(_loaded(_of(*bodies), tmp_path), FACTS)["kind"] == "A"
    example = invoice() | {"kind": "B"}
    assert plain_invoice(_loaded(_of(*bodies, example=example), tmp_path), FACTS)["kind"] == "B"


@pytest.mark.parametrize(
    "other",
    [{"type": "array", "items": {"type": "object"}}, {"type": "string"}],
    ids=["a list of invoices", "a text"],
)
def test_what_is_no_object_is_another_body(other: Schema, tmp_path: Path) -> None:
    """It is as valid, and not asked about."""
    loaded = _loaded(_of(_same, other), tmp_path)
    assert expected(loaded, invoice()).expectation is ACCEPT
    assert broken(loaded, {**invoice(), "total_amount": "1"}) == ["total_amount.type"]


def test_one_body_alone_in_a_choice_is_the_body(tmp_path: Path) -> None:
    """As generators write it; nothing is told."""
    loaded = _loaded(_of(_same), tmp_path)
    assert [one.name for one in loaded.requirements] == [one.name for one in CONTRACT.requirements]
    assert not [note for note in notes_of(loaded) if "schemas of the body" in note]


@pytest.mark.parametrize(
    "bodies",
    [
        (_same, lambda one: one["required"].append("url")),
        (_same, _same),
        ({"type": "string"}, {"type": "array", "items": {"type": "string"}}),
    ],
    ids=["one that requires more", "two alike", "no object"],
)
def test_bodies_that_nothing_tells_apart_are_one_sentence(
    bodies: tuple[Any, ...], tmp_path: Path
) -> None:
    """What breaks the one may keep the other, so that nothing could be called wrong."""
    loaded = _of(*bodies).load(tmp_path)
    with pytest.raises(FileError, match="one of several schemas that nothing required tells apart"):
        check_valid(loaded, ANYWHERE)


def test_an_error_may_name_what_another_body_lacks(tmp_path: Path) -> None:
    """A server need not know which of them was meant."""
    loaded = _loaded(_of(_same, _for_customers), tmp_path)
    payload = invoice()
    del payload["order_id"]
    assert ("customer_id",) in [*loaded.branch.wrong_in_others(payload)]
    assert [*CONTRACT.branch.wrong_in_others(payload)] == []


def test_a_choice_of_bodies_is_told_as_one_in_a_comparison(tmp_path: Path) -> None:
    """All of its schemas count there."""
    path = _of(_same, _for_customers).write(tmp_path / "openapi.yaml")
    (was, old), (now, new) = comparable(contract.DOCUMENT), comparable(path)
    assert "body.oneOf" in {one.requirement for one in changes(was, now, (old, new))}
