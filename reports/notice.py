"""`python -m reports.notice [RUN]`: a short notice of what is new in a run, for where people are.

It is Markdown for an issue or a pull request, or the body of a webhook of Slack or Teams. Nothing
is printed where there is nothing new to tell.
"""

import json
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from reports import output, record
from reports.allure.pages import executor
from reports.command import Parser
from reports.escaping import one_line, safe_lines
from reports.markdown import code, plain
from reports.record import Record
from reports.summary import ending, findings

MOST = 10
"""Findings and changes that are named; the reports have all."""
FORMATS = ("markdown", "slack", "teams")
TOLD = ("broken", "drift")
"""Verdicts of the findings that are told."""
UNTOLD = (0, 2)
"""Exit statuses that nobody has to know of: it conforms, or a person ended it."""


def notice(content: Record, environment: Mapping[str, str]) -> list[str]:
    """The notice as lines of Markdown; none if there is nothing to tell."""
    run, target = content["run"], content["target"]
    if run["exit_status"] in UNTOLD:
        return []
    lines = [f"**{plain(target['name'])}: {plain(run['outcome'])}** ({run['started']})", ""]
    lines += _listed(list(_findings(content)))
    lines += _listed([f"{each['means']}: {code(each['text'])}" for each in _changes(content)])
    lines += [f"- could not tell: {code(doubt)}" for doubt in run["doubts"]]
    if _changes(content):
        since = content["news"]["since"]
        command = f"tox run -e accept -- --target {target['name']}"
        lines += ["", f"As it was on {since}. If this is as it should be: {code(command)}"]
    lines += [f"\n{plain(each).capitalize()}." for each in ending(content)]
    ran_by = executor(environment)
    if ran_by is not None and ran_by["buildUrl"]:
        lines += ["", one_line(ran_by["buildUrl"])]
    return lines


def body(lines: Sequence[str], kind: str) -> str:
    """The notice as text or as the body of a webhook of this kind."""
    text = safe_lines("\n".join(lines))
    match kind:
        case "slack":
            return json.dumps({"text": text.replace("**", "*")})
        case "teams":
            return json.dumps(_card(text))
    return text


def main(arguments: Sequence[str]) -> int:
    """Print the notice; the exit status."""
    parser = Parser("reports.notice", "A short notice of what is new in a run, if anything is.")
    default = output.FOLDER / output.RECORD
    parser.add_argument(
        "run", nargs="?", type=Path, default=default, metavar="RUN", help="the record of a run"
    )
    parser.add_argument("--format", choices=FORMATS, default="markdown", help="for whom it is")
    chosen = parser.parse_args(arguments)
    try:
        lines = notice(record.read(chosen.run), os.environ)
    except ValueError as error:
        parser.error(str(error))
    if lines:
        print(body(lines, chosen.format))  # noqa: T201 - for the user
    return 0


def _findings(content: Record) -> Iterator[str]:
    """The findings that fail the run, each with since when."""
    history = content["history"]
    for each in findings(content):
        if each["verdict"] in TOLD:
            since = history["since"].get(each["id"], "")
            new = each["id"] in history["new"] or not since
            told = f"expected {each['expected']}, got {each['got']}"
            age = "new" if new else f"since {since}"
            yield f"{code(each['requirement'])}, {age}: {code(told)}"


def _changes(content: Record) -> list[Record]:
    news = content.get("news")
    return list(news["changes"]) if news else []


def _listed(rows: Sequence[str]) -> Iterator[str]:
    yield from (f"- {row}" for row in rows[:MOST])
    if len(rows) > MOST:
        yield f"- and {len(rows) - MOST} more"


def _card(text: str) -> dict[str, Any]:
    """An adaptive card, which Teams takes."""
    card = {
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": [{"type": "TextBlock", "text": text, "wrap": True}],
    }
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "content": card}
    return {"type": "message", "attachments": [attachment]}


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
