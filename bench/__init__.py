"""How fast: benchmarks that print figures, never tests that time."""
