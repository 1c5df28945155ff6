"""How often the slip of a ticket was printed: one row a ticket."""

from datetime import datetime
from typing import Final

from queue_server.kit.database import Transaction

# Nothing comes back where there have been enough.
COUNT: Final = """
    INSERT INTO slips (hall_id, ticket_id, printed, printed_at) VALUES (:hall_id, :ticket_id, 1, :now)
    ON CONFLICT (hall_id, ticket_id)
    DO UPDATE SET printed = slips.printed + 1, printed_at = :now WHERE slips.printed < :slips_max
    RETURNING printed
"""
FORGET: Final = "DELETE FROM slips WHERE printed_at < :before"


def count(tx: Transaction, hall_id: str, ticket_id: int, now: datetime, slips_max: int) -> int | None:
    """One more: which slip of this ticket it is, from 1. None if there have been as many as may be."""
    row = tx.one(COUNT, hall_id=hall_id, ticket_id=ticket_id, now=now, slips_max=slips_max)
    return None if row is None else int(row["printed"])


def forget(tx: Transaction, before: datetime) -> int:
    """Forget what was printed before that instant; how many tickets."""
    return tx.execute(FORGET, before=before)
