"""Reads a body that is one of several schemas as one of them: the one whose invoices are sent.

What keeps one of the others is as valid by the document, so it never counts as broken.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from jsonschema_rs import Draft202012Validator, ValidationError, is_valid

from spec.document import Validator, follow, inline, node_at
from spec.operation import find_operation
from spec.paths import CHOICES, Location, copied, join
from spec.reading import sent_today
from spec.requirements import Judged
from spec.schema.alternatives import kinds_of
from spec.schema.examples import listed_examples
from spec.schema.keywords import KEYWORDS, Role, discriminate
from spec.yamlfile import YamlFile

_NOTED = Role.ANNOTATION


@dataclass(frozen=True, slots=True)
class OneOfSeveral:
    """A validator of one schema that finds nothing wrong in what keeps one of the others."""

    own: Validator
    others: Draft202012Validator

    def is_valid(self, value: Any) -> bool:
        """Whether a value keeps one of the schemas."""
        return self.own.is_valid(value) or self.others.is_valid(value)

    def iter_errors(self, value: Any) -> Iterator[ValidationError]:
        """Each error of a value that keeps none of them, by the one whose invoices are sent."""
        return iter(()) if self.others.is_valid(value) else self.own.iter_errors(value)


@dataclass(frozen=True, slots=True)
class Branch:
    """The document with one of the schemas of its body as the body's, and the others; `told` says
    in words which it is, and is empty where the body is of one schema anyway. `names` are those of
    the properties that only the others have.
    """

    document: YamlFile
    others: tuple[dict[str, Any], ...] = ()
    told: str = ""
    names: frozenset[str] = frozenset()

    def wrong_in_others(self, payload: Any) -> Iterator[Location]:
        """Where a payload breaks one of the others."""
        for each in self.others:
            for error in Draft202012Validator(each).iter_errors(payload):
                missing = error.kind.as_dict().get("property")
                yield (*error.instance_path, *([missing] if missing else ()))

    def either(self, own: Judged) -> Judged:
        """What judges the body: by its own schema, unless it keeps one of the others."""
        if not self.others:
            return own
        others = Draft202012Validator({"anyOf": [*self.others]})
        return replace(own, validator=OneOfSeveral(own.validator, others))


def of_one_branch(document: YamlFile, known: YamlFile) -> Branch:
    """The document by the branch of its body that is sent: that with most of what the `known`
    document requires, of several that which an example is of, or the first. The document itself
    where nothing tells that branch from the others, or more is said beside them.
    """
    request = find_operation(document).request
    pointer, node = follow(document, request)
    choice = _choice_alone(node)
    schemas = inline(document, pointer).root.get(choice, [])
    invoices = [index for index, one in enumerate(schemas) if _is_of_objects(one)]
    if not invoices or len(schemas) < len(node[choice]):
        return Branch(document)
    today = sent_today(known).root["required"]
    required = {document.renamed.get(name, name) for name in today}
    examples = [*listed_examples(document, request.rpartition("/")[0])]
    examples += [node["example"]] if "example" in node else []

    def likeness(index: int) -> tuple[int, bool]:
        fits = (is_valid(schemas[index], each) for each in examples)
        return len(required & schemas[index]["properties"].keys()), any(fits)

    best = max(invoices, key=likeness)
    others = [one for index, one in enumerate(schemas) if index != best]
    if not all(_tells_apart(schemas[best], other) for other in others):
        return Branch(document)
    at = join(f"{pointer}/{choice}", best)
    where = document.place(follow(document, at)[0])
    told = f"only one of the {len(schemas)} schemas of the body is sent and asked about: {where}"
    sent = _discriminated(document, at, node)
    names = {name for one in others for name in one.get("properties", {})}
    only = frozenset(names - schemas[best]["properties"].keys())
    return Branch(replace(sent, body=at), tuple(others), told if others else "", only)


def _choice_alone(node: Any) -> str:
    """The keyword of a choice, if there is nothing beside it that is demanded of an invoice."""
    said = node.keys() if isinstance(node, dict) else set()
    demanded = {name for name in said if name in KEYWORDS and KEYWORDS[name].role is not _NOTED}
    found = demanded - {"type"}
    return found.pop() if len(found) == 1 and found <= {*CHOICES} else ""


def _is_of_objects(schema: dict[str, Any]) -> bool:
    return kinds_of(schema) == {"object"} and bool(schema.get("properties"))


def _tells_apart(sent: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether no invoice that keeps one schema keeps the other, nor does when it breaks one thing:
    the other is of no object, or requires what the one does not have, or both require a word that
    differs.
    """
    ours, theirs = sent["properties"], other.get("properties", {})
    if "object" not in kinds_of(other) and kinds_of(other):
        return True
    if {*other.get("required", ())} - ours.keys():
        return True
    both = {*sent.get("required", ())} & {*other.get("required", ())}
    return any(
        {"enum"} <= ours[name].keys() & theirs[name].keys()
        and not [each for each in ours[name]["enum"] if each in theirs[name]["enum"]]
        for name in both & ours.keys() & theirs.keys()
    )


def _discriminated(document: YamlFile, pointer: str, node: dict[str, Any]) -> YamlFile:
    """The document in which the branch at a pointer says its name itself, if it has one."""
    if "discriminator" not in node:
        return document
    content = copied(document.content)
    *above, index = pointer.rsplit("/", 1)
    branches = node_at(replace(document, content=content), above[0])
    own = branches[int(index)]
    named: dict[str, Any] = {"type": "object"}
    discriminate(named, node["discriminator"], str(own.get("$ref", "")))
    for each in named["properties"].values():
        each["type"] = "string"
    branches[int(index)] = {"allOf": [own, named]}
    return replace(document, content=content)
