"""What another version of the document changes: `python -m spec.diff OLD NEW`.

Ends with 0 where nothing changed, 1 where what changed breaks no client, and 2 where it may. A
change breaks a client, as oasdiff has it, if it asks more of a request or promises less of an
answer.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path as FilePath
from typing import Any, NoReturn

from spec.contract import Contract, load
from spec.operation import CREATED
from spec.requirements import Level, Requirement
from spec.schema.keywords import KEYWORDS
from spec.yamlfile import SpecError

FOLLOWING = frozenset({"echo", "product", "unique", "date-time"})
"""Keywords of requirements that follow from others, and change with those."""
LISTED = frozenset({"mediaType"})
"""Keywords of requirements that change with what a version lists."""
MOST_TOLD = 12
"""Changes above a run."""


@dataclass(frozen=True, slots=True)
class Change:
    """One requirement that is not as it was: `kind` is added, removed, tightened, loosened or
    changed; `old` and `new` are its operands, with the places where they stand.
    """

    requirement: str
    kind: str
    breaking: bool
    old: object
    new: object
    old_place: str
    new_place: str
    for_clients: str
    for_servers: str

    def __str__(self) -> str:
        mark = "breaking  " if self.breaking else "compatible"
        values = {"added": f": {self.new}", "removed": f": {self.old}"}
        said = values.get(self.kind, f": {self.old} -> {self.new}")
        place = self.new_place or self.old_place
        return f"{mark} {self.kind} {self.requirement}{said} ({place}): {self.for_clients}"


def changes(old: Contract, new: Contract) -> tuple[Change, ...]:
    """Each change between two versions, those that break clients first."""
    before, after = _by_name(old), _by_name(new)
    subjects = _subjects(before), _subjects(after)
    found = [
        _change(before.get(name), after.get(name), *subjects)
        for name in dict.fromkeys((*before, *after))
        if not _alike(before.get(name), after.get(name)) and not _follows(name, before, after)
    ]
    found += _of_lists(old, new, {_subject(change.requirement) for change in found})
    return tuple(sorted(found, key=lambda change: not change.breaking))


def notes(contract: Contract) -> list[str]:
    """What a run by another version of the document says above, in lines."""
    if contract.own:
        return []
    found = changes(load(), contract)
    breaking = sum(change.breaking for change in found)
    told = [f"  {change}" for change in found[:MOST_TOLD]]
    more = [f"  and {len(found) - MOST_TOLD} more"] if found[MOST_TOLD:] else []
    return [f"changes: {len(found)}, of which {breaking} may break clients", *told, *more]


def _by_name(contract: Contract) -> dict[str, Requirement]:
    return {
        one.name: one
        for one in contract.requirements
        if one.level is Level.MUST and one.keyword not in FOLLOWING | LISTED
    }


def _subjects(requirements: dict[str, Requirement]) -> frozenset[str]:
    """What the requirements are about: each property, parameter and header field."""
    return frozenset(map(_subject, requirements))


def _subject(name: str) -> str:
    return name.rpartition(".")[0]


def _follows(name: str, before: dict[str, Requirement], after: dict[str, Requirement]) -> bool:
    """Whether a type is stated only because the enumeration that implied it is not, or is."""
    enum = f"{_subject(name)}.enum"
    return name.endswith(".type") and (enum in before) != (enum in after)


def _alike(old: Requirement | None, new: Requirement | None) -> bool:
    return old is not None and new is not None and old.operand == new.operand


def _change(
    old: Requirement | None,
    new: Requirement | None,
    known: frozenset[str],
    left: frozenset[str],
) -> Change:
    one = new or old
    assert one is not None
    kind = _kind(old, new)
    asked = one.part not in ("201", "4xx")
    # What is new and optional asks nothing of a client that does not know it; what is gone is
    # still sent by one that does.
    named = one.keyword in KEYWORDS and (bool(one.path) or one.part == "request")
    fresh = named and one.keyword != "required" and _subject(one.name) not in known
    gone = named and one.keyword != "required" and _subject(one.name) not in left
    weaker, stronger = kind in ("removed", "loosened"), kind in ("added", "tightened")
    breaking = kind == "changed" or ((stronger and not fresh) or gone if asked else weaker)
    return Change(
        one.name,
        kind,
        breaking,
        old.operand if old else None,
        new.operand if new else None,
        f"{old.file}:{old.line}" if old else "",
        f"{new.file}:{new.line}" if new else "",
        _FOR_CLIENTS[asked, breaking],
        _FOR_SERVERS[asked, breaking],
    )


Lists = dict[tuple[str, str], str]
"""What a version lists: the name of the list and of what is in it, and its place."""


def _of_lists(old: Contract, new: Contract, known: set[str]) -> Iterator[Change]:
    """Each change of what the versions list: media types, statuses, header fields, parameters.

    What is listed no more breaks a client, but for an error, which it need not get. Of what is
    `known` a requirement tells already that it is there, or gone.
    """
    before, after = _lists(old), _lists(new)
    other_statuses = {*old.operation.answers} ^ {*new.operation.answers}
    together: dict[tuple[str, str, str], list[str]] = {}
    for name, member in sorted({*before} ^ {*after}):
        kind = "added" if (name, member) in after else "removed"
        subject, _, keyword = name.rpartition(".")
        if subject not in other_statuses and not {member, f"{subject}.{member}"} & known:
            together.setdefault((kind, keyword, member), []).append(subject)
    for (kind, keyword, member), subjects in together.items():
        was, now = (each.get((f"{subjects[0]}.{keyword}", member)) for each in (before, after))
        error = keyword == "documented" and not member.startswith("2")
        asked = subjects[0] in ("requestBody", "request")
        breaking = kind == "removed" and not error
        yield Change(
            f"{', '.join(subjects)}.{keyword}",
            kind,
            breaking,
            member if was else None,
            member if now else None,
            was or "",
            now or "",
            _FOR_CLIENTS[asked, breaking],
            _FOR_SERVERS[asked, breaking],
        )
    if old.key_header != new.key_header and None not in (old.key_header, new.key_header):
        yield _of_another_key(old, new)


def _lists(contract: Contract) -> Lists:
    """What a version lists that no requirement says, or not all of it."""
    operation, found = contract.operation, Lists()
    for name in operation.media_types:
        found["requestBody.mediaType", name] = _place(contract, f"{operation.body}/content")
    for status, answer in operation.answers.items():
        part = status if status == CREATED else "4xx"
        found["response.documented", status] = _place(contract, answer.pointer)
        for name in answer.media_types:
            found[f"{status}.mediaType", name] = _place(contract, f"{answer.pointer}/content")
        for each in answer.headers:
            found[f"{part}.headers", each.title] = _place(contract, each.pointer)
    for each in operation.parameters:
        found["request.parameters", each.title] = _place(contract, each.pointer)
    for name in operation.unsent:
        found["request.parameters", name] = _place(contract, f"{operation.pointer}/parameters")
    return found


def _place(contract: Contract, pointer: str) -> str:
    return f"{contract.source.name}:{contract.source.line(pointer)}"


def _of_another_key(old: Contract, new: Contract) -> Change:
    """The key in another header: who sends it in the old one is refused."""
    return Change(
        "security.key",
        "changed",
        breaking=True,
        old=old.key_header,
        new=new.key_header,
        old_place=_place(old, str(old.operation.key)),
        new_place=_place(new, str(new.operation.key)),
        for_clients=_FOR_CLIENTS[True, True],
        for_servers=_FOR_SERVERS[True, True],
    )


def _kind(old: Requirement | None, new: Requirement | None) -> str:
    if old is None or new is None:
        return "added" if old is None else "removed"
    keyword = KEYWORDS.get(new.keyword)
    narrower = _NARROWER.get(new.keyword, keyword.narrower if keyword else None)
    if narrower is None:
        return "changed"
    if narrower(old.operand, new.operand):
        return "tightened"
    return "loosened" if narrower(new.operand, old.operand) else "changed"


def _no_less(old: Any, new: Any) -> bool:
    return bool(new >= old)


def _no_more(old: Any, new: Any) -> bool:
    return bool(new <= old)


def _no_other(old: Any, new: Any) -> bool:
    return all(branch in old for branch in new)


_NARROWER: dict[str, Callable[[Any, Any], bool]] = {
    **dict.fromkeys(("exclusiveMinimum", "minProperties"), _no_less),
    **dict.fromkeys(("exclusiveMaximum", "maxProperties"), _no_more),
    **dict.fromkeys(("oneOf", "anyOf"), _no_other),
}
"""Whether a new operand allows no more than the old: of keywords that no reading may use."""


_FOR_CLIENTS = {
    (True, True): "what was accepted may be refused",
    (True, False): "what was accepted still is",
    (False, True): "an answer may be what it never was",
    (False, False): "an answer is as it was, or says more",
}
_FOR_SERVERS = {
    (True, True): "refuse what breaks it",
    (True, False): "accept what it allows now",
    (False, True): "nothing has to change",
    (False, False): "every answer has to keep it",
}
"""By whether a change asks something of requests, and whether it may break a client."""


def as_text(found: Sequence[Change]) -> str:
    """A line for each change."""
    return "\n".join(map(str, found)) or "nothing changed"


def as_markdown(found: Sequence[Change]) -> str:
    """A table."""
    head = "| change | requirement | before | now | for clients | for servers |\n" + "| --- " * 6
    rows = [
        f"| {'**breaking**, ' if one.breaking else ''}{one.kind} | `{one.requirement}` "
        f"| {_cell(one.old, one.old_place)} | {_cell(one.new, one.new_place)} "
        f"| {one.for_clients} | {one.for_servers} |"
        for one in found
    ]
    return "\n".join([f"{head}|", *rows]) if found else "Nothing changed."


def _cell(operand: object, place: str) -> str:
    text = json.dumps(operand, ensure_ascii=False, default=str).replace("|", "\\|")
    return f"`{text.replace('`', '')}` ({place})" if place else ""


def as_json(found: Sequence[Change]) -> str:
    """A list of objects."""
    return json.dumps([asdict(one) for one in found], indent=1, default=str, ensure_ascii=False)


FORMATS: dict[str, Callable[[Sequence[Change]], str]] = {
    "text": as_text,
    "markdown": as_markdown,
    "json": as_json,
}


class _Parser(argparse.ArgumentParser):
    """Wrong usage has a status of its own, as 2 says that clients break."""

    def error(self, message: str) -> NoReturn:
        self.exit(4, f"{self.prog}: {message.rstrip('.')}.\n")


def main(words: Sequence[str] | None = None) -> int:
    """Compare two files and print what changed."""
    parser = _Parser(prog="python -m spec.diff", description=__doc__)
    parser.add_argument("old", metavar="OLD", type=FilePath)
    parser.add_argument("new", metavar="NEW", type=FilePath)
    parser.add_argument("--format", choices=[*FORMATS], default="text")
    given = parser.parse_args(words)
    try:
        found = changes(load(given.old), load(given.new))
    except SpecError as error:
        print(error, file=sys.stderr)  # noqa: T201 - for the user
        return 4
    print(FORMATS[given.format](found))  # noqa: T201 - for the user
    return 2 if any(one.breaking for one in found) else int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
