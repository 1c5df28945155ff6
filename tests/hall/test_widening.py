"""Windows that help another group while its people would wait too long, and no longer."""

from msgspec.structs import replace

from queue_server.hall.core.model import Clerk, Rules, Window
from queue_server.hall.core.order import idle_in_turn, own_groups, serves
from queue_server.hall.core.reasons import Why

from .story import GROUPS, WINDOWS, at, opening, tell
from .test_reasons import why

TARGETS = tuple(
    replace(group, target_seconds=1200) for group in GROUPS
)  # Twenty minutes; a service takes ten.
HALL = opening(groups=TARGETS, rules=Rules(misses_itself=False, widened_seconds_min=600))

RUSH = """
    09:00  w1 opens helping B  → ok
    09:00  w4 opens            → ok
    09:00  t1 takes B          → B001
    09:00  t2 takes B          → B002
    09:00  time passes         → ok
    09:01  time passes         → ok
    09:01  t3 takes B          → B003
    09:02  time passes         → w1 helps B
"""


def test_a_window_helps_when_people_elsewhere_would_wait_past_their_target() -> None:
    story = tell(RUSH + "09:02 w1 calls → B001 (turn)", HALL)
    assert serves(story.hall.windows["w1"]) == ("A", "B")
    (widening,) = story.hall.windows["w1"].widened
    assert (widening.wait_seconds, widening.target_seconds) == (1800, 1200)


def test_the_help_ends_once_half_the_target_holds_without_it_and_not_before_ten_minutes() -> None:
    story = tell(
        RUSH
        + """
        09:03  t1 cancels   → ok
        09:03  t2 cancels   → ok
        09:03  t3 cancels   → ok
        09:11  time passes  → ok
        09:12  time passes  → w1 helps no more
    """,
        HALL,
    )
    assert serves(story.hall.windows["w1"]) == ("A",)


def test_nobody_helps_whose_own_people_would_then_wait_too_long() -> None:
    tell(
        """
        09:00  w1 opens helping B  → ok
        09:00  w4 opens            → ok
        09:00  ann takes A         → A001
        09:00  t1 takes B          → B001
        09:00  t2 takes B          → B002
        09:00  t3 takes B          → B003
        09:02  time passes         → ok
    """,
        HALL,
    )


def test_somebody_for_emergencies_helps_only_where_nobody_else_is() -> None:
    crowd = """
        09:00  t1 takes B   → B001
        09:00  t2 takes B   → B002
        09:00  t3 takes B   → B003
    """
    opens = "09:00  w1 opens for emergencies of B  → ok\n"
    tell(opens + "09:00 w4 opens → ok" + crowd + "09:05 time passes → ok", HALL)
    tell(opens + crowd + "09:05 time passes → w1 helps B", HALL)


def test_a_window_that_closes_helps_nobody_the_next_time_it_opens() -> None:
    story = tell(RUSH + "09:03 w1 closes → ok\n09:04 w1 opens → ok", HALL)
    assert story.hall.windows["w1"].widened == ()


def test_whoever_is_called_by_a_helping_window_was_simply_earlier() -> None:
    story = tell(RUSH + "09:02 ann takes A → A001\n09:02 w1 calls → B001 (turn)", HALL)
    assert why(story, "ann", "t1") is Why.EARLIER_ISSUE


def test_a_clerk_serves_of_the_groups_on_the_sign_the_ones_best_known() -> None:
    window = WINDOWS[0]

    def own(secondary: tuple[str, ...], emergency: tuple[str, ...]) -> tuple[str, ...]:
        clerk = Clerk("x", "x", "x", group_ids=("A", "B", "C"), secondary=secondary, emergency=emergency)
        story = tell("09:00 w1 opens → ok")
        session = story.hall.windows["w1"].session
        assert session is not None
        return own_groups(replace(window, group_ids=("A", "B", "C"), session=replace(session, clerk=clerk)))

    assert own((), ()) == ("A", "B", "C")
    assert own(("B",), ("C",)) == ("A",)
    assert own(("A", "B"), ("C",)) == ("A", "B")
    assert own((), ("A", "B", "C")) == ("A", "B", "C")


def test_of_idle_windows_the_one_that_was_busy_for_less_of_its_time_is_first() -> None:
    story = tell("""
        09:00  w1 opens      → ok
        09:00  w2 opens      → ok
        09:00  ann takes A   → A001
        09:00  ben takes A   → A002
        09:00  w1 calls      → A001 (turn)
        09:00  w1 starts     → ok
        09:00  w2 calls      → A002 (turn)
        09:00  w2 starts     → ok
        09:05  w2 completes  → ok
        09:20  w1 completes  → ok
        09:20  w2 pauses     → ok
        09:30  w2 resumes    → ok
    """)
    in_turn = idle_in_turn(story.hall.windows.values(), at("09:40"))
    assert [window.id for window in in_turn] == ["w2", "w1"]
    assert isinstance(in_turn[0], Window)
