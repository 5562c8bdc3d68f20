"""What to send: payloads that are valid, at an edge, or broken in one place. Imports spec alone."""
