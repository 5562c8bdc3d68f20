"""Another version of the vendor's document: its payloads come of themselves."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import find, given, settings

from spec import contract
from spec.contract import Contract
from spec.requirements import Requirement
from strategies.edges import edges
from strategies.invalid import invalid, near_misses
from strategies.invoice import base
from strategies.packing import packed
from strategies.unspecified import unspecified
from strategies.valid import valid
from tests.invoices import ANYWHERE, DRAWS, SEARCH, broken, complaints

Payload = dict[str, Any]

LIMITS = {
    "        sku:\n          type: string\n          maxLength: 255\n": (
        "        sku:\n          type: string\n          maxLength: 12\n"
    ),
    "        remarks:\n          type: string\n          maxLength: 255\n": (
        "        remarks:\n          type: string\n          maxLength: 20\n"
    ),
    "            - OVERPAID\n": "",
    "        - due_date\n": "        - due_date\n        - remarks\n",
}
"""Limits changed, a state gone, a property required that was optional."""

FIELDS = {
    "        remarks:\n          type: string\n          maxLength: 255\n": """\
        remarks:
          type: string
          maxLength: 255
        currency:
          type: string
          enum: [EUR, USD]
        paid_online:
          type: boolean
        note:
          type: string
          nullable: true
        tags:
          type: array
          minItems: 1
          maxItems: 3
          items:
            type: string
            minLength: 2
            maxLength: 5
        shipping:
          type: object
          required: [city]
          properties:
            city:
              type: string
              maxLength: 8
            parcels:
              type: array
              items:
                type: object
                required: [weight]
                properties:
                  weight:
                    type: number
                    minimum: 0.5
                    maximum: 30
                  fragile:
                    type: boolean
""",
    "        sku:\n          type: string\n": """\
        discount:
          type: integer
          minimum: 1
          maximum: 99
        sku:
          type: string
""",
}
"""Fields added: each type, arrays and objects in one another, all bounds, one that may be null."""


def altered(changes: dict[str, str], path: Path) -> Contract:
    """The contract of the vendor's document with these pieces of text replaced."""
    text = contract.DOCUMENT.read_text()
    for old, new in changes.items():
        before, found, after = text.rpartition(old)
        assert found, old
        text = before + new + after
    path.write_text(text)
    return contract.load(path, contract.READING)


@pytest.fixture(scope="module", params=[LIMITS, FIELDS], ids=["limits", "fields"])
def document(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Contract:
    """One altered document after the other."""
    return altered(request.param, tmp_path_factory.mktemp("document") / "openapi.yaml")


def test_its_base_invoice_is_valid_and_whole(document: Contract) -> None:
    """With a value for every property, known or not."""
    payload = base(document, ANYWHERE)
    assert complaints(document.narrowed_schema, payload) == []
    assert set(payload) == set(document.request_schema["properties"])


def test_its_drawn_invoices_are_sound(document: Contract) -> None:
    """By an independent validator."""

    @DRAWS
    @given(valid(document, ANYWHERE))
    def holds(payload: Payload) -> None:
        assert complaints(document.narrowed_schema, payload) == []

    holds()


def test_its_near_misses_break_their_requirement_alone(document: Contract) -> None:
    """Every requirement of the document has some, and each is single-minded."""
    for requirement in document.body_requirements:
        cases = near_misses(document, ANYWHERE, requirement)
        assert cases, requirement.name
        for case in cases:
            assert broken(case.payload, document) == {requirement.name}, case.name


def test_its_drawn_breaks_break_their_requirement_alone(document: Contract) -> None:
    """Whatever the keyword, and however deep it stands."""
    for requirement in document.body_requirements:
        assert_single_minded(document, requirement)


def assert_single_minded(document: Contract, requirement: Requirement) -> None:
    """Draw a few broken payloads and see that each breaks this requirement and no other."""

    @settings(DRAWS, max_examples=15)
    @given(invalid(document, ANYWHERE, requirement))
    def holds(payload: Payload) -> None:
        assert broken(payload, document) == {requirement.name}

    holds()


def test_its_edges_are_valid_and_packed(document: Contract) -> None:
    """Every requirement of the document has some, and they share invoices."""
    every = [edges(document, ANYWHERE, requirement) for requirement in document.body_requirements]
    assert all(every)
    for parcel in packed(document, ANYWHERE, [edge for some in every for edge in some]):
        assert complaints(document.narrowed_schema, parcel.payload) == [], parcel.edges


def test_its_oddities_keep_it(document: Contract) -> None:
    """What lies between the document and the reading follows the document."""

    @DRAWS
    @given(unspecified(document, ANYWHERE))
    def holds(payload: Payload) -> None:
        assert broken(payload, document) == set()

    holds()


def test_a_new_field_is_sent_and_left_out(tmp_path: Path) -> None:
    """It takes part in the drawn subsets like any other."""
    document = altered(FIELDS, tmp_path / "openapi.yaml")
    drawn = valid(document, ANYWHERE)
    assert find(drawn, lambda p: p.get("paid_online") is False, settings=SEARCH)
    assert "shipping" not in find(drawn, lambda p: len(p.get("tags", ())) == 3, settings=SEARCH)


def test_a_state_that_is_gone_is_not_sent(tmp_path: Path) -> None:
    """An overpaid invoice then has no status, and none of the near misses lack theirs."""
    document = altered(LIMITS, tmp_path / "openapi.yaml")
    overpaid = find(
        valid(document, ANYWHERE),
        lambda p: p["paid_amount"] > p["total_amount"],
        settings=SEARCH,
    )
    assert "status" not in overpaid
