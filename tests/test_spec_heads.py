"""What the head and the size of a request give rise to: the statuses, and why, to the letter."""

from pathlib import Path
from typing import Any

import pytest

from spec.contract import CLIENT_ERRORS, Contract
from spec.exchange import Request
from spec.expectation import (
    LARGEST_HEADERS,
    LARGEST_READ,
    LARGEST_VALID,
    OTHER_METHOD,
    Expectation,
    Expected,
    expect,
    is_answered_by_http,
    may_be_cut_off,
    sent_again,
)
from spec.operation import PATH
from spec.parameters import LONGEST_SURE, values_of
from tests.exchanges import (
    CONTRACT,
    FACTS,
    FORBIDDEN,
    HEADERS,
    INVOICE,
    KEY,
    ORDERS,
    WRONG_SKU,
    Headers,
    Json,
    altered,
    encoded,
    expected,
    put,
    reasons,
)
from tests.versions.catalogue import ALTERATIONS
from tests.versions.parts import Alteration, Parts, answers, parameter

TYPE, KEYED = HEADERS
UNDECIDED = {201, 400, 404}
CODED = "which no server has to take (RFC 9110, section 8.4)"


@pytest.mark.parametrize(
    ("headers", "statuses", "why"),
    [
        (HEADERS, {201}, ()),
        ((TYPE, ("x-api-key", f" {KEY}\t")), {201}, ()),
        (
            (*HEADERS, ("x-api-key", "b")),
            UNDECIDED | {401, 403},
            ("the key is one of several",),
        ),
        ((KEYED,), UNDECIDED | {415}, ("there is no one media type",)),
        ((*HEADERS, TYPE), UNDECIDED | {415}, ("there is no one media type",)),
        ((KEYED, ("Content-Type", "")), UNDECIDED | {415}, ("there is no one media type",)),
        ((KEYED, ("content-type", "APPLICATION/JSON ;")), {201}, ()),
        ((KEYED, ("Content-Type", 'application/json;charset="UTF-8"')), {201}, ()),
        (
            (KEYED, ("Content-Type", "application/json; charset=latin-1")),
            UNDECIDED | {415},
            ("the media type is application/json; charset=latin-1",),
        ),
        (
            (KEYED, ("Content-Type", "application/json; x=" + "a" * 61)),
            UNDECIDED | {415},
            (f"the media type is application/json; x={'a' * 20} ...(1 more)... {'a' * 40}",),
        ),
        ((*HEADERS, ("Content-Encoding", "")), {201}, ()),
        ((*HEADERS, ("Content-Encoding", "Identity ,")), {201}, ()),
        (
            (*HEADERS, ("Content-Encoding", "identity, GZIP"), ("content-encoding", "br")),
            UNDECIDED | {415},
            (f"the body is coded as GZIP, br, {CODED}",),
        ),
        (
            (*HEADERS, ("Content-Encoding", "z" * 81)),
            UNDECIDED | {415},
            (f"the body is coded as {'z' * 40} ...(1 more)... {'z' * 40}, {CODED}",),
        ),
        ((*HEADERS, ("Transfer-Encoding", "chunked")), {201, 411}, ()),
        ((*HEADERS, ("A", "\udc80")), {201} | CLIENT_ERRORS, ()),
        ((*HEADERS, ("A", chr(0xDCFF))), {201} | CLIENT_ERRORS, ()),
        ((*HEADERS, ("A", "\u00ff")), {201}, ()),
        ((*HEADERS, ("X-HTTP-Method-Override", "post")), {201}, ()),
        ((*HEADERS, ("X-HTTP-Method-Override", "PUT")), {201} | OTHER_METHOD, ()),
        ((*HEADERS, ("X-Original-URL", "/")), {201} | OTHER_METHOD, ()),
    ],
)
def test_a_head_may_get_these_statuses(
    headers: Headers, statuses: set[int], why: tuple[str, ...]
) -> None:
    """Of a valid invoice, which is accepted wherever nothing is said against it."""
    said = expected(INVOICE, headers=headers)
    assert ({*said.statuses}, said.why, said.breaches) == (statuses, why, ())
    assert said.expectation is (Expectation.UNSPECIFIED if why else Expectation.ACCEPT)


