"""Servers that do not look the order up as they should."""

from datetime import UTC, datetime, timedelta

from starlette.responses import HTMLResponse

from reference.instants import instant
from reference.mutants.mutant import mutant
from reference.mutants.server import Json, Server
from reference.refusal import Problem, Refusal
from reference.store import Store

KNOWN, ORDER = "order_id.known", "updated_at.order"


def _unknown(server: Server, status: int) -> Server:
    def find(payload: Json, store: Store) -> datetime:
        try:
            return server.steps.find_order(payload, store)
        except Refusal as refusal:
            raise Refusal(status, refusal.message, refusal.problems) from refusal

    return server.mutant(find_order=find)


@mutant("orders", KNOWN)
def an_unknown_order_is_an_internal_error(server: Server) -> Server:
    """The foreign key says no, and nobody listens: IntegrityError, 500."""
    return _unknown(server, 500)


@mutant("orders", KNOWN)
def an_unknown_order_is_a_bad_request(server: Server) -> Server:
    """400, though the document has a 404."""
    return _unknown(server, 400)


@mutant("orders", KNOWN)
def an_unknown_order_is_forbidden(server: Server) -> Server:
    """What is not found is not yours either: a habit of multi-tenant services."""
    return _unknown(server, 403)


@mutant("orders", KNOWN)
def an_unknown_order_is_made(server: Server) -> Server:
    """Find or create: a typing error becomes an order."""

    def find(payload: Json, store: Store) -> datetime:
        try:
            return server.steps.find_order(payload, store)
        except Refusal:
            return datetime(2000, 1, 1, tzinfo=UTC)

    return server.mutant(find_order=find)


@mutant("orders", "4xx.mediaType", "4xx.json")
def an_unknown_order_gets_the_sites_404(server: Server) -> Server:
    """The page that says nothing is here, made for lost visitors."""

    def respond(status: int, answer: Json, usual: Json) -> Json:
        page = HTMLResponse("<!doctype html><title>404</title><h1>Not Found</h1>", 404)
        return page if status == 404 else usual(status, answer)

    return server.responded(respond)


@mutant("orders", ORDER)
def an_update_at_the_orders_creation_is_taken(server: Server) -> Server:
    """< where <= was meant: later is later, not as late."""

    def check(payload: Json, created: datetime) -> None:
        if "updated_at" in payload and instant(payload["updated_at"]) < created:
            raise Refusal(400, "Too early", (Problem(("updated_at",), "early", "Too early"),))

    return server.mutant(check_dates=check)


@mutant("orders", ORDER)
def an_update_is_compared_by_the_day(server: Server) -> Server:
    """Dates without times: any update of the order's own day is late enough."""

    def check(payload: Json, created: datetime) -> None:
        server.steps.check_dates(payload, created - timedelta(days=1))

    return server.mutant(check_dates=check)
