"""Asks whether a kept connection is lost each time that one kind of request was answered over it,
where one was lost.

A server may close a kept connection at any time (RFC 9112, section 9.5), and what is lost so is
sent again. But what is left of a request must not break the next one: a server that loses all that
follow one kind of request, and no other ones, is wrong.
"""

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from causes.cause import LOST, shortly
from causes.explained import Control, Explained
from causes.kinds.body_size import LONG_BODY
from causes.kinds.ways import lessened, ways_of, ways_text
from causes.making import made
from causes.sightings import Sighting
from causes.symptoms import symptoms
from reports.ledger import IDLE
from spec.answers.answer import ANSWER
from spec.contract import Contract
from spec.exchange import HttpFault, Request, Response
from spec.oracle import Oracle, Verdict
from spec.violation import Category, Violation, counted
from strategies.invoice import encode
from targets.client import Client
from targets.transport import CLOSED

TIMES = 3
"""Times that a connection has to be lost, and to be kept after the plain invoice."""
MOST_ASKED = 60
"""Requests of one process that ask it."""
WAIT = 0.1
"""Seconds that are waited for the end of a connection, if an answer is the last one over it."""
_KEEPS = b"HTTP/1.1"
"""How an answer begins after which a connection is kept unless it says otherwise."""
HTTP, FRAMING = "response.http", "response.framing"
UNTOLD = "an answer that says Connection: close where it is the last one (RFC 9112, section 9.6)"
"""What is expected of an answer after which the server closes the connection."""


class Kept(StrEnum):
    """What becomes of a connection after an answer: the next request over it is answered, or not;
    the server closes it before that, and does not say so, or does.
    """

    KEPT = "kept"
    DROPPED = "dropped"
    CLOSED = "closed"
    AGREED = "agreed"


LOSES = (Kept.DROPPED, Kept.CLOSED)
Send = Callable[[Request], Verdict | None]
"""The verdict on a request that is sent again, as another invoice; None when nothing more may be
sent.
"""


@dataclass(frozen=True, slots=True)
class Follow:
    """What became of a connection, the verdict on what was sent over it, and that on the next
    request if one was sent.
    """

    kept: Kept
    first: Verdict
    second: Verdict | None = None


def follow(client: Client, send: Send, first: Request, second: Request) -> Follow | None:
    """What becomes of a new connection after the first request, for the second one; None where
    that cannot be told, or nothing more may be sent.
    """
    client.disconnect()
    verdict = send(first)
    if verdict is None or verdict.exchange.response is None:
        return None
    if _is_a_breakdown(verdict.exchange.response.status):
        return None
    if _is_last(verdict.exchange.request, verdict.exchange.response):
        return Follow(Kept.AGREED, verdict)
    if client.is_closed(within=WAIT):
        return Follow(Kept.CLOSED, verdict)
    after = send(second)
    if after is None:
        return None
    return Follow(Kept.KEPT if after.exchange.drop is None else Kept.DROPPED, verdict, after)


def _is_a_breakdown(status: int | None) -> bool:
    """Whether an answer shows that a server broke down, after which it may well close."""
    return status is None or status >= 500


def _is_success(status: int | None) -> bool:
    return status is not None and 200 <= status < 300


def _is_last(request: Request, response: Response) -> bool:
    """Whether both sides know that a connection ends with an answer (RFC 9112, section 9.3)."""
    fields = (*request.headers, *response.headers)
    options = ",".join(value for name, value in fields if name.lower() == "connection")
    says_so = "close" in (each.strip().lower() for each in options.split(","))
    ends = response.header("content-length") or response.header("transfer-encoding")
    return says_so or not ends or not response.head.startswith(_KEEPS)


