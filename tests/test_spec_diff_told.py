"""What is told of a change: once, in one line, there and back."""

from pathlib import Path
from typing import Any

import pytest

from spec import contract
from spec.diff.changes import changes
from spec.diff.standing import comparable
from tests.edits import Edit, asked, nothing, told, version_of, without
from tests.versions.catalogue import ALTERATIONS
from tests.versions.parts import Alteration, Parts, Schema, header_field, of_3_1, parameter


def all_said_by_default(parts: Parts) -> None:
    """With each keyword that says what holds without it, and with its lists in another order."""
    parts.property("remarks").update(minLength=0, nullable=False, deprecated=False, readOnly=False)
    parts.property("items").update(minItems=0, uniqueItems=False)
    parts.property("paid_amount").update(exclusiveMinimum=False)
    parts.property("status")["enum"].reverse()
    parts.request["required"].reverse()
    parts.request.update(minProperties=0, additionalProperties=True)
    parts.item.update(additionalProperties={})


def errors_by_default(content: Schema | None) -> Edit:
    """All errors as `default`, with this content, or with that of today's 400."""

    def edit(parts: Parts) -> None:
        answers = parts.post["responses"]
        kept = answers["400"]["content"] if content is None else content
        for status in ("400", "401", "403", "404", "500"):
            del answers[status]
        answers["default"] = {"description": "Any error", "content": kept}

    return edit


TOLD: list[tuple[str, Edit, list[str]]] = [
    (
        "one answer for all errors",
        errors_by_default(None),
        ["compatible added response.documented: default"],
    ),
    (
        "another answer for all errors",
        errors_by_default({"text/plain": {"schema": {"type": "string"}}}),
        [
            "breaking removed 400, 401, 403, 404, 500.mediaType: application/json",
            "compatible added 400, 401, 403, 404, 500.mediaType: text/plain",
            "compatible added response.documented: default",
        ],
    ),
    ("what holds without it", all_said_by_default, []),
    (
        "a limit beyond the reading's",
        asked("url", {"maxLength": 3000}),
        ["breaking added url.maxLength: 3000"],
    ),
    (
        "another limit beyond the reading's",
        asked("items", {"maxItems": 200}),
        ["breaking added items.maxItems: 200"],
    ),
    (
        "a limit loosened that the reading has",
        asked("paid_amount", {"minimum": -100}),
        ["compatible loosened paid_amount.minimum: 0 -> -100"],
    ),
    (
        "a limit that is excluded now",
        asked("paid_amount", {"exclusiveMinimum": True}),
        ["breaking tightened paid_amount.exclusiveMinimum: minimum 0 -> exclusiveMinimum 0"],
    ),
    (
        "a format",
        asked("due_date", {"format": "date-time"}),
        ["breaking added due_date.format: date-time"],
    ),
    (
        "a format that asks nothing",
        asked("paid_amount", {"format": "double"}),
        ["compatible added paid_amount.format: double"],
    ),
    ("no type", without("url", "type"), ["compatible removed url.type: string"]),
    (
        "only for answers",
        asked("remarks", {"readOnly": True}),
        ["compatible added remarks.readOnly: true"],
    ),
    (
        "only for requests",
        told("remarks", {"writeOnly": True}),
        ["breaking added 201.data.remarks.writeOnly: true"],
    ),
    (
        "a new property of many keywords",
        lambda parts: parts.add(
            "tags",
            {"type": "array", "maxItems": 5, "items": {"type": "string", "maxLength": 9}},
            comes_back=False,
        ),
        ["breaking added tags.required: tags"],
    ),
    (
        "a new property of which nothing is said",
        lambda parts: parts.add("tags", {}, required=False, comes_back=False),
        ["compatible added tags.type: anything"],
    ),
    (
        "a range of statuses for one",
        ALTERATIONS["any client error"].edit,
        ["compatible added response.documented: 4XX"],
    ),
    (
        "another status for one",
        ALTERATIONS["422 for 400"].edit,
        ["breaking changed 4xx.status: 400 -> 422"],
    ),
    (
        "no forbidden key",
        lambda parts: parts.post["responses"].pop("403"),
        ["compatible removed response.documented: 403"],
    ),
    (
        "deprecated",
        asked("url", {"deprecated": True, "default": "http://example.com"}),
        [
            "compatible added url.default: http://example.com",
            "compatible added url.deprecated: true",
        ],
    ),
    (
        "what clients are made by",
        lambda parts: parts.post.update(operationId="create", tags=["Billing"]),
        [
            "compatible added request.operationId: create",
            "compatible changed request.tags: Invoice -> Billing",
        ],
    ),
]
"""What differs from today's document, and all that is told of it."""


