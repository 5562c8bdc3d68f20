"""Finds the smallest difference that explains a symptom, by sending some more requests."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from causes.cause import (
    AFTER,
    AND,
    CASE,
    CONCURRENT,
    EVERY,
    LONG,
    SENT,
    SOMETIMES,
    UNKNOWN,
    Cause,
)
from causes.difference import (
    LONGEST_SHOWN,
    Edit,
    applied,
    differences,
    in_item,
    is_long,
    least,
    shortest,
    smallest,
    within,
)
from causes.sightings import Edits, Explained, Sighting
from causes.symptoms import is_unusual, symptoms, told
from causes.traits import path_of, plainer, with_parts
from spec.answer import names
from spec.contract import DIGITS, PLACEHOLDER, exhausted, unstamped
from spec.echo import LEFT_OVER
from spec.exchange import Request
from spec.oracle import Verdict
from spec.paths import Json, find, location_text, path_text, remove, schema_at
from spec.violation import Category, shortened
from strategies.coherence import consistent
from strategies.invoice import encode

MOST_FOR_ONE = 24
"""Requests that explain one cause."""
LONG_BODY = 4096
"""Bytes of a body that may be too long, whatever is in it."""
TO_CONFIRM = 3
"""Of these, those that are kept to send both sides of a difference once more."""
MOST_UNANSWERED = 8
"""Of these, those that get no answer, each of which takes its time."""

Send = Callable[[bytes, Request | None], Verdict | None]
"""Sends a body as a request was sent, or as usual; None when nothing more may be sent."""
Still = Callable[[Edit], bool | None]
"""Whether the symptom shows with this edit in the place of another one."""


class Explaining:
    """Explains one sighting. `refusal` gives the verdict on a plain invalid invoice, and `orders`
    says that only some order ids are known.
    """

    def __init__(
        self,
        sighting: Sighting,
        send: Send,
        refusal: Callable[[], Verdict | None],
        *,
        orders: bool,
    ) -> None:
        self.it, self.send, self.refusal, self.orders = sighting, send, refusal, orders
        self.contract, self.control = sighting.contract, sighting.control
        self.left, self.unanswered = MOST_FOR_ONE - TO_CONFIRM, MOST_UNANSWERED
        self.seen: dict[bytes, bool] = {}
        self.like: Request | None = sighting.request
        self.shown = sighting.verdict

    def explained(self) -> Explained:
        """The cause of a symptom that no known one explains."""
        it = self.it
        response = it.verdict.exchange.response
        left_over = [v.location[1:] for v in it.symptom.violations if v.expected == LEFT_OVER]
        if left_over:
            words = f"the invoice before it had {location_text(left_over[0])}"
            return self._made([AFTER], [AFTER], words, "", f"{it.name}; {words}", ())
        if self._shows(self.control.verdict):
            return self._known(EVERY)
        status = response.status if response else 0
        # Of errors other than 400 there is none to compare them with.
        is_error = it.symptom.is_form and status >= 400
        if is_error and (status != 400 or self._shows(self.refusal())):
            return self._known(EVERY)
        again = self._again()
        if not again:
            after = None if again is None else self.after_another()
            return after or self._known(UNKNOWN if again is None else SOMETIMES)
        if it.ways and it.is_of_an_invoice:
            if self._fails(()):
                return self._by_ways()
            self._try_as_usual()
        if not it.edits or it.request.method != "POST":
            return self._known(CASE)
        by_size = self._by_size()
        if by_size is not None:
            return by_size
        edits = it.independent
        rank = it.suspicion(edits[0])
        suspects = [edit for edit in edits if it.suspicion(edit) == rank]
        found = smallest(edits, self._fails, len(suspects) if it.is_suspect(rank) else 0)
        if found is None:
            return self._known(CASE)
        found = self._refined(self._within(found))
        return self._by_edits(found) if self._holds(found) else self._known(SOMETIMES)

    def _again(self) -> bool | None:
        """Whether the request shows it when it is sent again; None when nothing may be sent."""
        verdict = self._resent(self.it.request)
        return None if verdict is None else self._shows(verdict)

    def _resent(self, request: Request) -> Verdict | None:
        """The verdict on a request that is sent again, as another invoice."""
        self.left -= 1
        return self.send(unstamped(request.body.decode("latin-1")).encode("latin-1"), request)

    def after_another(self) -> Explained | None:
        """The cause of what shows only after the request before it, if that is so: of the plain
        invoice, or of what was sent itself.
        """
        before = self.it.verdict.exchange.before
        if before is None:
            return None
        asked = [(self.it.name, self.it.request)]
        if self.it.symptom.category != Category.WRONG_STATUS:
            asked.insert(0, (self.control.name, self.control.verdict.exchange.request))
        for name, request in asked:
            shown: Verdict | None = None
            for again in (True, False, True):
                if again:
                    self._resent(before.request)
                verdict = self._resent(request)
                if verdict is None or self._shows(verdict) is not again:
                    break
                shown = verdict if again else shown
            else:
                assert shown is not None
                self.shown = shown
                words = f"the request before it was answered {before.status or 'in no way'}"
                known = self._made(
                    [AFTER], [AFTER], words, f"{name}, sent alone", f"{name}; {words}", ()
                )
                return replace(known, after=before.status)
        return None

    def _holds(self, edits: Edits) -> bool:
        """Whether a difference is one, and no accident: with the edits it shows each time, and
        without them it does not.
        """
        shown = self.shown
        attempts: tuple[tuple[Edits, bool], ...] = ((edits, True), (edits, True), ((), False))
        self.left += TO_CONFIRM
        for changed, expected in attempts:
            self.seen.clear()
            if self._fails(changed) is (not expected):
                return False
        self.shown = shown
        return True

    def _try_as_usual(self) -> None:
        """Send from here on as usual, if the payload is to blame and not how it was sent."""
        self.like = None
        if not self._fails(self.it.edits):
            self.like = self.it.request
            self.seen.clear()

    def _shows(self, verdict: Verdict | None) -> bool:
        """Whether a verdict has this symptom."""
        return verdict is not None and any(map(self.it.symptom.is_like, symptoms(verdict)))

    def _fails(self, edits: Sequence[Edit]) -> bool | None:
        """Whether the control with these edits shows the symptom."""
        expected = self.it.verdict.expected
        places = [breach.location for breach in expected.breaches] + [*expected.doubtful]
        fixed = {place[0] for place in places if place and isinstance(place[0], str)}
        return self._sent(applied(self.contract, self.control.payload, edits, [*fixed]))

    def _sent(self, payload: Json) -> bool | None:
        try:
            return self._sent_body(encode(payload))
        except ValueError:  # a number that JSON does not have
            return False

    def _sent_body(self, body: bytes) -> bool | None:
        if body in self.seen:
            return self.seen[body]
        if self.left <= 0 or self.unanswered <= 0:
            return None
        self.left -= 1
        verdict = self.send(body, self.like)
        if verdict is None:
            return None
        self.unanswered -= verdict.exchange.response is None
        self.seen[body] = self._shows(verdict)
        if self.seen[body]:
            self.shown = verdict
        return self.seen[body]

    def _by_size(self) -> Explained | None:
        """The cause of what the plain invoice shows too, once blanks make it as long."""
        body, long = encode(self.control.payload), len(self.it.request.body)
        if self.it.is_refusal or not len(body) < LONG_BODY <= long:
            return None

        def fails(size: int) -> bool | None:
            return self._sent_body(body.ljust(size))

        if not fails(long):
            return None
        size = least(len(body), long, fails)
        shown, difference = self.shown, f"a body of {size} bytes"
        self.left += TO_CONFIRM
        self.seen.clear()
        if not fails(size) or fails(len(body)):
            return None
        self.shown = shown
        fault = f"the same with {difference}, blanks for the most part"
        known = self._made([LONG], [LONG], difference, self.control.name, fault, ())
        return replace(known, size=size)

    # Smaller values.

    def _within(self, edits: Edits) -> Edits:
        """The edits, at the items of the control that they go to."""
        if any(edit.size is not None for edit in edits):
            return edits
        payload = self.control.payload
        return tuple(
            replace(one, location=within(self.contract, payload, one.location)) for one in edits
        )

    def _refined(self, edits: Edits) -> Edits:
        """The edits, with the value that is to blame made smaller."""
        for index, edit in enumerate(edits):
            alone = len(edits) == 1
            if not edit.location or not (alone or self.it.is_own(edit) or self.it.is_named(edit)):
                continue
            before, after = edits[:index], edits[index + 1 :]

            def still(one: Edit, before: Edits = before, after: Edits = after) -> bool | None:
                return self._fails((*before, one, *after))

            return (*before, self._smaller(edit, still, alone=alone), *after)
        return edits

    def _smaller(self, edit: Edit, still: Still, *, alone: bool) -> Edit:
        if edit.size is not None:
            return self._fewest(edit, still)
        if isinstance(edit.value, str):
            return self._shorter(edit, still)
        return self._paid_or_status(edit) if alone else edit

    def _paid_or_status(self, edit: Edit) -> Edit:
        """The status instead of the amount paid that brought it about, if it is to blame."""
        state = self.contract.relations.state
        if edit.location != (state.paid,) or state.status not in self.control.payload:
            return edit
        changed = applied(self.contract, self.control.payload, (edit,))
        without = consistent(self.contract, remove(changed, (state.status,)))
        status = changed.get(state.status)
        if status in (None, self.control.payload[state.status]) or self._sent(without):
            return edit
        return Edit((state.status,), status)

    def _fewest(self, edit: Edit, still: Still) -> Edit:
        """The smallest number of items that will do."""
        plain = len(find(self.control.payload, edit.location))
        if edit.size is None or edit.size <= plain:
            return edit
        size = least(plain, edit.size, lambda n: still(replace(edit, size=n)))
        return replace(edit, size=size)

    def _shorter(self, edit: Edit, still: Still) -> Edit:
        """The shortest text that will do, or the shortest length of plain letters."""
        schema = schema_at(self.contract.narrowed_schema, path_of(edit.location))
        text, plain = edit.value, find(self.control.payload, edit.location)
        order = self.contract.relations.order.order
        if "enum" in schema or (self.orders and edit.location == (order,)):
            return edit

        def fails(value: str) -> bool | None:
            return still(replace(edit, value=value))

        if schema.get("format") in ("date-time", "web-url") and isinstance(plain, str):
            mixed = (each for each in with_parts(schema, plain, text) if fails(each))
            return replace(edit, value=next(mixed, text))
        long = is_long(text)
        stamp = next((each for each in (PLACEHOLDER, DIGITS) if each in text), "")
        if long and self.it.is_refusal:
            least_wrong = schema.get("maxLength", len(text)) + 1
            if not LONGEST_SHOWN < least_wrong <= len(text):
                return edit
            shorter = (stamp.ljust(least_wrong, "x"), text[:least_wrong])
            return replace(edit, value=next((each for each in shorter if fails(each)), text))
        if long and fails(stamp.ljust(len(text), "x")):
            low = len(plain) if isinstance(plain, str) else 0
            size = least(low, len(text), lambda n: fails(stamp.ljust(n, "x")))
            return replace(edit, value=stamp.ljust(size, "x"))
        short = shortest(text, fails, stamp)
        value = next((each for each in plainer(short, stamp) if fails(each)), short)
        return replace(edit, value=value)

    # What is told.

    def by_load(self) -> Explained:
        """The cause of a symptom that is not there when the same is asked alone."""
        return self._known(CONCURRENT)

    def _known(self, trait: str) -> Explained:
        """A cause of which no difference is known."""
        name = self.it.name
        works, fails = {
            EVERY: ("", name if self.it.symptom.is_form else "every one"),
            CASE: (self.control.name, name),
            SOMETIMES: (f"{name}, sent again", f"{name}, the first time"),
            CONCURRENT: (
                f"{name}, sent again alone",
                f"{name}, the first time, with other requests in flight",
            ),
            UNKNOWN: ("", name),
        }[trait]
        if self.it.symptom.category == Category.ACCEPTED_INVALID:  # what is wrong is accepted
            works, fails = fails, works if trait == SOMETIMES else ""
        return self._made([trait], [trait], "" if trait == EVERY else name, works, fails, ())

    def _by_edits(self, edits: Edits) -> Explained:
        difference = AND.join(map(str, edits)).replace(PLACEHOLDER, "IC-...")
        dependent = self._dependent(edits)
        if dependent is not None:
            difference = f"{dependent}, from {difference}"
        works, fails = self.control.name, f"the same with {difference}"
        if self.it.symptom.category == Category.ACCEPTED_INVALID:
            works, fails = f"{works} with {difference}", self._refused_elsewhere(edits)
        if dependent is not None:
            edits = (dependent,)
        traits, kinds = self.it.traits(edits), self.it.kinds(edits)
        return self._made(traits, kinds, difference, works, fails, edits)

    def _dependent(self, edits: Edits) -> Edit | None:
        """What has to change with the edits, such as a total, if the server names that alone."""
        field, plain = self.it.symptom.field, self.control.payload
        if not field or any(map(self.it.is_named, edits)):
            return None
        others = differences(self.contract, plain, applied(self.contract, plain, edits))
        places = {edit.location for edit in edits}
        named = (each for each in others if each.location not in places)
        return next((each for each in named if names(field, each.location)), None)

    def _by_ways(self) -> Explained:
        """The plain invoice shows it too when it is sent so; of a key only the case is told."""
        it, key = self.it, self.contract.key_header
        about_key = bool(key) and any(str(key).lower() in way.lower() for way in it.ways)
        difference = it.name if about_key else AND.join(sorted(it.ways))
        works, fails = self.control.name, f"the same with {difference}"
        if it.symptom.category == Category.ACCEPTED_INVALID:
            works, fails = f"{works} with {difference}", ""
        known = self._made([SENT, *sorted(it.ways)], [SENT], difference, works, fails, ())
        return replace(known, ways=it.ways)

    def _refused_elsewhere(self, edits: Edits) -> str:
        """Where the same fault is refused, if it is accepted in one item and not in another."""
        (edit, *more), name = edits, self.contract.relations.sum.items
        items = find(self.control.payload, (name,))
        if more or not edit.location[1:] or not isinstance(items, list):
            return ""
        shown = self.shown
        for other in {0, len(items) - 1} - {edit.location[1]}:
            if isinstance(other, int) and self._fails((in_item(edit, other),)) is False:
                return f"the same in {location_text((name, other))}"
        self.shown = shown
        return ""

    def _made(
        self,
        traits: list[str],
        kinds: list[str],
        difference: str,
        works: str,
        fails: str,
        edits: Edits,
    ) -> Explained:
        it, symptom = self.it, self.it.symptom
        response, code = it.verdict.exchange.response, find(self.shown.answer, ("code",))
        answer, own = symptom.answer, any(map(it.is_named, edits))
        detail = next(told(self.shown), "")
        if symptom.front and not symptom.of_answer:
            detail = (
                f"a page and no error of the API ({symptom.front}): is something in front of it?"
            )
        if edits and symptom.field:
            answer += ", which names it" if own else f", which names {symptom.field}"
        cause = Cause(
            category=symptom.category,
            answer=answer,
            traits=traits,
            kinds=kinds,
            paths=[path_text(path_of(edit.location)) for edit in edits],
            limits=[*self._limits(edits)],
            difference=difference,
            works=works,
            fails=fails,
            status=response.status if response else None,
            code=code if isinstance(code, str) else "",
            detail=shortened(detail, 160),
            of_answer=symptom.is_form,
            unusual=not symptom.of_answer and is_unusual(symptom.answer),
            front=symptom.front,
        )
        return Explained(cause, symptom, edits, self.shown, it.group, own)

    def _limits(self, edits: Edits) -> Iterator[str]:
        """The requirements whose limit the edits reach, and those on the length of texts whose
        length is what is different.
        """
        reached = {*exhausted(self.contract, self.shown.expected.payload)}
        long = {path_of(edit.location) for edit in edits if is_long(edit.value)}
        paths = {path_of(edit.location) for edit in edits}
        for requirement in self.contract.body_requirements:
            counts = requirement.keyword == "maxLength" and requirement.path in long
            if requirement.path in paths and (counts or requirement.name in reached):
                yield requirement.name
