"""What has changed between two fingerprints, folded to what a vendor did, and what it means for a
client.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from watch import facts
from watch.facts import (
    BODY,
    CODE,
    FIELDS,
    LEFT_OUT,
    MEDIA_TYPE,
    MESSAGE,
    PARAMETERS,
    REASONS,
    STATUS,
    Facts,
)
from watch.fingerprint import Cases

MOST_TESTS = 5
"""Tests of a change that are named."""
MOST_TRANSITIONS = 2
"""Different changes of one fact that are shown."""
ENOUGH_TESTS = 3
"""Tests in which a fact differs by itself, from which on it does so in every answer of a status."""


class Weight(StrEnum):
    """What a change means for a client that worked before."""

    BREAKING = "breaking"
    NOTABLE = "worth knowing"
    HARMLESS = "harmless"


NEW, GONE, OTHER = "new", "gone", "other"
"""How a fact changes: it was not there, it is no longer there, or it is another one."""

_ANY = (NEW, GONE, OTHER)
_TABLE: tuple[tuple[str, tuple[str, ...], Weight, str], ...] = (
    (STATUS, _ANY, Weight.BREAKING, "a client decides by the status what to do"),
    (CODE, _ANY, Weight.BREAKING, "a client may decide by the error code what to do"),
    (MEDIA_TYPE, _ANY, Weight.BREAKING, "a client chooses its reader by the media type"),
    (PARAMETERS, _ANY, Weight.HARMLESS, "JSON is UTF-8, whatever they say (RFC 8259, section 8.1)"),
    (BODY, _ANY, Weight.BREAKING, "a client reads a JSON object"),
    (facts.PROPERTY, (GONE,), Weight.BREAKING, "a client may read the property"),
    (facts.PROPERTY, (OTHER,), Weight.BREAKING, "a client may read the property as that type"),
    (facts.PROPERTY, (NEW,), Weight.NOTABLE, "only a client that refuses unknown properties fails"),
    (facts.DEFAULT, _ANY, Weight.NOTABLE, "the type is the same, but the value means something"),
    (facts.SPELLING, _ANY, Weight.NOTABLE, "it is the same value, but a strict reader may fail"),
    (FIELDS, _ANY, Weight.NOTABLE, "a client may show the error beside the field"),
    (facts.HEADER, (GONE, OTHER), Weight.NOTABLE, "a client may read the header field"),
    (facts.VALUE, _ANY, Weight.NOTABLE, "a client may read the header field"),
    (
        facts.HEADER,
        (NEW,),
        Weight.HARMLESS,
        "unknown fields are ignored (RFC 9110, 5.1)",
    ),
    (MESSAGE, _ANY, Weight.HARMLESS, "it is for people"),
    (REASONS, _ANY, Weight.HARMLESS, "it is for people"),
    (facts.ORDER, _ANY, Weight.HARMLESS, "the order of names means nothing (RFC 8259, section 4)"),
)
"""Kind of fact, how it changes, what that means, and why."""
MEANING = {(kind, how): (weight, why) for kind, hows, weight, why in _TABLE for how in hows}

PER_TEST = frozenset({STATUS, MEDIA_TYPE, BODY, CODE})
"""Kinds that are watched everywhere else, although they differ by themselves in some tests."""
EVERYWHERE = frozenset({facts.HEADER, facts.VALUE, facts.PROPERTY, facts.DEFAULT, facts.ORDER})
"""Kinds that are noise everywhere, if they differ by themselves in one test."""
MOST_NAMES = 2
"""Names of one object that differ by themselves, beyond which all of its names are noise."""
SPORADIC = 0.05
"""The share of answers up to which a header field comes and goes: no two runs need meet it."""


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that a vendor did: the kind of fact and its subject, what it was and what it is
    (the most frequent of several), and in how many cases.

    `where` says which cases these are, `means` what it means for a client, and `why`.
    """

    kind: str
    subject: str
    before: str
    after: str
    cases: int
    where: str
    tests: tuple[str, ...]
    means: Weight
    why: str

    def as_json(self) -> dict[str, Any]:
        """For the record (`changes` of run.schema.json)."""
        return {**asdict(self), "tests": list(self.tests), "text": self.text}

    @property
    def text(self) -> str:
        """The change in one line."""
        number = "1 case" if self.cases == 1 else f"{self.cases} cases"
        return f"{self._what} {self.where} ({number})"

    @property
    def _what(self) -> str:
        subject = self.subject or WORDS.get(self.kind, self.kind)
        if self.kind == facts.HEADER:
            return f"{'header gone' if self.after == NONE else 'new header'}: {subject}"
        if self.kind == facts.PROPERTY and self.before in (NONE, LEFT_OUT):
            return f"new property {subject} ({self.after})"
        if self.kind == facts.PROPERTY and self.after in (NONE, LEFT_OUT):
            return f"property gone: {subject}"
        words = WORDS.get(self.kind, self.kind)
        about = f"{words} {subject}" if self.subject else words
        return f"{about}: {self.before}, now {self.after}"


