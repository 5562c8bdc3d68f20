"""How a run ends: each exit status has a server or an event that causes it."""

import json
import re
import signal
import socket
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import pytest

from reference import answer, invoice
from reference.refusal import Problem, Refusal
from reference.service import Steps
from reports.record import PROVEN
from run.ending.closing import in_hand
from run.exit_status import Ending
from targets.pace import Turns
from tests.running import (
    ENVIRONMENT,
    KEY,
    ORDER,
    ROOT,
    command,
    interrupted,
    server,
    suite,
)

GAINED = """\
        discount:
          type: number
"""
NEAR = "test_a_near_miss_is_refused and sku"


def _long_skus(payload: object) -> tuple[Problem, ...]:
    return tuple(
        problem
        for problem in invoice.check(payload)
        if (problem.location[-1:], problem.kind) != (("sku",), "string_too_long")
    )


def _nameless(refusal: Refusal) -> dict[str, object]:
    return {**answer.explain(refusal), "code": ""}


def test_a_conforming_server_ends_with_0() -> None:
    """The reference conforms in a small run; the header and the summary say what was done, and as
    many tests are collected, also where they are only listed, as are told of at the end.
    """
    result = suite("--hypothesis-profile", "smoke")
    assert result.status == 0, result.output
    listed = suite("--hypothesis-profile", "smoke", "--collect-only")
    counts = [
        re.search(pattern, each.output)
        for each in (result, listed)
        for pattern in (r"collected (\d+) items", r"requests planned: about (\d+)")
    ]
    assert all(counts), result.output
    tests, requests = {found[1] for found in counts[::2] if found}, counts[1::2]
    assert len({found[1] for found in requests if found}) == 1
    ended = re.search(r"= (\d+) passed, (\d+) skipped in ", result.output)
    assert ended is not None
    assert tests == {str(int(ended[1]) + int(ended[2]))}
    for words in ("target: reference (http://127.0.0.1:", "requests planned: about", " hold"):
        assert words in result.output
    assert re.search(r"\d+ requests sent, \d+ invoices created, in ", result.output)


def test_a_broken_requirement_ends_with_1_and_is_explained() -> None:
    """A server forgets one limit: requirement, clause, location, case and a curl line are shown."""
    with server(replace(Steps(), check=_long_skus)) as url:
        result = suite("--base-url", url, *ORDER, "-k", NEAR)
    assert result.status == 1, result.output
    for words in (
        "broken  items[].sku.maxLength (MUST) at items[",
        "[Accepted invalid input] expected 400",
        "clause     spec/openapi.yaml:285",
        "].sku of 256 characters",
        "test_a_near_miss_is_refused[items[].sku.maxLength]",
    ):
        assert words in result.output
    for words in ("Traceback", "FAILED", "= FAILURES ="):
        assert words not in result.output


def test_verbose_shows_every_failing_case_too() -> None:
    """With -v pytest shows each failing test, as a sentence, a clause and a curl line."""
    with server(replace(Steps(), check=_long_skus)) as url:
        result = suite("--base-url", url, *ORDER, "-k", NEAR, "-v")
    for words in (
        "= FAILURES =",
        "[Accepted invalid input] items[].sku.maxLength (MUST): expected 400",
        "256 ASCII characters in items[",
        '-H "X-API-Key: $WIZCOMMERCE_API_KEY"',
        "FAILED suites/test_rejection.py::test_a_near_miss_is_refused[items[].sku.maxLength]",
    ):
        assert words in result.output
    assert "Traceback" not in result.output


def test_a_broken_should_is_noted_but_passes_where_only_musts_fail() -> None:
    """An empty error code is a SHOULD: it fails a run by default, and not with --level must."""
    with server(replace(Steps(), explain=_nameless)) as url:
        strict = suite("--base-url", url, *ORDER, "-k", NEAR)
        lenient = suite("--base-url", url, *ORDER, "-k", NEAR, "--level", "must")
    assert (strict.status, lenient.status) == (1, 0), strict.output + lenient.output
    assert "noted   4xx.code.minLength (SHOULD)" in lenient.output.replace("noted  4", "noted   4")
    assert "the server conforms, apart from 1 noted finding" in lenient.output


