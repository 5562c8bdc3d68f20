"""What the documents say of a request that the mirror received."""

import json
import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from urllib.parse import unquote

from spec.coherence import CLOCKS_DIFFER
from spec.contract import Contract, TargetFacts
from spec.exchange import Exchange, Request
from spec.expectation import Breach, Expectation, Expected, Unspecified, broken, why_unspecified
from spec.oracle import Oracle
from spec.parameters import values_of
from spec.paths import Json, Location, find, location_text
from spec.strictjson import DEEPEST, Malformed, parse, value_of
from spec.violation import brief, shortened

LONGEST = 160
"""Characters of what is wrong."""
MOST_VALUES = 2000
"""Values of a payload that is judged, three times those of the largest valid one: each may be wrong
in several ways, and nobody else is answered meanwhile.
"""
MOST_REASONS = 20
"""Reasons of one request that are kept."""


class Verdict(StrEnum):
    """What the documents say of a request."""

    VALID = "valid"
    INVALID = "invalid"
    UNSPECIFIED = "unspecified"


VERDICTS = {
    Expectation.ACCEPT: Verdict.VALID,
    Expectation.REJECT: Verdict.INVALID,
    Expectation.UNSPECIFIED: Verdict.UNSPECIFIED,
}


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a request is not valid, in words.

    An invalid one breaks a `requirement` of a level, at a location of its payload, and `clause` is
    file and line. All four are empty for what the documents leave open.
    """

    words: str
    requirement: str = ""
    level: str = ""
    at: str = ""
    clause: str = ""


@dataclass(frozen=True, slots=True)
class Judgement:
    """The verdict on a request, and why."""

    verdict: Verdict
    reasons: tuple[Reason, ...] = ()


@dataclass(slots=True)
class Judge:
    """Judges the requests of one mirror by the oracle, which remembers the invoices created."""

    contract: Contract
    key: str
    _oracle: Oracle | None = None

    def judge(self, exchange: Exchange, payload: Json) -> Judgement:
        """The judgement of a request with this payload, and of nothing that is answered to it."""
        if _has_more_values(payload, MOST_VALUES):
            why = f"the body has more than {MOST_VALUES} values, and was not judged"
            return Judgement(Verdict.UNSPECIFIED, (Reason(why),))
        oracle = self._at(datetime.now(UTC))
        expected = oracle.judge(exchange).expected
        misdirected = misdirection(self.contract, exchange.request)
        if misdirected:
            return Judgement(Verdict.INVALID, (misdirected.reason,))
        verdict = VERDICTS[expected.expectation]
        reasons = list(self._reasons(oracle.facts, exchange.request, expected))
        if exchange.request.path.lower().startswith("https:"):
            verdict = Verdict.UNSPECIFIED if verdict is Verdict.VALID else verdict
            reasons.append(Reason("its target is an address of https, and it came without TLS"))
        left_out = len(reasons) - MOST_REASONS
        if left_out > 0:
            reasons[MOST_REASONS:] = [Reason(f"{left_out} more are left out")]
        return Judgement(verdict, tuple(reasons))

    def _at(self, moment: datetime) -> Oracle:
        """The oracle at a moment: what a client dates with its own clock is not in the future."""
        facts = TargetFacts(self.key, None, (), None, moment + CLOCKS_DIFFER)
        if self._oracle is None:
            self._oracle = Oracle(self.contract, facts)
        self._oracle.facts = facts
        return self._oracle

    def _reasons(
        self, facts: TargetFacts, request: Request, expected: Expected
    ) -> Iterator[Reason]:
        numbers = _numbers(request.body)
        if not expected.breaches:
            found = [] if _is_odd(request.body) else self._open(facts, expected)
            places = {each.sentence: each.unspecified for each in found}
            for why in expected.why:
                told = _TOO_DEEP.get(why, why)
                yield Reason(_about(places.get(why, ()), told, numbers))
            return
        messages = self._messages(request.body)
        for breach in expected.breaches:
            requirement = breach.requirement
            at = location_text(breach.location) if breach.location else ""
            words = messages.get((requirement.name, breach.location))
            words = words and _as_sent(words, numbers.get(breach.location))
            yield Reason(
                shortened(words or self._of_request(request, breach), LONGEST),
                requirement.name,
                requirement.level,
                at,
                f"{requirement.file}:{requirement.line}",
            )
        # A person mends all at once, what the documents leave open too.
        besides = {breach.location for breach in expected.breaches if breach.location}
        for each in self._open(facts, expected, besides) if besides else ():
            yield Reason(_about(each.unspecified, each.sentence, numbers))

    def _open(
        self, facts: TargetFacts, expected: Expected, besides: Collection[Location] = ()
    ) -> list[Unspecified]:
        """What the documents leave open of a payload, if there is one, and where that is."""
        payload = expected.payload
        return [] if payload is None else why_unspecified(self.contract, facts, payload, besides)

    def _messages(self, body: bytes) -> dict[tuple[str, Location], str]:
        """What the document's schema says of a body, by requirement and location."""
        try:
            text = parse(body)
        except Malformed:
            return {}
        if "depth" in text.oddities:
            words = f"the body is an array of more than {DEEPEST} levels, which was not read"
            return {("body.type", ()): words}
        return {
            (requirement.name, location): message
            for requirement, location, message in broken(self.contract.request, text.value)
            if requirement is not None
        }

    def _of_request(self, request: Request, breach: Breach) -> str:
        """What is wrong with a request outside its payload's schema."""
        match breach.requirement.name:
            case "security.key":
                sent = values_of(request.headers, self.contract.key_header or "")
                known = "is not the mirror's" if any(sent) else "is missing"
                return f"the key in {self.contract.key_header} {known}"
            case "requestBody.mediaType":
                sent = values_of(request.headers, "content-type")
                return f"the media type is {', '.join(sent)}"
            case "requestBody.required":
                return "there is no body"
            case "requestBody.json" | "requestBody.utf8":
                return f"the body {_malformed(request.body)}"
            case "request.method":
                return f"{request.method} is not POST"
        return f"{brief(find(value_of(request.body), breach.location))} is refused"


