"""Explains what a test found: the smallest difference between a request that is answered well and
one that is not. It sends some more requests for that, which count for nothing else.
"""

import json
import os
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from reports.causes import CASE, EVERY, MOST_ANSWERS, SOMETIMES, UNKNOWN, Cause
from reports.ledger import Ledger
from run.symptoms import Symptom, answered, is_unusual, symptoms, told
from spec.answer import names
from spec.contract import PLACEHOLDER, Contract, ShortRepr, TargetFacts
from spec.coverage import exhausted
from spec.exchange import Request
from spec.expectation import Expectation
from spec.oracle import Oracle, Verdict
from spec.paths import Json, Location, find, location_text, path_text, put, remove, schema_at
from spec.violation import Category, shortened
from strategies.coherence import ITEMS, ORDER, PAID, STATUS, consistent
from strategies.difference import (
    LONGEST_SHOWN,
    Change,
    applied,
    differences,
    in_item,
    least,
    shortest,
    smallest,
    within,
)
from strategies.invalid import invalid_body
from strategies.invoice import base, encode
from strategies.traits import kinds_of, path_of, traits_of, type_of, with_parts
from targets.client import Client
from targets.errors import CannotTellError

MOST_FOR_ONE = 12
"""Requests that explain one cause."""
MOST_IN_ALL = 150
"""Requests of a run that explain causes; its workers share them."""
MOST_UNANSWERED = 2
"""Requests that explain why no answer comes: each of them takes its full time."""
UNSUSPECTED = 4
"""The rank of a change that nothing points to."""
ESTABLISHED = 2
"""Properties at which one kind of difference was found, after which it may be at any."""

PLAIN = "the plain invoice"
SMALLER = "a smaller invoice"
REFUSAL = "the plain invalid invoice"

STAMP = re.compile(r"IC-[0-9A-F]{8}-[0-9A-F]{8}")
_FRAMING = ("host", "content-length", "transfer-encoding")
_USUAL = ("User-Agent", "Accept", "Accept-Encoding", "Content-Type")

Changes = tuple[Change, ...]


@dataclass(slots=True)
class Known:
    """A cause, the symptom and the case it was found by, the changes that bring it about, and the
    verdict that shows it best. `own` says that the server names what was changed.
    """

    cause: Cause
    symptom: Symptom
    changes: Changes
    shown: Verdict
    case: str
    own: bool


@dataclass(frozen=True, slots=True)
class Control:
    """What everything is compared with, what it is called, and its verdict."""

    name: str
    payload: Json
    verdict: Verdict

    @property
    def is_accepted(self) -> bool:
        """Whether the server creates it."""
        response = self.verdict.exchange.response
        return response is not None and response.status == 201


