"""Cases at the window and in the back office: every deed is an address, and says which version it has seen."""

from collections.abc import Callable
from typing import Annotated, Concatenate, Final, ParamSpec

import msgspec
from fastapi import APIRouter, Path, Query, Request, Response, status

from queue_server.cases.access import ANSWERS, AT_A_DESK, access_cases, cases_of
from queue_server.cases.actions import Deed, Respond
from queue_server.cases.api.models import (
    AcceptanceRequest,
    ApplicantRequest,
    ApplicantShape,
    AskedList,
    CaseHistory,
    CaseList,
    CaseShape,
    CitationRequest,
    DecisionRequest,
    MarkRequest,
    OnVersion,
    OpeningRequest,
    PauseRequest,
    PointRequest,
    PointsRequest,
    QuestionRequest,
    ReasonRequest,
    RefusalRequest,
    ReviewPoints,
    ScenarioRequest,
)
from queue_server.cases.core import joint, stages, support
from queue_server.cases.core.model import Actor, Case, Point, Step, When
from queue_server.cases.core.register import Order, Wanted
from queue_server.cases.core.rejections import ApplicantMissing
from queue_server.cases.live import asked_view, case_view, line_view, point_view
from queue_server.hall.access import MANAGERS, Person, house_of
from queue_server.hall.api.answers import answered, asker_of, replied
from queue_server.hall.api.paths import TICKET_ID, HallId
from queue_server.kit.requests import Answer
from queue_server.kit.web.keys import key_of
from queue_server.kit.web.openapi import STAFF_ONLY

PLACES_MAX: Final = 99

P = ParamSpec("P")

CaseId = Annotated[str, Path(pattern=TICKET_ID, description="The id of a case.")]
Place = Annotated[int, Path(ge=0, le=PLACES_MAX, description="The place of a material in the checklist.")]
PointPlace = Annotated[int, Path(ge=0, le=PLACES_MAX, description="The place of a review point.")]
QuestionPlace = Annotated[int, Path(ge=0, le=2**31 - 1, description="The place of a question in its case.")]
MatterCode = Annotated[str, Path(max_length=40, description="The code of a matter.")]

router = APIRouter(prefix="/api/v1/halls/{hall_id}", tags=["cases"], responses=STAFF_ONLY)


# ── Looking ──────────────────────────────────────────────────────────────────────────────────────


@router.get("/cases", response_model=CaseList)
async def find(
    hall_id: HallId,
    request: Request,
    ticket: Annotated[str | None, Query(pattern=TICKET_ID, description="Only those of this ticket.")] = None,
    department: Annotated[str | None, Query(max_length=200, description="Only those of this one.")] = None,
) -> Response:
    """The cases of a ticket, or else what waits for a decision, the most urgent first."""
    await access_cases(request, hall_id)
    cases = cases_of(request)
    if ticket is None:
        wanted = Wanted(department=department)
        waiting, now = await cases.register(hall_id, lambda _: wanted, Order.URGENT)
        found = [entry.case for entry in waiting.entries]
    else:
        found, now = await cases.of_ticket(hall_id, int(ticket))
    return answered({"cases": [case_view(case, now) for case in found]})


@router.get("/cases/{case_id}", response_model=CaseShape)
async def look(hall_id: HallId, case_id: CaseId, request: Request) -> Response:
    """One case."""
    await access_cases(request, hall_id)
    return answered(case_view(*await cases_of(request).case(hall_id, int(case_id))))


@router.get("/cases/{case_id}/history", response_model=CaseHistory)
async def history(hall_id: HallId, case_id: CaseId, request: Request) -> Response:
    """Everything that happened to a case, by whom and when."""
    await access_cases(request, hall_id)
    lines = await cases_of(request).history(hall_id, int(case_id))
    return answered({"id": case_id, "lines": [line_view(line) for line in lines]})


