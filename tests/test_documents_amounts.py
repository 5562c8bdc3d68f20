"""A version whose amounts are texts: how they are written, what they mean, and what agrees."""

from decimal import Decimal
from pathlib import Path

import pytest

from run.notes import notes_of
from spec.contract import Contract
from spec.expectation import Expectation
from spec.schema.amounts import meant, places_of, write, written
from strategies.acceptance.edges import edges
from strategies.acceptance.valid import valid
from strategies.invalid import near_misses
from strategies.invoice import plain_invoice
from strategies.relations import must_be_accepted
from tests.exchanges import FACTS, Json, invoice
from tests.forgetting import loaded_of
from tests.invoices import drawn
from tests.versions.edited import broken, expected, judged
from tests.versions.parts import Alteration, Parts

CENTS = r"^\d+\.\d{2}$"


def of_amounts(**schema: Json) -> Json:
    """A text with this as well, as what must be accepted has it; empty where it is no amount."""
    made = {"type": "string", **schema}
    return made if write(made, schema.get("example"), digits=12) else {}


@pytest.mark.parametrize(
    ("schema", "places", "least", "most"),
    [
        ({"pattern": CENTS}, 2, 0, 999999999999.99),
        ({"format": "decimal"}, 2, 0, 999999999999.99),
        ({"format": "decimal", "example": "12"}, 0, 0, 999999999999),
        ({"example": "12.5000"}, 4, 0, 999999999999.99),
        ({"pattern": r"^\d{1,4}\.\d{2}$"}, 2, 0, 9999.99),
        ({"pattern": r"^\d+\.\d{2}$", "maxLength": 6}, 2, 0, 999.99),
        ({"pattern": r"^[1-9]\d*$"}, 0, 1, 999999999999),
        ({"pattern": r"^-?\d+(\.\d{1,2})?$", "example": "7.5"}, 2, 0, 999999999999.99),
        ({"pattern": r"^\d+\.\d{3}$"}, 3, 0, 999999999999.99),
    ],
)
def test_an_amount_is_written_as_the_version_has_it(
    schema: Json, places: int, least: float, most: float
) -> None:
    """By its pattern or its example, else with two decimal places."""
    made = of_amounts(**schema)
    assert (places_of(made), made["minimum"], made["maximum"]) == (places, least, most)
    assert meant(written(made, 12)) == 12
    assert len(written(made, 12).partition(".")[2]) == places


@pytest.mark.parametrize(
    "schema",
    [
        {},
        {"format": "iban"},
        {"pattern": "^[A-Z]{3} [0-9]+$"},
        {"pattern": r"^\$\d+$"},
        {"enum": ["12.50"]},
        {"example": "EUR 12.50"},
    ],
)
def test_a_text_that_may_be_no_plain_amount_is_none(schema: Json) -> None:
    """Nobody knows how an amount is written there."""
    assert of_amounts(**schema) == {}


@pytest.mark.parametrize("text", ["12,50", "1e3", "", ".5", "5.", " 1", "٣", "1\n", 5, None, True])
def test_what_is_no_plain_number_means_none(text: Json) -> None:
    """It stays what it is."""
    assert meant(text) is text


def test_an_amount_that_is_not_exact_otherwise_has_more_places() -> None:
    """Nothing is rounded on the way."""
    made = of_amounts(pattern=r"^\d+$")
    assert written(made, 12.5) == "12.5"
    assert written(made, Decimal("1e3")) == "1000"
    assert written({"type": "number"}, 12.5) == 12.5


@pytest.fixture(scope="module")
def loaded() -> Contract:
    """The contract of a version whose amounts are texts of two decimal places."""
    return loaded_of("amounts as texts of a pattern")


def priced(**amounts: Json) -> Json:
    """The invoice of the tests with its amounts as texts, and with these."""
    payload = invoice()
    items = [{**one, "amount": f"{one['amount']:.2f}"} for one in payload["items"]]
    texts = {name: f"{payload[name]:.2f}" for name in ("total_amount", "paid_amount")}
    return {**payload, "items": items, **texts, **amounts}


def test_the_plain_invoice_has_amounts_as_texts_that_agree(loaded: Contract) -> None:
    """Its total is the sum of its items, its status that of what is paid."""
    payload = plain_invoice(loaded, FACTS)
    assert (payload["total_amount"], payload["paid_amount"]) == ("1233.95", "500.00")
    assert [one["amount"] for one in payload["items"]] == ["449.50", "19.99", "235.00"]
    assert expected(loaded, priced()).expectation is Expectation.ACCEPT


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"total_amount": "1.00"}, "total_amount is 1.00, the items' sum"),
        ({"status": "PAID", "paid_amount": "0.01"}, "status is PAID, but 0.01 paid of"),
    ],
)
def test_texts_that_do_not_agree_may_be_refused(loaded: Contract, change: Json, said: str) -> None:
    """As numbers that do not."""
    found = expected(loaded, priced(**change))
    assert found.expectation is Expectation.UNSPECIFIED
    assert said in " ".join(found.why)


@pytest.mark.parametrize(
    ("amount", "requirement"),
    [(5, "type"), (5.5, "type"), ("5", "pattern"), ("5.5", "pattern"), ("5,50", "pattern")],
)
def test_another_amount_breaks_the_version(
    loaded: Contract, amount: Json, requirement: str
) -> None:
    """A number, as today, and a text of another form."""
    assert broken(loaded, priced(paid_amount=amount)) == [f"paid_amount.{requirement}"]


