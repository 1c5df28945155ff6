"""Stories about one hall, told as tables: time, what somebody does, and what comes of it.

    09:00  w1 opens              → ok
    09:01  anna takes A          → A001
    09:03  w1 calls              → A001 (turn)
    09:04  w1 recalls            → recall_too_soon

Every line runs through `decide`, every event through `check`, and the story fails at the line that turned
out differently. Times only go forward. A refusal is written as its code.
"""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from msgspec import structs

from queue_server.hall.core import commands as c
from queue_server.hall.core import events as e
from queue_server.hall.core.decide import decide
from queue_server.hall.core.evolve import evolve
from queue_server.hall.core.forecast.halls import luck_of, outlook
from queue_server.hall.core.forecast.routine import Routine
from queue_server.hall.core.help import tasks
from queue_server.hall.core.invariants import check
from queue_server.hall.core.model import (
    About,
    Channel,
    Clerk,
    Group,
    Guide,
    Hall,
    Hours,
    Leg,
    Name,
    Need,
    Outcome,
    PriorityClass,
    Reach,
    Rules,
    Ticket,
    Window,
)
from queue_server.hall.core.order import ahead
from queue_server.hall.core.outlook import Outlook
from queue_server.hall.core.timers import due
from queue_server.kit.rejections import Rejected

DAY = date(2026, 11, 23)


def at(clock: str, day: date = DAY) -> datetime:
    """An instant of the story's day."""
    parts = [int(part) for part in clock.split(":")]
    return datetime(day.year, day.month, day.day, *parts, tzinfo=UTC)


def hours(opens: str = "09:00", closes: str = "17:00", day: date = DAY, **more: object) -> Hours:
    """One opening of the day."""
    return Hours(at(opens, day), at(closes, day), **more)  # type: ignore[arg-type]


GROUPS = (
    Group("A", Name("综合业务", "General"), "A", green_prefix="L", mean_seconds=600, undifferentiated=True),
    Group("B", Name("税务", "Tax"), "B", mean_seconds=600),
)
WINDOWS = (
    Window("w1", Name("1号窗口", "Window 1"), ("A",)),
    Window("w2", Name("2号窗口", "Window 2"), ("A",)),
    Window("w3", Name("3号窗口", "Window 3"), ("A",), green=True),
    Window("w4", Name("4号窗口", "Window 4"), ("B",)),
)


def opening(
    *,
    rules: Rules | None = None,
    groups: tuple[Group, ...] = GROUPS,
    windows: tuple[Window, ...] = WINDOWS,
    openings: tuple[Hours, ...] | None = None,
    day: date = DAY,
) -> c.OpenDay:
    """The request that opens a day."""
    return c.OpenDay(
        day=day,
        about=About(Name("示范大厅", "Demo hall"), "UTC"),
        rules=rules or Rules(misses_itself=False),
        hours=openings if openings is not None else (hours(day=day),),
        groups=groups,
        windows=windows,
    )


