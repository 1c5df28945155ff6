"""How long the disk takes while everything else goes on: 4 KiB written and flushed, again and again.

The disk's tail, not the code, sets the tail of durable requests; so no latency is printed without it.
"""

import os
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Self

BLOCK = bytes(4096)
PAUSE_SECONDS = 0.02  # Fifty flushes a second: enough for a p99, too few to be a load of their own.


class FsyncProbe:
    """Measures `fdatasync` in a thread, in the folder of the server, for the length of a block."""

    def __init__(self, folder: Path) -> None:
        self.ms: list[float] = []
        self._file = folder / "fsync.probe"
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="fsync-probe", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join()
        self._file.unlink(missing_ok=True)

    def _run(self) -> None:
        handle = os.open(self._file, os.O_WRONLY | os.O_CREAT, 0o600)
        try:
            while not self._ended.wait(PAUSE_SECONDS):
                begun = time.perf_counter()
                os.pwrite(handle, BLOCK, 0)
                os.fdatasync(handle)
                self.ms.append((time.perf_counter() - begun) * 1000)
        finally:
            os.close(handle)
