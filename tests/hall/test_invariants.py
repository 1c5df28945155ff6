"""The question no example asks: no sequence of requests breaks the hall."""

from collections.abc import Iterable
from datetime import timedelta

import msgspec
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from queue_server.hall.core import commands as c
from queue_server.hall.core import events as e
from queue_server.hall.core.daybook import Daybook, noted, until
from queue_server.hall.core.decide import decide
from queue_server.hall.core.evolve import evolve, replay
from queue_server.hall.core.forecast.halls import luck_of, outlook
from queue_server.hall.core.forecast.routine import Routine
from queue_server.hall.core.invariants import check
from queue_server.hall.core.model import (
    Channel,
    Clerk,
    Group,
    Guide,
    Hall,
    Leg,
    Name,
    Need,
    Outcome,
    PriorityClass,
    Reach,
    Rules,
    TicketState,
    Window,
)
from queue_server.hall.core.outlook import Outlook
from queue_server.hall.core.timers import due
from queue_server.hall.store import entries
from queue_server.kit.rejections import Rejected

from .story import DAY, at, hours, opening

GROUP_IDS = ("A", "B", "C")
WINDOW_IDS = ("w1", "w2", "w3")
CONSOLES = ("left", "right")
MATTERS = ("M1", "M2")

groups = st.sampled_from(GROUP_IDS)
windows = st.sampled_from(WINDOW_IDS)
consoles = st.sampled_from(CONSOLES)
reasons = st.sampled_from(("", "because"))


def day_of(n: int, rules: Rules) -> c.OpenDay:
    """The request that opens the n-th day."""
    day = DAY + timedelta(days=n)
    return opening(
        day=day,
        rules=rules,
        groups=(
            Group("A", Name("甲", "A"), "A", green_prefix="L", undifferentiated=True, matters=MATTERS),
            Group("B", Name("乙", "B"), "B", capacity=4),
            Group("C", Name("丙", "C"), "A"),  # Shares its prefix with A.
        ),
        windows=(
            Window("w1", Name("1", "1"), ("A", "B")),
            Window("w2", Name("2", "2"), ("A", "C"), green=True),
            Window("w3", Name("3", "3"), ("B",)),
        ),
        openings=(hours("00:00", "23:00", day=day),),
    )


