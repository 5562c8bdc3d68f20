"""Finds POST /v1/invoices in the vendor's OpenAPI document: its body, answers, key and servers."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path as FilePath
from typing import Any

from spec import yamlfile
from spec.document import follow, inline, node_at
from spec.parameters import TOKEN, Parameter, Unsent, headers_of, is_required, parameters_of
from spec.paths import join
from spec.yamlfile import FileError, YamlFile

PATH = "/v1/invoices"
JSON = "application/json"
CREATED = "201"
ERRORS = ("400", "422", "4XX", "default")
VERSIONS = ("3.0", "3.1")
METHODS = frozenset({"get", "put", "post", "delete", "options", "head", "patch", "trace"})
"""The keys of a path item that have an operation."""
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
    """The operation, as JSON pointers into the document, and its path at the base URL.

    `body` and `request` are the pointers of the request body and of its JSON schema. `key_header`
    and `key` are the header of the API key and the pointer of the clause that demands it; both are
    None where the document demands none. `methods` are those of the path, in capitals. `servers`
    are URLs and descriptions, `unsent` the optional parameters that the suite cannot send.
    """

    path: str
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
    unsent: tuple[Unsent, ...]

    @property
    def error(self) -> str:
        """The status, range or `default` of the answer to an invalid payload."""
        return next(status for status in ERRORS if status in self.answers)


def find_operation(document: YamlFile) -> Operation:
    """The operation of an OpenAPI document; FileError where the suite cannot judge by it."""
    content = document.content
    version = str(content.get("openapi", "")) if isinstance(content, dict) else ""
    if ".".join(version.split(".")[:2]) not in VERSIONS:
        has = f"'openapi: {version}'" if version else "no 'openapi' field"
        wanted = " or ".join(VERSIONS)
        at = "/openapi" if version else ""
        raise document.error(at, f"is not an OpenAPI {wanted} document (it has {has}).")
    found, path = _path_item(document)
    pointer = f"{found}/post"
    try:
        operation = node_at(document, pointer)
    except FileError as error:
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
        path=path,
        pointer=pointer,
        body=body,
        body_required=is_required(document, body, node),
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


def pointer_of(document: YamlFile) -> str:
    """The pointer of the operation."""
    return f"{_path_item(document)[0]}/post"


def _path_item(document: YamlFile) -> tuple[str, str]:
    """The pointer of the path, and the path: a server's and the path item's may make it together.

    Where no path is that of today, it is the only one to which an invoice is sent.
    """
    paths, below = document.content.get("paths"), [join("/paths", PATH)]
    for path in paths if isinstance(paths, dict) else ():
        pointer = join("/paths", path)
        holder = holder_of_servers(document, f"{pointer}/post")
        listed = (listed_servers(document, holder, with_defaults=each) for each in (False, True))
        bases = ["", *(_path_of(one.url) for servers in listed for one in servers)]
        if any(f"{base}{path}" == PATH for base in bases):
            return pointer, PATH
        # What a server has before that is a part of the base URL.
        if PATH.endswith(path) and any(f"{base}{path}".endswith(PATH) for base in bases):
            below.append(pointer)
    if below[1:] or (isinstance(paths, dict) and PATH in paths):
        return below[-1], PATH
    every = paths if isinstance(paths, dict) else ()
    moved = [each for each in every if "{" not in each and _takes_invoices(document, each)]
    if moved[1:]:
        others = f"has {len(moved)} others that take an invoice: {', '.join(moved)}"
        raise document.error("/paths", f"does not document POST {PATH}, and {others}.")
    if not moved:
        return below[-1], PATH
    pointer = join("/paths", moved[0])
    holder = holder_of_servers(document, f"{pointer}/post")
    bases = [_path_of(one.url) for one in listed_servers(document, holder, with_defaults=True)]
    version = re.search("/v[0-9]+$", bases[0]) if bases else None
    in_path = re.match("/v[0-9]+/", moved[0])
    return pointer, f"{version[0] if version and not in_path else ''}{moved[0]}"


def _takes_invoices(document: YamlFile, path: str) -> bool:
    """Whether what is sent to a path has most of what today's document requires of an invoice."""
    known = yamlfile.read(FilePath(__file__).parent / "openapi.yaml")
    today = find_operation(known).request
    try:
        body, node = _found(document, join("/paths", path), "post")
        body, node = _found(document, body, "requestBody")
        sent = inline(document, _json_content(document, body, node)[1]).root
    except FileError:
        return False
    required = inline(known, today).root["required"]
    return len({*required} & {*sent.get("properties", ())}) * 2 > len(required)


