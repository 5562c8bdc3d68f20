"""What the service does with a request, as steps that can each be replaced."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from reference import answer, body, invoice
from reference.instants import instant
from reference.refusal import Problem, Refusal
from reference.store import Store

PATH = "/v1/invoices"
_MESSAGES = {404: "There is nothing at this path.", 405: "This path takes only POST."}


def authenticate(headers: Headers, store: Store) -> None:
    """401 without exactly one known key, 403 when that key may not create invoices."""
    keys = headers.getlist("x-api-key")
    right = store.may_create(keys[0].encode("latin-1")) if len(keys) == 1 else None
    if right is None:
        raise Refusal(401, "A valid API key is needed in the X-API-Key header.")
    if not right:
        raise Refusal(403, "This API key may not create invoices.")


def find_order(payload: Any, store: Store) -> datetime:
    """When the invoice's order was created; 404 when there is no such order."""
    created_at = store.order_created_at(payload["order_id"])
    if created_at is None:
        problem = Problem(("order_id",), "unknown_order", "No order has this id")
        raise Refusal(404, "The order does not exist.", (problem,))
    return created_at


def check_dates(payload: Any, order_created_at: datetime) -> None:
    """400 when `updated_at` is not later than the order's creation, as the page demands."""
    if "updated_at" in payload and instant(payload["updated_at"]) <= order_created_at:
        problem = Problem(("updated_at",), "too_early", "Must be later than the order's creation")
        raise Refusal(400, "The invoice is older than its order.", (problem,))


@dataclass(frozen=True, slots=True)
class Steps:
    """The steps of a request in order; any but the last two may end it by raising `Refusal`.

    `dataclasses.replace` changes one step and leaves the others. The payload is passed on from
    `check` as it was parsed, so a check that forgets something lets it through.
    """

    authenticate: Callable[[Headers, Store], None] = authenticate
    check_media_type: Callable[[Headers], None] = body.check_media_type
    read: Callable[[Request], Awaitable[bytes]] = body.read
    parse: Callable[[bytes], Any] = body.parse
    check: Callable[[Any], tuple[Problem, ...]] = invoice.check
    find_order: Callable[[Any, Store], datetime] = find_order
    check_dates: Callable[[Any, datetime], None] = check_dates
    render: Callable[[Any], dict[str, Any]] = answer.render
    keep: Callable[[Store, Mapping[str, Any]], None] = Store.keep
    explain: Callable[[Refusal], dict[str, Any]] = answer.explain
    respond: Callable[[int, Mapping[str, Any]], Response] = answer.respond


def create_app(steps: Steps, store: Store) -> Starlette:
    """The service as an ASGI application over a store; wrap it to change the bytes it sends."""

    async def create_invoice(request: Request) -> Response:
        steps.authenticate(request.headers, store)
        steps.check_media_type(request.headers)
        payload = steps.parse(await steps.read(request))
        if problems := steps.check(payload):
            raise Refusal(400, "The body is not a valid invoice.", problems)
        steps.check_dates(payload, steps.find_order(payload, store))
        data = steps.render(payload)
        steps.keep(store, data)
        return steps.respond(201, {"data": data})

    async def refuse(_: Request, error: Exception) -> Response:
        match error:
            case Refusal():
                refusal = error
            case HTTPException(status_code=status):
                refusal = Refusal(status, _MESSAGES[status])
            case _:
                refusal = Refusal(500, "The invoice could not be kept.")
        response = steps.respond(refusal.status, steps.explain(refusal))
        if refusal.status == 405:
            response.headers["allow"] = "POST"  # RFC 9110 15.5.6
        return response

    app = Starlette(
        routes=[Route(PATH, create_invoice, methods=["POST"])],
        exception_handlers={Refusal: refuse, HTTPException: refuse, Exception: refuse},
    )
    app.router.redirect_slashes = False  # any other path is 404, never a redirect
    return app
