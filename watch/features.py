"""The features of an answer: what a client may come to depend on, and nothing that differs by
itself.

Ids, times and the run's stamp are normalized, and the order of details is left out. Echoed
values are not features, so answers to unlike invoices are alike.
"""

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from functools import lru_cache
from itertools import chain

from spec.answers.sameness import is_number
from spec.contract import TargetFacts, unstamped_bytes
from spec.exchange import Exchange, Request, Response
from spec.paths import ELEMENT, Json, Path, find, path_text, type_of
from spec.schema.formats import ANY_INSTANT, IN_UTC, is_date_time, is_uuid
from spec.violation import opening
from watch.keys import (
    BODY,
    CODE,
    DEFAULT,
    FIELDS,
    HEADER,
    IN_PLACE_OF,
    LEFT_OUT,
    MEDIA_TYPE,
    MESSAGE,
    PARAMETERS,
    PROPERTY,
    REASONS,
    SPELLING,
    STATUS,
    TOO_LONG,
    VALUE,
    Features,
    key_of_order,
    order_of,
)
from watch.normalizing import LONGEST, normalized, numbered, without_short_ids

FROM_HTTP = frozenset(
    {
        *("connection", "keep-alive", "proxy-connection", "upgrade", "trailer", "te"),
        *("transfer-encoding", "content-length", "content-encoding", "content-type"),
    }
)
"""Fields about this connection and this message, not about the API (RFC 9110, section 7.6.1); some
servers code only what is long."""
_PRIVATE = re.compile("auth|token|secret|session|csrf|nonce|key|signature")
"""In the names of fields whose values a baseline, which is committed, must not have."""
OTHER_ORDER = "its elements in another order"

MOST_FEATURES = 200
MOST_VALUES = 5000
MOST_HEADERS = 60
MOST_ELEMENTS = 5
DEEPEST = 8
"""Limits of what is looked at and kept of one answer: features of properties, values, header
fields, the first elements of an array, levels."""
SHORT = 40
"""Characters of a text that is told instead of a body, and of several orders."""
FEW = 6
"""Names of an object whose order is kept as it is."""
BETWEEN, LACKING = " | ", "none"
"""Between the features of several answers to the same request, and in the place of one that an
answer lacks.
"""
_TOLD = frozenset({(CODE,), (MESSAGE,)})
"""Properties whose text is a feature by itself."""
_ESCAPED = re.compile(rb"\\u00([2-7][0-9a-fA-F])")


def case_of(request: Request, target: TargetFacts) -> str:
    """What names a case within its test: the same in each run and at each target that is sent it.

    Of header fields only the names count, because a key may be in their values.
    """
    body = request.body.replace(b"\0", b"")
    body = unstamped_bytes(_ESCAPED.sub(_unescaped, body) if b"\\" in body else body, b"STAMP")
    known = [target.key, target.forbidden_key, *target.order_ids[:2]]  # those of most requests
    for number, text in enumerate(known):
        if text:
            body = body.replace(text.encode(), b"KNOWN %d" % number)
    names = sorted(name.lower() for name, _ in request.headers)
    words = [request.method, *names, "?" if "?" in request.path else ""]
    digest = hashlib.sha256("\n".join(words).encode(errors="backslashreplace"))
    digest.update(body)
    return digest.hexdigest()[:8]


def features_of(exchange: Exchange, payload: Json, answer: Json) -> dict[str, str]:
    """The features of the response to a payload, None if the request had none; `answer` is the JSON
    value of the response's body, None if it has none.
    """
    response = exchange.response
    if response is None:
        return {STATUS: "no answer"}
    found = {STATUS: str(response.status)}
    kind, _, parameters = (response.header("content-type") or "none").lower().partition(";")
    found[MEDIA_TYPE] = normalized(kind.strip())
    if parameters:
        found[PARAMETERS] = normalized(parameters.strip())
    names = sorted({name for name, _ in response.headers} - FROM_HTTP)[:MOST_HEADERS]
    host = exchange.request.header("host") or ""
    found |= {f"{HEADER} {numbered(name)}": "sent" for name in names}
    for name in names:
        texts = tuple(text for each, text in response.headers if each == name)
        found[f"{VALUE} {numbered(name)}"] = _value(name, texts, host)
    if not isinstance(answer, dict):
        return found | {BODY: _kind_of_body(response, answer)}
    sent = payload if response.status < 300 else None
    answer, moved = _in_the_order_sent(sent, answer)
    found |= {f"{SPELLING} {path_text(('data', name))}": OTHER_ORDER for name in moved}
    found |= dict(_properties(sent, answer))
    found |= dict(_orders(sent, answer))
    if response.status >= 400:
        found |= dict(_error(answer))
    return found


