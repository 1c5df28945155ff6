"""What must be true of a journal and of every answer, whatever went wrong on the way.

The auditor reads the journal line by line as it becomes durable and keeps its own fold of it:

* numbers are dense, a command's events stand together and are exactly what `decide` says on the hall before;
* every invariant of `core.invariants` holds after every event; a fresh ticket stands last in its lane; a
  ticket's states follow the life of a ticket; nobody is called by two windows, nobody out of turn;
* an acknowledged command is in the journal once, and its remembered answer is the one that was given;
* a refusal, and an answer that nothing had to be done, was true of a hall that was durable while one waited;
* a view is the view of the durable hall with its number; facts are what the journal says.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import msgspec

from queue_server.hall.core import commands as c
from queue_server.hall.core import events as e
from queue_server.hall.core.decide import decide
from queue_server.hall.core.evolve import evolve
from queue_server.hall.core.invariants import check
from queue_server.hall.core.model import CallRule, Hall, TicketState
from queue_server.hall.core.order import next_ticket
from queue_server.hall.live.views.board import board
from queue_server.hall.live.views.parts import Moment
from queue_server.hall.store import entries, facts
from queue_server.kit.rejections import Rejected

W, C, S, H, M = (
    TicketState.WAITING,
    TicketState.CALLED,
    TicketState.SERVING,
    TicketState.ON_HOLD,
    TicketState.MISSED,
)
ENDED = None  # Not in the hall any more.
LIFE = {
    W: {W, C, ENDED},
    C: {C, S, M, W, ENDED},
    S: {S, H, W, ENDED},
    H: {H, S, W, ENDED},
    M: {M, W, ENDED},
}
"""Which state may follow which, from one event to the next."""


class Lie(AssertionError):
    """Something was said or written that is not so."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What a process answered without writing anything: a refusal, or that nothing had to be done."""

    command: c.Command
    said: str  # The code of the refusal, or "nothing".
    from_seq: int  # What was durable when the request came in,
    to_seq: int  # and when it was answered.
    moments: tuple[datetime, ...]  # What the process's clock said meanwhile.


