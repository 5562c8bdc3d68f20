"""A version that leaves open what is sent, as generators write it: a number or a text, one of some
lists of members, one of some kinds of items; and optional properties of another type than today.
"""

import json
from pathlib import Path
from typing import Any

import pytest

from run.cases import edge_values
from run.notes import notes_of
from spec.contract import DOCUMENT
from spec.diff.changes import changes
from spec.diff.standing import comparable
from spec.expectation import Expectation
from spec.paths import schema_at
from spec.yamlfile import FileError
from strategies.invalid import near_misses
from strategies.invoice import check_valid, plain_invoice
from tests.exchanges import CONTRACT, answer_to, invoice
from tests.invoices import ANYWHERE
from tests.versions.catalogue import ALTERATIONS
from tests.versions.edited import broken, expected, judged
from tests.versions.parts import Alteration, Parts, added, changed

ACCEPT, UNSPECIFIED, REJECT = Expectation.ACCEPT, Expectation.UNSPECIFIED, Expectation.REJECT
DIGITS = r"^-?(?:0|[1-9]\d*)(?:\.\d+)?$"
AMOUNTS = ("total_amount", "paid_amount")
NUMBERS_OR_TEXTS: dict[str, tuple[str, dict[str, Any]]] = {
    "of .NET": ("3.1.1", {"type": ["number", "string"], "format": "double", "pattern": DIGITS}),
    "of .NET, texts first": (
        "3.1.1",
        {"type": ["string", "number"], "format": "double", "pattern": DIGITS},
    ),
    "of pydantic": (
        "3.1.0",
        {"anyOf": [{"type": "number"}, {"type": "string", "pattern": DIGITS}]},
    ),
    "of pydantic, or null": (
        "3.1.0",
        {
            "anyOf": [
                {"type": "number", "minimum": 0},
                {"type": "string", "pattern": DIGITS},
                {"type": "null"},
            ],
            "title": "Amount",
        },
    ),
    "with a limit beside": (
        "3.0.3",
        {"minimum": -5, "oneOf": [{"type": "string", "pattern": DIGITS}, {"type": "number"}]},
    ),
}
"""Versions of OpenAPI and schemas of an amount."""


def of_amounts(name: str) -> Alteration:
    """A version with this schema for all amounts, sent and answered."""
    openapi, schema = NUMBERS_OR_TEXTS[name]

    def edit(parts: Parts) -> None:
        parts.document["openapi"] = openapi
        parts.document["components"]["schemas"]["Money"] = schema
        for each in (parts.request, parts.answer):
            each["properties"] |= {name: {"$ref": "#/components/schemas/Money"} for name in AMOUNTS}
        parts.item["properties"]["amount"] = {**schema}

    return Alteration(edit)


@pytest.mark.parametrize("name", NUMBERS_OR_TEXTS)
def test_a_number_or_a_text_is_judged_as_a_number(name: str, tmp_path: Path) -> None:
    """The number has to be accepted, the text may be, and what is neither is refused."""
    loaded = of_amounts(name).load(tmp_path)
    check_valid(loaded, ANYWHERE)
    assert expected(loaded, invoice()).expectation is ACCEPT
    sums = schema_at(loaded.narrowed_schema, ("total_amount",))
    assert (sums["minimum"], sums["maximum"]) == (0, 10**12)
    assert expected(loaded, invoice() | {"total_amount": "100.00"}).expectation is UNSPECIFIED
    for wrong in (True, ["1"]):
        assert expected(loaded, invoice() | {"total_amount": wrong}).expectation is REJECT
    assert expected(loaded, invoice() | {"total_amount": "a"}).expectation is REJECT
    again = Alteration(lambda parts: of_amounts(name).edit(parts))
    assert not changes(loaded, again.load(tmp_path))


