"""Each package of each command is pinned with hashes, by one list, and its licence is known."""

import re
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent.parent / "requirements"
NEEDS = sorted(path.stem for path in FOLDER.glob("*.in"))
PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;]+)( ; [^\\]+)?", re.MULTILINE)
"""Name, version and the systems it is for."""


def normal(name: str) -> str:
    """The name as the index compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def text(name: str) -> str:
    """A file of the folder."""
    return (FOLDER / name).read_text(encoding="utf-8")


def pins(name: str) -> dict[str, str]:
    """The version of each package in a file."""
    return {normal(package): version for package, version, _ in PIN.findall(text(name))}


def needed(name: str) -> set[str]:
    """The packages that a command names, and those of the files that it includes."""
    lines = [line for line in text(name).splitlines() if line and not line.startswith("#")]
    files = [line.removeprefix("-r ") for line in lines if line.startswith("-r ")]
    own = {normal(line) for line in lines if not line.startswith("-")}
    return own.union(*map(needed, files))


@pytest.mark.parametrize("name", NEEDS)
def test_the_pins_of_a_command_are_those_of_the_one_list(name: str) -> None:
    """`tox run -e pins` was run after the last change of a version or of a need."""
    locked = pins(f"{name}.txt")
    assert needed(f"{name}.in") <= set(locked)
    assert locked.items() <= pins("constraints.txt").items()


@pytest.mark.parametrize("name", NEEDS)
def test_each_pin_has_a_hash(name: str) -> None:
    """What is installed is what was there when the version was chosen."""
    packages = re.split(r"^(?=[A-Za-z0-9])", text(f"{name}.txt"), flags=re.MULTILINE)
    assert [each for each in packages if each.strip() and "--hash=sha256:" not in each] == []


def test_each_pin_is_needed() -> None:
    """A package that no command needs any longer leaves the list."""
    locked = set[str]().union(*(pins(f"{name}.txt") for name in NEEDS))
    assert locked == set(pins("constraints.txt"))


def test_no_file_names_an_index() -> None:
    """Where packages come from is for whoever installs them to say."""
    for path in FOLDER.iterdir():
        assert "://" not in path.read_text(encoding="utf-8")


def test_the_licence_of_each_package_is_listed() -> None:
    """`tox run -e licences` was run after the last change; those of other systems are not there."""
    rows = re.findall(r"^\| (\S+) +\| (\S+) +\|", text("licences.md"), re.MULTILINE)
    listed = {(normal(name), version) for name, version in rows}
    everywhere = {
        (normal(package), version)
        for name in NEEDS
        for package, version, only in PIN.findall(text(f"{name}.txt"))
        if not only
    }
    assert everywhere <= listed


def test_a_run_needs_no_package_that_asks_for_the_source_of_what_uses_it() -> None:
    """None is under a licence of the GPL's kind, and none is of an unknown one."""
    rows = re.findall(r"^\| (\S+) .*(?:GPL|GNU General|UNKNOWN)", text("licences.md"), re.MULTILINE)
    assert not set(map(normal, rows)) & set(pins("report.txt"))
