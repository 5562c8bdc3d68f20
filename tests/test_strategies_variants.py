"""The oracle expects of each variant what its case says, whatever the target and the document."""

import json
import re
from dataclasses import replace

import pytest

from run.cases import GROUPS, limited
from spec.contract import PLACEHOLDER, Contract, TargetFacts
from spec.expectation import Expectation, Expected, expect
from spec.requirements import Requirement
from spec.strictjson import parse
from strategies.cases import Crowd, Series, Variant
from strategies.http import spellings
from strategies.invoice import base
from strategies.isolation import AT_ONCE, numbered
from targets.client import Stamper, composed
from tests.invoices import CONTRACT, TARGETS
from tests.test_strategies_documents import FIELDS, LIMITS, altered

KEY = "k3y-Of-The-Tests"
VALID = ("key_header", "spelling", "sending", "connections", "crowd", "repeated", "one_order")
OURS = (*VALID, "unauthorised", "no_invoice", "media_type", "method", "omission", "recovery")
UNDECIDED = {
    "UTF-8 with a byte order mark",
    "60 levels in an unknown property",
    "100,000 levels in an unknown property",
    "none",
}
"""What readers of JSON differ on, and the missing media type."""

Found = list[tuple[Variant, Expected]]


def _variants(contract: Contract, facts: TargetFacts, group: str) -> list[Variant]:
    found: list[Variant] = []
    for one in GROUPS[group](contract, replace(facts, key=KEY)):
        match one:
            case Variant():
                found.append(one)
            case Series() | Crowd():
                found.extend(one.cases)
    return found


def _expected(contract: Contract, facts: TargetFacts, group: str) -> Found:
    """What the oracle expects of each variant as it goes out."""
    known, stamper = replace(facts, key=KEY), Stamper("7F3A91C2")
    found = []
    for variant in _variants(contract, facts, group):
        request = composed(
            variant.method,
            "localhost",
            f"/v1/invoices?{variant.query}",
            [("X-API-Key", KEY), *variant.headers],
            stamper.write(variant.body),
            chunked=variant.chunked,
        )
        expected = expect(contract, known, request.method, request.headers, request.body)
        found.append((variant, expected))
    return found


