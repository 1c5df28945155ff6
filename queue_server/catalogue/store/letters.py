"""Letters of delegation and the renewals that are asked for: SQL and nothing else."""

from collections.abc import Sequence
from typing import Any, Final

from queue_server.kit.database import Row, Transaction

LETTERS: Final = """
SELECT d.matter, d.ends_on, d.ask, d.changed_by, m.name_zh, m.name_en, m.department_zh, m.department_en,
       r.ends_on AS renewal_ends_on, r.reason AS renewal_reason, r.asked_by, r.asked_by_name
  FROM delegations d
  LEFT JOIN matters m ON m.hall_id = d.hall_id AND m.code = d.matter
  LEFT JOIN delegation_renewals r ON r.hall_id = d.hall_id AND r.matter = d.matter AND r.state = 'open'
 WHERE d.hall_id = :hall_id
"""
OF_HALL: Final = LETTERS + " ORDER BY d.ends_on, d.matter"
OF_MATTER: Final = LETTERS + " AND d.matter = :matter"
TO_CHANGE: Final = OF_MATTER + " FOR UPDATE OF d"

PUT: Final = """
INSERT INTO delegations (hall_id, matter, ends_on, ask, changed_at, changed_by)
VALUES (:hall_id, :matter, :ends_on, :ask, :now, :by)
ON CONFLICT (hall_id, matter) DO UPDATE
   SET ends_on = EXCLUDED.ends_on, ask = EXCLUDED.ask, changed_at = EXCLUDED.changed_at,
       changed_by = EXCLUDED.changed_by
"""

ASK: Final = """
INSERT INTO delegation_renewals (hall_id, matter, ends_on, reason, asked_at, asked_by, asked_by_name, state)
VALUES (:hall_id, :matter, :ends_on, :reason, :now, :by, :by_name, 'open')
"""

SETTLE: Final = """
UPDATE delegation_renewals
   SET state = :state, settled_at = :now, settled_by = :by
 WHERE hall_id = :hall_id AND matter = :matter AND state = 'open'
"""


def of_hall(tx: Transaction, hall_id: str) -> Sequence[Row]:
    """Every letter of a hall, those that end first before the others."""
    return tx.all(OF_HALL, hall_id=hall_id)


def of_matter(tx: Transaction, hall_id: str, matter: str, *, to_change: bool = False) -> Row | None:
    """The letter for one matter."""
    return tx.one(TO_CHANGE if to_change else OF_MATTER, hall_id=hall_id, matter=matter)


def put(tx: Transaction, **values: Any) -> None:
    """Write a letter down, or anew."""
    tx.execute(PUT, **values)


def ask(tx: Transaction, **values: Any) -> None:
    """Note that a renewal is asked for."""
    tx.execute(ASK, **values)


def settle(tx: Transaction, **values: Any) -> None:
    """Note what became of it."""
    tx.execute(SETTLE, **values)
