"""What differs in how a client has to say who it is: the security schemes of two versions."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from spec.diff.change import FOR_CLIENTS, FOR_SERVERS, Change
from spec.document import follow
from spec.operation import pointer_of
from spec.paths import join
from spec.security import demanded_of
from spec.yamlfile import YamlFile

NAME, KEY = "security.scheme", "security.key"
NOTHING = "nothing"
"""What an alternative asks for that is empty."""
_HEADER = "header:"
_AUTHORIZATION = "in Authorization"


@dataclass(frozen=True, slots=True)
class Demanded:
    """What a version demands: each alternative by what it is known by, with its words and place."""

    known: dict[str, tuple[str, str]]
    place: str

    @property
    def words(self) -> str:
        """All alternatives."""
        return " or ".join(words for words, _ in self.known.values())

    @property
    def is_bearer(self) -> bool:
        """Whether it is a bearer token alone."""
        return [*self.known] == [f"bearer {_AUTHORIZATION}"]

    @property
    def is_key(self) -> bool:
        """Whether it is a key in a header alone."""
        (only, *others) = [*self.known, ""]
        return only.startswith(_HEADER) and " " not in only and others == [""]


def demanded(written: YamlFile) -> Demanded:
    """The alternatives that an operation lists, or its document for it."""
    where, listed = demanded_of(written, pointer_of(written))
    known: dict[str, tuple[str, str]] = {}
    for index, demand in enumerate(listed):
        parts = [_described(written, str(name), demand[name]) for name in sorted(demand)]
        words = " and ".join(each for _, each in parts) or NOTHING
        at = join(where, index)
        known[" and ".join(each for each, _ in parts)] = words, written.at(at)
    return Demanded(known, written.at(where))


def _described(written: YamlFile, name: str, scopes: object) -> tuple[str, str]:
    """What a scheme is known by, and the words for it: no letter case counts of a header's name
    (RFC 9110, section 5.1), nor of a scheme of HTTP (section 11.1).
    """
    scheme: Any = follow(written, join("/components/securitySchemes", name))[1]
    scheme = scheme if isinstance(scheme, dict) else {}
    kind, its, place = (str(scheme.get(key, "")) for key in ("type", "name", "in"))
    if (kind, place) == ("apiKey", "header"):
        return f"{_HEADER}{its.lower()}", its
    if kind == "apiKey":
        return f"{its} in {place}", f"{its} in {place}"
    if kind == "http":
        words = f"{str(scheme.get('scheme', '')).lower()} {_AUTHORIZATION}"
        return words, words
    rights = ", ".join(sorted(map(str, scopes))) if isinstance(scopes, list) else ""
    words = f"{kind or name} ({rights})" if rights else kind or name
    return words, words


def of_security(old: YamlFile, new: YamlFile) -> Iterator[Change]:
    """Each change of the alternatives; of a key in another header, and where one version demands
    nothing, only what no requirement tells.
    """
    before, after = demanded(old), demanded(new)
    both = before.known and after.known
    if both and not before.known.keys() & after.known.keys():
        if not (before.is_key and after.is_key):
            yield _changed(before, after)
    elif both or not (before.is_key or after.is_key):
        yield from _listed(before, after)


def _changed(before: Demanded, after: Demanded) -> Change:
    """Nothing that was enough before is now."""
    return Change(
        NAME,
        "changed",
        breaking=True,
        old=before.words,
        new=after.words,
        old_place=before.place,
        new_place=after.place,
        for_clients=f"authenticate by {after.words}: {before.words} may be refused",
        for_servers=f"authenticate by {after.words}, and refuse {before.words} alone",
    )


def _listed(before: Demanded, after: Demanded) -> Iterator[Change]:
    """Each alternative that is new, or gone."""
    for name in sorted(before.known.keys() ^ after.known.keys()):
        fresh = name in after.known
        words, place = (after if fresh else before).known[name]
        breaking = bool(after.known) and not (fresh and before.known)
        yield Change(
            NAME,
            "added" if fresh else "removed",
            breaking=breaking,
            old=None if fresh else words,
            new=words if fresh else None,
            old_place="" if fresh else place,
            new_place=place if fresh else "",
            for_clients=FOR_CLIENTS[True, breaking],
            for_servers=FOR_SERVERS[True, breaking],
        )
