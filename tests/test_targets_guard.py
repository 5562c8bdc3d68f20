"""Nobody sends requests to production by accident, however its host name is written."""

from pathlib import Path

import pytest

from spec.contract import DOCUMENT
from targets.config import (
    host_of,
    is_loopback,
    normal_url,
    production_hosts,
    refuse_plain_http,
    refuse_production,
)
from targets.errors import TargetError
from tests.running import suite

SERVERS = (
    ("https://api.wizcommerce.com", "Production BaseURL"),
    ("https://api-staging.sourcerer.tech", "Staging BaseURL"),
)
HOST = "api.wizcommerce.com"


@pytest.mark.parametrize(
    "url",
    [
        "https://api.wizcommerce.com",
        "https://api.wizcommerce.com/",
        "https://API.WizCommerce.COM/v1",
        "HTTPS://api.wizcommerce.com",
        "https://api.wizcommerce.com.",
        "https://api.wizcommerce.com:443",
        "https://api.wizcommerce.com:8443",
        "https://%61pi.wizcommerce.com",
        "https://api%2Ewizcommerce%2ecom",
        "https://ａｐｉ.wizcommerce.com",
        "https://api。wizcommerce．com",
        "https://api.wiz\u00adcommerce.com",
        "https://api.wizcommerce.com%2E",
        "http://api.wizcommerce.com",
    ],
)
def test_production_is_refused_however_it_is_written(url: str) -> None:
    """Case, port, final dot, percent escapes and IDNA do not hide the host."""
    hosts = production_hosts(SERVERS)
    with pytest.raises(TargetError, match=f"--allow-production {HOST}"):
        refuse_production(normal_url(url), hosts, None)
    with pytest.raises(TargetError, match="--allow-production"):
        refuse_production(normal_url(url), hosts, "api-staging.sourcerer.tech")


@pytest.mark.parametrize("allowed", [HOST, "API.WIZCOMMERCE.COM", "api.wizcommerce.com."])
def test_production_is_allowed_when_its_host_is_named(allowed: str) -> None:
    """The option must name the host, and the URL must use https."""
    hosts = production_hosts(SERVERS)
    refuse_production("https://api.wizcommerce.com", hosts, allowed)
    with pytest.raises(TargetError, match="use https"):
        refuse_production("http://api.wizcommerce.com", hosts, allowed)


@pytest.mark.parametrize(
    "url",
    [
        "https://api-staging.sourcerer.tech",
        "http://127.0.0.1:8080",
        "https://wizcommerce.com",
        "https://api.wizcommerce.com.example.org",
    ],
)
def test_other_hosts_need_no_option(url: str) -> None:
    """The guard refuses production hosts only."""
    refuse_production(normal_url(url), production_hosts(SERVERS), None)
    assert host_of(normal_url(url)) != HOST


@pytest.mark.parametrize(
    ("description", "guarded"),
    [
        ("Production BaseURL", True),
        ("PROD", True),
        ("Live system", True),
        ("", True),
        ("Staging BaseURL", False),
        ("Product sandbox", False),
    ],
)
def test_production_is_recognised_by_its_description(description: str, guarded: bool) -> None:  # noqa: FBT001 - a column of the table
    """A server is production when its description says so, or is empty."""
    hosts = production_hosts([("https://a.example/v2", description), ("/relative", "Production")])
    assert hosts == ({"a.example"} if guarded else set())


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("api.example.com", "no scheme and host"),
        ("localhost:8080", "no scheme and host"),
        ("//a.example", "no scheme and host"),
        ("https://", "no scheme and host"),
        ("https:///v1", "no scheme and host"),
        ("", "no scheme and host"),
        ("file:///etc/passwd", "no scheme and host"),
        ("https://user:hidden@a.example", "no user or password"),
        ("https://hidden@a.example", "no user or password"),
        ("https://a.example@", "no user or password"),
        ("https://a.example?x=1", "query or fragment"),
        ("https://a.example/?", "query or fragment"),
        ("https://a.example/#top", "query or fragment"),
        ("https://a.example\\@b.example", "backslash"),
        ("https://a.example/\nb", "control character"),
        (" https://a.example", "a space"),
        ("https://a.example:port", "not a valid URL"),
        ("https://a.example:99999", "not a valid URL"),
        ("https://[::1", "not a valid URL"),
        ("https://a..example", "not a valid host name"),
        ("https://a%2fb.example", "not a valid host name"),
        ("https://" + "a" * 70 + ".example", "not a valid host name"),
    ],
)
def test_an_invalid_base_url_is_refused(url: str, words: str) -> None:
    """One sentence says what is wrong, without repeating a password."""
    with pytest.raises(TargetError) as error:
        normal_url(url)
    assert words in str(error.value)
    assert "hidden" not in str(error.value)
    assert str(error.value).endswith(".")


