"""A version that says less of its errors: it lists none, or some whose bodies are no JSON. And one
that lists ranges of media types.
"""

from pathlib import Path

import pytest

from run.notes import notes_of
from spec.contract import Contract, load
from spec.diff.changes import changes
from spec.exchange import Exchange, Request
from spec.expectation import Expectation, expect
from spec.operation import PATH
from spec.oracle import Oracle
from tests.exchanges import (
    CONTRACT,
    FACTS,
    HEADERS,
    WRONG_SKU,
    Json,
    encoded,
    invoice,
    request,
    response,
)
from tests.versions.parts import OWN, Alteration, Parts

PLAIN = (("content-type", "text/plain"),)
JSON = (("content-type", "application/json"),)
PROBLEM = (("content-type", "application/problem+json"),)


def only(*statuses: str) -> Alteration:
    """A version that lists these statuses alone."""

    def edit(parts: Parts) -> None:
        listed = {"422": parts.post["responses"]["400"], **parts.post["responses"]}
        parts.post["responses"] = {name: listed[name] for name in statuses}

    return Alteration(edit)


def with_texts(*statuses: str, kind: str = "text/plain") -> Alteration:
    """A version in which the answers of these statuses are texts."""

    def edit(parts: Parts) -> None:
        text = {"description": "In words", "content": {kind: {"schema": {"type": "string"}}}}
        parts.post["responses"] |= dict.fromkeys(statuses, text)

    return Alteration(edit)


def broken(
    loaded: Contract, payload: Json, status: int, body: Json, headers: tuple[tuple[str, str], ...]
) -> set[str]:
    """The names of what an answer to a payload breaks."""
    exchange = Exchange(request(payload), response(status, body, headers), None, 0.01)
    return {one.requirement.name for one in Oracle(loaded, FACTS).judge(exchange).violations}


@pytest.mark.parametrize("listed", [("201",), ("201", "401"), ("201", "404", "500")])
def test_errors_that_no_version_lists_are_assumed(listed: tuple[str, ...], tmp_path: Path) -> None:
    """What is invalid gets 400 or 422, of any body; a line above the run says so."""
    loaded = only(*listed).load(tmp_path)
    assert loaded.refusals == {400, 422}
    said = (
        "assumed: invalid requests get 400 or 422, with any body, "
        "because this document lists neither"
    )
    assert said in notes_of(loaded)
    for status in (400, 422):
        assert not broken(loaded, WRONG_SKU, status, {"sku": ["Not a valid string."]}, JSON)
        assert not broken(loaded, WRONG_SKU, status, "no", PLAIN)
    assert "4xx.status" in broken(loaded, WRONG_SKU, 409, "no", PLAIN)
    assert "items[].sku.type" in broken(loaded, WRONG_SKU, 500, {}, JSON)
    assert "201.status" in broken(loaded, invoice(), 400, {}, JSON)
    assert not [note for note in notes_of(CONTRACT) if note.startswith("assumed")]


def test_errors_that_a_version_lists_no_more_are_told(tmp_path: Path) -> None:
    """As what no answer has any longer, and nothing that is assumed is told as new."""
    found = changes(CONTRACT, only("201").load(tmp_path))
    gone = {str(one.old) for one in found if one.requirement == "response.documented"}
    assert gone == {*OWN["paths"]["/v1/invoices"]["post"]["responses"]} - {"201"}
    assert not any(one.breaking for one in found)
    back = changes(only("201").load(tmp_path), CONTRACT)
    assert {one.kind for one in back if one.requirement == "response.documented"} == {"added"}


@pytest.mark.parametrize("kind", ["text/plain", "text/html", "application/xml"])
def test_an_error_that_is_no_json_is_admitted(kind: str, tmp_path: Path) -> None:
    """Its body is not judged; that of others is as before."""
    loaded = with_texts("413", "503", kind=kind).load(tmp_path)
    assert "not judged: the body of 413, 503, which is not JSON" in notes_of(loaded)
    assert 413 in loaded.undecided
    assert not broken(loaded, WRONG_SKU, 413, "Too large", PLAIN) - {"4xx.status"}
    assert "4xx.mediaType" in broken(loaded, WRONG_SKU, 400, "no", PLAIN)
    found = changes(CONTRACT, loaded)
    assert {(one.requirement, one.breaking) for one in found} == {("response.documented", False)}


