"""Invoices at their limits are valid, and meet every carrier; large ones are cut in characters."""

import json
from collections import Counter
from typing import Any

import pytest

from spec.contract import Contract, TargetFacts
from spec.expectation import Expectation
from strategies.acceptance.limits import invoices_at_limits
from strategies.acceptance.sizes import BLOCKS, cuts, large_invoices
from strategies.carriers import factors
from strategies.cases import Case
from targets.stamp import Stamper
from tests.invoices import ANYWHERE, CONTRACT, TARGETS
from tests.test_strategies_cases import expected_of
from tests.test_strategies_documents import FIELDS, LIMITS, altered

AT_TARGETS = pytest.mark.parametrize("facts", TARGETS.values(), ids=TARGETS)
CASES = large_invoices(CONTRACT, ANYWHERE)
IN_ONE_ALPHABET = pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)


@AT_TARGETS
def test_an_invoice_at_its_limits_must_be_accepted(facts: TargetFacts) -> None:
    """Nearly each pair of a limit and a carrier makes one, whatever is known of the target."""
    found = expected_of(invoices_at_limits, CONTRACT, facts)
    assert len(found) >= 38
    assert {expected.expectation for _, expected in found} == {Expectation.ACCEPT}


def test_each_limit_meets_every_level_of_every_factor() -> None:
    """So a limit that is too strict only there is found; a status may be kept by no amount."""
    levels = {str(level) for name, known in factors(CONTRACT).items() for level in known}
    for crowd in invoices_at_limits(CONTRACT, ANYWHERE):
        met = {level for case in crowd.cases for level in _levels(case)}
        assert levels - met <= {"OVERPAID", "PARTIALLY_PAID"}, crowd.name


def _levels(case: Case) -> list[str]:
    return case.name.partition(" (")[2].removesuffix(")").split(", ")


VALUES_AT_LIMITS: dict[str, list[tuple[Any, ...]]] = {
    "the longest": [
        *(("order_id", "x" * 255), ("paid_amount", 10**12), ("items", "amount", 10**9)),
    ],
    "the highest total": [("total_amount", 10**12), ("items", "quantity", 10**6)],
    "the shortest": [("order_id", "0"), ("items", "sku", "0"), ("items", "amount", 0)],
    "a total of 0": [("total_amount", 0), ("paid_amount", 0)],
    "a cent each": [("paid_amount", 0.01), ("items", "amount", 0.01)],
}


@pytest.mark.parametrize("kind", VALUES_AT_LIMITS)
def test_values_are_at_their_limits(kind: str) -> None:
    """Every value that the kind is named for is in some of its invoices."""
    (crowd,) = (one for one in invoices_at_limits(CONTRACT, ANYWHERE) if one.name == kind)
    payloads = [json.loads(case.body) for case in crowd.cases]
    for *path, value in VALUES_AT_LIMITS[kind]:
        found: list[Any] = [payload[path[0]] for payload in payloads]
        if path[1:]:
            found = [item[path[1]] for items in found for item in items]
        limit = len(value) if isinstance(value, str) and len(value) > 1 else value
        assert limit in [len(one) if limit == 255 else one for one in found], path


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
    """So are those of each item but the last, which is as long as there is room; of two invoices
    one text of the items alone.
    """
    payload = json.loads(case.body)
    *items, _ = payload["items"]
    texts = ("reference_id", "order_id", "invoice_number", "remarks")
    assert {len(payload[name]) for name in texts} == {255}
    assert len(payload["url"]) == 2000
    name = {"48 KiB of Cyrillic in chunks": "sku", "64 KiB of Cyrillic by length": "name"}
    names = [name[case.name]] if case.name in name else ["reference_id", "sku", "name"]
    assert {len(item[name]) for item in items for name in names} == {255}
    assert names != ["name"] or sum(len(item[names[0]]) for item in items) > 20_000


@IN_ONE_ALPHABET
def test_the_items_of_a_large_invoice_are_distinct(case: Case) -> None:
    """No item can be taken for another."""
    items = json.loads(case.body)["items"]
    amounts = () if case.chunked else ("amount",)  # beside the highest one there is only 0
    for name in ("reference_id", "sku", "name", *amounts):
        assert len({item[name] for item in items}) == len(items) > 1


