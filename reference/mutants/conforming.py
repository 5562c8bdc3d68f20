"""Conforming servers: they differ from the reference where the document leaves the choice open.

No test may fail on them.
"""

import json
import re
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, timedelta, timezone

from starlette.responses import Response

from reference.instants import instant
from reference.mutants.mutant import conforming
from reference.mutants.operators import (
    DATES,
    MONEY,
    PROPERTIES,
    TEXTS,
    answers_items,
    answers_text,
    exceeds_doubles,
    objects,
    refuses,
    refuses_invoices,
)
from reference.mutants.server import Json, Mutation, Respond, Server
from reference.refusal import Problem, Refusal


def _writes(write: Callable[[Json], str]) -> Mutation:
    """The server writes its JSON by this function."""

    def respond(status: int, answer: Mapping[str, Json], usual: Respond) -> Response:
        usual(status, answer)
        return Response(write(answer), status, media_type="application/json")

    return lambda server: server.with_response(respond)


@conforming()
def json_is_pretty(server: Server) -> Server:
    """Indented, for people."""
    return _writes(lambda answer: json.dumps(answer, indent=4))(server)


@conforming()
def json_is_ascii(server: Server) -> Server:
    """Every character beyond ASCII is escaped, beyond U+FFFF as a pair of surrogates."""
    return _writes(lambda answer: json.dumps(answer, ensure_ascii=True))(server)


@conforming()
def slashes_are_escaped(server: Server) -> Server:
    """PHP's json_encode escapes them, and the characters that are special in HTML."""

    def write(answer: Json) -> str:
        text = json.dumps(answer, ensure_ascii=False)
        for letter, escaped in (("/", "\\/"), ("<", "\\u003c"), (">", "\\u003E"), ("&", "\\u0026")):
            text = text.replace(letter, escaped)
        return text

    return _writes(write)(server)


@conforming()
def properties_come_in_another_order(server: Server) -> Server:
    """Sorted by name, as Go does with maps."""
    return _writes(lambda answer: json.dumps(answer, sort_keys=True))(server)


@conforming()
def the_answer_is_surrounded_by_white_space(server: Server) -> Server:
    """A template's blank lines, and a line break at the end."""
    return _writes(lambda answer: f"\r\n  {json.dumps(answer)}\n")(server)


@conforming()
def numbers_have_two_decimals(server: Server) -> Server:
    """100 comes back as 100.00: the same double."""
    whole = re.compile(r'("(?:total_amount|paid_amount|amount|item_total)": )(\d+)(?=[,}])')
    return _writes(lambda answer: whole.sub(r"\1\2.00", json.dumps(answer)))(server)


@conforming()
def numbers_have_exponents(server: Server) -> Server:
    """Every amount in scientific notation, to the last digit of its double."""
    amount = re.compile(r'("(?:total_amount|paid_amount|amount)": )([\d.e+]+)(?=[,}])')
    return _writes(
        lambda answer: amount.sub(lambda m: f"{m[1]}{float(m[2]):.16E}", json.dumps(answer))
    )(server)


@conforming()
def item_totals_are_products_of_doubles(server: Server) -> Server:
    """Amount * quantity in doubles: 0.1 * 3 is 0.30000000000000004."""
    return answers_items(lambda item, _: {**item, "item_total": item["amount"] * item["quantity"]})(
        server
    )


@conforming()
def item_totals_are_rounded_to_cents(server: Server) -> Server:
    """Two decimals and no more."""
    return answers_items(lambda item, _: {**item, "item_total": round(item["item_total"], 2)})(
        server
    )


@conforming()
def dates_come_back_in_utc(server: Server) -> Server:
    """The same instant with Z, whatever offset was sent."""
    return answers_text(DATES, lambda text: _moved(text, UTC, "auto").replace("+00:00", "Z"))(
        server
    )


@conforming()
def dates_come_back_in_india(server: Server) -> Server:
    """The same instant at +05:30, with microseconds."""
    zone = timezone(timedelta(hours=5, minutes=30))
    return answers_text(DATES, lambda text: _moved(text, zone, "microseconds"))(server)


def _moved(text: str, zone: timezone, timespec: str) -> str:
    """A date in another zone; as it is where that has no such year."""
    try:
        return instant(text).astimezone(zone).isoformat(timespec=timespec)
    except OverflowError:
        return text


@conforming()
def absent_properties_have_defaults(server: Server) -> Server:
    """Absent text is empty, absent dates are the current time, the status is computed."""

    def filled(data: Json, _: Json) -> Json:
        paid, total = data["paid_amount"], data["total_amount"]
        status = "PENDING" if not paid else "PAID" if paid == total else "PARTIALLY_PAID"
        now = "2025-01-01T00:00:00Z"
        defaults = {"remarks": "", "url": "", "created_at": now, "updated_at": now}
        return {**defaults, "status": "OVERPAID" if paid > total else status, **data}

    return server.with_data(filled)


@conforming()
def absent_dates_are_gos_zero_time(server: Server) -> Server:
    """0001-01-01T00:00:00Z for a date that was not sent: ugly, but a string."""
    return server.with_data(
        lambda data, _: {**dict.fromkeys(DATES, "0001-01-01T00:00:00Z"), **data}
    )


