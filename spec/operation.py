"""Finds POST /v1/invoices in the vendor's OpenAPI document: its body, answers, key and servers."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Any

from spec import yamlfile
from spec.document import follow, inline, node_at
from spec.exchange import Request, Response
from spec.parameters import (
    HEADER,
    Parameter,
    Unsent,
    headers_of,
    is_required,
    mapping_at,
    parameters_of,
    values_in,
)
from spec.paths import join, steps_of
from spec.security import key_of, other_keys
from spec.servers import METHODS, holder_of_servers, listed_servers, path_of, servers_of
from spec.yamlfile import FileError, YamlFile

PATH = "/v1/invoices"
JSON = "application/json"
CREATED = "201"
"""What the answer to a valid invoice is called, whatever status the document lists for it."""
SUCCESSES = (CREATED, "200", "202")
"""The statuses that a document may list for it, that which it is most likely to be before others.
"""
ANY_ERROR = "4XX"
ERRORS = ("400", "422", ANY_ERROR, "default")
LEAST_ALIKE = 3
"""Client errors that have to be alike, so that others are."""
VERSIONS = ("3.0", "3.1", "3.2")


@dataclass(frozen=True, slots=True)
class Answer:
    """What the document says of a status, which may also be a range (`4XX`) or `default`.

    `schema` is the JSON pointer of the schema of its JSON content, of these media types; None where
    it has none. `headers` are the header fields that it describes. It is `assumed` where the
    document lists no error that what is invalid may get.
    """

    pointer: str
    schema: str | None
    media_types: frozenset[str]
    headers: tuple[Parameter, ...] = ()
    assumed: bool = False


@dataclass(frozen=True, slots=True)
class Operation:
    """The operation, as JSON pointers into the document, and its path at the base URL, of which the
    document lists what its servers do not have.

    `body` and `request` are the pointers of the request body and of its JSON schema. `key_header`
    and `key` are the header of the API key and the pointer of the clause that demands it; both are
    None where the document demands none, which then may have an `optional_key_header`. A
    bearer token is a key after its `key_prefix`. `other_keys` are place and name of what may be
    sent instead. `methods` are those of the path, in capitals. `servers` are URLs and descriptions,
    `unsent` the optional parameters that the suite cannot send. `unlisted` is the status as which
    any other client error is judged, None where the document does not say what all are like.
    `created` is the status that the document lists for the answer to a valid invoice, which is
    CREATED in `answers`, `successes` all that such an answer may have, and `alike` those that it
    says the same of.
    """

    path: str
    listed: str
    pointer: str
    body: str
    body_required: bool
    request: str
    media_types: frozenset[str]
    answers: dict[str, Answer]
    key_header: str | None
    key: str | None
    key_prefix: str
    other_keys: tuple[tuple[str, str], ...]
    optional_key_header: str | None
    methods: frozenset[str]
    servers: tuple[tuple[str, str], ...]
    parameters: tuple[Parameter, ...]
    unsent: tuple[Unsent, ...]
    unlisted: str | None
    created: str
    successes: frozenset[int]
    alike: frozenset[str]

    @property
    def error(self) -> str:
        """The status, range or `default` of the answer to an invalid payload."""
        return next(status for status in ERRORS if status in self.answers)

    @property
    def listed_answers(self) -> dict[str, Answer]:
        """The answers that the document lists itself."""
        return {name: each for name, each in self.answers.items() if not each.assumed}

    @property
    def is_key_parameter(self) -> bool:
        """Whether the key is a parameter, so that without it a request may be an invalid one."""
        return "/parameters/" in (self.key or "")

    def listed_as(self, status: int) -> str | None:
        """Which of `answers` one of a status is: the status, its range or `default`, if any."""
        if str(status) in (self.created, *self.alike):
            return CREATED
        names = (str(status), f"{status // 100}XX", "default")
        return next((name for name in names if name in self.answers and name != CREATED), None)

    def listed_status(self, name: str) -> str:
        """The status that the document has for one of `answers`."""
        return self.created if name == CREATED else name

    def creates(self, response: Response | None) -> bool:
        """Whether a response says that an invoice is created."""
        return response is not None and response.status in self.successes

    def has_invoice(self, status: int) -> bool:
        """Whether an answer of this status has in it what that to a valid invoice has."""
        return self.listed_as(status) == CREATED

    def keyed(self, key: str | None) -> str | None:
        """A key as its header has it."""
        return None if key is None else f"{self.key_prefix}{key}"

    def key_in(self, value: str) -> str:
        """The same of what a header has: the word before a bearer token may be in any case, and
        have more blanks after it (RFC 9110, section 11.4).
        """
        word, blank, token = value.partition(" ")
        is_other = not self.key_prefix or word.lower() != self.key_prefix.strip().lower()
        return value if is_other or not blank else f"{self.key_prefix}{token.lstrip(' ')}"

    def proven_otherwise(self, request: Request, *, beside_key: bool) -> str:
        """Where a request has what may be enough instead of the key; empty where it has none.

        Beside the right key a header field may be a target's own, which goes with every request.
        """
        asked = [one for one in self.other_keys if not (beside_key and one[0] == HEADER)]
        found = (name for place, name in asked if any(values_in(request, place, name)))
        name = next(found, "")
        return f"{name} may be enough without the key" if name else ""


def find_operation(document: YamlFile) -> Operation:
    """The operation of an OpenAPI document; FileError where the suite cannot judge by it."""
    _check_version(document)
    listed, path = _path_item(document)
    pointer, responses = _post_in(document, _item_of(document, listed))
    body, node = mapping_at(document, pointer, "requestBody")
    media_type, request = _json_content(document, body, node)
    if media_type not in (JSON, *_RANGES) and not document.only_compared:
        raise document.error(body, f"has no {JSON} content.")
    key = key_of(document, pointer)
    parameters, unsent = parameters_of(document, pointer, key.header)
    answers = _answers(document, f"{pointer}/responses", responses)
    created, listed_statuses = _created_of(answers), [*answers]
    answers = {CREATED if name == created else name: each for name, each in answers.items()}
    return Operation(
        path=path,
        listed=steps_of(listed)[1],
        pointer=pointer,
        body=body,
        body_required=is_required(document, body, node),
        request=document.body or request,
        media_types=frozenset(map(_plain_type, node["content"])),
        answers=answers,
        key_header=key.header if key.is_needed else None,
        key=key.pointer if key.is_needed else None,
        key_prefix=key.prefix,
        other_keys=tuple(other_keys(document, key)),
        optional_key_header=key.header,
        methods=frozenset(map(str.upper, node_at(document, pointer.rpartition("/")[0]))),
        servers=servers_of(document, pointer),
        parameters=parameters,
        unsent=unsent,
        unlisted=_of_unlisted(document, answers),
        created=created,
        successes=frozenset(_successes(listed_statuses)),
        alike=frozenset(_alike(document, answers)),
    )


def _check_version(document: YamlFile) -> None:
    """Refuse what is no OpenAPI document of a version that is read here."""
    content = document.content
    version = str(content.get("openapi", "")) if isinstance(content, dict) else ""
    if ".".join(version.split(".")[:2]) in VERSIONS:
        return
    swagger = content.get("swagger") if isinstance(content, dict) else None
    none = f"'swagger: {swagger}'" if isinstance(swagger, str) else "no 'openapi' field"
    has = f"'openapi: {version}'" if version else none
    wanted = " or ".join((", ".join(VERSIONS[:-1]), VERSIONS[-1]))
    at = "/openapi" if version else ""
    raise document.error(at, f"is not an OpenAPI {wanted} document (it has {has}).")


def _post_in(document: YamlFile, path_item: str) -> tuple[str, dict[str, Any]]:
    """The pointer of the operation in a path item, and its responses."""
    pointer = f"{path_item}/post"
    try:
        operation = node_at(document, pointer)
    except FileError as error:
        raise document.error(pointer, f"does not document POST {PATH}.") from error
    if not isinstance(operation, dict) or not isinstance(operation.get("responses"), dict):
        raise document.error(pointer, "is not an operation with responses.")
    return pointer, operation["responses"]


def pointer_of(document: YamlFile) -> str:
    """The pointer of the operation."""
    return f"{_item_of(document, _path_item(document)[0])}/post"


def _item_of(document: YamlFile, pointer: str) -> str:
    """The pointer of the path item of a path, which may be elsewhere in the document."""
    try:
        listed = node_at(document, pointer)
    except FileError:
        return pointer
    if not isinstance(listed, dict) or "$ref" not in listed:
        return pointer
    beside = sorted(listed.keys() & {*METHODS, "servers", "parameters"})
    if beside:
        what = f"has {' and '.join(beside)} beside a reference: move them to what it refers to."
        raise document.error(pointer, what)
    return follow(document, pointer)[0]


def _post_of(document: YamlFile, path: str) -> str:
    """The pointer of the operation at a path; as if there were no reference that leads nowhere."""
    pointer = join("/paths", path)
    try:
        return f"{_item_of(document, pointer)}/post"
    except FileError:
        return f"{pointer}/post"


def _path_item(document: YamlFile) -> tuple[str, str]:
    """The pointer of the path, and the path: a server's and the path item's may make it together.

    Where no path is that of today, it is the only one to which an invoice is sent.
    """
    paths, below = document.content.get("paths"), [join("/paths", PATH)]
    for path in paths if isinstance(paths, dict) else ():
        pointer = join("/paths", path)
        holder = holder_of_servers(document, _post_of(document, path))
        listed = (listed_servers(document, holder, with_defaults=each) for each in (False, True))
        bases = ["", *(path_of(one.url) for servers in listed for one in servers)]
        if any(f"{base}{path}" == PATH for base in bases):
            return pointer, PATH
        # What a server has before that is a part of the base URL.
        if PATH.endswith(path) and any(f"{base}{path}".endswith(PATH) for base in bases):
            below.append(pointer)
    if below[1:] or (isinstance(paths, dict) and PATH in paths):
        return below[-1], PATH
    every = paths if isinstance(paths, dict) else ()
    taking = [each for each in every if _takes_invoices(document, each)]
    moved = [each for each in taking if "{" not in each]
    if taking and len(moved) != 1:
        where = f"invoices go to {' or '.join(moved or taking)}"
        where += "" if moved else ", and nothing says what its variable is"
        raise document.error("/paths", f"does not document POST {PATH}: {where}.")
    if not moved:
        return below[-1], PATH
    pointer = join("/paths", moved[0])
    holder = holder_of_servers(document, _post_of(document, moved[0]))
    bases = [path_of(one.url) for one in listed_servers(document, holder, with_defaults=True)]
    version = re.search("/v[0-9]+$", bases[0]) if bases else None
    in_path = re.match("/v[0-9]+/", moved[0])
    return pointer, f"{version[0] if version and not in_path else ''}{moved[0]}"


def _takes_invoices(document: YamlFile, path: str) -> bool:
    """Whether what is sent to a path has most of what today's document requires of an invoice."""
    known = yamlfile.read(FilePath(__file__).parent / "openapi.yaml")
    today = find_operation(known).request
    try:
        body, node = mapping_at(document, _post_of(document, path).rpartition("/")[0], "post")
        body, node = mapping_at(document, body, "requestBody")
        sent = inline(document, _json_content(document, body, node)[1]).root
    except FileError:
        return False
    required = {document.renamed.get(name, name) for name in inline(known, today).root["required"]}
    return len(required & {*sent.get("properties", ())}) * 2 > len(required)


