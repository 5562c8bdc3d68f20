"""A version that says which properties may stand together, how others may be called, or what may
not be; and one of which the suite does not understand all.
"""

import json
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

import pytest

from run.cases import near_misses
from run.notes import notes_of
from spec.contract import Contract, own
from spec.diff.changes import changes
from spec.diff.changes import notes as changed_lines
from spec.diff.standing import comparable
from spec.expectation import Expectation
from spec.yamlfile import FileError
from strategies.acceptance.edges import edges, with_edges, with_its_sums
from strategies.acceptance.valid import valid
from strategies.invalid import unbroken
from strategies.invoice import check_valid, plain_invoice
from strategies.unspecified.cases import unusual_values
from tests.exchanges import answer_to, invoice
from tests.forgetting import loaded_of
from tests.invoices import ANYWHERE, drawn
from tests.versions.edited import broken, expected, judged
from tests.versions.parts import TEXT, Alteration, Parts, added, changed, of_3_1

ACCEPT, UNSPECIFIED, REJECT = Expectation.ACCEPT, Expectation.UNSPECIFIED, Expectation.REJECT

KEEP: dict[str, tuple[str, tuple[dict[str, Any], ...], tuple[dict[str, Any], ...]]] = {
    "one of two properties alone": (
        "body.oneOf",
        ({},),
        ({"quote_id": "Q"}, {"order_id": None}),
    ),
    "two properties that exclude each other": (
        "body.not",
        ({}, {"url": None}),
        ({"quote_id": "Q"},),
    ),
    "a property that needs another (3.1)": (
        "body.dependentRequired",
        ({},),
        ({"discount_amount": 5},),
    ),
    "a due date that needs terms (3.1)": (
        "body.dependentRequired",
        ({"terms": "NET 30"},),
        ({},),
    ),
    "no properties but those of all parts (3.1)": (
        "body.unevaluatedProperties",
        ({},),
        ({"extra": 1},),
    ),
    "a map with names of a pattern (3.1)": (
        "references.propertyNames",
        ({"references": {"ab_id": "x"}},),
        ({"references": {"AB_ID": "x"}}, {"references": {"ab_id": "x", "other": "x"}}),
    ),
    "remarks that are no placeholder": (
        "remarks.not",
        ({}, {"remarks": "n/a"}),
        ({"remarks": "N/A"}, {"remarks": "-"}),
    ),
    "an object of one property alone": (
        "extra_field.oneOf",
        ({"extra_field": {"a": "x"}},),
        ({"extra_field": {"a": "x", "b": "x"}}, {"extra_field": {"c": "x"}}),
    ),
    "a due date or terms": (
        "body.anyOf",
        ({}, {"payment_terms": "NET_15"}, {"payment_terms": "NET_15", "due_date": "2024-07-31"}),
        ({"due_date": None},),
    ),
}
"""By version: its requirement, changes of an invoice that keep it, and those that break it; what is
null is left out.
"""


def _changed(change: dict[str, Any]) -> dict[str, Any]:
    whole = {**invoice(), **change}
    return {name: one for name, one in whole.items() if one is not None}


@pytest.mark.parametrize("name", KEEP)
def test_what_may_stand_together_is_judged_as_the_version_says(name: str) -> None:
    """What keeps it breaks nothing, and what breaks it breaks nothing else."""
    loaded, (requirement, right, wrong) = loaded_of(name), KEEP[name]
    for change in right:
        assert broken(loaded, _changed(change)) == [], change
    for change in wrong:
        assert broken(loaded, _changed(change)) == [requirement], change


@pytest.mark.parametrize("name", KEEP)
def test_what_may_stand_together_is_broken_alone(name: str) -> None:
    """By near misses of it; and what is near to breaking another requirement keeps this one."""
    loaded, requirement = loaded_of(name), KEEP[name][0]
    groups = {one.name: one for one in near_misses(loaded, ANYWHERE)}
    assert len(groups[requirement].cases) > 1
    for each in groups.values():
        keyword = each.name.rpartition(".")[2]
        for case in each.cases[:3] if keyword != "type" else ():
            assert broken(loaded, case.payload) == [each.name], case.name
    assert not unbroken(loaded)


@pytest.mark.parametrize("name", KEEP)
def test_valid_invoices_keep_what_may_stand_together(name: str) -> None:
    """The plain one, and those that are drawn."""
    loaded = loaded_of(name)
    check_valid(loaded, ANYWHERE)
    every = [plain_invoice(loaded, ANYWHERE), *drawn(valid(loaded, ANYWHERE), 30)]
    assert {expected(loaded, one).expectation for one in every} == {ACCEPT}


