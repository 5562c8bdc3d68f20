"""Waivers: known findings of a target, each with an owner and a last day."""

import difflib
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from causes.cause import AND, ESTABLISHED, NOW_AND_THEN, SAME_IN, SAME_MOMENT, THE_RUN
from spec import yamlfile
from spec.paths import without_indices
from spec.yamlfile import YamlFile

WAIVERS = Path(__file__).parent.parent / "spec" / "waivers.yaml"
FIELDS = ("requirement", "target", "reason", "link", "owner", "expires")
SEVERAL = ("difference", "answer", "about", "refused")
"""Fields that have one text, or a list."""
NARROWING = ("place", "difference", "answer", "status", "code", "about", "refused", "also", "shows")
"""Fields that say which finding under the requirement it is; a waiver may leave them out."""
SOON = timedelta(days=14)
"""How long before its last day a waiver warns."""

_STAMP = "IC-..."
"""What stands for the stamp of a run."""
_PLAIN = re.compile("[A-Za-z0-9]+")
_WITH_PARTS = re.compile(r"^[0-9]{4}-[0-9]{2}-[0-9]{2}|^[a-zA-Z]+:")
"""How a date or an address begins, of which each part may be what is different."""
_LENGTH = re.compile(r"(?<=\ba body of )[0-9,]+ (?=bytes?\b)")
"""The length of a body, which is that of the case that happened to show it."""
_VALUE = re.compile(r"(\ba header field [^\s:]+)(?:: .+?| that is empty)(?= and |, and so |\Z)")
"""The value of a header field, which is that of the case that happened to show it."""
_NEAR = re.compile(rf'"[^"]*", [0-9]+ (hour|day)s? (?=(?:before|after) {THE_RUN})')
"""A date that is chosen by the start of a run, and how far it is from that."""
_MOMENT = re.compile(rf'"[^"]*([+-][0-9:]{{5}})"{SAME_MOMENT}')
"""A date that differs by its offset alone."""
_CHARACTERS = re.compile(r"(?<= of )[0-9]+(?= characters\b)")
"""How long a text is in a difference."""
_TEXT = re.compile(r'"(?:[^"\\]++|\\.)*+(?:"|\\?\Z)', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Found:
    """What tells one finding under a requirement from another.

    `place` is the location in the payload or answer, `difference` what tells the request from one
    that is answered well, `answer` what is wrong with the answer; `status` and `code` are its own.
    `edits` are the parts of the difference: a waiver of one of them is for it with more, too.
    `about` has the properties that an error is about, each with the wrong name that it has for it:
    a waiver of one of them is for an error that is about more, too. `bound` is what is refused of
    the kind of value that is accepted though it is invalid (`Cause.bound`), empty where that is not
    known. It may come `now_and_then`, whatever is asked.
    """

    requirement: str
    place: str = ""
    difference: str = ""
    answer: str = ""
    status: int | None = None
    code: str = ""
    edits: tuple[str, ...] = ()
    about: tuple[str, ...] = ()
    bound: str = ""
    now_and_then: bool = False


@dataclass(frozen=True, slots=True)
class Waiver:
    """One finding that one target is known to have; `expires` is its last day, in UTC.

    What is empty, or None, may be anything. `difference` has each one that brings it about,
    `answer` each thing that is wrong with an answer, `about` each property that an error is about,
    `refused` what still has to be refused where something invalid is accepted, and `also` other
    requirements that it shows in. What `shows` now and then is told by its answer, whichever
    requirements that happens to break.
    """

    requirement: str
    target: str
    reason: str
    link: str
    owner: str
    expires: date
    file: str
    line: int
    place: str = ""
    difference: tuple[str, ...] = ()
    answer: tuple[str, ...] = ()
    status: int | None = None
    code: str = ""
    about: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    shows: str = ""

    @property
    def whole(self) -> bool:
        """Whether it waives its requirement, whatever is found under it."""
        told = self.place or self.difference or self.answer or self.code or self.about
        told = told or self.refused or self.shows
        return not told and self.status is None

    def expired(self, today: date) -> bool:
        """Whether its last day is over, so that what it waives counts again."""
        return today > self.expires

    def ends_soon(self, today: date) -> bool:
        """Whether somebody should look at it now."""
        return not self.expired(today) and self.expires - today <= SOON

    def waives(self, found: Found) -> bool:
        """Whether this is the finding that it is about.

        One fault shows under several requirements; a difference tells that it is the same one.
        Without one, and of what comes back wrong, the others are named.
        """
        if self.status not in (None, found.status) or self.code not in ("", found.code):
            return False
        if self.about and found.about and {*self.about}.isdisjoint(found.about):
            return False
        if self.shows:
            return found.now_and_then and (not self.answer or found.answer in self.answer)
        same = self.requirement == found.requirement
        told = {*map(lasting, self.difference)}
        others = [*map(lasting, (found.difference, *found.edits))]
        # What is refused is so with a longer text, too; of what is accepted that is more.
        is_refused = found.status is None or found.status >= 300
        is_told = _is_at_least if is_refused else str.__eq__
        is_one = any(is_told(each, one) for each in others for one in told)
        if told and not (is_one or (is_refused and any(_is_anywhere(o, told) for o in others))):
            return False
        if not same and (self.place or not told):
            return found.requirement in self.also
        if self.refused and found.bound and not self._is_refused(found.bound):
            return False
        answered = not self.answer or found.answer in self.answer
        return answered and (not self.place or _alike(self.place, found.place))

    def _is_refused(self, bound: str) -> bool:
        """Whether what has to be refused is so."""
        return bounding(bound) in map(bounding, self.refused)


def for_each(found: Found, abouts: Iterable[Iterable[str]]) -> list[Found]:
    """What was found once for each of what its errors are about; once where that is not known."""
    return [replace(found, about=tuple(each)) for each in abouts] or [found]


def are_waived(found: Iterable[Found], active: Sequence[Waiver]) -> bool:
    """Whether each of them has a waiver."""
    return all(any(waiver.waives(each) for waiver in active) for each in found)


def _is_at_least(found: str, told: str) -> bool:
    """Whether what was found is what is told, or the same with a longer text."""
    if found == told:
        return True
    mine, known = _CHARACTERS.search(found), _CHARACTERS.search(told)
    if mine is None or known is None or int(mine[0]) < int(known[0]):
        return False
    return _CHARACTERS.sub("", found) == _CHARACTERS.sub("", told)


def _is_anywhere(found: str, told: Collection[str]) -> bool:
    """Whether what was found at one property is told of two others: a run asks no further of what
    is refused at two, and which ones these are depends on what it meets first.
    """
    place, _, what = found.partition(" ")
    alike = [each for each in told if each.partition(" ")[2] == what]
    return len(alike) >= ESTABLISHED and AND not in what and not place.isdigit()


def _alike(one: str, other: str) -> bool:
    return without_indices(one) == without_indices(other)


def lasting(difference: str) -> str:
    """A difference as it is in each run that finds it, whichever case shows it first.

    The numbers of items, the length of a body and the value of a header field are left out. A text
    that has other characters loses its letters and digits of ASCII; one with characters beyond
    ASCII loses all of ASCII. What has parts, such as a date, stays whole, unless it is chosen by
    the start of the run, or its offset is what is different.
    """
    without = _NEAR.sub(r"\1s ", _LENGTH.sub("", without_indices(difference)))
    without = _VALUE.sub(r"\1", _MOMENT.sub(r"at \1", without))
    return _TEXT.sub(lambda text: _unusual(text[0]), without)


def bounding(refused: str) -> str:
    """What is refused, as it is in each run; in which items counts where nothing else is told."""
    return refused if refused.startswith(SAME_IN) else lasting(refused)


def _unusual(text: str) -> str:
    own = text[1:].removesuffix('"').replace(_STAMP, "")
    if own.isascii():
        return text if _WITH_PARTS.search(own) else _PLAIN.sub("", own) or text
    return "".join(character for character in own if not character.isascii())


def load(known: Collection[str], path: Path = WAIVERS) -> tuple[Waiver, ...]:
    """Read the waivers of a file; `known` are the names of all requirements.

    FileError names the file and the line of a waiver that is malformed, unknown or repeated.
    """
    file = yamlfile.read(path)
    entries = file.content.get("waivers") if isinstance(file.content, dict) else None
    if not isinstance(entries, list) or set(file.content) != {"waivers"}:
        raise file.error("", "needs a list 'waivers', which may be empty, and nothing else.")
    waivers: dict[tuple[Any, ...], Waiver] = {}
    for index, entry in enumerate(entries):
        pointer = f"/waivers/{index}"
        waiver = _waiver(file, pointer, entry)
        if waiver.requirement not in known:
            hint = nearest(waiver.requirement, known)
            raise file.error(
                pointer,
                f"there is no requirement {waiver.requirement!r}{hint}; reports/output/summary.md "
                "lists the names.",
            )
        narrowed = tuple(getattr(waiver, name) for name in NARROWING)
        first = waivers.setdefault((waiver.requirement, waiver.target, *narrowed), waiver)
        if first is not waiver:
            raise file.error(
                pointer,
                f"{waiver.requirement} is already waived for {waiver.target} on line {first.line}; "
                "keep one of the two.",
            )
    return tuple(waivers.values())


def nearest(name: str, known: Collection[str]) -> str:
    """` (did you mean ...?)` for a misspelled name; empty where no known one is like it."""
    likely = difflib.get_close_matches(name, known, n=1)
    return f" (did you mean {likely[0]}?)" if likely else ""


def _waiver(file: YamlFile, pointer: str, entry: Any) -> Waiver:
    names = set(entry) if isinstance(entry, dict) else set()
    unknown = sorted(names - {*FIELDS, *NARROWING})
    if unknown:
        hint = nearest(unknown[0], (*FIELDS, *NARROWING))
        raise file.error(pointer, f"a waiver has no field {unknown[0]!r}{hint}.")
    if not names.issuperset(FIELDS):
        missing = ", ".join(name for name in FIELDS if name not in names)
        needed, optional = ", ".join(FIELDS), ", ".join(NARROWING)
        told = f"a waiver needs these fields: {needed}; it may have {optional}."
        raise file.error(pointer, f"{told} Missing here: {missing}.")
    for name in (*FIELDS, "place", "code"):
        if name in entry and (not isinstance(entry[name], str) or not entry[name].strip()):
            raise file.error(f"{pointer}/{name}", f"{name!r} is text that is not empty.")
    if entry.get("shows", NOW_AND_THEN) != NOW_AND_THEN:
        raise file.error(f"{pointer}/shows", f"'shows' is '{NOW_AND_THEN}', or is left out.")
    status = entry.get("status")
    if "status" in entry and (type(status) is not int or not 100 <= status <= 599):
        raise file.error(f"{pointer}/status", "'status' is the number of an answer, such as 400.")
    several = {name: _texts(file, pointer, name, entry.get(name, [])) for name in SEVERAL}
    also = entry.get("also", [])
    if not isinstance(also, list) or not all(isinstance(name, str) for name in also):
        raise file.error(f"{pointer}/also", "'also' is a list of requirements.")
    if not entry["link"].startswith(("https://", "http://")):
        raise file.error(f"{pointer}/link", "'link' is an http(s) address.")
    try:
        expires = date.fromisoformat(entry["expires"])
    except ValueError:
        raise file.error(f"{pointer}/expires", "'expires' is a date such as 2027-03-31.") from None
    typed = {**entry, **several, "expires": expires, "also": tuple(also)}
    return Waiver(**typed, file=file.name, line=file.line(pointer))


def _texts(file: YamlFile, pointer: str, name: str, told: Any) -> tuple[str, ...]:
    texts = [told] if isinstance(told, str) else told
    if not isinstance(texts, list) or not all(isinstance(t, str) and t.strip() for t in texts):
        raise file.error(f"{pointer}/{name}", f"{name!r} is text, or a list of texts.")
    return tuple(texts)
