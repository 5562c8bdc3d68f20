"""All workers of a run together keep its limits."""

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from math import inf
from pathlib import Path

import pytest
from typing_extensions import override

from targets.errors import BudgetSpentError, TargetError, ThrottledError
from targets.pace import MAX_TRIES, Pace, Rate, Turns, pause_seconds, read_rate
from tests.clients import client
from tests.hostile import PLAIN, sends, serving

ROOT = Path(__file__).parent.parent
NOW = datetime(2025, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("retry_after", "tries", "seconds"),
    [
        ("3", 1, 3),
        (" 7 ", 1, 7),
        ("0", 4, 0),
        ("Wed, 01 Jan 2025 00:00:05 GMT", 1, 5),
        ("Tue, 31 Dec 2024 23:00:00 GMT", 1, 0),
        ("Wed, 01 Jan 2025 00:00:05 -0000", 2, 2),
        ("Thu, 02 Jan 2025 00:00:00 GMT", 1, 86_400),
        ("86400", 1, 86_400),
        ("9" * 400, 1, inf),
        ("20.0", 1, 20),
        (" 1.5 ", 1, 1.5),
        ("2.", 1, 2),
        ("0.25", 3, 0.25),
        ("\u0663", 1, 1),
        (".5", 1, 1),
        ("1.2.3", 1, 1),
        ("1e3", 1, 1),
        ("Mon, 01 Jan 2025 00:00:00 +9999999999999", 2, 2),
        ("Mon, 01 Jan 99999 00:00:00 GMT", 2, 2),
        ("soon", 1, 1),
        ("-5", 1, 1),
        ("", 3, 4),
        (None, 1, 1),
        (None, 4, 8),
    ],
)
def test_a_pause_follows_retry_after(retry_after: str | None, tries: int, seconds: float) -> None:
    """Seconds, also with a fraction, and dates count; anything else doubles from one second."""
    assert pause_seconds(retry_after, tries, NOW) == seconds


def test_all_workers_wait_out_a_pause(tmp_path: Path) -> None:
    """After one worker's 429 another one sends nothing until the pause is over."""
    one, other = Pace(tmp_path), Pace(tmp_path)
    before = time.time()
    one.back_off("1", 1)
    one.back_off("0", 1)
    other.acquire()
    assert time.time() >= before + 1
    one.close()
    other.close()


def test_a_request_is_given_up_after_the_last_429(tmp_path: Path) -> None:
    """The last 429 of a request raises an error and starts no pause."""
    pace = Pace(tmp_path)
    with pytest.raises(ThrottledError, match="--rate-limit"):
        pace.back_off("60", MAX_TRIES)
    pace.acquire()
    pace.close()


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("121", "for a pause of 121 s"),
        ("86400", "for a pause of a day or more"),
        ("9" * 400, "a day or more"),
        ("Fri, 01 Jan 2100 00:00:00 GMT", "a day or more"),
    ],
)
def test_a_pause_longer_than_all_may_take_is_given_up_at_once(
    asked: str, words: str, tmp_path: Path
) -> None:
    """The message says what was asked for; nobody pauses."""
    pace = Pace(tmp_path)
    with pytest.raises(ThrottledError, match=r"together may take 120 s: .*--rate-limit") as error:
        pace.back_off(asked, 1)
    assert words in str(error.value)
    before = time.monotonic()
    pace.acquire()
    assert time.monotonic() - before < 1
    pace.close()


def test_all_pauses_of_a_run_together_have_a_limit(tmp_path: Path) -> None:
    """It holds for all workers, and pauses that overlap count once."""
    paces = [Pace(tmp_path), Pace(tmp_path)]
    pause = tmp_path / "pause"
    for number in range(3):
        for pace in paces:
            pace.back_off("35", 1)
        assert pause.stat().st_mtime > time.time() + 30, number
        os.utime(pause, (0, 0))
    with pytest.raises(ThrottledError, match="for a pause of 35 s, but all pauses"):
        paces[0].back_off("35", 1)
    assert pause.stat().st_mtime == 0
    paces[1].back_off("1", 1)
    for pace in paces:
        pace.close()


def test_two_workers_end_a_pause_at_different_times(tmp_path: Path) -> None:
    """Otherwise all of them would ask again at one moment, and be throttled again."""
    pace = Pace(tmp_path)
    pace.back_off("0.2", 1)
    ended = []

    def wait(_: int) -> None:
        pace.acquire()
        ended.append(time.monotonic())

    with ThreadPoolExecutor(16) as pool:
        list(pool.map(wait, range(16)))
    assert 0.02 < max(ended) - min(ended) < 5
    pace.close()


def test_threads_keep_the_budget(tmp_path: Path) -> None:
    """Sixteen threads of two workers send exactly as many requests as the run may."""
    paces = [Pace(tmp_path, None, 100), Pace(tmp_path, None, 100)]

    def acquire(number: int) -> bool:
        try:
            paces[number % 2].acquire()
        except BudgetSpentError:
            return False
        return True

    with ThreadPoolExecutor(16) as pool:
        assert sum(pool.map(acquire, range(160))) == 100


CHILD = """
import sys, time
from pathlib import Path
from targets.pace import Pace, Rate
pace = Pace(Path(sys.argv[1]), Rate(4, 500), 16)
times = []
for _ in range(8):
    pace.acquire()
    times.append(time.time())
print(min(times), max(times))
"""


