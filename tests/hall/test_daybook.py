"""The day in figures is what happened, whatever the hall has forgotten since."""

from datetime import timedelta

import pytest

from queue_server.hall.core.daybook import Daybook, HalfHour, noted, until
from queue_server.hall.core.model import Rules
from queue_server.hall.live.daybooks import Daybooks
from queue_server.hall.live.views.manager import busy_share

from .conftest import HALL, Process, calls
from .story import Story, at, opening, tell


def book_of(story: Story) -> Daybook:
    book = Daybook()
    for seq, event in enumerate(story.events, start=1):
        book = noted(book, seq, event)
    return book


def test_a_window_is_busy_while_somebody_is_called_or_served_and_open_unless_it_rests() -> None:
    story = tell("""
        09:00  w1 opens            → ok
        09:00  anna takes A        → A001
        09:00  boris takes A       → A002
        09:10  w1 calls            → A001 (turn)
        09:12  w1 starts           → ok
        09:20  w1 completes        → ok
        09:20  w1 pauses           → ok
        10:00  w1 resumes          → ok
        10:10  w1 calls            → A002 (turn)
    """)
    day = until(book_of(story).windows["w1"], at("10:20"))
    assert (day.open_seconds, day.busy_seconds, day.served) == (40 * 60, 20 * 60, 1)
    assert busy_share(day, at("10:20")) == 0.5
    assert day.since == at("10:10")


def test_a_share_of_a_few_minutes_is_not_told() -> None:
    story = tell("""
        09:00  w1 opens            → ok
        09:00  anna takes A        → A001
        09:01  w1 calls            → A001 (turn)
    """)
    assert busy_share(book_of(story).windows["w1"], at("09:09")) is None


def test_a_service_on_hold_keeps_nobody_busy_and_a_clerk_who_moves_keeps_the_pause() -> None:
    story = tell("""
        09:00  w1 opens            → ok
        09:00  anna takes A        → A001
        09:00  w1 calls            → A001 (turn)
        09:00  w1 starts           → ok
        09:10  w1 holds            → ok
        09:20  w1 pauses           → ok
        09:30  w1 opens over       → ok
    """)
    day = until(book_of(story).windows["w1"], at("09:40"))
    assert (day.open_seconds, day.busy_seconds, day.paused) == (20 * 60, 10 * 60, True)


def test_groups_and_half_hours_count_what_came_to_an_end_and_how() -> None:
    story = tell("""
        09:00  w1 opens            → ok
        09:01  anna takes A        → A001
        09:02  boris takes A       → A002
        09:03  clara takes A       → A003
        09:29  w1 calls            → A001 (turn)
        09:31  w1 starts           → ok
        09:32  w1 completes        → ok
        09:32  w1 calls            → A002 (turn)
        09:35  w1 gives up         → missed
        09:36  boris returns       → ok
        09:36  w1 calls            → A003 (turn)
        09:37  clara cancels       → ok
        09:37  w1 calls            → A002 (turn)
        09:40  w1 gives up         → missed, A002 expired (missed_twice)
    """)
    book = book_of(story)
    day = book.groups["A"]
    assert (day.issued, day.served, day.calls_missed, day.no_shows, day.cancelled) == (3, 1, 2, 1, 1)
    assert book.half_hours == {at("09:00"): HalfHour(issued=3), at("09:30"): HalfHour(served=1)}


def test_the_response_of_guides_is_measured_from_when_somebody_was_to_be_fetched() -> None:
    story = tell("""
        09:00     w1 opens          → ok
        09:00     anna takes A      → A001
        09:01:30  g1 fetches anna   → ok
    """)
    help_day = book_of(story).help
    assert (help_day.taken, help_day.response_seconds) == (1, 90)


def test_a_day_that_opens_again_goes_on_with_its_figures() -> None:
    story = Story(opening(rules=Rules(misses_itself=False))).tell("""
        09:00  w1 opens            → ok
        09:01  anna takes A        → A001
        09:02  manager closes      → A001 expired (closed), closed
        09:03  manager reopens     → ok
        09:04  boris takes A       → A002
    """)
    assert book_of(story).groups["A"].issued == 2


async def test_the_book_of_a_running_hall_is_read_once_and_kept_up_to_date(one: Process) -> None:
    books = Daybooks(one.database)
    await one.tickets(700)  # More than is read in one part.
    hall = await one.halls.current(HALL)
    assert (await books.current(hall)).groups["A"].issued == 700
    await one.open("w1")
    await one.do(calls("w1"))
    hall = await one.halls.current(HALL)
    book = await books.current(hall)
    assert (book.seq, book.windows["w1"].ticket_id) == (hall.seq, hall.windows["w1"].ticket_id)


@pytest.mark.parametrize("days", [1, 2])
async def test_a_new_day_begins_a_new_book(one: Process, days: int) -> None:
    books = Daybooks(one.database)
    await one.tickets(3)
    await books.current(await one.halls.current(HALL))
    one.clock.advance(timedelta(days=days).total_seconds())
    await one.queues.open_day(HALL)
    await one.tickets(1)
    hall = await one.halls.current(HALL)
    book = await books.current(hall)
    assert (book.day, book.groups["A"].issued) == (hall.day, 1)
