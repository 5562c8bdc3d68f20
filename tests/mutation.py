"""`python -m tests.mutation [MODULE ...]`: say which mutants of the code that judges survive.

Mutmut makes the mutants, all in one copy of `spec` with a switch, and the tests are collected once.
Each mutant is then a fork, which remembers nothing of another one; mutmut's own forks are ended by
a clock, so that on a busy machine every mutant would seem to be killed. What is once killed is not
run again while its function is the same; without `mutants/results.jsonl` all are.
"""

import ast
import gc
import hashlib
import json
import os
import resource
import shutil
import signal
import sys
import time
import tomllib
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from difflib import unified_diff
from functools import partial
from importlib import import_module
from itertools import accumulate
from pathlib import Path
from typing import Any

import pytest
from _pytest.runner import runtestprotocol

ROOT = Path(__file__).parent.parent
COPY = ROOT / "mutants"
RESULTS = COPY / "results.jsonl"
EQUIVALENT = Path(__file__).with_name("mutation.toml")
KILLED = ("killed", "timeout", "crash")
LEAST = 95
"""Percent of the mutants of each module that are killed, of those that are not equivalent."""
SECONDS, TIMES = 20, 3
"""What a mutant may take: so much time of the processor, and so many times what its tests take."""
ENOUGH = 12.0
"""Seconds of tests for each mutant, first those that call little else and are fast."""
RECENT = 10
"""Tests that killed other mutants, which are asked first."""


