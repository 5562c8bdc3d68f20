"""The reading is an overlay that only narrows; anything else in it gives one sentence."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from spec import contract
from spec.contract import DOCUMENT, READING
from spec.exchange import Request
from spec.expectation import Expectation, expect
from spec.operation import PATH
from spec.requirements import Level
from spec.yamlfile import FileError
from strategies.invoice import encode, plain_invoice
from tests.exchanges import CONTRACT
from tests.invoices import ANYWHERE
from tests.versions.edited import sentence_of

ACTIONS = yaml.safe_load(READING.read_text())["actions"]

SENT = "$.components.schemas['dtos.InvoiceCreateRequest']"
REMARKS = f"{SENT}.properties.remarks"
ANSWERED = "$.components.schemas['dtos.InvoiceResponse']"


@pytest.mark.parametrize("action", ACTIONS, ids=lambda action: action["target"][-60:])
def test_every_action_gives_its_reason(action: dict[str, Any]) -> None:
    """A description of at least a few words stands with each target and update."""
    assert set(action) == {"target", "description", "update"}
    assert len(action["description"].split()) >= 5


def test_the_reading_narrows_and_never_adds_a_duty_to_a_request() -> None:
    """Each body requirement is a MUST from the document; the reading's are SHOULDs of answers."""
    assert {r.level for r in CONTRACT.body_requirements} == {Level.MUST}
    assert {r.file for r in CONTRACT.body_requirements} == {"spec/openapi.yaml"}
    ours = [r for r in CONTRACT.requirements if r.file == "spec/reading.yaml"]
    assert {r.level for r in ours} == {Level.SHOULD}
    assert {r.part for r in ours} == {"201", "4xx"}


def test_the_valid_schema_is_the_documents_narrowed() -> None:
    """Every scalar has the bounds of the reading."""
    text = {"type": "string", "maxLength": 255, "minLength": 1, "format": "text"}
    date = {"type": "string", "minLength": 1, "format": "date-time"}
    money = {"type": "number", "minimum": 0, "maximum": 10**12, "multipleOf": 0.01}
    properties = dict(CONTRACT.narrowed_schema["properties"])
    items = properties.pop("items")
    assert properties == {
        **dict.fromkeys(("reference_id", "order_id", "invoice_number", "remarks"), text),
        **dict.fromkeys(("due_date", "created_at", "updated_at"), date),
        **dict.fromkeys(("total_amount", "paid_amount"), money),
        "url": {"type": "string", "minLength": 1, "maxLength": 2000, "format": "web-url"},
        "status": {"type": "string", "enum": ["PAID", "PENDING", "PARTIALLY_PAID", "OVERPAID"]},
    }
    assert (items["minItems"], items["maxItems"]) == (1, 100)
    assert items["items"]["properties"] == {
        **dict.fromkeys(("reference_id", "sku", "name"), text),
        "quantity": {"type": "integer", "minimum": 1, "maximum": 10**6},
        "amount": {**money, "maximum": 10**9},
    }
    assert CONTRACT.narrowed_schema["additionalProperties"] is False
    assert items["items"]["additionalProperties"] is False


def test_the_documents_own_schema_is_unchanged() -> None:
    """The schema that a payload is refused by has nothing of the reading."""
    words = str(CONTRACT.request_schema)
    assert "format" not in words
    assert "minLength" not in words
    assert "additionalProperties" not in words


def overlay(folder: Path, *actions: Any) -> Path:
    """A reading of these actions, one to a line from line 3 on."""
    path = folder / "reading.yaml"
    lines = [
        f"- {yaml.safe_dump(action, default_flow_style=True, width=9999)}" for action in actions
    ]
    path.write_text("overlay: 1.0.0\nactions:\n" + "".join(lines))
    return path


def action(target: str, update: Any, **fields: Any) -> dict[str, Any]:
    """An action with a reason."""
    return {"target": target, "description": "A reason.", "update": update, **fields}


