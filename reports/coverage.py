"""The page of all requirements, printed whole also when all is green; and that of the probes."""

from collections.abc import Iterable, Iterator
from html import escape
from typing import Any

from reports import notes
from reports.record import VERDICTS, Record
from spec.departure import brief

STYLE = """
body { font: 13px/1.4 system-ui, sans-serif; margin: 1.2em; color: #1d2430; background: #fff }
h1 { font-size: 1.4em; margin: 0 0 .2em } p { margin: .3em 0 1em; color: #4a5568 }
table { border-collapse: collapse; width: 100% }
th { text-align: left; border-bottom: 2px solid #a0aec0; padding: .35em .6em }
td { border-bottom: 1px solid #e2e8f0; padding: .35em .6em; vertical-align: top }
td.n { text-align: right; font-variant-numeric: tabular-nums }
code { font: 12px ui-monospace, monospace } small { color: #4a5568 }
td:nth-child(2) { max-width: 12em; overflow-wrap: break-word }
.broken, .drift { background: #fde2e1 } .known, .noted, .new { background: #fdf3d1 }
.missing { background: #e8eaf0 }
b.broken, b.drift, b.known, b.noted, b.new, b.missing { padding: .05em .4em; border-radius: .3em }
"""
PROVEN = {True: "yes", False: "no", None: ""}
CLASSES = {"not observed": "missing", "as accepted": "holds"}


def requirements(record: Record) -> str:
    """The table of requirements as one HTML document, what fails first."""
    rows = sorted(record["requirements"], key=lambda each: VERDICTS.index(each["verdict"]))
    columns = (
        "requirement",
        "value",
        "level",
        "verdict",
        "observed",
        "at edge",
        "proven",
    )
    about = (
        f"{escape(notes.of_counts(record))}. <i>Observed</i> counts the exchanges that put it to "
        "the test (a payload that broke it alone, an answer that had what it speaks of), <i>at "
        "edge</i> the sound ones that exhausted it; <i>proven</i> says whether each server "
        "that is bent to break it is caught."
    )
    cells = ([*_requirement(each)] for each in rows)
    return _page("Requirements", about, columns, cells)


def probes(record: Record) -> str:
    """The table of probes as one HTML document, what drifted first."""
    order = ("drift", "new", "as accepted")
    rows = sorted(record["probes"], key=lambda each: order.index(each["state"]))
    about = (
        "Named questions on which the document is silent. Either a 201 or a documented 4xx will "
        "do; news is an answer other than the accepted one. <code>python -m reports.accept</code> "
        "accepts those of the last run."
    )
    cells = (
        [
            f"<td><code>{escape(each['name'])}</code></td>",
            f"<td>{escape(each['question'])}</td>",
            f"<td>{escape(each['answer'])}</td>",
            f"<td>{escape(each['accepted'] or '')}</td>",
            _verdict(each["state"]),
        ]
        for each in rows
    )
    return _page(
        "Probes", about, ("probe", "question", "answer today", "accepted answer", "state"), cells
    )


def _requirement(each: dict[str, Any]) -> Iterator[str]:
    clause = f"{each['file'].removeprefix('spec/')}:{each['line']}"
    yield f"<td><code>{escape(each['name'])}</code><br><small>{escape(clause)}</small></td>"
    value = each["operand"] if isinstance(each["operand"], str) else brief(each["operand"])
    yield f"<td><code>{escape(value)}</code></td>"
    yield f"<td>{each['level']}</td>"
    yield _verdict(each["verdict"], _waiver(each["waiver"]))
    yield f"<td class=n>{each['observed'] or ''}</td>"
    yield f"<td class=n>{each['edges'] or ''}</td>"
    yield f"<td>{PROVEN[each['proven']]}</td>"


def _waiver(waiver: dict[str, Any] | None) -> str:
    if waiver is None:
        return ""
    until = "ended" if waiver["expired"] else "until"
    words = f"{waiver['reason']} {waiver['owner']}, {until} {waiver['expires']}"
    return f'<br><a href="{escape(waiver["link"])}">{escape(words)}</a>'


def _verdict(word: str, more: str = "") -> str:
    return f'<td><b class="{CLASSES.get(word, word)}">{word}</b>{more}</td>'


def _page(title: str, about: str, columns: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    head = "".join(f"<th>{name}</th>" for name in columns)
    body = "\n".join(f"<tr>{''.join(cells)}</tr>" for cells in rows)
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        f"<style>{STYLE}</style></head>\n<body><h1>{title}</h1><p>{about}</p>\n"
        f"<table><thead><tr>{head}</tr></thead><tbody>\n{body}\n</tbody></table></body></html>\n"
    )
