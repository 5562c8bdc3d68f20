"""Allure's results of a run: ours in the place of allure-pytest's, from the start to the end."""

from contextlib import ExitStack
from pathlib import Path

import pytest

from reports import results, surroundings
from reports.record import Record
from reports.results import Results
from run import telling
from run.conduct import Conduct


def tamed(config: pytest.Config) -> None:
    """Leave nothing to allure-pytest that a worker could do at the wrong time.

    Each worker would clean the folder when it starts, also the one that replaces a crashed one.
    """
    if hasattr(config.option, "clean_alluredir"):
        config.option.clean_alluredir = False


def begun(conduct: Conduct, config: pytest.Config, stack: ExitStack) -> Results | None:
    """Take over the folder that `--alluredir` names, emptied once by the process that leads.

    The stack gives it back to allure-pytest.
    """
    folder = config.getoption("allure_report_dir", None)
    if folder is None:
        return None
    if conduct.worker is None:
        results.emptied(Path(folder))
    return stack.enter_context(results.installed(Path(folder), conduct.masker))


def ended(conduct: Conduct, record: Record, written: Results) -> None:
    """Write what no test wrote: the tests that did not come to their end, and what is around."""
    told = {page.test for page in conduct.pages}
    missing = [page for page in telling.finished(conduct) if page.test not in told]
    # A test that was cut short may have its result all the same.
    there = set(results.tests(written.folder)) if missing else set()
    for page in missing:
        if page.test not in there:
            written.write(page)
    surroundings.write(record, written)