def test_processes_share_rate_and_budget(tmp_path: Path) -> None:
    """Two workers with 8 requests each at 4 per half second take as long as one with 16."""
    children = [
        subprocess.Popen(
            [sys.executable, "-W", "error::UserWarning", "-c", CHILD, tmp_path],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    outputs = [child.communicate()[0].split() for child in children]
    assert [child.returncode for child in children] == [0, 0]
    first, last = min(float(out[0]) for out in outputs), max(float(out[1]) for out in outputs)
    assert last - first >= 1.4
    pace = Pace(tmp_path, None, 16)
    with pytest.raises(BudgetSpentError):
        pace.acquire()
    pace.close()


@pytest.mark.parametrize(
    ("text", "rate"), [("5/s", Rate(5, 1000)), ("100/m", Rate(100, 60_000)), ("1/s", Rate(1, 1000))]
)
def test_a_valid_rate_is_read(text: str, rate: Rate) -> None:
    """Requests per second or per minute."""
    assert read_rate(text) == rate


@pytest.mark.parametrize("text", ["", "5", "0/s", "-1/s", "5/h", "5/S", "1.5/s", "5 / s", "1e3/s"])
def test_an_invalid_rate_is_refused(text: str) -> None:
    """The message shows what a rate looks like."""
    with pytest.raises(TargetError, match=r"5/s or 100/m\."):
        read_rate(text)


def test_a_run_without_a_rate_limit_does_not_load_the_limiter() -> None:
    """Loading the limiter takes 0.1 s, which other runs save."""
    code = "import sys, targets.client; print('pyrate_limiter' in sys.modules)"
    child = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert child.stdout.strip() == "False"


def test_a_late_worker_joins_the_pause(tmp_path: Path) -> None:
    """A worker that starts during a pause waits with the others."""
    one = Pace(tmp_path)
    one.back_off("30", 1)
    until = (tmp_path / "pause").stat().st_mtime
    other = Pace(tmp_path)
    assert (tmp_path / "pause").stat().st_mtime == until
    os.utime(tmp_path / "pause", (0, 0))
    other.acquire()
    one.close()
    other.close()


def test_while_one_worker_asks_alone_no_other_one_sends(tmp_path: Path) -> None:
    """It begins once what others have sent is answered, and may send as many itself as it likes."""
    one, other, order = Turns(tmp_path), Turns(tmp_path), list[str]()

    def send(word: str) -> None:
        with other.one():
            order.append(word)
            time.sleep(0.2)

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(send, "sent before")
        while not order:
            time.sleep(0.01)
        with one.alone(), one.alone(), one.one():
            order.append("alone")
            second = pool.submit(send, "sent after")
            time.sleep(0.3)
            order.append("still alone")
        for each in (first, second):
            each.result()
    assert order == ["sent before", "alone", "still alone", "sent after"]


def test_a_run_with_one_process_waits_for_no_turn() -> None:
    """Nor does it count what others send."""
    turns = Turns()
    with turns.alone(), turns.one():
        assert not turns.are_shared
    assert turns.others == 0


def test_a_worker_knows_how_many_requests_the_others_have_sent(tmp_path: Path) -> None:
    """So that it tells which one of the run it was."""
    one, other = Turns(tmp_path), Turns(tmp_path)
    for _ in range(3):
        one.count()
    other.count()
    assert (one.others, other.others) == (1, 3)


def test_a_worker_that_asks_alone_for_long_goes_on_as_one_of_several(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its turn is over with its next request, and the others go on."""
    monkeypatch.setattr("targets.pace._LONGEST_TURN", 0.1)
    one, other, order = Turns(tmp_path), Turns(tmp_path), list[str]()

    def send() -> None:
        with other.one():
            order.append("other")

    with ThreadPoolExecutor(1) as pool, one.alone():
        sent = pool.submit(send)
        time.sleep(0.3)
        order.append("alone")
        with one.one():
            pass
        sent.result()
    assert order == ["alone", "other"]


def test_a_worker_that_waits_for_its_turn_in_vain_takes_no_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one that has it may have been stopped: that costs one wait, and not one a request."""
    monkeypatch.setattr("targets.pace._LONGEST_WAIT", 0.2)
    one, other = Turns(tmp_path), Turns(tmp_path)
    with one.alone():
        with other.one():
            pass
        with other.alone(), other.one():
            assert not other.are_shared


def test_where_a_file_has_no_lock_no_worker_waits(tmp_path: Path) -> None:
    """As where something else is in its place."""
    (tmp_path / "turns.sqlite").mkdir()
    turns = Turns(tmp_path)
    with turns.one():
        assert not turns.are_shared


DYING = """
import sys, time
from pathlib import Path
from targets.pace import Turns
with Turns(Path(sys.argv[1])).alone():
    print("alone", flush=True)
    time.sleep(60)
"""


def test_a_worker_that_is_killed_while_it_asks_alone_leaves_the_turn_to_others(
    tmp_path: Path,
) -> None:
    """The system takes the lock of what has died."""
    command = [sys.executable, "-c", DYING, str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "alone\n"
        process.kill()
    turns = Turns(tmp_path)
    with turns.one():
        pass
    with turns.alone():
        assert turns.are_shared  # one that waits in vain takes no more


def test_what_waits_for_its_turn_takes_no_share_of_the_rate(tmp_path: Path) -> None:
    """Or all that had waited would be sent at once."""
    turns = Turns(tmp_path), Turns(tmp_path)
    order = list[str]()

    class Counting(Pace):
        @override
        def acquire(self) -> None:
            order.append("acquired")

    with (
        serving(sends(PLAIN)) as server,
        client(server.base_url, tmp_path) as it,
        ThreadPoolExecutor(1) as pool,
    ):
        it.pace = Counting(tmp_path, turns=turns[0])
        with turns[1].alone():
            sent = pool.submit(it.send, b"{}")
            time.sleep(0.3)
            order.append("alone")
        assert sent.result().response is not None
    assert order == ["alone", "acquired"]
