"""Nobody sends requests to production by accident, however its host name is written."""

from pathlib import Path

import pytest

from spec import contract
from spec.contract import DOCUMENT
from targets.config import host_of, is_loopback, normal_url
from targets.errors import TargetError
from targets.guard import refuse_plain_http, refuse_production
from tests.running import suite

SERVERS = (
    ("https://api.wizcommerce.com", "Production BaseURL"),
    ("https://api-staging.sourcerer.tech", "Staging BaseURL"),
)
HOST = "api.wizcommerce.com"
DASHES = (
    "-",
    "--",
    "~",
    *"\u2010\u2011\u2012\u2013\u2014\u2015\u2053\u2212\u2e3a\ufe58\ufe63\uff0d",
)


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
    with pytest.raises(TargetError, match=f"--allow-production {HOST}"):
        refuse_production(normal_url(url), SERVERS, None)
    with pytest.raises(TargetError, match="--allow-production"):
        refuse_production(normal_url(url), SERVERS, "api-staging.sourcerer.tech")


@pytest.mark.parametrize("allowed", [HOST, "API.WIZCOMMERCE.COM", "api.wizcommerce.com."])
def test_production_is_allowed_when_its_host_is_named(allowed: str) -> None:
    """The option must name the host, and the URL must use https."""
    refuse_production("https://api.wizcommerce.com", SERVERS, allowed)
    with pytest.raises(TargetError, match="use https"):
        refuse_production("http://api.wizcommerce.com", SERVERS, allowed)


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
    refuse_production(normal_url(url), SERVERS, None)
    assert host_of(normal_url(url)) != HOST


def guarded(host: str, *servers: tuple[str, str]) -> bool:
    """Whether a host needs the option, where a document has these servers."""
    try:
        refuse_production(f"https://{host}", servers, None)
    except TargetError:
        return True
    return False


