"""What the mirror tells on the terminal: a line for each request, and a summary."""

from collections.abc import Iterable, Iterator, Sequence
from textwrap import wrap

from mirror.judging import Reason, Verdict
from mirror.reactions import Reaction
from mirror.received import Received
from reports.escaping import one_line
from spec.violation import counted, shortened

HEAD = "   #  verdict      answer  request"
MOST_REASONS = 8
"""Reasons of one request that are shown."""
MOST_ROWS = 40
"""Rows of the table of what the client did next."""
LONGEST = 120
"""Characters of a text of the client."""
WIDTH = 100


def row(received: Received) -> Iterator[str]:
    """The lines of one request: what was said, and why."""
    request, judgement = received.exchange.request, received.judgement
    fault = f"  [{received.fault.name}]" if received.fault else ""
    what = shown(f"{request.method} {request.path}") if request.method else "not a request"
    yield f"{received.number:>4}  {judgement.verdict:<11}  {received.heard:<6}  {what}{fault}"
    yield from (f"      {line}" for line in reason_lines(received))


def reason_lines(received: Received) -> Iterator[str]:
    """The first reasons of a request, each in one line."""
    reasons = received.reasons
    yield from map(in_words, reasons[:MOST_REASONS])
    if len(reasons) > MOST_REASONS:
        yield f"and {len(reasons) - MOST_REASONS} more"


def in_words(reason: Reason) -> str:
    """A reason in one line: the requirement with its clause, or what the documents leave open."""
    if not reason.requirement:
        return f"left open: {one_line(reason.words)}"
    at = f" at {shown(reason.at)}" if reason.at else ""
    name = f"{reason.requirement} ({reason.level}){at}"
    return f"{one_line(name)}: {one_line(reason.words)}  {reason.clause}"


def shown(text: str) -> str:
    """A text of the client in one short line."""
    return one_line(shortened(text, LONGEST))


def summary(
    received: Sequence[Received], reacted: Sequence[Reaction], never_sent: Iterable[str]
) -> Iterator[str]:
    """The summary, line by line."""
    yield counts_line(received)
    if reacted:
        yield ""
        yield "What the client did next:"
        for each in reacted[:MOST_ROWS]:
            yield f"  {reaction_line(each)}"
        if len(reacted) > MOST_ROWS:
            yield f"  and {len(reacted) - MOST_ROWS} more"
    missing = list(never_sent)
    if received and missing:
        yield ""
        yield from wrap("Never sent: " + ", ".join(missing), WIDTH, subsequent_indent="  ")


def counts_line(received: Sequence[Received]) -> str:
    """`12 requests: 9 valid, 2 invalid, 1 unspecified`."""
    if not received:
        return "No request came."
    verdicts = [each.verdict for each in received]
    counts = ", ".join(
        f"{verdicts.count(verdict)} {verdict}" for verdict in Verdict if verdict in verdicts
    )
    return f"{counted(len(received), 'request')}: {counts}"


def reaction_line(reaction: Reaction) -> str:
    """`#2 no answer, created: #3 after 0.50 s, the same invoice`."""
    return f"#{reaction.number} {reaction.answer}: {next_words(reaction)}"


def next_words(reaction: Reaction) -> str:
    """What a client did next, in words."""
    if reaction.again is None:
        return reaction.how
    warning = f" - {reaction.warning}" if reaction.warning else ""
    return f"#{reaction.again} after {reaction.after:.2f} s, {shown(reaction.how)}{warning}"
