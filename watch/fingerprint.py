"""The fingerprint of a target: the features of every case, folded so that equal ones stand once.

Folded, it is small and sorted, so that a change shows as a few lines of a diff: `usual` has what
most answers of a status have in common, `forms` how some differ from it, and `tests` which form
each case has.
"""

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from pathlib import PurePath
from typing import Any, NamedTuple, TypedDict

from watch.keys import STATUS, Features, is_key

Cases = Mapping[str, Mapping[str, Features]]
"""The features of each case (`features.case_of`) of each test (pytest's node id)."""


class FingerprintRow(TypedDict):
    """The cases, folded (`fingerprint` of run.schema.json)."""

    usual: dict[str, dict[str, str]]
    forms: dict[str, dict[str, str | None]]
    tests: dict[str, dict[str, str]]


class NodeParts(NamedTuple):
    """The parts of pytest's node id `file::function[case]`; `case` is empty where there is none."""

    file: str
    function: str
    case: str

    @property
    def suite(self) -> str:
        """`isolation` for suites/test_isolation.py."""
        return PurePath(self.file).stem.removeprefix("test_")

    @property
    def whole(self) -> str:
        """The node id without the case."""
        return f"{self.file}::{self.function}" if self.file else self.function


def node_parts(test: str) -> NodeParts:
    """Take a node id apart; it is all that is known of a test that never ran."""
    function, _, case = test.removesuffix("]").partition("[")
    file, _, name = function.rpartition("::")
    return NodeParts(file, name, case)


def fold(cases: Cases) -> FingerprintRow:
    """The cases as JSON; equal cases give equal text."""
    usual = _usual(cases)
    forms: dict[str, dict[str, str | None]] = {}
    tests: dict[str, dict[str, str]] = {}
    for test, answers in sorted(cases.items()):
        named = defaultdict[str, list[str]](list)
        for case, features in sorted(answers.items()):
            status = features[STATUS]
            unusual = dict(_unusual(usual[status], features))
            form = f"{status} {_digest(unusual)}" if unusual else status
            forms.setdefault(form, unusual)
            named[form].append(case)
        parts = node_parts(test)
        text = "; ".join(f"{form}: {' '.join(listed)}" for form, listed in sorted(named.items()))
        tests.setdefault(parts.whole, {})[parts.case] = text
    return {
        "usual": usual,
        "forms": {form: unusual for form, unusual in sorted(forms.items()) if unusual},
        "tests": tests,
    }


def unfold(folded: Any) -> dict[str, dict[str, dict[str, str]]]:
    """The cases that `fold` was given. Raises ValueError for what it has not made.

    It may come from anybody, so nothing is known of its type.
    """
    try:
        features = {status: dict(usual) for status, usual in folded["usual"].items()}
        for form, unusual in folded["forms"].items():
            status = form.rpartition(" ")[0]
            both = folded["usual"][status] | unusual
            features[form] = {key: str(text) for key, text in both.items() if text is not None}
        cases: dict[str, dict[str, dict[str, str]]] = {}
        for function, values in folded["tests"].items():
            for value, text in values.items():
                test = f"{function}[{value}]" if value else function
                cases[test] = {case: features[form] for case, form in _listed(text)}
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"it is not the fingerprint of a target ({error!r}).") from None
    for form, known in features.items():
        texts = all(isinstance(text, str) for text in known.values())
        if STATUS not in known or not texts or not all(map(is_key, known)):
            raise ValueError(f"it is not the fingerprint of a target (the features of {form!r}).")
    return cases


def _usual(cases: Cases) -> dict[str, dict[str, str]]:
    """The features that most answers of a status have, by status."""
    sizes = Counter[str]()
    counts = defaultdict[str, Counter[tuple[str, str]]](Counter)
    for answers in cases.values():
        for features in answers.values():
            sizes[features[STATUS]] += 1
            counts[features[STATUS]].update(features.items())
    return {
        status: {
            key: text for (key, text), count in sorted(counts[status].items()) if 2 * count > size
        }
        for status, size in sorted(sizes.items())
    }


def _unusual(usual: Features, features: Features) -> Iterator[tuple[str, str | None]]:
    for key in sorted(usual.keys() | features.keys()):
        if usual.get(key) != features.get(key):
            yield key, features.get(key)


def _digest(unusual: Mapping[str, str | None]) -> str:
    return hashlib.sha256(json.dumps(unusual, sort_keys=True).encode()).hexdigest()[:6]


def _listed(text: str) -> Iterator[tuple[str, str]]:
    for part in text.split("; "):
        form, _, cases = part.rpartition(": ")
        yield from ((case, form) for case in cases.split(" "))
