"""Servers that check the order wrongly."""

import html
import re
from base64 import b64decode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from urllib.parse import unquote
from uuid import UUID

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from reference.instants import instant
from reference.mutants.mutant import mutant
from reference.mutants.operators import answers_otherwise
from reference.mutants.server import Json, Mutation, Respond, Server
from reference.refusal import Problem, Refusal
from reference.store import Store

KNOWN, ORDER = "order_id.known", "updated_at.order"


def _answers_unknown(server: Server, status: int) -> Server:
    def find(payload: Json, store: Store) -> datetime:
        try:
            return server.steps.find_order(payload, store)
        except Refusal as refusal:
            raise Refusal(status, refusal.message, refusal.problems) from refusal

    return server.with_steps(find_order=find)


@mutant("rejection/orders", KNOWN)
def an_unknown_order_is_an_internal_error(server: Server) -> Server:
    """The foreign key fails and nobody catches the error: IntegrityError, 500."""
    return _answers_unknown(server, 500)


@mutant("rejection/orders", KNOWN)
def an_unknown_order_is_a_bad_request(server: Server) -> Server:
    """400, although the document has 404 for it."""
    return _answers_unknown(server, 400)


@mutant("rejection/orders", KNOWN)
def an_unknown_order_is_forbidden(server: Server) -> Server:
    """An order that is not found might be another customer's: a habit of multi-tenant services."""
    return _answers_unknown(server, 403)


@mutant("rejection/orders", KNOWN)
def an_unknown_order_is_created(server: Server) -> Server:
    """Find or create: a typing error becomes an order."""

    def find(payload: Json, store: Store) -> datetime:
        try:
            return server.steps.find_order(payload, store)
        except Refusal:
            return datetime(2000, 1, 1, tzinfo=UTC)

    return server.with_steps(find_order=find)


@mutant("rejection/orders", "4xx.mediaType", "4xx.json")
def an_unknown_order_gets_the_sites_404(server: Server) -> Server:
    """The page for visitors who followed a dead link."""

    def respond(status: int, answer: Json, usual: Respond) -> Response:
        page = HTMLResponse("<!doctype html><title>404</title><h1>Not Found</h1>", 404)
        return page if status == 404 else usual(status, answer)

    return server.with_response(respond)


@mutant("rejection/orders", "4xx.mediaType", "4xx.json")
def an_unknown_order_gets_a_page_in_a_browser(server: Server) -> Server:
    """Accept has text/html, so the framework's own 404 takes the place of the handler's."""

    def page(request: Request, status: int, _: bytes) -> Response | None:
        in_a_browser = "text/html" in request.headers.get("accept", "")
        return HTMLResponse("<h1>Not Found</h1>", 404) if in_a_browser and status == 404 else None

    return server.with_layers(answers_otherwise(page))


@mutant("rejection/orders", ORDER)
def an_update_at_the_orders_creation_is_taken(server: Server) -> Server:
    """< where <= was meant: the same instant is not later."""

    def check(payload: Json, created: datetime) -> None:
        if "updated_at" in payload and instant(payload["updated_at"]) < created:
            raise Refusal(400, "Too early", (Problem(("updated_at",), "early", "Too early"),))

    return server.with_steps(check_dates=check)


@mutant("rejection/orders", ORDER)
def an_update_is_compared_by_the_day(server: Server) -> Server:
    """Dates are compared without their times: any update on the day of the order is late enough."""

    def check(payload: Json, created: datetime) -> None:
        server.steps.check_dates(payload, created - timedelta(days=1))

    return server.with_steps(check_dates=check)


def _looks_up(read: Callable[[str], str]) -> Mutation:
    """The server looks for another order than was sent."""

    def mutate(server: Server) -> Server:
        def find(payload: Json, store: Store) -> datetime:
            order = read(payload["order_id"])
            return server.steps.find_order({**payload, "order_id": order}, store)

        return server.with_steps(find_order=find)

    return mutate


