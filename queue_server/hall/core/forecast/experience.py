"""What a hall has learned of itself: sums over its own journal, a day at a time.

A day's experience is a fold over the events of that day (`seen`). It holds sums only, so a hall knows the sum of its
days, in which a day counts half after `HALF_LIFE_DAYS` days of opening. Nothing in it names a citizen.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import msgspec
from msgspec import Struct, field

from queue_server.hall.core import events as e
from queue_server.hall.core.estimates import FORGOTTEN
from queue_server.hall.core.evolve import evolve
from queue_server.hall.core.forecast.lifetimes import AGES_S, SPANS_S, age_class
from queue_server.hall.core.model import Hall, Ticket, TicketState, seconds_between

HALF_LIFE_DAYS = 20.0  # Days of opening, about a month of the calendar.
WAY_SECONDS_MAX = 600.0  # Longer from the call to the window, and the start was forgotten.
BETWEEN_SECONDS_MAX = 600.0  # Longer between two citizens is a rest, not a habit.
OFF = (0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 5.0, 8.0)  # How far a call was off, in half widths of its range.


class Spell(Struct):
    """How often something lasted, and how long together."""

    count: float = 0.0
    seconds: float = 0.0

    def lasted(self, seconds: float) -> None:
        """Once more."""
        self.count += 1
        self.seconds += seconds


def none_yet() -> list[float]:
    """Nothing seen at any age."""
    return [0.0] * len(SPANS_S)


class Ages(Struct):
    """At which ages something ended, and for how long it was watched at each (see `lifetimes.py`)."""

    ends: list[float] = field(default_factory=none_yet)
    watched_s: list[float] = field(default_factory=none_yet)

    def watched(self, age_s: float, *, ended: bool) -> None:
        """It lasted so long, and then it ended or was lost from sight."""
        for step, (begins, span) in enumerate(zip(AGES_S[:-1], SPANS_S, strict=True)):
            if age_s <= begins:
                break
            self.watched_s[step] += min(age_s - float(begins), float(span))
        if ended:
            self.ends[age_class(age_s)] += 1


class Shows(Struct):
    """How many people were called, and how many calls nobody came for."""

    called: float = 0.0
    missed: float = 0.0


class Kept(Struct):
    """How first promises fared that were made by playing the hall forward."""

    told: float = 0.0
    inside: float = 0.0
    error_s: float = 0.0  # Late is positive: what the promises were off, summed up with its sign,
    absolute_s: float = 0.0  # and without.
    waited_s: float = 0.0  # How long these people waited.
    off: list[float] = field(default_factory=lambda: [0.0] * (len(OFF) + 1))


class Experience(Struct):
    """The sums of one day, or of all of them."""

    days: float = 0.0
    first_on: date | None = None
    last_on: date | None = None
    anew: bool = False  # Somebody had the hall forget what it knew, on this day.
    served: dict[str, dict[str, dict[str, Spell]]] = field(
        default_factory=dict
    )  # By group, matters and clerk.
    services: dict[str, Ages] = field(default_factory=dict)  # By group.
    shows: dict[str, Shows] = field(default_factory=dict)  # By group.
    patience: Ages = field(default_factory=Ages)
    ways: Spell = field(default_factory=Spell)  # From the call to the window.
    between: Spell = field(default_factory=Spell)  # From one citizen to the next call, while somebody waits.
    kept: Kept = field(default_factory=Kept)


# ── A day ────────────────────────────────────────────────────────────────────────────────────────


def of_day(hall_id: str, opened_seq: int, events: Iterable[e.Event]) -> Experience:
    """What a day taught: its events from the opening at this journal number to the last before the next opening."""
    known, hall = Experience(), Hall(hall_id, seq=opened_seq - 1)
    for event in events:
        if isinstance(event, e.DayOpened):
            known = Experience(days=1.0, first_on=event.day, last_on=event.day)
        else:
            known = seen(known, hall, event)
        hall = evolve(hall, event)
    return known


def seen(known: Experience, hall: Hall, event: e.Event) -> Experience:
    """What a day has taught after one more event, which happened to the hall as it was before it."""
    match event:
        case e.ExperienceForgotten():
            return Experience(days=1.0, first_on=known.first_on, last_on=known.last_on, anew=True)
        case e.TicketCalled():
            called(known, hall, event)
        case e.ServingStarted(ticket_id, at):
            since = hall.tickets[ticket_id].called_at or at
            known.ways.lasted(min(seconds_between(since, at), WAY_SECONDS_MAX))
        case e.TicketMissed(ticket_id):
            known.shows.setdefault(hall.tickets[ticket_id].group_id, Shows()).missed += 1
        case e.ServingCompleted():
            served(known, hall, event)
        case e.TicketCancelled(ticket_id, at, voided):
            ticket = hall.tickets[ticket_id]
            if ticket.state is TicketState.WAITING and not voided:
                known.patience.watched(seconds_between(ticket.issued_at, at), ended=True)
        case _:
            pass
    return known


def called(known: Experience, hall: Hall, event: e.TicketCalled) -> None:
    """Somebody was called: patience lasted, a window had its moment to breathe, a promise came due."""
    ticket = hall.tickets[event.ticket_id]
    waited_s = seconds_between(ticket.issued_at, event.at)
    known.shows.setdefault(ticket.group_id, Shows()).called += 1
    known.patience.watched(waited_s, ended=False)
    session = hall.windows[event.window_id].session
    if session is not None and session.free_since is not None and ticket.issued_at <= session.free_since:
        rested_s = seconds_between(session.free_since, event.at)
        if rested_s <= BETWEEN_SECONDS_MAX:
            known.between.lasted(rested_s)
    if ticket.first_called_at is None and not ticket.returns and not ticket.defers:
        promise_due(known.kept, ticket, event)


def promise_due(kept: Kept, ticket: Ticket, event: e.TicketCalled) -> None:
    """How far the call was from the first promise, in half widths of what the hall said before it was widened."""
    promise = ticket.promise
    if promise is None or promise.likely_at is None:
        return
    off_s = (event.at - promise.likely_at).total_seconds()
    side = promise.high_at - promise.likely_at if off_s > 0 else promise.likely_at - promise.low_at
    half_s = max(30.0, side.total_seconds() / promise.width)
    kept.told += 1
    kept.inside += promise.low_at <= event.at <= promise.high_at
    kept.error_s += off_s
    kept.absolute_s += abs(off_s)
    kept.waited_s += seconds_between(ticket.issued_at, event.at)
    kept.off[sum(abs(off_s) / half_s > edge for edge in OFF)] += 1


def served(known: Experience, hall: Hall, event: e.ServingCompleted) -> None:
    """A service was finished: by whom, for what, how long."""
    ticket = hall.tickets[event.ticket_id]
    running_s = 0.0 if ticket.serving_since is None else seconds_between(ticket.serving_since, event.at)
    longest_s = FORGOTTEN * hall.queues[ticket.group_id].mean_seconds
    seconds = min(ticket.service_seconds + running_s, longest_s)
    of_group = known.served.setdefault(ticket.group_id, {})
    of_matters = of_group.setdefault(together(ticket.matters), {})
    of_matters.setdefault(ticket.clerk_id or "", Spell()).lasted(seconds)
    known.services.setdefault(ticket.group_id, Ages()).watched(seconds, ended=True)


def together(matters: Iterable[str]) -> str:
    """Matters that are done in one service, as one word."""
    return "+".join(sorted(matters))


# ── All days ─────────────────────────────────────────────────────────────────────────────────────


def of_all(days: Iterable[Experience]) -> Experience:
    """What a hall knows after these days, the oldest first; nothing from before it was told to forget."""
    known = Experience()
    share = 0.5 ** (1 / HALF_LIFE_DAYS)
    for day in days:
        known = day if day.anew else after(known, share, day)
    return known


def after(known: Experience, share: float, day: Experience) -> Experience:
    """What was known, a little less of it, and one more day."""
    sums = added(msgspec.to_builtins(known), share, msgspec.to_builtins(day))
    sums |= {"first_on": known.first_on or day.first_on, "last_on": day.last_on, "anew": False}
    return msgspec.convert(sums, Experience)


def added(old: Any, share: float, new: Any) -> Any:
    """Two sums of one shape, the first with less weight."""
    if isinstance(old, Mapping):
        return {
            key: added(old.get(key, blank(new.get(key))), share, new.get(key, blank(old.get(key))))
            for key in {**old, **new}
        }
    if isinstance(old, list):
        return [added(one, share, other) for one, other in zip(old, new, strict=True)]
    return old * share + new if isinstance(old, (int, float)) and not isinstance(old, bool) else new


def blank(like: Any) -> Any:
    """Nothing, in the shape of something."""
    if isinstance(like, Mapping):
        return {key: blank(value) for key, value in like.items()}
    if isinstance(like, list):
        return [blank(value) for value in like]
    return 0.0
