"""What a hall offers is kept, changed as a whole, and seen by everybody a moment later."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from queue_server.catalogue.actions import FRESH_SECONDS, Catalogue
from queue_server.catalogue.core import Material, Matter, MatterUnknown, Scenario
from queue_server.kit.bus import Bus, DeafBus
from queue_server.kit.database import Database

CARD = Matter(
    code="M15",
    name_zh="居民身份证换领",
    name_en="ID card renewal",
    department_zh="公安分局",
    department_en="Police",
    theme="household",
    group_id="A",
    target_minutes=8,
    tags=("citywide",),
    synonyms=("身份证", '带"引号"的,{词}'),
    scenarios=(Scenario("expired", "期满", "Expired"), Scenario("lost", '遗失{",', "Lost", group_id="B")),
    materials=(
        Material("户口簿", "Household register", exempt=True),
        Material("旧证", "Old card", tolerable=True, only=("expired",)),
    ),
    online_zh="可网上办理。",
    online_en="Online, too.",
)
TAX = replace(CARD, code="M12", group_id="D", specialised_because="税务局保留部门单一窗口")
NOW = datetime(2026, 11, 23, 1, tzinfo=UTC)


def catalogue_of(database: Database, bus: Bus, monotonic: Callable[[], float] = lambda: 0.0) -> Catalogue:
    return Catalogue(database, bus, lambda: NOW, monotonic=monotonic)


async def test_a_catalogue_comes_back_as_it_was_put(database: Database) -> None:
    catalogue = catalogue_of(database, Bus())
    await catalogue.put_matters("h1", [TAX, CARD], by="adm01")
    assert list((await catalogue.matters("h1")).values()) == [TAX, CARD]


async def test_a_list_without_the_old_cases_leaves_none_behind(database: Database) -> None:
    catalogue = catalogue_of(database, Bus())
    await catalogue.put_matters("h1", [TAX, CARD], by="adm01")
    shorter = replace(CARD, scenarios=CARD.scenarios[1:], materials=CARD.materials[:1])
    await catalogue.put_matters("h1", [shorter], by="adm01")
    assert list((await catalogue.matters("h1")).values()) == [shorter]


async def test_two_halls_keep_their_matters_apart(database: Database) -> None:
    catalogue = catalogue_of(database, Bus())
    await catalogue.put_matters("h1", [CARD], by="adm01")
    assert await catalogue.matters("h2") == {}


async def test_putting_a_list_says_what_it_changes(database: Database) -> None:
    catalogue = catalogue_of(database, Bus())
    await catalogue.put_matters("h1", [CARD, TAX], by="adm01")
    changes = await catalogue.put_matters("h1", [replace(CARD, active=False)], by="adm01")
    assert (changes.added, changes.removed, changes.changed) == ((), ("M12",), ("M15",))


async def test_a_change_is_seen_by_another_process_at_once(database: Database) -> None:
    bus = Bus()
    reader, writer = catalogue_of(database, bus), catalogue_of(database, bus)
    await writer.put_matters("h1", [CARD], by="adm01")
    await reader.matters("h1")
    await writer.put_matters("h1", [CARD, TAX], by="adm01")
    assert set(await reader.matters("h1")) == {"M15", "M12"}


async def test_a_change_whose_wake_up_is_lost_is_seen_a_few_seconds_later(database: Database) -> None:
    passed = 0.0
    reader = catalogue_of(database, DeafBus(), lambda: passed)
    writer = catalogue_of(database, DeafBus())
    await writer.put_matters("h1", [CARD], by="adm01")
    await reader.matters("h1")
    await writer.put_matters("h1", [CARD, TAX], by="adm01")
    passed = FRESH_SECONDS
    assert set(await reader.matters("h1")) == {"M15", "M12"}


async def test_every_change_leaves_a_trace_with_who_and_when(database: Database) -> None:
    catalogue = catalogue_of(database, Bus())
    await catalogue.put_matters("h1", [CARD], by="adm01")
    await catalogue.put_matters("h1", [replace(CARD, target_minutes=9)], by="m01")
    await catalogue.put_matters("h1", [], by="m01")
    history = await database.read(lambda tx: tx.all("SELECT * FROM matter_history ORDER BY id"))
    assert [(row["changed_by"], (row["matter"] or {}).get("target_minutes")) for row in history] == [
        ("adm01", 8),
        ("m01", 9),
        ("m01", None),
    ]


async def test_putting_the_same_list_again_leaves_no_trace(database: Database) -> None:
    catalogue = catalogue_of(database, Bus())
    await catalogue.put_matters("h1", [CARD], by="adm01")
    await catalogue.put_matters("h1", [CARD], by="adm01")
    history = await database.read(lambda tx: tx.all("SELECT * FROM matter_history"))
    assert len(history) == 1


async def test_after_a_directory_each_listed_matter_is_in_its_group(database: Database) -> None:
    catalogue = catalogue_of(database, Bus())
    await catalogue.put_matters("h1", [CARD, TAX], by="adm01")
    await catalogue.apply_directory("h1", "D", ["M15"], by="adm01")
    groups = {code: matter.group_id for code, matter in (await catalogue.matters("h1")).items()}
    assert groups == {"M15": "D", "M12": None}


async def test_a_directory_with_an_unknown_matter_changes_nothing(database: Database) -> None:
    catalogue = catalogue_of(database, Bus())
    await catalogue.put_matters("h1", [CARD, TAX], by="adm01")
    with pytest.raises(MatterUnknown):
        await catalogue.apply_directory("h1", "D", ["M15", "M404"], by="adm01")
    assert list((await catalogue.matters("h1")).values()) == [CARD, TAX]
