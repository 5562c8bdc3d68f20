"""Values that break one requirement, and hardly differ from what keeps it."""
