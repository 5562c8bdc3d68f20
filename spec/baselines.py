"""Baselines: the answers to the probes that are accepted of a target, so that drift is news."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from spec import yamlfile
from spec.departure import Category, Departure
from spec.errors import SpecError
from spec.exchange import Exchange
from spec.requirements import Level, Requirement
from spec.strictjson import Malformed, parse
from spec.yamlfile import join

BASELINES = Path(__file__).parent / "baselines"
LONGEST_CODE = 80


@dataclass(frozen=True, slots=True)
class Baseline:
    """The accepted answers of a target by probe, and the line of each; empty without a file."""

    answers: dict[str, str]
    lines: dict[str, int]
    file: str


def path(target: str, folder: Path = BASELINES) -> Path:
    """Where the baseline of a target stands."""
    return folder / f"{target}.yaml"


def load(target: str, probes: Collection[str], folder: Path = BASELINES) -> Baseline:
    """Read a target's baseline; `probes` are the names of all probes.

    SpecError names file and line of what is malformed or names no probe.
    """
    at = path(target, folder)
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


def answer(exchange: Exchange) -> str:
    """What a baseline keeps of an answer: its status and, of an error, its code."""
    response = exchange.response
    if response is None:
        return "no answer"
    if response.status < 400:
        return str(response.status)
    try:
        value = parse(response.body).value
    except Malformed:
        return str(response.status)
    code = value.get("code") if isinstance(value, dict) else None
    if not isinstance(code, str) or not code.strip():
        return str(response.status)
    return f"{response.status} {code.strip()[:LONGEST_CODE]}"


def drift(baseline: Baseline, probe: str, given: str) -> Departure | None:
    """The departure of a changed answer; None for an unchanged one, and where none is accepted."""
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
    return Departure(requirement, Category.DRIFT, (), accepted, given)
