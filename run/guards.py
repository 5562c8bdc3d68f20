"""What a test must not do, because its report would then hide a failure."""

from collections import Counter
from collections.abc import Sequence

import pytest


def refuse(items: Sequence[pytest.Item]) -> None:
    """Raise pytest.UsageError for tests of whose results Allure would show only some.

    Two results of one test are shown as one with a retry, and the first of them is hidden; a
    subtest that is skipped makes the whole test a skipped one.
    """
    counts = Counter(item.nodeid for item in items)
    twins = [test for test, count in counts.items() if count > 1]
    if twins:
        raise pytest.UsageError(
            f"{twins[0]} is asked for {counts[twins[0]]} times: once is enough."
        )
    for item in items:
        if "subtests" in getattr(item, "fixturenames", ()):
            raise pytest.UsageError(
                f"{item.nodeid} uses subtests, of which one that is skipped would hide a failure: "
                "parametrise it instead."
            )
