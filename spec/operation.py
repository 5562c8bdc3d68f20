"""Finds POST /v1/invoices in the vendor's OpenAPI document: its body, answers, key and servers."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from spec.document import follow, node_at
from spec.parameters import TOKEN, Parameter, headers_of, parameters_of
from spec.paths import join
from spec.yamlfile import SpecError, YamlFile

PATH = "/v1/invoices"
JSON = "application/json"
CREATED = "201"
ERRORS = ("400", "422", "4XX", "default")
VERSIONS = ("3.0", "3.1")
MOST_URLS = 1000
"""Limit on the URLs that one server with variables stands for."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the document says of a status, which may also be a range (`4XX`) or `default`.

    `schema` is the JSON pointer of the schema of its JSON content, of these media types; None where
    it has no content. `headers` are the header fields that it describes.
    """

    pointer: str
    schema: str | None
    media_types: frozenset[str]
    headers: tuple[Parameter, ...] = ()


@dataclass(frozen=True, slots=True)
class Operation:
    """The operation, as JSON pointers into the document.

    `body` and `request` are the pointers of the request body and of its JSON schema. `key_header`
    and `key` are the header of the API key and the pointer of the clause that demands it; both are
    None where the document demands none. `methods` are those of the path, in capitals. `servers`
    are URLs and descriptions, `unsent` the names of optional parameters that the suite cannot send.
    """

    pointer: str
    body: str
    body_required: bool
    request: str
    media_types: frozenset[str]
    answers: dict[str, Answer]
    key_header: str | None
    key: str | None
    methods: frozenset[str]
    servers: tuple[tuple[str, str], ...]
    parameters: tuple[Parameter, ...]
    unsent: tuple[str, ...]

    @property
    def error(self) -> str:
        """The status, range or `default` of the answer to an invalid payload."""
        return next(status for status in ERRORS if status in self.answers)


def find_operation(document: YamlFile) -> Operation:
    """The operation of an OpenAPI document; SpecError where the suite cannot judge by it."""
    content = document.content
    version = str(content.get("openapi", "")) if isinstance(content, dict) else ""
    if ".".join(version.split(".")[:2]) not in VERSIONS:
        found = f"'openapi: {version}'" if version else "no 'openapi' field"
        wanted = " or ".join(VERSIONS)
        at = "/openapi" if version else ""
        raise document.error(at, f"is not an OpenAPI {wanted} document (it has {found}).")
    pointer = f"{_path_item(document)}/post"
    try:
        operation = node_at(document, pointer)
    except SpecError as error:
        raise document.error(pointer, f"does not document POST {PATH}.") from error
    if not isinstance(operation, dict) or not isinstance(operation.get("responses"), dict):
        raise document.error(pointer, "is not an operation with responses.")
    body, node = _found(document, pointer, "requestBody")
    media_type, request = _json_content(document, body, node)
    if media_type != JSON:
        raise document.error(body, f"has no {JSON} content.")
    key_header, key = _key(document, pointer, operation)
    parameters, unsent = parameters_of(document, pointer, key_header)
    return Operation(
        pointer=pointer,
        body=body,
        body_required=node.get("required") is True,
        request=request,
        media_types=frozenset(map(_plain_type, node["content"])),
        answers=_answers(document, f"{pointer}/responses", operation["responses"]),
        key_header=key_header,
        key=key,
        methods=frozenset(map(str.upper, node_at(document, pointer.rpartition("/")[0]))),
        servers=_servers(document, pointer),
        parameters=parameters,
        unsent=unsent,
    )


def _path_item(document: YamlFile) -> str:
    """The pointer of the path: a server's path and the path item's may make it together."""
    paths = document.content.get("paths")
    urls = [url for url, _ in listed_servers(document.content)]
    bases = dict.fromkeys(["", *(_path_of(url) for url in urls)])
    for path in paths if isinstance(paths, dict) else ():
        if any(f"{base}{path}" == PATH for base in bases):
            return join("/paths", path)
    return join("/paths", PATH)


def _path_of(url: str) -> str:
    """The path of a server's URL, which may be relative, without a final slash."""
    path = re.sub("^[^/]*//[^/]*", "", url)
    return path.partition("?")[0].rstrip("/")


def _servers(document: YamlFile, pointer: str) -> tuple[tuple[str, str], ...]:
    """The URL and description of each server of the document, of the path and of the operation."""
    path_item = pointer.rpartition("/")[0]
    holders = (document.content, node_at(document, path_item), node_at(document, pointer))
    return tuple(server for holder in holders for server in listed_servers(holder))


