"""Why somebody else was called first: the answer is the rule by which it happened, and never a lie."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random

import pytest

from queue_server.hall.core import commands as c
from queue_server.hall.core import events as e
from queue_server.hall.core.decide import decide
from queue_server.hall.core.evolve import evolve
from queue_server.hall.core.model import CallRule, Clerk, Hall, Place, Rules, TicketState
from queue_server.hall.core.order import serves
from queue_server.hall.core.reasons import Called, Calling, Standing, Why, call_made, standing, why_before
from queue_server.hall.core.timers import due
from queue_server.kit.rejections import Rejected
from tests.simulation import people

from .story import Story, opening, tell

WITHOUT = Rules(misses_itself=False, ordinary_guard_seconds=0, green_in_a_row_max=1)


def calls_in(events: list[e.Event]) -> list[Called]:
    """Every call of a journal, as the facts have it."""
    hall, calls, issued_for = Hall("h1"), [], {}
    for event in events:
        if isinstance(event, e.TicketIssued):
            issued_for[hall.seq + 1] = event.legs[0].group_id
        if isinstance(event, Calling):
            call = call_made(hall, event)
            calls.append(replace(call, moved=call.group_id != issued_for[call.ticket_id]))
        hall = evolve(hall, event)
    return calls


def why(story: Story, me: str, other: str) -> Why:
    calls = calls_in(story.events)
    mine = standing(story.ticket(me), [each for each in calls if each.ticket_id == story.people[me]])
    theirs = [each for each in calls if each.ticket_id == story.people[other]]
    return why_before(mine, story.people[other], theirs)[0]


BEGINNING = """
    09:00  w1 opens       → ok
    09:00  ann takes A    → A001
    09:01  ben takes A    → A002
    09:02  cleo takes A   → A003
