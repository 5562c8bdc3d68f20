"""What to send: payloads that are sound, at an edge, or broken in one place. Imports spec alone."""
