"""No production by accident: its hosts need to be named before the first packet."""

import re
from collections.abc import Iterable

from targets.address import checked, host_of, normal_host
from targets.errors import TargetError

_PRODUCTION = re.compile(r"\b(prod|production|live)\b", re.IGNORECASE)


def production_hosts(servers: Iterable[tuple[str, str]]) -> frozenset[str]:
    """The hosts of a document's servers, (URL, description) each, that are production.

    A server without a description counts, for nothing says that it is not.
    """
    named = (
        url for url, description in servers if not description or _PRODUCTION.search(description)
    )
    return frozenset(host_of(checked(url)) for url in named if "://" in url and "{" not in url)


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
