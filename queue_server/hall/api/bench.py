"""Routes that do nothing, with the models of those that do: the reference of every benchmark of requests."""

from datetime import UTC, datetime

from fastapi import APIRouter, Request, status

from queue_server.hall.api.models import (
    Bilingual,
    CallRequest,
    CompletionRequest,
    ConsoleWindow,
    EstimateShape,
    HallShape,
    IssuedTicket,
    NoBody,
    TicketRequest,
    Today,
    WaitingShape,
    WindowView,
)

router = APIRouter(prefix="/api/v1/bench", tags=["bench"])

NOW = datetime(2026, 1, 5, 1, 0, tzinfo=UTC)
NAME = Bilingual(zh="大厅", en="Hall")
TICKET = IssuedTicket(
    id="1",
    number="A001",
    link_token="x" * 22,
    link="/t/" + "x" * 22,
    hall="h1",
    group="A",
    state="waiting",
    ahead=0,
    estimate=EstimateShape(low_minutes=0, high_minutes=5, likely_minutes=5),
    near=True,
    windows=["01", "02"],
    issued_at=NOW,
)
WINDOW = WindowView(
    type="window",
    epoch="0",
    seq=1,
    as_of=NOW,
    hall=HallShape(id="h1", name=NAME, timezone="Asia/Shanghai"),
    window=ConsoleWindow(
        id="01",
        name="01",
        label=NAME,
        zone="Z1",
        groups=["A"],
        green=False,
        state="ready",
        number=None,
        clerk=None,
        paused_until=None,
    ),
    calls=[],
    helping=[],
    turn=None,
    gaps=[],
    ticket=None,
    held=[],
    next=None,
    waiting=WaitingShape(total=0, next=[]),
    groups=[],
    today=Today(
        served=0,
        mean_service_seconds=None,
        mean_wait_seconds=None,
        longest_seconds=None,
        targeted=0,
        over_target=0,
    ),
)


@router.post("/tickets/{hall_id}", status_code=status.HTTP_201_CREATED, response_model=IssuedTicket)
async def ticket(hall_id: str, body: TicketRequest, request: Request) -> IssuedTicket:
    """What taking a ticket costs when nothing is decided and nothing written."""
    return TICKET


@router.post("/calls/{hall_id}/{window_id}", status_code=status.HTTP_201_CREATED, response_model=WindowView)
async def call(
    hall_id: str, window_id: str, request: Request, body: CallRequest = CallRequest()
) -> WindowView:
    """The same for a call."""
    return WINDOW


@router.post("/calls/{hall_id}/{window_id}/start", response_model=WindowView)
async def start(hall_id: str, window_id: str, request: Request, body: NoBody = NoBody()) -> WindowView:
    """The same for a start."""
    return WINDOW


@router.post("/calls/{hall_id}/{window_id}/completion", response_model=WindowView)
async def complete(
    hall_id: str, window_id: str, request: Request, body: CompletionRequest = CompletionRequest()
) -> WindowView:
    """The same for a completion."""
    return WINDOW
