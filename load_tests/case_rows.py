"""Cases as the product writes them, for a table that is filled in seconds: nobody takes in a hundred thousand by hand.

What stands in a body stands in `BODY`, and a test holds it against the product's own. Twenty-four matters of twelve
departments, three to seven materials each; most cases are closed, some wait for a decision, a few are being received.
Beside them stands what `bench cases` asks PostgreSQL itself, without the server between.
"""

import json
import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final

LETTERS: Final = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
STAGES: Final = {
    "closed": 86,
    "refused": 2,
    "withdrawn": 1,
    "accepted": 4,
    "in_review": 3,
    "notified": 1,
    "draft": 3,
}
COLUMNS: Final = [
    "hall_id",
    "code",
    "version",
    "stage",
    "matter",
    "department",
    "ticket_id",
    "receipt_no",
    "due_on",
    "ended_at",
    "body",
]
MATTERS: Final = 24
DEPARTMENTS: Final = 12
MATERIALS_MIN, MATERIALS_MAX = 3, 7
DAYS: Final = 365  # So far back the oldest was opened.
LIMIT_DAYS: Final = 10

COPY = f"COPY cases ({', '.join(COLUMNS)}) FROM STDIN"
STRANGERS = """
INSERT INTO applicants (case_id, kind, name_sealed, number_sealed, number_index)
SELECT id, 'resident', repeat('s', 60), repeat('s', 80), sha256(CAST(code AS bytea))
  FROM cases
 WHERE hall_id = %s AND receipt_no IS NOT NULL
"""
DRAFTS = (
    "SELECT id, CAST(body AS text) FROM cases WHERE hall_id = %s AND stage = 'draft' ORDER BY id LIMIT %s"
)
RAW_TICK = "UPDATE cases SET version = version + 1, body = CAST(%s AS jsonb) WHERE id = %s"
RAW_INBOX = """
SELECT id, CAST(body AS text)
  FROM cases
 WHERE hall_id = %s AND stage IN ('accepted', 'in_review')
 ORDER BY paused, COALESCE(due_on, 'infinity'), id
 LIMIT 101
"""
RAW_PAGE = "SELECT id, CAST(body AS text) FROM cases WHERE hall_id = %s AND department = %s ORDER BY id DESC LIMIT 51"

Row = tuple[object, ...]


def rows(hall: str, number: int, today: date, seed: int = 1) -> Iterator[Row]:
    """So many cases of a hall, the oldest first, in the order of `COLUMNS`."""
    luck = random.Random(seed)
    for serial in range(1, number + 1):
        stage = luck.choices(list(STAGES), list(STAGES.values()))[0]
        back = luck.randrange(LIMIT_DAYS) if stage in ("accepted", "in_review", "notified", "draft") else None
        opened = today - timedelta(days=DAYS - DAYS * serial // number if back is None else back)
        yield row(hall, serial, stage, opened, luck)


def row(hall: str, serial: int, stage: str, opened: date, luck: random.Random) -> Row:
    """One case, and what it is looked for by."""
    matter = luck.randrange(MATTERS)
    receipt = None if stage == "draft" else f"{hall.upper()}-{opened.year}-{serial:06}"
    decided = stage == "closed"
    accepted = decided or stage in ("accepted", "in_review")
    due_on = opened + timedelta(days=LIMIT_DAYS * 7 // 5) if accepted else None
    by = {"id": "c09", "name": "王秀英", "at": instant(opened), "on": opened.isoformat()}
    judge = {"id": "r02", "name": "市场监管审批员", "at": instant(opened), "on": opened.isoformat()}
    ended = stage in ("closed", "refused", "withdrawn")
    code = "".join(luck.choices(LETTERS, k=12))
    case = {
        **BODY,
        "hall_id": hall,
        "code": code,
        "version": 9,
        "stage": stage,
        "subject": subject(matter),
        "ticket_id": serial,
        "number": f"A{serial % 400 + 1:03}",
        "window_id": f"{serial % 16 + 1:02}",
        "items": [item(place, stage) for place in range(luck.randint(MATERIALS_MIN, MATERIALS_MAX))],
        "opened": by,
        "has_applicant": stage != "draft",
        "receipt_no": receipt,
        "received": None if receipt is None else by,
        "accepted": by if accepted else None,
        "counted_from": opened.isoformat() if accepted else None,
        "refusal": {"by": by, "reason": "not_eligible", "note": "不符合规定条件"} if stage == "refused" else None,
        "reviewer": judge if decided or stage == "in_review" else None,
        "decision": {"by": judge, "approved": True, "note": ""} if decided else None,
        "ready": judge if decided else None,
        "closed": by if stage in ("closed", "withdrawn") else None,
    }  # fmt: skip
    body = json.dumps(case, ensure_ascii=False, separators=(",", ":"))
    subject_of = case["subject"]
    return (hall, code, 9, stage, subject_of["code"], subject_of["department_zh"], serial, receipt, due_on,
            instant(opened) if ended else None, body)  # fmt: skip


def subject(matter: int) -> dict[str, Any]:
    """The matter of a case, as it was then."""
    return {
        "code": f"M{matter + 1:02}",
        "name_zh": f"第{matter + 1}类经营许可（含变更、延续）",
        "name_en": f"Business permit of kind {matter + 1} (with change and renewal)",
        "department_zh": f"第{matter % DEPARTMENTS + 1}审批局",
        "department_en": f"Approval Bureau {matter % DEPARTMENTS + 1}",
        "immediate": False,
        "limit_days": LIMIT_DAYS,
        "scenario": "new",
        "scenario_zh": "新办",
        "scenario_en": "New",
    }


def item(place: int, stage: str) -> dict[str, Any]:
    """One material, looked at unless nothing was received yet."""
    return {
        "name_zh": f"第{place + 1}项材料（经营场所使用证明或租赁合同）",
        "name_en": f"Material {place + 1} (proof of premises or lease)",
        "tolerable": place == 1,
        "exempt": False,
        "mark": None if stage == "draft" else "present",
        "fault": None,
        "note": "",
        "form": "original",
        "pages": 2,
    }


def instant(day: date) -> str:
    """Half past nine of a day, as it is written."""
    return datetime.combine(day, time(1, 30), UTC).isoformat().replace("+00:00", "Z")


BODY: Final[dict[str, Any]] = {
    "hall_id": "", "code": "", "id": 0, "version": 1, "stage": "draft", "subject": {}, "ticket_id": 0, "number": "",
    "window_id": None, "items": [], "opened": {}, "has_applicant": False, "receipt_no": None, "received": None,
    "notices": [], "second_notice": None, "accepted": None, "counted_from": None, "promise": None, "refusal": None,
    "reviewer": None, "pauses": [], "decision": None, "ready": None, "closed": None,
}  # fmt: skip
