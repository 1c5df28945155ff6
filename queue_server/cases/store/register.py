"""The register of cases, page by page. A page begins behind the place where the last one ended; nothing is skipped
over and thrown away, so the hundredth page costs what the first one did.
"""

from typing import Final

from queue_server.cases.core.register import COUNTED_MAX, Entry, Found, Order, Place, Wanted
from queue_server.cases.store import _case
from queue_server.kit.database import Transaction

# First which cases, which the indexes know, and then their bodies: none is read only to be passed over.
PAGE: Final = """
SELECT cases.id, cases.paused, cases.due_on, CAST(cases.body AS text) AS body
  FROM (SELECT id FROM cases WHERE {conditions} {order} LIMIT :rows_max) AS found
  JOIN cases USING (id)
 {order}
"""

COUNT: Final = (
    "SELECT count(*) AS cases FROM (SELECT FROM cases WHERE {conditions} LIMIT :counted_max) AS found"
)

HALL: Final = "hall_id = :hall_id"
UNDER_WAY: Final = "stage IN ('accepted', 'in_review')"  # As the partial indexes have it.
DUE_ON: Final = "COALESCE(due_on, 'infinity')"

# What each wish asks of a row. Only the wishes that were made stand in the query, so that it is planned for them.
CONDITIONS: Final = {
    "receipt": 'receipt_no COLLATE "C" >= :receipt AND receipt_no COLLATE "C" < :receipt_end',
    "code": "code = :code",
    "number": "number = :number",
    "matters": "matter = ANY(:matters)",
    "department": "department = :department",
    "stages": "stage = ANY(:stages)",
    "immediate": "immediate = :immediate",
    "due_before": f"{UNDER_WAY} AND {DUE_ON} < :due_before",
    "late": f"{UNDER_WAY} AND NOT paused AND {DUE_ON} < :today",
    "accepted_from": "accepted_on >= :accepted_from",
    "accepted_until": "accepted_on <= :accepted_until",
    "applicant": "id IN (SELECT case_id FROM applicants WHERE number_index = ANY(:applicant))",
}

BEHIND: Final = {
    Order.NEWEST: "id < :id",
    Order.URGENT: f"(paused, {DUE_ON}, id) > (:paused, CAST(:due_on AS date), :id)",
}

ORDERED: Final = {
    Order.NEWEST: "ORDER BY id DESC",
    Order.URGENT: f"ORDER BY paused, {DUE_ON}, id",
}

LAST_CHARACTER: Final = "\U0010ffff"


def page(
    tx: Transaction,
    hall_id: str,
    wanted: Wanted,
    order: Order,
    *,
    today: str,
    after: Place | None,
    rows_max: int,
) -> Found:
    """The next cases in this order, and on the first page how many there are."""
    conditions = [HALL, *(CONDITIONS[wish] for wish in wishes(wanted))]
    if order is Order.URGENT:
        conditions.append(UNDER_WAY)
    values = {"hall_id": hall_id, "today": today, **spelled(wanted)}
    entries = _entries(tx, conditions, values, order, after, rows_max + 1)
    found, more = entries[:rows_max], len(entries) > rows_max
    if after is not None:
        return Found(found, more)
    total = _count(tx, conditions, values) if more else len(found)
    return Found(found, more, min(total, COUNTED_MAX), total > COUNTED_MAX)


def wishes(wanted: Wanted) -> list[str]:
    """What was asked for."""
    return [name for name in CONDITIONS if getattr(wanted, name) not in (None, False)]


def spelled(wanted: Wanted) -> dict[str, object]:
    """The values of a search as SQL takes them."""
    day = {name: getattr(wanted, name) for name in ("accepted_from", "accepted_until")}
    return {
        "receipt": wanted.receipt,
        "receipt_end": None if wanted.receipt is None else wanted.receipt + LAST_CHARACTER,
        "code": wanted.code,
        "number": wanted.number,
        "matters": list(wanted.matters or ()),
        "department": wanted.department,
        "stages": [stage.value for stage in wanted.stages or ()],
        "immediate": wanted.immediate,
        "due_before": wanted.due_before,
        "applicant": list(wanted.applicant or ()),
        **{name: None if on is None else on.isoformat() for name, on in day.items()},
    }


def _entries(
    tx: Transaction,
    conditions: list[str],
    values: dict[str, object],
    order: Order,
    after: Place | None,
    rows_max: int,
) -> tuple[Entry, ...]:
    behind = {}
    if after is not None:
        conditions = [*conditions, BEHIND[order]]
        behind = {"id": after.id, "paused": after.paused, "due_on": after.due_on or "infinity"}
    query = PAGE.format(conditions=" AND ".join(conditions), order=ORDERED[order])
    rows = tx.all(query, **values, **behind, rows_max=rows_max)
    return tuple(Entry(_case(row), Place(row["id"], row["paused"], row["due_on"])) for row in rows)


def _count(tx: Transaction, conditions: list[str], values: dict[str, object]) -> int:
    row = tx.one(COUNT.format(conditions=" AND ".join(conditions)), **values, counted_max=COUNTED_MAX + 1)
    assert row is not None  # A count always is.
    return int(row["cases"])