@pytest.mark.parametrize(
    ("target", "update"),
    [
        (REMARKS, {"maxLength": 256}),
        (f"{SENT}.properties.paid_amount", {"minimum": -1}),
        (f"{SENT}.properties.status", {"enum": ["PAID", "LOST"]}),
        (REMARKS, {"type": "number"}),
        (REMARKS, {"nullable": True}),
    ],
    ids=["maxLength", "minimum", "enum", "type", "nullable"],
)
def test_an_update_that_widens_the_document_is_refused(
    target: str, update: dict[str, Any], tmp_path: Path
) -> None:
    """The sentence has the keyword, both values and the JSON pointer."""
    sentence = sentence_of(overlay=overlay(tmp_path, action(target, update)))
    ((keyword, value),) = update.items()
    assert sentence.startswith(
        f"{tmp_path}/reading.yaml:3: #/actions/0/update/{keyword}: {keyword} {value!r} would widen"
    )
    assert sentence.endswith("the reading may only narrow.")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ({"maximum": 5}, {"maximum": 6}),
        ({"minLength": 2}, {"minLength": 1}),
        ({"minItems": 2}, {"minItems": 1}),
        ({"maxItems": 2}, {"maxItems": 3}),
        ({"multipleOf": 2}, {"multipleOf": 1}),
        ({"additionalProperties": False}, {"additionalProperties": True}),
        ({"nullable": False}, {"nullable": True}),
        ({"enum": ["PAID"]}, {"enum": ["PENDING"]}),
    ],
    ids=str,
)
def test_an_update_that_widens_another_update_is_refused(
    first: dict[str, Any], second: dict[str, Any], tmp_path: Path
) -> None:
    """Each keyword knows which of two values is narrower."""
    target = f"{ANSWERED}.properties.status"
    sentence = sentence_of(overlay=overlay(tmp_path, action(target, first), action(target, second)))
    assert sentence.startswith(f"{tmp_path}/reading.yaml:4: #/actions/1")
    assert "would widen" in sentence
    assert contract.load(DOCUMENT, overlay(tmp_path, action(target, first)))


WRONG_ACTIONS: list[tuple[Any, str]] = [
    (action("$.nothing", {"minLength": 1}), "$.nothing selects nothing in the document"),
    (action(f"{SENT}.properties.colour", {"minLength": 1}), "colour selects nothing"),
    (action("$[", {"minLength": 1}), "$[ is not a valid JSONPath"),
    (action("", {"minLength": 1}), "is not a valid JSONPath"),
    (action("components", {"minLength": 1}), "is not a valid JSONPath"),
    (action("$[?match(@.a)]", {"minLength": 1}), "is not a valid JSONPath"),
    (action(REMARKS, {"pattern": "a"}), "the reading cannot use the keyword 'pattern'"),
    (action(REMARKS, {"$ref": "#/a"}), "the reading cannot use the keyword '$ref'"),
    (action(REMARKS, {"items": {}}), "the reading cannot use the keyword 'items'"),
    (action(REMARKS, {5: 5}), "the reading cannot use the keyword '5'"),
    (action(REMARKS, {"minLength": "1"}), "'1' is not a valid value for 'minLength'"),
    (action(REMARKS, {"minLength": -1}), "-1 is not a valid value for 'minLength'"),
    (action(REMARKS, {"minLength": True}), "True is not a valid value for 'minLength'"),
    (action(REMARKS, {"enum": []}), "[] is not a valid value for 'enum'"),
    (action(REMARKS, {"enum": "PAID"}), "'PAID' is not a valid value for 'enum'"),
    (action(REMARKS, {"format": "txt"}), "'txt' is not a known format: text ("),
    (action(REMARKS, {"format": ["text"]}), "['text'] is not a valid value for 'format'"),
    (action(REMARKS, {"multipleOf": 0}), "0 is not a valid value for 'multipleOf'"),
    (
        action(REMARKS, {"additionalProperties": {}}),
        "{} is not a valid value for 'additionalProperties'",
    ),
    (action(SENT, {"properties": 5}), "5 is not a valid value for 'properties'"),
    (action(SENT, {"properties": ["remarks"]}), "is not a valid value for 'properties'"),
    (action(SENT, {"properties": {"remarks": 5}}), "is not a schema"),
    (action(SENT, {"properties": {"colour": {"minLength": 1}}}), "no property 'colour'"),
    (action(SENT, {"required": "remarks"}), "'remarks' is not a valid value for 'required'"),
    (action(SENT, {"required": [5]}), "[5] is not a valid value for 'required'"),
    (action(SENT, {"required": ["colour"]}), "no property 'colour'"),
    (action("$.info.title", {"minLength": 1}), "is not a schema"),
    (action("$.servers", {"minItems": 1}), "is not a schema"),
    (action(REMARKS, 5), "needs an 'update'"),
    (action(REMARKS, {}), "needs an 'update'"),
    (action(REMARKS, None), "needs an 'update'"),
    (action(REMARKS, {"minLength": 1}, remove=False), "'remove' would allow more"),
    (action(REMARKS, {"minLength": 1}, extends="a"), "has no field 'extends'"),
    (action(REMARKS, {"minLength": 1}, description=""), "needs a 'description'"),
    (action(REMARKS, {"minLength": 1}, description=" "), "needs a 'description'"),
    ({"target": REMARKS, "update": {"minLength": 1}}, "needs a 'description'"),
    ({"target": REMARKS, "description": "Gone.", "remove": True}, "'remove' would allow more"),
    ({"description": "A reason.", "update": {}}, "needs a 'target'"),
    ({"target": 5, "description": "A reason.", "update": {}}, "needs a 'target'"),
    ("$", "needs a 'target'"),
    (None, "needs a 'target'"),
    ([], "needs a 'target'"),
]


