"""The targets of `targets.toml`: their addresses and keys.

Everything is checked before the first request is sent; each mistake is one TargetError."""

import ipaddress
import re
import socket
import string
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, quote, unquote, urlsplit

import httpx

from spec.exchange import CARRIED
from spec.probes import NAME
from spec.violation import counted
from targets.errors import TargetError
from targets.pace import Rate, read_rate

LARGEST = 64 * 1024
"""Bytes of a file of targets."""
MOST_CONCURRENT = 64
"""Requests in flight."""
LONGEST_LINE = 4000
"""Characters of one of its lines, whose time grows with their square, and of a base URL."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where requests go and what may be sent there; an embedded target has no `base_url`."""

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
    concurrency: int | None = None
    ca_file: Path | None = None
    client_cert: Path | None = None
    client_key: Path | None = None
    proxy: str | None = None
    headers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Keys:
    """A key that may create invoices and, where the target has one, a key that may not."""

    key: str = field(repr=False)
    forbidden: str | None = field(default=None, repr=False)


def load_targets(path: Path) -> Mapping[str, Target]:
    """The targets of a file by name. Raises TargetError with file and line."""
    text = _text(path)
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise TargetError(f"{path} is not valid TOML: {error}.{_of_windows(text, error)}") from None
    except RecursionError:
        raise TargetError(f"{path} is nested too deeply: no setting needs that.") from None
    except ValueError:
        raise TargetError(f"{path} has a number with too many digits: correct it.") from None
    return {name: _target(path, text, name, table) for name, table in tables.items()}


def _of_windows(text: str, error: tomllib.TOMLDecodeError) -> str:
    """What to do where the line that is no TOML may have a path of Windows in double quotes."""
    found = re.search(r"at line ([0-9]{1,9})", str(error))
    lines = text.split("\n")[int(found[1]) - 1 :] if found else []
    if not lines or '"' not in lines[0] or "\\" not in lines[0]:
        return ""
    return " Write a path of Windows between single quotes, or with / in the place of \\."


def _text(path: Path) -> str:
    """The text of a file of targets, which is not read when it cannot be one."""
    try:
        if path.exists() and not path.is_file():
            raise TargetError(f"{path} is not a regular file: put the file of the targets there.")
        with path.open("rb") as file:
            raw = file.read(LARGEST + 1)
        if len(raw) > LARGEST:
            raise TargetError(f"{path} has more than {LARGEST} bytes: keep only targets in it.")
        text = raw.decode("utf-8-sig")  # as some editors of Windows write it
    except OSError as error:
        raise TargetError(f"Cannot read {path} ({error.strerror}): restore that file.") from None
    except UnicodeDecodeError:
        raise TargetError(f"{path} is not UTF-8: save it in that encoding.") from None
    for number, line in enumerate(text.splitlines(), 1):
        if len(line) > LONGEST_LINE:
            raise TargetError(
                f"{path}:{number}: break this line of {counted(len(line), 'character')}."
            )
    return text


def find_target(targets: Mapping[str, Target], name: str, path: Path) -> Target:
    """The target of that name. Raises TargetError with the names that `path` has."""
    if name not in targets:
        known, told = ", ".join(targets) or "none", _without_user(name)
        raise TargetError(f"{path} has no target {told!r}: choose one of its targets ({known}).")
    return targets[name]


def from_base_url(url: str) -> Target:
    """The target for `--base-url`, of which only the address is known."""
    url = normal_url(url)
    return Target(name=url, base_url=url, other_methods=is_loopback(url))


def is_base_url(name: str) -> bool:
    """Whether the name of a target is its URL (`from_base_url`) rather than that of a table."""
    try:
        normal_url(name)
    except TargetError:
        return False
    return True


def read_keys(target: Target, environment: Mapping[str, str]) -> Keys:
    """The keys of a target. Raises TargetError when one is missing or cannot be sent."""
    key = _key(target.key_variable, environment)
    if key is None:
        raise TargetError(
            f"Target {target.name!r} needs a key: set {target.key_variable} in the environment."
        )
    forbidden = _key(target.forbidden_key_variable, environment)
    if forbidden == key:
        raise TargetError(
            f"{target.forbidden_key_variable} holds the same key as {target.key_variable}: set a "
            "key without the right to create invoices, or unset it."
        )
    return Keys(key, forbidden)


_PORTS = {"http": 80, "https": 443}


def _without_user(url: str) -> str:
    """A wrong address as it is told: what stands before an @ may be a secret."""
    return url.rpartition("@")[2]


