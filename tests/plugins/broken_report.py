"""A summary that cannot be made, as by a fault of ours, whose exception quotes what it has read."""

import os
from typing import Any, NoReturn

import pytest

from reports import files, output


def _broken(_record: dict[str, Any]) -> NoReturn:
    raise LookupError(f"sent with {os.environ['WIZCOMMERCE_API_KEY']}")


def pytest_configure(config: pytest.Config) -> None:
    """Break the summary as long as the run lasts."""
    patch = pytest.MonkeyPatch()
    patch.setattr(files, "FILES", {**files.FILES, output.SUMMARY: _broken})
    config.add_cleanup(patch.undo)
