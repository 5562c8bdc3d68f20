"""Whatever is wrong with a command line is said in one sentence, and the exit status is 4."""

import json
import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from reference.service import Steps
from run.cases import nothing_selected
from run.options import DEFAULT_LEVEL, Options, too_few
from spec import contract
from spec.contract import DOCUMENT, READING
from targets.config import Target
from tests.pages import Command, run_by
from tests.running import ORDER, ROOT, Result, python, server, suite
from tests.versions.catalogue import ALTERATIONS

FEW = ("--hypothesis-profile", "smoke", "-k", "near_miss and sku")

WRONG = {
    "unknown target": (
        ("--target", "nowhere"),
        "no target 'nowhere': choose one of its targets (reference,",
    ),
    "empty target": (("--target", ""), "--target is empty: give it a value or leave it out"),
    "empty address": (("--base-url", " "), "this needs --base-url ADDRESS, such as http://local"),
    "empty order": (("--order-id", "O", "--order-id", " "), "--order-id is empty: give it a value"),
    "empty part": (("--shard", ""), "--shard is empty: give it a value or leave it out"),
    "no scheme": (("--base-url", "example.com"), "has no scheme"),
    "production": (("--target", "production"), "add --allow-production api.wizcommerce.com"),
    "production by address": (
        ("--base-url", "https://API.WizCommerce.com.:443/", "--allow-production", "example.com"),
        "add --allow-production api.wizcommerce.com",
    ),
    "level": (("--level", "may"), "--level: 'may' is neither must nor should."),
    "profile": (("--hypothesis-profile", "fast"), "choose one of smoke, gate, deep"),
    "rate": (("--rate-limit", "quick"), "--rate-limit: 'quick' is not a valid rate"),
    "requests": (("--max-requests", "0"), "999999999: write one such as 500."),
    "timeout": (("--request-timeout", "-1"), "from 0.1 to 3600: write one such as 10."),
    "timeout of milliseconds": (("--request-timeout", "0.05"), "--request-timeout: '0.05' is not"),
    "no CA file": (
        ("--base-url", "http://127.0.0.1:9", "--ca-file", "no/such.pem"),
        "--ca-file, or ca_file in targets.toml: cannot use no/such.pem (No such file or directory)",
    ),
    "http": (
        ("--base-url", "http://api.example"),
        "use https, or add --allow-http api.example if that is what you want.",
    ),
    "http of another host": (
        ("--base-url", "http://api.example", "--allow-http", "example.com"),
        "add --allow-http api.example",
    ),
    "part": (("--shard", "5/4"), "--shard: '5/4' is not a part such as 1/4."),
    "parts": (("--shard", "one"), "--shard: 'one' is not a part such as 1/4."),
    "order creation": (
        ("--order-id", "O", "--order-created-at", "yesterday"),
        "--order-created-at: 'yesterday' is not an RFC 3339 date-time",
    ),
    "order creation in the future": (
        ("--order-id", "O", "--order-created-at", "2999-01-01T00:00:00Z"),
        "The orders were created at 2999-01-01T00:00:00+00:00, which is in the future",
    ),
    "order creation of no order": (
        ("--base-url", "http://[::1]:9", "--order-created-at", "2025-01-01T00:00:00Z"),
        "--order-created-at needs an --order-id: name an order that was created then.",
    ),
    "second order too long": (
        ("--order-id", "ORD-1", "--order-id", "x" * 256),
        "(order_id breaks order_id.maxLength): correct --order-id, or order_ids of the target.",
    ),
    "no document": (("--document", "no/such.yaml"), "no/such.yaml: cannot be read"),
    "another document": (("--document", "tox.ini"), "tox.ini"),
    "no reading": (("--reading", "no/such.yaml"), "no/such.yaml: cannot be read"),
}