class AnyHall(RuleBasedStateMachine):
    """A hall, and people who ask it for anything at any time."""

    @initialize(carry=st.booleans(), misses=st.booleans(), returns=st.integers(0, 2))
    def open(self, carry: bool, misses: bool, returns: int) -> None:
        self.rules = Rules(carry_over_waiting=carry, misses_itself=misses, returns_max=returns)
        self.hall = Hall("h1")
        self.book = Daybook()
        self.events: list[e.Event] = []
        self.now = at("08:30")
        self.expected: Outlook | None = None
        self.days = 0
        self.issued: list[int] = []
        self.numbers: set[str] = set()
        self.called_to: dict[int, str] = {}
        self.refusals: set[tuple[str, str]] = set()
        self.ask(day_of(0, self.rules))

    def ask(self, command: c.Command) -> None:
        """Carry a request out or be refused; a refusal changes nothing, and nothing else may be raised."""
        before = self.hall
        try:
            events, after = decide(before, command, self.now, self.expected)
        except Rejected as no:
            self.refusals.add((no.en, no.in_chinese))
            return
        for event in events:
            self.hall = evolve(self.hall, event)
            self.book = noted(self.book, self.hall.seq, event)
            check(self.hall)
            self.note(event)
        assert self.hall == after
        self.events += events

    def note(self, event: e.Event) -> None:
        """What must hold across time, not only in one state."""
        match event:
            case e.DayOpened():
                self.numbers = {ticket.number for ticket in event.carried}
            case e.TicketIssued():
                assert event.number not in self.numbers, "a number means one person a day"
                self.numbers.add(event.number)
                self.issued.append(self.hall.seq)
            case e.TicketCalled():
                assert event.ticket_id not in self.called_to, "a person is called to one window at a time"
                self.called_to[event.ticket_id] = event.window_id
            case (
                e.CallUndone(ticket_id)
                | e.TicketMissed(ticket_id)
                | e.ServingStarted(ticket_id)
                | e.TicketCancelled(ticket_id)
                | e.TicketExpired(ticket_id)
            ):
                self.called_to.pop(ticket_id, None)
            case _:
                pass

    def some_ticket(self, data: st.DataObject) -> int:
        return data.draw(st.sampled_from(self.issued)) if self.issued else 0

    @rule(seconds=st.integers(0, 4000))
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)
        for request in due(self.hall, self.now, self.expected):
            self.ask(request)

    @rule()
    def the_hall_is_played_forward(self) -> None:
        """What it says holds for a while, and may be about a hall that has moved on since."""
        self.expected = outlook(self.hall, Routine(), self.now, luck_of(self.hall), futures=8)

    @rule(
        legs=st.lists(
            st.tuples(groups, st.lists(st.sampled_from(MATTERS), max_size=2, unique=True)),
            min_size=1,
            max_size=2,
        ),
        kind=st.none() | st.sampled_from(list(PriorityClass)),
        need=st.none() | st.sampled_from(list(Need)),
        reach=st.sampled_from(list(Reach)),
    )
    def somebody_takes_a_ticket(
        self,
        legs: list[tuple[str, list[str]]],
        kind: PriorityClass | None,
        need: Need | None,
        reach: Reach,
    ) -> None:
        plan = tuple(Leg(group_id, tuple(codes)) for group_id, codes in legs)
        needs = () if need is None else (need,)
        self.ask(c.IssueTicket(plan, Channel.KIOSK, "digest", kind, needs, reach=reach))

    @rule(
        data=st.data(),
        places=st.integers(0, 25),
        deed=st.sampled_from(("cancel", "void", "defer", "return", "come", "follow", "walk")),
    )
    def a_citizen_asks(self, data: st.DataObject, places: int, deed: str) -> None:
        ticket_id = self.some_ticket(data)
        self.ask(
            {
                "cancel": c.CancelTicket(ticket_id),
                "void": c.VoidTicket(ticket_id, "left", by="guide:g1"),
                "defer": c.DeferTicket(ticket_id, places),
                "return": c.ReturnTicket(ticket_id),
                "come": c.AcknowledgeCall(ticket_id),
                "follow": c.FollowTicket(ticket_id),
                "walk": c.ChooseWalk(ticket_id, 5 * places),
            }[deed]
        )

    @rule(data=st.data(), who=st.sampled_from(("g1", "g2")), goes=st.booleans(), for_all=st.booleans())
    def a_guide_goes_or_does_not(self, data: st.DataObject, who: str, goes: bool, for_all: bool) -> None:
        ticket_id = self.some_ticket(data)
        if goes:
            self.ask(c.TakeHelp(ticket_id, Guide(who, who), by=f"guide:{who}"))
        else:
            self.ask(c.ReleaseHelp(ticket_id, None if for_all else who, by=f"guide:{who}"))

    @rule(data=st.data(), kind=st.none() | st.sampled_from(list(PriorityClass)), reason=reasons)
    def a_class_changes(self, data: st.DataObject, kind: PriorityClass | None, reason: str) -> None:
        self.ask(c.ChangeClass(self.some_ticket(data), kind, reason, proof_seen=True, by="guide:g1"))

    @rule(
        w=windows,
        who=st.sampled_from(("c1", "c2", "c3")),
        console=consoles,
        over=st.booleans(),
        skills=st.none() | st.sets(groups).map(tuple),
        cannot=st.sampled_from(((), ("M1",))),
        mentor=st.none() | st.just("c1"),
    )
    def a_clerk_signs_in(
        self,
        w: str,
        who: str,
        console: str,
        over: bool,
        skills: tuple[str, ...] | None,
        cannot: tuple[str, ...],
        mentor: str | None,
    ) -> None:
        self.ask(c.SignIn(w, Clerk(who, who, who, skills, cannot, mentor), console, over))

    @rule(w=windows, console=consoles, reason=reasons, deed=st.sampled_from(("out", "pause", "resume")))
    def a_session_changes(self, w: str, console: str, reason: str, deed: str) -> None:
        requests: dict[str, c.Command] = {
            "out": c.SignOut(w, console),
            "pause": c.PauseWindow(w, console, reason),
            "resume": c.ResumeWindow(w, console),
        }
        self.ask(requests[deed])

    @rule(data=st.data(), w=windows, console=consoles, by_hand=st.booleans(), reason=reasons)
    def a_window_calls(self, data: st.DataObject, w: str, console: str, by_hand: bool, reason: str) -> None:
        ticket_id = self.some_ticket(data) if by_hand else None
        self.ask(c.CallNext(w, console, ticket_id, reason))

    @rule(
        w=windows,
        console=consoles,
        deed=st.sampled_from(("recall", "undo", "start", "start", "miss", "complete", "complete")),
    )
    def a_clerk_acts(self, w: str, console: str, deed: str) -> None:
        requests: dict[str, c.Command] = {
            "recall": c.RecallTicket(w, console),
            "undo": c.UndoCall(w, console),
            "start": c.StartServing(w, console),
            "miss": c.MissTicket(w, console),
            "complete": c.CompleteServing(w, console, {}),
        }
        self.ask(requests[deed])

    @rule(
        data=st.data(), w=windows, console=consoles, seconds=st.none() | st.integers(-5, 5000), reason=reasons
    )
    def a_service_is_interrupted(
        self, data: st.DataObject, w: str, console: str, seconds: int | None, reason: str
    ) -> None:
        if data.draw(st.booleans()):
            self.ask(c.HoldTicket(w, console, reason, seconds))
        else:
            self.ask(c.ResumeTicket(w, console, self.some_ticket(data)))

    @rule(data=st.data(), w=windows, console=consoles, group=groups, held=st.booleans(), reason=reasons)
    def a_citizen_is_sent_on(
        self, data: st.DataObject, w: str, console: str, group: str, held: bool, reason: str
    ) -> None:
        ticket_id = self.some_ticket(data) if held else None
        self.ask(c.TransferTicket(w, console, group, reason, ticket_id))

    @rule(w=windows, console=consoles, outcome=st.sampled_from(list(Outcome)))
    def outcomes_are_given(self, w: str, console: str, outcome: Outcome) -> None:
        self.ask(c.CompleteServing(w, console, {"M1": outcome}))

    @rule(
        w=windows,
        console=consoles,
        to=st.sets(groups, min_size=1).map(lambda chosen: tuple(sorted(chosen))),
        later=st.booleans(),
        deed=st.sampled_from(("absent", "present", "lose", "regroup")),
    )
    def a_window_changes(self, w: str, console: str, to: tuple[str, ...], later: bool, deed: str) -> None:
        when = self.now + timedelta(minutes=20) if later else None
        requests: dict[str, c.Command] = {
            "absent": c.MarkAbsent(w),
            "present": c.MarkPresent(w, console),
            "lose": c.LoseWindow(w, "power cut", by="manager:m1"),
            "regroup": c.RegroupWindow(w, to, when, by="manager:m1"),
        }
        self.ask(requests[deed])

    @rule(
        kept=st.sets(windows, min_size=1),
        served=st.lists(st.sets(groups, min_size=1).map(lambda s: tuple(sorted(s))), min_size=3, max_size=3),
        without=st.none() | groups,
    )
    def the_hall_is_laid_out_anew(
        self, kept: set[str], served: list[tuple[str, ...]], without: str | None
    ) -> None:
        written = day_of(self.days, self.rules)
        self.ask(
            c.Reconfigure(
                version=self.hall.version + 1,
                about=written.about,
                rules=written.rules,
                hours=written.hours,
                groups=tuple(group for group in written.groups if group.id != without),
                windows=tuple(
                    msgspec.structs.replace(window, group_ids=tuple(g for g in ids if g != without))
                    for window, ids in zip(written.windows, served, strict=True)
                    if window.id in kept
                ),
                next_opens_at=None,
                by="admin:a1",
            )
        )

    @rule(deed=st.sampled_from(("close", "same day", "next day")))
    def a_day_turns(self, deed: str) -> None:
        if deed == "close":
            self.ask(c.CloseDay(by="manager:m1"))
            return
        if deed == "next day":
            self.days += 1
            self.now = max(self.now, at("00:10", DAY + timedelta(days=self.days)))
        self.ask(day_of(self.days, self.rules))

    @rule()
    def the_server_restarts(self) -> None:
        """What is read back from the journal is the hall that was in memory."""
        last = max(i for i, event in enumerate(self.events) if isinstance(event, e.DayOpened))
        assert replay(Hall("h1", seq=last), reread(self.events[last:])) == self.hall

    @invariant()
    def whoever_is_refused_can_read_why(self) -> None:
        if hasattr(self, "refusals"):
            assert all(english and chinese for english, chinese in self.refusals)

    @invariant()
    def the_daybook_knows_the_hall_as_it_stands(self) -> None:
        if not hasattr(self, "hall"):
            return
        assert {t: visit.group_id for t, visit in self.book.visits.items()} == {
            ticket.id: ticket.group_id for ticket in self.hall.tickets.values()
        }
        for window in self.hall.windows.values():
            day, session = self.book.windows.get(window.id), window.session
            if day is not None:
                paused = session is not None and session.pause is not None
                absent = session is not None and session.absent_since is not None
                assert (day.signed_in, day.paused, day.absent) == (session is not None, paused, absent)
                assert day.ticket_id == window.ticket_id
                assert 0 <= until(day, self.now).busy_seconds <= until(day, self.now).open_seconds
            else:
                assert session is None

    @invariant()
    def whoever_goes_goes_for_somebody_who_is_waited_for(self) -> None:
        if hasattr(self, "hall"):
            for ticket in self.hall.tickets.values():
                assert ticket.helper is None or ticket.due_at is not None
                assert ticket.state is not TicketState.CALLED or ticket.due_at is not None

    @invariant()
    def nobody_is_lost(self) -> None:
        if not hasattr(self, "hall"):
            return
        ended = {
            event.ticket_id
            for event in self.events
            if isinstance(event, e.TicketCancelled | e.TicketExpired)
            or (isinstance(event, e.ServingCompleted) and event.ticket_id not in self.hall.tickets)
        }
        assert set(self.issued) == ended | set(self.hall.tickets), "everybody is in the hall or has an end"


def reread(history: Iterable[e.Event]) -> list[e.Event]:
    """The events as they come back from the journal."""
    return [entries.read(*entries.spell(event)) for event in history]


AnyHall.TestCase.settings = settings(
    max_examples=200,
    stateful_step_count=60,
    deadline=None,
    report_multiple_bugs=False,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
)
TestAnyHall = AnyHall.TestCase


def test_every_event_is_an_ordinary_value() -> None:
    for kind in e.EVENTS.values():
        assert msgspec.json.schema(kind)["$ref"].endswith(kind.__name__)
