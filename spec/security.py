"""Which key the document demands of a request, where that goes, and what may be enough instead."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from spec.document import follow, node_at
from spec.parameters import HEADER, TOKEN, mapping_at, name_and_place
from spec.paths import join
from spec.yamlfile import YamlFile

KEY_HEADER = "X-API-Key"
"""The header of the key today, and of a run by a document that demands none."""
_SCHEMES = "/components/securitySchemes"


@dataclass(frozen=True, slots=True)
class Key:
    """The key: its `header`, what is before it there, and the pointer of the clause that demands
    it, if any does. `demands` are all alternatives: an empty one says that no key is needed.
    """

    header: str | None
    prefix: str
    pointer: str | None
    demands: list[dict[str, Any]]

    @property
    def is_needed(self) -> bool:
        """Whether no request without it is enough."""
        return {} not in self.demands


def key_of(document: YamlFile, operation: str) -> Key:
    """The key of the operation at a pointer.

    An API key is sent before a bearer token, where either is enough. Where nothing is demanded, a
    required header parameter may be the key.
    """
    where, demands = demanded_of(document, operation)
    if not demands:
        header, parameter = _key_parameter(document, operation)
        return Key(header, "", parameter, demands)
    alone = _alone_in_a_header(_schemes(document, demands))
    if not alone and {} in demands:
        return Key(None, "", None, demands)
    index = (*alone, 0)[0]
    names = [*demands[index]]
    if len(names) != 1 or (demands[1:] and not alone):
        listed = " or ".join(" and ".join(each) or "none" for each in demands)
        what = f"does not ask for exactly one security scheme, but for {listed}"
        raise document.error(where, f"{what}: leave only the API key in a header, or the bearer.")
    found, scheme = mapping_at(document, _SCHEMES, names[0])
    header, prefix = _header_of_key(scheme)
    if not header:
        what = "is neither an API key in a header nor a bearer token, and no other is supported."
        raise document.error(found, what)
    return Key(header, prefix, join(f"{where}/{index}", names[0]), demands)


def other_keys(document: YamlFile, key: Key) -> Iterator[tuple[str, str]]:
    """Place and name of all that alternatives ask for which do not ask for the key."""
    for schemes in _schemes(document, key.demands):
        asked = [_place_of_key(scheme) for scheme in schemes]
        if (HEADER, str(key.header).lower()) not in asked:
            yield from (each for each in asked if each is not None)


def _schemes(
    document: YamlFile, demands: list[dict[str, Any]]
) -> Iterator[tuple[dict[str, Any], ...]]:
    """The security schemes of each alternative."""
    for demand in demands:
        yield tuple(mapping_at(document, _SCHEMES, name)[1] for name in demand)


def demanded_of(document: YamlFile, operation: str) -> tuple[str, list[dict[str, Any]]]:
    """The alternatives by which a client may say who it is, of an operation or of the document for
    it, and the pointer of their list.
    """
    node = node_at(document, operation)
    where = f"{operation}/security" if "security" in node else "/security"
    demands = node.get("security", document.content.get("security")) or []
    if not isinstance(demands, list) or not all(isinstance(demand, dict) for demand in demands):
        raise document.error(where, "is not a list of security requirements.")
    return where, demands


def _key_parameter(document: YamlFile, operation: str) -> tuple[str | None, str | None]:
    """The name and the pointer of the required header parameter of an operation, or of its path
    item, that is called as today's key is; None where there is none.
    """
    for holder in (operation, operation.rpartition("/")[0]):
        listed = node_at(document, holder).get("parameters", [])
        for index in range(len(listed) if isinstance(listed, list) else 0):
            where, node = follow(document, join(f"{holder}/parameters", index))
            name, place = name_and_place(document, where, node)
            if (place, name.lower()) == (HEADER, KEY_HEADER.lower()):
                return (name, where) if node.get("required") else (None, None)
    return None, None


def _alone_in_a_header(demands: Iterable[tuple[dict[str, Any], ...]]) -> list[int]:
    """The alternatives that ask for a key in a header and no more, API keys first."""
    found = []
    for number, schemes in enumerate(demands):
        if len(schemes) == 1 and _header_of_key(schemes[0])[0]:
            found.append((_header_of_key(schemes[0])[1], number))
    return [number for _, number in sorted(found)]


def _place_of_key(scheme: dict[str, Any]) -> tuple[str, str] | None:
    """Where a request says by a security scheme who sends it; None where it is in none."""
    if scheme.get("type") == "apiKey":
        name, place = str(scheme.get("name", "")), str(scheme.get("in", ""))
        return place, name.lower() if place == HEADER else name
    return None if scheme.get("type") == "mutualTLS" else (HEADER, "authorization")


def _header_of_key(scheme: dict[str, Any]) -> tuple[str, str]:
    """The header of a key by a security scheme, and what is before it; empty for any other."""
    kind = (scheme.get("type"), scheme.get("in"))
    if kind == ("apiKey", "header") and _is_key_header(scheme.get("name")):
        return str(scheme["name"]), ""
    is_bearer = kind[0] == "http" and str(scheme.get("scheme")).lower() == "bearer"
    return ("Authorization", "Bearer ") if is_bearer else ("", "")


_NEVER_A_KEY = frozenset(
    {"host", "content-length", "content-type", "transfer-encoding", "connection"}
)
"""Headers that say how a message is read."""


def _is_key_header(name: object) -> bool:
    """Whether a header of this name may carry a key: none that HTTP itself needs may."""
    token = isinstance(name, str) and TOKEN.fullmatch(name)
    return bool(token) and str(name).lower() not in _NEVER_A_KEY
