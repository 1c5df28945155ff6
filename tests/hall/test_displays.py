"""What a display shows, by the hall on paper; who hears of a wish for a voice; how the pace is counted."""

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from queue_server.demo.definition import H1, read
from queue_server.demo.seed import on_paper
from queue_server.hall.core.layouts import EVERY_HALL, PANELS, shown_by
from queue_server.hall.core.model import PACE_MINUTES, Hall, Name, Need, TicketState
from queue_server.hall.core.paper import Configuration, Device, Layout, Notice
from queue_server.hall.core.rejections import DeviceUnknown, LayoutUnknown, WindowNotChosen, WindowUnknown
from queue_server.hall.live.views.board import board
from queue_server.hall.live.views.display import display_view
from queue_server.hall.live.views.parts import Moment
from queue_server.hall.live.views.window import own_screen, window_screen
from tests.hall.story import tell

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
PAPER = on_paper(read(H1))


def with_device(**more: object) -> Configuration:
    device = Device(id="S-1", kind="display", name=Name("屏", "Screen"), **more)  # type: ignore[arg-type]
    return replace(PAPER, devices=(device,))


def test_every_layout_that_every_hall_has_is_made_of_known_panels() -> None:
    assert {panel for layout in EVERY_HALL for panel in layout.panels} <= set(PANELS)
    assert len({layout.id for layout in EVERY_HALL}) == len(EVERY_HALL) >= 5


def test_a_device_shows_its_layout_and_points_from_where_it_stands() -> None:
    view = display_view(PAPER, 7, shown_by(PAPER, "ZONE-4"), NOW)
    assert view["version"] == 7
    assert view["layout"]["id"] == "zone"
    assert view["zone"] == "Z4"
    assert view["arrows"]["04"] == "right"
    assert view["arrows"]["14"] == "left"


def test_a_device_without_a_layout_is_a_lobby() -> None:
    assert shown_by(with_device(), "S-1").layout.id == "lobby"


def test_a_screen_nobody_wrote_down_shows_a_layout_by_its_name() -> None:
    shown = shown_by(PAPER, "far")
    assert (shown.layout.id, shown.device, shown.zone_id) == ("far", None, None)
    assert shown.spot == PAPER.about.plan.waiting  # type: ignore[union-attr]


def test_a_halls_own_layout_goes_before_one_that_every_hall_has() -> None:
    own = Layout("lobby", Name("自家", "Ours"), ("calls",), zone_id="Z2")
    shown = shown_by(replace(PAPER, layouts=(own,)), "lobby")
    assert shown.layout is own
    assert shown.zone_id == "Z2"


def test_only_a_zone_layout_keeps_to_the_zone_in_which_the_display_stands() -> None:
    assert shown_by(with_device(zone_id="Z1", layout_id="lobby"), "S-1").zone_id is None
    assert shown_by(with_device(zone_id="Z1", layout_id="zone"), "S-1").zone_id == "Z1"


def test_what_is_missing_is_refused_by_name() -> None:
    with pytest.raises(DeviceUnknown):
        shown_by(PAPER, "S-9")
    with pytest.raises(DeviceUnknown):
        shown_by(PAPER, "K1")  # A kiosk is no display.
    with pytest.raises(LayoutUnknown):
        shown_by(with_device(layout_id="fancy"), "S-1")
    with pytest.raises(WindowNotChosen):
        shown_by(PAPER, "window")
    with pytest.raises(WindowUnknown):
        shown_by(PAPER, "window", "99")


def test_a_display_above_a_window_shows_that_one_whatever_is_asked_for() -> None:
    paper = with_device(layout_id="window", window_id="13")
    view = display_view(paper, 1, shown_by(paper, "S-1", "08"), NOW)
    assert view["window"] == "13"
    assert view["accessible"]
    assert not display_view(PAPER, 1, shown_by(PAPER, "window", "08"), NOW)["accessible"]


