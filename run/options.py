"""The command line of a run, read once and checked; and the profiles, how much a run sends."""

import math
import os
import re
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings

from spec.contract import DOCUMENT, READING, Contract, TargetFacts
from spec.probes import Probe
from spec.requirements import Level
from spec.schema.formats import instant
from spec.violation import counted, shortened
from strategies.invoice import why_not_valid
from targets.client import DEFAULT_TIMEOUT
from targets.config import MOST_CONCURRENT, Target
from targets.errors import TargetError
from targets.pace import Rate, read_rate

ROOT = Path(__file__).parents[1]
DEFAULT_TARGET = "reference"
DEFAULT_LEVEL = Level.SHOULD
SHORTEST_TIMEOUT, LONGEST_TIMEOUT = 0.1, 3600.0
"""Seconds; in less no server far away has answered, and the fault would seem to be its own."""
SUPPRESSED = (
    HealthCheck.too_slow,  # the server may be
    HealthCheck.data_too_large,  # an invoice of a hundred items is
    HealthCheck.large_base_example,  # a version may demand as many
    HealthCheck.filter_too_much,  # a version may leave little that breaks one requirement alone
    HealthCheck.nested_given,  # what another document's strategy leaves over is tried once
    HealthCheck.function_scoped_fixture,  # on purpose, one `api` sends all examples of a test
)


@dataclass(frozen=True, slots=True)
class Profile:
    """`listed` is how many enumerated cases of a group are sent (None: all), `drawn` how many
    drawn ones a requirement gets; `derandomized` draws the same ones each time.
    """

    listed: int | None
    drawn: int
    derandomized: bool


PROFILES = {
    "smoke": Profile(listed=1, drawn=1, derandomized=True),
    "gate": Profile(listed=None, drawn=3, derandomized=True),
    "deep": Profile(listed=None, drawn=400, derandomized=False),
}
DEFAULT_PROFILE = "gate"


@dataclass(frozen=True, slots=True)
class Options:
    """What was asked for. Where there is a `base_url`, the `target` is left out.

    The timeout is in seconds; `concurrency` is how many requests may be in flight, `shard` which
    part of the tests, from 0, and of how many.
    """

    target: str
    base_url: str | None
    order_ids: tuple[str, ...]
    order_created_at: datetime | None
    level: Level
    rate: Rate | None
    max_requests: int | None
    request_timeout: float
    allow_production: str | None
    allow_http: str | None
    ca_file: Path | None
    document: Path
    reading: Path
    profile: str
    concurrency: int | None = None
    shard: tuple[int, int] | None = None
    target_left_out: str | None = None
    against: str | None = None


def register_profiles() -> None:
    """Register the profiles with Hypothesis and load the default one.

    Nothing is kept between runs: a stored example could hold a key, and would make two runs
    differ. Hypothesis reports one bug at a time, because a group of them would be shown as an
    error of the suite.
    """
    for name, profile in PROFILES.items():
        settings.register_profile(
            name,
            max_examples=profile.drawn,
            derandomize=profile.derandomized,
            database=None,
            deadline=None,
            print_blob=False,
            report_multiple_bugs=False,
            phases=(Phase.explicit, Phase.generate),  # causes/explaining.py makes failures smaller
            suppress_health_check=SUPPRESSED,
        )
    settings.load_profile(DEFAULT_PROFILE)


def choose_seed(config: pytest.Config) -> None:
    """Choose a seed for a profile that draws other cases each time, so that the record has it."""
    name = config.getoption("--hypothesis-profile") or DEFAULT_PROFILE
    chosen = config.getoption("--hypothesis-seed")
    if name in PROFILES and not PROFILES[name].derandomized and chosen is None:
        config.option.hypothesis_seed = str(secrets.randbelow(2**32))


def limits(options: Options, target: Target) -> tuple[Rate | None, int | None]:
    """The rate limit and the most requests of a run; its parts share them evenly."""
    parts = options.shard[1] if options.shard else 1
    rate = options.rate or target.rate_limit
    most = options.max_requests or target.max_requests
    slower = rate and replace(rate, milliseconds=rate.milliseconds * parts)
    return slower, most and math.ceil(most / parts)


def check_orders(contract: Contract, facts: TargetFacts, named: Sequence[str]) -> None:
    """Raise TargetError for a named order that no valid invoice can be for, and for a time of
    creation without an order, or in the future.
    """
    created = facts.order_created_at
    if created is not None and not facts.order_ids:
        raise TargetError(
            "The orders' creation time is given, but no order: add --order-id, or order_ids to the "
            "target."
        )
    if created is not None and created > facts.started_at:
        raise TargetError(
            f"The orders were created at {created.isoformat()}, which is in the future: correct "
            "--order-created-at, or order_created_at of the target."
        )
    if why_not_valid(contract, replace(facts, order_ids=(), order_created_at=None)):
        return  # not because of an order
    for order in named:
        alone = replace(facts, order_ids=(order,), order_created_at=None)
        if why := why_not_valid(contract, alone):
            raise TargetError(
                f"{shortened(order, 40)!r} cannot be the id of an order ({why}): correct "
                "--order-id, or order_ids of the target."
            )


