"""How a run goes: its options, what it opens, how it ends."""
