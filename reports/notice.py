"""`python -m reports.notice [RUN]`: a short notice of what is new in a run, for where people are.

It is Markdown for an issue or a pull request, or the body of a webhook of Slack or Teams. Nothing
is printed where there is nothing new to tell.
"""

import html
import json
import os
import shlex
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reports import output, record
from reports.allure.pages import executor
from reports.command import Parser, put
from reports.escaping import code, one_line, plain, safe_lines
from reports.rows import Record
from reports.summary import ending, findings
from spec.violation import expected_and_got
from watch.changes import ChangeRow

MOST = 10
"""Findings and changes that are named; the reports have all."""
FORMATS = ("markdown", "slack", "teams")
TOLD = ("broken", "drift")
"""Verdicts of the findings that are told."""
UNTOLD = (0, 2)
"""Exit statuses that nobody has to know of: it conforms, or a person ended it."""
PLAIN, CODE, ADDRESS = "plain", "code", "address"
"""Forms of words."""


@dataclass(frozen=True, slots=True)
class Words:
    """A piece of a line, and its form. What a record says is in CODE: it is shown, and does
    nothing.
    """

    text: str
    form: str = PLAIN


Line = tuple[Words, ...]


def notice(content: Record, environment: Mapping[str, str]) -> list[Line]:
    """The notice, line by line; none if there is nothing to tell."""
    run, target = content["run"], content["target"]
    if run["exit_status"] in UNTOLD:
        return []
    head = (_code(target["name"]), Words(": "), _code(run["outcome"]))
    lines: list[Line] = [(*head, Words(" ("), _code(run["started"]), Words(")")), ()]
    lines += _listed(list(_findings(content)))
    lines += _listed(
        [(Words(f"{each['means']}: "), _code(each["text"])) for each in _changes(content)]
    )
    lines += [(Words("- could not tell: "), _code(doubt)) for doubt in run["doubts"]]
    news = content.get("news")
    if news and news["changes"]:
        command = shlex.join(["tox", "run", "-e", "accept", "--", "--target", target["name"]])
        since = (Words("Compared with the answers accepted on "), _code(news["since"]))
        lines += [(), (*since, Words(". To accept the new ones: "), _code(command))]
    lines += [each for sentence in ending(content) for each in ((), (_code(sentence),))]
    ran_by = executor(environment)
    if ran_by is not None and ran_by["buildUrl"]:
        lines += [(), (Words(one_line(ran_by["buildUrl"]), ADDRESS),)]
    return lines


def body(lines: Sequence[Line], kind: str) -> str:
    """The notice as text or as the body of a webhook of this kind."""
    match kind:
        case "slack":
            return json.dumps({"text": _text(lines, _IN_SLACK)})
        case "teams":
            return json.dumps(_card(lines))
    return safe_lines(_text(lines, _IN_MARKDOWN))


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
        put(body(lines, chosen.format))
    return 0


def _findings(content: Record) -> Iterator[Line]:
    """The findings that fail the run, each with since when."""
    history = content["history"]
    for each in findings(content):
        if each["verdict"] in TOLD:
            since = history["since"].get(each["id"], "")
            new = each["id"] in history["new"] or not since
            told = expected_and_got(each["expected"], each["got"])
            age = (Words(", new: "),) if new else (Words(", since "), _code(since), Words(": "))
            yield (_code(each["requirement"]), *age, _code(told))


def _changes(content: Record) -> list[ChangeRow]:
    news = content.get("news")
    return news["changes"] if news else []


def _listed(rows: Sequence[Line]) -> Iterator[Line]:
    yield from ((Words("- "), *row) for row in rows[:MOST])
    if len(rows) > MOST:
        yield (Words(f"- and {len(rows) - MOST} more"),)


def _code(text: str) -> Words:
    return Words(one_line(" ".join(text.splitlines())), CODE)


def _in_slack(text: str) -> str:
    """As Slack wants it; it knows no way to write a backtick in code."""
    return html.escape(text, quote=False).replace("`", "'")


_IN_MARKDOWN: dict[str, Callable[[str], str]] = {PLAIN: plain, CODE: code, ADDRESS: str}
_IN_SLACK: dict[str, Callable[[str], str]] = {
    PLAIN: _in_slack,
    CODE: lambda text: f"`{_in_slack(text)}`",
    ADDRESS: _in_slack,
}


def _text(lines: Sequence[Line], write: Mapping[str, Callable[[str], str]]) -> str:
    return "\n".join("".join(write[each.form](each.text) for each in line) for line in lines)


def _card(lines: Sequence[Line]) -> dict[str, Any]:
    """An adaptive card, which Teams takes. It has runs of text, because a block of text would be
    Markdown.
    """
    blocks = [
        {"type": "RichTextBlock", "inlines": [_run(each) for each in line]}
        for line in lines
        if line
    ]
    card = {"type": "AdaptiveCard", "version": "1.4", "body": blocks}
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "content": card}
    return {"type": "message", "attachments": [attachment]}


def _run(words: Words) -> dict[str, Any]:
    run: dict[str, Any] = {"type": "TextRun", "text": words.text}
    if words.form == CODE:
        run["fontType"] = "Monospace"
    if words.form == ADDRESS:
        run["selectAction"] = {"type": "Action.OpenUrl", "url": words.text}
    return run


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
