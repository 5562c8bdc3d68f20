"""`python -m run.replay FILE|--last [FINDING]`: send what shows each finding again and judge it.

FILE is the record of a run (run.json), `--last` the last one's; FINDING takes one alone, by its id,
or those of a test. The key comes from the environment. Neither Hypothesis nor pytest is needed.
"""

import os
import shlex
import sys
from argparse import Namespace
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path

from typing_extensions import override

from causes.echo_change import ANOTHER_MEMBER, CUT
from causes.kinds.in_flight import ROUNDS
from causes.preceding import stamp_after
from causes.symptoms import described
from findings.rows import (
    AFTER_ANOTHER,
    EACH_TIME,
    NOT_EACH_TIME,
    OF_IDS,
    OVER_ONE,
    WITH_OTHERS,
    FindingRow,
)
from findings.waivers import are_waived, for_each
from reports import exchange_json, output, record, waive
from reports.command import Parser, say
from reports.escaping import one_line, safe_lines
from reports.exchange_json import read_body, texts_in
from reports.rows import ExchangeRow, Record
from reports.summary import test_name
from run import connections, session
from run.ending.outage import deadline, is_absent, is_like_an_outage, moment
from run.exit_status import ExitStatus
from run.options import Options
from run.plan import Plan, plan
from run.preflight import Entrance, control
from run.session import Run
from spec import probes
from spec.contract import PLACEHOLDER, READING
from spec.exchange import Exchange, Request
from spec.oracle import Verdict
from spec.probes import Probe, requirement_name
from spec.requirements import Level, subject_and_keyword
from spec.schema.formats import instant
from spec.violation import Category, Violation, counted
from spec.yamlfile import FileError
from targets import config
from targets.client import DEFAULT_TIMEOUT, Client
from targets.errors import (
    CannotTellError,
    DeadlineError,
    NoMoreFilesError,
    RefusedError,
    TargetError,
)
from targets.masking import without_keys
from targets.resend import send_again, send_together
from targets.stamp import have_one_stamp

INDENT = " " * 10
_WHERE_UNKNOWN = "send this where the orders of the record exist, or run the suite again"
TIMES = 8
"""How often we send again what does not show each time, and how many at once what shows so."""


class State(StrEnum):
    """How a finding fares when what shows it is sent again."""

    STILL = "still"
    CHANGED = "changed"
    UNKNOWN = "unknown"
    KNOWN = "known"
    MENDED = "mended"
    NOT_SENT = "not sent"


@dataclass(frozen=True, slots=True)
class Replayed:
    """A finding, by its id, whose exchange was sent again.

    `text` is the headline of a violation that is still there, or of a known one; the answer of an
    exchange that is mended; or the reason why one was not sent. `CHANGED` is an answer to a probe
    that is still not the accepted one, `UNKNOWN` what does not show each time and did not now.
    """

    state: State
    finding: str
    text: str

    @override
    def __str__(self) -> str:
        return one_line(f"{self.state:<{len(INDENT)}}{self.finding}  {self.text}")


def findings_of(content: Record, word: str) -> list[FindingRow]:
    """The findings of a record that have an exchange: all, the one with this id, or a test's."""
    shown = (finding for finding in content["findings"] if finding["exchange"])
    return [finding for finding in shown if not word or word in _names(finding)]


def _names(finding: FindingRow) -> set[str]:
    """What a finding may be called: its id, or a test, by its node id or as reports name it."""
    tests = finding["tests"]
    return {finding["id"], *tests, *map(test_name, tests)}


def plan_of(content: Record, chosen: Namespace) -> Plan:
    """Where the run went and by what it judged. Raises TargetError or FileError.

    A record may come from anybody, and the key goes to its target: that is one of targets.toml, or
    on this machine. Else it is named on the command line, and what is named there is where it goes.
    """
    target, run = content["target"], content["run"]
    created, url = target["order_created_at"], chosen.base_url or target["base_url"]
    named = record.has_name(content) and chosen.base_url is None
    here = named or config.is_loopback(config.normal_url(url))
    if chosen.base_url is None and not here:
        add = shlex.join(["--base-url", url])
        raise TargetError(
            f"{url} is not a target of targets.toml: add {add} if the key is to be sent there."
        )
    options = Options(
        target=target["name"],
        base_url=None if named else url,
        order_ids=tuple(target["order_ids"]),
        order_created_at=instant(created) if created else None,
        level=Level(run["level"]),
        rate=None,
        max_requests=None,
        request_timeout=DEFAULT_TIMEOUT,
        allow_production=chosen.allow_production,
        allow_http=chosen.allow_http,
        ca_file=chosen.ca_file,
        document=Path(content["document"]["file"]),
        reading=Path(content["reading"].get("file") or READING),
        profile=run["profile"],
    )
    return plan(options)


