"""What to report: the ledger of a run and everything that is made of it."""

import spec  # noqa: F401 # it says what this Python lacks
