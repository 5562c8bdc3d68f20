"""What the tests share: runs against servers with faults, and a certificate authority."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import trustme

from proof.in_process import AppTransport
from tests.asking import VALID, Asking, asking_of
from tests.faulty import ASKED, FAULTY, SUBTLE
from tests.reporting import Reported, reported
from tests.running import ORDER, application, server

WHOLE_RUNS = ("test_suite_", "test_run_", "test_report_", "test_proof_command", "test_linear_time")
"""How the names of files begin whose tests start whole runs of the suite, or take minutes."""
RUNS = {"faulty", "subtle"}
"""The fixtures here that are whole runs."""
PARTS = "test_run_findings_"
"""How the names of files begin whose tests have no whole run but by these."""

LONG = (
    *("test_versions", "test_strategies_documents", "test_strategies_", "test_documents_"),
    *("test_spec_diff", "test_targets_", "test_mirror_", "test_watch_", "test_spec_"),
)
"""How the names of files begin that take longest, the longest first. They come first, so that no
process has a long one left when the other has done."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests of whole runs, so that `-m "not whole_runs"` leaves them out but for quick
    ones without such a fixture, and put those of long files first.
    """
    for item in items:
        name, asked = Path(item.path).name, RUNS.intersection(getattr(item, "fixturenames", ()))
        is_whole = name.startswith(WHOLE_RUNS) and (bool(asked) or not name.startswith(PARTS))
        if is_whole and (asked or item.get_closest_marker("quick") is None):
            item.add_marker("whole_runs")

    def place(item: pytest.Item) -> int:
        name = Path(item.path).name
        return next((place for place, one in enumerate(LONG) if name.startswith(one)), len(LONG))

    items.sort(key=place)


@pytest.fixture(scope="session")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Reported:
    """A run against a server with five faults, of the tests that find them."""
    with server(FAULTY) as url:
        folder = tmp_path_factory.mktemp("faulty")
        return reported(folder, "--base-url", url, *ORDER, "-k", ASKED)


@pytest.fixture(scope="session")
def subtle(tmp_path_factory: pytest.TempPathFactory) -> Reported:
    """A whole run against a server with five faults that each show in many tests."""
    with server(SUBTLE) as url:
        folder = tmp_path_factory.mktemp("subtle")
        return reported(folder, "--base-url", url, *ORDER)


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    """A certificate authority for this test run only."""
    return trustme.CA()


@pytest.fixture
def ca_file(authority: trustme.CA, tmp_path: Path) -> Path:
    """The file with its certificate, as a user would give it."""
    path = tmp_path / "ca.pem"
    authority.cert_pem.write_to_path(str(path))
    return path


@pytest.fixture
def against(tmp_path: Path) -> Callable[..., Any]:
    """Opens a run against the reference with some steps changed."""

    @contextmanager
    def opened(**steps: Any) -> Iterator[Asking]:
        with (
            application(replace(VALID, **steps)) as app,
            asking_of("http://reference.test", tmp_path, transport=AppTransport(app)) as asking,
        ):
            yield asking

    return opened
