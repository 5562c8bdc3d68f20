"""What of an older run's answers was so only because of a finding that is gone by now.

A finding that is fixed changes more answers than those that were wrong: other refusals name other
fields, give another reason, or are no more, and a part of an answer is another one wherever it is.
"""

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import product

from findings.rows import OF_ANSWERS, FindingRow, comes_now_and_then
from spec.paths import ends_in
from spec.probes import Edit, Probe, status_and_code
from spec.requirements import subject_and_keyword
from watch.baseline import Watched
from watch.features import BETWEEN, LACKING
from watch.keys import (
    CODE,
    DEFAULT,
    FIELDS,
    HEADER,
    MESSAGE,
    PROPERTY,
    REASONS,
    SPELLING,
    STATUS,
    VALUE,
    Features,
    names_in,
    parts_of,
)
from watch.normalizing import LONGEST, normalized

Words = tuple[str | None, ...]
USUAL_REFUSAL = "400"
"""The status of which a refusal says nothing of why, unless it names its fields."""
_OF_ERRORS = {"code": {CODE}, "message": {MESSAGE}, "details": {FIELDS, REASONS}}
"""What features of an error a finding is about, by the property that it is about."""
_IN_HEAD = (HEADER, VALUE)
"""Features that are in no body."""


def as_fixed(
    before: Watched, now: Watched, gone: Iterable[FindingRow], right: Watched | None = None
) -> Watched:
    """The older answers as if what is gone had been right then: as they are now, or as they would
    be `right` now, where what is wrong in these is set aside already.
    """
    cases = {test: dict(answers) for test, answers in before.cases.items()}
    given = {_words(each) for answers in now.cases.values() for each in answers.values()}
    effects = [_Effect(finding, *_answers(before, now, finding, given)) for finding in gone]
    for test, answers in cases.items():
        later = (right or now).cases.get(test, {})
        for case in answers.keys() & later.keys():
            for effect in effects:
                answers[case] = effect.without(test, answers[case], later[case])
    return replace(before, cases=cases)


def as_often(before: Watched, now: Watched, still: Iterable[FindingRow]) -> Watched:
    """The older answers as if what any request may still get now and then had come to the same
    requests as now.
    """
    odd = [each for each in still if comes_now_and_then(each)]
    given = {(str(each["status"]), normalized(each["code"])) for each in odd}
    if not given:
        return before
    cases = {
        test: {
            case: later if (_decisions(old) | _decisions(later)) & given else old
            for case, old in answers.items()
            for later in (now.cases.get(test, {}).get(case, old),)
        }
        for test, answers in before.cases.items()
    }
    return replace(before, cases=cases)


def is_now_and_then(answer: str, still: Iterable[FindingRow]) -> bool:
    """Whether the answer to a probe is one that any request may still get now and then."""
    given = ((str(each["status"]), each["code"]) for each in still if comes_now_and_then(each))
    return status_and_code(answer) in given


def answers_probe(finding: FindingRow, probe: Probe, answer: str) -> bool:
    """Whether a probe was answered as it was because of a finding: it has that property, and the
    answer has the finding's status.
    """
    path = _path(finding)
    return answer[:3] == str(finding["status"]) and any(_has(edit, path) for edit in probe.edits)


def _has(edit: Edit, path: tuple[str, ...]) -> bool:
    """Whether an edit is of the property, or puts in an object or a list of some that have it."""
    at = tuple(step for step in edit.at if not step.isdecimal())
    within, values = path[len(at) :], edit.value if isinstance(edit.value, list) else [edit.value]
    has = not within or any(isinstance(one, dict) and within[0] in one for one in values)
    return path[: len(at)] == at and has


def _path(finding: FindingRow) -> tuple[str, ...]:
    """The names on the way to the property that a finding is about."""
    subject = subject_and_keyword(finding["requirement"])[0]
    return tuple(subject.replace("[]", "").split("."))


def _answers(
    before: Watched, now: Watched, finding: FindingRow, given: Container[Words]
) -> tuple[Sequence[Features], Container[Words]]:
    """The answers that were the finding: those that say which fields they are about, and the words
    of others, as far as no answer has these any more.
    """
    both = (
        (features, now.cases.get(test, {}).get(case))
        for test in finding["tests"]
        for case, features in before.cases.get(test, {}).items()
    )
    shown = [old for old, new in both if new and old[STATUS] != new[STATUS]]
    words = {_words(each) for each in shown if FIELDS not in each and MESSAGE in each}
    return [each for each in shown if FIELDS in each], {each for each in words if each not in given}


