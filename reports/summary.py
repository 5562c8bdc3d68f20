"""The summary on the terminal: what breaks, since when, what is known, what was fixed."""

import shlex
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from causes.cause import CHUNKED
from findings.rows import EACH_TIME, FindingRow
from reports import output
from reports.escaping import one_line
from reports.failure import stored_curl
from reports.record import VERDICTS, has_name
from reports.rows import ExchangeRow, Record
from spec.probes import is_of_probe
from spec.violation import Category, counted, expected_and_got, shortened
from watch.baseline import NewsRow
from watch.changes import ChangeRow, is_told
from watch.fingerprint import node_parts

MOST_NAMES = 3
"""Requirements, or differences, that are named."""
MOST_CHANGES = 30
"""Changes that are shown."""
MOST_LISTED = 8
"""Requirements in a list; all of them are in the summary as Markdown."""
MOST_BYTES, LONGEST_LINE, ROOM = 960, 108, 4800
"""Of a block, of its lines where it would be longer, and of all blocks together if they are longer
only for a command: so five of them fit on two screens with all that pytest prints of a gate, where
two or three may have a line of curl and the others a short command that sends the same.
"""
REPLAY = "python -m run.replay"
"""Sends what shows a finding again."""

WITHOUT_VERDICT = {
    "broken": "suite error",
    "could not tell": "could not tell",
    "unfinished": "unfinished",
    "skipped": "skipped",
}
"""How a test ends that says nothing of the server, and what a reader calls it."""


def summary_lines(record: Record, kept: Path | None = output.FOLDER) -> Iterator[str]:
    """The summary, line by line; `kept` is the folder that the record is in, if it is in one."""
    yield counts_line(record)
    for lines in blocks(record, kept):
        yield from ("", *lines)
    for news in (
        list(news_lines(record.get("news"))),
        list(differing(record.get("against"))),
        list(ending(record)),
    ):
        yield from ["", *news] if news else ()
    yield from _lists(record)
    yield ""
    yield requests_line(record)
    if carriers_line(record):
        yield carriers_line(record)


def counts_line(record: Record) -> str:
    """`3 findings. 121 requirements: 3 broken, 1 known, 117 hold`."""
    told = findings(record)
    found = f"{counted(len(told), 'finding')}. " if told else ""
    number = counted(len(record["requirements"]), "requirement")
    return f"{found}{number}: {verdict_counts(record)}"


def verdict_counts(record: Record) -> str:
    """`3 broken, 1 known, 117 hold`."""
    sums = dict.fromkeys(VERDICTS, 0)
    for requirement in record["requirements"]:
        sums[requirement["verdict"]] += 1
    words = {"holds": "holds" if sums["holds"] == 1 else "hold"}
    return ", ".join(
        f"{count} {words.get(verdict, verdict)}" for verdict, count in sums.items() if count
    )


def requests_line(record: Record) -> str:
    """`1937 requests sent, 1029 invoices created, in 7.7 s`."""
    counts, seconds = record["counts"], record["run"]["seconds"]
    sent, created = counted(counts["requests"], "request"), counted(counts["created"], "invoice")
    return f"{sent} sent, {created} created, in {seconds} s"


def carriers_line(record: Record) -> str:
    """In how many kinds of request (carriers) cases were sent, and how many pairs and triples of
    what these differ in that makes; nothing where none was used.
    """
    carriers = record["counts"].get("carriers", {"used": 0})  # a record of an older version
    if not carriers["used"]:
        return ""
    met = f"{carriers['pairs_met']} of {counted(carriers['pairs'], 'pair')}"
    if "triples" in carriers:
        met += f" and {carriers['triples_met']} of {counted(carriers['triples'], 'triple')}"
    kinds = counted(carriers["used"], "kind")
    return f"cases in {kinds} of request, with {met} of state, size, way of sending and the like"


def findings(record: Record) -> list[FindingRow]:
    """The findings, in the order in which a person wants to read them: what fails the run before
    what does not, what is new before what is known, the worst first. An answer to a probe that is
    another one only as all are that have changed so is told there.
    """
    new, news = record["history"]["new"], record.get("news")
    changes = news["changes"] if news else []
    return sorted(
        (
            each
            for each in record["findings"]
            if each["category"] != Category.DRIFT
            or not is_told(changes, each["expected"], each["got"])
        ),
        key=lambda each: (VERDICTS.index(each["verdict"]), each["id"] not in new),
    )


def blocks(record: Record, kept: Path | None) -> list[list[str]]:
    """Each finding in a few lines: with the command that has all that is sent, the shortest ones as
    long as there is room for them.
    """
    found = findings(record)
    told = [[*block(record, finding, kept)] for finding in found]
    room = ROOM - sum(map(_size, told))
    commands = (_command(record, finding) for finding in found)
    whole = [(command, lines) for command, lines in zip(commands, told, strict=True) if command]
    for command, lines in sorted(whole, key=lambda each: len(each[0])):
        again = _line("again", command)
        more = len(again.encode()) - len(lines[-1].encode())
        if more <= room:
            lines[-1] = again
            room -= more
    return told


