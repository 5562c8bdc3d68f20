"""`python -m run.replay FILE|--last [TEST]`: send the failing exchanges again and judge them.

FILE is the record of a run (run.json), `--last` the last one's; TEST takes those of one test alone.
The key comes from the environment. Neither Hypothesis nor pytest is needed.
"""

import argparse
import re
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from reports import exchange_json, output, record
from reports.record import Record
from run import session
from run.exit_status import ExitStatus
from run.options import Options
from run.session import Plan, Run
from spec import probes
from spec.contract import PLACEHOLDER
from spec.exchange import Exchange, Request
from spec.formats import instant
from spec.requirements import Level
from spec.violation import Violation
from spec.yamlfile import SpecError
from targets.client import DEFAULT_TIMEOUT, Client
from targets.errors import CannotTellError, TargetError

STAMP = re.compile(rb"IC-[0-9A-F]{8}-[0-9A-F]{8}")
FRAMING = ("host", "content-length", "transfer-encoding")
"""Headers that the client computes."""
USUAL = ("User-Agent", "Accept", "Accept-Encoding", "Content-Type")
"""Headers that the client adds unless they are removed."""
INDENT = " " * 10


class State(StrEnum):
    """How a stored exchange fares when it is sent again."""

    STILL = "still"
    KNOWN = "known"
    MENDED = "mended"
    NOT_SENT = "not sent"


@dataclass(frozen=True, slots=True)
class Replayed:
    """A stored exchange of a test, sent again.

    `text` is the headline of a violation that is still there, or of a known one; the answer of an
    exchange that is mended; or the reason why one was not sent.
    """

    state: State
    test: str
    text: str

    def __str__(self) -> str:
        if self.state in (State.STILL, State.KNOWN):
            return f"{self.state:<{len(INDENT)}}{self.text}\n{INDENT}{self.test}"
        return f"{self.state:<{len(INDENT)}}{self.test}: {self.text}"


def plan_of(content: Record, allow_production: str | None, ca_file: Path | None) -> Plan:
    """Where the run went and by what it judged. Raises TargetError or SpecError."""
    target, run = content["target"], content["run"]
    created = target["order_created_at"]
    options = Options(
        target=target["name"],
        base_url=None if record.has_name(content) else target["base_url"],
        order_ids=tuple(target["order_ids"]),
        order_created_at=instant(created) if created else None,
        level=Level(run["level"]),
        rate=None,
        max_requests=None,
        request_timeout=DEFAULT_TIMEOUT,
        allow_production=allow_production,
        ca_file=ca_file,
        document=Path(content["document"]["file"]),
        profile=run["profile"],
    )
    return session.plan(options)


def replayed(run: Run, client: Client, content: Record, test: str) -> Iterator[Replayed]:
    """Send the exchanges of a test, or of all tests for "": one result for each violation, and one
    for each exchange that has none or was not sent.
    """
    for stored in content["exchanges"]:
        if test not in ("", stored["test"]):
            continue
        if stored["not_replayable"]:
            yield Replayed(State.NOT_SENT, stored["test"], stored["not_replayable"])
            continue
        try:
            request = exchange_json.request_of(stored, run.keys)
        except KeyError as missing:
            yield Replayed(State.NOT_SENT, stored["test"], f"{missing.args[0]} is not set")
            continue
        exchange = send_again(client, request)
        verdict = run.oracle.judge(exchange)
        answer = probes.answer_of(exchange.response, verdict.answer)
        violations = verdict.violations + tuple(_drifts(run, content, stored, answer))
        for violation in violations:
            known = violation.requirement.name in run.waived
            yield Replayed(
                State.KNOWN if known else State.STILL, stored["test"], violation.headline
            )
        if not violations:
            yield Replayed(State.MENDED, stored["test"], answer)


def send_again(client: Client, request: Request) -> Exchange:
    """Send a request as it was, but for a fresh stamp, which makes it a new invoice."""
    headers: list[tuple[str, str | None]] = [
        (name, value) for name, value in request.headers if name.lower() not in FRAMING
    ]
    headers += [(name, None) for name in USUAL if request.header(name) is None]
    return client.send(
        STAMP.sub(PLACEHOLDER.encode(), request.body),
        method=request.method,
        key=None,
        headers=headers,
        query=request.path.partition("?")[2],
        chunked=request.header("transfer-encoding") is not None,
    )


def main(arguments: list[str]) -> int:
    """Replay and print what came; the exit status is that of a run."""
    parser = argparse.ArgumentParser(prog="python -m run.replay", description=__doc__)
    record_name = output.RECORD
    parser.add_argument(
        "words", nargs="*", metavar="FILE [TEST]", help=f"a {record_name}; a node id"
    )
    parser.add_argument("--last", action="store_true", help="the last run's, instead of FILE")
    parser.add_argument("--allow-production", metavar="HOST", help="as for pytest suites")
    parser.add_argument("--ca-file", type=Path, metavar="FILE", help="as for pytest suites")
    chosen = parser.parse_args(arguments)
    words = [str(output.FOLDER / record_name), *chosen.words] if chosen.last else chosen.words
    if not 1 <= len(words) <= 2:
        parser.error(f"name a {record_name} or say --last, and then at most one test")
    try:
        return _replay(chosen, Path(words[0]), words[1] if len(words) > 1 else "")
    except CannotTellError as error:
        print(f"could not tell: {error}", file=sys.stderr)  # noqa: T201 - for the user
        return ExitStatus.COULD_NOT_TELL
    except (SpecError, TargetError, ValueError) as error:
        print(f"python -m run.replay: {error}", file=sys.stderr)  # noqa: T201 - for the user
        return ExitStatus.USAGE


def _drifts(run: Run, content: Record, stored: dict[str, Any], answer: str) -> Iterator[Violation]:
    """The drift of each probe that a stored exchange was a finding on."""
    names = {probe["requirement"]: probe["name"] for probe in content["probes"]}
    for finding in content["findings"]:
        if finding["exchange"] == stored["id"] and finding["requirement"] in names:
            violation = probes.drift(run.plan.baseline, names[finding["requirement"]], answer)
            if violation is not None:
                yield violation


def _replay(chosen: argparse.Namespace, file: Path, test: str) -> int:
    content = record.read(file)
    plan = plan_of(content, chosen.allow_production, chosen.ca_file)
    states: set[State] = set()
    with ExitStack() as stack:
        run = Run(plan, opened=session.open_run(plan, stack))
        client = run.client()
        stack.callback(client.close)
        for each in replayed(run, client, content, test):
            print(run.masked(str(each)), flush=True)  # noqa: T201 - for the user
            states.add(each.state)
    if State.STILL in states:
        return ExitStatus.NONCONFORMANCE
    if states - {State.NOT_SENT}:
        return ExitStatus.CONFORMS
    print("There is no exchange to send again.")  # noqa: T201 - for the user
    return ExitStatus.NOTHING_RAN


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
