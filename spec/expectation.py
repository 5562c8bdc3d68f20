"""What the documents say of a request, read from its bytes alone."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from enum import StrEnum
from itertools import chain
from typing import Any

from spec.coherence import respelled
from spec.contract import CLIENT_ERRORS, Contract, TargetFacts
from spec.exchange import Request
from spec.operation import JSON, is_of_type
from spec.parameters import LONGEST_SURE, asks_for_another, posts, refusals_of_fields, values_of
from spec.paths import Location, find, location_text, put
from spec.requirements import Field, Judged, Requirement, without_following
from spec.schema.inlined import SchemaPath
from spec.servers import path_beside
from spec.strictjson import SURROGATE, Malformed, Text, differing, parse
from spec.violation import counted, shortened


def broken(judged: Judged, value: Any) -> list[tuple[Requirement | None, Location, str]]:
    """Each constraint of a schema that a value breaks: requirement, instance path, message.

    The requirement is None for what only the reading demands of a request.
    """
    return [
        (_requirement_at(judged, path), location, message)
        for path, location, message in _errors(judged, value)
    ]


def broken_by(field: Field, text: str) -> list[Requirement]:
    """The requirements that a text surely breaks as the value of a parameter or header field."""
    if field.parameter.why_unspecified(text):
        return []
    errors = broken(field.judged, field.parameter.read(text))
    return [*dict.fromkeys(requirement for requirement, _, _ in errors if requirement is not None)]


def _errors(judged: Judged, value: Any) -> Iterator[tuple[SchemaPath, Location, str]]:
    """Each error of a value: schema path, instance path, message. What is missing has a path."""
    for error in judged.validator.iter_errors(value):
        path = tuple(map(str, error.schema_path))
        location = tuple(error.instance_path)
        if path and path[-1] == "required":
            missing = error.kind.as_dict()["property"]
            path, location = (*path, missing), (*location, missing)
        yield path, location, error.message


def _requirement_at(judged: Judged, path: SchemaPath) -> Requirement | None:
    """The requirement of a keyword at a schema path, or of the keyword that holds it."""
    while path and path not in judged.names:
        path = path[:-1]
    return judged.names.get(path)


def surely_broken(judged: Judged, payload: dict[str, Any]) -> list[tuple[Requirement, Location]]:
    """The requirements that a payload breaks for readers of decimals and of doubles alike.

    Doubles are what most servers read (RFC 8259, section 6), and -1e-400 is no negative double.
    """
    # A wrong type breaks an enum twice for a validator, and once for a person.
    found = ((r, location) for r, location, _ in broken(judged, payload) if r is not None)
    exact = without_following([*dict.fromkeys(found)], payload)
    if not any(isinstance(find(payload, location), Decimal) for _, location in exact):
        return exact
    rounded = {(r, location) for r, location, _ in broken(judged, _as_doubles(payload))}
    return [one for one in exact if one in rounded]


def _as_doubles(value: Any) -> Any:
    if isinstance(value, Decimal):
        double = float(value)
        return double if abs(double) != float("inf") else value
    if isinstance(value, dict):
        return {key: _as_doubles(child) for key, child in value.items()}
    if isinstance(value, list):
        return [_as_doubles(child) for child in value]
    return value


LARGEST_VALID = 64 * 1024
LARGEST_READ = 1024 * 1024
LARGEST_HEADERS = 8 * 1024
OTHER_METHOD = CLIENT_ERRORS | {501}
"""A method that the endpoint does not have (RFC 9110, sections 9.1 and 15.6.2)."""
ELSEWHERE = frozenset(range(200, 600)) - {201}
"""Any answer but that an invoice was created: the document has no such path or method."""

Headers = tuple[tuple[str, str], ...]


class Expectation(StrEnum):
    """Law two: the three things the documents can say of a request."""

    ACCEPT = "ACCEPT"
    REJECT = "REJECT"
    UNSPECIFIED = "UNSPECIFIED"


@dataclass(frozen=True, slots=True)
class Breach:
    """One requirement that a request breaks, the instance path where, and the due statuses."""

    requirement: Requirement
    location: Location
    statuses: frozenset[int]


@dataclass(frozen=True, slots=True)
class Expected:
    """The expectation, why, and the statuses that meet it.

    `payload` is the parsed body where it is a JSON object. `why` gives the reasons of an
    UNSPECIFIED request in words, `unspecified` the locations that are so themselves: all else
    comes back as sent where the request is accepted. `repeated` says that it may have been accepted
    before, so that its answer may be the earlier one; `is_new` that nothing but items of it may. Of
    what is `under_a_used_key` any refusal will do. What is sent `elsewhere` is not to be created,
    and all else of its answer is open.
    """

    expectation: Expectation
    statuses: frozenset[int]
    breaches: tuple[Breach, ...]
    why: tuple[str, ...]
    payload: dict[str, Any] | None
    unspecified: frozenset[Location] = frozenset()
    repeated: bool = False
    is_new: bool = False
    under_a_used_key: bool = False
    elsewhere: bool = False


@dataclass(frozen=True, slots=True)
class _Part:
    """What one part of a request gives rise to.

    `breaches` are the requirements it breaks, `why` in words why it is unspecified, `unspecified`
    where, and `also` the statuses that are allowed besides the others.
    """

    breaches: tuple[Breach, ...] = ()
    why: tuple[str, ...] = ()
    also: frozenset[int] = frozenset()
    unspecified: frozenset[Location] = frozenset()


def expect(contract: Contract, facts: TargetFacts, request: Request) -> Expected:
    """Judge a request. Total: any bytes have an expectation."""
    headers, body = request.headers, request.body
    key, coding = _of_key(contract, facts, request), _of_coding(headers)
    content, payload = (coding, None) if coding.why else _of_body(contract, facts, body)
    if request.method != "POST" and key.breaches and posts(headers):
        return Expected(Expectation.REJECT, ELSEWHERE, key.breaches, (), payload, elsewhere=True)
    if request.method != "POST":
        breach = Breach(contract.named("request.method"), (), OTHER_METHOD)
        return Expected(Expectation.REJECT, OTHER_METHOD, (breach,), (), None)
    parts = (
        key,
        _of_media_type(contract, headers),
        *(
            _of_parameter(contract, one, one.parameter.values_in(request))
            for one in contract.parameters
        ),
        content,
        _of_size(headers, body),
        _of_framing(headers),
    )
    breaches = tuple(breach for part in parts for breach in part.breaches)
    why = tuple(reason for part in parts for reason in part.why)
    also = frozenset[int]().union(*(part.also for part in parts))
    if breaches:
        # A wrong key comes first: nothing else of the request may be answered.
        binding = breaches[:1] if 401 in breaches[0].statuses else breaches
        if 401 in binding[0].statuses and path_beside(contract.path, request.path):
            return Expected(Expectation.REJECT, ELSEWHERE, binding, (), payload, elsewhere=True)
        statuses = also.union(*(breach.statuses for breach in binding))
        if 401 in statuses and contract.operation.is_key_parameter:
            statuses |= contract.refusals  # as for any other parameter
        return Expected(Expectation.REJECT, statuses, breaches, (), payload)
    if why:
        unspecified = content.unspecified
        statuses = contract.undecided | also
        return Expected(Expectation.UNSPECIFIED, statuses, (), why, payload, unspecified)
    return Expected(Expectation.ACCEPT, also | contract.operation.successes, (), (), payload)


def sent_again(contract: Contract, said: Expected, why: str, *, is_new: bool = False) -> Expected:
    """What is expected of a request that may clash with an invoice that was created before, or
    only with items of one where it `is_new` itself.

    Of one that is refused in any case, a server may say only that it clashes.
    """
    said = replace(said, repeated=True, is_new=is_new)
    if said.expectation is Expectation.REJECT:
        clashes = contract.refusals | contract.statuses & {409}
        unauthorised = 401 in said.statuses
        return said if unauthorised else replace(said, statuses=said.statuses | clashes)
    statuses = contract.undecided | said.statuses
    why_open = (*said.why, why)
    return replace(said, expectation=Expectation.UNSPECIFIED, statuses=statuses, why=why_open)


def may_be_cut_off(headers: Headers, body: bytes) -> bool:
    """Whether a request is so large that it may be refused before any application sees it."""
    return len(body) > LARGEST_READ or _size(headers) > LARGEST_HEADERS


def _size(headers: Headers) -> int:
    return sum(map(len, chain.from_iterable(headers))) + len(": \r\n") * len(headers)


def is_answered_by_http(request: Request, status: int) -> bool:
    """Whether it may come before any application sees the request: the document has no shape."""
    large = status in (413, 431) and may_be_cut_off(request.headers, request.body)
    of_a_field = status in refusals_of_fields(request.headers)
    elsewhere = request.method != "POST" or asks_for_another(request.headers)
    return elsewhere or large or of_a_field or _is_undecodable(request.headers)


def _is_undecodable(headers: Headers) -> bool:
    """Whether a header field is not UTF-8: surrogates stand for such bytes (PEP 383)."""
    text = "".join([value for _, value in headers])
    return not text.isascii() and any("\udc80" <= character <= "\udcff" for character in text)


def _breaks(contract: Contract, name: str, *statuses: int) -> _Part:
    return _Part((Breach(contract.named(name), (), frozenset(statuses)),))


def _of_key(contract: Contract, facts: TargetFacts, request: Request) -> _Part:
    if contract.key_header is None:
        return _Part()
    sent = list(map(contract.operation.key_in, values_of(request.headers, contract.key_header)))
    if why := contract.operation.proven_otherwise(request, beside_key=sent == [facts.key]):
        return _Part(why=(why,), also=frozenset({401, 403}))
    if sent == [facts.key]:
        return _Part()
    if facts.key in sent:
        return _Part(why=("the key is one of several",), also=frozenset({401, 403}))
    if sent == [facts.forbidden_key]:
        known = contract.find("security.right")
        return _breaks(contract, str(known or "security.key"), 403, *(() if known else (401,)))
    # What a page asks for may be refused by where that is from, before the key is looked at.
    pages = refusals_of_fields(request.headers) & {403}
    return _breaks(contract, "security.key", 401, *pages)


def _of_parameter(contract: Contract, field: Field, texts: list[str]) -> _Part:
    """What the values of a parameter give rise to; none is right where it is optional."""
    parameter, title = field.parameter, field.parameter.title
    if not texts and field.required:
        return _breaks(contract, field.required.name, *contract.refusals)
    if not texts:
        return _Part()
    if texts[1:]:
        return _Part(why=(f"there are {counted(len(texts), 'value')} of {title}",))
    if reason := parameter.why_unspecified(texts[0]):
        return _Part(why=(f"{title} {reason}",))
    if breaches := broken_by(field, texts[0]):
        return _Part(tuple(Breach(one, (), contract.refusals) for one in breaches))
    return _Part() if must_be_taken(field, texts[0]) else _Part(why=(f"{title} is any text",))


def must_be_taken(field: Field, text: str) -> bool:
    """Whether a server has to take a text as the value of a parameter; of an optional one only what
    is listed in the document.
    """
    parameter = field.parameter
    sure = parameter.is_sent and len(text) <= LONGEST_SURE and not parameter.why_unspecified(text)
    return sure and field.narrowed.validator.is_valid(parameter.read(text))


def _of_media_type(contract: Contract, headers: Headers) -> _Part:
    sent = values_of(headers, "content-type")
    if len(sent) != 1 or not sent[0]:
        return _Part(why=("there is no one media type",), also=frozenset({415}))
    kind, *parameters = [part.strip().lower() for part in sent[0].split(";")]
    if not is_of_type(kind, contract.media_types):
        return _breaks(contract, "requestBody.mediaType", *contract.refusals, 415)
    if kind == JSON and set(parameters) <= {"", "charset=utf-8", 'charset="utf-8"'}:
        return _Part()
    return _Part(why=(f"the media type is {shortened(sent[0], 80)}",), also=frozenset({415}))


def _of_coding(headers: Headers) -> _Part:
    """A coding of the body, which no server has to take (RFC 9110, 8.4 and 15.5.16)."""
    listed = ",".join(values_of(headers, "content-encoding")).split(",")
    codings = [name for each in listed if (name := each.strip()).lower() not in ("", "identity")]
    if not codings:
        return _Part()
    why = f"the body is coded as {shortened(', '.join(codings), 80)}, which no server has to take"
    return _Part(why=(f"{why} (RFC 9110, section 8.4)",), also=frozenset({415}))


def _of_size(headers: Headers, body: bytes) -> _Part:
    """What may be too much for a server (RFC 9110, 15.5.14; RFC 6585, 5)."""
    why, also = [], set()
    if len(body) > LARGEST_VALID:
        why.append(f"the body has {counted(len(body), 'byte')}, more than {LARGEST_VALID}")
        also |= {400, 413}
    size = _size(headers)
    if size > LARGEST_HEADERS:
        why.append(f"the headers have {counted(size, 'byte')}, more than {LARGEST_HEADERS}")
        also |= {400, 431}
    return _Part(why=tuple(why), also=frozenset(also))


def _of_framing(headers: Headers) -> _Part:
    """What any server may refuse: a field of these, one that is not UTF-8, and one that asks for
    another method or path.
    """
    also = refusals_of_fields(headers)
    if _is_undecodable(headers):
        also |= CLIENT_ERRORS
    if asks_for_another(headers):
        also |= OTHER_METHOD
    return _Part(also=also)


def _of_body(
    contract: Contract, facts: TargetFacts, body: bytes
) -> tuple[_Part, dict[str, Any] | None]:
    if not body.strip(b" \t\r\n"):
        if contract.find("requestBody.required") is None:
            return _Part(why=("there is no body",)), None
        return _breaks(contract, "requestBody.required", *contract.refusals), None
    try:
        text = parse(body)
    except Malformed as error:
        name = "requestBody.utf8" if error.encoding else "requestBody.json"
        return _breaks(contract, name, *contract.refusals), None
    if not isinstance(text.value, dict):
        return _breaks(contract, "body.type", *contract.refusals), None
    if text.oddities:
        why = tuple(f"JSON with {oddity}" for oddity in text.oddities)
        return _Part(why=why, unspecified=_open_in(contract, facts, text)), text.value
    return _of_payload(contract, facts, text.value), text.value


def _of_payload(contract: Contract, facts: TargetFacts, payload: dict[str, Any]) -> _Part:
    # The reading of today's document, which only narrows it, is asked first: as a rule it is kept.
    is_narrow = contract.own and contract.narrowed.validator.is_valid(payload)
    breaches = [
        Breach(requirement, location, contract.refusals)
        for requirement, location in ([] if is_narrow else surely_broken(contract.request, payload))
    ]
    order, update = contract.relations.order, contract.relations.update
    known, later = contract.find(order.requirement), contract.find(update.requirement)
    if known and facts.order_ids and payload.get(order.order) in facts.unknown_order_ids:
        at, is_valid = (order.order,), contract.narrowed.validator.is_valid(payload)
        # What need not be accepted of any order may be refused before this one is looked for.
        is_open = not is_valid or _disagreeing(contract, facts.of_an_old_order, payload, [at])
        also = contract.refusals if is_open else ()
        breaches.append(Breach(known, at, frozenset({404, *also})))
    if later and not breaches and update.is_broken(payload, facts):
        breaches.append(Breach(later, (update.updated,), contract.refusals))
    if breaches:
        return _Part(tuple(breaches))
    found = (_disagreeing if is_narrow else why_unspecified)(contract, facts, payload)
    unspecified = (location for reason in found for location in reason.unspecified)
    return _Part(why=tuple(reason.sentence for reason in found), unspecified=frozenset(unspecified))


@dataclass(frozen=True, slots=True)
class Unspecified:
    """Why a payload need not be accepted, in a sentence, and the locations that are unspecified."""

    sentence: str
    unspecified: tuple[Location, ...]


def why_unspecified(
    contract: Contract,
    facts: TargetFacts,
    payload: dict[str, Any],
    besides: Collection[Location] = (),
) -> list[Unspecified]:
    """What the reading alone finds in a payload, at other locations than those `besides`.

    Whether its fields agree is asked only where each of them is in order.
    """
    found = []
    for path, location, message in _errors(contract.narrowed, payload):
        if location not in besides:
            at = () if COMES_BACK_WHOLE & {*path[-1:]} else (location,)
            found.append(Unspecified(f"{location_text(location)}: {shortened(message, 160)}", at))
    return found or _disagreeing(contract, facts, payload, besides)


def _disagreeing(
    contract: Contract,
    facts: TargetFacts,
    payload: dict[str, Any],
    besides: Collection[Location] = (),
) -> list[Unspecified]:
    """What does not agree in a payload whose fields are each in order."""
    incoherences = contract.relations.incoherences(payload, facts)
    disagree = [Unspecified(each.sentence, each.locations) for each in incoherences]
    spelled = respelled(contract.integers, payload)
    disagree += [Unspecified(words, (at,)) for at, words in spelled]
    return [each for each in disagree if not set(besides) & set(each.unspecified)]


_READABLE = "\uffff"
"""In place of a text that no validator reads."""

COMES_BACK_WHOLE = frozenset({"additionalProperties", "minItems", "maxItems"})
"""Keywords of the reading whose breach leaves every value specified: what is accepted is kept."""


def _open_in(contract: Contract, facts: TargetFacts, text: Text) -> frozenset[Location]:
    """Where readers of JSON differ on a text, and what else the reading leaves open there."""
    odd = differing(text)
    payload = {name: value for name, value in text.value.items() if not SURROGATE.search(name)}
    for at in odd:
        if isinstance(find(payload, at), str):
            payload = put(payload, at, _READABLE)
    try:
        found = why_unspecified(contract, facts, payload, odd)
    except (UnicodeError, RecursionError):  # such a name further inside
        return odd
    return odd.union(at for reason in found for at in reason.unspecified)
