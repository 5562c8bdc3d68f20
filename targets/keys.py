"""The keys of a target, from the environment and from nowhere else."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from targets.errors import TargetError
from targets.table import Target


@dataclass(frozen=True, slots=True)
class Keys:
    """A key that may create invoices, and one that may not where the target has one."""

    key: str = field(repr=False)
    forbidden: str | None = field(default=None, repr=False)


def read_keys(target: Target, environment: Mapping[str, str]) -> Keys:
    """Read the keys that a target names. Raises TargetError when missing or not to be sent."""
    key = _read(target.key_variable, environment)
    if key is None:
        raise TargetError(
            f"Target {target.name!r} needs a key: set {target.key_variable} in the environment."
        )
    return Keys(key, _read(target.forbidden_key_variable, environment))


def _read(variable: str, environment: Mapping[str, str]) -> str | None:
    key = environment.get(variable)
    if key and not re.fullmatch(r"[\x21-\x7e]+", key):
        raise TargetError(
            f"The key in {variable} has a blank, line break or non-ASCII character in it: "
            "copy it again."
        )
    return key or None
