"""What two tools found on the same servers, side by side."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from bench.peers.tools import Asked
from reference.mutants.mutant import CONFORMING, Mutant
from reports.escaping import plain
from spec.violation import counted

SHOWN = 3
"""Requirements that a row names at most."""

COSTS = ("requests", "CPU seconds", "peak memory in MiB")
"""What it costs to ask one server."""

Cost = tuple[float, float]
"""That of this suite, and that of Schemathesis."""


@dataclass(frozen=True, slots=True)
class Row:
    """What both tools found on one server, as the page shows it.

    `we_see` and `they_see` say whether a tool kills a mutant, or finds anything on a conforming
    server. A server that was asked before costs were kept has no `costs`; else they are of `COSTS`.
    """

    name: str
    topic: str
    ours: tuple[str, ...]
    theirs: tuple[str, ...]
    we_see: bool
    they_see: bool
    costs: tuple[Cost, ...] = ()

    @property
    def conforms(self) -> bool:
        """Whether the server breaks nothing."""
        return self.topic == CONFORMING


@dataclass(frozen=True, slots=True)
class Both:
    """What both tools found on one server."""

    mutant: Mutant
    ours: Asked
    theirs: Asked

    def row(self, usual: Iterable[str]) -> Row:
        """The row of the page: this suite sees a mutant where it names what is broken, Schemathesis
        where it finds more than the usual; on a conforming server anything counts.
        """
        found, names = self.ours.found, self.mutant.is_named_by
        theirs = tuple(name for name in self.theirs.found if name not in {*usual})
        return Row(
            self.mutant.name,
            self.mutant.topic,
            (*found[:SHOWN], *(["..."] if len(found) > SHOWN else [])),
            theirs,
            any(self.mutant.conforms or names(name) for name in found),
            bool(theirs),
            (
                (self.ours.requests, self.theirs.requests),
                (round(self.ours.seconds, 1), round(self.theirs.seconds, 1)),
                (round(self.ours.memory, 1), round(self.theirs.memory, 1)),
            ),
        )


def page(rows: Sequence[Row], usual: Sequence[str], whole: int, version: str) -> Iterator[str]:
    """The comparison in Markdown: first the mutants that Schemathesis kills and this suite misses.

    `usual` is what Schemathesis finds on its reference, `whole` the number of all servers.
    """
    mutants = [one for one in rows if not one.conforms]
    missed = [one for one in mutants if one.they_see and not one.we_see]
    yield "# Side by side with Schemathesis"
    yield ""
    yield (
        f"{len(rows)} of the {counted(whole, 'server')} of the proof, evenly chosen, were asked "
        f"by this suite with its `gate` profile and by Schemathesis {version} with all checks, "
        "phases and modes, 500 examples and a fixed seed; each over sockets and in its own "
        "process. `tox run -e peers` generates this page, and `tox run -e peers -- --new` asks "
        "only servers that are new since."
    )
    yield ""
    yield (
        "To Schemathesis, whatever the document allows is valid. Its servers are therefore made "
        "from a reference that knows every order and accepts any date and amount; on that "
        f"reference it finds {', '.join(usual) or 'nothing'}. It kills a mutant when it finds more "
        "than that; this suite does when it names a requirement that is broken."
    )
    yield ""
    yield "## Killed by Schemathesis, not by this suite"
    yield ""
    yield from ("- " + plain(f"{one.name}: {', '.join(one.theirs)}") for one in missed)
    if not missed:
        yield "None."
    yield ""
    yield from _figures(rows)
    yield "## Server by server"
    yield ""
    yield "| topic | server | this suite | Schemathesis |"
    yield "| --- | --- | --- | --- |"
    for one in rows:
        names = ", ".join(one.ours).replace(", ...", " ...")
        cells = (one.topic, one.name, names or "-", ", ".join(one.theirs) or "-")
        yield f"| {' | '.join(map(plain, cells))} |"


def _figures(rows: Sequence[Row]) -> Iterator[str]:
    """How much both find, and what that costs."""
    mutants = [one for one in rows if not one.conforms]
    yield "## Figures"
    yield ""
    yield "| | this suite | Schemathesis |"
    yield "| --- | ---: | ---: |"
    yield _seen("mutants killed", mutants)
    for topic in dict.fromkeys(one.topic for one in mutants):
        yield _seen(f"of those, {topic}", [one for one in mutants if one.topic == topic])
    yield _seen("false alarms", [one for one in rows if one.conforms])
    measured = [one.costs for one in rows if one.costs]
    for words, pairs in zip(COSTS, zip(*measured, strict=True), strict=bool(measured)):
        mine, other = (median(each) for each in zip(*pairs, strict=True))
        yield f"| {words}, median | {mine:.1f} | {other:.1f} |"
    yield ""
    if 0 < len(measured) < len(rows):
        yield f"The medians are of {counted(len(measured), 'server')}, asked last."
        yield ""


def _seen(words: str, rows: Sequence[Row]) -> str:
    ours, theirs = sum(one.we_see for one in rows), sum(one.they_see for one in rows)
    return f"| {words} | {ours} of {len(rows)} | {theirs} of {len(rows)} |"
