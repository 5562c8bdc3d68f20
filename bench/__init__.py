"""Benchmarks, which print figures; no test measures time."""
