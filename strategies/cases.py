"""One request that differs in a known way from the usual one, and several of them in turn."""

import zlib
from dataclasses import dataclass, field, replace

from spec.contract import Contract, TargetFacts
from spec.operation import JSON
from spec.paths import Json
from strategies.carriers import CHARSET, CHUNKED, LOWER_CASE, NO_ACCEPT, Carrier

_CHARSETS = (
    *("application/json; charset=utf-8", "application/json;charset=utf-8"),
    *("application/json; charset=UTF-8", "application/json;charset=UTF-8"),
    *('application/json; charset="utf-8"', "Application/Json; Charset=UTF-8"),
    *("application/json ;charset=utf-8", "application/json;", "APPLICATION/JSON;CHARSET=UTF-8"),
    *('application/json;charset="UTF-8"', "application/json ; charset=Utf-8"),
    *("application/json;  charset=utf-8", "application/json; charset=utf-8;", "APPLICATION/JSON"),
)
"""How clients write it (RFC 9110, sections 5.6.6 and 8.3.1), or leave no more of it than the
semicolon; each carrier in one of these ways.
"""
LONG_TEXT = "(2 MiB)"
"""What stands in a case for a text that is made only to be sent."""
_LONG = (b"x" * 1024,) * 2 * 1024
"""It in pieces: a server need not read so much (RFC 9110, section 15.5.14)."""

_LARGE = 4 * 1024
"""Bytes of the largest body that is kept as it is until it is sent."""


class _Packed(bytes):
    """A body that is kept compressed: large ones say the same again and again."""


@dataclass(frozen=True, slots=True)
class Case:
    """A body and how it is sent: `name` says to a person what is particular about it.

    `kind` is what it is one instance of; a profile that lists few cases takes one of each kind.
    `short` is the body, as it is kept; in it `LONG_TEXT` may stand for a long one. `headers`
    replace the usual ones of the same name, or take them out with None; `query` replaces the usual
    one, and `path` that of the document; `fresh` asks for a connection of its own. One that is
    `known` has the references of the run's first invoice, where that was accepted. `about` names
    the requirement that a refusal counts against, where the case has one of its own. `alone` is the
    same in the plain invoice, sent as usual, where the case has a carrier. The rest is shown
    nowhere, for a header may hold a key.
    """

    name: str
    kind: str
    short: bytes = field(repr=False)
    headers: tuple[tuple[str, str | None], ...] = field(default=(), repr=False)
    query: str | None = field(default=None, repr=False)
    method: str = field(default="POST", repr=False)
    chunked: bool = field(default=False, repr=False)
    fresh: bool = field(default=False, repr=False)
    known: bool = field(default=False, repr=False)
    about: str | None = field(default=None, repr=False)
    path: str = field(default="", repr=False)
    alone: "Case | None" = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if len(self.short) > _LARGE:
            object.__setattr__(self, "short", _Packed(zlib.compress(self.short, 1)))

    @property
    def body(self) -> bytes:
        """The bytes to send: a long text is put where something stands for it."""
        short = zlib.decompress(self.short) if isinstance(self.short, _Packed) else self.short
        before, long, after = short.partition(LONG_TEXT.encode())
        # Put together at once: the text alone would be one copy more.
        return b"".join((before, *_LONG, after)) if long else short


@dataclass(frozen=True, slots=True)
class Series:
    """Requests to send one after the other, all of them, for it is their order that matters.

    With `one_stamp` they have the same references.
    """

    name: str
    kind: str
    cases: tuple[Case, ...] = field(repr=False)
    one_stamp: bool = field(default=False, repr=False)


@dataclass(frozen=True, slots=True)
class Crowd:
    """Requests of which any number will do; a profile that lists few cases takes fewer.

    With `one_stamp` they have the same references, and any of them may come first. Of two that are
    sent `within` each other, the second one is answered between head and body of the first.
    """

    name: str
    cases: tuple[Case, ...] = field(repr=False)
    one_stamp: bool = field(default=False, repr=False)
    within: bool = field(default=False, repr=False)


def is_ordered(several: Series | Crowd) -> bool:
    """Whether it matters which of the requests comes first."""
    return isinstance(several, Series) or several.one_stamp


def header_fields(
    contract: Contract, facts: TargetFacts, carrier: Carrier
) -> tuple[tuple[str, str | None], ...]:
    """The header fields that differ from the usual ones, in how the carrier's request is sent."""
    charset = _CHARSETS[carrier.choice % len(_CHARSETS)]
    if carrier.sending == CHARSET or (carrier.is_mixed and carrier.sending == CHUNKED):
        return (("Content-Type", charset),)
    if carrier.sending == NO_ACCEPT:
        return (("Accept", None),)
    if carrier.sending == LOWER_CASE:
        # Or as urllib writes those that say something: `Content-type`, `X-api-key`.
        spelled = str.capitalize if carrier.choice % 3 == 1 else str.lower
        key = ((spelled(contract.key_header), facts.key),) if contract.key_header else ()
        kind = charset if carrier.is_mixed else JSON
        chunks = (("transfer-encoding", "chunked"),) if carrier.is_chunked else ()
        return ((spelled("content-type"), kind), ("accept", JSON), *chunks, *key)
    return ()


def sent_as(contract: Contract, facts: TargetFacts, case: Case, carrier: Carrier) -> Case:
    """The case, sent as the carrier's request is, but for what the case itself says of sending."""
    own = {name.lower(): value for name, value in case.headers}
    usual = header_fields(contract, facts, carrier)
    kept = tuple((name, own.get(name.lower(), value)) for name, value in usual)
    known = {name.lower() for name, _ in usual}
    others = tuple(field for field in case.headers if field[0].lower() not in known)
    chunked = case.chunked or carrier.is_chunked
    return replace(case, headers=(*kept, *others), chunked=chunked)


def in_session(contract: Contract, case: Case, cookies: str) -> Case:
    """The case with the cookies that the run's first invoice got, where it has the references of
    that one and not its key: they stand for none.
    """
    named = {name.lower() for name, _ in case.headers}
    has_no_key = (contract.key_header or "").lower() in named
    if case.known and has_no_key and cookies and "cookie" not in named:
        return replace(case, headers=(*case.headers, ("Cookie", cookies)))
    return case


def kept(_: Contract, facts: TargetFacts) -> tuple[Case, ...]:
    """The cases that are kept of the target, each of a kind of its own."""
    return tuple(Case(name, name, body) for name, body in facts.kept)


def lettered(contract: Contract, payload: dict[str, Json], text: str) -> dict[str, Json]:
    """A copy with the text at the end of its free text, within that one's limit."""
    name = free_text(contract)
    if name is None:
        return payload
    limit = contract.narrowed_schema["properties"][name].get("maxLength")
    longer = f"{payload.get(name, '')} {text}"
    return {**payload, name: longer if limit is None else longer[-limit:]}


def free_text(contract: Contract) -> str | None:
    """The name of the first property that takes any text and needs no stamp, if there is one."""
    needed = {(contract.relations.order.order,), *contract.relations.new.paths}
    for name, schema in contract.narrowed_schema["properties"].items():
        is_any = schema.get("format") == "text" and not {"enum", "pattern"} & schema.keys()
        if is_any and (name,) not in needed:
            return str(name)
    return None
