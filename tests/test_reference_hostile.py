"""No body makes the reference fail."""

import json
from collections.abc import Iterator

import httpx
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.reference_process import PATH, encoded, invoice, item, running, speaking_to

VALID = encoded(invoice())


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    """A client of a reference for this module."""
    with running() as reference, speaking_to(reference.url) as client:
        yield client


def holding(name: str, value: bytes) -> bytes:
    """A valid invoice in which this property, new or not, is written like this."""
    return encoded(invoice(**{name: "here"})).replace(b'"here"', value)


# What is sent, its bytes, and the status of the answer.
BODIES: list[tuple[str, bytes, int]] = [
    ("nothing", b"", 400),
    ("white space", b" \r\n\t ", 400),
    ("a string", b'"invoice"', 400),
    ("an array", b"[" + VALID + b"]", 400),
    ("truncated", VALID[:-1], 400),
    ("a second document", VALID + VALID, 400),
    ("a trailing comma", VALID[:-1] + b",}", 400),
    ("a comment", VALID + b"//", 400),
    ("invalid UTF-8", holding("remarks", b'"\xff"'), 400),
    ("overlong UTF-8", holding("remarks", b'"\xc0\xaf"'), 400),
    ("a surrogate in UTF-8", holding("remarks", b'"\xed\xa0\x80"'), 400),
    ("UTF-16", VALID.decode().encode("utf-16"), 400),
    ("a byte order mark", b"\xef\xbb\xbf" + VALID, 400),
    ("a raw control character", holding("remarks", b'"a\nb"'), 400),
    ("a bad escape", holding("remarks", rb'"\x41"'), 400),
    ("a lone surrogate in an unknown property", holding("extra", rb'"\udfff"'), 201),
    ("a lone surrogate as a name", VALID[:-1] + rb',"\ud800":1}', 201),
    ("a pair of surrogates", holding("remarks", rb'"\ud83d\ude00"'), 201),
    ("NUL", holding("remarks", rb'"\u0000"'), 201),
    ("NUL in an order id", holding("order_id", rb'"ORD-20250101\u0000"'), 404),
    ("NaN", holding("paid_amount", b"NaN"), 400),
    ("Infinity in an unknown property", holding("extra", b"-Infinity"), 400),
    ("a leading zero", holding("paid_amount", b"01"), 400),
    ("1e400", holding("total_amount", b"1e400"), 400),
    ("1e400 in an unknown property", holding("extra", b"1e400"), 201),
    ("just below the minimum", holding("paid_amount", b"-1e-400"), 400),
    ("zero with an exponent", holding("paid_amount", b"0.00e-400"), 201),
    ("400 digits", holding("total_amount", b"1" * 400), 400),
    ("5,000 digits", holding("total_amount", b"1" * 5000), 400),
    ("5,000 digits of a fraction", holding("total_amount", b"1." + b"1" * 5000), 201),
    ("a quantity of 2^31", encoded(invoice(items=[item(quantity=2**31)])), 201),
    ("a quantity of 2^63", encoded(invoice(items=[item(quantity=2**63)])), 400),
    ("a quantity of -2^63", encoded(invoice(items=[item(quantity=-(2**63), amount=1e15)])), 201),
    ("a quantity of 400 digits", encoded(invoice(items=[item(quantity=10**399)])), 400),
    ("a quantity with a fraction", encoded(invoice(items=[item(quantity=4.0)])), 400),
    ("the last of duplicate keys", VALID[:-1] + b',"paid_amount":1}', 201),
    ("duplicate keys, the last wrong", VALID[:-1] + b',"paid_amount":-1}', 400),
    ("60 levels", holding("extra", b"[" * 60 + b"]" * 60), 201),
    ("100,000 levels", b"[" * 100_000 + b"]" * 100_000, 400),
    ("100,000 objects deep", holding("extra", b'{"a":' * 100_000 + b"1" + b"}" * 100_000), 400),
    ("__proto__", holding("__proto__", b'{"id":1}'), 201),
    ("an id", holding("id", b'"mine"'), 201),
    ("an amount beyond 1e15", encoded(invoice(items=[item(amount=1.1e15)])), 400),
    ("an amount beyond -1e15", encoded(invoice(items=[item(amount=-1.1e15)])), 400),
    ("no items", holding("items", b"[]"), 201),
    ("1,000 items", encoded(invoice(items=[item()] * 1000)), 201),
    ("1,001 items", encoded(invoice(items=[item()] * 1001)), 400),
    ("300,000 empty items", holding("items", b"[" + b"{}," * 300_000 + b"{}]"), 400),
    ("1,000 empty items", holding("items", b"[" + b"{}," * 999 + b"{}]"), 400),
    ("a year 0", holding("due_date", b'"0000-01-01T00:00:00Z"'), 400),
    ("the first instant", holding("updated_at", b'"0001-01-01T00:00:00+14:00"'), 400),
    ("the last instant", holding("updated_at", b'"9999-12-31T23:59:59-12:00"'), 201),
    ("30 February", holding("due_date", b'"2025-02-30T00:00:00Z"'), 400),
    ("a leap second", holding("due_date", b'"2016-12-31T23:59:60Z"'), 400),
    ("hour 24", holding("due_date", b'"2025-01-01T24:00:00Z"'), 400),
    ("a date in other digits", holding("due_date", rb'"\u0662025-01-01T00:00:00Z"'), 400),
    ("a long fraction", holding("due_date", b'"2025-01-01T00:00:00.' + b"1" * 99 + b'Z"'), 201),
    ("1 MiB", VALID + b" " * (2**20 - len(VALID)), 201),
    ("more than 1 MiB", VALID + b" " * (2**20 - len(VALID) + 1), 413),
]