def parted(url: str) -> tuple[str, str]:
    """Scheme and host of a server's URL, which may be relative, and what follows them."""
    rest = re.sub("^[^/]*//[^/]*", "", url)
    return url[: len(url) - len(rest)], rest


def _path_of(url: str) -> str:
    """The path of a server's URL, without a final slash."""
    return parted(url)[1].partition("?")[0].rstrip("/")


def _holders(pointer: str) -> tuple[str, str, str]:
    """The document, the path item and the operation, each of which may list servers."""
    return "", pointer.rpartition("/")[0], pointer


def holder_of_servers(document: YamlFile, pointer: str) -> str:
    """The pointer of what lists the servers of an operation: those of the operation replace those
    of its path item, and these those of the document (OpenAPI 3.0.3, Operation Object).
    """
    listing = [each for each in _holders(pointer) if listed_servers(document, each)]
    return listing[-1] if listing else ""


def _servers(document: YamlFile, pointer: str) -> tuple[tuple[str, str], ...]:
    """The URL and description of each server of the document, of the path and of the operation,
    then of the other paths: also of one that is replaced, for somebody may send there what is meant
    for the others. One with variables is also in braces: they may have a value that is not listed.
    """
    holders = dict.fromkeys(_holders(pointer))
    for path, item in document.content["paths"].items():
        names = METHODS & item.keys() if isinstance(item, dict) else ()
        at = join("/paths", path)
        holders |= dict.fromkeys((at, *(f"{at}/{name}" for name in sorted(names))))
    found = [one for each in holders for one in listed_servers(document, each)]
    urls = [(one.url, one.description) for one in found]
    return tuple(dict.fromkeys([*urls, *((one.template, one.description) for one in found)]))


@dataclass(frozen=True, slots=True)
class Server:
    """A server that a part of the document lists, and where; `template` has all its variables."""

    url: str
    description: str
    pointer: str
    template: str


def listed_servers(
    document: YamlFile, holder: str, *, with_defaults: bool = False
) -> tuple[Server, ...]:
    """Each server that the part of the document at a pointer lists; a variable of few values is
    each of them, and any other stays as it is, or has its default.

    Whoever is guarded by them has to know all of them: what is no server stops the run.
    """
    try:
        node = node_at(document, holder)
    except FileError:
        return ()
    if not isinstance(node, dict) or "servers" not in node:
        return ()
    where, servers = f"{holder}/servers", node["servers"]
    if not isinstance(servers, list):
        raise document.error(where, "is not a list of servers.")
    found = []
    for index, server in enumerate(servers):
        at = f"{where}/{index}"
        url = _text_of(document, server, at, "url")
        title = _text_of(document, server, at, "description", "")
        urls = _written_out(document, server, at, url, with_defaults=with_defaults)
        found += [Server(each, title, at, url) for each in urls]
    return tuple(found)


