"""Unspecified invoices keep the document and break the reading, drawn ones and listed ones."""

import json
import re
from collections import Counter
from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any
from unicodedata import category

import pytest
from hypothesis import find, given

from spec.contract import PLACEHOLDER, Contract, TargetFacts
from spec.exchange import Request
from spec.expectation import Expectation, expect
from spec.operation import PATH
from spec.paths import ELEMENT, Json, path_text, schema_at, value_at
from spec.relations import RELATIONS
from spec.schema.formats import is_web_url
from strategies.invoice import encode
from strategies.scalars import keeps
from strategies.unspecified import values
from strategies.unspecified.cases import Mixture, mixture, unspecified, unusual_values
from strategies.unspecified.elsewhere import BESIDE_INVOICES, BESIDE_ITEMS
from tests.invoices import ANYWHERE, CONTRACT, DRAWS, KNOWN_ORDERS, SEARCH, TARGETS, broken, drawn
from tests.test_strategies_documents import FIELDS, LIMITS, altered
from tests.test_strategies_valid import invalid
from tests.versions.parts import CITY, Alteration, Parts

Payload = dict[str, Any]


@DRAWS
@given(unspecified(CONTRACT, ANYWHERE))
def test_an_unspecified_invoice_keeps_the_document(payload: Payload) -> None:
    """It breaks no requirement, so a server may accept it, and it can be encoded."""
    assert broken(payload) == set()
    assert encode(payload)


@DRAWS
@given(unspecified(CONTRACT, ANYWHERE))
def test_an_unspecified_invoice_breaks_the_reading(payload: Payload) -> None:
    """A server may refuse it; that 1.0 stands for an integer shows only in the bytes."""
    is_1_0 = any(type(item.get("quantity")) is float for item in payload["items"])
    assert is_1_0 or invalid(payload, ANYWHERE)


KNOWN = set(CONTRACT.request_schema["properties"])

KINDS: dict[str, Callable[[Payload], bool]] = {
    "over a hundred items": lambda p: len(p["items"]) > 100,
    "no items": lambda p: p["items"] == [],
    "an unknown property": lambda p: not set(p) <= KNOWN,
    "an unknown property in a later item": lambda p: any(len(i) > 5 for i in p["items"][1:]),
    "a control character": lambda p: min(p["order_id"], default=" ") < " ",
    "a private-use character": lambda p: any(
        "\ue000" <= one <= "\uf8ff" for one in encode(p).decode()
    ),
    "a blank name": lambda p: any(not any(map(str.isalnum, i["name"])) for i in p["items"]),
    "a date that is not a date-time": lambda p: "T" not in p["due_date"],
    "a date in another format": lambda p: re.search("[tz ,]", p["due_date"]) is not None,
    "a negative quantity": lambda p: any(i["quantity"] < 0 for i in p["items"]),
    "1.0 for an integer": lambda p: any(type(i["quantity"]) is float for i in p["items"]),
    "a negative amount": lambda p: any(i["amount"] < 0 for i in p["items"]),
    "a negative total": lambda p: p["total_amount"] < 0,
    "no http URL": lambda p: not p.get("url", "http").lower().startswith("http"),
    "PAID and nothing paid": lambda p: (
        p.get("status") == "PAID" and p["paid_amount"] == 0 < p["total_amount"]
    ),
    "two items of one reference": lambda p: (
        len({i["reference_id"] for i in p["items"]}) < len(p["items"])
    ),
}


@pytest.fixture(scope="module")
def payloads() -> list[Payload]:
    """Up to four times as many as a deep run draws: the rarest kind is one of a thousand."""
    return drawn(unspecified(CONTRACT, ANYWHERE), 8000, KINDS.values())


@pytest.mark.parametrize("wanted", KINDS.values(), ids=KINDS)
def test_every_kind_is_drawn(wanted: Callable[[Payload], bool], payloads: list[Payload]) -> None:
    """The drawn invoices include each kind of change that the document allows."""
    assert any(map(wanted, payloads))


def test_an_unspecified_invoice_shrinks_to_its_change() -> None:
    """The smallest invoice with a negative quantity is otherwise plain."""
    smallest = find(
        unspecified(CONTRACT, ANYWHERE),
        lambda p: any(item["quantity"] < 0 for item in p["items"]),
        settings=SEARCH,
    )
    assert smallest["items"][0]["name"] == "Walnut side table"
    assert smallest["items"][0]["quantity"] == -1
    assert len(smallest["items"]) == 1


LISTS: dict[str, tuple[Json, ...]] = {
    "text": values.UNSPECIFIED_TEXTS,
    "date-time": values.UNSPECIFIED_DATES,
    "web-url": values.UNSPECIFIED_URLS,
    "number": values.UNSPECIFIED_AMOUNTS,
    "integer": values.UNSPECIFIED_INTEGERS,
}
"""The unusual values by the format, or the type, of what they go to."""

