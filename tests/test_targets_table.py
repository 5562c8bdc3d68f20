"""Each mistake in targets.toml gives one sentence with file and line."""

import os
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from targets.config import Target, find_target, from_base_url, load_targets
from targets.errors import TargetError
from targets.pace import Rate

COMMITTED = Path(__file__).parent.parent / "targets.toml"


def test_the_committed_file_has_the_three_targets() -> None:
    """Reference, staging and production have the addresses of the vendor's document."""
    targets = load_targets(COMMITTED)
    assert {name: target.base_url for name, target in targets.items()} == {
        "reference": "",
        "staging": "https://api-staging.sourcerer.tech",
        "production": "https://api.wizcommerce.com",
    }
    assert targets["reference"].embedded
    assert targets["reference"].other_methods
    assert not targets["staging"].other_methods


def test_every_setting_is_read(tmp_path: Path) -> None:
    """Each setting is converted to the type that the suite uses."""
    file = tmp_path / "targets.toml"
    file.write_text(
        """
        [mine]
        base_url = "HTTPS://Api.Example.com:8443/base/"
        key_variable = "WIZCOMMERCE_MY_KEY"
        forbidden_key_variable = "WIZCOMMERCE_MY_OTHER_KEY"
        order_ids = ["ORD-1", "ORD-2"]
        order_created_at = 2025-01-01T00:00:00Z
        other_methods = true
        rate_limit = "5/s"
        max_requests = 900
        ca_file = "ca.pem"
        """
    )
    assert load_targets(file)["mine"] == Target(
        "mine",
        "https://api.example.com:8443/base",
        key_variable="WIZCOMMERCE_MY_KEY",
        forbidden_key_variable="WIZCOMMERCE_MY_OTHER_KEY",
        order_ids=("ORD-1", "ORD-2"),
        order_created_at=datetime(2025, 1, 1, tzinfo=UTC),
        other_methods=True,
        rate_limit=Rate(5, 1000),
        max_requests=900,
        ca_file=tmp_path / "ca.pem",
    )


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (
            'base_ulr = "https://a.example"',
            "there is no setting 'base_ulr': choose one of base_url, emb",
        ),
        ("base_url = 1", "base_url must be a URL"),
        ('base_url = "a.example"', "no scheme"),
        ('base_url = "ftp://a.example"', "only http and https work"),
        ('base_url = "https://u:p@a.example"', "no user or password"),
        ("embedded = 1", "embedded must be true or false"),
        ('api_key = "sk_live_12345"', "api_key looks like a key"),
        ('key = "sk_live_12345"', "key looks like a key"),
        ('secret = "sk_live_12345"', "secret looks like a key"),
        ('key_variable = "sk_live_12345"', "key_variable must be the name of an environment"),
        ('key_variable = "GITLAB_TOKEN_12345"', "variable that begins with WIZCOMMERCE_, never"),
        ('forbidden_key_variable = "CI_JOB_TOKEN"', "forbidden_key_variable must be the name"),
        ('key_variable = "WIZCOMMERCE_"', "key_variable must be the name"),
        ('key_variable = "WIZCOMMERCE_KEY\\n"', "key_variable must be the name"),
        ('order_ids = "ORD-1"', "order_ids must be a list"),
        ("order_ids = []", "order_ids must be a list"),
        ("order_ids = [1]", "order_ids must be a list"),
        ("order_created_at = 2025-01-01", "order_created_at must be a date-time with an offset"),
        ("order_created_at = 2025-01-01T00:00:00", "must be a date-time with an offset"),
        ('rate_limit = "fast"', "'fast' is not a valid rate"),
        ("rate_limit = 5", "rate_limit must be a rate"),
        ("max_requests = 0", "max_requests must be a whole number from 1"),
        ("max_requests = true", "max_requests must be a whole number from 1"),
        ("max_requests = 1.5", "max_requests must be a whole number from 1"),
    ],
)
def test_a_wrong_setting_is_named_with_its_line(line: str, words: str, tmp_path: Path) -> None:
    """The message has file, line, target and setting, and never the value of a key."""
    file = tmp_path / "targets.toml"
    file.write_text(f"[other]\nembedded = true\n\n[mine]\n{line}\n")
    with pytest.raises(TargetError) as error:
        load_targets(file)
    sentence = str(error.value)
    assert sentence.startswith(f"{file}:5: target 'mine': ")
    assert words in sentence
    assert "12345" not in sentence
    assert sentence.endswith(".")
    assert "\n" not in sentence


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[mine\n", "is not valid TOML"),
        (
            '[mine]\nembedded = true\nca_file = "C:\\Users\\ca.pem"\n',
            "Write a path of Windows between single quotes, or with / in the place of \\.",
        ),
        (
            '[mine]\nca_file = "C:\\certs\\ca.pem"\n',
            "Write a path of Windows between single quotes, or with / in the place of \\.",
        ),
        ("[mine]\nembedded = true\nembedded = true\n", "is not valid TOML"),
        ("[mine]\n", ":1: target 'mine' needs either base_url or embedded = true."),
        ('[mine]\nembedded = true\nbase_url = "https://a.example"\n', ":1: target 'mine' needs"),
        ('# first\nmine = "https://a.example"\n', ":2: 'mine' is not a table: write [mine]"),
        ('\n["../openapi"]\nembedded = true\n', ":2: '../openapi' cannot be the name of a target"),
        (
            '["a b"]\nembedded = true\n',
            ":1: 'a b' cannot be the name of a target: begin with a letter",
        ),
        ('["a\\n"]\nembedded = true\n', "'a\\n' cannot be the name of a target"),
        ('[""]\nembedded = true\n', ":1: '' cannot be the name of a target"),
        ('["é"]\nembedded = true\n', ":1: 'é' cannot be the name of a target"),
        (f'["{"/" * 3000}"]\nembedded = true\n', "cannot be the name of a target"),
        ("a = " + "[" * 3000, "is nested too deeply"),
        ("a = " + "{a=" * 1300, "is nested too deeply"),
        ("[mine]\nmax_requests = " + "9" * 5000, ":2: break this line of 5015 characters"),
        ("a." * 2100 + "b = 1", ":1: break this line of 4205 characters"),
        ("a = 1" + "\n" * 10 + "#" * 4001, ":11: break this line of 4001 characters"),
        ("a = 1\n" * 20_000, "has more than 65536 bytes"),
    ],
)
def test_a_malformed_file_is_named(text: str, words: str, tmp_path: Path) -> None:
    """The message begins with the file's name and, where possible, the line."""
    file = tmp_path / "targets.toml"
    file.write_text(text)
    with pytest.raises(TargetError) as error:
        load_targets(file)
    assert str(error.value).startswith(str(file))
    assert words in str(error.value)