def _two_flags(parts: Parts) -> None:
    for name in ("express", "pickup"):
        parts.add(name, {"type": "boolean"}, required=False)
    parts.request["not"] = {"required": ["express", "pickup"]}


def test_each_of_two_properties_that_exclude_each_other_is_sent(tmp_path: Path) -> None:
    """A server that refuses one of them is found."""
    loaded = Alteration(_two_flags).load(tmp_path)
    sent = [one.keys() & {"express", "pickup"} for one in drawn(valid(loaded, ANYWHERE), 50)]
    assert {frozenset(each) for each in sent} >= {frozenset({"express"}), frozenset({"pickup"})}
    assert frozenset({"express", "pickup"}) not in map(frozenset, sent)


def _nested(parts: Parts) -> None:
    parts.item["properties"] |= {"ean": TEXT, "isbn": TEXT}
    parts.item["oneOf"] = [
        {"required": ["ean"]},
        {"required": ["isbn"]},
        {"not": {"anyOf": [{"required": ["ean"]}, {"required": ["isbn"]}]}},
    ]


def test_at_most_one_of_two_is_said_of_items_too(tmp_path: Path) -> None:
    """By a choice with what may not be in it."""
    loaded = Alteration(_nested).load(tmp_path)
    check_valid(loaded, ANYWHERE)
    (group,) = (one for one in near_misses(loaded, ANYWHERE) if one.name == "items[].oneOf")
    assert all("items[].oneOf" in broken(loaded, case.payload) for case in group.cases)
    (group,) = (one for one in near_misses(loaded, ANYWHERE) if one.name == "items[].isbn.type")
    assert any(broken(loaded, case.payload) == ["items[].isbn.type"] for case in group.cases)


def test_parts_of_a_version_add_to_what_a_property_needs(tmp_path: Path) -> None:
    """All that the parts of an `allOf` say counts."""

    def edit(parts: Parts) -> None:
        for name in ("a", "b", "c"):
            parts.add(name, {**TEXT}, required=False)
        parts.request["allOf"] = [
            {"dependentRequired": {"a": ["b"]}},
            {"dependentRequired": {"a": ["c"], "b": ["c"]}},
        ]

    loaded = of_3_1(edit).load(tmp_path)
    name = "body.dependentRequired"
    assert broken(loaded, invoice() | {"a": "x", "b": "x"}) == [name]
    assert broken(loaded, invoice() | {"b": "x"}) == [name]
    assert broken(loaded, invoice() | {"a": "x", "b": "x", "c": "x"}) == []


def _tree(parts: Parts) -> None:
    reference = {"$ref": "#/components/schemas/Tree"}
    tree = {"type": "object", "properties": {"below": reference}, "required": ["below"]}
    parts.document["components"]["schemas"]["Tree"] = tree
    parts.add("extra_field", {**reference}, required=False)


NOT_UNDERSTOOD: dict[str, tuple[Callable[[Parts], object], str, str]] = {
    "a keyword": (
        added({"type": "array", "prefixItems": [TEXT]}, required=False).edit,
        "the keyword 'prefixItems'",
        "",
    ),
    "a pattern": (
        added({"type": "string", "pattern": r"^\p{Foo}$"}, required=False).edit,
        r"\p{Foo} in its pattern",
        "",
    ),
    "a tree": (
        _tree,
        "a reference to itself",
        ".below",
    ),
    "a keyword of what is required within": (
        added(
            {
                "type": "object",
                "required": ["a"],
                "properties": {"a": {"type": "array", "contains": TEXT}, "b": TEXT},
            },
            required=False,
        ).edit,
        "the keyword 'contains'",
        ".a",
    ),
    "a keyword in a choice": (
        added({"oneOf": [TEXT, {"type": "array", "contains": TEXT}]}, required=False).edit,
        "the keyword 'contains'",
        "",
    ),
}
"""What of an optional property is not understood, how it is told, and where in it of an answer."""


def _told(loaded: Contract, beginning: str) -> Collection[str]:
    return [one for one in notes_of(loaded) if one.startswith(beginning)]


