"""The vendor's document is unchanged, and each requirement is where it says it is."""

import hashlib
from pathlib import Path
from typing import Any

import pytest
import yaml

from spec.contract import DOCUMENT, READING
from spec.requirements import Requirement
from spec.yamlfile import shown
from tests.exchanges import CONTRACT

PINNED = Path(__file__).parent / "documents" / "requirements.txt"
SHA256 = "76bbcd8ed3bfab8f0e7d4a009d96cc045b10c4bffd966ab16dca84a466dfa37a"

TEXTS = {shown(path): path.read_text() for path in (DOCUMENT, READING)}
LINES = {name: text.splitlines() for name, text in TEXTS.items()}
NODES = {name: yaml.safe_load(text) for name, text in TEXTS.items()}

CLAUSES = {
    "requestBody.required": "required: true",
    "requestBody.mediaType": "application/json:",
    "requestBody.json": "application/json:",
    "requestBody.utf8": "application/json:",
    "request.method": "post:",
    "request.fields": "post:",
    "request.accept": "post:",
    "request.query": "post:",
    "security.key": "- ApiKeyAuth: []",
    "security.first": "- ApiKeyAuth: []",
    "security.right": "'403':",
    "order_id.known": "'404':",
    "updated_at.order": "description: Updated at must be later than the order creation date",
    "response.http": "responses:",
    "response.status": "responses:",
    "response.documented": "responses:",
    "response.secret": "responses:",
    "response.framing": "responses:",
    "response.fields": "responses:",
    "response.coding": "responses:",
    "201.status": "'201':",
    "201.mediaType": "content:",
    "201.json": "content:",
    "4xx.status": "'400':",
    "4xx.mediaType": "content:",
    "4xx.json": "content:",
    "4xx.details.names": "'400':",
    "4xx.leak": "'400':",
    "4xx.allow": "'400':",
    "201.data.id.unique": "type: string",
    "201.data.items[].id.unique": "type: string",
    "201.data.items[].item_total.product": "type: number",
    "201.data.created_at.date-time": "example: '2025-01-01T00:00:00Z'",
    "201.data.updated_at.date-time": "example: '2025-01-01T00:00:00Z'",
}
"""The line of each requirement that is not a keyword of a schema."""


def test_the_document_is_the_vendors_byte_for_byte() -> None:
    """The file's SHA-256 is that of the vendor's document of version 1.0."""
    assert hashlib.sha256(DOCUMENT.read_bytes()).hexdigest() == SHA256
    assert CONTRACT.sha256 == SHA256


def test_the_requirements_are_the_pinned_ones() -> None:
    """Level and name of each, in order: a changed document shows as a diff of names."""
    assert [f"{r.level:6} {r.name}" for r in CONTRACT.requirements] == (
        PINNED.read_text().splitlines()
    )


def test_no_two_requirements_share_a_name() -> None:
    """A name is enough to find a requirement by."""
    names = [requirement.name for requirement in CONTRACT.requirements]
    assert sorted(set(names)) == sorted(names)
    assert all(CONTRACT.named(name).name == name for name in names)
    assert CONTRACT.find("reference_id.minLength") is None


def test_the_contract_says_what_the_document_is() -> None:
    """Title, version, servers, path, media type and key header, as the document has them."""
    assert (CONTRACT.title, CONTRACT.version) == ("WizCommerce Open API's", "1.0")
    assert CONTRACT.operation.servers == (
        ("https://api.wizcommerce.com", "Production BaseURL"),
        ("https://api-staging.sourcerer.tech", "Staging BaseURL"),
    )
    assert CONTRACT.path == "/v1/invoices"
    assert CONTRACT.media_types == {"application/json"}
    assert CONTRACT.key_header == "X-API-Key"
    assert sorted(CONTRACT.operation.answers) == ["201", "400", "401", "403", "404", "500"]


def clause(requirement: Requirement) -> str:
    """The text that the requirement's line must have."""
    if requirement.name in CLAUSES:
        return CLAUSES[requirement.name]
    if requirement.keyword == "required":
        inline = requirement.file == shown(READING)
        return str(requirement.operand) if inline else f"- {requirement.operand}"
    if requirement.keyword == "echo":
        same = CONTRACT.named(requirement.name.removesuffix("echo") + "type")
        return f"type: {same.operand}"
    if requirement.keyword == "enum":
        return "enum:"
    return f"{requirement.keyword}: {requirement.operand}"


@pytest.mark.parametrize("requirement", CONTRACT.requirements, ids=str)
def test_the_clause_is_on_the_requirements_line(requirement: Requirement) -> None:
    """The line that the requirement names has its clause."""
    line = LINES[requirement.file][requirement.line - 1].strip()
    if requirement.file == shown(READING) and requirement.keyword == "required":
        assert line.startswith("required: [")
        assert clause(requirement) in line
    elif requirement.keyword == "enum":
        assert line.startswith("enum:")
    else:
        assert line == clause(requirement)


def at(document: Any, pointer: str) -> Any:
    """The node at a JSON pointer."""
    for token in pointer.split("/")[1:]:
        key = token.replace("~1", "/").replace("~0", "~")
        document = document[int(key) if isinstance(document, list) else key]
    return document


@pytest.mark.parametrize(
    "requirement",
    [r for r in CONTRACT.requirements if r.name not in CLAUSES and r.keyword != "echo"],
    ids=str,
)
def test_the_pointer_leads_to_the_operand(requirement: Requirement) -> None:
    """In the file that the requirement names, the JSON pointer leads to the keyword's value."""
    assert at(NODES[requirement.file], requirement.pointer) == requirement.operand


@pytest.mark.parametrize("requirement", CONTRACT.body_requirements, ids=str)
def test_a_body_requirement_is_what_the_documents_schema_says(requirement: Requirement) -> None:
    """Where its path leads in the schema, the keyword has the operand."""
    schema = CONTRACT.request_schema
    path = requirement.path[:-1] if requirement.keyword == "required" else requirement.path
    for step in path:
        schema = schema["items"] if step == "[]" else schema["properties"][step]
    if requirement.keyword == "required":
        assert requirement.operand == requirement.path[-1]
        assert requirement.operand in schema["required"]
    else:
        assert schema[requirement.keyword] == requirement.operand


def test_every_constraint_of_a_payload_has_its_requirement() -> None:
    """There are as many as keywords in the text of the request's schemas."""
    text = DOCUMENT.read_text()
    schemas = [
        text.split(f"    {name}:\n")[-1].split("\n    dtos.")[0].split("\n  security")[0]
        for name in ("dtos.InvoiceCreateRequest", "dtos.InvoiceItemCreateRequest")
    ]
    keywords = sum(
        schema.count(f" {keyword}:")
        for schema in schemas
        for keyword in ("type", "maxLength", "minimum", "enum")
    )
    required = sum(
        len(schema.split("required:\n")[1].split("properties:")[0].strip().splitlines())
        for schema in schemas
    )
    merged = 1  # status.type, which its enum implies
    assert len(CONTRACT.body_requirements) == keywords + required - merged


def test_status_has_no_type_of_its_own() -> None:
    """Its enum implies it, so one wrong value is one broken requirement."""
    names = [r.name for r in CONTRACT.requirements if r.path == ("status",)]
    assert names == ["status.enum"]
