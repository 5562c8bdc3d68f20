"""Ties pytest to a conformance run: options, fixtures, and the hooks that conduct it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from run import options, session
from run.ask import Explorer
from run.options import register, seed
from run.plugin import Plugin
from run.session import RUN, Run
from spec.contract import Contract, TargetFacts
from spec.oracle import Oracle
from spec.yamlfile import SpecError
from targets.client import Client
from targets.errors import TargetError

SUITES = Path(__file__).parent / "suites"

register()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the suite's options."""
    options.add(parser)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Plan the run, when the suites are asked for; the suite's own tests need none."""
    if not _asks_for_suites(config):
        return
    seed(config)
    try:
        run = Run(session.plan(options.read(config)), worker=_worker(config))
    except (SpecError, TargetError) as error:
        raise pytest.UsageError(str(error)) from None
    config.stash[RUN] = run
    config.pluginmanager.register(Plugin(run, config), "conformance")


@pytest.fixture(scope="session")
def run(pytestconfig: pytest.Config) -> Run:
    """The run in progress."""
    return pytestconfig.stash[RUN]


@pytest.fixture(scope="session")
def contract(run: Run) -> Contract:
    """The vendor's document and our reading of it."""
    return run.plan.contract


@pytest.fixture(scope="session")
def facts(run: Run) -> TargetFacts:
    """What is known of the target."""
    return run.facts


@pytest.fixture(scope="session")
def target(run: Run) -> Iterator[Client]:
    """Where requests go."""
    client = run.client()
    yield client
    client.close()


@pytest.fixture(scope="session")
def oracle(run: Run) -> Oracle:
    """Judges exchanges and tells the ledger of it."""
    return run.oracle


@pytest.fixture
def explorer(target: Client, oracle: Oracle) -> Explorer:
    """Asks drawn cases; one for each test, and all of its examples."""
    return Explorer(target, oracle)


def _asks_for_suites(config: pytest.Config) -> bool:
    places = [Path(config.invocation_params.dir, arg.partition("::")[0]) for arg in config.args]
    return any(
        SUITES.is_relative_to(place.resolve()) or place.resolve().is_relative_to(SUITES)
        for place in places
    )


def _worker(config: pytest.Config) -> int | None:
    worker: str | None = getattr(config, "workerinput", {}).get("workerid")
    return int(worker.removeprefix("gw")) + 1 if worker else None
