"""A version that calls properties otherwise is judged as today's, where a reading has the names."""

import ast
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from run.notes import notes_of
from spec.contract import DOCUMENT, READING, Contract, load
from spec.exchange import Request
from spec.expectation import Expectation, expect
from spec.operation import PATH
from spec.paths import Json
from spec.probes import load as load_probes
from spec.relations import RELATIONS
from spec.yamlfile import FileError
from strategies.acceptance.edges import edges
from strategies.acceptance.valid import valid
from strategies.invalid import near_misses
from strategies.invoice import plain_invoice
from strategies.unspecified.probes import probe_body
from tests.exchanges import FACTS, HEADERS
from tests.invoices import ANYWHERE, CONTRACT, RECENT_ORDERS, drawn
from tests.versions.catalogue import ALTERATIONS
from tests.versions.edited import expected
from tests.versions.judging import disagreeing, run, wrong
from tests.versions.parts import OWN, Alteration, Parts, renamed

OWN_NAMES = Parts(OWN).request["properties"]
VERSIONS = [name for name, one in ALTERATIONS.items() if one.renamed]
ROOT = Path(__file__).parent.parent
VALUES = {
    ROOT / "strategies" / name
    for name in (
        *("values.py", "unspecified/elsewhere.py", "unspecified/values.py", "wrong/names.py"),
        *("extras/trade.py", "extras/unknown.py", "wrong/serialised.py"),
    )
}
"""Has typical values by names of properties: no code depends on them."""


@pytest.fixture(scope="module", params=VERSIONS)
def version(request: pytest.FixtureRequest) -> str:
    """The name of each version that has other names."""
    return str(request.param)


@pytest.fixture(scope="module")
def loaded(version: str, tmp_path_factory: pytest.TempPathFactory) -> Contract:
    """The contract of the version."""
    return ALTERATIONS[version].load(tmp_path_factory.mktemp("version"))


def as_today(version: str, value: Json, path: str = "") -> Json:
    """A payload of the version, with today's names."""
    old = {}
    for before, name in ALTERATIONS[version].renamed.items():
        *above, _ = before.split(".")
        old["items[]" if above else "", name] = before.rpartition(".")[2]
    if isinstance(value, list):
        return [as_today(version, each, "items[]") for each in value]
    if isinstance(value, dict):
        return {
            old.get((path, name), name): as_today(version, each, path)
            for name, each in value.items()
        }
    return value


def test_the_plain_invoice_is_todays_by_other_names(version: str, loaded: Contract) -> None:
    """But for typical values, which go by names."""
    for facts in (ANYWHERE, RECENT_ORDERS):
        today, plain = (
            plain_invoice(CONTRACT, facts),
            as_today(version, plain_invoice(loaded, facts)),
        )
        assert [*plain] == [*today]
        typical = {"remarks", "url"}
        assert {name: each for name, each in plain.items() if name not in {*typical, "items"}} == {
            name: each for name, each in today.items() if name not in {*typical, "items"}
        }
        numbers = ("reference_id", "quantity", "amount")
        assert [[one[name] for name in numbers] for one in plain["items"]] == [
            [one[name] for name in numbers] for one in today["items"]
        ]


def test_nothing_is_unread_or_passed_over(loaded: Contract) -> None:
    """Each action of the reading finds its property by the new name."""
    of_errors = "not judged: the body of a client error that this document does not list"
    assert [note for note in notes_of(loaded) if note != of_errors] == []
    assert len(loaded.requirements) == len(CONTRACT.requirements)


def test_as_many_near_misses_and_edges_are_asked_as_today(loaded: Contract) -> None:
    """Each requirement has those of the one that it was."""
    for one, today in zip(loaded.body_requirements, CONTRACT.body_requirements, strict=True):
        assert one.keyword == today.keyword
        assert len(edges(loaded, ANYWHERE, one)) == len(edges(CONTRACT, ANYWHERE, today)), one
        # Their order is that of carriers, which goes by names, so that a few are others.
        assert bool(near_misses(loaded, ANYWHERE, one)) == bool(
            near_misses(CONTRACT, ANYWHERE, today)
        )


