"""Relations: what the properties of an invoice have to do with each other, which no schema can say.

`relations` is the one table of them, and of the names of their properties. The oracle checks each
of them here, and the generator keeps it (`strategies/relations.py`).
"""

import re
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from itertools import zip_longest
from typing import TYPE_CHECKING
from uuid import UUID

from jsonschema_rs import is_valid

from spec.coherence import (
    STATES,
    After,
    Distinct,
    Incoherence,
    InOrder,
    New,
    NotBefore,
    OneOf,
    Payload,
    Product,
    StateFromAmounts,
    SumOfProducts,
)
from spec.paths import ELEMENT, Path, join, place_of, properties_within, schema_at
from spec.prose.sentences import description_at
from spec.schema.amounts import CENT, ONE, write
from spec.schema.inlined import Schema
from spec.schema.overlay import AGREEING
from spec.yamlfile import YamlFile

if TYPE_CHECKING:
    from spec.contract import TargetFacts


@dataclass(frozen=True, slots=True)
class Relations:
    """The relations of one version of the document.

    Where that does not have the properties of one, no payload can break it.
    """

    sum: SumOfProducts
    state: StateFromAmounts
    distinct: Distinct
    dates: InOrder
    due: NotBefore
    order: OneOf
    update: After
    new: New
    line: Product

    def incoherences(self, payload: Payload, facts: "TargetFacts") -> tuple[Incoherence, ...]:
        """Why a payload that keeps the narrowed schema need not be accepted; empty if it is
        coherent.

        Total: values of any type are judged, for a server may name an incoherence of a payload that
        is wrong elsewhere. What is absent cannot disagree.
        """
        checked = (
            *(self.sum, self.state, self.distinct),
            *(self.dates, self.due, self.order, self.update),
        )
        return tuple(found for one in checked for found in one.incoherences(payload, facts))

    @property
    def amounts(self) -> tuple[Path, ...]:
        """The paths of what is added up: the amount and the number of an item, the total, and what
        is paid.
        """
        priced = self.sum
        of_an_item = ((priced.items, ELEMENT, name) for name in (priced.amount, priced.quantity))
        return *of_an_item, (priced.total,), (self.state.paid,)

    @property
    def texts(self) -> tuple[Path, ...]:
        """The paths of the amounts that are sent as texts."""
        named = self.sum.texts | self.state.texts
        return tuple(path for path in self.amounts if path[-1] in named)

    @property
    def names(self) -> frozenset[str]:
        """The names of the properties that have to agree with others, or with what is at the
        target.
        """
        named = {self.sum.total, self.sum.items, self.sum.amount, self.sum.quantity}
        named |= {self.state.status, self.state.paid, self.dates.earlier, self.dates.later}
        return frozenset(named | {self.due.due, self.order.order, self.distinct.reference})

    @property
    def all_names(self) -> frozenset[str]:
        """The same with those of the references that are new in each invoice."""
        return self.names | {path[-1] for path in self.new.paths}


_NONE: Mapping[str, tuple[str, ...]] = {}


def _own_name(path: str) -> str:
    return path.rpartition(".")[2]


def relations(
    named: Callable[[str], str] = _own_name,
    agreeing: Mapping[str, tuple[str, ...]] = _NONE,
    request: Schema | None = None,
) -> Relations:
    """The table: what the properties of an invoice have to do with each other.

    No other code of a run names a property. `named` says how a version of the document calls
    what today's has at a path. `agreeing` has the states that it adds, each with those of today
    with whose amounts it agrees; `request` is the schema that lists all.
    """
    items, reference = named("items"), named("items[].reference_id")
    amount, quantity = named("items[].amount"), named("items[].quantity")
    total, paid, status = named("total_amount"), named("paid_amount"), named("status")
    created, updated, order = named("created_at"), named("updated_at"), named("order_id")
    stamped = ((named("reference_id"),), (named("invoice_number"),), (items, ELEMENT, reference))
    return Relations(
        sum=SumOfProducts(total, items, amount, quantity),
        state=StateFromAmounts(
            status,
            paid,
            total,
            *STATES,
            others=tuple(agreeing.items()),
            listed=_listed(request, status, (*STATES, *agreeing)),
        ),
        distinct=Distinct(items, reference),
        dates=InOrder(created, updated),
        due=NotBefore(named("due_date"), created),
        order=OneOf(order),
        update=After(updated, order),
        new=New(stamped),
        line=Product(named("items[].item_total"), amount, quantity),
    )


