"""What the tests of the reports share: one run against a server with five faults."""

import pytest

from tests.faulty import ASKED, FAULTY
from tests.reporting import Reported, reported
from tests.running import ORDER, server


@pytest.fixture(scope="session")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Reported:
    """A run against a server with five faults, of the tests that find them."""
    with server(FAULTY) as url:
        folder = tmp_path_factory.mktemp("faulty")
        return reported(folder, "--base-url", url, *ORDER, "-k", ASKED)
