"""What can go wrong on the way to an answer that is not the server's answer."""


class TargetError(ValueError):
    """The target is unusable or forbidden: one sentence says what, where and what to do."""


class CannotTellError(BaseException):
    """The run cannot judge the server; one sentence says why and what to do.

    No Exception, because Hypothesis takes one of those for a finding that it should make smaller,
    and would go on asking a server that is not there.
    """


class UnreachableError(CannotTellError):
    """No connection: refused, name unknown, certificate not trusted."""


class ThrottledError(CannotTellError):
    """The server answered 429 to every try of one request (RFC 6585 4)."""


class BudgetSpentError(CannotTellError):
    """The run has sent as many requests as `--max-requests` allows."""