def test_each_size_is_sent_by_length_and_in_chunks() -> None:
    """With characters of two, three or four bytes; each alphabet is sent in both ways."""
    sent = [(case.name.split()[0], case.name.split()[3], case.chunked) for case in CASES]
    narrow = ("ASCII", "signs", "quotes")
    wide = {(size, chunked) for size, alphabet, chunked in sent if alphabet not in narrow}
    assert wide == {(size, way) for size in ("16", "24", "32", "48", "64") for way in (True, False)}
    assert len({(alphabet, chunked) for _, alphabet, chunked in sent}) == 10


def test_what_is_escaped_is_sent_as_long_as_it_may_be() -> None:
    """Six characters for each sign of HTML are more than 256 KiB, which some queues have room for;
    quotes and backslashes take twice their room as they are sent.
    """
    [of_html] = [case.body for case in CASES if "signs of HTML" in case.name]
    assert len(of_html) + 5 * sum(map(of_html.count, (b"<", b">", b"&"))) > 256 * 1024
    [of_json] = [case.body for case in CASES if "quotes and backslashes" in case.name]
    assert min(of_json.count(b'\\"'), of_json.count(b"\\\\")) > 8 * 1024


def test_of_each_size_one_large_invoice_ends_in_its_brace() -> None:
    """Half of all do: what loses the last byte of whole pages loses no blank there."""
    ends = Counter((len(case.body), case.body.endswith(b"}")) for case in CASES)
    assert {size for size, is_whole in ends if is_whole} == {size for size, _ in ends}
    assert {size % 4096 for size, _ in ends} == {0}
    assert sum(count for (_, is_whole), count in ends.items() if is_whole) == len(CASES) // 2


def test_large_invoices_in_chunks_have_the_highest_amounts() -> None:
    """A limit that is lower for long bodies is met, be it of a quantity, a total or a payment."""
    properties = CONTRACT.narrowed_schema["properties"]
    highest = properties["items"]["items"]["properties"]["quantity"]["maximum"]
    for case in CASES:
        payload = json.loads(case.body)
        most = properties["total_amount"]["maximum"] if case.chunked else payload["total_amount"]
        assert payload["total_amount"] == most
        assert (payload["items"][0]["quantity"] == highest) == case.chunked


def test_invoices_for_hardly_anything_are_of_many_kinds() -> None:
    """Of two items and of more than fifty, of one article twice, with one that is for nothing, in
    amounts of more zeros, and for nothing with very many pieces and long names.
    """
    crowds = {one.name: one.cases for one in invoices_at_limits(CONTRACT, ANYWHERE)}
    free = [json.loads(case.body) for case in crowds["a total of 0"]]
    cents = [json.loads(case.body) for case in crowds["a cent each"]]
    for some in (free, cents):
        sizes = {len(one["items"]) for one in some}
        assert 2 in sizes
        assert max(sizes) > 50
    assert any(one["total_amount"] < 1 and len(one["items"]) > 50 for one in cents)
    assert any(
        one["items"][0]["sku"] == one["items"][1]["sku"] for one in cents if one["items"][1:]
    )
    assert any({item["amount"] for item in one["items"]} == {0, 0.01} for one in cents)
    assert {item["quantity"] for one in free for item in one["items"]} >= {10**6}
    assert any(len(item["name"]) == 255 for one in free for item in one["items"])
    assert any(b'"total_amount":0.0' in case.body for case in crowds["a total of 0"])


def test_an_invoice_has_a_thousand_lines() -> None:
    """With blanks before each name and value, or with each token in a line that ends as those of
    HTTP do.
    """
    (crowd,) = (one for one in invoices_at_limits(CONTRACT, ANYWHERE) if "highest" in one.name)
    lined = [case.body for case in crowd.cases if case.body.count(b"\n") > 1000]
    assert any(b"\r" not in body and b"\n" + b" " * 24 in body for body in lined)
    assert any(body.count(b"\r\n") == body.count(b"\n") > 2000 for body in lined)


def test_the_texts_of_an_item_are_long_in_bytes_too() -> None:
    """An index of a database has room for fewer than 3,000 in all its columns."""
    crowds = {one.name: one.cases for one in invoices_at_limits(CONTRACT, ANYWHERE)}
    items = [item for case in crowds["the longest"] for item in json.loads(case.body)["items"]]
    names = ("name", "sku", "reference_id")
    assert max(sum(len(item[name].encode()) for name in names) for item in items) > 3000
