"""The shape of the tables, as SQL files that are applied in order and never edited once released.

`NNNN_name.sql` is one transaction. Which ones a database has seen stands in its table `schema_migrations`,
with a digest of the text, so that a file that was edited afterwards is noticed instead of believed.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import psycopg

FOLDER: Final = Path(__file__).parent
LOCK: Final = 0x6A696E67  # "jing": two processes that start together must not migrate together.
LOCK_WAIT_SECONDS: Final = 60

_NAME = re.compile(r"\d{4}_[a-z0-9_]+\.sql\Z")

CREATE: Final = b"""
    CREATE TABLE IF NOT EXISTS schema_migrations (
        name text CONSTRAINT schema_migrations_pkey PRIMARY KEY,
        digest text NOT NULL,
        applied_at timestamptz NOT NULL DEFAULT now()
    )
"""


class MigrationEdited(Exception):
    """A migration was changed after a database had applied it."""


@dataclass(frozen=True, slots=True)
class Migration:
    """One file."""

    name: str
    text: str

    @property
    def digest(self) -> str:
        """What the text was when it was applied."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def migrations(folder: Path = FOLDER) -> list[Migration]:
    """Every migration, in order. ValueError if two have the same number."""
    files = sorted(path for path in folder.iterdir() if _NAME.match(path.name))
    numbers = [path.name[:4] for path in files]
    if len(set(numbers)) != len(numbers):
        raise ValueError("two migrations have the same number")
    return [Migration(path.stem, path.read_text(encoding="utf-8")) for path in files]


def migrate(database_url: str, folder: Path = FOLDER) -> list[str]:
    """Apply what is missing; the names of what was applied. MigrationEdited, or psycopg's own errors."""
    applied = []
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(f"SET lock_timeout = '{LOCK_WAIT_SECONDS}s'".encode())
        connection.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        connection.execute(CREATE)
        digests = _digests(connection)
        for migration in migrations(folder):
            if migration.name not in digests:
                _apply(connection, migration)
                applied.append(migration.name)
            elif digests[migration.name] != migration.digest:
                raise MigrationEdited(migration.name)
    return applied  # Disconnecting has released the lock.


def pending(database_url: str, folder: Path = FOLDER) -> list[str]:
    """The names of what is missing, without touching anything."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        found = connection.execute("SELECT to_regclass('schema_migrations') IS NOT NULL").fetchone()
        digests = _digests(connection) if found is not None and found[0] else {}
    return [migration.name for migration in migrations(folder) if migration.name not in digests]


def _apply(connection: psycopg.Connection[Any], migration: Migration) -> None:
    with connection.transaction():
        connection.execute(migration.text.encode())
        connection.execute(
            "INSERT INTO schema_migrations (name, digest) VALUES (%s, %s)", [migration.name, migration.digest]
        )


def _digests(connection: psycopg.Connection[Any]) -> dict[str, str]:
    return dict(connection.execute("SELECT name, digest FROM schema_migrations").fetchall())
