"""Printers on the wire: what they say about themselves, and whether a slip is in somebody's hand."""

import socket
import time

import pytest

from kiosk.printers import AddressWrong, printer_at
from kiosk.printers.base import Printed, PrinterState
from kiosk.printers.console import Console
from kiosk.printers.escpos import EscPos, state_of
from kiosk.slip import slip
from tests.kiosk.double import SAYS, PrinterDouble
from tests.kiosk.paper import Paper
from tests.kiosk.test_slip import say, ticket

SLIP = slip(ticket(), say())


@pytest.mark.parametrize("state", SAYS)
async def test_a_printer_says_how_it_is(state: str) -> None:
    with PrinterDouble(state=state) as double:
        assert await printer_at(double.address).state() == state


async def test_a_slip_comes_out_once_and_whole() -> None:
    with PrinterDouble() as double:
        assert await printer_at(double.address).print(SLIP) == Printed(True, PrinterState.READY)
        (order,) = double.slips()
        assert "L004" in Paper().printed(order).lines


async def test_a_printer_that_is_low_on_paper_prints_and_says_so() -> None:
    with PrinterDouble(state="paper_low") as double:
        assert await printer_at(double.address).print(SLIP) == Printed(True, PrinterState.PAPER_LOW)


@pytest.mark.parametrize("state", ["paper_out", "cover_open", "error", "offline"])
async def test_nothing_is_sent_to_a_printer_that_is_not_well(state: str) -> None:
    with PrinterDouble(state=state) as double:
        assert await printer_at(double.address).print(SLIP) == Printed(False, PrinterState(state))
        assert double.got == b""


@pytest.mark.slow
async def test_half_a_slip_is_none_and_the_other_half_does_not_come_out_for_somebody_else() -> None:
    with PrinterDouble(runs_out_after=200) as double:
        assert await printer_at(double.address).print(SLIP) == Printed(False, PrinterState.PAPER_OUT)
    assert double.thrown_away == 1  # Once it is unplugged: it has heard everything by then.


@pytest.mark.slow
async def test_a_printer_that_does_not_know_the_second_question_is_believed_the_first() -> None:
    with PrinterDouble(knows_gs_r=False) as double:
        assert await printer_at(double.address).print(SLIP) == Printed(True, PrinterState.READY)


async def test_a_printer_that_is_switched_off_is_offline() -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]
    printer = printer_at(f"escpos://127.0.0.1:{port}")
    assert await printer.state() == PrinterState.OFFLINE
    assert await printer.print(SLIP) == Printed(False, PrinterState.OFFLINE)


async def test_a_printer_that_never_answers_is_offline_before_anybody_loses_patience() -> None:
    with PrinterDouble(deaf=True) as double:
        began = time.monotonic()
        assert await printer_at(double.address).print(SLIP) == Printed(False, PrinterState.OFFLINE)
        assert time.monotonic() - began < 4


@pytest.mark.parametrize(
    ("answers", "state"),
    [
        ((0x12, 0x12, 0x12, 0x12), PrinterState.READY),
        ((0x1A, 0x36, 0x12, 0x72), PrinterState.COVER_OPEN),  # Open and empty: the cover first.
        ((0x1A, 0x32, 0x12, 0x12), PrinterState.PAPER_OUT),
        ((0x1A, 0x52, 0x1A, 0x12), PrinterState.ERROR),  # The knife.
        ((0x12, 0x12, 0x12, 0x16), PrinterState.PAPER_LOW),
    ],
)
def test_four_answers_are_one_state(answers: tuple[int, int, int, int], state: PrinterState) -> None:
    assert state_of(*answers) is state


def test_an_address_says_which_printer_with_what_paper_and_in_which_encoding() -> None:
    printer = printer_at("escpos://10.0.0.5:9101?encoding=raster&width=384")
    assert isinstance(printer, EscPos)
    assert (printer._host, printer._port, printer._encoding, printer._width) == (
        "10.0.0.5",
        9101,
        "raster",
        384,
    )
    assert isinstance(printer_at("console:"), Console)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "lpt1",
        "escpos://",
        "escpos://h:port",
        "escpos://h?encoding=morse",
        "escpos://h?width=0",
        "escpos://h?color=red",
        "http://h",
        "escpos://[::1",
    ],
)
def test_whatever_is_no_printer_is_refused(address: str) -> None:
    with pytest.raises(AddressWrong):
        printer_at(address)


async def test_the_log_prints_whatever_it_is_told() -> None:
    assert await Console().print(SLIP) == Printed(True, PrinterState.READY)
