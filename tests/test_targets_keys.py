"""Keys come from the environment, and a wrong one is named by its variable alone."""

import pytest

from targets.config import Keys, Target, read_keys
from targets.errors import TargetError

TARGET = Target("mine", "https://a.example", key_variable="MY_KEY")


def test_keys_are_read_from_the_variables_that_the_target_names() -> None:
    """The key that may create, and the one that may not where there is one."""
    environment = {"MY_KEY": "right", "WIZCOMMERCE_FORBIDDEN_API_KEY": "forbidden"}
    assert read_keys(TARGET, environment) == Keys("right", "forbidden")
    assert read_keys(TARGET, {"MY_KEY": "right", "WIZCOMMERCE_API_KEY": "x"}) == Keys("right")


@pytest.mark.parametrize("environment", [{}, {"MY_KEY": ""}, {"WIZCOMMERCE_API_KEY": "x"}])
def test_a_missing_key_is_asked_for_by_name(environment: dict[str, str]) -> None:
    """One sentence says which variable to set."""
    with pytest.raises(TargetError, match="'mine' needs a key: set MY_KEY in the environment"):
        read_keys(TARGET, environment)


@pytest.mark.parametrize("key", ["hidden\n", " hidden", "hid den", "hidden\r", "h\u00efdden", "\0"])
def test_a_key_that_cannot_be_sent_is_refused(key: str) -> None:
    """A copied line break would end the header; the sentence does not show the key."""
    with pytest.raises(TargetError, match="The key in MY_KEY has a blank") as caught:
        read_keys(TARGET, {"MY_KEY": key})
    assert "hidden" not in str(caught.value)


def test_keys_do_not_show_themselves() -> None:
    """Keys in a traceback or a log are not readable."""
    assert "right" not in repr(Keys("right", "right-too"))
