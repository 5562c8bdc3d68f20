"""The waiver of a finding, as a person would write it, and what it is for: what tests share."""

from pathlib import Path

from findings import waivers
from findings.waivers import Waiver
from reports import waive
from reports.ledger import Counts
from reports.record import found_findings
from spec.requirements import Level
from tests.exchanges import CONTRACT
from tests.records import record

SAID = {"reason": "r", "owner": "o", "link": "https://a.example", "expires": "2027-03-31"}


def waived(counts: Counts, waiver: Waiver) -> list[bool]:
    """Of each finding of a run whether it is waived."""
    waive.mark_waived(counts, [waiver])
    return [each["waived"] for each in found_findings(CONTRACT, counts, Level.SHOULD)]


def waiver_of(counts: Counts, folder: Path) -> Waiver:
    """The waiver that is written for the one finding of a run."""
    (waiver,) = waivers_of(counts, folder)
    return waiver


def waivers_of(counts: Counts, folder: Path) -> list[Waiver]:
    """The waivers that are written for the findings of a run, one for each, as for it alone."""
    found = found_findings(CONTRACT, counts, Level.SHOULD)
    content = record(findings=found)
    file = folder / "waivers.yaml"
    entries = "".join(waive.entry(content, each, SAID) for each in found)
    file.write_text(f"waivers:\n{entries}", encoding="utf-8")
    return [*waivers.load({requirement.name for requirement in CONTRACT.requirements}, file)]
