"""The targets of `targets.toml`: their addresses, the production guard, their keys.

Everything is checked before the first packet and refused with one sentence when wrong."""

import ipaddress
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from targets.errors import TargetError
from targets.pace import Rate, read_rate

_HOST = re.compile(r"[a-z0-9_.:-]+")
_FORBIDDEN = re.compile(r"[\x00-\x20\x7f\\]")
_PORTS = {"http": 80, "https": 443}


def checked_url(url: str) -> str:
    """The base URL spelled plainly: `scheme://host[:port][/path]`, in ASCII, no slash at its end.

    Raises TargetError for what is not http(s), has no host, or carries user, query or fragment.
    """
    if _FORBIDDEN.search(url):
        raise TargetError(f"Base URL {url!r} has a blank, control character or backslash in it.")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise TargetError(f"Base URL {url!r} is no URL ({error}).") from None
    if "@" in parts.netloc:
        # Not shown: what stands before the @ may be a secret.
        raise TargetError(
            "A base URL has no user or password in it: keys come from the environment."
        )
    if parts.scheme not in _PORTS or not parts.hostname:
        raise TargetError(
            f"Base URL {url!r} has no scheme and host: write it as https://host or http://host:port."
        )
    if "?" in url or "#" in url:
        raise TargetError(f"Base URL {url!r} has a query or fragment: give scheme, host and path.")
    host = normal_host(parts.hostname)
    netloc = f"[{host}]" if ":" in host else host
    if port is not None and port != _PORTS[parts.scheme]:
        netloc += f":{port}"
    return f"{parts.scheme}://{netloc}{parts.path.rstrip('/')}"


def host_of(url: str) -> str:
    """The host of a checked base URL."""
    return urlsplit(url).hostname or ""


def normal_host(name: str) -> str:
    """A host name in lower case and ASCII (RFC 3490), without percent escapes or a final dot."""
    try:
        host = unquote(name).encode("idna").decode("ascii").lower().rstrip(".")
    except UnicodeError:
        host = ""
    if not _HOST.fullmatch(host):
        raise TargetError(f"{name!r} is no host name.")
    return host


def is_loopback(url: str) -> bool:
    """Whether a checked base URL stays on this machine."""
    host = host_of(url)
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


_PRODUCTION = re.compile(r"\b(prod|production|live)\b", re.IGNORECASE)


def production_hosts(servers: Iterable[tuple[str, str]]) -> frozenset[str]:
    """The hosts of a document's servers, (URL, description) each, that are production.

    A server without a description counts, for nothing says that it is not.
    """
    named = (
        url for url, description in servers if not description or _PRODUCTION.search(description)
    )
    return frozenset(host_of(checked_url(url)) for url in named if "://" in url and "{" not in url)


def refuse_production(base_url: str, hosts: frozenset[str], allowed: str | None) -> None:
    """Raise TargetError when a checked base URL is production and `allowed` does not name it."""
    host = host_of(base_url)
    if host not in hosts:
        return
    if allowed is None or normal_host(allowed) != host:
        raise TargetError(
            f"{host} is production and real invoices would be created there: "
            f"add --allow-production {host} if that is meant."
        )
    if not base_url.startswith("https:"):
        raise TargetError(f"{host} is production: ask it over https, or the key can be overheard.")


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


def load_targets(path: Path) -> Mapping[str, Target]:
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
    url = checked_url(url)
    return Target(name=url, base_url=url, other_methods=is_loopback(url))


def _target(path: Path, text: str, name: str, table: object) -> Target:
    if not isinstance(table, dict):
        where = _place(path, text, None, name)
        raise TargetError(f"{where}: {name!r} is no table: write [{name}] and its settings below.")
    settings: dict[str, Any] = {}
    for setting, value in table.items():
        try:
            settings[setting] = _setting(setting, value)
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


def _setting(setting: str, value: object) -> object:
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
    "base_url": (str, "a URL such as https://host", checked_url),
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
