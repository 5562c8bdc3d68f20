"""Servers that check an invoice less once its reference was accepted."""

from collections.abc import Callable

from reference.mutants.mutant import mutant
from reference.mutants.server import Json, Mutation, Server
from reference.refusal import Problem


def _known_invoices_may_have(is_taken: Callable[[Problem], bool]) -> Mutation:
    """An invoice whose reference was accepted before may have problems of this kind."""

    def mutate(server: Server) -> Server:
        known: set[Json] = set()

        def judge(payload: Json, problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
            reference = payload.get("reference_id") if isinstance(payload, dict) else None
            if problems:
                is_known = isinstance(reference, str) and reference in known
                return tuple(one for one in problems if not (is_known and is_taken(one)))
            known.add(reference)
            return problems

        return server.with_problems(judge)

    return mutate


@mutant("rejection", "remarks.maxLength")
def remarks_of_a_known_invoice_may_be_long(server: Server) -> Server:
    """A known reference takes the way of an update, whose object lacks a limit."""
    return _known_invoices_may_have(
        lambda one: (one.location, one.kind) == (("remarks",), "string_too_long")
    )(server)


@mutant("rejection", "due_date.required", "total_amount.required", "paid_amount.required")
def a_known_invoice_may_lack_what_it_has(server: Server) -> Server:
    """A known reference takes the way of a patch, which needs nothing."""
    amounts = ("due_date", "total_amount", "paid_amount")
    return _known_invoices_may_have(
        lambda one: one.kind == "missing" and one.location[0] in amounts
    )(server)


@mutant("rejection", "paid_amount.minimum")
def a_known_invoice_may_have_a_negative_amount(server: Server) -> Server:
    """FindOneAndUpdate runs no validators: `min` is looked at when an invoice is made."""
    return _known_invoices_may_have(lambda one: one.kind == "greater_than_equal")(server)


@mutant("rejection", "status.enum")
def a_known_invoice_may_have_any_status(server: Server) -> Server:
    """Of an update nobody looks at the list of states."""
    return _known_invoices_may_have(lambda one: one.kind == "literal_error")(server)
