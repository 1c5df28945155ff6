"""Matters: SQL and nothing else."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime

import msgspec

from queue_server.catalogue.core import Matter
from queue_server.kit.database import Row, Transaction

MATTERS = """
SELECT code, name_zh, name_en, department_zh, department_en, theme, group_id, target_minutes, kind, tags,
       synonyms, specialised_because, active
  FROM matters
 WHERE hall_id = :hall_id
 ORDER BY position, code
"""

PUT_MATTER = """
INSERT INTO matters
       (hall_id, code, position, name_zh, name_en, department_zh, department_en, theme, group_id,
        target_minutes, kind, tags, synonyms, specialised_because, active)
VALUES (:hall_id, :code, :position, :name_zh, :name_en, :department_zh, :department_en, :theme, :group_id,
        :target_minutes, :kind, CAST(:tags AS text[]), CAST(:synonyms AS text[]), :specialised_because,
        :active)
ON CONFLICT (hall_id, code) DO UPDATE
   SET position = EXCLUDED.position,
       name_zh = EXCLUDED.name_zh,
       name_en = EXCLUDED.name_en,
       department_zh = EXCLUDED.department_zh,
       department_en = EXCLUDED.department_en,
       theme = EXCLUDED.theme,
       group_id = EXCLUDED.group_id,
       target_minutes = EXCLUDED.target_minutes,
       kind = EXCLUDED.kind,
       tags = EXCLUDED.tags,
       synonyms = EXCLUDED.synonyms,
       specialised_because = EXCLUDED.specialised_because,
       active = EXCLUDED.active
"""

DROP_MATTER = "DELETE FROM matters WHERE hall_id = :hall_id AND code = :code"

# Two managers who save at once must not leave a mixture, so the second waits for the first.
TURN = "SELECT pg_advisory_xact_lock(hashtext('matters of ' || :hall_id))"

REMEMBER = """
INSERT INTO matter_history (hall_id, code, changed_at, changed_by, matter)
VALUES (:hall_id, :code, :changed_at, :changed_by, CAST(:matter AS jsonb))
"""


def matters_of(tx: Transaction, hall_id: str) -> dict[str, Matter]:
    """What one hall offers, in its own order."""
    return {row["code"]: _matter(row) for row in tx.all(MATTERS, hall_id=hall_id)}


def wait_for_turn(tx: Transaction, hall_id: str) -> None:
    """Be the only one who changes the matters of this hall until the commit."""
    tx.one(TURN, hall_id=hall_id)


def put_matter(tx: Transaction, hall_id: str, matter: Matter, position: int) -> None:
    """Write a matter as it is now."""
    values = {**asdict(matter), "tags": list(matter.tags), "synonyms": list(matter.synonyms)}
    tx.execute(PUT_MATTER, hall_id=hall_id, position=position, **values)


def drop_matter(tx: Transaction, hall_id: str, code: str) -> None:
    """This hall no longer lists the matter at all."""
    tx.execute(DROP_MATTER, hall_id=hall_id, code=code)


def remember(
    tx: Transaction,
    hall_id: str,
    codes: Iterable[str],
    now: datetime,
    changed_by: str,
    after: dict[str, Matter],
) -> None:
    """Note what each of these matters has become; null for one that is gone."""
    for code in codes:
        as_json = msgspec.json.encode(after.get(code)).decode()
        tx.execute(
            REMEMBER, hall_id=hall_id, code=code, changed_at=now, changed_by=changed_by, matter=as_json
        )


def _matter(row: Row) -> Matter:
    return Matter(**{**row, "tags": tuple(row["tags"]), "synonyms": tuple(row["synonyms"])})
