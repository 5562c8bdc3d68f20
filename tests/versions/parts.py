"""What makes a version of the vendor's document that a vendor may publish next: its parts, and the
usual changes of them.
"""

import json
from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from spec.contract import DOCUMENT, READING, Contract, load
from spec.schema.overlay import AGREEING, RENAMED

Schema = dict[str, Any]
OWN: Schema = yaml.load(DOCUMENT.read_text(encoding="utf-8"), yaml.CSafeLoader)


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of a document that versions change; each may be changed in place."""

    document: Schema

    @property
    def post(self) -> Schema:
        """The operation."""
        post: Schema = self.document["paths"]["/v1/invoices"]["post"]
        return post

    def schema(self, name: str) -> Schema:
        """A schema of the components."""
        found: Schema = self.document["components"]["schemas"][name]
        return found

    @property
    def request(self) -> Schema:
        """The schema of the invoice that is sent."""
        return self.schema("dtos.InvoiceCreateRequest")

    @property
    def item(self) -> Schema:
        """The schema of its items."""
        return self.schema("dtos.InvoiceItemCreateRequest")

    @property
    def body(self) -> Schema:
        """The body of the request."""
        found: Schema = self.document["components"]["requestBodies"]["dtos.InvoiceCreateRequest"]
        return found

    @property
    def answer(self) -> Schema:
        """The schema of the invoice that comes back."""
        return self.schema("dtos.InvoiceResponse")

    def property(self, name: str) -> Schema:
        """The schema of a property of the invoice that is sent."""
        found: Schema = self.request["properties"][name]
        return found

    def add(
        self, name: str, schema: Schema, *, required: bool = True, comes_back: bool = True
    ) -> None:
        """Add a property to the invoice that is sent, and to the one that comes back."""
        self.request["properties"][name] = schema
        if required:
            self.request["required"].append(name)
        if comes_back:
            self.answer["properties"][name] = deepcopy(schema)

    def drop(self, name: str) -> None:
        """Take a property from both invoices."""
        for schema in (self.request, self.answer):
            schema["properties"].pop(name, None)
            if name in schema.get("required", ()):
                schema["required"].remove(name)


@dataclass(frozen=True, slots=True)
class Alteration:
    """What a version changes, and what of it a server breaks that still lives by today's document:
    the beginning of a requirement's name, empty where such a server is right by the version too.

    `told` says that the run cannot begin, in words of the sentence that says so. `renamed` has the
    new names of properties, by their paths in today's document, and `agreeing` new states with
    those of today with whose amounts they agree, as a reading says them.
    """

    edit: Callable[[Parts], object]
    old: str = ""
    told: str = ""
    renamed: Mapping[str, str] = field(default_factory=dict)
    agreeing: Mapping[str, list[str]] = field(default_factory=dict)

    def document(self) -> Schema:
        """The version of the document."""
        altered = deepcopy(OWN)
        self.edit(Parts(altered))
        return altered

    def write(self, path: Path) -> Path:
        """The version as a file."""
        # Through JSON, so that no two places share a line by an alias.
        text = yaml.dump(
            json.loads(json.dumps(self.document())), Dumper=yaml.CSafeDumper, sort_keys=False
        )
        path.write_text(text, encoding="utf-8")
        return path

    def write_reading(self, path: Path) -> Path:
        """The reading of it: today's and, where there are any, the new names and states."""
        said = {RENAMED: {**self.renamed}, AGREEING: {**self.agreeing}}
        more = "".join(yaml.safe_dump({name: each}) for name, each in said.items() if each)
        path.write_text(READING.read_text(encoding="utf-8") + more, encoding="utf-8")
        return path

    def load(self, folder: Path) -> Contract:
        """The contract of the version, its files in a folder."""
        document = self.write(folder / "openapi.yaml")
        return load(document, self.write_reading(folder / "reading.yaml"))


