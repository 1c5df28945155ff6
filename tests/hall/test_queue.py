"""What citizens can rely on while they wait, are called and are served."""

from queue_server.hall.core import events as e
from queue_server.hall.core.model import PriorityClass, Rules, Window

from .story import GROUPS, Name, Story, at, hours, opening, tell


def test_people_are_called_in_the_order_in_which_they_came() -> None:
    tell("""
        09:00  w1 opens        → ok
        09:01  anna takes A    → A001
        09:02  boris takes A   → A002
        09:03  w1 calls        → A001 (turn)
        09:04  w1 starts       → ok
        09:09  w1 completes    → ok
        09:09  w1 calls        → A002 (turn)
    """)


def test_a_citizen_who_never_comes_does_not_hold_up_the_window() -> None:
    tell("""
        09:00  w1 opens        → ok
        09:01  anna takes A    → A001
        09:02  boris takes A   → A002
        09:03  w1 calls        → A001 (turn)
        09:05  w1 gives up     → grace_not_over
        09:06  w1 gives up     → missed
        09:06  w1 calls        → A002 (turn)
    """)


def test_the_clock_marks_a_missed_call_when_nobody_else_does() -> None:
    Story(opening(rules=Rules())).tell("""
        09:00  w1 opens        → ok
        09:01  anna takes A    → A001
        09:02  w1 calls        → A001 (turn)
        09:04  time passes     → ok
        09:05  time passes     → missed
        09:06  w1 calls        → nobody_waiting
    """)


def test_a_recall_gives_the_citizen_time_to_come_before_the_call_is_missed() -> None:
    tell("""
        09:00     w1 opens      → ok
        09:00     anna takes A  → A001
        09:01     w1 calls      → A001 (turn)
        09:01:30  w1 recalls    → recall_too_soon
        09:03:30  w1 recalls    → ok
        09:04     w1 gives up   → grace_not_over
        09:04:30  w1 recalls    → ok
        09:05:30  w1 recalls    → recalls_used_up
        09:05:30  w1 gives up   → missed
    """)


def test_who_missed_the_call_comes_back_three_places_behind_and_only_once() -> None:
    story = tell("""
        09:00  w1 opens        → ok
        09:00  anna takes A    → A001
        09:00  b takes A       → A002
        09:00  c takes A       → A003
        09:00  d takes A       → A004
        09:00  e takes A       → A005
        09:01  w1 calls        → A001 (turn)
        09:04  w1 gives up     → missed
        09:05  anna returns    → ok
        09:05  anna stands     → 3
        09:05  w1 calls        → A002 (turn)
        09:08  w1 gives up     → missed
        09:08  w1 calls        → A003 (turn)
        09:11  w1 gives up     → missed
        09:11  w1 calls        → A004 (turn)
        09:14  w1 gives up     → missed
        09:14  w1 calls        → A001 (turn)
        09:17  w1 gives up     → missed, A001 expired (missed_twice)
        09:17  anna returns    → ticket_ended
    """)
    assert story.people["anna"] not in story.hall.tickets


def test_coming_back_is_possible_for_half_an_hour() -> None:
    tell("""
        09:00  w1 opens        → ok
        09:00  anna takes A    → A001
        09:01  w1 calls        → A001 (turn)
        09:04  w1 gives up     → missed
        09:35  anna returns    → return_too_late
    """)


def test_a_call_made_by_mistake_can_be_taken_back_for_thirty_seconds() -> None:
    tell("""
        09:00     w1 opens       → ok
        09:00     anna takes A   → A001
        09:00     boris takes A  → A002
        09:01     w1 calls       → A001 (turn)
        09:01:30  w1 undoes      → ok
        09:02     w1 calls       → A001 (turn)
        09:02:31  w1 undoes      → undo_too_late
    """)


def test_a_call_taken_back_leaves_the_screens() -> None:
    story = tell("""
        09:00     w1 opens       → ok
        09:00     anna takes A   → A001
        09:01     w1 calls       → A001 (turn)
        09:01:10  w1 undoes      → ok
    """)
    assert story.hall.calls == ()


def test_a_transfer_needs_no_new_queueing() -> None:
    tell("""
        09:00  w1 opens            → ok
        09:00  w4 opens            → ok
        09:00  anna takes A        → A001
        09:10  boris takes B       → B001
        09:15  clara takes B       → B002
        09:20  w1 calls            → A001 (turn)
        09:30  w1 starts           → ok
        09:40  w1 transfers to B   → ok
        09:41  w4 calls            → A001 (turn)
    """)


def test_nobody_is_sent_on_more_than_three_times() -> None:
    story = tell("""
        09:00  w1 opens            → ok
        09:00  w4 opens            → ok
        09:00  anna takes A        → A001
        09:01  w1 calls            → A001 (turn)
        09:01  w1 starts           → ok
        09:02  w1 transfers to A   → same_group
        09:02  w1 transfers to Z   → group_unknown
        09:02  w1 transfers to B   → ok
        09:03  w4 calls            → A001 (turn)
        09:03  w4 starts           → ok
        09:04  w4 transfers to A   → ok
        09:05  w1 calls            → A001 (turn)
        09:05  w1 starts           → ok
        09:06  w1 transfers to B   → ok
        09:07  w4 calls            → A001 (turn)
        09:07  w4 starts           → ok
        09:08  w4 transfers to A   → hops_used_up
    """)
    assert story.ticket("anna").hops == 3