HEADERS = (("Content-Type", "application/json"), ("X-API-Key", "key"))
AT_TARGETS = pytest.mark.parametrize("facts", TARGETS.values(), ids=TARGETS)


def mixtures(facts: TargetFacts, document: Contract = CONTRACT) -> list[Mixture]:
    """Every mixture at a target."""
    return [case for kind in unusual_values(document, facts) for case in kind.cases]


def due(path: tuple[str, ...], schema: dict[str, Any], facts: TargetFacts) -> set[str]:
    """The unusual values that a scalar should get, as Python writes them."""
    known = () if "enum" in schema else LISTS[schema.get("format", schema["type"])]
    if path == ("paid_amount",):
        known = tuple(one for one in known if one >= 0)
    if path == ("updated_at",):
        known = tuple(
            one
            for one in known
            if not RELATIONS.update.is_broken({"order_id": "ORD-1", "updated_at": one}, facts)
        )
    if path == ("url",):
        known = tuple(one for one in known if not is_web_url(one) or len(one) > 2000)
    if path == ("order_id",) and facts.order_ids:
        bare = ("", " ", "\x00", "a\udc00b", "a\ud800b")
        rare = {each for each in "".join(known) if category(each) in ("Cc", "Co", "Cn")}
        assert rare <= set("".join(facts.unknown_order_ids))
        known = bare
    late = {"2099-12-31T23:59:59Z"} if path == ("due_date",) else set()
    return {repr(one) for one in known if one not in late}


