"""Parameters of a request, and header fields of an answer, as the document lists them: one text
each, which is read by its schema.
"""

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from itertools import chain
from typing import Any
from urllib.parse import parse_qsl

from spec.document import SCALARS, follow, inline, node_at
from spec.exchange import Request, Response
from spec.paths import Json, join
from spec.schema.examples import listed_examples
from spec.schema.inlined import Schema
from spec.schema.keywords import type_names
from spec.yamlfile import FileError, YamlFile

HEADER, QUERY, COOKIE = "header", "query", "cookie"
REFUSED_FIELDS = (("transfer-encoding", 411), ("origin", 403), ("sec-fetch-site", 403))
"""What any server may refuse, and how: a body of unknown length (RFC 9112, section 6.3), and a page
of another host (Fetch, section 3.2), which a browser says in Sec-Fetch-Site, too (Fetch Metadata
Request Headers, section 2.3).
"""
METHOD_FIELDS = ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override")
"""Header fields in which some frameworks let a client ask for another method."""
_ANOTHER_REQUEST = frozenset({"x-http-method-override", "x-original-url", "x-rewrite-url"})
"""Those with which a POST for another method or path is sent."""
_OF_NO_OTHER_PAGE = frozenset({"same-origin", "none"})
"""What a browser says there of a page of the same origin, and where no page asked."""
LONGEST_SURE = 255
"""Characters of a text that every server takes."""

_IGNORED = frozenset({"accept", "content-type", "authorization", "accept-encoding"})
"""Header fields that a document may list and that mean nothing there (OpenAPI 3.0.3, Parameter
Object and Response Object), or of which a client and HTTP agree alone."""
_ALWAYS_SENT = "user-agent"
"""What every request has, also where the document lets it be left out."""
_PREFERRING = "prefer"
"""What asks for another answer (RFC 7240)."""
_OTHERWISE = re.compile(
    r"\b(?:answer|respon[ds]|return|representation|without creating|not (?:created|stored|saved)"
    r"|simulat|preview|dry.run|validat)",
    re.IGNORECASE,
)
"""What a description says of a parameter that changes what is done or answered."""
_MOST_READ = 2000
"""Characters of a description."""
_OF_HTTP = frozenset({"host", "content-length", "transfer-encoding", "connection", "cookie"})
"""Header fields that the client writes by itself."""
TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")
"""The name of a header field or a cookie (RFC 9110, section 5.6.2), if it is not too long."""
_NEW = re.compile("idempoten|nonce|(request|correlation|transaction|message|trace)[-_]?(id|key)")
_INTEGER = re.compile("-?(0|[1-9][0-9]{0,30})")
_NUMBER = re.compile(r"-?(0|[1-9][0-9]{0,30})(\.[0-9]{1,30})?")


@dataclass(frozen=True, slots=True, eq=False)
class Parameter:
    """One of them: its place is `header`, `query` or `cookie`.

    `schema` is the document's, `narrowed` has its format besides. `example` is the document's, None
    where it has none.
    """

    name: str
    place: str
    required: bool
    pointer: str
    schema: Schema
    narrowed: Schema
    example: Json

    @property
    def title(self) -> str:
        """What the names of its requirements begin with."""
        return f"{self.place}.{self.name}"

    @property
    def field(self) -> str:
        """The header field that it is in, in small letters; empty where that is none."""
        return {HEADER: self.name.lower(), COOKIE: "cookie"}.get(self.place, "")

    @property
    def is_new_each_time(self) -> bool:
        """Whether it tells one request from another, as an idempotency key does."""
        is_text = self.types == ("string",) and "enum" not in self.schema.root
        return is_text and _NEW.search(self.name.lower()) is not None

    @property
    def is_listed(self) -> bool:
        """Whether all of its values are known: flags and enumerations."""
        return "enum" in self.schema.root or self.types == ("boolean",)

    @property
    def is_sent(self) -> bool:
        """Whether it is sent at all: nobody knows which texts an optional one has to have, unless
        every request has one.
        """
        return self.required or self.is_listed or self.is_always_sent

    @property
    def is_always_sent(self) -> bool:
        """Whether every request has it, be it required or not."""
        return self.required or self.field == _ALWAYS_SENT

    @property
    def types(self) -> tuple[str, ...]:
        """The types of its schema."""
        return type_names(self.schema.root.get("type", ()))

    def values_in(self, request: Request) -> list[str]:
        """Each of its values in a request, decoded."""
        return values_in(request, self.place, self.name)

    def values_of(self, response: Response) -> list[str]:
        """Each of its values in the head of a response."""
        return values_of(response.headers, self.name)

    def read(self, text: str) -> Json:
        """The value that a text is by the schema's type; the text itself where it is none."""
        types = {*self.types}
        if "integer" in types and _INTEGER.fullmatch(text):
            return int(text)
        if "number" in types and _NUMBER.fullmatch(text):
            return Decimal(text)
        if "boolean" in types and text in ("true", "false"):
            return text == "true"
        return text

    def why_unspecified(self, text: str) -> str:
        """Why servers may differ on what a text says; empty where they do not."""
        types = {*self.types}
        if (
            types & {"number", "integer"}
            and self.read(text) == text
            and _ANY_NUMBER.fullmatch(text.strip())
        ):
            return "is a number in an unusual spelling"
        if types == {"boolean"} and self.read(text) == text and text.strip().lower() in _FLAGS:
            return "is a boolean in an unusual spelling"
        if not (text.isascii() and (text.isprintable() or not text) and text == text.strip()):
            return "has other characters than those of ASCII that can be seen"
        if self.place == COOKIE and _NOT_IN_A_COOKIE & {*text}:
            return "has characters that a cookie may not have (RFC 6265, section 4.1.1)"
        return "" if text or self.required else "is empty"