def test_drawn_invoices_keep_each_relation(version: str, loaded: Contract) -> None:
    """As another implementation of them finds."""
    renamed = ALTERATIONS[version].renamed
    for payload in drawn(valid(loaded, RECENT_ORDERS), 40):
        assert [*disagreeing(payload, renamed)] == []
        assert expected(loaded, payload).why == ()


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"grand_total": 1}, "grand_total is 1, the lines' sum"),
        ({"status": "PAID"}, "status is PAID, but 500 paid of 1233.95"),
        ({"created_at": "2024-06-01T00:00:00Z"}, "created_at is later than updated_at"),
    ],
)
def test_a_disagreement_is_told_by_the_new_names(changes: dict[str, Any], words: str) -> None:
    """A server may accept it or refuse it."""
    loaded = _loaded("other names of amounts and items")
    said = expected(loaded, plain_invoice(loaded, ANYWHERE) | changes)
    assert said.expectation is Expectation.UNSPECIFIED
    assert any(words in why for why in said.why)


def test_each_probe_asks_the_same_by_the_new_names(version: str, loaded: Contract) -> None:
    """Its body is unspecified for as many reasons as today's, such as a sum that is wrong."""
    for probe in load_probes():
        new, today = (
            expect(each, FACTS, Request("POST", PATH, HEADERS, probe_body(each, FACTS, probe)))
            for each in (loaded, CONTRACT)
        )
        assert (new.expectation, len(new.why)) == (today.expectation, len(today.why)), probe.name
        if new.payload is not None and today.payload is not None:
            assert as_today(version, new.payload).keys() == today.payload.keys()


def _loaded(name: str) -> Contract:
    with TemporaryDirectory() as folder:
        return ALTERATIONS[name].load(Path(folder))


@pytest.mark.parametrize(
    ("renamed", "words"),
    [
        ("{totals: grand_total}", "the known document has no property 'totals'."),
        ("{total_amount: grand_total}", "the document has no property 'grand_total'."),
        (
            "{total_amount: data.items}",
            "no property 'data.items'; one inside another takes the place of none.",
        ),
        ("{'items[].price': amount}", "the known document has no property 'items[].price'."),
        ("[total_amount]", "x-renamed maps paths of properties"),
        ("{total_amount: 5}", "x-renamed maps paths of properties"),
    ],
)
def test_a_wrong_name_is_one_sentence_with_its_line(
    renamed: str, words: str, tmp_path: Path
) -> None:
    """A name that is misspelled would leave a relation out, and nobody would know."""
    path = tmp_path / "reading.yaml"
    text = READING.read_text()
    path.write_text(f"{text}x-renamed: {renamed}\n")
    with pytest.raises(ValueError, match=r"x-renamed|has no property") as raised:
        load(DOCUMENT, path)
    assert str(raised.value).startswith(f"{path}:{len(text.splitlines()) + 1}: ")
    assert words in str(raised.value)


@pytest.mark.parametrize(
    ("field", "words"),
    [
        (
            "x-renamd: {total_amount: grand_total}",
            "no field 'x-renamd': the nearest is 'x-renamed'.",
        ),
        ("x-Renamed: {}", "no field 'x-Renamed': the nearest is 'x-renamed'."),
        ("x-rename: {}", "no field 'x-rename': the nearest is 'x-renamed'."),
        ("renamed: {}", "no field 'renamed': the nearest is 'x-renamed'."),
        ("x-agreing: {}", "no field 'x-agreing': the nearest is 'x-agreeing'."),
        ("x-agrees: {}", "no field 'x-agrees': the nearest is 'x-agreeing'."),
        ("extend: spec/openapi.yaml", "no field 'extend': the nearest is 'extends'."),
        ("nonsense: 5", "an overlay has no field 'nonsense'."),
    ],
)
def test_a_misspelled_field_of_a_reading_is_told_with_the_nearest(
    field: str, words: str, tmp_path: Path
) -> None:
    """Read past, it would change nothing, and nobody would know."""
    path = tmp_path / "reading.yaml"
    text = READING.read_text()
    path.write_text(f"{text}{field}\n")
    with pytest.raises(ValueError, match="has no field") as raised:
        load(DOCUMENT, path)
    place = f"{path}:{len(text.splitlines()) + 1}: #/{field.partition(':')[0]}: "
    assert str(raised.value).startswith(place)
    assert str(raised.value).endswith(words)


