"""The printers of this process: how each of them is, since when, and what came out of it."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import structlog

from kiosk.printers import AddressWrong, printer_at
from kiosk.printers.base import Printed, Printer, PrinterState
from kiosk.slip import Say, Slip, run_of
from kiosk.slip import Ticket as OnPaper
from queue_server.catalogue.core import Matter
from queue_server.hall.core.model import Hall, Name, Ticket, TicketState, Window
from queue_server.hall.core.order import ahead, windows_for
from queue_server.hall.core.outlook import wait_of
from queue_server.hall.core.paper import Device
from queue_server.hall.live.views.parts import Moment

FRESH_SECONDS: Final = 5.0  # A printer is not asked more often, however many look.

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Known:
    """How a printer was when somebody last looked."""

    state: PrinterState
    since: datetime
    looked_s: float


class Printers:
    """Every printer that was asked for, by its kiosk."""

    def __init__(
        self,
        clock: Callable[[], datetime],
        font: Path | None = None,
        *,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._clock = clock
        self._monotonic = monotonic
        self._known: dict[tuple[str, str, str], Known] = {}
        self._at = lru_cache(maxsize=1000)(lambda address: reached(address, font))

    async def look(self, hall_id: str, device: Device) -> Known:
        """How the printer of a kiosk is, and since when."""
        known = self._known.get((hall_id, device.id, device.printer))
        if known is not None and self._monotonic() - known.looked_s < FRESH_SECONDS:
            return known
        printer = self._at(device.printer)
        if isinstance(printer, PrinterState):
            return self._learn(hall_id, device, printer)
        return self._learn(hall_id, device, await printer.state())

    async def print(self, hall_id: str, device: Device, slip: Slip) -> Printed:
        """Print a slip at a kiosk."""
        printer = self._at(device.printer)
        printed = Printed(False, printer) if isinstance(printer, PrinterState) else await printer.print(slip)
        self._learn(hall_id, device, printed.state)
        return printed

    def _learn(self, hall_id: str, device: Device, state: PrinterState) -> Known:
        place = (hall_id, device.id, device.printer)
        before = self._known.get(place)
        since = self._clock() if before is None or before.state is not state else before.since
        if before is None or before.state is not state:
            log.info("printer_is", hall=hall_id, device=device.id, state=state)
        known = self._known[place] = Known(state, since, self._monotonic())
        return known


def reached(address: str, font: Path | None) -> Printer | PrinterState:
    """The printer at an address, or how it is if there is none."""
    if not address:
        return PrinterState.NONE
    try:
        return printer_at(address, font)
    except AddressWrong:
        log.warning("printer_address_wrong", address=address)
        return PrinterState.ERROR


# ── A ticket as a slip tells it ──────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Teller:
    """Names and sentences in the language of a ticket."""

    language: str
    say: Say

    def named(self, name: Name) -> str:
        """A name."""
        return name.zh if self.language == "zh" else name.en

    def matter(self, matter: Matter, scenarios: tuple[str, ...]) -> str:
        """A matter, with the case one is in."""
        name = matter.name_zh if self.language == "zh" else matter.name_en
        for case in matter.scenarios:
            if f"{matter.code}.{case.code}" in scenarios:
                case_name = case.name_zh if self.language == "zh" else case.name_en
                return self.say("matter.in_case", matter=name, case=case_name)
        return name

    def windows(self, windows: list[Window]) -> str:
        """Windows, neighbours together."""
        if not windows:
            return self.say("kiosk.windows_none")
        return run_of(
            [window.id for window in windows],
            [self.named(window.name) for window in windows],
            lambda first, last: self.say("windows.run", first=first, last=last),
            self.say("windows.comma"),
        )


def on_paper(
    moment: Moment,
    ticket: Ticket,
    matters: Mapping[str, Matter],
    teller: Teller,
    link: str,
    *,
    reprinted: bool,
) -> OnPaper:
    """What the slip of a ticket tells."""
    hall = moment.hall
    windows = windows_to_go_to(hall, ticket)
    people, wait = place_in_line(moment, ticket, teller)
    return OnPaper(
        hall=teller.named(hall.about.name),
        number=ticket.number,
        matters=tuple(
            teller.matter(matters[code], ticket.scenarios) for code in ticket.matters if code in matters
        ),
        windows=teller.windows(windows),
        zone=zone_of(hall, ticket, windows, teller),
        ahead=people,
        wait=wait,
        taken_at=f"{ticket.issued_at.astimezone(ZoneInfo(hall.about.timezone)):%Y-%m-%d %H:%M}",
        link=link,
        reprinted=reprinted,
    )


def windows_to_go_to(hall: Hall, ticket: Ticket) -> list[Window]:
    """The window of the call, or those that serve this lane: a plan, as long as nobody is called."""
    if ticket.window_id is not None and ticket.window_id in hall.windows:
        return [hall.windows[ticket.window_id]]
    serving = windows_for(hall, ticket.group_id)
    return [window for window in serving if window.green == ticket.green] or serving


def place_in_line(moment: Moment, ticket: Ticket, teller: Teller) -> tuple[str, str]:
    """How many are ahead, and how long it may take. Nobody waits who has been called."""
    if ticket.state is not TicketState.WAITING:
        return "–", "–"
    people = ahead(moment.hall, ticket)
    told = wait_of(moment.hall, moment.outlook, ticket, moment.as_of)
    if told is None:
        wait = teller.say("minutes.unknown")
    elif told.low_minutes > 0:
        wait = teller.say("minutes.range", low=told.low_minutes, high=told.high_minutes)
    else:
        wait = teller.say("minutes.upto", high=told.high_minutes)
    return teller.say("kiosk.people", count=people), wait


def zone_of(hall: Hall, ticket: Ticket, windows: list[Window], teller: Teller) -> str:
    """Which part of the hall to go to, if there is one answer."""
    zones = {window.zone_id for window in windows} or {hall.groups[ticket.group_id].zone_id}
    names = [teller.named(zone.name) for zone in hall.about.zones if zone.id in zones]
    return names[0] if len(names) == 1 else ""
