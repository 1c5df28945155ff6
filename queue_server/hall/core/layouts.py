"""What a display shows: one of the hall's own layouts, or one of those that every hall has.

A panel is a part of the page, and a layout names its panels in the order in which they stand. What a panel
looks like is the page's business; which there are is written here.
"""

from collections.abc import Iterator
from typing import Final

from msgspec import Struct

from queue_server.hall.core.model import Name, Spot, Window
from queue_server.hall.core.paper import Configuration, Device, Fault, Layout, device_at
from queue_server.hall.core.rejections import DeviceUnknown, LayoutUnknown, WindowNotChosen, WindowUnknown
from queue_server.hall.core.wayfinding import direction

PANELS: Final = (
    "calls",  # Who goes where, large.
    "earlier",  # The calls before.
    "windows",  # Every window with its number or state.
    "plates",  # Open windows with who serves there, and what.
    "ready",  # Results that can be collected, masked.
    "groups",  # Who is next, how many wait, how long it may take.
    "plan",  # The floor plan, with the windows that call.
    "pace",  # How many were called lately, and why it takes long.
    "scan",  # The code to take a ticket by phone.
    "missed",  # Who missed a call, and how to come back.
    "notices",  # Notices and etiquette, one after the other.
    "window",  # The screen above one window; it stands alone.
)

EVERY_HALL: Final = (
    Layout(
        "lobby",
        Name("大厅综合屏", "Lobby"),
        ("calls", "earlier", "windows", "groups", "pace", "scan", "missed", "notices"),
    ),
    Layout(
        "zone",
        Name("区域屏", "Zone"),
        ("calls", "plates", "groups", "plan", "pace", "missed", "notices"),
    ),
    Layout("far", Name("远视叫号屏", "Calls only, for a far view"), ("calls", "notices")),
    Layout(
        "pillar",
        Name("立柱竖屏", "Pillar, upright"),
        ("calls", "earlier", "groups", "pace", "scan", "missed", "notices"),
    ),
    Layout("window", Name("窗口屏", "Window"), ("window",)),
    Layout(
        "issuance",
        Name("出件屏", "Collection of results"),
        ("calls", "ready", "groups", "plan", "pace", "missed", "notices"),
    ),
)
OF_ITS_ZONE: Final = frozenset({"zone", "issuance"})  # These show the zone in which the display stands.


class Shown(Struct, frozen=True):
    """What one display shows, and where it stands."""

    layout: Layout
    device: Device | None = None  # None for a screen that nobody has written down.
    zone_id: str | None = None
    window: Window | None = None  # Of a display above a window.
    spot: Spot | None = None  # From here its arrows point.


def shown_by(paper: Configuration, display_id: str, window_id: str | None = None) -> Shown:
    """What a display shows. Its name is that of a device, or of a layout for a screen without a device.

    `DeviceUnknown`, `LayoutUnknown`, `WindowNotChosen`, `WindowUnknown`.
    """
    device = device_at(paper, display_id, "display")
    layout_id = display_id if device is None else device.layout_id or "lobby"
    layout = layout_named(paper, layout_id)
    if layout is None:
        raise DeviceUnknown(device=display_id) if device is None else LayoutUnknown(layout=layout_id)
    if device is not None and device.window_id is not None:
        window_id = device.window_id
    window = window_shown(paper, layout, window_id)
    return Shown(layout, device, zone_shown(layout, device), window, spot_of(paper, device))


def layout_named(paper: Configuration, layout_id: str) -> Layout | None:
    """A layout by its id. A hall's own goes before one that every hall has."""
    return next((each for each in (*paper.layouts, *EVERY_HALL) if each.id == layout_id), None)


def window_shown(paper: Configuration, layout: Layout, window_id: str | None) -> Window | None:
    """The window of a display above a window; None for every other display."""
    if "window" not in layout.panels:
        return None
    if window_id is None:
        raise WindowNotChosen()
    window = next((each for each in paper.windows if each.id == window_id), None)
    if window is None:
        raise WindowUnknown(window=window_id)
    return window


def zone_shown(layout: Layout, device: Device | None) -> str | None:
    """The zone to which a display keeps; None for the whole hall."""
    if layout.zone_id is None and device is not None and layout.id in OF_ITS_ZONE:
        return device.zone_id
    return layout.zone_id


def spot_of(paper: Configuration, device: Device | None) -> Spot | None:
    """Where the readers of a display stand: before it, or else where people wait."""
    if device is not None and device.spot is not None:
        return device.spot
    return None if paper.about.plan is None else paper.about.plan.waiting


def arrows(paper: Configuration, spot: Spot | None) -> dict[str, str]:
    """Which way to go to each window from here, where that is known."""
    ways = ((window.id, direction(spot, window.spot)) for window in paper.windows)
    return {window_id: way for window_id, way in ways if way is not None}


def layout_problems(paper: Configuration) -> Iterator[Fault]:
    """Layouts with parts that no page has, and displays that could show nothing."""
    for at, layout in enumerate(paper.layouts):
        for panel in layout.panels:
            if panel not in PANELS:
                yield Fault(f"layouts.{at}.panels", f"没有版块 {panel}。", f"There is no panel {panel}.")
        if "window" in layout.panels and len(layout.panels) > 1:
            yield Fault(
                f"layouts.{at}.panels",
                "“单个窗口”版块须单独使用。",
                "The panel of one window stands alone.",
            )
    for at, device in enumerate(paper.devices):
        if device.kind != "display" or device.layout_id is None:
            continue
        shown = layout_named(paper, device.layout_id)
        if shown is None:
            yield Fault(
                f"devices.{at}.layout_id",
                f"没有布局 {device.layout_id}。",
                f"There is no layout {device.layout_id}.",
            )
        elif "window" in shown.panels and device.window_id is None:
            yield Fault(
                f"devices.{at}.window_id",
                f"窗口屏 {device.id} 须选择所属窗口。",
                f"The window display {device.id} needs its window.",
            )