@pytest.mark.parametrize(("arguments", "sentence"), WRONG.values(), ids=WRONG)
def test_a_wrong_command_line_is_refused_in_one_sentence(
    arguments: tuple[str, ...], sentence: str
) -> None:
    """The sentence says what and where; no packet is sent, and there is no traceback."""
    result = suite(*arguments)
    errors = [line for line in result.output.splitlines() if line.startswith("ERROR: ")]
    assert result.status == 4, result.output
    assert len(errors) == 1, result.output
    assert sentence in errors[0]
    assert "Traceback" not in result.output


@pytest.mark.parametrize(
    "given", [(), ("--hypothesis-profile", "smoke"), ("--target", "reference"), ("--base-url", "")]
)
def test_tox_judges_nothing_at_no_address(given: tuple[str, ...], tmp_path: Path) -> None:
    """Whatever else follows `tox run -e url --`: it would be the reference, and green."""
    result = _by_tox(tmp_path, *given)
    assert result.status == 4, result.output
    (error,) = [line for line in result.output.splitlines() if line.startswith("ERROR: ")]
    assert "this needs --base-url ADDRESS" in error


def test_tox_judges_the_address_that_it_is_given(tmp_path: Path) -> None:
    """Also before another option, and beside a target."""
    with server() as url:
        for given in (("--base-url", url), ("--target", "staging", f"--base-url={url}")):
            result = _by_tox(tmp_path, *given, *ORDER, *FEW)
            assert result.status == 0, result.output
            assert f"target: {url}" in result.output


def _by_tox(folder: Path, *given: str) -> Result:
    """Run what `tox run -e url -- ...` runs, with its reports in this folder."""
    words = ("run", "-e", "url", *(("--", *given) if given else ()))
    ((program, *rest),) = run_by(Command("", 0, "", "tox", words))
    assert program == "pytest"
    rest = [word.replace("reports/output", str(folder)) for word in rest]
    return python("-m", "pytest", *rest, "-p", "no:cacheprovider")


@pytest.mark.parametrize(
    ("most", "shard", "planned", "told"),
    [
        (9, None, 10, "--max-requests allows only 9 requests, and about 10 are planned"),
        (10, None, 10, ""),
        (1, None, 2, "--max-requests allows only 1 request, and about 2 are planned"),
        (20, (0, 4), 6, "--max-requests allows only 5 requests, and about 6 are planned"),
        (20, (0, 4), 5, ""),
        (None, None, 8, "max_requests of the target allows only 7 requests, and about 8"),
        (None, None, 7, ""),
    ],
)
def test_a_limit_below_what_is_planned_is_told_before_the_first_test(
    most: int | None, shard: tuple[int, int] | None, planned: int, told: str
) -> None:
    """One that is as high as what is planned is not; the parts of a run share it."""
    chosen = Options(
        target="mine",
        base_url=None,
        order_ids=(),
        order_created_at=None,
        level=DEFAULT_LEVEL,
        rate=None,
        max_requests=most,
        request_timeout=10.0,
        allow_production=None,
        allow_http=None,
        ca_file=None,
        document=DOCUMENT,
        reading=READING,
        profile="smoke",
        shard=shard,
    )
    said = too_few(chosen, Target("mine", embedded=True, max_requests=7), planned)
    assert said.startswith(told)
    assert bool(said) == bool(told)


def test_a_run_says_above_its_tests_that_its_requests_will_not_do() -> None:
    """It goes on all the same, as what is wanted may be a part."""
    result = suite("--max-requests", "2", *FEW, "-q")
    before, _, after = result.output.partition("allows only 2 requests, and about ")
    assert "conformance" in after
    assert "conformance ==" not in before
    assert "raise the limit, or choose tests with -k" in after


def test_a_conftest_beside_a_document_is_left_alone(tmp_path: Path) -> None:
    """Whose options are those of the suite; also by workers. Where pytest reads it first, one
    sentence says how to write the option, and so does one where its settings are from there.
    """
    text = "def pytest_addoption(parser):\n    parser.addoption('--target')\n"
    (tmp_path / "conftest.py").write_text(text, encoding="utf-8")
    document = tmp_path / "versions" / "openapi.yaml"
    document.parent.mkdir()
    document.write_bytes(DOCUMENT.read_bytes())
    for more in ((), ("-n", "1")):
        done = suite("--document", str(document), *FEW, *more)
        assert done.status == 0, done.output
    for words in ("Another conftest.py has option", "pytest took its settings from"):
        done = python("-m", "pytest", "--document", str(document), "suites")
        assert done.status == 4, done.output
        assert f"ERROR: {words}" in done.output
        assert "write --document=FILE" in done.output
        assert "Traceback" not in done.output
        (tmp_path / "versions" / "pytest.ini").write_text("[pytest]\n", encoding="utf-8")


