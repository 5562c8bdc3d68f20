"""Judges servers by versions of the document: `python -m tests.versions` writes `docs/altered.md`.

For each version there is a server that lives by it, one that lives by today's document, one that
refuses every valid invoice and one that loses every value.
"""

import json
import os
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from io import StringIO
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from reference.instants import instant
from reference.refusal import Problem
from reference.server import serving
from reference.service import Steps, create_app
from reference.store import Store
from reports.command import Parser, say
from tests.driven import properties_of, request_of, steps_of
from tests.forgetting import mutants
from tests.running import ENVIRONMENT, FORBIDDEN, KEY, ORDER
from tests.versions.catalogue import ALTERATIONS
from tests.versions.parts import Alteration

TABLE = Path(__file__).parents[2] / "docs" / "altered.md"
KINDS = ("of the version", "of today", "refuses all", "loses all")
"""The kinds of servers."""


def asked(kind: str, alteration: Alteration) -> tuple[str, ...]:
    """The tests that are run against a server of this kind, and their profile."""
    smoke = ("--hypothesis-profile", "smoke")
    acceptance, rejection = ("suites/test_acceptance.py", "suites/test_rejection.py")
    part = alteration.old.partition(".")[0]
    if kind in ("of the version", "strict"):
        return ("suites", *smoke)
    if kind == "of today" and part in ("header", "query", "cookie"):
        return ("suites/test_http.py", *smoke, "-k", "parameter")
    if kind == "of today" and part not in ("", "201", "4xx", "refused"):
        subject = part.removesuffix("[]")
        return (acceptance, rejection, "-k", f"(near_miss or edge) and {subject}")
    if kind == "of today":
        return (acceptance, rejection, *smoke)
    # What one test finds, a whole run finds as well.
    return (acceptance, *smoke, "-k", "test_a_valid_invoice")


@dataclass(frozen=True, slots=True)
class Run:
    """How a run ended: its exit status, the requirements it found broken, and what it printed."""

    status: int
    broken: tuple[str, ...]
    output: str


def steps(kind: str, document: dict[str, Any], renamed: Mapping[str, str]) -> Steps:
    """The steps of a server of a kind; `renamed` has the new names by the paths in today's."""
    own = steps_of(document, renamed=renamed)
    lines = renamed.get("items", "items")
    request = properties_of(request_of(document))
    listed = request.get(renamed.get("status", "status"), {}).get("enum", ())

    def refuse(payload: Any) -> tuple[Problem, ...]:
        return own.check(payload) or (Problem(("remarks",), "closed", "Nothing is accepted"),)

    def lose(payload: Any) -> dict[str, Any]:
        data = own.render(payload)
        items = [{name: one[name] for name in one if name == "id"} for one in data.get(lines, ())]
        return {"id": data["id"], **({lines: items} if lines in data else {})}

    def check_relations(payload: Any) -> tuple[Problem, ...]:
        return own.check(payload) or tuple(disagreeing(payload, renamed, listed))

    match kind:
        case "of the version":
            return own
        case "strict":
            return replace(own, check=check_relations)
        case "of today":
            return Steps()
        case "refuses all":
            return replace(own, check=refuse)
    return replace(own, render=lose)


def disagreeing(
    payload: Any, renamed: Mapping[str, str], listed: Collection[str] = ()
) -> Iterator[Problem]:
    """What of a valid payload disagrees, by another implementation than the suite's; of states
    that are `listed` there is none for other amounts.
    """

    def named(path: str) -> str:
        return renamed.get(path, path.rpartition(".")[2])

    lines, state = payload.get(named("items"), []), payload.get(named("status"))
    try:
        total, paid, cents = _amounts(payload, named)
    except (ValueError, OverflowError):  # a text that is no plain amount
        yield Problem((named("total_amount"),), "amount", "Is no amount")
        return
    if round(total * 100) != round(sum(cents)):
        yield Problem((named("total_amount"),), "sum", "Is not the sum")
    states = {"PENDING": paid == 0, "PARTIALLY_PAID": 0 < paid < total}
    states |= {"PAID": paid == total, "OVERPAID": paid > total}
    if not states.get(state, True):
        yield Problem((named("status"),), "state", "Does not agree")
    if listed and {*listed} <= {*states} and not any(states[one] for one in listed):
        yield Problem((named("paid_amount"),), "state", "Leaves no state")
    references = [line[named("items[].reference_id")] for line in lines]
    if len({*references}) < len(references):
        yield Problem((named("items"),), "distinct", "Are not distinct")
    names = ("created_at", "updated_at", "due_date")
    texts = (payload.get(named(name)) for name in names)
    try:
        created, updated, due = (text and instant(text) for text in texts)
        if created and updated and created > updated:
            yield Problem((named("updated_at"),), "order", "Is before the creation")
        if created and due and due < created:
            yield Problem((named("due_date"),), "order", "Is before the creation")
    except ValueError:
        yield Problem((named("due_date"),), "date", "Is no date")


