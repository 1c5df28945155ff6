"""A printer that writes slips into the log."""

import structlog

from kiosk.printers.base import Printed, PrinterState
from kiosk.slip import Code, Item, Line, Pair, Slip

log = structlog.get_logger(__name__)


class Console:
    """Paper that never runs out."""

    async def state(self) -> PrinterState:
        """Always well."""
        return PrinterState.READY

    async def print(self, slip: Slip) -> Printed:
        """One line in the log."""
        log.info("slip_printed", slip=" | ".join(filter(None, map(spelled, slip))))
        return Printed(True, PrinterState.READY)


def spelled(item: Item) -> str:
    """An item as text. The code is a right, so it stays out of the log."""
    match item:
        case Line():
            return item.text
        case Pair():
            return f"{item.label} {item.value}"
        case Code():
            return "▣"
        case _:
            return ""
