"""The files that a run leaves: every name, once; and `python -m reports.output`, which removes
those of the last run, except the history.
"""

import hashlib
import json
import os
import re
import secrets
import shutil
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from reports.command import Parser
from targets.errors import no_more_files
from targets.masking import Masker

FOLDER = Path(__file__).parent / "output"
"""Where reports go unless another folder is named."""
RECORD = "run.json"
PART = "part.jsonl"
SUMMARY = "summary.md"
REQUIREMENTS = "requirements.junit.xml"
TESTS = "junit.xml"
HAR = "failing.har"
HTML = "report.html"
RESULTS = "allure-results"
HISTORY = "history"
LOCK = ".lock"
"""Held by the run that writes into the folder; the system lets go of it when that run ends."""

ENVIRONMENT = "environment.properties"
EXECUTOR = "executor.json"
RESULT = "-result.json"
GLOBALS = "-globals.json"
ATTACHMENT = "-attachment"
"""The files in a folder of results, by their names or how these end; Allure prescribes them."""
_DRAFT = ".part"
_DRAFTS = f"*.{'[0-9a-f]' * 16}{_DRAFT}"
"""The names of drafts, and of no file of the user's."""
_OF_ALLURE = (
    *(ENVIRONMENT, EXECUTOR, "categories.json"),
    *(f"*{RESULT}", f"*{GLOBALS}", "*-container.json", f"*{ATTACHMENT}*", _DRAFTS),
)
_PIECE, _NEAR = 512 * 1024, 4096
"""Bytes that are masked together, at least, and on either side of a cut."""
_LONGEST_NAME = 100
"""Characters of an address in the name of a file, which a system limits."""
_SCRATCH = "invoice-conformance-"
_NEW, _OLD = 60, 24 * 60 * 60
"""Seconds: a younger folder is not locked yet, an older one without a lock is nobody's."""
_TRIED = 64 * 1024
"""Bytes that are written to see whether a folder takes any."""
_OBEYED = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""What JSON lets stand as it is, and a terminal obeys that shows the file: controls, directions."""


_REPORTS = (RECORD, PART, SUMMARY, REQUIREMENTS, TESTS, HAR, HTML)
"""The files of a run."""


class FolderError(ValueError):
    """A folder takes no reports now; one sentence says why and what to do."""


def history_file(folder: Path, target: str) -> Path:
    """The runs of a target, in a folder of reports."""
    return folder / HISTORY / f"{_as_file_name(target)}.runs.jsonl"


def trend_file(folder: Path, target: str) -> Path:
    """The runs of a target as Allure remembers them."""
    return folder / HISTORY / f"{_as_file_name(target)}.allure.jsonl"


def claim(folder: Path, stack: ExitStack) -> None:
    """Make a folder of reports this run's alone, until the stack lets go of it.

    Raises FolderError if it takes no files, or another run writes into it.
    """
    check(folder)
    lock = FileLock(folder / LOCK, timeout=0)
    try:
        stack.enter_context(lock)
    except Timeout:
        raise FolderError(
            f"Another run is writing its reports into {folder}: wait until it has ended, or name "
            "another folder with --reports."
        ) from None
    except OSError as error:
        raise FolderError(
            f"{folder / LOCK} cannot be locked ({error.strerror or error}): remove it if no run "
            "writes there, or name another folder with --reports."
        ) from None


def check(folder: Path) -> None:
    """Make a folder if there is none. Raises FolderError if no file can be written into it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(bytes(_TRIED))
    except OSError as error:
        raise FolderError(
            no_more_files(error)
            or f"No report can be written into {folder} ({error.strerror or error}): name a folder "
            "that takes files, or make room."
        ) from None
    for path in (folder / name for name in _REPORTS):
        if path.is_dir() and not path.is_symlink():
            raise FolderError(
                f"{path} is a folder where a report is to be: remove it, or name another folder "
                "with --reports."
            )
    for path in (folder / name for name in (RESULTS, HISTORY)):
        if path.is_symlink():
            raise FolderError(
                f"{path} is a link, so that files elsewhere would be written or removed: remove "
                "it, or name another folder with --reports."
            )


def as_json(value: Any) -> bytes:
    """A value as JSON in UTF-8, made piece by piece: as one text it would take many times as much
    memory, four bytes for each character.
    """
    made = bytearray()
    for piece in json.JSONEncoder(ensure_ascii=False, indent=1).iterencode(value):
        # Half a surrogate pair has no UTF-8; it is written as JSON escapes it.
        made += _OBEYED.sub(_escaped, piece).encode(errors="backslashreplace")
    return bytes(made + b"\n")


