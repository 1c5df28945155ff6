"""Why another number was called first, as the asker reads it. No reason of an exception, no class, no name."""

from collections.abc import Sequence
from datetime import datetime

from queue_server.hall.core.model import Hall
from queue_server.hall.core.order import windows_for
from queue_server.hall.core.reasons import Called, Standing, why_before
from queue_server.hall.live.views.parts import View, name


def reason_view(
    hall: Hall, number: str, mine: Standing, issued_at: datetime, other_id: int, theirs: Sequence[Called]
) -> View:
    """The one reason that decided, with the values that show it."""
    why, call = why_before(mine, other_id, theirs)
    return {
        "number": number,
        "why": why,
        "window": None if call is None else window_named(hall, call.window_id),
        "group": None if call is None else group_named(hall, call.group_id),
        "windows": 0 if call is None else len(windows_for(hall, call.group_id)),
        "issued_at": None if call is None else call.issued_at,
        "called_at": None if call is None else call.called_at,
        "your_group": group_named(hall, mine.group_id),
        "your_windows": len(windows_for(hall, mine.group_id)),
        "your_issued_at": issued_at,
    }


def window_named(hall: Hall, window_id: str) -> View:
    """A window by name; by its id if it is no longer in the hall."""
    window = hall.windows.get(window_id)
    label = {"zh": window_id, "en": window_id} if window is None else name(window.name)
    return {"id": window_id, "label": label}


def group_named(hall: Hall, group_id: str) -> View:
    """A group by name."""
    group = hall.groups.get(group_id)
    return {"id": group_id, "name": None if group is None else name(group.name)}
