"""A server that gives some requests no answer: it is told, and waited for a few times only."""

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from starlette.responses import Response

from causes.hanging import Hanging
from reports import waive
from reports.ledger import UNANSWERED
from run.ending.silence import HURRY, MOST_GIVEN_UP, MOST_SILENT, SHORTEST_WAIT, Silence
from run.ending.slow import PART, SlowAnswers
from spec.exchange import Exchange, HttpFault, Request
from spec.exchange import Response as Answer
from targets.prefetch import AHEAD
from tests.copying import copied
from tests.fronts import Nothing, delayed, fronted
from tests.running import ORDER, python, suite
from tests.waiving import SAID

SECONDS = "2"
"""The time limit of a request."""
MOST_WAITS = 20
"""Requests that are waited for in vain, where some hundred would get no answer."""
MANY = 8
"""Requests in flight at once."""


def _run(folder: Path, concurrency: int) -> tuple[dict[str, Any], int]:
    """The record of a run, and how many of its requests got no answer."""
    unanswered = 0

    def decide(_number: int, body: bytes) -> Response | None:
        nonlocal unanswered
        if b'"status":"OVERPAID"' not in body or body.startswith(b'{"invoice"'):
            return None
        unanswered += 1
        return Nothing()

    options = ("--reports", str(folder), "--request-timeout", SECONDS)
    with fronted(decide) as url:
        result = suite("--base-url", url, *ORDER, *options, "--concurrency", str(concurrency))
    assert result.status == 1, result.output
    told = [line for line in result.output.splitlines() if line.endswith(UNANSWERED)]
    assert len([line for line in told if line.startswith("SKIPPED")]) == 1
    return json.loads((folder / "run.json").read_text(encoding="utf-8")), unanswered


@pytest.fixture(scope="module")
def silent(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], int]:
    """A run that sends one request at a time to a server that never answers some."""
    return _run(tmp_path_factory.mktemp("silent"), 1)


def test_what_is_never_answered_is_one_finding_and_not_waited_for(
    silent: tuple[dict[str, Any], int],
) -> None:
    """The smallest difference is told; tests that ask only for more of it are blocked."""
    record, unanswered = silent
    (finding,) = record["findings"]
    assert finding["requirement"] == "response.http"
    assert finding["difference"] == 'status "OVERPAID"'
    assert finding["got"].startswith("none: the server gave no complete answer within 2 s (")
    assert unanswered <= MOST_WAITS
    outcomes = Counter(test["outcome"] for test in record["tests"])
    assert outcomes["failed"] + outcomes["skipped"] < outcomes["passed"]
    blocked = [test for test in record["tests"] if test["message"].startswith("blocked: ")]
    assert {test["outcome"] for test in blocked} == {"skipped"}
    verdicts = {each["name"]: each["verdict"] for each in record["requirements"]}
    unasked = {test["requirement"] for test in blocked} & verdicts.keys()
    assert {verdicts[name] for name in unasked} <= {"blocked", "broken"}  # and none holds


def test_only_what_has_the_same_in_it_is_not_sent(tmp_path: Path) -> None:
    """An escape in the address alone is to blame: all that has none is asked, also where an address
    that has one would have gone with it; of the tests those are blocked that are about it.
    """
    unanswered, others = 0, 0

    def decide(_number: int, body: bytes) -> Response | None:
        nonlocal unanswered, others
        hangs = re.search(rb'"url": ?"[^"]*%', body) is not None
        unanswered, others = unanswered + hangs, others + (not hangs)
        return Nothing() if hangs else None

    options = ("--reports", str(tmp_path), "--request-timeout", SECONDS)
    with fronted(decide) as url:
        result = suite("--base-url", url, *ORDER, *options)
    record = json.loads((tmp_path / "run.json").read_text(encoding="utf-8"))
    assert result.status == 1, result.output
    (finding,) = record["findings"]
    assert finding["requirement"] == "response.http"
    assert unanswered <= MOST_WAITS + AHEAD * MANY
    assert others > 2_100  # nearly all that a gate sends, with or without such an address
    blocked = [test["id"] for test in record["tests"] if test["message"].startswith("blocked: ")]
    assert [each.partition("::")[2] for each in blocked] == [
        "test_a_value_at_the_edge_is_accepted_and_echoed[url.type]",
        "test_an_unusual_value_is_answered_in_good_order[values]",
    ]