@dataclass
class Auditor:
    """Reads along. `commands` is everything that was ever asked, by its key."""

    hall_id: str
    commands: Mapping[str, c.Command]
    hall: Hall = field(init=False)
    halls: dict[int, Hall] = field(init=False)
    written: dict[str, list[tuple[int, str]]] = field(default_factory=dict)
    rows: int = 0
    numbers: set[tuple[date, str]] = field(default_factory=set)
    days: dict[int, date] = field(default_factory=dict)
    ends: Counter[int] = field(default_factory=Counter)
    derived: list[facts.Fact] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)
    claims: int = 0

    def __post_init__(self) -> None:
        self.hall = Hall(self.hall_id)
        self.halls = {0: self.hall}

    # ── The journal ──────────────────────────────────────────────────────────────────────────────

    def read(self, rows: Iterable[Mapping[str, Any]]) -> None:
        """The next lines of the journal: one or more whole commands."""
        pending: list[tuple[Mapping[str, Any], e.Event]] = []
        for row in rows:
            if row["seq"] != self.rows + 1:
                raise Lie(f"the journal goes from {self.rows} to {row['seq']}")
            self.rows += 1
            if pending and pending[0][0]["by"] != row["by"]:
                self._command(pending)
                pending = []
            pending.append((row, entries.read(row["name"], row["body"])))
        if pending:
            self._command(pending)

    def _command(self, lines: list[tuple[Mapping[str, Any], e.Event]]) -> None:
        """One command's events (several of the clock's own may stand together)."""
        key, happened = str(lines[0][0]["by"]), [event for _, event in lines]
        before = self.hall
        for row, event in lines:
            self._event(event)
            self.written.setdefault(key, []).append((row["seq"], row["name"]))
        command = self.commands.get(key)
        if command is None:
            return
        if len(self.written[key]) != len(happened):
            raise Lie(f"{key} was carried out twice: {self.written[key]}")
        try:
            should, _ = decide(before, command, happened[0].at)
        except Rejected as no:
            raise Lie(f"{key} was carried out at {before.seq}, but should be refused: {no}") from no
        if should != happened:
            raise Lie(f"{key} at {before.seq}: {happened} happened rather than {should}")

    def _event(self, event: e.Event) -> None:
        before = self.hall
        self.derived += facts.facts_of(before, [event])
        after = self.hall = self.halls[before.seq + 1] = evolve(before, event)
        check(after)
        match event:
            case e.TicketIssued():
                assert after.day is not None
                ticket = after.tickets[after.seq]
                if (after.day, event.number) in self.numbers:
                    raise Lie(f"{event.number} was given twice on {after.day}")
                self.numbers.add((after.day, event.number))
                queue = after.queues[ticket.group_id]
                if (queue.green if ticket.green else queue.fair)[-1] != ticket.id:
                    raise Lie(f"{event.number} was issued last and does not stand last")
            case e.TicketCalled() if event.rule is not CallRule.PICKED:
                choice = next_ticket(before, before.windows[event.window_id], event.at)
                if choice is None or (choice.ticket.id, choice.rule) != (event.ticket_id, event.rule):
                    raise Lie(f"{event} out of turn: it was the turn of {choice}")
            case _:
                pass
        if isinstance(event, e.DayOpened):
            self._day_turns(before, after)
            return
        for ticket_id in {getattr(event, "ticket_id", None)} & set(before.tickets):
            old, new = before.tickets[ticket_id], after.tickets.get(ticket_id)
            if (new.state if new is not None else ENDED) not in LIFE[old.state]:
                raise Lie(f"ticket {ticket_id} went from {old.state} by {event}")
            if new is not None and (new.number, new.issued_at) != (old.number, old.issued_at):
                raise Lie(f"ticket {ticket_id} became another by {event}")
        gone = set(before.tickets) - set(after.tickets)
        if gone - {getattr(event, "ticket_id", None)}:
            raise Lie(f"{gone} vanished by {event}")
        self.ends.update(gone)

    def _day_turns(self, before: Hall, after: Hall) -> None:
        lost = set(before.tickets) - set(after.tickets)
        if lost:
            raise Lie(f"{lost} have no end, and are not in the new day either")
        if before.day is not None and after.day is not None and after.day < before.day:
            raise Lie(f"{after.day} came after {before.day}")

    # ── Answers ──────────────────────────────────────────────────────────────────────────────────

    def heard(self, key: str, body: str) -> None:
        """A client has got this answer. Nothing is acknowledged before it is durable."""
        said = json.loads(body)
        if self.answers.setdefault(key, body) != body:
            raise Lie(f"{key} was answered {self.answers[key]} and then {body}")
        lines = [[seq, name] for seq, name in self.written.get(key, [])]
        if lines != said["events"]:
            raise Lie(f"{key} was told {said['events']}; the journal says {lines}")

    def judge(self, claim: Claim) -> None:
        """Whether there was a durable hall of which the claim is true."""
        self.claims += 1
        for seq in range(claim.from_seq, claim.to_seq + 1):
            if seq in self.halls and any(
                outcome(self.halls[seq], claim.command, now) == claim.said for now in claim.moments
            ):
                return
        raise Lie(f"{claim} was true of no durable hall")

    def shown(self, text: str) -> int:
        """A board that was sent to a screen. Returns its number."""
        view = json.loads(text)
        hall = self.halls.get(view["seq"])
        if hall is None:
            raise Lie(f"a screen shows {view['seq']}, durable is {self.hall.seq}")
        moment = Moment(hall, view["epoch"], datetime.fromisoformat(view["as_of"]))
        if json.loads(msgspec.json.encode(board(moment))) != view:
            raise Lie(f"a screen shows another hall than the journal at {view['seq']}")
        return int(view["seq"])

    # ── The end ──────────────────────────────────────────────────────────────────────────────────

    def close(self, requests: Iterable[Mapping[str, Any]]) -> None:
        """When everybody has gone home: what was answered is remembered, and what is remembered was written."""
        remembered = {row["key"]: row["body"] for row in requests}
        for key, body in remembered.items():
            if [[seq, name] for seq, name in self.written.get(key, [])] != json.loads(body)["events"]:
                raise Lie(f"{key} is remembered with {body}, written is {self.written.get(key)}")
        for key in self.written:
            if key in self.commands and key not in remembered:
                raise Lie(f"{key} was written without its answer")
        for key, body in self.answers.items():
            if remembered.get(key) != body:
                raise Lie(f"{key} was answered {body}, remembered is {remembered.get(key)}")
        if any(count != 1 for count in self.ends.values()):
            raise Lie("somebody left the hall twice")

    def check_facts(self, tables: Mapping[str, list[dict[str, Any]]]) -> None:
        """The report rows are what the journal says, in every column."""
        for statement in facts.TABLES:
            expected = sorted(values for insert, values in self.derived if insert is statement)
            stored = sorted(tuple(row[name] for name in statement.names) for row in tables[statement.table])
            if expected != stored:
                raise Lie(f"{statement.table}: {set(expected) ^ set(stored)}")


def outcome(hall: Hall, command: c.Command, now: datetime) -> str:
    """What a hall says to a command without a change, or what it would do."""
    try:
        events, _ = decide(hall, command, now)
    except Rejected as no:
        return no.code
    return "nothing" if not events else "something"