def of_another_version(
    related: Relations, request: Schema, document: YamlFile
) -> tuple[Relations, list[str]]:
    """The relations as another version has states and amounts, and what is not sent, in words."""
    _list_states(related.state, request)
    state, place = related.state, dict(request.places).get(("properties", related.state.paid))
    related = _with_no_more(_with_texts(related, request), request, description_at(document, place))
    gone = state.listed - related.state.listed
    return related, [f"not sent: {state.status} {one}, as {state.paid} says" for one in gone]


def _list_states(state: StateFromAmounts, request: Schema) -> None:
    """Have what must be accepted list the states that are known, where the document lists none."""
    schema = request.root.get("properties", {}).get(state.status, {})
    known = [*STATES, *dict(state.others)]
    if schema.get("type") == "string" and "enum" not in schema:
        fitting = [one for one in known if is_valid(schema, one)]
        schema |= {"enum": fitting} if fitting else {}


def _with_texts(related: Relations, request: Schema) -> Relations:
    """The relations where amounts are texts, which what must be accepted then has as one writes
    amounts.
    """
    found: dict[Path, bool] = {}
    for path, (digits, unit) in zip(related.amounts, _WRITTEN, strict=True):
        schema, example = schema_at(request.root, path), request.example_of(place_of(path))
        found[path] = write(schema, example, digits, unit)
    piece, number, total, paid = ({path[-1]} if found[path] else set() for path in related.amounts)
    return replace(
        related,
        sum=replace(related.sum, texts=frozenset(piece | number | total)),
        state=replace(related.state, texts=frozenset(total | paid)),
    )


_WRITTEN = ((9, CENT), (6, ONE), (12, CENT), (12, CENT))
"""Digits before the point of what is added up, and what it is a multiple of, as the reading has it:
of the amount and the number of an item, the total and what is paid.
"""


def _with_no_more(related: Relations, request: Schema, description: str) -> Relations:
    """The relations where the description of what is paid says that it is at most the total: what
    must be accepted then has no state of more.
    """
    state = related.state
    found = AT_MOST.search(description)
    if found is None or state.total not in description[found.end() :].split(".", maxsplit=1)[0]:
        return related
    schema = request.root.get("properties", {}).get(state.status, {})
    if state.more in schema.get("enum", ()) and schema["enum"][1:]:
        schema["enum"] = [one for one in schema["enum"] if one != state.more]
    return replace(related, state=replace(state, listed=state.listed - {state.more}))


AT_MOST = re.compile(
    r"\b(?:at most|(?:not|never|cannot|can't) (?:be )?(?:exceed|more|greater|larger|higher|above)"
    r"|no (?:more|greater|larger|higher) than|up to|less than or equal)|<=|≤",
    re.IGNORECASE,
)


def _listed(request: Schema | None, status: str, known: tuple[str, ...]) -> frozenset[str]:
    """The states that a document lists, as far as they are known; any may be there if none is."""
    schema = request.root.get("properties", {}).get(status, {}) if request else {}
    members = frozenset(one for one in schema.get("enum", ()) if one is not None)
    return members & {*known} or frozenset(known)


RELATIONS = relations()
"""Those of the document that the suite was written for."""


def agreeing(overlay: YamlFile, request: Schema) -> dict[str, tuple[str, ...]]:
    """What the reading says of states that this version adds."""
    content = overlay.content.get(AGREEING, {})
    wrong = [
        each
        for each in (content.values() if isinstance(content, dict) else [None])
        if not isinstance(each, list) or not each or not all(one in STATES for one in each)
    ]
    if wrong:
        what = f"{AGREEING} maps each new state to a list of some of {', '.join(STATES)}."
        raise overlay.error(f"/{AGREEING}", what)
    listed = [
        member for _, one in properties_within(request.root) for member in one.get("enum", ())
    ]
    for state in content:
        if state not in listed or state in STATES:
            what = f"the document has no new state {state!r}."
            raise overlay.error(join(f"/{AGREEING}", state), what)
    return {state: tuple(alike) for state, alike in content.items()}


FULL_WIDTH = {code: code + 0xFEE0 for code in range(ord("!"), ord("~") + 1)}
"""ASCII to the forms of it that are as wide as an ideograph."""
LOOKALIKES = str.maketrans("ABCEHIKMOPTXYaceopxy", "АВСЕНІКМОРТХУасеорху")
"""Latin letters to the Cyrillic ones that look the same."""
ARABIC_DIGITS = {ord(str(digit)): 0x660 + digit for digit in range(10)}
"""The digits of ASCII to those of Arabic."""
_LAST_NUMBER = re.compile(r"([0-9]+)(?=[^0-9]*$)")
_LONGEST = 255
_UUID = "5e0c5b1a-7d3f-4c7e-9b2a-1f6d8e4a3c90"
"""An id as other systems give one: a server may not look for what cannot be its own."""


