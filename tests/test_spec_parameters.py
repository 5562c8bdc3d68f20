"""Parameters beside the body, and header fields of answers, are read from the document."""

import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from reports.ledger import Counts
from reports.record import uncovered
from run.cases import Source
from run.notes import notes_of
from spec import contract
from spec.contract import DIGITS, HEX_PLACEHOLDER, PLACEHOLDER, UUID_PLACEHOLDER, Contract
from spec.exchange import Exchange, Request, Response
from spec.expectation import Expectation, Expected, expect
from spec.oracle import Oracle
from spec.yamlfile import FileError
from strategies import http
from strategies.extras.clients import extra_ways
from strategies.invoice import plain_invoice, usual_headers, usual_query, why_not_valid
from strategies.parameters import unbroken_parameters, valid_parameters, wrong_parameters
from targets.client import build_request
from targets.stamp import Stamper
from tests.exchanges import ANSWERED, FACTS, HEADERS, answer_to, encoded, invoice
from tests.invoices import ANYWHERE
from tests.versions.parts import Alteration, Parts, answers, header_field, of_3_1, parameter

TEXT = {"type": "string", "maxLength": 9}
LIST = {"type": "array", "items": TEXT}
VALID, INVALID, OPEN = Expectation.ACCEPT, Expectation.REJECT, Expectation.UNSPECIFIED
FORMS: list[tuple[dict[str, Any], str, Expectation]] = [
    (TEXT, "acme", VALID),
    (TEXT, "a" * 10, INVALID),
    (TEXT, "aé", OPEN),
    ({"type": "string"}, "a" * 256, OPEN),
    ({"type": "string"}, "", VALID),
    ({"type": "string", "minLength": 1}, "", INVALID),
    ({"type": "string", "enum": ["WEB", "API"]}, "API", VALID),
    ({"type": "string", "enum": ["WEB", "API"]}, "api", INVALID),
    ({"type": "string", "pattern": "^[a-z]+$"}, "abc", VALID),
    ({"type": "string", "pattern": "^[a-z]+$"}, "ab1", INVALID),
    ({"type": "string", "format": "uuid"}, "7f3a91c2-0b1d-4e5f-8a6b-1c2d3e4f5a6b", VALID),
    ({"type": "string", "format": "uuid"}, "no uuid", OPEN),
    ({"type": "integer", "minimum": 1}, "5", VALID),
    ({"type": "integer", "minimum": 1}, "0", INVALID),
    ({"type": "integer"}, "five", INVALID),
    ({"type": "integer"}, "", INVALID),
    ({"type": "integer"}, "1.5", OPEN),
    ({"type": "integer"}, "+5", OPEN),
    ({"type": "integer"}, "007", OPEN),
    ({"type": "number", "maximum": 2}, "1.25", VALID),
    ({"type": "number", "maximum": 2}, "2.5", INVALID),
    ({"type": "boolean"}, "true", VALID),
    ({"type": "boolean"}, "maybe", INVALID),
    ({"type": "boolean"}, "True", OPEN),
]


def loaded_with(alteration: Alteration, folder: Path) -> Contract:
    """The contract of a version."""
    return contract.load(alteration.write(folder / "openapi.yaml"))


def said(loaded: Contract, headers: dict[str, str], query: str = "") -> Expected:
    """What is said of the valid invoice with these beside it."""
    path = f"/v1/invoices?{query}"
    sent = Request("POST", path, (*HEADERS, *headers.items()), encoded(invoice()))
    return expect(loaded, FACTS, sent)


def asked(loaded: Contract, headers: dict[str, str], query: str = "") -> Expectation:
    """What is expected of it."""
    return said(loaded, headers, query).expectation


@pytest.mark.parametrize(("schema", "text", "expectation"), FORMS)
def test_a_parameter_is_judged_by_its_schema(
    schema: dict[str, Any], text: str, expectation: Expectation, tmp_path: Path
) -> None:
    """What readers of texts differ on is unspecified, whatever the schema says."""
    loaded = loaded_with(parameter("header", "X-One", schema), tmp_path)
    assert asked(loaded, {"X-One": text}) is expectation


