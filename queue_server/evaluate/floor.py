"""A day at the desks, whoever says who is next: recorded people, recorded desks, one policy.

People bring their arrival, their work and, if they gave up, how long they waited. Desks bring when they are
staffed and how quick they are. A policy only decides who goes where; time, work and giving up are the floor's.
Seconds count from midnight.
"""

import heapq
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from math import inf
from typing import Protocol

ARRIVES, GIVES_UP, OPENS, PAUSES, FREE = range(5)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who comes to be served."""

    id: int
    kind: str
    arrives_s: float
    work_s: float
    patience_s: float = inf  # How long this person waits before giving up.
    priority: bool = False
    office: str = (
        ""  # Whose business it was when every office had desks of its own; its kind if nothing is said.
    )


@dataclass(frozen=True, slots=True)
class Desk:
    """A desk: what it can serve, and when somebody sits there."""

    id: str
    kinds: tuple[str, ...]
    staffed: tuple[tuple[float, float], ...]  # In order, without overlap.
    pace: float = 1.0  # Above 1 somebody takes longer than the work usually does.
    green: bool = False


@dataclass(frozen=True, slots=True)
class Day:
    """Who came, and who was there to serve them."""

    people: tuple[Person, ...]  # In order of arrival.
    desks: tuple[Desk, ...]


@dataclass(slots=True)
class Record:
    """What a day came to."""

    called_s: dict[int, float] = field(default_factory=dict)
    gave_up: set[int] = field(default_factory=set)
    overtaken: dict[int, int] = field(default_factory=dict)
    busy: dict[str, list[tuple[float, float]]] = field(default_factory=dict)

    def wait_s(self, person: Person) -> float:
        """From arrival to the call, or to giving up."""
        if person.id in self.gave_up:
            return person.patience_s
        return self.called_s[person.id] - person.arrives_s


class Policy(Protocol):
    """Who is next, and which of several idle desks goes first."""

    def arrived(self, person: Person, now: float) -> None:
        """Somebody waits now."""

    def gave_up(self, person: Person, now: float) -> None:
        """Somebody does not wait any more."""

    def next(self, desk: Desk, now: float) -> Person | None:
        """Whom a free desk calls; the person stops waiting."""

    def finished(self, desk: Desk, person: Person, now: float) -> None:
        """A service is over."""

    def staffed(self, desk: Desk, now: float) -> None:
        """Somebody sits down at a desk."""

    def left(self, desk: Desk, now: float) -> None:
        """The desk is not staffed any more."""

    def by_turn(self, idle: Iterable[Desk], now: float) -> Sequence[Desk]:
        """The idle desks in the order in which they call."""


def lived_through(day: Day, policy: Policy) -> Record:
    """One day under one policy. Who still waits when the last desk closes is served after hours."""
    floor = _Floor(day, policy)
    floor.run(floor.planned(day))
    if floor.waiting:
        closes = floor.now
        floor.run([(closes, OPENS, desk.id) for desk in day.desks if desk.id not in floor.at_work])
    return floor.record


class _Floor:
    """The state of a day: the clock, who waits, which desk serves whom."""

    def __init__(self, day: Day, policy: Policy) -> None:
        self.policy = policy
        self.people = {person.id: person for person in day.people}
        self.desks = {desk.id: desk for desk in day.desks}
        self.waiting: dict[int, Person] = {}  # In order of arrival.
        self.at_work: dict[str, Person | None] = {}
        self.leaving: set[str] = set()
        self.record = Record()
        self.now = 0.0

    def planned(self, day: Day) -> list[tuple[float, int, int | str]]:
        """Everything of a day that nobody decides."""
        agenda: list[tuple[float, int, int | str]] = []
        for person in day.people:
            agenda.append((person.arrives_s, ARRIVES, person.id))
            if person.patience_s < inf:
                agenda.append((person.arrives_s + person.patience_s, GIVES_UP, person.id))
        for desk in day.desks:
            for opens, closes in desk.staffed:
                agenda += [(opens, OPENS, desk.id), (closes, PAUSES, desk.id)]
        return agenda

    def run(self, agenda: list[tuple[float, int, int | str]]) -> None:
        """Let everything happen in order, and let free desks call after each instant."""
        heapq.heapify(agenda)
        while agenda:
            self.now = agenda[0][0]
            while agenda and agenda[0][0] == self.now:
                _, what, who = heapq.heappop(agenda)
                self.happens(what, who)
            for free_at, desk_id in self.calls():
                heapq.heappush(agenda, (free_at, FREE, desk_id))

    def happens(self, what: int, who: int | str) -> None:
        """One thing that happens by itself."""
        if isinstance(who, int):
            self.of_person(what, self.people[who])
        else:
            self.at_desk(what, self.desks[who])

    def of_person(self, what: int, person: Person) -> None:
        """Somebody arrives, or has had enough."""
        if what == ARRIVES:
            self.waiting[person.id] = person
            self.record.overtaken[person.id] = 0
            self.policy.arrived(person, self.now)
        elif person.id in self.waiting:
            del self.waiting[person.id]
            self.record.gave_up.add(person.id)
            self.policy.gave_up(person, self.now)

    def at_desk(self, what: int, desk: Desk) -> None:
        """A desk is staffed, or left as soon as nobody is served there, or free again."""
        if what == OPENS:
            self.leaving.discard(desk.id)
            if desk.id not in self.at_work:
                self.at_work[desk.id] = None
                self.policy.staffed(desk, self.now)
            return
        if what == FREE:
            person = self.at_work[desk.id]
            assert person is not None
            self.at_work[desk.id] = None
            self.policy.finished(desk, person, self.now)
        else:
            self.leaving.add(desk.id)
        if desk.id in self.leaving and self.at_work.get(desk.id) is None:
            self.leaving.remove(desk.id)
            del self.at_work[desk.id]
            self.policy.left(desk, self.now)

    def calls(self) -> Iterator[tuple[float, str]]:
        """The calls of all free desks, by turn; when each of them is free again."""
        if not self.waiting:
            return
        idle = [self.desks[desk_id] for desk_id, person in self.at_work.items() if person is None]
        for desk in self.policy.by_turn(idle, self.now) if len(idle) > 1 else idle:
            person = self.policy.next(desk, self.now)
            if person is not None:
                yield self.called(desk, person), desk.id

    def called(self, desk: Desk, person: Person) -> float:
        """Write a call down, with everybody whom it passed; until when it keeps the desk."""
        del self.waiting[person.id]
        for other in self.waiting.values():
            if other.id > person.id:
                break
            if other.kind in desk.kinds:
                self.record.overtaken[other.id] += 1
        until = self.now + person.work_s * desk.pace
        self.at_work[desk.id] = person
        self.record.called_s[person.id] = self.now
        self.record.busy.setdefault(desk.id, []).append((self.now, until))
        return until
