"""Why a target cannot be used or a server not be judged; none of it is a fault of the server."""


class TargetError(ValueError):
    """The target is unusable or not allowed; the message says what, where and what to do."""


class CannotTellError(BaseException):
    """The run cannot judge the server; the message says why and what to do.

    Not an Exception: Hypothesis takes every Exception for a failing example, and would go on
    sending requests to a server that is not there in order to shrink it.
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