NONE = "none"
AS_SENT = "as sent"
_ABSENT = {facts.SPELLING: AS_SENT, BODY: "a JSON object"}
"""What a fact that is not there means; elsewhere, that there is nothing."""
WORDS = {
    CODE: "error code",
    MESSAGE: "message text",
    REASONS: "reasons of details",
    FIELDS: "fields named by details",
    facts.VALUE: "header",
    facts.PROPERTY: "type of",
    facts.DEFAULT: "value filled in for",
    facts.SPELLING: "spelling of",
    facts.ORDER: "order of names",
    BODY: "body",
}
"""What a kind is called."""


@dataclass(frozen=True, slots=True)
class ChangedFact:
    """One fact of one case that changed; `how` it did."""

    test: str
    status: str
    kind: str
    subject: str
    before: str
    after: str
    how: str


def differences(old: Cases, new: Cases, noise: Iterable[str] = ()) -> Iterator[ChangedFact]:
    """Each fact that differs in a case that both have, and that neither is noise nor only follows
    from another difference.
    """
    ignored = frozenset(noise)
    for test in old.keys() & new.keys():
        for case in old[test].keys() & new[test].keys():
            before, after = old[test][case], new[test][case]
            if before != after:
                yield from _of_case(test, before, after, ignored)


def noise_of(first: Cases, second: Cases) -> list[str]:
    """Rules for what differs by itself, found by asking the same server twice.

    A rule is a fact's key, for all tests, or a key and a test, or a key and the status of the
    answers: what differs by itself in a 401 may be as it was in a 400.
    """
    tests = defaultdict[tuple[str, str], set[str]](set)
    for each in differences(first, second):
        tests[_key(each.kind, each.subject), each.status].add(each.test)
    rules = set()
    for (key, status), found in tests.items():
        kind = key.partition(" ")[0] if key not in facts.WHOLE else key
        if kind in EVERYWHERE:
            rules.add(key)
        elif len(found) >= ENOUGH_TESTS and kind not in PER_TEST:
            rules.add(_in(key, status))
        else:
            rules |= {f"{key} @ {test}" for test in found}
    inside = Counter(_holder(rule) for rule in rules)
    wide = {holder for holder, count in inside.items() if holder and count > MOST_NAMES}
    return sorted(wide | {rule for rule in rules if _holder(rule) not in wide})


def changes(old: Cases, new: Cases, noise: Iterable[str] = ()) -> list[Change]:
    """What has changed, the worst first."""
    groups = defaultdict[tuple[str, ...], list[ChangedFact]](list)
    for each in differences(old, new, noise):
        apart = (each.before, each.after) if each.kind in _APART and each.how == OTHER else ()
        groups[each.kind, each.subject, each.how, *apart].append(each)
    found = [
        _change(group, old, new) for group in groups.values() if not _is_sporadic(group, old, new)
    ]
    weights = list(Weight)
    return sorted(found, key=lambda c: (weights.index(c.means), -c.cases, c.kind, c.subject))