def test_a_missing_or_binary_file_is_named(tmp_path: Path) -> None:
    """A file that cannot be read gives a message instead of a traceback."""
    with pytest.raises(TargetError, match=r"Cannot read .*targets\.toml \(No such file"):
        load_targets(tmp_path / "targets.toml")
    (tmp_path / "targets.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(TargetError, match=r"targets\.toml is not UTF-8"):
        load_targets(tmp_path / "targets.toml")


def test_a_byte_order_mark_before_the_targets_is_no_setting(tmp_path: Path) -> None:
    """Some editors write one; the lines are counted as without it."""
    file = tmp_path / "targets.toml"
    file.write_text("[mine]\nembedded = true\n", encoding="utf-8-sig")
    assert load_targets(file)["mine"].embedded
    file.write_text("[mine]\nembedded = 1\n", encoding="utf-8-sig")
    with pytest.raises(TargetError, match=r"targets\.toml:2: "):
        load_targets(file)


def test_a_number_with_too_many_digits_is_named(tmp_path: Path) -> None:
    """Python reads at most some thousand digits, or as many as it is told."""
    file = tmp_path / "targets.toml"
    file.write_text("[mine]\nembedded = true\nmax_requests = " + "9" * 3900)
    limit = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(640)
    try:
        with pytest.raises(TargetError, match="has a number with too many digits: correct it"):
            load_targets(file)
    finally:
        sys.set_int_max_str_digits(limit)


@pytest.mark.parametrize("kind", ["folder", "pipe", "device"])
def test_what_is_not_a_regular_file_is_not_read(kind: str, tmp_path: Path) -> None:
    """Reading a pipe or a device may never end."""
    file = tmp_path / "targets.toml"
    if kind == "folder":
        file.mkdir()
    elif kind == "pipe":
        os.mkfifo(file)
    else:
        file.symlink_to("/dev/zero")
    with pytest.raises(TargetError, match=r"targets\.toml is not a regular file: "):
        load_targets(file)


def test_an_unknown_target_lists_the_known_ones() -> None:
    """The message helps to correct a mistyped name."""
    with pytest.raises(
        TargetError, match=r"no target 'stagin'.*\(reference, staging, production\)"
    ):
        find_target(load_targets(COMMITTED), "stagin", COMMITTED)
    assert find_target(load_targets(COMMITTED), "staging", COMMITTED).name == "staging"


@pytest.mark.parametrize(
    ("url", "methods"), [("http://LOCALHOST:8080/", True), ("https://a.example", False)]
)
def test_a_base_url_makes_a_target(url: str, methods: bool) -> None:  # noqa: FBT001 - a column of the table
    """Only its address is known; other methods are sent to this machine only."""
    target = from_base_url(url)
    assert target.base_url == url.lower().rstrip("/")
    assert target.other_methods is methods
    assert target.key_variable == "WIZCOMMERCE_API_KEY"
