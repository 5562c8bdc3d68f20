"""Why a target cannot be used or a server not be judged; none of it is a fault of the server."""

import errno
import os
import ssl
from collections.abc import Iterator

_OTHER_TIME = "is the clock of this machine right? If so, it has to be renewed there."
_OTHER_NAME = "use a name that is in it."
_WHAT_TO_DO = {9: _OTHER_TIME, 10: _OTHER_TIME, 62: _OTHER_NAME, 64: _OTHER_NAME}
"""By the code of OpenSSL: for a certificate that is not valid yet, or has expired, and for one of
another host name, or of another address.
"""
_NO_MORE_FILES = {
    errno.EMFILE: "this process may have no more files open{limit}",
    errno.ENFILE: "this machine may have no more files open",
}
"""What an error of the system says of our limits, which is nothing of a server."""


class TargetError(ValueError):
    """The target is unusable or not allowed; the message says what, where and what to do."""


class CannotTellError(BaseException):
    """The run cannot judge the server; the message says why and what to do.

    Not an Exception: Hypothesis takes every Exception for a failing example, and would go on
    sending requests to a server that is not there, example after example.
    """


class UnreachableError(CannotTellError):
    """No connection: refused, host name unknown, or certificate not trusted."""


class ThrottledError(CannotTellError):
    """The server answered every attempt at one request with 429 (RFC 6585, section 4)."""


class BudgetSpentError(CannotTellError):
    """The run has sent as many requests as `--max-requests` allows."""


class RefusedError(CannotTellError):
    """What answers says nothing of the API: a wrong path, a refused key, something in front."""


class OutageError(CannotTellError):
    """What was accepted before is refused or not answered any more, also the plain invoice."""


class DeadlineError(CannotTellError):
    """The run has taken longer than any run may."""


class NoMoreFilesError(CannotTellError):
    """No connection, as no more files may be open here: that is no fault of the server either."""


def no_more_files(error: BaseException | None) -> str:
    """A sentence on the limit of open files, where an error is for that; else empty."""
    if isinstance(error, AssertionError):
        return ""
    numbers = (each.errno for each in _causes_of(error) if isinstance(each, OSError))
    found = next((number for number in numbers if number in _NO_MORE_FILES), None)
    if found is None and isinstance(error, Exception):
        found = _full()  # some libraries do not say why they could not open a file
    if found is None:
        return ""
    most = os.sysconf("SC_OPEN_MAX") if hasattr(os, "sysconf") else None
    limit = f" (ulimit -n is {most})" if most else ""
    return (
        f"{_NO_MORE_FILES[found].format(limit=limit)}, which says nothing of the server: raise the "
        "limit, as with ulimit -n 1024, or close what else has files open, and run again."
    )


def _causes_of(error: BaseException | None) -> Iterator[BaseException]:
    """An error, and those that it came of."""
    seen: list[BaseException] = []
    while error is not None and error not in seen:
        seen.append(error)
        yield error
        error = error.__cause__ or error.__context__


def _full() -> int | None:
    """The number of the error with which no file can be opened now; None if one can be."""
    try:
        os.close(os.open(os.devnull, os.O_RDONLY))
    except OSError as error:
        return error.errno if error.errno in _NO_MORE_FILES else None
    return None


def unreachable(where: str, error: Exception, proxy: str | None = None) -> CannotTellError:
    """Why a connection to a host and port could not be opened, and what to do; `proxy` is its URL
    where they are those of a proxy.
    """
    if told := no_more_files(error):
        return NoMoreFilesError(told)
    cause = error.__cause__
    if isinstance(cause, ssl.SSLCertVerificationError):
        name_it = (
            "name a file with the certificate of its authority with --ca-file, or as ca_file "
            "of the target in targets.toml."
        )
        what_to_do = _WHAT_TO_DO.get(cause.verify_code, name_it)
        return UnreachableError(
            f"The certificate of {where} is not trusted ({cause.verify_message}): {what_to_do}"
        )
    why = (cause.strerror if isinstance(cause, OSError) else None) or cause or "no answer in time"
    if isinstance(cause, ssl.SSLError) and cause.reason:
        why = cause.reason.replace("_", " ").lower()
    if proxy:
        return UnreachableError(
            f"Cannot connect to the proxy {proxy} ({why}): check proxy in targets.toml, the "
            "network and that the proxy runs."
        )
    return UnreachableError(
        f"Cannot connect to {where} ({why}): check the address, the network and that the server "
        "runs."
    )