@pytest.mark.parametrize(
    ("description", "expected"),
    [
        ("Production BaseURL", True),
        ("PROD", True),
        ("Live system", True),
        ("", True),
        ("Europe", True),
        ("The latest, for developers", True),
        ("Production, not for any test", True),
        ("Not a test system", True),
        ("This isn't staging", True),
        ("This isn’t staging", True),
        ("Non-test", True),
        ("NO DEMO", True),
        ("Test: false", True),
        ("Test system? No.", True),
        ("For tests, use the sandbox", True),
        ("A contest", True),
        ("For attestation", True),
        ("Protestation, detest, devious, demonstration", True),
        ("äTest", True),
        ("Sandbox. No invoice here is real.", False),
        ("TEST", False),
        ("Test environment for each tenant", False),
        ("Test environment of each tenant", True),
        ("Development of new markets (EU)", True),
        ("Development of new markets", True),
        ("Sandbox of new features", True),
        ("Sandbox for new features", False),
        ("Staging BaseURL", False),
        ("Demo", False),
        ("**Sandbox** (EU)", False),
        ("The public sandbox API, free of charge", False),
        ("  Development server - for partners", False),
        ("Sandbox for partners", False),
        ("Staging: resets each night", False),
        ("Test environment", False),
        ("Dev", False),
        ("Our demo", False),
        ("Test before you deploy here", True),
        ("Test in your own account first", True),
        ("Demo customers are removed", True),
        ("Dev Null Ltd", True),
        ("Same data model as staging", True),
        ("Replaces the old sandbox", True),
        ("Promoted from staging every night; real customers", True),
        ("Produktion; Test auf sandbox.a.example", True),
        ("Europe. Sandbox: https://sandbox.a.example", True),
        ("Sandbox and production", True),
        ("Not for orders; staging", True),
        ("Product sandbox", True),
        ("for tests: test_2", True),
        ("Test-drive our real API", True),
        ("Test-drive the new API", True),
        *((f"Test{dash}drive the new API", True) for dash in DASHES),
        *((f"Test {dash} resets each night", False) for dash in DASHES),
        *((f"Demo {dash} all customers of Asia", True) for dash in DASHES),
        *((f"Demo{dash}all customers of Asia", True) for dash in DASHES),
        ("Sandbox - each invoice is billed", True),
        ("Staging – customers in Asia", True),
        ("Demo - for paying customers", True),
        ("Demo for all paying customers", True),
        ("Staging. Real invoices are sent from here", True),
        ("Staging: use it with actual money", True),
        ("test.a.example is the sandbox", True),
        ("sandbox.b.example stands in", True),
        ("Sandbox-API", False),
        ("Test-Server", False),
        ("Staging – resets each night", False),
        ("Sandbox. No real customers, no money", False),
        ("Test/dev environment", False),
    ],
)
def test_a_server_is_production_unless_it_says_otherwise(description: str, expected: bool) -> None:  # noqa: FBT001 - a column of the table
    """Only a description that begins with a server for trials takes it from the guard."""
    assert guarded("a.example", ("https://a.example/v2", description)) is expected
    assert not guarded("b.example", ("https://a.example/v2", description))


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://{region}.wizcommerce.com", "eu.wizcommerce.com"),
        ("https://{region}.wizcommerce.com", "eu.west.wizcommerce.com"),
        ("https://api.{domain}", "api.anything.example"),
        ("https://{prefix}api.wizcommerce.com/{version}", "api.wizcommerce.com"),
        ("https://{a}-{b}.wizcommerce.com:{port}/v1", "x-y.wizcommerce.com"),
        ("{scheme}://api.wizcommerce.com", "api.wizcommerce.com"),
        ("{scheme}://{host}", "anything.example"),
        ("{url}", "anything.example"),
        ("//api.wizcommerce.com/v1", "api.wizcommerce.com"),
        ("api.wizcommerce.com/v1", "api.wizcommerce.com"),
        ("HTTPS://API.WizCommerce.com.", "api.wizcommerce.com"),
        ("https://user@bücher.example:8443", "xn--bcher-kva.example"),
        ("https://{region}.Bücher.example.", "eu.xn--bcher-kva.example"),
        ("https://{region}%2Ewizcommerce.com", "eu.wizcommerce.com"),
        (" https://api.wizcommerce.com ", "api.wizcommerce.com"),
        ("https://api.wiz\ncommerce.com", "api.wizcommerce.com"),
        ("https://[{address}]:8443", "[2001:db8::1]"),
        ("https://[fe80::1%25eth0]", "[fe80::1]"),
    ],
)
def test_whatever_a_server_can_name_is_guarded(url: str, host: str) -> None:
    """A variable stands for any text; a URL may lack its scheme."""
    assert guarded(host, (url, "Europe"))
    assert not guarded("api.example.org", ("https://{region}.wizcommerce.com", "Europe"))


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://{region}.wizcommerce.com", "wizcommerce.com"),
        ("https://{region}.wizcommerce.com", "eu.wizcommerce.com.example.org"),
        ("https://{region}.wizcommerce.com", "staging.wizcommerce.com"),
        ("https://ab{x}ba.example", "aba.example"),
        ("https://{a}.b.{c}.example", "a.c.b.example"),
        ("/v1", "v1.example"),
        ("v1/api", "v1"),
        ("", "a.example"),
        ("https://{x}", "127.0.0.1"),
    ],
)
def test_what_a_server_cannot_name_or_calls_a_trial_is_not_guarded(url: str, host: str) -> None:
    """The rest of the host has to be there; this machine is never production."""
    assert not guarded(host, (url, ""))


ADDRESSES = {
    "203.0.113.7": (
        *("203.0.113.7:444", "3405803783", "0xCB007107", "0313.0.0161.07", "203.0.0x7107"),
        *("203.0.113.7.", "%3203.0.113.7", "２03.0.113.7", "[::ffff:203.0.113.7]"),
        *("[::FFFF:cb00:7107]", "[0:0:0:0:0:ffff:cb00:7107]"),
    ),
    "2001:db8::1": ("[2001:DB8:0:0:0:0:0:1]", "[2001:0db8::0001]:8443", "[2001:db8:0::0.0.0.1]"),
}
"""Spellings by the address that they all have."""


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_address_is_guarded_however_it_is_written(address: str) -> None:
    """In the document, in the base URL and in the option."""
    for one in ADDRESSES[address]:
        url = normal_url(f"https://{one}")
        assert host_of(url) == address
        for other in ADDRESSES[address]:
            servers = ((f"https://{other}/v1", "Europe"),)
            with pytest.raises(TargetError, match=f"{address} is production"):
                refuse_production(url, servers, None)
            refuse_production(url, servers, one.partition("]:")[0].removesuffix(":444"))
    neighbours = {"203.0.113.7": "203.0.113.8", "2001:db8::1": "[2001:db8::2]"}
    assert not guarded(neighbours[address], (f"https://{ADDRESSES[address][0]}", "Europe"))


