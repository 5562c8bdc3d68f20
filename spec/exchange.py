"""One request and its response: the oracle looks at nothing else."""

from dataclasses import dataclass, field


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


@dataclass(frozen=True, slots=True)
class Response:
    """What came back: status, headers with names in lower case, body bytes after decompression."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    head: bytes = field(default=b"", repr=False)

    def header(self, name: str) -> str | None:
        """The first value of a header, its name compared without case (RFC 9110 5.1)."""
        return _first(self.headers, name)


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request with either its response or the fault that broke HTTP; `elapsed` in seconds.

    `fault` is one sentence with the bytes seen. It is a nonconformance of the server; what the
    network or the suite broke is an exception and never becomes an exchange. `closed` says that
    the fault is only a connection that was closed before the first byte of an answer.
    """

    request: Request
    response: Response | None
    fault: str | None
    elapsed: float
    closed: bool = False


def _first(headers: tuple[tuple[str, str], ...], name: str) -> str | None:
    wanted = name.lower()
    return next((value for key, value in headers if key.lower() == wanted), None)
