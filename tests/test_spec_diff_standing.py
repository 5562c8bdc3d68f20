"""Versions by which no run can judge are compared with others all the same."""

from dataclasses import replace
from pathlib import Path

import pytest

from spec.contract import DOCUMENT, load
from spec.diff.__main__ import main
from spec.yamlfile import FileError
from tests.edits import Edit, asked, nothing
from tests.versions.catalogue import ALTERATIONS
from tests.versions.parts import Alteration, Parts, Schema, of_3_1

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
    """As a run finds its operation; without the reading it is gone, as far as anybody knows."""
    names = ALTERATIONS["other names of everything"]

    def edit(parts: Parts) -> None:
        names.edit(parts)
        paths = parts.document["paths"]
        paths["/v2/bills"] = paths.pop("/v1/invoices")

    version = replace(names, edit=edit)
    new, reading = version.write(tmp_path / "new.yaml"), tmp_path / "reading.yaml"
    version.write_reading(reading)
    assert main([str(DOCUMENT), str(new)]) == 2
    assert "removed request.operation: POST /v1/invoices" in capsys.readouterr().out
    assert main([str(DOCUMENT), str(new), "--reading", str(reading)]) == 2
    assert "added external_id.required" in capsys.readouterr().out
    assert main([str(new), str(new), "--reading", str(reading)]) == 0


def gone(parts: Parts) -> None:
    """Only another method is left."""
    item = parts.document["paths"]["/v1/invoices"]
    item["get"] = item.pop("post")


