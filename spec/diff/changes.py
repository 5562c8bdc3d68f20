"""What differs between two versions of the document.

A change breaks a client, as oasdiff has it, if it asks more of a request or promises less of an
answer.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from typing import Any

from spec.contract import Contract, load
from spec.diff.change import FOR_CLIENTS, FOR_SERVERS, OF_PROSE, Change, kind_of
from spec.diff.lists import is_another_error, of_lists, of_prose, of_words
from spec.diff.narrowing import (
    BOUNDS,
    NARROWER,
    has_matches,
    narrows,
    narrows_each,
    without_fresh,
)
from spec.diff.security import of_security
from spec.diff.standing import is_told_otherwise, of_created
from spec.diff.units import OF_NUMBERS, keeps_unit, says_the_same
from spec.diff.version import ANY_TYPE, Version, version
from spec.document import node_at
from spec.parameters import HEADER
from spec.paths import CHOICES, ELEMENT
from spec.requirements import Requirement, subject_and_keyword
from spec.schema.formats import PLAIN_FORMATS
from spec.schema.keywords import KEYWORDS, type_names, typed
from spec.yamlfile import FileError, YamlFile

SHOWN = ("required", "type", "enum")
"""What is told of a new property, the first that it has."""
GONE = ("type", "enum", "required")
"""What is told of one that is gone."""
NOT_READ = "it need not be read any longer"
"""What it means for servers that a property or parameter of the request is gone."""
HOW_IT_IS_WRITTEN = ("style", "explode")
"""Keywords of a parameter of several values."""
MOST_TOLD = 12
"""Changes above a run."""


def changes(
    old: Contract, new: Contract, written: tuple[YamlFile, YamlFile] | None = None
) -> tuple[Change, ...]:
    """Each change between two versions, those that break clients first; `written` has them as they
    are, where something stands in a contract for what cannot be judged.
    """
    known = written or (old.source, new.source)
    was, error = (each.operation.error for each in (old, new))
    called = {was: error} if is_another_error(old, new) else {}
    before, after = version(old, new, called), version(new, old)
    shared = _of_requirements(_shared(before, after), _shared(after, before))
    found = [
        *_of_statuses(shared, before.statuses),
        *of_created(*known),
        *of_security(*known),
        *of_lists(old, new),
        *of_words(old, new),
        *of_prose(old, new),
    ]
    told = (one for one in found if not is_told_otherwise(one, *known))
    return tuple(sorted(told, key=lambda change: not change.breaking))


def notes(contract: Contract) -> list[str]:
    """What a run by another version of the document says above, in lines."""
    if contract.own:
        return []
    try:
        found = changes(load(), contract)
    except FileError as error:  # what a run leaves out may refer to nothing
        return [f"changes: not compared, because of {error}"]
    breaking = sum(change.breaking for change in found)
    told = [f"  {change}" for change in found[:MOST_TOLD]]
    more = [f"  and {len(found) - MOST_TOLD} more"] if found[MOST_TOLD:] else []
    return [f"changes: {len(found)}, of which {breaking} may break clients", *told, *more]


def _of_statuses(found: Iterable[Change], statuses: Collection[str]) -> list[Change]:
    """The changes, those that are alike in the answers of several statuses as one."""
    together: dict[tuple[object, ...], list[str]] = {}
    first: dict[tuple[object, ...], Change] = {}
    for one in found:
        status = re.split(r"[.\[]", one.requirement, maxsplit=1)[0]
        kept = status if status in statuses else ""
        rest = one.requirement.removeprefix(kept)
        key = (rest, one.kind, one.breaking, str(one.old), str(one.new), bool(kept))
        together.setdefault(key, []).append(kept)
        first.setdefault(key, one)
    return [
        replace(one, requirement=f"{', '.join(sorted(together[key]))}{key[0]}")
        for key, one in first.items()
    ]


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
            if _is_within(has, subject, whole) or _is_of_another_type(subject, before, after):
                continue
            yield _of_presence(has, subject, fresh=has is after)
    yield from _of_said(before, after, whole)


def _of_said(before: Version, after: Version, whole: list[str]) -> Iterator[Change]:
    """Each of what both versions have which is said otherwise, but for what is compared whole."""
    unsent = before.unsent | after.unsent
    apart = before.subjects.keys() ^ after.subjects.keys()
    for name in dict.fromkeys((*before.said, *after.said)):
        old, new = _said(name, before, after), _said(name, after, before)
        subject, keyword = subject_and_keyword(name)
        above = {name for each in (before, after) for name in each.above(subject)}
        if above & apart or _alike(old, new) or _follows(name, before, after):
            continue
        if any(_is_within(each, subject, whole) for each in (before, after)):
            continue
        if keyword in ("readOnly", "writeOnly"):
            yield _of_direction(old, new, required=f"{subject}.required" in after.said)
        elif not above & unsent:
            yield _change(old, new, met=_is_met(name, before, after))
        elif all(above & each.unsent for each in (before, after)):
            yield from _of_unsent((old, new), (before, after))


def _of_unsent(
    sides: tuple[Requirement | None, Requirement | None], versions: tuple[Version, Version]
) -> Iterator[Change]:
    """The change of what is only for the other direction, which breaks nobody; where a schema
    serves both, it is told there.
    """
    for one, has in zip(sides, versions, strict=True):
        others = (each for each in has.said.values() if one and each.part != one.part)
        if one and any(each.pointer == one.pointer for each in others):
            return
    yield _told(_kind(*sides), False, *sides)


def _numbers(version: Version, subject: str) -> dict[str, Any]:
    """What a version says of the numbers that a subject may have."""
    said = {keyword: version.said.get(f"{subject}.{keyword}") for keyword in OF_NUMBERS}
    return {keyword: each.operand for keyword, each in said.items() if each is not None}


def _is_met(name: str, before: Version, after: Version) -> bool:
    """Whether a unit, a pattern or a choice breaks no client: all values that were sent keep the
    new one, or all that are answered now keep the old.
    """
    old, new = before.said.get(name), after.said.get(name)
    one = new or old
    assert one is not None
    has, decides = (before, new) if _is_asked(one) else (after, old)
    subject, keyword = subject_and_keyword(name)
    if keyword in CHOICES and old and new and _is_asked(one):
        known = without_fresh({keyword: old.operand}, {keyword: new.operand})
        return narrows(known, {keyword: old.operand})
    if keyword not in ("multipleOf", "pattern") or decides is None:
        return False
    if keyword == "pattern":
        return has_matches(has.schema_of(subject), decides.operand)
    return keeps_unit(_numbers(has, subject), decides.operand)


def _shared(one: Version, other: Version) -> Version:
    """A version without the answers that the other has not, or has without content: their statuses
    and media types tell it.
    """

    def kept(each: Requirement) -> bool:
        header = each.name.startswith(f"{each.part}.{HEADER}.")
        listed = other.statuses if header else other.roots.keys()
        return each.part in listed or _is_asked(each) or each.part not in one.statuses

    return replace(
        one,
        said={name: each for name, each in one.said.items() if kept(each)},
        subjects={name: each for name, each in one.subjects.items() if kept(each.presence)},
    )


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
    keyword = next(name for name in CHOICES if name in new or name in old)
    is_of_one = any(_lists_one(each, subject, keyword) for each in (before, after))
    compared = narrows_each if is_of_one else narrows
    tightened, loosened = compared(old, new), compared(new, old)
    if tightened and loosened:
        return
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


def _lists_one(version: Version, subject: str, keyword: str) -> bool:
    """Whether the choice of a subject is one of a single schema, which is read as that schema."""
    node = node_at(version.contract.source, version.subjects[subject].presence.pointer)
    return isinstance(node, dict) and len(node.get(keyword, ())) == 1


def _is_of_another_type(subject: str, before: Version, after: Version) -> bool:
    """Whether it is the element of what is an array in one version alone: its type tells that."""
    types = [each.said.get(f"{subject.removesuffix(ELEMENT)}.type") for each in (before, after)]
    was, now = (each.operand if each else None for each in types)
    return subject.endswith(ELEMENT) and was != now


def _is_within(version: Version, title: str, whole: list[str]) -> bool:
    """Whether a subject is one of those that are compared whole, or in one."""
    known = version.subjects.get(title)
    root = known.presence.part if known and known.presence.path else title
    return not {title, root, *version.above(title)}.isdisjoint(whole)


def _said(name: str, version: Version, other: Version) -> Requirement | None:
    """What a version says; an enumeration says the type that the other has, with null where that
    is one of its members.
    """
    subject, keyword = subject_and_keyword(name)
    said, its = version.said.get(name), other.said.get(name)
    listed = version.said.get(f"{subject}.enum")
    if said is not None or its is None or listed is None or keyword != "type":
        return said
    members = listed.operand if isinstance(listed.operand, list) else []
    types = [one for one in type_names(its.operand) if one != "null"] + ["null"] * (None in members)
    operand = types if types[1:] else types[0]
    return replace(its, operand=operand, file=listed.file, line=listed.line)


def _follows(name: str, before: Version, after: Version) -> bool:
    """Whether how several values are written is stated only because there are several; or whether
    it says of numbers what type and unit say together in the other version, too.
    """
    subject, keyword = subject_and_keyword(name)
    if says_the_same(keyword, _numbers(before, subject), _numbers(after, subject)):
        return True
    return (name in before.said) != (name in after.said) and keyword in HOW_IT_IS_WRITTEN


def _alike(old: Requirement | None, new: Requirement | None) -> bool:
    if old is None or new is None:
        return False
    same = old.keyword == new.keyword and typed(old.operand) == typed(new.operand)
    return same or (_narrows(old, new) and _narrows(new, old))


def _of_presence(has: Version, subject: str, *, fresh: bool) -> Change:
    """A property or parameter that is new, or gone.

    What is new and optional asks nothing of a client that does not know it, and what is required
    does, whatever its default is: without it a payload is invalid. What is gone is still sent by a
    client that knows it, and missed in an answer.
    """
    presence = has.subjects[subject].presence
    names = [f"{subject}.{keyword}" for keyword in (SHOWN if fresh else GONE)]
    found = [has.said[name] for name in names if name in has.said]
    found += [presence] if presence.operand != ANY_TYPE else []
    found += (
        one
        for name, one in has.said.items()
        if subject_and_keyword(name)[0] == subject and one.keyword not in HOW_IT_IS_WRITTEN
    )
    told = [*found, presence][0]
    # What is sent beside a payload may go once it is deprecated.
    announced = presence.part == "request" and f"{subject}.deprecated" in has.said
    demanded = _is_asked(told) and told.keyword == "required"
    breaking = demanded if fresh else not announced
    if fresh:
        return _told("added", breaking, None, told)
    gone = _told("removed", breaking, told, None)
    return replace(gone, for_servers=NOT_READ) if _is_asked(told) else gone


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


def _change(old: Requirement | None, new: Requirement | None, *, met: bool = False) -> Change:
    """The change of one requirement; `met` says that all values keep it by what else is said."""
    one = new or old
    assert one is not None
    kind = _kind(old, new)
    breaking = _is_worse(kind, one) and not met
    if one.keyword == "default":
        breaking = one.part == "request"  # what a parameter is that a client leaves out
    elif one.part == "request" and one.keyword == "type" and one.operand == "array":
        breaking = True  # one text says less than several
    elif one.keyword in ("content", "prefixItems"):
        # What the text of a parameter is written in; what each element is, and those after them.
        breaking = True
    elif one.keyword in ("deprecated", "description", "discriminator") or (
        one.keyword == "format" and one.operand in PLAIN_FORMATS
    ):
        breaking = False
    elif one.keyword == "pattern" and not _is_asked(one):
        breaking = False  # who reads a text needs no pattern of it
    return _told(kind, breaking, old, new)


def _is_worse(kind: str, one: Requirement) -> bool:
    """Whether a change asks more of a request, or promises less of an answer."""
    worse = ("added", "tightened") if _is_asked(one) else ("removed", "loosened")
    return kind in ("changed", *worse)


def _is_asked(requirement: Requirement) -> bool:
    """Whether it is on requests."""
    return requirement.part in ("body", "request")


def _told(
    kind: str,
    breaking: bool,  # noqa: FBT001 - what is told of it
    old: Requirement | None,
    new: Requirement | None,
) -> Change:
    one = new or old
    assert one is not None
    asked = _is_asked(one)
    meaning = FOR_CLIENTS[asked, breaking], FOR_SERVERS[asked, breaking]
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
        *(OF_PROSE if one.keyword == "description" else meaning),
    )


def _kind(old: Requirement | None, new: Requirement | None) -> str:
    if old and new and _narrows(old, new):
        return "tightened"
    return "loosened" if old and new and _narrows(new, old) else kind_of(old, new)


def _narrows(old: Requirement, new: Requirement) -> bool:
    """Whether the new one allows no more than the old."""
    if old.keyword in BOUNDS:
        return narrows({old.keyword: old.operand}, {new.keyword: new.operand})
    keyword = KEYWORDS.get(new.keyword)
    narrower = NARROWER.get(new.keyword, keyword.narrower if keyword else None)
    return narrower is not None and narrower(old.operand, new.operand)
