"""What clerks and managers can rely on at their windows."""

from queue_server.hall.core import commands as c
from queue_server.hall.core.model import Clerk, Group, Name, PriorityClass, Rules, Tally, Window

from .story import GROUPS, WINDOWS, Story, at, opening, tell


def test_a_window_serves_one_person_at_a_time() -> None:
    tell("""
        09:00  w1 calls        → window_not_open
        09:00  w1 opens        → ok
        09:00  w1 calls        → nobody_waiting
        09:00  anna takes A    → A001
        09:00  boris takes A   → A002
        09:01  w1 calls        → A001 (turn)
        09:01  w1 calls        → window_busy
        09:01  w1 completes    → nobody_served
        09:02  w1 starts       → ok
        09:02  w1 starts       → nobody_called
        09:02  w1 calls        → window_busy
    """)


def test_two_windows_never_call_the_same_person() -> None:
    tell("""
        09:00  w1 opens        → ok
        09:00  w2 opens        → ok
        09:00  anna takes A    → A001
        09:01  w1 calls        → A001 (turn)
        09:01  w2 calls        → nobody_waiting
    """)


def test_a_second_console_takes_a_window_over_only_explicitly() -> None:
    tell("""
        09:00  w1 opens        → ok
        09:00  w1 opens        → ok
        09:01  w1 opens again  → window_taken
        09:01  w1 opens over   → ok
        09:02  anna takes A    → A001
        09:02  w1 calls        → window_taken
    """)


def test_a_clerk_sits_at_one_window() -> None:
    tell("""
        09:00  w1 opens with c09  → ok
        09:01  w2 opens with c09  → clerk_elsewhere
    """)


def test_a_trainee_opens_a_window_only_while_the_mentor_is_there() -> None:
    tell("""
        09:00  w1 opens trainee of c09  → mentor_away
        09:01  w2 opens with c09        → ok
        09:02  w1 opens trainee of c09  → ok
    """)


def test_a_paused_window_calls_nobody() -> None:
    tell("""
        09:00  w1 opens            → ok
        09:00  anna takes A        → A001
        09:01  w1 pauses silently  → reason_needed
        09:01  w1 pauses           → ok
        09:01  w1 pauses           → window_paused_now
        09:02  w1 calls            → window_paused_now
        09:10  w1 resumes          → ok
        09:10  w1 resumes          → window_not_paused
        09:10  w1 calls            → A001 (turn)
        09:10  w1 pauses           → window_busy
    """)


def test_nobody_leaves_a_window_with_people_in_hand() -> None:
    tell("""
        09:00  w1 opens               → ok
        09:00  w4 opens               → ok
        09:00  anna takes A           → A001
        09:01  w1 calls               → A001 (turn)
        09:01  w1 closes              → window_busy
        09:02  w1 starts              → ok
        09:03  w1 closes              → window_busy
        09:04  w1 holds               → ok
        09:05  w1 closes              → window_holds_tickets
        09:06  w1 transfers anna to B → ok
        09:07  w1 closes              → ok
        09:08  w4 calls               → A001 (turn)
    """)


def test_a_called_citizen_is_first_in_line_again_when_the_console_goes_silent() -> None:
    tell("""
        09:00  w1 opens        → ok
        09:00  w2 opens        → ok
        09:00  anna takes A    → A001
        09:00  boris takes A   → A002
        09:01  w1 calls        → A001 (turn)
        09:02  w1 is absent    → A001 waits again
        09:02  w1 is absent    → nothing_to_do
        09:03  w2 calls        → A001 (turn)
    """)


def test_a_service_goes_on_at_the_desk_when_only_the_console_crashed() -> None:
    tell("""
        09:00  w1 opens        → ok
        09:00  anna takes A    → A001
        09:01  w1 calls        → A001 (turn)
        09:02  w1 starts       → ok
        09:04  w1 is absent    → ok
        09:06  w1 is back      → ok
        09:07  w1 completes    → ok
    """)


def test_who_was_being_served_at_a_lost_window_is_first_in_line_elsewhere() -> None:
    tell("""
        09:00  w1 opens        → ok
        09:00  w2 opens        → ok
        09:00  anna takes A    → A001
        09:00  boris takes A   → A002
        09:01  w1 calls        → A001 (turn)
        09:02  w1 starts       → ok
        09:03  w1 is lost      → A001 reassigned
        09:03  w1 is lost      → window_not_open
        09:04  w2 calls        → A001 (turn)
    """)


