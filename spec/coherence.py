"""Kinds of relations between the properties of an invoice: sum, state, order, distinct, new."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Context, Decimal, localcontext
from functools import lru_cache
from itertools import repeat
from typing import TYPE_CHECKING, Any, TypeGuard
from unicodedata import normalize

from spec.paths import ELEMENT, Location, Path, all_at, location_text, path_text, values_at
from spec.schema.amounts import meant
from spec.schema.formats import instant, instant_or_none

if TYPE_CHECKING:
    from spec.contract import TargetFacts


Payload = Mapping[str, Any]

EXACT = Context(prec=60, traps=[])
"""Wide enough for every product and sum that the reading allows; no rounding, no surprises."""

STATES = ("PENDING", "PARTIALLY_PAID", "PAID", "OVERPAID")
"""Of nothing paid, a part, all, and more."""

CLOCKS_DIFFER = timedelta(minutes=1)
_A_DAY = timedelta(days=1)

_SHORT = 512
"""Characters of a reference of which it is remembered how it is compared."""
_NUMBERS = frozenset({int, float, Decimal})


@dataclass(frozen=True, slots=True)
class Incoherence:
    """Why an invoice need not be accepted, in a sentence, and the locations that disagree."""

    sentence: str
    locations: tuple[Location, ...]


def exact(number: float | Decimal) -> Decimal:
    """The decimal that a JSON number is written as; a float counts as its shortest spelling."""
    return Decimal(repr(number)) if isinstance(number, float) else Decimal(number)


@lru_cache(maxsize=4096, typed=True)
def product_of(amount: float | Decimal, quantity: float | Decimal) -> Decimal:
    """Exact; cached, because invoices have the same amounts over and over."""
    return EXACT.multiply(exact(amount), exact(quantity))


@dataclass(frozen=True, slots=True)
class SumOfProducts:
    """The total is the sum of amount times quantity of the items.

    Those of the three that are `texts` are the numbers in them.
    """

    total: str
    items: str
    amount: str
    quantity: str
    texts: frozenset[str] = frozenset()

    def of(self, items: list[Payload]) -> Decimal:
        """The sum, exact."""
        factors = [[item[name] for item in items] for name in (self.amount, self.quantity)]
        if self.texts:
            factors = [[*map(meant, each)] for each in factors]
        with localcontext(EXACT):
            return sum(map(product_of, *factors), Decimal(0))

    def incoherences(self, payload: Payload, _: "TargetFacts") -> Iterator[Incoherence]:
        """Another total."""
        total, items = _amount_of(payload, self.total, self.texts), payload.get(self.items)
        if _is_number(total) and self._are_priced(items) and exact(total) != self.of(items):
            sentence = f"{self.total} is {total}, the {self.items}' sum {self.of(items)}"
            factors = (self.amount, self.quantity)
            lines = ((self.items, index, name) for index in range(len(items)) for name in factors)
            yield Incoherence(sentence, ((self.total,), (self.items,), *lines))

    def _are_priced(self, items: object) -> TypeGuard[list[Payload]]:
        if not isinstance(items, list):
            return False
        # As a rule all are of a few types, of which each is looked at once.
        if {*map(type, items)} - {dict}:
            return False
        names = self.amount, self.quantity
        try:
            kinds = {type(item[name]) for item in items for name in names}
        except KeyError:
            return False
        if str in kinds:
            kinds = {type(_amount_of(item, name, self.texts)) for item in items for name in names}
        return kinds <= _NUMBERS


@dataclass(frozen=True, slots=True)
class StateFromAmounts:
    """The status says how much of the total is paid: nothing, a part, all, or more.

    Nothing paid for nothing is both nothing and all. No status agrees with a negative payment. Each
    of the `others` agrees where one of those does that it is given with. `listed` are the states
    that the document has, where it is known with which amounts each of them agrees. Amounts that
    are `texts` are the numbers in them.
    """

    status: str
    paid: str
    total: str
    nothing: str
    part: str
    whole: str
    more: str
    others: tuple[tuple[str, tuple[str, ...]], ...] = ()
    listed: frozenset[str] = frozenset(STATES)
    texts: frozenset[str] = frozenset()

    def knows(self, status: object) -> bool:
        """Whether there are amounts with which a status agrees."""
        return status in (self.nothing, self.part, self.whole, self.more, *dict(self.others))

    def like(self, status: str) -> str:
        """One of the four states with whose amounts a status agrees."""
        return dict(self.others).get(status, (status,))[0]

    def agreeing(self, paid: Decimal, total: Decimal) -> frozenset[str]:
        """The states that agree with what was paid."""
        found = self._of_four(paid, total)
        return found | {status for status, alike in self.others if found & {*alike}}

    def leaves_none(self, paid: Decimal, total: Decimal) -> bool:
        """Whether states agree with what was paid, but the document has none of them."""
        agreeing = self.agreeing(paid, total)
        return bool(agreeing) and agreeing.isdisjoint(self.listed)

    def _of_four(self, paid: Decimal, total: Decimal) -> frozenset[str]:
        if paid < 0:
            return frozenset()
        if paid == 0:
            return frozenset({self.nothing, *([self.whole] if total == 0 else [])})
        if paid < total:
            return frozenset({self.part})
        return frozenset({self.whole if paid == total else self.more})

    def incoherences(self, payload: Payload, _: "TargetFacts") -> Iterator[Incoherence]:
        """Another status, or amounts with which none of the document's agrees."""
        total, paid = (_amount_of(payload, name, self.texts) for name in (self.total, self.paid))
        status = payload.get(self.status)
        if _is_number(total) and _is_number(paid):
            agreeing = self.agreeing(exact(paid), exact(total))
            if status is None:
                if self.leaves_none(exact(paid), exact(total)):
                    sentence = f"{self.status} has no member for {paid} paid of {total}"
                    yield Incoherence(sentence, ((self.paid,), (self.total,)))
            elif not isinstance(status, str) or status not in agreeing:
                right = min(agreeing, default="no status")
                sentence = f"{self.status} is {status}, but {paid} paid of {total} is {right}"
                yield Incoherence(sentence, ((self.status,), (self.paid,), (self.total,)))


