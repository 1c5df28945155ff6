"""Whom a guide fetches: nobody waits in vain for a call that no phone of theirs tells."""

import pytest

from queue_server.hall.core.help import tasks

from .story import at, tell


def test_somebody_without_a_phone_is_fetched_from_when_the_turn_is_near_until_they_have_arrived() -> None:
    tell("""
        09:00  w1 opens             → ok
        09:00  p takes A            → A001
        09:00  w1 calls             → A001 (turn)
        09:00  guides see           → A001 to w1
        09:01  w1 starts            → ok
        09:01  guides see           → nobody
    """)


def test_somebody_who_stands_far_back_is_not_fetched_yet() -> None:
    tell("""
        09:00  w1 opens                     → ok
        09:00  a takes A with own phone     → A001
        09:00  b takes A with own phone     → A002
        09:00  c takes A with own phone     → A003
        09:00  d takes A with own phone     → A004
        09:00  anna takes A                 → A005
        09:00  guides see                   → nobody
        09:01  w1 calls                     → A001 (turn)
        09:01  guides see                   → A005
    """)


@pytest.mark.parametrize("phone", ["with own phone", "with relative phone"])
def test_whoever_hears_of_the_call_comes_alone(phone: str) -> None:
    tell(f"""
        09:00  w1 opens           → ok
        09:00  anna takes A {phone} → A001
        09:00  anna follows       → ok
        09:00  w1 calls           → A001 (turn)
        09:00  guides see         → nobody
    """)


@pytest.mark.parametrize("kind", ["elderly", "disabled"])
def test_an_elderly_or_disabled_citizen_is_fetched_although_a_relative_hears_of_the_call(kind: str) -> None:
    tell(f"""
        09:00  w1 opens                                 → ok
        09:00  anna takes A with relative phone as {kind} → L001
        09:00  anna follows                             → ok
        09:01  w1 calls                                 → L001 (green_channel)
        09:01  guides see                               → L001 to w1
    """)


@pytest.mark.parametrize("need", ["guide", "wheelchair", "sign_language", "voice"])
def test_whoever_needs_somebody_is_fetched_whatever_phone_they_have(need: str) -> None:
    tell(f"""
        09:00  w1 opens                     → ok
        09:00  anna takes A needing {need}  → A001
        09:00  anna follows                 → ok
        09:00  guides see                   → A001
    """)


def test_opening_the_page_of_the_ticket_makes_a_task_needless_unless_a_guide_has_gone() -> None:
    tell("""
        09:00  w1 opens         → ok
        09:00  anna takes A     → A001
        09:00  boris takes A    → A002
        09:00  g1 fetches boris → ok
        09:01  anna follows     → ok
        09:01  boris follows    → ok
        09:01  boris follows    → ok
        09:01  guides see       → A002 by g1
    """)


def test_whoever_is_called_comes_first_and_the_oldest_call_before_all() -> None:
    tell("""
        09:00  w1 opens      → ok
        09:00  w2 opens      → ok
        09:00  a takes A     → A001
        09:00  b takes A     → A002
        09:00  c takes A     → A003
        09:02  w2 calls      → A001 (turn)
        09:03  w1 calls c    → A003 (picked)
        09:03  guides see    → A001 to w2, A003 to w1, A002
    """)


def test_two_guides_never_go_for_the_same_person() -> None:
    story = tell("""
        09:00  w1 opens          → ok
        09:00  anna takes A      → A001
        09:00  g1 fetches anna   → ok
        09:00  g1 fetches anna   → ok
        09:01  g2 fetches anna   → somebody_goes
        09:01  g2 leaves anna    → not_your_errand
        09:02  g1 leaves anna    → ok
        09:02  g1 leaves anna    → ok
        09:03  g2 fetches anna   → ok
        09:03  guides see        → A001 by g2
    """)
    (task,) = tasks(story.hall)
    assert (task.since, task.ticket.helped_at) == (at("09:00"), at("09:03"))


@pytest.mark.parametrize(
    ("deed", "came"),
    [
        ("w1 starts", "ok"),
        ("anna cancels", "ok"),
        ("anna is voided", "ok"),
        ("w1 gives up", "missed"),
    ],
)
def test_a_task_ends_by_arrival_cancel_or_miss(deed: str, came: str) -> None:
    tell(f"""
        09:00  w1 opens          → ok
        09:00  anna takes A      → A001
        09:00  w1 calls          → A001 (turn)
        09:00  g1 fetches anna   → ok
        09:03  guides see        → A001 to w1 by g1
        09:03  {deed}            → {came}
        09:03  guides see        → nobody
    """)


@pytest.mark.parametrize(
    ("deed", "came"),
    [
        ("w1 undoes", "ok"),
        ("w1 recalls", "ok"),
        ("anna comes", "ok"),
        ("anna becomes ill", "ok"),
        ("w1 is absent", "A001 waits again"),
        ("w1 is lost", "A001 waits again"),
        ("manager allows near_ahead 0", "ok"),
    ],
)
def test_a_task_does_not_end_by_anything_else(deed: str, came: str) -> None:
    story = tell(f"""
        09:00     w1 opens                           → ok
        09:00     manager allows recall_gap_seconds 1 → ok
        09:00     anna takes A                       → A001
        09:00     w1 calls                           → A001 (turn)
        09:00:10  g1 fetches anna                    → ok
        09:00:20  {deed}                             → {came}
    """)
    assert [task.ticket.number for task in tasks(story.hall)] == ["A001"]
    assert story.ticket("anna").helper is not None


def test_nobody_is_fetched_who_needs_it_not_or_has_arrived() -> None:
    tell("""
        09:00  w1 opens                       → ok
        09:00  anna takes A with own phone    → A001
        09:00  boris takes A                  → A002
        09:00  g1 fetches anna                → nobody_to_fetch
        09:00  w1 calls boris                 → A002 (picked)
        09:01  w1 starts                      → ok
        09:01  g1 fetches boris               → nobody_to_fetch
        09:01  g1 leaves boris                → ok
    """)


def test_who_is_sent_on_is_fetched_again_when_called_there() -> None:
    tell("""
        09:00  w1 opens              → ok
        09:00  w4 opens              → ok
        09:00  anna takes A          → A001
        09:00  w1 calls              → A001 (turn)
        09:00  g1 fetches anna       → ok
        09:01  w1 starts             → ok
        09:05  w1 transfers to B     → ok
        09:05  guides see            → nobody
        09:06  w4 calls              → A001 (turn)
        09:06  guides see            → A001 to w4
    """)
