"""What the issuance display shows: which results can be collected, and at which window."""

from datetime import datetime
from typing import Any

from queue_server.issuance.core.ready import ReadyLine

View = dict[str, Any]


def ready_list(lines: list[ReadyLine], now: datetime) -> View:
    """The list for everybody, masked."""
    return {"type": "ready", "as_of": now, "results": [result(line) for line in lines]}


def result(line: ReadyLine) -> View:
    """One result, masked."""
    return {
        "id": str(line.id),
        "name": line.name,
        "code": line.code,
        "window": line.window_id,
        "ready_at": line.ready_at,
    }
