"""A version whose numbers have a format, or whose body may be of any media type."""

from pathlib import Path

import pytest

from run.cases import edge_values
from run.notes import notes_of
from spec.contract import Contract
from spec.exchange import Request
from spec.expectation import Expectation, expect
from spec.schema.formats import RANGES
from strategies.acceptance.valid import valid
from strategies.invalid import near_misses
from strategies.invoice import check_valid
from tests.exchanges import FACTS, HEADERS, encoded, invoice
from tests.forgetting import loaded_of
from tests.invoices import drawn
from tests.versions.edited import broken, expected
from tests.versions.parts import Alteration, added, in_items

LIMITS: dict[str, tuple[int, int]] = {
    "int8": (-128, 127),
    "uint8": (0, 255),
    "int16": (-32768, 32767),
    "uint16": (0, 65535),
    "int32": (-2147483648, 2147483647),
    "uint32": (0, 4294967295),
    "int64": (-9007199254740991, 9007199254740991),
    "uint64": (0, 9007199254740991),
    "double-int": (-9007199254740991, 9007199254740991),
}
"""By the format's definition; beyond the whole numbers of a double readers differ."""


def test_each_range_is_that_of_its_format() -> None:
    """No other one is known."""
    assert RANGES == LIMITS


def _quantities(loaded: Contract) -> set[int]:
    """All quantities that are sent in invoices that every server has to accept."""
    sent = [case.payload for group in edge_values(loaded, FACTS) for case in group.cases]
    sent += drawn(valid(loaded, FACTS), 20)
    return {item["quantity"] for payload in sent for item in payload["items"]}


@pytest.mark.parametrize("name", ["int8", "uint8", "uint16", "uint32"])
def test_a_quantity_is_within_the_range_of_its_format(name: str, tmp_path: Path) -> None:
    """In all that must be accepted; what is beyond may be refused, and a fraction has to be."""
    loaded = in_items("quantity", {"format": name}).load(tmp_path)
    check_valid(loaded, FACTS)
    most = min(LIMITS[name][1], 1_000_000)
    assert max(_quantities(loaded)) <= most
    said = []
    for quantity in (most, most + 1, 1.5):
        payload = invoice() | {"total_amount": 0, "paid_amount": 0}
        payload["items"] = [{**payload["items"][0], "quantity": quantity, "amount": 0}]
        payload.pop("status", None)
        said.append(expected(loaded, payload).expectation)
    assert said == [Expectation.ACCEPT, Expectation.UNSPECIFIED, Expectation.REJECT]


@pytest.mark.parametrize("name", LIMITS)
def test_a_new_number_of_a_known_format_is_sent(name: str, tmp_path: Path) -> None:
    """As any other number of which the reading says nothing."""
    loaded = added({"type": "integer", "format": name}, name="number").load(tmp_path)
    check_valid(loaded, FACTS)
    assert not any("unknown format" in note for note in notes_of(loaded))
    for payload in drawn(valid(loaded, FACTS), 20):
        assert LIMITS[name][0] <= payload["number"] <= LIMITS[name][1]


def _of_any_type(range_: str) -> Alteration:
    return Alteration(
        lambda parts: parts.body.update(content={range_: parts.body["content"]["application/json"]})
    )


@pytest.mark.parametrize("range_", ["*/*", "application/*"])
def test_a_body_of_any_media_type_is_sent_as_json(range_: str, tmp_path: Path) -> None:
    """Which is one of them; what another one gets nobody knows, and a wrong body is refused."""
    loaded = _of_any_type(range_).load(tmp_path)
    check_valid(loaded, FACTS)

    def said(kind: str) -> Expectation:
        fields = [(name, one) for name, one in HEADERS if name.lower() != "content-type"]
        headers = (*fields, ("Content-Type", kind))
        sent = Request("POST", "/v1/invoices", headers, encoded(invoice()))
        return expect(loaded, FACTS, sent).expectation

    assert said("application/json") is Expectation.ACCEPT
    assert said("application/xml") is Expectation.UNSPECIFIED
    of_text = Expectation.UNSPECIFIED if range_ == "*/*" else Expectation.REJECT
    assert said("text/plain") is of_text
    assert broken(loaded, invoice() | {"items": 5}) == ["items.type"]


@pytest.mark.parametrize("name", ["fives from 3 to 12", "quantities in fives"])
def test_a_wrong_total_of_pieces_that_are_never_one_is_the_one_mistake(name: str) -> None:
    """The item that makes the total up has as many pieces as the document allows: a run ended
    without a word on the total.
    """
    loaded = loaded_of(name)
    for requirement in ("total_amount.type", "total_amount.required", "paid_amount.type"):
        for case in near_misses(loaded, FACTS, loaded.named(requirement)):
            assert broken(loaded, case.payload) == [requirement]
