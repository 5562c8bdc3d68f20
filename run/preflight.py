"""The first exchange of a run: whether the API itself answers, knows the key and knows the order.

What is asked is the control, the plain valid invoice. Where its answer says nothing of the API,
such as that of a wrong path, RefusedError says what is the matter and what to do. Any other answer
is judged like all others, so the first request of a run can be a finding.
"""

import os
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime

from causes.cause import SUCCESSFUL
from causes.symptoms import described, is_documented, is_json, is_page
from reports.asked import FIRST
from reports.ledger import Counts
from run.ending.another_service import another_service
from run.notes import nothing_said
from run.session import Run
from spec.answers.errors import fields_of
from spec.exchange import Exchange, HttpFault, Response
from spec.oracle import Verdict
from spec.parameters import values_of
from spec.paths import names, values_at
from spec.strictjson import value_of
from spec.violation import shortened
from strategies.invoice import encode, plain_invoice
from strategies.relations import smallest_of
from targets import diagnosis
from targets.client import Client
from targets.config import Target
from targets.errors import CannotTellError, RefusedError, TargetError, UnreachableError
from targets.faults import Fault
from targets.stamp import stamp_in
from watch import clock

TITLE = "The plain valid invoice, the first request of a run, gets 201 and comes back as sent."
PROXIES = ("http_proxy", "https_proxy", "all_proxy")
"""Environment variables, also in capitals, that name a proxy for other programs."""
COLD = "The first request got no answer within"
KEY_REFUSED = (401, 403, 407)
"""What is answered to a key that is refused, by the API or by a proxy before it."""
NO_ENDPOINT = (*range(200, 300), 404, 405, 501)
"""What a server that has no such endpoint answers, be it with a page."""
BEHIND = (502, 503, 504)
"""What a gateway answers when the server behind it does not (RFC 9110, section 15.6)."""


def preflight(run: Run) -> Verdict:
    """Send the control; its verdict, which the ledger has under the name FIRST.

    Raises CannotTellError where nothing can be told of the API, and TargetError for a forbidden key
    that no run can use.
    """
    run.ledger.begin(FIRST)
    with closing(run.client()) as client:
        entrance = Entrance(run, client, run.plan.target, run.open.base_url, run.total)
        before = datetime.now(UTC)
        exchange = entrance.ask_control()
        run.clock = clock.apart(exchange, before, datetime.now(UTC))
        run.total.last_day = client.last_day.isoformat() if client.last_day else ""
        if not run.plan.target.embedded:
            entrance.check_forbidden_key()
            entrance.check_orders(exchange)
        verdict = run.oracle.judge(exchange)
        if run.plan.contract.operation.creates(exchange.response):
            run.known = stamp_in(exchange.request.body)
            run.session = _session(run, exchange)
        if verdict.violations:
            _explain(run, client, verdict)
    return verdict


def _session(run: Run, exchange: Exchange) -> str:
    """The cookies that an answer sets, as a client sends them back. What may let in who has it is
    kept out of every output, as a key is.
    """
    set_ones = values_of(exchange.response.headers, "set-cookie") if exchange.response else ()
    pairs = [one.partition(";")[0].strip() for one in set_ones]
    for number, pair in enumerate(pairs, 1):
        value = pair.partition("=")[2]
        if len(value) >= _SECRET and not value.isalpha():
            run.other_keys[f"COOKIE_{number}"] = value
            run.masker.add(f"COOKIE_{number}", value)
    return "; ".join(pairs)


_SECRET = 16
"""Characters of a cookie that nobody guesses."""


def _explain(run: Run, client: Client, verdict: Verdict) -> None:
    """Find out why it violates what it does; where the suite breaks, as in a test, what it violates
    is told all the same, and the run goes on.
    """
    try:
        run.explainer.explain(client, verdict, "the first invoice of the run")
    except CannotTellError:
        raise
    except Exception as error:  # noqa: BLE001 # it is a fault of the suite, which is told
        run.ending.unexplained(error)


