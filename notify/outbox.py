"""The outbox: SQL, and nothing else.

Putting is done in the transaction of what is told, by inserts that can share a statement with those of
others. Everything else is done by the worker, on the clock of the database.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from notify.messages import Message, Priority, Withdrawal
from notify.states import Accepted, State, Step, Verdict, after_receipt
from queue_server.kit.database import Insert, Row, Transaction

PURGED_ROWS_MAX: Final = 5000  # At a time, so that a purge never holds up the line of writers.

# ── Putting ──────────────────────────────────────────────────────────────────────────────────────

_PUT: Final = Insert(
    "outbox",
    (
        ("hall_id", "text"),
        ("subject", "text"),
        ("kind", "text"),
        ("occurrence", "bigint"),
        ("channel", "text"),
        ("later_channels", "text"),
        ("language", "text"),
        ("text_key", "text"),
        ("body", "json"),
        ("priority", "smallint"),
        ("keep_seconds", "int"),
    ),
    ordered_by=("subject", "kind", "occurrence"),
    on_conflict="ON CONFLICT ON CONSTRAINT outbox_says_it_once DO NOTHING",
)

_WITHDRAW: Final = Insert(
    "withdrawals",
    (("subject", "text"), ("occurrence", "bigint"), ("kinds", "text")),
    ordered_by=("subject", "occurrence"),
    on_conflict="ON CONFLICT DO NOTHING",
)

Entry = tuple[Insert, tuple[object, ...]]


def spelled(words: Iterable[Message | Withdrawal]) -> list[Entry]:
    """What is put, as rows: spelled once, before the unit that may run several times."""
    return [_withdrawal(word) if isinstance(word, Withdrawal) else _message(word) for word in words]


def put(tx: Transaction, entries: Iterable[Entry]) -> None:
    """Add them, in the transaction of what they tell. What was there already stays as it was."""
    for statement, row in entries:
        tx.insert(statement, row)


def _message(message: Message) -> Entry:
    channel, *later = message.channels
    return _PUT, (
        message.hall_id,
        message.subject,
        message.kind,
        message.occurrence,
        channel,
        ",".join(later),
        message.language,
        message.text_key,
        json.dumps(dict(message.values), ensure_ascii=False),
        int(message.priority),
        message.keep_seconds,
    )


def _withdrawal(word: Withdrawal) -> Entry:
    return _WITHDRAW, (word.subject, word.occurrence, ",".join(word.kinds))


# ── Taking out ───────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Taken:
    """A row as it was taken out of the queue, and what has become of its reason meanwhile."""

    id: int
    hall_id: str
    subject: str
    kind: str
    occurrence: int
    channel: str
    later_channels: tuple[str, ...]
    language: str
    text_key: str
    values: dict[str, Any]
    priority: Priority
    keep_seconds: int
    attempts: int
    begun: int  # Times that it was sent, perhaps, by somebody who died of it.
    age_seconds: float
    withdrawn: bool


# A row whose lease has ended belongs to a sender who died: it is due like any other. SKIP LOCKED lets several
# workers take side by side, and none waits for another.
_TAKE: Final = """
WITH due AS (
    SELECT id
      FROM outbox
     WHERE channel = :channel
       AND state IN ('queued', 'sending', 'retry_wait')
       AND due_at <= now()
     ORDER BY priority, id
     LIMIT :rows_max
       FOR UPDATE SKIP LOCKED
)
UPDATE outbox
   SET state = 'sending',
       attempts = attempts + 1,
       due_at = now() + :lease_seconds * interval '1 second'
  FROM due
 WHERE outbox.id = due.id
RETURNING outbox.*,
          CAST(extract(epoch FROM now() - put_at) AS float8) AS age_seconds,
          EXISTS (SELECT FROM withdrawals AS w
                   WHERE w.subject = outbox.subject
                     AND w.occurrence > outbox.occurrence
                     AND outbox.kind = ANY (string_to_array(w.kinds, ','))) AS withdrawn