@mutant("rejection/orders", KNOWN)
def an_order_in_percent_escapes_is_known(server: Server) -> Server:
    """The service that has the orders is asked by URL, and unescapes the id."""
    return _looks_up(unquote)(server)


@mutant("rejection/orders", KNOWN)
def the_first_of_a_list_of_orders_is_known(server: Server) -> Server:
    """?ids= takes several, with commas between them."""
    return _looks_up(lambda order: order.split(",")[0])(server)


@mutant("rejection/orders", KNOWN)
def an_order_in_json_is_known(server: Server) -> Server:
    """Brackets and quotes are taken off, for a form wrote them."""
    return _looks_up(lambda order: order.strip('["]'))(server)


@mutant("rejection/orders", KNOWN, "order_id.type")
def dashes_of_an_order_are_alike(server: Server) -> Server:
    """Who reads an id out on the phone says dash for each of them."""
    alike = str.maketrans(dict.fromkeys("_\u2010\u2013\u2014", "-"))
    return _looks_up(lambda order: order.translate(alike))(server)


@mutant("rejection/orders", KNOWN)
def an_order_of_another_system_is_known(server: Server) -> Server:
    """A UUID is none of the own ids, so it is believed."""

    def find(payload: Json, store: Store) -> datetime:
        try:
            UUID(payload["order_id"])
        except ValueError:
            return server.steps.find_order(payload, store)
        return datetime(2020, 1, 1, tzinfo=UTC)

    return server.with_steps(find_order=find)


@mutant("rejection/orders", KNOWN)
def an_order_is_known_without_its_hyphen(server: Server) -> Server:
    """Who types an id leaves out what is no letter and no digit; so does the lookup."""
    return _looks_up(
        lambda order: re.sub(r"^([A-Z]+)-?(\d+)$", r"\1-\2", order) if order.isalnum() else order
    )(server)


@mutant("rejection/orders", KNOWN)
def an_order_is_known_behind_a_number_sign(server: Server) -> Server:
    """A shop writes #1001 on its pages."""
    return _looks_up(lambda order: order.removeprefix("#"))(server)


@mutant("rejection/orders", KNOWN)
def an_order_is_known_in_quotes(server: Server) -> Server:
    """A cell of a table is in quotes where it has a comma."""
    return _looks_up(lambda order: order[1:-1] if order[:1] == order[-1:] == '"' else order)(server)


@mutant("rejection/orders", KNOWN)
def an_order_is_known_with_a_fraction(server: Server) -> Server:
    """A spreadsheet writes each number with a decimal."""
    return _looks_up(lambda order: order.removesuffix(".0"))(server)


@mutant("rejection/orders", KNOWN)
def an_order_is_known_by_letters_that_look_alike(server: Server) -> Server:
    """Ids are compared by how they look, as names of hosts are."""
    alike = str.maketrans("\u041e\u0420\u0421", "OPC")
    return _looks_up(lambda order: order.translate(alike))(server)


@mutant("rejection/orders", KNOWN)
def an_order_is_known_by_the_last_part_of_an_address(server: Server) -> Server:
    """Shops name each thing by an address of their own."""
    return _looks_up(lambda order: order.rpartition("/")[2] if "://" in order else order)(server)


@mutant("rejection/orders", KNOWN)
def an_order_is_known_in_base64(server: Server) -> Server:
    """As an interface of GraphQL hands ids out."""

    def decoded(order: str) -> str:
        try:
            return b64decode(order, validate=True).decode().rpartition(":")[2]
        except ValueError:
            return order

    return _looks_up(decoded)(server)


@mutant("rejection/orders", KNOWN)
def an_order_is_known_by_its_first_two_parts(server: Server) -> Server:
    """The third one is a part of its delivery."""
    return _looks_up(lambda order: "-".join(order.split("-")[:2]))(server)


