"""Connects pytest to a conformance run: the options, the fixtures and the plugin."""

import gc

from run.ending import interrupt

interrupt.quit_at_once()  # before the other imports, which take a second
gc.disable()  # what is imported and collected lives as long as the run
# ruff: noqa: E402

from collections.abc import Iterator
from pathlib import Path

import pytest

from reports.output import FolderError
from run import options, reporting
from run.ask import Api
from run.ending.silence import Unasked
from run.plan import plan
from run.plugin import Plugin
from run.rehearsal import Lookahead
from run.session import RUN, Run
from spec.yamlfile import FileError
from targets.client import Client
from targets.errors import TargetError
from targets.prefetch import Prefetch

SUITES = Path(__file__).parent / "suites"

options.register_profiles()


def pytest_addoption(parser: pytest.Parser, pluginmanager: pytest.PytestPluginManager) -> None:
    """Add the suite's options."""
    options.add(parser)
    options.leave_alone(pluginmanager)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Plan a run if suites are asked for; the suite's own tests need none."""
    if not _asks_for_suites(config):
        # In front of the project's own filters, which may take back some.
        config.getini("filterwarnings").insert(0, "error")
        interrupt.back_to_usual()
        gc.enable()
        return
    options.choose_seed(config)
    try:
        run = Run(plan(options.read(config)), worker=_worker(config))
        if run.worker is None and not config.option.collectonly:
            reporting.check_folders(config)  # before allure-pytest makes one of them
    except (FileError, TargetError, FolderError) as error:
        raise reporting.usage_error(error) from None
    config.stash[RUN] = run
    config.pluginmanager.register(Plugin(run, config), "conformance")
    config.pluginmanager.register(Unasked(), "unasked")
    if run.in_flight > 1:
        config.pluginmanager.register(Lookahead(run), "lookahead")


@pytest.fixture(scope="session")
def client(pytestconfig: pytest.Config) -> Iterator[Client]:
    """Sends the requests, over one connection."""
    opened = pytestconfig.stash[RUN].client()
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def prefetch(pytestconfig: pytest.Config, client: Client) -> Prefetch:
    """Sends ahead what tests are going to ask."""
    run = pytestconfig.stash[RUN]
    ahead = Prefetch(
        client,
        run.in_flight,
        wanted=lambda sent: not run.explainer.foresees(client, sent),
        waited=run.silence.slow.wait,
    )
    run.unanswered = ahead.unanswered
    return ahead


@pytest.fixture
def api(pytestconfig: pytest.Config, client: Client, prefetch: Prefetch) -> Api:
    """The endpoint, as one test sees it."""
    return Api(pytestconfig.stash[RUN], client, prefetch)


def _asks_for_suites(config: pytest.Config) -> bool:
    places = [Path(config.invocation_params.dir, arg.partition("::")[0]) for arg in config.args]
    return any(
        SUITES.is_relative_to(place.resolve()) or place.resolve().is_relative_to(SUITES)
        for place in places
    )


def _worker(config: pytest.Config) -> int | None:
    worker: str | None = getattr(config, "workerinput", {}).get("workerid")
    return int(worker.removeprefix("gw")) + 1 if worker else None