@pytest.mark.parametrize(
    ("edit", "said"), [each[1:] for each in TOLD], ids=[one[0] for one in TOLD]
)
def test_a_change_is_told_once(edit: Edit, said: list[str], tmp_path: Path) -> None:
    """And what says the same in other words is none."""
    new = contract.load(Alteration(edit).write(tmp_path / "new.yaml"))
    lines = [" ".join(str(each).split()) for each in changes(contract.load(), new)]
    assert [line.partition(" (")[0] for line in lines] == said


NUMBER, LABEL = {"type": "number"}, {"type": "string", "maxLength": 9}


def _regions(*names: str) -> Schema:
    """A server in several regions."""
    url = "https://{region}.example"
    return {"url": url, "variables": {"region": {"enum": [*names], "default": names[0]}}}


def _json_of(parts: Parts, status: str) -> Schema:
    """The JSON content of an answer."""
    content: Schema = parts.post["responses"][status]["content"]["application/json"]
    return content


def _several(change: Schema, **more: Any) -> Edit:
    """An optional parameter of several texts."""
    schema = {"type": "array", "items": {"type": "string", **change}}
    return parameter("query", "q", schema, required=False, **more).edit


def _in_variables(parts: Parts) -> None:
    """The same addresses, said otherwise."""
    parts.document["servers"][0]["url"] = "HTTPS://API.wizcommerce.com/"
    host = {"default": "api-staging.sourcerer.tech"}
    parts.document["servers"][1].update(url="https://{host}", variables={"host": host})


