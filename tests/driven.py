"""A server that lives by a document: it refuses what that does not allow, and answers as it says.

It reads the document by itself, without the code of `spec/`, so that a mistake there shows.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from types import MappingProxyType
from typing import Any
from uuid import uuid4

from jsonschema import FormatChecker
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response

from reference import answer
from reference.body import read
from reference.instants import instant
from reference.refusal import Problem, Refusal
from reference.service import Steps
from reference.store import Store
from spec.requirements import Requirement
from tests.invoices import Exact

Json = Any
Document = dict[str, Any]
FORMATS = FormatChecker(("email", "date", "ipv4", "uuid"))
_HALF = re.compile("[\ud800-\udfff]")
_LARGEST = 1e15
"""Beyond it a total in doubles would be wrong."""


def steps_of(
    document: Document,
    forgotten: Requirement | None = None,
    renamed: Mapping[str, str] = MappingProxyType({}),
) -> Steps:
    """The reference's steps, but for what they know of the document; one requirement may be
    forgotten. `renamed` has new names of properties, by their paths in today's document.
    """
    driven = Driven(document, forgotten, renamed)
    return replace(
        Steps(),
        authenticate=driven.authenticate,
        read=driven.read,
        check=driven.check,
        find_order=driven.find_order,
        check_dates=driven.check_dates,
        render=driven.render,
        keep=lambda _store, _invoice: None,
        respond=driven.respond,
    )


class Driven:
    """What a server reads in a document."""

    def __init__(
        self, document: Document, forgotten: Requirement | None, renamed: Mapping[str, str]
    ) -> None:
        self.document, self.forgotten = document, forgotten
        self.order, self.updated, self.created_at, self.line, *self.factors = (
            renamed.get(path, path.rpartition(".")[2])
            for path in (
                *("order_id", "updated_at", "created_at", "items[].item_total"),
                *("items[].amount", "items[].quantity"),
            )
        )
        post = operation(document)
        self.request = request_of(document)
        self.sent = {**self.request, "properties": properties_of(self.request)}
        listed = post["responses"]
        self.success = next(name for name in listed if name in ("200", "201", "202"))
        of_created = _content(listed[self.success])
        self.created = schema_of(document, of_created, unsent="writeOnly")
        self.answers = {name: _resolved(document, one) for name, one in post["responses"].items()}
        listed = document["paths"][path_of(document)].get("parameters", [])
        found = [_resolved(document, one) for one in (*listed, *post.get("parameters", []))]
        as_parameter = (one["name"] for one in found if one["name"] == "X-API-Key")
        self.key = _key_header(document, post) or next(as_parameter, None)
        self.parameters = [one for one in found if one["name"] != self.key]
        self.used: dict[str, bytes] = {}
        self.validator = _exact(self.request)

    def authenticate(self, headers: Headers, store: Store) -> None:
        """Refuse what has not the one key."""
        keys = headers.getlist(self.key) if self.key else []
        if self.key == "Authorization":
            keys = [key[len("Bearer ") :] for key in keys if key.lower().startswith("bearer ")]
        right = store.may_create(keys[0].encode("latin-1")) if len(keys) == 1 else None
        if self.key and not right:
            raise Refusal(401 if right is None else 403, "A valid API key is needed.")

    async def read(self, request: Request) -> bytes:
        """The body of a request whose parameters are right, and not those of another body."""
        body = await read(request)
        places = {
            "header": request.headers,
            "query": request.query_params,
            "cookie": request.cookies,
        }
        for one in self.parameters:
            text, name = places[one["in"]].get(one["name"]), one["name"]
            if text is None:
                if one.get("required") and not self._forgets_parameter(one, "required"):
                    raise Refusal(400, f"{name} is missing.")
                continue
            schema = _as_json_schema({**one["schema"]})
            errors = _exact(schema).iter_errors(_value(one["schema"], text))
            if any(not self._forgets_parameter(one, str(error.validator)) for error in errors):
                raise Refusal(400, f"{name} is wrong.")
            if name == "Idempotency-Key" and self.used.setdefault(text, body) != body:
                raise Refusal(400, f"{name} was used before.")
        return body

    def check(self, payload: Json) -> tuple[Problem, ...]:
        """Each problem of a payload."""
        errors = [one for each in self.validator.iter_errors(payload) for one in _within(each)]
        found = [
            Problem((*error.path, *_missing(error)), str(error.validator), error.message[:200])
            for error in errors
            if not self._forgets(error)
        ]
        return (*found, *_unreadable(payload, (), (self.updated, self.created_at)))

    def _forgets(self, error: Any) -> bool:
        """Whether it is the forgotten requirement that says so, or a schema within it."""
        one, place = self.forgotten, (*error.path, *_missing(error))
        path = tuple("[]" if isinstance(step, int) else step for step in place)
        if one is None or path[: len(one.path)] != one.path:
            return False
        holding = ("additionalProperties", "propertyNames")
        within = one.keyword in holding and one.keyword in error.schema_path
        # Of what is no object each of its branches is kept.
        of_no_object = one.keyword == "type" and not isinstance(error.instance, dict)
        within |= of_no_object and error.validator == "oneOf" and one.path == path
        return within or (one.path == path and error.validator in _said_by(one))

    def _forgets_parameter(self, parameter: dict[str, Any], keyword: str) -> bool:
        """The same, of a parameter."""
        one, title = self.forgotten, f"{parameter['in']}.{parameter['name']}."
        return one is not None and one.name.startswith(title) and keyword in _said_by(one)

    def find_order(self, payload: Json, store: Store) -> datetime:
        """When the order was created, where the document has orders."""
        forgotten = self.forgotten is not None and self.forgotten.path == (self.order,)
        if forgotten or self.order not in payload:
            return datetime.min.replace(tzinfo=UTC)
        created_at = store.order_created_at(payload[self.order])
        if created_at is None:
            problem = Problem((self.order,), "unknown_order", "No order has this id")
            raise Refusal(404, "The order does not exist.", (problem,))
        return created_at

    def check_dates(self, payload: Json, created_at: datetime) -> None:
        """Refuse an update before the order."""
        updated = payload.get(self.updated)
        if isinstance(updated, str):
            moment = updated if "T" in updated.upper() else f"{updated}T00:00:00Z"
            if instant(moment) <= created_at:
                problem = Problem((self.updated,), "too_early", "Must be later than the order")
                raise Refusal(400, "The invoice is older than its order.", (problem,))

    def render(self, payload: Json) -> dict[str, Any]:
        """The answer's `data`."""
        data = self.created.get("properties", {}).get("data", {})
        lines = (self.line, *self.factors)
        return dict(answered(data, self.sent, payload, lines))

    def error(self, schema: Any, told: Mapping[str, Any]) -> Mapping[str, Any]:
        """An error as its schema has it, where that is in an `error` of its own."""
        within = schema_of(self.document, schema, unsent="").get("properties", {}).get("error")
        if within is None:
            return told
        field = next((each["field"] for each in told.get("details", ())), "")
        known = {"code": told["code"], "message": told["message"], "param": field}
        names = within.get("properties", {})
        return {"error": {name: known.get(name, _filled(names[name])) for name in names}}

    def respond(self, status: int, told: Mapping[str, Any]) -> Response:
        """A response, of a documented status and media type."""
        if status == 400 and "400" not in self.answers and "422" in self.answers:
            status = 422
        if status == 201:
            status = int(self.success)
        names = (str(status), f"{status // 100}XX", "default", "400", "422")
        documented = next(self.answers[name] for name in names if name in self.answers)
        content = documented.get("content")
        if content and status >= 400:
            told = self.error(next(iter(content.values()))["schema"], told)
        response = answer.respond(status, told) if content else Response(b"", status)
        if content:
            kind = next(iter(content))
            response.headers["content-type"] = "application/json" if "*" in kind else kind
        for name, field in documented.get("headers", {}).items():
            response.headers[name] = str(_filled(field["schema"]))
        return response