@dataclass
class Mutants:
    """The mutants of some modules, and a plugin of pytest that runs them."""

    modules: list[str]
    names: list[str] = field(default_factory=list)

    def write(self) -> None:
        """Make the copy, with all mutants in it."""
        for folder in ("spec", "tests"):
            shutil.rmtree(COPY / folder, ignore_errors=True)
        unwanted = shutil.ignore_patterns("__pycache__")
        for folder in ("spec", "tests"):
            shutil.copytree(ROOT / folder, COPY / folder, ignore=unwanted)
        for file in ("conftest.py", "pyproject.toml"):
            shutil.copy(ROOT / file, COPY)
        mutate = import_module("mutmut.mutation.file_mutation").mutate_file_contents
        for module in self.modules:
            path = COPY / f"{module.replace('.', '/')}.py"
            made = mutate(str(path), path.read_text("utf-8"))
            path.write_text(made.code, "utf-8")
            self.names += [f"{module}.{name}" for name in made.mutant_names]

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Run the tests of each mutant in a fork, instead of all tests once."""
        items = {item.nodeid: item for item in session.items}
        tests, seconds = self._reached(session.items)
        killers = defaultdict[str, list[str]](list)
        made = edits(self.modules)
        killed = {edit for edit, state in results().items() if state in KILLED}
        with RESULTS.open("a", encoding="utf-8") as file:
            for done, name in enumerate(self.names, 1):
                if made[name] in killed:
                    continue
                function = name.rpartition("__mutmut_")[0]
                killed_others = (*reversed(killers[function]), *reversed(killers[_module(name)]))
                order = _enough(tests.get(function, []), killed_others, seconds)
                limit = SECONDS + int(TIMES * sum(seconds[test] for test in order))
                asked = [items[test] for test in order]
                state, killer = _forked(partial(_killer, asked), name, limit)
                if killer in items:
                    killers[function].append(killer)
                    killers[_module(name)].append(killer)
                row = {"edit": made[name], "state": state, "killer": killer}
                file.write(json.dumps(row) + "\n")
                file.flush()
                if sys.stderr.isatty():
                    sys.stderr.write(f"\r{done} of {len(self.names)}")
        return True

    def _reached(
        self, items: list[pytest.Item]
    ) -> tuple[dict[str, list[str]], defaultdict[str, float]]:
        """The tests that call each function, the ones that call little else first, and how long
        each takes; all pass.
        """
        file = COPY / "reached.json"

        def reach() -> str:
            hits = import_module("mutmut.state").state()._stats  # noqa: SLF001
            tests, seconds = defaultdict[str, list[str]](list), dict[str, float]()
            for item, following in zip(items, (*items[1:], None), strict=True):
                hits.clear()
                start = time.process_time()
                if _fails(item, following):
                    return item.nodeid
                seconds[item.nodeid] = time.process_time() - start
                for function in hits:
                    tests[function].append(item.nodeid)
            calls = Counter(test for called in tests.values() for test in called)
            for called in tests.values():
                called.sort(key=lambda test: calls[test] * seconds[test])
            file.write_text(json.dumps([tests, seconds]), "utf-8")
            return ""

        state, failed = _forked(reach, "stats", 3600)
        if state != "survived":
            pytest.exit(f"without a mutant: {state} {failed}", 1)
        tests, seconds = json.loads(file.read_text("utf-8"))
        return tests, defaultdict(float, seconds)


def _enough(
    tests: list[str], killed_others: Iterable[str], seconds: Mapping[str, float]
) -> list[str]:
    """The tests of a mutant, in order."""
    known = set(tests)
    first = [test for test in dict.fromkeys(killed_others) if test in known][:RECENT]
    ends = zip(tests, accumulate(seconds[test] for test in tests), strict=True)
    return list(dict.fromkeys((*first, *(test for test, end in ends if end <= ENOUGH))))


def _killer(items: list[pytest.Item]) -> str:
    """The first test that fails; empty if none does."""
    pairs = zip(items, (*items[1:], None), strict=True)
    return next((item.nodeid for item, following in pairs if _fails(item, following)), "")


def _fails(item: pytest.Item, following: pytest.Item | None) -> bool:
    return any(report.failed for report in runtestprotocol(item, log=False, nextitem=following))


def _forked(work: Callable[[], str], mutant: str, seconds: int) -> tuple[str, str]:
    """What became of a mutant, and what `work` said of it, in a fork of this process."""
    gc.freeze()
    ours, theirs = os.pipe()
    child = os.fork()
    if not child:
        said = "!"
        try:
            resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 5))
            signal.signal(signal.SIGXCPU, signal.SIG_DFL)
            import_module("mutmut.mutation.trampoline").set_mutant_under_test(mutant)
            said = work()
        finally:
            os.write(theirs, said.encode())
            os._exit(bool(said))
    os.close(theirs)
    with os.fdopen(ours, "rb") as pipe:
        said = pipe.read().decode()
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return {0: "survived", 1: "killed", -signal.SIGXCPU: "timeout"}.get(status, "crash"), said


def _module(name: str) -> str:
    return name.rpartition(".")[0]


def results() -> dict[tuple[str, ...], str]:
    """What became of each mutant that was ever run, in the end."""
    lines = RESULTS.read_text("utf-8").splitlines() if RESULTS.exists() else []
    return {tuple(row["edit"]): row["state"] for row in map(json.loads, lines)}


Edit = tuple[str, str, str, str]


def edits(modules: Iterable[str]) -> dict[str, Edit]:
    """Of each mutant, its function, the lines that it takes away and those that it adds, and what
    tells it from another one, and its function from an earlier one.
    """
    found, alike = {}, Counter[tuple[str, ...]]()
    for module in modules:
        text = (COPY / f"{module.replace('.', '/')}.py").read_text("utf-8")
        functions = {
            node.name: ast.unparse(node).replace(node.name, "").splitlines()
            for node in ast.walk(ast.parse(text))
            if isinstance(node, ast.FunctionDef) and "__mutmut_" in node.name
        }
        for name, lines in functions.items():
            before, _, number = name.rpartition("__mutmut_")
            if number == "orig":
                continue
            difference = list(unified_diff(functions[f"{before}__mutmut_orig"], lines, n=0))[2:]
            taken, added = (
                " ".join(line[1:].strip() for line in difference if line[0] == sign)
                for sign in "-+"
            )
            source = "\n".join(functions[f"{before}__mutmut_orig"]).encode()
            function = plain(f"{module}.{name}")
            alike[function, taken, added] += 1
            state = f"{hashlib.sha256(source).hexdigest()[:16]}.{alike[function, taken, added]}"
            found[f"{module}.{name}"] = function, taken, added, state
    return found


def summary(modules: Collection[str]) -> tuple[str, bool]:
    """The survivors that nothing excuses and the excuses of no mutant, with the figures of each
    module; and whether those are few enough, and each excuse is of a mutant.
    """
    known, made = results(), edits(modules)
    excused = {(row["function"], row["is"], row["becomes"]) for row in _equivalent()}
    figures, lines = defaultdict[str, Counter[str]](Counter), list[str]()
    of_these = tuple(f"{module}." for module in modules)
    for stale in sorted(excused - {edit[:3] for edit in made.values()}):
        if stale[0].startswith(of_these):
            lines += [f"{stale[0]}: {EQUIVALENT.name} has no such mutant", *_difference(stale)]
    good = not lines
    for name, edit in made.items():
        state = known.get(edit, "not run")
        if state in KILLED:
            figures[_module(name)]["killed"] += 1
        elif edit[:3] in excused:
            figures[_module(name)]["equivalent"] += 1
        else:
            figures[_module(name)]["open"] += 1
            lines += [f"{edit[0]}: {state}", *_difference(edit)]
    lines.append("| module | mutants | killed | equivalent | open | killed of the others |")
    for module, counts in sorted(figures.items()):
        killed, equal, left = (counts[key] for key in ("killed", "equivalent", "open"))
        share = 100 * killed / max(1, killed + left)
        good = good and share >= LEAST
        cells = (f"`{module}`", counts.total(), killed, equal, left, f"{share:.1f} %")
        lines.append(f"| {' | '.join(map(str, cells))} |")
    return "\n".join(lines), good


def _difference(edit: tuple[str, ...]) -> tuple[str, str]:
    return f"  - {edit[1]}", f"  + {edit[2]}"


def plain(name: str) -> str:
    """The function of a mutant, as it is written: `spec.answers.sameness.same`."""
    module, function = name.rpartition("__mutmut_")[0].rsplit(".", 1)
    parts = function.split("\u01c1")[1:] if "\u01c1" in function else [function.removeprefix("x_")]
    return ".".join((module, *parts))


def _equivalent() -> list[dict[str, Any]]:
    """The mutants that no test can kill, each with its reason."""
    rows: list[dict[str, Any]] = tomllib.loads(EQUIVALENT.read_text("utf-8")).get("mutant", [])
    return rows


def main(modules: list[str]) -> int:
    """Run the mutants of these modules, or of all that judge, and say which survive."""
    os.chdir(ROOT)
    options = tomllib.loads(Path("pyproject.toml").read_text("utf-8"))["tool"]["mutmut"]
    judging = [path.removesuffix(".py").replace("/", ".") for path in options["only_mutate"]]
    if not set(modules) <= {*judging}:
        sys.stderr.write(f"modules: {' '.join(judging)}\n")
        return 2
    mutants = Mutants(modules or judging)
    mutants.write()
    os.chdir(COPY)
    sys.path[:] = [str(COPY), *(path for path in sys.path if Path(path).resolve() != ROOT)]
    del sys.modules["tests"]  # that of the copy is meant
    os.environ["MUTANT_UNDER_TEST"] = ""
    arguments = [
        *options["pytest_add_cli_args"],
        *options["pytest_add_cli_args_test_selection"],
    ]
    status = pytest.main(["--rootdir=.", "-q", *arguments], plugins=[mutants])
    if status not in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
        return int(status)
    text, good = summary(mutants.modules)
    sys.stdout.write(f"{text}\n")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