def together(answers: Sequence[Features]) -> dict[str, str]:
    """The features of several answers to the same request, whose order does not count.

    What some of them lack is `none` there, but for the value of a header field: that the field is
    not in all of them is a feature of its own.
    """
    if len(answers) == 1:
        return {key: answers[0][key] for key in sorted(answers[0])}
    keys = sorted({key for each in answers for key in each})
    found = {}
    for key in keys:
        missing = [] if key.startswith(f"{VALUE} ") else [LACKING]
        texts = {text for each in answers for text in ([each[key]] if key in each else missing)}
        found[key] = BETWEEN.join(sorted(texts))
    return found


def kind_of(value: Json) -> str:
    """The JSON type of a value, or its format where that has a name."""
    if isinstance(value, str):
        return "uuid" if is_uuid(value) else "date-time" if is_date_time(value) else "text"
    return type_of(value)


def _kind_of_body(response: Response, answer: Json) -> str:
    if answer is not None:
        return kind_of(answer)
    if response.left_out:
        return TOO_LONG
    return normalized(opening(response.body, SHORT)) if response.body else "empty"


@lru_cache(maxsize=256)
def _value(name: str, texts: tuple[str, ...], host: str) -> str:
    """What a header field says, without what differs from target to target, and without secrets.

    Cached, because most answers say the same.
    """
    if _PRIVATE.search(name):
        return "private"
    if name == "set-cookie":
        texts = tuple(re.sub("=[^;]*", "=VALUE", text, count=1) for text in texts)
    text = ", ".join(texts)
    return numbered(text.replace(host, "HOST") if host else text)


def _in_the_order_sent(
    sent: Json, answer: dict[str, Json]
) -> tuple[dict[str, Json], dict[str, Json]]:
    """The answer with its lists of objects in the order in which they were sent, and those that
    were in another one: that is one change, and not one of each of their properties.
    """
    moved: dict[str, Json] = {}
    for name, asked, returned in _lists(sent, answer):
        if _are_objects(asked) and _are_objects(returned) and len(asked) == len(returned):
            order = _reordered(asked, returned)
            moved |= {} if order in (None, returned) else {name: order}
    return ({**answer, "data": answer["data"] | moved} if moved else answer), moved


def _lists(sent: Json, answer: dict[str, Json]) -> Iterator[tuple[str, list[Json], list[Json]]]:
    """The lists that were sent and came back, by name."""
    data = answer.get("data")
    if isinstance(sent, dict) and isinstance(data, dict):
        for name, asked in sent.items():
            if isinstance(asked, list) and isinstance(data.get(name), list):
                yield name, asked, data[name]


def _reordered(
    asked: Sequence[dict[str, Json]], returned: Sequence[dict[str, Json]]
) -> list[dict[str, Json]] | None:
    """What came back in the order in which it was sent; None where it has another content."""
    pairs = zip(returned, asked, strict=True)
    if all(item[name] == one[name] for item, one in pairs for name in one if name in item):
        return None  # as nearly always, and sooner known than by all values
    # What comes back of other values says nothing of the order.
    names = [name for name in asked[0] if _values_of(asked, name) == _values_of(returned, name)]
    left, order = [*returned], []
    for one in asked:
        found = next((n for n, item in enumerate(left) if _is_alike(item, one, names)), None)
        if found is None:
            return None
        order.append(left.pop(found))
    return order


def _are_objects(value: Json) -> bool:
    return isinstance(value, list) and {*map(type, value)} == {dict}