@pytest.mark.parametrize(
    ("place", "right", "twice"),
    [
        ("header", ({"x-one": "acme"}, ""), ({"X-One": "acme", "x-one": "acme"}, "")),
        ("query", ({}, "a=b&X-One=acme"), ({}, "X-One=acme&X-One=acme")),
        ("cookie", ({"Cookie": "a=b; X-One=acme"}, ""), ({"Cookie": "X-One=acme; X-One=a"}, "")),
    ],
)
def test_a_parameter_is_found_where_it_is(
    place: str,
    right: tuple[dict[str, str], str],
    twice: tuple[dict[str, str], str],
    tmp_path: Path,
) -> None:
    """In the header, the query or a cookie; without it the request is invalid, twice is open."""
    loaded = loaded_with(parameter(place, "X-One", TEXT), tmp_path)
    assert [one.name for one in loaded.requirements if "X-One" in one.name] == [
        f"{place}.X-One.required",
        f"{place}.X-One.maxLength",
    ]
    assert asked(loaded, *right) is VALID
    assert asked(loaded, {}) is INVALID
    assert asked(loaded, *twice) is OPEN
    assert said(loaded, *twice).why == (f"there are 2 values of {place}.X-One",)


def test_a_parameter_has_the_line_of_its_clause(tmp_path: Path) -> None:
    """A finding leads to where the document demands it."""
    loaded = loaded_with(parameter("header", "X-One", TEXT), tmp_path)
    line = loaded.named("header.X-One.required").line
    text = (tmp_path / "openapi.yaml").read_text().splitlines()
    assert text[line - 1].strip() == "required: true"
    assert text[line - 3].strip() == "- name: X-One"


def test_the_parameter_of_an_operation_replaces_that_of_its_path(tmp_path: Path) -> None:
    """They are one where name and place are the same (OpenAPI 3.0.3, Operation Object)."""

    def edit(parts: Parts) -> None:
        parameter("header", "X-One", TEXT, of_path=True).edit(parts)
        parameter("header", "x-one", {"type": "integer"}, required=False).edit(parts)
        parameter("query", "X-One", TEXT, of_path=True).edit(parts)

    loaded = loaded_with(Alteration(edit), tmp_path)
    assert [one.parameter.title for one in loaded.parameters] == ["header.x-one", "query.X-One"]


@pytest.mark.parametrize(
    ("schema", "sent", "told"),
    [
        ({"type": "string"}, False, True),
        ({"type": "integer"}, False, True),
        ({"type": "boolean"}, True, False),
        ({"type": "string", "enum": ["A"]}, True, False),
    ],
)
def test_an_optional_parameter_is_sent_where_its_values_are_listed(
    schema: dict[str, Any],
    sent: bool,  # noqa: FBT001 - a column of the table
    told: bool,  # noqa: FBT001 - a column of the table
    tmp_path: Path,
) -> None:
    """Any other one is told as not sent: nobody knows what else a server asks of it."""
    loaded = loaded_with(parameter("query", "one", schema, required=False), tmp_path)
    assert bool(valid_parameters(loaded, ANYWHERE)) is sent
    assert ("not sent: the optional parameters one" in notes_of(loaded)) is told
    assert usual_query(loaded) == ""


@pytest.mark.parametrize(
    ("place", "more"),
    [
        ("query", {}),
        ("query", {"style": "form", "explode": False}),
        ("query", {"style": "pipeDelimited"}),
        ("query", {"style": "deepObject", "schema": {"type": "object"}}),
        ("header", {}),
        ("header", {"style": "simple", "explode": True}),
        ("cookie", {"explode": False}),
        ("query", {"schema": {"oneOf": [TEXT, LIST]}}),
    ],
)
def test_an_optional_parameter_of_several_values_is_told_with_line_and_pointer(
    place: str, more: dict[str, Any], tmp_path: Path
) -> None:
    """Whatever its style, it is not sent, and a line above the run says so."""
    said = {"schema": LIST, **more}
    loaded = loaded_with(parameter(place, "one", required=False, **said), tmp_path)
    assert loaded.parameters == ()
    (note,) = [each for each in notes_of(loaded) if "one" in each]
    place, _, words = note.removeprefix("not sent because it is optional: ").partition(": #")
    assert re.fullmatch(r".*openapi\.yaml:[0-9]+", place)
    assert words == (
        "/paths/~1v1~1invoices/post/parameters/0/schema: 'one' is not a text, a number or a "
        "boolean; nothing else is supported."
    )


