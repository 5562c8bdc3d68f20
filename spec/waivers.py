"""Reads the waivers: known nonconformances of a target, each with an owner and a last day."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from spec import yamlfile
from spec.yamlfile import SpecError, YamlFile

WAIVERS = Path(__file__).parent / "waivers.yaml"
FIELDS = ("requirement", "target", "reason", "link", "owner", "expires")


@dataclass(frozen=True, slots=True)
class Waiver:
    """One requirement that one target is known to break; `expires` is its last day, in UTC."""

    requirement: str
    target: str
    reason: str
    link: str
    owner: str
    expires: date
    file: str
    line: int

    def expired(self, today: date) -> bool:
        """Whether its last day is over, so that the requirement counts again."""
        return today > self.expires


def load(known: Collection[str], path: Path = WAIVERS) -> tuple[Waiver, ...]:
    """Read the waivers of a file; `known` are the names of all requirements.

    SpecError names file and line of what is malformed, unknown or said twice.
    """
    file = yamlfile.read(path)
    entries = file.content.get("waivers") if isinstance(file.content, dict) else None
    if not isinstance(entries, list) or set(file.content) != {"waivers"}:
        raise SpecError(f"{file.name}:1: needs a list 'waivers', which may be empty, and no more.")
    waivers: dict[tuple[str, str], Waiver] = {}
    for index, entry in enumerate(entries):
        waiver = _waiver(file, f"/waivers/{index}", entry)
        if waiver.requirement not in known:
            raise SpecError(
                f"{file.name}:{waiver.line}: there is no requirement {waiver.requirement!r}; "
                "reports/output/summary.md lists the names."
            )
        first = waivers.setdefault((waiver.requirement, waiver.target), waiver)
        if first is not waiver:
            raise SpecError(
                f"{file.name}:{waiver.line}: {waiver.requirement} is waived for {waiver.target} on "
                f"line {first.line} already; keep one of the two."
            )
    return tuple(waivers.values())


def _waiver(file: YamlFile, pointer: str, entry: Any) -> Waiver:
    place = f"{file.name}:{file.line(pointer)}"
    if not isinstance(entry, dict) or set(entry) != set(FIELDS):
        raise SpecError(f"{place}: a waiver has exactly {', '.join(FIELDS)}.")
    for name in FIELDS:
        if not isinstance(entry[name], str) or not entry[name].strip():
            raise SpecError(f"{file.name}:{file.line(f'{pointer}/{name}')}: {name} is a text.")
    if not entry["link"].startswith(("https://", "http://")):
        raise SpecError(f"{file.name}:{file.line(f'{pointer}/link')}: link is an http(s) address.")
    try:
        expires = date.fromisoformat(entry["expires"])
    except ValueError:
        raise SpecError(
            f"{file.name}:{file.line(f'{pointer}/expires')}: expires is a date such as 2027-03-31."
        ) from None
    return Waiver(**{**entry, "expires": expires}, file=file.name, line=file.line(pointer))
