"""The examples of a document: which there are, and which of them its own schema refuses."""

from collections.abc import Iterator
from typing import Any

from spec.document import follow, node_at
from spec.paths import join
from spec.yamlfile import YamlFile


def listed_examples(document: YamlFile, pointer: str) -> Iterator[Any]:
    """The examples beside the schema of a parameter or a media type: its one, or those of a name
    each, which may be references.
    """
    node = node_at(document, pointer)
    if "example" in node:
        yield node["example"]
    listed = node.get("examples")
    for name in listed if isinstance(listed, dict) else ():
        _, each = follow(document, join(f"{pointer}/examples", name))
        if isinstance(each, dict) and "value" in each:
            yield each["value"]
