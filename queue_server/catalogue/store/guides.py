"""Guides, their drafts and suggestions: SQL and nothing else."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec

from queue_server.catalogue.core.guides import Guide
from queue_server.kit.database import Row, Transaction

LATEST: Final = """
SELECT version, guide, published_at, published_by, note
  FROM guides
 WHERE hall_id = :hall_id AND matter = :matter
 ORDER BY version DESC
 LIMIT 1
"""

VERSION: Final = """
SELECT guide
  FROM guides
 WHERE hall_id = :hall_id AND matter = :matter AND version = :version
"""

HISTORY: Final = """
SELECT version, published_at, published_by, edited_by, note
  FROM guides
 WHERE hall_id = :hall_id AND matter = :matter
 ORDER BY version DESC
"""

PUBLISH: Final = """
INSERT INTO guides (hall_id, matter, version, guide, published_at, published_by, edited_by, note)
VALUES (:hall_id, :matter, :version, CAST(:guide AS jsonb), :now, :by, :edited_by, :note)
"""

# The newest of each matter of a hall, with what is under way beside it.
STANDING: Final = """
SELECT DISTINCT ON (matter) matter, version, guide, published_at
  FROM guides
 WHERE hall_id = :hall_id
 ORDER BY matter, version DESC
"""

DRAFTS: Final = "SELECT matter, in_review FROM guide_drafts WHERE hall_id = :hall_id"

DRAFT: Final = """
SELECT revision, in_review, guide, changed_at, changed_by, changed_by_name
  FROM guide_drafts
 WHERE hall_id = :hall_id AND matter = :matter
"""

PUT_DRAFT: Final = """
INSERT INTO guide_drafts (hall_id, matter, revision, in_review, guide, changed_at, changed_by, changed_by_name)
VALUES (:hall_id, :matter, :revision, :in_review, CAST(:guide AS jsonb), :now, :by, :by_name)
ON CONFLICT (hall_id, matter) DO UPDATE
   SET revision = EXCLUDED.revision,
       in_review = EXCLUDED.in_review,
       guide = EXCLUDED.guide,
       changed_at = EXCLUDED.changed_at,
       changed_by = EXCLUDED.changed_by,
       changed_by_name = EXCLUDED.changed_by_name
"""

DROP_DRAFT: Final = "DELETE FROM guide_drafts WHERE hall_id = :hall_id AND matter = :matter"

SUGGEST: Final = """
INSERT INTO guide_suggestions
       (hall_id, matter, before, after, reason, made_at, made_by, made_by_name, state)
VALUES (:hall_id, :matter, CAST(:before AS jsonb), CAST(:after AS jsonb), :reason, :now, :by, :by_name, 'open')
RETURNING id
"""

SUGGESTIONS: Final = """
SELECT id, matter, before, after, reason, made_at, made_by, made_by_name, state, settled_at, settled_by, version
  FROM guide_suggestions
 WHERE hall_id = :hall_id
"""
OPEN_ONES: Final = SUGGESTIONS + " AND state = 'open' ORDER BY id"
OF_MATTER: Final = SUGGESTIONS + " AND matter = :matter ORDER BY id DESC LIMIT 50"
ONE: Final = SUGGESTIONS + " AND id = :id FOR UPDATE"

SETTLE: Final = """
UPDATE guide_suggestions
   SET state = :state, settled_at = :now, settled_by = :by, version = :version
 WHERE id = :id
"""


def latest(tx: Transaction, hall_id: str, matter: str) -> tuple[int, Guide] | None:
    """The newest version that was published, if there is one."""
    row = tx.one(LATEST, hall_id=hall_id, matter=matter)
    return None if row is None else (row["version"], read(row["guide"]))


def version_of(tx: Transaction, hall_id: str, matter: str, version: int) -> Guide | None:
    """One version."""
    row = tx.one(VERSION, hall_id=hall_id, matter=matter, version=version)
    return None if row is None else read(row["guide"])


def history(tx: Transaction, hall_id: str, matter: str) -> Sequence[Row]:
    """Every version, the newest first."""
    return tx.all(HISTORY, hall_id=hall_id, matter=matter)


def publish(tx: Transaction, *, guide: Guide, **values: Any) -> None:
    """Write the next version down."""
    tx.execute(PUBLISH, guide=spelled(guide), **values)


def standing(tx: Transaction, hall_id: str) -> dict[str, tuple[int, Guide, datetime]]:
    """The newest version of every guide of a hall."""
    return {
        row["matter"]: (row["version"], read(row["guide"]), row["published_at"])
        for row in tx.all(STANDING, hall_id=hall_id)
    }


def drafts(tx: Transaction, hall_id: str) -> dict[str, bool]:
    """Which guides have a draft, and whether it is in review."""
    return {row["matter"]: row["in_review"] for row in tx.all(DRAFTS, hall_id=hall_id)}


def draft(tx: Transaction, hall_id: str, matter: str) -> Row | None:
    """The draft of a guide."""
    row = tx.one(DRAFT, hall_id=hall_id, matter=matter)
    return None if row is None else {**row, "guide": read(row["guide"])}


def put_draft(tx: Transaction, *, guide: Guide, **values: Any) -> None:
    """Keep a draft as it is now."""
    tx.execute(PUT_DRAFT, guide=spelled(guide), **values)


def drop_draft(tx: Transaction, hall_id: str, matter: str) -> None:
    """The draft is published, or given up."""
    tx.execute(DROP_DRAFT, hall_id=hall_id, matter=matter)


def suggest(tx: Transaction, *, before: Any, after: Any, **values: Any) -> int:
    """Note what a department would like to see changed."""
    row = tx.one(SUGGEST, before=spelled(before), after=spelled(after), **values)
    assert row is not None
    number: int = row["id"]
    return number


def suggestions(tx: Transaction, hall_id: str, matter: str | None = None) -> Iterable[Row]:
    """Those of a matter, the newest first; or all that nobody has settled yet."""
    if matter is None:
        return tx.all(OPEN_ONES, hall_id=hall_id)
    return tx.all(OF_MATTER, hall_id=hall_id, matter=matter)


def suggestion(tx: Transaction, hall_id: str, number: int) -> Row | None:
    """One suggestion, to be settled."""
    return tx.one(ONE, hall_id=hall_id, id=number)


def settle(tx: Transaction, **values: Any) -> None:
    """Note what became of a suggestion."""
    tx.execute(SETTLE, **values)


def read(written: Any) -> Guide:
    """A guide as it was kept."""
    return msgspec.convert(written, Guide)


def spelled(value: Any) -> str:
    """A value as it is kept."""
    return msgspec.json.encode(value).decode()