def replayed(run: Run, client: Client, content: Record, word: str) -> Iterator[Replayed]:
    """Send what shows the findings again: one result for each finding. Raises DeadlineError."""
    stored = {exchange["id"]: exchange for exchange in content["exchanges"]}
    findings = findings_of(content, word)
    over = deadline(run, len(findings))
    for finding in findings:
        if moment(run) > over:
            raise DeadlineError(
                "The target is so slow that not all findings were sent again: find out what "
                "slows it down, or name one finding."
            )
        exchange = stored[finding["exchange"]]
        if exchange["not_replayable"]:
            yield Replayed(State.NOT_SENT, finding["id"], exchange["not_replayable"])
            continue
        shows = finding.get("shows", EACH_TIME)
        try:
            request = exchange_json.request_of(exchange["request"], run.keys)
            before = None
            if "before" in exchange:
                before = exchange_json.request_of(exchange["before"], run.keys)
        except KeyError as missing:
            yield Replayed(State.NOT_SENT, finding["id"], f"{missing.args[0]} is not set")
            continue
        if shows == OVER_ONE:
            yield _of_connection(run, client, finding, before or request)
            continue
        for shown in _sent(run, client, finding, request, before):
            verdict = run.oracle.judge(shown)
            if _is_of_another_matter(run, finding, verdict):
                _ask_control(run, client)
                verdict = run.oracle.judge(send_again(client, request))
            result = _result(run, content, finding, verdict)
            if result.state is not State.MENDED:
                break
        # An id may be new beside those that were given just now, and not beside others.
        apart = _is_of_ids(finding) and bool(finding["accepted"])
        apart = apart or _is_of_another(run, content, finding, exchange)
        is_told = (shows == EACH_TIME and not apart) or before is not None
        yield result if is_told or result.state is not State.MENDED else _unknown(finding, shows)


def _sent(
    run: Run, client: Client, finding: FindingRow, request: Request, before: Request | None
) -> Iterator[Exchange]:
    """Send what shows a finding, after what has to go before it, as often as it takes."""
    shows = finding.get("shows", EACH_TIME)
    # Only the answer to the last one is a probe's.
    probe = next((each.send for each in run.plan.probes if _is_about(finding, each)), 1)
    befores = [before] if before is not None else [request] * (probe - 1)
    times = {NOT_EACH_TIME: TIMES, WITH_OTHERS: ROUNDS}.get(shows, 1)
    for _ in range(max(times, 2) if _is_of_ids(finding) else times):
        client.disconnect()
        if shows == WITH_OTHERS:
            yield from send_together(client, [request] * TIMES)
            continue
        stamp = PLACEHOLDER
        for each in befores:
            first = send_again(client, each, stamp)
            run.oracle.judge(first, quiet=True)  # it remembers ids and references
            stamp = stamp_after(first.request, same=have_one_stamp(each, request))
        yield send_again(client, request, stamp)


def _of_connection(run: Run, client: Client, finding: FindingRow, request: Request) -> Replayed:
    """Send what a connection was lost after, and see whether it is."""
    plain = client.send(control(run)).request

    def send(each: Request) -> Verdict:
        return run.oracle.judge(send_again(client, each), quiet=True)

    for _ in range(connections.TIMES):
        found = connections.follow(client, send, request, plain)
        if found is None:
            text = f"{finding['requirement']}: what comes before it got no answer"
            return Replayed(State.UNKNOWN, finding["id"], text)
        if found.kept not in connections.LOSES:
            status = found.first.exchange.response
            text = (
                f"{finding['requirement']}: {status and status.status}, and the connection is kept"
            )
            return Replayed(State.MENDED, finding["id"], text)
    return Replayed(State.STILL, finding["id"], finding["headline"])


def _is_of_ids(finding: FindingRow) -> bool:
    """Whether it is that an id is given again, for which it takes two."""
    return subject_and_keyword(finding["requirement"])[1] == OF_IDS


