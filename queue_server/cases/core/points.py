"""What a reviewer judges before deciding: item by item, each by a method and against a standard."""

from collections.abc import Iterable

from msgspec.structs import replace

from queue_server.cases.core.model import Point
from queue_server.cases.core.rejections import CommentMissing, PointFailed, PointsUnjudged, PointUnknown


def judged(points: tuple[Point, ...], place: int, passed: bool | None, note: str) -> tuple[Point, ...]:
    """The points with one of them judged. Of one that is not met the comment says why."""
    if not 0 <= place < len(points):
        raise PointUnknown
    if passed is False and not note:
        raise CommentMissing
    after = replace(points[place], passed=passed, note="" if passed is None else note)
    return (*points[:place], after, *points[place + 1 :])


def check_judged(points: Iterable[Point], *, approved: bool) -> None:
    """Refuse to decide while a point has not been judged, and to approve while one is not met."""
    points = tuple(points)
    unjudged = sum(point.passed is None for point in points)
    if unjudged:
        raise PointsUnjudged(count=unjudged)
    failed = next((point for point in points if not point.passed), None)
    if approved and failed is not None:
        raise PointFailed(item=failed.item_zh)


def told(points: Iterable[Point]) -> list[dict[str, object]]:
    """How the points were judged, as the line of the decision keeps it."""
    return [
        {"item": {"zh": point.item_zh, "en": point.item_en}, "passed": point.passed, "note": point.note}
        for point in points
    ]
