"""What the documents say of key, media type, order, size and method of a request."""

import json
from dataclasses import replace
from typing import Any

import pytest

from spec.expectation import Expectation
from tests.exchanges import (
    FACTS,
    FORBIDDEN,
    HEADERS,
    INVOICE,
    KEY,
    ORDERS,
    Headers,
    altered,
    drop,
    encoded,
    expected,
    invoice,
    put,
    reasons,
)

ACCEPT, REJECT, UNSPECIFIED = Expectation.ACCEPT, Expectation.REJECT, Expectation.UNSPECIFIED
VALID = json.dumps(INVOICE).encode()
TYPE = ("Content-Type", "application/json")


@pytest.mark.parametrize(
    ("headers", "name"),
    [
        ((TYPE,), "security.key"),
        ((TYPE, ("X-API-Key", "")), "security.key"),
        ((TYPE, ("X-API-Key", " \t ")), "security.key"),
        ((TYPE, ("X-API-Key", "null")), "security.key"),
        ((TYPE, ("X-API-Key", KEY + "a")), "security.key"),
        ((TYPE, ("X-API-Key", KEY[:7])), "security.key"),
        ((TYPE, ("X-API-Key", KEY.upper())), "security.key"),
        ((TYPE, ("X-API-Key", f"{KEY}, {KEY}")), "security.key"),
        ((TYPE, ("X-API-Key", "wrong"), ("X-API-Key", "")), "security.key"),
        ((TYPE, ("Authorization", f"Bearer {KEY}")), "security.key"),
        ((TYPE, ("Cookie", f"X-API-Key={KEY}")), "security.key"),
        ((TYPE, ("X-API-Keys", KEY)), "security.key"),
        ((TYPE, ("X-API-Key", FORBIDDEN), ("X-API-Key", "x")), "security.key"),
        ((TYPE, ("X-API-Key", FORBIDDEN)), "security.right"),
    ],
)
def test_a_wrong_key_is_refused_with_401_and_a_forbidden_one_with_403(
    headers: Headers, name: str
) -> None:
    """Missing, empty, in another place or another case: the key is not there."""
    said = expected(VALID, headers=headers)
    assert (said.expectation, reasons(said)) == (REJECT, [name])
    assert said.statuses == {401 if name == "security.key" else 403}


@pytest.mark.parametrize(
    ("site", "also"),
    [("none", set()), ("same-origin", set()), ("cross-site", {403}), ("same-site", {403})],
)
def test_what_another_sites_page_asks_for_may_be_refused(site: str, also: set[int]) -> None:
    """403, with the right key and with none; what no page asked for is as usual."""
    field = ("Sec-Fetch-Site", site)
    assert expected(VALID, headers=(TYPE, ("X-API-Key", KEY), field)).statuses == {201} | also
    assert expected(VALID, headers=(TYPE, field)).statuses == {401} | also


@pytest.mark.parametrize("name", ["x-api-key", "X-API-KEY", "x-Api-kEY"])
@pytest.mark.parametrize("value", [KEY, f" {KEY} ", f"\t{KEY}"])
def test_the_right_key_counts_in_any_case_of_its_header(name: str, value: str) -> None:
    """Names have no case and values no outer blanks (RFC 9110, 5.1 and 5.5)."""
    assert expected(VALID, headers=(TYPE, (name, value))).expectation is ACCEPT


@pytest.mark.parametrize("others", [("wrong",), (KEY,), ("", "x")])
def test_the_right_key_among_others_is_unspecified(others: tuple[str, ...]) -> None:
    """Servers take the first, the last or none of several header lines."""
    headers = (TYPE, ("X-API-Key", KEY), *(("X-Api-Key", other) for other in others))
    said = expected(VALID, headers=headers)
    assert said.expectation is UNSPECIFIED
    assert said.statuses == {201, 400, 401, 403, 404}


@pytest.mark.parametrize("body", [b"", b"{}", b"[", encoded(altered(drop("due_date")))])
def test_a_wrong_key_comes_before_a_wrong_body(body: bytes) -> None:
    """401 alone meets the expectation; what else is wrong is remembered."""
    said = expected(body, headers=(TYPE,))
    assert said.statuses == {401}
    assert reasons(said)[0] == "security.key"
    assert len(said.breaches) > 1


def test_a_forbidden_key_and_a_wrong_body_may_both_be_answered() -> None:
    """Nothing says which comes first."""
    headers = (TYPE, ("X-API-Key", FORBIDDEN))
    assert expected(altered(drop("due_date")), headers=headers).statuses == {400, 403}


def test_a_target_without_keys_refuses_every_request() -> None:
    """Without a key in the facts there is none that could be right."""
    nobody = replace(FACTS, key=None, forbidden_key=None)
    assert reasons(expected(VALID, nobody)) == ["security.key"]
    assert reasons(expected(VALID, nobody, (TYPE,))) == ["security.key"]


def typed(*values: str) -> Headers:
    """The right key with these media types."""
    return (("X-API-Key", KEY), *(("Content-Type", value) for value in values))


@pytest.mark.parametrize(
    "value",
    [
        "application/json",
        "Application/JSON",
        " application/json ",
        "application/json;charset=utf-8",
        "application/json; charset=UTF-8",
        'application/json ; Charset="utf-8"',
        "application/json;",
        'application/json; charset=utf-8; charset="utf-8";',
    ],
)
def test_each_way_to_write_the_media_type_is_the_media_type(value: str) -> None:
    """Case, blanks and the charset that JSON has anyway do not count (RFC 9110, 8.3.1)."""
    assert expected(VALID, headers=typed(value)).expectation is ACCEPT