"""


def take(tx: Transaction, channel: str, *, rows_max: int, lease_seconds: float) -> list[Taken]:
    """Take the most urgent rows of a channel out of the queue, for as long as the lease lasts."""
    rows = tx.all(_TAKE, channel=channel, rows_max=rows_max, lease_seconds=lease_seconds)
    return sorted(map(_taken, rows), key=lambda row: (row.priority, row.id))


def _taken(row: Row) -> Taken:
    return Taken(
        id=row["id"],
        hall_id=row["hall_id"],
        subject=row["subject"],
        kind=row["kind"],
        occurrence=row["occurrence"],
        channel=row["channel"],
        later_channels=_listed(row["later_channels"]),
        language=row["language"],
        text_key=row["text_key"],
        values=row["body"],
        priority=Priority(row["priority"]),
        keep_seconds=row["keep_seconds"],
        attempts=row["attempts"],
        begun=row["begun"],
        age_seconds=row["age_seconds"],
        withdrawn=row["withdrawn"],
    )


def _listed(text: str) -> tuple[str, ...]:
    return tuple(filter(None, text.split(",")))


def begin(tx: Transaction, row: Taken) -> None:
    """Write that it is being sent, before it is: from here on nobody knows, until it is marked."""
    tx.execute(
        "UPDATE outbox SET begun = begun + 1 WHERE id = :id AND state = 'sending' AND attempts = :attempts",
        id=row.id,
        attempts=row.attempts,
    )


def has_due(tx: Transaction, channel: str) -> bool:
    """Whether there is anything to take: a look that writes nothing."""
    due = tx.one(
        """
        SELECT FROM outbox
         WHERE channel = :channel AND state IN ('queued', 'sending', 'retry_wait') AND due_at <= now()
         LIMIT 1
        """,
        channel=channel,
    )
    return due is not None


@dataclass(frozen=True, slots=True)
class Backlog:
    """What a channel has to send and is late with: how many, and for how many seconds the oldest."""

    channel: str
    messages: int
    oldest_seconds: float


def backlogs(tx: Transaction) -> list[Backlog]:
    """What is late, by channel. What is being sent, or waits for its next try, is not."""
    rows = tx.all(
        """
        SELECT channel,
               count(*) AS messages,
               CAST(extract(epoch FROM now() - min(due_at)) AS float8) AS oldest_seconds
          FROM outbox
         WHERE state IN ('queued', 'sending', 'retry_wait') AND due_at <= now()
         GROUP BY channel
        """
    )
    return [Backlog(row["channel"], row["messages"], row["oldest_seconds"]) for row in rows]


# ── What came of it ──────────────────────────────────────────────────────────────────────────────

# Only whoever holds the row may say so: after the lease has ended it may be somebody else's.
_STEP: Final = """
UPDATE outbox
   SET state = :state,
       reason = :reason,
       begun = 0,
       due_at = CASE WHEN :state = 'retry_wait' THEN now() + :wait_seconds * interval '1 second' ELSE due_at END
 WHERE id = :id
   AND state = 'sending'
   AND attempts = :attempts
"""

_SENT: Final = """
UPDATE outbox
   SET state = 'sent',
       reason = '',
       begun = 0,
       provider = done.provider,
       provider_ref = done.provider_ref,
       cost = outbox.cost + done.cost,
       sent_at = now(),
       climb_at = now() + done.wait_seconds * interval '1 second'
  FROM unnest(CAST(:ids AS bigint[]), CAST(:attempts AS int[]), CAST(:providers AS text[]),
              CAST(:provider_refs AS text[]), CAST(:costs AS numeric[]), CAST(:waits AS float8[]))
       AS done (id, attempts, provider, provider_ref, cost, wait_seconds)
 WHERE outbox.id = done.id
   AND outbox.state = 'sending'
   AND outbox.attempts = done.attempts
"""

# The next rung keeps the age of the first: ninety seconds after the call are that on every channel.
_CLIMB: Final = """
INSERT INTO outbox (hall_id, subject, kind, occurrence, channel, later_channels,
                    language, text_key, body, priority, keep_seconds, put_at)
