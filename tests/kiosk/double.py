"""A slip printer on this machine: it speaks the status protocol, keeps what it was sent, and obeys the test.

with PrinterDouble() as printer:
    printer.state = "paper_out"     before the next slip, or
    printer.runs_out_after = 300    in the middle of it, after so many bytes
    printer.paper()                 what is on paper
"""

import socket
import threading
from contextlib import suppress
from dataclasses import dataclass, field

FINE = b"\x12\x12\x12\x12"
SAYS = {
    "ready": FINE,
    "paper_low": b"\x12\x12\x12\x1e",
    "paper_out": b"\x1a\x32\x12\x72",
    "cover_open": b"\x1a\x16\x12\x12",
    "error": b"\x1a\x52\x1a\x12",
    "offline": b"\x1a\x12\x12\x12",
}
THROW_AWAY = b"\x10\x14\x08\x01\x03\x14\x01\x06\x02\x08"
ON_PAPER = b"\x1d\x72\x01"
BEGIN, CUT = b"\x1b@", b"\x1dV"


@dataclass
class PrinterDouble:
    """A printer in a thread."""

    state: str = "ready"
    knows_gs_r: bool = True  # Cheap ones do not.
    runs_out_after: int | None = None
    deaf: bool = False  # Takes the connection and never answers.
    got: bytearray = field(default_factory=bytearray)  # Everything, questions left out.
    connections: int = 0
    thrown_away: int = 0

    def __enter__(self) -> "PrinterDouble":
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._door.getsockname()[1]
        self._lines: list[socket.socket] = []
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.unplug()

    def unplug(self) -> None:
        """Nobody listens any more."""
        with suppress(OSError):
            self._door.shutdown(socket.SHUT_RDWR)
        self._door.close()
        self._thread.join(5)

    @property
    def address(self) -> str:
        return f"escpos://127.0.0.1:{self.port}"

    def slips(self) -> list[bytes]:
        """What was printed, slip by slip."""
        return [BEGIN + slip for slip in bytes(self.got).split(BEGIN)[1:]]

    def _serve(self) -> None:
        while True:
            try:
                line, _ = self._door.accept()
            except OSError:
                return
            self.connections += 1
            with line, suppress(OSError):
                self._talk(line)

    def _talk(self, line: socket.socket) -> None:
        while said := line.recv(65_536):
            if self.deaf:
                continue
            while said:
                said = self._hear(line, said)

    def _hear(self, line: socket.socket, said: bytes) -> bytes:
        if said.startswith(b"\x10\x04"):
            line.sendall(SAYS[self.state][said[2] - 1 : said[2]])
            return said[3:]
        if said.startswith(THROW_AWAY):
            self.thrown_away += 1
            return said[len(THROW_AWAY) :]
        order, asked, rest = said.partition(ON_PAPER)
        self._print(order)
        if asked and self.knows_gs_r and self.state in ("ready", "paper_low"):
            line.sendall(b"\x00")
        return rest

    def _print(self, order: bytes) -> None:
        if self.runs_out_after is not None and len(self.got) + len(order) > self.runs_out_after:
            order = order[: max(0, self.runs_out_after - len(self.got))]
            self.state = "paper_out"
        self.got += order