@pytest.mark.parametrize(
    ("announced", "status"),
    [
        ({}, 2),
        ({"deprecated": True}, 1),
        ({"deprecated": True, "x-sunset": "2020-01-01"}, 1),
        ({"deprecated": True, "x-sunset": "2999-01-01"}, 2),
        ({"x-sunset": "2020-01-01"}, 2),
    ],
)
def test_an_operation_that_is_gone_is_a_change(
    announced: Schema, status: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It breaks clients unless it was deprecated and its time is over, as oasdiff has it; that it
    is there again breaks none, and two documents without it cannot be compared.
    """
    old = str(Alteration(lambda parts: parts.post.update(announced)).write(tmp_path / "old.yaml"))
    new = str(Alteration(gone).write(tmp_path / "new.yaml"))
    assert main([old, new]) == status
    assert "removed request.operation: POST /v1/invoices (" in capsys.readouterr().out
    assert main([new, old]) == 1
    assert "added request.operation: POST /v1/invoices (" in capsys.readouterr().out
    assert main([new, new]) == 4
    assert "does not document POST /v1/invoices" in capsys.readouterr().err


def test_two_other_operations_that_take_an_invoice_are_not_the_one_before(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nobody knows which of them is meant, so a client of the old one has none."""

    def edit(parts: Parts) -> None:
        paths = parts.document["paths"]
        paths["/v2/invoices"] = paths["/v3/invoices"] = paths.pop("/v1/invoices")

    new = str(Alteration(edit).write(tmp_path / "new.yaml"))
    assert main([str(DOCUMENT), new]) == 2
    assert "removed request.operation: POST /v1/invoices (" in capsys.readouterr().out
    assert main([new, new]) == 4
    assert ": invoices go to /v2/invoices or /v3/invoices." in capsys.readouterr().err


def test_an_invoice_of_another_json_media_type_breaks(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What has been sent so far is refused, in whatever direction; no run can judge by it."""

    def edit(parts: Parts) -> None:
        content = parts.body["content"]
        content["application/vnd.wiz+json"] = content.pop("application/json")

    new = str(Alteration(edit).write(tmp_path / "new.yaml"))
    for old, other, gone in ((DOCUMENT, new, "json"), (new, DOCUMENT, "vnd.wiz+json")):
        assert main([str(old), str(other)]) == 2
        assert f"removed requestBody.mediaType: application/{gone} (" in capsys.readouterr().out
    with pytest.raises(FileError, match="has no application/json content"):
        load(Path(new))


def test_a_path_with_a_variable_is_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Else the reader looks for a path that is right there."""

    def edit(parts: Parts) -> None:
        paths = parts.document["paths"]
        paths["/v1/{tenant}/invoices"] = paths.pop("/v1/invoices")

    new = str(Alteration(edit).write(tmp_path / "new.yaml"))
    assert main([new, new]) == 4
    told = ": invoices go to /v1/{tenant}/invoices, and nothing says what its variable is."
    assert told in capsys.readouterr().err


def itself(parts: Parts) -> None:
    """An item has parts that are items."""
    reference = {"$ref": "#/components/schemas/dtos.InvoiceItemCreateRequest"}
    parts.item["properties"]["parts"] = {"type": "array", "items": reference}


def conditional(*needed: str) -> Edit:
    """With conditions of which one refers to what it asks for."""

    def edit(parts: Parts) -> None:
        parts.document["components"]["schemas"]["Needed"] = {"required": [*needed]}
        then = {"$ref": "#/components/schemas/Needed"}
        parts.request["allOf"] = [
            {"if": {"required": ["url"]}, "then": then},
            {"if": {"required": ["status"], "title": "B"}, "then": {"required": ["url"]}},
        ]

    return edit


def turned(parts: Parts) -> None:
    """The same, said in another order."""
    conditional("remarks")(parts)
    parts.request["allOf"].reverse()


def and_also(one: Edit, *others: Edit) -> Edit:
    """Several edits."""
    return lambda parts: [edit(parts) for edit in (one, *others)]


def empty(parts: Parts) -> None:
    """A valid invoice gets 204."""
    responses = parts.post["responses"]
    del responses["201"]
    responses["204"] = {"description": "Created"}


def expanding(parts: Parts) -> None:
    """A required parameter of several values."""
    schema = {"type": "array", "items": {"type": "string"}}
    parts.post["parameters"] = [
        {"name": "expand", "in": "query", "required": True, "schema": schema}
    ]


ALONE: list[tuple[str, Edit, Edit, list[str]]] = [
    (
        "no content",
        nothing,
        empty,
        [
            "breaking changed 201.status: 201 -> 204",
            "breaking removed 201.data.type: object",
        ],
    ),
    (
        "a required parameter that is not sent",
        nothing,
        expanding,
        ["breaking added query.expand.required: expand"],
    ),
    (
        "first elements of another type",
        asked("remarks", {"type": "array", "items": {}}),
        asked("remarks", {"type": "array", "items": {}, "prefixItems": [{"type": "integer"}]}),
        ["breaking added remarks.prefixItems"],
    ),
    (
        "first elements like the others",
        asked("remarks", {"type": "array", "items": {}, "prefixItems": [{"type": "integer"}]}),
        asked("remarks", {"type": "array", "items": {}}),
        ["breaking removed remarks.prefixItems"],
    ),
    ("a schema in itself is new", nothing, itself, ["compatible added items[].parts.type: array"]),
    (
        "beside a schema in itself",
        itself,
        and_also(itself, asked("remarks", {"maxLength": 9})),
        ["breaking tightened remarks.maxLength: 255 -> 9"],
    ),
    (
        "in a schema in itself",
        itself,
        and_also(itself, lambda parts: parts.item["properties"]["sku"].update(maxLength=9)),
        ["breaking tightened items[].sku.maxLength: 255 -> 9"],
    ),
    (
        "a schema in itself no more",
        itself,
        and_also(itself, lambda p: p.item["properties"]["parts"].update(items={"type": "string"})),
        [
            "breaking added items[].parts[].type: string",
            "compatible removed items[].parts[].itself: items[]",
        ],
    ),
    (
        "more than is sent",
        nothing,
        asked("remarks", {"minLength": 2000, "maxLength": 5000}),
        [
            "breaking added remarks.minLength: 2000",
            "compatible loosened remarks.maxLength: 255 -> 5000",
        ],
    ),
    *(
        (
            f"a pattern of another dialect: {after}",
            asked("remarks", {"pattern": before}),
            asked("remarks", {"pattern": after}),
            [f"breaking changed remarks.pattern: {before} -> {after}"],
        )
        for before, after in [
            ("^[A-Z]+$", r"^\p{Emoji}+$"),
            (r"^abc\z", "^[A-Z"),
            (r"[\s\S]+", "(?>a+"),
        ]
    ),
    ("the order of conditions", conditional("remarks"), turned, []),
    (
        "what a condition refers to",
        conditional("remarks"),
        conditional("remarks", "paid_amount"),
        ["breaking changed body.if"],
    ),
    ("conditions", nothing, conditional("remarks"), ["breaking added body.if"]),
    ("no conditions", conditional("remarks"), nothing, ["compatible removed body.if"]),
    (
        "elements",
        asked("items", {"contains": {"type": "object"}, "maxContains": 3}),
        asked("items", {"contains": {"type": "object"}, "maxContains": 5}),
        ["compatible loosened items.maxContains: 3 -> 5"],
    ),
    (
        "what only answers have",
        asked("url", {"readOnly": True, "enum": ["A", "B"]}),
        asked("url", {"readOnly": True, "enum": ["A"]}),
        ['compatible tightened url.enum: ["A", "B"] -> ["A"]'],
    ),
]
"""By what no run can judge, and what is told of it."""


@pytest.mark.parametrize(
    ("before", "after", "told"), [each[1:] for each in ALONE], ids=[one[0] for one in ALONE]
)
def test_what_no_run_can_judge_by_is_compared(
    before: Edit,
    after: Edit,
    told: list[str],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Nothing has to be sent for it."""
    paths = [
        str(of_3_1(edit).write(tmp_path / f"{number}.yaml"))
        for number, edit in enumerate((before, after))
    ]
    breaks = any(line.startswith("breaking") for line in told)
    assert main(paths) == (2 if breaks else int(bool(told)))
    lines = [" ".join(each.split()) for each in capsys.readouterr().out.splitlines()]
    assert len(lines) == max(len(told), 1)
    for line, beginning in zip(sorted(lines), sorted(told), strict=False):
        assert line.startswith(beginning)


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
