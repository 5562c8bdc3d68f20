"""Another target beside that of a run: `--against` sends it each case too, and compares.

What the other one answers is judged by nobody: it only says how the two differ.
"""

import os
import secrets
from dataclasses import dataclass, field, replace
from functools import cached_property

from reports.ledger import Counts
from run.options import Options
from run.plan import TARGETS
from run.preflight import Entrance
from run.session import Run
from spec.contract import DOCUMENT, Contract, load
from spec.exchange import Request, ShortRepr
from spec.oracle import Verdict
from spec.strictjson import value_of
from targets import config, guard
from targets.client import Client
from targets.config import Keys, Target
from targets.errors import CannotTellError, NoMoreFilesError, RefusedError, TargetError
from targets.masking import Masker
from targets.resend import send_as
from targets.stamp import Stamper, restamped
from watch.features import case_of, features_of

FOLDER = "against"
"""Where the limits of the other target are counted, in the folder of the run."""


def chosen(options: Options, contract: Contract) -> Target | None:
    """The target that `--against` names, or whose address it is, guarded as that of a run.

    Raises TargetError, before any packet.
    """
    name = options.against
    if name is None:
        return None
    if "://" in name:
        target = config.from_base_url(name)
    else:
        target = config.find_target(config.load_targets(TARGETS), name, TARGETS)
    if target.embedded:
        raise TargetError(f"--against: {name} only runs inside a run of its own: give an address.")
    servers = (*contract.operation.servers, *load(DOCUMENT).operation.servers)
    guard.refuse_production(target.base_url, servers, options.allow_production)
    guard.refuse_plain_http(target.base_url, options.allow_http)
    return target


def second_target(run: Run) -> "Against | None":
    """What asks the other target of a run that is open, if there is one. Raises TargetError."""
    target = chosen(run.plan.options, run.plan.contract)
    return Against(run, target) if target else None


@dataclass(repr=False)
class Against(ShortRepr):
    """Sends each case of a run to another target as well, and keeps the facts of its answer.

    A request that shows a part of the run's key is for the run's target alone.
    """

    run: Run
    target: Target
    run_id: str = field(default_factory=lambda: secrets.token_hex(4).upper())

    @cached_property
    def keys(self) -> Keys:
        """The keys of the other target. Raises TargetError for one that is not set."""
        return config.read_keys(self.target, os.environ)

    @property
    def keys_by_name(self) -> dict[str, str]:
        """Each of them by the name of its variable."""
        names = (self.target.key_variable, self.target.forbidden_key_variable)
        pairs = zip(names, (self.keys.key, self.keys.forbidden), strict=True)
        return {name: key for name, key in pairs if key is not None}

    @cached_property
    def client(self) -> Client:
        """Its client: one connection, and limits of its own."""
        folder = self.run.open.directory / FOLDER
        folder.mkdir(exist_ok=True)
        stamper = Stamper(self.run_id, self.run.worker or 0)
        base_url = self.target.base_url
        return self.run.client_of(self.target, base_url, self.keys.key, stamper, folder)

    def check(self) -> None:
        """Raise CannotTellError if the answer to the control says nothing of an API there."""
        entrance = Entrance(self.run, self.client, self.target, self.target.base_url, Counts())
        try:
            entrance.ask_control()
        except NoMoreFilesError:
            raise
        except CannotTellError as error:
            raise RefusedError(f"--against: {error}") from None

    def __call__(self, verdict: Verdict) -> None:
        """Ask the other target what was asked. Raises CannotTellError."""
        ledger, request = self.run.ledger, verdict.exchange.request
        if not ledger.watched or ledger.facts is None:
            return
        asked = self._translated(request)
        if asked is None:
            return
        exchange = send_as(self.client, asked, asked.body)
        payload = None if verdict.expected.payload is None else value_of(asked.body)
        answer = value_of(exchange.response.body) if exchange.response else None
        found = features_of(exchange, payload, answer)
        ledger.counts.others.setdefault(case_of(request, ledger.facts), []).append(found)

    def _translated(self, request: Request) -> Request | None:
        """The request with the stamp and the keys of the other target; None if it shows ours."""
        ours, theirs = self.run.open.keys, self.keys
        pairs = {ours.key: theirs.key}
        if ours.forbidden and theirs.forbidden:
            pairs[ours.forbidden] = theirs.forbidden
        keyed = self.run.plan.contract.operation.keyed
        pairs = {str(keyed(one)): str(keyed(other)) for one, other in pairs.items()}
        own = {name.lower() for name, _ in self.run.plan.target.headers}
        sent = (each for each in request.headers if each[0].lower() not in own)
        headers = tuple((name, pairs.get(value, value)) for name, value in sent)
        body = restamped(request.body, self.run.open.run_id, self.run_id)
        asked = replace(request, headers=headers, body=body)
        return None if ours.key != theirs.key and self._shows_ours(asked) else asked

    def _shows_ours(self, request: Request) -> bool:
        texts = [request.path, *(value for _, value in request.headers)]
        data = b"\n".join(
            [*(text.encode(errors="surrogateescape") for text in texts), request.body]
        )
        return self._ours.mask_bytes(data) is not data

    def close(self) -> None:
        """Close the connection to the other target, if there is one."""
        if "client" in self.__dict__:
            self.client.close()

    @cached_property
    def _ours(self) -> Masker:
        keys = self.run.open.keys
        return Masker({name: key for name, key in (("A", keys.key), ("B", keys.forbidden)) if key})