def test_a_missing_key_is_named_by_its_variable() -> None:
    """Without a key for staging, the sentence says which variable to set."""
    result = suite("--target", "staging", keys={})
    assert result.status == 4
    assert "set WIZCOMMERCE_API_KEY in the environment" in result.output


def test_a_key_too_short_to_hide_is_refused() -> None:
    """A key of five characters cannot be masked in the reports."""
    result = suite("--target", "staging", keys={"WIZCOMMERCE_API_KEY": "12345"})
    assert result.status == 4
    assert "fewer than 6 characters" in result.output


def test_a_document_that_is_not_openapi_3_is_refused(tmp_path: Path) -> None:
    """A Swagger 2 document is refused with one sentence that says so."""
    document = tmp_path / "swagger.yaml"
    document.write_text("swagger: '2.0'\npaths: {}\n", encoding="utf-8")
    result = suite("--document", str(document))
    assert result.status == 4
    assert "is not an OpenAPI 3.0, 3.1 or 3.2 document" in result.output


@pytest.mark.parametrize("quiet", [("-q",), ("-qq",), ("--no-header",), ("-q", "-n", "1")])
def test_a_quiet_run_says_what_it_does_not_ask(tmp_path: Path, quiet: tuple[str, ...]) -> None:
    """Of a new document too; what it changes, and the usual lines, are left out."""
    document = tmp_path / "new.yaml"
    text = DOCUMENT.read_text(encoding="utf-8")
    remarks = "          example: Remarks\n"
    new = "        customer_id:\n          type: string\n"
    document.write_text(text.replace(remarks, remarks + new), encoding="utf-8")
    result = suite("-k", "nothing_at_all", "--document", str(document), *quiet)
    assert result.output.count("left out of valid invoices: customer_id (not in the reading)") == 1
    assert "changes: " not in result.output
    assert "target: " not in result.output
    loud = suite("-k", "nothing_at_all", "--document", str(document))
    assert loud.output.count("left out of valid invoices: customer_id") == 1
    assert "changes: 2" in loud.output


def test_a_run_without_a_terminal_tells_nobody() -> None:
    """Nor does it fail: there is nothing to write to, as with `-p no:terminal`."""
    result = suite("-k", "nothing_at_all", "-p", "no:terminal", "-o", "addopts=")
    assert (result.status, result.output) == (5, "")


def test_a_base_url_goes_before_a_target() -> None:
    """As `tox run -e staging -- --base-url URL` has it: a line says that the target is left out."""
    with server() as url:
        result = suite("--target", "staging", "--base-url", url, *ORDER, *FEW)
    assert result.status == 0, result.output
    assert f"target: {url}" in result.output
    assert "--target staging is ignored, because --base-url is given" in result.output


def test_another_reading_changes_what_must_be_accepted(tmp_path: Path) -> None:
    """A reading without the limit of items makes another set of requirements."""
    text = (ROOT / "spec" / "reading.yaml").read_text(encoding="utf-8")
    reading = tmp_path / "reading.yaml"
    reading.write_text(text, encoding="utf-8")
    result = suite("--reading", str(reading), *FEW, "--reports", str(tmp_path))
    assert result.status == 0, result.output
    record = json.loads((tmp_path / "run.json").read_text(encoding="utf-8"))
    assert record["reading"]["file"] == str(reading)