def listed_servers(holder: Any, *, with_defaults: bool = False) -> Iterator[tuple[str, str]]:
    """Each server that a part of the document lists; a variable of few values is each of them, and
    any other stays as it is, or has its default.
    """
    servers = holder.get("servers") if isinstance(holder, dict) else None
    for server in servers if isinstance(servers, list) else ():
        if not isinstance(server, dict):
            continue
        url, title = str(server.get("url", "")), str(server.get("description", ""))
        urls = [url]
        variables = server.get("variables")
        for name, variable in variables.items() if isinstance(variables, dict) else ():
            members = variable.get("enum") if isinstance(variable, dict) else None
            if isinstance(members, list) and 0 < len(members) * len(urls) <= MOST_URLS:
                urls = [each.replace(f"{{{name}}}", str(one)) for each in urls for one in members]
            elif with_defaults and isinstance(variable, dict) and "default" in variable:
                urls = [each.replace(f"{{{name}}}", str(variable["default"])) for each in urls]
        yield from ((each, title) for each in urls)


def _found(document: YamlFile, pointer: str, key: str | int) -> tuple[str, dict[str, Any]]:
    """Pointer and node of a child that has to be a mapping, references followed."""
    pointer, node = follow(document, join(pointer, key))
    if not isinstance(node, dict):
        raise document.error(pointer, "is not a mapping.")
    return pointer, node


def _plain_type(media_type: str) -> str:
    """A media type in small letters and without parameters."""
    return media_type.partition(";")[0].strip().lower()


def _json_content(document: YamlFile, pointer: str, node: dict[str, Any]) -> tuple[str, str]:
    """The JSON media type of a body, plain JSON before others, and the pointer of its schema."""
    content = node.get("content")
    types = {_plain_type(name): name for name in content} if isinstance(content, dict) else {}
    known = [JSON, *(name for name in types if name.endswith("+json"))]
    for name in known:
        if name in types:
            media_type, _ = _found(document, f"{pointer}/content", types[name])
            return name, f"{media_type}/schema"
    raise document.error(pointer, f"has no {JSON} content.")


def _answers(document: YamlFile, pointer: str, responses: dict[str, Any]) -> dict[str, Answer]:
    """What the document says of each status, of ranges such as `4XX` and of any other status."""
    answers = {}
    for status in responses:
        if status.startswith("x-"):
            continue
        if not re.fullmatch("[1-5]([0-9]{2}|XX)|default", status, re.ASCII):
            raise document.error(join(pointer, status), "is not a status.")
        where, node = _found(document, pointer, status)
        schema, types = None, frozenset[str]()
        if node.get("content") or status == CREATED:
            _, schema = _json_content(document, where, node)
            types = frozenset(map(_plain_type, node["content"]))
        answers[status] = Answer(where, schema, types, headers_of(document, where, node))
    if CREATED not in answers:
        raise document.error(pointer, f"has no {CREATED}, which the suite needs to judge by.")
    if not answers.keys() & {*ERRORS}:
        what = "has no 400, 422, 4XX or default, one of which the suite needs to judge by."
        raise document.error(pointer, what)
    return answers


def _key(
    document: YamlFile, pointer: str, operation: dict[str, Any]
) -> tuple[str | None, str | None]:
    """The header of the API key and the pointer of the clause that demands it, if any does."""
    where = f"{pointer}/security" if "security" in operation else "/security"
    demands = operation.get("security", document.content.get("security"))
    if not demands:
        return None, None
    if not isinstance(demands, list) or not all(isinstance(demand, dict) for demand in demands):
        raise document.error(where, "is not a list of security requirements.")
    names = [name for demand in demands for name in demand]
    if len(names) != 1 or len(demands) != 1:
        raise document.error(where, "does not ask for exactly one security scheme.")
    found, scheme = _found(document, "/components/securitySchemes", names[0])
    kind = (scheme.get("type"), scheme.get("in"))
    if kind != ("apiKey", "header") or not _is_key_header(scheme.get("name")):
        raise document.error(
            found, "is not an API key in a header, the only scheme that is supported."
        )
    return scheme["name"], join(f"{where}/0", names[0])


_OF_HTTP = frozenset({"host", "content-length", "content-type", "transfer-encoding", "connection"})
"""Headers that say how a message is read."""


def _is_key_header(name: object) -> bool:
    """Whether a header of this name may carry a key: none that HTTP itself needs may."""
    token = isinstance(name, str) and TOKEN.fullmatch(name)
    return bool(token) and str(name).lower() not in _OF_HTTP
