"""The payloads follow another version of the vendor's document without any change here."""

import json
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, find, given, settings

from run.cases import Group
from run.options import SUPPRESSED
from spec import contract
from spec.contract import Contract
from spec.exchange import Request
from spec.expectation import Expectation, expect
from spec.operation import PATH
from spec.paths import Json
from spec.requirements import Requirement
from spec.schema.formats import is_text
from strategies import http
from strategies.acceptance.edges import edges
from strategies.acceptance.valid import valid
from strategies.invalid import invalid, near_misses
from strategies.invoice import encode, plain_invoice
from strategies.packing import packed
from strategies.scalars import keeps, plain_scalar
from strategies.series import corrections, omissions
from strategies.several import several_faults
from strategies.unspecified import unread
from strategies.unspecified.cases import unspecified
from strategies.values import AMOUNTS
from targets.stamp import Stamper
from tests.invoices import ANYWHERE, CONTRACT, DRAWS, SEARCH, broken, complaints
from tests.versions.catalogue import ALTERATIONS
from tests.versions.parts import Alteration, Parts, added, changed, in_items

Payload = dict[str, Any]

LIMITS = {
    "        sku:\n          type: string\n          maxLength: 255\n": (
        "        sku:\n          type: string\n          maxLength: 12\n"
    ),
    "        remarks:\n          type: string\n          maxLength: 255\n": (
        "        remarks:\n          type: string\n          maxLength: 20\n"
    ),
    "            - OVERPAID\n": "",
    "        - due_date\n": "        - due_date\n        - remarks\n",
}
"""Limits changed, a status removed, an optional property made required."""

FIELDS = {
    "        remarks:\n          type: string\n          maxLength: 255\n": """\
        remarks:
          type: string
          maxLength: 255
        currency:
          type: string
          enum: [EUR, USD]
        paid_online:
          type: boolean
        note:
          type: string
          nullable: true
        tags:
          type: array
          minItems: 1
          maxItems: 3
          items:
            type: string
            minLength: 2
            maxLength: 5
        shipping:
          type: object
          required: [city]
          properties:
            city:
              type: string
              maxLength: 8
            parcels:
              type: array
              items:
                type: object
                required: [weight]
                properties:
                  weight:
                    type: number
                    minimum: 0.5
                    maximum: 30
                  fragile:
                    type: boolean
""",
    "        sku:\n          type: string\n": """\
        discount:
          type: integer
          minimum: 1
          maximum: 99
        sku:
          type: string
""",
}
"""Properties added: each type, nested arrays and objects, all bounds, and a nullable one."""

NO_ITEMS = {
    "        - items\n": "",
    """        items:
          type: array
          items:
            $ref: '#/components/schemas/dtos.InvoiceItemCreateRequest'
          x-order: '14'
""": "",
    """  - target: $.components.schemas['dtos.InvoiceCreateRequest'].properties.items
    description: >-
      A vendor may have business reasons to refuse an invoice for nothing, or one with more than
      a hundred lines.
    update:
      minItems: 1
      maxItems: 100
""": "",
}
"""Without items, in the document and in the reading: the total follows from nothing."""

STATES = """            - PAID
            - PENDING
            - PARTIALLY_PAID
            - OVERPAID
"""
NO_STATUS = {
    f"        status:\n          type: string\n          enum:\n{STATES}"
    "          x-order: '8'\n          example: PAID\n": ""
}
"""Without a status."""

DOCUMENTS = {
    "limits": LIMITS,
    "fields": FIELDS,
    "no items": NO_ITEMS,
    "no status": NO_STATUS,
    "a new state": {STATES: "            - PAID\n            - UNPAID\n"},
    "only new states": {STATES: "            - OPEN\n            - CLOSED\n"},
    "status required": {
        "        - reference_id\n        - total_amount\n": (
            "        - reference_id\n        - status\n        - total_amount\n"
        )
    },
}
"""What is changed in the vendor's document, by what is special about it."""


def altered(changes: dict[str, str], path: Path) -> Contract:
    """The contract of the vendor's document with these pieces of text replaced at their last place,
    in the reading where the document does not have them.
    """
    texts = [contract.DOCUMENT.read_text(), contract.READING.read_text()]
    for old, new in changes.items():
        index = next(index for index, text in enumerate(texts) if old in text)
        before, _, after = texts[index].rpartition(old)
        texts[index] = before + new + after
    reading = path.with_name("reading.yaml")
    path.write_text(texts[0])
    reading.write_text(texts[1])
    return contract.load(path, reading)