def compared(old: Cases, new: Cases) -> int:
    """How many cases both have."""
    return sum(len(old[test].keys() & new[test].keys()) for test in old.keys() & new.keys())


_DOCUMENTED = frozenset({"", "data", "data.items[]", "details[]"})
"""The objects of an answer whose names are watched one by one."""
_OF_THE_HEAD = frozenset({MEDIA_TYPE, PARAMETERS, facts.HEADER, facts.VALUE})
"""Kinds that are known of an answer whose body is not."""
_APART = frozenset({STATUS, CODE, MEDIA_TYPE, facts.PROPERTY})
"""Kinds of which each change from one thing to another is told by itself."""
_FOLLOWS = {
    facts.DEFAULT: facts.PROPERTY,
    facts.SPELLING: facts.PROPERTY,
    CODE: f"{facts.PROPERTY} code",
    MESSAGE: f"{facts.PROPERTY} message",
    REASONS: f"{facts.PROPERTY} details",
    FIELDS: f"{facts.PROPERTY} details",
}
"""What changes of necessity where a property is new, gone or of another type."""


def _of_case(
    test: str, before: Facts, after: Facts, noise: frozenset[str]
) -> Iterator[ChangedFact]:
    keys = sorted(k for k in before.keys() | after.keys() if before.get(k) != after.get(k))
    if facts.TOO_LONG in (before.get(BODY), after.get(BODY)):
        keys = [key for key in keys if key == STATUS or _parts(key)[0] in _OF_THE_HEAD]
    for alone in (STATUS, BODY):
        if alone in keys:
            keys = [alone]
    properties = [key for key in keys if key.startswith(f"{facts.PROPERTY} ")]
    for key in keys:
        kind, subject = _parts(key)
        rules = (key, _in(key, before[STATUS]), f"{key} @ {test}", _holder(key))
        if not noise.isdisjoint(rules) or _is_told_by(key, before, after, properties):
            continue
        yield _difference(test, before, kind, subject, before.get(key), after.get(key))


def _difference(
    test: str, facts_before: Facts, kind: str, subject: str, before: str | None, after: str | None
) -> ChangedFact:
    absent = _ABSENT.get(kind, NONE)
    echoed = [each for each in (before, after) if each and _is_of_echo(each)]
    if kind == facts.PROPERTY and echoed:
        absent = AS_SENT
    how = OTHER
    if after == LEFT_OUT or (after is None and not echoed):
        how = GONE
    elif before == LEFT_OUT or (before is None and not echoed):
        how = NEW
    return ChangedFact(
        test, facts_before[STATUS], kind, subject, before or absent, after or absent, how
    )


def _is_of_echo(text: str) -> bool:
    """Whether the fact of a property is about what was sent: without it, that came back as sent."""
    return text == LEFT_OUT or facts.IN_PLACE_OF in text


def _change(group: Sequence[ChangedFact], old: Cases, new: Cases) -> Change:
    first = group[0]
    transitions = Counter((each.before, each.after) for each in group).most_common()
    if first.kind == FIELDS:
        transitions.sort(key=lambda each: -_marks(each[0][0]))  # that shows the style of a path
    (before, after), _ = transitions[0]
    if len(transitions) > 1 and first.kind != facts.PROPERTY:
        after += f" (and {len(transitions) - 1} more such)"
    means, why = MEANING[first.kind, first.how]
    tests = tuple(sorted({each.test for each in group}))
    return Change(
        first.kind,
        first.subject,
        before,
        after,
        len(group),
        _where(group, old, new),
        tests[:MOST_TESTS],
        means,
        why,
    )


