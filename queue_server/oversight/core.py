"""A rating: five levels, four aspects, and a token that can be used once.

A token says what was served, where and on which day, and is signed; who was served it says by a digest that
nobody can turn round. So nothing is written down before somebody rates, a second rating finds the first,
and no table leads from a rating to a person or from a clerk to a single rating.

    h1.A.08.2026-11-23.<digest>.<signature>

A bad rating is a task for the manager, with a time by which somebody has looked into it and answered.
"""

import base64
import hmac
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final, Literal

from queue_server.kit.rejections import Rejected

Aspect = Literal["process", "openness", "attitude", "ability"]
ASPECTS: Final[tuple[Aspect, ...]] = ("process", "openness", "attitude", "ability")
LEVELS: Final = (5, 4, 3, 2, 1)
BAD_MAX: Final = 2  # Up to here somebody has to look into it.
REPLY_WITHIN: Final = timedelta(hours=24)
RATED_WITHIN: Final = timedelta(days=30)
SHOWN_MIN: Final = 5  # Fewer ratings than that would tell who gave which.
SIGNATURE_BYTES: Final = 12
NOWHERE: Final = "-"


class RatingUnknown(Rejected):
    """This is no link to a rating."""

    status = 404
    zh = "这不是有效的评价链接。"


class RatingPast(Rejected):
    """This service was too long ago to be rated."""

    status = 410
    zh = "该次服务已过评价期限。"


class RatingUsed(Rejected):
    """This service has been rated already. Thank you."""

    zh = "本次服务已评价，谢谢。"


class TaskUnknown(Rejected):
    """There is no such rating that waits for an answer."""

    status = 404
    zh = "没有这条待处理的评价。"


@dataclass(frozen=True, slots=True)
class Service:
    """What is rated: where and when somebody was served, and by a digest that it was they."""

    hall_id: str
    group_id: str
    window_id: str
    day: date
    digest: str


@dataclass(frozen=True, slots=True)
class Rating:
    """What somebody says of a service."""

    level: int
    aspects: dict[Aspect, int]
    comment: str


def token_of(
    secret: bytes, subject: str, hall_id: str, group_id: str, window_id: str | None, day: date
) -> str:
    """The token of one service. The same service always has the same."""
    digest = signed(secret, f"subject {subject}")
    said = ".".join((hall_id, group_id, window_id or NOWHERE, day.isoformat(), digest))
    return f"{said}.{signed(secret, said)}"


def read_token(secret: bytes, token: str, today: date) -> Service:
    """What a token stands for. `RatingUnknown` for what we did not sign, `RatingPast` for an old one."""
    said, _, signature = token.rpartition(".")
    if not hmac.compare_digest(signature.encode(), signed(secret, said).encode()):
        raise RatingUnknown
    hall_id, group_id, window_id, day, digest = said.split(".")
    service = Service(hall_id, group_id, window_id, date.fromisoformat(day), digest)
    if today - service.day > RATED_WITHIN:
        raise RatingPast
    return service


def due_at(rating: Rating, now: datetime) -> datetime | None:
    """Until when somebody has to have answered; None for a rating that asks for nothing."""
    return now + REPLY_WITHIN if rating.level <= BAD_MAX else None


def signed(secret: bytes, text: str) -> str:
    """A signature of a text, as it stands in an address."""
    digest = hmac.digest(secret, text.encode(), "sha256")[:SIGNATURE_BYTES]
    return base64.urlsafe_b64encode(digest).decode()
