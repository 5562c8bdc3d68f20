"""A file that is not a document, however hostile, gives one sentence with its name."""

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

from spec import contract, yamlfile
from spec.contract import DOCUMENT, READING
from spec.yamlfile import FileError
from tests.versions.edited import sentence_of

TEXT = DOCUMENT.read_text()
PLAIN = yaml.safe_load(TEXT)


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
        (b"a\x00b", None, "is not valid YAML"),
        (b"\x89PNG\r\n\x1a\n", None, "is not UTF-8"),
        (b"- a\n- b\n", 1, "is not an OpenAPI 3.0"),
        (b"hello", 1, "is not an OpenAPI 3.0"),
        (b"5", 1, "is not an OpenAPI 3.0"),
        (b"~", 1, "is not an OpenAPI 3.0"),
        (b"a: [1, 2\nb: 3\n", 2, "is not valid YAML"),
        (b"a: 1\n b: 2\n", 2, "is not valid YAML"),
        (b"a: 1\n---\nb: 2\n", 2, "is not valid YAML"),
        (b"a: 1\nb: 2\na: 3\n", 3, "the key 'a' appears twice"),
        (b"a:\n  '201': 1\n  201: 2\n", 3, "the key '201' appears twice"),
        (b"? [a]\n: b\n", 1, "a key must be a plain word"),
        (b"a: &a\n  - *a\n", 1, "an alias that repeats without end"),
        (b"a: *b\n", 1, "is not valid YAML"),
        (b"a: !!python/object:os.system x\n", 1, "is not a JSON value"),
        (b"a: 1\nb: !!binary aGk=\n", 2, "is not a JSON value"),
        (b"a: 1e999\n", 1, "is not a JSON value"),
        (b"a: " + b"9" * 5000, 1, "is not a JSON value"),
        (b"[" * 100_000, 1, "nest"),
        (b"- " * 100_000, 1, "nest"),
        (b"{a: " * 100_000, 1, "nest"),
    ],
)  # fmt: skip
def test_a_file_that_is_not_a_document_gives_one_sentence(
    content: bytes, line: int | None, words: str, tmp_path: Path
) -> None:
    """Whatever the bytes, the sentence has the file, and the line where there is one."""
    path = tmp_path / "openapi.yaml"
    path.write_bytes(content)
    sentence = sentence_of(path)
    assert sentence.startswith(f"{path}:{line}: " if line else f"{path}: ")
    assert words in sentence


def test_aliases_that_multiply_are_refused(tmp_path: Path) -> None:
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
def test_references_that_multiply_are_refused(
    schemas: str, *, refused: bool, tmp_path: Path
) -> None:
    """A schema of a few lines that means millions is refused; a deep one is read."""
    path = tmp_path / "openapi.yaml"
    before, answer = "    dtos.SuccessResponse:\n", "        product_id:\n"
    extra = "        extra:\n          $ref: '#/components/schemas/d0'\n"
    path.write_text(TEXT.replace(before, schemas + before).replace(answer, extra + answer))
    if refused:
        assert "makes the schema too deep or too large" in sentence_of(path)
    else:
        names = {r.name for r in contract.load(path, READING).requirements}
        assert "201.data.items[].extra.type" in names


def test_a_file_that_cannot_be_read_gives_one_sentence(tmp_path: Path) -> None:
    """A directory and a missing file say so."""
    assert sentence_of(tmp_path) == f"{tmp_path}: cannot be read: Is a directory."
    missing = tmp_path / "missing.yaml"
    assert sentence_of(missing) == f"{missing}: cannot be read: No such file or directory."


Location = tuple[str, ...]


def locations(node: Any, location: Location = ()) -> Iterator[Location]:
    """The location of each property of a document."""
    for key, child in node.items():
        yield (*location, key)
        if isinstance(child, dict):
            yield from locations(child, (*location, key))


GONE = "gone"
NODES: list[Any] = [
    GONE, None, True, 5, -1, 1.5, "", "x", [], {}, [None], {"a": 1}, {"$ref": 5}, {"$ref": "#/"},
    {"$ref": "#/components/schemas/errors.HttpError"}, {"type": "object"}, {"enum": [{"a": [1]}]},
    {"type": "string", "nullable": True, "enum": ["a"]}, {"allOf": [{"type": "string"}, {}]},
    {"required": ["a"]}, {"type": "array", "items": {"type": "integer", "maximum": 10**400}},
]  # fmt: skip


def change(document: Any, location: Location, value: Any) -> None:
    """Replace or remove the value at a location, if it is still there."""
    for key in location[:-1]:
        document = document.get(key) if isinstance(document, dict) else None
    if isinstance(document, dict) and location[-1] in document:
        document[location[-1]] = copy.deepcopy(value)
        if value is GONE:
            del document[location[-1]]


@settings(
    derandomize=True,
    database=None,
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(
    edits=st.lists(
        st.tuples(st.sampled_from(list(locations(PLAIN))), st.sampled_from(NODES)),
        min_size=1,
        max_size=3,
    )
)
def test_any_changed_document_is_read_or_refused(
    edits: list[tuple[Location, Any]], tmp_path: Path
) -> None:
    """With nodes deleted and replaced there are requirements or one sentence, nothing else."""
    document = copy.deepcopy(PLAIN)
    for location, value in edits:
        change(document, location, value)
    path = tmp_path / "openapi.yaml"
    path.write_text(json.dumps(document))
    try:
        loaded = contract.load(path, READING)
    except FileError as error:
        sentence = str(error)
    else:
        sentence = f"{path}: {len(loaded.requirements)} requirements."
    assert re.fullmatch(rf"({re.escape(str(path))}|spec/reading\.yaml)(:\d+)?: .+\.", sentence)


@pytest.mark.parametrize(
    "text",
    [
        "an emoji \U0001f4e6",
        "\U0001f600\U0001f601",
        r"a backslash before \ud83d\ude00",
        "\\\U0001f600",
        r"\\ud83d",
    ],
)
def test_json_with_escapes_is_read_as_json(text: str, tmp_path: Path) -> None:
    """A character beyond U+FFFF is two escapes there, which YAML does not know."""
    path = tmp_path / "document.json"
    path.write_text(json.dumps({"title": text}), encoding="utf-8")
    assert yamlfile.read(path).content == {"title": text}


def test_half_a_pair_of_escapes_is_no_character(tmp_path: Path) -> None:
    """A lone surrogate cannot be written out again, so the file is refused."""
    path = tmp_path / "document.json"
    path.write_text('{"title": "\\ud83d"}', encoding="utf-8")
    with pytest.raises(FileError, match="is not valid YAML"):
        yamlfile.read(path)
