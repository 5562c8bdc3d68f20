"""Waivers for people: what is to be done about them, and `python -m reports.waive [RUN]`, which
writes one for a finding of a run.

RUN is the record of a run, by default that of the last one. What the options do not say is asked on
a terminal. The waiver is for this finding alone: anything else under its requirement still fails.
"""

import sys
from argparse import Namespace
from collections.abc import Callable, Collection, Container, Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from causes.cause import NOW_AND_THEN, RARELY, SOMETIMES
from findings import waivers
from findings.finding import Occurrence
from findings.rows import FindingRow, comes_now_and_then, identity
from findings.waivers import WAIVERS, Found, Waiver
from reports import output, record
from reports.accept import quoted
from reports.command import Parser, say
from reports.escaping import one_line
from reports.history import Past, all_passed, past_of
from reports.ledger import Counts
from reports.rows import NoteRow, Record
from spec import yamlfile
from spec.contract import Contract
from spec.paths import without_indices
from spec.requirements import subject_and_keyword
from spec.violation import Category
from spec.yamlfile import FileError, shown
from targets import config
from watch.fingerprint import node_parts

ASKED = {
    "reason": "Why is it accepted for now?",
    "owner": "Who looks after it?",
    "link": "Where is it discussed (an http(s) address)?",
    "expires": "What is its last day (such as 2027-03-31)?",
}
"""What only a person knows of a waiver, and how it is asked."""
NOTHING = 5
"""The exit status if there is nothing to waive, as of a run in which nothing ran."""
ECHOED = "201.data."
"""How the names of the requirements begin that are about what comes back of a property."""
UNUSED = (
    "no test of its property needs its waiver any more: remove it if a run of all tests says so too"
)
"""What is said of a waiver that matches nothing in the tests that are likeliest to need it."""


def of_target(contract: Contract, targets: set[str], target: str, file: Path) -> tuple[Waiver, ...]:
    """The waivers of a target; those of all others are checked too."""
    found = waivers.load({requirement.name for requirement in contract.requirements})
    for waiver in found:
        if waiver.target not in targets and not config.is_base_url(waiver.target):
            raise FileError(
                f"{waiver.file}:{waiver.line}: there is no target {waiver.target!r} in {file}"
                f"{waivers.nearest(waiver.target, targets)}."
            )
    return tuple(waiver for waiver in found if waiver.target == target)


def mark_waived(counts: Counts, active: Sequence[Waiver]) -> None:
    """Mark the findings that a waiver is for."""
    for occurrence in counts.occurrences.values():
        occurrence.waived |= waivers.are_waived(found_of(counts, occurrence), active)


def found_of(counts: Counts, occurrence: Occurrence) -> list[Found]:
    """What a waiver may say of an occurrence, for each of what its errors are about."""
    return waivers.for_each(_found(counts, occurrence), occurrence.about)


def _found(counts: Counts, occurrence: Occurrence) -> Found:
    cause = counts.causes.get(occurrence.cause)
    if cause is None:
        return Found(occurrence.requirement, occurrence.place)
    return Found(
        occurrence.requirement,
        occurrence.place,
        cause.text,
        cause.answer,
        cause.status,
        cause.code,
        tuple(cause.difference),
        bound=cause.bound,
        now_and_then=cause.traits in ([SOMETIMES], [RARELY]),
    )


def candidates(content: Record) -> list[FindingRow]:
    """The findings of a run that a waiver could be for, the worst first."""
    return [
        finding
        for finding in content["findings"]
        if not finding["waived"] and finding["category"] != Category.DRIFT
    ]


def entry(content: Record, finding: FindingRow, said: dict[str, str]) -> str:
    """The waiver of a finding, as lines of the file; `said` is what a person says of it."""
    fields: dict[str, Any] = {
        "requirement": finding["requirement"],
        "target": content["target"]["name"],
        **narrowed(finding, content["findings"]),
        **said,
    }
    lines = [f"{name}: {_yaml(value)}" for name, value in fields.items() if value]
    return "".join(f"{'    ' if n else '  - '}{line}\n" for n, line in enumerate(lines))


def narrowed(finding: FindingRow, others: Iterable[FindingRow] = ()) -> dict[str, Any]:
    """What makes it this finding, and in which other requirements or with which other differences
    it is seen; not with an answer by which another one is told that was found with it.
    """
    said: Mapping[str, Any] = finding
    apart = {each["answer"] for each in others if _is_told_there(each, finding)}
    found: dict[str, Any] = {name: said[name] for name in identity(finding)}
    if "bound" in found:
        found["refused"] = found.pop("bound")
    if "place" in found:
        found["place"] = without_indices(found["place"])
    for name, more in (("difference", "alike"), ("answer", "answers")):
        if name in found:
            left = [each for each in said[more] if name != "answer" or each not in apart]
            told = [*dict.fromkeys(map(without_indices, (found[name], *left)))]
            found[name] = told if told[1:] else told[0]
    if "about" in finding:
        found["about"] = finding["about"]
    if comes_now_and_then(finding):
        found.pop("place", None)
        return {**found, "shows": NOW_AND_THEN}
    return {**found, "also": finding["also"]} if "place" in found else found


