"""What all requests have in common that get no answer, and none that gets one, so that of others
only those are not waited for that have it.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from causes.difference import Edit
from causes.sightings import payload_of
from causes.traits import features_of, path_of
from spec.contract import unstamped
from spec.exchange import Request
from spec.paths import Json, Path, path_text, type_of

ENOUGH = 3
"""Requests without an answer, after which what they have in common is taken to be why."""
_OWN = ("host", "content-length", "transfer-encoding")
"""Header fields that follow from the body and how it is sent."""
_TEXT = re.compile(r'"([A-Za-z0-9_]{1,64})"[ \t\r\n]{0,9}:[ \t\r\n]{0,9}"([^"\\]{0,999})"')
"""A property with a text, wherever it is."""

Feature = tuple[str, str]
"""A path of the body or a part of the request, and what is particular about it."""


@dataclass(frozen=True, slots=True)
class Particulars:
    """What is particular about a request: some of it is there or not, some of it has a size."""

    features: frozenset[Feature]
    sizes: dict[Feature, float]


@dataclass(slots=True)
class Group:
    """So many requests without an answer, and what they alone have in common; sizes at least."""

    features: set[Feature]
    sizes: dict[Feature, float]
    count: int = 1

    @property
    def is_one(self) -> bool:
        """Whether there is something in common."""
        return bool(self.features or self.sizes)

    def has(self, own: Particulars) -> bool:
        """Whether a request has all of it."""
        return self.features <= own.features and all(
            own.sizes.get(name, -1) >= least for name, least in self.sizes.items()
        )

    def with_another(self, own: Particulars) -> "Group":
        """What is in common with another one as well."""
        both = {
            name: min(least, own.sizes[name])
            for name, least in self.sizes.items()
            if name in own.sizes
        }
        return Group(self.features & own.features, both, self.count + 1)


@dataclass(slots=True)
class Hanging:
    """What requests have that get no answer, for each of some reasons."""

    answered: set[Feature] = field(default_factory=set)
    largest: dict[Feature, float] = field(default_factory=dict)
    groups: list[Group] = field(default_factory=list)

    def add_answered(self, request: Request) -> None:
        """Take note of a request that got an answer: nothing of it is a reason."""
        own = particulars(request)
        self.answered |= own.features
        for name, size in own.sizes.items():
            self.largest[name] = max(size, self.largest.get(name, size))
        for group in self.groups:
            group.features -= own.features
            group.sizes = self._unusual(group.sizes)
        self.groups = [group for group in self.groups if group.is_one]

    def add_silent(self, request: Request) -> bool:
        """Take note of one that got none; whether it has something in common with earlier ones."""
        known = particulars(request)
        own = Particulars(known.features - self.answered, self._unusual(known.sizes))
        common = [(place, group.with_another(own)) for place, group in enumerate(self.groups)]
        # Values differ by themselves, so that a size may be all that is left.
        for place, both in sorted(common, key=lambda each: not each[1].features):
            if both.is_one:
                self.groups[place] = both
                return True
        group = Group({*own.features}, dict(own.sizes))
        if group.is_one:
            self.groups.append(group)
        return False

    def explains(self, request: Request) -> bool:
        """Whether a request without an answer has something that no answered one has."""
        own = particulars(request)
        return any(group.has(own) for group in self.groups)

    def are_alike(self, one: Request, other: Request) -> bool:
        """Whether two requests have all that some have in common that got no answer."""
        first, second = particulars(one), particulars(other)
        return any(group.has(first) and group.has(second) for group in self.groups)

    def has(self, request: Request) -> bool:
        """Whether a request has all that several have in common that got no answer."""
        known = [group for group in self.groups if group.count >= ENOUGH]
        own = particulars(request) if known else None
        return own is not None and any(group.has(own) for group in known)

    def _unusual(self, sizes: dict[Feature, float]) -> dict[Feature, float]:
        """Those of the sizes that are above all that were answered."""
        return {name: size for name, size in sizes.items() if size > self.largest.get(name, -1)}


def can_tell(edits: Sequence[Edit]) -> bool:
    """Whether what is particular about a request shows this difference: if it is one value."""
    if len(edits) > 1:
        return False
    plain = (replace(each, location=(), value=None, spelt=False, signs="") for each in edits)
    return all(each == Edit(()) for each in plain)


def particulars(request: Request) -> Particulars:
    """What is particular about a request, its usual header fields too."""
    payload, body = payload_of(request.body), request.body
    found, sizes = {*_of_sending(request)}, {("", "bytes"): float(len(body))}
    if isinstance(payload, dict):
        found |= {*_features(payload, ())}
        for name, size in _sizes(payload, ()):
            sizes[name] = max(size, sizes.get(name, size))
    else:
        found |= {("", f"a body that is {type_of(payload)}"), *_of_no_invoice(body)}
    if b"\\u" in body:
        found.add(("", "escapes"))
    return Particulars(frozenset(found), sizes)


def _of_no_invoice(body: bytes) -> Iterator[Feature]:
    """The texts of a body that is no invoice, such as one that is not JSON."""
    for name, text in _TEXT.findall(body.decode(errors="replace")):
        for feature in features_of(unstamped(text)):
            yield name, feature


def _of_sending(request: Request) -> Iterator[Feature]:
    yield "method", request.method
    for pair in request.path.partition("?")[2].split("&"):
        yield "query", unstamped(pair)
    for name, value in request.headers:
        if name.lower() not in _OWN:
            yield f"header {name}", unstamped(value)
    if request.header("transfer-encoding") is not None:
        yield "header", "in chunks"
    yield "headers", " ".join(sorted(_names(request.headers)))


def _names(headers: Iterable[tuple[str, str]]) -> set[str]:
    return {name.lower() for name, _ in headers} - {*_OWN}


def _features(value: Json, at: Path) -> Iterator[Feature]:
    if isinstance(value, dict):
        for name, each in value.items():
            yield from _features(each, (*at, name))
    elif isinstance(value, list):
        for each in value:
            yield from _features(each, path_of((*at, 0)))
    else:
        for feature in features_of(value):
            yield path_text(at), feature


def _sizes(value: Json, at: Path) -> Iterator[tuple[Feature, float]]:
    if isinstance(value, dict):
        for name, each in value.items():
            yield from _sizes(each, (*at, name))
    elif isinstance(value, list):
        yield (path_text(at), "elements"), len(value)
        for each in value:
            yield from _sizes(each, path_of((*at, 0)))
    elif isinstance(value, str):
        yield (path_text(at), "characters"), len(value)