@pytest.mark.parametrize(
    "value",
    [
        "text/plain",
        "application/xml",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "application/jsonx",
        "application/problem+json",
        "text/json",
        "json",
        "application",
        "application/json/x",
        "*/*",
        "charset=utf-8",
        ";",
        "application/json, application/json",
    ],
)
def test_another_media_type_is_refused_with_400_or_415(value: str) -> None:
    """Whatever the body is."""
    said = expected(VALID, headers=typed(value))
    assert (reasons(said), set(said.statuses)) == (["requestBody.mediaType"], {400, 415})


@pytest.mark.parametrize(
    "values",
    [
        (),
        ("",),
        (" ",),
        ("application/json", "application/json"),
        ("application/json", "text/plain"),
        ("application/json; charset=latin-1",),
        ("application/json; charset=utf-16",),
        ("application/json; charset=utf-8x",),
        ("application/json; version=2",),
    ],
)
def test_no_clear_media_type_is_unspecified(values: tuple[str, ...]) -> None:
    """A missing one, two of them, and parameters that JSON does not have: 415 will do as well."""
    said = expected(VALID, headers=typed(*values))
    assert said.expectation is UNSPECIFIED
    assert said.statuses == {201, 400, 404, 415}


def test_an_unknown_order_is_refused_with_404() -> None:
    """Where orders are known, the one that exists nowhere is a 404; with a wrong body, or one whose
    fields do not agree, or a 400. An update before an order that there is not is none of these.
    """
    unknown = put("order_id", value=ORDERS.unknown_order_id)
    said = expected(altered(unknown), ORDERS)
    assert (reasons(said), set(said.statuses)) == (["order_id.known"], {404})
    assert said.breaches[0].location == ("order_id",)
    assert expected(altered(unknown, drop("due_date")), ORDERS).statuses == {400, 404}
    early = put("updated_at", value="2000-01-02T00:00:00Z")
    made = (put("created_at", value=f"{year}-01-02T00:00:00Z") for year in (2000, 2001))
    of_one_day, made_later = (expected(altered(unknown, early, each), ORDERS) for each in made)
    assert of_one_day.statuses == {404}
    assert made_later.statuses == {400, 404}
    assert expected(altered(unknown), FACTS).expectation is ACCEPT
    assert expected(altered(put("order_id", value="ORD-9")), ORDERS).expectation is UNSPECIFIED


@pytest.mark.parametrize(
    ("updated", "expectation", "names"),
    [
        ("2025-01-01T00:00:00Z", REJECT, ["updated_at.order"]),
        ("2024-12-31T23:59:59.999Z", REJECT, ["updated_at.order"]),
        ("2025-01-01T01:00:00+01:00", REJECT, ["updated_at.order"]),
        ("2025-01-01T00:00:00.001Z", ACCEPT, []),
    ],
)
def test_an_update_at_or_before_the_order_is_refused_with_400(
    updated: str, expectation: Expectation, names: list[str]
) -> None:
    """The document's prose says later than the order's creation, where that is known."""
    due = put("due_date", value="2071-07-01T00:00:00Z")
    payload = altered(put("updated_at", value=updated), drop("created_at"), due)
    assert reasons(expected(payload | {"remarks": 5}, ORDERS)) == ["remarks.type"]
    said = expected(payload, ORDERS)
    assert (said.expectation, reasons(said)) == (expectation, names)
    assert [breach.location for breach in said.breaches] == [("updated_at",)] * len(names)
    assert said.statuses == ({400} if names else {201})
    assert expected(payload, replace(ORDERS, order_created_at=None)).expectation is UNSPECIFIED


def sized(size: int, **properties: Any) -> bytes:
    """An invoice of that many bytes, filled up with blanks."""
    body = encoded(invoice() | properties)
    return body[:-1] + b" " * (size - len(body)) + b"}"


@pytest.mark.parametrize(
    ("body", "expectation", "statuses"),
    [
        (sized(64 * 1024), ACCEPT, {201}),
        (sized(64 * 1024 + 1), UNSPECIFIED, {201, 400, 404, 413}),
        (sized(2 * 1024 * 1024), UNSPECIFIED, {201, 400, 404, 413}),
        (sized(2 * 1024 * 1024, remarks=5), REJECT, {400, 413}),
    ],
    ids=["64 KiB", "a byte more", "2 MiB", "2 MiB and wrong"],
)
def test_a_large_body_may_be_too_large(
    body: bytes, expectation: Expectation, statuses: set[int]
) -> None:
    """From 64 KiB on, 413 meets any expectation, a wrong key's included."""
    said = expected(body)
    assert (said.expectation, set(said.statuses)) == (expectation, statuses)
    without = expected(body, headers=(TYPE,)).statuses
    assert without == ({401} if 413 not in statuses else {400, 401, 413})


def test_large_headers_may_be_too_large() -> None:
    """From 8 KiB on, 431 and 400 meet any expectation."""
    said = expected(VALID, headers=(*HEADERS, ("X-Padding", "a" * 8192)))
    assert (said.expectation, set(said.statuses)) == (UNSPECIFIED, {201, 400, 404, 431})
    wrong = expected(VALID, headers=(TYPE, ("X-API-Key", "a" * 9000)))
    assert wrong.statuses == {400, 401, 431}
    assert expected(VALID, headers=(*HEADERS, ("X-Padding", "a" * 8000))).expectation is ACCEPT


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "GET", "post", "INVOICE"])
@pytest.mark.parametrize("headers", [HEADERS, (TYPE,), ()])
def test_another_method_gets_any_4xx_or_501(method: str, headers: Headers) -> None:
    """Methods have a case, and one that is not implemented gets 501 (RFC 9110, 9.1)."""
    said = expected(VALID, headers=headers, method=method)
    assert (said.expectation, reasons(said)) == (REJECT, ["request.method"])
    assert said.statuses == {*range(400, 500), 501}