def test_a_manual_pick_is_an_exception_with_a_reason() -> None:
    tell("""
        09:00  w1 opens              → ok
        09:00  anna takes A          → A001
        09:00  boris takes A         → A002
        09:00  xi takes B            → B001
        09:01  w1 calls boris silently → reason_needed
        09:01  w1 calls xi           → cannot_serve
        09:01  w1 calls boris        → A002 (picked)
        09:02  w1 starts             → ok
        09:03  w1 completes          → ok
        09:03  w1 calls              → A001 (turn)
    """)


def test_a_matter_of_any_department_is_served_by_the_same_comprehensive_window_in_order_of_issue() -> None:
    tell("""
        09:00  w1 opens             → ok
        09:00  anna takes A:police  → A001
        09:01  boris takes A:civil  → A002
        09:02  w1 calls             → A001 (turn)
        09:02  w1 starts            → ok
        09:03  w1 completes police=accepted  → ok
        09:03  w1 calls             → A002 (turn)
        09:03  w1 starts            → ok
        09:04  w1 completes tax=done  → outcome_for_unknown_matter
    """)


def test_a_department_window_is_never_called_to_other_work_even_when_idle() -> None:
    tell("""
        09:00  w4 opens        → ok
        09:00  anna takes A    → A001
        09:01  w4 calls        → nobody_waiting
    """)


def test_a_clerk_without_the_skill_is_passed_over_and_the_gap_is_named() -> None:
    group = Group("A", Name("综合", "General"), "A", undifferentiated=True, matters=("M13", "M15"))
    story = Story(opening(groups=(group, GROUPS[1])))
    story.tell("""
        09:00  w1 opens without M13  → ok
        09:00  anna takes A:M13      → A001
        09:00  boris takes A:M15     → A002
        09:01  w1 calls              → A002 (turn)
    """)
    from queue_server.hall.core.clerks import skill_gaps

    window = story.hall.windows["w1"]
    assert window.session is not None
    assert skill_gaps(story.hall, window, window.session.clerk) == ["M13"]


def test_a_hall_may_forbid_to_open_an_any_matter_window_with_a_gap() -> None:
    group = Group("A", Name("综合", "General"), "A", undifferentiated=True, matters=("M13", "M15"))
    tell(
        """
        09:00  w1 opens without M13  → skill_gap
        09:00  w1 opens for B        → nothing_to_serve
        """,
        opening(groups=(group, GROUPS[1]), rules=Rules(skill_gap_blocks=True)),
    )


def test_a_window_finishes_its_service_before_it_serves_other_groups() -> None:
    tell("""
        09:00  w1 opens          → ok
        09:00  w2 opens          → ok
        09:00  anna takes A      → A001
        09:00  boris takes A     → A002
        09:00  xi takes B        → B001
        09:01  w1 calls          → A001 (turn)
        09:02  w1 starts         → ok
        09:03  w1 serves B       → ok
        09:04  w1 completes      → ok
        09:04  w1 calls          → B001 (turn)
        09:05  w2 calls          → A002 (turn)
    """)


def test_a_planned_change_of_groups_happens_at_its_time() -> None:
    tell("""
        09:00  w1 opens              → ok
        09:00  xi takes B            → B001
        09:01  w1 serves A+B from 10:00 → ok
        09:02  w1 calls              → nobody_waiting
        10:00  time passes           → ok
        10:00  w1 calls              → B001 (turn)
    """)


def test_a_change_that_would_strand_people_is_refused() -> None:
    tell(
        """
        09:00  xi takes B        → B001
        09:01  w4 serves A       → group_stranded
        09:02  xi cancels        → ok
        09:03  w4 serves A       → ok
        """,
        opening(windows=WINDOWS),
    )


def test_changed_rules_are_in_force_at_once() -> None:
    tell("""
        09:00  w1 opens                             → ok
        09:00  anna takes A                         → A001
        09:01  manager allows call_grace_seconds 60 → ok
        09:01  manager allows call_grace_seconds 60 → nothing_to_do
        09:02  w1 calls                             → A001 (turn)
        09:03  w1 gives up                          → missed
    """)


def test_windows_of_two_groups_call_the_earliest_place() -> None:
    both = (Window("w1", Name("1", "1"), ("A", "B")),)
    tell(
        """
        09:00  w1 opens        → ok
        09:00  xi takes B      → B001
        09:01  anna takes A    → A001
        09:02  w1 calls        → B001 (turn)
        """,
        opening(windows=both),
    )


