"""How a request differs from a usual one, except in its body, and the fewest of these differences
with which it still fails.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace

from causes.cause import ANOTHER_QUERY, ANOTHER_TYPE, HEADER_NAME, SENT
from causes.difference import LONGEST_SHOWN
from causes.halving import smallest
from spec.contract import unstamped
from spec.exchange import Request
from spec.parameters import QUERY as IN_QUERY
from spec.parameters import Parameter
from spec.schema.formats import is_uuid
from spec.violation import brief, counted, shortened

_COMPUTED = ("host", "content-length")
QUERY = "the query "
"""How a way begins that is a part of a query."""
FIELD = "a header field "
"""How a way begins that is a field which the usual request does not have."""
ANOTHER_PATH = "another path"
LETTER_CASE = "header names in another letter case"
MOST_USUAL = 256
"""Characters of a header field; of a longer one the length is told, as that may be to blame."""
_LENGTH, _TYPE = "content-length", "content-type"
_CONNECTION = "connection"
_ADDED = ("expect", "transfer-encoding", _CONNECTION)
"""Those of which one request has none, that may be written in any letter case."""
_SHOWN = (
    *("accept", "accept-encoding", _CONNECTION, "content-type", "expect", "transfer-encoding"),
    "user-agent",
)
"""Header fields whose values are told; others may hold a key."""

_AN_ID = "7d9f2c4e-5b1a-4c3d-8e6f-0a1b2c3d4e5f"
_PLAIN_VALUES = {
    "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
    "accept-language": "en",
    "accept-charset": "utf-8",
    "content-language": "en",
    "cookie": "a=1",
    "x-forwarded-proto": "https",
    "x-forwarded-for": "192.0.2.1",
    "x-real-ip": "192.0.2.1",
}
"""What is usual in header fields that a server may read."""


def ways_of(parameters: Sequence[Parameter], usual: Request, request: Request) -> frozenset[str]:
    """In what a request differs from a usual one, in words."""
    told = _ways_of_parameters(parameters, usual, request)
    # The value of a query may be a key.
    queries = (f"{QUERY}{pair.partition('=')[0]}" for pair in _added(parameters, usual, request))
    known = {one.field for one in parameters}
    return frozenset((*told, *queries, *_ways(usual, request, known)))


def is_queried(way: str) -> bool:
    """Whether a way, which is a text as parts of runs and traits have it, is of a query."""
    return way.startswith(QUERY)


def is_another_field(way: str) -> bool:
    """Whether it is a header field that the usual request does not have."""
    return way.startswith(FIELD) or way.lower().startswith(f"{_CONNECTION}: ")


def traits_of_ways(ways: Collection[str], key: str = "") -> list[str]:
    """What equal faults share that are brought about by how a request is sent, and by which kind of
    key.
    """
    queried = any(map(is_queried, ways))
    typed = any(way.lower().startswith(f"{_TYPE}: ") for way in ways)
    kinds = [kind for kind, is_so in ((ANOTHER_QUERY, queried), (ANOTHER_TYPE, typed)) if is_so]
    return [SENT, *kinds, *sorted(ways), *filter(None, [key])]


def ways_text(ways: Collection[str], usual: Request, request: Request) -> list[str]:
    """The ways for people, who are told a query as it was sent, how long a field is that is long,
    and which one name of a header field is in another letter case.
    """
    plain = {name for name, _ in usual.headers}
    other = [name for name, _ in request.headers if name not in plain and usual.header(name)]
    pairs = {pair.partition("=")[0]: pair for pair in _pairs(unstamped(request.path))}
    asked = filter(is_queried, ways)
    names = {way: pairs.get(way.removeprefix(QUERY), "") for way in asked}
    path = request.path.partition("?")[0]
    told = {way: f"{QUERY}{shortened(pair, LONGEST_SHOWN)}" for way, pair in names.items()}
    told[ANOTHER_PATH] = f"the path {shortened(path, LONGEST_SHOWN)}"
    told |= {LETTER_CASE: f"{HEADER_NAME}{other[0]}"} if len(other) == 1 else {}
    long = _long(usual, request).items()
    told |= {f"{FIELD}{name}": f"{FIELD}{name} of {counted(n, 'character')}" for name, n in long}
    return sorted(told.get(way, way) for way in ways)


def _long(usual: Request, request: Request) -> dict[str, int]:
    """How long each field is that is long, and that the usual request does not have."""
    lengths = {name: len(value) for name, value in request.headers if usual.header(name) is None}
    return {name: length for name, length in lengths.items() if length > MOST_USUAL}


def fields_of(ways: Collection[str], usual: Request, request: Request) -> dict[str, str]:
    """The values, by their names, of the fields that only this request has, where they are not
    long, and are the same each time.
    """
    names = {way.removeprefix(FIELD) for way in ways if way.startswith(FIELD)}
    found = {name: value for name, value in request.headers if name in names}
    long = _long(usual, request)
    return {
        name: value
        for name, value in found.items()
        if name not in long and unstamped(value) == value and not is_uuid(value)
    }


def plain_value(name: str) -> str:
    """A value that a header field of this name may have."""
    of_an_id = name.lower().endswith("-id")
    return _AN_ID if of_an_id else _PLAIN_VALUES.get(name.lower(), "1")


def with_value(name: str, value: str) -> str:
    """A header field in words whose value is to blame."""
    told = f": {shortened(value, LONGEST_SHOWN)}" if value.strip() else " that is empty"
    return f"{FIELD}{name}{told}"


def lessened(usual: Request, request: Request, fails: Callable[[Request], bool | None]) -> Request:
    """The request with the fewest differences from the usual one with which it still fails."""
    names = dict.fromkeys(name.lower() for name, _ in (*request.headers, *usual.headers))
    fields = [name for name in names if name not in _COMPUTED and _differs(usual, request, name)]
    added = [f"?{pair}" for pair in _added((), usual, request)]
    elsewhere = [ANOTHER_PATH] if _is_elsewhere(usual, request) else []
    steps = [*elsewhere, *added, *fields]

    seen = dict[tuple[str, ...], bool | None]()

    def with_only(kept: Sequence[str]) -> Request:
        less = request
        for step in steps:
            less = less if step in kept else _as_usual(usual, less, step)
        return less

    def fails_with(kept: Sequence[str]) -> bool | None:
        key = (*kept,)
        if key not in seen:
            seen[key] = fails(with_only(kept))
        return seen[key]

    found = smallest(steps, fails_with) if len(steps) > 1 else None
    less = request if found is None else with_only(found)
    plain, sent = usual.header(_TYPE) or "", less.header(_TYPE) or ""
    tried = with_field(less, _TYPE, f"{plain}; charset=utf-8")
    is_plainer = sent not in (plain, tried.header(_TYPE)) and _media_type(sent) == plain
    less = tried if is_plainer and fails(tried) else less
    for name in _long(usual, less):
        tried = with_field(less, name, (less.header(name) or "")[:LONGEST_SHOWN])
        less = tried if fails(tried) else less
    spelt = replace(less, headers=tuple((_spelt(name), value) for name, value in less.headers))
    return spelt if spelt != less and fails(spelt) else less


def _spelt(name: str) -> str:
    """The name of a header field whose values are told, in its usual letter case."""
    return name.title() if name.lower() in _ADDED else name


def with_field(request: Request, header: str, value: str) -> Request:
    """The request with another value in a header field."""
    fields = ((each, value if each.lower() == header.lower() else v) for each, v in request.headers)
    return replace(request, headers=tuple(fields))


def _media_type(value: str) -> str:
    """A media type without its parameters."""
    return value.partition(";")[0].strip().lower()


def _as_usual(usual: Request, request: Request, step: str) -> Request:
    """The request with its path or one header field as usual, or without one part of its query."""
    if step == ANOTHER_PATH:
        path, query = usual.path.partition("?")[0], request.path.partition("?")[1:]
        return replace(request, path="".join((path, *query)))
    if step.startswith("?"):
        path, kept = request.path.partition("?")[0], _pairs(request.path)
        kept.remove(step[1:])
        return replace(request, path="?".join([path, "&".join(kept)]) if kept else path)
    left = [field for field in request.headers if field[0].lower() != step]
    own = [field for field in usual.headers if field[0].lower() == step]
    return replace(request, headers=(*left, *own))


def _is_elsewhere(usual: Request, request: Request) -> bool:
    return usual.path.partition("?")[0] != request.path.partition("?")[0]


def _pairs(path: str) -> list[str]:
    """The parts of the query of a path."""
    return [pair for pair in path.partition("?")[2].split("&") if pair]


def _added(parameters: Sequence[Parameter], usual: Request, request: Request) -> list[str]:
    """The parts of a query beside the usual ones and the documented parameters."""
    known = {one.name for one in parameters if one.place == IN_QUERY}
    plain = map(unstamped, _pairs(usual.path))
    others = {pair for pair in plain if pair.partition("=")[0] not in known}
    found = (pair for pair in _pairs(request.path) if pair.partition("=")[0] not in known)
    return [pair for pair in found if unstamped(pair) not in others]


def _differs(usual: Request, request: Request, name: str) -> bool:
    before, now = (
        [field for field in one.headers if field[0].lower() == name] for one in (usual, request)
    )
    return len(before) != len(now) or not all(
        one[0] == other[0] and _is_same(one[1], other[1])
        for one, other in zip(before, now, strict=True)
    )


def _is_same(one: str, other: str) -> bool:
    """Whether two texts beside a body are the same but for what is new in each request."""
    return unstamped(one) == unstamped(other) or (is_uuid(one) and is_uuid(other))


def _ways_of_parameters(
    parameters: Sequence[Parameter], usual: Request, request: Request
) -> Iterator[str]:
    """Which parameters were sent otherwise; the document has another place for the key."""
    for one in parameters:
        before, now = one.values_in(usual), one.values_in(request)
        if not now and before:
            yield f"no {one.title}"
        elif len(now) != len(before) or not all(map(_is_same, now, before)):
            yield f"{one.title} {brief(now[0])}"


def _ways(usual: Request, request: Request, known: Collection[str]) -> Iterator[str]:
    """In what else a request was sent otherwise than in `known` header fields and the query; no
    value is told that may be a key.
    """
    if request.method != usual.method:
        yield request.method
    if _is_elsewhere(usual, request):
        yield ANOTHER_PATH
    left_out = {_LENGTH, *known}
    names_used = {name for name, _ in usual.headers if name.lower() not in left_out}
    spelt, lower = {name.lower(): name for name, _ in usual.headers}, set()
    for sent, value in request.headers:
        lower.add(sent.lower())
        plain, name = usual.header(sent), spelt.get(sent.lower(), sent)
        same = plain is not None and _is_same(plain, value)
        if name.lower() in left_out or (same and sent in names_used):
            continue
        if same or (plain is None and _spelt(name) != name):
            yield LETTER_CASE
        if same:
            continue
        if name.lower() in _SHOWN:
            called = name if plain is not None else _spelt(name)
            yield f"{called}: {shortened(value, LONGEST_SHOWN)}"
        else:
            yield f"another {name}" if plain is not None else f"{FIELD}{name}"
    yield from (f"no {name}" for name in names_used if name.lower() not in lower)
