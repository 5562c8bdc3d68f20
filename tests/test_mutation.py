"""What is said of the mutants of the code that judges, without a run of them."""

import json
import tomllib
from pathlib import Path

import pytest

from tests import mutation

MODULE, FUNCTION = "spec.one", "spec.one.is_small"
MARK = "__mutmut_"
EXCUSE = """
[[mutant]]
function = "{function}"
is = "return a < 1"
becomes = "return a < {limit}"
reason = "No number is so."
"""


@pytest.fixture(autouse=True)
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The copy, with a module of one function and twenty mutants of it, of which none was run."""
    bodies = {"orig": "1", **{f"{number}": f"{number + 1}" for number in range(1, 21)}}
    (tmp_path / "spec").mkdir()
    (tmp_path / "spec" / "one.py").write_text(
        "\n".join(
            f"def x_is_small{MARK}{key}(a):\n    return a < {limit}\n"
            for key, limit in bodies.items()
        )
    )
    monkeypatch.setattr(mutation, "COPY", tmp_path)
    monkeypatch.setattr(mutation, "RESULTS", tmp_path / "results.jsonl")
    monkeypatch.setattr(mutation, "EQUIVALENT", tmp_path / "mutation.toml")
    excuse(tmp_path)
    return tmp_path


def excuse(folder: Path, *limits: int, function: str = FUNCTION) -> None:
    """Excuse these mutants, and no others."""
    rows = (EXCUSE.format(function=function, limit=limit) for limit in limits)
    (folder / "mutation.toml").write_text("".join(rows))


def note(*states: str) -> None:
    """Note what became of the first mutants."""
    made = mutation.edits([MODULE]).values()
    rows = [{"edit": edit, "state": state} for edit, state in zip(made, states, strict=False)]
    with mutation.RESULTS.open("a") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)


def last_row() -> str:
    """The figures of the module."""
    return mutation.summary([MODULE])[0].splitlines()[-1]


@pytest.mark.parametrize(
    ("name", "function"),
    [
        (f"spec.answers.sameness.x_same{MARK}3", "spec.answers.sameness.same"),
        (f"spec.answers.sameness.x__same_day{MARK}12", "spec.answers.sameness._same_day"),
        (f"spec.exchange.x\u01c1Request\u01c1header{MARK}1", "spec.exchange.Request.header"),
    ],
)
def test_a_mutant_is_told_by_the_function_that_it_is_of(name: str, function: str) -> None:
    """As it is written, and not as Mutmut calls it."""
    assert mutation.plain(name) == function


def test_a_mutant_is_known_by_its_lines_and_its_function(copy: Path) -> None:
    """What was found of it no longer counts where the function is another one."""
    made = mutation.edits([MODULE])
    assert len(made) == 20
    first = made[f"{MODULE}.x_is_small{MARK}1"]
    assert first[:3] == (FUNCTION, "return a < 1", "return a < 2")
    note("killed")
    assert mutation.results() == {first: "killed"}
    path = copy / "spec" / "one.py"
    path.write_text(path.read_text().replace("(a):\n", "(a, b=0):\n"))
    again = mutation.edits([MODULE])[f"{MODULE}.x_is_small{MARK}1"]
    assert again[:3] == first[:3]
    assert again not in mutation.results()


def test_what_became_of_a_mutant_in_the_end_counts() -> None:
    """One that survived may be killed by a later test; where nothing was run, nothing is known."""
    assert mutation.results() == {}
    note("survived", "survived")
    note("killed")
    assert [*mutation.results().values()] == ["killed", "survived"]


def test_of_a_hundred_mutants_five_may_survive() -> None:
    """Of twenty one; a mutant that was not run is as one that survived."""
    note(*["killed"] * 17, "timeout", "crash", "survived")
    text, good = mutation.summary([MODULE])
    survivor = [f"{FUNCTION}: survived", "  - return a < 1", "  + return a < 21"]
    assert text.splitlines()[:3] == survivor
    assert (good, last_row()) == (True, "| `spec.one` | 20 | 19 | 0 | 1 | 95.0 % |")
    note("survived")
    assert last_row() == "| `spec.one` | 20 | 18 | 0 | 2 | 90.0 % |"
    assert not mutation.summary([MODULE])[1]


def test_a_mutant_that_was_not_run_is_open() -> None:
    """Nothing is proved of it."""
    note(*["killed"] * 18)
    text, good = mutation.summary([MODULE])
    assert text.count(": not run\n") == 2
    assert (good, last_row()) == (False, "| `spec.one` | 20 | 18 | 0 | 2 | 90.0 % |")


def test_an_excused_mutant_does_not_count(copy: Path) -> None:
    """Unless a test kills it after all."""
    note(*["killed"] * 18, "survived", "survived")
    excuse(copy, 2, 21)
    assert last_row() == "| `spec.one` | 20 | 18 | 1 | 1 | 94.7 % |"
    excuse(copy, 20, 21)
    assert mutation.summary([MODULE])[1]
    assert last_row() == "| `spec.one` | 20 | 18 | 2 | 0 | 100.0 % |"


def test_an_excuse_of_no_mutant_is_refused(copy: Path) -> None:
    """Whose function has changed since; one of a module that is not asked for is left alone."""
    note(*["killed"] * 20)
    assert mutation.summary([MODULE])[1]
    excuse(copy, 22)
    text, good = mutation.summary([MODULE])
    refused = [f"{FUNCTION}: mutation.toml has no such mutant", "  - return a < 1"]
    assert (good, text.splitlines()[:2]) == (False, refused)
    assert last_row() == "| `spec.one` | 20 | 20 | 0 | 0 | 100.0 % |"
    excuse(copy, 22, function="spec.oneself.is_small")
    assert mutation.summary([MODULE])[1]


def test_each_excuse_has_a_reason() -> None:
    """And is of a module that judges, whose mutants are made."""
    rows = tomllib.loads(Path(__file__).with_name("mutation.toml").read_text("utf-8"))
    assert all(row["reason"].endswith(".") for row in rows["mutant"])
    told = [(row["function"], row["is"], row["becomes"]) for row in rows["mutant"]]
    assert len({*told}) == len(told)
