"""How far a server's clock is from this machine's: what either calls the future may not be it."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from spec.contract import Contract
from spec.exchange import Exchange
from spec.paths import path_text, schema_at

UNSURE = timedelta(minutes=1)
"""What two clocks may differ by; the reading leaves as much between an invoice's dates and now."""
UNITS = ((timedelta(days=3), "days"), (timedelta(hours=2), "h"), (timedelta(0), "min"))
"""From when on a time is told in which unit."""
LONG = {"days": timedelta(days=1), "h": timedelta(hours=1), "min": timedelta(minutes=1)}


def apart(exchange: Exchange, before: datetime, after: datetime) -> str:
    """A sentence where the Date of an answer (RFC 9110, section 6.6.1), which was made between
    these two times, is neither; empty where it is, or where it cannot be read.
    """
    try:
        at = parsedate_to_datetime((exchange.response and exchange.response.header("date")) or "")
    except (ValueError, TypeError, OverflowError):
        return ""
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    behind, ahead = before - at, at - after
    if max(behind, ahead) <= UNSURE:
        return ""
    far, side = (behind, "behind") if behind > ahead else (ahead, "ahead of")
    unit = next(unit for least, unit in UNITS if far >= least)
    told = f"{far / LONG[unit]:.0f} {unit} {side} this machine's"
    return f"The server's clock is {told}, by its Date header: one of the two is wrong"


def blamed(contract: Contract, requirements: Iterable[str]) -> str:
    """A sentence where requirements on dates are violated, which may be for that; else empty."""
    schema = contract.narrowed_schema
    paths = {one.path for one in contract.body_requirements if one.path}
    dates = {path_text(one) for one in paths if schema_at(schema, one).get("format") == "date-time"}
    violated = {each for each in dates for name in requirements if name.startswith(f"{each}.")}
    names = ", ".join(sorted(violated))
    return f"what is found about {names} may be for that alone" if names else ""
