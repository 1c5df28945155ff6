"""What happens to people and numbers when a day ends and the next one begins."""

from datetime import timedelta

from queue_server.hall.core import events as e
from queue_server.hall.core.evolve import replay
from queue_server.hall.core.model import Hall, Rules, TicketState

from .story import DAY, Story, at, opening, tell

TOMORROW = DAY + timedelta(days=1)


def test_who_still_waits_at_closing_time_is_served_in_the_extension() -> None:
    tell("""
        09:00  w1 opens        → ok
        16:59  anna takes A    → A001
        17:01  late takes A    → group_closed
        17:05  time passes     → ok
        17:05  w1 calls        → A001 (turn)
        17:05  w1 starts       → ok
        17:20  w1 completes    → ok
        17:21  time passes     → closed
    """)


def test_when_the_extension_is_over_everybody_gets_an_end_and_an_apology() -> None:
    story = tell("""
        16:59  anna takes A    → A001
        17:59  time passes     → ok
        18:00  time passes     → A001 expired (closed), closed
        18:01  late takes A    → hall_closed
        18:02  w1 opens        → hall_closed
    """)
    assert not story.hall.tickets


def test_the_day_does_not_close_over_somebody_who_is_being_served() -> None:
    tell("""
        09:00  w1 opens        → ok
        16:59  anna takes A    → A001
        16:59  w1 calls        → A001 (turn)
        17:00  w1 starts       → ok
        18:30  time passes     → ok
        18:30  manager closes  → still_serving
        18:31  w1 completes    → ok
        18:32  time passes     → closed
    """)


def test_a_day_closed_too_early_opens_again_and_goes_on_with_its_numbers() -> None:
    tell("""
        09:00  anna takes A     → A001
        09:05  manager reopens  → day_already_open
        09:10  manager closes   → A001 expired (closed), closed
        09:20  manager reopens  → ok
        09:21  boris takes A    → A002
    """)


def test_numbers_begin_again_each_day() -> None:
    story = tell("""
        09:00  anna takes A     → A001
        17:00  manager closes   → A001 expired (closed), closed
    """)
    story.ask(opening(day=TOMORROW), at("08:30", TOMORROW))
    assert story.hall.numbers.get("A", 0) == 0


def test_if_nobody_closed_the_day_it_is_closed_when_the_next_one_opens() -> None:
    story = tell("""
        09:00  w1 opens        → ok
        09:00  anna takes A    → A001
        09:00  boris takes A   → A002
        09:01  w1 calls        → A001 (turn)
        09:02  w1 starts       → ok
    """)
    events = story.ask(opening(day=TOMORROW), at("08:30", TOMORROW))
    assert [type(event).__name__ for event in events] == ["TicketExpired", "DayClosed", "DayOpened"]
    anna = story.ticket("anna")
    assert anna.state is TicketState.SERVING
    assert story.hall.windows["w1"].ticket_id == anna.id


def test_a_number_still_in_somebodys_hand_is_not_given_twice() -> None:
    story = tell("""
        09:00  w1 opens        → ok
        09:00  anna takes A    → A001
        09:01  w1 calls        → A001 (turn)
        09:02  w1 starts       → ok
    """)
    story.ask(opening(day=TOMORROW), at("08:30", TOMORROW))
    story.now = at("09:00", TOMORROW)
    command = story._command("boris takes A")
    issued = story.ask(command, at("09:00", TOMORROW))[0]
    assert isinstance(issued, e.TicketIssued)
    assert issued.number == "A002"


def test_by_rule_those_who_waited_are_first_tomorrow() -> None:
    rules = Rules(carry_over_waiting=True)
    story = tell(
        """
        09:00  anna takes A    → A001
        17:00  manager closes  → closed
        """,
        opening(rules=rules),
    )
    story.ask(opening(day=TOMORROW, rules=rules), at("08:30", TOMORROW))
    assert tuple(story.hall.queues["A"].fair) == (story.people["anna"],)


def test_a_hall_is_rebuilt_from_its_last_day_alone() -> None:
    story = tell("""
        09:00  w1 opens        → ok
        09:00  anna takes A    → A001
        09:01  w1 calls        → A001 (turn)
        09:02  w1 starts       → ok
    """)
    story.ask(opening(day=TOMORROW), at("08:30", TOMORROW))
    last = max(i for i, event in enumerate(story.events) if isinstance(event, e.DayOpened))
    rebuilt = replay(Hall("h1", seq=last), story.events[last:])
    assert rebuilt == story.hall


def test_opening_a_day_in_the_past_is_refused() -> None:
    story = Story()
    story.ask(opening(day=TOMORROW), at("08:30", TOMORROW))
    assert story._do("manager reopens", at("09:00", TOMORROW)) == "day_in_the_past"
