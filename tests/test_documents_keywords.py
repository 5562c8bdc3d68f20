"""A keyword with a value that is too large, or that it cannot have, is one sentence."""

import json
from pathlib import Path

import pytest

from run.cases import body_requirements, edge_values, near_misses
from spec import contract
from spec.contract import READING
from spec.schema.keywords import OF_TYPES
from strategies.acceptance.limits import invoices_at_limits
from strategies.acceptance.sizes import large_invoices
from strategies.invoice import plain_invoice
from strategies.too_large import MOST_INVALID, out_of_reach
from strategies.unspecified.cases import unusual_values
from tests.invoices import ANYWHERE
from tests.running import suite
from tests.versions.edited import TEXT, broken, sentence_of
from tests.versions.parts import Alteration, Parts

LIMITS = (60_000, 200_000, 1_000_000, 3_000_000, 10**30)


@pytest.mark.parametrize("limit", [*LIMITS[:2], LIMITS[-1]])
def test_a_long_limit_makes_no_large_case(tmp_path: Path, limit: int) -> None:
    """Whatever the document allows, an edge stays within 64 KiB and a near miss near 256 KiB."""
    path = tmp_path / "openapi.yaml"
    path.write_text(TEXT.replace("maxLength: 255", f"maxLength: {limit}"), encoding="utf-8")
    loaded = contract.load(path, READING)
    beyond = {requirement.name for requirement in out_of_reach(loaded)}
    assert ("remarks.maxLength" in beyond) == (limit > MOST_INVALID)
    wrong = near_misses(loaded, ANYWHERE)
    assert beyond.isdisjoint({group.name for group in wrong})
    assert beyond.isdisjoint({each.name for each in body_requirements(loaded, ANYWHERE)})
    assert {group.name for group in wrong} | beyond == {r.name for r in loaded.body_requirements}
    assert max(len(case.body) for group in wrong for case in group.cases) < MOST_INVALID + 64 * 1024
    inside = edge_values(loaded, ANYWHERE)
    assert max(len(case.body) for group in inside for case in group.cases) <= 64 * 1024
    mixed = unusual_values(loaded, ANYWHERE)
    assert max(len(case.body) for one in mixed for case in one.cases) < MOST_INVALID


@pytest.mark.parametrize("limit", [*LIMITS, 2**31, 10**12, 10**18, 2**63])
def test_a_long_limit_is_reached_by_no_invoice_at_limits(tmp_path: Path, limit: int) -> None:
    """Nor by a large one; all that is sent stays within 64 KiB."""
    path = tmp_path / "openapi.yaml"
    path.write_text(TEXT.replace("maxLength: 255", f"maxLength: {limit}"), encoding="utf-8")
    loaded = contract.load(path, READING)
    crowds = invoices_at_limits(loaded, ANYWHERE)
    cases = [*large_invoices(loaded, ANYWHERE), *(case for crowd in crowds for case in crowd.cases)]
    assert cases
    assert max(len(case.body) for case in cases) <= 64 * 1024


KINDS = {
    "string": "",
    "number": "",
    "boolean": "",
    "array": "items: {type: string}",
    "object": "properties: {a: {type: string}, b: {type: string}}",
}


