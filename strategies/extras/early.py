"""What is sent beside requests that a framework may answer before an application sees them: in the
kind of answer that the client prefers, and with a line in its own log.
"""

from collections.abc import Iterator
from itertools import cycle
from urllib.parse import parse_qsl

from spec.contract import Contract
from spec.parameters import QUERY as IN_QUERY
from strategies.extras.clients import (
    ACCEPT,
    FIELDS,
    OF_CLIENTS,
    Way,
    asks_for_other_errors,
    is_kept_under_a_key,
    undocumented,
)
from strategies.extras.company import accepted_in_company
from strategies.extras.proxies import Fields
from strategies.parameters import with_query

_OF_A_BROWSER = OF_CLIENTS["the Accept of a browser"][1]
_EARLY: tuple[tuple[str, Fields, str], ...] = (
    # What is no traceparent is to be left aside (W3C Trace Context, section 3.2.2.4).
    (ACCEPT, (*_OF_A_BROWSER, ("traceparent", "none"), ("X-Forwarded-For", "2001:db8::7")), ""),
    (
        FIELDS,
        (
            ("X-Forwarded-For", "127.0.0.1"),
            ("User-Agent", f"Mozilla/5.0{' (X11; Linux x86_64)' * 15}"),
            ("X-Request-ID", "a b/c;d"),
            ("Accept", "application/vnd.api+json, application/json"),
        ),
        "",
    ),
    (
        FIELDS,
        (
            ("X-Forwarded-For", "203.0.113.7:51234"),
            *(("X-Role", "admin"), ("X-Tenant-ID", "1"), ("X-Account-ID", "1")),
            *(("X-Test-Mode", "true"), ("X-Sandbox", "true")),
        ),
        "mode=test&test=1",
    ),
)
"""A page as the preferred answer, and what a log has a short column for."""
_MANY = 8
"""Header fields of an accepted invoice by which a server may know its client."""


def ways_of_early(contract: Contract) -> Iterator[Way]:
    """These ways without end, after each all that some accepted invoice is sent with, by which a
    server may know its client again; in the end one of nothing.
    """
    known = {one.parameter.name for one in contract.parameters if one.parameter.place == IN_QUERY}
    copied = (
        way
        for way in accepted_in_company(contract)
        if len(way.fields) >= _MANY and not (asks_for_other_errors(way) or is_kept_under_a_key(way))
    )
    early = [
        Way(
            about,
            undocumented(contract, fields),
            with_query(contract, query)
            if query and not known & dict(parse_qsl(query)).keys()
            else "",
        )
        for about, fields, query in _EARLY
    ]
    for way in cycle((*early, None)):
        yield Way("") if way is None else way
        if way is not None:
            yield next(copied)


def accepts(contract: Contract) -> Iterator[Fields]:
    """The Accept of curl and that of a browser, which get some a page; between them the usual."""
    asked = undocumented(contract, _OF_A_BROWSER)
    return cycle(((), (("Accept", "*/*"),), (), asked))
