"""Why a target cannot be used or a server not be judged; none of it is a fault of the server."""

import ssl

_OTHER_TIME = "is the clock of this machine right? If so, it has to be renewed there."
_OTHER_NAME = "use a name that is in it."
_WHAT_TO_DO = {9: _OTHER_TIME, 10: _OTHER_TIME, 62: _OTHER_NAME, 64: _OTHER_NAME}
"""By the code of OpenSSL: for a certificate that is not valid yet, or has expired, and for one of
another host name, or of another address.
"""


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


def unreachable(where: str, error: Exception, proxy: str | None = None) -> UnreachableError:
    """Why a connection to a host and port could not be opened, and what to do; `proxy` is its URL
    where they are those of a proxy.
    """
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
