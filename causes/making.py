"""Makes a cause of what was found: the difference with the words and the answer that show it."""

from collections.abc import Iterable, Sequence

from causes.cause import CASE, EVERY, UNKNOWN, Cause, shortly
from causes.explained import Edits, Explained
from causes.kinds.api_keys import UNCHECKED, Kind
from causes.sightings import Sighting
from causes.symptoms import Symptom, answered, detail_of
from causes.traits import LARGE, limits_of, path_of
from spec.expectation import Expectation
from spec.oracle import Verdict
from spec.paths import find, names, path_text
from spec.violation import Category, shortened


def made(
    sighting: Sighting,
    shown: Verdict,
    traits: Sequence[str],
    *,
    kinds: Sequence[str] = (),
    difference: Sequence[str] = (),
    between: tuple[str, str] = ("", ""),
    edits: Edits = (),
    ways: Iterable[str] = (),
    key: Kind | None = None,
    parts: Sequence[list[str]] = (),
    before: str = "",
    sure: bool = True,
    in_another: bool = False,
    bound: str = "",
    each_time: bool = False,
) -> Explained:
    """The cause of what is `shown`: this difference lies between what works and what fails.

    The `kinds` of what has none are its traits, its `parts` those of the edits and of the ways.
    """
    works, fails = between
    symptom, response = told_of(sighting, shown), sighting.verdict.exchange.response
    code, first = find(shown.answer, ("code",)), find(shown.answer, ("details", 0, "field"))
    field = named_field(sighting, shown)
    named = field if edits else ""
    special = [key.name] if ways and key is not None and key.name not in UNCHECKED else ()
    own = bool(field) and any(names(field, edit.location) for edit in edits)
    cause = Cause(
        category=symptom.category,
        symptom=symptom.answer,
        names="it" if own else named,
        traits=[*traits],
        kinds=[*(kinds or traits)],
        paths=[path_text(path_of(edit.location)) for edit in edits],
        limits=[*limits_of(sighting.contract, edits, shown.expected.payload)],
        difference=[*difference],
        works=works,
        fails=fails,
        status=response.status if response else None,
        code=code if isinstance(code, str) else "",
        detail=shortened(detail_of(symptom, shown), 160),
        field=shortened(first, 160) if isinstance(first, str) else "",
        before=before,
        expected=_expected(sighting, shown),
        of_answer=symptom.is_form,
        unusual=symptom.is_unusual,
        front=symptom.front,
        broken=shown.exchange.broken,
        parts=[*parts] or sighting.parts(edits, (*ways, *special)),
        sure=sure,
        unspecified=shown.expected.expectation is Expectation.UNSPECIFIED,
        in_another=in_another,
        bound=bound,
        each_time=each_time,
        least=_least(edits),
        by_itself=any(edit.by_itself for edit in edits),
    )
    return Explained(
        cause,
        symptom,
        edits,
        shown,
        sighting.group,
        own,
        frozenset(ways),
        key=key if ways else None,
        of_payload=isinstance(sighting.payload, dict),
    )


def _least(edits: Edits) -> str:
    """The number that alone is different, if it is a large one."""
    values = [edit.value for edit in edits if type(edit.value) in (int, float)]
    return str(values[0]) if len(edits) == 1 and values and values[0] >= LARGE else ""


def _expected(sighting: Sighting, shown: Verdict) -> str:
    """What was expected of what is shown, if the decision is wrong."""
    alike = filter(sighting.symptom.is_like, sighting.control.shown_by(sighting.contract, shown))
    told = next(alike, sighting.symptom).violations[0]
    return "" if sighting.symptom.of_answer else told.expected


def told_of(sighting: Sighting, shown: Verdict) -> Symptom:
    """The symptom of what is shown: of a valid request none is that it is accepted."""
    symptom = sighting.symptom
    if symptom.category != Category.ACCEPTED_INVALID or shown is sighting.verdict:
        return symptom
    alike = filter(symptom.is_like, sighting.control.shown_by(sighting.contract, shown))
    return next(alike, symptom)


def of_every(sighting: Sighting, works: str, fails: str) -> Explained:
    """The cause of what every invoice shows by now, and which ones did not."""
    return made(sighting, sighting.verdict, [EVERY], between=(works, fails))


def of_case(
    sighting: Sighting, shown: Verdict, trait: str, ways: Sequence[str], *, beside: str
) -> Explained:
    """A cause of which no difference is known, but what its case is called and how it is sent, and
    what works `beside` it.
    """
    # Of a media type a name may tell already that it is sent so.
    ways = [way for way in ways if way.partition(": ")[2] not in sighting.name.split()]
    difference = () if trait == EVERY else (sighting.name, *ways)
    name = shortly((sighting.name, *ways))
    works, fails = {
        EVERY: ("", name if sighting.symptom.is_form else "every one"),
        CASE: (beside or sighting.control.name, name),
        UNKNOWN: ("", name),
    }[trait]
    if told_of(sighting, shown).category == Category.ACCEPTED_INVALID:  # what is wrong is accepted
        works, fails = fails, ""
    parts = (
        [] if trait == EVERY else sighting.parts(sighting.edits, (sighting.name, *sighting.ways))
    )
    return made(
        sighting, shown, [trait], difference=difference, between=(works, fails), parts=parts
    )


def named_field(sighting: Sighting, shown: Verdict) -> str:
    """The field that the error names which shows it best: the first one may name another."""
    return "" if sighting.symptom.of_answer else answered(shown)[1]