def _is_of_another(run: Run, content: Record, finding: FindingRow, shown: ExchangeRow) -> bool:
    """Whether a text came back that another invoice of the run had, and not the one that is stored
    with it: only after that one may it come again. A date without its smallest parts or its offset
    is its own, and so is a member of a list, which many have, unless the plain invoice has it.
    """
    if (
        finding["category"] != Category.ECHO
        or finding["answer"] == CUT
        or shown["response"] is None
    ):
        return False
    others = () if finding["answer"] == ANOTHER_MEMBER else content["exchanges"]
    bodies = (control(run), *(read_body(each["request"]) for each in others))
    sent = {text for _, text in texts_in(read_body(shown["request"]))}
    had = {text for body in bodies for _, text in texts_in(body)} - sent
    answer = texts_in(read_body(shown["response"]))
    return any(place == finding["place"] and text in had for place, text in answer)


def _is_about(finding: FindingRow, probe: Probe) -> bool:
    """Whether it is the changed answer to a probe."""
    name = requirement_name(probe.name)
    return finding["category"] == Category.DRIFT and finding["requirement"] == name


def main(arguments: Sequence[str]) -> int:
    """Replay and print what came; the exit status is that of a run."""
    parser = Parser("run.replay", "Send what shows each finding of a run again and judge it.")
    name = output.RECORD
    parser.add_argument(
        "words",
        nargs="*",
        metavar="FILE [FINDING]",
        help=f"a {name}; a finding's id or a test's name",
    )
    parser.add_argument("--last", action="store_true", help="the last run's, instead of FILE")
    for option, metavar in (
        ("--base-url", "URL"),
        ("--allow-production", "HOST"),
        ("--allow-http", "HOST"),
    ):
        parser.add_argument(option, metavar=metavar, help="as for pytest suites")
    parser.add_argument("--ca-file", type=Path, metavar="FILE", help="as for pytest suites")
    chosen = parser.parse_args(arguments)
    words = [str(output.FOLDER / name), *chosen.words] if chosen.last else chosen.words
    if not 1 <= len(words) <= 2:
        parser.error(f"name a {name} or say --last, and then at most one finding")
    try:
        return _replay(chosen, Path(words[0]), words[1] if len(words) > 1 else "")
    except NoMoreFilesError as error:
        print(f"the suite broke: {error}", file=sys.stderr)  # noqa: T201 - for the user
        return ExitStatus.INTERNAL_ERROR
    except CannotTellError as error:
        print(safe_lines(f"could not tell: {error}"), file=sys.stderr)  # noqa: T201 - for the user
        return ExitStatus.COULD_NOT_TELL
    except (FileError, TargetError, ValueError) as error:
        parser.error(str(error))


def _is_of_another_matter(run: Run, finding: FindingRow, verdict: Verdict) -> bool:
    """Whether the answer is of a key that is refused, or of a server that is not there, and the
    finding is not about that: it says nothing of the finding.
    """
    response = verdict.exchange.response
    status = response.status if response is not None else None
    expected = status in verdict.expected.statuses or status == finding["status"]
    return not expected and is_like_an_outage(run.plan.contract, verdict.exchange)


def _result(run: Run, content: Record, finding: FindingRow, verdict: Verdict) -> Replayed:
    """What a verdict says of a finding."""
    answer = probes.answer_of(verdict.exchange.response, verdict.answer)
    violations = [*verdict.violations, *_drift(run, content, finding, answer)]
    if not violations:
        return Replayed(State.MENDED, finding["id"], f"{finding['requirement']}: {answer}")
    response = verdict.exchange.response
    status = response.status if response is not None else None
    if _is_of_another_matter(run, finding, verdict) and is_absent(verdict.exchange):
        answer = described(response) if response is not None else answer
        text = f"{finding['requirement']}: {answer} twice, which says nothing of it"
        return Replayed(State.UNKNOWN, finding["id"], text)
    own = _told_by(finding)
    others = {each for other in content["findings"] for each in _told_by(other)} - own
    left = [each for each in violations if (each.requirement.name, each.category) not in others]
    same = [each for each in left if each.category == finding["category"]]
    if not left and status in verdict.expected.statuses:  # what is still wrong are other findings
        return Replayed(State.MENDED, finding["id"], f"{finding['requirement']}: {answer}")
    if not same:  # it is broken in another way now
        return Replayed(State.STILL, finding["id"], (left or violations)[0].headline)
    found = replace(waive.found_in(finding), edits=())
    state = State.CHANGED if same[0].category is Category.DRIFT else State.STILL
    each_found = for_each(found, ([each] for each in finding.get("about", [])))
    if are_waived(each_found, run.waivers):
        state = State.KNOWN
    as_before = same[0].got == finding["got"]
    return Replayed(state, finding["id"], finding["headline"] if as_before else same[0].headline)