def normal_url(url: str) -> str:
    """The base URL in its normal form: ASCII `scheme://host[:port][/path]` without a final slash.

    Raises TargetError for a URL that is not http(s), or has no host, or has a user, query or
    fragment, and for one that httpx could not send to.
    """
    parts, port = _parts_of(url)
    host = normal_host(parts.hostname or "")
    netloc = f"[{host}]" if ":" in host else host
    if port is not None and port != _PORTS[parts.scheme]:
        netloc += f":{port}"
    path = quote(parts.path, safe=string.punctuation, errors="surrogateescape").rstrip("/")
    normal = f"{parts.scheme}://{netloc}{path}"
    try:
        httpx.URL(normal)
    except (httpx.InvalidURL, UnicodeError) as error:
        raise TargetError(f"Base URL {url!r} is not a valid URL ({error}): correct it.") from None
    return normal


def _parts_of(url: str) -> tuple[SplitResult, int | None]:
    """The parts of a base URL, and its port. Raises TargetError where one is wrong or too much."""
    if len(url) > LONGEST_LINE:
        raise TargetError(f"A base URL has at most {LONGEST_LINE} characters: shorten it.")
    if re.search(r"[\x00-\x20\x7f\\]", url):
        raise TargetError(
            f"Base URL {_without_user(url)!r} contains a space, a control character or a "
            "backslash: remove it."
        )
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        told = _without_user(url)
        raise TargetError(f"Base URL {told!r} is not a valid URL ({error}): correct it.") from None
    if "@" in parts.netloc:
        raise TargetError("A base URL takes no user or password: put keys into the environment.")
    if parts.scheme and parts.scheme not in _PORTS and parts.hostname:
        raise TargetError(
            f"Base URL {url!r} has the scheme {parts.scheme}: only http and https work."
        )
    if parts.scheme not in _PORTS or not parts.hostname:
        raise TargetError(
            f"Base URL {url!r} has no scheme and host: write it as https://host or http://host:port."
        )
    address, _, rest = parts.netloc.rpartition("]")
    if address and not (address.startswith("[") and ":" in address and rest[:1] in ("", ":")):
        why = "brackets are around an IPv6 address alone"
        raise TargetError(f"Base URL {url!r} is not a valid URL ({why}): correct it.")
    if "?" in url or "#" in url:
        raise TargetError(
            f"Base URL {url!r} has a query or fragment: give only scheme, host and path."
        )
    if port == 0:
        raise TargetError(f"Base URL {url!r} has the port 0, where nothing listens: correct it.")
    return parts, port


def normal_host(name: str) -> str:
    """A host in its one spelling: a name as `ascii_name` has it, an address as `ipaddress` has it.

    An IPv4 address may be written in one to four numbers, also octal or hexadecimal, as resolvers
    take it, or as an IPv6 address.
    """
    host = ascii_name(name)
    try:
        if ":" in host:
            address = ipaddress.IPv6Address(host)
            return str(address.ipv4_mapped or address)
    except ValueError:
        raise TargetError(f"{name!r} is not a valid IPv6 address: correct it.") from None
    try:
        return socket.inet_ntoa(socket.inet_aton(host))
    except OSError:
        return host


def ascii_name(name: str) -> str:
    """A host name in lower case and ASCII (RFC 3490), without percent escapes or a final dot."""
    try:
        host = unquote(name).encode("idna").decode("ascii").lower().rstrip(".")
    except UnicodeError:
        host = ""
    if not re.fullmatch(r"[a-z0-9_.:-]+", host):
        raise TargetError(f"{name!r} is not a valid host name: correct it.")
    return host


def host_of(url: str) -> str:
    """The host of a normal base URL."""
    return urlsplit(url).hostname or ""


def is_loopback(url: str) -> bool:
    """Whether a normal base URL stays on this machine."""
    host = host_of(url)
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        # A name below `localhost` is what a resolver makes of it, so it may be another machine.
        return host == "localhost"


def _target(path: Path, text: str, name: str, table: object) -> Target:
    if not NAME.fullmatch(name):
        where = _place(path, text, name, None)
        raise TargetError(
            f"{where}: {name[:80]!r} cannot be the name of a target: "
            "begin with a letter or digit, and use only these, dots, hyphens and underscores."
        )
    if not isinstance(table, dict):
        where = _place(path, text, None, name)
        raise TargetError(
            f"{where}: {name!r} is not a table: write [{name}] and its settings below."
        )
    settings: dict[str, Any] = {}

    def wrong(setting: str | None, what: str) -> TargetError:
        return TargetError(f"{_place(path, text, name, setting)}: target {name!r}{what}")

    for setting, value in table.items():
        try:
            settings[setting] = _setting(setting, value)
        except TargetError as error:
            raise wrong(setting, f": {error}") from None
    if ("base_url" in settings) == settings.get("embedded", False):
        raise wrong(None, " needs either base_url or embedded = true.")
    for setting in _FILES & settings.keys():
        settings[setting] = path.parent / settings[setting]
    if "client_key" in settings and "client_cert" not in settings:
        raise wrong("client_key", " has a client_key but no client_cert: add it.")
    loopback = "base_url" not in settings or is_loopback(settings["base_url"])
    return Target(name, **{"other_methods": loopback, **settings})