@pytest.mark.parametrize("required", [True, False])
@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"name": None}, "/0/name: a parameter needs a name."),
        ({"name": ""}, "/0/name: a parameter needs a name."),
        ({"in": "body"}, "/0/in: the parameter 'one' is in none of path, query, header and cookie"),
        ({"in": None}, "/0/in: the parameter 'one' is in none of path, query, header and cookie"),
        ({"required": "yes"}, "/0/required: 'yes' is not a valid value for 'required'."),
        ({"required": 1}, "/0/required: '1' is not a valid value for 'required'."),
        ({"schema": "text"}, "/0/schema: is not a schema."),
        ({"schema": None}, "/0/schema: is not a schema."),
        ({"schema": [TEXT]}, "/0/schema: is not a schema."),
    ],
)
def test_a_malformed_parameter_stops_the_run(
    required: bool,  # noqa: FBT001 - a column of the table
    more: dict[str, Any],
    words: str,
    tmp_path: Path,
) -> None:
    """With its pointer, be it optional or not."""
    edit = parameter("query", "one", TEXT)

    def whole(parts: Parts) -> None:
        edit.edit(parts)
        parts.post["parameters"][0].update({"required": required, **more})

    with pytest.raises(FileError, match=re.escape(words)):
        loaded_with(Alteration(whole), tmp_path)


def test_whether_a_body_is_required_is_a_flag(tmp_path: Path) -> None:
    """And a word in its place stops the run."""
    edit = Alteration(lambda parts: parts.body.update(required="yes"))
    with pytest.raises(FileError, match="/required: 'yes' is not a valid value for 'required'"):
        loaded_with(edit, tmp_path)


@pytest.mark.parametrize(
    ("place", "name", "schema", "sentence"),
    [
        (
            "path",
            "tenant",
            TEXT,
            "the parameter 'tenant' is in 'path', where the suite sends no parameters",
        ),
        ("header", "X One", TEXT, "the parameter 'X One' has no name that a header can have"),
        ("header", "Host", TEXT, "'Host' is not supported, because the client writes it by itself"),
        ("query", "one", LIST, "'one' is not a text, a number or a boolean"),
        ("header", "X-One", LIST, "'X-One' is not a text, a number or a boolean"),
        ("query", "one", {"type": "object"}, "'one' is not a text, a number or a boolean"),
        ("query", "one", "text", "is not a schema"),
    ],
)
def test_a_required_parameter_that_cannot_be_sent_stops_the_run(
    place: str, name: str, schema: Any, sentence: str, tmp_path: Path
) -> None:
    """With file, line and pointer."""
    with pytest.raises(FileError, match=sentence) as raised:
        loaded_with(parameter(place, name, schema), tmp_path)
    assert "openapi.yaml:" in str(raised.value)
    assert "/paths/~1v1~1invoices/post/parameters/0" in str(raised.value)


@pytest.mark.parametrize(
    ("name", "schema", "more", "value"),
    [
        ("X-One", TEXT, {"example": "acme"}, "acme"),
        ("X-One", TEXT, {"examples": {"first": {"value": "b"}}}, "b"),
        ("X-One", {**TEXT, "example": "c"}, {"example": "far too long"}, "plain"),
        ("X-One", {"type": "string"}, {}, "plain-text"),
        ("X-One", {"type": "integer", "minimum": 7}, {}, "7"),
        ("X-One", {"type": "boolean"}, {}, "true"),
        ("Idempotency-Key", {"type": "string"}, {"example": "same"}, PLACEHOLDER),
        ("X-Request-ID", {"type": "string", "format": "uuid"}, {}, UUID_PLACEHOLDER),
        ("Idempotency-Key", {"type": "string", "enum": ["A"]}, {}, "A"),
        ("Idempotency-Key", TEXT, {"example": "short"}, "short"),
        ("Idempotency-Key", {**TEXT, "maxLength": 16}, {}, DIGITS),
        ("Idempotency-Key", {**TEXT, "maxLength": 40, "pattern": "^[^#]+$"}, {}, UUID_PLACEHOLDER),
        ("X-Request-ID", {"type": "string", "pattern": "^[a-f0-9]{32}$"}, {}, HEX_PLACEHOLDER),
    ],
)
def test_a_required_parameter_is_in_every_request(
    name: str, schema: dict[str, Any], more: dict[str, Any], value: str, tmp_path: Path
) -> None:
    """As the document's example has it, or the plainest way; new each time where it has to be."""
    loaded = loaded_with(parameter("header", name, schema, **more), tmp_path)
    assert usual_headers(loaded) == ((name, value),)
    assert why_not_valid(loaded, ANYWHERE) == ""


