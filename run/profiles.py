"""How much a run asks: the profiles, and Hypothesis's settings for them."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings


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
    "gate": Profile(listed=None, drawn=7, derandomized=True),
    "deep": Profile(listed=None, drawn=350, derandomized=False),
}
DEFAULT = "gate"
SUPPRESSED = (
    HealthCheck.too_slow,  # the server may be
    HealthCheck.data_too_large,  # a hundred items are
    HealthCheck.function_scoped_fixture,  # the explorer is one for all examples, on purpose
)

Test = Callable[..., None]


def register() -> None:
    """Tell Hypothesis of the profiles and load the default one.

    Nothing is kept between runs: a stored example could hold a key, and would make two runs
    differ. One bug at a time, for a group of them would be shown as an error of the suite.
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
            phases=(Phase.explicit, Phase.generate, Phase.shrink),
            suppress_health_check=SUPPRESSED,
        )
    settings.load_profile(DEFAULT)


def seed(config: pytest.Config) -> None:
    """Choose the seed of a profile that draws other cases each time, so that it can be told."""
    name = config.getoption("--hypothesis-profile") or DEFAULT
    chosen = config.getoption("--hypothesis-seed")
    if name in PROFILES and not PROFILES[name].derandomized and chosen is None:
        config.option.hypothesis_seed = str(secrets.randbelow(2**32))


def draws(times: int = 1) -> Callable[[Test], Test]:
    """Mark a drawn test: it draws `times` as many cases as the profile gives a requirement.

    Where a requirement gets one, this test gets one too.
    """

    def mark(test: Test) -> Test:
        each = settings.get_profile(settings.get_current_profile_name()).max_examples
        examples = times * each if each > 1 else each
        test.planned = examples  # type: ignore[attr-defined] # read when the run is planned
        return settings(max_examples=examples)(test)

    return mark


def planned(test: Any, parameters: dict[str, Any]) -> int:
    """How many requests a collected test is going to send when all goes well."""
    examples = getattr(test, "planned", None)
    if isinstance(examples, int):
        return examples
    sizes = [len(value.cases) for value in parameters.values() if hasattr(value, "cases")]
    return sizes[0] if sizes else 1