def test_a_refusal_may_be_a_text(tmp_path: Path) -> None:
    """Where the version says that what is invalid gets one."""
    loaded = with_texts("400").load(tmp_path)
    assert not broken(loaded, WRONG_SKU, 400, "no", PLAIN)
    assert load(tmp_path / "openapi.yaml").answered(400) is None


@pytest.mark.parametrize(
    ("kind", "sent", "is_wrong"),
    [
        ("application/*+json", "application/vnd.api+json", False),
        ("application/*+json", "application/problem+xml", True),
        ("application/*+json", "text/plain", True),
        ("text/*", "text/plain", False),
        ("*/*", "application/xml", False),
        ("text/json", "text/json", False),
        ("text/json", "application/vnd.api+json", True),
    ],
)
def test_a_range_of_media_types_has_those_in_it(
    kind: str, sent: str, *, is_wrong: bool, tmp_path: Path
) -> None:
    """As ASP.NET lists them for a request: what is in one may be accepted, and need not be."""

    def edit(parts: Parts) -> None:
        content = parts.body["content"]
        content[kind] = content["application/json"]

    loaded = Alteration(edit).load(tmp_path)
    headers = tuple((n, sent if n == "Content-Type" else v) for n, v in HEADERS)
    said = expect(loaded, FACTS, Request("POST", PATH, headers, encoded(invoice())))
    assert (said.expectation is Expectation.REJECT) is is_wrong
    assert said.expectation is not Expectation.ACCEPT


UNLISTED = "not judged: the body of a client error that this document does not list"
DETAIL = {"detail": "Not authenticated"}


def test_a_status_that_no_version_lists_is_judged_by_no_other(tmp_path: Path) -> None:
    """FastAPI lists 422 alone, with a schema of its own, and answers a missing key otherwise."""
    loaded = only("201", "422").load(tmp_path)
    assert UNLISTED in notes_of(loaded)
    for status, body, headers in (
        (401, DETAIL, JSON),
        (415, {"title": "Unsupported Media Type"}, PROBLEM),
        (404, "no", PLAIN),
    ):
        assert loaded.answered(status) is None
        assert not broken(loaded, WRONG_SKU, status, body, headers) - {"4xx.status"}
    assert "4xx.code.type" in broken(loaded, WRONG_SKU, 422, {"code": 5}, JSON)
    assert "4xx.mediaType" in broken(loaded, WRONG_SKU, 422, {"code": "A"}, PLAIN)


def test_of_a_status_that_is_not_listed_only_todays_document_says_how_it_is() -> None:
    """There every client error is one schema."""
    assert UNLISTED not in notes_of(CONTRACT)
    assert "4xx.code.type" in broken(CONTRACT, WRONG_SKU, 415, {"code": 5}, JSON)
    assert "4xx.mediaType" in broken(CONTRACT, WRONG_SKU, 415, {"code": "A"}, PROBLEM)
    assert "4xx.mediaType" in broken(CONTRACT, WRONG_SKU, 415, {"code": "A"}, PLAIN)


@pytest.mark.parametrize("headers", [JSON, PROBLEM, PLAIN])
@pytest.mark.parametrize("listed", [("400", "401", "404"), ("400", "401", "403", "404", "500")])
def test_however_many_errors_are_alike_a_framework_may_answer_otherwise_what_is_not_listed(
    listed: tuple[str, ...], headers: tuple[tuple[str, str], ...], tmp_path: Path
) -> None:
    """As ASP.NET does for 415, a problem, and Flask, a page; what is listed is judged as ever."""
    loaded = only("201", *listed).load(tmp_path)
    assert UNLISTED in notes_of(loaded)
    assert not broken(loaded, WRONG_SKU, 415, {"title": "No"}, headers) - {"4xx.status"}
    assert "4xx.code.type" in broken(loaded, WRONG_SKU, 401, {"code": 5}, JSON)
    assert "4xx.mediaType" in broken(loaded, WRONG_SKU, 404, {"code": "A"}, PLAIN)


@pytest.mark.parametrize("name", ["4XX", "default"])
def test_a_range_or_default_speaks_for_what_is_not_listed(name: str, tmp_path: Path) -> None:
    """It is what the document lists for that status."""

    def edit(parts: Parts) -> None:
        parts.post["responses"][name] = parts.post["responses"]["400"]

    loaded = Alteration(edit).load(tmp_path)
    assert UNLISTED not in notes_of(loaded)
    assert "4xx.mediaType" in broken(loaded, WRONG_SKU, 415, {"title": "No"}, PROBLEM)
