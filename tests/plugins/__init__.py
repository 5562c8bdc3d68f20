"""Plugins that break the suite on purpose, loaded with `-p`."""
