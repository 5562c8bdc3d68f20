"""The targets of `targets.toml`: read, checked, and refused with one sentence when wrong."""

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from targets.address import checked, is_loopback
from targets.errors import TargetError
from targets.pace import Rate, read_rate


@dataclass(frozen=True, slots=True)
class Target:
    """Where requests go and what may be asked there; `base_url` is empty while embedded."""

    name: str
    base_url: str = ""
    embedded: bool = False
    key_variable: str = "WIZCOMMERCE_API_KEY"
    forbidden_key_variable: str = "WIZCOMMERCE_FORBIDDEN_API_KEY"
    order_ids: tuple[str, ...] = ()
    order_created_at: datetime | None = None
    other_methods: bool = False
    rate_limit: Rate | None = None
    max_requests: int | None = None
    ca_file: Path | None = None


def load(path: Path) -> Mapping[str, Target]:
    """Read the targets of a file by name. Raises TargetError with file and line."""
    try:
        text = path.read_text(encoding="utf-8")
        tables = tomllib.loads(text)
    except OSError as error:
        raise TargetError(f"Cannot read {path} ({error.strerror}).") from None
    except UnicodeDecodeError:
        raise TargetError(f"{path} is not UTF-8.") from None
    except tomllib.TOMLDecodeError as error:
        raise TargetError(f"{path} is no TOML: {error}.") from None
    return {name: _target(path, text, name, table) for name, table in tables.items()}


def chosen(targets: Mapping[str, Target], name: str, path: Path) -> Target:
    """The target of that name. Raises TargetError listing those there are."""
    if name not in targets:
        known = ", ".join(targets) or "none"
        raise TargetError(f"{path} has no target {name!r}; it has: {known}.")
    return targets[name]


def from_base_url(url: str) -> Target:
    """The target behind `--base-url`, with nothing known of it but its address."""
    url = checked(url)
    return Target(name=url, base_url=url, other_methods=is_loopback(url))


def _target(path: Path, text: str, name: str, table: object) -> Target:
    if not isinstance(table, dict):
        where = _place(path, text, None, name)
        raise TargetError(f"{where}: {name!r} is no table: write [{name}] and its settings below.")
    settings: dict[str, Any] = {}
    for setting, value in table.items():
        try:
            settings[setting] = _checked(setting, value)
        except TargetError as error:
            where = _place(path, text, name, setting)
            raise TargetError(f"{where}: target {name!r}: {error}") from None
    if ("base_url" in settings) == settings.get("embedded", False):
        where = _place(path, text, name, None)
        raise TargetError(f"{where}: target {name!r} needs either base_url or embedded = true.")
    if "ca_file" in settings:
        settings["ca_file"] = path.parent / settings["ca_file"]
    loopback = "base_url" not in settings or is_loopback(settings["base_url"])
    return Target(name, **{"other_methods": loopback, **settings})


def _checked(setting: str, value: object) -> object:
    if setting not in _SETTINGS:
        if re.search("key|secret|token|password", setting, re.IGNORECASE):
            raise TargetError(
                f"{setting} looks like a key: keys come from the environment, "
                "and key_variable names the variable."
            )
        raise TargetError(f"unknown setting {setting!r}; known are {', '.join(_SETTINGS)}.")
    kind, wanted, convert = _SETTINGS[setting]
    try:
        if type(value) is kind:
            return convert(value)
    except TargetError:
        raise
    except ValueError:
        pass
    raise TargetError(f"{setting} must be {wanted}.")


def _variable(name: str) -> str:
    if not re.fullmatch("[A-Z_][A-Z0-9_]*", name):
        raise ValueError(name)
    return name


def _texts(values: list[object]) -> tuple[str, ...]:
    texts = tuple(value for value in values if isinstance(value, str) and value)
    if not texts or len(texts) != len(values):
        raise ValueError(values)
    return texts


def _aware(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError(moment)
    return moment


def _positive(number: int) -> int:
    if number < 1:
        raise ValueError(number)
    return number


_FLAG = (bool, "true or false", bool)
_VARIABLE = (str, "the name of an environment variable in capitals, never a key itself", _variable)
_SETTINGS: Mapping[str, tuple[type, str, Callable[[Any], object]]] = {
    "base_url": (str, "a URL such as https://host", checked),
    "embedded": _FLAG,
    "key_variable": _VARIABLE,
    "forbidden_key_variable": _VARIABLE,
    "order_ids": (list, "a list of order ids, each a text", _texts),
    "order_created_at": (datetime, "a date-time with an offset: 2025-01-01T00:00:00Z", _aware),
    "other_methods": _FLAG,
    "rate_limit": (str, 'a rate such as "5/s" or "100/m"', read_rate),
    "max_requests": (int, "a whole number from 1", _positive),
    "ca_file": (str, "the name of a file", Path),
}


def _place(path: Path, text: str, table: str | None, setting: str | None) -> str:
    """`file:line` of a setting, or of its table's head; the file alone where neither is found."""
    current = None
    for number, line in enumerate(text.splitlines(), 1):
        if head := re.match(r"""\s*\[+\s*["']?(.*?)["']?\s*\]""", line):
            current = head[1]
            found = setting is None
        else:
            found = bool(setting and re.match(rf"""\s*["']?{re.escape(setting)}["']?\s*=""", line))
        if found and current == table:
            return f"{path}:{number}"
    return str(path)
