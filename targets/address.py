"""Base URLs: checked once and spelled one way, so that guard and client mean the same host."""

import ipaddress
import re
from urllib.parse import unquote, urlsplit

from targets.errors import TargetError

_HOST = re.compile(r"[a-z0-9_.:-]+")
_FORBIDDEN = re.compile(r"[\x00-\x20\x7f\\]")
_PORTS = {"http": 80, "https": 443}


def checked(url: str) -> str:
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