@router.get("/cases/{case_id}/applicant", response_model=ApplicantShape)
async def look_at_applicant(hall_id: HallId, case_id: CaseId, request: Request) -> Response:
    """Who applies. Of the number only the end is shown."""
    await access_cases(request, hall_id)
    case, _ = await cases_of(request).case(hall_id, int(case_id))
    applicant = await cases_of(request).applicant_of(case)
    if applicant is None:
        raise ApplicantMissing
    return answered({"kind": applicant.kind, "name": applicant.name, "number": applicant.masked})


# ── At the window ────────────────────────────────────────────────────────────────────────────────


@router.post("/cases", status_code=status.HTTP_201_CREATED, response_model=CaseShape)
async def open_case(hall_id: HallId, body: OpeningRequest, request: Request) -> Response:
    """Open the case for one matter of a ticket in service; who opens it again finds it."""
    person, actor = await access_cases(request, hall_id, *AT_A_DESK)
    key = await key_of(request, asker_of(person))

    async def work() -> Answer:
        respond = spelled(status.HTTP_201_CREATED)
        return await cases_of(request).open(
            hall_id, int(body.ticket), body.matter, actor, respond=respond, request=key
        )

    return replied(await house_of(request).requests.once(key, work))


@router.put("/cases/{case_id}/scenario", response_model=CaseShape)
async def choose(hall_id: HallId, case_id: CaseId, body: ScenarioRequest, request: Request) -> Response:
    """Say which scenario it is; that chooses the checklist."""
    person, actor = await access_cases(request, hall_id, *AT_A_DESK)
    deed = await cases_of(request).scenario(hall_id, actor, body.scenario)
    return await changed(request, hall_id, case_id, person, body, deed)


@router.put("/cases/{case_id}/applicant", response_model=CaseShape)
async def name_applicant(
    hall_id: HallId, case_id: CaseId, body: ApplicantRequest, request: Request
) -> Response:
    """Note who applies; the number is checked before it is kept."""
    person, actor = await access_cases(request, hall_id, *AT_A_DESK)
    deed = cases_of(request).applicant(actor, body.kind, body.name, body.number)
    return await changed(request, hall_id, case_id, person, body, deed)


@router.put("/cases/{case_id}/materials/{place}", response_model=CaseShape)
async def mark(
    hall_id: HallId, case_id: CaseId, place: Place, body: MarkRequest, request: Request
) -> Response:
    """Say how one material stands."""
    person, actor = await access_cases(request, hall_id, *AT_A_DESK)

    def deed(_: object, case: Case, now: When) -> Step:
        note = body.note or ""
        if place in case.wanted:
            return joint.supply(case, actor, now, place, body.mark)
        return stages.tick(
            case, actor, place, body.mark, fault=body.fault, note=note, form=body.form, pages=body.pages
        )

    key = await key_of(request, asker_of(person))

    async def work() -> Answer:
        respond = spelled(status.HTTP_200_OK)
        return await cases_of(request).tick(
            hall_id, int(case_id), body.version, deed, respond=respond, request=key
        )

    return replied(await house_of(request).requests.once(key, work))


@router.post("/cases/{case_id}/receipt", response_model=CaseShape)
async def receive(hall_id: HallId, case_id: CaseId, body: OnVersion, request: Request) -> Response:
    """Give a numbered receipt for what was handed in."""
    person, actor = await access_cases(request, hall_id, *AT_A_DESK)
    return await changed(request, hall_id, case_id, person, body, cases_of(request).receive(actor))


@router.post("/cases/{case_id}/notice", response_model=CaseShape)
async def notify(hall_id: HallId, case_id: CaseId, body: OnVersion, request: Request) -> Response:
    """Tell everything that is missing, at once."""
    person, actor = await access_cases(request, hall_id, *AT_A_DESK)
    return await changed(request, hall_id, case_id, person, body, staged(stages.notify, actor))


@router.put("/cases/{case_id}/second-notice", response_model=CaseShape)
async def approve_notice(hall_id: HallId, case_id: CaseId, body: ReasonRequest, request: Request) -> Response:
    """Let a second notice be given. Managers only, and it counts as a breach."""
    person, actor = await access_cases(request, hall_id, *MANAGERS)
    deed = staged(stages.approve_second_notice, actor, body.reason)
    return await changed(request, hall_id, case_id, person, body, deed)