def test_an_extension_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    """An overlay may have any (OpenAPI Overlay 1.0.0, section 4.5)."""
    path = tmp_path / "reading.yaml"
    path.write_text(f"{READING.read_text()}x-owner: billing\nx-reason: [1]\n")
    assert load(DOCUMENT, path).narrowed_schema == load().narrowed_schema


def test_a_misspelled_field_of_an_action_is_told_with_the_nearest(tmp_path: Path) -> None:
    """As is one of the overlay."""
    path = tmp_path / "reading.yaml"
    path.write_text(
        READING.read_text().replace("    update:\n", "    descripton: x\n    update:\n", 1)
    )
    with pytest.raises(ValueError, match="no field 'descripton': the nearest is 'description'"):
        load(DOCUMENT, path)


@pytest.mark.whole_runs
@pytest.mark.parametrize("kind", ["strict", "loses all"])
def test_a_server_of_other_names_is_judged(kind: str, version: str) -> None:
    """One that checks each relation by the new names has nothing to refuse."""
    assert wrong(version, kind, run(version, kind)) == ""


def _named_in(path: Path) -> set[str]:
    """The texts of a module that are names of properties of an invoice."""
    schemas = OWN["components"]["schemas"].values()
    names = {name for schema in schemas for name in schema["properties"]}
    # Words of JSON Schema, of HTTP and of reports as well.
    names -= {"items", "status", "name", "url", "id", "data", "code", "message", "details"}
    names -= {"field", "reason"}
    texts = (
        each.value
        for each in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(each, ast.Constant) and isinstance(each.value, str)
    )
    return names & {*texts}


def test_no_code_names_a_property_but_the_table_of_relations() -> None:
    """So another name of one is one line."""
    packages = (
        "spec",
        "strategies",
        "causes",
        "findings",
        "watch",
        "reports",
        "mirror",
        "run",
        "suites",
    )
    modules = {path for name in packages for path in (ROOT / name).rglob("*.py")}
    naming = {str(path.relative_to(ROOT)): _named_in(path) for path in modules - VALUES}
    table = naming.pop("spec/relations.py")
    naming["run/options.py"] -= {"order_id"}  # as the option is called
    assert {name: found for name, found in naming.items() if found} == {}
    assert table >= {"total_amount", "paid_amount", "due_date", "order_id", "invoice_number"}
    assert RELATIONS.sum.total == "total_amount"


def test_a_run_reads_the_names_of_its_own_document() -> None:
    """Today's stand for no other version; only the mirror has no other."""
    packages = (
        "spec",
        "strategies",
        "targets",
        "causes",
        "findings",
        "reports",
        "watch",
        "run",
        "suites",
    )
    modules = [path for name in packages for path in (ROOT / name).rglob("*.py")]
    using = [path.name for path in modules if "RELATIONS" in path.read_text(encoding="utf-8")]
    assert using == ["relations.py"]


def test_a_version_at_another_path_is_found_by_its_new_names(tmp_path: Path) -> None:
    """As the only path that takes an invoice with the names that the reading has, and no more."""
    names = {name: f"new_{name}" for name in OWN_NAMES}
    edit = renamed(names, "").edit

    def move(parts: Parts) -> None:
        edit(parts)
        parts.document["paths"] = {"/v2/invoices": parts.document["paths"].pop("/v1/invoices")}

    assert Alteration(move, renamed=names).load(tmp_path).path == "/v2/invoices"
    for others in ({}, {"remarks": "new_remarks"}):
        with pytest.raises(FileError, match="does not document POST /v1/invoices"):
            Alteration(move, renamed=others).load(tmp_path)


@pytest.mark.parametrize("said", ["[a]", "{reference_id: [a]}", "{reference_id: {a: b}}", "5"])
def test_new_names_that_are_none_are_told_by_a_sentence(said: str, tmp_path: Path) -> None:
    """Also where the path is looked for by them."""
    path = tmp_path / "reading.yaml"
    path.write_text(f"{READING.read_text()}x-renamed: {said}\n")
    with pytest.raises(FileError, match="x-renamed maps paths of properties"):
        load(DOCUMENT, path)