def _amounts(payload: Any, named: Callable[[str], str]) -> tuple[float, Any, list[float]]:
    """The total, what is paid, and the cents of each item, also of amounts that are texts."""
    lines = payload.get(named("items"), [])
    amounts = [payload.get(named(name)) for name in ("total_amount", "paid_amount")]
    amounts += [line[named("items[].amount")] for line in lines]
    total, paid, *prices = (float(one) if isinstance(one, str) else one for one in amounts)
    counts = (float(line[named("items[].quantity")]) for line in lines)
    cents = [round(one * 100) * count for one, count in zip(prices, counts, strict=True)]
    # Without a total the server adds it up.
    return total if isinstance(total, int | float) else sum(cents) / 100, paid, cents


@contextmanager
def server(kind: str, alteration: Alteration) -> Iterator[str]:
    """Such a server on loopback; its base URL."""
    store = Store({KEY: True, FORBIDDEN: False}, {"ORD-1": datetime(2020, 1, 1, tzinfo=UTC)})
    try:
        with serving(
            create_app(steps(kind, alteration.document(), alteration.renamed), store)
        ) as url:
            yield url
    finally:
        store.close()


def judged(alteration: Alteration, kind: str, folder: Path, *options: str) -> Run:
    """A run against such a server, in this process."""
    path = alteration.write(folder / "openapi.yaml")
    reading = alteration.write_reading(folder / "reading.yaml")
    named = ("--reading", str(reading)) if alteration.renamed or alteration.agreeing else ()
    os.environ |= ENVIRONMENT | {"COLUMNS": "200"}
    text = StringIO()
    with (
        server(kind, alteration) as url,
        redirect_stdout(text),
        redirect_stderr(text),
    ):
        status = pytest.main(
            [
                *("-p", "no:cacheprovider", "-p", "no:randomly", "-o", "addopts=", "-q"),
                *("--document", str(path)),
                *("--base-url", url, *ORDER, "--reports", str(folder / "reports")),
                *(*named, *asked(kind, alteration)),
                *options,
            ]
        )
    record = folder / "reports" / "run.json"
    found = json.loads(record.read_text())["findings"] if record.exists() else []
    broken = [each["requirement"] for each in found if each["verdict"] == "broken"]
    return Run(int(status), tuple(dict.fromkeys(broken)), text.getvalue())


def run(name: str, kind: str, *options: str) -> Run:
    """The same, with a folder of its own."""
    with TemporaryDirectory() as folder:
        return judged(ALTERATIONS[name], kind, Path(folder), *options)


def wrong(name: str, kind: str, ended: Run) -> str:
    """What is not as it should be, in words; empty where all is."""
    alteration = ALTERATIONS[name]
    if alteration.told:
        right = ended.status == 4 and alteration.told in ended.output
        return "" if right else "should not begin"
    if kind in ("of the version", "strict"):
        return "" if ended.status == 0 else "should be green"
    if kind == "of today":
        if not alteration.old:
            return "" if ended.status == 0 else "should be green"
        if ended.status == 6 and alteration.old == "refused":
            return ""
        named = any(each.startswith(alteration.old) for each in ended.broken)
        return "" if ended.status == 1 and named else f"should name {alteration.old}"
    return "" if ended.status == 1 else "should be red"