@router.post("/cases/{case_id}/acceptance", response_model=CaseShape)
async def accept(hall_id: HallId, case_id: CaseId, body: AcceptanceRequest, request: Request) -> Response:
    """Accept an application: complete, or with tolerable gaps against a signed promise."""
    person, actor = await access_cases(request, hall_id, *AT_A_DESK)
    deed = await cases_of(request).accept(hall_id, actor, body.supply_on)
    return await changed(request, hall_id, case_id, person, body, deed)


@router.post("/cases/{case_id}/refusal", response_model=CaseShape)
async def refuse(hall_id: HallId, case_id: CaseId, body: RefusalRequest, request: Request) -> Response:
    """Do not accept an application, with a listed reason and a sentence."""
    person, actor = await access_cases(request, hall_id, *AT_A_DESK)
    deed = staged(stages.refuse, actor, body.reason, body.note)
    return await changed(request, hall_id, case_id, person, body, deed)


@router.post("/cases/{case_id}/withdrawal", response_model=CaseShape)
async def withdraw(hall_id: HallId, case_id: CaseId, body: OnVersion, request: Request) -> Response:
    """The applicant takes the application back."""
    person, actor = await access_cases(request, hall_id, *AT_A_DESK)
    return await changed(request, hall_id, case_id, person, body, staged(stages.withdraw, actor))


# ── When somebody is unsure ──────────────────────────────────────────────────────────────────────


@router.get("/questions", response_model=AskedList)
async def asked(hall_id: HallId, request: Request) -> Response:
    """What windows ask the departments and nobody has answered, the oldest first."""
    await access_cases(request, hall_id)
    found, now = await cases_of(request).asked(hall_id)
    return answered({"questions": [each for case in found for each in asked_view(case, now)]})


@router.post("/cases/{case_id}/questions", response_model=CaseShape)
async def ask(hall_id: HallId, case_id: CaseId, body: QuestionRequest, request: Request) -> Response:
    """Ask the department of the matter, from the window."""
    person, actor = await access_cases(request, hall_id, *AT_A_DESK)
    return await changed(request, hall_id, case_id, person, None, staged(support.ask, actor, body.text))


@router.post("/cases/{case_id}/questions/{place}/answer", response_model=CaseShape)
async def answer(
    hall_id: HallId, case_id: CaseId, place: QuestionPlace, body: QuestionRequest, request: Request
) -> Response:
    """Answer a window. The first answer stands."""
    person, actor = await access_cases(request, hall_id, *ANSWERS)
    deed = staged(support.answer, actor, place, body.text)
    return await changed(request, hall_id, case_id, person, None, deed)


@router.post("/cases/{case_id}/questions/{place}/citation", response_model=CaseShape)
async def cite_answer(
    hall_id: HallId, case_id: CaseId, place: QuestionPlace, body: OnVersion, request: Request
) -> Response:
    """Note in the case that one went by an answer."""
    person, actor = await access_cases(request, hall_id)
    return await changed(request, hall_id, case_id, person, body, staged(support.cite_answer, actor, place))


@router.post("/cases/{case_id}/citations", response_model=CaseShape)
async def cite(hall_id: HallId, case_id: CaseId, body: CitationRequest, request: Request) -> Response:
    """Note in the case which version of a knowledge entry one went by."""
    person, actor = await access_cases(request, hall_id)
    deed = cases_of(request).cite(actor, int(body.entry), body.entry_version)
    return await changed(request, hall_id, case_id, person, body, deed)


# ── In review ────────────────────────────────────────────────────────────────────────────────────


@router.post("/cases/{case_id}/review", response_model=CaseShape)
async def take_up(hall_id: HallId, case_id: CaseId, body: OnVersion, request: Request) -> Response:
    """Begin to review a case."""
    person, actor = await access_cases(request, hall_id)
    return await changed(request, hall_id, case_id, person, body, cases_of(request).take_up(actor))