@dataclass(slots=True, repr=False)
class Findings(ShortRepr):
    """Explains the violations of one run, as far as one process sees them.

    `left` is how many requests it may still send.
    """

    contract: Contract
    facts: TargetFacts
    oracle: Oracle
    ledger: Ledger
    left: int = field(default_factory=lambda: MOST_IN_ALL // _processes())
    known: list[Known] = field(default_factory=list)
    _controls: dict[str, Control] = field(default_factory=dict)

    def explain(self, client: Client, verdict: Verdict, name: str, group: str = "") -> Verdict:
        """Put each violation of a verdict down to a cause; `name` is what its case is called, and
        `group` what the cases are that were sent with it.

        Returns the verdict on a smaller request that shows the same, if one is known.
        """
        shown = verdict
        for symptom in symptoms(verdict):
            case = _Case(self, client, symptom, verdict, name, group)
            known = next(filter(case.has, self.known), None) or self._answered_often(symptom)
            if known is None:
                known = case.explained()
                self.known.append(known)
            for violation in symptom.violations:
                self.ledger.attribute(violation, known.cause, known.shown)
            shown = known.shown if shown is verdict else shown
        return shown

    def _answered_often(self, symptom: Symptom) -> Known | None:
        """The first of many causes with the same answer, which are told as one."""
        alike = [
            known
            for known in self.known
            if not symptom.of_answer and known.symptom.is_like(symptom)
        ]
        return alike[0] if len(alike) > MOST_ANSWERS else None

    def send(self, client: Client, body: bytes, like: Request | None = None) -> Verdict | None:
        """The quiet verdict on a body, sent as usual or `like` a request; None when no more may be
        sent.
        """
        if self.left <= 0:
            return None
        self.left -= 1
        try:
            exchange = client.send(body) if like is None else again(client, like, body)
        except CannotTellError:
            self.left = 0
            return None
        verdict = self.oracle.judge(exchange, quiet=True)
        self.ledger.note(verdict)
        return verdict

    def control(self, client: Client) -> Control | None:
        """An invoice that is accepted: the plain one or, where that is refused, a smaller one.

        None when nothing may be sent any more.
        """
        if PLAIN in self._controls:
            return self._controls.get(SMALLER) or self._controls[PLAIN]
        payload = base(self.contract, self.facts)
        plain = self._once(client, PLAIN, payload, encode(payload))
        if plain is None or plain.is_accepted:
            return plain
        payload = smaller(self.contract, payload)
        control = self._once(client, SMALLER, payload, encode(payload))
        if control is None or not control.is_accepted:
            self._controls.pop(SMALLER, None)
            return plain
        for symptom in symptoms(plain.verdict):
            if not symptom.of_answer:
                self.known.append(
                    _Case(self, client, symptom, plain.verdict, PLAIN, "").explained()
                )
        return control

    def refusal(self, client: Client) -> Control | None:
        """The plain invalid invoice, sent once in a run."""
        body = invalid_body(self.contract, self.facts)
        return self._once(client, REFUSAL, json.loads(body), body)

    def _once(self, client: Client, name: str, payload: Json, body: bytes) -> Control | None:
        if name not in self._controls:
            verdict = self.send(client, body)
            if verdict is None:
                return None
            self._controls[name] = Control(name, payload, verdict)
        return self._controls[name]


def smaller(contract: Contract, payload: dict[str, Json]) -> dict[str, Json]:
    """What is required of a valid invoice, with one item."""
    required = contract.request_schema.get("required", ())
    less = {name: value for name, value in payload.items() if name in required}
    if isinstance(less.get(ITEMS), list):
        less[ITEMS] = less[ITEMS][:1]
    return consistent(contract, less)


def _processes() -> int:
    """How many workers pytest-xdist has started, of which this process is one."""
    return int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))


def again(client: Client, request: Request, body: bytes) -> Any:
    """Send another body as a request was sent, with a new stamp."""
    headers: list[tuple[str, str | None]] = [
        (name, value) for name, value in request.headers if name.lower() not in _FRAMING
    ]
    headers += [(name, None) for name in _USUAL if request.header(name) is None]
    return client.send(
        body,
        method=request.method,
        key=None,
        headers=headers,
        query=request.path.partition("?")[2],
        chunked=request.header("transfer-encoding") is not None,
    )


