"""The guard before production, and before a key that others could read on its way."""

import re
from collections.abc import Iterable
from urllib.parse import unquote

from targets.config import ascii_name, host_of, is_loopback, normal_host
from targets.errors import TargetError


def _words(*words: str) -> re.Pattern[str]:
    """Finds any of these words, whole: no letter of any script is beside them."""
    return re.compile(rf"(?<![^\W\d_])(?:{'|'.join(words)})(?![^\W\d_])", re.IGNORECASE)


_PRODUCTION = _words("prod", "production", "live")
_TRIALS = ("staging", "stage", "sandbox", "test", "testing", "dev", "development", "demo")
_TRIAL = _words(*_TRIALS)
_REAL = _words(
    "real", "actual", "genuine", "paying", "paid", "customers?", "money", "charged", "billed"
)
"""Words that say that what a server is sent counts."""
_DENYING = ("no", "not", "non", "none", "never", "nor", "neither", "without", "cannot")
_DENIED = _words(*_DENYING, r"[^\W\d_]{1,9}n['’]t", "fake")
_TURNED = _words(
    *(*_DENYING, "false", "off"),
    *(r"[^\W\d_]{1,9}n['’]t", "except", "instead", "unlike", "use", "see"),
)
"""Words that may say that a server is something else, or that something else is the server."""
_SENTENCE = re.compile(r"[.;!](?!\w)|\n")
"""Where a sentence ends: not within the name of a host."""
_HYPHEN = re.compile(
    r"(?<=\w)[-~\u00ad\u2010-\u2015\u2053\u2212\u2e3a\u2e3b\ufe58\ufe63\uff0d]{1,3}(?=\w)"
)
"""A hyphen within a word, or a dash without spaces: `Test-drive` is no test."""
_PHRASE = re.compile(r"[^\w .]|\.(?!\w)|(?<= )for(?= )", re.IGNORECASE)
"""Where the phrase ends with which a description begins: not within a word or a name."""
_NAMED_TRIAL = re.compile(
    r"(?:(?:the|a|an|our|your) )?(?:(?:public|internal|private|shared|local|first|second) )?"
    rf"(?:{'|'.join(_TRIALS)})"
    r"(?: (?:api|server|service|system|environment|env|host|instance|site|endpoint|tenant|account"
    r"|cluster|area|mode|gateway|platform|url|base|baseurl))*",
    re.IGNORECASE,
)
"""A phrase that names a server for trials and says nothing else: `The public sandbox API`."""
_OF_A_HOST = frozenset(".。．｡:%{")
"""What the first part of a URL without two slashes has where it is a host."""
_VARIABLE_PART = re.compile(r"\{[^{}]*\}")
_PUBLIC_ENDING = frozenset({"dev"})
"""Endings of host names that say nothing of what they name, as anybody's may have them."""


def refuse_production(
    base_url: str, servers: Iterable[tuple[str, str]], allowed: str | None
) -> None:
    """Raise TargetError when a normal base URL is production and `allowed` is another host."""
    if not is_production(base_url, servers):
        return
    host = host_of(base_url)
    if not _is_allowed(host, allowed):
        raise TargetError(
            f"{host} is production, and real invoices would be created there: "
            f"add --allow-production {host} if that is what you want."
        )
    if not base_url.startswith("https:"):
        raise TargetError(f"{host} is production: use https, because http exposes the key.")


def _is_allowed(host: str, allowed: str | None) -> bool:
    """Whether a host is the one that the user allows, who may write an IPv6 address in brackets."""
    return allowed is not None and normal_host(allowed.strip("[]")) == host


def is_production(base_url: str, servers: Iterable[tuple[str, str]]) -> bool:
    """Whether a normal base URL is production, by URL and description of a document's servers.

    All are production but those of this machine and those of which the description begins with a
    phrase that names a server for trials, or of which the host has a word for it. A sentence that
    denies something, or points elsewhere, says nothing, and a word for what is real is heeded.
    """
    host = host_of(base_url)
    return not is_loopback(base_url) and any(_is_one_of_production(host, *s) for s in servers)


def _is_one_of_production(host: str, url: str, description: str) -> bool:
    """Whether a host is one that a server of a document names, as production."""
    return _can_name(_host_named_by(url), host) and not (
        _is_for_trials(description) or _has_word_for_trials(host, description)
    )


def _is_for_trials(description: str) -> bool:
    """Whether a description begins with a phrase that names a server for trials."""
    sentences = _SENTENCE.split(re.sub("[*_`]", "", description).strip())
    begins = _HYPHEN.sub(" ", sentences[0])
    phrase = " ".join(_PHRASE.split(begins, maxsplit=1)[0].split())
    turned = _TURNED.search(sentences[0]) or _PRODUCTION.search(description)
    counts = any(_REAL.search(one) and not _DENIED.search(one) for one in sentences)
    return bool(_NAMED_TRIAL.fullmatch(phrase)) and not turned and not counts


def _has_word_for_trials(host: str, description: str) -> bool:
    """Whether a label of a host says that it is for trials, and nothing that it is production."""
    # A label in Punycode has letters beside those that are in it.
    labels = [label for label in host.split(".") if not label.startswith("xn--")]
    if labels and labels[-1] in _PUBLIC_ENDING:
        labels.pop()
    trial = any(_TRIAL.search(each) and not _TURNED.search(each) for each in labels)
    return trial and not any(map(_PRODUCTION.search, (description, *labels)))


def _host_named_by(url: str) -> str:
    """The host of a server's URL, with its variables in braces; empty for a relative URL."""
    url = "".join(url.split())
    before, slashes, rest = url.partition("//")
    if not slashes or "/" in before:
        before, rest = "", url
        if _OF_A_HOST.isdisjoint(url.partition("/")[0]):
            return ""
    host = re.split(r"[/?#\\]", rest)[0].rpartition("@")[2]
    if host.startswith("["):
        host = host[1:].partition("]")[0].partition("%")[0]  # what follows is a zone
    else:
        host = host.partition(":")[0]
    try:
        return _template(host) if "{" in host else normal_host(host)
    except TargetError:
        return host.rstrip(".").lower()


def _template(host: str) -> str:
    """A host with variables in braces of which the other labels are as a host has them."""
    labels = re.split("[.。．｡]", unquote(host).lower())
    return ".".join(label if "{" in label else ascii_name(label) for label in labels if label)


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
    if not _is_allowed(host, allowed):
        raise TargetError(
            f"http exposes the key on its way to {host}: use https, "
            f"or add --allow-http {host} if that is what you want."
        )
