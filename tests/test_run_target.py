"""How a run gets to a target: by a client certificate, a proxy, header fields of its own."""

import json
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme
from starlette.types import ASGIApp, Receive, Scope, Send

from reference.server import serving
from reports.record import watched
from targets.config import load_targets
from targets.errors import TargetError
from tests.copying import add_target, copied
from tests.fronts import fronted, page
from tests.running import KEY, application, python, server
from tests.tunnels import behind_tls, proxy
from watch import baseline

ORDERS = 'order_ids = ["ORD-1"]\norder_created_at = 2020-01-01T00:00:00Z'


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """A copy of the suite, whose targets a test may change."""
    return copied(tmp_path / "suite")


def _run(here: Path, *options: str) -> tuple[int, str]:
    words = ("-m", "pytest", "suites", "-p", "no:cacheprovider", "-q", "-k", "near_miss and sku")
    done = python(*words, "--hypothesis-profile", "smoke", *options, here=here)
    return done.status, done.output


@contextmanager
def _for_tenants() -> Iterator[str]:
    """The reference behind a front that lets only one tenant through."""

    def only_blue(app: ASGIApp) -> ASGIApp:
        async def checked(scope: Scope, receive: Receive, send: Send) -> None:
            known = (b"x-tenant", b"blue") in scope.get("headers", [])
            await (app if known else page(404))(scope, receive, send)

        return checked

    with application() as app, serving(only_blue(app)) as url:
        yield url


def test_the_headers_of_a_target_go_with_every_request(elsewhere: Path) -> None:
    """Without them the front answers, with them the API."""
    with _for_tenants() as url:
        add_target(elsewhere, "plain", f'base_url = "{url}"\n{ORDERS}')
        add_target(elsewhere, "blue", f'base_url = "{url}"\n{ORDERS}\nheaders.X-Tenant = "blue"')
        status, output = _run(elsewhere, "--target", "plain")
        assert (status, "is the path right?" in output) == (6, True), output
        status, output = _run(elsewhere, "--target", "blue")
        assert status == 0, output


def test_a_client_certificate_of_a_target_is_shown(elsewhere: Path) -> None:
    """The paths are relative to the file of targets; the key may be in the same file."""
    authority = trustme.CA()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.verify_mode = ssl.CERT_REQUIRED
    authority.configure_trust(context)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.cert_pem.write_to_path(str(elsewhere / "ca.pem"))
    mine = authority.issue_cert("client@example.org")
    mine.private_key_and_cert_chain_pem.write_to_path(str(elsewhere / "mine.pem"))
    with server() as plain, behind_tls(plain, context) as url:
        common = f'base_url = "{url}"\n{ORDERS}\nca_file = "ca.pem"'
        add_target(elsewhere, "without", common)
        add_target(elsewhere, "with", f'{common}\nclient_cert = "mine.pem"')
        status, output = _run(elsewhere, "--target", "without")
        assert (status, "it demands a client certificate" in output) == (6, True), output
        status, output = _run(elsewhere, "--target", "with")
        assert status == 0, output


def test_the_last_day_of_a_certificate_is_news(elsewhere: Path) -> None:
    """Where it is near, and where it is another one than when answers were accepted; a run conforms
    all the same.
    """
    authority, out = trustme.CA(), elsewhere / "reports" / "output"
    authority.cert_pem.write_to_path(str(elsewhere / "ca.pem"))
    targets = elsewhere / "targets.toml"
    plain_text = targets.read_text(encoding="utf-8")
    last = [datetime.now(UTC) + timedelta(days=days, hours=1) for days in (20, 90)]
    soon, later = (str(each.date()) for each in last)
    told = []
    for ends in last:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        authority.issue_cert("127.0.0.1", not_after=ends).configure_cert(context)
        with server() as plain, behind_tls(plain, context) as url:
            targets.write_text(plain_text, encoding="utf-8")
            add_target(elsewhere, "mine", f'base_url = "{url}"\n{ORDERS}\nca_file = "ca.pem"')
            status, output = _run(elsewhere, "--target", "mine", "--reports", str(out))
        assert status == 0, output
        told.append((output, (out / "summary.md").read_text(encoding="utf-8")))
        record = json.loads((out / "run.json").read_text(encoding="utf-8"))
        assert record["certificate"]["last_day"] == str(ends.date())
        seen = watched(record)
        baseline.file_of("mine", elsewhere / "spec" / "baselines").write_text(
            baseline.text_of(seen, seen), encoding="utf-8"
        )
    assert all("he certificate ends in 20 days" in text for text in told[0])
    assert all("a new certificate" not in text for text in told[0])
    changed = f"a new certificate: its last day is {later}, it was {soon}"
    assert all(changed in text for text in told[1])
    assert all("certificate ends" not in text for text in told[1])


