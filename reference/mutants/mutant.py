"""What is known of one changed reference, and the decorators that list it in the catalogue."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from reference.mutants.server import Json, Mutation

CONFORMING = "conforming"
"""The topic of the servers that break no requirement."""


@dataclass(frozen=True, slots=True)
class Refused:
    """What a mutant that is too strict refuses: the limit of a keyword, a member of an `enum`, the
    value of a `const`, the finest steps of a `multipleOf`, or with `required` an absent value.
    """

    keyword: str
    value: Json = None


@dataclass(frozen=True, slots=True)
class Mutant:
    """The reference changed in one way: a mutant or, under the topic `conforming`, neither.

    `topic` is the suite that must kill it, where needed with a second word for what of it is
    wrong: `rejection/errors`. `breaks` are the names of the requirements that it breaks, `*` for
    any characters; a finding that names one of them has found it. `mutate` makes the server, and
    whatever that remembers between requests is new each time. `wire` says that the change needs a
    real socket. `refuses` is what one that is too strict refuses of a property, and a `stale` one
    answers with values of the invoice before.
    """

    name: str
    topic: str
    breaks: tuple[str, ...]
    story: str
    mutate: Mutation
    wire: bool = False
    refuses: Refused | None = None
    stale: bool = False

    @property
    def suite(self) -> str:
        """The suite that must kill it; `conforming` where none may."""
        return self.topic.partition("/")[0]

    @property
    def conforms(self) -> bool:
        """Whether it breaks no requirement."""
        return self.topic == CONFORMING

    def is_named_by(self, requirement: str) -> bool:
        """Whether a finding on this requirement names what is broken here."""
        return any(
            re.fullmatch(re.escape(name).replace(r"\*", ".*"), requirement) for name in self.breaks
        )


LISTED: dict[str, Mutant] = {}
"""By name, in the order of definition."""


def mutant(topic: str, *breaks: str, wire: bool = False) -> Callable[[Mutation], Mutation]:
    """List the function as a mutant that breaks these requirements (see `Mutant`)."""
    return _listed(topic, breaks, wire=wire)


def conforming(*, wire: bool = False) -> Callable[[Mutation], Mutation]:
    """List the function as a conforming server."""
    return _listed(CONFORMING, (), wire=wire)


def _listed(topic: str, breaks: tuple[str, ...], *, wire: bool) -> Callable[[Mutation], Mutation]:
    def enter(mutate: Mutation) -> Mutation:
        name = mutate.__name__.replace("_", " ")
        if name in LISTED:
            raise ValueError(f"two entries of the catalogue are called {name!r}")
        story = " ".join((mutate.__doc__ or "").split())
        LISTED[name] = Mutant(name, topic, breaks, story, mutate, wire)
        return mutate

    return enter
