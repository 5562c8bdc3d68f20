"""The contract: the vendor's document and our reading of it, loaded, with all requirements; and
what a run knows about its target."""

import hashlib
import re
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from jsonschema_rs import Draft202012Validator

from spec import reading, requirements, yamlfile
from spec.document import PATH, Schema, SchemaPath, check_required, find_operation, inline
from spec.formats import FORMATS
from spec.requirements import Material, Requirement
from spec.yamlfile import YamlFile

DOCUMENT = Path(__file__).parent / "openapi.yaml"
READING = Path(__file__).parent / "reading.yaml"

PLACEHOLDER = "IC-RUNSTAMP-########"
"""The part of a payload that the client replaces by a new stamp at each send.

A stamp has the same length, so a value at a length limit stays at the limit.
"""
DIGITS = "4700000000000000"
"""The placeholder of a value that is all digits, which some readers take for a number."""
_STAMP = re.compile(r"IC-[0-9A-F]{8}-[0-9A-F]{8}|(?<![1-9.])47[0-9]{14}(?![0-9.])")


class ShortRepr:
    """Is printed as the name of its class.

    Hypothesis prints the arguments of a failing test field by field: keys, and whole documents.
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    def _repr_pretty_(self, printer: Any, _cycle: bool) -> None:  # noqa: FBT001 # IPython's protocol
        printer.text(repr(self))


def unstamped(text: str, stamp: str = PLACEHOLDER) -> str:
    """The text with the placeholder, or something else, in the place of each stamp."""
    return _STAMP.sub(lambda found: DIGITS if found[0].isdecimal() else stamp, text)


@dataclass(frozen=True, slots=True, repr=False)
class TargetFacts(ShortRepr):
    """Keys, orders and clock of one run; the oracle and the strategies read the same facts.

    Without `order_ids` any order id will do. No order has the id `unknown_order_id`. `started_at`
    and `order_created_at` are aware datetimes. `kept` are cases that every run asks again, each a
    name and a body.
    """

    key: str | None
    forbidden_key: str | None
    order_ids: tuple[str, ...]
    order_created_at: datetime | None
    started_at: datetime
    kept: tuple[tuple[str, bytes], ...] = ()
    unknown_order_id: str = "ORD-NO-SUCH-ORDER"

    @property
    def unknown_order_ids(self) -> tuple[str, ...]:
        """Ids of no order: one like no other, a long one, and some that a part, a pattern, a query,
        an address or a comparison without accents or outer spaces would match.
        """
        if not self.order_ids:
            return (self.unknown_order_id,)
        known, other = self.order_ids[0], self.unknown_order_id
        near = (
            *(f"{known}-NO-SUCH-ORDER", f"NO-SUCH-ORDER-{known}"),
            *(f"{known[:-1]}{mark}" for mark in "%_*?."),
            *(f"{other}' OR '1'='1", f"{known}?a#b", f"{other}/../{known}", f"{known}\u0301"),
            *(f"{known} ", f"{other}{'-0' * 40}"),
        )
        return (other, *(each for each in near if each not in self.order_ids))


@dataclass(frozen=True, slots=True, repr=False)
class Judged:
    """A schema with its validator; `names` maps each schema path to its requirement."""

    schema: dict[str, Any]
    validator: Draft202012Validator
    names: dict[SchemaPath, Requirement]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Contract(ShortRepr):
    """What the document and the reading say together.

    `request` judges a payload by the document alone, `narrowed` by document and reading; `answers`
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
    narrowed: Judged
    answers: dict[int, Judged]
    _by_name: dict[str, Requirement] = field(repr=False)

    @property
    def request_schema(self) -> dict[str, Any]:
        """The document's schema of a payload, with references inlined."""
        return self.request.schema

    @property
    def narrowed_schema(self) -> dict[str, Any]:
        """The same schema, narrowed by the reading."""
        return self.narrowed.schema

    @property
    def body_requirements(self) -> tuple[Requirement, ...]:
        """The requirements that a payload can break, in the document's order."""
        return tuple(r for r in self.requirements if r.part == "body")

    def named(self, name: str) -> Requirement:
        """The requirement of that name; KeyError when there is none."""
        return self._by_name[name]

    def find(self, name: str) -> Requirement | None:
        """The requirement of that name, or None where the document has none."""
        return self._by_name.get(name)


def load(document: Path = DOCUMENT, overlay: Path = READING) -> Contract:
    """Read both files and derive every requirement; SpecError says what is wrong, and where."""
    source = yamlfile.read(document)
    operation = find_operation(source)
    request = inline(source, operation.request)
    check_required(source, request)
    narrowed = reading.narrow(source, overlay, own=source.raw == DOCUMENT.read_bytes())
    valid = inline(narrowed.document, operation.request, narrowed=True)
    answers = {
        status: inline(narrowed.document, pointer, narrowed=True)
        for status, pointer in operation.answers.items()
    }
    derived = requirements.derive(Material(source, narrowed, operation, request, answers))
    title, version, servers = _about(source)
    return Contract(
        title=title,
        version=version,
        sha256=hashlib.sha256(source.raw).hexdigest(),
        reading_sha256=hashlib.sha256(narrowed.reading.raw).hexdigest(),
        servers=servers,
        path=PATH,
        media_types=operation.media_types,
        key_header=operation.key_header,
        requirements=derived.requirements,
        request=_judged(request, derived.body),
        narrowed=_judged(valid, derived.body),
        answers={status: _judged(answers[status], derived.answers[status]) for status in answers},
        _by_name={r.name: r for r in derived.requirements},
    )


def _judged(inlined: Schema, names: dict[SchemaPath, Requirement]) -> Judged:
    validator = Draft202012Validator(
        inlined.root,
        validate_formats=True,
        formats={name: each.fits for name, each in FORMATS.items()},
    )
    return Judged(inlined.root, validator, names)


def _about(document: YamlFile) -> tuple[str, str, tuple[tuple[str, str], ...]]:
    """Title, version and servers, which a run shows but does not judge by."""
    info = document.content.get("info")
    info = info if isinstance(info, dict) else {}
    servers = document.content.get("servers")
    return (
        str(info.get("title", "")),
        str(info.get("version", "")),
        tuple(
            (str(server.get("url", "")), str(server.get("description", "")))
            for server in (servers if isinstance(servers, list) else [])
            if isinstance(server, dict)
        ),
    )
