"""What a vendor changed between two fingerprints, told once for all features that show it, and what
it means for a client.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypedDict

from spec.probes import status_and_code
from spec.requirements import subject_and_keyword
from spec.violation import counted
from watch.changed_features import (
    GONE,
    NEW,
    NONE,
    OTHER,
    ChangedFeature,
    changed_features,
    compared,
    in_both,
    sizes,
)
from watch.features import BETWEEN
from watch.fingerprint import Cases, node_parts
from watch.keys import (
    BODY,
    CODE,
    DEFAULT,
    FIELDS,
    HEADER,
    LEFT_OUT,
    MEDIA_TYPE,
    MESSAGE,
    ORDER,
    PARAMETERS,
    PROPERTY,
    REASONS,
    SPELLING,
    STATUS,
    VALUE,
)

MOST_TESTS = 5
"""Tests of a change that are named."""


class Weight(StrEnum):
    """What a change means for a client that worked before."""

    BREAKING = "breaking"
    NOTABLE = "worth knowing"
    HARMLESS = "harmless"


_ANY = (NEW, GONE, OTHER)
_TABLE: tuple[tuple[str, tuple[str, ...], Weight, str], ...] = (
    (STATUS, _ANY, Weight.BREAKING, "a client decides by the status what to do"),
    (CODE, _ANY, Weight.BREAKING, "a client may decide by the error code what to do"),
    (MEDIA_TYPE, _ANY, Weight.BREAKING, "a client chooses its reader by the media type"),
    (PARAMETERS, _ANY, Weight.HARMLESS, "JSON is UTF-8, whatever they say (RFC 8259, section 8.1)"),
    (BODY, _ANY, Weight.BREAKING, "a client reads a JSON object"),
    (PROPERTY, (GONE,), Weight.BREAKING, "a client may read the property"),
    (PROPERTY, (OTHER,), Weight.BREAKING, "a client may read the property as that type"),
    (
        PROPERTY,
        (NEW,),
        Weight.NOTABLE,
        "only a client that refuses unknown properties fails",
    ),
    (DEFAULT, _ANY, Weight.NOTABLE, "the type is the same, but the value means something"),
    (SPELLING, _ANY, Weight.NOTABLE, "it is the same value, but a strict reader may fail"),
    (FIELDS, _ANY, Weight.NOTABLE, "a client may show the error beside the field"),
    (HEADER, (GONE, OTHER), Weight.NOTABLE, "a client may read the header field"),
    (VALUE, _ANY, Weight.NOTABLE, "a client may read the header field"),
    (
        HEADER,
        (NEW,),
        Weight.HARMLESS,
        "unknown fields are ignored (RFC 9110, 5.1)",
    ),
    (MESSAGE, _ANY, Weight.HARMLESS, "it is for people"),
    (REASONS, _ANY, Weight.HARMLESS, "it is for people"),
    (
        ORDER,
        _ANY,
        Weight.HARMLESS,
        "the order of names means nothing (RFC 8259, section 4)",
    ),
)
"""Kind of feature, how it changes, what that means, and why."""
MEANING = {(kind, how): (weight, why) for kind, hows, weight, why in _TABLE for how in hows}

ANNOUNCING = ("deprecation", "sunset")
"""Header fields that are worth knowing when they are new."""
SPORADIC = 0.05
"""The share of answers up to which a header field comes and goes: no two runs need meet it."""


class ChangeRow(TypedDict):
    """A change, for the record (`changes` of run.schema.json)."""

    kind: str
    subject: str
    before: str
    after: str
    cases: int
    where: str
    tests: list[str]
    means: str
    why: str
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that a vendor did: the kind of feature and its subject, what it was and what it is
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

    def as_json(self) -> ChangeRow:
        """For the record."""
        return {
            "kind": self.kind,
            "subject": self.subject,
            "before": self.before,
            "after": self.after,
            "cases": self.cases,
            "where": self.where,
            "tests": list(self.tests),
            "means": self.means,
            "why": self.why,
            "text": self.text,
        }

    @property
    def text(self) -> str:
        """The change in one line."""
        return f"{self._what} {self.where} ({counted(self.cases, 'case')})"

    @property
    def _what(self) -> str:
        subject = self.subject or WORDS.get(self.kind, self.kind)
        if self.kind == HEADER:
            return f"{'header gone' if self.after == NONE else 'new header'}: {subject}"
        if self.kind == PROPERTY and self.before in (NONE, LEFT_OUT):
            return f"new property {subject} ({self.after})"
        if self.kind == PROPERTY and self.after in (NONE, LEFT_OUT):
            return f"property gone: {subject}"
        words = WORDS.get(self.kind, self.kind)
        about = f"{words} {subject}" if self.subject else words
        return f"{about}: {self.before}, now {self.after}"


WORDS = {
    CODE: "error code",
    MESSAGE: "message text",
    REASONS: "reasons of details",
    FIELDS: "fields named by details",
    VALUE: "header",
    PROPERTY: "type of",
    DEFAULT: "value filled in for",
    SPELLING: "spelling of",
    ORDER: "order of names",
    BODY: "body",
}
"""What a kind is called."""


def changes(old: Cases, new: Cases, noise: Iterable[str] = ()) -> list[Change]:
    """What has changed, the worst first."""
    groups = defaultdict[tuple[str, ...], list[ChangedFeature]](list)
    for each in changed_features(old, new, noise):
        apart = (each.before, each.after) if each.kind in _APART and each.how == OTHER else ()
        groups[each.kind, each.subject, each.how, *apart].append(each)
    found = [
        _change(group, old, new) for group in groups.values() if not _is_sporadic(group, old, new)
    ]
    weights = list(Weight)
    return sorted(found, key=lambda c: (weights.index(c.means), -c.cases, c.kind, c.subject))


def is_told(found: Iterable[ChangeRow], accepted: str, given: str) -> bool:
    """Whether one of these changes (`Change.as_json`) tells why the answer to a probe is not the
    accepted one: the same status with another code.
    """
    (status, code), (other, now) = status_and_code(accepted), status_and_code(given)
    told = {(each["before"], each["after"]) for each in found if each["kind"] == CODE}
    return status == other and (code, now) in told


_APART = frozenset({STATUS, CODE, MEDIA_TYPE, PROPERTY})
"""Kinds of which each change from one thing to another is told by itself."""


def _change(group: Sequence[ChangedFeature], old: Cases, new: Cases) -> Change:
    first = group[0]
    transitions = Counter((each.before, each.after) for each in group).most_common()
    if first.kind == FIELDS:
        transitions.sort(key=lambda each: -_marks(each[0][0]))  # that shows the style of a path
    (before, after), _ = transitions[0]
    if len(transitions) > 1 and first.kind != PROPERTY:
        after += f" (and {len(transitions) - 1} more such)"
    means, why = _meaning(first)
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


def _meaning(each: ChangedFeature) -> tuple[Weight, str]:
    """What a change means for a client, and why."""
    if each.kind == STATUS and not each.status.startswith("2") and each.given.startswith("2"):
        return Weight.NOTABLE, "what was refused, or failed, is accepted now"
    if each.kind == STATUS and each.status.startswith("5"):
        return Weight.NOTABLE, "no client depends on a failure of the server"
    if each.kind == HEADER and each.subject in ANNOUNCING:
        return Weight.NOTABLE, "the vendor announces a removal (RFC 9745, RFC 8594)"
    return MEANING[each.kind, each.how]


def _is_sporadic(group: Sequence[ChangedFeature], old: Cases, new: Cases) -> bool:
    """Whether a header field is in so few answers, of any test, that it may come and go."""
    if group[0].kind != HEADER:
        return False
    answers = sizes(old, new)
    alike = sum(answers[status] for status in {each.status for each in group})
    return len(group) <= SPORADIC * alike


def _marks(field: str) -> int:
    """How many brackets and dots the path of one field has."""
    return 0 if ", " in field else sum(not each.isalnum() for each in field)


def _where(group: Sequence[ChangedFeature], old: Cases, new: Cases) -> str:
    """Which cases these are: all of a status, all of these about one keyword, or some."""
    statuses = sorted({each.status for each in group})
    tests = Counter(test for test, was, _ in in_both(old, new) if was[STATUS] in statuses)
    answers = _told_statuses(statuses)
    if len(group) == compared(old, new):
        return "in every answer"
    if len(group) == tests.total():
        return f"in every {answers}"
    kinds = {_kind(each.test) for each in group}
    keyword, *others = {each for _, each in kinds}
    alike = sum(count for test, count in tests.items() if _kind(test) in kinds)
    if keyword and not others and len(group) == alike:
        return f"in every {answers} about {keyword}"
    parts = {node_parts(each.test) for each in group}
    names = sorted({one.case or one.function for one in parts})
    if len(names) > MOST_TESTS:
        return f"in {answers} of {counted(len(names), 'test')}"
    return f"in {answers} about {', '.join(names)}"


def _told_statuses(statuses: Sequence[str]) -> str:
    """Statuses for people: `201 (some beside 415)` where a request that is sent more than once got
    both.
    """
    several = {status for each in statuses for status in each.split(BETWEEN)}
    alone = several & {*statuses} or several
    beside = " and ".join(sorted(several - alone))
    return " and ".join(sorted(alone)) + f" (some beside {beside})" * bool(beside)


def _kind(test: str) -> tuple[str, str]:
    """The function of a test, and the keyword of what it is about; empty if that has none."""
    _, function, name = node_parts(test)
    subject, keyword = subject_and_keyword(name)
    return function, keyword if subject else ""