def _within(error: Any) -> list[Any]:
    """The errors of the schema that a body has most of, where it may be one of several."""
    of_body = not error.path and error.validator in ("oneOf", "anyOf")
    if not of_body or not error.context or "properties" in error.schema:
        return [error]
    branches: dict[int, list[Any]] = {}
    for each in error.context:
        branches.setdefault(each.schema_path[0], []).append(each)
    return min(branches.values(), key=len)


def properties_of(schema: dict[str, Any]) -> dict[str, Any]:
    """The properties of a schema and of all of its choices."""
    found = {**schema.get("properties", {})}
    for each in (*schema.get("oneOf", ()), *schema.get("anyOf", ())):
        found = {**each.get("properties", {}), **found}
    return found


def _said_by(requirement: Requirement) -> tuple[str, ...]:
    """The keywords of JSON Schema that say what a requirement does."""
    implied = ("enum", "const", "type") if requirement.keyword == "enum" else ()
    return (requirement.keyword, *implied)


def path_of(document: Document) -> str:
    """The path of invoices."""
    (path,) = (each for each in document["paths"] if each.endswith("/invoices"))
    return str(path)


def operation(document: Document) -> dict[str, Any]:
    """The operation that creates an invoice."""
    post: dict[str, Any] = document["paths"][path_of(document)]["post"]
    return post