@pytest.mark.parametrize("name", NOT_UNDERSTOOD)
def test_an_optional_property_that_is_not_understood_is_left_out(name: str, tmp_path: Path) -> None:
    """With a line: any value of it may be accepted or refused, and what comes back is not judged
    there.
    """
    edit, what, within = NOT_UNDERSTOOD[name]
    loaded = of_3_1(edit).load(tmp_path)
    check_valid(loaded, ANYWHERE)
    (line,) = _told(loaded, "left out of valid invoices")
    assert f"extra_field ({what} is not understood: " in line
    (line,) = _told(loaded, "not judged: 201")
    assert f"201.data.extra_field{within} ({what} is not understood: " in line
    assert expected(loaded, invoice()).expectation is ACCEPT
    for value in (5, "text", {"a": 1}, [None]):
        payload = invoice() | {"extra_field": value}
        assert expected(loaded, payload).expectation is UNSPECIFIED
        answer = answer_to(invoice())
        answer["data"]["extra_field"] = {within[1:]: value} if within else value
        assert not judged(loaded, invoice(), answer).failing
    assert not any("extra_field" in one.name for one in near_misses(loaded, ANYWHERE))


@pytest.mark.parametrize("schema", [True, False, {"type": "array", "items": False}])
def test_an_optional_property_whose_schema_is_a_flag_is_left_out(
    schema: Any, tmp_path: Path
) -> None:
    """As 3.1 may have it; what changed is told all the same. Where it is required no run begins."""
    loaded = of_3_1(added(schema, required=False).edit).load(tmp_path)
    check_valid(loaded, ANYWHERE)
    (line,) = _told(loaded, "left out of valid invoices")
    assert " alone is not understood: " in line
    assert any("compatible added extra_field." in one for one in changed_lines(loaded))
    with pytest.raises(FileError, match=r"(?:true|false) alone is not a schema read here"):
        of_3_1(added(schema).edit).load(tmp_path)


def test_what_no_element_may_be_breaks_who_sends_one(tmp_path: Path) -> None:
    """`items: false` allows an empty list alone."""
    texts, none = ({"type": "array", "items": each} for each in (TEXT, False))
    old, new = (
        comparable(of_3_1(added(each, required=False).edit).write(tmp_path / f"{number}.yaml"))
        for number, each in enumerate((texts, none))
    )
    told = [one for one in changes(old[0], new[0], (old[1], new[1])) if one.breaking]
    assert ("added", "extra_field[].enum") in [(one.kind, one.requirement) for one in told]


def test_a_run_goes_on_where_what_is_left_out_cannot_be_compared(tmp_path: Path) -> None:
    """It refers to nothing; a line says that the changes are not told, with the place."""
    nowhere = {"type": "array", "contains": {"$ref": "#/components/schemas/Nowhere"}}
    loaded = of_3_1(added(nowhere, required=False).edit).load(tmp_path)
    check_valid(loaded, ANYWHERE)
    (line,) = changed_lines(loaded)
    assert line.startswith("changes: not compared, because of ")
    assert "Nowhere" in line


@pytest.mark.parametrize("most", [7, 8, 10, 11])
def test_an_invoice_has_no_more_properties_than_a_version_allows(most: int, tmp_path: Path) -> None:
    """The last optional ones are left out; each of them is in some invoice all the same."""
    loaded = Alteration(lambda parts: parts.request.update(maxProperties=most)).load(tmp_path)
    check_valid(loaded, ANYWHERE)
    assert len(plain_invoice(loaded, ANYWHERE)) == most
    assert "body.maxProperties" in {group.name for group in near_misses(loaded, ANYWHERE)}
    assert all(len(payload) <= most for payload in drawn(valid(loaded, ANYWHERE), 20))


@pytest.mark.parametrize("name", NOT_UNDERSTOOD)
def test_a_required_property_that_is_not_understood_ends_the_run(name: str, tmp_path: Path) -> None:
    """Before anything is sent by it."""
    edit, *_ = NOT_UNDERSTOOD[name]

    def required(parts: Parts) -> None:
        edit(parts)
        parts.request["required"].append("extra_field")

    with pytest.raises(FileError, match=r"not (?:understood|read|supported)"):
        of_3_1(required).load(tmp_path)


