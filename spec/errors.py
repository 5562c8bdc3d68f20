"""What a person can get wrong in the specification files."""


class SpecError(ValueError):
    """A document, reading, probes or waivers file is unusable; one sentence says where and why."""