def test_a_proxy_of_a_target_opens_its_connections(elsewhere: Path) -> None:
    """For http it is told the whole URL, for https it opens a tunnel to the host."""
    authority = trustme.CA()
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.cert_pem.write_to_path(str(elsewhere / "ca.pem"))
    asked: list[str] = []
    with server() as plain, behind_tls(plain, context) as secure, proxy(asked) as through:
        for name, url in (("plain", plain), ("secure", secure)):
            settings = f'base_url = "{url}"\n{ORDERS}\nproxy = "{through}"\nca_file = "ca.pem"'
            add_target(elsewhere, name, settings)
            status, output = _run(elsewhere, "--target", name)
            assert status == 0, output
        hosts = {url.partition("//")[2] for url in (plain, secure)}
    assert {line.split()[0] for line in asked} == {"POST", "CONNECT"}
    assert any(line.startswith(f"POST {plain}/v1/invoices HTTP/1.1") for line in asked)
    assert all(any(host in line for host in hosts) for line in asked)
    assert KEY not in str(asked)


def test_a_proxy_that_opens_no_connection_says_why(elsewhere: Path) -> None:
    """That is the network's, and could not tell."""
    with proxy([], status=403) as through:
        settings = f'base_url = "https://api.example"\nproxy = "{through}"'
        add_target(elsewhere, "mine", settings)
        status, output = _run(elsewhere, "--target", "mine")
    assert status == 6, output
    assert f"The proxy {through} opens no connection to this target (403 No)" in output


def test_a_proxy_that_cannot_be_reached_is_named_as_the_proxy(elsewhere: Path) -> None:
    """Its address is none of the target's."""
    for scheme in ("http", "https"):
        settings = f'base_url = "{scheme}://localhost:9"\nproxy = "http://127.0.0.1:9"'
        add_target(elsewhere, f"mine-{scheme}", settings)
        status, output = _run(elsewhere, "--target", f"mine-{scheme}")
        assert status == 6, output
        assert "Cannot connect to the proxy http://127.0.0.1:9 (" in output
        assert "check proxy in targets.toml" in output


def test_a_proxy_is_named_where_something_else_than_the_api_answers(elsewhere: Path) -> None:
    """The answer may be the proxy's own."""
    with fronted(lambda _number, _body: page(403)) as front, proxy([]) as through:
        settings = f'base_url = "{front}"\nproxy = "{through}"\n{ORDERS}'
        add_target(elsewhere, "mine", settings)
        status, output = _run(elsewhere, "--target", "mine")
    assert status == 6, output
    assert "Something in front of the API answered" in output
    assert f"It was asked through {through}, the proxy in targets.toml." in output


def test_a_certificate_behind_a_proxy_is_the_targets(elsewhere: Path) -> None:
    """The tunnel is open; whose authority is unknown is the server at its end."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    with server() as plain, behind_tls(plain, context) as secure, proxy([]) as through:
        settings = f'base_url = "{secure}"\nproxy = "{through}"\n{ORDERS}'
        add_target(elsewhere, "mine", settings)
        status, output = _run(elsewhere, "--target", "mine")
    assert status == 6, output
    assert "The certificate of 127.0.0.1 is not trusted (" in output
    assert "with --ca-file, or as ca_file of the target" in output


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ('proxy = "https://proxy.example"', "proxy must be the address of a proxy without a pass"),
        ('proxy = "http://me:secret@proxy.example"', "takes no user or password"),
        ('headers = ["X-A"]', "headers must be a table of header fields"),
        ('headers.X-A = "a\\nb"', "headers must be a table of header fields"),
        ("headers.X-A = 1", "headers must be a table of header fields"),
        ('headers.Authorization = "Bearer x"', "the header Authorization looks like a key"),
        ('headers.X-API-Key = "x"', "the header X-API-Key looks like a key"),
        ('headers.Content-Type = "text/plain"', "the suite sets the header Content-Type itself"),
        ('client_key = "mine.pem"', "has a client_key but no client_cert: add it"),
    ],
)
def test_a_wrong_setting_is_one_sentence(settings: str, words: str, tmp_path: Path) -> None:
    """File, line and what to do; no secret is shown."""
    file = tmp_path / "targets.toml"
    file.write_text(f'[mine]\nbase_url = "https://a.example"\n{settings}\n', encoding="utf-8")
    with pytest.raises(TargetError) as refused:
        load_targets(file)
    assert words in str(refused.value)
    assert "secret@" not in str(refused.value)


def test_an_unusable_client_certificate_is_named(elsewhere: Path) -> None:
    """Before any packet: wrong usage."""
    settings = 'base_url = "https://127.0.0.1:9"\nclient_cert = "no.pem"'
    add_target(elsewhere, "mine", settings)
    status, output = _run(elsewhere, "--target", "mine")
    assert status == 4, output
    assert "client_cert in targets.toml: cannot use " in output
    assert "Traceback" not in output