@conforming()
def answers_have_additional_properties(server: Server) -> Server:
    """Links, metadata, and nulls in properties that the document does not have."""

    def with_more(data: Json, _: Json) -> Json:
        items = [{**item, "sku": None, "tax": 0, "product_id": "P-1"} for item in data["items"]]
        links = {"self": f"/v1/invoices/{data['id']}"}
        return {**data, "items": items, "_links": links, "deleted_at": None, "version": 1.5}

    return server.with_data(with_more)


@conforming()
def the_envelope_has_additional_properties(server: Server) -> Server:
    """success, message and a request id beside data."""

    def respond(status: int, answer: Mapping[str, Json], usual: Respond) -> Response:
        return usual(status, {"success": status < 400, "errors": None, "trace": "4711", **answer})

    return server.with_response(respond)


@conforming()
def there_are_many_headers(server: Server) -> Server:
    """Cookies, cache rules, a location, CORS, and one name twice."""

    def respond(status: int, answer: Mapping[str, Json], usual: Respond) -> Response:
        response = usual(status, answer)
        response.headers["content-type"] = 'Application/JSON; Charset="UTF-8"; version=1'
        response.headers["location"] = "/v1/invoices/1"
        response.headers["cache-control"] = "no-store"
        response.headers["access-control-allow-origin"] = "*"
        response.headers.append("set-cookie", "session=1; Path=/")
        response.headers.append("set-cookie", "theme=dark")
        response.headers["x-request-id"] = str(uuid.uuid4())
        return response

    return server.with_response(respond)


@conforming()
def ids_are_in_capitals(server: Server) -> Server:
    """A UUID in capitals is a UUID (RFC 9562 4)."""
    return server.with_data(lambda data, _: {**data, "id": data["id"].upper()})


@conforming()
def everything_unspecified_is_refused(server: Server) -> Server:
    """As strict as allowed: unknown properties, blank text, unusual dates, sums that do not agree,
    quantities below one, fractions of a cent, other kinds of URL and long lists are refused.
    """

    def unspecified(payload: Json) -> bool:
        if any(set(holder) - set(PROPERTIES) for _, holder in objects(payload)):
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

    blank = refuses(
        TEXTS,
        lambda text: (
            not any(one.isalpha() or one.isdecimal() for one in text)
            or (
                not text.isprintable()
                and re.search("[\x00-\x1f\x7f-\x9f\ue000-\uf8ff]", text) is not None
            )
        ),
    )
    web = refuses(("url",), lambda text: not re.match("(?i)https?://", text))
    return web(blank(refuses_invoices(unspecified, "total_amount")(server)))


@conforming()
def any_invoice_that_the_document_allows_is_taken(server: Server) -> Server:
    """As lenient as possible: no limits but the document's and those of doubles."""

    def judge(payload: Json, problems: tuple[Problem, ...]) -> tuple[Problem, ...]:
        if exceeds_doubles(payload):
            return problems
        lenient = {"date_time", "string_too_short", "less_than_equal", "too_long"}
        kept = tuple(
            problem
            for problem in problems
            if problem.kind not in lenient
            and (problem.kind != "greater_than_equal" or problem.location == ("paid_amount",))
        )
        for problem in problems:
            if problem not in kept and problem.kind == "date_time":
                payload[problem.location[-1]] = "2024-01-01T00:00:00Z"
        return kept

    return server.with_problems(judge)


@conforming()
def a_media_type_is_required(server: Server) -> Server:
    """400 without Content-Type."""

    def check(headers: Mapping[str, str]) -> None:
        if "content-type" not in headers:
            raise Refusal(400, "Content-Type is missing")
        server.steps.check_media_type(headers)  # type: ignore[arg-type] # the headers they are

    return server.with_steps(check_media_type=check)


@conforming()
def the_first_of_duplicate_names_counts(server: Server) -> Server:
    """Others use the last one."""

    def first(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
        return dict(reversed(pairs))

    def parse(body: bytes) -> Json:
        payload = server.steps.parse(body)
        return json.loads(body, object_pairs_hook=first) if isinstance(payload, dict) else payload

    return server.with_steps(parse=parse)


@conforming()
def duplicate_names_are_refused(server: Server) -> Server:
    """A strict reader may do so (RFC 8259 4)."""

    def distinct(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
        if len(dict(pairs)) < len(pairs):
            raise Refusal(400, "A name is used twice")
        return dict(pairs)

    def parse(body: bytes) -> Json:
        payload = server.steps.parse(body)
        json.loads(body, object_pairs_hook=distinct)
        return payload

    return server.with_steps(parse=parse)


@conforming()
def whole_quantities_may_be_written_with_a_point(server: Server) -> Server:
    """From draft 6 on, 1.0 is an integer in JSON Schema."""

    def whole(payload: Json) -> Json:
        for location, item in objects(payload):
            value = item.get("quantity")
            if location and isinstance(value, float) and value.is_integer():
                item["quantity"] = int(value)
        return payload

    return server.with_payload(whole)


@conforming()
def money_is_kept_in_decimals(server: Server) -> Server:
    """Decimal in, decimal out: every amount with four decimals."""
    amount = re.compile(rf'("(?:{"|".join(MONEY)}|item_total)": )([\d.e+]+)(?=[,}}])')

    def plain(found: re.Match[str]) -> str:
        return f"{found[1]}{float(found[2]):.4f}" if float(found[2]) < 1e10 else found[0]

    return _writes(lambda answer: amount.sub(plain, json.dumps(answer)))(server)