SELECT hall_id, subject, kind, occurrence, split_part(later_channels, ',', 1),
       CASE WHEN strpos(later_channels, ',') > 0 THEN substr(later_channels, strpos(later_channels, ',') + 1)
            ELSE '' END,
       language, text_key, body, priority, keep_seconds, put_at
  FROM outbox
 WHERE id = :id
   AND later_channels <> ''
    ON CONFLICT ON CONSTRAINT outbox_says_it_once DO NOTHING
"""


def step(tx: Transaction, row: Taken, to: Step) -> None:
    """Write where a message goes that was not sent; with `fallback`, queue the next rung."""
    held = tx.execute(
        _STEP,
        id=row.id,
        attempts=row.attempts,
        state=to.state.value,
        reason=to.reason,
        wait_seconds=to.wait_seconds or 0.0,
    )
    if held and to.state is State.FALLBACK:
        tx.execute(_CLIMB, id=row.id)


@dataclass(frozen=True, slots=True)
class Sent:
    """A row that a provider has: which one, at what cost, and how long the rung waits for an answer."""

    row: Taken
    provider: str
    accepted: Accepted
    cost: float = 0.0
    wait_seconds: float | None = None


def sent(tx: Transaction, done: Sequence[Sent]) -> None:
    """Write that providers have these, and what their receipts have said already."""
    refs = [each.accepted.reference for each in done]
    providers = [each.provider for each in done]
    tx.execute(
        _SENT,
        ids=[each.row.id for each in done],
        attempts=[each.row.attempts for each in done],
        providers=providers,
        provider_refs=refs,
        costs=[each.cost for each in done],
        waits=[each.wait_seconds for each in done],
    )
    for early in tx.all(_EARLY, providers=providers, provider_refs=refs):
        _apply(tx, early["provider"], early["provider_ref"], early["verdict"], early["reason"])


# ── Climbing: nobody has answered ────────────────────────────────────────────────────────────────

_TO_CLIMB: Final = """
WITH unanswered AS (
    SELECT id
      FROM outbox
     WHERE climb_at <= now()
     ORDER BY climb_at
     LIMIT :rows_max
       FOR UPDATE SKIP LOCKED
)
UPDATE outbox
   SET climb_at = NULL
  FROM unanswered
 WHERE outbox.id = unanswered.id
RETURNING outbox.id,
          NOT EXISTS (SELECT FROM withdrawals AS w
                       WHERE w.subject = outbox.subject
                         AND w.occurrence > outbox.occurrence
                         AND outbox.kind = ANY (string_to_array(w.kinds, ','))) AS unanswered
"""


def climb(tx: Transaction, *, rows_max: int) -> int:
    """Queue the next rung for messages that nobody has answered in time; how many were looked at."""
    rows = tx.all(_TO_CLIMB, rows_max=rows_max)
    for row in rows:
        if row["unanswered"]:
            tx.execute(_CLIMB, id=row["id"])
    return len(rows)


# ── Receipts ─────────────────────────────────────────────────────────────────────────────────────

_KEEP_RECEIPT: Final = """
INSERT INTO receipts (provider, provider_ref, verdict, reason)
VALUES (:provider, :provider_ref, :verdict, :reason)
    ON CONFLICT DO NOTHING
"""
_EARLY: Final = """
SELECT provider, provider_ref, verdict, reason
  FROM receipts
  JOIN unnest(CAST(:providers AS text[]), CAST(:provider_refs AS text[])) AS asked (provider, provider_ref)
       USING (provider, provider_ref)
 ORDER BY received_at
"""
_REFERRED: Final = """
SELECT id, state, later_channels
  FROM outbox
 WHERE provider = :provider
   AND provider_ref = :provider_ref
   AND provider_ref <> ''
   FOR UPDATE
"""
_RECEIVED: Final = """
UPDATE outbox
   SET state = :state,
       reason = :reason,
       climb_at = CASE WHEN :state = 'fallback' THEN NULL ELSE climb_at END
 WHERE id = :id
