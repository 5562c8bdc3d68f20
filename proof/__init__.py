"""Does the suite find what it claims to find? It is run against mutants and conforming servers."""

import strategies  # noqa: F401 # it says what this Python lacks
