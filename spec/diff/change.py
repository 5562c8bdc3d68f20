"""One change between two versions of the document, and what it means for clients and servers."""

import json
from dataclasses import dataclass

from typing_extensions import override

from spec.violation import shortened

LONGEST = 200
"""Characters of an operand in a line."""


@dataclass(frozen=True, slots=True)
class Change:
    """One requirement that is not as it was: `kind` is added, removed, tightened, loosened or
    changed; `old` and `new` are its operands, with the places where they stand.
    """

    requirement: str
    kind: str
    breaking: bool
    old: object
    new: object
    old_place: str
    new_place: str
    for_clients: str
    for_servers: str

    @override
    def __str__(self) -> str:
        mark = "breaking  " if self.breaking else "compatible"
        texts = (each if isinstance(each, str) else written(each) for each in (self.old, self.new))
        old, new = (shortened(each, LONGEST) for each in texts)
        said = {"added": f": {new}", "removed": f": {old}"}.get(self.kind, f": {old} -> {new}")
        place = self.new_place or self.old_place
        return f"{mark} {self.kind} {self.requirement}{said} ({place}): {self.for_clients}"


def written(operand: object) -> str:
    """An operand as the document may have it."""
    return json.dumps(operand, ensure_ascii=False, default=str)


def kind_of(old: object, new: object) -> str:
    """The kind of a change between two that are not equal, of which one may be None."""
    return "added" if old is None else "removed" if new is None else "changed"


FOR_CLIENTS = {
    (True, True): "what was accepted may be refused",
    (True, False): "what was accepted still is",
    (False, True): "an answer may be what it never was",
    (False, False): "an answer is as it was, or says more",
}
FOR_SERVERS = {
    (True, True): "refuse what breaks it",
    (True, False): "accept what it allows now",
    (False, True): "nothing has to change",
    (False, False): "every answer has to keep it",
}
"""By whether a change asks something of requests, and whether it may break a client."""
OF_PROSE = "read it: prose may ask for more than the schema says", "live by what it asks for"
"""What it means that a description is another one."""