def request_of(document: Document) -> dict[str, Any]:
    """The schema of an invoice that is sent."""
    body = _content(_resolved(document, operation(document)["requestBody"]))
    return schema_of(document, body, unsent="readOnly")


def _exact(schema: dict[str, Any]) -> Exact:
    return Exact(schema, format_checker=FORMATS)


def _value(schema: dict[str, Any], text: str) -> Json:
    """The value of a parameter's text."""
    if schema.get("type") in ("integer", "number") and re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", text):
        return float(text) if "." in text else int(text)
    if schema.get("type") == "boolean" and text in ("true", "false"):
        return text == "true"
    return text


def schema_of(document: Document, node: Any, *, unsent: str) -> dict[str, Any]:
    """A schema as JSON Schema says it, without references and without what is not sent."""
    node = _resolved(document, node)
    properties = node.get("properties", {})
    gone = {name for name, each in properties.items() if _resolved(document, each).get(unsent)}
    schema: dict[str, Any] = {}
    for name, value in node.items():
        match name:
            case "properties":
                kept = {key: each for key, each in value.items() if key not in gone}
                inner = {
                    key: schema_of(document, each, unsent=unsent) for key, each in kept.items()
                }
                _merge(schema, {name: inner})
            case "items" | "additionalProperties" | "propertyNames" if isinstance(value, dict):
                schema[name] = schema_of(document, value, unsent=unsent)
            case "allOf":
                for each in value:
                    _merge(schema, schema_of(document, each, unsent=unsent))
            case "oneOf" | "anyOf":
                schema[name] = [_branch(document, node, each, unsent) for each in value]
            case "required":
                _merge(schema, {name: [key for key in value if key not in gone]})
            case "pattern":  # in ECMA-262 a $ is the end, a dot no break of lines, \d is ASCII
                ended = re.sub(r"\$$", r"\\Z", value).replace(r"\p{L}", r"[^\W\d_]")
                ascii_only = "" if "\\p{" in value else "(?a)"
                schema[name] = ascii_only + re.sub(
                    r"(\\.|\[[^]]*\])|\.", lambda one: one[1] or r"[^\n\r\u2028\u2029]", ended
                )
            case _:
                schema[name] = value
    return _as_json_schema(schema)


