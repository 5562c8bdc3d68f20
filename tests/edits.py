"""Edits of the vendor's document by keyword: what tests of two versions share."""

from collections.abc import Callable
from pathlib import Path

from spec import contract
from spec.contract import Contract
from tests.exchanges import CONTRACT
from tests.versions.parts import Alteration, Parts, Schema, of_3_1, parameter

Edit = Callable[[Parts], object]


def version_3_1(name: str, change: Schema) -> Edit:
    """Other keywords of a property, in OpenAPI 3.1."""
    return of_3_1(lambda parts: parts.property(name).update(change)).edit


def asked(name: str, change: Schema) -> Edit:
    """Other keywords of a property of the invoice that is sent."""
    return lambda parts: parts.property(name).update(change)


def told(name: str, change: Schema) -> Edit:
    """Other keywords of a property of the invoice that comes back."""
    return lambda parts: parts.answer["properties"][name].update(change)


def beside(place: str, schema: Schema, *, required: bool = True) -> Edit:
    """A parameter."""
    return parameter(place, "X-One", schema, required=required).edit


def without(name: str, keyword: str = "") -> Edit:
    """Without a property of the request, or a keyword of it."""

    def edit(parts: Parts) -> None:
        if keyword:
            del parts.property(name)[keyword]
        else:
            del parts.request["properties"][name]

    return edit


def untold(name: str) -> Edit:
    """Without a property of the answer."""
    return lambda parts: parts.answer["properties"].pop(name)


def nothing(_: Parts) -> None:
    """The vendor's document."""


def version_of(edit: Edit, folder: Path) -> Contract:
    """The contract of the document with an edit; that of the vendor's is loaded once for all."""
    if edit is nothing:
        return CONTRACT
    return contract.load(Alteration(edit).write(folder / f"{len([*folder.iterdir()])}.yaml"))


def of_media_type(status: str = "") -> Edit:
    """With another media type of the body, or of the answer of a status."""

    def edit(parts: Parts) -> None:
        content = (parts.post["responses"][status] if status else parts.body)["content"]
        content["text/csv"] = {"schema": TEXT}

    return edit


def field_of(status: str, name: str) -> Edit:
    """With a header field that an answer may have."""
    return lambda parts: parts.post["responses"][status].update(headers={name: {"schema": TEXT}})


def of_status(status: str) -> Edit:
    """With an answer of another status."""
    return lambda parts: parts.post["responses"].update(
        {status: {"description": "Another", "content": parts.post["responses"]["400"]["content"]}}
    )


TEXT: Schema = {"type": "string"}