@pytest.mark.parametrize(
    ("headers", "statuses", "names"),
    [
        ((), {401, 415}, ["security.key"]),
        ((TYPE,), {401}, ["security.key"]),
        ((TYPE, ("X-API-Key", FORBIDDEN)), {403}, ["security.right"]),
        ((TYPE, ("X-API-Key", KEY.upper())), {401}, ["security.key"]),
        ((KEYED, ("Content-Type", "text/plain")), {400, 415}, ["requestBody.mediaType"]),
        (
            (("Content-Type", "text/plain"),),
            {401},
            ["security.key", "requestBody.mediaType"],
        ),
        (
            (("Content-Type", "text/plain"), ("X-API-Key", FORBIDDEN)),
            {400, 403, 415},
            ["security.right", "requestBody.mediaType"],
        ),
    ],
)
def test_a_head_that_breaks_something_gets_these(
    headers: Headers, statuses: set[int], names: list[str]
) -> None:
    """A wrong key comes first, and of all else each status will do."""
    said = expected(INVOICE, headers=headers)
    assert (said.expectation, {*said.statuses}, said.why) == (Expectation.REJECT, statuses, ())
    assert reasons(said) == names


@pytest.mark.parametrize(
    ("more", "statuses", "why"),
    [
        (0, {201}, ()),
        (1, UNDECIDED | {413}, (f"the body has 65537 bytes, more than {LARGEST_VALID}",)),
    ],
)
def test_a_body_may_have_64_kibibytes(more: int, statuses: set[int], why: tuple[str, ...]) -> None:
    """With one byte more it may be too large."""
    body = encoded(INVOICE).ljust(LARGEST_VALID + more)
    said = expected(body)
    assert ({*said.statuses}, said.why) == (statuses, why)


def _filled(size: int) -> Headers:
    """Header fields of that many bytes, with `: ` and the end of each line."""
    taken = sum(len(name) + len(value) + 4 for name, value in HEADERS)
    return (*HEADERS, ("A", "x" * (size - taken - 5)))


@pytest.mark.parametrize(
    ("more", "statuses", "why"),
    [
        (0, {201}, ()),
        (1, UNDECIDED | {431}, (f"the headers have 8193 bytes, more than {LARGEST_HEADERS}",)),
    ],
)
def test_a_head_may_have_8_kibibytes(more: int, statuses: set[int], why: tuple[str, ...]) -> None:
    """With one byte more it may be too large."""
    said = expected(INVOICE, headers=_filled(LARGEST_HEADERS + more))
    assert ({*said.statuses}, said.why) == (statuses, why)


def test_a_large_body_under_a_large_head_may_be_refused_for_either() -> None:
    """And both are told."""
    said = expected(encoded(INVOICE).ljust(LARGEST_VALID + 1), headers=_filled(LARGEST_HEADERS + 1))
    assert said.statuses == UNDECIDED | {413, 431}
    assert [why.partition(" has ")[0].partition(" have ")[0] for why in said.why] == [
        "the body",
        "the headers",
    ]


def test_only_a_large_request_may_be_cut_off() -> None:
    """By its head, or by a body of more than a mebibyte."""
    assert not may_be_cut_off(_filled(LARGEST_HEADERS), b"x" * LARGEST_READ)
    assert may_be_cut_off(_filled(LARGEST_HEADERS + 1), b"")
    assert may_be_cut_off((), b"x" * (LARGEST_READ + 1))


LONG = b"x" * (LARGEST_READ + 1)
CHUNKED = (("transfer-encoding", "chunked"),)


@pytest.mark.parametrize(
    ("method", "headers", "body", "statuses"),
    [
        ("POST", (), b"", set()),
        ("PUT", (), b"", {400, 411, 413, 431}),
        ("POST", (("X-Rewrite-Url", "/"),), b"", {400, 411, 413, 431}),
        ("POST", (("x-http-method-override", "Post"),), b"", set()),
        ("POST", (("A", "\udc80"),), b"", {400, 411, 413, 431}),
        ("POST", (), LONG, {413, 431}),
        ("POST", CHUNKED, b"", {411}),
    ],
)
def test_http_itself_may_give_an_answer(
    method: str, headers: Headers, body: bytes, statuses: set[int]
) -> None:
    """Of which the document says nothing."""
    request = Request(method, PATH, headers, body)
    asked = (400, 411, 413, 431)
    assert {status for status in asked if is_answered_by_http(request, status)} == statuses


