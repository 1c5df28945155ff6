"""The past stays readable: rows that a release wrote make the same hall in every later one."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from queue_server.hall.core import events as e
from queue_server.hall.core.evolve import evolve
from queue_server.hall.core.invariants import check
from queue_server.hall.core.model import Hall
from queue_server.hall.store import entries
from queue_server.hall.store.entries import UnknownEvent

from .record import plain

RELEASES = sorted(folder for folder in Path(__file__).parent.iterdir() if (folder / "journal.jsonl").exists())
every_release = pytest.mark.parametrize("folder", RELEASES, ids=lambda folder: folder.name)


def rows(folder: Path) -> list[dict[str, str]]:
    return [json.loads(line) for line in (folder / "journal.jsonl").read_text().splitlines()]


@every_release
def test_the_rows_of_a_release_make_the_hall_that_they_made_then(folder: Path) -> None:
    hall = Hall("golden")
    for row in rows(folder):
        hall = evolve(hall, entries.read(row["name"], row["body"]))
        check(hall)
    assert_has_all_of(plain(hall), json.loads((folder / "hall.json").read_text()), "hall")


@every_release
def test_no_field_of_a_row_is_forgotten_or_changed(folder: Path) -> None:
    for row in rows(folder):
        name, body = entries.spell(entries.read(row["name"], row["body"]))
        assert name == row["name"]
        assert_has_all_of(json.loads(body), json.loads(row["body"]), name)


def test_every_event_has_a_golden_row() -> None:
    written = {row["name"] for folder in RELEASES for row in rows(folder)}
    assert set(e.EVENTS) <= written, "record the rows of this release: tests/golden/record.py"


def test_every_name_that_was_ever_written_is_still_known() -> None:
    assert {row["name"] for folder in RELEASES for row in rows(folder)} <= set(e.EVENTS)


def test_the_journal_of_a_newer_release_is_refused_rather_than_misread() -> None:
    with pytest.raises(UnknownEvent):
        entries.read("TicketTeleported", "{}")


def test_a_row_that_lost_a_field_is_refused_rather_than_misread() -> None:
    with pytest.raises(msgspec.ValidationError):
        entries.read("TicketMissed", '{"ticket_id": 1}')


def assert_has_all_of(now: Any, then: Any, where: str) -> None:
    """What there was then is there now, with the same value; there may be more."""
    if isinstance(then, dict):
        for key, value in then.items():
            assert key in now, f"{where}.{key} is gone"
            assert_has_all_of(now[key], value, f"{where}.{key}")
    elif isinstance(then, list):
        assert len(now) == len(then), where
        for n, (new, old) in enumerate(zip(now, then, strict=True)):
            assert_has_all_of(new, old, f"{where}[{n}]")
    else:
        assert now == then, f"{where} was {then!r} and is {now!r}"
