"""A document that cannot be judged by ends in one sentence with file and line, never otherwise."""

import copy
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spec import contract
from spec.contract import DOCUMENT, READING
from spec.errors import SpecError

TEXT = DOCUMENT.read_text()
PLAIN = yaml.safe_load(TEXT)
URL = "        url:\n          type: string\n          x-order: '11'\n"
SENT_URL = URL + "          example: https://example.com/invoice/INV-20250101\n        created_at:"
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


def sentence_of(path: Path) -> str:
    """What the error says; it has to be one sentence."""
    with pytest.raises(SpecError) as caught:
        contract.load(path, READING)
    sentence = str(caught.value)
    assert "\n" not in sentence
    assert sentence.endswith(".")
    return sentence


@pytest.mark.parametrize(
    ("old", "new", "marker", "words"),
    [
        # A keyword that is not understood is never skipped.
        (MINIMUM, "          pattern: a\n", None, "'pattern' is not understood"),
        (MINIMUM, "          multipleOf: 5\n", None, "'multipleOf' is not understood"),
        (MINIMUM, "          exclusiveMinimum: true\n", None, "'exclusiveMinimum' is not"),
        (MINIMUM, "          uniqueItems: true\n", None, "'uniqueItems' is not understood"),
        (MINIMUM, "          oneOf: []\n", None, "'oneOf' is not understood"),
        (MINIMUM, "          5: 5\n", None, "'5' is not understood"),
        # Values that keywords cannot have.
        ("minimum: 0", "minimum: none", None, "'none' is no value for 'minimum'"),
        ("minimum: 0", "minimum: true", None, "True is no value for 'minimum'"),
        ("minimum: 0", "minimum: .nan", None, "'.nan' is no value for 'minimum'"),
        ("minimum: 0", "nullable: maybe", None, "'maybe' is no value for 'nullable'"),
        ("minimum: 0", "type: 5", None, "the key 'type' stands twice"),
        ("        - sku\n", "        - 5\n", "      required:\n        - amount", "for 'required'"),
        (ENUM, "          enum: []\n", None, "[] is no value for 'enum'"),
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
            "            $ref: '#/components/schemas/errors.HttpErrorDetails'\n",
            "            $ref: '#/components/schemas/errors.HttpError/properties/details'\n",
            "        details:",
            "contains itself",
        ),
        # What the reading speaks of is gone.
        (SENT_URL, "        created_at:", "reading.yaml", "url selects nothing"),
        ("    dtos.InvoiceItemResponse:", "    dtos.Other:", "reading.yaml", "selects nothing"),
        # No OpenAPI 3.0, no operation.
        ("openapi: 3.0.0", "openapi: 3.1.0", None, "no OpenAPI 3.0 document (it has 'openapi: 3.1"),
        ("openapi: 3.0.0", "swagger: '2.0'", "", "no OpenAPI 3.0 document (it has no 'openapi'"),
        ("openapi: 3.0.0", "openapi: [3.0.0]", None, "is no OpenAPI 3.0 document"),
        ("  /v1/invoices:", "  /v2/invoices:", "paths:", "documents no POST /v1/invoices"),
        ("    post:", "    put:", "  /v1/invoices:", "documents no POST /v1/invoices"),
        ("  /v1/invoices:", "  /v1/invoices: 5\n  /other:", None, "documents no POST"),
        ("paths:\n", "paths: []\nx-paths:\n", None, "documents no POST /v1/invoices"),
        ("paths:\n", "paths: none\nx-paths:\n", None, "documents no POST /v1/invoices"),
        ("    post:\n", "    post: null\n    x-post:\n", None, "is no operation with responses"),
        (RESPONSES, "", "    post:", "is no operation with responses"),
        (RESPONSES, "      responses: []\n", "    post:", "is no operation with responses"),
        ("        '400':\n", "        4XX:\n", None, "is no single status"),
        ("        '400':\n", "        default:\n", None, "is no single status"),
        ("        '400':\n", "        '402':\n", "      responses:", "has no 400"),
        ("        '201':\n", "        '200':\n", "      responses:", "has no 201"),
        ("        '400':\n", "        '418': none\n        '400':\n", None, "is no mapping"),
        ("        '400':\n", "        '418': {}\n        '400':\n", None, "no application/json"),
        (MEDIA, MEDIA.replace("json", "xml"), None, "has no application/json content"),
        # The key.
        (KEY, "        - Other: []\n", "  securitySchemes:", "there is nothing at #"),
        (KEY, KEY + "        - {}\n", "      security:", "asks for other than one"),
        (KEY, "        ApiKeyAuth: []\n", "      security:", "is no list"),
        ("      in: header", "      in: query", "    ApiKeyAuth:", "no API key in a header"),
        ("      type: apiKey", "      type: http", "    ApiKeyAuth:", "no API key in a header"),
        ("      name: X-API-Key\n", "", "    ApiKeyAuth:", "no API key in a header"),
        # What nobody could send.
        ("        - sku\n", "        - sku\n        - hue\n", "        - hue", "is not described"),
    ],
)  # fmt: skip
def test_each_mistake_is_one_sentence_with_file_and_line(
    old: str, new: str, marker: str | None, words: str, tmp_path: Path
) -> None:
    """The sentence starts with the file and the line of the marker, or of the new text."""
    assert TEXT.count(old) >= 1
    text = TEXT.replace(old, new, 1)
    path = tmp_path / "openapi.yaml"
    path.write_text(text)
    sentence = sentence_of(path)
    assert words in sentence
    if marker == "reading.yaml":
        assert sentence.startswith("spec/reading.yaml:")
    else:
        place = text.index(new if marker is None else marker) if marker != "" else 0
        line = text.count("\n", 0, place) + 1
        assert sentence.startswith(f"{path}:{line}: ")


