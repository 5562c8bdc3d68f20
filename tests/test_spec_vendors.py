"""Documents in the styles of other vendors: each is judged by, or ends in one sentence."""

import inspect
import re
from pathlib import Path

import pytest

from run.cases import cases_of
from run.notes import check_known
from spec import contract
from spec.diff.changes import notes
from spec.yamlfile import FileError
from strategies.invoice import check_valid
from suites import (
    test_acceptance,
    test_authentication,
    test_bodies,
    test_http,
    test_isolation,
    test_rejection,
    test_unspecified,
)
from tests.exchanges import CONTRACT
from tests.invoices import ANYWHERE
from tests.running import suite
from tests.versions.parts import Alteration, Parts

SUITES = (
    *(test_acceptance, test_authentication, test_bodies, test_http, test_isolation),
    *(test_rejection, test_unspecified),
)
DOCUMENT = """
openapi: VERSION
info: {title: A vendor's API, version: '1'}
servers: [{url: 'https://api.vendor.example'}]
TOP
paths:
  PATH:
    post:
      SECURITY
      MORE
      requestBody:
        required: true
        content:
          MEDIA:
            schema: REQUEST
      responses:
        '201': {description: ok, HEADERS content: {application/json: {schema: ANSWER}}}
        STATUS: {description: no, content: {application/json: {schema: {type: object}}}}
components:
  securitySchemes:
    key: {type: apiKey, in: header, name: X-API-Key}
    bearer: {type: http, scheme: bearer}
    oauth: {type: oauth2, flows: {}}
  parameters:
    idempotency: {name: Idempotency-Key, in: header, required: true, schema: {type: string}}
  COMPONENTS
"""
USUAL = {
    "VERSION": "3.0.3",
    "TOP": "",
    "PATH": "/v1/invoices",
    "SECURITY": "security: [{key: []}]",
    "MORE": "",
    "MEDIA": "application/json",
    "REQUEST": "{type: object, required: [a], properties: {a: {type: string}, b: {type: boolean}}}",
    "ANSWER": "{type: object, properties: {id: {type: string}}}",
    "HEADERS": "",
    "STATUS": "'422'",
    "COMPONENTS": "",
}


def of(**properties: str) -> str:
    """An object of these properties, all required."""
    listed = ", ".join(f"{name}: {schema}" for name, schema in properties.items())
    return f"{{type: object, required: [{', '.join(properties)}], properties: {{{listed}}}}}"


TEXT = "{type: string}"
PRICE = of(value="{type: string, pattern: '^[0-9]+$'}")

READ = {
    "bare": {},
    "a single property": {"REQUEST": of(a="{type: number}")},
    "a bearer token": {"SECURITY": "security: [{bearer: []}]"},
    "statuses that are numbers": {"STATUS": "422"},
    "no answer to what is invalid": {"STATUS": "'404'"},
    "webhooks": {"VERSION": "3.1.0", "TOP": "webhooks: {paid: {post: {responses: {}}}}"},
    "an idempotency key in the components": {
        "MORE": "parameters: [{$ref: '#/components/parameters/idempotency'}]"
    },
    "a tenant, and optional parameters of any form": {
        "MORE": "parameters: [{name: Tenant-Id, in: header, required: true, schema: {type: string, "
        "format: uuid}}, {name: expand, in: query, schema: {type: array, items: {type: string}}}]"
    },
    "amounts as objects": {"REQUEST": of(price=PRICE, note=TEXT)},
    "a header field without a schema": {"HEADERS": "headers: {X-Left: {description: left}},"},
    "an answer that is a list": {"ANSWER": "{type: array, items: {type: string}}"},
    "an answer of several forms": {"ANSWER": "{oneOf: [{type: object}, {type: string}]}"},
}
"""What differs from the usual document; a run can begin."""

