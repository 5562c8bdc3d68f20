"""Servers that are right and yet unlike the reference: what is left open, done otherwise.

No test may call them wrong.
"""

import json
import re
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, timedelta, timezone

from starlette.responses import Response

from reference.instants import instant
from reference.mutants.changes import (
    DATES,
    MONEY,
    NAMES,
    PROPERTIES,
    beyond_doubles,
    holders,
    lines,
    refusing,
    refusing_whole,
    texts,
)
from reference.mutants.mutant import conforming
from reference.mutants.server import Json, Server
from reference.refusal import Problem, Refusal
from reference.store import Store

Usual = Callable[..., Response]


def _reserialized(write: Callable[[Json], str]) -> Callable[[Server], Server]:
    """Bends a server so that it writes its JSON otherwise."""

    def respond(status: int, answer: Mapping[str, Json], usual: Usual) -> Response:
        usual(status, answer)
        return Response(write(answer), status, media_type="application/json")

    return lambda server: server.responded(respond)


@conforming()
def json_is_pretty(server: Server) -> Server:
    """Indented, for people."""
    return _reserialized(lambda answer: json.dumps(answer, indent=4))(server)


@conforming()
def json_is_ascii(server: Server) -> Server:
    """Everything beyond ASCII is escaped, astral characters as pairs."""
    return _reserialized(lambda answer: json.dumps(answer, ensure_ascii=True))(server)


@conforming()
def slashes_are_escaped(server: Server) -> Server:
    """PHP's json_encode puts a backslash before them, and escapes what HTML minds."""

    def write(answer: Json) -> str:
        text = json.dumps(answer, ensure_ascii=False)
        for letter, escaped in (("/", "\\/"), ("<", "\\u003c"), (">", "\\u003E"), ("&", "\\u0026")):
            text = text.replace(letter, escaped)
        return text

    return _reserialized(write)(server)


@conforming()
def properties_come_in_another_order(server: Server) -> Server:
    """Sorted by name, as Go does with maps."""
    return _reserialized(lambda answer: json.dumps(answer, sort_keys=True))(server)


@conforming()
def the_answer_is_surrounded_by_white_space(server: Server) -> Server:
    """A template's blank lines, and a line break at the end."""
    return _reserialized(lambda answer: f"\r\n  {json.dumps(answer)}\n")(server)


@conforming()
def numbers_have_two_decimals(server: Server) -> Server:
    """100 comes back as 100.00: the same double."""
    whole = re.compile(r'("(?:total_amount|paid_amount|amount|item_total)": )(\d+)(?=[,}])')
    return _reserialized(lambda answer: whole.sub(r"\1\2.00", json.dumps(answer)))(server)


@conforming()
def numbers_have_exponents(server: Server) -> Server:
    """Every amount in scientific notation, to the last digit of its double."""
    amount = re.compile(r'("(?:total_amount|paid_amount|amount)": )([\d.e+]+)(?=[,}])')
    return _reserialized(
        lambda answer: amount.sub(lambda m: f"{m[1]}{float(m[2]):.16E}", json.dumps(answer))
    )(server)


@conforming()
def item_totals_are_products_of_doubles(server: Server) -> Server:
    """Amount * quantity as the processor does it: 0.1 * 3 is 0.30000000000000004."""
    return lines(lambda item, _: {**item, "item_total": item["amount"] * item["quantity"]})(server)


@conforming()
def item_totals_are_rounded_to_cents(server: Server) -> Server:
    """Two decimals and no more."""
    return lines(lambda item, _: {**item, "item_total": round(item["item_total"], 2)})(server)


def _respelled(spell: Callable[[str], str]) -> Callable[[Server], Server]:
    return texts(DATES, spell)


@conforming()
def dates_come_back_in_utc(server: Server) -> Server:
    """The same instant with Z, whatever the offset that was sent."""
    return _respelled(
        lambda text: instant(text).astimezone(UTC).isoformat().replace("+00:00", "Z")
    )(server)


