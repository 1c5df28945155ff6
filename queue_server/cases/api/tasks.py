"""Tasks of departments over HTTP: each on its own, and what the lead does for all of them."""

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from queue_server.cases.access import access_cases, cases_of
from queue_server.cases.api.cases import PLACES_MAX, CaseId, changed, staged
from queue_server.cases.api.models import CaseShape, LackRequest, OnVersion, OpinionRequest, Tasks
from queue_server.cases.core import joint
from queue_server.cases.live import waiting_task_view
from queue_server.hall.api.answers import answered
from queue_server.hall.api.paths import HallId
from queue_server.kit.web.openapi import STAFF_ONLY

TaskPlace = Annotated[int, Path(ge=0, le=PLACES_MAX, description="The place of a task in its case.")]

router = APIRouter(prefix="/api/v1/halls/{hall_id}", tags=["tasks"], responses=STAFF_ONLY)


@router.get("/tasks", response_model=Tasks)
async def own(hall_id: HallId, request: Request) -> Response:
    """What waits for the departments for which whoever asks may decide, the most urgent first."""
    _, actor = await access_cases(request, hall_id)
    found, now = await cases_of(request).tasks(hall_id, actor)
    tasks = [waiting_task_view(case, place, now) for case, place in found]
    return answered({"departments": list(actor.departments), "tasks": tasks})


@router.post("/cases/{case_id}/tasks/{place}/review", response_model=CaseShape)
async def take(
    hall_id: HallId, case_id: CaseId, place: TaskPlace, body: OnVersion, request: Request
) -> Response:
    """Take the task of one's department."""
    person, actor = await access_cases(request, hall_id)
    return await changed(request, hall_id, case_id, person, body, staged(joint.take, actor, place))


@router.post("/cases/{case_id}/tasks/{place}/opinion", response_model=CaseShape)
async def give(
    hall_id: HallId, case_id: CaseId, place: TaskPlace, body: OpinionRequest, request: Request
) -> Response:
    """End the task of one's department with an opinion. It stays."""
    person, actor = await access_cases(request, hall_id)
    deed = staged(joint.give, actor, place, agreed=body.agreed, note=body.note or "")
    return await changed(request, hall_id, case_id, person, body, deed)


@router.post("/cases/{case_id}/tasks/{place}/lacks", response_model=CaseShape)
async def lack(
    hall_id: HallId, case_id: CaseId, place: TaskPlace, body: LackRequest, request: Request
) -> Response:
    """Say that one's department cannot use a material."""
    person, actor = await access_cases(request, hall_id)
    note = body.note or ""
    return await changed(
        request,
        hall_id,
        case_id,
        person,
        body,
        lambda _, case, __: joint.lack(case, actor, place, body.material, body.fault, note),
    )


@router.post("/cases/{case_id}/joint-notice", response_model=CaseShape)
async def notify(hall_id: HallId, case_id: CaseId, body: OnVersion, request: Request) -> Response:
    """Tell the applicant at once everything that any department lacks. The clock stands still meanwhile."""
    person, actor = await access_cases(request, hall_id)
    return await changed(request, hall_id, case_id, person, body, staged(joint.notify, actor))