@dataclass(frozen=True, slots=True)
class Unsent:
    """An optional parameter that the suite cannot send: `why` is a sentence with file and line."""

    name: str
    place: str
    pointer: str
    why: str

    @property
    def title(self) -> str:
        """What the names of its requirements would begin with."""
        return f"{self.place}.{self.name}"


_ANY_NUMBER = re.compile(r"[+-]?(?:[0-9_,]++(?:\.[0-9_]*+)?|\.[0-9]++)(?:[eE][+-]?[0-9]++)?")
"""What some reader takes for a number: `+5`, `007`, `1e2`, `1.0`."""
_NOT_IN_A_COOKIE = frozenset(' ",;\\')
_FLAGS = frozenset({"true", "false", "1", "0", "yes", "no", "on", "off", "t", "f", "y", "n"})


def refusals_of_fields(headers: tuple[tuple[str, str], ...]) -> frozenset[int]:
    """How any server may refuse a request for the header fields that it has."""
    return frozenset(
        status
        for name, status in REFUSED_FIELDS
        if (sent := values_of(headers, name))
        and not (name == "sec-fetch-site" and _OF_NO_OTHER_PAGE.issuperset(sent))
    )


def asks_for_another(headers: tuple[tuple[str, str], ...]) -> bool:
    """Whether header fields ask for another method or path, as some frameworks let a client do."""
    return any(name.lower() in _ANOTHER_REQUEST and one.upper() != "POST" for name, one in headers)


def posts(headers: tuple[tuple[str, str], ...]) -> bool:
    """Whether a header field asks for a POST, whatever the method is."""
    return any("POST" in map(str.upper, values_of(headers, name)) for name in METHOD_FIELDS)


def values_of(headers: tuple[tuple[str, str], ...], name: str) -> list[str]:
    """The values of a header field, outer blanks taken off (RFC 9110, section 5.5)."""
    return [*_by_name(headers).get(name.lower(), ())]


@lru_cache(maxsize=16)
def _by_name(headers: tuple[tuple[str, str], ...]) -> dict[str, list[str]]:
    """Cached, because one request is asked for many of its fields."""
    found: dict[str, list[str]] = {}
    for name, value in headers:
        found.setdefault(name.lower(), []).append(value.strip(" \t"))
    return found


def values_in(request: Request, place: str, name: str) -> list[str]:
    """Each value of that name in a place of a request, decoded."""
    if place == HEADER:
        return values_of(request.headers, name)
    if place == COOKIE:
        pairs = [
            pair.strip().partition("=")
            for line in values_of(request.headers, "cookie")
            for pair in line.split(";")
        ]
        return [value for each, _, value in pairs if each == name]
    query = request.path.partition("?")[2]
    pairs_of_query = parse_qsl(query, keep_blank_values=True, errors="surrogateescape")
    return [value for each, value in pairs_of_query if each == name]


def parameters_of(
    document: YamlFile, operation: str, key_header: str | None
) -> tuple[tuple[Parameter, ...], tuple[Unsent, ...]]:
    """The parameters of an operation and of its path item, whose own the operation's replace; and
    the optional ones that the suite cannot send. FileError for a required one, but in a document
    that is only compared.
    """
    ignored = _IGNORED | {str(key_header).lower()}
    found: dict[tuple[str, str], Parameter | Unsent] = {}
    for holder in (operation.rpartition("/")[0], operation):
        listed = node_at(document, holder).get("parameters", [])
        if not isinstance(listed, list):
            raise document.error(f"{holder}/parameters", "is not a list.")
        for index in range(len(listed)):
            where, node = follow(document, join(f"{holder}/parameters", index))
            name, place = name_and_place(document, where, node)
            if place == HEADER and name.lower() in ignored:
                continue
            parameter: Parameter | Unsent
            try:
                parameter = _parameter(document, where, node, name, place)
            except FileError as error:
                needed = node.get("required") is True and not document.only_compared
                if needed or place == "path":
                    raise
                parameter = Unsent(name, place, where, str(error))
            found[place, name.lower() if place == HEADER else name] = parameter
    sent = tuple(one for one in found.values() if isinstance(one, Parameter))
    return sent, tuple(one for one in found.values() if isinstance(one, Unsent))


