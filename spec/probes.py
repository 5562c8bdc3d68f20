"""Probes, named questions on which the document is silent; and baselines, the accepted answers
of a target, so that a changed answer is news."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from spec import yamlfile
from spec.exchange import Response
from spec.paths import Json, find, join, steps_of
from spec.requirements import Level, Requirement
from spec.violation import Category, Violation
from spec.yamlfile import SpecError, YamlFile

PROBES = Path(__file__).parent / "probes.yaml"

ACTIONS: dict[str, tuple[frozenset[str], ...]] = {
    "set": (frozenset({"to"}), frozenset({"verbatim"})),
    "remove": (frozenset(),),
    "repeat": (frozenset({"times"}),),
    "prefix": (frozenset(),),
}
"""The other fields that an action has, one of these sets exactly."""

MOST = 100_000
"""No probe needs more elements than this; a body of them is a few megabytes."""


@dataclass(frozen=True, slots=True)
class Change:
    """One action on the valid invoice.

    `at` is a place, as the keys and indices of its JSON pointer. `value` is what the action takes:
    `set` a JSON value, or JSON text if `verbatim`; `repeat` a number of elements; `prefix` bytes.
    """

    action: str
    at: tuple[str, ...]
    value: Any = None
    verbatim: bool = False


@dataclass(frozen=True, slots=True)
class Probe:
    """A question in one sentence and how its body is made, sent `send` times under one stamp."""

    name: str
    question: str
    changes: tuple[Change, ...]
    send: int
    file: str
    line: int


def load(path: Path = PROBES) -> tuple[Probe, ...]:
    """Read the probes of a file; SpecError names file and line of what is malformed."""
    file = yamlfile.read(path)
    entries = file.content.get("probes") if isinstance(file.content, dict) else None
    if not isinstance(entries, list) or not entries:
        raise SpecError(f"{file.name}:1: needs a list 'probes' of at least one probe.")
    probes = tuple(_probe(file, f"/probes/{index}", entry) for index, entry in enumerate(entries))
    lines: dict[str, int] = {}
    for probe in probes:
        if probe.name in lines:
            raise SpecError(
                f"{file.name}:{probe.line}: the probe {probe.name!r} stands on line "
                f"{lines[probe.name]} already; give each its own name."
            )
        lines[probe.name] = probe.line
    return probes


def _probe(file: YamlFile, pointer: str, entry: Any) -> Probe:
    if not isinstance(entry, dict):
        raise _error(file, pointer, "a probe is a mapping with name, question and changes")
    unknown = sorted(set(entry) - {"name", "question", "changes", "send"})
    if unknown:
        raise _error(file, join(pointer, unknown[0]), f"a probe has no field {unknown[0]!r}")
    for field in ("name", "question"):
        if not isinstance(entry.get(field), str) or not entry[field].strip():
            raise _error(file, join(pointer, field), f"a probe needs a {field!r} in words")
    changes, send = entry.get("changes"), entry.get("send", 1)
    if not isinstance(changes, list):
        raise _error(file, join(pointer, "changes"), "a probe needs a list 'changes'")
    if not _counts(send, 10):
        raise _error(file, join(pointer, "send"), "'send' is a number from 1 to 10")
    return Probe(
        entry["name"],
        entry["question"],
        tuple(
            _change(file, f"{pointer}/changes/{index}", change)
            for index, change in enumerate(changes)
        ),
        send,
        file.name,
        file.line(pointer),
    )


def _change(file: YamlFile, pointer: str, change: Any) -> Change:
    actions = [name for name in ACTIONS if isinstance(change, dict) and name in change]
    if len(actions) != 1:
        raise _error(file, pointer, f"a change is one of {', '.join(ACTIONS)}")
    action = actions[0]
    beside = frozenset(change) - {action}
    if beside not in ACTIONS[action]:
        allowed = " or ".join(
            " and ".join(sorted(fields)) or "nothing" for fields in ACTIONS[action]
        )
        raise _error(file, pointer, f"{action!r} goes with {allowed} and no other field")
    if action == "prefix":
        try:
            return Change(action, (), bytes.fromhex(change["prefix"]))
        except (TypeError, ValueError):
            raise _error(file, pointer, "'prefix' is bytes in hexadecimal, in quotes") from None
    at = change[action]
    if not isinstance(at, str) or not at.startswith("/"):
        raise _error(file, pointer, f"{action!r} takes a JSON pointer such as /items/0/sku")
    keys = steps_of(at)
    if action == "repeat":
        if not _counts(change["times"], MOST):
            raise _error(file, pointer, f"'times' is a number from 1 to {MOST:,}")
        return Change(action, keys, change["times"])
    if "verbatim" in change:
        if not isinstance(change["verbatim"], str):
            raise _error(file, pointer, "'verbatim' is JSON text in quotes")
        return Change(action, keys, change["verbatim"], verbatim=True)
    return Change(action, keys, change.get("to"))


def _counts(value: Any, most: int) -> bool:
    return type(value) is int and 1 <= value <= most


def _error(file: YamlFile, pointer: str, sentence: str) -> SpecError:
    return SpecError(f"{file.name}:{file.line(pointer)}: {sentence}.")


BASELINES = Path(__file__).parent / "baselines"
LONGEST_CODE = 80


@dataclass(frozen=True, slots=True)
class Baseline:
    """The accepted answers of a target by probe, and the line of each; empty without a file."""

    answers: dict[str, str]
    lines: dict[str, int]
    file: str


def baseline_path(target: str, folder: Path = BASELINES) -> Path:
    """Where the baseline of a target stands."""
    return folder / f"{target}.yaml"


def load_baseline(target: str, probes: Collection[str], folder: Path = BASELINES) -> Baseline:
    """Read a target's baseline; `probes` are the names of all probes.

    SpecError names file and line of what is malformed or names no probe.
    """
    at = baseline_path(target, folder)
    if "/" in target or not at.exists():
        return Baseline({}, {}, "")
    file = yamlfile.read(at)
    answers = file.content.get("answers") if isinstance(file.content, dict) else None
    if not isinstance(answers, dict) or set(file.content) != {"answers"}:
        raise SpecError(f"{file.name}:1: needs a mapping 'answers' of probes, and no more.")
    lines = {name: file.line(join("/answers", name)) for name in answers}
    for name, text in answers.items():
        if name not in probes:
            raise SpecError(f"{file.name}:{lines[name]}: there is no probe {name!r}; remove it.")
        if not isinstance(text, str) or not text.strip():
            raise SpecError(f"{file.name}:{lines[name]}: an answer is a text in quotes.")
    return Baseline(answers, lines, file.name)


def answer_of(response: Response | None, answer: Json) -> str:
    """What a baseline keeps of a response and its JSON value: the status and an error's code."""
    if response is None:
        return "no answer"
    code = find(answer, ("code",))
    if response.status < 400 or not isinstance(code, str) or not code.strip():
        return str(response.status)
    return f"{response.status} {code.strip()[:LONGEST_CODE]}"


def drift(baseline: Baseline, probe: str, given: str) -> Violation | None:
    """The violation of a changed answer; None for an unchanged one, and where none is accepted."""
    accepted = baseline.answers.get(probe)
    if accepted is None or accepted == given:
        return None
    requirement = Requirement(
        name=f"probe: {probe}",
        level=Level.SHOULD,
        part="probe",
        path=(),
        keyword="accepted answer",
        operand=accepted,
        pointer=join("/answers", probe),
        line=baseline.lines[probe],
        file=baseline.file,
    )
    return Violation(requirement, Category.DRIFT, (), accepted, given)
