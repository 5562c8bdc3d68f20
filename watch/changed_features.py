"""Compares the features of two fingerprints, without noise and without what follows from another
difference.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from watch.fingerprint import Cases
from watch.keys import (
    BODY,
    CODE,
    DEFAULT,
    FIELDS,
    HEADER,
    IN_PLACE_OF,
    LEFT_OUT,
    MEDIA_TYPE,
    MESSAGE,
    ORDER,
    PARAMETERS,
    PROPERTY,
    REASONS,
    SPELLING,
    STATUS,
    TOO_LONG,
    VALUE,
    Features,
    holder,
    names_in,
    object_of,
    parent_of,
    parts_of,
    rule_in,
)

NEW, GONE, OTHER = "new", "gone", "other"
"""How a feature changes: it was not there, it is no longer there, or it is another one."""

NONE = "none"
AS_SENT = "as sent"
_ABSENT = {SPELLING: AS_SENT, BODY: "a JSON object"}
"""What a feature that is not there means; elsewhere, that there is nothing."""


@dataclass(frozen=True, slots=True)
class ChangedFeature:
    """One feature of one case that changed; `how` it did. `status` and `given` are those of the
    answer before and after.
    """

    test: str
    status: str
    given: str
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
    for test, before, after in in_both(old, new):
        if before != after:
            yield from _of_case(test, before, after, ignored)


def in_both(old: Cases, new: Cases) -> Iterator[tuple[str, Features, Features]]:
    """Each case that both have: its test, and its features before and after."""
    for test in old.keys() & new.keys():
        for case in old[test].keys() & new[test].keys():
            yield test, old[test][case], new[test][case]


def compared(old: Cases, new: Cases) -> int:
    """How many cases both have."""
    return sizes(old, new).total()


def sizes(old: Cases, new: Cases) -> Counter[str]:
    """How many cases both have, by the status that the old one has."""
    return Counter(before[STATUS] for _, before, _ in in_both(old, new))


_OF_THE_HEAD = frozenset({MEDIA_TYPE, PARAMETERS, HEADER, VALUE})
"""Kinds that are known of an answer whose body is not."""
_FOLLOWS = {
    DEFAULT: PROPERTY,
    SPELLING: PROPERTY,
    CODE: f"{PROPERTY} code",
    MESSAGE: f"{PROPERTY} message",
    REASONS: f"{PROPERTY} details",
    FIELDS: f"{PROPERTY} details",
}
"""What changes of necessity where a property is new, gone or of another type."""


def _of_case(
    test: str, before: Features, after: Features, noise: frozenset[str]
) -> Iterator[ChangedFeature]:
    keys = sorted(k for k in before.keys() | after.keys() if before.get(k) != after.get(k))
    if TOO_LONG in (before.get(BODY), after.get(BODY)):
        keys = [key for key in keys if key == STATUS or parts_of(key)[0] in _OF_THE_HEAD]
    for alone in (STATUS, BODY):
        if alone in keys:
            keys = [alone]
    properties = [key for key in keys if parts_of(key)[0] == PROPERTY]
    for key in keys:
        kind, subject = parts_of(key)
        rules = (key, rule_in(key, before[STATUS]), f"{key} @ {test}", holder(key))
        if not noise.isdisjoint(rules) or _is_told_by(key, before, after, properties):
            continue
        statuses = (before[STATUS], after[STATUS])
        yield _difference(test, statuses, kind, subject, *_told(key, before, after))


def _difference(
    test: str,
    statuses: tuple[str, str],
    kind: str,
    subject: str,
    before: str | None,
    after: str | None,
) -> ChangedFeature:
    absent = _ABSENT.get(kind, NONE)
    echoed = [each for each in (before, after) if each and _is_of_echo(each)]
    if kind == PROPERTY and echoed:
        absent = AS_SENT
    how = OTHER
    if after == LEFT_OUT or (after is None and not echoed):
        how = GONE
    elif before == LEFT_OUT or (before is None and not echoed):
        how = NEW
    return ChangedFeature(test, *statuses, kind, subject, before or absent, after or absent, how)


def _told(key: str, before: Features, after: Features) -> tuple[str | None, str | None]:
    """What a feature was and is; a status with its error code, where both are other ones."""
    if key == STATUS and before.get(CODE) != after.get(CODE):
        one, other = (f"{each[key]} {each.get(CODE, '')}".strip() for each in (before, after))
        return one, other
    return before.get(key), after.get(key)


def _is_of_echo(text: str) -> bool:
    """Whether a property's feature is about what was sent: without it, that came back as sent."""
    return text == LEFT_OUT or IN_PLACE_OF in text


def _is_told_by(key: str, before: Features, after: Features, properties: Sequence[str]) -> bool:
    """Whether a feature changes of necessity, because another one does that is told."""
    kind, subject = parts_of(key)
    both = key in before and key in after
    if kind == VALUE and not both:
        return True  # that the field is new or gone; older baselines have no values
    if kind == ORDER and both:
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
    one, other = names_in(before), names_in(after)
    return [name for name in one if name in other] == [name for name in other if name in one]


def _follows(key: str, kind: str, subject: str, properties: Sequence[str]) -> bool:
    """Whether a feature may change because one of these properties does."""
    if kind == ORDER:
        return object_of(subject) in {parent_of(each) for each in properties}
    if kind == PROPERTY:
        return any(_is_within(key, each) for each in properties)
    follows = _FOLLOWS.get(kind)
    if follows == PROPERTY:
        follows = f"{PROPERTY} {subject}"
    return follows is not None and any(
        each == follows or _is_within(each, follows) or _is_within(follows, each)
        for each in properties
    )


def _is_within(key: str, other: str) -> bool:
    """Whether a property is inside of another one."""
    return key.startswith((f"{other}.", f"{other}["))