def test_today_s_numbers_and_other_forms_are_near_misses(loaded: Contract) -> None:
    """Each breaks its one requirement: all else agrees with the amount that a careless server
    reads.
    """
    sent = {
        name: [
            case.payload[name]
            for case in near_misses(loaded, FACTS, loaded.named(f"{name}.{what}"))
        ]
        for name, what in (("total_amount", "type"), ("paid_amount", "pattern"))
    }
    assert any(type(one) is float and one > 1000 for one in sent["total_amount"])
    assert {"500", "500.0", "500.000", "500,00", "+500.00", "500.00e0"} <= {*sent["paid_amount"]}


def test_amounts_that_servers_get_wrong_are_edges(loaded: Contract) -> None:
    """Each written as the pattern wants it, with a total that agrees."""
    prices, paid = (
        {one.puts[0][1] for one in edges(loaded, FACTS, loaded.named(f"{name}.type"))}
        for name in ("items[].amount", "paid_amount")
    )
    assert {"0.01", "19.99", "999999999.99"} <= prices
    assert {"0.00", "999999999999.99"} <= paid


def test_drawn_amounts_are_texts_of_many_values(loaded: Contract) -> None:
    """And every drawn invoice has to be accepted."""
    found = drawn(valid(loaded, FACTS), 20)
    assert all(must_be_accepted(loaded, FACTS, one) for one in found)
    assert len({item["amount"] for one in found for item in one["items"]}) > 10


@pytest.mark.parametrize("status", ["PARTIALLY_PAID", "PAID"])
@pytest.mark.parametrize(
    ("returned", "wrong"),
    [("100.00", []), ("100.0", ["pattern"]), ("0.00", ["echo"]), (100, ["type"])],
)
def test_the_amount_has_to_come_back(
    loaded: Contract, status: str, returned: Json, wrong: list[str]
) -> None:
    """As a text of the version that means as much, also where the status does not agree."""
    payload = priced(paid_amount="100.00", status=status)
    verdict = judged(loaded, payload, {"data": {**payload, "paid_amount": returned}})
    names = [str(each.requirement) for each in verdict.violations]
    assert [one for one in names if "paid" in one] == [f"201.data.paid_amount.{w}" for w in wrong]


def test_the_run_says_how_amounts_are_written(loaded: Contract, tmp_path: Path) -> None:
    """Where they are texts."""
    told = "sent as texts with 2 decimal places: items[].amount, total_amount, paid_amount"
    assert told in notes_of(loaded)
    assert not [
        one for one in notes_of(Alteration(lambda _: None).load(tmp_path)) if "texts" in one
    ]


def test_amounts_in_whole_cents_are_no_counts() -> None:
    """Nothing may be paid, and a total that is no whole number is the one mistake of its case."""
    loaded = loaded_of("whole cents")
    paid = loaded.narrowed_schema["properties"]["paid_amount"]
    assert (paid["minimum"], paid["maximum"]) == (0, 10**12)
    nothing = plain_invoice(loaded, FACTS) | {"paid_amount": 0, "status": "PENDING"}
    assert expected(loaded, nothing).expectation is Expectation.ACCEPT
    cases = near_misses(loaded, FACTS, loaded.named("total_amount.type"))
    assert {*broken(loaded, cases[0].payload)} == {"total_amount.type"}
    alone = [case for case in cases if broken(loaded, case.payload) == ["total_amount.type"]]
    assert len(alone) > len(cases) / 2


def test_a_quantity_that_is_a_text_is_a_whole_number_that_adds_up() -> None:
    """Such a total must be accepted; another one need not be, nor a quantity of nothing."""
    loaded = loaded_of("quantities as texts")
    payload = plain_invoice(loaded, FACTS)
    assert [one["quantity"] for one in payload["items"]] == ["2", "5", "1"]
    assert expected(loaded, payload).expectation is Expectation.ACCEPT
    found = expected(loaded, {**payload, "total_amount": 1})
    assert found.expectation is Expectation.UNSPECIFIED
    found_edges = edges(loaded, FACTS, loaded.named("items[].quantity.type"))
    sent = {value for one in found_edges for path, value in one.puts if "quantity" in path}
    assert {"1", "65536", "999999"} <= sent
    assert "0" not in sent


def test_a_total_beyond_a_limit_is_the_sum_of_its_items(tmp_path: Path) -> None:
    """So that a server which forgets the limit has nothing else to refuse."""

    def edit(parts: Parts) -> None:
        parts.property("total_amount")["maximum"] = 9999.99
        parts.item["properties"]["amount"]["minimum"] = 0.01

    loaded = Alteration(edit).load(tmp_path)
    first = near_misses(loaded, FACTS, loaded.named("total_amount.maximum"))[0].payload
    assert first["total_amount"] == loaded.relations.sum.of(first["items"]) == 10000


def test_a_total_beyond_a_limit_is_the_sum_of_items_with_limits(tmp_path: Path) -> None:
    """Their prices and pieces keep theirs, too; a first item makes a total below by itself."""

    def edit(parts: Parts) -> None:
        parts.property("total_amount").update(minimum=100, maximum=999999.99)
        parts.item["properties"]["amount"].update(minimum=0.02, maximum=99999.99)
        parts.item["properties"]["quantity"].update(minimum=1, maximum=9999)

    loaded = Alteration(edit).load(tmp_path)
    for bound, number in (("maximum", 1000000), ("minimum", 99)):
        requirement = loaded.named(f"total_amount.{bound}")
        sent = [case.payload for case in near_misses(loaded, FACTS, requirement)]
        of_items = [one for one in sent if one["total_amount"] == number]
        assert any(loaded.relations.sum.of(one["items"]) == number for one in of_items)