def test_a_visit_to_two_groups_is_one_ticket_that_keeps_its_time_of_issue() -> None:
    story = tell("""
        09:00  w1 opens                → ok
        09:00  w4 opens                → ok
        09:00  anna takes A:M15+B:M12  → A001
        09:05  boris takes B           → B001
        09:10  w1 calls                → A001 (turn)
        09:10  w1 starts               → ok
        09:20  w1 completes            → ok
        09:21  w4 calls                → A001 (turn)
        09:21  w4 starts               → ok
        09:30  w4 completes M12=done   → ok
    """)
    assert not story.hall.tickets.get(story.people["anna"])


def test_a_held_service_lets_others_be_served_and_goes_on_before_them() -> None:
    story = tell("""
        09:00  w1 opens         → ok
        09:00  anna takes A     → A001
        09:00  boris takes A    → A002
        09:00  clara takes A    → A003
        09:01  w1 calls         → A001 (turn)
        09:02  w1 starts        → ok
        09:05  w1 holds         → ok
        09:05  w1 calls         → A002 (turn)
        09:06  w1 starts        → ok
        09:07  anna returns     → ok
        09:09  w1 completes     → ok
        09:09  w1 calls         → A001 resumed
        09:13  w1 completes     → ok
    """)
    completed = [event for event in story.events if isinstance(event, e.ServingCompleted)]
    assert [event.at for event in completed] == [at("09:09"), at("09:13")]


def test_the_minutes_on_hold_do_not_count_as_service() -> None:
    story = tell(
        """
        09:00  w1 opens         → ok
        09:00  anna takes A     → A001
        09:01  w1 calls         → A001 (turn)
        09:02  w1 starts        → ok
        09:05  w1 holds         → ok
        09:07  w1 resumes anna  → ok
        09:09  w1 holds         → ok
    """.replace("w1 resumes anna  → ok", "w1 resumes anna  → A001 resumed")
    )
    anna = story.ticket("anna")
    assert (anna.service_seconds, anna.hold_seconds) == (5 * 60, 2 * 60)


def test_a_hold_ends_with_its_limit() -> None:
    tell("""
        09:00  w1 opens         → ok
        09:00  anna takes A     → A001
        09:01  w1 calls         → A001 (turn)
        09:02  w1 starts        → ok
        09:05  w1 holds for 61  → hold_too_long
        09:05  w1 holds for 20  → ok
        09:24  time passes      → ok
        09:25  time passes      → A001 expired (hold_limit)
    """)


def test_a_citizen_may_let_others_pass_twice() -> None:
    tell("""
        09:00  anna takes A    → A001
        09:00  b takes A       → A002
        09:00  c takes A       → A003
        09:00  d takes A       → A004
        09:01  anna defers 2   → ok
        09:01  anna stands     → 2
        09:02  anna defers 21  → too_many_places
        09:02  anna defers 9   → ok
        09:02  anna stands     → 3
        09:03  anna defers 1   → defers_used_up
    """)


def test_the_last_in_line_has_nobody_to_let_pass() -> None:
    tell("""
        09:00  anna takes A    → A001
        09:01  anna defers 1   → nobody_behind
    """)


def test_cancelling_moves_everybody_behind_one_place_up() -> None:
    tell("""
        09:00  anna takes A    → A001
        09:00  b takes A       → A002
        09:00  c takes A       → A003
        09:01  b cancels       → ok
        09:01  c stands        → 1
        09:02  b cancels       → ticket_ended
    """)


def test_a_called_ticket_can_be_cancelled_and_a_served_one_cannot() -> None:
    story = tell("""
        09:00  w1 opens        → ok
        09:00  w2 opens        → ok
        09:00  anna takes A    → A001
        09:00  boris takes A   → A002
        09:01  w1 calls        → A001 (turn)
        09:01  w2 calls        → A002 (turn)
        09:02  w2 starts       → ok
        09:02  boris cancels   → wrong_ticket_state
        09:02  anna cancels    → ok
    """)
    assert story.hall.windows["w1"].ticket_id is None


def test_staff_void_a_ticket_with_a_reason() -> None:
    story = tell("""
        09:00  anna takes A      → A001
        09:01  anna is voided    → ok
        09:02  anna cancels      → ticket_ended
    """)
    voided = [event for event in story.events if isinstance(event, e.TicketCancelled)]
    assert voided[0].voided
    assert voided[0].reason


# ── The green channel ────────────────────────────────────────────────────────────────────────────


def test_the_green_window_calls_the_green_ticket_before_five_ordinary_ones() -> None:
    story = Story().tell("09:00  w3 opens → ok")
    for number in range(1, 6):
        story.tell(f"09:01  citizen{number} takes A → A00{number}")
    story.tell("""
        09:02  vera takes A as veteran  → L001
        09:02  vera stands              → 0
        09:03  w3 calls                 → L001 (green_channel)
    """)