@conforming()
def dates_come_back_in_india(server: Server) -> Server:
    """The same instant at +05:30, with microseconds."""
    zone = timezone(timedelta(hours=5, minutes=30))
    return _respelled(
        lambda text: instant(text).astimezone(zone).isoformat(timespec="microseconds")
    )(server)


@conforming()
def what_was_not_sent_has_a_default(server: Server) -> Server:
    """Absent text is empty, absent dates are the present, the state is computed."""

    def filled(data: Json, _: Json) -> Json:
        paid, total = data["paid_amount"], data["total_amount"]
        state = "PENDING" if not paid else "PAID" if paid == total else "PARTIALLY_PAID"
        now = "2025-01-01T00:00:00Z"
        defaults = {"remarks": "", "url": "", "created_at": now, "updated_at": now}
        return {**defaults, "status": "OVERPAID" if paid > total else state, **data}

    return server.rendered(filled)


@conforming()
def absent_dates_are_gos_zero_time(server: Server) -> Server:
    """0001-01-01T00:00:00Z for what was not sent: ugly, and a string."""
    return server.rendered(lambda data, _: {**dict.fromkeys(DATES, "0001-01-01T00:00:00Z"), **data})


@conforming()
def answers_have_more_in_them(server: Server) -> Server:
    """Links, metadata, nulls in properties that the document does not have."""

    def richer(data: Json, _: Json) -> Json:
        items = [{**item, "sku": None, "tax": 0, "product_id": "P-1"} for item in data["items"]]
        links = {"self": f"/v1/invoices/{data['id']}"}
        return {**data, "items": items, "_links": links, "deleted_at": None, "version": 1.5}

    return server.rendered(richer)


@conforming()
def the_envelope_has_more_in_it(server: Server) -> Server:
    """success, message and a request id beside data."""

    def respond(status: int, answer: Mapping[str, Json], usual: Usual) -> Response:
        return usual(status, {"success": status < 400, "errors": None, "trace": "4711", **answer})

    return server.responded(respond)


@conforming()
def headers_abound(server: Server) -> Server:
    """Cookies, cache rules, a location, CORS, twice the same name."""

    def respond(status: int, answer: Mapping[str, Json], usual: Usual) -> Response:
        response = usual(status, answer)
        response.headers["content-type"] = 'Application/JSON; Charset="UTF-8"; version=1'
        response.headers["location"] = "/v1/invoices/1"
        response.headers["cache-control"] = "no-store"
        response.headers["access-control-allow-origin"] = "*"
        response.headers.append("set-cookie", "session=1; Path=/")
        response.headers.append("set-cookie", "theme=dark")
        response.headers["x-request-id"] = str(uuid.uuid4())
        return response

    return server.responded(respond)


@conforming()
def ids_are_in_capitals(server: Server) -> Server:
    """A UUID in capitals is one (RFC 9562 4)."""
    return server.rendered(lambda data, _: {**data, "id": data["id"].upper()})


@conforming()
def all_that_is_unspecified_is_refused(server: Server) -> Server:
    """As strict as may be: unknown properties, blank text, odd dates, sums that do not agree,
    quantities below one, fractions of a cent, addresses of other kinds, long lists.
    """

    def strange(payload: Json) -> bool:
        if any(set(holder) - set(PROPERTIES) for _, holder in holders(payload)):
            return True
        items, total, paid = payload["items"], payload["total_amount"], payload["paid_amount"]
        if not 1 <= len(items) <= 100:
            return True
        if len({item["reference_id"] for item in items}) < len(items):
            return True
        if any(not 1 <= item["quantity"] <= 10**6 for item in items):
            return True
        cents = [payload["total_amount"], paid, *(item["amount"] for item in items)]
        if any(value < 0 or abs(value * 100 - round(value * 100)) > 1e-3 for value in cents):
            return True
        summed = sum(round(item["amount"] * 100) * item["quantity"] for item in items)
        if summed != round(total * 100):
            return True
        status = payload.get("status")
        right = {"PENDING": paid == 0, "PAID": paid == total, "OVERPAID": paid > total}
        partly = {"PARTIALLY_PAID": 0 < paid < total}
        return status is not None and not {**right, **partly}[status]

    blank = refusing(
        NAMES,
        lambda text: (
            not any(map(str.isalnum, text))
            or (
                not text.isprintable()
                and re.search("[\x00-\x1f\x7f-\x9f\ue000-\uf8ff]", text) is not None
            )
        ),
    )
    web = refusing(("url",), lambda text: not re.match("(?i)https?://", text))
    return web(blank(refusing_whole(strange, "total_amount")(server)))