def _escaped(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"


def write(path: Path, data: str | bytes, masker: Masker | None = None) -> None:
    """Write a file so that a reader finds the old one or the new one, never half of one.

    The masker hides the keys once more, in all of it: a text may have been forgotten before, and
    two that are harmless may stand side by side.
    """
    # Half a surrogate pair has no UTF-8; it is written as JSON escapes it.
    raw = data.encode(errors="backslashreplace") if isinstance(data, str) else data
    raw = _masked(raw, masker) if masker else raw
    path.parent.mkdir(parents=True, exist_ok=True)
    # A new file under a name that nobody can know, so that no link leads elsewhere.
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}{_DRAFT}")
    try:
        with draft.open("xb") as file:
            file.write(raw)
        draft.replace(path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise


@contextmanager
def scratch() -> Iterator[Path]:
    """A temporary folder that is gone in the end; those that killed runs left are gone before.

    A folder has a file whose lock is held as long as its process lives.
    """
    _remove_abandoned()
    with tempfile.TemporaryDirectory(prefix=_SCRATCH, ignore_cleanup_errors=True) as made:
        folder = Path(made)
        with FileLock(folder / LOCK, timeout=0):
            yield folder


def trouble(what: str, write: Callable[[], object]) -> str:
    """Write one of several reports; a sentence if that fails, so that the others are written."""
    try:
        write()
    except OSError as error:
        return not_written(error)
    except Exception as error:  # noqa: BLE001 - a fault of one report must not cost the others
        limit = no_more_files(error)
        return f"the reports are not complete: {limit}" if limit else _not_made(what, error)
    return ""


def not_written(error: OSError) -> str:
    """What could not be written, in a sentence."""
    limit = no_more_files(error)
    if limit:
        return f"the reports are not complete: {limit}"
    where = f" {error.filename}" if error.filename else ""
    return (
        f"the reports are not complete: cannot write{where} ({error.strerror or error}). Make "
        "room, or name another folder with --reports, and run again."
    )


def clear(folder: Path) -> None:
    """Remove the files that runs write into this folder, except the history."""
    for name in _REPORTS:
        (folder / name).unlink(missing_ok=True)
    for draft in (*folder.glob(_DRAFTS), *folder.glob(f"{HISTORY}/{_DRAFTS}")):
        draft.unlink(missing_ok=True)  # of a run that was killed
    clear_results(folder / RESULTS)


def clear_results(folder: Path) -> None:
    """Remove earlier results of Allure, which would show them as retries and so hide failures."""
    for pattern in _OF_ALLURE:
        for file in folder.glob(pattern):
            file.unlink()


def main(arguments: Sequence[str]) -> int:
    """Remove the files of the last run; the exit status."""
    parser = Parser("reports.output", "Remove the reports of the last run, except the history.")
    parser.add_argument(
        "folder", nargs="?", type=Path, default=FOLDER, metavar="FOLDER", help="where they are"
    )
    folder = parser.parse_args(arguments).folder
    try:
        with ExitStack() as stack:
            if folder.exists():
                claim(folder, stack)
                clear(folder)
    except (FolderError, OSError) as error:
        parser.error(str(error))
    return 0


def _not_made(what: str, error: Exception) -> str:
    """What could not be made, and where, in a sentence that its developers can use."""
    *_, (frame, line) = traceback.walk_tb(error.__traceback__)
    place = f"{Path(frame.f_code.co_filename).name}, line {line}"
    return (
        f"the reports are not complete: {what} cannot be made ({type(error).__name__}: {error}; "
        f"{place}). This is a fault of the suite: please report it with this line."
    )


def _masked(data: bytes, masker: Masker) -> bytes:
    """The data without any key; masked in pieces, because that takes many times their memory."""
    cuts = [0]
    while cuts[-1] + _PIECE < len(data):
        line_end = data.find(b"\n", cuts[-1] + _PIECE)
        cuts.append(line_end + 1 or len(data))
    around = [data[max(0, cut - _NEAR) : cut + _NEAR] for cut in cuts[1:]]
    if any(masker.mask_again(each) != each for each in around):
        return masker.mask_again(data)
    ends = [*cuts[1:], len(data)]
    return b"".join(masker.mask_again(data[s:e]) for s, e in zip(cuts, ends, strict=True))


def _remove_abandoned() -> None:
    """Remove the temporary folders of processes that are no more, if they are this user's."""
    user = os.getuid() if hasattr(os, "getuid") else None
    for found in Path(tempfile.gettempdir()).glob(f"{_SCRATCH}*"):
        with suppress(OSError):
            about = found.lstat()
            age = time.time() - about.st_mtime
            known = (found / LOCK).exists()
            theirs = user is not None and about.st_uid != user
            if found.is_symlink() or theirs or age < (_NEW if known else _OLD):
                continue
            with suppress(Timeout), FileLock(found / LOCK, timeout=0):
                shutil.rmtree(found, ignore_errors=True)


def _as_file_name(target: str) -> str:
    """The name of a target, which may be a URL, as part of a file name."""
    name = "".join(c if c.isalnum() or c in "-." else "-" for c in target).strip("-.")
    if len(name) <= _LONGEST_NAME:
        return name
    return f"{name[:_LONGEST_NAME]}-{hashlib.sha256(target.encode()).hexdigest()[:12]}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