def _is_told_there(other: FindingRow, finding: FindingRow) -> bool:
    """Whether another finding is told at the same place, with the same status."""

    def where(one: FindingRow) -> tuple[Any, ...]:
        return one["requirement"], without_indices(one["place"]), one["status"], one["code"]

    return other["id"] != finding["id"] and where(other) == where(finding)


def _yaml(value: Any) -> str:
    """A text, a number or a list of texts, in one line."""
    if isinstance(value, list):
        return f"[{', '.join(map(quoted, value))}]"
    return str(value) if isinstance(value, int) else quoted(value)


def added(text: str, new: str) -> str:
    """The text of a file of waivers with one more at its end."""
    if text.rstrip().endswith("waivers: []"):
        return text.rstrip().removesuffix(" []") + "\n" + new
    return text.rstrip("\n") + "\n" + new


def notes(
    known: Iterable[Waiver],
    found: Sequence[Found],
    content: Record,
    today: date,
    past: Sequence[Past] = (),
    collected: Collection[str] = (),
) -> Iterator[NoteRow]:
    """What somebody has to do about the waivers of a target (`waivers` of run.schema.json).

    `found` is what the run found. Whether a waiver matches nothing any more only a run of
    everything can tell, or one that asked what had found it in a `past` run of its kind. What all
    tests of its requirement say, of those `collected` of all suites, is told as that.
    """
    whole_run = content["run"]["complete"] and content["run"]["profile"] != "smoke"
    for waiver in known:
        matches = any(waiver.waives(each) for each in found)
        is_asked = whole_run or (not matches and _is_asked_again(waiver, content, past))
        note = _note(waiver, today, matches=matches, is_asked=is_asked)
        note = (not matches and _misspelled(waiver, found)) or note
        if not (matches or note) and _holds_in_its_tests(waiver, content, collected):
            note = UNUSED
        note = note or (_wider(waiver, content) if matches else "")
        if note:
            place = f"{waiver.file}:{waiver.line}"
            yield {"requirement": waiver.requirement, "note": f"{note} ({place})"}


def _holds_in_its_tests(waiver: Waiver, content: Record, collected: Collection[str]) -> bool:
    """Whether all tests of the property that its requirement is about were asked, and passed, and
    the requirement holds; not where it is about no property that has tests.
    """
    if not collected or content["run"]["profile"] == "smoke":
        return False
    verdicts = {each["name"]: each["verdict"] for each in content["requirements"]}
    subject = _property(waiver.requirement)
    own = [each for each in collected if _property(_asked_in(each, verdicts)) == subject]
    is_held = verdicts.get(waiver.requirement) == "holds"
    return is_held and bool(own) and all_passed(content, own)


def _asked_in(test: str, known: Container[str]) -> str:
    """The requirement that a test is about, by its name; empty for others."""
    name = node_parts(test).case
    return name if name in known else ""


def _property(requirement: str) -> str:
    """The property that a requirement is about, of a request or of what comes back of it."""
    return subject_and_keyword(requirement)[0].removeprefix(ECHOED)


def _misspelled(waiver: Waiver, found: Iterable[Found]) -> str:
    """What a waiver calls a place or an answer of a finding under its requirement that is called
    otherwise; empty where it does not.
    """
    alike = [each for each in found if each.requirement == waiver.requirement]
    for name in ("place", "answer"):
        known = {without_indices(getattr(each, name)) for each in alike} - {""}
        told = getattr(waiver, name)
        for one in told if isinstance(told, tuple) else [told]:
            hint = waivers.nearest(one, known) if one and without_indices(one) not in known else ""
            if hint:
                return f"its waiver matches nothing: no finding has the {name} {one!r}{hint}"
    return ""


def _wider(waiver: Waiver, content: Record) -> str:
    """In what it is wider than one of today, as those of older versions are, and what to do: where
    only errors about some properties are wrong it says not which, or not what is still refused of
    what is accepted though it is invalid. Empty where it says so.
    """
    own = [each for each in content["findings"] if each["requirement"] == waiver.requirement]
    waived = [each for each in own if each["waived"] and waiver.waives(found_in(each))]
    if not waiver.about and any("about" in each for each in waived):
        return (
            "its waiver is for an error about any property, so it hides new findings too: "
            "python -m reports.waive writes one for those that it was seen with"
        )
    told = sorted({each["bound"] for each in waived if "bound" in identity(each)})
    if waiver.refused or not told:
        return ""
    return (
        "its waiver does not say what is still refused, so it hides that more is accepted: "
        f"add refused: {_yaml(told if told[1:] else told[0])}"
    )


def found_in(finding: FindingRow) -> Found:
    """What a waiver may say of a finding, of all that it is about at once."""
    return Found(
        finding["requirement"],
        finding["place"],
        finding["difference"],
        finding["answer"],
        finding["status"],
        finding["code"],
        edits=(*finding["alike"],),
        about=(*finding.get("about", ()),),
        bound=finding.get("bound", ""),
        now_and_then=comes_now_and_then(finding),
    )