def test_the_values_of_a_field_are_those_of_its_name_in_any_case() -> None:
    """Without spaces and tabs around them, and with all others."""
    headers = (("A", " 1\t"), ("b", "2"), ("a", "\u00a03"), ("a", "X4X"))
    assert values_of(headers, "a") == values_of(headers, "A") == ["1", "\u00a03", "X4X"]


def test_a_request_that_may_clash_may_get_what_it_would_get_and_more() -> None:
    """One with a wrong key is answered as before."""
    valid = sent_again(CONTRACT, expected(INVOICE), "it was there")
    assert (valid.expectation, valid.why) == (Expectation.UNSPECIFIED, ("it was there",))
    assert ({*valid.statuses}, valid.repeated) == (UNDECIDED, True)
    unspecified = expected(INVOICE, headers=(KEYED,))
    clash = sent_again(CONTRACT, unspecified, "it was there")
    assert clash.why == (*unspecified.why, "it was there")
    assert clash.statuses == UNDECIDED | {415}
    invalid = sent_again(CONTRACT, expected(WRONG_SKU), "it was there")
    assert (invalid.expectation, {*invalid.statuses}) == (Expectation.REJECT, {400})
    assert (invalid.repeated, invalid.why) == (True, ())
    keyless = sent_again(CONTRACT, expected(WRONG_SKU, headers=(TYPE,)), "it was there")
    assert ({*keyless.statuses}, keyless.repeated) == ({401}, True)
    method = sent_again(CONTRACT, expected(INVOICE, method="PUT"), "it was there")
    assert method.statuses == OTHER_METHOD
    unknown = expected(altered(put("order_id", value=ORDERS.unknown_order_id)), ORDERS)
    assert ({*unknown.statuses}, unknown.repeated) == ({404}, False)
    assert sent_again(CONTRACT, unknown, "it was there").statuses == {400, 404}


def test_a_request_that_may_clash_may_get_409_where_the_document_has_it(tmp_path: Path) -> None:
    """Unless its key is wrong."""
    loaded = ALTERATIONS["a conflict is 409"].load(tmp_path)
    for headers, statuses in ((HEADERS, {400, 409}), ((TYPE,), {401})):
        said = expect(loaded, FACTS, Request("POST", PATH, headers, encoded(WRONG_SKU)))
        assert said.statuses == statuses - {409}
        assert sent_again(loaded, said, "it was there").statuses == statuses


@pytest.mark.parametrize(
    ("body", "headers", "method", "name"),
    [
        (INVOICE, (TYPE,), "POST", "security.key"),
        (INVOICE, HEADERS, "PUT", "request.method"),
        (b"[]", HEADERS, "POST", "body.type"),
    ],
)
def test_what_is_broken_outside_the_body_is_at_no_place(
    body: Json, headers: Headers, method: str, name: str
) -> None:
    """So that nobody looks for it in the payload."""
    said = expected(body, headers=headers, method=method)
    (breach,) = said.breaches
    assert (breach.requirement.name, breach.location, said.why) == (name, (), ())


def _of(
    loaded: Contract, body: Json = INVOICE, *more: tuple[str, str], query: str = ""
) -> Expected:
    """What a version says of a request with more header fields and a query."""
    path = f"{PATH}?{query}" if query else PATH
    return expect(loaded, FACTS, Request("POST", path, (*HEADERS, *more), encoded(body)))


def test_a_body_that_need_not_be_there_may_be_refused_where_it_is_not(tmp_path: Path) -> None:
    """And may be taken."""
    loaded = Alteration(lambda parts: parts.body.update(required=False)).load(tmp_path)
    said = _of(loaded, b" ")
    assert (said.expectation, said.why) == (Expectation.UNSPECIFIED, ("there is no body",))
    assert ({*said.statuses}, said.payload, said.unspecified) == (UNDECIDED, None, frozenset())