@dataclass(frozen=True, slots=True)
class Distinct:
    """No two items have the same reference, also for a careless reader."""

    items: str
    reference: str

    def incoherences(self, payload: Payload, _: "TargetFacts") -> Iterator[Incoherence]:
        """Each reference that an item before has."""
        items, name = payload.get(self.items), self.reference
        found = [
            (index, item[name])
            for index, item in enumerate(items if isinstance(items, list) else ())
            if type(item) is dict and name in item and type(item[name]) is str
        ]
        read = same_references([reference for _, reference in found])
        if len({*read}) == len(read):
            return  # as nearly always
        seen: dict[str, int] = {}
        for (index, _), reference in zip(found, read, strict=True):
            first = seen.setdefault(reference, index)
            if first != index:
                where = tuple((self.items, each, self.reference) for each in (first, index))
                sentence = f"two {self.items} share a {self.reference}"
                yield Incoherence(sentence, ((self.items,), *where))


@dataclass(frozen=True, slots=True)
class InOrder:
    """Two instants that are past, the earlier of them not after the later."""

    earlier: str
    later: str

    def incoherences(self, payload: Payload, facts: "TargetFacts") -> Iterator[Incoherence]:
        """An instant that may be in the future, and another order."""
        first, second = (_instant(payload, name) for name in (self.earlier, self.later))
        latest = facts.started_at - CLOCKS_DIFFER
        for name, moment in ((self.earlier, first), (self.later, second)):
            if moment is not None and moment > latest:
                yield Incoherence(f"{name} is later than a server's clock may be", ((name,),))
        if first is not None and second is not None and first > second:
            sentence = f"{self.earlier} is later than {self.later}"
            yield Incoherence(sentence, ((self.earlier,), (self.later,)))


@dataclass(frozen=True, slots=True)
class NotBefore:
    """An invoice does not fall due before its own date, which many billing systems refuse; without
    that date, not before the run. Nor before the `others`, of which nobody knows what they are.
    Dates that the document's prose has `ahead` or `past` are so at a run, and those that it has
    `soon` on the one day that must be accepted.
    """

    due: str
    created: str
    others: tuple[str, ...] = ()
    ahead: tuple[str, ...] = ()
    past: tuple[str, ...] = ()
    soon: tuple[str, ...] = ()

    def incoherences(self, payload: Payload, facts: "TargetFacts") -> Iterator[Incoherence]:
        """An earlier date."""
        due, created = (_instant(payload, name) for name in (self.due, self.created))
        yield from self._out_of_time(payload, facts)
        for name in self.others:
            pair = [instant_or_none(payload.get(each)) for each in (self.due, name)]
            if pair[0] and pair[1] and pair[0] < pair[1]:
                yield Incoherence(f"{self.due} is before {name}", ((self.due,), (name,)))
        if due is None or (self.created in payload and created is None):
            return
        if created is not None and due < created:
            sentence = f"{self.due} is before {self.created}"
            yield Incoherence(sentence, ((self.due,), (self.created,)))
        elif created is None and due < facts.started_at:
            sentence = f"{self.due} is in the past, and {self.created} not sent"
            yield Incoherence(sentence, ((self.due,),))

    def _out_of_time(self, payload: Payload, facts: "TargetFacts") -> Iterator[Incoherence]:
        """Each date that is not on the side of the run where the prose has it, by a day at least:
        it may be over elsewhere.
        """
        sides = ((self.ahead, 1, "is not in the future"), (self.past, -1, "is not in the past"))
        for names, sign, what in sides:
            for name in names:
                moment = instant_or_none(payload.get(name))
                if moment is not None and (moment - facts.started_at) * sign < _A_DAY:
                    yield Incoherence(f"{name} {what}, as its description asks", ((name,),))


