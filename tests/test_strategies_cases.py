"""The oracle expects of each case what its source says, at any target and for any document."""

import json
import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import replace
from itertools import pairwise, product
from typing import Literal

import pytest

from run.cases import Source, body_requirements, edge_values, limited, named_probes, near_misses
from spec.coherence import same_references
from spec.contract import PLACEHOLDER, Contract, TargetFacts
from spec.exchange import Exchange, Request, Response
from spec.expectation import Expectation, Expected, expect
from spec.operation import PATH
from spec.oracle import Oracle
from spec.paths import Json, Path, values_at
from spec.relations import RELATIONS
from spec.requirements import Level, Requirement
from spec.strictjson import parse
from strategies import authentication, bodies, http, invalid, isolation, series
from strategies.acceptance import limits
from strategies.carried import carrying
from strategies.carriers import carriers
from strategies.cases import Case, Crowd, Series
from strategies.extras.writings import OF_AMOUNTS
from strategies.invoice import plain_invoice
from strategies.isolation import AT_ONCE, distinct_invoice
from strategies.unspecified.cases import unusual_values
from strategies.wrong.keys import SHAPES
from targets.client import build_request
from targets.masking import Masker
from targets.stamp import Stamper
from tests.invoices import CONTRACT, TARGETS
from tests.test_strategies_documents import FIELDS, LIMITS, altered

KEY = "k3y-Of-The-Tests"
ANSWERED_BY_HTTP = (
    *("X-Original-URL", "X-Rewrite-URL", "X-HTTP-Method", "Latin-1"),
    *("no media type", "arrays without end", "a text of 2 MiB"),
)
"""What is in the names of cases that an HTTP server may refuse before it looks at the key."""

VALID: tuple[Source, ...] = (
    authentication.header_names,
    http.equivalent_bodies,
    http.equivalent_requests,
    isolation.repeated,
    limits.invoices_at_limits,
)
UNAUTHORISED: tuple[Source, ...] = (
    authentication.unauthorised,
    authentication.nearly_right,
    authentication.unauthorised_in_each_way,
)
OTHERS: tuple[Source, ...] = (
    *UNAUTHORISED,
    http.equivalent_errors,
    bodies.non_invoices,
    bodies.media_types,
    http.methods,
    series.omissions,
    series.corrections,
    series.known_references,
    isolation.rivals,
    invalid.unknown_orders,
    invalid.before_its_order,
    isolation.concurrent,
    authentication.without_right,
)
UNDECIDED = {
    "UTF-8 with a byte order mark",
    "130 levels in an unknown property",
    "100,000 levels in an unknown property",
    *(
        f"{what} an unknown property{where}"
        for what in bodies.MEMBERS
        for where in ("", " of an item")
    ),
    "none",
    *("gzip that is none", "br that is none"),
    "application/json; version=1",
    "application/json; q=0.9",
}
"""The names of those cases on which the documents are silent."""
OPEN = (
    *(
        "application/json; charset",
        "half a surrogate pair in ",
        "a number of a billion digits for ",
    ),
)
"""How other such names begin."""

EVERY_SOURCE = pytest.mark.parametrize(
    "source", [*VALID, *OTHERS], ids=[source.__name__ for source in (*VALID, *OTHERS)]
)


def cases_of(source: Source, contract: Contract, facts: TargetFacts, key: str = KEY) -> list[Case]:
    """The cases of a source, those of a series or a crowd one by one."""
    found: list[Case] = []
    for one in source(contract, replace(facts, key=key)):
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
            f"/v1/invoices?{case.query or ''}",
            [("X-API-Key", KEY), *case.headers],
            stamper.write(case.body),
            chunked=case.chunked,
        )
        expected = expect(contract, facts, request)
        found.append((case, expected))
    return found


def test_no_source_changes_a_carrier() -> None:
    """They share them: what one changed would be in the cases of all others after it."""
    facts = replace(TARGETS["recent orders"], key=KEY)
    for source in (*VALID, *OTHERS, near_misses, edge_values, unusual_values):
        source(CONTRACT, facts)
    for carrier in carriers(CONTRACT):
        assert carrying(CONTRACT, facts, carrier) == carrying.__wrapped__(CONTRACT, facts, carrier)


def set_at(invoice: Json, path: Path) -> set[str]:
    """The texts at a path."""
    return {text for _, text in values_at(invoice, path)}


