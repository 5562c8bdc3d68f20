"""Benchmarks, which print figures; no test measures time."""

import strategies  # noqa: F401 # it says what this Python lacks