@pytest.mark.parametrize("value", [PLACEHOLDER, UUID_PLACEHOLDER, HEX_PLACEHOLDER, DIGITS])
def test_each_placeholder_is_another_value_of_its_form_each_time(value: str) -> None:
    """As long as the placeholder, with as many hyphens."""
    stamper = Stamper("7F3A91C2")
    headers = (("Idempotency-Key", value),)
    sent = [
        stamper.renew(build_request("POST", "localhost", "/", headers, b"", chunked=False))
        for _ in range(2)
    ]
    texts = {str(each.header("Idempotency-Key")) for each in sent}
    assert len(texts | {value}) == 3
    assert {(len(text), text.count("-")) for text in texts} == {(len(value), value.count("-"))}


def test_what_tells_requests_apart_is_new_in_each(tmp_path: Path) -> None:
    """One stamp beside the body of a request, the same in all of its places."""
    stamper = Stamper("7F3A91C2")
    headers = (("Idempotency-Key", PLACEHOLDER), ("X-Request-ID", UUID_PLACEHOLDER))
    target = f"/v1/invoices?nonce={PLACEHOLDER}"
    sent = [
        stamper.renew(build_request("POST", "localhost", target, headers, b"", chunked=False))
        for _ in range(2)
    ]
    seen = [
        (each.path, each.header("Idempotency-Key"), each.header("X-Request-ID")) for each in sent
    ]
    assert len({*seen[0], *seen[1]}) == 6
    assert seen[0][0] == f"/v1/invoices?nonce={seen[0][1]}"
    loaded = loaded_with(
        parameter("header", "X-Request-ID", {"format": "uuid", "type": "string"}), tmp_path
    )
    assert asked(loaded, {"X-Request-ID": str(seen[0][2])}) is VALID


@pytest.mark.parametrize("place", ["header", "query", "cookie"])
@pytest.mark.parametrize("schema", [schema for schema, _, each in FORMS if each is VALID])
@pytest.mark.parametrize(
    ("source", "expectation"),
    [(valid_parameters, VALID), (wrong_parameters, INVALID)],
)
def test_a_case_of_a_parameter_is_what_it_says(
    place: str, schema: dict[str, Any], source: Source, expectation: Expectation, tmp_path: Path
) -> None:
    """At an edge it must be accepted, just outside refused; another parameter stays as it is."""

    def edit(parts: Parts) -> None:
        parameter(place, "other", TEXT, example="acme").edit(parts)
        parameter(place, "X-One", schema).edit(parts)

    loaded = loaded_with(Alteration(edit), tmp_path)
    cases: Any = source(loaded, ANYWHERE)
    assert cases
    for case in cases:
        query = usual_query(loaded) if case.query is None else case.query
        fields = {**dict(HEADERS), **dict(usual_headers(loaded)), **dict(case.headers)}
        headers = tuple((name, value) for name, value in fields.items() if value is not None)
        request = Request("POST", f"/v1/invoices?{query}", headers, encoded(invoice()))
        said = expect(loaded, FACTS, request)
        assert (case.name, said.expectation) == (case.name, expectation)
        assert {breach.requirement.name for breach in said.breaches} <= {case.kind}


def test_a_parameter_that_nothing_asked_about_is_not_covered(tmp_path: Path) -> None:
    """So a run that observed nothing could not tell; what nothing known breaks is told instead."""

    def edit(parts: Parts) -> None:
        parameter("header", "X-One", {"type": "string", "pattern": "^"}).edit(parts)
        parameter("query", "two", TEXT, required=False).edit(parts)

    loaded = loaded_with(Alteration(edit), tmp_path)
    names = ["header.X-One.required", "header.X-One.pattern", "query.two.maxLength"]
    assert [one.name for one in loaded.parameter_requirements] == names
    assert {*names} <= {*uncovered(loaded, Counts())}
    assert not {*names} & {*uncovered(loaded, Counts(observed=Counter(names)))}
    assert [one.name for one in unbroken_parameters(loaded)] == ["header.X-One.pattern"]


def test_the_first_wrong_member_of_a_parameter_is_nearly_one(tmp_path: Path) -> None:
    """Where one case alone is sent, only who forgets the list takes it; an empty text is last."""
    listed = {"type": "string", "enum": ["2026-11-01", "2027-05-01"]}
    loaded = loaded_with(parameter("header", "X-Version", listed), tmp_path)
    cases = [case for case in wrong_parameters(loaded, ANYWHERE) if case.kind.endswith(".enum")]
    assert cases[0].headers == (("X-Version", "2026-11-02"),)
    assert cases[1].headers != (("X-Version", ""),)