def key_of(case: Case) -> str | None:
    """The key that a case sends, where it has a header field for it."""
    return next((value for name, value in case.headers if name.lower() == "x-api-key"), None)


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
    wrong = [
        (c.name, e.why, e.breaches) for c, e in found if e.expectation is not Expectation.ACCEPT
    ]
    assert wrong == []


def test_a_request_without_the_right_key_gets_401(document: Contract, facts: TargetFacts) -> None:
    """Every way to lack the key is unauthorised; HTTP allows another 4xx to a few of them, and what
    a page asks for may be refused by where that is from.
    """
    at_least: dict[Source, int] = {
        authentication.unauthorised: 40,
        authentication.nearly_right: 15,
        authentication.unauthorised_in_each_way: 50,
    }
    for source in UNAUTHORISED:
        found = expected_of(source, document, facts)
        assert len(found) >= at_least[source]
        for case, expected in found:
            assert expected.expectation is Expectation.REJECT
            also = expected.statuses - {401}
            by_http = case.chunked or any(one in case.name for one in ANSWERED_BY_HTTP)
            of_a_page = any(
                name == "Origin" or (name == "Sec-Fetch-Site" and (value or "").endswith("-site"))
                for name, value in case.headers
            )
            assert bool(also) == (by_http or of_a_page), case.name
            assert (403 in also) >= of_a_page, case.name


