"""Large invoices are valid, as large as they say, and cut inside characters."""

import json
from typing import Any

import pytest

from spec.contract import Contract, TargetFacts
from spec.expectation import Expectation
from strategies.cases import Case
from strategies.sizes import BLOCKS, cuts, large_invoices
from targets.client import Stamper
from tests.invoices import ANYWHERE, CONTRACT, TARGETS
from tests.test_strategies_cases import expected_of
from tests.test_strategies_documents import FIELDS, LIMITS, altered

AT_TARGETS = pytest.mark.parametrize("facts", TARGETS.values(), ids=TARGETS)
CASES = large_invoices(CONTRACT, ANYWHERE)
IN_ONE_ALPHABET = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


@AT_TARGETS
def test_a_large_invoice_must_be_accepted(facts: TargetFacts) -> None:
    """By length and in chunks, whatever is known of the target."""
    found = expected_of(large_invoices, CONTRACT, facts)
    assert len(found) == 15
    assert {expected.expectation for _, expected in found} == {Expectation.ACCEPT}


@pytest.mark.parametrize("change", [LIMITS, FIELDS], ids=["limits", "fields"])
def test_a_large_invoice_fits_an_altered_document(change: Any, tmp_path: Any) -> None:
    """Shorter texts and more properties change only what it is made of."""
    document: Contract = altered(change, tmp_path / "openapi.yaml")
    found = expected_of(large_invoices, document, ANYWHERE)
    assert [(case.name, expected.why) for case, expected in found if expected.why] == []
    assert {expected.expectation for _, expected in found} == {Expectation.ACCEPT}


@IN_ONE_ALPHABET
def test_a_large_invoice_has_the_size_that_its_name_says(case: Case) -> None:
    """To the byte, which a reader of whole blocks may not expect; few of them are spaces."""
    size = 1024 * int(case.name.split()[0])
    assert len(case.body) == size
    assert size - len(case.body.rstrip()) < 600


@IN_ONE_ALPHABET
def test_blocks_of_every_size_end_inside_a_character(case: Case) -> None:
    """Also once the stamp is written, and for the client's chunks; ASCII has no inside."""
    expected = set() if case.body.isascii() else {b for b in BLOCKS if b < len(case.body)}
    assert cuts(Stamper("7F3A91C2").write(case.body)) == expected
    assert 512 in expected or case.body.isascii()


@IN_ONE_ALPHABET
def test_all_texts_of_a_large_invoice_are_at_their_limits(case: Case) -> None:
    """So are those of each item but the last, which is as long as there is room."""
    payload = json.loads(case.body)
    *items, _ = payload["items"]
    texts = ("reference_id", "order_id", "invoice_number", "remarks")
    assert {len(payload[name]) for name in texts} == {255}
    assert len(payload["url"]) == 2000
    assert {len(item[name]) for item in items for name in ("reference_id", "sku", "name")} == {255}


@IN_ONE_ALPHABET
def test_the_items_of_a_large_invoice_are_distinct(case: Case) -> None:
    """No item can be taken for another."""
    items = json.loads(case.body)["items"]
    for name in ("reference_id", "sku", "name", "amount"):
        assert len({item[name] for item in items}) == len(items) > 1


def test_each_size_is_sent_by_length_and_in_chunks() -> None:
    """With characters of two, three or four bytes; each alphabet is sent in both ways."""
    sent = [(case.name.split()[0], case.name.split()[3], case.chunked) for case in CASES]
    wide = {(size, chunked) for size, alphabet, chunked in sent if alphabet != "ASCII"}
    assert wide == {(size, way) for size in ("16", "24", "32", "48", "63") for way in (True, False)}
    assert len({(alphabet, chunked) for _, alphabet, chunked in sent}) == 8
