"""Servers to measure and to torture: started as anybody would start them, and always stopped again.

    with Server(env={"JINGHAO_BENCH": "1"}) as server:
        … server.base, server.cpu_seconds(), server.kill(), server.start()

A server is the whole family of processes: what `serve` started, and whatever works in its data folder, so
that the database is counted too and nothing is overlooked when we ask what was left behind.
"""

import ctypes
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

from load_tests.figures import CannotMeasure, say

READY_SECONDS_MAX = 90
STOP_SECONDS_MAX = 20
POLL_SECONDS = 0.02
LOG_LINES_SHOWN = 15
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")
SET_PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG


class Server:
    """One `serve` with services and a data folder of its own."""

    module = "queue_server"

    def __init__(self, *, workers: int = 1, env: Mapping[str, str] | None = None, keep: bool = False) -> None:
        self.workers = workers
        self.env = dict(env or {})
        self.keep = keep
        self.data = Path(tempfile.mkdtemp(prefix="jinghao-load-"))
        self.data.chmod(0o755)  # As root, the database runs under another account and must reach its folder.
        self.port = free_port()
        self.log = self.data / "serve.log"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def base(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, Exception) and (words := self.last_words()):
            say(f"The server's last words:\n{words}")
        self.stop()

    # ── Its life ────────────────────────────────────────────────────────────────────────────────

    def start(self) -> None:
        """Start it and wait until it says that it is ready."""
        self.spawn()
        self.wait_until_ready()

    def spawn(self) -> None:
        """Start it, without waiting. Call this from the main thread: its end ends the server."""
        env = {name: value for name, value in os.environ.items() if not name.startswith("JINGHAO_")}
        env.pop("DATABASE_URL", None)  # A server that is killed and flooded has services of its own.
        env.pop("REDIS_URL", None)
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-m", self.module, "serve", "--host", "127.0.0.1", "--port", str(self.port),
                 "--data", str(self.data), "--workers", str(self.workers)],
                env=env | self.env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is for us; we stop the server in our own time.
                preexec_fn=_follow_parent(os.getpid()),
            )  # fmt: skip

    def wait_until_ready(self) -> None:
        """Return when /readyz says yes; CannotMeasure with the end of the log when it never does."""
        deadline = time.monotonic() + READY_SECONDS_MAX
        while time.monotonic() < deadline:
            if self._process is None or self._process.poll() is not None:
                raise CannotMeasure(f"the server ended while starting.\n{self.last_words()}")
            if _says_ready(self.base):
                return
            time.sleep(POLL_SECONDS)
        raise CannotMeasure(f"the server was not ready after {READY_SECONDS_MAX} s.\n{self.last_words()}")

    def kill(self, *, everything: bool = False) -> None:
        """`kill -9` the server's own processes; with `everything`, the database and Valkey as well."""
        process = self._process
        if process is None:
            return
        own = [process.pid] if not everything else sorted(self.processes())
        for pid in own:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        process.wait()
        self._process = None

    def stop(self) -> None:
        """Stop everything, politely first, and remove the data."""
        process, self._process = self._process, None
        if process is not None and process.poll() is None:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(STOP_SECONDS_MAX)
        if process is not None and process.poll() is None:
            process.kill()
            process.wait()
        for pid in self.left_behind():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if not self.keep:
            shutil.rmtree(self.data, ignore_errors=True)

    def stop_and_count_left_behind(self) -> int:
        """Stop politely, and return how many processes stayed although they should not have."""
        process, self._process = self._process, None
        if process is not None:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(STOP_SECONDS_MAX)
        deadline = time.monotonic() + STOP_SECONDS_MAX
        while self.left_behind() and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)
        return len(self.left_behind())

    # ── What it is and costs ────────────────────────────────────────────────────────────────────

    def processes(self) -> set[int]:
        """The server, everything it started, and everything that works in its folder."""
        parents = _parents()
        found = {pid for pid in parents if _works_in(pid, self.data)}
        if self._process is not None:
            found.add(self._process.pid)
        grown = True
        while grown:
            children = {pid for pid, parent in parents.items() if parent in found} - found
            grown = bool(children)
            found |= children
        return found - {os.getpid()}

    def left_behind(self) -> set[int]:
        """What still works in the folder of a server that has ended."""
        return {pid for pid in _parents() if _works_in(pid, self.data)} - {os.getpid()}

    def cpu_seconds(self) -> float:
        """CPU time of the whole family until now, the database included."""
        return sum(_cpu_ticks(pid) for pid in self.processes()) / TICKS_PER_SECOND

    def last_words(self) -> str:
        """The end of its log."""
        lines = self.log.read_text(errors="replace").splitlines() if self.log.exists() else []
        return "\n".join(lines[-LOG_LINES_SHOWN:])


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _says_ready(base: str) -> bool:
    """Whether /readyz answers 200."""
    try:
        with urllib.request.urlopen(f"{base}/readyz", timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _follow_parent(parent: int) -> Callable[[], None]:
    """What the new process runs first: when we are killed, it gets a SIGTERM instead of living on."""
    libc = ctypes.CDLL(None)

    def follow() -> None:
        libc.prctl(SET_PARENT_DEATH_SIGNAL, signal.SIGTERM)
        if os.getppid() != parent:
            os._exit(1)  # The parent died between fork and here.

    return follow


def _parents() -> dict[int, int]:
    """Every living process and its parent."""
    parents = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            fields = _stat(int(entry))
            if fields and fields[0] != "Z":
                parents[int(entry)] = int(fields[1])
    return parents


def _cpu_ticks(pid: int) -> int:
    """Time spent by a process and by those of its children that ended."""
    fields = _stat(pid)
    return sum(int(field) for field in fields[11:15]) if fields else 0


def _stat(pid: int) -> list[str]:
    """The fields after the name in /proc/PID/stat (state, parent, …); nothing when it is gone."""
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return []
    return text[text.rindex(")") + 2 :].split()


def _works_in(pid: int, folder: Path) -> bool:
    """Whether a process sits in this folder or was started with it."""
    with suppress(OSError):
        if Path(os.readlink(f"/proc/{pid}/cwd")).is_relative_to(folder):
            return True
    with suppress(OSError):
        return str(folder).encode() in Path(f"/proc/{pid}/cmdline").read_bytes()
    return False
