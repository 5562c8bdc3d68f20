"""Of what is sent without the right key to a path beside the documented one, only an invoice is
wrong.
"""

from pathlib import Path

import pytest

from spec.exchange import Exchange, Response
from spec.expectation import Expectation, expect
from spec.paths import Json
from spec.servers import path_beside, paths_beside
from strategies import authentication
from targets.resend import send_again
from tests.clients import client
from tests.exchanges import (
    CONTRACT,
    FACTS,
    GOOD,
    INVOICE,
    encoded,
    found,
    judge,
    oracle,
    refusal,
    request,
    response,
)
from tests.hostile import PLAIN, sends, serving

PATHS = paths_beside(CONTRACT.path)
WRONG = (("Content-Type", "application/json"), ("X-API-Key", "no-such-key-0001"))
every_path = pytest.mark.parametrize("path", PATHS.values(), ids=PATHS)


def _sent(path: str, headers: tuple[tuple[str, str], ...] = WRONG[:1]) -> Exchange:
    sent = request(INVOICE, headers)
    return Exchange(type(sent)(sent.method, f"/api{path}?a=1", headers, sent.body), None, None, 0.1)


@every_path
@pytest.mark.parametrize("headers", [WRONG[:1], WRONG], ids=["no key", "a wrong key"])
@pytest.mark.parametrize(
    "came", [(201, GOOD), (201, {"ok": True}), (200, GOOD), (202, GOOD)], ids=str
)
def test_an_invoice_that_is_created_elsewhere_without_the_key_is_wrong(
    path: str, headers: tuple[tuple[str, str], ...], came: tuple[int, Json]
) -> None:
    """Whatever the router took the path for."""
    sent = _sent(path, headers).request
    assert [name for name, _ in found(judge(sent, response(*came)))] == ["security.key"]


@every_path
@pytest.mark.parametrize(
    "came",
    [
        *(response(status, refusal()) for status in (400, 401, 403, 404, 405, 500)),
        response(404, "Not Found", (("content-type", "text/plain"),)),
        response(200, {"status": "up"}),
        Response(308, (("location", "/v1/invoices"),), b""),
        Response(200, (("content-type", "text/html"),), b"<html>Welcome</html>"),
        Response(201, (("content-type", "text/html"),), b"<html>Welcome</html>"),
        Response(204, (), b""),
    ],
    ids=lambda came: f"{came.status}",
)
def test_any_other_answer_from_elsewhere_is_well(path: str, came: Response) -> None:
    """The document has no such path: a refusal, a redirect, a page for people."""
    verdict = judge(_sent(path).request, came)
    assert (verdict.violations, verdict.judged) == ((), frozenset())


@every_path
def test_that_nothing_answers_elsewhere_is_well(path: str) -> None:
    """A server may close the connection on a path that is none of its own."""
    assert oracle().judge(_sent(path)).violations == ()


def test_a_page_of_another_endpoint_that_knows_no_reference_is_no_invoice() -> None:
    """An answer has the references that were sent, or it is not of this invoice."""
    other = {"data": {**INVOICE, "reference_id": "R", "invoice_number": "N", "items": []}}
    assert judge(_sent(PATHS["a slash after the path"]).request, response(200, other)).judged == (
        frozenset()
    )


@pytest.mark.parametrize("target", ["/v1/invoices", "/v1/invoices?a=/", "/api/v1/invoices", "/"])
def test_the_documented_path_is_not_beside_itself(target: str) -> None:
    """Whatever stands before it, and in its query."""
    assert path_beside(CONTRACT.path, target) == ""


def test_each_other_path_is_asked_without_a_key_or_with_a_wrong_one() -> None:
    """Never with the right one; and what is sent could be accepted, but for the key."""
    cases = authentication.elsewhere(CONTRACT, FACTS)
    assert {case.path for case in cases} == {*PATHS.values()}
    shown = [value for case in cases for name, value in case.headers if name == "X-API-Key"]
    assert len(shown) == len(cases)
    assert FACTS.key not in shown
    assert None in shown
    assert any(shown)
    for case in cases:
        usual = request({}, (("Content-Type", "application/json"), ("X-API-Key", FACTS.key or "")))
        sent = type(usual)("POST", CONTRACT.path, usual.headers, case.body)
        assert expect(CONTRACT, FACTS, sent).expectation is Expectation.ACCEPT


@every_path
def test_it_is_sent_again_to_the_same_path(path: str, tmp_path: Path) -> None:
    """As a replay does, also where the endpoint is below another base URL by now."""
    with serving(sends(PLAIN)) as server:
        with client(f"{server.base_url}/api", tmp_path) as it:
            first = it.send(encoded(INVOICE), key=None, path=path, query="a=1").request
        with client(f"{server.base_url}/other/base", tmp_path) as it:
            send_again(it, first)
    lines = [raw.partition(b"\r\n")[0].decode() for raw in server.requests]
    assert lines == [
        f"POST /api{path}?a=1 HTTP/1.1",
        f"POST /other/base{path}?a=1 HTTP/1.1",
    ]
