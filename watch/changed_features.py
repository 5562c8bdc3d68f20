"""Compares the features of two fingerprints, without noise and without what follows from another
difference.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from watch import features
from watch.features import (
    BODY,
    CODE,
    FIELDS,
    LEFT_OUT,
    MEDIA_TYPE,
    MESSAGE,
    PARAMETERS,
    REASONS,
    STATUS,
    Features,
)
from watch.fingerprint import Cases

NEW, GONE, OTHER = "new", "gone", "other"
"""How a feature changes: it was not there, it is no longer there, or it is another one."""

NONE = "none"
AS_SENT = "as sent"
_ABSENT = {features.SPELLING: AS_SENT, BODY: "a JSON object"}
"""What a feature that is not there means; elsewhere, that there is nothing."""


@dataclass(frozen=True, slots=True)
class ChangedFeature:
    """One feature of one case that changed; `how` it did."""

    test: str
    status: str
    kind: str
    subject: str
    before: str
    after: str
    how: str


def changed_features(old: Cases, new: Cases, noise: Iterable[str] = ()) -> Iterator[ChangedFeature]:
    """Each feature that differs in a case that both have, and that neither is noise nor only
    follows from another difference.
    """
    ignored = frozenset(noise)
    for test in old.keys() & new.keys():
        for case in old[test].keys() & new[test].keys():
            before, after = old[test][case], new[test][case]
            if before != after:
                yield from _of_case(test, before, after, ignored)


def compared(old: Cases, new: Cases) -> int:
    """How many cases both have."""
    return sizes(old, new).total()


def sizes(old: Cases, new: Cases) -> Counter[str]:
    """How many cases both have, by the status that the old one has."""
    return Counter(
        old[test][case][STATUS]
        for test in old.keys() & new.keys()
        for case in old[test].keys() & new[test].keys()
    )


_DOCUMENTED = frozenset({"", "data", "data.items[]", "details[]"})
"""The objects of an answer whose names are watched one by one."""
_OF_THE_HEAD = frozenset({MEDIA_TYPE, PARAMETERS, features.HEADER, features.VALUE})
"""Kinds that are known of an answer whose body is not."""
_FOLLOWS = {
    features.DEFAULT: features.PROPERTY,
    features.SPELLING: features.PROPERTY,
    CODE: f"{features.PROPERTY} code",
    MESSAGE: f"{features.PROPERTY} message",
    REASONS: f"{features.PROPERTY} details",
    FIELDS: f"{features.PROPERTY} details",
}
"""What changes of necessity where a property is new, gone or of another type."""


def _of_case(
    test: str, before: Features, after: Features, noise: frozenset[str]
) -> Iterator[ChangedFeature]:
    keys = sorted(k for k in before.keys() | after.keys() if before.get(k) != after.get(k))
    if features.TOO_LONG in (before.get(BODY), after.get(BODY)):
        keys = [key for key in keys if key == STATUS or parts_of(key)[0] in _OF_THE_HEAD]
    for alone in (STATUS, BODY):
        if alone in keys:
            keys = [alone]
    properties = [key for key in keys if parts_of(key)[0] == features.PROPERTY]
    for key in keys:
        kind, subject = parts_of(key)
        rules = (key, rule_in(key, before[STATUS]), f"{key} @ {test}", holder(key))
        if not noise.isdisjoint(rules) or _is_told_by(key, before, after, properties):
            continue
        yield _difference(test, before, kind, subject, *_told(key, before, after))


def _difference(
    test: str,
    features_before: Features,
    kind: str,
    subject: str,
    before: str | None,
    after: str | None,
) -> ChangedFeature:
    absent = _ABSENT.get(kind, NONE)
    echoed = [each for each in (before, after) if each and _is_of_echo(each)]
    if kind == features.PROPERTY and echoed:
        absent = AS_SENT
    how = OTHER
    if after == LEFT_OUT or (after is None and not echoed):
        how = GONE
    elif before == LEFT_OUT or (before is None and not echoed):
        how = NEW
    return ChangedFeature(
        test, features_before[STATUS], kind, subject, before or absent, after or absent, how
    )


def _told(key: str, before: Features, after: Features) -> tuple[str | None, str | None]:
    """What a feature was and is; a status with its error code, where both are other ones."""
    if key == STATUS and before.get(CODE) != after.get(CODE):
        one, other = (f"{each[key]} {each.get(CODE, '')}".strip() for each in (before, after))
        return one, other
    return before.get(key), after.get(key)


def _is_of_echo(text: str) -> bool:
    """Whether a property's feature is about what was sent: without it, that came back as sent."""
    return text == LEFT_OUT or features.IN_PLACE_OF in text


def _is_told_by(key: str, before: Features, after: Features, properties: Sequence[str]) -> bool:
    """Whether a feature changes of necessity, because another one does that is told."""
    kind, subject = parts_of(key)
    both = key in before and key in after
    if kind == features.VALUE and not both:
        return True  # that the field is new or gone; older baselines have no values
    if kind == features.ORDER and both:
        if not _may_be_one_order(before[key], after[key]):
            return False
        if AS_SENT in (before[key], after[key]):  # which is about names that were sent alone
            properties = [
                each
                for each in properties
                if _is_of_echo(before.get(each, "")) or _is_of_echo(after.get(each, ""))
            ]
    return _follows(key, kind, subject, properties)


def _may_be_one_order(before: str, after: str) -> bool:
    """Whether two orders of names differ by no more than names that only one of them has."""
    one, other = before.split(", "), after.split(", ")
    return [name for name in one if name in other] == [name for name in other if name in one]


def _follows(key: str, kind: str, subject: str, properties: Sequence[str]) -> bool:
    """Whether a feature may change because one of these properties does."""
    if kind == features.ORDER:
        parent = "" if subject == "of the answer" else subject.removeprefix("of ")
        parents = {parts_of(each)[1].rpartition(".")[0] for each in properties}
        return parent in parents
    if kind == features.PROPERTY:
        return any(_is_within(key, each) for each in properties)
    follows = _FOLLOWS.get(kind)
    if follows == features.PROPERTY:
        follows = f"{features.PROPERTY} {subject}"
    return follows is not None and any(
        each == follows or _is_within(each, follows) or _is_within(follows, each)
        for each in properties
    )


def _is_within(key: str, other: str) -> bool:
    """Whether a property is inside of another one."""
    return key.startswith((f"{other}.", f"{other}["))


def holder(key: str) -> str:
    """The rule for all names of the object that a property is in; empty for other keys."""
    kind, subject = parts_of(key)
    parent = subject.rpartition(".")[0]
    of_object = kind in (features.PROPERTY, features.DEFAULT) and parent not in _DOCUMENTED
    return f"{kind} {parent}.*" if of_object else ""


def rule_in(key: str, status: str) -> str:
    """The rule for a feature of all answers of a status."""
    return f"{key} in {status}"


def key_of(kind: str, subject: str) -> str:
    """The key of a feature; some kinds have no subject."""
    return f"{kind} {subject}" if subject else kind


def parts_of(key: str) -> tuple[str, str]:
    """The kind and the subject of a feature's key."""
    if key in features.WHOLE:
        return key, ""
    kind, _, subject = key.partition(" ")
    return kind, subject
