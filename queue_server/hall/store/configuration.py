"""What a hall is made of, as rows: it enters the hall as an event when a day opens."""

import json
from collections.abc import Mapping
from typing import Any

import msgspec
from msgspec import structs

from queue_server.hall.core.model import About, Group, Name, Rules, Window, Zone
from queue_server.hall.core.paper import Configuration
from queue_server.kit.database import Transaction


def epoch_of(tx: Transaction, hall_id: str) -> str | None:
    """Which journal a hall is on, or None for a hall that does not exist."""
    row = tx.one("SELECT epoch FROM halls WHERE id = :hall_id", hall_id=hall_id)
    return None if row is None else str(row["epoch"])


def hall_ids(tx: Transaction) -> list[str]:
    """Every hall of the installation."""
    return [row["id"] for row in tx.all("SELECT id FROM halls ORDER BY id")]


def put(tx: Transaction, hall: Configuration, *, epoch: str) -> None:
    """Write a hall, or write it anew. The epoch of a hall that exists stays."""
    tx.execute(
        """
        INSERT INTO halls (id, name_zh, name_en, timezone, hours, rules, general_group_id, epoch)
        VALUES (:id, :zh, :en, :timezone, :hours, :rules, :general_group_id, :epoch)
        ON CONFLICT (id) DO UPDATE
        SET name_zh = :zh, name_en = :en, timezone = :timezone, hours = :hours, rules = :rules,
            general_group_id = :general_group_id
        """,
        id=hall.id,
        zh=hall.about.name.zh,
        en=hall.about.name.en,
        timezone=hall.about.timezone,
        hours=json.dumps(hall.hours),
        rules=json.dumps(structs.asdict(hall.rules)),
        general_group_id=hall.about.general_group_id,
        epoch=epoch,
    )
    for table in ("windows", "groups", "zones"):
        tx.execute(f"DELETE FROM {table} WHERE hall_id = :hall_id", hall_id=hall.id)  # noqa: S608 - our own names.
    for position, zone in enumerate(hall.about.zones):
        tx.execute(
            "INSERT INTO zones VALUES (:hall_id, :id, :position, :zh, :en)",
            hall_id=hall.id,
            id=zone.id,
            position=position,
            zh=zone.name.zh,
            en=zone.name.en,
        )
    for position, group in enumerate(hall.groups):
        tx.execute(
            """
            INSERT INTO groups (hall_id, id, position, name_zh, name_en, prefix, green_prefix, kind, zone_id,
                                capacity, mean_seconds, undifferentiated)
            VALUES (:hall_id, :id, :position, :zh, :en, :prefix, :green_prefix, :kind, :zone_id,
                    :capacity, :mean_seconds, :undifferentiated)
            """,
            hall_id=hall.id,
            id=group.id,
            position=position,
            zh=group.name.zh,
            en=group.name.en,
            prefix=group.prefix,
            green_prefix=group.green_prefix,
            kind=hall.group_kinds.get(group.id, "comprehensive"),
            zone_id=group.zone_id,
            capacity=group.capacity,
            mean_seconds=round(group.mean_seconds),
            undifferentiated=group.undifferentiated,
        )
    for position, window in enumerate(hall.windows):
        tx.execute(
            """
            INSERT INTO windows (hall_id, id, position, name_zh, name_en, kind, zone_id, green, group_ids)
            VALUES (:hall_id, :id, :position, :zh, :en, :kind, :zone_id, :green, :group_ids)
            """,
            hall_id=hall.id,
            id=window.id,
            position=position,
            zh=window.name.zh,
            en=window.name.en,
            kind=hall.window_kinds.get(window.id, "comprehensive"),
            zone_id=window.zone_id,
            green=window.green,
            group_ids=list(window.group_ids),
        )


def put_rules(tx: Transaction, hall_id: str, rules: Rules) -> None:
    """Write the rules with which the next days open."""
    tx.execute(
        "UPDATE halls SET rules = :rules WHERE id = :hall_id",
        rules=json.dumps(structs.asdict(rules)),
        hall_id=hall_id,
    )


def read(tx: Transaction, hall_id: str) -> Configuration | None:
    """A hall on paper, or None."""
    hall = tx.one("SELECT * FROM halls WHERE id = :hall_id", hall_id=hall_id)
    if hall is None:
        return None
    zones = tx.all("SELECT * FROM zones WHERE hall_id = :hall_id ORDER BY position", hall_id=hall_id)
    groups = tx.all("SELECT * FROM groups WHERE hall_id = :hall_id ORDER BY position", hall_id=hall_id)
    windows = tx.all("SELECT * FROM windows WHERE hall_id = :hall_id ORDER BY position", hall_id=hall_id)
    return Configuration(
        id=hall_id,
        about=About(
            name=name_of(hall),
            timezone=hall["timezone"],
            zones=tuple(Zone(zone["id"], name_of(zone)) for zone in zones),
            general_group_id=hall["general_group_id"],
        ),
        hours=hall["hours"],
        rules=msgspec.convert(hall["rules"], Rules),
        groups=tuple(
            Group(
                id=group["id"],
                name=name_of(group),
                prefix=group["prefix"],
                green_prefix=group["green_prefix"],
                zone_id=group["zone_id"],
                capacity=group["capacity"],
                mean_seconds=float(group["mean_seconds"]),
                undifferentiated=group["undifferentiated"],
            )
            for group in groups
        ),
        windows=tuple(
            Window(
                id=window["id"],
                name=name_of(window),
                group_ids=tuple(window["group_ids"]),
                zone_id=window["zone_id"],
                green=window["green"],
            )
            for window in windows
        ),
        group_kinds={group["id"]: group["kind"] for group in groups},
        window_kinds={window["id"]: window["kind"] for window in windows},
    )


def name_of(row: Mapping[str, Any]) -> Name:
    """What people read."""
    return Name(row["name_zh"], row["name_en"])