def _is_asked_again(waiver: Waiver, content: Record, past: Sequence[Past]) -> bool:
    """Whether the tests that last found what is waived, in a run of its kind, all passed."""
    if not past:
        return False
    asked = past_of(content).asked
    alike = (each for each in reversed(past) if each.asked == asked)
    tests = next(filter(None, (e.tests_of(waiver.requirement, waiver.answer) for e in alike)), ())
    return bool(tests) and all_passed(content, tests)


def _note(waiver: Waiver, today: date, *, matches: bool, is_asked: bool) -> str:
    if not matches:
        return "its waiver matches nothing any more, so remove it" if is_asked else ""
    if waiver.expired(today):
        return f"its waiver ended on {waiver.expires}, so it counts again: ask {waiver.owner}"
    if waiver.ends_soon(today):
        return f"its waiver ends on {waiver.expires}: ask {waiver.owner}"
    if waiver.whole:
        return (
            "its waiver is for the whole requirement, so it hides new findings too: "
            "python -m reports.waive writes one for a finding alone"
        )
    return ""


def main(arguments: Sequence[str]) -> int:
    """Write the waiver and print it; the exit status."""
    parser = _parser()
    chosen = parser.parse_args(arguments)
    try:
        content = record.read(chosen.run)
        found = candidates(content)
        if not found:
            say("There is no finding to waive in this run.")
            return NOTHING
        ask = input if sys.stdin.isatty() else None
        finding = _finding(found, chosen.finding, ask)
        said = _said(chosen, ask)
        new = entry(content, finding, said)
        _write(chosen.file, new, {each["name"] for each in content["requirements"]})
    except (ValueError, FileError, OSError) as error:
        parser.error(str(error))
    say(f"{shown(chosen.file)} has now:\n{new.rstrip()}")
    return 0


def _parser() -> Parser:
    parser = Parser(
        "reports.waive",
        "Write a waiver for a finding of the last run. What no option says is asked on a terminal.",
    )
    default = output.FOLDER / output.RECORD
    parser.add_argument(
        "run", nargs="?", type=Path, default=default, metavar="RUN", help="the record of a run"
    )
    parser.add_argument("--finding", metavar="ID", help="which one, where the run has several")
    for name, question in ASKED.items():
        parser.add_argument(f"--{name}", metavar="TEXT", help=question)
    parser.add_argument(
        "--file", type=Path, default=WAIVERS, metavar="FILE", help="where to write it"
    )
    return parser


def _finding(
    found: Sequence[FindingRow], finding_id: str | None, ask: Callable[[str], str] | None
) -> FindingRow:
    """The finding that is meant. Raises ValueError that lists them."""
    lines = [f"  {each['id']}  {one_line(each['headline'])}" for each in found]
    if finding_id is None and len(found) > 1 and ask is not None:
        finding_id = ask("\n".join([*lines, "Which finding (its id)? "])).strip()
    if finding_id is None and len(found) == 1:
        return found[0]
    for each in found:
        if each["id"] == finding_id:
            return each
    wrong = (
        "there are several findings"
        if finding_id is None
        else f"there is no finding {finding_id!r}"
    )
    raise ValueError("\n".join([f"{wrong}, name one with --finding:", *lines]))


def _said(chosen: Namespace, ask: Callable[[str], str] | None) -> dict[str, str]:
    """What a person says of the waiver. Raises ValueError that names the options to give."""
    said: dict[str, str] = {}
    missing = []
    for name, question in ASKED.items():
        value = getattr(chosen, name)
        if value is None and ask is not None:
            value = ask(f"{question} ").strip()
        if value:
            said[name] = value
        else:
            missing.append(f"--{name}")
    if missing:
        raise ValueError(f"a waiver also needs {', '.join(missing)}")
    expires, link = said["expires"], said["link"]
    if not link.startswith(("https://", "http://")):
        raise ValueError(f"--link: {link!r} is not an address: begin with https:// or http://")
    try:
        last_day = date.fromisoformat(expires)
    except ValueError:
        why = f"{expires!r} is not a date: write one such as 2027-03-31"
        raise ValueError(f"--expires: {why}") from None
    if last_day < date.today():  # noqa: DTZ011 - a person's day
        raise ValueError(f"--expires: {expires} is over already: name a later day")
    return said


def _write(path: Path, new: str, known: set[str]) -> None:
    """Add a waiver to the file, unless the file would not be valid with it. Raises FileError."""
    try:
        old = yamlfile.read_regular(path, yamlfile.LARGEST_FILE).decode()
    except FileNotFoundError:
        old = "waivers: []\n"
    except UnicodeDecodeError:
        raise FileError(f"{shown(path)}: is not UTF-8: save it in that encoding.") from None
    except OSError as error:
        raise FileError(f"{shown(path)}: cannot be read: {error.strerror}.") from None
    text = added(old, new)
    with output.scratch() as folder:
        draft = folder / "waivers.yaml"
        try:
            output.write(draft, text)
            waivers.load(known, draft)
        except FileError as error:
            raise FileError(str(error).replace(yamlfile.shown(draft), shown(path))) from None
    output.write(path, text)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
