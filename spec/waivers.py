"""Waivers: known nonconformances of a target, each with an owner and a last day."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from spec import yamlfile
from spec.yamlfile import YamlFile

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

    SpecError names the file and the line of a waiver that is malformed, unknown or repeated.
    """
    file = yamlfile.read(path)
    entries = file.content.get("waivers") if isinstance(file.content, dict) else None
    if not isinstance(entries, list) or set(file.content) != {"waivers"}:
        raise file.error("", "needs a list 'waivers', which may be empty, and nothing else.")
    waivers: dict[tuple[str, str], Waiver] = {}
    for index, entry in enumerate(entries):
        pointer = f"/waivers/{index}"
        waiver = _waiver(file, pointer, entry)
        if waiver.requirement not in known:
            raise file.error(
                pointer,
                f"there is no requirement {waiver.requirement!r}; reports/output/summary.md lists "
                "the names.",
            )
        first = waivers.setdefault((waiver.requirement, waiver.target), waiver)
        if first is not waiver:
            raise file.error(
                pointer,
                f"{waiver.requirement} is already waived for {waiver.target} on line {first.line}; "
                "keep one of the two.",
            )
    return tuple(waivers.values())


def _waiver(file: YamlFile, pointer: str, entry: Any) -> Waiver:
    if not isinstance(entry, dict) or set(entry) != set(FIELDS):
        raise file.error(pointer, f"a waiver has exactly these fields: {', '.join(FIELDS)}.")
    for name in FIELDS:
        if not isinstance(entry[name], str) or not entry[name].strip():
            raise file.error(f"{pointer}/{name}", f"{name!r} is text that is not empty.")
    if not entry["link"].startswith(("https://", "http://")):
        raise file.error(f"{pointer}/link", "'link' is an http(s) address.")
    try:
        expires = date.fromisoformat(entry["expires"])
    except ValueError:
        raise file.error(f"{pointer}/expires", "'expires' is a date such as 2027-03-31.") from None
    return Waiver(**{**entry, "expires": expires}, file=file.name, line=file.line(pointer))
