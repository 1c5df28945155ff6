"""How many slips a ticket may have, counted where every kiosk and every process sees it.

A slip counts before it is printed: what got stuck may come out after all.
"""

from datetime import datetime
from typing import Final

from queue_server.hall.store import slips
from queue_server.kit.database import Transaction
from queue_server.kit.rejections import Rejected

SLIPS_MAX: Final = 4  # Of one ticket: paper is dear, and links are passed on.


class SlipsUsedUp(Rejected):
    """This ticket has been printed {slips_max} times. Please ask a guide."""

    zh = "该号票已打印{slips_max}次，请找导办人员。"


def count(tx: Transaction, hall_id: str, ticket_id: int, now: datetime) -> int:
    """One more: which slip of this ticket it is, from 1. `SlipsUsedUp`."""
    printed = slips.count(tx, hall_id, ticket_id, now, SLIPS_MAX)
    if printed is None:
        raise SlipsUsedUp(slips_max=SLIPS_MAX)
    return printed


def forget_before(tx: Transaction, before: datetime) -> int:
    """Forget the slips of days gone by; of how many tickets."""
    return slips.forget(tx, before)
