"""The journal of a hall: append and read. Appending at a taken number is how a race is noticed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from queue_server.hall.core.events import Event, ServingCompleted
from queue_server.hall.core.model import Outcome
from queue_server.hall.store import entries
from queue_server.kit.database import Insert, Transaction

PRIMARY_KEY = "journal_pkey"  # The name of the violation when another process wrote first.

_APPEND = Insert(
    "journal",
    (
        ("hall_id", "text"),
        ("seq", "bigint"),
        ("at", "timestamptz"),
        ("by", "text"),
        ("name", "text"),
        ("body", "json"),
    ),
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the journal."""

    seq: int
    at: datetime
    by: str
    event: Event


def spelled(hall_id: str, after: int, events: Iterable[Event], by: str) -> list[tuple[object, ...]]:
    """The rows for these events, numbered from the one after `after`."""
    rows: list[tuple[object, ...]] = []
    for seq, event in enumerate(events, start=after + 1):
        name, body = entries.spell(event)
        rows.append((hall_id, seq, event.at.isoformat(), by, name, body))
    return rows


def append(tx: Transaction, rows: Iterable[tuple[object, ...]]) -> None:
    """Add rows. `Duplicate(PRIMARY_KEY)` when somebody else was there first."""
    for row in rows:
        tx.insert(_APPEND, row)


def read(tx: Transaction, hall_id: str, *, after: int) -> list[Event]:
    """What is new in a hall, in order."""
    rows = tx.all(
        # The body as text: it is decoded straight into the event.
        "SELECT name, body::text AS body FROM journal WHERE hall_id = :hall_id AND seq > :after ORDER BY seq",
        hall_id=hall_id,
        after=after,
    )
    return [entries.read(row["name"], row["body"]) for row in rows]


def entries_after(tx: Transaction, hall_id: str, *, after: int, limit: int) -> list[Entry]:
    """Lines of the journal as they stand, for audits and for reading a day back."""
    rows = tx.all(
        """
        SELECT seq, at, by, name, body::text AS body
        FROM journal
        WHERE hall_id = :hall_id AND seq > :after
        ORDER BY seq
        LIMIT :limit
        """,
        hall_id=hall_id,
        after=after,
        limit=limit,
    )
    return [Entry(row["seq"], row["at"], row["by"], entries.read(row["name"], row["body"])) for row in rows]


def of_ticket(tx: Transaction, hall_id: str, ticket_id: int) -> list[Entry]:
    """The lines about one ticket. None can stand before that of its issue, whose number is the ticket's id."""
    rows = tx.all(
        """
        SELECT seq, at, by, name, body::text AS body
        FROM journal
        WHERE hall_id = :hall_id AND seq >= :ticket_id
          AND (seq = :ticket_id OR body->>'ticket_id' = :written)
        ORDER BY seq
        """,
        hall_id=hall_id,
        ticket_id=ticket_id,
        written=str(ticket_id),
    )
    return [Entry(row["seq"], row["at"], row["by"], entries.read(row["name"], row["body"])) for row in rows]


def outcomes_of(tx: Transaction, hall_id: str, ticket_id: int) -> dict[str, Outcome]:
    """How each matter of a ticket left the windows, over all its services."""
    rows = tx.all(
        """
        SELECT body::text AS body FROM journal
        WHERE hall_id = :hall_id AND seq > :ticket_id AND name = 'ServingCompleted'
          AND body->>'ticket_id' = :written
        ORDER BY seq
        """,
        hall_id=hall_id,
        ticket_id=ticket_id,
        written=str(ticket_id),
    )
    outcomes: dict[str, Outcome] = {}
    for row in rows:
        event = entries.read(ServingCompleted.__name__, row["body"])
        assert isinstance(event, ServingCompleted)
        outcomes |= event.outcomes
    return outcomes


def first_seq_of_day(tx: Transaction, hall_id: str, day: date) -> int | None:
    """The number of the first `DayOpened` of a day, which may have been opened again later."""
    row = tx.one(
        """
        SELECT seq FROM journal
        WHERE hall_id = :hall_id AND name = 'DayOpened' AND body->>'day' = :day
        ORDER BY seq
        LIMIT 1
        """,
        hall_id=hall_id,
        day=day.isoformat(),
    )
    return None if row is None else int(row["seq"])


def last_day_seq(tx: Transaction, hall_id: str) -> int | None:
    """The number of the last `DayOpened`, from which the hall is rebuilt."""
    row = tx.one(
        """
        SELECT seq FROM journal
        WHERE hall_id = :hall_id AND name = 'DayOpened'
        ORDER BY seq DESC
        LIMIT 1
        """,
        hall_id=hall_id,
    )
    return None if row is None else int(row["seq"])
