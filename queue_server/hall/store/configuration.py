"""What a hall is made of, as a document with versions: the newest is in force."""

from dataclasses import dataclass
from datetime import datetime

import msgspec

from queue_server.hall.core.paper import Configuration
from queue_server.kit.database import Transaction

PRIMARY_KEY = "configurations_pkey"


@dataclass(frozen=True, slots=True)
class Edition:
    """One version of a hall on paper: who wrote it, when, and why."""

    version: int
    changed_at: datetime
    changed_by: str
    note: str


def epoch_of(tx: Transaction, hall_id: str) -> str | None:
    """Which journal a hall is on, or None for a hall that does not exist."""
    row = tx.one("SELECT epoch FROM halls WHERE id = :hall_id", hall_id=hall_id)
    return None if row is None else str(row["epoch"])


def hall_ids(tx: Transaction) -> list[str]:
    """Every hall of the installation."""
    return [row["id"] for row in tx.all("SELECT id FROM halls ORDER BY id")]


def found(tx: Transaction, hall_id: str, epoch: str) -> None:
    """Make sure that there is such a hall. The epoch of one that exists stays."""
    tx.execute(
        "INSERT INTO halls (id, epoch) VALUES (:hall_id, :epoch) ON CONFLICT (id) DO NOTHING",
        hall_id=hall_id,
        epoch=epoch,
    )


def put(tx: Transaction, paper: Configuration, edition: Edition) -> None:
    """Write a version. `Duplicate` when somebody else wrote one with this number."""
    tx.execute(
        """
        INSERT INTO configurations (hall_id, version, changed_at, changed_by, note, body)
        VALUES (:hall_id, :version, :changed_at, :changed_by, :note, :body)
        """,
        hall_id=paper.id,
        version=edition.version,
        changed_at=edition.changed_at,
        changed_by=edition.changed_by,
        note=edition.note,
        body=msgspec.json.encode(paper).decode(),
    )


def read(tx: Transaction, hall_id: str) -> tuple[int, Configuration] | None:
    """The newest version of a hall on paper with its number, or None for a hall that does not exist."""
    row = tx.one(
        """
        SELECT version, body FROM configurations
        WHERE hall_id = :hall_id
        ORDER BY version DESC LIMIT 1
        """,
        hall_id=hall_id,
    )
    return None if row is None else (row["version"], msgspec.convert(row["body"], Configuration))


def story(
    tx: Transaction, hall_id: str, limit: int, *, up_to: int | None = None
) -> list[tuple[Edition, Configuration]]:
    """The versions of a hall with what they say, the newest first."""
    rows = tx.all(
        """
        SELECT version, changed_at, changed_by, note, body FROM configurations
        WHERE hall_id = :hall_id AND version <= coalesce(CAST(:up_to AS integer), version)
        ORDER BY version DESC LIMIT :limit
        """,
        hall_id=hall_id,
        up_to=up_to,
        limit=limit,
    )
    return [
        (
            Edition(row["version"], row["changed_at"], row["changed_by"], row["note"]),
            msgspec.convert(row["body"], Configuration),
        )
        for row in rows
    ]
