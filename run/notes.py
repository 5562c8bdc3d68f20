"""What a person has to know of another version of the document before a run by it."""

from spec.contract import Contract, own
from spec.operation import CREATED, PATH
from spec.paths import Path, path_text, schema_at
from spec.schema.amounts import places_of
from spec.schema.overlay import AGREEING, RENAMED
from spec.schema.presence import is_ruled
from spec.violation import counted
from spec.yamlfile import FileError
from strategies.acceptance.edges import ANY_TARGET, edges
from strategies.scalars import stamp_alone

_KEYLESS = "the key is always sent and never tested: this document does not require one"
_UNSURE = "(not in the reading; a value may ask for more)"
_EXCLUDED = "in no invoice that must be accepted, because of what may not stand beside it"
_ASSUMED = (
    "assumed: invalid requests get 400 or 422, with any body, because this document lists neither"
)
_UNLISTED = "not judged: the body of a client error that this document does not list"
_NOT_JUDGED = "not judged: what comes back, because no answer has a property of an invoice"


def notes_of(contract: Contract) -> list[str]:
    """What a person has to know of this version of the document, in a line each."""
    moved = f"sent to {contract.path}, the only path where this document takes invoices"
    keyless = contract.key_header is None and contract.operation.optional_key_header is not None
    notes = [moved] * (contract.path != PATH) + [_KEYLESS] * keyless
    if contract.operation.is_key_parameter:
        at = contract.named("security.key")
        what = f"the parameter {contract.key_header} is the key, because no security is listed"
        notes.append(f"{what} ({at.file}:{at.line}: #{at.pointer})")
    for kind, what in (
        ((False, False), "left out of valid invoices"),
        ((True, False), "sent as any value"),
        ((True, True), "sent only as the document's example"),
    ):
        found = [one for one in contract.unread if (one.required, one.alone) == kind]
        names = ", ".join(f"{path_text(one.path)} ({one.why})" for one in found)
        notes += [f"{what}: {names}"] if names else []
    excluded = [path for path in contract.listed if _is_excluded(contract, path)]
    names = ", ".join(path_text(path) for path in contract.listed if path not in excluded)
    notes += [f"sent with each value that the document lists: {names} {_UNSURE}"] * bool(names)
    names = ", ".join(map(path_text, excluded))
    notes += [f"{_EXCLUDED}: {names}"] * bool(names)
    notes += _of_texts(contract)
    asked = [one.parameter for one in contract.parameters]
    if unknown := [one.title for one in asked if one.required and not one.is_listed]:
        what = "sent as any value, unless headers of the target say which"
        notes.append(f"{what}: {', '.join(unknown)}")
    if given := [one.title for one in contract.operation.parameters if one not in asked]:
        what = "sent as headers of the target have it, and never left out or made invalid"
        notes.append(f"{what}: {', '.join(given)}")
    notes += [f"not sent because it is optional: {one.why}" for one in contract.operation.unsent]
    if optional := [one.name for one in asked if not one.is_sent]:
        notes.append(f"not sent: the optional parameters {', '.join(optional)}")
    alike = [path_text(path) for path in contract.relations.new.paths if _is_old(contract, path)]
    if alike:
        what = "the same in several invoices, because the run's stamp does not fit"
        notes.append(f"{what}: {', '.join(alike)}")
    if _unknown_states(contract):
        names, state = ", ".join(_unknown_states(contract)), contract.relations.state.status
        what = f"say in a reading ({AGREEING}) which ones it has"
        notes.append(f"not sent: {state} {names}, whose amounts the suite does not know; {what}")
    notes += [contract.branch.told] * bool(contract.branch.told)
    notes += (*gone(contract), *contract.refused_examples, *contract.overridden)
    notes += _of_answers(contract)
    if contract.passed_over:
        places = ", ".join(contract.passed_over)
        notes.append(f"reading: ignored, because this document does not have it: {places}")
    return notes


def _is_excluded(contract: Contract, path: Path) -> bool:
    """Whether no invoice that must be accepted has it, because of what may stand beside it."""
    if not is_ruled(contract.narrowed_schema, path):
        return False
    of_it = (one for one in contract.body_requirements if one.path == path)
    return not any(edges(contract, ANY_TARGET, one) for one in of_it)