def _values_of(items: Sequence[dict[str, Json]], name: str) -> Counter[Json]:
    values = (item.get(name) for item in items)
    return Counter(value for value in values if not isinstance(value, dict | list))


def _is_alike(item: Json, sent: Json, names: Iterable[str]) -> bool:
    return all(item.get(name) == sent.get(name) for name in names)


def _properties(sent: Json, answer: dict[str, Json]) -> Iterator[tuple[str, str]]:
    """The features of each path: types, and how what was sent comes back."""
    texts = defaultdict[tuple[str, str], list[str]](list)
    for kind, path, text in chain(_returned(sent, answer), _left_out(sent, answer)):
        texts[kind, _named(path)].append(text)
    for (kind, name), found in sorted(texts.items())[:MOST_FEATURES]:
        told = {*found}
        # What is filled in depends on the element, unless it is the same in several.
        depends = len(told) > 1 or (len(found) == 1 and ELEMENT in name)
        if kind != DEFAULT or not depends:
            yield f"{kind} {name}", ", ".join(sorted(told))[:LONGEST]


Said = tuple[str, Path, str]
"""A kind of feature, of what, and what there is to say of it."""


def _returned(sent: Json, answer: dict[str, Json]) -> Iterator[Said]:
    """What there is to say of each value of an answer; nothing of one that is as it was sent."""
    for at, holder, other, steps in _holders(answer, {"data": sent}):
        for step in steps:
            value, before = holder[step], _beside(other, step)
            if before is None or not at:
                yield from _of_a_new_one(_below(at, step), value)
            elif before is value or _is_as_sent(before, value):
                pass  # as nearly always; of what is in it there may be something to say
            elif _is_of_another_type(before, value):
                text = f"{kind_of(value)}{IN_PLACE_OF}{kind_of(before)}"
                yield PROPERTY, _below(at, step), text
            elif (spelling := _spelling(before, value)) is not None:
                yield SPELLING, _below(at, step), spelling


_HOLDERS, _PLAIN = frozenset({dict, list}), frozenset({str, int})
"""Types of values that hold others, and of those of which equal ones are spelled alike."""


def _of_a_new_one(path: Path, value: Json) -> Iterator[Said]:
    """What there is to say of a value that was not sent."""
    kind = kind_of(value)
    yield PROPERTY, path, kind
    if is_number(value):
        yield SPELLING, path, _of_number(value)
    if (default := _default(path, value, kind)) is not None:
        yield DEFAULT, path, default


def _left_out(sent: Json, answer: dict[str, Json]) -> Iterator[Said]:
    for at, holder, other, steps in _holders(sent, answer.get("data")):
        if isinstance(other, dict):
            for step in steps:
                if step not in other and holder[step] is not None:
                    yield PROPERTY, _below(("data", *at), step), LEFT_OUT


Step = str | int
Holder = tuple[Path, Json, Json, Sequence[Step]]


def _holders(value: Json, beside: Json) -> Iterator[Holder]:
    """Each object and array, with its path, what another value has there, if anything, and the
    names or indices of what is looked at in it: of a long array only some.
    """
    left = MOST_VALUES
    waiting: list[tuple[Path, Json, Json]] = [((), value, beside)]
    while waiting and left > 0:
        at, holder, other = waiting.pop()
        steps = _steps(holder)[:left]
        left -= len(steps)
        yield at, holder, other, steps
        if len(at) < DEEPEST - 1:
            waiting += [
                (_below(at, step), holder[step], _beside(other, step))
                for step in steps
                if type(holder[step]) in _HOLDERS
            ]


def _below(path: Path, step: Step) -> Path:
    return (*path, step if isinstance(step, str) else ELEMENT)


def _beside(other: Json, step: Step) -> Json:
    if type(other) is dict:
        return other.get(step)
    return None if other is None else find(other, (step,))


def _is_as_sent(before: Json, value: Json) -> bool:
    """Whether there is plainly nothing to say of a value; of what it holds there may be."""
    kind = type(value)
    return kind is type(before) and (kind in _HOLDERS or (kind in _PLAIN and bool(before == value)))


