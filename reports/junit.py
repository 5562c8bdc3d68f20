"""JUnit XML with one case for each requirement, for dashboards that read nothing else."""

from collections.abc import Iterator
from xml.etree import ElementTree as ET

from reports.escaping import safe_lines
from reports.record import Record


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


def _case(suite: ET.Element, requirement: Record, record: Record) -> None:
    case = ET.SubElement(
        suite,
        "testcase",
        classname=f"requirements.{requirement['part']}",
        name=safe_lines(requirement["name"]),
        file=requirement["file"],
        line=str(requirement["line"]),
        time="0",
    )
    found = [f for f in record["findings"] if f["requirement"] == requirement["name"]]
    if requirement["verdict"] == "broken":
        message = safe_lines(found[0]["headline"])
        failure = ET.SubElement(case, "failure", message=message, type=found[0]["category"])
        failure.text = safe_lines("\n".join(_lines(found)))
    elif requirement["verdict"] != "holds":
        waiver = requirement["waiver"]
        reason = f": {waiver['reason']} ({waiver['link']})" if waiver and found else ""
        ET.SubElement(case, "skipped", message=safe_lines(requirement["verdict"] + reason))


def _lines(found: list[Record]) -> Iterator[str]:
    """Each headline once, and below it the tests that found it."""
    tests: dict[str, list[str]] = {}
    for finding in found:
        tests.setdefault(finding["headline"], []).append(finding["test"])
    for headline, names in tests.items():
        yield headline
        yield from (f"  {name}" for name in dict.fromkeys(names))
