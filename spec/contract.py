"""The contract: the vendor's document and our reading of it, loaded, with all it requires."""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from jsonschema_rs import Draft202012Validator

from spec import derivation, formats, reading, schema, yamlfile
from spec.errors import SpecError
from spec.requirements import Requirement
from spec.schema import Schema, SchemaPath
from spec.yamlfile import YamlFile, join

HERE = Path(__file__).parent
DOCUMENT = HERE / "openapi.yaml"
READING = HERE / "reading.yaml"
PATH = "/v1/invoices"


@dataclass(frozen=True, slots=True)
class Judged:
    """A schema as a validator sees it: `names` maps each schema path to its requirement."""

    schema: dict[str, Any]
    validator: Draft202012Validator
    names: dict[SchemaPath, Requirement]


@dataclass(frozen=True, slots=True, eq=False)
class Contract:
    """What the two files say together.

    `request` judges a payload by the document alone, `sound` by document and reading; `answers`
    judges a response's body by its status. `key_header` is None when the document asks for no key.
    """

    title: str
    version: str
    sha256: str
    reading_sha256: str
    servers: tuple[tuple[str, str], ...]
    path: str
    media_types: frozenset[str]
    key_header: str | None
    requirements: tuple[Requirement, ...]
    request: Judged
    sound: Judged
    answers: dict[int, Judged]
    _by_name: dict[str, Requirement] = field(repr=False)

    @property
    def request_schema(self) -> dict[str, Any]:
        """The document's schema of a payload, references inlined."""
        return self.request.schema

    @property
    def sound_schema(self) -> dict[str, Any]:
        """The same after the reading."""
        return self.sound.schema

    @property
    def body_requirements(self) -> tuple[Requirement, ...]:
        """The requirements that a payload can break, in the document's order."""
        return tuple(r for r in self.requirements if r.part == "body")

    def named(self, name: str) -> Requirement:
        """The requirement of that name; KeyError when there is none."""
        return self._by_name[name]

    def find(self, name: str) -> Requirement | None:
        """The requirement of that name, or None where the document does not give rise to it."""
        return self._by_name.get(name)


def load(document: Path = DOCUMENT, overlay: Path = READING) -> Contract:
    """Read both files and derive every requirement; SpecError says what is wrong, and where."""
    source = yamlfile.read(document)
    operation = _operation(source)
    narrowed = reading.lay_over(source, overlay)
    body_pointer = f"{operation}/requestBody"
    media_pointer, media_types = _json_content(source, body_pointer)
    request = schema.inline(source, media_pointer)
    sound = schema.inline(narrowed.document, media_pointer, narrowed=True)
    answers: dict[int, tuple[Schema, str]] = {}
    responses = schema.at(source, f"{operation}/responses")
    for status in responses:
        if not str(status).isdigit():
            raise SpecError(
                f"{source.name}:{source.line(join(f'{operation}/responses', status))}: the "
                f"response {status!r} is no single status; ranges are not understood."
            )
        pointer, _ = _json_content(source, join(f"{operation}/responses", status))
        answers[int(status)] = (schema.inline(narrowed.document, pointer, narrowed=True), pointer)
    key_header, key_pointer = _key(source, operation)
    derived = derivation.derive(
        derivation.Material(source, narrowed, operation, request, answers, key_pointer)
    )
    info = source.content.get("info") or {}
    return Contract(
        title=str(info.get("title", "")),
        version=str(info.get("version", "")),
        sha256=hashlib.sha256(source.raw).hexdigest(),
        reading_sha256=hashlib.sha256(narrowed.reading.raw).hexdigest(),
        servers=tuple(
            (str(server.get("url", "")), str(server.get("description", "")))
            for server in source.content.get("servers") or []
        ),
        path=PATH,
        media_types=media_types,
        key_header=key_header,
        requirements=derived.requirements,
        request=_judged(request, derived.body),
        sound=_judged(sound, derived.body),
        answers={
            status: _judged(answers[status][0], derived.answers[status]) for status in answers
        },
        _by_name={r.name: r for r in derived.requirements},
    )


def _judged(inlined: Schema, names: dict[SchemaPath, Requirement]) -> Judged:
    validator = Draft202012Validator(
        inlined.root, validate_formats=True, formats=dict(formats.CHECKS)
    )
    return Judged(inlined.root, validator, names)


def _operation(document: YamlFile) -> str:
    content = document.content
    version = str(content.get("openapi", "")) if isinstance(content, dict) else ""
    if not version.startswith("3.0."):
        found = f"'openapi: {version}'" if version else "no 'openapi' field"
        raise SpecError(f"{document.name}:1: is no OpenAPI 3.0 document (it has {found}).")
    pointer = join("/paths", PATH) + "/post"
    try:
        schema.at(document, pointer)
    except SpecError as error:
        raise SpecError(f"{document.name}: documents no POST {PATH}.") from error
    return pointer


def _json_content(document: YamlFile, pointer: str) -> tuple[str, frozenset[str]]:
    pointer, node = schema.follow(document, pointer)
    content = node.get("content") if isinstance(node, dict) else None
    if not isinstance(content, dict) or "application/json" not in content:
        raise SpecError(
            f"{document.name}:{document.line(pointer)}: #{pointer} has no application/json content."
        )
    where = join(f"{pointer}/content", "application/json") + "/schema"
    return where, frozenset(map(str.lower, content))


def _key(document: YamlFile, operation: str) -> tuple[str | None, str]:
    where = f"{operation}/security"
    demands = schema.at(document, operation).get("security", document.content.get("security"))
    names = [name for demand in demands or [] for name in demand]
    if not names:
        return None, where
    if len(names) > 1:
        raise SpecError(f"{document.name}:{document.line(where)}: more than one security scheme.")
    pointer, scheme = schema.follow(document, join("/components/securitySchemes", names[0]))
    if not isinstance(scheme, dict) or (scheme.get("type"), scheme.get("in")) != (
        "apiKey",
        "header",
    ):
        raise SpecError(
            f"{document.name}:{document.line(pointer)}: the security scheme {names[0]} is no API "
            "key in a header, the only kind that is understood."
        )
    return str(scheme["name"]), f"{where}/0/{names[0]}"
