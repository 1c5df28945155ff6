"""The board: what everybody in the hall may see."""

from queue_server.hall.core.model import Hall, TicketState
from queue_server.hall.live.views.parts import (
    Moment,
    View,
    group_summary,
    hall_name,
    pace,
    stamp,
    window_summary,
    zone_line,
)


def board(moment: Moment) -> View:
    """Queues, windows, and the recent calls with the journal number of each: a screen lights up what is new."""
    hall = moment.hall
    return {
        "type": "board",
        "hall": {
            **hall_name(hall),
            "open": hall.open,
            "day": hall.day,
            "next_opens_at": hall.next_opens_at,
            "general_group": hall.about.general_group_id,
        },
        **stamp(moment),
        "version": hall.version,
        "offer": moment.offer,
        "pace": pace(moment),
        "groups": [group_summary(moment, group) for group in hall.groups.values()],
        "windows": [window_summary(hall, window) for window in hall.windows.values()],
        "zones": [zone_line(zone) for zone in hall.about.zones],
        "calls": calls(hall),
        "missed": sorted(t.number for t in hall.tickets.values() if t.state is TicketState.MISSED),
    }


def calls(hall: Hall) -> list[View]:
    """The recent calls, newest first."""
    return [
        {
            "seq": call.seq,
            "number": call.number,
            "window": call.window_id,
            "zone": hall.windows[call.window_id].zone_id if call.window_id in hall.windows else None,
            "at": call.at,
            "recall": call.recall,
            "state": call.state,
        }
        for call in hall.calls
    ]