@pytest.mark.parametrize("name", NUMBERS_OR_TEXTS)
def test_the_pattern_of_what_may_be_a_text_is_broken(name: str, tmp_path: Path) -> None:
    """Though the plain invoice has a number there."""
    loaded = of_amounts(name).load(tmp_path)
    plain = plain_invoice(loaded, ANYWHERE)
    found = [one for one in loaded.body_requirements if one.path == ("total_amount",)]
    sent = [
        json.loads(miss.body)["total_amount"]
        for one in found
        if one.keyword in ("pattern", "anyOf", "oneOf")
        for miss in near_misses(loaded, ANYWHERE, one)
    ]
    assert type(plain["total_amount"]) in (int, float)
    assert any(isinstance(one, str) for one in sent)


@pytest.mark.parametrize(
    ("text", "is_right"), [("269.9600", True), ("26996E-2", True), ("269.95", False)]
)
def test_a_number_may_come_back_as_a_text_that_means_it(
    text: str, *, is_right: bool, tmp_path: Path
) -> None:
    """Where the answer may be one; another number is none that was sent."""
    schema = {"type": ["number", "string"]}
    version = Alteration(lambda parts: parts.answer["properties"].update(total_amount=schema))
    loaded = version.load(tmp_path)
    payload = invoice()
    answer = answer_to(payload)
    answer["data"]["total_amount"] = text
    names = {one.requirement.name for one in judged(loaded, payload, answer).violations}
    assert ("201.data.total_amount.echo" not in names) is is_right
    before = {one.requirement.name for one in judged(CONTRACT, payload, answer).violations}
    assert {one for one in before if "total_amount" in one} == {"201.data.total_amount.type"}


STATES = ["PAID", "PENDING", "PARTIALLY_PAID", "OVERPAID"]


def of_states(keyword: str, *more: dict[str, Any]) -> Alteration:
    """A version whose states are in one of several lists, of which the first has all words."""

    def edit(parts: Parts) -> None:
        schemas = parts.document["components"]["schemas"]
        lists = {"StatusEnum": {"type": "string", "enum": STATES}}
        lists |= {f"Other{number}Enum": one for number, one in enumerate(more)}
        schemas |= lists
        choice = [{"$ref": f"#/components/schemas/{name}"} for name in lists]
        for each in (parts.request, parts.answer):
            each["properties"]["status"] = {"nullable": True, keyword: choice}

    return Alteration(edit)


@pytest.mark.parametrize("keyword", ["oneOf", "anyOf"])
def test_several_enumerations_are_one(keyword: str, tmp_path: Path) -> None:
    """Of words, of the empty text and of null, as drf-spectacular writes what may be blank."""
    loaded = of_states(keyword, {"enum": [""]}, {"enum": [None]}).load(tmp_path)
    check_valid(loaded, ANYWHERE)
    assert loaded.named("status.enum").operand == [*STATES, "", None]
    assert expected(loaded, invoice() | {"status": None}).expectation is ACCEPT
    assert expected(loaded, invoice() | {"status": ""}).expectation is UNSPECIFIED
    assert broken(loaded, invoice() | {"status": "paid"}) == ["status.enum"]
    assert any(note.startswith("not sent: status '', whose amounts") for note in notes_of(loaded))
    (told,) = [one for one in changes(CONTRACT, loaded) if one.requirement == "status.enum"]
    assert (told.kind, told.breaking) == ("loosened", False)


def test_enumerations_that_share_a_member_stay_a_choice(tmp_path: Path) -> None:
    """Of a `oneOf`: what both have is in neither."""
    loaded = of_states("oneOf", {"enum": ["PAID", "VOID"]}).load(tmp_path)
    assert loaded.find("status.enum") is None
    assert broken(loaded, invoice() | {"status": "PAID"}) == ["status.oneOf"]


def test_a_member_that_has_a_pattern_is_broken_by_another_text_of_that(tmp_path: Path) -> None:
    """What else there is has another type, or breaks the pattern too."""
    code = {"type": "string", "enum": ["USD", "EUR"], "pattern": "^[A-Z]{3}$"}
    loaded = added(code, name="currency", required=False).load(tmp_path)
    cases = near_misses(loaded, ANYWHERE, loaded.named("currency.enum"))
    assert {"USE", "EUS"} <= {str(case.payload["currency"]) for case in cases}