VALUES = {
    **dict.fromkeys(("minLength", "maxLength", "minItems", "maxItems"), "3"),
    **dict.fromkeys(("minimum", "multipleOf"), "2"),
    **dict.fromkeys(("minProperties", "maxProperties"), "1"),
    "pattern": "a",
    "format": "date-time",
    **dict.fromkeys(("uniqueItems", "exclusiveMinimum"), "true"),
    "additionalProperties": "false",
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_keyword_about_another_type_demands_nothing(tmp_path: Path, kind: str) -> None:
    """As JSON Schema has it: nothing is sent for it, and nothing breaks."""
    others = [name for name in VALUES if name in OF_TYPES and kind not in OF_TYPES[name]]
    others += [] if kind == "string" else ["format"]
    said = [f"type: {kind}", *(f"{name}: {VALUES[name]}" for name in others), KINDS[kind]]
    extra = "".join(f"          {line}\n" for line in said)
    path = tmp_path / "openapi.yaml"
    path.write_text(
        TEXT.replace("        remarks:\n", f"        extra:\n{extra}        remarks:\n")
    )
    loaded = contract.load(path, READING)
    names = {each.name for each in loaded.body_requirements}
    assert len(others) > 5
    assert "extra.type" in names
    assert names.isdisjoint(f"extra.{name}" for name in others)
    edge_values(loaded, ANYWHERE)


@pytest.mark.parametrize("keyword", ["maxProperties", "maxItems", "maxLength"])
def test_a_large_number_of_anything_is_out_of_reach(tmp_path: Path, keyword: str) -> None:
    """It makes no large case, and a run says so."""
    kind = {"maxProperties": "object", "maxItems": "array", "maxLength": "string"}[keyword]
    said = f"{{type: {kind}, {keyword}: {10**30}, {KINDS[kind]}}}"
    path = tmp_path / "openapi.yaml"
    path.write_text(
        TEXT.replace("        remarks:\n", f"        extra: {said}\n        remarks:\n")
    )
    loaded = contract.load(path, READING)
    assert f"extra.{keyword}" in {requirement.name for requirement in out_of_reach(loaded)}
    near_misses(loaded, ANYWHERE)


ODD_VALUES = {
    "type": ("[[]]", "[{}]", "[[], {}]", "{}", "5", "null", "[string, []]", "[true]", "[]"),
    "pattern": (
        *("(?:a{1000}){1000}", "^(?=.*a{1000}){1000}$", "(?i)x{0,99999}", r"\\p{Foo}"),
        *(
            "a{99999}",
            "(?:a{501,}b)*",
            "(?:a{100}){100}",
            f"(?:{'a' * 900}){{2}}",
            "a{99999999999999999999}",
            "(" * 400,
            "[[a]]",
            "(?>a)",
        ),
    ),
    "multipleOf": ("1e-30", "1e-300", "1e300", f"1{'0' * 400}", "0", "-1", ".nan", "[]"),
    "minimum": (f"1{'0' * 400}", f"-1{'0' * 400}", "[]", "{}", "true"),
    "exclusiveMaximum": (f"1{'0' * 400}", "[]", "{}"),
    "minProperties": ("1000", "[]", "-1", "true"),
    "enum": ("[]", "{}", "5"),
    "required": ("[[]]", "{}", "[5]"),
    "properties": ("[]", "5"),
    "allOf": ("[]", "{}"),
    "nullable": ("[]", "5"),
    "additionalProperties": ("[]", "5"),
    "format": ("[]", "{}"),
}
"""By keyword: values that it cannot have, or that cannot be told or drawn exactly."""


@pytest.mark.parametrize(("keyword", "value"), [(k, v) for k in ODD_VALUES for v in ODD_VALUES[k]])
def test_a_keyword_with_a_value_that_it_cannot_have_is_one_sentence(
    tmp_path: Path, keyword: str, value: str
) -> None:
    """At each kind of schema: of a body, of an item, of an answer."""
    shown = json.dumps(value) if keyword == "pattern" else value
    for place in ("        remarks:\n", "        sku:\n", "        code:\n"):
        path = tmp_path / "openapi.yaml"
        at = TEXT.index(place)
        added = f"        extra: {{{keyword}: {shown}}}\n"
        path.write_text(TEXT[:at] + added + TEXT[at:], encoding="utf-8")
        sentence = sentence_of(path)
        said = ("is not a valid value", "demands more", "JSON", "does not read")
        assert any(words in sentence for words in said)
        assert len(sentence) < 500


def test_the_lines_above_a_run_name_what_is_out_of_reach(tmp_path: Path) -> None:
    """Once, with the limit; and a run that could not ask it is not in doubt for that."""
    path = tmp_path / "openapi.yaml"
    path.write_text(TEXT.replace("maxLength: 255", "maxLength: 1000000", 1), encoding="utf-8")
    done = suite("--document", str(path), "--collect-only")
    assert done.output.count("not sent: requests that break ") == 1
    assert ".maxLength (1000000), because they would be too large" in done.output


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("          maxLength: 255\n", "          minLength: 5000\n", "demands more than 1000"),
        ("            - OVERPAID\n", f"            - {'x' * 2000}\n", "is not a valid value"),
        ("            - OVERPAID\n", "            - x\n" * 2000, "is not a valid value"),
        ("        remarks:\n", f"        ? {'x' * 20_000}\n        :\n", "a key has more than"),
        ("        remarks:\n", '        "a\\e[2J":\n', "has characters that do not show"),
        ("openapi: ", "%TAG !a! b\n" * 20 + "---\nopenapi: ", "defines more than 10 tags"),
    ],
    ids=["minLength", "long member", "many members", "long key", "control in a key", "tags"],
)
def test_a_document_that_asks_too_much_is_one_sentence(
    tmp_path: Path, old: str, new: str, words: str
) -> None:
    """With the place, and without what is long."""
    path = tmp_path / "openapi.yaml"
    assert old in TEXT
    path.write_text(TEXT.replace(old, new, 1), encoding="utf-8")
    sentence = sentence_of(path)
    assert words in sentence
    assert sentence.isprintable()
    assert len(sentence) < 500


def test_what_lacks_a_required_property_lacks_no_number_of_them_besides(tmp_path: Path) -> None:
    """So that the requirement is seen to hold where it is refused, or is blamed alone."""

    def edit(parts: Parts) -> None:
        parts.item.update(minProperties=5)
        parts.request.update(minProperties=7)

    loaded = Alteration(edit).load(tmp_path)
    whole = plain_invoice(loaded, ANYWHERE)
    payload = {name: whole[name] for name in loaded.request_schema["required"]}
    assert broken(loaded, payload) == []
    first, *others = payload["items"]
    items = [{name: first[name] for name in first if name != "amount"}, *others]
    assert broken(loaded, payload | {"items": items}) == ["items[].amount.required"]
    assert broken(loaded, payload | {"items": [{}]}) == [
        f"items[].{name}.required" for name in ("amount", "name", "quantity", "reference_id", "sku")
    ]
    del payload["paid_amount"]
    assert broken(loaded, payload) == ["paid_amount.required"]


def test_a_number_of_properties_that_is_too_small_in_any_case_is_broken_too(tmp_path: Path) -> None:
    """With all that are required there would still be too few."""
    loaded = Alteration(lambda parts: parts.request.update(minProperties=8)).load(tmp_path)
    payload = {name: 1 for name in loaded.request_schema["required"] if name != "paid_amount"}
    assert {"paid_amount.required", "body.minProperties"} <= {*broken(loaded, payload)}