@pytest.mark.parametrize(
    ("body", "status"), [row[1:] for row in BODIES], ids=[row[0] for row in BODIES]
)
def test_a_hostile_body_gets_the_documented_answer(
    client: httpx.Client, body: bytes, status: int
) -> None:
    """Each body is accepted or refused as the docstring of the package says, in strict JSON."""
    response = client.post(PATH, content=body)
    assert response.status_code == status, response.text[:300]
    answer = json.loads(response.content, parse_constant=pytest.fail)
    assert answer.keys() == ({"data"} if status == 201 else {"code", "message", "details"})
    assert status != 400 or answer["details"]


@pytest.mark.parametrize(
    ("value", "accepted"),
    [
        ("", {"remarks", "url"}),
        ("\ud800", set()),
        ("\x00 \x7f\ufffe", {"reference_id", "invoice_number", "remarks", "url"}),
    ],
    ids=["empty", "a lone surrogate", "control characters"],
)
def test_unusual_text_is_accepted_or_refused(
    client: httpx.Client, value: str, accepted: set[str]
) -> None:
    """Each string property accepts any text but lone surrogates; orders and dates must exist."""
    names = {name for name, valid in invoice().items() if isinstance(valid, str)}
    answers = {
        name: client.post(PATH, content=encoded(invoice(**{name: value}))).status_code
        for name in names
    }
    unknown_order = {"order_id": 404} if value.startswith("\x00") else {}
    expected = dict.fromkeys(names, 400) | dict.fromkeys(accepted, 201) | unknown_order
    assert answers == expected


@pytest.mark.parametrize("name", [name for name, value in item().items() if isinstance(value, str)])
def test_unusual_text_in_an_item_is_accepted_or_refused(client: httpx.Client, name: str) -> None:
    """Items accept control characters, but neither an empty string nor a lone surrogate."""
    bodies = [encoded(invoice(items=[item(**{name: value})])) for value in ("\x00", "", "\ud800")]
    assert [client.post(PATH, content=body).status_code for body in bodies] == [201, 400, 400]


ANY_TEXT = st.text(st.characters())  # including lone surrogates, which are sent as escapes
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | ANY_TEXT,
    lambda children: st.lists(children) | st.dictionaries(ANY_TEXT, children),
    max_leaves=5,
)


@settings(derandomize=True, deadline=None, max_examples=200)
@given(body=st.binary() | st.text().map(str.encode) | JSON_VALUES.map(encoded))
@example(body=b'{"items":')
def test_arbitrary_bytes_are_refused(client: httpx.Client, body: bytes) -> None:
    """No random body is an invoice, and none makes the server fail."""
    assert client.post(PATH, content=body).status_code == 400


@settings(derandomize=True, deadline=None, max_examples=200)
@given(name=st.sampled_from([*invoice(), *(f"items {name}" for name in item())]), value=JSON_VALUES)
def test_an_arbitrary_value_never_fails_the_server(
    client: httpx.Client, name: str, value: object
) -> None:
    """Any JSON value in any property of a valid invoice is accepted or refused, never a 5xx."""
    _, _, item_name = name.partition("items ")
    payload = invoice(items=[item(**{item_name: value})]) if item_name else invoice(**{name: value})
    assert client.post(PATH, content=encoded(payload)).status_code in {201, 400, 404}
