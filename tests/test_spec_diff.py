"""What another version of the document changes is told, and whether it may break a client."""

import json
from functools import partial
from pathlib import Path

import pytest

from spec import contract
from spec.contract import DOCUMENT
from spec.diff.__main__ import main
from spec.diff.changes import changes
from strategies.invalid import near_misses
from tests.edits import (
    asked,
)
from tests.invoices import ANYWHERE
from tests.running import python
from tests.versions.catalogue import ALTERATIONS
from tests.versions.parts import Alteration, Parts

CHANGED = [
    ("nothing", 0, ""),
    ("3.1", 0, ""),
    ("other names of schemas", 0, ""),
    ("an optional text", 1, "added extra_field.type"),
    ("longer remarks", 1, "loosened remarks.maxLength"),
    ("one state more", 1, "loosened status.enum"),
    ("due_date optional", 1, "removed due_date.required"),
    ("remarks may be null", 1, "loosened remarks.type"),
    ("an answer with more", 1, "added 201.data.currency.required"),
    ("no key", 1, "removed security.key"),
    ("a required text", 2, "added extra_field.required"),
    ("shorter remarks", 2, "tightened remarks.maxLength"),
    ("one state less", 2, "tightened status.enum"),
    ("a pattern of sku", 2, "added items[].sku.pattern"),
    ("no other properties", 2, "added body.additionalProperties"),
    ("an answer without remarks", 2, "removed 201.data.remarks.type"),
    ("422 for 400", 2, "changed 4xx.status"),
    ("errors as problems", 2, "removed 400, 401, 403, 404, 500.mediaType: application/json"),
    ("errors as problems", 2, "added 400, 401, 403, 404, 500.mediaType: application/problem+json"),
    ("a 401 without content", 2, "removed 401.mediaType: application/json"),
    ("a conflict is 409", 1, "added response.documented: 409"),
    ("another header for the key", 2, "changed security.key: X-API-Key -> X-Auth"),
    ("an optional flag in the query", 1, "added query.dryRun.type"),
]
"""A version, the exit status, and what is told of it."""


