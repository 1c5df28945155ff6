"""Knowledge: SQL and nothing else."""

from datetime import datetime
from typing import Any

import msgspec

from queue_server.kit.database import Row, Transaction
from queue_server.knowledge.core import Entry, KnowledgeState, Miss, Writing

OPEN = "INSERT INTO knowledge (hall_id, version) VALUES (:hall_id, 0) RETURNING id"

# Locked until the commit: of two people who write at once, the second is told.
LOCK = "SELECT version FROM knowledge WHERE hall_id = :hall_id AND id = :id FOR UPDATE"

WRITE = """
INSERT INTO knowledge_versions (entry_id, version, state, at, by_id, by_name, body)
VALUES (:id, :version, :state, :at, :by_id, :by_name, CAST(:body AS jsonb))
"""

# A draft is nobody's business but the writers': what clerks find stays as it is.
TURN = """
UPDATE knowledge
   SET version = :version,
       shown_version = CASE :state WHEN 'published' THEN :version WHEN 'draft' THEN shown_version END
 WHERE id = :id
RETURNING shown_version
"""

ENTRY = """
SELECT knowledge.id, wanted.version, wanted.state, wanted.at, wanted.by_name, knowledge.shown_version,
       CAST(wanted.body AS text) AS body
  FROM knowledge
  JOIN knowledge_versions AS wanted ON wanted.entry_id = knowledge.id
 WHERE knowledge.hall_id = :hall_id
"""

SHOWN = ENTRY + "AND wanted.version = knowledge.shown_version"

# Drafts first: they wait for somebody.
NEWEST = (
    ENTRY
    + """
   AND wanted.version = knowledge.version
 ORDER BY wanted.state <> 'draft', wanted.at DESC, knowledge.id DESC
"""
)

VERSIONS = ENTRY + "AND knowledge.id = :id ORDER BY wanted.version DESC"

# Locked against a withdrawal until the commit of whoever cites it.
TO_CITE = SHOWN + " AND knowledge.id = :id FOR SHARE OF knowledge"

MISSED = """
INSERT INTO knowledge_misses AS known (hall_id, query, matter, times, last_at)
VALUES (:hall_id, :query, :matter, 1, :now)
ON CONFLICT (hall_id, query, matter) DO UPDATE
   SET times = known.times + 1,
       last_at = EXCLUDED.last_at
"""

MISSES = """
SELECT query, matter, times, last_at
  FROM knowledge_misses
 WHERE hall_id = :hall_id AND last_at > :since
 ORDER BY times DESC, last_at DESC
 LIMIT :rows_max
"""


def open_entry(tx: Transaction, hall_id: str) -> int:
    """A new entry, without a version yet."""
    row = tx.one(OPEN, hall_id=hall_id)
    assert row is not None  # An insert that did not raise has inserted.
    return int(row["id"])


def locked_version(tx: Transaction, hall_id: str, entry_id: int) -> int | None:
    """The number of the newest version; nobody else writes one until the commit."""
    row = tx.one(LOCK, hall_id=hall_id, id=entry_id)
    return None if row is None else int(row["version"])


def write(
    tx: Transaction,
    *,
    entry_id: int,
    version: int,
    state: KnowledgeState,
    at: datetime,
    by_id: str,
    by_name: str,
    writing: Writing,
) -> int | None:
    """Add a version, and let clerks find it or not; the version that they find now."""
    body = msgspec.json.encode(writing).decode()
    tx.execute(
        WRITE,
        id=entry_id,
        version=version,
        state=state.value,
        at=at,
        by_id=by_id,
        by_name=by_name,
        body=body,
    )
    row = tx.one(TURN, id=entry_id, version=version, state=state.value)
    assert row is not None  # Whoever writes a version has found its entry.
    found: int | None = row["shown_version"]
    return found


def shown(tx: Transaction, hall_id: str) -> list[Entry]:
    """What clerks of a hall find."""
    return [_entry(row) for row in tx.all(SHOWN, hall_id=hall_id)]


def newest(tx: Transaction, hall_id: str) -> list[Entry]:
    """Every entry of a hall as it was last written."""
    return [_entry(row) for row in tx.all(NEWEST, hall_id=hall_id)]


def versions(tx: Transaction, hall_id: str, entry_id: int) -> list[Entry]:
    """Every version of an entry, the newest first."""
    return [_entry(row) for row in tx.all(VERSIONS, hall_id=hall_id, id=entry_id)]


def to_cite(tx: Transaction, hall_id: str, entry_id: int) -> Entry | None:
    """The version that clerks find now, held still until the commit."""
    row = tx.one(TO_CITE, hall_id=hall_id, id=entry_id)
    return None if row is None else _entry(row)


def missed(tx: Transaction, **values: Any) -> None:
    """Note what somebody looked for in vain."""
    tx.execute(MISSED, **values)


def misses(tx: Transaction, hall_id: str, since: datetime, rows_max: int) -> list[Miss]:
    """What was looked for in vain, the most often first."""
    return [Miss(**row) for row in tx.all(MISSES, hall_id=hall_id, since=since, rows_max=rows_max)]


def _entry(row: Row) -> Entry:
    writing = msgspec.json.decode(row.pop("body"), type=Writing)
    return Entry(**{**row, "state": KnowledgeState(row["state"])}, writing=writing)