class Story:
    """A hall, and the people in it by name."""

    def __init__(self, command: c.OpenDay | None = None) -> None:
        self.hall = Hall("h1")
        self.people: dict[str, int] = {}
        self.numbers: dict[int, str] = {}
        self.events: list[e.Event] = []
        self.now = at("08:30")
        self.expected: Outlook | None = None
        self.ask(command or opening(), self.now)

    def ask(self, command: c.Command, now: datetime) -> list[e.Event]:
        """Carry out one request, checking the hall after every event of it."""
        assert now >= self.now, "a story is told forwards"
        self.now = now
        events, after = decide(self.hall, command, now, self.expected)
        for event in events:
            self.hall = evolve(self.hall, event)
            check(self.hall)
            if isinstance(event, e.TicketIssued):
                self.numbers[self.hall.seq] = event.number
        assert self.hall == after
        self.events += events
        return events

    def let_time_pass(self, until: str) -> list[e.Event]:
        """What the clock itself does until an instant, minute by minute."""
        happened = []
        while self.now < at(until):
            now = min(self.now + timedelta(minutes=1), at(until))
            for request in due(self.hall, now, self.expected):
                happened += self.ask(request, now)
            self.now = now
        return happened

    def ticket(self, who: str) -> Ticket:
        """Somebody's open ticket."""
        return self.hall.tickets[self.people[who]]

    # ── Lines ────────────────────────────────────────────────────────────────────────────────────

    def tell(self, table: str) -> "Story":
        """Tell a story; fail at the first line that turns out differently."""
        for line in filter(str.strip, table.splitlines()):
            clock, deed, expected = self._parse(line)
            came = self._do(deed, at(clock))
            assert came == expected, f"\n{line.strip()}\n  but it came to: {came}"
        return self

    def _parse(self, line: str) -> tuple[str, str, str]:
        found = re.fullmatch(r"\s*(\d\d:\d\d(?::\d\d)?)\s+(.+?)\s*→\s*(.+?)\s*", line)
        assert found is not None, f"not a line of a story: {line!r}"
        return found[1], found[2], found[3]

    def _do(self, deed: str, now: datetime) -> str:
        if deed == "time passes":
            return self._said(self.let_time_pass(now.strftime("%H:%M")))
        if deed == "the hall looks ahead":
            self.expected = outlook(self.hall, Routine(), now, luck_of(self.hall))
            return "ok"
        if deed == "guides see":
            return self._tasks()
        if re.fullmatch(r"\w+ stands", deed):
            return str(ahead(self.hall, self.ticket(deed.split()[0])))
        try:
            command = self._command(deed)
            events = self.ask(command, now)
        except Rejected as no:
            return no.code
        if isinstance(command, c.IssueTicket):
            self.people[deed.split()[0]] = self.hall.seq - len(events) + 1
        return self._said(events)

    def _said(self, events: list[e.Event]) -> str:
        """What the lines of a story call these events."""
        said = []
        for event in events:
            match event:
                case e.TicketIssued():
                    said.append(event.number)
                case e.TicketCalled():
                    said.append(f"{self._number(event.ticket_id)} ({event.rule})")
                case e.TicketMissed():
                    said.append("missed")
                case e.TicketExpired():
                    said.append(f"{self._number(event.ticket_id)} expired ({event.reason})")
                case e.ServingResumed():
                    said.append(f"{self._number(event.ticket_id)} resumed")
                case e.CallUndone() if event.reason:
                    said.append(f"{self._number(event.ticket_id)} waits again")
                case e.TicketReassigned():
                    said.append(f"{self._number(event.ticket_id)} reassigned")
                case e.WindowWidened():
                    said.append(f"{event.window_id} helps {event.group_id}")
                case e.WindowNarrowed():
                    said.append(f"{event.window_id} helps no more")
                case e.DayClosed():
                    said.append("closed")
                case e.PromiseRevised():
                    said.append(f"{self._number(event.ticket_id)} {'later' if event.later else 'earlier'}")
                case e.FirstSlotGiven():
                    said.append(f"{self._number(event.ticket_id)} first next day")
                case e.IssuingStopped():
                    said.append(f"{event.group_id} full for today")
                case e.IssuingResumed():
                    said.append(f"{event.group_id} issues again")
                case e.TicketNear():
                    pass  # Has its own stories.
                case _:
                    pass
        return ", ".join(said) or "ok"

    def _tasks(self) -> str:
        """Whom the guides are to fetch, the most urgent first, and who goes."""
        lines = []
        for task in tasks(self.hall):
            helper = task.ticket.helper
            called = f" to {task.ticket.window_id}" if task.called else ""
            lines.append(f"{task.ticket.number}{called}" + (f" by {helper.id}" if helper else ""))
        return ", ".join(lines) or "nobody"

    def _number(self, ticket_id: int) -> str:
        return self.numbers[ticket_id]

    def _command(self, deed: str) -> c.Command:
        words = deed.split()
        who, verb, rest = words[0], words[1], words[2:]
        if re.fullmatch(r"w\d", who):
            return self._at_window(who, verb, rest)
        if who == "manager":
            return self._manager(verb, rest)
        if who in ("g1", "g2"):
            return self._guide(who, verb, rest)
        ticket_id = self.people.get(who, 0)
        match verb, rest:
            case "takes", [group]:
                return self._issue(group, None)
            case "takes", [group, "as", kind]:
                return self._issue(group, PriorityClass(kind))
            case "takes", [group, "with", phone, "phone"]:
                return replace(self._issue(group, None), reach=Reach(phone))
            case "takes", [group, "with", phone, "phone", "as", kind]:
                return replace(self._issue(group, PriorityClass(kind)), reach=Reach(phone))
            case "takes", [group, "needing", need]:
                return replace(self._issue(group, None), reach=Reach.OWN, needs=(Need(need),))
            case "follows", []:
                return c.FollowTicket(ticket_id)
            case "walks", [minutes, "minutes"]:
                return c.ChooseWalk(ticket_id, int(minutes))
            case "cancels", []:
                return c.CancelTicket(ticket_id)
            case "defers", [places]:
                return c.DeferTicket(ticket_id, int(places))
            case "returns", []:
                return c.ReturnTicket(ticket_id)
            case "comes", []:
                return c.AcknowledgeCall(ticket_id)
            case "becomes", [kind]:
                granted = None if kind == "ordinary" else PriorityClass(kind)
                return c.ChangeClass(ticket_id, granted, "seen at the desk", proof_seen=True, by="guide:g1")
            case "is", ["voided"]:
                return c.VoidTicket(ticket_id, "left the hall", by="guide:g1")
        raise ValueError(deed)

    def _issue(self, groups: str, priority_class: PriorityClass | None) -> c.IssueTicket:
        legs = tuple(Leg(*self._leg(part)) for part in groups.split("+"))
        return c.IssueTicket(legs, Channel.KIOSK, "digest", priority_class)

    def _leg(self, part: str) -> tuple[str, tuple[str, ...]]:
        group, _, codes = part.partition(":")
        return group, tuple(filter(None, codes.split(",")))

    def _at_window(self, w: str, verb: str, rest: list[str]) -> c.Command:
        console = f"console-{w}"
        match verb, rest:
            case "opens", []:
                return c.SignIn(w, Clerk(f"clerk-{w}", f"Clerk {w}", w), console)
            case "opens", ["again"]:
                return c.SignIn(w, Clerk(f"clerk-{w}", f"Clerk {w}", w), "another console")
            case "opens", ["over"]:
                return c.SignIn(w, Clerk(f"clerk-{w}", f"Clerk {w}", w), "another console", take_over=True)
            case "opens", ["with", name]:
                return c.SignIn(w, Clerk(name, name, name), console)
            case "opens", ["for", groups]:
                return c.SignIn(w, Clerk(f"clerk-{w}", w, w, group_ids=tuple(groups.split("+"))), console)
            case "opens", ["without", codes]:
                return c.SignIn(w, Clerk(f"clerk-{w}", w, w, cannot=tuple(codes.split(","))), console)
            case "opens", ["helping", group]:
                skills = (*self.hall.windows[w].group_ids, group)
                return c.SignIn(w, Clerk(f"clerk-{w}", w, w, group_ids=skills, secondary=(group,)), console)
            case "opens", ["for", "emergencies", "of", group]:
                skills = (*self.hall.windows[w].group_ids, group)
                return c.SignIn(w, Clerk(f"clerk-{w}", w, w, group_ids=skills, emergency=(group,)), console)
            case "opens", ["trainee", "of", mentor]:
                return c.SignIn(w, Clerk(f"clerk-{w}", w, w, mentor_id=mentor), console)
            case "closes", []:
                return c.SignOut(w, console)
            case "pauses", []:
                return c.PauseWindow(w, console, "整理材料")
            case "pauses", ["silently"]:
                return c.PauseWindow(w, console, " ")
            case "resumes", []:
                return c.ResumeWindow(w, console)
            case "resumes", [who]:
                return c.ResumeTicket(w, console, self.people[who])
            case "calls", []:
                return c.CallNext(w, console)
            case "calls", [who]:
                return c.CallNext(w, console, self.people[who], "asked by the manager")
            case "calls", [who, "silently"]:
                return c.CallNext(w, console, self.people[who])
            case "recalls", []:
                return c.RecallTicket(w, console)
            case "undoes", []:
                return c.UndoCall(w, console)
            case "starts", []:
                return c.StartServing(w, console)
            case "gives", ["up"]:
                return c.MissTicket(w, console)
            case "holds", []:
                return c.HoldTicket(w, console, "复印")
            case "holds", ["for", minutes]:
                return c.HoldTicket(w, console, "复印", int(minutes) * 60)
            case "completes", []:
                return c.CompleteServing(w, console)
            case "completes", [outcome]:
                code, _, result = outcome.partition("=")
                return c.CompleteServing(w, console, {code: Outcome(result)})
            case "transfers", ["to", group]:
                return c.TransferTicket(w, console, group, "needs another window")
            case "transfers", [who, "to", group]:
                return c.TransferTicket(w, console, group, "handed over", self.people[who])
            case "is", ["absent"]:
                return c.MarkAbsent(w)
            case "is", ["back"]:
                return c.MarkPresent(w, console)
            case "is", ["lost"]:
                return c.LoseWindow(w, "power cut", by="manager:m1")
            case "serves", [groups]:
                return c.RegroupWindow(w, tuple(groups.split("+")), by="manager:m1")
            case "serves", [groups, "from", clock]:
                return c.RegroupWindow(w, tuple(groups.split("+")), at(clock), by="manager:m1")
        raise ValueError(f"{w} {verb} {' '.join(rest)}")

    def _guide(self, who: str, verb: str, rest: list[str]) -> c.Command:
        match verb, rest:
            case "fetches", [name]:
                return c.TakeHelp(self.people[name], Guide(who, f"Guide {who}"), by=f"guide:{who}")
            case "leaves", [name]:
                return c.ReleaseHelp(self.people[name], who, by=f"guide:{who}")
        raise ValueError(f"{who} {verb} {' '.join(rest)}")

    def _manager(self, verb: str, rest: list[str]) -> c.Command:
        match verb, rest:
            case "closes", []:
                return c.CloseDay(by="manager:m1")
            case "reopens", []:
                return opening()
            case "allows", [name, number]:
                return c.ChangeRules(structs.replace(self.hall.rules, **{name: int(number)}), by="manager:m1")
        raise ValueError(f"manager {verb} {' '.join(rest)}")


def tell(table: str, command: c.OpenDay | None = None) -> Story:
    """Tell a story in a fresh hall."""
    return Story(command).tell(table)