def test_an_unknown_keyword_is_named_with_its_pointer(tmp_path: Path) -> None:
    """Pointer, file, line and keyword: all that is needed to find it."""
    path = tmp_path / "openapi.yaml"
    path.write_text(TEXT.replace("          minimum: 0\n", "          pattern: a\n"))
    assert sentence_of(path) == (
        f"{path}:191: #/components/schemas/dtos.InvoiceCreateRequest/properties/paid_amount"
        "/pattern: the keyword 'pattern' is not understood, so the suite cannot judge by this "
        "document."
    )


def chained(*properties: str) -> str:
    """Forty schemas, each of which refers to the next by these properties."""
    return (
        "".join(
            f"    d{level}:\n      type: object\n      properties:\n"
            + "".join(
                f"        {name}:\n          $ref: '#/components/schemas/d{level + 1}'\n"
                for name in properties
            )
            for level in range(40)
        )
        + "    d40:\n      type: object\n"
    )


def nested(levels: int) -> str:
    """A schema of lists of lists."""
    return "    d0: " + "{type: array, items: " * levels + "{}" + "}" * levels + "\n"


@pytest.mark.parametrize(
    ("content", "line", "words"),
    [
        (b"", None, "is empty"),
        (b"# nothing\n", None, "is empty"),
        (b"\xff\xfe\x00", None, "is not UTF-8 text at byte 0"),
        (b"a\x00b", None, "is no YAML"),
        (b"\x89PNG\r\n\x1a\n", None, "is not UTF-8"),
        (b"- a\n- b\n", 1, "is no OpenAPI 3.0"),
        (b"hello", 1, "is no OpenAPI 3.0"),
        (b"5", 1, "is no OpenAPI 3.0"),
        (b"~", 1, "is no OpenAPI 3.0"),
        (b"a: [1, 2\nb: 3\n", 2, "is no YAML"),
        (b"a: 1\n b: 2\n", 2, "is no YAML"),
        (b"a: 1\n---\nb: 2\n", 2, "is no YAML"),
        (b"a: 1\nb: 2\na: 3\n", 3, "the key 'a' stands twice"),
        (b"a:\n  '201': 1\n  201: 2\n", 3, "the key '201' stands twice"),
        (b"? [a]\n: b\n", 1, "a key must be a plain word"),
        (b"a: &a\n  - *a\n", 1, "an alias that repeats without end"),
        (b"a: *b\n", 1, "is no YAML"),
        (b"a: !!python/object:os.system x\n", 1, "is no value that JSON has"),
        (b"a: 1\nb: !!binary aGk=\n", 2, "is no value that JSON has"),
        (b"a: 1e999\n", 1, "is no value that JSON has"),
        (b"a: " + b"9" * 5000, 1, "is no value that JSON has"),
        (b"[" * 100_000, 1, "is nested deeper than 100 levels"),
        (b"- " * 100_000, 1, "is nested deeper than 100 levels"),
        (b"{a: " * 100_000, 1, "is nested deeper than 100 levels"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_document_is_one_sentence(
    content: bytes, line: int | None, words: str, tmp_path: Path
) -> None:
    """Whatever the bytes, the sentence has the file, and the line where there is one."""
    path = tmp_path / "openapi.yaml"
    path.write_bytes(content)
    sentence = sentence_of(path)
    assert sentence.startswith(f"{path}:{line}: " if line else f"{path}: ")
    assert words in sentence


def test_aliases_that_multiply_end_soon(tmp_path: Path) -> None:
    """Nine levels of nine aliases each would be millions of nodes."""
    path = tmp_path / "openapi.yaml"
    levels = [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9)]
    path.write_text("\n".join(["a0: &a0 [x, x, x]", *levels]))
    assert "is too large, or has an alias that repeats without end" in sentence_of(path)


@pytest.mark.parametrize(
    ("schemas", "refused"),
    [(chained("a"), False), (nested(40), False), (chained("a", "b"), True), (nested(60), True)],
    ids=["a chain of 40", "40 levels", "a doubling chain", "60 levels"],
)
def test_references_that_multiply_end_soon(schemas: str, *, refused: bool, tmp_path: Path) -> None:
    """A schema of a few lines that stands for millions is refused; a deep one is read."""
    path = tmp_path / "openapi.yaml"
    before, answer = "    dtos.SuccessResponse:\n", "        product_id:\n"
    extra = "        extra:\n          $ref: '#/components/schemas/d0'\n"
    path.write_text(TEXT.replace(before, schemas + before).replace(answer, extra + answer))
    if refused:
        assert "makes the schema too deep or too large" in sentence_of(path)
    else:
        names = {r.name for r in contract.load(path, READING).requirements}
        assert "201.data.items[].extra.type" in names


def test_what_cannot_be_read_is_one_sentence(tmp_path: Path) -> None:
    """A directory and a missing file say so."""
    assert sentence_of(tmp_path) == f"{tmp_path}: cannot be read: Is a directory."
    missing = tmp_path / "missing.yaml"
    assert sentence_of(missing) == f"{missing}: cannot be read: No such file or directory."


Place = tuple[str, ...]


def places(node: Any, place: Place = ()) -> Iterator[Place]:
    """Each property's place below the root of a document."""
    for key, child in node.items():
        yield (*place, key)
        if isinstance(child, dict):
            yield from places(child, (*place, key))


GONE = "gone"
NODES: list[Any] = [
    GONE, None, True, 5, -1, 1.5, "", "x", [], {}, [None], {"a": 1}, {"$ref": 5}, {"$ref": "#/"},
    {"$ref": "#/components/schemas/errors.HttpError"}, {"type": "object"}, {"enum": [{"a": [1]}]},
    {"type": "string", "nullable": True, "enum": ["a"]}, {"allOf": [{"type": "string"}, {}]},
    {"required": ["a"]}, {"type": "array", "items": {"type": "integer", "maximum": 10**400}},
]  # fmt: skip


def bend(document: Any, place: Place, value: Any) -> None:
    """Put a value at a place, or take away what stands there, if it is still there."""
    for key in place[:-1]:
        document = document.get(key) if isinstance(document, dict) else None
    if isinstance(document, dict) and place[-1] in document:
        document[place[-1]] = copy.deepcopy(value)
        if value is GONE:
            del document[place[-1]]


@settings(
    derandomize=True,
    database=None,
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    bends=st.lists(
        st.tuples(st.sampled_from(list(places(PLAIN))), st.sampled_from(NODES)),
        min_size=1,
        max_size=3,
    )
)
def test_any_bent_document_is_read_or_refused(
    bends: list[tuple[Place, Any]], tmp_path: Path
) -> None:
    """With nodes deleted and replaced there are requirements or one sentence, nothing else."""
    document = copy.deepcopy(PLAIN)
    for place, value in bends:
        bend(document, place, value)
    path = tmp_path / "openapi.yaml"
    path.write_text(json.dumps(document))
    try:
        loaded = contract.load(path, READING)
    except SpecError as error:
        sentence = str(error)
    else:
        sentence = f"{path}: {len(loaded.requirements)} requirements."
    assert re.fullmatch(rf"({re.escape(str(path))}|spec/reading\.yaml)(:\d+)?: .+\.", sentence)
