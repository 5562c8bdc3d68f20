"""The commands of the tutorial and of the guides, run one after the other as a reader would, in a
copy of the suite: what goes to the vendor goes to a server on loopback.
"""

import shutil
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from reference.server import serving
from reference.service import Steps, create_app
from reference.store import Store
from reports import record
from run.exit_status import ExitStatus
from tests.copying import add_target, copied
from tests.faulty import FAULTY
from tests.pages import Command, commands, run_by
from tests.running import KEY, ORDER, ROOT, Result, python, server
from watch import baseline

CREATED = datetime(2025, 1, 31, 8, tzinfo=UTC)
TOLD = {ExitStatus.CONFORMS, ExitStatus.NONCONFORMANCE, ExitStatus.DRIFT}
"""The ends of a command that did what the page says."""
KEYS = {"WIZCOMMERCE_API_KEY": KEY}
FEW = "paid_amount or probe"
"""The tests of which a reader's run has many more."""
SMALL = ("--hypothesis-profile", "smoke", "-p", "no:cacheprovider")
TLS = "https://localhost:8443"
PLACEHOLDERS = ("http://localhost:8080", "https://next.example.com")
"""The addresses of a reader's own servers."""
ELSEWHERE = ("tests", "proof", "docs", "screenshots")
"""tox environments whose commands take minutes or need more packages; others run them."""
WHOLE = ("accept",)
"""tox environments that want runs of all tests."""
FAULTY_SERVER = ("docs/tutorial.md", "docs/how-to/waivers.md")
"""Pages that take a red run for granted."""
REPORTS = ("--reports", "reports/output")
GUIDES = sorted(
    {each.page for each in commands() if each.page.startswith(("docs/how-to", "docs/tutorial"))}
)


@contextmanager
def servers() -> Iterator[tuple[str, str]]:
    """A server that knows two orders, and one that takes any."""
    orders = dict.fromkeys(("ORD-1", "ORD-2"), CREATED)
    any_order = replace(Steps(), find_order=lambda *_: CREATED)
    with (
        closing(Store({KEY: True}, orders)) as strict,
        closing(Store({KEY: True}, {})) as lenient,
        serving(create_app(Steps(), strict)) as knows_two,
        serving(create_app(any_order, lenient)) as takes_any,
    ):
        yield knows_two, takes_any


def can_run(words: list[str], command: Command) -> bool:
    """Whether a command needs nothing that is not here: an index, TLS, or another terminal."""
    if command.program == "tox" and command.words[2] in ELSEWHERE:
        return False
    alone = words[:3] in (["python", "-m", "venv"], ["python", "-m", "tests.faulty"])
    return words[0] in ("pytest", "python") and not alone and TLS not in words


def run(words: list[str], here: Path, urls: tuple[str, str], *, whole: bool = False) -> Result:
    """Run a command of a page, with few cases."""
    knows_two, takes_any = urls
    url = knows_two if "--order-id" in words else takes_any
    words = [url if word in PLACEHOLDERS else word for word in words]
    if words[0] == "python":
        return python(*words[1:], keys=KEYS, here=here)
    few = () if whole or "-k" in words else ("-k", FEW)
    return python("-m", "pytest", *words[1:], *few, *SMALL, keys=KEYS, here=here)


@pytest.fixture
def here(tmp_path: Path) -> Path:
    """A copy of the suite with what the guides take for granted, except the targets and runs."""
    copy = copied(tmp_path)
    shutil.copy(ROOT / "tox.ini", copy)
    shutil.copy(copy / "spec" / "openapi.yaml", copy / "new-openapi.yaml")
    return copy


def ran_before(here: Path, production: str, *options: str) -> None:
    """A run, its record as that of an older one, and a baseline of production."""
    file = here / "reports" / "output" / "run.json"
    (here / "old").mkdir()
    words = ["pytest", "suites", "--base-url", production, *REPORTS, *options]
    run(words, here, (production, production))
    shutil.copy(file, here / "old")
    facts = replace(record.watched(record.read(file)), name="production")
    text = baseline.text_of(facts, facts)
    baseline.file_of("production", here / "spec" / "baselines").write_text(text, encoding="utf-8")


@pytest.mark.parametrize("page", GUIDES)
def test_the_commands_of_a_guide_do_what_it_says(page: str, here: Path) -> None:
    """None is wrong usage, breaks the suite or could not tell."""
    with servers() as conforming, server(FAULTY) as faulty:
        urls = (faulty, faulty) if page in FAULTY_SERVER else conforming
        ran_before(here, urls[1], *(ORDER if urls[1] == faulty else ()))
        targets = here / "targets.toml"
        text = targets.read_text(encoding="utf-8")
        for address in ("https://api-staging.sourcerer.tech", "https://api.wizcommerce.com"):
            text = text.replace(address, urls[1])
        targets.write_text(text, encoding="utf-8")
        add_target(here, "mine", f'base_url = "{urls[0]}"\norder_ids = ["ORD-1"]')
        ran = 0
        for command in [each for each in commands() if each.page == page]:
            for words in run_by(command):
                if can_run(words, command):
                    result = run(words, here, urls, whole=not {*command.words}.isdisjoint(WHOLE))
                    # Of a green run there is nothing to send again.
                    ends = TOLD | ({ExitStatus.NOTHING_RAN} if "run.replay" in words else set())
                    assert result.status in ends, (command.shown, result.output)
                    ran += 1
    assert ran or page == "docs/how-to/proxy.md"  # which needs a server with a certificate
