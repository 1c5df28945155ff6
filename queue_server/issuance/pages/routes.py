"""The page of the issuing desk and of the departments that hand over to it, and the receipt on A4."""

from pathlib import Path
from typing import Annotated, Final
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request, Response
from fastapi import Path as Segment
from fastapi.responses import HTMLResponse, RedirectResponse

from queue_server.hall.access import house_of
from queue_server.issuance.access import access_desk, documents_of
from queue_server.kit.web.templates import Pages
from queue_server.people.api import token_in

ID: Final = "^[A-Za-z0-9_-]{1,40}$"
HallId = Annotated[str, Segment(pattern=ID)]
DeliveryId = Annotated[str, Segment(pattern=r"^[1-9][0-9]{0,14}$")]

router = APIRouter(include_in_schema=False)
pages = Pages("issuance", Path(__file__).parent)


@router.get("/issue/{hall_id}")
async def issue(request: Request, hall_id: HallId) -> Response:
    """Collecting, the desk, and the departments. What may be done is decided by the API, deed by deed."""
    if token_in(request) is None:
        return RedirectResponse(f"/sign-in?next={request.url.path}", status_code=303)
    words = {
        language: {key: text for key, text in texts.items() if not key.startswith("receipt.")}
        for language, texts in pages.texts.everything().items()
    }
    return pages.respond(request, "issue.html", data={"hall_id": hall_id}, words=words)


@router.get("/issue/{hall_id}/deliveries/{delivery_id}")
async def receipt(request: Request, hall_id: HallId, delivery_id: DeliveryId) -> HTMLResponse:
    """Who signed for what, to be printed, in Chinese whoever prints it."""
    await access_desk(request, hall_id)
    hall = await house_of(request).queues.halls.current(hall_id)
    row, handed, signature, agent = await documents_of(request).delivery(hall_id, int(delivery_id))
    html = pages.render(
        "receipt.html",
        "zh",
        data={"hall_id": hall_id},
        hall=hall.about.name.zh,
        number=f"{row['id']:06}",
        at=f"{row['at'].astimezone(ZoneInfo(hall.about.timezone)):%Y-%m-%d %H:%M}",
        by=row["by_name"],
        kind=row["identity_kind"],
        documents=handed,
        signature=signature,
        agent=agent,
    )
    return HTMLResponse(html, headers={"Cache-Control": "no-store"})
