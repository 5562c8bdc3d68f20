"""Two values of one invoice that a server compares although, or otherwise than, it should."""

from collections.abc import Iterator
from itertools import combinations

from spec.contract import PLACEHOLDER, Contract, TargetFacts
from spec.paths import ELEMENT, Path, scalar_paths
from strategies.acceptance.edges import Puts
from strategies.extras.links import SITE
from strategies.invoice import shared_plain_invoice
from strategies.scalars import keeps, main_type

_INSTANTS = (
    ("2021-05-10T01:00:00+10:00", "2021-05-09T20:00:00Z"),
    ("2021-05-10T00:30:00+14:00", "2021-05-09T00:30:00-11:00"),
    ("2021-05-09T23:30:00Z", "2021-05-09T19:30:00-05:00"),
    ("2022-01-01T00:15:00+13:00", "2021-12-31T12:15:00Z"),
    ("2020-03-01T05:00:00+09:00", "2020-02-29T21:00:00Z"),
    ("2021-06-01T02:00:00+05:30", "2021-05-31T16:00:00-08:00"),
    ("2021-05-10T00:00:00+02:00", "2021-05-09T22:00:00Z"),
    ("2021-05-09T22:00:00-02:00", "2021-05-10T00:00:00.5Z"),
    ("2021-05-10T12:00:00+12:00", "2021-05-09T13:00:00-11:00"),
    ("2021-05-09T12:00:00.9Z", "2021-05-09T13:00:01+01:00"),
    ("2021-05-10T00:59:59+01:00", "2021-05-09T23:59:59.001Z"),
    ("2021-05-09T12:00:00.600Z", "2021-05-09T12:00:00.601Z"),
    ("2021-05-09T12:00:00Z", "2021-05-09T12:00:00.4Z"),
)
"""An instant and one that is not before it, although its day, its time or its text is."""


def in_order(contract: Contract, path: Path) -> Iterator[Puts]:
    """Instants whose order is another one by the calendar, the clock or as texts: the creation, and
    a due date or an update at this path.
    """
    relations = contract.relations
    created, known = (relations.dates.earlier,), contract.narrowed_schema["properties"]
    if created[0] in known and path in ((relations.due.due,), (relations.dates.later,)):
        for earlier, later in _INSTANTS:
            yield (path, later), (created, earlier)


def alike(contract: Contract, facts: TargetFacts, path: Path) -> Iterator[Puts]:
    """The same text at this path of an invoice and at each that comes after it in the document: no
    two of them mean the same thing.
    """
    narrow, items = (contract.relations.order.order,), contract.relations.sum.items
    texts = [
        (at, schema)
        for at, schema in scalar_paths(contract.narrowed_schema)
        if main_type(schema) == "string"
        and schema.get("format", "text") == "text"
        and "enum" not in schema
        and not (facts.order_ids and at == narrow)
        and (len(at) == 1 or at[:2] == (items, ELEMENT))
    ]
    # What is in the invoice itself comes first: an extra has the place of its first value.
    texts.sort(key=lambda one: len(one[0]))
    stamped = contract.relations.new.paths
    for number, ((one, inner), (other, outer)) in enumerate(combinations(texts, 2)):
        text = f"{PLACEHOLDER}-{number}" if {one, other} & {*stamped} else f"A-{number}"
        if one == path and keeps(inner, text) and keeps(outer, text):
            yield (one, text), (other, text)


def mentioned(contract: Contract, facts: TargetFacts, path: Path) -> Iterator[Puts]:
    """What another property has, named in the text or the address at this path: that all is paid,
    whatever is, the order, the number. A server may look for one there.
    """
    relations, properties = contract.relations, contract.narrowed_schema["properties"]
    schema, number = properties.get(path[0]) if len(path) == 1 else None, relations.new.paths[1]
    if schema is None or "enum" in schema or main_type(schema) != "string":
        return
    order = shared_plain_invoice(contract, facts).get(relations.order.order, "")
    found: list[Puts] = []
    match schema.get("format", "text"):
        case "text" if path not in (*relations.new.paths, (relations.order.order,)):
            states = properties.get(relations.state.status, {}).get("enum", ())
            whole = [state for state in states if state == relations.state.whole]
            found += [((path, text),) for one in whole for text in (one, f"{one}: {order}")]
        case "web-url" if keeps(properties.get(number[0], {}), PLACEHOLDER):
            found += [((path, f"{SITE}/{PLACEHOLDER}"), (number, PLACEHOLDER))]
            found += [((path, f"{SITE}/{order}?number={PLACEHOLDER}"), (number, PLACEHOLDER))]
    yield from (puts for puts in found if keeps(schema, puts[0][1]))
