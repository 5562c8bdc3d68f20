"""Versions by which no run can judge are compared with others all the same."""

from dataclasses import replace
from pathlib import Path

import pytest

from spec.contract import DOCUMENT
from spec.diff.__main__ import main
from tests.edits import Edit, nothing
from tests.versions.catalogue import ALTERATIONS
from tests.versions.parts import Alteration, Parts

KEY = {"ApiKeyAuth": list[str]()}
BEARER = {"Bearer": list[str]()}


def secured(*alternatives: dict[str, list[str]]) -> Edit:
    """With these alternatives, and schemes for them."""

    def edit(parts: Parts) -> None:
        schemes = parts.document["components"]["securitySchemes"]
        schemes["Bearer"] = {"type": "http", "scheme": "Bearer"}
        schemes["Basic"] = {"type": "http", "scheme": "basic"}
        schemes["Login"] = {"type": "oauth2", "flows": {}}
        schemes["Query"] = {"type": "apiKey", "in": "query", "name": "key"}
        schemes["Other"] = {"type": "apiKey", "in": "header", "name": "X-Auth"}
        parts.post["security"] = [*alternatives]

    return edit


def answered(*statuses: str) -> Edit:
    """With these statuses instead of 201."""

    def edit(parts: Parts) -> None:
        responses = parts.post["responses"]
        created = responses.pop("201")
        responses.update(dict.fromkeys(statuses, created))

    return edit


WAYS: list[tuple[str, Edit, Edit, list[str], list[str]]] = [
    (
        "200",
        nothing,
        answered("200"),
        ["breaking changed 201.status: 201 -> 200"],
        ["breaking changed 201.status: 200 -> 201"],
    ),
    (
        "200 where both were",
        answered("200", "201"),
        answered("200"),
        ["breaking changed 201.status: 201 -> 200"],
        ["breaking changed 201.status: 200 -> 201"],
    ),
    ("200 before and after", answered("200"), answered("200"), [], []),
    (
        "a bearer",
        nothing,
        secured(BEARER),
        ["breaking changed security.scheme: X-API-Key -> bearer in Authorization"],
        ["breaking changed security.scheme: bearer in Authorization -> X-API-Key"],
    ),
    (
        "a bearer as well",
        nothing,
        secured(KEY, BEARER),
        ["compatible added security.scheme: bearer in Authorization"],
        ["breaking removed security.scheme: bearer in Authorization"],
    ),
    (
        "the order of two",
        secured(BEARER, KEY),
        secured(KEY, BEARER),
        [],
        [],
    ),
    (
        "a key in the query",
        nothing,
        secured({"Query": []}),
        ["breaking changed security.scheme: X-API-Key -> key in query"],
        ["breaking changed security.scheme: key in query -> X-API-Key"],
    ),
    (
        "both",
        nothing,
        secured(KEY | BEARER),
        ["breaking changed security.scheme: X-API-Key -> X-API-Key and bearer in Authorization"],
        ["breaking changed security.scheme: X-API-Key and bearer in Authorization -> X-API-Key"],
    ),
    (
        "another right of a login",
        secured({"Login": ["read"]}),
        secured({"Login": ["write"]}),
        ["breaking changed security.scheme: oauth2 (read) -> oauth2 (write)"],
        ["breaking changed security.scheme: oauth2 (write) -> oauth2 (read)"],
    ),
    (
        "a login where nothing was asked",
        secured(),
        secured(BEARER),
        ["breaking added security.scheme: bearer in Authorization"],
        ["compatible removed security.scheme: bearer in Authorization"],
    ),
    (
        "nothing as well",
        nothing,
        secured(KEY, {}),
        ["compatible added security.scheme: nothing"],
        ["breaking removed security.scheme: nothing"],
    ),
    (
        "another header beside a bearer",
        secured(KEY, BEARER),
        secured({"Other": []}, BEARER),
        [
            "breaking removed security.scheme: X-API-Key",
            "compatible added security.scheme: X-Auth",
        ],
        [
            "breaking removed security.scheme: X-Auth",
            "compatible added security.scheme: X-API-Key",
        ],
    ),
]
"""What differs between two versions, and all that is told of it there and back."""


@pytest.mark.parametrize(
    ("before", "after", "there", "back"), [each[1:] for each in WAYS], ids=[one[0] for one in WAYS]
)
def test_another_status_or_scheme_is_a_change_and_no_error(
    before: Edit,
    after: Edit,
    there: list[str],
    back: list[str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Told once, there and back, with the status of a change."""
    paths = [
        str(Alteration(edit).write(tmp_path / f"{number}.yaml"))
        for number, edit in enumerate((before, after))
    ]
    for pair, said in ((paths, there), (paths[::-1], back)):
        breaks = any(line.startswith("breaking") for line in said)
        assert main(pair) == (2 if breaks else int(bool(said)))
        lines = capsys.readouterr().out.splitlines()
        found = [" ".join(line.split()).partition(f" ({tmp_path}")[0] for line in lines]
        assert sorted(found) == sorted(said or ["nothing changed"])


@pytest.mark.parametrize(
    ("edit", "sentence"),
    [
        (lambda p: p.post.update(responses={}), "has no 201"),
        (lambda p: p.post.update(security="key"), "is not a list of security requirements"),
        (lambda p: p.post.update(security=[{"No": []}]), "there is nothing at"),
    ],
)
def test_what_cannot_be_compared_either_is_one_sentence(
    edit: Edit, sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With status 4, as before."""
    path = Alteration(edit).write(tmp_path / "new.yaml")
    assert main([str(DOCUMENT), str(path)]) == 4
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert sentence in error


def test_a_version_of_other_names_and_another_path_is_compared_by_its_reading(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As a run finds its operation; without the reading nobody knows what it is called."""
    names = ALTERATIONS["other names of everything"]

    def edit(parts: Parts) -> None:
        names.edit(parts)
        paths = parts.document["paths"]
        paths["/v2/bills"] = paths.pop("/v1/invoices")

    version = replace(names, edit=edit)
    new, reading = version.write(tmp_path / "new.yaml"), tmp_path / "reading.yaml"
    version.write_reading(reading)
    assert main([str(DOCUMENT), str(new)]) == 4
    assert "does not document POST /v1/invoices" in capsys.readouterr().err
    assert main([str(DOCUMENT), str(new), "--reading", str(reading)]) == 2
    assert "added external_id.required" in capsys.readouterr().out
    assert main([str(new), str(new), "--reading", str(reading)]) == 0


@pytest.mark.parametrize(
    ("text", "sentence"),
    [(None, "cannot be read: No such file"), ("overlay: 1.0.0\n", "reading.yaml:1")],
)
def test_a_reading_that_cannot_be_used_is_one_sentence(
    text: str | None, sentence: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With status 4, as before a run."""
    reading = tmp_path / "reading.yaml"
    if text is not None:
        reading.write_text(text)
    assert main([str(DOCUMENT), str(DOCUMENT), "--reading", str(reading)]) == 4
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert sentence in error
