"""Probes, named questions on which the document is silent; and baselines, the accepted answers
of a target to them: an answer that has changed since is drift.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from spec import yamlfile
from spec.exchange import Response
from spec.paths import Json, find, join, steps_of
from spec.requirements import Level, Requirement
from spec.violation import Category, Violation, beginning
from spec.yamlfile import FileError, YamlFile

PROBES = Path(__file__).parent / "probes.yaml"
BASELINES = Path(__file__).parent / "baselines"

NAME = re.compile("[A-Za-z0-9][A-Za-z0-9_.-]*")
"""Of a target: it names files and a folder, so it is never `.` or `..`."""

ACTIONS: dict[str, tuple[frozenset[str], ...]] = {
    "set": (frozenset({"to"}), frozenset({"verbatim"}), frozenset({"verbatim", "times"})),
    "remove": (frozenset(),),
    "repeat": (frozenset({"times"}),),
    "prefix": (frozenset(),),
}
"""The actions of a change, each with the sets of other fields that it may have."""

MOST_ELEMENTS = 100_000
"""No probe needs a longer array; a body of that many elements is a few megabytes."""

_TIMES = f"'times' is a number from 1 to {MOST_ELEMENTS:,}."

MOST_SENT = 10

LONGEST_CODE = 80
"""Characters of an error's code that a baseline keeps."""

_OF_PROBE = "probe: "
"""How the name begins under which a probe's drift is reported."""


@dataclass(frozen=True, slots=True)
class Edit:
    """One action on the valid invoice.

    `at` is a location, as the keys and indices of its JSON pointer. `value` is what the action
    takes: `set` a JSON value, or JSON text if `verbatim`; `repeat` a number of elements; `prefix`
    bytes.
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
    edits: tuple[Edit, ...]
    send: int
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Baseline:
    """The accepted answers of a target by probe, and the line of each; empty without a file."""

    answers: dict[str, str]
    lines: dict[str, int]
    file: str


def load(path: Path = PROBES) -> tuple[Probe, ...]:
    """Read the probes of a file; FileError names the file and the line of what is wrong."""
    file = yamlfile.read(path)
    entries = file.content.get("probes") if isinstance(file.content, dict) else None
    if not isinstance(entries, list) or not entries:
        raise file.error("", "needs a list 'probes' of at least one probe.")
    probes: dict[str, Probe] = {}
    for index, entry in enumerate(entries):
        pointer = f"/probes/{index}"
        probe = _probe(file, pointer, entry)
        first = probes.setdefault(probe.name, probe)
        if first is not probe:
            raise file.error(
                pointer,
                f"the name {probe.name!r} is taken by the probe on line {first.line}; give each "
                "probe its own name.",
            )
    return tuple(probes.values())


def baseline_path(target: str, folder: Path) -> Path:
    """Where the baseline of a target is kept. FileError for a name that is no target's."""
    if not NAME.fullmatch(target):
        raise FileError(f"{target!r} is not the name of a target, so it has no baseline.")
    return folder / f"{target}.yaml"


def has_name(target: str) -> bool:
    """Whether a target is one that has a name, and not only an address."""
    return "/" not in target


def load_baseline(target: str, probes: Collection[str], folder: Path = BASELINES) -> Baseline:
    """Read a target's baseline; `probes` are the names of all probes.

    FileError names the file and the line of what is wrong, such as an unknown probe.
    """
    if not has_name(target):
        return Baseline({}, {}, "")
    at = baseline_path(target, folder)
    if not at.exists():
        return Baseline({}, {}, "")
    file = yamlfile.read(at)
    answers = file.content.get("answers") if isinstance(file.content, dict) else None
    if not isinstance(answers, dict) or set(file.content) != {"answers"}:
        raise file.error("", "needs a mapping 'answers' of probes, and nothing else.")
    for name, text in answers.items():
        pointer = join("/answers", name)
        if name not in probes:
            raise file.error(pointer, f"there is no probe {name!r}; remove it.")
        if not isinstance(text, str) or not text.strip():
            raise file.error(pointer, "an answer is text in quotes.")
    lines = {name: file.line(join("/answers", name)) for name in answers}
    return Baseline(answers, lines, file.name)


