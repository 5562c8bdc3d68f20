"""`python -m bench.peers`: run this suite and Schemathesis on the servers of the proof.

Both run as their users would run them, over sockets and in their own process. To Schemathesis,
whatever the document allows is valid, so its servers are made from a reference that knows every
order and accepts any date and amount; this suite gets those of the proof. Schemathesis kills a
mutant when a check fails that does not fail on that reference.
"""

import sys
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime
from multiprocessing import get_context

from bench.peers import kept
from bench.peers.comparison import Both, page
from bench.peers.tools import (
    CREATED,
    KEYS,
    ORDERS,
    PINS,
    PROGRAM,
    ROOT,
    Asked,
    asked,
    install,
    lenient,
    schemathesis,
    suite,
)
from proof.mutants import every_server
from reference.mutants.mutant import Mutant
from reference.mutants.server import Server
from reports.command import Parser
from spec.contract import TargetFacts, load

PAGE = ROOT / "docs" / "peers.md"
EVERY = 7
"""Only every seventh server is asked: Schemathesis would need an hour and a half for all."""

CHOSEN: list[Mutant] = []
"""The servers that are asked, set before the workers are forked."""


def both(number: int) -> tuple[Asked, Asked]:
    """Run both tools on the server of this number."""
    mutant = CHOSEN[number]
    theirs = asked(schemathesis(PROGRAM), mutant.mutate(lenient(Server())))
    return asked(suite, mutant.mutate(Server())), theirs


def main(arguments: Sequence[str]) -> None:
    """Run both tools and write the comparison."""
    parser = Parser("bench.peers", "Compare this suite with Schemathesis on some mutants.")
    parser.add_argument(
        "--every", type=int, default=EVERY, help="every N-th server (default %(default)s)"
    )
    parser.add_argument(
        "--workers", type=int, default=2, help="processes at once (default %(default)s)"
    )
    parser.add_argument(
        "--new", action="store_true", help="only servers that the last comparison did not know"
    )
    given = parser.parse_args(arguments)
    install()
    version = _version()
    before = kept.read() if given.new else kept.Kept(version, 0, (), ())
    if before.version != version:
        parser.error(f"the last comparison was with {before.version}: leave out --new")
    contract = load()
    facts = TargetFacts(KEYS.key, KEYS.forbidden, ORDERS, CREATED, datetime.now(UTC))
    servers = every_server(contract, facts)
    CHOSEN[:] = [one for one in servers if one.name not in {*before.known}][:: given.every]
    usual = asked(schemathesis(PROGRAM), lenient(Server())).found
    rows = {row.name: row for row in before.rows}
    with ProcessPoolExecutor(given.workers, get_context("fork")) as pool:
        for mutant, (ours, theirs) in zip(CHOSEN, pool.map(both, range(len(CHOSEN))), strict=True):
            one = rows[mutant.name] = Both(mutant, ours, theirs).row(usual)
            seen = f"this suite {one.we_see}, Schemathesis {one.they_see}"
            print(f"{mutant.name}: {seen}", flush=True)
            known = (*{*before.known, *rows},)
            kept.write(kept.Kept(version, len(servers), known, (*rows.values(),)))
    found = [rows[one.name] for one in servers if one.name in rows]
    names = (*(one.name for one in servers),)
    kept.write(kept.Kept(version, len(servers), names, (*found,)))
    text = "\n".join(page(found, usual, len(servers), version))
    PAGE.write_text(text + "\n", encoding="utf-8")


def _version() -> str:
    """That of Schemathesis, as it is pinned."""
    lines = PINS.read_text(encoding="utf-8").splitlines()
    pinned = next(line for line in lines if line.startswith("schemathesis=="))
    return pinned.partition("==")[2].split()[0]


if __name__ == "__main__":
    main(sys.argv[1:])