def test_a_nearly_right_key_has_the_right_length_or_a_part_of_the_right_one() -> None:
    """Three keys are wrong in one character alone: the first, the middle and the last."""
    cases = authentication.nearly_right(CONTRACT, replace(TARGETS["anywhere"], key=KEY))
    keys = [key_of(case) or "" for case in cases]
    wrong = [
        [index for index in range(len(KEY)) if key[index] != KEY[index]]
        for key in keys
        if len(key) == len(KEY)
    ]
    assert wrong[:3] == [[0], [len(KEY) // 2], [len(KEY) - 1]]
    assert wrong[3] == list(range(len(KEY) // 2, len(KEY)))


@pytest.mark.parametrize("rightless", [None, "another-key-that-may-not"])
def test_each_character_of_a_key_is_wrong_in_some_request(rightless: str | None) -> None:
    """Wrong keys differ from the right one in one character, and together in every one, whether a
    key without the right is known as well or not; some are in the other letter case.
    """
    facts = replace(TARGETS["anywhere"], key=KEY, forbidden_key=rightless)
    others = {*SHAPES.values(), *(each.swapcase() for each in (KEY, rightless) if each)}
    wrong, nearly = set(), 0
    for source in (
        authentication.unauthorised_in_each_way,
        authentication.elsewhere,
        authentication.as_other_methods,
    ):
        for key in {key_of(case) for case in source(CONTRACT, facts)} - {None, *others}:
            assert key is not None
            near = KEY if len(key) == len(KEY) else rightless or ""
            (index,) = (index for index in range(len(near)) if key[index] != near[index])
            wrong |= {index} if near == KEY else set()
            nearly += near != KEY
    assert wrong == set(range(len(KEY)))
    assert bool(nearly) == bool(rightless)


def test_wrong_keys_have_the_shapes_that_secrets_have() -> None:
    """A token of three parts, a UUID, Base64, an object of JSON and so on: each gets 401."""
    sources = (authentication.unauthorised, authentication.unauthorised_in_each_way)
    facts = replace(TARGETS["anywhere"], key=KEY)
    sent = {key_of(case) for source in sources for case in source(CONTRACT, facts)}
    assert {*SHAPES.values()} <= sent


@pytest.mark.parametrize("length", [6, 8, 9, 12, 15, 16, 21, 40])
def test_a_nearly_right_key_shows_half_of_the_right_one_at_most(length: int) -> None:
    """A report hides eight characters of the key in a row wherever they stand, and no fewer."""
    facts = replace(TARGETS["anywhere"], key=("k3yOfTheTests" * 4)[:length])
    assert facts.key is not None
    for source in (authentication.nearly_right, authentication.unauthorised_in_each_way):
        for sent in map(key_of, cases_of(source, CONTRACT, facts, facts.key)):
            assert sent != facts.key
            if sent is not None and len(sent) == length:
                pairs = zip(sent, facts.key, strict=True)
                right = "".join("=" if one == other else " " for one, other in pairs)
                shown = sum(len(run) for run in right.split() if len(run) < 8)
                assert shown <= length / 2


@pytest.mark.parametrize("length", [6, 8, 9, 16, 17, 21, 40])
def test_a_report_hides_the_key_in_every_key_that_is_made_of_it(length: int) -> None:
    """However it is written, no eight characters of it are left in a row, nor half of it in all."""
    facts = replace(TARGETS["anywhere"], key=("k3yOfTheTests" * 4)[:length])
    assert facts.key is not None
    masker = Masker({"KEY": facts.key})
    for case in authentication.nearly_right(CONTRACT, facts):
        for _, value in case.headers:
            shown = masker.mask(value or "")
            runs = [shown[at : at + 8] for at in range(len(shown) - 7)]
            assert not any(run in facts.key for run in runs), case.name


def test_a_body_that_is_not_an_invoice_is_refused(document: Contract, facts: TargetFacts) -> None:
    """Only the cases that are listed here as undecided may also be accepted."""
    for source, more in ((bodies.non_invoices, {413, 415}), (bodies.media_types, {415})):
        for case, expected in expected_of(source, document, facts):
            undecided = case.name.partition(" (")[0] in UNDECIDED or case.name.startswith(OPEN)
            assert (expected.expectation is Expectation.UNSPECIFIED) == undecided, case.name
            assert 400 in expected.statuses
            in_chunks = {411} if case.chunked else set()
            undocumented = {201, 404} if undecided else set()
            assert expected.statuses <= {400, *more, *in_chunks, *undocumented}


def test_another_method_gets_a_4xx_or_501(document: Contract, facts: TargetFacts) -> None:
    """Any 4xx will do, because the document has no other method; so will 501 (RFC 9110, 9.1)."""
    for case, expected in expected_of(http.methods, document, facts):
        others = frozenset({*range(400, 500), 501})
        usual = frozenset({400 if case.name == "an invalid invoice" else 201})
        assert expected.statuses == (usual if case.method == "POST" else others)


def test_an_invalid_invoice_sent_otherwise_gets_400(document: Contract, facts: TargetFacts) -> None:
    """However it is sent; only what is chunked may also be refused for that, and what is of an
    unknown order as well.
    """
    order = facts.unknown_order_ids[0].encode()
    for case, expected in expected_of(http.equivalent_errors, document, facts):
        also = {*([411] if case.chunked else ()), *([404] if order in case.body else ())}
        assert expected.expectation is Expectation.REJECT
        assert expected.statuses == frozenset({400, *also}), case.name


def test_a_case_about_how_it_is_sent_names_a_should(facts: TargetFacts) -> None:
    """HTTP allows a server to refuse what no document speaks of, so it is no MUST."""
    for source in (http.equivalent_requests, http.equivalent_errors):
        about = {case.about for case in cases_of(source, CONTRACT, facts)} - {None}
        assert about == {"request.fields", "request.accept", "request.query"}
        assert {CONTRACT.named(name or "").level for name in about} == {Level.SHOULD}


def test_an_unknown_order_is_not_found(document: Contract) -> None:
    """An id that begins like a known one, or is a pattern of one, is as unknown as any other; one
    with characters that the reading has not may be wrong for these.
    """
    found = expected_of(invalid.unknown_orders, document, TARGETS["known orders"])
    assert len(found) > 50
    for case, expected in found:
        categories = {*map(unicodedata.category, json.loads(case.body)["order_id"])}
        may_be_wrong = not categories.isdisjoint({"Cc", "Co", "Cn"})
        also = {*({411} if case.chunked else ()), *({400} if may_be_wrong else ())}
        assert expected.statuses == {404, *also}, case.name


def test_some_invoices_in_flight_are_invalid(document: Contract, facts: TargetFacts) -> None:
    """In the second half every other, so that what is wrong with one would show in another."""
    found = expected_of(isolation.concurrent, document, facts)
    refused = [expected.expectation is Expectation.REJECT for _, expected in found]
    assert refused == [False] * (AT_ONCE // 2) + [False, True] * (AT_ONCE // 4)
    assert {expected.expectation for _, expected in found} == {
        Expectation.ACCEPT,
        Expectation.REJECT,
    }


def test_invoices_in_flight_differ_in_all_that_a_server_may_share() -> None:
    """Of two in a row none, one or both are in chunks, with other fields, texts and properties; and
    what is refused among them is refused in each way.
    """
    facts = replace(TARGETS["known orders"], key=KEY, forbidden_key="another-key")
    found = expected_of(isolation.concurrent, CONTRACT, facts)
    cases = [case for case, _ in found]
    assert {(one.chunked, other.chunked) for one, other in pairwise(cases)} == {
        *product((False, True), repeat=2)
    }
    assert all(one.headers != other.headers for one, other in pairwise(cases))
    bodies = [case.body for case, expected in found if expected.expectation is Expectation.ACCEPT]
    assert {b"status" in body for body in bodies} == {True, False}
    assert sum(not body.isascii() for body in bodies) >= 8
    statuses = {status for _, expected in found for status in expected.statuses}
    assert statuses == {201, 400, 401, 403, 404, 411}
    assert sum(case.body.endswith(b"}") for case in cases) == len(cases) - 1


def test_what_is_left_out_was_in_the_invoice_before(document: Contract, facts: TargetFacts) -> None:
    """One in another charset comes first, which may be refused, and the last one as another media
    type before it, which is refused; all others must be accepted.
    """
    first, *found = [each for _, each in expected_of(series.omissions, document, facts)]
    assert first.expectation is Expectation.UNSPECIFIED
    *others, refused, last = (each.expectation for each in found)
    assert {*others, last} == {Expectation.ACCEPT}
    assert refused is Expectation.REJECT
    for before, after in pairwise([*found[:-2], found[-1]]):
        assert (before.payload or {}).keys() - (after.payload or {}).keys()


@pytest.mark.parametrize("facts", TARGETS.values(), ids=TARGETS)
def test_what_is_refused_for_how_it_is_sent_is_sent_again_as_it_should_be(
    facts: TargetFacts,
) -> None:
    """Byte for byte: as another media type, without a key, or with one without the right. A server
    may know what it has refused.
    """
    known = replace(facts, forbidden_key="another-key")
    refused = set()
    for one in (*series.omissions(CONTRACT, known), *series.corrections(CONTRACT, known)):
        for number, case in enumerate(one.cases):
            again = any(each.short == case.short for each in one.cases[number + 1 :])
            if case.kind == "bad" and again:
                refused.add(case.name)
    keys = {"no key", "a key without the right"}
    assert refused >= {"another media type", *keys}


@pytest.mark.parametrize("facts", TARGETS.values(), ids=TARGETS)
def test_what_was_accepted_is_sent_again_with_a_wrong_key_and_none(facts: TargetFacts) -> None:
    """Byte for byte, and under one Idempotency-Key: the answer may have been kept."""
    asked = [
        (wrong, right)
        for one in series.corrections(CONTRACT, facts)
        for number, wrong in enumerate(one.cases)
        for right in one.cases[:number]
        if right.kind == "valid" and right.short == wrong.short
    ]
    keys = {dict(case.headers)["Idempotency-Key"] for pair in asked for case in pair}
    assert [wrong.name for wrong, _ in asked] == ["a wrong key", "no key any more"]
    assert keys == {PLACEHOLDER}


@pytest.mark.parametrize("facts", TARGETS.values(), ids=TARGETS)
def test_an_invalid_invoice_has_the_idempotency_key_of_the_one_before(facts: TargetFacts) -> None:
    """With the right key: the answer may be kept and given before the invoice is looked at."""
    pairs = [
        (before.name, case.name)
        for one in series.corrections(CONTRACT, facts)
        for before, case in pairwise(one.cases)
        if one.one_stamp and (before.kind, case.kind) == ("valid", "bad")
        if before.headers == case.headers == (("Idempotency-Key", PLACEHOLDER),)
    ]
    assert pairs == [("it with other items", "an invalid last item")]


def test_an_unknown_order_is_asked_for_before_an_accepted_invoice_and_after_it() -> None:
    """Byte for byte: what is asked of it, and what is accepted of another one, make no order."""
    asked = [
        (one.cases[first].name, between.kind, one.cases[-1].name)
        for one in series.corrections(CONTRACT, TARGETS["known orders"])
        for first, case in enumerate(one.cases[:-1])
        for between in one.cases[first + 1 : -1]
        if (between.kind, one.cases[-1].kind) == ("valid", "bad")
        if case.short == one.cases[-1].short
    ]
    assert asked == [("an unknown order", "valid", "the unknown order again")]


@pytest.mark.parametrize("facts", TARGETS.values(), ids=TARGETS)
def test_a_draft_of_which_nothing_is_paid_is_sent_without_the_right(facts: TargetFacts) -> None:
    """A right may be asked for only where money has moved or a status is set."""
    (crowd,) = authentication.without_right(CONTRACT, facts)
    payloads = [json.loads(case.body) for case in crowd.cases]
    assert any("status" not in each and each["paid_amount"] == 0 for each in payloads)


def test_references_of_invoices_in_turn_differ_little() -> None:
    """By a sign, by blanks, by a picture beyond U+FFFF, by an accent; the last two are each
    other's.
    """
    (one,) = series.omissions(CONTRACT, TARGETS["anywhere"])
    assert one.one_stamp
    payloads = [json.loads(case.body) for case in one.cases if case.kind == "valid"]
    for name in ("reference_id", "invoice_number"):
        assert len({payload[name] for payload in payloads}) == len(payloads)
    texts = [payload["reference_id"] for payload in payloads]
    assert len({re.sub("[^0-9A-Za-z]", "", text) for text in texts[:2]}) == 1
    assert " ".join(texts[1].split()) == texts[5]
    assert len({re.sub("[^\0-\uffff]", "?", text) for text in texts[2:4]}) == 1
    assert unmarked(texts[4]) == texts[5] != texts[4]
    assert texts[-1] == payloads[-2]["invoice_number"]
    assert texts[-2] == payloads[-1]["invoice_number"]


def test_references_of_items_in_turn_differ_in_a_letter_that_a_collation_has_not() -> None:
    """By what it writes as two letters, or with no stroke or mark; the reading has all apart."""
    (one,) = series.omissions(CONTRACT, TARGETS["anywhere"])
    first = [json.loads(each.body)["items"][0] for each in one.cases if each.kind == "valid"]
    texts = [item["reference_id"] for item in first][:6]
    assert len({*same_references(texts)}) == 6
    without_strokes = str.maketrans({"Æ": "AE", "Ø": "O"})
    plain = [unmarked(text.translate(without_strokes)) for text in texts]
    assert (len({*plain[:2]}), len({*plain[2:]})) == (1, 1)


def unmarked(text: str) -> str:
    """The text without accents."""
    parts = unicodedata.normalize("NFD", text)
    return "".join(one for one in parts if not unicodedata.combining(one))


def test_a_correction_is_refused_and_then_accepted(document: Contract, facts: TargetFacts) -> None:
    """The oracle knows no earlier request here: of the same references it says the same."""
    found = expected_of(series.corrections, document, facts)
    assert len(found) >= 20
    for case, expected in found:
        is_right = case.kind == "valid"
        assert expected.expectation is (Expectation.ACCEPT if is_right else Expectation.REJECT)
    for one in series.corrections(document, facts):
        # What is no correction comes after it.
        kinds = [case.kind for case in one.cases if case.name != "the unknown order again"]
        assert (kinds[0], kinds[-1]) == ("bad", "valid")


def test_an_invoice_with_each_kind_of_fault_is_corrected() -> None:
    """Right after it, or after one other fault: those that a database finds first among them."""
    broken = {
        breach.requirement.keyword
        for case, expected in expected_of(series.corrections, CONTRACT, TARGETS["recent orders"])
        for breach in expected.breaches
        if case.kind == "bad"
    }
    assert broken >= {
        *("required", "maxLength", "minimum", "enum", "type", "known", "order"),
        *("key", "utf8"),
    }


def test_invoices_of_one_stamp_have_references_in_common(facts: TargetFacts) -> None:
    """All of them, of one kind alone, or of two invoices; their contents are different."""
    (shared,) = series.known_references(CONTRACT, facts)
    assert shared.one_stamp
    by_name = {case.name: json.loads(case.body) for case in shared.cases}
    first, second = (
        by_name["the first invoice"],
        by_name["another with the references of its items"],
    )
    in_common = {
        name: [path for path in RELATIONS.new.paths if set_at(first, path) & set_at(payload, path)]
        for name, payload in by_name.items()
    }
    reference, number, item = RELATIONS.new.paths
    assert in_common["another with the references of its items"] == [item]
    assert in_common["one with its number alone"] == [number]
    mixed = "one with its reference and the number of the other"
    assert in_common[mixed] == [reference]
    assert by_name[mixed]["invoice_number"] == second["invoice_number"]
    for name in ("one with other texts and its references", "the first again"):
        assert in_common[name] == [reference, number, item]
    (crowd,) = isolation.rivals(CONTRACT, facts)
    assert crowd.one_stamp
    assert len({case.body for case in crowd.cases}) == 3


def _without_accents(text: str) -> str:
    return "".join(one for one in normalized("NFD", text) if not unicodedata.combining(one))


def normalized(form: Literal["NFC", "NFD", "NFKC"], text: str) -> str:
    """The text in this form."""
    return unicodedata.normalize(form, text)


SENT = (("Content-Type", "application/json"), ("X-API-Key", "key"))
READERS: dict[str, tuple[set[str], Callable[[str], str]]] = {
    "no letter case": ({"reference_id", "invoice_number", "items"}, str.casefold),
    "no blanks at the end": ({"reference_id", "invoice_number"}, lambda text: text.rstrip(" ")),
    "no outer blanks": ({"reference_id", "invoice_number", "items"}, str.strip),
    "no width": ({"reference_id", "items"}, lambda text: normalized("NFKC", text)),
    "no accents": ({"invoice_number", "items"}, _without_accents),
    "one normalisation": ({"items"}, lambda text: normalized("NFC", text)),
    "no leading zeros": ({"items"}, lambda text: text.lstrip("0")),
}
"""By what an index of a database compares: where references are the same to it, and how."""


@pytest.mark.parametrize("name", READERS)
def test_a_reference_differs_from_a_known_one_in_what_an_index_may_not_compare(name: str) -> None:
    """In nothing else, and so that it is another one to whoever compares its characters. It may be
    accepted or refused.
    """
    wanted, read = READERS[name]
    facts = TARGETS["anywhere"]
    oracle = Oracle(CONTRACT, facts)
    (shared,) = series.known_references(CONTRACT, facts)
    known: dict[str, set[str]] = {}
    alike = set()
    for case in shared.cases:
        request = Request("POST", PATH, SENT, case.body)
        verdict = oracle.judge(Exchange(request, Response(201, (), b"{}"), None, 0), quiet=True)
        is_first = case is shared.cases[0]
        assert (verdict.expected.expectation is Expectation.ACCEPT) == is_first
        for path in RELATIONS.new.paths:
            texts = set_at(json.loads(case.body), path)
            held = known.setdefault(path[0], set())
            new = {read(text) for text in texts - held}
            alike |= {path[0]} if new & {read(text) for text in held} else set()
            held |= texts
    assert alike == wanted


def test_each_requirement_is_broken_once_under_known_references(
    document: Contract, facts: TargetFacts
) -> None:
    """By a mistake that another case has as well, where one is there twice."""
    plain = plain_invoice(document, facts)
    own = [path for path in document.relations.new.paths if len(path) == 1]
    for group in near_misses(document, facts):
        known = [case for case in group.cases if case.known]
        assert len(known) <= 1
        assert known or len(group.cases) <= 2 or group.requirement.path == ()
        for case in known:
            for path in own:
                if path != group.requirement.path and path[0] in case.payload:
                    assert case.payload[path[0]] == plain[path[0]]


@EVERY_SOURCE
def test_case_names_are_unique_and_do_not_depend_on_the_key(source: Source) -> None:
    """A name is part of a test id, which reports show and histories compare. Of a short key there
    are fewer cases, for a report would show it; where none is known yet, as many as of a usual one.
    """
    for facts in TARGETS.values():
        unknown = [case.name for case in source(CONTRACT, replace(facts, key=None))]
        for key in (KEY, f"{KEY}-{KEY}"):
            cases = source(CONTRACT, replace(facts, key=key))
            names = [case.name for case in cases]
            assert len(set(names)) == len(names)
            assert KEY[: len(KEY) // 2].lower() not in repr(cases).lower()
            assert names == [name for name in unknown if name in names]
        assert names == unknown


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
    """Different bytes give one invoice when they are parsed, with numbers as doubles; where amounts
    are written otherwise, it has plain texts.
    """
    cases = http.equivalent_bodies(CONTRACT, TARGETS["anywhere"])
    values = [json.loads(case.body) for case in cases]
    assert len(values) >= 9
    plain = [json.loads(case.body) for case in cases if case.name in OF_AMOUNTS]
    *usual, paid = (value for value in values if value not in plain)
    assert all(value == usual[0] for value in usual)
    assert all(value == plain[0] for value in plain)
    assert all(case.body.isascii() for case in cases if case.name in OF_AMOUNTS)
    assert paid == {**usual[0], "status": "PAID", "paid_amount": usual[0]["total_amount"]}
    assert len({case.body for case in cases}) == len(values)
    written = re.findall(rb'_amount":([0-9.]+)', cases[-1].body)
    assert len(written) == len({*written}) == 2


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
    assert invoices[0] != plain_invoice(CONTRACT, facts)


def test_a_small_profile_takes_one_case_of_each_kind() -> None:
    """A crowd is reduced to one case, a series stays whole, and few probes are asked."""
    facts = replace(TARGETS["anywhere"], key=KEY)
    cases = limited(bodies.non_invoices(CONTRACT, facts), 1)
    assert len(cases) == len({case.kind for case in cases if isinstance(case, Case)}) == 5
    probes = limited(named_probes(CONTRACT, facts), 1)
    assert len(probes) == 5
    assert len(limited(named_probes(CONTRACT, facts), None)) > 50
    (crowd,) = limited(isolation.concurrent(CONTRACT, facts), 1)
    assert isinstance(crowd, Crowd)
    assert len(crowd.cases) == 1
    (corrected,) = limited(series.corrections(CONTRACT, facts), 1)
    assert isinstance(corrected, Series)
    assert len(corrected.cases) == 7
    requirements = limited(body_requirements(CONTRACT, facts), 1)
    keywords = [requirement.keyword for requirement in CONTRACT.body_requirements]
    assert [one.keyword for one in requirements if isinstance(one, Requirement)] == [
        keyword for keyword in dict.fromkeys(keywords) if keyword != "required"
    ]


def test_what_is_known_or_free_needs_an_order_and_a_right() -> None:
    """Of an unknown order, and with a key without the right, one invoice has the references of an
    accepted one, and one is for nothing.
    """
    facts = TARGETS["known orders"]
    [crowd] = authentication.without_right(CONTRACT, facts)
    for cases in (crowd.cases, invalid.unknown_orders(CONTRACT, facts)):
        assert [case.known for case in cases].count(True) == 1
        assert any(json.loads(case.body)["total_amount"] == 0 for case in cases)


def test_an_unknown_order_is_no_known_one_written_otherwise() -> None:
    """Each is sent: among its like, and the last two in a series and in a crowd."""
    facts = TARGETS["known orders"]
    [crowd], chains = isolation.concurrent(CONTRACT, facts), series.corrections(CONTRACT, facts)
    others = [*crowd.cases, *(case for chain in chains for case in chain.cases)]
    sent = [*invalid.unknown_orders(CONTRACT, facts), *others]
    found = {json.loads(case.body).get("order_id") for case in sent if case.body[-1:] == b"}"}
    assert found >= {*facts.unknown_order_ids}


EDITS = (
    *("ORD-1\U0001f600x", r"ORD\-1", "ORD-1'", "ORD-1;", "ORD-1--", "ORD-1\0"),
    *(" ORD-1", "\xa0ORD-1", "ORD-1\n", "ORD-1\t", "ORD-?", "ORD-.*", "^ORD-1$"),
    *("ORD-[1]", "ORD-\xad1", "ORD-\u0661", "1", "ORD/1", "ORD 1", "ORD-1;v=1"),
    *('["ORD-1"]', "ORD&#45;1", r"ORD\u002d1", "<b>ORD-1</b>"),
)


def test_an_order_is_unknown_in_each_way_that_a_reader_may_tidy_up() -> None:
    """Blanks, what ends a text in C or SQL, patterns, other writings, and all the length that an id
    may have; another case alone is a question.
    """
    facts = TARGETS["recent orders"]
    orders = {json.loads(case.body)["order_id"] for case in http.unknown_orders(CONTRACT, facts)}
    assert orders >= {*EDITS}
    assert 255 in {len(order) for order in orders if order.startswith("ORD-1x")}
    assert "ord-1" not in {order.casefold() for order in orders}


def test_an_order_that_is_a_uuid_is_the_same_in_any_case() -> None:
    """Nor is it unknown without its hyphens (RFC 9562, section 4): what reads it finds the same."""
    known = "7f3a91c2-0b1d-4e5f-8a6b-1c2d3e4f5a6b"
    facts = replace(TARGETS["recent orders"], order_ids=(known,))
    same = {known.upper(), known.capitalize(), known.replace("-", "")}
    assert same.isdisjoint(facts.unknown_order_ids)
    assert f"{known}'" in facts.unknown_order_ids


def test_an_order_that_is_a_number_is_unknown_with_letters_behind_it() -> None:
    """Or a sign before it, or written otherwise: a database that reads a number finds it."""
    known = replace(TARGETS["recent orders"], order_ids=("100234",))
    number = {"100234a", "100234abc", "100234 1", "100234e0", "+100234", "100_234", "0x1878a"}
    for orders in (("100234",), ("ORD-1", "100234")):
        sent = {*replace(known, order_ids=orders).unknown_order_ids}
        assert sent >= {*number, "0100234", "100234.00"}
        assert "100234" not in sent
    others = replace(known, order_ids=("2024-A1",)), replace(known, order_ids=("ORD-1",))
    assert ["2024-A1abc" in each.unknown_order_ids for each in others] == [True, False]
    assert "ORD-1abc" not in others[1].unknown_order_ids


def test_an_order_is_unknown_that_is_like_the_first_known_one_or_the_second() -> None:
    """Each kind of way meets both, in as many requests as there are for one."""
    known = replace(TARGETS["recent orders"], order_ids=("ORD-1", "SO-77", "ORD-5"))
    sent = [*known.unknown_order_ids]
    of_both = {
        "patterns": {"ORD-%", "SO-7*", "ORD-?", "SO-7.*"},
        "beginnings": {"ORD-1-77", "SO-77;"},
        "blanks": {"\xa0ORD-1", " SO-77"},
        "another look": {"ORD-1\u0301", "SO\u201377"},
    }
    assert {kind: listed - {*sent} for kind, listed in of_both.items() if listed - {*sent}} == {}
    assert len(sent) == len(replace(known, order_ids=("ORD-1",)).unknown_order_ids)
    assert {*known.order_ids}.isdisjoint(sent)


def test_no_order_is_unknown_that_is_known_in_another_letter_case() -> None:
    """A database that compares without it finds that one, whichever of them it is."""
    known = replace(TARGETS["recent orders"], order_ids=("ord-1", "x", "ORD_1", "ORD-1-77"))
    assert {"ord-1-77", "ord_1"}.isdisjoint(known.unknown_order_ids)


def test_keys_are_refused_for_each_known_order() -> None:
    """A wrong key, none and one without the right: a server may check them for the first alone."""
    facts = TARGETS["known orders"]
    assert len(facts.order_ids) > 1
    [crowd] = authentication.without_right(CONTRACT, facts)
    unauthorised = authentication.unauthorised(CONTRACT, facts)
    for kind in ("wrong", "a word"):
        listed = [each for each in unauthorised if each.kind == kind]
        assert _orders(listed) >= {*facts.order_ids}
    assert _orders(crowd.cases) >= {*facts.order_ids}
    ways = authentication.unauthorised_in_each_way(CONTRACT, facts)
    for kind in ("missing, sent so", "wrong, sent so"):
        assert _orders([each for each in ways if each.kind == kind]) >= {*facts.order_ids}


def _orders(cases: Iterable[Case]) -> set[str]:
    """The orders that the invoices among the cases are for."""
    found = (re.search(rb'"order_id":"([^"]+)"', case.body) for case in cases)
    return {each[1].decode() for each in found if each}


def test_an_unknown_order_is_asked_for_again_among_others() -> None:
    """A server that keeps an empty record of it would know it by then."""
    facts = TARGETS["known orders"]
    orders = [json.loads(case.body)["order_id"] for case in http.unknown_orders(CONTRACT, facts)]
    [crowd] = isolation.concurrent(CONTRACT, facts)
    again = [case for case in crowd.cases if case.name.endswith(" of an unknown order")]
    assert {json.loads(case.short or b"")["order_id"] for case in again} <= {*orders}
    assert again


def test_a_known_reference_is_sent_for_another_order_as_well() -> None:
    """It may be unique for one order alone, and what keeps it may not expect another one."""
    facts = TARGETS["known orders"]
    (shared,) = series.known_references(CONTRACT, facts)
    orders = {case.name: json.loads(case.body)["order_id"] for case in shared.cases if case.body}
    named = "one with its reference and the number of the other"
    assert (orders["the first invoice"], orders[named]) == facts.order_ids[:2]
