"""Most requests have the extras of several clients and proxies, many refused ones unknown names."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache
from itertools import islice
from typing import Any

import pytest

from run.cases import Group
from run.cases import near_misses as made
from spec.expectation import LARGEST_VALID, surely_broken
from spec.requirements import Requirement
from strategies.authentication import unauthorised, without_right
from strategies.bodies import media_types, non_invoices
from strategies.cases import Case
from strategies.extras.clients import Way, extra_ways
from strategies.extras.company import accepted_in_company, beside, parts, refused_in_company
from strategies.extras.proxies import Fields
from strategies.extras.unknown import names_beside, with_unknown
from strategies.http import methods, unknown_orders
from strategies.invalid import PayloadCase
from strategies.invoice import complete_invoice, encode
from strategies.packing import packs, written
from strategies.relations import smallest_of
from strategies.several import several_faults
from tests.invoices import ANYWHERE, CONTRACT

Source = Callable[..., Sequence[Any]]
PROPERTIES = CONTRACT.narrowed_schema["properties"]
OF_ITEMS = PROPERTIES["items"]["items"]["properties"]


@cache
def groups() -> tuple[Group[PayloadCase], ...]:
    """The near misses of a gate."""
    return tuple(made(CONTRACT, ANYWHERE))


def near_misses() -> list[tuple[Requirement, PayloadCase]]:
    """Each of them, with the requirement that it breaks."""
    return [(group.requirement, case) for group in groups() for case in group.cases]


def fields_of(ways: list[Way | None]) -> list[Fields]:
    """The header fields of each."""
    return [way.fields for way in ways if way is not None]


@pytest.mark.parametrize("refused", [False, True])
def test_two_requests_of_three_have_many_fields(*, refused: bool) -> None:
    """Eight or more beside the usual ones; the others have one or two, or none."""
    packed = [case.way for _, cases in packs(CONTRACT, ANYWHERE) for case in cases]
    sent = fields_of([case.way for _, case in near_misses()] if refused else [*packed])
    many = sum(len(fields) >= 7 for fields in sent)
    assert 0.5 < many / len(sent) < 0.7


def test_no_field_is_sent_twice_and_all_have_room() -> None:
    """Those that are put together have a name each, and 2 KiB at most."""
    for ways in (accepted_in_company(CONTRACT), refused_in_company(CONTRACT)):
        for way in islice(ways, 1000):
            names = Counter(name.lower() for name, _ in way.fields)
            size = sum(len(name) + len(value or "") + 4 for name, value in way.fields)
            assert {*names.values()} <= {1}
            assert size <= 2048 or len(names) <= 1 or any("consent" in str(f) for f in way.fields)


EARLY: tuple[Source, ...] = (unauthorised, without_right, unknown_orders, media_types, methods)


@pytest.mark.parametrize("source", EARLY, ids=lambda source: source.__name__)
def test_what_a_framework_refuses_is_sent_as_browsers_and_proxies_do(source: Source) -> None:
    """For each way to be refused early: a page is preferred, a log has long lines, a caller is said
    to be somebody, and one is sent as an accepted invoice was.
    """
    facts = replace(ANYWHERE, key="a-key", order_ids=("ORD-1",), forbidden_key="another-key")
    found = source(CONTRACT, facts)
    cases = [case for one in found for case in ([one] if isinstance(one, Case) else one.cases)]
    refused = [dict(case.headers) for case in cases]
    assert any((one.get("Accept") or "").startswith("text/html") for one in refused)
    assert any(len(one.get("User-Agent") or "") > 255 for one in refused)
    assert any("X-Role" in one or "X-Forwarded-For" in one for one in refused)
    accepted = [way.fields for way in islice(accepted_in_company(CONTRACT), 99) if way.fields]
    met = (len({*fields} & {*one.items()}) for one in refused for fields in accepted)
    assert max(met) >= 8


def test_what_is_about_a_connection_or_another_writing_has_no_company() -> None:
    """Nor has what is about the number of fields."""
    alone = {way for way in extra_ways(CONTRACT) if way.write is not None}
    sent = [*islice(accepted_in_company(CONTRACT), 1000)]
    assert alone <= {*sent}
    for way in sent:
        names = {name.lower() for name, _ in way.fields}
        if "connection" in names or "expect" in names:
            assert way in extra_ways(CONTRACT)


def test_most_requirements_are_broken_beside_most_fields() -> None:
    """Each meets a hundred header fields or more, and a keyword nearly all."""
    met: dict[str, set[tuple[str, str | None]]] = {}
    every: dict[str, set[tuple[str, str | None]]] = {}
    for requirement, case in near_misses():
        for fields in fields_of([case.way]):
            met.setdefault(requirement.name, set()).update(fields)
            every.setdefault(requirement.keyword, set()).update(fields)
    assert sum(map(len, met.values())) / len(met) > 95
    assert len(every["type"]) > 300


def test_a_quarter_of_all_pairs_of_a_requirement_and_a_name_are_met() -> None:
    """Of header fields, and of properties in the invoice and in items; the page of cross cases has
    the figure.
    """
    met = {
        (requirement.name, name)
        for requirement, case in near_misses()
        for name in (
            *names_beside(CONTRACT, case.unknown),
            *(name.lower() for name, _ in (case.way.fields if case.way is not None else ())),
        )
    }
    names = {name for _, name in met}
    assert len(names) > 350
    assert len(met) > 0.25 * len(groups()) * len(names)


def test_the_names_of_a_number_are_those_that_are_put_in() -> None:
    """But for names that the invoice has of its own."""
    invoice = complete_invoice(CONTRACT)
    for number in range(60):
        sent = with_unknown(CONTRACT, invoice, number)
        outer = sent.keys() - invoice.keys()
        inner = sent["items"][0].keys() - invoice["items"][0].keys()
        assert names_beside(CONTRACT, number) == {*outer, *(f"{one} of an item" for one in inner)}
    assert names_beside(CONTRACT, None) == set()


def test_each_mistake_is_sent_without_unknown_properties_but_for_some() -> None:
    """A server may refuse those, and would not show then what else it lets through."""
    beside_others = [case for _, case in near_misses() if case.unknown is not None]
    assert 0.4 < len(beside_others) / len(near_misses()) < 0.6
    assert not any(group.cases[0].unknown is not None for group in groups())
    assert not any(case.carrier.is_large for case in beside_others if case.carrier is not None)


def test_an_unknown_property_breaks_nothing_more() -> None:
    """What is sent breaks the one requirement that its near miss is about."""
    for requirement, case in near_misses():
        if case.unknown is not None and case.carrier is not None:
            payload = with_unknown(CONTRACT, case.payload, case.unknown, case.carrier.index)
            assert payload != case.payload or not isinstance(payload, dict)
            assert {one for one, _ in surely_broken(CONTRACT.request, payload)} == {requirement}
            if case.way is None or case.way.write is None:
                body = encode(payload)
                usual = case.body if len(body) > LARGEST_VALID else body
                assert written(CONTRACT, case) == usual


def test_every_unknown_name_is_met() -> None:
    """Beside near misses at the latest, in the invoice or in an item, with values of any type."""
    invoice, numbers = complete_invoice(CONTRACT), range(300)
    sent = [with_unknown(CONTRACT, invoice, number) for number in numbers]
    outer = {name for one in sent for name in one} - PROPERTIES.keys()
    inner = {name for one in sent for item in one["items"] for name in item} - OF_ITEMS.keys()
    assert {"draft", "void", "dry_run", "_id", "type", "refund", "api_key", "dueDate"} <= outer
    assert {"returned", "unit", "credit", "extra", "metadata", "id"} <= inner
    assert {type(one["draft"]) for one in sent if "draft" in one} >= {bool}
    assert len(outer) > 100


def test_nothing_known_is_replaced_by_what_is_unknown() -> None:
    """An invoice whose property has another name keeps the value that it has there."""
    invoice = {**complete_invoice(CONTRACT), "draft": "own"}
    for number in range(200):
        sent = with_unknown(CONTRACT, invoice, number)
        assert {name: sent[name] for name in invoice if name != "items"} == {
            name: value for name, value in invoice.items() if name != "items"
        }


def test_a_body_that_fills_a_buffer_ends_in_its_brace_or_in_blanks() -> None:
    """Of every power of two there is one that ends in its brace, and one of a byte less and of a
    byte more, as far as the reading allows it: what loses the last byte may lose no blank.
    """
    writings = [way.write for way in extra_ways(CONTRACT) if way.write is not None]
    invoice = smallest_of(CONTRACT, complete_invoice(CONTRACT))
    [first] = invoice["items"]
    sizes = Counter[int]()
    for power in range(10, 17):
        count = max(1, (2**power * 3 // 4 - len(encode({**invoice, "items": []}))) // 140)
        payload = {**invoice, "items": [first] * count}
        bodies = [write(CONTRACT, payload) for write in writings]
        sizes.update(len(body) for body in bodies if body.endswith(b"}"))
        assert any(body.endswith(b" ") and len(body) == 2**power for body in bodies), power
    for power in range(10, 17):
        assert {2**power - 1, 2**power, 2**power + 1} <= {*sizes}, power


def test_what_is_no_object_stays_as_it_is() -> None:
    """It has no properties, and a text in the place of the items no elements."""
    assert with_unknown(CONTRACT, [1], 0) == [1]
    assert with_unknown(CONTRACT, {"items": "a"}, 0)["items"] == "a"
    assert with_unknown(CONTRACT, {"items": [1]}, 0)["items"] == [1]


def test_a_case_keeps_what_it_says_for_itself() -> None:
    """The media type of a body is that of the case."""
    for case in non_invoices(CONTRACT, ANYWHERE):
        names = Counter(name.lower() for name, _ in case.headers)
        assert {*names.values()} <= {1}
    case = beside(several_faults(CONTRACT, ANYWHERE)[0], Way("", (("content-type", "a"),), "b=1"))
    assert case.query == "b=1"


def test_a_way_is_taken_apart_by_what_a_refusal_counts_against() -> None:
    """An Accept, the other fields and the query; a writing is one thing."""
    way = Way("", (("Accept", "*/*"), ("DNT", "1")), "a=1")
    assert [one.about for one in parts(way)] == [
        "request.accept",
        "request.fields",
        "request.query",
    ]
    writing = next(way for way in extra_ways(CONTRACT) if way.write is not None)
    assert [*parts(writing)] == [writing]
