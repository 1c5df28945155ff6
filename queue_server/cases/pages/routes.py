"""The pages of cases: intake beside the clerk's console, papers on A4, and the citizen's progress page."""

from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil
from pathlib import Path
from typing import Annotated, Final, Literal
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request, Response
from fastapi import Path as Segment
from fastapi.responses import HTMLResponse, RedirectResponse

from queue_server.calendar.core import read_hours, sessions_on
from queue_server.cases.access import access_cases, cases_of
from queue_server.cases.core.chains import granted
from queue_server.cases.core.checklist import at_hand, debts
from queue_server.cases.core.codes import CODE_WRITTEN, spelled_code
from queue_server.cases.core.deadlines import due
from queue_server.cases.core.model import ENDED, UNDER_WAY, Case, Stage, When
from queue_server.cases.core.rejections import CaseCodeUnknown, CasePast, PaperMissing
from queue_server.cases.live import written
from queue_server.hall.access import address_of, house_of
from queue_server.hall.api.paths import TICKET_ID
from queue_server.hall.core.model import Hall
from queue_server.kit.web.codes import code as drawn_code
from queue_server.kit.web.templates import Pages
from queue_server.people.api import token_in

ID: Final = "^[A-Za-z0-9_-]{1,40}$"
HallId = Annotated[str, Segment(pattern=ID)]
WindowId = Annotated[str, Segment(pattern=ID)]
CaseId = Annotated[str, Segment(pattern=TICKET_ID)]
Code = Annotated[str, Segment(pattern=CODE_WRITTEN)]
Paper = Literal["receipt", "notice", "acceptance", "promise", "refusal"]

# What the citizen is shown of the way, and which stages mean that a step of it is done.
WAY: Final = ("received", "accepted", "decided", "closed")
HOURS_AHEAD_DAYS: Final = 14
REACHED: Final = {
    Stage.RECEIVED: 1,
    Stage.NOTIFIED: 1,
    Stage.REFUSED: 1,
    Stage.ACCEPTED: 2,
    Stage.IN_REVIEW: 2,
    Stage.IN_CHAIN: 2,
    Stage.DECIDED: 3,
    Stage.RESULT_READY: 3,
    Stage.CLOSED: 4,
}

OVER: Final = ("granted", "denied", "dropped")  # How a matter of a chain can have ended.
# What an agent does instead of whoever the case is for.
BROUGHT_BY_AGENT: Final = ("case.next_notified", "case.next_denied", "case.next_result_ready")

router = APIRouter(include_in_schema=False)
pages = Pages("cases", Path(__file__).parent)


# ── At the window ────────────────────────────────────────────────────────────────────────────────


@router.get("/intake/{hall_id}/{window_id}")
async def intake(request: Request, hall_id: HallId, window_id: WindowId) -> Response:
    """The cases of the ticket at a window, beside its console."""
    data = {"hall_id": hall_id, "window_id": window_id, "case_id": None}
    return staff_page(request, "intake.html", data, "intake.leave")


@router.get("/cases/{hall_id}/{case_id}")
async def one_case(request: Request, hall_id: HallId, case_id: CaseId) -> Response:
    """One case, for whoever finishes or reviews it."""
    data = {"hall_id": hall_id, "window_id": None, "case_id": case_id}
    return staff_page(request, "intake.html", data, "intake.leave_case")


@router.get("/inbox/{hall_id}")
async def inbox(request: Request, hall_id: HallId) -> Response:
    """What waits for a decision in the back office."""
    return staff_page(request, "inbox.html", {"hall_id": hall_id})


@router.get("/register/{hall_id}")
async def register(request: Request, hall_id: HallId) -> Response:
    """Every case of a hall, by whatever somebody knows of it."""
    return staff_page(request, "register.html", {"hall_id": hall_id, "stages": list(Stage)})


@router.get("/arrivals/{hall_id}")
async def arrivals(request: Request, hall_id: HallId) -> Response:
    """What came without anybody standing at a window, and waits to be accepted."""
    return staff_page(request, "arrivals.html", {"hall_id": hall_id})


# ── In a village ─────────────────────────────────────────────────────────────────────────────────


@router.get("/agent/{hall_id}")
async def agent(request: Request, hall_id: HallId) -> Response:
    """The cases of an agent, on their phone."""
    return staff_page(request, "agent.html", {"hall_id": hall_id})


def staff_page(request: Request, template: str, data: Mapping[str, object], leave: str = "") -> Response:
    """A page for staff. What may be done is decided by the API, deed by deed."""
    if token_in(request) is None:
        return RedirectResponse(f"/sign-in?next={request.url.path}", status_code=303)
    words = {
        language: {key: text for key, text in texts.items() if not key.startswith(("paper.", "case."))}
        for language, texts in pages.texts.everything().items()
    }
    return pages.respond(request, template, data=data, words=words, leave=leave)


# ── On paper ─────────────────────────────────────────────────────────────────────────────────────


@router.get("/cases/{hall_id}/{case_id}/{paper}")
async def paper(request: Request, hall_id: HallId, case_id: CaseId, paper: Paper) -> HTMLResponse:
    """A document to be printed, in Chinese whoever prints it."""
    await access_cases(request, hall_id)
    cases = cases_of(request)
    case, now = await cases.case(hall_id, int(case_id))
    hall = await house_of(request).queues.halls.current(hall_id)
    day = day_of_paper(case, paper)
    if day is None:
        raise PaperMissing
    base: str = request.app.state.settings.public_base_url
    html = pages.render(
        "paper.html",
        "zh",
        data={"hall_id": hall_id},
        paper=paper,
        case=case,
        hall=hall.about.name.zh,
        applicant=await cases.applicant_of(case),
        code=spelled_code(case.code),
        qr=b64encode(drawn_code(f"{base}/case/{spelled_code(case.code)}")).decode(),
        due=due(case, now.on),
        at_hand=at_hand(case.items),
        debts=debts(case),
        written=day,
    )
    return HTMLResponse(html, headers={"Cache-Control": "no-store"})


