"""What differs between two versions of the document.

A change breaks a client, as oasdiff has it, if it asks more of a request or promises less of an
answer.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from spec.contract import Contract, load
from spec.diff.narrowing import BOUNDS, CHOICES, NARROWER, narrows
from spec.diff.version import Version, version
from spec.operation import holder_of_servers, listed_servers, parted
from spec.paths import steps_of
from spec.requirements import Requirement, subject_and_keyword
from spec.schema.formats import PLAIN_FORMATS
from spec.schema.keywords import KEYWORDS
from spec.violation import shortened

SHOWN = ("required", "type", "enum")
"""What is told of a new property, the first that it has."""
MOST_TOLD = 12
"""Changes above a run."""
LONGEST = 200
"""Characters of an operand in a line."""


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
        old, new = (shortened(str(each), LONGEST) for each in (self.old, self.new))
        said = {"added": f": {new}", "removed": f": {old}"}.get(self.kind, f": {old} -> {new}")
        place = self.new_place or self.old_place
        return f"{mark} {self.kind} {self.requirement}{said} ({place}): {self.for_clients}"


def changes(old: Contract, new: Contract) -> tuple[Change, ...]:
    """Each change between two versions, those that break clients first."""
    found = [*_of_requirements(version(old), version(new))]
    found += _of_lists(old, new, {subject_and_keyword(change.requirement)[0] for change in found})
    found += _of_words(old, new)
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


def _of_requirements(before: Version, after: Version) -> Iterator[Change]:
    """Each requirement that is not as it was; of a property that is new, or gone, one alone."""
    unsent = before.unsent | after.unsent
    apart = before.subjects.keys() ^ after.subjects.keys()
    whole = [each for each in before.subjects if _is_of_another_form(each, before, after)]
    for subject in whole:
        yield from _of_form(subject, before, after)
    for subject in dict.fromkeys((*before.subjects, *after.subjects)):
        has = before if subject in before.subjects else after
        outer = has.subjects[subject].above[:-1]
        if subject in apart and not apart & {*outer} and subject not in unsent:
            if _is_within(has, subject, whole):
                continue
            yield _of_presence(has, subject, fresh=has is after)
    for name in dict.fromkeys((*before.said, *after.said)):
        old, new = before.said.get(name), after.said.get(name)
        subject, keyword = subject_and_keyword(name)
        above = {name for each in (before, after) for name in each.above(subject)}
        if above & apart or _alike(old, new) or _follows(name, before, after):
            continue
        if any(_is_within(each, subject, whole) for each in (before, after)):
            continue
        if keyword in ("readOnly", "writeOnly"):
            yield _of_direction(old, new, required=f"{subject}.required" in after.said)
        elif not above & unsent:
            yield _change(old, new)


def _is_of_another_form(subject: str, before: Version, after: Version) -> bool:
    """Whether one of the versions has a choice of schemas where the other has not: a subject that
    is compared whole.
    """
    if subject not in after.subjects:
        return False
    old, new = before.schema_of(subject), after.schema_of(subject)
    chosen = [{*CHOICES} & schema.keys() for schema in (old, new)]
    beside = "properties" in old and "properties" in new
    return bool(old and new) and chosen[0] != chosen[1] and not beside


def _of_form(subject: str, before: Version, after: Version) -> Iterator[Change]:
    """The one change of a subject that is compared whole."""
    old, new = before.schema_of(subject), after.schema_of(subject)
    tightened, loosened = narrows(old, new), narrows(new, old)
    if tightened and loosened:
        return
    keyword = next(name for name in CHOICES if name in new or name in old)
    sides = [
        replace(
            each.said.get(f"{subject}.{keyword}", each.subjects[subject].presence),
            name=f"{subject}.{keyword}",
            keyword=keyword,
            operand=schema[keyword] if schema.keys() == {keyword} else schema,
        )
        for each, schema in ((before, old), (after, new))
    ]
    kind = "tightened" if tightened else "loosened" if loosened else "changed"
    yield _told(kind, _is_worse(kind, sides[0]), *sides)


def _is_within(version: Version, title: str, whole: list[str]) -> bool:
    """Whether a subject is one of those that are compared whole, or in one."""
    known = version.subjects.get(title)
    root = known.presence.part if known and known.presence.path else title
    return not {title, root, *version.above(title)}.isdisjoint(whole)


def _follows(name: str, before: Version, after: Version) -> bool:
    """Whether a type is stated only because the enumeration that implied it is not, or is."""
    subject, keyword = subject_and_keyword(name)
    enum = f"{subject}.enum"
    return keyword == "type" and (enum in before.said) != (enum in after.said)


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
    names += (name for name in has.said if subject_and_keyword(name)[0] == subject)
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
    breaking = _is_worse(kind, one)
    if one.keyword == "default":
        breaking = one.part == "request"  # what a parameter is that a client leaves out
    elif one.keyword == "deprecated" or (one.keyword == "format" and one.operand in PLAIN_FORMATS):
        breaking = False
    return _told(kind, breaking, old, new)


def _is_worse(kind: str, one: Requirement) -> bool:
    """Whether a change asks more of a request, or promises less of an answer."""
    worse = ("added", "tightened") if _is_asked(one) else ("removed", "loosened")
    return kind in ("changed", *worse)


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
    was, now = (each.operand if each else None for each in (old, new))
    if old and new and old.keyword != new.keyword:  # two kinds of bound
        was, now = (f"{each.keyword} {each.operand}" for each in (old, new))
    return Change(
        one.name,
        kind,
        breaking,
        was,
        now,
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
    if old.keyword in BOUNDS:
        return narrows({old.keyword: old.operand}, {new.keyword: new.operand})
    keyword = KEYWORDS.get(new.keyword)
    narrower = NARROWER.get(new.keyword, keyword.narrower if keyword else None)
    return narrower is not None and narrower(old.operand, new.operand)


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
        subject, keyword = subject_and_keyword(name)
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
        asked = subjects[0] in ("requestBody", "request", "servers")
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
    names = {each.key_header and each.key_header.lower() for each in (old, new)}
    if len(names) == 2 and None not in names:
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
    for url, (_, place) in _servers(contract).items():
        found["servers.url", url] = place
    for name in operation.unsent:
        found["request.parameters", name] = _place(contract, f"{operation.pointer}/parameters")
    return found


def _servers(contract: Contract) -> dict[str, tuple[str, str]]:
    """The description of each server of the operation, and its place, by the address of the
    operation there; a variable of any value has its default.
    """
    source, pointer = contract.source, contract.operation.pointer
    found = dict[str, tuple[str, str]]()
    _, path, _ = steps_of(pointer)
    for each in listed_servers(source, holder_of_servers(source, pointer), with_defaults=True):
        # In scheme and host letter case does not count (RFC 3986, section 6.2.2.1).
        host, rest = parted(each.url.rstrip("/"))
        place = _place(contract, each.pointer)
        found.setdefault(f"{host.lower()}{rest}{path}", (each.description, place))
    return found


def _of_words(old: Contract, new: Contract) -> Iterator[Change]:
    """What a version says otherwise of itself and of its servers: it asks nothing of anybody."""
    before, after = (
        {("info.version", ""): (each.version, _place(each, "/info/version"))}
        | {("servers.description", url): words for url, words in _servers(each).items()}
        for each in (old, new)
    )
    for (name, url), (was, old_place) in before.items():
        now, new_place = after.get((name, url), (was, ""))
        if was != now:
            said = (_FOR_CLIENTS[True, False], "nothing has to change")
            yield Change(name, "changed", False, was, now, old_place, new_place, *said)


def _place(contract: Contract, pointer: str) -> str:
    return f"{contract.source.name}:{contract.source.line(pointer)}"


def _of_another(
    old: Contract, new: Contract, name: str, before: tuple[object, str], now: tuple[object, str]
) -> Change:
    """The key in another header, or another status: who knows the old one alone is wrong."""
    (was, old_pointer), (is_now, new_pointer) = before, now
    clients, servers = (each.format(was, is_now) for each in _OF_ANOTHER[name])
    return Change(
        name,
        "changed",
        breaking=True,
        old=was,
        new=is_now,
        old_place=_place(old, old_pointer),
        new_place=_place(new, new_pointer),
        for_clients=clients,
        for_servers=servers,
    )


_OF_ANOTHER = {
    "4xx.status": (
        "what is invalid may get {1}, where it got {0}: take both for a refusal",
        "answer what is invalid with {1}, no longer with {0}",
    ),
    "security.key": (
        "send the key in {1}: in {0} it may be refused",
        "read the key from {1}, and refuse what has it in {0} alone",
    ),
}
"""What another status or header means for clients and for servers."""


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