def test_an_idle_green_window_helps_the_ordinary_queue() -> None:
    tell("""
        09:00  w3 opens       → ok
        09:01  anna takes A   → A001
        09:02  w3 calls       → A001 (turn)
    """)


def test_endless_green_arrivals_do_not_starve_an_ordinary_ticket() -> None:
    tell("""
        09:00  w1 opens                → ok
        09:00  anna takes A            → A001
        09:01  v1 takes A as elderly   → L001
        09:01  v2 takes A as pregnant  → L002
        09:01  v3 takes A as veteran   → L003
        09:31  w1 calls                → L001 (green_channel)
        09:31  w1 starts               → ok
        09:32  w1 completes            → ok
        09:32  w1 calls                → L002 (green_channel)
        09:32  w1 starts               → ok
        09:33  w1 completes            → ok
        09:33  w1 calls                → A001 (ordinary_guard)
        09:33  w1 starts               → ok
        09:34  w1 completes            → ok
        09:34  w1 calls                → L003 (green_channel)
    """)


def test_a_rejected_class_puts_the_ticket_back_to_its_place_by_time_of_issue() -> None:
    story = tell("""
        09:00  anna takes A              → A001
        09:01  vera takes A as veteran   → L001
        09:02  boris takes A             → A002
        09:03  vera stands               → 0
        09:04  vera becomes ordinary     → ok
        09:04  vera stands               → 1
        09:05  boris becomes elderly     → ok
        09:05  boris stands              → 0
        09:05  boris becomes elderly     → nothing_to_do
    """)
    assert story.ticket("boris").number == "A002"
    assert story.ticket("boris").priority_class is PriorityClass.ELDERLY


# ── Numbers and hours ────────────────────────────────────────────────────────────────────────────


def test_a_thousand_tickets_have_a_thousand_consecutive_numbers() -> None:
    story = Story()
    for number in range(1, 1001):
        story.tell(f"09:00  somebody takes A → A{number:03d}")


def test_tickets_are_issued_in_opening_hours_only_and_the_refusal_names_the_next_opening() -> None:
    lunch = (hours("09:00", "12:00"), hours("13:00", "17:00"))
    story = tell(
        """
        08:59  early takes A   → group_closed
        09:00  anna takes A    → A001
        12:00  noon takes A    → group_closed
        13:00  boris takes A   → A002
        17:00  late takes A    → group_closed
        """,
        opening(openings=lunch),
    )
    assert story.hall.numbers["A"] == 2


def test_an_extended_session_is_for_the_groups_that_have_it() -> None:
    tell(
        """
        17:01  anna takes A    → group_closed
        17:01  boris takes B   → B001
        """,
        opening(openings=(hours(), hours("17:00", "18:00", group_ids=("B",), kind="extended"))),
    )


def test_a_full_group_says_so() -> None:
    few = (GROUPS[0], Name("税务", "Tax"))
    group = type(GROUPS[1])("B", few[1], "B", capacity=1)
    tell(
        """
        09:00  anna takes B    → B001
        09:01  boris takes B   → group_full
        """,
        opening(groups=(GROUPS[0], group)),
    )


def test_nobody_queues_for_a_group_that_no_window_serves() -> None:
    tell(
        """
        09:00  anna takes B    → no_window_for_group
        09:00  anna takes Z    → group_unknown
        """,
        opening(windows=(Window("w1", Name("1", "1"), ("A",)),)),
    )


# ── Reminders ────────────────────────────────────────────────────────────────────────────────────


def reminded(story: Story) -> list[str]:
    """Who was reminded, in order."""
    return [story.numbers[event.ticket_id] for event in story.events if isinstance(event, e.TicketNear)]


def test_the_reminder_comes_when_three_people_are_ahead_and_only_once() -> None:
    story = Story().tell("09:00  w1 opens → ok")
    for number in range(1, 7):
        story.tell(f"09:00  p{number} takes A → A00{number}")
    assert reminded(story) == [], "who is near at issue is told so with the confirmation"
    story.tell("09:01  w1 calls → A001 (turn)")
    assert reminded(story) == ["A005"]
    story.tell("""
        09:01:10  w1 undoes  → ok
        09:02     w1 calls   → A001 (turn)
        09:03     p2 cancels → ok
    """)
    assert reminded(story) == ["A005", "A006"]


def test_whoever_is_near_at_issue_gets_no_second_message() -> None:
    story = tell("""
        09:00  anna takes A    → A001
        09:00  w1 opens        → ok
    """)
    assert story.ticket("anna").near
    assert reminded(story) == []


def test_with_fifty_people_ahead_nobody_is_near_however_fast_the_windows_are() -> None:
    fast = type(GROUPS[0])("A", Name("领取", "Collection"), "A", mean_seconds=5)
    story = Story(opening(groups=(fast, GROUPS[1]))).tell("09:00  w1 opens → ok")
    for number in range(1, 61):
        story.tell(f"09:00  p{number} takes A → A{number:03d}")
    near = [story.numbers[ticket.id] for ticket in story.hall.tickets.values() if ticket.near]
    assert max(near) == "A051"