def _row(name: str) -> tuple[str, list[Run]]:
    return name, [run(name, kind) for kind in KINDS]


HEAD = """# Judged by versions of the document

What the suite says where the vendor publishes another version of the document: `python -m
tests.versions` makes each version (`tests/versions/catalogue.py`), has four servers judged by it
with `--document`, and writes this table. One server lives by the version (`tests/driven.py`, which
reads it by itself), one by today's document, one refuses every valid invoice and one loses every
value that it is sent. *Green* is exit status 0; *red* is 1, and the requirement that is named
follows. A version that allows no valid invoice stops the run. A format of a new property is kept in
what is sent, but breaks nothing: it is an annotation, and no server is red that takes any text.

| version | lives by it | lives by today's | named | refuses all | loses all |
| --- | --- | --- | --- | --- | --- |"""


MUTANTS = """
## Mutants of the versions

Each server below lives by a version, but forgets one requirement on requests that today's document
does not have (`tests/forgetting.py`). It is killed by a near miss whose answer breaks this very
requirement; a server that forgets nothing refuses all of them.

| keyword | mutants | killed |
| --- | --- | --- |"""


def _shown(ended: Run) -> str:
    known = {0: "green", 1: "red", 4: "not begun", 6: "could not tell"}
    return known.get(ended.status, f"status {ended.status}")


def line(name: str, runs: list[Run]) -> str:
    """The line of a version in the table, in Markdown."""
    own, old, refusing, losing = runs
    expected = ALTERATIONS[name].old
    named = next((each for each in old.broken if each.startswith(expected)), "")
    cells = (name, _shown(own), _shown(old), f"`{named}`" if named and expected else "")
    return f"| {' | '.join((*cells, _shown(refusing), _shown(losing)))} |"


def killed() -> list[str]:
    """The lines of a table of the mutants of all versions, in Markdown."""
    found = [mutant for name in ALTERATIONS for mutant in mutants(name)]
    made = Counter(mutant.requirement.keyword for mutant in found)
    dead = Counter(mutant.requirement.keyword for mutant in found if mutant.killed_by)
    rows = [f"| `{keyword}` | {count} | {dead[keyword]} |" for keyword, count in made.most_common()]
    return [MUTANTS, *rows, f"| all | {made.total()} | {dead.total()} |"]


def told() -> dict[str, str]:
    """The line of each version that the table has."""
    text = TABLE.read_text(encoding="utf-8") if TABLE.exists() else ""
    return {each.split(" | ")[0].removeprefix("| "): each for each in text.splitlines()}


def write(lines: dict[str, str]) -> None:
    """Write the table with these lines, and those that it has of other versions."""
    known = told() | lines
    listed = [known[name] for name in ALTERATIONS if name in known]
    TABLE.write_text("\n".join((HEAD, *listed, *killed(), "")), encoding="utf-8")


def main(arguments: list[str]) -> int:
    """Judge by all versions, or by those with one of these words in the name; 1 if one is wrong.

    The lines of other versions stay in the table.
    """
    parser = Parser(
        "tests.versions",
        f"Judge servers by versions of the document, and write docs/{TABLE.name}.",
    )
    parser.add_argument(
        "words", nargs="*", metavar="WORD", help="judge only versions with this in their name"
    )
    words = parser.parse_args(arguments).words
    for word in words:
        if not any(word in name for name in ALTERATIONS):
            parser.error(f"no version has {word!r} in its name: see tests/versions/catalogue.py")
    names = [name for name in ALTERATIONS if not words or any(word in name for word in words)]
    lines: dict[str, str] = {}
    troubles = 0
    with ProcessPoolExecutor(2, get_context("fork")) as pool:
        for name, runs in pool.map(_row, names):
            lines[name] = line(name, runs)
            for kind, ended in zip(KINDS, runs, strict=True):
                if what := wrong(name, kind, ended):
                    troubles += 1
                    say(f"{name} / {kind}: {what}: {ended.status} {ended.broken}")
    say(f"{len(lines)} versions, {troubles} troubles")
    write(lines)
    return int(bool(troubles))
