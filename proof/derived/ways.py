"""The shape of the tables of clauses."""

from reference.defects.bent import Bend

Ways = dict[str, tuple[str, dict[str, Bend], bool]]
"""By requirement: the area, the ways to break it in words, and whether a socket is needed."""
