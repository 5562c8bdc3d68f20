"""Documents that list other ways to say who asks beside the key, or need none."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from run.notes import notes_of
from spec import contract
from spec.contract import Contract
from spec.diff.change import Change
from spec.diff.changes import changes
from spec.diff.standing import comparable
from spec.exchange import Exchange, Request
from spec.expectation import Expectation, expect
from spec.oracle import Oracle
from strategies import authentication
from strategies.cases import Case
from strategies.invoice import encode, plain_invoice
from targets.client import build_request
from targets.stamp import Stamper
from tests import running
from tests.exchanges import FACTS, KEY, response
from tests.versions.judging import judged
from tests.versions.parts import Alteration, Parts, asking

Json = Any
OF_AUTHORIZATION = {
    "the key as bearer token",
    "the key as a user's name",
    "the key as a password",
    "the key as a token",
    "the key alone as authorization",
}


def _sent(case: Case) -> Request:
    """A case as the client sends it."""
    path, body = f"/v1/invoices?{case.query or ''}", Stamper("7F3A91C2").write(case.body)
    headers = [("X-API-Key", KEY), *case.headers]
    return build_request(case.method, "localhost", path, headers, body, chunked=case.chunked)


def _wrong_keys(loaded: Contract) -> list[Case]:
    """All valid invoices that lack the right key."""
    lacking = (authentication.unauthorised, authentication.nearly_right)
    found = [case for cases in lacking for case in cases(loaded, FACTS)]
    return [case for case in found if case.name.endswith("a valid invoice") or "," not in case.name]


def _told(edit: Alteration, folder: Path) -> tuple[Change, ...]:
    """What spec.diff says that a version changes."""
    (old, was), (new, now) = map(comparable, (contract.DOCUMENT, edit.write(folder / "n.yaml")))
    return changes(old, new, (was, now))


ELSEWHERE: dict[str, tuple[dict[str, str], set[str]]] = {
    "bearer": ({"type": "http", "scheme": "bearer"}, OF_AUTHORIZATION),
    "basic": ({"type": "http", "scheme": "basic"}, OF_AUTHORIZATION),
    "OAuth": ({"type": "oauth2"}, OF_AUTHORIZATION),
    "OpenID": ({"type": "openIdConnect"}, OF_AUTHORIZATION),
    "the query": ({"type": "apiKey", "in": "query", "name": "api_key"}, {"the key in the query"}),
    "a cookie": ({"type": "apiKey", "in": "cookie", "name": "X-API-Key"}, {"the key in a cookie"}),
    "another header": (
        {"type": "apiKey", "in": "header", "name": "x-auth-token"},
        {"the key in other fields"},
    ),
    "a certificate": ({"type": "mutualTLS"}, set()),
}


@pytest.mark.parametrize("other", ELSEWHERE)
def test_the_key_where_another_scheme_reads_is_no_wrong_key(other: str, tmp_path: Path) -> None:
    """A server may take it there or refuse it; all else that lacks the right key gets 401."""
    scheme, open_ones = ELSEWHERE[other]

    def edit(parts: Parts) -> None:
        parts.document["components"]["securitySchemes"]["Else"] = scheme
        parts.post["security"] = [{"ApiKeyAuth": []}, {"Else": []}]

    loaded = Alteration(edit).load(tmp_path)
    found = set()
    for case in _wrong_keys(loaded):
        said = expect(loaded, FACTS, _sent(case))
        if said.expectation is Expectation.REJECT:
            assert 401 in said.statuses, case.name
            assert 201 not in said.statuses, case.name
        else:
            assert {401, 403, 201} <= said.statuses
            found.add(case.name.partition(",")[0])
    assert found == open_ones
    own = contract.load()
    for case in authentication.unauthorised(own, FACTS):
        assert expect(own, FACTS, _sent(case)).expectation is Expectation.REJECT


def test_the_right_key_is_enough_beside_a_header_that_a_target_has(tmp_path: Path) -> None:
    """A gateway's own; of a session in a cookie nobody knows whether it comes first."""

    def edit(parts: Parts) -> None:
        parts.document["components"]["securitySchemes"] |= {
            "Bearer": {"type": "http", "scheme": "bearer"},
            "Session": {"type": "apiKey", "in": "cookie", "name": "JSESSIONID"},
        }
        parts.post["security"] = [{"ApiKeyAuth": []}, {"Bearer": []}, {"Session": []}]

    loaded = Alteration(edit).load(tmp_path)
    beside = (("Authorization", "Bearer x"), ("Cookie", "JSESSIONID=1A2B"), ("Cookie", "other=1"))
    case = Case("valid", "", encode(plain_invoice(loaded, FACTS)), (("X-API-Key", FACTS.key),))
    said = [
        expect(loaded, FACTS, _sent(replace(case, headers=(*case.headers, one)))).expectation
        for one in beside
    ]
    assert said == [Expectation.ACCEPT, Expectation.UNSPECIFIED, Expectation.ACCEPT]


