"""The commands that README and docs show: what each is, and what it would run."""

import configparser
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from typing_extensions import override

ROOT = Path(__file__).parent.parent
PAGES = sorted(
    path
    for path in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *ROOT.glob(".github/**/*.md"))
    if path.parent.name != "generated" and path.name != "CHANGELOG.md"
)
PROGRAMS = ("tox", "python", "pytest", "pip", "invoice-mirror")
"""What a command of a page may start, besides the words of a shell in `SHELL`."""
SHELL = ("export", "git", "cd", "docker", "node", "wait", "curl")
_TOX = configparser.ConfigParser(interpolation=None)
_TOX.read(ROOT / "tox.ini", encoding="utf-8")


@dataclass(frozen=True, slots=True)
class Command:
    """One command line of a page; `program` is without its folder, `shown` as a page has it."""

    page: str
    line: int
    shown: str
    program: str
    words: tuple[str, ...]

    @override
    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def commands() -> list[Command]:
    """Each command of each page: those of its `sh` blocks, and those that a sentence names."""
    return [
        Command(str(page.relative_to(ROOT)), line, each, _name(program), tuple(rest))
        for page in PAGES
        for line, shown in _shown(page.read_text(encoding="utf-8"))
        for each in shown.split(" && ")
        if (words := _words(each))
        for program, *rest in (words,)
    ]


def _name(program: str) -> str:
    return PurePosixPath(program).name.replace("python3", "python")


def _words(shown: str) -> list[str]:
    """Without a comment and the variables that are set for this command alone."""
    words = shlex.split(shown, comments=True)
    while words and re.match(r"\w+=", words[0]):
        words.pop(0)
    return words


def _shown(text: str) -> Iterator[tuple[int, str]]:
    language = None
    for number, line in enumerate(text.splitlines(), 1):
        if line.lstrip().startswith("```"):
            language = None if language is not None else line.strip().strip("`")
        elif language == "sh":
            yield number, line
        elif language is None:
            named = re.findall(r"`((?:tox|python -m|pytest|pip) [^`]+)`", line)
            yield from ((number, each) for each in named)
        elif not language and re.match(rf"({'|'.join(PROGRAMS)})\b", line):
            raise AssertionError(f"line {number}: a block of commands is marked as sh")


def environments() -> dict[str, list[str]]:
    """The commands of each tox environment, with {posargs} where those of the user go."""
    found = {}
    for section in _TOX.sections():
        if "description" in _TOX[section]:
            text = _replaced(_TOX[section]["commands"]).replace("\\\n", " ")
            for name in _expanded(section.removeprefix("testenv:")):
                found[name] = [
                    each.strip().removeprefix("- ") for each in text.strip().splitlines()
                ]
    return found


def _expanded(name: str) -> list[str]:
    """The names that a section such as `tests{,-py311}` is for."""
    head, brace, rest = name.partition("{")
    return [head + each for each in rest.rstrip("}").split(",")] if brace else [name]


def _replaced(text: str) -> str:
    """With the values of other sections in place of `{[section]key}`."""
    while found := re.search(r"\{\[(\w+)\](\w+)\}", text):
        text = text.replace(found[0], " ".join(_TOX[found[1]][found[2]].split()))
    return text


def run_by(command: Command) -> list[list[str]]:
    """What a command runs in the end: itself, or the commands of the tox environment it names."""
    if command.program != "tox" or command.words[:2] != ("run", "-e"):
        return [[command.program, *command.words]]
    given = command.words[command.words.index("--") + 1 :] if "--" in command.words else ()
    return [_with(line, shlex.join(given)) for line in environments()[command.words[2]]]


def _with(line: str, given: str) -> list[str]:
    """A command with what was given, or the default, in place of {posargs}."""
    return shlex.split(re.sub(r"\{posargs:?(.*?)\}", lambda usual: given or usual[1], line))
