"""`python -m bench`: what a case costs the client, and what a run costs the machine.

On a shared machine, trust the CPU seconds; each figure is the least of several rounds. The server
is another process, so its time does not count as the client's.
"""

import os
import socket
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from bench.peers.tools import PROGRAM, asked, install, lenient, schemathesis, suite
from reference.mutants.server import Server
from reports.command import Parser
from spec.contract import Contract, TargetFacts, load
from spec.oracle import Oracle
from strategies.acceptance.valid import valid
from strategies.invalid import invalid, near_misses
from strategies.invoice import encode
from targets import embedded
from targets.client import Client, Outgoing
from targets.pace import Pace
from targets.stamp import Stamper

ROUNDS = 5
EXAMPLES = 500
DISTANCE = 0.1
"""Seconds."""
KEYS = {"WIZCOMMERCE_API_KEY": "bench-key-0", "WIZCOMMERCE_FORBIDDEN_API_KEY": "bench-key-1"}
CREATED = datetime(2020, 1, 1, tzinfo=UTC)
DRAWN = settings(
    max_examples=EXAMPLES,
    database=None,
    deadline=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


Ask = Callable[[bytes], None]


@contextmanager
def judged(contract: Contract) -> Iterator[tuple[TargetFacts, Ask, Client]]:
    """A function that sends a body to the reference, by a client, and enforces that the answer
    conforms.
    """
    with (
        tempfile.TemporaryDirectory() as folder,
        embedded.started(Path(folder), {"ORD-1": CREATED}) as reference,
    ):
        keys = reference.keys
        facts = TargetFacts(keys.key, keys.forbidden, ("ORD-1",), CREATED, datetime.now(UTC))
        oracle = Oracle(contract, facts)
        client = Client(
            reference.base_url,
            contract.path,
            contract.key_header or "X-API-Key",
            keys.key,
            Stamper("BENCHED0"),
            Pace(Path(folder)),
        )
        yield facts, lambda body: oracle.judge(client.send(body)).enforce(), client
        client.close()


@contextmanager
def plainly(usual: Client) -> Iterator[Ask]:
    """A function that sends a body as the client does, by httpx as it is, and looks at nothing."""
    like = usual.request(Outgoing(b""))
    fields = {name: value for name, value in like.headers if name.lower() != "content-length"}
    with httpx.Client(base_url=usual.base_url, headers=fields) as client:

        def ask(body: bytes) -> None:
            with suppress(httpx.TransportError):  # what is too large need not be read to its end
                client.post(like.path, content=body)

        yield ask


def enumerated(contract: Contract, facts: TargetFacts, ask: Ask) -> int:
    """Ask every near miss once; returns their number."""
    cases = [case for r in contract.body_requirements for case in near_misses(contract, facts, r)]
    for case in cases:
        ask(case.body)
    return len(cases)


def valid_and_invalid(
    contract: Contract, facts: TargetFacts
) -> tuple[SearchStrategy[Any], SearchStrategy[Any]]:
    """What payloads are drawn from: valid ones, and those that break one requirement."""
    broken = contract.named("items[].sku.maxLength")
    return valid(contract, facts), invalid(contract, facts, broken)


def drawn(strategies: Sequence[SearchStrategy[Any]], ask: Ask | None) -> int:
    """Draw payloads of each strategy, and ask them if `ask` is given; returns their number."""
    for strategy in strategies:

        @DRAWN
        @given(strategy)
        def asks(payload: object) -> None:
            if ask is not None:
                ask(encode(payload))

        asks()
    return EXAMPLES * len(strategies)


def milliseconds_a_case(work: Callable[[], int]) -> float:
    """The CPU time of one case, the least of several rounds."""
    rounds = []
    for _ in range(ROUNDS):
        before = time.process_time()
        count = work()
        rounds.append((time.process_time() - before) / count * 1000)
    return min(rounds)


@contextmanager
def delayed(seconds: float) -> Iterator[tuple[str, ...]]:
    """The options for a reference that is as far away: it answers so much later."""
    with subprocess.Popen(
        [sys.executable, "-m", "bench.delayed", str(seconds)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **KEYS},
    ) as process:
        assert process.stdout is not None
        url = process.stdout.readline().strip()
        os.environ.update(KEYS)
        try:
            yield (
                "--base-url",
                url,
                "--order-id",
                "ORD-1",
                "--order-created-at",
                CREATED.isoformat(),
            )
        finally:
            process.kill()


def command(*arguments: str) -> tuple[float, float, float]:
    """Wall and CPU seconds of a run of the suite, and the peak of its largest process in MB.

    The CPU is that of all its processes, so of the reference as well if it starts that.
    """
    program = (
        "import resource, subprocess, sys;"
        "subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True);"
        "u = resource.getrusage(resource.RUSAGE_CHILDREN);"
        "print(u.ru_utime + u.ru_stime, u.ru_maxrss)"
    )
    started = time.perf_counter()
    words = [sys.executable, "-c", program, sys.executable, "-m", "pytest", "suites", *arguments]
    # Without this variable pytest keeps its rewritten modules from one run to the next.
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    printed = subprocess.run(words, capture_output=True, text=True, check=True, env=kept)
    cpu, peak = map(float, printed.stdout.split())
    return time.perf_counter() - started, cpu, peak / 1024


def cases() -> Iterator[str]:
    """What a case costs the client."""
    contract = load()
    with judged(contract) as (facts, ask, client), plainly(client) as exchanged:
        near = milliseconds_a_case(lambda: enumerated(contract, facts, ask))
        wire = milliseconds_a_case(lambda: enumerated(contract, facts, exchanged))
        yield f"enumerated case: {near:.2f} ms of client CPU (goal: 0.5)"
        yield f"    made, and exchanged by httpx alone: {wire:.2f} ms"
        both = valid_and_invalid(contract, facts)
        whole = milliseconds_a_case(lambda: drawn(both, ask))
        alone = milliseconds_a_case(lambda: drawn(both, None))
        empty = milliseconds_a_case(lambda: drawn((st.integers(),), None))
        yield f"drawn case: {whole:.2f} ms of client CPU (goal: 1.5)"
        yield f"    drawing alone: {alone:.2f} ms; a lone integer: {empty:.2f} ms"


def first_request() -> float:
    """Seconds from the start of the command to its first connection."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        words = [sys.executable, "-m", "pytest", "suites", "--base-url", url]
        started = time.perf_counter()
        with subprocess.Popen(words, stdout=subprocess.DEVNULL, env={**os.environ, **KEYS}) as run:
            server.accept()[0].close()
            seconds = time.perf_counter() - started
            run.kill()
    return seconds


def runs() -> Iterator[str]:
    """What whole commands cost, with the reference: the least of several."""
    first = min(first_request() for _ in range(ROUNDS))
    yield f"start to the first request: {first:.2f} s wall (goal: 0.7 s)"
    for name, goal, options in (
        ("collection", "0.7 s", ("--collect-only", "-q")),
        ("smoke", "2 s", ("--hypothesis-profile", "smoke")),
        ("gate, one in flight", "120 MB", ("--concurrency", "1")),
    ):
        several = [command(*options) for _ in range(ROUNDS)]
        least = (min(column) for column in zip(*several, strict=True))
        yield f"{name}: {told(*least)} (goal: {goal})"


def distance() -> Iterator[str]:
    """What they cost beside a server that is near, and far away."""
    with delayed(0) as where:
        counts = (1, 16)
        one, many = (command(*where, "--concurrency", str(number)) for number in counts)
        yield f"gate, CPU with 16 in flight to that with one: {many[1] / one[1]:.2f} (goal: 1)"
    with delayed(DISTANCE) as where:
        for number, profile, goal in (
            (1, "gate", ""),
            (8, "gate", ""),
            (16, "gate", " (goal: 16 s)"),
            (32, "gate", " (goal: 10 s)"),
            (16, "deep", " (goal: 240 s)"),
        ):
            options = ("--concurrency", str(number), "--hypothesis-profile", profile)
            name = f"{profile}, {DISTANCE * 1000:.0f} ms away, {number} in flight"
            yield f"{name}: {told(*command(*where, *options))}{goal}"


def peer() -> Iterator[str]:
    """How many requests a second both send, start included, to a server on this machine."""
    install()
    rates = []
    for ask, server in ((suite, Server()), (schemathesis(PROGRAM), lenient(Server()))):
        started = time.perf_counter()
        rates.append(asked(ask, server).requests / (time.perf_counter() - started))
    ours, theirs = rates
    ratio = ours / theirs
    yield f"requests a second: {ours:.0f}; Schemathesis: {theirs:.0f}; ratio {ratio:.1f} (goal: 15)"


def told(wall: float, cpu: float, peak: float) -> str:
    """What a command cost, in words."""
    return f"{wall:.1f} s wall, {cpu:.1f} s CPU, {peak:.0f} MB peak"


PARTS = {part.__name__: part for part in (cases, runs, distance, peer)}


def main(arguments: Sequence[str]) -> None:
    """Print the figures, one in each line."""
    about = "Measure what a case costs the client, and what a run costs the machine."
    parser = Parser("bench", about)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"only {', '.join(PARTS)}")
    names = parser.parse_args(arguments).parts or PARTS
    if unknown := {*names} - {*PARTS}:
        parser.error(f"there is no part {', '.join(sorted(unknown))}")
    warnings.simplefilter("ignore")
    for name in names:
        for line in PARTS[name]():
            print(line, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
