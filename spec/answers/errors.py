"""What the details of an error have to name: a wrong field of this request, and none of another."""

from collections.abc import Iterator, Sequence
from itertools import chain

from spec.answers.judgement import MOST_ABOUT, Judgement, about
from spec.answers.sameness import is_no_double
from spec.contract import Contract, TargetFacts
from spec.exchange import Request
from spec.expectation import Expectation, Expected, broken, expect
from spec.paths import (
    ELEMENT,
    MOST_NAMED,
    Json,
    Location,
    ends_in,
    find,
    location_text,
    names,
    names_within,
    properties_within,
    schema_at,
    without_indices,
)
from spec.schema.keywords import HOLDING
from spec.violation import Category, Special, Violation, Wrong, brief


def judge_details(judgement: Judgement) -> None:
    """Whether an error names a wrong field, where wrong fields are all that is wrong."""
    expected, answer = judgement.expected, judgement.answer
    fields = [
        breach
        for breach in expected.breaches
        if breach.requirement.part == "body" and breach.location
    ]
    unsure = expected.repeated or judgement.contract.find("4xx.details.names") is None
    # What no double can hold is no JSON to many a reader.
    unsure |= any(is_no_double(find(expected.payload, one.location)) for one in fields)
    if unsure or not fields or len(fields) < len(expected.breaches):
        return
    given = fields_of(answer)
    locations = chain((breach.location for breach in fields), _wrong_by_the_reading(judgement))
    wrong = None
    looked_at = given[:MOST_NAMED]
    # What is no object lacks, to many a server, what it should hold.
    holders = [one.location for one in fields if one.requirement.keyword in (*HOLDING, "type")]
    named = any(names(field, location) for location in locations for field in looked_at)
    named = named or any(names_within(field, at) for at in holders for field in looked_at)
    if not (named or _is_of_the_unknown(judgement, looked_at)):
        got = f"{TO_NAME}{brief(given)}" if given else "no detail with a field"
        first = fields[0].location
        what = about(expected, given[:MOST_ABOUT])
        wrong = Wrong(f"{TO_NAME}{location_text(first)}", got, to_name=first, about=what)
    judgement.judge("4xx.details.names", Category.ERROR_SHAPE, wrong, ("details",))


def _wrong_by_the_reading(judgement: Judgement) -> Iterator[Location]:
    """Where a server that stops at the first fault may stop at one that only the reading knows, or
    that it finds in a body of another schema, or where it knows when the order was created.
    """
    payload, contract = judgement.expected.payload, judgement.contract
    update = contract.relations.update
    yield from (at for _, at, _ in broken(contract.narrowed, payload))
    yield from contract.branch.wrong_in_others(payload)
    for each in contract.relations.incoherences(payload or {}, judgement.facts):
        yield from each.locations
    if update.is_broken(payload or {}, judgement.facts):
        yield (update.updated,)


def _is_of_the_unknown(judgement: Judgement, fields: Sequence[str]) -> bool:
    """Whether a field may be about a property that the document does not have, as where a server
    refuses those first: it has the name of none that the document has.
    """
    contract, payload = judgement.contract, judgement.expected.payload
    objects = (at for one, at, _ in broken(contract.narrowed, payload) if one is None)
    unknown = [one for at in objects for one in _unknown_in(contract, payload, at)]
    known = {path[-1] for path, _ in properties_within(contract.narrowed_schema)}
    return bool(unknown) and any(
        any(names(field, at) for at in unknown) or not any(ends_in(field, name) for name in known)
        for field in fields
    )


def _unknown_in(contract: Contract, payload: Json, at: Location) -> Iterator[Location]:
    """The properties of an object here that the document does not have."""
    value, path = find(payload, at), tuple(ELEMENT if isinstance(one, int) else one for one in at)
    known = schema_at(contract.narrowed_schema, path).get("properties", {})
    names_here = value if isinstance(value, dict) else ()
    yield from ((*at, name) for name in names_here if name not in known)


def fields_of(answer: Json) -> list[str]:
    """The fields that the details of an error name."""
    details = find(answer, ("details",))
    fields = (find(each, ("field",)) for each in (details if isinstance(details, list) else ()))
    return [field for field in fields if isinstance(field, str)]


def named_in(answer: Json, locations: Sequence[Location]) -> set[Location]:
    """Those of the locations that the details of an error name.

    A field that may mean more than one of them names none.
    """
    meant = ([at for at in locations if names(one, at)] for one in fields_of(answer))
    return {at for places in meant if len(places) == 1 for at in places}


TO_NAME = "details that name "


def leftovers(
    contract: Contract, facts: TargetFacts, before: Request, expected: Expected, answer: Json
) -> list[Violation]:
    """Each location that the details of an error name though only the request before broke it."""
    requirement = contract.find("4xx.details.names")
    if requirement is None or expected.expectation is not Expectation.REJECT or expected.repeated:
        return []
    own = {breach.location for breach in expected.breaches}
    every = fields_of(answer)[:MOST_NAMED]
    fields = [one for one in every if not any(names(one, at) for at in own)]
    earlier = {breach.location for breach in expect(contract, facts, before).breaches}
    named = (at for at in sorted(earlier - own - {()}) if any(names(f, at) for f in fields))
    return [
        Violation(
            requirement,
            Category.ERROR_SHAPE,
            at,
            "details of this request alone",
            f"one that names {location_text(at)}, which only the request before had wrong",
            about=(f"{without_indices(location_text(at))} of the request before",),
            special=Special.OF_THE_REQUEST_BEFORE,
        )
        for at in named
    ]