@pytest.mark.parametrize(
    ("url", "normal"),
    [
        ("HTTP://Localhost:80/", "http://localhost"),
        ("https://a.example:443/base//", "https://a.example/base"),
        ("http://[::1]:8080", "http://[::1]:8080"),
        ("http://bücher.example", "http://xn--bcher-kva.example"),
        ("http://a_b.example:8080/Base", "http://a_b.example:8080/Base"),
    ],
)
def test_a_base_url_has_one_normal_form(url: str, normal: str) -> None:
    """The guard and the client use the same normal form."""
    assert normal_url(url) == normal
    assert normal_url(normal) == normal


@pytest.mark.parametrize(
    ("url", "loopback"),
    [
        ("http://127.0.0.1:8080", True),
        ("http://127.8.9.1", True),
        ("http://[::1]", True),
        ("http://localhost", True),
        ("http://api.localhost", True),
        ("http://localhost.example", False),
        ("http://10.0.0.1", False),
    ],
)
def test_loopback_is_this_machine_only(url: str, loopback: bool) -> None:  # noqa: FBT001 - a column of the table
    """Loopback addresses and localhost names (RFC 6761, section 6.3) stay on this machine."""
    assert is_loopback(normal_url(url)) is loopback


@pytest.mark.parametrize(
    "url",
    [
        "http://a.example",
        "HTTP://A.Example:8080/base",
        "http://a.example.",
        "http://10.0.0.1",
        "http://127.0.0.1.example",
        "http://0.0.0.0",
        "http://[fe80::1]",
    ],
)
def test_plain_http_to_another_machine_is_refused(url: str) -> None:
    """The key would be readable on its way; naming the host allows it, naming another does not."""
    base_url = normal_url(url)
    host = host_of(base_url)
    with pytest.raises(TargetError, match=f"--allow-http {host} ") as error:
        refuse_plain_http(base_url, None)
    assert str(error.value).endswith(".")
    with pytest.raises(TargetError, match=f"--allow-http {host} "):
        refuse_plain_http(base_url, "b.example")
    refuse_plain_http(base_url, host)
    refuse_plain_http(base_url, f"{host.upper()}.")


@pytest.mark.parametrize(
    "url", ["https://a.example", "http://127.0.0.1:8080", "http://localhost", "http://[::1]:80"]
)
def test_https_and_this_machine_need_no_option(url: str) -> None:
    """Nobody else reads along."""
    refuse_plain_http(normal_url(url), None)


def test_an_ip_address_may_be_allowed_in_brackets() -> None:
    """As it stands in a URL."""
    refuse_plain_http("http://[fe80::1]:8080", "[FE80::1]")


def test_an_altered_document_does_not_remove_the_guard(tmp_path: Path) -> None:
    """The vendor's production stays guarded when `--document` describes it otherwise."""
    altered = tmp_path / "altered.yaml"
    text = DOCUMENT.read_text(encoding="utf-8")
    altered.write_text(text.replace("Production BaseURL", "Sandbox"), encoding="utf-8")
    assert altered.read_bytes() != DOCUMENT.read_bytes()
    result = suite("--document", str(altered), "--base-url", f"https://{HOST}")
    assert result.status == 4
    assert f"add --allow-production {HOST}" in result.output


def test_an_altered_document_guards_its_own_production(tmp_path: Path) -> None:
    """A host that only `--document` describes as production is guarded as well."""
    altered = tmp_path / "altered.yaml"
    text = DOCUMENT.read_text(encoding="utf-8")
    altered.write_text(text.replace(f"https://{HOST}", "https://a.example"), encoding="utf-8")
    result = suite("--document", str(altered), "--base-url", "https://a.example")
    assert result.status == 4
    assert "add --allow-production a.example" in result.output
