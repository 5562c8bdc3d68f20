"""Whether ids that were given before depend on the connection, or on texts that items have."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from itertools import count

from causes.cause import AFTER, CONNECTION
from causes.repetition import Asking, Resend, Unsteady
from causes.sightings import Sighting
from spec.contract import PLACEHOLDER
from spec.oracle import Verdict
from spec.paths import values_at
from strategies.invoice import encode


@dataclass(frozen=True, slots=True)
class GivenIds:
    """Asks for it with some plain invoices."""

    sighting: Sighting
    asking: Asking
    resend: Resend
    shows: Callable[[Verdict | None], bool]

    def unsteady(self) -> Unsteady | None:
        """Which of the two it is; None if neither."""
        return self._begin_anew() or self._of_equal_items()

    def _begin_anew(self) -> Unsteady | None:
        """That the first answers over two connections have one id, and the next one has another;
        None if not.
        """
        path = self.sighting.symptom.violations[0].requirement.path
        given, shown = [], self.sighting.verdict
        for apart in (True, False, True):
            if apart:
                self.asking.apart()
            verdict = self.resend(self.sighting.control.verdict.exchange.request, PLACEHOLDER)
            given.append(next(iter(values_at(verdict and verdict.answer, path)), None))
            shown = verdict if verdict is not None and self.shows(verdict) else shown
        if given[0] is None or given[0] != given[2] or given[0] == given[1]:
            return None
        works, fails = "two invoices over one connection", "two invoices, over a connection each"
        return Unsteady(CONNECTION, [CONNECTION], works, fails, shown)

    def _of_equal_items(self) -> Unsteady | None:
        """That the items of two plain invoices have one id where a text of them is the same, and
        ids of their own where it is another one; None if not.
        """
        payload, name = self.sighting.control.payload, self.sighting.contract.relations.sum.items
        items, numbers = payload.get(name), count(2)
        if not (isinstance(items, list) and items and isinstance(items[0], dict)):
            return None

        def sent(other: Collection[str] = ()) -> Verdict | None:
            """The verdict on a plain invoice whose items have these texts otherwise."""
            number = next(numbers)
            texts = [{each: f"{item[each]} {number}" for each in other} for item in items]
            changed = [{**item, **own} for item, own in zip(items, texts, strict=True)]
            return self.asking.send(encode({**payload, name: changed}), None)

        texts = [
            each
            for each, value in items[0].items()
            if isinstance(value, str) and PLACEHOLDER not in value
        ]
        _, again, another = sent(), sent(), sent(texts)
        if again is None or another is None or not self.shows(again) or self.shows(another):
            return None
        blamed = [each for each in texts if not self.shows(sent([each]))] or texts
        same = " and ".join(f"{name}[].{each}" for each in blamed)
        plain, words = self.sighting.control.name, f"the same {same} as in an invoice before it"
        works, fails = f"{plain}, with another {same}", f"{plain}, with {words}"
        return Unsteady(AFTER, [words], works, fails, again, 201)