def test_what_the_target_says_of_a_header_field_is_neither_varied_nor_broken(
    tmp_path: Path,
) -> None:
    """Nobody knows another tenant that exists; other parameters are asked about all the same."""

    def edit(parts: Parts) -> None:
        parameter("header", "X-Tenant", TEXT, example="acme").edit(parts)
        parameter("header", "X-One", TEXT).edit(parts)

    loaded = loaded_with(Alteration(edit), tmp_path)
    given = loaded.given(["x-tenant"])
    sources: tuple[Source, ...] = (valid_parameters, wrong_parameters)

    def fields(one: Contract) -> set[str]:
        cases: list[Any] = [case for source in sources for case in source(one, ANYWHERE)]
        return {name for case in cases for name, _ in case.headers}

    assert fields(loaded) == {"X-Tenant", "X-One"}
    assert fields(given) == {"X-One"}
    assert [name for name, _ in usual_headers(given)] == ["X-One"]
    assert not any("Tenant" in name for name in uncovered(given, Counts()))
    what = "sent as headers of the target have it, and never left out or made invalid"
    assert f"{what}: header.X-Tenant" in notes_of(given)
    assert "sent as any value, unless headers of the target say which: header.X-One" in notes_of(
        given
    )
    usual = dict(HEADERS) | dict(usual_headers(given))
    for tenant in ({"X-Tenant": "a" * 500}, {}):
        headers = tuple((usual | tenant).items())
        request = Request("POST", "/v1/invoices", headers, encoded(invoice()))
        assert expect(given, FACTS, request).expectation is VALID
        assert expect(loaded, FACTS, request).expectation is INVALID


def test_no_client_asks_for_another_media_type_that_the_document_lists(tmp_path: Path) -> None:
    """A server that answers a browser in XML may do so there; elsewhere there is nothing else."""
    xml = answers(lambda listed: listed["201"]["content"].update({"application/xml": {}}))
    for loaded, asks in ((loaded_with(xml, tmp_path), False), (contract.load(), True)):
        fields = {name.lower() for way in extra_ways(loaded) for name, _ in way.fields}
        assert ("accept" in fields) is asks


def test_no_other_value_of_a_parameter_rides_in_a_request(tmp_path: Path) -> None:
    """What clients and proxies send besides has no field that the document gives a meaning."""

    def edit(parts: Parts) -> None:
        parameter("header", "x-request-id", {"type": "string"}).edit(parts)
        parameter("cookie", "session", {"type": "string"}).edit(parts)

    loaded = loaded_with(Alteration(edit), tmp_path)
    sent = [way.fields for way in extra_ways(loaded)]
    sent += [case.headers for case in http.equivalent_requests(loaded, ANYWHERE)]
    names = {name.lower() for fields in sent for name, _ in fields}
    assert not names & {"x-request-id", "cookie"}
    assert "x-forwarded-for" in names


def test_a_document_without_parameters_has_no_case_of_one() -> None:
    """Nothing is sent for them."""
    assert valid_parameters(contract.load(), ANYWHERE) == ()
    assert wrong_parameters(contract.load(), ANYWHERE) == ()
    assert usual_headers(contract.load()) == ()


@pytest.mark.parametrize(
    ("headers", "broken"),
    [
        ((("x-left", "3"),), []),
        ((), ["201.header.X-Left.required"]),
        ((("x-left", "-1"),), ["201.header.X-Left.minimum"]),
        ((("x-left", "many"),), ["201.header.X-Left.type"]),
        ((("x-left", "+3"),), []),
    ],
)
def test_a_header_field_of_an_answer_is_judged(
    headers: tuple[tuple[str, str], ...], broken: list[str], tmp_path: Path
) -> None:
    """Whether it is there, and what it says, as far as readers do not differ."""
    schema = {"type": "integer", "minimum": 0}
    loaded = loaded_with(header_field("201", "X-Left", schema), tmp_path)
    sent = Request("POST", "/v1/invoices", HEADERS, encoded(invoice()))
    answer = Response(201, (*ANSWERED, *headers), encoded(answer_to(invoice())))
    verdict = Oracle(loaded, FACTS).judge(Exchange(sent, answer, None, 0.01))
    assert [one.requirement.name for one in verdict.violations] == broken
    assert "201.header.X-Left.required" in verdict.judged
    words = {(one.requirement.keyword, one.expected, one.got) for one in verdict.violations}
    assert words <= {
        ("required", "a header field X-Left", "none"),
        ("minimum", "X-Left of minimum 0", "-1"),
        ("type", "X-Left of type integer", "many"),
    }


