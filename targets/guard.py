"""The guard before production, and before a key that others could read on its way."""

import re
from collections.abc import Iterable

from targets.config import host_of, is_loopback, normal_host
from targets.errors import TargetError


def _words(*words: str) -> re.Pattern[str]:
    """Finds any of these words, whole: no letter of any script is beside them."""
    return re.compile(rf"(?<![^\W\d_])(?:{'|'.join(words)})(?![^\W\d_])", re.IGNORECASE)


_PRODUCTION = _words("prod", "production", "live")
_TRIAL = _words("staging", "stage", "sandbox", "test", "testing", "dev", "development", "demo")
_TURNED = _words(
    *("no", "not", "non", "none", "never", "nor", "neither", "without", "false", "off", "cannot"),
    *(r"[^\W\d_]{1,9}n['’]t", "except", "instead", "unlike", "use", "see"),
)
"""Words that may say that a server is something else, or that something else is the server."""
_SENTENCE = re.compile(r"[.;!\n]+")
_VARIABLE_PART = re.compile(r"\{[^{}]*\}")


def refuse_production(
    base_url: str, servers: Iterable[tuple[str, str]], allowed: str | None
) -> None:
    """Raise TargetError when a normal base URL is production and `allowed` is another host."""
    if not is_production(base_url, servers):
        return
    host = host_of(base_url)
    if allowed is None or normal_host(allowed) != host:
        raise TargetError(
            f"{host} is production, and real invoices would be created there: "
            f"add --allow-production {host} if that is what you want."
        )
    if not base_url.startswith("https:"):
        raise TargetError(f"{host} is production: use https, because http exposes the key.")


def is_production(base_url: str, servers: Iterable[tuple[str, str]]) -> bool:
    """Whether a normal base URL is production, by URL and description of a document's servers.

    All are production but those of this machine and those of which the description or the host says
    that they are for trials. A sentence that denies something, or points elsewhere, says nothing.
    """
    host = host_of(base_url)
    return not is_loopback(base_url) and any(_is_one_of_production(host, *s) for s in servers)


def _is_one_of_production(host: str, url: str, description: str) -> bool:
    """Whether a host is one that a server of a document names, as production."""
    if not _can_name(_host_named_by(url), host):
        return False
    # A label in Punycode has letters beside those that are in it.
    labels = (label for label in host.split(".") if not label.startswith("xn--"))
    said = (*_SENTENCE.split(description), *labels)
    trial = any(_TRIAL.search(each) and not _TURNED.search(each) for each in said)
    return bool(_PRODUCTION.search(description)) or not trial


def _host_named_by(url: str) -> str:
    """The host of a server's URL, with its variables in braces; empty for a relative URL."""
    before, slashes, rest = url.partition("//")
    if not slashes or "/" in before:
        before, rest = "", url
        if url.startswith("/") or not {".", "{"} & {*url.partition("/")[0]}:
            return ""
    host = re.split(r"[/?#\\]", rest)[0].rpartition("@")[2].partition(":")[0].rstrip(".").lower()
    try:
        return host if "{" in host else normal_host(host)
    except TargetError:
        return host


def _can_name(template: str, host: str) -> bool:
    """Whether some values of its variables make this host of a template."""
    first, *others = _VARIABLE_PART.split(template)
    if not others:
        return host == first
    *middle, last = others
    at = len(first)
    for part in middle:
        at = host.find(part, at)
        if at < 0:
            return False
        at += len(part)
    return host.startswith(first) and host.endswith(last) and len(host) - len(last) >= at


def refuse_plain_http(base_url: str, allowed: str | None) -> None:
    """Raise TargetError when a key would be sent unencrypted to another machine.

    `base_url` is a normal one; `allowed` is the host for which that is wanted all the same.
    """
    host = host_of(base_url)
    if base_url.startswith("https:") or is_loopback(base_url):
        return
    if allowed is None or normal_host(allowed.strip("[]")) != host:
        raise TargetError(
            f"http exposes the key on its way to {host}: use https, "
            f"or add --allow-http {host} if that is what you want."
        )
