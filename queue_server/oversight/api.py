"""Ratings over HTTP: the citizen's, by a token; the manager's, as sums and as tasks."""

from datetime import date, datetime
from typing import Annotated, Literal

import msgspec
from fastapi import APIRouter, Path, Request, Response, status
from pydantic import Field

from queue_server.hall.access import MANAGERS, access_hall, access_ticket, house_of, look_at_ticket
from queue_server.hall.api.answers import answered, asker_of, replied
from queue_server.hall.api.models import Bilingual, Shape
from queue_server.hall.api.paths import HallId, LinkToken
from queue_server.kit.requests import Answer
from queue_server.kit.web.fields import Body, LongText
from queue_server.kit.web.keys import key_of
from queue_server.kit.web.openapi import STAFF_ONLY
from queue_server.oversight.access import ratings_of
from queue_server.oversight.core import ASPECTS, LEVELS, SHOWN_MIN, Aspect, Rating
from queue_server.oversight.live import overview_view

Token = Annotated[str, Path(pattern=r"^[A-Za-z0-9._-]{1,240}$", description="The token of one service.")]
RatingId = Annotated[str, Path(pattern=r"^[1-9][0-9]{0,14}$", description="The id of a rating.")]
Level = Annotated[int, Field(ge=1, le=5)]

router = APIRouter(prefix="/api/v1", tags=["ratings"])


class RatingRequest(Body):
    """What somebody says of a service: 5 is very good, 1 very bad. Aspects and comment may be left out."""

    level: Level
    aspects: dict[Aspect, Level] = Field({}, max_length=len(ASPECTS))
    comment: LongText | None = None


class OwnRating(Shape):
    """By what the service of a ticket is rated; `null` until it is finished."""

    token: str | None
    rated: bool


class ServiceShape(Shape):
    """What a token stands for. Nobody is named."""

    hall: Bilingual
    day: date
    rated: bool


class RatedShape(Shape):
    """It was written down."""

    rated: Literal[True]


class LevelLine(Shape):
    """How often a level was given in the last thirty days."""

    level: int
    ratings: int


class AspectLine(Shape):
    """What people thought of an aspect; `null` while there are too few to be anonymous."""

    aspect: Aspect
    mean: float | None


class TaskShape(Shape):
    """A bad rating that waits for an answer. Nobody is named."""

    id: str
    group: str
    window: str
    day: date
    level: int
    aspects: dict[Aspect, int]
    comment: str
    rated_at: datetime
    due_at: datetime
    late: bool


class RatingsShape(Shape):
    """What people said, and what waits for an answer."""

    levels: list[LevelLine]
    aspects: list[AspectLine]
    to_answer: list[TaskShape]


class ReplyRequest(Body):
    """What was found and done."""

    reply: LongText


class AnsweredShape(Shape):
    """It was closed."""

    id: str


# ── The citizen's ────────────────────────────────────────────────────────────────────────────────


@router.get("/tickets/{link_token}/rating", response_model=OwnRating)
async def own(link_token: LinkToken, request: Request) -> Response:
    """By what the service of a ticket is rated, once it is finished."""
    hall_id, ticket_id = await access_ticket(request, link_token)
    view = await look_at_ticket(request, link_token)
    if view["state"] != "completed":
        return answered({"token": None, "rated": False})
    ratings = ratings_of(request)
    day = view["ended_at"].date()
    subject = f"ticket {hall_id}/{ticket_id}"
    token = ratings.token(subject, hall_id, view["group"]["id"], view.get("served_at"), day)
    service, _, rated = await ratings.service(token)
    assert service.hall_id == hall_id  # We have just signed it.
    return answered({"token": token, "rated": rated})


@router.get("/ratings/{token}", response_model=ServiceShape)
async def look(token: Token, request: Request) -> Response:
    """What a token stands for, and whether it was used."""
    service, hall, rated = await ratings_of(request).service(token)
    name = {"zh": hall.about.name.zh, "en": hall.about.name.en}
    return answered({"hall": name, "day": service.day.isoformat(), "rated": rated})


@router.post("/ratings/{token}", status_code=status.HTTP_201_CREATED, response_model=RatedShape)
async def rate(token: Token, body: RatingRequest, request: Request) -> Response:
    """Rate a service, once."""
    key = await key_of(request, "rating")
    rating = Rating(body.level, body.aspects, body.comment or "")
    answer = Answer(status.HTTP_201_CREATED, '{"rated":true}')

    async def work() -> Answer:
        return await ratings_of(request).rate(token, rating, answer, request=key)

    return replied(await house_of(request).requests.once(key, work))


# ── The manager's ────────────────────────────────────────────────────────────────────────────────


@router.get("/halls/{hall_id}/ratings", response_model=RatingsShape, responses=STAFF_ONLY)
async def overview(hall_id: HallId, request: Request) -> Response:
    """What people said in the last thirty days, and the bad ones that wait for an answer. Managers only."""
    await access_hall(request, hall_id, *MANAGERS)
    told = await ratings_of(request).overview(hall_id)
    return answered(
        overview_view(told.levels, told.aspects, told.to_answer, LEVELS, SHOWN_MIN, house_of(request).clock())
    )


@router.post("/halls/{hall_id}/ratings/{rating_id}/reply", response_model=AnsweredShape, responses=STAFF_ONLY)
async def answer(hall_id: HallId, rating_id: RatingId, body: ReplyRequest, request: Request) -> Response:
    """Close a bad rating with what was found and done. Managers only."""
    person = await access_hall(request, hall_id, *MANAGERS)
    key = await key_of(request, asker_of(person))
    told = Answer(status.HTTP_200_OK, msgspec.json.encode({"id": rating_id}).decode())

    async def work() -> Answer:
        return await ratings_of(request).answer(
            hall_id, int(rating_id), body.reply, person.by, told, request=key
        )

    return replied(await house_of(request).requests.once(key, work))