def test_a_requirement_that_is_not_covered_ends_with_6(tmp_path: Path) -> None:
    """No answer of the reference has a date that was not sent, so a proof without one tells."""
    name = "201.data.updated_at.date-time"
    proof = json.loads(PROVEN.read_text(encoding="utf-8"))
    assert proof["requirements"].pop(name)
    other = tmp_path / "result.json"
    other.write_text(json.dumps(proof), encoding="utf-8")
    options = ("--hypothesis-profile", "smoke", "-p", "tests.plugins.another_proof")
    keys = {**ENVIRONMENT, "PROVEN": str(other)}
    whole, part = suite(*options, keys=keys), suite(*options, "-k", NEAR, keys=keys)
    assert (whole.status, part.status) == (6, 0), whole.output + part.output
    assert f"1 requirement not covered: neither observed in this run nor proven ({name})" in (
        whole.output
    )
    assert "not covered" not in part.output


def test_what_an_answer_need_not_have_is_not_observed_by_another_document(tmp_path: Path) -> None:
    """Nothing is proven of that document, and its new property is told, but no doubt."""
    text = (ROOT / "spec" / "openapi.yaml").read_text(encoding="utf-8")
    known = "        item_total:\n"
    document = tmp_path / "openapi.yaml"
    document.write_text(text.replace(known, GAINED + known, 1), encoding="utf-8")
    result = suite("--document", str(document), "--hypothesis-profile", "smoke")
    assert result.status == 0, result.output
    assert "not observed: 201.data.items[].discount.type" in result.output


def test_workers_find_the_same() -> None:
    """With two workers the same requirement is named and the counts are those of one process."""
    with server(replace(Steps(), check=_long_skus)) as url:
        alone = suite("--base-url", url, *ORDER, "-k", NEAR)
        shared = suite("--base-url", url, *ORDER, "-k", NEAR, "-n", "2")
    pattern = re.compile(r"broken  .*|\d+ requests sent, \d+ invoices created")
    assert shared.status == alone.status == 1
    assert pattern.findall(shared.output) == pattern.findall(alone.output)


def test_an_interrupted_run_ends_with_2_and_leaves_results_but_no_server(tmp_path: Path) -> None:
    """Ctrl-C during a run: status 2, the results so far are written, the reference has stopped."""
    junit, results = tmp_path / "junit.xml", tmp_path / "allure"
    words = command("-v", "--junitxml", str(junit), "--alluredir", str(results))
    done = interrupted(words, "PASSED", signal.SIGINT)
    assert done.status == 2, done.output
    assert re.search("! Interrupted: by SIGINT after [0-9]+ of [0-9]+ tests !", done.output)
    assert "Traceback" not in done.output
    assert "test_an_unknown_order" in junit.read_text(encoding="utf-8")
    assert list(results.glob("*-result.json"))
    found = re.search(r"target: reference \((http\S+)\)", done.output)
    assert found, done.output
    address = urlsplit(found[1])
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((address.hostname, address.port), 5)


def test_ctrl_c_twice_at_the_start_ends_with_2_and_shows_no_traceback() -> None:
    """The second one comes while the run ends."""
    done = interrupted(command(), "", signal.SIGINT, signal.SIGINT)
    assert done.status == 2, done.output
    assert "Traceback" not in done.output


@pytest.mark.quick
@pytest.mark.parametrize("at", ["preflight", "collection"])
def test_an_interrupt_before_the_first_test_is_told_and_recorded(at: str, tmp_path: Path) -> None:
    """One sentence and no place of ours; what was not counted to its end is not told."""
    plugin = ("-p", "tests.plugins.interrupting", "--reports", str(tmp_path), "-q")
    where = ("--hypothesis-profile", "smoke", "-k", NEAR)
    result = suite(*plugin, *where, keys={**ENVIRONMENT, "AT": at})
    assert result.status == 2, result.output
    assert "! Interrupted: by SIGTERM before the first test had ended !" in result.output
    for words in ("KeyboardInterrupt", "plugin.py", "requests planned", "Traceback"):
        assert words not in result.output
    record = json.loads((tmp_path / "run.json").read_text(encoding="utf-8"))
    assert (record["run"]["outcome"], record["run"]["exit_status"]) == ("interrupted", 2)