def name_and_place(document: YamlFile, pointer: str, node: Any) -> tuple[str, str]:
    """Name and place of a parameter; FileError where it is malformed, be it optional or not."""
    if not isinstance(node, dict):
        raise document.error(pointer, "is not a parameter.")
    name, place = node.get("name"), node.get("in")
    if not isinstance(name, str) or not name:
        raise document.error(join(pointer, "name"), "a parameter needs a name.")
    if place not in ("path", HEADER, QUERY, COOKIE):
        what = f"the parameter {name[:80]!r} is in none of path, query, header and cookie."
        raise document.error(join(pointer, "in"), what)
    is_required(document, pointer, node)
    if "schema" in node and not isinstance(node["schema"], dict):
        raise document.error(join(pointer, "schema"), "is not a schema.")
    return name, str(place)


def is_required(document: YamlFile, pointer: str, node: dict[str, Any]) -> bool:
    """Whether a parameter, a header field or a body is; FileError for anything but a flag."""
    required = node.get("required", False)
    if not isinstance(required, bool):
        what = f"{str(required)[:80]!r} is not a valid value for 'required'."
        raise document.error(join(pointer, "required"), what)
    return required


def _parameter(
    document: YamlFile, pointer: str, node: dict[str, Any], name: str, place: str
) -> Parameter:
    """A parameter that can be sent; FileError for any other."""
    what = ""
    if place == "path":
        what = f"is in {place!r}, where the suite sends no parameters"
    elif place != QUERY and not TOKEN.fullmatch(name):
        what = f"has no name that a {place} can have"
    elif place == HEADER and name.lower() in _OF_HTTP:
        what = "is not supported, because the client writes it by itself"
    if what:
        raise document.error(pointer, f"the parameter {name[:80]!r} {what}.")
    found = _with_schema(document, pointer, node, name, place)
    described = node.get("description")
    changes = isinstance(described, str) and _OTHERWISE.search(described[:_MOST_READ])
    if found.is_listed and not found.required and (changes or found.field == _PREFERRING):
        what = "may change what is done or answered, as its name or its description says"
        raise document.error(pointer, f"the parameter {name[:80]!r} {what}.")
    return found


def headers_of(document: YamlFile, pointer: str, node: dict[str, Any]) -> tuple[Parameter, ...]:
    """The header fields that the document describes of an answer."""
    listed = node.get("headers") or {}
    if not isinstance(listed, dict):
        raise document.error(f"{pointer}/headers", "is not a mapping.")
    found = []
    for name in listed:
        where, field = follow(document, join(f"{pointer}/headers", name))
        if not isinstance(field, dict) or not TOKEN.fullmatch(str(name)):
            raise document.error(where, "is not a header field.")
        if name.lower() not in _IGNORED:
            described = {"schema", "content"} & field.keys()
            found.append(
                _with_schema(document, where, field, name, HEADER)
                if described
                else _undescribed(document, where, field, name)
            )
    return tuple(found)


def _with_schema(
    document: YamlFile, pointer: str, node: dict[str, Any], name: str, place: str
) -> Parameter:
    """What is one text by a schema; FileError where that is anything but a scalar."""
    if "schema" not in node:
        what = f"{name[:80]!r} has no schema; no other description of it is supported."
        raise document.error(pointer, what)
    where = f"{pointer}/schema"
    schema, narrowed = inline(document, where), inline(document, where, narrowed=True)
    for each in (schema.root, narrowed.root):
        if "enum" in each:
            each["enum"] = [one for one in each["enum"] if one is not None]
    if not schema.root.get("enum", True):
        raise document.error(
            where, f"{name[:80]!r} allows only null, which a parameter cannot express."
        )
    types = {*type_names(schema.root.get("type", ()))} - {"null"}
    if not types or not types <= SCALARS:
        what = f"{name[:80]!r} is not a text, a number or a boolean; nothing else is supported."
        raise document.error(where, what)
    return Parameter(
        name,
        place,
        required=is_required(document, pointer, node),
        pointer=pointer,
        schema=schema,
        narrowed=narrowed,
        example=next(chain(listed_examples(document, pointer), schema.examples.values()), None),
    )


def _undescribed(document: YamlFile, pointer: str, node: dict[str, Any], name: str) -> Parameter:
    """A header field of which the document says no more than that it is there."""
    text = Schema({"type": "string"}, {("type",): pointer})
    required = is_required(document, pointer, node)
    return Parameter(name, HEADER, required, pointer, text, text, None)


def mapping_at(document: YamlFile, pointer: str, key: str | int) -> tuple[str, dict[str, Any]]:
    """Pointer and node of a child that has to be a mapping, references followed."""
    pointer, node = follow(document, join(pointer, key))
    if not isinstance(node, dict):
        raise document.error(pointer, "is not a mapping.")
    return pointer, node