def answer_of(response: Response | None, answer: Json) -> str:
    """What a baseline keeps of a response and its JSON value: the status and an error's code."""
    if response is None:
        return "no answer"
    code = find(answer, ("code",))
    if response.status < 400 or not isinstance(code, str) or not code.strip():
        return str(response.status)
    # Half a surrogate pair is no text that a file could keep.
    text = beginning(code.strip(), LONGEST_CODE).encode(errors="backslashreplace").decode()
    return f"{response.status} {text}"


def status_and_code(answer: str) -> tuple[str, str]:
    """What `answer_of` has put into one text, which is a line of a baseline's file."""
    status, _, code = answer.partition(" ")
    return status, code


def requirement_name(probe: str) -> str:
    """The name under which a probe's drift is reported."""
    return f"{_OF_PROBE}{probe}"


def is_of_probe(name: str) -> bool:
    """Whether a name is that of a probe's drift, and of no requirement."""
    return name.startswith(_OF_PROBE)


def drift(baseline: Baseline, probe: str, given: str) -> Violation | None:
    """The violation of a changed answer; None for an unchanged one, and where none is accepted."""
    accepted = baseline.answers.get(probe)
    if accepted is None or accepted == given:
        return None
    requirement = Requirement(
        name=requirement_name(probe),
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


def _probe(file: YamlFile, pointer: str, entry: Any) -> Probe:
    if not isinstance(entry, dict):
        raise file.error(pointer, "a probe is a mapping with name, question and changes.")
    unknown = sorted(set(entry) - {"name", "question", "changes", "send"})
    if unknown:
        raise file.error(join(pointer, unknown[0]), f"a probe has no field {unknown[0]!r}.")
    for field in ("name", "question"):
        if not isinstance(entry.get(field), str) or not entry[field].strip():
            raise file.error(join(pointer, field), f"a probe needs a {field!r} in words.")
    changes, send = entry.get("changes"), entry.get("send", 1)
    if not isinstance(changes, list):
        raise file.error(join(pointer, "changes"), "a probe needs a list 'changes'.")
    if not _is_count(send, MOST_SENT):
        raise file.error(join(pointer, "send"), f"'send' is a number from 1 to {MOST_SENT}.")
    return Probe(
        entry["name"],
        entry["question"],
        tuple(
            _edit(file, f"{pointer}/changes/{index}", change)
            for index, change in enumerate(changes)
        ),
        send,
        file.name,
        file.line(pointer),
    )


def _edit(file: YamlFile, pointer: str, change: Any) -> Edit:
    actions = [name for name in ACTIONS if isinstance(change, dict) and name in change]
    if len(actions) != 1:
        raise file.error(pointer, f"a change is exactly one of {', '.join(ACTIONS)}.")
    action = actions[0]
    others = frozenset(change) - {action}
    if others not in ACTIONS[action]:
        allowed = " or ".join(
            " and ".join(sorted(fields)) or "nothing" for fields in ACTIONS[action]
        )
        raise file.error(pointer, f"{action!r} goes with {allowed} and no other field.")
    if action == "prefix":
        try:
            return Edit(action, (), bytes.fromhex(change["prefix"]))
        except (TypeError, ValueError):
            raise file.error(pointer, "'prefix' is bytes in hexadecimal, in quotes.") from None
    at = change[action]
    if not isinstance(at, str) or not at.startswith("/"):
        raise file.error(pointer, f"{action!r} takes a JSON pointer such as /items/0/sku.")
    keys = steps_of(at)
    if action == "repeat":
        if not _is_count(change["times"], MOST_ELEMENTS):
            raise file.error(pointer, _TIMES)
        return Edit(action, keys, change["times"])
    if "verbatim" in change:
        return Edit(action, keys, _verbatim(file, pointer, change), verbatim=True)
    return Edit(action, keys, change.get("to"))


def _verbatim(file: YamlFile, pointer: str, change: dict[str, Any]) -> str:
    """The JSON text of a change, as often as it says."""
    text = change["verbatim"]
    times: int = change.get("times", 1)
    if not isinstance(text, str):
        raise file.error(pointer, "'verbatim' is JSON text in quotes.")
    if not _is_count(times, MOST_ELEMENTS):
        raise file.error(pointer, _TIMES)
    return text * times


def _is_count(value: Any, most: int) -> bool:
    return type(value) is int and 1 <= value <= most
