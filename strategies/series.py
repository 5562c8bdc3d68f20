"""Requests whose order matters, asked with nothing else in flight: chains, each request of which
follows the one before for a reason of its own, so that few show much.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from decimal import Decimal

from spec.contract import PLACEHOLDER, Contract, TargetFacts
from spec.paths import ELEMENT, Json, Path, find, locate, present, put, schema_at, values_at
from spec.requirements import Requirement
from strategies.acceptance.arrangements import texts_of_items
from strategies.acceptance.limits import FREE, HIGHEST, LONGEST, SHORTEST, at_limits
from strategies.bodies import TOO_DEEP
from strategies.carried import for_known_order
from strategies.carriers import NO_STATUS, NOTHING, PLAIN, USUAL, Carrier, factors
from strategies.cases import Case, Series, lettered
from strategies.dates import date_time_texts
from strategies.extras.clients import undocumented
from strategies.extras.proxies import Fields
from strategies.invalid import lacking, unbroken
from strategies.invoice import encode, plain_invoice
from strategies.isolation import distinct_invoice, with_alike_references, with_many_items
from strategies.relations import consistent, must_be_accepted
from strategies.scalars import keeps
from strategies.wrong.changes import changed, changes_at
from strategies.wrong.keys import with_one_wrong

_REFUSED = 4711
"""The number in the texts of invoices that are refused."""
_NUMBER = 4021
"""The reference of an item, as far as a list is numbered."""
_ITEMS = 3
"""Items of a corrected invoice, as the refused ones have."""
_WRONG_KEY = "a-wrong-key"
_WIDE = "Größe 鍵"
"""Letters of two and of three bytes."""
_LATIN_1 = (("Content-Type", "application/json; charset=latin1"),)
_PLAIN_TEXT = (("Content-Type", "text/plain"),)

_ALIKE = ("-7/1e", "-7  1e", " \U0001f600", " \U0001f381", "-7 1\u00ea", "-7 1e")
"""Ends of references and numbers of which a server may think two the same: it reads letters and
digits alone, makes one blank of several, compares no character beyond U+FFFF, or leaves accents
aside. A known text in another letter case, normalisation or width, or with outer blanks, many
databases find: it may be refused, and is sent for itself (`with_alike_references`).
"""
_ALIKE_ITEMS = (" \u00c6", " AE", " \u00d8", " O", " \u00d5", " \u0150")
"""The same of references of items: letters that a collation writes as two, or without a mark."""


def omissions(contract: Contract, facts: TargetFacts) -> tuple[Series, ...]:
    """Invoices of one order, of which each leaves out an optional property that the one before it
    has, and the last all of them.

    They differ in all else, and their references only in what some servers leave out. The third and
    the fourth have a connection each. Before the first comes one in another charset, as which a
    server may read the next one, too; before the last the same as another media type, whose body
    may be left unread, or be refused again by its bytes.
    """
    schema = contract.narrowed_schema
    first = lettered(contract, distinct_invoice(contract, facts, 1), _WIDE)
    optional = [name for name in schema["properties"] if name not in schema.get("required", ())]
    absent = {f"without {name}": {name} for name in optional if name in first}
    if len(absent) > 1:
        absent["without any optional property"] = set().union(*absent.values())
    named = [("with all properties", first)]
    for number, (name, left_out) in enumerate(absent.items(), 2):
        whole = distinct_invoice(contract, facts, number)
        kept = {each: value for each, value in whole.items() if each not in left_out}
        named.append((f"the invoice {name}", consistent(contract, kept)))
    referred = _alike(contract, [invoice for _, invoice in named])
    invoices = [invoice for _, invoice in named] if referred is None else referred
    *cases, last = [
        Case(name, "valid", encode(invoice), fresh=number in (2, 3))
        for number, ((name, _), invoice) in enumerate(zip(named, invoices, strict=True))
    ]
    other: Json = distinct_invoice(contract, facts, 0)
    if referred is not None:
        other = _with_other_references(other, contract.relations.new.paths, "0")
    first_of_all = Case("one in Latin-1", "open", encode(other), _LATIN_1)
    # The bytes of the last one: what is refused for how it is sent may be known as refused.
    refused = Case("another media type", "bad", last.short, _PLAIN_TEXT)
    cases = [first_of_all, *cases, refused, last]
    one_stamp = referred is not None
    return (Series("one property less each time", "omission", tuple(cases), one_stamp=one_stamp),)


def _alike(contract: Contract, invoices: list[dict[str, Json]]) -> list[dict[str, Json]] | None:
    """The invoices with references that are only nearly the same, or that are each other's; None
    where a reference may be no such text.
    """
    new = contract.relations.new
    own = [path for path in new.paths if len(path) == 1]
    made: list[dict[str, Json]] = []
    for number, invoice in enumerate(invoices):
        changed_one: dict[str, Json] = invoice
        for path in new.paths:
            ends = _ALIKE if path in own else _ALIKE_ITEMS
            end = ends[number : number + 1] if number < len(invoices) - 1 else ()
            for at, text in values_at(invoice, path):
                known = text if path in own else find(invoices[0], at) or text
                apart = f"{number + 1}{text[1:]}"
                other = next((f"{known}{each}" for each in end), apart)
                if path not in own and not _keeps(contract, path, other):
                    other = apart
                if PLACEHOLDER not in text or not _keeps(contract, path, other):
                    return None
                changed_one = put(changed_one, at, other)
        made.append(changed_one)
    before, last = made[-2:] if made[1:] else ({}, {})
    crossed = dict(zip(own, [before.get(path[0]) for path in reversed(own)], strict=True))
    if all(_keeps(contract, path, text) for path, text in crossed.items()):
        made[-1] = {**last, **{path[0]: text for path, text in crossed.items()}}
    return made


def _keeps(contract: Contract, path: Path, text: Json) -> bool:
    return keeps(schema_at(contract.narrowed_schema, path), text)


_KEYLESS = "no key any more"
_NO_KEY, _INVALID, _AGAIN = "no key", "an invalid invoice", "an invalid invoice again"
_THIRD = "an invalid invoice once more"
_BARE, _WRONG, _LAST = "hardly more than items", "a wrong key", "an invalid last item"
_LONG, _HALF = "a long text in the last item", "half an invoice"
_UNKNOWN, _STILL_UNKNOWN = "an unknown order", "the unknown order again"
_NEARLY = "a nearly right key with a large body"
_EARLY, _UTF_16, _QUOTED = "an update at the order's creation", "UTF-16 in chunks", "a wrong type"
_EMPTY, _FRACTION, _DEEP = "no body", "a fraction of a piece", "arrays without end"
_LEAST, _FORBIDDEN = "less than the least", "a key without the right"
_OPEN_END, _LESS = "an invoice without its last brace", "an item that lacks a text"
_CORRECTED, _ELSEWHERE = "the corrected invoice", "the corrected invoice, over another connection"
_NUMBER_APART, _ITEMS_APART = "its number in another invoice", "its items in another invoice"
_OTHER_NUMBER, _OTHER_ITEMS = "it with another number", "it with other items"

_CHAINS = (
    (_NO_KEY, _INVALID, _AGAIN, _THIRD, _NUMBER_APART, _BARE, _OTHER_NUMBER),
    (_LONG, _HALF, _OTHER_ITEMS, _LAST, _WRONG, _KEYLESS, _ITEMS_APART),
    (_UNKNOWN, _NEARLY, _EARLY, _FORBIDDEN, _CORRECTED, _STILL_UNKNOWN),
    (_UTF_16, _QUOTED, _CORRECTED),
    (_EMPTY, _FRACTION, _ELSEWHERE),
    (_OPEN_END, _LESS, _DEEP, _LEAST, _ELSEWHERE),
)
"""What is sent one after the other. What is refused before the invoice is looked at leaves nothing
that the next refusal would hide: that has another status, or details of its own. What an invoice
or an item lacks right after an accepted one, that has, and a decoder may keep it. What was asked of
an order that is not there makes none, nor does an invoice of another one.
"""
_SAME = {
    _NO_KEY: _OTHER_NUMBER,
    **dict.fromkeys((_WRONG, _KEYLESS), _OTHER_ITEMS),
    _FORBIDDEN: _CORRECTED,
}
"""What is refused for its key alone is sent again with the right one, byte for byte; two of them
before, for an answer may be kept and given without a look at the key.
"""
_ONCE: Fields = (("Idempotency-Key", PLACEHOLDER),)
"""As who sends again what may have come has it: an answer is kept under it. What is invalid and has
the same may get no invoice for it.
"""


def corrections(contract: Contract, facts: TargetFacts) -> tuple[Series, ...]:
    """Requests that are refused, and then corrected with the same references.

    The corrected invoice leaves out what is optional, so that nothing of the refused one may come
    back with it; all but the status, which a server may fill in with any.
    """
    found = (*_unread(contract, facts), *_refused(contract, facts), *_late(contract, facts))
    faults = {one.name: one for one in (*found, *_wrong(contract, facts))}
    right = {one.name: one for one in _corrected(contract, facts)}
    for name, again in _SAME.items():
        if name in faults:
            faults[name] = replace(faults[name], short=right[again].short)
    series = []
    for chain in _CHAINS:
        known = [each for each in chain if each in faults]
        if known:
            cases = [(faults | right)[each] for each in chain if each in faults or each in right]
            name = f"after {' and '.join(known[:2])}"
            series.append(Series(name, "correction", tuple(cases), one_stamp=True))
    return (*series, *_as_long(contract, facts))


def _corrected(contract: Contract, facts: TargetFacts) -> Iterator[Case]:
    """The corrected invoice, and others that have only part of its references: a server may have
    kept a number for one reference, or the items of what it refused. All but the first have as many
    values as possible at a limit, for a server may be too strict right after a refusal alone.
    """
    invoice = _required(contract, plain_invoice(contract, facts))
    yield Case(_CORRECTED, "valid", encode(invoice))
    reference, number, item = contract.relations.new.paths
    state = contract.relations.state
    for name, changed_ones, limits, status in (
        (_ELSEWHERE, (), SHORTEST, NO_STATUS),
        (_NUMBER_APART, (reference, item), LONGEST, state.more),
        (_ITEMS_APART, (reference, number), HIGHEST, state.part),
        (_OTHER_NUMBER, (number,), LONGEST, state.part),
        (_OTHER_ITEMS, (item,), FREE, state.whole),
    ):
        other = _at_limits(contract, facts, limits, status)
        # The requests around this one have few texts that could come back with it.
        other = other if name == _OTHER_NUMBER else _required(contract, other)
        for path in {*contract.relations.new.paths} - {*changed_ones}:
            for location, text in values_at(invoice, path):
                other = other if find(other, location) is None else put(other, location, text)
        other = other if must_be_accepted(contract, facts, other) else invoice
        other = _with_other_references(other, changed_ones, "2")
        # In chunks after what is no JSON: it is read by another way of the parser.
        fresh, chunked = name in (_ELSEWHERE, _ITEMS_APART), name == _OTHER_ITEMS
        fields = undocumented(contract, _ONCE) if name == _OTHER_ITEMS else ()
        yield Case(name, "valid", encode(other), fields, fresh=fresh, chunked=chunked)


def _at_limits(contract: Contract, facts: TargetFacts, limits: str, status: str) -> Json:
    """An invoice with these limits and this status, of the order with the longest id if need be."""
    carrier = Carrier(status, NOTHING, _ITEMS, "last", PLAIN, "Z", USUAL)
    invoice, order = at_limits(contract, facts, carrier, limits), contract.relations.order.order
    if limits == LONGEST and order in invoice and facts.order_ids:
        return {**invoice, order: max(facts.order_ids, key=len)}
    return invoice


def _required(contract: Contract, invoice: Json) -> dict[str, Json]:
    """The invoice without what is optional, but for its status."""
    needed = (*contract.narrowed_schema.get("required", ()), contract.relations.state.status)
    kept = {name: value for name, value in invoice.items() if name in needed}
    return consistent(contract, kept)


def _with_other_references(invoice: Json, paths: Iterable[Path], mark: str) -> Json:
    for path in paths:
        for location, text in values_at(invoice, path):
            if PLACEHOLDER in text[1:]:
                invoice = put(invoice, location, f"{mark}{text[1:]}")
    return invoice


def _as_long(contract: Contract, facts: TargetFacts) -> Iterator[Series]:
    """A status with swapped letters, corrected: that is as long, and all else is as it was."""
    status, invoice = contract.relations.state.status, plain_invoice(contract, facts)
    known = str(invoice.get(status, ""))
    swapped = f"{known[1:2]}{known[:1]}{known[2:]}"
    if swapped not in ("", *factors(contract)["status"]):
        name = "a status with swapped letters"
        wrong = Case(name, "bad", encode({**invoice, status: swapped}))
        right = Case(f"{_CORRECTED}, as long", "valid", encode(invoice))
        yield Series(f"after {name}", "correction", (wrong, right), one_stamp=True)


def _unread(contract: Contract, facts: TargetFacts) -> Iterator[Case]:
    """Requests that are refused before their body is looked at, or for what it is as a whole; a
    parser or a connection may keep something of them.
    """
    invoice = distinct_invoice(contract, facts, _REFUSED)
    valid = encode(invoice)
    if contract.key_header is not None:
        yield Case(_NO_KEY, "bad", valid, ((contract.key_header, None),))
        # In chunks: a server that does not read them reads them as the next request.
        wrong = ((contract.key_header, _WRONG_KEY), *undocumented(contract, _ONCE))
        yield Case(_WRONG, "bad", valid, wrong, chunked=True)
        none = ((contract.key_header, None), *undocumented(contract, _ONCE))
        yield Case(_KEYLESS, "bad", valid, none)
        key = facts.key or _WRONG_KEY
        nearly = ((contract.key_header, with_one_wrong(key, len(key) - 1)),)
        yield Case(_NEARLY, "bad", encode(with_many_items(contract, invoice)), nearly)
        if facts.forbidden_key is not None:
            yield Case(_FORBIDDEN, "bad", valid, ((contract.key_header, facts.forbidden_key),))
    yield Case(_UTF_16, "bad", valid.decode().encode("utf-16"), chunked=True)
    yield Case(_EMPTY, "bad", b"")
    # A parser may keep what it had read, and find there what the next invoice lacks.
    yield Case(_OPEN_END, "bad", valid[:-1])
    yield Case(_DEEP, "bad", b"[" * TOO_DEEP)
    wide = encode(lettered(contract, invoice, _WIDE))
    inside = wide.find(_WIDE.encode()) + len(_WIDE.encode()) - 1
    half = wide[:inside] if _WIDE.encode() in wide else valid[: len(valid) // 2]
    yield Case(_HALF, "bad", half)


def _refused(contract: Contract, facts: TargetFacts) -> Iterator[Case]:
    """Invoices that lack what is required."""
    # Its texts are nobody's usual ones, so what comes back of it is no default.
    invoice, items = distinct_invoice(contract, facts, _REFUSED), contract.relations.sum.items
    invalid = lacking(contract, invoice)
    yield Case(_INVALID, "bad", invalid)
    yield Case(_AGAIN, "bad", invalid)
    yield Case(_THIRD, "bad", invalid)
    if lines := invoice.get(items):
        texts = texts_of_items(contract)
        less = [{name: one[name] for name in one if name not in texts[:1]} for one in lines]
        yield Case(_LESS, "bad", encode({**invoice, items: less}))
    needed = {*contract.narrowed_schema.get("required", ())} - {items}
    bare = {name: value for name, value in invoice.items() if name not in needed}
    yield Case(_BARE, "bad", encode(bare) if needed else invalid)


def _late(contract: Contract, facts: TargetFacts) -> Iterator[Case]:
    """Requests that a server may have begun to store before it refuses them."""
    relations, invoice = contract.relations, distinct_invoice(contract, facts, _REFUSED)
    items, order, dates = relations.sum.items, relations.order, relations.dates
    if invoice.get(items):
        # The items are those of the corrected invoice, which are taken if they are stored.
        broken = {**invoice, items: [*plain_invoice(contract, facts)[items][:-1], {}]}
        yield Case(_LAST, "bad", encode(broken), undocumented(contract, _ONCE))
    if facts.order_ids and contract.find(order.requirement):
        if invoice.get(items):  # those of the corrected invoice
            own = {**invoice, items: plain_invoice(contract, facts)[items]}
            invoice = consistent(contract, own)
        unknown = {**invoice, order.order: facts.unknown_order_ids[-1]}
        yield Case(_UNKNOWN, "bad", encode(unknown))
        yield Case(_STILL_UNKNOWN, "bad", encode(unknown))
    if facts.order_created_at is not None and relations.update.updated in invoice:
        text, names = date_time_texts(facts.order_created_at)[0], (dates.earlier, dates.later)
        early = {**invoice, **{name: text for name in names if name in invoice}}
        yield Case(_EARLY, "bad", encode(consistent(contract, early)))


def _wrong(contract: Contract, facts: TargetFacts) -> Iterator[Case]:
    """For each keyword but `required` an invoice that breaks it alone, in what a database may be
    the first to look at.
    """
    sums, paid = contract.relations.sum, contract.relations.state.paid
    reference = contract.relations.new.paths[2]
    named: dict[str, tuple[str, Callable[[Path], bool]]] = {
        _LONG: ("maxLength", lambda path: ELEMENT in path and path != reference),
        _QUOTED: ("type", lambda path: path == (sums.total,)),
        _FRACTION: ("type", lambda path: path[-1:] == (sums.quantity,)),
        _LEAST: ("minimum", lambda path: path == (paid,)),
    }
    for name, (keyword, is_there) in named.items():
        for requirement in contract.body_requirements:
            if requirement.keyword == keyword and is_there(requirement.path):
                wrong = _broken(contract, facts, requirement, is_whole=name != _FRACTION)
                if wrong is not None:
                    yield Case(name, "bad", encode(wrong))
                    break


def _broken(
    contract: Contract, facts: TargetFacts, requirement: Requirement, *, is_whole: bool
) -> Json | None:
    """An invoice that breaks this requirement alone, in the last element of an array; where it is
    not to be `is_whole`, with a number that has a fraction. None where there is no such.
    """
    invoice: Json = distinct_invoice(contract, facts, _REFUSED)
    items = contract.relations.sum.items
    if invoice.get(items):
        # Those of the corrected invoice.
        invoice = consistent(contract, {**invoice, items: plain_invoice(contract, facts)[items]})
    if requirement in unbroken(contract) or not present(invoice, requirement.path):
        return None
    location = locate(invoice, requirement.path, lambda size: size - 1)
    ways = changes_at(contract, requirement, invoice, location).values()
    fractions = (each for each in ways if isinstance(each, float | Decimal) and each % 1)
    wrong = next(iter(ways) if is_whole else fractions, None)
    return None if wrong is None else changed(contract, requirement, invoice, location, wrong)


def known_references(contract: Contract, facts: TargetFacts) -> tuple[Series, ...]:
    """A valid invoice and then others with references of it, or with some that are nearly those,
    which are different.

    Those that are invalid, or have no key, are sent among their like (`Case.known`).
    """
    first = distinct_invoice(contract, facts, 1)
    accepted = Case("the first invoice", "valid", encode(first))
    again = Case("the first again", "open", encode(first))
    sharing = (*_sharing(contract, facts, first), *with_alike_references(contract, facts, first))
    cases = (accepted, *sharing, again)
    return (Series("references in common", "known", cases, one_stamp=True),)


def _sharing(contract: Contract, facts: TargetFacts, first: dict[str, Json]) -> Iterator[Case]:
    """Invoices with references of the first one that differ in all or in part of the rest, for a
    server may take what they have in common for the same invoice: in texts, dates and the order of
    items, for the same amounts, and then in these.
    """
    relations, other = contract.relations, distinct_invoice(contract, facts, 3)
    (reference, number, item), items = relations.new.paths, relations.sum.items
    if _is_stamped(first, item):
        second: Json = distinct_invoice(contract, facts, 2)
        second = _with_other_references(second, (reference, number), "2")
        for location, text in values_at(second, item):
            second = put(second, location, find(first, location) or text)
        yield Case("another with the references of its items", "open", encode(second))
    amounts = {relations.sum.total, relations.state.paid, relations.state.status, items}
    references = {reference[0], number[0]}
    texts = {**first, **{name: other[name] for name in other if name not in amounts | references}}
    if items in first:
        texts[items] = first[items][::-1]
    yield Case("one with other texts and its references", "open", encode(texts))
    paid = {**first, **{name: other[name] for name in other if name in amounts}}
    yield Case("one with other amounts and its references", "open", encode(paid))
    if _is_stamped(first, reference):
        mixed = _with_other_references(distinct_invoice(contract, facts, 4), (number,), "2")
        # For another order, as a reference may be unique for one alone.
        mixed = for_known_order(contract, facts, _numbered_downwards(contract, mixed), 1)
        yield Case("one with its reference and the number of the other", "open", encode(mixed))
    if _is_stamped(first, number):
        mixed = _with_other_references(distinct_invoice(contract, facts, 5), (reference,), "5")
        yield Case(
            "one with its number alone", "open", encode(_numbered_downwards(contract, mixed))
        )


def _is_stamped(invoice: Json, path: Path) -> bool:
    return any(PLACEHOLDER in text for _, text in values_at(invoice, path))


def _numbered_downwards(contract: Contract, invoice: Json) -> Json:
    """The invoice with short numbers as references of all items but the first, the highest first:
    JavaScript puts them first, and by size. Without a stamp, so that they may have been used.
    """
    numbered = values_at(invoice, contract.relations.new.paths[2])
    for place, (location, text) in enumerate(numbered):
        own = f"{_NUMBER}{text[1:]}" if place == 0 else str(_NUMBER - place)
        invoice = put(invoice, location, own if PLACEHOLDER in text else text)
    return invoice
