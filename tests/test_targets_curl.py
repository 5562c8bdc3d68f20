"""The curl line, pasted into a shell, sends the same request again."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from reports.failure import curl
from spec.exchange import Request
from spec.servers import paths_beside
from tests.clients import KEY, client
from tests.hostile import PLAIN, sends, serving
from tests.running import PATIENCE

VARIABLE = "WIZCOMMERCE_API_KEY"
KEYS = {"WIZCOMMERCE_FORBIDDEN_API_KEY": "another-key", VARIABLE: KEY}
CURLS_OWN = ("host:", "user-agent:", "accept-encoding:", "content-length:")


def _sent(raw: bytes) -> tuple[str, set[str], bytes]:
    head, _, body = raw.partition(b"\r\n\r\n")
    line, *headers = head.decode(errors="surrogateescape").split("\r\n")
    kept = {h for h in headers if not h.lower().startswith(CURLS_OWN)}
    return (
        line,
        {f"{n.lower()}:{v.strip(' ')}" for n, _, v in (h.partition(":") for h in kept)},
        body,
    )


BODIES = {
    "invoice": b'{"remarks":"plain"}',
    "quotes": b'{"remarks":"it\'s \\"$HOME\\" `id` $(id) \\\\ ! !! %s"}',
    "lines": b'{\n\t"remarks": "a"\n}\n',
    "file name": b"@/etc/passwd",
    "option": b"-d x",
    "unicode": '{"remarks":"Überraschung 😀 \u202e"}'.encode(),
    "key inside": f'{{"remarks":"{KEY}"}}'.encode(),
    "empty": b"",
    "invalid UTF-8": b'{"remarks":"\xff\xfe"}',
    "NUL": b'{"remarks":"\x00\x1b\r"}',
    "long": b'{"remarks":"' + b"x" * 300_000 + b'"}',
}


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
@pytest.mark.parametrize("path", paths_beside("/v1/invoices").values())
def test_the_line_sends_it_to_the_same_path(path: str, tmp_path: Path) -> None:
    """Curl removes the dots of a path, unless it is told not to."""
    with serving(sends(PLAIN)) as server:
        with client(server.base_url, tmp_path) as it:
            exchange = it.send(b"{}", path=path)
        _run("sh", curl(exchange.request, server.base_url, KEYS))
        first, second = map(_sent, server.requests)
    assert first[0] == f"POST {path} HTTP/1.1"
    assert second == first


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
@pytest.mark.parametrize("name", BODIES)
@pytest.mark.parametrize("shell", ["sh", "bash"])
def test_the_line_sends_the_same_body(name: str, shell: str, tmp_path: Path) -> None:
    """Request line, headers, key and body arrive as the suite sent them."""
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    with serving(sends(PLAIN)) as server:
        with client(server.base_url, tmp_path) as it:
            exchange = it.send(BODIES[name], query="a={b}&c=[1-3]")
        _run(shell, curl(exchange.request, server.base_url, KEYS))
        first, second = map(_sent, server.requests)
    assert second == first


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
@pytest.mark.parametrize(
    "headers",
    [
        [("X-API-Key", "")],
        [("X-API-Key", None)],
        [("X-API-Key", KEY + "x")],
        [("X-API-Key", 'x\'; "$(id)" --')],
        [("X-API-Key", "schl\udcfcssel %s 'caf\udce9' \\")],
        [("X-API-Key", "\u00a0 \u00a0")],
        [("X-API-Key", None), ("Authorization", f"Bearer {KEY}")],
        [("X-API-Key", "another-key")],
        [("Content-Type", None), ("Accept", None)],
        [("Content-Type", "text/plain; charset=utf-8")],
    ],
    ids=str,
)
def test_the_line_sends_the_same_headers(
    headers: list[tuple[str, str | None]], tmp_path: Path
) -> None:
    """Empty, missing and unusual headers are the same when the line sends them."""
    with serving(sends(PLAIN)) as server:
        with client(server.base_url, tmp_path) as it:
            exchange = it.send(b"{}", headers=headers, method="PUT")
        line = curl(exchange.request, server.base_url, KEYS)
        _run("sh", line)
        first, second = map(_sent, server.requests)
    assert second == first
    assert KEY not in line
    assert "another-key" not in line
    assert line.encode()  # raises for a surrogate, which cannot be printed


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not installed")
def test_a_chunked_body_stays_chunked(tmp_path: Path) -> None:
    """The line sends the body in chunks, as the suite did."""
    with serving(sends(PLAIN)) as server:
        with client(server.base_url, tmp_path) as it:
            exchange = it.send(b'{"remarks":"a"}', chunked=True)
        _run("sh", curl(exchange.request, server.base_url, KEYS))
        raw = server.requests[1].lower()
    assert b"transfer-encoding: chunked\r\n" in raw
    assert b'{"remarks":"a"}' in raw


def test_the_line_is_readable() -> None:
    """A person sees the variable of the key, the headers and the body."""
    headers = (
        ("User-Agent", "invoice-conformance"),
        ("X-API-Key", KEY),
        ("Accept", "*/*"),
        ("Content-Type", "application/json"),
    )
    request = Request("POST", "/v1/invoices", headers, b'{"remarks":"a"}')
    assert curl(request, "https://a.example", KEYS) == (
        "curl -sS -i -g 'https://a.example/v1/invoices' "
        '-H "X-API-Key: $WIZCOMMERCE_API_KEY" '
        "-H 'Accept: */*' -H 'Content-Type: application/json' "
        '--data-raw \'{"remarks":"a"}\''
    )


@pytest.mark.parametrize(
    ("headers", "told", "words"),
    [
        ((("User-Agent", "Mozilla/5.0"),), "", "-H 'User-Agent: Mozilla/5.0'"),
        ((), "", "-H 'User-Agent:'"),
        (
            (("User-Agent", "invoice-conformance"),),
            "User-Agent: invoice-conformance",
            "-H 'User-Agent: invoice-conformance'",
        ),
    ],
)
def test_the_line_has_the_name_of_the_client_where_that_may_be_to_blame(
    headers: tuple[tuple[str, str], ...], told: str, words: str
) -> None:
    """Another one than usual, none, and the usual one if it is told; curl has one of its own."""
    request = Request("POST", "/v1/invoices", headers, b"{}")
    assert words in curl(request, "https://a.example", KEYS, told)


def _run(shell: str, line: str) -> None:
    done = subprocess.run(
        [shell, "-s"],
        input=line.encode(),
        env={"PATH": os.environ["PATH"], "HOME": "/nowhere", **KEYS},
        capture_output=True,
        check=False,
        timeout=PATIENCE,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(b"HTTP/1.1 201 Created")
