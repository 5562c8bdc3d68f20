"""How a function that bends a server enters the catalogue."""

from collections.abc import Callable

from reference.defects.bent import ODDITY, Bend, Bent

LISTED: dict[str, Bent] = {}
"""By name, in the order of definition."""


def defect(area: str, *breaks: str, wire: bool = False) -> Callable[[Bend], Bend]:
    """List the function as a defect that breaks these requirements (`Bent.breaks`)."""
    return _listed(area, breaks, wire=wire)


def oddity(*, wire: bool = False) -> Callable[[Bend], Bend]:
    """List the function as a conforming oddity."""
    return _listed(ODDITY, (), wire=wire)


def _listed(area: str, breaks: tuple[str, ...], *, wire: bool) -> Callable[[Bend], Bend]:
    def enter(bend: Bend) -> Bend:
        name = bend.__name__.replace("_", " ")
        if name in LISTED:
            raise ValueError(f"two entries of the catalogue are called {name!r}")
        story = " ".join((bend.__doc__ or "").split())
        LISTED[name] = Bent(name, area, breaks, story, bend, wire)
        return bend

    return enter