@pytest.mark.parametrize(
    "host",
    [
        *("no-test.a.example", "latest.a.example", "xn--test-boa.example", "api.a.dev"),
        *("live.test.a.example", "test-prod.a.example"),
    ],
)
def test_a_host_that_only_looks_like_a_trial_is_guarded(host: str) -> None:
    """A word of a host counts whole, and not where it is denied or is part of another script."""
    assert guarded(host, ("https://{host}", "Europe"))
    for trial in ("staging.a.no", "dev.a.dev", "api.a.test"):
        assert not guarded(trial, ("https://{host}", "Europe"))


def test_many_variables_are_read_at_once() -> None:
    """However a template is written, a host is compared with it in one pass."""
    assert not guarded("a" * 250, ("https://" + "{x}a" * 200 + "b", ""))


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
        ("ftp://a.example", "has the scheme ftp: only http and https work"),
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
        ("http://[::1].evil.example", "not a valid URL"),
        ("https://a..example", "not a valid host name"),
        ("https://[fe80::1%25eth0]", "not a valid host name"),
        ("https://[v1.a]", "around an IPv6 address alone"),
        ("https://256.1.1.1", "Invalid IPv4 address"),
        ("https://a.example:0", "nothing listens"),
        ("https://a.example/" + "a" * 4000, "at most 4000 characters"),
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
        ("http://a.example/ü/%20b", "http://a.example/%C3%BC/%20b"),
        ("http://web.1:8080", "http://web.1:8080"),
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
        ("http://localhost.:1", True),
        ("http://127.1", True),
        ("http://2130706433", True),
        ("http://[::ffff:127.0.0.1]", True),
        ("http://api.localhost", False),
        ("http://localhost.example", False),
        ("http://10.0.0.1", False),
    ],
)
def test_loopback_is_this_machine_only(url: str, loopback: bool) -> None:  # noqa: FBT001 - a column of the table
    """Loopback addresses and `localhost` itself; any name below it is what a resolver says."""
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


@pytest.mark.parametrize(
    ("variables", "host"),
    [
        ("", "eu.wizcommerce.com"),
        ("    variables: {region: {enum: [eu, us], default: eu}}\n", "us.wizcommerce.com"),
        ("    variables: {region: {enum: [eu, us], default: eu}}\n", "ap.wizcommerce.com"),
    ],
)
def test_a_template_of_a_document_is_guarded(tmp_path: Path, variables: str, host: str) -> None:
    """A variable may be anything, listed or not."""
    altered = tmp_path / "altered.yaml"
    text = DOCUMENT.read_text(encoding="utf-8")
    url = "  - url: https://{region}.wizcommerce.com\n    description: Regions\n"
    altered.write_text(text.replace("servers:\n", f"servers:\n{url}{variables}", 1))
    result = suite("--document", str(altered), "--base-url", f"https://{host}")
    assert result.status == 4
    assert f"add --allow-production {host}" in result.output
    assert not guarded("staging.wizcommerce.com", *contract.load(altered).operation.servers)


OTHERS = """  /v1/orders:
    servers: [{url: https://c.example}]
    get:
      servers: [{url: https://d.example}]
      responses: {}
"""


def test_the_servers_of_other_operations_are_guarded(tmp_path: Path) -> None:
    """They are production as well: an address that was copied from a wrong line."""
    altered = tmp_path / "altered.yaml"
    text = DOCUMENT.read_text(encoding="utf-8")
    altered.write_text(text.replace("paths:\n", f"paths:\n{OTHERS}", 1))
    servers = contract.load(altered).operation.servers
    assert guarded("c.example", *servers)
    assert guarded("d.example", *servers)
    assert not guarded("e.example", *servers)


@pytest.mark.parametrize("place", ["/v1/invoices:\n", "    post:\n"])
def test_the_servers_of_a_path_and_of_an_operation_are_guarded(tmp_path: Path, place: str) -> None:
    """They go before those of the document."""
    altered = tmp_path / "altered.yaml"
    text = DOCUMENT.read_text(encoding="utf-8")
    indent = " " * (4 if "post" not in place else 6)
    altered.write_text(
        text.replace(place, f"{place}{indent}servers: [{{url: https://b.example}}]\n", 1)
    )
    assert guarded("b.example", *contract.load(altered).operation.servers)
