"""Cases that are kept: what a drawn payload has shown once, every later run asks again.

Each is a file of `spec/corpus/TARGET/`, written by `python -m reports.accept`.
"""

import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path

from spec.probes import BASELINES, baseline_path, has_name
from spec.yamlfile import FileError, read_regular, shown

CORPUS = BASELINES.parent / "corpus"
MOST = 50
"""Cases that are kept of a target."""
LARGEST = 16 * 1024
"""Bytes of a body that is kept."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A body with the placeholder of the stamp, and the days on which it was found to be answered
    wrongly and since when it has been answered as it should be, if it is.

    `broke` names the requirement that its answer broke.
    """

    body: str = field(repr=False)
    broke: str
    found: str
    holds_since: str | None = None

    @property
    def id(self) -> str:
        """The same for the same body; the name of its file."""
        return hashlib.sha256(self.body.encode()).hexdigest()[:8]

    @property
    def name(self) -> str:
        """What a report calls it."""
        return f"kept {self.id}: {self.broke}, found {self.found}"

    def as_json(self) -> str:
        """The text of its file."""
        content = {
            "broke": self.broke,
            "found": self.found,
            "holds_since": self.holds_since,
            "body": self.body,
        }
        return json.dumps(content, indent=1) + "\n"


def folder_of(target: str, corpus: Path) -> Path:
    """Where the cases of a target are kept. FileError for a name that is no target's."""
    return baseline_path(target, corpus).with_suffix("")


def load(target: str, corpus: Path = CORPUS) -> tuple[Kept, ...]:
    """The cases that are kept of a target. FileError names a file that is none."""
    if not has_name(target):
        return ()
    return tuple(read(path) for path in sorted(folder_of(target, corpus).glob("*.json")))


def read(path: Path) -> Kept:
    """Read a case. FileError says in one sentence what is wrong with it."""
    try:
        content = json.loads(read_regular(path, 4 * LARGEST))
        kept = Kept(**content)
        known = all(isinstance(each, str) for each in (kept.body, kept.broke, kept.found))
        if known and isinstance(kept.holds_since, str | None):
            f"{kept.name} {kept.body}".encode()  # half of a surrogate pair cannot be sent
            return kept
    except OSError as error:
        raise FileError(f"{shown(path)}: cannot be read: {error.strerror}.") from None
    except (ValueError, TypeError, RecursionError):
        pass
    raise FileError(f"{shown(path)}: is not a case that was kept: remove it.")
