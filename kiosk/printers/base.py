"""What every printer can do: say how it is, and print a slip or say why not."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from kiosk.slip import Slip


class PrinterState(StrEnum):
    """How a printer is. Only the first two print."""

    READY = "ready"
    PAPER_LOW = "paper_low"
    PAPER_OUT = "paper_out"
    COVER_OPEN = "cover_open"
    ERROR = "error"
    OFFLINE = "offline"
    NONE = "none"  # This kiosk has no printer: the screen itself is the slip.

    @property
    def prints(self) -> bool:
        """Whether a slip would come out."""
        return self in (PrinterState.READY, PrinterState.PAPER_LOW)


@dataclass(frozen=True, slots=True)
class Printed:
    """What came of a slip: whether it is in somebody's hand, and how the printer is after it."""

    done: bool
    state: PrinterState


class Printer(Protocol):
    """A printer of slips. Whatever is wrong with it is an answer, never an exception."""

    async def state(self) -> PrinterState:
        """How the printer is now."""
        ...

    async def print(self, slip: Slip) -> Printed:
        """Print a slip, whole or not at all as far as the printer can tell."""
        ...