def test_a_header_field_of_an_answer_that_cannot_be_judged_stops_the_run(tmp_path: Path) -> None:
    """With its pointer; the media type is judged elsewhere."""
    with pytest.raises(FileError, match="not a text, a number or a boolean"):
        loaded_with(header_field("201", "X-Left", LIST), tmp_path)
    loaded = loaded_with(header_field("201", "Content-Type", LIST), tmp_path)
    assert loaded.fields_of(201) == ()
    optional = answers(
        lambda listed: listed["201"].update(headers={"X-Left": {"schema": {"type": "integer"}}})
    )
    loaded = loaded_with(optional, tmp_path)
    assert [one.required for one in loaded.fields_of(201)] == [None]


@pytest.mark.parametrize(
    ("status", "broken"), [(400, ["4xx.header.X-Left.required"]), (415, [])], ids=str
)
def test_an_undocumented_status_needs_no_header_field(
    status: int, broken: list[str], tmp_path: Path
) -> None:
    """The document describes it of the others alone."""
    loaded = loaded_with(header_field("400", "X-Left", {"type": "string"}), tmp_path)
    headers = tuple({**dict(HEADERS), "Content-Type": "text/plain"}.items())
    sent = Request("POST", "/v1/invoices", headers, encoded(invoice()))
    body = encoded({"status": status, "code": "media_type", "message": "Send JSON."})
    answer = Response(status, ANSWERED, body)
    verdict = Oracle(loaded, FACTS).judge(Exchange(sent, answer, None, 0.01))
    names = [one.requirement.name for one in verdict.violations]
    assert [name for name in names if "header" in name] == broken


def test_the_plain_invoice_is_valid_with_its_parameters(tmp_path: Path) -> None:
    """A cookie, a query and a header field at once."""

    def edit(parts: Parts) -> None:
        for place in ("header", "query", "cookie"):
            parameter(place, f"one-{place}", TEXT, example="acme").edit(parts)

    loaded = loaded_with(Alteration(edit), tmp_path)
    assert usual_headers(loaded) == (("one-header", "acme"), ("Cookie", "one-cookie=acme"))
    assert usual_query(loaded) == "one-query=acme"
    assert why_not_valid(loaded, ANYWHERE) == ""
    assert plain_invoice(loaded, ANYWHERE)


NULL = {"anyOf": [{"type": "string"}, {"type": "null"}]}
WRITTEN: dict[str, tuple[str, dict[str, Any]]] = {
    "its name": ("user-agent", {"type": "string"}),
    "its name, or null": ("User-Agent", {**NULL}),
    "one of some names": ("User-Agent", {"type": "string", "enum": ["ERP/1", "ERP/2"]}),
    "a name of a form": ("User-Agent", {"type": "string", "pattern": "^[a-z-]+/[0-9]$"}),
    "what it can decode": ("Accept-Encoding", {"type": "string"}),
    "where it goes": ("Host", {"type": "string"}),
    "how much it sends": ("Content-Length", {"type": "integer"}),
}
"""Optional header parameters that are in every request anyway."""


@pytest.mark.parametrize("name", WRITTEN)
def test_what_every_client_sends_may_be_a_parameter(name: str, tmp_path: Path) -> None:
    """A valid invoice with it must be accepted, as the client writes it or as the document has it;
    what breaks its schema is refused.
    """
    field, schema = WRITTEN[name]
    edit = parameter("header", field, schema, required=False).edit
    loaded = loaded_with(of_3_1(edit), tmp_path)
    changes = (*HEADERS, *usual_headers(loaded))
    body = encoded(invoice())
    sent = build_request("POST", "localhost", "/v1/invoices", changes, body, chunked=False)
    assert expect(loaded, FACTS, sent).expectation is VALID
    if field == "User-Agent" and "anyOf" not in schema:
        odd = build_request(
            "POST", "localhost", "/v1/invoices", (*changes, (field, "?")), body, chunked=False
        )
        assert [one.requirement.part for one in expect(loaded, FACTS, odd).breaches] == ["request"]
    assert asked(loaded, {}) is VALID