@dataclass(slots=True)
class Connections:
    """What one process knows of kept connections that are lost; so many requests are `left`.

    `closes` says that the server closes them whatever was sent, `asked` has the kinds of requests
    after which it was asked whether they are, and `found` the ways of sending after which they are.
    """

    contract: Contract
    oracle: Oracle
    left: int = MOST_ASKED
    closes: bool | None = None
    asked: set[Hashable] = field(default_factory=set)
    found: list[frozenset[str]] = field(default_factory=list)

    def suspects(self, control: Control, verdicts: Sequence[Verdict]) -> Iterator[Request]:
        """The requests before those that were lost, one of each kind that was not asked yet."""
        for verdict in verdicts:
            before, drop = verdict.exchange.before, verdict.exchange.drop
            if before is None or drop is None or drop.idle >= IDLE or self.closes:
                continue
            if _is_a_breakdown(before.status):
                continue
            ways = self._ways(control, before.request)
            long = len(before.request.body) >= LONG_BODY
            kind = (ways, before.request.method, before.status, long)
            is_known = kind in self.asked or any(each <= ways for each in self.found)
            if not is_known and (ways or long or not _is_success(before.status)):
                self.asked.add(kind)
                yield before.request

    def told(
        self, client: Client, send: Send, control: Control, suspect: Request
    ) -> Explained | None:
        """The cause, if each connection is lost after such a request, and none after the control.

        The first request is made as plain as will do.
        """
        plain = control.verdict.exchange.request

        def after(request: Request) -> Follow | None:
            self.left -= 2
            return follow(client, send, request, plain) if self.left >= 0 else None

        def loses(request: Request) -> bool | None:
            found = after(request)
            return None if found is None else found.kept in LOSES

        if self.closes is None:
            self.closes = not self._is_kept(after(plain))
        if self.closes or not loses(suspect):
            return None
        usual = replace(suspect, body=encode(control.payload))
        if self._ways(control, usual) and loses(usual):
            suspect = lessened(plain, usual, loses)
        elif loses(replace(plain, body=suspect.body)):
            suspect = replace(plain, body=suspect.body)
        found = [after(suspect) for _ in range(TIMES)]
        kept = all(self._is_kept(after(plain)) for _ in range(TIMES))
        lost = [each for each in found if each is not None and each.kept in LOSES]
        if not kept or len(lost) < TIMES:
            return None
        shown = next((each for each in lost if each.kept is Kept.DROPPED), lost[0])
        self.found += filter(None, [self._ways(control, suspect)])
        return self._made(control, shown)

    @staticmethod
    def _is_kept(found: Follow | None) -> bool:
        return found is not None and found.kept is Kept.KEPT

    def _ways(self, control: Control, request: Request) -> frozenset[str]:
        """In what a request differs from the control, its body aside, in words."""
        parameters = [one.parameter for one in self.contract.parameters]
        return ways_of(parameters, control.verdict.exchange.request, request)

    def _made(self, control: Control, shown: Follow) -> Explained:
        """The cause; it is told of the request that has no answer, or of the answer that does not
        say that it is the last one.
        """
        words = f"after one{self._told(control, shown.first)} over the same connection"
        works = f"{control.name}, after another one over the same connection"
        verdict = self._broken(shown)
        (symptom,) = symptoms(self.contract, verdict)
        sighting = Sighting(self.contract, control, symptom, verdict, control.name)
        between = works, f"{control.name}, {words}"
        return made(sighting, verdict, [LOST], difference=[words], between=between)

    def _told(self, control: Control, first: Verdict) -> str:
        """What the request before is like, and how it was answered if it was refused."""
        request, response = first.exchange.request, first.exchange.response
        ways = self._ways(control, request)
        text = shortly(ways_text(ways, control.verdict.exchange.request, request))
        told = f" with {text}" if ways else ""
        if not ways and len(request.body) >= LONG_BODY:
            told = f" of {counted(len(request.body), 'byte')}"
        is_refused = response is not None and not _is_success(response.status)
        return f"{told} that was answered {response and response.status}" if is_refused else told

    def _broken(self, shown: Follow) -> Verdict:
        """The verdict that is told."""
        if shown.second is None:
            found = FRAMING, UNTOLD, "one that does not say it, and the connection closed"
            return self._with(shown.first, *found)
        fault = f"The server {CLOSED}."
        lost = replace(
            shown.second.exchange,
            response=None,
            fault=fault,
            broken=HttpFault.CLOSED,
            drop=None,
        )
        verdict = replace(shown.second, exchange=lost, answer=None)
        return self._with(verdict, HTTP, ANSWER, fault)

    def _with(self, verdict: Verdict, name: str, expected: str, got: str) -> Verdict:
        """The verdict with one violation alone, of the requirement of this name."""
        requirement = self.contract.named(name)
        wrong = Violation(requirement, Category.PROTOCOL, (), expected, got)
        return self.oracle.charged(verdict, wrong)
