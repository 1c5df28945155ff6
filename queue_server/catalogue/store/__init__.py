"""Matters: SQL and nothing else."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime

import msgspec

from queue_server.catalogue.core import Letter, Material, Matter, Scenario
from queue_server.kit.database import Row, Transaction

MATTERS = """
SELECT code, name_zh, name_en, department_zh, department_en, theme, group_id, target_minutes, kind, tags,
       synonyms, specialised_because, active, online_zh, online_en, committed_days, statutory_days,
       ends_on, ask
  FROM matters
  LEFT JOIN delegations ON delegations.hall_id = matters.hall_id AND delegations.matter = matters.code
 WHERE matters.hall_id = :hall_id
 ORDER BY position, code
"""

SCENARIOS = """
SELECT matter, code, name_zh, name_en, group_id
  FROM scenarios
 WHERE hall_id = :hall_id
 ORDER BY matter, position
"""

MATERIALS = """
SELECT matter, name_zh, name_en, tolerable, exempt, only_scenarios AS only
  FROM materials
 WHERE hall_id = :hall_id
 ORDER BY matter, position
"""

# Another one after every change: whoever knows it knows the matters.
REVISION = """
SELECT (SELECT max(id) FROM matter_history WHERE hall_id = :hall_id) AS matters,
       (SELECT max(changed_at) FROM delegations WHERE hall_id = :hall_id) AS letters
"""

PUT_MATTER = """
INSERT INTO matters
       (hall_id, code, position, name_zh, name_en, department_zh, department_en, theme, group_id,
        target_minutes, kind, tags, synonyms, specialised_because, active, online_zh, online_en,
        committed_days, statutory_days)
VALUES (:hall_id, :code, :position, :name_zh, :name_en, :department_zh, :department_en, :theme, :group_id,
        :target_minutes, :kind, CAST(:tags AS text[]), CAST(:synonyms AS text[]), :specialised_because,
        :active, :online_zh, :online_en, :committed_days, :statutory_days)
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
       active = EXCLUDED.active,
       online_zh = EXCLUDED.online_zh,
       online_en = EXCLUDED.online_en,
       committed_days = EXCLUDED.committed_days,
       statutory_days = EXCLUDED.statutory_days
"""

PUT_SCENARIO = """
INSERT INTO scenarios (hall_id, matter, code, position, name_zh, name_en, group_id)
VALUES (:hall_id, :matter, :code, :position, :name_zh, :name_en, :group_id)
"""

PUT_MATERIAL = """
INSERT INTO materials (hall_id, matter, position, name_zh, name_en, tolerable, exempt, only_scenarios)
VALUES (:hall_id, :matter, :position, :name_zh, :name_en, :tolerable, :exempt,
        CAST(:only AS text[]))
"""

DROP_SCENARIOS = "DELETE FROM scenarios WHERE hall_id = :hall_id AND matter = :matter"
DROP_MATERIALS = "DELETE FROM materials WHERE hall_id = :hall_id AND matter = :matter"

DROP_MATTER = "DELETE FROM matters WHERE hall_id = :hall_id AND code = :code"

# Two managers who save at once must not leave a mixture, so the second waits for the first.
TURN = "SELECT pg_advisory_xact_lock(hashtext('matters of ' || :hall_id))"

REMEMBER = """
INSERT INTO matter_history (hall_id, code, changed_at, changed_by, matter)
VALUES (:hall_id, :code, :changed_at, :changed_by, CAST(:matter AS jsonb))
"""


def matters_of(tx: Transaction, hall_id: str) -> dict[str, Matter]:
    """What one hall offers, in its own order."""
    scenarios: defaultdict[str, list[Scenario]] = defaultdict(list)
    for row in tx.all(SCENARIOS, hall_id=hall_id):
        scenarios[row.pop("matter")].append(Scenario(**row))
    materials: defaultdict[str, list[Material]] = defaultdict(list)
    for row in tx.all(MATERIALS, hall_id=hall_id):
        materials[row.pop("matter")].append(Material(**{**row, "only": tuple(row["only"])}))
    return {
        row["code"]: _matter(row, scenarios[row["code"]], materials[row["code"]])
        for row in tx.all(MATTERS, hall_id=hall_id)
    }


def revision_of(tx: Transaction, hall_id: str) -> tuple[object, ...]:
    """What is another after every change of the matters or letters of a hall."""
    row = tx.one(REVISION, hall_id=hall_id)
    assert row is not None
    return row["matters"], row["letters"]


def wait_for_turn(tx: Transaction, hall_id: str) -> None:
    """Be the only one who changes the matters of this hall until the commit."""
    tx.one(TURN, hall_id=hall_id)


def put_matter(tx: Transaction, hall_id: str, matter: Matter, position: int) -> None:
    """Write a matter as it is now."""
    values = {**asdict(matter), "tags": list(matter.tags), "synonyms": list(matter.synonyms)}
    del values["scenarios"], values["materials"], values["letter"]
    tx.execute(PUT_MATTER, hall_id=hall_id, position=position, **values)
    tx.execute(DROP_SCENARIOS, hall_id=hall_id, matter=matter.code)
    for place, scenario in enumerate(matter.scenarios):
        tx.execute(PUT_SCENARIO, hall_id=hall_id, matter=matter.code, position=place, **asdict(scenario))
    tx.execute(DROP_MATERIALS, hall_id=hall_id, matter=matter.code)
    for place, material in enumerate(matter.materials):
        values = {**asdict(material), "only": list(material.only)}
        tx.execute(PUT_MATERIAL, hall_id=hall_id, matter=matter.code, position=place, **values)


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


def _matter(row: Row, scenarios: list[Scenario], materials: list[Material]) -> Matter:
    ends_on, ask = row.pop("ends_on"), row.pop("ask")
    lists = {
        "tags": tuple(row["tags"]),
        "synonyms": tuple(row["synonyms"]),
        "scenarios": tuple(scenarios),
        "materials": tuple(materials),
        "letter": None if ends_on is None else Letter(ends_on, ask),
    }
    return Matter(**{**row, **lists})