def too_few(options: Options, target: Target, requests: int) -> str:
    """A line above a run that may send fewer requests than are planned; empty where it may not."""
    _, most = limits(options, target)
    if most is None or most >= requests:
        return ""
    named = "--max-requests" if options.max_requests else "max_requests of the target"
    return (
        f"{named} allows only {counted(most, 'request')}, and about {requests} are planned: the "
        "run will end without having asked all; raise the limit, or choose tests with -k"
    )


def asks_the_same(item: pytest.Item, profile: Profile) -> bool:
    """Whether a test asks the same in each run: all do that draw nothing."""
    return profile.derandomized or not is_drawn(item)


def is_drawn(item: pytest.Item) -> bool:
    """Whether Hypothesis draws what a test asks."""
    return hasattr(getattr(item, "function", None), "planned")


def planned(items: Iterable[pytest.Item]) -> int:
    """How many requests the tests are going to send if nothing fails."""
    return sum(_planned(item) for item in items if isinstance(item, pytest.Function))


def _planned(item: pytest.Function) -> int:
    examples = getattr(item.function, "planned", None)
    if isinstance(examples, int):
        return examples
    parameters = item.callspec.params if hasattr(item, "callspec") else {}
    sizes = [len(value.cases) for value in parameters.values() if hasattr(value, "cases")]
    sizes += [value.send for value in parameters.values() if isinstance(value, Probe)]
    return sizes[0] if sizes else 1


OPTIONS = (
    ("--target", "NAME", f"a table of targets.toml (default: {DEFAULT_TARGET})"),
    ("--base-url", "URL", "send to this address, and not to a target of targets.toml"),
    ("--order-created-at", "RFC3339", "when the orders of --order-id were created"),
    ("--level", "must|should", f"what fails the run (default: {DEFAULT_LEVEL.lower()})"),
    ("--rate-limit", "N/s", "at most so many requests a second (or N/m, a minute)"),
    ("--max-requests", "N", "stop after so many requests"),
    ("--concurrency", "N", "so many requests in flight (default: 8; production, reference: 1)"),
    (
        "--request-timeout",
        "S",
        f"seconds for one whole exchange (default: {DEFAULT_TIMEOUT:g})",
    ),
    ("--allow-production", "HOST", "the production host to which requests may be sent"),
    ("--allow-http", "HOST", "the host to which the key may be sent without TLS"),
    ("--ca-file", "FILE", "PEM file of the authority that signed the target's certificate"),
    ("--reports", "DIR", "write the record of the run and the reports into this folder"),
    ("--document", "FILE", "another version of the vendor's OpenAPI document"),
    ("--reading", "FILE", "another reading of it, an OpenAPI Overlay"),
    ("--against", "TARGET", "ask this target, or this address, too, and say how they differ"),
    ("--shard", "I/N", "run the I-th of N parts of the tests, as on N machines"),
)
"""Those that take one text: the name, what the text is, and the help."""


def add(parser: pytest.Parser) -> None:
    """Add the suite's options to pytest's."""
    group = parser.getgroup("conformance", "conformance of POST /v1/invoices")
    for name, metavar, text in OPTIONS:
        try:
            group.addoption(name, metavar=metavar, help=text)
        except ValueError as error:
            raise pytest.UsageError(f"Another conftest.py has {error}: {_JOINED}") from None
    group.addoption(
        "--order-id",
        action="append",
        metavar="ID",
        help="an order that exists at the target (repeatable)",
    )


_JOINED = (
    "write --document=FILE and --reading=FILE, each in one word, so that pytest does not take what "
    "is beside FILE for its own."
)


def leave_alone(plugins: pytest.PytestPluginManager) -> None:
    """Have no conftest.py read from beside a file that an option names: until the options are
    known, pytest takes a value that is a word of its own for a place of tests.
    """
    names = {name for name, *_ in OPTIONS}
    known: dict[Path, list[object]] = getattr(plugins, "_dirpath2confmods", {})
    words = plugins.getplugin("pytestconfig").invocation_params.args
    for option, value in pairwise(map(str, words)):
        if option in names:
            path = Path(os.path.abspath(value))  # noqa: PTH100 # as pytest does, links as they are
            folder = path if path.is_dir() else path.parent
            if not folder.is_relative_to(ROOT):
                known.setdefault(folder, [])


