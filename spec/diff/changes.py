"""What differs between two versions of the document.

A change breaks a client, as oasdiff has it, if it asks more of a request or promises less of an
answer.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from spec.contract import Contract, load
from spec.diff.version import ONE_BOUND, Version, version
from spec.requirements import Requirement
from spec.schema.formats import PLAIN_FORMATS
from spec.schema.keywords import KEYWORDS

SHOWN = ("required", "type", "enum")
"""What is told of a new property, the first that it has."""
MOST_TOLD = 12
"""Changes above a run."""


@dataclass(frozen=True, slots=True)
class Change:
    """One requirement that is not as it was: `kind` is added, removed, tightened, loosened or
    changed; `old` and `new` are its operands, with the places where they stand.
    """

    requirement: str
    kind: str
    breaking: bool
    old: object
    new: object
    old_place: str
    new_place: str
    for_clients: str
    for_servers: str

    def __str__(self) -> str:
        mark = "breaking  " if self.breaking else "compatible"
        values = {"added": f": {self.new}", "removed": f": {self.old}"}
        said = values.get(self.kind, f": {self.old} -> {self.new}")
        place = self.new_place or self.old_place
        return f"{mark} {self.kind} {self.requirement}{said} ({place}): {self.for_clients}"


def changes(old: Contract, new: Contract) -> tuple[Change, ...]:
    """Each change between two versions, those that break clients first."""
    found = [*_of_requirements(version(old), version(new))]
    found += _of_lists(old, new, {_subject(change.requirement) for change in found})
    return tuple(sorted(found, key=lambda change: not change.breaking))


def notes(contract: Contract) -> list[str]:
    """What a run by another version of the document says above, in lines."""
    if contract.own:
        return []
    found = changes(load(), contract)
    breaking = sum(change.breaking for change in found)
    told = [f"  {change}" for change in found[:MOST_TOLD]]
    more = [f"  and {len(found) - MOST_TOLD} more"] if found[MOST_TOLD:] else []
    return [f"changes: {len(found)}, of which {breaking} may break clients", *told, *more]


def _subject(name: str) -> str:
    return name.rpartition(".")[0]


def _of_requirements(before: Version, after: Version) -> Iterator[Change]:
    """Each requirement that is not as it was; of a property that is new, or gone, one alone."""
    unsent = before.unsent | after.unsent
    apart = before.subjects.keys() ^ after.subjects.keys()
    for subject in dict.fromkeys((*before.subjects, *after.subjects)):
        has = before if subject in before.subjects else after
        outer = has.subjects[subject].above[:-1]
        if subject in apart and not apart & {*outer} and subject not in unsent:
            yield _of_presence(has, subject, fresh=has is after)
    for name in dict.fromkeys((*before.said, *after.said)):
        old, new = before.said.get(name), after.said.get(name)
        subject = _subject(name)
        above = {name for each in (before, after) for name in each.above(subject)}
        if above & apart or _alike(old, new) or _follows(name, before, after):
            continue
        if name.endswith((".readOnly", ".writeOnly")):
            yield _of_direction(old, new, required=f"{subject}.required" in after.said)
        elif not above & unsent:
            yield _change(old, new)


def _follows(name: str, before: Version, after: Version) -> bool:
    """Whether a type is stated only because the enumeration that implied it is not, or is."""
    enum = f"{_subject(name)}.enum"
    return name.endswith(".type") and (enum in before.said) != (enum in after.said)


def _alike(old: Requirement | None, new: Requirement | None) -> bool:
    if old is None or new is None:
        return False
    same = old.keyword == new.keyword and old.operand == new.operand
    return same or (_narrows(old, new) and _narrows(new, old))


def _of_presence(has: Version, subject: str, *, fresh: bool) -> Change:
    """A property or parameter that is new, or gone.

    What is new and optional asks nothing of a client that does not know it; what is gone is still
    sent by one that does, and missed in an answer.
    """
    names = [f"{subject}.{keyword}" for keyword in (SHOWN if fresh else SHOWN[1:])]
    names += (name for name in has.said if _subject(name) == subject)
    told = next(
        (has.said[name] for name in names if name in has.said), has.subjects[subject].presence
    )
    breaking = not fresh or (_is_asked(told) and told.keyword == "required")
    return _told("added", breaking, None, told) if fresh else _told("removed", breaking, told, None)


def _of_direction(old: Requirement | None, new: Requirement | None, *, required: bool) -> Change:
    """A property that is only for one direction now, or no more: a client need not send it any
    longer, or has to; an answer has it no more, or has.
    """
    one = new or old
    assert one is not None
    gained, asked = new is not None, _is_asked(one)
    decides = asked is (one.keyword == "readOnly")
    breaking = decides and ((required and not gained) if asked else gained)
    return _told("added" if gained else "removed", breaking, old, new)


def _change(old: Requirement | None, new: Requirement | None) -> Change:
    one = new or old
    assert one is not None
    kind = _kind(old, new)
    worse = ("added", "tightened") if _is_asked(one) else ("removed", "loosened")
    breaking = kind in ("changed", *worse)
    if one.keyword == "default":
        breaking = one.part == "request"  # what a parameter is that a client leaves out
    elif one.keyword == "deprecated" or (one.keyword == "format" and one.operand in PLAIN_FORMATS):
        breaking = False
    return _told(kind, breaking, old, new)


def _is_asked(requirement: Requirement) -> bool:
    """Whether it is on requests."""
    return requirement.part not in ("201", "4xx")


def _told(
    kind: str,
    breaking: bool,  # noqa: FBT001 - what is told of it
    old: Requirement | None,
    new: Requirement | None,
) -> Change:
    one = new or old
    assert one is not None
    asked = _is_asked(one)
    return Change(
        one.name,
        kind,
        breaking,
        old.operand if old else None,
        new.operand if new else None,
        f"{old.file}:{old.line}" if old else "",
        f"{new.file}:{new.line}" if new else "",
        _FOR_CLIENTS[asked, breaking],
        _FOR_SERVERS[asked, breaking],
    )


def _kind(old: Requirement | None, new: Requirement | None) -> str:
    if old is None or new is None:
        return "added" if old is None else "removed"
    if _narrows(old, new):
        return "tightened"
    return "loosened" if _narrows(new, old) else "changed"


def _narrows(old: Requirement, new: Requirement) -> bool:
    """Whether the new one allows no more than the old."""
    lower = {"minimum": 1, "exclusiveMinimum": 1, "maximum": -1, "exclusiveMaximum": -1}
    if sign := lower.get(old.keyword):
        return _bound(new, sign) >= _bound(old, sign)
    keyword = KEYWORDS.get(new.keyword)
    narrower = _NARROWER.get(new.keyword, keyword.narrower if keyword else None)
    return narrower is not None and narrower(old.operand, new.operand)


def _bound(requirement: Requirement, sign: int) -> tuple[Any, bool]:
    """Bounds in their order: the limit, and whether it is excluded."""
    operand: Any = requirement.operand
    return sign * operand, requirement.keyword in ONE_BOUND


Lists = dict[tuple[str, str], str]
"""What a version lists: the name of the list and of what is in it, and its place."""


def _of_lists(old: Contract, new: Contract, known: set[str]) -> Iterator[Change]:
    """Each change of what the versions list: media types, statuses, parameters.

    What is listed no more breaks a client, but for an error, which it need not get. Of what is
    `known` it is told already that it is there, or gone.
    """
    before, after = _lists(old), _lists(new)
    other_statuses = {*old.operation.answers} ^ {*new.operation.answers}
    errors = {old.operation.error, new.operation.error}
    instead = len(errors) == 2 and not _has_status(new, old.operation.error)
    if instead:
        yield _of_another(old, new, "4xx.status", *(_error_of(each) for each in (old, new)))
    together: dict[tuple[str, str, str], list[str]] = {}
    for name, member in sorted({*before} ^ {*after}):
        kind = "added" if (name, member) in after else "removed"
        subject, _, keyword = name.rpartition(".")
        if keyword == "documented":
            told = _has_status(new if kind == "removed" else old, member)
            told = told or (instead and member in errors)
        else:
            told = subject in other_statuses or member in known
        if not told:
            together.setdefault((kind, keyword, member), []).append(subject)
    for (kind, keyword, member), subjects in together.items():
        was, now = (each.get((f"{subjects[0]}.{keyword}", member)) for each in (before, after))
        error = keyword == "documented" and not member.startswith("2")
        asked = subjects[0] in ("requestBody", "request")
        breaking = kind == "removed" and not error
        yield Change(
            f"{', '.join(subjects)}.{keyword}",
            kind,
            breaking,
            member if was else None,
            member if now else None,
            was or "",
            now or "",
            _FOR_CLIENTS[asked, breaking],
            _FOR_SERVERS[asked, breaking],
        )
    if old.key_header != new.key_header and None not in (old.key_header, new.key_header):
        headers = ((each.key_header, str(each.operation.key)) for each in (old, new))
        yield _of_another(old, new, "security.key", *headers)


def _has_status(contract: Contract, status: str) -> bool:
    """Whether a version lists a status, by itself or in a range."""
    return not {status, f"{status[0]}XX", "default"}.isdisjoint(contract.operation.answers)


def _error_of(contract: Contract) -> tuple[str, str]:
    """The status of what is invalid, and its pointer."""
    status = contract.operation.error
    return status, contract.operation.answers[status].pointer


def _lists(contract: Contract) -> Lists:
    """What a version lists that no requirement says, or not all of it."""
    operation, found = contract.operation, Lists()
    for name in operation.media_types:
        found["requestBody.mediaType", name] = _place(contract, f"{operation.body}/content")
    for status, answer in operation.answers.items():
        found["response.documented", status] = _place(contract, answer.pointer)
        for name in answer.media_types:
            found[f"{status}.mediaType", name] = _place(contract, f"{answer.pointer}/content")
    for name in operation.unsent:
        found["request.parameters", name] = _place(contract, f"{operation.pointer}/parameters")
    return found


def _place(contract: Contract, pointer: str) -> str:
    return f"{contract.source.name}:{contract.source.line(pointer)}"


def _of_another(
    old: Contract, new: Contract, name: str, before: tuple[object, str], now: tuple[object, str]
) -> Change:
    """The key in another header, or another status: who knows the old one alone is wrong."""
    asked = name == "security.key"
    return Change(
        name,
        "changed",
        breaking=True,
        old=before[0],
        new=now[0],
        old_place=_place(old, before[1]),
        new_place=_place(new, now[1]),
        for_clients=_FOR_CLIENTS[asked, True],
        for_servers=_FOR_SERVERS[asked, True],
    )


def _no_other(old: Any, new: Any) -> bool:
    return all(branch in old for branch in new)


_NARROWER: dict[str, Callable[[Any, Any], bool]] = {
    "minProperties": lambda old, new: bool(new >= old),
    "maxProperties": lambda old, new: bool(new <= old),
    **dict.fromkeys(("oneOf", "anyOf"), _no_other),
    "additionalProperties": lambda _old, new: new is False,
    "format": lambda old, new: old in PLAIN_FORMATS or (old, new) == ("int64", "int32"),
}
"""Whether a new operand allows no more than the old: of keywords that no reading may use."""


_FOR_CLIENTS = {
    (True, True): "what was accepted may be refused",
    (True, False): "what was accepted still is",
    (False, True): "an answer may be what it never was",
    (False, False): "an answer is as it was, or says more",
}
_FOR_SERVERS = {
    (True, True): "refuse what breaks it",
    (True, False): "accept what it allows now",
    (False, True): "nothing has to change",
    (False, False): "every answer has to keep it",
}
"""By whether a change asks something of requests, and whether it may break a client."""
