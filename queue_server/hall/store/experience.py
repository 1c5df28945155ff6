"""What the days of a hall have taught it, a row for each. Derived from the journal, and may be derived again."""

from dataclasses import dataclass

import msgspec

from queue_server.hall.core.forecast.experience import Experience
from queue_server.kit.database import Insert, Transaction

DAYS_MAX = 120  # Older days count for next to nothing.

_LEARN = Insert(
    "experience",
    (
        ("hall_id", "text"),
        ("opened_seq", "bigint"),
        ("through_seq", "bigint"),
        ("day", "date"),
        ("body", "json"),
    ),
    on_conflict="ON CONFLICT DO NOTHING",  # Another process has learned it too, and the same.
)


@dataclass(frozen=True, slots=True)
class Day:
    """Where a day stands in the journal: from its opening to the last line before the next one."""

    opened_seq: int
    through_seq: int


def openings(tx: Transaction, hall_id: str) -> list[int]:
    """The journal numbers at which the newest days were opened, in order."""
    rows = tx.all(
        """
        SELECT seq FROM journal
        WHERE hall_id = :hall_id AND name = 'DayOpened'
        ORDER BY seq DESC
        LIMIT :limit
        """,
        hall_id=hall_id,
        limit=DAYS_MAX + 1,
    )
    return sorted(int(row["seq"]) for row in rows)


def days(tx: Transaction, hall_id: str) -> dict[int, Experience]:
    """What each of the newest days taught, in order, by the number of its opening."""
    rows = tx.all(
        """
        SELECT opened_seq, body::text AS body FROM experience
        WHERE hall_id = :hall_id
        ORDER BY opened_seq DESC
        LIMIT :limit
        """,
        hall_id=hall_id,
        limit=DAYS_MAX,
    )
    return {
        int(row["opened_seq"]): msgspec.json.decode(row["body"], type=Experience) for row in reversed(rows)
    }


def learn(tx: Transaction, hall_id: str, day: Day, taught: Experience) -> None:
    """Keep what a day taught. Once is enough."""
    body = msgspec.json.encode(taught).decode()
    assert taught.first_on is not None
    tx.insert(_LEARN, (hall_id, day.opened_seq, day.through_seq, taught.first_on.isoformat(), body))


def forget(tx: Transaction, hall_id: str) -> None:
    """Drop what every day taught: all are learned anew."""
    tx.execute("DELETE FROM experience WHERE hall_id = :hall_id", hall_id=hall_id)


def forget_newest(tx: Transaction, hall_id: str) -> None:
    """Drop what the newest day taught, if it is over: it is learned anew, with what has been written since."""
    tx.execute(
        """
        DELETE FROM experience
        WHERE hall_id = :hall_id
          AND opened_seq = (SELECT max(seq) FROM journal WHERE hall_id = :hall_id AND name = 'DayOpened')
        """,
        hall_id=hall_id,
    )