@dataclass(frozen=True, slots=True)
class OneOf:
    """The order is one of those that exist at the target, as far as they are known; else the one
    that stands `alone` where the document's prose says which orders it takes.
    """

    order: str
    alone: Any = None

    @property
    def requirement(self) -> str:
        """The name of the requirement that an unknown order gets 404."""
        return f"{self.order}.known"

    def incoherences(self, payload: Payload, facts: "TargetFacts") -> Iterator[Incoherence]:
        """An order that is not known."""
        if facts.order_ids and payload.get(self.order, facts.order_ids[0]) not in facts.order_ids:
            sentence = f"{self.order} is none of the target's known orders"
            yield Incoherence(sentence, ((self.order,),))
        alone = None if facts.order_ids else self.alone
        if alone is not None and payload.get(self.order, alone) != alone:
            sentence = f"{self.order} is another one than the document's example"
            yield Incoherence(sentence, ((self.order,),))


@dataclass(frozen=True, slots=True)
class After:
    """The update is later than the creation of the order (document's prose), where one is named."""

    updated: str
    order: str

    @property
    def requirement(self) -> str:
        """The name of the requirement that an update before its order is refused."""
        return f"{self.updated}.order"

    def is_broken(self, payload: Payload, facts: "TargetFacts") -> bool:
        """Whether the update is at or before the creation of the order, which is known."""
        updated, created = _instant(payload, self.updated), facts.order_created_at
        if updated is None or created is None or self.order not in payload:
            return False
        return updated <= created

    def incoherences(self, payload: Payload, facts: "TargetFacts") -> Iterator[Incoherence]:
        """An update, where it is not known when the order was created; or one before the known
        orders, where none is named: another property may have it.
        """
        created, updated = facts.order_created_at, _instant(payload, self.updated)
        if facts.order_ids and created is None and self.updated in payload:
            sentence = f"{self.updated} is sent, and when the order was created is not known"
            yield Incoherence(sentence, ((self.updated,),))
        elif created and updated and updated <= created and self.order not in payload:
            sentence = f"{self.updated} is not after the creation of the target's orders"
            yield Incoherence(sentence, ((self.updated,),))


@dataclass(frozen=True, slots=True)
class New:
    """No other invoice has these references: they carry the run's stamp."""

    paths: tuple[Path, ...]

    @property
    def of_invoices(self) -> frozenset[str]:
        """The names of those that are not of an item."""
        return frozenset(path_text(path) for path in self.paths if ELEMENT not in path)

    def of(self, payload: Payload | None) -> frozenset[tuple[str, str]]:
        """The references of an invoice and of its items, each with what it refers to, as a careless
        reader compares them.
        """
        found: list[tuple[str, str]] = []
        for path in self.paths:
            texts = [each for each in all_at(payload, path) if isinstance(each, str)]
            found += zip(repeat(path_text(path)), same_references(texts), strict=False)
        return frozenset(found)


@dataclass(frozen=True, slots=True)
class Product:
    """What a line of the answer adds up to: amount times quantity of its item."""

    total: str
    amount: str
    quantity: str


def same_reference(reference: str) -> str:
    """What a reader compares that ignores letter case, outer spaces, normalisation and leading
    zeros; two references that are equal in this form may be one to a server.
    """
    is_short = len(reference) <= _SHORT
    return _short_reference(reference) if is_short else _short_reference.__wrapped__(reference)


def same_references(references: list[str]) -> list[str]:
    """The same of each of several, in one go: an invoice may have a hundred."""
    return _read_alike(tuple(references))


@lru_cache(maxsize=4)
def _read_alike(references: tuple[str, ...]) -> list[str]:
    """Cached, because those of an invoice are compared with each other and with all before."""
    # Nothing changes a line break, or changes across one.
    read = _folded("\n".join(references)).split("\n")
    if len(read) != len(references):  # there are none, or some have line breaks
        return [*map(same_reference, references)]
    return [each.strip().lstrip("0") for each in read]


@lru_cache(maxsize=2048)
def _short_reference(reference: str) -> str:
    """Cached, because each reference of an invoice is compared several times."""
    return _folded(reference).strip().lstrip("0")


def _folded(text: str) -> str:
    """The text without letter case, and composed: an accent counts."""
    if text.isascii():
        return text.casefold()
    # Of the capital of Turkish that has a dot, other languages keep or drop the dot.
    return normalize("NFKC", normalize("NFKC", text).casefold().replace("i\u0307", "i"))


def _instant(payload: Payload, name: str) -> datetime | None:
    value = payload.get(name)
    try:
        return instant(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _amount_of(payload: Payload, name: str, texts: frozenset[str]) -> Any:
    """The amount of that name, or the number in it where it is one of the texts."""
    return meant(payload.get(name)) if name in texts else payload.get(name)


def _is_number(value: object) -> TypeGuard[int | float | Decimal]:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def respelled(integers: Iterable[Path], payload: Any) -> list[tuple[Location, str]]:
    """Integers written with a fraction or exponent: dialects of JSON Schema differ on them."""
    return [
        (at, f"{location_text(at)} is an integer written with a fraction or an exponent")
        for path in integers
        if Decimal in {*map(type, all_at(payload, path))}  # as seldom
        for at, value in reversed(values_at(payload, path))
        if isinstance(value, Decimal)
    ]
