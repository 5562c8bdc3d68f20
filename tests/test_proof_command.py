"""The proof as a command, and that a real run of the suite says the same."""

import re
import signal
import sys
from contextlib import closing
from datetime import UTC, datetime
from itertools import pairwise

import pytest

from proof.__main__ import RUN, options, seeds_of
from proof.result import survivors
from reference.mutants import catalogue
from reference.mutants.mutant import Mutant
from reference.mutants.server import Server
from reference.store import Store
from tests.mutants import broken, suite
from tests.running import FORBIDDEN, KEY, Result, interrupted, python

CATALOGUE = {mutant.name: mutant for mutant in catalogue()}


def proof(*arguments: str) -> Result:
    """Run the command to its end."""
    return python("-m", "proof", *arguments)


def judged(mutant: Mutant, place: str) -> Result:
    """A real run against this server, on a real socket, as a user would start it."""
    orders = {"ORD-1": datetime(2020, 1, 1, tzinfo=UTC)}
    with (
        closing(Store({KEY: True, FORBIDDEN: False}, orders)) as store,
        mutant.mutate(Server()).serving(store) as url,
    ):
        return suite(url, place=place)


def test_chosen_servers_are_proven_under_several_seeds() -> None:
    """One mutant and one conforming server, with a socket and without, in two processes."""
    result = proof("forgets url.type", "answers come byte by byte", "--seeds", "2", "--workers=2")
    assert result.status == 0, result.output
    assert "2 of 2 servers" in result.output
    assert "1 killed, 1 green" in result.output


@pytest.mark.parametrize(
    ("profile", "seeds"), [("gate", [None, 1, 2]), ("smoke", [None, 1, 2]), ("deep", [1, 2, 3])]
)
def test_a_profile_that_draws_anew_has_a_seed_each_time(
    profile: str, seeds: list[int | None]
) -> None:
    """So that a server that is not as it should be can be asked the same again."""
    given = options(["--hypothesis-profile", profile, "--seeds", "3"])
    assert seeds_of(given) == seeds


def test_the_survivors_of_the_result_are_proven_again() -> None:
    """All of them and no other; where there are none, no server is chosen."""
    result = proof("--survivors")
    known = len(survivors())
    assert result.status in (0, 1, 4), result.output
    assert (f"{known} of {known} server" if known else "no server") in result.output


def test_the_findings_of_a_mutant_are_counted() -> None:
    """It is run to its end, and told as one finding."""
    result = proof("forgets url.type", "--findings")
    assert result.status == 0, result.output
    assert "1 finding of 1 mutant: median 1, 95th percentile 1, most 1, 100.0%" in result.output


def test_a_proof_that_is_stopped_ends_with_2_and_says_how_far_it_came() -> None:
    """A part that is good proves nothing of the rest."""
    words = (sys.executable, "-m", "proof", "forgets")
    done = interrupted(words, r"^0 of \d+ servers", signal.SIGTERM)
    assert done.status == 2, done.output
    told = r"python -m proof: stopped after \d+ of \d+ servers\."
    assert re.search(told, done.output), done.output
    assert "Traceback" not in done.output


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("this is not the name of a server",), "no server has such a name"),
        (("--suite", "nowhere"), "invalid choice: 'nowhere'"),
        (("--seeds", "0"), "'0' is not a positive whole number"),
    ],
)
def test_a_wrong_request_is_refused_in_a_sentence(
    arguments: tuple[str, ...], sentence: str
) -> None:
    """Status 4, and no traceback."""
    result = proof(*arguments)
    assert result.status == 4
    assert sentence in result.output
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    "name",
    [
        "money is kept in single precision",
        "the status may end in a line break",
        "an empty key is right",
        "text is taken for json",
    ],
)
def test_a_real_run_names_what_the_mutant_breaks(name: str) -> None:
    """The suite of the mutant, run as a user would, fails with a requirement that it breaks."""
    mutant = CATALOGUE[name]
    result = judged(mutant, f"suites/test_{mutant.suite}.py")
    assert result.status == 1, result.output
    assert any(map(mutant.is_named_by, broken(result))), broken(result)


@pytest.mark.parametrize(
    ("name", "place"),
    [("duplicates are refused", "unspecified"), ("bodies are zipped and chunked", "http")],
)
def test_a_real_run_is_green_on_a_conforming_server(name: str, place: str) -> None:
    """No requirement is named, and the status is 0."""
    result = judged(CATALOGUE[name], f"suites/test_{place}.py")
    assert (result.status, broken(result)) == (0, set()), result.output


def test_the_proof_asks_in_the_order_of_a_run() -> None:
    """After how many requests a mutant is detected depends on it, whatever plugin is installed."""
    assert ("-p", "no:randomly") in pairwise(RUN)