class _Case:
    """One symptom of a verdict that is to be explained."""

    def __init__(
        self,
        findings: Findings,
        client: Client,
        symptom: Symptom,
        verdict: Verdict,
        name: str,
        group: str,
    ) -> None:
        self.findings, self.client, self.symptom = findings, client, symptom
        self.verdict, self.group = verdict, group or name
        self.name = f"{name} ({group})" if group else name
        self.contract = findings.contract
        self.request = verdict.exchange.request
        self.field = answered(verdict)[1]
        self.control = findings.control(client)
        self.left = MOST_FOR_ONE
        if verdict.exchange.response is None:
            self.left = MOST_UNANSWERED
        self.seen: dict[bytes, Verdict | None] = {}
        self.shown = verdict

    # What is known already.

    def has(self, known: Known) -> bool:
        """Whether a known cause is the one of this symptom as well."""
        cause, mine = known.cause, self.symptom
        if self._follows(known):
            return True
        if not known.symptom.is_like(mine):
            return known.cause.traits == [EVERY] and self._never_comes_back(known)
        if _is_form(mine):
            return True
        if cause.traits in ([EVERY], [UNKNOWN]):
            return known.symptom.field == mine.field
        if cause.traits in ([CASE], [SOMETIMES]):
            return known.case == self.group or not self.changes or self.is_sent_otherwise
        return self._brings(known)

    def _follows(self, known: Known) -> bool:
        """Whether the request is refused for what a known cause refuses, and so for no other reason
        that it may have.
        """
        names = self.symptom.names
        if known.symptom.category != Category.REFUSED_VALID or known.symptom.of_answer:
            return False
        if self.symptom.of_answer and names != {"4xx.details.names"}:
            return False
        same = (known.symptom.answer, known.symptom.field) == answered(self.verdict)
        return same and (known.cause.traits == [EVERY] or self._brings(known))

    def _never_comes_back(self, known: Known) -> bool:
        """Whether a property comes back wrong that, as is known, never comes back right."""
        mine = self.symptom
        if not mine.of_answer or mine.category != Category.ECHO or _is_form(mine):
            return False
        return known.symptom.category == Category.ECHO and mine.names <= known.symptom.names

    def _brings(self, known: Known) -> bool:
        """Whether the changes of a known cause are among those of this case."""
        mine = self.changes
        return bool(known.changes) and all(
            any(self._is_more(known, one, each) for each in mine) for one in known.changes
        )

    def _is_more(self, known: Known, one: Change, mine: Change) -> bool:
        """Whether a change of this case is that of a known cause, or more of it."""
        same_field = known.symptom.of_answer or known.symptom.field == self.field
        if path_of(one.location) != path_of(mine.location):
            own = (
                known.own and bool(self.symptom.field) and names(self.symptom.field, mine.location)
            )
            if not (own or same_field) or not self._is_established(known):
                return False
        elif not same_field:
            return False
        if one.size is not None and mine.size is not None:
            plain = len(find(self.control.payload, one.location)) if self.control else 0
            return one.size <= mine.size if one.size > plain else mine.size <= one.size
        if one.removed or mine.removed or mine.size is not None:
            return one.removed and mine.removed
        if isinstance(one.value, str) and isinstance(mine.value, str):
            if len(one.value) > LONGEST_SHOWN:
                return len(mine.value) >= len(one.value)
            return one.value in mine.value or self._has_traits(known, mine)
        if type_of(one.value) != type_of(mine.value):
            return False
        return one.value == mine.value or self._has_traits(known, mine)

    def _is_established(self, known: Known) -> bool:
        """Whether differences of this kind were found at several properties."""
        if len(known.changes) > 1:
            return False
        kind = known.symptom.category, known.cause.answer, known.cause.traits
        alike = (
            other
            for other in self.findings.known
            if (other.symptom.category, other.cause.answer, other.cause.traits) == kind
        )
        return len({path for other in alike for path in other.cause.paths}) >= ESTABLISHED

    def _has_traits(self, known: Known, mine: Change) -> bool:
        return len(known.changes) == 1 and {*self._traits((mine,))} >= {*known.cause.traits}

    @cached_property
    def changes(self) -> Sequence[Change]:
        """What makes this payload of the control, what is suspect first."""
        payload = _payload(self.request.body)
        if not isinstance(payload, dict) or self.control is None:
            return ()
        found = differences(self.contract, self.control.payload, payload)
        return sorted(found, key=self._suspicion)

    def _suspicion(self, change: Change) -> int:
        location = change.location
        causes = [cause.location for cause in self.verdict.expected.causes]
        wrong = [_sent_at(each.location) for each in self.symptom.violations]
        for rank, places in enumerate((causes, wrong)):
            if any(place and location[: len(place)] == place for place in places):
                return rank
        named = find(self.verdict.answer, ("details", 0, "field"))
        if isinstance(named, str) and names(named, location):
            return 2
        return 3 if any(path_of(place) == path_of(location) for place in wrong) else UNSUSPECTED

    @property
    def is_sent_otherwise(self) -> bool:
        """Whether the request differs from a usual one in more than its body."""
        if self.control is None:
            return False
        usual, own = (_way(each) for each in (self.control.verdict.exchange.request, self.request))
        return usual != own

    # What has to be asked.

    def explained(self) -> Known:
        """The cause of this symptom, which no known one explains."""
        control = self.control
        if control is None:
            return self._known(UNKNOWN)
        if self._shows(control.verdict):
            return self._known(EVERY)
        status = self.verdict.exchange.response and self.verdict.exchange.response.status
        if _is_form(self.symptom) and status and status >= 400:
            refusal = self.findings.refusal(self.client)
            if refusal is not None and (status != 400 or self._shows(refusal.verdict)):
                return self._known(EVERY)
        changes = self.changes
        if not changes or self.request.method != "POST":
            return self._by_case()
        if self.is_sent_otherwise and self._fails(()):
            return self._by_case()
        rank = self._suspicion(changes[0])
        suspects = sum(self._suspicion(change) == rank for change in changes if rank < UNSUSPECTED)
        found = smallest(changes, self._fails, suspects)
        if found is None:
            return self._by_case()
        return self._by_changes(self._refined(self._within(found)))

    def _shows(self, verdict: Verdict | None) -> bool:
        """Whether a verdict has this symptom."""
        return verdict is not None and any(map(self.symptom.is_like, symptoms(verdict)))

    def _fails(self, changes: Sequence[Change]) -> bool | None:
        """Whether the control with these changes shows the symptom."""
        assert self.control is not None
        expected = self.verdict.expected
        places = [cause.location for cause in expected.causes] + [*expected.doubtful]
        fixed = {place[0] for place in places if place and isinstance(place[0], str)}
        return self._sent(applied(self.contract, self.control.payload, changes, [*fixed]))

    def _sent(self, payload: Json) -> bool | None:
        try:
            body = encode(payload)
        except ValueError:  # a number that JSON does not have
            return False
        if body not in self.seen:
            if self.left <= 0:
                return None
            self.left -= 1
            verdict = self.findings.send(self.client, body, self.request)
            if verdict is None:
                return None
            self.seen[body] = verdict
        verdict = self.seen[body]
        shows = self._shows(verdict)
        if shows and verdict is not None:
            self.shown = verdict
        return shows

    def _by_case(self) -> Known:
        """A cause of which only the case is known, or not even that it shows each time."""
        body = STAMP.sub(PLACEHOLDER, self.request.body.decode("latin-1")).encode("latin-1")
        verdict = self.findings.send(self.client, body, self.request)
        if verdict is None:
            return self._known(UNKNOWN)
        return self._known(CASE if self._shows(verdict) else SOMETIMES)

    def _refined(self, changes: Changes) -> Changes:
        """The changes, with the value that is to blame made smaller."""
        assert self.control is not None
        refined = [*changes]
        for index, change in enumerate(changes):
            if not change.location or not (
                changes[1:] == () or self._is_own(change) or self._is_named(change)
            ):
                continue
            others = (*changes[:index], *changes[index + 1 :])

            def fails(one: Change, others: Changes = others) -> bool | None:
                return self._fails((*others, one))

            if change.size is not None:
                refined[index] = self._fewest(change, fails)
            elif isinstance(change.value, str):
                refined[index] = self._shorter(change, fails)
            elif not others:
                refined[index] = self._paid_or_status(change)
            break
        return tuple(refined)

    def _within(self, changes: Changes) -> Changes:
        """The changes, at the items of the control that they go to."""
        assert self.control is not None
        if any(change.size is not None for change in changes):
            return changes
        payload = self.control.payload
        return tuple(replace(one, location=within(payload, one.location)) for one in changes)

    def _paid_or_status(self, change: Change) -> Change:
        """The status instead of the amount paid that brought it about, if it is to blame."""
        assert self.control is not None
        if change.location != (PAID,) or STATUS not in self.control.payload:
            return change
        changed = applied(self.contract, self.control.payload, (change,))
        without = consistent(self.contract, remove(changed, (STATUS,)))
        if changed.get(STATUS) in (None, self.control.payload[STATUS]) or self._sent(without):
            return change
        return Change((STATUS,), changed[STATUS])

    def _fewest(self, change: Change, fails: Callable[[Change], bool | None]) -> Change:
        """The smallest number of items that will do."""
        assert self.control is not None
        assert change.size is not None
        plain = len(find(self.control.payload, change.location))
        if change.size <= plain:
            return change
        size = least(plain, change.size, lambda n: fails(replace(change, size=n)))
        return replace(change, size=size)

    def _shorter(self, change: Change, still: Callable[[Change], bool | None]) -> Change:
        """The shortest text that will do, or the shortest length of plain letters."""
        schema = schema_at(self.contract.narrowed_schema, path_of(change.location))
        text = change.value
        assert self.control is not None

        def fails(value: str) -> bool | None:
            return still(replace(change, value=value))

        plain = find(self.control.payload, change.location)
        if "enum" in schema or (
            path_of(change.location) == (ORDER,) and self.findings.facts.order_ids
        ):
            return change
        if schema.get("format") in ("date-time", "web-url") and isinstance(plain, str):
            for mixed in with_parts(schema, plain, text):
                if fails(mixed):
                    return replace(change, value=mixed)
            return change
        if self.verdict.expected.expectation is Expectation.REJECT and len(text) > LONGEST_SHOWN:
            return change
        stamp = PLACEHOLDER if PLACEHOLDER in text else ""
        if len(text) > LONGEST_SHOWN and fails(stamp.ljust(len(text), "x")):
            low = len(plain) if isinstance(plain, str) else 0
            size = least(low, len(text), lambda n: fails(stamp.ljust(n, "x")))
            return replace(change, value=stamp.ljust(size, "x"))
        return replace(change, value=shortest(text, fails, PLACEHOLDER))

    # What is told.

    def _known(self, trait: str) -> Known:
        works, fails = {
            EVERY: ("", "the plain invoice, and every other"),
            CASE: (PLAIN, self.name),
            SOMETIMES: (f"{self.name}, sent again", f"{self.name}, the first time"),
            UNKNOWN: ("", self.name),
        }[trait]
        return self._made(
            [trait], [trait], [], "" if trait == EVERY else self.name, works, fails, ()
        )

    def _by_changes(self, changes: Changes) -> Known:
        traits = sorted({*self._traits(changes)})
        kinds = sorted({kind for change in changes for kind in self._kinds(change)})
        paths = [path_text(path_of(change.location)) for change in changes]
        difference = " and ".join(map(str, changes)).replace(PLACEHOLDER, "IC-...")
        assert self.control is not None
        works, fails = self.control.name, f"the same with {difference}"
        if self.symptom.category == Category.ACCEPTED_INVALID:
            works, fails = f"{works} with {difference}", self._refused_elsewhere(changes)
        return self._made(traits, kinds, paths, difference, works, fails, changes)

    def _refused_elsewhere(self, changes: Changes) -> str:
        """Where the same fault is refused, if it is accepted in one item and not in another."""
        assert self.control is not None
        change = changes[0]
        items = self.control.payload.get(ITEMS)
        if len(changes) > 1 or len(change.location) < 3 or not isinstance(items, list):
            return ""
        index = change.location[1]
        others = [each for each in (0, len(items) - 1) if each != index]
        for other in others:
            if self._fails((in_item(change, other),)) is False:
                return f"the same in {location_text((ITEMS, other))}"
        return ""

    def _traits(self, changes: Sequence[Change]) -> Iterator[str]:
        assert self.control is not None
        for cause in self.verdict.expected.causes:
            if self.verdict.expected.expectation is Expectation.REJECT:
                yield cause.requirement.keyword
        own = [change for change in changes if self._is_own(change)]
        own = own or [change for change in changes if self._is_named(change)]
        for change in own or changes:
            plain = find(self.control.payload, change.location)
            schema = schema_at(self.contract.narrowed_schema, path_of(change.location))
            if (
                own
                and self.symptom.category == Category.ECHO
                and schema.get("format") == "date-time"
            ):
                yield "date"
            elif own or (len(changes) == 1 and not self.symptom.of_answer):
                yield from traits_of(self.contract, plain, change)
            else:
                yield str(change)

    def _kinds(self, change: Change) -> Iterator[str]:
        if self.verdict.expected.expectation is Expectation.REJECT:
            yield from (cause.requirement.keyword for cause in self.verdict.expected.causes)
        else:
            yield from kinds_of(change)

    def _is_own(self, change: Change) -> bool:
        """Whether a change is where the violation is."""
        wrong = [_sent_at(each.location) for each in self.symptom.violations]
        return any(path_of(place) == path_of(change.location) for place in wrong)

    def _limits(self, changes: Changes) -> Iterator[str]:
        """The requirements whose limit the changes reach."""
        reached = {*exhausted(self.contract, self.shown.expected.payload)}
        paths = {path_of(change.location) for change in changes}
        for requirement in self.contract.body_requirements:
            if requirement.path in paths and requirement.name in reached:
                yield requirement.name

    def _is_named(self, change: Change) -> bool:
        """Whether the server names what was changed."""
        field = self.symptom.field
        return not self.symptom.of_answer and bool(field) and names(field, change.location)

    def _made(
        self,
        traits: list[str],
        kinds: list[str],
        paths: list[str],
        difference: str,
        works: str,
        fails: str,
        changes: Changes,
    ) -> Known:
        symptom, response = self.symptom, self.verdict.exchange.response
        answer, own = symptom.answer, any(map(self._is_named, changes))
        if changes and symptom.field:
            answer += ", which names it" if own else f", which names {symptom.field}"
        code = find(self.shown.answer, ("code",))
        cause = Cause(
            category=symptom.category,
            answer=answer,
            traits=traits,
            kinds=kinds,
            paths=paths,
            limits=[*self._limits(changes)],
            difference=difference,
            works=works,
            fails=fails,
            status=response.status if response else None,
            code=code if isinstance(code, str) else "",
            detail=shortened(next(told(self.shown), ""), 120),
            place=symptom.violations[0].at,
            of_answer=symptom.of_answer and _is_form(symptom),
            unusual=not symptom.of_answer and is_unusual(symptom.answer),
        )
        return Known(cause, symptom, changes, self.shown, self.group, own)


def _is_form(symptom: Symptom) -> bool:
    """Whether the symptom is the form of an answer, which is explained once a requirement."""
    return symptom.of_answer and not any(
        violation.requirement.keyword == "echo" for violation in symptom.violations
    )


def _sent_at(location: Location) -> Location:
    """The location in the payload of what is wrong in an answer's `data`."""
    return location[1:] if location[:1] == ("data",) else location


def _payload(body: bytes) -> Json:
    """The payload of a body, with the placeholder in the place of its stamp; None if it has none."""
    try:
        return _unstamped(json.loads(body))
    except (ValueError, RecursionError):
        return None


def _unstamped(value: Json) -> Json:
    match value:
        case str():
            return STAMP.sub(PLACEHOLDER, value)
        case list():
            return [_unstamped(each) for each in value]
        case dict():
            return {name: _unstamped(each) for name, each in value.items()}
    return value


def _way(request: Request) -> tuple[Any, ...]:
    """How a request was sent, apart from its body."""
    headers = {(name, value) for name, value in request.headers if name.lower() != "content-length"}
    return request.method, request.path, headers
