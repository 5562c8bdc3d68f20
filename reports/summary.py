"""The summary on the terminal: what holds, what breaks, what was sent."""

from collections.abc import Iterable, Iterator

from reports.tally import Finding, Tally
from spec.contract import Contract
from spec.requirements import Level


def verdicts(contract: Contract, tally: Tally, level: Level) -> dict[str, list[str]]:
    """The requirements' names by verdict: `broken`, `noted`, `known`, `holds`, `not observed`.

    `noted` are broken SHOULDs of a run that only MUSTs fail; `known` are waived.
    """
    sorted_out: dict[str, list[str]] = {
        name: [] for name in ("broken", "noted", "known", "holds", "not observed")
    }
    found = {finding.requirement: finding for finding in tally.findings.values()}
    for requirement in contract.requirements:
        finding = found.get(requirement.name)
        if finding is None:
            verdict = "holds" if tally.observed[requirement.name] else "not observed"
        elif finding.waived:
            verdict = "known"
        elif level is Level.MUST and requirement.level is Level.SHOULD:
            verdict = "noted"
        else:
            verdict = "broken"
        sorted_out[verdict].append(requirement.name)
    return sorted_out


def lines(contract: Contract, tally: Tally, level: Level, seconds: float) -> Iterator[str]:
    """The summary, line by line."""
    sorted_out = verdicts(contract, tally, level)
    counts = [f"{len(names)} {verdict}" for verdict, names in sorted_out.items() if names]
    yield f"{len(contract.requirements)} requirements: {', '.join(reversed(counts))}"
    for verdict in ("broken", "noted", "known"):
        for name in sorted_out[verdict]:
            yield ""
            yield from _finding(
                verdict, [found for found in tally.findings.values() if found.requirement == name]
            )
    if sorted_out["not observed"]:
        yield ""
        yield f"not observed: {', '.join(sorted_out['not observed'])}"
    yield ""
    yield (f"{tally.requests} requests sent, {tally.created} invoices created, in {seconds:.1f} s")


def _finding(verdict: str, found: Iterable[Finding]) -> Iterator[str]:
    first, *others = found
    yield f"{verdict}  {first.requirement} ({first.level})  {first.where}"
    yield f"        {first.category}: expected {first.expected}, got {first.got}"
    yield f"        {first.test}"
    tests = sorted({other.test.rpartition("::")[2] for other in others if other.test != first.test})
    if tests:
        yield f"        and in {len(tests)} more: {', '.join(tests[:4])}"
