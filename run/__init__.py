"""How a run goes: its options, what it opens, how it ends."""

import spec  # noqa: F401 # it says what this Python lacks