"""


def receive(tx: Transaction, provider: str, reference: str, verdict: Verdict, reason: str = "") -> bool:
    """Keep a receipt and let it have its effect; whether it was the first of its kind."""
    fresh = tx.execute(
        _KEEP_RECEIPT, provider=provider, provider_ref=reference, verdict=verdict, reason=reason
    )
    if fresh:
        _apply(tx, provider, reference, verdict, reason)
    return fresh == 1


def _apply(tx: Transaction, provider: str, reference: str, verdict: Verdict, reason: str) -> None:
    for row in tx.all(_REFERRED, provider=provider, provider_ref=reference):
        before = State(row["state"])
        after = after_receipt(before, verdict, _listed(row["later_channels"]))
        if after is not before:
            tx.execute(_RECEIVED, id=row["id"], state=after.value, reason=reason)
            if after is State.FALLBACK:
                tx.execute(_CLIMB, id=row["id"])


# ── What people may have ─────────────────────────────────────────────────────────────────────────

# A row for whoever has had nothing today, so that two workers who count at once wait for each other.
_BEGIN_A_DAY: Final = """
INSERT INTO allowances (scope, day, used, last_at)
SELECT scope, :day, 0, now() - interval '1 hour'
  FROM unnest(CAST(:scopes AS text[])) AS scope
 ORDER BY scope
    ON CONFLICT DO NOTHING
"""
_USED: Final = """
SELECT scope, used, CAST(extract(epoch FROM now() - last_at) AS float8) AS seconds
  FROM allowances
 WHERE day = :day
   AND scope = ANY (:scopes)
 ORDER BY scope
   FOR UPDATE
"""
_SPEND: Final = """
UPDATE allowances
   SET used = allowances.used + spent.number,
       last_at = now()
  FROM unnest(CAST(:scopes AS text[]), CAST(:numbers AS int[])) AS spent (scope, number)
 WHERE allowances.scope = spent.scope
   AND day = :day
"""


@dataclass(slots=True)
class Used:
    """How many messages were counted on a day, and how long ago the last one was."""

    number: int
    seconds: float


def used(tx: Transaction, day: date, scopes: Iterable[str]) -> dict[str, Used]:
    """What each of these has had on a day. Nobody else counts for them until the transaction ends."""
    wanted = sorted(set(scopes))
    tx.execute(_BEGIN_A_DAY, day=day, scopes=wanted)
    rows = tx.all(_USED, day=day, scopes=wanted)
    return {row["scope"]: Used(row["used"], row["seconds"]) for row in rows}


def spend(tx: Transaction, day: date, numbers: Mapping[str, int]) -> None:
    """Count so many messages more."""
    tx.execute(_SPEND, day=day, scopes=list(numbers), numbers=list(numbers.values()))


def postpone(tx: Transaction, row: Taken, seconds: float) -> None:
    """Put a row back for a while, as if it had not been taken."""
    tx.execute(
        """
        UPDATE outbox
           SET state = 'queued', attempts = attempts - 1, due_at = now() + :seconds * interval '1 second'
         WHERE id = :id AND state = 'sending'
        """,
        id=row.id,
        seconds=seconds,
    )


def opt_out(tx: Transaction, person: str) -> None:
    """This person wants no more messages."""
    tx.execute("INSERT INTO opt_outs (person) VALUES (:person) ON CONFLICT DO NOTHING", person=person)


def opt_in(tx: Transaction, person: str) -> None:
    """This person wants messages again."""
    tx.execute("DELETE FROM opt_outs WHERE person = :person", person=person)


def opted_out(tx: Transaction, persons: Iterable[str]) -> set[str]:
    """Who of these wants none."""
    rows = tx.all("SELECT person FROM opt_outs WHERE person = ANY (:persons)", persons=list(persons))
    return {row["person"] for row in rows}


_AGREE: Final = """
INSERT INTO consents AS known (person, template, left_over)
VALUES (:person, :template, 1)
    ON CONFLICT (person, template) DO UPDATE
   SET left_over = known.left_over + 1