@mutant("rejection/orders", KNOWN)
def an_invoice_for_nothing_needs_no_order(server: Server) -> Server:
    """A sample is sent without one, so it is not looked up where the total is 0."""

    def find(payload: Json, store: Store) -> datetime:
        is_free = not payload["total_amount"]
        return (
            datetime(2020, 1, 1, tzinfo=UTC) if is_free else server.steps.find_order(payload, store)
        )

    return server.with_steps(find_order=find)


@mutant("rejection/orders", KNOWN)
def an_order_is_known_up_to_an_emoji(server: Server) -> Server:
    """MySQL's utf8, not strict, ends a text at the first character of four bytes."""
    return _looks_up(lambda order: re.split("[\U00010000-\U0010ffff]", order)[0])(server)


@mutant("rejection/orders", KNOWN)
def a_backslash_in_an_order_is_an_escape(server: Server) -> Server:
    """LIKE with % and _ escaped, but not the backslash itself."""
    return _looks_up(lambda order: re.sub(r"\\(.)", r"\1", order))(server)


@mutant("rejection/orders", KNOWN)
def an_order_ends_at_nul(server: Server) -> Server:
    """A library written in C looks it up."""
    return _looks_up(lambda order: order.split("\0")[0])(server)


@mutant("rejection/orders", KNOWN)
def an_order_ends_where_sql_does(server: Server) -> Server:
    """What is behind a quote, a semicolon or two hyphens is cut off, against injections."""
    return _looks_up(lambda order: re.split("'|;|--", order)[0])(server)


@mutant("rejection/orders", KNOWN)
def controls_in_an_order_are_left_out(server: Server) -> Server:
    """Each text is cleaned before it is used."""
    return _looks_up(lambda order: re.sub(r"[\x01-\x08]", "", order))(server)


@mutant("rejection/orders", KNOWN)
def an_order_may_be_a_pattern_of_a_shell(server: Server) -> Server:
    """The orders are files, found by a glob."""
    return _looks_up(lambda order: re.sub(r"(\?|\[1\])$", "1", order))(server)


@mutant("rejection/orders", KNOWN)
def an_order_may_be_a_regular_expression(server: Server) -> Server:
    """The id is a part of one, and is not escaped: its last digit may be any."""
    return _looks_up(lambda order: order.replace(".*", "1"))(server)


@mutant("rejection/orders", KNOWN)
def an_order_is_known_by_its_number(server: Server) -> Server:
    """Who types it in leaves out what each of them begins with."""
    return _looks_up(lambda order: f"ORD-{order}" if order.isdecimal() else order)(server)


@mutant("rejection/orders", KNOWN)
def digits_of_an_order_may_be_of_any_script(server: Server) -> Server:
    r"""\d is any digit, and int() reads it."""
    return _looks_up(lambda order: re.sub(r"\d", lambda digit: str(int(digit[0])), order))(server)


@mutant("rejection/orders", KNOWN)
def entities_in_an_order_are_read(server: Server) -> Server:
    """Each text is unescaped, as one from a form in a page was escaped."""
    return _looks_up(html.unescape)(server)


@mutant("rejection/orders", KNOWN)
def tags_in_an_order_are_left_out(server: Server) -> Server:
    """strip_tags() on all that comes in."""
    return _looks_up(lambda order: re.sub(r"<[^>]*>", "", order))(server)


@mutant("rejection/orders", ORDER)
def every_other_order_has_no_creation_date(server: Server) -> Server:
    """Orders are in two databases, by their last digit, and only one of them keeps dates."""

    def check(payload: Json, created: datetime) -> None:
        if not payload["order_id"].endswith(tuple("02468")):
            server.steps.check_dates(payload, created)

    return server.with_steps(check_dates=check)


@mutant("rejection/orders", KNOWN)
def every_other_order_is_known_by_its_beginning(server: Server) -> Server:
    """Orders are in two databases, by their last digit, and one of them is searched by prefix."""
    return _looks_up(lambda order: re.sub(r"^(ORD-\d*[02468])\W.*", r"\1", order, flags=re.DOTALL))(
        server
    )
