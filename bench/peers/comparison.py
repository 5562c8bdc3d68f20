"""What two tools found on the same servers, side by side."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from bench.peers.asking import Asked
from reference.mutants.mutant import Mutant
from reports.escaping import plain
from spec.violation import counted

COSTS: dict[str, Callable[[Asked], float]] = {
    "requests, median": lambda one: one.requests,
    "CPU seconds, median": lambda one: one.seconds,
    "peak memory in MiB, median": lambda one: one.memory,
}
"""What it costs to ask one server."""


@dataclass(frozen=True, slots=True)
class Both:
    """What both tools found on one server."""

    mutant: Mutant
    ours: Asked
    theirs: Asked

    @property
    def we_see(self) -> bool:
        """Whether this suite names what is broken or, on a conforming server, anything."""
        return any(
            self.mutant.conforms or self.mutant.is_named_by(name) for name in self.ours.found
        )

    def they_see(self, usual: Iterable[str]) -> bool:
        """Whether Schemathesis finds more than the usual."""
        return bool(set(self.theirs.found) - set(usual))


def page(results: Sequence[Both], usual: Sequence[str], whole: int, version: str) -> Iterator[str]:
    """The comparison in Markdown: first the mutants that Schemathesis kills and this suite misses.

    `usual` is what Schemathesis finds on its reference, `whole` the number of all servers.
    """
    mutants = [one for one in results if not one.mutant.conforms]
    conforming = [one for one in results if one.mutant.conforms]
    missed = [one for one in mutants if one.they_see(usual) and not one.we_see]
    yield "# Side by side with Schemathesis"
    yield ""
    yield (
        f"{len(results)} of the {counted(whole, 'server')} of the proof, evenly chosen, were asked "
        f"by this suite with its `gate` profile and by Schemathesis {version} with all checks, "
        "phases and modes, 500 examples and a fixed seed; each over sockets and in its own "
        "process. `tox run -e peers` generates this page."
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
    yield from ("- " + plain(f"{one.mutant.name}: {', '.join(one.theirs.found)}") for one in missed)
    if not missed:
        yield "None."
    yield ""
    yield "## Figures"
    yield ""
    yield "| | this suite | Schemathesis |"
    yield "| --- | ---: | ---: |"
    yield _row("mutants killed", [one.we_see for one in mutants], _they(mutants, usual))
    for topic in dict.fromkeys(one.mutant.topic for one in mutants):
        some = [one for one in mutants if one.mutant.topic == topic]
        yield _row(f"of those, {topic}", [one.we_see for one in some], _they(some, usual))
    yield _row("false alarms", [one.we_see for one in conforming], _they(conforming, usual))
    for words, value in COSTS.items():
        mine = median(value(one.ours) for one in results)
        other = median(value(one.theirs) for one in results)
        yield f"| {words} | {mine:.1f} | {other:.1f} |"
    yield ""
    yield "## Server by server"
    yield ""
    yield "| topic | server | this suite | Schemathesis |"
    yield "| --- | --- | --- | --- |"
    for one in results:
        ours = ", ".join(one.ours.found[:3]) + (" ..." if len(one.ours.found) > 3 else "")
        theirs = ", ".join(n for n in one.theirs.found if n not in usual)
        cells = (one.mutant.topic, one.mutant.name, ours or "-", theirs or "-")
        yield f"| {' | '.join(map(plain, cells))} |"


def _they(results: Iterable[Both], usual: Iterable[str]) -> list[bool]:
    return [one.they_see(usual) for one in results]


def _row(words: str, ours: Sequence[bool], theirs: Sequence[bool]) -> str:
    return f"| {words} | {sum(ours)} of {len(ours)} | {sum(theirs)} of {len(theirs)} |"
