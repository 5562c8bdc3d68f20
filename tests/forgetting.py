"""Mutants of versions of the document: each lives by a version, but forgets one requirement that
today's does not have. They are called without a socket.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from weakref import finalize

from reference.mutants.asgi import call
from reference.service import create_app
from reference.store import Store
from spec.contract import Contract, TargetFacts
from spec.exchange import Exchange, Request, Response
from spec.oracle import Oracle
from spec.requirements import Requirement
from strategies import invalid
from strategies.cases import Case
from strategies.invoice import usual_headers, usual_query, why_not_valid
from strategies.parameters import wrong_parameters
from targets.client import build_request
from targets.stamp import Stamper
from tests.driven import steps_of
from tests.exchanges import CONTRACT
from tests.versions.catalogue import ALTERATIONS

CREATED = datetime(2020, 1, 1, tzinfo=UTC)
FACTS = TargetFacts("key", None, ("ORD-1",), CREATED, datetime.now(UTC))


@dataclass(frozen=True, slots=True)
class Mutant:
    """A server that forgets this requirement of a version, and the near miss that shows it."""

    version: str
    requirement: Requirement
    killed_by: str


@cache
def loaded_of(version: str) -> Contract:
    """The contract of a version."""
    with TemporaryDirectory() as folder:
        return ALTERATIONS[version].load(Path(folder))


def mutants(version: str) -> Iterator[Mutant]:
    """The mutants of a version: one for each requirement on requests that today's document does not
    have, or has with another operand.
    """
    loaded = loaded_of(version)
    for requirement in added_by(version):
        cases = near_misses(loaded, requirement)
        if cases:
            yield Mutant(version, requirement, _killed_by(version, requirement, cases))


@cache
def added_by(version: str) -> tuple[Requirement, ...]:
    """The requirements on requests that a version adds or changes; none without a valid invoice."""
    loaded = loaded_of(version)
    if why_not_valid(loaded, FACTS):
        return ()
    return tuple(
        one
        for one in loaded.requirements
        if one.part in ("body", "request") and _operand(CONTRACT, one) != _operand(loaded, one)
    )


def _operand(loaded: Contract, requirement: Requirement) -> object:
    known = loaded.find(requirement.name)
    return None if known is None else [known.operand]


@lru_cache(maxsize=100)
def near_misses(loaded: Contract, requirement: Requirement) -> list[Case]:
    """Each near miss of a requirement on a property or a parameter; of others there are none."""
    if requirement.part == "body":
        found = invalid.near_misses(loaded, FACTS, requirement)
        return [Case(each.name, "body", each.body) for each in found]
    return [each for each in _wrong_parameters(loaded) if each.kind == requirement.name]


@lru_cache(maxsize=1)
def _wrong_parameters(loaded: Contract) -> tuple[Case, ...]:
    return tuple(wrong_parameters(loaded, FACTS))


def accepted(version: str, requirement: Requirement) -> list[str]:
    """The near misses that a server which forgets nothing accepts; there should be none."""
    server = _honest(version)
    return [each.name for each in near_misses(server.loaded, requirement) if server.breaks(each)]


@lru_cache(maxsize=1)
def _honest(version: str) -> "Server":
    return Server(version, None)


def _killed_by(version: str, requirement: Requirement, cases: list[Case]) -> str:
    """The first near miss whose answer breaks this very requirement; empty if there is none."""
    server = Server(version, requirement)
    return next((case.name for case in cases if requirement.name in server.breaks(case)), "")


class Server:
    """A server that lives by a version, but for what is forgotten."""

    def __init__(self, version: str, forgotten: Requirement | None) -> None:
        self.loaded, alteration = loaded_of(version), ALTERATIONS[version]
        store = Store({"key": True}, {"ORD-1": CREATED})
        self.app = create_app(steps_of(alteration.document(), forgotten, alteration.renamed), store)
        self.oracle = Oracle(self.loaded, FACTS)
        self.stamper = Stamper("7F3A91C2")
        finalize(self, store.close)  # from Python 3.13 on, one that is left open is warned of

    def breaks(self, case: Case) -> set[str]:
        """The names of what its answer to a case breaks."""
        query = usual_query(self.loaded) if case.query is None else case.query
        key = ((self.loaded.key_header, "key"),) if self.loaded.key_header else ()
        fields = (*usual_headers(self.loaded), *key, *case.headers)
        target = f"/v1/invoices?{query}"
        # Of one stamp, so that the items of many cases are the same.
        body = Stamper("7F3A91C2").write(case.body)
        request = build_request("POST", "localhost", target, fields, body, chunked=False)
        sent = self.stamper.renew(request)
        answer = call(self.app, "POST", sent.path, _raw(sent), body)
        response = Response(answer.status, answer.headers, answer.body)
        verdict = self.oracle.judge(Exchange(sent, response, None, 0.01))
        return {violation.requirement.name for violation in verdict.violations}


def _raw(request: Request) -> list[tuple[bytes, bytes]]:
    return [(name.lower().encode(), value.encode()) for name, value in request.headers]