def _steps(holder: Json) -> Sequence[Step]:
    if isinstance(holder, dict):
        return tuple(holder)
    if isinstance(holder, list):
        return (*range(min(len(holder), MOST_ELEMENTS)), *range(len(holder))[MOST_ELEMENTS:][-1:])
    return ()


@lru_cache(maxsize=1024)
def _named(path: Path) -> str:
    return numbered(path_text(path))


def _default(path: Path, value: Json, kind: str) -> str | None:
    """What a server filled in, where that may be the same each time."""
    if type(value) in _HOLDERS or path in _TOLD or path[0] == "details":
        return None
    if isinstance(value, str):
        return without_short_ids(normalized(repr(value))) if kind == "text" else None
    return normalized(str(value))


def _is_of_another_type(sent: Json, returned: Json) -> bool:
    if is_number(sent) and is_number(returned):
        return False
    return type(sent) is not type(returned)


def _spelling(sent: Json, returned: Json) -> str | None:
    """How a value comes back; None if it does as it was sent."""
    if isinstance(sent, str) and isinstance(returned, str):
        if sent == returned:
            return None
        one, other = ANY_INSTANT.fullmatch(sent), ANY_INSTANT.fullmatch(returned)
        if one and other:
            changed = zip(_of_date(one), _of_date(other), strict=True)
            return ", ".join(f"{a} as {b}" for a, b in changed if a != b) or "another time of day"
        return "other text"
    if is_number(sent) and is_number(returned):
        if str(sent) == str(returned):
            return None
        one_form, other_form = _of_number(sent), _of_number(returned)
        return f"{one_form} as {other_form}" if one_form != other_form else "other digits"
    return None


def _of_date(date: re.Match[str]) -> tuple[str, str, str]:
    """The parts of a date's spelling: separator, fraction and zone."""
    text, fraction, zone = date[0], date[3], date[4]
    whole = f"{len(fraction) - 1} digits of a second" if fraction else "no fraction"
    numbers = zone if zone in IN_UTC else "an offset"
    return {" ": "a blank"}.get(text[10], text[10]), whole, numbers


def _of_number(number: int | Decimal) -> str:
    """A number of the same spelling, for people."""
    text = str(number)
    if "E" in text:
        return "1e2"
    if "." not in text:
        return "1"
    return "1.0" if text.endswith("0") else "1.5"


def _orders(sent: Json, answer: dict[str, Json]) -> Iterator[tuple[str, str]]:
    """The order of the names in each object that an answer consists of."""
    data = find(answer, ("data",))
    yield key_of_order(""), _order((), answer)
    if isinstance(data, dict):
        yield key_of_order("data"), _order(sent, data)
    for name, asked, returned in _lists(sent, answer):
        pairs = [each for each in zip(asked, returned, strict=False) if isinstance(each[1], dict)]
        orders = {_order(*pair) for pair in pairs[:MOST_ELEMENTS]}
        yield key_of_order(f"data.{name}[]"), ", ".join(sorted(orders))[:SHORT]


def _order(sent: Json, returned: dict[str, Json]) -> str:
    names = list(returned)
    if not sent and len(names) <= FEW:
        return normalized(order_of(names))
    asked = [name for name in sent if name in returned] if isinstance(sent, dict) else []
    if asked and asked == [name for name in names if name in asked]:
        return "as sent"
    if names == sorted(names):
        return "by name"
    text = "\n".join(names).encode(errors="backslashreplace")
    return f"another, {hashlib.sha256(text).hexdigest()[:6]}"


def _error(answer: dict[str, Json]) -> Iterator[tuple[str, str]]:
    """What an error says."""
    for key in (CODE, MESSAGE):
        if isinstance(answer.get(key), str):
            yield key, normalized(answer[key])
    details = answer.get("details")
    listed = [each for each in details if isinstance(each, dict)] if type(details) is list else []
    for kind, name in ((FIELDS, "field"), (REASONS, "reason")):
        told = {each[name] for each in listed if isinstance(each.get(name), str)}
        if told:
            yield kind, normalized(", ".join(sorted(told)[:MOST_FEATURES]))


def _unescaped(found: re.Match[bytes]) -> bytes:
    return bytes.fromhex(found[1].decode())