@pytest.mark.parametrize("demands", [[{"Other": []}, {}], [{}, {"Other": []}, {"Bearer": []}]])
def test_a_key_that_may_be_left_out_is_sent_and_nothing_asked_of_it(
    demands: list[dict[str, list[str]]], tmp_path: Path
) -> None:
    """Who has none is served as well, and nobody knows what a wrong one gets."""
    loaded = asking(*demands).load(tmp_path)
    assert loaded.key_header is None
    assert loaded.operation.optional_key_header == "X-Other"
    assert not [one.name for one in loaded.requirements if one.name.startswith("security")]
    assert authentication.unauthorised(loaded, FACTS) == ()
    assert any(
        note.startswith("the key is always sent and never tested") for note in notes_of(loaded)
    )
    (told,) = _told(asking(*demands), tmp_path)
    assert told.requirement == "security.scheme"
    assert "nothing" in str(told.new).split(" or ")


def test_a_version_that_needs_no_key_and_knows_none_is_judged(tmp_path: Path) -> None:
    """As one that demands nothing at all."""
    loaded = asking({"Login": []}, {}).load(tmp_path)
    assert (loaded.key_header, loaded.operation.optional_key_header) == (None, None)


BEARER = asking({"Bearer": []})


@pytest.mark.parametrize(
    ("value", "right"),
    [
        ("Bearer {key}", True),
        ("bearer {key}", True),
        ("BEARER   {key}", True),
        ("{key}", False),
        ("Bearer{key}", False),
        ("Basic {key}", False),
        ("Bearer Bearer {key}", False),
        ("Bearer {key}x", False),
        ("Bearer", False),
    ],
)
def test_a_bearer_token_alone_is_sent_as_one(value: str, right: bool, tmp_path: Path) -> None:  # noqa: FBT001 # a side of the test
    """The word before it may be in any case (RFC 9110, section 11.1)."""
    loaded = BEARER.load(tmp_path)
    assert (loaded.key_header, loaded.operation.keyed("a")) == ("Authorization", "Bearer a")
    assert loaded.named("security.key").pointer.endswith("/security/0/Bearer")
    facts = replace(FACTS, key=loaded.operation.keyed(KEY))
    headers = (("Authorization", value.format(key=KEY)),)
    said = expect(loaded, facts, _sent(Case("", "", encode(plain_invoice(loaded, facts)), headers)))
    assert said.expectation is (Expectation.ACCEPT if right else Expectation.REJECT)
    assert said.statuses == ({201} if right else {401})


def test_no_wrong_bearer_token_is_the_right_one_in_another_case(tmp_path: Path) -> None:
    """Each lacks the right one, and is told so."""
    loaded = BEARER.load(tmp_path)
    facts = replace(FACTS, key=loaded.operation.keyed(KEY))
    lacking = (authentication.unauthorised, authentication.nearly_right)
    for case in (case for cases in lacking for case in cases(loaded, facts)):
        assert expect(loaded, facts, _sent(case)).expectation is Expectation.REJECT, case.name


@pytest.mark.whole_runs
def test_a_server_that_takes_a_bearer_token_conforms(tmp_path: Path) -> None:
    """It reads no other header, so the run sends the token there, and every output hides it."""
    ended = judged(BEARER, "of the version", tmp_path, "--hypothesis-profile", "gate")
    assert (ended.status, ended.broken) == (0, ()), ended.output
    record = (tmp_path / "reports" / "run.json").read_text(encoding="utf-8")
    assert running.KEY not in record + ended.output


def _key_as_parameter(name: str, *, required: bool = True) -> Alteration:
    """A version without security, whose key is a header parameter."""

    def edit(parts: Parts) -> None:
        del parts.post["security"]
        schema = {"type": "string"}
        listed = [{"name": name, "in": "header", "required": required, "schema": schema}]
        parts.post["parameters"] = listed

    return Alteration(edit)


@pytest.mark.parametrize("name", ["X-API-Key", "x-api-key"])
def test_a_required_header_that_is_called_as_the_key_is_the_key(name: str, tmp_path: Path) -> None:
    """A server may answer 401 without it, as to a wrong key, or 400, as without any parameter."""
    loaded = _key_as_parameter(name).load(tmp_path)
    assert loaded.key_header == name
    assert loaded.parameters == ()
    (told,) = [note for note in notes_of(loaded) if "is the key" in note]
    assert told.startswith(f"the parameter {name} is the key, because no security is listed (")
    assert told.endswith("/post/parameters/0)")
    cases = _wrong_keys(loaded)
    assert cases
    for case in cases:
        asked = Exchange(_sent(case), response(201, {}), None, 0.01)
        verdict = Oracle(loaded, FACTS).judge(asked)
        assert {400, 401} <= verdict.expected.statuses, case.name
        assert "security.key" in {one.requirement.name for one in verdict.violations}, case.name
        for status in (400, 401):
            error = response(status, {"code": "x", "message": "No."})
            refused = Oracle(loaded, FACTS).judge(Exchange(_sent(case), error, None, 0.01))
            assert {one.requirement.name for one in refused.violations} == set(), case.name
    assert not _told(_key_as_parameter(name), tmp_path)


@pytest.mark.parametrize(("name", "required"), [("X-Tenant", True), ("X-API-Key", False)])
def test_another_header_is_not_the_key(name: str, *, required: bool, tmp_path: Path) -> None:
    """Nor is one that may be left out: it is a parameter as any other."""
    loaded = _key_as_parameter(name, required=required).load(tmp_path)
    assert loaded.key_header is None
    assert [one.parameter.name for one in loaded.parameters] == [name]
    assert not any("is the key" in note for note in notes_of(loaded))