def _request(*fields: tuple[str, str], **values: object) -> Request:
    return Request("POST", "/v1/invoices", fields, json.dumps(values).encode())


def test_what_all_have_in_common_that_get_no_answer_is_what_none_has_that_gets_one() -> None:
    """Two reasons are two; a body that lacks a part of what is common is sent."""
    hanging = Hanging()
    for text in ("a", "b", "c-d"):
        hanging.add_answered(_request(sku=text, paid=1.5))
    for text in ("%-a", "b%c", "100%"):
        hanging.add_silent(_request(sku=text, paid=1.5))
        hanging.add_silent(_request(sku="a", paid=-len(text)))
    assert hanging.has(_request(sku="x % y"))
    assert hanging.has(_request(sku="a", paid=-7))
    assert not hanging.has(_request(sku="c-d", paid=7))
    assert not hanging.has(_request(name="100%"))


def test_it_may_be_a_size_or_how_a_request_is_sent() -> None:
    """From so many items on, or with one header field, whatever else is in the request."""
    hanging = Hanging()
    field = ("Expect", "100-continue")
    hanging.add_answered(_request(items=[{"sku": "a" * 9_999}]))
    for size in (1, 40, 7):
        hanging.add_answered(_request(items=[{"sku": "a"}] * size))
        hanging.add_silent(_request(items=[{"sku": f"a{size}"}] * (40 + size)))
        hanging.add_silent(_request(field, items=[{"sku": "a"}] * size))
    assert hanging.has(_request(items=[{"sku": "b"}] * 41))
    assert not hanging.has(_request(items=[{"sku": "b"}] * 40))
    assert hanging.has(_request(field, sku="b"))
    assert not hanging.has(_request(("Expect", "nothing"), sku="b"))


def test_what_is_silent_by_chance_has_nothing_in_common() -> None:
    """What was answered once is no reason, whatever was silent before."""
    hanging = Hanging()
    for number in range(9):
        hanging.add_silent(_request(sku=f"s{number}"))
        hanging.add_answered(_request(sku=f"s{number}"))
    assert not hanging.has(_request(sku="s3"))


def test_what_is_not_waited_for_is_no_finding_at_once_either(tmp_path: Path) -> None:
    """Whatever the test, only what was waited for the whole time limit says anything."""

    def decide(number: int, _body: bytes) -> Response | None:
        return Nothing() if number > 4 and number % 3 == 0 else None

    options = ("--reports", str(tmp_path), "--request-timeout", SECONDS, "-k", "isolation")
    with fronted(decide) as url:
        suite("--base-url", url, *ORDER, *options, "--concurrency", "1")
    record = json.loads((tmp_path / "run.json").read_text(encoding="utf-8"))
    told = [occurrence["got"] for occurrence in record["occurrences"]]
    assert told
    assert all("no complete answer within 2 s" in each for each in told)


def test_what_is_silent_again_and_again_is_waited_for_less_and_less() -> None:
    """A server that leaves out an answer now and then would cost a second each time."""
    request = Request("POST", "/v1/invoices", (), b"{}")
    client: Any = SimpleNamespace(timeout=10.0, disconnect=lambda: None)
    silence, waits = Silence(), []
    for number in range(3 * MOST_SILENT):
        waits.append(client.timeout)
        exchange = Exchange(request, None, "no answer", client.timeout)
        silence.is_judged(client, exchange, f"tests/test_a.py::test_{number}")
    later = [SHORTEST_WAIT] * MOST_SILENT + [SHORTEST_WAIT / HURRY] * MOST_SILENT
    assert waits == [10.0] * MOST_SILENT + later


def test_answers_that_are_too_long_are_read_a_few_times_with_the_whole_time_limit() -> None:
    """They cost as much as those that do not come, and are no reason to wait less for others."""
    request = Request("POST", "/v1/invoices", (), b"{}")
    client: Any = SimpleNamespace(timeout=10.0)
    long = Exchange(request, None, "too long", 0.5, HttpFault.TOO_LONG)
    silence, test = Silence(), "tests/test_a.py::test_a"
    silence.learn_answered(replace(long, response=Answer(201, (), b"{}"), broken=None))
    judged = [silence.is_judged(client, long, test) for _ in range(MOST_SILENT + 2)]
    assert judged == [True] * MOST_SILENT + [False] * 2
    assert client.timeout == 10.0
    assert not silence.takes_time
    assert not silence.is_certain(test)
    silence.is_judged(client, long, test)
    assert silence.is_certain(test)  # which of them are so nobody can say