"""


def agree(tx: Transaction, person: str, template: str) -> None:
    """Somebody agreed to one more message of this template."""
    tx.execute(_AGREE, person=person, template=template)


def use_consent(tx: Transaction, person: str, template: str) -> None:
    """One of them has been sent."""
    tx.execute(
        """
        UPDATE consents SET left_over = left_over - 1
         WHERE person = :person AND template = :template AND left_over > 0
        """,
        person=person,
        template=template,
    )


def consents(tx: Transaction, persons: Iterable[str]) -> dict[str, dict[str, int]]:
    """How many messages of each template these still agree to."""
    rows = tx.all(
        "SELECT person, template, left_over FROM consents WHERE person = ANY (:persons)",
        persons=list(persons),
    )
    found: dict[str, dict[str, int]] = {}
    for row in rows:
        found.setdefault(row["person"], {})[row["template"]] = row["left_over"]
    return found


def withdraw_consents(tx: Transaction, person: str) -> None:
    """Somebody has left the account: nothing is agreed to any more."""
    tx.execute("DELETE FROM consents WHERE person = :person", person=person)


# ── Looking at it ────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Line:
    """A message as staff see it: no phone, no sentence."""

    id: int
    subject: str
    kind: str
    channel: str
    language: str
    text_key: str
    state: State
    reason: str
    attempts: int
    provider: str
    cost: float
    put_at: datetime
    sent_at: datetime | None
    values: dict[str, Any]


_LINES: Final = """
SELECT *
  FROM outbox
 WHERE hall_id = :hall_id
   AND (CAST(:subject AS text) IS NULL OR subject = :subject)
   AND (CAST(:before_id AS bigint) IS NULL OR id < :before_id)
 ORDER BY id DESC
 LIMIT :rows_max
"""


def lines(
    tx: Transaction,
    hall_id: str,
    *,
    subject: str | None = None,
    before_id: int | None = None,
    rows_max: int = 100,
) -> list[Line]:
    """Messages of a hall or about one subject, the newest first."""
    rows = tx.all(_LINES, hall_id=hall_id, subject=subject, before_id=before_id, rows_max=rows_max)
    return [
        Line(
            id=row["id"],
            subject=row["subject"],
            kind=row["kind"],
            channel=row["channel"],
            language=row["language"],
            text_key=row["text_key"],
            state=State(row["state"]),
            reason=row["reason"],
            attempts=row["attempts"],
            provider=row["provider"],
            cost=float(row["cost"]),
            put_at=row["put_at"],
            sent_at=row["sent_at"],
            values=row["body"],
        )
        for row in rows
    ]


_TOTALS: Final = """
SELECT channel, state, count(*) AS messages, sum(cost) AS cost
  FROM outbox
 WHERE hall_id = :hall_id
   AND put_at >= now() - interval '1 day'
 GROUP BY channel, state
 ORDER BY channel, state
"""


def totals(tx: Transaction, hall_id: str) -> list[Row]:
    """How many messages of the last day came to what by each channel, and what they cost."""
    return tx.all(_TOTALS, hall_id=hall_id)


# ── Forgetting ───────────────────────────────────────────────────────────────────────────────────

# Tables whose rows are of no use after so many days, and the column that says how old a row is.
_KEPT_DAYS: Final = (("outbox", "put_at", 30), ("withdrawals", "withdrawn_at", 3), ("receipts", "received_at", 30),
                     ("allowances", "last_at", 3))  # fmt: skip


def purge(tx: Transaction) -> int:
    """Delete what is old, not all at once; how many rows were deleted this time."""
    return sum(
        tx.execute(
            f"""
            DELETE FROM {table}
             WHERE ctid IN (SELECT ctid FROM {table}
                             WHERE {age} < now() - :days * interval '1 day'
                             LIMIT :rows_max)
            """,  # noqa: S608 - our own names.
            days=days,
            rows_max=PURGED_ROWS_MAX,
        )
        for table, age, days in _KEPT_DAYS
    )
