"""Ratings: SQL and nothing else."""

from datetime import date, datetime

import msgspec

from queue_server.kit.database import Row, Transaction
from queue_server.oversight.core import Rating, Service

PUT = """
INSERT INTO ratings (digest, hall_id, group_id, window_id, day, level, aspects, comment, rated_at, due_at)
VALUES (:digest, :hall_id, :group_id, :window_id, :day, :level, CAST(:aspects AS jsonb), :comment, :now, :due_at)
ON CONFLICT (digest) DO NOTHING
"""

IS_RATED = "SELECT FROM ratings WHERE digest = :digest"

LEVELS = """
SELECT level, count(*) AS ratings
  FROM ratings
 WHERE hall_id = :hall_id AND day >= :since
 GROUP BY level
"""

ASPECTS = """
SELECT aspect.key AS aspect, CAST(avg(CAST(aspect.value AS int)) AS float8) AS mean, count(*) AS ratings
  FROM ratings, jsonb_each_text(aspects) AS aspect
 WHERE hall_id = :hall_id AND day >= :since
 GROUP BY aspect.key
"""

TO_ANSWER = """
SELECT id, group_id, window_id, day, level, CAST(aspects AS text) AS aspects, comment, rated_at, due_at
  FROM ratings
 WHERE hall_id = :hall_id AND due_at IS NOT NULL AND replied_at IS NULL
 ORDER BY due_at, id
 LIMIT :rows_max
"""

ANSWER = """
UPDATE ratings
   SET reply = :reply, replied_at = :now, replied_by = :by
 WHERE hall_id = :hall_id AND id = :id AND due_at IS NOT NULL AND replied_at IS NULL
"""


def put(tx: Transaction, service: Service, rating: Rating, now: datetime, due_at: datetime | None) -> bool:
    """Write a rating down; False if this service was rated already."""
    written = tx.execute(
        PUT,
        digest=service.digest,
        hall_id=service.hall_id,
        group_id=service.group_id,
        window_id=service.window_id,
        day=service.day,
        level=rating.level,
        aspects=msgspec.json.encode(rating.aspects).decode(),
        comment=rating.comment,
        now=now,
        due_at=due_at,
    )
    return written == 1


def is_rated(tx: Transaction, digest: str) -> bool:
    """Whether a service was rated."""
    return tx.one(IS_RATED, digest=digest) is not None


def levels(tx: Transaction, hall_id: str, since: date) -> list[Row]:
    """How many ratings of each level there were."""
    return tx.all(LEVELS, hall_id=hall_id, since=since)


def aspects(tx: Transaction, hall_id: str, since: date) -> list[Row]:
    """What people thought of each aspect on average."""
    return tx.all(ASPECTS, hall_id=hall_id, since=since)


def to_answer(tx: Transaction, hall_id: str, rows_max: int) -> list[Row]:
    """The bad ratings that nobody has answered, the most urgent first."""
    rows = tx.all(TO_ANSWER, hall_id=hall_id, rows_max=rows_max)
    return [{**row, "aspects": msgspec.json.decode(row["aspects"])} for row in rows]


def answer(tx: Transaction, hall_id: str, rating_id: int, reply: str, now: datetime, by: str) -> bool:
    """Write down what was done about a bad rating; False if there is nothing to answer."""
    return tx.execute(ANSWER, hall_id=hall_id, id=rating_id, reply=reply, now=now, by=by) == 1
