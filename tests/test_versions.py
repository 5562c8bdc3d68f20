"""Versions of the vendor's document, each with servers: nothing is green that should not be."""

from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from jsonschema_rs import is_valid

import suites
from run.cases import cases_of
from run.notes import notes_of
from spec.coherence import same_reference
from spec.contract import DIGITS, PLACEHOLDER, UUID_DIGITS
from spec.exchange import Request
from spec.expectation import Expectation, expect
from spec.schema.keywords import KEYWORDS, Role
from strategies.acceptance.valid import valid
from strategies.carried import carrying
from strategies.carriers import carriers
from strategies.invoice import encode, plain_invoice, usual_headers, usual_query, why_not_valid
from strategies.relations import must_be_accepted, repeated_to, with_distinct_references
from strategies.unspecified.cases import unspecified, unusual_values
from tests.driven import steps_of
from tests.forgetting import FACTS, accepted, added_by, loaded_of, mutants
from tests.invoices import RECENT_ORDERS, drawn
from tests.versions.catalogue import ALTERATIONS
from tests.versions.judging import KINDS, run, steps, told, wrong
from tests.versions.parts import in_items

TESTS = [
    test
    for path in sorted(Path(suites.__file__).parent.glob("test_*.py"))
    for name, test in vars(import_module(f"suites.{path.stem}")).items()
    if name.startswith("test_")
]


def one_in(count: int) -> list[Any]:
    """All versions, of which only one in so many is tried without whole runs: each takes time."""
    return [
        pytest.param(name, marks=() if number % count == 0 else pytest.mark.whole_runs)
        for number, name in enumerate(ALTERATIONS)
    ]


@pytest.mark.parametrize("name", ALTERATIONS)
def test_the_plain_invoice_of_a_version_must_be_accepted(name: str) -> None:
    """And is accepted by a server that reads the version by itself; or a sentence says why not."""
    alteration = ALTERATIONS[name]
    loaded = loaded_of(name)
    facts = replace(RECENT_ORDERS, key="key")
    doubt = why_not_valid(loaded, facts)
    assert (alteration.told in doubt) if alteration.told else (doubt == "")
    if doubt:
        return
    payload = plain_invoice(loaded, facts)
    assert steps_of(alteration.document(), renamed=alteration.renamed).check(payload) == ()
    key = ((loaded.key_header, "key"),) if loaded.key_header else ()
    headers = (("Content-Type", "application/json"), *key, *usual_headers(loaded))
    path = f"{loaded.path}?{usual_query(loaded)}"
    said = expect(loaded, facts, Request("POST", path, headers, encode(payload)))
    assert said.expectation is Expectation.ACCEPT


@pytest.mark.parametrize("name", ALTERATIONS)
def test_each_kind_of_server_can_be_made_of_a_version(name: str) -> None:
    """Wherever its schemas stand."""
    alteration = ALTERATIONS[name]
    for kind in (*KINDS, "strict"):
        assert steps(kind, alteration.document(), alteration.renamed)


@pytest.mark.parametrize("name", one_in(2))
def test_drawn_invoices_of_a_version_must_be_accepted(name: str) -> None:
    """And those that are drawn as neither valid nor invalid are not so hard to find that the run
    would break.
    """
    loaded = loaded_of(name)
    if why_not_valid(loaded, FACTS):
        return
    for carrier in carriers(loaded)[::20]:
        assert must_be_accepted(loaded, FACTS, carrying(loaded, FACTS, carrier)), carrier
    accepted = [must_be_accepted(loaded, FACTS, one) for one in drawn(valid(loaded, FACTS), 10)]
    # Parts of a quantity may cost parts of a cent, which no total has.
    assert all(accepted) or (name == "parts of a quantity" and any(accepted))
    assert drawn(unspecified(loaded, FACTS), 2)


@pytest.mark.parametrize("name", one_in(36))
def test_each_test_finds_its_cases_in_a_version(name: str) -> None:
    """Whatever a version lacks, or has more of; each takes some seconds, as in a whole run."""
    loaded = loaded_of(name)
    if why_not_valid(loaded, FACTS):
        return
    for test in TESTS:
        cases_of(test, loaded, FACTS, None)


@pytest.mark.parametrize("name", [each for each in ALTERATIONS if each.startswith("no other prop")])
def test_no_mixture_of_a_closed_version_is_empty(name: str) -> None:
    """Of names that it has elsewhere none may be left that is a text."""
    mixtures = [one for kind in unusual_values(loaded_of(name), FACTS) for one in kind.cases]
    assert mixtures
    assert all(one.values for one in mixtures)


