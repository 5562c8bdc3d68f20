"""What two tools made of the same servers, side by side."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from bench.peers.asking import Asked
from reference.mutants.mutant import Mutant
from reports.markdown import plain

COSTS: dict[str, Callable[[Asked], float]] = {
    "requests, median": lambda one: one.requests,
    "CPU seconds, median": lambda one: one.seconds,
    "peak memory in MiB, median": lambda one: one.memory,
}
"""What is told of the cost of asking a server."""


@dataclass(frozen=True, slots=True)
class Both:
    """One server as both saw it."""

    mutant: Mutant
    ours: Asked
    theirs: Asked

    @property
    def we_see(self) -> bool:
        """Whether the suite names what is broken or, on an oddity, anything at all."""
        return any(
            self.mutant.conforms or self.mutant.is_named_by(name) for name in self.ours.found
        )

    def they_see(self, usual: Iterable[str]) -> bool:
        """Whether Schemathesis finds more than the usual."""
        return bool(set(self.theirs.found) - set(usual))


def page(results: Sequence[Both], usual: Sequence[str], whole: int, version: str) -> Iterator[str]:
    """The table in Markdown: what they catch and we miss first.

    `usual` is what they find on the server that is not bent, `whole` how many servers there are.
    """
    defects = [one for one in results if not one.mutant.conforms]
    oddities = [one for one in results if one.mutant.conforms]
    missed = [one for one in defects if one.they_see(usual) and not one.we_see]
    yield "# Side by side with Schemathesis"
    yield ""
    yield (
        f"{len(results)} of the proof's {whole} servers, evenly taken, asked by this suite at its "
        f"`gate` profile and by Schemathesis {version} with all checks, phases and modes, 500 "
        "examples and a seed of its own; each over sockets, in a process of its own. `tox run -e "
        "peers` makes this page."
    )
    yield ""
    yield (
        "Schemathesis takes for valid whatever the document allows. The servers it meets are "
        "therefore bent from a reference that knows every order and takes any date and amount; "
        f"on that reference, unbent, it finds {', '.join(usual) or 'nothing'}. It caught a server "
        "when it found more than that; this suite did when it named a requirement that is broken "
        "there."
    )
    yield ""
    yield "## Caught by Schemathesis, missed by this suite"
    yield ""
    yield from ("- " + plain(f"{one.mutant.name}: {', '.join(one.theirs.found)}") for one in missed)
    if not missed:
        yield "None."
    yield ""
    yield "## Figures"
    yield ""
    yield "| | this suite | Schemathesis |"
    yield "| --- | ---: | ---: |"
    yield _row("defects caught", [one.we_see for one in defects], _they(defects, usual))
    for area in dict.fromkeys(one.mutant.area for one in defects):
        some = [one for one in defects if one.mutant.area == area]
        yield _row(f"of those, {area}", [one.we_see for one in some], _they(some, usual))
    yield _row("false alarms", [one.we_see for one in oddities], _they(oddities, usual))
    for words, value in COSTS.items():
        mine = median(value(one.ours) for one in results)
        other = median(value(one.theirs) for one in results)
        yield f"| {words} | {mine:.1f} | {other:.1f} |"
    yield ""
    yield "## Server by server"
    yield ""
    yield "| area | server | this suite | Schemathesis |"
    yield "| --- | --- | --- | --- |"
    for one in results:
        ours = ", ".join(one.ours.found[:3]) + (" ..." if len(one.ours.found) > 3 else "")
        theirs = ", ".join(n for n in one.theirs.found if n not in usual)
        cells = (one.mutant.area, one.mutant.name, ours or "-", theirs or "-")
        yield f"| {' | '.join(map(plain, cells))} |"


def _they(results: Iterable[Both], usual: Iterable[str]) -> list[bool]:
    return [one.they_see(usual) for one in results]


def _row(words: str, ours: Sequence[bool], theirs: Sequence[bool]) -> str:
    return f"| {words} | {sum(ours)} of {len(ours)} | {sum(theirs)} of {len(theirs)} |"