def _as_json_schema(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema with what OpenAPI 3.0 says in its own way."""
    for name, bound in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if schema.get(name) is True:
            schema[name] = schema.pop(bound)
    if schema.pop("nullable", False):
        schema["type"] = [schema["type"], "null"]
    for name in ("anyOf", "oneOf"):  # what allows nothing is no choice
        listed = schema.pop(name, ())
        if left := [each for each in listed if each != {"not": {}}]:
            schema |= {name: left} if left[1:] or len(left) == len(listed) else left[0]
    for name in ("anyOf", "oneOf"):  # one schema or null, of which errors say more
        others = [each for each in schema.get(name, ()) if each != {"type": "null"}]
        if len(others) == 1 < len(schema[name]):
            del schema[name]
            schema |= {**others[0], "type": [others[0]["type"], "null"]}
    return schema


def _merge(schema: dict[str, Any], other: dict[str, Any]) -> None:
    for name, value in other.items():
        if name == "properties":
            schema.setdefault(name, {}).update(value)
        elif name == "required":
            schema[name] = [*schema.get(name, ()), *value]
        else:
            schema[name] = value


def _branch(document: Document, node: Any, each: Any, unsent: str) -> dict[str, Any]:
    branch = schema_of(document, each, unsent=unsent)
    if "discriminator" in node:
        name = node["discriminator"]["propertyName"]
        known = node["discriminator"].get("mapping", {})
        members = [one for one, where in known.items() if where == each["$ref"]]
        members = members or [each["$ref"].rpartition("/")[2]]
        branch["required"] = [*branch.get("required", ()), name]
        branch.setdefault("properties", {})[name] = {"enum": members}
    return branch


def _resolved(document: Document, node: Any) -> Any:
    beside: dict[str, Any] = {}
    while "$ref" in node:
        beside |= {name: value for name, value in node.items() if name != "$ref"}
        target: Any = document
        for step in node["$ref"].removeprefix("#/").split("/"):
            target = target[step.replace("~1", "/").replace("~0", "~")]
        node = target
    return {**node, **beside}


def _content(node: Any) -> Any:
    return next(iter(node["content"].values()))["schema"]


def _key_header(document: Document, post: dict[str, Any]) -> str | None:
    demands = post.get("security", document.get("security"))
    if not demands:
        return None
    (scheme,) = demands[0]
    listed: dict[str, str] = document["components"]["securitySchemes"][scheme]
    return listed.get("name", "Authorization")


def _missing(error: Any) -> tuple[str, ...]:
    if error.validator != "required":
        return ()
    found = re.match("'(.*)' is a required property", error.message)
    return (found[1],) if found else ()


def _unreadable(value: Json, at: tuple[str | int, ...], dates: tuple[str, ...]) -> list[Problem]:
    """What JSON can say and this server cannot keep."""
    if isinstance(value, dict):
        wrong = [Problem(at, "text", "Is no text") for one in value if _HALF.search(one)]
        inside = (_unreadable(each, (*at, key), dates) for key, each in value.items())
        return [*wrong, *(one for each in inside for one in each)]
    if isinstance(value, list):
        return [
            one for key, each in enumerate(value) for one in _unreadable(each, (*at, key), dates)
        ]
    if isinstance(value, str) and _HALF.search(value):
        return [Problem(at, "text", "Is no text")]
    if isinstance(value, int | float) and not abs(value) <= _LARGEST:
        return [Problem(at, "number", "Is too large")]
    if len(at) == 1 and at[0] in dates and isinstance(value, str):
        try:
            instant(value if "T" in value.upper() else f"{value}T00:00:00Z")
        except ValueError:
            return [Problem(at, "date", "Is no date")]
    return []


def answered(
    schema: dict[str, Any], sent: dict[str, Any], value: Json, line: tuple[str, ...]
) -> Json:
    """What the answer has of a value: what both schemas know, and what its own demands besides.

    `line` names the total of an item, and its factors.
    """
    if isinstance(value, list):
        inner = schema.get("items", {}), sent.get("items", {})
        return [answered(*inner, each, line) for each in value]
    if isinstance(value, int | float) and schema.get("type") == "string":
        return f"{value:.2f}"
    if isinstance(value, str) and value not in (known := schema.get("enum", [value])):
        return next((one for one in known if str(one).lower() == value.lower()), value)
    if isinstance(value, str) and schema.get("type") in ("number", "integer"):
        number = _decimal(value)
        return value if number is None else float(number)
    if not isinstance(value, dict) or "properties" not in schema:
        return value
    properties, known = schema["properties"], sent.get("properties", {})
    told = {
        name: answered(sub, known[name], value[name], line)
        for name, sub in properties.items()
        if name in value
        and name in known
        and not known[name].get("writeOnly")
        and (value[name] is not None or _takes_null(sub))
    }
    if "id" in properties:
        told["id"] = str(uuid4())
    total, amount, quantity = line
    one, count = _decimal(value.get(amount)), _decimal(value.get(quantity))
    if total in properties and one is not None and count is not None:
        count = Decimal(int(count)) if count == int(count) else count
        is_text = isinstance(value[amount], str)
        of_item = f"{one * count:f}" if is_text else float(one * count)
        told[total] = answered(properties[total], {}, of_item, line)
    for name in schema.get("required", ()):
        if name not in told:
            told[name] = _filled(properties.get(name, {}))
    return told


def _decimal(value: Json) -> Decimal | None:
    """The number that a value is, or a text means."""
    is_number = re.fullmatch(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?", str(value))
    return Decimal(str(value)) if is_number else None


def _takes_null(schema: dict[str, Any]) -> bool:
    branches = (*schema.get("oneOf", ()), *schema.get("anyOf", ()))
    return "null" in schema.get("type", ()) or any(map(_takes_null, branches))


def _filled(schema: dict[str, Any]) -> Json:
    if "enum" in schema:
        return schema["enum"][0]
    plain = {"string": "text", "number": 0, "integer": 0, "boolean": True, "array": []}
    return plain.get(str(schema.get("type")), {})
