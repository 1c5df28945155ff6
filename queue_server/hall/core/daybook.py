"""The day in figures, read off its journal: what a hall as it stands no longer knows.

`noted(book, seq, event)` is the whole of it. Like `evolve` it is pure and never refuses, but it needs no hall beside
it: whoever wants the figures of a day reads its events once and goes on from there. What is counted is said where it is
kept; shares and means are made of these sums by whoever shows them.
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from immutables import Map
from msgspec import Struct, field
from msgspec.structs import replace

from queue_server.hall.core import events as e
from queue_server.hall.core.model import Ticket, Window, seconds_between

HALF_HOUR = timedelta(minutes=30)
NO_SHOWS = ("missed", "missed_twice")


class Visit(Struct, frozen=True, gc=False):
    """An open ticket, as far as the figures need to follow it."""

    group_id: str
    later_group_ids: tuple[str, ...] = ()
    window_id: str | None = None  # Where it is called, served or on hold.
    due_at: datetime | None = None


class GroupDay(Struct, frozen=True, gc=False):
    """What a group has come to today."""

    issued: int = 0
    served: int = 0  # Services finished, of visits that go on elsewhere too.
    calls_missed: int = 0
    no_shows: int = 0  # Tickets that ended because nobody came.
    cancelled: int = 0  # By citizens, and voided by staff.


class WindowDay(Struct, frozen=True, gc=False):
    """What a window has come to today, up to `counted_at`.

    `open_seconds`: somebody was signed in and neither paused nor absent, or somebody was called or served.
    `busy_seconds`: of these, the time in which somebody was called or served.
    """

    since: datetime  # When the window became what it is: opened, paused, called, free again …
    counted_at: datetime
    signed_in: bool = False
    clerk_id: str | None = None
    paused: bool = False
    absent: bool = False
    ticket_id: int | None = None
    open_seconds: float = 0.0
    busy_seconds: float = 0.0
    served: int = 0

    @property
    def is_open(self) -> bool:
        """Whether time counts as open."""
        return self.ticket_id is not None or (self.signed_in and not (self.paused or self.absent))


class HalfHour(Struct, frozen=True, gc=False):
    """How many came and how many services were finished in thirty minutes."""

    issued: int = 0
    served: int = 0


class HelpDay(Struct, frozen=True, gc=False):
    """How often a guide went, and the sum of the seconds from "is to be fetched" to "I go"."""

    taken: int = 0
    response_seconds: float = 0.0


class Daybook(Struct, frozen=True, gc=False):
    """The figures of one day of a hall, up to the journal number `seq`."""

    seq: int = 0
    day: date | None = None
    visits: Map[int, Visit] = field(default_factory=Map)
    groups: Mapping[str, GroupDay] = field(default_factory=dict)
    windows: Mapping[str, WindowDay] = field(default_factory=dict)
    half_hours: Mapping[datetime, HalfHour] = field(default_factory=dict)
    help: HelpDay = HelpDay()


def noted(book: Daybook, seq: int, event: e.Event) -> Daybook:
    """The figures after one more event."""
    book = replace(book, seq=seq)
    match event:
        case e.DayOpened():
            return day_opened(book, event)
        case e.TicketIssued(at):
            first, *later = (leg.group_id for leg in event.legs)
            visit = Visit(first, tuple(later), due_at=at if event.near else None)
            return counted(with_half_hour(with_visit(book, seq, visit), at, issued=1), first, issued=1)
        case e.TicketNear(ticket_id, at):
            return due(book, ticket_id, at)
        case e.TicketCalled(ticket_id, window_id, at):
            return taken_up(due(book, ticket_id, at), ticket_id, window_id, at)
        case e.ServingStarted(ticket_id, at):
            at_window = book.visits[ticket_id].window_id
            return book if at_window is None else with_window(book, at_window, at)
        case e.CallUndone(ticket_id, at) | e.TicketHeld(ticket_id, _, _, at):
            return let_go(book, ticket_id, at)
        case e.TicketMissed(ticket_id, at):
            book = let_go(book, ticket_id, at)
            return counted(not_due(book, ticket_id), book.visits[ticket_id].group_id, calls_missed=1)
        case e.ServingResumed(ticket_id, at):
            held_at = book.visits[ticket_id].window_id
            return book if held_at is None else taken_up(book, ticket_id, held_at, at)
        case e.TicketTransferred(ticket_id, group_id, _, at):
            book = not_due(let_go(book, ticket_id, at), ticket_id)
            return with_visit(book, ticket_id, replace(book.visits[ticket_id], group_id=group_id))
        case e.TicketReassigned(ticket_id, at):
            return not_due(let_go(book, ticket_id, at), ticket_id)
        case e.ServingCompleted(ticket_id, _, at):
            return completed(book, ticket_id, at)
        case e.TicketCancelled(ticket_id, at):
            group_id = book.visits[ticket_id].group_id
            return counted(ended(book, ticket_id, at), group_id, cancelled=1)
        case e.TicketExpired(ticket_id, reason, at):
            group_id = book.visits[ticket_id].group_id
            return counted(ended(book, ticket_id, at), group_id, no_shows=int(reason in NO_SHOWS))
        case e.HelpTaken(ticket_id, _, at):
            waited = seconds_between(book.visits[ticket_id].due_at or at, at)
            help_day = HelpDay(book.help.taken + 1, book.help.response_seconds + waited)
            return replace(book, help=help_day)
        case e.WindowOpened(window_id, clerk, _, at):
            return signed_in(book, window_id, clerk.id, at)
        case e.WindowClosed(window_id, at):
            return with_window(book, window_id, at, signed_in=False, paused=False, absent=False)
        case e.WindowPaused(window_id, _, _, at):
            return with_window(book, window_id, at, paused=True)
        case e.WindowResumed(window_id, at):
            return with_window(book, window_id, at, paused=False)
        case e.WindowAbsent(window_id, at):
            return with_window(book, window_id, at, absent=True)
        case e.WindowPresent(window_id, at):
            return with_window(book, window_id, at, absent=False)
        case _:
            return book  # Moves within a line, rules and plans are no figures.


def until(book: WindowDay, now: datetime) -> WindowDay:
    """A window's sums with the time that has run since the last event."""
    seconds = seconds_between(book.counted_at, now)
    return replace(
        book,
        counted_at=max(book.counted_at, now),
        open_seconds=book.open_seconds + (seconds if book.is_open else 0.0),
        busy_seconds=book.busy_seconds + (seconds if book.ticket_id is not None else 0.0),
    )


