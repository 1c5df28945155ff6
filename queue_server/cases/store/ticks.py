"""Ticks, many in one statement: a material is marked far more often than anything else happens to a case.

A tick asks the database nothing. It is decided on a version that this process has seen, which never changes again;
whether it still is the newest, the key of the history says when the line is written. So ticks travel like tickets
do: the rows of many, one statement for each table, one commit.
"""

from datetime import date, datetime
from typing import Final

import msgspec

from queue_server.cases.core.model import Step
from queue_server.cases.store import agent_of, spelled
from queue_server.kit.database import Insert, Transaction

# The case is there: the insert only finds it. What a tick leaves as it was is needed for that and not written.
CASE: Final = Insert(
    "cases",
    (
        ("id", "bigint"),
        ("hall_id", "text"),
        ("code", "text"),
        ("version", "integer"),
        ("stage", "text"),
        ("matter", "text"),
        ("department", "text"),
        ("channel", "text"),
        ("ticket_id", "bigint"),
        ("agent_id", "text"),
        ("supply_on", "date"),
        ("body", "jsonb"),
    ),
    ordered_by=("id",),
    on_conflict="ON CONFLICT (id) DO UPDATE"
    " SET version = EXCLUDED.version, supply_on = EXCLUDED.supply_on, body = EXCLUDED.body",
)

LINE: Final = Insert(
    "case_history",
    (
        ("case_id", "bigint"),
        ("version", "integer"),
        ("at", "timestamptz"),
        ("name", "text"),
        ("by_id", "text"),
        ("by_name", "text"),
        ("details", "jsonb"),
    ),
    ordered_by=("case_id", "version"),
)


def tick(tx: Transaction, step: Step, at: datetime, *, supply_on: date | None) -> None:
    """Write a case after a tick, and its line. Duplicate("case_history_pkey") if somebody was faster."""
    case, actor = step.case, step.actor
    tx.insert(
        CASE,
        (case.id, case.hall_id, case.code, case.version, case.stage.value, case.subject.code,
         case.subject.department_zh, case.channel.value, case.ticket_id, agent_of(case), supply_on, spelled(case)),
    )  # fmt: skip
    details = msgspec.json.encode(step.details).decode()
    tx.insert(LINE, (case.id, case.version, at, step.name, actor.id, actor.name, details))
