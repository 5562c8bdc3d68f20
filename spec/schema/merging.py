"""Merges an update of the reading into a schema of the document, which it may only narrow."""

from dataclasses import dataclass
from typing import Any

from jsonschema_rs import is_valid

from spec.document import follow, is_3_1, node_at
from spec.paths import copied, join, steps_of
from spec.schema.formats import FORMATS
from spec.schema.keywords import KEYWORDS, Role
from spec.schema.patterns import read
from spec.yamlfile import YamlFile


@dataclass(frozen=True, slots=True)
class Merger:
    """Merges updates of the reading into a document; `added` remembers what came of them, and
    `overruled` has a sentence for what does not go with this version's own words.

    `own` says that the reading is written for this document, where a looser value is a mistake.
    """

    document: YamlFile
    overlay: YamlFile
    own: bool
    added: dict[str, str]
    overruled: list[str]

    def merge(self, pointer: str, update: Any, source: str) -> None:
        """Merge an update into the schema at the pointer, which may be a reference."""
        pointer, node = follow(self.document, pointer)
        if not isinstance(node, dict) or not isinstance(update, dict):
            what = f"this, or #{pointer} that it would be merged into, is not a schema."
            raise self.overlay.error(source, what)
        for name, value in update.items():
            here, there = join(pointer, name), join(source, name)
            self.check(node, here, name, value, there)
            if name == "properties":
                for child, changes in value.items():
                    self.check_property(node, child, join(there, child))
                    self.merge(join(here, child), changes, join(there, child))
            elif name == "required":
                self.require(node, here, value, there)
            else:
                self.narrow(node, here, name, value, there)

    def require(self, node: dict[str, Any], here: str, names: list[str], there: str) -> None:
        """Add to the required properties, as an overlay adds to a list."""
        required = node.setdefault("required", [])
        for index, name in enumerate(names):
            self.check_property(node, name, join(there, index))
            if name not in required:
                required.append(name)
                self.added[join(here, len(required) - 1)] = join(there, index)

    def narrow(self, node: dict[str, Any], here: str, name: str, value: Any, there: str) -> None:
        """Set a keyword, which must allow no more than before."""
        keyword = KEYWORDS[name]
        if not self.own and name == "format" and (why := _says_otherwise(node, value)):
            at = self.overlay.at(there)
            where = self.document.place(here.rpartition("/")[0])
            self.overruled.append(f"reading: passed over {name} {value} ({at}): {where} {why}")
            return
        value = value if self.own or name != "format" else _fitting(node, value)
        old = node.get(name, value if keyword.unstated is None else keyword.unstated)
        if keyword.narrows(old, value):
            if node.get(name) != value:
                node[name] = value
                self.added[here] = there
        elif self.own:
            raise self.overlay.error(
                there,
                f"{name} {value!r} would widen the document's {old!r} at #{here}; the reading may "
                "only narrow.",
            )

    def check(self, node: dict[str, Any], here: str, name: str, value: Any, there: str) -> None:
        """Refuse what the reading cannot say, and what it cannot be compared with."""
        keyword = KEYWORDS.get(name)
        if keyword is None or (keyword.narrower is None and name != "properties"):
            raise self.overlay.error(there, f"the reading cannot use the keyword {name!r}.")
        if not keyword.well_formed(value) or (name != "properties" and isinstance(value, dict)):
            raise self.overlay.error(there, f"{value!r} is not a valid value for {name!r}.")
        if name == "format" and value not in FORMATS:
            known = "; ".join(f"{known} ({each.meaning})" for known, each in FORMATS.items())
            raise self.overlay.error(there, f"{value!r} is not a known format: {known}.")
        if name in node and not keyword.well_formed(node[name]):
            what = f"{node[name]!r} is not a valid value for {name!r}."
            raise self.document.error(here, what)

    def check_property(self, node: dict[str, Any], name: str, there: str) -> None:
        """Refuse a property that the document does not have: the update would select nothing."""
        properties = node.get("properties")
        if not isinstance(properties, dict) or name not in properties:
            raise self.overlay.error(there, f"the document has no property {name!r} here.")


def make_own(document: YamlFile, pointer: str) -> bool:
    """Put a copy of what it refers to in the place of each reference on the way; whether there was
    one. So a schema that is used elsewhere too is narrowed here alone.
    """
    here, found = "", False
    for step in steps_of(pointer):
        here = join(here, step)
        node = node_at(document, here)
        if isinstance(node, dict) and isinstance(node.get("$ref"), str):
            target = copied(follow(document, here)[1])
            beside = {key: value for key, value in node.items() if key != "$ref"}
            if isinstance(target, dict):
                of_version = _of_3_1 if is_3_1(document) else _of_3_0
                beside = of_version(target, beside)
            node.clear()
            node.update({**target, **beside})
            found = True
    return found


def before_own(document: YamlFile, pointer: str) -> str:
    """Where a document has what stands at a pointer in a copy with schemas of its own."""
    here = ""
    for step in steps_of(pointer):
        here = join(follow(document, here)[0], step)
    return here


def _of_3_0(target: dict[str, Any], beside: dict[str, Any]) -> dict[str, Any]:
    """What counts beside a reference in OpenAPI 3.0: no assertion; but null may be meant there."""
    noted = {
        key: value
        for key, value in beside.items()
        if key not in KEYWORDS or KEYWORDS[key].role is Role.ANNOTATION
    }
    if beside.get("nullable") is True:
        noted["allOf"] = [*target.get("allOf", ()), {"nullable": True}]
    return noted


def _of_3_1(target: dict[str, Any], beside: dict[str, Any]) -> dict[str, Any]:
    """What stands beside a reference in OpenAPI 3.1, where both count of what both say."""
    said = {
        key
        for key in target.keys() & beside.keys()
        if key in KEYWORDS and KEYWORDS[key].role is not Role.ANNOTATION
    }
    if not said:
        return beside
    rest = {key: value for key, value in beside.items() if key not in said}
    also = {key: beside[key] for key in said}
    rest["allOf"] = [*target.get("allOf", ()), *beside.get("allOf", ())]
    rest["allOf"] += [{key: value for key, value in also.items() if key != "allOf"}]
    return rest


def _fitting(node: dict[str, Any], format_: str) -> str:
    """The format that the reading has; a day's where a schema takes a day and no moment."""
    said = _limits(node)
    kinds = [is_valid(said, one) for one in ("2024-05-02T09:30:00Z", *FORMATS["date"].samples)]
    return "date" if format_ == "date-time" and any(kinds) and not kinds[0] else format_


def _says_otherwise(node: dict[str, Any], format_: str) -> str:
    """Why a schema of a version is not of a format of plain samples, in words; empty where it may
    be: its limits allow none of them, or its example is another text.
    """
    samples, example = FORMATS[format_].samples, node.get("example")
    said = _limits(node)
    if samples and "format" not in node:
        if not any(is_valid(said, one) for one in samples):
            return "allows no such text"
        if isinstance(example, str) and not FORMATS[format_].fits(example):
            return "has another text as example"
    return ""


def _limits(node: dict[str, Any]) -> dict[str, Any]:
    """What a schema says of texts, as the validator reads it."""
    said = {name: node[name] for name in _OF_TEXTS if KEYWORDS[name].well_formed(node.get(name))}
    return said | ({"pattern": read(said["pattern"])} if "pattern" in said else {})


_OF_TEXTS = ("pattern", "minLength", "maxLength")
"""Keywords by which a schema of texts may tell days from moments."""