@pytest.mark.parametrize(
    ("name", "property_", "text"),
    [
        ("nothing", "reference_id", f"REF-{PLACEHOLDER}"),
        ("a pattern of references", "reference_id", DIGITS),
        ("a short reference", "reference_id", "Plain text"),
        ("references that are UUIDs", "reference_id", f"{UUID_DIGITS}00-000000000000"),
        ("a pattern of numbers", "invoice_number", "INV-0000"),
    ],
)
def test_a_reference_has_the_stamp_where_one_fits(name: str, property_: str, text: str) -> None:
    """And is told where none does: a server that has it already may refuse it."""
    loaded = loaded_of(name)
    assert plain_invoice(loaded, FACTS)[property_] == text
    told = f"the same in several invoices, because the run's stamp does not fit: {property_}"
    assert (told in notes_of(loaded)) is (text in ("Plain text", "INV-0000"))


@pytest.mark.parametrize(
    "pattern",
    [
        *("^ITEM-[0-9]{8}$", "^[A-Z]{3}-[a-f0-9]{2}x$", "^[A-Z]{4}$", r"^\d{1,4}$"),
        "^(ITEM|LINE)-[0-9]{1,12}$",
    ],
)
def test_a_hundred_references_of_a_pattern_differ(pattern: str, tmp_path: Path) -> None:
    """Where no stamp and no other number fits, digits and letters of the first are counted on."""
    document = in_items("reference_id", {"pattern": pattern}).load(tmp_path)
    payload = plain_invoice(document, FACTS)
    items = repeated_to(payload["items"], 100)
    schema = document.narrowed_schema["properties"]["items"]
    found = with_distinct_references(document, items, schema)
    assert len({same_reference(one["reference_id"]) for one in found}) == 100
    assert all(is_valid(schema["items"], one) for one in found)


def test_there_are_many_versions() -> None:
    """At least sixty, most of which a server of today breaks."""
    assert len(ALTERATIONS) >= 60
    assert sum(bool(one.old) for one in ALTERATIONS.values()) > len(ALTERATIONS) / 2


def test_the_table_has_each_version_and_nothing_green_that_should_not_be() -> None:
    """`python -m tests.versions` with words of the names adds what is missing."""
    listed = told()
    assert [name for name in ALTERATIONS if name not in listed] == []
    for name, alteration in ALTERATIONS.items():
        cells = [cell.strip() for cell in listed[name].strip("|").split(" | ")][1:]
        if alteration.told:
            assert {*cells} == {"not begun", ""}, name
            continue
        own, old, named, refusing, losing = cells
        assert (own, refusing, losing) == ("green", "red", "red"), name
        assert (old == "green") is (not alteration.old), name
        assert named.strip("`").startswith(alteration.old) or old == "could not tell", name


@pytest.mark.parametrize("name", one_in(2))
def test_a_server_that_forgets_one_requirement_of_a_version_is_caught(name: str) -> None:
    """By a near miss that names it, which a server that forgets nothing refuses."""
    made = [*mutants(name)]
    assert [str(mutant.requirement) for mutant in made if not mutant.killed_by] == []
    assert [case for mutant in made for case in accepted(name, mutant.requirement)] == []


def test_each_keyword_has_a_mutant_in_some_version() -> None:
    """But for those that are said as others: `const` is an enumeration, `nullable` a type."""
    names = {requirement.keyword for name in ALTERATIONS for requirement in added_by(name)}
    asserted = {name for name, one in KEYWORDS.items() if one.role is Role.ASSERTION}
    assert asserted - names == {"const", "nullable"}


@pytest.mark.whole_runs
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "name",
    [
        "a required property of format uuid",
        "two states, required",
        "422 for 400",
        "an idempotency key that is a UUID",
        "a number in the query",
    ],
)
def test_a_server_is_judged_by_a_version_as_it_should_be(name: str, kind: str) -> None:
    """Green if it lives by the version, red under the right name otherwise."""
    assert wrong(name, kind, run(name, kind)) == ""


@pytest.mark.whole_runs
@pytest.mark.parametrize("name", ["one state less", "two of the states"])
def test_a_server_may_refuse_amounts_that_no_state_is_left_for(name: str) -> None:
    """With a status or without; a cent too much, or with two states left any part of it."""
    assert wrong(name, "strict", run(name, "strict")) == ""


@pytest.mark.whole_runs
@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("a number in the query", ("no query.version", 'query.version "0"')),
        ("a header field by a pattern", ("no header.X-Tenant", 'header.X-Tenant "aaa-000a"')),
        ("a cookie", ("no cookie.session", 'cookie.session "aaaaaaa"')),
    ],
)
def test_a_finding_about_a_parameter_says_how_it_was_sent(name: str, told: tuple[str, ...]) -> None:
    """The plain invoice shows it when only that is otherwise."""
    output = run(name, "of today").output
    assert [
        each for each in told if f"accepted   the plain invoice with {each}" not in output
    ] == []