def _written_out(
    document: YamlFile, server: dict[str, Any], at: str, url: str, *, with_defaults: bool
) -> list[str]:
    """The URLs that one with variables stands for."""
    urls, variables = [url], server.get("variables", {})
    if not isinstance(variables, dict):
        raise document.error(f"{at}/variables", "is not a mapping of variables.")
    for name, variable in variables.items():
        here = join(f"{at}/variables", name)
        default = _text_of(document, variable, here, "default", "")
        members = variable.get("enum", [])
        if not isinstance(members, list) or not all(map(_is_word, members)):
            raise document.error(f"{here}/enum", "is not a list of texts.")
        # A default that is not among the members is used all the same.
        words = {*map(str, members)} | ({default} if members and "default" in variable else set())
        if 0 < len(words) * len(urls) <= MOST_URLS:
            urls = [each.replace(f"{{{name}}}", one) for each in urls for one in sorted(words)]
        elif with_defaults and "default" in variable:
            urls = [each.replace(f"{{{name}}}", default) for each in urls]
    return urls


def _text_of(
    document: YamlFile, node: Any, pointer: str, name: str, instead: str | None = None
) -> str:
    """The text of that name in a node, which has to be a mapping with one; or what is `instead`."""
    if not isinstance(node, dict):
        raise document.error(pointer, "is not a mapping.")
    text = node.get(name, instead)
    if not _is_word(text):
        what = f"has no text {name!r}." if text is None else "is not a text."
        raise document.error(join(pointer, name), what)
    return str(text)


def _is_word(value: object) -> bool:
    """Whether it is a text, or a number that was meant as one, such as a port."""
    return isinstance(value, str | int | float) and not isinstance(value, bool)


def _found(document: YamlFile, pointer: str, key: str | int) -> tuple[str, dict[str, Any]]:
    """Pointer and node of a child that has to be a mapping, references followed."""
    pointer, node = follow(document, join(pointer, key))
    if not isinstance(node, dict):
        raise document.error(pointer, "is not a mapping.")
    return pointer, node


def _plain_type(media_type: str) -> str:
    """A media type in small letters and without parameters."""
    return media_type.partition(";")[0].strip().lower()


_RANGES = ("application/*", "*/*")


def is_of_type(kind: str, documented: Iterable[str]) -> bool:
    """Whether a media type, which may have parameters, is one of the documented ones or of a range
    among them, such as `*/*`.
    """
    plain = _plain_type(kind)
    ranges = {"*/*", f"{plain.partition('/')[0]}/*"} if "/" in plain else set()
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
    alone = [n for n, demand in enumerate(demands) if _is_of_a_key(document, demand)]
    index = (*alone, 0)[0]
    names = [*demands[index]]
    if len(names) != 1 or not all(demands) or (demands[1:] and not alone):
        listed = " or ".join(" and ".join(each) or "none" for each in demands)
        what = f"does not ask for exactly one security scheme, but for {listed}"
        raise document.error(where, f"{what}: leave only the API key in a header.")
    found, scheme = _found(document, "/components/securitySchemes", names[0])
    if not _is_key(scheme):
        raise document.error(
            found, "is not an API key in a header, the only scheme that is supported."
        )
    return scheme["name"], join(f"{where}/{index}", names[0])


def _is_of_a_key(document: YamlFile, demand: dict[str, Any]) -> bool:
    """Whether the API key in a header is all that one of several alternatives asks for."""
    name, *others = [*demand, None]
    if name is None or others != [None]:
        return False
    return _is_key(_found(document, "/components/securitySchemes", name)[1])


def _is_key(scheme: dict[str, Any]) -> bool:
    """Whether a security scheme is an API key in a header."""
    kind = (scheme.get("type"), scheme.get("in"))
    return kind == ("apiKey", "header") and _is_key_header(scheme.get("name"))


_OF_HTTP = frozenset({"host", "content-length", "content-type", "transfer-encoding", "connection"})
"""Headers that say how a message is read."""


def _is_key_header(name: object) -> bool:
    """Whether a header of this name may carry a key: none that HTTP itself needs may."""
    token = isinstance(name, str) and TOKEN.fullmatch(name)
    return bool(token) and str(name).lower() not in _OF_HTTP
