"""Two targets asked the same in one run: what differs is told, and no key goes astray."""

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from reference import answer
from reference.mutants.server import Mutation, Server
from reference.server import serving
from reference.service import Steps
from reference.store import Store
from reports import output
from run.options import read
from run.second_target import chosen
from targets.errors import TargetError
from tests.copying import add_target, copied
from tests.exchanges import CONTRACT
from tests.running import (
    ENVIRONMENT,
    FORBIDDEN,
    KEY,
    ORDER,
    Result,
    application,
    python,
    server,
    suite,
)
from tests.test_watch_changes import CHANGES, as_it_was, without_cases
from tests.watching import CREATED

SMOKE = ("--hypothesis-profile", "smoke", "-q")


def _with_currency(invoice: Any) -> dict[str, Any]:
    return {**answer.render(invoice), "currency": "EUR"}


def _run(folder: Path, url: str, other: str, *more: str) -> tuple[Result, dict[str, Any]]:
    options = ("--base-url", url, "--against", other, *ORDER, *SMOKE, "--reports", str(folder))
    done = suite(*options, *more)
    return done, json.loads((folder / output.RECORD).read_text())


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("nowhere", "nowhere"),
        ("reference", "give an address"),
        ("production", "is production"),
        ("http://example.com", "http exposes the key"),
        ("http://user:hunter2@example.com", "A base URL takes no user or password"),
        ("user:hunter2@example.com", "has no target 'example.com'"),
    ],
)
def test_the_other_target_is_guarded_like_the_first(
    name: str, words: str, pytestconfig: pytest.Config
) -> None:
    """Before any packet: it must be known, no production by accident, and no plain http."""
    with pytest.raises(TargetError, match=words):
        chosen(replace(read(pytestconfig), against=name), CONTRACT)


def test_without_another_target_nothing_is_sent_twice(pytestconfig: pytest.Config) -> None:
    """The option is needed for it."""
    assert chosen(read(pytestconfig), CONTRACT) is None


@pytest.mark.whole_runs
@pytest.mark.parametrize("workers", ["0", "2"])
def test_how_two_targets_differ_is_told(tmp_path: Path, workers: str) -> None:
    """Every case goes to both; equal ones are no news, also where one server is both."""
    with server() as url, server(replace(Steps(), render=_with_currency)) as other:
        done, record = _run(tmp_path / "other", url, other, "-n", workers)
        assert done.status == 7, done.output
        (change,) = record["against"]["changes"]
        assert change["text"].startswith("property gone: data.currency in ")
        assert f"from {other} to this target (1, in " in done.output
        done, record = _run(tmp_path / "same", url, url, "-n", workers)
        assert done.status == 0, done.output
        assert record["against"]["compared"] > 90
        assert record["against"]["changes"] == []


@contextmanager
def _vendor(*changes: Mutation) -> Iterator[str]:
    """The vendor as it was, with these silent changes; its base URL."""
    vendor = Server()
    for change in (as_it_was, *changes):
        vendor = change(vendor)
    known = {KEY: True, FORBIDDEN: False}
    with closing(Store(known, {"ORD-1": CREATED})) as store, serving(vendor.app(store)) as url:
        yield url


@pytest.mark.whole_runs
def test_all_silent_changes_show_between_two_targets(tmp_path: Path) -> None:
    """Each is told once, and nothing else is."""
    changes = [change for change, _, _ in CHANGES.values()]
    with _vendor(*changes) as changed, _vendor() as other:
        _, record = _run(tmp_path, changed, other)
    told = [change["text"] for change in record["against"]["changes"]]
    for name, (_, _, words) in CHANGES.items():
        assert sum(without_cases(words) in text for text in told) == 1, (name, told)
    assert len(told) == len(CHANGES), "\n".join(told)


@pytest.mark.whole_runs
def test_no_part_of_a_key_goes_to_the_other_target(tmp_path: Path) -> None:
    """A nearly right key is nearly the key: it is for the target of the run alone."""
    theirs = "theirs-0123456789"
    seen: list[bytes] = []

    def listening(app: ASGIApp) -> ASGIApp:
        async def heard(scope: Scope, receive: Receive, send: Send) -> None:
            seen.append(repr((scope.get("query_string"), scope.get("headers"))).encode())
            await app(scope, receive, send)

        return heard

    here = copied(tmp_path / "suite")
    with server() as url, application(key=theirs) as app, serving(listening(app)) as other:
        add_target(here, "theirs", f'base_url = "{other}"\nkey_variable = "WIZCOMMERCE_THEIRS"')
        words = ("--base-url", url, "--against", "theirs", *ORDER, *SMOKE)
        keys = {**ENVIRONMENT, "WIZCOMMERCE_THEIRS": theirs}
        done = python("-m", "pytest", "suites", *words, keys=keys, here=here)
    assert done.status == 0, done.output
    assert len(seen) > 80
    half = KEY[: len(KEY) // 2].encode()
    assert [each for each in seen if half in each] == []


def test_a_wrong_path_of_the_other_target_is_not_compared(tmp_path: Path) -> None:
    """Each answer would be another one, and none of it the API's."""
    with server() as url, server() as other:
        wrong = f"{other}/v1/invoices"
        done, record = _run(tmp_path, url, wrong)
    assert done.status == 6
    assert f"--against: There is no POST /v1/invoices at {wrong}" in done.output
    assert "which the suite adds itself: leave it out" in done.output
    assert not record["tests"]