def test_what_got_no_answer_beside_others_alone_was_waited_for_as_well() -> None:
    """A server that never ends some answers would cost the whole time limit again and again."""
    client: Any = SimpleNamespace(timeout=10.0)
    silence = Silence()
    for _ in range(MOST_SILENT):
        assert client.timeout == 10.0
        silence.count(client)
    assert client.timeout == SHORTEST_WAIT


def test_where_many_tests_waited_in_vain_one_request_of_each_says_enough() -> None:
    """A server that leaves out an answer now and then would take that time in every test."""
    silence = Silence(given_up=Counter({f"test_{number}": 1 for number in range(MOST_GIVEN_UP)}))
    assert silence.is_certain("tests/test_a.py::test_0[another]")
    assert not silence.is_certain("tests/test_a.py::test_other")
    assert not Silence(given_up=Counter(test_0=1)).is_certain("tests/test_a.py::test_0")


def test_what_is_sent_ahead_and_never_answered_is_not_waited_for_either(
    silent: tuple[dict[str, Any], int], tmp_path: Path
) -> None:
    """The same tests fail and are blocked; only what was in flight by then got no answer too."""
    record, unanswered = _run(tmp_path, MANY)
    outcomes = [
        {test["id"]: test["outcome"] for test in each["tests"]} for each in (silent[0], record)
    ]
    assert outcomes[0] == outcomes[1]
    (finding,) = record["findings"]
    assert finding["got"].startswith("none: the server gave no complete answer within 2 s (")
    assert unanswered <= MOST_WAITS + AHEAD * MANY


PROBES = {
    "no items": b'"items":[]',
    "negative amount": b'"amount":-',
    "ESC": rb"\u001b",
    "date without time": b'"due_date":"2024-07-31"',
}
"""Of some probes, in the order in which they are asked, what only their invoices have."""
FEW = (
    "-k",
    "probe and (no and items or negative and amount or ESC or without)",
    "--request-timeout",
    SECONDS,
)
"""Those probes, and one of another date."""


class Silent:
    """A server that answers no invoice of the first so many kinds, and a copy of the suite that has
    a waiver for what is found of all but the last.
    """

    def __init__(self, here: Path) -> None:
        self.kinds, self.here, self.url = MOST_SILENT, copied(here), ""

    def decide(self, _number: int, body: bytes) -> Response | None:
        """Nothing for an invoice of these kinds."""
        plain = body.replace(b'": ', b'":')
        return (
            Nothing() if any(each in plain for each in [*PROBES.values()][: self.kinds]) else None
        )

    def run(self, *options: str) -> tuple[int, dict[str, Any]]:
        """The status and the record of a run of a few probes."""
        where = ("--base-url", self.url, *ORDER, "--reports", "out", *FEW, *options)
        done = python("-m", "pytest", "suites", "-p", "no:cacheprovider", *where, here=self.here)
        return done.status, json.loads((self.here / "out" / "run.json").read_bytes())

    def waive(self, record: Any) -> None:
        """Write a waiver for each finding of a run."""
        said = {**SAID, "expires": "2999-12-31"}
        entries = [waive.entry(record, each, said) for each in record["findings"]]
        file = self.here / "spec" / "waivers.yaml"
        file.write_text(f"waivers:\n{''.join(entries)}", encoding="utf-8")


@pytest.fixture(scope="module")
def waiving(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Silent]:
    """Such a server, of which all is waived that a run finds while it has three kinds."""
    server = Silent(tmp_path_factory.mktemp("waiving") / "suite")
    with fronted(server.decide) as server.url:
        status, record = server.run("--concurrency", "1")
        assert status == 1
        assert record["run"]["doubts"] == []
        server.waive(record)
        yield server


WAYS_TO_RUN = [("--concurrency", "1"), ("--concurrency", "8"), ("-n", "2", "--dist", "loadfile")]


@pytest.mark.parametrize("options", WAYS_TO_RUN, ids=["alone", "many", "workers"])
def test_what_gets_no_answer_behind_what_is_waived_is_a_finding(
    waiving: Silent, options: tuple[str, ...]
) -> None:
    """For the first requests of other kinds the whole time limit is waited, although it was for
    what is known; for no more, so that the run ends.
    """
    waiving.kinds = MOST_SILENT + 1
    status, record = waiving.run(*options)
    assert status == 1, record["run"]["doubts"]
    (new,) = [each for each in record["findings"] if not each["waived"]]
    assert new["difference"] == "date without time"
    assert new["got"].startswith("none: the server gave no complete answer within 2 s (")


