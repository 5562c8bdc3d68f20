"""How a run goes: its options, what it opens, how it ends."""

import strategies  # noqa: F401 # it says what this Python lacks
