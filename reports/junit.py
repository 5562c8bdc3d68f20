"""JUnit XML with one case for each requirement, for dashboards that read nothing else."""

import re
from collections.abc import Iterator
from xml.etree import ElementTree as ET

from reports.record import Record

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""The characters that XML 1.0 cannot contain (section 2.2)."""


def of_requirements(record: Record) -> str:
    """The text of the file. A broken requirement is a failure; one that neither breaks nor holds is
    skipped.
    """
    run, verdicts = record["run"], [r["verdict"] for r in record["requirements"]]
    root = ET.Element("testsuites")
    suite = ET.SubElement(
        root,
        "testsuite",
        name=_clean(f"requirements of {record['document']['title']}"),
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
        ET.SubElement(properties, "property", name=name, value=_clean(value))
    for requirement in record["requirements"]:
        _case(suite, requirement, record)
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _case(suite: ET.Element, requirement: Record, record: Record) -> None:
    case = ET.SubElement(
        suite,
        "testcase",
        classname=f"requirements.{requirement['part']}",
        name=_clean(requirement["name"]),
        file=requirement["file"],
        line=str(requirement["line"]),
        time="0",
    )
    found = [f for f in record["findings"] if f["requirement"] == requirement["name"]]
    if requirement["verdict"] == "broken":
        message = _clean(found[0]["headline"])
        failure = ET.SubElement(case, "failure", message=message, type=found[0]["category"])
        failure.text = _clean("\n".join(_lines(found)))
    elif requirement["verdict"] != "holds":
        waiver = requirement["waiver"]
        reason = f": {waiver['reason']} ({waiver['link']})" if waiver and found else ""
        ET.SubElement(case, "skipped", message=_clean(requirement["verdict"] + reason))


def _lines(found: list[Record]) -> Iterator[str]:
    """Each headline once, and below it the tests that found it."""
    tests: dict[str, list[str]] = {}
    for finding in found:
        tests.setdefault(finding["headline"], []).append(finding["test"])
    for headline, names in tests.items():
        yield headline
        yield from (f"  {name}" for name in dict.fromkeys(names))


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("\ufffd", text)