def block(record: Record, finding: FindingRow, kept: Path | None = output.FOLDER) -> Iterator[str]:
    """A finding in a few lines and few bytes, the last a short command that sends it again."""
    lines = [*_lines_of(record, finding)]
    stored = _stored(record, finding)
    if stored is not None:
        lines.append(_line("again", _never(stored) or _replay(finding["id"], kept)))
    yield from lines if _size(lines) <= MOST_BYTES else (_within(line) for line in lines)


def _never(stored: ExchangeRow) -> str:
    """Why nothing that is stored sends it again, and what does; empty where something can be."""
    why, test = stored["not_replayable"], shlex.join(["pytest", stored["test"]])
    told = f"only by its test, as {why}: {test}, with the options of this run"
    return one_line(told) if why else ""


def _replay(finding_id: str, kept: Path | None) -> str:
    """The command that sends what shows a finding again, by the record that is kept."""
    if kept is None:
        return "no record was kept to send it again: add --reports reports/output"
    if kept.absolute() == output.FOLDER:
        return f"{REPLAY} --last {finding_id}"
    return f"{REPLAY} {shlex.quote(str(kept / output.RECORD))} {finding_id}"


def _size(lines: Iterable[str]) -> int:
    return sum(len(line.encode(errors="backslashreplace")) + 1 for line in lines)


def _within(line: str) -> str:
    """The line, with its middle left out where it is longer than any may be."""
    length, short = LONGEST_LINE, line
    while len(short.encode()) > LONGEST_LINE:
        length -= 10
        short = shortened(line, length)
    return short


def _line(label: str, text: str) -> str:
    return f"  {label:<10} {text}"


def _lines_of(record: Record, finding: FindingRow) -> Iterator[str]:
    place = f" at {finding['place']}" if finding["place"] else ""
    age = age_of(record, finding["id"])
    tail = f"  [{age}]" if age else ""
    name = f"{finding['requirement']} ({finding['level']})"
    yield f"{finding['verdict']}  {one_line(name + place)}{tail}"
    expected, got = one_line(finding["expected"]), one_line(finding["got"])
    yield f"  [{finding['category']}] {expected_and_got(expected, got)}"
    accepted, refused = words_of(finding)
    rows = [
        ("server", one_line(server(finding))),
        (accepted, one_line(finding["accepted"])),
        (refused, one_line(finding["refused"])),
        ("left open", one_line(_left_open(finding))),
        ("also", one_line(_also(finding))),
        ("tests", _tests(finding)),
        ("clause", f"{finding['file']}:{finding['line']}"),
        ("finding", finding["id"]),
    ]
    yield from (_line(label, text) for label, text in rows if text)


def news_lines(news: NewsRow | None) -> Iterator[str]:
    """What has changed since the answers were accepted, line by line."""
    if news is None:
        return
    if not news["compared"]:
        yield f"cannot compare with {one_line(news['since'])}: no case was asked in both runs"
    if news["changes"]:
        yield f"changed since {news['since']} ({_compared(news)})"
    yield from _changes(news["changes"])
    yield from map(one_line, asides(news))


def asides(news: NewsRow) -> list[str]:
    """Sentences on what is news and counts for nothing: times, and another certificate."""
    return [*news["times"], *filter(None, [news.get("certificate")])]


def on_the_way(record: Record) -> list[str]:
    """Sentences on requests that were sent twice, and on slow answers; an older record has none."""
    number, slow = record["counts"].get("resent", 0), record["counts"].get("slow", [])
    was = "was" if number == 1 else "were"
    why = "the server closed a kept connection without an answer"
    twice = f"{counted(number, 'request')} {was} sent twice: {why}"
    return [*[twice] * bool(number), *slow]


def ending(record: Record) -> list[str]:
    """A sentence on a certificate that ends soon; an older record has none."""
    sentence = record.get("certificate", {}).get("ending")
    return [one_line(sentence)] if sentence else []


def differing(against: NewsRow | None) -> Iterator[str]:
    """How the target differs from the one that was asked beside it, line by line."""
    if against is not None and against["changes"]:
        yield f"{one_line(between(against['baseline']))} ({_compared(against)})"
        yield from _changes(against["changes"])


def between(other: str) -> str:
    """The heading of how two targets differ: what is `gone` or `now` is so at the run's own."""
    return f"from {other} to this target"


def _compared(news: NewsRow) -> str:
    return f"{len(news['changes'])}, in {counted(news['compared'], 'case')} compared"


def _changes(changes: list[ChangeRow]) -> Iterator[str]:
    for change in changes[:MOST_CHANGES]:
        yield f"  {change['means']:<13} {one_line(change['text'])}"
    if len(changes) > MOST_CHANGES:
        yield f"  and {len(changes) - MOST_CHANGES} more"


def words_of(finding: FindingRow) -> tuple[str, str]:
    """What the two requests are called that a difference lies between."""
    about_acceptance = finding["category"] in (Category.ACCEPTED_INVALID, Category.REFUSED_VALID)
    return ("accepted", "refused") if about_acceptance else ("right", "wrong")


