"""Ready results over HTTP: a masked list for everybody, and two deeds for those who hand results out."""

from datetime import datetime, timedelta
from typing import Annotated, Literal

import msgspec
from fastapi import APIRouter, Path, Request, Response, status
from pydantic import BaseModel, ConfigDict, Field

from queue_server.hall.access import check_window, house_of
from queue_server.hall.api.answers import answered, asker_of
from queue_server.hall.api.paths import HallId
from queue_server.issuance.access import access_issuance
from queue_server.issuance.actions.ready import Issuance, Respond
from queue_server.issuance.core.ready import DAYS_MAX, Ready, ReadyLine
from queue_server.issuance.live.ready import ready_list, result
from queue_server.kit.requests import Answer
from queue_server.kit.web.fields import Body, Id, ShortText
from queue_server.kit.web.keys import key_of
from queue_server.kit.web.openapi import STAFF_ONLY

RESULT_ID = r"^[1-9][0-9]{0,14}$"
ResultId = Annotated[str, Path(pattern=RESULT_ID, description="The id of a ready result.")]

router = APIRouter(prefix="/api/v1/halls/{hall_id}/results", tags=["issuance"])


class ResultRequest(Body):
    """A result that is ready. Name and code are sealed, and only ever shown masked."""

    name: ShortText = Field(description="Whose it is.")
    code: Id = Field(description="The code of the receipt.")
    window: Id | None = Field(None, description="Where to collect it.")
    days: int = Field(30, ge=1, le=DAYS_MAX, description="For how long it stays on the list.")


class ResultShape(BaseModel):
    """A result as everybody may read it: name and code are masked."""

    model_config = ConfigDict(extra="forbid")

    id: str
    name: str
    code: str
    window: str | None
    ready_at: datetime


class ReadyShape(BaseModel):
    """What can be collected in a hall, the newest first."""

    model_config = ConfigDict(extra="forbid")

    type: Literal["ready"]
    as_of: datetime
    results: list[ResultShape]


@router.get("", response_model=ReadyShape)
async def ready(hall_id: HallId, request: Request) -> Response:
    """What can be collected, masked."""
    house = house_of(request)
    await house.queues.halls.current(hall_id)  # `HallUnknown`
    return answered(ready_list(await issuance_of(request).ready(hall_id), house.clock()))


@router.post("", status_code=status.HTTP_201_CREATED, response_model=ResultShape, responses=STAFF_ONLY)
async def announce(hall_id: HallId, body: ResultRequest, request: Request) -> Response:
    """Announce a result that somebody can collect."""
    person = await access_issuance(request, hall_id)
    house = house_of(request)
    if body.window is not None:
        check_window((await house.queues.halls.current(hall_id)).windows, body.window)
    now = house.clock()
    wanted = Ready(body.name, body.code, body.window, now, now + timedelta(days=body.days))
    key = await key_of(request, asker_of(person))

    async def work() -> Answer:
        return await issuance_of(request).announce(
            hall_id, wanted, by=person.by, respond=spelled(status.HTTP_201_CREATED), request=key
        )

    return sent(await house.requests.once(key, work))


@router.post("/{result_id}/collection", response_model=ResultShape, responses=STAFF_ONLY)
async def collect(hall_id: HallId, result_id: ResultId, request: Request) -> Response:
    """Note that a result was collected; it leaves the list."""
    person = await access_issuance(request, hall_id)
    key = await key_of(request, asker_of(person))

    async def work() -> Answer:
        return await issuance_of(request).collect(
            hall_id, int(result_id), by=person.by, respond=spelled(status.HTTP_200_OK), request=key
        )

    return sent(await house_of(request).requests.once(key, work))


def issuance_of(request: Request) -> Issuance:
    """The results of the house this request came to."""
    issuance: Issuance = request.app.state.issuance
    return issuance


def spelled(status: int) -> Respond:
    """How a deed is answered: with the result, masked."""

    def respond(line: ReadyLine) -> Answer:
        return Answer(status, msgspec.json.encode(result(line)).decode())

    return respond


def sent(answer: Answer) -> Response:
    """The answer as it goes out."""
    return Response(answer.body, answer.status, media_type="application/json")