WAYS: list[tuple[str, Edit, Edit, list[str], list[str]]] = [
    (
        "one of the schemas of an answer alone",
        lambda p: p.answer["properties"].update(one={"oneOf": [NUMBER, LABEL]}),
        lambda p: p.answer["properties"].update(one=NUMBER),
        ["compatible tightened 201.data.one.oneOf"],
        ["breaking loosened 201.data.one.oneOf"],
    ),
    (
        "one of the schemas of a request alone",
        lambda p: p.add("one", {"anyOf": [NUMBER, LABEL]}, comes_back=False),
        lambda p: p.add("one", LABEL | {"minLength": 1}, comes_back=False),
        ["breaking tightened one.anyOf"],
        ["compatible loosened one.anyOf"],
    ),
    (
        "a number that one schema and no other allows",
        lambda p: p.add("one", {"oneOf": [NUMBER, {"type": "integer"}]}, comes_back=False),
        lambda p: p.add("one", NUMBER, comes_back=False),
        ["compatible loosened one.oneOf"],
        ["breaking tightened one.oneOf"],
    ),
    (
        "members one by one",
        lambda p: p.add("one", {"type": "string", "enum": ["A", "B"]}, comes_back=False),
        lambda p: p.add("one", {"oneOf": [{"enum": ["A"]}, {"enum": ["B"]}]}, comes_back=False),
        [],
        [],
    ),
    (
        "longer texts as other properties",
        lambda p: p.request.update(additionalProperties=LABEL),
        lambda p: p.request.update(additionalProperties=LABEL | {"maxLength": 20}),
        ["compatible loosened body.additionalProperties"],
        ["breaking tightened body.additionalProperties"],
    ),
    (
        "numbers as other properties",
        lambda p: p.request.update(additionalProperties=LABEL),
        lambda p: p.request.update(additionalProperties=NUMBER),
        ["breaking changed body.additionalProperties"],
        ["breaking changed body.additionalProperties"],
    ),
    (
        "a header field in small letters",
        parameter("header", "X-Tenant", LABEL, required=True).edit,
        parameter("header", "x-tenant", LABEL, required=True).edit,
        [],
        [],
    ),
    (
        "a header field of an answer in small letters",
        header_field("201", "X-One", LABEL).edit,
        header_field("201", "x-one", LABEL | {"maxLength": 8}).edit,
        ["compatible tightened 201.header.x-one.maxLength"],
        ["breaking loosened 201.header.X-One.maxLength"],
    ),
    (
        "a parameter of the query in small letters",
        parameter("query", "Tenant", LABEL, required=True).edit,
        parameter("query", "tenant", LABEL, required=True).edit,
        ["breaking removed query.Tenant.required", "breaking added query.tenant.required"],
        ["breaking removed query.tenant.required", "breaking added query.Tenant.required"],
    ),
    (
        "another server",
        nothing,
        lambda p: p.document["servers"].append({"url": "https://eu.example/"}),
        ["compatible added servers.url"],
        ["breaking removed servers.url"],
    ),
    (
        "a server instead of another",
        nothing,
        lambda p: p.document["servers"][0].update(url="https://api.example"),
        ["breaking removed servers.url", "compatible added servers.url"],
        ["breaking removed servers.url", "compatible added servers.url"],
    ),
    (
        "a region less",
        lambda p: p.document["servers"].append(_regions("eu", "us")),
        lambda p: p.document["servers"].append(_regions("eu")),
        ["breaking removed servers.url"],
        ["compatible added servers.url"],
    ),
    (
        "a server as a variable, and another in capitals and with a slash",
        nothing,
        _in_variables,
        [],
        [],
    ),
    (
        "anything as one error",
        nothing,
        lambda p: _json_of(p, "404").update(schema={"type": "object"}),
        [f"breaking removed 404.{each}.type" for each in ("code", "message", "details")],
        [f"compatible added 404.{each}.type" for each in ("code", "message", "details")],
    ),
    (
        "anything as the answer to what is invalid, and another status of it",
        nothing,
        lambda p: (
            _json_of(p, "400").update(schema={}),
            p.post["responses"].update({"422": p.post["responses"].pop("400")}),
        ),
        [
            *(f"breaking removed 422.{each}.type" for each in ("code", "message", "details")),
            "breaking removed 422.type",
            "breaking changed 4xx.status",
        ],
        [
            "breaking changed 4xx.status",
            *(f"compatible added 400.{each}.type" for each in ("code", "message", "details")),
            "compatible added 400.type",
        ],
    ),
    (
        "a code in every error",
        nothing,
        lambda p: p.schema("errors.HttpError").update(required=["code"]),
        ["compatible added 400, 401, 403, 404, 500.code.required"],
        ["breaking removed 400, 401, 403, 404, 500.code.required"],
    ),
    (
        "a header field of one error",
        nothing,
        header_field("404", "X-One", LABEL).edit,
        ["compatible added 404.header.X-One.required"],
        ["breaking removed 404.header.X-One.required"],
    ),
    (
        "a range of statuses instead of one",
        lambda p: p.post["responses"].update({"4XX": p.post["responses"].pop("400")}),
        nothing,
        ["compatible removed response.documented"],
        ["compatible added response.documented"],
    ),
    (
        "a parameter of several texts",
        nothing,
        _several({"maxLength": 5}),
        ["compatible added query.q.type"],
        ["breaking removed query.q.type"],
    ),
    (
        "shorter texts of a parameter of several",
        _several({"maxLength": 5}),
        _several({"maxLength": 3}),
        ["breaking tightened query.q[].maxLength"],
        ["compatible loosened query.q[].maxLength"],
    ),
    (
        "one text where there were several",
        _several({}),
        parameter("query", "q", {"type": "string"}, required=False).edit,
        ["breaking removed query.q.type"],
        ["breaking added query.q.type"],
    ),
    (
        "several texts written otherwise",
        _several({}),
        _several({}, explode=False),
        ["breaking changed query.q.explode"],
        ["breaking changed query.q.explode"],
    ),
    (
        "a parameter in JSON",
        _several({}),
        lambda p: p.post.update(
            parameters=[{"name": "q", "in": "query", "content": {"application/json": {}}}]
        ),
        ["breaking removed query.q.type", "breaking added query.q.content"],
        ["breaking removed query.q.content", "breaking added query.q.type"],
    ),
    (
        "other words for a server",
        nothing,
        lambda p: p.document["servers"][1].update(description="Sandbox"),
        ["compatible changed servers.description"],
        ["compatible changed servers.description"],
    ),
    (
        "another version",
        nothing,
        lambda p: p.document["info"].update(version="1.1"),
        ["compatible changed info.version"],
        ["compatible changed info.version"],
    ),
    (
        "the header of the key in small letters",
        nothing,
        lambda p: p.document["components"]["securitySchemes"]["ApiKeyAuth"].update(
            name="x-api-key"
        ),
        [],
        [],
    ),
]
"""What differs between two versions, and all that is told of it there and back."""