def _is_sporadic(group: Sequence[ChangedFact], old: Cases, new: Cases) -> bool:
    """Whether a header field is in so few answers, of any test, that it may come and go."""
    if group[0].kind != facts.HEADER:
        return False
    statuses = {each.status for each in group}
    alike = sum(
        old[test][case][STATUS] in statuses
        for test in old.keys() & new.keys()
        for case in old[test].keys() & new[test].keys()
    )
    return len(group) <= SPORADIC * alike


def _marks(field: str) -> int:
    """How many brackets and dots the path of one field has."""
    return 0 if ", " in field else sum(not each.isalnum() for each in field)


def _where(group: Sequence[ChangedFact], old: Cases, new: Cases) -> str:
    """Which cases these are: all of a status, all of these about one keyword, or some."""
    statuses = sorted({each.status for each in group})
    tests = Counter[str]()
    for test in old.keys() & new.keys():
        for case in old[test].keys() & new[test].keys():
            tests[test] += old[test][case][STATUS] in statuses
    answers = " and ".join(statuses)
    if len(group) == compared(old, new):
        return "in every answer"
    if len(group) == tests.total():
        return f"in every {answers}"
    found = {_about(each.test) for each in group}
    keywords = {name.rpartition(".")[2] for _, name in found}
    if len(keywords) == 1:
        keyword = next(iter(keywords))
        of_keyword = {test for test in tests if _about(test)[1].endswith(f".{keyword}")}
        functions = {function for function, _ in found}
        of_keyword = {test for test in of_keyword if _about(test)[0] in functions}
        if of_keyword and len(group) == sum(tests[test] for test in of_keyword):
            return f"in every {answers} about {keyword}"
    names = sorted({name or function for function, name in found})
    if len(names) > MOST_TESTS:
        return f"in {answers} of {len(names)} tests"
    return f"in {answers} about {', '.join(names)}"


def _about(test: str) -> tuple[str, str]:
    """The function of a test, and what this one is about."""
    function, _, name = test.removesuffix("]").partition("[")
    return function.rpartition("::")[2], name


def _is_told_by(key: str, before: Facts, after: Facts, properties: Sequence[str]) -> bool:
    """Whether a fact changes of necessity, because another one does that is told."""
    kind, subject = _parts(key)
    both = key in before and key in after
    if kind == facts.VALUE and not both:
        return True  # that the field is new or gone; older baselines have no values
    if kind == facts.ORDER and both:
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
    """Whether a fact may change because one of these properties does."""
    if kind == facts.ORDER:
        holder = "" if subject == "of the answer" else subject.removeprefix("of ")
        parents = {each.partition(" ")[2].rpartition(".")[0] for each in properties}
        return holder in parents
    if kind == facts.PROPERTY:
        return any(_is_within(key, each) for each in properties)
    follows = _FOLLOWS.get(kind)
    if follows == facts.PROPERTY:
        follows = f"{facts.PROPERTY} {subject}"
    return follows is not None and any(
        each == follows or _is_within(each, follows) or _is_within(follows, each)
        for each in properties
    )


def _is_within(key: str, other: str) -> bool:
    """Whether a property is inside of another one."""
    return key.startswith((f"{other}.", f"{other}["))


def _holder(key: str) -> str:
    """The rule for all names of the object that a property is in; empty for other keys."""
    kind, subject = _parts(key)
    parent = subject.rpartition(".")[0]
    of_object = kind in (facts.PROPERTY, facts.DEFAULT) and parent not in _DOCUMENTED
    return f"{kind} {parent}.*" if of_object else ""


def _in(key: str, status: str) -> str:
    """The rule for a fact of all answers of a status."""
    return f"{key} in {status}"


def _key(kind: str, subject: str) -> str:
    return f"{kind} {subject}" if subject else kind


def _parts(key: str) -> tuple[str, str]:
    """The kind and the subject of a fact's key."""
    if key in facts.WHOLE:
        return key, ""
    kind, _, subject = key.partition(" ")
    return kind, subject
