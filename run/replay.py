"""`python -m run.replay FILE|--last [TEST]`: send the failing exchanges again and judge them.

FILE is the record of a run (run.json), `--last` the last one's; TEST takes those of one test alone.
The key comes from the environment; neither Hypothesis nor pytest has a part in it.
"""

import argparse
import re
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from reports import exchange_json, output, record
from reports.record import Record
from run import session
from run.exit_status import ExitStatus
from run.options import Options
from run.session import Run
from spec import probes
from spec.contract import PLACEHOLDER
from spec.exchange import Exchange, Request
from spec.formats import instant
from spec.requirements import Level
from spec.violation import Violation
from spec.yamlfile import SpecError
from targets.client import Client
from targets.errors import CannotTellError, TargetError

STAMP = re.compile(rb"IC-[0-9A-F]{8}-[0-9A-F]{8}")
FRAMING = ("host", "content-length", "transfer-encoding")
USUAL = ("User-Agent", "Accept", "Accept-Encoding", "Content-Type")
"""Headers that the client writes unless it is told not to."""


def planned(content: Record, allow_production: str | None, ca_file: Path | None) -> session.Plan:
    """Where the run went and by what it judged. Raises TargetError or SpecError."""
    target, run = content["target"], content["run"]
    named = "://" not in target["name"]
    created = target["order_created_at"]
    options = Options(
        target=target["name"],
        base_url=None if named else target["base_url"],
        order_ids=tuple(target["order_ids"]),
        order_created_at=instant(created) if created else None,
        level=Level(run["level"]),
        rate=None,
        max_requests=None,
        request_timeout=10.0,
        allow_production=allow_production,
        ca_file=ca_file,
        document=Path(content["document"]["file"]),
        profile=run["profile"],
    )
    return session.plan(options)


def again(client: Client, request: Request) -> Exchange:
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


def judged(run: Run, client: Client, content: Record, test: str) -> Iterator[str]:
    """A line for each violation, `still` or `known`, and each exchange that has none, `mended`."""
    keys = session.variables(run.plan, run.open)
    for entry in content["exchanges"]:
        if test not in ("", entry["test"]):
            continue
        if entry["not_replayable"]:
            yield f"not sent  {entry['test']}: {entry['not_replayable']}"
            continue
        try:
            request = exchange_json.request_of(entry, keys)
        except KeyError as missing:
            yield f"not sent  {entry['test']}: {missing.args[0]} is not set"
            continue
        exchange = again(client, request)
        verdict = run.oracle.judge(exchange)
        answer = probes.answer_of(exchange.response, verdict.answer)
        found = verdict.violations + tuple(_drifted(run, content, entry, answer))
        for violation in found:
            known = violation.requirement.name in run.waived
            word = "known" if known else "still"
            yield f"{word}     {violation.headline}\n          {entry['test']}"
        if not found:
            yield f"mended    {entry['test']}: {answer}"


def _drifted(run: Run, content: Record, entry: dict[str, Any], answer: str) -> Iterator[Violation]:
    for finding in content["findings"]:
        if finding["exchange"] == entry["id"] and finding["requirement"].startswith("probe: "):
            probe = finding["requirement"].removeprefix("probe: ")
            violation = probes.drift(run.plan.baseline, probe, answer)
            if violation is not None:
                yield violation


def main(arguments: list[str]) -> int:
    """Replay, print a line for each exchange; the exit status is that of a run."""
    parser = argparse.ArgumentParser(prog="python -m run.replay", description=__doc__)
    parser.add_argument("words", nargs="*", metavar="FILE [TEST]", help="a run.json; a node id")
    parser.add_argument("--last", action="store_true", help="the last run's, instead of FILE")
    parser.add_argument("--allow-production", metavar="HOST", help="as for pytest suites")
    parser.add_argument("--ca-file", type=Path, metavar="FILE", help="as for pytest suites")
    chosen = parser.parse_args(arguments)
    words = [str(output.FOLDER / output.RECORD), *chosen.words] if chosen.last else chosen.words
    if not 1 <= len(words) <= 2:
        parser.error("name a run.json or say --last, and then at most one test")
    try:
        return _replayed(chosen, Path(words[0]), words[1] if len(words) > 1 else "")
    except CannotTellError as error:
        print(f"could not tell: {error}", file=sys.stderr)  # noqa: T201 - for the user
        return ExitStatus.COULD_NOT_TELL
    except (SpecError, TargetError, ValueError) as error:
        print(f"python -m run.replay: {error}", file=sys.stderr)  # noqa: T201 - for the user
        return ExitStatus.USAGE


def _replayed(chosen: argparse.Namespace, file: Path, test: str) -> int:
    content = record.read(file)
    plan = planned(content, chosen.allow_production, chosen.ca_file)
    status = ExitStatus.NOTHING_RAN
    with ExitStack() as stack:
        run = Run(plan, opened=session.open_run(plan, stack))
        client = run.client()
        stack.callback(client.close)
        for line in judged(run, client, content, test):
            print(run.masked(line), flush=True)  # noqa: T201 - for the user
            if line.startswith("still"):
                status = ExitStatus.NONCONFORMANCE
            elif not line.startswith("not sent") and status is ExitStatus.NOTHING_RAN:
                status = ExitStatus.CONFORMS
    if status is ExitStatus.NOTHING_RAN:
        print("There is no exchange to send again.")  # noqa: T201 - for the user
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