def _plain_type(media_type: str) -> str:
    """A media type in small letters and without parameters."""
    return media_type.partition(";")[0].strip().lower()


_RANGES = ("application/*", "*/*")


def _is_json(kind: str) -> bool:
    """Whether a media type is one of JSON, or a range that has JSON in it."""
    return kind == JSON or kind.endswith("+json") or kind in _RANGES


def is_of_type(kind: str, documented: Iterable[str]) -> bool:
    """Whether a media type, which may have parameters, is one of the documented ones or of a range
    among them, such as `*/*` or, as ASP.NET has it, `application/*+json`.
    """
    plain = _plain_type(kind)
    above, _, below = plain.partition("/")
    ranges = {"*/*", f"{above}/*"} if below else set()
    ranges |= {f"{above}/*+{below.rpartition('+')[2]}"} if "+" in below else set()
    return not {plain, *ranges}.isdisjoint(documented)


def _json_content(document: YamlFile, pointer: str, node: dict[str, Any]) -> tuple[str, str]:
    """The JSON media type of a body, plain JSON before others and ranges, and the pointer of its
    schema.
    """
    content = node.get("content")
    types = {_plain_type(name): name for name in content} if isinstance(content, dict) else {}
    known = [JSON, *(name for name in types if name.endswith("+json")), *_RANGES]
    for name in known:
        if name in types:
            media_type, _ = mapping_at(document, f"{pointer}/content", types[name])
            return name, f"{media_type}/schema"
    raise document.error(pointer, f"has no {JSON} content.")