def test_a_notice_that_is_over_is_not_told_and_one_to_come_is() -> None:
    def lasting(id: str, from_at: datetime | None, until_at: datetime | None) -> Notice:
        return Notice(id, Name("话", "words"), "notice", from_at, until_at)

    hour = timedelta(hours=1)
    notices = (
        lasting("over", None, NOW),
        lasting("now", NOW - hour, NOW + hour),
        lasting("soon", NOW + hour, None),
    )
    view = display_view(replace(PAPER, notices=notices), 1, shown_by(PAPER, "far"), NOW)
    assert [each["id"] for each in view["notices"]] == ["now", "soon"]


# ── The one voice ────────────────────────────────────────────────────────────────────────────────


def called(*, accessible: bool, needs: tuple[Need, ...], started: bool = False) -> Moment:
    told = "09:00  w1 opens for A    → ok\n09:01  anna takes A      → A001\n09:02  w1 calls          → A001 (turn)"
    hall: Hall = tell(told + ("\n09:03  w1 starts         → ok" if started else "")).hall
    (ticket,) = hall.tickets.values()
    assert ticket.state is (TicketState.SERVING if started else TicketState.CALLED)
    hall = replace(
        hall,
        tickets=hall.tickets.set(ticket.id, replace(ticket, needs=needs)),
        windows={**hall.windows, "w1": replace(hall.windows["w1"], accessible=accessible)},
    )
    return Moment(hall, "e1", NOW)


@pytest.mark.parametrize(
    ("accessible", "needs", "prompt"),
    [
        (True, (Need.VOICE,), True),
        (True, (Need.WHEELCHAIR,), False),
        (True, (), False),
        (False, (Need.VOICE,), False),
    ],
)
def test_only_an_accessible_window_may_speak_and_only_to_somebody_who_asked(
    accessible: bool, needs: tuple[Need, ...], prompt: bool
) -> None:
    moment = called(accessible=accessible, needs=needs)
    assert own_screen(moment, moment.hall.windows["w1"])["prompt"] is prompt


def test_nobody_is_spoken_to_once_the_service_has_begun() -> None:
    moment = called(accessible=True, needs=(Need.VOICE,), started=True)
    assert own_screen(moment, moment.hall.windows["w1"])["prompt"] is False


def test_no_public_view_says_what_anybody_needs() -> None:
    moment = called(accessible=True, needs=(Need.VOICE,))
    screen = own_screen(moment, moment.hall.windows["w1"])
    for view in (board(moment), window_screen(moment, moment.hall.windows["w1"]), screen):
        assert "voice" not in str(view)
        assert "needs" not in str(view)
    assert "prompt" not in str(board(moment))


# ── The pace ─────────────────────────────────────────────────────────────────────────────────────


def test_the_pace_counts_who_was_called_lately_and_forgets_the_others() -> None:
    hall = tell("""
        09:00  w1 opens for A    → ok
        09:01  anna takes A      → A001
        09:01  boris takes A     → A002
        09:02  w1 calls          → A001 (turn)
        09:03  w1 starts         → ok
        09:10  w1 completes      → ok
        09:12  w1 calls          → A002 (turn)
    """).hall
    last = hall.called_lately[-1]
    assert board(Moment(hall, "e1", last))["pace"] == {"called": 2, "minutes": PACE_MINUTES}
    later = last + timedelta(minutes=PACE_MINUTES - 5)
    assert board(Moment(hall, "e1", later))["pace"]["called"] == 1
    assert board(Moment(hall, "e1", last + timedelta(hours=1)))["pace"]["called"] == 0


def test_a_call_that_was_taken_back_does_not_count() -> None:
    hall = tell("""
        09:00  w1 opens for A    → ok
        09:01  anna takes A      → A001
        09:02  w1 calls          → A001 (turn)
        09:02  w1 undoes         → ok
    """).hall
    assert hall.called_lately == ()
