"""Ties pytest to a conformance run: options, fixtures, and the hooks that conduct it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from run import opening, options, profiles
from run.asking import Explorer
from run.conduct import CONDUCT, Conduct
from run.hooks import Hooks
from spec.contract import Contract
from spec.errors import SpecError
from spec.facts import Facts
from spec.oracle import Oracle
from targets.client import Client
from targets.errors import TargetError

SUITES = Path(__file__).parent / "suites"

profiles.register()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the suite's options."""
    options.add(parser)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Plan the run, when the suites are asked for; the suite's own tests need none."""
    if not _asks_for_suites(config):
        return
    profiles.seed(config)
    try:
        conduct = Conduct(opening.plan(options.read(config)), worker=_worker(config))
    except (SpecError, TargetError) as error:
        raise pytest.UsageError(str(error)) from None
    config.stash[CONDUCT] = conduct
    config.pluginmanager.register(Hooks(conduct, config), "conformance")


@pytest.fixture(scope="session")
def conduct(pytestconfig: pytest.Config) -> Conduct:
    """The run in progress."""
    return pytestconfig.stash[CONDUCT]


@pytest.fixture(scope="session")
def contract(conduct: Conduct) -> Contract:
    """The vendor's document and our reading of it."""
    return conduct.plan.contract


@pytest.fixture(scope="session")
def facts(conduct: Conduct) -> Facts:
    """What is known of the target."""
    return conduct.facts


@pytest.fixture(scope="session")
def target(conduct: Conduct) -> Iterator[Client]:
    """Where requests go."""
    client = conduct.client()
    yield client
    client.close()


@pytest.fixture(scope="session")
def oracle(conduct: Conduct) -> Oracle:
    """Judges exchanges and tells the ledger of it."""
    return conduct.oracle


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
