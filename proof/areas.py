"""Which tests are to catch a defect."""

import re

AREAS: dict[str, tuple[str, ...]] = {
    "acceptance": ("acceptance",),
    "rejection": ("rejection",),
    "success": ("acceptance",),
    "echo": ("acceptance",),
    "errors": ("rejection",),
    "orders": ("rejection",),
    "open": ("unspecified",),
    "bodies": ("bodies",),
    "keys": ("authentication",),
    "http": ("http",),
    "concurrency": ("isolation",),
}
"""By the area of a defect the suites that must catch it: the names of `suites/test_*.py`."""


def suite_of(test: str) -> str:
    """The suite of a test's id."""
    found = re.match(r"suites/test_(\w+)\.py", test)
    assert found is not None, test
    return found[1]