def day_of_paper(case: Case, paper: Paper) -> str | None:
    """The day a paper bears; None if there is nothing to be written."""
    of = written(case).get(paper)
    return None if of is None else f"{of.on.year}年{of.on.month}月{of.on.day}日"


# ── The citizen's own ────────────────────────────────────────────────────────────────────────────


@router.get("/case/{code}")
async def progress(request: Request, code: Code) -> HTMLResponse:
    """How far a case has come, for whoever holds its receipt; it needs no script."""
    house = house_of(request)
    try:
        case, hall, now = await cases_of(request).by_code(code)
    except CaseCodeUnknown:
        wait_seconds = await house.rates.take(house.wrong_links, address_of(request))
        if wait_seconds:
            minutes = ceil(wait_seconds / 60)
            return pages.respond(request, "no-case.html", status=429, said="wait", minutes=minutes)
        return pages.respond(request, "no-case.html", status=404, said="unknown", minutes=0)
    except CasePast:
        return pages.respond(request, "no-case.html", status=410, said="past", minutes=0)
    parts = [Progress.of(part) for part in await cases_of(request).members(case)]
    return pages.respond(
        request,
        "case.html",
        case=case,
        members=parts,
        done=sum(part.state in OVER for part in parts),
        denied=any(part.state == "denied" for part in parts),
        code=spelled_code(case.code),
        hall=hall.about.name,
        zone=ZoneInfo(hall.about.timezone),
        due=due(case, now.on),
        debts=debts(case),
        steps=steps(case),
        next_key=next_sentence(case),
        windows=[window.name for window in hall.windows.values() if window.kind == "issuance"],
        hours=await next_hours(request, hall, now),
        rating=rating_of(request, case),
    )


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one matter of a chain has come, as its citizen reads it."""

    case: Case
    state: Literal["waiting", "working", "granted", "denied", "dropped"]
    on: date | None  # The day on which it came to that.

    @classmethod
    def of(cls, part: Case) -> "Progress":
        """One member."""
        if part.decision is not None:
            return cls(part, "granted" if granted(part) else "denied", part.decision.by.on)
        if part.stage in ENDED:
            return cls(part, "dropped", None if part.closed is None else part.closed.on)
        return cls(part, "waiting" if part.stage is Stage.WAITING else "working", part.counted_from)


async def next_hours(request: Request, hall: Hall, now: When) -> dict[str, object] | None:
    """The next day on which the hall is open, today if it still is, and from when until when."""
    _, paper = await house_of(request).queues.newest(hall.id)
    hours, zone = read_hours(paper.hours), ZoneInfo(hall.about.timezone)
    for ahead_days in range(HOURS_AHEAD_DAYS):
        day = now.on + timedelta(days=ahead_days)
        sessions = [each for each in sessions_on(hours, day, hall.about.timezone) if each.closes_at > now.at]
        if sessions:
            spans = [
                f"{each.opens_at.astimezone(zone):%H:%M}–{each.closes_at.astimezone(zone):%H:%M}"
                for each in sessions
            ]
            return {"on": day.isoformat(), "spans": spans}
    return None


def rating_of(request: Request, case: Case) -> str | None:
    """Where this case is rated, once it is closed."""
    if case.closed is None:
        return None
    link: Callable[[str, str, str, date], str] = request.app.state.rating_link
    return link(f"case {case.code}", case.hall_id, case.subject.code, case.closed.on)


def steps(case: Case) -> list[dict[str, object]]:
    """The way of a case: what is done, with its day, and what is to come."""
    reached = REACHED.get(case.stage, 0)
    by = {
        "received": case.received,
        "accepted": case.accepted,
        "decided": None if case.decision is None else case.decision.by,
        "closed": case.closed,
    }
    return [
        {"name": name, "done": place < reached, "now": place == reached - 1, "by": by[name]}
        for place, name in enumerate(WAY)
        if name != "decided" or not case.members  # Its members say that, one by one.
    ]


def next_sentence(case: Case) -> str:
    """Which sentence says what comes next. Whoever has an agent is never sent anywhere."""
    sentence = next_at_the_hall(case)
    if case.entrustment is None:
        return sentence
    if case.stage is Stage.CLOSED and case.entrustment.delivered is None:
        return "case.next_with_agent"
    return f"{sentence}_agent" if sentence in BROUGHT_BY_AGENT else sentence


def next_at_the_hall(case: Case) -> str:
    """The same for whoever comes to the hall."""
    if case.wanted:
        return "case.next_wanted"
    if case.stage in UNDER_WAY and debts(case):
        return "case.next_debts"
    if case.stage is Stage.DECIDED and case.decision is not None and not case.decision.approved:
        return "case.next_denied"
    if case.stage is Stage.RESULT_READY and case.waybill is not None:
        return "case.next_posted"
    if case.stage is Stage.CLOSED and case.way == "electronic":
        return "case.next_electronic"
    if case.stage is Stage.CLOSED and case.result_no is not None:
        return "case.next_handed_over"
    return f"case.next_{case.stage}"