OTHER_TYPES: dict[str, tuple[str, dict[str, Any]]] = {
    "a state that is a number": ("status", {"type": "integer", "enum": [0, 1, 2, 3]}),
    "a state that is null alone": ("status", {"type": "string", "nullable": True, "enum": [None]}),
    "a date that is a number": ("created_at", {"type": "integer", "format": "int64"}),
    "a date that is an object": ("updated_at", {"type": "object", "properties": {}}),
    "a date or its parts": (
        "created_at",
        {"oneOf": [{"type": "integer"}, {"type": "array", "items": {"type": "integer"}}]},
    ),
}
"""A property that is optional today, and its schema."""


@pytest.mark.parametrize("case", OTHER_TYPES)
def test_an_optional_property_of_another_type_is_left_out(case: str, tmp_path: Path) -> None:
    """A line names it; an invoice without it has to be accepted, and one with it may be refused."""
    name, schema = OTHER_TYPES[case]
    loaded = Alteration(lambda p: p.request["properties"].update({name: schema})).load(tmp_path)
    check_valid(loaded, ANYWHERE)
    plain = plain_invoice(loaded, ANYWHERE)
    assert name not in plain
    assert expected(loaded, plain).expectation is ACCEPT
    said = f"left out of valid invoices: {name} (not a string, as the suite needs)"
    assert said in notes_of(loaded)


@pytest.mark.parametrize("case", OTHER_TYPES)
def test_a_required_property_of_another_type_is_told(case: str, tmp_path: Path) -> None:
    """No run can begin, and the sentence says what can be done all the same."""
    name, schema = OTHER_TYPES[case]

    def edit(parts: Parts) -> None:
        parts.request["properties"][name] = schema
        parts.request["required"].append(name)

    loaded = Alteration(edit).load(tmp_path)
    with pytest.raises(FileError, match=f"python -m spec.diff tells .*: {name} is n"):
        check_valid(loaded, ANYWHERE)


def test_an_amount_that_is_a_text_is_told(tmp_path: Path) -> None:
    """Where nothing says that the text is a plain number."""
    loaded = changed("total_amount", {"type": "string"}).load(tmp_path)
    with pytest.raises(FileError, match="a text, and no format, pattern or example says"):
        check_valid(loaded, ANYWHERE)


def of_lines(*, told_apart: bool) -> Alteration:
    """A version with two kinds of items, of which each allows only its own properties."""

    def edit(parts: Parts) -> None:
        schemas = parts.document["components"]["schemas"]
        product, code = schemas.pop("dtos.InvoiceItemCreateRequest"), {"type": "string"}
        fee = {**product, "properties": {**product["properties"], "fee_code": code}}
        fee = {**fee, "required": [*product["required"], "fee_code"]}
        kinds = {"FeeLine": fee, "ProductLine": product}
        for name, each in kinds.items():
            own = {"line_type": {"type": "string"}} if told_apart else {}
            schemas[name] = {
                **each,
                "properties": {**each["properties"], **own},
                "required": [*each["required"], *own],
                **({} if told_apart else {"additionalProperties": False}),
            }
        choice = [{"$ref": f"#/components/schemas/{name}"} for name in kinds]
        of_kind = {"PRODUCT": choice[1]["$ref"], "FEE": choice[0]["$ref"]}
        beside = {"discriminator": {"propertyName": "line_type", "mapping": of_kind}}
        schemas["dtos.InvoiceItemCreateRequest"] = {
            "oneOf": choice,
            **(beside if told_apart else {}),
        }

    return Alteration(edit)


@pytest.mark.parametrize("told_apart", [True, False], ids=["a discriminator", "closed schemas"])
def test_of_several_kinds_of_items_one_is_sent(tmp_path: Path, *, told_apart: bool) -> None:
    """The first that is like those of today most; items of another kind may be refused."""
    loaded = of_lines(told_apart=told_apart).load(tmp_path)
    check_valid(loaded, ANYWHERE)
    plain = plain_invoice(loaded, ANYWHERE)
    assert plain["items"][0].get("line_type") in ({"PRODUCT", "FEE"} if told_apart else {None})
    assert expected(loaded, plain).expectation is ACCEPT
    wrong = {**plain, "items": [{**plain["items"][0], "sku": 5}]}
    assert broken(loaded, wrong) == ["items[].oneOf"]
    assert loaded.find("201.data.items[].name.echo") is not None


