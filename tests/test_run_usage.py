"""Whatever is wrong with a command line is said in one sentence, and the exit status is 4."""

from pathlib import Path

import pytest

from tests.running import suite

WRONG = {
    "unknown target": (
        ("--target", "nowhere"),
        "no target 'nowhere': choose one of its targets (reference,",
    ),
    "no scheme": (("--base-url", "example.com"), "has no scheme"),
    "two places": (("--target", "staging", "--base-url", "http://[::1]:9"), "exclude each other"),
    "production": (("--target", "production"), "add --allow-production api.wizcommerce.com"),
    "production by address": (
        ("--base-url", "https://API.WizCommerce.com.:443/", "--allow-production", "example.com"),
        "add --allow-production api.wizcommerce.com",
    ),
    "level": (("--level", "may"), "--level: 'may' is neither must nor should."),
    "profile": (("--hypothesis-profile", "fast"), "choose one of smoke, gate, deep"),
    "rate": (("--rate-limit", "quick"), "--rate-limit: 'quick' is not a valid rate"),
    "requests": (("--max-requests", "0"), "--max-requests: '0' is not a whole number from 1"),
    "timeout": (("--request-timeout", "-1"), "--request-timeout: '-1' is not a number of seconds"),
    "order creation": (
        ("--order-id", "O", "--order-created-at", "yesterday"),
        "--order-created-at: 'yesterday' is not an RFC 3339 date-time",
    ),
    "order creation of no order": (
        ("--base-url", "http://[::1]:9", "--order-created-at", "2025-01-01T00:00:00Z"),
        "--order-created-at needs an --order-id",
    ),
    "no document": (("--document", "no/such.yaml"), "no/such.yaml: cannot be read"),
    "another document": (("--document", "tox.ini"), "tox.ini"),
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


def test_a_document_that_is_not_openapi_3_0_is_refused(tmp_path: Path) -> None:
    """A Swagger 2 document is refused with one sentence that says so."""
    document = tmp_path / "swagger.yaml"
    document.write_text("swagger: '2.0'\npaths: {}\n", encoding="utf-8")
    result = suite("--document", str(document))
    assert result.status == 4
    assert "is not an OpenAPI 3.0 document" in result.output
