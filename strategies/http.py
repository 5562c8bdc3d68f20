"""The same valid invoice in other encodings, requests and connections, and with other methods."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import partial
from itertools import cycle

from spec.contract import Contract, TargetFacts
from spec.parameters import METHOD_FIELDS
from strategies import invalid
from strategies.carried import carried_body, dated_at
from strategies.carriers import (
    EVERYTHING,
    NO_STATUS,
    PLAIN,
    Carrier,
    enlarged,
    factors,
    few,
    in_state,
    rotation,
)
from strategies.cases import Case, Series, lettered, sent_as
from strategies.extras.clients import (
    FIELDS,
    OF_CLIENTS,
    QUERY,
    Way,
    extra_ways,
    query_beside,
    undocumented,
)
from strategies.extras.company import beside
from strategies.extras.early import ways_of_early
from strategies.extras.proxies import Fields
from strategies.extras.writings import OF_AMOUNTS, WRITINGS, each_otherwise
from strategies.invalid import invalid_body, lacking_more
from strategies.invoice import encode, plain_invoice
from strategies.parameters import with_query
from strategies.relations import with_status

_METHODS = ("PUT", "PATCH", "DELETE")
_OF_CACHES = "PURGE"
"""A method by which caches are told to forget, which HTTP does not have."""

_TIMES = {"an unknown query": 2}
"""How often some ways are sent: those unlike any other, so that they meet more carriers."""

_IN_A_LARGE_BODY, _WITH_A_PART_PAID = ("the Accept of axios", "Connection: close"), "no gzip"
"""Ways that are sent in such carriers."""
_IN_GERMANY: Fields = (("Accept-Language", "de"),)
"""Where a number has a comma, which JSON has not."""
_OF_A_LARGE_BODY = ('charset="UTF-8" in quotes', "Expect: 100-continue")
"""Some of those that change nothing, in a carrier with a large body."""
_IN_LATIN_1 = "Accept-Language"
"""A way that is sent with a text which ISO 8859-1 has, but not ASCII."""

_VALID, _INVALID = 2, 3
"""Turns of the lists of this module (`carriers.rotation`)."""

_PADDED = 63 * 1024
"""Bytes of a padded body: nearly as many as the reading allows, and more than most buffers hold."""

_REQUIRED: dict[str, Fields] = {
    "charset=utf-8": (("Content-Type", "application/json; charset=utf-8"),),
    'charset="UTF-8" in quotes': (("Content-Type", 'application/json;charset="UTF-8"'),),
    "Application/JSON": (("Content-Type", "Application/JSON"),),
    "no Accept": (("Accept", None),),
    "Accept: */*": (("Accept", "*/*"),),
    "no Accept-Encoding": (("Accept-Encoding", None),),
    "Expect: 100-continue": (("Expect", "100-continue"),),
}
"""Header fields of which HTTP itself says that they change nothing."""


def equivalent_bodies(contract: Contract, facts: TargetFacts) -> tuple[Case, ...]:
    """A valid invoice in other JSON texts of the same value (RFC 8259), which have what differs;
    where that are amounts, nothing but ASCII, for which a reader may have a short way, in a
    language that writes them otherwise.
    """
    plain = dated_at(contract, plain_invoice(contract, facts), "+05:30")
    invoice = lettered(contract, plain, "Größe 鍵 😀 </b>")
    cases = [
        Case(name, "encoding", write(contract, plain), undocumented(contract, _IN_GERMANY))
        if name in OF_AMOUNTS
        else Case(name, "encoding", write(contract, invoice))
        for name, write in WRITINGS.items()
    ]
    paid = contract.relations.state.whole
    if paid in factors(contract)["status"]:
        body = each_otherwise(contract, with_status(contract, invoice, paid))
        cases.append(Case("the amount paid in other digits than the total", "encoding", body))
    return tuple(cases)


def equivalent_requests(contract: Contract, facts: TargetFacts) -> tuple[Case, ...]:
    """A valid invoice in each way of sending."""
    body = partial(carried_body, contract, facts)
    return tuple(in_each_way(contract, facts, body, facts.key, _VALID))


def equivalent_errors(contract: Contract, facts: TargetFacts) -> tuple[Case, ...]:
    """An invalid invoice in each way of sending."""
    body = lacking_more(contract, facts)
    return tuple(in_each_way(contract, facts, body, facts.key, _INVALID, times={}))


def unknown_orders(contract: Contract, facts: TargetFacts) -> tuple[Case, ...]:
    """An invoice for each id that no order has, with what other clients send besides."""
    ways = cycle(way for way in extra_ways(contract) if way.write is None)
    found = zip(
        invalid.unknown_orders(contract, facts), ways, ways_of_early(contract), strict=False
    )
    return tuple(beside(_with(case, way), more) for case, way, more in found)


def _with(case: Case, way: Way) -> Case:
    replaced = {name.lower() for name, _ in way.fields}
    kept = (field for field in case.headers if field[0].lower() not in replaced)
    headers = (*kept, *way.fields)
    return replace(case, headers=headers, query=way.query or None, about=way.about)


def in_each_way(
    contract: Contract,
    facts: TargetFacts,
    body_of: Callable[[Carrier], bytes],
    key: str | None,
    turn: int,
    times: Mapping[str, int] = _TIMES,
) -> Iterator[Case]:
    """A body with this key, or none, in each way that means the same, and in carriers in turn.

    With the header fields of other clients (RFC 9110), in chunks (RFC 9112, section 7.1), with much
    white space (RFC 8259, section 2), and with a query that the document does not have. A case is
    of the kind `request.fields` or `request.query` where that alone is unusual; `times` says which
    ways are sent more than once.
    """
    used = rotation(contract, turn)
    bodies = map(body_of, used)
    header = contract.key_header
    usual: Fields = ((header, key),) if header else ()
    for name, fields in _REQUIRED.items():
        body = body_of(enlarged(next(used))) if name in _OF_A_LARGE_BODY else next(bodies)
        yield Case(name, "request", body, (*usual, *fields))
    yield Case("in chunks", "request", next(bodies), usual, chunked=True)
    body = body_of(replace(next(used), items=1))
    padded = body[:1] + b" " * (_PADDED - len(body)) + body[1:]
    yield Case("padded to 63 KiB", "request", padded, usual)
    body = next(bodies)
    in_small_letters: Fields = (
        *((header.lower(), key) for header in (header,) if header),
        ("user-agent", "undici"),
        ("accept", "application/json"),
        ("accept-encoding", "gzip"),
        ("content-type", "application/json"),
        ("content-length", str(len(body))),
    )
    yield Case("names in small letters", "request", body, in_small_letters, about=FIELDS)
    for name, (about, fields) in {**OF_CLIENTS, "an unknown query": (QUERY, ())}.items():
        for time in range(times.get(name, 1)):
            carrier = next(used)
            if name in _IN_A_LARGE_BODY:
                carrier = enlarged(carrier)
            if name == _WITH_A_PART_PAID:
                carrier = in_state(contract, carrier, contract.relations.state.part)
            if about == QUERY and time == 1:
                carrier = replace(carrier, absent=EVERYTHING, status=NO_STATUS)
            if name == _IN_LATIN_1:
                carrier = replace(carrier, texts=PLAIN)
            again = f" ({carrier})" if time else ""
            body = body_of(carrier)
            value = json.loads(body) if name == _IN_LATIN_1 else None
            if isinstance(value, dict):  # a version may have no other invalid body than a list
                body = encode(lettered(contract, value, "Größe"))
            sent = (
                with_query(contract, query_beside(contract, facts, body))
                if about == QUERY
                else None
            )
            known = (*usual, *undocumented(contract, fields))
            case = Case(f"{name}{again}", about, body, known, sent, about=about)
            yield sent_as(contract, facts, case, carrier)


def methods(contract: Contract, facts: TargetFacts) -> tuple[Series, ...]:
    """A valid invoice with a method that is not in the document, and then one as usual over the
    same connection, with the same references: a server that leaves a body unread reads it as the
    next request, and one that stores it has them.
    """
    others = [method for method in _METHODS if method not in contract.operation.methods]
    usual = Case("a valid invoice", "valid", encode(plain_invoice(contract, facts)))
    invalid_one = Case("an invalid invoice", "bad", invalid_body(contract, facts))
    series: list[Series] = []
    used, ways = few(contract, _VALID), ways_of_early(contract)
    first = in_state(contract, used[0], contract.relations.state.part)
    # Where a part is paid, in a large body, and right after what is refused.
    chosen = (first, enlarged(used[1]), *used[2:])
    # No header field makes a POST of another method, as frameworks make others of a POST.
    asking = undocumented(contract, tuple((name, "POST") for name in METHOD_FIELDS))
    for number, (method, carrier) in enumerate(zip(others, chosen, strict=False)):
        body, said = carried_body(contract, facts, carrier), asking if number == 1 else ()
        case = Case(method, "another method", body, said, method=method)
        before = (invalid_one,) if number == 2 else ()
        sent = beside(sent_as(contract, facts, case, carrier), next(ways))
        asked = (*before, sent, usual)
        series.append(Series(method, "another method", asked, one_stamp=True))
    body = carried_body(contract, facts, few(contract, _VALID)[len(others)])
    name = f"{_OF_CACHES} in chunks"
    case = Case(name, "another method", body, method=_OF_CACHES, chunked=True)
    series.append(Series(name, "another method", (case, usual), one_stamp=True))
    return tuple(series)