def _has_more_values(payload: Json, most: int) -> bool:
    stack, count = [payload], 0
    while stack and count <= most:
        value = stack.pop()
        count += 1
        if isinstance(value, dict | list):
            stack += value.values() if isinstance(value, dict) else value
    return count > most


class _Written(str):
    """A number as it was written."""

    __slots__ = ()


_TOO_DEEP = {"JSON with depth": f"JSON of more than {DEEPEST} levels, which was not read"}
"""What a client's author has to know of that doubt."""
_NUMBER = re.compile(r"-?[0-9][0-9.]*(?:[eE][+-]?[0-9]+)?(?= |,)")
"""The number with which words about one begin."""


def _numbers(body: bytes) -> dict[Location, str]:
    """The numbers of a body as they were written, by location."""
    found: dict[Location, str] = {}
    with suppress(ValueError, RecursionError):
        value = json.loads(body, parse_int=_Written, parse_float=_Written)
        stack: list[tuple[Location, Json]] = [((), value)]
        while stack:
            at, value = stack.pop()
            if isinstance(value, _Written):
                found[at] = shortened(value, 60)
            elif isinstance(value, dict):
                stack += [((*at, name), child) for name, child in value.items()]
            elif isinstance(value, list):
                stack += [((*at, index), child) for index, child in enumerate(value)]
    return found


def _about(locations: Sequence[Location], sentence: str, numbers: dict[Location, str]) -> str:
    """A sentence about locations. Where the first of them and its number begin it, the number is
    as it was written.
    """
    named = location_text(locations[0]) if locations else ""
    for begins in (f"{named}: ", f"{named} is ") if named else ():
        if sentence.startswith(begins):
            return begins + _as_sent(sentence[len(begins) :], numbers.get(locations[0]))
    return sentence


def _as_sent(words: str, written: str | None) -> str:
    """The words about a number, with which they begin, as it was written."""
    begins = _NUMBER.match(words)
    return words if written is None or begins is None else written + words[begins.end() :]


def _is_odd(body: bytes) -> bool:
    """Whether a body is JSON that readers take for different things: no schema judges it."""
    try:
        return bool(parse(body).oddities)
    except Malformed:
        return False


def _malformed(body: bytes) -> str:
    try:
        parse(body)
    except Malformed as error:
        return str(error)
    return "is not JSON"


def _path_of(target: str) -> str:
    """The path of a request's target, which may be a whole address (RFC 9112 3.2.2).

    A letter may be escaped; an escaped / is another character (RFC 3986 2.2).
    """
    path = re.sub(r"\A[A-Za-z][A-Za-z0-9+.-]*://[^/?]*", "", target).partition("?")[0]
    return _ESCAPED.sub(lambda found: unquote(found[0]), path)


_ESCAPED = re.compile("%(?:4[1-9A-F]|5[0-9AF]|6[1-9A-F]|7[0-9AE]|2[DE]|3[0-9])", re.IGNORECASE)
"""Letters, digits and -._~ as escapes."""


_SINGLE = frozenset(
    (
        *("authorization", "content-location", "content-range", "content-type", "date", "from"),
        *("if-modified-since", "if-range", "if-unmodified-since", "max-forwards"),
        *("proxy-authorization", "range", "referer", "user-agent"),
    )
)
"""Header fields that may be sent once only (RFC 9110), as the one with the key may."""


@dataclass(frozen=True, slots=True)
class Misdirection:
    """Why no server is asked about a request, and the status that it gets instead."""

    status: str
    reason: Reason


def misdirection(contract: Contract, request: Request) -> Misdirection | None:
    """What is wrong with a request that is not for the endpoint, or not one request.

    A lenient server would take some of these, and create what nobody may rely on.
    """
    path = _path_of(request.path)
    if path != contract.path:
        clause = contract.named("request.method")  # it stands under the path
        reason = Reason(
            f"the path is {shortened(path, 80)}, not {contract.path}",
            "request.path",
            "MUST",
            clause=f"{clause.file}:{clause.line}",
        )
        return Misdirection("404 Not Found", reason)
    single = {*_SINGLE, (contract.key_header or "").lower()}
    counts = Counter(name.lower() for name, _ in request.headers)
    repeated = [name for name, count in counts.items() if count > 1 and name in single]
    if repeated:
        reason = Reason(
            f"it has more than one {' and more than one '.join(repeated)}",
            "request.http",
            "MUST",
            clause="RFC 9110, section 5.3",
        )
        return Misdirection("400 Bad Request", reason)
    return None