@pytest.fixture(scope="module", params=["vendor's", "limits", "fields"])
def document(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Contract:
    """The vendor's document and two others."""
    if request.param == "vendor's":
        return CONTRACT
    changes = {"limits": LIMITS, "fields": FIELDS}[request.param]
    return altered(changes, tmp_path_factory.mktemp("document") / "openapi.yaml")


@pytest.fixture(params=TARGETS)
def facts(request: pytest.FixtureRequest) -> TargetFacts:
    """One target after the other."""
    return TARGETS[request.param]


@pytest.mark.parametrize("group", [*VALID, "omission"])
def test_what_is_otherwise_spelled_or_sent_is_sound(
    document: Contract, facts: TargetFacts, group: str
) -> None:
    """A server must accept each, whatever is known of the target."""
    found = _expected(document, facts, group)
    assert found
    wrong = [(v.name, e.why, e.causes) for v, e in found if e.expectation is not Expectation.ACCEPT]
    assert wrong == []


def test_whoever_has_not_the_right_key_gets_401(document: Contract, facts: TargetFacts) -> None:
    """Every way not to have it, with three bodies each."""
    found = _expected(document, facts, "unauthorised")
    assert len(found) >= 45
    assert {expected.statuses for _, expected in found} == {frozenset({401})}


def test_what_is_no_invoice_is_refused(document: Contract, facts: TargetFacts) -> None:
    """But for what the documents leave open, which is so by name."""
    for group, more in (("no_invoice", {413, 415}), ("media_type", {415})):
        for variant, expected in _expected(document, facts, group):
            open_ = variant.name in UNDECIDED
            assert (expected.expectation is Expectation.UNSPECIFIED) == open_, variant.name
            assert 400 in expected.statuses
            assert expected.statuses <= {400, *more, *({201, 404} if open_ else ())}


def test_another_method_gets_a_4xx(document: Contract, facts: TargetFacts) -> None:
    """Whichever, for the document has none of them."""
    for _, expected in _expected(document, facts, "method"):
        assert expected.statuses == frozenset(range(400, 500))


def test_each_recovery_is_a_refusal_and_then_a_valid_invoice(
    document: Contract, facts: TargetFacts
) -> None:
    """The bad request is bad, and the good one is good."""
    found = [expected.expectation for _, expected in _expected(document, facts, "recovery")]
    assert len(found) >= 10
    assert set(found[::2]) == {Expectation.REJECT}
    assert set(found[1::2]) == {Expectation.ACCEPT}


@pytest.mark.parametrize("group", OURS)
def test_cases_have_names_of_their_own_that_hold_no_key(group: str) -> None:
    """A name is the id of a result, which a report shows and a history goes by."""
    for facts in TARGETS.values():
        cases = GROUPS[group](CONTRACT, replace(facts, key=KEY))
        names = [case.name for case in cases]
        assert len(set(names)) == len(names)
        assert KEY[: len(KEY) // 2].lower() not in repr(cases).lower()
        assert names == [case.name for case in GROUPS[group](CONTRACT, replace(facts, key=None))]


@pytest.mark.parametrize("group", OURS)
def test_every_invoice_is_stamped(group: str) -> None:
    """In whatever spelling: no placeholder goes out, and no stamp goes out twice."""
    stamper, seen = Stamper("7F3A91C2"), set()
    for variant in _variants(CONTRACT, TARGETS["anywhere"], group):
        sent = stamper.write(variant.body)
        if sent == variant.body:
            assert PLACEHOLDER.encode() not in sent.replace(b"\0", b"")
        else:
            assert sent not in seen
            seen.add(sent)


def test_an_escaped_placeholder_is_stamped() -> None:
    """The client finds it, each character in hexadecimal, and the reader finds the stamp."""
    body = next(v.body for v in spellings(CONTRACT, TARGETS["anywhere"]) if "every" in v.name)
    payload = parse(Stamper("7F3A91C2").write(body)).value
    assert re.fullmatch(r"REF-IC-7F3A91C2-\d{8}", payload["reference_id"])


def test_every_spelling_means_the_same() -> None:
    """Once read, all are one invoice, number for number as doubles."""
    values = [json.loads(v.body) for v in spellings(CONTRACT, TARGETS["anywhere"])]
    assert len(values) >= 9
    assert all(value == values[0] for value in values)
    assert len({v.body for v in spellings(CONTRACT, TARGETS["anywhere"])}) == len(values)


def test_numbered_invoices_differ_in_all_that_may_differ() -> None:
    """Text, state, sum and number of items tell each from the two that follow."""
    facts = TARGETS["known orders"]
    invoices = [numbered(CONTRACT, facts, number) for number in range(AT_ONCE)]
    for index, invoice in enumerate(invoices):
        for other in invoices[index + 1 : index + 3]:
            for name in ("remarks", "url", "status", "paid_amount", "total_amount"):
                assert invoice[name] != other[name], name
            assert len(invoice["items"]) != len(other["items"])
            assert invoice["order_id"] == other["order_id"]
    assert invoices[0] != base(CONTRACT, facts)


def test_a_small_profile_takes_one_case_of_each_kind() -> None:
    """One of each, in order; a crowd shrinks to one, and a series stays whole."""
    facts = replace(TARGETS["anywhere"], key=KEY)
    bodies = limited(GROUPS["no_invoice"](CONTRACT, facts), 1)
    assert len(bodies) == len({body.kind for body in bodies if isinstance(body, Variant)}) == 5
    (crowd,) = limited(GROUPS["crowd"](CONTRACT, facts), 1)
    assert isinstance(crowd, Crowd)
    assert len(crowd.cases) == 1
    (series,) = limited(GROUPS["omission"](CONTRACT, facts), 1)
    assert isinstance(series, Series)
    assert len(series.cases) == 3
    drawn = limited(GROUPS["requirement"](CONTRACT, facts), 1)
    keywords = [requirement.keyword for requirement in CONTRACT.body_requirements]
    assert [one.keyword for one in drawn if isinstance(one, Requirement)] == [
        *dict.fromkeys(keywords)
    ]