def planned_before(run: Run) -> int:
    """How many requests a preflight sends where the API answers as it should."""
    if run.plan.target.embedded:
        return 1
    orders = run.facts.order_ids
    return 1 + (run.facts.forbidden_key is not None) + (len(orders[1:]) if orders else 1)


def control(run: Run) -> bytes:
    """The plain valid invoice."""
    return encode(plain_invoice(run.plan.contract, run.facts))


def smaller_invoice(run: Run) -> bytes:
    """A smaller valid invoice: only what is required, one item, no address and no remarks."""
    contract = run.plan.contract
    return encode(smallest_of(contract, plain_invoice(contract, run.facts)))


@dataclass(slots=True)
class Entrance:
    """Where requests to a target begin. Each method that asks counts its requests in `total`.

    `where_unknown` is what to do about an unknown order.
    """

    run: Run
    client: Client
    target: Target
    base_url: str
    total: Counts
    where_unknown: str = "name one with --order-id"

    def ask_control(self) -> Exchange:
        """Send the control. Raises RefusedError or another CannotTellError."""
        try:
            exchange = self.send(control(self.run), counted=False)
        except UnreachableError as error:
            raise UnreachableError(" ".join([str(error), *self._about_connecting()])) from None
        objection = self.objection(exchange)
        if objection:
            self.count(exchange)
            raise RefusedError(f"{objection}{self._through}")
        if exchange.broken is not HttpFault.LATE:
            return exchange
        again = self.send(control(self.run), counted=False)  # it may have had to start
        self.count(again if again.response is None else exchange)
        if again.response is None:
            return exchange
        self.total.outages.append(f"{COLD} {self.client.timeout:g} s, and was sent again")
        return again

    def check_forbidden_key(self) -> None:
        """Raise TargetError for a forbidden key that is no key of the target at all."""
        key = self.run.facts.forbidden_key
        if key is None:
            return
        exchange = self.client.send(control(self.run), key=key)
        self.count(exchange)
        if exchange.response is not None and exchange.response.status == 401:
            variable = self.target.forbidden_key_variable
            raise TargetError(
                f"The key in {variable} is refused with 401, so it is not a valid key without the "
                "right to create invoices: set such a key, or unset the variable."
            )

    def check_orders(self, first: Exchange) -> None:
        """Raise RefusedError for a named order that is unknown, or where orders have to exist and
        none is named: all invoices for such orders would be refused rightly.
        """
        if not self.run.plan.contract.operation.creates(first.response):
            return
        facts, where = self.run.facts, self.target.name
        name = self.run.plan.contract.relations.order.order
        payload = plain_invoice(self.run.plan.contract, facts)
        if name not in payload:
            return
        # The first named order is the control's; where none is named, one that nobody has is asked.
        others = facts.order_ids[1:] if facts.order_ids else (facts.unknown_order_id,)
        for order in others:
            response = self._answer_to(encode({**payload, name: order}))
            if response is None or response.status != 404 or not is_documented(response):
                continue
            told = described(response)
            if facts.order_ids:
                raise RefusedError(
                    f"The order {order} is unknown at {where} ({told}): name only orders that "
                    "exist there with --order-id."
                )
            raise RefusedError(
                f"Orders have to exist at {where}, and {order} does not ({told}): name some that "
                "do with --order-id."
            )

    def send(self, body: bytes, *, counted: bool = True, keyed: bool = True) -> Exchange:
        """Send an invoice with the run's key, or without any."""
        exchange = self.client.send(body) if keyed else self.client.send(body, key=None)
        if counted:
            self.count(exchange)
        return exchange

    def count(self, exchange: Exchange) -> None:
        """Count a request that is not judged."""
        self.total.requests += 1
        self.total.created += self.run.plan.contract.operation.creates(exchange.response)

    def objection(self, exchange: Exchange) -> str:
        """Why the answer to the control says nothing of the API, in a sentence; empty if it does.

        Nothing is put down to the whole API because of one invoice: a smaller one is asked before.
        """
        response = exchange.response
        if response is None:
            again = self.send(smaller_invoice(self.run))
            return self._silent(again, self.client.broken) if again.response is None else ""
        is_ours = self.run.plan.contract.operation.creates(response) or is_documented(response)
        if not is_ours and self._is_behind_tls:
            return self._says_tls
        match response.status:
            case status if status in KEY_REFUSED:
                return self._refused(response)
            case 404:
                return self._not_found(response)
            case status if status in self.run.plan.contract.refusals and not is_page(response):
                return self._in_doubt(response)
            case status if 300 <= status < 400:
                there = shortened(response.header("location") or "nowhere", 200)
                return (
                    f"{self._post} is redirected to {there} ({described(response)}): "
                    f"is the address right?{self._twice}"
                )
            case status if status >= 500:
                return self._failed(response)
            case status if status in SUCCESSFUL and not (is_ours or is_page(response)):
                return self._another_service(exchange)
            case status if status == 405 or is_page(response):
                return self._page(response)
        return ""

    @property
    def _post(self) -> str:
        return f"POST {self.run.plan.contract.path} at {self.base_url}"

    @property
    def _quoted_key(self) -> str:
        """A hint for a key with the quotes of a shell, which `cmd` of Windows keeps."""
        key = os.environ.get(self.target.key_variable, "")
        quoted = len(key) > 1 and key[0] == key[-1] and key[0] in "\"'"
        return " The key begins and ends with a quote: is that a part of it?" if quoted else ""

    @property
    def _twice(self) -> str:
        """A hint for a base URL that has the path, or its beginning, already."""
        parts = self.run.plan.contract.path.split("/")
        for end in range(len(parts), 1, -1):
            begun = "/".join(parts[:end])
            if self.base_url.endswith(begun):
                return f" The base URL ends in {begun}, which the suite adds itself: leave it out."
        return ""

    def _answer_to(self, body: bytes) -> Response | None:
        return self.send(body).response

    def _refused(self, response: Response) -> str:
        plain = self._answer_to(smaller_invoice(self.run))
        alike = plain is not None and plain.status in KEY_REFUSED
        told = described(response)
        target, variable = self.target.name, self.target.key_variable
        if alike and is_documented(response):
            return (
                f"{target} refuses the key in {variable} with {told}: set one that may create "
                f"invoices there.{self._quoted_key}"
            )
        if alike:
            if is_json(response):
                return (
                    f"{target} refuses the key in {variable}, or something in front of it "
                    f"answered: {told}; check the key, then ask who runs it to let the suite "
                    f"through.{self._quoted_key}"
                )
            return (
                f"Something in front of the API answered: {told}: ask who runs it to let the "
                "suite through, and check the key."
            )
        if is_documented(response):
            return ""
        taken = plain.status if plain is not None else "no answer"
        return (
            f"Something in front of the API answered the plain valid invoice: {told}; a smaller "
            f"one got {taken}, so it is not the key: ask who runs it to let the suite through."
        )

    def _not_found(self, response: Response) -> str:
        nothing = self._answer_to(b"{}")
        if nothing is not None and nothing.status == 404:
            return self._no_endpoint(response)
        if is_page(response):
            return ""
        order = self.run.facts.order_ids
        known = f"The order {order[0]}" if order else "The order of the plain valid invoice"
        return (
            f"{known} is unknown at {self.target.name} ({described(response)}): "
            f"{self.where_unknown}."
        )

    def _in_doubt(self, response: Response) -> str:
        """A version may ask more of what it requires than it says: a refusal is about that, unless
        it names something else.
        """
        contract, fields = self.run.plan.contract, fields_of(value_of(response.body))
        if not nothing_said(contract):
            return ""
        payload, unread = plain_invoice(contract, self.run.facts), contract.unread
        doubtful = {one.path for one in unread} | {(name,) for name in contract.relations.names}
        known = {one.path for one in contract.body_requirements if one.path} - doubtful
        named = [at for path in known for at, _ in values_at(payload, path)]
        if any(names(one, at) for one in fields for at in named):
            return ""
        return (
            f"The plain invoice is refused ({described(response)}), and {nothing_said(contract)}: "
            "say in a reading of your own what is accepted, or take out of a copy of the document "
            "what need not be sent."
        )

    def _failed(self, response: Response) -> str:
        """A 500 is the API's own, and so is JSON; a page, or a gateway that says that no server is
        behind it, is not.
        """
        if response.status not in BEHIND:
            is_own = response.status == 500 or is_json(response)
            return "" if is_own else self._page(response)
        plain = self._answer_to(smaller_invoice(self.run))
        if plain is not None and plain.status not in BEHIND:
            return ""
        return (
            f"The API is not available at {self.base_url}: {described(response)}: "
            "try again when it runs."
        )

    def _page(self, response: Response) -> str:
        plain = self._answer_to(smaller_invoice(self.run))
        if plain is not None and plain.status != response.status:
            return ""
        if response.status in NO_ENDPOINT:
            return self._no_endpoint(response)
        told = described(response)
        return f"Something in front of the API answered: {told}: is the address right?{self._twice}"

    def _no_endpoint(self, response: Response) -> str:
        instead = ", or a login or the like is in its place" * (response.status in SUCCESSFUL)
        told = f"{instead}: {described(response)}"
        return f"There is no {self._post}{told}; is the path right?{self._twice}"

    def _another_service(self, exchange: Exchange) -> str:
        told = another_service(exchange, lambda: self.send(b"{}", keyed=False))
        return told and f"{self._post} is answered by something else: {told}{self._twice}"

    def _silent(self, exchange: Exchange, broken: Fault | None) -> str:
        if self._is_behind_tls:
            return self._says_tls
        alert = self._alert
        where = self.base_url
        if alert:
            what_to_do = self._certificate(alert)
            return f"{where} ended the connection with a TLS alert: {alert}.{what_to_do}"
        late = broken is not None and broken.kind is HttpFault.LATE
        if broken is not None and broken.in_http:
            does = (
                "begins an answer in HTTP but does not end it: give it more time with "
                "--request-timeout, or ask who runs it."
                if late
                else "answers in HTTP, but with what the suite does not read: is it the right "
                "address?"
            )
        else:
            longer = ", and does it need more time than --request-timeout?" if late else "?"
            does = (
                "accepts connections but does not answer in HTTP: is it the right port, does the "
                f"server run{longer}"
            )
        return f"{where} {does} {exchange.fault}"

    @property
    def _through(self) -> str:
        """What else may have answered."""
        proxy = self.target.proxy
        return f" It was asked through {proxy}, the proxy in targets.toml." if proxy else ""

    @property
    def _is_behind_tls(self) -> bool:
        url = self.base_url
        return url.startswith("http:") and not self.target.proxy and diagnosis.speaks_tls(url)

    @property
    def _says_tls(self) -> str:
        url = self.base_url
        return f"{url} speaks TLS: write https:{url.removeprefix('http:')}."

    @property
    def _alert(self) -> str:
        tls, url = self.client.tls, self.base_url
        if tls is None or self.target.proxy:
            return ""
        return diagnosis.alert(url, tls)

    def _certificate(self, alert: str) -> str:
        if "client certificate" not in alert or self.target.client_cert:
            return ""
        return " Set client_cert and client_key for this target in targets.toml."

    def _about_connecting(self) -> Iterator[str]:
        """What may be the reason that nothing could be sent."""
        url, proxy = self.base_url, self.target.proxy
        if url.startswith("https:") and not proxy:
            alert = self._alert
            if alert:
                yield f"Its TLS alert: {alert}.{self._certificate(alert)}"
            elif diagnosis.speaks_http(url):
                yield f"It speaks HTTP without TLS: write http:{url.removeprefix('https:')}."
        names = {name for each in PROXIES for name in (each, each.upper())}
        ignored = [name for name in sorted(names) if os.environ.get(name)]
        if ignored and not proxy:
            yield (
                f"{ignored[0]} is set, but the suite ignores proxies of the environment: if one is "
                "needed, set proxy for a target in targets.toml."
            )
