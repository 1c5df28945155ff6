import threading
from pathlib import Path

import psycopg
import pytest

from queue_server.migrations import MigrationEdited, migrate, migrations, pending

from .conftest import select


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "0000_first.sql").write_text("CREATE TABLE first (id int);")
    (tmp_path / "0001_second.sql").write_text("CREATE TABLE second (id int); INSERT INTO second VALUES (2);")
    (tmp_path / "readme.txt").write_text("no migration")
    return tmp_path


def test_what_is_missing_is_applied_in_order_and_only_once(empty_database_url: str, folder: Path) -> None:
    assert pending(empty_database_url, folder) == ["0000_first", "0001_second"]
    assert migrate(empty_database_url, folder) == ["0000_first", "0001_second"]
    assert migrate(empty_database_url, folder) == []
    assert pending(empty_database_url, folder) == []
    assert select(empty_database_url, "SELECT id FROM second") == [(2,)]


def test_a_migration_that_fails_leaves_nothing_of_itself(empty_database_url: str, folder: Path) -> None:
    (folder / "0002_third.sql").write_text("CREATE TABLE third (id int); SELECT 1 / 0;")
    with pytest.raises(psycopg.errors.DivisionByZero):
        migrate(empty_database_url, folder)
    assert select(empty_database_url, "SELECT to_regclass('third') IS NULL") == [(True,)]
    assert pending(empty_database_url, folder) == ["0002_third"]


def test_a_migration_that_was_edited_afterwards_is_noticed(empty_database_url: str, folder: Path) -> None:
    migrate(empty_database_url, folder)
    (folder / "0000_first.sql").write_text("CREATE TABLE first (id bigint);")
    with pytest.raises(MigrationEdited, match="0000_first"):
        migrate(empty_database_url, folder)


def test_processes_that_start_together_migrate_once(empty_database_url: str, folder: Path) -> None:
    applied: list[str] = []
    threads = [
        threading.Thread(target=lambda: applied.extend(migrate(empty_database_url, folder))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert applied == ["0000_first", "0001_second"]


def test_two_migrations_with_one_number_are_refused(folder: Path) -> None:
    (folder / "0001_other.sql").write_text("")
    with pytest.raises(ValueError, match="number"):
        migrations(folder)


def test_our_own_migrations_apply_to_an_empty_database(empty_database_url: str) -> None:
    assert migrate(empty_database_url) == [migration.name for migration in migrations()]