def test_the_parts_of_a_run_are_the_run() -> None:
    """Each test is in one of them."""

    def collected(*options: str) -> list[str]:
        printed = suite("--collect-only", "-q", *FEW, *options).output
        return [line for line in printed.splitlines() if line.startswith("suites/")]

    whole = collected()
    parts = [collected("--shard", f"{part}/3") for part in (1, 2, 3)]
    assert sorted(test for part in parts for test in part) == sorted(whole)
    assert all(abs(len(part) - len(whole) / 3) < 1 for part in parts)


COMMANDS = (
    *("reports.accept", "reports.compare", "reports.output", "reports.waive"),
    *("reports.notice", "reports.allure.html", "run.replay", "run.merge", "spec.diff"),
    *("proof", "reference", "mirror", "bench", "bench.client", "bench.regression", "bench.peers"),
    *("docs.transcript", "tests.versions"),
)


@pytest.mark.parametrize("module", COMMANDS)
def test_a_command_has_help_and_ends_with_4_on_wrong_usage(module: str) -> None:
    """One sentence that begins with the command."""
    helped = python("-m", module, "--help")
    assert helped.status == 0, helped.output
    assert f"usage: python -m {module}" in helped.output
    wrong = python("-m", module, "--no-such-option")
    assert wrong.status == 4, wrong.output
    assert wrong.output.splitlines()[-1].startswith(f"python -m {module}: ")


@pytest.mark.parametrize("module", ["reports.accept", "reports.waive", "run.replay"])
def test_a_command_without_a_record_ends_with_4(module: str, tmp_path: Path) -> None:
    """The sentence names the file."""
    (tmp_path / "wrong.json").write_text("[]", encoding="utf-8")
    for name, words in (
        ("no.json", "no.json: No such file or directory; run the suite first."),
        ("wrong.json", "wrong.json is not the record of a run."),
    ):
        done = python("-m", module, str(tmp_path / name))
        assert done.status == 4, done.output
        assert words in done.output
        assert "Traceback" not in done.output


@pytest.mark.parametrize("orders", [ORDER, (*ORDER, "--order-id", "ORD-2")], ids=["one", "two"])
def test_as_many_requests_are_planned_as_are_sent(orders: tuple[str, ...]) -> None:
    """Those before the first test and the second of a probe among them; a mixture of unusual values
    may be sent again, which is why it says about.
    """
    with server(replace(Steps(), find_order=lambda *_: datetime(2020, 1, 1, tzinfo=UTC))) as url:
        done = suite("--base-url", url, *orders, "-k", "probe")
    assert done.status == 0, done.output
    planned = re.search(r"requests planned: about (\d+)", done.output)
    assert planned is not None
    assert f"{planned[1]} requests sent" in done.output


def test_a_k_by_the_requirement_of_a_parameter_is_led_to_its_place(tmp_path: Path) -> None:
    """Its tests have the place alone in their names, and no requirement is nearer than itself."""
    loaded = contract.load(ALTERATIONS["a number in the query"].write(tmp_path / "next.yaml"))
    said = nothing_selected("query.version.minimum", loaded)
    assert said.endswith("(did you mean query.version?)")


def test_a_k_by_the_requirement_of_a_parameter_selects_its_tests(tmp_path: Path) -> None:
    """By the name that a finding has, as for any other requirement."""
    document = ALTERATIONS["a number in the query"].write(tmp_path / "next.yaml")
    options = "--document", str(document), "--collect-only", "-q", "-k", "query.version.minimum"
    done = suite("--base-url", "http://127.0.0.1:9", *ORDER, *options)
    assert "test_a_wrong_parameter_is_refused[0 in query.version]" in done.output, done.output


def test_a_k_that_selects_nothing_names_the_requirement_that_is_near() -> None:
    """A letter too many in its name; of a word that is like none, only that there is none."""
    with server() as url:
        near = suite("--base-url", url, *ORDER, "-k", "items[].skuu.maxLength")
        other = suite("--base-url", url, *ORDER, "-k", "zzz")
    assert near.status == other.status == 5, near.output
    said = "-k 'items[].skuu.maxLength': no test has that in its name"
    assert f"{said} (did you mean items[].sku.maxLength?)" in near.output
    assert "-k 'zzz': no test has that in its name\n" in other.output
