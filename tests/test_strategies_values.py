"""The tables of values: the valid ones keep the reading, and the unusual ones are all sent."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import unquote_to_bytes
from zoneinfo import ZoneInfo

import pytest

from spec.contract import TargetFacts
from spec.schema.formats import instant, is_instant, is_text, is_web_url
from strategies import values
from strategies.acceptance.edges import edges
from strategies.extras.clients import extra_ways
from strategies.extras.dates import dates
from strategies.invalid import near_misses
from tests.invoices import ANYWHERE, CONTRACT, TARGETS, complaints

WORDS = values.WORDS | values.NOTATIONS
TEXTS = {**values.TRICKY_TEXTS, **WORDS, **{one: one for one in values.ALIKE_TEXTS}}
DATES = values.DATES | values.CLOCK_DATES | values.LATE_DATES
PROPERTIES = CONTRACT.narrowed_schema["properties"]
AT_TARGETS = pytest.mark.parametrize("facts", TARGETS.values(), ids=TARGETS)
ITEM = PROPERTIES["items"]["items"]["properties"]


@pytest.mark.parametrize("text", TEXTS.values(), ids=map(ascii, TEXTS))
def test_a_listed_text_is_valid(text: str) -> None:
    """The reading has it in every free text, and so has an independent reader of it."""
    assert is_text(text)
    for schema in (PROPERTIES["remarks"], ITEM["sku"], ITEM["name"]):
        assert complaints(schema, text) == []


@pytest.mark.parametrize("url", values.URLS.values(), ids=values.URLS)
def test_a_listed_url_is_valid(url: str) -> None:
    """Port, fragment, capitals, dot segments and the like are all in the reading."""
    assert is_web_url(url)
    assert complaints(PROPERTIES["url"], url) == []


@pytest.mark.parametrize("query", sorted({way.query for way in extra_ways(CONTRACT)}))
def test_an_unknown_query_is_one_by_rfc_3986(query: str) -> None:
    """Section 3.4: a server may refuse any other with 400, such as a `%` without two digits."""
    assert re.fullmatch(r"([A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*", query)


@pytest.mark.parametrize("query", sorted({way.query for way in extra_ways(CONTRACT)}))
def test_a_query_has_no_byte_that_servers_refuse_by_default(query: str) -> None:
    """Section 7.3 asks it for NUL; lighttpd does so with all of control and all UTF-8 never has."""
    refused = {*range(0x20), 0x7F, 0xC0, 0xC1, *range(0xF5, 0x100)}
    assert not refused & {*unquote_to_bytes(query)}


@pytest.mark.parametrize("date", DATES.values(), ids=DATES)
def test_a_listed_date_is_valid(date: str) -> None:
    """An hour that some clock skips is a moment like any other."""
    assert is_instant(date)
    assert complaints(PROPERTIES["due_date"], date) == []


@pytest.mark.parametrize("zone", ["America/New_York", "Europe/Berlin", "Australia/Sydney"])
def test_an_hour_that_a_clock_skips_is_to_come(zone: str) -> None:
    """A target whose orders are new takes no earlier one, and Z may be read as a local time."""
    hours = [datetime.fromisoformat(each) for each in dates(2099) if each > "2030"]
    local = [hour.replace(tzinfo=ZoneInfo(zone)) for hour in hours if hour.tzinfo == UTC]
    assert any(each.astimezone(UTC).astimezone(each.tzinfo).hour != each.hour for each in local)


@AT_TARGETS
def test_every_date_of_clocks_is_sent_in_every_date(facts: TargetFacts) -> None:
    """One request shows what becomes of it in each property that a target takes it in."""
    sent = [
        dict(edge.puts)
        for edge in edges(CONTRACT, facts, CONTRACT.named("due_date.type"))
        if edge.name.endswith("in every date")
    ]
    assert {puts["due_date",] for puts in sent} == set(values.CLOCK_DATES.values())
    assert all(len(set(puts.values())) == 1 for puts in sent)
    assert all({("due_date",), ("created_at",)} <= puts.keys() for puts in sent)
    assert all((("updated_at",) in puts) == (facts is ANYWHERE) for puts in sent)


def test_a_date_of_clocks_before_the_creation_of_the_order_is_sent_in_the_other_dates() -> None:
    """Only an update has to be later: what comes before is sent all the same."""
    created = instant("2024-05-05T10:20:30Z")
    facts = replace(ANYWHERE, order_ids=("ORD-1",), order_created_at=created)
    found = edges(CONTRACT, facts, CONTRACT.named("due_date.type"))
    sent = [dict(edge.puts) for edge in found if edge.name.endswith("in every date")]
    assert {puts["due_date",] for puts in sent} == set(values.CLOCK_DATES.values())
    late = [instant(puts["due_date",]) > created for puts in sent]
    assert [("updated_at",) in puts for puts in sent] == late
    assert {*late} == {True, False}


@pytest.mark.parametrize("amount", values.AMOUNTS)
def test_a_listed_amount_is_valid(amount: float) -> None:
    """No amount has more decimals or digits than the reading takes."""
    assert complaints(PROPERTIES["paid_amount"], amount) == []


def test_no_value_is_listed_twice() -> None:
    """Each value costs a request."""
    tables = (values.TRICKY_TEXTS, WORDS, DATES, values.URLS)
    for table in tables:
        assert len(set(table.values())) == len(table)
    assert len(set(values.ALIKE_TEXTS)) == len(values.ALIKE_TEXTS)
    assert not set(values.TRICKY_TEXTS.values()) & set(WORDS.values())
    assert len(WORDS) == len(values.WORDS) + len(values.NOTATIONS)


def test_words_are_whole_values_only() -> None:
    """Beside a stamp a word is none, so properties that carry one do without."""
    for name, sent in (("remarks", True), ("items[].sku", True), ("invoice_number", False)):
        every = edges(CONTRACT, ANYWHERE, CONTRACT.named(f"{name}.type"))
        texts = {value for edge in every for _, value in edge.puts if isinstance(value, str)}
        assert (set(WORDS.values()) <= texts) is sent
        assert any("1e400" in text for text in texts) is sent


@pytest.mark.parametrize("name", ["sku", "name"])
def test_items_that_are_alike_but_unequal_share_an_invoice(name: str) -> None:
    """All else is equal in one invoice, so that they may be merged, and different in another."""
    named = [
        edge
        for edge in edges(CONTRACT, ANYWHERE, CONTRACT.named("items[].type"))
        if edge.name.endswith(f"{name} is nearly the same")
        or edge.name.endswith(f"a {name} that is nearly the same")
    ]
    sent = [edge.puts[0][1] for edge in named]
    for items in sent:
        assert [item[name] for item in items] == list(values.ALIKE_TEXTS)
        assert len({item["reference_id"] for item in items}) == len(items)
    other = "name" if name == "sku" else "sku"
    assert [len({item[other] for item in items}) for items in sent] == [1, len(values.ALIKE_TEXTS)]


def test_states_of_other_systems_are_near_misses() -> None:
    """So are the document's own states with another separator, whatever the carrier's state."""
    sent = {
        case.payload["status"]
        for case in near_misses(CONTRACT, ANYWHERE, CONTRACT.named("status.enum"))
        if isinstance(case.payload["status"], str)
    }
    assert sent >= {"OVERDUE", "OPEN", "PARTIAL", "OVER_PAID", "VOID"}
    assert sent >= {"PARTIALLY PAID", "PARTIALLY-PAID", "PARTIALLYPAID", "PartiallyPaid"}
