"""Invoices that break several requirements: two, one of them twice, very many, every pair."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import combinations

from spec.contract import Contract, TargetFacts
from spec.expectation import surely_broken
from spec.paths import ELEMENT, Json, Path, find, locations, path_text, schema_at, type_of, value_at
from spec.requirements import Requirement
from strategies.carried import carrying, for_known_order
from strategies.carriers import PLAIN, rotation
from strategies.cases import Case, sent_as
from strategies.dates import date_time_texts
from strategies.extras.company import beside, refused_in_company
from strategies.extras.unknown import with_unknown
from strategies.invalid import unbroken
from strategies.invoice import complete_invoice, encode
from strategies.relations import consistent, grown, in_element
from strategies.wrong.changes import changes_at, fixed, put_in, with_subject
from strategies.wrong.serialised import is_number
from strategies.wrong.together import together

Fault = tuple[Requirement, int]
"""A requirement to break, and in which item if it is about one."""

_MANY, _MOST = 25, 100
"""Faults, more than a page of details holds; elements, more than a buffer of errors does."""
_BYTE = 256
"""Faults that are none to a server that counts them in a byte."""
_MIXED = 30
"""Invoices in which every pair of requirements is broken; of another version perhaps not all."""
_TYPES = range(1, 4)
"""Turns in which what is no object is null, a text and a boolean."""
_SPREAD = 4
"""Items that faults of one invoice are spread over."""
_PAIRS = 18
"""Pairs of properties that are wrong with nothing else: a service may have a rule for a pair."""
_AS_EARLY = 2
"""One of so many is changed before its order was created, but for two properties that are wrong and
nothing else, and for items with one property alone, which a server may take for none."""
_SEVERAL = 3
"""The turn of these cases (`carriers.rotation`)."""


def several_faults(contract: Contract, facts: TargetFacts) -> tuple[Case, ...]:
    """Invoices with more than one fault: two requirements broken, one broken twice, very many, and
    each requirement with each other one.
    """
    subjects = [one for one in contract.body_requirements if one.path]
    of_items = [one for one in subjects if ELEMENT in one.path]
    faults: list[tuple[str, str, list[Fault]]] = []
    for number, one in enumerate(subjects):
        alike = _next_alike(contract, subjects[number:])
        if alike:
            faults.append(("two", f"{one} and {alike}", [(one, 0), (alike, 0)]))
    for one in of_items:
        if (left := _all_but(of_items, one)) and one.keyword == "required":
            # A line that has nothing else may be a comment, or the end of a table.
            both = [(each, index) for index in (0, 2) for each in left]
            faults.append(("alone", f"{path_text(one.path)} alone", both))
            continue
        # After it another name: a list of errors without doublets has a gap, not just an end.
        last = next((each for each in reversed(of_items) if each.path != one.path), one)
        after: list[Fault] = [(last, 3)] if _are_apart(last.path, one.path) else []
        faults.append(("twice", f"{one} twice", [(one, 0), (one, 2), *after]))
    for one in {one.keyword: one for one in reversed(of_items)}.values():
        many = [(one, index) for index in range(_MANY)]
        faults += [("many", f"{one} {_MANY} times", many)] if one.keyword != "type" else []
    inside = [one for one in of_items if one.keyword == "type" and one.path[-1] != ELEMENT]
    most = [(one, index) for index in range(_MOST) for one in inside]
    faults += [("most", f"every property of {_MOST} elements", most)] if most else []
    whole = [(one, 0) for one in subjects if one.keyword == "type" and not one.path[1:]]
    byte = [
        *whole[: _BYTE % max(len(inside), 1)],
        *most[: _BYTE // max(len(inside), 1) * len(inside)],
    ]
    faults += [("most", f"{_BYTE} faults", byte)] if most and len(byte) == _BYTE else []
    for one in of_items:  # one name twice in the errors
        same = (r for r in subjects if (r.path, r.keyword) == (one.path[2:], one.keyword))
        faults += [("both", f"{other} and {one}", [(other, 0), (one, 1)]) for other in same]
    every = [(one, 0) for one in subjects if one.keyword in ("type", "enum")]
    faults.append(("every", "every property", every))
    # There types are wrong in one way, as two numbers, which can be compared.
    known = [[one for one, _ in each if one.keyword != "type"] for _, _, each in faults]
    beyond = unbroken(contract)
    # The other way round there are fewer of them.
    mixed = _mixtures([one for one in subjects[::-1] if one not in beyond], known)
    faults += _of_two_lengths(subjects)
    met = {frozenset(one for one, _ in each) for _, _, each in faults}
    found = _of_two_properties(contract, subjects)
    pairs = [pair for pair in found if frozenset(one for one, _ in pair[2]) not in met]
    told = [(*each, int(each[0] == "alone")) for each in (*faults, *pairs[:_PAIRS])]
    mixtures = ((n, _placed(row, n)) for n, row in enumerate(mixed, 1))
    told += [("mixed", f"mixture {n} of faults", each, n) for n, each in mixtures]
    told += [("holes", f"wrong items {n}", _holes(of_items, n), n) for n in _TYPES if of_items]
    apart = (*_in_all_items(contract, facts), *_as_a_whole(contract, facts))
    return (*_cases(contract, facts, told), *apart)


def _in_all_items(contract: Contract, facts: TargetFacts) -> Iterator[Case]:
    """Each number of each item as a text, as what reads a table or a form sends all of them."""
    items, line = contract.relations.sum.items, contract.relations.line
    carriers = (replace(one, items=_SPREAD, number=None) for one in rotation(contract, _SEVERAL))
    for name, carrier in zip((line.quantity, line.amount), carriers, strict=False):
        payload = carrying(contract, facts, carrier)
        one = contract.find(f"{items}[].{name}.type")
        lines = payload.get(items, ())  # some versions may do without
        if one is None or not lines or not all(is_number(each.get(name)) for each in lines):
            continue
        texts = [{**each, name: str(each[name])} for each in lines]
        body = encode({**payload, items: texts})
        yield sent_as(contract, facts, Case(f"each {name} a text", "all", body), carrier)


def _as_a_whole(contract: Contract, facts: TargetFacts) -> Iterator[Case]:
    """Invoices that are wrong as a whole (`wrong.together`)."""
    carriers = (replace(one, items=_SPREAD, number=None) for one in rotation(contract, _SEVERAL))
    for (name, changes), carrier in zip(together(contract), carriers, strict=False):
        payload = carrying(contract, facts, carrier)
        wrong = {**payload, **{each: change(payload.get(each)) for each, change in changes.items()}}
        if broken := surely_broken(contract.request, wrong):
            kind = "all" if len(broken) > 1 else "beside"
            yield sent_as(contract, facts, Case(name, kind, encode(wrong)), carrier)


def _cases(
    contract: Contract, facts: TargetFacts, told: Iterable[tuple[str, str, list[Fault], int]]
) -> Iterator[Case]:
    """A case for each kind, name, faults and turn, in carriers in turn: of few items, so that the
    faults can be seen.
    """
    used = (replace(one, items=_SPREAD, number=None) for one in rotation(contract, _SEVERAL))
    ways = refused_in_company(contract)
    for number, ((kind, name, faults, turn), carrier) in enumerate(zip(told, used, strict=False)):
        # Of very many items long ones are too large.
        fitting = replace(carrier, texts=PLAIN) if kind == "most" else carrier
        payload, count = _with_faults(contract, carrying(contract, facts, fitting), faults, turn)
        if count == len(faults) or (count > 1 and (turn or kind in ("every", "most"))):
            if kind not in ("most", "alone"):
                payload = with_unknown(contract, payload, number) if number % 2 else payload
            called, sent = name, payload
            if number % _AS_EARLY == 0 and kind not in ("most", "two", "pair", "alone"):
                sent = for_known_order(contract, facts, payload, number // _AS_EARLY)
                if early := _before_its_order(contract, facts, sent, faults):
                    called, sent = f"{name}, before its order", early
            case = sent_as(contract, facts, Case(called, kind, encode(sent)), carrier)
            yield beside(case, next(ways))


def _before_its_order(
    contract: Contract, facts: TargetFacts, payload: Json, faults: Iterable[Fault]
) -> Json:
    """The invoice with its dates before its order's, unless they have a fault of their own: what
    looks at that may count on the rest to be right. None where nobody knows of such an order, or
    the last of the dates is to be wrong.
    """
    relations, moment = contract.relations, facts.order_created_at
    first, later = relations.dates.earlier, relations.dates.later
    wrong, known = {one.path[0] for one, _ in faults}, contract.find(relations.update.requirement)
    if moment is None or known is None or later in wrong:
        return None
    text = date_time_texts(moment - timedelta(days=1))[0]
    early = {each: text for each in (first, later) if each in payload and each not in wrong}
    return {**payload, **early, later: text}


def _of_two_lengths(subjects: Sequence[Requirement]) -> Iterator[tuple[str, str, list[Fault]]]:
    """Two texts of the invoice too long, and nothing else: a server may count faults modulo two."""
    longest = [one for one in subjects if one.keyword == "maxLength" and not one.path[1:]][-2:]
    if longest[1:]:
        yield "two", " and ".join(map(str, longest)), [(one, 0) for one in longest]


def _of_two_properties(
    contract: Contract, subjects: Sequence[Requirement]
) -> Iterator[tuple[str, str, list[Fault]]]:
    """Two properties of the invoice wrong and nothing else, each time in another way: first those
    with a list of values or a limit. Where the items are wrong, hardly any rule is left.
    """
    wrong: dict[Path, list[Requirement]] = {}
    for one in subjects[::-1]:
        is_whole = one.path == (contract.relations.sum.items,)
        if one.keyword != "required" and not (one.path[1:] or is_whole):
            wrong.setdefault(one.path, []).append(one)
    some = sorted(wrong.values(), key=lambda each: each[0].keyword in ("type", "maxLength"))
    for number, (first, second) in enumerate(combinations(some, 2)):
        pair = (first[number % len(first)], second[number // 2 % len(second)])
        yield "pair", " and ".join(map(str, pair)), [(one, number) for one in pair]


def _all_but(of_items: Sequence[Requirement], kept: Requirement) -> list[Requirement]:
    """What an item needs, but for one of its properties."""
    return [one for one in of_items if one.keyword == "required" and one.path != kept.path]


def _holes(of_items: Sequence[Requirement], turn: int) -> list[Fault]:
    """An element that is none, in each turn of another type, among some that each have another
    fault: it is the second one, or the last.
    """
    inside = [one for one in of_items if one.path[-1] != ELEMENT]
    first = {one.keyword: one for one in (*inside[turn:], *inside[:turn])}
    holes = [one for one in of_items if one.path[-1] == ELEMENT][:1]
    at = 1 if turn % 2 else len(first)
    beside = [index for index in range(len(first) + 1) if index != at]
    return [*((one, at) for one in holes), *zip(first.values(), beside, strict=False)]


def _placed(row: Iterable[Requirement], turn: int) -> list[Fault]:
    """The faults of a mixture: every other time those inside of items are all in one item, else
    they are spread. An item that is wrong itself is another one, before or after them.
    """
    whole, faults, number = turn // 2 % _SPREAD, list[Fault](), 0
    others = [index for index in range(_SPREAD) if index != whole]
    for one in row:
        if one.path[-1] == ELEMENT:
            faults.append((one, whole))
        else:
            faults.append((one, others[(turn if turn % 2 else number) % len(others)]))
            number += ELEMENT in one.path
    return faults


def _mixtures(
    subjects: Sequence[Requirement], known: Iterable[Collection[Requirement]]
) -> Iterator[list[Requirement]]:
    """Requirements to break together, so that each one meets each that it does not meet in those
    `known`.
    """
    count = len(subjects)
    apart = [
        sum(1 << n for n, two in enumerate(subjects) if _can_meet(one.path, two.path))
        for one in subjects
    ]
    left = [*apart]
    _meet(left, ([n for n, one in enumerate(subjects) if one in some] for some in known))
    for _ in range(_MIXED):
        row, taken, fitting = list[int](), 0, (1 << count) - 1
        while fitting:
            # Of those that fit, the one that meets most for the first time, or has most to meet.
            best = max(
                (n for n in range(count) if fitting >> n & 1),
                key=lambda n: ((left[n] & taken).bit_count(), left[n].bit_count()),
            )
            if not left[best] & taken and (row or not left[best]):
                break
            row.append(best)
            taken |= 1 << best
            fitting &= apart[best]
        if not row:
            return
        _meet(left, [row])
        yield [subjects[n] for n in sorted(row)]


def _can_meet(one: Path, other: Path) -> bool:
    """Whether both can be wrong in one invoice: an element itself, and what is inside of another
    element.
    """
    outer, inner = sorted((one, other), key=len)
    return _are_apart(one, other) or (outer != inner and outer[-1] == ELEMENT)


def _meet(left: list[int], rows: Iterable[Sequence[int]]) -> None:
    """Take out of what each has left to meet those that it meets in these rows."""
    for row in rows:
        met = sum(1 << n for n in row)
        for n in row:
            left[n] &= ~met


class _Ranks:
    """Orders values so that those next to one another are of other types: the first of each type
    come first.
    """

    def __init__(self) -> None:
        self._seen = Counter[str]()

    def __call__(self, value: Json) -> int:
        self._seen[type_of(value)] += 1
        return self._seen[type_of(value)]


def _next_alike(contract: Contract, subjects: Sequence[Requirement]) -> Requirement | None:
    """The next requirement as the first one, on a property of the same object and type: what is
    computed from both is computed from neither.
    """
    first, *rest = subjects
    complete = complete_invoice(contract)

    def kind(one: Requirement) -> tuple[Path, str, str, Json]:
        value = value_at(complete, locations(complete, one.path)[0])
        format_ = schema_at(contract.narrowed_schema, one.path).get("format")
        return one.path[:-1], one.keyword, type_of(value), format_

    # Any two that an item lacks are among what is wrong as a whole.
    lacking = first.keyword == "required" and ELEMENT in first.path
    if first.keyword not in ("required", "type") or first.path[-1] == ELEMENT or lacking:
        return None
    return next((one for one in rest if kind(one) == kind(first)), None)


def _are_apart(one: Path, other: Path) -> bool:
    """Whether neither path contains the other."""
    return one[: len(other)] != other[: len(one)]


def _with_faults(
    contract: Contract, payload: Json, faults: Sequence[Fault], turn: int
) -> tuple[Json, int]:
    """The invoice with each of these faults that those before it leave a place for, and how many
    those are. In a turn, each is in another way, but what is required is not there at all.
    """
    for requirement, index in faults:
        payload = with_subject(contract, requirement, payload)
        payload = grown(contract, payload, requirement.path, index + 1)
    payload = consistent(contract, payload)
    count = 0
    for number, (requirement, index) in enumerate(faults):
        location = in_element(requirement.path, index)
        if find(payload, location) is None:
            continue
        changes = [*changes_at(contract, requirement, payload, location).values()]
        if changes:
            way = index
            if turn:
                changes.sort(key=_Ranks())
                way = 0 if requirement.keyword == "required" else turn - 1 + number
            change = changes[way % len(changes)]
            payload = put_in(contract, requirement, payload, location, change)
            count += 1
    kept = {name for requirement, _ in faults for name in fixed(contract, requirement)}
    return consistent(contract, payload, kept), count