@pytest.mark.parametrize(("name", "status", "told"), CHANGED)
def test_a_change_is_told_and_is_breaking_or_not(
    name: str, status: int, told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """0 for nothing, 1 for what breaks no client, 2 for what may."""
    new = ALTERATIONS[name].write(tmp_path / "new.yaml")
    assert main([str(DOCUMENT), str(new)]) == status
    output = capsys.readouterr().out
    assert told in output
    assert ("breaking" in output) is (status == 2)


def test_a_required_property_that_is_sent_again_breaks_a_client(tmp_path: Path) -> None:
    """A client of the version before does not send it; to oasdiff it is information."""
    old = Alteration(asked("due_date", {"readOnly": True})).write(tmp_path / "old.yaml")
    (change,) = changes(contract.load(old), contract.load())
    assert (change.requirement, change.kind, change.breaking) == (
        "due_date.readOnly",
        "removed",
        True,
    )


def test_the_way_back_of_a_breaking_change_is_a_compatible_one(tmp_path: Path) -> None:
    """What was tightened is loosened."""
    new = contract.load(ALTERATIONS["shorter remarks"].write(tmp_path / "new.yaml"))
    (back,) = changes(new, contract.load())
    assert (back.kind, back.breaking, back.old, back.new) == ("loosened", False, 100, 255)


@pytest.mark.parametrize("words", ["markdown", "json"])
def test_a_change_has_operands_places_and_what_it_means(
    words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In a table, and for programs."""
    new = ALTERATIONS["shorter remarks"].write(tmp_path / "new.yaml")
    assert main([str(DOCUMENT), str(new), "--format", words]) == 2
    output = capsys.readouterr().out
    if words == "json":
        (change,) = json.loads(output)
        assert (change["old"], change["new"]) == (255, 100)
        assert change["old_place"].startswith("spec/openapi.yaml:")
    else:
        assert (
            "| **breaking**, tightened | `remarks.maxLength` | `255` (spec/openapi.yaml:" in output
        )
    assert "what was accepted may be refused" in output


@pytest.mark.parametrize(
    ("name", "clients", "servers"),
    [
        (
            "422 for 400",
            "what is invalid may get 422, where it got 400: take both for a refusal",
            "answer what is invalid with 422, no longer with 400",
        ),
        (
            "another header for the key",
            "send the key in X-Auth: in X-API-Key it may be refused",
            "read the key from X-Auth, and refuse what has it in X-API-Key alone",
        ),
    ],
)
def test_what_another_status_or_header_means_is_said_of_it(
    name: str, clients: str, servers: str, tmp_path: Path
) -> None:
    """For a client and for a server, there and back."""
    new = contract.load(ALTERATIONS[name].write(tmp_path / "new.yaml"))
    (change,) = changes(contract.load(), new)
    assert (change.for_clients, change.for_servers) == (clients, servers)
    (back,) = changes(new, contract.load())
    assert str(back.new) in back.for_servers.partition(",")[0]


def test_a_file_that_is_no_document_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """On the other output, with status 4."""
    path = tmp_path / "new.yaml"
    path.write_text("swagger: '2.0'\n")
    assert main([str(DOCUMENT), str(path)]) == 4
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "is not an OpenAPI 3.0, 3.1 or 3.2 document" in error


def test_a_run_by_another_version_says_what_changed(tmp_path: Path) -> None:
    """Above all else; a run by the document of the suite does not."""
    new = ALTERATIONS["one state less"].write(tmp_path / "new.yaml")
    listed = ("--collect-only", "suites/test_isolation.py")
    output = python("-m", "pytest", *listed, "--document", str(new)).output
    assert "changes: 1, of which 1 may break clients" in output
    assert "tightened status.enum" in output
    assert "changes:" not in python("-m", "pytest", *listed).output


def test_what_an_enumeration_had_before_is_a_near_miss(tmp_path: Path) -> None:
    """The first of all, with amounts that a server wants which still lives by the old version."""
    loaded = contract.load(ALTERATIONS["one state less"].write(tmp_path / "new.yaml"))
    assert loaded.named("status.enum").former == ("OVERPAID",)
    assert contract.load().named("status.enum").former == ()
    first, *_ = near_misses(loaded, ANYWHERE, loaded.named("status.enum"))
    assert first.payload["status"] == "OVERPAID"
    assert first.payload["paid_amount"] > first.payload["total_amount"]


def test_amounts_that_no_state_is_left_for_may_be_refused(tmp_path: Path) -> None:
    """Without a status, too; by today's document any amount may be paid."""
    loaded = contract.load(ALTERATIONS["one state less"].write(tmp_path / "new.yaml"))
    overpaid = {"total_amount": 1, "paid_amount": 2}
    (found,) = loaded.relations.state.incoherences(overpaid, ANYWHERE)
    assert found.sentence == "status has no member for 2 paid of 1"
    assert not [*contract.load().relations.state.incoherences(overpaid, ANYWHERE)]
    assert not [*loaded.relations.state.incoherences({**overpaid, "paid_amount": 1}, ANYWHERE)]


SAME = [
    ("a flag for a number", {"enum": [True, False]}, {"enum": [1, 0]}, 2),
    ("the same flags", {"enum": [True, False]}, {"enum": [False, True]}, 0),
    ("a shorter one of two", {"maxLength": 9}, {"allOf": [{"maxLength": 9}, {"maxLength": 5}]}, 2),
    ("a longer one of two", {"maxLength": 5}, {"allOf": [{"maxLength": 9}, {"maxLength": 5}]}, 0),
    ("two least lengths", {"minLength": 5}, {"allOf": [{"minLength": 5}, {"minLength": 2}]}, 0),
]
"""Two schemas of a new property, and the exit status of their comparison."""


@pytest.mark.parametrize(("name", "before", "after", "status"), SAME)
def test_what_says_the_same_is_no_change(
    name: str,
    before: dict[str, object],
    after: dict[str, object],
    status: int,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """True is not 1; of several sizes in an `allOf` the strictest counts."""
    paths = []
    for number, schema in enumerate((before, after)):
        edit = partial(Parts.add, name="extra", schema=dict(schema), comes_back=False)
        paths.append(str(Alteration(edit).write(tmp_path / f"{number}.yaml")))
    assert main(paths) == status, name
    assert ("extra" in capsys.readouterr().out) is bool(status)


@pytest.mark.parametrize(
    ("url", "status"),
    [
        ("https://api.wizcommerce.com:443", 0),
        ("HTTPS://api.wizcommerce.com:443/", 0),
        ("https://api.wizcommerce.com:8443", 2),
        ("http://api.wizcommerce.com:443", 2),
    ],
)
def test_the_usual_port_of_a_server_is_no_change(url: str, status: int, tmp_path: Path) -> None:
    """A server is the same where its port is said, and another with another one."""
    edit = Alteration(lambda parts: parts.document["servers"][0].update(url=url))
    assert main([str(DOCUMENT), str(edit.write(tmp_path / "new.yaml"))]) == status


def test_a_description_that_is_another_one_is_told_and_breaks_nobody(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What the schema does not say may be said there; the same words are no change."""

    def of_paid(parts: Parts) -> None:
        parts.request["properties"]["paid_amount"]["description"] = "At most the total"

    new = Alteration(of_paid).write(tmp_path / "new.yaml")
    assert main([str(DOCUMENT), str(new)]) == 1
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith("compatible added paid_amount.description: At most the total")
    assert line.endswith("read it: prose may ask for more than the schema says")
    assert main([str(new), str(new)]) == 0