def _of_texts(contract: Contract) -> list[str]:
    """Which amounts are sent as texts, and how they are written."""
    by_places: dict[int, list[str]] = {}
    for path in contract.relations.texts:
        places = places_of(schema_at(contract.narrowed_schema, path))
        by_places.setdefault(places, []).append(path_text(path))
    return [
        f"sent as texts with {counted(places, 'decimal place')}: {', '.join(names)}"
        for places, names in by_places.items()
    ]


def _of_answers(contract: Contract) -> list[str]:
    """What of answers is not judged, or assumed."""
    notes, answers = [], contract.operation.answers
    if not any(one.keyword == "echo" for one in contract.requirements):
        at = contract.named("201.status")
        notes.append(f"{_NOT_JUDGED} ({at.file}:{at.line}: #{at.pointer})")
    if contract.unjudged:
        notes.append(f"not judged: {', '.join(contract.unjudged)}")
    if answers[contract.operation.error].assumed:
        notes.append(_ASSUMED)
    notes += [_UNLISTED] * (contract.documented(499) is None)
    if told := [name for name, one in answers.items() if one.media_types and not one.schema]:
        notes.append(f"not judged: the body of {', '.join(told)}, which is not JSON")
    if (created := contract.operation.created) != CREATED:
        notes.append(f"a valid invoice gets {created}; its requirements are still called 201")
    also = sorted(name for name in answers if name[0] == "2" and name != CREATED)
    told = [f"{name}{', with any body' * (name not in contract.operation.alike)}" for name in also]
    notes += [f"a valid invoice may also get {' or '.join(told)}"] * bool(also)
    return notes


def _unknown_states(contract: Contract) -> list[str]:
    """The states of which nobody knows with what amounts they agree."""
    state = contract.relations.state
    listed = schema_at(contract.narrowed.schema, (state.status,)).get("enum", ())
    return [str(one) or "''" for one in listed if one is not None and not state.knows(one)]


def gone(contract: Contract) -> list[str]:
    """What this version has no more of today's that must be sent, where it has new properties:
    they may be the same by other names.
    """
    missing = _missing(contract)
    what = "if they are called otherwise there, say so in"
    return [f"not in this document: {', '.join(missing)}; {what} {RENAMED} of a reading"] * bool(
        missing
    )


def nothing_said(contract: Contract) -> str:
    """Of what that has to be sent nobody knows what is accepted, in words; empty without any."""
    unread = [path_text(one.path) for one in contract.unread if one.required]
    asked = (one.parameter for one in contract.parameters if one.parameter.required)
    unread += [one.title for one in asked if not (one.is_listed or one.is_new_each_time)]
    said = f"the reading says nothing of {', '.join(unread)}"
    return "; ".join([said, *gone(contract)]) if unread else ""


def check_known(contract: Contract) -> None:
    """Raise FileError where most properties are gone that an invoice needs today, and there are
    others: it is another API's document, and what nobody knows cannot be judged.
    """
    missing = _missing(contract)
    if 2 * len(missing) > len(own().narrowed_schema["required"]):
        raise FileError(
            f"{contract.source.place(contract.operation.request)}: this is not an invoice that the "
            f"suite knows, for it has no {', '.join(missing)}. If they have other names, say so in "
            f"{RENAMED} of a reading (--reading FILE); python -m spec.diff tells what the version "
            "changes, without a run."
        )


def _missing(contract: Contract) -> list[str]:
    """The properties that today must be sent and this version does not have, where it has new
    ones.
    """
    required = own().narrowed_schema["required"] if contract.unread else ()
    return [
        one for one in required if not schema_at(contract.narrowed_schema, contract.path_of((one,)))
    ]


def _is_old(contract: Contract, path: Path) -> bool:
    """Whether a reference cannot carry the run's stamp: a server may know it already."""
    schema = schema_at(contract.narrowed_schema, path)
    return bool(schema) and stamp_alone(schema) is None