@pytest.mark.parametrize(
    ("wrong", "words"), WRONG_ACTIONS, ids=[words for _, words in WRONG_ACTIONS]
)
def test_a_wrong_action_is_named_with_its_line(wrong: Any, words: str, tmp_path: Path) -> None:
    """The sentence has the reading's file and the action's line."""
    sentence = sentence_of(overlay=overlay(tmp_path, action(REMARKS, {"minLength": 1}), wrong))
    assert sentence.startswith(f"{tmp_path}/reading.yaml:4: #/actions/1")
    assert words in sentence


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "is empty"),
        ("5", ":1: is not an OpenAPI Overlay 1.0"),
        ("[]", ":1: is not an OpenAPI Overlay 1.0"),
        ("actions: []", ":1: is not an OpenAPI Overlay 1.0"),
        ("overlay: 2.0.0\nactions: []", ":1: is not an OpenAPI Overlay 1.0"),
        ("overlay: 1.0.0", ":1: an overlay needs a list 'actions'"),
        ("overlay: 1.0.0\nactions: []", ":1: an overlay needs a list 'actions'"),
        ("overlay: 1.0.0\nactions: {}", ":1: an overlay needs a list 'actions'"),
        ("overlay: 1.0.0\nactions: none", ":1: an overlay needs a list 'actions'"),
        ("overlay: 1.0.0\nactions: [}", ":2: is not valid YAML"),
    ],
)
def test_a_file_that_is_not_an_overlay_gives_one_sentence(
    text: str, words: str, tmp_path: Path
) -> None:
    """The sentence has the file's name."""
    path = tmp_path / "reading.yaml"
    path.write_text(text)
    sentence = sentence_of(overlay=path)
    assert sentence.startswith(str(path))
    assert words in sentence


def test_a_missing_reading_gives_one_sentence(tmp_path: Path) -> None:
    """A file that is not there says so."""
    path = tmp_path / "reading.yaml"
    assert sentence_of(overlay=path) == f"{path}: cannot be read: No such file or directory."


