"""Ready results: SQL and nothing else. Names and codes are sealed before they come here."""

from datetime import datetime

from queue_server.kit.database import Row, Transaction

PUT = """
INSERT INTO ready_results
       (hall_id, seal_id, name_sealed, code_sealed, window_id, ready_at, expires_at, announced_by)
VALUES (:hall_id, :seal_id, :name_sealed, :code_sealed, :window_id, :ready_at, :expires_at, :announced_by)
RETURNING id
"""

READY = """
SELECT id, seal_id, name_sealed, code_sealed, window_id, ready_at
  FROM ready_results
 WHERE hall_id = :hall_id AND collected_at IS NULL AND expires_at > :now
 ORDER BY ready_at DESC, id DESC
 LIMIT :rows_max
"""

COLLECT = """
UPDATE ready_results
   SET collected_at = :now, collected_by = :by
 WHERE hall_id = :hall_id AND id = :id AND collected_at IS NULL AND expires_at > :now
RETURNING id, seal_id, name_sealed, code_sealed, window_id, ready_at
"""

# What was collected stays as long as what was not: until then somebody may ask who handed it out.
FORGET = "DELETE FROM ready_results WHERE expires_at < :before"


def put(tx: Transaction, **values: object) -> int:
    """Write a result that is ready, and answer its number."""
    row = tx.one(PUT, **values)
    assert row is not None  # An insert that did not raise has inserted.
    return int(row["id"])


def ready(tx: Transaction, hall_id: str, now: datetime, rows_max: int) -> list[Row]:
    """What can be collected in a hall, the newest first."""
    return tx.all(READY, hall_id=hall_id, now=now, rows_max=rows_max)


def collect(tx: Transaction, hall_id: str, result_id: int, now: datetime, by: str) -> Row | None:
    """Note that a result was collected, or None if it was not there to collect."""
    return tx.one(COLLECT, hall_id=hall_id, id=result_id, now=now, by=by)


def forget(tx: Transaction, before: datetime) -> int:
    """Delete what expired before an instant, and say how many."""
    return tx.execute(FORGET, before=before)