"""


def test_who_took_a_number_earlier_was_simply_earlier() -> None:
    story = tell(BEGINNING + "09:03  w1 calls → A001 (turn)")
    assert why(story, "ben", "ann") is Why.EARLIER_ISSUE


def test_somebody_called_before_one_came_was_called_before_one_came() -> None:
    story = tell(BEGINNING + "09:03  w1 calls → A001 (turn)\n09:04  dora takes A → A004")
    assert why(story, "dora", "ann") is Why.BEFORE_YOUR_ISSUE


def test_another_business_has_its_own_windows() -> None:
    story = tell(BEGINNING + "09:03 w4 opens → ok\n09:03 tom takes B → B001\n09:04 w4 calls → B001 (turn)")
    assert why(story, "ann", "tom") is Why.OTHER_WINDOWS


def test_a_clerk_who_is_not_trained_for_ones_matter_calls_somebody_else() -> None:
    story = tell("""
        09:00  w1 opens without M1  → ok
        09:00  ann takes A:M1       → A001
        09:01  ben takes A          → A002
        09:02  w1 calls             → A002 (turn)
    """)
    assert why(story, "ann", "ben") is Why.OTHER_SKILLS


def test_the_law_puts_some_people_first_and_it_is_not_said_which_law() -> None:
    story = tell(BEGINNING + "09:03  gina takes A as pregnant → L001\n09:04  w1 calls → L001 (green_channel)")
    assert why(story, "ann", "gina") is Why.BY_LAW
    assert {field for field in Called.__slots__ if "class" in field} == set()


def test_who_has_waited_long_goes_between_people_with_priority() -> None:
    story = tell(
        """
        09:00  w1 opens                  → ok
        09:00  ann takes A               → A001
        09:01  gina takes A as elderly   → L001
        09:01  hugo takes A as elderly   → L002
        09:02  w1 calls                  → L001 (green_channel)
        09:03  w1 starts                 → ok
        09:04  w1 completes              → ok
        09:05  w1 calls                  → A001 (ordinary_guard)
    """,
        opening(rules=WITHOUT),
    )
    assert why(story, "hugo", "ann") is Why.ORDINARY_TURN


def test_a_service_that_had_begun_goes_on_first() -> None:
    story = tell(
        BEGINNING
        + """
        09:03  w1 calls     → A001 (turn)
        09:04  w1 starts    → ok
        09:05  w1 holds     → ok
        09:06  ann returns  → ok
        09:07  w1 calls     → A001 resumed
    """
    )
    assert why(story, "ben", "ann") is Why.BACK_FROM_HOLD


def test_whoever_was_sent_on_keeps_the_time_of_issue() -> None:
    story = tell("""
        09:00  w1 opens           → ok
        09:00  w4 opens           → ok
        09:00  ann takes A        → A001
        09:01  tom takes B        → B001
        09:02  w1 calls           → A001 (turn)
        09:03  w1 starts          → ok
        09:04  w1 transfers to B  → ok
        09:05  w4 calls           → A001 (turn)
    """)
    assert why(story, "tom", "ann") is Why.KEPT_ISSUE


def test_the_second_part_of_a_visit_keeps_the_time_of_issue_too() -> None:
    story = tell("""
        09:00  w1 opens           → ok
        09:00  w4 opens           → ok
        09:00  ann takes A+B      → A001
        09:01  tom takes B        → B001
        09:02  w1 calls           → A001 (turn)
        09:03  w1 starts          → ok
        09:04  w1 completes       → ok
        09:05  w4 calls           → A001 (turn)
    """)
    assert why(story, "tom", "ann") is Why.KEPT_ISSUE


def test_whoever_lets_others_pass_is_told_so() -> None:
    story = tell(BEGINNING + "09:03  ann defers 1 → ok\n09:04  w1 calls → A002 (turn)")
    assert why(story, "ann", "ben") is Why.YOU_DEFERRED


def test_whoever_came_back_after_a_missed_call_is_told_so() -> None:
    story = tell(
        BEGINNING
        + """
        09:03  w1 calls     → A001 (turn)
        09:07  w1 gives up  → missed
        09:08  ann returns  → ok
        09:09  w1 calls     → A002 (turn)
    """
    )
    assert why(story, "ann", "ben") is Why.YOU_RETURNED


def test_whoever_was_away_when_others_were_called_is_told_so() -> None:
    story = tell(
        BEGINNING
        + """
        09:03  w1 calls     → A001 (turn)
        09:07  w1 gives up  → missed
        09:08  w1 calls     → A002 (turn)
        09:09  ann returns  → ok
    """
    )
    assert why(story, "ann", "ben") is Why.YOU_AWAY


def test_an_exception_is_called_one_and_its_reason_stays_on_record() -> None:
    story = tell(BEGINNING + "09:03  w1 calls cleo → A003 (picked)")
    assert why(story, "ann", "cleo") is Why.PICKED
    assert calls_in(story.events)[0].reason == "asked by the manager"


def test_whoever_still_waits_was_not_called_before() -> None:
    story = tell(BEGINNING)
    assert why(story, "cleo", "ann") is Why.NOT_BEFORE


def test_whoever_was_called_later_was_not_called_before() -> None:
    story = tell(
        BEGINNING
        + """
        09:03  w1 calls      → A001 (turn)
        09:04  w1 starts     → ok
        09:05  w1 completes  → ok
        09:06  w1 calls      → A002 (turn)
    """
    )
    assert why(story, "ben", "ann") is Why.EARLIER_ISSUE
    story.tell("09:07 w2 opens → ok\n09:07 w2 calls → A003 (turn)")
    assert why(story, "ben", "cleo") is Why.NOT_BEFORE


def test_a_call_that_was_taken_back_is_no_call() -> None:
    story = tell(BEGINNING + "09:03 w1 calls → A001 (turn)\n09:03:05 w1 undoes → ok")
    assert why(story, "ben", "ann") is Why.NOT_BEFORE
    story.tell("09:04 w1 calls → A001 (turn)")
    assert why(story, "ben", "ann") is Why.EARLIER_ISSUE


def test_the_own_number_is_the_own_number() -> None:
    story = tell(
        BEGINNING + "09:03 w1 calls → A001 (turn)\n09:04 w2 opens → ok\n09:04 w2 calls → A002 (turn)"
    )
    calls = calls_in(story.events)
    mine = Standing(story.people["ann"], "A", (), Place(story.people["ann"]), False, 0, 0)
    own = [each for each in calls if each.ticket_id == mine.ticket_id]
    assert why_before(mine, mine.ticket_id, own) == (Why.OWN_NUMBER, None)


# ── Never a lie ──────────────────────────────────────────────────────────────────────────────────


class RandomDay:
    """A hall in which anything happens, with everything that one needs to find a lie."""

    def __init__(self, seed: int, requests: int = 400) -> None:
        luck = Random(seed)
        story = Story(opening(rules=Rules(returns_max=2, defers_max=3, hops_max=5)))
        self.events: list[e.Event] = list(story.events)
        self.hall, now = story.hall, story.now
        self.before: dict[int, Hall] = {}
        crowd = [people.citizen, people.citizen, people.citizen, patient, people.manager]
        crowd += [
            skilled(w, cannot) for w, cannot in (("w1", ("M1",)), ("w2", ()), ("w3", ()), ("w4", ("M2",)))
        ]
        for _ in range(requests):
            now += timedelta(seconds=luck.choice((1, 20, 90)) * luck.random())
            asked = [*due(self.hall, now), luck.choice(crowd)(self.hall, now, luck)]
            for command in asked:
                self.ask(command, now)
        self.calls = calls_in(self.events)

    def ask(self, command: c.Command, now: datetime) -> None:
        if isinstance(command, c.CloseDay | c.OpenDay):
            return  # A day in which nobody is sent home has more to explain.
        try:
            events, _ = decide(self.hall, command, now)
        except Rejected:
            return
        for event in events:
            self.before[self.hall.seq + 1] = self.hall
            self.hall = evolve(self.hall, event)
        self.events += events

    def happened(self, kind: type[e.Event], ticket_id: int) -> list[int]:
        """The journal numbers of what happened to a ticket."""
        return [
            seq for seq, event in enumerate(self.events, start=1)
            if isinstance(event, kind) and getattr(event, "ticket_id", None) == ticket_id
        ]  # fmt: skip


def patient(hall: Hall, now: datetime, luck: Random) -> c.Command:
    """Lets others pass, or comes back after a missed call."""
    waiting = [ticket for ticket in hall.tickets.values() if ticket.state is TicketState.WAITING]
    missed = [ticket for ticket in hall.tickets.values() if ticket.state is TicketState.MISSED]
    if missed:
        return c.ReturnTicket(luck.choice(missed).id)
    return c.DeferTicket(luck.choice(waiting).id if waiting else 0, luck.randint(1, 4))


def skilled(window_id: str, cannot: tuple[str, ...]) -> people.Ask:
    """A clerk who is not trained for some matters."""
    ask = people.clerk(window_id, f"c-{window_id}", "left")

    def asks(hall: Hall, now: datetime, luck: Random) -> c.Command:
        command = ask(hall, now, luck)
        if isinstance(command, c.SignIn):
            return replace(command, clerk=Clerk(f"c-{window_id}", window_id, window_id, cannot=cannot))
        return command

    return asks


def claims(day: RandomDay) -> Iterator[tuple[Standing, Why, Called | None]]:
    """Every answer that anybody in the hall could get about anybody who was called."""
    by_ticket: dict[int, list[Called]] = {}
    for call in day.calls:
        by_ticket.setdefault(call.ticket_id, []).append(call)
    for ticket in day.hall.tickets.values():
        mine = standing(ticket, by_ticket.get(ticket.id, []))
        for other_id, theirs in by_ticket.items():
            why, call = why_before(mine, other_id, theirs)
            yield mine, why, call


SEEDS = range(12)


@pytest.mark.parametrize("seed", SEEDS)
def test_no_answer_is_ever_a_lie(seed: int) -> None:
    day = RandomDay(seed)
    asked = 0
    for mine, why, call in claims(day):
        asked += 1
        if call is not None:
            assert is_true(day, mine, why, call), (why, mine, call)
    assert asked > 20


def is_true(day: RandomDay, mine: Standing, why: Why, call: Called) -> bool:
    """Whether the journal says so too, looked at without `reasons`."""
    hall = day.before[call.seq]
    window = hall.windows[call.window_id]
    event = day.events[call.seq - 1]
    match why:
        case Why.BEFORE_YOUR_ISSUE:
            return mine.ticket_id not in hall.tickets and call.seq < mine.ticket_id
        case Why.BACK_FROM_HOLD:
            return isinstance(event, e.ServingResumed)
        case Why.PICKED:
            return isinstance(event, e.TicketCalled) and event.rule is CallRule.PICKED and bool(event.reason)
        case Why.OTHER_WINDOWS:
            return mine.group_id not in serves(window)
        case Why.OTHER_SKILLS:
            assert window.session is not None
            return bool(set(window.session.clerk.cannot) & set(mine.matters))
        case Why.BY_LAW:
            return hall.tickets[call.ticket_id].priority_class is not None
        case Why.ORDINARY_TURN:
            return isinstance(event, e.TicketCalled) and event.rule is CallRule.ORDINARY_GUARD
        case Why.WAITED_LONGER | Why.OVERTAKEN:
            return event.rule == why and call.issued_at <= issued_at(day, mine)
        case Why.EARLIER_ISSUE:
            return call.ticket_id < mine.ticket_id
        case Why.KEPT_ISSUE:
            moves = day.happened(e.TicketTransferred, call.ticket_id) + day.happened(
                e.ServingCompleted, call.ticket_id
            )
            return call.ticket_id < mine.ticket_id and any(seq < call.seq for seq in moves)
        case Why.YOU_RETURNED:
            return any(seq < call.seq for seq in day.happened(e.TicketRequeued, mine.ticket_id))
        case Why.YOU_DEFERRED:
            return any(seq < call.seq for seq in day.happened(e.TicketDeferred, mine.ticket_id))
        case Why.IT_RETURNED:
            return any(seq < call.seq for seq in day.happened(e.TicketRequeued, call.ticket_id))
        case Why.YOU_AWAY:
            return not could_have_been_called(hall, mine, call)
        case Why.OWN_NUMBER | Why.NOT_BEFORE:
            return False  # Then there is no call to speak of.


def issued_at(day: RandomDay, mine: Standing) -> datetime:
    """When the asker took a number."""
    return day.events[mine.ticket_id - 1].at


def could_have_been_called(hall: Hall, mine: Standing, call: Called) -> bool:
    """Whether the asker stood, at that moment, in a line of that window at an earlier place."""
    me = hall.tickets.get(mine.ticket_id)
    return (
        me is not None
        and me.state is TicketState.WAITING
        and me.group_id in call.serves
        and set(call.cannot).isdisjoint(me.matters)
        and me.green == call.green
        and me.place < call.place
    )


def test_random_halls_give_every_kind_of_answer() -> None:
    given = {why for seed in SEEDS for _, why, _ in claims(RandomDay(seed))}
    assert set(Why) - given <= {Why.ORDINARY_TURN, Why.IT_RETURNED}, "the days are too quiet"
