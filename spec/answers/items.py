"""Whether the items came back as a whole: each once, in the order sent."""

from decimal import Decimal
from functools import reduce
from typing import Any

from spec.answers.sameness import is_number, same
from spec.coherence import EXACT
from spec.expectation import Expected
from spec.paths import Path, find, put
from spec.relations import Relations
from spec.schema.amounts import meant

ALL_ITEMS = "each item once, in the order sent"
ANOTHER_ORDER = "the same items in another order"
LOST_ITEMS = "only some of the items"
NO_ITEMS = "no items"
MERGED_ITEMS = "fewer items, with their quantities added up"
REPEATED_ITEMS = "some items more than once"
REPLACED_ITEMS = "some items more than once and others not at all"
Items = list[dict[str, Any]]


def in_the_order_sent(
    path: Path, related: Relations, expected: Expected, answer: dict[str, Any]
) -> tuple[dict[str, Any], str | None]:
    """The answer with its items in the order sent, None for each that is lost, and what is wrong
    with them as a whole; nothing is, where the items cannot be told apart by their references.
    """
    sent, returned = find(expected.payload, path[1:]), find(answer, path)
    if not (isinstance(sent, list) and isinstance(returned, list)):
        return answer, None
    reference = (related.distinct.reference,)
    wanted = [find(item, reference) for item in sent]
    given = [find(item, reference) for item in returned]
    if not all(isinstance(reference, str) for reference in (*wanted, *given)):
        return answer, None
    if len({*wanted}) < len(wanted):
        return put(answer, path, _beside(sent, returned)), None
    if given == wanted or not {*given} <= {*wanted}:
        return answer, None
    first = dict(zip(reversed(given), reversed(returned), strict=True))
    items = [first.get(reference) for reference in wanted]
    if {*given} == {*wanted}:
        order = ANOTHER_ORDER if len(given) == len(wanted) else REPEATED_ITEMS
    elif len(first) < len(given):
        order = REPLACED_ITEMS
    elif first and _are_added_up(
        related, sent, [item for item in sent if find(item, reference) in first], returned
    ):
        order, items = MERGED_ITEMS, [None] * len(sent)
    else:
        order = LOST_ITEMS if first else NO_ITEMS
    return put(answer, path, items), order


def _beside(sent: Items, returned: Items) -> Items:
    """The returned items, each where the one that it repeats was sent, if all do."""
    left, found = [*returned], []
    for item in sent:
        same_item = next((each for each in left if _repeats(item, each)), None)
        if same_item is None:
            return returned
        left.remove(same_item)
        found.append(same_item)
    return returned if left else found


def _repeats(sent: dict[str, Any], returned: dict[str, Any]) -> bool:
    return all(same(value, returned[name]) for name, value in sent.items() if name in returned)


def _are_added_up(related: Relations, sent: Items, kept: Items, returned: Items) -> bool:
    """Whether the items that came back have the quantities of all, and not only those that they
    were sent with, `kept`.
    """
    before, after = _pieces(related, kept), _pieces(related, returned)
    return after is not None and before != after == _pieces(related, sent)


def _pieces(related: Relations, items: Items) -> Decimal | None:
    """The quantities of all items together; None where one has none."""
    quantities = [meant(find(item, (related.sum.quantity,))) for item in items]
    return reduce(EXACT.add, quantities) if all(map(is_number, quantities)) else None