@pytest.mark.parametrize("name", NOT_UNDERSTOOD)
def test_what_is_not_understood_can_be_compared(name: str, tmp_path: Path) -> None:
    """By what it says."""
    edit, *_ = NOT_UNDERSTOOD[name]
    path = of_3_1(edit).write(tmp_path / "openapi.yaml")
    before, after = (
        comparable(of_3_1(lambda _: None).write(tmp_path / "old.yaml")),
        comparable(path),
    )
    versions = (before[1], after[1])
    told = [(one.kind, one.requirement) for one in changes(before[0], after[0], versions)]
    assert {each for _, each in told} <= {
        *("extra_field.type", "201.data.extra_field.type"),
        *("extra_field.oneOf", "201.data.extra_field.oneOf"),
    }
    assert [kind for kind, _ in told] == ["added", "added"]


@pytest.mark.parametrize(
    ("name", "new", "other"),
    [
        ("one of two properties alone", "quote_id", "order_id"),
        ("two properties that exclude each other", "quote_id", "url"),
        ("terms in place of a due date", "payment_terms", "due_date"),
    ],
)
def test_a_new_property_is_sent_in_place_of_one_that_it_excludes(
    name: str, new: str, other: str
) -> None:
    """So that a server which loses it is seen; each such invoice keeps the document."""
    loaded = loaded_of(name)
    bodies = [one.body for some in unusual_values(loaded, ANYWHERE) for one in some.cases]
    sent = [one for one in map(json.loads, bodies) if new in one]
    assert sent
    for payload in sent:
        assert other not in payload
        assert expected(loaded, payload).expectation in (ACCEPT, UNSPECIFIED)
        answer = answer_to(payload)
        assert not judged(loaded, payload, answer).failing
        del answer["data"][new]
        failing = judged(loaded, payload, answer).failing
        assert f"201.data.{new}.echo" in {str(one.requirement) for one in failing}


def test_a_listed_value_that_excludes_a_usual_property_must_be_accepted_in_its_place() -> None:
    """So that a server which refuses each invoice with it is found; and with it what it excludes
    is at its edges, too.
    """
    loaded = loaded_of("a currency in place of an address")
    for name, keyword in (("currency", "enum"), ("url", "type"), ("remarks", "type")):
        found = edges(loaded, ANYWHERE, loaded.named(f"{name}.{keyword}"))
        values = {value for edge in found for path, value in edge.puts if path == (name,)}
        assert len(values) >= 2
        for edge in found:
            invoice = with_edges(plain_invoice(loaded, ANYWHERE), [edge], 0)
            payload = with_its_sums(loaded, invoice, [edge])
            assert expected(loaded, payload).expectation is ACCEPT
    assert not _told(loaded, "in no invoice")


@pytest.mark.parametrize(
    "rule",
    [
        {"not": {"required": ["extra_field", "order_id"]}},
        {"oneOf": [{"required": ["extra_field"]}, {"required": ["url"]}]},
    ],
)
def test_a_listed_value_that_no_accepted_invoice_has_is_told(
    rule: dict[str, Any], tmp_path: Path
) -> None:
    """A server that refuses each invoice with it is not found, which nobody would know."""

    def edit(parts: Parts) -> None:
        parts.add("extra_field", {"type": "string", "enum": ["A", "B"]}, required=False)
        parts.request.update(rule)

    loaded = Alteration(edit).load(tmp_path)
    (line,) = _told(loaded, "in no invoice")
    assert line.endswith(": extra_field")
    assert not _told(loaded, "sent with each value")


def test_today_s_document_has_nothing_in_place_of_others() -> None:
    """Nothing in it excludes anything."""
    names = [some.name for some in unusual_values(own(), ANYWHERE)]
    assert not [name for name in names if name.endswith("in place of others")]


def test_other_properties_of_a_part_alone_are_not_supported(tmp_path: Path) -> None:
    """They would refuse what the other parts describe."""
    version = of_3_1(lambda parts: parts.request.update(allOf=[{"unevaluatedProperties": False}]))
    with pytest.raises(FileError, match="not supported inside an allOf"):
        version.load(tmp_path)


def test_a_number_may_be_other_than_some(tmp_path: Path) -> None:
    """What is drawn and what is at the limits keeps it, and a server that takes it is found."""
    loaded = changed("paid_amount", {"not": {"enum": [500, 0]}}).load(tmp_path)
    check_valid(loaded, ANYWHERE)
    assert plain_invoice(loaded, ANYWHERE)["paid_amount"] not in (0, 500)
    (group,) = (one for one in near_misses(loaded, ANYWHERE) if one.name == "paid_amount.not")
    assert {0, 500} <= {case.payload["paid_amount"] for case in group.cases}
