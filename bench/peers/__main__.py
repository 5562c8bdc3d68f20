"""`python -m bench.peers`: the servers of the proof, asked by this suite and by Schemathesis.

Both are asked as their users would, over sockets, each in a process of its own. Schemathesis takes
for valid whatever the document allows, so the servers it meets are bent from a reference that knows
every order and takes any date and amount; this suite meets those of the proof. A server is caught
by Schemathesis when a check fails that does not fail on that reference.
"""

import argparse
import subprocess
import sys
import venv
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path

from bench.peers.asking import CREATED, ORDERS, ROOT, Ask, Asked, schemathesis, suite
from bench.peers.comparison import Both, page
from proof.mutants import every_server
from reference.mutants.changes import changed
from reference.mutants.conforming import any_invoice_that_the_document_allows_is_taken
from reference.mutants.mutant import Mutant
from reference.mutants.server import Json, Server
from reference.store import Store
from spec.contract import TargetFacts, load
from targets.config import Keys

OWN = Path(__file__).parent / ".venv"
PINS = ROOT / "requirements" / "peers.txt"
PAGE = ROOT / "docs" / "peers.md"
KEYS = Keys("peers-key-3f9a17c2", "peers-key-without-right")
EVERY = 7
"""Every so many-th server is asked: Schemathesis alone would take an hour and a half for all."""

PRICE = 10**9

CHOSEN: list[Mutant] = []
"""The servers that are asked."""


def lenient(server: Server) -> Server:
    """A reference that takes whatever the document allows, prices that no double holds too."""
    taken = any_invoice_that_the_document_allows_is_taken(server)
    return taken.parsed(lambda payload: changed(payload, ("amount",), _capped)).mutant(
        find_order=lambda *_: CREATED, check_dates=lambda *_: None
    )


def _capped(amount: Json) -> Json:
    """Schemathesis does not look for an amount in the answer, so another one will do."""
    return max(-PRICE, min(amount, PRICE)) if type(amount) in (int, float) else amount


def asked(ask: Ask, server: Server) -> Asked:
    """The server, asked."""
    with (
        closing(
            Store({KEYS.key: True, str(KEYS.forbidden): False}, dict.fromkeys(ORDERS, CREATED))
        ) as store,
        server.serving(store) as url,
    ):
        return ask(url, KEYS)


def both(number: int) -> tuple[Asked, Asked]:
    """One of the servers, by its number, asked by us and by them."""
    mutant = CHOSEN[number]
    theirs = asked(schemathesis(OWN / "bin" / "schemathesis"), mutant.bend(lenient(Server())))
    return asked(suite, mutant.bend(Server())), theirs


def environment() -> None:
    """Schemathesis in an environment of its own, made once."""
    if not OWN.exists():
        venv.create(OWN, with_pip=True)
        install = [OWN / "bin" / "pip", "install", "-q", "-r", PINS]
        subprocess.run([str(word) for word in install], check=True)


def main(arguments: Sequence[str]) -> None:
    """Ask, and write the page."""
    parser = argparse.ArgumentParser(prog="python -m bench.peers", description=__doc__)
    parser.add_argument("--every", type=int, default=EVERY, help="every N-th server (%(default)s)")
    parser.add_argument("--workers", type=int, default=2, help="at once (%(default)s)")
    given = parser.parse_args(arguments)
    environment()
    contract = load()
    facts = TargetFacts(KEYS.key, KEYS.forbidden, ORDERS, CREATED, datetime.now(UTC))
    servers = every_server(contract, facts)
    CHOSEN[:] = servers[:: given.every]  # which the processes, being forks, have as well
    usual = asked(schemathesis(OWN / "bin" / "schemathesis"), lenient(Server())).found
    results = []
    with ProcessPoolExecutor(given.workers, get_context("fork")) as pool:
        for mutant, (ours, theirs) in zip(CHOSEN, pool.map(both, range(len(CHOSEN))), strict=True):
            one = Both(mutant, ours, theirs)
            results.append(one)
            seen = f"we {one.we_see}, they {one.they_see(usual)}"
            print(f"{len(results)}: {one.mutant.name}: {seen}", flush=True)
    version = next(
        line.partition("==")[2]
        for line in PINS.read_text(encoding="utf-8").splitlines()
        if line.startswith("schemathesis==")
    )
    text = "\n".join(page(results, usual, len(servers), version))
    PAGE.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
