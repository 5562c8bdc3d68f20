"""Which requirements an exchange puts to the test."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from spec.contract import Contract
from spec.expectation import Expectation
from spec.oracle import Verdict
from spec.requirements import Requirement
from spec.strictjson import Malformed, parse


@dataclass(slots=True)
class Observer:
    """Tells of verdicts; it remembers what it found for the shapes of JSON it has seen."""

    contract: Contract
    _shapes: dict[object, tuple[str, ...]] = field(default_factory=dict)

    def names(self, verdict: Verdict) -> Iterator[str]:
        """The requirements that the exchange broke alone, or whose answer they speak of."""
        causes = verdict.expected.causes
        if len(causes) == 1:
            yield causes[0].requirement.name
        elif causes and 401 in causes[0].statuses:
            yield "security.first"
        yield from ("response.http", "response.status", "response.documented", "response.secret")
        response = verdict.exchange.response
        if response is None:
            return
        if response.status == 201 and verdict.expected.expectation is not Expectation.REJECT:
            yield from ("201.status", "201.mediaType", "201.json")
            yield from self._of_body(verdict, "201")
        elif 400 <= response.status < 500:
            yield from ("4xx.status", "4xx.mediaType", "4xx.json", "4xx.leak")
            yield from self._of_body(verdict, "4xx")

    def _of_body(self, verdict: Verdict, part: str) -> tuple[str, ...]:
        """The requirements on an answer's body that have something to speak of in this one."""
        response = verdict.exchange.response
        assert response is not None
        try:
            value = parse(response.body).value
        except Malformed:
            return ()
        sent = verdict.expected.payload
        accepted = verdict.expected.expectation is Expectation.ACCEPT
        shape = (part, accepted, _shape(value), _shape(sent) if accepted else None)
        if shape not in self._shapes:
            self._shapes[shape] = tuple(self._judged(part, value, sent if accepted else None))
        return self._shapes[shape]

    def _judged(self, part: str, value: Any, sent: Any) -> Iterator[str]:
        for requirement in self.contract.requirements:
            if requirement.part != part:
                continue
            if any(_stands(value, path) for path in _touched(requirement, sent)):
                yield requirement.name


def _touched(requirement: Requirement, sent: Any) -> Iterator[tuple[str, ...]]:
    """Where in an answer a requirement on it needs something to stand for it to be observed."""
    path = requirement.path
    if requirement.keyword == "echo" and not _stands(sent, path[1:]):
        return
    if requirement.keyword in ("product", "unique") and sent is None:
        return
    if requirement.keyword == "required":
        yield path[:-1]
    elif requirement.keyword == "names":
        yield ("details",)
    elif path or requirement.keyword == "type":
        yield path


def _stands(value: Any, path: tuple[str, ...]) -> bool:
    """Whether something stands at an instance path; the first element speaks for its list."""
    for key in path:
        if key == "[]":
            if not isinstance(value, list) or not value:
                return False
            value = value[0]
        elif isinstance(value, dict) and key in value:
            value = value[key]
        else:
            return False
    return True


def _shape(value: Any) -> object:
    """What distinguishes two JSON values for the ledger: their keys, and their first elements'."""
    if isinstance(value, dict):
        return tuple((key, _shape(child)) for key, child in value.items())
    if isinstance(value, list):
        return ("[]", _shape(value[0])) if value else "[]"
    return None