@pytest.mark.parametrize(
    ("before", "after", "there", "back"), [each[1:] for each in WAYS], ids=[one[0] for one in WAYS]
)
def test_a_change_is_told_by_what_is_allowed_there_and_back(
    before: Edit, after: Edit, there: list[str], back: list[str], tmp_path: Path
) -> None:
    """In one line, whatever words the two versions say it with."""
    old, new = (version_of(edit, tmp_path) for edit in (before, after))
    for one, other, said in ((old, new, there), (new, old, back)):
        lines = [" ".join(str(each).split()) for each in changes(one, other)]
        assert [line.partition(":")[0] for line in lines] == said


FRACTIONS: Schema = {"type": "number", "multipleOf": 0.001}
UNITS: list[tuple[Schema, Schema, list[str], list[str]]] = [
    ({"type": "integer"}, {"type": "integer", "multipleOf": 1}, [], []),
    ({"type": "integer", "multipleOf": 0.5}, {"type": "integer", "multipleOf": 0.1}, [], []),
    ({"type": "integer", "multipleOf": 1.5}, {"type": "number", "multipleOf": 3}, [], []),
    ({"type": "integer"}, {"type": "number", "multipleOf": 1}, [], []),
    (
        {"type": "integer"},
        FRACTIONS,
        ["compatible loosened type", "compatible added multipleOf"],
        ["breaking tightened type", "compatible removed multipleOf"],
    ),
    (
        {"type": "integer", "multipleOf": 2},
        {"type": "number", "multipleOf": 3},
        ["breaking changed multipleOf"],
        ["breaking changed multipleOf"],
    ),
    (
        {"type": "integer"},
        {"type": "integer", "multipleOf": 2},
        ["breaking added multipleOf"],
        ["compatible removed multipleOf"],
    ),
    (
        {"type": "number"},
        FRACTIONS,
        ["breaking added multipleOf"],
        ["compatible removed multipleOf"],
    ),
    (
        {"type": "number", "enum": [2, 4]},
        {"type": "number", "enum": [2, 4], "multipleOf": 2},
        ["compatible added multipleOf"],
        ["compatible removed multipleOf"],
    ),
    (
        {"type": "number", "enum": [2, 5]},
        {"type": "number", "enum": [2, 5], "multipleOf": 2},
        ["breaking added multipleOf"],
        ["compatible removed multipleOf"],
    ),
]
"""Two schemas of a number in a request, and what is told there and back."""


@pytest.mark.parametrize(("before", "after", "there", "back"), UNITS)
def test_a_unit_that_all_values_had_before_breaks_no_client(
    before: Schema, after: Schema, there: list[str], back: list[str], tmp_path: Path
) -> None:
    """All integers are multiples of 1, and of 0.001; one that they were no multiples of breaks."""
    edits = [
        lambda parts, schema=schema: parts.add("size", dict(schema), comes_back=False)
        for schema in (before, after)
    ]
    versions = [
        contract.load(Alteration(edit).write(tmp_path / f"{number}.yaml"))
        for number, edit in enumerate(edits)
    ]
    for pair, said in ((versions, there), (versions[::-1], back)):
        lines = [" ".join(str(each).split()) for each in changes(pair[0], pair[1])]
        found = [line.partition(":")[0].replace("size.", "") for line in lines]
        assert sorted(found) == sorted(said)