def test_a_requirement_that_the_reading_adds_names_the_reading(tmp_path: Path) -> None:
    """It is a SHOULD with the file and line of the action."""
    path = overlay(
        tmp_path,
        action(REMARKS, {"minLength": 1}),
        action(f"{ANSWERED}.properties.remarks", {"minLength": 3}),
    )
    added = contract.load(DOCUMENT, path).named("201.data.remarks.minLength")
    assert (added.level, added.file, added.line) == (Level.SHOULD, str(path), 4)
    assert added.pointer == "/actions/1/update/minLength"


def test_a_requirement_that_the_reading_repeats_stays_the_documents(tmp_path: Path) -> None:
    """An update that repeats the document adds nothing."""
    path = overlay(tmp_path, action(f"{ANSWERED}.properties.remarks", {"type": "string"}))
    loaded = contract.load(DOCUMENT, path)
    assert loaded.named("201.data.remarks.type").level is Level.MUST


def test_a_mistake_in_the_document_is_not_blamed_on_the_reading(tmp_path: Path) -> None:
    """A dangling reference that an action selects is named with the document's line."""
    text = DOCUMENT.read_text()
    old = "        data:\n          x-order: '1'\n"
    assert text.count(old) == 1
    document = tmp_path / "openapi.yaml"
    document.write_text(text.replace(old, "        data:\n          $ref: '#/nowhere'\n"))
    reading = overlay(
        tmp_path,
        action("$.components.schemas['dtos.SuccessResponse'].properties.data", {"type": "object"}),
    )
    with pytest.raises(
        FileError, match=r"openapi\.yaml:87: #/.*\$ref: the reference #/nowhere leads"
    ):
        contract.load(document, reading)


IDIOMS = {
    "a described reference": ({"allOf": [{"type": "string", "maxLength": 255}]}, "3.0.0"),
    "a choice beside null": ({"anyOf": [{"type": "string"}, {"type": "null"}]}, "3.1.0"),
    "one of a text and null": ({"oneOf": [{"type": "null"}, {"type": "string"}]}, "3.1.0"),
}


@pytest.mark.parametrize(("schema", "version"), IDIOMS.values(), ids=IDIOMS)
def test_the_reading_sees_the_type_through_an_idiom(
    schema: dict[str, Any], version: str, tmp_path: Path
) -> None:
    """Generators write a text so; an empty one may be refused as before."""
    document = yaml.safe_load(DOCUMENT.read_text())
    document["openapi"] = version
    document["components"]["schemas"]["dtos.InvoiceCreateRequest"]["properties"]["remarks"] = schema
    assert _open(document, tmp_path) == {"": True, "a": False}


def test_the_reading_sees_what_a_request_takes_over(tmp_path: Path) -> None:
    """An `allOf` with a base schema has the properties that stood in the whole before."""
    document = yaml.safe_load(DOCUMENT.read_text())
    schemas = document["components"]["schemas"]
    whole = schemas["dtos.InvoiceCreateRequest"]
    items = whole["properties"].pop("items")
    schemas["Base"] = {**whole, "required": [n for n in whole["required"] if n != "items"]}
    own = {"type": "object", "required": ["items"], "properties": {"items": items}}
    schemas["dtos.InvoiceCreateRequest"] = {"allOf": [{"$ref": "#/components/schemas/Base"}, own]}
    assert _open(document, tmp_path) == {"": True, "a": False}


def _open(document: dict[str, Any], folder: Path) -> dict[str, bool]:
    """Whether it is open, by a document, if an invoice with such remarks is accepted."""
    path = folder / "document.yaml"
    path.write_text(yaml.safe_dump(document, sort_keys=False))
    loaded = contract.load(path)
    headers = (("Content-Type", "application/json"), ("X-API-Key", str(ANYWHERE.key)))
    found = {}
    for text in ("", "a"):
        body = encode({**plain_invoice(loaded, ANYWHERE), "remarks": text})
        expected = expect(loaded, ANYWHERE, Request("POST", PATH, headers, body))
        assert expected.expectation is not Expectation.REJECT
        found[text] = expected.expectation is Expectation.UNSPECIFIED
    return found
