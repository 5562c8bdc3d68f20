"""What a run knows of its target beyond the documents."""

from dataclasses import dataclass
from datetime import datetime

from spec.discreet import Discreet


@dataclass(frozen=True, slots=True, repr=False)
class Facts(Discreet):
    """Keys, orders and clock of one run; the oracle and the strategies read the same facts.

    `order_ids` empty means that any order id will do. `unknown_order_id` exists nowhere.
    `started_at` and `order_created_at` are aware datetimes.
    """

    key: str | None
    forbidden_key: str | None
    order_ids: tuple[str, ...]
    order_created_at: datetime | None
    started_at: datetime
    unknown_order_id: str = "ORD-NO-SUCH-ORDER"