@cache
def like_orders(orders: tuple[str, ...], other: str) -> tuple[str, ...]:
    """Ids that a part, a pattern, a query, an address, a tidied text or a comparison without
    accents, widths, dashes or blanks would match with one of these, that are numbers, or look like
    it; some begin with the id of no order. None is one in another letter case: databases find that.

    Each way is of the next order that has it, so that each kind of way meets all of them. Of a
    UUID, which may do without hyphens, none that is the same.
    """
    folded, same = {known.casefold() for known in orders}, {*map(_uuid, orders)} - {None}
    found: list[str] = []
    ways = zip_longest(*(_alike(known, other) for known in orders), fillvalue="")
    for number, ids in enumerate(ways):
        turn = number % len(orders)
        new = (id_ for id_ in (*ids[turn:], *ids[:turn]) if id_ and id_.casefold() not in folded)
        found += [id_ for id_ in new if _uuid(id_) not in same][:1]
    return tuple(found)


def _alike(known: str, other: str) -> Iterator[str]:
    """The ways, as many of each order: where one has no such part, the order itself."""
    head, last = known[:-1], known[-1:]
    number = _LAST_NUMBER.search(known)
    yield from (f"{known},{other}", f'"{known}"', _with_signs(known, _in_percent))
    yield known if "-" not in known else f"INV-{known.rpartition('-')[2]}"
    yield from (f"{head}{mark}" for mark in "%*.")
    yield from (f"{other}' OR '1'='1", f"{known}?a#b", f"{other}/../{known}", f"{known}\u0301")
    yield from (f"{known} ", f"{head}\u200b{last}", _LAST_NUMBER.sub(r"0\1", known))
    yield from (known.translate(FULL_WIDTH), f"{other}{'🪑' * 238}", _UUID)
    # An underscore is a pattern, too.
    yield from (known.replace("-", dash) for dash in ("\u2013", "_", ""))
    # As other interfaces name it, and with a part of it behind.
    yield from (f"gid://shop/Order/{known}", b64encode(known.encode()).decode(), f"{known}-77")
    yield from (f"#{known}", f"{known}.0", known.translate(LOOKALIKES), f'{other}"\\')
    yield from (f" {known}", f"\u00a0{known}")
    # What a text ends with in a library of C, a line of a file, and a database of three bytes.
    yield from (f"{known}\0", f"{known}\n", f"{known}\t", f"{known}\U0001f600x", f"{head}\a{last}")
    yield from (f"{head}?", f"{head}.*", f"^{known}$", f"{head}[{last}]")
    yield from (
        f"{known}'",
        f"{known};",
        f"{known}--",
        f"{known};v=1",
        f"<b>{known}</b>",
    )
    yield from (known.replace("-", sign) for sign in (" ", "/"))
    yield from (f"{head}\u00ad{last}", known.translate(ARABIC_DIGITS), f'["{known}"]')
    yield number[0] if number else known
    yield _with_signs(known, lambda sign: f"\\{sign.decode()}")
    yield _with_signs(known, lambda sign: "".join(f"&#{ord(each)};" for each in sign.decode()))
    yield _with_signs(known, lambda sign: "".join(f"\\u{ord(each):04x}" for each in sign.decode()))
    # An error that repeats an id and cuts it does so within a character of this or another one.
    apart = "x" * (1 + (len(known) + len(other)) % 2)
    yield f"{known}{apart}{'🪑' * _LONGEST}"[:_LONGEST]
    yield f"{known}\r\x1b\x7f\x85\u0378\ue000\uf8ff\ufdd0\uffff\U000f0000\U0010ffff"
    yield "9" * 20
    yield from read_as_a_number(known)


def read_as_a_number(known: str) -> Iterator[str]:
    """Ids that are a known one to what reads the number at their beginning, as MySQL and PHP do."""
    if known.isascii() and known.isdigit():
        yield from (f"{known}{behind}" for behind in ("a", "abc", " 1", ".00", "e0"))
        yield from (f"+{known}", f"-{known}", f"{int(known[:_LONGEST]):#x}")
        yield from (f"0{known}", f"{known[:-3]}_{known[-3:]}")
    elif known[:1].isascii() and known[:1].isdigit():
        yield f"{known}abc"


def _in_percent(sign: bytes) -> str:
    return f"%{sign.hex('%').upper()}"


def _with_signs(text: str, write: Callable[[bytes], str]) -> str:
    """The text with each sign of it, or else its end, written otherwise."""
    signs = r"[^A-Za-z0-9]" if re.search(r"[^A-Za-z0-9]", text) else r".\Z"
    return re.sub(signs, lambda sign: write(sign[0].encode()), text)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