@pytest.mark.quick
def test_a_bug_of_the_suite_ends_with_3() -> None:
    """An oracle that raises is the fault of the suite, not of the server."""
    result = suite("-k", NEAR, "-p", "tests.plugins.broken_oracle")
    assert result.status == 3, result.output


def test_a_crashed_worker_is_not_a_green_run() -> None:
    """The test of a worker that dies gives no verdict: the run says so and does not end with 0."""
    result = suite("-k", NEAR, "-n", "2", "-p", "tests.plugins.dying_worker")
    assert result.status == 3, result.output
    assert "crashed" in result.output


def test_a_selection_of_nothing_ends_with_5() -> None:
    """No test has that name: nothing ran, and that is not a success."""
    assert suite("-k", "no_such_test").status == 5


@pytest.mark.quick
@pytest.mark.parametrize("address", ["http://127.0.0.1:{port}", "https://no-such-host.invalid"])
def test_an_unreachable_host_ends_with_6(address: str) -> None:
    """Nobody listens there, or the name does not resolve: the run could not tell."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        result = suite("--base-url", address.format(port=bound.getsockname()[1]))
    assert result.status == 6, result.output
    assert "could not tell: Cannot connect to" in result.output


def test_what_each_worker_tells_of_an_outage_is_one_sentence() -> None:
    """Each knows it from another request on, in another test; another doubt stays."""
    away = "The target has been unreachable since about request {}. To see which, run pytest {}."
    refused = "The key has been refused since about request {} (401)"
    told = [away.format(70, "a"), refused.format(7), away.format(47, "b"), refused.format(9)]
    assert Ending(doubts=[*told, "No more."]).sentences == [told[0], told[1], "No more."]


@pytest.mark.quick
def test_a_refused_key_ends_with_6() -> None:
    """The server refuses the key of the environment: the sentence names the variable."""
    with server() as url:
        result = suite("--base-url", url, keys={"WIZCOMMERCE_API_KEY": "some-other-key"})
    assert result.status == 6, result.output
    assert "refuses the key in WIZCOMMERCE_API_KEY with 401" in result.output
    assert "some-other-key" not in result.output


@pytest.mark.quick
def test_a_spent_budget_ends_with_6() -> None:
    """--max-requests is kept, and a run that could not send everything is not green."""
    result = suite("--max-requests", "50")
    assert result.status == 6, result.output
    assert "50 requests sent" in result.output
    assert "--max-requests allows" in result.output


def test_no_key_is_printed_for_a_server_that_repeats_it(tmp_path: Path) -> None:
    """An error that repeats the key is a finding, and the key is masked in all that is written."""

    def with_key(refusal: Refusal) -> dict[str, object]:
        return {**answer.explain(refusal), "message": f"you sent {KEY}"}

    junit, results = tmp_path / "junit.xml", tmp_path / "allure"
    with server(replace(Steps(), explain=with_key)) as url:
        files = ("--junitxml", str(junit), "--alluredir", str(results))
        result = suite("--base-url", url, *ORDER, "-k", NEAR, *files)
    assert result.status == 1
    assert "response.secret" in result.output
    assert KEY not in result.output
    written = [path for path in (junit, *results.iterdir()) if path.is_file()]
    assert len(written) > 1
    assert not [path for path in written if KEY in path.read_text(encoding="utf-8")]


def test_what_workers_had_in_hand_is_told_of_an_interrupted_run(tmp_path: Path) -> None:
    """They have no time to tell of it; without workers all is counted."""
    total = SimpleNamespace(requests=3)
    run: Any = SimpleNamespace(opened=True, open=SimpleNamespace(directory=tmp_path), total=total)
    assert in_hand(run) == []
    worker = Turns(tmp_path)
    for _ in range(5):
        worker.count()
    (told,) = in_hand(run)
    assert told.startswith("At least 2 requests more had been sent when it was interrupted: ")
    total.requests = 5
    assert in_hand(run) == []