REFUSED = {
    "another path": ({"PATH": "/v2/invoices"}, "does not document POST /v1/invoices"),
    "a path with a parameter": ({"PATH": "'/v1/{tenant}/invoices'"}, "does not document POST"),
    "a parameter of the path": (
        {"MORE": "parameters: [{name: tenant, in: path, required: true, schema: {type: string}}]"},
        "the parameter 'tenant' is in 'path'",
    ),
    "a parameter that is JSON": (
        {
            "MORE": "parameters: [{name: f, in: query, required: true, content: {application/json: "
            "{schema: {type: object}}}}]"
        },
        "'f' has no schema",
    ),
    "OAuth": ({"SECURITY": "security: [{oauth: [invoices]}]"}, "neither an API key in a header"),
    "two ways to sign in at once": (
        {"SECURITY": "security: [{key: [], oauth: []}]"},
        "does not ask for exactly one security scheme",
    ),
    "Swagger": ({"VERSION": "'2.0'"}, "is not an OpenAPI 3.0, 3.1 or 3.2 document"),
    "files beside it": ({"REQUEST": "{$ref: './invoice.yaml'}"}, "only references inside"),
    "a form": ({"MEDIA": "application/x-www-form-urlencoded"}, "has no application/json content"),
    "a tree": (
        {
            "REQUEST": "{$ref: '#/components/schemas/A'}",
            "COMPONENTS": "schemas: {A: {required: [a], "
            "properties: {a: {$ref: '#/components/schemas/A'}}}}",
        },
        "contains itself",
    ),
    "not": ({"REQUEST": "{type: object, not: {}}"}, "no property of it has known values"),
    "conditions": (
        {"VERSION": "3.1.0", "REQUEST": "{type: object, if: {}, then: {}}"},
        "the keyword 'if' is not understood",
    ),
    "tuples": (
        {"VERSION": "3.1.0", "REQUEST": of(a="{type: array, prefixItems: [{type: string}]}")},
        "the keyword 'prefixItems' is not understood",
    ),
    "merged keys": (
        {"TOP": "x-a: &a {type: string}", "REQUEST": of(a="{<<: *a}")},
        "the keyword '<<' is not understood",
    ),
    "anything": ({"VERSION": "3.1.0", "REQUEST": "true"}, "true alone is not a schema read here"),
    "many invoices": (
        {"REQUEST": "{type: array, items: {type: object}}"},
        "the body is not said to be an object",
    ),
    "no type": ({"REQUEST": "{properties: {a: {type: string}}}"}, "the body is not said to be"),
    "a choice of bodies": (
        {"REQUEST": f"{{oneOf: [{of(a=TEXT)}, {of(a=TEXT)}]}}"},
        "the body is one of several schemas that nothing required tells apart: leave the one to",
    ),
    "nothing that is known": (
        {"REQUEST": "{type: object, properties: {a: {type: string}}}"},
        "no property of it has known values",
    ),
    "items that are texts": (
        {"REQUEST": of(items="{type: array, items: {type: string}}", a=TEXT)},
        "items\\[\\] is not an object, as the suite needs",
    ),
    "items in an object": (
        {"REQUEST": of(items=PRICE, a=TEXT)},
        "items is not an array",
    ),
    "a total that is a text": (
        {"REQUEST": of(total_amount=TEXT, a=TEXT)},
        "total_amount is a text, and no format, pattern or example says that 12.50 may be one",
    ),
    "dates that are numbers": (
        {"REQUEST": of(updated_at="{type: integer}", a=TEXT)},
        "updated_at is not a string",
    ),
    "a header field that is a list": (
        {"HEADERS": "headers: {Link: {schema: {type: array, items: {type: string}}}},"},
        "'Link' is not a text, a number or a boolean",
    ),
}
"""What differs, and what the sentence says."""


def written(changes: dict[str, str], folder: Path) -> Path:
    """The file of such a document."""
    text = DOCUMENT
    for name, value in (USUAL | changes).items():
        text = text.replace(name, value, 1)
    path = folder / "vendor.yaml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.mark.parametrize("style", READ)
def test_a_document_of_another_style_gives_cases(style: str, tmp_path: Path) -> None:
    """Every test makes its cases, and what differs from the vendor's document can be told."""
    loaded = contract.load(written(READ[style], tmp_path))
    check_valid(loaded, ANYWHERE)
    assert notes(loaded)
    for module in SUITES:
        for test in vars(module).values():
            if inspect.isfunction(test) and "cases" in test.__dict__:
                assert cases_of(test, loaded, ANYWHERE, None) is not None


@pytest.mark.parametrize("style", REFUSED)
def test_a_document_of_another_style_is_one_sentence(style: str, tmp_path: Path) -> None:
    """With file, line and pointer: never a traceback."""
    changes, sentence = REFUSED[style]
    path = written(changes, tmp_path)
    with pytest.raises(FileError, match=sentence) as raised:
        check_valid(contract.load(path), ANYWHERE)
    said = str(raised.value)
    assert re.match(f"{path}:[0-9]+: #/", said)
    assert "\n" not in said
    assert said.endswith(".")


@pytest.mark.parametrize("style", ["bare", "items that are named alike"])
def test_a_run_by_another_vendors_invoice_ends_with_4(style: str, tmp_path: Path) -> None:
    """What nobody knows is not judged, and a run by it would be green whatever the server does."""
    alike = {"REQUEST": of(a=TEXT, items=f"{{type: array, items: {of(sku=TEXT)}}}")}
    path = written({**READ, "items that are named alike": alike}[style], tmp_path)
    run = suite("--document", str(path), "--collect-only")
    assert run.status == 4
    assert re.search(f"{path}:[0-9]+: #/paths/.*: this is not an invoice that the", run.output)
    assert "say so in x-renamed of a reading (--reading FILE)" in run.output
    assert "Traceback" not in run.output


@pytest.mark.parametrize("gone", [3, 4])
def test_an_invoice_that_lacks_most_of_what_is_needed_is_anothers(
    gone: int, tmp_path: Path
) -> None:
    """Where there are others; one that lacks fewer is a version of today's."""
    today = [*CONTRACT.narrowed_schema["required"]]

    def edit(parts: Parts) -> None:
        for name in today[:gone]:
            parts.request["properties"][f"new_{name}"] = parts.request["properties"].pop(name)
        parts.request["required"] = today[gone:]

    loaded = Alteration(edit).load(tmp_path)
    if 2 * gone < len(today):
        check_known(loaded)
        return
    with pytest.raises(FileError, match=f"it has no {', '.join(today[:gone])}. If they have"):
        check_known(loaded)


def test_such_a_sentence_ends_a_run_with_4(tmp_path: Path) -> None:
    """Before anything is sent."""
    path = written(REFUSED["OAuth"][0], tmp_path)
    run = suite("--document", str(path), "--collect-only")
    assert run.status == 4
    assert "neither an API key in a header" in run.output
    assert "Traceback" not in run.output