@pytest.fixture(scope="module", params=[*DOCUMENTS.values()], ids=[*DOCUMENTS])
def document(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Contract:
    """The contract of each altered document."""
    return altered(request.param, tmp_path_factory.mktemp("document") / "openapi.yaml")


def invalid_in(document: Contract, payload: Payload) -> list[object]:
    """What makes a payload invalid by the document, as independent checks see it."""
    return [
        *complaints(document.narrowed_schema, payload),
        *document.relations.incoherences(payload, ANYWHERE),
    ]


def test_its_base_invoice_is_valid_and_complete(document: Contract) -> None:
    """The plain invoice has a value for every property of which it is known what may be sent."""
    payload = plain_invoice(document, ANYWHERE)
    assert invalid_in(document, payload) == []
    # No payment agrees with a state that the reading does not know.
    states = document.request_schema["properties"].get("status", {}).get("enum", ["PAID"])
    without = {path[0] for path in document.left_out if not path[1:]} | (
        set() if "PAID" in states else {"status"}
    )
    assert set(payload) == set(document.request_schema["properties"]) - without


def test_its_drawn_invoices_are_valid(document: Contract) -> None:
    """An independent validator finds nothing wrong."""

    @DRAWS
    @given(valid(document, ANYWHERE))
    def holds(payload: Payload) -> None:
        assert invalid_in(document, payload) == []

    holds()


def test_its_near_misses_break_their_requirement_alone(document: Contract) -> None:
    """Every requirement of the document has near misses, and each breaks nothing else."""
    for requirement in document.body_requirements:
        cases = near_misses(document, ANYWHERE, requirement)
        assert len({case.name for case in cases}) == len(cases) > 0, requirement.name
        for case in cases:
            assert broken(case.payload, document) == {requirement.name}, case.name


def test_its_bodies_with_several_faults_have_two_causes_or_more(document: Contract) -> None:
    """Whatever is in it to break; each has a name of its own."""
    headers = (("Content-Type", "application/json"), ("X-API-Key", str(ANYWHERE.key)))
    cases = several_faults(document, ANYWHERE)
    assert len({case.name for case in cases}) == len(cases) > 15
    for case in cases:
        expected = expect(document, ANYWHERE, Request("POST", PATH, headers, case.body))
        assert expected.expectation is Expectation.REJECT, case.name
        assert len(expected.breaches) >= {"many": 25, "beside": 1}.get(case.kind, 2), case.name
        names = {breach.requirement.name for breach in expected.breaches}
        assert names == broken(json.loads(case.body), document), case.name


def test_its_drawn_invalid_invoices_break_one_requirement(
    document: Contract, request: pytest.FixtureRequest
) -> None:
    """No keyword and no depth is an exception. What today's document has is drawn in every second
    one, for that takes long.
    """
    turn = [*DOCUMENTS].index(request.node.callspec.id)
    for number, requirement in enumerate(document.body_requirements):
        if CONTRACT.find(requirement.name) is None or (number + turn) % 2:
            assert_breaks_only(document, requirement)


def assert_breaks_only(document: Contract, requirement: Requirement) -> None:
    """Draw some invalid invoices and assert that each breaks this requirement and no other."""

    @settings(DRAWS, max_examples=6)
    @given(invalid(document, ANYWHERE, requirement))
    def holds(payload: Payload) -> None:
        assert broken(payload, document) == {requirement.name}

    holds()


def test_its_edges_are_valid_when_packed(document: Contract) -> None:
    """Every requirement of the document has edges where it can, and invoices with several stay
    valid.
    """
    subjects = document.body_requirements
    every = [edges(document, ANYWHERE, requirement) for requirement in subjects]
    unsent = {"status.enum"} - {f"{name}.enum" for name in plain_invoice(document, ANYWHERE)}
    without = {one.name for one, some in zip(subjects, every, strict=True) if not some}
    left_out = {
        one.name
        for one in subjects
        if any(path == one.path[: len(path)] for path in document.left_out)
    }
    assert without - left_out <= unsent
    for turn, some in enumerate(every):
        for case in packed(document, ANYWHERE, some, turn, len(subjects)):
            assert invalid_in(document, case.payload) == [], case.name
    for case in packed(document, ANYWHERE, [edge for some in every for edge in some], 0, 1):
        assert invalid_in(document, case.payload) == [], case.name


def test_its_unspecified_invoices_keep_the_document(document: Contract) -> None:
    """They break no requirement of the altered document."""

    @DRAWS
    @given(unspecified(document, ANYWHERE))
    def holds(payload: Payload) -> None:
        assert broken(payload, document) == set()

    holds()


def test_a_new_property_of_listed_values_is_sent_and_left_out(tmp_path: Path) -> None:
    """It is one of the optional properties of drawn invoices; any other new one is left out."""
    document = altered(FIELDS, tmp_path / "openapi.yaml")
    drawn = valid(document, ANYWHERE)
    assert find(drawn, lambda p: p.get("paid_online") is False, settings=SEARCH)
    assert find(drawn, lambda p: "paid_online" not in p, settings=SEARCH)
    assert ("shipping",) in document.left_out
    assert "shipping" not in find(drawn, lambda p: p.get("currency") == "USD", settings=SEARCH)


def test_a_new_required_property_is_drawn(tmp_path: Path) -> None:
    """Nothing else can be done."""
    required = {"        - due_date\n": "        - due_date\n        - shipping\n        - tags\n"}
    document = altered({**FIELDS, **required}, tmp_path / "openapi.yaml")
    drawn = valid(document, ANYWHERE)
    assert find(drawn, lambda p: len(p["tags"]) == 3, settings=SEARCH)
    assert "city" in find(drawn, lambda p: bool(p["shipping"]), settings=SEARCH)["shipping"]


def test_amounts_that_no_state_is_left_for_are_not_sent_as_valid(tmp_path: Path) -> None:
    """Without OVERPAID in the document nothing is overpaid, and as much is paid as elsewhere."""
    document = altered(LIMITS, tmp_path / "openapi.yaml")

    @DRAWS
    @given(valid(document, ANYWHERE))
    def holds(payload: Payload) -> None:
        assert payload["paid_amount"] <= payload["total_amount"]

    holds()
    sent = edges(document, ANYWHERE, document.named("paid_amount.type"))
    paid = {value for edge in sent for path, value in edge.puts if path == ("paid_amount",)}
    assert {amount for amount in AMOUNTS if amount < 10**11} <= paid


def test_amounts_are_paid_in_full_where_that_alone_has_a_state(tmp_path: Path) -> None:
    """Of PAID and UNPAID the first is known: each amount is sent as all of a total, zero too."""
    document = altered(DOCUMENTS["a new state"], tmp_path / "openapi.yaml")
    for name, wanted in (("type", {*AMOUNTS}), ("minimum", {0}), ("required", {0})):
        sent = edges(document, ANYWHERE, document.named(f"paid_amount.{name}"))
        paid = {value for edge in sent for path, value in edge.puts if path == ("paid_amount",)}
        assert wanted == paid
        for case in packed(document, ANYWHERE, sent, 0, 1):
            assert case.payload["paid_amount"] == case.payload["total_amount"]


def test_a_method_that_the_document_has_is_no_other_method(tmp_path: Path) -> None:
    """A version that adds PUT is asked with those that are left."""
    document = altered(
        {"    post:\n": "    put: {responses: {}}\n    post:\n"}, tmp_path / "new.yaml"
    )
    sent = {series.cases[0].method for series in http.methods(document, ANYWHERE)}
    assert sent == {"PATCH", "DELETE", "PURGE"}


def test_what_another_version_allows_is_the_first_near_miss(tmp_path: Path) -> None:
    """So a run that sends one near miss of each requirement sends it."""
    document = altered({"            - OVERPAID\n": ""}, tmp_path / "openapi.yaml")
    first, *_ = near_misses(document, ANYWHERE, document.named("status.enum"))
    assert first.payload["status"] == "OVERPAID"


def test_a_list_of_different_texts_is_made_too_long_by_more_of_them(tmp_path: Path) -> None:
    """Its texts again would break what says that they differ as well."""
    tags = {"type": "array", "items": {"type": "string"}, "maxItems": 4, "uniqueItems": True}
    loaded = added(tags, name="tags").load(tmp_path)
    first, *_ = near_misses(loaded, ANYWHERE, loaded.named("tags.maxItems"))
    assert len({*first.payload["tags"]}) == len(first.payload["tags"]) == 5


def test_what_contains_itself_is_not_sent_inside_it(tmp_path: Path) -> None:
    """Nobody knows what it has to be: beside another fault it would be one as well."""

    def edit(parts: Parts) -> None:
        reference = {"$ref": "#/components/schemas/Node"}
        node = {"type": "object", "properties": {"next": reference, "n": {"type": "integer"}}}
        parts.document["components"]["schemas"]["Node"] = node
        parts.add("node", {**reference}, required=False)

    loaded = Alteration(edit).load(tmp_path)
    cases = near_misses(loaded, ANYWHERE, loaded.named("node.n.type"))
    assert {*chain.from_iterable(case.payload["node"] for case in cases)} == {"n"}


def test_an_address_that_is_too_long_is_tried_before_what_is_none(tmp_path: Path) -> None:
    """At `smoke` few are sent, and a server that looks at the format alone refuses all others."""
    path = ALTERATIONS["a short url"].write(tmp_path / "next.yaml")
    loaded = contract.load(path)
    first, *_ = near_misses(loaded, ANYWHERE, loaded.named("url.maxLength"))
    assert first.payload["url"].startswith("https://")
    assert len(first.payload["url"]) == 51


HARD: dict[str, tuple[str, str, dict[str, Any]]] = {
    "few long texts": (
        "remarks",
        "remarks.maxLength",
        {"maxLength": 9, "anyOf": [{"pattern": "^(?:QZ)+$"}, {"pattern": "^QX[0-9]$"}]},
    ),
    "too much, in one of two ways": (
        "paid_amount",
        "paid_amount.maximum",
        {"maximum": 1000, "anyOf": [{"multipleOf": 250}, {"maximum": 10}]},
    ),
}
"""A property, one of its requirements and a schema: most that is drawn breaks more than that."""


@pytest.mark.parametrize("case", HARD)
def test_what_is_hard_to_draw_ends_no_run(case: str, tmp_path: Path) -> None:
    """What is listed is sent, where nearly all that is drawn would be filtered out again."""
    name, requirement, schema = HARD[case]
    loaded = changed(name, schema).load(tmp_path)
    wrong = invalid(loaded, ANYWHERE, loaded.named(requirement))

    # With the health check that a run goes without.
    @settings(max_examples=20, derandomize=True, database=None, deadline=None)
    @given(payload=wrong)
    def all_break_it(payload: Json) -> None:
        assert requirement in broken(payload, loaded)

    all_break_it()


def test_no_health_check_of_what_a_version_allows_ends_a_run() -> None:
    """Neither that little is left of what is drawn, nor that it is large."""
    assert {HealthCheck.filter_too_much, HealthCheck.large_base_example} <= {*SUPPRESSED}


@pytest.mark.parametrize(
    ("schema", "count"),
    [
        ({"format": "uuid", "maxLength": 36}, 3),
        ({"pattern": "^[A-Z]{2}-[0-9]{8}$"}, 2),
        ({"pattern": "^(A|B)$"}, 2),
        ({"pattern": "^A$"}, 1),
    ],
)
def test_another_text_of_a_version_is_found_in_few_draws(
    schema: dict[str, Any], count: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To shrink one takes thousands, which is most of the time of a short run."""

    def edit(parts: Parts) -> None:
        parts.request["properties"]["customer_id"] = {"type": "string", **schema}

    looked_at: list[str] = []

    def looked(one: str) -> bool:
        looked_at.append(one)
        return is_text(one)

    monkeypatch.setattr(unread, "is_text", looked)
    loaded = Alteration(edit).load(tmp_path)
    found = [value for path, value, _ in unread.unread_values(loaded) if path == ("customer_id",)]
    assert len({*found}) == len(found) == count
    assert all(keeps(schema, one) for one in found)
    assert len(looked_at) <= 100


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("^[^<>]*$", "Plain text"),
        (
            "^[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$",
            "7f3a91c2-0b1d-4e5f-8a6b-1c2d3e4f5a6b",
        ),
        (r"^\d{4}-(?:0[1-9]|1[0-2])-\d\dT[0-2]\d:[0-5]\d:\d\d(?:\.\d+)?Z$", "2024-05-02T09:30:00Z"),
        ("^PO-[0-9]{6}$", "PO-000000"),
    ],
)
def test_the_plainest_text_of_a_pattern_is_one_that_every_server_reads(
    pattern: str, text: str
) -> None:
    """Where one of those is of the pattern none is looked for, which takes a second."""
    assert plain_scalar({"type": "string", "pattern": pattern}) == text


def test_letters_of_a_state_are_swapped_where_that_makes_none(tmp_path: Path) -> None:
    """Not where it is a state as well."""
    states = STATES.replace("PARTIALLY", "APRTIALLY") + "            - PARTIALLY_PAID\n"
    both = altered({STATES: states}, tmp_path / "openapi.yaml")
    for document, swapped in ((contract.load(), True), (both, False)):
        series = corrections(document, ANYWHERE)
        assert any("swapped" in each.name for each in series) is swapped


@pytest.mark.parametrize(
    ("name", "pattern", "first"),
    [
        ("url", "^https://", "http://"),
        ("customer_code", "^[A-Z]{3}-[0-9]{4}$", "AAA-000A"),
        ("remarks", r"\S", "   "),
        ("remarks", "^[^ ]*$", "Please deliver"),
    ],
)
def test_a_pattern_is_broken_first_by_a_text_that_is_nearly_of_it(
    name: str, pattern: str, first: str, tmp_path: Path
) -> None:
    """A server that forgets it refuses an empty text, and what is no address, all the same."""

    def edit(parts: Parts) -> None:
        known = parts.request["properties"].setdefault(name, {"type": "string"})
        known["pattern"] = pattern

    loaded = Alteration(edit).load(tmp_path)
    requirement = loaded.find(f"{name}.pattern")
    assert requirement is not None
    cases = near_misses(loaded, ANYWHERE, requirement)
    assert cases[0].payload[name].startswith(first)
    # Python takes a line break at the end for the end of a text, other than ECMA 262.
    judged = [case.payload for case in cases if not case.payload[name].endswith("\n")]
    assert all(broken(payload, loaded) == {requirement.name} for payload in judged)


def test_where_a_price_is_never_nothing_no_wrong_invoice_is_for_nothing(tmp_path: Path) -> None:
    """Else what is wrong with the amount paid would never be seen alone."""
    loaded = in_items("amount", {"minimum": 0.01}).load(tmp_path)
    for name in ("paid_amount.required", "paid_amount.type"):
        requirement = loaded.find(name)
        assert requirement is not None
        assert broken(near_misses(loaded, ANYWHERE, requirement)[0].payload, loaded) == {name}


@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        ("items[].sku", r"^[\w\-.]+$"),
        ("items[].name", "^[A-Za-z ]+$"),
        ("url", "^https://[a-z0-9./-]+$"),
        ("remarks", "^[A-Z].*[.]$"),
    ],
)
def test_an_invoice_of_a_series_keeps_the_patterns(name: str, pattern: str, tmp_path: Path) -> None:
    """What makes it differ from the one before goes where the version takes it."""

    def edit(parts: Parts) -> None:
        _, _, in_item = name.rpartition("[].")
        of = parts.item if "[]" in name else parts.request
        of["properties"][in_item or name]["pattern"] = pattern

    loaded = Alteration(edit).load(tmp_path)
    (series,) = omissions(loaded, ANYWHERE)
    sent = [json.loads(case.body) for case in series.cases if case.kind == "valid"]
    assert len(sent) > 3
    assert {frozenset(broken(payload, loaded)) for payload in sent} == {frozenset()}


def test_what_breaks_a_pattern_only_before_it_is_stamped_is_no_near_miss(tmp_path: Path) -> None:
    """The signs of the placeholder are in no stamp: it was sent as a valid invoice, and alone."""
    loaded = changed("reference_id", {"pattern": "^[A-Z0-9-]+$"}).load(tmp_path)
    requirement = loaded.find("reference_id.pattern")
    assert requirement is not None
    for case in near_misses(loaded, ANYWHERE, requirement):
        sent = json.loads(Stamper("0A1B2C3D").write(encode(case.payload)))
        if not sent["reference_id"].endswith("\n"):  # which Python takes for the end of a text
            assert "reference_id.pattern" in broken(sent, loaded)


def test_a_pattern_in_a_branch_is_broken_by_texts_that_are_nearly_of_it(tmp_path: Path) -> None:
    """Of another length, and with a letter for a digit; first by such a one where few are sent."""
    patterns = {"last4": "^[0-9]{4}$", "swift": "^[A-Z]{6}$"}
    branches = [
        {
            "type": "object",
            "required": ["kind", name],
            "properties": {
                "kind": {"type": "string", "enum": [name]},
                name: {"type": "string", "pattern": pattern},
            },
        }
        for name, pattern in patterns.items()
    ]

    def edit(parts: Parts) -> None:
        parts.request["properties"]["payment_method"] = {"oneOf": branches}

    loaded = Alteration(edit).load(tmp_path)
    choice = loaded.find("payment_method.oneOf")
    assert choice is not None
    group = Group(choice, near_misses(loaded, ANYWHERE, choice))
    for cases, lengths in ((group.cases, (3, 4, 5)), (group.few(1).cases, ())):
        paid = [case.payload["payment_method"] for case in cases]
        texts = [one["last4"] for one in paid if isinstance(one, dict) and one.get("last4")]
        wrong = {one for one in texts if isinstance(one, str) and one != "0000"}
        assert wrong
        assert {len(one) for one in wrong} >= {*lengths}