def _place(path: Path, text: str, table: str | None, setting: str | None) -> str:
    """`file:line` of a setting, or of its table's header; the file alone when neither is found."""
    current = None
    for number, line in enumerate(text.splitlines(), 1):
        words = line.strip()
        if words.startswith("["):
            current = words.lstrip("[").partition("]")[0].strip(" \t\"'")
            found = setting is None
        else:
            name, equals, _ = words.partition("=")
            found = bool(equals) and name.strip(" \t\"'") == setting
        if found and current == table:
            return f"{path}:{number}"
    return str(path)


def _setting(setting: str, value: object) -> object:
    if setting not in SETTINGS:
        if _SECRET.search(setting):
            raise TargetError(
                f"{setting} looks like a key: put the key into the environment, "
                "and the name of its variable into key_variable."
            )
        raise TargetError(f"there is no setting {setting!r}: choose one of {', '.join(SETTINGS)}.")
    kind, wanted, convert = SETTINGS[setting]
    try:
        if type(value) is kind:
            return convert(value)
    except TargetError:
        raise
    except ValueError:
        pass
    raise TargetError(f"{setting} must be {wanted}.")


def _variable(name: str) -> str:
    if not re.fullmatch("WIZCOMMERCE_[A-Z0-9_]+", name):
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


def _concurrency(number: int) -> int:
    if not 1 <= number <= MOST_CONCURRENT:
        raise ValueError(number)
    return number


def _proxy(url: str) -> str:
    """The normal URL of an http proxy; its password would be a key in the file."""
    proxy = normal_url(url)
    if not proxy.startswith("http:") or urlsplit(proxy).path:
        raise ValueError(url)
    return proxy


def _headers(table: Mapping[str, object]) -> tuple[tuple[str, str], ...]:
    """The header fields that go with every request."""
    for name, value in table.items():
        if not re.fullmatch(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+", name) or not isinstance(value, str):
            raise ValueError(name)
        if not CARRIED.fullmatch(value):
            raise ValueError(value)
        if name.lower() in _OWN_HEADERS:
            raise TargetError(f"the suite sets the header {name} itself: leave it out.")
        if _SECRET.search(name):
            raise TargetError(
                f"the header {name} looks like a key: a secret belongs in no file, and a target "
                "has only the key in key_variable."
            )
    return tuple((name, str(value)) for name, value in table.items())


_SECRET = re.compile("key|secret|token|password|authorization|cookie", re.IGNORECASE)
"""Names of what should not be in a file."""
_OWN_HEADERS = frozenset(
    {
        *("host", "content-length", "transfer-encoding", "content-type", "content-encoding"),
        *("accept", "accept-encoding", "connection", "expect", "te", "upgrade"),
    }
)
_FILES = frozenset({"ca_file", "client_cert", "client_key"})
"""Settings that are paths relative to the file."""
_FLAG = (bool, "true or false", bool)
_VARIABLE = (
    str,
    "the name of an environment variable that begins with WIZCOMMERCE_, never a key itself",
    _variable,
)
SETTINGS: Mapping[str, tuple[type, str, Callable[[Any], object]]] = {
    "base_url": (str, "a URL such as https://host", normal_url),
    "embedded": _FLAG,
    "key_variable": _VARIABLE,
    "forbidden_key_variable": _VARIABLE,
    "order_ids": (list, "a list of order ids, each a non-empty text", _texts),
    "order_created_at": (datetime, "a date-time with an offset: 2025-01-01T00:00:00Z", _aware),
    "other_methods": _FLAG,
    "rate_limit": (str, 'a rate such as "5/s" or "100/m"', read_rate),
    "max_requests": (int, "a whole number from 1", _positive),
    "concurrency": (int, f"a whole number from 1 to {MOST_CONCURRENT}", _concurrency),
    "ca_file": (str, "the name of a file", Path),
    "client_cert": (str, "the name of a file", Path),
    "client_key": (str, "the name of a file", Path),
    "proxy": (str, "the address of a proxy without a password: http://host:port", _proxy),
    "headers": (dict, 'a table of header fields, each a text: {X-Tenant = "blue"}', _headers),
}
"""The type of each setting in TOML, what it must be in words, and its conversion."""


def _key(variable: str, environment: Mapping[str, str]) -> str | None:
    key = environment.get(variable)
    if key and not re.fullmatch(r"[\x21-\x7e]+", key):
        raise TargetError(
            f"The key in {variable} contains a space, a line break or a non-ASCII character: "
            "copy it again."
        )
    return key or None
