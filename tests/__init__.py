"""Who tests the tests."""
