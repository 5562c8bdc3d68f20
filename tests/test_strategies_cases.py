"""The oracle expects of each case what its source says, at any target and for any document."""

import json
import re
from dataclasses import replace

import pytest

from run.cases import Source, body_requirements, limited
from spec.contract import PLACEHOLDER, Contract, TargetFacts
from spec.expectation import Expectation, Expected, expect
from spec.requirements import Requirement
from spec.strictjson import parse
from strategies import authentication, bodies, http, isolation
from strategies.cases import Case, Crowd, Series
from strategies.invoice import base
from strategies.isolation import AT_ONCE, distinct_invoice
from targets.client import Stamper, build_request
from tests.invoices import CONTRACT, TARGETS
from tests.test_strategies_documents import FIELDS, LIMITS, altered

KEY = "k3y-Of-The-Tests"

VALID: tuple[Source, ...] = (
    authentication.header_names,
    http.equivalent_bodies,
    http.equivalent_requests,
    http.connections,
    isolation.concurrent,
    isolation.repeated,
    isolation.omissions,
    isolation.same_order,
)
OTHERS: tuple[Source, ...] = (
    authentication.unauthorised,
    bodies.non_invoices,
    bodies.media_types,
    http.methods,
    isolation.recoveries,
)
UNDECIDED = {
    "UTF-8 with a byte order mark",
    "60 levels in an unknown property",
    "100,000 levels in an unknown property",
    "none",
}
"""The names of those cases on which the documents are silent."""

EVERY_SOURCE = pytest.mark.parametrize(
    "source", [*VALID, *OTHERS], ids=[source.__name__ for source in (*VALID, *OTHERS)]
)


def cases_of(source: Source, contract: Contract, facts: TargetFacts) -> list[Case]:
    """The cases of a source, those of a series or a crowd one by one."""
    found: list[Case] = []
    for one in source(contract, replace(facts, key=KEY)):
        match one:
            case Case():
                found.append(one)
            case Series() | Crowd():
                found.extend(one.cases)
    return found


def expected_of(
    source: Source, contract: Contract, facts: TargetFacts
) -> list[tuple[Case, Expected]]:
    """What the oracle expects of each case of a source, as the client sends it."""
    facts, stamper = replace(facts, key=KEY), Stamper("7F3A91C2")
    found = []
    for case in cases_of(source, contract, facts):
        request = build_request(
            case.method,
            "localhost",
            f"/v1/invoices?{case.query}",
            [("X-API-Key", KEY), *case.headers],
            stamper.write(case.body),
            chunked=case.chunked,
        )
        expected = expect(contract, facts, request.method, request.headers, request.body)
        found.append((case, expected))
    return found


