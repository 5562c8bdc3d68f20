"""Makes a cause of what was found: the difference with the words and the answer that show it."""

from causes.cause import CASE, EVERY, UNKNOWN, Cause
from causes.sightings import Edits, Explained, Sighting
from causes.symptoms import answered, detail_of, is_unusual
from causes.traits import limits_of, path_of
from spec.oracle import Verdict
from spec.paths import find, names, path_text
from spec.violation import Category, shortened


def made(
    it: Sighting,
    shown: Verdict,
    traits: list[str],
    kinds: list[str],
    difference: str,
    works: str,
    fails: str,
    edits: Edits,
) -> Explained:
    """The cause of what is `shown`: between what `works` and what `fails` lies this difference."""
    symptom, response = it.symptom, it.verdict.exchange.response
    code, answer, field = find(shown.answer, ("code",)), symptom.answer, field_of(it, shown)
    own = bool(field) and any(names(field, edit.location) for edit in edits)
    if edits and field:
        answer += ", which names it" if own else f", which names {field}"
    cause = Cause(
        category=symptom.category,
        answer=answer,
        traits=traits,
        kinds=kinds,
        paths=[path_text(path_of(edit.location)) for edit in edits],
        limits=[*limits_of(it.contract, edits, shown.expected.payload)],
        difference=difference,
        works=works,
        fails=fails,
        status=response.status if response else None,
        code=code if isinstance(code, str) else "",
        detail=shortened(detail_of(symptom, shown), 160),
        of_answer=symptom.is_form,
        unusual=not symptom.of_answer and is_unusual(symptom.answer),
        front=symptom.front,
    )
    return Explained(cause, symptom, edits, shown, it.group, own)


def of_every(it: Sighting, works: str, fails: str) -> Explained:
    """The cause of what every invoice shows by now, and which ones did not."""
    return made(it, it.verdict, [EVERY], [EVERY], "", works, fails, ())


def of_case(it: Sighting, shown: Verdict, trait: str, called: str = "") -> Explained:
    """A cause of which no difference is known, but what its case is called."""
    name = called or it.name
    works, fails = {
        EVERY: ("", name if it.symptom.is_form else "every one"),
        CASE: (it.control.name, name),
        UNKNOWN: ("", name),
    }[trait]
    if it.symptom.category == Category.ACCEPTED_INVALID:  # what is wrong is accepted
        works, fails = fails, ""
    return made(it, shown, [trait], [trait], "" if trait == EVERY else name, works, fails, ())


def field_of(it: Sighting, shown: Verdict) -> str:
    """The field that the error names which shows it best: the first one may name another."""
    return "" if it.symptom.of_answer else answered(shown)[1]