@dataclass(frozen=True, slots=True)
class _Effect:
    """What a finding does to answers; `shown` are some that it was found by, `words` what only
    answers say that it was found by.
    """

    finding: FindingRow
    shown: Sequence[Features]
    words: Container[Words]

    def without(self, test: str, old: Features, new: Features) -> Features:
        """The older answer as if the finding had not been, as far as the later one shows that."""
        is_same_decision = old[STATUS] == new[STATUS]
        of_part = self.finding["category"] in OF_ANSWERS
        if old == new or (test in self.finding["tests"] and is_same_decision is of_part):
            return new
        if of_part:
            own = self._of_part({**old, **new})
            kept = {key: old[key] for key in old if key not in own}
            return kept | {key: new[key] for key in own if key in new}
        if _words(old) in self.words:
            return new
        if is_same_decision:
            return {**old, **self._of_reasons(old, new)}
        return new if old in self.shown or self._decided(old, new) else old

    def _decided(self, old: Features, new: Features) -> bool:
        """Whether one of the two is a refusal for what the finding is about and nothing else, or
        such as the finding is and no other.
        """
        named = [_fields(each) for each in (old, new) if each[STATUS] >= USUAL_REFUSAL]
        if any(fields and all(map(self._is_about, fields)) for fields in named):
            return True
        is_its_own = old[STATUS] == str(self.finding["status"]) and not _fields(old)
        return is_its_own and old[STATUS] > USUAL_REFUSAL and old.get(CODE) == self._code

    def _of_reasons(self, old: Features, new: Features) -> Features:
        """What two refusals say of the field that the finding is about, where both say it."""
        first, second = map(set, _as_far_as_both(old, new))
        alone = any(told and all(map(self._is_about, told)) for told in (first, second))
        apart = all(map(self._is_about, first ^ second))
        both = all(FIELDS in features for features in (old, new))
        is_its = both and (alone or apart) and any(map(self._is_about, first | second))
        return {key: new[key] for key in (FIELDS, REASONS) if is_its and key in old and key in new}

    def _of_part(self, features: Features) -> set[str]:
        """The keys of that part of an answer which the finding is about."""
        subjects = {_subject(name) for name in (self.finding["requirement"], *self.finding["also"])}
        own = {key for each in subjects for key in _OF_ERRORS.get(each, ())}
        kinds = (PROPERTY, DEFAULT, SPELLING)
        if "" in subjects:  # that it is JSON, or what it is called
            own |= {key for key in features if key != STATUS and parts_of(key)[0] not in _IN_HEAD}
        pairs = ((key, *parts_of(key)) for key in features)
        return own | {key for key, kind, at in pairs if kind in kinds and at in subjects}

    @property
    def _code(self) -> str | None:
        return self.finding["code"] or None

    def _is_about(self, field: str) -> bool:
        """Whether a name that a server gives a field is that of what the finding is about."""
        path = _path(self.finding)
        return ends_in(field, "".join(path)) or field == path[-1]


def _words(features: Features) -> Words:
    """What an answer says that names no fields."""
    named = () if FIELDS not in features else (features[FIELDS],)
    return features[STATUS], features.get(CODE), features.get(MESSAGE), *named


def _decisions(features: Features) -> set[tuple[str, str]]:
    """The status and the code of an answer, or of each of several to the same request."""
    codes = features.get(CODE, LACKING).split(BETWEEN)
    known = ("" if each == LACKING else each for each in codes)
    return {*product(features[STATUS].split(BETWEEN), known)}


def _fields(features: Features) -> list[str]:
    """The fields that a refusal names, in their order; of a long text the last may be cut."""
    named = names_in(features[FIELDS]) if FIELDS in features else []
    return named[:-1] if _is_cut(features) else named


def _is_cut(features: Features) -> bool:
    return len(features.get(FIELDS, "")) >= LONGEST


def _as_far_as_both(old: Features, new: Features) -> tuple[list[str], list[str]]:
    """The fields that two refusals name, without those beyond where the text of one is cut."""
    ends = [_end(names_in(each[FIELDS])) for each in (old, new) if _is_cut(each)]
    first, second = (
        [one for one in _fields(each) if all(map(one.__lt__, ends))] for each in (old, new)
    )
    return first, second


def _end(named: Sequence[str]) -> str:
    """What all names come before that are known to be in a text or not: of the last one it may have
    no more than the beginning, which comes after the one before that, too.
    """
    return max([*(f"{one}\0" for one in named[-2:-1]), named[-1]])


def _subject(requirement: str) -> str:
    """What part of an answer a requirement is about: `data.id`, or `details` of an error."""
    return subject_and_keyword(requirement)[0].partition(".")[2]
