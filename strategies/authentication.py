"""Requests without the right key, and requests with it in a header name of another case."""

import json
from base64 import b64encode
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from itertools import count, cycle
from urllib.parse import quote

from spec.contract import Contract, TargetFacts
from spec.parameters import METHOD_FIELDS
from spec.paths import Json
from spec.servers import paths_beside
from strategies.acceptance.limits import FREE, at_limits
from strategies.bodies import TOO_DEEP
from strategies.carried import carried_body, carrying, for_known_order
from strategies.carriers import NO_STATUS, Carrier, factors, few, rotation
from strategies.cases import LONG_TEXT, Case, Crowd, sent_as
from strategies.extras.clients import undocumented
from strategies.extras.company import beside
from strategies.extras.early import ways_of_early
from strategies.extras.proxies import Fields
from strategies.extras.trust import TRUSTED, marks
from strategies.http import in_each_way
from strategies.invalid import invalid_body, with_known_references
from strategies.invoice import encode, plain_invoice
from strategies.parameters import with_query
from strategies.relations import with_status
from strategies.wrong.keys import (
    BLANK,
    WORDS,
    another,
    in_another_case,
    nearly_right_keys,
    shapes,
    with_one_wrong,
    wrong_keys,
)

_NO_KEY_YET = "a-key-of-usual-length"
"""Stands for the key while tests are only collected, so that there are the same cases."""
_NONE = "no key"
_MISSING, _WRONG, _WORD, _ELSEWHERE = "missing", "wrong", "a word", "elsewhere"
_NEARLY_RIGHT, _TRUST = "nearly right", "trust"
_ASIDE = ("request.fields", "request.query")
"""Kinds of ways of sending that change nothing in how a request is read."""

_MANY_FIELDS = 40
"""Header fields of a way that gets no more of them: some servers take a hundred, some 64."""
_OTHER_PLACES = (
    *("API-Key", "ApiKey", "X-Auth-Token", "X-Access-Token", "X-API-Token", "Token"),
    *("Ocp-Apim-Subscription-Key", "X-Functions-Key", "X-Auth-Key", "X-Key", "Private-Token"),
    *("X-Goog-Api-Key", "X-RapidAPI-Key", "Access-Token", "Subscription-Key", "X-Authorization"),
)
"""Header fields in which other services look for a key."""
_UNAUTHORISED, _WITHOUT_RIGHT, _IN_EACH_WAY, _TRUSTING, _TO_OTHER_PATHS = 4, 5, 6, 7, 1
_AS_OTHER_METHODS = 0
"""Turns of the lists of this module (`carriers.rotation`)."""

_EVERY, _SWAPPED, _RIGHTLESS = 8, 3, 6
"""Of so many wrong keys this one is in the other letter case, and these two are nearly the one
without the right, if that is known.
"""
_PLACES, _APART = 16, 7
"""Places in a key that have a wrong character, spread evenly, and how far from each other are two
in a row.
"""
_OF_A_SERVICE = ("the name of a user", "a mark of a service")
"""Header fields of a trusted caller that go out with a wrong key as well."""
_OF_PATHS, _OF_METHODS = -5, -2
"""Where in a round of them those of other paths and methods begin, so that each has its own."""
_Lack = tuple[str, str, Fields, str]
"""A way to lack the right key: name, kind, headers and query."""
_Request = tuple[str, Callable[[Carrier], bytes], Fields]
"""What is sent in such a way: name, body and other headers."""