def _answers(document: YamlFile, pointer: str, responses: dict[str, Any]) -> dict[str, Answer]:
    """What the document says of each status, of ranges such as `4XX` and of any other status."""
    answers, created = {}, _created_of(responses)
    for status in responses:
        if status.startswith("x-"):
            continue
        if not re.fullmatch("[1-5]([0-9]{2}|XX)|default", status, re.ASCII):
            raise document.error(join(pointer, status), "is not a status.")
        where, node = mapping_at(document, pointer, status)
        schema, types = None, frozenset[str]()
        content = node.get("content")
        if content or status == created:
            types = frozenset(map(_plain_type, content if isinstance(content, dict) else ()))
            if status == created or not types or any(map(_is_json, types)):
                _, schema = _json_content(document, where, node)
        answers[status] = Answer(where, schema, types, headers_of(document, where, node))
    if created not in answers:
        what = f"has no {', '.join(SUCCESSES)}, and the suite needs one of them"
        like = " or ".join(sorted(name for name in answers if name.startswith("2")))
        told = f": that a valid invoice gets {like} is told by python -m spec.diff, without a run"
        raise document.error(pointer, f"{what}{told if like else ''}.")
    if not answers.keys() & {*ERRORS}:
        answers[ANY_ERROR] = Answer(pointer, None, frozenset(), assumed=True)
    return answers


