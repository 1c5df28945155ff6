"""Who says who is next: our hall, and the four orders that it is compared with.

* `ours`: the hall itself, every event through `evolve`, every call from `order.next_ticket`.
* `fifo`: whoever came first among those a desk can serve.
* `dedicated`: every desk bound to the business of one office, a line for each, as before comprehensive windows.
* `priority`: ORDER BY priority DESC, time, as most systems do.
* `bound`: desks that have any kind in common as one pool, in which every desk serves everybody, first come first
  served. With equal work no order waits less.
"""

from bisect import insort
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from queue_server.evaluate.floor import Day, Desk, Person
from queue_server.hall.core import events as e
from queue_server.hall.core.evolve import evolve
from queue_server.hall.core.model import (
    About,
    Channel,
    Clerk,
    Group,
    Hall,
    Leg,
    Name,
    PriorityClass,
    Rules,
    Window,
)
from queue_server.hall.core.order import idle_in_turn, next_ticket

MIDNIGHT = datetime(2000, 1, 3, tzinfo=UTC)  # Any day: seconds count from here.


class Ours:
    """A hall in which nothing happens but what the floor says."""

    def __init__(self, day: Day, rules: Rules) -> None:
        kinds = sorted({person.kind for person in day.people} | {k for desk in day.desks for k in desk.kinds})
        self.people: dict[int, Person] = {}  # By ticket.
        self.tickets: dict[int, int] = {}  # By person.
        self.desks = {desk.id: desk for desk in day.desks}
        self.hall = Hall("evaluated")
        self._happens(
            e.DayOpened(
                at=MIDNIGHT,
                day=MIDNIGHT.date(),
                about=About(Name("", ""), "UTC"),
                rules=rules,
                hours=(),
                groups=tuple(Group(kind, Name(kind, kind), kind, green_prefix=f"{kind}-") for kind in kinds),
                windows=tuple(
                    Window(desk.id, Name(desk.id, desk.id), desk.kinds, green=desk.green)
                    for desk in day.desks
                ),
            )
        )

    def arrived(self, person: Person, now: float) -> None:
        """Take a ticket."""
        self._happens(
            e.TicketIssued(
                at=at(now),
                number=f"{person.kind}{person.id}",
                legs=(Leg(person.kind),),
                channel=Channel.KIOSK,
                link_hash="",
                priority_class=PriorityClass.ELDERLY if person.priority else None,
            )
        )
        self.people[self.hall.seq] = person
        self.tickets[person.id] = self.hall.seq

    def gave_up(self, person: Person, now: float) -> None:
        """Cancel it."""
        self._happens(e.TicketCancelled(self.tickets[person.id], at(now)))

    def next(self, desk: Desk, now: float) -> Person | None:
        """Call whom the order names."""
        choice = next_ticket(self.hall, self.hall.windows[desk.id], at(now))
        if choice is None:
            return None
        self._happens(e.TicketCalled(choice.ticket.id, desk.id, at(now), choice.rule))
        self._happens(e.ServingStarted(choice.ticket.id, at(now)))
        return self.people[choice.ticket.id]

    def finished(self, desk: Desk, person: Person, now: float) -> None:
        """Complete the service."""
        self._happens(e.ServingCompleted(self.tickets[person.id], {}, at(now)))

    def staffed(self, desk: Desk, now: float) -> None:
        """Open the window, or resume it."""
        if self.hall.windows[desk.id].session is None:
            clerk = Clerk(desk.id, desk.id, desk.id)
            self._happens(e.WindowOpened(desk.id, clerk, desk.id, at(now)))
        else:
            self._happens(e.WindowResumed(desk.id, at(now)))

    def left(self, desk: Desk, now: float) -> None:
        """Pause it: whoever was away comes back to the same session."""
        self._happens(e.WindowPaused(desk.id, "away", None, at(now)))

    def by_turn(self, idle: Iterable[Desk], now: float) -> Sequence[Desk]:
        """As the consoles are told."""
        windows = [self.hall.windows[desk.id] for desk in idle]
        return [self.desks[window.id] for window in idle_in_turn(windows, at(now))]

    def _happens(self, event: e.Event) -> None:
        self.hall = evolve(self.hall, event)


