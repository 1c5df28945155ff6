"""A display: what it shows and where its arrows point. Changes with the hall on paper, not with the queue."""

from datetime import datetime

from queue_server.hall.core.layouts import Shown, arrows
from queue_server.hall.core.paper import Configuration, Notice
from queue_server.hall.live.views.parts import View, name
from queue_server.hall.live.views.plan import spot


def display_view(paper: Configuration, version: int, shown: Shown, now: datetime) -> View:
    """Everything a display needs besides the board. It asks again when the `version` of the board moves."""
    return {
        "type": "display",
        "version": version,
        "as_of": now,
        "hall": {"id": paper.id, "name": name(paper.about.name), "timezone": paper.about.timezone},
        "device": None if shown.device is None else {"id": shown.device.id, "name": name(shown.device.name)},
        "layout": {
            "id": shown.layout.id,
            "name": name(shown.layout.name),
            "panels": list(shown.layout.panels),
        },
        "zone": shown.zone_id,
        "window": None if shown.window is None else shown.window.id,
        "accessible": shown.window is not None and shown.window.accessible,
        "spot": spot(shown.spot),
        "arrows": arrows(paper, shown.spot),
        "notices": [notice_line(notice) for notice in paper.notices if not is_over(notice, now)],
    }


def is_over(notice: Notice, now: datetime) -> bool:
    """Whether nobody needs to be told any more."""
    return notice.until_at is not None and notice.until_at <= now


def notice_line(notice: Notice) -> View:
    """A sentence, and from when until when it is shown: a display that hears nothing goes by its clock."""
    return {
        "id": notice.id,
        "kind": notice.kind,
        "text": name(notice.text),
        "from_at": notice.from_at,
        "until_at": notice.until_at,
    }
