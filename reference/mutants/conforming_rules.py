"""Conforming servers with rules that billing systems have and the document is silent on."""

import json
import unicodedata
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from starlette.responses import PlainTextResponse, Response

from reference.instants import instant
from reference.mutants.mutant import conforming
from reference.mutants.operators import keeps_answers, objects
from reference.mutants.server import Json, Mutation, Respond, Server
from reference.refusal import Problem, Refusal
from reference.store import Store


def _also_refuses(
    find: Callable[[Json], tuple[Problem, ...]], *, before_limits: bool = False
) -> Mutation:
    """The server also refuses invoices in which it finds problems; with `before_limits` it looks
    for them once all types are right, before it compares any value with a limit.
    """

    def judge(payload: Json, problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
        limits = {"greater_than_equal"} if before_limits else set()
        if any(problem.kind not in limits for problem in problems):
            return problems
        return find(payload) or problems

    return lambda server: server.with_problems(judge)


@conforming()
def the_status_is_checked_against_the_amounts_first(server: Server) -> Server:
    """An invoice with -0.01 paid is not PARTIALLY_PAID, so the error names the status alone."""

    def disagreeing(payload: Json) -> tuple[Problem, ...]:
        paid, total = payload["paid_amount"], payload["total_amount"]
        agreeing = {
            "PENDING": paid == 0,
            "PARTIALLY_PAID": 0 < paid < total,
            "PAID": paid == total >= 0,
            "OVERPAID": paid > total,
        }
        wrong = not agreeing.get(payload.get("status"), True)
        return (Problem(("status",), "disagrees", "Does not agree"),) if wrong else ()

    return _also_refuses(disagreeing, before_limits=True)(server)


@conforming()
def the_total_is_checked_against_the_amounts_first(server: Server) -> Server:
    """Where the sum of the items is not the total, the error names the total alone."""

    def disagreeing(payload: Json) -> tuple[Problem, ...]:
        summed = sum(round(item["amount"] * 100) * item["quantity"] for item in payload["items"])
        wrong = summed != round(payload["total_amount"] * 100)
        return (Problem(("total_amount",), "disagrees", "Is not the sum"),) if wrong else ()

    return _also_refuses(disagreeing, before_limits=True)(server)


@conforming()
def invoices_fall_due_after_their_date(server: Server) -> Server:
    """A due date before `created_at`, or before now where that is not sent, gets 400."""

    def overdue(payload: Json) -> tuple[Problem, ...]:
        made = payload.get("created_at")
        since = datetime.now(UTC) if made is None else instant(made)
        late = instant(payload["due_date"]) < since
        return (Problem(("due_date",), "too_early", "Is in the past"),) if late else ()

    return _also_refuses(overdue)(server)


@conforming()
def updates_follow_creation(server: Server) -> Server:
    """An `updated_at` before `created_at`, or in the future, gets 400."""

    def early(payload: Json) -> tuple[Problem, ...]:
        if "updated_at" not in payload:
            return ()
        updated, made = instant(payload["updated_at"]), payload.get("created_at")
        wrong = updated > datetime.now(UTC) or (made is not None and updated < instant(made))
        return (Problem(("updated_at",), "order", "Is not possible"),) if wrong else ()

    return _also_refuses(early)(server)


def _alike(text: str) -> str:
    """What texts have in common that differ in case, outer spaces, normalisation or zeros alone."""
    plain = unicodedata.normalize("NFKC", text).casefold()
    return unicodedata.normalize("NFKC", plain).strip().lstrip("0")


@conforming()
def alike_item_references_are_refused(server: Server) -> Server:
    """Two items whose references differ only in case, outer spaces, normalisation or leading zeros
    are the same item, and get 400.
    """

    def alike(payload: Json) -> tuple[Problem, ...]:
        known: set[str] = set()
        for location, item in objects(payload):
            if not location:
                continue
            plain = _alike(item["reference_id"])
            if plain in known:
                return (Problem((*location, "reference_id"), "twice", "Is not unique"),)
            known.add(plain)
        return ()

    return _also_refuses(alike)(server)


@conforming()
def item_references_are_unique_in_all_invoices(server: Server) -> Server:
    """A reference that an item of an earlier invoice had gets 400: a column with a unique index."""
    known: set[str] = set()

    def references(invoice: Json) -> set[str]:
        return {item["reference_id"] for location, item in objects(invoice) if location}

    def used(payload: Json) -> tuple[Problem, ...]:
        problem = Problem(("items",), "used", "A reference was used before")
        return () if known.isdisjoint(references(payload)) else (problem,)

    return _keeps(lambda invoice: known.update(references(invoice)))(_also_refuses(used)(server))


@conforming()
def duplicates_are_refused(server: Server) -> Server:
    """A reference or a number that an earlier invoice had gets 400."""
    known: set[str] = set()

    def names(invoice: Json) -> set[str]:
        return {f"{name} {invoice[name]}" for name in ("reference_id", "invoice_number")}

    def used(payload: Json) -> tuple[Problem, ...]:
        problem = Problem(("invoice_number",), "used", "Already taken")
        return () if known.isdisjoint(names(payload)) else (problem,)

    return _keeps(lambda invoice: known.update(names(invoice)))(_also_refuses(used)(server))


def _keeps(note: Callable[[Json], None]) -> Mutation:
    """The server notes something of each invoice that it creates."""

    def mutate(server: Server) -> Server:
        def keep(store: Store, invoice: Mapping[str, Json]) -> None:
            server.steps.keep(store, invoice)
            note(invoice)

        return server.with_steps(keep=keep)

    return mutate


@conforming()
def a_repeated_invoice_gets_the_first_answer(server: Server) -> Server:
    """The same body again is a retry: 201 with the ids of the invoice that was created first."""
    answers: dict[str, Json] = {}
    bodies: list[str] = []

    def parse(body: bytes) -> Json:
        payload = server.steps.parse(body)
        bodies[:] = [json.dumps(payload, sort_keys=True)]
        return payload

    def respond(status: int, answer: Json, usual: Respond) -> Response:
        return usual(status, answers.setdefault(bodies[0], answer) if status == 201 else answer)

    return server.with_steps(parse=parse, keep=lambda *_: None).with_response(respond)


@conforming()
def a_used_invoice_number_gets_the_first_answer(server: Server) -> Server:
    """The number is the key of idempotency: an invoice of a known one gets what the first got, and
    one of the same number but other contents gets 400.
    """
    created: dict[str, tuple[Json, Json]] = {}

    def check(payload: Json) -> tuple[Problem, ...]:
        problems = server.steps.check(payload)
        if problems:
            return problems
        first, _ = created.get(payload["invoice_number"], (payload, None))
        used = Problem(("invoice_number",), "used", "Was used for another invoice")
        return () if first == payload else (used,)

    def render(payload: Json) -> Json:
        made = (payload, server.steps.render(payload))
        return created.setdefault(payload["invoice_number"], made)[1]

    return server.with_steps(check=check, render=render, keep=lambda *_: None)


@conforming()
def a_used_key_of_its_own_is_for_one_body_alone(server: Server) -> Server:
    """A gateway answers the same body again under an Idempotency-Key, and another one with 422 and
    a line of its own, before any invoice is checked.
    """

    def read(first: Json, payload: Json) -> Json:
        if first != payload:
            raise Refusal(422, "This Idempotency-Key was used for another request")
        return payload

    def respond(status: int, answer: Json, usual: Respond) -> Response:
        used = PlainTextResponse("This Idempotency-Key was used for another request\n", 422)
        return used if status == 422 else usual(status, answer)

    return keeps_answers(read)(server).with_response(respond)


@conforming()
def what_is_nearly_a_duplicate_is_refused(server: Server) -> Server:
    """A reference or a number that is alike to one of an earlier invoice gets 400, and so does one
    of an item: a column whose collation compares less.
    """
    known: set[str] = set()

    def names(invoice: Json) -> set[str]:
        own = {f"{name} {_alike(invoice[name])}" for name in ("reference_id", "invoice_number")}
        items = (item["reference_id"] for location, item in objects(invoice) if location)
        return own | {f"item {_alike(each)}" for each in items}

    def used(payload: Json) -> tuple[Problem, ...]:
        problem = Problem(("reference_id",), "used", "Already taken")
        return () if known.isdisjoint(names(payload)) else (problem,)

    return _keeps(lambda invoice: known.update(names(invoice)))(_also_refuses(used)(server))
