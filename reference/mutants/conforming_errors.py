"""Conforming servers whose errors differ from the reference's."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from starlette.responses import PlainTextResponse, Response

from reference.instants import instant
from reference.mutants.mutant import conforming
from reference.mutants.operators import PROPERTIES, objects
from reference.mutants.server import Json, Mutation, Respond, Server
from reference.refusal import Location, Problem, Refusal
from reference.store import Store


@conforming()
def only_the_first_wrong_field_is_named(server: Server) -> Server:
    """The checks stop at the first problem."""
    return server.with_error(lambda error, _: {**error, "details": error["details"][:1]})


@conforming()
def only_the_last_wrong_field_is_named(server: Server) -> Server:
    """Each problem overwrites the one before."""
    return server.with_error(lambda error, _: {**error, "details": error["details"][-1:]})


def _names_fields(write: Callable[[Location], str]) -> Mutation:
    """The server writes the field of each detail by this function."""

    def explained(error: Json, refusal: Refusal) -> Json:
        details = [
            {"field": write(problem.location or ("body",)), "reason": problem.reason}
            for problem in refusal.problems
        ]
        return {**error, "details": details}

    return lambda server: server.with_error(explained)


@conforming()
def fields_are_json_pointers(server: Server) -> Server:
    """/items/0/sku (RFC 6901)."""
    return _names_fields(lambda location: "".join(f"/{step}" for step in location))(server)


@conforming()
def fields_are_pointers_into_the_request(server: Server) -> Server:
    """/body/items/0/sku."""
    return _names_fields(lambda location: "/body" + "".join(f"/{step}" for step in location))(
        server
    )


@conforming()
def fields_have_dots(server: Server) -> Server:
    """body.items.0.sku, as FastAPI's loc joined."""
    return _names_fields(lambda location: ".".join(("body", *map(str, location))))(server)


@conforming()
def fields_are_bare_names(server: Server) -> Server:
    """sku, without saying of which item."""
    return _names_fields(lambda location: [step for step in location if isinstance(step, str)][-1])(
        server
    )


@conforming()
def fields_are_gos_structs(server: Server) -> Server:
    """InvoiceCreateRequest.Items[0].ReferenceID, as Go's validator names a field."""

    def in_go(location: Location) -> str:
        steps = (
            f"[{step}]"
            if isinstance(step, int)
            else "."
            + "".join(
                word.upper() if word in ("id", "sku", "url") else word.title()
                for word in str(step).split("_")
            )
            for step in location
        )
        return "InvoiceCreateRequest" + "".join(steps)

    return _names_fields(in_go)(server)


@conforming()
def fields_are_in_camel_case(server: Server) -> Server:
    """items[0].referenceId."""

    def camel(location: Location) -> str:
        text = "".join(f"[{s}]" if isinstance(s, int) else f".{s}" for s in location)
        return re.sub("_([a-z])", lambda found: found[1].upper(), text.removeprefix("."))

    return _names_fields(camel)(server)


@conforming()
def other_methods_are_not_found(server: Server) -> Server:
    """404 because there is no such route; others answer 405."""

    def respond(status: int, answer: Mapping[str, Json], usual: Respond) -> Response:
        return usual(404 if status == 405 else status, answer)

    return server.with_response(respond)


@conforming()
def other_methods_get_the_frameworks_answer(server: Server) -> Server:
    """{"detail": "Method Not Allowed"}: the document describes errors of POST only."""

    def respond(status: int, answer: Mapping[str, Json], usual: Respond) -> Response:
        return usual(status, {"detail": "Method Not Allowed"} if status == 405 else answer)

    return server.with_response(respond)


@conforming()
def other_methods_are_not_implemented(server: Server) -> Server:
    """501 and a line of text, from a server that knows GET and POST only (RFC 9110 9.1)."""

    def respond(status: int, answer: Mapping[str, Json], usual: Respond) -> Response:
        text = PlainTextResponse("Unsupported method\n", 501)
        return text if status == 405 else usual(status, answer)

    return server.with_response(respond)


@conforming()
def another_media_type_is_a_bad_request(server: Server) -> Server:
    """400 where others answer 415, and 400 for a body that is too long."""

    def respond(status: int, answer: Mapping[str, Json], usual: Respond) -> Response:
        return usual(400 if status in (413, 415) else status, answer)

    return server.with_response(respond)


@conforming()
def unknown_orders_are_named_in_the_error(server: Server) -> Server:
    """404 with the id of the order in message and details."""

    def find(payload: Json, store: Store) -> Json:
        try:
            return server.steps.find_order(payload, store)
        except Refusal as refusal:
            text = f"order {payload['order_id']!r} not found"
            raise Refusal(
                refusal.status, text, (Problem(("order_id",), "unknown", text),)
            ) from None

    return server.with_steps(find_order=find)


def _refuses_unknown(place: Callable[[Location], Location]) -> Mutation:
    """The server refuses unknown properties before it looks at any value, and names this place."""

    def judge(payload: Json, problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
        unknown = [
            (*at, name)
            for at, holder in objects(payload)
            for name in holder
            if name not in PROPERTIES and name.isprintable()
        ]
        first = (Problem(place(at), "extra_forbidden", "Unknown property") for at in unknown)
        return tuple(first)[:1] or problems

    return lambda server: server.with_problems(judge)


@conforming()
def an_unknown_property_is_named_first(server: Server) -> Server:
    """The mapper that makes objects of JSON refuses names that it does not know."""
    return _refuses_unknown(lambda at: at)(server)


@conforming()
def what_has_an_unknown_property_is_named_first(server: Server) -> Server:
    """Ajv's `additionalProperties` is about the object, of which it tells the path."""
    return _refuses_unknown(lambda at: at[:-1])(server)


@conforming()
def an_update_before_its_order_is_named_first(server: Server) -> Server:
    """It reads the dates before all else, and stops at them."""

    def judge(payload: Json, problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
        updated = payload.get("updated_at") if isinstance(payload, dict) else None
        places = {problem.location for problem in problems}
        if not problems or not isinstance(updated, str) or ("updated_at",) in places:
            return problems
        if instant(updated) <= datetime(2020, 1, 1, tzinfo=UTC):
            return (Problem(("updated_at",), "too_early", "Before the order"),)
        return problems

    return server.with_problems(judge)