# ── Days ─────────────────────────────────────────────────────────────────────────────────────────


def day_opened(book: Daybook, event: e.DayOpened) -> Daybook:
    """A fresh book, or the same one for a day that goes on after it was closed too early."""
    fresh = book if event.day == book.day else Daybook(seq=book.seq, day=event.day)
    return replace(
        fresh,
        visits=Map({ticket.id: visit_of(ticket) for ticket in event.carried}),
        windows={**fresh.windows, **{w.id: carried_window(fresh, w, event.at) for w in event.windows}},
    )


def visit_of(ticket: Ticket) -> Visit:
    """A ticket that was carried over."""
    later = tuple(leg.group_id for leg in ticket.later_legs)
    return Visit(ticket.group_id, later, ticket.window_id, ticket.due_at)


def carried_window(book: Daybook, window: Window, at: datetime) -> WindowDay:
    """A window as the day finds it, with whoever is still there."""
    known = book.windows.get(window.id) or WindowDay(since=at, counted_at=at)
    session = window.session
    return replace(
        until(known, at),
        signed_in=session is not None,
        clerk_id=None if session is None else session.clerk.id,
        paused=session is not None and session.pause is not None,
        absent=session is not None and session.absent_since is not None,
        ticket_id=window.ticket_id,
    )