_UNREADABLE: dict[str, Callable[[bytes], bytes]] = {
    "half an invoice": lambda body: body[: len(body) // 2],
    "an array": lambda body: b"[%b]" % body,
    "bytes that are no UTF-8": lambda body: body[:-1] + b',"unread":"\xff"}',
    "arrays without end": lambda _body: b"[" * TOO_DEEP,
    "a text of 2 MiB": lambda body: body[:-1] + b',"unread":"%b"}' % LONG_TEXT.encode(),
}
"""Bodies that only a server which reads them first stumbles over."""
_MEDIA_TYPE = "another media type"
_INVALID = "an invalid invoice"
_CHECKED = (_INVALID, _MEDIA_TYPE)
"""What a server refuses for itself that checks the key last."""
_IN_A_COOKIE = "the key in a cookie"
_NAMES_OF_KEYS = ("api_key", "apikey", "apiKey", "api-key", "key", "token", "access_token")
"""What other APIs call a key where it is no header field."""
_OTHER_METHODS: tuple[Fields, ...] = tuple(
    tuple((name, method) for name in METHOD_FIELDS) for method in ("GET", "OPTIONS", "HEAD")
)
"""What says that a request only reads."""
_INSTEAD = ("PUT", "PATCH", "DELETE", "GET")
"""Methods that a server may take for the one in a header field."""
_OTHER_MEDIA_TYPE: Fields = (("Content-Type", "text/plain"),)


def unauthorised(contract: Contract, facts: TargetFacts) -> tuple[Case, ...]:
    """Every way to lack the right key, each with a valid invoice and another request; without any
    key with every other request, and a common word with none.

    A server that checks the key late, or only for some bodies, answers one of them otherwise.
    """
    if contract.key_header is None:
        return ()
    valid: _Request = ("a valid invoice", _of_each_order(contract, facts), ())
    # Who asks without a key is told of no order whether it exists.
    order = {contract.relations.order.order: facts.unknown_order_ids[0]}
    others: tuple[_Request, ...] = (
        (_INVALID, partial(invalid_body, contract, facts), ()),
        ("no body", lambda _carrier: b"", ()),
        (
            "an unknown order",
            lambda carrier: encode({**carrying(contract, facts, carrier), **order}),
            (),
        ),
        (_MEDIA_TYPE, partial(carried_body, contract, facts), _OTHER_MEDIA_TYPE),
        ("no media type", partial(carried_body, contract, facts), (("Content-Type", None),)),
        *(
            (name, partial(_changed_body, contract, facts, change), ())
            for name, change in _UNREADABLE.items()
        ),
    )
    cases: list[Case] = []
    used = rotation(contract, _UNAUTHORISED)
    known = facts.key or _NO_KEY_YET
    lacks = _lacks(contract.key_header, known)
    other = next(value for _, value in wrong_keys(known) if value != known)
    ways = ways_of_early(contract)
    in_shapes = cycle(shapes(facts.key or _NO_KEY_YET))
    statuses = cycle(factors(contract)["status"])
    for number, (name, kind, headers, query) in enumerate(lacks):
        one = number % len(others)
        some = others if name == _NONE else () if kind == _WORD else others[one : one + 1]
        for sent, body_of, fields in (valid, *some):
            # Without any key each body is a kind: some servers parse the body first.
            what = {**dict.fromkeys(_UNREADABLE, "no body"), "no media type": _MEDIA_TYPE}
            of_kind = f"{kind}, {what.get(sent, sent)}" if kind == _MISSING else kind
            carrier = next(used)
            if sent in _CHECKED:  # in each status in turn
                carrier = replace(carrier, status=next(statuses))
            called, lacking = name, headers
            if kind == _WRONG and body_of is not valid[1]:  # in the shape of some other secret
                called, shape = next(in_shapes)
                lacking = ((contract.key_header, shape),)
            if kind == _ELSEWHERE and body_of is not valid[1]:  # as where none is asked for first
                lacking = tuple((each, value or other) for each, value in headers)
            body = body_of(carrier)
            if name == _IN_A_COOKIE and sent == valid[0]:  # and in a property, as forms have it
                named = dict.fromkeys((contract.key_header, *_NAMES_OF_KEYS), known)
                body = encode({**named, **json.loads(body)})
            # The first invoice itself with a wrong key, and another with its references and none:
            # what is known may be answered before the key is looked at.
            is_first = kind == _WORD and all(each.kind != _WORD for each in cases)
            if is_first:
                body = encode(plain_invoice(contract, facts))
            elif name == _NONE and sent == valid[0]:
                body = encode(with_known_references(contract, facts, json.loads(body), ()))
            case = Case(
                f"{called}, {sent}",
                of_kind,
                body,
                (*lacking, *fields),
                with_query(contract, query),
                known=is_first or (name == _NONE and sent == valid[0]),
            )
            cases.append(beside(sent_as(contract, facts, case, carrier), next(ways)))
    return tuple(cases)


def _of_each_order(contract: Contract, facts: TargetFacts) -> Callable[[Carrier], bytes]:
    """Makes bodies of carriers, each for the next known order: one alone may be checked."""
    turns = count()

    def body(carrier: Carrier) -> bytes:
        invoice = carrying(contract, facts, carrier)
        return encode(for_known_order(contract, facts, invoice, next(turns)))

    return body


def _changed_body(
    contract: Contract, facts: TargetFacts, change: Callable[[bytes], bytes], carrier: Carrier
) -> bytes:
    return change(carried_body(contract, facts, carrier))


def without_right(contract: Contract, facts: TargetFacts) -> tuple[Crowd, ...]:
    """Valid invoices with the key whose holder may not create any, as far as that is known; each
    known order in turn.
    """
    if contract.key_header is None:
        return ()
    header = (contract.key_header, facts.forbidden_key or _NO_KEY_YET)
    cases, ways = [], ways_of_early(contract)
    for number, carrier in enumerate(few(contract, _WITHOUT_RIGHT)):
        invoice = carrying(contract, facts, carrier)
        if number == 1:  # a right may be needed for amounts alone
            invoice = at_limits(contract, facts, carrier, FREE)
        if is_known := number == 2:  # what is known may be answered before rights are looked at
            invoice = with_known_references(contract, facts, invoice, ())
        invoice = for_known_order(contract, facts, invoice, number)
        body = _draft(contract, invoice, carrier)
        name = f"a valid invoice ({carrier})"
        # A right may be looked up by the method that a field says it is.
        said = undocumented(contract, _OTHER_METHODS[number // 2 % 3]) if number % 2 else ()
        case = Case(name, "without the right", body, (header, *said), known=is_known)
        cases.append(beside(sent_as(contract, facts, case, carrier), next(ways)))
    return (Crowd("a key without the right", tuple(cases)),)


def _draft(contract: Contract, invoice: dict[str, Json], carrier: Carrier) -> bytes:
    """The invoice, of which nothing is paid where no status is sent: some rights are for drafts."""
    if carrier.status == NO_STATUS:
        invoice = with_status(contract, invoice, contract.relations.state.nothing)
        invoice = {n: v for n, v in invoice.items() if n != contract.relations.state.status}
    return encode(invoice)


def nearly_right(contract: Contract, facts: TargetFacts) -> tuple[Case, ...]:
    """A valid invoice with a key that a careless comparison takes for the right one, or with the
    right one in a place where a careless server looks for it.
    """
    if contract.key_header is None:
        return ()
    header, key = contract.key_header, facts.key or _NO_KEY_YET
    body = encode(plain_invoice(contract, facts))
    keys = nearly_right_keys(key)
    as_user, as_password = (b64encode(both.encode()).decode() for both in (f"{key}:", f"api:{key}"))
    places: dict[str, Fields] = {
        "the key as a user's name": (("Authorization", f"Basic {as_user}"),),
        "the key as a password": (("Authorization", f"Basic {as_password}"),),
        "the key as a token": (("Authorization", f"Token {key}"),),
        "the key alone as authorization": (("Authorization", key),),
        "the key in a field with underscores": ((header.replace("-", "_"), key),),
        "the key in other fields": tuple((name, key) for name in _OTHER_PLACES),
    }
    return (
        *(
            Case(name, _NEARLY_RIGHT, body, ((header, value),))
            for name, value in keys.items()
            if value != facts.key
        ),
        *(
            # Where the document's own field is among them, it comes last and has no key.
            Case(name, _NEARLY_RIGHT, body, (*fields, (header, None)))
            for name, fields in places.items()
        ),
        # The client writes it there, for a field of the trailer is no header field.
        Case(
            "the key in a trailer",
            _NEARLY_RIGHT,
            body,
            (("Trailer", header), (header, None)),
            chunked=True,
        ),
    )


def unauthorised_in_each_way(contract: Contract, facts: TargetFacts) -> tuple[Case, ...]:
    """A valid invoice without a key in each way of sending, and with each header field by which a
    server may trust its caller; with a wrong key where the way changes how a request is read, and
    where a header field has a proxy take the key away. The ways of sending have marks of a trusted
    caller as extras.

    The wrong keys differ in one character from the right one or from that without the right, each
    time in another place, or in all letter cases.
    """
    header = contract.key_header
    if header is None:
        return ()
    valid = _of_each_order(contract, facts)
    ways = [*in_each_way(contract, facts, valid, None, _IN_EACH_WAY, times={})]
    read = [way for way in ways if way.kind not in _ASIDE]
    used = rotation(contract, _TRUSTING)
    for (name, fields), carrier in zip(TRUSTED.items(), used, strict=False):
        case = Case(name, _TRUST, valid(carrier), ((header, None), *fields))
        ways.append(sent_as(contract, facts, case, carrier))
    read += [way for way in ways if way.name in _OF_A_SERVICE]
    # RFC 9110, section 7.6.1: a proxy takes away what is named there, and its server may trust it.
    taken = (("Connection", f"keep-alive, {header}"), (header, None))
    read.append(Case(f"Connection: {header}", _TRUST, valid(next(used)), taken))
    known, wrong = cycle(marks(contract)), _wrong_in_turn(facts)
    cases = []
    for index, way in enumerate([*ways, *read]):
        name, kind, value = "no key", _MISSING, None
        if index >= len(ways):
            name, kind, value = "a wrong key", _WRONG, next(wrong)
        marked = way if way.kind == _TRUST else _marked(contract, way, *next(known))
        cases.append(_with_key(marked, header, name, kind, value))
    return tuple(cases)


def _wrong_in_turn(facts: TargetFacts) -> Iterator[str]:
    """Keys that differ in one character from the right one, each in another place; some are nearly
    another key that is known, whose rights may be looked up before it is compared.
    """
    key = facts.key or _NO_KEY_YET
    rightless = facts.forbidden_key or key
    places = {near: _places(near) for near in (key, rightless)}
    for number in count():
        turn, change = number % _EVERY, in_another_case if number % 2 else another
        near = rightless if turn in (_SWAPPED, _RIGHTLESS) else key
        if turn == _SWAPPED:
            yield near.swapcase()
        else:
            yield with_one_wrong(near, next(places[near]), change)


def _places(key: str, start: int = 0) -> Iterator[int]:
    """The indices of a key at which one character is wrong, over and over."""
    return (number * _APART % _PLACES * len(key) // _PLACES for number in count(start))


def _marked(contract: Contract, way: Case, fields: Fields, query: str) -> Case:
    """The way with marks of a trusted caller as extras, but for what it sends for itself."""
    own = {name.lower() for name, _ in way.headers}
    if len(own) > _MANY_FIELDS:
        return way
    sent = with_query(contract, query) if way.query is None else way.query
    more = (field for field in undocumented(contract, fields) if field[0].lower() not in own)
    return replace(way, headers=(*way.headers, *more), query=sent)


def _with_key(way: Case, header: str, name: str, kind: str, value: str | None) -> Case:
    """The way of sending with this in the field of the key, whatever the case of its name."""
    fields = tuple(
        (field, value if field.lower() == header.lower() else usual) for field, usual in way.headers
    )
    return replace(way, name=f"{name}, {way.name}", kind=f"{kind}, sent so", headers=fields)


def elsewhere(contract: Contract, facts: TargetFacts) -> tuple[Case, ...]:
    """A valid invoice without any key, or with a wrong one, to each path that a router may take for
    that of the document: what asks for a key may know that one alone.
    """
    header = contract.key_header
    if header is None:
        return ()
    valid, used = _of_each_order(contract, facts), rotation(contract, _TO_OTHER_PATHS)
    asked = zip(paths_beside(contract.path).items(), _lacking(facts, _OF_PATHS), used, strict=False)
    return tuple(
        Case(f"{lack}, {what}", "another path", valid(carrier), ((header, value),), path=path)
        for (what, path), (lack, value), carrier in asked
    )


def as_other_methods(contract: Contract, facts: TargetFacts) -> tuple[Case, ...]:
    """A valid invoice without any key, or with a wrong one, with each method that the document does
    not have and header fields that ask for a POST: what asks for a key may know the POST alone.
    """
    header = contract.key_header
    if header is None:
        return ()
    asking = undocumented(contract, tuple((name, "POST") for name in METHOD_FIELDS))
    others = [method for method in _INSTEAD if method not in contract.operation.methods]
    valid, used = _of_each_order(contract, facts), rotation(contract, _AS_OTHER_METHODS)
    return tuple(
        Case(
            f"{lack}, {method} for a POST",
            "another method",
            valid(carrier),
            ((header, value), *asking),
            method=method,
        )
        for method, (lack, value), carrier in zip(
            others, _lacking(facts, _OF_METHODS), used, strict=False
        )
        if asking
    )


def _lacking(facts: TargetFacts, start: int) -> Iterator[tuple[str, str | None]]:
    """No key and a wrong one in turn, by their names; each is wrong in one of these places."""
    known = facts.key or _NO_KEY_YET
    for place in _places(known, start):
        yield _NONE, None
        yield "a wrong key", with_one_wrong(known, place)


def header_names(contract: Contract, facts: TargetFacts) -> tuple[Case, ...]:
    """A valid invoice with the right key in a header whose name is in another case."""
    usual = contract.key_header
    if usual is None:
        return ()
    mixed = "".join(c.upper() if i % 2 else c.lower() for i, c in enumerate(usual))
    names = dict.fromkeys((usual.lower(), usual.upper(), mixed))
    body = encode(plain_invoice(contract, facts))
    return tuple(
        Case(name, "another case", body, ((name, facts.key),), about="security.key")
        for name in names
        if name != usual
    )


def _lacks(header: str, key: str) -> Iterator[_Lack]:
    yield _NONE, _MISSING, ((header, None),), ""
    yield "an empty key", _MISSING, ((header, ""),), ""
    yield "a blank key", _MISSING, ((header, BLANK),), ""
    for name, value in wrong_keys(key):
        if value != key:
            yield name, _WRONG, ((header, value),), ""
    for word in WORDS:
        if word != key:
            yield f"the word {word}", _WORD, ((header, word),), ""
    moved: tuple[str, str | None] = (header, None)
    escaped = quote(key, safe="")
    query = "&".join(f"{name}={escaped}" for name in (header, *_NAMES_OF_KEYS))
    yield "the key in the query", _ELSEWHERE, (moved,), query
    yield "the key as bearer token", _ELSEWHERE, (moved, ("Authorization", f"Bearer {key}")), ""
    cookies = "; ".join(f"{name}={key}" for name in (header, *_NAMES_OF_KEYS))
    yield _IN_A_COOKIE, _ELSEWHERE, (moved, ("Cookie", f"theme=dark; {cookies}")), ""