def _created_of(listed: Iterable[str]) -> str:
    """The status of the answer to a valid invoice."""
    return next((status for status in SUCCESSES if status in listed), CREATED)


def _successes(listed: Iterable[str]) -> Iterator[int]:
    """The statuses that a valid invoice may get."""
    for name in listed:
        if name[0] == "2":
            yield from [int(name)] if name.isdecimal() else range(200, 300)


def _alike(document: YamlFile, answers: dict[str, Answer]) -> Iterator[str]:
    """The statuses besides that a valid invoice may get with the same in the body."""
    created = answers[CREATED]
    for name, one in answers.items():
        if name != CREATED and name[0] == "2" and one.schema and created.schema:
            bodies = [follow(document, str(each.schema))[1] for each in (one, created)]
            if bodies[0] == bodies[1] and one.media_types == created.media_types:
                yield name


def _of_unlisted(document: YamlFile, answers: dict[str, Answer]) -> str | None:
    """The status of what is invalid, where three or more client errors are alike: then others are
    like them, too. A framework may list one or two that it makes itself, each in its own way.
    """
    found = {name: one for name, one in answers.items() if name.startswith("4") and one.schema}
    schemas = [follow(document, str(one.schema))[1] for one in found.values()]
    types = {one.media_types for one in found.values()}
    alike = len(types) == 1 and all(one == schemas[0] for one in schemas)
    error = next((status for status in ERRORS if status in answers), None)
    return error if len(found) >= LEAST_ALIKE and alike else None
