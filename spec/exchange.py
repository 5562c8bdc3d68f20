"""One request and its response: the oracle looks at nothing else."""

import re
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, NamedTuple

from typing_extensions import override

MOST_KEPT = 128 * 1024
"""Bytes of an answer that are kept once it is judged; more than any report shows."""
CARRIED = re.compile(r"[!-~](?:[ -~]*[!-~])?")
"""What a header field carries to any server (RFC 9110, section 5.5)."""
_NO_WEIGHT = re.compile(r"q=0(\.0{0,3})?")


class ShortRepr:
    """Is printed as the name of its class.

    Hypothesis prints the arguments of a failing test field by field: keys, and whole documents.
    """

    __slots__ = ()

    @override
    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"

    def _repr_pretty_(self, printer: Any, _cycle: bool) -> None:  # noqa: FBT001 # IPython's protocol
        printer.text(repr(self))


@dataclass(frozen=True, slots=True)
class Request:
    """What went out: method, path with query, headers in the order sent, body bytes."""

    method: str
    path: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str | None:
        """The first value of a header, its name compared without case (RFC 9110 5.1)."""
        return _first(self.headers, name)

    def refuses_coding(self, coding: str) -> bool:
        """Whether its answer is not to be in a content coding (RFC 9110, section 12.5.3)."""
        allowed = dict[str, bool]()
        for listed in (self.header("accept-encoding") or "*").lower().split(","):
            name, _, weight = listed.partition(";")
            allowed[name.strip().removeprefix("x-")] = not _NO_WEIGHT.fullmatch(weight.strip())
        return not allowed.get(coding.removeprefix("x-"), allowed.get("*", False))


@dataclass(frozen=True, slots=True)
class Response:
    """What came back: status, headers with names in lower case, body bytes after decompression.

    `left_out` is how many bytes at the end of the body are not kept any more.
    """

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    head: bytes = field(default=b"", repr=False)
    left_out: int = 0

    @property
    def is_markup(self) -> bool:
        """Whether the body begins as HTML or XML does."""
        return self.body.lstrip().startswith(b"<")

    def header(self, name: str) -> str | None:
        """The first value of a header, its name compared without case (RFC 9110 5.1)."""
        return _first(self.headers, name)


class Before(NamedTuple):
    """The request that a client sent before another one, and the status of its answer; `first` is
    the one that had its stamp first, where it is not the first with it itself.
    """

    request: Request
    status: int | None
    first: "Before | None" = None


class Drop(NamedTuple):
    """How a kept connection was closed on a request, which was sent again over another one: when,
    in seconds since the epoch; how many seconds nothing had been sent over it; how many exchanges
    it had carried; and how many seconds before it the last of these had begun.
    """

    at: float
    idle: float
    carried: int
    since: float = 0.0


class HttpFault(StrEnum):
    """In what way a server broke HTTP: it closed the connection without a byte of an answer, or for
    good; its time was over; its answer is longer than anything that is read; an answer came that
    was not asked for; or what came is not HTTP, or no answer to this request.
    """

    CLOSED = "closed"
    GONE = "gone"
    LATE = "late"
    TOO_LONG = "too long"
    FRAMING = "framing"
    UNASKED = "unasked"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request with either its response or the fault that broke HTTP; `elapsed` in seconds.

    `fault` is one sentence with the bytes seen. It is a nonconformance of the server; what the
    network or the suite broke is an exception and never becomes an exchange. `broken` is its kind,
    `unquoted` the sentence as far as it quotes nothing of the server.
    `before` is what its client sent just before, if anything, `drop` how it was sent in vain, if it
    was, and `number` says which request of its process it was when it was sent. `twice` says that
    the same invoice was sent before, without an answer, so that it may have been created then.
    `idle` is how many seconds nothing had been sent over its connection, if it was not the first.
    `still` says that it had no answer in time, and nor had anything that was in flight with it.
    """

    request: Request
    response: Response | None
    fault: str | None
    elapsed: float
    broken: HttpFault | None = None
    before: Before | None = field(default=None, repr=False)
    drop: Drop | None = field(default=None, repr=False)
    number: int = field(default=0, compare=False, repr=False)
    twice: bool = field(default=False, compare=False, repr=False)
    idle: float | None = field(default=None, compare=False, repr=False)
    unquoted: str = field(default="", compare=False, repr=False)
    still: bool = field(default=False, compare=False, repr=False)

    @property
    def is_long(self) -> bool:
        """Whether its answer is too long to be kept: a run has thousands of exchanges."""
        return self.response is not None and len(self.response.body) > MOST_KEPT

    def shortened(self) -> "Exchange":
        """The exchange with the beginning of its long answer."""
        assert self.response is not None
        left_out = len(self.response.body) - MOST_KEPT
        kept = replace(self.response, body=self.response.body[:MOST_KEPT], left_out=left_out)
        return replace(self, response=kept)


def _first(headers: tuple[tuple[str, str], ...], name: str) -> str | None:
    wanted = name.lower()
    return next((value for key, value in headers if key.lower() == wanted), None)
