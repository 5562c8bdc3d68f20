"""Over https the client sends nothing to a server whose certificate it does not trust."""

import socket
import ssl
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme

from targets.connection import trust
from targets.errors import TargetError, UnreachableError
from tests.clients import client
from tests.hostile import PLAIN, closes, sends, serving
from tests.running import PATIENCE

LONG = b'{"remarks":"' + b"x" * (8 << 20) + b'"}'


def _presents(authority: trustme.CA, name: str) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert(name).configure_cert(context)
    return context


def test_a_certificate_that_has_expired_is_no_matter_of_its_authority(
    authority: trustme.CA, ca_file: Path, tmp_path: Path
) -> None:
    """It may be our clock; to name the authority once more would help nobody."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    over = datetime(2020, 1, 1, tzinfo=UTC)
    authority.issue_cert("127.0.0.1", not_after=over).configure_cert(context)
    with serving(sends(PLAIN), tls=context) as server:
        tls = trust(server.base_url, ca_file)
        with (
            client(server.base_url, tmp_path, tls=tls) as it,
            pytest.raises(UnreachableError, match=r"expired\): is the clock of this"),
        ):
            it.send(b"{}")


@pytest.mark.parametrize("body", [b"{}", LONG], ids=["short", "long"])
def test_a_trusted_server_gets_requests(
    body: bytes, authority: trustme.CA, ca_file: Path, tmp_path: Path
) -> None:
    """Short and long requests use one encrypted connection."""
    with serving(sends(PLAIN), tls=_presents(authority, "127.0.0.1")) as server:
        tls = trust(server.base_url, ca_file)
        with client(server.base_url, tmp_path, tls=tls) as it:
            answers = [it.send(body).response for _ in range(3)]
    assert [answer and answer.status for answer in answers] == [201, 201, 201]
    assert server.requests[0].endswith(b"\r\n\r\n" + body)
    assert server.connections == 1


@pytest.mark.parametrize("encrypted", [False, True], ids=["plain", "TLS"])
def test_the_end_of_a_connection_is_seen_when_it_comes(
    *, encrypted: bool, authority: trustme.CA, ca_file: Path, tmp_path: Path
) -> None:
    """It is waited for on the socket; a connection that the server keeps is not closed."""
    closing = threading.Event()

    def behave(connection: socket.socket, request: bytes, _stop: threading.Event) -> None:
        connection.sendall(PLAIN)
        if request.endswith(b"last"):
            closing.wait()
            connection.close()

    presents = _presents(authority, "127.0.0.1") if encrypted else None
    with serving(behave, tls=presents) as server:
        tls = trust(server.base_url, ca_file) if encrypted else None
        with client(server.base_url, tmp_path, tls=tls) as it:
            assert it.is_closed(within=0)
            it.send(b"first")
            assert not it.is_closed(within=0.05)
            it.send(b"last")
            assert not it.is_closed(within=0)
            threading.Timer(0.05, closing.set).start()
            assert it.is_closed(within=PATIENCE)
    assert server.connections == 1


def test_the_last_day_of_a_certificate_is_known(
    authority: trustme.CA, ca_file: Path, tmp_path: Path
) -> None:
    """From the connection that carries the requests; without TLS there is none."""
    ends = datetime.now(UTC) + timedelta(days=40)
    presents = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1", not_after=ends).configure_cert(presents)
    with serving(sends(PLAIN), tls=presents) as secure, serving(sends(PLAIN)) as plain:
        tls = trust(secure.base_url, ca_file)
        with client(secure.base_url, tmp_path, tls=tls) as it:
            assert it.last_day is None
            it.send(b"{}")
            it.disconnect()
            assert it.last_day == ends.date()
        with client(plain.base_url, tmp_path) as it:
            it.send(b"{}")
            assert it.last_day is None


@pytest.mark.parametrize(
    ("name", "trusted", "words"),
    [
        ("127.0.0.1", False, "unable to get local issuer.*: name a file with .* --ca-file"),
        ("127.0.0.2", True, "IP address mism.*: use a name that is in it"),
    ],
    ids=["unknown authority", "another host"],
)
def test_an_untrusted_server_gets_no_request(
    name: str,
    trusted: bool,  # noqa: FBT001 - a column of the table
    words: str,
    authority: trustme.CA,
    ca_file: Path,
    tmp_path: Path,
) -> None:
    """An unknown authority or a wrong name is an error before the key is sent."""
    with serving(sends(PLAIN), tls=_presents(authority, name)) as server:
        tls = trust(server.base_url, ca_file if trusted else None)
        with (
            client(server.base_url, tmp_path, tls=tls) as it,
            pytest.raises(UnreachableError, match=f"is not trusted .*{words}"),
        ):
            it.send(b"{}")
    assert server.requests == []


def test_a_server_without_tls_is_unreachable_over_https(tmp_path: Path) -> None:
    """Plain http at an https address means a wrong address, not a fault of the server."""
    with serving(sends(b"HTTP/1.1 400 Bad Request\r\n\r\n"), listens=False) as server:
        base_url = server.base_url.replace("http:", "https:")
        with (
            client(base_url, tmp_path, tls=trust(base_url)) as it,
            pytest.raises(UnreachableError, match="Cannot connect"),
        ):
            it.send(b"{}")


def test_an_early_refusal_over_tls_is_its_answer(
    authority: trustme.CA, ca_file: Path, tmp_path: Path
) -> None:
    """An answer sent before the whole body was read is found over TLS too."""
    refusal = b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n"
    presents = _presents(authority, "127.0.0.1")
    with serving(closes(refusal), listens=False, tls=presents) as server:
        tls = trust(server.base_url, ca_file)
        with client(server.base_url, tmp_path, tls=tls) as it:
            exchange = it.send(LONG)
    assert exchange.response is not None
    assert exchange.response.status == 413


def test_a_tls_context_must_fit_the_base_url(tmp_path: Path) -> None:
    """With https and no TLS context requests would not be encrypted: an error."""
    with (
        pytest.raises(ValueError, match="does not fit"),
        client("https://127.0.0.1:9", tmp_path),
    ):
        pytest.fail("made")
    assert trust("http://127.0.0.1:9") is None


def test_an_unusable_ca_file_is_named(tmp_path: Path) -> None:
    """The message names a file that is missing or has no certificate in it."""
    (tmp_path / "empty.pem").write_text("none")
    for name in ("missing.pem", "empty.pem"):
        with pytest.raises(TargetError, match=f"--ca-file, .* cannot use .*{name} "):
            trust("https://a.example", tmp_path / name)
