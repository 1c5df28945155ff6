"""What people are told on their phones: a function from events to messages, and to their withdrawal.

Each event tells at most one message, so what is told once in the journal is told once on the phone. And
each step of a ticket ends what was to be told before it: nobody hears of a call that is over, or of the
people ahead after the call.

Only whoever left a phone is told anything. The phone itself is not known here, nor anywhere in the hall.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from math import ceil, floor
from typing import Final, assert_never
from zoneinfo import ZoneInfo

from notify.messages import Message, Priority, Withdrawal
from queue_server.hall.core import events as e
from queue_server.hall.core.model import Channel, Hall, Reach, Ticket, TicketState
from queue_server.hall.core.order import ahead, windows_for

MINUTE: Final = timedelta(minutes=1)
WINDOWS_NAMED_MAX: Final = 4  # A sentence has seventy characters.

# How long each kind is worth sending. After a minute and a half whoever was called is as good as missed.
KEEP_SECONDS: Final = {
    "call": 90,
    "recall": 90,
    "near": 600,
    "confirmation": 600,
    "moved": 600,
    "closed": 3600,
    "rating": 3600,
    "answer": 600,
}

CODE: Final = "code"  # What is said to a phone that is no contact yet.
ANSWER: Final = "answer"  # To a word by short message, where the provider carries nothing back.
GUIDE: Final = "guide"  # The channel that is no phone: `hall/timers.py` takes what is put there.
CALLS: Final = ("call", "recall")
WAITING: Final = ("confirmation", "near", "moved", "missed")
EVERYTHING: Final = (*CALLS, *WAITING)

Told = (
    e.TicketIssued | e.FirstSlotGiven | e.TicketNear | e.TicketCalled | e.TicketRecalled | e.CallUndone
    | e.CallAcknowledged | e.ServingStarted | e.TicketMissed | e.TicketRequeued | e.TicketDeferred | e.TicketTransferred
    | e.TicketReassigned | e.ServingCompleted | e.TicketCancelled | e.TicketExpired
)  # fmt: skip
TOLD: Final = Told.__args__

Word = Message | Withdrawal


def words(before: Hall, events: Sequence[e.Event], after: Hall, *, in_wechat: bool = True) -> list[Word]:
    """What is to be told, and no longer to be told, because of these events.

    Without an official account nobody is told anything in WeChat, and no ladder has that rung.
    """
    told: list[Word] = []
    for seq, event in enumerate(events, start=before.seq + 1):
        if isinstance(event, TOLD):
            ticket_id = seq if isinstance(event, e.TicketIssued) else event.ticket_id
            ticket = after.tickets.get(ticket_id) or before.tickets.get(ticket_id)
            if ticket is not None and ticket.reach is not Reach.NONE:
                told += words_of(event, ticket, after, seq, in_wechat=in_wechat)
    return told


def words_of(event: Told, ticket: Ticket, hall: Hall, seq: int, *, in_wechat: bool) -> Iterator[Word]:
    """The words of one event about a ticket that has a phone."""

    def say(kind: str, text_key: str, priority: Priority, keep: int = 0, **values: str | int) -> Message:
        return Message(
            hall_id=hall.id,
            subject=subject_of(hall.id, ticket.id),
            kind=kind,
            occurrence=seq,
            channels=ladder(ticket, kind, in_wechat=in_wechat),
            text_key=text_key,
            priority=priority,
            keep_seconds=keep or KEEP_SECONDS[kind],
            values={"number": ticket.number, **values},
            language=ticket.language,
        )

    def end(*kinds: str) -> Withdrawal:
        return Withdrawal(subject_of(hall.id, ticket.id), seq, kinds)

    match event:
        case e.TicketIssued():
            yield confirmation(hall, ticket, say("confirmation", "", Priority.CONFIRMATION))
        case e.FirstSlotGiven(_, opens_at):
            yield end("confirmation", "near")
            local = opens_at.astimezone(ZoneInfo(hall.about.timezone))
            yield say("closed", "first_slot", Priority.REST, opens=f"{local:%m-%d %H:%M}")
        case e.TicketNear():
            where = windows_text(hall, ticket.group_id)
            yield say("near", "near", Priority.NEAR, windows=where, ahead=ahead(hall, ticket))
        case e.TicketCalled(_, window_id):
            yield end(*EVERYTHING)
            yield say("call", "call", Priority.CALL, window=window_id)
        case e.TicketRecalled():
            yield end("call")
            yield say("recall", "recall", Priority.RECALL, window=ticket.window_id or "")
        case e.CallUndone():
            yield end(*EVERYTHING)
            yield say("moved", "moved.undone", Priority.REST)
        case e.CallAcknowledged():
            yield end(*CALLS)
        case e.ServingStarted():
            yield end(*EVERYTHING)
        case e.TicketMissed():
            yield end(*EVERYTHING)
            if ticket.returns < hall.rules.returns_max:
                seconds = hall.rules.return_within_seconds
                yield say("missed", "missed", Priority.REST, keep=seconds, minutes=seconds // 60)
        case e.TicketRequeued() | e.TicketDeferred():
            yield end("confirmation", "near", "missed")
        case e.TicketReassigned():
            yield end(*EVERYTHING)
            yield say("moved", "moved.window_lost", Priority.REST)
        case e.TicketTransferred(_, group_id):
            yield end(*EVERYTHING)
            yield say("moved", "moved.transferred", Priority.REST, windows=windows_text(hall, group_id))
        case e.ServingCompleted():
            if ticket.id in hall.tickets:  # The visit goes on with its next leg.
                where = windows_text(hall, ticket.group_id)
                yield say("moved", "moved.transferred", Priority.REST, windows=where)
            else:
                yield say("rating", "rating", Priority.REST)
        case e.TicketCancelled():
            yield end(*EVERYTHING)
        case e.TicketExpired(_, reason):
            yield end(*EVERYTHING)
            if reason == "closed":
                yield say("closed", "closed", Priority.REST)
        case _:
            assert_never(event)


def ladder(ticket: Ticket, kind: str, *, in_wechat: bool) -> tuple[str, ...]:
    """By which ways something is told, one after the other. A call that nobody answers brings a guide."""
    told_there = ticket.in_wechat or ticket.channel is Channel.WECHAT
    phones = ("wechat", "sms") if in_wechat and told_there else ("sms",)
    return (*phones, GUIDE) if kind in CALLS else phones


def confirmation(hall: Hall, ticket: Ticket, message: Message) -> Message:
    """What a fresh ticket is: its number, where, and how long. Whoever is near already is told so here."""
    values: dict[str, str | int] = {"windows": windows_text(hall, ticket.group_id)}
    if ticket.near:
        return spelled(message, "confirmation.near", values)
    values["ahead"] = ahead(hall, ticket)
    promise = ticket.promise
    if promise is None:
        return spelled(message, "confirmation.unknown", values)
    low = floor((promise.low_at - promise.made_at) / MINUTE)
    high = ceil((promise.high_at - promise.made_at) / MINUTE)
    values["minutes"] = str(low) if low == high else f"{low}-{high}"
    return spelled(message, "confirmation", values)


def spelled(message: Message, text_key: str, values: dict[str, str | int]) -> Message:
    """The message with its text and its values."""
    return replace(message, text_key=text_key, values={**message.values, **values})


def windows_text(hall: Hall, group_id: str) -> str:
    """Where a group is served, as short as it can be said. Until the call it may still be another one."""
    windows = windows_for(hall, group_id) or [w for w in hall.windows.values() if group_id in w.group_ids]
    return "/".join(window.id for window in windows[:WINDOWS_NAMED_MAX])


def subject_of(hall_id: str, ticket_id: int) -> str:
    """What messages about a ticket are about; `notify` asks by it for the sealed contact."""
    return f"{hall_id}/{ticket_id}"


def standing(hall: Hall, ticket: Ticket) -> tuple[str, dict[str, str | int]]:
    """How it stands with a ticket: which text says it, and with which values."""
    match ticket.state:
        case TicketState.WAITING:
            where = windows_text(hall, ticket.group_id)
            return "status", {"number": ticket.number, "ahead": ahead(hall, ticket), "windows": where}
        case TicketState.MISSED:
            return "status.missed", {"number": ticket.number}
        case _:
            return "status.window", {"number": ticket.number, "window": ticket.window_id or ""}


def answer_subject_of(sealed_phone: str, ticket_id: int | None) -> str:
    """What an answer is about. Whoever asked may have no ticket, so the subject brings the phone along, sealed."""
    return f"{ANSWER}:{sealed_phone}/{ticket_id or ''}"


def code_subject_of(hall_id: str, ticket_id: int) -> str:
    """What the code for a ticket's phone is about: it goes to the phone that was typed, to no contact."""
    return f"{CODE}:{subject_of(hall_id, ticket_id)}"
