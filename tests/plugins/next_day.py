"""A run that begins a day later than it does."""

from datetime import datetime, timedelta, tzinfo

from typing_extensions import override

from run import session


class Tomorrow(datetime):
    """What time it is, a day later."""

    @override
    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
        """Tomorrow at this time."""
        return datetime.now(tz) + timedelta(days=1)


session.datetime = Tomorrow  # type: ignore[attr-defined]