def _unknown(finding: FindingRow, shows: str) -> Replayed:
    """What is said of a finding that did not show again, and may all the same be there."""
    why = {
        AFTER_ANOTHER: "shows only after another request, which is not stored: not asked",
        WITH_OTHERS: f"was answered well with others in flight, {counted(ROUNDS * TIMES, 'time')}",
        EACH_TIME: "may show only beside another invoice, which is not sent again: not asked",
    }.get(shows, f"does not show each time: was answered well {TIMES} times now")
    return Replayed(State.UNKNOWN, finding["id"], f"{finding['requirement']}: {why}")


def _told_by(finding: FindingRow) -> set[tuple[str, str]]:
    """The violations of the last run that a finding explains."""
    return {(name, finding["category"]) for name in (finding["requirement"], *finding["also"])}


def _drift(run: Run, content: Record, finding: FindingRow, answer: str) -> list[Violation]:
    """The drift of the probe that a finding is about, if it is about one and still not accepted."""
    names = {probe["requirement"]: probe["name"] for probe in content["probes"]}
    if finding["category"] != Category.DRIFT or finding["requirement"] not in names:
        return []
    violation = probes.drift(run.plan.baseline, names[finding["requirement"]], answer)
    return [] if violation is None else [violation]


def _replay(chosen: Namespace, file: Path, word: str) -> int:
    content = record.read(file)
    why = {exchange["id"]: exchange["not_replayable"] for exchange in content["exchanges"]}
    findings = findings_of(content, word)
    if word and not findings:
        known = ", ".join(each["id"] for each in findings_of(content, "")) or "none"
        raise ValueError(f"no finding or test is called {word!r}; there are {known}")
    if all(why[finding["exchange"]] for finding in findings):
        _say_of_none({each["id"]: why[each["exchange"]] for each in findings})
        return ExitStatus.NOTHING_RAN
    plan = plan_of(content, chosen)
    states: Counter[State] = Counter()
    with ExitStack() as stack:
        run = Run(plan, opened=session.open_run(plan, stack))
        client = run.client()
        stack.callback(client.close)
        _say(run, f"sent to {session.named(plan.target.name, run.open.base_url)}")
        _ask_control(run, client)
        for each in replayed(run, client, content, word):
            _say(run, str(each))
            states[each.state] += 1
        _say(run, ", ".join(f"{count} {state}" for state, count in states.items()))
    return _status(states, plan.options.level)


def _say_of_none(why: Mapping[str, str | None]) -> None:
    """Say that nothing is to be sent, and of each finding why; nothing is opened for it."""
    lines = [str(Replayed(State.NOT_SENT, each, reason or "")) for each, reason in why.items()]
    nothing = "There is nothing to send again."
    for line in (*lines, f"{len(why)} {State.NOT_SENT}" if why else nothing):
        say(one_line(without_keys(line, os.environ)))


def _ask_control(run: Run, client: Client) -> None:
    """Raise CannotTellError where the API does not answer as it did: a key that is refused, another
    page or an unknown order would be taken for a mend.
    """
    plan = run.plan
    entrance = Entrance(run, client, plan.target, run.open.base_url, run.total, _WHERE_UNKNOWN)
    response = entrance.ask_control().response
    if response is not None and response.status == 404:
        raise RefusedError(
            f"The plain invoice is answered with {described(response)} there: {_WHERE_UNKNOWN}."
        )


def _status(states: Counter[State], level: Level) -> int:
    if states[State.STILL]:
        return ExitStatus.NONCONFORMANCE
    if states[State.CHANGED] and level is Level.SHOULD:
        return ExitStatus.DRIFT
    if states[State.UNKNOWN]:
        return ExitStatus.COULD_NOT_TELL
    sent = states.total() - states[State.NOT_SENT]
    return ExitStatus.CONFORMS if sent else ExitStatus.NOTHING_RAN


def _say(run: Run, line: str) -> None:
    say(one_line(run.masked(line)))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
