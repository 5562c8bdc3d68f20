"""Which features are noise: they differ between two runs made one after the other, although the
target has not changed.
"""

from collections import Counter, defaultdict

from watch.changed_features import changed_features, sizes
from watch.fingerprint import Cases
from watch.keys import (
    BODY,
    CODE,
    DEFAULT,
    HEADER,
    MEDIA_TYPE,
    ORDER,
    PROPERTY,
    STATUS,
    VALUE,
    holder,
    key_of,
    parts_of,
    rule_in,
)

ENOUGH_TESTS, MANY = 3, 0.2
"""In how many tests, or in which share of the answers of a status, a feature is noisy, so that it
is noise in all answers of that status."""
PER_TEST = frozenset({STATUS, MEDIA_TYPE, BODY})
"""Kinds that are watched in all other tests, although they are noisy in some."""
EVERYWHERE = frozenset({HEADER, VALUE, PROPERTY, DEFAULT, ORDER})
"""Kinds that are noise everywhere if they are noisy in one test, except in statuses of which enough
answers were alike."""
CHANCE = 0.01
"""How likely it may be that all answers of a status are alike by chance, although they are as noisy
as those of another one: where it is more, they are taken for noisy."""
MOST_NAMES = 2
"""Noisy names of one object, beyond which all of its names are noise."""


def noise_of(first: Cases, second: Cases) -> list[str]:
    """Rules for what differs by itself, found by asking the same server twice.

    A rule is a feature's key, for all tests, or a key and a test, or a key and the status of the
    answers: what differs by itself in a 401 may be as it was in a 400.
    """
    answers = sizes(first, second)
    tests = defaultdict[str, defaultdict[str, list[str]]](lambda: defaultdict(list))
    for each in changed_features(first, second):
        tests[key_of(each.kind, each.subject)][each.status].append(each.test)
    rules = set()
    for key, found in tests.items():
        kind, _ = parts_of(key)
        # One more answer that is alike, for a status with a single one says little of how often.
        often = max(len(some) / (answers[status] + 1) for status, some in found.items())
        others = _statuses_with(key, first) - found.keys()
        unsure = {each for each in others if (1 - often) ** answers[each] > CHANCE}
        if kind in EVERYWHERE:
            noisy = {*found, *unsure}
            rules |= {rule_in(key, each) for each in noisy} if others - unsure else {key}
            continue
        whole = {
            status
            for status, some in found.items()
            if len({*some}) >= ENOUGH_TESTS or len(some) >= MANY * answers[status]
        } - ({*found} if kind in PER_TEST else set())
        rules |= {rule_in(key, each) for each in whole}
        rules |= {rule_in(key, each) for each in unsure if whole and kind != CODE}
        rules |= {f"{key} @ {test}" for status in found.keys() - whole for test in found[status]}
    inside = Counter(holder(rule) for rule in rules)
    wide = {name for name, count in inside.items() if name and count > MOST_NAMES}
    return sorted(wide | {rule for rule in rules if holder(rule) not in wide})


def _statuses_with(key: str, cases: Cases) -> set[str]:
    """The statuses of answers that have a feature."""
    answers = (each for some in cases.values() for each in some.values())
    return {each[STATUS] for each in answers if key in each}
