"""The fields of a reading, which is an OpenAPI Overlay 1.0.0, and two extensions of our own."""

from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any

from spec.paths import join
from spec.yamlfile import YamlFile

RENAMED = "x-renamed"
"""The new names of properties, by their paths in the known document."""
AGREEING = "x-agreeing"
"""The states of today with whose amounts a new one agrees."""

_EXTENSIONS = (RENAMED, AGREEING)
_OF_AN_OVERLAY = ("overlay", "info", "extends", "actions")
_OF_AN_ACTION = ("target", "description", "update")
_ALIKE = 0.7
"""How much of a name has to be that of another one (`difflib`)."""


def check_overlay(overlay: YamlFile) -> None:
    """Refuse what is no overlay, and a field of it that is misspelled."""
    content = overlay.content
    if not isinstance(content, dict) or not str(content.get("overlay", "")).startswith("1.0"):
        raise overlay.error("", "is not an OpenAPI Overlay 1.0 (it has no 'overlay: 1.0.0').")
    for name in content:
        _check_field(overlay, name)
    if not isinstance(content.get("actions"), list) or not content["actions"]:
        raise overlay.error("", "an overlay needs a list 'actions'.")


def check_action(overlay: YamlFile, pointer: str, action: Any) -> None:
    """Refuse an action that the reading cannot have."""
    if not isinstance(action, dict) or not isinstance(action.get("target"), str):
        raise overlay.error(pointer, "an action needs a 'target', a JSONPath.")
    if not str(action.get("description") or "").strip():
        raise overlay.error(pointer, "an action needs a 'description' that gives its reason.")
    if "remove" in action:
        raise overlay.error(
            pointer, "'remove' would allow more than the document; the reading may only allow less."
        )
    if not isinstance(action.get("update"), dict) or not action["update"]:
        raise overlay.error(pointer, "an action needs an 'update', a mapping of keywords.")
    unknown = sorted(set(action) - {*_OF_AN_ACTION})
    if unknown:
        meant = _nearest(unknown[0], _OF_AN_ACTION)
        raise overlay.error(pointer, f"an action has no field {unknown[0][:80]!r}{meant}.")


def _check_field(overlay: YamlFile, name: str) -> None:
    """Refuse a field of the overlay that nobody reads; an extension may be somebody else's."""
    if name in (*_OF_AN_OVERLAY, *_EXTENSIONS):
        return
    meant = _nearest(
        name, _EXTENSIONS if name.startswith("x-") else (*_OF_AN_OVERLAY, *_EXTENSIONS)
    )
    if meant or not name.startswith("x-"):
        raise overlay.error(join("", name), f"an overlay has no field {name[:80]!r}{meant}.")


def _nearest(name: str, known: Sequence[str]) -> str:
    """The known name that was probably meant, in words; empty where none is near."""
    found = get_close_matches(name[:80].lower(), known, 1, _ALIKE)
    return f": the nearest is {found[0]!r}" if found else ""
