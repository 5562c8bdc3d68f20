"""A running mirror: the servers behind it, and which of them answers."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from itertools import repeat
from urllib.parse import urlsplit

from mirror import behaviours
from mirror.behaviours import Fault, error
from mirror.judging import Judge, Verdict, misdirection
from mirror.log import Log
from mirror.masking import Secrets
from mirror.reactions import Reaction, reactions
from mirror.received import Received
from mirror.relay import Address, Relay
from mirror.telling import counts_line, row
from reference.mutants.server import Server
from reference.server import listen, url
from reference.store import Store
from spec import contract
from spec.contract import DOCUMENT
from spec.exchange import CARRIED, Request
from targets.errors import TargetError

KEY = "WIZCOMMERCE_API_KEY"
"""The variable that holds the key, as for a run of the suite."""
DEMO_KEY = "demo-key"
_REFERENCE = ""


class Mirror:
    """The endpoint, judging what it receives; `observe` is told of each request.

    Raises TargetError for a key that no header can carry, or that is too short to be kept out of
    the reports.
    """

    def __init__(
        self, key: str = DEMO_KEY, observe: Callable[[Received], None] = lambda _received: None
    ) -> None:
        if not CARRIED.fullmatch(key):
            raise TargetError(
                f"The key in {KEY} cannot be sent in a header: it may have visible characters of "
                "ASCII, and blanks between them."
            )
        self.contract = contract.own()
        self.secrets = Secrets(KEY, key, self.contract.key_header, DOCUMENT.read_bytes())
        self.log = Log(self.contract, self.secrets, Judge(self.contract, key), observe)
        self.key, self.url = key, ""
        self.server = self.fault = "none"
        self._stack = ExitStack()
        self._addresses: dict[str, Address] = {}
        self._every = {"server": 1, "fault": 1}
        self._faults: Iterator[Fault | None] = repeat(None)

    @contextmanager
    def serving(self, host: str = "127.0.0.1", port: int = 0) -> Iterator["Mirror"]:
        """Serve on this address, port 0 for a free one. Raises SetupError."""
        with closing(listen(host, port)) as listener, self._stack:
            self.url = url(listener)
            self._start(_REFERENCE, behaviours.base())
            with Relay(self.log, self._choose).serving(listener):
                yield self

    def answer_as(self, name: str, every: int = 1) -> None:
        """Answer each `every`-th request from now on as the conforming server of this name.

        Raises ValueError, with one sentence, for a name or a number that is none.
        """
        _check(every)
        server = behaviours.server_named(name)
        if name not in self._addresses:
            self._start(name, server)
        self.server, self._every["server"] = name, every

    def fail(self, name: str, every: int = 2) -> None:
        """Let each `every`-th request from now on meet the fault of this name.

        Raises ValueError, with one sentence, for a name or a number that is none.
        """
        _check(every)
        self._faults = behaviours.faults_named(name)
        self.fault, self._every["fault"] = name, every

    @property
    def received(self) -> tuple[Received, ...]:
        """Every request until now, in the order in which they came."""
        return tuple(sorted(self.log.received, key=lambda each: each.number))

    @property
    def invalid(self) -> tuple[Received, ...]:
        """The requests that break the document."""
        return tuple(each for each in self.received if each.verdict is Verdict.INVALID)

    def check(self) -> None:
        """AssertionError with all that was received, if nothing was or something is invalid.

        It waits for the server that is to answer, and for no client.
        """
        __tracebackhide__ = True
        self.log.wait_until_judged()
        if self.invalid or not self.received:
            lines = [line for each in self.received for line in row(each)]
            # Some may have been kept before a key in them was known.
            words = "\n".join([counts_line(self.received), *lines])
            raise AssertionError(self.secrets.mask(words))

    @property
    def reactions(self) -> tuple[Reaction, ...]:
        """What the client did after each answer that was not a plain 201."""
        return tuple(reactions(self.received))

    @property
    def never_sent(self) -> tuple[str, ...]:
        """What the client never sent, of all that it may send."""
        return self.log.never_sent

    def _start(self, name: str, server: Server) -> None:
        store = self._stack.enter_context(closing(Store({self.key: True}, {})))
        address = urlsplit(self._stack.enter_context(server.serving(store)))
        assert address.hostname is not None
        assert address.port is not None
        self._addresses[name] = address.hostname, address.port

    def _choose(self, number: int, request: Request) -> tuple[Address | bytes, Fault | None]:
        unusual = self.server in self._addresses and number % self._every["server"] == 0
        fault = next(self._faults) if number % self._every["fault"] == 0 else None
        misdirected = misdirection(self.contract, request)
        if misdirected:
            status = misdirected.status
            return error(status, status[4:].upper().replace(" ", "_"), status[4:]), fault
        return self._addresses[self.server if unusual else _REFERENCE], fault


def _check(every: int) -> None:
    if type(every) is not int or every < 1:
        raise ValueError(f"every is {every!r}, which is not a whole number from 1 on")