# ── Small notes ──────────────────────────────────────────────────────────────────────────────────


def signed_in(book: Daybook, window_id: str, clerk_id: str, at: datetime) -> Daybook:
    """Somebody opens a window. Who takes it over from themselves at another console finds it as it was."""
    known = book.windows.get(window_id)
    same = known is not None and known.signed_in and known.clerk_id == clerk_id
    paused = known is not None and same and known.paused
    return with_window(book, window_id, at, signed_in=True, clerk_id=clerk_id, paused=paused, absent=False)


def completed(book: Daybook, ticket_id: int, at: datetime) -> Daybook:
    """One more service; the visit goes on with its next leg, if it has one."""
    visit = book.visits[ticket_id]
    if visit.window_id is not None:
        window = book.windows.get(visit.window_id) or WindowDay(since=at, counted_at=at)
        book = with_window(book, visit.window_id, at, served=window.served + 1)
    book = with_half_hour(counted(book, visit.group_id, served=1), at, served=1)
    if not visit.later_group_ids:
        return ended(book, ticket_id, at)
    onwards = Visit(visit.later_group_ids[0], visit.later_group_ids[1:])
    return with_visit(let_go(book, ticket_id, at), ticket_id, onwards)


def taken_up(book: Daybook, ticket_id: int, window_id: str, at: datetime) -> Daybook:
    """Somebody is at a window, or on the way to it."""
    book = with_visit(book, ticket_id, replace(book.visits[ticket_id], window_id=window_id))
    return with_window(book, window_id, at, ticket_id=ticket_id)


def let_go(book: Daybook, ticket_id: int, at: datetime) -> Daybook:
    """Whoever was at the window is not at it any more."""
    window_id = book.visits[ticket_id].window_id
    if window_id is None or book.windows[window_id].ticket_id != ticket_id:
        return book
    return with_window(book, window_id, at, ticket_id=None)


def ended(book: Daybook, ticket_id: int, at: datetime) -> Daybook:
    """The ticket is out of the hall."""
    book = let_go(book, ticket_id, at)
    return replace(book, visits=book.visits.delete(ticket_id))


def due(book: Daybook, ticket_id: int, at: datetime) -> Daybook:
    """The turn is near or has come, since the first moment at which it was."""
    visit = book.visits[ticket_id]
    return book if visit.due_at is not None else with_visit(book, ticket_id, replace(visit, due_at=at))


def not_due(book: Daybook, ticket_id: int) -> Daybook:
    """The turn is over."""
    return with_visit(book, ticket_id, replace(book.visits[ticket_id], due_at=None))


def with_visit(book: Daybook, ticket_id: int, visit: Visit) -> Daybook:
    """The book with this version of a visit."""
    return replace(book, visits=book.visits.set(ticket_id, visit))


def with_window(book: Daybook, window_id: str, at: datetime, **changes: object) -> Daybook:
    """The book with a window that becomes something else at this instant."""
    known = book.windows.get(window_id) or WindowDay(since=at, counted_at=at)
    window = replace(until(known, at), since=at, **changes)
    return replace(book, windows={**book.windows, window_id: window})


def counted(book: Daybook, group_id: str, **more: int) -> Daybook:
    """The book with so many more in a group."""
    group = book.groups.get(group_id) or GroupDay()
    group = replace(group, **{name: getattr(group, name) + number for name, number in more.items()})
    return replace(book, groups={**book.groups, group_id: group})


def with_half_hour(book: Daybook, at: datetime, *, issued: int = 0, served: int = 0) -> Daybook:
    """The book with so many more in a half hour."""
    begins_at = at - timedelta(seconds=at.timestamp() % HALF_HOUR.total_seconds())
    half = book.half_hours.get(begins_at) or HalfHour()
    half = HalfHour(half.issued + issued, half.served + served)
    return replace(book, half_hours={**book.half_hours, begins_at: half})
