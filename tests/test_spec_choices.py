"""An `anyOf` that says which of the properties beside it are required is kept, and broken."""

from pathlib import Path
from typing import Any

import pytest

from run.cases import near_misses
from spec.contract import Contract
from spec.expectation import Expectation
from strategies.acceptance.valid import valid
from tests.exchanges import invoice
from tests.invoices import ANYWHERE, drawn
from tests.versions.catalogue import ALTERATIONS
from tests.versions.edited import broken, expected


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Contract:
    """A version that demands an order or a quote."""
    return ALTERATIONS["either of two properties"].load(tmp_path_factory.mktemp("either"))


def _without(name: str, **more: Any) -> dict[str, Any]:
    return {key: value for key, value in invoice().items() if key != name} | more


def test_an_invoice_with_what_is_known_must_be_accepted(loaded: Contract) -> None:
    """One with the other property, of which the reading says nothing, may be refused."""
    assert expected(loaded, invoice()).expectation is Expectation.ACCEPT
    other = expected(loaded, _without("order_id", quote_id="Q-1"))
    assert other.expectation is Expectation.UNSPECIFIED


def test_an_invoice_with_neither_breaks_the_choice(loaded: Contract) -> None:
    """And nothing else, so that it is a near miss of that."""
    assert broken(loaded, _without("order_id")) == ["body.anyOf"]
    (group,) = (one for one in near_misses(loaded, ANYWHERE) if one.name == "body.anyOf")
    assert any("order_id" not in case.payload for case in group.cases)


def test_every_valid_invoice_has_the_properties_of_one_branch(loaded: Contract) -> None:
    """As drawn at random, with and without whatever is optional."""
    assert all("order_id" in each for each in drawn(valid(loaded, ANYWHERE), 50))


def test_the_first_branch_is_taken_where_nothing_is_known(tmp_path: Path) -> None:
    """The property of the other one is as optional as it was."""
    loaded = ALTERATIONS["an object of either property"].load(tmp_path)
    name = "extra_field"
    sent = drawn(valid(loaded, ANYWHERE), 50)
    assert all("a" in each[name] for each in sent)
    assert {one.path: one.required for one in loaded.unread} == {
        (name,): True,
        (name, "a"): True,
        (name, "b"): False,
    }
