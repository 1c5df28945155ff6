"""Ratings as managers see them: sums, and the bad ones one by one, without anybody's name."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from queue_server.kit.database import Row

View = dict[str, Any]


def overview_view(
    counted: Mapping[int, int],
    aspects: Iterable[Row],
    to_answer: Iterable[Row],
    levels: Iterable[int],
    shown_min: int,
    now: datetime,
) -> View:
    """What people said, and what waits for an answer."""
    return {
        "levels": [{"level": level, "ratings": counted.get(level, 0)} for level in levels],
        "aspects": [
            {"aspect": row["aspect"], "mean": row["mean"] if row["ratings"] >= shown_min else None}
            for row in aspects
        ],
        "to_answer": [
            {
                "id": str(row["id"]),
                "group": row["group_id"],
                "window": row["window_id"],
                "day": row["day"].isoformat(),
                "level": row["level"],
                "aspects": row["aspects"],
                "comment": row["comment"],
                "rated_at": row["rated_at"],
                "due_at": row["due_at"],
                "late": row["due_at"] < now,
            }
            for row in to_answer
        ],
    }
