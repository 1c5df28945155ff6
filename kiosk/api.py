"""Slips and the printers of kiosks. Whoever holds a ticket's link may have its slip; nobody signs in.

Printing never stands in the way of a ticket: what does not come out is an answer, and the screen says the
number and shows the code instead.
"""

from contextlib import suppress
from datetime import datetime
from typing import Annotated, Final

import msgspec
from fastapi import APIRouter, Path, Request, Response, status
from pydantic import Field, StringConstraints

from kiosk.printers.base import Printed, PrinterState
from kiosk.printing import Known, Printers, Teller, on_paper
from kiosk.routes import pages
from kiosk.slip import Slip, slip
from queue_server.hall import slips
from queue_server.hall.access import House, access_hall, access_ticket, house_of, link_hash
from queue_server.hall.api.answers import answered, ended
from queue_server.hall.api.models import Bilingual, Shape
from queue_server.hall.api.paths import HallId
from queue_server.hall.core.model import Ticket
from queue_server.hall.core.paper import Device, device_at
from queue_server.hall.core.rejections import TicketEnded, TicketUnknown
from queue_server.hall.live.views.parts import Moment, View, name
from queue_server.kit.database import DatabaseDown, Transaction
from queue_server.kit.rejections import Rejected
from queue_server.kit.requests import Answer, remember, revise
from queue_server.kit.texts import DEFAULT, LANGUAGES
from queue_server.kit.web.fields import Body
from queue_server.kit.web.keys import key_of
from queue_server.kit.web.openapi import STAFF_ONLY

router = APIRouter(prefix="/api/v1/halls", tags=["kiosks"])

DeviceId = Annotated[str, Path(max_length=40, description="The id of a kiosk in this hall, such as `K1`.")]
Link = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
CREATED: Final = status.HTTP_201_CREATED


class KioskUnknown(Rejected):
    """There is no kiosk {device} in this hall."""

    status = 404
    zh = "本大厅没有自助机{device}。"


class SlipRequest(Body):
    """Print the slip of a ticket; `copy` marks it as one, as does every slip after the first."""

    link_token: Link
    wanted_again: bool = Field(False, alias="copy")


class KioskView(Shape):
    """A kiosk, and whether it begins, and begins again, in elder mode."""

    device: str
    name: Bilingual
    elder: bool


class PrinterView(Shape):
    """How the printer of a kiosk is, and since when. `none`: the kiosk has no printer."""

    device: str
    name: Bilingual
    state: PrinterState
    since: datetime


class SlipView(Shape):
    """What came of a slip. `printed` null: the printing was interrupted, and nobody knows."""

    printed: bool | None
    marked_copy: bool
    printer: PrinterView


class PrinterList(Shape):
    """Every kiosk of the hall with its printer."""

    printers: list[PrinterView]


@router.post("/{hall_id}/kiosks/{device_id}/slips", status_code=CREATED, response_model=SlipView)
async def print_slip(hall_id: HallId, device_id: DeviceId, body: SlipRequest, request: Request) -> Response:
    """Print the slip of a ticket at a kiosk."""
    house, printers = house_of(request), printers_of(request)
    device = await kiosk_at(house, hall_id, device_id)
    ticket_hall_id, ticket_id = await access_ticket(request, body.link_token)
    if ticket_hall_id != hall_id:
        raise TicketUnknown()
    link = f"{request.app.state.settings.public_base_url}/t/{body.link_token}"
    key = await key_of(request, link_hash(body.link_token))

    async def work() -> Answer:
        await open_ticket(house, hall_id, ticket_id)
        known = await printers.look(hall_id, device)
        now = house.clock()

        # Written down before it is printed, so that a repeat never prints, whatever dies in between.
        def unit(tx: Transaction) -> bool:
            reprinted = slips.count(tx, hall_id, ticket_id, now) > 1 or body.wanted_again
            if key is not None:
                remember(tx, key, CREATED, spelled(None, reprinted, device, known), now)
            return reprinted

        reprinted = await house.database.write(unit)
        paper = await slip_of(house, hall_id, ticket_id, link, reprinted=reprinted)
        printed = await printers.print(hall_id, device, paper)
        came = spelled(printed, reprinted, device, await printers.look(hall_id, device))
        if key is not None:
            with suppress(DatabaseDown):  # The slip is out all the same; a repeat is told that nobody knows.
                await house.database.write(lambda tx: revise(tx, key, CREATED, came))
        return Answer(CREATED, came)

    answer = await house.requests.once(key, work)
    return Response(answer.body, answer.status, media_type="application/json")