@router.post("/cases/{case_id}/pause", response_model=CaseShape)
async def pause(hall_id: HallId, case_id: CaseId, body: PauseRequest, request: Request) -> Response:
    """Let the clock of a case stand still, for a recorded reason."""
    person, actor = await access_cases(request, hall_id)
    deed = staged(stages.pause, actor, body.reason, body.note or "")
    return await changed(request, hall_id, case_id, person, body, deed)


@router.post("/cases/{case_id}/resumption", response_model=CaseShape)
async def resume(hall_id: HallId, case_id: CaseId, body: OnVersion, request: Request) -> Response:
    """Let the clock run again."""
    person, actor = await access_cases(request, hall_id)
    return await changed(request, hall_id, case_id, person, body, staged(stages.resume, actor))


@router.put("/cases/{case_id}/points/{place}", response_model=CaseShape)
async def judge(
    hall_id: HallId, case_id: CaseId, place: PointPlace, body: PointRequest, request: Request
) -> Response:
    """Say whether a review point is met, and in a comment why not."""
    person, actor = await access_cases(request, hall_id)

    def deed(_: object, case: Case, __: When) -> Step:
        return stages.judge(case, actor, place, body.passed, body.note or "")

    return await changed(request, hall_id, case_id, person, body, deed)


@router.post("/cases/{case_id}/decision", response_model=CaseShape)
async def decide(hall_id: HallId, case_id: CaseId, body: DecisionRequest, request: Request) -> Response:
    """Approve or deny: at the window for an immediate matter, in the back office for any other."""
    person, actor = await access_cases(request, hall_id)
    deed = staged(
        stages.decide,
        actor,
        approved=body.approved,
        note=body.note or "",
        handed_over=body.handed_over,
    )
    return await changed(request, hall_id, case_id, person, body, deed)


# ── Review points ────────────────────────────────────────────────────────────────────────────────


@router.get("/review-points/{code}", response_model=ReviewPoints)
async def points(hall_id: HallId, code: MatterCode, request: Request) -> Response:
    """What a reviewer of a matter judges before deciding."""
    await access_cases(request, hall_id)
    return answered(points_view(code, await cases_of(request).points(hall_id, code)))


@router.put("/review-points/{code}", response_model=ReviewPoints)
async def put_points(hall_id: HallId, code: MatterCode, body: PointsRequest, request: Request) -> Response:
    """Say what a reviewer of a matter judges. A review that has begun keeps its own."""
    person, _ = await access_cases(request, hall_id, *ANSWERS)
    key = await key_of(request, asker_of(person))
    written = tuple(Point(**each.model_dump()) for each in body.points)
    answer = Answer(status.HTTP_200_OK, msgspec.json.encode(points_view(code, written)).decode())

    async def work() -> Answer:
        return await cases_of(request).put_points(
            hall_id, code, written, by=person.by, answer=answer, request=key
        )

    return replied(await house_of(request).requests.once(key, work))


def points_view(code: str, points: tuple[Point, ...]) -> dict[str, object]:
    """What reviewers of a matter judge."""
    return {"matter": code, "points": [point_view(point, place) for place, point in enumerate(points)]}


# ── Once ─────────────────────────────────────────────────────────────────────────────────────────


async def changed(
    request: Request, hall_id: str, case_id: str, person: Person, seen: OnVersion | None, deed: Deed
) -> Response:
    """Do something with a case, on the version that was seen if that matters, and answer with it as it is then."""
    key = await key_of(request, asker_of(person))

    async def work() -> Answer:
        respond = spelled(status.HTTP_200_OK)
        return await cases_of(request).change(
            hall_id, int(case_id), None if seen is None else seen.version, deed, respond=respond, request=key
        )

    return replied(await house_of(request).requests.once(key, work))


def staged(
    stage: Callable[Concatenate[Case, Actor, When, P], Step], actor: Actor, *told: P.args, **more: P.kwargs
) -> Deed:
    """A step of a case that needs nothing but the case, who does it, when, and what they say."""
    return lambda _, case, now: stage(case, actor, now, *told, **more)


def spelled(code: int) -> Respond:
    """How a deed is answered: with the case."""

    def respond(case: Case, now: When) -> Answer:
        return Answer(code, msgspec.json.encode(case_view(case, now)).decode())

    return respond