def test_a_key_without_the_right_is_wrong_where_the_document_has_no_403(tmp_path: Path) -> None:
    """401 will do, and 403 too, which says what is wrong."""
    loaded = answers(lambda listed: listed.pop("403")).load(tmp_path)
    sent = Request("POST", PATH, (TYPE, ("X-API-Key", FORBIDDEN)), encoded(INVOICE))
    said = expect(loaded, FACTS, sent)
    assert (reasons(said), {*said.statuses}) == (["security.key"], {401, 403})


def _with_other_keys(parts: Parts) -> None:
    """A key in another header field, or in the query, is enough as well."""
    others = {"Token": ("header", "X-Token"), "Query": ("query", "token")}
    for scheme, (place, name) in others.items():
        parts.document["components"]["securitySchemes"][scheme] = {
            "type": "apiKey",
            "in": place,
            "name": name,
        }
    parts.post["security"] = [{"ApiKeyAuth": []}, *({scheme: []} for scheme in others)]


@pytest.mark.parametrize(
    ("headers", "query", "name"),
    [
        (HEADERS, "", ""),
        ((*HEADERS, ("X-Token", "a")), "", ""),
        ((TYPE, ("X-Token", "a")), "", "x-token"),
        ((TYPE, ("X-API-Key", "b"), ("X-Token", "a")), "", "x-token"),
        (HEADERS, "?token=a", "token"),
        ((TYPE,), "?token=a", "token"),
    ],
)
def test_another_key_of_the_document_may_be_enough(
    headers: Headers, query: str, name: str, tmp_path: Path
) -> None:
    """Or be wrong; beside the right key a header field may be the target's own."""
    loaded = Alteration(_with_other_keys).load(tmp_path)
    said = expect(loaded, FACTS, Request("POST", f"{PATH}{query}", headers, encoded(INVOICE)))
    why = (f"{name} may be enough without the key",) if name else ()
    assert (said.why, {*said.statuses}) == (why, UNDECIDED | {401, 403} if name else {201})


def test_a_body_of_what_is_no_blank_in_json_is_one_that_is_no_json() -> None:
    """RFC 8259, section 2, knows four blanks; a form feed is none of them."""
    assert reasons(expected(b" \t\r\n")) == ["requestBody.required"]
    assert reasons(expected(b"\x0c")) == ["requestBody.json"]


CHARACTERS = "has other characters than those of ASCII that can be seen"
SHORT, NUMBER = {"type": "string", "maxLength": 9}, {"type": "integer"}


@pytest.mark.parametrize(
    ("schema", "required", "query", "names", "why"),
    [
        (SHORT, True, "", ["query.one.required"], ()),
        (SHORT, True, "one=abcdefghij", ["query.one.maxLength"], ()),
        (SHORT, True, "one=a&one=b", [], ("there are 2 values of query.one",)),
        (SHORT, True, "one=%C3%A9", [], (f"query.one {CHARACTERS}",)),
        (NUMBER, True, "one=%2B5", [], ("query.one is a number in an unusual spelling",)),
        (NUMBER, True, "one=" + "5" * 31, [], ()),
        ({"type": "string"}, True, "one=" + "a" * LONGEST_SURE, [], ()),
        ({"type": "string"}, True, "one=a" + "a" * LONGEST_SURE, [], ("query.one is any text",)),
        ({"type": "string"}, False, "one=a", [], ("query.one is any text",)),
        ({"type": "string"}, False, "", [], ()),
    ],
)
def test_what_is_wrong_or_unspecified_of_a_parameter_is_at_no_place(
    schema: dict[str, Any],
    required: bool,  # noqa: FBT001 - a column of the table
    query: str,
    names: list[str],
    why: tuple[str, ...],
    tmp_path: Path,
) -> None:
    """400 meets what is wrong, and of a doubt the reason is told."""
    loaded = parameter("query", "one", schema, required=required).load(tmp_path)
    said = _of(loaded, query=query)
    assert (reasons(said), said.why) == (names, why)
    assert [breach.location for breach in said.breaches] == [()] * len(names)
    assert said.statuses == ({400} if names else UNDECIDED if why else {201})