@AT_TARGETS
def test_every_unusual_value_goes_to_every_property_of_its_type(facts: TargetFacts) -> None:
    """None is left out but what the document forbids; each is sent as listed."""
    sent: dict[tuple[str, ...], set[str]] = {}
    for case in mixtures(facts):
        for unusual, location in zip(case.values, case.locations, strict=True):
            text = unusual.value
            if (
                unusual.path in RELATIONS.new.paths
                and isinstance(text, str)
                and PLACEHOLDER in text
            ):
                text = text[: len(text) // 2 - len(PLACEHOLDER) // 2]
            sent.setdefault(unusual.path, set()).add(repr(text))
            assert value_at(json.loads(case.body), location) == unusual.value
    properties = CONTRACT.narrowed_schema["properties"]
    scalars: dict[tuple[str, ...], dict[str, Any]]
    scalars = {(name,): schema for name, schema in properties.items() if name != "items"}
    items = properties["items"]["items"]["properties"]
    scalars |= {("items", "[]", name): schema for name, schema in items.items()}
    for path, schema in scalars.items():
        assert sent.get(path, set()) == due(path, schema, facts), path_text(path)
    names = {path for path in sent if not schema_at(CONTRACT.narrowed_schema, path)}
    answered = {("items", "[]", "product_id"), ("items", "[]", "item_total"), ("id",)}
    of_answers = {("items", "[]", "id"), *answered}
    odd = {*values.UNSPECIFIED_KEYS, *values.OBEYED}
    assert {path[-1] for path in names} == {*odd, *BESIDE_INVOICES, *BESIDE_ITEMS, "product_id"}
    assert len(names - of_answers) == 2 * len(odd) - 3 + len(BESIDE_INVOICES) + len(BESIDE_ITEMS)
    assert of_answers <= names


@AT_TARGETS
def test_a_mixture_is_neither_valid_nor_invalid(facts: TargetFacts) -> None:
    """Both a 201 and a 400 are fine for each, and for each of its values alone."""
    for case in mixtures(facts):
        for one in (case, *(mixture(CONTRACT, facts, (value,), None) for value in case.values)):
            expected = expect(CONTRACT, facts, Request("POST", PATH, HEADERS, one.body))
            assert expected.expectation is Expectation.UNSPECIFIED, one.name


@AT_TARGETS
def test_a_mixture_can_be_found_and_is_small(facts: TargetFacts) -> None:
    """Some reference carries the stamp, and no size is unspecified."""
    for case in mixtures(facts):
        assert PLACEHOLDER.encode() in case.body, case.name
        assert len(case.body) < 64 * 1024, case.name


@AT_TARGETS
def test_mixtures_are_few(facts: TargetFacts) -> None:
    """All values together cost about a hundred requests where they are accepted."""
    assert len(mixtures(facts)) <= 142


def test_blank_texts_are_also_sent_in_a_large_body() -> None:
    """In an invoice that is overpaid, which most servers read in another way than a small one."""
    *_, last = mixtures(ANYWHERE)
    payload = json.loads(last.body)
    assert len(last.body) > 48 * 1024
    assert (payload["status"], payload["remarks"]) == ("OVERPAID", " ")


def test_a_mixture_names_each_value_and_its_place() -> None:
    """A person reads what is sent and where, without the stamp."""
    known = mixtures(KNOWN_ORDERS)[:-1]  # the last one is in a large body
    by_path = {value.path: value.name for case in known for value in case.values}
    assert by_path["due_date",] == "'２０２４-01-01T00:00:00Z' in due_date"
    named = {value.name for case in known for value in case.values}
    assert r"'a\ud800b' in invoice_number" in named
    assert by_path["items", "[]", "a.b"] == "the property 'a.b' in items[]"
    case, names = mixtures(KNOWN_ORDERS)[0], (*values.UNSPECIFIED_KEYS, *values.OBEYED)
    assert case.name == f"the property 'item_total' and {len(names) - 1} more"


@pytest.mark.parametrize("change", [LIMITS, FIELDS], ids=["limits", "fields"])
def test_mixtures_fit_an_altered_document(change: Any, tmp_path: Any) -> None:
    """Other limits and other properties change what is sent, and break nothing."""
    document = altered(change, tmp_path / "openapi.yaml")
    for case in mixtures(ANYWHERE, document):
        assert broken(json.loads(case.body), document) == set(), case.name


def _with_new_properties(parts: Parts) -> None:
    number = {"type": "string", "maxLength": 30, "pattern": "^PO-[A-Z0-9-]+$", "example": "PO-1"}
    labels = {"type": "object", "additionalProperties": {"type": "string"}}
    parts.add("po_number", number, required=False)
    parts.add("labels", labels, required=False)
    parts.add("tags", {"type": "array", "items": {"type": "string"}}, required=False)
    parts.add("sent_to", deepcopy(CITY), required=False)
    parts.add("billed_to", deepcopy(CITY), required=False)
    parts.item["properties"]["note"] = {"type": "string", "example": "Mind the step"}


def test_new_optional_properties_are_sent_in_several_valid_ways(tmp_path: Path) -> None:
    """Among them a long text, two entries, and values that tell two like properties apart."""
    loaded = Alteration(_with_new_properties).load(tmp_path)
    kinds = {one.name: one.cases for one in unusual_values(loaded, ANYWHERE)}
    usual, other = kinds["values of new properties"], kinds["other values of new properties"]
    (first,) = (json.loads(case.body) for case in usual)
    assert first["po_number"] == "PO-1"
    assert first["sent_to"]["city"] != first["billed_to"]["city"]
    assert len(first["labels"]) == len(first["tags"]) == 2
    assert first["tags"] != sorted(first["tags"])
    payloads = [json.loads(case.body) for case in (*usual, *other)]
    numbers = {payload.get("po_number") for payload in payloads}
    assert any(number and len(number) == 30 for number in numbers)
    assert any("tags" in payload and payload["tags"][0].endswith(" ") for payload in payloads)
    notes = {item.get("note") for payload in payloads for item in payload["items"]}
    assert {"Mind the step", "M"} <= notes
    for case in (*usual, *other):
        assert broken(json.loads(case.body), loaded) == set(), case.name
        said = expect(loaded, ANYWHERE, Request("POST", PATH, HEADERS, case.body))
        assert said.expectation is Expectation.UNSPECIFIED
        assert not said.unspecified


@AT_TARGETS
def test_a_known_name_in_another_letter_case_has_a_value_that_may_take_its_place(
    facts: TargetFacts,
) -> None:
    """Of the right type, and behind another value of the property itself, which has to come back
    where the invoice is accepted: nothing else of it is in doubt.
    """
    (kind,) = (one for one in unusual_values(CONTRACT, facts) if "other systems" in one.name)
    payload = json.loads(kind.cases[0].body)
    schema = CONTRACT.narrowed_schema["properties"]
    holders = [(payload, schema)]
    holders += [(item, schema["items"]["items"]["properties"]) for item in payload["items"]]
    found = []
    for holder, properties in holders:
        for other in holder.keys() - properties.keys():
            name = other.lower()
            if name in properties:
                found.append(other)
                assert [*holder].index(name) < [*holder].index(other)
                assert holder[name] != holder[other]
                assert keeps(properties[name], holder[other])
    assert {"Remarks", "Url", "Invoice_Number", "Due_Date", "Name", "SKU"} == {*found}
    said = expect(CONTRACT, facts, Request("POST", PATH, HEADERS, kind.cases[0].body))
    assert (said.expectation, said.unspecified) == (Expectation.UNSPECIFIED, frozenset())


@pytest.mark.parametrize("parted", ["tab\tbed", "line one\nline two", "a\r\nb: c"])
def test_a_text_of_several_parts_has_whole_ones_beside_it(parted: str) -> None:
    """What is next to it may get a part of it, so that it is alone in its item and its invoice."""
    alone = set()
    for mixtures in unusual_values(CONTRACT, KNOWN_ORDERS):
        for one in mixtures.cases:
            texts = [each for each in one.values if str(each.value).startswith(parted)]
            places = Counter(each.element if ELEMENT in each.path else None for each in texts)
            alone |= {
                each.path[-1]
                for each in texts
                if places[each.element if ELEMENT in each.path else None] == 1
            }
    assert alone >= {"reference_id", "invoice_number", "remarks", "sku", "name"}