def test_one_of_what_is_required_is_compared_and_told(tmp_path: Path) -> None:
    """A `oneOf` of names breaks a client, also where what was required is no more."""

    def edit(parts: Parts) -> None:
        parts.add("customer_code", {"type": "string"}, required=False)
        parts.request["oneOf"] = [{"required": ["order_id"]}, {"required": ["customer_code"]}]
        parts.request["required"].remove("order_id")

    path = Alteration(edit).write(tmp_path / "openapi.yaml")
    (was, _), (now, _) = comparable(DOCUMENT), comparable(path)
    told = {one.requirement: one.breaking for one in changes(was, now)}
    assert told["body.oneOf"] is True
    assert told["order_id.required"] is False


@pytest.mark.parametrize("keyword", ["oneOf", "anyOf"])
def test_a_choice_beside_the_type_stays_one(keyword: str, tmp_path: Path) -> None:
    """What is of one type alone leaves nothing open but its limits."""
    ways = [{"type": "string", "maxLength": 5}, {"type": "string", "minLength": 3}]
    loaded = changed("remarks", {keyword: ways}).load(tmp_path)
    check_valid(loaded, ANYWHERE)
    assert keyword in schema_at(loaded.narrowed_schema, ("remarks",))
    assert expected(loaded, invoice() | {"remarks": "Long enough"}).expectation is ACCEPT
    assert expected(loaded, invoice() | {"remarks": "ab"}).expectation is ACCEPT
    assert (expected(loaded, invoice() | {"remarks": "abcd"}).expectation is REJECT) is (
        keyword == "oneOf"
    )


@pytest.mark.parametrize("text", ["269.95", " 269.96", "269,96", "one", ""])
def test_an_amount_that_comes_back_as_a_text_has_to_mean_what_was_sent(
    text: str, tmp_path: Path
) -> None:
    """In whatever way it is written: by its format it is a number."""
    loaded = ALTERATIONS["amounts that come back as texts"].load(tmp_path)
    sent, answer = invoice(), _with_texts(answer_to(invoice()))
    assert judged(loaded, sent, answer).violations == ()
    for same in ("269.9600", "2.6996e2"):
        answer["data"]["total_amount"] = same
        assert judged(loaded, sent, answer).violations == ()
    answer["data"]["total_amount"] = text
    (found,) = judged(loaded, sent, answer).violations
    assert found.requirement.name == "201.data.total_amount.echo"


@pytest.mark.parametrize(("text", "is_lost"), [("USD 1.00", False), ("one", True), ("", True)])
def test_of_a_text_of_no_format_nobody_knows_more_than_that_it_has_a_number(
    text: str, *, is_lost: bool, tmp_path: Path
) -> None:
    """With a unit it may mean what was sent; without a digit it does not."""

    def edit(parts: Parts) -> None:
        parts.answer["properties"]["total_amount"] = {"type": "string"}

    loaded = Alteration(edit).load(tmp_path)
    answer = answer_to(invoice())
    answer["data"]["total_amount"] = text
    found = [one.requirement.name for one in judged(loaded, invoice(), answer).violations]
    assert found == ["201.data.total_amount.echo"] * is_lost


@pytest.mark.parametrize(("change", "is_wrong"), [(0, False), (1, True)])
def test_a_product_that_comes_back_as_a_text_has_to_be_right(
    change: int, *, is_wrong: bool, tmp_path: Path
) -> None:
    """As one that is a number."""
    loaded = ALTERATIONS["amounts that come back as texts"].load(tmp_path)
    answer = _with_texts(answer_to(invoice()))
    item = answer["data"]["items"][0]
    item["item_total"] = str(float(item["item_total"]) + change)
    found = [one.requirement.name for one in judged(loaded, invoice(), answer).violations]
    assert found == ["201.data.items[].item_total.product"] * is_wrong


def _with_texts(answer: Any) -> Any:
    """The answer with texts for its amounts."""
    data = answer["data"]
    for name in AMOUNTS:
        data[name] = str(data[name])
    for item in data["items"]:
        item |= {name: str(item[name]) for name in ("amount", "item_total") if name in item}
    return answer


