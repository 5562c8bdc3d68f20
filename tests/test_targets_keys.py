"""Keys come from the environment, and error messages show only the variable's name."""

import pytest

from targets.config import Keys, Target, read_keys
from targets.errors import TargetError

TARGET = Target("mine", "https://a.example", key_variable="MY_KEY")


def test_keys_are_read_from_the_variables_that_the_target_names() -> None:
    """Both keys are read; the forbidden one is optional."""
    environment = {"MY_KEY": "right", "WIZCOMMERCE_FORBIDDEN_API_KEY": "forbidden"}
    assert read_keys(TARGET, environment) == Keys("right", "forbidden")
    assert read_keys(TARGET, {"MY_KEY": "right", "WIZCOMMERCE_API_KEY": "x"}) == Keys("right")


@pytest.mark.parametrize("environment", [{}, {"MY_KEY": ""}, {"WIZCOMMERCE_API_KEY": "x"}])
def test_a_missing_key_names_its_variable(environment: dict[str, str]) -> None:
    """One sentence says which variable to set, and an empty one counts as missing."""
    with pytest.raises(TargetError, match="'mine' needs a key: set MY_KEY in the environment"):
        read_keys(TARGET, environment)


@pytest.mark.parametrize("key", ["hidden\n", " hidden", "hid den", "hidden\r", "h\u00efdden", "\0"])
def test_a_key_that_cannot_be_sent_is_refused(key: str) -> None:
    """A copied line break would end the header; the message does not show the key."""
    with pytest.raises(TargetError, match="The key in MY_KEY contains a space") as error:
        read_keys(TARGET, {"MY_KEY": key})
    assert "hidden" not in str(error.value)


def test_the_repr_of_keys_hides_them() -> None:
    """A traceback or a log does not show the keys."""
    assert "right" not in repr(Keys("right", "right-too"))
