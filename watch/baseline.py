"""The accepted fingerprint of a target: `spec/baselines/NAME.json`, reviewed as a diff in git."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import NotRequired, TypedDict

from spec.probes import BASELINES, baseline_path, has_name
from spec.yamlfile import FileError, read_regular, shown
from watch import certificate, timing
from watch.changed_features import compared
from watch.changes import Change, ChangeRow, changes
from watch.fingerprint import Cases, fold, unfold
from watch.noise import noise_of

FORMAT = "invoice-conformance-baseline"
VERSION = 1
LARGEST = 16 * 1024 * 1024
"""Bytes of a file that is read; that of a whole run has some 100 kB."""


@dataclass(frozen=True, slots=True)
class Watched:
    """What a target answered in one run: the features of each case, and the times.

    `name` is the target's and `started` the run's start. `noise` are rules for features that differ
    by themselves (`noise.noise_of`). `last_day` is that of the target's certificate, empty without.
    `pace` says how the requests were sent (`pace_of`): only times of one pace are compared.
    """

    name: str
    started: str
    cases: Cases
    times: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    noise: Sequence[str] = ()
    last_day: str = ""
    pace: str = ""

    def news(self, later: "Watched") -> "News":
        """What has changed since, at the same target or at another one."""
        return News(
            self.name,
            self.started,
            compared(self.cases, later.cases),
            tuple(changes(self.cases, later.cases, {*self.noise, *later.noise})),
            tuple(timing.news(self.times, later.times)) if self._is_of_one_pace(later) else (),
            tuple(self.noise),
            certificate.other(self.last_day, later.last_day) if self.name == later.name else "",
        )

    def _is_of_one_pace(self, other: "Watched") -> bool:
        """Whether times may be compared; those of an older suite are, whose pace is not known."""
        return not (self.pace and other.pace) or self.pace == other.pace


class NewsRow(TypedDict):
    """What has changed, for the record (`news` of run.schema.json)."""

    baseline: str
    since: str
    compared: int
    changes: list[ChangeRow]
    times: list[str]
    noise: list[str]
    certificate: NotRequired[str]


@dataclass(frozen=True, slots=True)
class News:
    """What has changed since a baseline of that name and start, of so many cases that both have.

    `times` are sentences, which count for nothing, and `certificate` is one, if it is another one;
    `noise` are the rules for what was left out.
    """

    name: str
    started: str
    compared: int
    changes: tuple[Change, ...] = ()
    times: tuple[str, ...] = ()
    noise: tuple[str, ...] = ()
    certificate: str = ""

    def as_json(self) -> NewsRow:
        """For the record."""
        return {
            "baseline": self.name,
            "since": self.started,
            "compared": self.compared,
            "changes": [each.as_json() for each in self.changes],
            "times": list(self.times),
            "noise": list(self.noise),
            "certificate": self.certificate,
        }


def file_of(target: str, folder: Path) -> Path:
    """Where the fingerprint of a target is kept. FileError for a name that is no target's."""
    return baseline_path(target, folder).with_suffix(".json")


def load(target: str, folder: Path = BASELINES) -> Watched | None:
    """A target's accepted fingerprint; None without one. FileError for a file that is none."""
    if not has_name(target):
        return None
    path = file_of(target, folder)
    if not path.exists():
        return None
    found = read(path)
    if found.name != target:
        raise FileError(
            f"{shown(path)}: it has the answers of {found.name}, not of {target}: accept those of "
            f"{target} again."
        )
    return found


def is_one(path: Path) -> bool:
    """Whether a file says of itself that it is an accepted fingerprint, and not a run's record."""
    try:
        return bool(json.loads(read_regular(path, LARGEST))["format"]["name"] == FORMAT)
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return False


def read(path: Path) -> Watched:
    """Read a baseline. FileError says in one sentence what is wrong with it."""
    try:
        content = json.loads(read_regular(path, LARGEST))
        known = content["format"] == {"name": FORMAT, "version": VERSION}
        return Watched(
            str(content["target"]),
            datetime.fromisoformat(content["started"]).isoformat(),
            unfold(content["fingerprint"] if known else {}),
            timing.checked(content["times"]),
            tuple(map(str, content["noise"])),
            certificate.checked(content.get("certificate", "")),
            str(content.get("pace", "")),
        )
    except OSError as error:
        raise FileError(f"{shown(path)}: cannot be read: {error.strerror}.") from None
    except (ValueError, KeyError, TypeError, RecursionError):
        what = "is not a baseline that this suite reads: accept the target's answers again."
        raise FileError(f"{shown(path)}: {what}") from None


def pace_of(profile: str, concurrency: int | None) -> str:
    """How the requests of a run were sent; empty for an older one, which does not tell."""
    return f"{profile}, {concurrency} in flight" if concurrency is not None else ""


def text_of(first: Watched, second: Watched) -> str:
    """The file: what the second of two runs found, without what differs between them."""
    content = {
        "format": {"name": FORMAT, "version": VERSION},
        "target": second.name,
        "started": second.started,
        "noise": noise_of(first.cases, second.cases),
        "pace": second.pace,
        "times": second.times,
        "certificate": second.last_day,
        "fingerprint": fold(second.cases),
    }
    return json.dumps(content, indent=1, ensure_ascii=True) + "\n"