def _of_formats(keyword: str, *formats: str) -> Alteration:
    def edit(parts: Parts) -> None:
        branches = [{"type": "string", "format": each} for each in formats]
        for schema in (parts.request, parts.answer):
            schema["properties"]["due_date"] = {keyword: [*branches]}

    return Alteration(edit)


@pytest.mark.parametrize("choice", ["oneOf", "anyOf"])
@pytest.mark.parametrize("formats", [("date", "date-time"), ("date-time", "date")])
def test_a_day_or_a_moment_is_sent_where_a_version_takes_one_of_both(
    choice: str, formats: tuple[str, str], tmp_path: Path
) -> None:
    """No text is both, so that one of them is any of them; and nothing but a text is."""
    loaded = _of_formats(choice, *formats).load(tmp_path)
    check_valid(loaded, ANYWHERE)
    assert expected(loaded, plain_invoice(loaded, ANYWHERE)).expectation is ACCEPT
    assert broken(loaded, invoice() | {"due_date": 5}) == ["due_date.anyOf"]


def test_one_of_formats_that_a_text_may_have_together_stays_one_of_them(tmp_path: Path) -> None:
    """A server that asks which one it is may find two."""
    loaded = _of_formats("oneOf", "uri", "web-url").load(tmp_path)
    names = {one.name for one in loaded.requirements}
    assert "due_date.oneOf" in names


def test_an_amount_of_an_unknown_format_is_named_with_it(tmp_path: Path) -> None:
    """Its example alone may be sent, and that agrees with no items."""
    told = {"format": "money", "example": 1000000}
    loaded = changed("total_amount", told).load(tmp_path)
    with pytest.raises(FileError) as raised:
        check_valid(loaded, ANYWHERE)
    assert str(raised.value).endswith(
        "total_amount is of the unknown format money, and its example does not agree with the "
        "rest of the invoice."
    )


@pytest.mark.parametrize("words", [["card", "bank"], ["Card", "Bank"]], ids=" ".join)
def test_a_discriminator_changes_nothing_that_is_valid(words: list[str], tmp_path: Path) -> None:
    """Without a mapping, the words that a schema has itself count, not its name (OpenAPI 3.0.3)."""

    def edit(parts: Parts) -> None:
        names = dict(zip(("Card", "Bank"), words, strict=True))
        parts.document["components"]["schemas"] |= {
            name: {
                "type": "object",
                "required": ["method"],
                "properties": {"method": {"type": "string", "enum": [word]}},
            }
            for name, word in names.items()
        }
        choice = [{"$ref": f"#/components/schemas/{name}"} for name in names]
        parts.add("payment", {"oneOf": choice, "discriminator": {"propertyName": "method"}})

    loaded = Alteration(edit).load(tmp_path)
    check_valid(loaded, ANYWHERE)
    for word in words:
        assert broken(loaded, invoice() | {"payment": {"method": word}}) == []
    assert broken(loaded, invoice() | {"payment": {"method": "cash"}}) == ["payment.oneOf"]


def test_a_part_of_a_choice_must_be_accepted_as_its_example_alone(tmp_path: Path) -> None:
    """As a text that is required by itself: a server may look into an IBAN."""
    wire, card = (
        {
            "type": "object",
            "required": ["method", name],
            "properties": {
                "method": {"type": "string", "enum": [method]},
                name: {"type": "string", "example": example},
            },
        }
        for method, name, example in (
            ("wire", "iban", "DE89370400440532013000"),
            ("card", "last4", "4242"),
        )
    )
    loaded = added({"oneOf": [wire, card]}, name="payment").load(tmp_path)
    for iban, said in (("DE89370400440532013000", ACCEPT), ("Plain text", UNSPECIFIED)):
        payload = {**invoice(), "payment": {"method": "wire", "iban": iban}}
        assert expected(loaded, payload).expectation is said
    sent = [case.payload for group in edge_values(loaded, ANYWHERE) for case in group.cases]
    ibans = {each["payment"].get("iban") for each in sent if "payment" in each}
    assert ibans == {None, "DE89370400440532013000"}