def server(finding: FindingRow) -> str:
    """What the server says: `400 BAD_REQUEST, paid_amount: must be greater than 0`."""
    words = " ".join(str(each) for each in (finding["status"], finding["code"]) if each)
    return ", ".join(filter(None, (words, finding["detail"])))


def _also(finding: FindingRow) -> str:
    """In which other requirements it is seen, and which other differences bring it about."""
    names, alike = finding["also"], finding["alike"]
    seen = ", ".join(names[:MOST_NAMES]) + (", ..." if names[MOST_NAMES:] else "")
    hides = "may hide what is new" if finding["verdict"] == "known" else "seen"
    words = [f"{hides} in {counted(len(names), 'requirement')}: {seen}"] if names else []
    if alike:
        more = f", and {len(alike) - MOST_NAMES} more" if alike[MOST_NAMES:] else ""
        words.append("the same with " + "; ".join(alike[:MOST_NAMES]) + more)
    return "; ".join(words)


def _left_open(finding: FindingRow) -> str:
    """What was sent in refused invoices as nobody knows whether it is right."""
    names = finding.get("unknown", [])
    listed = ", ".join(names[:MOST_NAMES]) + (", ..." if names[MOST_NAMES:] else "")
    what = f"the document does not say what else a server asks of {listed}"
    return f"{what}; a reading can (--reading)" if names else ""


def _tests(finding: FindingRow) -> str:
    first, *others = finding["tests"]
    more = f" and {len(others)} more" if others else ""
    return f"{test_name(first)}{more}"


def _command(record: Record, finding: FindingRow) -> str:
    """The command that has all that is sent, in one line; empty where there is none."""
    stored = _stored(record, finding)
    if stored is None or not (finding.get("shows", EACH_TIME) == EACH_TIME or "before" in stored):
        return ""
    # One chunk will do only where that was asked; curl makes no more of a body.
    cut = finding["difference"] != CHUNKED
    base_url = record["target"]["base_url"]
    command = stored_curl(stored, base_url, finding["difference"], cut=cut)
    return command if command.isprintable() and _has_console(command) else ""


def _has_console(text: str) -> bool:
    """Whether the console has these characters: it writes escapes for others, which is another
    request if it is sent.
    """
    console = sys.__stdout__
    try:
        text.encode((console and console.encoding) or "utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _stored(record: Record, finding: FindingRow) -> ExchangeRow | None:
    return next((e for e in record["exchanges"] if e["id"] == finding["exchange"]), None)


def tests_without_verdict(record: Record) -> str:
    """How many tests say nothing of the server, and why; empty when all do."""
    outcomes = [test["outcome"] for test in record["tests"]]
    return ", ".join(
        f"{outcomes.count(outcome)} {word}"
        for outcome, word in WITHOUT_VERDICT.items()
        if outcome in outcomes
    )


def not_observed(record: Record) -> list[str]:
    """The requirements that no exchange put to the test; none if only some tests were run, because
    then the list says nothing.
    """
    requirements = record["requirements"] if record["run"]["complete"] else []
    return [each["name"] for each in requirements if each["verdict"] == "not observed"]


def without_probes(names: Iterable[str]) -> tuple[list[str], list[str]]:
    """Requirements alone, and probes: their answers change, and break nothing."""
    requirements, of_probes = list[str](), list[str]()
    for name in names:
        (of_probes if is_of_probe(name) else requirements).append(name)
    return requirements, of_probes


def age_of(record: Record, finding_id: str) -> str:
    """Whether a finding is new, and if not, since when it has been there; empty without history."""
    history = record["history"]
    if history["last_run"] is None or finding_id not in history["since"]:
        return ""
    return "new" if finding_id in history["new"] else f"since {history['since'][finding_id]}"


def test_name(test: str) -> str:
    """A test as people call it, without its file."""
    _, function, case = node_parts(test)
    return f"{function}[{case}]" if case else function


def _lists(record: Record) -> Iterator[str]:
    fixed, as_accepted = without_probes(record["history"]["fixed"])
    broken, changed = without_probes(record["history"].get("not_asked", []))
    for title, names in (
        ("fixed since the last run", fixed),
        ("answered as accepted again", as_accepted),
        ("broken in the last run, not asked this time", broken),
        ("answered otherwise in the last run, not asked this time", changed),
        ("not observed", not_observed(record)),
    ):
        if names:
            yield ""
            more = f", and {len(names) - MOST_LISTED} more" if names[MOST_LISTED:] else ""
            yield f"{title}: {', '.join(names[:MOST_LISTED])}{more}"
    new = sum(probe["state"] == "new" for probe in record["probes"])
    if new and has_name(record):
        yield ""
        yield (
            f"{counted(new, 'probe')} without an accepted answer: "
            "python -m reports.accept accepts the answers of this run"
        )
    for waiver in record["waivers"]:
        yield ""
        yield f"{waiver['requirement']}: {waiver['note']}"
    outages = record["counts"].get("outages", [])  # a record of an older version has none
    told = [*outages[:MOST_NAMES], *on_the_way(record)]
    yield from ["", *told] if told else ()
    if record["run"]["doubts"]:
        yield ""
    for doubt in record["run"]["doubts"]:
        yield f"could not tell: {doubt}"