def test_a_unit_is_no_longer_said_of_an_answer_that_has_it_by_its_type(tmp_path: Path) -> None:
    """An integer is a multiple of 0.001; a number that had to be one need not be any longer."""

    def of_answers(schema: Schema) -> Edit:
        return lambda p: p.answer["properties"].update(size=dict(schema))

    sizes: list[Schema] = [FRACTIONS, {"type": "integer"}, {"type": "number"}]
    versions = [
        contract.load(Alteration(of_answers(each)).write(tmp_path / f"{number}.yaml"))
        for number, each in enumerate(sizes)
    ]
    units = [
        [one.breaking for one in changes(versions[0], other) if one.requirement.endswith("Of")]
        for other in versions[1:]
    ]
    assert units == [[False], [True]]


@pytest.mark.parametrize(
    ("schema", "told"),
    [
        ({"type": "string"}, "header.X-Tenant.type: string"),
        ({"type": "string", "maxLength": 9}, "header.X-Tenant.type: string"),
        ({"type": "integer", "minimum": 1}, "header.X-Tenant.type: integer"),
        ({"type": "string", "enum": ["A"]}, 'header.X-Tenant.enum: ["A"]'),
        ({"type": "array", "items": {"type": "string"}}, "header.X-Tenant.type: array"),
        (None, "header.X-Tenant.type: anything"),
    ],
)
def test_an_optional_parameter_is_told_as_it_is_written(
    schema: Schema | None, told: str, tmp_path: Path
) -> None:
    """With the name in the document's letters, and its type where it has one."""
    listed = {"name": "X-Tenant", "in": "header"} | ({"schema": schema} if schema else {})
    edit: Edit = lambda parts: parts.post.update(parameters=[listed])  # noqa: E731
    new = contract.load(Alteration(edit).write(tmp_path / "new.yaml"))
    for pair, kind in (
        ((contract.load(), new), "compatible added"),
        (
            (new, contract.load()),
            "breaking removed",
        ),
    ):
        (line,) = (" ".join(str(each).split()) for each in changes(*pair))
        assert line.partition(" (")[0] == f"{kind} {told}"


PROSE: list[tuple[str, Edit]] = [
    ("201.description", lambda p: p.post["responses"]["201"].update(description="Said otherwise")),
    ("400.description", lambda p: p.post["responses"]["400"].update(description="Said otherwise")),
    ("requestBody.description", lambda p: p.body.update(description="Said otherwise")),
    ("request.summary", lambda p: p.post.update(summary="Said otherwise")),
    ("info.description", lambda p: p.document["info"].update(description="Said otherwise")),
    ("info.title", lambda p: p.document["info"].update(title="Said otherwise")),
    (
        "security.ApiKeyAuth.description",
        lambda p: p.document["components"]["securitySchemes"]["ApiKeyAuth"].update(
            description="Said otherwise"
        ),
    ),
]


@pytest.mark.parametrize(("name", "edit"), PROSE, ids=[name for name, _ in PROSE])
def test_prose_that_is_said_otherwise_is_told(name: str, edit: Edit, tmp_path: Path) -> None:
    """It breaks no client, but may ask for more than any schema."""
    new = version_of(edit, tmp_path)
    for pair in ((contract.load(), new), (new, contract.load())):
        (change,) = changes(*pair)
        assert (change.requirement, change.kind, change.breaking) == (name, "changed", False)
        assert "Said otherwise" in (change.old, change.new)
        assert change.for_clients.startswith("read it")


@pytest.mark.parametrize("keyword", ["contentEncoding", "contentMediaType"])
def test_what_a_text_holds_is_compared_though_not_judged(keyword: str, tmp_path: Path) -> None:
    """Alone: the rest of the property is as it was."""
    paths = [
        of_3_1(lambda parts, one=one: parts.property("remarks").update(one)).write(  # type: ignore[misc]
            tmp_path / f"{number}.yaml"
        )
        for number, one in enumerate(({}, {keyword: "text/html"}))
    ]
    old, new = (comparable(path)[0] for path in paths)
    lines = [str(one).split(" (")[0] for one in changes(old, new)]
    assert lines == [f"breaking   added remarks.{keyword}: text/html"]
