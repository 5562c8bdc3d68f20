"""JUnit XML with one case for each requirement, for dashboards that read nothing else."""

from collections.abc import Iterator
from xml.etree import ElementTree as ET

from findings.rows import FindingRow
from reports.escaping import safe_lines
from reports.rows import Record, RequirementRow
from reports.summary import block


def of_requirements(record: Record) -> str:
    """The text of the file. A broken requirement is a failure; one that neither breaks nor holds is
    skipped.
    """
    run, verdicts = record["run"], [r["verdict"] for r in record["requirements"]]
    root = ET.Element("testsuites")
    suite = ET.SubElement(
        root,
        "testsuite",
        name=safe_lines(f"requirements of {record['document']['title']}"),
        timestamp=run["started"],
        time=str(run["seconds"]),
        tests=str(len(verdicts)),
        failures=str(verdicts.count("broken")),
        errors="0",
        skipped=str(len(verdicts) - verdicts.count("broken") - verdicts.count("holds")),
    )
    properties = ET.SubElement(suite, "properties")
    for name, value in (
        ("target", record["target"]["name"]),
        ("profile", run["profile"]),
        ("stamp", run["stamp"]),
        ("outcome", run["outcome"]),
    ):
        ET.SubElement(properties, "property", name=name, value=safe_lines(value))
    for requirement in record["requirements"]:
        _case(suite, requirement, record)
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _case(suite: ET.Element, requirement: RequirementRow, record: Record) -> None:
    case = ET.SubElement(
        suite,
        "testcase",
        classname=f"requirements.{requirement['part']}",
        name=safe_lines(requirement["name"]),
        file=requirement["file"],
        line=str(requirement["line"]),
        time="0",
    )
    name, verdict = requirement["name"], requirement["verdict"]
    mine = [each for each in record["findings"] if each["requirement"] == name]
    others = [each for each in record["findings"] if name in each["also"]]
    if verdict == "broken":
        kind, message = mine[0]["category"], safe_lines(mine[0]["headline"])
        failure = ET.SubElement(case, "failure", message=message, type=kind)
        failure.text = safe_lines("\n".join(line for each in mine for line in _lines(record, each)))
    elif verdict != "holds":
        waiver = requirement["waiver"]
        reason = f": {waiver['reason']} ({waiver['link']})" if waiver and mine else ""
        if verdict == "blocked":
            headlines = [each["headline"] for each in others]
            reason = f" by {headlines[0]}" if headlines else ": not all of it was asked"
        ET.SubElement(case, "skipped", message=safe_lines(verdict + reason))


def _lines(record: Record, finding: FindingRow) -> Iterator[str]:
    """What the terminal says of a finding, and all tests that found it."""
    yield from block(record, finding)
    yield from (f"  {test}" for test in finding["tests"])