@pytest.fixture(scope="module", params=["vendor's", "limits", "fields"])
def document(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Contract:
    """The contract of the vendor's document and of two altered ones."""
    if request.param == "vendor's":
        return CONTRACT
    changes = {"limits": LIMITS, "fields": FIELDS}[request.param]
    return altered(changes, tmp_path_factory.mktemp("document") / "openapi.yaml")


@pytest.fixture(params=TARGETS)
def facts(request: pytest.FixtureRequest) -> TargetFacts:
    """What is known of each target in turn."""
    return TARGETS[request.param]


@pytest.mark.parametrize("source", VALID, ids=[source.__name__ for source in VALID])
def test_a_valid_case_must_be_accepted(
    document: Contract, facts: TargetFacts, source: Source
) -> None:
    """No header, encoding, connection or order of requests makes a valid invoice invalid."""
    found = expected_of(source, document, facts)
    assert found
    wrong = [(c.name, e.why, e.causes) for c, e in found if e.expectation is not Expectation.ACCEPT]
    assert wrong == []


def test_a_request_without_the_right_key_gets_401(document: Contract, facts: TargetFacts) -> None:
    """Every way to lack the key is unauthorised, with each of three bodies."""
    found = expected_of(authentication.unauthorised, document, facts)
    assert len(found) >= 45
    assert {expected.statuses for _, expected in found} == {frozenset({401})}


def test_a_body_that_is_not_an_invoice_is_refused(document: Contract, facts: TargetFacts) -> None:
    """Only the cases that are listed here as undecided may also be accepted."""
    for source, more in ((bodies.non_invoices, {413, 415}), (bodies.media_types, {415})):
        for case, expected in expected_of(source, document, facts):
            undecided = case.name in UNDECIDED
            assert (expected.expectation is Expectation.UNSPECIFIED) == undecided, case.name
            assert 400 in expected.statuses
            assert expected.statuses <= {400, *more, *({201, 404} if undecided else ())}


def test_another_method_gets_a_4xx(document: Contract, facts: TargetFacts) -> None:
    """Any 4xx will do, because the document has no other method."""
    for _, expected in expected_of(http.methods, document, facts):
        assert expected.statuses == frozenset(range(400, 500))


def test_a_recovery_is_a_bad_request_and_then_a_valid_invoice(
    document: Contract, facts: TargetFacts
) -> None:
    """The first request of each pair must be refused, the second accepted."""
    found = [
        expected.expectation for _, expected in expected_of(isolation.recoveries, document, facts)
    ]
    assert len(found) >= 10
    assert set(found[::2]) == {Expectation.REJECT}
    assert set(found[1::2]) == {Expectation.ACCEPT}


@EVERY_SOURCE
def test_case_names_are_unique_and_do_not_depend_on_the_key(source: Source) -> None:
    """A name is part of a test id, which reports show and histories compare."""
    for facts in TARGETS.values():
        cases = source(CONTRACT, replace(facts, key=KEY))
        names = [case.name for case in cases]
        assert len(set(names)) == len(names)
        assert KEY[: len(KEY) // 2].lower() not in repr(cases).lower()
        assert names == [case.name for case in source(CONTRACT, replace(facts, key=None))]


@EVERY_SOURCE
def test_every_invoice_gets_a_new_stamp(source: Source) -> None:
    """In any encoding of the body, no placeholder is sent and no stamp is sent twice."""
    stamper, seen = Stamper("7F3A91C2"), set()
    for case in cases_of(source, CONTRACT, TARGETS["anywhere"]):
        sent = stamper.write(case.body)
        if sent == case.body:
            assert PLACEHOLDER.encode() not in sent.replace(b"\0", b"")
        else:
            assert sent not in seen
            seen.add(sent)


def test_an_escaped_placeholder_is_stamped() -> None:
    """The client finds the placeholder when each of its characters is an escape."""
    bodies = http.equivalent_bodies(CONTRACT, TARGETS["anywhere"])
    body = next(case.body for case in bodies if case.name == "every character escaped")
    payload = parse(Stamper("7F3A91C2").write(body)).value
    assert re.fullmatch(r"REF-IC-7F3A91C2-\d{8}", payload["reference_id"])


def test_equivalent_bodies_have_the_same_value() -> None:
    """Different bytes give one invoice when they are parsed, with numbers as doubles."""
    cases = http.equivalent_bodies(CONTRACT, TARGETS["anywhere"])
    values = [json.loads(case.body) for case in cases]
    assert len(values) >= 9
    assert all(value == values[0] for value in values)
    assert len({case.body for case in cases}) == len(values)


def test_distinct_invoices_differ_from_their_neighbours() -> None:
    """Each differs from the next two in texts, status, sums and number of items."""
    facts = TARGETS["known orders"]
    invoices = [distinct_invoice(CONTRACT, facts, number) for number in range(AT_ONCE)]
    for index, invoice in enumerate(invoices):
        for other in invoices[index + 1 : index + 3]:
            for name in ("remarks", "url", "status", "paid_amount", "total_amount"):
                assert invoice[name] != other[name], name
            assert len(invoice["items"]) != len(other["items"])
            assert invoice["order_id"] == other["order_id"]
    assert invoices[0] != base(CONTRACT, facts)


def test_a_small_profile_takes_one_case_of_each_kind() -> None:
    """A crowd is reduced to one case, and a series stays whole."""
    facts = replace(TARGETS["anywhere"], key=KEY)
    cases = limited(bodies.non_invoices(CONTRACT, facts), 1)
    assert len(cases) == len({case.kind for case in cases if isinstance(case, Case)}) == 5
    (crowd,) = limited(isolation.concurrent(CONTRACT, facts), 1)
    assert isinstance(crowd, Crowd)
    assert len(crowd.cases) == 1
    (series,) = limited(isolation.omissions(CONTRACT, facts), 1)
    assert isinstance(series, Series)
    assert len(series.cases) == 3
    requirements = limited(body_requirements(CONTRACT, facts), 1)
    keywords = [requirement.keyword for requirement in CONTRACT.body_requirements]
    assert [one.keyword for one in requirements if isinstance(one, Requirement)] == [
        *dict.fromkeys(keywords)
    ]