@conforming()
def duplicates_are_refused(server: Server) -> Server:
    """A reference or a number that was there before gets 400."""
    known: set[str] = set()

    def again(payload: Json) -> bool:
        names = {f"{name} {payload[name]}" for name in ("reference_id", "invoice_number")}
        met = bool(names & known)
        known.update(names)
        return met

    return refusing_whole(again, "invoice_number", "Already taken")(server)


@conforming()
def any_invoice_that_the_document_allows_is_taken(server: Server) -> Server:
    """As lenient as may be: no limit but the document's, and that of doubles."""

    def judge(payload: Json, problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
        if beyond_doubles(payload):
            return problems
        soft = {"date_time", "string_too_short", "less_than_equal", "too_long"}
        kept = tuple(
            problem
            for problem in problems
            if problem.kind not in soft
            and (problem.kind != "greater_than_equal" or problem.where == ("paid_amount",))
        )
        for problem in problems:
            if problem not in kept and problem.kind == "date_time":
                payload[problem.where[-1]] = "2024-01-01T00:00:00Z"
        return kept

    return server.checked(judge)


@conforming()
def only_the_first_wrong_field_is_named(server: Server) -> Server:
    """Checks stop at the first fault."""
    return server.explained(lambda error, _: {**error, "details": error["details"][:1]})


@conforming()
def only_the_last_wrong_field_is_named(server: Server) -> Server:
    """Each fault overwrites the one before."""
    return server.explained(lambda error, _: {**error, "details": error["details"][-1:]})


def _spelled(spell: Callable[[tuple[str | int, ...]], str]) -> Callable[[Server], Server]:
    """Bends a server so that the field of a detail is spelled otherwise."""

    def explained(error: Json, refusal: Refusal) -> Json:
        details = [
            {"field": spell(problem.where or ("body",)), "reason": problem.reason}
            for problem in refusal.problems
        ]
        return {**error, "details": details}

    return lambda server: server.explained(explained)


@conforming()
def fields_are_json_pointers(server: Server) -> Server:
    """/items/0/sku (RFC 6901)."""
    return _spelled(lambda where: "".join(f"/{step}" for step in where))(server)


@conforming()
def fields_are_pointers_into_the_request(server: Server) -> Server:
    """/body/items/0/sku."""
    return _spelled(lambda where: "/body" + "".join(f"/{step}" for step in where))(server)


@conforming()
def fields_have_dots(server: Server) -> Server:
    """body.items.0.sku, as FastAPI's loc joined."""
    return _spelled(lambda where: ".".join(("body", *map(str, where))))(server)


@conforming()
def fields_are_bare_names(server: Server) -> Server:
    """sku, whichever item's."""
    return _spelled(lambda where: [step for step in where if isinstance(step, str)][-1])(server)


@conforming()
def fields_are_gos_structs(server: Server) -> Server:
    """InvoiceCreateRequest.Items[0].ReferenceID, as Go's validator names a field."""

    def go(where: tuple[str | int, ...]) -> str:
        steps = (
            f"[{step}]"
            if isinstance(step, int)
            else "."
            + "".join(
                word.upper() if word in ("id", "sku", "url") else word.title()
                for word in str(step).split("_")
            )
            for step in where
        )
        return "InvoiceCreateRequest" + "".join(steps)

    return _spelled(go)(server)


@conforming()
def fields_are_in_camel_case(server: Server) -> Server:
    """items[0].referenceId."""

    def camel(where: tuple[str | int, ...]) -> str:
        text = "".join(f"[{s}]" if isinstance(s, int) else f".{s}" for s in where)
        return re.sub("_([a-z])", lambda found: found[1].upper(), text.removeprefix("."))

    return _spelled(camel)(server)


@conforming()
def other_methods_are_not_found(server: Server) -> Server:
    """404 for what is no route, where others say 405."""

    def respond(status: int, answer: Mapping[str, Json], usual: Usual) -> Response:
        return usual(404 if status == 405 else status, answer)

    return server.responded(respond)


@conforming()
def other_methods_get_the_frameworks_answer(server: Server) -> Server:
    """{"detail": "Method Not Allowed"}: what an error looks like is said of POST alone."""

    def respond(status: int, answer: Mapping[str, Json], usual: Usual) -> Response:
        return usual(status, {"detail": "Method Not Allowed"} if status == 405 else answer)

    return server.responded(respond)


@conforming()
def another_media_type_is_a_bad_request(server: Server) -> Server:
    """400 where others say 415, and 400 for what is too long."""

    def respond(status: int, answer: Mapping[str, Json], usual: Usual) -> Response:
        return usual(400 if status in (413, 415) else status, answer)

    return server.responded(respond)


@conforming()
def a_media_type_is_demanded(server: Server) -> Server:
    """No Content-Type, no invoice: 400."""

    def check(headers: Mapping[str, str]) -> None:
        if "content-type" not in headers:
            raise Refusal(400, "Content-Type is missing")
        server.steps.check_media_type(headers)  # type: ignore[arg-type] # the headers they are

    return server.mutant(check_media_type=check)


@conforming()
def the_first_of_duplicate_names_counts(server: Server) -> Server:
    """Where others take the last one."""

    def first(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
        return dict(reversed(pairs))

    def parse(body: bytes) -> Json:
        payload = server.steps.parse(body)
        return json.loads(body, object_pairs_hook=first) if isinstance(payload, dict) else payload

    return server.mutant(parse=parse)


@conforming()
def duplicate_names_are_refused(server: Server) -> Server:
    """A strict reader's right (RFC 8259 4)."""

    def distinct(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
        if len(dict(pairs)) < len(pairs):
            raise Refusal(400, "A name stands twice")
        return dict(pairs)

    def parse(body: bytes) -> Json:
        payload = server.steps.parse(body)
        json.loads(body, object_pairs_hook=distinct)
        return payload

    return server.mutant(parse=parse)


@conforming()
def whole_quantities_may_be_spelled_with_a_point(server: Server) -> Server:
    """1.0 is an integer to JSON Schema from draft 6 on."""

    def whole(payload: Json) -> Json:
        for place, item in holders(payload):
            value = item.get("quantity")
            if place and isinstance(value, float) and value.is_integer():
                item["quantity"] = int(value)
        return payload

    return server.parsed(whole)


@conforming()
def unknown_orders_are_told_in_full(server: Server) -> Server:
    """404 with the order's id in message and details."""

    def find(payload: Json, store: Store) -> Json:
        try:
            return server.steps.find_order(payload, store)
        except Refusal as refusal:
            text = f"order {payload['order_id']!r} not found"
            raise Refusal(
                refusal.status, text, (Problem(("order_id",), "unknown", text),)
            ) from None

    return server.mutant(find_order=find)


@conforming()
def money_is_kept_in_decimals(server: Server) -> Server:
    """Decimal in, decimal out: every amount with all its digits and no more."""
    amount = re.compile(rf'("(?:{"|".join(MONEY)}|item_total)": )([\d.e+]+)(?=[,}}])')

    def plain(found: re.Match[str]) -> str:
        return f"{found[1]}{float(found[2]):.4f}" if float(found[2]) < 1e10 else found[0]

    return _reserialized(lambda answer: amount.sub(plain, json.dumps(answer)))(server)
