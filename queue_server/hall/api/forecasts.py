"""For managers: what would happen if, what the hall has learned of itself, and how it forgets that."""

from datetime import timedelta
from functools import partial

import msgspec
from fastapi import APIRouter, Request, Response

from queue_server.hall.access import MANAGERS, House, access_hall, house_of
from queue_server.hall.api.answers import answered, asker_of, carry_out, first_answer
from queue_server.hall.api.histories import names_of
from queue_server.hall.api.models import (
    Board,
    ExperienceView,
    ForgettingRequest,
    WhatIfRequest,
    WhatIfView,
)
from queue_server.hall.api.paths import HallId
from queue_server.hall.core import commands as c
from queue_server.hall.core import events as e
from queue_server.hall.core.forecast.whatif import Change, Leaving, Opening, what_if
from queue_server.hall.core.model import Hall, seconds_between
from queue_server.hall.core.rejections import HallClosed
from queue_server.hall.live.views.board import board
from queue_server.hall.live.views.experience import experience_view, what_if_view
from queue_server.hall.live.views.parts import Moment, View
from queue_server.hall.store import experience, facts
from queue_server.kit.database import Transaction
from queue_server.kit.requests import Answer
from queue_server.kit.web.openapi import STAFF_ONLY

router = APIRouter(prefix="/api/v1/halls/{hall_id}", tags=["forecasts"], responses=STAFF_ONLY)

LATELY = timedelta(minutes=30)  # People are expected to come as they came in this time.


@router.post("/what-if", response_model=WhatIfView)
async def rehearse(hall_id: HallId, body: WhatIfRequest, request: Request) -> Response:
    """Play the hall forward twice, as it is and with a change: waits, overtaking and balance. Nothing changes."""
    person = await access_hall(request, hall_id, *MANAGERS)
    house = house_of(request)
    moment = await house.watch.moment(hall_id)
    hall, now = moment.hall, moment.as_of
    if not hall.open:
        raise HallClosed(opens_at=hall.next_opens_at)
    routine = await house.outlooks.routine(hall)
    rates = await rates_of(house, moment)
    played = partial(what_if, hall, routine, now, rates, change_of(body, moment))
    view = what_if_view(hall, now, *await house.outlooks.in_thread(played))
    return await first_answer(
        request, house, asker_of(person), Answer(200, msgspec.json.encode(view).decode())
    )


def change_of(body: WhatIfRequest, moment: Moment) -> Change:
    """What is tried out, in seconds from now."""
    return Change(
        openings=tuple(
            Opening(each.group, each.windows, None if each.minutes is None else 60.0 * each.minutes)
            for each in body.open
        ),
        leavings=tuple(
            Leaving(
                each.window,
                0.0 if each.at is None else seconds_between(moment.as_of, each.at),
                None if each.minutes is None else 60.0 * each.minutes,
            )
            for each in body.leave
        ),
        green_head_start_seconds=body.green_head_start_seconds,
    )


async def rates_of(house: House, moment: Moment) -> dict[tuple[str, bool], float]:
    """How many people a second came lately, by group and lane."""
    since = moment.as_of - LATELY
    came = await house.database.read(partial(facts.came_since, hall_id=moment.hall.id, since=since))
    return {key: count / LATELY.total_seconds() for key, count in came.items()}


@router.get("/experience", response_model=ExperienceView)
async def learned(hall_id: HallId, request: Request) -> Response:
    """What the hall has learned of itself: how long what takes whom, who does not come, how promises fared."""
    await access_hall(request, hall_id, *MANAGERS)
    house = house_of(request)
    hall = await house.queues.halls.current(hall_id)
    routine = await house.outlooks.routine(hall)
    clerks = {
        clerk_id
        for by_matters in routine.experience.served.values()
        for by_clerk in by_matters.values()
        for clerk_id in by_clerk
    }
    names = await names_of(house, clerks - {""})
    return answered(experience_view(hall, routine, await house.catalogue.matters(hall_id), names))


@router.post("/experience/forgetting", response_model=Board)
async def forget(hall_id: HallId, body: ForgettingRequest, request: Request) -> Response:
    """Have the hall forget what it has learned, with a reason: it begins with its defaults again."""
    person = await access_hall(request, hall_id, *MANAGERS)

    def show(_: list[e.Event], moment: Moment) -> View:
        return board(moment)

    def learn_anew(tx: Transaction, _: list[e.Event], hall: Hall) -> None:
        # The day of the forgetting is read again, with what was just written.
        experience.forget_newest(tx, hall.id)

    command = c.ForgetExperience(body.reason, by=person.by)
    return await carry_out(
        request, house_of(request), hall_id, command, show, asker=asker_of(person), also=learn_anew
    )