class Lines:
    """A line for each kind; a desk calls whoever stands first by rank in those that it serves."""

    def __init__(self, *, by_priority: bool = False) -> None:
        self.by_priority = by_priority
        self.lines: dict[str, list[tuple[int, int, Person]]] = {}
        self.free_since: dict[str, float] = {}

    def arrived(self, person: Person, now: float) -> None:
        """Stand in line, by rank."""
        insort(self.lines.setdefault(person.kind, []), self._ranked(person))

    def gave_up(self, person: Person, now: float) -> None:
        """Leave the line."""
        self.lines[person.kind].remove(self._ranked(person))

    def next(self, desk: Desk, now: float) -> Person | None:
        """Call the first of all lines of this desk."""
        first = min((line for kind in desk.kinds if (line := self.lines.get(kind))), default=None)
        return None if first is None else first.pop(0)[2]

    def finished(self, desk: Desk, person: Person, now: float) -> None:
        """Free from now on."""
        self.free_since[desk.id] = now

    def staffed(self, desk: Desk, now: float) -> None:
        """Free from now on."""
        self.free_since[desk.id] = now

    def left(self, desk: Desk, now: float) -> None:
        """Nothing to note."""

    def by_turn(self, idle: Iterable[Desk], now: float) -> Sequence[Desk]:
        """Whoever has been free for longest, as telephone switches do it."""
        return sorted(idle, key=lambda desk: self.free_since[desk.id])

    def _ranked(self, person: Person) -> tuple[int, int, Person]:
        return (-1 if self.by_priority and person.priority else 0, person.id, person)


def as_one_pool(day: Day) -> Day:
    """The same day with every desk serving whatever any desk serves that has a kind in common with it."""
    pools: list[set[str]] = []
    for desk in day.desks:
        together = {*desk.kinds}.union(*(pool for pool in pools if not pool.isdisjoint(desk.kinds)))
        pools = [pool for pool in pools if pool.isdisjoint(together)] + [together]
    whole = {kind: tuple(sorted(pool)) for pool in pools for kind in pool}
    return Day(day.people, tuple(replace(desk, kinds=whole[desk.kinds[0]]) for desk in day.desks))


def by_office(day: Day) -> Day:
    """The same day with the desks dealt out to the offices, by how much work each has.

    An office with too little work for a desk of its own goes along with another.
    """
    kinds = {office_of(person): person.kind for person in day.people}
    work_s = dict.fromkeys(sorted(kinds), 0.0)
    for person in day.people:
        work_s[office_of(person)] += person.work_s
    staffed_per_work = sum(map(hours_of, day.desks)) / (sum(work_s.values()) or 1.0)
    missing_s = {office: seconds * staffed_per_work for office, seconds in work_s.items()}
    offices: dict[str, list[str]] = {desk.id: [] for desk in day.desks}
    for desk in sorted(day.desks, key=lambda desk: (len(desk.kinds), -hours_of(desk), desk.id)):
        able = [office for office in missing_s if kinds[office] in desk.kinds]
        if able:
            neediest = max(able, key=lambda office: missing_s[office])
            missing_s[neediest] -= hours_of(desk)
            offices[desk.id].append(neediest)
    for office in sorted(set(kinds).difference(*offices.values())):
        able_desks = [desk for desk in day.desks if kinds[office] in desk.kinds]
        if able_desks:
            offices[max(able_desks, key=lambda desk: (hours_of(desk), desk.id)).id].append(office)
    people = tuple(replace(person, kind=office_of(person)) for person in day.people)
    return Day(people, tuple(replace(desk, kinds=tuple(offices[desk.id])) for desk in day.desks))


def office_of(person: Person) -> str:
    """Whose business somebody came for."""
    return person.office or person.kind


def hours_of(desk: Desk) -> float:
    """How long a desk is staffed, in seconds."""
    return sum(closes - opens for opens, closes in desk.staffed)


def at(seconds: float) -> datetime:
    """An instant of the day."""
    return MIDNIGHT + timedelta(seconds=seconds)