# ── What a clerk has served ──────────────────────────────────────────────────────────────────────


def served(story: Story, window_id: str) -> Tally:
    """The day of the clerk at a window."""
    session = story.hall.windows[window_id].session
    assert session is not None
    return story.hall.worked.get(session.clerk.id, Tally()) + session.tally


def completes(story: Story, clock: str, reason: str = "", targets: dict[str, int] | None = None) -> None:
    story.ask(
        c.CompleteServing("w1", "console-w1", overrun_reason=reason, target_minutes=targets or {}), at(clock)
    )


def test_a_clerk_who_signs_in_again_still_has_the_morning_in_figures() -> None:
    story = tell("""
        09:00  w1 opens        → ok
        09:00  anna takes A    → A001
        09:00  boris takes A   → A002
        09:02  w1 calls        → A001 (turn)
        09:03  w1 starts       → ok
        09:08  w1 completes    → ok
        09:09  w1 closes       → ok
        13:00  w1 opens        → ok
        13:01  w1 calls        → A002 (turn)
        13:01  w1 starts       → ok
        13:04  w1 completes    → ok
    """)
    day = served(story, "w1")
    assert (day.served, day.service_seconds, day.longest_seconds) == (2, 8 * 60, 5 * 60)
    assert day.wait_seconds == 2 * 60 + (4 * 60 + 1) * 60


def test_a_window_taken_over_by_a_colleague_keeps_their_figures_apart() -> None:
    story = tell("""
        09:00  w1 opens        → ok
        09:00  anna takes A    → A001
        09:01  w1 calls        → A001 (turn)
        09:01  w1 starts       → ok
        09:03  w1 completes    → ok
    """)
    other = c.SignIn("w1", Clerk("c2", "Clerk two", "c2"), "another console", take_over=True)
    story.ask(other, at("09:04"))
    session = story.hall.windows["w1"].session
    assert session is not None
    assert served(story, "w1") == Tally()
    assert story.hall.worked["clerk-w1"].served == 1
    assert (session.taken_from, session.taken_over_at) == ("Clerk w1", at("09:04"))


def test_the_same_clerk_at_another_console_goes_on_with_the_same_session() -> None:
    story = tell("""
        09:00  w1 opens        → ok
        09:00  anna takes A    → A001
        09:01  w1 calls        → A001 (turn)
        09:01  w1 starts       → ok
        09:03  w1 completes    → ok
        09:04  w1 opens over   → ok
    """)
    session = story.hall.windows["w1"].session
    assert session is not None
    assert (session.since, session.taken_over_at) == (at("09:00"), at("09:04"))
    assert served(story, "w1").served == 1


def test_a_service_is_over_its_target_when_it_took_longer_than_its_matters_should() -> None:
    story = tell("""
        09:00  w1 opens           → ok
        09:00  anna takes A:M1,M2 → A001
        09:00  boris takes A:M1   → A002
        09:01  w1 calls           → A001 (turn)
        09:01  w1 starts          → ok
        09:06  w1 holds           → ok
        09:30  w1 resumes anna    → A001 resumed
    """)
    targets = {"M1": 4, "M2": 3, "M9": 90}
    completes(story, "09:32", targets=targets)  # Seven minutes: the hold does not count.
    assert served(story, "w1").over_target == 0
    story.tell("""
        09:32  w1 calls           → A002 (turn)
        09:32  w1 starts          → ok
    """)
    completes(story, "09:37", "slow_system", targets)
    day = served(story, "w1")
    assert (day.targeted, day.over_target) == (2, 1)
    completed = story.events[-1]
    assert (completed.target_seconds, completed.overrun_reason) == (4 * 60, "slow_system")  # type: ignore[union-attr]


def test_a_class_that_was_somebodys_own_word_is_confirmed_once() -> None:
    story = tell("""
        09:00  anna takes A as elderly  → L001
    """)
    assert not story.ticket("anna").proof_seen
    story.tell("""
        09:01  anna becomes elderly     → ok
        09:02  anna becomes elderly     → nothing_to_do
    """)
    assert story.ticket("anna").proof_seen
    assert story.ticket("anna").priority_class is PriorityClass.ELDERLY
    story.tell("""
        09:03  anna becomes ordinary    → ok
    """)
    assert not story.ticket("anna").proof_seen