TEXT = {"type": "string", "maxLength": 30}
CITY = {
    "type": "object",
    "required": ["city"],
    "properties": {"city": {"type": "string", "maxLength": 8}, "zip": {"type": "string"}},
}


def added(schema: Schema, *, required: bool = True, name: str = "extra_field") -> Alteration:
    """A new property of this schema, which a server of today does not check."""
    old = f"{name}.{'required' if required else ''}"
    return Alteration(lambda parts: parts.add(name, deepcopy(schema), required=required), old)


def formatted(format_: str, *, required: bool = True) -> Alteration:
    """A new property of this format."""
    return added({"type": "string", "format": format_}, required=required, name=f"a_{format_}")


def changed(name: str, change: Schema, old: str = "") -> Alteration:
    """Other keywords of a property of the invoice."""
    return Alteration(lambda parts: parts.property(name).update(change), old)


def in_items(name: str, change: Schema, old: str = "") -> Alteration:
    """Other keywords of a property of the items."""
    return Alteration(lambda parts: parts.item["properties"][name].update(change), old)


def statuses(*members: str, required: bool = False, old: str = "status.enum") -> Alteration:
    """Another vocabulary of states."""

    def edit(parts: Parts) -> None:
        parts.property("status")["enum"] = [*members]
        if required:
            parts.request["required"].append("status")

    return Alteration(edit, old)


def of_3_1(
    edit: Callable[[Parts], object] = lambda _: None, old: str = "", version: str = "3.1.0"
) -> Alteration:
    """The document in OpenAPI 3.1, or a later version, with another change."""

    def whole(parts: Parts) -> None:
        parts.document["openapi"] = version
        edit(parts)

    return Alteration(whole, old)


def answers(edit: Callable[[Schema], object], old: str = "") -> Alteration:
    """Other statuses."""
    return Alteration(lambda parts: edit(parts.post["responses"]), old)


def parameter(
    place: str,
    name: str,
    schema: Schema,
    *,
    required: bool = True,
    of_path: bool = False,
    **more: Any,
) -> Alteration:
    """A parameter of the operation, or of its path; a server of today knows none."""

    def edit(parts: Parts) -> None:
        holder = parts.document["paths"]["/v1/invoices"] if of_path else parts.post
        listed = holder.setdefault("parameters", [])
        listed.append(
            {"name": name, "in": place, "required": required, "schema": deepcopy(schema), **more}
        )

    return Alteration(edit, f"{place}.{name}.")


def header_field(status: str, name: str, schema: Schema) -> Alteration:
    """A header field that an answer has to have."""
    field = {"required": True, "schema": schema}
    part = "201" if status == "201" else "4xx"
    return answers(
        lambda listed: listed[status].update(headers={name: field}),
        f"{part}.header.{name}.required",
    )


def renamed(names: Mapping[str, str], old: str) -> Alteration:
    """Other names of properties, by their paths in today's document; in the answer as well."""

    def edit(parts: Parts) -> None:
        for path, new in names.items():
            *above, name = path.split(".")
            for schema in (
                (parts.item, parts.schema("dtos.InvoiceItemResponse"))
                if above
                else (parts.request, parts.answer)
            ):
                properties = schema["properties"]
                schema["properties"] = {new if n == name else n: properties[n] for n in properties}
                if "required" in schema:
                    schema["required"] = [new if n == name else n for n in schema["required"]]

    return Alteration(edit, old, renamed=names)


def asking(*demands: dict[str, list[str]]) -> Alteration:
    """A version with a second key and a token besides, which asks for one of these."""

    def edit(parts: Parts) -> None:
        schemes = parts.document["components"]["securitySchemes"]
        schemes["Bearer"] = {"type": "http", "scheme": "bearer"}
        schemes["Login"] = {"type": "http", "scheme": "basic"}
        schemes["Other"] = {"type": "apiKey", "in": "header", "name": "X-Other"}
        parts.post.update(security=[*demands])

    return Alteration(edit)