async def open_ticket(house: House, hall_id: str, ticket_id: int) -> tuple[Moment, Ticket]:
    """A ticket that is still open, in its hall. `TicketEnded`."""
    moment = await house.watch.moment(hall_id)
    ticket = moment.hall.tickets.get(ticket_id)
    if ticket is None:
        raise await ended(house, hall_id, ticket_id, TicketEnded())
    return moment, ticket


async def slip_of(house: House, hall_id: str, ticket_id: int, link: str, *, reprinted: bool) -> Slip:
    """The slip of a ticket that is still open."""
    moment, ticket = await open_ticket(house, hall_id, ticket_id)
    matters = await house.catalogue.matters(hall_id)
    teller = teller_for(ticket.language)
    return slip(on_paper(moment, ticket, matters, teller, link, reprinted=reprinted), teller.say)


@router.get("/{hall_id}/kiosks/{device_id}", response_model=KioskView)
async def look(hall_id: HallId, device_id: DeviceId, request: Request) -> Response:
    """What the hall has written down about a kiosk."""
    device = await kiosk_at(house_of(request), hall_id, device_id)
    return answered({"device": device.id, "name": name(device.name), "elder": device.elder})


@router.get("/{hall_id}/kiosks/{device_id}/printer", response_model=PrinterView)
async def look_at_printer(hall_id: HallId, device_id: DeviceId, request: Request) -> Response:
    """How the printer of a kiosk is, so that a citizen hears of it before the ticket is taken."""
    device = await kiosk_at(house_of(request), hall_id, device_id)
    return answered(printer_view(device, await printers_of(request).look(hall_id, device)))


@router.get("/{hall_id}/printers", response_model=PrinterList, responses=STAFF_ONLY)
async def printers(hall_id: HallId, request: Request) -> Response:
    """How the printers of the hall are, for whoever goes and changes the paper."""
    await access_hall(request, hall_id)
    paper = await house_of(request).queues.paper(hall_id)
    kiosks = [device for device in paper.devices if device.kind == "kiosk"]
    known = [await printers_of(request).look(hall_id, device) for device in kiosks]
    return answered({"printers": list(map(printer_view, kiosks, known))})


async def kiosk_at(house: House, hall_id: str, device_id: str) -> Device:
    """A kiosk of a hall. `KioskUnknown`."""
    device = device_at(await house.queues.paper(hall_id), device_id, "kiosk")
    if device is None:
        raise KioskUnknown(device=device_id)
    return device


def printers_of(request: Request) -> Printers:
    """The printers of this process."""
    printers: Printers = request.app.state.printers
    return printers


def teller_for(language: str) -> Teller:
    """Whoever tells a ticket's story in its language."""
    tongue = next((each for each in LANGUAGES if each == language), DEFAULT)
    return Teller(tongue, lambda key, **filling: pages.texts.t(key, tongue, **filling))


def spelled(printed: Printed | None, reprinted: bool, device: Device, known: Known) -> str:
    """What came of a slip, as it is answered."""
    view = {
        "printed": None if printed is None else printed.done,
        "marked_copy": reprinted,
        "printer": printer_view(device, known),
    }
    return msgspec.json.encode(view).decode()


def printer_view(device: Device, known: Known) -> View:
    """How a printer is."""
    return {"device": device.id, "name": name(device.name), "state": known.state, "since": known.since}
