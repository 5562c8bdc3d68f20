"""Which cases are kept for later runs: new ones that a drawn payload found, and those that have not
yet held for a month.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from reports.exchange_json import read_body
from reports.rows import Record
from spec.contract import unstamped
from watch.corpus import LARGEST, MOST, Kept
from watch.fingerprint import node_parts

HELD = timedelta(days=30)
"""How long a case has to hold until it is asked no more."""


def kept_after(content: Record, before: Sequence[Kept]) -> list[Kept]:
    """The cases that are to be kept after a run, of those that were kept before it and its own."""
    today = datetime.fromisoformat(content["run"]["started"]).date()
    left = [after for each in before if (after := _asked(content, each, today)) is not None]
    known = {each.id for each in left}
    for each in _found(content, today):
        if each.id not in known and len(left) < MOST:
            left.append(each)
            known.add(each.id)
    return left


def _asked(content: Record, kept: Kept, today: date) -> Kept | None:
    """The case as this run leaves it; None once it has held for long."""
    outcomes = {
        test["outcome"] for test in content["tests"] if node_parts(test["id"]).case == kept.name
    }
    if "failed" in outcomes:
        return replace(kept, holds_since=None)
    if "passed" not in outcomes:
        return kept
    since = date.fromisoformat(kept.holds_since) if kept.holds_since else today
    return None if today - since >= HELD else replace(kept, holds_since=since.isoformat())


def _found(content: Record, today: date) -> Iterator[Kept]:
    """What the drawn tests of a run found, in its smallest form."""
    drawn = {each["id"] for each in content["tests"] if each.get("drawn")}
    broke = {
        occurrence["exchange"]: occurrence["requirement"]
        for occurrence in content["occurrences"]
        if occurrence["test"] in drawn and not occurrence["waived"]
    }
    for exchange in content["exchanges"]:
        requirement = broke.get(exchange["id"])
        if requirement is None or exchange.get("not_replayable"):
            continue
        body = read_body(exchange["request"])
        try:
            text = unstamped(body.decode())
        except UnicodeDecodeError:
            continue
        if len(body) <= LARGEST:
            yield Kept(text, requirement, today.isoformat())