def test_nothing_is_taken_to_hold_of_which_no_answer_was_waited_for(waiving: Silent) -> None:
    """A kind for which the whole time limit is not waited is told as what nobody knows."""
    waiving.kinds = MOST_SILENT + 1
    (waiving.here / "impatient.py").write_text(
        "from run.ending import silence\nsilence.MOST_AGAIN = 0\n", encoding="utf-8"
    )
    status, record = waiving.run("--concurrency", "1", "-p", "impatient")
    assert status == 6, record["run"]["doubts"]
    assert all(each["waived"] for each in record["findings"])
    (doubt,) = record["run"]["doubts"]
    assert doubt.startswith("1 request got no answer")
    assert "test_a_probe_is_answered_in_good_order[date without time]" in doubt


@pytest.mark.parametrize("options", WAYS_TO_RUN[1:], ids=["many", "workers"])
def test_where_waivers_explain_all_that_gets_no_answer_the_run_is_green(
    waiving: Silent, options: tuple[str, ...]
) -> None:
    """What is not waited for as a known cause says why it gets no answer leaves nothing open."""
    waiving.kinds = MOST_SILENT
    status, record = waiving.run(*options)
    assert status == 0, record["run"]["doubts"]
    assert record["findings"]
    assert all(each["waived"] for each in record["findings"])


def _answers(slow: SlowAnswers, seconds: float, status: int, number: int = 1) -> None:
    """So many answers for each of which the run waits."""
    for _ in range(number):
        slow.add(Exchange(_request(), Answer(status, (), b""), None, seconds))
        slow.wait(seconds)


def test_slow_answers_are_waited_for_as_long_as_those_that_do_not_come() -> None:
    """A kind of request that is answered just before the time limit would take a run many minutes;
    how much longer than all else it may take does not depend on how many are slow.
    """
    slow = SlowAnswers(10.0)
    _answers(slow, 0.1, 201, 3)
    _answers(slow, 9.0, 400, 3)
    assert not slow.are_enough
    _answers(slow, 9.0, 400)
    assert slow.are_enough
    assert slow.is_slow(9.0)
    assert not slow.is_slow(2.9)
    slow.begun -= 500.0  # all else takes long
    assert not slow.are_enough
    assert slow.longer * PART > 9.0


def test_where_all_answers_take_long_or_a_part_of_the_time_limit_alone_none_is_slow() -> None:
    """Such a server is right, and its run takes its time."""
    all_slow, hardly = SlowAnswers(10.0), SlowAnswers(10.0)
    _answers(all_slow, 0.1, 401, 20)
    _answers(all_slow, 9.0, 201, 20)
    _answers(hardly, 0.1, 201, 20)
    _answers(hardly, 2.5, 400, 200)
    assert not all_slow.are_enough
    assert not hardly.are_enough


def test_what_is_answered_late_alone_is_not_waited_for_without_end(tmp_path: Path) -> None:
    """All that has the same in it is left out in the end, and the run could not tell of it."""
    late = 0

    def seconds(body: bytes) -> float:
        nonlocal late
        is_late = b'"status":"OVERPAID"' in body
        late += is_late
        return 1.2 * is_late

    options = ("--reports", str(tmp_path), "--request-timeout", SECONDS, "--concurrency", "1")
    with delayed(seconds) as url:
        result = suite("--base-url", url, *ORDER, *options, "-k", "edge or near_miss")
    record = json.loads((tmp_path / "run.json").read_text(encoding="utf-8"))
    assert result.status == 6, result.output
    assert record["findings"] == []
    (doubt,) = record["run"]["doubts"]
    assert re.match(r"[0-9]+ requests took too long, or had to be left out after that \(in ", doubt)
    assert re.search(r"\): [0-9]+ answers took 1\.[0-9] s each \(median\), and usual ones ", doubt)
    assert re.search(r"; with --request-timeout [56] all are waited for$", doubt)
    assert late < 40
    outcomes = Counter(test["outcome"] for test in record["tests"])
    assert min(outcomes["passed"], outcomes["skipped"]) > 0