def read(config: pytest.Config) -> Options:
    """The options, checked; pytest.UsageError says in one sentence what is wrong with one."""
    given = config.getoption
    settings_file = config.inipath
    if settings_file and settings_file.parent != ROOT and not config.option.inifilename:
        raise pytest.UsageError(f"pytest took its settings from {settings_file}: {_JOINED}")
    _refuse_empty(config)
    base_url, target = given("base_url"), given("target")
    profile = given("--hypothesis-profile") or DEFAULT_PROFILE
    if profile not in PROFILES:
        raise pytest.UsageError(
            f"--hypothesis-profile: there is no profile {profile!r}; choose "
            f"one of {', '.join(PROFILES)}."
        )
    try:
        rate = read_rate(given("rate_limit")) if given("rate_limit") else None
    except TargetError as error:
        raise pytest.UsageError(f"--rate-limit: {error}") from None
    created = given("order_created_at")
    if created and not given("order_id") and base_url:
        raise pytest.UsageError(
            "--order-created-at needs an --order-id: name an order that was created then."
        )
    return Options(
        target=target or DEFAULT_TARGET,
        target_left_out=target if base_url else None,
        base_url=base_url,
        order_ids=tuple(given("order_id") or ()),
        order_created_at=_instant(created) if created else None,
        level=_level(given("level")) if given("level") else DEFAULT_LEVEL,
        rate=rate,
        max_requests=_whole_number("--max-requests", given("max_requests")),
        request_timeout=_seconds("--request-timeout", given("request_timeout")),
        allow_production=given("allow_production"),
        allow_http=given("allow_http"),
        ca_file=Path(given("ca_file")) if given("ca_file") else None,
        document=Path(given("document")) if given("document") else DOCUMENT,
        reading=Path(given("reading")) if given("reading") else READING,
        profile=profile,
        concurrency=_concurrency(given("concurrency")) if given("concurrency") else None,
        against=given("against"),
        shard=_shard(given("shard")) if given("shard") else None,
    )


def _refuse_empty(config: pytest.Config) -> None:
    """Refuse an option without a value: the run would go elsewhere, or ask something else."""
    given = {name: [config.getoption(name)] for name, _, _ in OPTIONS}
    given["--order-id"] = config.getoption("order_id") or []
    if any(value is not None and not value.strip() for value in given["--base-url"]):
        raise pytest.UsageError(
            "There is no address to judge: this needs --base-url ADDRESS, such as "
            "http://localhost:8080; is a variable of your pipeline not set?"
        )
    for name, values in given.items():
        if any(value is not None and not value.strip() for value in values):
            raise pytest.UsageError(
                f"{name} is empty: give it a value or leave it out; is a variable of your "
                "pipeline not set?"
            )


def _instant(value: str) -> datetime:
    try:
        return instant(value)
    except ValueError:
        raise pytest.UsageError(
            f"--order-created-at: {value!r} is not an RFC 3339 date-time such as "
            "2025-01-31T08:00:00Z."
        ) from None


def _level(value: str) -> Level:
    try:
        return Level(value.upper())
    except ValueError:
        raise pytest.UsageError(f"--level: {value!r} is neither must nor should.") from None


def _whole_number(option: str, value: str | None) -> int | None:
    if value is None:
        return None
    if not re.fullmatch(r"[1-9][0-9]{0,8}", value):
        raise pytest.UsageError(
            f"{option}: {value!r} is not a whole number from 1 to 999999999: write one such as 500."
        )
    return int(value)


def _concurrency(value: str) -> int:
    if re.fullmatch("[1-9][0-9]?", value) and int(value) <= MOST_CONCURRENT:
        return int(value)
    raise pytest.UsageError(
        f"--concurrency: {value!r} is not a whole number from 1 to {MOST_CONCURRENT}: write one "
        "such as 8."
    )


def _seconds(option: str, value: str | None) -> float:
    if not value:
        return DEFAULT_TIMEOUT
    number = re.fullmatch(r"[0-9]{1,4}(\.[0-9]{1,3})?", value)
    if number and SHORTEST_TIMEOUT <= float(value) <= LONGEST_TIMEOUT:
        return float(value)
    raise pytest.UsageError(
        f"{option}: {value!r} is not a number of seconds from {SHORTEST_TIMEOUT:g} to "
        f"{LONGEST_TIMEOUT:g}: write one such as {DEFAULT_TIMEOUT:g}."
    )


def _shard(value: str) -> tuple[int, int]:
    parts = re.fullmatch(r"([1-9][0-9]{0,2})/([1-9][0-9]{0,2})", value)
    if parts is None or int(parts[1]) > int(parts[2]):
        raise pytest.UsageError(f"--shard: {value!r} is not a part such as 1/4.")
    return int(parts[1]) - 1, int(parts[2])
