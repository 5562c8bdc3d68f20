"""A document that the suite cannot judge by gives one sentence with file and line."""

from pathlib import Path

import pytest

from spec.contract import DOCUMENT
from tests.versions.edited import sentence_of

TEXT = DOCUMENT.read_text()
BODY = "        $ref: '#/components/requestBodies/dtos.InvoiceCreateRequest'\n"
ENUM = TEXT[
    TEXT.index("          enum:\n") : TEXT.index("          x-order: '8'\n          example: PAID")
]
ERROR = "                $ref: '#/components/schemas/errors.HttpError'\n        '401'"
KEY = "        - ApiKeyAuth: []\n"
MEDIA = "    dtos.InvoiceCreateRequest:\n      content:\n        application/json:"
MINIMUM = "          minimum: 0\n"
SECOND = "                  - type: object\n"
RESPONSES = TEXT[TEXT.index("      responses:\n") : TEXT.index("      security:\n")]


@pytest.mark.parametrize(
    ("old", "new", "marker", "words"),
    [
        # A keyword that the suite does not understand is never skipped.
        (MINIMUM, "          not: []\n", None, "[] is not a valid value for 'not'"),
        (MINIMUM, "          contains: {}\n", None, "'contains' is not understood"),
        (MINIMUM, "          if: {}\n", None, "'if' is not understood"),
        (MINIMUM, "          5: 5\n", None, "'5' is not understood"),
        # Values that keywords cannot have.
        (MINIMUM, "          oneOf: []\n", None, "[] is not a valid value for 'oneOf'"),
        ("minimum: 0", "minimum: none", None, "'none' is not a valid value for 'minimum'"),
        ("minimum: 0", "minimum: true", None, "True is not a valid value for 'minimum'"),
        ("minimum: 0", "minimum: .nan", None, "'.nan' is not a valid value for 'minimum'"),
        ("minimum: 0", "nullable: maybe", None, "'maybe' is not a valid value for 'nullable'"),
        ("minimum: 0", "type: 5", None, "the key 'type' appears twice"),
        ("        - sku\n", "        - 5\n", "      required:\n        - amount", "for 'required'"),
        (ENUM, "          enum: []\n", None, "[] is not a valid value for 'enum'"),
        (ENUM, "          enum: [5, true]\n", None, "no member is of the type 'string'"),
        ("maxLength: 255", "maxLength: 255.5", None, "255.5 is not a valid value for 'maxLength'"),
        ("maxLength: 255", "maxLength: -1.0", None, "-1.0 is not a valid value for 'maxLength'"),
        ("maxLength: 255", "maxLength: 1.0e+300", None, "is not a valid value for 'maxLength'"),
        (SECOND, SECOND.replace("object", "string"), None, "contradicts another 'type'"),
        # References.
        (ERROR, ERROR.replace("#/", "a.yaml#/"), "  $ref: 'a.yaml", "only references inside"),
        (ERROR, ERROR.replace("'#/components/schemas/errors.HttpError'", "5"), None, "only refer"),
        (ERROR, ERROR.replace("Error'", "Eror'"), None, "errors.HttpEror leads nowhere"),
        (BODY, BODY.replace("Request'", "'"), None, "InvoiceCreate leads nowhere"),
        (BODY, "        $ref: '#/paths/~1v1~1invoices/post/requestBody'\n", None, "back to itself"),
        (
            "dtos.InvoiceItemCreateRequest'\n          x-order: '14'",
            "dtos.InvoiceCreateRequest'\n          x-order: '14'",
            "    dtos.InvoiceCreateRequest:\n      type",
            "contains itself",
        ),
        (
            "    dtos.InvoiceItemResponse:",
            "    dtos.Other:",
            "            $ref: '#/components/schemas/dtos.InvoiceItemResponse'",
            "dtos.InvoiceItemResponse leads nowhere",
        ),
        # Not OpenAPI 3, or without the operation.
        ("openapi: 3.0.0", "swagger: '2.0'", "", "(it has 'swagger: 2.0')"),
        ("openapi: 3.0.0", "openapi: [3.0.0]", None, "is not an OpenAPI 3.0, 3.1 or 3.2 document"),
        ("  /v1/invoices:", "  /v1/{a}/invoices:", "paths:", "does not document POST /v1/invoices"),
        ("    post:", "    put:", "  /v1/invoices:", "does not document POST /v1/invoices"),
        ("  /v1/invoices:", "  /v1/invoices: 5\n  /other:", None, "does not document POST"),
        ("paths:\n", "paths: []\nx-paths:\n", None, "does not document POST /v1/invoices"),
        ("paths:\n", "paths: none\nx-paths:\n", None, "does not document POST /v1/invoices"),
        ("    post:\n", "    post: null\n    x-post:\n", None, "is not an operation with"),
        (RESPONSES, "", "    post:", "is not an operation with responses"),
        (RESPONSES, "      responses: []\n", "    post:", "is not an operation with responses"),
        ("        '201':\n", "        '204':\n", "      responses:", "has no 201, 200, 202, and"),
        ("        '400':\n", "        '418': none\n        '400':\n", None, "is not a mapping"),
        (MEDIA, MEDIA.replace("json", "xml"), None, "has no application/json content"),
        # The key.
        (KEY, "        - Other: []\n", "  securitySchemes:", "there is nothing at #"),
        (KEY, KEY + "          Other: []\n", "  securitySchemes:", "there is nothing at #"),
        (KEY, "        ApiKeyAuth: []\n", "      security:", "is not a list"),
        ("      in: header", "      in: query", "    ApiKeyAuth:", "nor a bearer token"),
        ("      type: apiKey", "      type: http", "    ApiKeyAuth:", "nor a bearer token"),
        ("      name: X-API-Key\n", "", "    ApiKeyAuth:", "nor a bearer token"),
        # A property that nobody could send.
        ("        - sku\n", "        - sku\n        - hue\n", "        - hue", "is not described"),
        (
            "      required:\n        - due_date\n",
            "      oneOf:\n        - required: [hue]\n      required:\n        - due_date\n",
            "        - required: [hue]",
            "the required property 'hue' is not described",
        ),
    ],
)  # fmt: skip
def test_each_mistake_gives_one_sentence_with_file_line_and_pointer(
    old: str, new: str, marker: str | None, words: str, tmp_path: Path
) -> None:
    """The sentence starts with the file and the line of the marker, or of the new text, and with
    the pointer of what is there.
    """
    assert TEXT.count(old) >= 1
    text = TEXT.replace(old, new, 1)
    path = tmp_path / "openapi.yaml"
    path.write_text(text)
    sentence = sentence_of(path)
    assert words in sentence
    location = text.index(new if marker is None else marker) if marker != "" else 0
    line = text.count("\n", 0, location) + 1
    pointed = sentence.startswith(f"{path}:{line}: #/")
    assert pointed if marker != "" else sentence.startswith(f"{path}:{line}: is not an OpenAPI")


def test_an_unknown_keyword_is_named_with_its_pointer(tmp_path: Path) -> None:
    """File, line, pointer and keyword are all that is needed to find it."""
    path = tmp_path / "openapi.yaml"
    path.write_text(TEXT.replace("          minimum: 0\n", "          if: {}\n"))
    assert sentence_of(path) == (
        f"{path}:191: #/components/schemas/dtos.InvoiceCreateRequest/properties/paid_amount"
        "/if: the keyword 'if' is not understood, so the suite cannot judge by this "
        "document."
    )
